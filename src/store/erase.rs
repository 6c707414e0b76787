//! Removal of entities for good: of their rows, and of their texts in runs, changes, events and what is kept of other entities.
//! Each table is written by its owner; here stands what belongs to a removal, and in which order.
//! SQLite overwrites what is deleted (`secure_delete`); what earlier versions freed goes with [`Store::wipe_freed`].

use super::connection::Store;
use super::entities::kind_at;
use super::scrub::{Scrubber, each_text, is_identifying};
use super::tx::Tx;
use crate::entity::{EntityKey, Kind, Record};
use crate::stamp::stamp;
use jiff::Timestamp;
use rusqlite::{named_params, params};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Entity that was removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Erased {
    /// Which it was.
    pub(crate) entity: EntityKey,
    /// The board and the item that it had: the item stays where it is.
    pub(crate) item: Option<(String, String)>,
}

/// Entity to remove, as far as the store has it.
#[derive(Debug)]
struct EntityToRemove {
    id: Option<i64>,
    entity: EntityKey,
    item: Option<(String, String)>,
    /// What webhooks name it by.
    subject: String,
}

impl Store {
    /// Whether anything is stored of an entity, be it only in the history of one that is not stored any more.
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
        let subject = found.as_ref().and_then(|found| Record::parse(&found.record).ok()?.webhook_subject());
        let subject = subject.unwrap_or_else(|| entity.key.clone());
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

    /// Leaves out what is as much another entity's: an address, a town, a family name; and what stands on the items of others of
    /// its kind, such as a label or a day. Items of other kinds may show it as this entity's own.
    fn keep_shared_texts(&self, kind: Kind, texts: &mut BTreeSet<String>) -> anyhow::Result<()> {
        let query = "SELECT json_quote(name) FROM entities UNION ALL SELECT record FROM records
             UNION ALL SELECT columns FROM sent JOIN entities ON entities.id = sent.entity WHERE kind = ?1
             UNION ALL SELECT columns FROM changes WHERE kind = ?1";
        let mut statement = self.connection.prepare(query)?;
        let mut rows = statement.query([kind.name()])?;
        while let Some(row) = rows.next()? {
            if texts.is_empty() {
                break;
            }
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
    /// Removes entities and everything that names them; their items stay on their boards. `event` names a kind in webhooks.
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
        let mut texts: BTreeMap<Kind, BTreeSet<String>> = BTreeMap::new();
        for one in &to_remove {
            self.collect_texts(one, texts.entry(one.entity.kind).or_default())?;
        }
        for one in &to_remove {
            self.remove(one, &event(one.entity.kind))?;
        }
        for (kind, texts) in &mut texts {
            self.keep_shared_texts(*kind, texts)?;
        }
        let texts: BTreeSet<String> = texts.into_values().flatten().collect();
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
                Ok(EntityKey::new(kind_at(row, 0)?, row.get::<_, String>(1)?))
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
        self.remove_changes(*kind, key)?;
        self.remove_pause(*kind, key)?;
        self.remove_events(event, &to_remove.subject)?;
        let Some(id) = to_remove.id else { return Ok(()) };
        if let Some((board, _)) = &to_remove.item {
            self.forget_adoption(board, *kind)?;
        }
        self.remove_entity(id)
    }

    /// Takes texts out of what is kept of others, table by table.
    fn scrub(&self, scrubber: &Scrubber, selectors: &BTreeSet<String>) -> anyhow::Result<()> {
        self.scrub_changes(scrubber)?;
        self.scrub_failures(scrubber)?;
        self.scrub_kind_failures(scrubber)?;
        self.scrub_side_failures(scrubber)?;
        self.scrub_kinds(scrubber)?;
        self.scrub_waits(scrubber)?;
        self.scrub_pauses(scrubber)?;
        self.scrub_runs(scrubber, selectors)?;
        self.scrub_events(scrubber)?;
        self.scrub_sent(scrubber)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::WebhookEvent;
    use crate::store::{Derived, SentColumn, SentColumns};
    use serde_json::{Value, json};

    /// Removes tenant 1 from a store in which tenant 2 and a lease were sent these columns; returns what the two were sent then.
    fn sent_after(of_removed: Value, of_tenant: Value, of_lease: Value) -> [SentColumns; 2] {
        let mut store = Store::in_memory().expect("a store");
        let (now, tenant) = (Timestamp::UNIX_EPOCH, Kind::named("tenant").expect("a kind"));
        let lease = Kind::named("parking-lease").expect("a kind");
        let mut add = |kind: Kind, key: &str, record: &str, columns: &Value| {
            let id = store.write(|tx| tx.add(kind, key, record, now, &Derived::default())).expect("added");
            let columns = columns.as_object().expect("columns").iter();
            let mut sent = SentColumns::default();
            columns.for_each(|(column, value)| sent.set(column, SentColumn::Sent(value.clone())));
            store.write(|tx| tx.set_sent(id, &sent)).expect("sent");
            id
        };
        add(tenant, "1", r#"{"LastName":"Tremblay","Status":"L","Start":"2026-07-01T00:00:00"}"#, &of_removed);
        let ids = [
            add(tenant, "2", r#"{"LastName":"Roy","Status":"L","Start":"2026-07-01T00:00:00"}"#, &of_tenant),
            add(lease, "5", "{}", &of_lease),
        ];
        let gone = [EntityKey::new(tenant, "1")];
        store.write(|tx| tx.erase(&gone, |_| "Tenant".to_owned(), now)).expect("erased");
        ids.map(|id| store.sent(id).expect("readable").unwrap_or_default())
    }

    #[test]
    fn what_others_of_the_kind_show_as_well_names_nobody_and_what_others_show_of_the_removed_is_forgotten() {
        let own = json!({"name": "Tremblay", "status": {"label": "Loué"}, "start": {"date": "2026-07-01"}});
        let other = json!({"name": "Roy", "status": {"label": "Loué"}, "start": {"date": "2026-07-01"}});
        let lease = json!({"tenant": "Tremblay", "status": {"label": "Loué"}, "rent": "950"});
        let [tenant, lease] = sent_after(own, other.clone(), lease);
        for (column, value) in other.as_object().expect("columns") {
            assert_eq!(tenant.value(column), Some(value), "nothing of it is sent again");
        }
        assert_eq!(lease.get("tenant"), Some(&SentColumn::Resend(None)), "the board may still show it");
        assert_eq!(
            (lease.value("rent"), lease.value("status")),
            (Some(&json!("950")), Some(&json!({"label": "Loué"})))
        );
    }

    #[test]
    fn events_go_with_the_entity_that_they_name_however_its_record_writes_its_id() {
        let mut store = Store::in_memory().expect("a store");
        let now = Timestamp::UNIX_EPOCH;
        let event = |subject: &str| WebhookEvent {
            name: Some("Unit".to_owned()),
            subject: Some(subject.to_owned()),
            ..WebhookEvent::default()
        };
        for (id, key) in [("1472.0", "1472"), ("\" 8-1 \"", "8%2D1"), ("12", "12")] {
            let record = format!("{{\"Id\": {id}, \"Name\": \"Appartement {key}\"}}");
            store.write(|tx| tx.add(Kind::UNIT, key, &record, now, &Derived::default())).expect("added");
            store.write(|tx| tx.add_events(&[event(key)], now)).expect("kept");
        }
        let gone = [EntityKey::new(Kind::UNIT, "1472"), EntityKey::new(Kind::UNIT, "8%2D1")];
        store.write(|tx| tx.erase(&gone, |_| "Unit".to_owned(), now)).expect("erased");
        let left: Vec<_> = store.pending_events().expect("events").into_iter().map(|one| one.webhook.subject).collect();
        assert_eq!(left, [Some("12".to_owned())]);
    }
}
