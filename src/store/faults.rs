//! What makes calls fail: entities that monday fails at, and columns that the token's user may not edit.

use super::connection::Store;
use super::entities::kind_at;
use super::read::required_time_at;
use super::tx::Tx;
use crate::entity::Kind;
use crate::failure::FailureCause;
use crate::stamp::stamp;
use jiff::Timestamp;
use rusqlite::params;

/// Failures of an entity's calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Faults {
    /// So many in a row.
    Counted(u32),
    /// monday fails at it whatever it is sent with: once more is enough.
    SingledOut,
}

impl Faults {
    /// So many more.
    #[must_use]
    pub(crate) fn and(self, more: u32) -> Faults {
        match self {
            Faults::Counted(faults) => Faults::Counted(faults.saturating_add(more)),
            Faults::SingledOut => Faults::SingledOut,
        }
    }
}

/// Entity whose calls failed without a proof of what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CallFault {
    /// Its kind.
    pub(crate) kind: Kind,
    /// How its calls failed.
    pub(crate) faults: Faults,
    /// The most changes that it may share a call with, itself included.
    pub(crate) max_batch: usize,
    /// It is not sent before.
    pub(crate) next_at: Timestamp,
}

/// Column that the token's user may not edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClosedColumn {
    /// The kind that is mapped to it.
    pub(crate) kind: Kind,
    /// The board.
    pub(crate) board: String,
    /// The column's id.
    pub(crate) column: String,
    /// monday's words.
    pub(crate) why: String,
    /// When it was tried last.
    pub(crate) tried_at: Timestamp,
}

impl Store {
    /// The entities whose calls failed, by the store's number.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn call_faults(&self) -> anyhow::Result<Vec<(i64, CallFault)>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT f.entity, e.kind, f.faults, f.is_singled_out, f.max_batch, f.next_at FROM call_faults f
             JOIN entities e ON e.id = f.entity ORDER BY f.entity",
        )?;
        let rows = statement.query_map([], |row| {
            let fault = CallFault {
                kind: kind_at(row, 1)?,
                faults: if row.get(3)? { Faults::SingledOut } else { Faults::Counted(row.get(2)?) },
                max_batch: row.get(4)?,
                next_at: required_time_at(row, 5)?,
            };
            Ok((row.get(0)?, fault))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The columns that the token's user may not edit.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn closed_columns(&self) -> anyhow::Result<Vec<ClosedColumn>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT kind, board, column_id, why, tried_at FROM closed_columns ORDER BY kind, column_id",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(ClosedColumn {
                kind: kind_at(row, 0)?,
                board: row.get(1)?,
                column: row.get(2)?,
                why: row.get(3)?,
                tried_at: required_time_at(row, 4)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Tx<'_> {
    /// Notes that an entity's call failed.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn set_call_fault(&self, entity: i64, fault: CallFault) -> anyhow::Result<()> {
        let (faults, is_singled_out) = match fault.faults {
            Faults::Counted(faults) => (faults, false),
            Faults::SingledOut => (0, true),
        };
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO call_faults (entity, faults, is_singled_out, max_batch, next_at)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![entity, faults, is_singled_out, fault.max_batch, stamp(fault.next_at)])?;
        Ok(())
    }

    /// Forgets that an entity's calls failed.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn clear_call_fault(&self, entity: i64) -> anyhow::Result<()> {
        self.connection.prepare_cached("DELETE FROM call_faults WHERE entity = ?1")?.execute([entity])?;
        Ok(())
    }

    /// Notes that the token's user may not edit a column.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn close_column(&self, closed: &ClosedColumn) -> anyhow::Result<()> {
        self.connection.execute(
            "INSERT OR REPLACE INTO closed_columns (kind, board, column_id, why, tried_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![closed.kind.name(), closed.board, closed.column, closed.why, stamp(closed.tried_at)],
        )?;
        Ok(())
    }

    /// Lets a closed column be retried: every entity of the kind that has an item, or may have one, is
    /// planned once more.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn open_column(&self, closed: &ClosedColumn) -> anyhow::Result<()> {
        self.connection.execute(
            "DELETE FROM closed_columns WHERE kind = ?1 AND board = ?2 AND column_id = ?3",
            params![closed.kind.name(), closed.board, closed.column],
        )?;
        self.forget_failures(closed.kind, &closed.column, FailureCause::ColumnClosed)?;
        self.mark_due_with_item(closed.kind)
    }
}
