//! Survey of the records of a kind: which properties they have, and what their values are like. Pure.

use crate::entity::Record;
use crate::monday::column::Blanks;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Most different values of a property that are kept; a property with more has none to choose from.
pub(crate) const MOST_VALUES: usize = 40;
/// Values of another form than nearly all have are slips where they are no more than this share: one in ten.
const ODD_SHARE: u64 = 10;

/// Form that a value has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Form {
    /// A JSON number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A text that is a calendar date, with or without a time.
    Date,
    /// Any other text.
    Text,
    /// A list, or an object.
    Nested,
}

/// Survey of the records of a kind.
#[derive(Debug, Clone, Default)]
pub(crate) struct Survey {
    /// How many records were seen.
    pub(crate) records: u64,
    properties: Vec<PropertySurvey>,
}

/// Survey of one property.
#[derive(Debug, Clone)]
pub(crate) struct PropertySurvey {
    /// Its name.
    pub(crate) name: String,
    /// In how many records it holds something.
    pub(crate) filled: u64,
    /// The form that is declared of it, for one that never holds anything.
    pub(crate) declared: Option<Form>,
    /// How long its longest value is, in characters.
    pub(crate) longest: usize,
    forms: BTreeMap<Form, u64>,
    values: BTreeMap<String, u64>,
    has_more_values: bool,
}

impl Survey {
    /// Takes a record in. `blanks`: the values that mean nothing.
    pub(crate) fn add(&mut self, record: &Record<'_>, blanks: &Blanks) {
        self.records += 1;
        let names: Vec<String> = record.names().map(str::to_owned).collect();
        for name in names {
            let raw = record.raw(&name).unwrap_or("null");
            let text = record.text(&name).ok().flatten().unwrap_or_default();
            self.entry(&name).add(raw, &text, blanks);
        }
    }

    /// Notes a property that HApi declares, and the form of its values.
    pub(crate) fn declare(&mut self, name: &str, form: Option<Form>) {
        let entry = self.entry(name);
        entry.declared = entry.declared.or(form);
    }

    /// The properties, in the order in which they came.
    pub(crate) fn properties(&self) -> impl Iterator<Item = &PropertySurvey> {
        self.properties.iter()
    }

    /// A property by its name.
    pub(crate) fn property(&self, name: &str) -> Option<&PropertySurvey> {
        self.properties.iter().find(|property| property.name == name)
    }

    /// Whether a property holds something in any record.
    pub(crate) fn is_filled(&self, name: &str) -> bool {
        self.property(name).is_some_and(|property| property.filled > 0)
    }

    fn entry(&mut self, name: &str) -> &mut PropertySurvey {
        let place = self.properties.iter().position(|property| property.name == name);
        let place = place.unwrap_or_else(|| {
            self.properties.push(PropertySurvey::new(name));
            self.properties.len() - 1
        });
        &mut self.properties[place]
    }
}

impl PropertySurvey {
    fn new(name: &str) -> PropertySurvey {
        PropertySurvey {
            name: name.to_owned(),
            filled: 0,
            declared: None,
            longest: 0,
            forms: BTreeMap::new(),
            values: BTreeMap::new(),
            has_more_values: false,
        }
    }

    fn add(&mut self, raw: &str, text: &str, blanks: &Blanks) {
        if text.is_empty() || blanks.holds(text) {
            return;
        }
        self.filled += 1;
        *self.forms.entry(form_of(raw, text)).or_default() += 1;
        self.longest = self.longest.max(text.chars().count());
        if let Some(count) = self.values.get_mut(text) {
            *count += 1;
        } else if self.values.len() < MOST_VALUES {
            self.values.insert(text.to_owned(), 1);
        } else {
            self.has_more_values = true;
        }
    }

    /// The form of its values: the one that nearly all have, since real data hold slips; text where they differ. `None`: nothing is
    /// known of it.
    pub(crate) fn form(&self) -> Option<Form> {
        if self.forms.contains_key(&Form::Nested) {
            return Some(Form::Nested);
        }
        let Some((&most, &count)) = self.forms.iter().max_by_key(|(_, count)| **count) else { return self.declared };
        Some(if (self.filled - count) * ODD_SHARE <= self.filled { most } else { Form::Text })
    }

    /// How many of its values have another form than it has: a column of its type does not take them.
    pub(crate) fn odd(&self) -> u64 {
        match self.form() {
            None | Some(Form::Text | Form::Nested) => 0,
            Some(form) => self.filled - self.forms.get(&form).copied().unwrap_or_default(),
        }
    }

    /// Its different values with how often each stands; `None` where they are too many.
    pub(crate) fn choices(&self) -> Option<&BTreeMap<String, u64>> {
        (!self.has_more_values).then_some(&self.values)
    }
}

fn form_of(raw: &str, text: &str) -> Form {
    match raw.as_bytes().first() {
        Some(b'{' | b'[') => Form::Nested,
        Some(b't' | b'f') => Form::Boolean,
        Some(b'"') if is_date(text) => Form::Date,
        Some(b'"') => Form::Text,
        _ => Form::Number,
    }
}

/// Whether a text is a date such as `2026-03-01`, or one with a time behind it.
fn is_date(text: &str) -> bool {
    let (Some(day), Some(rest)) = (text.get(..10), text.get(10..)) else { return false };
    day.as_bytes()[4] == b'-' && (rest.is_empty() || rest.starts_with('T')) && day.parse::<Date>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn survey(records: &[&str]) -> Survey {
        let (mut survey, blanks) = (Survey::default(), Blanks::new(vec!["N/D".to_owned()]));
        for json in records {
            survey.add(&Record::parse(json).expect("a record"), &blanks);
        }
        survey
    }

    fn form(values: &[&str]) -> Option<Form> {
        let records: Vec<String> = values.iter().map(|value| format!("{{\"A\": {value}}}")).collect();
        let records: Vec<&str> = records.iter().map(String::as_str).collect();
        survey(&records).property("A").and_then(PropertySurvey::form)
    }

    #[test]
    fn the_form_of_a_property_is_the_one_that_all_its_values_have() {
        assert_eq!(form(&["1", "4.5", "null"]), Some(Form::Number));
        assert_eq!(form(&["\"2026-03-01\"", "\"2026-03-01T00:00:00\"", "\"\""]), Some(Form::Date));
        assert_eq!(form(&["\"2026-13-01\""]), Some(Form::Text));
        assert_eq!(form(&["\"2026-03-01\"", "\"soon\""]), Some(Form::Text));
        assert_eq!(form(&["true", "false"]), Some(Form::Boolean));
        assert_eq!(form(&["[{\"a\":1}]", "\"x\""]), Some(Form::Nested));
        assert_eq!(form(&["null", "\" \"", "\"N/D\""]), None);
    }

    #[test]
    fn a_slip_among_many_values_changes_no_form_and_is_counted() {
        let mut records = vec!["{\"A\": \"2026-03-01T00:00:00\"}"; 9];
        records.push("{\"A\": \"soon\"}");
        let seen = survey(&records);
        let property = seen.property("A").expect("it came");
        assert_eq!((property.form(), property.odd()), (Some(Form::Date), 1));
        records.push("{\"A\": \"later\"}");
        let seen = survey(&records);
        let property = seen.property("A").expect("it came");
        assert_eq!((property.form(), property.odd()), (Some(Form::Text), 0));
    }

    #[test]
    fn values_are_counted_without_blanks_until_they_are_too_many() {
        let seen = survey(&[r#"{"T": "L ", "B": "N/D"}"#, r#"{"T": "L", "B": null}"#, r#"{"T": "D"}"#]);
        let choices = seen.property("T").and_then(PropertySurvey::choices).expect("few values");
        assert_eq!(choices.iter().map(|(value, count)| format!("{value}{count}")).collect::<Vec<_>>(), ["D1", "L2"]);
        assert_eq!((seen.records, seen.is_filled("T"), seen.is_filled("B")), (3, true, false));
        let many: Vec<String> = (0..=MOST_VALUES).map(|value| format!("{{\"A\": {value}}}")).collect();
        let many = survey(&many.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(many.property("A").expect("it came").choices().is_none());
    }

    #[test]
    fn what_is_declared_counts_where_no_value_was_seen() {
        let mut seen = survey(&[r#"{"A": null, "B": 1}"#]);
        seen.declare("A", Some(Form::Date));
        seen.declare("B", Some(Form::Text));
        seen.declare("C", None);
        let forms: Vec<Option<Form>> = seen.properties().map(PropertySurvey::form).collect();
        assert_eq!(forms, [Some(Form::Date), Some(Form::Number), None]);
    }
}
