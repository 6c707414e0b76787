//! Stores that hold every word of their version: whatever stands in them is read by this one, and a sync gets on with it.
//!
//! `fixtures/store-v3.sql` and `store-v13.sql` add to the stores that those versions wrote (`migration.rs`) what these lack. `store-v26.db`
//! was made by version 26 with `store-v26.sql`: in it no table is empty. It stays at that version: a table that a later one adds need
//! not be in it, but every later migration meets all the tables there were.

use crate::support::World;
use hopem_sandbox::Portfolio;
use hopem_sandbox::monday::{standard_boards, standard_configuration};
use serde_json::{Map, Value, json};
use std::fs;
use std::path::Path;

/// A store of an earlier version: its file, what is added to it, and its configuration.
struct Older {
    version: &'static str,
    store: &'static [u8],
    more: &'static str,
    entities: &'static str,
}

const V3: Older = Older {
    version: "3",
    store: include_bytes!("../fixtures/store-v3.db"),
    more: include_str!("../fixtures/store-v3.sql"),
    entities: include_str!("../fixtures/store-v3.toml"),
};
const V13: Older = Older {
    version: "13",
    store: include_bytes!("../fixtures/store-v13.db"),
    more: include_str!("../fixtures/store-v13.sql"),
    entities: include_str!("../fixtures/store-v13.toml"),
};

const V26: Older = Older {
    version: "26",
    store: include_bytes!("../fixtures/store-v26.db"),
    more: include_str!("../fixtures/store-v26.sql"),
    entities: include_str!("../fixtures/store-v26.toml"),
};

/// The set of HApi that each kind is read from.
const SETS: [(&str, &str); 8] = [
    ("company", "LedgerDivisions"),
    ("building", "Buildings"),
    ("unit", "Units"),
    ("tenant", "Tenants"),
    ("parking", "Parkings"),
    ("storage", "Storages"),
    ("parking-lease", "TenantParkings"),
    ("locker-lease", "TenantStorages"),
];

/// The first id that the sandbox gives an item, and the step to the next one.
const ITEMS: (u64, u64) = (9_007_199_254_741_064, 7);

impl Older {
    /// A world with that store: HApi holds the records that it holds, the boards the items that it knows of.
    fn world(&self) -> World {
        let mut world = World::bare();
        // A store kept as a file grows older every day.
        world.set("SYNC_KEEP_DELETED", "36500d");
        world.set("MONDAY_DAILY_CALLS", "0");
        world.set("MONDAY_SETTLE", "60ms");
        fs::create_dir(world.path("data")).expect("a folder");
        fs::write(world.store(), self.store).expect("a store");
        let connection = rusqlite::Connection::open(world.store()).expect("a store");
        connection.execute_batch(self.more).expect("what is added");
        drop(connection);
        assert_eq!(user_version(&world), self.version);
        world.configure(self.entities);
        world.boards = standard_boards(&mut world.sandbox.monday());
        fill_hapi(&world);
        fill_boards(&world);
        world
    }
}

fn user_version(world: &World) -> String {
    world.query("SELECT CAST(user_version AS TEXT) FROM pragma_user_version").concat()
}

fn fill_hapi(world: &World) {
    let rows = "SELECT json_array(kind, json(record)) FROM entities JOIN records ON entity = id
        WHERE deleted_at IS NULL AND record <> 'null' ORDER BY id";
    for row in world.query(rows) {
        let (kind, record): (String, Value) = serde_json::from_str(&row).expect("a record");
        let (_, set) = SETS.iter().find(|(name, _)| *name == kind).expect("a set");
        world.sandbox.hapi().insert(set, record);
    }
}

/// Items with the ids and values that the store knows of; ids of which it knows nothing any more are those of archived ones.
fn fill_boards(world: &World) {
    let rows = "SELECT json_array(coalesce(e.item_id, e.former_item), e.kind || ':' || e.key, e.is_unlinked AND e.item_id IS NULL,
            json(coalesce(s.columns, '{}'))) FROM entities e LEFT JOIN sent s ON s.entity = e.id
        WHERE coalesce(e.item_id, e.former_item) IS NOT NULL ORDER BY 1";
    let (mut all, mut gone) = (Vec::new(), Vec::new());
    let mut next = ITEMS.0;
    for row in world.query(rows) {
        let (item, entity, is_former, mut values): (String, String, u8, Map<String, Value>) =
            serde_json::from_str(&row).expect("an item");
        let (kind, _) = entity.split_once(':').expect("a kind");
        let board = world.board(kind);
        let mut monday = world.sandbox.monday();
        while item != next.to_string() {
            gone.push(monday.create_item_by_hand(board, "gone", &json!({})));
            assert_eq!(gone.last(), Some(&next.to_string()));
            next += ITEMS.1;
        }
        next += ITEMS.1;
        let name = values.remove("name").and_then(|name| name.as_str().map(str::to_owned));
        values.retain(|_, value| !value.is_null() && value.get("seen").is_none() && value.get("again").is_none());
        if is_former == 0 {
            values.insert("text_key".to_owned(), json!(entity));
        }
        assert_eq!(monday.create_item_by_hand(board, name.as_deref().unwrap_or(&entity), &json!({})), item);
        all.push((item, values));
    }
    // Items that they connect to are there now.
    for (item, values) in all {
        for (column, value) in values {
            world.sandbox.monday().edit_by_hand(&item, &column, &value);
        }
    }
    for item in gone {
        world.sandbox.monday().archive_by_hand(&item);
    }
}

#[test]
#[ignore = "writes a store of the version at hand, for whoever adds a fixture"]
fn make_a_store_of_today() {
    let mut world = World::bare();
    Portfolio::tidy(7, 6).fill(&mut world.sandbox.hapi());
    world.boards = standard_boards(&mut world.sandbox.monday());
    let entities = standard_configuration(&world.boards);
    world.configure(&entities);
    world.line("sync").expect(0);
    for (unit, value) in [(1, json!("no date")), (2, json!("2026-12-01"))] {
        assert!(world.sandbox.hapi().update("Units", unit, "AvailableDate", value));
    }
    world.line("pause unit:3 --until 2099-01-01 --reason travaux").expect(0);
    world.line("pause storage").expect(0);
    world.line("unlink unit:4").expect(0);
    world.line("sync").expect(3);
    let version = user_version(&world);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let file = folder.join(format!("store-v{version}.db"));
    fs::write(folder.join(format!("store-v{version}.toml")), entities).expect("its configuration");
    world.line(&format!("backup {}", file.display())).expect(0);
}

/// Runs what only reads: none of it finds the store unfit, and none changes it. A rehearsal keeps the calls that it took, and nothing else.
fn is_read(world: &World) {
    let before = fs::read(world.store()).expect("a store");
    for command in [
        "status --json",
        "status unit --json",
        "show-json unit:7",
        "runs --json",
        "explain unit:7 --json",
        "export unit",
    ] {
        world.line(command).expect(0);
    }
    assert!(fs::read(world.store()).expect("a store") == before, "what only reads leaves the store as it is");
    let kept = || {
        let entities = "SELECT json_array(kind, key, version, due, has_failed, item_id, deleted_at) FROM entities";
        [world.query(entities), world.query("SELECT json_array(batch, alias, entity) FROM intents")]
    };
    let before = kept();
    let rehearsal = world.line("sync --dry-run --accept-new-source --json");
    assert!([0, 3, 5].contains(&rehearsal.code), "{rehearsal:#?}");
    assert_eq!(kept(), before);
}

/// Lets any command write, so that the store is brought up to date, and nothing else is done with it.
fn is_migrated(world: &World) {
    world.run(&["pause", "company:1-1"]).expect(0);
    world.run(&["resume", "company:1-1"]).expect(0);
}

/// What a column holds, each word once.
fn words(world: &World, query: &str) -> String {
    let mut words =
        world.query(&format!("SELECT DISTINCT coalesce(CAST(word AS TEXT), '-') FROM ({query}) ORDER BY 1"));
    words.sort();
    words.join(" ")
}

/// Rows look so now.
fn assert_rows(world: &World, rows: &[(&str, &[&str])]) {
    for (query, expected) in rows {
        assert_eq!(world.query(query), *expected, "{query}");
    }
}

/// A sync ends so, and nothing is left: no call is open, no side has failed, no key stands twice, and a second run does nothing.
fn converges(world: &World, code: i32) {
    let run = world.line("sync --accept-new-source --json").expect(code).json();
    assert_rows(
        world,
        &[
            ("SELECT alias FROM intents", &[]),
            ("SELECT CAST(id AS TEXT) FROM batches", &[]),
            ("SELECT side FROM side_failures", &[]),
        ],
    );
    for board in &world.boards {
        assert_eq!(world.sandbox.monday().duplicate_keys(&board.board_id, "text_key"), [""; 0], "{run:#}");
    }
    let again = world.line("sync --json").json();
    for (kind, done) in again["push"].as_object().expect("kinds") {
        let done = ["created", "adopted", "updated", "archived", "deferred"].map(|count| done[count].clone());
        assert_eq!(done, [0, 0, 0, 0, 0], "{kind}: {again:#}");
    }
}

/// The state of an item on its board, and the key that it bears.
fn item(world: &World, kind: &str, id: &str) -> (String, Value) {
    let items = world.sandbox.monday().items(world.board(kind));
    let item = items.into_iter().find(|item| item.id == id).expect("an item");
    (item.state.to_string(), item.values.get("text_key").cloned().unwrap_or(Value::Null))
}

#[test]
fn every_word_of_version_3_is_read_and_a_sync_goes_on_from_it() {
    let world = V3.world();
    for (query, expected) in [
        ("SELECT action AS word FROM intents", "archive create delete unkey update"),
        ("SELECT action AS word FROM changes", "adopt archive create unlink update"),
        ("SELECT origin AS word FROM entities", "- adopted created linked"),
        ("SELECT deleted_why AS word FROM entities", "- filtered gone"),
        ("SELECT send_all AS word FROM entities", "0 1 2"),
        ("SELECT outcome AS word FROM runs", "- budget failed guarded interrupted ok partial refused"),
        ("SELECT side AS word FROM waits", "hapi monday"),
        ("SELECT status AS word FROM events", "- 1 2 3"),
        ("SELECT purpose AS word FROM routes", "in vain subscribe subscriptions unsubscribe"),
    ] {
        assert_eq!(words(&world, query), expected, "{query}");
    }
    is_read(&world);
    is_migrated(&world);
    assert_rows(
        &world,
        &[
            (
                "SELECT batch || ' ' || alias || ' ' || kind || ':' || key || ' ' || action || ' ' || withheld FROM intents
                    JOIN entities ON id = entity WHERE batch = 2 ORDER BY alias",
                &[
                    "2 a0 tenant:7 archive []",
                    "2 a1 tenant:8 clear-key []",
                    "2 a2 tenant:6 delete []",
                    r#"2 a3 tenant:9 update ["country_main"]"#,
                ],
            ),
            (
                "SELECT json_array(id, is_partial, next_lookup_at, lookups, empty_lookups, is_cut_off, sendings, is_replayed) FROM batches",
                &["[1,0,null,0,0,1,1,0]", r#"[2,1,"2026-11-25T18:50:40.000Z",1,1,1,1,0]"#],
            ),
            (
                "SELECT json_array(key, deleted_why, deleted_freely, released_at) FROM entities WHERE deleted_at IS NOT NULL",
                &[r#"["3","gone",0,null]"#, r#"["6","filtered",1,"2026-11-25T18:50:38.000Z"]"#],
            ),
            (
                "SELECT json_array(kind, entity, at, is_free) FROM departures",
                &[r#"["tenant",3,"2026-11-25T18:50:35.175Z",0]"#, r#"["tenant",6,"2026-11-25T18:50:38.000Z",1]"#],
            ),
            ("SELECT key FROM entities WHERE is_unlinked AND archive_item", &["7"]),
            ("SELECT key || ' ' || origin FROM entities WHERE origin <> 'created'", &["9 adopted", "10 linked"]),
            ("SELECT purpose FROM routes ORDER BY 1", &["subscribe", "subscriptions", "unsubscribe"]),
            ("SELECT failed_at FROM subscription_search", &["2026-11-25T18:50:35.000Z"]),
            ("SELECT source || ' ' || refused FROM receiver", &["listen 2"]),
            ("SELECT CAST(id AS TEXT) FROM runs WHERE is_by_events", &["6"]),
            ("SELECT json_array(side, until, is_daily) FROM waits ORDER BY 1", &[
                r#"["hapi","2026-11-25T18:55:00.000Z",0]"#,
                r#"["monday","2026-11-26T00:00:00.000Z",0]"#,
            ]),
            ("SELECT unavailable FROM kinds WHERE unavailable IS NOT NULL", &[r#"{"Hapi":{"ModuleMissing":{"status":404}}}"#]),
        ],
    );
    let items = [6, 7, 8].map(|key| {
        let of = format!("SELECT item_id FROM entities WHERE kind = 'tenant' AND key = '{key}'");
        world.query(&of).concat()
    });
    converges(&world, 3);
    let [filtered, archived, dissociated] = items.map(|id| item(&world, "tenant", &id));
    assert_eq!((filtered.0.as_str(), archived.0.as_str()), ("archived", "archived"));
    assert_eq!((dissociated.0.as_str(), &dissociated.1), ("active", &Value::Null));
    assert_rows(
        &world,
        &[("SELECT kind FROM kind_failures", &[]), ("SELECT column_id FROM failures", &["phone_cell"])],
    );
    for (key, state) in [("6", "deleted"), ("7", "unlinked"), ("8", "unlinked"), ("9", "synced"), ("10", "synced")] {
        assert_eq!(state_of(&world, "tenant", key), state, "tenant:{key}");
    }
}

fn state_of(world: &World, kind: &str, key: &str) -> String {
    let explained = world.line(&format!("explain {kind}:{key} --json")).json();
    explained["state"].as_str().unwrap_or("-").to_owned()
}

#[test]
fn every_word_of_version_13_is_read_and_a_sync_goes_on_from_it() {
    let world = V13.world();
    for (query, expected) in [
        ("SELECT action AS word FROM intents", "archive create delete unkey update"),
        ("SELECT action AS word FROM changes", "adopt archive create unlink update"),
        ("SELECT origin AS word FROM entities", "- adopted created linked"),
        ("SELECT deleted_why AS word FROM entities", "- filtered gone"),
        ("SELECT outcome AS word FROM runs", "- budget failed guarded interrupted ok partial refused"),
        ("SELECT side AS word FROM waits", "hapi monday"),
        ("SELECT side AS word FROM side_failures", "hapi monday"),
        ("SELECT stage AS word FROM kind_failures", "pull push"),
        ("SELECT status AS word FROM events", "- 1 2 3"),
        ("SELECT purpose AS word FROM routes", "in vain subscribe subscriptions unsubscribe"),
        ("SELECT count(DISTINCT cause) AS word FROM failures", "42"),
    ] {
        assert_eq!(words(&world, query), expected, "{query}");
    }
    assert_eq!(empty_tables(&world), [""; 0]);
    let causes = world.query("SELECT DISTINCT cause FROM failures ORDER BY 1");
    is_read(&world);
    is_migrated(&world);
    assert_eq!(world.query("SELECT DISTINCT cause FROM failures ORDER BY 1"), causes);
    assert_eq!(world.query("SELECT DISTINCT cause FROM kind_failures WHERE stage = 'pull' ORDER BY 1"), causes);
    assert_rows(
        &world,
        &[
            (
                "SELECT batch || ' ' || alias || ' ' || kind || ':' || key || ' ' || action || ' ' || withheld FROM intents
                    JOIN entities ON id = entity WHERE batch = 2 OR entities.item_id IS NOT NULL ORDER BY batch, alias",
                &[
                    "1 a0 unit:9 update []",
                    "1 a3 unit:14 archive []",
                    "1 a4 unit:12 clear-key []",
                    "2 a0 parking:6 delete []",
                    r#"2 a1 parking:4 update ["numbers_width"]"#,
                ],
            ),
            (
                "SELECT json_array(id, is_partial, next_lookup_at, lookups, empty_lookups, is_cut_off, sendings, is_replayed) FROM batches",
                &[r#"[1,1,"2026-11-25T22:23:20.000Z",1,1,0,2,1]"#, "[2,0,null,0,0,1,1,0]"],
            ),
            (
                "SELECT kind || ':' || key || ' ' || faults || ' ' || max_batch || ' ' || is_singled_out FROM call_faults
                    JOIN entities ON id = entity ORDER BY entity",
                &["unit:2 3 12 0", "parking-lease:3 0 1 1"],
            ),
            (
                "SELECT json_array(side, cause, message, hint IS NULL, since) FROM side_failures ORDER BY side",
                &[
                    r#"["hapi","login-refused","{\"Hapi\":{\"LoginRefusedTwice\":{\"what\":\"GET Units\"}}}",0,"2026-11-25T22:00:00.000Z"]"#,
                    r#"["monday","unreachable","{\"Foreign\":\"connection refused\"}",1,"2026-11-25T22:00:00.000Z"]"#,
                ],
            ),
            (
                "SELECT json_array(kind, board, column_id, why, tried_at) FROM closed_columns",
                &[r#"["company","9007199254741008","text_city","You do not have permission to edit this column","2026-11-25T22:23:11.300Z"]"#],
            ),
            ("SELECT json_array(item_id, at) FROM recreations", &[r#"["9007199254741001","2026-11-25T22:23:12.000Z"]"#]),
            ("SELECT json_array(column_id, sent, shown, rounds) FROM forms", &[r#"["text_code","\"7\"","7.",2]"#]),
            ("SELECT kind || '.' || property FROM properties WHERE NOT is_known", &["unit.Nickname"]),
            ("SELECT CAST(reads AS TEXT) FROM unaskable", &["2"]),
            ("SELECT json_array(others, strays, doubles, found, found_at, newest_item) FROM board_items WHERE others", &[
                r#"[1,2,3,4,"2026-11-25T22:23:13.000Z",null]"#,
            ]),
            ("SELECT json_array(unavailable, was_notified, accepted_board, page_size) FROM kinds WHERE unavailable IS NOT NULL", &[
                r#"["{\"Hapi\":{\"ModuleMissing\":{\"status\":404}}}",1,"9007199254741057",null]"#,
            ]),
            ("SELECT key || ' ' || is_free FROM departures JOIN entities e ON e.id = entity WHERE e.kind = 'parking'", &["5 1", "6 0"]),
            ("SELECT file FROM backups", &["/nowhere/store.db"]),
            ("SELECT since FROM freed", &["2026-11-25T22:23:17.000Z"]),
            ("SELECT json_array(side, is_daily) FROM waits ORDER BY 1", &[r#"["hapi",0]"#, r#"["monday",1]"#]),
            ("SELECT source || ' ' || refused FROM receiver", &["listen 2"]),
            ("SELECT name || ' ' || url FROM subscriptions", &["Unit https://example.org/hook"]),
            ("SELECT failed_at FROM subscription_search", &["2026-11-25T22:23:18.000Z"]),
            ("SELECT CAST(id AS TEXT) FROM runs WHERE is_by_events", &["18"]),
        ],
    );
    converges(&world, 5);
    // Its `archive` and its `delete` were lost with the answer; what stays is archived, as the configuration says.
    for (kind, id, state) in [
        ("unit", "9007199254741253", "archived"),
        ("parking", "9007199254741302", "archived"),
        ("parking", "9007199254741309", "archived"),
        ("unit", "9007199254741239", "active"),
    ] {
        assert_eq!(item(&world, kind, id).0, state, "{kind} {id}");
    }
    assert_eq!(item(&world, "unit", "9007199254741239").1, Value::Null, "the key is cleared");
    assert_rows(
        &world,
        &[
            ("SELECT kind || ' ' || cause FROM kind_failures", &["tenant guarded"]),
            ("SELECT column_id FROM failures", &["date_available"]),
            ("SELECT CAST(entity AS TEXT) FROM call_faults", &[]),
            ("SELECT property FROM properties WHERE NOT is_known", &[]),
        ],
    );
}

/// The tables in which nothing stands.
fn empty_tables(world: &World) -> Vec<String> {
    let mut tables = world.query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
    tables.retain(|table| world.query(&format!("SELECT 'x' FROM {table} LIMIT 1")).is_empty());
    tables
}

#[test]
fn every_table_and_every_word_of_version_26_is_read_and_a_sync_goes_on_from_it() {
    let world = V26.world();
    assert_eq!(empty_tables(&world), [""; 0]);
    for (query, expected) in [
        ("SELECT action AS word FROM intents", "archive clear-key create delete update"),
        ("SELECT action AS word FROM changes", "adopt archive create unlink update"),
        ("SELECT origin AS word FROM entities", "- adopted created linked"),
        ("SELECT deleted_why AS word FROM entities", "- filtered gone"),
        ("SELECT outcome AS word FROM runs", "- budget failed guarded interrupted ok partial refused"),
        ("SELECT side AS word FROM waits", "hapi monday"),
        ("SELECT side AS word FROM side_failures", "hapi monday"),
        ("SELECT stage AS word FROM kind_failures", "pull push"),
        ("SELECT status AS word FROM events", "- 1 2 3"),
        ("SELECT source AS word FROM receiver", "listen"),
        ("SELECT purpose AS word FROM routes", "subscribe subscriptions unsubscribe"),
        ("SELECT channel || '=' || state AS word FROM notices", "command=bad url=good"),
        ("SELECT count(DISTINCT cause) AS word FROM failures", "44"),
    ] {
        assert_eq!(words(&world, query), expected, "{query}");
    }
    is_read(&world);
    converges(&world, 0);
    for (kind, key, state) in [
        ("unit", "1", "error"),
        ("unit", "5", "synced"),
        ("unit", "6", "synced"),
        ("unit", "7", "synced"),
        ("unit", "8", "deleted"),
        ("unit", "1448", "unlinked"),
        ("unit", "2909", "unlinked"),
        ("unit", "9001", "synced"),
        ("tenant", "9001", "synced"),
        ("tenant", "9002", "off"),
        ("parking", "9001", "synced"),
        ("parking-lease", "1", "deleted"),
    ] {
        assert_eq!(state_of(&world, kind, key), state, "{kind}:{key}");
    }
    assert_rows(
        &world,
        &[
            ("SELECT kind FROM kind_failures", &[]),
            ("SELECT column_id FROM failures", &["date_available"]),
            ("SELECT CAST(entity AS TEXT) FROM call_faults", &[]),
            ("SELECT CAST(batch AS TEXT) FROM import_jobs", &[]),
            ("SELECT column_id FROM closed_columns", &[]),
        ],
    );
}
