//! Whose the store is: the HApi that it was read from, the properties that its keys are made of, the boards that its items are on.

use super::connection::Store;
use super::tx::Tx;
use crate::entity::Kind;
use crate::stamp::stamp;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};
use std::collections::BTreeMap;

/// Stands before a new key while others of the kind still have their old one; no key begins with it.
const NEW: char = '\u{1}';

/// Source of the entities: the HApi that they came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    /// Its address, without what may be spelt otherwise.
    pub(crate) address: String,
    /// The client database that its webhooks name; `None`: not yet known.
    pub(crate) database: Option<String>,
}

impl Store {
    /// Whether the store was never given an entity.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn has_no_entities(&self) -> anyhow::Result<bool> {
        Ok(self.connection.query_row("SELECT NOT EXISTS (SELECT 1 FROM entities)", [], |row| row.get(0))?)
    }

    /// The HApi whose entities these are.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn source(&self) -> anyhow::Result<Option<Source>> {
        let query = "SELECT address, database FROM source";
        let source =
            self.connection.query_row(query, [], |row| Ok(Source { address: row.get(0)?, database: row.get(1)? }));
        Ok(source.optional()?)
    }

    /// The client databases that the newest events named since the source was noted, the newest first, at most so many.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn newest_databases(&self, most: usize) -> anyhow::Result<Vec<String>> {
        let mut statement = self.connection.prepare(
            "SELECT database FROM events
             WHERE database IS NOT NULL AND received_at >= (SELECT accepted_at FROM source) ORDER BY id DESC LIMIT ?1",
        )?;
        Ok(statement.query_map([most as u64], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// How many items of a kind are on other boards than this one, by board; none where this one was accepted in their place.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn items_elsewhere(&self, kind: Kind, board: &str) -> anyhow::Result<BTreeMap<String, u64>> {
        if self.accepted_board(kind)?.as_deref() == Some(board) {
            return Ok(BTreeMap::new());
        }
        let mut statement = self.connection.prepare(
            "SELECT board, count(*) FROM entities WHERE kind = ?1 AND item_id IS NOT NULL AND board <> ?2 GROUP BY board",
        )?;
        let rows = statement.query_map(params![kind.name(), board], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many changes of a kind's entities are under way, or lost their answer.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn count_under_way(&self, kind: Kind) -> anyhow::Result<u64> {
        let query = "SELECT count(*) FROM intents i JOIN entities e ON e.id = i.entity WHERE e.kind = ?1";
        Ok(self.connection.query_row(query, [kind.name()], |row| row.get(0))?)
    }
}

impl Tx<'_> {
    /// Notes whose entities these are.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn set_source(&self, source: &Source, now: Timestamp) -> anyhow::Result<()> {
        self.connection.execute(
            "INSERT OR REPLACE INTO source (id, address, database, accepted_at) VALUES (1, ?1, ?2, ?3)",
            params![source.address, source.database, stamp(now)],
        )?;
        Ok(())
    }

    /// Notes that a board takes the place of those that the kind's items are on, and has it looked through for items that are
    /// there.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn accept_board(&self, kind: Kind, board: &str) -> anyhow::Result<()> {
        self.forget_adoption(board, kind)?;
        self.set_accepted_board(kind, board)?;
        self.mark_all_due(kind)
    }

    /// Gives entities of a kind their new keys, with all that names them by their old ones, and marks them as due. `over`: those
    /// that are gone and get none are removed.
    ///
    /// # Errors
    /// Where two would have one key, or the store cannot be written; the caller has to take everything back then.
    pub(crate) fn rekey(&self, kind: Kind, keys: &BTreeMap<i64, (String, String)>, over: &[i64]) -> anyhow::Result<()> {
        for id in over {
            self.remove_entity(*id)?;
        }
        // Two may take each other's key: all get a key that no other has first, and then their own.
        for (id, (old, new)) in keys {
            let parked = format!("{NEW}{new}");
            self.set_key(*id, &parked)?;
            self.rename(kind, old, &parked)?;
        }
        for (id, (_, new)) in keys {
            self.set_key(*id, new)?;
            self.rename(kind, &format!("{NEW}{new}"), new)?;
        }
        // Names, searches and what children find it by follow at the next derivation.
        self.set_rules(kind, None)
    }

    /// Lets what is kept of an entity by its key follow it to a new one.
    fn rename(&self, kind: Kind, old: &str, new: &str) -> anyhow::Result<()> {
        self.set_key_of_pause(kind, old, new)?;
        self.set_key_of_changes(kind, old, new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Derived, NewPause};

    #[test]
    fn who_gets_another_key_stays_paused() {
        let mut store = Store::in_memory().expect("a store");
        let now = jiff::Timestamp::UNIX_EPOCH;
        let id = store.write(|tx| tx.add(Kind::UNIT, "1", "{}", now, &Derived::default())).expect("added");
        store.write(|tx| tx.pause(Kind::UNIT, Some("1"), NewPause::default(), now)).expect("paused");
        let keys = BTreeMap::from([(id, ("1".to_owned(), "A".to_owned()))]);
        store.write(|tx| tx.rekey(Kind::UNIT, &keys, &[])).expect("rekeyed");
        let is_paused = |key: &str| store.pause_of(Kind::UNIT, key, now).expect("pauses").is_some();
        assert!(is_paused("A") && !is_paused("1"));
    }
}
