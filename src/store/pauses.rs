//! Pauses: of single entities, and of whole kinds.

use super::connection::Store;
use super::read::{required_time_at, time_at};
use super::scrub::Scrubber;
use super::tx::Tx;
use crate::entity::Kind;
use crate::stamp::stamp;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

/// Pause in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pause {
    /// Why.
    pub(crate) reason: Option<String>,
    /// Who.
    pub(crate) who: Option<String>,
    /// Until when; `None`: until somebody ends it.
    pub(crate) until: Option<Timestamp>,
    /// Since when.
    pub(crate) paused_at: Timestamp,
    /// Whether the whole kind is paused.
    pub(crate) is_whole_kind: bool,
}

/// Reason, author and end of a pause that begins.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct NewPause<'p> {
    /// Why.
    pub(crate) reason: Option<&'p str>,
    /// Who.
    pub(crate) who: Option<&'p str>,
    /// Until when; `None`: until somebody ends it.
    pub(crate) until: Option<Timestamp>,
}

/// Whether the entity `e`, or its whole kind, is paused at `:now`, as SQL.
pub(super) const IS_PAUSED: &str = "(EXISTS (SELECT 1 FROM pauses p WHERE p.kind = e.kind AND p.key = e.key
        AND (p.until IS NULL OR p.until > :now))
    OR EXISTS (SELECT 1 FROM pauses p WHERE p.kind = e.kind AND p.key IS NULL AND (p.until IS NULL OR p.until > :now)))";

fn pause(row: &Row<'_>) -> rusqlite::Result<Pause> {
    Ok(Pause {
        reason: row.get(0)?,
        who: row.get(1)?,
        until: time_at(row, 2)?,
        paused_at: required_time_at(row, 3)?,
        is_whole_kind: row.get(4)?,
    })
}

impl Store {
    /// The pause of an entity that is in force, its own before its kind's.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn pause_of(&self, kind: Kind, key: &str, now: Timestamp) -> anyhow::Result<Option<Pause>> {
        let query = "SELECT reason, who, until, paused_at, key IS NULL FROM pauses
             WHERE kind = ?1 AND (key = ?2 OR key IS NULL) AND (until IS NULL OR until > ?3) ORDER BY key IS NULL LIMIT 1";
        Ok(self.connection.query_row(query, params![kind.name(), key, stamp(now)], pause).optional()?)
    }

    /// Whether anything of a kind is paused, or was.
    pub(super) fn has_pauses(&self, kind: Kind) -> anyhow::Result<bool> {
        let query = "SELECT EXISTS (SELECT 1 FROM pauses WHERE kind = ?1)";
        Ok(self.connection.prepare_cached(query)?.query_row([kind.name()], |row| row.get(0))?)
    }

    /// Whether a kind as a whole is paused.
    pub(super) fn is_kind_paused(&self, kind: Kind, now: Timestamp) -> anyhow::Result<bool> {
        let query =
            "SELECT EXISTS (SELECT 1 FROM pauses WHERE kind = ?1 AND key IS NULL AND (until IS NULL OR until > ?2))";
        Ok(self.connection.query_row(query, params![kind.name(), stamp(now)], |row| row.get(0))?)
    }
}

impl Tx<'_> {
    /// Pauses an entity, or (`None`) a whole kind. Of a pause that is in force, the reason and the end stay that are not given
    /// anew, and its beginning.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn pause(&self, kind: Kind, key: Option<&str>, new: NewPause<'_>, now: Timestamp) -> anyhow::Result<()> {
        let changed = self.connection.execute(
            "UPDATE pauses SET reason = coalesce(?3, reason), until = coalesce(?4, until), who = ?5
             WHERE kind = ?1 AND key IS ?2 AND (until IS NULL OR until > ?6)",
            params![kind.name(), key, new.reason, new.until.map(stamp), new.who, stamp(now)],
        )?;
        if changed > 0 {
            return Ok(());
        }
        self.connection.execute("DELETE FROM pauses WHERE kind = ?1 AND key IS ?2", params![kind.name(), key])?;
        self.connection.execute(
            "INSERT INTO pauses (kind, key, reason, who, until, paused_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![kind.name(), key, new.reason, new.who, new.until.map(stamp), stamp(now)],
        )?;
        Ok(())
    }

    /// Ends the pause of an entity, or (`None`) those of a whole kind and of its entities.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn resume(&self, kind: Kind, key: Option<&str>, now: Timestamp) -> anyhow::Result<()> {
        // The pause does not count as waiting time.
        self.wait_from(kind, key, now)?;
        self.connection
            .execute("DELETE FROM pauses WHERE kind = ?1 AND (key = ?2 OR ?2 IS NULL)", params![kind.name(), key])?;
        Ok(())
    }

    /// Removes the pause of an entity that is removed.
    pub(super) fn remove_pause(&self, kind: Kind, key: &str) -> anyhow::Result<()> {
        self.connection.execute("DELETE FROM pauses WHERE kind = ?1 AND key = ?2", [kind.name(), key])?;
        Ok(())
    }

    /// Gives the pause of an entity its new key.
    pub(super) fn set_key_of_pause(&self, kind: Kind, old: &str, new: &str) -> anyhow::Result<()> {
        let update = "UPDATE pauses SET key = ?3 WHERE kind = ?1 AND key = ?2";
        self.connection.prepare_cached(update)?.execute([kind.name(), old, new])?;
        Ok(())
    }

    /// Takes texts out of the reasons of pauses.
    pub(super) fn scrub_pauses(&self, scrubber: &Scrubber) -> anyhow::Result<()> {
        let texts = "SELECT DISTINCT reason FROM pauses WHERE reason IS NOT NULL";
        self.scrub_text(scrubber, texts, "UPDATE pauses SET reason = ?2 WHERE reason = ?1")
    }
}
