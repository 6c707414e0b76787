//! Bulk jobs as a client sees them.

use serde_json::json;

use super::*;

const INGEST: &str = "mutation ($board: ID!, $match: OnMatchInput) {
    ingest_items(board_id: $board, group_id: \"topics\", on_match: $match) { job_id upload_url }
}";
const STATUS: &str = "query ($job: ID!) { fetch_job_status(job_id: $job) { __typename
    ... on ItemsJobStatus { status failure_reason counts { submitted invalid created updated failed } report_url } } }";

fn send(monday: &mut Monday, query: &str, variables: Value, version: &str) -> Value {
    let headers = [("authorization", TOKEN), ("api-version", version), ("content-type", "application/json")];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let body = json!({ "query": query, "variables": variables }).to_string().into_bytes();
    let response = monday.handle(&Request { method: "POST".into(), path: "/v2".into(), query: None, headers, body });
    serde_json::from_slice(&response.body).expect("every answer is JSON")
}

fn account() -> (Monday, String) {
    let mut monday = Monday::new();
    monday.set_time("2026-11-22T05:00:00Z".parse().expect("a time"));
    let board = monday.add_board(
        "Unités",
        &[
            ("text_key", "text", Value::Null),
            ("status_1", "status", json!({ "labels": ["Vacant", "Loué"] })),
            ("phone_1", "phone", Value::Null),
            ("email_1", "email", Value::Null),
            ("check_1", "checkbox", Value::Null),
        ],
    );
    (monday, board)
}

/// Starts a job; gives its id and the address of its file.
fn start(monday: &mut Monday, board: &str) -> (String, String) {
    let on_match = json!({ "match_column_id": "text_key", "behaviour": "UPSERT" });
    let answer = send(monday, INGEST, json!({ "board": board, "match": on_match }), "2026-10");
    let init = &answer["data"]["ingest_items"];
    let text = |name: &str| init[name].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
    (text("job_id"), text("upload_url"))
}

fn put(monday: &mut Monday, address: &str, file: &str, headers: &[(&str, &str)]) -> u16 {
    let (_, rest) = address.split_once("example").expect("the address of the sandbox");
    let (path, query) = rest.split_once('?').expect("a signature");
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let (path, query) = (path.to_owned(), Some(query.to_owned()));
    monday.handle(&Request { method: "PUT".into(), path, query, headers, body: file.into() }).status
}

fn status(monday: &mut Monday, job: &str) -> Value {
    send(monday, STATUS, json!({ "job": job }), "2026-10")["data"]["fetch_job_status"].clone()
}

const CSV: (&str, &str) = ("content-type", "text/csv");

#[test]
fn rows_get_in_one_by_one_and_each_is_counted() {
    let (mut monday, board) = account();
    let (job, address) = start(&mut monday, &board);
    assert_eq!(status(&mut monday, &job)["status"], "UPLOAD_PENDING");
    let file = "name,text_key,status_1,phone_1,email_1,check_1\n\
                a,unit:1,Vacant,+14185550123,Anne <a@b.ca>,\n\"b, c\",unit:2,Inconnu,,,\nd,unit:3,,,,yes\ne,unit:4,,,,\n";
    assert_eq!(put(&mut monday, &address, file, &[CSV]), 200);
    monday.advance(Duration::from_secs(20));
    assert_eq!(status(&mut monday, &job)["status"], "PROCESSING");
    assert_eq!(monday.items(&board).len(), 1);
    monday.advance(Duration::from_secs(40));
    let ended = status(&mut monday, &job);
    assert_eq!((&ended["status"], &ended["__typename"]), (&json!("COMPLETED"), &json!("ItemsJobStatus")));
    assert_eq!(ended["counts"], json!({"submitted": 4, "invalid": 2, "created": 2, "updated": 0, "failed": 0}));
    let items = monday.items(&board);
    let phone = monday.item(&items[0].id).expect("an item").values["phone_1"].clone();
    assert_eq!((items.len(), phone), (2, json!("+14185550123")));
}

#[test]
fn matching_items_are_changed_empty_cells_keep_and_null_clears() {
    let (mut monday, board) = account();
    let values =
        json!({ "text_key": "unit:1", "status_1": { "label": "Loué" }, "email_1": { "email": "a@b.ca", "text": "a" } });
    let item = monday.create_item_by_hand(&board, "a", &values);
    let (job, address) = start(&mut monday, &board);
    put(&mut monday, &address, "name,text_key,status_1,email_1\nb,unit:1,,<NULL>\n", &[CSV]);
    monday.advance(Duration::from_secs(61));
    assert_eq!(status(&mut monday, &job)["counts"]["updated"], 1);
    let item = monday.item(&item).expect("an item");
    assert_eq!((item.name.as_str(), item.values.len(), &item.values["status_1"]), ("b", 2, &json!("Loué")));
}

#[test]
fn a_file_is_taken_as_it_was_signed_and_for_ten_minutes() {
    let (mut monday, board) = account();
    let (job, address) = start(&mut monday, &board);
    let file = "name,text_key\na,unit:1\n";
    for headers in [
        &[("content-type", "text/plain")][..],
        &[],
        &[CSV, ("authorization", TOKEN)],
        &[CSV, ("x-amz-checksum-crc32", "AAAA")],
    ] {
        assert!(put(&mut monday, &address, file, headers) >= 400, "{headers:?}");
    }
    monday.advance(Duration::from_secs(601));
    assert_eq!(put(&mut monday, &address, file, &[CSV]), 403);
    assert_eq!(status(&mut monday, &job)["status"], "UPLOAD_PENDING");
}

#[test]
fn what_is_no_import_is_rejected_and_nothing_of_it_is_done() {
    let (mut monday, board) = account();
    let many: String = (0..10_001).map(|row| format!("a,unit:{row}\n")).collect();
    let many = format!("name,text_key\n{many}");
    for file in ["text_key,name\nunit:1,a\n", "name,other\na,b\n", "name,text_key\n", &many] {
        let (job, address) = start(&mut monday, &board);
        put(&mut monday, &address, file, &[CSV]);
        let ended = status(&mut monday, &job);
        assert_eq!((&ended["status"], &ended["failure_reason"]), (&json!("REJECTED"), &json!("INVALID_UPLOAD")));
    }
    assert_eq!(monday.items(&board), []);
}

#[test]
fn an_hour_has_room_for_so_many_items_and_so_many_jobs() {
    let (mut monday, board) = account();
    let file = |from: usize| {
        let rows: String = (from..from + 9_900).map(|row| format!("a,unit:{row}\n")).collect();
        format!("name,text_key\n{rows}")
    };
    let (_, first) = start(&mut monday, &board);
    put(&mut monday, &first, &file(0), &[CSV]);
    let (second, address) = start(&mut monday, &board);
    put(&mut monday, &address, &file(10_000), &[CSV]);
    assert_eq!(status(&mut monday, &second)["failure_reason"], "ACCOUNT_CAPACITY_EXCEEDED");
    (2..100).for_each(|_| _ = start(&mut monday, &board));
    let answer = send(&mut monday, INGEST, json!({ "board": board }), "2026-10");
    assert_eq!(answer["errors"][0]["extensions"]["code"], "RATE_LIMIT_EXCEEDED");
    assert_eq!(answer["errors"][0]["extensions"]["retryAfterMs"], 3_600_000);
}

#[test]
fn older_versions_and_some_accounts_have_no_imports() {
    let (mut monday, board) = account();
    let code = |answer: &Value| answer["errors"][0]["extensions"]["code"].clone();
    let answer = send(&mut monday, INGEST, json!({ "board": board }), "2026-04");
    assert_eq!(code(&answer), "GRAPHQL_VALIDATION_FAILED");
    monday.set_bulk_access(BulkAccess::Forbidden);
    let answer = send(&mut monday, INGEST, json!({ "board": board }), "2026-10");
    assert_eq!(code(&answer), "UserUnauthorizedException");
    assert_eq!(monday.bulk_jobs(), 0);
}

#[test]
fn many_items_are_archived_by_one_job() {
    let (mut monday, board) = account();
    let item = monday.create_item_by_hand(&board, "a", &json!({}));
    let query = "mutation ($b: ID!, $i: [ID!]!) { bulk_archive_items(board_id: $b, item_ids: $i) { job_id } }";
    let answer = send(&mut monday, query, json!({ "b": board, "i": [item] }), "2026-10");
    let job = answer["data"]["bulk_archive_items"]["job_id"].clone();
    let ask = "query ($j: ID!) { job_status(job_id: $j) { status } }";
    assert_eq!(
        send(&mut monday, ask, json!({ "j": job }), "2026-10")["data"]["job_status"],
        json!({ "status": "RUNNING" })
    );
    monday.advance(Duration::from_secs(61));
    assert_eq!(
        send(&mut monday, ask, json!({ "j": job }), "2026-10")["data"]["job_status"],
        json!({ "status": "COMPLETED" })
    );
    assert_eq!(monday.item(&item).expect("an item").state, "archived");
}
