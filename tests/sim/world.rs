//! The simulated world: virtual time, one source of randomness, a network that loses what it is told to lose, and both APIs
//! without sockets.
//!
//! Everything in it happens in an order that the seed decides: a world that is built twice from the same seed, and asked the
//! same, does the same.

use crate::fault::{Fault, Kill, Strike};
use hopem_sandbox::{Api, Hapi, Monday, Request, Response};
use hopem_sync::clock::{Clock, TimeSource};
use hopem_sync::host::Host;
use hopem_sync::http::{
    Arrival, Channel, ClientSettings, NoAnswer, NoAnswerCause, Reply, Request as Sent, Signals, Ticket, Transport,
};
use hopem_sync::random::{Random, RandomSource};
use jiff::Timestamp;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Where HApi is.
pub(crate) const HAPI_URL: &str = "https://hapi.example";
/// Where monday is.
pub(crate) const MONDAY_URL: &str = "https://monday.example/v2";

/// What ends a run as `kill -9` does.
#[derive(Debug)]
pub(crate) struct Killed;

/// Numbers that follow from a seed: splitmix64.
#[derive(Debug, Clone)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.number() % limit.max(1)
    }

    /// Whether something happens that happens so often in a hundred.
    pub(crate) fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    pub(crate) fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.below(from.len() as u64)).expect("an index")].clone()
    }
}

/// What was asked of the two APIs since the beginning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Calls {
    pub(crate) hapi: u64,
    pub(crate) monday: u64,
}

/// A request on its way, and what is to become of it.
struct Exchange {
    channel: u64,
    ticket: Ticket,
    api: Api,
    request: Request,
    began: Duration,
    gives_up: Duration,
    number: u64,
    fault: Option<Fault>,
}

/// What happens at some time.
enum Event {
    /// A request reaches its API.
    Reaches(Exchange),
    /// monday has done what was asked.
    IsDone(Exchange, u64),
    /// What came of a request reaches the client.
    Arrives { channel: u64, number: u64, arrival: Arrival },
}

/// Everything there is, outside the program.
pub(crate) struct World {
    pub(crate) hapi: Hapi,
    pub(crate) monday: Monday,
    began: (Timestamp, Instant),
    pub(crate) passed: Duration,
    dice: Dice,
    events: BTreeMap<(Duration, u64), Event>,
    numbers: u64,
    channels: BTreeMap<u64, VecDeque<(u64, Arrival)>>,
    abandoned: BTreeSet<(u64, Ticket)>,
    pub(crate) calls: Calls,
    run: Plan,
    /// What was sent and when, folded into one number: two equal worlds have the same.
    pub(crate) trace: u64,
}

/// What is to go wrong in a run, and how far it is.
#[derive(Default)]
struct Plan {
    strikes: Vec<Strike>,
    kill: Option<Kill>,
    store: PathBuf,
    requests: u64,
    readings: u64,
    was_killed: bool,
}

impl World {
    pub(crate) fn now(&self) -> Timestamp {
        self.began.0 + self.passed
    }

    /// Lets time pass up to then; what is to happen meanwhile happens.
    fn pass(&mut self, until: Duration, channel: Option<u64>) -> Option<(u64, Arrival)> {
        loop {
            if let Some(arrival) = channel.and_then(|channel| self.channels.get_mut(&channel)?.pop_front()) {
                return Some(arrival);
            }
            let Some(next) = self.events.first_entry().filter(|next| next.key().0 <= until) else { break };
            let ((at, _), event) = next.remove_entry();
            self.passed = self.passed.max(at);
            self.happen(event);
        }
        self.passed = self.passed.max(until);
        None
    }

    fn plan(&mut self, after: Duration, event: Event) {
        self.numbers += 1;
        self.events.insert((self.passed + after, self.numbers), event);
    }

    /// How long a request or an answer is on its way.
    fn way(&mut self) -> Duration {
        Duration::from_micros(5_000 + self.dice.below(120_000))
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Reaches(exchange) => self.reaches(exchange),
            Event::IsDone(exchange, ticket) => {
                self.monday.set_time(self.now());
                let response = self.monday.answer(ticket, &exchange.request);
                self.monday.leave(ticket);
                self.answer(exchange, response);
            }
            Event::Arrives { channel, number, arrival } => {
                if !self.abandoned.remove(&(channel, arrival.ticket))
                    && let Some(mailbox) = self.channels.get_mut(&channel)
                {
                    mailbox.push_back((number, arrival));
                }
            }
        }
    }

    fn reaches(&mut self, exchange: Exchange) {
        match (exchange.fault.clone(), exchange.api) {
            (Some(Fault::LostBefore), _) => self.breaks(exchange),
            (Some(fault @ (Fault::Status(_) | Fault::Limit(_))), api) => self.answer_with(exchange, fault.answer(api)),
            (_, Api::Hapi) => {
                let response = self.hapi.answer(&exchange.request);
                self.answer(exchange, response);
            }
            (fault, Api::Monday) => {
                self.monday.set_time(self.now());
                let ticket = self.monday.arrive(&exchange.request);
                let slow =
                    if let Some(Fault::Slow(seconds)) = fault { Duration::from_secs(seconds) } else { self.way() };
                let takes = self.monday.time_for(ticket) + slow;
                self.plan(takes, Event::IsDone(exchange, ticket));
            }
        }
    }

    /// An API has done its work and answers.
    fn answer(&mut self, exchange: Exchange, response: Response) {
        match exchange.fault.clone() {
            Some(Fault::LostAfter) => self.breaks(exchange),
            Some(Fault::Hang) => self.times_out(exchange),
            Some(fault @ Fault::StatusAfter(_)) => {
                let answer = fault.answer(exchange.api);
                self.answer_with(exchange, answer);
            }
            _ => self.answer_with(exchange, response),
        }
    }

    fn answer_with(&mut self, exchange: Exchange, response: Response) {
        let way = self.way();
        if self.passed + way > exchange.gives_up {
            return self.times_out(exchange);
        }
        self.arrives(way, &exchange, Ok(reply(response)));
    }

    fn breaks(&mut self, exchange: Exchange) {
        let way = self.way();
        self.arrives(way, &exchange, Err(NoAnswer::broken(false, "connection reset")));
    }

    fn times_out(&mut self, exchange: Exchange) {
        let left = exchange.gives_up.saturating_sub(self.passed);
        let cause = NoAnswerCause::TimedOut;
        let why = "operation timed out".to_owned();
        self.arrives(left, &exchange, Err(NoAnswer { never_sent: false, cause, why }));
    }

    fn arrives(&mut self, after: Duration, exchange: &Exchange, outcome: Result<Reply, NoAnswer>) {
        let took = self.passed + after - exchange.began;
        let arrival = Arrival { ticket: exchange.ticket, took, outcome };
        self.plan(after, Event::Arrives { channel: exchange.channel, number: exchange.number, arrival });
    }

    /// The client sends a request.
    fn submit(&mut self, channel: u64, ticket: Ticket, sent: Sent) {
        let number = self.run.requests;
        self.run.requests += 1;
        let fault = self.run.strikes.iter().find(|strike| strike.request == number).map(|strike| strike.fault.clone());
        let api = if sent.url.starts_with(HAPI_URL) { Api::Hapi } else { Api::Monday };
        let gives_up = self.passed + sent.timeout.expect("a request that is sent has a timeout");
        let request = as_received(sent);
        self.trace_of(number, &request);
        let is_refused = fault == Some(Fault::Refused);
        match api {
            Api::Hapi => self.calls.hapi += 1,
            Api::Monday => self.calls.monday += u64::from(!is_refused),
        }
        let exchange = Exchange { channel, ticket, api, request, began: self.passed, gives_up, number, fault };
        let way = self.way();
        match is_refused {
            true => self.arrives(way, &exchange, Err(NoAnswer::broken(true, "connection refused"))),
            false => self.plan(way, Event::Reaches(exchange)),
        }
    }

    fn trace_of(&mut self, number: u64, request: &Request) {
        let mut fold = |bytes: &[u8]| {
            for byte in bytes {
                self.trace = (self.trace ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3);
            }
        };
        fold(&number.to_le_bytes());
        fold(&self.passed.as_micros().to_le_bytes());
        fold(request.path.as_bytes());
        fold(request.query.as_deref().unwrap_or_default().as_bytes());
        fold(&request.body);
    }

    /// Ends the run where its time has come: the store is kept as a machine would find it.
    fn is_killed(&mut self, now: Kill) -> bool {
        let is_killed = self.run.kill == Some(now) && !self.run.was_killed;
        if is_killed {
            self.run.was_killed = true;
            keep_as_it_is(&self.run.store);
        }
        is_killed
    }
}

/// Copies the store and its log as they lie there at this moment.
fn keep_as_it_is(store: &Path) {
    for suffix in ["", "-wal"] {
        let file = beside(store, suffix);
        if file.exists() {
            std::fs::copy(&file, beside(store, &format!("{suffix}.kept"))).expect("a copy");
        }
    }
}

/// A file whose name begins with the store's.
pub(crate) fn beside(store: &Path, suffix: &str) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// A handle on the world; clones are the same world.
#[derive(Clone)]
pub(crate) struct Universe(Arc<Mutex<World>>);

impl fmt::Debug for Universe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[universe]")
    }
}

impl Universe {
    /// Both APIs empty, on a Sunday morning.
    pub(crate) fn new(seed: u64) -> Universe {
        let morning = "2026-11-22T05:00:00Z".parse().expect("a time");
        Universe(Arc::new(Mutex::new(World {
            hapi: Hapi::new(),
            monday: Monday::new(),
            began: (morning, Clock::system().instant()),
            passed: Duration::ZERO,
            dice: Dice(seed),
            events: BTreeMap::new(),
            numbers: 0,
            channels: BTreeMap::new(),
            abandoned: BTreeSet::new(),
            calls: Calls::default(),
            run: Plan::default(),
            trace: 0xCBF2_9CE4_8422_2325,
        })))
    }

    /// The world, to look into or to change.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A host in this world.
    pub(crate) fn host(&self) -> Host {
        Host {
            clock: Clock::new(Arc::new(self.clone())),
            random: Random::new(Arc::new(self.clone())),
            transport: Arc::new(self.clone()),
            signals: Signals::never(),
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
        let mut world = self.world();
        let until = world.passed + pause;
        world.pass(until, None);
    }

    /// What goes wrong in the run that begins now, on this store.
    pub(crate) fn begin(&self, strikes: &[Strike], kill: Option<Kill>, store: PathBuf) {
        self.world().run = Plan { strikes: strikes.to_vec(), kill, store, ..Plan::default() };
    }

    /// The run is over. Returns whether it was killed; its connections are closed.
    pub(crate) fn end(&self) -> bool {
        let mut world = self.world();
        world.channels.clear();
        std::mem::take(&mut world.run).was_killed
    }

    /// Ends the run here, where its time has come.
    fn may_be_killed(&self, now: impl Fn(&World) -> Kill) {
        let is_killed = {
            let mut world = self.world();
            let now = now(&world);
            world.is_killed(now)
        };
        if is_killed {
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

    fn instant(&self) -> Instant {
        let world = self.world();
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

/// A request as a server reads it.
fn as_received(sent: Sent) -> Request {
    let rest = sent.url.trim_start_matches("https://");
    let path_and_query = rest.find('/').map_or("/", |at| &rest[at..]);
    let (path, query) = match path_and_query.split_once('?') {
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (path_and_query, None),
    };
    Request {
        method: sent.method.as_str().to_owned(),
        path: path.to_owned(),
        query,
        headers: sent.headers.iter().map(|(name, value)| (name.to_lowercase(), value.clone())).collect(),
        body: sent.body.unwrap_or_default().into_bytes(),
    }
}

/// An answer as a client reads it.
fn reply(response: Response) -> Reply {
    let mut headers = HeaderMap::new();
    for (name, value) in &response.headers {
        let name: HeaderName = name.parse().expect("a header's name");
        headers.append(name, HeaderValue::from_str(value).expect("a header's value"));
    }
    Reply { status: response.status, headers, body: response.body, ..Reply::default() }
}
