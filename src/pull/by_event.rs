//! Reading only what webhooks named: which kinds that will do for, which entities that is, and when an event is worked off.
//!
//! An event is a hint. What it names is read again, so that order, repeats, lies and unknown entities do no harm. And it may
//! never have come: so a kind is read by events only while nothing can have been missed.

use crate::age::age;
use crate::config::Config;
use crate::entity::{EntityKey, Kind};
use crate::hapi::{Purpose, ReadError, Route, Subscriptions};
use crate::message::HapiText;
use crate::pull::absent::{KEYS_PER_REQUEST, Wanted};
use crate::pull::by_key::requests_for_whole;
use crate::pull::whole::{Pull, Pulled, apply_shapes};
use crate::store::{Event, Store, Way, WholeRead};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// The property that webhooks name entities by.
const SUBJECT: &str = "Id";
/// So many requests for single entities are always made rather than reading a whole set.
const ALWAYS_BY_KEY: u64 = 20;
/// In place of a purpose: when HApi was last asked everywhere for its subscriptions, and answered nowhere.
const IN_VAIN: &str = "in vain";
/// When it is asked everywhere again.
const SEEK_AGAIN: SignedDuration = SignedDuration::from_hours(24);
/// How long events are kept after they were worked off.
const KEEP_DAYS: i64 = 30;
/// How many of them are kept at most.
const KEEP_MOST: u64 = 100_000;

/// What a pull reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Every kind, whole.
    Whole {
        /// Whether our own receiver runs at this moment.
        receiver_is_alive: bool,
    },
    /// By events the kinds of which nothing can have been missed, whole the others.
    Due {
        /// Whether our own receiver runs at this moment.
        receiver_is_alive: bool,
    },
    /// Only what events name.
    Named,
}

/// The events that are not yet worked off, by what they ask for.
#[derive(Debug, Default)]
struct Heard {
    /// Entities, each with the events that name it.
    named: BTreeMap<Kind, BTreeMap<String, Vec<i64>>>,
    /// Of these kinds some entity that cannot be told by its key.
    vague: BTreeMap<Kind, Vec<i64>>,
    /// Any entity of any kind.
    blind: Vec<Event>,
    /// Nothing that is kept here.
    foreign: Vec<i64>,
}

impl Heard {
    /// What concerns these kinds; events about others are left for a run that reads them.
    fn of(store: &Store, config: &Config, kinds: &[Kind]) -> anyhow::Result<Heard> {
        let mut heard = Heard::default();
        for event in store.pending_events()? {
            let Some(name) = event.notice.name.clone() else {
                heard.blind.push(event);
                continue;
            };
            let concerned = kinds_named(config, &name);
            if concerned.is_empty() {
                heard.foreign.push(event.id);
            }
            for kind in concerned.into_iter().filter(|kind| kinds.contains(kind)) {
                heard.add(config, kind, &event);
            }
        }
        Ok(heard)
    }

    fn add(&mut self, config: &Config, kind: Kind, event: &Event) {
        let is_told_by_key = config.kind(kind).key == [SUBJECT];
        match &event.notice.subject {
            Some(key) if is_told_by_key => {
                self.named.entry(kind).or_default().entry(key.clone()).or_default().push(event.id);
            }
            _ => self.vague.entry(kind).or_default().push(event.id),
        }
    }

    /// The events about a kind that a read of it answers: only a whole one answers those that do not tell which entity they mean.
    fn answered(&self, kind: Kind, is_by_events: bool) -> Vec<i64> {
        let named = self.named.get(&kind).into_iter().flat_map(BTreeMap::values).flatten();
        let vague = self.vague.get(&kind).filter(|_| !is_by_events).into_iter().flatten();
        named.chain(vague).copied().collect()
    }
}

/// The kinds that a webhook's name of an entity stands for.
pub fn kinds_named(config: &Config, name: &str) -> Vec<Kind> {
    let is_named = |kind: &Kind| {
        let entity = config.kind(*kind);
        entity.enabled && entity.event.eq_ignore_ascii_case(name)
    };
    Kind::all().filter(is_named).collect()
}

/// What a run of [`Scope::Named`] would answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Events.
    pub events: u64,
    /// The entities that they name; what cannot be told by its key is not among them.
    pub named: BTreeSet<EntityKey>,
}

/// What waits for a run of [`Scope::Named`] with these kinds.
pub fn waiting(store: &Store, config: &Config, kinds: &[Kind]) -> anyhow::Result<Waiting> {
    let heard = Heard::of(store, config, kinds)?;
    let by_other_keys = heard.vague.iter().filter(|(kind, _)| config.kind(**kind).key != [SUBJECT]);
    let named = heard.named.values().flat_map(BTreeMap::values);
    let events = named.chain(by_other_keys.map(|(_, events)| events)).map(|events| events.len() as u64).sum::<u64>();
    let keys = |(&kind, named): (&Kind, &BTreeMap<String, Vec<i64>>)| {
        named.keys().map(|key| EntityKey::new(kind, key.clone())).collect::<Vec<_>>()
    };
    Ok(Waiting { events: events + heard.foreign.len() as u64, named: heard.named.iter().flat_map(keys).collect() })
}

/// How the kinds of a run are read.
#[derive(Debug, Default)]
struct Division {
    whole: Vec<Kind>,
    by_events: Vec<Kind>,
}

impl Pull<'_> {
    /// Reads what `scope` says, and works off the events that are answered by it.
    pub fn run_due(&self, store: &mut Store, kinds: &[Kind], scope: Scope, run: Option<i64>) -> anyhow::Result<Pulled> {
        // Both before anything is read: what comes later may tell of later changes.
        let heard = Heard::of(store, self.config, kinds)?;
        let mut notes = Vec::new();
        let notified = self.notified(store, scope, &mut notes)?;
        let notified = notified.as_ref();
        let division = self.divide(store, kinds, scope, &heard, notified)?;
        apply_shapes(store, self.shapes, division.by_events.iter().copied())?;
        let mut pulled = self.read_whole(store, &division.whole, notified)?;
        pulled.notes.extend(notes.into_iter().map(Into::into));
        for &kind in &division.by_events {
            if pulled.error.is_none() && self.client.stop_reason().is_none() {
                self.read_named(store, kind, &heard, notified, &mut pulled)?;
            }
        }
        self.release_allowed(store, &pulled)?;
        self.work_off(store, &heard, &mut pulled, run)?;
        self.keep_kind_failures(store, &pulled)?;
        self.count_calls(store, &mut pulled)?;
        Ok(pulled)
    }

    /// Reads kinds whole, and notes since when events will do for them. `notified`: the kinds that HApi notifies; where it was
    /// not asked, what it said before still counts.
    fn read_whole(
        &self,
        store: &mut Store,
        kinds: &[Kind],
        notified: Option<&BTreeSet<Kind>>,
    ) -> anyhow::Result<Pulled> {
        let began = self.now();
        let pulled = self.read_kinds(store, kinds)?;
        for (&kind, _) in pulled.kinds.iter().filter(|(_, part)| part.is_settled && part.unavailable.is_none()) {
            let read_as = self.fingerprint(kind);
            let was_notified = match notified {
                Some(kinds) => kinds.contains(&kind),
                None => store.whole_read(kind, &read_as)?.is_some_and(|before| before.was_notified),
            };
            let read = WholeRead { began, read_as, was_notified };
            store.write(|tx| tx.set_whole_read(kind, &read))?;
        }
        Ok(pulled)
    }

    fn fingerprint(&self, kind: Kind) -> String {
        self.set(kind).fingerprint(&self.config.hapi.url)
    }

    fn divide(
        &self,
        store: &Store,
        kinds: &[Kind],
        scope: Scope,
        heard: &Heard,
        notified: Option<&BTreeSet<Kind>>,
    ) -> anyhow::Result<Division> {
        match scope {
            Scope::Whole { .. } => Ok(Division { whole: kinds.to_vec(), by_events: Vec::new() }),
            Scope::Named => Ok(self.divide_named(kinds, heard)),
            Scope::Due { .. } => {
                let mut division = Division::default();
                for &kind in kinds {
                    let is_told = heard.blind.is_empty() && !heard.vague.contains_key(&kind);
                    let by_events = is_told
                        && notified.is_some_and(|kinds| kinds.contains(&kind))
                        && self.has_missed_nothing(store, kind)?;
                    if by_events { &mut division.by_events } else { &mut division.whole }.push(kind);
                }
                Ok(division)
            }
        }
    }

    /// Only what events name; whole are read the (small) kinds whose entities cannot be asked for by what events tell.
    fn divide_named(&self, kinds: &[Kind], heard: &Heard) -> Division {
        let is_told_by_key = |kind: &Kind| self.config.kind(*kind).key == [SUBJECT];
        let whole = kinds.iter().filter(|kind| !is_told_by_key(kind) && heard.vague.contains_key(kind));
        Division { whole: whole.copied().collect(), by_events: heard.named.keys().copied().collect() }
    }

    /// The kinds that HApi says it notifies, while somebody is there to hear it; `None` where it was not asked.
    fn notified(
        &self,
        store: &mut Store,
        scope: Scope,
        notes: &mut Vec<HapiText>,
    ) -> anyhow::Result<Option<BTreeSet<Kind>>> {
        let receiver_is_alive = match scope {
            Scope::Named => return Ok(None),
            Scope::Due { receiver_is_alive } | Scope::Whole { receiver_is_alive } => receiver_is_alive,
        };
        let is_attended = store.receiver()?.is_some_and(|receiver| {
            receiver_is_alive || (receiver.way == Way::Stdin && self.is_recent(receiver.seen_at))
        });
        if !is_attended {
            return Ok(Some(BTreeSet::new()));
        }
        let Some(names) = self.subscribed(store, notes)? else { return Ok(Some(BTreeSet::new())) };
        let is_listed = |kind: &Kind| has(names.iter(), &self.config.kind(*kind).event);
        let kinds = Kind::all().filter(|&kind| self.config.kind(kind).enabled);
        let (notified, silent): (BTreeSet<Kind>, BTreeSet<Kind>) = kinds.partition(is_listed);
        // What nobody subscribed to is read whole without a word.
        let ours = store.subscriptions()?;
        let is_lost = |kind: &&Kind| has(ours.iter().map(|one| &one.name), &self.config.kind(**kind).event);
        let lost: Vec<&str> = silent.iter().filter(is_lost).map(|kind| kind.name()).collect();
        if !lost.is_empty() {
            notes.push(HapiText::NotNotified { kinds: lost.join(" ") });
        }
        Ok(Some(notified))
    }

    /// Whether every change of a kind since it was last read whole was notified, and received: the receiver was there, HApi
    /// notified the kind, and it was read in the way it is read today.
    fn has_missed_nothing(&self, store: &Store, kind: Kind) -> anyhow::Result<bool> {
        let Some(read) = store.whole_read(kind, &self.fingerprint(kind))? else { return Ok(false) };
        let is_received = store.receiver()?.is_some_and(|receiver| read.began >= receiver.since);
        let event = &self.config.kind(kind).event;
        let is_older = |since: &str| since.parse::<Timestamp>().is_ok_and(|since| since <= read.began);
        let subscriptions = store.subscriptions()?;
        let ours = subscriptions.iter().find(|one| one.name.eq_ignore_ascii_case(event));
        Ok(is_received
            && read.was_notified
            && self.is_recent(read.began)
            && ours.is_none_or(|one| is_older(&one.since)))
    }

    /// Whether something happened less than `full_every` ago.
    fn is_recent(&self, at: Timestamp) -> bool {
        let full_every = SignedDuration::try_from(self.config.sync.full_every).unwrap_or(SignedDuration::MAX);
        age(at, self.now()).is_some_and(|age| age < full_every)
    }

    /// What HApi says it notifies; `None` where it does not say.
    fn subscribed(&self, store: &mut Store, notes: &mut Vec<HapiText>) -> anyhow::Result<Option<Vec<String>>> {
        let known = known_routes(store, self.config)?;
        let is_set = known.iter().any(|(purpose, route)| *purpose == Purpose::List && route.is_set);
        if !is_set && sought_in_vain(store, self.now())? {
            notes.push(HapiText::SubscriptionsUnknown { status: 404 });
            return Ok(None);
        }
        let mut subscriptions = Subscriptions::new(self.client, known);
        let listed = subscriptions.list();
        keep_routes(store, &subscriptions)?;
        Ok(match listed {
            Ok(names) => Some(names),
            Err(ReadError::Unavailable { status } | ReadError::Refused { status, .. }) => {
                if !is_set && matches!(status, 404 | 405) {
                    store.write(|tx| tx.set_route(IN_VAIN, &format!("{:.0}", self.now())))?;
                }
                notes.push(HapiText::SubscriptionsUnknown { status: status.into() });
                None
            }
            // Whatever it is, the whole read meets it too, and tells.
            Err(_) => None,
        })
    }

    /// Reads the entities of a kind that events name.
    fn read_named(
        &self,
        store: &mut Store,
        kind: Kind,
        heard: &Heard,
        notified: Option<&BTreeSet<Kind>>,
        pulled: &mut Pulled,
    ) -> anyhow::Result<()> {
        pulled.kinds.entry(kind).or_default().is_by_events = true;
        let Some(named) = heard.named.get(&kind) else {
            return store.write(|tx| tx.set_pulled(kind, self.now()));
        };
        let properties = &self.config.kind(kind).key;
        let mut wanted = Vec::with_capacity(named.len());
        for key in named.keys() {
            wanted.push(match store.find(kind, key)? {
                Some(stored) if !stored.record.is_empty() => Wanted::known(stored, properties),
                _ => Wanted::named(key, SUBJECT),
            });
        }
        if self.is_cheaper_whole_than(store, kind, wanted.len())? {
            let whole = self.read_whole(store, &[kind], notified)?;
            pulled.take(whole);
            return Ok(());
        }
        self.read_single(store, kind, &wanted, pulled)?;
        let is_read = pulled.kinds.get(&kind).is_some_and(|part| part.error.is_none() && part.unavailable.is_none());
        if is_read { store.write(|tx| tx.set_pulled(kind, self.now())) } else { Ok(()) }
    }

    /// Whether a whole read takes fewer requests than asking for so many entities. A few are always asked for: others than
    /// those need not be read.
    fn is_cheaper_whole_than(&self, store: &Store, kind: Kind, named: usize) -> anyhow::Result<bool> {
        let requests = named.div_ceil(KEYS_PER_REQUEST) as u64;
        Ok(requests > ALWAYS_BY_KEY.max(requests_for_whole(self.config, store, kind)?))
    }

    /// Notes the events that this run has answered. Those of a kind that could not be read, or whose deletes were held back,
    /// stay for the next one.
    fn work_off(&self, store: &mut Store, heard: &Heard, pulled: &mut Pulled, run: Option<i64>) -> anyhow::Result<()> {
        let mut done = heard.foreign.clone();
        for (&kind, part) in &mut pulled.kinds {
            if part.is_settled {
                let answered = heard.answered(kind, part.is_by_events);
                part.events = answered.len() as u64;
                done.extend(answered);
            }
        }
        for event in &heard.blind {
            if self.is_past(store, event)? {
                done.push(event.id);
            }
        }
        pulled.events = done.len() as u64;
        if !done.is_empty() {
            let now = self.now();
            store.write(|tx| {
                tx.work_off(&done, run, now)?;
                tx.forget_events(now - SignedDuration::from_hours(24 * KEEP_DAYS), KEEP_MOST)
            })?;
        }
        Ok(())
    }

    /// Whether every kind was read whole since an event came that could concern any of them.
    fn is_past(&self, store: &Store, event: &Event) -> anyhow::Result<bool> {
        let Ok(received_at) = event.received_at.parse::<Timestamp>() else { return Ok(true) };
        for kind in Kind::all().filter(|&kind| self.config.kind(kind).enabled) {
            let read = store.whole_read(kind, &self.fingerprint(kind))?;
            let is_unavailable = store.kind_state(kind)?.unavailable.is_some();
            let is_after = |read: WholeRead| read.began >= received_at && age(read.began, self.now()).is_some();
            if !is_unavailable && !read.is_some_and(is_after) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Whether a name is among others; HApi's names have no case.
fn has<'n>(names: impl IntoIterator<Item = &'n String>, name: &str) -> bool {
    names.into_iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Where HApi answers about subscriptions: as configured, else where it answered before.
pub fn known_routes(store: &Store, config: &Config) -> anyhow::Result<Vec<(Purpose, Route)>> {
    let kept = store.routes()?;
    let hapi = &config.hapi;
    let known = Purpose::ALL.into_iter().filter_map(|purpose| {
        let set = match purpose {
            Purpose::List => &hapi.subscriptions_endpoint,
            Purpose::Subscribe => &hapi.subscribe_endpoint,
            Purpose::Unsubscribe => &hapi.unsubscribe_endpoint,
        };
        let route = match set {
            Some(path) => Route { path: path.clone(), is_set: true },
            None => {
                let (_, path) = kept.iter().find(|(word, _)| word == purpose.word())?;
                Route { path: path.clone(), is_set: false }
            }
        };
        Some((purpose, route))
    });
    Ok(known.collect())
}

/// Whether HApi was asked everywhere for its subscriptions not long ago, and answered nowhere: it is not to be asked so much in
/// every run.
fn sought_in_vain(store: &Store, now: Timestamp) -> anyhow::Result<bool> {
    let routes = store.routes()?;
    let at = routes.iter().find(|(purpose, _)| purpose == IN_VAIN).and_then(|(_, at)| at.parse::<Timestamp>().ok());
    Ok(at.and_then(|at| age(at, now)).is_some_and(|age| age < SEEK_AGAIN))
}

/// Keeps where HApi answered, so that it is asked there first the next time.
pub fn keep_routes(store: &mut Store, subscriptions: &Subscriptions<'_>) -> anyhow::Result<()> {
    let kept = store.routes()?;
    store.write(|tx| {
        for (purpose, path) in subscriptions.found() {
            if !kept.iter().any(|(word, known)| word == purpose.word() && known == path) {
                tx.set_route(purpose.word(), path)?;
            }
            if purpose == Purpose::List {
                tx.remove_route(IN_VAIN)?;
            }
        }
        Ok(())
    })
}
