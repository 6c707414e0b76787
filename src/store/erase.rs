//! Removing entities for good: their rows, and what is told of them in runs, changes, events and other entities' history.
//! SQLite overwrites what is deleted (`secure_delete`); what earlier versions freed goes with [`Store::wipe_freed`].

use super::scrub::{Scrubber, drop_failures, each_text, is_identifying};
use super::sent::{SENT, SentColumns, sent_at};
use super::{Store, Tx, stamp};
use crate::entity::{EntityKey, Kind};
use jiff::Timestamp;
use rusqlite::{named_params, params};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// The columns in which others' history may tell of an entity: of JSON, or (`false`) of plain text.
const TOLD_IN: [(&str, &str, bool); 11] = [
    ("changes", "columns", true),
    ("failures", "message", true),
    ("failures", "hint", true),
    ("failures", "value", false),
    ("kind_failures", "message", true),
    ("kind_failures", "hint", true),
    ("side_failures", "message", true),
    ("side_failures", "hint", true),
    ("kinds", "unavailable", true),
    ("waits", "why", true),
    ("pauses", "reason", false),
];

/// Entity that was removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Erased {
    /// Which it was.
    pub(crate) entity: EntityKey,
    /// The board and the item that it had: the item stays where it is.
    pub(crate) item: Option<(String, String)>,
}

/// An entity to remove, as far as the store has it.
#[derive(Debug)]
struct EntityToRemove {
    id: Option<i64>,
    entity: EntityKey,
    item: Option<(String, String)>,
    /// Its `Id` in webhooks.
    subject: String,
}

impl Store {
    /// Whether anything is told of an entity, be it only in the history of one that is not stored any more.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn has_traces(&self, entity: &EntityKey) -> anyhow::Result<bool> {
        let query = "SELECT EXISTS (SELECT 1 FROM entities WHERE kind = :kind AND key = :key)
                         OR EXISTS (SELECT 1 FROM changes WHERE kind = :kind AND key = :key)
                         OR EXISTS (SELECT 1 FROM runs WHERE instr(document, :quoted) > 0)";
        let quoted = serde_json::to_string(&entity.to_string())?;
        let values = named_params! {":kind": entity.kind.name(), ":key": entity.key, ":quoted": quoted};
        Ok(self.connection.query_row(query, values, |row| row.get(0))?)
    }

    /// Whether a call about an entity, or one that names it, is under way, or its answer was lost: what was sent is needed
    /// until that is settled.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn is_being_sent(&self, entity: &EntityKey) -> anyhow::Result<bool> {
        let query = "SELECT EXISTS (SELECT 1 FROM entities e WHERE e.kind = ?1 AND e.key = ?2 AND (
                         EXISTS (SELECT 1 FROM intents i WHERE i.entity = e.id)
                         OR (length(e.name) > 2 AND EXISTS (SELECT 1 FROM batches b WHERE instr(b.body, e.name) > 0))))";
        Ok(self.connection.query_row(query, params![entity.kind.name(), entity.key], |row| row.get(0))?)
    }

    /// Whether pages were freed in which something removed may still be read.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn has_freed(&self) -> anyhow::Result<bool> {
        Ok(self.connection.query_row("SELECT EXISTS (SELECT 1 FROM freed)", [], |row| row.get(0))?)
    }

    /// Writes the store anew without its freed pages, and empties the log. Returns whether nothing is left; somebody who reads
    /// for long keeps the log from being emptied.
    ///
    /// # Errors
    /// Where the store cannot be written, for instance for want of room.
    pub(crate) fn wipe_freed(&mut self) -> anyhow::Result<bool> {
        // The copy that it makes on the way is not to be left on a disk.
        self.connection.pragma_update(None, "temp_store", "MEMORY")?;
        self.connection.execute_batch("VACUUM")?;
        if !self.empty_log()? {
            return Ok(false);
        }
        self.connection.execute("DELETE FROM freed", [])?;
        self.empty_log()
    }

    fn empty_log(&self) -> anyhow::Result<bool> {
        let is_busy: bool = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        Ok(!is_busy)
    }

    /// The copies made of the store that are still there.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn backups(&self) -> anyhow::Result<Vec<String>> {
        let mut statement = self.connection.prepare("SELECT file FROM backups ORDER BY made_at, file")?;
        let files: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        // One that cannot be looked at may well be there.
        Ok(files.into_iter().filter(|file| PathBuf::from(file).try_exists().unwrap_or(true)).collect())
    }

    fn to_remove(&self, entity: &EntityKey) -> anyhow::Result<EntityToRemove> {
        let found = self.find(entity.kind, &entity.key)?;
        let record = found.as_ref().and_then(|found| serde_json::from_str::<Value>(&found.record).ok());
        let subject = match record.as_ref().and_then(|record| record.get("Id")) {
            Some(Value::String(id)) => id.trim().to_owned(),
            Some(Value::Number(id)) => id.to_string(),
            _ => entity.key.clone(),
        };
        let id = found.as_ref().map(|found| found.row.id);
        let item = found.and_then(|found| Some((found.row.board?, found.row.item_id?)));
        Ok(EntityToRemove { id, entity: entity.clone(), item, subject })
    }

    /// The texts by which an entity can be recognised: its name, its record's, what was sent of it and what it was before.
    fn collect_texts(&self, to_remove: &EntityToRemove, texts: &mut BTreeSet<String>) -> anyhow::Result<()> {
        let query = "SELECT json_quote(e.name) FROM entities e WHERE e.id = ?1
             UNION ALL SELECT record FROM records WHERE entity = ?1
             UNION ALL SELECT columns FROM sent WHERE entity = ?1
             UNION ALL SELECT columns FROM changes WHERE kind = ?2 AND key = ?3";
        let EntityKey { kind, key } = &to_remove.entity;
        let mut statement = self.connection.prepare_cached(query)?;
        let mut rows = statement.query(params![to_remove.id, kind.name(), key])?;
        while let Some(row) = rows.next()? {
            if let Ok(value) = serde_json::from_str(row.get_ref(0)?.as_str()?) {
                each_text(&value, &mut |text| {
                    if is_identifying(text.trim()) {
                        texts.insert(text.trim().to_owned());
                    }
                });
            }
        }
        Ok(())
    }

    /// Leaves out what is as much another entity's: an address, a town, a family name.
    fn keep_shared_texts(&self, texts: &mut BTreeSet<String>) -> anyhow::Result<()> {
        let query = "SELECT json_quote(name) FROM entities UNION ALL SELECT record FROM records";
        let mut statement = self.connection.prepare(query)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if let Ok(value) = serde_json::from_str(row.get_ref(0)?.as_str()?) {
                each_text(&value, &mut |text| {
                    texts.remove(text.trim());
                });
            }
        }
        Ok(())
    }
}

impl Tx<'_> {
    /// Removes entities and everything that tells of them; their items stay on their boards. `event` names a kind in webhooks.
    /// What was freed is to be wiped afterwards.
    ///
    /// # Errors
    /// Where the store cannot be written; then nothing is removed.
    pub(crate) fn erase(
        &self,
        entities: &[EntityKey],
        event: impl Fn(Kind) -> String,
        now: Timestamp,
    ) -> anyhow::Result<Vec<Erased>> {
        if entities.is_empty() {
            return Ok(Vec::new());
        }
        let to_remove: Vec<EntityToRemove> =
            entities.iter().map(|entity| self.to_remove(entity)).collect::<anyhow::Result<_>>()?;
        let mut texts = BTreeSet::new();
        for one in &to_remove {
            self.collect_texts(one, &mut texts)?;
        }
        for one in &to_remove {
            self.remove(one, &event(one.entity.kind))?;
        }
        self.keep_shared_texts(&mut texts)?;
        let selectors: BTreeSet<String> = to_remove.iter().map(|one| one.entity.to_string()).collect();
        self.scrub(&Scrubber::new(texts.into_iter().chain(selectors.clone()))?, &selectors)?;
        self.note_freed(now)?;
        Ok(to_remove.into_iter().map(|EntityToRemove { entity, item, .. }| Erased { entity, item }).collect())
    }

    /// Removes what was deleted before `before` and has nothing left to do on a board. Returns how many.
    ///
    /// # Errors
    /// Where the store cannot be written; then nothing is removed.
    pub(crate) fn forget_deleted(
        &self,
        before: Timestamp,
        keeps_items: bool,
        event: impl Fn(Kind) -> String,
        now: Timestamp,
    ) -> anyhow::Result<u64> {
        let gone: Vec<EntityKey> = self
            .connection
            .prepare(
                "SELECT kind, key FROM entities WHERE deleted_at < :before AND (item_id IS NULL OR :keeps)
                    AND NOT EXISTS (SELECT 1 FROM intents i WHERE i.entity = entities.id)",
            )?
            .query_map(named_params! {":before": stamp(before), ":keeps": keeps_items}, |row| {
                Ok(EntityKey::new(super::entities::kind_at(row, 0)?, row.get::<_, String>(1)?))
            })?
            .collect::<Result<_, _>>()?;
        Ok(self.erase(&gone, event, now)?.len() as u64)
    }

    /// Remembers a copy that was made of the store: what is removed from the store later stays in it.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn note_backup(&self, file: &str, now: Timestamp) -> anyhow::Result<()> {
        self.connection
            .execute("INSERT OR REPLACE INTO backups (file, made_at) VALUES (?1, ?2)", params![file, stamp(now)])?;
        Ok(())
    }

    fn note_freed(&self, now: Timestamp) -> anyhow::Result<()> {
        self.connection.execute("INSERT OR IGNORE INTO freed (id, since) VALUES (1, ?1)", [stamp(now)])?;
        Ok(())
    }

    /// Removes an entity's own rows. That a board was looked through for items counts no more where one is left behind: if the
    /// entity comes back it gets that item again.
    fn remove(&self, to_remove: &EntityToRemove, event: &str) -> anyhow::Result<()> {
        let EntityKey { kind, key } = &to_remove.entity;
        let own = params![kind.name(), key];
        self.connection.execute("DELETE FROM changes WHERE kind = ?1 AND key = ?2", own)?;
        self.connection.execute("DELETE FROM pauses WHERE kind = ?1 AND key = ?2", own)?;
        self.connection
            .execute("DELETE FROM events WHERE name = ?1 AND subject = ?2", params![event, to_remove.subject])?;
        let Some(id) = to_remove.id else { return Ok(()) };
        if let Some((board, _)) = &to_remove.item {
            self.forget_adoption(board, *kind)?;
        }
        self.remove_entity(id)
    }

    /// Takes texts out of everything that is told of others.
    fn scrub(&self, scrubber: &Scrubber, selectors: &BTreeSet<String>) -> anyhow::Result<()> {
        for (table, column, is_json) in TOLD_IN {
            self.scrub_column(scrubber, table, column, is_json)?;
        }
        self.scrub_runs(scrubber, selectors)?;
        self.scrub_events(scrubber)?;
        self.scrub_sent(scrubber)
    }

    /// `table` and `column` are ours, never text from outside.
    fn scrub_column(&self, scrubber: &Scrubber, table: &str, column: &str, is_json: bool) -> anyhow::Result<()> {
        let mut replacements: BTreeMap<String, String> = BTreeMap::new();
        {
            let query = format!("SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL");
            let mut statement = self.connection.prepare(&query)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let text = row.get_ref(0)?.as_str()?;
                if let Some(scrubbed) = scrubber.scrubbed(text, is_json) {
                    replacements.insert(text.to_owned(), scrubbed);
                }
            }
        }
        for (text, scrubbed) in &replacements {
            let update = format!("UPDATE OR REPLACE {table} SET {column} = ?2 WHERE {column} = ?1");
            self.connection.prepare_cached(&update)?.execute([text, scrubbed])?;
        }
        Ok(())
    }

    /// The documents of runs lose the failures of those that are removed; their texts stand beside, in the same order.
    fn scrub_runs(&self, scrubber: &Scrubber, selectors: &BTreeSet<String>) -> anyhow::Result<()> {
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

    /// Deliveries that could not be read are kept as they came.
    fn scrub_events(&self, scrubber: &Scrubber) -> anyhow::Result<()> {
        let mut statement = self.connection.prepare("SELECT id, raw FROM events WHERE raw IS NOT NULL")?;
        let mut rows = statement.query([])?;
        let mut hits: Vec<i64> = Vec::new();
        while let Some(row) = rows.next()? {
            if scrubber.may_be_in(&String::from_utf8_lossy(row.get_ref(1)?.as_bytes()?)) {
                hits.push(row.get(0)?);
            }
        }
        drop(rows);
        drop(statement);
        for id in hits {
            self.connection.execute("UPDATE events SET raw = x'' WHERE id = ?1", [id])?;
        }
        Ok(())
    }

    /// What others were sent of the removed is forgotten, and everything of them sent again: their boards may still show it.
    fn scrub_sent(&self, scrubber: &Scrubber) -> anyhow::Result<()> {
        for (entity, mut sent) in self.sent_that_may_hold(scrubber)? {
            let before = sent.clone();
            sent.retain(|_, content| !scrubber.is_in(&content.to_json()));
            if sent != before {
                self.set_sent(entity, &sent)?;
                self.send_all(entity)?;
            }
        }
        Ok(())
    }

    fn sent_that_may_hold(&self, scrubber: &Scrubber) -> anyhow::Result<Vec<(i64, SentColumns)>> {
        let mut statement = self.connection.prepare(&format!("SELECT s.entity, {SENT} FROM sent s"))?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let texts = [
                row.get_ref(1)?.as_str_or_null()?,
                row.get_ref(2)?.as_str_or_null()?,
                row.get_ref(3)?.as_str_or_null()?,
            ];
            if texts.into_iter().flatten().any(|text| scrubber.may_be_in(text)) {
                found.push((row.get(0)?, sent_at(row, 1)?.unwrap_or_default()));
            }
        }
        Ok(found)
    }
}
