//! Entities and their records: what a read of HApi changes, and how children and parents find each other.

use super::{Store, Tx, stamp};
use crate::entity::{EntityKey, Kind, same_content};
use crate::text::{caseless, fold_into, nfc};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};
use std::collections::BTreeSet;

/// What follows from a record by the rules of its kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Derived {
    /// The name that lists and searches show.
    pub name: String,
    /// What searches look into, folded: a line for its name and for each short text of its record.
    pub search: String,
    /// Whether it is outside `only`.
    pub is_off: bool,
    /// The values by which it names its parents, without case.
    pub refs: BTreeSet<(Kind, String)>,
    /// The values by which children may name it, without case, with the properties they are of; only those that are not its key.
    pub lookups: BTreeSet<(String, String)>,
}

/// Result of storing a record that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Upserted {
    /// It was not there, or had been deleted.
    New(i64),
    /// Its content differs from the record that stood there before.
    Changed(i64, String),
    /// Nothing was written.
    Unchanged(i64),
}

impl Upserted {
    /// The store's number of the entity.
    pub fn id(&self) -> i64 {
        match self {
            Upserted::New(id) | Upserted::Changed(id, _) | Upserted::Unchanged(id) => *id,
        }
    }
}

/// The parent that a value names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parent {
    /// The entity names none: a property is blank.
    Unnamed,
    /// None that is there (yet).
    Missing,
    /// Exactly one.
    One(Stored),
    /// Several: none of them is taken.
    Ambiguous,
}

/// An entity as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The store's own number.
    pub id: i64,
    /// Its kind.
    pub kind: Kind,
    /// Its key, without the kind.
    pub key: String,
    /// Its name in lists.
    pub name: String,
    /// Its record, exactly as received.
    pub record: String,
    /// The board its item is on.
    pub board: Option<String>,
    /// Its item.
    pub item_id: Option<String>,
    /// Whether it was deleted.
    pub is_deleted: bool,
}

impl Stored {
    /// What names it.
    pub fn entity_key(&self) -> EntityKey {
        EntityKey::new(self.kind, self.key.clone())
    }
}

const STORED: &str = "SELECT e.id, e.kind, e.key, e.name, r.record, e.board, e.item_id, e.deleted_at IS NOT NULL
     FROM entities e JOIN records r ON r.entity = e.id";

fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok(Stored {
        id: row.get(0)?,
        kind: kind_at(row, 1)?,
        key: row.get(2)?,
        name: row.get(3)?,
        record: row.get(4)?,
        board: row.get(5)?,
        item_id: row.get(6)?,
        is_deleted: row.get(7)?,
    })
}

/// So many parents that are named alike are looked at: two are too many already, unless one of them is named exactly.
const MOST_ALIKE: u32 = 100;

/// What searches look into.
fn search_text(kind: Kind, key: &str, derived: &Derived) -> String {
    let mut text = String::with_capacity(key.len() + derived.search.len() + 16);
    text.push_str(kind.name());
    text.push(':');
    fold_into(&mut text, key);
    text.push('\n');
    text.push_str(&derived.search);
    text
}

/// Reads a kind out of a column.
pub(super) fn kind_at(row: &Row<'_>, index: usize) -> rusqlite::Result<Kind> {
    let name: String = row.get(index)?;
    Kind::named(&name).ok_or_else(|| super::unknown_word(index, "a kind", &name))
}

/// What is known of a kind as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KindState {
    /// End of the last complete read.
    pub last_pull: Option<String>,
    /// Last time its board was up to date or was written to.
    pub last_push: Option<String>,
    /// Why HApi does not give it: a message as JSON.
    pub unavailable: Option<String>,
    /// Fingerprint of the rules that [`Derived`] was derived by.
    pub shape: Option<String>,
    /// Fingerprint of the mapping planned last.
    pub mapping: Option<String>,
}

impl Store {
    /// Whether a change of a parent could matter to anybody: on a first load everything is due anyway.
    pub fn has_settled_entities(&self) -> anyhow::Result<bool> {
        let query = "SELECT EXISTS (SELECT 1 FROM entities WHERE due = 0) OR EXISTS (SELECT 1 FROM intents)";
        Ok(self.connection.query_row(query, [], |row| row.get(0))?)
    }

    /// The entities of a kind whose `properties` have this value, but for case; not the deleted ones. Of many only some.
    ///
    /// Fails where the store cannot be read.
    pub fn named_alike(&self, kind: Kind, properties: &str, value: &str) -> anyhow::Result<Vec<Stored>> {
        let query = format!(
            "{STORED} JOIN lookups l ON l.entity = e.id
             WHERE l.kind = ?1 AND l.properties = ?2 AND l.value = ?3 AND e.deleted_at IS NULL LIMIT {MOST_ALIKE}"
        );
        let mut statement = self.connection.prepare_cached(&query)?;
        let rows = statement.query_map(params![kind.name(), properties, value], stored)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// One entity, deleted ones included.
    pub fn find(&self, kind: Kind, key: &str) -> anyhow::Result<Option<Stored>> {
        let query = format!("{STORED} WHERE e.kind = ?1 AND e.key = ?2");
        Ok(self.connection.prepare_cached(&query)?.query_row(params![kind.name(), key], stored).optional()?)
    }

    /// The entity that a key typed by hand names, deleted ones included: the one with exactly this key, else the only one whose
    /// key differs in nothing but case and invisible characters; one that is there goes before those that were deleted.
    ///
    /// Fails where the store cannot be read.
    pub fn find_typed(&self, kind: Kind, key: &str) -> anyhow::Result<Option<Stored>> {
        if let Some(found) = self.find(kind, &nfc(key))? {
            return Ok(Some(found));
        }
        let mut alike = self.alike(kind, key)?;
        if alike.len() > 1 {
            alike.retain(|entity| !entity.is_deleted);
        }
        Ok(if alike.len() == 1 { alike.pop() } else { None })
    }

    /// The entities whose keys differ from this one in nothing but case and invisible characters, deleted ones included.
    ///
    /// Fails where the store cannot be read.
    pub fn alike(&self, kind: Kind, key: &str) -> anyhow::Result<Vec<Stored>> {
        let wanted = caseless(key);
        // SQLite's own comparison without case, which an index serves, knows no letters beyond ASCII.
        let is_alike = if wanted.is_ascii() { "e.key = ?2 COLLATE NOCASE" } else { "e.key GLOB ?2" };
        let value = if wanted.is_ascii() { wanted.as_str() } else { "*[^ -~]*" };
        let mut statement = self.connection.prepare_cached(&format!("{STORED} WHERE e.kind = ?1 AND {is_alike}"))?;
        let mut alike: Vec<Stored> =
            statement.query_map(params![kind.name(), value], stored)?.collect::<Result<_, _>>()?;
        alike.retain(|entity| caseless(&entity.key) == wanted);
        Ok(alike)
    }

    /// One entity by the store's number.
    pub fn get(&self, id: i64) -> anyhow::Result<Option<Stored>> {
        let query = format!("{STORED} WHERE e.id = ?1");
        Ok(self.connection.prepare_cached(&query)?.query_row([id], stored).optional()?)
    }

    /// All entities of a kind that are not deleted, in the order they came.
    pub fn all(&self, kind: Kind) -> anyhow::Result<Vec<Stored>> {
        let query = format!("{STORED} WHERE e.kind = ?1 AND e.deleted_at IS NULL ORDER BY e.id");
        let mut statement = self.connection.prepare_cached(&query)?;
        Ok(statement.query_map([kind.name()], stored)?.collect::<Result<_, _>>()?)
    }

    /// Whether there was never an entity of a kind, deleted ones included.
    pub fn is_empty(&self, kind: Kind) -> anyhow::Result<bool> {
        let query = "SELECT NOT EXISTS (SELECT 1 FROM entities WHERE kind = ?1)";
        Ok(self.connection.query_row(query, [kind.name()], |row| row.get(0))?)
    }

    /// How many entities of a kind are not deleted.
    pub fn count(&self, kind: Kind) -> anyhow::Result<u64> {
        let query = "SELECT count(*) FROM entities WHERE kind = ?1 AND deleted_at IS NULL";
        Ok(self.connection.query_row(query, [kind.name()], |row| row.get(0))?)
    }

    /// The entities of a kind that are not deleted and not among `seen`.
    pub fn absent(&self, kind: Kind, seen: &std::collections::HashSet<i64>) -> anyhow::Result<Vec<i64>> {
        let mut statement =
            self.connection.prepare("SELECT id FROM entities WHERE kind = ?1 AND deleted_at IS NULL")?;
        let ids: Vec<i64> = statement.query_map([kind.name()], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(ids.into_iter().filter(|id| !seen.contains(id)).collect())
    }

    /// Deletes counted by the guard since `since`.
    pub fn deletes_since(&self, kind: Kind, since: Timestamp) -> anyhow::Result<u64> {
        let query = "SELECT count(*) FROM entities WHERE kind = ?1 AND deleted_at > ?2 AND deleted_freely = 0";
        Ok(self.connection.query_row(query, params![kind.name(), stamp(since)], |row| row.get(0))?)
    }

    /// What is known of a kind as a whole.
    pub fn kind_state(&self, kind: Kind) -> anyhow::Result<KindState> {
        let query = "SELECT last_pull, last_push, unavailable, shape, mapping FROM kinds WHERE kind = ?1";
        let state = self.connection.query_row(query, [kind.name()], |row| {
            Ok(KindState {
                last_pull: row.get(0)?,
                last_push: row.get(1)?,
                unavailable: row.get(2)?,
                shape: row.get(3)?,
                mapping: row.get(4)?,
            })
        });
        Ok(state.optional()?.unwrap_or_default())
    }
}

impl Tx<'_> {
    /// Stores a record, new or changed. Nothing is written where the bytes, or the content, are those stored.
    pub fn upsert(
        &self,
        kind: Kind,
        key: &str,
        json: &str,
        now: Timestamp,
        derive: impl Fn(&str) -> Derived,
    ) -> anyhow::Result<Upserted> {
        let mut find = self.connection.prepare_cached(
            "SELECT e.id, r.record, e.deleted_at IS NOT NULL
             FROM entities e JOIN records r ON r.entity = e.id WHERE e.kind = ?1 AND e.key = ?2",
        )?;
        let mut rows = find.query(params![kind.name(), key])?;
        let Some(row) = rows.next()? else {
            drop(rows);
            drop(find);
            return self.add(kind, key, json, now, &derive(json)).map(Upserted::New);
        };
        let id: i64 = row.get(0)?;
        let before = row.get_ref(1)?.as_str()?;
        let was_deleted: bool = row.get(2)?;
        if !was_deleted && (before == json || same_content(before, json)) {
            return Ok(Upserted::Unchanged(id));
        }
        let before = before.to_owned();
        drop(rows);
        drop(find);
        let (old, new) = (derive(&before), derive(json));
        self.rewrite(id, (kind, key), json, now, (&old, &new))?;
        Ok(if was_deleted { Upserted::New(id) } else { Upserted::Changed(id, before) })
    }

    /// Takes in a record of which it is certain that it was never there. Returns its number.
    pub fn add(&self, kind: Kind, key: &str, json: &str, now: Timestamp, derived: &Derived) -> anyhow::Result<i64> {
        self.connection
            .prepare_cached(
                "INSERT INTO entities (kind, key, name, is_off, received_at, due_since) VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
            )?
            .execute(params![kind.name(), key, derived.name, derived.is_off, stamp(now)])?;
        let id = self.connection.last_insert_rowid();
        self.connection
            .prepare_cached("INSERT INTO records (entity, record, search) VALUES (?1, ?2, ?3)")?
            .execute(params![id, json, search_text(kind, key, derived)])?;
        self.write_links(id, kind, &Derived::default(), derived)?;
        Ok(id)
    }

    fn rewrite(
        &self,
        id: i64,
        (kind, key): (Kind, &str),
        json: &str,
        now: Timestamp,
        (old, new): (&Derived, &Derived),
    ) -> anyhow::Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE entities SET name = ?2, is_off = ?3, received_at = ?4, due = 1, version = version + 1,
                        deleted_at = NULL, deleted_why = NULL, deleted_freely = 0 WHERE id = ?1",
            )?
            .execute(params![id, new.name, new.is_off, stamp(now)])?;
        self.connection
            .prepare_cached(
                "INSERT INTO records (entity, record, search) VALUES (?1, ?2, ?3)
                 ON CONFLICT (entity) DO UPDATE SET record = excluded.record, search = excluded.search",
            )?
            .execute(params![id, json, search_text(kind, key, new)])?;
        self.write_links(id, kind, old, new)?;
        self.take_back(id)?;
        // What ailed the entity as a whole may be over; a refused column is remembered with the value that was refused.
        self.clear_failure(id, None)
    }

    fn write_links(&self, id: i64, kind: Kind, old: &Derived, new: &Derived) -> anyhow::Result<()> {
        let connection = &self.connection;
        for (parent, value) in old.refs.difference(&new.refs) {
            connection
                .prepare_cached("DELETE FROM refs WHERE parent_kind = ?1 AND value = ?2 AND child = ?3")?
                .execute(params![parent.name(), value, id])?;
        }
        for (parent, value) in new.refs.difference(&old.refs) {
            connection
                .prepare_cached("INSERT OR IGNORE INTO refs (parent_kind, value, child) VALUES (?1, ?2, ?3)")?
                .execute(params![parent.name(), value, id])?;
        }
        for (properties, value) in old.lookups.difference(&new.lookups) {
            connection
                .prepare_cached(
                    "DELETE FROM lookups WHERE kind = ?1 AND properties = ?2 AND value = ?3 AND entity = ?4",
                )?
                .execute(params![kind.name(), properties, value, id])?;
        }
        for (properties, value) in new.lookups.difference(&old.lookups) {
            connection
                .prepare_cached(
                    "INSERT OR IGNORE INTO lookups (kind, properties, value, entity) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![kind.name(), properties, value, id])?;
        }
        Ok(())
    }

    /// Derives everything of a kind anew, after its rules changed, and marks all of it as due.
    pub fn derive_again(&self, kind: Kind, shape: &str, derive: impl Fn(&str) -> Derived) -> anyhow::Result<()> {
        let all: Vec<(i64, String, String)> = self
            .connection
            .prepare(
                "SELECT e.id, e.key, r.record FROM entities e JOIN records r ON r.entity = e.id WHERE e.kind = ?1",
            )?
            .query_map([kind.name()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<Result<_, _>>()?;
        self.connection.execute("DELETE FROM lookups WHERE kind = ?1", [kind.name()])?;
        self.connection
            .execute("DELETE FROM refs WHERE child IN (SELECT id FROM entities WHERE kind = ?1)", [kind.name()])?;
        for (id, key, record) in &all {
            let derived = derive(record);
            self.connection
                .prepare_cached(
                    "UPDATE entities SET name = ?2, is_off = ?3, due = 1, version = version + 1 WHERE id = ?1",
                )?
                .execute(params![id, derived.name, derived.is_off])?;
            self.connection
                .prepare_cached("UPDATE records SET search = ?2 WHERE entity = ?1")?
                .execute(params![id, search_text(kind, key, &derived)])?;
            self.take_back(*id)?;
            self.write_links(*id, kind, &Derived::default(), &derived)?;
        }
        self.set_kind(kind, "shape", Some(shape))
    }

    /// Marks everything of a kind as due, after its mapping changed.
    pub fn mark_kind_due(&self, kind: Kind, mapping: &str) -> anyhow::Result<()> {
        self.connection.execute(
            "UPDATE entities SET due = 1, version = version + 1 WHERE kind = ?1 AND deleted_at IS NULL",
            [kind.name()],
        )?;
        // A mapping that changed may well have been changed because of the failures.
        self.connection
            .execute("DELETE FROM failures WHERE entity IN (SELECT id FROM entities WHERE kind = ?1)", [kind.name()])?;
        self.connection.execute(
                "UPDATE entities SET has_failed = EXISTS (SELECT 1 FROM failures f WHERE f.entity = entities.id) WHERE kind = ?1",
                [kind.name()],
            )?;
        self.set_kind(kind, "mapping", Some(mapping))
    }

    /// Marks the children that name their parent by `value` as due, and returns those of the kinds asked for.
    pub fn mark_children(&self, parent: Kind, value: &str, wanted: &BTreeSet<Kind>) -> anyhow::Result<Vec<Stored>> {
        let has_any: bool = self
            .connection
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM refs WHERE parent_kind = ?1 AND value = ?2)")?
            .query_row(params![parent.name(), value], |row| row.get(0))?;
        if !has_any {
            return Ok(Vec::new());
        }
        // One that is due already needs no mark, unless what was planned of it is under way.
        self.connection
            .prepare_cached(
                "UPDATE entities SET due = 1, version = version + 1
                 WHERE id IN (SELECT child FROM refs WHERE parent_kind = ?1 AND value = ?2) AND deleted_at IS NULL
                   AND (due = 0 OR EXISTS (SELECT 1 FROM intents i WHERE i.entity = entities.id))",
            )?
            .execute(params![parent.name(), value])?;
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let query = format!("{STORED} WHERE e.id IN (SELECT child FROM refs WHERE parent_kind = ?1 AND value = ?2)");
        let mut statement = self.connection.prepare_cached(&query)?;
        let children: Vec<Stored> =
            statement.query_map(params![parent.name(), value], stored)?.collect::<Result<_, _>>()?;
        Ok(children.into_iter().filter(|child| wanted.contains(&child.kind)).collect())
    }

    /// Marks an entity as deleted: gone from HApi, or only out of `filter`.
    pub fn delete(&self, id: i64, why: &str, is_free: bool, now: Timestamp) -> anyhow::Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE entities SET deleted_at = ?2, deleted_why = ?3, deleted_freely = ?4, version = version + 1
                 WHERE id = ?1 AND deleted_at IS NULL",
            )?
            .execute(params![id, stamp(now), why, is_free])?;
        self.clear_failure(id, None)
    }

    /// Notes a complete read.
    pub fn set_pulled(&self, kind: Kind, now: Timestamp) -> anyhow::Result<()> {
        self.set_kind(kind, "last_pull", Some(&stamp(now)))?;
        self.set_available(kind)
    }

    /// Notes that HApi gives a kind.
    pub fn set_available(&self, kind: Kind) -> anyhow::Result<()> {
        self.set_kind(kind, "unavailable", None)
    }

    /// Notes that a kind's board is up to date, or was written to.
    pub fn set_pushed(&self, kind: Kind, now: Timestamp) -> anyhow::Result<()> {
        self.set_kind(kind, "last_push", Some(&stamp(now)))
    }

    /// Notes that HApi does not give a kind, and why.
    pub fn set_unavailable(&self, kind: Kind, why: &crate::message::Message) -> anyhow::Result<()> {
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
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(keys: &[&str]) -> Store {
        let mut store = Store::in_memory().expect("a store");
        for key in keys {
            store.write(|tx| tx.add(Kind::UNIT, key, "{}", Timestamp::UNIX_EPOCH, &Derived::default())).expect("added");
        }
        store
    }

    #[test]
    fn a_key_typed_by_hand_is_found_exactly_or_else_without_case_where_one_fits() {
        let store = named(&["1067CHEVRE", "a-1", "A-1", "Ch\u{c8}vre", "7"]);
        let found = |key: &str| store.find_typed(Kind::UNIT, key).expect("a look").map(|found| found.key);
        assert_eq!(found("1067chevre").as_deref(), Some("1067CHEVRE"));
        assert_eq!(found("A-1").as_deref(), Some("A-1"));
        assert_eq!(found("a-1").as_deref(), Some("a-1"));
        assert_eq!(found("che\u{300}vre").as_deref(), Some("Ch\u{c8}vre"));
        assert_eq!(found("1067\u{200b}Chevre").as_deref(), Some("1067CHEVRE"));
        assert_eq!(found("8"), None);
        let store = named(&["ab", "AB"]);
        assert_eq!(store.find_typed(Kind::UNIT, "Ab").expect("a look"), None, "two fit");
    }

    #[test]
    fn a_key_that_was_deleted_gives_way_to_one_that_is_there() {
        let mut store = named(&["ab", "AB"]);
        let gone = store.find(Kind::UNIT, "ab").expect("a look").expect("an entity");
        store.write(|tx| tx.delete(gone.id, "gone", true, Timestamp::UNIX_EPOCH)).expect("deleted");
        assert_eq!(store.find_typed(Kind::UNIT, "Ab").expect("a look").map(|found| found.key).as_deref(), Some("AB"));
    }

    #[test]
    fn keys_without_case_are_looked_up_in_an_index() {
        let store = named(&[]);
        let plan = store.connection.query_row(
            "EXPLAIN QUERY PLAN SELECT 1 FROM entities e WHERE e.kind = 'unit' AND e.key = '1' COLLATE NOCASE",
            [],
            |row| row.get::<_, String>(3),
        );
        assert!(plan.expect("a plan").contains("entities_caseless"));
    }
}
