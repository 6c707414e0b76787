//! In which state each entity is, and who paused what: counted and listed.

use super::connection::Store;
use super::due::{HAS_ITEM_TO_LOSE, IS_DUE};
use super::entities::{AFTER_ROW, EntityRow, ROW, row_at};
use super::pauses::IS_PAUSED;
use super::read::{required_time_at, time_at, word_at};
use crate::entity::Kind;
use crate::stamp::stamp;
use crate::word::words;
use jiff::Timestamp;
use rusqlite::Row;
use std::collections::BTreeMap;

words! {
    /// State of an entity; of several that hold, the first counts.
    pub enum State {
        /// Gone from HApi.
        Deleted = "deleted",
        /// Not pushed: no board, `push = false`, outside `only`.
        Off = "off",
        /// Dissociated by a person.
        Unlinked = "unlinked",
        /// Paused by a person.
        Paused = "paused",
        /// Something of it failed.
        Error = "error",
        /// Something of it is to be sent.
        Pending = "pending",
        /// monday has confirmed all of it.
        Synced = "synced",
    }
}

/// Entity in a list, with its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StateRow {
    /// What names it, and its item.
    pub(crate) entity: EntityRow,
    /// Its name.
    pub(crate) name: String,
    /// Its state.
    pub(crate) state: State,
    /// When its record was received.
    pub(crate) received_at: Timestamp,
    /// When monday last confirmed something of it.
    pub(crate) pushed_at: Option<Timestamp>,
}

/// Pushing of a kind, as the configuration has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pushing {
    /// It is pushed to a board.
    On,
    /// It is not pushed: its entities are off.
    Off,
}

impl Pushing {
    /// On, where that is so.
    pub(crate) fn on_if(is_pushed: bool) -> Pushing {
        if is_pushed { Pushing::On } else { Pushing::Off }
    }

    pub(super) fn is_off(self) -> bool {
        self == Pushing::Off
    }
}

impl Store {
    /// How many entities of a kind are in each state, with and without an item. Counted along an index: the table of kinds is asked for every minute by some.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn count_states(
        &self,
        kind: Kind,
        pushing: Pushing,
        now: Timestamp,
    ) -> anyhow::Result<Vec<(State, bool, u64)>> {
        let mut counts: BTreeMap<(State, bool), u64> = BTreeMap::new();
        for segment in self.segments(kind, pushing, now)? {
            for (is_linked, count) in [(true, segment.linked), (false, segment.count - segment.linked)] {
                *counts.entry((segment.state, is_linked)).or_default() += count;
            }
        }
        counts.retain(|_, count| *count > 0);
        Ok(counts.into_iter().map(|((state, is_linked), count)| (state, is_linked, count)).collect())
    }

    /// Since when the oldest change of a kind waits to be pushed, items that have to go included. What is paused, or
    /// failed, does not wait. `keeps_items`: items of what is gone stay.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn oldest_change(
        &self,
        kind: Kind,
        keeps_items: bool,
        now: Timestamp,
    ) -> anyhow::Result<Option<Timestamp>> {
        let since = "coalesce(e.due_since, e.deleted_at, e.received_at)";
        let (since, waits) = match self.has_pauses(kind)? {
            false => (since.to_owned(), "e.kind = :kind AND e.has_failed = 0 AND :now IS NOT NULL".to_owned()),
            // What a pause held back waits since the pause ended.
            true => (
                format!(
                    "max({since}, coalesce((SELECT max(p.until) FROM pauses p
                        WHERE p.kind = e.kind AND (p.key = e.key OR p.key IS NULL) AND p.until <= :now), {since}))"
                ),
                format!("e.kind = :kind AND e.has_failed = 0 AND NOT {IS_PAUSED}"),
            ),
        };
        let query = format!(
            "SELECT min(since) FROM (
                SELECT {since} AS since FROM entities e
                WHERE {waits} AND {IS_DUE}
                UNION ALL
                SELECT {since} FROM entities e
                WHERE {waits} AND {HAS_ITEM_TO_LOSE}
                    AND (e.is_unlinked = 1 OR NOT :keeps))"
        );
        let values = rusqlite::named_params! {":kind": kind.name(), ":now": stamp(now), ":keeps": keeps_items};
        Ok(self.connection.prepare_cached(&query)?.query_row(values, |row| time_at(row, 0))?)
    }

    /// How many entities of a kind are gone from HApi while monday refused to let their items go.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn count_stuck(&self, kind: Kind) -> anyhow::Result<u64> {
        let query = "SELECT count(*) FROM entities e WHERE e.kind = ?1 AND e.deleted_at IS NOT NULL AND e.has_failed = 1
             AND e.item_id IS NOT NULL AND EXISTS (SELECT 1 FROM failures f WHERE f.entity = e.id AND f.column_id IS NULL)";
        Ok(self.connection.prepare_cached(query)?.query_row([kind.name()], |row| row.get(0))?)
    }

    /// The entities of a kind, or the one with this key, with their states, in the order of their keys' numbers.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn list_states(
        &self,
        kind: Kind,
        pushing: Pushing,
        key: Option<&str>,
        now: Timestamp,
    ) -> anyhow::Result<Vec<StateRow>> {
        let query = format!(
            "SELECT {} FROM entities e
             WHERE e.kind = :kind AND {} ORDER BY CAST(e.key AS INTEGER), e.key",
            state_columns(),
            // One condition for both would use no index.
            if key.is_some() { "e.key = :key" } else { ":key IS NULL" },
        );
        let values =
            rusqlite::named_params! {":kind": kind.name(), ":off": pushing.is_off(), ":key": key, ":now": stamp(now)};
        let mut statement = self.connection.prepare_cached(&query)?;
        let rows = statement.query_map(values, state_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Walks through entities of a kind with their states, in the order of their keys' numbers, without holding more than one.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn each_state(
        &self,
        kind: Kind,
        pushing: Pushing,
        filter: &EntityFilter,
        now: Timestamp,
        mut work: impl FnMut(StateRow) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let query = format!(
            "SELECT {}
             FROM {} WHERE e.kind = :kind AND {} AND :ids IS :ids ORDER BY CAST(e.key AS INTEGER), e.key",
            state_columns(),
            if filter.ids.is_some() {
                "json_each(:ids) j CROSS JOIN entities e ON e.id = j.value"
            } else {
                "entities e"
            },
            filter.condition(pushing),
        );
        let ids = filter.ids.as_ref().map(serde_json::to_string).transpose()?;
        let values =
            rusqlite::named_params! {":kind": kind.name(), ":off": pushing.is_off(), ":ids": ids, ":now": stamp(now)};
        let mut statement = self.connection.prepare(&query)?;
        let mut rows = statement.query(values)?;
        while let Some(row) = rows.next()? {
            let row = state_row(row)?;
            if filter.state.is_none_or(|state| state == row.state) {
                work(row)?;
            }
        }
        Ok(())
    }

    /// The entities of a kind that name a parent by this value, with their states, in the order of their keys' numbers.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn list_children(
        &self,
        kind: Kind,
        pushing: Pushing,
        parent: Kind,
        value: &str,
        now: Timestamp,
    ) -> anyhow::Result<Vec<StateRow>> {
        let query = format!(
            "SELECT {}
             FROM refs r CROSS JOIN entities e ON e.id = r.child
             WHERE r.parent_kind = :parent AND r.value = :value AND e.kind = :kind AND e.deleted_at IS NULL
             ORDER BY CAST(e.key AS INTEGER), e.key",
            state_columns()
        );
        let values = rusqlite::named_params! {
            ":kind": kind.name(), ":off": pushing.is_off(), ":parent": parent.name(), ":value": value, ":now": stamp(now)
        };
        let mut statement = self.connection.prepare_cached(&query)?;
        let rows = statement.query_map(values, state_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// Columns that [`state_row`] reads.
pub(super) fn state_columns() -> String {
    format!("{ROW}, e.name, {}, e.received_at, e.pushed_at", state_sql())
}

pub(super) fn state_row(row: &Row<'_>) -> rusqlite::Result<StateRow> {
    Ok(StateRow {
        entity: row_at(row)?,
        name: row.get(AFTER_ROW)?,
        state: word_at(row, AFTER_ROW + 1, "a state")?,
        received_at: required_time_at(row, AFTER_ROW + 2)?,
        pushed_at: time_at(row, AFTER_ROW + 3)?,
    })
}

/// Choice of the entities of a kind that are walked through. Deleted ones are left out, unless that is the state asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct EntityFilter {
    /// Only those in this state.
    pub(crate) state: Option<State>,
    /// Only these, by the store's numbers.
    pub(crate) ids: Option<Vec<i64>>,
}

impl EntityFilter {
    /// What can be looked up along an index. It lets through all in the state asked for, and perhaps some more.
    fn condition(&self, pushing: Pushing) -> &'static str {
        match self.state {
            Some(State::Deleted) => "e.deleted_at IS NOT NULL",
            Some(State::Off) if pushing == Pushing::On => "e.deleted_at IS NULL AND e.is_off = 1",
            Some(State::Unlinked) => "e.deleted_at IS NULL AND e.is_off = 0 AND e.is_unlinked = 1",
            Some(State::Error) => "e.deleted_at IS NULL AND e.is_off = 0 AND e.is_unlinked = 0 AND e.has_failed = 1",
            Some(State::Pending) => {
                "e.deleted_at IS NULL AND e.is_off = 0 AND e.is_unlinked = 0 AND e.has_failed = 0
                 AND (e.due = 1 OR e.item_id IS NULL)"
            }
            Some(State::Paused) => {
                "e.deleted_at IS NULL AND EXISTS (SELECT 1 FROM pauses p WHERE p.kind = :kind AND (p.key = e.key OR p.key IS NULL))"
            }
            _ => "e.deleted_at IS NULL",
        }
    }
}

/// Flags that decide the state of an entity that is not deleted; see [`state_sql`] for the same in SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Flags {
    pub(super) is_off: bool,
    pub(super) is_unlinked: bool,
    pub(super) has_failed: bool,
    pub(super) is_due: bool,
    pub(super) is_linked: bool,
}

impl Flags {
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Flags> {
        Ok(Flags {
            is_off: row.get(0)?,
            is_unlinked: row.get(1)?,
            has_failed: row.get(2)?,
            is_due: row.get(3)?,
            is_linked: row.get(4)?,
        })
    }

    pub(super) fn state(&self, pushing: Pushing, is_paused: bool) -> State {
        if pushing.is_off() || self.is_off {
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

/// The state of an entity `e` of the kind `:kind`, as SQL: the first that holds. Where nothing of the kind is paused, that is
/// asked once and not for each entity.
pub(super) fn state_sql() -> String {
    format!(
        "CASE WHEN e.deleted_at IS NOT NULL THEN 'deleted' WHEN :off OR e.is_off THEN 'off'
              WHEN e.is_unlinked THEN 'unlinked'
              WHEN EXISTS (SELECT 1 FROM pauses a WHERE a.kind = :kind) AND {IS_PAUSED} THEN 'paused'
              WHEN e.has_failed THEN 'error'
              WHEN e.due OR e.item_id IS NULL THEN 'pending' ELSE 'synced' END"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{FailureCause, FailureDetail};
    use crate::message::Message;
    use crate::store::{Confirmed, DeletionReason, Derived, Failing, NewPause, SentColumns, UnlinkedItem};
    use rusqlite::params;
    use std::sync::LazyLock;

    fn confirmed(entity: i64) -> Confirmed<'static> {
        static NOTHING: LazyLock<SentColumns> = LazyLock::new(SentColumns::default);
        Confirmed { entity, version: 1, board: "5", item_id: "77", is_new: false, sent: &NOTHING, is_complete: true }
    }

    #[test]
    fn flags_decide_the_state_as_the_sql_does() {
        let mut store = Store::in_memory().expect("a store");
        let now: Timestamp = "2026-11-22T05:00:00Z".parse().expect("a time");
        let id = store.write(|tx| tx.add(Kind::UNIT, "1", "{}", now, &Derived::default())).expect("an entity");
        let set =
            "UPDATE entities SET is_off = ?2, is_unlinked = ?3, has_failed = ?4, due = ?5, item_id = ?6 WHERE id = ?1";
        let query = format!("SELECT {} FROM entities e WHERE e.id = :id AND e.kind = :kind", state_sql());
        for bits in 0..128_u8 {
            let [is_off, is_unlinked, has_failed, is_due, is_linked, is_kind_off, is_paused] =
                std::array::from_fn(|bit| bits & (1 << bit) != 0);
            let item = is_linked.then_some("7");
            store.connection.execute(set, params![id, is_off, is_unlinked, has_failed, is_due, item]).expect("set");
            store
                .write(|tx| match is_paused {
                    true => tx.pause(Kind::UNIT, Some("1"), NewPause::default(), now),
                    false => tx.resume(Kind::UNIT, None, now),
                })
                .expect("paused or not");
            let values = rusqlite::named_params! {
                ":id": id, ":kind": Kind::UNIT.name(), ":off": is_kind_off, ":now": stamp(now)
            };
            let by_sql = store.connection.query_row(&query, values, |row| word_at(row, 0, "a state")).expect("a state");
            let flags = Flags { is_off, is_unlinked, has_failed, is_due, is_linked };
            assert_eq!(
                flags.state(Pushing::on_if(!is_kind_off), is_paused),
                by_sql,
                "{flags:?}, off {is_kind_off}, paused {is_paused}"
            );
        }
    }

    #[test]
    fn the_counts_of_states_are_those_of_the_list() {
        let now: Timestamp = "2026-11-22T05:00:00Z".parse().expect("a time");
        let mut store = Store::in_memory().expect("a store");
        for key in 0..8 {
            let derive = |_: &str| Derived { is_off: key == 7, ..Derived::default() };
            let id =
                store.write(|tx| tx.upsert(Kind::UNIT, &key.to_string(), "{}", now, derive)).expect("an entity").id();
            if key > 1 {
                store.write(|tx| tx.confirm(&confirmed(id), now)).expect("confirmed");
            }
            match key {
                2 => store.write(|tx| tx.unlink(id, UnlinkedItem::Kept)).expect("unlinked"),
                3 => {
                    let detail = FailureDetail::new(FailureCause::ValueUnfit, Message::foreign("x"));
                    let failing =
                        Failing { entity: id, column: Some("c"), value: None, item_id: None, detail: &detail };
                    store.write(|tx| tx.fail(&failing, now, |_| None)).expect("failed");
                }
                6 => store.write(|tx| tx.delete(id, DeletionReason::Gone, false, now)).expect("deleted"),
                _ => {}
            }
        }
        let over: Timestamp = "2026-11-22T04:00:00Z".parse().expect("a time");
        for (key, until) in [("1", None), ("2", None), ("4", Some(over)), ("7", None)] {
            let pause = NewPause { until, ..NewPause::default() };
            store.write(|tx| tx.pause(Kind::UNIT, Some(key), pause, now)).expect("paused");
        }
        let agree = |store: &Store, pushing: Pushing| {
            let mut listed: BTreeMap<(State, bool), u64> = BTreeMap::new();
            for row in store.list_states(Kind::UNIT, pushing, None, now).expect("a list") {
                *listed.entry((row.state, row.entity.item_id.is_some())).or_default() += 1;
            }
            listed.retain(|(state, _), _| *state != State::Deleted);
            for state in [State::Off, State::Unlinked, State::Paused, State::Error, State::Pending, State::Synced] {
                let filter = EntityFilter { state: Some(state), ids: None };
                let mut found = 0;
                let count = |row: StateRow| {
                    assert_eq!(row.state, state);
                    found += 1;
                    Ok(())
                };
                store.each_state(Kind::UNIT, pushing, &filter, now, count).expect("a walk");
                let expected =
                    listed.iter().filter(|((other, _), _)| *other == state).map(|(_, count)| count).sum::<u64>();
                assert_eq!(found, expected, "{state:?}");
            }
            let counted = store.count_states(Kind::UNIT, pushing, now).expect("counts");
            let counted: BTreeMap<(State, bool), u64> =
                counted.into_iter().map(|(state, is_linked, count)| ((state, is_linked), count)).collect();
            assert_eq!(counted, listed);
            counted.len()
        };
        assert_eq!(agree(&store, Pushing::On), 6);
        agree(&store, Pushing::Off);
        store.write(|tx| tx.pause(Kind::UNIT, None, NewPause::default(), now)).expect("paused");
        agree(&store, Pushing::On);
    }
}
