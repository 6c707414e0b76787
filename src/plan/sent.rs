//! Where the store no longer believes what was sent of a column: because the board was seen to show something else, or
//! because somebody asks for it to be sent again. A mark takes the value's place; it equals no value that can be sent.

use crate::monday::column::{Shown, shown_text};
use crate::store::Tx;
use crate::text::{nfc, trimmed};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What an item was seen to show in a column, in place of what was sent.
pub(crate) fn mark(shown: &Shown) -> Value {
    json!({"text": text(shown), "seen": true})
}

/// The marks for all that an item shows, as a JSON object by column.
pub(crate) fn marks(shown: &BTreeMap<String, Shown>) -> String {
    let shown = shown.iter().filter(|(_, shown)| text(shown).is_some());
    let marks: Map<String, Value> = shown.map(|(column, shown)| (column.clone(), mark(shown))).collect();
    Value::Object(marks).to_string()
}

/// Whether something stands in place of a value because the item was seen to show it.
pub(crate) fn is_seen(value: &Value) -> bool {
    value.get("seen").is_some()
}

/// Whether a mark stands in place of a value: what was sent does not count any more.
pub(crate) fn is_mark(value: &Value) -> bool {
    is_seen(value) || value.get("again").is_some()
}

/// What was sent, a JSON object by column, without the marks.
pub fn without_marks(sent: &str) -> Map<String, Value> {
    let mut sent: Map<String, Value> = serde_json::from_str(sent).unwrap_or_default();
    sent.retain(|_, value| !is_mark(value));
    sent
}

/// What a column shows, as people read it.
pub(crate) fn text(shown: &Shown) -> Option<String> {
    let linked = || shown.linked_item_ids.as_ref().map(|ids| ids.join(", "));
    let value = || shown_text(&serde_json::from_str(shown.value.as_deref()?).ok()?);
    let text = shown.text.clone().or_else(linked).or_else(value).filter(|text| !trimmed(text).is_empty());
    text.map(|text| nfc(&text).into_owned())
}

/// Asks for one column of an entity to be sent again, whatever is believed to stand there.
pub fn send_again(tx: &Tx<'_>, entity: i64, column: &str) -> anyhow::Result<()> {
    let sent = tx.sent(entity)?.unwrap_or_default();
    let mut sent: Map<String, Value> = serde_json::from_str(&sent).unwrap_or_default();
    if let Some(value) = sent.get_mut(column) {
        *value = json!({"text": shown_text(value), "again": true});
        tx.set_sent(entity, &Value::Object(sent).to_string())?;
    }
    tx.clear_failure(entity, column)?;
    tx.clear_failure(entity, "")?;
    tx.mark_due(entity)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_reads_as_what_was_seen_and_equals_no_value_to_send() {
        let shown = Shown { text: Some("Lou\u{e9}".to_owned()), ..Shown::default() };
        assert_eq!(shown_text(&mark(&shown)).as_deref(), Some("Lou\u{e9}"));
        assert_ne!(mark(&shown), json!({"text": "Lou\u{e9}"}));
        assert!(is_mark(&mark(&Shown::default())) && shown_text(&mark(&Shown::default())).is_none());
        assert!(without_marks(&json!({ "text": mark(&shown) }).to_string()).is_empty());
        let linked = Shown { linked_item_ids: Some(vec!["5".into(), "7".into()]), ..Shown::default() };
        assert_eq!(text(&linked).as_deref(), Some("5, 7"));
    }
}
