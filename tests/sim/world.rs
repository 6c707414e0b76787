//! The simulated world: virtual time, one source of randomness, a network that loses what it is told to lose, and both APIs
//! without sockets.
//!
//! Everything in it happens in an order that the seed decides: a world that is built twice from the same seed, and asked the
//! same, does the same.

pub(crate) use crate::network::{Addressee, Exchange, HAPI_URL, MONDAY_URL};

use crate::dice::Dice;
use crate::fault::{self, FaultKind};
use crate::happening::Happening;
use crate::mail::Mail;
use crate::story::Run;
use hopem_disk::Disk;
use hopem_sandbox::monday::StandardBoard;
use hopem_sandbox::{Hapi, Monday, Request};
use hopem_sync::http::Arrival;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// No run looks at the time as often between two requests.
const MOST_LOOKS: u64 = 200_000;

/// No run of a story needs as many requests.
const MOST_REQUESTS: u64 = 2_000;

/// Strike of a fault in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Strike {
    /// How many requests that it may strike pass first.
    pub(crate) after: u64,
    /// How many it strikes then.
    pub(crate) times: u64,
    /// The fault's name.
    pub(crate) fault: &'static str,
}

/// Moment at which a run is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kill {
    /// Just before its n-th request is sent.
    BeforeSending(u64),
    /// Just after: it is on its way.
    AfterSending(u64),
    /// When what came of it has arrived, and nothing of it is recorded.
    BeforeReading(u64),
    /// When it looks at the clock for the n-th time: anywhere, in a transaction for instance.
    AtReading(u64),
}

/// What was asked of the two APIs since the beginning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Calls {
    pub(crate) hapi: u64,
    pub(crate) monday: u64,
}

/// What happens at some time.
pub(crate) enum Event {
    /// A request reaches its API.
    Reaches(Exchange),
    /// monday has done what was asked.
    IsDone(Exchange, u64),
    /// What came of a request reaches the client.
    Arrives { channel: u64, number: u64, arrival: Arrival },
    /// A webhook reaches the receiver.
    Delivers(String),
}

/// What is to go wrong in a run, and how far it is.
#[derive(Default)]
pub(crate) struct Plan {
    pub(crate) strikes: Vec<Strike>,
    pub(crate) meanwhile: Vec<(u64, Happening)>,
    pub(crate) kill: Option<Kill>,
    is_power_cut: bool,
    pub(crate) full_after: Option<u64>,
    store: PathBuf,
    /// How many requests each strike could have struck.
    seen: Vec<u64>,
    /// When it began.
    pub(crate) began: Duration,
    pub(crate) requests: u64,
    pub(crate) readings: u64,
    /// How often it looked how much time has passed, since the last request.
    looks: u64,
    pub(crate) was_killed: bool,
    /// How many requests were for whom.
    pub(crate) reached: BTreeMap<Addressee, u64>,
    /// How many requests met a fault.
    pub(crate) struck: u64,
    /// How many requests were refused since there were too many: each of them has to be sent again.
    pub(crate) limited: u64,
    /// Which side asked to be left alone, HApi or not, and until when.
    pub(crate) rests: BTreeMap<bool, Duration>,
    /// How many logins were refused.
    pub(crate) refused_logins: u64,
    /// How often each question was put to monday, and each change.
    pub(crate) put: BTreeMap<Vec<u8>, u64>,
    /// Who was asked what, and with which fault: a part of the states that were reached.
    pub(crate) asked: BTreeSet<(&'static str, &'static str)>,
}

impl Plan {
    pub(crate) fn new(run: &Run, store: PathBuf) -> Plan {
        let Run { strikes, meanwhile, kill, is_power_cut, full_after, .. } = run.clone();
        let seen = vec![0; strikes.len()];
        Plan { strikes, meanwhile, kill, is_power_cut, full_after, store, seen, ..Plan::default() }
    }

    /// The fault that the next request meets, which is for there.
    fn strike(&mut self, to: Addressee) -> Option<&'static FaultKind> {
        let mut struck = None;
        for (strike, seen) in self.strikes.iter().zip(&mut self.seen) {
            let kind = fault::named(strike.fault);
            if kind.strikes.fits(to) {
                let range = strike.after..strike.after.saturating_add(strike.times);
                struck = struck.or(range.contains(seen).then_some(kind));
                *seen += 1;
            }
        }
        self.struck += u64::from(struck.is_some());
        self.limited += u64::from(struck.is_some_and(|kind| kind.is_limit()));
        struck
    }
}

/// Everything there is, outside the program.
pub(crate) struct World {
    pub(crate) hapi: Hapi,
    pub(crate) monday: Monday,
    pub(crate) boards: Vec<StandardBoard>,
    pub(crate) began: (Timestamp, Instant),
    pub(crate) passed: Duration,
    pub(crate) dice: Dice,
    events: BTreeMap<(Duration, u64), Event>,
    pub(crate) numbers: u64,
    pub(crate) channels: BTreeMap<u64, VecDeque<(u64, Arrival)>>,
    pub(crate) abandoned: BTreeSet<(u64, hopem_sync::http::Ticket)>,
    pub(crate) calls: Calls,
    /// Calls to monday by day of UTC.
    pub(crate) calls_by_day: BTreeMap<String, u64>,
    pub(crate) run: Plan,
    /// Faults that struck, by name.
    pub(crate) faults: BTreeMap<&'static str, u64>,
    pub(crate) mail: Mail,
    /// The disk that the store is on, where anything happens to it.
    pub(crate) disk: Option<Disk>,
    /// What HApi held once and was told to remove, or whose items people let go; what stands on the boards otherwise than the program left it.
    pub(crate) removed: BTreeSet<String>,
    pub(crate) taken_by_people: BTreeSet<String>,
    /// The items that people touched, and those of them that are doubles of others.
    pub(crate) touched: BTreeSet<String>,
    pub(crate) doubles: BTreeSet<String>,
    /// Items whose keys people changed, by hand or by `unlink`, and whether the store knows them still for sure.
    pub(crate) rekeyed: BTreeMap<String, bool>,
    /// The program's store.
    pub(crate) store: PathBuf,
    /// Entities that people made the program forget.
    pub(crate) forgotten: BTreeSet<String>,
    /// Columns that may not be edited.
    pub(crate) closed: BTreeSet<(&'static str, &'static str)>,
    /// Columns in which some values are refused, of whatever kind; the name is one.
    pub(crate) refusing: BTreeSet<&'static str>,
    /// Columns of kinds that people deleted, or made ones of another type: the former one.
    pub(crate) changed_columns: BTreeMap<(&'static str, &'static str), Option<String>>,
    /// Columns of kinds that keep what is written to them in another form.
    pub(crate) reformed: BTreeSet<(&'static str, &'static str)>,
    /// Whether a board was ever locked.
    pub(crate) has_locked: bool,
    /// The keys that they bore then.
    pub(crate) touched_keys: BTreeSet<String>,
    /// When items with these keys were last touched.
    pub(crate) last_touches: BTreeMap<String, Duration>,
    /// What items showed in columns before people wrote into them last.
    pub(crate) edited: BTreeMap<(String, &'static str), Option<Value>>,
    /// Until when which side, HApi or not, is to be left alone, as the program was told in a run that is over.
    pub(crate) rests: BTreeMap<bool, Duration>,
    /// Whether monday ever worked on for a client that no longer waited.
    pub(crate) was_given_up: bool,
    /// How many values were written to items that showed them already.
    pub(crate) idle: u64,
    /// When HApi or a board was last changed by anybody but the program.
    pub(crate) changed: Duration,
    /// What was sent and when, folded into one number: two equal worlds have the same.
    pub(crate) trace: u64,
}

impl World {
    /// Both APIs empty, on a Sunday morning.
    pub(crate) fn new(seed: u64, began: Instant) -> World {
        let morning = "2026-11-22T05:00:00Z".parse().expect("a time");
        World {
            hapi: Hapi::new(),
            monday: Monday::new(),
            boards: Vec::new(),
            began: (morning, began),
            passed: Duration::ZERO,
            dice: Dice(seed),
            events: BTreeMap::new(),
            numbers: 0,
            channels: BTreeMap::new(),
            abandoned: BTreeSet::new(),
            calls: Calls::default(),
            calls_by_day: BTreeMap::new(),
            run: Plan::default(),
            faults: BTreeMap::new(),
            mail: Mail::default(),
            disk: None,
            removed: BTreeSet::new(),
            taken_by_people: BTreeSet::new(),
            touched: BTreeSet::new(),
            doubles: BTreeSet::new(),
            touched_keys: BTreeSet::new(),
            last_touches: BTreeMap::new(),
            edited: BTreeMap::new(),
            rests: BTreeMap::new(),
            rekeyed: BTreeMap::new(),
            store: PathBuf::new(),
            forgotten: BTreeSet::new(),
            closed: BTreeSet::new(),
            refusing: BTreeSet::new(),
            changed_columns: BTreeMap::new(),
            reformed: BTreeSet::new(),
            has_locked: false,
            was_given_up: false,
            idle: 0,
            changed: Duration::ZERO,
            trace: 0xCBF2_9CE4_8422_2325,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.began.0 + self.passed
    }

    /// Lets time pass up to then; what is to happen meanwhile happens.
    pub(crate) fn pass(&mut self, until: Duration, channel: Option<u64>) -> Option<(u64, Arrival)> {
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

    pub(crate) fn plan(&mut self, after: Duration, event: Event) {
        self.numbers += 1;
        self.events.insert((self.passed + after, self.numbers), event);
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Reaches(exchange) => self.reaches(exchange),
            Event::IsDone(exchange, ticket) => self.is_done(exchange, ticket),
            Event::Delivers(body) => self.mail.arrived.push(body),
            Event::Arrives { channel, number, arrival } => {
                if !self.abandoned.remove(&(channel, arrival.ticket))
                    && let Some(mailbox) = self.channels.get_mut(&channel)
                {
                    mailbox.push_back((number, arrival));
                }
            }
        }
    }

    /// The number of the next request, and the fault that it meets. What is to happen at this request happens first.
    pub(crate) fn strike(&mut self, to: Addressee) -> (u64, Option<&'static FaultKind>) {
        let number = self.run.requests;
        self.run.requests += 1;
        let happens: Vec<Happening> =
            self.run.meanwhile.iter().filter(|(at, _)| *at == number).map(|(_, what)| what.clone()).collect();
        for what in happens {
            self.apply(&what);
        }
        let fault = self.run.strike(to);
        if let Some(fault) = fault {
            *self.faults.entry(fault.name).or_default() += 1;
        }
        (number, fault)
    }

    /// Notes what monday is asked. A run that goes on for ever ends here.
    pub(crate) fn note_question(&mut self, to: Addressee, body: &[u8]) {
        assert!(self.run.requests < MOST_REQUESTS, "a run without end");
        self.run.looks = 0;
        *self.run.reached.entry(to).or_default() += 1;
        if !to.is_hapi() {
            *self.run.put.entry(body.to_owned()).or_default() += 1;
        }
    }

    /// Notes that the program looks how much time has passed. A run that goes round and round, and asks nobody anything, ends here.
    pub(crate) fn note_look(&mut self) {
        self.run.looks += 1;
        assert!(self.run.looks < MOST_LOOKS || std::thread::panicking(), "a run that goes round and round");
    }

    pub(crate) fn count_call(&mut self, to: Addressee, is_sent: bool) {
        match to.is_hapi() {
            true => self.calls.hapi += 1,
            false if to == Addressee::Files => {}
            false if is_sent => {
                self.calls.monday += 1;
                let day = self.now().to_string()[..10].to_owned();
                *self.calls_by_day.entry(day).or_default() += 1;
            }
            false => {}
        }
    }

    /// Notes who is asked what, and with which fault.
    pub(crate) fn note_state(&mut self, to: Addressee, request: &Request, fault: Option<&'static FaultKind>) {
        const FIELDS: [&str; 9] = [
            "ingest_items",
            "fetch_job_status",
            "create_item",
            "change_multiple_column_values",
            "archive_item",
            "delete_item",
            "items_page_by_column_values",
            "next_items_page",
            "items_page",
        ];
        let body = String::from_utf8_lossy(&request.body);
        let what = match to {
            Addressee::Login => "login",
            Addressee::Files => "file",
            Addressee::Records => {
                let mut sets = hopem_sandbox::KINDS.iter().rev().map(|(_, set)| *set);
                sets.find(|set| request.path.ends_with(set)).unwrap_or("HApi")
            }
            _ => FIELDS.into_iter().find(|field| body.contains(field)).unwrap_or("boards"),
        };
        self.run.asked.insert((what, fault.map_or("", |fault| fault.name)));
    }

    /// Whether the run is killed, now or before: SQLite's callbacks turn a panic into an error, after which the program would go on. The
    /// store is kept as a machine would find it.
    pub(crate) fn is_killed(&mut self, now: Kill) -> bool {
        let is_killed = self.run.kill == Some(now) && !self.run.was_killed;
        if is_killed {
            self.run.was_killed = true;
            match self.run.is_power_cut {
                true => self.keep_what_is_synced(),
                false => keep_as_it_is(&self.run.store),
            }
        }
        self.run.was_killed
    }
}

impl World {
    /// Keeps of the store and its log what a power cut leaves, and tears what lies beside them.
    fn keep_what_is_synced(&mut self) {
        let (disk, dice, store) = (&self.disk, &mut self.dice, &self.run.store);
        for suffix in ["", "-wal"] {
            let left = disk
                .as_ref()
                .and_then(|disk| disk.after_power_cut(&beside(store, suffix), &mut |limit| dice.below(limit)));
            if let Some(bytes) = left {
                std::fs::write(beside(store, &format!("{suffix}.kept")), bytes).expect("a copy");
            }
        }
        let folder = store.parent().expect("a folder");
        let others = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
        let mut others: Vec<PathBuf> = others.filter(|file| !is_of_store(file, store)).collect();
        others.sort();
        for file in others.into_iter().filter(|file| file.is_file() && dice.percent(50)) {
            let bytes = std::fs::read(&file).unwrap_or_default();
            std::fs::write(&file, &bytes[..bytes.len() / 2]).expect("a torn file");
        }
    }
}

/// Whether a file is the store's own, or one of SQLite's beside it.
fn is_of_store(file: &Path, store: &Path) -> bool {
    ["", "-wal", "-shm", ".kept", "-wal.kept"].iter().any(|suffix| beside(store, suffix) == file)
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
