//! Pages of items: what a search finds, in which order, and where it goes on.

use std::cmp::Ordering;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::board::{Board, Item, Life, State};
use super::cell::Cell;
use super::column::whole_number;
use super::errors::Refusal;
use super::execute::Args;
use super::resolve::Found;

/// Source: monday's reference of `items_page`.
const MOST_PER_PAGE: usize = 500;
/// Counted from the first page. Source: as above.
const CURSOR_LIFE: Duration = Duration::from_secs(60 * 60);
/// Source: as above, of `query_params.ids`.
const MOST_IDS: usize = 100;

/// What items are sorted by besides their columns. Source: monday's reference of `ItemsQueryOrderBy`.
const DATES: [&str; 2] = [CREATED, UPDATED];
const CREATED: &str = "__creation_log__";
const UPDATED: &str = "__last_updated__";

/// The rest of a search whose first page was given out: later items do not come into it.
#[derive(Debug, Clone)]
pub(super) struct Cursor {
    pub(super) board: u64,
    rest: Vec<u64>,
    started: Timestamp,
}

/// `Board.items_page`, and the same of a group.
pub(super) fn items_page(state: &mut State, board: u64, group: Option<&str>, args: &Args) -> Result<Found, Refusal> {
    let query = args.get("query_params");
    match (args.text("cursor"), query) {
        (Some(_), Some(_)) => Err(Refusal::argument("Provide either cursor or query_params")),
        (Some(cursor), None) => next_page(state, cursor, args),
        (None, query) => {
            let limit = limit(args)?;
            let mut found = find(state, board, |board, item| {
                let is_in_group = group.is_none_or(|group| group == item.group);
                Ok(is_in_group && query.map_or(Ok(true), |query| matches_query(board, item, query))?)
            })?;
            for order in query.and_then(|query| query["order_by"].as_array()).into_iter().flatten().rev() {
                sort(state, board, &mut found, order)?;
            }
            Ok(first_page(state, board, found, limit))
        }
    }
}

/// `items_page_by_column_values`: all of the columns, any of a column's values.
pub(super) fn by_column_values(state: &mut State, args: &Args) -> Result<Found, Refusal> {
    if let Some(cursor) = args.text("cursor") {
        return match args.get("columns") {
            Some(_) => Err(Refusal::argument("Provide either cursor or columns")),
            None => next_page(state, cursor, args),
        };
    }
    let limit = limit(args)?;
    let board = state.board(args.required("board_id")?)?;
    let columns = args
        .get("columns")
        .and_then(Value::as_array)
        .ok_or_else(|| Refusal::argument("Argument columns is missing"))?;
    for column in columns {
        let column = board.column(column["column_id"].as_str().unwrap_or_default())?;
        if matches!(column.kind.as_str(), "board_relation" | "location" | "mirror" | "formula") {
            return Err(Refusal::argument(format!("Columns of type {} can't be searched", column.kind)));
        }
    }
    let id = board.id;
    let found = find(state, id, |board, item| {
        Ok(columns.iter().all(|wanted| {
            let text = text_of(board, item, wanted["column_id"].as_str().unwrap_or_default());
            let mut values = wanted["column_values"].as_array().into_iter().flatten();
            values.any(|value| value.as_str().unwrap_or_default() == text)
        }))
    })?;
    Ok(first_page(state, id, found, limit))
}

/// A cursor serves as often as it is sent; each page has a new one.
pub(super) fn next_page(state: &mut State, cursor: &str, args: &Args) -> Result<Found, Refusal> {
    let limit = limit(args)?;
    let expired = || {
        Refusal::new(
            "CursorException",
            400,
            "CursorExpiredError: The cursor provided for pagination has expired. Please refresh your query and obtain a new cursor to continue fetching items",
        )
    };
    let known = state.cursors.get(cursor).cloned().ok_or_else(expired)?;
    if known.started + CURSOR_LIFE <= state.now() {
        return Err(expired());
    }
    Ok(page(state, known, limit))
}

fn limit(args: &Args) -> Result<usize, Refusal> {
    let limit = args.number("limit").and_then(|limit| usize::try_from(limit).ok()).unwrap_or_default();
    match limit {
        1..=MOST_PER_PAGE => Ok(limit),
        _ => Err(Refusal::argument(format!("limit must be between 1 and {MOST_PER_PAGE}"))),
    }
}

/// Active items of a board, without those too new for the search to know.
fn find(
    state: &State,
    board: u64,
    is_wanted: impl Fn(&Board, &Item) -> Result<bool, Refusal>,
) -> Result<Vec<u64>, Refusal> {
    let board = state.board(&board.to_string())?;
    let mut found = Vec::new();
    for item in board.items.iter().filter_map(|id| state.items.get(id)) {
        let is_visible = item.life == Life::Active && state.is_known_to_searches(item);
        if is_visible && is_wanted(board, item)? {
            found.push(item.id);
        }
    }
    Ok(found)
}

/// Sorts items by one of `order_by`; those that are equal in it stay as they are. The dates of creation and of the last change have
/// columns of their own that no board need have.
fn sort(state: &State, board: u64, items: &mut [u64], order: &Value) -> Result<(), Refusal> {
    let board = state.board(&board.to_string())?;
    let column = order["column_id"].as_str().unwrap_or_default();
    if !DATES.contains(&column) || state.refuses_order_by_dates {
        board.column(column)?;
    }
    items.sort_by(|a, b| {
        let (Some(a), Some(b)) = (state.items.get(a), state.items.get(b)) else { return Ordering::Equal };
        let (first, second) = if order["direction"] == "desc" { (b, a) } else { (a, b) };
        match column {
            CREATED => (first.created, first.id).cmp(&(second.created, second.id)),
            UPDATED => first.updated.cmp(&second.updated),
            _ => {
                let (first, second) = (text_of(board, first, column), text_of(board, second, column));
                is_ordered(&first, &second).unwrap_or_else(|| first.cmp(&second))
            }
        }
    });
    Ok(())
}

fn first_page(state: &mut State, board: u64, found: Vec<u64>, limit: usize) -> Found {
    let started = state.now();
    page(state, Cursor { board, rest: found, started }, limit)
}

fn page(state: &mut State, mut cursor: Cursor, limit: usize) -> Found {
    let rest = cursor.rest.split_off(limit.min(state.page_items).min(cursor.rest.len()));
    let mut items = std::mem::replace(&mut cursor.rest, rest);
    // An item archived since the first page is left out: a page may be short before the last one.
    items.retain(|id| state.items.get(id).is_some_and(|item| item.life == Life::Active));
    let next = (!cursor.rest.is_empty()).then(|| {
        let name = format!("MSw{:x},{:x}", cursor.board, state.new_id());
        state.cursors.insert(name.clone(), cursor);
        name
    });
    Found::Page { cursor: next, items }
}

/// The text by which a column is searched; the empty one for no value.
fn text_of(board: &Board, item: &Item, column: &str) -> String {
    let Ok(column) = board.column(column) else { return String::new() };
    if column.kind == "name" {
        return item.name.clone();
    }
    item.values.get(&column.id).and_then(|cell| cell.text(column)).unwrap_or_default()
}

fn matches_query(board: &Board, item: &Item, query: &Value) -> Result<bool, Refusal> {
    if let Some(ids) = query["ids"].as_array() {
        if ids.len() > MOST_IDS {
            return Err(Refusal::argument(format!("At most {MOST_IDS} ids can be asked for at once")));
        }
        if !ids.iter().any(|id| id.as_str().is_some_and(|id| id == item.id.to_string())) {
            return Ok(false);
        }
    }
    matches_group(board, item, query)
}

fn matches_group(board: &Board, item: &Item, group: &Value) -> Result<bool, Refusal> {
    let mut results = Vec::new();
    for rule in group["rules"].as_array().into_iter().flatten() {
        results.push(matches_rule(board, item, rule)?);
    }
    for inner in group["groups"].as_array().into_iter().flatten() {
        results.push(matches_group(board, item, inner)?);
    }
    Ok(match group["operator"].as_str() {
        Some("or") => results.is_empty() || results.contains(&true),
        _ => !results.contains(&false),
    })
}

fn matches_rule(board: &Board, item: &Item, rule: &Value) -> Result<bool, Refusal> {
    let id = rule["column_id"].as_str().unwrap_or_default();
    board.column(id)?;
    let text = text_of(board, item, id);
    // Labels and links are compared by id, all else by text.
    let keys = match item.values.get(id) {
        Some(Cell::Status(label)) => vec![label.to_string()],
        Some(Cell::Dropdown(ids) | Cell::Relation(ids)) => ids.iter().map(u64::to_string).collect(),
        _ => vec![text.clone()],
    };
    let wanted: Vec<String> = match &rule["compare_value"] {
        Value::Array(list) => list.iter().map(plain).collect(),
        single => vec![plain(single)],
    };
    let first = wanted.first().map(String::as_str).unwrap_or_default();
    let is_any = keys.iter().any(|key| wanted.contains(key));
    let (lower, sought) = (text.to_lowercase(), first.to_lowercase());
    Ok(match rule["operator"].as_str().unwrap_or("any_of") {
        "any_of" => is_any,
        "not_any_of" => !is_any,
        "is_empty" => !item.values.contains_key(id) && text.is_empty(),
        "is_not_empty" => item.values.contains_key(id) || !text.is_empty(),
        "contains_text" => lower.contains(&sought),
        "not_contains_text" => !lower.contains(&sought),
        "starts_with" => lower.starts_with(&sought),
        "ends_with" => lower.ends_with(&sought),
        "greater_than" => is_ordered(&text, first).is_some_and(Ordering::is_gt),
        "greater_than_or_equals" => is_ordered(&text, first).is_some_and(Ordering::is_ge),
        "lower_than" => is_ordered(&text, first).is_some_and(Ordering::is_lt),
        "lower_than_or_equal" => is_ordered(&text, first).is_some_and(Ordering::is_le),
        other => return Err(Refusal::argument(format!("The sandbox has no rule operator {other}"))),
    })
}

fn plain(value: &Value) -> String {
    match whole_number(value) {
        Some(number) => number.to_string(),
        None => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
    }
}

/// Numbers by value, dates by their text; an empty value has no order.
fn is_ordered(text: &str, other: &str) -> Option<Ordering> {
    if text.is_empty() {
        return None;
    }
    match (text.parse::<f64>(), other.parse::<f64>()) {
        (Ok(a), Ok(b)) => a.partial_cmp(&b),
        _ => Some(text.cmp(other)),
    }
}
