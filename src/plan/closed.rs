//! What is reported of a column that the token's user may not edit.

use crate::config::KindConfig;
use crate::failure::{FailureCause, FailureDetail};
use crate::message::MondayText;
use crate::plan::map::Mapped;
use crate::store::{ClosedColumn, FailureRow, Store};
use jiff::SignedDuration;

/// How long a closed column is left alone.
pub(crate) const TRY_AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// The failure that a closed column is.
pub(crate) fn detail_of(closed: &ClosedColumn) -> FailureDetail {
    let (column, board, why) = (closed.column.clone(), closed.board.clone(), closed.why.clone());
    FailureDetail::new(FailureCause::ColumnClosed, MondayText::ColumnClosed { column, board, why })
        .hint(MondayText::OpenColumn { kind: closed.kind })
}

/// The closed columns of an entity as failures of its columns, for those who ask why they are not sent.
///
/// # Errors
/// Where the store cannot be read.
pub(crate) fn closed_rows(store: &Store, config: &KindConfig, mapped: &Mapped) -> anyhow::Result<Vec<FailureRow>> {
    let closed = store.closed_columns()?.into_iter().filter(|closed| closed.kind == config.kind);
    let row = |closed: ClosedColumn| {
        let FailureDetail { cause, error, hint } = detail_of(&closed);
        let again = closed.tried_at.checked_add(TRY_AGAIN_AFTER).ok();
        FailureRow {
            cause,
            message: error,
            hint,
            value: mapped.columns.get(&closed.column).map(ToString::to_string),
            tries: 1,
            keeps_value: true,
            next_try_at: again,
            column: Some(closed.column),
        }
    };
    Ok(closed.map(row).collect())
}
