//! What is reported of a column that the token's user may not edit.

use crate::config::KindConfig;
use crate::failure::{FailureCause, FailureDetail};
use crate::message::MondayText;
use crate::plan::map::{Mapped, Refusal, is_blank};
use crate::store::{ClosedColumn, FailureRow, SentColumns, Store};
use jiff::SignedDuration;
use serde_json::Value;

/// How long a closed column is left alone.
pub(crate) const TRY_AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// The failure that a closed column is.
pub(crate) fn detail_of(closed: &ClosedColumn) -> FailureDetail {
    let (column, board, why) = (closed.column.clone(), closed.board.clone(), closed.why.clone());
    FailureDetail::new(FailureCause::ColumnClosed, MondayText::ColumnClosed { column, board, why })
        .hint(MondayText::OpenColumn { kind: closed.kind })
}

/// Refuses the values that a closed column should show and does not: until it is open, the entity is not through. `is_there`: whether
/// the item shows a value.
pub(crate) fn refuse_closed<'c>(
    mapped: &mut Mapped,
    closed: impl IntoIterator<Item = &'c ClosedColumn>,
    is_there: impl Fn(&str, &Value) -> bool,
) {
    for closed in closed {
        let Some(value) = mapped.columns.get(&closed.column).filter(|value| !is_there(&closed.column, value)) else {
            continue;
        };
        let FailureDetail { cause, error, hint } = detail_of(closed);
        let hint = hint.unwrap_or_else(|| error.clone());
        let refusal = Refusal { cause, error, hint, value: value.to_string(), may_resolve: false, clears: None };
        mapped.columns.remove(&closed.column);
        mapped.refused.insert(closed.column.clone(), refusal);
    }
}

/// Whether a value needs no sending to a column in which nothing was ever observed.
pub(crate) fn is_nothing(value: &Value, sent: &SentColumns, column: &str) -> bool {
    is_blank(value) && sent.value(column).is_none() && !sent.is_observed(column)
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
