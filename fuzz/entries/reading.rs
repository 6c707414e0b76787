//! A whole reading of two sets from an HApi that answers anything at all: it ends after few requests, brings no record twice, and
//! what is said of it holds no secret.

use hopem_sync::clock::{Clock, TimeSource};
use hopem_sync::console::Console;
use hopem_sync::entity::Kind;
use hopem_sync::failure::render;
use hopem_sync::hapi::{ApiKeyOn, Client, EntitySet, PageSize, ReadError, Readings, SetEvent, Settings, TokenFile};
use hopem_sync::host::Host;
use hopem_sync::http::{
    Arrival, Channel, ClientSettings, NoAnswer, Reply, Request, Settings as Network, Signals, Ticket, Transport,
};
use hopem_sync::message::Lang;
use hopem_sync::random::{Random, RandomSource};
use hopem_sync::secret::{Secret, SecretSource};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The password; HApi may repeat it.
const SECRET: &str = "Passwort-hunter2";
/// What stands between two answers, on a line of its own.
const BETWEEN: &[u8] = b"\n---\n";

/// Takes any bytes for HApi's answers: the status in the first line of each, the body in the others. An answer to the login
/// has `login` before its status.
pub(crate) fn check(data: &[u8]) {
    let script = Script::of(data);
    let most = 200 * (script.pages.len() as u64 + 1);
    let world = World(Arc::new(Mutex::new(script)));
    let said = read(&world);
    let sent = world.script().sent;
    assert!(sent <= most, "{sent} requests");
    assert!(said.iter().all(|said| !said.contains(SECRET)), "{said:?}");
}

/// Reads both sets. Returns whatever is said of it.
fn read(world: &World) -> Vec<String> {
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder");
    let host = world.host();
    let stop = Arc::new(host.stop().expect("no signals"));
    let network = Network {
        timeout: Duration::from_secs(60),
        retries: 2,
        retry_base: Duration::from_secs(1),
        max_wait: Duration::from_secs(600),
    };
    let http = host.http(network, stop.clone(), &BTreeMap::new());
    let settings = settings();
    let tokens = TokenFile::beside(&folder.path().join("store.db"));
    let client = Client::new(&http, settings.access().expect("all settings"), &stop, tokens).expect("secrets");
    let keys = [vec!["Id".to_owned()], vec!["CompanyNo".to_owned(), "DivisionNo".to_owned()]];
    let sets = [(kind("unit"), "Units"), (kind("company"), "LedgerDivisions")];
    let sets = sets.into_iter().zip(&keys).map(|((kind, endpoint), key)| set(kind, endpoint, key));
    let mut taken = Taken::default();
    Readings::begin(&client, sets, 2).for_each(|event| taken.take(event));
    taken.said
}

fn kind(name: &str) -> Kind {
    Kind::named(name).expect("a kind")
}

fn settings() -> Settings {
    let secret = |setting| SecretSource::given(setting, Secret::new(SECRET));
    Settings {
        url: Some("https://hapi.example".to_owned()),
        username: Some("anne".to_owned()),
        password: secret("[hapi] password"),
        api_key: secret("[hapi] api_key"),
        page_size: PageSize::Fixed(4),
        parallel: 2,
        api_key_on: ApiKeyOn::Token,
        subscriptions_endpoint: None,
        subscribe_endpoint: None,
        unsubscribe_endpoint: None,
    }
}

fn set<'a>(kind: Kind, endpoint: &'a str, key: &'a [String]) -> EntitySet<'a> {
    let (page_size, select) = (PageSize::Fixed(4), vec!["Name".to_owned()]);
    EntitySet { select, ..EntitySet::whole(kind, endpoint, key, page_size) }
}

/// What a reading brought.
#[derive(Default)]
struct Taken {
    keys: BTreeSet<(Kind, String)>,
    said: Vec<String>,
}

impl Taken {
    fn take(&mut self, event: SetEvent) {
        match event {
            SetEvent::Page(kind, page) => {
                for row in page.rows.iter().filter(|row| !row.is_repeated) {
                    let Ok(key) = &row.key else { continue };
                    assert!(self.keys.insert((kind, key.clone())), "{key} is brought twice");
                }
            }
            SetEvent::End(_, _, Ok(read)) => {
                let why = read.undeliverable.iter().map(|one| &one.why);
                let texts = read.notes.iter().map(|note| &note.0).chain(why);
                self.said.extend(texts.map(|text| text.text(Lang::En)));
            }
            SetEvent::End(_, _, Err(error)) => self.said.push(words(&error)),
        }
    }
}

fn words(error: &ReadError) -> String {
    match error {
        ReadError::Fatal(error) => format!("{:?}", render(error, Lang::Fr)),
        ReadError::BadPage(text) | ReadError::WrongAddress(text) | ReadError::Down(text) => text.text(Lang::En),
        other => format!("{other:?}"),
    }
}

/// Answers that are given in turn, and what was asked so far.
struct Script {
    logins: VecDeque<Reply>,
    pages: VecDeque<Reply>,
    waiting: VecDeque<Arrival>,
    began: Instant,
    passed: Duration,
    drawn: u64,
    sent: u64,
}

impl Script {
    #[allow(clippy::disallowed_methods, reason = "a beginning for virtual time")]
    fn of(data: &[u8]) -> Script {
        let (mut logins, mut pages) = (VecDeque::new(), VecDeque::new());
        let mut rest = data;
        while !rest.is_empty() {
            let end = rest.windows(BETWEEN.len()).position(|window| window == BETWEEN);
            let answer = &rest[..end.unwrap_or(rest.len())];
            rest = end.map_or(&[], |end| &rest[end + BETWEEN.len()..]);
            match answer.strip_prefix(b"login ") {
                Some(answer) => logins.push_back(reply(answer)),
                None => pages.push_back(reply(answer)),
            }
        }
        let (waiting, began) = (VecDeque::new(), Instant::now());
        Script { logins, pages, waiting, began, passed: Duration::ZERO, drawn: 0, sent: 0 }
    }

    fn answer(&mut self, request: &Request) -> Result<Reply, NoAnswer> {
        self.sent += 1;
        assert!(self.sent < 1_000_000, "it does not end");
        let of_page = |body: &str| Reply { status: 200, body: body.as_bytes().to_vec(), ..Reply::default() };
        let reply = match request.url.ends_with("/api/Token") {
            true => self.logins.pop_front().unwrap_or_else(|| of_page("token-of-the-simulated-login")),
            false => self.pages.pop_front().unwrap_or_else(|| of_page("[]")),
        };
        if reply.status == 0 { Err(NoAnswer::broken("connection reset")) } else { Ok(reply) }
    }
}

/// An answer as the transport hands it on; without a status the connection breaks.
fn reply(answer: &[u8]) -> Reply {
    let line = answer.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let body = answer.get(line.len() + 1..).unwrap_or_default().to_vec();
    let status = std::str::from_utf8(line).ok().and_then(|line| line.trim().parse().ok());
    Reply { status: status.unwrap_or_default(), body, ..Reply::default() }
}

/// A world in which nothing takes time, but pauses.
#[derive(Clone)]
struct World(Arc<Mutex<Script>>);

impl World {
    fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn host(&self) -> Host {
        Host {
            clock: Clock::new(Arc::new(self.clone())),
            random: Random::new(Arc::new(self.clone())),
            transport: Arc::new(self.clone()),
            signals: Signals::never(),
            console: Console::system(),
            events: None,
        }
    }
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[world]")
    }
}

impl TimeSource for World {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH + self.script().passed
    }

    fn zone(&self) -> jiff::tz::TimeZone {
        jiff::tz::TimeZone::UTC
    }

    fn instant(&self) -> Instant {
        let script = self.script();
        script.began + script.passed
    }

    fn sleep(&self, pause: Duration) {
        self.script().passed += pause;
    }
}

impl RandomSource for World {
    fn next(&self) -> u64 {
        let mut script = self.script();
        script.drawn = script.drawn.wrapping_add(0x9E37_79B9_7F4A_7C15);
        script.drawn
    }
}

impl Transport for World {
    fn open(&self, _: &ClientSettings) -> anyhow::Result<Box<dyn Channel>> {
        Ok(Box::new(self.clone()))
    }
}

impl Channel for World {
    fn submit(&mut self, ticket: Ticket, request: Request) {
        let mut script = self.script();
        let outcome = script.answer(&request);
        script.waiting.push_back(Arrival { ticket, took: Duration::from_millis(1), outcome });
    }

    fn next(&mut self, until: Instant) -> Option<Arrival> {
        let mut script = self.script();
        let arrived = script.waiting.pop_front();
        if arrived.is_none() {
            script.passed = script.passed.max(until.saturating_duration_since(script.began));
        }
        arrived
    }

    fn abandon(&mut self, ticket: Ticket) {
        self.script().waiting.retain(|arrival| arrival.ticket != ticket);
    }
}
