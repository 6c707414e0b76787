//! The settings of a kind, and where its items stand.

use super::column::Column;
use crate::entity::{Kind, Relation, Template};
use std::collections::BTreeMap;

/// Settings of a kind: `[entities.KIND]`.
#[derive(Debug, Clone)]
pub(crate) struct KindConfig {
    /// The kind.
    pub(crate) kind: Kind,
    /// Whether it is pulled and pushed at all.
    pub(crate) enabled: bool,
    /// Whether it is pushed.
    pub(crate) push: bool,
    /// Its HApi entity set.
    pub(crate) endpoint: String,
    /// Whether `endpoint` was set by the user: only then a 404 is a failure.
    pub(crate) endpoint_is_configured: bool,
    /// Its name in webhooks.
    pub(crate) event: String,
    /// The properties of its key.
    pub(crate) key: Vec<String>,
    /// Passed on as `$filter`.
    pub(crate) filter: Option<String>,
    /// Pushed only if each of these properties has one of these values (compared as trimmed text).
    pub(crate) only: BTreeMap<String, Vec<String>>,
    /// Which properties are asked for.
    pub(crate) select: Select,
    /// The board's id.
    pub(crate) board: Option<String>,
    /// The group that new items go to.
    pub(crate) group: Option<String>,
    /// The text column that holds `unit:1472`.
    pub(crate) key_column: Option<String>,
    /// The item name.
    pub(crate) name: Template,
    /// Columns that together name an item.
    pub(crate) identity: Vec<String>,
    /// What goes into each column.
    pub(crate) columns: BTreeMap<String, Column>,
    /// How each parent is found.
    pub(crate) relations: BTreeMap<Kind, Relation>,
}

impl KindConfig {
    /// The board, where this kind is pushed.
    pub(crate) fn pushed_board(&self) -> Option<&str> {
        if self.enabled && self.push { self.board.as_deref() } else { None }
    }

    /// Where its items stand, where this kind is pushed.
    pub(crate) fn target(&self) -> Option<Target<'_>> {
        let (board, key_column) = (self.pushed_board()?, self.key_column.as_deref()?);
        Some(Target { kind: self.kind, board, key_column, group: self.group.as_deref() })
    }
}

/// Target of a kind that is pushed: where its items stand, and what names them there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Target<'c> {
    /// The kind.
    pub(crate) kind: Kind,
    /// The board's id.
    pub(crate) board: &'c str,
    /// The text column that holds `unit:1472`.
    pub(crate) key_column: &'c str,
    /// The group that new items go to.
    pub(crate) group: Option<&'c str>,
}

/// Setting `[entities.KIND] select`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Select {
    /// What mapping, key and relations need.
    Mapped,
    /// Everything.
    All,
    /// These, and what mapping, key and relations need.
    These(Vec<String>),
}
