//! What the store holds, read past the program.

use crate::check::mirror::Sets;
use crate::happening::set_of;
use crate::world::Calls;
use hopem_sandbox::KINDS;
use jiff::Timestamp;
use rusqlite::{Connection, Row};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;

/// A store, open to read.
pub(crate) struct Ledger(Connection);

impl Ledger {
    pub(crate) fn open(store: &Path) -> Ledger {
        Ledger(Connection::open(store).expect("a store"))
    }

    fn rows<T>(&self, query: &str, read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>) -> Vec<T> {
        let mut statement = self.0.prepare(query).expect("a query");
        let rows = statement.query_map([], read).expect("rows");
        rows.map(|row| row.expect("a row")).collect()
    }

    /// The calls that were counted.
    pub(crate) fn calls(&self) -> Calls {
        let query = "SELECT COALESCE(sum(hapi), 0), COALESCE(sum(monday), 0) FROM calls";
        let calls = self.rows(query, |row| Ok(Calls { hapi: row.get(0)?, monday: row.get(1)? }));
        calls.into_iter().next().unwrap_or_default()
    }

    /// The records of what is not gone.
    pub(crate) fn records(&self) -> Sets {
        let mut sets: Sets = KINDS.iter().map(|(_, set)| (*set, Vec::new())).collect();
        let query = "SELECT kind, record FROM entities e JOIN records r ON r.entity = e.id WHERE deleted_at IS NULL";
        for (kind, record) in self.rows(query, |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))) {
            let record: Map<String, Value> = serde_json::from_str(&record).expect("a record");
            // As ASP.NET writes them, or not: they are the same properties.
            let record = record.into_iter().map(|(name, value)| (name[..1].to_uppercase() + &name[1..], value));
            sets.entry(set_of(&kind)).or_default().push(Value::Object(record.collect()));
        }
        sets
    }

    /// Whether the store knows of an item.
    pub(crate) fn knows(&self, item: &str) -> bool {
        self.rows("SELECT item_id FROM entities WHERE item_id IS NOT NULL", |row| row.get::<_, String>(0))
            .contains(&item.to_owned())
    }

    /// Whether the store has an entity, gone or not.
    pub(crate) fn has(&self, entity: &str) -> bool {
        self.rows("SELECT kind || ':' || key FROM entities", |row| row.get::<_, String>(0))
            .iter()
            .any(|has| has == entity)
    }

    /// Whether the store ever had an entity of a kind.
    pub(crate) fn has_any(&self, kind: &str) -> bool {
        self.rows("SELECT DISTINCT kind FROM entities", |row| row.get::<_, String>(0)).iter().any(|has| has == kind)
    }

    /// Entities that people dissociated from their items.
    pub(crate) fn unlinked(&self) -> Vec<String> {
        let query = "SELECT kind || ':' || key FROM entities WHERE deleted_at IS NULL AND is_unlinked";
        self.rows(query, |row| row.get(0))
    }

    /// Entities of which the store says that monday has confirmed all. `status` says it of no others.
    pub(crate) fn synced(&self) -> Vec<String> {
        let query = "SELECT kind || ':' || key FROM entities WHERE deleted_at IS NULL AND item_id IS NOT NULL
                     AND NOT (is_off OR is_unlinked OR has_failed OR due)";
        self.rows(query, |row| row.get(0))
    }

    /// Entities that failed and are red for it, by when they did; not those whose columns are closed, which is reported once for their kind.
    pub(crate) fn failed(&self) -> Vec<(String, Timestamp)> {
        let query = "SELECT kind || ':' || key, failed_at FROM failures f JOIN entities e ON e.id = f.entity
                     WHERE deleted_at IS NULL AND NOT is_off AND NOT is_unlinked AND cause <> 'column-closed'";
        let time = |text: String| text.parse().expect("a time");
        self.rows(query, |row| Ok((row.get(0)?, time(row.get(1)?))))
    }

    /// Columns whose values were refused, of whom, and when.
    pub(crate) fn refused_values(&self) -> Vec<(String, String, Timestamp)> {
        let query = "SELECT kind || ':' || key, column_id, failed_at FROM failures f JOIN entities e ON e.id = f.entity
                     WHERE cause = 'value-refused' AND column_id IS NOT NULL";
        let time = |text: String| text.parse().expect("a time");
        self.rows(query, |row| Ok((row.get(0)?, row.get(1)?, time(row.get(2)?))))
    }

    /// Connections, as they were sent last, of entities that are in order, to items that nobody holds.
    pub(crate) fn connections_to_nobody(&self) -> Vec<(String, String)> {
        let query =
            "SELECT kind || ':' || e.key, c.key FROM entities e JOIN sent s ON s.entity = e.id, json_each(s.columns) c,
                         json_each(CASE c.type WHEN 'object' THEN c.value ELSE '{}' END, '$.item_ids') item
                     WHERE c.key LIKE 'link\\_%' ESCAPE '\\' AND deleted_at IS NULL AND item_id IS NOT NULL
                       AND NOT (is_off OR is_unlinked OR has_failed OR due)
                       AND NOT EXISTS (SELECT 1 FROM entities p WHERE p.item_id = CAST(item.value AS TEXT))";
        self.rows(query, |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// Entities whose records could not be read.
    pub(crate) fn unread(&self) -> Vec<String> {
        let query = "SELECT kind || ':' || key FROM failures f JOIN entities e ON e.id = f.entity
                     WHERE cause = 'record-undeliverable'";
        self.rows(query, |row| row.get(0))
    }

    /// Entities that wait for people: they failed time and again, or their items were taken away.
    pub(crate) fn parked(&self) -> Vec<String> {
        let query = "SELECT DISTINCT kind || ':' || key FROM failures f JOIN entities e ON e.id = f.entity
                     WHERE deleted_at IS NULL AND NOT is_unlinked
                       AND (next_try_at IS NULL AND tries > 4 OR cause IN ('item-missing', 'item-taken-away-again'))";
        self.rows(query, |row| row.get(0))
    }

    /// When the events were received that are not processed.
    pub(crate) fn pending_events(&self) -> Vec<Timestamp> {
        let time = |text: String| text.parse().expect("a time");
        self.rows("SELECT received_at FROM events WHERE is_pending", |row| Ok(time(row.get(0)?)))
    }

    /// Whether anything is kept of an entity, be it in the history.
    pub(crate) fn has_traces(&self, entity: &str) -> bool {
        let query = "SELECT kind || ':' || key FROM entities UNION SELECT kind || ':' || key FROM changes
                     UNION SELECT kind || ':' || key FROM pauses WHERE key IS NOT NULL";
        let texts = "SELECT document FROM runs WHERE document IS NOT NULL";
        let quoted = format!("\"{entity}\"");
        let is_named = |text: &String| text.contains(&quoted);
        self.rows(query, |row| row.get::<_, String>(0)).iter().any(|named| named == entity)
            || self.rows(texts, |row| row.get::<_, String>(0)).iter().any(is_named)
    }

    /// Entities that are blamed for faults of the server, and when they last were.
    pub(crate) fn blamed(&self) -> Vec<(String, Timestamp)> {
        let query = "SELECT kind || ':' || key, failed_at FROM failures f JOIN entities e ON e.id = f.entity
                     WHERE cause = 'server-fault'";
        let time = |text: String| text.parse().expect("a time");
        self.rows(query, |row| Ok((row.get(0)?, time(row.get(1)?))))
    }

    /// The kinds of which the last run changed items.
    pub(crate) fn kinds_changed_in_last_run(&self) -> Vec<String> {
        self.rows("SELECT DISTINCT kind FROM changes WHERE run = (SELECT max(id) FROM runs)", |row| row.get(0))
    }

    /// The events that were processed: what they named, and when they were received.
    pub(crate) fn processed_events(&self) -> Vec<(String, i64, Timestamp)> {
        let query = "SELECT name, CAST(subject AS INTEGER), received_at FROM events
                     WHERE is_pending = 0 AND name IS NOT NULL AND subject IS NOT NULL";
        let time = |text: String| text.parse().expect("a time");
        self.rows(query, |row| Ok((row.get(0)?, row.get(1)?, time(row.get(2)?))))
    }

    /// When the items of each kind were last compared with what was sent.
    pub(crate) fn verified(&self) -> BTreeMap<String, Timestamp> {
        let query = "SELECT kind, verified_at FROM verifications WHERE verified_at IS NOT NULL";
        let time = |text: String| text.parse().expect("a time");
        self.rows(query, |row| Ok((row.get(0)?, time(row.get(1)?)))).into_iter().collect()
    }

    /// The entities that are there, and the items that they hold.
    pub(crate) fn held(&self) -> BTreeMap<String, String> {
        let query = "SELECT kind || ':' || key, item_id FROM entities WHERE item_id IS NOT NULL AND deleted_at IS NULL";
        self.rows(query, |row| Ok((row.get(0)?, row.get(1)?))).into_iter().collect()
    }

    /// How many items of each kind may go since `--allow-deletes` let them, or people.
    pub(crate) fn let_go(&self) -> BTreeMap<String, usize> {
        let query = "SELECT kind, count(*) FROM (SELECT kind FROM departures UNION ALL
                     SELECT kind FROM entities WHERE item_id IS NOT NULL AND (deleted_at IS NOT NULL OR is_unlinked))
                     GROUP BY kind";
        self.rows(query, |row| Ok((row.get(0)?, row.get(1)?))).into_iter().collect()
    }

    /// Whether there are calls of which it is not known what became of them.
    pub(crate) fn has_open_calls(&self) -> bool {
        !self.rows("SELECT 1 FROM batches", |_| Ok(())).is_empty()
    }

    /// Of how many entities the last run changed items.
    pub(crate) fn changed_in_last_run(&self) -> u64 {
        let query = "SELECT count(DISTINCT kind || ':' || key) FROM changes WHERE run = (SELECT max(id) FROM runs)";
        self.rows(query, |row| row.get(0)).into_iter().next().unwrap_or_default()
    }

    /// Items that the program believes to be taken away.
    pub(crate) fn missing_items(&self) -> Vec<String> {
        let query = "SELECT item_id FROM recreations
                     UNION SELECT item_id FROM failures WHERE cause IN ('item-missing', 'item-taken-away-again')";
        self.rows(query, |row| row.get(0))
    }

    /// Entities of which changes are under way in several calls.
    pub(crate) fn under_way_twice(&self) -> Vec<String> {
        let query = "SELECT kind || ':' || key FROM intents i JOIN entities e ON e.id = i.entity
                     GROUP BY i.entity HAVING count(DISTINCT batch) > 1";
        self.rows(query, |row| row.get(0))
    }
}
