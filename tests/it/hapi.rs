//! HApi at its worst: refused sets, records that it cannot deliver, properties that it does not have, odd keys.

use crate::support::{World, unit};
use hopem_sandbox::hapi::Poison;
use hopem_sandbox::{Api, Fault, Rule};
use serde_json::{Value, json};

/// Units with a board of their own.
fn world(units: i64) -> World {
    let mut world = World::units(1..=units);
    world.boards = hopem_sandbox::monday::standard_boards(&mut world.sandbox.monday());
    world.configure_units("", "");
    world
}

impl World {
    /// A board for units, with two columns; `entity` and `columns` come besides.
    fn configure_units(&self, entity: &str, columns: &str) {
        let board = &self.boards.iter().find(|board| board.kind == "unit").expect("a board of units").board_id;
        self.configure(&format!(
            "[entities.unit]\nboard = {board}\nkey_column = \"text_key\"\n{entity}\n\
             [entities.unit.columns]\ntext_code = \"UnitCode\"\nnumbers_rent = \"Rent\"\n{columns}\n"
        ));
    }

    fn unit_board(&self) -> String {
        self.boards.iter().find(|board| board.kind == "unit").expect("a board of units").board_id.clone()
    }

    /// How many items the board of units has.
    fn items(&self) -> usize {
        self.sandbox.monday().items(&self.unit_board()).iter().filter(|item| item.state == "active").count()
    }

    /// A column of the item with this key, as monday holds it.
    fn value(&self, key: &str, column: &str) -> Value {
        let stored = self.query(&format!(
            "SELECT coalesce(json_extract(columns, '$.{column}'), 'null') FROM sent s JOIN entities e ON e.id = s.entity
             WHERE e.key = '{key}'"
        ));
        stored.first().map_or(Value::Null, |text| Value::from(text.as_str()))
    }

    fn kind(&self, kind: &str) -> Value {
        let status = self.run(&["status", "--json"]).expect(0).json();
        let kinds = status["kinds"].as_array().cloned().unwrap_or_default();
        kinds.into_iter().find(|entry| entry["kind"] == kind).expect("the kind")
    }

    fn refuse(&self, set: &str, status: u16) {
        let fault = Fault::Status { status, headers: Vec::new(), body: String::new() };
        self.sandbox.inject(Rule::always(Api::Hapi, fault).containing(&format!("/api/{set}")));
    }
}

#[test]
fn where_every_set_is_refused_hapi_refuses_us() {
    for (status, code) in [(403, 6), (404, 1)] {
        let world = world(3);
        for (_, set) in hopem_sandbox::KINDS {
            world.refuse(set, status);
        }
        let output = world.run(&["sync", "--json"]).expect(code).json();
        assert_eq!(output["error"]["message"], format!("HApi refuses every entity set ({status})"));
        assert_eq!(output["pull"]["unit"]["unavailable"], Value::Null);
        assert_eq!(world.run(&["sync", "-q"]).expect(code).stderr.lines().count(), 1);
        assert_eq!(world.run(&["status", "--check"]).code, 2);
    }
}

#[test]
fn a_module_is_missing_only_where_it_was_never_read_and_others_are() {
    let world = world(3);
    world.sandbox.hapi().switch_off("Storages");
    let quiet = world.run(&["sync", "-q"]).expect(0);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    assert_eq!(world.kind("storage")["unavailable"], "Hopem module not available (403)");
    world.sandbox.hapi().switch_off("Units");
    let output = world.run(&["sync", "--json"]).expect(3).json();
    assert_eq!(output["failures"][0]["entity"], "unit");
    assert_eq!(output["failures"][0]["cause"], "set-refused");
    assert_eq!((world.items(), world.kind("unit")["unavailable"].clone()), (3, Value::Null));
    // Nobody else was asked, so that nobody can tell whether the module is missing.
    world.sandbox.hapi().switch_off("Parkings");
    world.run(&["pull", "parking"]).expect(3);
    world.run(&["pull", "storage"]).expect(0);
}

#[test]
fn a_record_that_hapi_cannot_deliver_is_stepped_over_and_is_not_absent() {
    for poison in [Poison::Fails, Poison::BreaksOff] {
        let world = world(120);
        world.run(&["sync"]).expect(0);
        world.sandbox.hapi().quirks_of("Units").poisoned = vec![(1, poison), (77, poison), (78, poison), (120, poison)];
        world.sandbox.hapi().update("Units", 100, "Rent", json!(1));
        world.sandbox.clear_requests();
        let output = world.run(&["sync", "--json"]).expect(3).json();
        let failures = output["failures"].as_array().expect("failures");
        let reported: Vec<&str> = failures.iter().filter_map(|failure| failure["entity"].as_str()).collect();
        // Not even the keys of these can be had.
        assert_eq!(reported, ["unit"; 4], "{failures:#?}");
        assert!(failures.iter().all(|failure| failure["cause"] == "record-undeliverable"));
        assert_eq!((&output["pull"]["unit"]["fetched"], &output["pull"]["unit"]["deleted"]), (&json!(116), &json!(0)));
        assert_eq!(world.items(), 120);
        assert_eq!(world.value("100", "numbers_rent"), "1", "the others are done");
        // It is seen for as long as it lasts, and not only in the run that met it.
        let reported =
            world.kind("unit")["error_text"].to_string() + &world.run(&["status", "--state", "error"]).stdout;
        assert!(reported.contains("may be old: 4; HApi cannot deliver"), "{reported}");
        assert_eq!(world.run(&["status", "--check"]).code, 1);
        assert!(world.sandbox.request_count(Api::Hapi) < 120, "{}", world.sandbox.request_count(Api::Hapi));
        world.sandbox.hapi().quirks_of("Units").poisoned.clear();
        world.run(&["sync"]).expect(0);
        assert_eq!(world.run(&["status", "--state", "error"]).stdout, "");
    }
}

#[test]
fn what_only_fails_for_a_while_is_no_record_that_cannot_be_delivered() {
    let world = world(60);
    let fault = Fault::Status { status: 500, headers: Vec::new(), body: String::new() };
    world.sandbox.inject(Rule { times: 5, ..Rule::always(Api::Hapi, fault).containing("/api/Units") });
    let output = world.run(&["pull", "--json"]).expect(0).json();
    assert_eq!(output["pull"]["unit"]["fetched"], 60);
}

#[test]
fn a_server_that_is_down_is_not_stepped_over() {
    let world = world(60);
    world.run(&["sync"]).expect(0);
    let fault = Fault::Status { status: 500, headers: Vec::new(), body: String::new() };
    world.sandbox.inject(Rule::always(Api::Hapi, fault).containing("/api/Units"));
    let output = world.run(&["sync", "--json"]).expect(3).json();
    assert_eq!(output["failures"][0]["cause"], "unreachable");
    assert_eq!((world.items(), &output["pull"]["unit"]["deleted"]), (60, &json!(0)));
}

#[test]
fn refused_options_are_a_refusal_whatever_the_status() {
    let world = world(3);
    world.sandbox.hapi().quirks_of("Units").refuses_with_500 = true;
    world.configure_units("", "text_note = \"Coment\"");
    let output = world.run(&["pull", "--json"]).expect(3).json();
    assert_eq!(
        (&output["pull"]["unit"]["fetched"], &output["failures"][0]["cause"]),
        (&json!(3), &json!("property-unknown"))
    );
    assert!(output["failures"][0]["error"].as_str().is_some_and(|error| error.contains("`Comment`")), "{output}");
    assert!(world.sandbox.request_count(Api::Hapi) <= 14, "{}", world.sandbox.request_count(Api::Hapi));
}

#[test]
fn a_property_that_hapi_does_not_have_is_a_failure_of_the_kind() {
    let world = world(3);
    world.run(&["sync"]).expect(0);
    // HApi gives it another name.
    world.sandbox.hapi().update_where("Units", |_| true, "Rent", json!(777));
    world.configure_units("", "text_code2 = \"UnitCodee\"");
    let output = world.run(&["sync", "--json"]).expect(3).json();
    let failure = &output["failures"][0];
    assert_eq!((&failure["entity"], &failure["cause"]), (&json!("unit"), &json!("property-unknown")));
    assert!(failure["error"].as_str().is_some_and(|error| error.contains("did you mean `UnitCode`?")), "{failure}");
    assert_eq!(world.value("2", "numbers_rent"), "777", "what is there is sent");
    assert_eq!(world.run(&["sync", "-q"]).expect(3).stderr.lines().count(), 1, "as long as it lasts");
    world.configure_units("only = { OccupancyStatuss = [\"L\"] }", "");
    let output = world.run(&["sync", "--json"]).expect(3).json();
    assert!(output.to_string().contains("OccupancyStatuss"), "{output}");
    world.sandbox.hapi().update_where("Units", |_| true, "Rent", json!(778));
    world.run(&["sync"]).expect(3);
    assert_eq!((world.items(), world.value("2", "numbers_rent")), (3, json!("777")), "nothing of the kind is pushed");
    world.configure_units("", "");
    world.run(&["sync"]).expect(0);
    assert_eq!(world.value("2", "numbers_rent"), "778");
}

#[test]
fn as_long_as_it_is_not_known_who_is_wanted_nobody_is_pushed() {
    let world = world(4);
    let cause = |run: &Value| run["failures"][0]["cause"].as_str().map(str::to_owned);
    world.sandbox.hapi().quirks_of("Units").leaves_nulls_out = true;
    world.sandbox.hapi().update_where("Units", |_| true, "HousingType", json!(null));
    // What no stored record carries, and nobody looked for.
    world.run(&["pull"]).expect(0);
    world.configure_units("only = { HousingType = [\"A\"] }", "");
    let pushed = world.run(&["push", "--json"]).expect(3).json();
    assert_eq!((world.items(), cause(&pushed).as_deref()), (0, Some("property-unknown")), "{pushed}");
    assert!(pushed["failures"][0]["hint"].as_str().is_some_and(|hint| hint.contains("hopem-sync pull unit")));
    // HApi does not answer whether it has the property.
    let asked = |fault: Fault| Rule::always(Api::Hapi, fault).containing("orderby=HousingType");
    for (fault, answer) in [(500, ""), (404, ""), (200, r#"{"value":[]}"#)] {
        let fault = Fault::Status { status: fault, headers: Vec::new(), body: answer.to_owned() };
        world.sandbox.inject(asked(fault));
        let synced = world.run(&["sync", "--json"]).expect(3).json();
        assert_eq!((world.items(), cause(&synced).as_deref()), (0, Some("unreachable")), "{synced}");
        world.sandbox.clear_faults();
    }
    // It has it, and all lack it.
    world.run(&["sync"]).expect(0);
    assert_eq!(world.items(), 0);
    // Of those that carry it some are wanted; those that lack it are not, from the first read on.
    world.sandbox.hapi().update("Units", 1, "HousingType", json!("A"));
    world.sandbox.hapi().update("Units", 2, "HousingType", json!("B"));
    let fresh = world.path("data/fresh.db");
    world.run(&["sync", "--store", fresh.to_str().expect("UTF-8")]).expect(0);
    assert_eq!(world.items(), 1);
}

#[test]
fn a_key_property_that_hapi_does_not_have_is_reported_once_and_deletes_nothing() {
    let world = world(20);
    world.run(&["sync"]).expect(0);
    world.configure_units("key = [\"Idd\"]", "");
    // Whose the store is, is asked before anything is read.
    world.run(&["sync"]).expect(2);
    let other = world.path("data/other.db");
    let fresh = world.run(&["sync", "--json", "--store", other.to_str().expect("UTF-8")]).expect(3).json();
    let failures = fresh["failures"].as_array().expect("failures");
    assert!(failures.iter().all(|failure| failure["cause"] == "property-unknown"), "{failures:#?}");
    assert_eq!(world.items(), 20);
}

#[test]
fn what_hapi_leaves_out_is_null_where_others_have_it() {
    let world = world(4);
    world.sandbox.hapi().update_where("Units", |_| true, "Comment", json!("x"));
    world.configure_units("", "text_note = \"Comment\"\ntext_type = \"HousingType\"");
    world.run(&["sync"]).expect(3);
    world.configure_units("", "long_text_comment = \"Comment\"\ndropdown_housing = \"HousingType\"");
    world.run(&["sync"]).expect(0);
    {
        let mut hapi = world.sandbox.hapi();
        hapi.quirks_of("Units").leaves_nulls_out = true;
        hapi.update("Units", 2, "Rent", Value::Null);
    }
    // `HousingType` is null everywhere: HApi is asked whether it is there at all.
    let output = world.run(&["sync", "--json"]).expect(0).json();
    assert_eq!(output["failures"], json!([]));
    assert_eq!((world.value("2", "numbers_rent"), world.value("1", "numbers_rent")), (json!("null"), json!("950.5")));
    world.sandbox.clear_requests();
    let again = world.run(&["sync", "--json"]).expect(0).json();
    assert_eq!(again["monday_calls"], 0);
}

#[test]
fn properties_are_found_in_any_case() {
    let world = world(3);
    world.sandbox.hapi().quirks_of("Units").is_camel_case = true;
    world.run(&["sync"]).expect(0);
    assert_eq!((world.items(), world.value("2", "text_code")), (3, json!("2")));
}

#[test]
fn an_empty_page_may_come_without_content() {
    let world = world(60);
    for (_, set) in hopem_sandbox::KINDS {
        world.sandbox.hapi().quirks_of(set).empty_is_no_content = true;
    }
    world.run(&["sync"]).expect(0);
    assert_eq!(world.items(), 60);
    // Where something is stored, nothing at all is no empty set.
    world.sandbox.hapi().remove_where("Units", |_| true);
    world.run(&["sync"]).expect(3);
    assert_eq!(world.items(), 60);
}

#[test]
fn an_odd_key_that_vanished_holds_back_no_other_and_is_gone_after_a_while() {
    for odd in [
        json!("abc"),
        json!({}),
        json!(true),
        json!("a'b"),
        json!(1.5),
        json!(9_223_372_036_854_775_807_i64),
        json!("x".repeat(300)),
    ] {
        let world = world(20);
        let mut record = unit(1);
        record["Id"] = odd.clone();
        world.sandbox.hapi().insert("Units", record);
        world.run(&["sync"]);
        assert_eq!(world.items(), 21, "{odd}");
        world.sandbox.hapi().remove_where("Units", |record| record["Id"] == odd || record["Id"] == 4);
        let codes: Vec<i32> = (0..4).map(|_| world.run(&["sync"]).code).collect();
        assert_eq!(world.items(), 19, "{odd}: {codes:?}");
        assert!(codes.iter().skip(1).all(|code| *code == 0), "{odd} is reported once: {codes:?}");
    }
}

#[test]
fn the_same_row_twice_is_one_row() {
    let world = world(3);
    world.sandbox.hapi().insert("Units", unit(2));
    world.run(&["sync"]).expect(0);
    assert_eq!(world.items(), 3);
    let mut other = unit(2);
    other["Rent"] = json!(1);
    world.sandbox.hapi().insert("Units", other);
    let output = world.run(&["sync", "--json"]).expect(3).json();
    assert_eq!(output["failures"][0]["cause"], "key-twice");
}

#[test]
fn a_filter_over_several_lines_stays_a_condition_of_its_own() {
    let world = world(30);
    world.configure_units("filter = \"\"\"Id lt 20\n  or\nId gt 25\"\"\"", "");
    world.run(&["sync"]).expect(0);
    assert_eq!(world.items(), 24);
    world.sandbox.hapi().remove("Units", 7);
    let output = world.run(&["sync", "--json"]).expect(0).json();
    assert_eq!((world.items(), &output["pull"]["unit"]["deleted"]), (23, &json!(1)));
}

#[test]
fn an_address_that_is_not_hapi_is_not_taken_for_a_wrong_password() {
    let page = |status, headers: &[(&str, &str)], body: &str| Fault::Status {
        status,
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: body.to_owned(),
    };
    for (fault, said) in [
        (page(200, &[("content-type", "text/html")], "<html>welcome</html>"), "<html>welcome</html>"),
        (
            page(301, &[("location", "https://elsewhere.example/api/Token?x=1")], ""),
            "https://elsewhere.example/api/Token,",
        ),
        (page(404, &[], "nothing here"), "nothing here"),
    ] {
        let world = world(1);
        world.sandbox.inject(Rule::always(Api::Hapi, fault));
        let output = world.run(&["sync", "--json"]).expect(1).json();
        let message = output["error"]["message"].as_str().unwrap_or_default();
        assert!(message.contains(said) && message.contains("/api/Token"), "{message}");
        assert!(output["error"]["hint"].as_str().is_some_and(|hint| hint.contains("`[hapi] url`")), "{output}");
    }
}

#[test]
fn a_login_that_cannot_be_answered_at_the_moment_is_retried_and_is_not_refused() {
    for status in [408, 429, 502, 503, 520, 522, 527] {
        let world = world(1);
        world.sandbox.inject(Rule::once(Api::Hapi, Fault::status(status, "a moment")).containing("/api/Token"));
        world.run(&["pull", "unit"]).expect(0);
        let world = world_that_answers_no_login(status);
        let output = world.run(&["sync", "--json"]).expect(1).json();
        let message = output["error"]["message"].as_str().unwrap_or_default();
        assert!(message.contains(&status.to_string()) && message.contains("POST /api/Token"), "{message}");
        assert!(world.sandbox.request_count(Api::Hapi) > 1, "{status} is retried");
    }
    // Any other failure may stand for a wrong password.
    for status in [500, 501, 505] {
        let world = world_that_answers_no_login(status);
        world.run(&["sync", "--json"]).expect(1);
        assert_eq!(world.sandbox.request_count(Api::Hapi), 1, "{status}");
    }
    let world = world_that_answers_no_login(403);
    world.run(&["sync", "--json"]).expect(6);
    assert_eq!(world.sandbox.request_count(Api::Hapi), 1, "a refusal is final: repeating it could lock the account");
}

fn world_that_answers_no_login(status: u16) -> World {
    let world = world(1);
    world.sandbox.inject(Rule::always(Api::Hapi, Fault::status(status, "no")).containing("/api/Token"));
    world
}

#[test]
fn the_api_key_goes_along_where_that_is_asked_for() {
    let world = world(1);
    world.sandbox.hapi().settings.api_key_on_every_call = true;
    world.run(&["pull"]).expect(6);
    let basics = world.basics().replace("[monday]", "api_key_on = \"all\"\n[monday]");
    world.write("config.toml", &basics);
    world.run(&["pull"]).expect(0);
}

#[test]
fn a_server_that_takes_no_question_about_any_key_confirms_no_delete() {
    let world = world(20);
    world.run(&["sync"]).expect(0);
    let refused =
        Fault::Status { status: 400, headers: Vec::new(), body: "{\"Message\":\"not supported\"}".to_owned() };
    world.sandbox.inject(Rule::always(Api::Hapi, refused).containing("Id eq "));
    world.sandbox.hapi().remove("Units", 4);
    for _ in 0..4 {
        let output = world.run(&["sync", "--json"]).expect(3).json();
        assert_eq!(output["failures"][0]["cause"], "absent-unconfirmed", "{output}");
        assert_eq!((&output["failures"][0]["entity"], world.items()), (&json!("unit"), 20));
    }
    world.sandbox.clear_faults();
    world.run(&["sync"]).expect(0);
    assert_eq!(world.items(), 19);
}

#[test]
fn a_wait_that_hapi_asks_for_after_a_whole_read_is_kept_and_nothing_is_deleted() {
    // Asked about what the read did not show; about a property that no record carries; for the names of the properties.
    for (question, columns) in
        [("Id eq ", ""), ("orderby=Nowhere", "text_note = \"Nowhere\""), ("top=1", "text_note = \"Nowhere\"")]
    {
        let world = world(20);
        world.run(&["sync"]).expect(0);
        world.configure_units("select = \"all\"", columns);
        world.sandbox.hapi().remove("Units", 4);
        let headers = vec![("retry-after".to_owned(), "600".to_owned())];
        let limited = Fault::Status { status: 429, headers, body: String::new() };
        let skip = u32::from(question == "top=1");
        world.sandbox.inject(Rule::always(Api::Hapi, limited).containing(question).after(skip));
        let output = world.run(&["pull", "unit", "--json"]).expect(1).json();
        let message = output["error"]["message"].as_str().unwrap_or_default();
        assert!(message.starts_with("HApi asked not to be called before"), "{question}: {output}");
        assert_eq!(output["pull"]["unit"]["deleted"], 0, "{question}: {output}");
        world.sandbox.clear_faults();
        world.sandbox.clear_requests();
        world.run(&["pull", "unit"]).expect(1);
        assert_eq!(world.sandbox.request_count(Api::Hapi), 0, "{question}: HApi is left alone");
        assert_eq!(world.items(), 20);
    }
}

#[test]
fn a_login_that_is_refused_after_a_whole_read_is_no_failure_of_the_kind() {
    let world = world(20);
    world.run(&["sync"]).expect(0);
    world.sandbox.hapi().remove("Units", 4);
    world.sandbox.inject(Rule::always(Api::Hapi, Fault::status(401, "")).containing("Id eq "));
    world.sandbox.inject(Rule::always(Api::Hapi, Fault::status(401, "no")).containing("/api/Token"));
    let output = world.run(&["pull", "unit", "--json"]).expect(6).json();
    assert_eq!((&output["failures"], &output["pull"]["unit"]["deleted"]), (&json!([]), &json!(0)), "{output}");
    world.sandbox.clear_faults();
    let output = world.run(&["pull", "unit", "--json"]).expect(0).json();
    assert_eq!(output["pull"]["unit"]["deleted"], 1, "{output}");
}

#[test]
fn a_limit_that_growing_pages_meet_is_kept_to_whatever_it_says() {
    for status in [400, 404, 413] {
        let world = world(1_200);
        world.configure("");
        let text = std::fs::read_to_string(world.path("config.toml")).expect("it is there");
        world.write("config.toml", &text.replace("page_size = 50", "page_size = \"auto\""));
        let fault = Fault::Status { status, headers: Vec::new(), body: "<html>too large</html>".to_owned() };
        world.sandbox.inject(Rule::always(Api::Hapi, fault).containing("top=1000"));
        let output = world.run(&["pull", "unit", "--json"]).expect(0).json();
        assert_eq!(output["pull"]["unit"]["fetched"], 1_200, "{status}: {output}");
    }
}

#[test]
fn the_next_read_begins_with_pages_as_large_as_the_last_one_had_come_to() {
    let world = world(1_900);
    world.configure("");
    let text = std::fs::read_to_string(world.path("config.toml")).expect("it is there");
    world.write("config.toml", &text.replace("page_size = 50", "page_size = \"auto\""));
    let requests = || world.run(&["pull", "unit", "--json"]).expect(0).json()["pull"]["unit"]["requests"].as_u64();
    assert_eq!((requests(), requests()), (Some(4), Some(2)), "500, 1,000, 400 and none; then all and none");
    // A server that takes no such pages any more is asked for small ones again.
    let fault = Fault::Status { status: 404, headers: Vec::new(), body: "<html>too large</html>".to_owned() };
    world.sandbox.inject(Rule::always(Api::Hapi, fault).containing("top=2000"));
    let output = world.run(&["pull", "unit", "--json"]).expect(0).json();
    assert_eq!(output["pull"]["unit"]["unchanged"], 1_900, "{output}");
}
