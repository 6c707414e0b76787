//! Where the store no longer believes what was sent of a column: somebody asks for it to be sent again. A mark takes the
//! value's place; it equals no value that can be sent.

use crate::monday::column::shown_text;
use crate::store::Store;
use serde_json::{Map, Value, json};

/// Asks for one column of an entity to be sent again, whatever is believed to stand there.
pub fn send_again(store: &mut Store, entity: i64, column: &str) -> anyhow::Result<()> {
    let sent = store.sent(entity)?.unwrap_or_default();
    let mut sent: Map<String, Value> = serde_json::from_str(&sent).unwrap_or_default();
    if let Some(value) = sent.get_mut(column) {
        *value = json!({"text": shown_text(value), "again": true});
        store.set_sent(entity, &Value::Object(sent).to_string())?;
    }
    store.clear_failure(entity, column)?;
    store.clear_failure(entity, "")?;
    store.mark_due(entity)
}
