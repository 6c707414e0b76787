//! Refusals of single changes: which column is at fault, or the name, or the whole item, and what follows from it.

use super::record::Recorder;
use super::refused_connection::RefusedConnection;
use crate::boards::catalog::Catalog;
use crate::failure::{FailureCause, FailureDetail};
use crate::message::{DoctorText, Message, MondayText};
use crate::monday::GraphqlError;
use crate::monday::column::{ColumnType, refused_column};
use crate::plan::map::{self, NAME};
use crate::store::{Action, Entity, Intent, Tx};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Codes of errors that no other values would avoid.
const FINAL_CODES: [&str; 3] = ["ItemsLimitationException", "InvalidBoardIdException", "DeleteLastGroupException"];

/// Records the refusal of one change. `true`: whether its item is still there has to be asked.
///
/// # Errors
/// Where the store cannot be read or written.
pub(crate) fn record_refusal(
    recorder: &mut Recorder<'_>,
    catalog: &mut Catalog<'_>,
    tx: &Tx<'_>,
    intent: &Intent,
    error: &GraphqlError,
) -> anyhow::Result<bool> {
    let Some(stored) = tx.get(intent.entity)? else { return Ok(false) };
    if tx.version(intent.entity)? != Some(intent.version) {
        // It has changed since: what was refused is not what it has now. Its new values are sent anyway.
        recorder.effects().attempted.push(intent.entity);
        return Ok(false);
    }
    let columns = &intent.columns;
    let message: Message = MondayText::Refused { why: error.to_text().into() }.into();
    if error.is_about_name() && has_own_name(&stored, columns) {
        refuse_name(recorder, tx, &stored, columns, message)?;
        return Ok(false);
    }
    if let Some(column) = column_at_fault(recorder, catalog, &stored, columns, error) {
        if error.is_permission() {
            recorder.close_column(tx, catalog, &stored, &column, &error.to_text())?;
            return Ok(false);
        }
        let value = columns.get(&column).cloned().unwrap_or(Value::Null);
        recorder.refuse_column(tx, &stored, &column, &value, message)?;
        note_connections(recorder, &stored, &column, &value);
        recorder.effects().refused.push(stored.row.id);
        return Ok(false);
    }
    match intent.action {
        Action::Create => record_refused_item(recorder, tx, &stored, columns, error).map(|()| false),
        Action::Update | Action::ClearKey | Action::Archive | Action::Delete => Ok(true),
    }
}

/// A new item is refused, for no column that is named: first its columns are left out, then its name.
fn record_refused_item(
    recorder: &mut Recorder<'_>,
    tx: &Tx<'_>,
    stored: &Entity,
    columns: &Map<String, Value>,
    error: &GraphqlError,
) -> anyhow::Result<()> {
    let message: Message = MondayText::Refused { why: error.to_text().into() }.into();
    let is_final = is_final(error);
    let key_column = recorder.setup().kind(stored.row.kind).key_column.as_deref();
    // Key and name go with every new item.
    let is_bare = |column: &str| column == NAME || key_column == Some(column);
    let has_values = columns.iter().any(|(id, value)| !is_bare(id) && !map::is_blank(value));
    if has_values && !is_final {
        try_each_alone(recorder, stored.row.id);
        return Ok(());
    }
    if has_own_name(stored, columns) && !is_final && !error.is_permission() {
        return refuse_name(recorder, tx, stored, columns, message);
    }
    // The name is not at fault either.
    recorder.log().clear_failure_of(tx, stored, NAME)?;
    let (now, detail) =
        (recorder.now(), FailureDetail::new(cause_of(error), message).hint(remedy_of(recorder, stored, error)));
    recorder.log().fail_entity(tx, (stored.row.id, &stored.row.entity_key()), detail, now)
}

fn try_each_alone(recorder: &mut Recorder<'_>, entity: i64) {
    recorder.effects().each_alone.push(entity);
    recorder.effects().attempted.push(entity);
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
    recorder.refuse_column(tx, stored, NAME, &value, message)
}

/// The column that an error is about, if it can be told for sure. The key and the name are never left out.
fn column_at_fault(
    recorder: &Recorder<'_>,
    catalog: &Catalog<'_>,
    stored: &Entity,
    columns: &Map<String, Value>,
    error: &GraphqlError,
) -> Option<String> {
    let config = recorder.setup().kind(stored.row.kind);
    config.board.as_deref()?;
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
    recorder.effects().refused_connections.extend(RefusedConnection::all_of(config, child, column, value));
}

/// Records what a refused change turned out to be, once it was asked where its item is.
///
/// # Errors
/// Where the store cannot be read or written.
pub(crate) fn record_asked_refusal(
    recorder: &mut Recorder<'_>,
    catalog: &mut Catalog<'_>,
    tx: &Tx<'_>,
    intent: &Intent,
    is_there: bool,
    error: Option<&GraphqlError>,
) -> anyhow::Result<()> {
    let Some(stored) = tx.get(intent.entity)? else { return Ok(()) };
    match intent.action {
        // The item that was to be removed is not there any more: done.
        Action::Archive | Action::Delete | Action::ClearKey if !is_there => {
            recorder.confirm_removed(tx, intent, &stored)
        }
        Action::Archive | Action::Delete | Action::ClearKey => fail_to_remove(recorder, tx, intent, &stored, error),
        _ if !is_there => {
            let item = intent.item_id.as_deref().unwrap_or_default();
            super::missing_items::item_is_missing(recorder, tx, &stored, item).map(|_| ())
        }
        _ => record_refused_update(recorder, catalog, tx, intent, &stored, error),
    }
}

fn fail_to_remove(
    recorder: &mut Recorder<'_>,
    tx: &Tx<'_>,
    intent: &Intent,
    stored: &Entity,
    error: Option<&GraphqlError>,
) -> anyhow::Result<()> {
    let item = intent.item_id.clone().unwrap_or_default();
    let entity = stored.row.entity_key();
    let hint = MondayText::ItemStays { item, entity: entity.to_string() };
    let (now, detail) = (recorder.now(), FailureDetail::new(FailureCause::ItemStays, refused(error)).hint(hint));
    recorder.log().fail_entity(tx, (stored.row.id, &entity), detail, now)
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
    let is_final = error.is_some_and(is_final);
    match only {
        Some((column, _)) if may_be_closed(recorder, stored, column, error) => {
            recorder.close_column(tx, catalog, stored, column, &error.map(GraphqlError::to_text).unwrap_or_default())
        }
        Some((column, value)) if !is_final => {
            recorder.refuse_column(tx, stored, column, value, refused(error))?;
            note_connections(recorder, stored, column, value);
            Ok(())
        }
        _ if is_final => {
            let cause = error.map_or(FailureCause::ItemRefused, cause_of);
            let (now, detail) = (recorder.now(), FailureDetail::new(cause, refused(error)));
            recorder.log().fail_entity(tx, (stored.row.id, &stored.row.entity_key()), detail, now)
        }
        _ => {
            try_each_alone(recorder, stored.row.id);
            Ok(())
        }
    }
}

/// Whether a refusal of one column without a word about it is the column's matter: of the same item others were taken.
fn may_be_closed(recorder: &Recorder<'_>, stored: &Entity, column: &str, error: Option<&GraphqlError>) -> bool {
    let is_mapped = recorder.setup().kind(stored.row.kind).columns.contains_key(column);
    is_mapped && recorder.has_taken(stored.row.id) && error.is_some_and(GraphqlError::is_permission)
}

fn refused(error: Option<&GraphqlError>) -> Message {
    MondayText::Refused { why: error.map(GraphqlError::to_text).unwrap_or_default().into() }.into()
}

fn is_final(error: &GraphqlError) -> bool {
    FINAL_CODES.contains(&error.code.as_str())
}

/// Why a whole item was refused.
fn cause_of(error: &GraphqlError) -> FailureCause {
    match error.code.as_str() {
        "ItemsLimitationException" => FailureCause::BoardFull,
        "InvalidBoardIdException" => FailureCause::BoardMissing,
        _ => FailureCause::ItemRefused,
    }
}

/// What remedies that a whole item was refused.
fn remedy_of(recorder: &Recorder<'_>, stored: &Entity, error: &GraphqlError) -> Message {
    let kind = stored.row.kind;
    match cause_of(error) {
        FailureCause::BoardFull => DoctorText::MakeRoomOnBoard {}.into(),
        FailureCause::BoardMissing => MondayText::CheckBoard { kind }.into(),
        _ if error.is_permission() => {
            let board = recorder.setup().kind(kind).board.clone().unwrap_or_default();
            MondayText::GiveWriteRights { board }.into()
        }
        _ => {
            let entity = stored.row.entity_key().to_string();
            MondayText::ExplainItem { entity }.into()
        }
    }
}

/// Whether an entity was to be named otherwise than by its key.
fn has_own_name(stored: &Entity, columns: &Map<String, Value>) -> bool {
    let key = stored.row.entity_key().to_string();
    columns.get(NAME).is_some_and(|name| name.as_str() != Some(&key))
}
