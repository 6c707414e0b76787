//! What is known of a kind as a whole: when it was read and pushed, by which rules, and what its keys are made of.

use super::connection::Store;
use super::read::{required_time_at, time_at};
use super::scrub::Scrubber;
use super::sent::json_at;
use super::tx::Tx;
use crate::entity::Kind;
use crate::stamp::stamp;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

/// State of a kind as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct KindState {
    /// End of the last complete read.
    pub(crate) last_pull: Option<Timestamp>,
    /// Last time its board was up to date or was written to.
    pub(crate) last_push: Option<Timestamp>,
    /// Why HApi does not give it: a message as JSON.
    pub(crate) unavailable: Option<String>,
    /// Fingerprint of the rules that names and references were derived by.
    pub(crate) rules: Option<String>,
    /// Fingerprint of the mapping planned last.
    pub(crate) mapping: Option<String>,
}

/// Complete read of a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WholeRead {
    /// When it began: what changed before, it has seen.
    pub(crate) began: Timestamp,
    /// A fingerprint of how it was read: set, filter, properties.
    pub(crate) read_as: String,
    /// Whether HApi said before it that it notifies the kind.
    pub(crate) was_notified: bool,
}

impl Store {
    /// What is known of a kind as a whole.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn kind_state(&self, kind: Kind) -> anyhow::Result<KindState> {
        let query = "SELECT last_pull, last_push, unavailable, rules, mapping FROM kinds WHERE kind = ?1";
        let state = self.connection.query_row(query, [kind.name()], |row| {
            Ok(KindState {
                last_pull: time_at(row, 0)?,
                last_push: time_at(row, 1)?,
                unavailable: row.get(2)?,
                rules: row.get(3)?,
                mapping: row.get(4)?,
            })
        });
        Ok(state.optional()?.unwrap_or_default())
    }

    /// The last complete read of a kind, if it was read in the same way (see [`WholeRead::read_as`]).
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn whole_read(&self, kind: Kind, read_as: &str) -> anyhow::Result<Option<WholeRead>> {
        let query = "SELECT read_at, was_notified FROM kinds
             WHERE kind = ?1 AND read_as = ?2 AND read_at IS NOT NULL";
        let read = self.connection.query_row(query, [kind.name(), read_as], |row| {
            let (began, was_notified) = (required_time_at(row, 0)?, row.get(1)?);
            Ok(WholeRead { began, read_as: read_as.to_owned(), was_notified })
        });
        Ok(read.optional()?)
    }

    /// The properties that a kind's keys are made of; `None`: not yet noted.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn key_properties(&self, kind: Kind) -> anyhow::Result<Option<Vec<String>>> {
        let query = "SELECT key_properties FROM kinds WHERE kind = ?1";
        Ok(self.connection.query_row(query, [kind.name()], |row| json_at(row, 0)).optional()?.flatten())
    }

    /// The page size that the kind's last whole read had come to, in records; `None`: there was none that learned it.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn page_size(&self, kind: Kind) -> anyhow::Result<Option<u32>> {
        let query = "SELECT page_size FROM kinds WHERE kind = ?1";
        Ok(self.connection.query_row(query, [kind.name()], |row| row.get(0)).optional()?.flatten())
    }

    /// The board that was accepted in place of the one that the kind's items are still on.
    pub(super) fn accepted_board(&self, kind: Kind) -> anyhow::Result<Option<String>> {
        let query = "SELECT accepted_board FROM kinds WHERE kind = ?1";
        Ok(self.connection.query_row(query, [kind.name()], |row| row.get(0)).optional()?.flatten())
    }
}

impl Tx<'_> {
    /// Notes a complete read.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn set_pulled(&self, kind: Kind, now: Timestamp) -> anyhow::Result<()> {
        self.set_kind(kind, "last_pull", Some(&stamp(now)))?;
        self.set_available(kind)
    }

    /// Notes the page size that a whole read had come to, in records.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn set_page_size(&self, kind: Kind, records: u32) -> anyhow::Result<()> {
        let statement = "INSERT INTO kinds (kind, page_size) VALUES (?1, ?2)
            ON CONFLICT (kind) DO UPDATE SET page_size = excluded.page_size";
        self.connection.execute(statement, params![kind.name(), records])?;
        Ok(())
    }

    /// Notes that HApi gives a kind.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn set_available(&self, kind: Kind) -> anyhow::Result<()> {
        self.set_kind(kind, "unavailable", None)
    }

    /// Notes that a kind's board is up to date, or was written to.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn set_pushed(&self, kind: Kind, now: Timestamp) -> anyhow::Result<()> {
        self.set_kind(kind, "last_push", Some(&stamp(now)))
    }

    /// Notes that HApi does not give a kind, and why.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn set_unavailable(&self, kind: Kind, why: &crate::message::Message) -> anyhow::Result<()> {
        self.set_kind(kind, "unavailable", Some(&why.to_json()))
    }

    /// `column` is one of ours, never text from outside.
    fn set_kind(&self, kind: Kind, column: &'static str, value: Option<&str>) -> anyhow::Result<()> {
        let statement = format!(
            "INSERT INTO kinds (kind, {column}) VALUES (?1, ?2) ON CONFLICT (kind) DO UPDATE SET {column} = excluded.{column}"
        );
        self.connection.execute(&statement, params![kind.name(), value])?;
        Ok(())
    }

    /// Notes by which mapping a kind is planned from now on. With another one than before all of it is due; where there was none
    /// yet, all of it is due since it came.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn set_mapping(&self, kind: Kind, before: Option<&str>, mapping: &str) -> anyhow::Result<()> {
        if before.is_some() {
            self.mark_all_due(kind)?;
            // A mapping that changed may well have been changed because of the failures.
            self.clear_failures_of(kind)?;
        }
        self.set_kind(kind, "mapping", Some(mapping))
    }

    /// Notes a complete read of a kind.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn set_whole_read(&self, kind: Kind, read: &WholeRead) -> anyhow::Result<()> {
        self.connection.execute(
            "INSERT INTO kinds (kind, read_at, read_as, was_notified) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (kind) DO UPDATE SET read_at = excluded.read_at, read_as = excluded.read_as,
                    was_notified = excluded.was_notified",
            params![kind.name(), stamp(read.began), read.read_as, read.was_notified],
        )?;
        Ok(())
    }

    /// Voids what is known of a kind's last complete read: events alone will not do until it is read whole again.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn forget_whole_read(&self, kind: Kind) -> anyhow::Result<()> {
        self.connection.execute("UPDATE kinds SET read_at = NULL WHERE kind = ?1", [kind.name()])?;
        Ok(())
    }

    /// Notes what a kind's keys are made of.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn set_key_properties(&self, kind: Kind, properties: &[String]) -> anyhow::Result<()> {
        self.set_kind(kind, "key_properties", Some(&serde_json::to_string(properties)?))
    }

    /// Notes that a board takes the place of those that the kind's items are on.
    pub(super) fn set_accepted_board(&self, kind: Kind, board: &str) -> anyhow::Result<()> {
        self.set_kind(kind, "accepted_board", Some(board))
    }

    /// Notes by which rules a kind's entities were derived; `None`: they are to be derived anew.
    pub(super) fn set_rules(&self, kind: Kind, fingerprint: Option<&str>) -> anyhow::Result<()> {
        self.set_kind(kind, "rules", fingerprint)
    }

    /// Takes texts out of why a kind cannot be read.
    pub(super) fn scrub_kinds(&self, scrubber: &Scrubber) -> anyhow::Result<()> {
        let texts = "SELECT DISTINCT unavailable FROM kinds WHERE unavailable IS NOT NULL";
        self.scrub_json(scrubber, texts, "UPDATE kinds SET unavailable = ?2 WHERE unavailable = ?1")
    }
}

/// A kind of which the store holds something though the table of kinds has no such row: its entities would be passed over.
pub(super) fn unknown_kind(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let mut statement = connection.prepare("SELECT kind FROM kinds ORDER BY kind")?;
    let names = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    Ok(names.into_iter().find(|name| Kind::named(name).is_none()))
}
