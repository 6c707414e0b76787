//! Builder of a batch: the changes that one call carries, while they are planned.

use super::findings::Finding;
use crate::entity::EntityKey;
use crate::monday::document::{self, Document, Mutation};
use crate::plan::step::Step;
use crate::store::{Action, EntityRow, Intent};
use jiff::Timestamp;
use serde_json::Value;

/// Most bytes of values in one call. Answers to larger ones may not be kept for their idempotency key.
const LARGEST_BODY: usize = 500_000;

/// Builder of a batch, and what planning it found out besides.
#[derive(Debug, Default)]
pub(crate) struct BatchBuilder {
    intents: Vec<Intent>,
    entities: Vec<EntityKey>,
    mutations: Vec<Mutation>,
    bytes: usize,
    size: usize,
    /// The entities whose keys have to be looked for on the board before they get items.
    pub(crate) to_look_up: Vec<EntityRow>,
    /// What takes no call.
    pub(crate) findings: Vec<Finding>,
    /// Until when those wait whose calls fail, where there is nothing else.
    pub(crate) waits_until: Option<Timestamp>,
}

impl BatchBuilder {
    /// A batch of at most `size` changes, with nothing in it.
    pub(crate) fn new(size: usize) -> BatchBuilder {
        BatchBuilder { size, ..BatchBuilder::default() }
    }

    /// Whether it holds no change.
    pub(crate) fn is_empty(&self) -> bool {
        self.intents.is_empty()
    }

    /// Whether it holds a change, or something was found out.
    pub(crate) fn has_news(&self) -> bool {
        !self.is_empty() || !self.findings.is_empty()
    }

    /// Whether no other entity has room in it.
    pub(crate) fn is_full(&self) -> bool {
        self.intents.len() >= self.size || self.bytes >= LARGEST_BODY
    }

    /// How many more changes have room in it.
    pub(crate) fn room(&self) -> u64 {
        self.size.saturating_sub(self.intents.len()) as u64
    }

    /// Adds a change of an entity.
    pub(crate) fn add(&mut self, entity: EntityKey, id: i64, version: i64, item_id: Option<&str>, step: Step) {
        self.bytes += Value::Object(step.columns.clone()).to_string().len();
        self.intents.push(Intent {
            alias: document::alias(self.mutations.len()),
            entity: id,
            version,
            action: step.action,
            item_id: item_id.filter(|_| step.action != Action::Create).map(str::to_owned),
            columns: step.columns,
            withheld: step.withheld,
        });
        self.entities.push(entity);
        self.mutations.push(step.mutation);
    }

    /// The document of its call.
    pub(crate) fn document(&self, board: &str, create_labels: bool) -> Document {
        document::mutations(board, create_labels, &self.mutations)
    }

    /// Its changes, and the entity of each.
    pub(crate) fn into_changes(self) -> (Vec<Intent>, Vec<EntityKey>) {
        (self.intents, self.entities)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::Kind;
    use serde_json::{Map, json};
    use std::collections::BTreeSet;

    fn add(batch: &mut BatchBuilder, id: i64, text: &str) {
        let columns: Map<String, Value> = [("text".to_owned(), json!(text))].into_iter().collect();
        let mutation = Mutation::Update { item_id: id.to_string(), columns: columns.clone() };
        let step = Step { action: Action::Update, mutation, columns, withheld: BTreeSet::new() };
        batch.add(EntityKey::new(Kind::UNIT, id.to_string()), id, 1, None, step);
    }

    #[test]
    fn a_batch_is_full_with_so_many_changes_or_with_so_many_bytes() {
        let mut batch = BatchBuilder::new(3);
        add(&mut batch, 1, "short");
        assert!(!batch.is_full() && batch.room() == 2);
        add(&mut batch, 2, &"x".repeat(LARGEST_BODY / 2));
        assert!(!batch.is_full(), "half of what a call may carry");
        let mut wide = BatchBuilder::new(3);
        add(&mut wide, 1, &"x".repeat(LARGEST_BODY));
        assert!(wide.is_full() && wide.room() == 2, "two more changes would be as large");
        add(&mut batch, 3, "short");
        assert!(batch.is_full() && batch.room() == 0);
    }
}
