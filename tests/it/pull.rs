//! `pull`: HApi as documented, and as servers really are.

use crate::support::{Output, World, unit};
use hopem_sandbox::hapi::{NextLink, Quirks, TokenStyle};
use hopem_sandbox::{Api, Fault, Rule};
use serde_json::{Value, json};

fn status(status: u16) -> Fault {
    Fault::Status { status, headers: Vec::new(), body: "x".to_owned() }
}

/// The part of a run's document about units.
#[track_caller]
fn of_units(output: &Output) -> Value {
    output.json()["pull"]["unit"].clone()
}

#[test]
fn a_first_pull_stores_every_record_byte_for_byte() {
    let world = World::units(1..=3);
    world.configure("[entities.unit]\nselect = \"all\"\n");
    let odd =
        "{ \"Id\" : 2.0,\"UnitCode\":\"\\u00c9 2 \",  \"Rent\":950.500, \"Huge\":123456789012345678901234567890 }";
    world.sandbox.hapi().set_raw_record("Units", 1, odd.to_owned());
    let output = world.run(&["pull", "--json"]).expect(0);
    assert_eq!(of_units(&output)["new"], 3);
    assert_eq!(output.json()["outcome"], "ok");
    assert_eq!(world.query("SELECT record FROM v_entities WHERE entity = 'unit:2'"), [odd]);
    assert_eq!(world.run(&["show-json", "unit:2"]).expect(0).stdout, format!("{odd}\n"));
    assert_eq!(world.run(&["show-json", "unit:1"]).stdout, format!("{}\n", unit(1)));
    assert_eq!(world.run(&["show-json", "unit"]).json().as_array().map(Vec::len), Some(3));
}

#[test]
fn a_second_pull_writes_no_entity() {
    let world = World::tidy(10);
    world.run(&["pull"]).expect(0);
    let before = world.content();
    let output = world.run(&["pull", "--json"]).expect(0);
    assert_eq!(world.content(), before);
    let document = output.json();
    let kinds = document["pull"].as_object().expect("kinds");
    assert_eq!(kinds.len(), 8);
    for (kind, part) in kinds {
        assert_eq!(part["new"], 0, "{kind}");
        assert_eq!(part["changed"], 0, "{kind}");
        assert_eq!(part["unchanged"], part["fetched"], "{kind}");
    }
}

#[test]
fn what_is_new_changed_or_gone_is_distinguished() {
    let world = World::units(1..=20);
    world.run(&["pull", "unit"]).expect(0);
    world.sandbox.hapi().insert("Units", unit(21));
    world.sandbox.hapi().update("Units", 5, "UnitCode", json!("5b"));
    world.sandbox.hapi().update("Units", 6, "Rent", json!(1.0));
    world.sandbox.hapi().remove("Units", 7);
    let part = of_units(&world.run(&["pull", "unit", "--json"]).expect(0));
    assert_eq!((&part["new"], &part["changed"], &part["deleted"]), (&json!(1), &json!(1), &json!(1)), "{part}");
    assert_eq!(world.query("SELECT key FROM entities WHERE deleted_at IS NOT NULL"), ["7"]);
    let story = world.run(&["status", "unit:7", "--json"]).expect(0).json();
    assert_eq!(story["entities"][0]["state"], "deleted");
    world.sandbox.hapi().insert("Units", unit(7));
    assert_eq!(of_units(&world.run(&["pull", "unit", "--json"]))["new"], 1);
}

#[test]
fn too_many_deletes_are_held_back_until_they_are_allowed() {
    let world = World::units(1..=60);
    world.sandbox.hapi().insert("Buildings", json!({"Id": 1, "Name": "A", "BuildingCode": "B1"}));
    world.run(&["pull"]).expect(0);
    world.sandbox.hapi().remove_where("Units", |record| record["Id"].as_i64() > Some(50));
    world.sandbox.hapi().update("Buildings", 1, "Name", json!("B"));
    let output = world.run(&["pull", "--json"]).expect(5);
    let document = output.json();
    assert_eq!(document["outcome"], "guarded");
    assert_eq!(document["failures"][0]["cause"], "guarded");
    assert_eq!(document["pull"]["unit"]["deleted"], 0);
    assert_eq!(document["pull"]["building"]["changed"], 1, "the other kinds are done");
    assert!(document["failures"][0]["error"].as_str().is_some_and(|error| error.contains("10 of 60")), "{document}");
    assert!(world.query("SELECT key FROM entities WHERE deleted_at IS NOT NULL").is_empty());
    let quiet = world.run(&["pull", "-q"]).expect(5);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.lines().count()), ("", 1), "{quiet:?}");
    world.run(&["pull", "building", "--allow-deletes"]).expect(0);
    assert_eq!(world.run(&["pull", "unit"]).code, 5, "allowed for buildings only");
    let part = of_units(&world.run(&["pull", "unit", "--allow-deletes", "--json"]).expect(0));
    assert_eq!(part["deleted"], 10);
}

#[test]
fn all_of_a_kind_is_never_deleted_however_few_they_are() {
    let world = World::units(1..=3);
    world.run(&["pull", "unit"]).expect(0);
    world.sandbox.hapi().clear();
    world.run(&["pull", "unit"]).expect(5);
    assert!(world.query("SELECT key FROM entities WHERE deleted_at IS NOT NULL").is_empty());
}

#[test]
fn a_module_that_was_not_bought_is_no_failure() {
    let world = World::tidy(10);
    for set in ["Parkings", "TenantStorages"] {
        world.sandbox.hapi().switch_off(set);
    }
    let output = world.run(&["pull", "--json"]).expect(0);
    assert_eq!(output.json()["pull"]["parking"]["unavailable"], "Hopem module not available (403)");
    let status = world.run(&["status", "--json"]).expect(0).json();
    let unavailable: Vec<&Value> = status["kinds"]
        .as_array()
        .expect("kinds")
        .iter()
        .filter(|kind| !kind["unavailable"].is_null())
        .map(|kind| &kind["kind"])
        .collect();
    assert_eq!(unavailable, ["parking", "locker-lease"]);
    assert!(world.query("SELECT key FROM entities WHERE deleted_at IS NOT NULL").is_empty());
    assert!(world.run(&["status"]).stdout.contains("Hopem module not available (403)"));
    world.sandbox.hapi().switch_on("Parkings");
    world.run(&["pull"]).expect(0);
    assert!(world.run(&["status", "--json"]).json()["kinds"][3]["unavailable"].is_null());
}

#[test]
fn a_set_that_is_not_there_counts_only_if_somebody_configured_it() {
    let world = World::units(1..=2);
    world.sandbox.hapi().rename("Parkings", "Places");
    let document = world.run(&["pull", "--json"]).expect(0).json();
    assert_eq!(document["pull"]["parking"]["unavailable"], "Hopem module not available (404)");
    world.configure("[entities.parking]\nendpoint = \"Stalls\"\n");
    let document = world.run(&["pull", "--json"]).expect(3).json();
    assert_eq!(document["failures"][0]["entity"], "parking");
    assert_eq!(document["failures"][0]["hint"], "correct `[entities.parking] endpoint`");
    assert_eq!(document["pull"]["unit"]["fetched"], 2, "the others are read");
    world.configure("[entities.parking]\nendpoint = \"places\"\n");
    world.run(&["pull"]).expect(0);
}

#[test]
fn a_server_that_caps_pages_is_read_to_the_end() {
    let foreign = NextLink::Foreign("example.invalid:9".to_owned());
    for next_link in [NextLink::Missing, NextLink::Absolute, NextLink::Relative, foreign.clone()] {
        let world = World::units(1..=40);
        let is_foreign = next_link == foreign;
        world.sandbox.hapi().quirks = Quirks { page_cap: Some(7), next_link: next_link.clone(), ..Quirks::default() };
        let output = world.run(&["pull", "unit", "--json"]).expect(0);
        assert_eq!(of_units(&output)["new"], 40, "{next_link:?}");
        let notes = output.json()["notes"].to_string();
        assert_eq!(notes.contains("another host"), is_foreign, "{notes}");
    }
}

#[test]
fn options_that_a_server_ignores_cost_no_record() {
    let ignoring = [
        Quirks { ignores_top: true, ..Quirks::default() },
        Quirks { ignores_filter: true, ..Quirks::default() },
        Quirks { ignores_orderby: true, ..Quirks::default() },
        Quirks { ignores_skip: true, ignores_filter: true, ..Quirks::default() },
        Quirks { ignores_select: true, ..Quirks::default() },
        Quirks { bare_array: true, page_cap: Some(9), ..Quirks::default() },
        Quirks { max_top: Some(20), ..Quirks::default() },
        Quirks { refuses_select: true, ..Quirks::default() },
    ];
    for quirks in ignoring {
        let world = World::units(1..=120);
        world.sandbox.hapi().quirks = quirks.clone();
        let output = world.run(&["pull", "unit", "--json"]).expect(0);
        assert_eq!(of_units(&output)["new"], 120, "{quirks:?}");
        let notes = output.json()["notes"].to_string();
        assert_eq!(notes.contains("$select"), quirks.refuses_select, "{notes}");
    }
}

#[test]
fn every_shape_of_a_token_is_understood_and_the_token_is_kept() {
    let styles = [
        TokenStyle::Plain,
        TokenStyle::JsonString,
        TokenStyle::LowerToken,
        TokenStyle::UpperToken,
        TokenStyle::AccessToken,
        TokenStyle::WithBearer,
        TokenStyle::WithBom,
    ];
    let world = World::units(1..=2);
    for style in styles {
        world.sandbox.hapi().settings.token_style = style.clone();
        let _ = std::fs::remove_file(world.path("data/store.db.hapi-token"));
        let logins = world.sandbox.hapi().tokens().len();
        for _ in 0..2 {
            let output = world.run(&["pull", "unit"]);
            assert_eq!(output.code, 0, "{style:?}: {output:?}");
        }
        assert_eq!(world.sandbox.hapi().tokens().len(), logins + 1, "{style:?}: one login for two runs");
    }
}

#[test]
fn a_token_that_ends_in_the_middle_of_a_read_is_renewed() {
    let world = World::units(1..=120);
    world.sandbox.inject(Rule::once(Api::Hapi, status(401)).containing("/api/Units").after(1));
    assert_eq!(of_units(&world.run(&["pull", "unit", "--json"]).expect(0))["new"], 120);
    assert_eq!(world.sandbox.hapi().tokens().len(), 2);
}

#[test]
fn a_refused_login_ends_with_6_and_hides_the_password() {
    let mut world = World::units(1..=2);
    world.environment.insert("HOPEM_SYNC_HAPI_PASSWORD".to_owned(), "wrong-hunter2".to_owned());
    let output = world.run(&["pull", "-v"]).expect(6);
    assert!(output.stderr.contains("HApi refused the login (401"), "{output:?}");
    assert!(!output.stderr.contains("hunter2"), "{output:?}");
    let document = world.run(&["pull", "--json"]).expect(6).json();
    assert_eq!((&document["outcome"], &document["error"]["exit_code"]), (&json!("refused"), &json!(6)));

    let world = World::units(1..=2);
    world.sandbox.inject(Rule::always(Api::Hapi, status(401)).containing("/api/Units"));
    world.run(&["pull", "unit"]).expect(6);
    assert!(world.sandbox.request_count(Api::Hapi) < 10, "nobody is hammered");
}

#[test]
fn what_fails_for_a_moment_is_asked_again() {
    let cut = [Fault::CutBody, Fault::LostBefore, Fault::LostAfter, status(500), status(429)];
    for fault in cut {
        let world = World::units(1..=120);
        let rule = Rule { times: 2, ..Rule::once(Api::Hapi, fault.clone()) };
        world.sandbox.inject(rule.containing("/api/Units").after(1));
        let output = world.run(&["pull", "unit", "--json"]).expect(0);
        assert_eq!(of_units(&output)["new"], 120, "{fault:?}");
        // A page that failed twice is asked for in two parts, in case one of its records is at fault.
        assert!(of_units(&output)["requests"].as_u64().is_some_and(|requests| requests <= 7), "{fault:?}: {output:?}");
    }
}

#[test]
fn with_hapi_down_the_run_fails_and_says_so_once() {
    let world = World::units(1..=2);
    world.hapi_is_down();
    let output = world.run(&["pull", "--json"]).expect(1);
    let document = output.json();
    assert_eq!(document["outcome"], "failed");
    assert!(document["error"]["message"].as_str().is_some_and(|text| text.contains("503")), "{document}");
    let quiet = world.run(&["pull", "-q"]).expect(1);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.lines().count()), ("", 1), "{quiet:?}");
}

#[test]
fn a_long_wait_asked_by_hapi_is_kept_across_runs() {
    let world = World::units(1..=2);
    let headers = vec![("retry-after".to_owned(), "600".to_owned())];
    let fault = Fault::Status { status: 429, headers, body: "API calls quota exceeded!".to_owned() };
    world.sandbox.inject(Rule::once(Api::Hapi, fault).containing("/api/Units"));
    let output = world.run(&["pull", "unit"]).expect(1);
    assert!(output.stderr.contains("HApi asked not to be called before"), "{output:?}");
    world.sandbox.clear_requests();
    world.run(&["pull", "unit"]).expect(1);
    assert_eq!(world.sandbox.request_count(Api::Hapi), 0);
}

#[test]
fn a_long_wait_asked_by_hapi_of_a_live_record_is_kept_across_runs() {
    let world = World::units(1..=40);
    world.run(&["pull", "unit"]).expect(0);
    let headers = vec![("retry-after".to_owned(), "600".to_owned())];
    let fault = Fault::Status { status: 429, headers, body: String::new() };
    world.sandbox.inject(Rule::once(Api::Hapi, fault).containing("/api/Units"));
    let output = world.run(&["show-json", "unit:1", "--live"]).expect(1);
    assert!(output.stderr.contains("HApi asked not to be called before"), "{output:?}");
    world.sandbox.clear_requests();
    for command in [&["show-json", "unit:1", "--live"][..], &["pull", "unit"]] {
        world.run(command).expect(1);
    }
    assert_eq!(world.sandbox.request_count(Api::Hapi), 0);
}

#[test]
fn a_broken_record_harms_only_itself() {
    let world = World::units(1..=5);
    {
        let mut hapi = world.sandbox.hapi();
        hapi.set_raw_record("Units", 1, "{\"UnitCode\":\"no id\"}".to_owned());
        hapi.set_raw_record("Units", 2, "null".to_owned());
        hapi.set_raw_record("Units", 3, "{\"Id\":4,\"UnitCode\":\"\\ud83d\"}".to_owned());
    }
    let document = world.run(&["pull", "unit", "--json"]).expect(3).json();
    assert_eq!(document["pull"]["unit"]["new"], 3, "{document}");
    let failures: Vec<&str> =
        document["failures"].as_array().expect("failures").iter().filter_map(|f| f["error"].as_str()).collect();
    assert_eq!(failures, ["a record of unit has no `Id`", "a record of unit is no JSON object"]);
    let human = world.run(&["pull", "unit"]).expect(3);
    assert!(human.stdout.contains("\ta record of unit has no `Id`\tcorrect the record in Hopem"), "{human:?}");
}

#[test]
fn a_filter_leaves_out_and_a_deleted_record_is_distinguished_from_one_that_is_filtered() {
    let world = World::units(1..=20);
    world.configure("[entities.unit]\nfilter = \"Rent gt 100 or Rent lt 10\"\n");
    world.run(&["pull", "unit"]).expect(0);
    world.sandbox.hapi().update("Units", 3, "Rent", json!(50));
    world.sandbox.hapi().remove("Units", 4);
    assert_eq!(of_units(&world.run(&["pull", "unit", "--json"]).expect(0))["deleted"], 2);
    let whys = world.query("SELECT key || ' ' || deleted_why FROM entities WHERE deleted_at IS NOT NULL ORDER BY key");
    assert_eq!(whys, ["3 filtered", "4 gone"]);
}

#[test]
fn a_dry_run_leaves_nothing_behind_but_the_count_of_its_calls() {
    let world = World::units(1..=20);
    let output = world.run(&["pull", "--dry-run", "--json"]).expect(0);
    assert_eq!((&output.json()["run"], &of_units(&output)["new"]), (&Value::Null, &json!(20)));
    assert!(!world.store().exists(), "no store was there, none is made");
    world.run(&["pull"]).expect(0);
    let (before, runs) = (world.content(), world.query("SELECT '' || count(*) FROM runs"));
    let calls = |world: &World| world.query("SELECT '' || hapi FROM calls").concat().parse::<i64>().expect("a number");
    let calls_before = calls(&world);
    world.sandbox.hapi().remove("Units", 3);
    let output = world.run(&["pull", "unit", "--dry-run", "--json"]).expect(0);
    assert_eq!(of_units(&output)["deleted"], 1);
    assert_eq!((world.content(), world.query("SELECT '' || count(*) FROM runs")), (before, runs));
    assert_eq!(calls(&world), calls_before + output.json()["hapi_calls"].as_i64().expect("a number"));
}

#[test]
fn a_large_set_is_read_in_ranges_of_its_keys_side_by_side() {
    let world = World::units(1..=900);
    world.sandbox.set_latency(Api::Hapi, std::time::Duration::from_millis(20));
    assert_eq!(of_units(&world.run(&["pull", "unit", "--json"]).expect(0))["new"], 900);
    world.sandbox.hapi().remove("Units", 300);
    world.sandbox.hapi().insert("Units", unit(1_301));
    world.sandbox.clear_requests();
    let second = of_units(&world.run(&["pull", "unit", "--json"]).expect(0));
    assert_eq!((&second["unchanged"], &second["new"], &second["deleted"]), (&json!(899), &json!(1), &json!(1)));
    assert!(world.sandbox.max_in_flight(Api::Hapi) > 1);
    let requests = world.sandbox.requests(Api::Hapi);
    let bounded = requests.iter().filter(|one| one.query.as_deref().is_some_and(|query| query.contains("Id le")));
    assert!(bounded.count() > 5, "{requests:?}");
    // A server that takes no such filter is read in one piece.
    world.sandbox.inject(Rule::always(Api::Hapi, status(400)).containing("Id%20le"));
    assert_eq!(of_units(&world.run(&["pull", "unit", "--json"]).expect(0))["unchanged"], 900);
}

#[test]
fn a_wait_that_hapi_asks_for_is_named_with_its_length() {
    let world = World::units(1..=2);
    let headers = vec![("retry-after".to_owned(), "1".to_owned())];
    let fault = Fault::Status { status: 429, headers, body: String::new() };
    world.sandbox.inject(Rule::once(Api::Hapi, fault.clone()).containing("/api/Units"));
    let output = world.run(&["pull", "unit", "-v"]).expect(0);
    assert!(output.stderr.contains("HApi asks to wait, or fails; it is asked again after a pause (1 s)"), "{output:?}");
    let login =
        Fault::Status { status: 503, headers: vec![("retry-after".to_owned(), "1".to_owned())], body: String::new() };
    world.sandbox.inject(Rule::once(Api::Hapi, login).containing("/api/Token"));
    std::fs::remove_file(world.path("data/store.db.hapi-token")).expect("a token was kept");
    let output = world.run(&["pull", "unit", "-v", "--lang", "fr"]).expect(0);
    assert!(output.stderr.contains("HApi demande d’attendre, ou fait défaut"), "{output:?}");
}
