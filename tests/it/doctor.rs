//! `doctor` and `columns`: everything that can be looked at without changing anything, each fault provoked.

use crate::support::{World, mode};
use hopem_sandbox::hapi::{SwaggerPlace, WebhookRoute};
use hopem_sandbox::{Api, Fault, Rule};
use serde_json::Value;
use std::collections::BTreeMap;

/// A world in which nothing is wrong.
pub(crate) fn sound() -> World {
    let world = World::tidy(3);
    for secret in ["hapi-password", "hapi-key", "monday-token"] {
        world.write(secret, "x");
    }
    world.run(&["sync"]).expect(0);
    world.sandbox.clear_requests();
    world
}

/// What a doctor found: check, subject and message of each finding.
pub(crate) fn found(world: &World, arguments: &[&str], code: i32) -> Vec<(String, String, String)> {
    let arguments: Vec<&str> = ["doctor", "--json"].iter().chain(arguments).copied().collect();
    let document = world.run(&arguments).expect(code).json();
    let text = |finding: &Value, name: &str| finding[name].as_str().unwrap_or_default().to_owned();
    let findings = document["findings"].as_array().expect("findings");
    for finding in findings {
        assert!(!text(finding, "hint").is_empty(), "each finding says what to do: {finding}");
        assert!(["error", "warning"].contains(&text(finding, "level").as_str()), "{finding}");
    }
    findings.iter().map(|one| (text(one, "check"), text(one, "subject"), text(one, "message"))).collect()
}

/// The only finding: its check, and its subject and message in one text.
#[track_caller]
fn only(world: &World) -> (String, String) {
    let mut all = found(world, &[], 3);
    assert_eq!(all.len(), 1, "{all:#?}");
    let (check, subject, message) = all.remove(0);
    (check, format!("{subject}: {message}"))
}

/// Everything below a folder, with its content.
fn files(folder: &std::path::Path) -> BTreeMap<std::path::PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        match entry.is_dir() {
            true => all.extend(files(&entry)),
            false => _ = all.insert(entry.clone(), std::fs::read(entry).expect("a file")),
        }
    }
    all
}

#[test]
fn where_all_is_well_nothing_is_found_nothing_written_and_little_asked() {
    let world = sound();
    let before = files(world.folder.path());
    assert_eq!(found(&world, &[], 0), []);
    assert_eq!(files(world.folder.path()), before, "it writes nothing");
    let paths: Vec<String> = world.sandbox.requests(Api::Hapi).into_iter().map(|request| request.path).collect();
    for kind in ["Units", "Tenants"] {
        assert_eq!(paths.iter().filter(|path| **path == format!("/api/{kind}")).count(), 1, "{paths:?}");
    }
    assert_eq!(paths.len(), 8 + 2, "one a kind, the login, and what HApi says of itself: {paths:?}");
    assert_eq!(world.sandbox.request_count(Api::Monday), 8, "one a kind");
    let output = world.run(&["doctor"]).expect(0);
    assert!(output.stderr.is_empty() && output.stdout.ends_with("nothing found\n"), "{output:?}");
    assert_eq!(world.run(&["doctor", "-q"]).expect(0).stderr, "");
}

#[test]
fn offline_it_asks_nobody_and_each_finding_is_a_line() {
    let world = sound();
    world.write("hapi-password", "x");
    assert_eq!(found(&world, &["--offline"], 0), []);
    std::fs::set_permissions(world.store(), std::os::unix::fs::PermissionsExt::from_mode(0o644)).expect("a mode");
    assert_eq!(found(&world, &["--offline"], 3).len(), 1);
    let output = world.run(&["doctor", "--offline", "--lang", "fr"]).expect(3);
    assert_eq!(output.stdout.lines().count(), 1, "{output:?}");
    assert!(output.stdout.contains("avertissement") && output.stdout.contains("chmod 600"), "{output:?}");
    assert_eq!(mode(&world.store()), 0o644, "it mends nothing");
    assert_eq!(world.run(&["doctor", "--offline", "-q"]).expect(3).stderr.lines().count(), 1);
    assert_eq!(world.sandbox.request_count(Api::Hapi) + world.sandbox.request_count(Api::Monday), 0);
}

#[test]
fn a_refused_login_is_a_finding_and_so_is_an_address_where_nobody_is() {
    let mut world = sound();
    world.set("HAPI_PASSWORD", "wrong");
    let (check, reported) = only(&world);
    assert!(check == "hapi-login" && reported.contains("refused the login"), "{reported}");
    world.set("HAPI_PASSWORD", "sandbox-password");
    world.set("MONDAY_TOKEN", "wrong");
    let (check, reported) = only(&world);
    assert!(check == "monday-login" && reported.contains("refused"), "{reported}");
    world.set("MONDAY_TOKEN", hopem_sandbox::monday::TOKEN);
    world.set("MONDAY_URL", "http://127.0.0.1:9/v2");
    assert_eq!(only(&world).0, "monday-login");
    world.set("MONDAY_URL", &world.sandbox.monday_url());
    let page = Fault::Status { status: 200, headers: Vec::new(), body: "<html>portal</html>".to_owned() };
    world.sandbox.inject(Rule::always(Api::Hapi, page).containing("/api/Token"));
    let (check, reported) = only(&world);
    assert!(check == "hapi-login" && reported.contains("holds no token"), "{reported}");
}

#[test]
fn sets_and_properties_are_looked_for_with_the_nearest_name() {
    let world = sound();
    world.sandbox.hapi().rename("Storages", "Lockers");
    world.edit("field = \"NumberOfRooms\"", "field = \"NbOfRooms\"");
    let all = found(&world, &[], 3);
    let reported = |check: &str| {
        all.iter().filter(|(name, ..)| name == check).map(|(_, _, reported)| reported.as_str()).collect::<String>()
    };
    assert!(reported("property").contains("did you mean `NumberOfRooms`?"), "{all:#?}");
    assert!(reported("entity-set").contains("404") || reported("entity-set").contains("refuses"), "{all:#?}");
    world.sandbox.hapi().settings.swagger.place = SwaggerPlace::Nowhere;
    let all = found(&world, &[], 3);
    assert!(
        all.iter().any(|(_, _, reported)| reported.contains("`NumberOfRooms`?")),
        "the sample shows it too: {all:#?}"
    );
}

#[test]
fn boards_are_inspected_for_all_that_keeps_items_from_being_written() {
    let world = sound();
    let unit = world.board("unit").to_owned();
    let traits = |change: fn(&mut hopem_sandbox::monday::BoardTraits)| {
        let mut monday = world.sandbox.monday();
        *monday.traits_of(&unit) = Default::default();
        change(monday.traits_of(&unit));
    };
    for (change, part) in [
        ((|board| board.is_archived = true) as fn(&mut hopem_sandbox::monday::BoardTraits), "archived"),
        (|board| board.is_multi_level = true, "levels"),
        (|board| board.is_read_only = true, "only look"),
        (|board| board.required_columns = vec!["text_other".to_owned()], "text_other"),
        (|board| board.has_rules = true, "rules"),
    ] {
        traits(change);
        let (check, reported) = only(&world);
        assert!(check == "board" && reported.contains(part), "{reported}");
    }
    traits(|board| board.archived_columns.extend(["numbers_rent".to_owned()]));
    assert_eq!(only(&world).0, "column");
    traits(|_| ());
    world.sandbox.monday().serve_version("2027-01");
    let (check, reported) = only(&world);
    assert!(check == "api-version" && reported.contains("2027-01"), "{reported}");
}

#[test]
fn a_wrong_board_a_column_of_another_type_and_a_connection_elsewhere_are_reported() {
    let world = sound();
    world.edit("{ field = \"Rent\", type = \"numbers\" }", "{ field = \"Rent\", type = \"date\" }");
    let (check, reported) = only(&world);
    assert!(check == "column" && reported.contains("`date`") && reported.contains("`numbers`"), "{reported}");
    world.edit("{ field = \"Rent\", type = \"date\" }", "{ field = \"Rent\", type = \"numbers\" }");
    world.edit(&format!("board = {}", world.board("building")), "board = 4242");
    let all = found(&world, &[], 3);
    let checks: Vec<&str> = all.iter().map(|(check, ..)| check.as_str()).collect();
    assert!(checks.contains(&"board") && checks.contains(&"identity"), "{all:#?}");
}

#[test]
fn the_shape_says_what_it_holds_and_no_value_of_a_record_is_in_it() {
    let world = sound();
    let marks = ["MARKED-NAME", "MARKED-CODE"];
    world.sandbox.hapi().update_where("Tenants", |_| true, "LastName", "MARKED-NAME".into());
    world.sandbox.hapi().update_where("Units", |_| true, "UnitCode", "MARKED-CODE".into());
    let file = world.path("shape.json");
    let path = file.to_str().expect("UTF-8");
    world.run(&["doctor", "--shape", path]).expect(0);
    let text = std::fs::read_to_string(&file).expect("a file");
    let shape: Value = serde_json::from_str(&text).expect("JSON");
    assert!(shape["about"][0].as_str().is_some_and(|about| about.contains("No value of any record")), "{text}");
    assert!(text.contains("\"LastName\"") && text.contains("\"UnitCode\""), "names are in it: {text}");
    for record in ["Tenants", "Units", "Buildings"].iter().flat_map(|set| world.sandbox.hapi().records(set).to_vec()) {
        let long = |value: &&Value| value.as_str().is_some_and(|text| text.trim().len() > 7);
        for value in record.as_object().into_iter().flat_map(|record| record.values()).filter(long) {
            assert!(!text.contains(value.as_str().unwrap_or_default().trim()), "{value} in {text}");
        }
    }
    assert!(marks.iter().all(|mark| !text.contains(mark)));
    for secret in ["sandbox-password", "sandbox-key", hopem_sandbox::monday::TOKEN, "127.0.0.1", "Locataires"] {
        assert!(!text.contains(secret), "{secret}");
    }
    assert_eq!(mode(&file), 0o600);
    world.run(&["doctor", "--shape", path]).expect(1);
}

#[test]
fn webhooks_are_compared_where_events_come_in() {
    let mut world = sound();
    world.set("LISTEN_SECRET", "a-long-random-word");
    world.run(&["subscribe", "add", "unit", "--url", "http://127.0.0.1:9/"]).expect(0);
    let all = found(&world, &[], 3);
    assert_eq!(all.iter().filter(|(check, ..)| check == "webhooks").count(), 7, "{all:#?}");
    world.sandbox.hapi().settings.webhooks.list = WebhookRoute::new("GET", "elsewhere");
    world.sandbox.clear_requests();
    found(&world, &[], 3);
    assert!(world.sandbox.request_count(Api::Hapi) <= 8 + 3, "it does not look everywhere");
}

#[test]
fn both_sides_of_a_kind_are_shown_with_what_is_mapped() {
    let world = sound();
    let shown = world.run(&["columns", "unités", "--json"]).expect(0).json();
    let property = |name: &str| {
        let all = shown["properties"].as_array().expect("properties");
        all.iter().find(|property| property["name"] == name).unwrap_or_else(|| panic!("{name} in {shown}")).clone()
    };
    assert_eq!(property("Rent")["types"][0], "number");
    assert_eq!(property("UnitCode")["used_by"][0], "text_code");
    let columns = shown["board"]["columns"].as_array().expect("columns");
    let rent = columns.iter().find(|column| column["id"] == "numbers_rent").expect("the column");
    assert_eq!((&rent["type"], &rent["filled_from"]), (&"numbers".into(), &"Rent".into()));
    world.sandbox.clear_requests();
    let offline = world.run(&["columns", "unit", "--offline"]).expect(0);
    assert!(offline.stdout.contains("numbers_rent") && offline.stdout.contains("Rent"), "{offline:?}");
    assert_eq!(world.sandbox.request_count(Api::Hapi) + world.sandbox.request_count(Api::Monday), 0);
    world.run(&["columns", "boat"]).expect(2);
}
