//! Taking texts out of texts: which of an entity's texts identify it, and where they stand in what is kept as JSON.

use super::tx::Tx;
use aho_corasick::AhoCorasick;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What stands where a text of a removed entity stood.
const REMOVED: &str = "[removed]";
/// A shorter text is no trace of anybody.
const SHORTEST_TEXT: usize = 3;
/// So many digits are a telephone number, or the like.
const IDENTIFYING_DIGITS: usize = 7;

/// Whether a text may identify an entity: no code, and no word of a program.
pub(super) fn is_identifying(text: &str) -> bool {
    let is_word = text.chars().all(|c| c.is_ascii_lowercase() || c == '-' || c == '_');
    let digits = text.chars().filter(char::is_ascii_digit).count();
    text.chars().count() >= SHORTEST_TEXT
        && !is_word
        && (text.chars().any(char::is_alphabetic) || digits >= IDENTIFYING_DIGITS)
}

/// Hands over every text in a JSON value.
pub(super) fn each_text(value: &Value, work: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => work(text),
        Value::Array(values) => values.iter().for_each(|value| each_text(value, work)),
        Value::Object(fields) => fields.values().for_each(|value| each_text(value, work)),
        _ => {}
    }
}

/// Takes failures of entities out of a run's document, and their texts out of its messages.
pub(super) fn drop_failures(document: &mut Value, messages: Option<&mut Value>, selectors: &BTreeSet<String>) {
    let Some(Value::Array(failures)) = document.get_mut("failures") else { return };
    let is_about = |failure: &Value| failure["entity"].as_str().is_some_and(|entity| selectors.contains(entity));
    let kept: Vec<bool> = failures.iter().map(|failure| !is_about(failure)).collect();
    let keep = |values: &mut Vec<Value>| {
        let mut kept = kept.iter();
        values.retain(|_| kept.next().copied().unwrap_or(true));
    };
    keep(failures);
    if let Some(Value::Array(texts)) = messages.and_then(|messages| messages.get_mut("failures")) {
        keep(texts);
    }
}

/// Finds the texts of removed entities wherever they stand by themselves, and takes them out.
pub(super) struct Scrubber {
    /// The texts.
    plain: AhoCorasick,
    /// The same as they stand inside JSON.
    escaped: AhoCorasick,
}

impl Scrubber {
    pub(super) fn new(texts: impl Iterator<Item = String>) -> anyhow::Result<Scrubber> {
        let texts: Vec<String> = texts.collect();
        let escape = |text: &String| Value::String(text.clone()).to_string().trim_matches('"').to_owned();
        Ok(Scrubber {
            plain: AhoCorasick::new(&texts)?,
            escaped: AhoCorasick::new(texts.iter().map(escape).collect::<Vec<_>>())?,
        })
    }

    /// Whether a text, or a JSON text, may hold one of them.
    pub(super) fn may_be_in(&self, text: &str) -> bool {
        self.plain.is_match(text) || self.escaped.is_match(text)
    }

    /// Whether a JSON value holds one of them.
    pub(super) fn is_in(&self, value: &Value) -> bool {
        let mut is_in = false;
        each_text(value, &mut |text| is_in |= self.without(text).is_some());
        is_in
    }

    /// A text without them; `None` where it holds none.
    pub(super) fn scrubbed(&self, text: &str) -> Option<String> {
        if self.may_be_in(text) { self.without(text) } else { None }
    }

    /// A text of JSON without them; `None` where it holds none.
    pub(super) fn scrubbed_json(&self, text: &str) -> Option<String> {
        if !self.may_be_in(text) {
            return None;
        }
        match serde_json::from_str::<Value>(text) {
            Ok(mut value) => self.scrub(&mut value).then(|| value.to_string()),
            Err(_) => self.without(text),
        }
    }

    /// Takes them out of a JSON value. Returns whether any was in it.
    pub(super) fn scrub(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) => match self.without(text) {
                Some(scrubbed) => {
                    *text = scrubbed;
                    true
                }
                None => false,
            },
            Value::Array(values) => values.iter_mut().filter_map(|value| self.scrub(value).then_some(())).count() > 0,
            Value::Object(fields) => {
                fields.values_mut().filter_map(|value| self.scrub(value).then_some(())).count() > 0
            }
            _ => false,
        }
    }

    /// A text without those that stand in it as words of their own; `None` where none does.
    fn without(&self, text: &str) -> Option<String> {
        let is_apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        let mut found: Vec<(usize, usize)> = self
            .plain
            .find_overlapping_iter(text)
            .map(|found| (found.start(), found.end()))
            .filter(|&(start, end)| is_apart(text[..start].chars().next_back()) && is_apart(text[end..].chars().next()))
            .collect();
        if found.is_empty() {
            return None;
        }
        found.sort_unstable();
        let (mut scrubbed, mut done) = (String::new(), 0);
        for (start, end) in found {
            if start >= done {
                scrubbed.push_str(&text[done..start]);
                scrubbed.push_str(REMOVED);
            }
            done = done.max(end);
        }
        scrubbed.push_str(&text[done..]);
        Some(scrubbed)
    }
}

impl Tx<'_> {
    /// Takes texts out of a column of JSON. `texts` reads what stands in it, once each; `update` puts `?2` where `?1` stood.
    pub(super) fn scrub_json(&self, scrubber: &Scrubber, texts: &str, update: &str) -> anyhow::Result<()> {
        self.replace_texts(|text| scrubber.scrubbed_json(text), texts, update)
    }

    /// Takes texts out of a column of plain text, in the same way.
    pub(super) fn scrub_text(&self, scrubber: &Scrubber, texts: &str, update: &str) -> anyhow::Result<()> {
        self.replace_texts(|text| scrubber.scrubbed(text), texts, update)
    }

    fn replace_texts(
        &self,
        scrubbed: impl Fn(&str) -> Option<String>,
        texts: &str,
        update: &str,
    ) -> anyhow::Result<()> {
        let mut replacements: BTreeMap<String, String> = BTreeMap::new();
        {
            let mut statement = self.connection.prepare(texts)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let text = row.get_ref(0)?.as_str()?;
                if let Some(scrubbed) = scrubbed(text) {
                    replacements.insert(text.to_owned(), scrubbed);
                }
            }
        }
        for (text, scrubbed) in &replacements {
            self.connection.prepare_cached(update)?.execute([text, scrubbed])?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scrubber(texts: &[&str]) -> Scrubber {
        Scrubber::new(texts.iter().map(|&text| text.to_owned())).expect("a scrubber")
    }

    #[test]
    fn a_text_is_taken_out_where_it_stands_by_itself() {
        let scrubber = scrubber(&["Anne Roy", "Roy", "tenant:7535", "say \"hi\""]);
        let without = |text: &str| scrubber.without(text);
        assert_eq!(without("the value of Anne Roy, Montréal").as_deref(), Some("the value of [removed], Montréal"));
        assert_eq!(without("Royal tenant:75351"), None);
        assert_eq!(without("Roy–tenant:7535").as_deref(), Some("[removed]–[removed]"));
        let json = r#"{"a":{"old":"say \"hi\"","new":null},"b":7}"#;
        assert_eq!(scrubber.scrubbed_json(json).as_deref(), Some(r#"{"a":{"old":"[removed]","new":null},"b":7}"#));
        assert_eq!(scrubber.scrubbed_json(r#"{"a":"Royal"}"#), None);
    }

    #[test]
    fn codes_and_words_of_programs_identify_nobody() {
        for text in ["L", "B1", "push", "label-missing", "4.5", "101"] {
            assert!(!is_identifying(text), "{text}");
        }
        for text in ["Anne", "anne roy", "a@b.ca", "(418) 555-1212", "é à b"] {
            assert!(is_identifying(text), "{text}");
        }
    }

    #[test]
    fn the_failures_of_a_removed_entity_leave_a_document_with_their_texts() {
        let mut document =
            serde_json::json!({"failures": [{"entity": "unit:1"}, {"entity": "tenant:7"}, {"entity": "unit:2"}]});
        let mut messages = serde_json::json!({"failures": [{"error": "a"}, {"error": "b"}, {"error": "c"}]});
        drop_failures(&mut document, Some(&mut messages), &BTreeSet::from(["tenant:7".to_owned()]));
        assert_eq!(document, serde_json::json!({"failures": [{"entity": "unit:1"}, {"entity": "unit:2"}]}));
        assert_eq!(messages, serde_json::json!({"failures": [{"error": "a"}, {"error": "c"}]}));
    }
}
