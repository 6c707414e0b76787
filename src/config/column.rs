//! The settings of one column: what goes into it.

use crate::entity::{Kind, Template};
use crate::monday::column::ColumnType;
use std::collections::BTreeMap;

/// Setting of one column in `[entities.KIND.columns]`: what goes into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    /// Where the value comes from.
    pub(crate) source: Source,
    /// Whose properties the source reads: a parent, or the entity itself.
    pub(crate) of: Option<Kind>,
    /// The column's type, where it is not left to the board.
    pub(crate) column_type: Option<ColumnType>,
    /// What stands for each raw value (compared as trimmed text).
    pub(crate) values: BTreeMap<String, String>,
    /// What stands for the values that `values` does not list.
    pub(crate) default: Option<String>,
    /// For phones: the country of numbers without a prefix, two capitals.
    pub(crate) country: Option<String>,
    /// For dates: whether the time is sent too.
    pub(crate) time: bool,
    /// What a hand edit on monday is worth.
    pub(crate) on_edit: OnEdit,
}

/// Source of a column's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// One property.
    Field(String),
    /// Several, in a text.
    Template(Template),
    /// The item of the parent of this kind.
    Relation(Kind),
}

/// Policy for hand edits on monday: what they are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnEdit {
    /// It is overwritten at the next verification or change.
    Overwrite,
    /// It stays.
    Keep,
}
