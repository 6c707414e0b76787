//! Effects of what was recorded on what is planned next: noted by who records, handed to who plans.

use super::refused_connection::RefusedConnection;
use crate::entity::Kind;
use crate::monday::column::ColumnContent;
use std::collections::{BTreeMap, BTreeSet};

/// Effects of what was recorded.
#[derive(Debug, Default)]
pub(super) struct Effects {
    /// Entities that were sent once more without getting through.
    pub(super) attempted: Vec<i64>,
    /// Entities of which a column was refused.
    pub(super) refused: Vec<i64>,
    /// Connections that were refused.
    pub(super) refused_connections: Vec<RefusedConnection>,
    /// Entities whose columns are sent one by one from now on, to find the one at fault.
    pub(super) each_alone: Vec<i64>,
    /// Entities whose items were taken away, and who get new ones.
    pub(super) lost: Vec<i64>,
    /// What items were found to show, by entity.
    pub(super) observed: Vec<(i64, BTreeMap<String, ColumnContent>)>,
    /// Kinds of which an entity got an item, or another one, or none any more.
    pub(super) items_changed: BTreeSet<Kind>,
    /// Kinds of whose items nothing is known in this run.
    pub(super) unknown_kinds: Vec<Kind>,
}

/// Log of effects, to which what happened is added.
#[derive(Debug, Default)]
pub(super) struct EffectLog(Effects);

impl EffectLog {
    /// What was noted since this was asked last.
    pub(super) fn take(&mut self) -> Effects {
        std::mem::take(&mut self.0)
    }

    /// These were sent once more without getting through.
    pub(super) fn note_attempted(&mut self, entities: impl IntoIterator<Item = i64>) {
        self.0.attempted.extend(entities);
    }

    /// A column of an entity was refused.
    pub(super) fn note_refused(&mut self, entity: i64) {
        self.0.refused.push(entity);
    }

    /// Connections were refused.
    pub(super) fn note_refused_connections(&mut self, refused: Vec<RefusedConnection>) {
        self.0.refused_connections.extend(refused);
    }

    /// A change was refused for no column that is named: its columns are sent one by one from now on.
    pub(super) fn send_each_alone(&mut self, entity: i64) {
        self.0.each_alone.push(entity);
        self.note_attempted([entity]);
    }

    /// An entity's item was taken away, and it gets a new one.
    pub(super) fn note_lost(&mut self, entity: i64) {
        self.0.lost.push(entity);
    }

    /// Items were read, which show this.
    pub(super) fn note_observed(&mut self, observed: impl IntoIterator<Item = (i64, BTreeMap<String, ColumnContent>)>) {
        self.0.observed.extend(observed);
    }

    /// An entity of a kind got an item, or another one, or has none any more.
    pub(super) fn note_item_changed(&mut self, kind: Kind) {
        self.0.items_changed.insert(kind);
    }

    /// The board of these kinds could not be read.
    pub(super) fn note_unknown(&mut self, kinds: &[Kind]) {
        self.0.unknown_kinds.extend(kinds);
    }
}
