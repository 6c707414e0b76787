//! `init` as a conversation on a terminal.

use crate::init::{configuration, nothing, without_answers};
use crate::support::{World, conversing, killed_at, mode};
use hopem_sandbox::monday::TOKEN;
use hopem_sandbox::{Api, Fault, Rule};

/// The binary that has to ask for everything.
fn asking(world: &World, arguments: &[&str]) -> std::process::Command {
    let mut command = without_answers(world, arguments);
    command.env("COLUMNS", "100").env("TERM", "dumb");
    command
}

#[test]
fn a_conversation_ends_in_a_configuration_and_no_secret_is_shown() {
    let world = nothing(6);
    let settings = world.sandbox.hapi().settings.clone();
    let url = world.sandbox.hapi_url();
    let done = conversing(
        asking(&world, &["init", "--create-boards", "--lang", "fr"]),
        &[
            ("Adresse de HApi", "oups"),
            ("Adresse de HApi", &url),
            ("Utilisateur HApi", "svc-monday"),
            ("Mot de passe HApi", &settings.password),
            ("Clé HApi", &settings.api_key),
            ("Jeton monday.com", TOKEN),
            ("Quels types", "immeuble, unité, locataire"),
            ("lesquels sont transmis", "L"),
            ("Écrire", "o"),
            ("Quel espace de travail", ""),
        ],
    );
    assert_eq!(done.code, 0, "{}", done.stdout);
    for secret in [settings.password.as_str(), &settings.api_key, TOKEN] {
        assert!(!done.stdout.contains(secret), "{}", done.stdout);
    }
    for expected in ["figurerait sur son tableau comme", "L (Actuel)", "Premier chargement", "hopem-sync sync"] {
        assert!(done.stdout.contains(expected), "{expected} in {}", done.stdout);
    }
    let text = configuration(&world);
    assert!(
        text.contains("only = { TenantType = [\"L\"] }") && text.contains("# non choisi\n[entities.parking]"),
        "{text}"
    );
    assert_eq!(mode(&world.path("hapi-key")), 0o600);
    let workspace = world.sandbox.monday().workspaces()[0].clone();
    assert_eq!(world.sandbox.monday().boards_in(&workspace).len(), 3);
    crate::support::output(asking(&world, &["sync"])).expect(0);
}

#[test]
fn what_is_refused_is_asked_again_and_nothing_else_but_not_for_ever() {
    let world = nothing(2);
    let settings = world.sandbox.hapi().settings.clone();
    let (url, password, key) = (world.sandbox.hapi_url(), settings.password.as_str(), settings.api_key.as_str());
    // An address where nobody is, then a mistyped user; monday's side stays out of it.
    let talk = [
        ("Address of HApi", "http://127.0.0.1:9"),
        ("HApi user", "svc-mnoday"),
        ("HApi password", password),
        ("HApi key", key),
        ("Address of HApi (the part before /api): [http://127.0.0.1:9]", url.as_str()),
        ("HApi user: [svc-mnoday]", "svc-monday"),
        ("HApi password", password),
        ("HApi key", key),
        ("monday.com token", "no"),
        ("monday.com token", TOKEN),
        ("Which kinds", "unit, Parking leases"),
        ("Write", "n"),
    ];
    let done = conversing(asking(&world, &["init"]), &talk);
    for reported in ["connection refused", "HApi refused the login", "monday refused the token", "nothing was written"]
    {
        assert!(done.stdout.contains(reported), "{reported} in {}", done.stdout);
    }
    for (question, times) in [("Address of HApi", 2), ("HApi user", 2), ("HApi password", 2), ("monday.com token", 2)] {
        assert_eq!(done.stdout.matches(question).count(), times, "{question} in {}", done.stdout);
    }
    assert_eq!(done.code, 2);
    assert!(!world.path("config.toml").exists() && !world.path("hapi-password").exists());
    world.sandbox.clear_requests();
    let begin = [("Address of HApi", url.as_str()), ("HApi user", "svc-monday")];
    let wrong = [("HApi password", "no"), ("HApi key", "no")];
    let again: Vec<(&str, &str)> = std::iter::once(("HApi user", "")).chain(wrong).collect();
    let talk: Vec<(&str, &str)> = begin.into_iter().chain(wrong).chain(again.clone()).chain(again).collect();
    let done = conversing(asking(&world, &["init", "building"]), &talk);
    assert_eq!(done.code, 6, "{}", done.stdout);
    assert_eq!(world.sandbox.request_count(Api::Hapi), 3, "one login each time");
}

#[test]
fn a_slip_in_an_address_is_reported_without_a_file_that_is_not_there() {
    let world = nothing(2);
    let url = world.sandbox.hapi_url();
    let mut command = world.command(&["init", "--yes", "--print", "--lang", "fr"]);
    command.env("COLUMNS", "100").env_remove("HOPEM_SYNC_HAPI_URL");
    let done = conversing(command, &[("Adresse de HApi", "oups"), ("Adresse de HApi", &url)]);
    assert_eq!(done.code, 0, "{}", done.stdout);
    assert!(done.stdout.contains("`oups` ne convient pas") && !done.stdout.contains("config.toml"), "{}", done.stdout);
}

#[test]
fn with_yes_what_is_proposed_is_taken_without_a_question() {
    let world = nothing(2);
    let done = conversing(world.command(&["init", "--yes", "--lang", "en"]), &[]);
    assert_eq!(done.code, 0, "{}", done.stdout);
    assert!(
        !done.stdout.contains("Which kinds") && configuration(&world).contains("[entities.unit]"),
        "{}",
        done.stdout
    );
}

#[test]
fn a_configuration_that_is_there_is_completed_only_where_somebody_agrees() {
    let world = nothing(2);
    world.write("config.toml", "# mine\n");
    let done = conversing(world.command(&["init"]), &[("is there already", "")]);
    assert_eq!((done.code, configuration(&world).as_str()), (2, "# mine\n"), "{}", done.stdout);
    let done =
        conversing(world.command(&["init", "unit"]), &[("is there already", "y"), ("Which kinds", ""), ("Write", "")]);
    assert_eq!(done.code, 0, "{}", done.stdout);
    assert!(configuration(&world).starts_with("# mine\n"), "{}", configuration(&world));
}

#[test]
fn an_init_that_is_killed_at_any_question_goes_on_there_and_nothing_is_typed_again() {
    let settings = nothing(1).sandbox.hapi().settings.clone();
    let mut whole = None;
    for cut in 0..9 {
        let world = nothing(4);
        let url = world.sandbox.hapi_url();
        let talk = [
            ("Adresse de HApi", url.as_str()),
            ("Utilisateur HApi", "svc-monday"),
            ("Mot de passe HApi", &settings.password),
            ("Clé HApi", &settings.api_key),
            ("Jeton monday.com", TOKEN),
            ("Quels types", "immeuble, unité, locataire"),
            ("lesquels sont transmis", "L"),
            ("Écrire", ""),
            ("Quel espace de travail", ""),
        ];
        let (before, after) = talk.split_at(cut);
        killed_at(asking(&world, &["init", "--create-boards", "--lang", "fr"]), before, after[0].0);
        let kept = std::fs::read_to_string(world.path("config.toml.unfinished")).unwrap_or_default();
        assert_eq!(kept.is_empty(), cut == 0 || cut == 8, "{cut}: {kept}");
        for secret in [settings.password.as_str(), &settings.api_key, TOKEN] {
            assert!(!kept.contains(secret), "{cut}: {kept}");
        }
        // Its language is gone on with too, once something was answered.
        let lang: &[&str] = if cut == 0 { &["--lang", "fr"] } else { &[] };
        let done = conversing(asking(&world, &[&["init", "--create-boards"], lang].concat()), after);
        assert_eq!(done.code, 0, "{cut}: {}", done.stdout);
        for (question, _) in before {
            assert!(!done.stdout.contains(question), "{cut}: {question} in {}", done.stdout);
        }
        assert_eq!(done.stdout.contains("Suite d’un init"), (1..8).contains(&cut), "{cut}: {}", done.stdout);
        assert!(!world.path("config.toml.unfinished").exists(), "{cut}");
        assert_eq!((mode(&world.path("monday-token")), mode(&world.path("hapi-key"))), (0o600, 0o600), "{cut}");
        let workspace = world.sandbox.monday().workspaces()[0].clone();
        assert_eq!(world.sandbox.monday().boards_in(&workspace).len(), 3, "{cut}");
        // Folders, ports and boards are others each time.
        let own = |line: &&str| !["url", "board", "_file"].iter().any(|word| line.contains(word));
        let text = configuration(&world).lines().filter(own).collect::<Vec<_>>().join("\n");
        assert!(text.contains("only = { TenantType = [\"L\"] }"), "{cut}: {text}");
        assert_eq!(whole.get_or_insert_with(|| text.clone()), &text, "{cut}");
    }
}

#[test]
fn logins_that_are_refused_for_good_are_proposed_again_and_kept_secrets_are_not_tried_again() {
    let world = nothing(2);
    let url = world.sandbox.hapi_url();
    let wrong = [("HApi user", "svc-mnoday"), ("HApi password", "no"), ("HApi key", "no")];
    let again: Vec<(&str, &str)> = std::iter::once(("[svc-mnoday]", "")).chain(wrong[1..].to_vec()).collect();
    let begin = [("Address of HApi", url.as_str())];
    let talk: Vec<(&str, &str)> = begin.into_iter().chain(wrong).chain(again.clone()).chain(again).collect();
    let done = conversing(asking(&world, &["init"]), &talk);
    assert_eq!(done.code, 6, "{}", done.stdout);
    assert!(done.stdout.contains("The answers so far are kept in"), "{}", done.stdout);
    assert!(!world.path("hapi-password").exists() && !world.path("hapi-key").exists());
    world.sandbox.clear_requests();
    let settings = world.sandbox.hapi().settings.clone();
    let talk = [
        ("[svc-mnoday]", "svc-monday"),
        ("HApi password", settings.password.as_str()),
        ("HApi key", &settings.api_key),
        ("monday.com token", TOKEN),
        ("Which kinds", "unit"),
        ("Write", ""),
    ];
    let done = conversing(asking(&world, &["init"]), &talk);
    assert_eq!((done.code, done.stdout.contains("Address of HApi")), (0, false), "{}", done.stdout);
    assert!(configuration(&world).contains("username = \"svc-monday\""));
}

#[test]
fn a_kept_secret_that_is_refused_later_is_asked_anew_and_what_is_not_wanted_goes() {
    let world = nothing(2);
    let settings = world.sandbox.hapi().settings.clone();
    let url = world.sandbox.hapi_url();
    let begin = [
        ("Address of HApi", url.as_str()),
        ("HApi user", "svc-monday"),
        ("HApi password", settings.password.as_str()),
        ("HApi key", &settings.api_key),
    ];
    killed_at(asking(&world, &["init"]), &begin, "monday.com token");
    world.sandbox.hapi().settings.password = "another".to_owned();
    let talk = [
        ("HApi user: [svc-monday]", ""),
        ("HApi password", "another"),
        ("HApi key", &settings.api_key),
        ("monday.com token", TOKEN),
        ("Which kinds", "unit"),
        ("Write", "n"),
    ];
    let done = conversing(asking(&world, &["init"]), &talk);
    assert_eq!(done.code, 2, "{}", done.stdout);
    for file in ["config.toml", "config.toml.unfinished", "hapi-password", "hapi-key", "monday-token"] {
        assert!(!world.path(file).exists(), "{file}");
    }
}

#[test]
fn a_workspace_that_was_answered_is_not_asked_for_again_and_what_is_waited_for_is_shown_whole() {
    ["xterm", "dumb"].into_iter().for_each(the_workspace_is_kept_and_the_wait_is_shown);
}

fn the_workspace_is_kept_and_the_wait_is_shown(terminal: &str) {
    let world = nothing(2);
    world.sandbox.monday().refuse_next("create_status_column", "UserUnauthorizedException", 100);
    let command = |arguments: &[&str]| {
        let mut command = world.command(arguments);
        command.env("COLUMNS", "60").env("TERM", terminal).env("NO_COLOR", "1").env("HOPEM_SYNC_MONDAY_SETTLE", "3s");
        command
    };
    let workspace = world.sandbox.monday().add_workspace("Gestion");
    let talk = [("Which kinds", "unit"), ("Write", ""), ("Which workspace", workspace.as_str())];
    let done = conversing(command(&["init", "--create-boards"]), &talk);
    assert_eq!(done.code, 1, "{}", done.stdout);
    world.sandbox.monday().clear_refusals();
    world.sandbox.inject(Rule::once(Api::Monday, Fault::LostAfter).containing("CreateColumns"));
    let done = conversing(command(&["init", "--create-boards", "--yes"]), &[]);
    assert_eq!(done.code, 0, "{}", done.stdout);
    let shown = done.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains(&format!("workspace {workspace} (Gestion), as was answered before")), "{shown}");
    assert!(shown.contains("waiting until its searches show what was made ("), "{shown}");
    assert_eq!(world.sandbox.monday().boards_in(&workspace).len(), 1);
}
