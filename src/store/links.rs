//! What stands on the boards: what is due, what monday confirmed, what failed, what is paused.

use super::entities::kind_at;
use super::{Store, stamp};
use crate::entity::Kind;
use crate::message::Message;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};
use std::collections::BTreeMap;

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

/// The states an entity can be in; of several that hold, the first counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Gone from HApi.
    Deleted,
    /// Not pushed: no board, `push = false`, outside `only`.
    Off,
    /// Dissociated by a person.
    Unlinked,
    /// Paused by a person.
    Paused,
    /// Something of it failed.
    Error,
    /// Something of it is to be sent.
    Pending,
    /// monday has confirmed all of it.
    Synced,
}

impl State {
    /// The word in JSON and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            State::Deleted => "deleted",
            State::Off => "off",
            State::Unlinked => "unlinked",
            State::Paused => "paused",
            State::Error => "error",
            State::Pending => "pending",
            State::Synced => "synced",
        }
    }

    /// The state of that word.
    pub fn parse(word: &str) -> Option<State> {
        use State::*;
        [Deleted, Off, Unlinked, Paused, Error, Pending, Synced].into_iter().find(|state| state.word() == word)
    }
}

/// One entity in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateRow {
    /// The store's number.
    pub id: i64,
    /// Its kind.
    pub kind: Kind,
    /// Its key.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Its state.
    pub state: State,
    /// Its item.
    pub item_id: Option<String>,
    /// When its record was received.
    pub received_at: String,
    /// When monday last confirmed something of it.
    pub pushed_at: Option<String>,
}

/// A failure that is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailureRow {
    /// The column, or empty for the entity as a whole.
    pub column: String,
    /// `pull` or `push`.
    pub stage: String,
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
}

/// A pause in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// Why.
    pub reason: Option<String>,
    /// Who.
    pub who: Option<String>,
    /// Until when.
    pub until: Option<String>,
    /// Since when.
    pub paused_at: String,
    /// Whether the whole kind is paused.
    pub is_whole_kind: bool,
}

pub(super) const IS_PAUSED: &str = "EXISTS (SELECT 1 FROM pauses p WHERE p.kind = e.kind AND p.key IN ('', e.key)
    AND (p.until IS NULL OR p.until > :now))";
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

    /// The entities of a kind whose items have to go, after the one numbered `after`.
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
               AND (e.is_unlinked = 1 OR NOT :only_unlinked) AND e.id > :after AND NOT {IS_UNDER_WAY} AND NOT {IS_PARKED} AND NOT {IS_PAUSED}
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

    /// Makes those due whose failed columns may be tried again now.
    pub fn wake_failures(&mut self, now: Timestamp) -> anyhow::Result<()> {
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
        &mut self,
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
    pub fn confirm_unchanged(&mut self, entity: i64, version: i64) -> anyhow::Result<()> {
        self.connection
            .prepare_cached("UPDATE entities SET due = 0, send_all = 0 WHERE id = ?1 AND version = ?2")?
            .execute(params![entity, version])?;
        Ok(())
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

    /// Notes what an item shows already.
    pub fn set_sent(&mut self, entity: i64, sent: &str) -> anyhow::Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO sent (entity, columns) VALUES (?1, ?2) ON CONFLICT (entity) DO UPDATE SET columns = excluded.columns",
            )?
            .execute(params![entity, sent])?;
        Ok(())
    }

    /// Lets the failed columns of a board's entities be tried again: the board has changed. Values that no board would take
    /// are not among them: they were parked at their first try.
    pub fn retry_failures_of(&mut self, board: &str, now: Timestamp) -> anyhow::Result<()> {
        self.connection.execute(
            "UPDATE failures SET next_try_at = ?2, tries = 0 WHERE stage = 'push' AND column_id <> ''
                AND (next_try_at IS NOT NULL OR tries > 1) AND entity IN (SELECT id FROM entities WHERE board = ?1)",
            params![board, stamp(now)],
        )?;
        self.wake_failures(now)
    }

    /// Dissolves the tie to an item: it is gone, or nobody's any more.
    pub fn drop_item(&mut self, entity: i64) -> anyhow::Result<()> {
        self.connection.execute(
            "UPDATE entities SET board = NULL, item_id = NULL, origin = NULL, archive_item = 0, version = version + 1,
                    due = 1 WHERE id = ?1",
            [entity],
        )?;
        self.connection.execute("DELETE FROM sent WHERE entity = ?1", [entity])?;
        self.clear_failure(entity, "")
    }

    /// Keeps in mind which item an unlinked entity had.
    pub fn remember_item(&mut self, entity: i64) -> anyhow::Result<()> {
        self.connection
            .execute("UPDATE entities SET former_board = board, former_item = item_id WHERE id = ?1", [entity])?;
        Ok(())
    }

    /// Ties an entity without an item to the one that it had before it was unlinked. Whether it is still there shows when it is
    /// next written to.
    pub fn tie_again(&mut self, entity: i64) -> anyhow::Result<()> {
        self.connection.execute(
            "UPDATE entities SET board = former_board, item_id = former_item, origin = 'linked',
                    former_board = NULL, former_item = NULL
             WHERE id = ?1 AND item_id IS NULL AND former_item IS NOT NULL",
            [entity],
        )?;
        Ok(())
    }

    /// Marks an entity as dissociated.
    pub fn set_unlinked(&mut self, entity: i64, is_unlinked: bool, archive_item: bool) -> anyhow::Result<()> {
        self.connection.execute(
            "UPDATE entities SET is_unlinked = ?2, archive_item = ?3, due = 1, version = version + 1 WHERE id = ?1",
            params![entity, is_unlinked, archive_item],
        )?;
        Ok(())
    }

    /// Asks for every mapped column to be sent again, and forgets what failed. `relink`: an item that turns out to be missing
    /// is made again, whatever the configuration says of missing items.
    pub fn send_all_again(&mut self, entity: i64, relink: bool) -> anyhow::Result<()> {
        let send_all = if relink { 2 } else { 1 };
        self.connection.execute(
            "UPDATE entities SET send_all = ?2, due = 1, version = version + 1 WHERE id = ?1",
            [entity, send_all],
        )?;
        self.connection.execute("DELETE FROM failures WHERE entity = ?1", [entity])?;
        self.connection.execute("UPDATE entities SET has_failed = 0 WHERE id = ?1", [entity])?;
        Ok(())
    }

    /// Marks an entity as due: something of it may have to be sent.
    pub fn mark_due(&mut self, entity: i64) -> anyhow::Result<()> {
        self.connection
            .prepare_cached("UPDATE entities SET due = 1, version = version + 1 WHERE id = ?1")?
            .execute([entity])?;
        Ok(())
    }

    /// Whether an item that is missing is to be made again, by [`Store::send_all_again`].
    pub fn is_relinked(&self, entity: i64) -> anyhow::Result<bool> {
        let query = "SELECT send_all = 2 FROM entities WHERE id = ?1";
        Ok(self.connection.query_row(query, [entity], |row| row.get(0)).optional()?.unwrap_or(false))
    }

    /// The entities of a kind that are paused now.
    pub fn count_paused(&self, kind: Kind, now: Timestamp) -> anyhow::Result<u64> {
        let query = format!(
            "SELECT count(*) FROM entities e WHERE e.kind = :kind AND e.deleted_at IS NULL AND e.is_off = 0
                AND e.is_unlinked = 0 AND {IS_PAUSED}"
        );
        let values = rusqlite::named_params! {":kind": kind.name(), ":now": stamp(now)};
        Ok(self.connection.query_row(&query, values, |row| row.get(0))?)
    }

    /// Remembers a failure, counting the tries of one that stood already.
    #[expect(clippy::too_many_arguments, reason = "one row, written at once")]
    pub fn fail(
        &mut self,
        entity: i64,
        column: &str,
        stage: &str,
        message: &Message,
        hint: Option<&Message>,
        value: Option<&str>,
        now: Timestamp,
        next_try: impl Fn(u32) -> Option<Timestamp>,
    ) -> anyhow::Result<()> {
        let tries: u32 = self
            .connection
            .prepare_cached("SELECT tries FROM failures WHERE entity = ?1 AND column_id = ?2 AND value IS ?3")?
            .query_row(params![entity, column, value], |row| row.get(0))
            .optional()?
            .unwrap_or(0)
            + 1;
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO failures (entity, column_id, stage, message, hint, value, tries, next_try_at, failed_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute(params![
                entity,
                column,
                stage,
                message.to_json(),
                hint.map(Message::to_json),
                value,
                tries,
                next_try(tries).map(stamp),
                stamp(now)
            ])?;
        self.connection.prepare_cached("UPDATE entities SET has_failed = 1 WHERE id = ?1")?.execute([entity])?;
        Ok(())
    }

    /// Forgets one failure of an entity.
    pub fn clear_failure(&mut self, entity: i64, column: &str) -> anyhow::Result<()> {
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

    /// The failures of an entity.
    pub fn failures(&self, entity: i64) -> anyhow::Result<Vec<FailureRow>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT column_id, stage, message, hint, value, tries, next_try_at FROM failures WHERE entity = ?1 ORDER BY column_id",
        )?;
        let rows = statement.query_map([entity], |row| {
            Ok(FailureRow {
                column: row.get(0)?,
                stage: row.get(1)?,
                message: Message::from_json(&row.get::<_, String>(2)?),
                hint: row.get::<_, Option<String>>(3)?.map(|json| Message::from_json(&json)),
                value: row.get(4)?,
                tries: row.get(5)?,
                next_try_at: row.get(6)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Pauses a kind (empty `key`) or an entity; a pause that stands is replaced.
    pub fn pause(
        &mut self,
        kind: Kind,
        key: &str,
        reason: Option<&str>,
        who: Option<&str>,
        until: Option<&str>,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        self.connection.execute(
            "INSERT OR REPLACE INTO pauses (kind, key, reason, who, until, paused_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![kind.name(), key, reason, who, until, stamp(now)],
        )?;
        Ok(())
    }

    /// Ends a pause; a whole kind's (empty `key`) ends those of its entities too.
    pub fn resume(&mut self, kind: Kind, key: &str) -> anyhow::Result<u64> {
        let query = "DELETE FROM pauses WHERE kind = ?1 AND (key = ?2 OR ?2 = '')";
        Ok(self.connection.execute(query, params![kind.name(), key])? as u64)
    }

    /// The pause of an entity that is in force, its own before its kind's.
    pub fn pause_of(&self, kind: Kind, key: &str, now: Timestamp) -> anyhow::Result<Option<Pause>> {
        let query = "SELECT reason, who, until, paused_at, key = '' FROM pauses
             WHERE kind = ?1 AND key IN ('', ?2) AND (until IS NULL OR until > ?3) ORDER BY key DESC LIMIT 1";
        let pause = self.connection.query_row(query, params![kind.name(), key, stamp(now)], |row| {
            Ok(Pause {
                reason: row.get(0)?,
                who: row.get(1)?,
                until: row.get(2)?,
                paused_at: row.get(3)?,
                is_whole_kind: row.get(4)?,
            })
        });
        Ok(pause.optional()?)
    }

    /// How many entities of a kind are in each state, with and without an item. `is_off`: the configuration does not push
    /// this kind. Counted along an index: the table of kinds is asked for every minute by some.
    pub fn count_states(&self, kind: Kind, is_off: bool, now: Timestamp) -> anyhow::Result<Vec<(State, bool, u64)>> {
        let is_all_paused = self.is_kind_paused(kind, now)?;
        let mut counts: BTreeMap<(State, bool), u64> = BTreeMap::new();
        let mut statement = self.connection.prepare_cached(
            "SELECT is_off, is_unlinked, has_failed, due, item_id IS NOT NULL, count(*) FROM entities
             WHERE kind = ?1 AND deleted_at IS NULL
             GROUP BY is_off, is_unlinked, has_failed, due, item_id IS NOT NULL",
        )?;
        let mut rows = statement.query([kind.name()])?;
        while let Some(row) = rows.next()? {
            let flags = Flags::read(row)?;
            *counts.entry((flags.state(is_off, is_all_paused), flags.is_linked)).or_default() +=
                row.get::<_, u64>(5)?;
        }
        if !is_all_paused {
            self.move_paused(kind, is_off, now, &mut counts)?;
        }
        Ok(counts.into_iter().map(|((state, is_linked), count)| (state, is_linked, count)).collect())
    }

    fn is_kind_paused(&self, kind: Kind, now: Timestamp) -> anyhow::Result<bool> {
        let query =
            "SELECT EXISTS (SELECT 1 FROM pauses WHERE kind = ?1 AND key = '' AND (until IS NULL OR until > ?2))";
        Ok(self.connection.query_row(query, params![kind.name(), stamp(now)], |row| row.get(0))?)
    }

    /// Counts those that are paused by themselves as paused.
    fn move_paused(
        &self,
        kind: Kind,
        is_off: bool,
        now: Timestamp,
        counts: &mut BTreeMap<(State, bool), u64>,
    ) -> anyhow::Result<()> {
        let mut statement = self.connection.prepare_cached(
            "SELECT e.is_off, e.is_unlinked, e.has_failed, e.due, e.item_id IS NOT NULL
             FROM pauses p CROSS JOIN entities e ON e.kind = p.kind AND e.key = p.key
             WHERE p.kind = ?1 AND (p.until IS NULL OR p.until > ?2) AND e.deleted_at IS NULL",
        )?;
        let mut rows = statement.query(params![kind.name(), stamp(now)])?;
        while let Some(row) = rows.next()? {
            let flags = Flags::read(row)?;
            for (is_paused, step) in [(false, -1), (true, 1)] {
                let count = counts.entry((flags.state(is_off, is_paused), flags.is_linked)).or_default();
                *count = count.saturating_add_signed(step);
            }
        }
        counts.retain(|_, count| *count > 0);
        Ok(())
    }

    /// The entities of a kind with their states, in the order of their keys' numbers.
    pub fn list_states(
        &self,
        kind: Kind,
        is_off: bool,
        key: Option<&str>,
        now: Timestamp,
    ) -> anyhow::Result<Vec<StateRow>> {
        let query = format!(
            "SELECT e.id, e.key, e.name, {}, e.item_id, e.received_at, e.pushed_at FROM entities e
             WHERE e.kind = :kind AND (:key IS NULL OR e.key = :key) ORDER BY CAST(e.key AS INTEGER), e.key",
            state_sql()
        );
        let values = rusqlite::named_params! {":kind": kind.name(), ":off": is_off, ":key": key, ":now": stamp(now)};
        let mut statement = self.connection.prepare_cached(&query)?;
        let rows = statement.query_map(values, |row| {
            Ok(StateRow {
                id: row.get(0)?,
                kind,
                key: row.get(1)?,
                name: row.get(2)?,
                state: state_at(row, 3)?,
                item_id: row.get(4)?,
                received_at: row.get(5)?,
                pushed_at: row.get(6)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// What decides the state of an entity that is not deleted; see [`state_sql`] for the same in SQL.
struct Flags {
    is_off: bool,
    is_unlinked: bool,
    has_failed: bool,
    is_due: bool,
    is_linked: bool,
}

impl Flags {
    fn read(row: &Row<'_>) -> rusqlite::Result<Flags> {
        Ok(Flags {
            is_off: row.get(0)?,
            is_unlinked: row.get(1)?,
            has_failed: row.get(2)?,
            is_due: row.get(3)?,
            is_linked: row.get(4)?,
        })
    }

    fn state(&self, is_kind_off: bool, is_paused: bool) -> State {
        if is_kind_off || self.is_off {
            State::Off
        } else if self.is_unlinked {
            State::Unlinked
        } else if is_paused {
            State::Paused
        } else if self.has_failed {
            State::Error
        } else if self.is_due || !self.is_linked {
            State::Pending
        } else {
            State::Synced
        }
    }
}

/// The state of an entity `e`, as SQL: the first that holds.
pub(super) fn state_sql() -> String {
    format!(
        "CASE WHEN e.deleted_at IS NOT NULL THEN 'deleted' WHEN :off OR e.is_off THEN 'off'
              WHEN e.is_unlinked THEN 'unlinked' WHEN {IS_PAUSED} THEN 'paused' WHEN e.has_failed THEN 'error'
              WHEN e.due OR e.item_id IS NULL THEN 'pending' ELSE 'synced' END"
    )
}

pub(super) fn state_at(row: &Row<'_>, index: usize) -> rusqlite::Result<State> {
    let word: String = row.get(index)?;
    Ok(State::parse(&word).unwrap_or(State::Pending))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Derived;

    #[test]
    fn the_counts_of_states_are_those_of_the_list() {
        let now: Timestamp = "2026-11-22T05:00:00Z".parse().expect("a time");
        let mut store = Store::in_memory().expect("a store");
        for key in 0..8 {
            let derive = |_: &str| Derived { is_off: key == 7, ..Derived::default() };
            let id = store.absorb(Kind::Unit, &key.to_string(), "{}", now, derive).expect("an entity").id();
            if key > 1 {
                store.confirm(id, 1, "5", "77", None, "{}", true, now).expect("confirmed");
            }
            match key {
                2 => store.set_unlinked(id, true, false).expect("unlinked"),
                3 => store.fail(id, "c", "push", &Message::foreign("x"), None, None, now, |_| None).expect("failed"),
                6 => store.delete(id, "gone", false, now).expect("deleted"),
                _ => {}
            }
        }
        store.commit().expect("committed");
        for (key, until) in [("1", None), ("2", None), ("4", Some("2026-11-22T04:00:00.000Z")), ("7", None)] {
            store.pause(Kind::Unit, key, None, None, until, now).expect("paused");
        }
        let agree = |store: &Store, is_off: bool| {
            let mut listed: BTreeMap<(State, bool), u64> = BTreeMap::new();
            for row in store.list_states(Kind::Unit, is_off, None, now).expect("a list") {
                *listed.entry((row.state, row.item_id.is_some())).or_default() += 1;
            }
            listed.retain(|(state, _), _| *state != State::Deleted);
            let counted = store.count_states(Kind::Unit, is_off, now).expect("counts");
            let counted: BTreeMap<(State, bool), u64> =
                counted.into_iter().map(|(state, is_linked, count)| ((state, is_linked), count)).collect();
            assert_eq!(counted, listed);
            counted.len()
        };
        assert_eq!(agree(&store, false), 6);
        agree(&store, true);
        store.pause(Kind::Unit, "", None, None, None, now).expect("paused");
        agree(&store, false);
    }
}
