//! `status`: the table, lists, stories, and what monitors read.

use crate::support::{World, mode};
use hopem_sandbox::monday::standard_configuration;
use serde_json::{Value, json};

/// The entry of a kind in `status --json`.
fn kind(world: &World, name: &str) -> Value {
    let document = world.run(&["status", "--json"]).expect(0).json();
    let kinds = document["kinds"].as_array().expect("kinds").clone();
    kinds.into_iter().find(|kind| kind["kind"] == name).expect("the kind")
}

/// The names of the entities in a list.
fn names(world: &World, arguments: &[&str]) -> Vec<String> {
    let document = world.run(&[arguments, &["--json"]].concat()).expect(0).json();
    let entities = document["entities"].as_array().expect("entities").clone();
    entities.iter().filter_map(|entity| entity["entity"].as_str().map(str::to_owned)).collect()
}

#[test]
fn before_the_first_run_there_is_a_table_and_no_store() {
    let world = World::bare();
    let output = world.run(&["status"]).expect(0);
    assert!(output.stdout.starts_with("hopem-sync · no run yet\nKind\tTotal\t● synced"), "{output:?}");
    let document = world.run(&["status", "--json"]).expect(0).json();
    assert_eq!((&document["last_run"], &document["daily_calls"]), (&Value::Null, &json!(500)));
    assert!(!world.store().exists());
}

#[test]
fn every_entity_is_in_one_state_and_total_is_their_sum() {
    let world = World::tidy(10);
    world.run(&["pull"]).expect(0);
    let before = kind(&world, "unit");
    assert_eq!((&before["pending"], &before["linked"]), (&before["total"], &json!(0)));
    assert!(before["last_push"].is_null() && before["last_pull"].is_string());
    world.run(&["push"]).expect(0);
    world.run(&["pause", "unit:1"]).expect(0);
    world.run(&["unlink", "unit:2"]).expect(0);
    world.sandbox.hapi().update("Units", 3, "Rent", json!(1));
    world.sandbox.hapi().remove("Units", 4);
    world.run(&["pull"]).expect(0);
    let unit = kind(&world, "unit");
    let count = |state: &str| unit[state].as_u64().expect("a number");
    assert_eq!((count("paused"), count("unlinked"), count("pending"), count("off")), (1, 1, 1, 0), "{unit}");
    assert_eq!(count("total"), before["total"].as_u64().expect("a number") - 1);
    assert_eq!(count("synced") + 3, count("total"));
    assert_eq!(names(&world, &["status", "unit", "--state", "pending"]), ["unit:3"]);
    assert_eq!(names(&world, &["status", "unit", "--state", "deleted"]), ["unit:4"]);
    assert!(!names(&world, &["status", "unit"]).contains(&"unit:4".to_owned()));
    let sorted = |order: &str| names(&world, &["status", "unit", "--sort", order, "--limit", "5"]);
    assert_eq!(sorted("key"), ["unit:1", "unit:2", "unit:3", "unit:5", "unit:6"]);
    assert_eq!(sorted("state")[..3], ["unit:3", "unit:1", "unit:2"]);
    let refused = world.run(&["status", "--sort", "size"]).expect(2);
    assert!(refused.stderr.contains("name, key, state, pulled, pushed"), "{refused:?}");
}

#[test]
fn a_kind_without_a_board_is_off() {
    let world = World::units(1..=3);
    world.run(&["sync"]).expect(0);
    let unit = kind(&world, "unit");
    assert_eq!((&unit["off"], &unit["board"], &unit["total"]), (&json!(3), &Value::Null, &json!(3)));
    assert!(world.run(&["status"]).stdout.contains("\t– off\n"));
}

#[test]
fn a_failure_is_red_with_its_reason_and_what_to_do() {
    let world = World::tidy(5);
    world.sandbox.hapi().update("Tenants", 1, "CellPhone", json!("voir dossier\u{1b}[31m"));
    let output = world.run(&["sync"]).expect(3);
    assert!(output.stdout.contains("1 entity failed: hopem-sync status --state error"), "{output:?}");
    let quiet = world.run(&["sync", "-q"]).expect(0);
    assert_eq!(quiet.stderr, "", "nothing was tried, nothing failed");
    let document = world.run(&["status", "--state", "error", "--json"]).expect(0).json();
    let tenant = &document["entities"][0];
    assert_eq!((&tenant["entity"], &tenant["state"]), (&json!("tenant:1"), &json!("error")));
    assert!(tenant["error"].as_str().is_some_and(|error| error.contains("is no valid phone number")), "{tenant}");
    assert!(tenant["hint"].is_string());
    let french = world.run(&["status", "--state", "error", "--lang", "fr"]).expect(0);
    assert!(french.stdout.starts_with("● erreur\ttenant:1\t"), "{french:?}");
    assert!(french.stdout.contains("n’est pas un numéro de téléphone valide"), "{french:?}");
    assert!(!french.stdout.contains('\u{1b}'), "text from outside is made harmless");
    let story = world.run(&["status", "tenant:1"]).expect(0);
    assert!(story.stdout.starts_with("● error\ttenant:1\t"), "{story:?}");
    assert!(story.stdout.contains("\nto do\tcorrect it in Hopem"), "{story:?}");
}

#[test]
fn a_search_finds_names_codes_and_keys_without_regard_to_accents() {
    let world = World::tidy(10);
    world.sandbox.hapi().update("Tenants", 1, "LastName", json!("Lévesque-Côté"));
    world.run(&["pull"]).expect(0);
    assert_eq!(names(&world, &["status", "--search", "levesque-cote"]), ["tenant:1"]);
    assert_eq!(names(&world, &["status", "tenant", "--search", "LÉVESQUE-C"]), ["tenant:1"]);
    assert!(names(&world, &["status", "--search", "unit:1"]).contains(&"unit:1".to_owned()));
    assert!(names(&world, &["status", "building", "--search", "levesque-cote"]).is_empty());
}

#[test]
fn an_entitys_story_names_its_parents_its_item_and_its_changes() {
    let world = World::tidy(10);
    world.run(&["sync"]).expect(0);
    let document = world.run(&["status", "tenant:1", "--json"]).expect(0).json();
    let tenant = &document["entities"][0];
    assert_eq!(document["entities"].as_array().map(Vec::len), Some(1));
    for parent in ["building", "unit"] {
        let relation = &tenant["relations"][parent];
        assert_eq!(relation["state"], "synced", "{tenant}");
        assert!(relation["item_id"].is_string() && relation["entity"].is_string());
    }
    assert_eq!((&tenant["changes"][0]["action"], &tenant["changes"][0]["run"]), (&json!("create"), &json!(1)));
    assert_eq!((&tenant["events"], &tenant["paused"], &tenant["error"]), (&json!([]), &Value::Null, &Value::Null));
    let item = tenant["item_id"].as_str().expect("an item");
    let human = world.run(&["status", "tenant:1"]).expect(0);
    assert!(human.stdout.contains(&format!("\nitem\t{item} on board \"Locataires\" (")), "{human:?}");
    world.run(&["status", "tenant:nobody"]).expect(2);
    world.run(&["status", "tenant:nobody", "tenant:1"]).expect(3);
}

#[test]
fn the_table_speaks_french_where_the_configuration_or_the_locale_does() {
    let mut world = World::tidy(5);
    world.run(&["sync"]).expect(0);
    world.environment.insert("LC_ALL".to_owned(), "fr_CA.UTF-8".to_owned());
    let output = world.run(&["status"]).expect(0);
    assert!(output.stdout.contains("Type\tTotal\t● à jour\t● attente\t● erreur\t‖ pause\t○ dissocié\n"), "{output:?}");
    assert!(output.stdout.contains("\nUnités\t"), "{output:?}");
    assert!(output.stdout.contains(" appels sur 500 aujourd’hui\n"), "{output:?}");
    let english = world.run(&["status", "--lang", "en"]).expect(0);
    assert!(english.stdout.contains("\nUnits\t"), "{english:?}");
}

#[test]
fn a_list_that_holds_nothing_says_so_beside_it() {
    let world = World::tidy(5);
    let none = world.run(&["status", "unit"]).expect(0);
    assert_eq!((none.stdout.as_str(), none.stderr.as_str()), ("", "no entity fits\n"));
    let quiet = world.run(&["status", "--state", "error", "-q"]).expect(0);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    assert_eq!(world.run(&["status", "unit", "--json"]).expect(0).stderr, "");
    // On a terminal, where both streams are shown, it is said once.
    let shown = world.on_terminal(&["status", "unit", "--lang", "fr"]).expect(0);
    assert_eq!((shown.stdout.as_str(), shown.stderr.as_str()), ("rien trouvé\n", ""));
}

#[test]
fn an_entitys_story_says_why_it_is_in_its_state() {
    let world = World::tidy(5);
    world.run(&["sync"]).expect(0);
    world.run(&["unlink", "unit:1"]).expect(0);
    world.sandbox.hapi().update("Units", 2, "Rent", json!(4321));
    world.sandbox.hapi().remove("Tenants", 1);
    world.run(&["pull"]).expect(0);
    let reported = |entity: &str| {
        let story = world.run(&["status", entity, "--json"]).expect(0).json()["entities"][0].clone();
        (story["state"].clone(), story["why"].as_str().unwrap_or_default().to_owned())
    };
    let unlinked = world.run(&["status", "unit:1"]).expect(0).stdout;
    assert!(
        unlinked.contains("why\tunit:1 is unlinked: it is not pushed\nto do\thopem-sync resync --relink"),
        "{unlinked}"
    );
    assert_eq!(reported("unit:2"), (json!("pending"), "the next push sends what has changed".to_owned()));
    assert!(reported("tenant:1").1.starts_with("deleted in Hopem since"), "{:?}", reported("tenant:1"));
    assert_eq!(reported("unit:3"), (json!("synced"), String::new()));
    let basics = world.basics();
    let configuration =
        standard_configuration(&world.boards).replace("[entities.parking]\n", "[entities.parking]\npush = false\n");
    world.write("config.toml", &format!("{basics}{configuration}"));
    assert_eq!(reported("parking:1"), (json!("off"), "`[entities.parking] push` is false".to_owned()));
}

#[test]
fn a_monitor_gets_one_line_and_its_own_exit_codes() {
    let world = World::tidy(5);
    let unknown = world.run(&["status", "--check"]).expect(3);
    assert_eq!(unknown.stdout, "HOPEM-SYNC UNKNOWN - no run has ended well yet\n");
    world.run(&["sync"]).expect(0);
    let good = world.run(&["status", "--check"]).expect(0);
    assert!(good.stdout.starts_with("HOPEM-SYNC OK - ") && good.stdout.contains(" | age="), "{good:?}");
    assert_eq!(good.stdout.lines().count(), 1);
    let document = world.run(&["status", "--check", "--json"]).expect(0).json();
    assert_eq!((&document["check"]["exit_code"], &document["check"]["errors"]), (&json!(0), &json!(0)), "{document}");
    assert!(document["check"]["message"].as_str().is_some_and(|text| text.starts_with("HOPEM-SYNC OK - ")));
    world.sandbox.hapi().update("Tenants", 1, "CellPhone", json!("voir dossier"));
    world.run(&["sync"]).expect(3);
    assert!(world.run(&["status", "--check"]).expect(1).stdout.starts_with("HOPEM-SYNC WARNING - "));
    world.run(&["status", "--check", "--max-errors", "5"]).expect(0);
    world.run(&["status", "--check", "--max-errors", "0,0"]).expect(2);
    world.run(&["resync", "unit", "--later"]).expect(0);
    world.run(&["status", "--check", "--max-errors", "5", "--max-pending", "1,2"]).expect(2);
    let bad = world.run(&["status", "--check", "--max-age", "soon"]).expect(3);
    assert!(bad.stdout.starts_with("HOPEM-SYNC UNKNOWN - "), "{bad:?}");
    world.write("config.toml", "[hapy]\n");
    let broken = world.run(&["status", "--check"]).expect(3);
    assert!(broken.stdout.starts_with("HOPEM-SYNC UNKNOWN - ") && broken.stdout.lines().count() == 1, "{broken:?}");
    for arguments in [&["status", "--check", "--json"][..], &["status", "--check", "--json", "--max-age", "soon"]] {
        let document = world.run(arguments).expect(3).json();
        assert_eq!(document["error"]["exit_code"], 3, "{document}");
    }
}

#[test]
fn the_figures_for_prometheus_are_readable_by_its_collector() {
    let world = World::tidy(5);
    world.run(&["sync"]).expect(0);
    let file = world.path("hopem_sync.prom");
    let output = world.run(&["status", "--metrics", &file.display().to_string()]).expect(0);
    assert_eq!((output.stdout.as_str(), mode(&file)), ("", 0o644));
    let text = std::fs::read_to_string(&file).expect("the figures");
    assert!(text.contains("hopem_sync_entities{kind=\"unit\",state=\"synced\"} "), "{text}");
    assert!(text.contains("\nhopem_sync_last_run_exit_code 0\n"), "{text}");
    world.run(&["status", "--metrics", "/nowhere/at/all.prom"]).expect(1);
    let printed = world.run(&["status", "--metrics", "-"]).expect(0);
    assert!(printed.stdout.starts_with("# HELP hopem_sync_entities "), "{printed:?}");
    let refused = world.run(&["status", "--metrics", "-", "--json"]).expect(2).json();
    assert_eq!(refused["error"]["exit_code"], 2);
    let both = world.run(&["status", "--metrics", &file.display().to_string(), "--json"]).expect(0);
    assert!(both.json()["kinds"].is_array());
}

#[test]
fn figures_go_into_a_pipe_and_through_a_link_and_replace_neither() {
    let world = World::tidy(5);
    let own = world.path("stdout");
    std::os::unix::fs::symlink("/proc/self/fd/1", &own).expect("a link");
    let piped = world.run(&["status", "--metrics", &own.display().to_string()]).expect(0);
    assert!(piped.stdout.starts_with("# HELP hopem_sync_entities "), "{piped:?}");
    assert!(own.is_symlink());
    let (link, file) = (world.path("link.prom"), world.path("file.prom"));
    world.write("file.prom", "");
    std::os::unix::fs::symlink(&file, &link).expect("a link");
    world.run(&["status", "--metrics", &link.display().to_string()]).expect(0);
    assert!(link.is_symlink() && std::fs::read_to_string(&file).is_ok_and(|text| text.contains("hopem_sync_")));
}

#[test]
fn a_search_looks_into_keys_names_and_records_without_regard_to_case_and_accents() {
    let world = World::units(1..=3);
    world.configure("[entities.unit]\nselect = \"all\"\nname = \"Logement {UnitCode}\"\n");
    world.sandbox.hapi().update("Units", 2, "Comment", json!("  Refait par Éloïse Lévesque\\n(2019) "));
    world.run(&["pull"]).expect(0);
    let found = |arguments: &[&str]| -> Vec<String> {
        let document = world.run(&[&["status", "--json"], arguments].concat()).expect(0).json();
        let entities = document["entities"].as_array().expect("entities").clone();
        entities.iter().filter_map(|entity| entity["entity"].as_str().map(str::to_owned)).collect()
    };
    assert_eq!(found(&["--search", "ÉLOISE lev"]), ["unit:2"]);
    assert_eq!(found(&["--search", "logement 3"]), ["unit:3"]);
    assert_eq!(found(&["--search", "unit:1"]), ["unit:1"]);
    assert_eq!(found(&["--search", "950"]), [""; 0], "numbers are found by key only");
    assert_eq!(found(&["unit:1", "unit:2", "--search", "b1"]), ["unit:1", "unit:2"]);
    assert_eq!(found(&["tenant", "--search", "b1"]), [""; 0]);
    // What changes is found as it is now.
    world.sandbox.hapi().update("Units", 2, "Comment", json!("vide"));
    world.sandbox.hapi().remove("Units", 3);
    world.run(&["pull"]).expect(0);
    assert_eq!(found(&["--search", "eloise"]), [""; 0]);
    assert_eq!(found(&["--search", "logement"]), ["unit:1", "unit:2"]);
    assert_eq!(found(&["--search", "logement", "--state", "deleted"]), ["unit:3"]);
    // An entity that is gone is still shown when it is named.
    assert_eq!(found(&["unit:3", "unit:1"]), ["unit:3", "unit:1"]);
}

#[test]
fn an_item_that_monday_does_not_let_go_is_reported_until_it_is_gone() {
    let world = World::tidy(5);
    world.run(&["sync"]).expect(0);
    let item = world.query("SELECT item_id FROM entities WHERE kind = 'unit' AND key = '3'").remove(0);
    world.sandbox.hapi().remove("Units", 3);
    // That something else is taken shows that it is not the whole board.
    world.sandbox.hapi().update("Units", 1, "Rent", json!(1234));
    world.sandbox.monday().refuse_next("archive_item", "UserUnauthorizedException", u32::MAX);
    world.run(&["sync"]).expect(3);
    assert_eq!((&kind(&world, "unit")["stuck"], &kind(&world, "unit")["error"]), (&json!(1), &json!(0)));
    let check = world.run(&["status", "--check"]).expect(1).stdout;
    assert!(check.contains(", 1 in error (1 of them gone from Hopem, but not from the board), 0 pending"), "{check}");
    let table = world.on_terminal(&["status"]).stdout;
    assert!(table.contains("1 entity is gone from Hopem, but not from the board"), "{table}");
    let deleted = world.run(&["status", "unit", "--state", "deleted", "--json"]).expect(0).json();
    let entry = &deleted["entities"][0];
    assert_eq!((&entry["state"], &entry["entity"]), (&json!("deleted"), &json!("unit:3")));
    assert!(entry["error"].as_str().is_some_and(|error| error.contains("UserUnauthorizedException")), "{entry}");
    let red = world.run(&["status", "--state", "error", "--json"]).expect(0).json();
    assert_eq!(red["entities"], json!([]), "what is deleted is in no other state");
    let story = world.on_terminal(&["status", "unit:3"]).stdout;
    let hint = story.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(hint.contains(&format!("take item {item} away by hand; then hopem-sync resync unit:3")), "{story}");
    // The hint helps, whoever mends it; and asking again is no second delete.
    world.run(&["resync", "unit:3"]).expect(3);
    world.sandbox.monday().clear_refusals();
    let again = world.run(&["resync", "unit:3", "--json"]).expect(0).json();
    assert_eq!((&again["pull"]["unit"]["deleted"], &again["push"]["unit"]["archived"]), (&json!(0), &json!(1)));
    assert_eq!(kind(&world, "unit")["stuck"], 0);
    world.run(&["status", "--check"]).expect(0);
    assert_eq!(world.sandbox.monday().item(&item).expect("the item").state, "archived");
}
