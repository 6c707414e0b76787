//! Refusals of single changes: which column is at fault, or the name, or the whole item, and what follows from it.

use super::effects::Effect;
use super::failures::Failed;
use super::missing_items::item_is_missing;
use super::record::Recorder;
use super::refused_connection::RefusedConnection;
use crate::boards::catalog::Catalog;
use crate::failure::{FailureCause, FailureDetail, Reported, Stage};
use crate::message::{DoctorText, Message, MondayText};
use crate::monday::GraphqlError;
use crate::monday::column::{ColumnType, refused_column};
use crate::plan::map::{self, NAME};
use crate::store::{Action, Entity, Intent, Tx};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Consequence of the refusal of one change.
pub(super) enum AfterRefusal {
    /// It is dealt with.
    Settled,
    /// Whether its item is still there has to be asked.
    AskWhere,
    /// It is no matter of the entity: the token may not do that, and nothing shows that it may do anything on the board.
    OfBoard(Box<FailureDetail>),
}

/// Records the refusal of one change.
///
/// # Errors
/// Where the store cannot be read or written.
pub(super) fn record_refusal(
    recorder: &mut Recorder<'_>,
    catalog: &mut Catalog<'_>,
    tx: &Tx<'_>,
    intent: &Intent,
    error: &GraphqlError,
) -> anyhow::Result<AfterRefusal> {
    let Some(stored) = tx.get(intent.entity)? else { return Ok(AfterRefusal::Settled) };
    if tx.version(intent.entity)? != Some(intent.version) {
        // It has changed since: what was refused is not what it has now. Its new values are sent anyway.
        recorder.note_effects([Effect::Attempted(intent.entity)]);
        return Ok(AfterRefusal::Settled);
    }
    let columns = &intent.columns;
    let message: Message = MondayText::Refused { why: error.to_text().into() }.into();
    if error.is_about_name() && has_own_name(&stored, columns) {
        refuse_name(recorder, tx, &stored, columns, message)?;
        return Ok(AfterRefusal::Settled);
    }
    if let Some(column) = column_at_fault(recorder, catalog, &stored, columns, error) {
        if error.is_permission() {
            close_column(recorder, tx, catalog, &stored, &column, &error.to_text())?;
            return Ok(AfterRefusal::Settled);
        }
        let value = columns.get(&column).cloned().unwrap_or(Value::Null);
        refuse_column(recorder, tx, &stored, &column, &value, message)?;
        note_connections(recorder, &stored, &column, &value);
        recorder.note_effects([Effect::ColumnRefused(stored.row.id)]);
        return Ok(AfterRefusal::Settled);
    }
    match intent.action {
        Action::Create => record_refused_item(recorder, tx, &stored, columns, error),
        Action::Update | Action::ClearKey | Action::Archive | Action::Delete => Ok(AfterRefusal::AskWhere),
    }
}

/// The board's failure, where the token may not do what was asked and nothing was done on the board in this run.
fn of_board(recorder: &Recorder<'_>, stored: &Entity, error: Option<&GraphqlError>) -> Option<FailureDetail> {
    let error = error.filter(|error| error.is_permission() && !recorder.isolation().has_worked(stored.row.kind))?;
    Some(FailureDetail::new(error.cause(), refused(Some(error))).hint(remedy_of(recorder, stored, error)))
}

/// A new item is refused, for no column that is named: first its columns are left out, then its name.
fn record_refused_item(
    recorder: &mut Recorder<'_>,
    tx: &Tx<'_>,
    stored: &Entity,
    columns: &Map<String, Value>,
    error: &GraphqlError,
) -> anyhow::Result<AfterRefusal> {
    let message: Message = MondayText::Refused { why: error.to_text().into() }.into();
    let is_final = error.is_final();
    let key_column = recorder.setup().kind(stored.row.kind).key_column.as_deref();
    // Key and name go with every new item.
    let is_bare = |column: &str| column == NAME || key_column == Some(column);
    let has_values = columns.iter().any(|(id, value)| !is_bare(id) && !map::is_blank(value));
    if has_values && !is_final {
        recorder.note_effects([Effect::Attempted(stored.row.id), Effect::EachAlone(stored.row.id)]);
        return Ok(AfterRefusal::Settled);
    }
    if has_own_name(stored, columns) && !is_final && !error.is_permission() {
        return refuse_name(recorder, tx, stored, columns, message).map(|()| AfterRefusal::Settled);
    }
    if let Some(detail) = of_board(recorder, stored, Some(error)) {
        return Ok(AfterRefusal::OfBoard(Box::new(detail)));
    }
    // The name is not at fault either.
    recorder.clear_failure(tx, stored, NAME)?;
    let detail = FailureDetail::new(error.cause(), message).hint(remedy_of(recorder, stored, error));
    recorder.fail(tx, stored, Failed::Whole, detail)?;
    Ok(AfterRefusal::Settled)
}

/// The name is refused: the item is made with its key as its name, or keeps the name that it has.
fn refuse_name(
    recorder: &mut Recorder<'_>,
    tx: &Tx<'_>,
    stored: &Entity,
    columns: &Map<String, Value>,
    message: Message,
) -> anyhow::Result<()> {
    let value = columns.get(NAME).cloned().unwrap_or(Value::Null);
    refuse_column(recorder, tx, stored, NAME, &value, message)
}

/// Records that monday refused a column.
fn refuse_column(
    recorder: &mut Recorder<'_>,
    tx: &Tx<'_>,
    stored: &Entity,
    column: &str,
    value: &Value,
    error: Message,
) -> anyhow::Result<()> {
    let (kind, selector) = (stored.row.kind, stored.row.entity_key().to_string());
    let is_blank = *value == map::cleared(recorder.setup().kind(kind), column, &selector);
    let value = value.to_string();
    if is_blank && tx.keep_value(stored.row.id, column, &value)? {
        // What was refused is the clearing of a column that has failed already: it keeps what it shows.
        return Ok(());
    }
    let detail = FailureDetail::new(FailureCause::ValueRefused, error).hint(MondayText::MendValue { kind });
    recorder.fail(tx, stored, Failed::Column(column, &value), detail)
}

/// Records that the token's user may not edit a column: it is left out from now on, for the whole kind.
fn close_column(
    recorder: &mut Recorder<'_>,
    tx: &Tx<'_>,
    catalog: &mut Catalog<'_>,
    stored: &Entity,
    column: &str,
    why: &str,
) -> anyhow::Result<()> {
    let kind = stored.row.kind;
    let detail = catalog.close_column(tx, kind, column, why)?;
    recorder.report(detail.map(|detail| Reported::of_kind(kind, Stage::Push, detail)));
    Ok(())
}

/// The column that an error is about, if it can be known for sure. The key and the name are never left out.
fn column_at_fault(
    recorder: &Recorder<'_>,
    catalog: &Catalog<'_>,
    stored: &Entity,
    columns: &Map<String, Value>,
    error: &GraphqlError,
) -> Option<String> {
    let config = recorder.setup().kind(stored.row.kind);
    let board = catalog.columns_of(stored.row.kind);
    let sent: BTreeMap<String, (ColumnType, Value)> = columns
        .iter()
        .filter(|(column, _)| config.columns.contains_key(*column))
        .map(|(column, value)| (column.clone(), (map::type_of(config, column, board), value.clone())))
        .collect();
    refused_column(&error.message, &error.extensions, &sent).map(str::to_owned)
}

/// Where a refused column is a connection, the items that it points to may have been taken away.
fn note_connections(recorder: &mut Recorder<'_>, child: &Entity, column: &str, value: &Value) {
    let config = recorder.setup().kind(child.row.kind);
    let refused = RefusedConnection::all_of(config, child, column, value);
    recorder.note_effects(refused.into_iter().map(|refused| Effect::ConnectionRefused(Box::new(refused))));
}

/// Records what a refused change of an item turned out to be, once it was asked whether the item is still there. Returns the failure of the
/// board that it is instead, if it is one.
///
/// # Errors
/// Where the store cannot be read or written.
pub(super) fn record_asked_refusal(
    recorder: &mut Recorder<'_>,
    catalog: &mut Catalog<'_>,
    tx: &Tx<'_>,
    (intent, stored): (&Intent, &Entity),
    (item, is_there): (&str, bool),
    error: Option<&GraphqlError>,
) -> anyhow::Result<Option<FailureDetail>> {
    let board = of_board(recorder, stored, error);
    match intent.action {
        // The item that was to be removed is not there any more: done.
        Action::Archive | Action::Delete | Action::ClearKey if !is_there => {
            recorder.confirm_removed(tx, intent, stored)?;
        }
        _ if !is_there => _ = item_is_missing(recorder, tx, stored, item)?,
        Action::Archive | Action::Delete | Action::ClearKey if board.is_some() => return Ok(board),
        Action::Archive | Action::Delete | Action::ClearKey => fail_to_remove(recorder, tx, stored, item, error)?,
        // One column alone, as everything else on this board.
        _ if board.is_some() && intent.columns.len() == 1 => return Ok(board),
        _ => record_refused_update(recorder, catalog, tx, intent, stored, error)?,
    }
    Ok(None)
}

fn fail_to_remove(
    recorder: &mut Recorder<'_>,
    tx: &Tx<'_>,
    stored: &Entity,
    item: &str,
    error: Option<&GraphqlError>,
) -> anyhow::Result<()> {
    let entity = stored.row.entity_key();
    let hint = MondayText::ItemStays { item: item.to_owned(), entity: entity.to_string() };
    let detail = FailureDetail::new(FailureCause::ItemStays, refused(error)).hint(hint);
    recorder.fail(tx, stored, Failed::Whole, detail)
}

/// A change of an item that is there was refused, for no column that is named.
fn record_refused_update(
    recorder: &mut Recorder<'_>,
    catalog: &mut Catalog<'_>,
    tx: &Tx<'_>,
    intent: &Intent,
    stored: &Entity,
    error: Option<&GraphqlError>,
) -> anyhow::Result<()> {
    let columns = &intent.columns;
    let only = columns.iter().next().filter(|_| columns.len() == 1);
    let is_final = error.is_some_and(GraphqlError::is_final);
    let closed = only.zip(error).filter(|((column, _), error)| may_be_closed(recorder, stored, column, error));
    if let Some(((column, _), error)) = closed {
        return close_column(recorder, tx, catalog, stored, column, &error.to_text());
    }
    match only {
        Some((column, value)) if !is_final => {
            refuse_column(recorder, tx, stored, column, value, refused(error))?;
            note_connections(recorder, stored, column, value);
            Ok(())
        }
        _ if is_final => {
            let cause = error.map_or(FailureCause::ItemRefused, GraphqlError::cause);
            recorder.fail(tx, stored, Failed::Whole, FailureDetail::new(cause, refused(error)))
        }
        _ => {
            recorder.note_effects([Effect::Attempted(stored.row.id), Effect::EachAlone(stored.row.id)]);
            Ok(())
        }
    }
}

/// Whether a refusal of one column without a word about it is the column's matter: of the same item others were taken.
fn may_be_closed(recorder: &Recorder<'_>, stored: &Entity, column: &str, error: &GraphqlError) -> bool {
    let is_mapped = recorder.setup().kind(stored.row.kind).columns.contains_key(column);
    is_mapped && recorder.has_taken(stored.row.id) && error.is_permission()
}

fn refused(error: Option<&GraphqlError>) -> Message {
    match error {
        Some(error) => MondayText::Refused { why: error.to_text().into() }.into(),
        None => MondayText::RefusedWithoutReason {}.into(),
    }
}

/// What remedies that a whole item was refused.
fn remedy_of(recorder: &Recorder<'_>, stored: &Entity, error: &GraphqlError) -> Message {
    let kind = stored.row.kind;
    match error.cause() {
        FailureCause::BoardFull => DoctorText::MakeRoomOnBoard {}.into(),
        FailureCause::BoardMissing => MondayText::CheckBoard { kind }.into(),
        _ => match recorder.setup().kind(kind).target().filter(|_| error.is_permission()) {
            Some(_) if error.is_about_scope() => error.missing_right().into(),
            Some(target) => MondayText::GiveWriteRights { board: target.board.to_owned() }.into(),
            None => MondayText::ExplainItem { entity: stored.row.entity_key().to_string() }.into(),
        },
    }
}

/// Whether an entity was to be named otherwise than by its key.
fn has_own_name(stored: &Entity, columns: &Map<String, Value>) -> bool {
    let key = stored.row.entity_key().to_string();
    columns.get(NAME).is_some_and(|name| name.as_str() != Some(&key))
}
