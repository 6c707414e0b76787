//! `listen --sync`: brings to the boards what events name, as they come.
//!
//! Events are gathered for a moment, so that one read and one call serve many. While the same entities are named over and over,
//! as in a storm, gathering goes on: each of them is read once, when it is over.

use super::Context;
use super::pace::Pace;
use super::patience::Patience;
use crate::entity::Kind;
use crate::failure::{Exit, exit_of};
use crate::pull::by_event::{Scope, Waiting, waiting};
use crate::pull::guard::Allowed;
use crate::push::run::Selection;
use crate::run::{RunResult, Work};
use crate::store::{State, Store};
use jiff::Timestamp;
use std::time::{Duration, Instant};

/// How often it is looked whether events came, or a signal.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Longest time to gather events in a storm.
const LONGEST_GATHERING: Duration = Duration::from_secs(30);
/// A storm is over when nothing came for so long.
const QUIET: Duration = Duration::from_secs(1);
/// How long a board's columns are trusted to be as they were read: of two calls for a change, this saves one.
const TRUST_BOARDS: Duration = Duration::from_secs(900);
/// First and longest pause before what is held back, such as many deletes, is looked at again without new events.
const FIRST_LOOK: Duration = Duration::from_secs(30);
const LAST_LOOK: Duration = Duration::from_secs(600);
/// What lies behind the turn of the day, when the calls of a new one may be spent.
const AFTER_MIDNIGHT: Duration = Duration::from_secs(2);

/// Where events come from.
pub(crate) trait News {
    /// Waits until events were stored since it was asked last, at most so long; says how many.
    fn wait(&self, most: Duration) -> u64;
    /// Whether no more will come.
    fn is_over(&self) -> bool;
}

/// Works events off until there are no more, or a signal comes.
pub(crate) struct Follower<'c> {
    context: &'c Context,
    kinds: Vec<Kind>,
    /// The pause before the next look at events that were left.
    look: Option<Duration>,
    /// When there is to be a run though no event came.
    retry_at: Option<Instant>,
    /// Whether there is something to push though no event waits: what an earlier run left, or a lost answer.
    owes_a_push: bool,
    patience: Patience,
    /// How the worst run ended.
    exit: Exit,
    runs: u64,
    pace: Pace,
}

impl<'c> Follower<'c> {
    /// Ready to work; fails where settings that a run needs are missing.
    pub(crate) fn new(context: &'c Context) -> anyhow::Result<Follower<'c>> {
        let kinds = super::selector::kinds(&[], &context.config)?;
        // Said now, not when the first event comes at night.
        context.hapi()?;
        context.monday(&kinds)?;
        Ok(Follower {
            context,
            kinds,
            look: None,
            retry_at: None,
            owes_a_push: false,
            patience: Patience::default(),
            exit: Exit::Ok,
            runs: 0,
            pace: Pace::default(),
        })
    }

    /// Runs made.
    pub(crate) fn runs(&self) -> u64 {
        self.runs
    }

    /// How the worst run ended.
    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    /// Works events off as they come; at the end what is left, unless a signal came. Nothing that fails ends it: events go on
    /// being received, and are worked off once it is mended.
    pub(crate) fn follow(&mut self, news: &impl News) {
        // What came while nobody followed is as good as new. And who followed last may have been ended between read and push.
        let mut is_due = true;
        self.owes_a_push = self.has_something_to_push().unwrap_or(true);
        while self.context.stop.reason().is_none() {
            let is_over = news.is_over();
            let now = self.context.clock().instant();
            is_due |= news.wait(LOOK_EVERY) > 0 || self.retry_at.take_if(|at| now >= *at).is_some();
            if is_due && !self.patience.holds_everything(self.context.clock().instant()) {
                if let Err(error) = self.step(news, is_over) {
                    self.stumbles(&error);
                }
                is_due = false;
            }
            if is_over {
                return;
            }
        }
    }

    fn step(&mut self, news: &impl News, is_over: bool) -> anyhow::Result<()> {
        if !self.owes_a_push && self.waiting()?.events == 0 {
            return Ok(());
        }
        if !is_over {
            self.gather(news)?;
        }
        self.run()
    }

    /// What is wrong with the store, or with a secret, may be mended meanwhile.
    fn stumbles(&mut self, error: &anyhow::Error) {
        if self.context.stop.reason().is_some() {
            return;
        }
        self.context.report.error(error);
        self.exit = self.exit.and(exit_of(error));
        let now = self.context.clock().instant();
        self.patience.everything_failed(Duration::ZERO, now);
        self.retry_at = self.patience.next(now);
    }

    /// The kinds that may be read now.
    fn kinds(&self) -> Vec<Kind> {
        let now = self.context.clock().instant();
        self.kinds.iter().copied().filter(|&kind| !self.patience.holds(kind, now)).collect()
    }

    fn waiting(&self) -> anyhow::Result<Waiting> {
        waiting(&Store::open_to_read(&self.context.config.store.path)?, &self.context.config, &self.kinds())
    }

    /// Lets events come together: once the gathering time, and in a storm until it is over.
    fn gather(&mut self, news: &impl News) -> anyhow::Result<()> {
        let (gather, began) = (self.context.config.listen.gather, self.context.clock().instant());
        let mut before = Waiting::default();
        let mut pause = gather;
        loop {
            if self.context.stop.sleep(pause).is_err() || news.is_over() {
                return Ok(());
            }
            let waiting = self.waiting()?;
            let is_quiet = waiting.events <= before.events;
            let now = self.context.clock().instant();
            self.pace.note(&before, &waiting, now);
            if is_quiet || !self.pace.is_storm(now) || self.context.clock().since(began) > LONGEST_GATHERING {
                return Ok(());
            }
            (before, pause) = (waiting, gather.max(QUIET));
        }
    }

    /// One run: what events name is read, and what is due is pushed.
    fn run(&mut self) -> anyhow::Result<()> {
        let ended = self.work()?;
        self.runs += 1;
        self.exit = self.exit.and(ended.exit());
        self.context.report.followed(&ended);
        self.plan(&ended)
    }

    /// What is tried again, and when.
    fn plan(&mut self, ended: &RunResult) -> anyhow::Result<()> {
        let now = self.context.clock().instant();
        for (&kind, part) in ended.pulled.iter().flat_map(|pulled| &pulled.kinds) {
            match part.error {
                Some(_) => self.patience.kind_failed(kind, now),
                None => self.patience.kind_works(kind),
            }
        }
        let is_down = matches!(ended.exit(), Exit::Failed | Exit::Login | Exit::Store);
        let is_without_calls = ended.exit() == Exit::Budget;
        let next_look = self.next_look()?;
        let lost_answers = next_look.is_some();
        let settle = next_look.unwrap_or_default();
        match is_down {
            true => self.patience.everything_failed(settle, now),
            false => self.patience.everything_works(),
        }
        self.owes_a_push = is_down || is_without_calls || lost_answers;
        let leaves_events = !is_down && self.waiting()?.events > 0;
        self.look = leaves_events.then(|| self.look.map_or(FIRST_LOOK, |before| (before * 2).min(LAST_LOOK)));
        let reasons = [
            self.patience.next(now),
            (lost_answers && !is_down).then_some(settle).and_then(|pause| now.checked_add(pause)),
            is_without_calls.then(|| until_tomorrow(self.context.now())).and_then(|pause| now.checked_add(pause)),
            self.look.and_then(|pause| now.checked_add(pause)),
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
            if store.count_states(kind, false, now)?.iter().any(is_to_push) {
                return Ok(true);
            }
        }
        Ok(self.next_look()?.is_some())
    }

    /// How long it is until a board is asked what became of a call whose answer was lost, or until something that monday failed at
    /// is sent again.
    fn next_look(&self) -> anyhow::Result<Option<Duration>> {
        let store = Store::open_to_read(&self.context.config.store.path)?;
        let (now, settle) = (self.context.now(), self.context.config.monday.settle);
        let looks = store.open_batches()?.into_iter().map(|batch| match batch.doubt.look_at {
            Some(at) => Duration::try_from(at.duration_since(now)).unwrap_or_default(),
            None => settle,
        });
        // Never at once: it would be asked over and over.
        Ok(looks.chain(self.next_repeats(&store, now)?).min().map(|pause| pause.min(LAST_LOOK) + LOOK_EVERY))
    }

    /// When those that monday failed at, and that have not turned red, are sent again.
    fn next_repeats(&self, store: &Store, now: Timestamp) -> anyhow::Result<Vec<Duration>> {
        let mut pauses = Vec::new();
        for (entity, fault) in store.call_faults()? {
            let is_due = store.due(fault.kind, entity - 1, 1, now)?.first().is_some_and(|due| due.id == entity);
            if is_due && self.context.is_pushed(fault.kind) {
                pauses.push(Duration::try_from(fault.next_at.duration_since(now)).unwrap_or_default());
            }
        }
        Ok(pauses)
    }

    fn work(&mut self) -> anyhow::Result<RunResult> {
        self.pace.reads(self.waiting()?.named, self.context.clock().instant());
        let (hapi, monday) = (self.context.hapi()?, self.context.monday(&self.kinds)?);
        let mut work = Work::begin_waiting(self.context, "listen")?;
        work.trust_boards = TRUST_BOARDS;
        // What one board waits for keeps nothing from the others, nor the lock from other commands.
        work.ends_at_waits = true;
        work.pull(&hapi, &self.kinds(), Scope::Named, &Allowed::Guarded);
        let selection = Selection { kinds: self.kinds.iter().copied().collect(), entities: Default::default() };
        work.push(monday.as_ref(), selection, &Allowed::Guarded, None, None);
        Ok(work.end())
    }
}

/// How long it is to the next day of UTC, when a new day's calls may be spent.
fn until_tomorrow(now: Timestamp) -> Duration {
    const DAY_SECONDS: u64 = 86_400;
    let today = u64::try_from(now.as_second()).unwrap_or(0) % DAY_SECONDS;
    Duration::from_secs(DAY_SECONDS - today) + AFTER_MIDNIGHT
}
