//! What a board shows, compared with what would be sent; and what would be sent, as people read it.

use super::column_type::ColumnType;
use crate::entity::decimal;
use crate::text::{nfc, trimmed};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Content of a column as read from an item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnContent {
    /// monday's `text`.
    pub text: Option<String>,
    /// monday's `value`: the JSON it keeps, as text.
    pub value: Option<String>,
    /// The items of a relation, whose `text` and `value` are always null.
    pub linked_item_ids: Option<Vec<String>>,
}

/// The plain text of a value to send; `None` when it clears the column.
///
/// A label known by its id only is shown as `#7`.
pub(crate) fn value_text(json: &Value) -> Option<String> {
    let plain = |name: &str| json.get(name).and_then(scalar);
    let list = |name: &str| {
        let parts: Vec<String> = json.get(name)?.as_array()?.iter().filter_map(scalar).collect();
        Some(parts.join(", "))
    };
    let named = |address: String| match plain("text") {
        Some(text) if text != address => format!("{text} <{address}>"),
        _ => address,
    };
    let text = match json {
        Value::Object(_) => plain("label")
            .or_else(|| plain("index").map(|id| format!("#{id}")))
            .or_else(|| list("labels"))
            .or_else(|| {
                plain("date").map(|date| plain("time").map_or(date.clone(), |time| format!("{date} {time} UTC")))
            })
            .or_else(|| plain("from").zip(plain("to")).map(|(from, to)| format!("{from}/{to}")))
            .or_else(|| plain("email").map(named))
            .or_else(|| plain("url").map(named))
            .or_else(|| plain("phone"))
            .or_else(|| plain("checked"))
            .or_else(|| plain("countryName"))
            .or_else(|| plain("address"))
            .or_else(|| list("item_ids"))
            .or_else(|| plain("text")),
        other => scalar(other),
    };
    text.filter(|text| !text.is_empty()).map(|text| nfc(&text).into_owned())
}

/// Whether the board already shows what would be sent. In doubt it does not: a write too many does no harm, one too few does.
pub(crate) fn shows(column_type: ColumnType, sent: &Value, shown: &ColumnContent) -> bool {
    if column_type == ColumnType::BoardRelation {
        return shows_items(sent, shown.linked_item_ids.as_deref());
    }
    let board = Board::read(shown);
    if sent.is_null() {
        return board.is_blank(column_type);
    }
    match column_type {
        ColumnType::Text => sent.as_str().is_some_and(|text| board.same_text(text, None)),
        ColumnType::LongText => member(sent, "text").is_some_and(|text| board.same_text(&text, Some("text"))),
        ColumnType::Numbers => sent.as_str().is_some_and(|number| board.shows_number(number)),
        ColumnType::Status => board.shows_status(sent),
        ColumnType::Dropdown => board.shows_labels(sent),
        ColumnType::Date => board.shows_date(sent),
        ColumnType::Timeline => board.same(sent, "from", first_day) && board.same(sent, "to", first_day),
        ColumnType::Email => board.same(sent, "email", whole) && board.same(sent, "text", whole),
        ColumnType::Phone => {
            board.same(sent, "phone", digits) && board.same(sent, "countryShortName", str::to_uppercase)
        }
        ColumnType::Link => board.same(sent, "url", whole) && board.same(sent, "text", whole),
        ColumnType::Checkbox => board.is_checked(),
        ColumnType::Country => board.same(sent, "countryCode", str::to_uppercase),
        ColumnType::Location => {
            board.same(sent, "lat", number) && board.same(sent, "lng", number) && board.same(sent, "address", whole)
        }
        ColumnType::BoardRelation => false,
    }
}

fn shows_items(sent: &Value, linked: Option<&[String]>) -> bool {
    let Some(linked) = linked else { return false };
    let linked: BTreeSet<&str> = linked.iter().map(|id| id.trim()).collect();
    let wanted: Option<BTreeSet<String>> = match sent {
        Value::Null => Some(BTreeSet::new()),
        _ => sent.get("item_ids").and_then(Value::as_array).map(|ids| ids.iter().filter_map(scalar).collect()),
    };
    wanted.is_some_and(|wanted| wanted.iter().map(String::as_str).eq(linked))
}

/// Content of a column, its JSON decoded.
struct Board<'a> {
    text: Option<Cow<'a, str>>,
    value: Value,
}

impl<'a> Board<'a> {
    fn read(shown: &'a ColumnContent) -> Board<'a> {
        let raw = shown.value.as_deref().unwrap_or("null");
        let once: Value = serde_json::from_str(raw).unwrap_or_else(|_| Value::String(raw.to_owned()));
        let value = match &once {
            // JSON in a JSON string: the text of an object, quoted once more.
            Value::String(inner) if inner.starts_with('{') => serde_json::from_str(inner).unwrap_or(once),
            _ => once,
        };
        Board { text: shown.text.as_deref().map(|text| nfc(trimmed(text))), value }
    }

    fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    fn member(&self, name: &str) -> Option<String> {
        member(&self.value, name)
    }

    /// Whether a member of what is sent and of what is shown say the same; both must be there.
    fn same(&self, sent: &Value, name: &str, reading: impl Fn(&str) -> String) -> bool {
        let shown = self.member(name).map(|text| reading(trimmed(&text)));
        shown.is_some() && shown == member(sent, name).map(|text| reading(trimmed(&text)))
    }

    /// Blank is what has no text and none of the members that make a value.
    fn is_blank(&self, column_type: ColumnType) -> bool {
        if column_type == ColumnType::Checkbox {
            return !self.is_checked() && self.text().is_none_or(|text| matches!(text, "" | "false"));
        }
        if self.text().is_some_and(|text| !text.is_empty()) {
            return false;
        }
        match &self.value {
            Value::Null => true,
            Value::String(text) => trimmed(text).is_empty(),
            Value::Object(members) => members.is_empty() || self.has_blank_members(column_type),
            _ => false,
        }
    }

    fn has_blank_members(&self, column_type: ColumnType) -> bool {
        let blank = |names: &[&str]| names.iter().all(|name| self.member(name).is_none_or(|text| text.is_empty()));
        match column_type {
            ColumnType::LongText => blank(&["text"]),
            ColumnType::Date => blank(&["date"]),
            ColumnType::Timeline => blank(&["from", "to"]),
            ColumnType::Email => blank(&["email", "text"]),
            ColumnType::Phone => blank(&["phone"]),
            ColumnType::Link => blank(&["url", "text"]),
            ColumnType::Country => blank(&["countryCode"]),
            ColumnType::Location => blank(&["lat", "lng", "address"]),
            // A status without a label still has the id of the nameless label, so only its text shows that it is blank.
            ColumnType::Status => self.text.is_some(),
            ColumnType::Dropdown => self.value.get("ids").and_then(Value::as_array).is_some_and(Vec::is_empty),
            ColumnType::Text | ColumnType::Numbers | ColumnType::Checkbox | ColumnType::BoardRelation => false,
        }
    }

    /// The text as it was written, from `text` or, where that was not read, from `value`; line ends may differ.
    fn same_text(&self, sent: &str, name: Option<&str>) -> bool {
        let kept = match (self.text(), name) {
            (Some(text), _) => Some(Cow::Borrowed(text)),
            (None, Some(name)) => self.member(name).map(Cow::Owned),
            (None, None) => scalar(&self.value).map(Cow::Owned),
        };
        kept.is_some_and(|kept| lines(trimmed(&kept)) == lines(trimmed(sent)))
    }

    fn shows_number(&self, sent: &str) -> bool {
        let kept = scalar(&self.value).or_else(|| self.text().map(str::to_owned));
        let kept = kept.and_then(|kept| decimal::shortest(kept.trim()));
        kept.is_some() && kept == decimal::shortest(sent)
    }

    /// By the label's text, or by its id where that is what is sent.
    fn shows_status(&self, sent: &Value) -> bool {
        match member(sent, "label") {
            Some(label) => self.text().is_some_and(|text| text == trimmed(&label)),
            None => self.same(sent, "index", whole),
        }
    }

    /// The labels in any order. A label with a comma in it cannot be distinguished from two, unless the whole text agrees.
    fn shows_labels(&self, sent: &Value) -> bool {
        let Some(text) = self.text() else { return false };
        let Some(labels) = sent.get("labels").and_then(Value::as_array) else { return false };
        let labels: Vec<String> = labels.iter().filter_map(scalar).map(|label| trimmed(&label).to_owned()).collect();
        if labels.iter().any(|label| label.contains(',')) {
            return labels.join(", ") == text;
        }
        let shown: BTreeSet<&str> = text.split(',').map(str::trim).collect();
        labels.iter().map(String::as_str).collect::<BTreeSet<&str>>() == shown
    }

    /// `text` is in the reader's time zone, so it serves only where there is no time.
    fn shows_date(&self, sent: &Value) -> bool {
        let time = |text: Option<String>| text.filter(|time| !time.is_empty()).map(|time| full_time(&time));
        if self.value.is_null() {
            return member(sent, "time").is_none() && member(sent, "date").as_deref() == self.text();
        }
        self.same(sent, "date", whole) && time(self.member("time")) == time(member(sent, "time"))
    }

    fn is_checked(&self) -> bool {
        match self.member("checked") {
            Some(checked) => checked == "true",
            None => self.value.is_null() && matches!(self.text(), Some("v" | "true")),
        }
    }
}

fn member(json: &Value, name: &str) -> Option<String> {
    json.get(name).and_then(scalar)
}

/// A string, in its composed form, a number or boolean as text.
fn scalar(json: &Value) -> Option<String> {
    match json {
        Value::String(text) => Some(nfc(text).into_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn whole(text: &str) -> String {
    text.to_owned()
}

/// monday keeps a phone number with or without its `+`.
fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn number(text: &str) -> String {
    decimal::shortest(text).unwrap_or_else(|| text.to_owned())
}

fn first_day(text: &str) -> String {
    text.split(['T', ' ']).next().unwrap_or_default().to_owned()
}

fn lines(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// `14:30` as `14:30:00`.
fn full_time(time: &str) -> String {
    if time.len() == 5 { format!("{time}:00") } else { time.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::super::{Input, Options, cell};
    use super::*;
    use serde_json::json;

    fn shown(text: Option<&str>, value: Option<Value>) -> ColumnContent {
        ColumnContent {
            text: text.map(str::to_owned),
            value: value.map(|value| value.to_string()),
            linked_item_ids: None,
        }
    }

    fn sent(column_type: ColumnType, text: &str) -> Value {
        let options = Options { time: text.contains('T'), ..Options::PLAIN };
        cell(column_type, &Input::Text(text.to_owned()), &options, None).expect("a good value")
    }

    #[test]
    fn a_value_to_send_reads_as_plain_text() {
        for (column_type, text, expected) in [
            (ColumnType::Text, "Lévis 🏠", "Lévis 🏠"),
            (ColumnType::LongText, "a\nb", "a\nb"),
            (ColumnType::Numbers, "12.50", "12.5"),
            (ColumnType::Status, "Loué", "Loué"),
            (ColumnType::Dropdown, "A", "A"),
            (ColumnType::Date, "2026-06-30", "2026-06-30"),
            (ColumnType::Date, "2026-06-30T10:00:00", "2026-06-30 14:00:00 UTC"),
            (ColumnType::Timeline, "2026-07-01/2027-06-30", "2026-07-01/2027-06-30"),
            (ColumnType::Email, "a@b.ca", "a@b.ca"),
            (ColumnType::Email, "Hélène <a@b.ca>", "Hélène <a@b.ca>"),
            (ColumnType::Phone, "418 656-2131", "+14186562131"),
            (ColumnType::Link, "www.x.ca", "https://www.x.ca"),
            (ColumnType::Link, "[Plan](www.x.ca)", "Plan <https://www.x.ca>"),
            (ColumnType::Checkbox, "oui", "true"),
            (ColumnType::Country, "can", "Canada"),
            (ColumnType::Location, "46.8|-71.2|1, rue X", "1, rue X"),
        ] {
            assert_eq!(value_text(&sent(column_type, text)).as_deref(), Some(expected));
        }
        assert_eq!(value_text(&json!({"index": 7})).as_deref(), Some("#7"));
        assert_eq!(value_text(&json!({"labels": ["A", "B"]})).as_deref(), Some("A, B"));
        assert_eq!(value_text(&json!({"item_ids": [7, "8"]})).as_deref(), Some("7, 8"));
        assert_eq!(value_text(&Value::Null), None);
        assert_eq!(value_text(&json!({"item_ids": []})), None);
    }

    /// What monday keeps of a value that was sent, and some value that differs from it.
    fn kept() -> Vec<(ColumnType, Value, ColumnContent, ColumnContent)> {
        let time = "2026-07-02T00:00:00Z";
        let label = |text, index| shown(Some(text), Some(json!({"index": index, "post_id": null, "changed_at": time})));
        let with = |text, value| shown(Some(text), Some(value));
        vec![
            (ColumnType::Text, json!("a\nb é"), with("a\r\nb é", json!("a\r\nb é")), with("a b é", json!("a b é"))),
            (
                ColumnType::Text,
                json!("Lou\u{e9}"),
                with("Loue\u{301}", json!("Loue\u{301}")),
                with("Loue", json!("Loue")),
            ),
            (ColumnType::Status, json!({"label": "Loue\u{301}"}), label("Lou\u{e9}", 1), label("Loue", 1)),
            (ColumnType::Text, json!("123"), shown(None, Some(json!("123"))), shown(None, None)),
            (
                ColumnType::LongText,
                json!({"text": "é"}),
                with("é ", json!({"text": "é", "changed_at": time})),
                with("e", json!({"text": "e"})),
            ),
            (ColumnType::LongText, json!({"text": "é"}), shown(None, Some(json!({"text": "é"}))), shown(None, None)),
            (ColumnType::Numbers, json!("12.5"), with("12.50", json!("12.50")), with("12.51", json!("12.51"))),
            (ColumnType::Numbers, json!("12"), with("12", Value::Null), with("", Value::Null)),
            (ColumnType::Status, json!({"label": "Loué"}), label("Loué", 1), label("Vacant", 1)),
            (ColumnType::Status, json!({"index": 7}), label("12", 7), label("7", 1)),
            (
                ColumnType::Dropdown,
                json!({"labels": ["B", "A"]}),
                with("A, B", json!({"ids": [1, 2]})),
                with("A, B, C", json!({"ids": [1, 2, 3]})),
            ),
            (
                ColumnType::Dropdown,
                json!({"labels": ["B, A"]}),
                with("B, A", json!({"ids": [1]})),
                with("A, B", json!({"ids": [1, 2]})),
            ),
            (
                ColumnType::Date,
                json!({"date": "2026-06-30"}),
                with("2026-06-30", json!({"date": "2026-06-30", "time": null, "changed_at": time})),
                with("2026-06-30 10:00", json!({"date": "2026-06-30", "time": "14:00:00"})),
            ),
            (
                ColumnType::Date,
                json!({"date": "2026-06-30", "time": "14:00:00"}),
                with("2026-06-30 10:00", json!({"date": "2026-06-30", "time": "14:00"})),
                with("2026-06-30", json!({"date": "2026-06-30", "time": ""})),
            ),
            (
                ColumnType::Date,
                json!({"date": "2026-06-30"}),
                with("2026-06-30", Value::Null),
                with("2026-07-01", Value::Null),
            ),
            (
                ColumnType::Timeline,
                json!({"from": "2026-07-01", "to": "2027-06-30"}),
                with("2026-07-01 - 2027-06-30", json!({"from": "2026-07-01", "to": "2027-06-30"})),
                with("", json!({"from": "2026-07-01", "to": "2027-07-30"})),
            ),
            (
                ColumnType::Email,
                json!({"email": "a@b.ca", "text": "Hélène"}),
                with("Hélène", json!({"email": "a@b.ca", "text": "Hélène"})),
                with("Hélène", json!({"email": "c@b.ca", "text": "Hélène"})),
            ),
            (
                ColumnType::Phone,
                json!({"phone": "+14186562131", "countryShortName": "CA"}),
                with("14186562131", json!({"phone": "14186562131", "countryShortName": "ca"})),
                with("14186562131", json!({"phone": "+14186562131", "countryShortName": "US"})),
            ),
            (
                ColumnType::Link,
                json!({"url": "https://x.ca", "text": "X"}),
                with("X - https://x.ca", json!({"url": "https://x.ca", "text": "X"})),
                with("X - https://x.ca", json!({"url": "https://x.ca", "text": "Y"})),
            ),
            (
                ColumnType::Checkbox,
                json!({"checked": "true"}),
                with("v", json!({"checked": true, "changed_at": time})),
                with("", json!({"checked": false})),
            ),
            (
                ColumnType::Checkbox,
                json!({"checked": "true"}),
                with("v", json!({"checked": "true"})),
                shown(Some(""), None),
            ),
            (ColumnType::Checkbox, json!({"checked": "true"}), shown(Some("v"), None), shown(None, None)),
            (
                ColumnType::Country,
                json!({"countryCode": "CA", "countryName": "Canada"}),
                with("canada", json!({"countryCode": "CA", "countryName": "canada"})),
                with("Canada", json!({"countryCode": "US", "countryName": "Canada"})),
            ),
            (
                ColumnType::Location,
                json!({"lat": "46.8", "lng": "-71", "address": "1, rue X"}),
                with("1, rue X", json!({"lat": 46.8, "lng": "-71.0", "address": "1, rue X", "placeId": null})),
                with("1, rue X", json!({"lat": 46.81, "lng": "-71.0", "address": "1, rue X"})),
            ),
        ]
    }

    #[test]
    fn a_board_that_shows_the_value_is_recognised_and_another_is_not() {
        for (column_type, sent, same, other) in kept() {
            assert!(shows(column_type, &sent, &same), "{sent} as {same:?}");
            assert!(!shows(column_type, &sent, &other), "{sent} as {other:?}");
            assert!(!shows(column_type, &sent, &ColumnContent::default()), "{sent} as nothing");
            assert!(!shows(column_type, &Value::Null, &same), "blank as {same:?}");
            let quoted = same.value.as_ref().map(|value| Value::String(value.clone()).to_string());
            let quoted =
                ColumnContent { value: quoted.filter(|value| value.contains('{')).or(same.value.clone()), ..same };
            assert!(shows(column_type, &sent, &quoted), "{sent} as {quoted:?}");
        }
    }

    #[test]
    fn what_was_sent_is_recognised_when_monday_keeps_it_as_it_is() {
        for (column_type, text) in [
            (ColumnType::Text, "🏠\u{a0}é"),
            (ColumnType::LongText, "a\nb"),
            (ColumnType::Numbers, "0.10"),
            (ColumnType::Date, "2026-06-30T00:00:00"),
            (ColumnType::Timeline, "2026-07-01/2027-06-30"),
            (ColumnType::Email, "Hélène <a@b.ca>"),
            (ColumnType::Phone, "+33 6 12 34 56 78"),
            (ColumnType::Link, "[Plan](www.x.ca)"),
            (ColumnType::Checkbox, "o"),
            (ColumnType::Country, "Royaume-Uni"),
            (ColumnType::Location, "46.8|-71.2|"),
        ] {
            let sent = sent(column_type, text);
            assert!(shows(column_type, &sent, &shown(None, Some(sent.clone()))), "{sent}");
        }
    }

    #[test]
    fn a_text_is_recognised_without_the_quotes_of_its_json_too() {
        for (text, value) in [("abc", "abc"), ("abc", "\"abc\""), ("7", "7"), ("{x", "{x"), ("1 2", "1 2")] {
            let shown = ColumnContent { text: None, value: Some(value.to_owned()), linked_item_ids: None };
            assert!(shows(ColumnType::Text, &json!(text), &shown), "{value}");
        }
    }

    #[test]
    fn a_blank_column_is_recognised_in_every_form_it_has() {
        for (column_type, value) in [
            (ColumnType::Text, json!("")),
            (ColumnType::LongText, json!({"text": ""})),
            (ColumnType::Status, json!({"index": 5})),
            (ColumnType::Dropdown, json!({"ids": []})),
            (ColumnType::Date, json!({"date": "", "icon": null})),
            (ColumnType::Phone, json!({"phone": "", "countryShortName": "CA"})),
            (ColumnType::Link, json!({"url": "", "text": ""})),
            (ColumnType::Checkbox, json!({"checked": false})),
            (ColumnType::Timeline, json!({})),
            (ColumnType::Dropdown, json!({})),
        ] {
            for value in [Some(value), Some(Value::Null), None] {
                assert!(shows(column_type, &Value::Null, &shown(Some(""), value.clone())), "{column_type:?} {value:?}");
            }
            assert!(shows(column_type, &Value::Null, &ColumnContent::default()), "{column_type:?}");
        }
        let unnamed = shown(Some(""), Some(json!({"email": "a@b.ca", "text": ""})));
        assert!(!shows(ColumnType::Email, &Value::Null, &unnamed));
        assert!(!shows(ColumnType::Status, &Value::Null, &shown(None, Some(json!({"index": 1})))), "in doubt");
        assert!(!shows(ColumnType::Dropdown, &Value::Null, &shown(None, Some(json!({"ids": [1]})))));
    }

    #[test]
    fn the_items_of_a_relation_are_compared_in_any_order() {
        let linked = |ids: &[&str]| ColumnContent {
            linked_item_ids: Some(ids.iter().map(|&id| id.to_owned()).collect()),
            ..ColumnContent::default()
        };
        let sent = json!({"item_ids": [9_007_199_254_740_993_u64, 7]});
        assert!(shows(ColumnType::BoardRelation, &sent, &linked(&["7", "9007199254740993"])));
        assert!(!shows(ColumnType::BoardRelation, &sent, &linked(&["7"])));
        assert!(!shows(ColumnType::BoardRelation, &sent, &linked(&["7", "8", "9007199254740993"])));
        for none in [json!({"item_ids": []}), Value::Null] {
            assert!(shows(ColumnType::BoardRelation, &none, &linked(&[])));
            assert!(!shows(ColumnType::BoardRelation, &none, &linked(&["7"])));
            assert!(!shows(ColumnType::BoardRelation, &none, &ColumnContent::default()), "not read is not empty");
        }
    }
}
