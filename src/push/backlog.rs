//! Backlog of a push as the planner asks for it: what is due, and what stands around an entity that is planned. Pure.

use crate::entity::{Kind, Record};
use crate::plan::parents::Parents;
use crate::store::{Due, FailureRow, ItemToRemove, Urgency};

/// Backlog of a push, as it is at one moment: answers what the planner asks, page by page and entity by entity, so that nothing is
/// read of entities that are left out.
pub(crate) trait Backlog {
    /// The next entities of a kind with something to send that is at least so urgent, in the order they came, after the one
    /// numbered `after`.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn due(&self, kind: Kind, after: i64, most: u64, urgency: Urgency) -> anyhow::Result<Vec<Due>>;

    /// The next items of a kind that have to go, or to lose their key, of the entities after the one numbered `after`.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn removals(&self, kind: Kind, after: i64, most: u64) -> anyhow::Result<Vec<ItemToRemove>>;

    /// What is to be sent of one entity; `None`: nothing is, or not now.
    ///
    /// # Errors
    /// Where it cannot be read.
    fn due_of(&self, entity: i64) -> anyhow::Result<Option<Due>>;

    /// The item of one entity, where it has to go, or to lose its key; `None`: it stays, or may not go now.
    ///
    /// # Errors
    /// Where it cannot be read.
    fn removal_of(&self, entity: i64) -> anyhow::Result<Option<ItemToRemove>>;

    /// What else planning an entity takes.
    ///
    /// # Errors
    /// Where it cannot be read.
    fn surroundings(&self, due: &Due, record: &Record<'_>) -> anyhow::Result<Surroundings>;
}

/// Surroundings of an entity: what planning it takes besides what is due of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Surroundings {
    /// Its parents, as they were found.
    pub(crate) parents: Parents,
    /// Its failures.
    pub(crate) failures: Vec<FailureRow>,
}
