//! The world as a host of the program: its clock, its random numbers, its network, its console.

use crate::mail::deliver;
use crate::world::{Kill, Plan, World};
use hopem_sync::clock::{Clock, TimeSource};
use hopem_sync::console::{Console, Output, Stream};
use hopem_sync::host::{EventFeed, Host};
use hopem_sync::http::{Arrival, Channel, ClientSettings, Request as Sent, Signals, Ticket, Transport};
use hopem_sync::random::{Random, RandomSource};
use jiff::Timestamp;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What ends a run as `kill -9` does.
#[derive(Debug)]
pub(crate) struct Killed;

/// What a command wrote: stdout and stderr.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Console that keeps what is written to it.
#[derive(Debug, Default)]
struct Paper(Mutex<Written>);

impl Output for Paper {
    fn write(&self, stream: Stream, bytes: &[u8]) -> std::io::Result<()> {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let side = if stream == Stream::Out { &mut written.out } else { &mut written.err };
        side.push_str(&String::from_utf8_lossy(bytes));
        Ok(())
    }

    fn is_terminal(&self, _: Stream) -> bool {
        false
    }
}

/// A handle on the world; clones are the same world.
#[derive(Clone)]
pub(crate) struct Universe {
    world: Arc<Mutex<World>>,
    paper: Arc<Paper>,
}

impl fmt::Debug for Universe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[universe]")
    }
}

impl Universe {
    pub(crate) fn new(seed: u64) -> Universe {
        let world = World::new(seed, Clock::system().instant());
        Universe { world: Arc::new(Mutex::new(world)), paper: Arc::default() }
    }

    /// The world, to look into or to change.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A host in this world.
    pub(crate) fn host(&self) -> Host {
        Host {
            clock: Clock::new(Arc::new(self.clone())),
            random: Random::new(Arc::new(self.clone())),
            transport: Arc::new(self.clone()),
            signals: Signals::never(),
            console: Console::new(self.paper.clone()),
            events: Some(Arc::new(self.clone())),
        }
    }

    /// How much time has passed.
    pub(crate) fn passed(&self) -> Duration {
        self.world().passed
    }

    /// The time of day.
    pub(crate) fn time(&self) -> Timestamp {
        self.world().now()
    }

    /// Lets time pass.
    pub(crate) fn wait(&self, pause: Duration) {
        {
            let mut world = self.world();
            let until = world.passed + pause;
            world.pass(until, None);
        }
        deliver(self);
    }

    /// What goes wrong in the run that begins now.
    pub(crate) fn begin(&self, plan: Plan) {
        let mut world = self.world();
        world.run = plan;
        world.run.began = world.passed;
        drop(world);
        self.take_paper();
    }

    /// The run is over: what became of its plan, and what it wrote. Its connections are closed.
    pub(crate) fn end(&self) -> (Plan, Written) {
        let mut world = self.world();
        world.channels.clear();
        (std::mem::take(&mut world.run), self.take_paper())
    }

    fn take_paper(&self) -> Written {
        std::mem::take(&mut *self.paper.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Ends the run here, where its time has come.
    fn may_be_killed(&self, now: impl Fn(&World) -> Kill) {
        let is_killed = {
            let mut world = self.world();
            let now = now(&world);
            world.is_killed(now)
        };
        if is_killed && !std::thread::panicking() {
            std::panic::panic_any(Killed);
        }
    }

    fn looks_at_the_clock(&self) {
        self.world().run.readings += 1;
        self.may_be_killed(|world| Kill::AtReading(world.run.readings));
    }
}

impl TimeSource for Universe {
    fn now(&self) -> Timestamp {
        self.looks_at_the_clock();
        self.time()
    }

    fn zone(&self) -> jiff::tz::TimeZone {
        jiff::tz::TimeZone::UTC
    }

    fn instant(&self) -> Instant {
        let mut world = self.world();
        world.note_look();
        world.began.1 + world.passed
    }

    fn sleep(&self, pause: Duration) {
        self.wait(pause);
    }
}

impl RandomSource for Universe {
    fn next(&self) -> u64 {
        self.world().dice.number()
    }
}

/// How long `listen` listens.
const LISTENS_FOR: Duration = Duration::from_secs(900);
/// How long it waits for events before it looks for signals again: of those there are none.
const WAITS_FOR: Duration = Duration::from_secs(2);

impl EventFeed for Universe {
    fn wait(&self, _: Duration) -> u64 {
        self.wait(WAITS_FOR);
        std::mem::take(&mut self.world().mail.taken_in)
    }

    fn is_over(&self) -> bool {
        let world = self.world();
        world.passed >= world.run.began + LISTENS_FOR
    }
}

impl Transport for Universe {
    fn open(&self, _: &ClientSettings) -> anyhow::Result<Box<dyn Channel>> {
        let mut world = self.world();
        world.numbers += 1;
        let number = world.numbers;
        world.channels.insert(number, VecDeque::new());
        Ok(Box::new(Line { universe: self.clone(), number }))
    }
}

/// A channel of one event loop.
struct Line {
    universe: Universe,
    number: u64,
}

impl Channel for Line {
    fn submit(&mut self, ticket: Ticket, request: Sent) {
        self.universe.may_be_killed(|world| Kill::BeforeSending(world.run.requests));
        self.universe.world().submit(self.number, ticket, request);
        self.universe.may_be_killed(|world| Kill::AfterSending(world.run.requests - 1));
    }

    fn next(&mut self, until: Instant) -> Option<Arrival> {
        let arrived = {
            let mut world = self.universe.world();
            let until = until.saturating_duration_since(world.began.1);
            world.pass(until, Some(self.number))
        };
        deliver(&self.universe);
        let (number, arrival) = arrived?;
        self.universe.may_be_killed(|_| Kill::BeforeReading(number));
        Some(arrival)
    }

    fn abandon(&mut self, ticket: Ticket) {
        self.universe.world().abandoned.insert((self.number, ticket));
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.universe.world().channels.remove(&self.number);
    }
}
