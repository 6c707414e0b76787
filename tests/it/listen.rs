//! `listen`: webhooks into the store, over HTTP and from standard input.

use crate::support::{Output, World};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub(crate) const SECRET: &str = "6f1d-a-secret";

/// A receiver at work.
pub(crate) struct Listening {
    pub(crate) child: Child,
    pub(crate) address: String,
    lines: BufReader<std::process::ChildStderr>,
}

impl Listening {
    pub(crate) fn start(world: &World, more: &[&str]) -> Listening {
        let mut arguments = vec!["listen", "--lang", "en", "--address", "127.0.0.1:0"];
        arguments.extend(more);
        Listening::of(world.command(&arguments))
    }

    fn of(mut command: Command) -> Listening {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
        let mut lines = BufReader::new(child.stderr.take().expect("stderr"));
        let mut line = String::new();
        lines.read_line(&mut line).expect("a line");
        let address = line.strip_prefix("listening on http://").and_then(|rest| rest.split(',').next());
        let address = address.unwrap_or_else(|| panic!("{line}")).to_owned();
        Listening { child, address, lines }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
        stream
    }

    /// Sends bytes as they are; returns all that comes back until the connection is closed.
    fn raw(&self, request: &[u8]) -> String {
        let mut stream = self.connect();
        // A server may have answered and closed before all is sent.
        let _ = stream.write_all(request);
        let _ = stream.shutdown(Shutdown::Write);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// The status of an answer to a request with these headers.
    fn send(&self, start: &str, headers: &str, body: &str) -> u16 {
        let length = body.len();
        status(
            &self.raw(
                format!("{start} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n{headers}\r\n{body}").as_bytes(),
            ),
        )
    }

    pub(crate) fn deliver(&self, body: &str) -> u16 {
        self.send("POST /hapi", &format!("X-Hopem-Sync-Token: {SECRET}\r\n"), body)
    }

    pub(crate) fn signal(&self, signal: &str) {
        let done = Command::new("kill").args([signal, &self.child.id().to_string()]).status().expect("kill runs");
        assert!(done.success());
    }

    /// Ends it by a signal.
    pub(crate) fn stop(mut self, signal: &str) -> Output {
        self.signal(signal);
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.child.stdout.take().expect("stdout").read_to_string(&mut stdout).expect("UTF-8");
        self.lines.read_to_string(&mut stderr).expect("UTF-8");
        let code = self.child.wait().expect("it ends").code().unwrap_or(-1);
        Output { code, stdout, stderr }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
}

pub(crate) fn event(id: u64) -> String {
    format!(r#"{{"Id":{id},"Entity":"Unit","Status":1,"DatabaseName":"x","AdditionalInformationJson":null}}"#)
}

fn world() -> World {
    let mut world = World::bare();
    world.environment.insert("HOPEM_SYNC_LISTEN_SECRET".to_owned(), SECRET.to_owned());
    world
}

fn subjects(world: &World) -> Vec<String> {
    world.query("SELECT coalesce(subject, '?') FROM events ORDER BY id")
}

#[test]
fn what_was_answered_200_is_stored_even_when_the_process_is_killed_at_once() {
    let world = world();
    for id in 1..=5 {
        let listening = Listening::start(&world, &[]);
        assert_eq!(listening.deliver(&event(id)), 200);
        listening.signal("-9");
        drop(listening);
        assert_eq!(subjects(&world).len() as u64, id);
    }
    assert_eq!(subjects(&world), ["1", "2", "3", "4", "5"]);
}

#[test]
fn each_kind_of_request_has_its_answer() {
    let world = world();
    let listening = Listening::start(&world, &[]);
    let token = format!("x-hopem-sync-token: {SECRET}\r\n");
    for probe in ["GET /health", "GET /hopem/x", "HEAD /"] {
        let answer = listening.raw(format!("{probe} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes());
        assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\n"), "{probe}: {answer}");
    }
    for (start, headers, body, expected) in [
        ("GET /health", "", "", 200),
        ("POST /health", &*token, &*event(1), 200),
        ("POST /", &token, &event(2), 200),
        ("POST /any/path?x=1&y=%00", &token, &event(3), 200),
        ("GET /", "", "", 200),
        ("GET /", &token, "", 200),
        ("PUT /hapi", &token, &event(4), 405),
        ("DELETE /health", &token, "", 405),
        ("POST /hapi", "", &event(5), 401),
        ("POST /hapi", "X-Hopem-Sync-Token: \r\n", &event(5), 401),
        ("POST /hapi", &format!("X-Hopem-Sync-Token: {SECRET}x\r\n"), &event(5), 401),
        ("POST /hapi", &format!("X-Hopem-Sync-Token: {}\r\n", SECRET.to_uppercase()), &event(5), 401),
        ("POST /hapi", &format!("Authorization: {SECRET}\r\n"), &event(5), 401),
        ("POST /hapi", &token, &"x".repeat(256 * 1024), 200),
        ("POST /hapi", &token, &"x".repeat(256 * 1024 + 1), 413),
        // The client sends all of it before it looks for an answer.
        ("POST /hapi", &token, &"x".repeat(20_000_000), 413),
        ("POST /hapi", "", &"x".repeat(5_000_000), 401),
        ("POST /hapi", "", &"x".repeat(900_000), 401),
    ] {
        assert_eq!(listening.send(start, headers, body), expected, "{start} {headers} {}", body.len());
    }
    let chunked = format!("POST / HTTP/1.1\r\nHost: x\r\n{token}Transfer-Encoding: chunked\r\n\r\n");
    let small = format!("{chunked}{:x}\r\n{}\r\n0\r\n\r\n", event(6).len(), event(6));
    assert_eq!(status(&listening.raw(small.as_bytes())), 200);
    let large = format!("{chunked}{:x}\r\n{}\r\n0\r\n\r\n", 300_000, "x".repeat(300_000));
    assert_eq!(status(&listening.raw(large.as_bytes())), 413);
    let old = format!("POST / HTTP/1.0\r\n{token}Content-Length: {}\r\n\r\n{}", event(7).len(), event(7));
    assert_eq!(status(&listening.raw(old.as_bytes())), 200);
    assert_eq!(subjects(&world), ["1", "2", "3", "?", "6", "7"]);
    let ended = listening.stop("-TERM").expect(143);
    assert!(!ended.stderr.contains(SECRET) && !ended.stderr.contains("any/path"), "{ended:?}");
    assert_eq!(world.query("SELECT source || ' ' || refused FROM receiver"), ["listen 7"]);
}

#[test]
fn the_body_is_asked_for_only_once_the_secret_was_right() {
    let world = world();
    let listening = Listening::start(&world, &[]);
    let expect = |token: &str| {
        let mut stream = listening.connect();
        let request = format!(
            "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 64\r\nX-Hopem-Sync-Token: {token}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).expect("an answer");
        String::from_utf8_lossy(&answer).into_owned()
    };
    assert_eq!(expect(SECRET), "HTTP/1.1 100");
    assert_eq!(expect("wrong"), "HTTP/1.1 401");
}

#[test]
fn what_cannot_be_read_is_stored_as_it_came() {
    let world = world();
    let listening = Listening::start(&world, &[]);
    for body in ["", "hello", "{\"Id\":", "[1,2]", "\u{0}"] {
        assert_eq!(listening.deliver(body), 200, "{body:?}");
    }
    assert_eq!(listening.deliver("[]"), 200);
    assert_eq!(
        world.query("SELECT CAST(raw AS TEXT) FROM events ORDER BY id"),
        ["", "hello", "{\"Id\":", "1", "2", "\u{0}"]
    );
    let ended = listening.stop("-INT").expect(130);
    assert!(ended.stderr.contains("events received: 6, of which unreadable: 6"), "{ended:?}");
}

#[test]
fn a_connection_serves_one_request_after_the_other() {
    let world = world();
    let listening = Listening::start(&world, &[]);
    let mut stream = listening.connect();
    let one = |id: u64| {
        let body = event(id);
        format!(
            "POST / HTTP/1.1\r\nHost: x\r\nX-Hopem-Sync-Token: {SECRET}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    for ids in [vec![1], vec![2], vec![3, 4, 5]] {
        let together: String = ids.iter().map(|&id| one(id)).collect();
        stream.write_all(together.as_bytes()).expect("sent");
        let mut answers = String::new();
        while answers.matches("HTTP/1.1 200 OK").count() < ids.len() {
            let mut piece = [0; 1_024];
            let count = stream.read(&mut piece).expect("an answer");
            assert!(count > 0, "{answers}");
            answers.push_str(&String::from_utf8_lossy(&piece[..count]));
        }
    }
    assert_eq!(subjects(&world), ["1", "2", "3", "4", "5"]);
}

/// Takes a while: a connection that asks for health every few seconds must outlive the time that one request may take.
#[test]
#[ignore = "takes 14 s"]
fn a_proxy_may_ask_for_health_on_one_connection_for_long() {
    let world = world();
    let listening = Listening::start(&world, &[]);
    let mut stream = listening.connect();
    for _ in 0..5 {
        stream.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n").expect("sent");
        let mut answer = [0; 1_024];
        assert!(stream.read(&mut answer).expect("an answer") > 0);
        assert!(answer.starts_with(b"HTTP/1.1 200 OK"));
        std::thread::sleep(Duration::from_secs(3));
    }
}

#[test]
fn slow_clients_and_a_flood_of_connections_hold_nobody_up() {
    let world = world();
    let listening = Listening::start(&world, &[]);
    let token = format!("X-Hopem-Sync-Token: {SECRET}\r\n");
    let mut slow = Vec::new();
    // Those that bring the secret come first: they have 10 s for their bodies, which pass meanwhile.
    for begin in [
        &format!("POST / HTTP/1.1\r\nHost: x\r\n{token}Content-Length: 100\r\n\r\n{{"),
        "",
        "P",
        "POST / HTTP/1.1\r\nHost: x\r\nA: ",
    ] {
        for _ in 0..250 {
            let mut stream = listening.connect();
            stream.write_all(begin.as_bytes()).expect("sent");
            slow.push(stream);
        }
    }
    let began = Instant::now();
    for id in 1..=50 {
        assert_eq!(listening.deliver(&event(id)), 200);
    }
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    let mut answer = Vec::new();
    slow.first_mut().expect("one").read_to_end(&mut answer).expect("an answer");
    assert_eq!(status(&String::from_utf8_lossy(&answer)), 408);
    assert_eq!(subjects(&world).len(), 50);
}

#[test]
fn two_secrets_are_good_while_one_is_changed_for_the_other() {
    let mut world = world();
    world.environment.insert("HOPEM_SYNC_LISTEN_SECRET".to_owned(), "new-one\nold-one\n".to_owned());
    let listening = Listening::start(&world, &[]);
    let send = |secret: &str| listening.send("POST /", &format!("X-Hopem-Sync-Token: {secret}\r\n"), &event(1));
    assert_eq!([send("new-one"), send("old-one"), send("new-one old-one"), send("other")], [200, 200, 401, 401]);
}

#[test]
fn without_a_secret_or_an_address_that_is_free_nothing_begins() {
    let mut world = world();
    world.environment.remove("HOPEM_SYNC_LISTEN_SECRET");
    let reported = world.run(&["listen"]).expect(2).stderr;
    assert!(
        reported.contains("`[listen] secret` is not set") && reported.contains("HOPEM_SYNC_LISTEN_SECRET"),
        "{reported}"
    );
    assert!(!world.store().exists());
    world.environment.insert("HOPEM_SYNC_LISTEN_SECRET".to_owned(), "a;b".to_owned());
    let reported = world.run(&["listen"]).expect(2).stderr;
    assert!(reported.contains("openssl rand") && !reported.contains("a;b"), "{reported}");
    world.environment.insert("HOPEM_SYNC_LISTEN_SECRET".to_owned(), SECRET.to_owned());
    let reported = world.run(&["listen", "--address", "8787"]).expect(2).stderr;
    assert!(reported.contains("`8787` is no address and port"), "{reported}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("its address").to_string();
    let reported = world.run(&["listen", "--address", &address]).expect(1).stderr;
    assert!(
        reported.starts_with(&format!("error: cannot listen on {address}\n")) && reported.contains("help: "),
        "{reported}"
    );
    world.run(&["listen", "--address", &address, "--stdin"]).expect(2);
}

#[test]
fn one_receiver_works_for_a_store() {
    let world = world();
    let first = Listening::start(&world, &[]);
    let pid = first.child.id();
    let second = world.run(&["listen", "--address", "127.0.0.1:0"]).expect(4);
    assert!(second.stderr.contains(&format!("(pid {pid})")), "{second:?}");
    let before = world.query("SELECT source || since FROM receiver");
    let handed = stdin(&world, &[], event(9).as_bytes());
    assert_eq!((handed.code, handed.stderr.as_str()), (0, "events stored: 1, of which unreadable: 0\n"));
    assert_eq!(world.query("SELECT source || since FROM receiver"), before);
    assert_eq!(first.deliver(&event(10)), 200);
    first.stop("-TERM").expect(143);
    let again = Listening::start(&world, &[]);
    assert!(world.query("SELECT source || since FROM receiver") > before, "what came in between may have been missed");
    assert_eq!(again.deliver(&event(11)), 200);
    assert_eq!(subjects(&world), ["9", "10", "11"]);
}

#[test]
fn requests_under_way_are_answered_before_it_ends() {
    let world = world();
    let listening = Listening::start(&world, &["--json"]);
    let mut stream = listening.connect();
    let body = event(1);
    let head =
        format!("POST / HTTP/1.1\r\nHost: x\r\nX-Hopem-Sync-Token: {SECRET}\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).expect("sent");
    let _idle = listening.connect();
    std::thread::sleep(Duration::from_millis(300));
    listening.signal("-TERM");
    std::thread::sleep(Duration::from_millis(1_000));
    stream.write_all(body.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert_eq!(status(&answer), 200);
    let mut stdout = String::new();
    let mut listening = listening;
    listening.child.stdout.take().expect("stdout").read_to_string(&mut stdout).expect("UTF-8");
    assert_eq!(listening.child.wait().expect("it ends").code(), Some(143));
    let summary: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(summary, serde_json::json!({"received": 1, "unreadable": 0, "refused": 0, "turned_away": 0}));
}

#[test]
fn a_store_that_another_writer_holds_is_waited_for() {
    let world = world();
    let listening = Listening::start(&world, &[]);
    let other = rusqlite::Connection::open(world.store()).expect("a store");
    other.execute_batch("BEGIN IMMEDIATE").expect("locked");
    std::thread::scope(|scope| {
        let answers: Vec<_> = (1..=20)
            .map(|id| {
                scope.spawn({
                    let listening = &listening;
                    move || listening.deliver(&event(id))
                })
            })
            .collect();
        std::thread::sleep(Duration::from_secs(1));
        other.execute_batch("COMMIT").expect("freed");
        for answer in answers {
            assert_eq!(answer.join().expect("no panic"), 200);
        }
    });
    assert_eq!(subjects(&world).len(), 20);
}

#[test]
fn while_nothing_can_be_stored_the_answer_is_503_and_the_next_sync_reads_everything() {
    let world = world();
    let mut listening = Listening::start(&world, &[]);
    assert_eq!(listening.deliver(&event(1)), 200);
    let since = world.query("SELECT since FROM receiver");
    let away = world.path("data/away.db");
    for side in ["", "-wal", "-shm"] {
        let _ = std::fs::rename(format!("{}{side}", world.store().display()), format!("{}{side}", away.display()));
    }
    std::fs::create_dir(world.store()).expect("a folder in its place");
    let refused = listening.raw(
        format!("POST / HTTP/1.1\r\nHost: x\r\nX-Hopem-Sync-Token: {SECRET}\r\nContent-Length: 1\r\n\r\nx").as_bytes(),
    );
    assert_eq!(status(&refused), 503);
    assert!(refused.to_lowercase().contains("retry-after: 5\r\n"), "{refused}");
    let mut line = String::new();
    listening.lines.read_line(&mut line).expect("a line");
    assert!(line.starts_with("warning: webhooks cannot be stored and are answered 503: "), "{line}");
    std::fs::remove_dir(world.store()).expect("it is ours");
    for side in ["", "-wal", "-shm"] {
        let _ = std::fs::rename(format!("{}{side}", away.display()), format!("{}{side}", world.store().display()));
    }
    let end = Instant::now() + Duration::from_secs(20);
    while listening.deliver(&event(2)) != 200 {
        assert!(Instant::now() < end, "it does not recover");
        std::thread::sleep(Duration::from_millis(100));
    }
    line.clear();
    listening.lines.read_line(&mut line).expect("a line");
    assert!(line.starts_with("webhooks are stored again; "), "{line}");
    assert!(world.query("SELECT since FROM receiver") > since);
    assert_eq!(subjects(&world), ["1", "2"]);
    let ended = listening.stop("-TERM").expect(143);
    assert!(!ended.stderr.contains("turned away: 0"), "{ended:?}");
}

#[test]
fn a_store_that_was_replaced_or_taken_away_is_found_again() {
    let world = world();
    let listening = Listening::start(&world, &[]);
    assert_eq!(listening.deliver(&event(1)), 200);
    std::fs::remove_dir_all(world.path("data")).expect("it is ours");
    let end = Instant::now() + Duration::from_secs(20);
    while listening.deliver(&event(2)) != 200 {
        assert!(Instant::now() < end, "it does not recover");
        std::thread::sleep(Duration::from_millis(200));
    }
    assert_eq!(subjects(&world), ["2"]);
    assert_eq!(world.query("SELECT source FROM receiver"), ["listen"]);
    world.run(&["listen", "--address", "127.0.0.1:0"]).expect(4);
}

#[test]
fn it_works_as_a_service_does_without_environment_and_standard_input() {
    let world = world();
    world.write("secret", &format!("{SECRET}\n"));
    world.configure("[listen]\naddress = '[::1]:0'\nsecret_file = 'secret'\n");
    let mut command = Command::new(env!("CARGO_BIN_EXE_hopem-sync"));
    command.args(["listen", "--config"]).arg(world.path("config.toml")).env_clear().stdin(Stdio::null());
    let listening = Listening::of(command);
    assert!(listening.address.starts_with("[::1]:"), "{}", listening.address);
    assert_eq!(listening.deliver(&event(1)), 200);
    listening.stop("-TERM").expect(143);
    assert_eq!(subjects(&world), ["1"]);
}

#[test]
fn what_is_reachable_from_elsewhere_warns_that_it_speaks_no_tls() {
    let world = world();
    let mut command = world.command(&["listen", "--lang", "en", "--address", "0.0.0.0:0"]);
    let mut listening = Listening::of({
        command.stdin(Stdio::null());
        command
    });
    let mut line = String::new();
    listening.lines.read_line(&mut line).expect("a line");
    assert!(line.starts_with("warning: 0.0.0.0:") && line.contains("TLS"), "{line}");
}

/// Hands payloads to `listen --stdin`.
pub(crate) fn stdin(world: &World, more: &[&str], input: &[u8]) -> Output {
    let mut command = world.command(&[&["listen", "--stdin", "--lang", "en"], more].concat());
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
    let mut pipe = child.stdin.take().expect("stdin");
    std::thread::scope(|scope| {
        // A binary that refused its arguments reads nothing.
        scope.spawn(move || pipe.write_all(input));
        let done = child.wait_with_output().expect("it ends");
        Output {
            code: done.status.code().unwrap_or(-1),
            stdout: String::from_utf8(done.stdout).expect("UTF-8"),
            stderr: String::from_utf8(done.stderr).expect("UTF-8"),
        }
    })
}

#[test]
fn payloads_come_from_standard_input_one_a_line_and_without_a_secret() {
    let mut world = world();
    world.environment.remove("HOPEM_SYNC_LISTEN_SECRET");
    let input = format!("{}\r\n\n   \nhello\n{}\n{}", event(1), "x".repeat(700_000), event(2));
    let taken = stdin(&world, &["--json"], input.as_bytes()).expect(0);
    assert_eq!(taken.json(), serde_json::json!({"received": 4, "unreadable": 2}));
    assert_eq!(taken.stderr, "");
    assert_eq!(subjects(&world), ["1", "?", "?", "2"]);
    assert_eq!(world.query("SELECT CAST(max(length(raw)) AS TEXT) FROM events"), ["262144"]);
    assert_eq!(stdin(&world, &["-q"], b"").expect(0).stderr, "");
    let many: String = (0..20_000).map(|id| event(id) + "\n").collect();
    assert_eq!(stdin(&world, &[], many.as_bytes()).expect(0).stderr, "events stored: 20,000, of which unreadable: 0\n");
    assert_eq!(subjects(&world).len(), 20_004);
    assert_eq!(world.query("SELECT source FROM receiver"), ["stdin"]);
}

#[test]
fn standard_input_that_stays_open_is_stored_as_it_comes_and_left_by_a_signal() {
    let world = world();
    for (signal, code) in [("-TERM", 143), ("-INT", 130)] {
        let mut command = world.command(&["listen", "--stdin", "--lang", "en"]);
        let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
        let mut pipe = child.stdin.take().expect("stdin");
        pipe.write_all(format!("{}\n{{\"Id\":", event(code)).as_bytes()).expect("sent");
        let end = Instant::now() + Duration::from_secs(10);
        while !world.store().exists() || !subjects_now(&world).contains(&code.to_string()) {
            assert!(Instant::now() < end, "it is not stored while the input stays open");
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill").success());
        let done = child.wait_with_output().expect("it ends");
        assert_eq!(done.status.code(), Some(code as i32));
        assert_eq!(String::from_utf8_lossy(&done.stderr), "events stored: 1, of which unreadable: 0\n");
    }
}

/// The subjects stored so far, in a store that may just be made.
fn subjects_now(world: &World) -> Vec<String> {
    let read = || -> rusqlite::Result<Vec<String>> {
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let connection = rusqlite::Connection::open_with_flags(world.store(), flags)?;
        let mut statement = connection.prepare("SELECT subject FROM events")?;
        statement.query_map([], |row| row.get(0))?.collect()
    };
    read().unwrap_or_default()
}

#[test]
fn a_pull_and_a_burst_of_webhooks_do_not_starve_each_other() {
    let mut world = World::tidy(3_000);
    world.environment.insert("HOPEM_SYNC_LISTEN_SECRET".to_owned(), SECRET.to_owned());
    let listening = Listening::start(&world, &[]);
    let is_over = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let sender = scope.spawn(|| {
            let (mut sent, mut longest) = (0, Duration::ZERO);
            while !is_over.load(std::sync::atomic::Ordering::Relaxed) {
                let began = Instant::now();
                sent += 1;
                assert_eq!(listening.deliver(&event(sent)), 200);
                longest = longest.max(began.elapsed());
            }
            (sent, longest)
        });
        let pulled = world.run(&["pull"]);
        is_over.store(true, std::sync::atomic::Ordering::Relaxed);
        pulled.expect(0);
        let (sent, longest) = sender.join().expect("no panic");
        assert!(sent > 5 && longest < Duration::from_secs(2), "{sent} sent, the slowest took {longest:?}");
        assert_eq!(subjects(&world).len() as u64, sent);
    });
}

#[test]
fn the_unit_for_systemd_runs_a_command_that_there_is() {
    let unit = include_str!("../../examples/systemd/hopem-sync-listen.service");
    let line = unit.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/bin/hopem-sync ")).expect("a command");
    let mut arguments: Vec<&str> = line.split(' ').collect();
    arguments.push("--help");
    world().run(&arguments).expect(0);
    assert!(unit.contains("\nSuccessExitStatus=143\n"));
}

/// Takes minutes: `cargo test --release --test it -- --ignored killed_two_hundred_times`.
#[test]
#[ignore = "takes minutes"]
fn killed_two_hundred_times_under_load_nothing_answered_200_is_lost() {
    let world = world();
    let (mut answered, mut next) = (std::collections::BTreeSet::new(), 0);
    for round in 0..200 {
        let mut listening = Listening::start(&world, &[]);
        let address = listening.address.clone();
        let senders: Vec<_> = (0..8)
            .map(|sender| {
                let (address, first) = (address.clone(), next + sender * 1_000_000);
                std::thread::spawn(move || deliver_until_closed(&address, first))
            })
            .collect();
        next += 8_000_000;
        std::thread::sleep(Duration::from_millis(20 + (round * 7) % 90));
        listening.child.kill().expect("it is killed");
        for sender in senders {
            answered.extend(sender.join().expect("no panic"));
        }
    }
    let stored: std::collections::BTreeSet<String> = subjects(&world).into_iter().collect();
    let lost = answered.iter().filter(|id| !stored.contains(&id.to_string())).count();
    assert!(lost == 0 && answered.len() > 1_000, "{lost} of {} lost", answered.len());
}

/// Sends events on one connection until it breaks; the ids of those answered 200.
fn deliver_until_closed(address: &str, first: u64) -> Vec<u64> {
    let mut answered = Vec::new();
    let Ok(mut stream) = TcpStream::connect(address) else { return answered };
    let mut piece = [0; 1_024];
    for id in first.. {
        let body = event(id);
        let length = body.len();
        let request = format!(
            "POST / HTTP/1.1\r\nHost: x\r\nX-Hopem-Sync-Token: {SECRET}\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        match stream.write_all(request.as_bytes()).and_then(|()| stream.read(&mut piece)) {
            Ok(count) if piece[..count].starts_with(b"HTTP/1.1 200 ") => answered.push(id),
            _ => break,
        }
    }
    answered
}
