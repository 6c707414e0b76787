//! Times that a wrong clock left behind: those that something is counted from begin anew.

use super::tx::Tx;
use crate::entity::Kind;
use jiff::Timestamp;

impl Tx<'_> {
    /// Sets times that lie ahead of now to now, where something is counted from them and would otherwise be counted from a day to
    /// come: when a change began to wait, an entity was deleted, an item went, a failure was first met, a receiver or a subscription began, an
    /// event came. Times that a read or a write replaces anyway are left; whoever compares them takes them for unknown. The
    /// end of a pause is a person's, and stays.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn void_times_ahead(&self, now: Timestamp) -> anyhow::Result<()> {
        self.void_event_times_ahead(now)?;
        self.void_kind_failures_ahead(now)?;
        self.void_side_failures_ahead(now)?;
        self.void_departures_ahead(now)?;
        for kind in Kind::all() {
            self.void_entity_times_ahead(kind, now)?;
        }
        Ok(())
    }
}

/// Whether the time in a column is later than `?2`, as SQL. What is no time at all is not, and so stays for those to meet who
/// read it: it is an error, and becomes no time of ours.
pub(super) fn is_after(column: &str) -> String {
    format!("{column} > ?2 AND {column} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T*'")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::testing::standing_at;
    use crate::store::{DeletionReason, Derived, EventSource, Store};

    #[test]
    fn what_is_counted_from_a_time_ahead_is_counted_from_now() {
        let mut store = Store::in_memory().expect("a store");
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let (ahead, now) = (at("2027-11-22T05:00:00Z"), at("2026-11-22T05:00:00Z"));
        let unit = store.write(|tx| tx.add(Kind::UNIT, "1", "{}", ahead, &Derived::default())).expect("added");
        store
            .write(|tx| tx.add(Kind::UNIT, "2", "{}", at("2026-11-21T05:00:00Z"), &Derived::default()))
            .expect("added");
        store.write(|tx| tx.set_subscription("Unit", "https://example.org", ahead)).expect("kept");
        store.write(|tx| tx.receive_since(EventSource::Listen, ahead)).expect("kept");
        assert_eq!(store.oldest_change(Kind::UNIT, false, now).expect("read"), Some(at("2026-11-21T05:00:00Z")));
        store.write(|tx| tx.void_times_ahead(now)).expect("voided");
        let since = "SELECT due_since FROM entities ORDER BY id";
        let rows: Vec<String> = {
            let mut statement = store.connection.prepare(since).expect("a query");
            statement.query_map([], |row| row.get(0)).expect("rows").collect::<Result<_, _>>().expect("texts")
        };
        assert_eq!(rows, ["2026-11-22T05:00:00.000Z", "2026-11-21T05:00:00.000Z"]);
        assert_eq!(store.subscriptions().expect("read")[0].since, now);
        assert_eq!(store.receiver().expect("read").map(|receiver| receiver.since), Some(now));
        store.write(|tx| tx.delete(unit, DeletionReason::Gone, false, ahead)).expect("deleted");
        store.write(|tx| tx.void_times_ahead(now)).expect("voided");
        assert_eq!(store.deletes_since(Kind::UNIT, at("2026-11-22T05:01:00Z")).expect("read"), 0);
        assert_eq!(store.deletes_since(Kind::UNIT, at("2026-11-22T04:00:00Z")).expect("read"), 1);
    }

    #[test]
    fn a_change_waits_since_then_by_the_clock_that_was_handed_down() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let (folder, clock) = (tempfile::tempdir().expect("a folder"), standing_at("2031-01-01T00:00:00Z"));
        let mut store = Store::open(&folder.path().join("store.db"), &clock).expect("a store");
        let received_at = at("2026-11-22T05:00:00Z");
        let unit = store.write(|tx| tx.add(Kind::UNIT, "1", "{}", received_at, &Derived::default())).expect("added");
        let oldest = |store: &Store| store.oldest_change(Kind::UNIT, false, clock.now()).expect("read");
        assert_eq!(oldest(&store), Some(received_at));
        store.write(|tx| tx.confirm_unchanged(unit, 1)).expect("nothing waits");
        assert_eq!(oldest(&store), None);
        store.write(|tx| tx.mark_due(unit)).expect("due");
        assert_eq!(oldest(&store), Some(clock.now()));
    }
}
