//! Past the API: what a person does on the board, and what a test wants to see of it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Monday;
use super::board::{Column, Item, Life, State, add_label};
use super::cell::Cell;
use super::mutation::{apply, check_values};

/// Cells of a table are cut to this many characters.
const WIDEST_CELL: usize = 24;
/// Columns beyond this width are left out of a table.
const WIDEST_TABLE: usize = 140;

/// An item as tests compare it.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemView {
    /// Numeric string.
    pub id: String,
    /// Name.
    pub name: String,
    /// `active`, `archived` or `deleted`.
    pub state: String,
    /// Id of the group.
    pub group: String,
    /// By column id; empty columns are absent.
    ///
    /// Texts, numbers, dates, phones and e-mail addresses are strings, a status is its label, a country its code,
    /// a ticked checkbox `true`. A dropdown is a list of labels, connected boards a list of item ids. A timeline has
    /// `from` and `to`, a link `url` and `text`, a location `lat`, `lng` and `address`.
    pub values: BTreeMap<String, Value>,
}

/// What people do by hand. Wrong ids and values are mistakes of the test and panic.
impl Monday {
    /// Adds a board with a name column, one group `topics`, and these columns: id, type and settings.
    ///
    /// Labels may be given as `{"labels": ["A", "B"]}`, connected boards as `{"boardIds": [1]}`; numeric strings are
    /// understood too. Without settings: `Value::Null`.
    pub fn add_board(&mut self, name: &str, columns: &[(&str, &str, Value)]) -> String {
        let titled: Vec<_> = columns.iter().map(|(id, kind, settings)| (*id, *id, *kind, settings.clone())).collect();
        self.add_titled_board(name, &titled)
    }

    /// The columns have id, title, type and settings.
    pub fn add_titled_board(&mut self, name: &str, columns: &[(&str, &str, &str, Value)]) -> String {
        let id = self.state.add_board(name).to_string();
        for (column, title, kind, settings) in columns {
            self.add_column(&id, Column::new(column, title, kind), settings);
        }
        id
    }

    fn add_column(&mut self, board: &str, column: Column, settings: &Value) {
        let id = column.id.clone();
        let board = self.state.board_mut(board).expect("a test adds columns to a board that there is");
        let added = column.configured(settings).and_then(|column| board.add_column(column, None));
        added.unwrap_or_else(|refusal| panic!("column `{id}`: {}", refusal.message));
    }

    /// All boards, by id: name.
    pub fn boards(&self) -> BTreeMap<String, String> {
        self.state.boards.values().map(|board| (board.id.to_string(), board.name.clone())).collect()
    }

    /// All items ever made on a board, in the order of their creation; none for an unknown board.
    pub fn items(&self, board_id: &str) -> Vec<ItemView> {
        let Ok(board) = self.state.board(board_id) else { return Vec::new() };
        let items = board.items.iter().filter_map(|id| self.state.items.get(id));
        items.map(|item| view(&self.state, item)).collect()
    }

    /// One item, whatever its state.
    pub fn item(&self, item_id: &str) -> Option<ItemView> {
        self.state.items.get(&item_id.parse().ok()?).map(|item| view(&self.state, item))
    }

    /// `values` in the form of `column_values`, as an object. Missing labels are made. Gives the item's id.
    pub fn create_item_by_hand(&mut self, board_id: &str, name: &str, values: &Value) -> String {
        let board = self.state.board(board_id).expect("a test adds items to a board that there is").id;
        let item = self.state.add_item(board, None, name, BTreeMap::new());
        let item = item.unwrap_or_else(|refusal| panic!("item `{name}`: {}", refusal.message));
        self.change_by_hand(item, values.as_object().cloned().unwrap_or_default());
        item.to_string()
    }

    /// Changes one column (or `name`) of an active item; null clears it. Missing labels are made.
    pub fn edit_by_hand(&mut self, item_id: &str, column: &str, value: &Value) {
        let item = self.state.active_item(item_id).expect("a test edits an item that is active").id;
        self.change_by_hand(item, Map::from_iter([(column.to_owned(), value.clone())]));
    }

    fn change_by_hand(&mut self, item: u64, values: Map<String, Value>) {
        let board = &self.state.boards[&self.state.items[&item].board];
        let changed =
            check_values(&self.state, board, &values, true).and_then(|checked| apply(&mut self.state, item, checked));
        changed.unwrap_or_else(|refusal| panic!("values {values:?}: {}", refusal.message));
    }

    /// Archives an item.
    pub fn archive_by_hand(&mut self, item_id: &str) {
        self.set_life_by_hand(item_id, Life::Archived);
    }

    /// Deletes an item.
    pub fn delete_by_hand(&mut self, item_id: &str) {
        self.set_life_by_hand(item_id, Life::Deleted);
    }

    /// Brings an archived or deleted item back.
    pub fn restore_by_hand(&mut self, item_id: &str) {
        self.set_life_by_hand(item_id, Life::Active);
    }

    fn set_life_by_hand(&mut self, item_id: &str, life: Life) {
        let id = item_id.parse().ok().filter(|id| self.state.items.contains_key(id));
        self.state.set_life(id.expect("a test archives and deletes items that there are"), life);
    }

    /// Switches an automation of a board on or off that archives every new item at once.
    pub fn archive_new_items(&mut self, board_id: &str, is_on: bool) {
        let board = self.state.board_mut(board_id).expect("a test automates a board that there is");
        board.archives_new_items = is_on;
    }

    /// Lets a column keep what is written to it in another form from now on: as monday does with some phone numbers and links.
    pub fn keep_in_form(&mut self, board_id: &str, column: &str, form: fn(&str) -> String) {
        let board = self.state.board_mut(board_id).expect("a test changes a board that there is");
        board.column(column).expect("a test changes a column that there is");
        board.forms.insert(column.to_owned(), form);
    }

    /// Moves an item to another board; values of columns that are not there, or are of another type, are lost.
    pub fn move_by_hand(&mut self, item_id: &str, board_id: &str) {
        let item = self.state.active_item(item_id).expect("a test moves an item that is active").id;
        self.state.move_item(item, board_id).expect("a test moves items to a board that there is");
    }

    /// Takes a column with all its values off a board, into the account's bin; no new column ever gets its id.
    pub fn remove_column(&mut self, board_id: &str, column: &str) {
        let board = self.state.board_mut(board_id).expect("a test removes columns of a board that there is");
        let removed = board.remove_column(column);
        let removed = removed.unwrap_or_else(|| panic!("board {board_id} has no column `{column}` to remove"));
        let board = board.id;
        let values = self.clear_column(board, column);
        self.state.boards.get_mut(&board).expect("the board").bin.push((removed, values));
    }

    /// Takes a column of every board out of the bin again, with the values that it had, where their items are on its board still.
    /// Source: monday's help on the recycle bin: for 30 days.
    pub fn restore_columns(&mut self) {
        for board in self.state.boards.values_mut() {
            for (column, values) in std::mem::take(&mut board.bin) {
                for (item, cell) in values {
                    let item = self.state.items.get_mut(&item).filter(|item| item.board == board.id);
                    item.map(|item| item.values.insert(column.id.clone(), cell));
                }
                board.restore_column(column);
            }
        }
    }

    /// Makes a column one of another type; its id stays, its values do not fit and are lost. Gives its former type.
    pub fn retype_column(&mut self, board_id: &str, column: &str, kind: &str) -> String {
        let former = std::mem::replace(&mut self.column_mut(board_id, column).kind, kind.to_owned());
        let board = self.state.board(board_id).expect("a test retypes columns of a board that there is").id;
        self.clear_column(board, column);
        former
    }

    /// Empties a column; gives what its items had.
    fn clear_column(&mut self, board: u64, column: &str) -> BTreeMap<u64, Cell> {
        let items = self.state.boards[&board].items.clone();
        let taken = |id: u64| Some((id, self.state.items.get_mut(&id)?.values.remove(column)?));
        items.into_iter().filter_map(taken).collect()
    }

    /// Adds a label to a status or dropdown column.
    pub fn add_label(&mut self, board_id: &str, column: &str, label: &str) {
        let column = self.column_mut(board_id, column);
        add_label(&column.kind, &mut column.labels, label, None).expect("a test adds labels that can be");
    }

    /// Renames a label of a status or dropdown column; items that have it keep it.
    pub fn rename_label(&mut self, board_id: &str, column: &str, old: &str, new: &str) {
        let mut labels = self.column_mut(board_id, column).labels.iter_mut();
        let label = labels.find(|label| label.text == old).expect("a test renames labels that there are");
        label.text = new.to_owned();
    }

    fn column_mut(&mut self, board_id: &str, column: &str) -> &mut Column {
        let board = self.state.board_mut(board_id).expect("a test names a board that there is");
        let mut columns = board.columns.iter_mut();
        columns.find(|known| known.id == column).expect("a test names a column that there is")
    }

    /// Values of the key column that more than one active item has. Empty ones do not count.
    pub fn duplicate_keys(&self, board_id: &str, key_column: &str) -> Vec<String> {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for item in self.items(board_id) {
            let key = item.values.get(key_column).and_then(Value::as_str);
            if let Some(key) = key.filter(|_| item.state == "active") {
                *counts.entry(key.to_owned()).or_default() += 1;
            }
        }
        counts.into_iter().filter(|(_, count)| *count > 1).map(|(key, _)| key).collect()
    }

    /// The board's first active items as an aligned table for a terminal; columns that are empty in all of them, and
    /// columns for which there is no room, are left out.
    pub fn table(&self, board_id: &str, limit: usize) -> String {
        let Ok(board) = self.state.board(board_id) else { return format!("no board {board_id}\n") };
        let active =
            || board.items.iter().filter_map(|id| self.state.items.get(id)).filter(|item| item.life == Life::Active);
        let shown: Vec<&Item> = active().take(limit).collect();
        let mut lines = vec![String::new(); shown.len() + 1];
        for column in &board.columns {
            let cells: Vec<String> = shown.iter().map(|item| cell_of_table(&self.state, item, column)).collect();
            let width = cells.iter().map(|cell| cell.chars().count()).max().unwrap_or(0);
            let title = cut(&column.title);
            let width = width.max(title.chars().count());
            let is_empty = cells.iter().all(String::is_empty) && column.kind != "name";
            if is_empty || lines[0].chars().count() + width > WIDEST_TABLE {
                continue;
            }
            for (line, cell) in lines.iter_mut().zip(std::iter::once(&title).chain(&cells)) {
                line.push_str(&format!("{cell:width$}  "));
            }
        }
        let rule: String = lines[0].trim_end().chars().map(|_| '-').collect();
        lines.insert(1, rule);
        let left = active().count() - shown.len();
        if left > 0 {
            lines.push(format!("... and {left} more"));
        }
        let lines = lines.iter().map(|line| format!("{}\n", line.trim_end()));
        format!("{} (board {})\n{}", board.name, board.id, lines.collect::<String>())
    }
}

fn view(state: &State, item: &Item) -> ItemView {
    let columns = state.boards.get(&item.board).map(|board| board.columns.as_slice()).unwrap_or_default();
    let values =
        columns.iter().filter_map(|column| Some((column.id.clone(), item.values.get(&column.id)?.plain(column))));
    ItemView {
        id: item.id.to_string(),
        name: item.name.clone(),
        state: item.life.name().to_owned(),
        group: item.group.clone(),
        values: values.collect(),
    }
}

fn cell_of_table(state: &State, item: &Item, column: &Column) -> String {
    let text = match item.values.get(&column.id) {
        _ if column.kind == "name" => item.name.clone(),
        Some(Cell::Relation(ids)) => {
            let names = ids.iter().filter_map(|id| state.items.get(id)).map(|item| item.name.as_str());
            names.collect::<Vec<_>>().join(", ")
        }
        Some(cell) => cell.text(column).unwrap_or_default(),
        None => String::new(),
    };
    cut(&text)
}

/// One line, and no longer than a cell.
fn cut(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match text.char_indices().nth(WIDEST_CELL) {
        Some(_) => text.chars().take(WIDEST_CELL - 1).chain(['…']).collect(),
        None => text,
    }
}
