//! Effects of what was recorded on what is planned next: noted by who records, handed to who plans.

use super::refused_connection::RefusedConnection;
use crate::entity::Kind;
use crate::monday::column::ColumnContent;
use std::collections::BTreeMap;

/// Effect of what was recorded.
#[derive(Debug)]
pub(super) enum Effect {
    /// An entity was sent once more without getting through.
    Attempted(i64),
    /// A column of an entity was refused.
    ColumnRefused(i64),
    /// A connection was refused.
    ConnectionRefused(Box<RefusedConnection>),
    /// A change of an entity was refused for no column that is named: from now on its columns are sent one by one.
    EachAlone(i64),
    /// The item of an entity was taken away, and it gets a new one.
    Lost(i64),
    /// The item of an entity was read, and shows this.
    Observed(i64, BTreeMap<String, ColumnContent>),
    /// An entity of a kind got an item, or another one, or has none any more.
    ItemsChanged(Kind),
    /// The board of a kind could not be read: nothing is known of its items in this run.
    KindUnknown(Kind),
}
