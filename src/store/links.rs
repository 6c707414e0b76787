//! What stands on the boards: what is due, what monday confirmed, what failed.

use super::entities::kind_at;
use super::pauses::IS_PAUSED;
use super::sent::{SENT, SentColumns, sent_at};
use super::{Store, Tx, stamp};
use crate::entity::{EntityKey, Kind};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

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
pub struct Retiree {
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

impl Retiree {
    /// What names it.
    pub fn entity_key(&self) -> EntityKey {
        EntityKey::new(self.kind, self.key.clone())
    }
}

/// What monday confirmed of an entity.
#[derive(Debug, Clone, Copy)]
pub struct Confirmed<'c> {
    /// The entity.
    pub entity: i64,
    /// Its version when it was planned.
    pub version: i64,
    /// The board that its item is on.
    pub board: &'c str,
    /// The item.
    pub item_id: &'c str,
    /// Whether the item was made.
    pub is_new: bool,
    /// All that was sent of it by now.
    pub sent: &'c SentColumns,
    /// Whether nothing was left to be sent after it.
    pub is_complete: bool,
}

/// Way in which an entity came by its item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// It was made for the entity.
    Created,
    /// It was there, and was found by its key or its identity.
    Adopted,
    /// A person tied them.
    Linked,
}

impl Origin {
    /// Its word in the store and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Origin::Created => "created",
            Origin::Adopted => "adopted",
            Origin::Linked => "linked",
        }
    }

    fn parse(word: &str) -> Option<Origin> {
        [Origin::Created, Origin::Adopted, Origin::Linked].into_iter().find(|origin| origin.word() == word)
    }
}

pub(super) const IS_UNDER_WAY: &str = "EXISTS (SELECT 1 FROM intents i WHERE i.entity = e.id)";
const IS_PARKED: &str = "EXISTS (SELECT 1 FROM failures f WHERE f.entity = e.id AND f.column_id IS NULL
    AND (f.next_try_at IS NULL OR f.next_try_at > :now))";

/// Reads a way of coming by an item out of a column.
pub(super) fn origin_at(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<Origin>> {
    let word: Option<String> = row.get(index)?;
    let parse = |word: String| Origin::parse(&word).ok_or_else(|| super::unknown_word(index, "an origin", &word));
    word.map(parse).transpose()
}

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
    /// guard let go are among them (see [`Store::release`]), and those of entities that a person unlinked.
    ///
    /// `only_unlinked`: items of entities that are gone are kept.
    pub fn to_retire(
        &self,
        kind: Kind,
        only_unlinked: bool,
        after: i64,
        most: u64,
        now: Timestamp,
    ) -> anyhow::Result<Vec<Retiree>> {
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
            Ok(Retiree {
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
    pub fn count_due(&self, kind: Kind) -> anyhow::Result<u64> {
        let query = "SELECT count(*) FROM entities
             WHERE kind = ?1 AND due = 1 AND is_off = 0 AND is_unlinked = 0 AND deleted_at IS NULL";
        Ok(self.connection.prepare_cached(query)?.query_row([kind.name()], |row| row.get(0))?)
    }

    /// The entities of a kind that wait to be sent.
    pub fn due_ids(&self, kind: Kind) -> anyhow::Result<Vec<i64>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id FROM entities WHERE kind = ?1 AND due = 1 AND is_off = 0 AND is_unlinked = 0 AND deleted_at IS NULL",
        )?;
        Ok(statement.query_map([kind.name()], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// The version of an entity, which grows with everything that may have to be sent.
    pub fn version(&self, entity: i64) -> anyhow::Result<Option<i64>> {
        let query = "SELECT version FROM entities WHERE id = ?1";
        Ok(self.connection.prepare_cached(query)?.query_row([entity], |row| row.get(0)).optional()?)
    }

    /// Whether an item that is missing is to be made again, by [`Store::send_all_again`].
    pub fn is_relinked(&self, entity: i64) -> anyhow::Result<bool> {
        let query = "SELECT relink FROM entities WHERE id = ?1";
        Ok(self.connection.query_row(query, [entity], |row| row.get(0)).optional()?.unwrap_or(false))
    }
}

impl Tx<'_> {
    /// Notes what monday confirmed. The entity stays due where it changed meanwhile, or where `is_complete` is not given.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub fn confirm(&self, confirmed: &Confirmed<'_>, now: Timestamp) -> anyhow::Result<()> {
        let Confirmed { entity, version, board, item_id, is_new, sent, is_complete } = confirmed;
        let origin = is_new.then_some(Origin::Created).map(Origin::word);
        self.connection
            .prepare_cached(
                "UPDATE entities SET board = ?2, item_id = ?3, origin = coalesce(?4, origin), pushed_at = ?5,
                        due = NOT (version = ?6 AND ?7), send_all = send_all AND NOT (version = ?6 AND ?7),
                        relink = relink AND NOT (version = ?6 AND ?7)
                 WHERE id = ?1",
            )?
            .execute(params![entity, board, item_id, origin, stamp(now), version, is_complete])?;
        self.set_sent(*entity, sent)?;
        self.clear_failure(*entity, None)
    }

    /// Ties an entity to an item that was found to be its own, and shows `observed`. What differs is sent.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub fn adopt(
        &self,
        entity: i64,
        board: &str,
        item_id: &str,
        observed: &SentColumns,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE entities SET board = ?2, item_id = ?3, origin = ?4, pushed_at = ?5, due = 1 WHERE id = ?1",
            )?
            .execute(params![entity, board, item_id, Origin::Adopted.word(), stamp(now)])?;
        self.set_sent(entity, observed)?;
        self.clear_failure(entity, None)
    }

    /// Notes that nothing of an entity differs from what stands on its board.
    pub fn confirm_unchanged(&self, entity: i64, version: i64) -> anyhow::Result<()> {
        self.connection
            .prepare_cached("UPDATE entities SET due = 0, send_all = 0, relink = 0 WHERE id = ?1 AND version = ?2")?
            .execute(params![entity, version])?;
        Ok(())
    }

    /// Dissolves the tie to an item: it is gone, or nobody's any more.
    pub fn drop_item(&self, entity: i64) -> anyhow::Result<()> {
        self.connection.execute(
            "UPDATE entities SET board = NULL, item_id = NULL, origin = NULL, archive_item = 0, released_at = NULL,
                    version = version + 1, due = 1 WHERE id = ?1",
            [entity],
        )?;
        self.forget_sent(entity)?;
        self.clear_failure(entity, None)
    }

    /// Keeps in mind which item an unlinked entity had.
    pub fn remember_item(&self, entity: i64) -> anyhow::Result<()> {
        self.connection
            .execute("UPDATE entities SET former_board = board, former_item = item_id WHERE id = ?1", [entity])?;
        Ok(())
    }

    /// Ties an entity without an item to the one that it had before it was unlinked. Whether it is still there shows when it is
    /// next written to.
    pub fn tie_again(&self, entity: i64) -> anyhow::Result<()> {
        self.connection.execute(
            "UPDATE entities SET board = former_board, item_id = former_item, origin = ?2,
                    former_board = NULL, former_item = NULL
             WHERE id = ?1 AND item_id IS NULL AND former_item IS NOT NULL",
            params![entity, Origin::Linked.word()],
        )?;
        Ok(())
    }

    /// Marks an entity as dissociated.
    pub fn set_unlinked(&self, entity: i64, is_unlinked: bool, archive_item: bool) -> anyhow::Result<()> {
        self.connection.execute(
            "UPDATE entities SET is_unlinked = ?2, archive_item = ?3, due = 1, version = version + 1 WHERE id = ?1",
            params![entity, is_unlinked, archive_item],
        )?;
        Ok(())
    }

    /// Asks for every mapped column to be sent again, and forgets what failed. `relink`: an item that turns out to be missing
    /// is made again, whatever the configuration says of missing items.
    pub fn send_all_again(&self, entity: i64, relink: bool) -> anyhow::Result<()> {
        self.connection.execute(
            "UPDATE entities SET send_all = 1, relink = ?2, due = 1, version = version + 1 WHERE id = ?1",
            params![entity, relink],
        )?;
        self.connection.execute("DELETE FROM failures WHERE entity = ?1", [entity])?;
        self.connection.execute("DELETE FROM recreations WHERE entity = ?1", [entity])?;
        self.connection.execute("UPDATE entities SET has_failed = 0 WHERE id = ?1", [entity])?;
        Ok(())
    }

    /// Asks for every mapped column of an entity to be sent again, unless it is gone.
    pub(super) fn send_all(&self, entity: i64) -> anyhow::Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE entities SET send_all = 1, due = 1, version = version + 1 WHERE id = ?1 AND deleted_at IS NULL",
            )?
            .execute([entity])?;
        Ok(())
    }

    /// Marks an entity as due: something of it may have to be sent.
    pub fn mark_due(&self, entity: i64) -> anyhow::Result<()> {
        self.connection
            .prepare_cached("UPDATE entities SET due = 1, version = version + 1 WHERE id = ?1")?
            .execute([entity])?;
        Ok(())
    }
}
