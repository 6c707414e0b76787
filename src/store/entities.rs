//! Entities as stored, and how they are found.

use super::connection::Store;
use super::read::{unknown_word, word_at};
use crate::entity::{EntityKey, Kind};
use crate::stamp::stamp;
use crate::text::{caseless, nfc};
use crate::word::words;
use jiff::Timestamp;
use rusqlite::types::FromSql;
use rusqlite::{OptionalExtension, Row, params};

/// Parent that a value names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Parent {
    /// The entity names none: a property is blank.
    Unnamed,
    /// None that is there (yet).
    Missing,
    /// Exactly one.
    One(Entity),
    /// Several: none of them is taken.
    Ambiguous,
}

/// Row of an entity: what all that is read of entities begins with. `Item` is `String` where only entities with an item are
/// asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EntityRow<Item = Option<String>> {
    /// The store's own number.
    pub(crate) id: i64,
    /// Its kind.
    pub(crate) kind: Kind,
    /// Its key, without the kind.
    pub(crate) key: String,
    /// The board its item is on.
    pub(crate) board: Option<String>,
    /// Its item.
    pub(crate) item_id: Item,
}

impl<Item> EntityRow<Item> {
    /// What names it.
    pub(crate) fn entity_key(&self) -> EntityKey {
        EntityKey::new(self.kind, self.key.clone())
    }
}

words! {
    /// Reason why an entity was deleted.
    pub(crate) enum DeletionReason {
        /// HApi does not give it any more.
        Gone = "gone",
        /// It is there, but not within `filter`.
        Filtered = "filtered",
    }
}

/// Entity as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entity {
    /// What names it, and its item.
    pub(crate) row: EntityRow,
    /// Its name in lists.
    pub(crate) name: String,
    /// Its record, exactly as received.
    pub(crate) record: String,
    /// Why it was deleted; `None`: it is there.
    pub(crate) deleted: Option<DeletionReason>,
}

impl Entity {
    /// Whether it was deleted.
    pub(crate) fn is_deleted(&self) -> bool {
        self.deleted.is_some()
    }

    /// Whether it is gone from HApi and has no item, so that nothing depends on its key.
    pub(crate) fn is_over(&self) -> bool {
        self.is_deleted() && self.row.item_id.is_none()
    }
}

macro_rules! row_columns {
    () => {
        "e.id, e.kind, e.key, e.board, e.item_id"
    };
}

/// Columns that [`row_at`] reads.
pub(super) const ROW: &str = row_columns!();
/// Index of the first column after them.
pub(super) const AFTER_ROW: usize = 5;

/// Reads what names an entity, and its item, out of the columns [`ROW`].
pub(super) fn row_at<Item: FromSql>(row: &Row<'_>) -> rusqlite::Result<EntityRow<Item>> {
    Ok(EntityRow {
        id: row.get(0)?,
        kind: kind_at(row, 1)?,
        key: row.get(2)?,
        board: row.get(3)?,
        item_id: row.get(4)?,
    })
}

/// Columns that [`stored`] reads.
pub(super) const ENTITY: &str = concat!(row_columns!(), ", e.name, r.record, e.deleted_at IS NOT NULL, e.deleted_why");
/// Where they are.
pub(super) const FROM: &str = "FROM entities e JOIN records r ON r.entity = e.id";
/// Index of the first column after them.
pub(super) const AFTER_ENTITY: usize = AFTER_ROW + 4;

/// Reads an entity out of the columns [`ENTITY`].
pub(super) fn stored(row: &Row<'_>) -> rusqlite::Result<Entity> {
    let is_deleted: bool = row.get(AFTER_ROW + 2)?;
    let deleted = is_deleted.then(|| word_at(row, AFTER_ROW + 3, "a reason to delete")).transpose()?;
    Ok(Entity { row: row_at(row)?, name: row.get(AFTER_ROW)?, record: row.get(AFTER_ROW + 1)?, deleted })
}

/// So many parents that are named alike are read: two are too many already, unless one of them is named exactly.
const MOST_ALIKE: u32 = 100;

/// Reads a kind out of a column.
pub(super) fn kind_at(row: &Row<'_>, index: usize) -> rusqlite::Result<Kind> {
    let name = row.get_ref(index)?.as_str()?;
    Kind::named(name).ok_or_else(|| unknown_word(index, "a kind", name))
}

impl Store {
    /// Whether anything was pushed, or is being pushed, so that a change of a parent could matter to anybody: on a first load everything
    /// is due anyway.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn has_pushed_entities(&self) -> anyhow::Result<bool> {
        let query = "SELECT EXISTS (SELECT 1 FROM entities WHERE due = 0) OR EXISTS (SELECT 1 FROM intents)";
        Ok(self.connection.query_row(query, [], |row| row.get(0))?)
    }

    /// The entities of a kind whose `properties` have this value, but for case; not the deleted ones. Of many only some.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn named_alike(&self, kind: Kind, properties: &str, value: &str) -> anyhow::Result<Vec<Entity>> {
        let query = format!(
            "SELECT {ENTITY} {FROM} JOIN lookups l ON l.entity = e.id
             WHERE l.kind = ?1 AND l.properties = ?2 AND l.value = ?3 AND e.deleted_at IS NULL LIMIT {MOST_ALIKE}"
        );
        let mut statement = self.connection.prepare_cached(&query)?;
        let rows = statement.query_map(params![kind.name(), properties, value], stored)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// One entity, deleted ones included.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn find(&self, kind: Kind, key: &str) -> anyhow::Result<Option<Entity>> {
        let query = format!("SELECT {ENTITY} {FROM} WHERE e.kind = ?1 AND e.key = ?2");
        Ok(self.connection.prepare_cached(&query)?.query_row(params![kind.name(), key], stored).optional()?)
    }

    /// The entity that a key typed by hand names, deleted ones included: the one with exactly this key, else the only one whose
    /// key differs in nothing but case and invisible characters; one that is there goes before those that were deleted.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn find_typed(&self, kind: Kind, key: &str) -> anyhow::Result<Option<Entity>> {
        if let Some(found) = self.find(kind, &nfc(key))? {
            return Ok(Some(found));
        }
        let mut alike = self.alike(kind, key)?;
        if alike.len() > 1 {
            alike.retain(|entity| !entity.is_deleted());
        }
        match (alike.len(), with_whole_numbers(key)) {
            (1, _) => Ok(alike.pop()),
            (0, Some(key)) => self.find(kind, &key),
            _ => Ok(None),
        }
    }

    /// The entities whose keys differ from this one in nothing but case and invisible characters, deleted ones included.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn alike(&self, kind: Kind, key: &str) -> anyhow::Result<Vec<Entity>> {
        let wanted = caseless(key);
        // SQLite's own comparison without case, which an index serves, knows no letters beyond ASCII.
        let is_alike = if wanted.is_ascii() { "e.key = ?2 COLLATE NOCASE" } else { "e.key GLOB ?2" };
        let value = if wanted.is_ascii() { wanted.as_str() } else { "*[^ -~]*" };
        let mut statement =
            self.connection.prepare_cached(&format!("SELECT {ENTITY} {FROM} WHERE e.kind = ?1 AND {is_alike}"))?;
        let mut alike: Vec<Entity> =
            statement.query_map(params![kind.name(), value], stored)?.collect::<Result<_, _>>()?;
        alike.retain(|entity| caseless(&entity.row.key) == wanted);
        Ok(alike)
    }

    /// One entity by the store's number.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn get(&self, id: i64) -> anyhow::Result<Option<Entity>> {
        let query = format!("SELECT {ENTITY} {FROM} WHERE e.id = ?1");
        Ok(self.connection.prepare_cached(&query)?.query_row([id], stored).optional()?)
    }

    /// All entities of a kind that are not deleted, in the order they came.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn all(&self, kind: Kind) -> anyhow::Result<Vec<Entity>> {
        let query = format!("SELECT {ENTITY} {FROM} WHERE e.kind = ?1 AND e.deleted_at IS NULL ORDER BY e.id");
        let mut statement = self.connection.prepare_cached(&query)?;
        Ok(statement.query_map([kind.name()], stored)?.collect::<Result<_, _>>()?)
    }

    /// What is found in the first of the records of a kind in which anything is; those of deleted entities are left out.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn first_record<T>(&self, kind: Kind, find: impl Fn(&str) -> Option<T>) -> anyhow::Result<Option<T>> {
        let query = "SELECT record FROM records JOIN entities ON entities.id = records.entity
             WHERE kind = ?1 AND deleted_at IS NULL";
        let mut statement = self.connection.prepare_cached(query)?;
        let mut rows = statement.query([kind.name()])?;
        while let Some(row) = rows.next()? {
            if let Some(found) = find(row.get_ref(0)?.as_str()?) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// All entities of a kind, deleted ones included, in the order they came.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn all_and_deleted(&self, kind: Kind) -> anyhow::Result<Vec<Entity>> {
        let mut statement =
            self.connection.prepare_cached(&format!("SELECT {ENTITY} {FROM} WHERE e.kind = ?1 ORDER BY e.id"))?;
        Ok(statement.query_map([kind.name()], stored)?.collect::<Result<_, _>>()?)
    }

    /// The first entities of a kind that are there and did not fail, at most so many.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn some_sound(&self, kind: Kind, most: usize) -> anyhow::Result<Vec<Entity>> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {ENTITY} {FROM} WHERE e.kind = ?1 AND e.deleted_at IS NULL AND e.has_failed = 0 ORDER BY e.id LIMIT ?2"
        ))?;
        Ok(statement.query_map(params![kind.name(), most as u64], stored)?.collect::<Result<_, _>>()?)
    }

    /// Whether there was never an entity of a kind, deleted ones included.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn is_empty(&self, kind: Kind) -> anyhow::Result<bool> {
        let query = "SELECT NOT EXISTS (SELECT 1 FROM entities WHERE kind = ?1)";
        Ok(self.connection.query_row(query, [kind.name()], |row| row.get(0))?)
    }

    /// How many entities of a kind are not deleted.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn count(&self, kind: Kind) -> anyhow::Result<u64> {
        let query = "SELECT count(*) FROM entities WHERE kind = ?1 AND deleted_at IS NULL";
        Ok(self.connection.query_row(query, [kind.name()], |row| row.get(0))?)
    }

    /// The entities of a kind that are not deleted and not among `present`.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn absent(&self, kind: Kind, present: &std::collections::HashSet<i64>) -> anyhow::Result<Vec<i64>> {
        let mut statement =
            self.connection.prepare("SELECT id FROM entities WHERE kind = ?1 AND deleted_at IS NULL")?;
        let ids: Vec<i64> = statement.query_map([kind.name()], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(ids.into_iter().filter(|id| !present.contains(id)).collect())
    }

    /// Deletes counted by the guard since `since`.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn deletes_since(&self, kind: Kind, since: Timestamp) -> anyhow::Result<u64> {
        let query = "SELECT count(*) FROM entities WHERE kind = ?1 AND deleted_at > ?2 AND deleted_freely = 0";
        Ok(self.connection.query_row(query, params![kind.name(), stamp(since)], |row| row.get(0))?)
    }
}

/// A key with its numbers as keys have them, `3-1` for `3.0-1.0`; `None`: they stand so already.
fn with_whole_numbers(key: &str) -> Option<String> {
    let whole = |part: &str| {
        let (number, fraction) = part.split_once('.')?;
        let is_whole = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        (is_whole && !fraction.is_empty() && fraction.bytes().all(|byte| byte == b'0')).then(|| number.to_owned())
    };
    let parts = key.split('-').map(|part| whole(part).unwrap_or_else(|| part.to_owned()));
    Some(parts.collect::<Vec<_>>().join("-")).filter(|written| written != key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Derived;

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
        let found = |key: &str| store.find_typed(Kind::UNIT, key).expect("a look").map(|found| found.row.key);
        assert_eq!(found("1067chevre").as_deref(), Some("1067CHEVRE"));
        assert_eq!(found("A-1").as_deref(), Some("A-1"));
        assert_eq!(found("a-1").as_deref(), Some("a-1"));
        assert_eq!(found("che\u{300}vre").as_deref(), Some("Ch\u{c8}vre"));
        assert_eq!(found("1067\u{200b}Chevre").as_deref(), Some("1067CHEVRE"));
        assert_eq!(found("8"), None);
        assert_eq!((found("7.0").as_deref(), found("7.5"), found("7.")), (Some("7"), None, None));
        assert_eq!(found("a-1.00").as_deref(), Some("a-1"));
        let store = named(&["ab", "AB"]);
        assert_eq!(store.find_typed(Kind::UNIT, "Ab").expect("a look"), None, "two fit");
    }

    #[test]
    fn a_key_that_was_deleted_gives_way_to_one_that_is_there() {
        let mut store = named(&["ab", "AB"]);
        let gone = store.find(Kind::UNIT, "ab").expect("a look").expect("an entity");
        store.write(|tx| tx.delete(gone.row.id, DeletionReason::Gone, true, Timestamp::UNIX_EPOCH)).expect("deleted");
        assert_eq!(
            store.find_typed(Kind::UNIT, "Ab").expect("a look").map(|found| found.row.key).as_deref(),
            Some("AB")
        );
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
