//! Whether something that did not work is retried, and when. Pure: it knows neither the clock nor what is tried.

use std::time::Duration;

/// Doubling stops here; a longer pause would outlast most runs.
const LONGEST_BACKOFF: Duration = Duration::from_secs(60);
/// How often one thing is put off by limits before it is left to a later run.
pub(crate) const MOST_LIMITS: u32 = 20;
/// How often what makes something is repeated at most: what became of each attempt has to be looked up before the next.
pub(crate) const MOST_CREATING_RETRIES: u32 = 1;
/// The wait after a limit that names none.
pub(crate) const DEFAULT_WAIT: Duration = Duration::from_secs(15);

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

/// Setback: why an attempt came to nothing, and how long the other side asks to wait, where it says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setback {
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

    /// The same for what makes something.
    #[must_use]
    pub(crate) fn creating(self) -> Policy {
        self.at_most(MOST_CREATING_RETRIES)
    }

    /// Whether what failed so often is not retried.
    pub(crate) fn is_exhausted(&self, faults: u32) -> bool {
        faults > self.retries
    }

    /// What follows from another setback. `jitter` is a random fraction of one.
    pub(crate) fn decide(&self, attempts: &mut Attempts, setback: Setback, jitter: f64) -> Decision {
        match setback {
            Setback::Fault(asked) => self.after_fault(attempts, asked, jitter),
            Setback::Limit(asked) => self.after_limit(attempts, asked),
            Setback::Lock(asked) => self.after_lock(attempts, asked, jitter),
            Setback::DayLimit(asked) => Decision::NotBefore(asked.unwrap_or(DEFAULT_WAIT)),
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

    /// What follows from the same setback, again and again.
    fn decisions(setback: Setback, times: usize) -> Vec<Decision> {
        let mut attempts = Attempts::default();
        (0..times).map(|_| policy().decide(&mut attempts, setback, 1.0)).collect()
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
        assert_eq!(decisions(Setback::Fault(None), 4), [&pauses[..], &[GiveUp(GaveUp::Failed)]].concat());
        assert_eq!(decisions(Setback::Fault(Some(seconds(60))), 1), [Again(seconds(60))]);
        assert_eq!(decisions(Setback::Fault(Some(seconds(61))), 1), [NotBefore(seconds(61))]);
        let short = policy().at_most(1);
        let mut attempts = Attempts::default();
        let decided = [(); 2].map(|()| short.decide(&mut attempts, Setback::Fault(None), 0.0));
        assert_eq!((decided, attempts.faults()), ([Again(Duration::ZERO), GiveUp(GaveUp::Failed)], 2));
        assert_eq!(short.at_most(9).retries, 1);
    }

    #[test]
    fn limits_are_waited_out_for_long_but_not_for_ever() {
        let decided = decisions(Setback::Limit(None), 21);
        assert!(decided[..20].iter().all(|decision| *decision == Again(DEFAULT_WAIT)), "{decided:?}");
        assert_eq!(decided[20], NotBefore(DEFAULT_WAIT));
        assert_eq!(decisions(Setback::Limit(Some(seconds(61))), 1), [NotBefore(seconds(61))]);
        assert_eq!(decisions(Setback::DayLimit(Some(seconds(5))), 1), [NotBefore(seconds(5))]);
        let hasty = Policy { max_wait: seconds(2), ..policy() };
        assert_eq!(hasty.decide(&mut Attempts::default(), Setback::Limit(None), 1.0), Again(seconds(2)));
    }

    #[test]
    fn a_lock_is_waited_for_so_often_and_in_all_no_longer_than_a_run_waits() {
        let decided = decisions(Setback::Lock(Some(seconds(1))), 4);
        assert_eq!(decided, [&[Again(seconds(1)); 3][..], &[GiveUp(GaveUp::Locked)]].concat());
        assert_eq!(decisions(Setback::Lock(Some(seconds(40))), 2), [Again(seconds(40)), GiveUp(GaveUp::Locked)]);
        assert_eq!(decisions(Setback::Lock(Some(seconds(61))), 1), [GiveUp(GaveUp::Locked)]);
    }

    #[test]
    fn setbacks_of_one_sort_do_not_count_for_another() {
        let mut attempts = Attempts::default();
        for setback in [Setback::Limit(None), Setback::Lock(None), Setback::Fault(None), Setback::Lock(None)] {
            assert!(matches!(policy().decide(&mut attempts, setback, 0.5), Again(_)), "{setback:?}");
        }
        assert_eq!(attempts.faults(), 1);
    }
}
