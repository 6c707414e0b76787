//! Health of a board, and how large its calls may be, by what its calls showed. Pure.

use crate::message::{MondayText, Why};
use crate::retry::{Attempts, Decision, Policy, RetryCause};
use std::time::Duration;

/// Changes in the first call to a board: each takes monday up to two seconds, and calls are cut off after a minute.
pub(crate) const FIRST_BATCH: usize = 25;
/// Most changes in one call: monday bounds a call by 60 seconds and 5 million points, some 10,000 a change.
pub(crate) const LARGEST_BATCH: usize = 290;
/// Most changes that a call is taken to hold as long as a board's speed is not known: with a tenth of a second each.
pub(crate) const USUAL_LARGEST: usize = 130;
/// The sizes that calls have: few, so that documents repeat.
const SIZES: [usize; 14] = [1, 2, 3, 5, 8, 12, 17, FIRST_BATCH, 38, 57, 86, USUAL_LARGEST, 195, LARGEST_BATCH];
/// Most changes of the first call to a board whose speed is known from before.
const RESUMED_BATCH: usize = USUAL_LARGEST;
/// A call that took longer makes the next one smaller: monday cuts them off at 60 seconds.
const SLOW_CALL: Duration = Duration::from_secs(20);
/// How long a call should take at most, by what the last one took for each change.
const LONG_CALL: Duration = Duration::from_secs(15);
/// Halving the largest call down to one change takes so many calls.
const HALVINGS: u32 = 9;
/// So many failures show that a board on which nothing was done in the run before goes on failing.
const MOST_DOUBTED: u32 = 2;
/// So many changes in a row refused, each alone in its call, and the board is left alone for this run.
const MOST_REFUSED_ALONE: u32 = 5;

/// Size of the next batch: how many changes go into one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BatchSize {
    now: usize,
    most: usize,
    /// How many changes monday's limits have room for.
    room: usize,
    is_measured: bool,
}

/// The largest size that is no more than this.
fn size_within(changes: usize) -> usize {
    SIZES.into_iter().rev().find(|size| *size <= changes).unwrap_or(1)
}

/// The size that follows on this one.
fn next_size(changes: usize) -> usize {
    SIZES.into_iter().find(|size| *size > changes).unwrap_or(LARGEST_BATCH)
}

impl Default for BatchSize {
    fn default() -> BatchSize {
        BatchSize::first()
    }
}

impl BatchSize {
    /// The size of the first one.
    pub(crate) fn first() -> BatchSize {
        BatchSize { now: FIRST_BATCH, most: LARGEST_BATCH, room: LARGEST_BATCH, is_measured: false }
    }

    /// Begins where an earlier run had come to, but not at once with the largest calls.
    fn resume(&mut self, changes: usize) {
        self.now = size_within(changes).min(RESUMED_BATCH);
    }

    /// How many changes the next call may hold.
    pub(crate) fn now(&self) -> usize {
        self.now.min(self.room)
    }

    /// How many it could hold, if monday's limits had room for them.
    pub(crate) fn full(&self) -> usize {
        self.now
    }

    /// The size that calls showed to be right; `None`: there were none.
    pub(crate) fn measured(&self) -> Option<usize> {
        self.is_measured.then_some(self.now)
    }

    /// monday's limits have room for so many changes.
    fn limit(&mut self, changes: usize) {
        self.room = changes.max(1);
    }

    /// A call with so many changes was answered after this long.
    fn answered(&mut self, changes: usize, took: Duration) {
        self.is_measured = true;
        if took > SLOW_CALL {
            self.now = size_within(changes / 2).min(self.most);
            return;
        }
        let each = took / u32::try_from(changes.max(1)).unwrap_or(u32::MAX);
        let fitting = LONG_CALL.as_nanos().checked_div(each.as_nanos()).unwrap_or(u128::MAX);
        let fitting = size_within(usize::try_from(fitting).unwrap_or(usize::MAX));
        self.now = next_size(self.now).min(fitting).min(self.most);
    }

    /// A call with so many changes was not answered in time: none that large is sent again in this run.
    fn cut_off(&mut self, changes: usize) {
        self.is_measured = true;
        self.most = self.most.min(size_within(changes / 2));
        self.now = self.now.min(self.most);
    }

    /// A call with so many changes is more than one call may be.
    fn too_large(&mut self, changes: usize) {
        self.now = size_within(changes / 2);
    }
}

/// The sizes of the calls that so many changes take, each half as large again as the one before, as far as calls usually go, or went.
pub(crate) fn call_sizes(changes: u64, first: usize) -> Vec<usize> {
    let (mut left, mut size, mut sizes) = (changes, first.max(1), Vec::new());
    let largest = size.max(USUAL_LARGEST);
    while left > 0 {
        let now = left.min(size as u64);
        sizes.push(usize::try_from(now).unwrap_or(size));
        left -= now;
        size = next_size(size).min(largest);
    }
    sizes
}

/// Kind of a call that failed, by what it takes to find out what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailedCall {
    /// It was to make items: they are looked up before anything is sent again.
    MakingItems,
    /// What it was to change is sent again as it is.
    ChangingItems,
}

/// Health of a board, as its calls show it: how large they may be, what failed in a row, and how often it was put off.
#[derive(Debug, Default)]
pub(crate) struct Health {
    size: BatchSize,
    /// Whether anything was done on the board in this run.
    has_worked: bool,
    /// How often in a row it was put off by limits, or locked.
    attempts: Attempts,
    /// How many changes in a row were refused though each was alone in its call.
    refused_alone: u32,
    /// How many calls in a row failed without a proof; those that make items count twice, for what looking them up takes.
    failures: u32,
    /// Why the last call failed.
    why: Option<Why>,
    /// Whether nothing was done on the board in the run before, nor in this one.
    is_doubted: bool,
}

impl Health {
    /// How large its calls may be.
    pub(crate) fn size(&self) -> BatchSize {
        self.size
    }

    /// Calls begin with so many changes as an earlier run had come to, but not at once with the most.
    pub(crate) fn resume(&mut self, changes: usize) {
        self.size.resume(changes);
    }

    /// monday's limits have room for so many changes.
    pub(crate) fn limit(&mut self, changes: usize) {
        self.size.limit(changes);
    }

    /// Some of a call with so many changes was done, and answered after this long.
    pub(crate) fn answered(&mut self, changes: usize, took: Duration) {
        self.size.answered(changes, took);
        self.worked();
    }

    /// Something was done on the board.
    pub(crate) fn worked(&mut self) {
        (self.attempts, self.refused_alone, self.failures) = (Attempts::default(), 0, 0);
        (self.has_worked, self.is_doubted) = (true, false);
    }

    /// Whether anything was done on the board in this run.
    pub(crate) fn has_worked(&self) -> bool {
        self.has_worked
    }

    /// A call with so many changes was not answered in time: none that large is sent again in this run.
    pub(crate) fn cut_off(&mut self, changes: usize) {
        self.size.cut_off(changes);
    }

    /// A call with so many changes is more than one call may be.
    pub(crate) fn too_large(&mut self, changes: usize) {
        self.size.too_large(changes);
    }

    /// A call failed, without a proof; `why`, where that was said. Returns whether the board is to be left alone: not single items are
    /// at fault then.
    pub(crate) fn failed(&mut self, call: FailedCall, why: Option<&Why>, retries: u32) -> bool {
        self.failures += match call {
            FailedCall::MakingItems => 2,
            FailedCall::ChangingItems => 1,
        };
        self.note_why(why);
        self.failures > if self.is_doubted { MOST_DOUBTED } else { retries + HALVINGS }
    }

    /// Nothing was done on the board when something last was sent to it: a few calls show whether that goes on.
    pub(crate) fn doubt(&mut self) {
        self.is_doubted = true;
    }

    /// Whether no call of this run failed at the board or was done there.
    pub(crate) fn is_unknown(&self) -> bool {
        !self.has_worked && self.failures == 0
    }

    /// How many calls failed lately.
    pub(crate) fn failures(&self) -> u32 {
        self.failures
    }

    /// Why the last call failed; where that was not said, and of one of an earlier run, only that its answer was lost is known.
    pub(crate) fn why(&self) -> Why {
        self.why.clone().unwrap_or_else(|| MondayText::AnAnswerLost {}.into())
    }

    /// What the last call said of why it failed, if it said anything.
    pub(crate) fn note_why(&mut self, why: Option<&Why>) {
        self.why = why.cloned();
    }

    /// A change that was alone in its call was refused. Returns whether the board is to be left alone: it is not them then, and
    /// the others would only cost a call each.
    pub(crate) fn refused_alone(&mut self) -> bool {
        self.refused_alone += 1;
        self.refused_alone >= MOST_REFUSED_ALONE
    }

    /// A limit or a lock put the board off. Returns what follows.
    pub(crate) fn put_off(&mut self, cause: RetryCause, policy: &Policy, jitter: f64) -> Decision {
        policy.decide(&mut self.attempts, cause, jitter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Lang;
    use crate::retry::{DEFAULT_WAIT, GaveUp, MOST_LIMITS};

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn calls_grow_while_they_are_quick_and_stay_well_under_a_minute() {
        let mut size = BatchSize::first();
        let mut sizes = vec![size.now];
        for _ in 0..8 {
            size.answered(size.now, Duration::from_millis(300));
            sizes.push(size.now);
        }
        assert_eq!(sizes, [25, 38, 57, 86, 130, 195, 290, 290, 290]);
        for (each_ms, expected) in [(40, 290), (100, 130), (300, 38), (1_000, 12), (15_000, 1)] {
            let mut size = BatchSize::first();
            for _ in 0..8 {
                size.answered(size.now, Duration::from_millis(each_ms) * u32::try_from(size.now).expect("small"));
            }
            assert_eq!(size.now, expected, "{each_ms} ms each");
        }
    }

    #[test]
    fn the_next_run_begins_where_this_one_came_to_and_limits_shrink_one_call_only() {
        let mut size = BatchSize::first();
        assert_eq!(size.measured(), None);
        (0..7).for_each(|_| size.answered(size.now(), seconds(1)));
        assert_eq!(size.measured(), Some(290));
        let mut next = BatchSize::first();
        next.resume(290);
        assert_eq!(next.now(), 130);
        next.limit(30);
        assert_eq!((next.now(), next.full()), (30, 130));
        next.limit(130);
        assert_eq!(next.now(), 130);
    }

    #[test]
    fn a_cut_off_call_is_remembered() {
        let mut size = BatchSize::first();
        size.answered(25, seconds(1));
        size.cut_off(38);
        assert_eq!(size.now, 17);
        for _ in 0..5 {
            size.answered(size.now, seconds(1));
        }
        assert_eq!(size.now, 17, "it does not grow beyond");
        size.cut_off(1);
        assert_eq!(size.now, 1);
        size.answered(1, seconds(40));
        assert_eq!(size.now, 1);
    }

    #[test]
    fn a_call_that_is_too_large_is_halved_and_may_grow_again() {
        let mut size = BatchSize::first();
        size.too_large(25);
        assert_eq!(size.now, 12);
        size.answered(12, seconds(1));
        assert_eq!(size.now, 17);
    }

    #[test]
    fn a_board_at_which_every_call_fails_is_left_alone_and_one_success_starts_the_count_anew() {
        let mut health = Health::default();
        let why = Why::from("500".to_owned());
        let left = (1..20).find(|_| health.failed(FailedCall::ChangingItems, Some(&why), 6)).expect("an end");
        assert_eq!(left, 16);
        health.worked();
        assert!(!health.failed(FailedCall::MakingItems, Some(&why), 6));
        assert_eq!(health.failures(), 2);
    }

    #[test]
    fn what_is_said_of_a_failure_is_what_its_call_said() {
        let mut health = Health::default();
        let text = |health: &Health| health.why().text(Lang::En);
        health.failed(FailedCall::ChangingItems, Some(&Why::from("500".to_owned())), 6);
        health.worked();
        assert_eq!(text(&health), "500");
        health.note_why(None);
        assert_eq!(text(&health), "an answer was lost");
        health.failed(FailedCall::ChangingItems, None, 6);
        assert_eq!(text(&health), "an answer was lost");
    }

    #[test]
    fn a_board_that_is_put_off_by_limits_again_and_again_is_left_to_a_later_run() {
        let policy = Policy { retries: 1, base: seconds(1), max_wait: seconds(60) };
        let mut health = Health::default();
        let mut put_off = || health.put_off(RetryCause::Limit(Some(seconds(2))), &policy, 1.0);
        let waits = (0..1_000).take_while(|_| put_off() == Decision::Again(seconds(2))).count();
        assert_eq!(waits, MOST_LIMITS as usize);
        health.worked();
        assert_eq!(health.put_off(RetryCause::Limit(None), &policy, 1.0), Decision::Again(DEFAULT_WAIT));
    }

    #[test]
    fn a_locked_board_is_waited_for_within_bounds_and_one_success_starts_the_count_anew() {
        let policy = Policy { retries: 1, base: seconds(1), max_wait: seconds(60) };
        let mut health = Health::default();
        for _ in 0..2 {
            let decisions = [(); 2].map(|()| health.put_off(RetryCause::Lock(None), &policy, 1.0));
            assert_eq!(decisions, [Decision::Again(seconds(1)), Decision::GiveUp(GaveUp::Locked)]);
            health.worked();
        }
    }
}
