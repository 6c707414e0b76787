//! Requests of one event loop: sent as they come, answered in any order.
//!
//! An event loop submits, asks for what comes next, and may say when it wants to be woken: it needs no thread but its own, and
//! the time it waits is the time that its host gives it.

use super::arrival::{Arrival, Ticket};
use super::exchange::{NoAnswer, Reply, Request};
use super::mask::Masks;
use super::stop::{Stop, StopReason, WAIT_SLICE};
use super::transport::{Channel, ClientSettings, Transport};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Event that an event loop goes on with.
#[derive(Debug)]
pub(crate) enum Next {
    /// A request is over.
    Arrived(Arrival),
    /// The time to be woken came, or there is nothing to wait for.
    Woke,
    /// The work is to end. Returned once while requests are under way: those that only read are given up, those that may change
    /// something have a moment left to be answered.
    Stopped(StopReason),
}

/// Course of a queue once the work is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnStop {
    /// Nothing more is sent or waited for.
    End,
    /// Requests are sent, and waited for, all the same.
    GoOn,
}

/// Queue of the requests of one event loop. Dropped, it gives up what is under way.
pub(crate) struct Queue {
    transport: Arc<dyn Transport>,
    settings: ClientSettings,
    stop: Arc<Stop>,
    masks: Masks,
    /// Whether a reason to end ends what is under way here as well.
    on_stop: OnStop,
    /// Opened at the first request, since it may need certificates.
    channel: Option<Box<dyn Channel>>,
    submitted: u64,
    /// The requests under way, and how long their answer is waited for once the work is to end.
    under_way: BTreeMap<Ticket, Duration>,
    /// When the reason to end was returned.
    stopped_at: Option<Instant>,
    /// The requests that were never sent, since the work was to end.
    unsent: Vec<Arrival>,
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue").field("under_way", &self.under_way).finish_non_exhaustive()
    }
}

impl Queue {
    pub(super) fn new(
        transport: Arc<dyn Transport>,
        settings: ClientSettings,
        stop: Arc<Stop>,
        masks: Masks,
        on_stop: OnStop,
    ) -> Queue {
        Queue {
            transport,
            settings,
            stop,
            masks,
            on_stop,
            channel: None,
            submitted: 0,
            under_way: BTreeMap::new(),
            stopped_at: None,
            unsent: Vec::new(),
        }
    }

    /// Sends a request; what comes of it is returned by [`Queue::next`]. Where the work is to end it is not sent any more, and that
    /// is returned there too.
    ///
    /// # Errors
    /// Where nothing can be sent at all: no certificates, too few threads or handles.
    pub(crate) fn submit(&mut self, request: Request) -> anyhow::Result<Ticket> {
        self.submitted += 1;
        let ticket = Ticket(self.submitted);
        if let Some(reason) = self.stop_reason() {
            let outcome = Err(NoAnswer::not_begun(reason));
            self.unsent.push(Arrival { ticket, took: Duration::ZERO, outcome });
            return Ok(ticket);
        }
        let channel = match &mut self.channel {
            Some(channel) => channel,
            none => none.insert(self.transport.open(&self.settings)?),
        };
        self.under_way.insert(ticket, request.grace());
        channel.submit(ticket, request.or_timeout(self.settings.timeout));
        Ok(ticket)
    }

    /// How many requests are under way.
    pub(crate) fn len(&self) -> usize {
        self.under_way.len() + self.unsent.len()
    }

    /// Whether no request is under way.
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Gives a request up: its answer is not returned any more.
    pub(crate) fn abandon(&mut self, ticket: Ticket) {
        self.unsent.retain(|arrival| arrival.ticket != ticket);
        if self.under_way.remove(&ticket).is_some()
            && let Some(channel) = &mut self.channel
        {
            channel.abandon(ticket);
        }
    }

    /// Waits for what comes next, but not past `until`. With nothing under way this is a sleep; with neither, it returns at once.
    pub(crate) fn next(&mut self, until: Option<Instant>) -> Next {
        loop {
            let now = self.stop.clock().instant();
            if let Some(arrival) = self.unsent.pop().or_else(|| self.arrived(now)) {
                return Next::Arrived(arrival);
            }
            if let Some(next) = self.stopped(now) {
                return next;
            }
            let is_over = until.map_or(self.under_way.is_empty(), |until| until <= now);
            if is_over {
                return Next::Woke;
            }
            let slice = now + WAIT_SLICE;
            if let Some(arrival) = self.arrived(until.map_or(slice, |until| until.min(slice))) {
                return Next::Arrived(arrival);
            }
        }
    }

    /// What comes of the only request.
    pub(super) fn only(mut self) -> Result<Reply, NoAnswer> {
        loop {
            match self.next(None) {
                Next::Arrived(arrival) => return arrival.outcome,
                Next::Stopped(_) if !self.is_empty() => {}
                Next::Stopped(_) | Next::Woke => return Err(NoAnswer::unsent("nothing was asked")),
            }
        }
    }

    fn stop_reason(&self) -> Option<StopReason> {
        match self.on_stop {
            OnStop::End => self.stop.reason(),
            OnStop::GoOn => None,
        }
    }

    /// What follows from a reason to end, if there is one.
    fn stopped(&mut self, now: Instant) -> Option<Next> {
        let reason = self.stop_reason()?;
        let Some(stopped_at) = self.stopped_at.filter(|_| !self.under_way.is_empty()) else {
            self.stopped_at = Some(now);
            return Some(Next::Stopped(reason));
        };
        let is_over = |grace: &Duration| now.saturating_duration_since(stopped_at) >= *grace;
        let ticket = self.under_way.iter().find(|(_, grace)| is_over(grace)).map(|(ticket, _)| *ticket)?;
        self.abandon(ticket);
        let outcome = Err(NoAnswer::given_up(reason));
        Some(Next::Arrived(Arrival { ticket, took: Duration::ZERO, outcome }))
    }

    /// The next answer, if one comes by then; else that time has passed.
    fn arrived(&mut self, by: Instant) -> Option<Arrival> {
        let Some(channel) = &mut self.channel else {
            let clock = self.stop.clock();
            clock.sleep(clock.until(by));
            return None;
        };
        let arrival = channel.next(by)?;
        self.under_way.remove(&arrival.ticket);
        Some(Arrival { outcome: self.without_secrets(arrival.outcome), ..arrival })
    }

    /// What is shown, stored or logged of an exchange comes from its error or its excerpt.
    fn without_secrets(&self, outcome: Result<Reply, NoAnswer>) -> Result<Reply, NoAnswer> {
        match outcome {
            Ok(mut reply) => {
                reply.masks = self.masks.clone();
                if !(200..300).contains(&reply.status) {
                    reply.body = self.masks.mask(&String::from_utf8_lossy(&reply.body)).into_bytes();
                }
                reply.redirect = reply.redirect.map(|target| self.masks.mask(&target));
                Ok(reply)
            }
            Err(mut error) => {
                error.why.change_foreign(&|text| self.masks.mask(text));
                Err(error)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::stop::Signals;
    use super::*;
    use crate::clock::Clock;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// A network on which the answer to a request comes after as many milliseconds as its body says; to "never", never.
    #[derive(Debug)]
    struct Network(Clock);

    struct Wire {
        clock: Clock,
        waiting: Vec<(Instant, Ticket)>,
    }

    impl Transport for Network {
        fn open(&self, _: &ClientSettings) -> anyhow::Result<Box<dyn Channel>> {
            Ok(Box::new(Wire { clock: self.0.clone(), waiting: Vec::new() }))
        }
    }

    impl Channel for Wire {
        fn submit(&mut self, ticket: Ticket, request: Request) {
            let pause = request.body.as_deref().and_then(|body| body.parse().ok()).map(Duration::from_millis);
            self.waiting.extend(pause.map(|pause| (self.clock.instant() + pause, ticket)));
            self.waiting.sort();
        }

        fn next(&mut self, until: Instant) -> Option<Arrival> {
            let due = self.waiting.first().map(|(at, _)| *at).filter(|at| *at <= until);
            self.clock.sleep(self.clock.until(due.unwrap_or(until)));
            due?;
            let (_, ticket) = self.waiting.remove(0);
            Some(Arrival { ticket, took: Duration::ZERO, outcome: Ok(Reply { status: 200, ..Reply::default() }) })
        }

        fn abandon(&mut self, ticket: Ticket) {
            self.waiting.retain(|(_, waiting)| *waiting != ticket);
        }
    }

    struct Lab {
        clock: Clock,
        signal: Arc<AtomicUsize>,
        queue: Queue,
    }

    fn lab() -> Lab {
        let clock = crate::clock::testing::standing_at("2026-11-22T05:00:00Z");
        let signal: Arc<AtomicUsize> = Arc::default();
        let stop = Arc::new(Stop::on(&Signals::Number(signal.clone()), clock.clone()).expect("a stop"));
        let settings = ClientSettings { timeout: Duration::from_secs(60), ignores_proxies: false };
        let queue = Queue::new(Arc::new(Network(clock.clone())), settings, stop, Masks::default(), OnStop::End);
        Lab { clock, signal, queue }
    }

    impl Lab {
        fn read(&mut self, milliseconds: &str) -> Ticket {
            self.queue.submit(Request::get("https://h.example").body(milliseconds)).expect("submitted")
        }

        fn write(&mut self, milliseconds: &str) -> Ticket {
            self.queue.submit(Request::post("https://m.example").body(milliseconds)).expect("submitted")
        }

        /// What comes next, in a word, and after how many milliseconds.
        fn next(&mut self, within: Option<u64>) -> (String, u128) {
            let began = self.clock.instant();
            let next = match self.queue.next(within.map(|most| began + Duration::from_millis(most))) {
                Next::Arrived(Arrival { ticket, outcome, .. }) => {
                    let how = outcome.map_or_else(|error| format!("unsent {}", error.never_sent), |_| "ok".to_owned());
                    format!("{} {how}", ticket.0)
                }
                Next::Woke => "woke".to_owned(),
                Next::Stopped(reason) => format!("{reason:?}"),
            };
            (next, self.clock.since(began).as_millis())
        }
    }

    fn is(word: &str, after_ms: u128) -> (String, u128) {
        (word.to_owned(), after_ms)
    }

    #[test]
    fn answers_come_in_their_own_order_and_waits_end_in_time() {
        let mut lab = lab();
        lab.read("900");
        lab.read("120");
        assert_eq!(lab.next(Some(70)), is("woke", 70));
        assert_eq!(lab.next(None), is("2 ok", 50));
        assert_eq!(lab.next(None), is("1 ok", 780));
        assert_eq!((lab.next(None), lab.next(Some(3_600_000))), (is("woke", 0), is("woke", 3_600_000)));
    }

    #[test]
    fn what_is_abandoned_is_not_returned() {
        let mut lab = lab();
        let given_up = lab.read("10");
        lab.read("20");
        lab.queue.abandon(given_up);
        assert_eq!((lab.queue.len(), lab.next(None)), (1, is("2 ok", 20)));
    }

    #[test]
    fn a_reason_to_end_is_returned_once_and_leaves_changes_a_moment() {
        let mut lab = lab();
        lab.read("never");
        lab.write("300");
        lab.write("never");
        lab.signal.store(15, Ordering::Relaxed);
        assert_eq!(lab.next(None), is("Terminated", 0));
        // The read is given up at once, the answered change is received, the other one waited for half a second.
        assert_eq!(lab.next(None), is("1 unsent false", 0));
        assert_eq!((lab.next(None), lab.next(None)), (is("2 ok", 300), is("3 unsent false", 200)));
        assert_eq!(lab.next(Some(1_000)), is("Terminated", 0));
        lab.write("10");
        assert_eq!(lab.next(None), is("4 unsent true", 0));
    }
}
