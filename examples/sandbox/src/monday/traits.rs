//! What boards are besides their columns and items: in use or archived, open to the token or not, with rules or without.

use std::collections::BTreeSet;

use serde_json::{Value, json};

/// Traits of a board.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BoardTraits {
    /// Whether it is archived: it is listed only where that is asked for.
    pub is_archived: bool,
    /// Whether its items stand in several levels.
    pub is_multi_level: bool,
    /// Whether the token's user may only look at it.
    pub is_read_only: bool,
    /// The columns that are archived.
    pub archived_columns: BTreeSet<String>,
    /// The columns that no item may leave empty.
    pub required_columns: Vec<String>,
    /// Whether it has rules for values.
    pub has_rules: bool,
}

impl BoardTraits {
    pub(super) fn state(&self) -> &'static str {
        if self.is_archived { "archived" } else { "active" }
    }

    pub(super) fn is_in(&self, state: Option<&str>) -> bool {
        matches!((state.unwrap_or("active"), self.is_archived), ("all", _) | ("active", false) | ("archived", true))
    }

    pub(super) fn validations(&self) -> Value {
        let rules = if self.has_rules { json!([{"type": "validation"}]) } else { Value::Null };
        json!({"required_column_ids": self.required_columns, "rules": rules})
    }
}
