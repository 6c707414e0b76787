//! What is shown to people: columns by their titles, causes instead of texts, what became of what is gone, who is at work.

use crate::support::World;
use hopem_sandbox::monday::standard_configuration;
use serde_json::{Value, json};
use std::fs;

/// Tenants 1 to 3 have telephone numbers that are none.
fn with_bad_numbers() -> World {
    let world = World::tidy(10);
    for (tenant, number) in [(1, "voir dossier"), (2, "418-555-01"), (3, "aucun")] {
        world.sandbox.hapi().update("Tenants", tenant, "CellPhone", json!(number));
    }
    world
}

#[test]
fn columns_are_called_by_their_titles_and_errors_name_what_hopem_calls_it() {
    let world = with_bad_numbers();
    let ended = world.run(&["sync", "--json"]).expect(3).json();
    let failure = &ended["failures"][0];
    assert_eq!((&failure["column"], &failure["column_title"]), (&json!("phone_cell"), &json!("Cellulaire")));
    for (lang, reported) in [
        ("en", "column \"Cellulaire\" (`CellPhone` in Hopem): `voir dossier`"),
        ("fr", "colonne «\u{a0}Cellulaire\u{a0}» (`CellPhone` dans Hopem)\u{a0}: `voir dossier`"),
    ] {
        for arguments in [&["status", "--state", "error"][..], &["status", "tenant:1"], &["runs", "1"]] {
            let shown = world.run(&[arguments, &["--lang", lang]].concat()).expect(0).stdout;
            assert!(shown.contains(reported) && !shown.contains("phone_cell"), "{arguments:?}: {shown}");
        }
        let more = world.run(&["status", "tenant:1", "-v", "--lang", lang]).expect(0).stdout;
        assert!(more.contains("(`phone_cell`)"), "{more}");
    }
    let explained = world.run(&["explain", "tenant:1", "cellulaire", "--json"]).expect(0).json();
    let column = &explained["columns"][0];
    assert_eq!((&column["column"], &column["title"]), (&json!("phone_cell"), &json!("Cellulaire")));
    let nobody = world.run(&["explain", "tenant:1", "Loyer"]).expect(2);
    assert!(nobody.stderr.contains("Cellulaire (phone_cell)"), "{nobody:?}");
}

#[test]
fn a_column_is_resynced_by_its_title() {
    let world = World::tidy(5);
    world.run(&["sync"]).expect(0);
    let resynced = world.run(&["resync", "unit:1", "--column", "LOYER", "--json"]).expect(0).json();
    let run = resynced["run"].to_string();
    let done = world.run(&["runs", &run, "--changes", "--json"]).expect(0).json();
    let sent: Vec<&String> = done["changes"][0]["columns"].as_object().expect("columns").keys().collect();
    assert_eq!(sent, ["numbers_rent"], "{done}");
    world.run(&["resync", "unit:1", "--column", "Cellulaire"]).expect(2);
}

#[test]
fn failures_are_reported_by_their_cause_and_the_advice_once() {
    let world = with_bad_numbers();
    let ended = world.run(&["sync"]).expect(3);
    assert!(ended.stdout.contains("tenant:1 and 2 others"), "{ended:?}");
    assert_eq!(ended.stdout.matches("correct it in Hopem").count(), 1, "{ended:?}");
    let planned = world.run(&["push", "tenant:1", "-n"]).expect(0);
    assert!(!planned.stdout.contains("status --state error"), "a plan has failed nobody: {planned:?}");
}

#[test]
fn a_connection_that_leads_elsewhere_is_found_before_anything_is_sent() {
    let world = World::tidy(10);
    let standard = standard_configuration(&world.boards);
    world.configure(&standard.replace("link_unit = { relation = \"unit\" }", ""));
    world.run(&["sync"]).expect(0);
    // The column `link_building` leads to the board of the buildings.
    let wrong = standard.replace("link_unit = { relation = \"unit\" }", "").replace(
        "link_building = { relation = \"building\" }\ntext_comment",
        "link_building = { relation = \"unit\" }\ntext_comment",
    );
    assert_ne!(wrong, standard);
    world.configure(&wrong);
    world.sandbox.monday().reset_calls();
    let ended = world.run(&["push", "tenant", "--json"]).expect(3).json();
    let failures = ended["failures"].as_array().expect("failures");
    assert!(failures.len() > 2 && failures.iter().all(|one| one["cause"] == "connection-elsewhere"), "{ended}");
    assert_eq!(world.sandbox.monday().mutation_calls(), 0, "{ended}");
    let ids: Vec<String> = world.boards.iter().map(|board| board.board_id.clone()).collect();
    let text = failures[0]["error"].as_str().expect("a text");
    assert!(ids.iter().filter(|id| text.contains(id.as_str())).count() == 2, "both boards: {text}");
    let reported = world.run(&["runs", &ended["run"].to_string()]).expect(0).stdout;
    assert_eq!(reported.matches("connect it to that board").count(), 1, "{reported}");
    world.configure(&standard);
    world.run(&["push"]).expect(0);
}

#[test]
fn what_is_gone_from_hopem_says_what_became_of_its_item() {
    let world = World::tidy(10);
    world.run(&["sync"]).expect(0);
    let before = world.run(&["status", "unit:3", "--json"]).expect(0).json();
    let (item, url) = (before["entities"][0]["item_id"].clone(), before["entities"][0]["item_url"].clone());
    world.sandbox.hapi().remove("Units", 3);
    world.run(&["pull"]).expect(0);
    let waiting = world.run(&["status", "--json"]).expect(0).json();
    let units = waiting["kinds"].as_array().expect("kinds").iter().find(|kind| kind["kind"] == "unit");
    assert_eq!(units.expect("units")["leaving"], 1);
    let shown = world.on_terminal(&["status", "--lang", "fr"]).stdout;
    assert!(shown.contains("1 élément attend d’être retiré du tableau\u{a0}: hopem-sync push"), "{shown}");
    let story = world.run(&["status", "unit:3"]).expect(0).stdout;
    assert!(story.contains("deleted in Hopem since 2") && story.contains("waits to be taken off"), "{story}");
    world.run(&["push"]).expect(0);
    let after = world.run(&["status", "unit:3", "--json"]).expect(0).json();
    let entity = &after["entities"][0];
    assert_eq!((&entity["former_item_id"], &entity["item_url"]), (&item, &url));
    assert_eq!(entity["item_id"], Value::Null);
    assert!(entity["why"].as_str().is_some_and(|why| why.contains("was taken off the board")), "{entity}");
    let refused = world.run(&["resync", "unit:3"]).expect(2);
    assert!(refused.stderr.contains("unit:3 is deleted in Hopem since 2"), "{refused:?}");
}

#[test]
fn a_run_that_died_is_not_under_way_because_another_is() {
    let world = World::units(1..=2);
    world.run(&["pull"]).expect(0);
    let store = rusqlite::Connection::open(world.store()).expect("the store");
    for at in ["2026-11-20T14:00:02.000Z", "2026-11-20T15:00:02.000Z"] {
        store.execute("INSERT INTO runs (command, started_at) VALUES ('sync', ?1)", [at]).expect("a run");
    }
    let dead = store.last_insert_rowid() - 1;
    drop(store);
    let lock = fs::OpenOptions::new().write(true).open(world.path("data/store.db.lock")).expect("the lock file");
    lock.lock().expect("the lock");
    let held = json!({"pid": 4312, "command": "sync", "since": "2026-11-20T15:00:02Z"});
    fs::write(world.path("data/store.db.lock"), held.to_string()).expect("who holds it");
    let runs = world.run(&["runs", "--json"]).expect(0).json();
    assert_eq!((&runs["runs"][0]["outcome"], &runs["runs"][1]["outcome"]), (&json!("running"), &json!("interrupted")));
    assert_eq!((&runs["runs"][0]["exit_code"], &runs["runs"][1]["exit_code"]), (&Value::Null, &json!(137)));
    let one = world.run(&["runs", &dead.to_string(), "--json"]).expect(0).json();
    assert_eq!(one["outcome"], "interrupted");
    let status = world.run(&["status"]).expect(0).stdout;
    assert!(status.contains("a run is under way: sync since 2026-11-20 15:00"), "{status}");
    assert_eq!(world.run(&["status", "--json"]).expect(0).json()["running"]["pid"], 4312);
    let waited = world.run(&["pull", "--wait", "1s", "--lang", "fr"]).expect(4);
    let reported = "attente d’au plus 1 s de la fin d’une autre exécution (pid 4312, `sync` depuis";
    assert!(waited.stderr.starts_with(reported), "{waited:?}");
}

#[test]
fn no_screen_shows_colours_as_letters() {
    let mut world = with_bad_numbers();
    world.run(&["sync"]).expect(3);
    world.sandbox.hapi().switch_off("Units");
    world.run(&["pull"]).expect(3);
    world.hapi_is_down();
    world.run(&["pull"]).expect(1);
    world.environment.insert("TERM".to_owned(), "xterm".to_owned());
    for arguments in [
        &["status"][..],
        &["status", "--state", "error"],
        &["status", "tenant"],
        &["status", "tenant:1"],
        &["explain", "tenant:1"],
        &["runs"],
        &["runs", "1", "--changes"],
        &["show-json", "tenant:1"],
        &["config", "show", "--origin"],
    ] {
        for lang in ["en", "fr"] {
            let shown = world.on_terminal(&[arguments, &["--color", "always", "--lang", lang]].concat());
            assert!(!shown.stdout.contains('\u{fffd}'), "{arguments:?}: {}", shown.stdout);
        }
    }
    assert!(world.on_terminal(&["status"]).stdout.contains("\u{1b}["), "there was colour");
}

#[test]
fn a_plan_that_could_not_be_made_whole_says_so() {
    let world = World::tidy(5);
    world.run(&["pull"]).expect(0);
    let mut command = world.command(&["push", "-n"]);
    command.env("HOPEM_SYNC_MONDAY_URL", "http://127.0.0.1:1/v2");
    let planned = crate::support::output(command).expect(1);
    assert!(planned.stdout.contains("The plan is not whole") && !planned.stdout.contains("to create"), "{planned:?}");
}

#[test]
fn long_lists_have_a_total_and_an_end() {
    let world = World::tidy(10);
    world.run(&["sync"]).expect(0);
    let all = world.run(&["status", "tenant", "--json"]).expect(0).json()["entities"].as_array().map_or(0, Vec::len);
    let shown = world.on_terminal(&["status", "tenant"]).stdout;
    assert!(shown.ends_with(&format!("{all} entities\n")), "{shown}");
    let few = world.on_terminal(&["status", "tenant", "--limit", "2", "--lang", "fr"]).stdout;
    assert_eq!(few.lines().count(), 3, "{few}");
    assert!(few.ends_with(&format!("2 entités sur {all} (--limit)\n")), "{few}");
    assert_eq!(world.run(&["status", "tenant", "--limit", "2"]).expect(0).stdout.lines().count(), 2);
}

#[test]
fn a_spreadsheet_gets_titles_and_its_mark() {
    let world = World::tidy(5);
    world.run(&["sync"]).expect(0);
    let arguments = ["export", "tenant", "--mapped", "--format", "csv", "--titles", "--bom"];
    let rows = world.run(&arguments).expect(0).stdout;
    let header = rows.lines().next().expect("a header");
    assert!(header.starts_with("\u{feff}entity,name,state,Clé Hopem,"), "{header}");
    assert!(header.contains(",Cellulaire,"), "{header}");
    let plain = world.run(&arguments[..5]).expect(0).stdout;
    assert!(plain.starts_with("entity,name,state,text_key,"), "{plain}");
    assert_eq!(rows.lines().skip(1).collect::<Vec<_>>(), plain.lines().skip(1).collect::<Vec<_>>());
}

#[test]
fn help_says_which_kinds_there_are_and_explains_codes_and_environment() {
    let world = World::bare();
    for command in ["status", "pull", "resync", "export"] {
        let help = world.run(&[command, "--help"]).expect(0).stdout;
        assert!(help.contains("parking-lease") && help.contains("baux stationnement"), "{help}");
    }
    assert!(world.run(&["help", "exit-codes"]).expect(0).stdout.contains("4  another run holds the lock"));
    assert!(world.run(&["help", "environment"]).expect(0).stdout.contains("HOPEM_SYNC_<SECTION>_<KEY>"));
}

#[test]
fn a_file_that_cannot_be_written_says_what_to_name_instead() {
    let world = World::tidy(2);
    world.run(&["sync"]).expect(0);
    let file = world.path("nowhere").join("page.html").display().to_string();
    for arguments in [["status", "--html"], ["status", "--metrics"]] {
        let reported = world.run(&[arguments[0], arguments[1], &file]).expect(1).stderr;
        assert!(reported.contains(&file) && reported.contains("name a file in a folder that is there"), "{reported}");
    }
}
