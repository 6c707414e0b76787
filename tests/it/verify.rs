//! Verification: what people changed on the boards is found and put right, or left alone where that is wanted.

use crate::mirror::{assert_equal, differences};
use crate::support::World;
use hopem_sandbox::{Api, Fault, Portfolio, Rule};
use serde_json::{Value, json};

/// A small portfolio, loaded; from now on verification is always due.
fn loaded() -> World {
    let mut world = World::of(&Portfolio::tidy(3, 8));
    world.doc("sync", 0);
    world.set("SYNC_VERIFY_EVERY", "0");
    world.forget_calls();
    world
}

/// A unit whose code is no blank, with its item.
fn some_unit(world: &World) -> (String, String) {
    let hapi = world.sandbox.hapi().records("Units").to_vec();
    let unit = hapi.iter().rfind(|unit| unit["UnitCode"].as_str().is_some_and(|code| !code.trim().is_empty()));
    let key = unit.expect("a unit")["Id"].to_string();
    let item = world.item("unit", &key).expect("its item").id;
    (key, item)
}

fn some_tenant(world: &World) -> (i64, String) {
    let hapi = world.sandbox.hapi().records("Tenants").to_vec();
    let id = hapi.first().expect("a tenant")["Id"].as_i64().expect("an id");
    let item = world.item("tenant", &id.to_string()).expect("its item").id;
    (id, item)
}

fn edit(world: &World, item: &str, column: &str, value: Value) {
    world.sandbox.monday().edit_by_hand(item, column, &value);
}

/// The columns of the changes of a run.
fn changes(world: &World, run: &Value) -> Value {
    world.doc(&format!("runs {} --changes", run["run"]), 0)["changes"].clone()
}

#[test]
fn a_hand_edit_is_overwritten_at_the_next_verification_and_the_old_value_is_kept_in_the_run() {
    let world = loaded();
    let (key, item) = some_unit(&world);
    edit(&world, &item, "status_occupancy", json!({"label": "Autre"}));
    edit(&world, &item, "name", json!("à la main"));
    edit(&world, &item, "link_building", Value::Null);
    edit(&world, &item, "numbers_rooms", Value::Null);
    let before = differences(&world);
    assert!(!before.is_empty());
    let run = world.doc("push", 0);
    assert_equal(&world, "verified");
    assert_eq!(run["push"]["unit"]["updated"], 1, "{run:#}");
    let change = changes(&world, &run)[0].clone();
    assert_eq!((&change["entity"], &change["action"]), (&json!(format!("unit:{key}")), &json!("update")));
    assert_eq!(change["columns"]["status_occupancy"]["old"], "Autre");
    assert_eq!(change["columns"]["name"]["old"], "à la main");
    assert_eq!(change["columns"]["numbers_rooms"]["old"], Value::Null);
    assert_eq!(change["columns"].as_object().map(serde_json::Map::len), Some(4), "{change:#}");
    // Only what was changed by hand is sent.
    assert_eq!(world.written().iter().map(serde_json::Map::len).collect::<Vec<_>>(), [4]);
    world.forget_calls();
    world.doc("push", 0);
    assert_eq!(world.written(), []);
}

#[test]
fn a_run_before_its_time_asks_nothing_and_never_means_never() {
    let mut world = loaded();
    world.set("SYNC_VERIFY_EVERY", "24h");
    let (_, item) = some_unit(&world);
    edit(&world, &item, "text_code", json!("à la main"));
    assert_eq!(world.doc("sync", 0)["monday_calls"], 0);
    world.set("SYNC_VERIFY_EVERY", "never");
    assert_eq!(world.doc("sync", 0)["monday_calls"], 0);
    world.set("SYNC_VERIFY_EVERY", "0");
    // The boards' columns, a page of each board, the change.
    assert_eq!(world.doc("push unit", 0)["monday_calls"], 3);
    assert_equal(&world, "verified");
    // Single entities are pushed as they are.
    assert_eq!(world.doc("push unit:1", 0)["monday_calls"], 0);
}

#[test]
fn a_kept_hand_edit_stays_until_hopem_changes_the_value() {
    let mut world = loaded();
    let (id, item) = some_tenant(&world);
    edit(&world, &item, "text_comment", json!("note à la main"));
    edit(&world, &item, "phone_cell", Value::Null);
    world.doc("sync", 0);
    let comment = |world: &World| world.sandbox.monday().item(&item).expect("the item").values["text_comment"].clone();
    assert_eq!(comment(&world), "note à la main");
    // Another column of it is sent, and it stays.
    assert!(world.sandbox.hapi().update("Tenants", id, "FirstName", json!("Zoé")));
    world.doc("sync", 0);
    assert_eq!(comment(&world), "note à la main");
    // A store that was lost takes the item over with it.
    world.lose_store();
    world.doc("sync", 0);
    assert_eq!(comment(&world), "note à la main");
    world.set("SYNC_VERIFY_EVERY", "24h");
    assert!(world.sandbox.hapi().update("Tenants", id, "Comment", json!("de Hopem")));
    world.doc("sync", 0);
    assert_eq!(comment(&world), "de Hopem");
    assert_equal(&world, "overwritten by a change in Hopem");
}

#[test]
fn a_key_that_was_emptied_or_changed_by_hand_is_put_right() {
    let world = loaded();
    let units: Vec<String> = world.query("SELECT item_id FROM entities WHERE kind = 'unit' ORDER BY id");
    edit(&world, &units[0], "text_key", Value::Null);
    let other =
        world.query("SELECT 'unit:' || key FROM entities WHERE kind = 'unit' ORDER BY id DESC LIMIT 1").remove(0);
    edit(&world, &units[1], "text_key", json!(other));
    let run = world.doc("push", 0);
    assert_eq!(run["push"]["unit"]["updated"], 2, "{run:#}");
    assert_equal(&world, "keys put right");
}

#[test]
fn two_items_with_one_key_are_reported() {
    let world = loaded();
    let (key, item) = some_unit(&world);
    let copy = world.sandbox.monday().create_item_by_hand(
        world.board("unit"),
        "copie",
        &json!({"text_key": format!("unit:{key}")}),
    );
    let run = world.doc("push", 0);
    let notes = run["notes"].to_string();
    assert!(notes.contains(&format!("the key unit:{key} stands on several items")), "{notes}");
    assert!(notes.contains(&copy) && notes.contains(&format!("its item is {item}")), "{notes}");
    assert_eq!(world.written(), []);
}

#[test]
fn an_item_that_was_taken_away_turns_its_entity_red_once_and_costs_nothing_after_that() {
    let world = loaded();
    let (key, item) = some_unit(&world);
    world.sandbox.monday().archive_by_hand(&item);
    let run = world.doc("push", 3);
    assert_eq!(run["failures"][0]["entity"], format!("unit:{key}"), "{run:#}");
    assert!(run["failures"][0]["error"].as_str().is_some_and(|error| error.contains(&item)), "{run:#}");
    assert_eq!(world.state(&format!("unit:{key}")), "error");
    let again = world.doc("push", 0);
    assert_eq!((&again["failures"], &again["push"]["unit"]["updated"]), (&json!([]), &json!(0)), "{again:#}");
    assert_eq!(world.state(&format!("unit:{key}")), "error");
    world.sandbox.monday().restore_by_hand(&item);
    world.doc("push", 0);
    assert_eq!(world.state(&format!("unit:{key}")), "synced");
    assert_equal(&world, "restored");
}

#[test]
fn as_long_as_monday_does_not_say_where_an_item_is_its_kind_is_red() {
    let mut world = loaded();
    world.set("SYNC_VERIFY_EVERY", "0s");
    let (key, item) = some_unit(&world);
    world.sandbox.monday().archive_by_hand(&item);
    let failed = r#"{"data":DATA,"errors":[{"message":"m","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}"#;
    for answer in [r#"null"#, r#"{"items":null}"#, r#"{"items":[null]}"#] {
        let fault = Fault::Status { status: 200, headers: Vec::new(), body: failed.replace("DATA", answer) };
        world.sandbox.inject(Rule::always(Api::Monday, fault).containing("ItemStates"));
        let run = world.doc("push", 3);
        let cause = &run["failures"][0]["cause"];
        assert_eq!((&run["failures"][0]["entity"], cause), (&json!("unit"), &json!("board-unreadable")), "{run:#}");
        world.doc("status --drift unit", 3);
        world.sandbox.clear_faults();
    }
    assert_eq!(world.doc("push", 3)["failures"][0]["entity"], format!("unit:{key}"));
}

#[test]
fn an_item_that_was_taken_away_is_made_again_where_that_is_wanted() {
    let mut world = loaded();
    world.set("SYNC_ON_MISSING", "recreate");
    let (key, item) = some_unit(&world);
    world.sandbox.monday().delete_by_hand(&item);
    let run = world.doc("push", 0);
    assert_eq!(run["push"]["unit"]["created"], 1, "{run:#}");
    assert_equal(&world, "made again, and its tenants linked to the new item");
    world.set("SYNC_ON_MISSING", "unlink");
    let item = world.item("unit", &key).expect("the new item").id;
    world.sandbox.monday().move_by_hand(&item, world.board("parking"));
    world.doc("push", 0);
    assert_eq!(world.state(&format!("unit:{key}")), "unlinked");
    let story = world.doc(&format!("status unit:{key}"), 0);
    assert_eq!(story["entities"][0]["changes"][0]["action"], "unlink", "{story:#}");
}

#[test]
fn a_relink_that_waits_for_the_next_push_outlives_a_verification_that_is_due_before() {
    let world = loaded();
    let (key, item) = some_unit(&world);
    world.sandbox.monday().archive_by_hand(&item);
    world.doc("push", 3);
    world.doc(&format!("resync --relink --later unit:{key}"), 0);
    let run = world.doc("push", 0);
    assert_eq!(run["push"]["unit"]["created"], 1, "{run:#}");
    assert_ne!(world.item("unit", &key).expect("another item").id, item);
    // That it was asked for once holds for one item.
    let item = world.item("unit", &key).expect("another item").id;
    world.sandbox.monday().archive_by_hand(&item);
    world.doc("push", 3);
    assert_eq!(world.state(&format!("unit:{key}")), "error");
}

#[test]
fn what_a_verification_costs_is_part_of_the_price_and_of_the_budget() {
    let mut world = loaded();
    let (_, item) = some_unit(&world);
    edit(&world, &item, "text_code", json!("à la main"));
    let dry = world.doc("push --dry-run", 0);
    let spent = world.calls().len() as u64;
    assert_eq!(dry["price"]["calls"], spent + 1, "the reads, and the change: {dry:#}");
    assert_eq!(dry["plan"].as_array().map(Vec::len), Some(1), "{dry:#}");
    assert_eq!(dry["plan"][0]["columns"]["text_code"]["old"], "à la main");
    // Too dear for this run: what is pending goes, the verification waits.
    let (id, _) = some_tenant(&world);
    assert!(world.sandbox.hapi().update("Tenants", id, "FirstName", json!("Zoé")));
    world.doc("pull", 0);
    let run = world.doc("push --max-calls 4", 7);
    assert_eq!((&run["push"]["tenant"]["updated"], &run["push"]["unit"]["updated"]), (&json!(1), &json!(0)), "{run:#}");
    assert!(run["notes"].to_string().contains("changed by hand"), "{run:#}");
    world.set("MONDAY_DAILY_CALLS", "5000");
    world.doc("push", 0);
    assert_equal(&world, "verified at last");
}

#[test]
fn a_verification_that_breaks_off_is_tried_again_in_the_next_run() {
    let world = loaded();
    let (_, item) = some_unit(&world);
    edit(&world, &item, "text_code", json!("à la main"));
    let body = json!({"errors": [{"message": "not now"}]}).to_string();
    let refusal = Fault::Status { status: 400, headers: Vec::new(), body };
    world.sandbox.inject(Rule::always(Api::Monday, refusal).containing(world.board("unit")).after(1));
    let run = world.doc("push", 3);
    assert!(run["failures"][0]["error"].as_str().is_some_and(|error| error.contains("could not be read")), "{run:#}");
    world.sandbox.clear_faults();
    world.doc("push", 0);
    assert_equal(&world, "verified");
}

#[test]
fn what_is_paused_or_unlinked_is_left_as_people_have_it() {
    let world = loaded();
    let units: Vec<String> = world.query("SELECT item_id FROM entities WHERE kind = 'unit' ORDER BY id LIMIT 2");
    let keys: Vec<String> = world.query("SELECT 'unit:' || key FROM entities WHERE kind = 'unit' ORDER BY id LIMIT 2");
    world.doc(&format!("pause {}", keys[0]), 0);
    world.doc(&format!("unlink {}", keys[1]), 0);
    edit(&world, &units[0], "name", json!("en pause"));
    edit(&world, &units[1], "name", json!("dissocié"));
    world.doc("push", 0);
    let name = |item: &str| world.sandbox.monday().item(item).expect("the item").name;
    assert_eq!((name(&units[0]).as_str(), name(&units[1]).as_str()), ("en pause", "dissocié"));
    world.doc(&format!("resume {}", keys[0]), 0);
    world.doc("push", 0);
    assert_ne!(name(&units[0]), "en pause");
}

#[test]
fn who_watches_sees_which_board_is_read_and_how_far() {
    let world = loaded();
    let units = world.query("SELECT CAST(count(*) AS TEXT) FROM entities WHERE kind = 'unit'").remove(0);
    let watched = world.line("push -v").expect(0).stderr;
    assert!(watched.contains(&format!("verify unit: {units} done in ")), "{watched}");
    assert!(!watched.contains("adopt "), "{watched}");
    world.lose_store();
    let watched = world.line("sync -v --lang fr").expect(0).stderr;
    assert!(watched.contains(&format!("adopt unit : {units} traités en ")), "{watched}");
}
