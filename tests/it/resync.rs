//! `resync`: single entities from HApi now, sent again whatever the store believes.

use crate::support::{World, states};
use hopem_sandbox::monday::standard_configuration;
use hopem_sandbox::{Api, Fault, Rule};
use serde_json::json;

fn requests_for(world: &World, set: &str) -> Vec<String> {
    let paths = world.sandbox.requests(Api::Hapi).into_iter().map(|request| request.path);
    paths.filter(|path| path.contains(&format!("/api/{set}"))).collect()
}

/// The item of an entity.
fn item(world: &World, entity: &str) -> String {
    let (kind, key) = entity.split_once(':').expect("an entity");
    let query = format!("SELECT item_id FROM entities WHERE kind = '{kind}' AND key = '{key}'");
    world.query(&query).remove(0)
}

#[test]
fn resync_reads_just_the_entities_that_are_named_many_in_a_request() {
    let world = World::tidy(120);
    world.run(&["sync"]).expect(0);
    world.sandbox.clear_requests();
    let names: Vec<String> = (1..=20).map(|id| format!("unit:{id}")).collect();
    let mut arguments = vec!["resync", "--json"];
    arguments.extend(names.iter().map(String::as_str));
    let document = world.run(&arguments).expect(0).json();
    let paths = requests_for(&world, "Units");
    assert_eq!(paths.len(), 2, "{paths:?}");
    assert!(paths.iter().all(|path| path.matches("%20or%20").count() < 15 && path.len() < 2_000), "{paths:?}");
    assert!(requests_for(&world, "Tenants").is_empty());
    assert_eq!((&document["pull"]["unit"]["fetched"], &document["push"]["unit"]["updated"]), (&json!(20), &json!(20)));
    assert_eq!(document["hapi_calls"], 2, "{document}");
    // So many that the whole set costs less.
    world.sandbox.clear_requests();
    let names: Vec<String> = (1..=100).map(|id| format!("unit:{id}")).collect();
    let mut arguments = vec!["resync", "--json"];
    arguments.extend(names.iter().map(String::as_str));
    world.run(&arguments).expect(0);
    assert!(requests_for(&world, "Units").iter().all(|path| !path.contains("%20or%20")));
}

#[test]
fn resync_asks_for_composite_keys_one_by_one() {
    let world = World::tidy(30);
    world.run(&["sync"]).expect(0);
    let keys = world.query("SELECT 'company:' || key FROM entities WHERE kind = 'company' LIMIT 2");
    world.sandbox.clear_requests();
    let mut arguments = vec!["resync"];
    arguments.extend(keys.iter().map(String::as_str));
    world.run(&arguments).expect(0);
    assert_eq!(requests_for(&world, "LedgerDivisions").len(), keys.len());
}

#[test]
fn an_entity_that_resync_does_not_find_is_deleted_and_its_item_archived() {
    let world = World::tidy(30);
    world.run(&["sync"]).expect(0);
    let gone = item(&world, "unit:3");
    world.sandbox.hapi().remove("Units", 3);
    world.sandbox.hapi().update("Units", 4, "Rent", json!(4321));
    let document = world.run(&["resync", "unit:3", "unit:4", "--json"]).expect(0).json();
    assert_eq!((&document["pull"]["unit"]["deleted"], &document["pull"]["unit"]["changed"]), (&json!(1), &json!(1)));
    assert_eq!(
        states(&document),
        json!([{"entity": "unit:3", "state": "deleted"}, {"entity": "unit:4", "state": "synced"}])
    );
    assert_eq!(world.sandbox.monday().item(&gone).expect("the item").state, "archived");
    // What the guard holds back is neither deleted nor a reason to leave the others alone.
    for id in 5..=12 {
        world.sandbox.hapi().remove("Units", id);
    }
    world.sandbox.hapi().update("Units", 13, "Rent", json!(1234));
    let names: Vec<String> = (5..=13).map(|id| format!("unit:{id}")).collect();
    let mut arguments = vec!["resync", "--json"];
    arguments.extend(names.iter().map(String::as_str));
    let document = world.run(&arguments).expect(5).json();
    assert_eq!((&document["pull"]["unit"]["deleted"], &document["pull"]["unit"]["changed"]), (&json!(0), &json!(1)));
    assert_eq!(world.query("SELECT key FROM entities WHERE kind = 'unit' AND deleted_at IS NOT NULL"), ["3"]);
}

#[test]
fn resync_sends_one_column_again_whatever_the_store_believes() {
    let world = World::tidy(5);
    world.run(&["sync"]).expect(0);
    let unit = item(&world, "unit:2");
    let before = world.sandbox.monday().item(&unit).expect("the item");
    world.sandbox.monday().edit_by_hand(&unit, "text_code", &json!("by hand"));
    world.sandbox.monday().edit_by_hand(&unit, "name", &json!("by hand"));
    let document = world.run(&["resync", "unit:2", "--column", "text_code", "--json"]).expect(0).json();
    assert_eq!(document["push"]["unit"]["updated"], 1, "{document}");
    let after = world.sandbox.monday().item(&unit).expect("the item");
    assert_eq!((&after.values["text_code"], after.name.as_str()), (&before.values["text_code"], "by hand"));
    let changes = world.run(&["runs", "2", "--changes", "--json"]).expect(0).json();
    let columns = changes["changes"][0]["columns"].as_object().expect("columns");
    assert_eq!(columns.keys().collect::<Vec<_>>(), ["text_code"], "{changes}");
    let wrong = world.run(&["resync", "unit:2", "--column", "text_cod"]).expect(2);
    assert!(wrong.stderr.contains("nothing of unit goes into a column `text_cod`"), "{wrong:?}");
    world.run(&["resync", "unit:2", "--column", "name"]).expect(0);
    assert_eq!(world.sandbox.monday().item(&unit).expect("the item").name, before.name);
}

#[test]
fn resync_ends_well_only_when_monday_has_confirmed_all() {
    let world = World::tidy(5);
    world.run(&["sync"]).expect(0);
    world.run(&["pause", "unit:1"]).expect(0);
    let document = world.run(&["resync", "unit:1", "unit:2", "--json"]).expect(3).json();
    assert_eq!(states(&document)[0], json!({"entity": "unit:1", "state": "paused"}));
    assert_eq!(document["failures"][0]["error"], "unit:1 is paused: nothing of it is pushed", "{document}");
    assert_eq!(document["failures"][0]["hint"], "hopem-sync resume unit:1", "{document}");
    for status in [503, 500] {
        world.sandbox.inject(Rule::always(Api::Hapi, Fault::status(status, "no")).containing("/api/Units"));
        let down = world.run(&["resync", "unit:2", "--json"]).expect(3).json();
        let failure = &down["failures"][0];
        assert_eq!((&failure["entity"], &failure["cause"]), (&json!("unit"), &json!("unreachable")), "{down}");
        world.sandbox.clear_faults();
    }
    world.hapi_is_down();
    let down = world.run(&["resync", "unit:2", "--json"]).expect(3).json();
    assert_eq!(down["failures"][0]["entity"], "unit", "{down}");
    assert_eq!(states(&down), json!([{"entity": "unit:2", "state": "synced"}]));
}

#[test]
fn relinking_ties_an_unlinked_entity_to_its_own_item_again() {
    let world = World::tidy(30);
    world.run(&["sync"]).expect(0);
    let before = item(&world, "unit:3");
    world.run(&["unlink", "unit:3"]).expect(0);
    world.run(&["sync"]).expect(0);
    world.run(&["resync", "unit:3", "--relink"]).expect(0);
    assert_eq!(item(&world, "unit:3"), before, "no second item stands beside it");
    world.run(&["sync"]).expect(0);
    assert_eq!(world.run(&["sync", "--json"]).expect(0).json()["monday_calls"], 0);
}

#[test]
fn those_that_name_a_relinked_parent_are_connected_to_its_item_again() {
    let world = World::tidy(30);
    world.run(&["sync"]).expect(0);
    let building = item(&world, "building:1");
    let query =
        format!("SELECT e.key FROM sent s JOIN entities e ON e.id = s.entity WHERE s.columns LIKE '%[{building}]%'");
    let connected = || world.query(&query).len();
    let before = connected();
    assert!(before > 0);
    world.run(&["unlink", "building:1"]).expect(0);
    world.run(&["sync"]).expect(0);
    assert_eq!(connected(), 0);
    world.run(&["resync", "building:1", "--relink"]).expect(0);
    world.run(&["sync"]).expect(0);
    assert_eq!(connected(), before);
}

#[test]
fn a_resync_that_finds_the_calls_used_up_leaves_the_rest_to_the_next_run() {
    let world = World::tidy(5);
    world.run(&["sync"]).expect(0);
    let basics = world.basics().replace("[network]", "daily_calls = 1\n[network]");
    world.write("config.toml", &format!("{basics}{}", standard_configuration(&world.boards)));
    let document = world.run(&["resync", "unit:2", "--json"]).expect(7).json();
    assert_eq!(
        (&document["outcome"], &document["push"]["unit"]["failed"]),
        (&json!("budget"), &json!(0)),
        "{document}"
    );
    assert_eq!(states(&document), json!([{"entity": "unit:2", "state": "pending"}]));
    assert_eq!(document["push"]["unit"]["deferred"], 1, "{document}");
    let quiet = world.run(&["resync", "unit:2", "-q"]).expect(7);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
}

#[test]
fn a_kind_that_gives_an_entity_is_available_again() {
    let world = World::tidy(5);
    world.run(&["sync"]).expect(0);
    // As a version left it that took every refusal for a module that is not there.
    let store = rusqlite::Connection::open(world.store()).expect("a store");
    store.execute("UPDATE kinds SET unavailable = '{\"Foreign\":\"403\"}' WHERE kind = 'tenant'", []).expect("changed");
    let unavailable = || world.query("SELECT kind FROM kinds WHERE unavailable IS NOT NULL");
    assert_eq!(unavailable(), ["tenant"]);
    world.sandbox.hapi().update("Tenants", 1, "FirstName", json!("Guylaine"));
    let document = world.run(&["resync", "tenant:1", "--json"]).expect(0).json();
    assert_eq!(states(&document), json!([{"entity": "tenant:1", "state": "synced"}]));
    assert!(unavailable().is_empty());
}

#[test]
fn what_has_to_be_sent_besides_is_reported_and_left_to_the_next_push() {
    let world = World::tidy(30);
    world.run(&["sync"]).expect(0);
    let quiet = world.run(&["resync", "building:5", "--json"]).expect(0).json();
    assert_eq!((&quiet["also_due"], &quiet["notes"]), (&json!(0), &json!([])), "{quiet}");
    world.sandbox.hapi().update("Buildings", 5, "CivicNoAndStreet", json!("1 rue du Nouveau-Nom"));
    let document = world.run(&["resync", "building:5", "--json"]).expect(0).json();
    assert_eq!(states(&document), json!([{"entity": "building:5", "state": "synced"}]));
    let due = document["also_due"].as_u64().expect("a number");
    let pending = world.query("SELECT CAST(count(*) AS TEXT) FROM entities WHERE due = 1");
    assert!(due > 1 && pending == [due.to_string()], "{document} {pending:?}");
    let note = format!("{due} other entities show something of these and are due now: hopem-sync push");
    assert_eq!(document["notes"], json!([note]));
    world.run(&["push"]).expect(0);
    assert_eq!(world.query("SELECT CAST(count(*) AS TEXT) FROM entities WHERE due = 1"), ["0"]);
}

#[test]
fn columns_that_were_sent_again_as_they_were_are_counted_and_not_listed() {
    let world = World::tidy(5);
    world.run(&["sync"]).expect(0);
    world.sandbox.hapi().update("Units", 2, "Rent", json!(1_234.5));
    let run = world.run(&["resync", "unit:2", "--json"]).expect(0).json();
    let again = run["run"].to_string();
    let reported = world.run(&["runs", &again, "--changes"]).expect(0).stdout;
    let line = reported.lines().find(|line| line.starts_with("update\tunit:2\t")).expect("the change");
    assert!(line.contains("→ 1234.5, ") && line.ends_with(" columns sent again as before"), "{line}");
    assert_eq!(line.matches('→').count(), 1, "{line}");
    let story = world.run(&["status", "unit:2", "--lang", "fr"]).expect(0).stdout;
    assert!(story.contains(&format!("(exécution {again})")) && story.contains("renvoyées telles quelles"), "{story}");
    // Programs get every column.
    let columns = world.run(&["runs", &again, "--changes", "--json"]).expect(0).json()["changes"][0]["columns"].clone();
    assert!(columns.as_object().is_some_and(|columns| columns.len() > 5), "{columns}");
}

#[test]
fn a_resync_of_nothing_does_not_claim_to_have_synced() {
    let world = World::tidy(2);
    world.run(&["sync"]).expect(0);
    for (arguments, said) in [
        (&["resync", "--state", "error", "--lang", "en"][..], "Nothing to resync\n"),
        (&["resync", "--state", "error", "--lang", "fr"], "Rien à resynchroniser\n"),
        (&["resync", "-"], "Nothing to resync\n"),
    ] {
        let done = world.run(arguments).expect(0);
        assert!(done.stdout.contains(said) && !done.stdout.contains("Synced in"), "{done:?}");
    }
    assert!(world.run(&["resync", "unit:1"]).expect(0).stdout.contains("Synced in"));
}
