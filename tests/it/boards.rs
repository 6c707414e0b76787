//! Boards that give half an answer, stores that are older than their boards, items that are taken away again and again, keys
//! that people typed, and values that a board shows in a form of its own.

use crate::mirror::assert_equal;
use crate::support::World;
use hopem_sandbox::monday::Spoil;
use hopem_sandbox::{Api, Fault, Portfolio, Rule};
use serde_json::{Value, json};
use std::time::Duration;

const EVERY_SPOIL: [Spoil; 4] = [Spoil::NullItems, Spoil::NoColumnValues, Spoil::EmptyColumnValues, Spoil::Half];

fn loaded() -> World {
    let world = World::of(&Portfolio::tidy(3, 8));
    world.doc("sync", 0);
    world.forget_calls();
    world
}

/// Adds so many units to HApi, numbered from here; gives their selectors.
fn add_units(world: &World, first: i64, count: i64) -> Vec<String> {
    let template = world.sandbox.hapi().records("Units").first().expect("a unit").clone();
    for id in first..first + count {
        let mut unit = template.clone();
        unit["Id"] = json!(id);
        unit["UnitCode"] = json!(format!("N{id}"));
        world.sandbox.hapi().insert("Units", unit);
    }
    (first..first + count).map(|id| format!("unit:{id}")).collect()
}

fn keep_store(world: &World, name: &str) {
    let copy = world.path(name);
    std::fs::create_dir_all(&copy).expect("a folder");
    for file in std::fs::read_dir(world.path("data")).expect("the store").flatten() {
        std::fs::copy(file.path(), copy.join(file.file_name())).expect("a copy");
    }
}

fn restore_store(world: &World, name: &str) {
    world.lose_store();
    std::fs::rename(world.path(name), world.path("data")).expect("the copy");
}

fn duplicates(world: &World) -> Vec<String> {
    let monday = world.sandbox.monday();
    world.boards.iter().flat_map(|board| monday.duplicate_keys(&board.board_id, "text_key")).collect()
}

fn some_unit(world: &World) -> (String, String) {
    let id = world.sandbox.hapi().records("Units").last().expect("a unit")["Id"].to_string();
    let item = world.item("unit", &id).expect("its item").id;
    (id, item)
}

fn unit_failures(run: &Value) -> Vec<(String, String)> {
    let failures = run["failures"].as_array().expect("failures").iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    failures.map(|failure| (text(&failure["entity"]), text(&failure["cause"]))).collect()
}

#[test]
fn yesterdays_copy_of_the_store_finds_what_was_made_since() {
    let world = loaded();
    keep_store(&world, "yesterday");
    add_units(&world, 900_001, 12);
    assert_eq!(world.doc("sync", 0)["push"]["unit"]["created"], 12);
    restore_store(&world, "yesterday");
    // One more, which nobody has made yet.
    add_units(&world, 900_101, 1);
    world.forget_calls();
    let run = world.doc("sync", 0);
    assert_eq!((&run["push"]["unit"]["adopted"], &run["push"]["unit"]["created"]), (&json!(12), &json!(1)), "{run:#}");
    assert_eq!(duplicates(&world), Vec::<String>::new());
    assert_equal(&world, "restored");
    let notes = run["notes"].to_string();
    assert!(notes.contains("12 items were found on board") && notes.contains(world.board("unit")), "{notes}");
    // The columns, the board, the new one: what stands there already is not sent again.
    assert_eq!(run["monday_calls"], 3, "{run:#}");
    world.forget_calls();
    assert_eq!(world.doc("sync", 0)["monday_calls"], 0);
}

#[test]
fn yesterdays_copy_of_the_store_finds_what_was_made_where_as_many_items_were_taken_away() {
    let world = loaded();
    let (_, item) = some_unit(&world);
    keep_store(&world, "yesterday");
    add_units(&world, 900_001, 1);
    assert_eq!(world.doc("sync", 0)["push"]["unit"]["created"], 1);
    restore_store(&world, "yesterday");
    world.sandbox.monday().delete_by_hand(&item);
    let run = world.doc("sync", 0);
    assert_eq!((&run["push"]["unit"]["adopted"], &run["push"]["unit"]["created"]), (&json!(1), &json!(0)), "{run:#}");
    assert_eq!(duplicates(&world), Vec::<String>::new());
}

#[test]
fn where_monday_does_not_report_which_item_is_the_newest_their_number_is_enough() {
    let world = loaded();
    add_units(&world, 900_001, 1);
    let refusal = r#"{"errors": [{"message": "no such order", "extensions": {"code": "InvalidArgumentException"}}]}"#;
    world.sandbox.inject(Rule::always(Api::Monday, Fault::status(200, refusal)).containing("__creation_log__"));
    let run = world.doc("sync", 0);
    assert_eq!((&run["push"]["unit"]["created"], &run["monday_calls"]), (&json!(1), &json!(3)), "{run:#}");
}

#[test]
fn where_monday_refuses_the_newest_item_of_each_board_the_boards_are_there_all_the_same() {
    let world = World::tidy(1);
    world.sandbox.monday().set_refuses_order_by_dates(true);
    assert_eq!(world.doc("sync", 0)["push"]["unit"]["failed"], 0);
    assert_equal(&world, "loaded");
    add_units(&world, 900_001, 1);
    let run = world.doc("sync", 0);
    assert_eq!((&run["push"]["unit"]["created"], &run["monday_calls"]), (&json!(1), &json!(3)), "{run:#}");
}

#[test]
fn a_store_that_accounts_for_its_board_looks_nothing_up() {
    let world = loaded();
    add_units(&world, 900_001, 3);
    let run = world.doc("sync", 0);
    assert_eq!((&run["push"]["unit"]["created"], &run["monday_calls"]), (&json!(3), &json!(2)), "{run:#}");
    // Somebody adds an item of their own: the board is read once, and it is accounted for from then on.
    world.sandbox.monday().create_item_by_hand(world.board("unit"), "Note", &json!({}));
    add_units(&world, 900_101, 1);
    assert_eq!(world.doc("sync", 0)["monday_calls"], 3);
    add_units(&world, 900_201, 1);
    assert_eq!(world.doc("sync", 0)["monday_calls"], 2);
}

#[test]
fn two_stores_on_the_same_boards_in_turn_make_each_item_once() {
    let world = loaded();
    keep_store(&world, "other");
    let sync_other = format!("sync --store {}", world.path("other/store.db").display());
    for round in 0..3 {
        add_units(&world, 910_000 + round * 100, 4);
        world.doc("sync", 0);
        let other = world.doc(&sync_other, 0);
        assert_eq!((&other["push"]["unit"]["created"], &other["push"]["unit"]["adopted"]), (&json!(0), &json!(4)));
        add_units(&world, 920_000 + round * 100, 2);
        world.doc(&sync_other, 0);
        assert_eq!(world.doc("sync", 0)["push"]["unit"]["adopted"], 2);
    }
    assert_eq!(duplicates(&world), Vec::<String>::new());
    assert_equal(&world, "in turn");
}

#[test]
fn on_a_large_board_only_the_keys_are_looked_up() {
    let world = loaded();
    for number in 0..520 {
        world.sandbox.monday().create_item_by_hand(world.board("unit"), &format!("Note {number}"), &json!({}));
    }
    keep_store(&world, "yesterday");
    add_units(&world, 900_001, 5);
    world.doc("sync", 0);
    restore_store(&world, "yesterday");
    world.forget_calls();
    let run = world.doc("sync", 0);
    assert_eq!((&run["push"]["unit"]["adopted"], &run["push"]["unit"]["created"]), (&json!(5), &json!(0)), "{run:#}");
    let bodies: Vec<String> = world.calls().into_iter().map(|call| call.body).collect();
    assert_eq!(bodies.len(), 2, "{bodies:?}");
    assert!(bodies[1].contains("items_page_by_column_values"), "{}", bodies[1]);
    assert_eq!(duplicates(&world), Vec::<String>::new());
}

#[test]
fn a_board_that_gave_half_an_answer_once_is_read_again_before_a_new_store_makes_anything() {
    for spoil in EVERY_SPOIL {
        let world = loaded();
        world.lose_store();
        world.sandbox.monday().spoil_next(world.board("unit"), spoil, 1);
        let run = world.doc("sync", 0);
        assert_eq!(run["push"]["unit"]["created"], 0, "{spoil:?}: {run:#}");
        assert_eq!(duplicates(&world), Vec::<String>::new(), "{spoil:?}");
        assert_equal(&world, "read again");
    }
}

#[test]
fn a_board_that_cannot_be_read_whole_is_left_alone_and_red_and_the_others_are_done() {
    for spoil in EVERY_SPOIL {
        let world = loaded();
        let items = |kind: &str| world.sandbox.monday().items(world.board(kind));
        let (before, tenants) = (items("unit"), items("tenant"));
        world.lose_store();
        world.sandbox.monday().spoil_next(world.board("unit"), spoil, u32::MAX);
        let run = world.doc("sync", 3);
        assert_eq!(unit_failures(&run), [("unit".to_owned(), "board-unreadable".to_owned())], "{spoil:?}: {run:#}");
        let error = run["failures"][0]["error"].as_str().unwrap_or_default();
        assert!(error.contains(world.board("unit")) && error.contains("cannot be read as a whole"), "{error}");
        assert_eq!(items("unit"), before, "{spoil:?}: nothing is made or changed");
        assert_eq!(items("tenant"), tenants, "{spoil:?}: connections to what could not be read stay");
        assert_eq!(run["push"]["parking"]["adopted"], world.sandbox.hapi().records("Parkings").len(), "{run:#}");
        let cause = world.query("SELECT cause FROM kind_failures WHERE kind = 'unit' AND stage = 'push'");
        assert_eq!(cause, ["board-unreadable"]);
        world.sandbox.monday().clear_refusals();
        world.doc("sync", 0);
        assert_eq!(duplicates(&world), Vec::<String>::new(), "{spoil:?}");
        assert_equal(&world, "whole again");
    }
}

#[test]
fn a_look_up_after_a_lost_answer_believes_no_half_answer() {
    for spoil in [Spoil::NullItems, Spoil::Half] {
        let world = World::of(&Portfolio::tidy(3, 8));
        let create = Rule::once(Api::Monday, Fault::LostAfter).containing("create_item").containing("unit:");
        world.sandbox.inject(create);
        world.sandbox.monday().spoil_next("items_page_by_column_values", spoil, 2);
        world.doc("sync", 0);
        assert_eq!(duplicates(&world), Vec::<String>::new(), "{spoil:?}");
        assert_equal(&world, "looked up");
    }
}

#[test]
fn a_look_up_that_stays_half_an_answer_leaves_the_board_alone_until_it_is_whole() {
    for spoil in [Spoil::EmptyColumnValues, Spoil::Half] {
        let world = World::of(&Portfolio::tidy(3, 8));
        world.sandbox.inject(Rule::once(Api::Monday, Fault::LostAfter).containing("create_item").containing("unit:"));
        // An empty board, as it is read at first, cannot be spoilt: all that comes after it is.
        world.sandbox.monday().spoil_next(world.board("unit"), spoil, u32::MAX);
        let run = world.line("sync --json");
        assert!(run.code == 0 || run.code == 3, "{spoil:?}: {run:?}");
        assert_eq!(duplicates(&world), Vec::<String>::new(), "{spoil:?}");
        world.sandbox.monday().clear_refusals();
        world.doc("sync", 0);
        assert_eq!(duplicates(&world), Vec::<String>::new(), "{spoil:?}");
        assert_equal(&world, "whole again");
    }
}

#[test]
fn a_verification_takes_no_item_for_gone_that_half_an_answer_left_out() {
    for (spoil, on_missing) in [(Spoil::NoColumnValues, "report"), (Spoil::Half, "report"), (Spoil::Half, "recreate")] {
        let mut world = loaded();
        world.set("SYNC_VERIFY_EVERY", "0");
        world.set("SYNC_ON_MISSING", on_missing);
        world.sandbox.monday().spoil_next(world.board("unit"), spoil, u32::MAX);
        let run = world.doc("push", 3);
        assert_eq!(unit_failures(&run), [("unit".to_owned(), "board-unreadable".to_owned())], "{spoil:?}: {run:#}");
        assert_eq!(world.written(), [], "{spoil:?}");
        world.sandbox.monday().clear_refusals();
        world.doc("push", 0);
        assert_eq!(world.written(), [], "{spoil:?}");
        assert_equal(&world, "verified");
    }
}

#[test]
fn nulls_in_an_answer_about_single_items_do_not_make_them_gone() {
    let mut world = loaded();
    world.set("SYNC_VERIFY_EVERY", "0");
    world.set("SYNC_ON_MISSING", "recreate");
    let (key, item) = some_unit(&world);
    world.sandbox.monday().archive_by_hand(&item);
    world.sandbox.monday().spoil_next(&format!("items ids: [\"{item}\"]"), Spoil::NullItems, u32::MAX);
    let run = world.doc("push unit", 3);
    assert_eq!(run["push"]["unit"]["created"], 0, "{run:#}");
    assert_eq!(unit_failures(&run), [("unit".to_owned(), "board-unreadable".to_owned())], "{run:#}");
    world.sandbox.monday().clear_refusals();
    assert_eq!(world.doc("push unit", 0)["push"]["unit"]["created"], 1);
    assert_ne!(world.item("unit", &key).expect("a new item").id, item);
}

#[test]
fn a_killed_run_whose_store_is_lost_at_once_is_found_though_searches_lag() {
    let mut world = World::of(&Portfolio::tidy(3, 30));
    world.set("MONDAY_SETTLE", "700ms");
    world.sandbox.monday().set_search_lag(Duration::from_millis(500));
    let kill =
        Rule::once(Api::Monday, Fault::Kill { after_work: true }).containing("create_item").containing("tenant:");
    world.sandbox.inject(kill);
    world.line_to_be_killed("sync");
    world.lose_store();
    world.doc("sync", 0);
    assert_eq!(duplicates(&world), Vec::<String>::new());
    assert_equal(&world, "adopted");
}

#[test]
fn a_new_store_waits_where_items_were_just_made_though_the_count_lags_too() {
    let mut world = loaded();
    world.set("MONDAY_SETTLE", "3s");
    add_units(&world, 900_001, 2);
    world.lose_store();
    world.sandbox.monday().set_search_lag(Duration::from_millis(400));
    world.sandbox.monday().set_count_lag(true);
    let make = |key: &str| {
        world.sandbox.monday().create_item_by_hand(world.board("unit"), "d'un autre", &json!({ "text_key": key }))
    };
    make("unit:900001");
    std::thread::sleep(Duration::from_millis(450));
    // Nobody sees this one yet.
    make("unit:900002");
    let run = world.doc("sync", 0);
    assert_eq!(run["push"]["unit"]["created"], 0, "{run:#}");
    assert_eq!(duplicates(&world), Vec::<String>::new());
    assert_equal(&world, "adopted");
}

#[test]
fn a_board_whose_items_are_old_enough_is_read_once() {
    let mut world = loaded();
    world.set("MONDAY_SETTLE", "300ms");
    std::thread::sleep(Duration::from_millis(300));
    world.lose_store();
    // What people make has no key: nobody waits for it.
    world.sandbox.monday().create_item_by_hand(world.board("unit"), "Note", &json!({}));
    world.forget_calls();
    world.doc("sync", 0);
    assert_eq!(world.calls().len(), 1 + world.boards.len());
}

#[test]
fn an_automation_that_archives_what_is_made_again_turns_the_entity_red_after_two() {
    let mut world = loaded();
    world.set("SYNC_VERIFY_EVERY", "0");
    world.set("SYNC_ON_MISSING", "recreate");
    let (key, item) = some_unit(&world);
    let entity = format!("unit:{key}");
    let board = world.board("unit").to_owned();
    let made = |world: &World| world.sandbox.monday().items(&board).len();
    let before = made(&world);
    world.sandbox.monday().archive_new_items(&board, true);
    world.sandbox.monday().archive_by_hand(&item);
    for times in 1..=2 {
        world.doc("push unit", 0);
        assert_eq!(made(&world), before + times);
    }
    let run = world.doc("push unit", 3);
    assert_eq!(unit_failures(&run), [(entity.clone(), "item-taken-away-again".to_owned())], "{run:#}");
    assert!(run["failures"][0]["error"].as_str().is_some_and(|error| error.contains("it is not made again")));
    assert!(run["failures"][0]["hint"].as_str().is_some_and(|hint| hint.contains("automation")), "{run:#}");
    for _ in 0..2 {
        assert_eq!(world.doc("push unit", 0)["failures"], json!([]));
    }
    assert_eq!((made(&world), world.state(&entity).as_str()), (before + 2, "error"));
    // Once the automation is gone, it is asked for again.
    world.sandbox.monday().archive_new_items(&board, false);
    world.doc(&format!("resync --relink {entity}"), 0);
    assert_eq!((made(&world), world.state(&entity).as_str()), (before + 3, "synced"));
    world.doc("push", 0);
    assert_equal(&world, "made again");
}

#[test]
fn a_push_and_a_verification_deal_with_a_missing_item_alike() {
    for is_verified in [true, false] {
        for (on_missing, state, code) in [("report", "error", 3), ("unlink", "unlinked", 0), ("recreate", "synced", 0)]
        {
            let mut world = loaded();
            world.set("SYNC_ON_MISSING", on_missing);
            let (key, item) = some_unit(&world);
            world.sandbox.monday().archive_by_hand(&item);
            match is_verified {
                true => world.set("SYNC_VERIFY_EVERY", "0"),
                false => {
                    let id = key.parse().expect("a number");
                    assert!(world.sandbox.hapi().update("Units", id, "Rent", json!(1)));
                }
            }
            let run = world.doc("sync", code);
            assert_eq!(world.state(&format!("unit:{key}")), state, "{on_missing}, verified: {is_verified}: {run:#}");
            let next = world.query(
                "SELECT CAST(count(*) AS TEXT) FROM failures WHERE cause = 'item-missing' AND column_id IS NULL AND next_try_at IS NULL",
            );
            assert_eq!(next, ["0"], "it is tried again, whoever found out");
        }
    }
}

/// What was reported as missing is dealt with as the configuration says from now on, however long it has been so.
#[test]
fn another_answer_to_missing_items_holds_for_those_that_were_reported_too() {
    for is_verified in [true, false] {
        for (on_missing, state) in [("unlink", "unlinked"), ("recreate", "synced")] {
            let mut world = loaded();
            world.set("SYNC_ON_MISSING", "report");
            let (key, item) = some_unit(&world);
            let entity = format!("unit:{key}");
            world.sandbox.monday().archive_by_hand(&item);
            match is_verified {
                true => world.set("SYNC_VERIFY_EVERY", "0"),
                false => {
                    let id = key.parse().expect("a number");
                    assert!(world.sandbox.hapi().update("Units", id, "Rent", json!(1)));
                }
            }
            world.doc("sync", 3);
            world.set("SYNC_VERIFY_EVERY", "30d");
            let store = rusqlite::Connection::open(world.store()).expect("the store");
            store.execute("UPDATE failures SET tries = 9, next_try_at = NULL", []).expect("a failure of long ago");
            drop(store);
            assert_eq!(world.state(&entity), "error");
            world.set("SYNC_ON_MISSING", on_missing);
            let run = world.doc("sync", 0);
            assert_eq!(world.state(&entity), state, "{on_missing}, verified: {is_verified}: {run:#}");
            assert_eq!(world.doc("sync", 0)["monday_calls"], 0);
        }
    }
}

#[test]
fn an_item_that_took_the_place_of_another_is_used_instead_of_a_third() {
    for is_verified in [true, false] {
        let mut world = loaded();
        world.set("SYNC_ON_MISSING", "recreate");
        let (key, item) = some_unit(&world);
        world.sandbox.monday().archive_by_hand(&item);
        let other = world.sandbox.monday().create_item_by_hand(
            world.board("unit"),
            "restaurée",
            &json!({"text_key": format!("unit:{key}")}),
        );
        match is_verified {
            true => world.set("SYNC_VERIFY_EVERY", "0"),
            false => {
                assert!(world.sandbox.hapi().update("Units", key.parse().expect("a number"), "Rent", json!(1)));
            }
        }
        world.doc("sync", 0);
        assert_eq!(world.item("unit", &key).map(|item| item.id), Some(other), "verified: {is_verified}");
        assert_equal(&world, "in its place");
    }
}

#[test]
fn keys_typed_by_hand_are_read_as_selectors_wherever_key_columns_are_read() {
    let world = World::of(&Portfolio::tidy(3, 8));
    let units: Vec<String> = world.sandbox.hapi().records("Units").iter().map(|unit| unit["Id"].to_string()).collect();
    let typed = [
        "Unit:{}",
        "unit: {}",
        "units:{}",
        "unité:{}",
        "unit:\u{feff}{}",
        "unit\u{200b}:{}\u{200b}",
        "unite\u{301}s : {}",
    ];
    let board = world.board("unit").to_owned();
    let made: Vec<String> = typed
        .iter()
        .zip(&units)
        .map(|(form, key)| {
            let key = form.replace("{}", key);
            world.sandbox.monday().create_item_by_hand(&board, "à la main", &json!({ "text_key": key }))
        })
        .collect();
    let run = world.doc("sync", 0);
    assert_eq!(run["push"]["unit"]["adopted"], typed.len() as u64, "{run:#}");
    for (item, key) in made.iter().zip(&units) {
        assert_eq!(world.item("unit", key).map(|found| &found.id == item), Some(true), "unit:{key}");
    }
    assert_equal(&world, "adopted");
    // A second item with a key that was typed is reported.
    let copy = world.sandbox.monday().create_item_by_hand(
        &board,
        "copie",
        &json!({"text_key": format!("Unité : {}", units[0])}),
    );
    let found = world.doc("status --duplicates unit", 0)["duplicates"].clone();
    assert_eq!(found[0]["items"], json!([made[0], copy]), "{found:#}");
    let drift = world.doc("status --drift unit", 0)["drift"].clone();
    assert_eq!((&drift[0]["kind"], &drift[0]["item_id"]), (&json!("double"), &json!(copy)), "{drift:#}");
}

#[test]
fn a_key_typed_by_hand_is_found_by_link_and_before_a_new_item_is_made() {
    let world = loaded();
    add_units(&world, 900_100, 1);
    world.doc("pull", 0);
    let values = json!({"text_key": "Unités: 900100"});
    let typed = world.sandbox.monday().create_item_by_hand(world.board("unit"), "à la main", &values);
    let linked = world.doc("link --auto unit", 0)["linked"].clone();
    assert_eq!(linked, json!([{"entity": "unit:900100", "item_id": typed}]));
    let values = json!({"text_key": "UNIT: 900001"});
    let typed = world.sandbox.monday().create_item_by_hand(world.board("unit"), "à la main", &values);
    add_units(&world, 900_001, 1);
    let run = world.doc("sync", 0);
    assert_eq!((&run["push"]["unit"]["adopted"], &run["push"]["unit"]["created"]), (&json!(1), &json!(0)), "{run:#}");
    assert_eq!(world.item("unit", "900001").map(|item| item.id), Some(typed));
}

#[test]
fn a_value_that_a_board_keeps_in_its_own_form_is_sent_again_twice_and_then_left() {
    let mut world = loaded();
    let board = world.board("unit").to_owned();
    world
        .sandbox
        .monday()
        .keep_in_form(&board, "text_code", |text| format!("{} ", text.to_uppercase().replace('-', " ")));
    world.set("SYNC_VERIFY_EVERY", "0");
    let (key, item) = some_unit(&world);
    assert!(world.sandbox.hapi().update("Units", key.parse().expect("a number"), "UnitCode", json!("a-1")));
    world.doc("sync unit", 0);
    let sent = |world: &World| {
        world.forget_calls();
        let run = world.doc("push unit", 0);
        (world.written().len(), run["notes"].to_string())
    };
    assert_eq!(sent(&world).0, 1);
    let (second, notes) = sent(&world);
    assert_eq!(second, 1);
    assert!(notes.contains(&format!("`text_code` of unit:{key}")), "{notes}");
    for _ in 0..2 {
        assert_eq!(sent(&world), (0, "[]".to_owned()));
    }
    assert_eq!(world.doc("status --drift unit", 0)["drift"], json!([]));
    // A hand edit is another thing.
    world.sandbox.monday().edit_by_hand(&item, "text_code", &json!("à la main"));
    assert_eq!(sent(&world).0, 1);
    assert_eq!(sent(&world).0, 0);
    // And so is another value.
    assert!(world.sandbox.hapi().update("Units", key.parse().expect("a number"), "UnitCode", json!("b-2")));
    world.doc("sync unit", 0);
    assert_eq!(sent(&world).0, 1);
}

#[test]
fn another_label_is_never_a_boards_form_of_a_value() {
    let mut world = loaded();
    world.set("SYNC_VERIFY_EVERY", "0");
    let (_, item) = some_unit(&world);
    for _ in 0..4 {
        world.sandbox.monday().edit_by_hand(&item, "status_occupancy", &json!({"label": "Autre"}));
        world.forget_calls();
        world.doc("push unit", 0);
        assert_eq!(world.written().len(), 1);
    }
    assert_equal(&world, "put right each time");
}

#[test]
fn a_changed_mapping_says_what_it_costs_and_is_done_within_the_budget_without_a_word() {
    let mut world = loaded();
    let both = "SELECT CAST(count(*) AS TEXT) FROM entities WHERE kind = 'unit' AND name LIKE '%_ – _%'";
    let units = world.query(both).remove(0);
    let rewrite = |old: &str, new: &str| world.edit(old, new);
    rewrite("\"{BuildingCode} – {UnitCode}\"", "\"{BuildingCode} / {UnitCode}\"");
    let dry = world.doc("push --dry-run", 0);
    let announced =
        format!("the configuration of `unit` has changed: {units} items are written again, in about 1 call");
    assert!(dry["notes"].to_string().contains(&announced), "{dry:#}");
    let quiet = world.line("sync -q").expect(0);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    let document = world.doc("runs --limit 1", 0);
    assert!(document["runs"][0]["notes"].to_string().contains(&announced), "{document:#}");
    // Somebody at a terminal reads it before anything is sent.
    world.edit("\"{BuildingCode} / {UnitCode}\"", "\"{BuildingCode} – {UnitCode}\"");
    let errors = world.line("push -v").expect(0).stderr;
    let (price, done) = (errors.find(&announced), errors.find("push unit"));
    assert!(price.is_some() && price < done, "{errors}");
    world.edit("\"{BuildingCode} – {UnitCode}\"", "\"{BuildingCode} / {UnitCode}\"");
    world.set("MONDAY_DAILY_CALLS", "1");
    world.line("sync -q").expect(7);
    world.set("MONDAY_DAILY_CALLS", "0");
    world.doc("sync", 0);
    assert_eq!(world.doc("sync", 0)["monday_calls"], 0);
}

/// So many units; the store is lost, and then yesterday's one comes back.
fn large(units: usize) {
    let mut world = World::of(&Portfolio::tidy(5, units));
    world.set("MONDAY_SETTLE", "150ms");
    world.doc("sync", 0);
    keep_store(&world, "yesterday");
    add_units(&world, 5_000_000, i64::try_from(units / 20).expect("few") + 1);
    world.doc("sync", 0);
    for name in ["", "yesterday"] {
        match name {
            "" => world.lose_store(),
            name => restore_store(&world, name),
        }
        // What was made is older by now than searches lag, and need not be waited for.
        std::thread::sleep(Duration::from_millis(200));
        world.forget_calls();
        let run = world.doc("sync", 0);
        let created: u64 = ["company", "building", "unit", "tenant", "parking", "storage"]
            .iter()
            .filter_map(|kind| run["push"][kind]["created"].as_u64())
            .sum();
        assert_eq!(created, 0, "{name}: {run:#}");
        assert!(world.written().is_empty(), "{name}: nothing is sent that stands there already");
        assert_eq!(duplicates(&world), Vec::<String>::new(), "{name}");
        let items: usize = world.boards.iter().map(|board| world.sandbox.monday().items(&board.board_id).len()).sum();
        // The columns, and a page for each 500 items of each board.
        let most = 1 + world.boards.len() + items.div_ceil(500);
        assert!(world.calls().len() <= most, "{name}: {} calls for {items} items", world.calls().len());
    }
    assert_equal(&world, "adopted");
}

#[test]
fn a_lost_store_and_yesterdays_store_adopt_instead_of_doubling() {
    large(120);
}

#[test]
#[ignore = "takes minutes: 10,000 items"]
fn a_lost_store_and_yesterdays_store_adopt_ten_thousand_items_instead_of_doubling() {
    large(4_500);
}
