//! Records of entities: what a read of HApi changes, and how children and parents find each other.

use super::entities::{ENTITY, Entity, FROM, stored};
use super::tx::Tx;
use crate::entity::{Kind, same_content};
use crate::text::fold_into;
use jiff::Timestamp;
use rusqlite::params;
use std::collections::BTreeSet;

/// Derivation from a record by the rules of its kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Derived {
    /// The name that lists and searches show.
    pub(crate) name: String,
    /// What searches look into, case-folded: a line for its name and for each short text of its record.
    pub(crate) search: String,
    /// Whether it is outside `only`.
    pub(crate) is_off: bool,
    /// The values by which it names its parents, without case.
    pub(crate) refs: BTreeSet<(Kind, String)>,
    /// The values by which children may name it, without case, with the properties they are of; only those that are not its key.
    pub(crate) lookups: BTreeSet<(String, String)>,
}

/// Result of storing a record that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Upserted {
    /// It was not there, or had been deleted.
    New(i64),
    /// Its content differs from the record that stood there before.
    Changed(i64, String),
    /// Nothing was written.
    Unchanged(i64),
}

impl Upserted {
    /// The store's number of the entity.
    pub(crate) fn id(&self) -> i64 {
        match self {
            Upserted::New(id) | Upserted::Changed(id, _) | Upserted::Unchanged(id) => *id,
        }
    }
}

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

impl Tx<'_> {
    /// Stores a record, new or changed. Nothing is written where the bytes, or the content, are those stored.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn upsert(
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
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn add(
        &self,
        kind: Kind,
        key: &str,
        json: &str,
        now: Timestamp,
        derived: &Derived,
    ) -> anyhow::Result<i64> {
        let id = self.insert_entity(kind, key, derived, now)?;
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
        self.renew_entity(id, new, now)?;
        self.connection
            .prepare_cached(
                "INSERT INTO records (entity, record, search) VALUES (?1, ?2, ?3)
                 ON CONFLICT (entity) DO UPDATE SET record = excluded.record, search = excluded.search",
            )?
            .execute(params![id, json, search_text(kind, key, new)])?;
        self.write_links(id, kind, old, new)?;
        self.take_back(id)?;
        // A failure of the entity as a whole may be over; a refused column is remembered with the value that was refused.
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
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn derive_again(&self, kind: Kind, rules: &str, derive: impl Fn(&str) -> Derived) -> anyhow::Result<()> {
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
            self.rederive_entity(*id, &derived)?;
            self.connection
                .prepare_cached("UPDATE records SET search = ?2 WHERE entity = ?1")?
                .execute(params![id, search_text(kind, key, &derived)])?;
            self.take_back(*id)?;
            self.write_links(*id, kind, &Derived::default(), &derived)?;
        }
        self.set_rules(kind, Some(rules))
    }

    /// Marks the children that name their parent by `value` as due, and returns those of the kinds asked for.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn mark_children(
        &self,
        parent: Kind,
        value: &str,
        wanted: &BTreeSet<Kind>,
    ) -> anyhow::Result<Vec<Entity>> {
        let has_any: bool = self
            .connection
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM refs WHERE parent_kind = ?1 AND value = ?2)")?
            .query_row(params![parent.name(), value], |row| row.get(0))?;
        if !has_any {
            return Ok(Vec::new());
        }
        self.mark_children_due(parent, value)?;
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let query = format!(
            "SELECT {ENTITY} {FROM} WHERE e.id IN (SELECT child FROM refs WHERE parent_kind = ?1 AND value = ?2)"
        );
        let mut statement = self.connection.prepare_cached(&query)?;
        let children: Vec<Entity> =
            statement.query_map(params![parent.name(), value], stored)?.collect::<Result<_, _>>()?;
        Ok(children.into_iter().filter(|child| wanted.contains(&child.row.kind)).collect())
    }

    /// Forgets what an entity names its parents by, and what its children find it by.
    pub(super) fn forget_links(&self, entity: i64) -> anyhow::Result<()> {
        let kind = "(SELECT kind FROM entities WHERE id = ?1)";
        self.connection.prepare_cached("DELETE FROM refs WHERE child = ?1")?.execute([entity])?;
        self.connection
            .prepare_cached(&format!("DELETE FROM lookups WHERE kind = {kind} AND entity = ?1"))?
            .execute([entity])?;
        Ok(())
    }
}
