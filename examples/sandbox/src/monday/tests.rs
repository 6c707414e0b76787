//! The API as a client sees it.

use serde_json::json;

use super::*;

fn post(query: &str, variables: Value) -> Request {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Request {
        method: "POST".into(),
        path: "/v2".into(),
        query: None,
        headers: vec![
            header("authorization", TOKEN),
            header("api-version", "2026-10"),
            header("content-type", "application/json"),
        ],
        body: json!({ "query": query, "variables": variables }).to_string().into_bytes(),
    }
}

fn with(mut request: Request, name: &str, value: &str) -> Request {
    request.headers.retain(|(known, _)| known != name);
    request.headers.push((name.into(), value.into()));
    request
}

fn body(response: &Response) -> Value {
    serde_json::from_slice(&response.body).expect("every answer is JSON")
}

fn ask(monday: &mut Monday, query: &str, variables: Value) -> Value {
    let response = monday.handle(&post(query, variables));
    assert_eq!(response.status, 200, "{}", String::from_utf8_lossy(&response.body));
    body(&response)
}

/// An account with one board that has a key, a status and a number.
fn account() -> (Monday, String) {
    let mut monday = Monday::new();
    let board = monday.add_board(
        "Unités",
        &[
            ("text_key", "text", Value::Null),
            ("status_1", "status", json!({ "labels": ["Vacant", "Loué"] })),
            ("numbers_1", "numbers", Value::Null),
        ],
    );
    (monday, board)
}

const CREATE: &str = "mutation ($board: ID!, $name: String!, $values: JSON) {
    create_item(board_id: $board, item_name: $name, column_values: $values) { id }
}";

fn create(board: &str, name: &str, values: Value) -> Request {
    post(CREATE, json!({ "board": board, "name": name, "values": values.to_string() }))
}

#[test]
fn a_document_that_does_not_validate_does_nothing() {
    let (mut monday, board) = account();
    for (query, variables) in [
        ("mutation { create_item(board_id: 1, item_name: \"a\") { id colour } }", json!({})),
        ("{ boards { items(limit: 5) { id } } }", json!({})),
        ("{ boards(limit: \"5\") { id } }", json!({})),
        (CREATE, json!({ "board": board })),
        (CREATE, json!({ "board": board, "name": "a", "values": "{not json" })),
    ] {
        let answer = ask(&mut monday, query, variables);
        assert!(answer.get("data").is_none() && answer["errors"][0]["message"].is_string(), "{answer}");
        assert!(answer["extensions"]["request_id"].is_string());
    }
    assert_eq!(monday.items(&board), []);
}

#[test]
fn a_failed_alias_is_null_and_the_others_stay() {
    let (mut monday, board) = account();
    let query = "mutation ($b: ID!, $good: JSON, $bad: JSON) {
        a: create_item(board_id: $b, item_name: \"a\", column_values: $good) { id }
        b: create_item(board_id: $b, item_name: \"b\", column_values: $bad) { id }
        c: create_item(board_id: $b, item_name: \"c\") { ...named }
    }
    fragment named on Item { __typename name @include(if: true) state @skip(if: true) }";
    let good = json!({ "status_1": { "label": "Loué" }, "numbers_1": "4.50" }).to_string();
    let bad = json!({ "numbers_1": "4", "status_1": { "label": "Inconnu" } }).to_string();
    let answer = ask(&mut monday, query, json!({ "b": board, "good": good, "bad": bad }));
    assert_eq!(answer["data"]["b"], Value::Null);
    assert_eq!(answer["data"]["c"], json!({ "__typename": "Item", "name": "c" }));
    let error = &answer["errors"][0];
    assert_eq!(error["path"], json!(["b"]));
    assert_eq!(error["extensions"]["code"], "ColumnValueException");
    assert_eq!(error["extensions"]["error_data"]["column_id"], "status_1");
    let items = monday.items(&board);
    assert_eq!(items.len(), 2);
    assert_eq!(
        items[0].values,
        BTreeMap::from([("status_1".into(), json!("Loué")), ("numbers_1".into(), json!("4.5"))])
    );
}

#[test]
fn one_wrong_key_refuses_the_whole_change() {
    let (mut monday, board) = account();
    let item = monday.create_item_by_hand(&board, "a", &json!({ "numbers_1": "1" }));
    let query = "mutation ($b: ID!, $i: ID!, $v: JSON!) {
        change_multiple_column_values(board_id: $b, item_id: $i, column_values: $v) { id }
    }";
    let mut change = |values: Value| {
        ask(&mut monday, query, json!({ "b": board, "i": item, "v": values.to_string() }))["errors"][0]["extensions"]["code"].clone()
    };
    assert_eq!(change(json!({ "numbers_1": "2", "numbers_9": "2" })), "InvalidColumnIdException");
    assert_eq!(change(json!({ "numbers_1": "3", "name": "x".repeat(256) })), "ItemNameTooLongException");
    assert_eq!(change(json!({ "name": "b", "text_key": "é".repeat(40_000) })), "ColumnValueException");
    let kept = monday.item(&item).expect("it is there");
    assert_eq!((kept.name.as_str(), &kept.values["numbers_1"]), ("a", &json!("1")));
    monday.archive_by_hand(&item);
    let answer = ask(&mut monday, query, json!({ "b": board, "i": item, "v": "{}" }));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "InvalidArgumentException");
}

#[test]
fn labels_are_made_only_when_asked_for() {
    let (mut monday, board) = account();
    let query = "mutation ($b: ID!, $v: JSON, $make: Boolean) {
        create_item(board_id: $b, item_name: \"a\", column_values: $v, create_labels_if_missing: $make) {
            column_values(ids: [\"status_1\"]) { text ... on StatusValue { label index } ... on TextValue { id } }
        }
    }";
    let mut set = |label: &str, make: bool| {
        let values = json!({ "status_1": { "label": label } }).to_string();
        ask(&mut monday, query, json!({ "b": board, "v": values, "make": make }))["data"]["create_item"]["column_values"][0].clone()
    };
    assert_eq!(set("Neuf", false), Value::Null);
    assert_eq!(set("Neuf", true), json!({ "text": "Neuf", "label": "Neuf", "index": 2 }));
    assert_eq!(set("Neuf", false)["index"], 2);
    assert_eq!(set("1", false)["label"], "Loué", "digits are an index");
    assert_eq!(set(&"x".repeat(31), true), Value::Null);
    for number in 3..40 {
        assert_eq!(set(&format!("label {number}"), true)["label"], format!("label {number}"));
    }
    assert_eq!(set("one too many", true), Value::Null);
}

#[test]
fn connected_items_must_be_there_and_on_a_connected_board() {
    let (mut monday, parents) = account();
    let settings = json!({ "boardIds": [parents] });
    let children = monday.add_board("Locataires", &[("link_1", "board_relation", settings)]);
    let parent = monday.create_item_by_hand(&parents, "parent", &Value::Null);
    let child = monday.create_item_by_hand(&children, "child", &json!({ "link_1": { "item_ids": [parent] } }));
    let read = "query ($i: [ID!]) { items(ids: $i) { column_values {
        text value ... on BoardRelationValue { linked_item_ids linked_items { name } display_value }
    } } }";
    let answer = ask(&mut monday, read, json!({ "i": [child] }));
    assert_eq!(
        answer["data"]["items"][0]["column_values"],
        json!([{ "text": null, "value": null, "linked_item_ids": [parent], "linked_items": [{ "name": "parent" }], "display_value": "parent" }])
    );
    let answer = body(&monday.handle(&create(&children, "b", json!({ "link_1": { "item_ids": [child] } }))));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "ColumnValueException");
    monday.archive_by_hand(&parent);
    let answer = body(&monday.handle(&create(&children, "b", json!({ "link_1": { "item_ids": [parent] } }))));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "ColumnValueException");
    assert!(monday.table(&children, 10).contains("child"));
}

#[test]
fn a_key_makes_a_mutation_happen_once() {
    let (mut monday, board) = account();
    let first = with(create(&board, "a", json!({})), "idempotency-key", "k1");
    let answered = monday.handle(&first);
    let again = monday.handle(&first);
    assert_eq!(again.body, answered.body);
    assert!(again.headers.contains(&("idempotency-replayed".into(), "true".into())));
    let other = with(create(&board, "b", json!({})), "idempotency-key", "k1");
    assert_eq!(monday.handle(&other).status, 409);
    assert_eq!(monday.items(&board).len(), 1);
    monday.advance(Duration::from_secs(30 * 60));
    monday.limit_next("MINUTE_RATE_LIMIT_EXCEEDED", 1, 7);
    let limited = monday.handle(&first);
    assert_eq!((limited.status, &body(&limited)["errors"][0]["extensions"]["retry_in_seconds"]), (429, &json!(7)));
    assert_eq!(monday.handle(&first).status, 200, "a 429 is not kept, nor is an answer for longer than 30 minutes");
    assert_eq!(monday.items(&board).len(), 2);
    monday.set_idempotency(false);
    monday.handle(&first);
    assert_eq!(monday.items(&board).len(), 3);
}

#[test]
fn a_new_item_is_read_by_id_before_searches_know_it() {
    let (mut monday, board) = account();
    monday.set_search_lag(Duration::from_secs(30));
    let answer = body(&monday.handle(&create(&board, "a", json!({ "text_key": "unit:1" }))));
    let id = answer["data"]["create_item"]["id"].clone();
    let query = "query ($b: ID!, $i: ID!) {
        items(ids: [$i]) { id }
        items_page_by_column_values(board_id: $b, columns: [{ column_id: \"text_key\", column_values: [\"unit:0\", \"unit:1\"] }]) { items { id } }
        boards(ids: [$b]) { items_count items_page(query_params: { rules: [{ column_id: \"text_key\", compare_value: [\"unit:1\"] }] }) { items { id } } }
    }";
    let found = |monday: &mut Monday| {
        let data = ask(monday, query, json!({ "b": board, "i": id }))["data"].clone();
        let counts =
            [&data["items"], &data["items_page_by_column_values"]["items"], &data["boards"][0]["items_page"]["items"]];
        counts.map(|items| items.as_array().map_or(0, Vec::len))
    };
    assert_eq!(found(&mut monday), [1, 0, 0]);
    monday.advance(Duration::from_secs(31));
    assert_eq!(found(&mut monday), [1, 1, 1]);
}

#[test]
fn pages_follow_one_another_for_an_hour() {
    let (mut monday, board) = account();
    for number in 0..7 {
        monday.create_item_by_hand(&board, &format!("item {number}"), &Value::Null);
    }
    let first = "query ($b: ID!, $l: Int!) { boards(ids: [$b]) { items_page(limit: $l) { cursor items { name } } } }";
    let next = "query ($c: String!) { next_items_page(cursor: $c, limit: 5) { cursor items { name } } }";
    let page = ask(&mut monday, first, json!({ "b": board, "l": 5 }))["data"]["boards"][0]["items_page"].clone();
    assert_eq!(page["items"][4]["name"], "item 4");
    let cursor = json!({ "c": page["cursor"] });
    let page = ask(&mut monday, next, cursor.clone())["data"]["next_items_page"].clone();
    assert_eq!(page, json!({ "cursor": null, "items": [{ "name": "item 5" }, { "name": "item 6" }] }));
    monday.advance(Duration::from_secs(60 * 60));
    let answer = ask(&mut monday, next, cursor);
    assert_eq!((&answer["data"], answer["errors"].is_array()), (&Value::Null, true));
    let answer = ask(&mut monday, first, json!({ "b": board, "l": 501 }));
    assert_eq!(answer["data"]["boards"], json!([null]), "null where the schema allows it");
    assert_eq!(answer["errors"][0]["path"], json!(["boards", 0, "items_page"]));
}

#[test]
fn items_come_in_the_order_that_is_asked_for() {
    let (mut monday, board) = account();
    for number in 0..3 {
        monday.advance(Duration::from_secs(1));
        let key = json!({ "text_key": format!("unit:{}", [5, 10, 7][number]) });
        ask(
            &mut monday,
            "mutation ($b: ID!, $v: JSON) { create_item(board_id: $b, item_name: \"x\", column_values: $v) { id } }",
            json!({ "b": board, "v": key.to_string() }),
        );
    }
    let query = "query ($b: ID!, $o: [ItemsQueryOrderBy!]) { boards(ids: [$b]) {
        items_page(limit: 2, query_params: { order_by: $o }) { items { column_values(ids: [\"text_key\"]) { text } } } } }";
    let mut order = |by: Value| {
        let data = ask(&mut monday, query, json!({ "b": board, "o": by }))["data"].clone();
        let items = data["boards"][0]["items_page"]["items"].as_array().cloned().unwrap_or_default();
        items.iter().map(|item| item["column_values"][0]["text"].to_string()).collect::<Vec<_>>().join(" ")
    };
    let by = |column: &str, direction: &str| json!([{ "column_id": column, "direction": direction }]);
    assert_eq!(order(by("__creation_log__", "desc")), r#""unit:7" "unit:10""#);
    assert_eq!(order(by("__creation_log__", "asc")), r#""unit:5" "unit:10""#);
    assert_eq!(order(json!([{ "column_id": "__last_updated__" }])), r#""unit:5" "unit:10""#);
    assert_eq!(order(by("text_key", "desc")), r#""unit:7" "unit:5""#);
    assert_eq!(order(by("nowhere", "desc")), "");
}

#[test]
fn two_mutations_of_one_board_at_once_are_refused_and_counted() {
    let (mut monday, board) = account();
    let other_board = monday.add_board("Immeubles", &[]);
    let (one, two, elsewhere) =
        (create(&board, "a", json!({})), create(&board, "b", json!({})), create(&other_board, "c", json!({})));
    let tickets = [&one, &two, &elsewhere].map(|request| monday.arrive(request));
    assert_eq!(monday.answer(tickets[1], &two).status, 423);
    assert_eq!(monday.answer(tickets[0], &one).status, 200);
    assert_eq!(monday.answer(tickets[2], &elsewhere).status, 200);
    for ticket in tickets {
        monday.leave(ticket);
    }
    assert_eq!(monday.parallel_mutations(), 1);
    assert_eq!(monday.handle(&two).status, 200);
    assert_eq!((monday.calls(), monday.mutation_calls(), monday.calls_per_board()[&board]), (4, 4, 3));
}

#[test]
fn values_that_a_test_refuses_are_refused_with_their_column_until_they_are_taken_again() {
    let (mut monday, board) = account();
    let item = monday.create_item_by_hand(&board, "a", &json!({ "numbers_1": "1" }));
    let change = |values: Value| {
        let query = "mutation ($board: ID!, $item: ID!, $values: JSON!) {
            change_multiple_column_values(board_id: $board, item_id: $item, column_values: $values) { id }
        }";
        post(query, json!({ "board": board, "item": item, "values": values.to_string() }))
    };
    monday.refuse_values("numbers_1", "null");
    monday.refuse_values("numbers_1", "13");
    for (value, is_refused) in [(json!("12"), false), (json!("13"), true), (Value::Null, true)] {
        let answer = body(&monday.handle(&change(json!({ "numbers_1": value }))));
        let reported = &answer["errors"][0]["extensions"]["error_data"]["column_id"];
        assert_eq!(reported == "numbers_1", is_refused, "{answer}");
        assert_eq!(monday.item(&item).expect("an item").values["numbers_1"], "12");
    }
    monday.take_all_values();
    monday.handle(&change(json!({ "numbers_1": null })));
    assert_eq!(monday.item(&item).expect("an item").values.get("numbers_1"), None);
}

#[test]
fn limits_and_planned_failures() {
    let (mut monday, board) = account();
    monday.refuse_next("unit:2", "tooManyRequests", 1);
    for (key, is_refused) in [("unit:1", false), ("unit:2", true), ("unit:2", false)] {
        let answer = body(&monday.handle(&create(&board, "a", json!({ "text_key": key }))));
        assert_eq!(answer["errors"][0]["extensions"]["code"] == "tooManyRequests", is_refused);
    }
    monday.set_max_root_fields(Some(1));
    let answer = ask(&mut monday, "{ a: me { id } b: account { tier } }", json!({}));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "REQUEST_MAX_COMPLEXITY_EXCEEDED");
    monday.set_items_limit(2);
    let answer = body(&monday.handle(&create(&board, "b", json!({}))));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "ItemsLimitationException");
    monday.set_daily_limit(Some(3));
    let limited = monday.handle(&post("{ me { id } }", json!({})));
    assert_eq!(
        (limited.status, &body(&limited)["errors"][0]["extensions"]["code"]),
        (429, &json!("DAILY_LIMIT_EXCEEDED"))
    );
    monday.advance(Duration::from_secs(24 * 60 * 60));
    assert_eq!(monday.handle(&post("{ me { id } }", json!({}))).status, 200);
    assert_eq!(
        monday.handle(&with(post("{ me { id } }", json!({})), "authorization", &format!("Bearer {TOKEN}"))).status,
        401
    );
    let answer = body(&monday.handle(&with(post("{ me { id } }", json!({})), "api-version", "latest")));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "InvalidVersionException");
}

#[test]
fn boards_and_columns_can_be_made() {
    let mut monday = Monday::new();
    let query = "mutation { empty: create_board(board_name: \"a\", board_kind: public, empty: true) { id items_count } full: create_board(board_name: \"b\", board_kind: public) { items_count } }";
    let data = ask(&mut monday, query, json!({}))["data"].clone();
    assert_eq!((&data["empty"]["items_count"], &data["full"]["items_count"]), (&json!(0), &json!(3)));
    let board = &data["empty"]["id"];
    let query = "mutation ($b: ID!, $d: JSON) {
        status: create_status_column(board_id: $b, id: \"status_1\", title: \"S\", defaults: { labels: [{ label: \"Loué\", color: sunset, index: 0 }] }) { settings }
        link: create_column(board_id: $b, title: \"L\", column_type: board_relation, defaults: $d) { id settings }
        again: create_column(board_id: $b, title: \"S\", column_type: text, id: \"status_1\") { id }
    }";
    let answer = ask(&mut monday, query, json!({ "b": board, "d": { "boardIds": [board] } }));
    assert_eq!(answer["data"]["status"]["settings"]["labels"][0]["id"], 101, "the id goes with the color");
    assert_eq!(
        answer["data"]["link"]["settings"]["boardIds"].to_string(),
        format!("[{}]", board.as_str().unwrap_or_default())
    );
    assert_eq!(answer["data"]["again"], Value::Null);
}

#[test]
fn the_standard_boards_have_every_type_that_is_written() {
    let mut monday = Monday::new();
    let boards = standard_boards(&mut monday);
    let data = ask(&mut monday, "{ boards { id name columns { id type } } }", json!({}))["data"]["boards"].clone();
    let text = data.to_string();
    for kind in [
        "text",
        "long_text",
        "numbers",
        "status",
        "dropdown",
        "date",
        "timeline",
        "email",
        "phone",
        "link",
        "checkbox",
        "country",
        "location",
        "board_relation",
    ] {
        assert!(text.contains(&format!("\"type\":\"{kind}\"")), "{kind}");
    }
    let configuration = standard_configuration(&boards);
    for board in &boards {
        assert!(configuration.contains(&format!("[entities.{}]\nboard = {}\n", board.kind, board.board_id)));
    }
}

#[test]
fn lists_of_items_are_spoilt_on_demand_and_counted_all_the_same() {
    let (mut monday, board) = account();
    for number in 1..=4 {
        monday.create_item_by_hand(&board, "a", &json!({ "text_key": format!("unit:{number}") }));
    }
    let query = "query ($b: ID!) { boards(ids: [$b]) { items_count items_page(limit: 3) { cursor items { id
        column_values(ids: [\"text_key\"]) { id text } } } } }";
    let mut read = |spoil| {
        monday.spoil_next("boards", spoil, 1);
        // An answer without a list of items uses nothing up.
        ask(&mut monday, "query ($b: ID!) { boards(ids: [$b]) { id } }", json!({ "b": board }));
        let spoilt = ask(&mut monday, query, json!({ "b": board }))["data"]["boards"][0].clone();
        let whole = ask(&mut monday, query, json!({ "b": board }))["data"]["boards"][0].clone();
        assert_eq!(whole["items_page"]["items"][2]["column_values"][0]["text"], "unit:3");
        assert!(whole["items_page"]["cursor"].is_string());
        assert_eq!((&spoilt["items_count"], &whole["items_count"]), (&json!(4), &json!(4)));
        spoilt["items_page"].clone()
    };
    assert_eq!(read(Spoil::NullItems)["items"], json!([null, null, null]));
    assert_eq!(read(Spoil::NoColumnValues)["items"][0].get("column_values"), None);
    assert_eq!(read(Spoil::EmptyColumnValues)["items"][0]["column_values"], json!([]));
    let half = read(Spoil::Half);
    assert_eq!((half["items"].as_array().map(Vec::len), &half["cursor"]), (Some(1), &Value::Null));
}

#[test]
fn a_count_may_lag_as_searches_do() {
    let (mut monday, board) = account();
    monday.set_search_lag(Duration::from_secs(30));
    monday.create_item_by_hand(&board, "a", &Value::Null);
    let count = |monday: &mut Monday| {
        let query = "query ($b: ID!) { boards(ids: [$b]) { items_count } }";
        ask(monday, query, json!({ "b": board }))["data"]["boards"][0]["items_count"].clone()
    };
    assert_eq!(count(&mut monday), 1);
    monday.set_count_lag(true);
    assert_eq!(count(&mut monday), 0);
    monday.advance(Duration::from_secs(31));
    assert_eq!(count(&mut monday), 1);
}

#[test]
fn an_automation_archives_what_is_made_and_a_column_keeps_texts_in_its_own_form() {
    let (mut monday, board) = account();
    monday.keep_in_form(&board, "text_key", str::to_uppercase);
    monday.archive_new_items(&board, true);
    let answer = body(&monday.handle(&create(&board, "a", json!({ "text_key": "unit:1" }))));
    let id = answer["data"]["create_item"]["id"].as_str().expect("an id").to_owned();
    let made = monday.item(&id).expect("the item");
    assert_eq!((made.state.as_str(), &made.values["text_key"]), ("archived", &json!("UNIT:1")));
    monday.archive_new_items(&board, false);
    monday.handle(&create(&board, "b", json!({ "text_key": "unit:2" })));
    assert_eq!(monday.items(&board).last().map(|item| item.state.clone()).as_deref(), Some("active"));
}
