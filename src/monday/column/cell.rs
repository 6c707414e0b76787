//! Our value of a column as the JSON that its type wants.

use super::column_type::ColumnType;
use super::input::{Input, Options};
use super::labels::{self, Labels};
use super::quote::quoted;
use super::{amount, contact, date, phone, place, timeline};
use crate::message::ColumnText;
use crate::text::{printable, trimmed};
use serde_json::{Value, json};

/// Most bytes of the texts of an item: monday's documentation of the text column gives about 64 KB for all column values of an item.
pub(crate) const MOST_BYTES: usize = 65_536;

/// Most characters of a long text, by monday's documentation of the long text column.
const MOST_LONG_TEXT: usize = 2_000;

/// The JSON that `column_values` wants for a value; null clears the column, for a relation an empty list does.
///
/// `labels` are those of the board's column, `None` where they are not known: then a label is sent unchecked.
///
/// # Errors
/// Where the column cannot hold the value, in words.
pub(crate) fn cell(
    column_type: ColumnType,
    input: &Input,
    options: &Options<'_>,
    labels: Option<&Labels>,
) -> Result<Value, ColumnText> {
    match (column_type, input) {
        (ColumnType::BoardRelation, Input::Items(ids)) => Ok(relation(ids)),
        (ColumnType::BoardRelation, _) => Err(ColumnText::CellNeedsRelation {}),
        (_, Input::Items(_)) => Err(ColumnText::CellTakesNoRelation { column_type: column_type.name().to_owned() }),
        (_, Input::Text(text)) => of_texts(column_type, &[options.mapped(column_type, text)], options, labels),
        (_, Input::List(texts)) => of_texts(column_type, &options.mapped_list(column_type, texts), options, labels),
    }
}

fn of_texts(
    column_type: ColumnType,
    texts: &[&str],
    options: &Options<'_>,
    labels: Option<&Labels>,
) -> Result<Value, ColumnText> {
    match (column_type, texts) {
        (ColumnType::Dropdown, _) => labels::dropdown(texts, options.create_labels, labels),
        (_, [text]) => of_text(column_type, text, options, labels),
        (ColumnType::Text | ColumnType::LongText, _) => of_text(column_type, &texts.join(", "), options, labels),
        (_, []) => Ok(Value::Null),
        _ => {
            Err(ColumnText::CellSeveralValues { count: texts.len() as u64, column_type: column_type.name().to_owned() })
        }
    }
}

fn of_text(
    column_type: ColumnType,
    text: &str,
    options: &Options<'_>,
    labels: Option<&Labels>,
) -> Result<Value, ColumnText> {
    let printable = printable(text);
    let text = trimmed(&printable);
    if text.is_empty() {
        return Ok(Value::Null);
    }
    if text.len() > MOST_BYTES {
        return Err(ColumnText::CellTooManyBytes { length: text.len() as u64, most: MOST_BYTES as u64 });
    }
    match column_type {
        ColumnType::Text => Ok(json!(text)),
        ColumnType::LongText => long_text(text),
        ColumnType::Numbers => number(text),
        ColumnType::Status => labels::status(text, options.create_labels, labels),
        ColumnType::Dropdown => labels::dropdown(&[text], options.create_labels, labels),
        ColumnType::Date => date::date(text, options.time),
        ColumnType::Timeline => timeline::timeline(text, options.blanks),
        ColumnType::Email => contact::email(text),
        ColumnType::Phone => phone::phone(text, options.country),
        ColumnType::Link => contact::link(text),
        ColumnType::Checkbox => checkbox(text),
        ColumnType::Country => place::country(text),
        ColumnType::Location => place::location(text),
        ColumnType::BoardRelation => Err(ColumnText::CellNeedsRelation {}),
    }
}

fn long_text(text: &str) -> Result<Value, ColumnText> {
    let length = text.chars().count();
    if length > MOST_LONG_TEXT {
        return Err(ColumnText::CellTooManyCharacters { length: length as u64, most: MOST_LONG_TEXT as u64 });
    }
    Ok(json!({ "text": text }))
}

/// A number is sent as text, so that no digit is lost. One that cannot be written without an exponent is refused.
fn number(text: &str) -> Result<Value, ColumnText> {
    amount::plain(text)
        .filter(|number| !number.contains(['e', 'E']))
        .map(Value::String)
        .ok_or_else(|| ColumnText::CellNotANumber { value: quoted(text) })
}

fn checkbox(text: &str) -> Result<Value, ColumnText> {
    match text.to_lowercase().as_str() {
        // Visual Basic, and databases that came from it, write -1 for yes.
        "true" | "1" | "-1" | "o" | "oui" | "y" | "yes" | "vrai" | "x" | "on" | "✓" | "✔" | "☑" => {
            Ok(json!({ "checked": "true" }))
        }
        "false" | "0" | "n" | "non" | "no" | "faux" | "off" | "☐" => Ok(Value::Null),
        _ => Err(ColumnText::CellNotYesOrNo { value: quoted(text) }),
    }
}

/// Ids stay whole: an integer where they fit 64 bits, never a float.
fn relation(ids: &[String]) -> Value {
    let mut items: Vec<Value> = Vec::with_capacity(ids.len());
    for id in ids.iter().map(|id| id.trim()).filter(|id| !id.is_empty()) {
        let item = id.parse::<u64>().map_or_else(|_| json!(id), |number| json!(number));
        if !items.contains(&item) {
            items.push(item);
        }
    }
    json!({ "item_ids": items })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::decimal;
    use crate::monday::column::{ColumnContent, shows, value_text};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn sent(column_type: ColumnType, text: &str) -> Result<Value, ColumnText> {
        cell(column_type, &Input::Text(text.to_owned()), &Options::PLAIN, None)
    }

    fn list(texts: &[&str]) -> Input {
        Input::List(texts.iter().map(|&text| text.to_owned()).collect())
    }

    #[test]
    fn a_blank_clears_every_column() {
        for column_type in ColumnType::ALL {
            if column_type != ColumnType::BoardRelation {
                for input in
                    [Input::Text(String::new()), Input::Text(" \u{a0} ".to_owned()), list(&[]), list(&["", " "])]
                {
                    assert_eq!(
                        cell(column_type, &input, &Options::PLAIN, None),
                        Ok(Value::Null),
                        "{column_type:?} {input:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn texts_keep_every_character_but_their_outer_blanks() {
        for text in ["101", "Lévis", "🏠 clé\u{a0}neuve", "a\nb", "<b>"] {
            let padded = format!("\u{a0}{text} ");
            assert_eq!(sent(ColumnType::Text, &padded), Ok(json!(text)));
            assert_eq!(sent(ColumnType::LongText, &padded), Ok(json!({ "text": text })));
        }
    }

    #[test]
    fn a_text_that_monday_would_cut_is_refused() {
        let fits = "é".repeat(2_000);
        assert_eq!(sent(ColumnType::LongText, &fits), Ok(json!({ "text": fits })));
        assert_eq!(
            sent(ColumnType::LongText, &format!("{fits}é")),
            Err(ColumnText::CellTooManyCharacters { length: 2_001, most: 2_000 })
        );
        assert!(sent(ColumnType::Text, &"a".repeat(65_536)).is_ok());
        assert_eq!(
            sent(ColumnType::Text, &"é".repeat(32_769)),
            Err(ColumnText::CellTooManyBytes { length: 65_538, most: 65_536 })
        );
    }

    #[test]
    fn a_number_is_sent_in_its_shortest_form() {
        for (text, expected) in [("1.0", "1"), (" 12.50 ", "12.5"), ("-0.0", "0"), ("1e3", "1000")] {
            assert_eq!(sent(ColumnType::Numbers, text), Ok(json!(expected)), "{text}");
        }
        assert_eq!(
            sent(ColumnType::Numbers, "9007199254740993.10"),
            Ok(json!("9007199254740993.1")),
            "no digit is lost"
        );
        for text in ["N/D", "1,234", "12A", "½", "2 à 4", "1e999999", "NaN"] {
            assert_eq!(
                sent(ColumnType::Numbers, text),
                Err(ColumnText::CellNotANumber { value: text.to_owned() }),
                "{text}"
            );
        }
    }

    #[test]
    fn a_checkbox_reads_yes_and_no_in_both_languages() {
        for text in ["true", "True", "1", "o", "OUI", "y", "yes", "Vrai", "X", "-1", "On", "✓"] {
            assert_eq!(sent(ColumnType::Checkbox, text), Ok(json!({ "checked": "true" })), "{text}");
        }
        for text in ["false", "0", "N", "non", "No", "FAUX", "off", "☐"] {
            assert_eq!(sent(ColumnType::Checkbox, text), Ok(Value::Null), "{text}");
        }
        for text in ["2", "peut-être", "V", "F"] {
            assert!(matches!(sent(ColumnType::Checkbox, text), Err(ColumnText::CellNotYesOrNo { .. })), "{text}");
        }
    }

    #[test]
    fn a_relation_takes_items_and_nothing_else() {
        let items = |ids: &[&str]| Input::Items(ids.iter().map(|&id| id.to_owned()).collect());
        let related = |input: &Input| cell(ColumnType::BoardRelation, input, &Options::PLAIN, None);
        assert_eq!(
            related(&items(&["7", " 9007199254740993 ", "7", "", "pulse-1"])).map(|v| v.to_string()),
            Ok(r#"{"item_ids":[7,9007199254740993,"pulse-1"]}"#.to_owned())
        );
        assert_eq!(related(&items(&[])), Ok(json!({ "item_ids": [] })));
        assert_eq!(related(&Input::Text("7".to_owned())), Err(ColumnText::CellNeedsRelation {}));
        assert_eq!(related(&list(&["7"])), Err(ColumnText::CellNeedsRelation {}));
        for column_type in ColumnType::ALL.into_iter().filter(|&t| t != ColumnType::BoardRelation) {
            assert_eq!(
                cell(column_type, &items(&["7"]), &Options::PLAIN, None),
                Err(ColumnText::CellTakesNoRelation { column_type: column_type.name().to_owned() })
            );
        }
    }

    #[test]
    fn several_values_go_into_texts_and_dropdowns_only() {
        let two = list(&["1", "", "2"]);
        assert_eq!(cell(ColumnType::Text, &two, &Options::PLAIN, None), Ok(json!("1, 2")));
        assert_eq!(cell(ColumnType::Dropdown, &two, &Options::PLAIN, None), Ok(json!({ "labels": ["1", "2"] })));
        assert_eq!(
            cell(ColumnType::Numbers, &two, &Options::PLAIN, None),
            Err(ColumnText::CellSeveralValues { count: 2, column_type: "numbers".to_owned() })
        );
        assert_eq!(cell(ColumnType::Numbers, &list(&["1.0", ""]), &Options::PLAIN, None), Ok(json!("1")));
    }

    #[test]
    fn the_value_map_comes_first_and_default_is_for_what_it_does_not_list() {
        let values = BTreeMap::from([("V ".to_owned(), "Vacant".to_owned()), ("L".to_owned(), " Loué ".to_owned())]);
        let blank = BTreeMap::from([(String::new(), "Inconnu".to_owned()), ("0".to_owned(), String::new())]);
        let none = BTreeMap::new();
        for (values, default, raw, expected) in [
            (&values, Some("Autre"), "V", json!("Vacant")),
            (&values, Some("Autre"), "\u{a0}L", json!("Loué")),
            (&values, Some("Autre"), "Z", json!("Autre")),
            (&values, Some("Autre"), "", Value::Null),
            (&values, None, "Z", json!("Z")),
            (&blank, None, " ", json!("Inconnu")),
            (&blank, Some("Autre"), "0", Value::Null),
            (&none, Some("Autre"), "Z", json!("Autre")),
            (&none, None, "v", json!("v")),
        ] {
            let options = Options { values, default, ..Options::PLAIN };
            assert_eq!(
                cell(ColumnType::Text, &Input::Text(raw.to_owned()), &options, None),
                Ok(expected),
                "{raw:?} {default:?}"
            );
        }
        let options = Options { values: &blank, default: None, ..Options::PLAIN };
        assert_eq!(
            cell(ColumnType::Dropdown, &list(&["", "0", "A"]), &options, None),
            Ok(json!({ "labels": ["Inconnu", "A"] }))
        );
    }

    #[test]
    fn a_refusal_quotes_no_more_than_a_line() {
        let Err(text) = sent(ColumnType::Numbers, &"é".repeat(500)) else { panic!("refused") };
        assert!(text.text(crate::message::Lang::Fr).chars().count() < 120);
    }

    /// Whatever is accepted must be JSON and be recognised on a board that shows exactly that.
    fn check(column_type: ColumnType, input: &Input, time: bool) {
        let options = Options { time, ..Options::PLAIN };
        if let Ok(json) = cell(column_type, input, &options, None) {
            assert_eq!(serde_json::from_str::<Value>(&json.to_string()).ok().as_ref(), Some(&json));
            let _ = value_text(&json);
            let shown = ColumnContent {
                text: json.as_str().map(str::to_owned),
                value: Some(json.to_string()),
                linked_item_ids: None,
            };
            let _ = shows(column_type, &json, &shown);
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_a_cell_panic(
            text in prop_oneof![
                any::<String>(),
                "[-+]?[0-9]{0,30}\\.?[0-9]{0,30}([eE][-+]?[0-9]{0,12})?",
                "[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(\\.[0-9]{0,9})?(Z|[-+][0-9]{2}:?[0-9]{2})?)?(/[-0-9]{0,10})?",
                "[+(]?[0-9]{1,3}[-. )]{0,2}[0-9]{3}[-. ]?[0-9]{4}( ?(x|ext|poste|#) ?[0-9]{1,6})?",
                "(.{0,4} <)?[a-zé.]{0,5}@?[a-zé.]{0,5}\\.?[a-z]{0,3}>?",
                "(\\[.{0,3}\\]\\()?(https?://|www\\.)?[a-zé./?# ]{0,8}\\)?",
                "[-0-9.]{0,6}\\|[-0-9.]{0,6}\\|?.{0,3}",
            ],
            time: bool,
        ) {
            for column_type in ColumnType::ALL {
                check(column_type, &Input::Text(text.clone()), time);
                check(column_type, &Input::Items(vec![text.clone()]), time);
            }
        }

        #[test]
        fn no_list_makes_a_cell_panic(texts in proptest::collection::vec(any::<String>(), 0..4)) {
            for column_type in ColumnType::ALL {
                check(column_type, &Input::List(texts.clone()), false);
            }
        }

        #[test]
        fn a_number_is_always_a_plain_decimal(text in any::<String>()) {
            if let Ok(Value::String(number)) = number(&text) {
                prop_assert_eq!(decimal::shortest(&number), Some(number.clone()));
            }
        }
    }
}
