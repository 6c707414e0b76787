//! Columns that the token's user may not edit: they are left out for the whole kind, which is reported as the kind's failure, and the
//! rest is sent. Once a day they are retried.

use super::Setup;
use crate::config::{KindConfig, Target};
use crate::entity::Kind;
use crate::failure::{FailureDetail, Reported, Stage};
use crate::monday::column::{ColumnContent, same, shows};
use crate::plan::closed::{TRY_AGAIN_AFTER, detail_of, is_nothing, refuse_closed};
use crate::plan::map::{self, BoardColumns, Mapped};
use crate::store::{ClosedColumn, Due, Store, Tx};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Columns that are left out.
#[derive(Debug, Default)]
pub(crate) struct ClosedColumns {
    by_kind: BTreeMap<Kind, BTreeSet<String>>,
    /// Those that were closed in this run: their failures were reported as they were met.
    new: BTreeSet<(Kind, String)>,
}

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
                self.by_kind.entry(closed.kind).or_default().insert(closed.column);
            }
        }
        Ok(())
    }

    /// The columns of a kind that are left out.
    pub(crate) fn of(&self, kind: Kind) -> BTreeSet<String> {
        self.by_kind.get(&kind).cloned().unwrap_or_default()
    }

    /// Refuses what closed columns should show of an entity and do not. `columns`: those of its board; `observed`: what its item was
    /// found to show.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn refuse(
        &self,
        store: &Store,
        (config, columns): (&KindConfig, &BoardColumns),
        due: &Due,
        observed: Option<&BTreeMap<String, ColumnContent>>,
        mapped: &mut Mapped,
    ) -> anyhow::Result<()> {
        let kind = due.row.kind;
        let Some(ids) = self.by_kind.get(&kind) else { return Ok(()) };
        let mut closed = store.closed_columns()?;
        closed.retain(|closed| closed.kind == kind && ids.contains(&closed.column));
        let type_of = |column: &str| map::type_of(config, column, Some(columns));
        refuse_closed(mapped, &closed, |column, value| {
            let content = observed.and_then(|observed| observed.get(column));
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
        target: Target<'_>,
        column: &str,
        why: &str,
        now: Timestamp,
    ) -> anyhow::Result<Option<FailureDetail>> {
        let kind = target.kind;
        if !self.by_kind.entry(kind).or_default().insert(column.to_owned()) {
            return Ok(None);
        }
        self.new.insert((kind, column.to_owned()));
        let closed = ClosedColumn {
            kind,
            board: target.board.to_owned(),
            column: column.to_owned(),
            why: why.to_owned(),
            tried_at: now,
        };
        tx.close_column(&closed)?;
        Ok(Some(detail_of(&closed)))
    }

    /// The columns that were closed before this run as failures of their kinds: they stand, though a push may not have met them.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn standing_failures(&self, store: &Store) -> anyhow::Result<Vec<Reported>> {
        let is_standing = |closed: &ClosedColumn| {
            let is_left_out = self.by_kind.get(&closed.kind).is_some_and(|ids| ids.contains(&closed.column));
            is_left_out && !self.new.contains(&(closed.kind, closed.column.clone()))
        };
        let closed = store.closed_columns()?.into_iter().filter(is_standing);
        Ok(closed.map(|closed| Reported::of_kind(closed.kind, Stage::Push, detail_of(&closed))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_closed_before_this_run_stands_as_failed() {
        let mut store = Store::in_memory().expect("a store");
        let now = Timestamp::UNIX_EPOCH;
        let closed = |column: &str| ClosedColumn {
            kind: Kind::UNIT,
            board: "1".to_owned(),
            column: column.to_owned(),
            why: "no".to_owned(),
            tried_at: now,
        };
        let mut columns = ClosedColumns::default();
        columns.by_kind.entry(Kind::UNIT).or_default().insert("before".to_owned());
        let target = Target { kind: Kind::UNIT, board: "1", key_column: "k", group: None };
        let first = store
            .write(|tx| {
                tx.close_column(&closed("before"))?;
                let first = columns.close(tx, target, "new", "no", now)?;
                assert!(columns.close(tx, target, "new", "no", now)?.is_none(), "once");
                Ok(first)
            })
            .expect("written");
        assert!(first.is_some());
        let standing = columns.standing_failures(&store).expect("read");
        assert_eq!(standing, [Reported::of_kind(Kind::UNIT, Stage::Push, detail_of(&closed("before")))]);
    }
}
