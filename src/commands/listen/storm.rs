//! Detection of storms, in which the same entities are named over and over: how fast events come, and whether they say anything
//! new.

use crate::entity::EntityKey;
use crate::pull::EventBacklog;
use std::collections::{BTreeSet, VecDeque};
use std::time::{Duration, Instant};

/// What came, or was read, this long ago counts.
const WINDOW: Duration = Duration::from_secs(5);
/// In a storm at least so many events a second are repeats. Below, reading each time costs less than waiting.
const STORM: u64 = 50;

/// Sample of what came between two polls.
#[derive(Debug)]
struct Sample {
    at: Instant,
    events: u64,
    /// Events about what waits already.
    again: u64,
    /// Events about what waits already, or was read a moment ago.
    repeats: u64,
}

/// Detector of storms, over the events of the last moments.
#[derive(Debug, Default)]
pub(crate) struct StormDetector {
    samples: VecDeque<Sample>,
    read: VecDeque<(Instant, BTreeSet<EntityKey>)>,
}

impl StormDetector {
    /// Takes note of what waits now and did not before.
    pub(crate) fn note(&mut self, before: &EventBacklog, now: &EventBacklog, at: Instant) {
        self.forget(at);
        let events = now.events.saturating_sub(before.events);
        let (mut waits_newly, mut fresh) = (0, 0);
        for entity in now.named.iter().filter(|entity| !before.named.contains(*entity)) {
            waits_newly += 1;
            fresh += u64::from(!self.read.iter().any(|(_, read)| read.contains(entity)));
        }
        let (again, repeats) = (events.saturating_sub(waits_newly), events.saturating_sub(fresh));
        self.samples.push_back(Sample { at, events, again, repeats });
    }

    /// Takes note of entities that are read now.
    pub(crate) fn reads(&mut self, entities: BTreeSet<EntityKey>, at: Instant) {
        self.read.push_back((at, entities));
    }

    /// Whether the same entities are named over and over: so often between two polls, or each time anew.
    pub(crate) fn is_storm(&mut self, at: Instant) -> bool {
        self.forget(at);
        let (Some(first), Some(last)) = (self.samples.front(), self.samples.back()) else { return false };
        let bursts = last.again >= STORM && last.again * 3 >= last.events;
        let elapsed_ms = u64::try_from(at.duration_since(first.at).as_millis()).unwrap_or(u64::MAX).max(1_000);
        let (events, repeats) = self
            .samples
            .iter()
            .fold((0, 0), |(events, repeats), sample| (events + sample.events, repeats + sample.repeats));
        let is_often = repeats.saturating_mul(1_000) >= STORM.saturating_mul(elapsed_ms);
        bursts || (is_often && repeats * 3 >= events * 2)
    }

    fn forget(&mut self, at: Instant) {
        let is_past = |then: Instant| at.duration_since(then) > WINDOW;
        while self.samples.front().is_some_and(|sample| is_past(sample.at)) {
            self.samples.pop_front();
        }
        while self.read.front().is_some_and(|(then, _)| is_past(*then)) {
            self.read.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::Kind;

    fn waiting(events: u64, entities: u64) -> EventBacklog {
        EventBacklog { events, named: (0..entities).map(|id| EntityKey::new(Kind::UNIT, id.to_string())).collect() }
    }

    #[test]
    fn the_same_entities_named_over_and_over_are_a_storm() {
        let (start, mut detector) = (Instant::now(), StormDetector::default());
        detector.note(&EventBacklog::default(), &waiting(170, 100), start);
        assert!(detector.is_storm(start));
        let later = start + Duration::from_secs(6);
        assert!(!detector.is_storm(later), "it is over");
    }

    #[test]
    fn many_entities_named_once_are_none() {
        let (start, mut detector) = (Instant::now(), StormDetector::default());
        detector.note(&EventBacklog::default(), &waiting(167, 154), start);
        assert!(!detector.is_storm(start));
        detector.note(&EventBacklog::default(), &waiting(5, 1), start);
        assert!(!detector.is_storm(start), "a few repeats are usual");
    }

    #[test]
    fn what_is_read_each_time_anew_is_a_storm() {
        let (start, mut detector) = (Instant::now(), StormDetector::default());
        for round in 0..10 {
            let at = start + Duration::from_millis(300 * round);
            detector.note(&EventBacklog::default(), &waiting(50, 40), at);
            detector.reads(waiting(50, 40).named, at);
            assert_eq!(detector.is_storm(at), round >= 2, "round {round}");
        }
        let later = start + Duration::from_secs(60);
        detector.note(&EventBacklog::default(), &waiting(30, 30), later);
        assert!(!detector.is_storm(later), "a minute later they may have changed");
    }

    #[test]
    fn a_steady_stream_of_changes_is_none_though_entities_come_back() {
        let (start, mut detector) = (Instant::now(), StormDetector::default());
        for round in 0..30 {
            let at = start + Duration::from_millis(500 * round);
            detector.note(&EventBacklog::default(), &waiting(20, 15), at);
            detector.reads(waiting(20, 15).named, at);
            assert!(!detector.is_storm(at), "round {round}");
        }
    }
}
