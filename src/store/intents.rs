//! Calls under way: what was about to be done is durable before it is sent, so that a lost answer can be looked up.

use super::{Store, stamp, time_of, unknown_word};
use jiff::Timestamp;
use rusqlite::params;
use std::collections::BTreeSet;

/// What one alias of a call does to one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Makes the item.
    Create,
    /// Changes columns of the item.
    Update,
    /// Archives the item.
    Archive,
    /// Deletes the item.
    Delete,
    /// Clears the item's key column: it is dissociated.
    Unkey,
}

impl Action {
    /// The word in the store and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Action::Create => "create",
            Action::Update => "update",
            Action::Archive => "archive",
            Action::Delete => "delete",
            Action::Unkey => "unkey",
        }
    }

    fn parse(word: &str) -> Option<Action> {
        use Action::*;
        [Create, Update, Archive, Delete, Unkey].into_iter().find(|action| action.word() == word)
    }
}

/// One alias of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// The alias, by which the answer names it.
    pub alias: String,
    /// The entity.
    pub entity: i64,
    /// The entity's version when this was planned.
    pub version: i64,
    /// What is done.
    pub action: Action,
    /// The item, where there is one already.
    pub item_id: Option<String>,
    /// The values sent, as a JSON object by column; the item name is `name`.
    pub columns: String,
    /// The columns left out of this one, to be sent after it.
    pub withheld: BTreeSet<String>,
}

/// One call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The store's number.
    pub id: i64,
    /// The board.
    pub board: String,
    /// Sent as `Idempotency-Key`.
    pub idempotency_key: String,
    /// Exactly as sent.
    pub body: String,
    /// When it was sent (or was about to be).
    pub sent_at: Timestamp,
    /// When its keys were first looked up and some were absent.
    pub absent_at: Option<Timestamp>,
    /// Whether what became of some of it is known already: then the body must not be sent again.
    pub is_partial: bool,
    /// What it does.
    pub intents: Vec<Intent>,
}

impl Store {
    /// Makes a call durable before it is sent; counts it against the day's allowance in the same breath.
    pub fn add_batch(
        &mut self,
        board: &str,
        idempotency_key: &str,
        body: &str,
        intents: &[Intent],
        now: Timestamp,
    ) -> anyhow::Result<i64> {
        self.transaction(|store| {
            store.connection.execute(
                "INSERT INTO batches (board, idempotency_key, body, sent_at) VALUES (?1, ?2, ?3, ?4)",
                params![board, idempotency_key, body, stamp(now)],
            )?;
            let id = store.connection.last_insert_rowid();
            for intent in intents {
                store.add_intent(id, intent)?;
            }
            store.count_call(super::Side::Monday, now)?;
            Ok(id)
        })
    }

    fn add_intent(&mut self, batch: i64, intent: &Intent) -> anyhow::Result<()> {
        let withheld = serde_json::to_string(&intent.withheld)?;
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
                intent.columns,
                withheld
            ])?;
        Ok(())
    }

    /// Notes that a call is sent again, under this key.
    pub fn resend_batch(&mut self, id: i64, idempotency_key: &str, now: Timestamp) -> anyhow::Result<()> {
        self.transaction(|store| {
            store.connection.execute(
                "UPDATE batches SET idempotency_key = ?2, sent_at = ?3, absent_at = NULL WHERE id = ?1",
                params![id, idempotency_key, stamp(now)],
            )?;
            store.count_call(super::Side::Monday, now)
        })
    }

    /// Notes that the keys of a call were looked up and some were absent.
    pub fn set_absent(&mut self, id: i64, now: Timestamp) -> anyhow::Result<()> {
        self.connection.execute("UPDATE batches SET absent_at = ?2 WHERE id = ?1", params![id, stamp(now)])?;
        Ok(())
    }

    /// Ends a call: its answer was recorded, or it is certain that nothing of it was done.
    pub fn end_batch(&mut self, id: i64) -> anyhow::Result<()> {
        self.connection.execute("DELETE FROM intents WHERE batch = ?1", [id])?;
        self.connection.execute("DELETE FROM batches WHERE id = ?1", [id])?;
        Ok(())
    }

    /// Takes one alias out of a call: what became of it is known.
    pub fn end_intent(&mut self, batch: i64, alias: &str) -> anyhow::Result<()> {
        self.connection
            .prepare_cached("DELETE FROM intents WHERE batch = ?1 AND alias = ?2")?
            .execute(params![batch, alias])?;
        self.connection.prepare_cached("UPDATE batches SET is_partial = 1 WHERE id = ?1")?.execute([batch])?;
        Ok(())
    }

    /// The calls whose answer is not recorded, oldest first.
    pub fn open_batches(&self) -> anyhow::Result<Vec<Batch>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, board, idempotency_key, body, sent_at, absent_at, is_partial FROM batches ORDER BY id",
        )?;
        let rows = statement.query_map([], |row| {
            let sent_at: String = row.get(4)?;
            let absent_at: Option<String> = row.get(5)?;
            Ok(Batch {
                id: row.get(0)?,
                board: row.get(1)?,
                idempotency_key: row.get(2)?,
                body: row.get(3)?,
                sent_at: time_of(4, &sent_at)?,
                absent_at: absent_at.map(|at| time_of(5, &at)).transpose()?,
                is_partial: row.get(6)?,
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
            let action: String = row.get(3)?;
            let withheld: String = row.get(6)?;
            Ok(Intent {
                alias: row.get(0)?,
                entity: row.get(1)?,
                version: row.get(2)?,
                action: Action::parse(&action).ok_or_else(|| unknown_word(3, "an action", &action))?,
                item_id: row.get(4)?,
                columns: row.get(5)?,
                withheld: serde_json::from_str(&withheld)
                    .map_err(|_| unknown_word(6, "a list of columns", &withheld))?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
