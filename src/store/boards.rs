//! What is known of the items of a board as a whole: how many there should be, what was made again, and how values are shown.

use super::connection::Store;
use super::due::IS_DUE;
use super::entities::{EntityRow, ROW, row_at};
use super::pauses::IS_PAUSED;
use super::tx::Tx;
use crate::entity::Kind;
use crate::stamp::stamp;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, params};
use std::collections::HashMap;

/// Items of a board that are no entity's own, as counted when it was last read whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct BoardItemCounts {
    /// Items that nobody here holds, and with no key that an entity could come to have.
    pub(crate) others: u64,
    /// Items with a key that no entity here has an item for.
    pub(crate) strays: u64,
    /// Keys that stand on several items.
    pub(crate) doubles: u64,
}

/// Findings of pushes on a board that people should look at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct BoardFindings {
    /// Keys that stood on several items when it was last read whole.
    pub(crate) doubles: u64,
    /// Items, the last time there were any, that this store had not made.
    pub(crate) found: u64,
}

/// Form in which a board was found to show a value that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShownForm {
    /// The value as sent, as JSON.
    pub(crate) sent: String,
    /// What the board shows, as people read it.
    pub(crate) shown: String,
    /// How often the value was sent again for it.
    pub(crate) rounds: u32,
}

impl ShownForm {
    /// Whether both say that the same value is shown in the same way.
    pub(crate) fn is_same(&self, other: &ShownForm) -> bool {
        self.sent == other.sent && self.shown == other.shown
    }
}

/// Whether `e` has no item on the board `:board`, and something to send to it, as SQL.
fn is_new() -> String {
    format!("e.kind = :kind AND {IS_DUE} AND (e.item_id IS NULL OR e.board IS NOT :board)")
}

impl Store {
    /// How many items a board should have by what this store knows; `None`: it never read it whole.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn expected_items(&self, board: &str) -> anyhow::Result<Option<u64>> {
        let query = "SELECT others FROM board_items WHERE board = ?1";
        let others: Option<u64> = self.connection.query_row(query, [board], |row| row.get(0)).optional()?;
        let Some(others) = others else { return Ok(None) };
        Ok(Some(others + self.items_held_on(board)?))
    }

    /// Whether an item stood on a board when it was last read whole, as the one that was made last, or is an entity's own.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn is_known_item(&self, board: &str, item: &str) -> anyhow::Result<bool> {
        let query = "SELECT EXISTS (SELECT 1 FROM board_items WHERE board = ?1 AND newest_item = ?2)
             OR EXISTS (SELECT 1 FROM entities WHERE board = ?1 AND item_id = ?2)";
        Ok(self.connection.prepare_cached(query)?.query_row([board, item], |row| row.get(0))?)
    }

    /// How many items of a board are held by entities, without those that are known to be missing.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn items_held_on(&self, board: &str) -> anyhow::Result<u64> {
        let query = "SELECT count(DISTINCT e.item_id) FROM entities e
             WHERE e.board = ?1 AND e.item_id IS NOT NULL AND NOT EXISTS
                 (SELECT 1 FROM failures f WHERE f.entity = e.id AND f.column_id IS NULL AND f.item_id = e.item_id)";
        Ok(self.connection.prepare_cached(query)?.query_row([board], |row| row.get(0))?)
    }

    /// How many changes a call to a board may hold, by how long the last ones took.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn call_size(&self, board: &str) -> anyhow::Result<Option<usize>> {
        let query = "SELECT changes FROM call_sizes WHERE board = ?1";
        let changes: Option<u32> = self.connection.query_row(query, [board], |row| row.get(0)).optional()?;
        Ok(changes.and_then(|changes| usize::try_from(changes).ok()))
    }

    /// How many changes a call to the slowest of the boards may hold whose speed is known.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn smallest_call_size(&self) -> anyhow::Result<Option<usize>> {
        let changes: Option<u32> =
            self.connection.query_row("SELECT min(changes) FROM call_sizes", [], |row| row.get(0))?;
        Ok(changes.and_then(|changes| usize::try_from(changes).ok()))
    }

    /// The next entities of a kind that get an item on a board, after the one numbered `after`.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn new_entities(
        &self,
        kind: Kind,
        board: &str,
        after: i64,
        most: u64,
        now: Timestamp,
    ) -> anyhow::Result<Vec<EntityRow>> {
        let query = format!(
            "SELECT {ROW} FROM entities e WHERE {} AND e.id > :after AND NOT {IS_PAUSED} ORDER BY e.id LIMIT :most",
            is_new()
        );
        let values = rusqlite::named_params! {
            ":kind": kind.name(), ":board": board, ":after": after, ":most": most, ":now": stamp(now)
        };
        let mut statement = self.connection.prepare_cached(&query)?;
        Ok(statement.query_map(values, row_at)?.collect::<Result<_, _>>()?)
    }

    /// How many entities of a kind get an item on a board.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn count_new_entities(&self, kind: Kind, board: &str) -> anyhow::Result<u64> {
        let query = format!("SELECT count(*) FROM entities e WHERE {}", is_new());
        let values = rusqlite::named_params! {":kind": kind.name(), ":board": board};
        Ok(self.connection.prepare_cached(&query)?.query_row(values, |row| row.get(0))?)
    }

    /// What pushes found on a board that people should look at: keys that stood on several items when it was last read whole,
    /// and items that this store had not made, if that was since then.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn board_findings(&self, board: &str, since: Timestamp) -> anyhow::Result<BoardFindings> {
        let query = "SELECT doubles, CASE WHEN found_at >= ?2 THEN found ELSE 0 END FROM board_items WHERE board = ?1";
        let found = self.connection.query_row(query, [board, &stamp(since)], |row| {
            Ok(BoardFindings { doubles: row.get(0)?, found: row.get(1)? })
        });
        Ok(found.optional()?.unwrap_or_default())
    }

    /// The forms in which a board was found to show values of its entities, by entity and column.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn shown_forms(&self, board: &str) -> anyhow::Result<HashMap<(i64, String), Vec<ShownForm>>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT f.entity, f.column_id, f.sent, f.shown, f.rounds FROM forms f JOIN entities e ON e.id = f.entity
             WHERE e.board = ?1",
        )?;
        let rows = statement.query_map([board], |row| {
            let form = ShownForm { sent: row.get(2)?, shown: row.get(3)?, rounds: row.get(4)? };
            Ok(((row.get(0)?, row.get(1)?), form))
        })?;
        let mut forms: HashMap<(i64, String), Vec<ShownForm>> = HashMap::new();
        for row in rows {
            let (place, form) = row?;
            forms.entry(place).or_default().push(form);
        }
        Ok(forms)
    }
}

impl Tx<'_> {
    /// Keeps how many changes a call to a board may hold.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn set_call_size(&self, board: &str, changes: usize, now: Timestamp) -> anyhow::Result<()> {
        self.connection.execute(
            "INSERT OR REPLACE INTO call_sizes (board, changes, measured_at) VALUES (?1, ?2, ?3)",
            params![board, changes as u64, stamp(now)],
        )?;
        Ok(())
    }

    /// Keeps what a board was found to hold besides the entities' own items. `newest`: the item that was made last, as read before
    /// them; `None`: it was not read.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn set_board_items(
        &self,
        board: &str,
        counts: &BoardItemCounts,
        newest: Option<&str>,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        self.connection.execute(
            "INSERT INTO board_items (board, others, strays, doubles, newest_item, read_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (board) DO UPDATE SET others = excluded.others, strays = excluded.strays, doubles = excluded.doubles,
                 newest_item = coalesce(excluded.newest_item, newest_item), read_at = excluded.read_at",
            params![board, counts.others, counts.strays, counts.doubles, newest, stamp(now)],
        )?;
        Ok(())
    }

    /// Notes that items were found by their keys which this store had not made.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn note_found_items(&self, board: &str, count: u64, now: Timestamp) -> anyhow::Result<()> {
        self.connection.execute(
            "UPDATE board_items SET found = ?2, found_at = ?3 WHERE board = ?1",
            params![board, count, stamp(now)],
        )?;
        Ok(())
    }

    /// Notes that an entity gets another item because the one before was taken away.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn note_recreation(&self, entity: i64, item_id: &str, now: Timestamp) -> anyhow::Result<()> {
        self.connection.execute(
            "INSERT OR REPLACE INTO recreations (entity, item_id, at) VALUES (?1, ?2, ?3)",
            params![entity, item_id, stamp(now)],
        )?;
        Ok(())
    }

    /// Forgets the items that an entity got in place of others.
    pub(super) fn forget_recreations(&self, entity: i64) -> anyhow::Result<()> {
        self.connection.execute("DELETE FROM recreations WHERE entity = ?1", [entity])?;
        Ok(())
    }

    /// How often an entity got another item within `span`; what is older is forgotten.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn recreations(&self, entity: i64, span: SignedDuration, now: Timestamp) -> anyhow::Result<u64> {
        let since = now.checked_sub(span).unwrap_or(Timestamp::MIN);
        self.connection
            .execute("DELETE FROM recreations WHERE entity = ?1 AND at < ?2", params![entity, stamp(since)])?;
        let query = "SELECT count(*) FROM recreations WHERE entity = ?1";
        Ok(self.connection.query_row(query, [entity], |row| row.get(0))?)
    }

    /// Keeps a form in which a column of an entity was found; those of other values are forgotten.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn set_shown_form(&self, entity: i64, column: &str, form: &ShownForm) -> anyhow::Result<()> {
        self.connection
            .prepare_cached("DELETE FROM forms WHERE entity = ?1 AND column_id = ?2 AND sent <> ?3")?
            .execute(params![entity, column, form.sent])?;
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO forms (entity, column_id, sent, shown, rounds) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![entity, column, form.sent, form.shown, form.rounds])?;
        Ok(())
    }
}
