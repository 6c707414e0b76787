//! Column values as they are kept, and how monday gives them back.
//!
//! Source: monday's reference of column types.

use serde_json::{Map, Value, json};

use super::board::Column;

/// The value of one column of one item; a column without a value has none.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Text(String),
    LongText(String),
    Number(String),
    /// The label's id.
    Status(u64),
    /// Ids of labels.
    Dropdown(Vec<u64>),
    Date {
        date: String,
        time: Option<String>,
    },
    Timeline {
        from: String,
        to: String,
    },
    Email {
        email: String,
        text: String,
    },
    Phone {
        phone: String,
        country: String,
    },
    Link {
        url: String,
        text: Option<String>,
    },
    Checked,
    Country {
        code: String,
        name: String,
    },
    Location {
        lat: String,
        lng: String,
        address: Option<String>,
    },
    /// Ids of items, as they were written; some may be gone since.
    Relation(Vec<u64>),
    People(Vec<(u64, String)>),
}

/// The GraphQL type of a column's values.
pub(super) fn value_type(kind: &str) -> &'static str {
    match kind {
        "board_relation" => "BoardRelationValue",
        "checkbox" => "CheckboxValue",
        "country" => "CountryValue",
        "date" => "DateValue",
        "dropdown" => "DropdownValue",
        "email" => "EmailValue",
        "link" => "LinkValue",
        "location" => "LocationValue",
        "long_text" => "LongTextValue",
        "numbers" => "NumbersValue",
        "people" => "PeopleValue",
        "phone" => "PhoneValue",
        "status" => "StatusValue",
        "text" => "TextValue",
        "timeline" => "TimelineValue",
        _ => "UnsupportedValue",
    }
}

impl Cell {
    /// `text`; always null for connected boards, which read back as `linked_item_ids` only.
    pub(super) fn text(&self, column: &Column) -> Option<String> {
        let label = |id: &u64| column.labels.iter().find(|label| label.id == *id).map(|label| label.text.clone());
        Some(match self {
            Cell::Text(text) | Cell::LongText(text) => text.clone(),
            Cell::Number(number) => shortest(number),
            Cell::Status(id) => label(id)?,
            Cell::Dropdown(ids) => ids.iter().filter_map(label).collect::<Vec<_>>().join(", "),
            Cell::Date { date, time: None } => date.clone(),
            Cell::Date { date, time: Some(time) } => format!("{date} {}", time.get(..5).unwrap_or(time)),
            Cell::Timeline { from, to } => format!("{from} - {to}"),
            Cell::Email { text, .. } => text.clone(),
            Cell::Phone { phone, .. } => phone.trim_start_matches('+').to_owned(),
            Cell::Link { url, text: Some(text) } => format!("{text} - {url}"),
            Cell::Link { url, text: None } => url.clone(),
            Cell::Checked => "v".into(),
            Cell::Country { name, .. } => name.clone(),
            Cell::Location { address: Some(address), .. } => address.clone(),
            Cell::Location { lat, lng, .. } => format!("{lat}, {lng}"),
            Cell::Relation(_) => return None,
            Cell::People(people) => people.iter().map(|(id, _)| format!("Person {id}")).collect::<Vec<_>>().join(", "),
        })
    }

    /// What the JSON text in `value` holds; null for connected boards.
    pub(super) fn value(&self, changed_at: &str) -> Value {
        match self {
            Cell::Text(text) => text.as_str().into(),
            Cell::Number(number) => number.as_str().into(),
            Cell::LongText(text) => json!({ "text": text, "changed_at": changed_at }),
            Cell::Status(id) => json!({ "index": id, "post_id": null, "changed_at": changed_at }),
            Cell::Dropdown(ids) => json!({ "ids": ids, "changed_at": changed_at }),
            Cell::Date { date, time } => json!({ "date": date, "time": time, "changed_at": changed_at }),
            Cell::Timeline { from, to } => json!({ "from": from, "to": to, "changed_at": changed_at }),
            Cell::Email { email, text } => json!({ "email": email, "text": text, "changed_at": changed_at }),
            Cell::Phone { phone, country } => {
                json!({ "phone": phone, "countryShortName": country, "changed_at": changed_at })
            }
            Cell::Link { url, text } => json!({ "url": url, "text": text, "changed_at": changed_at }),
            Cell::Checked => json!({ "checked": true, "changed_at": changed_at }),
            Cell::Country { code, name } => {
                json!({ "countryCode": code, "countryName": name, "changed_at": changed_at })
            }
            Cell::Location { lat, lng, address } => {
                json!({ "lat": lat, "lng": lng, "address": address, "changed_at": changed_at })
            }
            Cell::Relation(_) => Value::Null,
            Cell::People(people) => {
                let people: Vec<Value> = people.iter().map(|(id, kind)| json!({ "id": id, "kind": kind })).collect();
                json!({ "personsAndTeams": people, "changed_at": changed_at })
            }
        }
    }

    /// The same value in the form in which a column keeps it.
    pub(super) fn in_form(&self, form: super::board::Form) -> Cell {
        match self.clone() {
            Cell::Text(text) => Cell::Text(form(&text)),
            Cell::LongText(text) => Cell::LongText(form(&text)),
            Cell::Phone { phone, country } => Cell::Phone { phone: form(&phone), country },
            Cell::Email { email, text } => Cell::Email { email: form(&email), text: form(&text) },
            Cell::Link { url, text } => Cell::Link { url: form(&url), text },
            other => other,
        }
    }

    /// How much of an item's room for values this takes, in bytes.
    pub(super) fn size(&self) -> usize {
        match self {
            Cell::Text(text) | Cell::LongText(text) => text.len(),
            Cell::Relation(ids) => ids.len() * 20,
            other => other.value("").to_string().len(),
        }
    }

    /// The fields that the value types have beyond those of `ColumnValue`. Linked items are not among them.
    pub(super) fn details(&self, column: &Column) -> Map<String, Value> {
        let details = match self {
            Cell::Number(number) => json!({ "number": as_number(number) }),
            Cell::Status(id) => {
                let label = column.labels.iter().find(|label| label.id == *id);
                json!({ "index": id, "label": label.map(|label| &label.text), "is_done": label.is_some_and(|label| label.is_done) })
            }
            Cell::Dropdown(ids) => {
                let label = |id: &u64| column.labels.iter().find(|label| label.id == *id);
                let values = ids
                    .iter()
                    .filter_map(label)
                    .map(|label| json!({ "id": label.id.to_string(), "label": label.text }));
                json!({ "values": values.collect::<Vec<_>>() })
            }
            Cell::Date { date, time } => json!({ "date": date, "time": time }),
            Cell::Timeline { from, to } => json!({ "from": from, "to": to }),
            Cell::Email { email, text } => json!({ "email": email, "label": text }),
            Cell::Phone { phone, country } => {
                json!({ "phone": phone.trim_start_matches('+'), "country_short_name": country })
            }
            Cell::Link { url, text } => json!({ "url": url, "url_text": text }),
            Cell::Checked => json!({ "checked": true }),
            Cell::Country { code, name } => json!({ "country": { "code": code, "name": name } }),
            Cell::Location { lat, lng, address } => {
                json!({ "lat": as_number(lat), "lng": as_number(lng), "address": address })
            }
            Cell::People(people) => {
                let people: Vec<Value> =
                    people.iter().map(|(id, kind)| json!({ "id": id.to_string(), "kind": kind })).collect();
                json!({ "persons_and_teams": people })
            }
            Cell::Text(_) | Cell::LongText(_) | Cell::Relation(_) => Value::Null,
        };
        match details {
            Value::Object(details) => details,
            _ => Map::new(),
        }
    }

    /// The value as a test wants to compare it; see [`super::ItemView`].
    pub(super) fn plain(&self, column: &Column) -> Value {
        match self {
            Cell::Dropdown(ids) => {
                let label =
                    |id: &u64| column.labels.iter().find(|label| label.id == *id).map(|label| label.text.as_str());
                ids.iter().filter_map(label).collect()
            }
            Cell::Date { date, time: Some(time) } => format!("{date} {time}").into(),
            Cell::Timeline { from, to } => json!({ "from": from, "to": to }),
            Cell::Email { email, .. } => email.as_str().into(),
            Cell::Phone { phone, .. } => phone.as_str().into(),
            Cell::Link { url, text } => json!({ "url": url, "text": text }),
            Cell::Checked => true.into(),
            Cell::Country { code, .. } => code.as_str().into(),
            Cell::Location { lat, lng, address } => json!({ "lat": lat, "lng": lng, "address": address }),
            Cell::Relation(ids) => ids.iter().map(u64::to_string).collect(),
            Cell::People(people) => people.iter().map(|(id, _)| id.to_string()).collect(),
            _ => self.text(column).into(),
        }
    }
}

/// `12.50` is shown as `12.5`, `1.0` as `1`, `007` as `7`: monday keeps numbers, not their spelling.
fn shortest(number: &str) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let whole = if whole.is_empty() { "0" } else { whole };
    match fraction {
        "" if whole == "0" => "0".into(),
        "" => format!("{sign}{whole}"),
        fraction => format!("{sign}{whole}.{fraction}"),
    }
}

/// Digit for digit, without a detour over floats.
fn as_number(text: &str) -> Value {
    serde_json::from_str(&shortest(text)).unwrap_or_default()
}
