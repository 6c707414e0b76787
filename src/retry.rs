//! Whether something that did not work is retried, and when. Pure: it knows neither the clock nor what is tried.
//!
//! Requests are repeated within a run by a [`Policy`]; what was stored as failed is retried by later runs ([`next_try`]); a loop
//! that never gives up makes [`LoopPauses`].

use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// Doubling stops here; a longer pause would outlast most runs.
const LONGEST_BACKOFF: Duration = Duration::from_secs(60);
/// How often one thing is put off by limits before it is left to a later run.
pub(crate) const MOST_LIMITS: u32 = 20;
/// How often a call that makes something, and of which nothing is there, is sent again as it was.
pub(crate) const MOST_CREATING_RETRIES: u32 = 1;
/// How often a question is put whose answer is not whole.
pub(crate) const MOST_ASKS: u32 = 2;
/// How often the read of a board begins anew because its cursor has expired.
pub(crate) const MOST_RESTARTS: u32 = 2;
/// How often it is asked what became of a call whose answer was lost, at least.
const FEWEST_LOOKUPS: u32 = 2;
/// The wait after a limit that names none.
pub(crate) const DEFAULT_WAIT: Duration = Duration::from_secs(15);

/// How often a notice is repeated in a run at most, whatever `[network]` says; the next run goes on.
const MOST_NOTICE_RETRIES: u32 = 2;
/// The longest pause before that, since a run that is over waits for it.
const LONGEST_NOTICE_PAUSE: Duration = Duration::from_secs(10);
/// The pauses after the first, second... try of something that was stored as failed. After the last one it is parked until the
/// entity changes or is resynced.
const STORED_PAUSES: [SignedDuration; 4] = [
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(30),
    SignedDuration::from_hours(2),
    SignedDuration::from_hours(12),
];
/// The pauses of `listen --sync`, where a side is down, a kind cannot be read, or events are left.
pub(crate) const LISTEN_PAUSES: LoopPauses =
    LoopPauses { first: Duration::from_secs(30), longest: Duration::from_secs(600) };

/// When something that was stored as failed for the `tries`th time is retried; `None`: not before it changes.
pub(crate) fn next_try(now: Timestamp, tries: u32) -> Option<Timestamp> {
    let pause = STORED_PAUSES.get(usize::try_from(tries.checked_sub(1)?).ok()?)?;
    now.checked_add(*pause).ok()
}

/// How long after a call whose answer was lost monday is asked what became of it: first, and once more where not all of it was there.
/// `settle`: how long its searches may lag behind writes.
pub(crate) fn lookup_waits(settle: Duration) -> [Duration; 2] {
    [settle, settle + settle / 2]
}

/// Whether it was asked often enough what became of a call whose answer was lost: what is absent still is not coming any more.
/// Searches lag behind writes, and after a call was cut off the work goes on: then nothing more must have come twice in a row.
pub(crate) fn are_lookups_over(lookups: u32, empty_lookups: u32, is_cut_off: bool) -> bool {
    let quiet = if is_cut_off { 2 } else { 1 };
    lookups >= FEWEST_LOOKUPS && empty_lookups >= quiet
}

/// Pauses of a loop that never gives up: each is twice as long as the one before, up to the longest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LoopPauses {
    /// After the first failure.
    pub(crate) first: Duration,
    /// After many.
    pub(crate) longest: Duration,
}

impl LoopPauses {
    /// The pause after another failure. `before`: the one after the last.
    pub(crate) fn next(self, before: Option<Duration>) -> Duration {
        before.map_or(self.first, |pause| pause.saturating_mul(2).min(self.longest))
    }
}

/// Policy of repetitions: how often, how soon, and how long a run may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Policy {
    /// How often something that failed is repeated.
    pub(crate) retries: u32,
    /// The longest pause before the first repetition; it doubles with each one.
    pub(crate) base: Duration,
    /// The longest wait that a run makes because it was asked to.
    pub(crate) max_wait: Duration,
}

/// Cause of a retry: why an attempt came to nothing, and how long the other side asks to wait, where it says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RetryCause {
    /// The other side failed, or could not be reached.
    Fault(Option<Duration>),
    /// Too much was asked in too short a time.
    Limit(Option<Duration>),
    /// Somebody else holds what is needed.
    Lock(Option<Duration>),
    /// What may be spent in a day is spent.
    DayLimit(Option<Duration>),
}

/// Decision about what was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    /// It is retried after this pause.
    Again(Duration),
    /// The other side wants to be left alone for this long, more than a run may wait.
    NotBefore(Duration),
    /// It is not retried.
    GiveUp(GaveUp),
}

/// Reason to try no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GaveUp {
    /// It failed as often as it may.
    Failed,
    /// It was held by somebody else for as long as a run may wait.
    Locked,
}

/// Attempts at one thing that came to nothing so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Attempts {
    faults: u32,
    limits: u32,
    locks: u32,
    waited_for_locks: Duration,
}

#[cfg(test)]
impl Attempts {
    /// How often it failed.
    pub(crate) fn faults(&self) -> u32 {
        self.faults
    }
}

impl Policy {
    /// The same with fewer repetitions.
    #[must_use]
    pub(crate) fn at_most(self, retries: u32) -> Policy {
        Policy { retries: self.retries.min(retries), ..self }
    }

    /// The same for a call that makes something, and of which nothing is there: how often it is sent again as it was.
    #[must_use]
    pub(crate) fn creating(self) -> Policy {
        self.at_most(MOST_CREATING_RETRIES)
    }

    /// The same for a notice, which is sent once a run is over.
    #[must_use]
    pub(crate) fn notices(self) -> Policy {
        let base = self.base.min(LONGEST_NOTICE_PAUSE / 2);
        Policy { retries: MOST_NOTICE_RETRIES, base, max_wait: LONGEST_NOTICE_PAUSE }
    }

    /// Whether what failed so often is not retried.
    pub(crate) fn is_exhausted(&self, faults: u32) -> bool {
        faults > self.retries
    }

    /// What follows from another attempt that came to nothing. `jitter` is a random fraction of one.
    pub(crate) fn decide(&self, attempts: &mut Attempts, cause: RetryCause, jitter: f64) -> Decision {
        match cause {
            RetryCause::Fault(asked) => self.after_fault(attempts, asked, jitter),
            RetryCause::Limit(asked) => self.after_limit(attempts, asked),
            RetryCause::Lock(asked) => self.after_lock(attempts, asked, jitter),
            RetryCause::DayLimit(asked) => Decision::NotBefore(asked.unwrap_or(DEFAULT_WAIT)),
        }
    }

    /// The pause before repetition number `number` (the first is 1): full jitter under a doubling ceiling.
    pub(crate) fn pause(&self, number: u32, jitter: f64) -> Duration {
        self.ceiling(number).mul_f64(jitter)
    }

    fn ceiling(&self, number: u32) -> Duration {
        let factor = 2u32.saturating_pow(number.saturating_sub(1));
        self.base.saturating_mul(factor).min(LONGEST_BACKOFF.max(self.base))
    }

    fn after_fault(&self, attempts: &mut Attempts, asked: Option<Duration>, jitter: f64) -> Decision {
        attempts.faults += 1;
        match asked {
            Some(wait) if wait > self.max_wait => Decision::NotBefore(wait),
            _ if self.is_exhausted(attempts.faults) => Decision::GiveUp(GaveUp::Failed),
            _ => Decision::Again(asked.unwrap_or_else(|| self.pause(attempts.faults, jitter))),
        }
    }

    fn after_limit(&self, attempts: &mut Attempts, asked: Option<Duration>) -> Decision {
        attempts.limits += 1;
        let wait = asked.unwrap_or(DEFAULT_WAIT.min(self.max_wait));
        let is_too_long = wait > self.max_wait || attempts.limits > MOST_LIMITS;
        if is_too_long { Decision::NotBefore(wait) } else { Decision::Again(wait) }
    }

    fn after_lock(&self, attempts: &mut Attempts, asked: Option<Duration>, jitter: f64) -> Decision {
        attempts.locks += 1;
        let wait = asked.unwrap_or_else(|| self.pause(attempts.locks, jitter));
        let waited = attempts.waited_for_locks.saturating_add(wait);
        if attempts.locks > self.retries || waited > self.max_wait {
            return Decision::GiveUp(GaveUp::Locked);
        }
        attempts.waited_for_locks = waited;
        Decision::Again(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Decision::{Again, GiveUp, NotBefore};

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    fn policy() -> Policy {
        Policy { retries: 3, base: Duration::from_millis(500), max_wait: seconds(60) }
    }

    /// What follows from the same cause, again and again.
    fn decisions(cause: RetryCause, times: usize) -> Vec<Decision> {
        let mut attempts = Attempts::default();
        (0..times).map(|_| policy().decide(&mut attempts, cause, 1.0)).collect()
    }

    #[test]
    fn pauses_double_up_to_their_ceiling_and_jitter_shortens_them() {
        let pauses: Vec<u128> = [1, 2, 3, 8, 40].map(|number| policy().pause(number, 1.0).as_millis()).into();
        assert_eq!(pauses, [500, 1_000, 2_000, 60_000, 60_000]);
        assert_eq!(policy().pause(2, 0.25), Duration::from_millis(250));
        let slow = Policy { base: seconds(90), ..policy() };
        assert_eq!((slow.pause(1, 1.0), slow.pause(5, 1.0)), (seconds(90), seconds(90)));
    }

    #[test]
    fn a_fault_is_repeated_so_often_and_a_pause_that_was_asked_for_is_kept() {
        let pauses = [500, 1_000, 2_000].map(|pause| Again(Duration::from_millis(pause)));
        assert_eq!(decisions(RetryCause::Fault(None), 4), [&pauses[..], &[GiveUp(GaveUp::Failed)]].concat());
        assert_eq!(decisions(RetryCause::Fault(Some(seconds(60))), 1), [Again(seconds(60))]);
        assert_eq!(decisions(RetryCause::Fault(Some(seconds(61))), 1), [NotBefore(seconds(61))]);
        let short = policy().at_most(1);
        let mut attempts = Attempts::default();
        let decided = [(); 2].map(|()| short.decide(&mut attempts, RetryCause::Fault(None), 0.0));
        assert_eq!((decided, attempts.faults()), ([Again(Duration::ZERO), GiveUp(GaveUp::Failed)], 2));
        assert_eq!(short.at_most(9).retries, 1);
    }

    #[test]
    fn limits_are_waited_out_for_long_but_not_for_ever() {
        let decided = decisions(RetryCause::Limit(None), 21);
        assert!(decided[..20].iter().all(|decision| *decision == Again(DEFAULT_WAIT)), "{decided:?}");
        assert_eq!(decided[20], NotBefore(DEFAULT_WAIT));
        assert_eq!(decisions(RetryCause::Limit(Some(seconds(61))), 1), [NotBefore(seconds(61))]);
        assert_eq!(decisions(RetryCause::DayLimit(Some(seconds(5))), 1), [NotBefore(seconds(5))]);
        let hasty = Policy { max_wait: seconds(2), ..policy() };
        assert_eq!(hasty.decide(&mut Attempts::default(), RetryCause::Limit(None), 1.0), Again(seconds(2)));
    }

    #[test]
    fn a_lock_is_waited_for_so_often_and_in_all_no_longer_than_a_run_waits() {
        let decided = decisions(RetryCause::Lock(Some(seconds(1))), 4);
        assert_eq!(decided, [&[Again(seconds(1)); 3][..], &[GiveUp(GaveUp::Locked)]].concat());
        assert_eq!(decisions(RetryCause::Lock(Some(seconds(40))), 2), [Again(seconds(40)), GiveUp(GaveUp::Locked)]);
        assert_eq!(decisions(RetryCause::Lock(Some(seconds(61))), 1), [GiveUp(GaveUp::Locked)]);
    }

    #[test]
    fn causes_of_one_sort_do_not_count_for_another() {
        let mut attempts = Attempts::default();
        for cause in [RetryCause::Limit(None), RetryCause::Lock(None), RetryCause::Fault(None), RetryCause::Lock(None)]
        {
            assert!(matches!(policy().decide(&mut attempts, cause, 0.5), Again(_)), "{cause:?}");
        }
        assert_eq!(attempts.faults(), 1);
    }

    #[test]
    fn what_was_stored_as_failed_is_retried_four_times_ever_later() {
        let now: Timestamp = "2026-11-22T05:00:00Z".parse().expect("a time");
        let minutes = |tries| next_try(now, tries).map(|at| at.duration_since(now).as_mins());
        assert_eq!([1, 2, 3, 4, 5].map(minutes), [Some(5), Some(30), Some(120), Some(720), None]);
        assert_eq!((next_try(now, 0), next_try(Timestamp::MAX, 1)), (None, None));
    }

    #[test]
    fn a_loop_pauses_longer_and_longer_up_to_ten_minutes() {
        let mut before = None;
        let pauses = [(); 7].map(|()| {
            before = Some(LISTEN_PAUSES.next(before));
            before.map_or(0, |pause| pause.as_secs())
        });
        assert_eq!(pauses, [30, 60, 120, 240, 480, 600, 600]);
    }

    #[test]
    fn a_notice_is_sent_three_times_within_half_a_minute_whatever_is_configured() {
        for (retries, base) in [(0, seconds(1)), (9, seconds(900))] {
            let notices = Policy { retries, base, max_wait: seconds(3_600) }.notices();
            let pauses = [1, 2].map(|number| notices.pause(number, 1.0));
            assert!(pauses.into_iter().all(|pause| pause <= seconds(10)), "{pauses:?}");
            assert!(!notices.is_exhausted(2) && notices.is_exhausted(3));
        }
    }

    #[test]
    fn what_became_of_a_call_is_asked_twice_not_before_searches_have_caught_up() {
        assert_eq!(lookup_waits(seconds(60)), [seconds(60), seconds(90)]);
    }
}
