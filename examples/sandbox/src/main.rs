//! `hopem-sandbox`: both APIs on loopback with a made-up portfolio and eight empty boards, to try `hopem-sync` on.
#![allow(clippy::disallowed_methods, reason = "a program of its own")]

use std::fmt::Write as _;
use std::fs;
use std::io::{self, BufRead, IsTerminal, Write as _};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use hopem_sandbox::monday::{StandardBoard, standard_boards, standard_configuration};
use hopem_sandbox::{Api, Options, Portfolio, Sandbox};

mod console;

use console::{Console, Next};

const USAGE: &str = "\
Imitates HApi and monday.com on 127.0.0.1 until it is killed.

Usage: hopem-sandbox [OPTIONS]

  --units N         units in the portfolio; about 3.5 N records in all (default 60)
  --seed S          another seed gives another portfolio (default 1)
  --tidy            leaves out what real data have of broken values
  --hapi-port P     port of HApi (default: a free one)
  --monday-port P   port of monday (default: a free one)
  --latency-ms N    how long each answer takes (default 0)
  --directory DIR   where config.toml, environment.sh and the store go (default: a new temporary one)
  --help            prints this

While it runs it takes commands; `help` lists them. Webhooks can be subscribed to as at HApi:
  GET  /api/subscribe             [\"Building\",\"Unit\"]
  POST /api/subscribe             {\"ResponseUrl\":\"http://127.0.0.1:8787\",\"ResponseHeaders\":\"a:b\",\"Entities\":[\"unit\"]}
  POST /api/unsubscribe           [\"unit\"]
The commands `change`, `add` and `delete` then deliver events, but only to this machine, and say what came of them.
";

/// The token that monday expects.
const MONDAY_TOKEN: &str = "sandbox-token";

/// What the command line asks for.
struct Arguments {
    units: usize,
    seed: u64,
    is_tidy: bool,
    options: Options,
    latency: Duration,
    directory: Option<PathBuf>,
}

impl Arguments {
    /// `None` when only the help is wanted.
    fn parse(mut words: impl Iterator<Item = String>) -> Result<Option<Arguments>, String> {
        let mut arguments = Arguments {
            units: 60,
            seed: 1,
            is_tidy: false,
            options: Options::default(),
            latency: Duration::ZERO,
            directory: None,
        };
        while let Some(word) = words.next() {
            let (flag, attached) = match word.split_once('=') {
                Some((flag, value)) => (flag.to_owned(), Some(value.to_owned())),
                None => (word, None),
            };
            match flag.as_str() {
                "--help" | "-h" => return Ok(None),
                "--tidy" => {
                    arguments.is_tidy = true;
                    continue;
                }
                "--units" | "--seed" | "--hapi-port" | "--monday-port" | "--latency-ms" | "--directory" => {}
                _ => return Err(format!("unknown argument `{flag}`")),
            }
            let value = attached.or_else(|| words.next()).ok_or_else(|| format!("`{flag}` needs a value"))?;
            match flag.as_str() {
                "--units" => arguments.units = number(&flag, &value)?,
                "--seed" => arguments.seed = number(&flag, &value)?,
                "--hapi-port" => arguments.options.hapi_port = number(&flag, &value)?,
                "--monday-port" => arguments.options.monday_port = number(&flag, &value)?,
                "--latency-ms" => arguments.latency = Duration::from_millis(number(&flag, &value)?),
                _ => arguments.directory = Some(PathBuf::from(value)),
            }
        }
        Ok(Some(arguments))
    }
}

fn number<T: std::str::FromStr>(flag: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("`{flag}` wants a number, not `{value}`"))
}

fn main() -> ExitCode {
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            let _ = io::stdout().write_all(USAGE.as_bytes());
            return ExitCode::SUCCESS;
        }
        Err(message) => {
            eprintln!("error: {message}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: the sandbox could not be set up or kept running\n  caused by: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> io::Result<()> {
    let sandbox = Sandbox::start(arguments.options)?;
    let portfolio = match arguments.is_tidy {
        true => Portfolio::tidy(arguments.seed, arguments.units),
        false => Portfolio::new(arguments.seed, arguments.units),
    };
    portfolio.fill(&mut sandbox.hapi());
    sandbox.hapi().settings.notifies = true;
    sandbox.monday().set_token(MONDAY_TOKEN);
    let boards = standard_boards(&mut sandbox.monday());
    for api in [Api::Hapi, Api::Monday] {
        sandbox.set_latency(api, arguments.latency);
    }
    let directory = fresh_directory(arguments.directory)?;
    let configuration = configuration(&sandbox, &boards, &directory.join("store.db"));
    let environment = environment(&sandbox, &directory.join("config.toml"));
    write_private(&directory.join("config.toml"), &configuration)?;
    write_private(&directory.join("environment.sh"), &environment)?;
    let mut out = io::stdout();
    writeln!(out, "{configuration}\n{environment}")?;
    writeln!(out, "# {} records in HApi, {} empty boards in monday.", portfolio.total(), boards.len())?;
    writeln!(out, "# In the shell that runs hopem-sync: . {}", quoted(&directory.join("environment.sh")))?;
    converse(&sandbox, boards)
}

/// Reads commands until the user has had enough. Without a terminal nobody can have: it runs until it is killed.
fn converse(sandbox: &Sandbox, boards: Vec<StandardBoard>) -> io::Result<()> {
    let is_terminal = io::stdin().is_terminal();
    let mut out = io::stdout();
    let mut console = Console::new(sandbox, boards);
    writeln!(out, "# `help` lists the commands.")?;
    let mut lines = io::stdin().lock().lines();
    loop {
        if is_terminal {
            write!(out, "> ")?;
        }
        out.flush()?;
        let Some(Ok(line)) = lines.next() else { break };
        match console.obey(&line) {
            Next::Say(text) => writeln!(out, "{}", text.trim_end())?,
            Next::Quit => return Ok(()),
        }
    }
    if is_terminal {
        return Ok(());
    }
    loop {
        std::thread::park();
    }
}

fn configuration(sandbox: &Sandbox, boards: &[StandardBoard], store: &Path) -> String {
    let mut text =
        String::from("# Written by hopem-sandbox: both APIs on loopback. Any other sandbox needs another store.\n\n");
    let hapi = [("url", sandbox.hapi_url()), ("username", sandbox.hapi().settings.username.clone())];
    text.push_str("[hapi]\n");
    for (key, value) in hapi {
        let _ = writeln!(text, "{key} = {}", toml_string(&value));
    }
    let _ = writeln!(text, "\n[monday]\nurl = {}\nsettle = \"2s\"", toml_string(&sandbox.monday_url()));
    let _ = writeln!(text, "\n[store]\npath = {}\n", toml_string(&store.to_string_lossy()));
    text.push_str(&standard_configuration(boards));
    text
}

fn toml_string(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// What a shell has to know: where the configuration is, and the secrets.
fn environment(sandbox: &Sandbox, configuration: &Path) -> String {
    let settings = sandbox.hapi().settings.clone();
    let mut text = format!("export HOPEM_SYNC_CONFIG={}\n", quoted(configuration));
    for (name, value) in [
        ("HOPEM_SYNC_HAPI_PASSWORD", settings.password),
        ("HOPEM_SYNC_HAPI_API_KEY", settings.api_key),
        ("HOPEM_SYNC_MONDAY_TOKEN", MONDAY_TOKEN.to_owned()),
    ] {
        let _ = writeln!(text, "export {name}='{value}'");
    }
    text
}

/// For a POSIX shell.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.to_string_lossy().replace('\'', r"'\''"))
}

/// The directory asked for, or a new one that nobody else can have put there.
fn fresh_directory(wanted: Option<PathBuf>) -> io::Result<PathBuf> {
    let mut builder = fs::DirBuilder::new();
    builder.mode(0o700);
    if let Some(wanted) = wanted {
        builder.recursive(true).create(&wanted)?;
        return wanted.canonicalize();
    }
    let mut attempt = 0;
    loop {
        let directory = std::env::temp_dir().join(format!("hopem-sandbox-{}-{attempt}", std::process::id()));
        match builder.create(&directory) {
            Ok(()) => return Ok(directory),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < 100 => attempt += 1,
            Err(error) => return Err(error),
        }
    }
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}
