//! Stage 1: HApi's entity sets into the store. Several sets are read side by side, on one thread.

use crate::config::{Config, Select};
use crate::entity::{BadRecord, EntityKey, Kind};
use crate::failure::Reported;
use crate::failure::Subject;
use crate::failure::{Exit, Failure, FailureCause, FailureDetail};
use crate::hapi::{Client, EntitySet, Page, ReadError, Readings, Row, SetEvent, SetRead, Traffic, Undeliverable};
use crate::message::{HapiText, Message};
use crate::plan::derive::{Shapes, mark_dependants};
use crate::progress::Progress;
use crate::pull::absent::{self, Settled};
use crate::pull::guard::{self, Allowed};
use crate::store::{Absorbed, Side, Store, Tx};
use jiff::{SignedDuration, Timestamp};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

/// Most pages written in one transaction.
const PAGES_TOGETHER: u32 = 16;

/// What became of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KindPull {
    /// Records received.
    pub fetched: u64,
    /// Entities that were not there.
    pub new: u64,
    /// Entities whose content differs.
    pub changed: u64,
    /// Entities that were left alone.
    pub unchanged: u64,
    /// Entities that are gone, or out of `filter`.
    pub deleted: u64,
    /// What it cost.
    pub traffic: Traffic,
    /// Why HApi does not give this kind.
    pub unavailable: Option<Message>,
    /// Why it could not be read.
    pub error: Option<Message>,
    /// Whether the whole set was to be read, not only single entities of it.
    pub is_whole: bool,
    /// Whether only what events named was read.
    pub is_by_events: bool,
    /// Events worked off.
    pub events: u64,
    /// Whether all that was to be read was read, and all that was to be deleted, deleted.
    pub is_settled: bool,
}

/// What became of all of them.
#[derive(Debug, Default)]
pub struct Pulled {
    /// Each kind that was asked for.
    pub kinds: BTreeMap<Kind, KindPull>,
    /// What went wrong with single entities or kinds.
    pub failures: Vec<Reported>,
    /// What people should know besides.
    pub notes: Vec<Message>,
    /// Requests sent, logins included.
    pub calls: u64,
    /// Events worked off, those about nothing that is kept here included.
    pub events: u64,
    /// What ended it early.
    pub error: Option<anyhow::Error>,
    /// How it ended.
    pub exit: Option<Exit>,
}

impl Pulled {
    /// How it ended, failures of single entities included.
    pub fn exit(&self) -> Exit {
        let partly = if self.failures.is_empty() { Exit::Ok } else { Exit::Partial };
        partly.and(self.exit.unwrap_or(Exit::Ok))
    }

    /// Whether something is wrong with a kind as a whole.
    fn has_failed(&self, kind: Kind) -> bool {
        self.failures.iter().any(|failure| failure.subject == Subject::Kind(kind))
    }

    /// Takes note of another reason to end with.
    pub(crate) fn ends_with(&mut self, exit: Exit) {
        self.exit = Some(self.exit.unwrap_or(Exit::Ok).and(exit));
    }

    /// Takes in what another part of the same read came to.
    pub(crate) fn take(&mut self, other: Pulled) {
        self.kinds.extend(other.kinds);
        self.failures.extend(other.failures);
        self.notes.extend(other.notes);
        self.error = self.error.take().or(other.error);
        if let Some(exit) = other.exit {
            self.ends_with(exit);
        }
    }
}

/// What became of the sets that were read.
#[derive(Default)]
struct ReadSets {
    /// Those read to their end.
    complete: BTreeMap<Kind, Complete>,
    /// Those refused at their first page, with the status.
    refused: Vec<(Kind, u16)>,
}

/// A set that was read to its end.
struct Complete {
    /// The entities that were seen.
    seen: HashSet<i64>,
    /// What came besides the pages.
    read: SetRead,
}

/// How far the read of one kind has come.
struct Reading {
    /// The entities met so far.
    seen: HashSet<i64>,
    /// Whether the kind was never read before.
    is_first: bool,
}

/// One pull: what all its steps need.
pub struct Pull<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// What follows from it per kind.
    pub shapes: &'a Shapes,
    /// HApi.
    pub client: &'a Client<'a>,
    /// Where somebody watches.
    pub progress: &'a dyn Progress,
    /// The kinds whose deletes are let through.
    pub allowed: &'a Allowed,
}

impl Pull<'_> {
    /// The time of day.
    pub(crate) fn now(&self) -> Timestamp {
        self.client.clock().now()
    }

    /// Keeps what is wrong with kinds as a whole. What stood there is over only where the kind was to be read whole.
    pub(crate) fn keep_kind_failures(&self, store: &mut Store, pulled: &Pulled) -> anyhow::Result<()> {
        let (whole, partly): (Vec<_>, Vec<_>) = pulled.kinds.iter().partition(|(_, part)| part.is_whole);
        let failed = partly.into_iter().map(|(kind, _)| *kind).filter(|kind| pulled.has_failed(*kind));
        store.write(|tx| {
            keep_kind_failures(tx, "pull", whole.into_iter().map(|(kind, _)| *kind), &pulled.failures, self.now())?;
            keep_kind_failures(tx, "pull", failed, &pulled.failures, self.now())
        })
    }

    /// Lets the items of the kinds go for which the guard is lifted, as far as the kinds were read: what was out of `only`
    /// before goes as what is gone from HApi does.
    pub(crate) fn release_allowed(&self, store: &mut Store, pulled: &Pulled) -> anyhow::Result<()> {
        for (&kind, _) in pulled.kinds.iter().filter(|(kind, part)| part.is_settled && self.allowed.holds(**kind)) {
            store.write(|tx| guard::release(tx, self.config, kind, self.allowed, self.now(), |_| true))?;
        }
        Ok(())
    }

    /// Counts the requests of a whole pull.
    pub(crate) fn count_calls(&self, store: &mut Store, pulled: &mut Pulled) -> anyhow::Result<()> {
        pulled.calls = self.client.calls();
        store.write(|tx| tx.count_calls(Side::Hapi, pulled.calls, self.now()))
    }

    /// Reads kinds whole, without counting what that takes.
    pub(crate) fn read_kinds(&self, store: &mut Store, kinds: &[Kind]) -> anyhow::Result<Pulled> {
        let mut pulled = Pulled::default();
        if let Some(wait) = store.wait(Side::Hapi, self.now())? {
            let failure = Failure::new(Exit::Failed, wait.why).help(HapiText::WaitForHapi {});
            pulled.error = Some(failure.into());
            pulled.ends_with(Exit::Failed);
            return Ok(pulled);
        }
        self.apply_shapes(store, kinds)?;
        let queue = longest_first(store, kinds)?;
        let ReadSets { complete, refused } = self.read_all(store, &queue, &mut pulled)?;
        self.settle_refused(store, &refused, &queue, &mut pulled)?;
        let complete = self.check_reads(store, complete, &mut pulled)?;
        self.delete_absent(store, complete, &mut pulled)?;
        self.settle_exit(kinds, &mut pulled);
        Ok(pulled)
    }

    /// Derives names, references and `only` anew where the configuration changed.
    fn apply_shapes(&self, store: &mut Store, kinds: &[Kind]) -> anyhow::Result<()> {
        apply_shapes(store, self.shapes, kinds.iter().copied())
    }

    /// Reads all sets side by side, and writes what comes: few transactions, and only the rows that differ.
    fn read_all(&self, store: &mut Store, queue: &[Kind], pulled: &mut Pulled) -> anyhow::Result<ReadSets> {
        let mut sets = Vec::with_capacity(queue.len());
        for &kind in queue {
            sets.push(EntitySet { may_be_empty: store.count(kind)? == 0, ..self.set(kind) });
        }
        let mut arriving = Readings::begin(self.client, sets, self.config.hapi.parallel);
        let mut readings: BTreeMap<Kind, Reading> = BTreeMap::new();
        let mut read = ReadSets::default();
        let marks = store.has_settled_entities()?;
        let mut next = None;
        while let Some(event) = next.take().or_else(|| arriving.next()) {
            match event {
                SetEvent::Page(kind, page) => {
                    let tx = store.transaction()?;
                    self.take_page(&tx, kind, &page, &mut readings, marks, pulled)?;
                    next = self.take_ready_pages(&tx, &mut arriving, &mut readings, marks, pulled)?;
                    tx.commit()?;
                }
                SetEvent::End(kind, traffic, outcome) => {
                    let seen = readings.remove(&kind).map(|reading| reading.seen).unwrap_or_default();
                    self.take_end(store, kind, traffic, outcome, seen, &mut read, pulled)?;
                }
            }
        }
        Ok(read)
    }

    /// How a kind's set is read.
    pub(crate) fn set(&self, kind: Kind) -> EntitySet<'_> {
        let entity = self.config.kind(kind);
        let select = match &entity.select {
            Select::All => Vec::new(),
            Select::Mapped => entity.needed_properties(self.config).into_iter().collect(),
            Select::These(wanted) => {
                let mut all = entity.needed_properties(self.config);
                all.extend(wanted.iter().cloned());
                all.into_iter().collect()
            }
        };
        EntitySet {
            kind,
            endpoint: &entity.endpoint,
            key: &entity.key,
            filter: entity.filter.as_deref(),
            select,
            page_size: self.config.hapi.page_size,
            may_be_empty: false,
        }
    }

    /// Pages that are there already share a transaction, and so the pages of the file that they both change; what was written is
    /// kept before anything is waited for. Returns what comes next, if it is there.
    fn take_ready_pages(
        &self,
        tx: &Tx<'_>,
        arriving: &mut Readings<'_>,
        readings: &mut BTreeMap<Kind, Reading>,
        marks: bool,
        pulled: &mut Pulled,
    ) -> anyhow::Result<Option<SetEvent>> {
        for _ in 0..PAGES_TOGETHER {
            match arriving.ready() {
                Some(SetEvent::Page(kind, page)) => self.take_page(tx, kind, &page, readings, marks, pulled)?,
                other => return Ok(other),
            }
        }
        Ok(None)
    }

    /// Notes how the reading of a kind ended.
    #[expect(clippy::too_many_arguments, reason = "what one reading left")]
    fn take_end(
        &self,
        store: &mut Store,
        kind: Kind,
        traffic: Traffic,
        outcome: Result<SetRead, ReadError>,
        seen: HashSet<i64>,
        sets: &mut ReadSets,
        pulled: &mut Pulled,
    ) -> anyhow::Result<()> {
        let entry = pulled.kinds.entry(kind).or_default();
        entry.traffic = traffic;
        // Where the whole side failed, nothing became known of the kind.
        entry.is_whole = !outcome.as_ref().is_err_and(ReadError::concerns_all);
        match outcome {
            Ok(mut read) => {
                pulled.notes.extend(std::mem::take(&mut read.notes).into_iter().map(|note| note.0.into()));
                sets.complete.insert(kind, Complete { seen, read });
            }
            Err(ReadError::Unavailable { status }) => sets.refused.push((kind, status)),
            Err(error) => self.cannot_read(store, kind, error, pulled)?,
        }
        self.progress.end("pull", kind);
        Ok(())
    }

    /// Looks through what came with the pages: records that were stepped over, properties that are not there. Returns the kinds
    /// in which absence may mean something.
    fn check_reads(
        &self,
        store: &mut Store,
        complete: BTreeMap<Kind, Complete>,
        pulled: &mut Pulled,
    ) -> anyhow::Result<BTreeMap<Kind, HashSet<i64>>> {
        let mut seen = BTreeMap::new();
        for (kind, mut of_kind) in complete {
            for record in std::mem::take(&mut of_kind.read.undeliverable) {
                of_kind.seen.extend(self.note_undeliverable(store, kind, record, pulled)?);
            }
            let mut traffic = pulled.kinds.get(&kind).map(|entry| entry.traffic).unwrap_or_default();
            self.check_properties(store, kind, &of_kind.read, &mut traffic, pulled)?;
            pulled.kinds.entry(kind).or_default().traffic = traffic;
            if self.lacks_its_key(store, kind)? {
                // Each record would tell the same.
                let is_same = |failure: &Reported| {
                    failure.subject == Subject::Record(kind) && failure.cause == FailureCause::KeyMissing
                };
                pulled.failures.retain(|failure| !is_same(failure));
            } else {
                seen.insert(kind, of_kind.seen);
            }
        }
        Ok(seen)
    }

    /// Whether HApi does not have a property that the kind's key is made of: then no record can be told from another.
    fn lacks_its_key(&self, store: &Store, kind: Kind) -> anyhow::Result<bool> {
        let found = store.properties(kind)?;
        Ok(self.config.kind(kind).key.iter().any(|property| found.get(property) == Some(&false)))
    }

    /// Reports a record that HApi cannot deliver. Returns the entities that it may be: they are not absent.
    fn note_undeliverable(
        &self,
        store: &Store,
        kind: Kind,
        record: Undeliverable,
        pulled: &mut Pulled,
    ) -> anyhow::Result<Vec<i64>> {
        let error = HapiText::RecordUndeliverable { why: record.why.text(crate::message::Lang::En) };
        let detail = FailureDetail::new(FailureCause::RecordUndeliverable, error).hint(HapiText::MendOrAskVendor {});
        let (subject, maybe) = match record.key {
            Some(key) => {
                let found = store.find(kind, &key)?.map(|stored| stored.id);
                (Subject::Entity(EntityKey::new(kind, key)), found.into_iter().collect())
            }
            None => (Subject::Record(kind), store.ids_between(kind, record.between.0, record.between.1)?),
        };
        pulled.failures.push(Reported::new(subject, "pull", None, detail));
        Ok(maybe)
    }

    fn take_page(
        &self,
        tx: &Tx<'_>,
        kind: Kind,
        page: &Page,
        readings: &mut BTreeMap<Kind, Reading>,
        marks: bool,
        pulled: &mut Pulled,
    ) -> anyhow::Result<()> {
        let now = self.now();
        let reading = match readings.entry(kind) {
            Entry::Occupied(reading) => reading.into_mut(),
            Entry::Vacant(place) => {
                self.progress.begin("pull", kind, tx.count(kind)?);
                place.insert(Reading { seen: HashSet::new(), is_first: tx.is_empty(kind)? })
            }
        };
        for row in &page.rows {
            pulled.kinds.entry(kind).or_default().fetched += 1;
            let key = match fault(kind, row) {
                None => row.key.as_deref().unwrap_or_default(),
                Some(detail) => {
                    let subject = match &row.key {
                        Ok(key) => Subject::Entity(EntityKey::new(kind, key.clone())),
                        Err(_) => Subject::Record(kind),
                    };
                    pulled.failures.push(Reported::new(subject, "pull", None, detail));
                    if let Ok(key) = &row.key {
                        reading.seen.extend(tx.find(kind, key)?.map(|stored| stored.id));
                    }
                    continue;
                }
            };
            let json = page.json(row);
            let absorbed = match reading.is_first && !marks {
                // Each key comes once, and there was none before: nothing to look up.
                true => Absorbed::New(tx.add(kind, key, json, now, &self.shapes.get(kind).derive(json))?),
                false => self.absorb(tx, kind, key, json, marks, now)?,
            };
            reading.seen.insert(absorbed.id());
            let entry = pulled.kinds.entry(kind).or_default();
            match absorbed {
                Absorbed::New(_) => entry.new += 1,
                Absorbed::Changed(..) => entry.changed += 1,
                Absorbed::Unchanged(_) => entry.unchanged += 1,
            }
        }
        self.progress.advance("pull", kind, page.rows.len() as u64);
        Ok(())
    }

    /// Takes one record in, and marks who depends on it. `marks`: somebody might.
    pub(crate) fn absorb(
        &self,
        tx: &Tx<'_>,
        kind: Kind,
        key: &str,
        json: &str,
        marks: bool,
        now: Timestamp,
    ) -> anyhow::Result<Absorbed> {
        let shape = self.shapes.get(kind);
        let absorbed = tx.absorb(kind, key, json, now, |json| shape.derive(json))?;
        match &absorbed {
            Absorbed::New(_) if marks => mark_dependants(tx, self.shapes, kind, json)?,
            Absorbed::Changed(_, before) if marks && shape.concerns_children(before, json) => {
                mark_dependants(tx, self.shapes, kind, before)?;
                mark_dependants(tx, self.shapes, kind, json)?;
            }
            _ => {}
        }
        Ok(absorbed)
    }

    /// A set that could not be read: unavailable, at fault, or the end of the whole pull.
    pub(crate) fn cannot_read(
        &self,
        store: &mut Store,
        kind: Kind,
        error: ReadError,
        pulled: &mut Pulled,
    ) -> anyhow::Result<()> {
        let entity = self.config.kind(kind);
        let (detail, exit): (FailureDetail, Exit) = match error {
            ReadError::Unavailable { status } => return self.fail_refused_by_key(store, kind, status, pulled),
            ReadError::WrongAddress(why) => {
                let detail = FailureDetail::new(FailureCause::WrongAddress, why);
                (detail.hint(HapiText::CheckUrl {}), Exit::Partial)
            }
            ReadError::Refused { status, answer } => {
                let what = format!("GET /api/{}", entity.endpoint);
                let error = HapiText::ServerError { what, status: status.into(), answer };
                let detail = FailureDetail::new(FailureCause::QueryRefused, error);
                (detail.hint(HapiText::CheckOptions { kind }), Exit::Partial)
            }
            ReadError::Down(why) | ReadError::BadPage(why) => {
                let detail = FailureDetail::new(FailureCause::Unreachable, why);
                (detail.hint(HapiText::RetryLater {}), Exit::Partial)
            }
            ReadError::NotBefore(wait) => {
                let why = self.keep_wait(store, wait)?;
                pulled.error = Some(Failure::new(Exit::Failed, why.clone()).help(HapiText::WaitForHapi {}).into());
                let detail = FailureDetail::new(FailureCause::NotBefore, why);
                (detail.hint(HapiText::WaitForHapi {}), Exit::Failed)
            }
            ReadError::Stopped(reason) => {
                pulled.ends_with(reason.exit());
                return Ok(());
            }
            ReadError::Fatal(error) => {
                let exit = crate::failure::exit_of(&error);
                pulled.error = Some(error);
                pulled.ends_with(exit);
                return Ok(());
            }
        };
        pulled.kinds.entry(kind).or_default().error = Some(detail.error.clone());
        pulled.failures.push(Reported::of_kind(kind, "pull", detail));
        pulled.ends_with(exit);
        Ok(())
    }

    fn keep_wait(&self, store: &mut Store, wait: Duration) -> anyhow::Result<Message> {
        let now = self.now();
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX).min(Side::Hapi.longest_wait());
        let until = now.checked_add(wait).unwrap_or(Timestamp::MAX);
        let why: Message = HapiText::NotBefore { until: format!("{until:.0}") }.into();
        store.write(|tx| tx.set_wait(Side::Hapi, until, &why, false, now))?;
        Ok(why)
    }

    /// What complete reads did not show is deleted, within the guard.
    fn delete_absent(
        &self,
        store: &mut Store,
        complete: BTreeMap<Kind, HashSet<i64>>,
        pulled: &mut Pulled,
    ) -> anyhow::Result<()> {
        for (kind, seen) in complete {
            let reader = self.set(kind);
            let mut traffic = pulled.kinds.get(&kind).map(|entry| entry.traffic).unwrap_or_default();
            let outcome = absent::settle(self, store, &reader, &seen, &mut traffic)?;
            pulled.kinds.entry(kind).or_default().traffic = traffic;
            self.note_settled(kind, outcome, pulled);
            store.write(|tx| tx.set_pulled(kind, self.now()))?;
        }
        Ok(())
    }

    /// Notes what became of the entities that were asked for one by one.
    pub(crate) fn note_settled(&self, kind: Kind, settled: Settled, pulled: &mut Pulled) {
        let entry = pulled.kinds.entry(kind).or_default();
        entry.deleted += settled.deleted;
        entry.fetched += settled.found.total();
        entry.new += settled.found.new;
        entry.changed += settled.found.changed;
        entry.unchanged += settled.found.unchanged;
        entry.is_settled = settled.held_back.is_none();
        pulled.failures.extend(settled.failures);
        if let Some((detail, exit)) = settled.held_back {
            entry.error = (exit != Exit::Guard).then(|| detail.error.clone());
            pulled.failures.push(Reported::of_kind(kind, "pull", detail));
            pulled.ends_with(exit);
        }
    }

    /// Where not one of the kinds could be read, the run as a whole could not finish.
    fn settle_exit(&self, kinds: &[Kind], pulled: &mut Pulled) {
        let down = pulled.kinds.values().filter(|entry| entry.error.is_some()).count();
        if down > 0 && down == kinds.len() && kinds.len() > 1 && pulled.exit == Some(Exit::Partial) {
            pulled.ends_with(Exit::Failed);
        }
    }
}

/// Keeps what a stage found wrong with kinds as a whole; of kinds that it worked on and found nothing wrong with, nothing stays.
pub(crate) fn keep_kind_failures(
    tx: &Tx<'_>,
    stage: &'static str,
    kinds: impl IntoIterator<Item = Kind>,
    failures: &[Reported],
    now: Timestamp,
) -> anyhow::Result<()> {
    for kind in kinds {
        let of_kind = failures.iter().filter(|failure| failure.subject == Subject::Kind(kind));
        let details: Vec<FailureDetail> = of_kind.map(Reported::detail).chain(not_taken(kind, failures)).collect();
        tx.set_kind_failures(kind, stage, &details, now)?;
    }
    Ok(())
}

/// The records of a kind that a read could not take in, as one trouble of the kind: what is known of them may be old, and some of
/// them have no entity that could show it.
fn not_taken(kind: Kind, failures: &[Reported]) -> Option<FailureDetail> {
    let is_one = |failure: &&Reported| {
        let is_of_kind = match &failure.subject {
            Subject::Record(of) => *of == kind,
            Subject::Entity(key) => key.kind == kind,
            Subject::Kind(_) => false,
        };
        is_of_kind
            && matches!(
                failure.cause,
                FailureCause::RecordUndeliverable
                    | FailureCause::RecordUnreadable
                    | FailureCause::KeyMissing
                    | FailureCause::KeyTwice
            )
    };
    let first = failures.iter().find(is_one)?;
    let count = failures.iter().filter(is_one).count() as u64;
    let why = first.error.text(crate::message::Lang::En);
    let example = match &first.subject {
        Subject::Entity(key) => format!("{key}: {why}"),
        _ => why,
    };
    let detail = FailureDetail::new(first.cause, HapiText::RecordsNotTaken { kind, count, example });
    Some(match &first.hint {
        Some(hint) => detail.hint(hint.clone()),
        None => detail,
    })
}

/// Derives names, references and `only` anew where the configuration changed since they were derived.
pub fn apply_shapes(store: &mut Store, shapes: &Shapes, kinds: impl IntoIterator<Item = Kind>) -> anyhow::Result<()> {
    for kind in kinds {
        let shape = shapes.get(kind);
        let fingerprint = shape.fingerprint();
        if store.kind_state(kind)?.shape.as_deref() != Some(&fingerprint) {
            store.write(|tx| tx.derive_again(kind, &fingerprint, |json| shape.derive(json)))?;
        }
    }
    Ok(())
}

/// The kinds with the most entities first, so that the longest read does not begin last.
fn longest_first(store: &Store, kinds: &[Kind]) -> anyhow::Result<Vec<Kind>> {
    let mut sized = kinds.iter().map(|&kind| Ok((store.count(kind)?, kind))).collect::<anyhow::Result<Vec<_>>>()?;
    sized.sort_by_key(|&(count, kind)| (std::cmp::Reverse(count), std::cmp::Reverse(kind.usual_number()), kind));
    Ok(sized.into_iter().map(|(_, kind)| kind).collect())
}

/// Why a record cannot be taken in.
fn fault(kind: Kind, row: &Row) -> Option<FailureDetail> {
    let (cause, error, hint) = match &row.key {
        Err(BadRecord::NotAnObject) => {
            (FailureCause::RecordUnreadable, HapiText::NotAnObject { kind }, HapiText::MendInHopem {})
        }
        Err(BadRecord::NoKey { property }) => {
            let error = HapiText::NoKey { kind, property: property.clone() };
            (FailureCause::KeyMissing, error, HapiText::CheckKey { kind })
        }
        Ok(_) if row.is_garbled => {
            (FailureCause::RecordUnreadable, HapiText::NotText { kind }, HapiText::MendInHopem {})
        }
        Ok(_) if row.is_repeated => (FailureCause::KeyTwice, HapiText::KeyTwice {}, HapiText::CheckKey { kind }),
        Ok(_) => return None,
    };
    Some(FailureDetail::new(cause, error).hint(hint))
}
