//! `link`: entities and the items that are there already.

use crate::mirror::assert_equal;
use crate::support::World;
use hopem_sandbox::{Api, Portfolio};
use serde_json::{Value, json};

/// A world with parkings that people keep by hand: an item for each, by its number, without a key.
fn by_hand() -> (World, Vec<Value>, Vec<String>) {
    let world = World::of(&Portfolio::tidy(3, 8));
    world.edit(
        "name = \"{BuildingCode} – {ParkingNo}\"",
        "name = \"{BuildingCode} – {ParkingNo}\"\nidentity = [\"text_number\"]",
    );
    let board = world.board("parking").to_owned();
    let parkings = world.sandbox.hapi().records("Parkings").to_vec();
    let make = |parking: &Value| {
        let values = json!({"text_number": parking["ParkingNo"], "numbers_amount": "1"});
        world.sandbox.monday().create_item_by_hand(&board, "À la main", &values)
    };
    let items = parkings.iter().map(make).collect();
    world.doc("pull", 0);
    (world, parkings, items)
}

#[test]
fn auto_attaches_what_has_exactly_one_match_and_the_next_push_writes_the_keys() {
    let (world, parkings, items) = by_hand();
    let board = world.board("parking").to_owned();
    let first = format!("parking:{}", parkings[0]["Id"]);
    let twin = json!({"text_number": parkings[0]["ParkingNo"]});
    let twin = world.sandbox.monday().create_item_by_hand(&board, "jumeau", &twin);
    let before = world.content();
    let dry = world.doc("link --auto parking --dry-run", 0);
    assert_eq!(world.content(), before);
    world.sandbox.clear_requests();
    let done = world.doc("link --auto parking", 0);
    assert_eq!((&done["linked"], &done["ambiguous"]), (&dry["linked"], &dry["ambiguous"]));
    assert_eq!(world.sandbox.request_count(Api::Monday), 2, "the board's columns, and its items once, a page of 500");
    assert_eq!(done["linked"].as_array().map(Vec::len), Some(parkings.len() - 1), "{done:#}");
    assert_eq!(done["ambiguous"][0]["entity"], first);
    let candidates: Vec<&Value> = done["ambiguous"][0]["candidates"].as_array().expect("two").iter().collect();
    assert_eq!((&candidates[0]["item_id"], &candidates[1]["item_id"]), (&json!(items[0]), &json!(twin)));
    assert_eq!(world.sandbox.monday().mutation_calls(), 0);
    world.doc(&format!("link {first} {twin}"), 0);
    world.sandbox.monday().delete_by_hand(&items[0]);
    let run = world.doc("push parking", 0);
    assert_eq!(run["push"]["parking"]["created"], 0, "{run:#}");
    assert_eq!(world.sandbox.monday().mutation_calls(), 1, "all their keys in one call");
    world.doc("push", 0);
    assert_equal(&world, "linked and pushed");
    let origins = world.query("SELECT DISTINCT origin FROM entities WHERE kind = 'parking'");
    assert_eq!(origins, ["linked"]);
    assert_eq!(world.doc(&format!("status {first}"), 0)["entities"][0]["origin"], "linked");
    let story = world.line(&format!("status {first} --lang fr")).expect(0).stdout;
    assert!(story.contains(" · associé\n"), "{story}");
    // What the items showed before stands in the run's changes.
    let changes = world.doc(&format!("runs {} --changes", run["run"]), 0)["changes"].clone();
    let changed = changes
        .as_array()
        .expect("changes")
        .iter()
        .find(|change| change["action"] == "update" && change["columns"]["name"]["old"] == "À la main");
    assert!(changed.is_some(), "{changes:#}");
    let none = world.line("link --auto parking").expect(0).stdout;
    assert_eq!(none, "every entity has its item\n");
}

#[test]
fn candidates_are_listed_with_what_speaks_for_them() {
    let (world, parkings, items) = by_hand();
    let board = world.board("parking").to_owned();
    let first = format!("parking:{}", parkings[0]["Id"]);
    let keyed = world.sandbox.monday().create_item_by_hand(&board, "clé", &json!({ "text_key": first }));
    let listed = world.doc(&format!("link {first}"), 0);
    assert_eq!(
        listed["ambiguous"],
        json!([{"entity": first, "candidates": [
            {"item_id": keyed, "name": "clé", "why": ["key"]},
            {"item_id": items[0], "name": "À la main", "why": ["identity"]}]}])
    );
    let human = world.line(&format!("link {first} --lang fr")).expect(0).stdout;
    assert!(human.contains("colonne clé") && human.contains("colonnes d’identité"), "{human}");
    let tenant = world.sandbox.hapi().records("Tenants")[0]["Id"].to_string();
    assert_eq!(world.doc(&format!("link tenant:{tenant}"), 0)["unmatched"], json!([format!("tenant:{tenant}")]));
    assert_eq!(world.written(), []);
    world.line("link parking").expect(2);
    world.line("link").expect(2);
}

#[test]
fn an_item_that_is_held_or_not_on_the_board_is_refused() {
    let world = World::of(&Portfolio::tidy(3, 8));
    world.doc("sync", 0);
    let pairs = world.query("SELECT key || ' ' || item_id FROM entities WHERE kind = 'unit' ORDER BY id LIMIT 2");
    let (first, second) = (pairs[0].split_once(' ').expect("a pair"), pairs[1].split_once(' ').expect("a pair"));
    let held = world.line(&format!("link unit:{} {}", first.0, second.1)).expect(2);
    assert!(held.stderr.contains(&format!("belongs to unit:{}", second.0)), "{held:?}");
    let tenant = world.query("SELECT item_id FROM entities WHERE kind = 'tenant' LIMIT 1").remove(0);
    world.line(&format!("link unit:{} {tenant}", first.0)).expect(2);
    let board = world.board("unit").to_owned();
    let free = world.sandbox.monday().create_item_by_hand(&board, "libre", &json!({}));
    let second_item = world.line(&format!("link unit:{} {free}", first.0)).expect(2);
    assert!(second_item.stderr.contains(&format!("hopem-sync unlink unit:{}", first.0)), "{second_item:?}");
    let elsewhere = world.board("parking").to_owned();
    let elsewhere = world.sandbox.monday().create_item_by_hand(&elsewhere, "ailleurs", &json!({}));
    world.doc(&format!("unlink unit:{}", first.0), 0);
    world.doc("push", 0);
    let refused = world.line(&format!("link unit:{} {elsewhere}", first.0)).expect(2);
    assert!(refused.stderr.contains("no active item"), "{refused:?}");
    world.line(&format!("link unit:{} abc", first.0)).expect(2);
    // An unlinked entity is tied again; what links to it follows, and its former item bears no key.
    world.doc(&format!("link unit:{} {free}", first.0), 0);
    world.doc("push", 0);
    assert_eq!(world.item("unit", first.0).map(|item| item.id), Some(free));
    assert_eq!(world.state(&format!("unit:{}", first.0)), "synced");
    let former = world.sandbox.monday().item(first.1).expect("its former item");
    assert_eq!((former.values.get("text_key"), former.state.as_str()), (None, "active"));
    world.sandbox.monday().delete_by_hand(first.1);
    world.sandbox.monday().delete_by_hand(&elsewhere);
    assert_equal(&world, "tied to another item");
}

#[test]
fn what_people_set_aside_is_left_alone_and_a_held_lock_is_kept() {
    let (world, parkings, _) = by_hand();
    let (first, second) = (format!("parking:{}", parkings[0]["Id"]), format!("parking:{}", parkings[1]["Id"]));
    world.doc(&format!("unlink {first}"), 0);
    world.doc(&format!("pause {second}"), 0);
    let done = world.doc("link --auto", 0);
    assert_eq!((&done["skipped"], done["linked"].as_array().map(Vec::len)), (&json!(2), Some(parkings.len() - 2)));
    let lock = std::fs::OpenOptions::new().write(true).open(world.path("data/store.db.lock")).expect("the lock file");
    lock.lock().expect("the lock");
    world.line("link --auto").expect(4);
    world.line("link --auto --dry-run").expect(0);
}

#[test]
fn an_item_of_an_entity_that_is_gone_can_be_kept_for_another_one() {
    let world = World::of(&Portfolio::tidy(3, 8));
    world.doc("sync", 0);
    let keys = world.query("SELECT key FROM entities WHERE kind = 'unit' ORDER BY id LIMIT 2");
    let (gone, heir) = (keys[0].as_str(), keys[1].as_str());
    let item = world.item("unit", gone).expect("its item").id;
    world.doc(&format!("unlink unit:{heir}"), 0);
    world.doc("push", 0);
    world.sandbox.hapi().remove("Units", gone.parse::<i64>().expect("a number"));
    world.doc("pull", 0);
    let held = world.line(&format!("link unit:{heir} {item}")).expect(2);
    assert!(held.stderr.contains(&format!("still belongs to unit:{gone}, which is gone from Hopem")), "{held:?}");
    assert!(held.stderr.contains(&format!("hopem-sync unlink unit:{gone} && hopem-sync push unit:{gone}")), "{held:?}");
    world.doc(&format!("unlink unit:{gone}"), 0);
    world.doc(&format!("push unit:{gone}"), 0);
    world.doc(&format!("link unit:{heir} {item}"), 0);
    world.doc("push", 0);
    let heirs = world.item("unit", heir).expect("the item");
    assert_eq!((heirs.id.as_str(), heirs.state.as_str()), (item.as_str(), "active"));
    // With nothing left to do about it, it is not there for `unlink` any more.
    world.line(&format!("unlink unit:{gone}")).expect(2);
}
