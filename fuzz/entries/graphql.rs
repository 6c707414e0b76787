//! An answer of monday's: whatever comes, nothing is taken for done or undone that it does not prove, a list that is not whole is
//! none, and secrets that it repeats are not shown.

use hopem_sync::http::{Masks, Reply};
use hopem_sync::message::Lang;
use hopem_sync::monday::{
    Board, Item, ItemResult, Outcome, boards, columns_from_json, document, item_states, items_by_id, items_page, judge,
};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// The token that the answers of the corpus repeat.
const SECRET: &str = "eyJhbGciOiJIUzI1NiJ9.hunter2";
const KEY: &str = "text_key";

/// Takes any bytes for an answer: the status in the first line, the body in the others.
pub(crate) fn check(data: &[u8]) {
    let (status, body) = status_and_body(data);
    let masks = Masks::default();
    masks.add(SECRET);
    let outcome = judge(Ok(Reply { status, body: body.to_vec(), masks, ..Reply::default() }), Timestamp::UNIX_EPOCH);
    tells_no_secret(&outcome);
    proves_what_it_says(&outcome, status);
    if let Outcome::Answered(answer) = &outcome {
        reads_the_same_again(&answer.data);
    }
}

/// Without a status it is 200.
fn status_and_body(data: &[u8]) -> (u16, &[u8]) {
    let line = data.split(|byte| *byte == b'\n').next().unwrap_or_default();
    match std::str::from_utf8(line).ok().and_then(|line| line.trim().parse().ok()) {
        Some(status) => (status, data.get(line.len() + 1..).unwrap_or_default()),
        None => (200, data),
    }
}

fn tells_no_secret(outcome: &Outcome) {
    let later = outcome.as_wait();
    for outcome in [outcome, &later] {
        let said =
            [outcome.reason().text(Lang::En), outcome.message().text(Lang::En), outcome.message().text(Lang::Fr)];
        assert!(said.iter().all(|said| !said.contains(SECRET)), "{said:?}");
    }
}

fn proves_what_it_says(outcome: &Outcome, status: u16) {
    let proves = |changes| outcome.proves_nothing_done(changes);
    assert!(!proves(2) || proves(1), "what proves it of two proves it of one");
    let is_answered = matches!(outcome, Outcome::Answered(_));
    for alias in (0..3).map(document::alias) {
        match outcome.result_of(&alias, 3) {
            ItemResult::Done(id) => {
                let Outcome::Answered(answer) = outcome else { panic!("done without an answer") };
                let told = &answer.data[&alias]["id"];
                assert!(!id.trim().is_empty() && (*told == id || format!("{told}") == id), "{id} {told}");
            }
            ItemResult::NotDone(_) => {
                assert!(status < 500 && ![408, 409, 499].contains(&status), "{status} proves nothing");
                assert!(is_answered || proves(3), "a whole call is undone without a proof");
            }
            ItemResult::Unknown => {}
        }
    }
}

/// Boards and items are the same once they are written as monday writes them.
fn reads_the_same_again(data: &Map<String, Value>) {
    for board in boards(data) {
        assert_eq!(columns_from_json(&board.columns_json).expect("a list"), board.columns);
        let Board { id, name, url, groups, columns_json, .. } = board.clone();
        let known = Board::known(id, name, url, groups, columns_json).expect("a list of columns");
        assert_eq!(known, Board { items_count: None, ..board });
    }
    let first = document::first_items("1", &[KEY], &[KEY], 500);
    let next = document::next_items("1", "c", &[KEY], &[KEY], 500);
    for document in [first, next, document::items_by_key("1", KEY, &["unit:1"], &[])] {
        if let Ok(page) = items_page(&document, data) {
            let items: Vec<Value> = page.items.iter().map(written).collect();
            let list = json!({"cursor": page.cursor, "items": items});
            let boards = json!([{"items_count": page.items_count, "items_page": list}]);
            let again = object(json!({"boards": boards, "next_items_page": list, "items_page_by_column_values": list}));
            let again = items_page(&document, &again).expect("the same page");
            assert_eq!((again.items, again.cursor), (page.items, page.cursor));
        }
    }
    if item_states(data).is_ok() {
        let mut more = data.clone();
        more["items"].as_array_mut().expect("a list").push(Value::Null);
        assert!(item_states(&more).is_err() && items_by_id(&more).is_err(), "a null item is none");
    }
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

fn written(item: &Item) -> Value {
    let columns = item.columns.iter().map(|(id, shown)| {
        json!({"id": id, "text": shown.text, "value": shown.value, "linked_item_ids": shown.linked_item_ids})
    });
    json!({
        "id": item.id, "name": item.name, "column_values": columns.collect::<Vec<_>>(),
        "created_at": item.created_at.map(|time| time.to_string()),
        "updated_at": item.updated_at.map(|time| time.to_string()),
    })
}
