//! State of entities: every write to their table.

use super::clock::is_after;
use super::due::{HAS_ITEM_TO_LOSE, IS_DUE};
use super::entities::DeletionReason;
use super::records::Derived;
use super::sent::SentColumns;
use super::tx::Tx;
use crate::age::latest;
use crate::clock::Clock;
use crate::entity::Kind;
use crate::stamp::stamp;
use crate::word::{Word, words};
use jiff::Timestamp;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::{Connection, params};
use std::panic::AssertUnwindSafe;

/// State of an entity's item that monday confirmed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Confirmed<'c> {
    /// The entity.
    pub(crate) entity: i64,
    /// Its version when it was planned.
    pub(crate) version: i64,
    /// The board that its item is on.
    pub(crate) board: &'c str,
    /// The item.
    pub(crate) item_id: &'c str,
    /// Whether the item was made.
    pub(crate) is_new: bool,
    /// All that was sent of it by now.
    pub(crate) sent: &'c SentColumns,
    /// Whether nothing was left to be sent after it.
    pub(crate) is_complete: bool,
}

words! {
    /// Way in which an entity came by its item.
    pub(crate) enum Origin {
        /// It was made for the entity.
        Created = "created",
        /// It was there, and was found by its key or its identity.
        Adopted = "adopted",
        /// A person linked them.
        Linked = "linked",
    }
}

/// Whatever makes an entity wait notes when, by this clock. What comes while it waits already does not make it younger.
pub(super) fn note_due_since(connection: &Connection, clock: &Clock) -> rusqlite::Result<()> {
    let clock = AssertUnwindSafe(clock.clone());
    let now = move |_: &Context<'_>| Ok(stamp(clock.now()));
    connection.create_scalar_function("time_of_day", 0, FunctionFlags::SQLITE_UTF8, now)?;
    // Of this connection alone: nobody else has the clock.
    connection.execute_batch(
        "CREATE TEMP TRIGGER entities_become_due AFTER UPDATE OF due, is_off, is_unlinked, deleted_at ON main.entities
             WHEN new.due = 1 AND old.due = 0 OR new.is_off <> old.is_off OR new.is_unlinked <> old.is_unlinked
                 OR (new.deleted_at IS NULL) <> (old.deleted_at IS NULL)
         BEGIN
             UPDATE entities SET due_since = time_of_day() WHERE id = new.id;
         END",
    )
}

/// Fate of the item of an entity that is dissociated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnlinkedItem {
    /// It stays on its board.
    Kept,
    /// It is archived.
    Archived,
}

/// Treatment of an item that turns out to be missing, where all of it is to be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IfMissing {
    /// As the configuration says.
    AsConfigured,
    /// It is made again, whatever the configuration says.
    MakeAgain,
}

impl Tx<'_> {
    /// Notes what monday confirmed. The entity stays due where it changed meanwhile, or where `is_complete` is not given.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn confirm(&self, confirmed: &Confirmed<'_>, now: Timestamp) -> anyhow::Result<()> {
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

    /// Links an entity to an item that was found to be its own, and shows `observed`. What differs is sent.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn adopt(
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
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn confirm_unchanged(&self, entity: i64, version: i64) -> anyhow::Result<()> {
        self.connection
            .prepare_cached("UPDATE entities SET due = 0, send_all = 0, relink = 0 WHERE id = ?1 AND version = ?2")?
            .execute(params![entity, version])?;
        Ok(())
    }

    /// Removes the link to an item: it is gone, or nobody's any more.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn drop_item(&self, entity: i64) -> anyhow::Result<()> {
        self.connection.execute(
            "UPDATE entities SET board = NULL, item_id = NULL, origin = NULL, archive_item = 0, released_at = NULL,
                    version = version + 1, due = 1 WHERE id = ?1",
            [entity],
        )?;
        self.forget_sent(entity)?;
        self.clear_failure(entity, None)
    }

    /// Keeps in mind which item an entity had that was unlinked, or is gone from HApi.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn remember_item(&self, entity: i64) -> anyhow::Result<()> {
        self.connection
            .execute("UPDATE entities SET former_board = board, former_item = item_id WHERE id = ?1", [entity])?;
        Ok(())
    }

    /// Links an entity without an item to the one that it had before it was unlinked. Whether it is still there shows when it is
    /// next written to.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn link_again(&self, entity: i64) -> anyhow::Result<()> {
        self.connection.execute(
            "UPDATE entities SET board = former_board, item_id = former_item, origin = ?2,
                    former_board = NULL, former_item = NULL
             WHERE id = ?1 AND item_id IS NULL AND former_item IS NOT NULL",
            params![entity, Origin::Linked.word()],
        )?;
        Ok(())
    }

    /// Marks an entity as dissociated.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn unlink(&self, entity: i64, item: UnlinkedItem) -> anyhow::Result<()> {
        self.connection.execute(
            "UPDATE entities SET is_unlinked = 1, archive_item = ?2, due = 1, version = version + 1 WHERE id = ?1",
            params![entity, item == UnlinkedItem::Archived],
        )?;
        Ok(())
    }

    /// Ends that an entity is dissociated.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn end_unlink(&self, entity: i64) -> anyhow::Result<()> {
        self.connection.execute(
            "UPDATE entities SET is_unlinked = 0, archive_item = 0, due = 1, version = version + 1 WHERE id = ?1",
            [entity],
        )?;
        Ok(())
    }

    /// Asks for every mapped column to be sent again, and forgets what failed.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn send_all_again(&self, entity: i64, if_missing: IfMissing) -> anyhow::Result<()> {
        self.connection.execute(
            "UPDATE entities SET send_all = 1, relink = ?2, due = 1, version = version + 1 WHERE id = ?1",
            params![entity, if_missing == IfMissing::MakeAgain],
        )?;
        self.forget_recreations(entity)?;
        self.clear_failures(entity)
    }

    /// Marks an entity as due, unless it is gone.
    pub(super) fn mark_due_if_there(&self, entity: i64) -> anyhow::Result<()> {
        self.connection
            .prepare_cached("UPDATE entities SET due = 1, version = version + 1 WHERE id = ?1 AND deleted_at IS NULL")?
            .execute([entity])?;
        Ok(())
    }

    /// Marks an entity as due: something of it may have to be sent.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn mark_due(&self, entity: i64) -> anyhow::Result<()> {
        self.connection
            .prepare_cached("UPDATE entities SET due = 1, version = version + 1 WHERE id = ?1")?
            .execute([entity])?;
        Ok(())
    }

    /// Links an entity to an item; `shows` stands in place of what was sent. Lifts an `unlink`. Nobody else comes back to the
    /// item.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn link(&self, entity: i64, board: &str, item_id: &str, shows: &SentColumns) -> anyhow::Result<()> {
        self.connection.execute(
            "UPDATE entities SET former_board = NULL, former_item = NULL WHERE former_item = ?1 OR id = ?2",
            params![item_id, entity],
        )?;
        self.connection.execute(
            "UPDATE entities SET board = ?2, item_id = ?3, origin = ?4, is_unlinked = 0, archive_item = 0 WHERE id = ?1",
            params![entity, board, item_id, Origin::Linked.word()],
        )?;
        self.clear_failure(entity, None)?;
        self.note_observed(entity, shows)
    }

    /// Notes what an item was observed to show in place of what was sent; the entity is due.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn note_observed(&self, entity: i64, sent: &SentColumns) -> anyhow::Result<()> {
        self.set_sent(entity, sent)?;
        self.mark_due(entity)
    }

    /// Marks an entity as deleted: gone from HApi, or only out of `filter`.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn delete(&self, id: i64, why: DeletionReason, is_free: bool, now: Timestamp) -> anyhow::Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE entities SET deleted_at = ?2, deleted_why = ?3, deleted_freely = ?4, version = version + 1
                 WHERE id = ?1 AND deleted_at IS NULL",
            )?
            .execute(params![id, stamp(now), why.word(), is_free])?;
        self.clear_unread(id)?;
        self.clear_failure(id, None)
    }

    /// Lets all of a kind be planned again.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn mark_all_due(&self, kind: Kind) -> anyhow::Result<()> {
        self.connection.execute(
            "UPDATE entities SET due = 1, version = version + 1 WHERE kind = ?1 AND deleted_at IS NULL",
            [kind.name()],
        )?;
        Ok(())
    }

    /// Adds an entity, due from now on. Returns its number.
    pub(super) fn insert_entity(
        &self,
        kind: Kind,
        key: &str,
        derived: &Derived,
        now: Timestamp,
    ) -> anyhow::Result<i64> {
        self.connection
            .prepare_cached(
                "INSERT INTO entities (kind, key, name, is_off, received_at, due_since) VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
            )?
            .execute(params![kind.name(), key, derived.name, derived.is_off, stamp(now)])?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Notes that an entity has another record; one that was deleted is back.
    pub(super) fn renew_entity(&self, entity: i64, derived: &Derived, now: Timestamp) -> anyhow::Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE entities SET name = ?2, is_off = ?3, received_at = ?4, due = 1, version = version + 1,
                        deleted_at = NULL, deleted_why = NULL, deleted_freely = 0 WHERE id = ?1",
            )?
            .execute(params![entity, derived.name, derived.is_off, stamp(now)])?;
        Ok(())
    }

    /// Notes that a webhook named an entity of which something is due.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn note_notified(&self, kind: Kind, key: &str) -> anyhow::Result<()> {
        self.connection
            .prepare_cached("UPDATE entities SET notified_version = version WHERE kind = ?1 AND key = ?2 AND due = 1")?
            .execute(params![kind.name(), key])?;
        Ok(())
    }

    /// Notes what follows from an entity's record by other rules.
    pub(super) fn rederive_entity(&self, entity: i64, derived: &Derived) -> anyhow::Result<()> {
        self.connection
            .prepare_cached("UPDATE entities SET name = ?2, is_off = ?3, due = 1, version = version + 1 WHERE id = ?1")?
            .execute(params![entity, derived.name, derived.is_off])?;
        Ok(())
    }

    /// Gives an entity another key.
    pub(super) fn set_key(&self, entity: i64, key: &str) -> anyhow::Result<()> {
        self.connection
            .prepare_cached("UPDATE entities SET key = ?2, due = 1, version = version + 1 WHERE id = ?1")?
            .execute(params![entity, key])?;
        Ok(())
    }

    /// Removes an entity; what other tables hold of it goes too, but for what names it by its key.
    pub(super) fn remove_entity(&self, entity: i64) -> anyhow::Result<()> {
        self.forget_links(entity)?;
        self.connection.prepare_cached("DELETE FROM entities WHERE id = ?1")?.execute([entity])?;
        Ok(())
    }

    /// Marks as due the children that name their parent by `value`. One that is due already need not be marked, unless what was planned
    /// of it is under way.
    pub(super) fn mark_children_due(&self, parent: Kind, value: &str) -> anyhow::Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE entities SET due = 1, version = version + 1
                 WHERE id IN (SELECT child FROM refs WHERE parent_kind = ?1 AND value = ?2) AND deleted_at IS NULL
                   AND (due = 0 OR EXISTS (SELECT 1 FROM intents i WHERE i.entity = entities.id))",
            )?
            .execute(params![parent.name(), value])?;
        Ok(())
    }

    /// Marks as due every entity of a kind that has an item, or a change under way that may have made one.
    pub(super) fn mark_due_with_item(&self, kind: Kind) -> anyhow::Result<()> {
        self.connection.execute(
            "UPDATE entities SET due = 1, version = version + 1 WHERE kind = ?1
                AND (item_id IS NOT NULL OR EXISTS (SELECT 1 FROM intents i WHERE i.entity = entities.id))",
            [kind.name()],
        )?;
        Ok(())
    }

    /// Marks as due the entities with a failure whose retry is due.
    pub(super) fn mark_due_to_retry(&self, now: Timestamp) -> anyhow::Result<()> {
        self.connection.execute(
            "UPDATE entities SET due = 1, version = version + 1
             WHERE due = 0 AND id IN (SELECT entity FROM failures WHERE next_try_at <= ?1)",
            [stamp(now)],
        )?;
        Ok(())
    }

    /// Notes whether an entity has failures.
    pub(super) fn note_failures(&self, entity: i64) -> anyhow::Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE entities SET has_failed = EXISTS (SELECT 1 FROM failures WHERE entity = ?1) WHERE id = ?1",
            )?
            .execute([entity])?;
        Ok(())
    }

    /// Notes of a kind's entities that have no failure any more.
    pub(super) fn note_no_failures(&self, kind: Kind) -> anyhow::Result<()> {
        self.connection.execute(
            "UPDATE entities SET has_failed = 0 WHERE kind = ?1 AND has_failed = 1
                    AND NOT EXISTS (SELECT 1 FROM failures f WHERE f.entity = entities.id)",
            [kind.name()],
        )?;
        Ok(())
    }

    /// Notes when the guard let an entity's item go; `None`: it stays.
    pub(super) fn set_released(&self, entity: i64, at: Option<Timestamp>) -> anyhow::Result<()> {
        self.connection
            .prepare_cached("UPDATE entities SET released_at = ?2 WHERE id = ?1")?
            .execute(params![entity, at.map(stamp)])?;
        Ok(())
    }

    /// Lets what waited for the end of a pause wait from now on.
    pub(super) fn wait_from(&self, kind: Kind, key: Option<&str>, now: Timestamp) -> anyhow::Result<()> {
        self.connection.execute(
            "UPDATE entities SET due_since = ?3 WHERE kind = ?1 AND (key = ?2 OR ?2 IS NULL) AND EXISTS
                (SELECT 1 FROM pauses p WHERE p.kind = entities.kind AND (p.key = entities.key OR p.key IS NULL))",
            params![kind.name(), key, stamp(now)],
        )?;
        Ok(())
    }

    /// Sets times of a kind's entities that lie ahead of now to now. By kind, so that they are looked up along an index.
    pub(super) fn void_entity_times_ahead(&self, kind: Kind, now: Timestamp) -> anyhow::Result<()> {
        let values = params![stamp(now), stamp(latest(now)), kind.name()];
        let waits =
            |condition: &str| format!("UPDATE entities AS e SET due_since = ?1 WHERE e.kind = ?3 AND {condition}");
        for (update, column) in [
            ("UPDATE entities SET deleted_at = ?1 WHERE kind = ?3".to_owned(), "deleted_at"),
            (waits(IS_DUE), "due_since"),
            (waits(HAS_ITEM_TO_LOSE), "due_since"),
        ] {
            self.connection.prepare_cached(&format!("{update} AND {}", is_after(column)))?.execute(values)?;
        }
        Ok(())
    }
}
