//! Pages of whole sets into the store as they come: few transactions, and only the rows that differ.

use crate::entity::{BadRecord, EntityKey, Kind};
use crate::failure::{FailureCause, FailureDetail, Subject};
use crate::hapi::{Page, ReadError, Readings, Row, SetEvent, SetRead, Traffic};
use crate::message::HapiText;
use crate::progress::{Task, Watched};
use crate::pull::result::PullResult;
use crate::pull::upsert::upsert_and_mark;
use crate::pull::{Pull, unread};
use crate::store::{Store, Tx, Upserted};
use jiff::Timestamp;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashSet};

/// Most pages written in one transaction.
const PAGES_TOGETHER: u32 = 16;

/// Sets that were read.
#[derive(Default)]
pub(super) struct ReadSets {
    /// Those read to their end.
    pub(super) complete: BTreeMap<Kind, Complete>,
    /// Those refused at their first page, with the status.
    pub(super) refused: Vec<(Kind, u16)>,
}

/// Set that was read to its end.
pub(super) struct Complete {
    /// The entities that it showed.
    pub(super) present: HashSet<i64>,
    /// What came besides the pages.
    pub(super) read: SetRead,
}

/// State of the reading of one kind.
struct Reading<'i> {
    watched: Watched<'i>,
    /// The entities met so far.
    present: HashSet<i64>,
    /// Whether the kind was never read before.
    is_first: bool,
}

/// Intake of the pages of several sets.
pub(super) struct Intake<'i> {
    pull: &'i Pull<'i>,
    result: &'i mut PullResult,
    /// Whether anything was pushed before, so that a change may concern others.
    marks_dependants: bool,
    readings: BTreeMap<Kind, Reading<'i>>,
    sets: ReadSets,
}

impl<'i> Intake<'i> {
    /// Nothing came yet.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(super) fn new(pull: &'i Pull<'i>, store: &Store, result: &'i mut PullResult) -> anyhow::Result<Intake<'i>> {
        let marks_dependants = store.has_pushed_entities()?;
        Ok(Intake { pull, result, marks_dependants, readings: BTreeMap::new(), sets: ReadSets::default() })
    }

    /// Stores all that comes.
    ///
    /// # Errors
    /// Where the store cannot be read or written.
    pub(super) fn take_all(mut self, store: &mut Store, arriving: &mut Readings<'_>) -> anyhow::Result<ReadSets> {
        let mut next = None;
        while let Some(event) = next.take().or_else(|| arriving.next()) {
            match event {
                SetEvent::Page(kind, page) => {
                    let tx = store.transaction()?;
                    self.take_page(&tx, kind, &page)?;
                    next = self.take_ready_pages(&tx, arriving)?;
                    tx.commit()?;
                }
                SetEvent::End(kind, traffic, outcome) => self.take_end(store, kind, traffic, outcome)?,
            }
        }
        Ok(self.sets)
    }

    /// Pages that are there already share a transaction, and so the pages of the file that they both change; what was written is
    /// kept before anything is waited for. Returns what comes next, if it is there.
    fn take_ready_pages(&mut self, tx: &Tx<'_>, arriving: &mut Readings<'_>) -> anyhow::Result<Option<SetEvent>> {
        for _ in 0..PAGES_TOGETHER {
            match arriving.ready() {
                Some(SetEvent::Page(kind, page)) => self.take_page(tx, kind, &page)?,
                other => return Ok(other),
            }
        }
        Ok(None)
    }

    fn take_page(&mut self, tx: &Tx<'_>, kind: Kind, page: &Page) -> anyhow::Result<()> {
        let now = self.pull.now();
        if let Entry::Vacant(place) = self.readings.entry(kind) {
            let watched = Watched::begin(self.pull.progress, Task::Pull, kind, tx.count(kind)?);
            place.insert(Reading { watched, present: HashSet::new(), is_first: tx.is_empty(kind)? });
        }
        for row in &page.rows {
            self.result.of(kind).fetched += 1;
            match sound_key(kind, row) {
                Ok(key) => self.take_record(tx, kind, key, page.json(row), now)?,
                Err(detail) => self.take_fault(tx, kind, row, *detail)?,
            }
        }
        if let Some(reading) = self.readings.get(&kind) {
            reading.watched.advance(page.rows.len() as u64);
        }
        Ok(())
    }

    fn take_record(&mut self, tx: &Tx<'_>, kind: Kind, key: &str, json: &str, now: Timestamp) -> anyhow::Result<()> {
        let Some(reading) = self.readings.get_mut(&kind) else { return Ok(()) };
        let derivation = self.pull.derivation;
        let rules = derivation.get(kind);
        let upserted = match (self.marks_dependants, reading.is_first) {
            (true, _) => upsert_and_mark(tx, derivation, (kind, key), json, now)?,
            // Each key comes once, and there was none before: nothing to look up.
            (false, true) => Upserted::New(tx.add(kind, key, json, now, &rules.derive(json))?),
            (false, false) => tx.upsert(kind, key, json, now, |json| rules.derive(json))?,
        };
        reading.present.insert(upserted.id());
        self.result.of(kind).count(&upserted);
        Ok(())
    }

    /// A record that cannot be taken in leaves its entity as it is.
    fn take_fault(&mut self, tx: &Tx<'_>, kind: Kind, row: &Row, detail: FailureDetail) -> anyhow::Result<()> {
        let Ok(key) = &row.key else {
            self.result.fail(Subject::Record(kind), detail);
            return Ok(());
        };
        self.result.fail(Subject::Entity(EntityKey::new(kind, key.clone())), detail);
        if let (Some(stored), Some(reading)) = (tx.find(kind, key)?, self.readings.get_mut(&kind)) {
            reading.present.insert(stored.row.id);
        }
        Ok(())
    }

    /// Notes how the reading of a kind ended.
    fn take_end(
        &mut self,
        store: &mut Store,
        kind: Kind,
        traffic: Traffic,
        outcome: Result<SetRead, ReadError>,
    ) -> anyhow::Result<()> {
        let (present, _watched) = self.readings.remove(&kind).map(|reading| (reading.present, reading.watched)).unzip();
        // Of a set that ended before its first page nothing was met.
        let present = present.unwrap_or_default();
        let part = self.result.of(kind);
        part.traffic = traffic;
        // When HApi as a whole failed, the read says nothing about this kind.
        part.is_whole = !outcome.as_ref().is_err_and(ReadError::concerns_all);
        match outcome {
            Ok(mut read) => {
                self.result.notes.extend(std::mem::take(&mut read.notes).into_iter().map(|note| note.0.into()));
                self.sets.complete.insert(kind, Complete { present, read });
            }
            Err(ReadError::Unavailable { status }) => self.sets.refused.push((kind, status)),
            Err(error) => unread::note(self.pull, store, kind, error, self.result)?,
        }
        Ok(())
    }
}

/// The key of a record that can be taken in, or why it cannot.
fn sound_key(kind: Kind, row: &Row) -> Result<&str, Box<FailureDetail>> {
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
        Ok(key) => return Ok(key),
    };
    Err(Box::new(FailureDetail::new(cause, error).hint(hint)))
}
