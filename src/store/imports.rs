//! Imports in bulk: what is under way, what an hour has taken, and that monday refuses them.

use super::connection::Store;
use super::read::required_time_at;
use super::tx::Tx;
use crate::stamp::stamp;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, params};

/// How long a refusal is believed: a plan or a right may have changed since.
const REFUSAL_HOLDS: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The span that monday counts imported rows in.
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Import that a call under way has started, or was to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ImportRow {
    /// monday's job; `None`: it was asked for, and no file was sent.
    pub(crate) job: Option<String>,
    /// How many rows its file has.
    pub(crate) rows: u64,
    /// When it was asked for.
    pub(crate) asked_at: Timestamp,
    /// How often monday was asked how it is getting on.
    pub(crate) polls: u32,
    /// Whether monday does nothing more of it.
    pub(crate) is_over: bool,
    /// How many items were made or changed, as monday counted them.
    pub(crate) done: Option<u64>,
}

/// Refusal of imports: monday's words, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ImportRefusal {
    /// monday's words.
    pub(crate) why: String,
    /// When.
    pub(crate) at: Timestamp,
}

impl Store {
    /// The import of a call under way; `None`: it is none.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn import_of(&self, batch: i64) -> anyhow::Result<Option<ImportRow>> {
        let query = "SELECT job, rows, asked_at, polls, is_over, done FROM import_jobs WHERE batch = ?1";
        let row = self.connection.prepare_cached(query)?.query_row([batch], |row| {
            Ok(ImportRow {
                job: row.get(0)?,
                rows: row.get(1)?,
                asked_at: required_time_at(row, 2)?,
                polls: row.get(3)?,
                is_over: row.get(4)?,
                done: row.get(5)?,
            })
        });
        Ok(row.optional()?)
    }

    /// How many rows were imported within the hour.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn rows_of_the_hour(&self, now: Timestamp) -> anyhow::Result<u64> {
        let since = now.checked_sub(HOUR).unwrap_or(Timestamp::MIN);
        let query = "SELECT coalesce(sum(rows), 0) FROM imported_rows WHERE at > ?1 AND at <= ?2";
        Ok(self.connection.query_row(query, params![stamp(since), stamp(now)], |row| row.get(0))?)
    }

    /// That monday refuses imports in this version of its API, as far as that is still believed.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn import_refusal(&self, api_version: &str, now: Timestamp) -> anyhow::Result<Option<ImportRefusal>> {
        let query = "SELECT why, at FROM import_refusal WHERE api_version = ?1";
        let row = self.connection.query_row(query, [api_version], |row| {
            Ok(ImportRefusal { why: row.get(0)?, at: required_time_at(row, 1)? })
        });
        let holds = |refusal: &ImportRefusal| refusal.at <= now && now.duration_since(refusal.at) < REFUSAL_HOLDS;
        Ok(row.optional()?.filter(holds))
    }
}

impl Tx<'_> {
    /// Makes durable that a call starts an import, before it is sent.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn add_import(&self, batch: i64, rows: u64, bytes: u64, now: Timestamp) -> anyhow::Result<()> {
        self.connection.execute(
            "INSERT INTO import_jobs (batch, rows, bytes, asked_at) VALUES (?1, ?2, ?3, ?4)",
            params![batch, rows, bytes, stamp(now)],
        )?;
        Ok(())
    }

    /// Makes the job of an import durable, before its file is sent, and counts its rows.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn begin_import(&self, batch: i64, job: &str, rows: u64, now: Timestamp) -> anyhow::Result<()> {
        self.connection.execute("UPDATE import_jobs SET job = ?2 WHERE batch = ?1", params![batch, job])?;
        let since = now.checked_sub(HOUR).unwrap_or(Timestamp::MIN);
        self.connection.execute("DELETE FROM imported_rows WHERE at <= ?1", [stamp(since)])?;
        self.connection.execute("INSERT INTO imported_rows (at, rows) VALUES (?1, ?2)", params![stamp(now), rows])?;
        Ok(())
    }

    /// Notes that monday was asked once more how an import is getting on.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn count_import_poll(&self, batch: i64) -> anyhow::Result<()> {
        self.connection.execute("UPDATE import_jobs SET polls = polls + 1 WHERE batch = ?1", [batch])?;
        Ok(())
    }

    /// Notes that monday does nothing more of an import; `done`: the items that it made or changed, where it says so.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn end_import(&self, batch: i64, done: Option<u64>) -> anyhow::Result<()> {
        self.connection
            .execute("UPDATE import_jobs SET is_over = 1, done = ?2 WHERE batch = ?1", params![batch, done])?;
        Ok(())
    }

    /// Keeps that monday refuses imports in this version of its API.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn set_import_refusal(&self, api_version: &str, why: &str, now: Timestamp) -> anyhow::Result<()> {
        self.connection.execute(
            "INSERT OR REPLACE INTO import_refusal (id, api_version, why, at) VALUES (1, ?1, ?2, ?3)",
            params![api_version, why, stamp(now)],
        )?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn an_import_is_known_by_its_call_and_goes_with_it() {
        let mut store = Store::in_memory().expect("a store");
        let now = at("2026-11-22T05:00:00Z");
        let id = store
            .write(|tx| {
                let id = tx.add_batch("7", "key", "{}", &[], now)?;
                tx.add_import(id, 9, 100, now)?;
                Ok(id)
            })
            .expect("durable");
        assert_eq!(store.import_of(id).expect("read").expect("an import").job, None);
        store.write(|tx| tx.begin_import(id, "44", 9, now)).expect("kept");
        store.write(|tx| tx.count_import_poll(id)).expect("kept");
        store.write(|tx| tx.end_import(id, Some(8))).expect("kept");
        let import = store.import_of(id).expect("read").expect("an import");
        assert_eq!((import.job.as_deref(), import.polls, import.is_over, import.done), (Some("44"), 1, true, Some(8)));
        store.write(|tx| tx.end_batch(id)).expect("ended");
        assert_eq!(store.import_of(id).expect("read"), None);
    }

    #[test]
    fn rows_count_for_an_hour_and_a_refusal_for_a_week_and_its_version() {
        let mut store = Store::in_memory().expect("a store");
        let now = at("2026-11-22T05:00:00Z");
        store.write(|tx| tx.begin_import(1, "44", 900, now)).expect("kept");
        assert_eq!(store.rows_of_the_hour(at("2026-11-22T05:59:59Z")).expect("read"), 900);
        assert_eq!(store.rows_of_the_hour(at("2026-11-22T06:00:00Z")).expect("read"), 0);
        store.write(|tx| tx.set_import_refusal("2026-04", "no such field", now)).expect("kept");
        let refused = |version: &str, now: &str| store.import_refusal(version, at(now)).expect("read").is_some();
        assert!(refused("2026-04", "2026-11-28T05:00:00Z") && !refused("2026-04", "2026-11-29T05:00:00Z"));
        assert!(!refused("2026-10", "2026-11-22T05:00:01Z") && !refused("2026-04", "2026-11-21T05:00:00Z"));
    }
}
