//! `init --create-boards` and `init --board`: boards made once each, and boards that are there.

use crate::init::{configuration, nothing};
use crate::support::{Output, World};
use hopem_sandbox::monday::ColumnView;
use hopem_sandbox::{Api, Fault, Rule};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

fn workspace(world: &World) -> String {
    world.sandbox.monday().workspaces().first().cloned().expect("there is one from the start")
}

/// The active boards: id, name and description.
fn boards(world: &World) -> Vec<(String, String, String)> {
    let workspace = workspace(world);
    world.sandbox.monday().boards_in(&workspace)
}

fn create(world: &World) -> Output {
    world.run(&["init", "--from-env", "--create-boards", "--workspace", &workspace(world)])
}

/// The same where the store that made the boards was lost.
fn take_over(world: &World) -> Output {
    world.run(&["init", "--from-env", "--create-boards", "--workspace", &workspace(world), "--yes"]).expect(0)
}

/// The columns of the board of that name.
fn columns(world: &World, name: &str) -> Vec<ColumnView> {
    let boards = boards(world);
    let board = boards.iter().find(|(_, known, _)| known == name).unwrap_or_else(|| panic!("no {name} in {boards:?}"));
    world.sandbox.monday().columns_of(&board.0)
}

fn column(world: &World, board: &str, title: &str) -> ColumnView {
    let columns = columns(world, board);
    columns.iter().find(|column| column.title == title).cloned().unwrap_or_else(|| panic!("no {title} in {columns:#?}"))
}

/// The labels of a status column.
fn labels(column: &ColumnView) -> Vec<&str> {
    column.settings["labels"].as_array().into_iter().flatten().filter_map(|label| label["label"].as_str()).collect()
}

/// Every board is there once, each of its columns too, and each is mapped.
fn assert_made_once(world: &World, case: &str) {
    let boards = boards(world);
    let names: BTreeSet<&str> = boards.iter().map(|(_, name, _)| name.as_str()).collect();
    assert_eq!((boards.len(), names.len()), (8, 8), "{case}: {boards:?}");
    let text = configuration(world);
    for (board, name, description) in &boards {
        assert!(text.contains(&format!("board = {board}")), "{case}: {name} in {text}");
        assert!(description.contains("[hopem-sync "), "{case}: {description}");
        let columns = world.sandbox.monday().columns_of(board);
        let titles: BTreeSet<&str> = columns.iter().map(|column| column.title.as_str()).collect();
        assert!(titles.len() == columns.len() && columns.len() > 3, "{case}: {columns:#?}");
    }
}

#[test]
fn from_nothing_to_a_first_sync_on_fresh_boards_in_french() {
    let mut world = nothing(6);
    world.environment.insert("LANG".to_owned(), "fr_CA.UTF-8".to_owned());
    let done = create(&world).expect(0);
    assert!(done.stdout.contains("hopem-sync sync") && done.stdout.contains("Premier chargement"), "{done:?}");
    assert_made_once(&world, "first");
    let status = column(&world, "Unités", "Occupation");
    assert_eq!((status.kind.as_str(), labels(&status)), ("status", vec!["Loué", "Vacant", "Autre"]));
    assert_eq!(status.description, "Rempli depuis Hopem : unité.OccupancyStatus");
    assert_eq!(column(&world, "Unités", "Loyer").kind, "numbers");
    assert_eq!(column(&world, "Locataires", "Début du bail").kind, "date");
    let titles: Vec<String> = columns(&world, "Locataires").into_iter().map(|column| column.title).collect();
    let at =
        |title: &str| titles.iter().position(|known| known == title).unwrap_or_else(|| panic!("{title} in {titles:?}"));
    assert!(at("Clé Hopem") < at("Nom") && at("Nom") < at("Prénom"), "{titles:?}");
    assert!(at("Début du bail") < at("Fin du bail") && at("Fin du bail") < at("Unité"), "{titles:?}");
    assert!(configuration(&world).contains("name = \"Bail stationnement {Id}\""), "{}", configuration(&world));
    let key = column(&world, "Locataires", "Clé Hopem");
    assert_eq!((key.id.as_str(), key.kind.as_str()), ("hopem_key", "text"));
    let connection = column(&world, "Unités", "Immeuble");
    let buildings = boards(&world);
    let buildings = &buildings.iter().find(|(_, name, _)| name == "Immeubles").expect("it was made").0;
    assert_eq!(connection.settings["boardIds"], json!([buildings.parse::<u64>().expect("a number")]));
    let synced = world.run(&["sync", "--json"]).expect(0).json();
    assert!(synced["push"]["unit"]["created"].as_u64() > Some(5), "{synced}");
    assert_eq!(synced["failures"], json!([]));
    let again = world.run(&["sync", "--json"]).expect(0).json();
    assert_eq!(again["monday_calls"], 0, "{again}");
    let status = world.run(&["status", "--json"]).expect(0).json();
    for kind in status["kinds"].as_array().expect("kinds") {
        assert_eq!((&kind["pending"], &kind["error"]), (&json!(0), &json!(0)), "{kind}");
    }
}

#[test]
fn run_again_it_makes_nothing_and_a_lost_store_or_configuration_makes_no_second_board() {
    let world = nothing(4);
    create(&world).expect(0);
    let before = configuration(&world);
    create(&world).expect(0);
    assert_eq!(configuration(&world), before);
    assert_made_once(&world, "again");
    std::fs::remove_dir_all(world.path("data")).expect("there is a store");
    std::fs::remove_file(world.path("config.toml")).expect("there is a configuration");
    let refused = create(&world).expect(1);
    assert!(refused.stderr.contains("made by an init with another store") && refused.stderr.contains("--yes"));
    assert_eq!(boards(&world).len(), 8);
    let done = take_over(&world);
    assert_eq!(configuration(&world), before);
    assert_made_once(&world, "after the loss");
    assert!(!done.stderr.contains("has no labels"), "{done:?}");
    std::fs::remove_dir_all(world.path("data")).expect("there is a store");
    std::fs::remove_file(world.path("config.toml")).expect("there is a configuration");
    let mut french = world;
    french.environment.insert("LANG".to_owned(), "fr_CA.UTF-8".to_owned());
    let done = take_over(&french);
    assert!(done.stderr.contains("sont repris, comme le dit --yes"), "{done:?}");
    assert!(done.stderr.contains("n’a pas les étiquettes") && done.stderr.contains("Loué"), "{done:?}");
}

#[test]
fn another_store_does_not_share_boards_unasked_and_gets_its_own_in_another_workspace() {
    let world = nothing(3);
    create(&world).expect(0);
    let [config, store] = ["second.toml", "second.db"].map(|name| world.path(name).display().to_string());
    let second = |workspace: &str| {
        let flags = ["--workspace", workspace, "--config", &config, "--store", &store];
        world.run(&[&["init", "--from-env", "--create-boards"] as &[&str], &flags].concat())
    };
    let refused = second(&workspace(&world)).expect(1);
    let (board, name, _) = &boards(&world)[0];
    assert!(refused.stderr.contains(&format!("{name} ({board})")), "{refused:?}");
    let written = std::fs::read_to_string(world.path("second.toml")).expect("a configuration");
    assert!(!written.contains("board = "), "{written}");
    let other = world.sandbox.monday().add_workspace("Second");
    second(&other).expect(0);
    assert_eq!((boards(&world).len(), world.sandbox.monday().boards_in(&other).len()), (8, 8));
}

/// The calls of an `init` that breaks off nowhere, in their order: whether each makes something.
fn calls_of_init() -> Vec<bool> {
    let whole = nothing(3);
    create(&whole).expect(0);
    let calls: Vec<bool> = whole.calls().iter().map(|call| call.body.contains("mutation ")).collect();
    assert!((8..=16).contains(&calls.len()) && calls.contains(&true), "{calls:?}");
    calls
}

#[test]
fn wherever_it_breaks_off_it_goes_on_and_makes_no_second_board_or_column() {
    let calls = calls_of_init();
    let bad_gateway = Fault::answer_after(502, "<html>bad gateway</html>");
    let faults = [Fault::LostAfter, Fault::Kill { after_work: true }, Fault::LostBefore, bad_gateway];
    // A question that nobody answers is the same wherever it was lost; what makes something is not.
    let cases = faults.iter().enumerate().flat_map(|(at, fault)| {
        let is_tried = move |makes: bool| at < 2 || makes;
        (0..).zip(&calls).filter(move |(_, makes)| is_tried(**makes)).map(move |(call, _)| (fault.clone(), call))
    });
    let cases: Vec<(Fault, u32)> = cases.collect();
    // Most of the time is waited, so some of them wait side by side.
    std::thread::scope(|scope| {
        for part in cases.chunks(cases.len().div_ceil(4)) {
            scope.spawn(move || part.iter().for_each(|(fault, call)| breaks_off(fault, *call)));
        }
    });
}

fn breaks_off(fault: &Fault, call: u32) {
    let world = nothing(3);
    world.sandbox.monday().set_search_lag(Duration::from_millis(40));
    world.sandbox.inject(Rule::once(Api::Monday, fault.clone()).after(call));
    let line = format!("init --from-env --create-boards --workspace {}", workspace(&world));
    let first = match fault {
        Fault::Kill { .. } => world.line_to_be_killed(&line),
        _ => world.line(&line),
    };
    if first.code != 0 {
        create(&world).expect(0);
    }
    assert_made_once(&world, &format!("{fault:?} at call {call}"));
}

#[test]
fn lost_answers_are_not_asked_for_again_under_another_key_while_nothing_is_known() {
    let world = nothing(3);
    // The first answer is lost, and with it what the idempotency key would have kept.
    world.sandbox.monday().set_idempotency(false);
    world.sandbox.inject(Rule::once(Api::Monday, Fault::LostAfter).containing("CreateBoards"));
    create(&world).expect(0);
    assert_made_once(&world, "without idempotency");
}

#[test]
fn a_column_that_is_refused_says_so_and_what_was_made_is_found_again() {
    let world = nothing(3);
    world.sandbox.monday().refuse_next("create_status_column", "UserUnauthorizedException", 100);
    let done = create(&world).expect(1);
    assert!(done.stderr.contains("UserUnauthorizedException") && done.stderr.contains("help:"), "{done:?}");
    world.sandbox.monday().clear_refusals();
    create(&world).expect(0);
    assert_made_once(&world, "after the refusal");
}

#[test]
fn a_board_that_was_archived_is_made_anew() {
    let world = nothing(3);
    create(&world).expect(0);
    let board = boards(&world)[2].0.clone();
    world.sandbox.monday().traits_of(&board).is_archived = true;
    let text = configuration(&world).replace(&format!("board = {board}\n"), "");
    world.write("config.toml", &text);
    std::thread::sleep(Duration::from_millis(100));
    create(&world).expect(0);
    assert_made_once(&world, "after it was archived");
    assert!(!configuration(&world).contains(&board));
}

#[test]
fn without_a_workspace_it_says_which_there_are_and_makes_nothing() {
    let world = nothing(2);
    let other = world.sandbox.monday().add_workspace("Gestion");
    let done = world.run(&["init", "--from-env", "--create-boards"]).expect(2);
    assert!(done.stderr.contains(&format!("{other} (Gestion)")), "{done:?}");
    assert_eq!(boards(&world).len(), 0);
    assert!(!world.path("config.toml").exists(), "nothing is written");
    world.run(&["init", "--from-env", "--create-boards", "--workspace", &other]).expect(0);
    assert_eq!(world.sandbox.monday().boards_in(&other).len(), 8);
    let wrong = world.run(&["init", "--from-env", "--create-boards", "--workspace", "12345"]);
    assert_eq!(wrong.code, 0, "the boards are known, nothing is made: {wrong:?}");
    let fresh = nothing(2);
    let refused = fresh.run(&["init", "--from-env", "--create-boards", "--workspace", "12345"]).expect(1);
    assert!(refused.stderr.contains("Workspace not found"), "{refused:?}");
}

#[test]
fn what_is_added_to_the_configuration_later_is_added_to_the_board() {
    let world = nothing(3);
    create(&world).expect(0);
    let text = configuration(&world);
    let more = text.replace(
        "text_unitcode = \"UnitCode\"\n",
        "text_unitcode = \"UnitCode\" # mine\ntext_more = \"BuildingCode\"\n",
    );
    world.write("config.toml", &more);
    create(&world).expect(0);
    assert_eq!(configuration(&world), more);
    assert_eq!(column(&world, "Units", "Building code").id, "text_more");
}

#[test]
fn the_columns_of_a_board_that_is_there_are_mapped() {
    let world = nothing(4);
    let labels = json!({"labels": ["Loué", "Vacant"]});
    let board = world.sandbox.monday().add_titled_board(
        "Mes unités",
        &[
            ("text_mk1", "Clé Hopem", "text", Value::Null),
            ("numbers_a", "Loyer", "numbers", Value::Null),
            ("status_b", "Occupation", "status", labels),
            ("text_c", "Sans rapport", "text", Value::Null),
        ],
    );
    world.run(&["init", "--from-env", "--board", &format!("unit={board}"), "unit"]).expect(0);
    let text = configuration(&world);
    for expected in [
        &format!("board = {board}\n"),
        "key_column = \"text_mk1\"",
        "numbers_a = { field = \"Rent\", type = \"numbers\" }",
        "status_b = { field = \"OccupancyStatus\", type = \"status\", values = { L = \"Loué\", V = \"Vacant\" } }",
    ] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
    assert!(!text.contains("text_c"), "{text}");
    world.run(&["sync"]).expect(0);
    assert!(world.sandbox.monday().items(&board).len() > 4);
}

#[test]
fn a_board_of_another_kind_is_noticed_by_its_columns_and_one_that_was_made_for_it_by_its_mark() {
    let world = nothing(4);
    let tenants = world.sandbox.monday().add_titled_board(
        "Locataires",
        &[
            ("text_key", "Hopem key", "text", Value::Null),
            ("text_a", "First name", "text", Value::Null),
            ("text_b", "Last name", "text", Value::Null),
            ("phone_c", "Mobile phone", "phone", Value::Null),
            ("email_d", "E-mail", "email", Value::Null),
            ("text_e", "Comment", "text", Value::Null),
        ],
    );
    let done = world.run(&["init", "--from-env", "--board", &format!("unit={tenants}")]).expect(0);
    let warning = format!("board {tenants} takes only 1 of the 8 columns of `unit`");
    assert!(done.stderr.contains(&warning), "{done:?}");
    assert!(done.stderr.contains("fit `tenant` better than `unit`"), "{done:?}");
    let fitting = nothing(4);
    create(&fitting).expect(0);
    let tenants = boards(&fitting).iter().find(|(_, name, _)| name == "Tenants").expect("it is made").0.clone();
    std::fs::remove_file(fitting.path("config.toml")).expect("there is a configuration");
    let unit = format!("unit={tenants}");
    let refused = fitting.run(&["init", "--from-env", "--lang", "fr", "--board", &unit]).expect(2);
    assert!(refused.stderr.contains("un init l’a créé pour `tenant`"), "{refused:?}");
    let done = fitting.run(&["init", "--from-env", "--board", &format!("tenant={tenants}")]).expect(0);
    assert!(!done.stderr.contains("columns of `tenant`"), "{done:?}");
}

#[test]
fn a_board_that_cannot_be_used_says_why() {
    let world = nothing(2);
    let board = world.sandbox.monday().add_titled_board("Unités", &[("numbers_a", "Loyer", "numbers", Value::Null)]);
    let unit = format!("unit={board}");
    let refused = world.run(&["init", "--from-env", "--board", &unit]).expect(2);
    assert!(refused.stderr.contains("Hopem key") && refused.stderr.contains("--create-boards"), "{refused:?}");
    for (given, reported) in
        [("unit=12345", "board 12345"), ("unit=abc", "kind=NUMBER"), ("unitt=1", "did you mean `unit`?")]
    {
        let refused = world.run(&["init", "--from-env", "--board", given]).expect(2);
        assert!(refused.stderr.contains(reported) && refused.stderr.contains("help:"), "{refused:?}");
    }
    assert!(!world.path("config.toml").exists());
    let workspace = workspace(&world);
    let arguments = ["init", "--from-env", "--board", &unit, "--create-boards", "--workspace", &workspace];
    world.run(&arguments).expect(0);
    let columns = world.sandbox.monday().columns_of(&board);
    assert!(columns.iter().any(|column| column.id == "hopem_key" && column.kind == "text"), "{columns:#?}");
    assert_eq!(world.sandbox.monday().boards_in(&workspace).len(), 8);
    world.run(&["sync"]).expect(0);
}

#[test]
fn the_allowance_and_the_limits_of_boards_are_reported_before_the_first_load() {
    let world = nothing(8);
    world.sandbox.monday().set_daily_limit(Some(200));
    world.sandbox.monday().set_items_limit(5);
    let done = create(&world).expect(0);
    assert!(done.stdout.contains("may spend 200 calls a day"), "{done:?}");
    assert!(done.stdout.contains("more than the 5 that a board may hold"), "{done:?}");
    assert!(configuration(&world).contains("daily_calls = 150"), "{}", configuration(&world));
    let document = world.run(&["init", "--from-env", "--create-boards", "--workspace", "1", "--json"]).expect(0).json();
    assert_eq!(document["account"]["daily_limit"], 200);
    assert!(document["first_load"]["over_item_limit"].as_array().is_some_and(|kinds| !kinds.is_empty()), "{document}");
    assert!(document["kinds"]["unit"]["board"].is_string(), "{document}");
}

#[test]
fn two_kinds_never_get_one_board() {
    let world = nothing(2);
    let refused = |arguments: &[&str], reported: &str| {
        let done = world.run(&[&["init", "--from-env"], arguments].concat()).expect(2);
        assert!(done.stderr.contains(reported), "{reported} in {done:?}");
        assert!(!world.path("config.toml").exists());
    };
    refused(&["--board", "unit=7", "--board", "tenant=7"], "board 7 cannot be that of `tenant`: it is that of `unit`");
    refused(&["--board", "unit=7", "--board", "unité=8", "--lang", "fr"], "plusieurs tableaux sont donnés à `unit`");
    world.write("config.toml", "[entities.building]\nboard = 7\nkey_column = \"k\"\n");
    let done = world.run(&["init", "--from-env", "--board", "unit=7"]).expect(2);
    assert!(done.stderr.contains("it is that of `building`"), "{done:?}");
}

#[test]
fn boards_that_were_made_are_named_with_their_addresses() {
    let world = nothing(2);
    let done = create(&world).expect(0);
    let text = configuration(&world);
    let board = text.split("[entities.unit]\nboard = ").nth(1).and_then(|rest| rest.lines().next()).expect("a board");
    let line = done.stdout.lines().find(|line| line.starts_with("board “Units” (unit): https://"));
    assert!(line.is_some_and(|line| line.contains(board)), "{board} in {done:?}");
}

#[test]
fn the_columns_of_boards_that_people_made_are_found_by_what_they_are_called() {
    let world = World::tidy(4);
    let boards = ["building", "unit", "tenant"].map(|kind| format!("{kind}={}", world.board(kind)));
    let mut arguments = vec!["init", "--from-env", "--print", "--lang", "fr"];
    arguments.extend(boards.iter().flat_map(|board| ["--board", board]));
    std::fs::remove_file(world.path("config.toml")).expect("it was there");
    let mut world = world;
    world.set("HAPI_URL", &world.sandbox.hapi_url());
    world.set("HAPI_USERNAME", "svc-monday");
    world.set("MONDAY_URL", &world.sandbox.monday_url());
    let text = world.run(&arguments).expect(0).stdout;
    for expected in [
        "text_code = \"BuildingCode\"",
        "numbers_year = { field = \"ConstructionYear\", type = \"numbers\" }",
        "text_code = \"UnitCode\"",
        "date_available = { field = \"AvailableDate\", type = \"date\" }",
        "numbers_tenant = { field = \"TenantNo\", type = \"numbers\" }",
        "timeline_lease = { template = \"{LeaseStart}/{LeaseEnd}\", type = \"timeline\" }",
    ] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
}
