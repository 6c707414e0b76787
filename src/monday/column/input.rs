//! What goes into a column before its type is considered, and what the configuration makes of it.

use super::blank::Blanks;
use super::column_type::ColumnType;
use crate::text::{matching, trimmed};
use std::collections::BTreeMap;

/// Content for a column, before its type is considered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Input {
    /// A text; empty is blank.
    Text(String),
    /// The values of a JSON array.
    List(Vec<String>),
    /// The item ids of parents, for [`ColumnType::BoardRelation`].
    Items(Vec<String>),
}

/// Options that the configuration sets for a column's values.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options<'a> {
    /// What stands for each raw value.
    pub(crate) values: &'a BTreeMap<String, String>,
    /// What stands for the raw values that `values` does not list; blank ones stay blank.
    pub(crate) default: Option<&'a str>,
    /// For phones: the country of numbers without a prefix; Canada if left out.
    pub(crate) country: Option<&'a str>,
    /// For dates: whether the time is sent too.
    pub(crate) time: bool,
    /// For labels: whether monday may make missing ones.
    pub(crate) create_labels: bool,
    /// The values that mean nothing.
    pub(crate) blanks: &'a Blanks,
}

impl Options<'_> {
    /// What stands for a raw value, without outer blanks. What means nothing in a column of this type is empty, unless `values`
    /// lists it.
    pub(crate) fn mapped<'v>(&'v self, column_type: ColumnType, raw: &'v str) -> &'v str {
        let raw = trimmed(raw);
        match self.listed(raw) {
            Some(meant) => meant,
            None if self.blanks.holds_in(column_type, raw) => self.listed("").unwrap_or_default(),
            None => self.default.map_or(raw, trimmed),
        }
    }

    /// What `values` says of a raw value.
    fn listed(&self, raw: &str) -> Option<&str> {
        let exact = self.values.get(raw);
        let alike = || self.values.values().nth(matching(raw, self.values.keys().map(String::as_str))?);
        exact.or_else(alike).map(|meant| trimmed(meant))
    }

    /// What stands for each of several raw values; those that come to nothing are left out.
    pub(crate) fn mapped_list<'v>(&'v self, column_type: ColumnType, raw: &'v [String]) -> Vec<&'v str> {
        raw.iter().map(|text| self.mapped(column_type, text)).filter(|text| !text.is_empty()).collect()
    }
}

#[cfg(test)]
impl Options<'static> {
    /// Nothing set.
    pub(super) const PLAIN: Options<'static> = Options {
        values: &BTreeMap::new(),
        default: None,
        country: None,
        time: false,
        create_labels: false,
        blanks: &Blanks::NONE,
    };
}
