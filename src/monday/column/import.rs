//! Our values in the cells of an imported file. What is not on monday's list of types, and whatever might be read otherwise than it
//! is meant, is left to mutations.
//!
//! Source: monday's guide on importing items in bulk.

use super::column_type::ColumnType;
use super::labels::{BoardColumn, Labels};
use serde_json::Value;

/// What clears a column in a file, so that no text may look like it.
const NULL: &str = "<NULL>";
/// Most items that one cell connects to.
const MOST_LINKS: usize = 50;

/// Cell of an imported file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ImportCell {
    /// Nothing: the column of a new item stays empty.
    Blank,
    /// This text.
    Text(String),
    /// The value cannot be imported.
    NotImported,
}

/// The cell for a value in the form of `column_values`; `column`: the board's, where it is known.
pub(crate) fn import_cell(column_type: ColumnType, value: &Value, column: Option<&BoardColumn>) -> ImportCell {
    if is_nothing(value) {
        return ImportCell::Blank;
    }
    let text = match column_type {
        ColumnType::Text | ColumnType::Numbers => text(value),
        ColumnType::LongText => member(value, "text"),
        ColumnType::Status => column.and_then(BoardColumn::labels).and_then(|labels| status(value, &labels)),
        ColumnType::Dropdown => column.and_then(BoardColumn::labels).and_then(|labels| dropdown(value, &labels)),
        ColumnType::Date => date(value),
        ColumnType::Timeline => {
            Some(format!("{}/{}", member(value, "from").unwrap_or_default(), member(value, "to").unwrap_or_default()))
        }
        ColumnType::Email => email(value),
        ColumnType::Phone => member(value, "phone").filter(|phone| phone.starts_with('+')),
        ColumnType::Link => link(value),
        ColumnType::BoardRelation => column.filter(|column| column.boards().len() == 1).and_then(|_| items(value)),
        ColumnType::Checkbox | ColumnType::Country | ColumnType::Location => None,
    };
    text.filter(|text| text != NULL && !text.is_empty()).map_or(ImportCell::NotImported, ImportCell::Text)
}

/// Whether a value leaves the column of a new item empty.
fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.get("item_ids").and_then(Value::as_array).is_some_and(Vec::is_empty)
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn member(value: &Value, name: &str) -> Option<String> {
    value.get(name)?.as_str().map(str::to_owned)
}

/// The text of a label that is in use, by its text or by its id.
fn label(value: &Value, labels: &Labels) -> Option<String> {
    let is_meant = |id: i64, text: &str| match value {
        Value::String(wanted) => wanted == text,
        other => other.as_i64() == Some(id),
    };
    let mut found = labels.all.iter().filter(|label| !label.is_deactivated && is_meant(label.id, &label.text));
    found.next().map(|label| label.text.clone())
}

fn status(value: &Value, labels: &Labels) -> Option<String> {
    label(value.get("label").or_else(|| value.get("index"))?, labels)
}

fn dropdown(value: &Value, labels: &Labels) -> Option<String> {
    let wanted = value.get("labels").or_else(|| value.get("ids"))?.as_array()?;
    let texts: Option<Vec<String>> = wanted.iter().map(|wanted| label(wanted, labels)).collect();
    let texts = texts.filter(|texts| texts.iter().all(|text| !text.contains(',')))?;
    Some(texts.join(", "))
}

/// The guide names days only.
fn date(value: &Value) -> Option<String> {
    match value.get("time") {
        None | Some(Value::Null) => member(value, "date").or_else(|| text(value)),
        Some(_) => None,
    }
}

fn email(value: &Value) -> Option<String> {
    let (email, text) = (member(value, "email")?, member(value, "text"));
    match text.filter(|text| *text != email) {
        None => Some(email),
        Some(text) if text.contains(['<', '>', ',', '"']) => None,
        Some(text) => Some(format!("{text} <{email}>")),
    }
}

fn link(value: &Value) -> Option<String> {
    let (url, text) = (member(value, "url")?, member(value, "text")?);
    let is_plain = !text.contains(['[', ']']) && !url.contains([')', '(', ' ']);
    is_plain.then(|| format!("[{text}]({url})"))
}

fn items(value: &Value) -> Option<String> {
    let ids = value.get("item_ids")?.as_array().filter(|ids| ids.len() <= MOST_LINKS)?;
    let ids: Vec<String> = ids.iter().map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned)).collect();
    Some(ids.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn column(column_type: &str, settings: Value) -> BoardColumn {
        let (id, title) = ("c".to_owned(), "C".to_owned());
        BoardColumn { id, title, column_type: column_type.to_owned(), settings }
    }

    fn cell(column_type: ColumnType, value: &Value) -> Option<String> {
        let labels = json!({"labels": [
            {"id": 0, "label": "Vacant"}, {"id": 3, "label": "12"}, {"id": 4, "label": "Old", "is_deactivated": true},
            {"id": 5, "label": "a, b"},
        ], "boardIds": [7]});
        let column = column(column_type.name(), labels);
        match import_cell(column_type, value, Some(&column)) {
            ImportCell::Text(text) => Some(text),
            ImportCell::NotImported => None,
            ImportCell::Blank => panic!("{value} is not blank"),
        }
    }

    #[test]
    fn each_type_has_the_form_that_the_guide_gives_it() {
        for (column_type, value, expected) in [
            (ColumnType::Text, json!("a, \"b\""), "a, \"b\""),
            (ColumnType::LongText, json!({"text": "a\nb"}), "a\nb"),
            (ColumnType::Numbers, json!("12.5"), "12.5"),
            (ColumnType::Status, json!({"label": "Vacant"}), "Vacant"),
            (ColumnType::Status, json!({"index": 3}), "12"),
            (ColumnType::Dropdown, json!({"labels": ["Vacant", "12"]}), "Vacant, 12"),
            (ColumnType::Date, json!({"date": "2026-02-28"}), "2026-02-28"),
            (ColumnType::Timeline, json!({"from": "2026-01-01", "to": "2026-12-31"}), "2026-01-01/2026-12-31"),
            (ColumnType::Email, json!({"email": "a@b.ca", "text": "a@b.ca"}), "a@b.ca"),
            (ColumnType::Email, json!({"email": "a@b.ca", "text": "Anne"}), "Anne <a@b.ca>"),
            (ColumnType::Phone, json!({"phone": "+14185550123", "countryShortName": "CA"}), "+14185550123"),
            (ColumnType::Link, json!({"url": "https://a.ca", "text": "A"}), "[A](https://a.ca)"),
            (ColumnType::BoardRelation, json!({"item_ids": [9_007_199_254_741_001u64]}), "9007199254741001"),
        ] {
            assert_eq!(cell(column_type, &value).as_deref(), Some(expected), "{value}");
        }
    }

    #[test]
    fn what_might_be_read_otherwise_is_left_to_mutations() {
        for (column_type, value) in [
            (ColumnType::Text, json!("<NULL>")),
            (ColumnType::Status, json!({"label": "Inconnu"})),
            (ColumnType::Status, json!({"label": "Old"})),
            (ColumnType::Dropdown, json!({"labels": ["Vacant", "Inconnu"]})),
            (ColumnType::Dropdown, json!({"labels": ["a, b"]})),
            (ColumnType::Date, json!({"date": "2026-02-28", "time": "14:30:00"})),
            (ColumnType::Email, json!({"email": "a@b.ca", "text": "A <B>"})),
            (ColumnType::Phone, json!({"phone": "0612345678", "countryShortName": "FR"})),
            (ColumnType::Link, json!({"url": "https://a.ca/(x)", "text": "A"})),
            (ColumnType::Checkbox, json!({"checked": "true"})),
            (ColumnType::Country, json!({"countryCode": "CA", "countryName": "Canada"})),
            (ColumnType::Location, json!({"lat": "1", "lng": "2"})),
        ] {
            assert_eq!(cell(column_type, &value), None, "{value}");
        }
        let two = column("board_relation", json!({"boardIds": [7, 8]}));
        let value = json!({"item_ids": [1]});
        assert_eq!(import_cell(ColumnType::BoardRelation, &value, Some(&two)), ImportCell::NotImported);
        assert_eq!(import_cell(ColumnType::Checkbox, &Value::Null, None), ImportCell::Blank);
        assert_eq!(import_cell(ColumnType::BoardRelation, &json!({"item_ids": []}), Some(&two)), ImportCell::Blank);
    }
}
