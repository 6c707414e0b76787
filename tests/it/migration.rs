//! A store that the release before wrote, version 3, opened by this program: every state that was in it arrives.
//!
//! `fixtures/store-v3.db` was made by that release against the sandbox: changed, deleted and missing records, a refused value, pauses,
//! unlinked entities, events, a subscription, and a push that was killed while monday was at work on its call.

use crate::support::World;
use serde_json::{Value, json};
use std::fs;

const STORE: &[u8] = include_bytes!("../fixtures/store-v3.db");
const ENTITIES: &str = include_str!("../fixtures/store-v3.toml");

/// A world with that store and the configuration that it was made with.
fn world() -> World {
    let mut world = World::bare();
    // The store grows older every day; what was deleted in it stays for these tests.
    world.environment.insert("HOPEM_SYNC_SYNC_KEEP_DELETED".to_owned(), "36500d".to_owned());
    fs::create_dir(world.path("data")).expect("a folder");
    fs::write(world.store(), STORE).expect("a store");
    world.configure(ENTITIES);
    world
}

fn states(world: &World, kind: &str) -> Vec<String> {
    let found = world.run(&["status", kind, "--json"]).expect(0).json();
    let entities = found["entities"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    entities.iter().map(|entity| format!("{} {}", text(&entity["key"]), text(&entity["state"]))).collect()
}

#[test]
fn every_state_of_an_older_store_arrives() {
    let world = world();
    let status = world.run(&["status", "--json"]).expect(0).json();
    let counts = |kind: &str| {
        let kinds = status["kinds"].as_array().expect("kinds");
        let entry = kinds.iter().find(|entry| entry["kind"] == kind).expect("the kind");
        ["total", "linked", "synced", "pending", "error", "paused", "unlinked", "off"].map(|state| entry[state].clone())
    };
    assert_eq!(counts("unit"), [13, 10, 6, 4, 1, 1, 1, 0]);
    assert_eq!(counts("tenant"), [10, 9, 6, 2, 1, 0, 1, 0]);
    assert_eq!(counts("storage"), [2, 2, 0, 0, 0, 2, 0, 0]);
    assert_eq!(counts("building"), [7, 7, 7, 0, 0, 0, 0, 0]);
    assert_eq!((&status["monday_calls_today"], &status["events_pending"]), (&json!(calls_today(&world)), &json!(0)));
    let units = states(&world, "unit");
    for state in ["1 pending", "3 paused", "4 unlinked", "5 pending", "6 error", "7 synced", "2910 pending"] {
        assert!(units.contains(&state.to_owned()), "{state} in {units:?}");
    }
    assert!(
        states(&world, "tenant").contains(&"3 deleted".to_owned())
            || !states(&world, "tenant").iter().any(|one| one.starts_with("3 "))
    );
    let version = world.query("SELECT CAST(user_version AS TEXT) FROM pragma_user_version");
    assert_eq!(version, ["3"], "what only reads leaves the store as it is");
}

/// The calls of the fixture's day, were it today.
fn calls_today(world: &World) -> u64 {
    let day = "SELECT CAST(coalesce(sum(monday), 0) AS TEXT) FROM calls WHERE day = strftime('%Y-%m-%d', 'now')";
    world.query(day).first().and_then(|count| count.parse().ok()).unwrap_or_default()
}

#[test]
fn what_was_kept_beside_the_entities_arrives_too() {
    let world = world();
    let before = |query: &str| world.query(query);
    let kept = [
        "SELECT json_array(kind, key, reason, who, until, paused_at) FROM pauses ORDER BY kind, key",
        "SELECT json_array(entity, column_id, stage, message, hint, value, tries, failed_at) FROM failures ORDER BY 1",
        "SELECT json_array(id, kind, key, name, version, due, send_all, is_unlinked, archive_item, board, item_id,
            former_board, received_at, pushed_at, deleted_at) FROM entities ORDER BY id",
        "SELECT json_array(entity, record) FROM records ORDER BY entity",
        "SELECT json_array(entity, columns) FROM sent ORDER BY entity",
        "SELECT json_array(id, board, idempotency_key, body, sent_at, is_partial) FROM batches",
        "SELECT json_array(alias, entity, version, action, item_id, columns) FROM intents ORDER BY alias",
        "SELECT json_array(id, received_at, name, subject, status, is_pending) FROM events ORDER BY id",
        "SELECT json_array(name, url, subscribed_at) FROM subscriptions",
        "SELECT json_array(kind, key, action, columns) FROM changes ORDER BY id",
        "SELECT json_array(id, command, outcome, exit_code) FROM runs ORDER BY id",
        "SELECT json_array(board, kind, read_at) FROM adoptions ORDER BY 1",
    ];
    let former: Vec<Vec<String>> = kept.iter().map(|query| before(query)).collect();
    assert!(former.iter().all(|rows| !rows.is_empty()), "{former:?}");
    // The first command that writes brings the store up to date.
    world.run(&["pause", "company:1-1"]);
    world.run(&["resume", "company:1-1"]);
    assert_ne!(world.query("SELECT CAST(user_version AS TEXT) FROM pragma_user_version"), ["3"]);
    for (query, rows) in kept.iter().zip(former) {
        assert_eq!(world.query(query), rows, "{query}");
    }
    let causes = world.query("SELECT cause || ' ' || coalesce(item_id, '-') FROM failures ORDER BY entity");
    assert_eq!(causes, ["unknown -", "item-missing 9007199254741190"]);
    assert_eq!(world.query("SELECT CAST(count(*) AS TEXT) FROM departures WHERE kind = 'tenant'"), ["1"]);
    assert_eq!(world.query("SELECT CAST(looks AS TEXT) FROM batches"), ["0"], "nobody has looked yet");
    assert_eq!(world.query("SELECT CAST(count(*) AS TEXT) FROM freed"), ["1"], "what was removed may still be read");
}

#[test]
fn a_push_is_planned_from_an_older_store_and_asks_what_became_of_its_call() {
    let mut world = world();
    world.boards = hopem_sandbox::monday::standard_boards(&mut world.sandbox.monday());
    assert_eq!(hopem_sandbox::monday::standard_configuration(&world.boards), ENTITIES, "its boards are there");
    let plan = world.run(&["push", "--dry-run", "--json"]).expect(3).json();
    let planned = plan["plan"].as_array().cloned().unwrap_or_default();
    let mut planned: Vec<String> = planned.iter().map(|one| format!("{} {}", one["entity"], one["action"])).collect();
    planned.retain(|one| one.contains("unit:"));
    let expected = ["unit:1 update", "unit:5 update", "unit:2910 create", "unit:2911 create"];
    assert_eq!(planned.join(", ").replace('"', ""), expected.join(", "));
    assert_eq!(world.query("SELECT CAST(count(*) AS TEXT) FROM intents"), ["4"], "a dry run changes nothing");
    // What the killed push sent was done by half.
    let board = world.boards.iter().find(|board| board.kind == "unit").expect("a board").board_id.clone();
    let made = world.sandbox.monday().create_item_by_hand(&board, "B9 – 901", &json!({ "text_key": "unit:2910" }));
    let push = world.run(&["push", "unit", "--json"]).expect(3).json();
    assert_eq!(world.query("SELECT item_id FROM entities WHERE kind = 'unit' AND key = '2910'"), [made], "{push}");
    assert_eq!(
        states(&world, "unit").iter().filter(|one| one.starts_with("291") && one.ends_with(" synced")).count(),
        2
    );
    assert_eq!(world.sandbox.monday().duplicate_keys(&board, "text_key"), [""; 0]);
}
