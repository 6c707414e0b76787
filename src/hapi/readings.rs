//! Whole sets read side by side on one thread: while a page of one is dealt with, others are under way.

use super::client::Client;
use super::error::ReadError;
use super::in_flight::{Answered, InFlight};
use super::pages::Page;
use super::question::Traffic;
use super::reading::{SetRead, SetReading};
use super::set::EntitySet;
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

/// Readings of several sets, of which so many are under way at once.
pub struct Readings<'c> {
    client: &'c Client<'c>,
    /// The sets whose reading has not begun.
    waiting: VecDeque<EntitySet<'c>>,
    under_way: BTreeMap<Kind, (SetReading<'c>, Traffic)>,
    questions: InFlight<'c, Kind, Page>,
    /// What was not yet told.
    events: VecDeque<SetEvent>,
}

impl<'c> Readings<'c> {
    /// Begins with the first `at_once` sets; when one ends, the next begins.
    pub fn begin(
        client: &'c Client<'c>,
        sets: impl IntoIterator<Item = EntitySet<'c>>,
        at_once: usize,
    ) -> Readings<'c> {
        let waiting = sets.into_iter().collect();
        let questions = InFlight::new(client);
        let mut readings = Readings { client, waiting, under_way: BTreeMap::new(), questions, events: VecDeque::new() };
        (0..at_once.max(1)).for_each(|_| readings.begin_next());
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

    fn begin_next(&mut self) {
        let Some(set) = self.waiting.pop_front() else { return };
        let (kind, address) = (set.kind, self.client.address(set.endpoint));
        let reading = SetReading::begin(set, address);
        self.questions.ask(kind, reading.question());
        self.under_way.insert(kind, (reading, Traffic::default()));
    }

    /// Takes an answer. The next question is asked before its page is returned, so that HApi works while the page is stored.
    fn take(&mut self, answered: Answered<Kind, Page>) {
        let kind = answered.name;
        let Some((mut reading, mut traffic)) = self.under_way.remove(&kind) else { return };
        traffic += answered.traffic;
        match reading.answer(answered.outcome, answered.took) {
            Ok(progress) => {
                self.events.extend(progress.page.map(|page| SetEvent::Page(kind, page)));
                if progress.is_at_end {
                    self.end(kind, traffic, Ok(reading.end()));
                } else {
                    self.questions.ask(kind, reading.question());
                    self.under_way.insert(kind, (reading, traffic));
                }
            }
            Err(error) => self.end(kind, traffic, Err(error)),
        }
    }

    fn end(&mut self, kind: Kind, traffic: Traffic, outcome: Result<SetRead, ReadError>) {
        if outcome.as_ref().is_err_and(ReadError::concerns_all) {
            // The others would only be refused as well.
            self.waiting.clear();
        }
        self.events.push_back(SetEvent::End(kind, traffic, outcome));
        self.begin_next();
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
