//! Sample of an entity set: what its first records look like. Nothing that a record says is in it: it is made of names, types and
//! lengths, and its types have no room for more.

use super::PropertyType;
use super::client::Client;
use super::error::{NotDecoded, ReadError};
use super::odata::Query;
use super::pages::{NoContent, Page};
use super::question::{Body, Question, Retries, Traffic};
use super::set::EntitySet;
use crate::entity::Record;
use jiff::civil::Date;
use reqwest::Method;
use std::collections::{BTreeMap, BTreeSet};

/// How many records are examined.
const RECORDS: u32 = 10;
/// The longest name of a property.
const LONGEST_NAME: usize = 64;

/// Sample of an entity set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sample {
    /// How many records were examined.
    pub(crate) records: u64,
    /// Their properties.
    pub(crate) properties: BTreeMap<PropertyName, PropertyShape>,
    /// How many names of properties are none.
    pub(crate) odd_names: u64,
}

/// Name of a property: letters, digits and what joins them, so that no value can pass for one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PropertyName(String);

impl PropertyName {
    /// A name, where it is one.
    pub(crate) fn new(name: &str) -> Option<PropertyName> {
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '@' || c == '_')
            && name.len() <= LONGEST_NAME
            && name.chars().all(|c| c.is_ascii_alphanumeric() || "_.@".contains(c));
        is_name.then(|| PropertyName(name.to_owned()))
    }

    /// The name.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Shape of a property's values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PropertyShape {
    /// Their types.
    pub(crate) types: BTreeSet<PropertyType>,
    /// How many characters the longest has, blanks around it included.
    pub(crate) longest: u64,
    /// How many say something.
    pub(crate) filled: u64,
    /// How many are null.
    pub(crate) nulls: u64,
    /// How many are texts of blanks, or empty.
    pub(crate) blanks: u64,
}

impl Sample {
    /// Takes note of a record.
    pub(crate) fn note(&mut self, record: &Record<'_>) {
        self.records += 1;
        for name in record.names() {
            match (PropertyName::new(name), record.raw(name)) {
                (Some(name), Some(raw)) => self.properties.entry(name).or_default().note(raw),
                _ => self.odd_names += 1,
            }
        }
    }

    /// The names of the properties.
    pub(crate) fn names(&self) -> BTreeSet<String> {
        self.properties.keys().map(|name| name.0.clone()).collect()
    }
}

impl PropertyShape {
    /// Takes note of a value, given as JSON.
    fn note(&mut self, raw: &str) {
        let text: Option<String> = serde_json::from_str(raw).ok();
        let length = text.as_deref().unwrap_or(raw).chars().count() as u64;
        match (raw, text) {
            ("null", _) => self.nulls += 1,
            (_, Some(text)) if text.trim().is_empty() => {
                self.blanks += 1;
                self.types.insert(PropertyType::Text);
                self.longest = self.longest.max(length);
            }
            (_, text) => {
                self.filled += 1;
                self.types.insert(value_type(raw, text.as_deref()));
                self.longest = self.longest.max(length);
            }
        }
    }
}

fn value_type(raw: &str, text: Option<&str>) -> PropertyType {
    let is_date = |text: &str| text.get(..10).is_some_and(|day| day.parse::<Date>().is_ok());
    match (text, raw.chars().next()) {
        (Some(text), _) if is_date(text) => PropertyType::Date,
        (Some(_), _) => PropertyType::Text,
        (None, Some('t' | 'f')) => PropertyType::Boolean,
        (None, Some('[' | '{')) => PropertyType::Nested,
        (None, Some('-' | '0'..='9')) => PropertyType::Number,
        (None, _) => PropertyType::Unknown,
    }
}

impl EntitySet<'_> {
    /// Looks at the first records of the set, in one request.
    ///
    /// # Errors
    /// Where HApi refuses, or gives no usable answer.
    pub(crate) fn sample(&self, client: &Client<'_>) -> Result<Sample, ReadError> {
        let query = Query { top: Some(RECORDS), ..Query::default() };
        let url = format!("{}?{}", client.address(self.endpoint), query.to_text());
        let what = format!("GET /api/{}", self.endpoint);
        let decode = Box::new(|body| sample_of(body, self.key));
        let question = Question { method: Method::GET, url, body: None, what, retries: Retries::One, decode };
        client.ask(question, &mut Traffic::default())
    }
}

fn sample_of(body: Body, key: &[String]) -> Result<Sample, NotDecoded> {
    let page = Page::decode(body, key, NoContent::NoRecords)?;
    let mut sample = Sample::default();
    for row in &page.rows {
        if let Ok(record) = Record::parse(page.json(row)) {
            sample.note(&record);
        }
    }
    Ok(sample)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn sample(records: &[serde_json::Value]) -> Sample {
        let mut sample = Sample::default();
        for record in records {
            sample.note(&Record::parse(&record.to_string()).expect("a record"));
        }
        sample
    }

    #[test]
    fn a_sample_shows_types_lengths_and_what_is_empty() {
        let record = |code: &str| json!({"Id": 12.5, "Code": code, "Since": "2026-01-02T00:00:00", "IsFree": true, "Odd": [1], "Gone": null, "a b": 1});
        let found = sample(&[record("B1  "), record("  ")]);
        let shown = |name: &str| {
            let shape = &found.properties[&PropertyName::new(name).expect("a name")];
            let types: Vec<&str> = shape.types.iter().map(|one| one.word()).collect();
            format!("{} {} {} {}", types.join("|"), shape.longest, shape.nulls, shape.blanks)
        };
        assert_eq!(shown("Id"), "number 4 0 0");
        assert_eq!(shown("Code"), "text 4 0 1");
        assert_eq!(shown("Since"), "date 19 0 0");
        assert_eq!((shown("IsFree"), shown("Odd")), ("boolean 4 0 0".to_owned(), "nested 3 0 0".to_owned()));
        assert_eq!(shown("Gone"), " 0 2 0");
        assert_eq!((found.records, found.odd_names), (2, 2));
    }

    proptest! {
        #[test]
        fn no_value_of_a_record_reaches_a_sample(
            values in proptest::collection::vec(("[A-Z][a-z]{1,8}", prop_oneof!["\\PC{0,20}", "[a-z]{3,12}"]), 1..8),
            number in 1_000_000_u64..,
        ) {
            let mut record = serde_json::Map::new();
            for (index, (name, value)) in values.iter().enumerate() {
                let marked = format!("MARK{value}MARK");
                let value = match index % 3 {
                    0 => json!(marked),
                    1 => json!(number),
                    _ => json!({ marked: [number, value] }),
                };
                record.insert(name.clone(), value);
            }
            let shown = format!("{:?}", sample(&[serde_json::Value::Object(record)]));
            prop_assert!(!shown.contains("MARK") && !shown.contains(&number.to_string()), "{shown}");
        }

        #[test]
        fn what_is_no_name_is_counted_and_not_shown(name in "\\PC{0,80}") {
            let found = sample(&[json!({ name.clone(): 1 })]);
            let is_name = PropertyName::new(&name).is_some();
            prop_assert_eq!((found.properties.len(), found.odd_names), (usize::from(is_name), u64::from(!is_name)));
        }
    }
}
