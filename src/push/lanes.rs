//! The queue of each board: what it is doing, how many changes its next call holds, when it is left alone. Pure: it is told how
//! calls went, and knows neither the store nor monday.

use crate::entity::Kind;
use crate::push::creating::Observation;
use crate::store::Batch;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// Changes in the first call to a board: each takes monday up to two seconds, and calls are cut off after a minute.
const FIRST_BATCH: usize = 25;
/// Most changes in one call: monday bounds a call by 60 seconds and 5 million points, some 10,000 a change.
pub(crate) const LARGEST_BATCH: usize = 100;
/// A call that took longer makes the next one smaller: monday cuts them off at 60 seconds.
const SLOW_CALL: Duration = Duration::from_secs(20);
/// How long a call should take at most, by what the last one took for each change.
const LONG_CALL: Duration = Duration::from_secs(15);
/// Halving the largest call down to one change takes so many calls.
const HALVINGS: u32 = 7;
/// So many changes in a row refused, each alone in its call, and the board is left alone for this run.
const MOST_REFUSED_ALONE: u32 = 5;

/// How many changes go into one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BatchSize {
    now: usize,
    most: usize,
}

impl BatchSize {
    fn first() -> BatchSize {
        BatchSize { now: FIRST_BATCH, most: LARGEST_BATCH }
    }

    /// A call with so many changes was answered after this long.
    fn answered(&mut self, changes: usize, took: Duration) {
        if took > SLOW_CALL {
            self.now = (changes / 2).clamp(1, self.most);
            return;
        }
        let each = took / u32::try_from(changes.max(1)).unwrap_or(u32::MAX);
        let fitting = LONG_CALL.as_nanos().checked_div(each.as_nanos()).unwrap_or(u128::MAX);
        let fitting = usize::try_from(fitting).unwrap_or(usize::MAX).max(1);
        let grown = self.now + self.now.div_ceil(2);
        self.now = grown.min(fitting).min(self.most);
    }

    /// A call with so many changes was not answered in time: none that large is sent again in this run.
    fn cut_off(&mut self, changes: usize) {
        self.most = self.most.min((changes / 2).max(1));
        self.now = self.now.min(self.most);
    }

    /// A call with so many changes is more than one call may be.
    fn too_large(&mut self, changes: usize) {
        self.now = (changes / 2).max(1);
    }
}

/// One board's queue.
#[derive(Debug)]
pub(crate) struct Lane {
    pub(crate) board: String,
    pub(crate) kinds: Vec<Kind>,
    /// Kinds whose board was looked at in this run, and is fit.
    pub(crate) ready: BTreeSet<Kind>,
    /// Kinds of which nothing is left to plan, but for what makes calls fail.
    pub(crate) exhausted: BTreeSet<Kind>,
    pub(crate) cursors: BTreeMap<Kind, Cursor>,
    /// What is known of the items of the board.
    pub(crate) observation: Observation,
    size: BatchSize,
    /// How often in a row it was put off by limits.
    pub(crate) waits: u32,
    /// How many changes in a row were refused though each was alone in its call.
    refused_alone: u32,
    /// How many calls in a row came to nothing, without a proof; those that make items count twice, for what looking them up takes.
    vain: u32,
    /// Since when, and how often in a row, the board was locked.
    locked: Option<(Instant, u32)>,
    /// Why the last call came to nothing.
    pub(crate) why: String,
    pub(crate) state: LaneState,
}

/// What a board's queue is doing.
#[derive(Debug)]
pub(crate) enum LaneState {
    /// Ready for the next call.
    Idle,
    /// A call is under way.
    InFlight(Flight),
    /// monday asked to wait, or a call found no connection.
    Waiting { until: Instant, again: Option<Flight> },
    /// An answer was lost: the board is asked what became of it.
    Parked { until: Instant, batch: i64 },
    /// Nothing more is sent to it in this run.
    Closed,
}

/// A call under way.
#[derive(Debug)]
pub(crate) struct Flight {
    pub(crate) batch: Batch,
    pub(crate) repetitions: u32,
    /// How many of its changes are of each kind, for whoever watches.
    pub(crate) kinds: BTreeMap<Kind, u64>,
}

/// Where planning of a kind stands.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Cursor {
    pub(crate) due: i64,
    pub(crate) retire: i64,
    pub(crate) found_any: bool,
}

impl Lane {
    pub(crate) fn new(board: String, kinds: Vec<Kind>) -> Lane {
        Lane {
            board,
            kinds,
            ready: BTreeSet::new(),
            exhausted: BTreeSet::new(),
            cursors: BTreeMap::new(),
            observation: Observation::default(),
            size: BatchSize::first(),
            waits: 0,
            refused_alone: 0,
            vain: 0,
            locked: None,
            why: String::new(),
            state: LaneState::Idle,
        }
    }

    pub(crate) fn note_exhausted(&mut self, kind: Kind) {
        if self.kinds.contains(&kind) {
            self.exhausted.insert(kind);
        }
    }

    /// Whether nothing of a kind will be sent any more, as far as can be seen now. What makes calls fail is waited for by nobody.
    pub(crate) fn is_through_with(&self, kind: Kind) -> bool {
        match self.state {
            LaneState::Closed | LaneState::Parked { .. } => true,
            _ => self.exhausted.contains(&kind),
        }
    }

    /// How many changes the next call may hold.
    pub(crate) fn size(&self) -> usize {
        self.size.now
    }

    /// Some of a call was done.
    pub(crate) fn worked(&mut self) {
        (self.waits, self.refused_alone, self.vain, self.locked) = (0, 0, 0, None);
    }

    /// A call with so many changes was answered after this long.
    pub(crate) fn answered(&mut self, changes: usize, took: Duration) {
        self.size.answered(changes, took);
    }

    /// A call was given up though monday may be at work on it still.
    pub(crate) fn cut_off(&mut self, changes: usize) {
        self.size.cut_off(changes);
    }

    /// A call is more than one call may be.
    pub(crate) fn too_large(&mut self, changes: usize) {
        self.size.too_large(changes);
    }

    /// A call came to nothing, without a proof. Returns whether the board is to be left alone: not single items are at fault then.
    pub(crate) fn failed(&mut self, makes_items: bool, why: &str, retries: u32) -> bool {
        self.vain += if makes_items { 2 } else { 1 };
        why.clone_into(&mut self.why);
        self.vain > retries + HALVINGS
    }

    /// Whether calls to this board came to nothing lately, and how many.
    pub(crate) fn vain(&self) -> u32 {
        self.vain
    }

    /// A change that was alone in its call was refused. Returns whether the board is to be left alone: it is not them then, and
    /// the others would only cost a call each.
    pub(crate) fn refused_alone(&mut self) -> bool {
        self.refused_alone += 1;
        self.refused_alone >= MOST_REFUSED_ALONE
    }

    /// The board is locked. Returns how long to wait, or nothing where that would be longer than a run waits; `asked`: how long
    /// monday asks to wait; `pause`: how long to wait at the n-th time otherwise.
    pub(crate) fn locked(
        &mut self,
        asked: Option<Duration>,
        pause: impl Fn(u32) -> Duration,
        patience: (u32, Duration),
        now: Instant,
    ) -> Option<Duration> {
        let (since, times) = self.locked.map_or((now, 1), |(since, times)| (since, times + 1));
        self.locked = Some((since, times));
        let wait = asked.unwrap_or_else(|| pause(times));
        let (most_times, longest) = patience;
        (times <= most_times && now.duration_since(since) + wait <= longest).then_some(wait)
    }

    /// When it goes on by itself.
    pub(crate) fn wake(&self) -> Option<Instant> {
        match self.state {
            LaneState::Waiting { until, .. } | LaneState::Parked { until, .. } => Some(until),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn calls_grow_while_they_are_quick_and_stay_well_under_a_minute() {
        let mut size = BatchSize::first();
        let mut sizes = vec![size.now];
        for _ in 0..5 {
            size.answered(size.now, Duration::from_millis(300));
            sizes.push(size.now);
        }
        assert_eq!(sizes, [25, 38, 57, 86, 100, 100]);
        for (each_ms, expected) in [(100, 100), (300, 50), (1_000, 15), (15_000, 1)] {
            let mut size = BatchSize::first();
            for _ in 0..6 {
                size.answered(size.now, Duration::from_millis(each_ms) * u32::try_from(size.now).expect("small"));
            }
            assert_eq!(size.now, expected, "{each_ms} ms each");
        }
    }

    #[test]
    fn a_cut_off_call_is_remembered() {
        let mut size = BatchSize::first();
        size.answered(25, seconds(1));
        size.cut_off(38);
        assert_eq!(size.now, 19);
        for _ in 0..5 {
            size.answered(size.now, seconds(1));
        }
        assert_eq!(size.now, 19, "it does not grow beyond");
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
        assert_eq!(size.now, 18);
    }

    #[test]
    fn a_board_at_which_every_call_fails_is_left_alone_and_one_success_starts_the_count_anew() {
        let mut lane = Lane::new("7".to_owned(), vec![Kind::UNIT]);
        let left = (1..20).find(|_| lane.failed(false, "500", 6)).expect("an end");
        assert_eq!(left, 14);
        lane.worked();
        assert!(!lane.failed(true, "500", 6));
        assert_eq!(lane.vain(), 2);
    }

    #[test]
    fn a_locked_board_is_waited_for_within_bounds() {
        let now = Instant::now();
        let pause = |times: u32| seconds(u64::from(times));
        let mut lane = Lane::new("7".to_owned(), vec![Kind::UNIT]);
        let waits: Vec<_> = (0..4).map(|_| lane.locked(None, pause, (3, seconds(60)), now)).collect();
        assert_eq!(waits, [Some(seconds(1)), Some(seconds(2)), Some(seconds(3)), None]);
        lane.worked();
        assert_eq!(lane.locked(Some(seconds(61)), pause, (3, seconds(60)), now), None, "longer than a run waits");
        lane.worked();
        assert_eq!(lane.locked(Some(seconds(40)), pause, (3, seconds(60)), now), Some(seconds(40)));
        assert_eq!(lane.locked(Some(seconds(40)), pause, (3, seconds(60)), now + seconds(40)), None);
    }

    #[test]
    fn children_wait_for_what_is_sent_but_not_for_what_fails() {
        let mut lane = Lane::new("7".to_owned(), vec![Kind::UNIT]);
        assert!(!lane.is_through_with(Kind::UNIT));
        lane.state = LaneState::Parked { until: Instant::now(), batch: 1 };
        assert!(lane.is_through_with(Kind::UNIT));
        lane.state = LaneState::Waiting { until: Instant::now(), again: None };
        assert!(!lane.is_through_with(Kind::UNIT));
        lane.note_exhausted(Kind::UNIT);
        assert!(lane.is_through_with(Kind::UNIT));
    }
}
