//! Whole sets read side by side on one thread: while a page of one is dealt with, others are under way.

use super::client::Client;
use super::error::ReadError;
use super::in_flight::{Answered, InFlight};
use super::pages::Page;
use super::parts::{NextPart, PartQuestion, PartedReading};
use super::question::Traffic;
use super::range::Landmarks;
use super::set::EntitySet;
use super::set_read::SetRead;
use crate::entity::Kind;
use std::collections::{BTreeMap, VecDeque};

/// Event of the readings.
#[derive(Debug)]
pub enum SetEvent {
    /// Records of a set that were not met before.
    Page(Kind, Page),
    /// The end of a reading, and what it cost.
    End(Kind, Traffic, Result<SetRead, ReadError>),
}

/// Readings of several sets, with so many requests under way at once.
pub struct Readings<'c> {
    client: &'c Client<'c>,
    at_once: usize,
    /// The sets whose reading has not begun.
    waiting: VecDeque<EntitySet<'c>>,
    landmarks: BTreeMap<Kind, Landmarks>,
    under_way: BTreeMap<Kind, PartedReading<'c>>,
    questions: InFlight<'c, (Kind, PartQuestion), Page>,
    /// What was not yet returned.
    events: VecDeque<SetEvent>,
}

impl<'c> Readings<'c> {
    /// Begins with the first `at_once` sets; when one ends, the next begins. When none is left to begin, large ones are read in
    /// several ranges of their keys.
    pub fn begin(
        client: &'c Client<'c>,
        sets: impl IntoIterator<Item = EntitySet<'c>>,
        at_once: usize,
    ) -> Readings<'c> {
        Readings::begin_with(client, sets, at_once, BTreeMap::new())
    }

    /// The same; `landmarks`: by which sets are cut, where they are known.
    pub(crate) fn begin_with(
        client: &'c Client<'c>,
        sets: impl IntoIterator<Item = EntitySet<'c>>,
        at_once: usize,
        landmarks: BTreeMap<Kind, Landmarks>,
    ) -> Readings<'c> {
        let (waiting, under_way, events) = (sets.into_iter().collect(), BTreeMap::new(), VecDeque::new());
        let (at_once, questions) = (at_once.max(1), InFlight::new(client));
        let mut readings = Readings { client, at_once, waiting, landmarks, under_way, questions, events };
        readings.fill();
        readings
    }

    /// What is there already.
    pub(crate) fn ready(&mut self) -> Option<SetEvent> {
        while self.events.is_empty() {
            let answered = self.questions.ready()?;
            self.take(answered);
        }
        self.events.pop_front()
    }

    /// Asks as much as may be asked at once.
    fn fill(&mut self) {
        while self.questions.len() < self.at_once && (self.begin_next() || self.cut_longest()) {}
    }

    /// Begins with the next set; `false`: there is none.
    fn begin_next(&mut self) -> bool {
        let Some(set) = self.waiting.pop_front() else { return false };
        let (kind, address) = (set.kind, self.client.address(set.endpoint));
        let landmarks = self.landmarks.remove(&kind).unwrap_or_default();
        self.under_way.insert(kind, PartedReading::begin(set, address, landmarks));
        self.ask(kind, PartQuestion::Page(0));
        true
    }

    /// Cuts the set of which most is left; `false`: none is to be cut.
    fn cut_longest(&mut self) -> bool {
        let longest = self.under_way.iter_mut().filter_map(|(kind, reading)| Some((reading.left()?, *kind, reading)));
        let Some((_, kind, reading)) = longest.max_by_key(|(left, ..)| *left) else { return false };
        let Some(question) = reading.cut() else { return false };
        self.ask(kind, question);
        true
    }

    fn ask(&mut self, kind: Kind, question: PartQuestion) {
        if let Some(asked) = self.under_way.get(&kind).and_then(|reading| reading.question(question)) {
            self.questions.ask((kind, question), asked);
        }
    }

    /// Takes an answer. The next question is asked before its page is returned, so that HApi works while the page is stored.
    fn take(&mut self, answered: Answered<(Kind, PartQuestion), Page>) {
        let (kind, question) = answered.name;
        let Some(reading) = self.under_way.get_mut(&kind) else { return };
        reading.note_traffic(answered.traffic);
        match reading.answer(question, answered.outcome, answered.took) {
            Ok(progress) => {
                self.events.extend(progress.page.map(|page| SetEvent::Page(kind, page)));
                match progress.next {
                    NextPart::Ask(question) => self.ask(kind, question),
                    NextPart::Wait => {}
                    NextPart::Anew(question) => {
                        self.questions.forget(|(of, _)| *of == kind);
                        self.ask(kind, question);
                    }
                    NextPart::End => self.end(kind, None),
                }
            }
            Err(error) => self.end(kind, Some(error)),
        }
        self.fill();
    }

    /// Ends the reading of a kind, with its error if it has one.
    fn end(&mut self, kind: Kind, error: Option<ReadError>) {
        self.questions.forget(|(of, _)| *of == kind);
        if error.as_ref().is_some_and(ReadError::concerns_all) {
            // The others would only be refused as well.
            self.waiting.clear();
        }
        if let Some(reading) = self.under_way.remove(&kind) {
            let traffic = reading.traffic();
            let outcome = error.map_or_else(|| Ok(reading.end()), Err);
            self.events.push_back(SetEvent::End(kind, traffic, outcome));
        }
    }
}

impl Iterator for Readings<'_> {
    type Item = SetEvent;

    /// What comes next, waited for; `None` when all sets are read.
    fn next(&mut self) -> Option<SetEvent> {
        while self.events.is_empty() {
            let answered = self.questions.next()?;
            self.take(answered);
        }
        self.events.pop_front()
    }
}
