//! What failed of entities and their columns, and when it is retried.

use super::connection::Store;
use super::entities::kind_at;
use super::read::{time_at, word_at};
use super::scrub::Scrubber;
use super::tx::Tx;
use crate::age::latest;
use crate::entity::{EntityKey, Kind};
use crate::failure::{FailureCause, FailureDetail, Reported};
use crate::message::Message;
use crate::stamp::stamp;
use crate::word::Word;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

/// Failure that is to be remembered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Failing<'f> {
    /// The entity.
    pub(crate) entity: i64,
    /// The column; `None`: the entity as a whole.
    pub(crate) column: Option<&'f str>,
    /// What was refused: it is not sent again before its time.
    pub(crate) value: Option<&'f str>,
    /// The item that is missing.
    pub(crate) item_id: Option<&'f str>,
    /// What failed, and what to do.
    pub(crate) detail: &'f FailureDetail,
}

/// Failure that is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FailureRow {
    /// The column; `None`: the entity as a whole.
    pub(crate) column: Option<String>,
    /// Why, for programs.
    pub(crate) cause: FailureCause,
    /// What failed.
    pub(crate) message: Message,
    /// What to do.
    pub(crate) hint: Option<Message>,
    /// What was refused.
    pub(crate) value: Option<String>,
    /// How often it was tried.
    pub(crate) tries: u32,
    /// When it is retried; `None`: parked.
    pub(crate) next_try_at: Option<Timestamp>,
    /// Whether monday does not let the column be cleared: it keeps what it shows.
    pub(crate) keeps_value: bool,
}

/// Failure that no run which ended has reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnreportedFailure {
    /// The entity.
    pub(crate) entity: i64,
    /// What names it.
    pub(crate) key: EntityKey,
    /// The column; `None`: the entity as a whole.
    pub(crate) column: Option<String>,
    /// What failed, and what to do.
    pub(crate) detail: FailureDetail,
}

impl FailureRow {
    /// Whether it is about this column.
    pub(crate) fn is_of(&self, column: &str) -> bool {
        self.column.as_deref() == Some(column)
    }

    /// Whether it is about the entity as a whole.
    pub(crate) fn is_of_entity(&self) -> bool {
        self.column.is_none()
    }

    /// Whether the record could not be read: that is about HApi, not about what is to be sent.
    pub(crate) fn is_unread(&self) -> bool {
        self.is_of_entity() && self.cause == FailureCause::RecordUndeliverable
    }

    /// Whether its time to be retried has come.
    pub(crate) fn is_retry_due(&self, now: Timestamp) -> bool {
        self.next_try_at.is_some_and(|at| at <= now)
    }
}

/// Whether a failure `f` is that a record could not be read, as SQL. It says nothing of the entity's item: it keeps nothing from being
/// sent, and nothing that is sent takes it back.
pub(super) const IS_UNREAD: &str = "f.column_id IS NULL AND f.cause = 'record-undeliverable'";

impl Store {
    /// The entities of a kind whose records could not be read when they were asked for last.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn unread(&self, kind: Kind) -> anyhow::Result<Vec<i64>> {
        let query = format!(
            "SELECT e.id FROM entities e WHERE e.kind = ?1 AND e.has_failed = 1
             AND EXISTS (SELECT 1 FROM failures f WHERE f.entity = e.id AND {IS_UNREAD})"
        );
        let mut statement = self.connection.prepare_cached(&query)?;
        let rows = statement.query_map([kind.name()], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The failures of an entity.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn failures(&self, entity: i64) -> anyhow::Result<Vec<FailureRow>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT column_id, cause, message, hint, value, tries, next_try_at, keeps_value FROM failures
             WHERE entity = ?1 ORDER BY column_id",
        )?;
        let rows = statement.query_map([entity], |row| {
            Ok(FailureRow {
                column: row.get(0)?,
                cause: word_at(row, 1, "a cause")?,
                message: Message::from_json(&row.get::<_, String>(2)?),
                hint: row.get::<_, Option<String>>(3)?.map(|json| Message::from_json(&json)),
                value: row.get(4)?,
                tries: row.get(5)?,
                next_try_at: time_at(row, 6)?,
                keeps_value: row.get(7)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What failed and was reported by no run that ended. A closed column is not among them: that is reported for its kind. Nor is a
    /// record that could not be read: each read that meets it reports it.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn unreported_failures(&self) -> anyhow::Result<Vec<UnreportedFailure>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT f.entity, e.kind, e.key, f.column_id, f.cause, f.message, f.hint
             FROM failures f JOIN entities e ON e.id = f.entity
             WHERE f.is_reported = 0 AND f.cause NOT IN (?1, ?2) ORDER BY f.entity, f.column_id",
        )?;
        let rows = statement.query_map(
            [FailureCause::ColumnClosed, FailureCause::RecordUndeliverable].map(FailureCause::word),
            |row| {
                Ok(UnreportedFailure {
                    entity: row.get(0)?,
                    key: EntityKey::new(kind_at(row, 1)?, row.get::<_, String>(2)?),
                    column: row.get(3)?,
                    detail: FailureDetail {
                        cause: word_at(row, 4, "a cause")?,
                        error: Message::from_json(&row.get::<_, String>(5)?),
                        hint: row.get::<_, Option<String>>(6)?.map(|json| Message::from_json(&json)),
                    },
                })
            },
        )?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Tx<'_> {
    /// These are reported by the run that ends with this.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn note_reported<'f>(&self, failures: impl IntoIterator<Item = &'f Reported>) -> anyhow::Result<()> {
        let mut statement = self.connection.prepare_cached(
            "UPDATE failures SET is_reported = 1 WHERE column_id IS ?3 AND is_reported = 0
                AND entity IN (SELECT id FROM entities WHERE kind = ?1 AND key = ?2)",
        )?;
        for failure in failures {
            if let Some(entity) = failure.subject.entity() {
                statement.execute(params![entity.kind.name(), entity.key, failure.column])?;
            }
        }
        Ok(())
    }

    /// Makes those due whose failed columns may be retried now.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn wake_failures(&self, now: Timestamp) -> anyhow::Result<()> {
        // What failed in the future failed under a wrong clock, and so does not wait for a time of that clock.
        self.connection.execute(
            "UPDATE failures SET next_try_at = ?1 WHERE next_try_at > ?1 AND failed_at > ?2",
            params![stamp(now), stamp(latest(now))],
        )?;
        self.mark_due_to_retry(now)
    }

    /// Lets the failed columns of a board's entities be retried: the board has changed. Also a value that the program itself
    /// refused may fit now, where the column is of another type: that it does not is found out without a call.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn retry_failures_of(&self, board: &str, now: Timestamp) -> anyhow::Result<()> {
        self.connection.execute(
            "UPDATE failures SET next_try_at = ?2, tries = 0 WHERE column_id IS NOT NULL
                AND entity IN (SELECT id FROM entities WHERE board = ?1)",
            params![board, stamp(now)],
        )?;
        self.wake_failures(now)
    }

    /// Lets columns be retried to which one of these values was refused.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn retry_values(&self, values: &[String], now: Timestamp) -> anyhow::Result<()> {
        for value in values {
            self.connection
                .prepare_cached(
                    "UPDATE failures SET next_try_at = ?2, tries = 0 WHERE column_id IS NOT NULL AND value = ?1",
                )?
                .execute(params![value, stamp(now)])?;
        }
        self.wake_failures(now)
    }

    /// Remembers a failure, counting the tries of one that stood already.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn fail(
        &self,
        failing: &Failing<'_>,
        now: Timestamp,
        next_try: impl Fn(u32) -> Option<Timestamp>,
    ) -> anyhow::Result<()> {
        let Failing { entity, column, value, item_id, detail } = failing;
        let before: Option<(u32, bool)> = self
            .connection
            .prepare_cached(
                "SELECT tries, keeps_value FROM failures WHERE entity = ?1 AND column_id IS ?2 AND value IS ?3",
            )?
            .query_row(params![entity, column, value], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let (tries, keeps_value) = before.unwrap_or_default();
        let tries = tries + 1;
        self.connection
            .prepare_cached("DELETE FROM failures WHERE entity = ?1 AND column_id IS ?2")?
            .execute(params![entity, column])?;
        self.connection
            .prepare_cached(
                "INSERT INTO failures
                    (entity, column_id, cause, message, hint, value, keeps_value, item_id, tries, next_try_at, failed_at,
                     is_reported)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0)",
            )?
            .execute(params![
                entity,
                column,
                detail.cause.word(),
                detail.error.to_json(),
                detail.hint.as_ref().map(Message::to_json),
                value,
                keeps_value,
                item_id,
                tries,
                next_try(tries).map(stamp),
                stamp(now)
            ])?;
        self.note_failures(*entity)
    }

    /// Notes that monday does not let a column be cleared whose value it refuses. Returns whether there was such a column.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn keep_value(&self, entity: i64, column: &str, blank: &str) -> anyhow::Result<bool> {
        let noted = self.connection.execute(
            "UPDATE failures SET keeps_value = 1
             WHERE entity = ?1 AND column_id = ?2 AND value IS NOT NULL AND value <> ?3",
            params![entity, column, blank],
        )?;
        Ok(noted > 0)
    }

    /// Forgets the failure of a column, or (`None`) that of the entity as a whole. That its record could not be read stands.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn clear_failure(&self, entity: i64, column: Option<&str>) -> anyhow::Result<()> {
        let removed = self
            .connection
            .prepare_cached(&format!(
                "DELETE FROM failures AS f WHERE f.entity = ?1 AND f.column_id IS ?2 AND NOT ({IS_UNREAD})"
            ))?
            .execute(params![entity, column])?;
        if removed > 0 { self.note_failures(entity) } else { Ok(()) }
    }

    /// Remembers that the record of an entity could not be read; another failure of it as a whole stands.
    ///
    /// # Errors
    /// Where the store cannot be read or written.
    pub(crate) fn note_unread(&self, entity: i64, detail: &FailureDetail, now: Timestamp) -> anyhow::Result<()> {
        if self.failures(entity)?.iter().any(|row| row.is_of_entity() && row.cause != detail.cause) {
            return Ok(());
        }
        self.fail(&Failing { entity, column: None, value: None, item_id: None, detail }, now, |_| None)
    }

    /// Notes that the record of an entity was read, or that there is none any more.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn clear_unread(&self, entity: i64) -> anyhow::Result<()> {
        let removed = self
            .connection
            .prepare_cached(&format!("DELETE FROM failures AS f WHERE f.entity = ?1 AND {IS_UNREAD}"))?
            .execute([entity])?;
        if removed > 0 { self.note_failures(entity) } else { Ok(()) }
    }

    /// Forgets everything that failed of an entity.
    pub(super) fn clear_failures(&self, entity: i64) -> anyhow::Result<()> {
        self.connection.execute("DELETE FROM failures WHERE entity = ?1", [entity])?;
        self.note_failures(entity)
    }

    /// Forgets what failed of a column for a cause that is over, for every entity of a kind.
    pub(super) fn forget_failures(&self, kind: Kind, column: &str, cause: FailureCause) -> anyhow::Result<()> {
        let of_kind = "SELECT id FROM entities WHERE kind = ?1";
        let query = format!("DELETE FROM failures WHERE column_id = ?2 AND cause = ?3 AND entity IN ({of_kind})");
        self.connection.execute(&query, params![kind.name(), column, cause.word()])?;
        self.note_no_failures(kind)
    }

    /// Forgets everything that failed of a kind's entities.
    pub(super) fn clear_failures_of(&self, kind: Kind) -> anyhow::Result<()> {
        self.connection
            .execute("DELETE FROM failures WHERE entity IN (SELECT id FROM entities WHERE kind = ?1)", [kind.name()])?;
        self.note_no_failures(kind)
    }

    /// Takes texts out of failures.
    pub(super) fn scrub_failures(&self, scrubber: &Scrubber) -> anyhow::Result<()> {
        let texts = "SELECT DISTINCT message FROM failures";
        self.scrub_json(scrubber, texts, "UPDATE failures SET message = ?2 WHERE message = ?1")?;
        let texts = "SELECT DISTINCT hint FROM failures WHERE hint IS NOT NULL";
        self.scrub_json(scrubber, texts, "UPDATE failures SET hint = ?2 WHERE hint = ?1")?;
        let texts = "SELECT DISTINCT value FROM failures WHERE value IS NOT NULL";
        self.scrub_text(scrubber, texts, "UPDATE failures SET value = ?2 WHERE value = ?1")
    }
}
