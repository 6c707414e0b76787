//! What support staff do all day: find somebody, pause, resume; and what is shown to them.

use crate::support::World;
use serde_json::{Value, json};

fn world() -> World {
    let mut world = World::tidy(10);
    world.environment.insert("USER".to_owned(), "root".to_owned());
    world.environment.insert("SUDO_USER".to_owned(), "anne".to_owned());
    let hapi = |property: &str, value: Value| world.sandbox.hapi().update("Tenants", 2, property, value);
    hapi("LastName", json!("Nguyễn-Tremblay"));
    hapi("FirstName", json!("José"));
    hapi("CellPhone", json!("(418) 555-0199"));
    world.run(&["sync"]);
    world
}

fn found(world: &World, text: &str) -> Vec<String> {
    let listed = world.run(&["status", "--search", text, "--json"]).expect(0).json();
    let entities = listed["entities"].as_array().expect("a list").iter();
    entities.map(|entity| entity["entity"].as_str().expect("an entity").to_owned()).collect()
}

#[test]
fn a_tenant_is_found_by_whatever_one_has_of_them() {
    let world = world();
    let story = world.run(&["status", "tenant:2", "--json"]).expect(0).json();
    let (item, url) = (&story["entities"][0]["item_id"], &story["entities"][0]["item_url"]);
    for text in [
        "josé NGUYEN",
        "tremblay José",
        "418 555-0199",
        "+1 (418) 555.0199",
        "4185550199",
        "555-0199",
        item.as_str().expect("an item"),
        url.as_str().expect("an address"),
        "tenant:2 jose",
    ] {
        assert_eq!(found(&world, text), ["tenant:2"], "{text}");
    }
    assert_eq!(found(&world, "josé gagnon-nobody"), Vec::<String>::new());
}

#[test]
fn who_writes_a_name_for_a_kind_is_shown_how_to_search() {
    let world = world();
    let refused = world.run(&["status", "Jean Tremblay"]).expect(2);
    assert!(refused.stderr.contains("hopem-sync status --search 'Jean Tremblay'"), "{refused:?}");
    let near = world.run(&["status", "tenent"]).expect(2);
    assert!(near.stderr.contains("did you mean `tenant`?") && !near.stderr.contains("--search"), "{near:?}");
}

#[test]
fn a_pause_keeps_its_reason_and_its_end_unless_they_are_given_anew() {
    let world = world();
    let paused = |arguments: &[&str]| {
        let words = [&["pause", "tenant:2", "--json"][..], arguments].concat();
        let document = world.run(&words).expect(0).json();
        assert_eq!(document["entities"][0]["name"], "Nguyễn-Tremblay José");
        document["entities"][0]["paused"].clone()
    };
    let first = paused(&["--reason", "litige", "--until", "2099-01-05"]);
    assert_eq!((&first["who"], &first["why"]), (&json!("anne"), &json!("litige")));
    assert_eq!(paused(&[]), first, "nothing given, nothing changed");
    let longer = paused(&["--until", "2099-02-01"]);
    assert_eq!((&longer["why"], &longer["since"]), (&first["why"], &first["since"]));
    assert_ne!(longer["until"], first["until"]);
    let other = paused(&["--reason", "décès"]);
    assert_eq!((&other["why"], &other["until"]), (&json!("décès"), &longer["until"]));
    let listed = world.run(&["status", "--state", "paused", "--json"]).expect(0).json();
    assert_eq!(listed["entities"][0]["paused"], other);
    let shown = world.on_terminal(&["status", "--state", "paused", "--lang", "fr"]).stdout;
    assert!(shown.contains("par anne · jusqu’au 2099-02-01 00:00 · décès"), "{shown}");
}

#[test]
fn an_end_may_be_a_length_of_time_or_a_day_of_the_week() {
    let world = world();
    for until in ["3d", "lundi", "Monday", "demain"] {
        let document = world.run(&["pause", "tenant:2", "--until", until, "--json"]).expect(0).json();
        assert!(document["entities"][0]["paused"]["until"].is_string(), "{until}: {document}");
    }
    assert!(world.run(&["pause", "tenant:2", "--until", "noël"]).expect(2).stderr.contains("3d or monday"));
}

#[test]
fn who_resumes_what_was_not_paused_is_informed() {
    let world = world();
    world.run(&["pause", "tenant:2"]).expect(0);
    let resumed = world.run(&["resume", "tenant:2"]).expect(0);
    assert!(resumed.stdout.contains("tenant:2\tNguyễn-Tremblay José") && resumed.stderr.is_empty(), "{resumed:?}");
    let again = world.run(&["resume", "tenant:2"]).expect(0);
    assert!(again.stderr.contains("tenant:2 was not paused"), "{again:?}");
    let kind = world.run(&["resume", "unit", "--lang", "fr"]).expect(0);
    assert!(kind.stdout.contains("n’étaient pas en pause"), "{kind:?}");
}
