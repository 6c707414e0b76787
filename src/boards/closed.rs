//! Columns that the token's user may not edit: they are left out for the whole kind, which is reported as the kind's failure, and the
//! rest is sent. Once a day they are retried.

use super::Setup;
use crate::config::KindConfig;
use crate::entity::Kind;
use crate::failure::{FailureDetail, Reported, Stage};
use crate::monday::column::{ColumnContent, same, shows};
use crate::plan::closed::{TRY_AGAIN_AFTER, detail_of, is_nothing, refuse_closed};
use crate::plan::map::{self, BoardColumns, Mapped};
use crate::store::{ClosedColumn, Due, Store, Tx};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Columns that are left out, by kind.
#[derive(Debug, Default)]
pub(crate) struct ClosedColumns(BTreeMap<Kind, BTreeSet<String>>);

impl ClosedColumns {
    /// Takes note of the columns that are closed; those that were for long are retried.
    ///
    /// # Errors
    /// Where the store cannot be read or written.
    pub(crate) fn read(&mut self, setup: Setup<'_>, store: &mut Store, kinds: &[Kind]) -> anyhow::Result<()> {
        let now = setup.clock().now();
        for closed in store.closed_columns()?.into_iter().filter(|closed| kinds.contains(&closed.kind)) {
            let config = setup.kind(closed.kind);
            let is_mapped = config.columns.contains_key(&closed.column) && config.board.as_ref() == Some(&closed.board);
            if !is_mapped || now.duration_since(closed.tried_at).abs() >= TRY_AGAIN_AFTER {
                store.write(|tx| tx.open_column(&closed))?;
            } else {
                self.0.entry(closed.kind).or_default().insert(closed.column);
            }
        }
        Ok(())
    }

    /// The columns of a kind that are left out.
    pub(crate) fn of(&self, kind: Kind) -> BTreeSet<String> {
        self.0.get(&kind).cloned().unwrap_or_default()
    }

    /// Refuses what closed columns should show of an entity and do not. `columns`: those of its board; `shown`: what its item was seen to
    /// show.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn refuse(
        &self,
        store: &Store,
        (config, columns): (&KindConfig, &BoardColumns),
        due: &Due,
        shown: Option<&BTreeMap<String, ColumnContent>>,
        mapped: &mut Mapped,
    ) -> anyhow::Result<()> {
        let kind = due.row.kind;
        let Some(ids) = self.0.get(&kind) else { return Ok(()) };
        let mut closed = store.closed_columns()?;
        closed.retain(|closed| closed.kind == kind && ids.contains(&closed.column));
        let type_of = |column: &str| map::type_of(config, column, Some(columns));
        refuse_closed(mapped, &closed, |column, value| {
            let content = shown.and_then(|shown| shown.get(column));
            due.sent.value(column).is_some_and(|sent| same(sent, value))
                || content.is_some_and(|content| shows(type_of(column), value, content))
                || is_nothing(value, &due.sent, column)
        });
        Ok(())
    }

    /// Leaves a column out from now on, for the whole kind. Returns the kind's failure, the first time.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn close(
        &mut self,
        tx: &Tx<'_>,
        config: &KindConfig,
        column: &str,
        why: &str,
        now: Timestamp,
    ) -> anyhow::Result<Option<FailureDetail>> {
        let kind = config.kind;
        if !self.0.entry(kind).or_default().insert(column.to_owned()) {
            return Ok(None);
        }
        let closed = ClosedColumn {
            kind,
            board: config.board.clone().unwrap_or_default(),
            column: column.to_owned(),
            why: why.to_owned(),
            tried_at: now,
        };
        tx.close_column(&closed)?;
        Ok(Some(detail_of(&closed)))
    }

    /// The closed columns as failures of their kinds: they stand, though a push may not have met them.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn failures(&self, store: &Store) -> anyhow::Result<Vec<Reported>> {
        let closed = store.closed_columns()?.into_iter();
        let ours = closed.filter(|closed| self.0.get(&closed.kind).is_some_and(|ids| ids.contains(&closed.column)));
        Ok(ours.map(|closed| Reported::of_kind(closed.kind, Stage::Push, detail_of(&closed))).collect())
    }
}
