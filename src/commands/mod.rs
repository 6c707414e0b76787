//! The commands, a file each, and what they share: the configuration, the store, the lock, the report.

mod backup;
mod boards;
pub(crate) mod completions;
mod config;
mod consent;
mod explain;
mod export;
mod follow;
mod forget;
mod input;
mod link;
mod listen;
mod live;
mod man;
mod pace;
mod patience;
mod pause;
mod ping;
mod pull;
mod push;
mod resync;
pub(crate) mod runs;
mod selector;
mod show_json;
mod status;
mod steer;
mod subscribe;
mod sync;
mod unlink;

use crate::cli::{Cli, Global};
use crate::clock::Clock;
use crate::config::{Config, Loaded, Request, language};
use crate::entity::Kind;
use crate::failure::{Exit, Failure, exit_of, render};
use crate::hapi::TokenFile;
use crate::host::Host;
use crate::http::{Http, Stop};
use crate::message::{Lang, RunText, ScreenText};
use crate::report::{CHECK_UNKNOWN, Report, stderr_line, unknown};
use crate::run::RunResult;
use crate::store::{Held, RunLock, Store};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What can be asked for.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Read Hopem, then bring the monday boards up to date
    Sync(sync::Sync),
    /// Read Hopem into the store
    Pull(pull::Pull),
    /// Bring the monday boards up to the store
    Push(push::Push),
    /// Show what is synced, pending, in error; with an entity, its whole story
    Status(status::Status),
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
    /// Copy the store, also while other commands run
    Backup(backup::Backup),
    /// List past runs; with a number, what a run did
    Runs(runs::Runs),
    /// Show the effective configuration, secrets masked
    Config(config::ConfigCommand),
    /// Print what a shell needs to complete command lines
    Completions(completions::Completions),
    /// Print the manual, or write its pages into a folder
    Man(man::ManPages),
}

impl Command {
    fn run(&self, context: &Context) -> anyhow::Result<u8> {
        let exit = match self {
            Command::Sync(command) => command.run(context)?,
            Command::Pull(command) => command.run(context)?,
            Command::Push(command) => command.run(context)?,
            Command::Status(command) => return command.run(context),
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
            Command::Backup(command) => command.run(context)?,
            Command::Runs(command) => command.run(context)?,
            Command::Config(command) => command.run(context)?,
            // These ran without a context.
            Command::Completions(_) | Command::Man(_) => Exit::Ok,
        };
        Ok(exit.code())
    }

    /// Runs what is about the program itself; `None` for what needs a configuration.
    fn run_without_context(&self, report: &Report) -> Option<anyhow::Result<Exit>> {
        match self {
            Command::Completions(command) => Some(command.run(report)),
            Command::Man(command) => Some(command.run(report)),
            _ => None,
        }
    }

    /// Whether a monitor asks.
    fn is_check(&self) -> bool {
        matches!(self, Command::Status(status) if status.is_check())
    }
}

/// Runs a command and says how the process ends.
pub(crate) fn run(cli: Cli, environment: &BTreeMap<String, String>, host: &Host) -> u8 {
    let report = Report::new(&cli.global, language(cli.global.lang, None, environment), environment);
    if let Some(outcome) = cli.command.run_without_context(&report) {
        return outcome.map_or_else(|error| failed(&report, &error), Exit::code);
    }
    let is_check = cli.command.is_check();
    let (report, outcome) = match Context::new(&cli.global, environment, host, report.clone()) {
        Ok(context) => {
            let outcome = cli.command.run(&context).map_err(|error| context.explained(error));
            (context.report, outcome)
        }
        Err(error) => (report, Err(error)),
    };
    match outcome {
        Ok(code) => code,
        Err(error) if is_check => {
            unknown(&render(&error, Lang::En).message, report.is_json);
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

/// What every command needs.
pub(crate) struct Context {
    /// The settings.
    pub(crate) config: Config,
    /// Where each of them came from.
    pub(crate) origins: BTreeMap<String, String>,
    /// Where answers go.
    pub(crate) report: Report,
    /// What ends the work early.
    pub(crate) stop: Arc<Stop>,
    /// The HTTP client.
    pub(crate) http: Http,
    /// Who works here, as far as the environment says.
    pub(crate) user: Option<String>,
    pub(crate) wait: Duration,
    /// `--yes`.
    is_sure: bool,
    /// Whether the store was found sound when the lock was taken, and not opened since.
    is_checked: AtomicBool,
}

impl Context {
    fn new(
        global: &Global,
        environment: &BTreeMap<String, String>,
        host: &Host,
        report: Report,
    ) -> anyhow::Result<Context> {
        let request = Request {
            config_flag: global.config.clone(),
            store_flag: global.store.clone(),
            profile: global.profile.clone(),
            ..Request::new(environment)
        };
        let Loaded { mut config, warnings, origins } = Config::load(&request)?;
        config.store.path = crate::store::locate(&config.store.path);
        let report = Report { lang: language(global.lang, config.language, environment), ..report };
        for warning in &warnings {
            // Said on every run, a quiet one too.
            stderr_line(&report.warning(warning));
        }
        let stop = host.stop().map_err(|error| {
            Failure::new(Exit::Failed, RunText::NoThread {}).help(RunText::RaiseLimits {}).because(error)
        })?;
        let stop = Arc::new(stop);
        Ok(Context {
            http: host.http(config.network.clone(), stop.clone(), environment),
            config,
            origins,
            report,
            stop,
            user: user(environment),
            wait: global.wait.unwrap_or_default(),
            is_sure: global.yes,
            is_checked: AtomicBool::new(false),
        })
    }

    /// Asks before something that destroys. Where nobody is there to answer, `--yes` has to say it.
    ///
    /// Fails, as usage, where it was not confirmed.
    pub(crate) fn confirm(&self, question: ScreenText) -> anyhow::Result<()> {
        if self.is_sure {
            return Ok(());
        }
        if !std::io::stdin().is_terminal() || !self.report.err.is_terminal {
            return Err(Failure::usage(ScreenText::NobodyToAsk {}).help(ScreenText::UseYes {}).into());
        }
        stderr_line(&self.report.err.wrapped(&self.report.text(question)));
        let answer = input::line(&self.stop)?;
        match answer.trim().to_lowercase().as_str() {
            "y" | "yes" | "o" | "oui" => Ok(()),
            _ => Err(Failure::usage(ScreenText::NotConfirmed {}).help(ScreenText::UseYes {}).into()),
        }
    }

    /// The clock of the work.
    pub(crate) fn clock(&self) -> &Clock {
        self.stop.clock()
    }

    /// The time of day.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock().now()
    }

    /// Writes what a run came to and says how the command ends.
    pub(crate) fn conclude(&self, result: &RunResult) -> anyhow::Result<Exit> {
        self.report.ended(result)?;
        Ok(result.exit())
    }

    /// The language of what people read.
    pub(crate) fn lang(&self) -> Lang {
        self.report.lang
    }

    /// The store, for reading. Where its place was named its folder has to be there, unless the configuration names one below its
    /// own: a wrong path, or a volume that is not mounted, must not look like a store in which nothing was synced yet.
    pub(crate) fn store_to_read(&self) -> anyhow::Result<Store> {
        let path = &self.config.store.path;
        let is_by_configuration = |said: &str| !said.starts_with("--") && !said.starts_with("HOPEM_SYNC_");
        let is_beside = self.config.file.parent().is_some_and(|folder| path.starts_with(crate::store::locate(folder)));
        if self.origins.get("store.path").is_some_and(|said| !(is_beside && is_by_configuration(said))) {
            crate::store::require_folder(path)?;
        }
        Store::open_to_read(&self.config.store.path)
    }

    /// Says of an error of the store's which store it is.
    pub(crate) fn explained(&self, error: anyhow::Error) -> anyhow::Error {
        crate::store::explained(&self.config.store.path, error)
    }

    /// The store, for writing.
    pub(crate) fn store(&self) -> anyhow::Result<Store> {
        match self.is_checked.swap(false, Ordering::Relaxed) {
            true => Store::open_checked(&self.config.store.path),
            false => Store::open(&self.config.store.path),
        }
    }

    /// The client of HApi; fails where a setting or a secret of its side is missing.
    pub(crate) fn hapi(&self) -> anyhow::Result<crate::hapi::Client<'_>> {
        self.config.hapi.require()?;
        let tokens = TokenFile::beside(&self.config.store.path);
        crate::hapi::Client::new(&self.http, &self.config.hapi, &self.stop, tokens)
    }

    /// The client of monday, where any of the kinds has a board; fails where its token is missing.
    pub(crate) fn monday(&self, kinds: &[Kind]) -> anyhow::Result<Option<crate::monday::Client<'_>>> {
        if !kinds.iter().any(|&kind| self.is_pushed(kind)) {
            return Ok(None);
        }
        crate::monday::Client::new(&self.http, &self.config.monday).map(Some)
    }

    /// Whether a receiver of webhooks runs for this store at this moment.
    pub(crate) fn receiver_is_alive(&self) -> bool {
        crate::receiver::is_alive(&self.config.store.path)
    }

    /// Whether a kind has a board that it is pushed to.
    pub(crate) fn is_pushed(&self, kind: Kind) -> bool {
        self.config.kind(kind).pushed_board().is_some()
    }

    /// The lock of the store, waited for as long as `--wait` says.
    pub(crate) fn lock(&self, command: &str) -> anyhow::Result<RunLock> {
        self.lock_within(command, self.wait)
    }

    /// The lock of the store, waited for so long.
    pub(crate) fn lock_within(&self, command: &str, patience: Duration) -> anyhow::Result<RunLock> {
        // What is no store of ours is left as it is: not even a lock file is made beside it.
        crate::store::check(&self.config.store.path)?;
        self.is_checked.store(true, Ordering::Relaxed);
        match RunLock::take(&self.config.store.path, command, patience, &self.stop)? {
            Ok(lock) => Ok(lock),
            Err(_) if self.stop.reason().is_some_and(|reason| reason.exit() != Exit::Budget) => {
                let exit = self.stop.reason().map_or(Exit::Interrupted, |reason| reason.exit());
                Err(Failure::new(exit, RunText::StoppedBySignal {}).into())
            }
            Err(held) => {
                Err(Failure::new(Exit::Locked, lock_held(held, self.now())).help(RunText::WaitForLock {}).into())
            }
        }
    }
}

/// Who works here: as the environment says (the person behind `sudo` first), else the account that the process runs under.
fn user(environment: &BTreeMap<String, String>) -> Option<String> {
    let names = ["SUDO_USER", "USER", "LOGNAME"].into_iter();
    if let Some(who) = names.filter_map(|name| environment.get(name)).find(|who| !who.is_empty()) {
        return Some(who.clone());
    }
    let uid = std::fs::metadata("/proc/self").ok()?.uid().to_string();
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let account = accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1) == Some(uid.as_str())).then(|| name.to_owned())
    });
    Some(account.unwrap_or_else(|| format!("uid {uid}")))
}

fn lock_held(held: Option<Held>, now: Timestamp) -> RunText {
    let Some(held) = held else { return RunText::LockHeldBySomeone {} };
    let zone = TimeZone::system();
    let since = held.since.to_zoned(zone.clone());
    let is_today = since.date() == Zoned::new(now, zone).date();
    let shape = if is_today { "%H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" };
    RunText::LockHeld { pid: held.pid.to_string(), command: held.command, since: since.strftime(shape).to_string() }
}
