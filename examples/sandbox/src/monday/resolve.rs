//! What the fields of queries mean: from the account's boards to one column value.

use serde_json::{Map, Value, json};

use super::board::{Item, Life, State};
use super::bulk;
use super::cell::{Cell, value_type};
use super::errors::{Refusal, iso};
use super::execute::Args;
use super::search;

/// Source: monday's page on rate limits.
const MOST_ITEM_IDS: usize = 100;
/// The version that is current; those before and after are recognized by comparison. Source: monday's page on versions.
const CURRENT_VERSION: &str = "2026-10";

/// What a request knows of the account and of itself.
#[derive(Debug)]
pub(super) struct Scope {
    pub(super) version: String,
    pub(super) tier: String,
    pub(super) daily_limit: u64,
    /// Points left before this request.
    pub(super) points_before: u64,
    /// Points that this request costs.
    pub(super) points: u64,
    pub(super) reset_in_seconds: u64,
}

/// A value on the way to its selection: things of the account by their ids, all else as JSON.
#[derive(Debug)]
pub(super) enum Found {
    Null,
    Leaf(Value),
    Board(u64),
    Column(u64, String),
    Group(u64, String),
    Item(u64),
    /// Item and column.
    Cell(u64, String),
    Page {
        cursor: Option<String>,
        items: Vec<u64>,
    },
    List(Vec<Found>),
    /// Type and fields, of a member of a union.
    Object(&'static str, Map<String, Value>),
}

impl Found {
    /// `None` where the field's own type is the object's.
    pub(super) fn type_name(&self, state: &State) -> Option<&'static str> {
        Some(match self {
            Found::Board(_) => "Board",
            Found::Column(..) => "Column",
            Found::Group(..) => "Group",
            Found::Item(_) => "Item",
            Found::Page { .. } => "ItemsResponse",
            Found::Cell(item, column) => {
                let board = state.items.get(item).and_then(|item| state.boards.get(&item.board));
                board
                    .and_then(|board| board.column(column).ok())
                    .map_or("UnsupportedValue", |column| value_type(&column.kind))
            }
            Found::Object(name, _) => name,
            Found::Null | Found::Leaf(_) | Found::List(_) => return None,
        })
    }
}

fn leaf(value: impl Into<Value>) -> Found {
    Found::Leaf(value.into())
}

/// A root field of a query.
pub(super) fn root(state: &mut State, scope: &Scope, name: &str, args: &Args) -> Result<Found, Refusal> {
    let account = json!({
        "id": "4294967311",
        "name": "Sandbox",
        "slug": "sandbox",
        "tier": scope.tier,
        "plan": { "tier": scope.tier },
    });
    Ok(match name {
        "account" => leaf(account),
        "me" => {
            leaf(json!({ "id": "4294967357", "name": "Sandbox", "email": "sandbox@example.com", "account": account }))
        }
        "version" => leaf(version(state.served_version.as_ref().unwrap_or(&scope.version))),
        "validations" => {
            let board = state.board(args.required("id")?)?.id;
            leaf(state.traits_of(board).validations())
        }
        "complexity" => leaf(complexity(scope)),
        "platform_api" => leaf(json!({ "daily_limit": { "base": scope.daily_limit, "total": scope.daily_limit } })),
        "fetch_job_status" => bulk::status(state, args)?,
        "job_status" => bulk::removal_status(state, args)?,
        "workspaces" => {
            let ids = args.texts("ids");
            let is_wanted = |id: &u64| ids.as_ref().is_none_or(|ids| ids.contains(&id.to_string().as_str()));
            let wanted = state.workspaces.keys().filter(|id| is_wanted(id)).map(|id| workspace(state, *id)).collect();
            leaf(Value::Array(page(args, 100, wanted)?))
        }
        "boards" => boards(state, args)?,
        "items" => items(state, args)?,
        "next_items_page" => search::next_page(state, args.required("cursor")?, args)?,
        "items_page_by_column_values" => search::by_column_values(state, args)?,
        // Introspection; the schema is a file of this crate.
        _ => return Err(Refusal::argument(format!("The sandbox does not answer {name}"))),
    })
}

pub(super) fn complexity(scope: &Scope) -> Value {
    json!({
        "before": scope.points_before,
        "query": scope.points,
        "after": scope.points_before.saturating_sub(scope.points),
        "reset_in_x_seconds": scope.reset_in_seconds,
    })
}

fn workspace(state: &State, id: u64) -> Value {
    json!({ "id": id.to_string(), "name": state.workspaces.get(&id), "state": "active" })
}

fn version(value: &str) -> Value {
    let kind = match value {
        CURRENT_VERSION => "current",
        "2026-07" => "maintenance",
        later if later > CURRENT_VERSION => "release_candidate",
        _ => "deprecated",
    };
    json!({ "kind": kind, "value": value, "display_name": value })
}

/// The part of a list that `limit` and `page` name.
fn page<T>(args: &Args, most: i64, list: Vec<T>) -> Result<Vec<T>, Refusal> {
    let limit = args.number("limit").unwrap_or(25);
    let page = args.number("page").unwrap_or(1);
    if !(1..=most).contains(&limit) || page < 1 {
        return Err(Refusal::argument(format!("limit must be between 1 and {most}, page at least 1")));
    }
    let (limit, page) = (usize::try_from(limit).unwrap_or(25), usize::try_from(page).unwrap_or(1));
    Ok(list.into_iter().skip((page - 1).saturating_mul(limit)).take(limit).collect())
}

fn boards(state: &State, args: &Args) -> Result<Found, Refusal> {
    let ids = args.texts("ids");
    let workspaces = args.texts("workspace_ids");
    let wanted = state.boards.values().filter(|board| {
        let is_named = ids.as_ref().is_none_or(|ids| ids.contains(&board.id.to_string().as_str()));
        let is_kind = args.text("board_kind").is_none_or(|kind| kind == board.kind);
        let is_state = state.traits_of(board.id).is_in(args.text("state"));
        let is_there = workspaces.as_ref().is_none_or(|ids| ids.contains(&board.workspace.to_string().as_str()));
        // A list is a search: it comes to know a board some time after it was made.
        let is_known = ids.is_some() || state.knows_board(board);
        is_named && is_kind && is_state && is_there && is_known
    });
    let wanted = wanted.map(|board| Found::Board(board.id)).collect();
    Ok(Found::List(page(args, 500, wanted)?))
}

/// Archived and deleted items are among them unless `exclude_nonactive`; ids that never were are left out.
fn items(state: &State, args: &Args) -> Result<Found, Refusal> {
    let ids = args.texts("ids").ok_or_else(|| Refusal::argument("Argument ids is missing"))?;
    if ids.len() > MOST_ITEM_IDS {
        return Err(Refusal::argument(format!("At most {MOST_ITEM_IDS} ids can be asked for at once")));
    }
    let is_wanted = |item: &&Item| item.life == Life::Active || !args.flag("exclude_nonactive");
    let items = ids.iter().filter_map(|id| state.items.get(&id.parse().ok()?)).filter(is_wanted);
    let mut items: Vec<u64> = items.map(|item| item.id).collect();
    if args.flag("newest_first") {
        items.sort_unstable_by(|a, b| b.cmp(a));
    }
    let most = i64::try_from(MOST_ITEM_IDS).unwrap_or(i64::MAX);
    Ok(Found::List(page(args, most, items)?.into_iter().map(Found::Item).collect()))
}

/// A field of anything below the root.
pub(super) fn field(state: &mut State, parent: &Found, name: &str, args: &Args) -> Result<Found, Refusal> {
    match parent {
        Found::Board(id) => board_field(state, *id, name, args),
        Found::Group(board, id) => group_field(state, *board, id, name, args),
        Found::Column(board, id) => Ok(column_field(state, *board, id, name)),
        Found::Item(id) => Ok(item_field(state, *id, name, args)),
        Found::Cell(item, column) => Ok(cell_field(state, *item, column, name)),
        Found::Page { cursor, items } => Ok(match name {
            "cursor" => leaf(cursor.clone()),
            _ => Found::List(items.iter().map(|id| Found::Item(*id)).collect()),
        }),
        Found::Leaf(Value::Object(object)) | Found::Object(_, object) => Ok(leaf(object.get(name).cloned())),
        Found::Null | Found::Leaf(_) | Found::List(_) => Ok(Found::Null),
    }
}

fn board_field(state: &mut State, id: u64, name: &str, args: &Args) -> Result<Found, Refusal> {
    if name == "items_page" {
        return search::items_page(state, id, None, args);
    }
    let Some(board) = state.boards.get(&id) else { return Ok(Found::Null) };
    Ok(match name {
        "id" => leaf(board.id.to_string()),
        "name" => leaf(board.name.as_str()),
        "description" => leaf(board.description.clone()),
        "board_kind" => leaf(board.kind.as_str()),
        "state" => leaf(state.traits_of(id).state()),
        "access_level" => leaf(if state.traits_of(id).is_read_only { "view" } else { "edit" }),
        "hierarchy_type" => leaf(if state.traits_of(id).is_multi_level { "multi_level" } else { "classic" }),
        "type" => leaf("board"),
        "permissions" => leaf("everyone"),
        "url" => leaf(format!("https://sandbox.monday.com/boards/{id}")),
        "workspace" => leaf(workspace(state, board.workspace)),
        "workspace_id" => leaf(board.workspace.to_string()),
        "items_count" => leaf(state.items_count(board)),
        "items_limit" => leaf(state.items_limit),
        "top_group" => board.groups.first().map_or(Found::Null, |group| Found::Group(id, group.id.clone())),
        "groups" => {
            let ids = args.texts("ids");
            let wanted =
                board.groups.iter().filter(|group| ids.as_ref().is_none_or(|ids| ids.contains(&group.id.as_str())));
            Found::List(wanted.map(|group| Found::Group(id, group.id.clone())).collect())
        }
        "columns" => {
            let (ids, types) = (args.texts("ids"), args.texts("types"));
            let wanted = board.columns.iter().filter(|column| {
                ids.as_ref().is_none_or(|ids| ids.contains(&column.id.as_str()))
                    && types.as_ref().is_none_or(|types| types.contains(&column.kind.as_str()))
            });
            Found::List(wanted.map(|column| Found::Column(id, column.id.clone())).collect())
        }
        _ => Found::Null,
    })
}

fn group_field(state: &mut State, board: u64, id: &str, name: &str, args: &Args) -> Result<Found, Refusal> {
    if name == "items_page" {
        return search::items_page(state, board, Some(id), args);
    }
    let group = state.boards.get(&board).and_then(|board| board.group(id).ok());
    Ok(match (name, group) {
        ("id", _) => leaf(id),
        ("title", Some(group)) => leaf(group.title.as_str()),
        ("color", _) => leaf("#579bfc"),
        ("archived" | "deleted", _) => leaf(false),
        _ => Found::Null,
    })
}

fn column_field(state: &State, board: u64, id: &str, name: &str) -> Found {
    let Some(column) = state.boards.get(&board).and_then(|board| board.column(id).ok()) else { return Found::Null };
    match name {
        "id" => leaf(id),
        "title" => leaf(column.title.as_str()),
        "description" => leaf(column.description.clone()),
        "type" => leaf(column.kind.as_str()),
        "settings" => leaf(column.settings()),
        "settings_str" => leaf(column.settings_text()),
        "revision" => leaf(column.revision.to_string()),
        "archived" => leaf(state.traits_of(board).archived_columns.contains(id)),
        _ => Found::Null,
    }
}

fn item_field(state: &State, id: u64, name: &str, args: &Args) -> Found {
    let Some(item) = state.items.get(&id) else { return Found::Null };
    match name {
        "id" => leaf(id.to_string()),
        "name" => leaf(item.name.as_str()),
        "state" => leaf(item.life.name()),
        "board" => Found::Board(item.board),
        "group" => Found::Group(item.board, item.group.clone()),
        "created_at" => leaf(iso(item.created)),
        "updated_at" => leaf(iso(item.updated)),
        "url" => leaf(format!("https://sandbox.monday.com/boards/{}/pulses/{id}", item.board)),
        "column_values" => {
            let (ids, types) = (args.texts("ids"), args.texts("types"));
            let columns = state.boards.get(&item.board).map(|board| board.columns.as_slice()).unwrap_or_default();
            let wanted = columns.iter().filter(|column| {
                column.kind != "name"
                    && ids.as_ref().is_none_or(|ids| ids.contains(&column.id.as_str()))
                    && types.as_ref().is_none_or(|types| types.contains(&column.kind.as_str()))
            });
            Found::List(wanted.map(|column| Found::Cell(id, column.id.clone())).collect())
        }
        _ => Found::Null,
    }
}

fn cell_field(state: &State, item: u64, id: &str, name: &str) -> Found {
    let Some(item) = state.items.get(&item) else { return Found::Null };
    let board = state.boards.get(&item.board);
    let Some(column) = board.and_then(|board| board.column(id).ok()) else { return Found::Null };
    let cell = item.values.get(id);
    match name {
        "id" => leaf(id),
        "type" => leaf(column.kind.as_str()),
        "column" => Found::Column(item.board, id.to_owned()),
        "is_leaf" => leaf(true),
        "text" => match cell {
            Some(cell) => leaf(cell.text(column)),
            None => empty_text(&column.kind),
        },
        "value" => {
            let value = cell.map(|cell| cell.value(&iso(item.updated))).filter(|value| !value.is_null());
            leaf(value.map(|value| value.to_string()))
        }
        "updated_at" => cell.map_or(Found::Null, |_| leaf(iso(item.updated))),
        "linked_item_ids" | "linked_items" | "display_value" => linked(state, cell, name),
        _ => {
            let details = cell.map_or_else(Map::new, |cell| cell.details(column));
            match details.get(name) {
                Some(value) => leaf(value.clone()),
                None if name == "values" => Found::List(Vec::new()),
                None if name == "checked" => leaf(false),
                None => Found::Null,
            }
        }
    }
}

/// Some types read back as nothing when empty, others as an empty text.
fn empty_text(kind: &str) -> Found {
    match kind {
        "status" | "dropdown" | "country" | "location" | "board_relation" => Found::Null,
        _ => leaf(""),
    }
}

/// Links to items that are archived or deleted by now are not shown.
fn linked(state: &State, cell: Option<&Cell>, name: &str) -> Found {
    let ids = match cell {
        Some(Cell::Relation(ids)) => ids.as_slice(),
        _ => &[],
    };
    let items: Vec<&Item> =
        ids.iter().filter_map(|id| state.items.get(id)).filter(|item| item.life == Life::Active).collect();
    match name {
        "linked_item_ids" => leaf(items.iter().map(|item| Value::from(item.id.to_string())).collect::<Vec<_>>()),
        "linked_items" => Found::List(items.iter().map(|item| Found::Item(item.id)).collect()),
        _ => leaf(items.iter().map(|item| item.name.as_str()).collect::<Vec<_>>().join(", ")),
    }
}
