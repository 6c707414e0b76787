//! What was spent and what must wait: calls per UTC day, "not before", boards as last read.

use super::connection::Store;
use super::read::required_time_at;
use super::scrub::Scrubber;
use super::sent::required_json_at;
use super::tx::Tx;
use crate::age::latest;
use crate::entity::Kind;
use crate::message::Message;
use crate::stamp::stamp;
use crate::word::{Word, words};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, params};
use std::time::Duration;

words! {
    /// Side that is called: HApi or monday.
    pub(crate) enum Side {
        /// HApi.
        Hapi = "hapi",
        /// monday.
        Monday = "monday",
    }
}

impl Side {
    /// How far ahead a wait that it announces is believed. monday's longest is to the next midnight of UTC; HApi's limits count
    /// by the minute. What lies further ahead comes from a broken server, or from a clock that was wrong.
    fn longest_wait(self) -> SignedDuration {
        match self {
            Side::Hapi => SignedDuration::from_hours(1),
            Side::Monday => SignedDuration::from_hours(25),
        }
    }

    /// The end of a wait of that length that begins now, as far as it is believed.
    pub(crate) fn believed_until(self, wait: Duration, now: Timestamp) -> Timestamp {
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX).min(self.longest_wait());
        now.checked_add(wait).unwrap_or(Timestamp::MAX)
    }
}

/// Pause that a server asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wait {
    /// It is not called before.
    pub(crate) until: Timestamp,
    /// Why.
    pub(crate) why: Message,
    /// Whether the calls of the UTC day are used up.
    pub(crate) is_daily: bool,
}

/// Cause of a pause that a server asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WaitCause {
    /// It asked for it.
    Asked,
    /// The calls of the UTC day are used up.
    DaySpent,
}

/// Board as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BoardRow {
    /// Its name.
    pub(crate) name: String,
    /// Its address for people.
    pub(crate) url: Option<String>,
    /// Its columns, as monday wrote them.
    pub(crate) columns: String,
    /// The ids of its groups.
    pub(crate) groups: Vec<String>,
}

fn day(now: Timestamp) -> String {
    now.to_zoned(TimeZone::UTC).date().to_string()
}

impl Store {
    /// The calls of today.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn calls_today(&self, side: Side, now: Timestamp) -> anyhow::Result<u64> {
        let query = format!("SELECT {} FROM calls WHERE day = ?1", side.word());
        Ok(self.connection.query_row(&query, [day(now)], |row| row.get(0)).optional()?.unwrap_or(0))
    }

    /// The pause that is still in force. One that lies further ahead than its side is believed is void: the clock was wrong when
    /// it was stored.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn wait(&self, side: Side, now: Timestamp) -> anyhow::Result<Option<Wait>> {
        let query = "SELECT until, why, is_daily FROM waits WHERE side = ?1";
        let wait = self.connection.query_row(query, [side.word()], |row| {
            let why: String = row.get(1)?;
            Ok(Wait { until: required_time_at(row, 0)?, why: Message::from_json(&why), is_daily: row.get(2)? })
        });
        Ok(wait.optional()?.filter(|wait| wait.until > now && wait.until <= side.believed_until(Duration::MAX, now)))
    }

    /// A board that was read since then; a reading from the future is none.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn board_since(
        &self,
        board: &str,
        since: Timestamp,
        now: Timestamp,
    ) -> anyhow::Result<Option<BoardRow>> {
        let query = "SELECT name, url, columns, groups FROM boards
             WHERE board = ?1 AND read_at >= ?2 AND read_at <= ?3 AND groups IS NOT NULL";
        let row = self.connection.query_row(query, params![board, stamp(since), stamp(latest(now))], |row| {
            Ok(BoardRow {
                name: row.get(0)?,
                url: row.get(1)?,
                columns: row.get(2)?,
                groups: required_json_at(row, 3)?,
            })
        });
        Ok(row.optional()?)
    }

    /// A board's columns as last read.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn board_columns(&self, board: &str) -> anyhow::Result<Option<String>> {
        let query = "SELECT columns FROM boards WHERE board = ?1";
        Ok(self.connection.query_row(query, [board], |row| row.get(0)).optional()?)
    }

    /// A board's name as last read.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn board_name(&self, board: &str) -> anyhow::Result<Option<String>> {
        let query = "SELECT name FROM boards WHERE board = ?1";
        Ok(self.connection.query_row(query, [board], |row| row.get(0)).optional()?)
    }

    /// A board's address for people, as last read.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn board_url(&self, board: &str) -> anyhow::Result<Option<String>> {
        let query = "SELECT url FROM boards WHERE board = ?1";
        Ok(self.connection.query_row(query, [board], |row| row.get(0)).optional()?.flatten())
    }

    /// Whether a board was looked through for items of a kind that are already there.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn is_adopted(&self, board: &str, key_column: &str, kind: Kind) -> anyhow::Result<bool> {
        let query = "SELECT EXISTS (SELECT 1 FROM adoptions WHERE board = ?1 AND key_column = ?2 AND kind = ?3)";
        Ok(self.connection.query_row(query, params![board, key_column, kind.name()], |row| row.get(0))?)
    }
}

impl Tx<'_> {
    /// Counts one call of today.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn count_call(&self, side: Side, now: Timestamp) -> anyhow::Result<()> {
        self.count_calls(side, 1, now)
    }

    /// Counts calls of today.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn count_calls(&self, side: Side, calls: u64, now: Timestamp) -> anyhow::Result<()> {
        let column = side.word();
        let statement = format!(
            "INSERT INTO calls (day, {column}) VALUES (?1, ?2) ON CONFLICT (day) DO UPDATE SET {column} = {column} + excluded.{column}"
        );
        self.connection.prepare_cached(&statement)?.execute(params![day(now), calls])?;
        Ok(())
    }

    /// Takes one call of today back: it found no connection, so that it cannot have reached the other side.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn uncount_call(&self, side: Side, now: Timestamp) -> anyhow::Result<()> {
        let column = side.word();
        let statement = format!("UPDATE calls SET {column} = max({column} - 1, 0) WHERE day = ?1");
        self.connection.prepare_cached(&statement)?.execute([day(now)])?;
        Ok(())
    }

    /// Keeps until when a server wants to be left alone ([`Side::believed_until`]), so that the next run does not ask it again too
    /// early.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn set_wait(&self, side: Side, until: Timestamp, why: &Message, cause: WaitCause) -> anyhow::Result<()> {
        self.connection.execute(
            "INSERT OR REPLACE INTO waits (side, until, why, is_daily) VALUES (?1, ?2, ?3, ?4)",
            params![side.word(), stamp(until), why.to_json(), cause == WaitCause::DaySpent],
        )?;
        Ok(())
    }

    /// Keeps a board as read. Returns whether its columns differ from those known before.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn set_board(&self, board: &str, read: &BoardRow, now: Timestamp) -> anyhow::Result<bool> {
        let (before, groups) = (self.board_columns(board)?, serde_json::to_string(&read.groups)?);
        self.connection.execute(
            "INSERT OR REPLACE INTO boards (board, name, url, columns, groups, read_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![board, read.name, read.url, read.columns, groups, stamp(now)],
        )?;
        Ok(before.is_some_and(|before| before != read.columns))
    }

    /// Has a board looked through anew for items of a kind.
    pub(super) fn forget_adoption(&self, board: &str, kind: Kind) -> anyhow::Result<()> {
        self.connection.execute("DELETE FROM adoptions WHERE board = ?1 AND kind = ?2", params![board, kind.name()])?;
        Ok(())
    }

    /// Notes that a board was looked through for items of a kind that are already there.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn set_adopted(&self, board: &str, key_column: &str, kind: Kind, now: Timestamp) -> anyhow::Result<()> {
        self.connection.execute(
            "INSERT OR REPLACE INTO adoptions (board, key_column, kind, read_at) VALUES (?1, ?2, ?3, ?4)",
            params![board, key_column, kind.name(), stamp(now)],
        )?;
        Ok(())
    }

    /// Takes texts out of why a side is not called.
    pub(super) fn scrub_waits(&self, scrubber: &Scrubber) -> anyhow::Result<()> {
        let texts = "SELECT DISTINCT why FROM waits";
        self.scrub_json(scrubber, texts, "UPDATE waits SET why = ?2 WHERE why = ?1")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn a_wait_is_believed_up_to_the_ceiling_of_its_side() {
        let mut store = Store::in_memory().expect("a store");
        let (now, why) = (at("2026-11-22T05:00:00Z"), Message::foreign("later"));
        for (side, believed) in [(Side::Hapi, "2026-11-22T06:00:00Z"), (Side::Monday, "2026-11-23T06:00:00Z")] {
            let until = |wait: u64| side.believed_until(Duration::from_secs(wait), now);
            store.write(|tx| tx.set_wait(side, until(3_650 * 86_400), &why, WaitCause::Asked)).expect("kept");
            let wait = store.wait(side, now).expect("read").expect("a wait");
            assert_eq!((wait.until, wait.why), (at(believed), why.clone()));
            assert_eq!(store.wait(side, at(believed)).expect("read"), None, "it is over");
            store.write(|tx| tx.set_wait(side, until(600), &why, WaitCause::Asked)).expect("kept");
            assert_eq!(store.wait(side, now).expect("read").map(|wait| wait.until), Some(at("2026-11-22T05:10:00Z")));
        }
    }

    #[test]
    fn a_wait_stored_while_the_clock_was_ahead_is_void() {
        let mut store = Store::in_memory().expect("a store");
        let why = Message::foreign("later");
        for side in [Side::Hapi, Side::Monday] {
            store.write(|tx| tx.set_wait(side, at("2027-11-22T05:30:00Z"), &why, WaitCause::Asked)).expect("kept");
            assert_eq!(store.wait(side, at("2026-11-22T05:00:00Z")).expect("read"), None);
        }
    }

    #[test]
    fn a_call_that_found_no_connection_is_taken_back() {
        let mut store = Store::in_memory().expect("a store");
        let now = at("2026-11-22T05:00:00Z");
        store.write(|tx| tx.uncount_call(Side::Monday, now)).expect("nothing to take back");
        store.write(|tx| tx.count_calls(Side::Monday, 2, now)).expect("counted");
        store.write(|tx| tx.count_call(Side::Hapi, now)).expect("counted");
        store.write(|tx| tx.uncount_call(Side::Monday, now)).expect("taken back");
        let calls = |side: Side| store.calls_today(side, now).expect("a count");
        assert_eq!((calls(Side::Monday), calls(Side::Hapi)), (1, 1));
    }
}
