//! `init`: from nothing to a configuration.

use crate::support::{Output, World, mode, output};
use hopem_sandbox::monday::TOKEN;
use hopem_sandbox::{Api, Portfolio};
use std::process::Command;

/// A portfolio and an account without boards; no configuration, and the answers in the environment.
pub(crate) fn nothing(units: usize) -> World {
    let mut world = World::bare();
    Portfolio::tidy(1, units).fill(&mut world.sandbox.hapi());
    std::fs::remove_file(world.path("config.toml")).expect("it was there");
    world.set("HAPI_URL", &world.sandbox.hapi_url());
    world.set("HAPI_USERNAME", "svc-monday");
    world.set("MONDAY_URL", &world.sandbox.monday_url());
    world.set("MONDAY_SETTLE", "60ms");
    world.set("NETWORK_RETRY_BASE", "1ms");
    world.set("STORE_PATH", &world.store().display().to_string());
    world
}

/// The binary without any answer in its environment.
pub(crate) fn without_answers(world: &World, arguments: &[&str]) -> Command {
    let mut command = world.command(arguments);
    for name in ["HAPI_URL", "HAPI_USERNAME", "HAPI_PASSWORD", "HAPI_API_KEY", "MONDAY_TOKEN"] {
        command.env_remove(format!("HOPEM_SYNC_{name}"));
    }
    command
}

pub(crate) fn configuration(world: &World) -> String {
    std::fs::read_to_string(world.path("config.toml")).expect("a configuration")
}

#[test]
fn a_configuration_is_written_from_what_hapi_offers_with_private_secrets() {
    let world = nothing(6);
    let done = world.run(&["init", "--from-env", "--lang", "fr"]).expect(0);
    let text = configuration(&world);
    for expected in [
        "language = \"fr\"",
        "[entities.unit]",
        "text_unitcode = \"UnitCode\"",
        "num_rent = { field = \"Rent\", type = \"numbers\" }",
        "link_building = { relation = \"building\" }",
        "only = { TenantType = [\"L\", \"A\"] }",
        "fiches dans HApi",
    ] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
    for secret in ["hapi-password", "hapi-key", "monday-token"] {
        assert_eq!(mode(&world.path(secret)), 0o600, "{secret}");
    }
    assert_eq!(std::fs::read_to_string(world.path("monday-token")).expect("a token"), format!("{TOKEN}\n"));
    assert!(!text.contains(TOKEN) && !done.stdout.contains(TOKEN), "{done:?}");
    assert!(done.stdout.contains("Premier chargement"), "{done:?}");
    // What was written works, without anything in the environment.
    let mut check = without_answers(&world, &["pull"]);
    check.env_remove("HOPEM_SYNC_MONDAY_URL");
    output(check).expect(0);
}

#[test]
fn what_is_printed_is_the_configuration_and_nothing_is_written() {
    let world = nothing(4);
    let printed = world.run(&["init", "--from-env", "--print"]).expect(0);
    assert!(!world.path("config.toml").exists() && !world.path("hapi-key").exists() && !world.path("data").exists());
    assert!(printed.stdout.starts_with("# Configuration of hopem-sync"), "{printed:?}");
    assert!(printed.stderr.contains("First load"), "{printed:?}");
    let document = world.run(&["init", "--from-env", "--print", "--json"]).expect(0).json();
    assert_eq!(document["configuration"], printed.stdout);
    assert_eq!(document["account"]["name"], "Sandbox");
    assert!(document["kinds"]["unit"]["pushed"].as_u64() > Some(0), "{document}");
    world.write("config.toml", &printed.stdout);
    world.run(&["pull"]).expect(0);
}

#[test]
fn a_configuration_that_is_there_is_not_touched_unless_that_was_confirmed_and_then_only_added_to() {
    let world = nothing(4);
    let mine = "# mine\nlanguage = 'fr' # always\n[entities.unit]\n# by hand\nname = '{UnitCode}'\n[entities.unit.columns]\nx = 'Rent'\n";
    world.write("config.toml", mine);
    let refused = world.run(&["init", "--from-env"]).expect(2);
    assert!(refused.stderr.contains("existe déjà") && refused.stderr.contains("--yes"), "{refused:?}");
    assert_eq!((configuration(&world).as_str(), world.sandbox.request_count(Api::Hapi)), (mine, 0));
    world.run(&["init", "--from-env", "--yes"]).expect(0);
    let text = configuration(&world);
    for kept in [
        "# mine\nlanguage = 'fr' # always\n",
        "[entities.unit]\n# by hand\nname = '{UnitCode}'\n",
        "[entities.unit.columns]\nx = 'Rent'\n",
    ] {
        assert!(text.contains(kept), "{kept} in {text}");
    }
    assert!(text.contains("[entities.tenant]") && !text.contains("text_unitcode"), "{text}");
    assert_eq!(mode(&world.path("config.toml")), 0o600, "its mode stays");
}

#[test]
fn each_wrong_answer_ends_with_its_code_and_what_to_do_and_writes_nothing() {
    let refused = |name: &str, value: &str, code: i32, reported: &str| {
        let mut world = nothing(2);
        world.set(name, value);
        world.set("NETWORK_RETRIES", "1");
        let done: Output = world.run(&["init", "--from-env"]).expect(code);
        assert!(
            done.stderr.contains(reported) && (done.stderr.contains("help:") || value == "ftp://x"),
            "{name}: {done:?}"
        );
        assert!(!world.path("config.toml").exists() && !world.path("hapi-key").exists(), "{name}");
        assert!(value.len() < 4 || !done.stderr.contains("wrong-secret"), "{done:?}");
    };
    refused("HAPI_PASSWORD", "wrong-secret", 6, "HApi refused the login");
    refused("HAPI_API_KEY", "wrong-secret", 6, "HApi refused the login");
    refused("MONDAY_TOKEN", "wrong-secret", 6, "monday refused the token");
    refused("HAPI_URL", "http://127.0.0.1:9", 1, "refused");
    refused("HAPI_URL", "ftp://x", 2, "https://example.com");
    refused("HAPI_USERNAME", "", 2, "[hapi] username");
    refused("MONDAY_TOKEN", "", 2, "[monday] token");
}

#[test]
fn without_a_terminal_it_says_how_to_go_on() {
    let world = nothing(2);
    let done = output(without_answers(&world, &["init"])).expect(2);
    assert!(done.stderr.contains("--from-env") && done.stderr.contains("HOPEM_SYNC_HAPI_URL"), "{done:?}");
}

#[test]
fn modules_that_were_not_bought_are_left_out_with_the_reason() {
    let world = nothing(4);
    world.sandbox.hapi().quirks_of("TenantStorages").refused = Some(403);
    world.run(&["init", "--from-env"]).expect(0);
    let text = configuration(&world);
    let left_out = text.split("[entities.locker-lease]").nth(1).expect("a section");
    assert!(left_out.trim_start().starts_with("enabled = false"), "{text}");
    assert!(text.contains("# HApi does not give this kind"), "{text}");
}

#[test]
fn whom_to_push_can_be_chosen_beforehand() {
    let world = nothing(4);
    let printed = world.run(&["init", "--from-env", "--print", "--only", "tenant.TenantType=*"]).expect(0).stdout;
    assert!(!printed.contains("only ="), "{printed}");
    let printed = world.run(&["init", "--from-env", "--print", "--only", "unit.OccupancyStatus=V", "unit"]).expect(0);
    assert!(printed.stdout.contains("only = { OccupancyStatus = [\"V\"] }"), "{printed:?}");
    assert!(printed.stdout.contains("# not chosen\n[entities.tenant]\nenabled = false"), "{printed:?}");
    world.run(&["init", "--from-env", "--print", "--only", "tenants"]).expect(2);
}

#[test]
fn whom_to_push_is_compared_with_what_the_records_hold() {
    let world = nothing(4);
    let only = |only: &str, code: i32| world.run(&["init", "--from-env", "--print", "--only", only]).expect(code);
    let refused = only("tenant.TenantTyp=L", 2);
    assert!(refused.stderr.contains("`TenantTyp`; did you mean `TenantType`?"), "{refused:?}");
    let unseen = only("locataire.tenanttype=l,Q", 0);
    assert!(unseen.stderr.contains("no record of tenant has Q in TenantType; seen: "), "{unseen:?}");
    assert!(unseen.stdout.contains("only = { TenantType = [\"L\", \"Q\"] }"), "{unseen:?}");
    let other = world.run(&["init", "--from-env", "--print", "--only", "tenant.TenantType=L", "unit"]).expect(2);
    assert!(other.stderr.contains("not set up now"), "{other:?}");
    // Of a kind that is configured, it is added where nothing is said of it, and shown where it cannot be.
    world.write("config.toml", "[entities.tenant.columns]\nx = 'LastName'\n");
    world.run(&["init", "--from-env", "--yes", "--only", "tenant.TenantType=L"]).expect(0);
    assert!(configuration(&world).contains("only = { TenantType = [\"L\"] }"), "{}", configuration(&world));
    let stays = world.run(&["init", "--from-env", "--yes", "--only", "tenant.TenantType=A"]).expect(0);
    assert!(stays.stderr.contains("stays as it is") && !configuration(&world).contains("\"A\""), "{stays:?}");
}

#[test]
fn a_kind_that_was_not_chosen_is_added_later_by_its_name() {
    let world = nothing(4);
    world.run(&["init", "--from-env", "--lang", "fr", "unit", "immeuble"]).expect(0);
    let text = configuration(&world);
    assert_eq!(text.matches("# non choisi").count(), 6, "{text}");
    let refused = world.run(&["pull", "stationnement"]).expect(2);
    assert!(refused.stderr.contains("hopem-sync init parking"), "{refused:?}");
    world.run(&["init", "--from-env", "--yes", "stationnement"]).expect(0);
    let text = configuration(&world);
    let parking = text.split("[entities.parking.columns]").nth(1).expect("its columns");
    assert!(parking.contains("ParkingNo"), "{text}");
    assert_eq!(text.matches("enabled = false").count(), 5, "{text}");
    world.run(&["pull", "stationnement"]).expect(0);
}

#[test]
fn the_language_of_the_conversation_is_kept_where_none_is_set() {
    let world = nothing(2);
    world.write("config.toml", "# Configuration de hopem-sync\n");
    world.run(&["init", "--from-env", "--yes", "--lang", "fr"]).expect(0);
    let text = configuration(&world);
    assert!(text.starts_with("# Configuration de hopem-sync\n\nlanguage = \"fr\"\n"), "{text}");
    let done = world.run(&["pull", "unit"]).expect(0);
    assert!(done.stdout.contains("lus"), "cron has no language of its own: {done:?}");
}

#[test]
fn no_record_of_a_person_stands_in_the_log_of_a_job() {
    let world = nothing(2);
    let done = world.run(&["init", "--from-env"]).expect(0);
    assert!(!done.stdout.contains("would stand on its board"), "{done:?}");
    let watched = world.on_terminal(&["init", "--from-env", "--yes"]);
    assert!(watched.stdout.contains("would stand"), "{watched:?}");
}

#[test]
fn commands_to_paste_are_about_the_same_profile() {
    let world = nothing(2);
    let acme = |arguments: &[&str], code| world.run(&[&["--profile", "acme"], arguments].concat()).expect(code);
    let missing = acme(&["status"], 2);
    assert!(missing.stderr.contains("`hopem-sync init --profile acme`"), "{missing:?}");
    let missing = acme(&["status", "--json"], 2).json();
    assert!(missing["error"]["hint"].as_str().is_some_and(|hint| hint.contains("init --profile acme`")), "{missing}");
    let done = acme(&["init", "--from-env"], 0);
    assert!(done.stdout.contains("Next: hopem-sync init --profile acme --create-boards"), "{done:?}");
    let workspace = world.sandbox.monday().workspaces()[0].clone();
    let boards =
        world.run(&["--profile", "north", "init", "--from-env", "--create-boards", "--workspace", &workspace, "unit"]);
    let line = format!("\n*/15 * * * * {} sync --profile north -q --max-duration 14m\n", world.program.display());
    assert!(boards.expect(0).stdout.contains(&line), "{line}");
    let read = acme(&["sync"], 0);
    assert!(read.stderr.contains("nothing is brought to monday; hopem-sync init --profile acme"), "{read:?}");
    world.sandbox.hapi().quirks_of("Units").refused = Some(403);
    let run = acme(&["sync", "--json"], 3).json();
    let status = acme(&["status", "--json"], 0).json();
    for told in [
        &run["failures"][0],
        status["kinds"].as_array().and_then(|kinds| kinds.iter().find(|kind| kind["kind"] == "unit")).expect("unit"),
    ] {
        let hint = told["hint"].as_str().expect("a hint");
        assert!(!hint.contains("hopem-sync") || hint.contains("--profile acme"), "{told}");
    }
    let doctor = acme(&["doctor", "--json"], 3).json();
    let hints: Vec<&str> = doctor["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .filter_map(|finding| finding["hint"].as_str())
        .collect();
    assert!(hints.iter().any(|hint| hint.contains("hopem-sync init --profile acme --create-boards")), "{hints:?}");
    let quiet = acme(&["sync", "-q"], 3);
    assert!(quiet.stderr.contains("see: hopem-sync status --profile acme --state error"), "{quiet:?}");
    let config = world.path("acme.toml").display().to_string();
    let list = world.run(&["--config", &config, "doctor", "--offline"]);
    let flags = format!("hopem-sync init --config {config} --create-boards");
    assert!(list.stdout.contains(&flags) || !list.stdout.contains("--create-boards"), "{list:?}");
}
