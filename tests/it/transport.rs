//! What the other side may do to a run: hang, drip, never end, explode, redirect, repeat what it was sent. And signals, whatever
//! a command waits for.

use crate::listen::{Listening, SECRET, event};
use crate::support::{Output, World};
use hopem_sandbox::{Api, EchoForm, Fault, Misbehaviour, Options, Rule, Sandbox};
use serde_json::Value;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Within this time a command ends, once it is told to.
const ENDS_WITHIN: Duration = Duration::from_secs(2);
/// The longest that anything here takes.
const LONGEST: Duration = Duration::from_secs(20);
/// Most memory that a run needs whatever it is sent: a body of 128 MB, and once more while it grows.
const MOST_MEMORY_KB: u64 = 400 * 1024;

/// A command under way.
struct Started {
    child: Child,
    began: Instant,
    /// The most memory it was seen to hold.
    memory_kb: u64,
}

fn start(world: &World, line: &str, stdin: Stdio) -> Started {
    let arguments: Vec<&str> = line.split_whitespace().collect();
    let mut command = world.command(&arguments);
    let child = command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
    Started { child, began: Instant::now(), memory_kb: 0 }
}

impl Started {
    fn signal(&mut self, name: &str) {
        let sent = Command::new("kill").args([name, &self.child.id().to_string()]).status().expect("kill runs");
        assert!(sent.success());
        self.began = Instant::now();
    }

    /// Its end, and how long it took since it began or was told to end.
    fn end(mut self) -> (Output, Duration, u64) {
        while self.child.try_wait().expect("a child").is_none() {
            assert!(self.began.elapsed() < LONGEST, "it does not end");
            self.memory_kb = self.memory_kb.max(memory_kb(self.child.id()));
            std::thread::sleep(Duration::from_millis(10));
        }
        let (took, memory_kb) = (self.began.elapsed(), self.memory_kb);
        let done = self.child.wait_with_output().expect("it ends");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        let (stdout, stderr) = (text(done.stdout), text(done.stderr));
        (Output { code: done.status.code().unwrap_or(-1), stdout, stderr }, took, memory_kb)
    }
}

/// The most memory that a process has held so far.
fn memory_kb(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse().unwrap_or_default()
}

/// Waits until something holds.
fn until(mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < LONGEST, "it does not come to it");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A world that waits as long as the other side wants, and asks once.
fn patient(units: usize) -> World {
    let world = World::tidy(units);
    let patient = world.basics().replace("timeout = \"5s\"", "timeout = \"60s\"").replace("retries = 3", "retries = 0");
    world.write("config.toml", &patient_with_boards(&world, &patient));
    world
}

fn patient_with_boards(world: &World, basics: &str) -> String {
    format!("{basics}{}", hopem_sandbox::monday::standard_configuration(&world.boards))
}

fn misbehaves(api: Api, how: Misbehaviour) -> Rule {
    Rule::always(api, Fault::Misbehaves(how))
}

#[test]
fn a_command_ends_on_a_signal_while_hapi_or_monday_hangs() {
    let world = patient(2);
    world.run(&["sync"]).expect(0);
    for (line, api) in [
        ("sync", Api::Hapi),
        ("pull unit --full", Api::Hapi),
        ("show-json unit:1 --live", Api::Hapi),
        ("subscribe list", Api::Hapi),
        ("resync unit:1", Api::Hapi),
        ("status --drift", Api::Monday),
        ("link unit:1", Api::Monday),
    ] {
        world.sandbox.clear_faults();
        world.sandbox.clear_requests();
        world.sandbox.inject(Rule::always(api, Fault::Hang));
        if line.starts_with("link") {
            world.run(&["unlink", "unit:1"]).expect(0);
        }
        for (signal, code) in [("-TERM", 143), ("-INT", 130)] {
            let before = world.sandbox.request_count(api);
            let mut started = start(&world, line, Stdio::null());
            until(|| world.sandbox.request_count(api) > before);
            started.signal(signal);
            let (output, took, _) = started.end();
            assert_eq!(output.code, code, "{line}: {output:?}");
            assert!(took < ENDS_WITHIN, "{line}: {took:?}");
        }
    }
}

#[test]
fn a_push_that_is_stopped_before_its_answer_keeps_its_intent_and_makes_nothing_twice() {
    let world = patient(3);
    world.run(&["pull"]).expect(0);
    world.sandbox.inject(Rule::always(Api::Monday, Fault::Hang).containing("mutation"));
    let mut started = start(&world, "push", Stdio::null());
    until(|| world.sandbox.requests(Api::Monday).iter().any(|call| call.body.contains("mutation")));
    started.signal("-TERM");
    let (output, took, _) = started.end();
    assert!(output.code == 143 && took < ENDS_WITHIN, "{took:?} {output:?}");
    let open: u32 = world.query("SELECT CAST(count(*) AS TEXT) FROM batches")[0].parse().expect("a number");
    assert!(open > 0, "what was sent and not answered is still known");
    let run = &world.run(&["runs", "--json"]).expect(0).json()["runs"][0];
    assert_eq!((&run["outcome"], &run["exit_code"]), (&"interrupted".into(), &143.into()));
    world.sandbox.clear_faults();
    world.run(&["push"]).expect(0);
    let status = world.run(&["status", "--json"]).expect(0).json();
    let kinds = status["kinds"].as_array().expect("kinds");
    assert!(kinds.iter().all(|kind| kind["synced"] == kind["total"]), "{kinds:?}");
    let items: usize = world.boards.iter().map(|board| world.sandbox.monday().items(&board.board_id).len()).sum();
    assert_eq!(items as u64, kinds.iter().filter_map(|kind| kind["total"].as_u64()).sum::<u64>());
}

#[test]
fn a_command_ends_on_a_signal_while_it_reads_standard_input_or_waits_for_the_lock() {
    let world = patient(2);
    world.run(&["sync"]).expect(0);
    // Who holds the lock, for as long as HApi hangs.
    world.sandbox.inject(Rule::always(Api::Hapi, Fault::Hang));
    let before = world.sandbox.request_count(Api::Hapi);
    let mut holder = start(&world, "pull unit --full", Stdio::null());
    until(|| world.sandbox.request_count(Api::Hapi) > before);
    for line in ["pause -", "show-json -", "push -", "status -", "listen --stdin", "sync --wait 1m"] {
        let mut started = start(&world, line, Stdio::piped());
        // Nothing tells from outside that it waits; a signal before would end it as well.
        std::thread::sleep(Duration::from_millis(150));
        assert!(started.child.try_wait().expect("a child").is_none(), "{line} did not wait");
        let input = started.child.stdin.take();
        started.signal("-TERM");
        let (output, took, _) = started.end();
        assert_eq!(output.code, 143, "{line}: {output:?}");
        assert!(took < ENDS_WITHIN, "{line}: {took:?}");
        drop(input);
    }
    // The time allowed is over while another run holds the lock: that is why, and nothing was touched.
    let (output, took, _) = start(&world, "sync --wait 1m --max-duration 300ms", Stdio::null()).end();
    assert!(output.code == 4 && took < ENDS_WITHIN, "{took:?} {output:?}");
    holder.signal("-INT");
    assert_eq!(holder.end().0.code, 130);
}

#[test]
fn a_receiver_ends_on_a_signal_in_the_middle_of_a_request_and_of_a_run() {
    let mut world = patient(2);
    world.environment.insert("HOPEM_SYNC_LISTEN_SECRET".to_owned(), SECRET.to_owned());
    world.run(&["sync"]).expect(0);
    let half = format!("POST / HTTP/1.1\r\nHost: x\r\nX-Hopem-Sync-Token: {SECRET}\r\nContent-Length: 100\r\n\r\n{{");
    for more in [&[][..], &["--sync"]] {
        let listening = Listening::start(&world, more);
        world.sandbox.inject(Rule::always(Api::Hapi, Fault::Hang));
        let before = world.sandbox.request_count(Api::Hapi);
        assert_eq!(listening.deliver(&event(1)), 200);
        let mut stream = std::net::TcpStream::connect(&listening.address).expect("a connection");
        std::io::Write::write_all(&mut stream, half.as_bytes()).expect("sent");
        if !more.is_empty() {
            until(|| world.sandbox.request_count(Api::Hapi) > before);
        }
        std::thread::sleep(Duration::from_millis(100));
        let began = Instant::now();
        let output = listening.stop("-TERM");
        assert!(output.code == 143 && began.elapsed() < ENDS_WITHIN, "{:?} {output:?}", began.elapsed());
        world.sandbox.clear_faults();
    }
    assert_eq!(world.query("SELECT CAST(count(*) AS TEXT) FROM events"), ["2"]);
}

#[test]
fn a_command_ends_on_a_signal_while_it_asks_whether_to_go_on() {
    let world = patient(2);
    world.run(&["sync"]).expect(0);
    let (mut controller, terminal) = crate::support::terminal();
    let mut command = world.command(&["unlink", "unit", "tenant", "--archive-item"]);
    command.stdin(terminal()).stderr(terminal()).stdout(Stdio::null());
    let mut started = Started { child: command.spawn().expect("the binary runs"), began: Instant::now(), memory_kb: 0 };
    let mut shown = [0; 1_024];
    assert!(std::io::Read::read(&mut controller, &mut shown).expect("a question") > 0);
    std::thread::sleep(Duration::from_millis(100));
    started.signal("-TERM");
    let (output, took, _) = started.end();
    assert!(output.code == 143 && took < ENDS_WITHIN, "{took:?} {output:?}");
    assert_eq!(world.query("SELECT CAST(count(*) AS TEXT) FROM entities WHERE is_unlinked"), ["0"]);
}

#[test]
fn a_command_ends_on_a_signal_though_nobody_reads_its_output() {
    let world = World::units(1..=3_000);
    world.run(&["pull"]).expect(0);
    let mut started = start(&world, "export unit", Stdio::null());
    std::thread::sleep(Duration::from_millis(300));
    assert!(started.child.try_wait().expect("a child").is_none(), "the pipe took it all");
    started.signal("-TERM");
    until(|| started.child.try_wait().expect("a child").is_some());
    assert!(started.began.elapsed() < ENDS_WITHIN + Duration::from_millis(200), "{:?}", started.began.elapsed());
    assert_eq!(started.child.wait().expect("it ended").code(), Some(143));
}

#[test]
fn the_time_allowed_is_kept_while_a_side_hangs() {
    for (api, text) in [(Api::Hapi, "/api/Units"), (Api::Monday, "mutation")] {
        let world = patient(2);
        world.sandbox.inject(Rule::always(api, Fault::Hang).containing(text));
        let (output, took, _) = start(&world, "sync --json --max-duration 1s", Stdio::null()).end();
        let document = output.expect(7).json();
        assert_eq!(document["outcome"], "budget", "{text}");
        assert!(took < Duration::from_secs(1) + ENDS_WITHIN, "{text}: {took:?}");
        let run = &world.run(&["runs", "--json"]).expect(0).json()["runs"][0];
        assert_eq!(run["exit_code"], 7, "{text}");
    }
}

#[test]
fn an_answer_without_end_or_that_explodes_is_refused_in_bounded_memory() {
    for how in [
        Misbehaviour::EndlessBody { status: 200 },
        Misbehaviour::GzipBomb { status: 200, megabytes: 1_024 },
        Misbehaviour::EndlessHeaders,
        Misbehaviour::EndlessBody { status: 400 },
        Misbehaviour::GzipBomb { status: 400, megabytes: 1_024 },
    ] {
        let is_too_large =
            matches!(how, Misbehaviour::EndlessBody { status: 200 } | Misbehaviour::GzipBomb { status: 200, .. });
        let world = patient(1);
        world.sandbox.inject(misbehaves(Api::Hapi, how.clone()));
        let (output, _, memory_kb) = start(&world, "pull unit --json", Stdio::null()).end();
        assert!([1, 3, 6].contains(&output.code), "{how:?}: {output:?}");
        assert!(memory_kb < MOST_MEMORY_KB, "{how:?}: {memory_kb} KB");
        assert!(!is_too_large || output.stdout.contains("larger than 128 MB"), "{how:?}: {output:?}");
        world.sandbox.clear_faults();
        world.run(&["pull"]).expect(0);
        world.sandbox.inject(misbehaves(Api::Monday, how.clone()));
        let (output, _, memory_kb) = start(&world, "push --json", Stdio::null()).end();
        assert!([1, 3].contains(&output.code), "{how:?}: {output:?}");
        assert!(memory_kb < MOST_MEMORY_KB, "{how:?}: {memory_kb} KB");
        assert!(!is_too_large || output.stdout.contains("larger than 128 MB"), "{how:?}: {output:?}");
    }
}

#[test]
fn an_answer_that_drips_is_given_up_when_its_time_is_over() {
    let world = World::units(1..=2);
    world.run(&["pull"]).expect(0);
    let hurried =
        world.basics().replace("timeout = \"5s\"", "timeout = \"600ms\"").replace("retries = 3", "retries = 0");
    world.write("config.toml", &hurried);
    for from_the_head in [false, true] {
        world.sandbox.clear_faults();
        let every = Duration::from_millis(100);
        world.sandbox.inject(misbehaves(Api::Hapi, Misbehaviour::Drip { every, from_the_head }));
        let (output, took, _) = start(&world, "pull unit --full --json", Stdio::null()).end();
        assert!([1, 3].contains(&output.code), "{output:?}");
        assert!(output.stdout.contains("timed out"), "{output:?}");
        assert!(took < Duration::from_secs(3), "{took:?}");
    }
}

/// Secrets with everything in them that an encoding may change.
const PASSWORD: &str = "kT7\"x\\y/é Pass&word<9>%zulu+8=Q";
const API_KEY: &str = "aK-93/+b\"Zq%7&yy<u>tR";
const TOKEN: &str = "eyJ0-m0nday.T0k/en+\"q%Zz&w";
const WEBHOOK_SECRET: &str = "wH%00k/+\"s&cr<e>t-4711";

/// A world with such secrets.
fn secretive() -> World {
    let mut world = World::tidy(1);
    {
        let mut hapi = world.sandbox.hapi();
        (hapi.settings.password, hapi.settings.api_key) = (PASSWORD.to_owned(), API_KEY.to_owned());
        hapi.settings.api_key_on_every_call = false;
    }
    world.sandbox.monday().set_token(TOKEN);
    for (name, secret) in [
        ("HAPI_PASSWORD", PASSWORD),
        ("HAPI_API_KEY", API_KEY),
        ("MONDAY_TOKEN", TOKEN),
        ("LISTEN_SECRET", WEBHOOK_SECRET),
    ] {
        world.environment.insert(format!("HOPEM_SYNC_{name}"), secret.to_owned());
    }
    world
}

/// Whether eight characters in a row of a secret stand in a text, as they are or after one encoding is undone.
fn leaks(text: &str, secrets: &[&str]) -> Option<String> {
    let plain = text.replace("\\\"", "\"").replace("\\\\", "\\").replace("\\/", "/");
    let twice = plain.replace("\\\"", "\"").replace("\\\\", "\\");
    let html = plain.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    let decoded = percent_decoded(&plain);
    for secret in secrets {
        let characters: Vec<char> = secret.chars().collect();
        for piece in characters.windows(8).map(|piece| piece.iter().collect::<String>()) {
            if [text, &plain, &twice, &html, &decoded].iter().any(|text| text.contains(&piece)) {
                return Some(piece);
            }
        }
    }
    None
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let digits = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match digits.and_then(|two| u8::from_str_radix(two, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn no_error_that_repeats_what_it_was_sent_shows_a_secret() {
    let world = secretive();
    world.run(&["sync"]).expect(0);
    let hapi_token = world.sandbox.requests(Api::Hapi).iter().find_map(|request| {
        request.header("authorization").and_then(|value| value.strip_prefix("Bearer ")).map(str::to_owned)
    });
    let hapi_token = hapi_token.expect("a token was used");
    let secrets = [PASSWORD, API_KEY, TOKEN, WEBHOOK_SECRET, &hapi_token];
    for (number, form) in EchoForm::ALL.into_iter().enumerate() {
        // Also where the text is cut for display.
        for padding in [0, 170 + 3 * number] {
            for (line, api, status) in [
                ("pull unit --full --json", Api::Hapi, 400),
                ("pull unit --full -v", Api::Hapi, 418),
                ("show-json unit:1 --live", Api::Hapi, 400),
                ("subscribe add unit --url https://hooks.example/x", Api::Hapi, 400),
                ("resync unit --json", Api::Monday, 400),
                ("status --drift", Api::Monday, 400),
                ("status --drift", Api::Monday, 200),
            ] {
                if padding > 0 && line.contains("unit:1") {
                    continue;
                }
                world.sandbox.clear_faults();
                world.sandbox.inject(misbehaves(api, Misbehaviour::Echo { status, form, padding }));
                let arguments: Vec<&str> = line.split_whitespace().collect();
                let output = world.run(&arguments);
                let reported = format!("{}{}", output.stdout, output.stderr);
                assert_ne!(output.code, 0, "{line} {form:?}: {reported}");
                assert_eq!(leaks(&reported, &secrets), None, "{line} {form:?} {padding}: {reported}");
                assert!(padding > 0 || reported.contains("***"), "{line} {form:?}: {reported}");
            }
        }
    }
    // What is looked for would be found.
    assert!(secrets.iter().all(|secret| leaks(&format!("{secret:?}"), &[secret]).is_some()));
    let login = world.path("data/store.db.hapi-token");
    std::fs::remove_file(login).expect("the token's file");
    for form in EchoForm::ALL {
        world.sandbox.clear_faults();
        world.sandbox.inject(misbehaves(Api::Hapi, Misbehaviour::Echo { status: 401, form, padding: 0 }));
        let output = world.run(&["pull", "unit", "--full", "--json"]).expect(6);
        assert_eq!(leaks(&output.stdout, &secrets), None, "{form:?}: {output:?}");
        assert!(output.stdout.contains("***"), "{form:?}: {output:?}");
    }
    for name in ["store.db", "store.db-wal"] {
        let stored = std::fs::read(world.path(&format!("data/{name}"))).unwrap_or_default();
        assert_eq!(leaks(&String::from_utf8_lossy(&stored), &secrets), None, "{name}");
    }
}

#[test]
fn no_secret_follows_a_redirect() {
    let elsewhere = Sandbox::start(Options::default()).expect("a sandbox");
    let world = secretive();
    world.run(&["pull"]).expect(0);
    for status in [301, 302, 307, 308] {
        let to = format!("{}/elsewhere?x=1", elsewhere.hapi_url());
        for api in [Api::Monday, Api::Hapi] {
            world.sandbox.inject(Rule::always(api, Fault::redirect(status, &to)));
        }
        assert_ne!(world.run(&["push"]).code, 0, "{status}");
        assert_ne!(world.run(&["pull", "unit", "--full"]).code, 0, "{status}");
        std::fs::remove_file(world.path("data/store.db.hapi-token")).expect("the token's file");
        assert_ne!(world.run(&["pull", "unit", "--full"]).code, 0, "{status}: the login");
        world.sandbox.clear_faults();
        world.run(&["pull", "unit", "--full"]).expect(0);
    }
    assert_eq!((elsewhere.request_count(Api::Hapi), elsewhere.request_count(Api::Monday)), (0, 0));
}

/// A world whose monitor is asked at HApi's own address.
fn monitored() -> World {
    let world = World::units(1..=2);
    let ping = format!("{}/ping", world.sandbox.hapi_url());
    world.write("config.toml", &format!("{}[sync]\nping_url = \"{ping}\"\n", world.basics()));
    world
}

fn pings(world: &World) -> Vec<(String, String)> {
    let requests = world.sandbox.requests(Api::Hapi).into_iter();
    requests.filter(|request| request.path.starts_with("/ping")).map(|request| (request.path, request.body)).collect()
}

#[test]
fn a_monitor_that_hangs_takes_nothing_of_the_time_allowed() {
    let world = monitored();
    world.sandbox.inject(Rule::always(Api::Hapi, Fault::Hang).containing("/ping"));
    let (output, took, _) = start(&world, "sync --max-duration 2s", Stdio::null()).end();
    let output = output.expect(0);
    assert!(output.stdout.contains("2 read"), "{output:?}");
    assert!(took < Duration::from_secs(4), "{took:?}");
}

#[test]
fn a_monitor_gets_the_line_of_a_run_and_hears_of_one_that_could_not_begin() {
    let world = monitored();
    world.run(&["sync"]).expect(0);
    let reported = pings(&world);
    assert_eq!(reported.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(), ["/ping/start", "/ping/0"]);
    assert!(reported[1].1.starts_with("Synced in ") && reported[1].1.contains(" · 2 read · 2 new · "), "{reported:?}");
    world.hapi_is_down();
    world.sandbox.clear_requests();
    world.run(&["sync"]).expect(1);
    let reported = pings(&world);
    assert_eq!(reported[1].0, "/ping/1");
    assert!(reported[1].1.contains("HApi") && reported[1].1.lines().count() == 1, "{reported:?}");
    world.sandbox.clear_requests();
    std::fs::write(world.store(), b"no store at all, but long enough to be looked at").expect("written");
    world.run(&["sync"]).expect(8);
    let reported = pings(&world);
    assert_eq!(reported.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(), ["/ping/fail"]);
    assert!(reported[0].1.contains("store.db"), "{reported:?}");
}

#[test]
fn plain_http_is_only_for_this_machine() {
    let world = World::bare();
    for (setting, hapi, monday) in [
        ("[hapi] url", "http://h.example", "https://m.example"),
        ("[monday] url", "https://h.example", "http://10.0.0.1/v2"),
    ] {
        let config = format!("[hapi]\nurl = \"{hapi}\"\nusername = \"x\"\n[monday]\nurl = \"{monday}\"\n");
        world.write("config.toml", &config);
        let error = &world.run(&["sync", "--json"]).expect(2).json()["error"];
        let message = error["message"].as_str().unwrap_or_default();
        assert!(message.contains("must begin with `https://`"), "{setting}: {error}");
    }
}

#[test]
fn too_few_handles_are_an_error_and_no_crash() {
    let world = World::units(1..=2);
    for handles in [4, 6, 8, 10, 12, 14, 16, 20] {
        let mut command = Command::new("sh");
        let limited = format!("ulimit -n {handles}; exec \"$0\" sync --json");
        command.args(["-c", &limited, env!("CARGO_BIN_EXE_hopem-sync")]).env_clear().envs(&world.environment);
        command.env("HOPEM_SYNC_CONFIG", world.path("config.toml")).stdin(Stdio::null());
        let output = crate::support::output(command);
        assert!([0, 1, 2, 3].contains(&output.code), "{handles}: {output:?}");
        assert!(!output.stderr.contains("internal error"), "{handles}: {output:?}");
        let document: Value = output.json();
        assert!(output.code == 0 || !document["error"].is_null(), "{handles}: {output:?}");
    }
}
