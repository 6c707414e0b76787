//! What stands on the boards: what is due, what monday confirmed, what failed.

use super::entities::kind_at;
use super::states::IS_PAUSED;
use super::{Store, Tx, stamp};
use crate::age::latest;
use crate::entity::{EntityKey, Kind};
use crate::failure::{FailureCause, FailureDetail};
use crate::message::Message;
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
    /// What was sent last: a JSON object by column.
    pub sent: Option<String>,
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

/// A failure that is to be remembered.
#[derive(Debug, Clone, Copy)]
pub struct Failing<'f> {
    /// The entity.
    pub entity: i64,
    /// The column, or empty for the entity as a whole.
    pub column: &'f str,
    /// What was refused: it is not sent again before its time.
    pub value: Option<&'f str>,
    /// The item that is missing.
    pub item_id: Option<&'f str>,
    /// What failed, and what to do.
    pub detail: &'f FailureDetail,
}

/// A failure that is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailureRow {
    /// The column, or empty for the entity as a whole.
    pub column: String,
    /// `pull` or `push`.
    pub stage: String,
    /// Why, for programs.
    pub cause: FailureCause,
    /// What failed.
    pub message: Message,
    /// What to do.
    pub hint: Option<Message>,
    /// What was refused.
    pub value: Option<String>,
    /// How often it was tried.
    pub tries: u32,
    /// When it is tried again; `None`: parked.
    pub next_try_at: Option<String>,
    /// Whether monday does not let the column be cleared: it keeps what it shows.
    pub keeps_value: bool,
}

pub(super) const IS_UNDER_WAY: &str = "EXISTS (SELECT 1 FROM intents i WHERE i.entity = e.id)";
const IS_PARKED: &str =
    "EXISTS (SELECT 1 FROM failures f WHERE f.entity = e.id AND f.column_id = '' AND f.stage = 'push'
    AND (f.next_try_at IS NULL OR f.next_try_at > :now))";

/// Reads what is planned out of the first nine columns.
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
        sent: row.get(8)?,
    })
}

impl Store {
    /// The next entities of a kind with something to send, in the order they came, after the one numbered `after`.
    pub fn due(&self, kind: Kind, after: i64, most: u64, now: Timestamp) -> anyhow::Result<Vec<Due>> {
        let query = format!(
            "SELECT e.id, e.kind, e.key, e.version, e.send_all, r.record, e.board, e.item_id, s.columns
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

    /// What was sent last of an entity: a JSON object by column.
    pub fn sent(&self, entity: i64) -> anyhow::Result<Option<String>> {
        let query = "SELECT columns FROM sent WHERE entity = ?1";
        Ok(self.connection.prepare_cached(query)?.query_row([entity], |row| row.get(0)).optional()?)
    }

    /// Whether an item that is missing is to be made again, by [`Store::send_all_again`].
    pub fn is_relinked(&self, entity: i64) -> anyhow::Result<bool> {
        let query = "SELECT send_all = 2 FROM entities WHERE id = ?1";
        Ok(self.connection.query_row(query, [entity], |row| row.get(0)).optional()?.unwrap_or(false))
    }

    /// The failures of an entity.
    pub fn failures(&self, entity: i64) -> anyhow::Result<Vec<FailureRow>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT column_id, stage, message, hint, value, tries, next_try_at, cause, keeps_value FROM failures WHERE entity = ?1 ORDER BY column_id",
        )?;
        let rows = statement.query_map([entity], |row| {
            Ok(FailureRow {
                column: row.get(0)?,
                stage: row.get(1)?,
                cause: super::kinds::cause_at(row, 7)?,
                message: Message::from_json(&row.get::<_, String>(2)?),
                hint: row.get::<_, Option<String>>(3)?.map(|json| Message::from_json(&json)),
                value: row.get(4)?,
                tries: row.get(5)?,
                next_try_at: row.get(6)?,
                keeps_value: row.get(8)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Tx<'_> {
    /// Makes those due whose failed columns may be tried again now.
    pub fn wake_failures(&self, now: Timestamp) -> anyhow::Result<()> {
        // What failed in the future failed under a wrong clock, and so does not wait for a time of that clock.
        self.connection.execute(
            "UPDATE failures SET next_try_at = ?1 WHERE next_try_at > ?1 AND failed_at > ?2",
            params![stamp(now), stamp(latest(now))],
        )?;
        self.connection.execute(
            "UPDATE entities SET due = 1, version = version + 1
             WHERE due = 0 AND id IN (SELECT entity FROM failures WHERE next_try_at <= ?1)",
            [stamp(now)],
        )?;
        Ok(())
    }

    /// Notes what monday confirmed. The entity stays due where it changed meanwhile, or where `is_complete` is not given.
    #[expect(clippy::too_many_arguments, reason = "one row, written at once")]
    pub fn confirm(
        &self,
        entity: i64,
        version: i64,
        board: &str,
        item_id: &str,
        origin: Option<&str>,
        sent: &str,
        is_complete: bool,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE entities SET board = ?2, item_id = ?3, origin = coalesce(?4, origin), pushed_at = ?5,
                        due = CASE WHEN version = ?6 AND ?7 THEN 0 ELSE 1 END,
                        send_all = CASE WHEN version = ?6 AND ?7 THEN 0 ELSE send_all END
                 WHERE id = ?1",
            )?
            .execute(params![entity, board, item_id, origin, stamp(now), version, is_complete])?;
        self.set_sent(entity, sent)?;
        self.clear_failure(entity, "")
    }

    /// Notes that nothing of an entity differs from what stands on its board.
    pub fn confirm_unchanged(&self, entity: i64, version: i64) -> anyhow::Result<()> {
        self.connection
            .prepare_cached("UPDATE entities SET due = 0, send_all = 0 WHERE id = ?1 AND version = ?2")?
            .execute(params![entity, version])?;
        Ok(())
    }

    /// Notes what an item shows already.
    pub fn set_sent(&self, entity: i64, sent: &str) -> anyhow::Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO sent (entity, columns) VALUES (?1, ?2) ON CONFLICT (entity) DO UPDATE SET columns = excluded.columns",
            )?
            .execute(params![entity, sent])?;
        Ok(())
    }

    /// Lets the failed columns of a board's entities be tried again: the board has changed. Values that no board would take
    /// are not among them: they were parked at their first try.
    pub fn retry_failures_of(&self, board: &str, now: Timestamp) -> anyhow::Result<()> {
        self.connection.execute(
            "UPDATE failures SET next_try_at = ?2, tries = 0 WHERE stage = 'push' AND column_id <> ''
                AND (next_try_at IS NOT NULL OR tries > 1) AND entity IN (SELECT id FROM entities WHERE board = ?1)",
            params![board, stamp(now)],
        )?;
        self.wake_failures(now)
    }

    /// Lets refused connections to an item be tried again: it is there after all.
    pub fn retry_connections_to(&self, item_id: &str, now: Timestamp) -> anyhow::Result<()> {
        self.connection.execute(
            "UPDATE failures SET next_try_at = ?2, tries = 0 WHERE stage = 'push' AND column_id <> ''
                AND value IN ('{\"item_ids\":[' || ?1 || ']}', '{\"item_ids\":[\"' || ?1 || '\"]}')",
            params![item_id, stamp(now)],
        )?;
        self.wake_failures(now)
    }

    /// Dissolves the tie to an item: it is gone, or nobody's any more.
    pub fn drop_item(&self, entity: i64) -> anyhow::Result<()> {
        self.connection.execute(
            "UPDATE entities SET board = NULL, item_id = NULL, origin = NULL, archive_item = 0, released_at = NULL,
                    version = version + 1, due = 1 WHERE id = ?1",
            [entity],
        )?;
        self.connection.execute("DELETE FROM sent WHERE entity = ?1", [entity])?;
        self.clear_failure(entity, "")
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
            "UPDATE entities SET board = former_board, item_id = former_item, origin = 'linked',
                    former_board = NULL, former_item = NULL
             WHERE id = ?1 AND item_id IS NULL AND former_item IS NOT NULL",
            [entity],
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
        let send_all = if relink { 2 } else { 1 };
        self.connection.execute(
            "UPDATE entities SET send_all = ?2, due = 1, version = version + 1 WHERE id = ?1",
            [entity, send_all],
        )?;
        self.connection.execute("DELETE FROM failures WHERE entity = ?1", [entity])?;
        self.connection.execute("DELETE FROM recreations WHERE entity = ?1", [entity])?;
        self.connection.execute("UPDATE entities SET has_failed = 0 WHERE id = ?1", [entity])?;
        Ok(())
    }

    /// Marks an entity as due: something of it may have to be sent.
    pub fn mark_due(&self, entity: i64) -> anyhow::Result<()> {
        self.connection
            .prepare_cached("UPDATE entities SET due = 1, version = version + 1 WHERE id = ?1")?
            .execute([entity])?;
        Ok(())
    }

    /// Remembers a failure, counting the tries of one that stood already.
    ///
    /// Fails where the store cannot be written.
    pub fn fail(
        &self,
        failing: &Failing<'_>,
        now: Timestamp,
        next_try: impl Fn(u32) -> Option<Timestamp>,
    ) -> anyhow::Result<()> {
        let Failing { entity, column, value, item_id, detail } = failing;
        let tries: u32 = self
            .connection
            .prepare_cached("SELECT tries FROM failures WHERE entity = ?1 AND column_id = ?2 AND value IS ?3")?
            .query_row(params![entity, column, value], |row| row.get(0))
            .optional()?
            .unwrap_or(0)
            + 1;
        self.connection
            .prepare_cached(
                "INSERT INTO failures
                    (entity, column_id, stage, cause, message, hint, value, item_id, tries, next_try_at, failed_at)
                 VALUES (?1, ?2, 'push', ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
                 ON CONFLICT (entity, column_id) DO UPDATE SET
                    stage = excluded.stage, cause = excluded.cause, message = excluded.message, hint = excluded.hint,
                    value = excluded.value, item_id = excluded.item_id, tries = excluded.tries,
                    next_try_at = excluded.next_try_at, failed_at = excluded.failed_at,
                    keeps_value = keeps_value AND value IS excluded.value",
            )?
            .execute(params![
                entity,
                column,
                detail.cause.code(),
                detail.error.to_json(),
                detail.hint.as_ref().map(Message::to_json),
                value,
                item_id,
                tries,
                next_try(tries).map(stamp),
                stamp(now)
            ])?;
        self.connection.prepare_cached("UPDATE entities SET has_failed = 1 WHERE id = ?1")?.execute([entity])?;
        Ok(())
    }

    /// Notes that monday does not let a column be cleared whose value it refuses. Returns whether there was such a column.
    ///
    /// Fails where the store cannot be written.
    pub fn keep_value(&self, entity: i64, column: &str, blank: &str) -> anyhow::Result<bool> {
        let noted = self.connection.execute(
            "UPDATE failures SET keeps_value = 1
             WHERE entity = ?1 AND column_id = ?2 AND value IS NOT NULL AND value <> ?3",
            params![entity, column, blank],
        )?;
        Ok(noted > 0)
    }

    /// Forgets one failure of an entity.
    pub fn clear_failure(&self, entity: i64, column: &str) -> anyhow::Result<()> {
        let removed = self
            .connection
            .prepare_cached("DELETE FROM failures WHERE entity = ?1 AND column_id = ?2")?
            .execute(params![entity, column])?;
        if removed > 0 {
            self.connection
                .prepare_cached(
                    "UPDATE entities SET has_failed = EXISTS (SELECT 1 FROM failures WHERE entity = ?1) WHERE id = ?1",
                )?
                .execute([entity])?;
        }
        Ok(())
    }
}
