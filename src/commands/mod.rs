//! The commands, a file or a folder each, arguments and behaviour together; `context`, `selector`, `selection`, `inspection` and
//! `input` are what they share.

mod again;
mod backup;
mod columns;
pub(crate) mod completions;
mod config;
mod context;
mod dashboard;
mod doctor;
mod explain;
mod export;
mod forget;
mod html;
mod init;
mod input;
mod inspection;
mod link;
mod listen;
mod man;
mod notify;
mod pause;
mod ping;
mod plan_file;
mod pull;
mod push;
mod resync;
pub(crate) mod runs;
mod selection;
mod selector;
mod show_json;
mod status;
mod subscribe;
mod sync;
mod unlink;
mod version;

pub(crate) use context::Context;

use crate::config::{Config, Request, language};
use crate::failure::{Exit, exit_of, render};
use crate::host::Host;
use crate::message::Lang;
use crate::options::Global;
use crate::report::{CHECK_UNKNOWN, Report, unknown};
use std::collections::BTreeMap;

/// Command: what can be asked for.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Write a configuration from what Hopem offers
    Init(init::Init),
    /// Read Hopem, then bring the monday boards up to date
    Sync(sync::Sync),
    /// Read Hopem into the store
    Pull(pull::Pull),
    /// Bring the monday boards up to the store
    Push(push::Push),
    /// Show what is synced, pending, in error; with an entity, its whole story
    Status(status::Status),
    /// Show entities, their states and stories on the whole terminal, and act on them
    Dashboard(dashboard::Dashboard),
    /// Stop pushing entities; they are still read
    Pause(pause::Pause),
    /// Push entities again that were paused
    Resume(pause::Resume),
    /// Read entities now and send every mapped column again
    Resync(resync::Resync),
    /// Print a record exactly as Hopem sent it
    ShowJson(show_json::ShowJson),
    /// Say of each column why it is, or is not, sent now
    Explain(explain::Explain),
    /// Write the stored inventory of a kind, for another system to read
    Export(export::Export),
    /// Attach an entity to an item that is there; list candidates
    Link(link::Link),
    /// Receive Hopem's webhooks into the store
    Listen(listen::Listen),
    /// Dissociate entities from their items
    Unlink(unlink::Unlink),
    /// Show or change which entities HApi notifies by webhooks
    Subscribe(subscribe::Subscribe),
    /// Remove entities from the store and its history, for good
    Forget(forget::Forget),
    /// Show what HApi and the board of a kind have, and what of it is mapped
    Columns(columns::ColumnsOf),
    /// Look at everything without changing anything, and say what to do
    Doctor(doctor::Doctor),
    /// Copy the store, also while other commands run
    Backup(backup::Backup),
    /// List past runs; with a number, what a run did
    Runs(runs::Runs),
    /// Show the effective configuration, secrets masked; find every mistake in it
    Config(config::ConfigCommand),
    /// Print what a shell needs to complete command lines
    Completions(completions::Completions),
    /// Print the manual, or write its pages into a folder
    Man(man::ManPages),
    /// Print the version
    Version(version::Version),
}

impl Command {
    fn run(&self, context: &Context) -> anyhow::Result<u8> {
        let exit = match self {
            Command::Sync(command) => command.run(context)?,
            Command::Pull(command) => command.run(context)?,
            Command::Push(command) => command.run(context)?,
            Command::Status(command) => return command.run(context),
            Command::Dashboard(command) => command.run(context)?,
            Command::Pause(command) => command.run(context)?,
            Command::Resume(command) => command.run(context)?,
            Command::Resync(command) => command.run(context)?,
            Command::ShowJson(command) => command.run(context)?,
            Command::Explain(command) => command.run(context)?,
            Command::Export(command) => command.run(context)?,
            Command::Link(command) => command.run(context)?,
            Command::Listen(command) => command.run(context)?,
            Command::Unlink(command) => command.run(context)?,
            Command::Subscribe(command) => command.run(context)?,
            Command::Forget(command) => command.run(context)?,
            Command::Columns(command) => command.run(context)?,
            Command::Doctor(command) => command.run(context)?,
            Command::Backup(command) => command.run(context)?,
            Command::Runs(command) => command.run(context)?,
            Command::Config(command) => command.run(context)?,
            // These ran without a context.
            Command::Completions(_) | Command::Man(_) | Command::Init(_) | Command::Version(_) => Exit::Ok,
        };
        Ok(exit.code())
    }

    /// Runs what is about the program itself, or about a configuration that may be wrong or missing; `None` for what needs a sound one.
    fn run_without_context(
        &self,
        launch: &init::Launch<'_>,
        request: &Request<'_>,
        program: &dyn Fn() -> clap::Command,
    ) -> Option<anyhow::Result<Exit>> {
        let report = &launch.report;
        match self {
            Command::Config(command) => command.check(report, launch.global, request),
            Command::Init(command) => Some(command.run(launch)),
            Command::Completions(command) => Some(command.run(report, program())),
            Command::Man(command) => Some(command.run(report, program())),
            Command::Version(command) => Some(command.run(report)),
            _ => None,
        }
    }

    /// Whether a monitor asks.
    fn is_check(&self) -> bool {
        matches!(self, Command::Status(status) if status.is_check())
    }
}

/// Runs a command and says how the process ends. `program`: its whole command line, for what is about that.
pub(crate) fn run(
    global: &Global,
    command: &Command,
    program: &dyn Fn() -> clap::Command,
    environment: &BTreeMap<String, String>,
    host: &Host,
) -> u8 {
    let report =
        Report::new(&host.console, host.clock.zone(), global, language(global.lang, None, environment), environment);
    let request = context::request(global, environment);
    let launch = init::Launch { global, environment, host, report: report.clone() };
    if let Some(outcome) = command.run_without_context(&launch, &request, program) {
        return outcome.map_or_else(|error| failed(&report, &error), Exit::code);
    }
    let is_check = command.is_check();
    let (report, outcome) = match Context::new(global, environment, host, report.clone()) {
        Ok(context) => {
            let outcome = command.run(&context).map_err(|error| context.explained(error));
            (context.report, outcome)
        }
        Err(error) => {
            // Its own language holds for what is wrong with a configuration, as far as it can be read.
            let own = Config::check(&request).ok().and_then(|checked| checked.language);
            (Report { lang: language(global.lang, own, environment), ..report }, Err(error))
        }
    };
    match outcome {
        Ok(code) => code,
        Err(error) if is_check => {
            unknown(&host.console, &render(&error, Lang::En).message, report.is_json);
            CHECK_UNKNOWN
        }
        Err(error) => failed(&report, &error),
    }
}

/// Writes why there is no result, and says how the process ends.
fn failed(report: &Report, error: &anyhow::Error) -> u8 {
    report.failed(error);
    exit_of(error).code()
}
