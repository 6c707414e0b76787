//! Backoff of `listen --sync`: whoever is down is not asked again for every event that comes.

use crate::entity::Kind;
use crate::retry::LISTEN_PAUSES;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Pause in which something is left alone.
#[derive(Debug, Clone, Copy)]
struct Pause {
    until: Instant,
    length: Duration,
}

impl Pause {
    /// The pause after another failure: twice as long as the one before, but at least so long.
    fn after(before: Option<Pause>, at_least: Duration, now: Instant) -> Pause {
        let length = LISTEN_PAUSES.next(before.map(|pause| pause.length)).max(at_least);
        Pause { until: now + length, length }
    }
}

/// Backoff: what failed, and until when it is left alone.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    /// A whole side was down, or refused the login.
    everything: Option<Pause>,
    /// Single kinds that could not be read; the others go on.
    kinds: BTreeMap<Kind, Pause>,
    /// Events were left, such as those about many deletes; they hold nothing up.
    events: Option<Pause>,
}

impl Backoff {
    /// A whole side failed; `at_least`: there is another reason to wait so long.
    pub(crate) fn everything_failed(&mut self, at_least: Duration, now: Instant) {
        self.everything = Some(Pause::after(self.everything, at_least, now));
    }

    /// Both sides answered.
    pub(crate) fn everything_works(&mut self) {
        self.everything = None;
    }

    /// A kind could not be read.
    pub(crate) fn kind_failed(&mut self, kind: Kind, now: Instant) {
        let pause = Pause::after(self.kinds.get(&kind).copied(), Duration::ZERO, now);
        self.kinds.insert(kind, pause);
    }

    /// A kind was read.
    pub(crate) fn kind_works(&mut self, kind: Kind) {
        self.kinds.remove(&kind);
    }

    /// Whether events were left after another run.
    pub(crate) fn note_events(&mut self, are_left: bool, now: Instant) {
        self.events = are_left.then(|| Pause::after(self.events, Duration::ZERO, now));
    }

    /// Whether nothing at all is to be tried now.
    pub(crate) fn holds_everything(&self, now: Instant) -> bool {
        self.everything.is_some_and(|pause| now < pause.until)
    }

    /// Whether a kind is to be left alone now.
    pub(crate) fn holds(&self, kind: Kind, now: Instant) -> bool {
        self.kinds.get(&kind).is_some_and(|pause| now < pause.until)
    }

    /// When the first of the pauses that are still to end does so.
    pub(crate) fn next(&self, now: Instant) -> Option<Instant> {
        let pauses = self.everything.iter().chain(self.kinds.values()).chain(&self.events);
        pauses.map(|pause| pause.until).filter(|&until| until > now).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_ten_minutes_and_end_with_the_first_success() {
        let (mut now, mut backoff) = (Instant::now(), Backoff::default());
        let mut pauses = Vec::new();
        for _ in 0..7 {
            backoff.everything_failed(Duration::ZERO, now);
            let until = backoff.next(now).expect("a pause");
            assert!(backoff.holds_everything(now) && !backoff.holds_everything(until));
            pauses.push((until - now).as_secs());
            now = until;
        }
        assert_eq!(pauses, [30, 60, 120, 240, 480, 600, 600]);
        backoff.everything_works();
        assert_eq!((backoff.holds_everything(now), backoff.next(now)), (false, None));
    }

    #[test]
    fn a_kind_that_cannot_be_read_holds_no_other_up() {
        let (now, mut backoff) = (Instant::now(), Backoff::default());
        backoff.kind_failed(Kind::UNIT, now);
        assert!(backoff.holds(Kind::UNIT, now) && !backoff.holds(Kind::TENANT, now) && !backoff.holds_everything(now));
        assert_eq!(backoff.next(now), Some(now + LISTEN_PAUSES.first));
        backoff.kind_works(Kind::UNIT);
        assert!(!backoff.holds(Kind::UNIT, now));
    }

    #[test]
    fn a_longer_reason_to_wait_is_heeded() {
        let (now, mut backoff) = (Instant::now(), Backoff::default());
        backoff.everything_failed(Duration::from_secs(60), now);
        assert_eq!(backoff.next(now), Some(now + Duration::from_secs(60)));
    }

    #[test]
    fn events_that_are_left_are_retried_ever_later_and_hold_nothing_up() {
        let (now, mut backoff) = (Instant::now(), Backoff::default());
        for pause in [30, 60, 120] {
            backoff.note_events(true, now);
            assert_eq!(backoff.next(now), Some(now + Duration::from_secs(pause)));
        }
        assert!(!backoff.holds_everything(now) && !backoff.holds(Kind::UNIT, now));
        backoff.note_events(false, now);
        assert_eq!(backoff.next(now), None);
        backoff.note_events(true, now);
        assert_eq!(backoff.next(now), Some(now + LISTEN_PAUSES.first), "they begin anew");
    }
}
