//! Backlog of a push as the store has it.

use super::backlog::{Backlog, Surroundings};
use crate::boards::Setup;
use crate::config::OnDelete;
use crate::entity::{Kind, Record};
use crate::plan::relations::parents_of;
use crate::store::{Due, ItemToRemove, Store, Urgency};
use jiff::Timestamp;

/// Backlog that is read from the store.
pub(crate) struct StoredBacklog<'s> {
    store: &'s Store,
    setup: Setup<'s>,
    now: Timestamp,
}

impl<'s> StoredBacklog<'s> {
    /// What is due in the store at that time.
    pub(crate) fn new(store: &'s Store, setup: Setup<'s>, now: Timestamp) -> StoredBacklog<'s> {
        StoredBacklog { store, setup, now }
    }

    fn keeps_items(&self) -> bool {
        self.setup.config.sync.on_delete == OnDelete::Keep
    }
}

impl Backlog for StoredBacklog<'_> {
    fn due(&self, kind: Kind, after: i64, most: u64, urgency: Urgency) -> anyhow::Result<Vec<Due>> {
        self.store.due(kind, after, most, urgency, self.now)
    }

    fn removals(&self, kind: Kind, after: i64, most: u64) -> anyhow::Result<Vec<ItemToRemove>> {
        self.store.items_to_remove(kind, self.keeps_items(), after, most, self.now)
    }

    fn due_of(&self, entity: i64) -> anyhow::Result<Option<Due>> {
        self.store.due_entity(entity, self.now)
    }

    fn removal_of(&self, entity: i64) -> anyhow::Result<Option<ItemToRemove>> {
        self.store.item_to_remove(entity, self.keeps_items(), self.now)
    }

    fn surroundings(&self, due: &Due, record: &Record<'_>) -> anyhow::Result<Surroundings> {
        let parents = parents_of(self.store, self.setup.config, self.setup.derivation, due.row.kind, record)?;
        Ok(Surroundings { parents, failures: self.store.failures(due.row.id)? })
    }
}
