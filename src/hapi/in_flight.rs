//! Questions under way at once, on one thread: sent, repeated as the policy says, and returned when they are answered.

use super::client::Client;
use super::error::ReadError;
use super::question::{Judge, Question, Step, Traffic};
use super::token::Token;
use crate::http::{Arrival, Next, StopReason, Ticket};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Questions in flight, each under a name of the caller's.
pub(super) struct InFlight<'c, K, T> {
    client: &'c Client<'c>,
    sent: BTreeMap<Ticket, Asking<'c, K, T>>,
    /// Those that are asked again, and when.
    paused: Vec<(Instant, Asking<'c, K, T>)>,
    /// Those that are answered and not yet returned.
    answered: Vec<Answered<K, T>>,
}

/// Question in flight.
struct Asking<'q, K, T> {
    name: K,
    question: Question<'q, T>,
    judge: Judge,
    token: Token,
    traffic: Traffic,
    took: Duration,
}

/// Question that is answered.
pub(super) struct Answered<K, T> {
    pub(super) name: K,
    pub(super) outcome: Result<T, ReadError>,
    pub(super) traffic: Traffic,
    /// How long HApi took, with the pauses between repetitions.
    pub(super) took: Duration,
}

impl<K, T> Asking<'_, K, T> {
    fn answered(self, outcome: Result<T, ReadError>) -> Answered<K, T> {
        Answered { name: self.name, outcome, traffic: self.traffic, took: self.took }
    }
}

impl Client<'_> {
    /// Asks one question, and waits until it is answered.
    pub(super) fn ask<T>(&self, question: Question<'_, T>, traffic: &mut Traffic) -> Result<T, ReadError> {
        let mut questions = InFlight::new(self);
        questions.ask((), question);
        // A question that was asked always gets an answer, an error at least.
        let Some(answered) = questions.next() else { return Err(ReadError::Unavailable { status: 404 }) };
        *traffic += answered.traffic;
        answered.outcome
    }
}

impl<'c, K, T> InFlight<'c, K, T> {
    /// None yet.
    pub(super) fn new(client: &'c Client<'c>) -> InFlight<'c, K, T> {
        InFlight { client, sent: BTreeMap::new(), paused: Vec::new(), answered: Vec::new() }
    }

    /// Sends a question; [`InFlight::next`] returns what it comes to.
    pub(super) fn ask(&mut self, name: K, question: Question<'c, T>) {
        match self.client.token() {
            Ok(token) => {
                let (judge, traffic) = (Judge::default(), Traffic::default());
                self.send(Asking { name, question, judge, token, traffic, took: Duration::ZERO });
            }
            Err(error) => {
                let (traffic, took) = (Traffic::default(), Duration::ZERO);
                self.answered.push(Answered { name, outcome: Err(error), traffic, took });
            }
        }
    }

    /// The next question that is answered, waited for; `None` where none is in flight.
    pub(super) fn next(&mut self) -> Option<Answered<K, T>> {
        while !self.is_empty() {
            self.resume();
            if self.answered.is_empty() {
                let wake = self.paused.iter().map(|(at, _)| *at).min();
                let pause = wake.filter(|_| self.sent.is_empty()).map(|wake| self.client.clock().until(wake));
                self.client.waiting(pause);
                self.advance(wake);
                self.client.waiting(None);
            }
            if !self.answered.is_empty() {
                return Some(self.answered.remove(0));
            }
        }
        None
    }

    /// The next question that is answered without waiting for it.
    pub(super) fn ready(&mut self) -> Option<Answered<K, T>> {
        loop {
            if !self.answered.is_empty() {
                return Some(self.answered.remove(0));
            }
            let now = self.client.clock().instant();
            if self.sent.is_empty() || !self.advance(Some(now)) {
                return None;
            }
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.sent.len() + self.paused.len() + self.answered.len()
    }

    /// Forgets questions by their names: whatever they come to is not returned.
    pub(super) fn forget(&mut self, is_meant: impl Fn(&K) -> bool) {
        let (forgotten, kept) =
            std::mem::take(&mut self.sent).into_iter().partition(|(_, asking)| is_meant(&asking.name));
        let forgotten: BTreeMap<Ticket, Asking<'c, K, T>> = forgotten;
        forgotten.keys().for_each(|ticket| self.client.abandon(*ticket));
        self.sent = kept;
        self.paused.retain(|(_, asking)| !is_meant(&asking.name));
        self.answered.retain(|answered| !is_meant(&answered.name));
    }

    fn is_empty(&self) -> bool {
        self.sent.is_empty() && self.paused.is_empty() && self.answered.is_empty()
    }

    /// Takes what comes next, but not past `until`. Returns whether anything came.
    fn advance(&mut self, until: Option<Instant>) -> bool {
        match self.client.next(|ticket| self.sent.contains_key(&ticket), until) {
            Next::Arrived(arrival) => self.arrived(arrival),
            Next::Stopped(reason) => self.stopped(reason),
            Next::Woke => return false,
        }
        true
    }

    fn arrived(&mut self, arrival: Arrival) {
        let Some(mut asking) = self.sent.remove(&arrival.ticket) else { return };
        asking.took += arrival.took;
        asking.traffic.bytes += arrival.outcome.as_ref().map_or(0, |reply| reply.body.len() as u64);
        match asking.judge.judge(&asking.question, arrival.outcome, &self.client.circumstances()) {
            Step::Done(outcome) => self.answered.push(asking.answered(outcome)),
            Step::Again(pause) => {
                asking.took += pause;
                self.paused.push((self.client.clock().instant() + pause, asking));
            }
            Step::RenewToken => match self.client.renew(&asking.token) {
                Ok(token) => self.send(Asking { token, ..asking }),
                Err(error) => self.answered.push(asking.answered(Err(error))),
            },
        }
    }

    /// What waits to be asked again is not: the work is to end.
    fn stopped(&mut self, reason: StopReason) {
        let paused = std::mem::take(&mut self.paused).into_iter();
        self.answered.extend(paused.map(|(_, asking)| asking.answered(Err(ReadError::Stopped(reason)))));
    }

    /// Asks again what has waited for as long as it had to.
    fn resume(&mut self) {
        let now = self.client.clock().instant();
        let (due, paused) = std::mem::take(&mut self.paused).into_iter().partition(|(at, _)| *at <= now);
        self.paused = paused;
        let mut due: Vec<(Instant, Asking<'c, K, T>)> = due;
        due.sort_by_key(|(at, _)| *at);
        due.into_iter().for_each(|(_, asking)| self.send(asking));
    }

    fn send(&mut self, mut asking: Asking<'c, K, T>) {
        let sent = match self.client.stop_reason() {
            Some(reason) => Err(ReadError::Stopped(reason)),
            None => {
                asking.traffic.requests += 1;
                self.client.send(&asking.question, &asking.token)
            }
        };
        match sent {
            Ok(ticket) => _ = self.sent.insert(ticket, asking),
            Err(error) => self.answered.push(asking.answered(Err(error))),
        }
    }
}

impl<K, T> Drop for InFlight<'_, K, T> {
    fn drop(&mut self) {
        self.sent.keys().for_each(|ticket| self.client.abandon(*ticket));
    }
}
