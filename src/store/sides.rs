//! Why a side, HApi or monday, could not be worked with at all.

use super::clock::is_after;
use super::connection::Store;
use super::ledger::Side;
use super::read::{required_time_at, word_at};
use super::scrub::Scrubber;
use super::tx::Tx;
use crate::age::{age, latest};
use crate::failure::FailureDetail;
use crate::message::Message;
use crate::stamp::stamp;
use crate::word::Word;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

/// Failure of a side as a whole that is not over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SideFailure {
    /// The side.
    pub(crate) side: Side,
    /// What failed, and what to do.
    pub(crate) detail: FailureDetail,
    /// When it was first met, without a good run in between.
    pub(crate) since: Timestamp,
    /// When it was last met.
    pub(crate) failed_at: Timestamp,
}

impl Store {
    /// What is wrong with a side as a whole.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn side_failure(&self, side: Side) -> anyhow::Result<Option<SideFailure>> {
        let query = "SELECT cause, message, hint, since, failed_at FROM side_failures WHERE side = ?1";
        let failure = self.connection.query_row(query, [side.word()], |row| {
            let (message, hint): (String, Option<String>) = (row.get(1)?, row.get(2)?);
            Ok(SideFailure {
                side,
                detail: FailureDetail {
                    cause: word_at(row, 0, "a cause")?,
                    error: Message::from_json(&message),
                    hint: hint.map(|json| Message::from_json(&json)),
                },
                since: required_time_at(row, 3)?,
                failed_at: required_time_at(row, 4)?,
            })
        });
        Ok(failure.optional()?)
    }
}

impl Tx<'_> {
    /// Sets times that lie ahead of now to now.
    pub(super) fn void_side_failures_ahead(&self, now: Timestamp) -> anyhow::Result<()> {
        let query = format!("UPDATE side_failures SET since = ?1 WHERE {}", is_after("since"));
        self.connection.prepare_cached(&query)?.execute(params![stamp(now), stamp(latest(now))])?;
        Ok(())
    }

    /// Replaces what is wrong with a side as a whole; `None`: it works. What stood there already keeps the time at which it was
    /// first met, unless that lies ahead of now.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn set_side_failure(
        &self,
        side: Side,
        failure: Option<&FailureDetail>,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let Some(failure) = failure else {
            self.connection.execute("DELETE FROM side_failures WHERE side = ?1", [side.word()])?;
            return Ok(());
        };
        let before = self.side_failure(side)?.filter(|before| age(before.since, now).is_some());
        self.connection.execute(
            "INSERT OR REPLACE INTO side_failures (side, cause, message, hint, since, failed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                side.word(),
                failure.cause.word(),
                failure.error.to_json(),
                failure.hint.as_ref().map(Message::to_json),
                stamp(before.map_or(now, |before| before.since)),
                stamp(now)
            ],
        )?;
        Ok(())
    }

    /// Takes texts out of the failures of sides.
    pub(super) fn scrub_side_failures(&self, scrubber: &Scrubber) -> anyhow::Result<()> {
        let texts = "SELECT DISTINCT message FROM side_failures";
        self.scrub_json(scrubber, texts, "UPDATE OR REPLACE side_failures SET message = ?2 WHERE message = ?1")?;
        let texts = "SELECT DISTINCT hint FROM side_failures WHERE hint IS NOT NULL";
        self.scrub_json(scrubber, texts, "UPDATE side_failures SET hint = ?2 WHERE hint = ?1")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::FailureCause;

    #[test]
    fn a_side_that_is_down_stands_until_it_works_and_a_since_from_the_future_is_void() {
        let mut store = Store::in_memory().expect("a store");
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let down = |why: &str| FailureDetail::new(FailureCause::Unreachable, Message::foreign(why));
        let failure = |store: &Store| store.side_failure(Side::Hapi).expect("readable");
        store
            .write(|tx| tx.set_side_failure(Side::Hapi, Some(&down("one")), at("2026-11-22T05:00:00Z")))
            .expect("kept");
        store
            .write(|tx| tx.set_side_failure(Side::Hapi, Some(&down("two")), at("2026-11-23T05:00:00Z")))
            .expect("kept");
        let found = failure(&store).expect("it is down");
        assert_eq!((&found.detail, found.since), (&down("two"), at("2026-11-22T05:00:00Z")));
        assert_eq!(found.failed_at, at("2026-11-23T05:00:00Z"));
        store
            .write(|tx| tx.set_side_failure(Side::Hapi, Some(&down("two")), at("2025-11-23T05:00:00Z")))
            .expect("kept");
        assert_eq!(failure(&store).expect("it is down").since, at("2025-11-23T05:00:00Z"));
        store.write(|tx| tx.set_side_failure(Side::Hapi, None, at("2025-11-24T05:00:00Z"))).expect("over");
        assert_eq!(failure(&store), None);
    }
}
