//! Search in what was received: as people ask, by words in any order, a telephone number, an item's id or its address.

use super::connection::Store;
use super::entities::kind_at;
use crate::entity::Kind;
use crate::text::case_folded;
use std::collections::BTreeMap;

/// Fewest digits that may be a telephone number.
const SHORTEST_NUMBER: usize = 7;
/// The digits of a North American number, with the country's 1 before them.
const WITH_COUNTRY: usize = 11;

/// Search: what every entity that is found has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Search {
    /// Texts that stand somewhere in its key, its name or a text of its record; case-folded.
    words: Vec<String>,
    /// Digits that stand in one of its texts, whatever stands between them.
    number: Option<String>,
    /// Its item.
    item: Option<String>,
}

impl Search {
    /// Reads what a person typed, or pasted.
    pub(crate) fn parse(text: &str) -> Search {
        let text = text.trim();
        if let Some(item) = item_of_address(text) {
            return Search { words: Vec::new(), number: None, item: Some(item) };
        }
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let is_number = text.chars().all(|c| c.is_ascii_digit() || " ()+-./\u{a0}".contains(c));
        if is_number && digits.len() >= SHORTEST_NUMBER {
            let item = (digits == text).then(|| digits.clone());
            let number = if digits.len() == WITH_COUNTRY { digits.trim_start_matches('1').to_owned() } else { digits };
            return Search { words: Vec::new(), number: Some(number), item };
        }
        Search { words: case_folded(text).split_whitespace().map(str::to_owned).collect(), number: None, item: None }
    }

    /// Whether an entity is found by its texts, a line each, and its item.
    fn finds(&self, texts: &str, item: Option<&str>) -> bool {
        if self.item.is_some() && self.item.as_deref() == item {
            return true;
        }
        match &self.number {
            Some(number) => texts.lines().any(|line| has_digits(line, number)),
            None => self.item.is_none() && self.words.iter().all(|word| texts.contains(word.as_str())),
        }
    }
}

/// The item that an address of monday's names: `https://acme.monday.com/boards/1/pulses/2`.
fn item_of_address(text: &str) -> Option<String> {
    let (_, behind) = text.split_once("/pulses/").or_else(|| text.split_once("/items/"))?;
    let digits: String = behind.chars().take_while(char::is_ascii_digit).collect();
    (!digits.is_empty()).then_some(digits)
}

/// Whether these digits follow one another in a line, whatever else stands between them.
fn has_digits(line: &str, number: &str) -> bool {
    let digits: String = line.chars().filter(char::is_ascii_digit).collect();
    digits.contains(number)
}

impl Store {
    /// The entities that a search finds, by kind and in the order of their numbers.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn search(&self, search: &Search) -> anyhow::Result<BTreeMap<Kind, Vec<i64>>> {
        let mut statement = self.connection.prepare(
            "SELECT r.entity, r.search, e.kind, e.item_id FROM records r JOIN entities e ON e.id = r.entity ORDER BY r.entity",
        )?;
        let mut rows = statement.query([])?;
        let mut found: BTreeMap<Kind, Vec<i64>> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            if search.finds(row.get_ref(1)?.as_str()?, row.get_ref(3)?.as_str_or_null()?) {
                found.entry(kind_at(row, 2)?).or_default().push(row.get(0)?);
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: &str = "tenant:7535\ntremblay, jose\n(418) 555-0199\njose@exemple.ca\n4185550123";

    fn finds(text: &str) -> bool {
        Search::parse(text).finds(TEXTS, Some("18273645"))
    }

    #[test]
    fn words_stand_in_any_order_and_all_of_them_count() {
        assert!(finds("José Tremblay") && finds("  tremblay") && finds("tenant:7535") && finds("EXEMPLE josé"));
        assert!(!finds("José Gagnon"));
    }

    #[test]
    fn a_telephone_number_is_found_however_it_is_written() {
        for text in ["418-555-0199", "4185550199", "(418) 555 0199", "+1 418 555.0199", "555-0199", "418-555-0123"] {
            assert!(finds(text), "{text}");
        }
        assert!(!finds("418-555-0198") && !finds("0199 418-5550"));
    }

    #[test]
    fn an_item_is_found_by_its_id_and_by_its_address() {
        assert!(finds("18273645") && finds("https://acme.monday.com/boards/99/pulses/18273645?x=1"));
        assert!(!finds("18273646") && !finds("https://acme.monday.com/boards/18273645/pulses/99"));
    }
}
