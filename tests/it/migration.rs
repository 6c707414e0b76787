//! Stores that earlier versions of the program wrote, opened by this one: every state that was in them arrives.
//!
//! `fixtures/store-v3.db` was made by that release against the sandbox: changed, deleted and missing records, a refused value, pauses,
//! unlinked entities, events, a subscription, and a push that was killed while monday was at work on its call. `fixtures/store-v13.db` by
//! version 13: the same, and items that are missing, entities to be sent again whole, by a column or with a new item, a linked item that
//! was never pushed, a column that monday does not clear, and items that the guard holds.

use crate::support::World;
use serde_json::{Value, json};
use std::fs;

const STORE: &[u8] = include_bytes!("../fixtures/store-v3.db");
const ENTITIES: &str = include_str!("../fixtures/store-v3.toml");
const STORE_13: &[u8] = include_bytes!("../fixtures/store-v13.db");
const ENTITIES_13: &str = include_str!("../fixtures/store-v13.toml");

/// A world with that store and the configuration that it was made with.
fn world() -> World {
    let mut world = World::bare();
    age_does_not_matter(&mut world);
    fs::create_dir(world.path("data")).expect("a folder");
    fs::write(world.store(), STORE).expect("a store");
    world.configure(ENTITIES);
    world
}

/// A store kept as a file grows older every day: what was deleted in it stays, and its boards are not due to be verified.
fn age_does_not_matter(world: &mut World) {
    world.set("SYNC_KEEP_DELETED", "36500d");
    world.set("SYNC_VERIFY_EVERY", "never");
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
        "SELECT json_array(kind, nullif(key, ''), reason, who, until, paused_at) FROM pauses ORDER BY kind, key",
        "SELECT json_array(entity, nullif(column_id, ''), message, hint, value, tries, failed_at) FROM failures ORDER BY 1",
        "SELECT json_array(id, kind, key, name, version, due, send_all > 0, is_unlinked, archive_item, board, item_id,
            former_board, received_at, pushed_at, deleted_at) FROM entities ORDER BY id",
        "SELECT json_array(entity, record) FROM records ORDER BY entity",
        "SELECT json_array(entity, key, value) FROM sent, json_each(columns)
            WHERE type <> 'object' OR value NOT LIKE '%true}' ORDER BY entity, key",
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
    let relinked = "SELECT kind || ':' || key FROM entities WHERE relink AND send_all";
    assert_eq!(world.query(relinked), ["unit:1"]);
    let marks = "SELECT coalesce(observed, '-') || ' ' || coalesce(resend, '-') FROM sent
        WHERE observed IS NOT NULL OR resend IS NOT NULL ORDER BY entity";
    assert_eq!(world.query(marks), [r#"- {"text_key":"tenant:4"}"#, r#"{"numbers_tenant":"99"} -"#]);
    let causes = world.query("SELECT cause || ' ' || coalesce(item_id, '-') FROM failures ORDER BY entity");
    assert_eq!(causes, ["unknown -", "item-missing 9007199254741190"]);
    assert_eq!(world.query("SELECT CAST(count(*) AS TEXT) FROM departures WHERE kind = 'tenant'"), ["1"]);
    assert_eq!(world.query("SELECT CAST(lookups AS TEXT) FROM batches"), ["0"], "nobody has looked yet");
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

/// What stood in version 13 of the store: kept with words and numbers that have columns of their own since.
mod thirteen {
    use super::{ENTITIES_13, STORE_13, age_does_not_matter, states};
    use crate::support::World;
    use hopem_sandbox::Portfolio;
    use hopem_sandbox::monday::standard_boards;
    use serde_json::{Map, Value, json};
    use std::fs;

    /// The first id that the sandbox gave an item, and the step to the next one.
    const ITEMS: (u64, u64) = (9_007_199_254_741_064, 7);

    fn world() -> World {
        let mut world = World::bare();
        age_does_not_matter(&mut world);
        world.set("MONDAY_DAILY_CALLS", "0");
        world.set("MONDAY_SETTLE", "60ms");
        fs::create_dir(world.path("data")).expect("a folder");
        fs::write(world.store(), STORE_13).expect("a store");
        world.configure(ENTITIES_13);
        world.boards = standard_boards(&mut world.sandbox.monday());
        world
    }

    /// The records that HApi had, when the store was last used.
    fn fill_hapi(world: &World) {
        let mut hapi = world.sandbox.hapi();
        Portfolio::tidy(7, 12).fill(&mut hapi);
        hapi.remove("Tenants", 6);
        for (unit, property, value) in [
            (10, "Rent", json!(1234.5)),
            (6, "Rent", json!(1234.5)),
            (8, "Rent", json!(777.0)),
            (4, "AvailableDate", json!("no date")),
            (2731, "NumberOfRooms", json!(9.0)),
            (9, "Rent", json!(4321.0)),
        ] {
            assert!(hapi.update("Units", unit, property, value), "unit {unit}");
        }
        let template = hapi.record("Units", 2731).expect("a unit").clone();
        for id in [9001, 9002, 9003] {
            let mut unit = template.clone();
            unit["Id"] = json!(id);
            hapi.insert("Units", unit);
        }
    }

    /// The items that stood on the boards, those of the killed call included: with the ids that they had.
    fn fill_boards(world: &World) {
        let rows = world.query(
            "SELECT json_array(coalesce(e.item_id, e.former_item), e.kind || ':' || e.key, coalesce(s.columns, '{}'))
             FROM entities e LEFT JOIN sent s ON s.entity = e.id WHERE coalesce(e.item_id, e.former_item) IS NOT NULL
             UNION ALL SELECT json_array('9007199254741386', 'tenant:6', '{}')
             UNION ALL SELECT json_array('9007199254741519', 'unit:9001', '{}')
             UNION ALL SELECT json_array('9007199254741526', 'unit:9002', '{}') ORDER BY 1",
        );
        let mut all = Vec::new();
        for (index, row) in rows.iter().enumerate() {
            let row: Vec<String> = serde_json::from_str(row).expect("texts");
            let [item, entity, columns] = row.as_slice() else { panic!("{row:?}") };
            let mut values: Map<String, Value> = serde_json::from_str(columns).expect("columns");
            let name = values.remove("name").and_then(|name| name.as_str().map(str::to_owned));
            values.retain(|_, value| !value.is_null() && value.get("seen").is_none() && value.get("again").is_none());
            if !["unit:13", "unit:9003"].contains(&entity.as_str()) {
                values.insert("text_key".to_owned(), json!(entity));
            }
            let (kind, _) = entity.split_once(':').expect("a kind");
            let made = world.sandbox.monday().create_item_by_hand(
                world.board(kind),
                name.as_deref().unwrap_or(entity),
                &json!({}),
            );
            assert_eq!((&made, made.parse()), (item, Ok(ITEMS.0 + ITEMS.1 * index as u64)), "{entity}");
            all.push((made, values));
        }
        // Items that they connect to are there now.
        for (item, values) in all {
            for (column, value) in values {
                world.sandbox.monday().edit_by_hand(&item, &column, &value);
            }
        }
        for gone in ["9007199254741197", "9007199254741225", "9007199254741386"] {
            world.sandbox.monday().archive_by_hand(gone);
        }
    }

    #[test]
    fn every_state_arrives() {
        let world = world();
        let units = states(&world, "unit");
        for state in
            ["2 pending", "4 error", "5 pending", "6 pending", "8 error", "10 error", "11 paused", "13 unlinked"]
        {
            assert!(units.contains(&state.to_owned()), "{state} in {units:?}");
        }
        assert_eq!(states(&world, "storage"), ["1 paused", "2 paused", "3 paused", "4 paused"]);
        let status = world.run(&["status", "--json"]).expect(0).json();
        let kinds = status["kinds"].as_array().expect("kinds");
        let tenant = kinds.iter().find(|entry| entry["kind"] == "tenant").expect("the kind");
        assert_eq!(tenant["failures"][0]["cause"], "guarded", "{tenant:#}");
        assert_eq!(status["events_pending"], 1, "{status:#}");
        assert_eq!(world.query("SELECT CAST(user_version AS TEXT) FROM pragma_user_version"), ["13"]);
    }

    #[test]
    fn what_was_known_by_its_words_has_columns_of_its_own() {
        let world = world();
        let texts = |query: &str| world.query(query);
        let kept = [
            "SELECT json_array(kind, nullif(key, ''), reason, who, until, paused_at) FROM pauses ORDER BY 1",
            "SELECT json_array(entity, nullif(column_id, ''), cause, message, hint, value, keeps_value, item_id, tries,
                next_try_at, failed_at) FROM failures ORDER BY 1",
            "SELECT json_array(entity, column_id, stage, message, hint, tries, next_try_at, failed_at) FROM v_failures
                ORDER BY 1",
            "SELECT json_array(id, kind, key, name, version, due, is_off, is_unlinked, has_failed, board, item_id,
                former_board, former_item, origin, received_at, pushed_at, deleted_at, due_since, released_at)
                FROM entities ORDER BY id",
            "SELECT json_array(id, board, idempotency_key, body, sent_at, is_partial) FROM batches",
            "SELECT json_array(alias, entity, version, action, item_id, columns, withheld) FROM intents ORDER BY 1",
            "SELECT json_array(id, received_at, name, subject, status, hex(raw), is_pending) FROM events ORDER BY id",
            "SELECT json_array(kind, entity, at, is_free) FROM departures ORDER BY id",
            "SELECT json_array(kind, stage, cause, message, hint, since) FROM kind_failures ORDER BY 1",
            "SELECT json_array(id, command, outcome, exit_code, document) FROM runs ORDER BY id",
            "SELECT json_array(kind, key, action, columns) FROM changes ORDER BY id",
            "SELECT json_array(purpose, path) FROM routes ORDER BY 1",
        ];
        let before: Vec<Vec<String>> = kept.iter().map(|query| texts(query)).collect();
        assert!(before.iter().all(|rows| !rows.is_empty()), "{before:?}");
        let sent = "SELECT json_array(entity, columns) FROM sent ORDER BY entity";
        let sent_before = texts(sent);
        // The first command that writes brings the store up to date.
        world.run(&["pause", "company:1-1"]);
        world.run(&["resume", "company:1-1"]);
        assert_ne!(texts("SELECT CAST(user_version AS TEXT) FROM pragma_user_version"), ["13"]);
        for (query, rows) in kept.iter().zip(before) {
            // The `due_since` of what was paused is now, and of nothing else.
            assert_eq!(texts(query).len(), rows.len(), "{query}");
            let changed: Vec<String> = texts(query).into_iter().filter(|row| !rows.contains(row)).collect();
            assert!(changed.iter().all(|row| row.contains("\"company\",\"1-1\"")), "{query}: {changed:?}");
        }
        let flags =
            "SELECT key || ' ' || send_all || ' ' || relink FROM entities WHERE send_all OR relink ORDER BY key";
        assert_eq!(texts(flags), ["5 1 0", "6 1 1"]);
        let marks = "SELECT coalesce(observed, '-') || ' ' || coalesce(resend, '-') FROM sent
            WHERE observed IS NOT NULL OR resend IS NOT NULL ORDER BY entity";
        assert_eq!(texts(marks), [r#"- {"numbers_rent":"950"}"#, r#"{"name":"found","numbers_rent":"5"} -"#]);
        let is_marked = |row: &&String| row.contains("seen") || row.contains("again");
        let unmarked: Vec<&String> = sent_before.iter().filter(|row| !is_marked(row)).collect();
        let after = texts(sent);
        assert!(unmarked.iter().all(|row| after.contains(row)), "what bore no mark is as it was");
        assert_eq!((sent_before.len() - unmarked.len(), after.iter().filter(is_marked).count()), (2, 0));
    }

    #[test]
    fn a_sync_goes_on_where_the_older_program_stopped() {
        let world = world();
        fill_boards(&world);
        fill_hapi(&world);
        // The column is called `shape` in a store of that version.
        let rules = |column: &str| world.query(&format!("SELECT kind || ' ' || {column} FROM kinds ORDER BY kind"));
        let rules_before = rules("shape");
        let run = world.line("sync --accept-new-source --json").expect(5).json();
        assert_ne!(rules("rules"), rules_before, "names leave out separators of what is empty, since");
        let units = states(&world, "unit");
        let is = |key: &str, state: &str| units.contains(&format!("{key} {state}"));
        // Sent again, whole or by one column; taken now, what was refused; found, what the killed call made.
        for key in ["2", "5", "6", "8", "9", "2731", "9001", "9002", "9003"] {
            assert!(is(key, "synced"), "{key} in {units:?}: {run:#}");
        }
        for (key, state) in [("4", "error"), ("10", "error"), ("11", "paused"), ("13", "unlinked")] {
            assert!(is(key, state), "{key} {state} in {units:?}: {run:#}");
        }
        let item =
            |key: &str| world.query(&format!("SELECT item_id FROM entities WHERE kind = 'unit' AND key = '{key}'"));
        assert_ne!(item("6"), ["9007199254741197"], "a relinked item that is missing is made again");
        assert_eq!(item("9001"), ["9007199254741519"]);
        let value = |key: &str, column: &str| world.item("unit", key).expect("an item").values.get(column).cloned();
        assert_eq!(value("2731", "numbers_rooms"), Some(json!("9")));
        for (key, rent) in [("2", "950"), ("8", "777"), ("9", "4321")] {
            assert_eq!(value(key, "numbers_rent"), Some(json!(rent)), "{key}");
        }
        assert!(world.item("unit", "9003").is_some(), "the linked item has its key now");
        let board = world.board("unit").to_owned();
        assert_eq!(world.sandbox.monday().duplicate_keys(&board, "text_key"), [""; 0]);
        let tenants = world.sandbox.monday().items(world.board("tenant"));
        assert_eq!(tenants.iter().filter(|item| item.state == "active").count(), 17, "the guard holds them still");
        assert_eq!(world.query("SELECT CAST(count(*) AS TEXT) FROM intents"), ["0"]);
        assert_eq!(world.run(&["status", "--json"]).expect(0).json()["events_pending"], 0);
        // Nothing is left but what waits for somebody.
        let again = world.line("sync --json").json();
        assert_eq!(
            (&again["push"]["unit"]["created"], &again["push"]["unit"]["updated"]),
            (&json!(0), &json!(0)),
            "{again:#}"
        );
        assert_eq!(states(&world, "unit"), units);
    }
}
