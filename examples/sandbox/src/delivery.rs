//! The sender of webhooks: writes events down, sends them, and does it as badly as it is configured to.
//!
//! What was put into the outbox of the HApi half under one guard is taken out together, once that guard is gone. What
//! becomes of it is decided then, from the seed alone; only the moments come from a clock.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::hapi::{Content, Letter, Payload};
use crate::random::Random;
use crate::server::State;

mod post;

/// How events are delivered. The default does it once, at once, in order, and does not care about the answer.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Decides losses, delays and order.
    pub seed: u64,
    /// How often each event is sent.
    pub copies: u32,
    /// Which events are never sent.
    pub losses: Losses,
    /// How long each copy waits; another time for each, unless both ends are the same.
    pub delay: RangeInclusive<Duration>,
    /// Copies are shuffled within windows of this many; 0 and 1 keep the order. A window never reaches beyond what was
    /// changed under one guard, or while deliveries were held.
    pub shuffle_window: usize,
    /// What follows a refused connection, a lost one, no answer in time, or any other status than 2xx.
    pub retry: Retry,
    /// How events are written down, one after the other in turn. Bodies announced raw are not touched.
    pub payloads: Vec<Payload>,
    /// How long an answer may take.
    pub timeout: Duration,
    /// Connects here (on loopback) whatever the address says, in plain HTTP: the proxy that would end TLS.
    pub through: Option<SocketAddr>,
}

impl Default for Delivery {
    fn default() -> Delivery {
        Delivery {
            seed: 0,
            copies: 1,
            losses: Losses::None,
            delay: Duration::ZERO..=Duration::ZERO,
            shuffle_window: 1,
            retry: Retry::default(),
            payloads: vec![Payload::default()],
            timeout: Duration::from_secs(10),
            through: None,
        }
    }
}

/// Which events are never sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Losses {
    /// None.
    #[default]
    None,
    /// The n-th, the 2 n-th and so on, counted from when this was set; 0 is none.
    Every(u64),
    /// Each with this chance.
    PerMille(u16),
}

/// When an event that was not accepted is sent again. The vendor says that this "may" happen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retry {
    /// How many times each copy is sent again.
    pub times: u32,
    /// How long it waits before.
    pub pause: Duration,
}

/// A delivery that was tried, or an event that was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedDelivery {
    /// Running number, from 1.
    pub number: u64,
    /// Running number of the event, from 1; its copies and retries share it.
    pub event: u64,
    /// 1, or more for a retry.
    pub attempt: u32,
    /// Where it went.
    pub url: String,
    /// What was sent.
    pub body: String,
    /// When it was sent.
    pub at: Instant,
    /// What became of it.
    pub outcome: DeliveryOutcome,
}

/// What became of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryOutcome {
    /// It was answered with this status.
    Answered(u16),
    /// There was no answer.
    Failed(String),
    /// It was not sent, as `Losses` has it.
    Lost,
}

impl DeliveryOutcome {
    fn is_accepted(&self) -> bool {
        matches!(self, DeliveryOutcome::Answered(200..=299))
    }
}

/// One copy of an event on its way.
#[derive(Debug)]
struct Parcel {
    event: u64,
    attempt: u32,
    url: String,
    headers: Vec<(String, String)>,
    body: String,
    due: Instant,
    /// Among those that are due at the same time.
    place: u64,
}

/// What the sender does next.
enum Step {
    Send(Parcel),
    /// Until then, or until something happens.
    Rest(Option<Duration>),
}

/// What is on its way and what became of the rest.
pub(crate) struct Courier {
    queue: Mutex<Queue>,
    /// Something has changed that `wait` may wait for.
    progress: Condvar,
    /// Rings when there is something to do.
    bell: Arc<Notify>,
}

struct Queue {
    settings: Delivery,
    fate: Random,
    order: Random,
    /// How many events were taken up since the settings were made.
    taken_up: u64,
    is_held: bool,
    letters: Vec<Letter>,
    parcels: Vec<Parcel>,
    is_sending: bool,
    last_event: u64,
    last_place: u64,
    last_number: u64,
    records: Vec<RecordedDelivery>,
}

impl Courier {
    pub(crate) fn new(bell: Arc<Notify>) -> Courier {
        let queue = Queue {
            settings: Delivery::default(),
            fate: Random(0),
            order: Random(0),
            taken_up: 0,
            is_held: false,
            letters: Vec::new(),
            parcels: Vec::new(),
            is_sending: false,
            last_event: 0,
            last_place: 0,
            last_number: 0,
            records: Vec::new(),
        };
        Courier { queue: Mutex::new(queue), progress: Condvar::new(), bell }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set(&self, settings: Delivery) {
        let mut queue = self.queue();
        queue.fate = Random(settings.seed);
        queue.order = Random(!settings.seed);
        queue.taken_up = 0;
        queue.settings = settings;
    }

    pub(crate) fn hold(&self) {
        self.queue().is_held = true;
    }

    pub(crate) fn records(&self) -> Vec<RecordedDelivery> {
        self.queue().records.clone()
    }

    pub(crate) fn clear_records(&self) {
        self.queue().records.clear();
    }

    fn next(&self) -> Step {
        let mut queue = self.queue();
        let step = queue.next(Instant::now());
        // All that was taken up may be lost.
        self.progress.notify_all();
        step
    }

    fn finish(&self, parcel: Parcel, at: Instant, outcome: DeliveryOutcome) {
        self.queue().finish(parcel, at, outcome);
        self.progress.notify_all();
    }
}

impl Queue {
    fn is_idle(&self) -> bool {
        self.letters.is_empty() && self.parcels.is_empty() && !self.is_sending
    }

    fn next(&mut self, now: Instant) -> Step {
        if self.is_held {
            return Step::Rest(None);
        }
        self.take_up(now);
        let first = (0..self.parcels.len()).min_by_key(|at| self.parcels.get(*at).map(|one| (one.due, one.place)));
        match first.and_then(|at| self.parcels.get(at).map(|parcel| (at, parcel.due))) {
            None => Step::Rest(None),
            Some((_, due)) if due > now => Step::Rest(Some(due - now)),
            Some((at, _)) => {
                self.is_sending = true;
                Step::Send(self.parcels.swap_remove(at))
            }
        }
    }

    /// Decides what becomes of the letters that came in.
    fn take_up(&mut self, now: Instant) {
        let mut parcels = Vec::new();
        for letter in std::mem::take(&mut self.letters) {
            let body = match letter.content {
                Content::Body(body) => body,
                Content::Event(event) => self.payload().render(&event),
            };
            self.taken_up += 1;
            self.last_event += 1;
            let parcel = |due| Parcel {
                event: self.last_event,
                attempt: 1,
                url: letter.url.clone(),
                headers: letter.headers.clone(),
                body: body.clone(),
                due,
                place: 0,
            };
            let is_lost = match self.settings.losses {
                Losses::None | Losses::Every(0) => false,
                Losses::Every(nth) => self.taken_up.is_multiple_of(nth),
                Losses::PerMille(chance) => self.fate.per_mille(chance.into()),
            };
            if is_lost {
                let parcel = parcel(now);
                self.record(&parcel, now, DeliveryOutcome::Lost);
                continue;
            }
            let dues: Vec<Instant> =
                (0..self.settings.copies).map(|_| now + delay(&self.settings.delay, &mut self.fate)).collect();
            parcels.extend(dues.into_iter().map(parcel));
        }
        for window in parcels.chunks_mut(self.settings.shuffle_window.max(1)) {
            self.order.shuffle(window);
        }
        for mut parcel in parcels {
            self.last_place += 1;
            parcel.place = self.last_place;
            self.parcels.push(parcel);
        }
    }

    /// Whose turn it is to write the next event down.
    fn payload(&self) -> Payload {
        let payloads = &self.settings.payloads;
        let turn = self.taken_up.checked_rem(payloads.len() as u64).and_then(|turn| usize::try_from(turn).ok());
        turn.and_then(|turn| payloads.get(turn)).cloned().unwrap_or_default()
    }

    fn finish(&mut self, mut parcel: Parcel, at: Instant, outcome: DeliveryOutcome) {
        self.is_sending = false;
        let is_accepted = outcome.is_accepted();
        self.record(&parcel, at, outcome);
        if !is_accepted && parcel.attempt <= self.settings.retry.times {
            self.last_place += 1;
            parcel.attempt += 1;
            parcel.place = self.last_place;
            parcel.due = Instant::now() + self.settings.retry.pause;
            self.parcels.push(parcel);
        }
    }

    fn record(&mut self, parcel: &Parcel, at: Instant, outcome: DeliveryOutcome) {
        self.last_number += 1;
        self.records.push(RecordedDelivery {
            number: self.last_number,
            event: parcel.event,
            attempt: parcel.attempt,
            url: parcel.url.clone(),
            body: parcel.body.clone(),
            at,
            outcome,
        });
    }
}

fn delay(range: &RangeInclusive<Duration>, random: &mut Random) -> Duration {
    let span = range.end().saturating_sub(*range.start());
    match usize::try_from(span.as_micros()) {
        Ok(0) | Err(_) => *range.start(),
        Ok(span) => *range.start() + Duration::from_micros(random.below(span + 1) as u64),
    }
}

/// Empties the outbox into the queue. Whoever holds both locks took that of HApi first.
fn collect(state: &State) {
    let mut hapi = state.hapi();
    let letters = hapi.take_letters();
    state.courier().queue().letters.extend(letters);
}

/// Lets go of what was held, all of it as one.
pub(crate) fn release(state: &State) {
    collect(state);
    state.courier().queue().is_held = false;
    state.courier().bell.notify_one();
}

/// Waits until nothing is on its way any more; says whether that was so in time.
pub(crate) fn wait(state: &State, timeout: Duration) -> bool {
    let begun = Instant::now();
    let courier = state.courier();
    loop {
        let hapi = state.hapi();
        let queue = courier.queue();
        if !hapi.has_letters() && queue.is_idle() {
            return true;
        }
        // The sender needs it. The queue stays locked, so that no progress is missed.
        drop(hapi);
        let left = timeout.saturating_sub(begun.elapsed());
        if left.is_zero() {
            return false;
        }
        drop(courier.progress.wait_timeout(queue, left));
    }
}

/// Delivers one after the other, for as long as the runtime lives.
pub(crate) async fn run(state: Arc<State>) {
    let courier = state.courier();
    loop {
        match courier.next() {
            Step::Send(parcel) => {
                let at = Instant::now();
                let (timeout, through) = {
                    let queue = courier.queue();
                    (queue.settings.timeout, queue.settings.through)
                };
                let outcome = post::post(&parcel, through, timeout).await;
                courier.finish(parcel, at, outcome);
            }
            Step::Rest(wait) => {
                let rung = courier.bell.notified();
                let is_rung = match wait {
                    Some(wait) => tokio::time::timeout(wait, rung).await.is_ok(),
                    None => {
                        rung.await;
                        true
                    }
                };
                if is_rung {
                    let state = Arc::clone(&state);
                    // Somebody may hold the guard for long, which no worker thread should wait for.
                    let _ = tokio::task::spawn_blocking(move || collect(&state)).await;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
