//! How fast events come, and whether they say anything new: in a storm the same entities are named over and over.

use crate::entity::Kind;
use crate::pipeline::events::Waiting;
use std::collections::{BTreeSet, VecDeque};
use std::time::{Duration, Instant};

/// What was seen this long counts.
const WINDOW: Duration = Duration::from_secs(5);
/// An entity that was read so long ago is as good as new.
const RECENT: Duration = Duration::from_secs(30);
/// So many repeats within [`WINDOW`] may be a storm.
const STORM: u64 = 20;
/// In a storm at least one event in so many is a repeat.
const SHARE: u64 = 4;

/// The events of the last moments.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    seen: VecDeque<(Instant, u64, u64)>,
    read: VecDeque<(Instant, BTreeSet<(Kind, String)>)>,
}

impl Pace {
    /// Takes note of what waits now and did not before.
    pub(crate) fn note(&mut self, before: &Waiting, now: &Waiting, at: Instant) {
        let events = now.events.saturating_sub(before.events);
        let is_new = |entity: &&(Kind, String)| {
            !before.named.contains(*entity) && !self.read.iter().any(|(_, read)| read.contains(*entity))
        };
        let fresh = now.named.iter().filter(is_new).count() as u64;
        self.seen.push_back((at, events, events.saturating_sub(fresh)));
    }

    /// Takes note of entities that are read now.
    pub(crate) fn reads(&mut self, entities: BTreeSet<(Kind, String)>, at: Instant) {
        self.read.push_back((at, entities));
        while self.read.front().is_some_and(|(then, _)| at.duration_since(*then) > RECENT) {
            self.read.pop_front();
        }
    }

    /// Whether the same entities are named over and over.
    pub(crate) fn is_storm(&mut self, at: Instant) -> bool {
        while self.seen.front().is_some_and(|(then, ..)| at.duration_since(*then) > WINDOW) {
            self.seen.pop_front();
        }
        let (events, repeats) =
            self.seen.iter().fold((0, 0), |(events, repeats), (_, more, again)| (events + more, repeats + again));
        repeats >= STORM && repeats.saturating_mul(SHARE) >= events
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(events: u64, entities: u64) -> Waiting {
        Waiting { events, named: (0..entities).map(|id| (Kind::Unit, id.to_string())).collect() }
    }

    #[test]
    fn the_same_entities_named_over_and_over_are_a_storm() {
        let (start, mut pace) = (Instant::now(), Pace::default());
        pace.note(&Waiting::default(), &waiting(170, 100), start);
        assert!(pace.is_storm(start));
        let later = start + Duration::from_secs(6);
        assert!(!pace.is_storm(later), "it is over");
    }

    #[test]
    fn many_entities_named_once_are_none() {
        let (start, mut pace) = (Instant::now(), Pace::default());
        pace.note(&Waiting::default(), &waiting(167, 154), start);
        assert!(!pace.is_storm(start));
        pace.note(&Waiting::default(), &waiting(5, 1), start);
        assert!(!pace.is_storm(start), "a few repeats are usual");
    }

    #[test]
    fn what_was_read_a_moment_ago_is_a_repeat() {
        let (start, mut pace) = (Instant::now(), Pace::default());
        for round in 0..4 {
            let at = start + Duration::from_millis(100 * round);
            pace.note(&Waiting::default(), &waiting(10, 10), at);
            pace.reads(waiting(10, 10).named, at);
            assert_eq!(pace.is_storm(at), round >= 2, "round {round}");
        }
        let later = start + Duration::from_secs(60);
        pace.reads(BTreeSet::new(), later);
        pace.note(&Waiting::default(), &waiting(30, 30), later);
        assert!(!pace.is_storm(later), "a minute later they may have changed");
    }
}
