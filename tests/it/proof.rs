//! Only a proof counts as "not done": whatever monday answers, one entity has one item, and who is at fault is named.

use crate::drive::{KILLED, unlimited};
use crate::mirror::{self, assert_equal};
use crate::support::World;
use hopem_sandbox::{Api, Fault, Portfolio, Rule};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn world(units: usize) -> World {
    World::of(&Portfolio::tidy(7, units))
}

fn loaded() -> World {
    let world = world(8);
    world.doc("sync", 0);
    world.forget_calls();
    world
}

fn unit_ids(world: &World) -> Vec<i64> {
    world.sandbox.hapi().records("Units").iter().filter_map(|unit| unit["Id"].as_i64()).collect()
}

fn failures(run: &Value) -> Vec<String> {
    let rows = run["failures"].as_array().expect("a list").iter();
    rows.map(|row| format!("{} {}", row["entity"].as_str().unwrap_or(""), row["column"].as_str().unwrap_or("")))
        .collect()
}

fn count(world: &World, kind: &str) -> usize {
    world.sandbox.monday().items(world.board(kind)).iter().filter(|item| item.state == "active").count()
}

/// Calls that make items on a board.
fn creating(world: &World, kind: &str) -> String {
    format!("\"board\":\"{}\",\"labels", world.board(kind))
}

/// How a fault of the server may look in an answer.
fn fault_bodies() -> Vec<(u16, &'static str)> {
    vec![
        (200, r#"{"data":null,"errors":[{"message":"m","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}"#),
        (200, r#"{"errors":[{"message":"m","extensions":{"code":"TIMEOUT_EXCEEDED"}}]}"#),
        (409, r#"{"errors":[{"message":"m","extensions":{"code":"IDEMPOTENCY_CONFLICT"}}]}"#),
        (200, r#"{"data":null,"errors":[{"message":"Failed to fetch from Subgraph 'items'"}]}"#),
        (200, r#"{"data":{"a0":null,"a1":null},"errors":[{"message":"Failed to fetch from Subgraph"}]}"#),
        (
            200,
            r#"{"data":{"a0":null},"errors":[{"message":"m","path":["a0"],"extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}"#,
        ),
        (200, r#"{"data":[]}"#),
        (200, r#"{"data":{},"errors":[]}"#),
        (200, r#"{"error_message":"Internal server error","status_code":500}"#),
        (200, r#"{"error_code":"InternalServerError","error_message":"m","status_code":500,"error_data":{}}"#),
        (400, "<html>Bad Request</html>"),
        (403, "<html>Forbidden</html>"),
        (404, "<html>Not Found</html>"),
        (499, "<html>Client Closed Request</html>"),
        (429, "<html>Too Many Requests</html>"),
        (503, r#"{"errors":[{"message":"m","extensions":{"code":"MINUTE_RATE_LIMIT_EXCEEDED"}}]}"#),
    ]
}

#[test]
fn no_form_of_a_server_fault_doubles_what_was_made() {
    for (index, (status, body)) in fault_bodies().into_iter().enumerate() {
        let mut world = world(4);
        world.set("NETWORK_MAX_WAIT", "50ms");
        world.sandbox.monday().set_idempotency(index % 2 == 0);
        world
            .sandbox
            .inject(Rule::once(Api::Monday, Fault::answer_after(status, body)).containing(&creating(&world, "unit")));
        let first = world.line("sync --json");
        assert!([0, 7].contains(&first.code), "{status} {body}: {first:?}");
        assert_eq!(world.doc("sync", 0)["failures"], json!([]), "{status} {body}");
        assert_equal(&world, &format!("{status} {body}"));
    }
}

#[test]
fn an_alias_that_fails_after_its_work_is_looked_up_and_blames_nobody() {
    for code in ["INTERNAL_SERVER_ERROR", "TIMEOUT_EXCEEDED", "NEVER_HEARD_OF"] {
        let world = world(4);
        world.sandbox.monday().fail_after_work("create_item", code, 9);
        let run = world.doc("sync", 0);
        assert_eq!(run["failures"], json!([]), "{code}");
        assert_equal(&world, code);
    }
}

#[test]
fn a_fault_at_one_alias_of_an_update_is_tried_again_in_the_run_and_blames_no_column() {
    for (code, after_work) in
        [("INTERNAL_SERVER_ERROR", false), ("INTERNAL_SERVER_ERROR", true), ("NEVER_HEARD_OF", false)]
    {
        let world = loaded();
        let units = unit_ids(&world);
        for unit in &units {
            assert!(world.sandbox.hapi().update("Units", *unit, "Rent", json!(1234.5)));
        }
        let item = world.item("unit", &units[0].to_string()).expect("an item").id;
        match after_work {
            true => world.sandbox.monday().fail_after_work(&item, code, 2),
            false => world.sandbox.monday().refuse_next(&item, code, 2),
        }
        let run = world.doc("sync", 0);
        assert_eq!(run["failures"], json!([]), "{code}");
        assert_equal(&world, code);
        assert_eq!(run["monday_calls"], 4, "read, all, and the one twice more: {code}");
    }
}

#[test]
fn a_fault_at_one_alias_that_makes_an_item_is_tried_again_in_the_run() {
    let world = world(4);
    let unit = format!("unit:{}", unit_ids(&world)[1]);
    // As often as `retries` says.
    world.sandbox.monday().refuse_next(&unit, "INTERNAL_SERVER_ERROR", 3);
    let run = world.doc("sync", 0);
    assert_eq!(run["failures"], json!([]), "{run:#}");
    assert_equal(&world, "made");
}

#[test]
fn a_fault_that_outlasts_the_retries_turns_its_entity_red_and_no_column() {
    let world = loaded();
    let units = unit_ids(&world);
    for unit in &units {
        assert!(world.sandbox.hapi().update("Units", *unit, "Rent", json!(1234.5)));
    }
    let item = world.item("unit", &units[0].to_string()).expect("an item").id;
    world.sandbox.monday().refuse_next(&item, "INTERNAL_SERVER_ERROR", unlimited());
    let run = world.doc("sync", 3);
    assert_eq!(failures(&run), [format!("unit:{} ", units[0])]);
    assert_eq!(world.query("SELECT cause FROM failures"), ["server-fault"]);
    assert_eq!(run["monday_calls"], 5, "read, and `retries` + 1 times the change");
    let reported = mirror::differences(&world);
    assert_eq!(reported.len(), 1, "{reported:?}");
    world.sandbox.monday().clear_refusals();
    world.doc(&format!("resync unit:{}", units[0]), 0);
    assert_equal(&world, "mended");
}

#[test]
fn what_failed_in_a_run_that_was_killed_is_reported_once_by_the_next_that_ends() {
    for after_work in [false, true] {
        let world = world(8);
        let tenant = world.sandbox.hapi().records("Tenants")[0]["Id"].as_i64().expect("an id");
        assert!(world.sandbox.hapi().update("Tenants", tenant, "CellPhone", json!("no phone")));
        let kill = Rule::once(Api::Monday, Fault::Kill { after_work }).containing(&creating(&world, "tenant"));
        world.sandbox.inject(kill);
        world.line_to_be_killed("sync").expect(KILLED);
        let red = world.query("SELECT column_id || ' ' || is_reported FROM failures");
        assert_eq!(red, ["phone_cell 0"]);
        assert_eq!(failures(&world.doc("push unit", 0)), Vec::<String>::new(), "a run of others");
        let run = world.doc("sync", 3);
        assert_eq!(failures(&run), [format!("tenant:{tenant} phone_cell")]);
        assert_eq!(run["push"]["tenant"]["failed"], 1, "{run:#}");
        assert_eq!(failures(&world.doc("sync", 0)), Vec::<String>::new(), "it is reported once");
    }
}

#[test]
fn what_failed_before_its_run_was_killed_at_another_board_is_reported_though_it_is_put_off() {
    let world = loaded();
    let unit = unit_ids(&world)[0];
    let tenant = world.sandbox.hapi().records("Tenants")[0]["Id"].as_i64().expect("an id");
    assert!(world.sandbox.hapi().update("Units", unit, "UnitCode", json!("RX")));
    assert!(world.sandbox.hapi().update("Tenants", tenant, "Comment", json!("new")));
    world.sandbox.monday().refuse_values("text_code", "RX");
    let kill = Fault::Kill { after_work: false };
    world.sandbox.set_latency(Api::Monday, Duration::from_millis(20));
    world.sandbox.inject(Rule::once(Api::Monday, kill).containing("new"));
    world.line_to_be_killed("sync").expect(KILLED);
    assert_eq!(world.query("SELECT column_id || ' ' || is_reported FROM failures"), ["text_code 0"]);
    world.line(&format!("pause unit:{unit}")).expect(0);
    assert_eq!(failures(&world.doc("sync", 0)), Vec::<String>::new(), "what is paused is not red");
    world.line(&format!("resume unit:{unit}")).expect(0);
    assert_eq!(failures(&world.doc("sync", 3)), [format!("unit:{unit} text_code")]);
    assert_eq!(failures(&world.doc("sync", 0)), Vec::<String>::new());
}

fn standing(world: &World, kind: &str) -> Value {
    let status = world.run(&["status", "--json"]).expect(0).json();
    let kinds = status["kinds"].as_array().expect("kinds");
    kinds.iter().find(|row| row["kind"] == kind).expect("the kind")["reason"].clone()
}

#[test]
fn an_outage_blames_no_entity_and_when_it_is_over_all_that_waits_is_sent() {
    let world = loaded();
    let units = unit_ids(&world);
    units.iter().for_each(|unit| _ = world.sandbox.hapi().update("Units", *unit, "Rent", json!(1234.5)));
    let fault = Fault::status(500, r#"{"errors":[{"message":"Internal server error"}]}"#);
    world.sandbox.inject(Rule::always(Api::Monday, fault).containing("mutation Push"));
    for most in [25, 8, 8, 8, 8] {
        let run = world.doc("sync", 3);
        assert_eq!(failures(&run), ["unit "], "{run:#}");
        assert_eq!(world.query("SELECT cause FROM failures"), Vec::<String>::new(), "no entity is at fault");
        assert!(run["monday_calls"].as_u64().is_some_and(|calls| calls <= most), "{run:#}");
        assert!(standing(&world, "unit").as_str().is_some_and(|error| error.contains("fails at what is left")));
        // A run that sends nothing learns nothing.
        world.line("push --max-calls 1 --json");
        assert!(standing(&world, "unit").is_string());
    }
    world.sandbox.clear_faults();
    let run = world.doc("sync", 0);
    assert!(run["monday_calls"].as_u64().is_some_and(|calls| calls <= 5), "{run:#}");
    assert_equal(&world, "once monday is well");
    assert_eq!(standing(&world, "unit"), Value::Null);
    assert_eq!(world.query("SELECT entity || '' FROM call_faults"), Vec::<String>::new());
}

#[test]
fn who_fails_alone_on_a_board_is_not_blamed_before_another_is_done_there() {
    let world = loaded();
    let unit = poison(&world);
    let first = world.doc("sync", 3);
    assert_eq!(failures(&first), ["unit "], "{first:#}");
    let again = world.doc("sync", 3);
    assert_eq!(failures(&again), ["unit "], "{again:#}");
    assert!(
        again["monday_calls"].as_u64().is_some_and(|calls| calls <= 2),
        "once, to see whether that goes on: {again:#}"
    );
    // Another one shows that monday works.
    let other = unit_ids(&world)[5];
    world.sandbox.hapi().update("Units", other, "Rent", json!(4.5));
    let run = world.doc("sync", 3);
    assert_eq!(failures(&run), [format!("unit:{unit} ")], "{run:#}");
    assert_eq!(standing(&world, "unit"), Value::Null);
    assert_eq!(world.doc("sync", 0)["monday_calls"], 0, "it rests");
    world.sandbox.clear_faults();
    world.doc(&format!("resync unit:{unit}"), 0);
    assert_equal(&world, "once monday takes it");
}

#[test]
fn that_monday_refuses_all_of_a_board_is_shown_until_something_is_written_there() {
    let world = loaded();
    for unit in unit_ids(&world) {
        world.sandbox.hapi().update("Units", unit, "Rent", json!(1234.5));
    }
    let body = r#"{"errors":[{"message":"m","extensions":{"code":"UserUnauthorizedException"}}]}"#;
    world.sandbox.inject(Rule::always(Api::Monday, Fault::status(403, body)).containing("mutation Push"));
    for _ in 0..4 {
        let run = world.line("sync --json");
        assert!(standing(&world, "unit").is_string(), "{run:?}");
    }
    world.sandbox.clear_faults();
    world.doc("resync --state error", 0);
    world.doc("sync", 0);
    assert_equal(&world, "once monday takes it");
    assert_eq!(standing(&world, "unit"), Value::Null);
}

/// monday refuses each change of a board by itself, for want of a right: that is the board's matter, and is over with the right.
#[test]
fn a_right_that_is_lacking_for_a_board_turns_no_entity_red() {
    for is_loaded in [true, false] {
        let world = if is_loaded { loaded() } else { world(8) };
        for unit in unit_ids(&world) {
            world.sandbox.hapi().update("Units", unit, "Rent", json!(1234.5));
        }
        world.sandbox.monday().forbid_writing(world.board("unit"), true);
        for round in 0..3 {
            let run = world.doc("sync", 3);
            let found: Vec<String> = failures(&run).into_iter().filter(|failure| failure.starts_with("unit")).collect();
            assert_eq!(found, ["unit "], "{run:#}");
            assert!(run.to_string().contains("the right to edit board"), "{run:#}");
            assert_eq!(
                world.query("SELECT cause FROM failures f JOIN entities e ON e.id = f.entity WHERE e.kind = 'unit'"),
                Vec::<String>::new()
            );
            assert!(standing(&world, "unit").is_string());
            assert!(round == 0 || run["monday_calls"].as_u64().is_some_and(|calls| calls <= 10), "{run:#}");
        }
        world.sandbox.monday().forbid_writing(world.board("unit"), false);
        world.doc("sync", 0);
        assert_equal(&world, "once the right is there");
        assert_eq!(standing(&world, "unit"), Value::Null);
    }
}

/// What could not be written and does not wait any more is no failure of its kind.
#[test]
fn a_kind_of_which_nothing_waits_is_not_red_for_what_could_not_be_written() {
    let world = loaded();
    let unit = poison(&world);
    world.doc("sync", 3);
    assert!(standing(&world, "unit").is_string());
    world.line(&format!("pause unit:{unit}")).expect(0);
    world.doc("sync", 0);
    assert_eq!(standing(&world, "unit"), Value::Null);
}

/// A record whose presence makes every call fail.
fn poison(world: &World) -> i64 {
    let unit = unit_ids(world)[3];
    assert!(world.sandbox.hapi().update("Units", unit, "Comment", json!("poison")));
    let fault = Fault::status(500, r#"{"errors":[{"message":"Internal server error"}]}"#);
    world.sandbox.inject(Rule::always(Api::Monday, fault).containing("poison"));
    unit
}

#[test]
fn a_record_that_makes_every_creating_call_fail_is_found_and_the_board_goes_on() {
    let world = world(20);
    let unit = poison(&world);
    let run = world.doc("sync", 3);
    assert_eq!(failures(&run), [format!("unit:{unit} ")], "{run:#}");
    assert_eq!(world.query("SELECT cause FROM failures"), ["server-fault"]);
    assert_eq!(count(&world, "unit"), unit_ids(&world).len() - 1);
    assert!(world.calls().len() < 60, "{}", world.calls().len());
    assert_eq!(world.query("SELECT board FROM batches"), Vec::<String>::new());
    assert_eq!(world.doc("sync", 0)["monday_calls"], 0, "it rests");
    world.sandbox.clear_faults();
    world.doc(&format!("resync unit:{unit}"), 0);
    world.doc("sync", 0);
    assert_equal(&world, "once monday takes it");
    assert_eq!(world.query("SELECT entity || '' FROM call_faults"), Vec::<String>::new());
}

#[test]
fn a_record_that_makes_every_updating_call_fail_is_found_and_the_board_goes_on() {
    let world = world(20);
    world.doc("sync", 0);
    world.forget_calls();
    for unit in unit_ids(&world) {
        assert!(world.sandbox.hapi().update("Units", unit, "Rent", json!(777)));
    }
    let unit = poison(&world);
    let run = world.doc("sync", 3);
    assert_eq!(failures(&run), [format!("unit:{unit} ")], "{run:#}");
    assert_eq!(run["push"]["unit"]["updated"], unit_ids(&world).len() - 1);
    assert!(world.calls().len() < 20, "{}", world.calls().len());
    world.sandbox.clear_faults();
    world.doc(&format!("resync unit:{unit}"), 0);
    assert_equal(&world, "once monday takes it");
}

#[test]
fn a_board_at_which_every_call_fails_is_left_alone_and_the_others_are_done() {
    let world = world(20);
    let fault = Fault::status(500, r#"{"errors":[{"message":"Internal server error"}]}"#);
    world.sandbox.inject(Rule::always(Api::Monday, fault).containing(&creating(&world, "storage")));
    let run = world.doc("sync", 3);
    let failed = failures(&run);
    assert!(failed.iter().all(|failed| failed.starts_with("storage")), "{failed:?}");
    assert!(world.calls().len() < 80, "{}", world.calls().len());
    let reported = mirror::differences(&world);
    assert!(
        reported.iter().all(|reported| reported.contains("storage") || reported.contains("locker")),
        "{reported:?}"
    );
    world.sandbox.clear_faults();
    world.doc("resync --state error", 0);
    world.doc("sync", 0);
    assert_equal(&world, "once monday takes it");
}

#[test]
fn a_monday_that_fails_at_all_it_is_to_write_ends_the_run_with_few_calls() {
    let world = world(20);
    let fault = Fault::status(500, r#"{"errors":[{"message":"Internal server error"}]}"#);
    world.sandbox.inject(Rule::always(Api::Monday, fault).containing("mutation Push"));
    world.doc("sync", 1);
    assert!(world.calls().len() < 40, "{}", world.calls().len());
    assert_eq!(world.query("SELECT cause FROM failures"), Vec::<String>::new(), "no entity is at fault");
    world.sandbox.clear_faults();
    world.doc("sync", 0);
    assert_equal(&world, "once monday is well");
}

#[test]
fn what_monday_goes_on_making_after_it_cut_a_call_off_is_waited_for() {
    let mut world = world(30);
    world.set("MONDAY_SETTLE", "300ms");
    world.sandbox.monday().set_idempotency(false);
    world.sandbox.monday().set_pace(Duration::from_millis(40), Duration::from_millis(500));
    let run = world.doc("sync", 0);
    assert_eq!(run["failures"], json!([]));
    assert_equal(&world, "slowly");
    assert_eq!(world.sandbox.monday().duplicate_keys(world.board("unit"), "text_key"), Vec::<String>::new());
    let units = creating(&world, "unit");
    let calls: Vec<usize> = world
        .calls()
        .iter()
        .filter(|call| call.body.contains(&units))
        .map(|call| call.body.matches("create_item(").count())
        .collect();
    assert_eq!(calls.first(), Some(&25));
    assert!(calls.iter().skip(1).all(|size| *size <= 12), "it learns how much monday makes in time: {calls:?}");
}

#[test]
fn the_board_is_not_asked_before_settle_since_the_answer_was_given_up() {
    let mut world = world(4);
    world.set("NETWORK_TIMEOUT", "700ms");
    world.set("MONDAY_SETTLE", "500ms");
    let units = creating(&world, "unit");
    world.sandbox.inject(Rule::once(Api::Monday, Fault::Hang).containing(&units));
    let begun = Instant::now();
    world.doc("sync", 0);
    assert_equal(&world, "after a hanging call");
    // 700 ms until it is given up, 500 ms until the first look, which finds all.
    assert!(begun.elapsed() >= Duration::from_millis(1_200), "{:?}", begun.elapsed());
}

#[test]
fn an_error_that_monday_keeps_for_the_key_is_not_asked_for_again() {
    let world = world(4);
    let units = creating(&world, "unit");
    world.sandbox.monday().fail_calls(&units, 500, r#"{"errors":[{"message":"Internal server error"}]}"#, 1);
    let run = world.doc("sync", 0);
    assert_eq!(run["failures"], json!([]));
    assert_equal(&world, "under another key");
    let calls = world.calls();
    let keys: Vec<&str> = calls
        .iter()
        .filter(|call| call.body.contains(&units))
        .map(|call| call.header("idempotency-key").unwrap_or_default())
        .collect();
    assert_eq!(keys.len(), 4, "the error, its repetition, and the halves: {keys:?}");
    assert!(keys[0] == keys[1] && keys[1] != keys[2] && keys[2] != keys[3], "{keys:?}");
}

#[test]
fn a_column_closed_to_the_token_is_left_out_and_reported_once_for_the_kind() {
    for (code, is_named) in [("USER_ACCESS_DENIED", true), ("UserUnauthorizedException", false)] {
        let world = world(8);
        let board = world.board("unit").to_owned();
        world.sandbox.monday().close_column(&board, "numbers_rent", code, is_named);
        let run = world.doc("sync", 3);
        assert_eq!(failures(&run), ["unit "], "{code}: {run:#}");
        assert!(run["failures"][0]["error"].as_str().is_some_and(|error| error.contains("numbers_rent")), "{run:#}");
        assert_eq!(count(&world, "unit"), unit_ids(&world).len(), "{code}");
        let reported = mirror::differences(&world);
        assert!(
            !reported.is_empty() && reported.iter().all(|reported| reported.contains("numbers_rent")),
            "{reported:?}"
        );
        // Reported once, and yet none of them is green.
        for entity in reported.iter().filter_map(|reported| reported.split(' ').next()) {
            assert_eq!(world.state(entity), "error", "{entity}");
        }
        let causes = world.query("SELECT DISTINCT cause || ' ' || column_id FROM failures");
        assert_eq!(causes, ["column-closed numbers_rent"]);
        assert_eq!(world.query("SELECT cause FROM kind_failures"), ["column-closed"]);
        let again = world.doc("sync", 0);
        assert_eq!(again["monday_calls"], 0, "nothing is tried");
        assert_eq!(world.query("SELECT cause FROM kind_failures"), ["column-closed"], "and it stands");
    }
}

#[test]
fn a_closed_column_is_tried_again_a_day_later() {
    let world = world(8);
    let board = world.board("unit").to_owned();
    world.sandbox.monday().close_column(&board, "numbers_rent", "USER_ACCESS_DENIED", true);
    world.doc("sync", 3);
    world.sandbox.monday().open_columns();
    let connection = rusqlite::Connection::open(world.store()).expect("a store");
    connection.execute("UPDATE closed_columns SET tried_at = '2020-01-01T00:00:00Z'", []).expect("a day later");
    drop(connection);
    world.doc("sync", 0);
    assert_equal(&world, "opened");
    assert_eq!(world.query("SELECT cause FROM kind_failures"), Vec::<String>::new());
    assert_eq!(world.query("SELECT cause FROM failures"), Vec::<String>::new());
}

#[test]
fn an_item_whose_name_is_refused_is_made_with_its_key_as_its_name() {
    for code in ["InvalidItemNameException", "InvalidArgumentException"] {
        let world = world(8);
        let unit = unit_ids(&world)[2];
        assert!(world.sandbox.hapi().update("Units", unit, "UnitCode", json!("badname")));
        world.sandbox.monday().refuse_names("badname", code);
        let run = world.doc("sync", 3);
        assert_eq!(failures(&run), [format!("unit:{unit} name")], "{code}: {run:#}");
        let item = world.item("unit", &unit.to_string()).expect("an item");
        assert_eq!(item.name, format!("unit:{unit}"), "{code}");
        assert_eq!(world.state(&format!("unit:{unit}")), "error");
        assert!(world.sandbox.hapi().update("Units", unit, "UnitCode", json!("77")));
        world.doc("sync", 0);
        assert_equal(&world, code);
    }
}

#[test]
fn a_read_that_is_too_complex_is_asked_again_with_half_the_page() {
    let world = world(60);
    world.doc("sync", 0);
    world.forget_calls();
    world.lose_store();
    world.sandbox.monday().set_max_items_per_read(Some(25));
    let run = world.doc("sync", 0);
    assert_eq!(run["push"]["unit"]["adopted"], unit_ids(&world).len(), "{run:#}");
    assert_equal(&world, "adopted in small pages");
    assert_eq!(world.written(), Vec::new());
}

#[test]
fn a_locked_board_is_left_for_this_run_and_the_others_are_done() {
    let mut world = world(8);
    world.set("NETWORK_MAX_WAIT", "100ms");
    let storages = world.board("storage").to_owned();
    world.sandbox.monday().set_locked(&storages, true);
    let run = world.doc("sync", 3);
    assert_eq!(failures(&run), ["storage "], "{run:#}");
    assert_eq!(world.query("SELECT cause FROM kind_failures"), ["board-locked"]);
    let reported = mirror::differences(&world);
    assert!(
        reported.iter().all(|reported| reported.contains("storage") || reported.contains("locker")),
        "{reported:?}"
    );
    let quiet = world.line("sync -q").expect(3);
    assert_eq!(
        (quiet.stdout.lines().count() + quiet.stderr.lines().count(), quiet.stdout.is_empty()),
        (1, true),
        "{quiet:?}"
    );
    world.sandbox.monday().set_locked(&storages, false);
    world.doc("sync", 0);
    assert_equal(&world, "unlocked");
    assert_eq!(world.query("SELECT cause FROM kind_failures"), Vec::<String>::new());
}

#[test]
fn a_monday_that_cannot_be_reached_costs_no_call_of_the_day() {
    let mut world = world(4);
    world.set("MONDAY_URL", "http://127.0.0.1:1/v2");
    let run = world.doc("sync", 1);
    assert_eq!(run["monday_calls"], 0);
    assert_eq!(world.doc("status", 0)["monday_calls_today"], 0);
}

#[test]
fn a_wait_of_years_is_believed_for_a_day_at_most() {
    let world = loaded();
    let unit = unit_ids(&world)[0];
    assert!(world.sandbox.hapi().update("Units", unit, "Rent", json!(1)));
    let fault = Fault::Status {
        status: 429,
        headers: vec![("retry-after".to_owned(), "315360000".to_owned())],
        body: r#"{"errors":[{"message":"m","extensions":{"code":"MINUTE_RATE_LIMIT_EXCEEDED"}}]}"#.to_owned(),
    };
    world.sandbox.inject(Rule::once(Api::Monday, fault));
    world.doc("sync", 7);
    let until = world.query("SELECT until FROM waits WHERE side = 'monday'").remove(0);
    let until: jiff::Timestamp = until.parse().expect("a time");
    let ahead = until.duration_since(jiff::Timestamp::now());
    assert!(ahead <= jiff::SignedDuration::from_hours(25) && ahead > jiff::SignedDuration::from_hours(24), "{ahead:?}");
    let connection = rusqlite::Connection::open(world.store()).expect("a store");
    connection.execute("UPDATE waits SET until = '2099-01-01T00:00:00.000Z'", []).expect("a wrong clock");
    drop(connection);
    world.doc("sync", 0);
    assert_equal(&world, "not waited for");
}
