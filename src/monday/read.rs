//! What answers say: boards, items, states.

use super::column::{BoardColumn, ColumnContent};
use super::document::Document;
use crate::message::MondayText;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Board as read.
#[derive(Debug, Clone, PartialEq)]
pub struct Board {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its address for people.
    pub url: Option<String>,
    /// Its groups.
    pub groups: Vec<String>,
    /// Its columns by id.
    pub columns: BTreeMap<String, BoardColumn>,
    /// The columns as monday wrote them, to be kept.
    pub columns_json: String,
    /// How many items it has; `None`: not read in this run.
    pub items_count: Option<u64>,
    /// The item that was made last, among those that searches know; `None`: there is none, or it was not read in this run.
    pub newest_item: Option<String>,
}

impl Board {
    /// A board as it was kept; `columns_json`: the columns as monday wrote them.
    ///
    /// # Errors
    /// Where they are no list.
    pub fn known(
        id: String,
        name: String,
        url: Option<String>,
        groups: Vec<String>,
        columns_json: String,
    ) -> serde_json::Result<Board> {
        let columns = columns_from_json(&columns_json)?;
        Ok(Board { id, name, url, groups, columns, columns_json, items_count: None, newest_item: None })
    }
}

/// Item as read.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The columns that were asked for.
    pub columns: BTreeMap<String, ColumnContent>,
    /// When it was made, by monday's clock.
    pub created_at: Option<Timestamp>,
    /// When anything of it was last changed, by monday's clock.
    pub updated_at: Option<Timestamp>,
}

/// Page of items.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemsPage {
    /// How many items the board has, read with the page.
    pub items_count: Option<u64>,
    /// Where the next page is.
    pub cursor: Option<String>,
    /// The items.
    pub items: Vec<Item>,
}

/// State and place of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemState {
    /// Its id.
    pub(crate) id: String,
    /// Whether it is active.
    pub(crate) is_active: bool,
    /// The board it is on.
    pub(crate) board: Option<String>,
}

impl ItemState {
    /// Whether it is active on this board.
    pub(crate) fn is_on(&self, board: &str) -> bool {
        self.is_active && self.board.as_deref().is_none_or(|on| on == board)
    }
}

/// Item and where it is.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedItem {
    /// The item.
    pub(crate) item: Item,
    state: ItemState,
}

impl PlacedItem {
    /// Whether it is active on this board.
    pub(crate) fn is_on(&self, board: &str) -> bool {
        self.state.is_on(board)
    }
}

/// Reason why an answer is not all that was asked for, though monday reports no error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotWhole {
    /// There is no list of items: the board is not there.
    NoList,
    /// Some of its items are null, or have no id.
    NullItems,
    /// Some of its items lack a column that was asked for.
    ColumnLeftOut(String),
}

impl From<NotWhole> for MondayText {
    fn from(why: NotWhole) -> MondayText {
        match why {
            NotWhole::NoList => MondayText::NoItemList {},
            NotWhole::NullItems => MondayText::NullItems {},
            NotWhole::ColumnLeftOut(column) => MondayText::ColumnLeftOut { column },
        }
    }
}

#[derive(Deserialize)]
struct RawBoard {
    #[serde(deserialize_with = "id")]
    id: String,
    #[serde(default)]
    name: String,
    url: Option<String>,
    #[serde(default)]
    groups: Option<Vec<RawGroup>>,
    columns: Option<Vec<Value>>,
    items_count: Option<u64>,
}

#[derive(Deserialize)]
struct RawGroup {
    id: String,
}

/// Ids are texts; some tools write them as numbers.
fn id<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let value = Value::deserialize(deserializer)?;
    id_of(&value).ok_or_else(|| serde::de::Error::custom("an id is a text"))
}

pub(super) fn id_of(value: &Value) -> Option<String> {
    match value {
        Value::String(id) => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

/// The boards of an answer to `document::boards`.
pub fn boards(data: &Map<String, Value>) -> Vec<Board> {
    let Some(Value::Array(found)) = data.get("boards") else { return Vec::new() };
    found.iter().filter_map(board).collect()
}

fn board(json: &Value) -> Option<Board> {
    let raw: RawBoard = serde_json::from_value(json.clone()).ok()?;
    let columns = raw.columns.unwrap_or_default();
    Some(Board {
        id: raw.id,
        name: raw.name,
        url: raw.url,
        groups: raw.groups.unwrap_or_default().into_iter().map(|group| group.id).collect(),
        columns_json: Value::Array(columns.clone()).to_string(),
        columns: columns_of(&columns),
        items_count: raw.items_count,
        newest_item: json.pointer("/items_page/items/0/id").and_then(id_of),
    })
}

fn columns_of(columns: &[Value]) -> BTreeMap<String, BoardColumn> {
    let read = columns.iter().filter_map(|column| serde_json::from_value::<BoardColumn>(column.clone()).ok());
    read.map(|column| (column.id.clone(), column)).collect()
}

/// The columns of a board as they were kept.
///
/// # Errors
/// Where they are no list.
pub fn columns_from_json(json: &str) -> serde_json::Result<BTreeMap<String, BoardColumn>> {
    Ok(columns_of(&serde_json::from_str::<Vec<Value>>(json)?))
}

/// The page of an answer to one of the documents that ask for items.
///
/// # Errors
/// Where the answer is not whole: without a list of items, with items that are null, or without the key column of any.
pub fn items_page(document: &Document, data: &Map<String, Value>) -> Result<ItemsPage, NotWhole> {
    let board = data.get("boards").and_then(|boards| boards.get(0));
    // Which of them an answer has depends on what was asked.
    let page = board.and_then(|board| board.get("items_page"));
    let page = page.or_else(|| data.get("next_items_page")).or_else(|| data.get("items_page_by_column_values"));
    let items = page.and_then(|page| page.get("items")?.as_array()).ok_or(NotWhole::NoList)?;
    let items: Option<Vec<Item>> = items.iter().map(item).collect();
    let items = items.ok_or(NotWhole::NullItems)?;
    for column in &document.key_columns {
        if !items.iter().all(|item| item.columns.contains_key(column)) {
            return Err(NotWhole::ColumnLeftOut(column.clone()));
        }
    }
    let cursor = page.and_then(|page| page.get("cursor")?.as_str()).filter(|cursor| !cursor.is_empty());
    let items_count = board.and_then(|board| board.get("items_count")?.as_u64());
    Ok(ItemsPage { items_count, cursor: cursor.map(str::to_owned), items })
}

fn item(json: &Value) -> Option<Item> {
    let columns = json.get("column_values").and_then(Value::as_array);
    Some(Item {
        id: id_of(json.get("id")?)?,
        name: json.get("name").and_then(Value::as_str).unwrap_or_default().to_owned(),
        columns: columns
            .into_iter()
            .flatten()
            .filter_map(|value| Some((id_of(value.get("id")?)?, shown(value))))
            .collect(),
        created_at: time(json.get("created_at")),
        updated_at: time(json.get("updated_at")),
    })
}

fn time(json: Option<&Value>) -> Option<Timestamp> {
    json?.as_str()?.parse().ok()
}

fn shown(value: &Value) -> ColumnContent {
    ColumnContent {
        text: value.get("text").and_then(Value::as_str).map(str::to_owned),
        value: match value.get("value") {
            None | Some(Value::Null) => None,
            Some(Value::String(json)) => Some(json.clone()),
            Some(json) => Some(json.to_string()),
        },
        linked_item_ids: value
            .get("linked_item_ids")
            .and_then(Value::as_array)
            .map(|ids| ids.iter().filter_map(id_of).collect()),
    }
}

/// The states of an answer to `document::item_states`. Items that monday knows no more are left out of it.
///
/// # Errors
/// Where the answer is not whole: without a list of items, or with items that are null.
pub fn item_states(data: &Map<String, Value>) -> Result<Vec<ItemState>, NotWhole> {
    list_of(data, state)
}

/// The items of an answer to `document::items_by_id`. Items that monday knows no more are left out of it.
///
/// # Errors
/// As [`item_states`].
pub fn items_by_id(data: &Map<String, Value>) -> Result<Vec<PlacedItem>, NotWhole> {
    list_of(data, |json| Some(PlacedItem { item: item(json)?, state: state(json)? }))
}

fn list_of<T>(data: &Map<String, Value>, read: impl Fn(&Value) -> Option<T>) -> Result<Vec<T>, NotWhole> {
    let items = data.get("items").and_then(Value::as_array).ok_or(NotWhole::NoList)?;
    items.iter().map(read).collect::<Option<Vec<T>>>().ok_or(NotWhole::NullItems)
}

fn state(item: &Value) -> Option<ItemState> {
    Some(ItemState {
        id: id_of(item.get("id")?)?,
        is_active: item.get("state").and_then(Value::as_str).is_none_or(|state| state == "active"),
        board: item.get("board").and_then(|board| id_of(board.get("id")?)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monday::document;
    use serde_json::json;

    fn object(json: Value) -> Map<String, Value> {
        json.as_object().cloned().expect("an object")
    }

    #[test]
    fn a_page_of_items_is_read_with_its_cursor_and_relations() {
        let data = object(json!({"boards": [{"items_page": {"cursor": "c1", "items": [
            {"id": "9007199254740993", "name": "A", "column_values": [
                {"id": "text_key", "text": "unit:1", "value": "\"unit:1\""},
                {"id": "link", "text": null, "value": null, "linked_item_ids": ["5"]}]}]}}]}));
        let page = items_page(&document::first_items("1", &["text_key"], &["text_key"], 500), &data).expect("a page");
        assert_eq!(page.cursor.as_deref(), Some("c1"));
        let item = page.items.first().expect("an item");
        assert_eq!(item.id, "9007199254740993");
        assert_eq!(item.columns["link"].linked_item_ids, Some(vec!["5".to_owned()]));
        assert_eq!(item.columns["text_key"].text.as_deref(), Some("unit:1"));
    }

    #[test]
    fn a_board_that_is_not_there_is_no_empty_page() {
        let data = object(json!({"boards": []}));
        assert_eq!(items_page(&document::first_items("1", &[], &[], 500), &data), Err(NotWhole::NoList));
        assert!(boards(&data).is_empty());
    }

    #[test]
    fn a_page_is_whole_only_if_every_item_is_there_with_its_key_column() {
        let document = document::first_items("1", &["text_key"], &["text_key"], 500);
        let read = |items: Value| {
            let data = object(json!({"boards": [{"items_count": 2, "items_page": {"cursor": null, "items": items}}]}));
            items_page(&document, &data).map(|page| (page.items.len(), page.items_count))
        };
        let good = json!({"id": "1", "name": "A", "column_values": [{"id": "text_key", "text": ""}]});
        assert_eq!(read(json!([good, good])), Ok((2, Some(2))));
        assert_eq!(read(json!([good, null])), Err(NotWhole::NullItems));
        assert_eq!(read(json!([good, {"name": "B"}])), Err(NotWhole::NullItems));
        let bare = [json!({"id": "2", "name": "B"}), json!({"id": "2", "name": "B", "column_values": []})];
        for bare in bare {
            assert_eq!(read(json!([good, bare])), Err(NotWhole::ColumnLeftOut("text_key".to_owned())));
        }
        assert_eq!(read(Value::Null), Err(NotWhole::NoList));
    }

    #[test]
    fn an_answer_about_items_by_their_ids_is_whole_only_without_nulls() {
        let states = |items: Value| item_states(&object(json!({ "items": items }))).map(|states| states.len());
        assert_eq!(states(json!([{"id": "1", "state": "active", "board": {"id": "7"}}])), Ok(1));
        assert_eq!(states(json!([])), Ok(0));
        assert_eq!(states(json!([null])), Err(NotWhole::NullItems));
        assert_eq!(states(Value::Null), Err(NotWhole::NoList));
        assert_eq!(items_by_id(&object(json!({"items": [null]}))), Err(NotWhole::NullItems));
    }
}
