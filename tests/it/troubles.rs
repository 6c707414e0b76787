//! What is wrong with a kind, or a side, as a whole is shown everywhere until it is over, and alarms once it lasts.

use crate::support::{Output, World, output};
use hopem_sandbox::monday::standard_configuration;
use hopem_sandbox::{Api, Fault, Rule};
use serde_json::{Value, json};

/// Changes the store as only a clock, or a crash, would.
fn execute(world: &World, statements: &str) {
    rusqlite::Connection::open(world.store()).and_then(|store| store.execute_batch(statements)).expect("executed");
}

/// Lets this many hours pass: all that was stored is that much older.
fn let_pass(world: &World, hours: i64) {
    let older = |table: &str, columns: &[&str]| {
        let set = columns
            .iter()
            .map(|column| format!("{column} = strftime('%Y-%m-%dT%H:%M:%fZ', {column}, '{} hours')", -hours));
        format!("UPDATE {table} SET {};", set.collect::<Vec<_>>().join(", "))
    };
    let statements = [
        older("kinds", &["last_pull", "last_push", "read_at"]),
        older("kind_failures", &["since", "failed_at"]),
        older("side_failures", &["since", "failed_at"]),
        older("entities", &["received_at", "pushed_at", "due_since", "deleted_at"]),
        older("failures", &["next_try_at", "failed_at"]),
        older("runs", &["started_at", "finished_at"]),
        older("verifications", &["verified_at"]),
    ];
    execute(world, &statements.concat());
}

/// The standard configuration with something replaced.
fn configure(world: &World, from: &str, to: &str) {
    let configuration = standard_configuration(&world.boards);
    assert!(configuration.contains(from), "{configuration}");
    world.configure(&configuration.replacen(from, to, 1));
}

/// The units' board is none.
fn with_a_wrong_board() -> World {
    let world = World::tidy(5);
    let board = world.boards.iter().find(|board| board.kind == "unit").expect("a board").board_id.clone();
    configure(&world, &board, "4242");
    world
}

fn kind(world: &World, name: &str) -> Value {
    let document = world.run(&["status", "--json"]).expect(0).json();
    let kinds = document["kinds"].as_array().expect("kinds").clone();
    kinds.into_iter().find(|kind| kind["kind"] == name).expect("the kind")
}

fn first_error(world: &World) -> Value {
    let document = world.run(&["status", "--state", "error", "--json"]).expect(0).json();
    document["entities"][0].clone()
}

/// The one line on stderr.
#[track_caller]
fn line(output: &Output) -> &str {
    assert_eq!((output.stdout.as_str(), output.stderr.lines().count()), ("", 1), "{output:?}");
    output.stderr.trim_end()
}

#[test]
fn a_wrong_board_is_shown_in_the_row_of_its_kind_and_first_among_the_errors() {
    let world = with_a_wrong_board();
    world.sandbox.hapi().update("Tenants", 1, "CellPhone", json!("voir dossier"));
    let quiet = world.run(&["sync", "-q"]).expect(3);
    let line = line(&quiet);
    assert!(line.starts_with("hopem-sync: unit: ") && line.contains("4242"), "{line}");
    assert!(line.ends_with(", and 1 more (exit 3); see: hopem-sync status --state error"), "{line}");
    let unit = kind(&world, "unit");
    assert_eq!(
        (&unit["failures"][0]["cause"], &unit["failures"][0]["stage"]),
        (&json!("board-missing"), &json!("push"))
    );
    assert!(unit["reason"].as_str().is_some_and(|reason| reason.contains("4242")), "{unit}");
    assert!(unit["hint"].as_str().is_some_and(|hint| hint.contains("[entities.unit]")), "{unit}");
    assert_eq!((&unit["error"], &unit["pending"]), (&json!(0), &unit["total"]), "its entities have not failed");
    assert_eq!(kind(&world, "building")["reason"], Value::Null);
    let table = world.run(&["status"]).expect(0).stdout;
    let row = table.lines().find(|line| line.starts_with("Units\t")).expect("a row");
    assert!(row.contains("4242") && row.contains("[entities.unit]"), "{row}");
    let red = world.run(&["status", "--state", "error", "--json"]).expect(0).json();
    let entity = |index: usize| red["entities"][index]["entity"].clone();
    assert_eq!((entity(0), entity(1)), (json!("unit"), json!("tenant:1")), "{red}");
    let first = &red["entities"][0];
    assert_eq!((&first["kind"], &first["key"], &first["state"]), (&json!("unit"), &Value::Null, &json!("error")));
    assert_eq!(
        (&first["cause"], &first["error"], &first["hint"]),
        (&json!("board-missing"), &unit["reason"], &unit["hint"])
    );
    let listed = world.run(&["status", "unit", "--state", "error"]).expect(0).stdout;
    assert!(listed.starts_with("● error\tunit\tUnits\t"), "{listed}");
    assert_eq!(world.run(&["status", "building", "--state", "error"]).expect(0).stdout, "");
    let beside = world.run(&["status", "unit"]).expect(0);
    assert!(beside.stderr.starts_with("warning: unit: ") && beside.stderr.contains("4242"), "{beside:?}");
    let story = world.run(&["status", "unit:1", "--json"]).expect(0).json()["entities"][0].clone();
    assert!(story["why"].as_str().is_some_and(|why| why.contains("4242")), "why it stays pending: {story}");
    // Once the board is right it is over.
    world.configure(&standard_configuration(&world.boards));
    world.run(&["sync"]).expect(0);
    assert_eq!((&kind(&world, "unit")["reason"], &first_error(&world)["entity"]), (&Value::Null, &json!("tenant:1")));
}

#[test]
fn a_wrong_endpoint_stands_in_its_kind_until_it_is_right() {
    let world = World::tidy(5);
    world.run(&["sync"]).expect(0);
    configure(&world, "[entities.unit]\n", "[entities.unit]\nendpoint = \"Unitz\"\n");
    let quiet = world.run(&["sync", "-q"]).expect(3);
    assert!(line(&quiet).starts_with("hopem-sync: unit: ") && line(&quiet).contains("Unitz"), "{quiet:?}");
    let unit = kind(&world, "unit");
    assert_eq!(unit["failures"][0]["cause"], "set-missing", "{unit}");
    assert!(unit["reason"].as_str().is_some_and(|reason| reason.contains("Unitz")), "{unit}");
    let check = world.run(&["status", "--check"]).expect(1).stdout;
    assert!(check.starts_with("HOPEM-SYNC WARNING - unit: ") && check.lines().count() == 1, "{check}");
    assert_eq!(first_error(&world)["entity"], "unit");
    world.configure(&standard_configuration(&world.boards));
    world.run(&["sync"]).expect(0);
    world.run(&["status", "--check"]).expect(0);
    assert_eq!(kind(&world, "unit")["reason"], Value::Null);
}

#[test]
fn a_guard_that_holds_is_shown_as_long_as_it_does() {
    let world = World::tidy(30);
    world.run(&["sync"]).expect(0);
    for id in 1..=20 {
        world.sandbox.hapi().remove("Units", id);
    }
    let quiet = world.run(&["sync", "-q"]).expect(5);
    let guarded = line(&quiet);
    assert!(guarded.starts_with("hopem-sync: unit: ") && guarded.contains("max_deletes"), "{guarded}");
    assert!(guarded.ends_with("(exit 5); see: hopem-sync status --state error"), "{guarded}");
    assert_eq!(kind(&world, "unit")["failures"][0]["cause"], "guarded");
    assert!(world.run(&["runs"]).expect(0).stdout.contains("\tguarded (5)\t"));
    world.run(&["status", "--check"]).expect(1);
    world.run(&["sync", "unit", "--allow-deletes"]).expect(0);
    world.run(&["status", "--check"]).expect(0);
}

#[test]
fn the_same_trouble_for_days_warns_and_then_alarms_whatever_runs_end_between() {
    let world = with_a_wrong_board();
    let mut codes = Vec::new();
    for _ in 0..5 {
        world.run(&["sync", "-q"]).expect(3);
        let check = world.run(&["status", "--check"]);
        assert!(check.stdout.contains("4242"), "{check:?}");
        codes.push(check.code);
        let_pass(&world, 24);
    }
    assert_eq!(codes, [1, 1, 1, 2, 2], "26 h warn, 50 h alarm");
    assert_eq!(world.run(&["status", "--check", "--max-age", "200h,300h"]).code, 1, "it is never OK");
}

#[test]
fn a_kind_that_was_not_read_for_long_is_reported_though_others_are() {
    let world = World::tidy(5);
    world.run(&["sync"]).expect(0);
    let_pass(&world, 30);
    world.run(&["pull", "building", "company"]).expect(0);
    let check = world.run(&["status", "--check"]).expect(1).stdout;
    assert!(
        check.starts_with("HOPEM-SYNC WARNING - unit was read last 30 h ago; ")
            || check.contains(" was read last 30 h ago; ")
    );
    assert!(check.contains("age=108") && check.contains(" age_building=0s;93600;180000;0"), "{check}");
    let table = world.run(&["status"]).expect(0).stdout;
    assert!(table.lines().any(|row| row.starts_with("Units\t") && row.ends_with("\tread last 30 h ago")), "{table}");
    let_pass(&world, 30);
    world.run(&["status", "--check"]).expect(2);
    world.run(&["sync"]).expect(0);
    world.run(&["status", "--check"]).expect(0);
}

#[test]
fn a_change_that_waits_for_long_is_reported_though_all_kinds_are_read() {
    let world = World::tidy(5);
    world.run(&["sync"]).expect(0);
    world.sandbox.hapi().update("Units", 1, "Rent", json!(1234.5));
    world.run(&["pull"]).expect(0);
    world.run(&["status", "--check"]).expect(0);
    let_pass(&world, 30);
    world.run(&["pull"]).expect(0);
    let check = world.run(&["status", "--check"]).expect(1).stdout;
    assert!(check.starts_with("HOPEM-SYNC WARNING - unit has a change that waits since 30 h ago; "), "{check}");
    assert!(world.run(&["status"]).expect(0).stdout.contains("\ta change waits for 30 h\n"));
    // What comes while it waits does not make it younger; what was paused was not left waiting.
    world.sandbox.hapi().update("Units", 1, "Rent", json!(1235.5));
    world.run(&["pull"]).expect(0);
    world.run(&["status", "--check"]).expect(1);
    world.run(&["pause", "unit:1"]).expect(0);
    world.run(&["status", "--check"]).expect(0);
    world.run(&["resume", "unit:1"]).expect(0);
    world.run(&["status", "--check"]).expect(0);
    world.run(&["push"]).expect(0);
    assert_eq!(kind(&world, "unit")["oldest_change"], Value::Null);
}

#[test]
fn a_refused_login_is_shown_until_a_run_works_and_alarms_at_once() {
    let mut world = World::tidy(5);
    world.run(&["sync"]).expect(0);
    let password = world.environment.insert("HOPEM_SYNC_HAPI_PASSWORD".to_owned(), "wrong".to_owned()).expect("one");
    std::fs::remove_file(world.path("data/store.db.hapi-token")).expect("a token");
    let quiet = world.run(&["sync", "-q"]).expect(6);
    assert!(line(&quiet).ends_with("(exit 6); see: hopem-sync runs 2"), "{quiet:?}");
    let document = world.run(&["status", "--json"]).expect(0).json();
    let side = &document["sides"][0];
    assert_eq!(
        (&side["side"], &side["cause"], &document["sides"][1]),
        (&json!("hapi"), &json!("login-refused"), &Value::Null)
    );
    let first = first_error(&world);
    assert_eq!(
        (&first["entity"], &first["kind"], &first["key"]),
        (&json!("hapi"), &Value::Null, &Value::Null),
        "{first}"
    );
    assert!(first["error"].is_string() && first["hint"].is_string(), "{first}");
    let table = world.run(&["status"]).expect(0).stdout;
    assert!(table.lines().nth(1).is_some_and(|line| line.starts_with("HApi: ")), "{table}");
    let check = world.run(&["status", "--check"]).expect(2).stdout;
    assert!(check.starts_with("HOPEM-SYNC CRITICAL - HApi: "), "{check}");
    // A push that works says nothing of HApi.
    world.run(&["push"]).expect(0);
    world.run(&["status", "--check"]).expect(2);
    world.environment.insert("HOPEM_SYNC_HAPI_PASSWORD".to_owned(), password);
    world.run(&["pull"]).expect(0);
    world.run(&["status", "--check"]).expect(0);
    assert_eq!(first_error(&world), Value::Null);
}

#[test]
fn a_refused_token_of_monday_is_shown_and_the_kinds_keep_what_they_had() {
    let mut world = with_a_wrong_board();
    world.run(&["sync"]).expect(3);
    let since = kind(&world, "unit")["failures"][0]["since"].clone();
    let token = world.environment.insert("HOPEM_SYNC_MONDAY_TOKEN".to_owned(), "wrong".to_owned()).expect("one");
    world.sandbox.hapi().update("Units", 1, "Rent", json!(1234.5));
    world.run(&["sync"]).expect(6);
    let check = world.run(&["status", "--check"]).expect(2).stdout;
    assert!(check.starts_with("HOPEM-SYNC CRITICAL - monday.com: "), "{check}");
    assert_eq!(kind(&world, "unit")["failures"][0]["since"], since, "the board was not looked at, so nothing is over");
    world.environment.insert("HOPEM_SYNC_MONDAY_TOKEN".to_owned(), token);
    world.run(&["sync"]).expect(3);
    let check = world.run(&["status", "--check"]).expect(1).stdout;
    assert!(check.starts_with("HOPEM-SYNC WARNING - unit: "), "{check}");
}

#[test]
fn a_side_that_cannot_be_reached_is_never_ok_and_alarms_when_it_lasts() {
    let world = World::tidy(5);
    world.run(&["sync"]).expect(0);
    world.sandbox.hapi().update("Units", 1, "Rent", json!(1234.5));
    let fault = Fault::Status { status: 503, headers: Vec::new(), body: "maintenance".to_owned() };
    world.sandbox.inject(Rule::always(Api::Monday, fault));
    world.run(&["sync"]).expect(1);
    let check = world.run(&["status", "--check"]).expect(1).stdout;
    assert!(check.starts_with("HOPEM-SYNC WARNING - "), "{check}");
    assert_eq!(world.run(&["status", "--json"]).expect(0).json()["sides"][0]["side"], "monday");
    let_pass(&world, 51);
    world.run(&["pull"]).expect(0);
    let check = world.run(&["status", "--check"]).expect(2).stdout;
    assert!(check.starts_with("HOPEM-SYNC CRITICAL - monday.com: "), "{check}");
}

#[test]
fn a_pause_that_a_side_asked_for_is_shown_and_reported_in_a_line() {
    let world = World::tidy(5);
    let wait = || Fault::Status {
        status: 429,
        headers: vec![("Retry-After".to_owned(), "600".to_owned())],
        body: "slower".to_owned(),
    };
    world.sandbox.inject(Rule::always(Api::Monday, wait()));
    let quiet = world.run(&["sync", "-q"]).expect(7);
    assert!(line(&quiet).ends_with("(exit 7); see: hopem-sync runs 1"), "{quiet:?}");
    let side = world.run(&["status", "--json"]).expect(0).json()["sides"][0].clone();
    assert_eq!((&side["side"], &side["cause"]), (&json!("monday"), &json!("not-before")), "{side}");
    let check = world.run(&["status", "--check"]).expect(1).stdout;
    assert!(check.starts_with("HOPEM-SYNC WARNING - monday.com: "), "{check}");
}

#[test]
fn whatever_is_wrong_takes_one_line_when_quiet() {
    let world = World::tidy(5);
    let usage = world.run(&["sync", "-q", "--no-such-flag"]).expect(2);
    assert!(line(&usage).starts_with("hopem-sync: ") && line(&usage).contains("--no-such-flag"), "{usage:?}");
    world.write("config.toml", "[hapy]\n[entities.unit]\nbored = 1\n");
    let configuration = world.run(&["sync", "-q"]).expect(2);
    assert!(line(&configuration).contains("(exit 2)"), "{configuration:?}");
    world.configure(&standard_configuration(&world.boards));
    std::fs::create_dir_all(world.path("data")).expect("a folder");
    world.write("data/store.db", "no store of ours, but long enough to be looked into by whoever opens it as one");
    let store = world.run(&["sync", "-q"]).expect(8);
    assert!(line(&store).contains("(exit 8)"), "{store:?}");
}

#[test]
fn what_a_verification_cannot_read_stands_until_one_can() {
    let world = World::tidy(5);
    world.run(&["sync"]).expect(0);
    execute(&world, "INSERT INTO kind_failures (kind, stage, cause, message, since, failed_at)
        SELECT 'unit', 'push', 'board-unreadable', '\"it could not be read\"', last_push, last_push FROM kinds WHERE kind = 'unit';");
    world.run(&["sync"]).expect(0);
    assert_eq!(kind(&world, "unit")["failures"][0]["cause"], "board-unreadable", "nobody looked at the board since");
    execute(&world, "UPDATE verifications SET verified_at = '2020-01-01T00:00:00.000Z';");
    world.run(&["sync"]).expect(0);
    assert_eq!(kind(&world, "unit")["failures"], json!([]));
}

#[test]
fn a_run_that_was_killed_is_not_green() {
    let world = World::tidy(5);
    world.run(&["sync"]).expect(0);
    execute(&world, "INSERT INTO runs (command, started_at) VALUES ('sync', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));");
    let check = world.run(&["status", "--check"]).expect(1).stdout;
    assert!(check.starts_with("HOPEM-SYNC WARNING - the last run (sync): interrupted; "), "{check}");
    let document = world.run(&["status", "--json"]).expect(0).json();
    let last = &document["last_run"];
    assert_eq!(
        (&last["run"], &last["outcome"], &last["exit_code"], &last["finished_at"]),
        (&json!(2), &json!("interrupted"), &json!(137), &Value::Null)
    );
    assert!(world.run(&["status"]).expect(0).stdout.starts_with("hopem-sync · the last run (sync) was killed; "));
    let runs = world.run(&["runs", "2", "--json"]).expect(0).json();
    assert_eq!((&runs["outcome"], &runs["exit_code"]), (&json!("interrupted"), &json!(137)));
    world.run(&["sync"]).expect(0);
    world.run(&["status", "--check"]).expect(0);
}

#[test]
fn a_clock_that_was_a_year_ahead_leaves_no_year_of_silence() {
    let world = World::tidy(5);
    world.sandbox.hapi().update("Tenants", 1, "CellPhone", json!("voir dossier"));
    world.run(&["sync"]).expect(3);
    world.sandbox.hapi().update("Units", 1, "Rent", json!(1234.5));
    world.run(&["pull"]).expect(0);
    let_pass(&world, -8_760);
    world.hapi_is_down();
    world.run(&["pull"]).expect(1);
    let check = world.run(&["status", "--check", "--max-errors", "9"]);
    assert!(check.code == 1 && check.stdout.contains("age=U;") && check.stdout.contains(" age_unit=U;"), "{check:?}");
    assert_eq!(kind(&world, "unit")["age_seconds"], Value::Null);
    let table = world.run(&["status"]).expect(0).stdout;
    let row = table.lines().find(|line| line.starts_with("Units\t")).expect("a row");
    assert!(row.contains("\tread last at 20") && row.ends_with(", ahead of this clock"), "{row}");
    world.sandbox.clear_faults();
    // The boards are due to be read, whatever the clock of the last reading said.
    let item = world.query("SELECT item_id FROM entities WHERE kind = 'building' AND deleted_at IS NULL").remove(0);
    world.sandbox.monday().edit_by_hand(&item, "text_code", &json!("changed by hand"));
    world.run(&["sync"]);
    let shown = format!("{:?}", world.sandbox.monday().item(&item).expect("an item"));
    assert!(!shown.contains("changed by hand"), "{shown}");
    let check = world.run(&["status", "--check", "--max-errors", "9"]);
    assert_eq!(check.code, 0, "{check:?}");
}

#[test]
fn a_failure_of_a_wrong_clock_is_tried_again_now() {
    let world = World::tidy(5);
    world.sandbox.monday().refuse_next("create_item", "InvalidArgumentException", u32::MAX);
    world.run(&["sync", "building"]);
    world.sandbox.monday().clear_refusals();
    let waiting = "SELECT CAST(count(*) AS TEXT) FROM failures WHERE next_try_at IS NOT NULL";
    assert_ne!(world.query(waiting), ["0"], "something waits to be tried again");
    let_pass(&world, -8_760);
    world.run(&["sync", "building"]).expect(0);
    assert_eq!(world.query(waiting), ["0"]);
    assert_eq!(kind(&world, "building")["error"], 0);
}

#[test]
fn the_table_and_the_errors_are_readable_on_a_terminal_in_both_languages() {
    let mut world = with_a_wrong_board();
    world.run(&["sync"]).expect(3);
    world.environment.insert("HOPEM_SYNC_HAPI_PASSWORD".to_owned(), "wrong".to_owned());
    std::fs::remove_file(world.path("data/store.db.hapi-token")).expect("a token");
    world.run(&["pull"]).expect(6);
    let_pass(&world, 72);
    for lang in ["en", "fr"] {
        for arguments in [&["status"][..], &["status", "--state", "error"], &["runs"], &["status", "unit:1"]] {
            let shown = world.on_terminal(&[arguments, &["--lang", lang]].concat()).stdout;
            let is_one_word = |line: &str| line.trim().split(' ').count() == 1;
            let most = shown.lines().filter(|line| !is_one_word(line)).map(|line| line.chars().count()).max();
            assert!(most.is_some_and(|most| most <= 80), "{shown}");
        }
        let table = world.on_terminal(&["status", "--lang", lang]).stdout;
        let span = if lang == "en" { "(for 3 days)" } else { "(depuis 3 jours)" };
        let joined = table.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(joined.matches(span).count(), 2, "{table}");
    }
}

#[test]
fn an_answer_that_cannot_be_written_says_so() {
    let world = World::tidy(1);
    world.run(&["pull"]).expect(0);
    for arguments in [&["config", "show"][..], &["status"], &["status", "unit"], &["config", "show", "--json"]] {
        let mut command = world.command(arguments);
        command.stdout(std::fs::File::options().write(true).open("/dev/full").expect("a full disk"));
        let done = output(command).expect(1);
        assert!(done.stderr.contains("cannot write the answer to stdout"), "{arguments:?}: {done:?}");
        assert!(done.stderr.contains("No space left on device"), "{arguments:?}: {done:?}");
    }
}

#[test]
fn a_copy_in_a_folder_that_is_not_there_says_that_it_is_not_there() {
    let world = World::tidy(1);
    world.run(&["pull"]).expect(0);
    let file = world.path("no/such/copy.db").display().to_string();
    let done = world.run(&["backup", &file]).expect(1);
    assert!(done.stderr.contains("there is no folder") && done.stderr.contains("mkdir -p"), "{done:?}");
    assert!(!done.stderr.contains("--store"), "{done:?}");
}

#[test]
fn a_push_of_nothing_asks_nobody() {
    let world = World::tidy(2);
    world.run(&["pull"]).expect(0);
    let done = world.run(&["push", "--limit", "0", "--json"]).expect(0).json();
    assert_eq!(done["monday_calls"], 0, "{done}");
    let done = world.run(&["push", "-"]).expect(0);
    assert!(done.stderr.contains("nothing is named"), "{done:?}");
}

#[test]
fn a_fault_of_mondays_own_is_not_blamed_on_the_boards_number() {
    let world = World::tidy(2);
    world.run(&["sync"]).expect(0);
    let fault = r#"{"errors":[{"message":"Internal server error","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}"#;
    world
        .sandbox
        .inject(Rule::always(Api::Monday, Fault::Status { status: 200, headers: Vec::new(), body: fault.into() }));
    let done = world.run(&["status", "--drift", "unit"]);
    assert!(done.stderr.contains("INTERNAL_SERVER_ERROR") || done.stdout.contains("INTERNAL_SERVER_ERROR"), "{done:?}");
    let all = done.stdout + &done.stderr;
    assert!(!all.contains("[entities.unit] board"), "{all}");
}

#[test]
fn an_answer_that_is_cut_names_who_gave_it() {
    let world = World::tidy(1);
    world.sandbox.inject(Rule::always(Api::Hapi, Fault::CutBody).containing("Units"));
    let done = world.run(&["pull", "unit"]);
    assert!(done.stdout.contains("the exchange with 127.0.0.1:"), "{done:?}");
}
