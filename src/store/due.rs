//! What a push has to do: the entities with something to send, and the items to remove.

use super::connection::Store;
use super::entities::{AFTER_ROW, EntityRow, ROW, row_at};
use super::pauses::IS_PAUSED;
use super::sent::{SENT, SentColumns, sent_at};
use crate::entity::Kind;
use crate::failure::FailureCause;
use crate::stamp::stamp;
use crate::word::Word;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row};

/// Entity with something to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Due {
    /// What names it, and its item.
    pub(crate) row: EntityRow,
    /// Its version: what is confirmed of an older one leaves it due.
    pub(crate) version: i64,
    /// Whether every mapped column is wanted, whatever was sent.
    pub(crate) send_all: bool,
    /// Its record.
    pub(crate) record: String,
    /// What was sent of it.
    pub(crate) sent: SentColumns,
}

/// Urgency of what is due of an entity, the most urgent first: where calls are scarce, each class goes before those after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Urgency {
    /// A person had it sent again.
    ByHand,
    /// A webhook named it.
    Notified,
    /// It has no item yet.
    New,
    /// Anything else.
    Usual,
}

/// The urgency of what is due of `e`, as [`Urgency`] counts.
const URGENCY: &str =
    "CASE WHEN e.send_all THEN 0 WHEN e.notified_version = e.version THEN 1 WHEN e.item_id IS NULL THEN 2 ELSE 3 END";

/// Item that has to go, or to lose its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ItemToRemove {
    /// The item, and the entity that it stands for.
    pub(crate) row: EntityRow<String>,
    /// The entity's version.
    pub(crate) version: i64,
    /// Whether it was unlinked, rather than deleted or out of `only`.
    pub(crate) is_unlinked: bool,
    /// Whether an unlinked one's item is to be archived.
    pub(crate) archive_item: bool,
}

pub(super) const IS_UNDER_WAY: &str = "EXISTS (SELECT 1 FROM intents i WHERE i.entity = e.id)";
const IS_PARKED: &str = "EXISTS (SELECT 1 FROM failures f WHERE f.entity = e.id AND f.column_id IS NULL
    AND f.cause <> 'record-undeliverable' AND (f.next_try_at IS NULL OR f.next_try_at > :now))";

/// Columns that [`due_at`] reads, together with [`DUE_FROM`].
pub(super) fn due_columns() -> String {
    format!("{ROW}, e.version, e.send_all, r.record, {SENT}")
}

/// Where they are.
pub(super) const DUE_FROM: &str =
    "FROM entities e JOIN records r ON r.entity = e.id LEFT JOIN sent s ON s.entity = e.id";
/// Index of the first column after them.
pub(super) const AFTER_DUE: usize = AFTER_ROW + 6;

/// Reads what is planned out of [`due_columns`].
pub(super) fn due_at(row: &Row<'_>) -> rusqlite::Result<Due> {
    Ok(Due {
        row: row_at(row)?,
        version: row.get(AFTER_ROW)?,
        send_all: row.get(AFTER_ROW + 1)?,
        record: row.get(AFTER_ROW + 2)?,
        sent: sent_at(row, AFTER_ROW + 3)?.unwrap_or_default(),
    })
}

/// Columns that [`removal`] reads, and where they are.
fn removals() -> String {
    format!("SELECT {ROW}, e.version, e.is_unlinked, e.archive_item FROM entities e")
}

fn removal(row: &Row<'_>) -> rusqlite::Result<ItemToRemove> {
    Ok(ItemToRemove {
        row: row_at(row)?,
        version: row.get(AFTER_ROW)?,
        is_unlinked: row.get(AFTER_ROW + 1)?,
        archive_item: row.get(AFTER_ROW + 2)?,
    })
}

/// Whether something of `e` is to be sent to the board, as SQL: what is outside `only`, unlinked or gone is not.
pub(super) const IS_DUE: &str = "e.due = 1 AND e.is_off = 0 AND e.is_unlinked = 0 AND e.deleted_at IS NULL";

/// Whether `e` has an item though nothing of it should be on the board, as SQL. It stands word for word as in the index
/// `entities_to_retire`, so that few are looked through; where less is asked for, the rest stands behind it.
pub(super) const HAS_ITEM_TO_LOSE: &str =
    "e.item_id IS NOT NULL AND (e.deleted_at IS NOT NULL OR e.is_off = 1 OR e.is_unlinked = 1)";

/// Which of those may go, as SQL; `:only_unlinked`: items of entities that are gone are kept.
const MAY_GO: &str = "(e.is_unlinked = 1 OR (e.released_at IS NOT NULL AND NOT :only_unlinked))";

/// Whether anything may be sent about `e` now, as SQL.
fn is_free() -> String {
    format!("NOT {IS_UNDER_WAY} AND NOT {IS_PARKED} AND NOT {IS_PAUSED}")
}

impl Store {
    /// Whether anything of a kind waits to be sent, or failed for this cause; what is paused does not count.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn is_held_up(&self, kind: Kind, cause: FailureCause, now: Timestamp) -> anyhow::Result<bool> {
        let query = format!(
            "SELECT EXISTS (SELECT 1 FROM entities e WHERE e.kind = :kind AND NOT {IS_PAUSED} AND ({IS_DUE}
                OR {HAS_ITEM_TO_LOSE} AND (e.is_unlinked = 1 OR e.released_at IS NOT NULL)
                OR EXISTS (SELECT 1 FROM failures f WHERE f.entity = e.id AND f.cause = :cause)))"
        );
        let values = rusqlite::named_params! {":kind": kind.name(), ":cause": cause.word(), ":now": stamp(now)};
        Ok(self.connection.prepare_cached(&query)?.query_row(values, |row| row.get(0))?)
    }

    /// Whether entities of a kind are red because their items are missing; what is paused does not count.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn has_missing_items(&self, kind: Kind, now: Timestamp) -> anyhow::Result<bool> {
        let query = format!(
            "SELECT EXISTS (SELECT 1 FROM failures f JOIN entities e ON e.id = f.entity WHERE f.cause = :cause AND e.kind = :kind
                AND e.item_id IS NOT NULL AND e.is_off = 0 AND e.is_unlinked = 0 AND e.deleted_at IS NULL AND NOT {IS_PAUSED})"
        );
        let cause = FailureCause::ItemMissing.word();
        let values = rusqlite::named_params! {":cause": cause, ":kind": kind.name(), ":now": stamp(now)};
        Ok(self.connection.prepare_cached(&query)?.query_row(values, |row| row.get(0))?)
    }

    /// What is to be sent of one entity; `None`: nothing is, or not now.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn due_entity(&self, entity: i64, now: Timestamp) -> anyhow::Result<Option<Due>> {
        let query = format!("SELECT {} {DUE_FROM} WHERE e.id = :entity AND {IS_DUE} AND {}", due_columns(), is_free());
        let values = rusqlite::named_params! {":entity": entity, ":now": stamp(now)};
        Ok(self.connection.prepare_cached(&query)?.query_row(values, due_at).optional()?)
    }

    /// The item of one entity, where it has to go, or to lose its key; `None`: it stays, or may not go now.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn item_to_remove(
        &self,
        entity: i64,
        only_unlinked: bool,
        now: Timestamp,
    ) -> anyhow::Result<Option<ItemToRemove>> {
        let query =
            format!("{} WHERE e.id = :entity AND {HAS_ITEM_TO_LOSE} AND {MAY_GO} AND {}", removals(), is_free());
        let values = rusqlite::named_params! {":entity": entity, ":only_unlinked": only_unlinked, ":now": stamp(now)};
        Ok(self.connection.prepare_cached(&query)?.query_row(values, removal).optional()?)
    }

    /// The next entities of a kind with something to send that is at least so urgent, in the order they came, after the one
    /// numbered `after`.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn due(
        &self,
        kind: Kind,
        after: i64,
        most: u64,
        urgency: Urgency,
        now: Timestamp,
    ) -> anyhow::Result<Vec<Due>> {
        let query = format!(
            "SELECT {} {DUE_FROM}
             WHERE e.kind = :kind AND {IS_DUE} AND e.id > :after AND {} AND {URGENCY} <= :urgency
             ORDER BY e.id LIMIT :most",
            due_columns(),
            is_free()
        );
        let values = rusqlite::named_params! {
            ":kind": kind.name(), ":after": after, ":most": most, ":urgency": urgency as u8, ":now": stamp(now)
        };
        Ok(self.connection.prepare_cached(&query)?.query_map(values, due_at)?.collect::<Result<_, _>>()?)
    }

    /// The entities of a kind whose items have to go, or to lose their key, after the one numbered `after`. Only items that the
    /// guard let go are among them (see `Tx::release`), and those of entities that a person unlinked.
    ///
    /// `only_unlinked`: items of entities that are gone are kept.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn items_to_remove(
        &self,
        kind: Kind,
        only_unlinked: bool,
        after: i64,
        most: u64,
        now: Timestamp,
    ) -> anyhow::Result<Vec<ItemToRemove>> {
        let query = format!(
            "{} WHERE e.kind = :kind AND {HAS_ITEM_TO_LOSE} AND {MAY_GO} AND e.id > :after AND {}
             ORDER BY e.id LIMIT :most",
            removals(),
            is_free()
        );
        let values = rusqlite::named_params! {":kind": kind.name(), ":only_unlinked": only_unlinked, ":after": after, ":most": most, ":now": stamp(now)};
        let mut statement = self.connection.prepare_cached(&query)?;
        let rows = statement.query_map(values, removal)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many entities of a kind wait to be sent.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn count_due(&self, kind: Kind) -> anyhow::Result<u64> {
        let query = format!("SELECT count(*) FROM entities e WHERE e.kind = ?1 AND {IS_DUE}");
        Ok(self.connection.prepare_cached(&query)?.query_row([kind.name()], |row| row.get(0))?)
    }

    /// How many of those may be sent now: neither paused, nor held back until later, nor under way.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn count_due_now(&self, kind: Kind, now: Timestamp) -> anyhow::Result<u64> {
        let query = format!("SELECT count(*) FROM entities e WHERE e.kind = :kind AND {IS_DUE} AND {}", is_free());
        let values = rusqlite::named_params! {":kind": kind.name(), ":now": stamp(now)};
        Ok(self.connection.prepare_cached(&query)?.query_row(values, |row| row.get(0))?)
    }

    /// The entities of a kind that wait to be sent.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn due_ids(&self, kind: Kind) -> anyhow::Result<Vec<i64>> {
        let query = format!("SELECT e.id FROM entities e WHERE e.kind = ?1 AND {IS_DUE}");
        let mut statement = self.connection.prepare_cached(&query)?;
        Ok(statement.query_map([kind.name()], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// The version of an entity, which grows with everything that may have to be sent.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn version(&self, entity: i64) -> anyhow::Result<Option<i64>> {
        let query = "SELECT version FROM entities WHERE id = ?1";
        Ok(self.connection.prepare_cached(query)?.query_row([entity], |row| row.get(0)).optional()?)
    }

    /// Whether an item that is missing is to be made again, by `Tx::send_all_again`.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn is_relinked(&self, entity: i64) -> anyhow::Result<bool> {
        let query = "SELECT relink FROM entities WHERE id = ?1";
        Ok(self.connection.query_row(query, [entity], |row| row.get(0)).optional()?.unwrap_or(false))
    }
}
