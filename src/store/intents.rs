//! Calls under way: what was about to be done is durable before it is sent, so that a lost answer can be looked up.

use super::connection::Store;
use super::ledger::Side;
use super::read::{required_time_at, time_at, word_at};
use super::sent::required_json_at;
use super::tx::Tx;
use crate::retry::are_lookups_over;
use crate::stamp::stamp;
use crate::word::{Word, words};
use jiff::Timestamp;
use rusqlite::params;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

words! {
    /// Action of one alias of a call on one item.
    pub(crate) enum Action {
        /// Makes the item.
        Create = "create",
        /// Changes columns of the item.
        Update = "update",
        /// Archives the item.
        Archive = "archive",
        /// Deletes the item.
        Delete = "delete",
        /// Clears the item's key column: it is dissociated.
        ClearKey = "clear-key",
    }
}

/// Intent: one alias of a call, made durable before it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Intent {
    /// The alias, by which the answer names it.
    pub(crate) alias: String,
    /// The entity.
    pub(crate) entity: i64,
    /// The entity's version when this was planned.
    pub(crate) version: i64,
    /// What is done.
    pub(crate) action: Action,
    /// The item, where there is one already.
    pub(crate) item_id: Option<String>,
    /// The values sent, by column; the item name is `name`.
    pub(crate) columns: Map<String, Value>,
    /// The columns left out of this one, to be sent after it.
    pub(crate) withheld: BTreeSet<String>,
}

/// Recovery of a call whose answer proves nothing: how far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CallRecovery {
    /// When the board may be asked what became of it; `None`: the process ended before the answer was given up.
    pub(crate) next_lookup_at: Option<Timestamp>,
    /// How often the board was asked since it was sent last.
    pub(crate) lookups: u32,
    /// How often in a row nothing more was found.
    pub(crate) empty_lookups: u32,
    /// Whether monday may have been at work on it still when the answer was given up.
    pub(crate) is_cut_off: bool,
    /// How often it was sent.
    pub(crate) sendings: u32,
    /// Whether the answer was one that monday kept for the key.
    pub(crate) is_replayed: bool,
}

impl Default for CallRecovery {
    /// Of a call that is sent for the first time. Until its answer is there, monday may be at work on it.
    fn default() -> CallRecovery {
        CallRecovery {
            next_lookup_at: None,
            lookups: 0,
            empty_lookups: 0,
            is_cut_off: true,
            sendings: 1,
            is_replayed: false,
        }
    }
}

impl CallRecovery {
    /// The call is sent once more: nothing is known of it any more.
    #[must_use]
    pub(crate) fn sent_again(self) -> CallRecovery {
        CallRecovery { sendings: self.sendings + 1, ..CallRecovery::default() }
    }

    /// The board was asked, and showed some of it that it had not shown before, or not.
    #[must_use]
    pub(crate) fn looked_up(self, has_found: bool) -> CallRecovery {
        let empty_lookups = if has_found { 0 } else { self.empty_lookups + 1 };
        CallRecovery { lookups: self.lookups + 1, empty_lookups, ..self }
    }

    /// Whether what is absent still is not coming any more.
    pub(crate) fn is_over(self) -> bool {
        are_lookups_over(self.lookups, self.empty_lookups, self.is_cut_off)
    }
}

/// Batch: the intents of one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Batch {
    /// The store's number.
    pub(crate) id: i64,
    /// The board.
    pub(crate) board: String,
    /// Sent as `Idempotency-Key`.
    pub(crate) idempotency_key: String,
    /// Exactly as sent.
    pub(crate) body: String,
    /// When it was sent (or was about to be).
    pub(crate) sent_at: Timestamp,
    /// Whether what became of some of it is known already: then the body must not be sent again.
    pub(crate) is_partial: bool,
    /// What is known of its answer.
    pub(crate) recovery: CallRecovery,
    /// What it does.
    pub(crate) intents: Vec<Intent>,
}

impl Store {
    /// The calls whose answer is not recorded, oldest first.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn open_batches(&self) -> anyhow::Result<Vec<Batch>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, board, idempotency_key, body, sent_at, is_partial, next_lookup_at, lookups, empty_lookups, is_cut_off, sendings,
                    is_replayed FROM batches ORDER BY id",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(Batch {
                id: row.get(0)?,
                board: row.get(1)?,
                idempotency_key: row.get(2)?,
                body: row.get(3)?,
                sent_at: required_time_at(row, 4)?,
                is_partial: row.get(5)?,
                recovery: CallRecovery {
                    next_lookup_at: time_at(row, 6)?,
                    lookups: row.get(7)?,
                    empty_lookups: row.get(8)?,
                    is_cut_off: row.get(9)?,
                    sendings: row.get(10)?,
                    is_replayed: row.get(11)?,
                },
                intents: Vec::new(),
            })
        })?;
        let mut batches: Vec<Batch> = rows.collect::<Result<_, _>>()?;
        for batch in &mut batches {
            batch.intents = self.intents(batch.id)?;
        }
        Ok(batches)
    }

    fn intents(&self, batch: i64) -> anyhow::Result<Vec<Intent>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT alias, entity, version, action, item_id, columns, withheld FROM intents WHERE batch = ?1
             ORDER BY length(alias), alias",
        )?;
        let rows = statement.query_map([batch], |row| {
            Ok(Intent {
                alias: row.get(0)?,
                entity: row.get(1)?,
                version: row.get(2)?,
                action: word_at(row, 3, "an action")?,
                item_id: row.get(4)?,
                columns: required_json_at(row, 5)?,
                withheld: required_json_at(row, 6)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Tx<'_> {
    /// Makes a call durable before it is sent; counts it against the day's allowance in the same transaction.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn add_batch(
        &self,
        board: &str,
        idempotency_key: &str,
        body: &str,
        intents: &[Intent],
        now: Timestamp,
    ) -> anyhow::Result<i64> {
        self.connection.execute(
            "INSERT INTO batches (board, idempotency_key, body, sent_at) VALUES (?1, ?2, ?3, ?4)",
            params![board, idempotency_key, body, stamp(now)],
        )?;
        let id = self.connection.last_insert_rowid();
        for intent in intents {
            self.add_intent(id, intent)?;
        }
        self.count_call(Side::Monday, now)?;
        Ok(id)
    }

    fn add_intent(&self, batch: i64, intent: &Intent) -> anyhow::Result<()> {
        let (columns, withheld) = (serde_json::to_string(&intent.columns)?, serde_json::to_string(&intent.withheld)?);
        self.connection
            .prepare_cached(
                "INSERT INTO intents (batch, alias, entity, version, action, item_id, columns, withheld)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                batch,
                intent.alias,
                intent.entity,
                intent.version,
                intent.action.word(),
                intent.item_id,
                columns,
                withheld
            ])?;
        Ok(())
    }

    /// Notes that a call is sent again, under this key.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn resend_batch(
        &self,
        id: i64,
        idempotency_key: &str,
        recovery: CallRecovery,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        self.connection.execute(
            "UPDATE batches SET idempotency_key = ?2, sent_at = ?3 WHERE id = ?1",
            params![id, idempotency_key, stamp(now)],
        )?;
        self.set_recovery(id, recovery)?;
        self.count_call(Side::Monday, now)
    }

    /// Notes what is known of a call whose answer proves nothing.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn set_recovery(&self, id: i64, recovery: CallRecovery) -> anyhow::Result<()> {
        self.connection.execute(
            "UPDATE batches SET next_lookup_at = ?2, lookups = ?3, empty_lookups = ?4, is_cut_off = ?5, sendings = ?6, is_replayed = ?7
             WHERE id = ?1",
            params![
                id,
                recovery.next_lookup_at.map(stamp),
                recovery.lookups,
                recovery.empty_lookups,
                recovery.is_cut_off,
                recovery.sendings,
                recovery.is_replayed
            ],
        )?;
        Ok(())
    }

    /// Ends a call: its answer was recorded, or it is certain that nothing of it was done.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn end_batch(&self, id: i64) -> anyhow::Result<()> {
        self.connection.execute("DELETE FROM intents WHERE batch = ?1", [id])?;
        self.connection.execute("DELETE FROM batches WHERE id = ?1", [id])?;
        Ok(())
    }

    /// Takes one alias out of a call: what became of it is known.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn end_intent(&self, batch: i64, alias: &str) -> anyhow::Result<()> {
        self.connection
            .prepare_cached("DELETE FROM intents WHERE batch = ?1 AND alias = ?2")?
            .execute(params![batch, alias])?;
        self.connection
            .prepare_cached("UPDATE batches SET is_partial = 1 WHERE id = ?1 AND is_partial = 0")?
            .execute([batch])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_absent_counts_only_once_two_readings_agree() {
        let lost = CallRecovery { is_cut_off: false, ..CallRecovery::default() };
        assert!(!lost.is_over() && !lost.looked_up(false).is_over(), "searches lag behind writes");
        assert!(lost.looked_up(false).looked_up(false).is_over());
        assert!(lost.looked_up(true).looked_up(false).is_over());
        assert!(!lost.looked_up(false).looked_up(true).is_over(), "more may come");
        assert!(lost.looked_up(false).looked_up(true).looked_up(false).is_over());
    }

    #[test]
    fn after_a_cut_off_nothing_more_must_come_twice_in_a_row() {
        let cut_off = CallRecovery::default();
        assert!(cut_off.looked_up(false).looked_up(false).is_over());
        assert!(!cut_off.looked_up(true).looked_up(false).is_over());
        assert!(cut_off.looked_up(true).looked_up(false).looked_up(false).is_over());
        assert!(!cut_off.looked_up(false).looked_up(true).looked_up(false).is_over());
    }

    #[test]
    fn what_is_known_of_a_call_survives_the_process() {
        let mut store = Store::in_memory().expect("a store");
        let at: Timestamp = "2026-11-22T05:00:00Z".parse().expect("a time");
        let id = store.write(|tx| tx.add_batch("7", "key", "{}", &[], at)).expect("durable");
        let open = |store: &Store| store.open_batches().expect("read").remove(0);
        assert_eq!(open(&store).recovery, CallRecovery::default());
        let given_up =
            CallRecovery { next_lookup_at: Some(at), is_cut_off: false, is_replayed: true, ..CallRecovery::default() };
        let recovery = given_up.looked_up(true).looked_up(false);
        store.write(|tx| tx.set_recovery(id, recovery)).expect("kept");
        assert_eq!(open(&store).recovery, recovery);
        store.write(|tx| tx.resend_batch(id, "another", recovery.sent_again(), at)).expect("kept");
        let again = open(&store);
        assert_eq!(
            (again.recovery, again.idempotency_key.as_str()),
            (CallRecovery { sendings: 2, ..CallRecovery::default() }, "another")
        );
    }
}
