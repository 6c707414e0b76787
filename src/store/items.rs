//! Entities by their items: what a look at a board is compared with, and who holds an item.

use super::entities::kind_at;
use super::links::{IS_PAUSED, IS_UNDER_WAY};
use super::{Store, stamp};
use crate::entity::Kind;
use crate::message::Message;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

/// An entity with an item on a board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    /// The store's number.
    pub id: i64,
    /// Its kind.
    pub kind: Kind,
    /// Its key.
    pub key: String,
    /// Its item.
    pub item_id: String,
    /// What was sent last: a JSON object by column.
    pub sent: String,
    /// Whether it is pushed: not paused, unlinked, deleted, outside `only` or under way.
    pub is_pushed: bool,
    /// What failed of it as a whole.
    pub failure: Option<Message>,
}

impl Store {
    /// Every entity that has an item on a board, in the order they came.
    pub fn linked(&self, board: &str, now: Timestamp) -> anyhow::Result<Vec<Linked>> {
        let query = format!(
            "SELECT e.id, e.kind, e.key, e.item_id, coalesce(s.columns, '{{}}'),
                    e.deleted_at IS NULL AND e.is_off = 0 AND e.is_unlinked = 0 AND NOT {IS_PAUSED} AND NOT {IS_UNDER_WAY},
                    (SELECT f.message FROM failures f WHERE f.entity = e.id AND f.column_id = '')
             FROM entities e LEFT JOIN sent s ON s.entity = e.id
             WHERE e.board = :board AND e.item_id IS NOT NULL ORDER BY e.id"
        );
        let mut statement = self.connection.prepare_cached(&query)?;
        let values = rusqlite::named_params! {":board": board, ":now": stamp(now)};
        let rows = statement.query_map(values, |row| {
            Ok(Linked {
                id: row.get(0)?,
                kind: kind_at(row, 1)?,
                key: row.get(2)?,
                item_id: row.get(3)?,
                sent: row.get(4)?,
                is_pushed: row.get(5)?,
                failure: row.get::<_, Option<String>>(6)?.map(|json| Message::from_json(&json)),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many entities of a kind have an item on a board.
    pub fn count_linked(&self, board: &str, kind: Kind) -> anyhow::Result<u64> {
        let query = "SELECT count(*) FROM entities WHERE kind = ?1 AND board = ?2 AND item_id IS NOT NULL";
        Ok(self.connection.prepare_cached(query)?.query_row(params![kind.name(), board], |row| row.get(0))?)
    }

    /// The items of all entities of which something failed as a whole, with what failed.
    pub fn failed_items(&self) -> anyhow::Result<Vec<(String, Message)>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT e.item_id, f.message FROM failures f JOIN entities e ON e.id = f.entity
             WHERE f.column_id = '' AND e.item_id IS NOT NULL",
        )?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, Message::from_json(&row.get::<_, String>(1)?))))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Notes what an item was seen to show in place of what was sent; the entity is due.
    pub fn note_seen(&mut self, entity: i64, sent: &str) -> anyhow::Result<()> {
        self.set_sent(entity, sent)?;
        self.mark_due(entity)
    }

    /// When the items of a kind were last compared with what was sent.
    pub fn verified_at(&self, board: &str, kind: Kind) -> anyhow::Result<Option<Timestamp>> {
        let query = "SELECT verified_at FROM verifications WHERE board = ?1 AND kind = ?2";
        let at: Option<String> =
            self.connection.query_row(query, params![board, kind.name()], |row| row.get(0)).optional()?;
        Ok(at.and_then(|at| at.parse().ok()))
    }

    /// Notes that they were.
    pub fn set_verified(&mut self, board: &str, kind: Kind, now: Timestamp) -> anyhow::Result<()> {
        self.connection.execute(
            "INSERT OR REPLACE INTO verifications (board, kind, verified_at) VALUES (?1, ?2, ?3)",
            params![board, kind.name(), stamp(now)],
        )?;
        Ok(())
    }

    /// Notes that a kind was pushed to a board for the first time: what was just sent need not be compared yet.
    pub fn begin_verifying(&mut self, board: &str, kind: Kind, now: Timestamp) -> anyhow::Result<()> {
        self.connection.execute(
            "INSERT OR IGNORE INTO verifications (board, kind, verified_at) VALUES (?1, ?2, ?3)",
            params![board, kind.name(), stamp(now)],
        )?;
        Ok(())
    }
}
