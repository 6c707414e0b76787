//! Single entities from HApi now: many keys in one request, and whole kinds where that costs less.

use crate::config::Config;
use crate::entity::Kind;
use crate::hapi::{ReadError, Traffic};
use crate::progress::{Task, Watched};
use crate::pull::findings::Findings;
use crate::pull::guard::Guard;
use crate::pull::questions::{KEYS_PER_REQUEST, KeyLookup, KeyQuestions, MOST_COMPARED, NoVerdict, Verdict};
use crate::pull::result::PullResult;
use crate::pull::{Pull, unread, whole};
use crate::store::{Entity, Store};
use std::collections::BTreeMap;

/// Reads kinds whole, and of others just these entities. One that is gone is deleted, within the guard.
///
/// # Errors
/// Where the store cannot be read or written.
pub(super) fn read(
    pull: &Pull<'_>,
    store: &mut Store,
    kinds: &[Kind],
    entities: &[Entity],
) -> anyhow::Result<PullResult> {
    let mut whole = kinds.to_vec();
    let mut single: BTreeMap<Kind, Vec<KeyLookup>> = BTreeMap::new();
    for entity in entities.iter().filter(|entity| !kinds.contains(&entity.row.kind)) {
        let wanted = KeyLookup::known(entity.clone(), &pull.config.kind(entity.row.kind).key);
        single.entry(entity.row.kind).or_default().push(wanted);
    }
    for (kind, wanted) in &single {
        if is_cheaper_whole(pull.config, store, *kind, wanted.len(), 0)? {
            whole.push(*kind);
        }
    }
    single.retain(|kind, _| !whole.contains(kind));
    let mut result = whole::read(pull, store, &whole)?;
    for (kind, wanted) in single {
        if result.error.is_none() {
            read_entities(pull, store, kind, &wanted, &mut result)?;
        }
    }
    Ok(result)
}

/// Reads entities of a kind by their keys. One that is gone, or out of `filter`, is deleted, within the guard.
///
/// # Errors
/// Where the store cannot be read or written.
pub(super) fn read_entities(
    pull: &Pull<'_>,
    store: &mut Store,
    kind: Kind,
    wanted: &[KeyLookup],
    result: &mut PullResult,
) -> anyhow::Result<()> {
    let (set, mut traffic) = (pull.set(kind), Traffic::default());
    let watched = Watched::begin(pull.progress, Task::Pull, kind, wanted.len() as u64);
    let others = store.some_sound(kind, MOST_COMPARED + 1)?;
    let others: Vec<KeyLookup> = others.into_iter().map(|other| KeyLookup::known(other, set.key)).collect();
    // Nothing but what was asked for may come: the set as a whole was not read.
    let mut questions =
        KeyQuestions { client: pull.client, set: &set, present: None, others: &others, traffic: &mut traffic };
    let verdicts = questions.ask_all(wanted);
    drop(watched);
    result.of(kind).traffic = traffic;
    match verdicts {
        // What cannot be asked for by its key may still come with all others.
        Ok(verdicts) if verdicts.contains(&Verdict::Unaskable) => {
            result.take(whole::read(pull, store, &[kind])?);
            Ok(())
        }
        Ok(verdicts) => {
            let guard = Guard::of(store, pull.config, kind, pull.allowed, pull.now())?;
            let read = Findings::of(wanted.iter().zip(&verdicts)).apply(pull, store, kind, &guard)?;
            if read.found.total() > 0 {
                store.write(|tx| tx.set_available(kind))?;
            }
            result.take_by_key(kind, read);
            Ok(())
        }
        // A server that does not take such conditions may still be read whole.
        Err(NoVerdict::Ignored | NoVerdict::NothingToCompare | NoVerdict::Error(ReadError::Refused { .. })) => {
            result.take(whole::read(pull, store, &[kind])?);
            Ok(())
        }
        Err(NoVerdict::Error(error)) => unread::note(pull, store, kind, error, result),
    }
}

/// Whether asking for so many entities by their keys takes more requests than reading the whole set. So many requests for single
/// entities are always made: others than those need not be read.
///
/// # Errors
/// Where the store cannot be read.
pub(super) fn is_cheaper_whole(
    config: &Config,
    store: &Store,
    kind: Kind,
    wanted: usize,
    always_by_key: u64,
) -> anyhow::Result<bool> {
    let per_request = if config.kind(kind).key.len() == 1 { KEYS_PER_REQUEST } else { 1 };
    let requests = wanted.div_ceil(per_request) as u64;
    Ok(requests > always_by_key && requests > requests_for_whole(config, store, kind)?)
}

/// How many requests a whole set takes, by what is known of its size: its pages, and the empty one that ends it.
fn requests_for_whole(config: &Config, store: &Store, kind: Kind) -> anyhow::Result<u64> {
    Ok(store.count(kind)? / u64::from(config.hapi.page_size.first()) + 2)
}
