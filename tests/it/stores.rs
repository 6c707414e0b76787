//! Several stores on one board, and keys that stand on several items: reported until it is over. And runs that are ended while
//! monday fails at a new item again and again.

use crate::support::World;
use hopem_sandbox::{Api, Fault, Portfolio, Rule};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn loaded() -> World {
    let world = World::of(&Portfolio::tidy(3, 8));
    world.doc("sync", 0);
    world.forget_calls();
    world
}

fn add_unit(world: &World, id: i64, comment: &str) {
    let mut unit = world.sandbox.hapi().records("Units").first().expect("a unit").clone();
    unit["Id"] = json!(id);
    unit["UnitCode"] = json!(format!("N{id}"));
    unit["Comment"] = json!(comment);
    world.sandbox.hapi().insert("Units", unit);
}

fn kind(world: &World, name: &str) -> Value {
    let kinds = world.doc("status", 0)["kinds"].as_array().expect("kinds").clone();
    kinds.into_iter().find(|kind| kind["kind"] == name).expect("the kind")
}

fn causes(world: &World, name: &str) -> Vec<Value> {
    kind(world, name)["failures"].as_array().expect("failures").iter().map(|failure| failure["cause"].clone()).collect()
}

#[test]
fn items_of_another_store_are_reported_by_every_status() {
    let world = loaded();
    let copy = world.path("other");
    std::fs::create_dir_all(&copy).expect("a folder");
    for file in std::fs::read_dir(world.path("data")).expect("the store").flatten() {
        std::fs::copy(file.path(), copy.join(file.file_name())).expect("a copy");
    }
    assert!(causes(&world, "unit").is_empty());
    add_unit(&world, 910_001, "");
    world.doc(&format!("sync --store {}", world.path("other/store.db").display()), 0);
    // It is not in this store yet, and stands on the board.
    let strays = world.doc("status --duplicates unit", 0)["duplicates"].clone();
    assert_eq!(strays.as_array().map(Vec::len), Some(1), "{strays:#}");
    assert_eq!((&strays[0]["entity"], &strays[0]["unknown"]), (&json!("unit:910001"), &json!(true)));
    assert_eq!(strays[0]["items"], json!([world.item("unit", "910001").expect("its item").id]));
    assert!(strays[0]["hint"].as_str().is_some_and(|hint| hint.contains("does not know unit:910001")), "{strays:#}");
    world.line("sync -q").expect(0);
    assert_eq!(causes(&world, "unit"), ["second-store"]);
    let unit = kind(&world, "unit");
    let reason = format!("1 item was made by another store, or a copy of this one, on board {}", world.board("unit"));
    assert_eq!(unit["reason"], json!(reason), "{unit:#}");
    assert!(unit["hint"].as_str().is_some_and(|hint| hint.contains("only one store")), "{unit:#}");
    let check = world.line("status --check").expect(1).stdout;
    assert!(check.starts_with(&format!("HOPEM-SYNC WARNING - unit: {reason}")), "{check}");
    // Runs with nothing to do leave it as it is.
    world.line("sync -q").expect(0);
    assert_eq!(causes(&world, "unit"), ["second-store"]);
    assert_eq!(world.doc("status --duplicates unit", 0)["duplicates"], json!([]));
}

#[test]
fn keys_on_several_items_are_reported_until_the_board_was_read_without_them() {
    let mut world = loaded();
    world.set("SYNC_VERIFY_EVERY", "0");
    let id = world.sandbox.hapi().records("Units").last().expect("a unit")["Id"].to_string();
    let board = world.board("unit").to_owned();
    let values = json!({"text_key": format!("unit:{id}")});
    let copy = world.sandbox.monday().create_item_by_hand(&board, "copie", &values);
    world.line("sync -q");
    assert_eq!(causes(&world, "unit"), ["key-doubled"]);
    assert!(causes(&world, "building").is_empty());
    let check = world.line("status --check").expect(1).stdout;
    let reason = format!("unit: 1 key stands on several items of board {board}");
    assert!(check.starts_with(&format!("HOPEM-SYNC WARNING - {reason}")), "{check}");
    let table = world.line("status --lang fr").expect(0).stdout;
    assert!(table.contains("1 clé figure sur plusieurs éléments"), "{table}");
    world.sandbox.monday().delete_by_hand(&copy);
    world.line("sync -q").expect(0);
    assert!(causes(&world, "unit").is_empty());
    world.line("status --check").expect(0);
}

/// A new unit at which monday fails whenever it is sent, and waits that are longer than the test.
fn poisoned() -> World {
    let mut world = loaded();
    world.set("MONDAY_SETTLE", "20s");
    add_unit(&world, 910_001, "poison");
    let fault = Fault::status(500, r#"{"errors":[{"message":"Internal server error"}]}"#);
    world.sandbox.inject(Rule::always(Api::Monday, fault).containing("poison"));
    world
}

/// What was sent in vain is made once, as soon as monday takes it.
fn goes_on(mut world: World) {
    world.set("MONDAY_SETTLE", "60ms");
    world.sandbox.clear_faults();
    let waited = Instant::now();
    while world.item("unit", "910001").is_none() {
        assert!(waited.elapsed() < Duration::from_secs(60), "it is never made");
        world.line("sync");
    }
    assert_eq!(world.sandbox.monday().duplicate_keys(world.board("unit"), "text_key"), Vec::<String>::new());
}

#[test]
fn the_time_allowed_ends_a_run_that_waits_to_send_a_new_item_again() {
    let world = poisoned();
    let began = Instant::now();
    let run = world.doc("sync --max-duration 2s", 7);
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
    assert_eq!(run["outcome"], "budget", "{run:#}");
    assert!(world.item("unit", "910001").is_none());
    goes_on(world);
}

#[test]
fn a_signal_ends_a_run_that_waits_to_send_a_new_item_again() {
    let world = poisoned();
    let child = world.command(&["sync", "-q"]).spawn().expect("the binary runs");
    let began = Instant::now();
    while !world.calls().iter().any(|call| call.body.contains("poison")) {
        assert!(began.elapsed() < Duration::from_secs(20), "it is never sent");
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_millis(300));
    let signalled = Instant::now();
    let reported =
        std::process::Command::new("kill").args(["-15", &child.id().to_string()]).status().expect("kill runs");
    assert!(reported.success());
    let ended = child.wait_with_output().expect("it ends");
    assert_eq!(ended.status.code(), Some(143));
    assert!(signalled.elapsed() < Duration::from_secs(4), "{:?}", signalled.elapsed());
    goes_on(world);
}
