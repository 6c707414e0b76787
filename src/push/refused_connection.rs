//! A connection that monday refuses.

use crate::config::{KindConfig, Source};
use crate::store::Entity;
use serde_json::Value;

/// Connection that was refused.
#[derive(Debug, Clone)]
pub(crate) struct RefusedConnection {
    /// The item that it points to.
    pub(super) parent_item: String,
    pub(super) child: Entity,
    pub(super) column: String,
    pub(super) value: String,
}

impl RefusedConnection {
    /// The connections that a refused column holds, if it holds any.
    pub(crate) fn all_of(config: &KindConfig, child: &Entity, column: &str, value: &Value) -> Vec<RefusedConnection> {
        let is_relation =
            |id: &str| config.columns.get(id).is_some_and(|mapped| matches!(mapped.source, Source::Relation(_)));
        if !is_relation(column) {
            return Vec::new();
        }
        let items = value.get("item_ids").and_then(Value::as_array).into_iter().flatten();
        let connection = |item: &Value| RefusedConnection {
            parent_item: item.as_str().map_or_else(|| item.to_string(), str::to_owned),
            child: child.clone(),
            column: column.to_owned(),
            value: value.to_string(),
        };
        items.map(connection).collect()
    }
}
