//! Entities by their items: what a reading of a board is compared with, and who holds an item.

use super::connection::Store;
use super::due::IS_UNDER_WAY;
use super::entities::{AFTER_ROW, Entity, EntityRow, ROW, row_at};
use super::pauses::IS_PAUSED;
use super::read::time_at;
use super::sent::{SENT, SentColumns, sent_at};
use super::tx::Tx;
use crate::entity::Kind;
use crate::stamp::stamp;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};
use std::collections::HashSet;

/// Entity with an item on a board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Linked {
    /// What names it, and its item.
    pub(crate) row: EntityRow<String>,
    /// What was sent of it.
    pub(crate) sent: SentColumns,
    /// Whether it is pushed: not paused, unlinked, deleted, outside `only` or under way.
    pub(crate) is_pushed: bool,
    /// The item that is known to be missing, where one is.
    pub(crate) missing_item: Option<String>,
    /// When monday last confirmed something of it.
    pub(crate) pushed_at: Option<Timestamp>,
}

fn linked(row: &Row<'_>) -> rusqlite::Result<Linked> {
    Ok(Linked {
        row: row_at(row)?,
        sent: sent_at(row, AFTER_ROW)?.unwrap_or_default(),
        is_pushed: row.get(AFTER_ROW + 3)?,
        missing_item: row.get(AFTER_ROW + 4)?,
        pushed_at: time_at(row, AFTER_ROW + 5)?,
    })
}

impl Store {
    /// Every entity that has an item on a board, in the order they came.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn linked(&self, board: &str, now: Timestamp) -> anyhow::Result<Vec<Linked>> {
        let query = format!(
            "SELECT {ROW}, {SENT},
                    e.deleted_at IS NULL AND e.is_off = 0 AND e.is_unlinked = 0 AND NOT {IS_PAUSED} AND NOT {IS_UNDER_WAY},
                    (SELECT f.item_id FROM failures f WHERE f.entity = e.id AND f.column_id IS NULL),
                    e.pushed_at
             FROM entities e LEFT JOIN sent s ON s.entity = e.id
             WHERE e.board = :board AND e.item_id IS NOT NULL ORDER BY e.id"
        );
        let mut statement = self.connection.prepare_cached(&query)?;
        let values = rusqlite::named_params! {":board": board, ":now": stamp(now)};
        Ok(statement.query_map(values, linked)?.collect::<Result<_, _>>()?)
    }

    /// How many entities of a kind have an item on a board.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn count_linked(&self, board: &str, kind: Kind) -> anyhow::Result<u64> {
        let query = "SELECT count(*) FROM entities WHERE kind = ?1 AND board = ?2 AND item_id IS NOT NULL";
        Ok(self.connection.prepare_cached(query)?.query_row(params![kind.name(), board], |row| row.get(0))?)
    }

    /// The items that are known to be missing: no relation shows them.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn missing_items(&self) -> anyhow::Result<HashSet<String>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT e.item_id FROM failures f JOIN entities e ON e.id = f.entity AND e.item_id = f.item_id
             WHERE f.item_id IS NOT NULL",
        )?;
        Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// The entity that holds an item, deleted ones included.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn holder_of(&self, item_id: &str) -> anyhow::Result<Option<Entity>> {
        let query = "SELECT id FROM entities WHERE item_id = ?1 ORDER BY deleted_at IS NOT NULL LIMIT 1";
        let id: Option<i64> = self.connection.query_row(query, [item_id], |row| row.get(0)).optional()?;
        id.map_or(Ok(None), |id| self.get(id))
    }

    /// Whether a call about an entity is under way, or its answer was lost.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn is_under_way(&self, entity: i64) -> anyhow::Result<bool> {
        let query = "SELECT EXISTS (SELECT 1 FROM intents WHERE entity = ?1)";
        Ok(self.connection.query_row(query, [entity], |row| row.get(0))?)
    }

    /// When the items of a kind were last compared with what was sent.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn verified_at(&self, board: &str, kind: Kind) -> anyhow::Result<Option<Timestamp>> {
        let query = "SELECT verified_at FROM verifications WHERE board = ?1 AND kind = ?2";
        let at = self.connection.query_row(query, params![board, kind.name()], |row| time_at(row, 0)).optional()?;
        Ok(at.flatten())
    }
}

impl Tx<'_> {
    /// Notes that the items of a kind on a board were compared with what was sent.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn set_verified(&self, board: &str, kind: Kind, now: Timestamp) -> anyhow::Result<()> {
        self.connection.execute(
            "INSERT OR REPLACE INTO verifications (board, kind, verified_at) VALUES (?1, ?2, ?3)",
            params![board, kind.name(), stamp(now)],
        )?;
        Ok(())
    }

    /// Notes that a kind was pushed to a board for the first time: what was just sent need not be compared yet.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn begin_verifying(&self, board: &str, kind: Kind, now: Timestamp) -> anyhow::Result<()> {
        self.connection.execute(
            "INSERT OR IGNORE INTO verifications (board, kind, verified_at) VALUES (?1, ?2, ?3)",
            params![board, kind.name(), stamp(now)],
        )?;
        Ok(())
    }
}
