//! `explain`: each step from the record to what monday got, and why a column is, or is not, sent now.

use crate::support::{World, unit};
use hopem_sandbox::Portfolio;
use hopem_sandbox::monday::{standard_boards, standard_configuration};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The columns of an entity by their ids.
fn columns(world: &World, entity: &str) -> BTreeMap<String, Value> {
    let document = world.run(&["explain", entity, "--json"]).expect(0).json();
    assert_eq!(document["entity"], entity);
    let columns = document["columns"].as_array().expect("columns").clone();
    columns.into_iter().map(|column| (column["column"].as_str().expect("an id").to_owned(), column)).collect()
}

/// The status of a column, and whether it is sent now.
fn status(world: &World, entity: &str, column: &str) -> (String, bool) {
    let column = columns(world, entity).remove(column).expect("the column");
    (column["status"].as_str().expect("a word").to_owned(), column["sends"] == true)
}

fn write_to_store(world: &World, sql: &str) {
    let connection = rusqlite::Connection::open(world.store()).expect("a store");
    connection.execute_batch(sql).expect("a change");
}

/// Units with a board of their own and two columns.
fn small() -> World {
    let world = World::units(1..=3);
    let board = world.sandbox.monday().add_board(
        "Unités",
        &[
            ("text_key", "text", json!({})),
            ("text_code", "text", json!({})),
            ("numbers_rent", "numbers", json!({})),
            ("link_building", "board_relation", json!({})),
        ],
    );
    world.configure(&format!(
        "[entities.unit]\nboard = {board}\nkey_column = \"text_key\"\nname = \"{{UnitCode}}\"\n[entities.unit.columns]\n\
         text_code = {{ field = \"OccupancyStatus\", values = {{ L = \"Loué\" }} }}\nnumbers_rent = \"Rent\"\n\
         link_building = {{ relation = \"building\" }}\n"
    ));
    world
}

#[test]
fn each_step_of_a_value_is_shown() {
    let world = small();
    world.run(&["pull"]).expect(0);
    let first = world.run(&["explain", "unit:1", "--json"]).expect(0);
    assert!(first.stderr.contains("the board was not read yet"), "{first:?}");
    assert_eq!(first.json()["state"], "pending");
    world.run(&["push"]).expect(0);
    world.sandbox.hapi().update("Units", 1, "OccupancyStatus", json!("V "));
    world.run(&["pull"]).expect(0);
    assert_eq!(
        columns(&world, "unit:1")["text_code"],
        json!({
            "column": "text_code", "title": null, "type": "text", "source": "OccupancyStatus", "of": null,
            "raw": {"OccupancyStatus": "\"V \""}, "trimmed": "V", "mapped": "V", "wanted": "V", "sent": "Loué",
            "sends": true, "status": "changed", "why": "differs from what was sent last; the next push sends it",
            "hint": null
        })
    );
    let name = &columns(&world, "unit:1")["name"];
    assert_eq!((&name["raw"], &name["wanted"]), (&json!({"UnitCode": "\"1 \""}), &json!("1")));
    let one = world.run(&["explain", "unité:1", "numbers_rent", "--json"]).expect(0).json();
    assert_eq!(one["columns"].as_array().map(Vec::len), Some(1));
    let rows = world.run(&["explain", "unit:1", "text_code"]).expect(0).stdout;
    assert!(rows.ends_with("\ntext_code\ttext\tchanged\tOccupancyStatus\tOccupancyStatus \"V \"\tV\tV\tV\tLoué\tdiffers from what was sent last; the next push sends it\n"), "{rows}");
}

#[test]
fn every_reason_why_a_column_is_not_sent_has_its_word() {
    let world = small();
    world.run(&["pull"]).expect(0);
    assert_eq!(status(&world, "unit:1", "numbers_rent"), ("new".to_owned(), true));
    assert_eq!(status(&world, "unit:1", "link_building"), ("parent_missing".to_owned(), false));
    world.run(&["push"]).expect(0);
    assert_eq!(status(&world, "unit:1", "numbers_rent"), ("same".to_owned(), false));
    world.run(&["resync", "unit:1", "--later"]).expect(0);
    assert_eq!(status(&world, "unit:1", "numbers_rent"), ("again".to_owned(), true));
    world.sandbox.hapi().update("Units", 1, "Rent", json!("à venir"));
    world.sandbox.hapi().update("Units", 2, "Rent", json!(1000.0));
    world.run(&["pull"]).expect(0);
    let refused = &columns(&world, "unit:1")["numbers_rent"];
    assert_eq!(
        (&refused["status"], &refused["wanted"], &refused["trimmed"]),
        (&json!("refused"), &Value::Null, &json!("à venir"))
    );
    assert!(refused["hint"].as_str().is_some_and(|hint| hint.contains("entities.unit.columns")), "{refused}");
    world.run(&["pause", "unit", "--until", "2099-01-01"]).expect(0);
    let paused = &columns(&world, "unit:2")["numbers_rent"];
    assert_eq!(
        (&paused["status"], &paused["sends"], &paused["wanted"]),
        (&json!("paused"), &json!(false), &json!("1000"))
    );
    assert_eq!(paused["hint"], "hopem-sync resume unit");
    assert_eq!(status(&world, "unit:2", "text_code").0, "same", "a pause holds back nothing of it");
    world.run(&["resume", "unit"]).expect(0);
    let failure = "INSERT INTO failures (entity, column_id, cause, message, hint, value, tries, next_try_at, failed_at) SELECT id, 'numbers_rent', 'unknown', '{\"Foreign\":\"monday said no\"}', NULL, '\"1000\"', 1,
                   '2099-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z' FROM entities WHERE key = '2'";
    write_to_store(&world, failure);
    let held = &columns(&world, "unit:2")["numbers_rent"];
    assert_eq!(
        held["why"],
        "monday said no; it is not retried before 2099-01-01T00:00:00Z; its column is cleared, so that no former value stands there"
    );
    assert_eq!((&held["status"], &held["sends"]), (&json!("held"), &json!(true)), "what is sent is a blank");
    write_to_store(
        &world,
        "UPDATE sent SET columns = json_remove(columns, '$.text_code'), observed = '{\"text_code\":\"Vide\"}' WHERE entity = 2",
    );
    let edited = &columns(&world, "unit:2")["text_code"];
    assert_eq!(edited["why"], "the board was observed to show `Vide`; the next push sends it again");
    assert_eq!((&edited["status"], &edited["sends"], &edited["sent"]), (&json!("edited"), &json!(true), &Value::Null));
    // As before a property was asked for.
    write_to_store(&world, "UPDATE records SET record = json_remove(record, '$.Rent') WHERE entity = 3");
    write_to_store(&world, "DELETE FROM properties WHERE property = 'Rent'");
    let missing = &columns(&world, "unit:3")["numbers_rent"];
    assert_eq!((&missing["status"], &missing["raw"]), (&json!("not_received"), &json!({"Rent": null})));
    world.run(&["unlink", "unit:3"]).expect(0);
    assert_eq!(status(&world, "unit:3", "text_code"), ("unlinked".to_owned(), false));
    world.sandbox.hapi().remove("Units", 3);
    world.run(&["pull"]).expect(0);
    assert_eq!(status(&world, "unit:3", "text_code"), ("deleted".to_owned(), false));
    world.configure("");
    assert_eq!(status(&world, "unit:1", "name"), ("off".to_owned(), false));
}

#[test]
fn a_relation_waits_for_the_item_of_its_parent() {
    let world = World::tidy(5);
    world.run(&["pull"]).expect(0);
    assert_eq!(status(&world, "unit:1", "link_building").0, "waiting");
    let link = &columns(&world, "unit:1")["link_building"];
    assert!(link["trimmed"].as_str().is_some_and(|parent| parent.starts_with("building:")), "{link}");
    assert!(link["raw"]["BuildingCode"].is_string() && link["mapped"].is_null(), "{link}");
    world.run(&["push"]).expect(0);
    assert_eq!(status(&world, "unit:1", "link_building").0, "same");
}

#[test]
fn what_is_explained_as_sent_is_what_the_push_plans() {
    let mut world = World::bare();
    Portfolio::new(3, 6).fill(&mut world.sandbox.hapi());
    world.boards = standard_boards(&mut world.sandbox.monday());
    let configuration = standard_configuration(&world.boards);
    world.configure(&configuration);
    let agree = |world: &World| {
        let plan = world.run(&["push", "--dry-run", "--json"]).json();
        let steps = plan["plan"].as_array().expect("a plan");
        let mut planned: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for step in steps.iter().filter(|step| step["action"] == "create" || step["action"] == "update") {
            let columns = step["columns"].as_object().expect("columns").iter();
            let is_sent = |new: &Value| step["action"] == "update" || !(new.is_null() || new == "");
            let sent = columns.filter(|(_, change)| is_sent(&change["new"])).map(|(id, _)| id.as_str());
            planned.entry(step["entity"].as_str().expect("an entity")).or_default().extend(sent);
        }
        for entity in world.query("SELECT kind || ':' || key FROM entities WHERE kind IN ('unit', 'tenant', 'parking')")
        {
            let explained = columns(world, &entity);
            // A plan does not list what is blank and was.
            let is_blank = |value: &Value| value.is_null() || value["item_ids"] == json!([]);
            let is_listed =
                |column: &Value| column["sends"] == true && !(is_blank(&column["wanted"]) && is_blank(&column["sent"]));
            // A connection that the same run fills in is planned with the parent's item, which it makes first.
            let waits = |id: &str| explained.get(id).is_some_and(|column| column["status"] == "waiting");
            let sent: BTreeSet<&str> =
                explained.iter().filter(|(_, column)| is_listed(column)).map(|(id, _)| id.as_str()).collect();
            let planned: BTreeSet<&str> =
                planned.get(entity.as_str()).into_iter().flatten().copied().filter(|id| !waits(id)).collect();
            assert_eq!(sent, planned, "{entity}: {explained:#?}");
        }
        planned.len()
    };
    world.run(&["pull"]);
    assert!(agree(&world) > 10);
    world.run(&["push"]);
    assert_eq!(agree(&world), 0);
    for (id, property, value) in [(1, "Rent", json!(1)), (2, "OccupancyStatus", json!("?")), (3, "Rent", Value::Null)] {
        world.sandbox.hapi().update("Units", id, property, value);
    }
    world.run(&["pull"]);
    world.run(&["pause", "unit:3"]);
    world.run(&["resync", "tenant", "--later"]);
    assert!(agree(&world) > 2);
    world.configure(
        &configuration.replace("numbers_rent = ", "numbers_rent = { template = \"1{Rent}\", type = \"numbers\" }\n#"),
    );
    assert!(agree(&world) > 5, "a changed mapping counts though nothing was marked yet");
}

#[test]
fn on_a_terminal_a_column_is_a_block_that_fits() {
    let world = small();
    world.sandbox.hapi().insert("Units", unit(4));
    world.sandbox.hapi().update("Units", 4, "OccupancyStatus", json!("Z".repeat(500)));
    world.run(&["sync"]).expect(0);
    world.sandbox.hapi().update("Units", 1, "Rent", json!(1000));
    world.run(&["pull"]).expect(0);
    let english = world.on_terminal(&["explain", "unit:1"]);
    let (columns, read) = english.stdout.split_once("\nRead from Hopem ").expect("when it was read");
    assert!(read.contains("show-json\n  unit:1 --live; ") && read.ends_with("status --drift unit:1\n"), "{read}");
    assert_eq!(
        columns,
        "\
● pending  unit:1  1

name  name  ● same
  UnitCode \"1 \" → 1
  monday was sent this value already

text_key  text  ● same
  Id 1 → unit:1
  monday was sent this value already

link_building  board_relation  ● parent missing
  item of the building: CompanyNo 3.0, DivisionNo 1, BuildingCode \"B1  \" → ∅
  no building that the record names is in the store; the column stays empty
    until it comes

numbers_rent  numbers  ● changed
  Rent 1000
  last sent: 950.5
  differs from what was sent last; the next push sends it

text_code  text  ● same
  OccupancyStatus \"L \" → L → Loué
  monday was sent this value already
"
    );
    let french = world.on_terminal(&["explain", "unit:1", "numbers_rent", "--lang", "fr"]);
    let (columns, read) = french.stdout.split_once("\nLu dans Hopem le ").expect("when it was read");
    assert!(read.ends_with("status --drift unit:1\n"), "{read}");
    assert_eq!(
        columns,
        "\
● en attente  unit:1  1

numbers_rent  numbers  ● modifié
  Rent 1000
  dernier envoi : 950.5
  diffère du dernier envoi; le prochain envoi le transmettra
"
    );
    for lang in ["en", "fr"] {
        let long = world.on_terminal(&["explain", "unit:4", "--lang", lang]).stdout;
        assert!(long.lines().all(|line| line.chars().count() <= 80), "{long}");
    }
}

#[test]
fn what_cannot_be_explained_is_reported_with_what_to_do() {
    let world = small();
    world.run(&["explain", "unit:1"]).expect(2);
    world.run(&["pull"]).expect(0);
    for (arguments, message, hint) in [
        (
            ["explain", "unit", "--json"].as_slice(),
            "explain takes one entity, such as `unit:1472`",
            "name a kind or an entity",
        ),
        (&["explain", "unit:9", "--json"], "the store has no `unit:9`", "hopem-sync pull"),
        (&["explain", "unti:1", "--json"], "unknown kind `unti`; did you mean `unit`?", "the kinds are company"),
        (
            &["explain", "unit:1", "text_cod", "--json"],
            "`unit` has no column `text_cod`; did you mean `text_code`?",
            "the columns are name, text_key",
        ),
    ] {
        let error = &world.run(arguments).expect(2).json()["error"];
        assert_eq!(error["message"], message);
        assert!(error["hint"].as_str().is_some_and(|text| text.contains(hint)), "{error}");
    }
}

#[test]
fn an_unknown_kind_is_reported_with_the_kinds_in_the_language_of_the_user() {
    let world = small();
    let reported = world.run(&["status", "unita", "--lang", "fr"]).expect(2).stderr;
    assert!(reported.contains("les types sont compagnie, immeuble, unité"), "{reported}");
}
