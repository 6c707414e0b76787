//! A ninth kind, added to the table and to nothing else, is pulled, stored, pushed with its relation and notified.
//!
//! Without arguments of its own making this is a test; with [`ACTS`] in its environment it is the program, whose table of kinds
//! has a row more.
#![allow(clippy::disallowed_methods, reason = "a test, and a program of its own")]

#[allow(dead_code)]
#[path = "it/support.rs"]
mod support;

use hopem_sandbox::monday::{StandardBoard, standard_boards, standard_configuration};
use hopem_sandbox::{Api, Portfolio};
use hopem_sync::entity::{KindSpec, Kinds};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::process::{ExitCode, Stdio};
use support::World;

/// The variable that makes this the program.
const ACTS: &str = "NINTH_KIND_ACTS";
const SET: &str = "ServiceCalls";

fn main() -> ExitCode {
    if std::env::var_os(ACTS).is_some() {
        return program();
    }
    a_ninth_kind_is_synced_like_the_others();
    ExitCode::SUCCESS
}

/// What the program's `main` does, with one kind more.
fn program() -> ExitCode {
    let call = KindSpec::new("service-call")
        .spelled(&["service-calls", "appel", "appels"])
        .plurals("Service calls", "Appels de service")
        .entity_set(SET)
        .event("Call")
        .item_name("{Subject}")
        .parent_by("unit", &[("UnitId", "Id")])
        .parent_through("building", "unit");
    let mut specs = KindSpec::builtin();
    specs.insert(0, call);
    Kinds::new(specs).and_then(Kinds::install).expect("a table of nine kinds");
    hopem_sync::run(std::env::args_os(), std::env::vars().collect())
}

/// The standard boards and one more, for service calls of units.
fn world() -> World {
    let mut world = World::bare();
    world.program = std::env::current_exe().expect("this program");
    world.environment.insert(ACTS.to_owned(), "1".to_owned());
    world.environment.insert("HOPEM_SYNC_LISTEN_SECRET".to_owned(), "a-long-random-word-of-this-test".to_owned());
    {
        let (mut hapi, mut monday) = (world.sandbox.hapi(), world.sandbox.monday());
        let portfolio = Portfolio::tidy(1, 20);
        portfolio.fill(&mut hapi);
        hapi.add_set(SET, &["Id", "UnitId", "Subject"]);
        hapi.settings.webhooks.entities.push("Call".to_owned());
        for (id, unit) in (1..).zip(portfolio.records("Units").iter().take(3)) {
            hapi.insert(SET, json!({"Id": id, "UnitId": unit["Id"], "Subject": format!("Fuite {id}")}));
        }
        let mut boards = standard_boards(&mut monday);
        let of_kind = |kind: &str| boards.iter().find(|board| board.kind == kind).expect("a board").board_id.clone();
        let link = |kind: &str| json!({"boardIds": [of_kind(kind)], "allowMultipleItems": true});
        let calls = monday.add_board(
            "Appels",
            &[
                ("text_key", "text", Value::Null),
                ("link_unit", "board_relation", link("unit")),
                ("link_building", "board_relation", link("building")),
            ],
        );
        let more = format!(
            "[entities.appels]\nboard = {calls}\nkey_column = 'text_key'\n[entities.appels.columns]\n\
             link_unit = {{ relation = 'unit' }}\nlink_building = {{ relation = 'building' }}\n"
        );
        drop((hapi, monday));
        world.configure(&format!("{}{more}", standard_configuration(&boards)));
        let (kind, name, key_column) = ("service-call", "Appels".to_owned(), "text_key");
        boards.push(StandardBoard { kind, board_id: calls, name, key_column });
        world.boards = boards;
    }
    world
}

/// The items of a kind's board that are there: by key, with their ids, names and values.
fn items(world: &World, kind: &str) -> BTreeMap<String, (String, String, BTreeMap<String, Value>)> {
    let board = world.boards.iter().find(|board| board.kind == kind).expect("a board");
    let items = world.sandbox.monday().items(&board.board_id);
    let key = |values: &BTreeMap<String, Value>| values["text_key"].as_str().expect("a key").to_owned();
    let active = items.into_iter().filter(|item| item.state == "active");
    active.map(|item| (key(&item.values), (item.id, item.name, item.values))).collect()
}

fn a_ninth_kind_is_synced_like_the_others() {
    let world = world();
    let run = world.run(&["sync", "--json"]).expect(0).json();
    assert_eq!((&run["pull"]["service-call"]["new"], &run["push"]["service-call"]["created"]), (&json!(3), &json!(3)));
    assert_pushed_with_its_parents(&world);
    world.sandbox.clear_requests();
    world.run(&["sync"]).expect(0);
    assert_eq!(world.sandbox.request_count(Api::Monday), 0, "nothing has changed");

    assert_shown(&world);
    assert_notified(&world);

    world.sandbox.hapi().remove(SET, 3);
    world.run(&["sync"]).expect(0);
    let left: Vec<String> = items(&world, "service-call").into_keys().collect();
    assert_eq!(left, ["service-call:1", "service-call:2"]);
    assert_no_other_program_passes_it_over(world);
}

/// Parents were pushed first, so that each item could be made with its links.
fn assert_pushed_with_its_parents(world: &World) {
    let (calls, units, buildings) = (items(world, "service-call"), items(world, "unit"), items(world, "building"));
    assert_eq!(calls.len(), 3);
    for id in 1..=3 {
        let (_, name, values) = &calls[&format!("service-call:{id}")];
        assert_eq!(*name, format!("Fuite {id}"));
        let unit = world.sandbox.hapi().record(SET, id).expect("a call")["UnitId"].clone();
        let (unit, _, of_unit) = &units[&format!("unit:{unit}")];
        assert_eq!(values["link_unit"], json!([unit]));
        assert!(buildings.values().any(|(building, ..)| values["link_building"] == json!([building])));
        assert_eq!(values["link_building"], of_unit["link_building"]);
    }
    assert_eq!(world.query("SELECT kind || ':' || key FROM entities WHERE kind LIKE 'service%' ORDER BY id").len(), 3);
}

/// Everything that shows kinds shows this one too, behind its parents.
fn assert_shown(world: &World) {
    let status = world.run(&["status", "--json"]).expect(0).json();
    let kinds = status["kinds"].as_array().expect("kinds");
    let of_calls = kinds.iter().find(|kind| kind["kind"] == "service-call").expect("the ninth kind");
    assert_eq!((kinds.len(), &of_calls["synced"]), (9, &json!(3)));
    let place = |kind: &str| kinds.iter().position(|entry| entry["kind"] == kind);
    assert!(place("service-call") > place("unit"));
    assert!(world.run(&["status", "--lang", "fr"]).expect(0).stdout.contains("Appels de service"));
    let story = |entity: &str| {
        let mut document = world.run(&["status", entity, "--json"]).expect(0).json();
        document["entities"][0]["relations"].take()
    };
    let parents = story("Appel:2");
    assert_eq!((&parents["unit"]["state"], &parents["building"]["state"]), (&json!("synced"), &json!("synced")));
    let children = story(parents["unit"]["entity"].as_str().expect("a unit"))["children"].take();
    let children = children.as_array().expect("children");
    assert!(children.iter().any(|child| child["entity"] == "service-call:2"), "{children:?}");
    assert_eq!(world.run(&["export", "appels"]).expect(0).stdout.matches("Fuite").count(), 3);
    assert!(world.run(&["status", "apel"]).expect(2).stderr.contains("did you mean `appel`?"));
}

/// Its name in webhooks is known: it can be subscribed to, and an event has just this entity read and pushed.
fn assert_notified(world: &World) {
    let subscribed = world.run(&["subscribe", "add", "service-call", "--url", "http://127.0.0.1:9/", "--json"]);
    assert_eq!(subscribed.expect(0).json()["subscribed"], json!(["Call"]));
    assert!(world.sandbox.hapi().unsubscribe("Call"), "it was subscribed to");
    world.sandbox.hapi().update(SET, 2, "Subject", json!("Fuite grave"));
    let mut command = world.command(&["listen", "--stdin", "--sync"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it runs");
    child.stdin.take().expect("stdin").write_all(b"{\"Id\":2,\"Entity\":\"call\",\"Status\":1}\n").expect("an event");
    assert!(child.wait_with_output().expect("it ends").status.success());
    assert_eq!(items(world, "service-call")["service-call:2"].1, "Fuite grave");
}

/// A program without the ninth kind leaves a store that holds it alone.
fn assert_no_other_program_passes_it_over(mut world: World) {
    world.program = env!("CARGO_BIN_EXE_hopem-sync").into();
    world.configure(&standard_configuration(&world.boards));
    for command in ["sync", "status"] {
        let refused = world.run(&[command]).expect(8);
        assert!(refused.stderr.contains("holds entities of the kind `service-call`"), "{refused:?}");
    }
}
