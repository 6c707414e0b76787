//! What whole reads showed of HApi's properties, and of entities that cannot be asked for.

use super::connection::Store;
use super::tx::Tx;
use crate::entity::Kind;
use rusqlite::params;
use std::collections::{BTreeMap, BTreeSet};

impl Store {
    /// The properties of a kind that the last whole read found, and (`false`) did not find, of those that were named then.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn properties(&self, kind: Kind) -> anyhow::Result<BTreeMap<String, bool>> {
        let mut statement =
            self.connection.prepare_cached("SELECT property, is_known FROM properties WHERE kind = ?1")?;
        let rows = statement.query_map([kind.name()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The properties of a kind that HApi has: a record that lacks one of them holds null there.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn known_properties(&self, kind: Kind) -> anyhow::Result<BTreeSet<String>> {
        Ok(self.properties(kind)?.into_iter().filter(|(_, is_known)| *is_known).map(|(name, _)| name).collect())
    }

    /// The entities of a kind whose keys are numbers between two others, both excluded; `None`: no bound on that side.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn ids_between(&self, kind: Kind, after: Option<i64>, before: Option<i64>) -> anyhow::Result<Vec<i64>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id FROM entities WHERE kind = ?1 AND deleted_at IS NULL
                AND CAST(key AS INTEGER) > coalesce(?2, -9223372036854775807)
                AND CAST(key AS INTEGER) < coalesce(?3, 9223372036854775807)",
        )?;
        let rows = statement.query_map(params![kind.name(), after, before], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The numeric keys of a kind's entities, in no order.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn numeric_keys(&self, kind: Kind) -> anyhow::Result<Vec<i64>> {
        let mut statement =
            self.connection.prepare_cached("SELECT CAST(key AS INTEGER) FROM entities WHERE kind = ?1")?;
        let rows = statement.query_map([kind.name()], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Tx<'_> {
    /// Replaces what is known of a kind's properties.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn set_properties(&self, kind: Kind, found: &BTreeMap<String, bool>) -> anyhow::Result<()> {
        self.connection.execute("DELETE FROM properties WHERE kind = ?1", [kind.name()])?;
        for (property, is_known) in found {
            self.connection.execute(
                "INSERT INTO properties (kind, property, is_known) VALUES (?1, ?2, ?3)",
                params![kind.name(), property, is_known],
            )?;
        }
        Ok(())
    }

    /// Counts one more whole read without an entity that HApi takes no question about; gives how many there were.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn count_unaskable(&self, entity: i64) -> anyhow::Result<u64> {
        let query = "INSERT INTO unaskable (entity, reads) VALUES (?1, 1)
             ON CONFLICT (entity) DO UPDATE SET reads = reads + 1 RETURNING reads";
        Ok(self.connection.query_row(query, [entity], |row| row.get(0))?)
    }

    /// Forgets the counts of a kind's entities that a whole read showed.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn forget_unaskable(&self, kind: Kind, absent: &[i64]) -> anyhow::Result<()> {
        let absent = serde_json::to_string(absent)?;
        self.connection.execute(
            "DELETE FROM unaskable WHERE entity IN (SELECT id FROM entities WHERE kind = ?1)
                AND entity NOT IN (SELECT value FROM json_each(?2))",
            params![kind.name(), absent],
        )?;
        Ok(())
    }
}
