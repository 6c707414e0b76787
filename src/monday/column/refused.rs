//! Which column an error of monday is about. monday refuses all values of an item for one bad value; knowing the one, the rest
//! can be sent without it.

use super::column_type::ColumnType;
use serde_json::Value;
use std::collections::BTreeMap;

/// The codes of errors that are about a column's value.
const VALUE_CODES: [&str; 2] = ["ColumnValueException", "CorrectedValueException"];

/// The column that an error is about, if it is certain, out of those that were sent (by column id: type and value).
///
/// In this order: the id that the error gives; the only one of our ids that the error quotes; the only one of ours that has
/// the type, or among those the value, that the error gives; the only one that was sent at all.
///
/// Source: monday's documentation of error handling; it promises none of these members.
pub(crate) fn refused_column<'a>(
    message: &str,
    extensions: &Value,
    sent: &'a BTreeMap<String, (ColumnType, Value)>,
) -> Option<&'a str> {
    let data = extensions.get("error_data").unwrap_or(&Value::Null);
    if let Some(id) = text_of(data, &["column_id", "columnId"]) {
        return sent.get_key_value(id).map(|(id, _)| id.as_str());
    }
    if let Some(id) = only(sent.keys().filter(|id| is_quoted(id, message, data))) {
        return Some(id);
    }
    let code = extensions.get("code").and_then(Value::as_str).unwrap_or_default();
    match text_of(data, &["column_type", "columnType", "actual_type"]) {
        Some(named) => of_type(kind_of(named)?, data, sent),
        None if VALUE_CODES.contains(&code) => only(sent.keys()).map(String::as_str),
        None => None,
    }
}

fn text_of<'v>(data: &'v Value, names: &[&str]) -> Option<&'v str> {
    names.iter().find_map(|name| data.get(name)).and_then(Value::as_str)
}

/// The one element, if there is but one.
fn only<T>(mut found: impl Iterator<Item = T>) -> Option<T> {
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

fn of_type<'a>(
    column_type: ColumnType,
    data: &Value,
    sent: &'a BTreeMap<String, (ColumnType, Value)>,
) -> Option<&'a str> {
    let fitting = || sent.iter().filter(move |(_, (its_type, _))| *its_type == column_type);
    let refused = data.get("column_value").map(decoded);
    let of_value = || only(fitting().filter(|(_, (_, value))| refused.as_ref() == Some(value)));
    only(fitting()).or_else(of_value).map(|(id, _)| id.as_str())
}

/// A value, also where it stands as JSON in a string.
fn decoded(value: &Value) -> Value {
    value.as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(|| value.clone())
}

/// The type behind the names that monday has for it: `ColorColumn`, `color`, `StatusColumn` and `status` are all the same.
fn kind_of(name: &str) -> Option<ColumnType> {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    let plain = plain.strip_suffix("column").or_else(|| plain.strip_suffix("value")).unwrap_or(&plain);
    Some(match plain {
        "text" => ColumnType::Text,
        "longtext" => ColumnType::LongText,
        "numbers" | "numeric" | "number" => ColumnType::Numbers,
        "status" | "color" => ColumnType::Status,
        "dropdown" => ColumnType::Dropdown,
        "date" => ColumnType::Date,
        "timeline" | "timerange" => ColumnType::Timeline,
        "email" => ColumnType::Email,
        "phone" => ColumnType::Phone,
        "link" => ColumnType::Link,
        "checkbox" | "boolean" => ColumnType::Checkbox,
        "country" => ColumnType::Country,
        "location" => ColumnType::Location,
        "boardrelation" => ColumnType::BoardRelation,
        _ => return None,
    })
}

/// Whether an error quotes a column id, in its message or in one of its data. Data that hold a type or a value do not count: a
/// column may well be called `date` and hold `text_1`.
fn is_quoted(id: &str, message: &str, data: &Value) -> bool {
    if has_word(message, id) {
        return true;
    }
    let Value::Object(members) = data else { return false };
    members
        .iter()
        .filter(|(name, _)| {
            !["column_type", "columnType", "actual_type", "column_value", "columnValue"].contains(&name.as_str())
        })
        .any(|(_, value)| holds(value, id))
}

fn holds(value: &Value, id: &str) -> bool {
    match value {
        Value::String(text) => text == id || has_word(text, id),
        Value::Array(values) => values.iter().any(|value| holds(value, id)),
        Value::Object(members) => members.iter().any(|(name, value)| name == id || holds(value, id)),
        _ => false,
    }
}

/// Whether a text has a column id as a whole word; one of letters only, such as `date`, must stand in quotes, lest it be a
/// mere word.
fn has_word(text: &str, id: &str) -> bool {
    let is_mere_word = id.chars().all(char::is_alphabetic);
    text.match_indices(id).any(|(start, _)| {
        let before = text.get(..start).and_then(|part| part.chars().next_back());
        let after = text.get(start + id.len()..).and_then(|part| part.chars().next());
        if is_mere_word {
            let is_quote = |c: Option<char>| c.is_some_and(|c| "\"'`“”‘’«»".contains(c));
            is_quote(before) && is_quote(after)
        } else {
            let is_end = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '_');
            is_end(before) && is_end(after)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const INVALID: &str =
        "invalid value, please check our API documentation for the correct data structure for this column";

    fn sent(columns: &[(&str, ColumnType, Value)]) -> BTreeMap<String, (ColumnType, Value)> {
        columns.iter().map(|(id, column_type, value)| ((*id).to_owned(), (*column_type, value.clone()))).collect()
    }

    fn some() -> BTreeMap<String, (ColumnType, Value)> {
        sent(&[
            ("text_1", ColumnType::Text, json!("a")),
            ("date", ColumnType::Date, json!({"date": "2026-06-30"})),
            ("color_9", ColumnType::Status, json!({"label": "A"})),
            ("color_99", ColumnType::Status, json!({"label": "B"})),
            ("phone_1", ColumnType::Phone, json!({"phone": "+1"})),
            ("link_bldg", ColumnType::BoardRelation, json!({"item_ids": [7]})),
        ])
    }

    #[test]
    fn the_column_is_recognized_by_id_then_by_quotation_then_by_type() {
        let code = "ColumnValueException";
        for (message, extensions, expected) in [
            (
                INVALID,
                json!({"code": code, "error_data": {"column_id": "phone_1", "column_type": "ColorColumn"}}),
                Some("phone_1"),
            ),
            (INVALID, json!({"code": code, "error_data": {"columnId": "date"}}), Some("date")),
            (INVALID, json!({"code": code, "error_data": {"column_id": "other", "column_type": "PhoneColumn"}}), None),
            ("Column color_99 is bad", json!({"code": code}), Some("color_99")),
            ("columns color_9 and color_99 are bad", json!({"code": code}), None),
            ("color_999 is bad", json!({"code": code}), None),
            ("the date is bad", json!({"code": code}), None),
            ("column 'date' is bad", json!({"code": code}), Some("date")),
            (INVALID, json!({"code": code, "error_data": {"columns": ["text_1"]}}), Some("text_1")),
            (
                INVALID,
                json!({"code": code, "error_data": {"column_value": "text_1", "column_type": "date"}}),
                Some("date"),
            ),
            (INVALID, json!({"code": code, "error_data": {"column_type": "DateColumn"}}), Some("date")),
            (INVALID, json!({"code": code, "error_data": {"column_type": "phone"}}), Some("phone_1")),
            (INVALID, json!({"code": code, "error_data": {"column_type": "BoardRelationColumn"}}), Some("link_bldg")),
            (INVALID, json!({"code": code, "error_data": {"column_type": "board-relation"}}), Some("link_bldg")),
            (INVALID, json!({"code": code, "error_data": {"column_type": "ColorColumn"}}), None),
            (
                INVALID,
                json!({"code": code, "error_data": {"column_type": "color", "column_value": "{\"label\":\"B\"}"}}),
                Some("color_99"),
            ),
            (
                INVALID,
                json!({"code": code, "error_data": {"column_type": "status", "column_value": {"label": "A"}}}),
                Some("color_9"),
            ),
            (INVALID, json!({"code": code, "error_data": {"column_type": "EmailColumn"}}), None),
            (INVALID, json!({"code": code, "error_data": {"column_type": "MirrorColumn"}}), None),
            (INVALID, json!({"code": code}), None),
            ("é", Value::Null, None),
        ] {
            assert_eq!(refused_column(message, &extensions, &some()), expected, "{message} {extensions}");
        }
    }

    #[test]
    fn a_single_column_is_the_one_unless_the_error_says_otherwise() {
        let one = sent(&[("text_1", ColumnType::Text, json!("a"))]);
        let code = json!({"code": "ColumnValueException"});
        assert_eq!(refused_column(INVALID, &code, &one), Some("text_1"));
        let other = json!({"code": "ColumnValueException", "error_data": {"column_type": "DateColumn"}});
        assert_eq!(refused_column(INVALID, &other, &one), None);
        assert_eq!(refused_column("item not found", &json!({"code": "ResourceNotFoundException"}), &one), None);
        assert_eq!(refused_column(INVALID, &code, &BTreeMap::new()), None);
    }

    #[test]
    fn every_type_is_known_by_its_own_name_and_by_that_of_its_class() {
        for column_type in ColumnType::ALL {
            assert_eq!(kind_of(column_type.name()), Some(column_type));
        }
        for (name, column_type) in [
            ("NumericColumn", ColumnType::Numbers),
            ("TimerangeColumn", ColumnType::Timeline),
            ("BooleanColumn", ColumnType::Checkbox),
            ("LongTextColumn", ColumnType::LongText),
            ("DropdownValue", ColumnType::Dropdown),
        ] {
            assert_eq!(kind_of(name), Some(column_type), "{name}");
        }
        assert_eq!(kind_of("NameColumn"), None);
    }
}
