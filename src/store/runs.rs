//! Runs, and every change they made.

use super::connection::Store;
use super::entities::kind_at;
use super::read::{optional_word_at, required_time_at, time_at, word_at};
use super::scrub::{Scrubber, drop_failures};
use super::sent::required_json_at;
use super::tx::Tx;
use crate::entity::{EntityKey, Kind};
use crate::failure::{KILLED, Outcome};
use crate::stamp::stamp;
use crate::word::{Word, words};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Row of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RunRow {
    /// Its number.
    pub(crate) run: i64,
    /// `pull`, `push`, `sync`...
    pub(crate) command: String,
    /// When it began.
    pub(crate) started_at: Timestamp,
    /// When it ended.
    pub(crate) finished_at: Option<Timestamp>,
    /// How it ended.
    pub(crate) outcome: Option<Outcome>,
    /// Its exit status.
    pub(crate) exit_code: Option<i64>,
    /// What `--json` printed.
    pub(crate) document: Option<String>,
    /// The document's texts, to be read in either language.
    pub(crate) messages: Option<String>,
}

fn run_row(row: &Row<'_>) -> rusqlite::Result<RunRow> {
    Ok(RunRow {
        run: row.get(0)?,
        command: row.get(1)?,
        started_at: required_time_at(row, 2)?,
        finished_at: time_at(row, 3)?,
        outcome: optional_word_at(row, 4, "an outcome of a run")?,
        exit_code: row.get(5)?,
        document: row.get(6)?,
        messages: row.get(7)?,
    })
}

const RUN: &str = "SELECT id, command, started_at, finished_at, outcome, exit_code, document, messages FROM runs";

words! {
    /// Action of a change.
    pub(crate) enum ChangeAction {
        /// An item was made.
        Create = "create",
        /// An item that was there was taken over.
        Adopt = "adopt",
        /// Columns of an item were changed.
        Update = "update",
        /// An item was archived or deleted.
        Archive = "archive",
        /// An entity and its item were parted.
        Unlink = "unlink",
    }
}

/// Change that monday confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    /// The run that made it.
    pub(crate) run: Option<i64>,
    /// When.
    pub(crate) at: Timestamp,
    /// The entity's kind.
    pub(crate) kind: Kind,
    /// The entity's key.
    pub(crate) key: String,
    /// What was done.
    pub(crate) action: ChangeAction,
    /// Its columns by their ids.
    pub(crate) columns: BTreeMap<String, ColumnChange>,
}

/// Change of a column in the words of people: what it showed and what it shows; `None`: nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ColumnChange {
    /// Before.
    pub(crate) old: Option<String>,
    /// After.
    pub(crate) new: Option<String>,
}

impl Change {
    /// What names it.
    pub(crate) fn entity_key(&self) -> EntityKey {
        EntityKey::new(self.kind, self.key.clone())
    }
}

impl Store {
    /// The last runs, newest first.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn runs(&self, most: u64) -> anyhow::Result<Vec<RunRow>> {
        let mut statement = self.connection.prepare(&format!("{RUN} ORDER BY id DESC LIMIT ?1"))?;
        Ok(statement.query_map([most], run_row)?.collect::<Result<_, _>>()?)
    }

    /// One run.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn run(&self, run: i64) -> anyhow::Result<Option<RunRow>> {
        Ok(self.connection.query_row(&format!("{RUN} WHERE id = ?1"), [run], run_row).optional()?)
    }

    /// The last run that ended.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn last_run(&self) -> anyhow::Result<Option<RunRow>> {
        let query = format!("{RUN} WHERE finished_at IS NOT NULL ORDER BY id DESC LIMIT 1");
        Ok(self.connection.query_row(&query, [], run_row).optional()?)
    }

    /// The last changes of an entity, newest first.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn changes_of(&self, kind: Kind, key: &str, most: u64) -> anyhow::Result<Vec<Change>> {
        let query = "SELECT run, at, kind, key, action, columns FROM changes WHERE kind = ?1 AND key = ?2
             ORDER BY id DESC LIMIT ?3";
        let mut statement = self.connection.prepare(query)?;
        Ok(statement.query_map(params![kind.name(), key, most], change)?.collect::<Result<_, _>>()?)
    }

    /// Walks through the changes of a run, in their order, without holding more than one.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn each_change_in(
        &self,
        run: i64,
        mut work: impl FnMut(Change) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let query = "SELECT run, at, kind, key, action, columns FROM changes WHERE run = ?1 ORDER BY id";
        let mut statement = self.connection.prepare(query)?;
        let mut rows = statement.query([run])?;
        while let Some(row) = rows.next()? {
            work(change(row)?)?;
        }
        Ok(())
    }
}

/// Cause of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunCause {
    /// A command that was given.
    Command,
    /// Webhooks that came in.
    Events,
}

impl Tx<'_> {
    /// Begins a run. Those that never ended (the lock is ours, so they are dead) are closed as
    /// interrupted.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn begin_run(&self, command: &str, cause: RunCause, now: Timestamp) -> anyhow::Result<i64> {
        self.connection.execute(
            "UPDATE runs SET outcome = ?2, finished_at = ?1, exit_code = ?3 WHERE finished_at IS NULL",
            params![stamp(now), Outcome::Interrupted.word(), KILLED],
        )?;
        self.connection.execute(
            "INSERT INTO runs (command, is_by_events, started_at) VALUES (?1, ?2, ?3)",
            params![command, cause == RunCause::Events, stamp(now)],
        )?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Ends a run (`document` is what `--json` prints, `messages` its texts), and drops the oldest beyond those that are kept.
    ///
    /// # Errors
    /// Where the store cannot be written.
    #[expect(clippy::too_many_arguments, reason = "one row, written at once")]
    pub(crate) fn finish_run(
        &self,
        run: i64,
        outcome: Outcome,
        exit_code: u8,
        document: &str,
        messages: &str,
        keep: u64,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        self.connection.execute(
            "UPDATE runs SET finished_at = ?2, outcome = ?3, exit_code = ?4, document = ?5, messages = ?6
                 WHERE id = ?1",
            params![run, stamp(now), outcome.word(), exit_code, document, messages],
        )?;
        // Runs caused by events are many, so they are counted apart and do not push out the others.
        let keep = i64::try_from(keep.max(1)).unwrap_or(i64::MAX);
        self.connection.execute(
            "DELETE FROM runs WHERE id <= (
                    SELECT id FROM runs WHERE is_by_events = (SELECT is_by_events FROM runs WHERE id = ?1)
                    ORDER BY id DESC LIMIT 1 OFFSET ?2)
                 AND is_by_events = (SELECT is_by_events FROM runs WHERE id = ?1)",
            params![run, keep],
        )?;
        Ok(())
    }

    /// Keeps a change.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn add_change(&self, change: &Change) -> anyhow::Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO changes (run, at, kind, key, action, columns) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                change.run,
                stamp(change.at),
                change.kind.name(),
                change.key,
                change.action.word(),
                serde_json::to_string(&change.columns)?
            ])?;
        Ok(())
    }

    /// Removes the changes of an entity.
    pub(super) fn remove_changes(&self, kind: Kind, key: &str) -> anyhow::Result<()> {
        self.connection.execute("DELETE FROM changes WHERE kind = ?1 AND key = ?2", [kind.name(), key])?;
        Ok(())
    }

    /// Gives the changes of an entity its new key.
    pub(super) fn set_key_of_changes(&self, kind: Kind, old: &str, new: &str) -> anyhow::Result<()> {
        let update = "UPDATE changes SET key = ?3 WHERE kind = ?1 AND key = ?2";
        self.connection.prepare_cached(update)?.execute([kind.name(), old, new])?;
        Ok(())
    }

    /// Takes texts out of changes.
    pub(super) fn scrub_changes(&self, scrubber: &Scrubber) -> anyhow::Result<()> {
        let texts = "SELECT DISTINCT columns FROM changes";
        self.scrub_json(scrubber, texts, "UPDATE changes SET columns = ?2 WHERE columns = ?1")
    }

    /// The documents of runs lose the failures of those that are removed; their texts stand beside, in the same order.
    pub(super) fn scrub_runs(&self, scrubber: &Scrubber, selectors: &BTreeSet<String>) -> anyhow::Result<()> {
        let mut scrubbed: Vec<(i64, String, Option<String>)> = Vec::new();
        {
            let query = "SELECT id, document, messages FROM runs WHERE document IS NOT NULL";
            let mut statement = self.connection.prepare(query)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let document = row.get_ref(1)?.as_str()?;
                let messages = row.get_ref(2)?.as_str_or_null()?;
                if !scrubber.may_be_in(document) && !messages.is_some_and(|messages| scrubber.may_be_in(messages)) {
                    continue;
                }
                let mut document: Value = serde_json::from_str(document)?;
                let mut messages: Option<Value> = messages.map(serde_json::from_str).transpose()?;
                drop_failures(&mut document, messages.as_mut(), selectors);
                scrubber.scrub(&mut document);
                if let Some(messages) = &mut messages {
                    scrubber.scrub(messages);
                }
                scrubbed.push((row.get(0)?, document.to_string(), messages.map(|messages| messages.to_string())));
            }
        }
        for (run, document, messages) in scrubbed {
            self.connection
                .prepare_cached("UPDATE runs SET document = ?2, messages = ?3 WHERE id = ?1")?
                .execute(params![run, document, messages])?;
        }
        Ok(())
    }
}

fn change(row: &Row<'_>) -> rusqlite::Result<Change> {
    Ok(Change {
        run: row.get(0)?,
        at: required_time_at(row, 1)?,
        kind: kind_at(row, 2)?,
        key: row.get(3)?,
        action: word_at(row, 4, "an action")?,
        columns: required_json_at(row, 5)?,
    })
}
