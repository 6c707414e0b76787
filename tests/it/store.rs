//! The store's file: what is refused is left as it is, what may only be read is read, what cannot be used is reported with its path.

use crate::support::{Output, World, mode, output};
use hopem_sandbox::Portfolio;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// A user without rights, where the tests run as root.
const NOBODY: u32 = 65534;

/// Every file of a folder with what is in it.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a file").path());
    let name = |path: &Path| path.file_name().expect("a name").to_string_lossy().into_owned();
    entries.filter(|path| path.is_file()).map(|path| (name(&path), fs::read(&path).expect("its content"))).collect()
}

/// A store after one sync, with its log written back.
fn synced(units: usize) -> World {
    let world = World::tidy(units);
    world.run(&["sync"]).expect(0);
    world
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// Runs the binary as somebody who is not root: as another user, or, where the tests are not root's, as this one.
fn as_user(world: &World, arguments: &[&str]) -> Output {
    let mut command = world.command(arguments);
    if !is_root() {
        return output(command);
    }
    fs::set_permissions(world.folder.path(), Permissions::from_mode(0o755)).expect("its mode");
    fs::set_permissions(world.path("config.toml"), Permissions::from_mode(0o644)).expect("its mode");
    command.uid(NOBODY).gid(NOBODY);
    match command.output() {
        // The binary is where others may not go.
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            let copy = world.path("hopem-sync");
            fs::copy(env!("CARGO_BIN_EXE_hopem-sync"), &copy).expect("a copy");
            let mut again = Command::new(copy);
            again.args(arguments).env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
            again.uid(NOBODY).gid(NOBODY);
            output(again)
        }
        _ => output(command),
    }
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("its mode");
}

/// Writes into a store past the program, and leaves what was written in the log. With `files`: as a crash would leave it.
fn write_into_log(store: &Path, statement: &str, keeps_index: bool) {
    let kept = store.with_extension("kept");
    {
        let connection = rusqlite::Connection::open(store).expect("a store");
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())).expect("a log");
        connection.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(())).expect("a pragma");
        connection.execute_batch(statement).expect("a statement");
        fs::create_dir(&kept).expect("a folder");
        for (name, content) in
            files(store.parent().expect("a folder")).into_iter().filter(|(name, _)| !name.ends_with(".kept"))
        {
            if keeps_index || !name.ends_with("-shm") {
                fs::write(kept.join(name), content).expect("a file");
            }
        }
    }
    for name in files(&kept).keys() {
        fs::rename(kept.join(name), store.with_file_name(name)).expect("moved");
    }
    fs::remove_dir(&kept).expect("empty");
}

#[test]
fn what_is_no_store_of_this_version_is_left_exactly_as_it_is() {
    type Spoil = fn(&Path);
    let spoilt: [(&str, Spoil); 6] = [
        ("newer", |store| {
            let connection = rusqlite::Connection::open(store).expect("a store");
            connection.pragma_update(None, "user_version", 999).expect("a version");
        }),
        ("newer in its log", |store| write_into_log(store, "PRAGMA user_version = 999", true)),
        ("newer in a log without its index", |store| write_into_log(store, "PRAGMA user_version = 999", false)),
        ("foreign", |store| {
            let connection = rusqlite::Connection::open(store).expect("a store");
            connection.pragma_update(None, "application_id", 7).expect("an id");
        }),
        ("no database", |store| fs::write(store, "a list of units\n".repeat(500)).expect("written")),
        ("damaged", |store| {
            let mut content = fs::read(store).expect("a store");
            // Wherever its tables stand.
            let quarter = content.len() / 4;
            content[quarter..3 * quarter].fill(0x5a);
            fs::write(store, content).expect("written");
        }),
    ];
    let world = synced(60);
    let sound = files(world.store().parent().expect("a folder")).remove("store.db").expect("a store");
    for (name, spoil) in spoilt {
        let folder = world.path(name);
        fs::create_dir(&folder).expect("a folder");
        let store = folder.join("store.db");
        fs::write(&store, &sound).expect("a store");
        spoil(&store);
        let before = files(&folder);
        let store = store.display().to_string();
        let copy = world.path("copy.db").display().to_string();
        let mut commands: Vec<Vec<&str>> = vec![
            vec!["pull"],
            vec!["push"],
            vec!["sync"],
            vec!["pause", "unit:1"],
            vec!["listen", "--stdin"],
            vec!["forget", "unit:1", "--yes"],
        ];
        if name != "damaged" {
            commands.extend([vec!["status"], vec!["runs"], vec!["backup", &copy], vec!["sync", "--dry-run"]]);
        }
        for command in commands {
            let arguments = [&command[..], &["--store", &store]].concat();
            let result = world.run(&arguments).expect(8);
            assert!(result.stderr.contains(&store), "{name}: {result:?}");
            assert_eq!(
                files(&folder).keys().collect::<Vec<_>>(),
                before.keys().collect::<Vec<_>>(),
                "{name}: {command:?}"
            );
            assert!(files(&folder) == before, "{name}: {command:?} changed a file");
        }
        assert!(!world.path("copy.db").exists());
    }
}

#[test]
fn what_cannot_be_read_is_an_error_that_names_its_path() {
    let world = synced(3);
    let expect = |result: Output, code: i32, path: &Path, words: &str| {
        let result = result.expect(code);
        let path = path.display().to_string();
        assert!(result.stderr.contains(&path) && result.stderr.contains(words), "{result:?}");
    };
    let store = |path: &Path| path.display().to_string();
    let missing = world.path("nowhere/store.db");
    for (path, words) in [
        (missing.clone(), "is not there"),
        (world.path("data"), "is no file"),
        (world.path("config.toml/store.db"), "cannot open the store"),
    ] {
        expect(world.run(&["status", "--store", &store(&path)]), 1, &path, words);
        expect(world.run(&["runs", "--store", &store(&path)]), 1, &path, words);
    }
    assert!(!world.path("nowhere").exists());
    // Named by the configuration too, unless it is the configuration's own folder.
    let configuration = fs::read_to_string(world.path("config.toml")).expect("a configuration");
    let volume = tempfile::tempdir().expect("a folder").path().join("store.db");
    world.write("config.toml", &configuration.replace("data/store.db", &store(&volume)));
    expect(world.run(&["status"]), 1, &volume, "is not there");
    world.write("config.toml", &configuration.replace("data/store.db", "later/store.db"));
    world.run(&["status"]).expect(0);
    world.write("config.toml", &configuration);
    let link = world.path("link.db");
    symlink(world.path("unmounted/store.db"), &link).expect("a link");
    expect(world.run(&["status", "--store", &store(&link)]), 1, &link, "is a link to");
    expect(world.run(&["pull", "--store", &store(&link)]), 1, &link, "is a link to");
    assert!(!world.path("unmounted").exists());
    // What is not there yet, in a folder that is, holds nothing yet.
    let fresh = store(&world.path("fresh.db"));
    let status = world.run(&["status", "--json", "--store", &fresh]).expect(0).json();
    assert_eq!(status["last_run"], Value::Null);
    for path in ["", "/", "data/.."] {
        world.run(&["status", "--store", path]).expect(2);
    }
    set_mode(&world.store(), 0o600);
    expect(as_user_of_others(&world, &["status"]), 1, &world.store(), "Permission denied");
    let document = as_user_of_others(&world, &["status", "--json"]).expect(1).json();
    assert_eq!(document["error"]["exit_code"], 1, "{document}");
    let check = as_user_of_others(&world, &["status", "--check"]).expect(3);
    assert!(
        check.stdout.starts_with("HOPEM-SYNC UNKNOWN") && check.stdout.contains(&store(&world.store())),
        "{check:?}"
    );
    expect(as_user_of_others(&world, &["pull"]), 1, &world.store(), "Permission denied");
}

/// Runs the binary as somebody to whom the store is closed: another user, or this one behind a closed folder.
fn as_user_of_others(world: &World, arguments: &[&str]) -> Output {
    let folder = world.path("data");
    set_mode(&folder, if is_root() { 0o755 } else { 0o000 });
    let result = as_user(world, arguments);
    set_mode(&folder, 0o700);
    result
}

#[test]
fn a_store_that_may_only_be_read_is_read_and_nothing_is_left_beside_it() {
    for leaves_log in [false, true] {
        let world = synced(7);
        let all = json!(world.query("SELECT key FROM entities WHERE kind = 'unit'").len());
        let folder = world.path("data");
        if leaves_log {
            write_into_log(&world.store(), "UPDATE entities SET name = 'from the log' WHERE kind = 'unit'", false);
        }
        for name in files(&folder).keys() {
            set_mode(&folder.join(name), 0o444);
        }
        set_mode(&folder, 0o555);
        let before = files(&folder);
        let status = as_user(&world, &["status", "--json"]).expect(0).json();
        let units =
            status["kinds"].as_array().expect("kinds").iter().find(|kind| kind["kind"] == "unit").expect("units");
        assert_eq!((&units["total"], &units["synced"]), (&all, &all), "{units}");
        let listed = as_user(&world, &["status", "unit", "--json"]).expect(0).json();
        assert_eq!(listed["entities"][0]["name"] == "from the log", leaves_log, "{listed}");
        assert_eq!(as_user(&world, &["runs", "--json"]).expect(0).json()["runs"].as_array().map(Vec::len), Some(1));
        for command in [&["pull"][..], &["pause", "unit:1"], &["forget", "unit:1", "--yes"]] {
            let result = as_user(&world, command).expect(1);
            assert!(result.stderr.contains(&world.store().display().to_string()), "{command:?}: {result:?}");
        }
        assert!(files(&folder) == before, "{:?}", files(&folder).keys());
        set_mode(&folder, 0o700);
    }
}

#[test]
fn whatever_path_leads_to_a_store_it_is_one_store_with_one_lock() {
    let world = synced(3);
    symlink(world.store(), world.path("link.db")).expect("a link");
    symlink(world.path("data"), world.path("by")).expect("a link");
    let held = fs::File::options().write(true).open(world.path("data/store.db.lock")).expect("a lock");
    held.lock().expect("it is free");
    for path in ["link.db", "by/store.db", "./by/../data/store.db", "data/store.db"] {
        let mut command = world.command(&["pull", "--store", path]);
        command.current_dir(world.folder.path());
        output(command).expect(4);
    }
    held.unlock().expect("unlocked");
    let mut command = world.command(&["sync", "--store", "link.db", "--json"]);
    command.current_dir(world.folder.path());
    assert_eq!(output(command).expect(0).json()["run"], 2);
    let beside: Vec<String> = fs::read_dir(world.folder.path())
        .expect("a folder")
        .map(|entry| entry.expect("a file").file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with("link.db") && name != "link.db")
        .collect();
    assert!(beside.is_empty(), "{beside:?}");
    fs::hard_link(world.store(), world.path("second.db")).expect("a second name");
    for store in [world.path("second.db"), world.store()] {
        let store = store.display().to_string();
        for command in ["status", "sync"] {
            let result = world.run(&[command, "--store", &store]).expect(1);
            assert!(result.stderr.contains(&format!("the store {store} has 2 names (hard links)")), "{result:?}");
        }
    }
    fs::remove_file(world.path("second.db")).expect("removed");
    world.run(&["sync"]).expect(0);
}

#[test]
fn a_full_disk_is_reported_with_the_path_and_what_is_recorded_stays() {
    let world = World::bare();
    Portfolio::tidy(1, 400).fill(&mut world.sandbox.hapi());
    world.run(&["pull", "company"]).expect(0);
    let limited = |blocks: u32, arguments: &[&str]| {
        let mut command = Command::new("sh");
        let script = format!("ulimit -f {blocks}; exec \"$0\" \"$@\"");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_hopem-sync")]).args(arguments);
        command.env_clear().envs(&world.environment).env("HOPEM_SYNC_CONFIG", world.path("config.toml"));
        output(command)
    };
    let size = fs::metadata(world.store()).expect("a store").len();
    let result = limited(u32::try_from(size / 512 + 64).expect("small"), &["pull"]).expect(1);
    let store = world.store().display().to_string();
    assert!(
        result.stderr.contains(&store) && result.stderr.contains("look at the disk and its free space"),
        "{result:?}"
    );
    let copy = world.path("copy.db");
    let result = limited(16, &["backup", &copy.display().to_string()]).expect(1);
    assert!(result.stderr.contains(&copy.display().to_string()), "{result:?}");
    assert_eq!(leftovers(world.folder.path()), [""; 0]);
    world.run(&["status"]).expect(0);
    world.run(&["pull"]).expect(0);
}

/// What a copy that failed left in a folder.
fn leftovers(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a file").file_name());
    names
        .map(|name| name.to_string_lossy().into_owned())
        .filter(|name| name.contains("backup") || name.contains("copy"))
        .collect()
}

#[test]
fn too_few_handles_are_an_error_and_no_crash() {
    let world = synced(3);
    let mut is_machine_named = false;
    for handles in 4..14 {
        let mut command = Command::new("sh");
        let script = format!("ulimit -n {handles}; exec \"$0\" \"$@\"");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_hopem-sync"), "sync"]);
        command.env_clear().envs(&world.environment).env("HOPEM_SYNC_CONFIG", world.path("config.toml"));
        let result = output(command);
        // With some kinds read and others not, it is partly done.
        assert!(matches!(result.code, 0..=3), "{handles}: {result:?}");
        assert!(!result.stderr.contains("internal error"), "{handles}: {result:?}");
        let has_reason = result.stderr.contains("error") || result.stdout.contains("Too many open files");
        assert_eq!(result.code == 0, !has_reason, "{handles}: {result:?}");
        assert!(!result.stderr.contains("look whether HApi is up"), "{handles}: {result:?}");
        let reported = format!("{}{}", result.stdout, result.stderr);
        if reported.contains("this machine gives no more open files") {
            assert!(reported.contains("see `ulimit -u` and `ulimit -n`"), "{handles}: {result:?}");
            is_machine_named = true;
        }
    }
    assert!(is_machine_named, "some connection fails for want of a handle");
    world.run(&["sync"]).expect(0);
}

#[test]
fn a_backup_is_a_whole_store_made_beside_a_run_and_overwrites_nothing() {
    let world = synced(9);
    let copy = world.path("copies");
    fs::create_dir(&copy).expect("a folder");
    let copy = copy.join("store of today.db");
    let name = copy.display().to_string();
    // A run holds the lock and writes.
    let held = fs::File::options().write(true).open(world.path("data/store.db.lock")).expect("a lock");
    held.lock().expect("it is free");
    let writer = rusqlite::Connection::open(world.store()).expect("a store");
    writer.execute_batch("BEGIN IMMEDIATE; UPDATE entities SET name = 'unfinished'").expect("a write");
    let world_of = |more: &[&str]| {
        let mut command = Command::new("sh");
        command.args(["-c", "umask 0; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_hopem-sync")]).args(more);
        command.env_clear().envs(&world.environment).env("HOPEM_SYNC_CONFIG", world.path("config.toml"));
        command
    };
    let running = std::thread::scope(|scope| {
        let backup = scope.spawn(|| output(world_of(&["backup", &name, "--json"])));
        let end = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while !copy.exists() && std::time::Instant::now() < end {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        writer.execute_batch("ROLLBACK").expect("taken back");
        backup.join().expect("it ends")
    });
    let document = running.expect(0).json();
    assert_eq!(document, json!({"file": name, "bytes": fs::metadata(&copy).expect("a copy").len()}));
    assert_eq!(mode(&copy), 0o600);
    held.unlock().expect("unlocked");
    let before = fs::read(&copy).expect("a copy");
    let refused = world.run(&["backup", &name]).expect(2);
    assert!(refused.stderr.contains(&name), "{refused:?}");
    assert!(fs::read(&copy).expect("a copy") == before);
    for kind in ["unit", "tenant"] {
        let listed = |more: &[&str]| world.run(&[&["status", kind, "--json"], more].concat()).expect(0).stdout;
        assert_eq!(listed(&["--store", &name]), listed(&[]));
    }
    let no_folder = world.path("no/such/copy.db");
    let result = world.run(&["backup", &no_folder.display().to_string()]).expect(1);
    assert!(result.stderr.contains(&world.path("no/such").display().to_string()), "{result:?}");
    let log = world.path("data/store.db-wal").display().to_string();
    world.run(&["backup", &log]).expect(2);
    let nothing = world.path("fresh.db").display().to_string();
    world.run(&["backup", &world.path("x.db").display().to_string(), "--store", &nothing]).expect(1);
    assert!(!world.path("fresh.db").exists() && !world.path("x.db").exists());
}

/// A tenant whose every text is known, with a refused value, a change of each kind, and a lease that shows the name.
fn with_a_person() -> (World, i64, Vec<&'static str>) {
    let world = World::tidy(30);
    let leases = world.sandbox.hapi().records("TenantParkings").to_vec();
    let tenant = leases.first().expect("a lease")["TenantId"].as_i64().expect("its tenant");
    let configuration = fs::read_to_string(world.path("config.toml")).expect("a configuration");
    let of_tenant = r#"text_plate = { template = "{LastName} {FirstName}", of = "tenant" }"#;
    world.write("config.toml", &configuration.replace("text_plate = \"Plate1\"", of_tenant));
    for (property, value) in [
        ("LastName", "Xylandre"),
        ("FirstName", "Perpétue"),
        ("EmailAddress", "perpetue@example.test"),
        ("CellPhone", "12 Zebrule"),
        ("Comment", "likes \"quinces\""),
    ] {
        assert!(world.sandbox.hapi().update("Tenants", tenant, property, json!(value)), "{property}");
    }
    let texts = vec!["Xylandre", "Perpétue", "perpetue@example.test", "Zebrule", "quinces", "Yolandre"];
    world.run(&["sync"]).expect(3);
    world.sandbox.hapi().update("Tenants", tenant, "LastName", json!("Yolandre"));
    world.run(&["sync"]).expect(0);
    let all = fs::read(world.store()).expect("a store");
    for text in &texts {
        assert!(has(&all, text) || in_log(&world, text), "{text} is not there to begin with");
    }
    (world, tenant, texts)
}

fn has(content: &[u8], text: &str) -> bool {
    content.windows(text.len()).any(|part| part == text.as_bytes())
}

fn in_log(world: &World, text: &str) -> bool {
    fs::read(world.path("data/store.db-wal")).is_ok_and(|log| has(&log, text))
}

/// Checks that a text is nowhere in the store's folder, and nowhere on any screen.
#[track_caller]
fn assert_gone(world: &World, texts: &[&str]) {
    for (name, content) in files(&world.path("data")) {
        for text in texts {
            assert!(!has(&content, text), "{text} stands in {name}");
        }
    }
    let runs = world.run(&["runs", "--json"]).expect(0).json();
    for run in runs["runs"].as_array().expect("runs") {
        let changes = world.run(&["runs", &run["run"].to_string(), "--changes"]).expect(0).stdout;
        for text in texts {
            assert!(!changes.contains(text) && !run.to_string().contains(text), "{text} stands in run {}", run["run"]);
        }
    }
}

#[test]
fn forget_leaves_no_trace_and_what_hopem_still_has_gets_its_item_again() {
    let (world, tenant, texts) = with_a_person();
    let name = format!("tenant:{tenant}");
    world.run(&["pause", &name, "--reason", "Xylandre asked"]).expect(0);
    world.run(&["resume", &name]).expect(0);
    let copy = world.path("before.db").display().to_string();
    world.run(&["backup", &copy]).expect(0);
    let before = world.content();
    world.run(&["forget", &name]).expect(2);
    assert_eq!(world.content(), before, "nothing goes without --yes");
    let item =
        world.query(&format!("SELECT item_id FROM entities WHERE kind = 'tenant' AND key = '{tenant}'")).remove(0);
    let board =
        world.query(&format!("SELECT board FROM entities WHERE kind = 'tenant' AND key = '{tenant}'")).remove(0);
    let items = |world: &World| world.sandbox.monday().items(&board).len();
    let count = items(&world);
    let result = world.run(&["forget", &name, "--yes", "--json"]).expect(0);
    let document = result.json();
    assert_eq!(document["entities"], json!([{"entity": name, "state": "forgotten", "item_id": item, "board": board}]));
    assert_eq!((&document["skipped"], &document["backups"]), (&json!(0), &json!([copy])));
    assert!(result.stderr.contains(&copy), "{result:?}");
    assert_gone(&world, &texts);
    world.run(&["status", &name]).expect(2);
    world.run(&["forget", &name, "--yes"]).expect(2);
    assert_eq!(items(&world), count, "the item stays");
    // Hopem gives it still: it comes back, to its own item.
    world.sandbox.hapi().update("Tenants", tenant, "CellPhone", Value::Null);
    world.run(&["sync"]).expect(0);
    let again =
        world.query(&format!("SELECT item_id FROM entities WHERE kind = 'tenant' AND key = '{tenant}'")).remove(0);
    assert_eq!((again, items(&world)), (item, count));
    let plates =
        world.query("SELECT columns FROM sent s JOIN entities e ON e.id = s.entity WHERE e.kind = 'parking-lease'");
    assert!(plates.iter().any(|sent| sent.contains("Yolandre Perpétue")), "{plates:?}");
}

#[test]
fn forget_of_several_says_what_it_left_alone() {
    let world = synced(5);
    world.run(&["pause", "unit:2"]).expect(0);
    let result = world.run(&["forget", "unit:1", "unit:99999", "--yes", "--json"]).expect(3).json();
    assert_eq!((&result["entities"][0]["entity"], &result["missing"]), (&json!("unit:1"), &json!(["unit:99999"])));
    let writer = rusqlite::Connection::open(world.store()).expect("a store");
    writer
        .execute_batch(
            "INSERT INTO batches (id, board, idempotency_key, body, sent_at) VALUES (1, '1', 'k', '{}', '2026-11-22T05:00:00.000Z');
             INSERT INTO intents SELECT 1, 'a0', id, 1, 'update', item_id, '{}', '[]' FROM entities WHERE kind = 'unit' AND key = '3'",
        )
        .expect("a call under way");
    let result = world.run(&["forget", "unit", "--yes", "--json"]).expect(3).json();
    let forgotten: Vec<&str> = result["entities"]
        .as_array()
        .expect("entities")
        .iter()
        .filter_map(|entity| entity["entity"].as_str())
        .collect();
    assert!(forgotten.contains(&"unit:4") && !forgotten.contains(&"unit:2") && !forgotten.contains(&"unit:3"));
    assert_eq!((&result["skipped"], &result["failures"][0]["cause"]), (&json!(1), &json!("under-way")));
    assert_eq!(world.query("SELECT key FROM entities WHERE kind = 'unit' ORDER BY key"), ["2", "3"]);
}

#[test]
fn what_was_deleted_long_ago_leaves_no_trace_either() {
    let (world, tenant, texts) = with_a_person();
    world.sandbox.hapi().remove("Tenants", tenant);
    let leases = world.sandbox.hapi().remove_where("TenantParkings", |lease| lease["TenantId"] == tenant);
    assert!(leases > 0);
    world.sandbox.hapi().remove_where("TenantStorages", |lease| lease["TenantId"] == tenant);
    world.run(&["sync"]).expect(0);
    let kept = world.query(&format!("SELECT key FROM entities WHERE kind = 'tenant' AND key = '{tenant}'"));
    assert_eq!(kept.len(), 1, "it is kept for its time");
    let configuration = fs::read_to_string(world.path("config.toml")).expect("a configuration");
    world.write("config.toml", &format!("{configuration}\n[sync]\nkeep_deleted = \"1s\"\n"));
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    world.run(&["sync"]).expect(0);
    assert!(world.query(&format!("SELECT key FROM entities WHERE kind = 'tenant' AND key = '{tenant}'")).is_empty());
    assert_gone(&world, &texts);
}

#[test]
fn a_word_that_the_program_does_not_know_is_an_error_and_no_guess() {
    let world = synced(3);
    let spoil = |statement: &str| {
        let writer = rusqlite::Connection::open(world.store()).expect("a store");
        writer.execute_batch(statement).expect("a statement");
    };
    spoil(
        "INSERT INTO batches (id, board, idempotency_key, body, sent_at) VALUES (1, '1', 'k', '{}', '2026-11-22T05:00:00.000Z');
         INSERT INTO intents SELECT 1, 'a0', id, 1, 'ponder', item_id, '{}', '[]' FROM entities WHERE kind = 'unit' AND key = '3'",
    );
    let result = world.run(&["push"]).expect(8);
    assert!(result.stderr.contains("the unknown word `ponder` as an action"), "{result:?}");
    spoil("DELETE FROM batches; DELETE FROM intents; UPDATE runs SET outcome = 'splendid'");
    let result = world.run(&["runs"]).expect(8);
    assert!(result.stderr.contains("the unknown word `splendid` as an outcome of a run"), "{result:?}");
    spoil("UPDATE entities SET deleted_at = '2026-11-22T05:00:00.000Z', deleted_why = 'bored' WHERE key = '3'");
    let result = world.run(&["status", "unit:3"]).expect(8);
    assert!(result.stderr.contains("the unknown word `bored` as a reason to delete"), "{result:?}");
}

#[test]
fn a_time_that_is_none_is_an_error_and_no_guess() {
    let world = synced(3);
    let sound = fs::read(world.store()).expect("a store");
    let status: &[&str] = &["status"];
    for (table, column, command) in [
        ("entities", "received_at", &["status", "unit"] as &[&str]),
        ("entities", "pushed_at", &["status", "unit"]),
        ("entities", "due_since", status),
        ("kinds", "last_pull", status),
        ("kinds", "last_push", status),
        ("kind_failures", "since", status),
        ("kind_failures", "since", &["pull"]),
        ("kind_failures", "failed_at", status),
        ("side_failures", "since", status),
        ("side_failures", "failed_at", status),
        ("events", "received_at", status),
        ("receiver", "since", status),
        ("receiver", "refused_at", status),
        ("runs", "started_at", &["runs"]),
        ("runs", "finished_at", &["runs"]),
        ("changes", "at", &["status", "unit:1"]),
        ("pauses", "until", &["status", "unit:1"]),
        ("waits", "until", status),
    ] {
        let writer = rusqlite::Connection::open(world.store()).expect("a store");
        let at = "'2026-11-22T05:00:00.000Z'";
        writer
            .execute_batch(&format!(
                "INSERT OR IGNORE INTO kind_failures VALUES ('unit', 'pull', 'guarded', '\"x\"', NULL, {at}, {at});
                 INSERT OR IGNORE INTO side_failures VALUES ('hapi', 'unreachable', '\"x\"', NULL, {at}, {at});
                 INSERT OR IGNORE INTO receiver (id, source, since, seen_at) VALUES (1, 'listen', {at}, {at});
                 INSERT OR IGNORE INTO waits (side, until, why) VALUES ('hapi', {at}, '\"x\"');
                 INSERT OR IGNORE INTO pauses (kind, key, paused_at) VALUES ('unit', '1', {at});
                 INSERT INTO events (received_at, is_pending) VALUES ({at}, 0);
                 UPDATE entities SET due = 1;
                 UPDATE {table} SET {column} = 'yesterday'"
            ))
            .expect("a statement");
        drop(writer);
        let result = world.run(command).expect(8);
        assert!(result.stderr.contains("the unknown word `yesterday` as a time"), "{table}.{column}: {result:?}");
        fs::write(world.store(), &sound).expect("the store as it was");
    }
}

#[test]
fn what_earlier_versions_freed_is_wiped_by_the_next_run() {
    let world = synced(3);
    {
        let writer = rusqlite::Connection::open(world.store()).expect("a store");
        writer.pragma_update_and_check(None, "secure_delete", false, |_| Ok(())).expect("a pragma");
        let statements = "CREATE TABLE old (text TEXT); INSERT INTO old SELECT 'Quintessa Zyromski ' || value FROM
            (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 2000) SELECT value FROM n);
            DROP TABLE old; INSERT INTO freed (id, since) VALUES (1, '2026-11-22T05:00:00.000Z')";
        writer.execute_batch(statements).expect("freed pages");
    }
    assert!(has(&fs::read(world.store()).expect("a store"), "Quintessa Zyromski"), "it is there to begin with");
    world.run(&["pull"]).expect(0);
    assert_gone(&world, &["Quintessa Zyromski"]);
    assert_eq!(world.query("SELECT CAST(count(*) AS TEXT) FROM freed"), ["0"]);
}

/// Who begins SQLite's log anew may be killed when its header alone is written, or before its index says so. The store is read all the same.
#[test]
fn a_log_whose_index_is_that_of_another_log_is_read_all_the_same() {
    for is_cut in [true, false] {
        let world = World::tidy(3);
        world.run(&["sync"]).expect(0);
        let before = world.run(&["status", "--json"]).expect(0).json()["kinds"].clone();
        let store = world.store().display().to_string();
        let files = ["", "-wal", "-shm"].map(|suffix| format!("{store}{suffix}"));
        let store = rusqlite::Connection::open(&files[0]).expect("the store");
        store.execute_batch("CREATE TABLE more (a); DROP TABLE more;").expect("a log");
        let mut kept = files.clone().map(|file| std::fs::read(file).expect("a file"));
        drop(store);
        // The header alone, or before what stood there; with a salt that the index does not know.
        if is_cut {
            kept[1].truncate(32);
        }
        kept[1][16] ^= 0xff;
        for (file, content) in files.iter().zip(kept) {
            std::fs::write(file, content).expect("written");
        }
        let began = std::time::Instant::now();
        assert_eq!(world.run(&["status", "--json"]).expect(0).json()["kinds"], before, "cut: {is_cut}");
        world.run(&["status", "--check"]).expect(0);
        world.run(&["sync"]).expect(0);
        assert!(began.elapsed() < std::time::Duration::from_secs(8), "nobody asks for ever");
        assert_eq!(world.state("unit:1"), "synced");
    }
}
