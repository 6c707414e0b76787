//! Completions: what the program answers at a TAB, and what bash, zsh and fish make of it, each for real on a terminal.

use crate::support::{World, terminal};
use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What may stand at the end of a command line, as the scripts get it.
fn candidates(world: &World, line: &str) -> Vec<String> {
    let words: Vec<&str> = ["__complete", "hopem-sync"].into_iter().chain(line.split(' ')).collect();
    let answer = world.run(&words).expect(0);
    assert_eq!(answer.stderr, "", "{line}");
    answer.stdout.lines().map(str::to_owned).collect()
}

/// The same, without marks and without what they are.
fn words(world: &World, line: &str) -> Vec<String> {
    let word = |line: String| line[1..].split('\t').next().unwrap_or_default().to_owned();
    candidates(world, line).into_iter().map(word).collect()
}

#[test]
fn commands_flags_and_their_values_are_completed() {
    let world = World::bare();
    assert_eq!(candidates(&world, "resy"), ["-resync\tRead entities now and send every mapped column again"]);
    assert!(words(&world, "").contains(&"sync".to_owned()));
    assert_eq!(words(&world, "status --st"), ["--state", "--store"]);
    assert_eq!(words(&world, "--lang "), ["en", "fr"]);
    assert_eq!(words(&world, "status --lang=f"), ["--lang=fr"]);
    assert_eq!(words(&world, "status --state un"), ["unlinked"]);
    assert_eq!(words(&world, "completions "), ["bash", "elvish", "fish", "powershell", "zsh"]);
    assert!(words(&world, "config ").contains(&"show".to_owned()));
    assert_eq!(words(&world, "pause unit --reason "), Vec::<String>::new());
    assert!(!words(&world, "").contains(&"__complete".to_owned()) && !words(&world, "").contains(&"-q".to_owned()));
    let bare = words(&world, "backup --");
    assert!(bare.contains(&"--json".to_owned()) && !bare.contains(&"-q".to_owned()), "{bare:?}");
}

#[test]
fn kinds_are_completed_in_both_languages_and_files_only_where_files_are_wanted() {
    let world = World::bare();
    let kinds = words(&world, "pull ");
    for kind in ["tenant", "locataire", "unit", "unité", "parking-lease", "bail-stationnement"] {
        assert!(kinds.contains(&kind.to_owned()), "{kinds:?}");
    }
    assert_eq!(kinds.len(), 16);
    assert_eq!(candidates(&world, "pull loc"), ["-locker-lease\tLocker leases", "-locataire\tTenants"]);
    assert_eq!(candidates(&world, "--lang fr pull loca"), ["-locataire\tLocataires"]);
    assert_eq!(words(&world, "pull unite"), ["unite", "unites"]);
    assert_eq!(candidates(&world, "status immeuble"), ["-immeuble\tBuildings", "+immeuble:\tBuildings"]);
    assert_eq!(words(&world, "pull unit tena"), ["tenant"]);
    world.write("tenant-list", "");
    let inside = |arguments: &[&str]| {
        let mut command = world.command(arguments);
        crate::support::output({
            command.current_dir(world.folder.path());
            command
        })
    };
    let wanted = inside(&["__complete", "hopem-sync", "pull", "ten"]).stdout;
    assert_eq!(wanted, "-tenant\tTenants\n");
    let files = inside(&["__complete", "hopem-sync", "--config", "ten"]).stdout;
    assert!(files.starts_with("-tenant-list\t"), "{files}");
}

#[test]
fn entities_runs_columns_and_profiles_come_from_the_store_and_the_configuration() {
    let world = World::tidy(30);
    world.run(&["sync", "-q"]).expect(0);
    let key = world.query("SELECT key FROM entities WHERE kind = 'tenant' ORDER BY key LIMIT 1").remove(0);
    let name = world.query("SELECT name FROM entities WHERE kind = 'tenant' ORDER BY key LIMIT 1").remove(0);
    let found = candidates(&world, &format!("status locataire:{key}"));
    assert_eq!(found.first(), Some(&format!("-locataire:{key}\t{name}")), "the person's name is only said beside it");
    let tenants = world.query("SELECT count(*) || '' FROM entities WHERE kind = 'tenant'").remove(0);
    assert_eq!(candidates(&world, "status tenant:").len().to_string(), tenants);
    let runs = candidates(&world, "runs ");
    assert!(runs[0].starts_with("-1\tsync 20") && runs[0].ends_with(" ok"), "{runs:?}");
    let columns = words(&world, "explain unit:1 num");
    assert!(!columns.is_empty() && columns.iter().all(|id| id.starts_with("num")), "{columns:?}");
    world.write("acme.toml", &world.basics().replace("store.db", "acme.db"));
    assert_eq!(words(&world, "--profile "), ["acme"]);
    // The profile's own store, which holds nothing.
    assert_eq!(words(&world, "--profile acme status tenant:"), Vec::<String>::new());
}

#[test]
fn what_cannot_be_read_gives_no_candidates_and_no_word() {
    let world = World::units(1..=3);
    world.run(&["pull", "unit", "-q"]).expect(0);
    assert_eq!(words(&world, "status unit:"), ["unit:1", "unit:2", "unit:3"]);
    fs::write(world.store(), "no store of ours").expect("a file");
    assert_eq!(words(&world, "status unit:"), Vec::<String>::new());
    assert!(words(&world, "status ").contains(&"unit".to_owned()));
    world.write("config.toml", "[hapy]\n");
    assert_eq!(words(&world, "status unit:"), Vec::<String>::new());
    assert!(words(&world, "explain unit:1 ").iter().all(|word| word.starts_with("--")));
    // A question without a word is a command line like any other.
    world.run(&["__complete"]).expect(2);
}

#[test]
fn of_a_hundred_thousand_entities_the_next_characters_are_offered_at_once() {
    let world = World::units(1..=1);
    world.run(&["pull", "unit", "-q"]).expect(0);
    let connection = rusqlite::Connection::open(world.store()).expect("a store");
    let many = "WITH RECURSIVE n (i) AS (SELECT 10000 UNION ALL SELECT i + 1 FROM n WHERE i < 109999)
                INSERT INTO entities (kind, key, name, received_at)
                SELECT 'tenant', i, 'Tremblay, Luce ' || i, '2026-11-22T05:00:00.000Z' FROM n";
    connection.execute(many, []).expect("entities");
    drop(connection);
    assert_eq!(candidates(&world, "status tenant:").first().map(String::as_str), Some("+tenant:1\t"));
    assert_eq!(words(&world, "status tenant:5").len(), 10);
    let found = candidates(&world, "status tenant:512");
    assert_eq!((found.len(), found[0].as_str()), (100, "-tenant:51200\tTremblay, Luce 51200"));
    let began = Instant::now();
    let rounds = 10;
    for _ in 0..rounds {
        candidates(&world, "status tenant:5");
    }
    // A debug build on a busy machine; a release needs about a fiftieth.
    assert!(began.elapsed() / rounds < Duration::from_millis(500), "{:?}", began.elapsed() / rounds);
}

/// A shell on a terminal, with the program's script loaded.
struct Shell {
    child: Child,
    keyboard: fs::File,
    screen: Arc<Mutex<String>>,
}

impl Drop for Shell {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Shell {
    /// Starts a shell, where it is installed.
    fn start(world: &World, program: &str, arguments: &[&str], set_up: &str) -> Option<Shell> {
        stand_in(world);
        let (keyboard, open) = terminal();
        let mut command = Command::new(program);
        command.args(arguments).env_clear().envs(&world.environment).current_dir(world.folder.path());
        command.env("HOPEM_SYNC_CONFIG", world.path("config.toml")).env("HOME", world.folder.path());
        command.env("PATH", format!("{}:/usr/bin:/bin", world.path("bin").display()));
        command.env("TERM", "dumb").env("LC_ALL", "C.UTF-8").env("PS1", "$ ");
        let child = command.stdin(open()).stdout(open()).stderr(open()).spawn();
        let Ok(child) = child else {
            eprintln!("skipped: {program} is not installed here");
            return None;
        };
        let (screen, mut shown) = (Arc::new(Mutex::new(String::new())), keyboard.try_clone().expect("a terminal"));
        let seen = screen.clone();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = shown.read(&mut bytes) {
                seen.lock().expect("the screen").push_str(&String::from_utf8_lossy(&bytes[..count]));
            }
        });
        let mut shell = Shell { child, keyboard, screen };
        shell.press(&format!("{set_up}\n"), "");
        shell.press("echo rea''dy\n", "ready");
        Some(shell)
    }

    /// Presses keys, waits until the screen shows this, and gives what it has shown since.
    fn press(&mut self, keys: &str, until: &str) -> String {
        self.screen.lock().expect("the screen").clear();
        self.keyboard.write_all(keys.as_bytes()).expect("keys");
        let began = Instant::now();
        loop {
            let shown = self.screen.lock().expect("the screen").clone();
            if shown.contains(until) {
                return shown;
            }
            assert!(began.elapsed() < Duration::from_secs(20), "`{until}` did not come after {keys:?}: {shown}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The words of a command line as they stand after these keys.
    fn line(&mut self, keys: &str) -> Vec<String> {
        let shown = self.press(&format!("{keys}\n"), "]end\r\n");
        let line = shown.split("words[").nth(1).and_then(|rest| rest.split("]end").next()).unwrap_or_default();
        line.split('|').map(str::to_owned).collect()
    }
}

/// A program called `hopem-sync` that completes like the real one, and else only says how it was called.
fn stand_in(world: &World) {
    fs::create_dir_all(world.path("bin")).expect("a folder");
    let script = format!(
        "#!/bin/sh\n[ \"$1\" = __complete ] && exec '{}' \"$@\"\nIFS='|'; printf 'words[%s]end\\n' \"$*\"\n",
        world.program.display()
    );
    let file = world.path("bin/hopem-sync");
    fs::write(&file, script).expect("a script");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("its mode");
}

fn script(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("completions").join(name).display().to_string()
}

/// Seven units and a run, and a file that is called like a kind.
fn world() -> World {
    let world = World::units(101..=107);
    world.run(&["pull", "unit", "-q"]).expect(0);
    world.write("tenants.txt", "");
    world
}

/// What every shell has to complete: a command, a flag and its value, kinds in both languages, an entity, a run, no file where a
/// kind is wanted, a file where one is.
fn completes_all(shell: &mut Shell) {
    assert_eq!(shell.line("hopem-sync resy\t unit"), ["resync", "unit"]);
    assert_eq!(shell.line("hopem-sync status --dri\t"), ["status", "--drift"]);
    assert_eq!(shell.line("hopem-sync --lang f\t runs"), ["--lang", "fr", "runs"]);
    assert_eq!(shell.line("hopem-sync status --state unl\t"), ["status", "--state", "unlinked"]);
    assert_eq!(shell.line("hopem-sync pull tena\t loca\t"), ["pull", "tenant", "locataire"]);
    assert_eq!(shell.line("hopem-sync status unit:103\t"), ["status", "unit:103"]);
    assert_eq!(shell.line("hopem-sync explain unité:10\t3\t num"), ["explain", "unité:103", "num"]);
    assert_eq!(shell.line("hopem-sync runs \t"), ["runs", "1"]);
    assert_eq!(shell.line("hopem-sync --config tenants.t\t status"), ["--config", "tenants.txt", "status"]);
}

#[test]
fn bash_completes() {
    let world = world();
    let set_up = format!("bind 'set show-all-if-ambiguous on'; source '{}'", script("hopem-sync.bash"));
    let Some(mut shell) = Shell::start(&world, "bash", &["--norc", "--noprofile", "-i"], &set_up) else {
        panic!("bash is everywhere")
    };
    completes_all(&mut shell);
    assert_eq!(shell.line("hopem-sync status --lang=f\t"), ["status", "--lang=fr"]);
    let list = shell.press("hopem-sync status unit:\t", "107");
    assert!(list.contains("101") && list.contains("104"), "{list}");
    shell.press("\x15hopem-sync status tenants.t\t", "tenants.t");
    assert_eq!(shell.line(""), ["status", "tenants.t"]);
}

#[test]
fn zsh_completes() {
    let world = world();
    let set_up = format!("autoload -U compinit; compinit -u -D; source '{}'", script("_hopem-sync"));
    let Some(mut shell) = Shell::start(&world, "zsh", &["-f", "-i"], &set_up) else { return };
    completes_all(&mut shell);
    let list = shell.press("hopem-sync status unit:\t\t", "107");
    assert!(list.contains("101") && list.contains("104  -- B1 – 104"), "{list}");
}

#[test]
fn zsh_completes_from_a_folder_of_functions() {
    let world = world();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
    let set_up = format!("fpath=('{}' $fpath); autoload -U compinit; compinit -u -D", folder.display());
    let Some(mut shell) = Shell::start(&world, "zsh", &["-f", "-i"], &set_up) else { return };
    completes_all(&mut shell);
}

#[test]
fn fish_completes() {
    let world = world();
    stand_in(&world);
    // What fish itself says that it would offer: the same as on a terminal, without its drawing.
    let ask = |line: &str| {
        let mut command = Command::new("fish");
        command.env_clear().envs(&world.environment).env("HOPEM_SYNC_CONFIG", world.path("config.toml"));
        command.env("HOME", world.folder.path()).env("LC_ALL", "C.UTF-8").current_dir(world.folder.path());
        command.env("PATH", format!("{}:/usr/bin:/bin", world.path("bin").display()));
        command
            .args(["--no-config", "-c"])
            .arg(format!("source '{}'; complete -C '{line}'", script("hopem-sync.fish")));
        let Ok(done) = command.output() else {
            eprintln!("skipped: fish is not installed here");
            return None;
        };
        assert_eq!(String::from_utf8_lossy(&done.stderr), "");
        Some(String::from_utf8(done.stdout).expect("UTF-8"))
    };
    let Some(commands) = ask("hopem-sync resy") else { return };
    assert_eq!(commands, "resync\tRead entities now and send every mapped column again\n");
    assert_eq!(ask("hopem-sync --lang f").as_deref(), Some("fr\tfrançais\n"));
    assert_eq!(ask("hopem-sync pull loca").as_deref(), Some("locataire\tTenants\n"));
    assert_eq!(ask("hopem-sync status unité:103").as_deref(), Some("unité:103\tB1 – 103\n"));
    assert!(ask("hopem-sync runs ").is_some_and(|runs| runs.starts_with("1\tpull 20")));
    assert!(ask("hopem-sync status --dri").is_some_and(|flags| flags.starts_with("--drift\t")));
    assert_eq!(ask("hopem-sync status tenants.t").as_deref(), Some(""));
    assert_eq!(ask("hopem-sync --config tenants.t").as_deref(), Some("tenants.txt\n"));
}
