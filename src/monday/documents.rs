//! Every document that the program can send.

use super::diagnosis::{AccountToo, diagnosis};
use super::document::{
    Document, ITEMS_PER_PAGE, Mutation, boards, boards_with_newest, first_items, item_states, items_by_id,
    items_by_key, mutations, next_items,
};
use super::{import, structure};
use serde_json::{Map, Value, json};

/// One of each document that the program can send, for checking them against monday's schema.
pub fn every_document() -> Vec<Document> {
    let columns: Map<String, Value> = [("text".to_owned(), json!("x"))].into_iter().collect();
    let create = |group: Option<&str>| Mutation::Create {
        name: "n".to_owned(),
        group: group.map(str::to_owned),
        columns: columns.clone(),
    };
    let update = Mutation::Update { item_id: "1".to_owned(), columns: columns.clone() };
    let archive = Mutation::Archive { item_id: "1".to_owned() };
    let delete = Mutation::Delete { item_id: "1".to_owned() };
    vec![
        boards_with_newest(&["1"]),
        boards(&["1"]),
        diagnosis(Some(("1", "text")), AccountToo::Yes),
        diagnosis(Some(("1", "text")), AccountToo::No),
        diagnosis(None, AccountToo::Yes),
        first_items("1", &["text"], &["text"], ITEMS_PER_PAGE),
        next_items("1", "c", &["text"], &["text"], ITEMS_PER_PAGE),
        items_by_key("1", "text", &["unit:1"], &["text"]),
        item_states(&["1"]),
        items_by_id(&["1"], &["text"]),
        mutations("1", true, &[create(None), create(Some("g")), update.clone(), archive.clone(), delete.clone()]),
        mutations("1", false, &[update]),
        mutations("1", false, &[archive]),
        mutations("1", false, &[delete]),
    ]
    .into_iter()
    .chain(structure::every_document())
    .chain(import::every_document())
    .collect()
}
