//! Every GraphQL document that the program can send, as text and variables. Values travel in variables only, so that nothing
//! from outside can change what a document says.

use serde_json::{Map, Value, json};
use std::fmt::Write;

/// Most items of a page of items. Source: monday's documentation of `items_page`.
pub(crate) const ITEMS_PER_PAGE: usize = 500;
/// Most items that `items(ids:)` gives at once. Source: monday's documentation of rate limits.
pub(crate) const ITEMS_BY_ID: usize = 100;

/// What a page holds of each item: its key and, for comparing, the columns asked for.
const ITEM_FIELDS: &str = "id name created_at updated_at \
     column_values(ids: $columns) { id text value ... on BoardRelationValue { linked_item_ids } }";

/// Document of one call, with its variables.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The operation's name.
    operation: &'static str,
    /// The text.
    pub query: String,
    /// The variables.
    pub(crate) variables: Map<String, Value>,
    /// The columns that every item of the answer has to have: those that say whose it is.
    pub(crate) key_columns: Vec<String>,
}

/// Question in smaller parts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Halves {
    /// Pages of so many items.
    Smaller(usize),
    /// Two questions.
    Two(Box<[Document; 2]>),
}

impl Document {
    pub(super) fn new(operation: &'static str, query: String, variables: Value) -> Document {
        let variables = match variables {
            Value::Object(variables) => variables,
            _ => Map::new(),
        };
        Document { operation, query, variables, key_columns: Vec::new() }
    }

    /// Of each item, the answer has to have these columns, or it is not whole.
    fn with_key_columns(self, key_columns: &[&str]) -> Document {
        Document { key_columns: key_columns.iter().map(|&column| column.to_owned()).collect(), ..self }
    }

    /// The same question for pages of at most so many items. What is asked for by name is asked for whole.
    #[must_use]
    pub(crate) fn limited_to(&self, most: usize) -> Document {
        let mut limited = self.clone();
        if !["keys", "ids"].iter().any(|name| self.variables.contains_key(*name))
            && let Some(limit) = limited.variables.get_mut("limit")
            && limit.as_u64().is_some_and(|limit| limit > most as u64)
        {
            *limit = json!(most);
        }
        limited
    }

    /// How to put this question when it is more than one question may be; `None`: it is as small as it can be.
    ///
    /// Source: monday estimates what a question costs from its limits.
    pub(crate) fn in_halves(&self) -> Option<Halves> {
        let limit = self.variables.get("limit").and_then(Value::as_u64)?;
        let half_limit = usize::try_from(limit / 2).ok()?;
        for name in ["keys", "ids"] {
            let Some(all) = self.variables.get(name).and_then(Value::as_array) else { continue };
            let (first, second) = all.split_at_checked(all.len() / 2).filter(|(first, _)| !first.is_empty())?;
            let half = |part: &[Value]| {
                let mut half = self.clone();
                half.variables.insert(name.to_owned(), Value::Array(part.to_vec()));
                half.variables.insert("limit".to_owned(), json!(half_limit.max(part.len())));
                half
            };
            return Some(Halves::Two(Box::new([half(first), half(second)])));
        }
        (half_limit > 0).then_some(Halves::Smaller(half_limit))
    }

    /// The body of the request.
    pub(crate) fn body(&self) -> String {
        json!({"query": self.query, "variables": self.variables, "operationName": self.operation}).to_string()
    }
}

/// Selects the item that was made last. Source: monday's reference of `ItemsQueryOrderBy`.
const NEWEST_ITEM: &str = "items_page(limit: 1, query_params: {order_by: [{column_id: \"__creation_log__\", direction: desc}]}) \
                           { items { id } }";

/// Boards with their columns, labels and groups, and how many items they have.
pub(crate) fn boards(ids: &[&str]) -> Document {
    boards_with(ids, "")
}

/// Boards, and which of their items was made last.
pub(crate) fn boards_with_newest(ids: &[&str]) -> Document {
    boards_with(ids, NEWEST_ITEM)
}

fn boards_with(ids: &[&str], newest: &str) -> Document {
    let query = format!(
        "query Boards($ids: [ID!]!, $limit: Int!) {{ boards(ids: $ids, limit: $limit) \
         {{ id name url state items_count groups {{ id }} columns {{ id title type settings }} {newest} }} }}"
    );
    Document::new("Boards", query, json!({ "ids": ids, "limit": ids.len() }))
}

/// The first page of a board's items, with how many the board has.
pub fn first_items(board: &str, columns: &[&str], key_columns: &[&str], limit: usize) -> Document {
    let query = format!(
        "query Items($board: [ID!]!, $columns: [String!]!, $limit: Int!) {{ boards(ids: $board) \
         {{ items_count items_page(limit: $limit) {{ cursor items {{ {ITEM_FIELDS} }} }} }} }}"
    );
    let variables = json!({"board": [board], "columns": columns, "limit": limit});
    Document::new("Items", query, variables).with_key_columns(key_columns)
}

/// The page of a board's items at a cursor, with how many the board has by now.
pub fn next_items(board: &str, cursor: &str, columns: &[&str], key_columns: &[&str], limit: usize) -> Document {
    let query = format!(
        "query NextItems($board: [ID!]!, $cursor: String!, $columns: [String!]!, $limit: Int!) {{ \
         next_items_page(cursor: $cursor, limit: $limit) {{ cursor items {{ {ITEM_FIELDS} }} }} \
         boards(ids: $board) {{ items_count }} }}"
    );
    let variables = json!({"board": [board], "cursor": cursor, "columns": columns, "limit": limit});
    Document::new("NextItems", query, variables).with_key_columns(key_columns)
}

/// The items of a board whose key column holds one of these keys, with how many items the board has.
pub fn items_by_key(board: &str, key_column: &str, keys: &[&str], columns: &[&str]) -> Document {
    let query = format!(
        "query ItemsByKey($board: ID!, $column: String!, $keys: [String]!, $columns: [String!]!, $limit: Int!) {{ \
         items_page_by_column_values(board_id: $board, limit: $limit, \
         columns: [{{column_id: $column, column_values: $keys}}]) {{ cursor items {{ {ITEM_FIELDS} }} }} \
         boards(ids: [$board]) {{ items_count }} }}"
    );
    let variables = json!({
        "board": board, "column": key_column, "keys": keys, "columns": columns, "limit": ITEMS_PER_PAGE,
    });
    Document::new("ItemsByKey", query, variables).with_key_columns(&[key_column])
}

/// Where items are, and whether they are active.
pub(crate) fn item_states(ids: &[&str]) -> Document {
    let query =
        "query ItemStates($ids: [ID!]!, $limit: Int!) { items(ids: $ids, limit: $limit) { id state board { id } } }";
    Document::new("ItemStates", query.to_owned(), json!({ "ids": ids, "limit": ids.len() }))
}

/// Items by their ids: where they are, and what they show.
pub(crate) fn items_by_id(ids: &[&str], columns: &[&str]) -> Document {
    let query = format!(
        "query ItemsById($ids: [ID!]!, $columns: [String!]!, $limit: Int!) {{ items(ids: $ids, limit: $limit) \
         {{ state board {{ id }} {ITEM_FIELDS} }} }}"
    );
    Document::new("ItemsById", query, json!({"ids": ids, "columns": columns, "limit": ids.len()}))
}

/// Change of one item.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Mutation {
    /// Makes an item.
    Create {
        /// Its name.
        name: String,
        /// Its group; the board's first one if left out.
        group: Option<String>,
        /// Its values by column.
        columns: Map<String, Value>,
    },
    /// Changes values of an item; the key `name` is its name.
    Update {
        /// The item.
        item_id: String,
        /// The values by column.
        columns: Map<String, Value>,
    },
    /// Archives an item.
    Archive {
        /// The item.
        item_id: String,
    },
    /// Deletes an item.
    Delete {
        /// The item.
        item_id: String,
    },
}

/// The alias of the mutation at a position.
pub fn alias(position: usize) -> String {
    format!("a{position}")
}

/// Many changes of one board in one call. monday does them in order, each by itself; the answer distinguishes them by alias, and what
/// they cost together.
pub(crate) fn mutations(board: &str, create_labels: bool, changes: &[Mutation]) -> Document {
    let mut call = MutationCall::default();
    changes.iter().enumerate().for_each(|(position, change)| call.add(position, change));
    if changes.iter().any(Mutation::names_board) {
        call.variables.insert("board".to_owned(), json!(board));
        call.variables.insert("labels".to_owned(), json!(create_labels));
        call.declared.splice(0..0, ["$board: ID!".to_owned(), "$labels: Boolean!".to_owned()]);
    }
    let query = format!("mutation Push({}) {{{} complexity {{ query }} }}", call.declared.join(", "), call.fields);
    Document::new("Push", query, Value::Object(call.variables))
}

impl Mutation {
    /// Whether it names the board and says whether labels may be made.
    fn names_board(&self) -> bool {
        matches!(self, Mutation::Create { .. } | Mutation::Update { .. })
    }
}

/// Parts of a document with many changes.
#[derive(Default)]
struct MutationCall {
    /// The variables as the document declares them.
    declared: Vec<String>,
    variables: Map<String, Value>,
    /// The changes, each under its alias.
    fields: String,
}

impl MutationCall {
    /// Adds the change at a position.
    fn add(&mut self, position: usize, change: &Mutation) {
        let n = position;
        let field = match change {
            Mutation::Create { name, group, columns } => {
                self.declare("n", n, "String!", json!(name));
                self.declare("v", n, "JSON!", as_text(columns));
                let in_group = match group {
                    Some(group) => {
                        self.declare("g", n, "String!", json!(group));
                        format!("group_id: $g{n}, ")
                    }
                    None => String::new(),
                };
                format!(
                    "create_item(board_id: $board, {in_group}item_name: $n{n}, column_values: $v{n}, \
                     create_labels_if_missing: $labels)"
                )
            }
            Mutation::Update { item_id, columns } => {
                self.declare("i", n, "ID!", json!(item_id));
                self.declare("v", n, "JSON!", as_text(columns));
                format!(
                    "change_multiple_column_values(board_id: $board, item_id: $i{n}, column_values: $v{n}, \
                     create_labels_if_missing: $labels)"
                )
            }
            Mutation::Archive { item_id } => {
                self.declare("i", n, "ID!", json!(item_id));
                format!("archive_item(item_id: $i{n})")
            }
            Mutation::Delete { item_id } => {
                self.declare("i", n, "ID!", json!(item_id));
                format!("delete_item(item_id: $i{n})")
            }
        };
        let _ = write!(self.fields, " {}: {field} {{ id }}", alias(position));
    }

    fn declare(&mut self, name: &str, position: usize, graphql_type: &str, value: Value) {
        self.declared.push(format!("${name}{position}: {graphql_type}"));
        self.variables.insert(format!("{name}{position}"), value);
    }
}

/// The values of columns as monday takes them: JSON in a text.
fn as_text(columns: &Map<String, Value>) -> Value {
    json!(Value::Object(columns.clone()).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(document: &Document, name: &str) -> usize {
        document.variables.get(name).and_then(Value::as_array).map_or(0, Vec::len)
    }

    #[test]
    fn a_question_that_is_too_much_is_halved_down_to_one_item() {
        let page = first_items("1", &["t"], &["t"], ITEMS_PER_PAGE).limited_to(3);
        assert_eq!(page.variables.get("limit"), Some(&json!(3)));
        assert_eq!(page.in_halves(), Some(Halves::Smaller(1)));
        assert_eq!(page.limited_to(1).in_halves(), None);
        let keys: Vec<String> = (0..5).map(|key| format!("unit:{key}")).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let lookup = items_by_key("1", "text_key", &keys, &["text_key"]).limited_to(1);
        let Some(Halves::Two(halves)) = lookup.in_halves() else { panic!("two questions") };
        assert_eq!(halves.each_ref().map(|half| numbers(half, "keys")), [2, 3]);
        assert_eq!(halves[0].variables.get("limit"), Some(&json!(250)));
        let Some(Halves::Two(halves)) = item_states(&["7", "8"]).in_halves() else { panic!("two questions") };
        assert_eq!(
            halves.each_ref().map(|half| half.variables.get("limit").cloned()),
            [Some(json!(1)), Some(json!(1))]
        );
        assert_eq!(halves[1].in_halves(), None);
    }

    #[test]
    fn many_changes_become_one_call_with_an_alias_each() {
        let columns: Map<String, Value> = [("t".to_owned(), json!("a\"b"))].into_iter().collect();
        let document = mutations(
            "7",
            false,
            &[Mutation::Update { item_id: "12".to_owned(), columns }, Mutation::Archive { item_id: "13".to_owned() }],
        );
        assert!(document.query.contains("a0: change_multiple_column_values(board_id: $board, item_id: $i0"));
        assert!(document.query.contains("a1: archive_item(item_id: $i1)"));
        assert_eq!(document.variables.get("v0"), Some(&json!("{\"t\":\"a\\\"b\"}")));
        assert!(!document.query.contains("a\"b"), "values travel in variables only");
    }

    #[test]
    fn a_call_without_a_board_declares_none() {
        let document = mutations("7", false, &[Mutation::Archive { item_id: "13".to_owned() }]);
        assert!(document.query.starts_with("mutation Push($i0: ID!) {"), "{}", document.query);
    }
}
