//! One call that finds out whether a board takes what is to be sent, and what the account allows, before anything is done.

use super::column::BoardColumn;
use super::document::Document;
use super::read::{Board, boards};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Most items whose keys are inspected: one page.
const MOST_ITEMS: usize = 500;

/// Account, as far as monday reports it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Account {
    /// The version of the API that answered.
    pub(crate) version: Option<String>,
    /// Calls allowed in a UTC day; `None`: the token may not see it.
    pub(crate) daily_calls: Option<u64>,
    /// Its plan in monday's words.
    pub(crate) plan: Option<String>,
}

/// Diagnosis of a board.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BoardDiagnosis {
    /// The board with its columns.
    pub(crate) board: Board,
    /// Whether it is in use: neither archived nor deleted.
    pub(crate) is_active: bool,
    /// Whether its items stand in several levels.
    pub(crate) is_multi_level: bool,
    /// Whether the token's user may only read it.
    pub(crate) is_read_only: bool,
    /// The most items that it may have.
    pub(crate) items_limit: Option<u64>,
    /// The columns that are archived.
    pub(crate) archived_columns: BTreeSet<String>,
    /// The columns that no item may leave empty.
    pub(crate) required_columns: Vec<String>,
    /// Whether it has rules that values must keep.
    pub(crate) has_rules: bool,
    /// The keys of its first items, one for each that has any.
    pub(crate) keys: Vec<String>,
    /// Whether these are all of its items.
    pub(crate) is_whole: bool,
}

/// Scope of the question: whether what the account allows is asked too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AccountToo {
    Yes,
    No,
}

/// The question. `board`: with the keys of its first items.
pub(crate) fn diagnosis(board: Option<(&str, &str)>, account: AccountToo) -> Document {
    const ACCOUNT: &str = "me { id } account { tier } version { value } platform_api { daily_limit { base total } }";
    const BOARD: &str = "boards(ids: $ids, limit: 1, state: all) { id name url state access_level hierarchy_type \
         items_count items_limit groups { id } columns { id title type archived settings } \
         items_page(limit: $limit) { cursor items { id column_values(ids: $keys) { id text } } } } \
         validations(id: $board) { required_column_ids rules }";
    let account = if account == AccountToo::Yes { ACCOUNT } else { "" };
    match board {
        Some((board, key_column)) => {
            let query = format!(
                "query Diagnosis($ids: [ID!]!, $board: ID!, $keys: [String!]!, $limit: Int!) {{ {account} {BOARD} }}"
            );
            let variables = json!({"ids": [board], "board": board, "keys": [key_column], "limit": MOST_ITEMS});
            Document::new("Diagnosis", query, variables)
        }
        None => Document::new("Diagnosis", format!("query Diagnosis {{ {ACCOUNT} }}"), json!({})),
    }
}

/// What an answer holds of the account; nothing where it was not asked.
pub(crate) fn account(data: &Map<String, Value>) -> Account {
    let text = |path: [&str; 2]| data.get(path[0])?.get(path[1])?.as_str().map(str::to_owned);
    let limit = data.get("platform_api").and_then(|api| api.get("daily_limit"));
    let daily_calls = limit.and_then(|limit| limit.get("total").or_else(|| limit.get("base"))?.as_u64());
    Account { version: text(["version", "value"]), daily_calls, plan: text(["account", "tier"]) }
}

/// What an answer holds of the board; `None` where monday shows none of that number.
pub(crate) fn board_diagnosis(data: &Map<String, Value>) -> Option<BoardDiagnosis> {
    let raw = data.get("boards")?.get(0)?;
    let board = boards(data).into_iter().next()?;
    let word = |name: &str| raw.get(name).and_then(Value::as_str);
    let page = raw.get("items_page");
    let items = page.and_then(|page| page.get("items")?.as_array()).into_iter().flatten();
    let validations = data.get("validations");
    Some(BoardDiagnosis {
        is_active: word("state").is_none_or(|state| state == "active"),
        is_multi_level: word("hierarchy_type") == Some("multi_level"),
        is_read_only: word("access_level") == Some("view"),
        items_limit: raw.get("items_limit").and_then(Value::as_u64),
        archived_columns: archived(raw),
        required_columns: validations.map(|found| texts(found.get("required_column_ids"))).unwrap_or_default(),
        has_rules: validations.and_then(|found| found.get("rules")).is_some_and(has_content),
        keys: items.filter_map(key).collect(),
        is_whole: page.is_some_and(|page| page.get("cursor").is_none_or(Value::is_null)),
        board,
    })
}

/// The boards that a connect-boards column leads to; `None` where its settings do not name them.
pub(crate) fn connected_boards(column: &BoardColumn) -> Option<Vec<String>> {
    let settings = match &column.settings {
        Value::String(text) => serde_json::from_str(text).ok()?,
        settings => settings.clone(),
    };
    let ids = settings.get("boardIds").or_else(|| settings.get("board_ids"))?.as_array()?;
    Some(ids.iter().map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned)).collect())
}

/// Whether a column's labels are kept for the whole account, so that none can be added on its board. monday documents no sign of it
/// on the column; its settings are searched for one.
pub(crate) fn has_managed_labels(column: &BoardColumn) -> bool {
    let Value::Object(settings) = &column.settings else { return false };
    settings.iter().any(|(name, value)| name.to_lowercase().contains("managed") && has_content(value))
}

fn has_content(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Array(several) => !several.is_empty(),
        Value::Object(members) => !members.is_empty(),
        Value::String(text) => !matches!(text.trim(), "" | "[]" | "{}" | "null"),
        Value::Bool(true) | Value::Number(_) => true,
    }
}

fn archived(board: &Value) -> BTreeSet<String> {
    let columns = board.get("columns").and_then(Value::as_array).into_iter().flatten();
    let archived = columns.filter(|column| column.get("archived") == Some(&Value::Bool(true)));
    archived.filter_map(|column| column.get("id")?.as_str().map(str::to_owned)).collect()
}

fn texts(list: Option<&Value>) -> Vec<String> {
    let several = list.and_then(Value::as_array).into_iter().flatten();
    several.filter_map(|text| text.as_str().map(str::to_owned)).collect()
}

/// The key of an item, without outer blanks.
fn key(item: &Value) -> Option<String> {
    let text = item.get("column_values")?.get(0)?.get("text")?.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(json: Value) -> Map<String, Value> {
        json.as_object().cloned().expect("an object")
    }

    #[test]
    fn a_board_is_read_with_all_that_may_stand_in_the_way() {
        let board = json!({"id": "5", "name": "Units", "state": "archived", "hierarchy_type": "multi_level",
            "access_level": "view", "items_count": 3, "items_limit": 10, "groups": [{"id": "topics"}],
            "columns": [{"id": "a", "title": "A", "type": "text", "archived": true},
                        {"id": "b", "title": "B", "type": "status", "archived": false, "settings": {"managed_column_id": "m"}},
                        {"id": "c", "title": "C", "type": "board_relation", "settings": {"boardIds": [7, "8"]}}],
            "items_page": {"cursor": null, "items": [{"id": "1", "column_values": [{"id": "k", "text": " unit:1 "}]},
                {"id": "2", "column_values": [{"id": "k", "text": ""}]}, {"id": "3", "column_values": []}]}});
        let data = object(json!({"boards": [board], "validations": {"required_column_ids": ["a"], "rules": {"x": 1}}}));
        let found = board_diagnosis(&data).expect("a board");
        assert!(!found.is_active && found.is_multi_level && found.is_read_only && found.has_rules && found.is_whole);
        assert_eq!((found.items_limit, found.board.items_count), (Some(10), Some(3)));
        assert_eq!((found.keys, found.required_columns), (vec!["unit:1".to_owned()], vec!["a".to_owned()]));
        assert_eq!(found.archived_columns.iter().collect::<Vec<_>>(), ["a"]);
        assert!(has_managed_labels(&found.board.columns["b"]) && !has_managed_labels(&found.board.columns["c"]));
        assert_eq!(connected_boards(&found.board.columns["c"]), Some(vec!["7".to_owned(), "8".to_owned()]));
        assert_eq!(board_diagnosis(&object(json!({"boards": []}))), None);
    }

    #[test]
    fn what_the_token_may_not_see_of_the_account_is_not_known() {
        let data = json!({"version": {"value": "2026-10"}, "account": {"tier": "free"}, "platform_api": null});
        let found = account(&object(data));
        assert_eq!(
            (found.version.as_deref(), found.plan.as_deref(), found.daily_calls),
            (Some("2026-10"), Some("free"), None)
        );
        let data = json!({"platform_api": {"daily_limit": {"base": 200, "total": 250}}});
        assert_eq!(account(&object(data)).daily_calls, Some(250));
    }
}
