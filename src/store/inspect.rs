//! Inspection of the store without writing: one entity with all that decides about it, and a walk through a kind.

use super::connection::Store;
use super::due::{AFTER_DUE, DUE_FROM, Due, HAS_ITEM_TO_LOSE, IS_UNDER_WAY, due_at, due_columns};
use super::entities::{AFTER_ENTITY, ENTITY, Entity, FROM, stored};
use super::entity_state::Origin;
use super::read::{optional_word_at, required_time_at, word_at};
use super::states::{Pushing, State, state_sql};
use crate::entity::Kind;
use crate::stamp::stamp;
use jiff::Timestamp;
use rusqlite::OptionalExtension;

/// Status of an entity, as a push would find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PushStatus {
    /// What would be planned, were it due.
    pub(crate) due: Due,
    /// Whether something of it may have to be sent.
    pub(crate) is_due: bool,
    /// Whether it is outside `only`.
    pub(crate) is_off: bool,
    /// Whether it was dissociated.
    pub(crate) is_unlinked: bool,
    /// Whether a call about it is under way, or its answer was lost.
    pub(crate) is_under_way: bool,
}

/// Deletion of an entity: that it is gone from HApi, and what is known of its item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deletion {
    /// Since when.
    pub(crate) at: Timestamp,
    /// The board and the item that it had until its item went.
    pub(crate) former: Option<(String, String)>,
}

impl Store {
    /// That an entity is gone from HApi; `None`: it is not.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn deletion(&self, entity: i64) -> anyhow::Result<Option<Deletion>> {
        let query =
            "SELECT deleted_at, former_board, former_item FROM entities WHERE id = ?1 AND deleted_at IS NOT NULL";
        let deletion = self.connection.query_row(query, [entity], |row| {
            let (board, item): (Option<String>, Option<String>) = (row.get(1)?, row.get(2)?);
            Ok(Deletion { at: required_time_at(row, 0)?, former: board.zip(item) })
        });
        Ok(deletion.optional()?)
    }

    /// How many entities of a kind are gone from HApi while their items are still on the board.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn count_leaving(&self, kind: Kind) -> anyhow::Result<u64> {
        let query = format!(
            "SELECT count(*) FROM entities e WHERE e.kind = ?1 AND {HAS_ITEM_TO_LOSE} AND e.deleted_at IS NOT NULL"
        );
        Ok(self.connection.prepare_cached(&query)?.query_row([kind.name()], |row| row.get(0))?)
    }

    /// Where an entity stands; `None` where it has no record.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn push_status(&self, entity: i64) -> anyhow::Result<Option<PushStatus>> {
        let query = format!(
            "SELECT {}, e.due, e.is_off, e.is_unlinked, {IS_UNDER_WAY} {DUE_FROM} WHERE e.id = ?1",
            due_columns()
        );
        let standing = self.connection.query_row(&query, [entity], |row| {
            Ok(PushStatus {
                due: due_at(row)?,
                is_due: row.get(AFTER_DUE)?,
                is_off: row.get(AFTER_DUE + 1)?,
                is_unlinked: row.get(AFTER_DUE + 2)?,
                is_under_way: row.get(AFTER_DUE + 3)?,
            })
        });
        Ok(standing.optional()?)
    }

    /// How an entity came by its item.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn origin(&self, entity: i64) -> anyhow::Result<Option<Origin>> {
        let query = "SELECT origin FROM entities WHERE id = ?1 AND item_id IS NOT NULL";
        Ok(self
            .connection
            .query_row(query, [entity], |row| optional_word_at(row, 0, "an origin"))
            .optional()?
            .flatten())
    }

    /// Walks through the entities of a kind that are not deleted, in the order they came, without holding more than one.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn each(
        &self,
        kind: Kind,
        pushing: Pushing,
        now: Timestamp,
        mut work: impl FnMut(Entity, State) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let query = format!(
            "SELECT {ENTITY}, {} {FROM} WHERE e.kind = :kind AND e.deleted_at IS NULL ORDER BY e.id",
            state_sql()
        );
        let mut statement = self.connection.prepare(&query)?;
        let mut rows = statement
            .query(rusqlite::named_params! {":kind": kind.name(), ":off": pushing.is_off(), ":now": stamp(now)})?;
        while let Some(row) = rows.next()? {
            work(stored(row)?, word_at(row, AFTER_ENTITY, "a state")?)?;
        }
        Ok(())
    }
}
