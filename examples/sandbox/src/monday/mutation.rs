//! What the fields of mutations do. Each does all of its work or none.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::board::{Board, Column, Group, Label, Life, State, WORKSPACE_ID, checked_name};
use super::bulk;
use super::cell::Cell;
use super::column;
use super::errors::Refusal;
use super::execute::Args;
use super::resolve::{Found, Scope, complexity};

/// All values of one item together, in bytes. Source: monday's reference of the text column.
const MOST_VALUE_BYTES: usize = 64 * 1024;

/// Source: monday's page on rate limits.
const MOST_BOARDS_A_MINUTE: usize = 40;

/// A root field of a mutation.
pub(super) fn perform(state: &mut State, scope: &Scope, name: &str, args: &Args) -> Result<Found, Refusal> {
    if is_forbidden(state, args) {
        return Err(Refusal::new("UserUnauthorizedException", 403, "User unauthorized to perform action"));
    }
    match name {
        "complexity" => Ok(Found::Leaf(complexity(scope))),
        "create_item" => create_item(state, args),
        "change_multiple_column_values" => change_values(state, args),
        "change_column_value" => {
            let value = args.json_text("value")?.unwrap_or_default();
            change_one(state, args, &value)
        }
        "change_simple_column_value" => change_simple(state, args),
        "archive_item" => {
            let id = state.active_item(args.required("item_id")?)?.id;
            state.set_life(id, Life::Archived);
            Ok(Found::Item(id))
        }
        "delete_item" => {
            let id = state.item(args.required("item_id")?)?.id;
            state.set_life(id, Life::Deleted);
            Ok(Found::Item(id))
        }
        "move_item_to_group" => move_to_group(state, args),
        "ingest_items" => bulk::start(state, args, false),
        "backfill_items" => bulk::start(state, args, true),
        "bulk_archive_items" => bulk::remove(state, args, Life::Archived),
        "bulk_delete_items" => bulk::remove(state, args, Life::Deleted),
        "create_board" => create_board(state, args),
        "create_group" => create_group(state, args),
        "create_column" => create_column(state, args, args.required("column_type")?),
        "create_status_column" => create_column(state, args, "status"),
        "create_dropdown_column" => create_column(state, args, "dropdown"),
        _ => Err(Refusal::argument(format!("The sandbox does not answer {name}"))),
    }
}

/// Whether the token may write nothing to the board that a mutation names, or on which its item stands.
fn is_forbidden(state: &State, args: &Args) -> bool {
    let of_item = || Some(state.active_item(args.text("item_id")?).ok()?.board);
    let board = args.text("board_id").and_then(|board| Some(state.board(board).ok()?.id)).or_else(of_item);
    board.is_some_and(|board| state.forbidden_boards.contains(&board))
}

/// Values that passed every check, and the labels that came with them.
pub(super) struct Checked {
    name: Option<String>,
    cells: BTreeMap<String, Option<Cell>>,
    labels: BTreeMap<String, Vec<Label>>,
}

impl Checked {
    /// The same for an item that is to have this name.
    pub(super) fn named(self, name: &str) -> Checked {
        Checked { name: Some(name.to_owned()), ..self }
    }
}

/// Reads `column_values`. One wrong key or value refuses them all.
pub(super) fn check_values(
    state: &State,
    board: &Board,
    values: &Map<String, Value>,
    create_labels: bool,
) -> Result<Checked, Refusal> {
    let mut checked = Checked { name: None, cells: BTreeMap::new(), labels: BTreeMap::new() };
    for (id, value) in values {
        let column = board.column(id)?;
        if let Some(refusal) = state.closed(board.id, id) {
            return Err(refusal);
        }
        if column.kind == "name" {
            let name =
                value.as_str().ok_or_else(|| refused_value(board, column, value, "the name must be a string"))?;
            if let Some(refusal) = state.refused_name(name) {
                return Err(refusal);
            }
            checked.name = Some(checked_name(name)?);
            continue;
        }
        let mut labels = column.labels.clone();
        let cell = column::parse(state, column, &mut labels, value, create_labels)
            .map_err(|why| refused_value(board, column, value, &why))?;
        if state.refuses(id, value) {
            return Err(refused_value(board, column, value, "this value is not taken"));
        }
        checked.cells.insert(id.clone(), cell);
        if labels != column.labels {
            checked.labels.insert(id.clone(), labels);
        }
    }
    Ok(checked)
}

fn refused_value(board: &Board, column: &Column, value: &Value, why: &str) -> Refusal {
    let message = format!(
        "invalid value, please check our API documentation for the correct data structure for this column: {why}"
    );
    Refusal::new("ColumnValueException", 200, message)
        .data("board_id", board.id.to_string())
        .data("column_id", column.id.as_str())
        .data("column_name", column.title.as_str())
        .data("column_type", column.kind.as_str())
        .data("column_value", value.to_string())
}

/// The item's values after the change, within the room that an item has.
pub(super) fn merged(
    board: &Board,
    old: &BTreeMap<String, Cell>,
    checked: &Checked,
) -> Result<BTreeMap<String, Cell>, Refusal> {
    let mut values = old.clone();
    for (id, cell) in &checked.cells {
        match cell {
            Some(cell) => {
                values.insert(id.clone(), board.forms.get(id).map_or(cell.clone(), |form| cell.in_form(*form)))
            }
            None => values.remove(id),
        };
    }
    if values.values().map(Cell::size).sum::<usize>() > MOST_VALUE_BYTES {
        let largest = checked.cells.iter().max_by_key(|(_, cell)| cell.as_ref().map_or(0, Cell::size));
        let column = largest.map_or_else(|| board.column("name"), |(id, _)| board.column(id))?;
        return Err(refused_value(board, column, &Value::Null, "the item's column values take more than 64 KB"));
    }
    Ok(values)
}

fn keep_labels(state: &mut State, board: u64, labels: BTreeMap<String, Vec<Label>>) {
    let Some(board) = state.boards.get_mut(&board) else { return };
    for column in &mut board.columns {
        if let Some(labels) = labels.get(&column.id) {
            column.labels.clone_from(labels);
            column.revision += 1;
        }
    }
}

/// `column_values` as an object; without the argument an empty one.
fn values_argument(args: &Args) -> Result<Map<String, Value>, Refusal> {
    match args.json_text("column_values")? {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(values)) => Ok(values),
        Some(_) => Err(Refusal::argument("column_values must be a JSON string of an object")),
    }
}

fn create_item(state: &mut State, args: &Args) -> Result<Found, Refusal> {
    let values = values_argument(args)?;
    let board = state.board(args.required("board_id")?)?;
    if values.contains_key("name") {
        return Err(Refusal::argument("The name of a new item goes into item_name"));
    }
    let checked = check_values(state, board, &values, args.flag("create_labels_if_missing"))?;
    let cells = merged(board, &BTreeMap::new(), &checked)?;
    let board = board.id;
    let id = state.add_item(board, args.text("group_id"), args.required("item_name")?, cells)?;
    keep_labels(state, board, checked.labels);
    if state.boards.get(&board).is_some_and(|board| board.archives_new_items) {
        state.set_life(id, Life::Archived);
    }
    Ok(Found::Item(id))
}

/// The board and the active item on it that a change names.
fn target<'a>(state: &'a State, args: &Args) -> Result<(&'a Board, u64), Refusal> {
    let board = state.board(args.required("board_id")?)?;
    let item = args.required("item_id")?;
    let found = state.active_item(item)?;
    // An item that was moved to another board is not found on this one.
    if found.board != board.id {
        return Err(state.missing_item(item).data("board_id", board.id.to_string()));
    }
    Ok((board, found.id))
}

pub(super) fn apply(state: &mut State, item: u64, checked: Checked) -> Result<(), Refusal> {
    let now = state.now();
    let found = state.items.get(&item).ok_or_else(|| state.missing_item(&item.to_string()))?;
    let board = state.board(&found.board.to_string())?;
    let values = merged(board, &found.values, &checked)?;
    let board = board.id;
    keep_labels(state, board, checked.labels);
    if let Some(item) = state.items.get_mut(&item) {
        item.values = values;
        item.name = checked.name.unwrap_or_else(|| std::mem::take(&mut item.name));
        item.updated = now;
    }
    Ok(())
}

fn change_values(state: &mut State, args: &Args) -> Result<Found, Refusal> {
    let values = values_argument(args)?;
    let (board, item) = target(state, args)?;
    let checked = check_values(state, board, &values, args.flag("create_labels_if_missing"))?;
    apply(state, item, checked)?;
    Ok(Found::Item(item))
}

/// monday warns off connected boards here: they belong into `change_multiple_column_values`.
fn change_one(state: &mut State, args: &Args, value: &Value) -> Result<Found, Refusal> {
    let (board, item) = target(state, args)?;
    let column = board.column(args.required("column_id")?)?;
    if column.kind == "board_relation" {
        return Err(refused_value(board, column, value, "use change_multiple_column_values for connected boards"));
    }
    let values = Map::from_iter([(column.id.clone(), value.clone())]);
    let checked = check_values(state, board, &values, args.flag("create_labels_if_missing"))?;
    apply(state, item, checked)?;
    Ok(Found::Item(item))
}

fn change_simple(state: &mut State, args: &Args) -> Result<Found, Refusal> {
    let (board, _) = target(state, args)?;
    let column = board.column(args.required("column_id")?)?;
    let text = args.text("value").unwrap_or_default();
    let value =
        column::from_simple_text(column, text).map_err(|why| refused_value(board, column, &text.into(), &why))?;
    change_one(state, args, &value)
}

fn move_to_group(state: &mut State, args: &Args) -> Result<Found, Refusal> {
    let item = state.active_item(args.required("item_id")?)?;
    let id = item.id;
    let board = state.board(&item.board.to_string())?;
    let group = board.group(args.required("group_id")?)?.id.clone();
    if let Some(item) = state.items.get_mut(&id) {
        item.group = group;
    }
    Ok(Found::Item(id))
}

fn create_board(state: &mut State, args: &Args) -> Result<Found, Refusal> {
    let name = checked_name(args.required("board_name")?)?;
    let workspace = args.text("workspace_id").map_or(Some(WORKSPACE_ID), |id| id.parse().ok());
    let workspace = workspace.filter(|id| state.workspaces.contains_key(id));
    let workspace = workspace.ok_or_else(|| Refusal::new("ResourceNotFoundException", 404, "Workspace not found"))?;
    let now = state.now();
    state.made_boards.retain(|made| now.duration_since(*made) < SignedDuration::from_secs(60));
    if state.made_boards.len() >= MOST_BOARDS_A_MINUTE {
        let refusal = Refusal::new("FIELD_LIMIT_EXCEEDED", 429, "Field limit exceeded for create_board");
        return Err(refusal.extension("retry_in_seconds", 15));
    }
    state.made_boards.push(now);
    let id = state.add_board(&name);
    let board = state.board_mut(&id.to_string())?;
    board.kind = args.required("board_kind")?.to_owned();
    board.description = args.text("description").map(str::to_owned);
    (board.workspace, board.made) = (workspace, Some(now));
    if !args.flag("empty") {
        fill_with_samples(state, id)?;
    }
    Ok(Found::Board(id))
}

/// Without `empty: true` a board comes with columns and items that nobody asked for.
fn fill_with_samples(state: &mut State, id: u64) -> Result<(), Refusal> {
    let board = state.board_mut(&id.to_string())?;
    let labels = json!({ "labels": { "0": "Working on it", "1": "Done", "2": "Stuck" } });
    board.add_column(Column::new("person", "Person", "people"), None)?;
    board.add_column(Column::new("status", "Status", "status").configured(&labels)?, None)?;
    board.add_column(Column::new("date4", "Date", "date"), None)?;
    for name in ["Item 1", "Item 2", "Item 3"] {
        state.add_item(id, None, name, BTreeMap::new())?;
    }
    Ok(())
}

fn create_group(state: &mut State, args: &Args) -> Result<Found, Refusal> {
    let title = checked_name(args.required("group_name")?)?;
    let id = format!("group_mk{}", state.new_id());
    let board = state.board_mut(args.required("board_id")?)?;
    // New groups come first on the board.
    board.groups.insert(0, Group { id: id.clone(), title });
    Ok(Found::Group(board.id, id))
}

fn create_column(state: &mut State, args: &Args, kind: &str) -> Result<Found, Refusal> {
    if matches!(kind, "name" | "unsupported" | "group" | "subtasks") {
        return Err(Refusal::argument(format!("A column of type {kind} can't be created")));
    }
    // The typed mutations take an object; `create_column` takes one too, or its text.
    let defaults = match args.get("defaults") {
        Some(Value::String(_)) => args.json_text("defaults")?.unwrap_or_default(),
        other => other.cloned().unwrap_or_default(),
    };
    let new_id = state.new_id() % 100_000;
    let id = args.text("id").map_or_else(|| format!("{kind:.10}_mk{new_id}"), str::to_owned);
    let mut column = Column::new(&id, args.required("title")?, kind).configured(&defaults)?;
    column.description = args.text("description").map(str::to_owned);
    if let Some(missing) = column.connected().into_iter().find(|board| !state.boards.contains_key(board)) {
        return Err(Refusal::no_board(&missing.to_string()));
    }
    let board = state.board_mut(args.required("board_id")?)?;
    board.add_column(column, args.text("after_column_id"))?;
    Ok(Found::Column(board.id, id))
}
