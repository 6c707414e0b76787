//! `listen --sync`: brings to the boards what events name, as they come.
//!
//! Events are gathered for a moment, so that one read and one call serve many. While the same entities are named over and over,
//! as in a storm, gathering goes on: each of them is read once, when it is over.

use super::Context;
use super::pace::Pace;
use super::work::Work;
use crate::entity::Kind;
use crate::failure::Exit;
use crate::pipeline::deletes::Allowed;
use crate::pipeline::events::{Scope, Waiting, waiting};
use crate::pipeline::push::Selection;
use crate::report::run::Ended;
use crate::store::Store;
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
/// First and longest pause before what failed is tried again without new events.
const FIRST_PAUSE: Duration = Duration::from_secs(30);
const LONGEST_PAUSE: Duration = Duration::from_secs(600);

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
    /// The pause before the next try, where the last one failed.
    pause: Option<Duration>,
    retry_at: Option<Instant>,
    /// Whether the last run left something that the next one has to do, also without events.
    is_unfinished: bool,
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
            pause: None,
            retry_at: None,
            is_unfinished: false,
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

    /// Works events off as they come; at the end what is left, unless a signal came.
    pub(crate) fn follow(&mut self, news: &impl News) -> anyhow::Result<()> {
        // What came while nobody followed is as good as new.
        let mut is_due = true;
        loop {
            if self.context.stop.reason().is_some() {
                return Ok(());
            }
            let is_over = news.is_over();
            is_due |= news.wait(LOOK_EVERY) > 0 || self.retry_at.is_some_and(|at| Instant::now() >= at);
            if is_due && (self.is_unfinished || self.waiting()?.events > 0) {
                if !is_over {
                    self.gather(news)?;
                }
                self.run()?;
            }
            is_due = false;
            if is_over {
                return Ok(());
            }
        }
    }

    fn waiting(&self) -> anyhow::Result<Waiting> {
        waiting(&Store::open_to_read(&self.context.config.store.path)?, &self.context.config)
    }

    /// Lets events come together: once the gathering time, and in a storm until it is over.
    fn gather(&mut self, news: &impl News) -> anyhow::Result<()> {
        let (gather, began) = (self.context.config.listen.gather, Instant::now());
        let mut before = Waiting::default();
        let mut pause = gather;
        loop {
            if self.context.stop.sleep(pause).is_err() || news.is_over() {
                return Ok(());
            }
            let waiting = self.waiting()?;
            let is_quiet = waiting.events <= before.events;
            let now = Instant::now();
            self.pace.note(&before, &waiting, now);
            if is_quiet || !self.pace.is_storm(now) || began.elapsed() > LONGEST_GATHERING {
                return Ok(());
            }
            (before, pause) = (waiting, gather.max(QUIET));
        }
    }

    /// One run: what events name is read, and what is due is pushed.
    fn run(&mut self) -> anyhow::Result<()> {
        let ended = match self.work() {
            Ok(ended) => ended,
            Err(_) if self.context.stop.reason().is_some() => return Ok(()),
            Err(error) => {
                // What is wrong with the store, or with a secret, may be mended while events go on being received.
                self.context.report.error(&error);
                self.exit = self.exit.and(crate::failure::tell(&error, self.context.lang()).exit);
                self.is_unfinished = true;
                self.try_later();
                return Ok(());
            }
        };
        self.runs += 1;
        self.exit = self.exit.and(ended.exit());
        self.context.report.followed(&ended);
        self.plan_next(ended.exit())
    }

    /// When to run again though no event comes: what was not read, was not sent, or has no certain answer is not left lying.
    fn plan_next(&mut self, exit: Exit) -> anyhow::Result<()> {
        (self.retry_at, self.is_unfinished) = (None, false);
        if exit == Exit::Budget {
            self.is_unfinished = true;
            self.retry_at = Instant::now().checked_add(until_midnight(Timestamp::now()));
        } else if !matches!(exit, Exit::Ok | Exit::Partial) || self.waiting()?.events > 0 {
            self.is_unfinished = true;
            self.try_later();
        } else if self.has_lost_answers()? {
            // Asked after `settle`, and of what was not found then once more half of it later.
            self.is_unfinished = true;
            self.retry_at = Instant::now().checked_add(self.context.config.monday.settle + LOOK_EVERY);
        } else {
            self.pause = None;
        }
        Ok(())
    }

    fn has_lost_answers(&self) -> anyhow::Result<bool> {
        Ok(!Store::open_to_read(&self.context.config.store.path)?.open_batches()?.is_empty())
    }

    fn work(&mut self) -> anyhow::Result<Ended> {
        self.pace.reads(self.waiting()?.named, Instant::now());
        let (hapi, monday) = (self.context.hapi()?, self.context.monday(&self.kinds)?);
        let mut work = Work::begin_waiting(self.context, "listen")?;
        work.trust_boards = TRUST_BOARDS;
        work.pull(&hapi, &self.kinds, Scope::Named, &Allowed::Guarded);
        let selection = Selection { kinds: self.kinds.iter().copied().collect(), entities: Default::default() };
        work.push(monday.as_ref(), selection, None, None);
        Ok(work.end())
    }

    fn try_later(&mut self) {
        let pause = self.pause.map_or(FIRST_PAUSE, |before| before.saturating_mul(2).min(LONGEST_PAUSE));
        self.pause = Some(pause);
        self.retry_at = Some(Instant::now() + pause);
    }
}

/// How long a day of monday's allowance still lasts: it ends at midnight UTC.
fn until_midnight(now: Timestamp) -> Duration {
    const DAY: i64 = 86_400;
    let left = DAY - now.as_second().rem_euclid(DAY);
    Duration::from_secs(u64::try_from(left).unwrap_or_default() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_ends_at_midnight_utc() {
        let left = |now: &str| until_midnight(now.parse().expect("a time")).as_secs();
        assert_eq!(left("2026-11-22T23:59:50Z"), 11);
        assert_eq!(left("2026-11-22T00:00:00Z"), 86_401);
    }
}
