//! Stage 2 against a monday that refuses, limits, forgets and is written to by others.

use crate::drive::unlimited;
use crate::listen::event;
use crate::mirror::{self, assert_equal};
use crate::support::World;
use hopem_sandbox::{Api, Fault, Portfolio, Rule};
use serde_json::{Value, json};

/// A small portfolio, loaded.
fn loaded() -> World {
    let world = World::of(&Portfolio::tidy(3, 8));
    world.doc("sync", 0);
    world.forget_calls();
    world
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The id of some tenant who lives in a unit.
fn some_tenant(world: &World) -> i64 {
    let hapi = world.sandbox.hapi();
    let tenant = hapi.records("Tenants").iter().find(|tenant| tenant["TenantType"] == "L").expect("a tenant");
    tenant["Id"].as_i64().expect("an id")
}

/// The ids of some units.
fn units(world: &World) -> Vec<i64> {
    world.sandbox.hapi().records("Units").iter().filter_map(|unit| unit["Id"].as_i64()).collect()
}

fn update(world: &World, set: &str, id: i64, property: &str, value: Value) {
    assert!(world.sandbox.hapi().update(set, id, property, value), "{set} {id}");
}

#[test]
fn the_first_load_shows_every_record_and_relation_and_the_second_sync_asks_nothing() {
    let portfolio = Portfolio::tidy(1, 60);
    let world = World::of(&portfolio);
    let first = world.doc("sync", 0);
    assert_equal(&world, "after the first load");
    let calls = first["monday_calls"].as_u64().expect("a count");
    assert!(calls <= portfolio.total() as u64 / 25 + 50, "{calls} calls for {} records", portfolio.total());
    assert_eq!(calls, world.sandbox.monday().calls());
    let reads_a_board = |body: &str| body.contains("query Items(") || body.contains("query ItemsByKey(");
    assert!(!world.calls().iter().any(|call| reads_a_board(&call.body)), "that they are empty is known already");
    let second = world.doc("sync", 0);
    assert_eq!(second["monday_calls"], 0);
    assert_eq!(second["push"]["unit"]["unchanged"], portfolio.records("Units").len());
    assert_eq!(world.sandbox.monday().calls(), calls);
}

#[test]
fn what_changed_costs_two_calls_a_board_and_sends_the_changed_columns_only() {
    let world = loaded();
    let (tenant, units) = (some_tenant(&world), units(&world));
    for unit in &units {
        update(&world, "Units", *unit, "Rent", json!(1234.5));
    }
    update(&world, "Tenants", tenant, "Comment", json!("Nouveau"));
    let run = world.doc("sync", 0);
    assert_equal(&world, "after the changes");
    assert!(run["monday_calls"].as_u64().is_some_and(|calls| calls <= 4), "{run:#}");
    for values in world.written() {
        let columns: Vec<&String> = values.keys().collect();
        assert!(columns == ["numbers_rent"] || columns == ["text_comment"], "{columns:?}");
    }
    assert_eq!(world.written().len(), units.len() + 1);
}

#[test]
fn a_changed_mapping_sends_what_it_changes_and_nothing_else() {
    let world = loaded();
    world.edit("text_plate = \"Plate1\"", "text_plate = { template = \"no {Plate1}\" }");
    world.doc("sync", 0);
    let written = world.written();
    assert_eq!(written.len(), world.sandbox.hapi().records("TenantParkings").len());
    assert!(written.iter().all(|values| values.len() == 1 && text(&values["text_plate"]).starts_with("no ")));
}

#[test]
fn a_parent_that_comes_later_fills_the_connections_of_its_children() {
    let world = World::of(&Portfolio::tidy(3, 8));
    let building = {
        let mut hapi = world.sandbox.hapi();
        let building = hapi.record("Buildings", 4).cloned().expect("a documented building");
        hapi.remove("Buildings", 4);
        building
    };
    let first = world.doc("sync", 0);
    assert_equal(&world, "without the building");
    assert_eq!(first["failures"], json!([]));
    world.sandbox.hapi().insert("Buildings", building);
    world.forget_calls();
    world.doc("sync", 0);
    assert_equal(&world, "with the building");
}

#[test]
fn a_value_that_cannot_be_sent_harms_its_column_only_and_is_reported_once() {
    let world = loaded();
    let tenant = some_tenant(&world);
    update(&world, "Tenants", tenant, "EmailAddress", json!("pas de courriel"));
    update(&world, "Tenants", tenant, "LastName", json!("Nouveau"));
    let run = world.doc("sync", 3);
    assert_eq!(run["failures"].as_array().map(Vec::len), Some(1));
    assert_eq!(run["failures"][0]["entity"], format!("tenant:{tenant}"));
    assert_eq!(run["failures"][0]["column"], "email_main");
    assert_eq!(world.state(&format!("tenant:{tenant}")), "error");
    assert!(world.item("tenant", &tenant.to_string()).is_some_and(|item| item.name.starts_with("Nouveau")));
    let again = world.doc("sync", 0);
    assert_eq!((&again["monday_calls"], &again["failures"]), (&json!(0), &json!([])));
    update(&world, "Tenants", tenant, "EmailAddress", json!("a@exemple.ca"));
    world.doc("sync", 0);
    assert_equal(&world, "mended");
    assert_eq!(world.state(&format!("tenant:{tenant}")), "synced");
}

#[test]
fn a_label_added_to_the_board_heals_those_who_lacked_it() {
    let world = loaded();
    let (first, second) = (units(&world)[0], units(&world)[1]);
    world.edit("APP = \"Appartement\"", "APP = \"Appartement\", MEU = \"Meublé\"");
    update(&world, "Units", first, "HousingType", json!("MEU"));
    let run = world.doc("sync", 3);
    assert!(run["failures"][0].to_string().contains("Meublé"), "{run:#}");
    world.sandbox.monday().add_label(world.board("unit"), "dropdown_housing", "Meublé");
    // The board is read when something is sent to it.
    update(&world, "Units", second, "Rent", json!(1));
    world.doc("sync", 0);
    let item = world.item("unit", &first.to_string()).expect("an item");
    assert_eq!(item.values.get("dropdown_housing"), Some(&json!(["Meublé"])));
    assert_eq!(world.state(&format!("unit:{first}")), "synced");
}

#[test]
fn what_is_paused_is_not_sent_until_it_is_resumed() {
    let world = loaded();
    let unit = units(&world)[0];
    world.line(&format!("pause unit:{unit} storage")).expect(0);
    update(&world, "Units", unit, "Rent", json!(1));
    let storage = world.sandbox.hapi().record("Storages", 1).cloned().map(|mut storage| {
        storage["Id"] = json!(77_777);
        storage
    });
    world.sandbox.hapi().insert("Storages", storage.expect("a storage"));
    let run = world.doc("sync", 0);
    assert_eq!((&run["monday_calls"], &run["push"]["unit"]["paused"]), (&json!(0), &json!(1)));
    assert_eq!(world.item("storage", "77777"), None);
    world.line(&format!("resume unit:{unit} storage")).expect(0);
    world.doc("sync", 0);
    assert_equal(&world, "resumed");
}

#[test]
fn limit_pushes_so_many_entities_and_the_next_run_the_others() {
    let world = World::of(&Portfolio::tidy(3, 8));
    let run = world.doc("sync --limit 5", 0);
    let items: usize = world.boards.iter().map(|board| world.sandbox.monday().items(&board.board_id).len()).sum();
    assert_eq!(items, 5, "{run:#}");
    world.doc("sync", 0);
    assert_equal(&world, "without a limit");
}

#[test]
fn a_budget_is_never_passed_and_the_next_runs_go_on_where_it_ended() {
    let mut world = World::of(&Portfolio::tidy(3, 8));
    for _ in 0..20 {
        let before = world.sandbox.monday().calls();
        let run = world.line("sync --max-calls 3 --json");
        let spent = world.sandbox.monday().calls() - before;
        assert!(spent <= 3, "{spent}");
        assert_eq!(run.json()["monday_calls"], spent);
        if run.code == 0 {
            break;
        }
        run.expect(7);
    }
    assert_equal(&world, "in small steps");
    let spent = world.doc("status", 0)["monday_calls_today"].as_u64().expect("a count");
    assert_eq!(spent, world.sandbox.monday().calls());
    world.set("MONDAY_DAILY_CALLS", &spent.to_string());
    update(&world, "Units", units(&world)[0], "Rent", json!(1));
    let run = world.doc("sync", 7);
    assert_eq!(run["outcome"], "budget");
    assert_eq!(world.sandbox.monday().calls(), spent);
    assert_eq!(world.line("sync -q").expect(7).stdout, "");
}

#[test]
fn a_type_that_is_not_the_columns_is_reported_for_the_kind_and_nothing_of_it_is_sent() {
    let world = loaded();
    world.edit("text_code = \"UnitCode\"\n", "text_code = { field = \"AvailableDate\", type = \"date\" }\n");
    let run = world.doc("sync", 3);
    let failure = &run["failures"][0];
    assert_eq!((&failure["entity"], &failure["cause"]), (&json!("unit"), &json!("column-type-differs")), "{failure}");
    assert!(text(&failure["error"]).contains("`text_code` has type `text`"), "{failure}");
    assert!(text(&failure["hint"]).contains("leave `type` out"), "{failure}");
    let board = world.doc("status", 0)["kinds"].as_array().expect("kinds").clone();
    let unit = board.iter().find(|kind| kind["kind"] == "unit").expect("units");
    assert!(text(&unit["reason"]).contains("`text_code`"), "{unit}");
    assert!(!world.calls().iter().any(|call| call.body.contains("text_code\\\":{")), "no date is sent to it");
}

#[test]
fn what_is_no_answer_of_mondays_names_the_setting() {
    let world = loaded();
    for (status, body) in [(200, "<!DOCTYPE html><p>portal"), (404, "<p>no such page"), (403, "<p>filtered")] {
        update(&world, "Units", units(&world)[0], "Rent", json!(status));
        world.sandbox.inject(Rule::always(Api::Monday, Fault::status(status, body)));
        let run = world.doc("sync", 1);
        world.sandbox.clear_faults();
        let reported = run["error"].to_string();
        assert!(reported.contains("[monday] url") && reported.contains(&format!("HTTP {status}")), "{reported}");
    }
}

/// The first id of a set.
fn first_id(world: &World, set: &str) -> i64 {
    world.sandbox.hapi().records(set)[0]["Id"].as_i64().expect("an id")
}

#[test]
fn where_calls_are_scarce_the_most_urgent_goes_first() {
    let world = loaded();
    let (unit, storage) = (first_id(&world, "Units"), first_id(&world, "Storages"));
    let lease = first_id(&world, "TenantParkings");
    world.doc(&format!("resync --later parking-lease:{lease}"), 0);
    update(&world, "Units", unit, "Rent", json!(1));
    update(&world, "Storages", storage, "Amount", json!(1));
    let mut parking = world.sandbox.hapi().records("Parkings")[0].clone();
    parking["Id"] = json!(900_001);
    world.sandbox.hapi().insert("Parkings", parking);
    let payload = event(u64::try_from(storage).expect("an id")).replace("Unit", "Storage");
    crate::listen::stdin(&world, &[], payload.as_bytes()).expect(0);
    world.line("pull").expect(0);
    let by_urgency = ["parking-lease", "storage", "parking", "unit"];
    let entities = by_urgency.map(|kind| match kind {
        "parking-lease" => format!("{kind}:{lease}"),
        "storage" => format!("{kind}:{storage}"),
        "parking" => "parking:900001".to_owned(),
        _ => format!("{kind}:{unit}"),
    });
    for done in 1..=entities.len() {
        // Where items are to be made, the boards are read first.
        let run = world.line("push --max-calls 2 --json");
        assert!(run.code == if done < entities.len() { 7 } else { 0 }, "{done}: {run:?}");
        let synced = entities.iter().take_while(|entity| world.state(entity) == "synced").count();
        let pending = entities.iter().filter(|entity| world.state(entity) == "pending").count();
        assert!(synced >= done && synced + pending == entities.len(), "{done}: {synced} of {entities:?}");
    }
    assert_equal(&world, "in the end");
}

#[test]
fn a_load_larger_than_the_calls_of_a_day_says_beforehand_how_many_days_it_takes() {
    let mut world = World::of(&Portfolio::tidy(3, 60));
    world.set("MONDAY_DAILY_CALLS", "6");
    world.line("pull").expect(0);
    let planned = world.doc("push --dry-run", 0);
    let notes = |run: &Value| run["notes"].to_string();
    assert!(notes(&planned).contains("5 are left today") && notes(&planned).contains("days at 6 a day"), "{planned:#}");
    // What is paused waits for people, not for days.
    world.line("pause unit tenant parking storage parking-lease locker-lease").expect(0);
    assert!(!notes(&world.doc("push --dry-run", 0)).contains("days at"), "{planned:#}");
    world.line("resume unit tenant parking storage parking-lease locker-lease").expect(0);
    let run = world.doc("push", 7);
    assert!(notes(&run).contains("are left today") && notes(&run).contains("after midnight UTC"), "{}", run["notes"]);
}

#[test]
fn every_kind_of_limit_is_waited_out() {
    let world = loaded();
    let unit = units(&world)[0];
    let codes = [
        "MINUTE_RATE_LIMIT_EXCEEDED",
        "MAX_CONCURRENCY_EXCEEDED",
        "maxConcurrencyExceeded",
        "COMPLEXITY_BUDGET_EXHAUSTED",
        "ComplexityException",
        "IP_RATE_LIMIT_EXCEEDED",
        "FIELD_LIMIT_EXCEEDED",
        "tooManyRequests",
        "API_TEMPORARILY_BLOCKED",
    ];
    for (rent, code) in codes.into_iter().enumerate() {
        update(&world, "Units", unit, "Rent", json!(rent + 1));
        // The board is read, then written to: both meet the limit.
        world.sandbox.monday().limit_next(code, 2, 0);
        let run = world.doc("sync", 0);
        assert_eq!(run["monday_calls"], 4, "{code}");
    }
    assert_equal(&world, "after all limits");
}

#[test]
fn a_limit_inside_an_answer_is_waited_out_unless_it_takes_too_long() {
    let mut world = loaded();
    let unit = units(&world)[0];
    world.set("NETWORK_MAX_WAIT", "20ms");
    for (rent, code) in
        ["MINUTE_RATE_LIMIT_EXCEEDED", "tooManyRequests", "API_TEMPORARILY_BLOCKED"].into_iter().enumerate()
    {
        update(&world, "Units", unit, "Rent", json!(rent + 1));
        world.sandbox.monday().refuse_next("change_multiple", code, 1);
        assert_eq!(world.doc("sync", 0)["monday_calls"], 3, "{code}");
    }
    assert_equal(&world, "after the limits");
    update(&world, "Units", unit, "Rent", json!(101));
    // This one names its wait, 15 seconds.
    world.sandbox.monday().refuse_next("change_multiple", "FIELD_LIMIT_EXCEEDED", 1);
    assert_eq!(world.doc("sync", 7)["monday_calls"], 2);
    assert_eq!(world.doc("sync", 7)["monday_calls"], 0);
}

#[test]
fn a_monday_that_only_ever_says_later_ends_the_run() {
    let world = loaded();
    update(&world, "Units", units(&world)[0], "Rent", json!(1));
    world.sandbox.monday().limit_next("MINUTE_RATE_LIMIT_EXCEEDED", 2_000, 0);
    let run = world.line("sync --json");
    assert!(run.code == 1 || run.code == 7, "{run:?}");
    assert!(world.calls().len() < 100, "{}", world.calls().len());
    world.sandbox.monday().clear_refusals();
    // One call passes, and the limit strikes the writing.
    let fault = Fault::Status {
        status: 429,
        headers: Vec::new(),
        body: r#"{"errors":[{"message":"m","extensions":{"code":"MINUTE_RATE_LIMIT_EXCEEDED","retry_in_seconds":0}}]}"#
            .to_owned(),
    };
    world.forget_calls();
    world.sandbox.inject(Rule::always(Api::Monday, fault).containing("mutation Push"));
    let run = world.line("sync --json");
    assert!(run.code == 1 || run.code == 7, "{run:?}");
    assert!(world.calls().len() < 100, "{}", world.calls().len());
    world.sandbox.clear_faults();
    world.doc("sync", 0);
    assert_equal(&world, "once it lets us");
}

#[test]
fn a_long_wait_ends_the_run_and_is_kept_across_runs() {
    for (code, seconds) in
        [("DAILY_LIMIT_EXCEEDED", 3_600), ("DAILY_LIMIT_EXCEEDED", 1), ("MINUTE_RATE_LIMIT_EXCEEDED", 600)]
    {
        let world = loaded();
        update(&world, "Units", units(&world)[0], "Rent", json!(1));
        world.sandbox.monday().limit_next(code, 1, seconds);
        world.doc("sync", 7);
        assert_eq!(world.calls().len(), 1, "{code} {seconds}");
        if seconds > 1 {
            assert_eq!(world.doc("sync", 7)["monday_calls"], 0);
            assert_eq!(world.calls().len(), 1);
        }
    }
}

fn asking_to_wait(status: u16, seconds: &str) -> Fault {
    Fault::Status { status, headers: vec![("retry-after".to_owned(), seconds.to_owned())], body: "down".to_owned() }
}

#[test]
fn a_long_wait_that_a_failing_monday_asks_for_ends_the_side_and_is_kept_across_runs() {
    for (status, is_of_pushes) in [(503, true), (502, true), (500, true), (503, false)] {
        let world = loaded();
        update(&world, "Units", units(&world)[0], "Rent", json!(1));
        let rule = Rule::once(Api::Monday, asking_to_wait(status, "600"));
        world.sandbox.inject(if is_of_pushes { rule.containing("mutation Push") } else { rule });
        let asked = world.doc("sync", 7)["monday_calls"].as_u64();
        assert!(asked.is_some_and(|calls| calls <= 2), "{status} {asked:?}");
        let calls = world.calls().len();
        assert_eq!(world.doc("sync", 7)["monday_calls"], 0, "{status}");
        assert_eq!(world.doc("status", 0)["sides"][0]["cause"], "not-before", "{status}");
        assert_eq!(world.calls().len(), calls, "{status}");
        let connection = rusqlite::Connection::open(world.store()).expect("a store");
        connection.execute("DELETE FROM waits", []).expect("the wait is over");
        drop(connection);
        world.doc("sync", 0);
        assert_equal(&world, "once the wait is over");
    }
}

#[test]
fn what_a_lost_answer_was_to_make_is_looked_up_after_the_wait_that_it_asks_for() {
    let world = loaded();
    let tenant = some_tenant(&world);
    let mut record = world.sandbox.hapi().record("Tenants", tenant).cloned().expect("a tenant");
    record["Id"] = json!(987_654);
    world.sandbox.hapi().insert("Tenants", record);
    let fault = asking_to_wait(503, "1");
    world.sandbox.inject(Rule::once(Api::Monday, fault).containing("mutation Push"));
    let began = std::time::Instant::now();
    world.doc("sync", 0);
    assert!(began.elapsed() >= std::time::Duration::from_secs(1), "{:?}", began.elapsed());
    assert_equal(&world, "made once");
}

#[test]
fn a_board_that_is_locked_is_waited_for() {
    let world = loaded();
    update(&world, "Units", units(&world)[0], "Rent", json!(1));
    let fault = Fault::Status {
        status: 423,
        headers: vec![("retry-after".to_owned(), "0".to_owned())],
        body: r#"{"errors":[{"message":"Resource is currently locked, please try again later"}]}"#.to_owned(),
    };
    world.sandbox.inject(Rule::once(Api::Monday, fault).containing("mutation Push"));
    assert_eq!(world.doc("sync", 0)["monday_calls"], 3);
    assert_equal(&world, "unlocked");
}

#[test]
fn one_refused_item_of_a_call_leaves_the_others_done() {
    let world = World::of(&Portfolio::tidy(3, 8));
    let tenant = some_tenant(&world);
    world.sandbox.monday().refuse_next(&format!("tenant:{tenant}"), "missingRequiredPermissions", unlimited());
    let run = world.doc("sync", 3);
    assert_eq!(run["failures"].as_array().map(Vec::len), Some(1), "{run:#}");
    assert_eq!(run["failures"][0]["entity"], format!("tenant:{tenant}"));
    let reported = mirror::differences(&world);
    assert!(reported.contains(&format!("tenant:{tenant}: no item")), "{reported:?}");
    world.sandbox.monday().clear_refusals();
    assert_eq!(world.doc("sync", 0)["monday_calls"], 0, "it is not tried again at once");
    world.doc("resync --state error", 0);
    world.doc("sync", 0);
    assert_equal(&world, "permitted");
}

#[test]
fn a_value_refused_without_a_word_about_its_column_is_found() {
    let world = loaded();
    let tenant = some_tenant(&world);
    update(&world, "Tenants", tenant, "Comment", json!("poison"));
    update(&world, "Tenants", tenant, "LastName", json!("Nouveau"));
    update(&world, "Tenants", tenant, "CellPhone", json!("418-555-0199"));
    let new = {
        let mut unit = world.sandbox.hapi().records("Units")[0].clone();
        unit["Id"] = json!(88_888);
        unit["UnitCode"] = json!("88");
        unit["Comment"] = json!("poison");
        unit
    };
    world.sandbox.hapi().insert("Units", new);
    world.sandbox.monday().refuse_next("poison", "InvalidArgumentException", unlimited());
    let run = world.doc("sync", 3);
    let failures = run["failures"].as_array().expect("a list");
    let columns: Vec<&str> = failures.iter().map(|failure| text(&failure["column"])).collect();
    assert_eq!(columns.len(), 2, "{run:#}");
    assert!(columns.contains(&"text_comment") && columns.contains(&"long_text_comment"), "{run:#}");
    let reported = mirror::differences(&world);
    assert_eq!(reported.len(), 2, "{reported:?}");
    world.sandbox.monday().clear_refusals();
    world.doc("resync --state error", 0);
    assert_equal(&world, "once monday takes it");
}

#[test]
fn a_document_refused_as_a_whole_is_split_until_the_cause_is_alone() {
    let world = World::of(&Portfolio::tidy(3, 80));
    let tenant = some_tenant(&world);
    update(&world, "Tenants", tenant, "Comment", json!("poison"));
    let fault = Fault::Status {
        status: 200,
        headers: Vec::new(),
        body: r#"{"errors":[{"message":"Variable $v was provided invalid value","extensions":{"problems":[]}}]}"#
            .to_owned(),
    };
    world.sandbox.inject(Rule::always(Api::Monday, fault).containing("poison"));
    let run = world.doc("sync", 3);
    assert_eq!(run["failures"].as_array().map(Vec::len), Some(1), "{run:#}");
    assert_eq!(run["failures"][0]["entity"], format!("tenant:{tenant}"));
    assert!(world.calls().len() < 40, "calls grow again: {}", world.calls().len());
    let reported = mirror::differences(&world);
    assert!(
        reported
            .iter()
            .all(|reported| reported.contains(&format!("tenant:{tenant}")) || reported.contains("link_tenant")),
        "{reported:?}"
    );
    world.sandbox.clear_faults();
    world.doc("resync --state error", 0);
    world.doc("sync", 0);
    assert_equal(&world, "once monday takes it");
}

#[test]
fn a_board_that_takes_nothing_costs_few_calls() {
    let world = World::of(&Portfolio::tidy(3, 40));
    let fault = Fault::Status {
        status: 200,
        headers: Vec::new(),
        body: r#"{"errors":[{"message":"Field 'create_item' doesn't exist","extensions":{"code":"undefinedField"}}]}"#
            .to_owned(),
    };
    let units = world.board("unit").to_owned();
    world.sandbox.inject(Rule::always(Api::Monday, fault).containing(&format!("\"board\":\"{units}\",\"labels")));
    let run = world.doc("sync", 3);
    assert!(world.calls().len() < 40, "{}", world.calls().len());
    assert!(run["failures"].as_array().is_some_and(|failures| failures.len() < 10), "{}", run["failures"]);
    assert!(world.item("tenant", &some_tenant(&world).to_string()).is_some(), "other boards go on");
    world.sandbox.clear_faults();
    world.doc("resync --state error", 0);
    world.doc("sync", 0);
    assert_equal(&world, "once monday takes it");
}

#[test]
fn a_call_that_is_too_much_at_once_is_made_smaller() {
    let world = World::of(&Portfolio::tidy(3, 20));
    world.sandbox.monday().set_max_root_fields(Some(7));
    world.doc("sync", 0);
    assert_equal(&world, "in small calls");
}

#[test]
fn a_full_board_fails_what_does_not_fit_and_spends_few_calls_on_it() {
    let world = World::of(&Portfolio::tidy(3, 30));
    world.sandbox.monday().set_items_limit(20);
    let run = world.doc("sync", 3);
    assert!(world.calls().len() < 40, "{}", world.calls().len());
    assert!(run["failures"][0]["error"].as_str().is_some_and(|error| error.contains("ItemsLimitation")), "{run:#}");
    world.sandbox.monday().set_items_limit(10_000);
    world.doc("resync --state error", 0);
    world.doc("sync", 0);
    assert_equal(&world, "with room");
}

#[test]
fn an_item_taken_away_by_hand_is_reported_once() {
    for how in ["archive", "delete", "move"] {
        let world = loaded();
        let unit = units(&world)[0];
        take_away(&world, unit, how);
        update(&world, "Units", unit, "Rent", json!(1));
        let run = world.doc("sync", 3);
        assert_eq!(run["failures"].as_array().map(Vec::len), Some(1), "{how}: {run:#}");
        assert_eq!(run["failures"][0]["entity"], format!("unit:{unit}"), "{how}");
        assert_eq!(world.state(&format!("unit:{unit}")), "error");
        assert_eq!(world.doc("sync", 0)["monday_calls"], 0, "{how}");
        // What the failure advises.
        world.doc(&format!("resync --relink unit:{unit}"), 0);
        world.doc("sync", 0);
        assert_eq!(world.state(&format!("unit:{unit}")), "synced", "{how}");
        assert!(world.item("unit", &unit.to_string()).is_some(), "{how}");
    }
}

#[test]
fn an_item_taken_away_by_hand_is_made_again_where_that_is_wanted() {
    for how in ["archive", "delete", "move"] {
        let mut world = loaded();
        world.set("SYNC_ON_MISSING", "recreate");
        let unit = units(&world)[0];
        take_away(&world, unit, how);
        update(&world, "Units", unit, "Rent", json!(1));
        world.doc("sync", 0);
        if how == "move" {
            let stray = world.sandbox.monday().items(world.board("storage")).pop().expect("the item that was moved");
            world.sandbox.monday().delete_by_hand(&stray.id);
        }
        assert_equal(&world, how);
    }
}

#[test]
fn an_item_counts_as_missing_only_when_monday_says_so() {
    let mut world = loaded();
    world.set("SYNC_ON_MISSING", "recreate");
    let unit = units(&world)[0];
    update(&world, "Units", unit, "Rent", json!(1));
    world.sandbox.monday().refuse_next("change_multiple", "InternalSomething", 1);
    world.sandbox.monday().refuse_next("items", "INTERNAL_SERVER_ERROR", 1);
    world.doc("sync", 0);
    assert_equal(&world, "asked again");
    assert_eq!(world.sandbox.monday().items(world.board("unit")).len(), units(&world).len());
}

#[test]
fn an_item_taken_away_by_hand_dissociates_its_entity_where_that_is_wanted() {
    let mut world = loaded();
    world.set("SYNC_ON_MISSING", "unlink");
    let unit = units(&world)[0];
    take_away(&world, unit, "delete");
    update(&world, "Units", unit, "Rent", json!(1));
    world.doc("sync", 0);
    assert_eq!(world.state(&format!("unit:{unit}")), "unlinked");
    assert_eq!(world.item("unit", &unit.to_string()), None);
    world.doc(&format!("resync unit:{unit} --relink"), 0);
    world.doc("sync", 0);
    assert_equal(&world, "tied again");
}

fn take_away(world: &World, unit: i64, how: &str) {
    let item = world.item("unit", &unit.to_string()).expect("an item").id;
    let storages = world.board("storage").to_owned();
    let mut monday = world.sandbox.monday();
    match how {
        "archive" => monday.archive_by_hand(&item),
        "delete" => monday.delete_by_hand(&item),
        _ => monday.move_by_hand(&item, &storages),
    }
}

#[test]
fn what_is_gone_from_hapi_goes_the_way_that_was_chosen() {
    for (way, state) in [("archive", "archived"), ("delete", "deleted"), ("keep", "active")] {
        let mut world = loaded();
        world.set("SYNC_ON_DELETE", way);
        let tenant = some_tenant(&world);
        let item = world.item("tenant", &tenant.to_string()).expect("an item").id;
        world.sandbox.hapi().remove("Tenants", tenant);
        world.doc("sync", 0);
        assert_eq!(world.sandbox.monday().item(&item).map(|item| item.state), Some(state.to_owned()), "{way}");
        if way != "keep" {
            assert_equal(&world, way);
        }
        assert_eq!(world.doc("sync", 0)["monday_calls"], 0, "{way}");
    }
}

#[test]
fn what_was_archived_by_hand_already_is_let_go_without_a_failure() {
    for how in ["archive", "delete"] {
        let world = loaded();
        let unit = units(&world)[0];
        take_away(&world, unit, how);
        world.sandbox.hapi().remove("Units", unit);
        world.doc("sync", 0);
        assert_equal(&world, how);
        assert_eq!(world.doc("sync", 0)["monday_calls"], 0, "{how}");
    }
}

#[test]
fn what_comes_back_to_hapi_gets_an_item_again() {
    let world = loaded();
    let tenant = some_tenant(&world);
    let record = world.sandbox.hapi().record("Tenants", tenant).cloned().expect("a tenant");
    world.sandbox.hapi().remove("Tenants", tenant);
    world.doc("sync", 0);
    world.sandbox.hapi().insert("Tenants", record);
    world.doc("sync", 0);
    assert_equal(&world, "back again");
}

#[test]
fn a_lost_store_adopts_what_is_there_and_writes_nothing() {
    let world = loaded();
    world.lose_store();
    let run = world.doc("sync", 0);
    assert_equal(&world, "adopted");
    assert_eq!(world.written(), [], "what the boards show already is not sent");
    assert_eq!(run["push"]["unit"]["adopted"], units(&world).len());
    assert_eq!(run["push"]["unit"]["created"], 0);
    assert_eq!(world.doc("sync", 0)["monday_calls"], 0);
}

#[test]
fn a_lost_store_mends_what_differs_and_makes_what_is_missing() {
    let world = loaded();
    world.lose_store();
    let (first, second) = (units(&world)[0], units(&world)[1]);
    update(&world, "Units", first, "Rent", json!(77));
    take_away(&world, second, "delete");
    world.doc("sync", 0);
    assert_equal(&world, "adopted and mended");
    let written = world.written();
    assert!(
        written.iter().any(|values| values.len() == 1 && values.get("numbers_rent") == Some(&json!("77"))),
        "{written:?}"
    );
}

#[test]
fn items_without_a_key_are_adopted_by_what_identifies_them() {
    let mut world = World::of(&Portfolio::tidy(3, 8));
    let board = world.board("parking").to_owned();
    let parkings = world.sandbox.hapi().records("Parkings").to_vec();
    for parking in &parkings {
        world.sandbox.monday().create_item_by_hand(&board, "À la main", &json!({"text_number": parking["ParkingNo"]}));
    }
    world.set("SYNC_ADOPT", "identity");
    world.edit(
        "name = \"{BuildingCode} – {ParkingNo}\"",
        "name = \"{BuildingCode} – {ParkingNo}\"\nidentity = [\"text_number\"]",
    );
    let run = world.doc("sync", 0);
    assert_equal(&world, "adopted by identity");
    assert_eq!(run["push"]["parking"]["adopted"], parkings.len());
    assert_eq!(world.sandbox.monday().items(&board).len(), parkings.len());
}

#[test]
fn who_fits_several_items_without_a_key_adopts_none_and_that_is_reported() {
    let mut world = World::of(&Portfolio::tidy(3, 8));
    let board = world.board("parking").to_owned();
    let parking = world.sandbox.hapi().records("Parkings")[0].clone();
    for _ in 0..2 {
        world.sandbox.monday().create_item_by_hand(&board, "À la main", &json!({"text_number": parking["ParkingNo"]}));
    }
    world.set("SYNC_ADOPT", "identity");
    world.edit("[entities.parking]", "[entities.parking]\nidentity = [\"text_number\"]");
    let run = world.doc("sync", 0);
    assert_eq!(run["push"]["parking"]["adopted"], 0, "{run:#}");
    let notes = run["notes"].to_string();
    let example = format!("such as parking:{}", parking["Id"]);
    assert!(notes.contains("several items without a key") && notes.contains(&example), "{notes}");
}

#[test]
fn items_without_keys_are_adopted_by_their_code_and_the_building_that_they_connect_to() {
    let mut world = loaded();
    let board = world.board("unit").to_owned();
    let items = world.sandbox.monday().items(&board);
    for item in &items {
        world.sandbox.monday().edit_by_hand(&item.id, "text_key", &Value::Null);
    }
    world.lose_store();
    world.set("SYNC_ADOPT", "identity");
    world.edit("[entities.unit]", "[entities.unit]\nidentity = [\"text_code\", \"link_building\"]");
    let run = world.doc("sync", 0);
    let coded = items.iter().filter(|item| item.values.contains_key("text_code")).count();
    assert_eq!(run["push"]["unit"]["adopted"], coded, "{run:#}");
    assert_eq!(run["push"]["unit"]["created"], items.len() - coded, "what has no code has no identity");
}

#[test]
fn a_dry_run_says_what_then_happens_and_changes_nothing() {
    let world = World::of(&Portfolio::tidy(3, 8));
    compare_with_dry_run(&world, "first load");
    let (tenant, units) = (some_tenant(&world), units(&world));
    update(&world, "Units", units[0], "Rent", json!(1));
    update(&world, "Units", units[1], "UnitCode", json!("9Z"));
    update(&world, "Buildings", 4, "City", json!("Laval"));
    world.sandbox.hapi().remove("Tenants", tenant);
    compare_with_dry_run(&world, "update");
    world.lose_store();
    update(&world, "Units", units[0], "Rent", json!(2));
    compare_with_dry_run(&world, "adoption");
    compare_with_dry_run(&world, "nothing");
}

#[track_caller]
fn compare_with_dry_run(world: &World, context: &str) {
    let has_store = world.store().exists();
    let before = (mirror::shown(world), has_store.then(|| world.content()));
    let mutations = world.sandbox.monday().mutation_calls();
    let dry = world.doc("sync --dry-run", 0);
    assert_eq!(world.sandbox.monday().mutation_calls(), mutations, "{context}");
    assert_eq!((mirror::shown(world), has_store.then(|| world.content())), before, "{context}");
    assert_eq!(world.store().exists(), has_store, "{context}");
    assert_eq!(dry["run"], Value::Null);
    let run = world.doc("sync", 0);
    assert_equal(world, context);
    assert_eq!(dry["price"]["calls"], run["monday_calls"], "{context}: {dry:#}");
    assert_eq!(dry["push"], run["push"], "{context}");
    let changes = world.doc(&format!("runs {} --changes", run["run"]), 0);
    let by_entity = |list: &Value| {
        let mut rows: Vec<(String, String, Value)> = list
            .as_array()
            .into_iter()
            .flatten()
            .map(|row| (text(&row["entity"]).to_owned(), text(&row["action"]).to_owned(), known(&row["columns"])))
            .collect();
        // An adopted item that lacks nothing is part of the plan, but no change.
        rows.retain(|(_, action, columns)| action != "adopt" || *columns != json!({}));
        rows.sort_by_key(|(entity, action, _)| (entity.clone(), action.clone()));
        rows
    };
    assert_eq!(by_entity(&dry["plan"]), by_entity(&changes["changes"]), "{context}");
}

/// Columns without the connections: the items that they name have no ids yet.
fn known(columns: &Value) -> Value {
    let columns = columns.as_object().cloned().unwrap_or_default();
    columns.into_iter().filter(|(column, _)| !column.starts_with("link_")).collect()
}

#[test]
fn a_wrong_token_is_distinguished_from_everything_else() {
    let world = loaded();
    world.sandbox.monday().set_token("another");
    update(&world, "Units", units(&world)[0], "Rent", json!(1));
    let run = world.doc("sync", 6);
    assert_eq!(world.calls().len(), 1, "{run:#}");
    world.sandbox.monday().set_token(hopem_sandbox::monday::TOKEN);
    world.doc("sync", 0);
    assert_equal(&world, "let in");
}

#[test]
fn a_kind_whose_board_or_key_column_is_missing_leaves_the_others_alone() {
    let world = World::of(&Portfolio::tidy(3, 8));
    let storages = world.board("storage").to_owned();
    world.edit(&format!("board = {storages}\n"), "board = 12345\n");
    world.sandbox.monday().remove_column(world.board("parking"), "text_key");
    let run = world.doc("sync", 3);
    let mut failed: Vec<&str> = run["failures"].as_array().into_iter().flatten().map(|f| text(&f["entity"])).collect();
    failed.sort_unstable();
    assert_eq!(failed, ["parking", "storage"], "{}", run["failures"]);
    let reported = mirror::differences(&world);
    let is_theirs = |reported: &String| ["parking", "storage", "locker"].iter().any(|kind| reported.contains(kind));
    assert!(reported.iter().all(is_theirs), "{reported:?}");
    assert_eq!(world.sandbox.monday().items(world.board("parking")).len(), 0);
}

#[test]
fn a_board_that_cannot_be_asked_after_a_lost_answer_leaves_the_others_alone() {
    let world = World::of(&Portfolio::tidy(3, 8));
    let parkings = world.board("parking").to_owned();
    world.sandbox.inject(Rule::once(Api::Monday, Fault::Kill { after_work: true }).containing("P-001"));
    world.line_to_be_killed("sync").expect(crate::drive::KILLED);
    world.sandbox.monday().remove_column(&parkings, "text_key");
    for _ in 0..2 {
        world.line("sync --json").expect(3);
    }
    let reported = mirror::differences(&world);
    assert!(
        reported.iter().all(|reported| reported.contains("parking") || reported.contains("Stationnement")),
        "{reported:?}"
    );
}

#[test]
fn resync_overwrites_what_was_edited_by_hand() {
    let world = loaded();
    let unit = units(&world)[0].to_string();
    let item = world.item("unit", &unit).expect("an item").id;
    world.sandbox.monday().edit_by_hand(&item, "numbers_rent", &json!("3"));
    world.sandbox.monday().edit_by_hand(&item, "name", &json!("À la main"));
    assert_eq!(world.doc("sync", 0)["monday_calls"], 0);
    world.doc(&format!("resync unit:{unit}"), 0);
    assert_equal(&world, "sent again");
}

#[test]
fn unlinking_clears_the_key_and_nothing_else() {
    let world = loaded();
    let unit = units(&world)[0];
    let item = world.item("unit", &unit.to_string()).expect("an item");
    world.line(&format!("unlink unit:{unit}")).expect(0);
    update(&world, "Units", unit, "Rent", json!(1));
    world.doc("sync", 0);
    let mut expected = item.clone();
    expected.values.remove("text_key");
    let now = world.sandbox.monday().item(&item.id).expect("the item");
    assert_eq!((now.state.as_str(), &now.values, &now.name), ("active", &expected.values, &expected.name));
    assert_eq!(world.doc("sync", 0)["monday_calls"], 0);
    world.line(&format!("resync unit:{unit} --relink")).expect(0);
    assert_eq!(world.state(&format!("unit:{unit}")), "synced");
    world.line(&format!("unlink unit:{unit} --archive-item --yes")).expect(0);
    world.doc("sync", 0);
    assert_eq!(world.item("unit", &unit.to_string()), None);
}

#[test]
fn two_kinds_share_a_board() {
    let world = World::of(&Portfolio::tidy(3, 8));
    let (parkings, storages) = (world.board("parking").to_owned(), world.board("storage").to_owned());
    world.edit(&format!("board = {storages}\n"), &format!("board = {parkings}\n"));
    world.edit("numbers_area = { field = \"Area\", type = \"numbers\" }\n", "");
    // Baux of lockers would link to items of a board that their column is not connected to.
    world.edit("link_storage = { relation = \"storage\" }\n", "");
    let total = {
        let hapi = world.sandbox.hapi();
        hapi.records("Parkings").len() + hapi.records("Storages").len()
    };
    for _ in 0..2 {
        world.doc("sync", 0);
        assert_eq!(world.sandbox.monday().items(&parkings).len(), total);
        assert_eq!(world.sandbox.monday().duplicate_keys(&parkings, "text_key"), Vec::<String>::new());
        assert_eq!(world.sandbox.monday().parallel_mutations(), 0);
        assert_eq!(world.doc("sync", 0)["monday_calls"], 0);
        world.lose_store();
    }
}

#[test]
fn no_board_is_ever_written_to_by_two_calls_at_once() {
    let world = World::of(&Portfolio::tidy(3, 30));
    world.sandbox.set_latency(Api::Monday, std::time::Duration::from_millis(20));
    world.sandbox.monday().set_max_root_fields(Some(10));
    world.doc("sync", 0);
    assert_equal(&world, "slowly");
    assert!(world.sandbox.max_in_flight(Api::Monday) > 1, "boards are written to side by side");
}

/// A unit, the key of its building, and the building's item.
fn unit_and_building(world: &World) -> (i64, String, String) {
    let unit = units(world)[0];
    let story = world.doc(&format!("status unit:{unit}"), 0);
    let parent = &story["entities"][0]["relations"]["building"];
    (unit, text(&parent["entity"]).to_owned(), text(&parent["item_id"]).to_owned())
}

#[test]
fn a_refused_connection_finds_that_the_parents_item_was_taken_away_and_it_is_dealt_with() {
    for way in ["report", "recreate", "unlink"] {
        let mut world = loaded();
        world.set("SYNC_ON_MISSING", way);
        let (unit, building, item) = unit_and_building(&world);
        world.sandbox.monday().archive_by_hand(&item);
        world.forget_calls();
        let run = world.doc(&format!("resync unit:{unit}"), 3 * i32::from(way == "report"));
        let questions = world.calls().iter().filter(|call| call.body.contains("ItemStates")).count();
        assert_eq!(questions, 1, "{way}: one question for all parents that are missing");
        let failures = run["failures"].as_array().expect("failures");
        match way {
            "report" => {
                let of = |entity: &str| failures.iter().find(|failure| failure["entity"] == entity).expect("a failure");
                assert!(text(&of(&building)["error"]).contains(&item), "{run}");
                let child = of(&format!("unit:{unit}"));
                let hint = "restore it in monday, or for a new item hopem-sync resync --relink";
                assert_eq!(child["hint"], format!("{hint} {building}; this follows by itself"));
                assert_eq!(world.state(&building), "error");
                // The child follows once the parent is mended.
                world.doc(&format!("resync --relink {building}"), 0);
                world.doc("push", 0);
            }
            "recreate" => {
                assert_eq!(failures.len(), 0, "{run}");
                world.doc("push", 0);
            }
            _ => {
                assert_eq!(failures.len(), 0, "{run}");
                assert_eq!(world.state(&building), "unlinked");
                world.doc("push", 0);
            }
        }
        assert_eq!(world.state(&format!("unit:{unit}")), "synced", "{way}");
        if way != "unlink" {
            assert_equal(&world, way);
        }
        assert_eq!(world.doc("push", 0)["monday_calls"], 0, "{way}");
    }
}

#[test]
fn a_refused_connection_is_sent_again_once_the_parents_item_is_restored() {
    let mut world = loaded();
    let (unit, building, item) = unit_and_building(&world);
    world.sandbox.monday().archive_by_hand(&item);
    world.doc(&format!("resync unit:{unit}"), 3);
    assert_eq!(
        (world.state(&building), world.state(&format!("unit:{unit}"))),
        ("error".to_owned(), "error".to_owned())
    );
    world.sandbox.monday().restore_by_hand(&item);
    world.set("SYNC_VERIFY_EVERY", "0");
    world.doc("push", 0);
    assert_eq!(world.state(&building), "synced");
    assert_eq!(world.state(&format!("unit:{unit}")), "synced");
    assert_equal(&world, "restored");
}

#[test]
fn a_hundred_changes_on_three_boards_take_four_calls() {
    let world = World::of(&Portfolio::tidy(1, 60));
    world.doc("sync", 0);
    let mut changed = 0;
    for (set, property) in [("Units", "Comment"), ("Parkings", "Comment"), ("Tenants", "Comment")] {
        let ids: Vec<i64> =
            world.sandbox.hapi().records(set).iter().filter_map(|record| record["Id"].as_i64()).collect();
        for id in ids.into_iter().take(38) {
            update(&world, set, id, property, json!("changed"));
            changed += 1;
        }
    }
    assert!(changed >= 100, "{changed}");
    world.forget_calls();
    let run = world.doc("sync", 0);
    assert_equal(&world, "after the changes");
    assert!(run["monday_calls"].as_u64().is_some_and(|calls| calls <= 4), "{}", run["monday_calls"]);
    let again = world.doc("sync", 0);
    assert_eq!(again["monday_calls"], 0);
}

#[test]
fn the_calls_of_a_minute_and_those_at_once_are_kept_before_monday_refuses() {
    let world = World::of(&Portfolio::tidy(1, 40));
    world.sandbox.monday().set_calls_at_once(Some(3));
    world.doc("sync", 0);
    assert_equal(&world, "three at once");
    assert_eq!(world.sandbox.monday().limited_calls(), 0);
}

#[test]
fn a_load_that_is_more_than_a_day_allows_says_over_how_many_it_goes() {
    let mut world = World::of(&Portfolio::tidy(1, 60));
    world.set("MONDAY_DAILY_CALLS", "8");
    let run = world.line("sync").expect(7);
    assert!(run.stderr.contains("the rest goes after midnight UTC: about"), "{run:#?}");
    assert_eq!(world.sandbox.monday().calls(), 8);
}
