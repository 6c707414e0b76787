//! Documents about what surrounds items: the account and its allowance, workspaces, boards and their columns; and what the
//! answers say. As in [`super::document`], values travel in variables only.

use super::column::{BoardColumn, ColumnType};
use super::document::{Document, alias};
use super::read::id_of;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Boards, or workspaces, asked for in one page.
pub(crate) const PER_PAGE: usize = 100;
/// The colours of status labels in monday's order. Its grey one is left out: it stands for a blank.
const COLORS: [&str; 39] = [
    "working_orange",
    "done_green",
    "stuck_red",
    "dark_blue",
    "purple",
    "grass_green",
    "bright_blue",
    "saladish",
    "egg_yolk",
    "blackish",
    "dark_red",
    "sofia_pink",
    "lipstick",
    "dark_purple",
    "bright_green",
    "chili_blue",
    "american_gray",
    "brown",
    "dark_orange",
    "sunset",
    "bubble",
    "peach",
    "berry",
    "winter",
    "river",
    "navy",
    "aquamarine",
    "indigo",
    "dark_indigo",
    "pecan",
    "lavender",
    "royal",
    "steel",
    "orchid",
    "lilac",
    "tan",
    "sky",
    "coffee",
    "teal",
];
/// Most labels that a status column is made with.
pub(crate) const MOST_STATUS_LABELS: usize = COLORS.len();

/// Account that a token belongs to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Account {
    /// Its name.
    pub(crate) name: String,
    /// The name of the user whose token it is.
    pub(crate) user: String,
    /// Its plan, in monday's word.
    pub(crate) tier: Option<String>,
    /// The version of the API that answers.
    pub(crate) version: Option<String>,
    /// How many calls it may spend in a day; `None` where the token may not see that.
    pub(crate) daily_limit: Option<u64>,
}

/// Workspace, or board, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    /// Its id.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
    /// What it says of itself.
    pub(crate) description: String,
}

/// Board with its columns, and how much room is on it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BoardStructure {
    /// Its id.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
    /// Its address.
    pub(crate) url: Option<String>,
    /// What it says of itself.
    pub(crate) description: String,
    /// How many items it has.
    pub(crate) items_count: u64,
    /// Most items that it may have, where monday says so.
    pub(crate) items_limit: Option<u64>,
    /// Its columns by id.
    pub(crate) columns: BTreeMap<String, BoardColumn>,
}

/// Board to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewBoard {
    /// Its name.
    pub(crate) name: String,
    /// What it says of itself.
    pub(crate) description: String,
}

/// Column to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewColumn {
    /// Its id.
    pub(crate) id: String,
    /// Its title.
    pub(crate) title: String,
    /// What it says of itself.
    pub(crate) description: String,
    /// Its type.
    pub(crate) column_type: ColumnType,
    /// Its labels, of a status or a dropdown column.
    pub(crate) labels: Vec<String>,
    /// The boards that it connects to.
    pub(crate) boards: Vec<String>,
}

/// Asks whose the token is, and what the account may spend.
pub(crate) fn account() -> Document {
    let query = "query Account { me { id name account { id name tier } } version { value } \
                 platform_api { daily_limit { total } } }";
    Document::new("Account", query.to_owned(), Value::Null)
}

/// The account of an answer to [`account`]; `None` where the token belongs to nobody.
pub(crate) fn account_of(data: &Map<String, Value>) -> Option<Account> {
    let me = data.get("me").filter(|me| me.is_object())?;
    let account = me.get("account").unwrap_or(&Value::Null);
    Some(Account {
        name: text(account, "name").unwrap_or_default(),
        user: text(me, "name").unwrap_or_default(),
        tier: text(account, "tier"),
        version: data.get("version").and_then(|version| text(version, "value")),
        daily_limit: data.get("platform_api").and_then(|api| api.get("daily_limit")?.get("total")?.as_u64()),
    })
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name).and_then(Value::as_str).map(str::to_owned)
}

/// Asks for a page of the workspaces; the first is 1.
pub(crate) fn workspaces(page: usize) -> Document {
    let query = "query Workspaces($limit: Int!, $page: Int!) { workspaces(limit: $limit, page: $page) { id name } }";
    Document::new("Workspaces", query.to_owned(), json!({ "limit": PER_PAGE, "page": page }))
}

/// Asks for a page of the active boards of a workspace; the first is 1.
pub(crate) fn boards_of(workspace: &str, page: usize) -> Document {
    let query = "query BoardsOf($workspaces: [ID]!, $limit: Int!, $page: Int!) \
                 { boards(workspace_ids: $workspaces, limit: $limit, page: $page) { id name description } }";
    let variables = json!({ "workspaces": [workspace], "limit": PER_PAGE, "page": page });
    Document::new("BoardsOf", query.to_owned(), variables)
}

/// What an answer to [`workspaces`] or [`boards_of`] lists; `None` where it is no list.
pub(crate) fn named(data: &Map<String, Value>) -> Option<Vec<Named>> {
    let list = ["workspaces", "boards"].iter().find_map(|name| data.get(*name)?.as_array())?;
    let one = |value: &Value| {
        let (name, description) = (text(value, "name")?, text(value, "description").unwrap_or_default());
        Some(Named { id: id_of(value.get("id")?)?, name, description })
    };
    list.iter().map(one).collect()
}

/// Asks for boards with their columns, and how much room is on them.
pub(crate) fn board_structures(ids: &[&str]) -> Document {
    let query = "query BoardStructures($ids: [ID!]!, $limit: Int!) { boards(ids: $ids, limit: $limit) \
                 { id name url description items_count items_limit columns { id title type settings } } }";
    Document::new("BoardStructures", query.to_owned(), json!({ "ids": ids, "limit": ids.len() }))
}

/// The boards of an answer to [`board_structures`]; `None` where it is no list.
pub(crate) fn structures(data: &Map<String, Value>) -> Option<Vec<BoardStructure>> {
    let one = |value: &Value| {
        let columns = value.get("columns")?.as_array()?;
        let columns = columns.iter().filter_map(|column| serde_json::from_value::<BoardColumn>(column.clone()).ok());
        Some(BoardStructure {
            id: id_of(value.get("id")?)?,
            name: text(value, "name").unwrap_or_default(),
            url: text(value, "url"),
            description: text(value, "description").unwrap_or_default(),
            items_count: value.get("items_count").and_then(Value::as_u64).unwrap_or(0),
            items_limit: value.get("items_limit").and_then(Value::as_u64),
            columns: columns.map(|column| (column.id.clone(), column)).collect(),
        })
    };
    data.get("boards")?.as_array()?.iter().filter(|board| !board.is_null()).map(one).collect()
}

/// Makes boards in a workspace, without the columns and items that monday gives a board of its own accord.
pub(crate) fn create_boards(workspace: &str, boards: &[NewBoard]) -> Document {
    let mut call = Call::new("CreateBoards");
    call.declare("workspace".to_owned(), "ID!", json!(workspace));
    for (n, board) in boards.iter().enumerate() {
        call.declare(format!("n{n}"), "String!", json!(board.name));
        call.declare(format!("d{n}"), "String!", json!(board.description));
        call.field(
            n,
            &format!(
                "create_board(board_name: $n{n}, description: $d{n}, board_kind: public, empty: true, \
                 workspace_id: $workspace)"
            ),
        );
    }
    call.document()
}

/// Makes columns of a board.
pub(crate) fn create_columns(board: &str, columns: &[NewColumn]) -> Document {
    let mut call = Call::new("CreateColumns");
    call.declare("board".to_owned(), "ID!", json!(board));
    for (n, column) in columns.iter().enumerate() {
        call.declare(format!("i{n}"), "String!", json!(column.id));
        call.declare(format!("t{n}"), "String!", json!(column.title));
        call.declare(format!("d{n}"), "String!", json!(column.description));
        let which = format!("board_id: $board, id: $i{n}, title: $t{n}, description: $d{n}");
        let field = match column.column_type {
            ColumnType::Status => {
                call.declare(format!("s{n}"), "CreateStatusColumnSettingsInput", status_labels(&column.labels));
                format!("create_status_column({which}, defaults: $s{n})")
            }
            ColumnType::Dropdown => {
                let labels: Vec<Value> = column.labels.iter().map(|label| json!({ "label": label })).collect();
                call.declare(format!("s{n}"), "CreateDropdownColumnSettingsInput", json!({ "labels": labels }));
                format!("create_dropdown_column({which}, defaults: $s{n})")
            }
            ColumnType::BoardRelation => {
                call.declare(format!("s{n}"), "JSON!", connected(&column.boards));
                format!("create_column({which}, column_type: board_relation, defaults: $s{n})")
            }
            other => format!("create_column({which}, column_type: {})", other.name()),
        };
        call.field(n, &field);
    }
    call.document()
}

/// Labels with their colours and places; what has no colour left is left out.
fn status_labels(labels: &[String]) -> Value {
    let labels = labels.iter().zip(COLORS).enumerate();
    let labels: Vec<Value> =
        labels.map(|(index, (label, color))| json!({ "label": label, "color": color, "index": index })).collect();
    json!({ "labels": labels })
}

/// The settings of a column that connects to these boards, as monday takes them: JSON in a text; ids are numbers in it.
fn connected(boards: &[String]) -> Value {
    let boards: Vec<u64> = boards.iter().filter_map(|board| board.parse().ok()).collect();
    json!(json!({ "boardIds": boards, "allowMultipleItems": true }).to_string())
}

/// Call with several changes, while it is put together.
struct Call {
    operation: &'static str,
    declared: Vec<String>,
    variables: Map<String, Value>,
    fields: String,
}

impl Call {
    fn new(operation: &'static str) -> Call {
        Call { operation, declared: Vec::new(), variables: Map::new(), fields: String::new() }
    }

    fn declare(&mut self, name: String, graphql_type: &str, value: Value) {
        self.declared.push(format!("${name}: {graphql_type}"));
        self.variables.insert(name, value);
    }

    fn field(&mut self, position: usize, field: &str) {
        self.fields.push_str(&format!(" {}: {field} {{ id }}", alias(position)));
    }

    fn document(self) -> Document {
        let query = format!("mutation {}({}) {{{} }}", self.operation, self.declared.join(", "), self.fields);
        Document::new(self.operation, query, Value::Object(self.variables))
    }
}

/// One of each document.
pub(super) fn every_document() -> Vec<Document> {
    let column = |column_type| NewColumn {
        id: "id".to_owned(),
        title: "t".to_owned(),
        description: "d".to_owned(),
        column_type,
        labels: vec!["A".to_owned(), "B".to_owned()],
        boards: vec!["1".to_owned()],
    };
    let board = NewBoard { name: "n".to_owned(), description: "d".to_owned() };
    vec![
        account(),
        workspaces(1),
        boards_of("1", 1),
        board_structures(&["1"]),
        create_boards("1", &[board.clone(), board]),
        create_columns("1", &ColumnType::ALL.map(column)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(json: Value) -> Map<String, Value> {
        json.as_object().cloned().expect("an object")
    }

    #[test]
    fn an_account_is_known_by_its_user_and_may_keep_its_allowance_to_itself() {
        let me = json!({"id": "1", "name": "Anne", "account": {"id": "2", "name": "Acme", "tier": "free"}});
        let whole = json!({"me": me, "version": {"value": "2026-10"}, "platform_api": {"daily_limit": {"total": 200}}});
        let account = account_of(&object(whole)).expect("an account");
        assert_eq!((account.user.as_str(), account.name.as_str(), account.daily_limit), ("Anne", "Acme", Some(200)));
        assert_eq!(account.version.as_deref(), Some("2026-10"));
        let part = account_of(&object(json!({"me": me, "platform_api": null}))).expect("an account");
        assert_eq!((part.daily_limit, part.version), (None, None));
        assert_eq!(account_of(&object(json!({ "me": null }))), None);
    }

    #[test]
    fn status_labels_have_a_colour_and_a_place_each() {
        let many: Vec<String> = (0..60).map(|number| format!("L{number}")).collect();
        let labels = status_labels(&many);
        assert_eq!(labels["labels"].as_array().map(Vec::len), Some(MOST_STATUS_LABELS));
        assert_eq!(labels["labels"][5], json!({"label": "L5", "color": "grass_green", "index": 5}));
    }

    #[test]
    fn ids_of_connected_boards_keep_all_their_digits() {
        let settings = connected(&["9007199254741001".to_owned()]);
        assert_eq!(settings, json!(r#"{"boardIds":[9007199254741001],"allowMultipleItems":true}"#));
    }

    #[test]
    fn a_list_with_something_that_is_no_board_is_not_whole() {
        let board = json!({"id": 7, "name": "A", "description": null});
        assert_eq!(named(&object(json!({ "boards": [board] }))).map(|list| list[0].id.clone()).as_deref(), Some("7"));
        assert_eq!(named(&object(json!({ "boards": [null] }))), None);
        assert_eq!(named(&object(json!({}))), None);
    }
}
