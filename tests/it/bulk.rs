//! The bulk route: imports, and whatever may become of them.

use crate::mirror::assert_equal;
use crate::support::World;
use hopem_sandbox::monday::{BulkAccess, BulkTrouble};
use hopem_sandbox::{Api, Fault, Portfolio, RecordedRequest, Rule};
use serde_json::json;
use std::time::Duration;

/// A portfolio that is imported, whatever it costs; jobs take no time.
fn world(units: usize) -> World {
    let mut world = World::of(&Portfolio::tidy(3, units));
    world.set("MONDAY_ROUTE", "bulk");
    world.sandbox.monday().set_bulk_time(Duration::ZERO);
    world
}

fn requests<'r>(requests: &'r [RecordedRequest], contains: &str) -> Vec<&'r RecordedRequest> {
    requests.iter().filter(|request| request.body.contains(contains) || request.path.contains(contains)).collect()
}

fn mutations(world: &World) -> usize {
    requests(&world.calls(), "mutation Push").len()
}

#[test]
fn new_items_are_imported_and_what_no_file_can_hold_follows() {
    let world = world(20);
    let run = world.doc("sync", 0);
    assert_equal(&world, "after the import");
    assert_eq!(world.sandbox.monday().bulk_jobs(), 8, "one for each board");
    let created: u64 =
        run["push"].as_object().expect("kinds").values().filter_map(|kind| kind["created"].as_u64()).sum();
    assert_eq!(created, Portfolio::tidy(3, 20).total() as u64);
    assert_eq!(run["monday_calls"], world.sandbox.monday().calls());
    world.forget_calls();
    let again = world.doc("sync", 0);
    assert_eq!((&again["monday_calls"], &again["failures"]), (&json!(0), &json!([])));
}

#[test]
fn a_file_goes_to_its_address_without_the_token() {
    let world = world(4);
    world.doc("sync", 0);
    let all = world.calls();
    let files = requests(&all, "/bulk-uploads/");
    assert_eq!(files.len(), world.sandbox.monday().bulk_jobs());
    for file in files {
        assert_eq!((file.method.as_str(), file.status), ("PUT", Some(200)));
        assert_eq!((file.header("authorization"), file.header("content-type")), (None, Some("text/csv")));
        assert!(file.body.starts_with("name,text_key,"), "{}", file.body);
    }
}

#[test]
fn an_account_without_imports_is_asked_once_and_served_by_mutations() {
    for access in [BulkAccess::Unknown, BulkAccess::Forbidden] {
        let world = world(4);
        world.sandbox.monday().set_bulk_access(access);
        let run = world.doc("sync", 0);
        assert_equal(&world, "by mutations");
        assert_eq!((&run["failures"], run["notes"].as_array().map_or(0, Vec::len)), (&json!([]), 0), "{access:?}");
        world.sandbox.hapi().insert("Units", crate::support::unit(9_001));
        world.doc("sync", 0);
        assert_eq!(requests(&world.calls(), "ingest_items").len(), 1, "{access:?}");
        let doctor = world.doc("doctor", 3);
        let reported = doctor["findings"].as_array().expect("findings").iter().any(|found| found["check"] == "bulk");
        assert!(reported, "{doctor:#}");
    }
}

#[test]
fn whatever_becomes_of_the_call_that_starts_an_import_nothing_is_made_twice() {
    for fault in [
        Fault::LostBefore,
        Fault::LostAfter,
        Fault::CutBody,
        Fault::status(500, "no"),
        Fault::answer_after(502, "<html>no</html>"),
        Fault::answer_after(200, r#"{"data":{"import":null}}"#),
    ] {
        let world = world(4);
        world.sandbox.inject(Rule { times: 2, ..Rule::once(Api::Monday, fault.clone()).containing("ingest_items") });
        let run = world.doc("sync", 0);
        assert_equal(&world, &format!("{fault:?}"));
        assert_eq!(run["failures"], json!([]), "{fault:?}");
    }
}

#[test]
fn whatever_becomes_of_a_question_nothing_is_made_twice() {
    for fault in
        [Fault::LostAfter, Fault::CutBody, Fault::status(500, "no"), Fault::status(200, r#"{"data":{"job":null}}"#)]
    {
        let world = world(4);
        world
            .sandbox
            .inject(Rule { times: 2, ..Rule::once(Api::Monday, fault.clone()).containing("fetch_job_status") });
        let run = world.doc("sync", 0);
        assert_equal(&world, &format!("{fault:?}"));
        assert_eq!(run["failures"], json!([]), "{fault:?}");
    }
}

#[test]
fn an_upload_whose_answer_is_lost_is_believed_only_by_the_job() {
    let world = world(4);
    world
        .sandbox
        .inject(Rule { times: 3, ..Rule::once(Api::Monday, Fault::LostAfter).containing("PUT /bulk-uploads") });
    world.doc("sync", 0);
    assert_equal(&world, "after lost answers");
    let files = requests(&world.calls(), "/bulk-uploads/").len();
    assert_eq!(files, world.sandbox.monday().bulk_jobs(), "no file is sent twice");
}

#[test]
fn rows_that_do_not_get_in_are_sent_one_by_one() {
    for trouble in [
        BulkTrouble::LosesRows(3),
        BulkTrouble::FailsAfter(2, "INTERNAL_ERROR".to_owned()),
        BulkTrouble::Rejected("INVALID_UPLOAD".to_owned()),
        BulkTrouble::Rejected("ACCOUNT_CAPACITY_EXCEEDED".to_owned()),
    ] {
        let world = world(6);
        for _ in 0..8 {
            world.sandbox.monday().trouble_next_job(trouble.clone());
        }
        let run = world.doc("sync", 0);
        assert_equal(&world, &format!("{trouble:?}"));
        assert_eq!(run["failures"], json!([]), "{trouble:?}");
        assert!(mutations(&world) > 0, "{trouble:?}");
    }
}

#[test]
fn a_row_that_monday_finds_invalid_harms_its_column_only() {
    let world = world(6);
    world.sandbox.monday().refuse_values("text_plate", "");
    let run = world.doc("sync", 3);
    let failures = run["failures"].as_array().expect("failures");
    assert!(!failures.is_empty() && failures.iter().all(|failure| failure["column"] == "text_plate"), "{failures:#?}");
    let leases = world.sandbox.hapi().records("TenantParkings").len();
    assert_eq!(world.sandbox.monday().items(world.board("parking-lease")).len(), leases);
}

#[test]
fn a_column_that_comes_out_otherwise_is_sent_once_more() {
    let world = world(6);
    let tenant = world.sandbox.hapi().records("Tenants")[0]["Id"].as_i64().expect("an id");
    // A number of Nova Scotia, which this monday takes for one of the United States unless it is told.
    world.sandbox.hapi().update("Tenants", tenant, "CellPhone", json!("(902) 492-0123"));
    world.doc("sync", 0);
    let phones: Vec<_> = world.written().into_iter().filter_map(|values| values.get("phone_cell").cloned()).collect();
    assert_eq!(phones, [json!({"phone": "+19024920123", "countryShortName": "CA"})]);
}

#[test]
fn a_run_that_is_killed_anywhere_in_an_import_is_gone_on_with() {
    for (text, after_work) in [
        ("ingest_items", false),
        ("ingest_items", true),
        ("PUT /bulk-uploads", false),
        ("PUT /bulk-uploads", true),
        ("fetch_job_status", false),
        ("fetch_job_status", true),
        ("query Items(", true),
    ] {
        let world = world(4);
        world.sandbox.inject(Rule::once(Api::Monday, Fault::Kill { after_work }).containing(text).after(3));
        assert_eq!(world.line_to_be_killed("sync").code, crate::drive::KILLED, "{text} {after_work}");
        if text.starts_with("PUT") && !after_work {
            // The file may be on its way, as far as anybody knows, until its address is void.
            world.sandbox.monday().advance(Duration::from_secs(700));
            age_import(&world);
        }
        world.doc("sync", 0);
        assert_equal(&world, &format!("{text} {after_work}"));
    }
}

/// Lets the import under way have been asked for a while ago.
fn age_import(world: &World) {
    let connection = rusqlite::Connection::open(world.store()).expect("a store");
    connection.execute("UPDATE import_jobs SET asked_at = '2026-01-01T00:00:00.000Z'", []).expect("an import");
}

#[test]
fn the_cheaper_route_is_taken_and_the_plan_names_it() {
    let mut world = World::of(&Portfolio::tidy(3, 450));
    world.sandbox.monday().set_bulk_time(Duration::ZERO);
    let plan = world.doc("sync --dry-run", 0);
    let imported = plan["price"]["imported"].as_u64().expect("a number");
    assert!(imported > 0, "{}", plan["price"]);
    let run = world.doc("sync", 0);
    assert_equal(&world, "by both routes");
    let by_bulk = run["monday_calls"].as_u64().expect("a number");
    assert!(by_bulk <= plan["price"]["calls"].as_u64().expect("a number"), "{by_bulk} {}", plan["price"]);
    // The calls of a board that was filled by an import are as large as those of the others.
    let units: Vec<i64> =
        world.sandbox.hapi().records("Units").iter().filter_map(|unit| unit["Id"].as_i64()).take(34).collect();
    for id in units {
        assert!(world.sandbox.hapi().update("Units", id, "Rent", json!(id)));
    }
    world.forget_calls();
    world.doc("sync", 0);
    assert_eq!(requests(&world.calls(), "mutation Push").len(), 1);
    world.set("MONDAY_ROUTE", "mutations");
    world.lose_store();
    let plan = world.doc("sync --dry-run", 0);
    assert_eq!(plan["price"]["imported"], 0);
}

/// A table of calls, to be read: `cargo test --test it -- --ignored --nocapture calls_of_a_first_load`.
#[test]
#[ignore = "a minute; it prints a table"]
fn calls_of_a_first_load() {
    for route in ["bulk", "mutations", "auto"] {
        let mut world = World::of(&Portfolio::tidy(1, 2_800));
        world.sandbox.monday().set_bulk_time(Duration::from_millis(600));
        world.set("MONDAY_SETTLE", "600ms");
        world.set("MONDAY_ROUTE", route);
        let began = std::time::Instant::now();
        let run = world.doc("sync", 0);
        let calls = world.calls();
        let of = |text: &str| requests(&calls, text).len();
        eprintln!(
            "{route}: {} items, {} calls ({} starts, {} polls, {} mutations, {} pages), {:.1} s",
            Portfolio::tidy(1, 2_800).total(),
            run["monday_calls"],
            of("ingest_items"),
            of("fetch_job_status"),
            of("mutation Push"),
            of("items_page"),
            began.elapsed().as_secs_f64()
        );
        assert!(
            run["failures"] == json!([]) && run["monday_calls"].as_u64().is_some_and(|calls| calls <= 215),
            "{}",
            run["monday_calls"]
        );
    }
}
