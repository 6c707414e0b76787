//! What a push has to do: the entities with something to send, and the items to remove.

use super::entities::kind_at;
use super::pauses::IS_PAUSED;
use super::sent::{SENT, SentColumns, sent_at};
use super::{Store, stamp};
use crate::entity::{EntityKey, Kind};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row};

/// An entity with something to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The store's number.
    pub id: i64,
    /// Its kind.
    pub kind: Kind,
    /// Its key.
    pub key: String,
    /// Its version: what is confirmed of an older one leaves it due.
    pub version: i64,
    /// Whether every mapped column is wanted, whatever was sent.
    pub send_all: bool,
    /// Its record.
    pub record: String,
    /// The board its item is on.
    pub board: Option<String>,
    /// Its item.
    pub item_id: Option<String>,
    /// What was sent of it.
    pub sent: SentColumns,
}

impl Due {
    /// What names it.
    pub fn entity_key(&self) -> EntityKey {
        EntityKey::new(self.kind, self.key.clone())
    }
}

/// An entity whose item has to go, or to lose its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemToRemove {
    /// The store's number.
    pub id: i64,
    /// Its kind.
    pub kind: Kind,
    /// Its key.
    pub key: String,
    /// Its version.
    pub version: i64,
    /// The board its item is on.
    pub board: Option<String>,
    /// Its item.
    pub item_id: String,
    /// Whether it was unlinked, rather than deleted or out of `only`.
    pub is_unlinked: bool,
    /// Whether an unlinked one's item is to be archived.
    pub archive_item: bool,
}

impl ItemToRemove {
    /// What names it.
    pub fn entity_key(&self) -> EntityKey {
        EntityKey::new(self.kind, self.key.clone())
    }
}

pub(super) const IS_UNDER_WAY: &str = "EXISTS (SELECT 1 FROM intents i WHERE i.entity = e.id)";
const IS_PARKED: &str = "EXISTS (SELECT 1 FROM failures f WHERE f.entity = e.id AND f.column_id IS NULL
    AND (f.next_try_at IS NULL OR f.next_try_at > :now))";

/// Reads what is planned out of the first eleven columns.
pub(super) fn due_at(row: &Row<'_>) -> rusqlite::Result<Due> {
    Ok(Due {
        id: row.get(0)?,
        kind: kind_at(row, 1)?,
        key: row.get(2)?,
        version: row.get(3)?,
        send_all: row.get(4)?,
        record: row.get(5)?,
        board: row.get(6)?,
        item_id: row.get(7)?,
        sent: sent_at(row, 8)?.unwrap_or_default(),
    })
}

impl Store {
    /// The next entities of a kind with something to send, in the order they came, after the one numbered `after`.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn due(&self, kind: Kind, after: i64, most: u64, now: Timestamp) -> anyhow::Result<Vec<Due>> {
        let query = format!(
            "SELECT e.id, e.kind, e.key, e.version, e.send_all, r.record, e.board, e.item_id, {SENT}
             FROM entities e JOIN records r ON r.entity = e.id LEFT JOIN sent s ON s.entity = e.id
             WHERE e.kind = :kind AND e.due = 1 AND e.is_off = 0 AND e.is_unlinked = 0 AND e.deleted_at IS NULL AND e.id > :after
               AND NOT {IS_PAUSED} AND NOT {IS_UNDER_WAY} AND NOT {IS_PARKED}
             ORDER BY e.id LIMIT :most"
        );
        let values = rusqlite::named_params! {":kind": kind.name(), ":after": after, ":most": most, ":now": stamp(now)};
        Ok(self.connection.prepare_cached(&query)?.query_map(values, due_at)?.collect::<Result<_, _>>()?)
    }

    /// The entities of a kind whose items have to go, or to lose their key, after the one numbered `after`. Only items that the
    /// guard let go are among them (see `Tx::release`), and those of entities that a person unlinked.
    ///
    /// `only_unlinked`: items of entities that are gone are kept.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn items_to_remove(
        &self,
        kind: Kind,
        only_unlinked: bool,
        after: i64,
        most: u64,
        now: Timestamp,
    ) -> anyhow::Result<Vec<ItemToRemove>> {
        let query = format!(
            "SELECT e.id, e.kind, e.key, e.version, e.board, e.item_id, e.is_unlinked, e.archive_item
             FROM entities e
             WHERE e.kind = :kind AND e.item_id IS NOT NULL AND (e.deleted_at IS NOT NULL OR e.is_off = 1 OR e.is_unlinked = 1)
               AND (e.is_unlinked = 1 OR (e.released_at IS NOT NULL AND NOT :only_unlinked)) AND e.id > :after AND NOT {IS_UNDER_WAY} AND NOT {IS_PARKED} AND NOT {IS_PAUSED}
             ORDER BY e.id LIMIT :most"
        );
        let values = rusqlite::named_params! {":kind": kind.name(), ":only_unlinked": only_unlinked, ":after": after, ":most": most, ":now": stamp(now)};
        let mut statement = self.connection.prepare_cached(&query)?;
        let rows = statement.query_map(values, |row| {
            Ok(ItemToRemove {
                id: row.get(0)?,
                kind: kind_at(row, 1)?,
                key: row.get(2)?,
                version: row.get(3)?,
                board: row.get(4)?,
                item_id: row.get(5)?,
                is_unlinked: row.get(6)?,
                archive_item: row.get(7)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many entities of a kind wait to be sent.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn count_due(&self, kind: Kind) -> anyhow::Result<u64> {
        let query = "SELECT count(*) FROM entities
             WHERE kind = ?1 AND due = 1 AND is_off = 0 AND is_unlinked = 0 AND deleted_at IS NULL";
        Ok(self.connection.prepare_cached(query)?.query_row([kind.name()], |row| row.get(0))?)
    }

    /// The entities of a kind that wait to be sent.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn due_ids(&self, kind: Kind) -> anyhow::Result<Vec<i64>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id FROM entities WHERE kind = ?1 AND due = 1 AND is_off = 0 AND is_unlinked = 0 AND deleted_at IS NULL",
        )?;
        Ok(statement.query_map([kind.name()], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// The version of an entity, which grows with everything that may have to be sent.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn version(&self, entity: i64) -> anyhow::Result<Option<i64>> {
        let query = "SELECT version FROM entities WHERE id = ?1";
        Ok(self.connection.prepare_cached(query)?.query_row([entity], |row| row.get(0)).optional()?)
    }

    /// Whether an item that is missing is to be made again, by `Tx::send_all_again`.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn is_relinked(&self, entity: i64) -> anyhow::Result<bool> {
        let query = "SELECT relink FROM entities WHERE id = ?1";
        Ok(self.connection.query_row(query, [entity], |row| row.get(0)).optional()?.unwrap_or(false))
    }
}
