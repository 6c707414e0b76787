//! `[notify]`: who is notified when the state changes, and only then. Secrets from commands.

use crate::support::World;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A receiver of messages that remembers them and answers as it is told to.
struct Receiver {
    url: String,
    status: Arc<AtomicU16>,
    bodies: Arc<Mutex<Vec<String>>>,
}

impl Receiver {
    fn start() -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/services/T0/B0/hunter2hunter2", listener.local_addr().expect("an address"));
        let receiver = Receiver { url, status: Arc::new(AtomicU16::new(200)), bodies: Arc::default() };
        let (status, bodies) = (receiver.status.clone(), receiver.bodies.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let body = read_request(&stream);
                bodies.lock().expect("the bodies").push(body);
                let answer = format!(
                    "HTTP/1.1 {} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
                    status.load(Ordering::SeqCst)
                );
                let _ = (&stream).write_all(answer.as_bytes());
            }
        });
        receiver
    }

    /// What came since it was asked last.
    fn taken(&self) -> Vec<String> {
        std::mem::take(&mut self.bodies.lock().expect("the bodies"))
    }

    fn answers(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }
}

fn read_request(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let (mut length, mut line) = (0, String::new());
    while reader.read_line(&mut line).is_ok_and(|count| count > 2) {
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    String::from_utf8(body).expect("UTF-8")
}

fn world(notify: &str) -> World {
    let world = World::units(1..=2);
    world.write(
        "config.toml",
        &format!("{}[entities]\ntenant = {{ enabled = false }}\n[notify]\n{notify}", world.basics()),
    );
    world
}

#[test]
fn a_change_of_the_state_is_notified_once_and_so_is_its_end() {
    let receiver = Receiver::start();
    let world = world(&format!("url = \"{}\"\n", receiver.url));
    world.run(&["sync"]).expect(0);
    assert_eq!(receiver.taken(), Vec::<String>::new(), "all is well, as before");
    world.hapi_is_down();
    world.run(&["sync", "--dry-run"]).expect(1);
    assert_eq!(receiver.taken().len(), 0, "a dry run changes nothing");
    world.run(&["sync"]).expect(1);
    world.run(&["pull"]).expect(1);
    let reported = receiver.taken();
    let message: Value = serde_json::from_str(reported.first().expect("a message")).expect("JSON");
    assert_eq!(
        (reported.len(), message["state"].as_str(), message["level"].as_str()),
        (1, Some("bad"), Some("warning"))
    );
    let text = message["text"].as_str().unwrap_or_default();
    assert!(text.contains("someone should look: ") && text.contains("HApi"), "{text}");
    assert!(text.contains("\nsee: hopem-sync runs "), "{text}");
    assert!(text.ends_with("; hopem-sync status --state error"), "{text}");
    world.sandbox.clear_faults();
    world.run(&["sync"]).expect(0);
    world.run(&["sync"]).expect(0);
    let reported = receiver.taken();
    assert_eq!(reported.len(), 1, "{reported:?}");
    assert!(reported[0].contains("\"state\":\"good\"") && reported[0].contains("all is well again"), "{reported:?}");
    let shown = world.run(&["config", "show"]).expect(0).stdout;
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn what_was_not_accepted_is_sent_again_and_its_failure_changes_nothing() {
    let receiver = Receiver::start();
    let world = world(&format!("url = \"{}\"\nformat = \"slack\"\n", receiver.url));
    world.run(&["sync"]).expect(0);
    world.hapi_is_down();
    receiver.answers(503);
    let output = world.run(&["sync", "-q"]).expect(1);
    assert_eq!(receiver.taken().len(), 3, "three tries");
    assert!(output.stderr.contains("`[notify] url` could not be notified: 503; the next run retries"), "{output:?}");
    assert!(!output.stderr.contains("hunter2"), "{output:?}");
    receiver.answers(404);
    world.run(&["sync", "-q"]).expect(1);
    assert_eq!(receiver.taken().len(), 1, "what the receiver refuses is not tried again at once");
    receiver.answers(200);
    world.run(&["sync", "-q"]).expect(1);
    world.run(&["sync", "-q"]).expect(1);
    let reported = receiver.taken();
    assert!(reported.len() == 1 && reported[0].starts_with("{\"text\":\"hopem-sync"), "{reported:?}");
}

#[test]
fn a_run_that_could_not_begin_is_notified_but_not_that_another_is_at_work() {
    let receiver = Receiver::start();
    let world = world(&format!("url = \"{}\"\nformat = \"teams\"\n", receiver.url));
    world.run(&["sync"]).expect(0);
    let config = std::fs::read_to_string(world.path("config.toml")).expect("a configuration");
    let url = world.sandbox.hapi_url();
    world.write("config.toml", &config.replace(&format!("url = \"{url}\""), "url = \"https://other.example\""));
    world.run(&["sync"]).expect(2);
    world.run(&["sync"]).expect(2);
    let reported = receiver.taken();
    assert!(
        reported.len() == 1 && reported[0].contains("AdaptiveCard") && reported[0].contains("other.example"),
        "{reported:?}"
    );
    world.write("config.toml", &config);
    world.run(&["sync"]).expect(0);
    assert_eq!(receiver.taken().len(), 1);
}

/// Runs the binary in the world's folder, where the program that it notifies leaves its files.
fn run_in_folder(world: &World, arguments: &[&str]) -> crate::support::Output {
    let mut command = world.command(arguments);
    command.current_dir(world.folder.path());
    crate::support::output(command)
}

#[test]
fn that_the_store_cannot_be_used_is_notified_once_and_so_is_its_end() {
    let receiver = Receiver::start();
    let world =
        world(&format!("url = \"{}\"\ncommand = [\"sh\", \"-c\", \"cat >> told; test ! -e refuse\"]\n", receiver.url));
    let run = |arguments: &[&str], code: i32| run_in_folder(&world, arguments).expect(code);
    let reported = || std::fs::read_to_string(world.path("told")).unwrap_or_default();
    run(&["sync"], 0);
    let sound = std::fs::read(world.store()).expect("a store");
    world.write(
        "data/store.db",
        "this is no database, and long enough that nobody takes it for an empty file; ".repeat(20).as_str(),
    );
    world.write("refuse", "");
    run(&["sync", "--dry-run"], 8);
    assert_eq!((receiver.taken().len(), reported().as_str()), (0, ""), "a dry run changes nothing");
    let refused = run(&["sync", "-q"], 8);
    assert!(refused.stderr.contains("`[notify] command` could not be notified: "), "{refused:?}");
    std::fs::remove_file(world.path("refuse")).expect("a file");
    run(&["sync", "-q", "--lang", "fr"], 8);
    run(&["pull"], 8);
    let messages = receiver.taken();
    assert_eq!(messages.len(), 1, "{messages:?}");
    let message: Value = serde_json::from_str(&messages[0]).expect("JSON");
    assert_eq!(
        (&message["state"], &message["level"], &message["errors"]),
        (&"bad".into(), &"critical".into(), &Value::Null)
    );
    assert!(message["text"].as_str().is_some_and(|text| text.contains("store.db") && text.contains('\n')), "{message}");
    assert_eq!(
        (reported().lines().count(), reported().matches("store.db").count()),
        (4, 2),
        "what and what to do: refused once, then taken: {}",
        reported()
    );
    assert_eq!(crate::support::mode(&world.path("data/store.db.notified")), 0o600);
    std::fs::write(world.store(), sound).expect("a backup");
    std::fs::remove_file(world.path("told")).expect("a file");
    run(&["sync"], 0);
    run(&["sync"], 0);
    let messages = receiver.taken();
    assert!(messages.len() == 1 && messages[0].contains("\"state\":\"good\""), "{messages:?}");
    assert_eq!(reported().lines().count(), 1, "{}", reported());
    assert!(!world.path("data/store.db.notified").exists());
}

#[test]
fn a_program_gets_the_message_on_its_stdin_from_the_level_on_that_is_set() {
    let world = world("command = [\"sh\", \"-c\", \"cat >> told; test ! -e refuse\"]\nlevel = \"critical\"\n");
    let run = |arguments: &[&str], code: i32| run_in_folder(&world, arguments).expect(code);
    let reported = || std::fs::read_to_string(world.path("told")).unwrap_or_default();
    run(&["sync"], 0);
    world.hapi_is_down();
    run(&["sync"], 1);
    assert_eq!(reported(), "", "no more than a warning");
    world.sandbox.clear_faults();
    world.write("refuse", "");
    let mut command = world.command(&["sync", "--lang", "fr"]);
    command.env("HOPEM_SYNC_HAPI_PASSWORD", "wrong").current_dir(world.folder.path());
    std::fs::remove_file(world.path("data/store.db.hapi-token")).expect("the token's file");
    let refused = crate::support::output(command).expect(6);
    assert!(refused.stderr.contains("`[notify] command` n’a pas pu être avisé : échec (code 1)"), "{refused:?}");
    assert!(reported().contains(" : à vérifier : HApi"), "{}", reported());
    std::fs::remove_file(world.path("refuse")).expect("a file");
    std::fs::remove_file(world.path("told")).expect("a file");
    run(&["sync"], 0);
    assert_eq!(reported(), "", "what was never accepted need not be taken back");
}

#[test]
fn a_receiver_that_hangs_takes_nothing_of_the_time_allowed_and_a_signal_ends_it() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let world = world(&format!("url = \"{url}\"\n"));
    world.run(&["pull"]).expect(0);
    world.hapi_is_down();
    let mut child = world.command(&["sync", "-q"]).spawn().expect("it runs");
    // Until somebody knocks: then the run itself is over.
    let _caller = listener.accept().expect("a caller");
    let pid = rustix::process::Pid::from_child(&child);
    let began = Instant::now();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("a signal");
    child.wait().expect("it ends");
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    assert_eq!(world.query("SELECT outcome FROM v_runs ORDER BY 1 LIMIT 1"), ["failed"]);
}

#[test]
fn secrets_may_come_from_commands_and_are_never_shown() {
    let mut world = World::units(1..=2);
    let secrets = std::mem::take(&mut world.environment);
    let secret = |name: &str| secrets[name].clone();
    let command = |secret: String| format!("[\"sh\", \"-c\", \"printf '%s\\\\n' '{secret}'; echo hunter2 >&2\"]");
    let config = world.basics().replace(
        "[hapi]\n",
        &format!(
            "[hapi]\npassword_command = {}\napi_key_command = {}\n",
            command(secret("HOPEM_SYNC_HAPI_PASSWORD")),
            command(secret("HOPEM_SYNC_HAPI_API_KEY"))
        ),
    );
    world.environment.insert("PATH".to_owned(), "/usr/bin:/bin".to_owned());
    world.write("config.toml", &config);
    let output = world.run(&["pull", "unit"]).expect(0);
    assert!(!format!("{output:?}").contains("hunter2"), "{output:?}");
    let shown = world.run(&["config", "show", "--origin"]).expect(0).stdout;
    assert!(!shown.contains(&secret("HOPEM_SYNC_HAPI_PASSWORD")) && shown.contains("hapi.password = "), "{shown}");
    world.write("config.toml", &config.replace("password_command = [\"sh\"", "password_command = [\"/no/such/pass\""));
    let error = world.run(&["pull", "--json"]).expect(2).json()["error"].clone();
    let message = error["message"].as_str().unwrap_or_default();
    assert_eq!(message, "cannot start `/no/such/pass`, the command that prints the secret `[hapi] password`");
    assert!(error["hint"].as_str().is_some_and(|hint| hint.contains("`[hapi] password_command`")), "{error}");
}
