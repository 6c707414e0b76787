//! `[notify]`: notifies that the state has changed, from good to bad or back, after a run that may have changed it. Outside of
//! `--max-duration`; whatever comes of it, the run ends as it ended.

use super::context::Context;
use super::status::verdict;
use crate::failure::{Account, Exit, Outcome, exit_of, render};
use crate::http::{Next, Request, is_down};
use crate::message::{NotifyText, Why};
use crate::process::{self, NoOutput};
use crate::report::check::Limits;
use crate::report::notice::Notice;
use crate::report::threshold::Level;
use crate::retry::{Attempts, Decision, RetryCause};
use crate::store::{Channel, NotifiedBeside, NotifiedState, Store};
use jiff::Timestamp;
use std::time::Duration;

/// How long a receiver, or a program, may take.
const URL_TIMEOUT: Duration = Duration::from_secs(10);
const COMMAND_TIMEOUT: Duration = Duration::from_secs(30);
/// How often a signal is polled for.
const POLL_EVERY: Duration = Duration::from_millis(50);
/// What a program may write, which nobody reads.
const MOST_OUTPUT: u64 = 1024;

/// Notifies whom `[notify]` names if a run has changed the state, and returns how the run ended.
///
/// # Errors
/// What the run failed with.
pub(super) fn after_run(context: &Context, outcome: anyhow::Result<Exit>) -> anyhow::Result<Exit> {
    notify_changes(context, outcome.as_ref().err());
    outcome
}

/// Notifies whom `[notify]` names if the state has changed. `error`: why a run could not begin.
pub(super) fn notify_changes(context: &Context, error: Option<&anyhow::Error>) {
    let is_locked = error.is_some_and(|error| exit_of(error) == Exit::Locked);
    // Whoever stopped the run knows; the next run notifies.
    if !context.config.notify.is_on() || is_locked || context.stop.signal().is_some() || !context.access.exists() {
        return;
    }
    if let Err(error) = try_to_notify(context, error) {
        let why = render(&error, context.lang()).message;
        warn(context, NotifyText::CannotRemember { why });
    }
}

fn try_to_notify(context: &Context, error: Option<&anyhow::Error>) -> anyhow::Result<()> {
    let path = &context.config.store.path;
    let mut store = match context.store() {
        Ok(store) => store,
        Err(error) if is_passing(&error) => return Err(error),
        Err(error) => {
            let notice =
                Notice::no_store(&error, sender(context), context.now(), context.lang(), &context.report.flags);
            let Some(mut notified) = NotifiedBeside::take(path)? else { return Ok(()) };
            return notify_all(context, &mut notified, &notice);
        }
    };
    store.take_over_notified(path, context.now())?;
    match notice(context, &store, error)? {
        Some(notice) => notify_all(context, &mut store, &notice),
        None => Ok(()),
    }
}

/// Whether a store could be used in a moment: somebody else works with it.
fn is_passing(error: &anyhow::Error) -> bool {
    let codes = error.chain().filter_map(|cause| cause.downcast_ref::<rusqlite::Error>()?.sqlite_error_code());
    let is_busy = |code| matches!(code, rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked);
    exit_of(error) == Exit::Locked || codes.into_iter().any(is_busy)
}

/// Memory of who was notified of which state.
trait Memory {
    /// Whether a state is to be notified now, by this process.
    fn claim(&mut self, channel: Channel, state: NotifiedState, now: Timestamp) -> anyhow::Result<bool>;
    /// Keeps that it was sent and accepted.
    fn keep(&mut self, channel: Channel, state: NotifiedState, now: Timestamp) -> anyhow::Result<()>;
    /// Gives up notifying it; the next run retries.
    fn give_up(&mut self, channel: Channel) -> anyhow::Result<()>;
}

impl Memory for Store {
    fn claim(&mut self, channel: Channel, state: NotifiedState, now: Timestamp) -> anyhow::Result<bool> {
        self.write(|tx| tx.claim_notice(channel, state, now))
    }

    fn keep(&mut self, channel: Channel, state: NotifiedState, now: Timestamp) -> anyhow::Result<()> {
        self.write(|tx| tx.keep_notice(channel, state, now))
    }

    fn give_up(&mut self, channel: Channel) -> anyhow::Result<()> {
        self.write(|tx| tx.drop_notice(channel))
    }
}

impl Memory for NotifiedBeside {
    fn claim(&mut self, channel: Channel, _: NotifiedState, _: Timestamp) -> anyhow::Result<bool> {
        Ok(!self.holds(channel))
    }

    fn keep(&mut self, channel: Channel, _: NotifiedState, _: Timestamp) -> anyhow::Result<()> {
        NotifiedBeside::keep(self, channel)
    }

    fn give_up(&mut self, _: Channel) -> anyhow::Result<()> {
        Ok(())
    }
}

fn notify_all(context: &Context, memory: &mut impl Memory, notice: &Notice) -> anyhow::Result<()> {
    let settings = &context.config.notify;
    if settings.url.is_set() {
        notify_once(context, memory, Channel::Url, notice, || post(context, notice))?;
    }
    if let Some(words) = &settings.command {
        notify_once(context, memory, Channel::Command, notice, || run(words, notice))?;
    }
    Ok(())
}

/// How things are, as `status --check` would say with the thresholds of `[notify]`.
fn notice(context: &Context, store: &Store, error: Option<&anyhow::Error>) -> anyhow::Result<Option<Notice>> {
    let settings = &context.config.notify;
    let limits = Limits { age: settings.max_age, errors: settings.max_errors, pending: settings.max_pending };
    let mut verdict = verdict(context, store, limits)?;
    if let Some(error) = error {
        verdict.level = verdict.level.max(Level::Warning);
        verdict.reasons.splice(0..0, Account::of(error).lines.into_iter().take(1));
    }
    let run =
        store.last_run()?.filter(|run| run.outcome.is_some_and(|outcome| outcome != Outcome::Ok)).map(|run| run.run);
    Ok(Notice::new(verdict, run, settings.level, sender(context), context.now(), context.lang(), &context.report.flags))
}

/// Notifies over one channel, and keeps that once it was accepted.
fn notify_once(
    context: &Context,
    memory: &mut impl Memory,
    channel: Channel,
    notice: &Notice,
    send: impl FnOnce() -> Result<(), Why>,
) -> anyhow::Result<()> {
    if !memory.claim(channel, notice.state, context.now())? {
        return Ok(());
    }
    match send() {
        Ok(()) => memory.keep(channel, notice.state, context.now()),
        Err(mut why) => {
            let setting = match channel {
                Channel::Url => "[notify] url",
                Channel::Command => "[notify] command",
            };
            why.change_foreign(&|text| context.http.masks().mask(text));
            warn(context, NotifyText::CannotTell { setting: setting.to_owned(), why });
            memory.give_up(channel)
        }
    }
}

/// Written with `--quiet` too: somebody relies on being notified.
fn warn(context: &Context, text: NotifyText) {
    context.report.line(&context.report.warning(&text.into()));
}

/// Sends the message, a few times where it is the receiver's fault that it did not arrive.
fn post(context: &Context, notice: &Notice) -> Result<(), Why> {
    let message = |error: anyhow::Error| -> Why { render(&error, context.lang()).message.into() };
    let url = context.config.notify.url.read().map_err(message)?;
    if !crate::config::is_safe_address(url.expose()) {
        return Err(NotifyText::AddressUnfit {}.into());
    }
    context.http.masks().add(url.expose());
    let body = notice.body(context.config.notify.format).to_string();
    let request = || {
        let request = Request::post(url.expose()).header("content-type", "application/json");
        request.body(body.clone()).timeout(URL_TIMEOUT)
    };
    let (policy, mut attempts) = (context.http.retry().notices(), Attempts::default());
    loop {
        let failed = match exchange(context, request()) {
            Ok(()) => return Ok(()),
            Err(failed) if failed.may_be_tried => failed,
            Err(failed) => return Err(failed.why),
        };
        match policy.decide(&mut attempts, RetryCause::Fault(None), context.http.random().fraction()) {
            Decision::Again(pause) if context.stop.sleep_past_deadline(pause).is_ok() => {}
            _ => return Err(failed.why),
        }
    }
}

/// Message that was not accepted.
struct NotAccepted {
    why: Why,
    may_be_tried: bool,
}

impl NotAccepted {
    fn tried(why: impl Into<Why>) -> NotAccepted {
        NotAccepted { why: why.into(), may_be_tried: true }
    }
}

/// Sends one request and waits for its answer, whether or not the time for the work is up.
fn exchange(context: &Context, request: Request) -> Result<(), NotAccepted> {
    let mut queue = context.http.lasting_queue();
    let unsent = |error| NotAccepted::tried(render(&error, context.lang()).message);
    queue.submit(request).map_err(unsent)?;
    let (clock, began) = (context.clock(), context.clock().instant());
    loop {
        match queue.next(Some(clock.instant() + POLL_EVERY)) {
            Next::Arrived(arrival) => {
                return judge(arrival.outcome.map(|reply| reply.status).map_err(|error| error.why));
            }
            _ if clock.since(began) > URL_TIMEOUT || context.stop.signal().is_some() => {
                return Err(NotAccepted::tried(NotifyText::TookTooLong {}));
            }
            _ => {}
        }
    }
}

fn judge(answer: Result<u16, Why>) -> Result<(), NotAccepted> {
    match answer {
        Ok(200..=299) => Ok(()),
        Ok(status) => Err(NotAccepted { why: status.to_string().into(), may_be_tried: is_down(status) }),
        Err(why) => Err(NotAccepted::tried(why)),
    }
}

/// Runs the program with the message on its stdin.
fn run(words: &[String], notice: &Notice) -> Result<(), Why> {
    let text = format!("{}\n", notice.text());
    match process::run(words, text.into_bytes(), COMMAND_TIMEOUT, MOST_OUTPUT) {
        Ok(_) => Ok(()),
        Err(NoOutput::NotStarted(error)) => Err(error.to_string().into()),
        Err(NoOutput::TimedOut) => Err(NotifyText::TookTooLong {}.into()),
        Err(NoOutput::Failed(code)) => {
            let code = code.map_or_else(|| "?".to_owned(), |code| code.to_string());
            Err(NotifyText::EndedWith { code }.into())
        }
    }
}

/// The sender of a notice: the program, the profile if there is one, and the machine as far as it is known.
fn sender(context: &Context) -> String {
    let profile = context.config.file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let profile = profile.filter(|profile| profile != "config");
    let machine = std::fs::read_to_string("/proc/sys/kernel/hostname").ok().map(|name| name.trim().to_owned());
    let known: Vec<String> = profile.into_iter().chain(machine.filter(|name| !name.is_empty())).collect();
    if known.is_empty() { "hopem-sync".to_owned() } else { format!("hopem-sync ({})", known.join(", ")) }
}
