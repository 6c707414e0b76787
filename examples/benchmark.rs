//! Measures the program beside what it is compared with, on a sandbox: `cargo run --release --example benchmark`.
//!
//! Without arguments: a pull of 40,000 records and whole syncs of 1,000 and 10,000 items; `large` adds 80,000 items and a pull of
//! a million records. `start [PROGRAM]` measures instead how long commands take that people wait for at a prompt, of this build or of
//! another. Machines differ and are noisy: read the ratios of one run, not its seconds.
#![allow(clippy::disallowed_methods, reason = "a program of its own")]

use hopem_sandbox::monday::{StandardBoard, TOKEN, standard_boards, standard_configuration};
use hopem_sandbox::{Api, Options, Portfolio, RecordedRequest, Sandbox};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// With this as its first argument, this program is `hopem-sync`.
const AS_PROGRAM: &str = "as-hopem-sync";
/// How long an answer takes.
const LATENCY: Duration = Duration::from_millis(100);
/// How long an import takes.
const IMPORT: Duration = Duration::from_secs(10);
/// Processor time in `/proc` is counted in so many ticks a second.
const TICKS: f64 = 100.0;
/// How often each command is started, to take the one in the middle.
const STARTS: usize = 201;
/// What people wait for at a prompt, with the longest that it should take in milliseconds; `true` is a process that does nothing.
const AT_A_PROMPT: [(&str, f64, &[&str]); 6] = [
    ("--help", 5.0, &["--help"]),
    ("completion of a command", 20.0, &["__complete", "hopem-sync", "sta"]),
    ("completion of a kind", 20.0, &["__complete", "hopem-sync", "status", "ten"]),
    ("completion of tenant:5", 20.0, &["__complete", "hopem-sync", "status", "tenant:5"]),
    ("status", 50.0, &["status"]),
    ("status unit:5", 50.0, &["status", "unit:5"]),
];
/// Items a unit brings: itself, tenants, leases, its share of a building.
const PER_UNIT: usize = 7;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == AS_PROGRAM) {
        let line = std::iter::once("hopem-sync".into()).chain(arguments.into_iter().skip(1).map(Into::into));
        return hopem_sync::run(line, std::env::vars().collect::<BTreeMap<_, _>>());
    }
    let measured = match arguments.first().map(String::as_str) {
        Some("start") => starts(arguments.get(1).map(PathBuf::from)),
        first => measure(first == Some("large")),
    };
    match measured {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(is_large: bool) -> io::Result<()> {
    pulls(40_000, LATENCY)?;
    pulls(40_000, Duration::ZERO)?;
    for items in [1_000, 10_000].into_iter().chain(is_large.then_some(80_000)) {
        syncs(items)?;
    }
    if is_large {
        pulls(1_000_000, Duration::ZERO)?;
    }
    Ok(())
}

/// Pulls of so many records: the first, and one when nothing has changed; each beside the same pages read one after the other.
fn pulls(records: usize, latency: Duration) -> io::Result<()> {
    let bench = Bench::of(records, latency)?;
    title(&format!("pull of {} records, {} ms a request", bench.records, latency.as_millis()))?;
    for what in ["first", "unchanged"] {
        let measured = bench.run(what, &["pull", "--json"])?;
        let floor = bench.one_after_the_other()?;
        measured.row(what, Some(floor))?;
    }
    for command in [&["--help"][..], &["status", "--json"], &["status", "--search", "tremblay", "--json"]] {
        bench.run(&command.join(" "), command)?.row(&command.join(" "), None)?;
    }
    Ok(())
}

/// Syncs of so many items: the first, one when nothing has changed, one when a hundredth has.
fn syncs(items: usize) -> io::Result<()> {
    let bench = Bench::of(items, LATENCY)?;
    title(&format!("sync of {} items on 8 boards, {} ms a request", bench.records, LATENCY.as_millis()))?;
    bench.run("first", &["sync", "--json"])?.row("first", None)?;
    bench.run("unchanged", &["sync", "--json"])?.row("unchanged", None)?;
    bench.change_a_hundredth();
    bench.run("1 % changed", &["sync", "--json"])?.row("1 % changed", None)
}

/// How long the program takes to start and to answer, beside a process that does nothing. `program`: another build of it.
fn starts(program: Option<PathBuf>) -> io::Result<()> {
    let bench = Bench { program: program.map(std::path::absolute).transpose()?, ..Bench::of(40_000, Duration::ZERO)? };
    bench.run("pull", &["pull", "--json"])?;
    let mut commands = vec![Command::new("true")];
    for (_, _, arguments) in AT_A_PROMPT {
        commands.push(bench.command(arguments)?);
    }
    let mut times = vec![Vec::new(); commands.len()];
    // In turns, so that whatever else the machine does meets all of them alike.
    for _ in 0..STARTS {
        for (command, times) in commands.iter_mut().zip(&mut times) {
            let began = Instant::now();
            if !command.stdout(Stdio::null()).stderr(Stdio::null()).status()?.success() {
                return Err(io::Error::other(format!("{command:?} failed")));
            }
            times.push(began.elapsed().as_secs_f64() * 1_000.0);
        }
    }
    let mut middle = times.into_iter().map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    });
    let bare = middle.next().unwrap_or(f64::NAN);
    let mut out = io::stdout();
    writeln!(out, "median of {STARTS} starts, {} records in the store; `true` takes {bare:.2} ms", bench.records)?;
    writeln!(out, "{:28} {:>8} {:>8} {:>8}", "", "ms", "x true", "goal ms")?;
    for ((what, goal, _), time) in AT_A_PROMPT.iter().zip(middle) {
        let word = if time <= *goal { "" } else { "  too slow" };
        writeln!(out, "{what:28} {time:>8.2} {:>8.1} {goal:>8.0}{word}", time / bare)?;
    }
    out.flush()
}

/// Sandbox with a portfolio, and a store for it.
struct Bench {
    folder: tempfile::TempDir,
    sandbox: Sandbox,
    records: usize,
    /// The program; `None`: the one that this build holds.
    program: Option<PathBuf>,
}

/// What a command took.
#[derive(Default)]
struct Measured {
    seconds: f64,
    processor: f64,
    peak_kb: u64,
    hapi: usize,
    monday: u64,
    bytes: u64,
}

impl Bench {
    fn of(records: usize, latency: Duration) -> io::Result<Bench> {
        let (folder, sandbox) = (tempfile::tempdir()?, Sandbox::start(Options::default())?);
        let portfolio = Portfolio::tidy(1, records * 2 / PER_UNIT);
        portfolio.fill(&mut sandbox.hapi());
        let boards = standard_boards(&mut sandbox.monday());
        sandbox.monday().set_bulk_time(IMPORT);
        sandbox.set_latency(Api::Hapi, latency);
        sandbox.set_latency(Api::Monday, latency);
        std::fs::write(folder.path().join("config.toml"), configuration(&sandbox, &boards))?;
        Ok(Bench { records: portfolio.total(), folder, sandbox, program: None })
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a command as a process of its own.
    fn run(&self, what: &str, arguments: &[&str]) -> io::Result<Measured> {
        self.sandbox.clear_requests();
        let (monday, began) = (self.sandbox.monday().calls(), Instant::now());
        let mut child = self.command(arguments)?.spawn()?;
        let (processor, peak_kb) = watch(&mut child)?;
        let seconds = began.elapsed().as_secs_f64();
        if !child.wait()?.success() {
            let mut messages = std::fs::read_to_string(self.file("told"))?;
            messages.extend(std::fs::read_to_string(self.file("out"))?.chars().take(2_000));
            return Err(io::Error::other(format!("`{what}` failed: {messages}")));
        }
        let document: Value = serde_json::from_slice(&std::fs::read(self.file("out"))?).unwrap_or_default();
        let kinds = document["pull"].as_object().into_iter().flat_map(|kinds| kinds.values());
        let hapi = self.sandbox.requests(Api::Hapi).len();
        let monday = self.sandbox.monday().calls() - monday;
        let bytes = kinds.filter_map(|kind| kind["bytes"].as_u64()).sum();
        Ok(Measured { seconds, processor, peak_kb, hapi, monday, bytes })
    }

    fn command(&self, arguments: &[&str]) -> io::Result<Command> {
        let settings = self.sandbox.hapi().settings.clone();
        let mut command = match &self.program {
            Some(program) => Command::new(program),
            None => Command::new(std::env::current_exe()?),
        };
        if self.program.is_none() {
            command.arg(AS_PROGRAM);
        }
        command
            .args(arguments)
            .env_clear()
            .env("HOPEM_SYNC_CONFIG", self.file("config.toml"))
            .env("HOPEM_SYNC_STORE_PATH", self.file("store.db"))
            .env("HOPEM_SYNC_HAPI_USERNAME", settings.username)
            .env("HOPEM_SYNC_HAPI_PASSWORD", settings.password)
            .env("HOPEM_SYNC_HAPI_API_KEY", settings.api_key)
            .env("HOPEM_SYNC_MONDAY_TOKEN", TOKEN)
            .stdout(std::fs::File::create(self.file("out"))?)
            .stderr(std::fs::File::create(self.file("told"))?);
        Ok(command)
    }

    /// Asks for the pages of the last run once more, one after the other on one connection, and throws them away: what no reader
    /// that asks for one page after the other can do without. Returns the seconds.
    fn one_after_the_other(&self) -> io::Result<f64> {
        let requests = self.sandbox.requests(Api::Hapi);
        let pages: Vec<&RecordedRequest> = requests.iter().filter(|one| one.method == "GET").collect();
        let address = self.sandbox.hapi_url().replace("http://", "");
        let began = Instant::now();
        let stream = TcpStream::connect(&address)?;
        stream.set_nodelay(true)?;
        let mut connection = BufReader::new(stream);
        for page in pages {
            ask(&mut connection, &address, page)?;
        }
        Ok(began.elapsed().as_secs_f64())
    }

    fn change_a_hundredth(&self) {
        let fits = |record: &Value| record["Id"].as_i64().is_some_and(|id| id % 100 == 7);
        let mut hapi = self.sandbox.hapi();
        for (set, property, value) in [
            ("Units", "Rent", json!(1_234.5)),
            ("Tenants", "FirstName", json!("Zoé")),
            ("Buildings", "Name", json!("Le Belvédère")),
        ] {
            hapi.update_where(set, fits, property, value);
        }
    }
}

fn configuration(sandbox: &Sandbox, boards: &[StandardBoard]) -> String {
    format!(
        "[hapi]\nurl = \"{}\"\n\n[monday]\nurl = \"{}\"\nsettle = \"5s\"\ndaily_calls = 100000\n\n{}",
        sandbox.hapi_url(),
        sandbox.monday_url(),
        standard_configuration(boards),
    )
}

/// Waits for the end of a process. Returns its processor seconds and the most memory it had, where the system tells (Linux).
fn watch(child: &mut Child) -> io::Result<(f64, u64)> {
    let of = |file: &str| std::fs::read_to_string(format!("/proc/{}/{file}", child.id())).unwrap_or_default();
    let mut peak_kb = 0;
    loop {
        let status = of("status");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok());
        peak_kb = peak_kb.max(peak.unwrap_or(0));
        let stat = of("stat");
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |place: usize| fields.get(place).and_then(|ticks| ticks.parse::<f64>().ok()).unwrap_or(0.0);
        // Its last figures stand there until it is waited for.
        if fields.first().is_none_or(|state| *state == "Z") {
            return Ok(((ticks(11) + ticks(12)) / TICKS, peak_kb));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn ask(connection: &mut BufReader<TcpStream>, address: &str, page: &RecordedRequest) -> io::Result<()> {
    let query = page.query.as_deref().unwrap_or_default().replace(' ', "%20").replace('\'', "%27");
    let token = page.headers.iter().find(|(name, _)| name == "authorization").map_or("", |(_, value)| value);
    write!(
        connection.get_mut(),
        "GET {}?{query} HTTP/1.1\r\nhost: {address}\r\nauthorization: {token}\r\n\r\n",
        page.path
    )?;
    let (mut length, mut line) = (0, String::new());
    loop {
        line.clear();
        connection.read_line(&mut line)?;
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
    }
    let mut body = vec![0; length];
    connection.read_exact(&mut body)
}

fn title(text: &str) -> io::Result<()> {
    let mut out = io::stdout();
    writeln!(
        out,
        "\n{text}\n{:28} {:>8} {:>8} {:>8} {:>6} {:>7} {:>8}  beside one page after the other",
        "", "seconds", "CPU s", "peak MB", "HApi", "monday", "MB"
    )?;
    out.flush()
}

impl Measured {
    fn row(&self, what: &str, floor: Option<f64>) -> io::Result<()> {
        let ratio = floor.map_or_else(String::new, |floor| format!("{:.2}", self.seconds / floor));
        let mut out = io::stdout();
        writeln!(
            out,
            "{what:28} {:>8.2} {:>8.2} {:>8.1} {:>6} {:>7} {:>8.1}  {ratio}",
            self.seconds,
            self.processor,
            self.peak_kb as f64 / 1024.0,
            self.hapi,
            self.monday,
            self.bytes as f64 / 1e6,
        )?;
        out.flush()
    }
}
