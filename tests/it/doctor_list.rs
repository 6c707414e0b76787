//! `doctor`'s list, line by line: each fault provoked in a world where all else is well, and what is said of it in both languages.

use crate::doctor::{found, sound};
use crate::support::World;
use hopem_sandbox::{Api, Fault, Rule};
use rustix::fs::{FlockOperation, flock};
use serde_json::json;
use std::fs::{File, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};

/// Row of the list: what is done, the check that finds it, and a part of what it says in English and in French.
type Row = (fn(&mut World), &'static str, [&'static str; 2]);

/// Provokes each fault by itself; nothing but it is found.
#[track_caller]
fn each(arguments: &[&str], rows: &[Row]) {
    for (provoke, check, [english, french]) in rows {
        let mut world = sound();
        provoke(&mut world);
        let all = found(&world, arguments, 3);
        assert!(!all.is_empty() && all.iter().all(|(name, ..)| name == check), "{check} `{english}`: {all:#?}");
        assert!(all.iter().any(|(_, _, reported)| reported.contains(english)), "{check} `{english}`: {all:#?}");
        let french_too: Vec<&str> = ["doctor", "--lang", "fr"].into_iter().chain(arguments.iter().copied()).collect();
        let output = world.run(&french_too).expect(3);
        assert!(output.stdout.contains(french), "`{french}` in {output:?}");
    }
}

fn set_mode(world: &World, name: &str, mode: u32) {
    std::fs::set_permissions(world.path(name), Permissions::from_mode(mode)).expect("a mode");
}

/// The password comes from a file that the configuration names.
fn password_in_file(world: &mut World, content: &str) {
    let password = world.environment.remove("HOPEM_SYNC_HAPI_PASSWORD").expect("it is set");
    world.write("hapi-password", if content.is_empty() { &password } else { content });
    world.edit("username = ", "password_file = \"hapi-password\"\nusername = ");
}

fn change_store(world: &World, statement: &str) {
    let connection = rusqlite::Connection::open(world.store()).expect("a store");
    connection.execute_batch(statement).expect("it is done");
}

#[test]
fn files_of_the_machine() {
    each(
        &["--offline"],
        &[
            (
                |world| {
                    password_in_file(world, "");
                    set_mode(world, "hapi-password", 0o644);
                },
                "file",
                [
                    "others than its owner can read the secret in ",
                    "d’autres que son propriétaire peuvent lire le secret",
                ],
            ),
            (
                |world| set_mode(world, "data", 0o755),
                "file",
                ["others than its owner can enter or read ", "d’autres que son propriétaire ont accès à "],
            ),
            (
                |world| {
                    password_in_file(world, "");
                    std::fs::remove_file(world.path("hapi-password")).expect("it was there");
                },
                "secret",
                ["cannot read the secret `[hapi] password`", "`[hapi] password`"],
            ),
            (
                |world| {
                    world.set("MONDAY_URL", "https://api.example.com/v2");
                    world.environment.insert("SSL_CERT_FILE".to_owned(), "/dev/null".to_owned());
                },
                "certificates",
                ["no certificates to trust were found", "aucun certificat de confiance trouvé"],
            ),
        ],
    );
}

#[test]
fn who_must_read_what() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root can give files away");
        return;
    }
    each(
        &["--offline"],
        &[
            // The store belongs to another account, which the secret keeps out.
            (
                |world| {
                    password_in_file(world, "");
                    for path in
                        [world.path("data"), world.store(), world.folder.path().to_owned(), world.path("config.toml")]
                    {
                        chown(path, Some(61_111), None).expect("given away");
                    }
                },
                "readers",
                ["`61111`, whose store it is, cannot read ", "`61111`, à qui est la base locale, ne peut pas lire "],
            ),
            // Nor does a folder let it in.
            (
                |world| {
                    set_mode(world, "", 0o700);
                    for path in [world.path("data"), world.store(), world.path("config.toml")] {
                        chown(path, Some(61_111), None).expect("given away");
                    }
                },
                "readers",
                ["config.toml", "config.toml"],
            ),
        ],
    );
}

#[test]
fn the_store() {
    each(
        &["--offline"],
        &[
            (
                |world| {
                    let length = std::fs::metadata(world.store()).expect("a file").len();
                    let file = File::options().write(true).open(world.store()).expect("a file");
                    let page = [0xA5_u8; 4096];
                    for at in (4096 * 4..length - 4096).step_by(4096) {
                        std::os::unix::fs::FileExt::write_all_at(&file, &page, at).expect("written");
                    }
                },
                "store",
                ["is damaged", "est endommagée"],
            ),
            (|world| change_store(world, "PRAGMA user_version = 999"), "store", ["999", "999"]),
            (|world| world.set("HAPI_URL", "https://other.example"), "identity", ["other.example", "other.example"]),
            (
                |world| change_store(world, "UPDATE runs SET exit_code = 3, outcome = 'partial'"),
                "last-run",
                ["run 1, the last one, ended with exit 3", "l’exécution 1, la dernière, a fini avec le code 3"],
            ),
            (
                |world| {
                    change_store(
                        world,
                        "UPDATE runs SET started_at = '2026-01-01T00:00:00Z', finished_at = '2026-01-01T00:01:00Z'",
                    );
                },
                "last-run",
                ["the last run ended ", "la dernière exécution a pris fin il y a "],
            ),
            (
                |world| {
                    // No run comes to store them again.
                    world.sandbox.hapi().update_where("Units", |_| true, "HousingType", "LOFT".into());
                    world.edit("COM = \"Commercial\" }", "COM = \"Commercial\" }, on_edit = \"keep\"");
                    world.run(&["pull"]).expect(0);
                },
                "values",
                ["1 value of `HousingType` stands in no `values`", "1 valeur de `HousingType` ne figure"],
            ),
        ],
    );
}

#[test]
fn a_lock_that_was_held_for_long() {
    let world = sound();
    world.write(
        "data/store.db.lock",
        &json!({"pid": 4312, "command": "sync", "since": "2026-01-01T00:00:00Z"}).to_string(),
    );
    let lock = File::options().read(true).write(true).open(world.path("data/store.db.lock")).expect("a file");
    flock(&lock, FlockOperation::LockExclusive).expect("it is held");
    let all = found(&world, &["--offline"], 3);
    assert!(
        all.len() == 1 && all[0].0 == "lock" && all[0].2.contains("process 4312 has held the lock for"),
        "{all:#?}"
    );
    drop(lock);
    assert_eq!(found(&world, &["--offline"], 0), []);
}

#[test]
fn what_hapi_refuses() {
    let date = |seconds: i64| {
        let now = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds);
        vec![("Date".to_owned(), now.strftime("%a, %d %b %Y %T GMT").to_string())]
    };
    for (seconds, english) in [(-3_600, "clock is 60 min ahead"), (3_660, "clock is 6")] {
        let world = sound();
        let empty = Fault::Status { status: 200, headers: date(seconds), body: "{\"value\": []}".to_owned() };
        world.sandbox.inject(Rule::always(Api::Hapi, empty).containing("/api/TenantStorages"));
        let all = found(&world, &[], 3);
        assert!(all.len() == 1 && all[0].0 == "clock" && all[0].2.contains(english), "{seconds}: {all:#?}");
    }
    each(
        &[],
        &[
            // A kind that was read before.
            (|world| world.sandbox.hapi().switch_off("Storages"), "entity-set", ["storage", "rangement"]),
            (
                |world| {
                    world.sandbox.hapi().rename("Storages", "Lockers");
                    world.edit("[entities.storage]\n", "[entities.storage]\nendpoint = \"Lagers\"\n");
                },
                "entity-set",
                ["404", "404"],
            ),
            (
                |world| {
                    let broken = Fault::Status { status: 500, headers: Vec::new(), body: "boom".to_owned() };
                    world.sandbox.inject(Rule::always(Api::Hapi, broken).containing("/api/Storages"));
                },
                "entity-set",
                ["500", "500"],
            ),
        ],
    );
    // A module that was never there is no failure of a run, and what to do is said all the same.
    let world = World::tidy(2);
    world.sandbox.hapi().switch_off("Storages");
    world.run(&["sync"]).expect(0);
    let all = found(&world, &[], 3);
    let reported = all.iter().find(|(check, subject, _)| check == "entity-set" && subject.starts_with("storage"));
    assert!(reported.is_some_and(|(_, _, reported)| reported.contains("403")), "{all:#?}");
}

#[test]
fn what_monday_shows() {
    each(
        &[],
        &[
            (
                |world| world.sandbox.monday().set_daily_limit(Some(200)),
                "allowance",
                ["may make 200 calls a day", "a droit à 200 appels par jour"],
            ),
            (
                |world| {
                    let items =
                        [world.boards.iter().map(|board| world.sandbox.monday().items(&board.board_id).len()).max()];
                    let most = items[0].expect("boards") as u64;
                    world.sandbox.monday().set_items_limit(most);
                },
                "board",
                ["the board has ", "le tableau a "],
            ),
            (
                |world| {
                    world.edit("link_unit = { relation = \"unit\" }", "link_other = { relation = \"unit\" }");
                    world.edit(
                        "link_building = { relation = \"building\" }\ntext_comment",
                        "link_unit = { relation = \"building\" }\ntext_comment",
                    );
                    world.edit("link_other = ", "link_building = ");
                },
                "connection",
                ["where the items of `building` are", "où sont les éléments de `building`"],
            ),
            (
                |world| {
                    let board = world.board("storage").to_owned();
                    world.sandbox.monday().remove_column(&board, "text_key");
                },
                "key-column",
                ["text_key", "text_key"],
            ),
            (
                |world| {
                    let board = world.board("unit").to_owned();
                    let key = world.sandbox.monday().items(&board)[0].values["text_key"].clone();
                    world.sandbox.monday().create_item_by_hand(&board, "a copy", &json!({"text_key": key}));
                },
                "duplicates",
                ["1 key stands on several items", "1 clé figure sur plusieurs éléments"],
            ),
            (
                |world| {
                    let board = world.board("unit").to_owned();
                    world.sandbox.monday().rename_label(&board, "status_occupancy", "Vacant", "Libre");
                },
                "column",
                ["lacks labels that `values` and `default` name: Vacant", "il manque à la colonne des étiquettes"],
            ),
        ],
    );
}

#[test]
fn a_column_that_is_closed_to_the_token() {
    let world = sound();
    let board = world.board("unit").to_owned();
    world.sandbox.monday().close_column(&board, "numbers_rent", "UserUnauthorizedException", true);
    world.sandbox.hapi().update_where("Units", |_| true, "Rent", 1.into());
    world.run(&["sync"]).expect(3);
    let all = found(&world, &[], 3);
    let reported = all.iter().find(|(check, subject, _)| check == "column" && subject == "unit.numbers_rent");
    assert!(reported.is_some(), "{all:#?}");
}

#[test]
fn a_receiver_that_is_gone() {
    let mut world = sound();
    world.set("LISTEN_SECRET", "a-long-random-word");
    let mut listen = world
        .command(&["listen", "--address", "127.0.0.1:0"])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(listen.stderr.take().expect("stderr")), &mut line)
        .expect("it is ready");
    let dead =
        |all: &[(String, String, String)]| all.iter().any(|(_, _, reported)| reported.contains("no receiver runs now"));
    assert!(!dead(&found(&world, &[], 3)), "it is there");
    let is_about_webhooks = |all: &[(String, String, String)]| all.iter().any(|(check, ..)| check == "webhooks");
    rustix::process::kill_process(rustix::process::Pid::from_child(&listen), rustix::process::Signal::TERM)
        .expect("a signal");
    listen.wait().expect("it ends");
    // A trial that brought no event, and nothing is subscribed: webhooks are not in use.
    let done = world.run(&["doctor", "--json"]);
    assert!(!done.stdout.contains("\"webhooks\""), "{done:?}");
    world.run(&["subscribe", "add", "unit", "--url", "http://127.0.0.1:9/"]).expect(0);
    let all = found(&world, &[], 3);
    assert!(dead(&all) && is_about_webhooks(&all), "{all:#?}");
}
