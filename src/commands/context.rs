//! What commands share: the configuration, the report, and the ways to the store and to both APIs.

use super::input;
use crate::clock::Clock;
use crate::config::{Config, Loaded, Request, language};
use crate::entity::Kind;
use crate::failure::{Exit, Failure};
use crate::hapi::TokenFile;
use crate::host::{EventFeed, Host};
use crate::http::{Http, Stop};
use crate::message::{Lang, RunText, ScreenText};
use crate::options::Global;
use crate::plan::titles::ColumnTitles;
use crate::private_files::account_name;
use crate::report::Report;
use crate::report::bars::watcher_of_run;
use crate::run::{Announce, RunContext, RunResult, RunStore, StoreAccess};
use crate::store::{LockWait, Pushing, RunLock, Store};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Arc;

/// Context of a command: the configuration, and the ways to the store, to both APIs and to who asked.
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
    /// The user, as far as the environment says.
    pub(crate) user: Option<String>,
    /// The home directory.
    pub(crate) home: Option<PathBuf>,
    /// The flags by which another command has the same configuration and store.
    pub(crate) flags: Vec<String>,
    /// The way to the store.
    pub(crate) access: StoreAccess,
    /// The feed of events, where somebody else receives them.
    pub(crate) events: Option<Arc<dyn EventFeed>>,
    /// `--yes`.
    is_sure: bool,
}

impl Context {
    pub(super) fn new(
        global: &Global,
        environment: &BTreeMap<String, String>,
        host: &Host,
        report: Report,
    ) -> anyhow::Result<Context> {
        let loaded = Config::load(&request(global, environment))?;
        let report = Report { lang: language(global.lang, loaded.config.language, environment), ..report };
        for warning in &loaded.warnings {
            // Reported on every run, with `--quiet` too.
            report.line(&report.warning(warning));
        }
        Ok(Context::with(loaded, global, environment, host, report, stop_of(host)?))
    }

    /// The context of a command whose configuration is loaded.
    pub(super) fn with(
        loaded: Loaded,
        global: &Global,
        environment: &BTreeMap<String, String>,
        host: &Host,
        report: Report,
        stop: Arc<Stop>,
    ) -> Context {
        let Loaded { mut config, origins, .. } = loaded;
        config.store.path = crate::store::locate(&config.store.path);
        Context {
            http: host.http(config.network.clone(), stop.clone(), environment),
            access: StoreAccess::new(
                &config,
                LockWait::AtMost(global.wait.unwrap_or_default()),
                stop.clone(),
                announce(&report),
            ),
            config,
            origins,
            report,
            stop,
            user: user(environment),
            events: host.events.clone(),
            home: Request::new(environment).home,
            flags: global.choosing(),
            is_sure: global.yes,
        }
    }

    /// Asks before something that destroys. Where nobody is there to answer, `--yes` has to say it.
    ///
    /// # Errors
    /// Of usage, where it was not confirmed.
    pub(crate) fn confirm(&self, question: ScreenText) -> anyhow::Result<()> {
        if self.is_sure {
            return Ok(());
        }
        if !std::io::stdin().is_terminal() || !self.report.err.is_terminal {
            return Err(Failure::usage(ScreenText::NobodyToAsk {}).help(ScreenText::UseYes {}).into());
        }
        self.report.line(&self.report.err.wrapped(&self.report.text(question)));
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
    ///
    /// # Errors
    /// Where stdout cannot be written to.
    pub(crate) fn conclude(&self, result: &RunResult) -> anyhow::Result<Exit> {
        self.report.titles.learn_after_run(result.titles.clone());
        self.report.ended(result)?;
        Ok(result.exit())
    }

    /// The language of what people read.
    pub(crate) fn lang(&self) -> Lang {
        self.report.lang
    }

    /// The store, for reading.
    ///
    /// # Errors
    /// Where its folder has to be there and is not; where it is no store of ours, or cannot be read.
    pub(crate) fn store_to_read(&self) -> anyhow::Result<Store> {
        let store = self.access.open_to_read()?;
        self.report.titles.learn(|| ColumnTitles::of(&self.config, &store).ok());
        Ok(store)
    }

    /// Says of an error of the store's which store it is.
    pub(crate) fn explained(&self, error: anyhow::Error) -> anyhow::Error {
        self.access.explained(error)
    }

    /// The store, for writing.
    ///
    /// # Errors
    /// Where it is no store of ours, or cannot be written to.
    pub(crate) fn store(&self) -> anyhow::Result<Store> {
        self.access.open()
    }

    /// The store for a run of this command; one that is to be rehearsed works on a copy.
    ///
    /// # Errors
    /// Where another run is at work, or it is no store of ours, or cannot be read or written.
    pub(crate) fn store_for_run(&self, command: &str, is_rehearsal: bool) -> anyhow::Result<RunStore> {
        match is_rehearsal {
            true => self.access.open_to_rehearse(command),
            false => self.access.open_for_run(command),
        }
    }

    /// What a run of this command is handed.
    pub(crate) fn run_context(&self) -> RunContext<'_> {
        RunContext {
            config: &self.config,
            access: &self.access,
            stop: &self.stop,
            watch: Box::new(|| watcher_of_run(&self.report, self.stop.clone())),
        }
    }

    /// The client of HApi.
    ///
    /// # Errors
    /// Where a setting or a secret of its side is missing.
    pub(crate) fn hapi(&self) -> anyhow::Result<crate::hapi::Client<'_>> {
        let tokens = TokenFile::beside(&self.config.store.path);
        crate::hapi::Client::new(&self.http, self.config.required_hapi()?, &self.stop, tokens)
    }

    /// The client of monday, where any of the kinds has a board.
    ///
    /// # Errors
    /// Where its token is missing.
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

    /// Whether a kind is pushed.
    pub(crate) fn pushing(&self, kind: Kind) -> Pushing {
        Pushing::on_if(self.is_pushed(kind))
    }

    /// Whether a kind has a board that it is pushed to.
    pub(crate) fn is_pushed(&self, kind: Kind) -> bool {
        self.config.kind(kind).pushed_board().is_some()
    }

    /// The lock of the store, waited for as long as `--wait` says.
    ///
    /// # Errors
    /// Where another run holds it, the store is none of ours, or a signal came.
    pub(crate) fn lock(&self, command: &str) -> anyhow::Result<RunLock> {
        self.access.lock(command)
    }
}

/// Which configuration is meant.
pub(super) fn request<'e>(global: &Global, environment: &'e BTreeMap<String, String>) -> Request<'e> {
    Request {
        config_flag: global.config.clone(),
        store_flag: global.store.clone(),
        profile: global.profile.clone(),
        ..Request::new(environment)
    }
}

/// Says beside the answer what is waited for.
fn announce(report: &Report) -> Announce {
    let report = report.clone();
    Announce(Box::new(move |message| report.info(&report.text(message.clone()))))
}

/// What ends the work on a host early.
///
/// # Errors
/// Where the system does not let signals be handled.
pub(super) fn stop_of(host: &Host) -> anyhow::Result<Arc<Stop>> {
    let stop = host.stop().map_err(|error| {
        Failure::new(Exit::Failed, RunText::NoThread {}).help(RunText::RaiseLimits {}).because(error)
    })?;
    Ok(Arc::new(stop))
}

/// The user: as the environment says (the person behind `sudo` first), else the account that the process runs under.
fn user(environment: &BTreeMap<String, String>) -> Option<String> {
    let names = ["SUDO_USER", "USER", "LOGNAME"].into_iter();
    if let Some(who) = names.filter_map(|name| environment.get(name)).find(|who| !who.is_empty()) {
        return Some(who.clone());
    }
    let number = std::fs::metadata("/proc/self").ok()?.uid();
    let name = account_name(number);
    Some(if name == number.to_string() { format!("uid {number}") } else { name })
}
