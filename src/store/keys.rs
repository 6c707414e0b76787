//! Keys by how they begin: for completing command lines.

use super::connection::Store;
use crate::entity::Kind;
use rusqlite::{OptionalExtension, params};

/// Above every key that begins so.
const LAST: char = char::MAX;

impl Store {
    /// Keys and names of a kind's entities whose keys begin so, in the order of the keys; at most so many.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn keys_beginning(&self, kind: Kind, start: &str, most: usize) -> anyhow::Result<Vec<(String, String)>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT key, name FROM entities WHERE kind = ?1 AND key >= ?2 AND key < ?3 AND deleted_at IS NULL
             ORDER BY key LIMIT ?4",
        )?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let rows = statement.query_map(params![kind.name(), start, format!("{start}{LAST}"), most], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The beginnings, one character longer than this one, of a kind's keys. A seek in the index for each, however many keys
    /// there are.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn key_beginnings(&self, kind: Kind, start: &str) -> anyhow::Result<Vec<String>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT key FROM entities WHERE kind = ?1 AND key >= ?2 AND key < ?3 ORDER BY key LIMIT 1",
        )?;
        let (end, mut beginnings) = (format!("{start}{LAST}"), Vec::new());
        let mut from = start.to_owned();
        while let Some(key) =
            statement.query_row(params![kind.name(), from, end], |row| row.get::<_, String>(0)).optional()?
        {
            let longer: String = key.chars().take(start.chars().count() + 1).collect();
            from = format!("{longer}{LAST}");
            beginnings.push(longer);
        }
        Ok(beginnings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings_are_one_character_longer_whatever_the_character() {
        let store = Store::in_memory().expect("a store");
        for key in ["10", "11", "1é-2", "1é-3", "2", "é"] {
            let insert = "INSERT INTO entities (kind, key, name, received_at) VALUES ('unit', ?1, 'n' || ?1, '')";
            store.connection.execute(insert, [key]).expect("an entity");
        }
        let beginnings = |start: &str| store.key_beginnings(Kind::UNIT, start).expect("beginnings");
        assert_eq!(beginnings(""), ["1", "2", "é"]);
        assert_eq!(beginnings("1"), ["10", "11", "1é"]);
        assert_eq!(beginnings("1é"), ["1é-"]);
        assert_eq!(beginnings("3"), Vec::<String>::new());
        let keys = |start: &str, most| store.keys_beginning(Kind::UNIT, start, most).expect("keys");
        assert_eq!(keys("1é", 9), [("1é-2".to_owned(), "n1é-2".to_owned()), ("1é-3".to_owned(), "n1é-3".to_owned())]);
        assert_eq!(keys("", 2).len(), 2);
        assert_eq!(store.key_beginnings(Kind::TENANT, "").expect("none"), Vec::<String>::new());
    }
}
