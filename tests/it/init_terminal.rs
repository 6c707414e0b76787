//! `init` as a conversation on a terminal.

use crate::init::{configuration, nothing, without_answers};
use crate::support::{World, conversing, mode};
use hopem_sandbox::Api;
use hopem_sandbox::monday::TOKEN;

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
fn a_wrong_password_may_be_typed_anew_but_not_for_ever() {
    let world = nothing(2);
    let settings = world.sandbox.hapi().settings.clone();
    let url = world.sandbox.hapi_url();
    let wrong = [("HApi password", "no"), ("HApi key", "no"), ("monday.com token", TOKEN)];
    let right = [
        ("HApi password", settings.password.as_str()),
        ("HApi key", &settings.api_key),
        ("monday.com token", TOKEN),
        ("Which kinds", ""),
        ("Write", "n"),
    ];
    let begin = [("Address of HApi", url.as_str()), ("HApi user", "svc-monday")];
    let talk: Vec<(&str, &str)> = begin.into_iter().chain(wrong).chain(right).collect();
    let done = conversing(asking(&world, &["init", "building"]), &talk);
    assert!(
        done.stdout.contains("HApi refused the login") && done.stdout.contains("nothing was written"),
        "{}",
        done.stdout
    );
    assert_eq!(done.code, 2);
    assert!(!world.path("config.toml").exists() && !world.path("hapi-password").exists());
    world.sandbox.clear_requests();
    let talk: Vec<(&str, &str)> = begin.into_iter().chain(wrong).chain(wrong).chain(wrong).collect();
    let done = conversing(asking(&world, &["init", "building"]), &talk);
    assert_eq!(done.code, 6, "{}", done.stdout);
    assert_eq!(world.sandbox.request_count(Api::Hapi), 3, "one login each time");
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
