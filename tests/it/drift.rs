//! `status --drift` and `--duplicates`: what people did on the boards, read and shown, and nothing written.

use crate::support::World;
use hopem_sandbox::Portfolio;
use serde_json::{Value, json};

fn loaded() -> World {
    let world = World::of(&Portfolio::tidy(3, 8));
    world.doc("sync", 0);
    world.forget_calls();
    world
}

/// Key and item of the units, in their order.
fn units(world: &World) -> Vec<(String, String)> {
    let pairs = world.query("SELECT key || ' ' || item_id FROM entities WHERE kind = 'unit' ORDER BY id");
    pairs.iter().filter_map(|pair| pair.split_once(' ')).map(|(key, item)| (key.to_owned(), item.to_owned())).collect()
}

fn edit(world: &World, item: &str, column: &str, value: Value) {
    world.sandbox.monday().edit_by_hand(item, column, &value);
}

#[test]
fn drift_shows_every_difference_and_changes_nothing() {
    let world = loaded();
    let units = units(&world);
    edit(&world, &units[0].1, "status_occupancy", json!({"label": "Autre"}));
    edit(&world, &units[1].1, "text_key", Value::Null);
    world.sandbox.monday().archive_by_hand(&units[2].1);
    let before = world.content();
    let drift = world.doc("status --drift unit", 0)["drift"].clone();
    let of =
        |key: &str| drift.as_array().expect("a list").iter().find(|entry| entry["entity"] == format!("unit:{key}"));
    let edited = of(&units[0].0).expect("the edit");
    assert_eq!((&edited["column"], &edited["kind"]), (&json!("status_occupancy"), &json!("edited")));
    assert_eq!((&edited["found"], &edited["item_id"]), (&json!("Autre"), &json!(units[0].1)));
    let key = of(&units[1].0).expect("the key");
    assert_eq!((&key["kind"], &key["found"]), (&json!("key"), &Value::Null));
    assert_eq!(key["expected"], format!("unit:{}", units[1].0));
    assert_eq!(of(&units[2].0).expect("the missing one")["kind"], "missing");
    assert_eq!(drift.as_array().map(Vec::len), Some(3), "{drift:#}");
    assert_eq!(world.content(), before);
    assert_eq!(world.written(), []);
    // Columns, items, what became of the missing one; and they count.
    assert_eq!(world.calls().len(), 3);
    let today = world.doc("status", 0)["monday_calls_today"].as_u64();
    assert_eq!(today, Some(world.sandbox.monday().calls()));
    let human = world.line("status --drift unit").expect(0).stdout;
    assert!(human.contains("Autre") && human.contains("deleted, archived or moved"), "{human}");
    let none = world.line("status --drift building --lang fr").expect(0).stdout;
    assert_eq!(none, "les tableaux montrent ce qui a été transmis\n");
}

#[test]
fn the_drift_of_single_entities_reads_just_their_items() {
    let world = loaded();
    let units = units(&world);
    edit(&world, &units[0].1, "name", json!("à la main"));
    edit(&world, &units[1].1, "name", json!("à la main"));
    let drift = world.doc(&format!("status --drift unit:{}", units[0].0), 0)["drift"].clone();
    assert_eq!(drift.as_array().map(Vec::len), Some(1), "{drift:#}");
    assert_eq!((&drift[0]["column"], &drift[0]["found"]), (&json!("name"), &json!("à la main")));
    let documents = world.calls();
    let asks_for = |operation: &str| documents.iter().any(|call| call.body.contains(&format!("query {operation}(")));
    assert!(asks_for("ItemsById") && !asks_for("Items") && !asks_for("NextItems"), "{documents:?}");
}

#[test]
fn keys_on_several_items_and_shared_items_are_reported_with_what_mends_them() {
    let world = loaded();
    let units = units(&world);
    let (key, item) = &units[0];
    let board = world.board("unit").to_owned();
    let copy = world.sandbox.monday().create_item_by_hand(&board, "copie", &json!({"text_key": format!("unit:{key}")}));
    let found = world.doc("status --duplicates", 0)["duplicates"].clone();
    assert_eq!(found.as_array().map(Vec::len), Some(1), "{found:#}");
    assert_eq!((&found[0]["entity"], &found[0]["items"]), (&json!(format!("unit:{key}")), &json!([item, copy])));
    assert!(found[0]["hint"].as_str().is_some_and(|hint| hint.contains(&format!("link unit:{key} {copy}"))));
    assert_eq!(world.doc("status --duplicates tenant", 0)["duplicates"], json!([]));
    world.sandbox.monday().delete_by_hand(&copy);
    let human = world.line("status --duplicates").expect(0).stdout;
    assert!(human.starts_with("no key stands on two items"), "{human}");
}

#[test]
fn an_item_that_somebody_doubled_is_part_of_the_drift() {
    let world = loaded();
    let (key, _) = units(&world).remove(0);
    let values = json!({"text_key": format!("unit:{key}")});
    let copy = world.sandbox.monday().create_item_by_hand(world.board("unit"), "copie", &values);
    let drift = world.doc("status --drift unit", 0)["drift"].clone();
    assert_eq!(drift.as_array().map(Vec::len), Some(1), "{drift:#}");
    assert_eq!((&drift[0]["kind"], &drift[0]["item_id"]), (&json!("double"), &json!(copy)));
    assert_eq!(drift[0]["entity"], format!("unit:{key}"));
    let human = world.line("status --drift unit --lang fr").expect(0).stdout;
    assert!(human.contains("un autre élément porte sa clé"), "{human}");
}

#[test]
fn an_item_that_bears_the_key_of_another_entity_by_mistake_is_not_to_be_deleted() {
    let world = loaded();
    let units = units(&world);
    edit(&world, &units[1].1, "text_key", json!(format!("unit:{}", units[0].0)));
    let found = world.doc("status --duplicates", 0)["duplicates"].clone();
    assert_eq!(found.as_array().map(Vec::len), Some(1), "{found:#}");
    assert_eq!(found[0]["shared_with"], json!([format!("unit:{}", units[1].0)]));
    let mend = format!("hopem-sync resync unit:{}", units[1].0);
    assert!(found[0]["hint"].as_str().is_some_and(|hint| hint.ends_with(&mend)), "{found:#}");
    world.doc(&format!("resync unit:{}", units[1].0), 0);
    assert_eq!(world.doc("status --duplicates", 0)["duplicates"], json!([]));
}

#[test]
fn a_look_at_the_boards_keeps_within_the_budget() {
    let mut world = loaded();
    world.set("MONDAY_DAILY_CALLS", "1");
    let refused = world.doc("status --drift", 7);
    assert_eq!(refused["error"]["exit_code"], 7, "{refused:#}");
    assert!(world.calls().is_empty());
}

#[test]
fn items_with_keys_that_the_store_does_not_know_are_reported_where_a_board_is_read_whole() {
    let world = loaded();
    let board = world.board("unit").to_owned();
    for key in ["unit:90001", "unit:90002", "no key"] {
        world.sandbox.monday().create_item_by_hand(&board, "d’une autre base", &json!({"text_key": key}));
    }
    let reported = "2 items bear keys of entities that this store does not have";
    let drift = world.line("status --drift unit").expect(0);
    assert!(drift.stderr.contains(reported) && drift.stderr.contains("status --duplicates"), "{drift:?}");
    let french = world.line("status --drift unit --lang fr").expect(0);
    assert!(
        french.stderr.contains("2 éléments portent des clés d’entités que cette base locale n’a pas"),
        "{french:?}"
    );
    assert!(!world.line("status --drift building").expect(0).stderr.contains("bear keys"));
    let mut world = world;
    world.set("SYNC_VERIFY_EVERY", "0");
    let pushed = world.line("push").expect(0);
    assert!(pushed.stderr.contains(reported) && pushed.stderr.contains(&board), "{pushed:?}");
}
