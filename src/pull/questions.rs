//! Questions about single entities by their keys, many in one request, and what the answers say of each.
//!
//! A question that fails says nothing of the entity that it is about: HApi may be down. It does where the same question about
//! another entity is answered meanwhile, and it fails once more.

use crate::entity::{Record, decimal};
use crate::hapi::{Client, EntitySet, Page, ReadError, Retries, Row, Traffic, literal};
use crate::message::HapiText;
use crate::store::Entity;

/// Most keys in one `or` chain. ASP.NET refuses filters of more than a hundred nodes, some twenty comparisons.
pub(super) const KEYS_PER_REQUEST: usize = 15;
/// So many others are asked for, of which HApi may be unable to deliver some too, before it counts as down.
pub(super) const MOST_COMPARED: usize = 3;

/// Entity that is asked for by its key.
#[derive(Debug, Clone)]
pub(super) struct KeyLookup {
    /// The key.
    pub(super) key: String,
    /// What is known of it.
    pub(super) stored: Option<Entity>,
    /// `Id eq 1472`; `None` where a stored record has no key.
    condition: Option<String>,
}

impl KeyLookup {
    /// One that is known: it is asked for in the spelling of its record.
    pub(super) fn known(stored: Entity, properties: &[String]) -> KeyLookup {
        let condition = Record::parse(&stored.record).ok().and_then(|record| condition(&record, properties));
        KeyLookup { key: stored.row.key.clone(), stored: Some(stored), condition }
    }

    /// One of which only the key is known, the value of `property`.
    pub(super) fn named(key: &str, property: &str) -> KeyLookup {
        let value = match decimal::shortest(key) {
            Some(number) => number,
            None => format!("'{}'", key.replace("%2D", "-").replace("%25", "%").replace('\'', "''")),
        };
        KeyLookup { key: key.to_owned(), stored: None, condition: Some(format!("{property} eq {value}")) }
    }

    /// Whether it can be asked for: a stored record may lack its key.
    pub(super) fn is_askable(&self) -> bool {
        self.condition.is_some()
    }

    /// Whether HApi may have no such key at all.
    fn is_doubtful(&self) -> bool {
        self.stored.is_none() && decimal::shortest(&self.key).is_none()
    }
}

/// Verdict about one key that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// HApi does not have it.
    Gone,
    /// HApi has it, out of `filter`.
    Filtered,
    /// This is its record.
    There(String),
    /// HApi takes no such key.
    NoKey,
    /// HApi takes no question about a key that it gave itself once.
    Unaskable,
    /// It is there, and HApi cannot deliver it.
    Undeliverable(HapiText),
}

impl Verdict {
    /// Whether HApi understood the question.
    fn is_answer(&self) -> bool {
        matches!(self, Verdict::Gone | Verdict::Filtered | Verdict::There(_))
    }
}

/// Reason why keys have no verdict.
#[derive(Debug)]
pub(super) enum NoVerdict {
    /// HApi ignores conditions: what an answer lacks may well be there.
    Ignored,
    /// There is no other key to compare with.
    NothingToCompare,
    /// HApi gave no usable answer.
    Error(ReadError),
}

impl From<ReadError> for NoVerdict {
    fn from(error: ReadError) -> NoVerdict {
        NoVerdict::Error(error)
    }
}

/// Questions by key about the entities of one set.
pub(super) struct KeyQuestions<'q> {
    pub(super) client: &'q Client<'q>,
    pub(super) set: &'q EntitySet<'q>,
    /// How many entities a whole read showed: an answer of so many may be the whole set. `None`: nothing but what was asked for
    /// may come.
    pub(super) present: Option<usize>,
    /// Other entities, which HApi should have: whether it answers at all is seen by them.
    pub(super) others: &'q [KeyLookup],
    pub(super) traffic: &'q mut Traffic,
}

impl KeyQuestions<'_> {
    /// Asks for each entity by its key: first within `filter`, then without it. That some keys were refused says something of them
    /// only where the same question about another key is answered.
    pub(super) fn ask_all(&mut self, wanted: &[KeyLookup]) -> Result<Vec<Verdict>, NoVerdict> {
        let mut verdicts = Vec::with_capacity(wanted.len());
        let mut rest = wanted;
        while !rest.is_empty() {
            let (chunk, others) = rest.split_at(fitting(self.set, rest));
            verdicts.extend(self.ask(chunk)?);
            rest = others;
        }
        self.check(&verdicts)?;
        Ok(verdicts)
    }

    /// The pages that hold the records of these, whatever `filter` says; what is gone is on none of them.
    pub(super) fn pages(&mut self, wanted: &[KeyLookup]) -> Result<Vec<Page>, ReadError> {
        let mut pages = Vec::new();
        let mut rest = wanted;
        while !rest.is_empty() {
            let (chunk, others) = rest.split_at(fitting(self.set, rest));
            match self.page(chunk) {
                Err(error) if is_too_much(chunk, &error) => {
                    for one in chunk {
                        pages.push(self.page(std::slice::from_ref(one))?);
                    }
                }
                page => pages.push(page?),
            }
            rest = others;
        }
        Ok(pages)
    }

    fn page(&mut self, chunk: &[KeyLookup]) -> Result<Page, ReadError> {
        self.put(any_of(chunk).into_iter().collect(), Retries::One)
    }

    fn put(&mut self, filter: Vec<String>, retries: Retries) -> Result<Page, ReadError> {
        self.set.ask(self.client, self.traffic, filter, retries)
    }

    fn check(&mut self, verdicts: &[Verdict]) -> Result<(), NoVerdict> {
        let is_refused = |verdict: &Verdict| matches!(verdict, Verdict::Unaskable | Verdict::NoKey);
        if !verdicts.iter().any(is_refused) || verdicts.iter().any(Verdict::is_answer) {
            return Ok(());
        }
        let condition = self.others.iter().find_map(|other| any_of(std::slice::from_ref(other)));
        self.put(vec![condition.ok_or(NoVerdict::NothingToCompare)?], Retries::One)?;
        Ok(())
    }

    /// The answer about these. [`ReadError::BadPage`] is an answer where they are one: HApi delivers another one, and not this one.
    fn answer(&mut self, chunk: &[KeyLookup], filter: Vec<String>) -> Result<Page, ReadError> {
        let [one] = chunk else { return self.put(filter, Retries::One) };
        match self.put(filter.clone(), Retries::Configured) {
            Err(ReadError::BadPage(why)) if !self.delivers_another(one)? => Err(ReadError::Down(why)),
            Err(ReadError::BadPage(_)) => self.put(filter, Retries::One),
            answer => answer,
        }
    }

    /// Whether HApi delivers the record of another entity at this moment.
    fn delivers_another(&mut self, one: &KeyLookup) -> Result<bool, ReadError> {
        let others = self.others.iter().filter(|other| other.key != one.key);
        let conditions: Vec<String> = others.filter_map(|other| other.condition.clone()).take(MOST_COMPARED).collect();
        for condition in conditions {
            match self.put(vec![condition], Retries::One) {
                Ok(page) if !page.rows.is_empty() => return Ok(true),
                // It may be gone, or be another one that HApi cannot deliver.
                Ok(_) | Err(ReadError::BadPage(_) | ReadError::Refused { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }

    fn ask(&mut self, chunk: &[KeyLookup]) -> Result<Vec<Verdict>, NoVerdict> {
        let Some(condition) = any_of(chunk) else {
            // A stored record without its key cannot be asked for; the others can.
            return if chunk.len() == 1 { Ok(vec![Verdict::Unaskable]) } else { self.ask_one_by_one(chunk) };
        };
        let mut verdicts = vec![Verdict::Gone; chunk.len()];
        for (filter, is_inside) in rounds(self.set.filter, condition) {
            match self.answer(chunk, filter) {
                Ok(page) => take(chunk, &page, self.present, is_inside, &mut verdicts)?,
                Err(error) => match refusal(chunk, error) {
                    Refusal::AskOneByOne => return self.ask_one_by_one(chunk),
                    Refusal::OfAll(verdict) => return Ok(vec![verdict; chunk.len()]),
                    Refusal::Error(error) => return Err(error.into()),
                },
            }
            if !verdicts.contains(&Verdict::Gone) {
                break;
            }
        }
        Ok(verdicts)
    }

    fn ask_one_by_one(&mut self, chunk: &[KeyLookup]) -> Result<Vec<Verdict>, NoVerdict> {
        let mut verdicts = Vec::with_capacity(chunk.len());
        for one in chunk {
            verdicts.extend(self.ask(std::slice::from_ref(one))?);
        }
        Ok(verdicts)
    }
}

/// The conditions to ask with, in turn, and whether what answers is inside `filter`.
fn rounds(filter: Option<&str>, condition: String) -> Vec<(Vec<String>, bool)> {
    match filter {
        Some(filter) => vec![(vec![filter.to_owned(), condition.clone()], true), (vec![condition], false)],
        None => vec![(vec![condition], true)],
    }
}

/// Meaning of an error for the keys that were asked for.
#[derive(Debug)]
enum Refusal {
    /// A long chain may be more than the server allows, or hold one key that it does not take.
    AskOneByOne,
    /// This of each of them.
    OfAll(Verdict),
    /// Nothing.
    Error(ReadError),
}

/// Whether it may be that too much was asked for at once: one by one, these may well be answered.
fn is_too_much(chunk: &[KeyLookup], error: &ReadError) -> bool {
    chunk.len() > 1 && matches!(error, ReadError::Refused { status: 400 | 500, .. } | ReadError::BadPage(_))
}

fn refusal(chunk: &[KeyLookup], error: ReadError) -> Refusal {
    match error {
        error if is_too_much(chunk, &error) => Refusal::AskOneByOne,
        // What an event names may be no key at all, where keys are numbers.
        ReadError::Refused { status: 400, .. } if chunk.iter().all(KeyLookup::is_doubtful) => {
            Refusal::OfAll(Verdict::NoKey)
        }
        // Whether the key is at fault, or the whole kind, is checked with a key that is known to exist.
        ReadError::Refused { status: 400 | 500, .. } => Refusal::OfAll(Verdict::Unaskable),
        ReadError::BadPage(why) => Refusal::OfAll(Verdict::Undeliverable(why)),
        error => Refusal::Error(error),
    }
}

/// Takes an answer: what is in it is there, inside `filter` or not.
fn take(
    chunk: &[KeyLookup],
    page: &Page,
    present: Option<usize>,
    is_inside: bool,
    verdicts: &mut [Verdict],
) -> Result<(), NoVerdict> {
    let place = |row: &Row| chunk.iter().position(|wanted| row.key.as_ref() == Ok(&wanted.key));
    let may_be_whole = present.is_some_and(|present| page.rows.len() >= present);
    if !may_be_whole && page.rows.iter().any(|row| place(row).is_none()) {
        return Err(NoVerdict::Ignored);
    }
    for row in &page.rows {
        let verdict = place(row).and_then(|place| verdicts.get_mut(place)).filter(|verdict| **verdict == Verdict::Gone);
        if let Some(verdict) = verdict {
            *verdict = if is_inside { Verdict::There(page.json(row).to_owned()) } else { Verdict::Filtered };
        }
    }
    Ok(())
}

/// How many of these can be asked for at once: keys of one property in a chain that is neither too deep nor too long.
fn fitting(set: &EntitySet<'_>, entities: &[KeyLookup]) -> usize {
    let most = if set.key.len() == 1 { KEYS_PER_REQUEST.min(entities.len()) } else { 1 };
    let fits = |count: &usize| {
        let condition = entities.get(..*count).and_then(any_of).unwrap_or_default();
        set.can_ask(set.filter.map(str::to_owned).into_iter().chain([condition]).collect())
    };
    (2..=most).rev().find(fits).unwrap_or(1)
}

/// `Id eq 1 or Id eq 2`; `None` where one of them cannot be asked for.
fn any_of(chunk: &[KeyLookup]) -> Option<String> {
    let each: Option<Vec<&str>> = chunk.iter().map(|wanted| wanted.condition.as_deref()).collect();
    Some(each?.join(" or "))
}

/// `Id eq 1`, or `CompanyNo eq 3 and DivisionNo eq 1`, in the spelling of the record.
fn condition(record: &Record<'_>, key: &[String]) -> Option<String> {
    let parts: Option<Vec<String>> =
        key.iter().map(|property| Some(format!("{property} eq {}", literal(record.raw(property)?)?))).collect();
    Some(parts?.join(" and "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(keys: &[&str]) -> Vec<KeyLookup> {
        keys.iter().map(|key| KeyLookup::named(key, "Id")).collect()
    }

    #[test]
    fn what_an_event_names_is_asked_for_as_a_number_or_as_text_that_cannot_break_out() {
        let asked = |key| KeyLookup::named(key, "Id").condition.unwrap_or_default();
        assert_eq!(asked("1472"), "Id eq 1472");
        assert_eq!(asked("a%2Db%25"), "Id eq 'a-b%'");
        assert_eq!(asked("x' or 1 eq 1"), "Id eq 'x'' or 1 eq 1'");
    }

    #[test]
    fn keys_are_asked_for_within_the_filter_and_then_without_it() {
        assert_eq!(rounds(None, "Id eq 1".to_owned()), [(vec!["Id eq 1".to_owned()], true)]);
        let both = rounds(Some("Rent gt 0"), "Id eq 1".to_owned());
        assert_eq!(both[0], (vec!["Rent gt 0".to_owned(), "Id eq 1".to_owned()], true));
        assert_eq!(both[1], (vec!["Id eq 1".to_owned()], false));
    }

    #[test]
    fn an_answer_says_of_each_key_whether_it_is_there() {
        let chunk = wanted(&["1", "2", "3"]);
        let mut verdicts = vec![Verdict::Gone; 3];
        let page = |text: &str| Page::of(text, &["Id".to_owned()]);
        take(&chunk, &page(r#"[{"Id":1}]"#), None, true, &mut verdicts).expect("an answer");
        take(&chunk, &page(r#"[{"Id":1},{"Id":3}]"#), None, false, &mut verdicts).expect("an answer");
        assert_eq!(verdicts, [Verdict::There(r#"{"Id":1}"#.to_owned()), Verdict::Gone, Verdict::Filtered]);
        let ignored = page(r#"[{"Id":1},{"Id":9}]"#);
        assert!(matches!(take(&chunk, &ignored, None, true, &mut verdicts), Err(NoVerdict::Ignored)));
        assert!(matches!(take(&chunk, &ignored, Some(3), true, &mut verdicts), Err(NoVerdict::Ignored)));
        assert!(take(&chunk, &ignored, Some(2), true, &mut verdicts).is_ok(), "that may be the whole set");
    }

    #[test]
    fn a_refused_question_is_put_again_key_by_key_and_then_says_something_of_the_key() {
        let refused = |status| ReadError::Refused { status, answer: String::new() };
        assert!(matches!(refusal(&wanted(&["1", "2"]), refused(400)), Refusal::AskOneByOne));
        assert!(matches!(refusal(&wanted(&["x"]), refused(400)), Refusal::OfAll(Verdict::NoKey)));
        assert!(matches!(refusal(&wanted(&["1"]), refused(400)), Refusal::OfAll(Verdict::Unaskable)));
        assert!(matches!(refusal(&wanted(&["x"]), refused(500)), Refusal::OfAll(Verdict::Unaskable)));
        assert!(matches!(refusal(&wanted(&["1", "2"]), refused(409)), Refusal::Error(_)));
        let bad = || ReadError::BadPage(HapiText::CannotAskFor {});
        assert!(matches!(refusal(&wanted(&["1"]), bad()), Refusal::OfAll(Verdict::Undeliverable(_))));
        assert!(matches!(refusal(&wanted(&["1", "2"]), bad()), Refusal::AskOneByOne));
    }
}
