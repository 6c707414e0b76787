//! What is wrong with a kind as a whole.

use super::clock::is_after;
use super::connection::Store;
use super::read::{required_time_at, word_at};
use super::scrub::Scrubber;
use super::tx::Tx;
use crate::age::{age, latest};
use crate::entity::Kind;
use crate::failure::{FailureCause, FailureDetail, Reported, Stage, kind_details};
use crate::message::Message;
use crate::stamp::stamp;
use crate::word::Word;
use jiff::Timestamp;
use rusqlite::params;

/// Failure of a kind as a whole that is not over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KindFailure {
    /// The kind.
    pub(crate) kind: Kind,
    /// The stage that met it: `pull` or `push`.
    pub(crate) stage: Stage,
    /// What failed, and what to do.
    pub(crate) detail: FailureDetail,
    /// When it was first met, without a good run in between.
    pub(crate) since: Timestamp,
    /// When it was last met.
    pub(crate) failed_at: Timestamp,
}

impl Store {
    /// What is wrong with a kind as a whole: of the pull first, the oldest first.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn kind_failures(&self, kind: Kind) -> anyhow::Result<Vec<KindFailure>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT stage, cause, message, hint, since, failed_at FROM kind_failures WHERE kind = ?1 ORDER BY stage, since",
        )?;
        let rows = statement.query_map([kind.name()], |row| {
            let (message, hint): (String, Option<String>) = (row.get(2)?, row.get(3)?);
            Ok(KindFailure {
                kind,
                stage: word_at(row, 0, "a stage")?,
                detail: FailureDetail {
                    cause: word_at(row, 1, "a cause")?,
                    error: Message::from_json(&message),
                    hint: hint.map(|json| Message::from_json(&json)),
                },
                since: required_time_at(row, 4)?,
                failed_at: required_time_at(row, 5)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Tx<'_> {
    /// Sets times that lie ahead of now to now.
    pub(super) fn void_kind_failures_ahead(&self, now: Timestamp) -> anyhow::Result<()> {
        let query = format!("UPDATE kind_failures SET since = ?1 WHERE {}", is_after("since"));
        self.connection.prepare_cached(&query)?.execute(params![stamp(now), stamp(latest(now))])?;
        Ok(())
    }

    /// Replaces what one stage found wrong with a kind as a whole; an empty slice: nothing. What stood there already keeps the
    /// time at which it was first met, unless that lies ahead of now: by its cause, since counts in the text may differ from run to run.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn set_kind_failures(
        &self,
        kind: Kind,
        stage: Stage,
        failures: &[FailureDetail],
        now: Timestamp,
    ) -> anyhow::Result<()> {
        self.replace_kind_failures(kind, stage, None, failures, now)
    }

    /// Keeps what a stage found wrong with kinds as a whole; of kinds that it worked on and found nothing wrong with, nothing stays.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn keep_kind_failures(
        &self,
        stage: Stage,
        kinds: impl IntoIterator<Item = Kind>,
        failures: &[Reported],
        now: Timestamp,
    ) -> anyhow::Result<()> {
        kinds.into_iter().try_for_each(|kind| self.set_kind_failures(kind, stage, &kind_details(kind, failures), now))
    }

    /// Replaces what one stage found wrong with a kind as a whole for one cause; what is wrong for another cause stands.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn set_kind_failures_because(
        &self,
        kind: Kind,
        stage: Stage,
        cause: FailureCause,
        failures: &[FailureDetail],
        now: Timestamp,
    ) -> anyhow::Result<()> {
        self.replace_kind_failures(kind, stage, Some(cause), failures, now)
    }

    fn replace_kind_failures(
        &self,
        kind: Kind,
        stage: Stage,
        cause: Option<FailureCause>,
        failures: &[FailureDetail],
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let is_meant = |row: &KindFailure| row.stage == stage && cause.is_none_or(|cause| row.detail.cause == cause);
        let before: Vec<KindFailure> = self.kind_failures(kind)?.into_iter().filter(is_meant).collect();
        if before.is_empty() && failures.is_empty() {
            return Ok(());
        }
        self.connection.execute(
            "DELETE FROM kind_failures WHERE kind = ?1 AND stage = ?2 AND (?3 IS NULL OR cause = ?3)",
            params![kind.name(), stage.word(), cause.map(FailureCause::word)],
        )?;
        for failure in failures {
            let is_same = |row: &&KindFailure| row.detail.cause == failure.cause && age(row.since, now).is_some();
            let earlier = before.iter().filter(is_same).map(|row| row.since).min();
            self.connection.execute(
                "INSERT OR REPLACE INTO kind_failures (kind, stage, cause, message, hint, since, failed_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    kind.name(),
                    stage.word(),
                    failure.cause.word(),
                    failure.error.to_json(),
                    failure.hint.as_ref().map(Message::to_json),
                    stamp(earlier.unwrap_or(now)),
                    stamp(now)
                ],
            )?;
        }
        Ok(())
    }

    /// Takes texts out of the failures of kinds as a whole.
    pub(super) fn scrub_kind_failures(&self, scrubber: &Scrubber) -> anyhow::Result<()> {
        let texts = "SELECT DISTINCT message FROM kind_failures";
        self.scrub_json(scrubber, texts, "UPDATE OR REPLACE kind_failures SET message = ?2 WHERE message = ?1")?;
        let texts = "SELECT DISTINCT hint FROM kind_failures WHERE hint IS NOT NULL";
        self.scrub_json(scrubber, texts, "UPDATE kind_failures SET hint = ?2 WHERE hint = ?1")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_of_a_kind_stands_until_its_stage_works_without_it() {
        let mut store = Store::in_memory().expect("a store");
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let guarded =
            |count: u64| FailureDetail::new(FailureCause::Guarded, Message::foreign(format!("{count} would go")));
        let missing =
            FailureDetail::new(FailureCause::BoardMissing, Message::foreign("no board")).hint(Message::foreign("look"));
        store
            .write(|tx| tx.set_kind_failures(Kind::UNIT, Stage::Pull, &[guarded(7)], at("2026-11-22T05:00:00Z")))
            .expect("kept");
        store
            .write(|tx| {
                tx.set_kind_failures(
                    Kind::UNIT,
                    Stage::Push,
                    std::slice::from_ref(&missing),
                    at("2026-11-22T05:01:00Z"),
                )
            })
            .expect("kept");
        store
            .write(|tx| tx.set_kind_failures(Kind::UNIT, Stage::Pull, &[guarded(8)], at("2026-11-23T05:00:00Z")))
            .expect("kept");
        let rows = store.kind_failures(Kind::UNIT).expect("rows");
        assert_eq!(rows.iter().map(|row| row.detail.clone()).collect::<Vec<_>>(), [guarded(8), missing]);
        assert_eq!((rows[0].since, rows[0].failed_at), (at("2026-11-22T05:00:00Z"), at("2026-11-23T05:00:00Z")));
        let because = FailureCause::Guarded;
        store
            .write(|tx| {
                tx.set_kind_failures_because(
                    Kind::UNIT,
                    Stage::Push,
                    because,
                    &[guarded(9)],
                    at("2026-11-23T05:00:00Z"),
                )
            })
            .expect("kept");
        assert_eq!(store.kind_failures(Kind::UNIT).expect("rows").len(), 3);
        store
            .write(|tx| tx.set_kind_failures_because(Kind::UNIT, Stage::Push, because, &[], at("2026-11-23T05:00:00Z")))
            .expect("over");
        store.write(|tx| tx.set_kind_failures(Kind::UNIT, Stage::Pull, &[], at("2026-11-24T05:00:00Z"))).expect("over");
        assert_eq!(store.kind_failures(Kind::UNIT).expect("rows").len(), 1);
        assert!(store.kind_failures(Kind::TENANT).expect("rows").is_empty());
    }
}
