//! A store belongs to one HApi, its boards and its keys; with others nothing is touched until somebody agrees.

use crate::support::{World, unit};
use hopem_sandbox::monday::{standard_boards, standard_configuration};
use hopem_sandbox::{Api, Options, Sandbox};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::process::Stdio;

const UNITS: i64 = 12;
/// Where the settings of units begin.
const UNIT: &str = "[entities.unit]\n";

/// Units on their board.
fn loaded() -> World {
    let mut world = World::bare();
    for id in 1..=UNITS {
        world.sandbox.hapi().insert("Units", unit(id));
    }
    let boards = standard_boards(&mut world.sandbox.monday());
    world.boards = boards.into_iter().filter(|board| ["unit", "storage"].contains(&board.kind)).collect();
    world.configure(&standard_configuration(&world.boards[..]));
    world.set("MONDAY_DAILY_CALLS", "0");
    world.doc("sync", 0);
    world.forget_calls();
    world
}

/// Everything that stands on both boards, by item: key and name.
fn shown(world: &World) -> BTreeMap<String, (Option<Value>, String)> {
    let mut shown = BTreeMap::new();
    for board in &world.boards {
        for item in world.sandbox.monday().items(&board.board_id) {
            if item.state == "active" {
                shown.insert(item.id.clone(), (item.values.get("text_key").cloned(), item.name.clone()));
            }
        }
    }
    shown
}

/// What stands in the store, its runs included.
fn stored(world: &World) -> Vec<String> {
    let runs = world.query("SELECT 'runs ' || count(*) FROM runs");
    let owner = world.query("SELECT address FROM source");
    let kinds = world.query("SELECT json_array(kind, key_properties, accepted_board) FROM kinds ORDER BY kind");
    world.content().into_iter().chain(runs).chain(owner).chain(kinds).collect()
}

/// Checks that these commands refuse, say how to go on, and touch nothing: neither the store, nor HApi, nor a board.
#[track_caller]
fn assert_refused(world: &World, lines: &[&str], note: &str, flag: &str) {
    let (store, boards) = (stored(world), shown(world));
    world.forget_calls();
    for line in lines {
        let refused = world.line(line).expect(2);
        let command = line.split(' ').next().filter(|word| ["pull", "push"].contains(word)).unwrap_or("sync");
        assert!(refused.stderr.contains(note), "{line}: {refused:?}");
        assert!(refused.stderr.contains(&format!("hopem-sync {command} {flag}")), "{line}: {refused:?}");
        let document = world.doc(line, 2);
        assert_eq!(document["error"]["exit_code"], 2, "{line}");
    }
    assert_eq!((stored(world), shown(world)), (store, boards));
    assert_eq!((world.sandbox.request_count(Api::Monday), world.sandbox.request_count(Api::Hapi)), (0, 0));
}

#[test]
fn another_hapi_is_refused_until_it_is_accepted() {
    let world = loaded();
    let other = Sandbox::start(Options::default()).expect("a sandbox");
    for id in 1..=UNITS {
        let mut unit = unit(id);
        unit["UnitCode"] = json!(format!("other {id}"));
        other.hapi().insert("Units", unit);
    }
    let (before, url) = (shown(&world), world.sandbox.hapi_url());
    world.edit(&url, &other.hapi_url());
    let lines = ["sync", "pull", "push", "sync --dry-run", "pull unit --full", "resync unit:1"];
    assert_refused(&world, &lines, "`[hapi] url` now names 127.0.0.1:", "--accept-new-source");
    assert_eq!(other.request_count(Api::Hapi), 0);
    world.line("status").expect(0);
    // Back again, nothing has happened.
    world.edit(&other.hapi_url(), &url);
    assert_eq!(world.doc("sync", 0)["push"]["unit"]["unchanged"], UNITS);
    world.edit(&url, &other.hapi_url());
    let run = world.doc("sync --accept-new-source", 0);
    assert_eq!((&run["pull"]["unit"]["changed"], &run["push"]["unit"]["updated"]), (&json!(UNITS), &json!(UNITS)));
    assert!(run["notes"].to_string().contains("now belongs to the HApi at"), "{run}");
    assert_eq!(shown(&world).keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>(), "the same items");
    world.doc("sync", 0);
    world.edit(&other.hapi_url(), &url);
    assert_refused(&world, &["sync"], "`[hapi] url` now names", "--accept-new-source");
    // Nor is what another HApi has under the same key shown as if it were this one's.
    assert_refused(&world, &["show-json unit --live"], "`[hapi] url` now names", "--accept-new-source");
}

#[test]
fn another_spelling_of_an_address_is_no_other_source() {
    let world = loaded();
    let url = world.sandbox.hapi_url();
    for spelling in [format!("{url}/"), format!("{url}/api"), format!("{url}/api/"), url.replace("http:", "HTTP:")] {
        world.edit(&format!("url = \"{url}\""), &format!("url = \"{spelling}\""));
        world.doc("sync", 0);
        world.edit(&format!("url = \"{spelling}\""), &format!("url = \"{url}\""));
    }
}

#[test]
fn a_first_address_that_brought_nothing_binds_nobody() {
    let world = World::units(1..=3);
    let url = world.sandbox.hapi_url();
    world.edit(&url, "http://127.0.0.1:1");
    world.line("pull").expect(1);
    world.edit("http://127.0.0.1:1", &url);
    world.line("pull").expect(0);
    assert_eq!(world.query("SELECT address FROM source"), [url.trim_start_matches("http://")]);
}

#[test]
fn another_board_is_refused_until_it_is_accepted_and_the_old_items_are_reported() {
    let world = loaded();
    let (old, new) = (world.board("unit").to_owned(), other_board(&world));
    let before = shown(&world);
    world.edit(&format!("board = {old}\n"), &format!("board = {new}\n"));
    let lines = ["sync", "push", "push unit:1", "sync --dry-run", "resync unit:1", "link --auto unit", "link unit:1 5"];
    let note = format!("12 items of unit are on board {old}");
    assert_refused(&world, &lines, &note, "--accept-new-source");
    world.line("pull").expect(0);
    // The new board may bear some of them already: they are found, not doubled.
    let copied = world.sandbox.monday().create_item_by_hand(&new, "copied", &json!({"text_key": "unit:3"}));
    let run = world.doc("push --accept-new-source --limit 5", 0);
    assert!(run["notes"].to_string().contains(&format!("12 items stay on board {old} as they are")), "{run}");
    world.doc("push", 0);
    world.doc("sync", 0);
    let active = |board: &str| {
        let items = world.sandbox.monday().items(board).into_iter().filter(|item| item.state == "active");
        items.map(|item| item.id).collect::<Vec<_>>()
    };
    assert_eq!((active(&old).len(), active(&new).len()), (12, 12));
    assert!(active(&new).contains(&copied));
    assert_eq!(before.keys().filter(|id| active(&old).contains(id)).count(), 12, "what was there stays");
    assert!(world.sandbox.monday().duplicate_keys(&new, "text_key").is_empty());
    // Back again: refused likewise, and what is on the old board is found there.
    world.edit(&format!("board = {new}\n"), &format!("board = {old}\n"));
    assert_refused(&world, &["sync"], &format!("12 items of unit are on board {new}"), "--accept-new-source");
    let run = world.doc("sync --accept-new-source", 0);
    assert_eq!((&run["push"]["unit"]["created"], &run["push"]["unit"]["adopted"]), (&json!(0), &json!(12)));
}

#[test]
fn a_board_that_never_bore_an_item_is_corrected_without_a_word() {
    let world = loaded();
    let board = world.board("unit").to_owned();
    let fresh = World::units(1..=3);
    let text = std::fs::read_to_string(world.path("config.toml")).expect("a configuration");
    let settings = text.split_once("[entities.unit]").map(|(_, rest)| rest).unwrap_or_default();
    fresh.configure(&format!("[entities.unit]{settings}").replace(&board, "999999"));
    fresh.line("sync");
    fresh.configure(&format!("[entities.unit]{settings}").replace(&board, "999998"));
    let reported = fresh.line("sync").expect(3);
    assert!(!reported.stderr.contains("--accept-new-source"), "{reported:?}");
}

#[test]
fn another_key_is_refused_until_the_entities_have_theirs() {
    let world = loaded();
    let items = shown(&world);
    world.line("pause unit:2 --reason disputed").expect(0);
    world.set_key("[\"CompanyNo\", \"UnitCode\"]");
    let lines = ["sync", "pull", "push", "sync storage", "push --dry-run", "resync unit:1"];
    assert_refused(&world, &lines, "`[entities.unit] key` is now CompanyNo, UnitCode", "--rekey");
    let dry = world.doc("sync --rekey --dry-run", 0);
    assert_eq!(dry["plan"][0]["columns"]["text_key"], json!({"old": "unit:1", "new": "unit:3-1"}));
    let run = world.doc("sync --rekey", 0);
    assert!(run["notes"].to_string().contains("12 entities of unit have a new key"), "{run}");
    assert_eq!((&run["pull"]["unit"]["new"], &run["pull"]["unit"]["deleted"]), (&json!(0), &json!(0)), "{run}");
    assert_eq!((&run["push"]["unit"]["created"], &run["push"]["unit"]["updated"]), (&json!(0), &json!(11)), "{run}");
    world.line("resume unit:3-2").expect(0);
    let story = world.doc("status unit:3-1", 0);
    let actions: Vec<&Value> =
        story["entities"][0]["changes"].as_array().into_iter().flatten().map(|change| &change["action"]).collect();
    assert_eq!(actions, ["update", "create"], "its story goes on: {story}");
    world.doc("sync", 0);
    let after = shown(&world);
    assert_eq!(after.keys().collect::<Vec<_>>(), items.keys().collect::<Vec<_>>(), "the same items");
    let keys: Vec<String> = after.values().filter_map(|(key, _)| key.as_ref()?.as_str().map(str::to_owned)).collect();
    let mut expected: Vec<String> = (1..=UNITS).map(|id| format!("unit:3-{id}")).collect();
    expected.sort();
    let mut keys = keys;
    keys.sort();
    assert_eq!(keys, expected);
    let calls = world.doc("sync", 0);
    assert_eq!((&calls["monday_calls"], &calls["pull"]["unit"]["unchanged"]), (&json!(0), &json!(UNITS)));
}

#[test]
fn a_key_that_several_would_share_is_refused_with_everything_as_it_was() {
    let world = loaded();
    world.sandbox.hapi().update("Units", 2, "UnitCode", json!("1"));
    world.doc("sync", 0);
    world.set_key("[\"UnitCode\"]");
    let (store, boards) = (stored(&world), shown(&world));
    let refused = world.line("sync --rekey").expect(2);
    assert!(refused.stderr.contains("unit:1 and unit:2 would both be unit:1"), "{refused:?}");
    let world_again = (stored(&world), shown(&world));
    assert_eq!(world_again, (store, boards));
    // Nor where the stored records do not have the property.
    world.edit("key = [\"UnitCode\"]\n", "key = [\"NoSuch\"]\n");
    let refused = world.line("sync --rekey").expect(2);
    assert!(refused.stderr.contains("the stored records of 12 entities of unit have no `NoSuch`"), "{refused:?}");
    assert_eq!((stored(&world), shown(&world)), world_again);
}

#[test]
fn keys_that_change_places_keep_their_items() {
    let world = loaded();
    world.sandbox.hapi().update("Units", 1, "UnitCode", json!("2"));
    world.sandbox.hapi().update("Units", 2, "UnitCode", json!("1"));
    world.doc("sync", 0);
    let item = |key: &str| world.item("unit", key).expect("an item").id;
    let (first, second) = (item("1"), item("2"));
    world.set_key("[\"UnitCode\"]");
    world.doc("push --rekey", 0);
    assert_eq!((item("1"), item("2")), (second, first));
    world.doc("sync", 0);
    assert_eq!(shown(&world).len(), UNITS as usize);
}

#[test]
fn a_key_of_the_same_values_needs_no_word() {
    let world = loaded();
    world.set_key("[\"UnitCode\"]");
    let run = world.doc("sync", 0);
    assert_eq!((&run["pull"]["unit"]["new"], &run["monday_calls"]), (&json!(0), &json!(0)), "{run}");
    assert_eq!(world.query("SELECT key_properties FROM kinds WHERE kind = 'unit'"), ["[\"UnitCode\"]"]);
}

impl World {
    fn set_key(&self, key: &str) {
        self.edit(UNIT, &format!("{UNIT}key = {key}\n"));
    }
}

/// A second board with the columns of the units' one.
fn other_board(world: &World) -> String {
    let boards = standard_boards(&mut world.sandbox.monday());
    boards.into_iter().find(|board| board.kind == "unit").expect("a board").board_id
}

impl World {
    /// Webhooks about a unit, from these client databases.
    fn deliver_from(&self, databases: &[&str]) {
        let event = |database: &&str| {
            format!("{{\"Id\":1,\"Entity\":\"Unit\",\"Status\":1,\"DatabaseName\":\"{database}\"}}\n")
        };
        let lines: String = databases.iter().map(event).collect();
        let mut command = self.command(&["listen", "--stdin", "-q"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("it runs");
        child.stdin.take().expect("stdin").write_all(lines.as_bytes()).expect("events");
        assert!(child.wait().expect("it ends").success());
    }
}

#[test]
fn another_client_database_at_the_same_address_is_refused_too() {
    let mut world = loaded();
    world.set("LISTEN_SECRET", "s");
    world.deliver_from(&["CLIENT/A", "client/a"]);
    world.doc("sync", 0);
    // One event may lie: it is a hint like any other, and reported.
    world.deliver_from(&["CLIENT/B"]);
    let run = world.doc("sync", 0);
    assert!(run["notes"].to_string().contains("a webhook came from the client database CLIENT/B"), "{run}");
    world.deliver_from(&["CLIENT/A", "CLIENT/B", "CLIENT/B"]);
    world.doc("sync", 0);
    world.deliver_from(&["CLIENT/B"]);
    let note = "the store holds the entities of the client database client/a";
    assert_refused(&world, &["sync", "pull", "push", "sync --dry-run"], note, "--accept-new-source");
    world.doc("sync --accept-new-source", 0);
    assert_eq!(world.doc("sync", 0)["notes"], json!([]));
}
