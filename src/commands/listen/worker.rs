//! `listen --sync`: brings to the boards what events name, as they come.
//!
//! Events are gathered for a moment, so that one read and one call serve many. While the same entities are named over and over,
//! as in a storm, gathering goes on: each of them is read once, when it is over.

use super::backoff::Backoff;
use super::pipe::POLL_EVERY;
use super::storm::StormDetector;
use crate::commands::context::Context;
use crate::commands::notify;
use crate::entity::Kind;
use crate::failure::{Exit, exit_of};
use crate::host::EventFeed;
use crate::plan::selection::Selection;
use crate::pull::guard::Allowed;
use crate::pull::{EventBacklog, Scope, backlog};
use crate::retry::LISTEN_PAUSES;
use crate::run::{Run, RunResult};
use crate::store::{Pushing, State, Store};
use jiff::Timestamp;
use std::time::{Duration, Instant};

/// Longest time to gather events in a storm.
const LONGEST_GATHERING: Duration = Duration::from_secs(30);
/// A storm is over when nothing came for so long.
const QUIET: Duration = Duration::from_secs(1);
/// How long a board's columns are trusted to be as they were read: of two calls for a change, this saves one.
const TRUST_BOARDS: Duration = Duration::from_secs(900);
/// How long after midnight UTC the calls of the new day are spent: clocks differ a little.
const AFTER_MIDNIGHT: Duration = Duration::from_secs(2);

/// Worker that processes events until there are no more, or a signal comes.
pub(super) struct EventWorker<'c> {
    context: &'c Context,
    kinds: Vec<Kind>,
    /// When there is to be a run though no event came.
    retry_at: Option<Instant>,
    /// Whether there is something to push though no event waits: what an earlier run left, or a lost answer.
    owes_a_push: bool,
    backoff: Backoff,
    /// The worst result of its runs.
    exit: Exit,
    runs: u64,
    storm: StormDetector,
}

impl<'c> EventWorker<'c> {
    /// A worker that is ready.
    ///
    /// # Errors
    /// Where settings that a run needs are missing.
    pub(super) fn new(context: &'c Context) -> anyhow::Result<EventWorker<'c>> {
        let kinds = crate::commands::selector::kinds(&[], &context.config)?;
        // Said now, not when the first event comes at night.
        context.hapi()?;
        context.monday(&kinds)?;
        Ok(EventWorker {
            context,
            kinds,
            retry_at: None,
            owes_a_push: false,
            backoff: Backoff::default(),
            exit: Exit::Ok,
            runs: 0,
            storm: StormDetector::default(),
        })
    }

    /// Runs made.
    pub(super) fn runs(&self) -> u64 {
        self.runs
    }

    /// The worst result of its runs.
    pub(super) fn exit(&self) -> Exit {
        self.exit
    }

    /// Processes events as they come; at the end what is left, unless a signal came. Nothing that fails ends it: events go on
    /// being received, and are processed by the next round.
    pub(super) fn process(&mut self, feed: &dyn EventFeed) {
        // Events that came before this start are still to be processed, and the last process may have ended between read and push.
        let mut is_due = true;
        self.owes_a_push = match self.has_something_to_push() {
            Ok(owes_a_push) => owes_a_push,
            Err(error) => {
                self.failed(&error);
                true
            }
        };
        while self.context.stop.reason().is_none() {
            let is_over = feed.is_over();
            let now = self.context.clock().instant();
            is_due |= feed.wait(POLL_EVERY) > 0 || self.retry_at.take_if(|at| now >= *at).is_some();
            if is_due && !self.backoff.holds_everything(self.context.clock().instant()) {
                if let Err(error) = self.step(feed, is_over) {
                    self.failed(&error);
                }
                is_due = false;
            }
            if is_over {
                return;
            }
        }
    }

    fn step(&mut self, feed: &dyn EventFeed, is_over: bool) -> anyhow::Result<()> {
        if !self.owes_a_push && self.backlog()?.events == 0 {
            return Ok(());
        }
        if !is_over {
            self.gather(feed)?;
        }
        self.run()
    }

    /// What is wrong with the store, or with a secret, may be mended meanwhile.
    fn failed(&mut self, error: &anyhow::Error) {
        if self.context.stop.reason().is_some() {
            return;
        }
        self.context.report.error(error);
        self.exit = self.exit.and(exit_of(error));
        notify::notify_changes(self.context, Some(error));
        let now = self.context.clock().instant();
        self.backoff.everything_failed(Duration::ZERO, now);
        self.retry_at = self.backoff.next(now);
    }

    /// The kinds that may be read now.
    fn kinds(&self) -> Vec<Kind> {
        let now = self.context.clock().instant();
        self.kinds.iter().copied().filter(|&kind| !self.backoff.holds(kind, now)).collect()
    }

    fn backlog(&self) -> anyhow::Result<EventBacklog> {
        backlog(&Store::open_to_read(&self.context.config.store.path)?, &self.context.config, &self.kinds())
    }

    /// Lets events come together: once the gathering time, and in a storm until it is over.
    fn gather(&mut self, feed: &dyn EventFeed) -> anyhow::Result<()> {
        let (gather, began) = (self.context.config.listen.gather, self.context.clock().instant());
        let mut before = EventBacklog::default();
        let mut pause = gather;
        loop {
            if self.context.stop.sleep(pause).is_err() || feed.is_over() {
                return Ok(());
            }
            let backlog = self.backlog()?;
            let is_quiet = backlog.events <= before.events;
            let now = self.context.clock().instant();
            self.storm.note(&before, &backlog, now);
            if is_quiet || !self.storm.is_storm(now) || self.context.clock().since(began) > LONGEST_GATHERING {
                return Ok(());
            }
            (before, pause) = (backlog, gather.max(QUIET));
        }
    }

    /// One run: what events name is read, and what is due is pushed.
    fn run(&mut self) -> anyhow::Result<()> {
        let result = self.work()?;
        self.runs += 1;
        self.exit = self.exit.and(result.exit());
        crate::report::quiet::synced_in_a_line(&self.context.report, &result);
        notify::notify_changes(self.context, None);
        self.plan(&result)
    }

    /// What is retried, and when.
    fn plan(&mut self, result: &RunResult) -> anyhow::Result<()> {
        let now = self.context.clock().instant();
        for (&kind, part) in result.pulled.iter().flat_map(|pulled| &pulled.kinds) {
            match part.error {
                Some(_) => self.backoff.kind_failed(kind, now),
                None => self.backoff.kind_works(kind),
            }
        }
        let is_down = matches!(result.exit(), Exit::Failed | Exit::Login | Exit::Store);
        let is_without_calls = result.exit() == Exit::Budget;
        let next_retry = self.next_retry()?;
        match is_down {
            true => self.backoff.everything_failed(next_retry.unwrap_or_default(), now),
            false => self.backoff.everything_works(),
        }
        self.owes_a_push = is_down || is_without_calls || next_retry.is_some();
        let are_events_left = !is_down && self.backlog()?.events > 0;
        self.backoff.note_events(are_events_left, now);
        let reasons = [
            self.backoff.next(now),
            next_retry.filter(|_| !is_down).and_then(|pause| now.checked_add(pause)),
            is_without_calls.then(|| until_tomorrow(self.context.now())).and_then(|pause| now.checked_add(pause)),
        ];
        self.retry_at = reasons.into_iter().flatten().min();
        Ok(())
    }

    fn has_something_to_push(&self) -> anyhow::Result<bool> {
        let store = Store::open_to_read(&self.context.config.store.path)?;
        let now = self.context.now();
        for &kind in self.kinds.iter().filter(|&&kind| self.context.is_pushed(kind)) {
            let is_to_push = |&(state, is_linked, count): &(State, bool, u64)| {
                count > 0 && (state == State::Pending || state == State::Deleted && is_linked)
            };
            if store.count_states(kind, Pushing::On, now)?.iter().any(is_to_push) {
                return Ok(true);
            }
        }
        Ok(self.next_retry()?.is_some())
    }

    /// How long it is until a board is asked what became of a call whose answer was lost, or until something that monday failed at
    /// is sent again.
    fn next_retry(&self) -> anyhow::Result<Option<Duration>> {
        let store = Store::open_to_read(&self.context.config.store.path)?;
        let (now, settle) = (self.context.now(), self.context.config.monday.settle);
        let lookups = store.open_batches()?.into_iter().map(|batch| match batch.recovery.next_lookup_at {
            Some(at) => Duration::try_from(at.duration_since(now)).unwrap_or_default(),
            None => settle,
        });
        // Never at once: it would be asked over and over.
        Ok(lookups
            .chain(self.next_resends(&store, now)?)
            .min()
            .map(|pause| pause.min(LISTEN_PAUSES.longest) + POLL_EVERY))
    }

    /// When those that monday failed at, and that have not turned red, are sent again.
    fn next_resends(&self, store: &Store, now: Timestamp) -> anyhow::Result<Vec<Duration>> {
        let mut pauses = Vec::new();
        for (entity, fault) in store.call_faults()? {
            if store.due_entity(entity, now)?.is_some() && self.context.is_pushed(fault.kind) {
                pauses.push(Duration::try_from(fault.next_at.duration_since(now)).unwrap_or_default());
            }
        }
        Ok(pauses)
    }

    fn work(&mut self) -> anyhow::Result<RunResult> {
        self.storm.reads(self.backlog()?.named, self.context.clock().instant());
        let (hapi, monday) = (self.context.hapi()?, self.context.monday(&self.kinds)?);
        let store = self.context.access.open_for_run_when_free("listen")?;
        let mut run = Run::begin_by_events(self.context.run_context(), "listen", store)?;
        run.trust_boards = Some(TRUST_BOARDS);
        // A board that has to wait must hold up neither the other boards nor, through the lock, other commands.
        run.ends_at_waits = true;
        run.pull(&hapi, &self.kinds(), Scope::Named, &Allowed::Guarded);
        let selection = Selection::of_kinds(&self.kinds);
        run.push(monday.as_ref(), selection, &Allowed::Guarded, None, None);
        Ok(run.end())
    }
}

/// How long it is to the next day of UTC, when a new day's calls may be spent.
fn until_tomorrow(now: Timestamp) -> Duration {
    const DAY_SECONDS: u64 = 86_400;
    let today = u64::try_from(now.as_second()).unwrap_or(0) % DAY_SECONDS;
    Duration::from_secs(DAY_SECONDS - today) + AFTER_MIDNIGHT
}
