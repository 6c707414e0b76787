//! The main job, from nothing: `cargo run --example quickstart`.
//!
//! Starts a sandbox with both APIs on loopback, writes a configuration for it, runs the program's own `sync` on thousands of
//! entities, shows `status`, changes a few entities in Hopem and syncs again. No account is needed and nothing leaves the
//! machine. With a number as its argument there are so many units instead of 1,500.

use hopem_sandbox::monday::{StandardBoard, TOKEN, standard_boards, standard_configuration};
use hopem_sandbox::{Api, Options, Portfolio, Sandbox};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// How many units there are unless the command line says otherwise. Some 3.5 entities a unit: buildings, tenants, leases come
/// with them.
const UNITS: usize = 1_500;
/// How long each answer takes, so that the bars have something to show.
const LATENCY: Duration = Duration::from_millis(60);
/// How long an import takes.
const IMPORT: Duration = Duration::from_millis(1_500);

fn main() -> ExitCode {
    match tour() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: the quickstart could not be set up: {error}");
            ExitCode::FAILURE
        }
    }
}

fn tour() -> io::Result<ExitCode> {
    let folder = tempfile::tempdir()?;
    let sandbox = Sandbox::start(Options::default())?;
    let units = std::env::args().nth(1).and_then(|units| units.parse().ok()).unwrap_or(UNITS);
    let portfolio = Portfolio::tidy(1, units);
    portfolio.fill(&mut sandbox.hapi());
    let boards = standard_boards(&mut sandbox.monday());
    // monday takes about a minute for an import: too long for a tour.
    sandbox.monday().set_bulk_time(IMPORT);
    for api in [Api::Hapi, Api::Monday] {
        sandbox.set_latency(api, LATENCY);
    }
    let configuration = folder.path().join("config.toml");
    std::fs::write(&configuration, configuration_text(&sandbox, &boards, folder.path()))?;
    let program = Program { configuration: &configuration, environment: secrets(&sandbox) };

    say(&format!("A sandbox holds {} entities in Hopem, and eight empty monday boards.", portfolio.total()))?;
    let first = program.run(&["sync"])?;
    let loaded = calls(&sandbox);
    program.run(&["status"])?;
    say("Nothing has changed: the second sync makes no monday call.")?;
    program.run(&["sync"])?;
    let idle = calls(&sandbox) - loaded;
    say("In Hopem, a unit is let, a building is renamed, a tenant moves out, another one moves in.")?;
    change(&sandbox);
    let before = calls(&sandbox);
    program.run(&["sync"])?;
    let changed = calls(&sandbox) - before;
    program.run(&["runs", "3", "--changes"])?;
    say(&format!(
        "monday calls: {loaded} for the first load of {} entities, {idle} when nothing had changed, {changed} for the changes.",
        portfolio.total()
    ))?;
    if idle > 0 {
        return Err(io::Error::other(format!("{idle} monday calls though nothing had changed")));
    }
    say("For your own account: see \"For real\" in README.md.")?;
    Ok(first)
}

/// The program as `main` runs it, with a configuration and an environment of its own.
struct Program<'a> {
    configuration: &'a Path,
    environment: BTreeMap<String, String>,
}

impl Program<'_> {
    fn run(&self, arguments: &[&str]) -> io::Result<ExitCode> {
        say(&format!("$ hopem-sync {}", arguments.join(" ")))?;
        let mut line = vec!["hopem-sync".into(), "--config".into(), self.configuration.into()];
        line.extend(arguments.iter().map(Into::into));
        Ok(hopem_sync::run(line, self.environment.clone()))
    }
}

/// The environment of this terminal (language, colour) and the sandbox's secrets.
fn secrets(sandbox: &Sandbox) -> BTreeMap<String, String> {
    let inherited = std::env::vars().filter(|(name, _)| !name.starts_with("HOPEM_SYNC_"));
    let mut environment: BTreeMap<String, String> = inherited.collect();
    let settings = sandbox.hapi().settings.clone();
    for (name, secret) in [
        ("HOPEM_SYNC_HAPI_PASSWORD", settings.password),
        ("HOPEM_SYNC_HAPI_API_KEY", settings.api_key),
        ("HOPEM_SYNC_MONDAY_TOKEN", TOKEN.to_owned()),
    ] {
        environment.insert(name.to_owned(), secret);
    }
    environment
}

fn configuration_text(sandbox: &Sandbox, boards: &[StandardBoard], folder: &Path) -> String {
    let username = sandbox.hapi().settings.username.clone();
    format!(
        "[hapi]\nurl = \"{}\"\nusername = \"{username}\"\n\n[monday]\nurl = \"{}\"\nsettle = \"2s\"\n\n\
         [store]\npath = '{}'\n\n{}",
        sandbox.hapi_url(),
        sandbox.monday_url(),
        folder.join("store.db").display(),
        standard_configuration(boards),
    )
}

/// A few changes in Hopem.
fn change(sandbox: &Sandbox) {
    let mut hapi = sandbox.hapi();
    let id = |records: &[serde_json::Value], place: usize| records.get(place).and_then(|r| r["Id"].as_i64());
    let (unit, building, tenant) =
        (id(hapi.records("Units"), 20), id(hapi.records("Buildings"), 5), id(hapi.records("Tenants"), 40));
    if let Some(unit) = unit {
        hapi.update("Units", unit, "OccupancyStatus", json!("L "));
        hapi.update("Units", unit, "Rent", json!(1325.0));
    }
    if let Some(building) = building {
        hapi.update("Buildings", building, "Name", json!("Le Château Saint-Ambroise"));
    }
    if let Some(tenant) = tenant {
        let mut newcomer = hapi.record("Tenants", tenant).cloned().unwrap_or_default();
        hapi.remove("Tenants", tenant);
        newcomer["Id"] = json!(900_001);
        newcomer["LastName"] = json!("Bélanger");
        newcomer["FirstName"] = json!("Élise");
        hapi.insert("Tenants", newcomer);
    }
}

fn calls(sandbox: &Sandbox) -> u64 {
    sandbox.monday().calls()
}

fn say(text: &str) -> io::Result<()> {
    let mut out = io::stdout();
    writeln!(out, "\n{text}")?;
    out.flush()
}
