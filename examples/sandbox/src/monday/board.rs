//! What the sandbox's account holds: boards, groups, columns, labels, items. No HTTP and no GraphQL here.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::bulk::Bulk;
use super::cell::Cell;
use super::column::whole_number;
use super::errors::Refusal;
use super::search::Cursor;
use super::traits::BoardTraits;
use super::troubles::Pace;

/// The first id given out; above 2^32, so that a client with 32-bit ids, or with floats, is found out.
const FIRST_ID: u64 = 9_007_199_254_741_001;
/// Source: monday's help on boards.
const ITEMS_LIMIT: u64 = 10_000;
/// Source: monday's reference of the status column.
pub(super) const MOST_STATUS_LABELS: usize = 40;
/// Source: as above.
pub(super) const LONGEST_STATUS_LABEL: usize = 30;
/// Source: monday's reference of items.
const LONGEST_NAME: usize = 255;
/// The workspace that there is from the start.
pub(super) const WORKSPACE_ID: u64 = 4_294_967_399;

/// The colours of status labels, each with the id that its label gets: the id is not the position.
pub(super) const COLORS: [(&str, u64); 40] = [
    ("working_orange", 0),
    ("done_green", 1),
    ("stuck_red", 2),
    ("dark_blue", 3),
    ("purple", 4),
    ("explosive", 5),
    ("grass_green", 6),
    ("bright_blue", 7),
    ("saladish", 8),
    ("egg_yolk", 9),
    ("blackish", 10),
    ("dark_red", 11),
    ("sofia_pink", 12),
    ("lipstick", 13),
    ("dark_purple", 14),
    ("bright_green", 15),
    ("chili_blue", 16),
    ("american_gray", 17),
    ("brown", 18),
    ("dark_orange", 19),
    ("sunset", 101),
    ("bubble", 102),
    ("peach", 103),
    ("berry", 104),
    ("winter", 105),
    ("river", 106),
    ("navy", 107),
    ("aquamarine", 108),
    ("indigo", 109),
    ("dark_indigo", 110),
    ("pecan", 151),
    ("lavender", 152),
    ("royal", 153),
    ("steel", 154),
    ("orchid", 155),
    ("lilac", 156),
    ("tan", 157),
    ("sky", 158),
    ("coffee", 159),
    ("teal", 160),
];

/// Everything that a request can read or change.
#[derive(Debug)]
pub(super) struct State {
    /// Workspaces with their names.
    pub(super) workspaces: BTreeMap<u64, String>,
    /// When boards were made through the API.
    pub(super) made_boards: Vec<Timestamp>,
    pub(super) boards: BTreeMap<u64, Board>,
    pub(super) items: BTreeMap<u64, Item>,
    pub(super) cursors: HashMap<String, Cursor>,
    pub(super) items_limit: u64,
    /// Items that a page holds at most, however many are asked for.
    pub(super) page_items: usize,
    pub(super) missing_item_code: String,
    pub(super) archived_item_code: String,
    pub(super) search_lag: Duration,
    /// Columns and texts: a value of the column that contains the text is refused.
    pub(super) refused_values: Vec<(String, String)>,
    /// Columns that the token may not edit.
    pub(super) closed_columns: Vec<ClosedColumn>,
    /// Boards to which the token may write nothing.
    pub(super) forbidden_boards: BTreeSet<u64>,
    /// Texts that no item's name may contain, with the code that says so.
    pub(super) refused_names: Vec<(String, String)>,
    pub(super) does_count_lag: bool,
    /// Whether items cannot be ordered by when they were made or changed.
    pub(super) refuses_order_by_dates: bool,
    /// What boards are besides what they hold.
    pub(super) traits: BTreeMap<u64, BoardTraits>,
    /// The version that answers, whatever is asked for: the one asked for is retired.
    pub(super) served_version: Option<String>,
    pub(super) bulk: Bulk,
    /// The time where it does not pass by itself.
    set_to: Option<Timestamp>,
    ahead: SignedDuration,
    next_id: u64,
}

/// A column that the token may not edit.
#[derive(Debug)]
pub(super) struct ClosedColumn {
    board: u64,
    column: String,
    code: String,
    is_named: bool,
}
/// How a column keeps a text.
pub(super) type Form = fn(&str) -> String;

#[derive(Debug)]
pub(super) struct Board {
    pub(super) id: u64,
    pub(super) workspace: u64,
    /// When it was made through the API; by hand it was there before.
    pub(super) made: Option<Timestamp>,
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) kind: String,
    pub(super) groups: Vec<Group>,
    pub(super) columns: Vec<Column>,
    /// Every item ever made here, in order.
    pub(super) items: Vec<u64>,
    /// How many of them are active; counting them at each creation would be slow on a full board.
    pub(super) active: u64,
    /// Whether an automation archives each new item.
    pub(super) archives_new_items: bool,
    /// The columns that keep what is written in another form.
    pub(super) forms: BTreeMap<String, Form>,
    /// Ids of removed columns: monday gives none of them out again.
    removed_columns: BTreeSet<String>,
    /// The bin: removed columns with their values, by item.
    pub(super) bin: Vec<(Column, BTreeMap<u64, Cell>)>,
}

#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) id: String,
    pub(super) title: String,
}

#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) description: Option<String>,
    /// As in `ColumnType`.
    pub(super) kind: String,
    /// Without the labels.
    pub(super) settings: Map<String, Value>,
    pub(super) labels: Vec<Label>,
    pub(super) revision: u64,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Label {
    pub(super) id: u64,
    pub(super) text: String,
    pub(super) is_done: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
    Active,
    Archived,
    Deleted,
}

impl Life {
    pub(super) fn name(self) -> &'static str {
        match self {
            Life::Active => "active",
            Life::Archived => "archived",
            Life::Deleted => "deleted",
        }
    }
}

#[derive(Debug)]
pub(super) struct Item {
    pub(super) id: u64,
    pub(super) board: u64,
    pub(super) name: String,
    pub(super) life: Life,
    pub(super) group: String,
    pub(super) values: BTreeMap<String, Cell>,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
}

impl State {
    pub(super) fn new() -> Self {
        Self {
            workspaces: BTreeMap::from([(WORKSPACE_ID, "Main workspace".to_owned())]),
            made_boards: Vec::new(),
            boards: BTreeMap::new(),
            items: BTreeMap::new(),
            cursors: HashMap::new(),
            items_limit: ITEMS_LIMIT,
            page_items: usize::MAX,
            missing_item_code: "ResourceNotFoundException".into(),
            archived_item_code: "InvalidArgumentException".into(),
            search_lag: Duration::ZERO,
            refused_values: Vec::new(),
            closed_columns: Vec::new(),
            forbidden_boards: BTreeSet::new(),
            refused_names: Vec::new(),
            does_count_lag: false,
            refuses_order_by_dates: false,
            traits: BTreeMap::new(),
            served_version: None,
            bulk: Bulk::new(),
            set_to: None,
            ahead: SignedDuration::ZERO,
            next_id: FIRST_ID,
        }
    }

    pub(super) fn traits_of(&self, board: u64) -> BoardTraits {
        self.traits.get(&board).cloned().unwrap_or_default()
    }

    /// Whether a value of a column is refused by a test.
    pub(super) fn refuses(&self, column: &str, value: &serde_json::Value) -> bool {
        let value = value.to_string();
        self.refused_values.iter().any(|(of, text)| of == column && value.contains(text))
    }

    /// The sandbox's clock: the machine's or the one that was set, and what tests added to it.
    pub(super) fn now(&self) -> Timestamp {
        self.set_to.unwrap_or_else(Timestamp::now) + self.ahead
    }

    pub(super) fn set_time(&mut self, now: Timestamp) {
        self.set_to = Some(now);
    }

    pub(super) fn advance(&mut self, by: Duration) {
        self.ahead += SignedDuration::try_from(by).expect("a test's time step is small");
    }

    pub(super) fn close_column(&mut self, board: &str, column: &str, code: &str, is_named: bool) {
        let board = self.board(board).expect("a test closes a column of a board that there is").id;
        self.closed_columns.push(ClosedColumn { board, column: column.to_owned(), code: code.to_owned(), is_named });
    }

    /// Why a value of this column is refused whatever it is.
    pub(super) fn closed(&self, board: u64, column: &str) -> Option<Refusal> {
        let closed = self.closed_columns.iter().find(|closed| closed.board == board && closed.column == column)?;
        let refusal = Refusal::new(&closed.code, 403, "User unauthorized to perform action");
        Some(if closed.is_named { refusal.data("column_id", column) } else { refusal })
    }

    /// Why a name is refused.
    pub(super) fn refused_name(&self, name: &str) -> Option<Refusal> {
        let (_, code) = self.refused_names.iter().find(|(text, _)| name.contains(text.as_str()))?;
        Some(Refusal::new(code, 400, "The item could not be named so"))
    }

    /// The id that no item from before has.
    pub(super) fn next_item(&self) -> u64 {
        self.next_id + 1
    }

    /// The items made since then come to be found one by one: their work goes on though it was cut off.
    pub(super) fn show_later(&mut self, first: u64, pace: Pace) {
        let begun = self.now() - pace.cut_off;
        for (made, (_, item)) in self.items.range_mut(first..).enumerate() {
            item.created = begun + pace.each * u32::try_from(made + 1).unwrap_or(u32::MAX);
        }
    }

    /// Ids have gaps, as in an account that others use too.
    pub(super) fn new_id(&mut self) -> u64 {
        self.next_id += 7;
        self.next_id
    }

    pub(super) fn board(&self, id: &str) -> Result<&Board, Refusal> {
        id.parse().ok().and_then(|id: u64| self.boards.get(&id)).ok_or_else(|| Refusal::no_board(id))
    }

    pub(super) fn board_mut(&mut self, id: &str) -> Result<&mut Board, Refusal> {
        id.parse().ok().and_then(|id: u64| self.boards.get_mut(&id)).ok_or_else(|| Refusal::no_board(id))
    }

    pub(super) fn item(&self, id: &str) -> Result<&Item, Refusal> {
        id.parse()
            .ok()
            .and_then(|id: u64| self.items.get(&id))
            .filter(|item| item.life != Life::Deleted)
            .ok_or_else(|| self.missing_item(id))
    }

    /// An item that may be written to.
    pub(super) fn active_item(&self, id: &str) -> Result<&Item, Refusal> {
        let item = self.item(id)?;
        if item.life != Life::Active {
            let message = "The item is archived, this action can be done on active items only";
            return Err(Refusal::new(&self.archived_item_code, 400, message).data("item_id", id));
        }
        Ok(item)
    }

    pub(super) fn missing_item(&self, id: &str) -> Refusal {
        Refusal::new(&self.missing_item_code, 404, "The item does not exist").data("item_id", id)
    }

    pub(super) fn add_board(&mut self, name: &str) -> u64 {
        let id = self.new_id();
        let board = Board {
            id,
            workspace: WORKSPACE_ID,
            made: None,
            name: name.to_owned(),
            description: None,
            kind: "public".into(),
            groups: vec![Group { id: "topics".into(), title: "Group Title".into() }],
            columns: vec![Column::new("name", "Name", "name")],
            items: Vec::new(),
            active: 0,
            archives_new_items: false,
            forms: BTreeMap::new(),
            removed_columns: BTreeSet::new(),
            bin: Vec::new(),
        };
        self.boards.insert(id, board);
        id
    }

    /// The board must have room and the group must exist; the values were checked before.
    pub(super) fn add_item(
        &mut self,
        board: u64,
        group: Option<&str>,
        name: &str,
        values: BTreeMap<String, Cell>,
    ) -> Result<u64, Refusal> {
        let name = checked_name(name)?;
        if let Some(refusal) = self.refused_name(&name) {
            return Err(refusal);
        }
        let (id, now, limit) = (self.new_id(), self.now(), self.items_limit);
        let board = self.boards.get_mut(&board).ok_or_else(|| Refusal::no_board(&board.to_string()))?;
        let group = match group {
            Some(group) => board.group(group)?.id.clone(),
            None => board.groups.first().map(|group| group.id.clone()).unwrap_or_default(),
        };
        if board.active >= limit {
            return Err(Refusal::new(
                "ItemsLimitationException",
                400,
                "Items limitation has been reached for this board",
            )
            .data("board_id", board.id.to_string())
            .data("items_limit", limit));
        }
        board.items.push(id);
        board.active += 1;
        let item = Item { id, board: board.id, name, life: Life::Active, group, values, created: now, updated: now };
        self.items.insert(id, item);
        Ok(id)
    }

    /// How many items of a board are seen: all that are active, or those that searches know.
    pub(super) fn items_count(&self, board: &Board) -> u64 {
        if !self.does_count_lag {
            return board.active;
        }
        let items = board.items.iter().filter_map(|id| self.items.get(id));
        items.filter(|item| item.life == Life::Active && self.is_known_to_searches(item)).count() as u64
    }

    /// Whether an item is old enough for searches to know it.
    pub(super) fn is_known_to_searches(&self, item: &Item) -> bool {
        let lag = SignedDuration::try_from(self.search_lag).unwrap_or(SignedDuration::MAX);
        self.now().duration_since(item.created) >= lag
    }

    /// Whether a board is old enough for searches to know it.
    pub(super) fn knows_board(&self, board: &Board) -> bool {
        let lag = SignedDuration::try_from(self.search_lag).unwrap_or(SignedDuration::MAX);
        board.made.is_none_or(|made| self.now().duration_since(made) >= lag)
    }

    pub(super) fn set_life(&mut self, id: u64, life: Life) {
        let now = self.now();
        let Some(item) = self.items.get_mut(&id) else { return };
        let board = self.boards.get_mut(&item.board).expect("an item's board stays");
        board.active -= u64::from(item.life == Life::Active);
        board.active += u64::from(life == Life::Active);
        item.life = life;
        item.updated = now;
    }

    /// Values go along where the other board has a column of the same id and type.
    pub(super) fn move_item(&mut self, id: u64, board: &str) -> Result<(), Refusal> {
        let to = self.board(board)?;
        let (to_id, group, columns) = (to.id, to.groups.first().map(|group| group.id.clone()), to.columns.clone());
        let item = self.items.get_mut(&id).ok_or_else(|| Refusal::no_board(board))?;
        let from = self.boards.get_mut(&item.board).expect("an item's board stays");
        item.values.retain(|column, _| {
            let kind = from.column(column).map(|column| column.kind.clone()).unwrap_or_default();
            columns.iter().any(|other| other.id == *column && other.kind == kind && !other.has_labels())
        });
        from.items.retain(|other| *other != id);
        from.active -= u64::from(item.life == Life::Active);
        item.board = to_id;
        item.group = group.unwrap_or_default();
        let to = self.board_mut(board)?;
        to.items.push(id);
        to.active += 1;
        Ok(())
    }
}

/// Trimmed, and of a length that monday takes.
pub(super) fn checked_name(name: &str) -> Result<String, Refusal> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Refusal::new("InvalidItemNameException", 400, "Item name can't be empty"));
    }
    if name.chars().count() > LONGEST_NAME {
        return Err(
            Refusal::new("ItemNameTooLongException", 400, "Item name is too long").data("max_length", LONGEST_NAME)
        );
    }
    Ok(name.to_owned())
}

impl Board {
    pub(super) fn column(&self, id: &str) -> Result<&Column, Refusal> {
        self.columns.iter().find(|column| column.id == id).ok_or_else(|| Refusal::no_column(self.id, id))
    }

    pub(super) fn group(&self, id: &str) -> Result<&Group, Refusal> {
        self.groups.iter().find(|group| group.id == id).ok_or_else(|| {
            Refusal::new("ResourceNotFoundException", 404, "Group not found")
                .data("board_id", self.id.to_string())
                .data("group_id", id)
        })
    }

    /// `after` names the column to its left; without it the column comes last.
    pub(super) fn add_column(&mut self, column: Column, after: Option<&str>) -> Result<(), Refusal> {
        let well_formed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let id = column.id.as_str();
        if id.is_empty() || id.len() > 20 || !id.chars().all(well_formed) {
            return Err(Refusal::argument(
                "Column id must be 1-20 characters long and contain only lower case letters, digits and underscores",
            )
            .data("column_id", id));
        }
        if self.removed_columns.contains(id) || self.columns.iter().any(|other| other.id == id) {
            return Err(Refusal::argument("Column id is already taken").data("column_id", id));
        }
        let place = match after {
            Some(after) => {
                1 + self
                    .columns
                    .iter()
                    .position(|other| other.id == after)
                    .ok_or_else(|| Refusal::no_column(self.id, after))?
            }
            None => self.columns.len(),
        };
        self.columns.insert(place, column);
        Ok(())
    }

    pub(super) fn remove_column(&mut self, id: &str) -> Option<Column> {
        let place = self.columns.iter().position(|column| column.id == id && column.kind != "name")?;
        self.removed_columns.insert(id.to_owned());
        Some(self.columns.remove(place))
    }

    /// Puts a removed column back.
    pub(super) fn restore_column(&mut self, column: Column) {
        self.removed_columns.remove(&column.id);
        self.columns.push(column);
    }
}

impl Column {
    pub(super) fn new(id: &str, title: &str, kind: &str) -> Self {
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            description: None,
            kind: kind.to_owned(),
            settings: Map::new(),
            labels: Vec::new(),
            revision: 1,
        }
    }

    /// Takes settings as `create_column` and the typed mutations give them: labels as texts, as objects, or
    /// (the older form of a status column) as an object of id and text.
    pub(super) fn configured(mut self, settings: &Value) -> Result<Self, Refusal> {
        let mut settings = match settings {
            Value::Null => Map::new(),
            Value::Object(settings) => settings.clone(),
            _ => return Err(Refusal::argument("Column defaults must be an object")),
        };
        // Ids of boards are numbers in settings, however they came.
        if let Some(Value::Array(boards)) = settings.get_mut("boardIds") {
            boards.iter_mut().for_each(|id| *id = whole_number(id).into());
        }
        let labels = settings.remove("labels").unwrap_or(Value::Null);
        self.settings = settings;
        match labels {
            Value::Null => {}
            _ if !self.has_labels() => return Err(Refusal::argument("This column type has no labels")),
            Value::Array(labels) => {
                for label in &labels {
                    self.add_described_label(label)?;
                }
            }
            Value::Object(labels) if self.kind == "status" => {
                for (id, text) in &labels {
                    self.add_described_label(&json!({ "id": id, "label": text }))?;
                }
            }
            _ => return Err(Refusal::argument("Column labels must be a list")),
        }
        Ok(self)
    }

    fn add_described_label(&mut self, label: &Value) -> Result<(), Refusal> {
        let text = label.as_str().or_else(|| label["label"].as_str()).unwrap_or_default();
        let by_color = COLORS.iter().find(|(color, _)| label["color"] == *color).map(|(_, id)| *id);
        let by_id = whole_number(&label["id"]);
        let id = add_label(&self.kind, &mut self.labels, text, by_color.or(by_id)).map_err(Refusal::argument)?;
        if label["is_done"] == true {
            self.labels.iter_mut().filter(|label| label.id == id).for_each(|label| label.is_done = true);
        }
        Ok(())
    }

    pub(super) fn has_labels(&self) -> bool {
        matches!(self.kind.as_str(), "status" | "dropdown")
    }

    /// `settings` as monday gives them back.
    pub(super) fn settings(&self) -> Value {
        let mut settings = self.settings.clone();
        if self.has_labels() {
            let labels = self.labels.iter().enumerate().map(|(index, label)| {
                let mut entry = json!({ "id": label.id, "label": label.text, "is_deactivated": false });
                if self.kind == "status" {
                    let color = COLORS.iter().find(|(_, id)| *id == label.id).map_or("dark_blue", |(color, _)| color);
                    entry["index"] = index.into();
                    entry["color"] = color.into();
                    entry["is_done"] = label.is_done.into();
                }
                entry
            });
            settings.insert("labels".into(), labels.collect());
        }
        Value::Object(settings)
    }

    /// The deprecated form: a text, and with other names inside.
    pub(super) fn settings_text(&self) -> String {
        let mut settings = self.settings.clone();
        match self.kind.as_str() {
            "status" => {
                let labels = self.labels.iter().map(|label| (label.id.to_string(), label.text.clone().into()));
                settings.insert("labels".into(), Value::Object(labels.collect()));
            }
            "dropdown" => {
                let labels = self.labels.iter().map(|label| json!({ "id": label.id, "name": label.text }));
                settings.insert("labels".into(), labels.collect());
            }
            _ => {}
        }
        Value::Object(settings).to_string()
    }

    /// The boards that a connect-boards column leads to.
    pub(super) fn connected(&self) -> Vec<u64> {
        let boards = self.settings.get("boardIds").and_then(Value::as_array);
        boards.into_iter().flatten().filter_map(whole_number).collect()
    }
}

/// Adds a label and gives its id: the one asked for, else the next that is free.
pub(super) fn add_label(kind: &str, labels: &mut Vec<Label>, text: &str, id: Option<u64>) -> Result<u64, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("a label needs a text".into());
    }
    if labels.iter().any(|label| label.text == text) {
        return Err(format!("label `{text}` exists already"));
    }
    if id.is_some_and(|id| labels.iter().any(|label| label.id == id)) {
        return Err(format!("two labels with one id or color, `{text}` is the second"));
    }
    let is_status = kind == "status";
    if is_status && text.chars().count() > LONGEST_STATUS_LABEL {
        return Err(format!("label `{text}` has more than {LONGEST_STATUS_LABEL} characters"));
    }
    if is_status && labels.len() >= MOST_STATUS_LABELS {
        return Err(format!("a status column has at most {MOST_STATUS_LABELS} labels"));
    }
    let is_free = |id: &u64| labels.iter().all(|label| label.id != *id);
    let id = match id {
        Some(id) => id,
        None if is_status => COLORS.iter().map(|(_, id)| *id).find(is_free).unwrap_or(200),
        None => labels.iter().map(|label| label.id).max().unwrap_or(0) + 1,
    };
    labels.push(Label { id, text: text.to_owned(), is_done: false });
    Ok(id)
}
