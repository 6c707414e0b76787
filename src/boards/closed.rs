//! Columns that the token's user may not edit: they are left out for the whole kind, which is told as the kind's failure, and the
//! rest is sent. Once a day they are tried again.

use crate::config::KindConfig;
use crate::entity::Kind;
use crate::failure::Reported;
use crate::failure::Subject;
use crate::failure::{FailureCause, FailureDetail};
use crate::message::MondayText;
use crate::monday::GraphqlError;
use crate::plan::map::Mapped;
use crate::push::engine::Engine;
use crate::store::{ClosedColumn, FailureRow, Store, Stored, Tx, stamp};
use jiff::SignedDuration;
use std::collections::BTreeSet;

/// How long a closed column is left alone.
const TRY_AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(24);

impl Engine<'_, '_> {
    /// Takes note of the columns that are closed; those that were for long are tried again.
    pub(crate) fn read_closed_columns(&mut self, kinds: &[Kind]) -> anyhow::Result<()> {
        let now = self.now();
        for closed in self.store.closed_columns()?.into_iter().filter(|closed| kinds.contains(&closed.kind)) {
            let entity = self.entity(closed.kind);
            let is_mapped = entity.columns.contains_key(&closed.column) && entity.board.as_ref() == Some(&closed.board);
            if !is_mapped || now.duration_since(closed.tried_at).abs() >= TRY_AGAIN_AFTER {
                self.write(|tx| tx.open_column(&closed))?;
            } else {
                self.closed.entry(closed.kind).or_default().insert(closed.column);
            }
        }
        Ok(())
    }

    /// The columns of a kind that are left out.
    pub(crate) fn closed_columns(&self, kind: Kind) -> BTreeSet<String> {
        self.closed.get(&kind).cloned().unwrap_or_default()
    }

    /// Whether a refusal of one column without a word about it is the column's matter: of the same item others were taken.
    pub(crate) fn may_be_closed(&self, stored: &Stored, column: &str, error: Option<&GraphqlError>) -> bool {
        let is_mapped = self.entity(stored.kind).columns.contains_key(column);
        let has_worked = self.tried.get(&stored.id).is_some_and(|tried| tried.has_worked);
        is_mapped && has_worked && error.is_some_and(GraphqlError::is_permission)
    }

    /// The token's user may not edit a column: it is left out from now on, for the whole kind.
    pub(crate) fn close_column(&mut self, tx: &Tx<'_>, stored: &Stored, column: &str, why: &str) -> anyhow::Result<()> {
        if !self.closed.entry(stored.kind).or_default().insert(column.to_owned()) {
            return Ok(());
        }
        let closed = ClosedColumn {
            kind: stored.kind,
            board: self.entity(stored.kind).board.clone().unwrap_or_default(),
            column: column.to_owned(),
            why: why.to_owned(),
            tried_at: self.now(),
        };
        tx.close_column(&closed)?;
        self.fail_kind(stored.kind, detail_of(&closed));
        Ok(())
    }

    /// The closed columns that this push did not meet: they are the kind's failure still, though nothing was tried.
    pub(crate) fn standing_failures(&self) -> anyhow::Result<Vec<Reported>> {
        let is_told = |failure: &Reported| {
            self.result.failures.iter().any(|told| told.subject == failure.subject && told.error == failure.error)
        };
        let closed = self.store.closed_columns()?.into_iter();
        let closed =
            closed.filter(|closed| self.closed.get(&closed.kind).is_some_and(|ids| ids.contains(&closed.column)));
        let failures = closed.map(|closed| Reported::new(Subject::Kind(closed.kind), "push", None, detail_of(&closed)));
        Ok(failures.filter(|failure| !is_told(failure)).collect())
    }
}

fn detail_of(closed: &ClosedColumn) -> FailureDetail {
    let (column, board, why) = (closed.column.clone(), closed.board.clone(), closed.why.clone());
    FailureDetail::new(FailureCause::ColumnClosed, MondayText::ColumnClosed { column, board, why })
        .hint(MondayText::OpenColumn { kind: closed.kind })
}

/// The closed columns of an entity as failures of its columns, for those who ask why they are not sent.
pub(crate) fn closed_rows(store: &Store, entity: &KindConfig, mapped: &Mapped) -> anyhow::Result<Vec<FailureRow>> {
    let closed = store.closed_columns()?.into_iter().filter(|closed| closed.kind == entity.kind);
    let row = |closed: ClosedColumn| {
        let FailureDetail { cause, error, hint } = detail_of(&closed);
        let again = closed.tried_at.checked_add(TRY_AGAIN_AFTER).ok();
        FailureRow {
            stage: "push".to_owned(),
            cause,
            message: error,
            hint,
            value: mapped.columns.get(&closed.column).map(ToString::to_string),
            tries: 1,
            keeps_value: true,
            next_try_at: again.map(stamp),
            column: closed.column,
        }
    };
    Ok(closed.map(row).collect())
}
