//! Whole entity sets, several side by side, and what their reading means for the entities that it did not show.

use crate::entity::{EntityKey, Kind};
use crate::failure::{Exit, Failure, FailureCause, Reported, Subject};
use crate::hapi::{EntitySet, Landmarks, MOST_NEIGHBOURS, PageSize, Readings, Undeliverable};
use crate::message::HapiText;
use crate::pull::findings::undeliverable;
use crate::pull::intake::{Complete, Intake, ReadSets};
use crate::pull::result::PullResult;
use crate::pull::{Pull, absent, properties, refused, unread};
use crate::store::{Side, Store};
use std::collections::{BTreeMap, HashSet};

/// Reads kinds whole.
///
/// # Errors
/// Where the store cannot be read or written. What is wrong with HApi is part of the result.
pub(super) fn read(pull: &Pull<'_>, store: &mut Store, kinds: &[Kind]) -> anyhow::Result<PullResult> {
    let mut result = PullResult::default();
    if let Some(wait) = store.wait(Side::Hapi, pull.now())? {
        let failure = Failure::new(Exit::Failed, wait.why).help(HapiText::WaitForHapi {});
        result.ends_early(failure.into(), Exit::Failed);
        return Ok(result);
    }
    pull.derivation.apply(store, kinds.iter().copied())?;
    let queue = longest_first(store, kinds)?;
    let ReadSets { complete, refused } = read_sets(pull, store, &queue, &mut result)?;
    refused::conclude(pull, store, &refused, &queue, &mut result)?;
    for (kind, present) in check_all(pull, store, complete, &mut result)? {
        confirm_absent(pull, store, kind, &present, &mut result)?;
    }
    result.fail_where_all_are_down(kinds);
    Ok(result)
}

/// Asks for what a complete read did not show, and deletes what is gone. Where HApi is to be left alone the kind stays as it is, and
/// its reading counts for nothing.
fn confirm_absent(
    pull: &Pull<'_>,
    store: &mut Store,
    kind: Kind,
    present: &HashSet<i64>,
    result: &mut PullResult,
) -> anyhow::Result<()> {
    let absent = store.absent(kind, present)?;
    if result.error.is_some() && !absent.is_empty() {
        result.of(kind).is_whole = false;
        return Ok(());
    }
    let mut traffic = result.of(kind).traffic;
    let confirmed = absent::confirm(pull, store, &pull.set(kind), present, absent, &mut traffic)?;
    result.of(kind).traffic = traffic;
    match confirmed {
        Ok(confirmed) => {
            result.take_by_key(kind, confirmed);
            store.write(|tx| tx.set_pulled(kind, pull.now()))
        }
        Err(error) => {
            result.of(kind).is_whole = false;
            unread::note(pull, store, kind, error, result)
        }
    }
}

fn read_sets(pull: &Pull<'_>, store: &mut Store, queue: &[Kind], result: &mut PullResult) -> anyhow::Result<ReadSets> {
    let (mut sets, mut landmarks) = (Vec::with_capacity(queue.len()), BTreeMap::new());
    for &kind in queue {
        let (set, known) = (pull.set(kind), store.count(kind)?);
        let page_size = match (set.page_size, store.page_size(kind)?) {
            (PageSize::Auto, Some(records)) => PageSize::AutoFrom(records),
            (setting, _) => setting,
        };
        let set = EntitySet { page_size, ..set };
        if set.is_worth_ranges(known) {
            landmarks.insert(kind, Landmarks::of(store.numeric_keys(kind)?));
        }
        sets.push(EntitySet { may_be_empty: known == 0, ..set });
    }
    let intake = Intake::new(pull, store, result)?;
    intake.take_all(store, &mut Readings::begin_with(pull.client, sets, pull.config.hapi.parallel, landmarks))
}

/// The kinds with the most entities first, so that the longest read does not begin last.
fn longest_first(store: &Store, kinds: &[Kind]) -> anyhow::Result<Vec<Kind>> {
    let mut sized = kinds.iter().map(|&kind| Ok((store.count(kind)?, kind))).collect::<anyhow::Result<Vec<_>>>()?;
    sized.sort_by_key(|&(count, kind)| (std::cmp::Reverse(count), std::cmp::Reverse(kind.usual_number()), kind));
    Ok(sized.into_iter().map(|(_, kind)| kind).collect())
}

/// Looks through what came with the pages: records that were stepped over, properties that are not there. Returns the entities
/// that were read, of the kinds in which absence may mean something.
fn check_all(
    pull: &Pull<'_>,
    store: &mut Store,
    complete: BTreeMap<Kind, Complete>,
    result: &mut PullResult,
) -> anyhow::Result<BTreeMap<Kind, HashSet<i64>>> {
    let mut present = BTreeMap::new();
    for (kind, mut of_kind) in complete {
        let undeliverable = std::mem::take(&mut of_kind.read.undeliverable);
        let unread = note_undeliverable(pull, store, kind, undeliverable, &of_kind.present, result)?;
        of_kind.present.extend(unread);
        note_page_size(pull, store, kind, of_kind.read.page_size)?;
        if let Err(error) = properties::check(pull, store, kind, &of_kind.read, result)? {
            result.of(kind).is_whole = false;
            unread::note(pull, store, kind, error, result)?;
        } else if lacks_its_key(pull, store, kind)? {
            // One failure of the kind replaces the same failure of each record.
            let is_same = |failure: &Reported| {
                failure.subject == Subject::Record(kind) && failure.cause == FailureCause::KeyMissing
            };
            result.failures.retain(|failure| !is_same(failure));
        } else {
            present.insert(kind, of_kind.present);
        }
    }
    Ok(present)
}

/// Keeps the page size that a read had come to, if it was not set, for the next one.
fn note_page_size(pull: &Pull<'_>, store: &mut Store, kind: Kind, records: u32) -> anyhow::Result<()> {
    let setting = pull.config.hapi.page_size;
    let known = store.page_size(kind)?.unwrap_or(setting.first());
    match setting {
        PageSize::Auto if records != known => store.write(|tx| tx.set_page_size(kind, records)),
        _ => Ok(()),
    }
}

/// Whether HApi does not have a property that the kind's key is made of: then no record can be distinguished from another.
fn lacks_its_key(pull: &Pull<'_>, store: &Store, kind: Kind) -> anyhow::Result<bool> {
    let found = store.properties(kind)?;
    Ok(pull.config.kind(kind).key.iter().any(|property| found.get(property) == Some(&false)))
}

/// Reports records that HApi cannot deliver; of those that it can again that is over. Returns the entities that they may be: they are
/// not absent. `present`: those that came.
fn note_undeliverable(
    pull: &Pull<'_>,
    store: &mut Store,
    kind: Kind,
    records: Vec<Undeliverable>,
    present: &HashSet<i64>,
    result: &mut PullResult,
) -> anyhow::Result<Vec<i64>> {
    let mended: Vec<i64> = store.unread(kind)?.into_iter().filter(|id| present.contains(id)).collect();
    let tx = store.transaction()?;
    mended.into_iter().try_for_each(|id| tx.clear_unread(id))?;
    let mut maybe = Vec::new();
    for record in records {
        let detail = undeliverable(&record.why);
        result.of(kind).unread.add(&record);
        let subject = match record.key {
            Some(key) => {
                if let Some(stored) = tx.find(kind, &key)? {
                    tx.note_unread(stored.row.id, &detail, pull.now())?;
                    maybe.push(stored.row.id);
                }
                Subject::Entity(EntityKey::new(kind, key))
            }
            None => {
                let between = tx.ids_between(kind, record.between.0, record.between.1)?;
                // Among many, nobody knows which.
                for &id in between.iter().filter(|_| between.len() as u64 <= MOST_NEIGHBOURS) {
                    tx.note_unread(id, &detail, pull.now())?;
                }
                maybe.extend(between);
                Subject::Record(kind)
            }
        };
        result.fail(subject, detail);
    }
    tx.commit()?;
    Ok(maybe)
}
