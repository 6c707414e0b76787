//! What holds for every command: usage, configuration, lock, store, output; and the small commands.

use crate::support::{World, answering, mode, output, states, unit};
use hopem_sandbox::{Api, Fault, Rule};
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[test]
fn help_says_what_there_is_and_needs_nothing() {
    let bare = output({
        let mut command = Command::new(env!("CARGO_BIN_EXE_hopem-sync"));
        command.env_clear();
        command
    });
    assert_eq!((bare.code, bare.stdout.as_str()), (2, ""));
    assert_eq!(bare.stderr.matches("\n  hopem-sync ").count(), 3, "{}", bare.stderr);
    let world = World::bare();
    let long = world.run(&["--help"]).expect(0);
    assert!(long.stdout.starts_with("Examples:"), "{}", long.stdout);
    assert!(long.stdout.contains("Exit codes:") && !long.stdout.contains('\u{1b}'));
    assert!(world.run(&["sync", "--help"]).expect(0).stdout.contains("--max-duration"));
    assert!(world.run(&["--version"]).expect(0).stdout.starts_with("hopem-sync "));
}

#[test]
fn bad_usage_is_2_and_with_json_one_document() {
    let world = World::bare();
    for (arguments, message) in [
        (vec!["statsu"], "unrecognized subcommand 'statsu'"),
        (vec!["pull", "tenent"], "unknown kind `tenent`; did you mean `tenant`?"),
        (vec!["sync", "--max-duration", "5"], "write a duration such as 90s, 5m or 2h"),
        (vec!["status", "unit:"], "`unit:` has no key after the colon"),
        (vec!["show-json", "unit:1"], "the store has no `unit:1`"),
        (vec!["runs", "9"], "there is no run 9"),
        (vec!["pause", "unit", "--until", "soon"], "`soon` is no date"),
    ] {
        let human = world.run(&arguments).expect(2);
        assert!(human.stderr.contains(message), "{human:?}");
        assert_eq!(human.stdout, "");
        let json = world.run(&[arguments, vec!["--json"]].concat()).expect(2).json();
        assert!(json["error"]["message"].as_str().is_some_and(|text| text.contains(message)), "{json}");
        assert_eq!(json["error"]["exit_code"], 2);
    }
    assert!(!world.store().exists());
}

#[test]
fn an_unknown_key_in_the_configuration_names_its_place_and_the_nearest() {
    let world = World::bare();
    world.configure("[entities.unit]\nborad = 1\n");
    let output = world.run(&["status"]).expect(2);
    assert!(output.stderr.contains("config.toml:16:1: unknown key `borad`; did you mean `board`?"), "{output:?}");
    let french = world.run(&["status", "--lang", "fr"]).expect(2);
    assert!(french.stderr.starts_with("erreur : "), "{french:?}");
}

#[test]
fn a_side_that_is_not_needed_need_not_be_configured() {
    let mut world = World::tidy(5);
    world.environment.remove("HOPEM_SYNC_MONDAY_TOKEN");
    world.run(&["pull"]).expect(0);
    world.run(&["status"]).expect(0);
    let output = world.run(&["push"]).expect(2);
    assert!(output.stderr.contains("the secret `[monday] token` is not set"), "{output:?}");
    assert_eq!(world.run(&["sync"]).code, 2, "nothing is touched where a secret is missing");
    world.configure("");
    world.run(&["sync"]).expect(0);
    world.environment.remove("HOPEM_SYNC_HAPI_PASSWORD");
    world.run(&["push"]).expect(0);
    world.run(&["pull"]).expect(2);
}

#[test]
fn a_held_lock_ends_with_4_and_does_not_block_who_only_looks() {
    let world = World::units(1..=2);
    world.run(&["pull"]).expect(0);
    let lock = fs::OpenOptions::new().write(true).open(world.path("data/store.db.lock")).expect("the lock file");
    lock.lock().expect("the lock");
    let held = json!({"pid": 4312, "command": "sync", "since": "2026-11-20T14:00:02Z"});
    fs::write(world.path("data/store.db.lock"), held.to_string()).expect("who holds it");
    let output = world.run(&["pull"]).expect(4);
    assert_eq!(
        output.stderr,
        "hopem-sync: another run holds the lock (pid 4312, `sync` since 2026-11-20 14:00:02); use --wait 60s to wait for it\n"
    );
    let quiet = world.run(&["sync", "-q"]).expect(4);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    assert_eq!(world.run(&["pull", "--json"]).expect(4).json()["error"]["exit_code"], 4);
    for free in [["status", "unit"], ["pause", "unit:1"], ["show-json", "unit:1"], ["unlink", "unit:2"]] {
        world.run(&free).expect(0);
    }
    let store = rusqlite::Connection::open(world.store()).expect("the store");
    let query = "INSERT INTO runs (command, started_at) VALUES ('sync', '2026-11-20T14:00:02.000Z')";
    store.execute(query, []).expect("a run that is under way");
    let run = store.last_insert_rowid().to_string();
    drop(store);
    let reported = world.run(&["runs", &run]).expect(0).stdout;
    assert!(reported.contains(" · under way\nUnder way since 2026-11-20 14:00\n"), "{reported}");
    assert!(world.run(&["runs"]).expect(0).stdout.contains("\tunder way\n"));
    let began = Instant::now();
    world.run(&["pull", "--wait", "300ms"]).expect(4);
    assert!(began.elapsed() >= Duration::from_millis(300));
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| world.run(&["pull", "--wait", "20s"]));
        std::thread::sleep(Duration::from_millis(200));
        lock.unlock().expect("the lock is free");
        waiting.join().expect("a run").expect(0);
    });
}

#[test]
fn a_store_that_is_newer_foreign_or_damaged_is_left_exactly_as_it_was() {
    let world = World::units(1..=2);
    world.run(&["pull"]).expect(0);
    let change = |pragma: &str| {
        let connection = rusqlite::Connection::open(world.store()).expect("a store");
        connection.execute_batch(&format!("PRAGMA journal_mode = DELETE; {pragma}")).expect("a change");
    };
    let refused = |what: &str| {
        let before = fs::read(world.store()).expect("a file");
        for arguments in [["pull", "-v"], ["status", "-v"], ["pause", "unit"]] {
            let output = world.run(&arguments).expect(8);
            assert!(output.stderr.contains(what), "{output:?}");
        }
        assert_eq!(world.run(&["push", "--json"]).expect(8).json()["error"]["exit_code"], 8);
        assert!(fs::read(world.store()).expect("a file") == before, "{what}: the file has changed");
    };
    change("PRAGMA user_version = 99");
    refused("schema version 99");
    change("PRAGMA user_version = 1; PRAGMA application_id = 7");
    refused("no hopem-sync store");
    fs::write(world.store(), "this is no database, however long one looks at it").expect("a file");
    refused("is damaged");
}

#[test]
fn files_are_private_whatever_the_umask() {
    let world = World::units(1..=2);
    let mut command = Command::new("sh");
    let script = "umask 0; exec \"$0\" pull";
    command.args(["-c", script, env!("CARGO_BIN_EXE_hopem-sync")]).env_clear().envs(&world.environment);
    command.env("HOPEM_SYNC_CONFIG", world.path("config.toml"));
    output(command).expect(0);
    assert_eq!(mode(&world.path("data")), 0o700);
    for file in fs::read_dir(world.path("data")).expect("a folder") {
        let path = file.expect("a file").path();
        assert_eq!(mode(&path), 0o600, "{path:?}");
    }
}

#[test]
fn a_profile_has_its_own_configuration_store_and_lock() {
    let mut world = World::units(1..=2);
    world.configure("");
    let basics = world.basics().replace("path = \"data/store.db\"\n", "");
    world.write("acme.toml", &basics);
    world.environment.insert("XDG_DATA_HOME".to_owned(), world.path("share").display().to_string());
    world.run(&["pull", "--profile", "acme"]).expect(0);
    assert!(world.path("share/hopem-sync/acme.db").exists() && !world.store().exists());
    world.run(&["--profile", "nobody", "pull"]).expect(2);
}

#[test]
fn secrets_are_masked_and_a_readable_secrets_file_is_warned_about_even_when_quiet() {
    let mut world = World::bare();
    let shown = world.run(&["config", "show", "--json"]).expect(0);
    assert_eq!(shown.json()["hapi"]["password"], "***");
    assert!(!shown.stdout.contains("sandbox-password"));
    assert_eq!(shown.json()["network"]["timeout"], "5s");
    let origins = world.run(&["config", "show", "--origin"]).expect(0).stdout;
    assert!(origins.contains("hapi.password = \"***\"\t# HOPEM_SYNC_HAPI_PASSWORD"), "{origins}");
    assert!(origins.contains("hapi.parallel = 4\t# default"), "{origins}");
    world.environment.remove("HOPEM_SYNC_HAPI_PASSWORD");
    world.write("secret", "sandbox-password\n");
    fs::set_permissions(world.path("secret"), std::os::unix::fs::PermissionsExt::from_mode(0o644)).expect("a mode");
    world.environment.insert("HOPEM_SYNC_HAPI_PASSWORD_FILE".to_owned(), world.path("secret").display().to_string());
    let quiet = world.run(&["pull", "-q"]).expect(0);
    assert!(quiet.stderr.starts_with("warning: others can read the secret"), "{quiet:?}");
}

#[test]
fn a_run_that_went_well_is_silent_when_quiet_and_plain_without_a_terminal() {
    let world = World::tidy(5);
    let quiet = world.run(&["sync", "-q"]).expect(0);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    let again = world.run(&["sync"]).expect(0);
    assert!(again.stdout.starts_with("Synced in "), "{again:?}");
    assert!(again.stdout.contains("\npush\t0 created · 0 updated · 0 archived · "), "{again:?}");
    assert!(!again.stdout.contains('\u{1b}') && again.stderr.is_empty(), "{again:?}");
    let french = world.run(&["sync", "--lang", "fr"]).expect(0);
    assert!(french.stdout.starts_with("Synchronisé en 0,"), "{french:?}");
}

#[test]
fn a_sync_pushes_what_is_pending_though_hapi_is_down() {
    let world = World::tidy(5);
    world.run(&["pull"]).expect(0);
    world.hapi_is_down();
    let document = world.run(&["sync", "--json"]).expect(1).json();
    assert_eq!(document["outcome"], "failed");
    assert!(document["push"]["unit"]["created"].as_u64() > Some(0), "{document}");
    let status = world.run(&["status", "--json"]).expect(0).json();
    assert_eq!((&status["last_run"]["outcome"], &status["kinds"][2]["pending"]), (&json!("failed"), &json!(0)));
}

#[test]
fn max_duration_ends_a_sync_with_7_and_the_next_run_goes_on() {
    let world = World::tidy(5);
    world.sandbox.set_latency(Api::Hapi, Duration::from_millis(300));
    let output = world.run(&["sync", "--max-duration", "400ms", "--json"]).expect(7);
    assert_eq!(output.json()["outcome"], "budget");
    let quiet = world.run(&["sync", "--max-duration", "400ms", "-q"]).expect(7);
    let line =
        "hopem-sync: `--max-duration` is over; what is left waits for the next run (exit 7); see: hopem-sync runs 2\n";
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", line), "only a day's calls end in silence");
    world.sandbox.set_latency(Api::Hapi, Duration::ZERO);
    world.run(&["sync", "--max-duration", "10m"]).expect(0);
}

#[test]
fn a_signal_ends_a_run_and_what_was_done_is_recorded() {
    let world = World::units(1..=120);
    world
        .sandbox
        .inject(Rule::always(Api::Hapi, Fault::Delay(Duration::from_secs(1))).containing("/api/Units").after(1));
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let mut command = world.command(&["pull", "unit", "--json"]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
        std::thread::sleep(Duration::from_millis(500));
        let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill runs");
        assert!(sent.success());
        let done = child.wait_with_output().expect("it ends");
        assert_eq!(done.status.code(), Some(code));
        let document: Value = serde_json::from_slice(&done.stdout).expect("one document");
        assert_eq!(document["outcome"], "interrupted");
        assert!(String::from_utf8_lossy(&done.stderr).contains("stopping within two seconds"));
        assert_eq!(world.run(&["runs", "--json"]).json()["runs"][0]["exit_code"], code);
    }
}

#[test]
fn a_reader_that_has_left_is_no_failure() {
    let world = World::units(1..=2);
    world.run(&["pull"]).expect(0);
    for arguments in [&["--help"][..], &["status"], &["show-json", "unit"], &["pull"]] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut command = world.command(arguments);
        let done = command.stdout(writer).stderr(Stdio::piped()).spawn().expect("it runs").wait_with_output();
        let done = done.expect("it ends");
        assert_eq!(done.status.code(), Some(0), "{arguments:?}");
        assert!(!String::from_utf8_lossy(&done.stderr).contains("rror"), "{arguments:?}");
    }
}

#[test]
fn a_pause_holds_for_entities_that_come_later_and_resume_ends_it() {
    let mut world = World::tidy(8);
    world.environment.insert("USER".to_owned(), "anne".to_owned());
    world.run(&["pull"]).expect(0);
    let paused =
        world.run(&["pause", "unité", "--reason", "census", "--until", "2099-01-01", "--json"]).expect(0).json();
    let units = paused["entities"].as_array().expect("entities").len();
    assert!(units >= 8 && paused["skipped"] == 0, "{paused}");
    world.sandbox.hapi().insert("Units", unit(99_001));
    let document = world.run(&["sync", "--json"]).expect(0).json();
    assert_eq!(document["push"]["unit"]["created"], 0, "{document}");
    assert_eq!(document["push"]["unit"]["paused"], units + 1);
    let story = world.run(&["status", "unit:99001", "--json"]).expect(0).json();
    assert_eq!(story["entities"][0]["state"], "paused");
    let pause = &story["entities"][0]["paused"];
    assert_eq!((&pause["who"], &pause["why"]), (&json!("anne"), &json!("census")));
    assert!(pause["until"].as_str().is_some_and(|until| until.starts_with("2099-01-01T00:00:00")), "{pause}");
    let still = world.run(&["resume", "unit:99001"]).expect(3);
    assert!(still.stderr.contains("still paused, since the whole kind is: unit:99001"), "{still:?}");
    let resumed = world.run(&["resume", "unit", "--json"]).expect(0).json();
    assert_eq!(resumed["entities"].as_array().map(Vec::len), Some(units + 1));
    assert_eq!(resumed["entities"][0]["state"], "pending");
    world.run(&["push"]).expect(0);
    assert_eq!(world.run(&["status", "unit:99001", "--json"]).json()["entities"][0]["state"], "synced");
}

#[test]
fn who_paused_an_entity_is_known_without_any_environment() {
    let world = World::tidy(5);
    world.run(&["pull"]).expect(0);
    world.run(&["pause", "unit:1"]).expect(0);
    let who = || world.run(&["status", "unit:1", "--json"]).expect(0).json()["entities"][0]["paused"]["who"].clone();
    assert!(who().as_str().is_some_and(|who| !who.is_empty()), "{}", who());
    let mut command = world.command(&["pause", "unit:1"]);
    command.env("USER", "root").env("SUDO_USER", "marie");
    output(command).expect(0);
    assert_eq!(who(), "marie");
}

#[test]
fn a_kind_leaves_out_what_is_paused_or_unlinked_and_says_how_many() {
    let world = World::tidy(8);
    world.run(&["sync"]).expect(0);
    world.run(&["pause", "unit:1"]).expect(0);
    world.run(&["unlink", "unit:2"]).expect(0);
    let document = world.run(&["resync", "unit", "--later", "--json"]).expect(0).json();
    assert_eq!(document["skipped"], 2);
    let names: Vec<&str> =
        document["entities"].as_array().expect("entities").iter().filter_map(|e| e["entity"].as_str()).collect();
    assert!(!names.contains(&"unit:1") && !names.contains(&"unit:2") && names.contains(&"unit:3"), "{names:?}");
    assert_eq!(document["entities"][0]["state"], "pending");
    let pushed = world.run(&["push", "unit", "--json"]).expect(0).json()["push"]["unit"].clone();
    assert_eq!((&pushed["paused"], &pushed["unlinked"]), (&json!(1), &json!(1)), "{pushed}");
    let screen = world.run(&["push", "unit"]).expect(0).stdout;
    assert!(screen.contains(" unchanged · 1 paused · 1 unlinked\n"), "{screen}");
    let human = world.run(&["unlink", "unit", "--yes"]).expect(0);
    assert!(human.stdout.contains("2 left alone (paused or unlinked)"), "{human:?}");
}

#[test]
fn selectors_that_name_nothing_are_reported_and_the_others_are_done() {
    let world = World::tidy(5);
    world.run(&["sync"]).expect(0);
    let output = world.run(&["pause", "unit:1", "unit:nowhere", "--json"]).expect(3);
    let entities = output.json()["entities"].clone();
    assert_eq!((&entities[0]["entity"], &entities[0]["state"]), (&json!("unit:1"), &json!("paused")));
    assert_eq!(entities.as_array().map(Vec::len), Some(1));
    assert!(output.stderr.contains("the store has no `unit:nowhere`"), "{output:?}");
    world.run(&["pause", "unit:nowhere"]).expect(2);
    let document = world.run(&["push", "unit:3", "tenant:nobody", "--json"]).expect(3).json();
    assert_eq!(document["failures"][0]["entity"], "tenant:nobody");
    world.run(&["push", "unit:nowhere"]).expect(2);
    world.run(&["push", "unit:nowhere", "unit:neither"]).expect(3);
    let mut command = world.command(&["show-json", "-", "-q"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it runs");
    child.stdin.take().expect("stdin").write_all(b"unit:1\n\n unit:3 \n").expect("selectors");
    let done = child.wait_with_output().expect("it ends");
    assert_eq!(serde_json::from_slice::<Value>(&done.stdout).expect("JSON").as_array().map(Vec::len), Some(2));
}

#[test]
fn an_unlinked_entity_is_not_pushed_until_it_is_linked_again() {
    let world = World::tidy(5);
    world.run(&["sync"]).expect(0);
    let unlinked = world.run(&["unlink", "unit:1", "--json"]).expect(0).json();
    let unit = json!({"entity": "unit:1", "name": "1000PINS", "state": "unlinked", "paused": null});
    assert_eq!(unlinked, json!({"entities": [unit], "skipped": 0}));
    world.sandbox.hapi().update("Units", 1, "Rent", json!(1));
    world.run(&["sync"]).expect(0);
    let refused = world.run(&["resync", "unit:1"]).expect(2);
    assert!(refused.stderr.contains("resync --relink unit:1"), "{refused:?}");
    world.run(&["resync", "unit:1", "unit:2"]).expect(3);
    let document = world.run(&["resync", "unit:1", "--relink", "--json"]).expect(0).json();
    assert_eq!(states(&document), json!([{"entity": "unit:1", "state": "synced"}]));
    assert_eq!((&document["outcome"], &document["push"]["unit"]["updated"]), (&json!("ok"), &json!(1)));
}

#[test]
fn resync_sends_again_what_the_store_believes_to_be_there() {
    let world = World::tidy(5);
    world.run(&["sync"]).expect(0);
    world.sandbox.hapi().update("Units", 1, "Rent", json!(4321));
    let document = world.run(&["resync", "unit:1", "--json"]).expect(0).json();
    assert_eq!((&document["pull"]["unit"]["changed"], &document["push"]["unit"]["updated"]), (&json!(1), &json!(1)));
    let sent = world.run(&["show-json", "unit:1", "--sent"]).expect(0).json();
    assert_eq!(sent["numbers_rent"], "4321");
    let diff = world.run(&["show-json", "unit:1", "--diff"]).expect(0).json();
    assert_eq!(diff["numbers_rent"], json!({"sent": "4321", "mapped": "4321", "same": true}));
    assert_eq!(world.run(&["show-json", "unit:1", "--mapped"]).expect(0).json(), sent);
    let nothing = world.run(&["resync", "--state", "error", "--json"]).expect(0).json();
    assert_eq!(nothing["entities"], json!([]));
    world.run(&["resync"]).expect(2);
}

#[test]
fn the_record_of_now_is_read_whole() {
    let world = World::tidy(5);
    world.run(&["pull"]).expect(0);
    world.sandbox.hapi().update("Tenants", 1, "LastName", json!("L'Écuyer "));
    let live = world.run(&["show-json", "tenant:1", "--live"]).expect(0).json();
    let stored = world.run(&["show-json", "tenant:1", "-q"]).expect(0).json();
    assert_eq!(live["LastName"], "L'Écuyer ");
    assert_ne!(stored["LastName"], "L'Écuyer ");
    assert!(live.as_object().map(|r| r.len()) >= stored.as_object().map(|r| r.len()));
    world.sandbox.hapi().remove("Tenants", 1);
    world.run(&["show-json", "tenant:1", "--live"]).expect(3);
    let both = world.run(&["show-json", "tenant:1", "tenant:2", "--live"]).expect(3);
    assert_eq!(both.json()[0]["Id"], 2, "{both:?}");
    assert!(both.stderr.contains("HApi has no tenant:1 any more"), "{both:?}");
}

#[test]
fn many_records_of_now_take_few_requests() {
    let world = World::tidy(120);
    world.run(&["pull"]).expect(0);
    world.sandbox.clear_requests();
    let names: Vec<String> = (1..=20).map(|id| format!("unit:{id}")).collect();
    let mut arguments = vec!["show-json", "--live"];
    arguments.extend(names.iter().map(String::as_str));
    let records = world.run(&arguments).expect(0).json();
    assert_eq!(records.as_array().map(Vec::len), Some(20));
    let paths = || -> Vec<String> {
        let paths = world.sandbox.requests(Api::Hapi).into_iter().map(|request| request.path);
        paths.filter(|path| path.contains("/api/Units")).collect()
    };
    assert_eq!(paths().len(), 2, "{:?}", paths());
    assert!(paths().iter().all(|path| path.matches("%20or%20").count() < 15), "{:?}", paths());
    world.sandbox.clear_requests();
    let records = world.run(&["show-json", "unit", "--live"]).expect(0).json();
    assert!(records.as_array().is_some_and(|records| records.len() >= 120));
    assert!(paths().len() <= 4, "{:?}", paths());
}

#[test]
fn every_run_can_be_read_again_with_what_it_changed() {
    let world = World::tidy(5);
    let first = world.run(&["sync", "--json"]).expect(0).json();
    world.run(&["pull"]).expect(0);
    let runs = world.run(&["runs", "--json"]).expect(0).json();
    assert_eq!((&runs["runs"][0]["run"], &runs["runs"][0]["command"]), (&json!(2), &json!("pull")));
    assert_eq!(world.run(&["runs", "1", "--json"]).expect(0).json(), first);
    let changes = world.run(&["runs", "1", "--changes", "--json"]).expect(0).json();
    let unit = changes["changes"].as_array().expect("changes").iter().find(|change| change["entity"] == "unit:1");
    let unit = unit.expect("the unit was created");
    assert_eq!(
        (&unit["action"], &unit["columns"]["text_key"]),
        (&json!("create"), &json!({"old": null, "new": "unit:1"}))
    );
    let human = world.run(&["runs", "1", "--changes"]).expect(0);
    assert!(human.stdout.contains("\ncreate\tunit:1\t"), "{human:?}");
    assert_eq!(world.run(&["runs", "--limit", "1", "--json"]).json()["runs"].as_array().map(Vec::len), Some(1));
}

#[test]
fn the_plan_of_a_dry_run_names_every_step_and_writes_nothing() {
    let world = World::tidy(5);
    let plan = world.run(&["sync", "--dry-run", "--json"]).expect(0).json();
    let steps = plan["plan"].as_array().expect("a plan");
    assert!(steps.iter().all(|step| step["action"] == "create"), "{plan}");
    assert!(plan["price"]["calls"].as_u64() > Some(0));
    assert_eq!(world.sandbox.monday().mutation_calls(), 0);
    assert!(!world.store().exists());
    world.run(&["sync"]).expect(0);
    world.sandbox.hapi().update("Units", 1, "Rent", json!(4321));
    let human = world.run(&["sync", "--dry-run"]).expect(0);
    assert!(human.stdout.contains("unit → board \"Unités\" ("), "{human:?}");
    assert!(human.stdout.contains("\n~ update\tunit:1\t\"Loyer\" ") && human.stdout.contains(" → 4321"), "{human:?}");
    assert!(human.stdout.ends_with("Nothing was written.\n"), "{human:?}");
}

#[test]
fn a_monitor_is_notified_when_a_sync_begins_and_how_it_ends() {
    let world = World::units(1..=2);
    let ping = format!("{}/ping/", world.sandbox.hapi_url());
    let basics = world.basics();
    world.write("config.toml", &format!("{basics}[sync]\nping_url = \"{ping}\"\n"));
    world.run(&["sync"]).expect(0);
    world.run(&["pull"]).expect(0);
    world.run(&["sync", "--dry-run"]).expect(0);
    let pings: Vec<String> = world
        .sandbox
        .requests(Api::Hapi)
        .into_iter()
        .map(|request| request.path)
        .filter(|path| path.starts_with("/ping"))
        .collect();
    assert_eq!(pings, ["/ping/start", "/ping/0"]);
    let reported = world.run(&["sync", "-v"]).expect(0);
    assert!(reported.stderr.contains("`ping_url` could not be notified: 404"), "{reported:?}");
}

#[test]
fn a_kind_that_is_switched_off_is_left_out_and_not_to_be_named() {
    let world = World::units(1..=2);
    world.configure("[entities.tenant]\nenabled = false\n");
    let document = world.run(&["pull", "--json"]).expect(0).json();
    assert!(document["pull"].get("tenant").is_none() && document["pull"].get("unit").is_some());
    let output = world.run(&["pull", "tenant"]).expect(2);
    assert!(output.stderr.contains("`tenant` is switched off"), "{output:?}");
}

#[test]
fn a_past_run_reads_in_the_language_of_who_reads_it_and_its_document_stays() {
    let world = World::tidy(5);
    world.run(&["sync"]).expect(0);
    world.sandbox.hapi().switch_off("TenantStorages");
    world.hapi_is_down();
    let printed = world.run(&["pull", "unit", "--json", "--lang", "fr"]).json();
    let run = printed["run"].to_string();
    for lang in ["en", "fr"] {
        let stored = world.run(&["runs", &run, "--json", "--lang", lang]).expect(0).json();
        assert_eq!(stored, printed, "the same document, whatever the language");
    }
    let error = printed["failures"][0]["error"].as_str().expect("an error").to_owned();
    let (en, fr) = (world.run(&["runs", &run]).stdout, world.run(&["runs", &run, "--lang", "fr"]).stdout);
    assert!(en.contains(&error) && !fr.contains(&error), "{en}\n{fr}");
    assert!(en.starts_with(&format!("run {run} · pull")) && fr.starts_with(&format!("exécution {run}")), "{en}\n{fr}");
    let hint = printed["failures"][0]["hint"].as_str().expect("a hint");
    assert!(en.contains(hint) && !fr.contains(hint), "{en}\n{fr}");
}

#[test]
fn what_destroys_is_asked_for_at_a_terminal_and_needs_yes_elsewhere() {
    let world = World::tidy(5);
    world.run(&["sync"]).expect(0);
    let unlinked = || world.query("SELECT kind || ':' || key FROM entities WHERE is_unlinked = 1 ORDER BY id");
    let typed = |arguments: &[&str], typed: &str| answering(world.command(arguments), typed);
    let refused = typed(&["unlink", "unit", "--archive-item", "--lang", "fr"], "n\n").expect(2);
    assert!(
        refused.stderr.contains("continuer? [o/N]") && refused.stderr.contains("rien n’a été changé"),
        "{refused:?}"
    );
    let asked = typed(&["unlink", "storage"], "\n").expect(2);
    assert!(asked.stderr.contains("the next push clears the keys of 2 items"), "{asked:?}");
    for arguments in [
        &["unlink", "tenant", "--archive-item"][..],
        &["unlink", "unit:1", "--archive-item"],
        &["unlink", "unit:1", "unit:2"],
        &["unlink", "storage"],
    ] {
        let refused = world.run(arguments).expect(2);
        assert!(refused.stderr.contains("--yes goes on without asking"), "{arguments:?}: {refused:?}");
        let document = world.run(&[arguments, &["--json"]].concat()).expect(2).json();
        assert_eq!(document["error"]["exit_code"], 2, "{arguments:?}");
    }
    assert_eq!(unlinked(), [""; 0]);
    let one = typed(&["unlink", "unit:1", "--archive-item"], "y\n").expect(0);
    assert!(one.stderr.contains("the items of 1 entity on monday; go on? [y/N]"), "{one:?}");
    let asked = typed(&["unlink", "unit:2", "unit:3", "--archive-item"], "y\n").expect(0);
    assert!(asked.stderr.contains("the items of 2 entities on monday; go on? [y/N]"), "{asked:?}");
    let alone = typed(&["unlink", "unit:4"], "").expect(0);
    assert!(!alone.stderr.contains("[y/N]"), "what is named by itself, and keeps its item, is meant: {alone:?}");
    assert_eq!(unlinked(), ["unit:1", "unit:2", "unit:3", "unit:4"]);
    let sure = typed(&["unlink", "parking", "--archive-item", "--yes"], "").expect(0);
    assert!(!sure.stderr.contains("[y/N]"), "{sure:?}");
    world.run(&["unlink", "tenant", "--archive-item", "--yes"]).expect(0);
}

#[test]
fn a_line_of_standard_input_that_names_no_kind_is_named_with_its_number() {
    let world = World::tidy(2);
    world.run(&["pull"]).expect(0);
    let mut command = world.command(&["status", "-"]);
    std::fs::write(world.path("names"), "unit:1\n\nbuilding:2\nboat:3\n").expect("a file");
    command.stdin(std::fs::File::open(world.path("names")).expect("a file"));
    let refused = crate::support::output(command).expect(2);
    assert!(refused.stderr.contains("line 4 of standard input: unknown kind `boat`"), "{refused:?}");
    assert!(world.run(&["status", "unit:1.0"]).expect(0).stdout.contains("unit:1"));
}
