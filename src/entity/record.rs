//! A record as HApi sent it: its exact text stays, and properties are read out of it by name.

use super::decimal;
use crate::text::{nfc, trimmed};
use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Property that webhooks name entities by.
pub(crate) const WEBHOOK_SUBJECT: &str = "Id";

/// Record: properties, each with its exact JSON text.
#[derive(Debug, Clone)]
pub struct Record<'a> {
    json: &'a str,
    properties: Vec<(Cow<'a, str>, &'a RawValue)>,
    nulls: Option<&'a BTreeSet<String>>,
}

/// Reason why a record cannot be used at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadRecord {
    /// It is no JSON object.
    NotAnObject,
    /// This property, part of the key, is missing, null or blank.
    NoKey {
        /// Its name.
        property: String,
    },
}

/// Property whose value cannot be read as text, such as one with half of a surrogate pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadValue {
    /// The property.
    pub(crate) property: String,
}

impl<'a> Record<'a> {
    /// Reads a record's properties. Of a property that stands twice the last counts.
    ///
    /// # Errors
    /// Where the text is no JSON object.
    pub fn parse(json: &'a str) -> Result<Record<'a>, BadRecord> {
        let Properties(properties) = serde_json::from_str(json).map_err(|_| BadRecord::NotAnObject)?;
        Ok(Record { json, properties, nulls: None })
    }

    /// Takes these properties as null where the record lacks them: they were asked for, and others have them.
    #[must_use]
    pub(crate) fn with_nulls(self, known: &'a BTreeSet<String>) -> Record<'a> {
        Record { nulls: Some(known), ..self }
    }

    /// The exact text.
    pub(crate) fn json(&self) -> &'a str {
        self.json
    }

    /// The names of the properties received, in the order received.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.properties.iter().map(|(name, _)| name.as_ref())
    }

    /// The JSON text of a property; `None` when it was not received, which is not the same as null. Where the exact name is
    /// missing, any case will do: servers write `unitCode` for `UnitCode`.
    pub fn raw(&self, property: &str) -> Option<&'a str> {
        let find = |fits: &dyn Fn(&str) -> bool| {
            self.properties.iter().rev().find(|(name, _)| fits(name)).map(|(_, raw)| raw.get())
        };
        find(&|name| name == property)
            .or_else(|| find(&|name| name.eq_ignore_ascii_case(property)))
            .or_else(|| self.nulls.filter(|nulls| nulls.contains(property)).map(|_| "null"))
    }

    /// A property as text, in Unicode's composed form, without outer blanks and what else shows nothing: null is empty, a number
    /// has its shortest form, arrays and objects keep their JSON. `None` when it was not received.
    ///
    /// # Errors
    /// Where the value is no plain one.
    pub fn text(&self, property: &str) -> Result<Option<String>, BadValue> {
        match self.raw(property) {
            None => Ok(None),
            Some(raw) => plain(raw).map(Some).ok_or_else(|| BadValue { property: property.to_owned() }),
        }
    }

    /// The values that are strings, without outer blanks; those that cannot be decoded are left out.
    pub(crate) fn strings(&self) -> impl Iterator<Item = Cow<'a, str>> {
        self.properties.iter().filter_map(|(_, raw)| {
            let inside = raw.get().strip_prefix('"')?.strip_suffix('"')?;
            if inside.contains('\\') { plain(raw.get()).map(Cow::Owned) } else { Some(Cow::Borrowed(inside.trim())) }
        })
    }

    /// A property as a cell of a table: a string as received, blanks and all; null and what was not received are empty;
    /// anything else keeps its JSON.
    pub fn cell(&self, property: &str) -> String {
        match self.raw(property) {
            None | Some("null") => String::new(),
            Some(raw) => {
                serde_json::from_str::<Text<'_>>(raw).map_or_else(|_| raw.to_owned(), |text| text.0.into_owned())
            }
        }
    }

    /// The key: the values of `properties`, trimmed and joined by `-`; a `-` or `%` inside a value is percent-encoded.
    ///
    /// # Errors
    /// Where a property of the key is absent, or no plain value.
    pub fn key(&self, properties: &[String]) -> Result<String, BadRecord> {
        let mut key = String::new();
        let mut is_blank = true;
        for (index, property) in properties.iter().enumerate() {
            let missing = || BadRecord::NoKey { property: property.clone() };
            if self.raw(property).is_none_or(|raw| raw == "null") {
                return Err(missing());
            }
            let value = self.text(property).ok().flatten().ok_or_else(missing)?;
            is_blank &= value.is_empty();
            if index > 0 {
                key.push('-');
            }
            key.push_str(&value.replace('%', "%25").replace('-', "%2D"));
        }
        if is_blank {
            return Err(BadRecord::NoKey { property: properties.first().cloned().unwrap_or_default() });
        }
        Ok(key)
    }

    /// The name of its entity in webhooks: its `Id`, as a key has it, also where its key is made of something else.
    pub(crate) fn webhook_subject(&self) -> Option<String> {
        self.key(&[WEBHOOK_SUBJECT.to_owned()]).ok()
    }

    /// A whole number such as `Id`, also when written `1.0` or as text.
    pub fn integer(&self, property: &str) -> Option<i64> {
        let raw = self.raw(property)?;
        if let Ok(number) = raw.parse() {
            return Some(number);
        }
        decimal::shortest(&self.text(property).ok().flatten()?)?.parse().ok()
    }
}

/// The plain text of a JSON value; `None` when its string cannot be decoded.
fn plain(raw: &str) -> Option<String> {
    match raw.as_bytes().first()? {
        b'"' => {
            let text: Cow<'_, str> = serde_json::from_str::<Text<'_>>(raw).ok()?.0;
            Some(nfc(trimmed(&text)).into_owned())
        }
        b'n' => Some(String::new()),
        b'-' | b'0'..=b'9' => decimal::shortest(raw),
        _ => Some(raw.to_owned()),
    }
}

#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// Members of an object in their order, values left as text.
struct Properties<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Properties<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Vec<(Cow<'de, str>, &'de RawValue)>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::with_capacity(16);
                while let Some((Text(name), raw)) = map.next_entry::<Text<'de>, &'de RawValue>()? {
                    members.push((name, raw));
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(Members).map(Properties)
    }
}

/// How deep lists and objects in each other are compared by what they say; deeper ones as they are spelt.
const DEEPEST_COMPARED: u32 = 32;

/// Whether two JSON texts say the same: neither the order of members, nor blanks between tokens, nor the spelling of a number
/// or of a string make a difference; blanks inside a string do.
pub fn same_content(one: &str, other: &str) -> bool {
    let content = |json| canonical(json, DEEPEST_COMPARED);
    one == other || content(one).is_some_and(|one| content(other).is_some_and(|other| one == other))
}

fn canonical(raw: &str, depth: u32) -> Option<String> {
    let raw = raw.trim();
    Some(match raw.as_bytes().first()? {
        b'{' | b'[' if depth == 0 => raw.to_owned(),
        b'{' => {
            let Properties(members) = serde_json::from_str(raw).ok()?;
            let sorted: BTreeMap<_, _> = members.into_iter().collect();
            let mut out = String::from("{");
            for (name, value) in sorted {
                out.push_str(&serde_json::to_string(&name).ok()?);
                out.push(':');
                out.push_str(&canonical(value.get(), depth - 1)?);
                out.push(',');
            }
            out.push('}');
            out
        }
        b'[' => {
            let elements: Vec<&RawValue> = serde_json::from_str(raw).ok()?;
            let mut out = String::from("[");
            for element in elements {
                out.push_str(&canonical(element.get(), depth - 1)?);
                out.push(',');
            }
            out.push(']');
            out
        }
        // A string that cannot be decoded is compared as it is spelt.
        b'"' => match serde_json::from_str::<Text<'_>>(raw) {
            Ok(Text(text)) => serde_json::to_string(&text).ok()?,
            Err(_) => raw.to_owned(),
        },
        // One with an exponent beyond reason is compared as it is spelt.
        b'-' | b'0'..=b'9' => decimal::shortest(raw).unwrap_or_else(|| raw.to_owned()),
        _ => raw.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_of(json: &str, properties: &[&str]) -> Result<String, BadRecord> {
        let properties: Vec<String> = properties.iter().map(|&p| p.to_owned()).collect();
        Record::parse(json)?.key(&properties)
    }

    #[test]
    fn a_key_is_made_of_trimmed_values_and_numbers_as_numbers() {
        assert_eq!(key_of(r#"{"Id":1472.0}"#, &["Id"]).as_deref(), Ok("1472"));
        assert_eq!(
            key_of(r#"{"CompanyNo":3.0,"DivisionNo":" 1 "}"#, &["CompanyNo", "DivisionNo"]).as_deref(),
            Ok("3-1")
        );
        assert_eq!(key_of("{\"Id\":\"\u{feff}Cote\u{301} \u{200b}\"}", &["Id"]).as_deref(), Ok("Cot\u{e9}"));
        assert_eq!(key_of(r#"{"A":"a-b","B":"50%"}"#, &["A", "B"]).as_deref(), Ok("a%2Db-50%25"));
    }

    #[test]
    fn a_record_without_its_key_is_refused_by_name() {
        let missing = Err(BadRecord::NoKey { property: "Id".to_owned() });
        for json in [r#"{"Name":"x"}"#, r#"{"Id":null}"#, r#"{"Id":"  "}"#, "{\"Id\":\"\u{200b}\"}"] {
            assert_eq!(key_of(json, &["Id"]), missing, "{json}");
        }
        for json in ["null", "7", "[]", "\"x\""] {
            assert_eq!(key_of(json, &["Id"]), Err(BadRecord::NotAnObject), "{json}");
        }
    }

    #[test]
    fn half_a_surrogate_pair_harms_only_its_property() {
        let record = Record::parse(r#"{"Id":7,"Name":"\ud83d","City":"L\u00e9vis "}"#).expect("an object");
        assert_eq!(record.text("Name"), Err(BadValue { property: "Name".to_owned() }));
        assert_eq!(record.text("City"), Ok(Some("Lévis".to_owned())));
        assert_eq!(record.text("Country"), Ok(None));
        assert_eq!(record.integer("Id"), Some(7));
    }

    #[test]
    fn null_is_blank_and_a_missing_property_is_not_null() {
        let record = Record::parse(r#"{"A":null,"B":4.50,"C":true}"#).expect("an object");
        assert_eq!(record.text("A"), Ok(Some(String::new())));
        assert_eq!(record.text("B"), Ok(Some("4.5".to_owned())));
        assert_eq!(record.text("C"), Ok(Some("true".to_owned())));
        assert_eq!(record.text("D"), Ok(None));
    }

    #[test]
    fn any_case_will_do_where_the_exact_name_is_missing_and_what_is_known_and_missing_is_null() {
        let known = BTreeSet::from(["Phone".to_owned()]);
        let record = Record::parse(r#"{"unitCode":"7","UNITCODE":"8","UnitCode":"9","name":"x"}"#).expect("an object");
        assert_eq!(record.text("UnitCode"), Ok(Some("9".to_owned())));
        assert_eq!(record.text("Name"), Ok(Some("x".to_owned())));
        assert_eq!(record.text("Phone"), Ok(None));
        let record = record.with_nulls(&known);
        assert_eq!((record.text("Phone"), record.text("Fax")), (Ok(Some(String::new())), Ok(None)));
    }

    #[test]
    fn equal_content_is_equal_whatever_its_spelling() {
        assert!(same_content(r#"{"a":1.0,"b":"é"}"#, r#"{ "b" : "\u00e9", "a":1 }"#));
        assert!(same_content(r#"{"a":[{"x":1}]}"#, r#"{"a":[{"x":1.00}]}"#));
        assert!(!same_content(r#"{"a":"V "}"#, r#"{"a":"V"}"#));
        assert!(!same_content(r#"{"a":1}"#, r#"{"a":"1"}"#));
        assert!(!same_content(r#"{"a":null}"#, "{}"));
    }

    #[test]
    fn what_is_nested_without_end_is_compared_as_it_is_spelt() {
        let deep = |value: &str| format!("{}{value}{}", "[".repeat(20_000), "]".repeat(20_000));
        let record = |deep: &str| format!(r#"{{"Id":1,"A":{deep}}}"#);
        let turned = format!(r#"{{"A":{},"Id":1.0}}"#, deep("1"));
        assert!(same_content(&record(&deep("1")), &turned));
        assert!(!same_content(&record(&deep("1")), &record(&deep("2"))));
        assert!(same_content(r#"{"Id":1,"A":1e99999999999999999999}"#, r#"{"A":1e99999999999999999999,"Id":1}"#));
    }
}
