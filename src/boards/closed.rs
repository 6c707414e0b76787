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
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// Columns that are left out.
#[derive(Debug, Default)]
pub(crate) struct ClosedColumns {
    by_kind: BTreeMap<Kind, BTreeMap<String, ClosedColumn>>,
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
                self.by_kind.entry(closed.kind).or_default().insert(closed.column.clone(), closed);
            }
        }
        Ok(())
    }

    /// The columns of a kind that are left out.
    pub(crate) fn of(&self, kind: Kind) -> BTreeSet<String> {
        self.by_kind.get(&kind).into_iter().flat_map(BTreeMap::keys).cloned().collect()
    }

    /// Refuses what closed columns should show of an entity and do not. `columns`: those of its board; `observed`: what its item was
    /// found to show.
    pub(crate) fn refuse(
        &self,
        (config, columns): (&KindConfig, &BoardColumns),
        due: &Due,
        observed: Option<&BTreeMap<String, ColumnContent>>,
        mapped: &mut Mapped,
    ) {
        let Some(closed) = self.by_kind.get(&due.row.kind) else { return };
        let type_of = |column: &str| map::type_of(config, column, Some(columns));
        refuse_closed(mapped, closed.values(), |column, value| {
            let content = observed.and_then(|observed| observed.get(column));
            due.sent.value(column).is_some_and(|sent| same(sent, value))
                || content.is_some_and(|content| shows(type_of(column), value, content))
                || is_nothing(value, &due.sent, column)
        });
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
        let Entry::Vacant(place) = self.by_kind.entry(kind).or_default().entry(column.to_owned()) else {
            return Ok(None);
        };
        let closed = ClosedColumn {
            kind,
            board: target.board.to_owned(),
            column: column.to_owned(),
            why: why.to_owned(),
            tried_at: now,
        };
        tx.close_column(&closed)?;
        let detail = detail_of(place.insert(closed));
        self.new.insert((kind, column.to_owned()));
        Ok(Some(detail))
    }

    /// The columns that were closed before this run as failures of their kinds: they stand, though a push may not have met them.
    pub(crate) fn standing_failures(&self) -> Vec<Reported> {
        let closed = self.by_kind.values().flat_map(BTreeMap::values);
        let standing = closed.filter(|closed| !self.new.contains(&(closed.kind, closed.column.clone())));
        standing.map(|closed| Reported::of_kind(closed.kind, Stage::Push, detail_of(closed))).collect()
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
        columns.by_kind.entry(Kind::UNIT).or_default().insert("before".to_owned(), closed("before"));
        let target = Target { kind: Kind::UNIT, board: "1", key_column: "k", group: None };
        let first = store
            .write(|tx| {
                let first = columns.close(tx, target, "new", "no", now)?;
                assert!(columns.close(tx, target, "new", "no", now)?.is_none(), "once");
                Ok(first)
            })
            .expect("written");
        assert!(first.is_some());
        assert_eq!(
            columns.standing_failures(),
            [Reported::of_kind(Kind::UNIT, Stage::Push, detail_of(&closed("before")))]
        );
    }
}
