//! The labels of status and dropdown columns, as a board has them, and the values that name them.

use super::column_type::ColumnType;
use super::quote::quoted;
use crate::message::ColumnText;
use crate::text::{nfc, trimmed};
use serde::Deserialize;
use serde_json::{Value, json};
use std::borrow::Cow;

/// Most characters of a status label, by monday's documentation of the status column.
const MOST_LABEL: usize = 30;

/// Column as read from its board.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct BoardColumn {
    /// Its id, as in `column_values`.
    pub(crate) id: String,
    /// What people see above it.
    pub(crate) title: String,
    /// Its type in monday's words.
    #[serde(rename = "type")]
    pub(crate) column_type: String,
    /// An object, or in older versions of the API a text that holds one, or null.
    #[serde(default)]
    pub(crate) settings: Value,
}

/// Label of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Label {
    /// What `{"index": …}` and `{"ids": …}` mean; not its place in the list.
    pub(crate) id: i64,
    /// What people see.
    pub(crate) text: String,
    /// Whether it can no longer be chosen.
    pub(crate) is_deactivated: bool,
}

/// Labels of one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Labels {
    /// The column's title.
    pub(crate) column: String,
    /// All of them, deactivated ones too.
    pub(crate) all: Vec<Label>,
}

impl BoardColumn {
    /// The type, if it is one that is written.
    pub(crate) fn known_type(&self) -> Option<ColumnType> {
        ColumnType::parse(&self.column_type)
    }

    /// The settings as an object; in older versions of the API they are a text that holds one.
    fn settings(&self) -> Option<Cow<'_, Value>> {
        match &self.settings {
            Value::String(text) => serde_json::from_str(text).ok().map(Cow::Owned),
            settings => Some(Cow::Borrowed(settings)),
        }
    }

    /// The boards that a connect-boards column leads to.
    pub(crate) fn boards(&self) -> Vec<String> {
        let settings = self.settings();
        let boards = settings.as_deref().and_then(|settings| settings.get("boardIds")?.as_array());
        let id = |board: &Value| board.as_str().map_or_else(|| board.to_string(), str::to_owned);
        boards.into_iter().flatten().map(id).collect()
    }

    /// The labels of a status or dropdown column; `None` for other types, and where the settings do not name them.
    pub(crate) fn labels(&self) -> Option<Labels> {
        if !matches!(self.known_type(), Some(ColumnType::Status | ColumnType::Dropdown)) {
            return None;
        }
        let settings = self.settings()?;
        let mut all: Vec<Label> = match settings.get("labels")? {
            Value::Array(labels) => labels.iter().filter_map(label).collect(),
            Value::Object(labels) => labels.iter().filter_map(|(id, text)| older_label(id, text)).collect(),
            _ => return None,
        };
        if let Some(deactivated) = settings.get("deactivated_labels").and_then(Value::as_array) {
            for label in all.iter_mut().filter(|label| deactivated.iter().any(|id| integer(id) == Some(label.id))) {
                label.is_deactivated = true;
            }
        }
        Some(Labels { column: self.title.clone(), all })
    }
}

/// `{"id": 1, "label": "Done", "is_deactivated": false}`; the older settings of a dropdown say `name`.
fn label(json: &Value) -> Option<Label> {
    Some(Label {
        id: integer(json.get("id")?)?,
        text: json.get("label").or_else(|| json.get("name"))?.as_str()?.to_owned(),
        is_deactivated: json.get("is_deactivated").and_then(Value::as_bool).unwrap_or(false),
    })
}

/// `"1": "Done"`, as the older settings of a status column have it.
fn older_label(id: &str, text: &Value) -> Option<Label> {
    Some(Label { id: id.parse().ok()?, text: text.as_str()?.to_owned(), is_deactivated: false })
}

fn integer(json: &Value) -> Option<i64> {
    json.as_i64().or_else(|| json.as_str()?.parse().ok())
}

impl Labels {
    /// The label of that text: an exact one before one that differs in outer blanks or in the form of its accents, one in use before
    /// a deactivated one.
    pub(crate) fn find(&self, text: &str) -> Option<&Label> {
        let wanted = nfc(trimmed(text));
        let exact = self.all.iter().filter(|label| label.text == text);
        let alike = self.all.iter().filter(|label| nfc(trimmed(&label.text)) == wanted);
        let mut fitting = exact.chain(alike);
        let first = fitting.clone().next();
        fitting.find(|label| !label.is_deactivated).or(first)
    }
}

/// The value of a status column.
pub(super) fn status(text: &str, may_create: bool, labels: Option<&Labels>) -> Result<Value, ColumnText> {
    let text = &*nfc(text);
    let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let Some(labels) = labels else {
        return match is_digits {
            true => Err(ColumnText::CellLabelOfDigitsUnread { label: quoted(text) }),
            false => not_too_long(text).map(|()| json!({ "label": text })),
        };
    };
    match labels.find(text).filter(|label| !label.is_deactivated) {
        // monday reads digits as the label's id, whatever they are meant to be.
        Some(label) if is_digits => Ok(json!({ "index": label.id })),
        Some(label) => Ok(json!({ "label": label.text })),
        None if is_digits => Err(ColumnText::CellLabelOfDigits { label: quoted(text), column: labels.column.clone() }),
        None => {
            not_too_long(text)?;
            creatable(text, may_create, labels)?;
            Ok(json!({ "label": text }))
        }
    }
}

/// The value of a dropdown column, in the order given.
pub(super) fn dropdown(texts: &[&str], may_create: bool, labels: Option<&Labels>) -> Result<Value, ColumnText> {
    let composed: Vec<Cow<'_, str>> = texts.iter().map(|text| nfc(text)).collect();
    let mut chosen: Vec<&str> = Vec::with_capacity(texts.len());
    for text in composed.iter().map(|text| &**text).filter(|text| !text.is_empty()) {
        let label = match labels {
            None => text,
            Some(labels) => match labels.find(text).filter(|label| !label.is_deactivated) {
                Some(label) => label.text.as_str(),
                None => creatable(text, may_create, labels).map(|()| text)?,
            },
        };
        if !chosen.contains(&label) {
            chosen.push(label);
        }
    }
    if chosen.is_empty() { Ok(Value::Null) } else { Ok(json!({ "labels": chosen })) }
}

fn not_too_long(text: &str) -> Result<(), ColumnText> {
    let length = text.chars().count();
    if length <= MOST_LABEL {
        return Ok(());
    }
    Err(ColumnText::CellLabelTooLong { label: quoted(text), length: length as u64, most: MOST_LABEL as u64 })
}

fn creatable(text: &str, may_create: bool, labels: &Labels) -> Result<(), ColumnText> {
    let (label, column) = (quoted(text), labels.column.clone());
    match labels.find(text) {
        _ if may_create => Ok(()),
        Some(_) => Err(ColumnText::CellLabelDeactivated { label, column }),
        None => Err(ColumnText::CellNoSuchLabel { label, column }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(column_type: &str, settings: Value) -> BoardColumn {
        BoardColumn { id: "c".to_owned(), title: "État".to_owned(), column_type: column_type.to_owned(), settings }
    }

    fn known() -> Labels {
        let settings = json!({"labels": [
            {"id": 1, "label": "Loué", "index": 4, "is_deactivated": false},
            {"id": 0, "label": "Vacant ", "is_deactivated": false},
            {"id": 7, "label": "12"},
            {"id": 9, "label": "Vieux", "is_deactivated": true},
            {"id": 5, "label": ""},
            {"id": 11, "label": "Une étiquette de plus de trente caractères"},
        ]});
        column("status", settings).labels().expect("labels")
    }

    #[test]
    fn labels_are_read_from_every_form_of_the_settings() {
        let done = |id| Label { id, text: "Fait ✓".to_owned(), is_deactivated: false };
        let older = json!({"labels": {"1": "Fait ✓"}, "labels_colors": {"1": {"color": "#fff"}}});
        for (column_type, settings) in [
            ("status", json!({"labels": [{"id": 1, "label": "Fait ✓", "is_deactivated": false}]})),
            ("status", older.clone()),
            ("status", Value::String(older.to_string())),
            ("dropdown", json!({"labels": [{"id": 1, "name": "Fait ✓"}]})),
            ("dropdown", json!({"labels": [{"id": "1", "label": "Fait ✓"}, {"label": "without id"}, 7]})),
        ] {
            let labels = column(column_type, settings.clone()).labels().expect("labels");
            assert_eq!(labels.all, [done(1)], "{settings}");
        }
        let deactivated = column("dropdown", json!({"labels": [{"id": 2, "name": "A"}], "deactivated_labels": [2]}));
        assert!(deactivated.labels().expect("labels").all.iter().all(|label| label.is_deactivated));
    }

    #[test]
    fn labels_that_the_settings_do_not_name_are_unknown() {
        for settings in [Value::Null, json!({}), json!("no JSON"), json!({"labels": 7}), json!([1])] {
            assert_eq!(column("status", settings.clone()).labels(), None, "{settings}");
        }
        assert_eq!(column("text", json!({"labels": [{"id": 1, "label": "A"}]})).labels(), None);
    }

    #[test]
    fn a_board_column_is_read_as_monday_answers_it() {
        let json = r#"{"id":"status","title":"État","type":"status","settings":{"labels":[]}}"#;
        let column: BoardColumn = serde_json::from_str(json).expect("a column");
        assert_eq!(column.known_type(), Some(ColumnType::Status));
        assert_eq!(column.labels().map(|labels| labels.all.len()), Some(0));
    }

    #[test]
    fn a_status_is_sent_by_its_label_and_digits_by_their_id() {
        let labels = known();
        for (text, expected) in [
            ("Loué", json!({"label": "Loué"})),
            ("Vacant", json!({"label": "Vacant "})),
            ("Loue\u{301}", json!({"label": "Lou\u{e9}"})),
            ("12", json!({"index": 7})),
            (
                "Une étiquette de plus de trente caractères",
                json!({"label": "Une étiquette de plus de trente caractères"}),
            ),
        ] {
            assert_eq!(status(text, false, Some(&labels)), Ok(expected), "{text}");
        }
        assert_eq!(labels.find("12").map(|label| label.id), Some(7));
    }

    #[test]
    fn a_label_that_is_not_on_the_board_is_refused_unless_it_may_be_made() {
        let labels = known();
        let (label, column) = (|text: &str| text.to_owned(), "État".to_owned());
        assert_eq!(
            status("loué", false, Some(&labels)),
            Err(ColumnText::CellNoSuchLabel { label: label("loué"), column: column.clone() })
        );
        assert_eq!(
            status("Vieux", false, Some(&labels)),
            Err(ColumnText::CellLabelDeactivated { label: label("Vieux"), column: column.clone() })
        );
        assert_eq!(status("Neuf 🏠", true, Some(&labels)), Ok(json!({"label": "Neuf 🏠"})));
        assert_eq!(status("Vieux", true, Some(&labels)), Ok(json!({"label": "Vieux"})));
        assert_eq!(
            status("13", true, Some(&labels)),
            Err(ColumnText::CellLabelOfDigits { label: label("13"), column: column.clone() })
        );
        let long = "é".repeat(31);
        for labels in [None, Some(&labels)] {
            assert_eq!(
                status(&long, true, labels),
                Err(ColumnText::CellLabelTooLong { label: long.clone(), length: 31, most: 30 })
            );
        }
        assert!(status(&"é".repeat(30), true, None).is_ok());
    }

    #[test]
    fn without_the_board_s_labels_all_but_digits_is_sent_as_it_is() {
        assert_eq!(status("Loué", false, None), Ok(json!({"label": "Loué"})));
        assert_eq!(status("12", false, None), Err(ColumnText::CellLabelOfDigitsUnread { label: "12".to_owned() }));
        assert_eq!(dropdown(&["A", "12"], false, None), Ok(json!({"labels": ["A", "12"]})));
    }

    #[test]
    fn a_dropdown_keeps_the_order_and_drops_what_comes_twice() {
        let labels = known();
        assert_eq!(
            dropdown(&["Vacant", "", "Loué", "Vacant ", "12"], false, Some(&labels)),
            Ok(json!({"labels": ["Vacant ", "Loué", "12"]}))
        );
        assert_eq!(dropdown(&["", ""], false, Some(&labels)), Ok(Value::Null));
        assert!(matches!(dropdown(&["Loué", "?"], false, Some(&labels)), Err(ColumnText::CellNoSuchLabel { .. })));
        assert!(matches!(dropdown(&["Vieux"], false, Some(&labels)), Err(ColumnText::CellLabelDeactivated { .. })));
        assert_eq!(dropdown(&["Loué", "?"], true, Some(&labels)), Ok(json!({"labels": ["Loué", "?"]})));
    }

    #[test]
    fn a_label_in_use_goes_before_a_deactivated_one_of_the_same_text() {
        let settings = json!({"labels": [{"id": 1, "label": "A", "is_deactivated": true}, {"id": 2, "label": "A "}]});
        assert_eq!(status("A", false, column("status", settings).labels().as_ref()), Ok(json!({"label": "A "})));
    }
}
