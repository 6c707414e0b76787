//! Webhooks on their way, and the receiver that makes them durable.

use crate::happening::kind_of;
use crate::host::Universe;
use crate::world::{Event, World};
use hopem_sandbox::hapi::{Additional, Payload};
use hopem_sync::clock::{Clock, TimeSource};
use hopem_sync::receiver::{Source, begin_stdin};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How often everything is read again where webhooks come.
pub(crate) const FULL_EVERY: Duration = Duration::from_secs(86_400);

/// Webhooks that have arrived and are not taken in yet, and who takes them in.
#[derive(Default)]
pub(crate) struct Mail {
    /// Whether HApi sends any.
    pub(crate) is_on: bool,
    pub(crate) arrived: Vec<String>,
    /// How many have been taken in of which `listen` does not know yet.
    pub(crate) taken_in: u64,
    /// When HApi changed a record last.
    pub(crate) changed: BTreeMap<String, Duration>,
    receiver: Option<Arc<Source>>,
    time: Option<Arc<Standing>>,
}

/// Time as the receiver has it: it takes in what comes at once.
struct Standing {
    began: (Timestamp, Instant),
    passed_us: AtomicU64,
}

impl Standing {
    fn passed(&self) -> Duration {
        Duration::from_micros(self.passed_us.load(Ordering::Relaxed))
    }

    fn set(&self, passed: Duration) {
        self.passed_us.store(u64::try_from(passed.as_micros()).expect("a short story"), Ordering::Relaxed);
    }
}

impl TimeSource for Standing {
    fn now(&self) -> Timestamp {
        self.began.0 + self.passed()
    }

    fn zone(&self) -> jiff::tz::TimeZone {
        jiff::tz::TimeZone::UTC
    }

    fn instant(&self) -> Instant {
        self.began.1 + self.passed()
    }

    fn sleep(&self, _: Duration) {}
}

/// Begins to take webhooks into a store, as a process of its own.
pub(crate) fn begin_to_receive(universe: &Universe, store: &Path) {
    let time = {
        let world = universe.world();
        let time = Standing { began: world.began, passed_us: AtomicU64::new(0) };
        time.set(world.passed);
        Arc::new(time)
    };
    let source = begin_stdin(store, FULL_EVERY, Clock::new(time.clone())).expect("a receiver");
    let mut world = universe.world();
    world.mail.receiver = Some(Arc::new(source));
    world.mail.time = Some(time);
}

/// Ends the receiver, as a crash of the machine does: what it answered for is durable.
pub(crate) fn end_to_receive(universe: &Universe) {
    let receiver = universe.world().mail.receiver.take();
    drop(receiver);
}

/// Takes in what has arrived. What comes while nobody receives is lost.
pub(crate) fn deliver(universe: &Universe) {
    let (bodies, receiver) = {
        let mut world = universe.world();
        if let Some(time) = &world.mail.time {
            time.set(world.passed);
        }
        (std::mem::take(&mut world.mail.arrived), world.mail.receiver.clone())
    };
    if let Some(receiver) = receiver.filter(|_| !bodies.is_empty()) {
        let taken = receiver.receive(bodies.join("\n").as_bytes(), |events| universe.world().mail.taken_in += events);
        // Where the disk is full it is not answered for.
        assert!(taken.is_ok() || universe.world().run.full_after.is_some(), "a webhook is not stored: {taken:?}");
    }
}

impl World {
    /// HApi notifies of a change of a record: it may be lost, come twice, come late, in any order.
    pub(crate) fn notify(&mut self, set: &str, id: i64, status: i64) {
        self.mail.changed.insert(format!("{}:{id}", kind_of(set)), self.passed);
        if !self.mail.is_on {
            return;
        }
        let entity = set.strip_suffix('s').unwrap_or(set);
        let shapes = [Additional::Text, Additional::Object, Additional::AsPrinted, Additional::Missing];
        let payload = Payload::with(self.dice.pick(&shapes));
        let body = payload.render(&hopem_sandbox::Event::new(entity, id, status));
        for _ in 0..self.dice.pick(&[0, 1, 1, 1, 1, 1, 2, 3]) {
            let late = self.dice.pick(&[1, 1, 3, 40, 900]) * 1_000 + self.dice.below(1_000);
            self.plan(Duration::from_millis(late), Event::Delivers(body.replace('\n', " ")));
        }
    }
}
