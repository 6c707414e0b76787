//! Lists of entities, worst first, a page at a time. What stands in one state, with the same flags, is a segment of an index, so
//! that a page is read without sorting, however many entities there are.

use super::connection::Store;
use super::states::{Flags, Pushing, State, StateRow, state_columns, state_row};
use crate::entity::Kind;
use crate::stamp::stamp;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, named_params};

/// Page of a list: where it begins, and how long it is at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slice {
    /// How many entities stand before it.
    pub(crate) offset: u64,
    /// How many it has at most.
    pub(crate) limit: u64,
}

/// Segment of a kind: its entities that have the same flags, or those that are paused by themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Segment {
    /// Their kind.
    pub(crate) kind: Kind,
    /// Their state.
    pub(crate) state: State,
    /// How many there are.
    pub(crate) count: u64,
    /// How many of them have an item.
    pub(super) linked: u64,
    /// `None`: those that are paused by themselves.
    flags: Option<Flags>,
}

/// Rank of a state in lists: what somebody should look at stands first.
pub(crate) fn rank(state: State) -> u8 {
    match state {
        State::Error => 0,
        State::Pending => 1,
        State::Paused => 2,
        State::Unlinked => 3,
        State::Synced => 4,
        State::Off => 5,
        State::Deleted => 6,
    }
}

/// Entities of a segment that has flags, along the index of states.
const OF_FLAGS: &str = "e.is_off = :own_off AND e.is_unlinked = :unlinked AND e.has_failed = :failed AND e.due = :due
    AND (e.item_id IS NOT NULL) = :linked";
/// Entities that are paused by themselves, by their pauses `p`.
const PAUSED_THEMSELVES: &str = "(p.until IS NULL OR p.until > :now) AND e.is_off = 0 AND e.is_unlinked = 0";
/// The same as a condition on `e`.
const IS_PAUSED_ITSELF: &str =
    "EXISTS (SELECT 1 FROM pauses p WHERE p.kind = e.kind AND p.key = e.key AND (p.until IS NULL OR p.until > :now))";

impl Store {
    /// The segments of a kind.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn segments(&self, kind: Kind, pushing: Pushing, now: Timestamp) -> anyhow::Result<Vec<Segment>> {
        let is_all_paused = self.is_kind_paused(kind, now)?;
        let mut statement = self.connection.prepare_cached(
            "SELECT is_off, is_unlinked, has_failed, due, item_id IS NOT NULL, count(*) FROM entities
             WHERE kind = ?1 AND deleted_at IS NULL
             GROUP BY is_off, is_unlinked, has_failed, due, item_id IS NOT NULL",
        )?;
        let counted = statement.query_map([kind.name()], |row| Ok((Flags::read(row)?, row.get::<_, u64>(5)?)))?;
        let mut segments = Vec::new();
        for row in counted {
            let (flags, count) = row?;
            let (state, linked) = (flags.state(pushing, is_all_paused), if flags.is_linked { count } else { 0 });
            segments.push(Segment { kind, state, count, linked, flags: Some(flags) });
        }
        if !is_all_paused && pushing == Pushing::On && self.has_pauses(kind)? {
            self.set_paused_apart(kind, now, &mut segments)?;
        }
        segments.retain(|segment| segment.count > 0);
        Ok(segments)
    }

    /// Takes those that are paused by themselves out of the segments that they would stand in, into one of their own.
    fn set_paused_apart(&self, kind: Kind, now: Timestamp, segments: &mut Vec<Segment>) -> anyhow::Result<()> {
        let mut statement = self.connection.prepare_cached(
            "SELECT e.is_off, e.is_unlinked, e.has_failed, e.due, e.item_id IS NOT NULL, count(*)
             FROM pauses p CROSS JOIN entities e ON e.kind = p.kind AND e.key = p.key
             WHERE p.kind = ?1 AND (p.until IS NULL OR p.until > ?2) AND e.deleted_at IS NULL
             GROUP BY 1, 2, 3, 4, 5",
        )?;
        let counted = statement
            .query_map([kind.name(), &stamp(now)], |row| Ok((Flags::read(row)?, row.get::<_, u64>(5)?)))?
            .collect::<Result<Vec<_>, _>>()?;
        let (mut paused, mut linked) = (0, 0);
        for (flags, count) in counted {
            // What is not pushed, or dissociated, is that first.
            let is_paused = true;
            if flags.state(Pushing::On, is_paused) != State::Paused {
                continue;
            }
            let with_item = if flags.is_linked { count } else { 0 };
            (paused, linked) = (paused + count, linked + with_item);
            for segment in segments.iter_mut().filter(|segment| segment.flags == Some(flags)) {
                segment.count = segment.count.saturating_sub(count);
                segment.linked = segment.linked.saturating_sub(with_item);
            }
        }
        segments.push(Segment { kind, state: State::Paused, count: paused, linked, flags: None });
        Ok(())
    }

    /// A page of a segment, in the order in which the entities came.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn page_of(
        &self,
        segment: &Segment,
        pushing: Pushing,
        slice: Slice,
        now: Timestamp,
    ) -> anyhow::Result<Vec<StateRow>> {
        let flags = segment.flags.unwrap_or_default();
        let (from, which) = match segment.flags {
            None => {
                ("pauses p CROSS JOIN entities e ON e.kind = p.kind AND e.key = p.key", PAUSED_THEMSELVES.to_owned())
            }
            Some(_) if pushing.is_off() || segment.state == State::Paused || !self.has_pauses(segment.kind)? => {
                ("entities e", OF_FLAGS.to_owned())
            }
            Some(_) => ("entities e", format!("{OF_FLAGS} AND (e.is_unlinked OR e.is_off OR NOT {IS_PAUSED_ITSELF})")),
        };
        // Every value is named in every form of the query: one that is not is an error.
        let query = format!(
            "SELECT {} FROM {from} WHERE e.kind = :kind AND e.deleted_at IS NULL AND {which}
                AND coalesce(:own_off, :unlinked, :failed, :due, :linked) IS NOT NULL
             ORDER BY e.id LIMIT :limit OFFSET :offset",
            state_columns()
        );
        let values = named_params! {
            ":kind": segment.kind.name(), ":off": pushing.is_off(), ":now": stamp(now),
            ":own_off": flags.is_off, ":unlinked": flags.is_unlinked, ":failed": flags.has_failed, ":due": flags.is_due,
            ":linked": flags.is_linked, ":limit": slice.limit, ":offset": slice.offset,
        };
        let mut statement = self.connection.prepare_cached(&query)?;
        let rows = statement.query_map(values, state_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// SQLite's `data_version`: another number once another connection has changed the store.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn data_version(&self) -> anyhow::Result<i64> {
        Ok(self.connection.query_row("PRAGMA data_version", [], |row| row.get(0))?)
    }

    /// Whether it is read where it is; else it is a copy, or there is none yet.
    pub(crate) fn is_in_place(&self) -> bool {
        self.connection.path().is_some_and(|path| !path.is_empty())
    }

    /// How many changes a run has recorded.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn count_changes(&self, run: i64) -> anyhow::Result<u64> {
        let query = "SELECT count(*) FROM changes WHERE run = ?1";
        Ok(self.connection.query_row(query, [run], |row| row.get(0)).optional()?.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Derived, NewPause};

    /// A store with so many units, each seventh of them paused.
    fn store(units: u64) -> Store {
        let mut store = Store::in_memory().expect("a store");
        let now = Timestamp::UNIX_EPOCH;
        store
            .write(|tx| {
                for number in 1..=units {
                    let key = number.to_string();
                    let derive = |_: &str| Derived { name: format!("Unit {number}"), ..Derived::default() };
                    tx.upsert(Kind::UNIT, &key, &format!(r#"{{"Id":{number}}}"#), now, derive)?;
                    if number % 7 == 0 {
                        tx.pause(Kind::UNIT, Some(&key), NewPause::default(), now)?;
                    }
                }
                Ok(())
            })
            .expect("written");
        store
    }

    /// The keys of a whole list, read in pages of `limit`, with the states of their segments.
    fn walked(store: &Store, limit: u64) -> Vec<(State, String)> {
        let now = Timestamp::UNIX_EPOCH;
        let mut all = Vec::new();
        for segment in store.segments(Kind::UNIT, Pushing::On, now).expect("counted") {
            let mut offset = 0;
            while offset < segment.count {
                let page = store.page_of(&segment, Pushing::On, Slice { offset, limit }, now).expect("a page");
                assert!(page.iter().all(|row| row.state == segment.state), "{page:?} in {segment:?}");
                offset += limit;
                all.extend(page.into_iter().map(|row| (row.state, row.entity.key)));
            }
        }
        all
    }

    #[test]
    fn pages_hold_every_entity_once_in_the_state_that_it_is_in() {
        let store = store(50);
        for limit in [1, 7, 100] {
            let walked = walked(&store, limit);
            let of = |state| walked.iter().filter(|(other, _)| *other == state).count();
            assert_eq!((walked.len(), of(State::Paused), of(State::Pending)), (50, 7, 43), "pages of {limit}");
            let keys: std::collections::BTreeSet<_> = walked.iter().map(|(_, key)| key).collect();
            assert_eq!(keys.len(), 50);
        }
    }
}
