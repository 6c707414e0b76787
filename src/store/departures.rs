//! Items that go: which would, which may, and how many went. Whether they may is not decided here.

use super::clock::is_after;
use super::connection::Store;
use super::due::HAS_ITEM_TO_LOSE;
use super::entities::{EntityRow, ROW, row_at};
use super::pauses::IS_PAUSED;
use super::tx::Tx;
use crate::age::latest;
use crate::entity::Kind;
use crate::stamp::stamp;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, named_params, params};

/// How long departures are kept: longer than the day for which they count.
const KEEP: SignedDuration = SignedDuration::from_hours(72);

impl Store {
    /// The entities of a kind whose items would go and were not let go yet: they are gone from HApi, or outside `only`. Paused ones keep theirs, and what becomes of the
    /// items of unlinked ones a person has decided.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn leaving(&self, kind: Kind, now: Timestamp) -> anyhow::Result<Vec<EntityRow<String>>> {
        let query = format!(
            "SELECT {ROW} FROM entities e
             WHERE e.kind = :kind AND {HAS_ITEM_TO_LOSE}
               AND e.is_unlinked = 0 AND e.released_at IS NULL AND NOT {IS_PAUSED} ORDER BY e.id"
        );
        let mut statement = self.connection.prepare_cached(&query)?;
        let rows = statement.query_map(named_params! {":kind": kind.name(), ":now": stamp(now)}, row_at)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether an entity has an item on a board that would go with it, and was not let go yet.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn has_item_to_lose(&self, entity: i64, board: &str) -> anyhow::Result<bool> {
        let query = "SELECT EXISTS (SELECT 1 FROM entities WHERE id = ?1 AND board = ?2 AND item_id IS NOT NULL
                                       AND is_unlinked = 0 AND released_at IS NULL)";
        Ok(self.connection.prepare_cached(query)?.query_row(params![entity, board], |row| row.get(0))?)
    }

    /// How many items of a kind are on a board, without those that were let go.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn count_items(&self, kind: Kind, board: &str) -> anyhow::Result<u64> {
        let query = "SELECT count(*) FROM entities
             WHERE kind = ?1 AND board = ?2 AND item_id IS NOT NULL AND is_unlinked = 0 AND released_at IS NULL";
        Ok(self.connection.prepare_cached(query)?.query_row(params![kind.name(), board], |row| row.get(0))?)
    }

    /// How many items of a kind the guard let go since then, without those that `--allow-deletes` let through.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn departures_since(&self, kind: Kind, since: Timestamp) -> anyhow::Result<u64> {
        let query = "SELECT count(*) FROM departures WHERE kind = ?1 AND at > ?2 AND is_free = 0";
        Ok(self.connection.prepare_cached(query)?.query_row(params![kind.name(), stamp(since)], |row| row.get(0))?)
    }
}

impl Tx<'_> {
    /// Lets an entity's item go at the next push, and counts it. `is_free`: `--allow-deletes` let it through.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn release(&self, entity: i64, is_free: bool, now: Timestamp) -> anyhow::Result<()> {
        let at = stamp(now);
        self.release_uncounted(entity, now)?;
        self.connection
            .prepare_cached(
                "INSERT INTO departures (kind, entity, at, is_free) SELECT kind, id, ?2, ?3 FROM entities WHERE id = ?1",
            )?
            .execute(params![entity, at, is_free])?;
        self.connection
            .prepare_cached("DELETE FROM departures WHERE at < ?1")?
            .execute([stamp(now.checked_sub(KEEP).unwrap_or(Timestamp::MIN))])?;
        Ok(())
    }

    /// Lets go of an item that stays where it is: on a board that is no longer the kind's.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn release_uncounted(&self, entity: i64, now: Timestamp) -> anyhow::Result<()> {
        self.set_released(entity, Some(now))
    }

    /// Takes back the permission for an item to go, where its entity is there again before it went: it is no departure, and
    /// does not count against `max_deletes`. Where a call about the entity is under way, the item may be gone: it counts.
    pub(super) fn take_back(&self, entity: i64) -> anyhow::Result<()> {
        let query = "SELECT released_at FROM entities
             WHERE id = ?1 AND deleted_at IS NULL AND is_off = 0 AND released_at IS NOT NULL";
        let at: Option<String> =
            self.connection.prepare_cached(query)?.query_row([entity], |row| row.get(0)).optional()?;
        let Some(at) = at else { return Ok(()) };
        self.connection.execute(
            "DELETE FROM departures WHERE entity = ?1 AND at = ?2
                AND NOT EXISTS (SELECT 1 FROM intents i WHERE i.entity = ?1)",
            params![entity, at],
        )?;
        self.set_released(entity, None)
    }

    /// Sets times that lie ahead of now to now.
    pub(super) fn void_departures_ahead(&self, now: Timestamp) -> anyhow::Result<()> {
        let query = format!("UPDATE departures SET at = ?1 WHERE {}", is_after("at"));
        self.connection.prepare_cached(&query)?.execute(params![stamp(now), stamp(latest(now))])?;
        Ok(())
    }
}
