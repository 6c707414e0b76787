//! Reading only what webhooks named: which kinds that will do for, which entities that is, and when an event is processed.
//!
//! An event is a hint. What it names is read again, so that order, repeats, lies and unknown entities do no harm. And it may
//! never have come: so a kind is read by events only while nothing can have been missed, and nothing is known to be unread.

use crate::age::age;
use crate::entity::{Kind, WEBHOOK_SUBJECT};
use crate::failure::{FailureCause, Stage};
use crate::pull::by_key::{is_cheaper_whole, read_entities};
use crate::pull::pending::{PendingEvents, is_found_by_key};
use crate::pull::questions::KeyLookup;
use crate::pull::result::PullResult;
use crate::pull::subscribed::{fingerprint, has_missed_nothing, notified};
use crate::pull::{Pull, guard, whole};
use crate::store::{Event, Store, WholeRead};
use jiff::SignedDuration;
use std::collections::BTreeSet;

/// So many requests for single entities are always made rather than reading a whole set.
const ALWAYS_BY_KEY: u64 = 20;
/// How long events are kept after they were processed.
const KEEP_DAYS: i64 = 30;
/// How many of them are kept at most.
const KEEP_MOST: u64 = 100_000;

/// Scope of a pull: what it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
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

/// Division of the kinds of a run by how they are read.
#[derive(Debug, Default, PartialEq, Eq)]
struct Division {
    whole: Vec<Kind>,
    by_events: Vec<Kind>,
}

/// Reads what `scope` says, and processes the events that are answered by it.
///
/// # Errors
/// Where the store cannot be read or written.
pub(super) fn read(
    pull: &Pull<'_>,
    store: &mut Store,
    kinds: &[Kind],
    scope: Scope,
    run: Option<i64>,
) -> anyhow::Result<PullResult> {
    // Both before the first request: an event that comes later may be of a change that this read misses.
    let pending = PendingEvents::of(store, pull.config, kinds)?;
    let mut notes = Vec::new();
    let notified = match scope {
        Scope::Named => None,
        Scope::Due { receiver_is_alive } | Scope::Whole { receiver_is_alive } => {
            Some(notified(pull, store, receiver_is_alive, &mut notes)?)
        }
    };
    let notified = notified.as_ref();
    let division = divide(pull, store, kinds, scope, &pending, notified)?;
    pull.derivation.apply(store, division.by_events.iter().copied())?;
    let mut result = read_whole(pull, store, &division.whole, notified)?;
    result.notes.extend(notes.into_iter().map(Into::into));
    for &kind in &division.by_events {
        if result.error.is_none() && pull.client.stop_reason().is_none() {
            read_named(pull, store, kind, &pending, notified, &mut result)?;
        }
    }
    release_allowed(pull, store, &result)?;
    process(pull, store, &pending, &mut result, run)?;
    Ok(result)
}

fn divide(
    pull: &Pull<'_>,
    store: &Store,
    kinds: &[Kind],
    scope: Scope,
    pending: &PendingEvents,
    notified: Option<&BTreeSet<Kind>>,
) -> anyhow::Result<Division> {
    match scope {
        Scope::Whole { .. } => Ok(Division { whole: kinds.to_vec(), by_events: Vec::new() }),
        Scope::Named => Ok(divide_named(kinds, pending, |kind| is_found_by_key(pull.config, kind))),
        Scope::Due { .. } => {
            let mut division = Division::default();
            for &kind in kinds {
                let by_events = pending.names_all(kind)
                    && notified.is_some_and(|kinds| kinds.contains(&kind))
                    && has_missed_nothing(pull, store, kind)?
                    && !leaves_unread(store, kind)?;
                if by_events { &mut division.by_events } else { &mut division.whole }.push(kind);
            }
            Ok(division)
        }
    }
}

/// Whether something is wrong with a kind for which what is known of it may be old, even if no event comes.
fn leaves_unread(store: &Store, kind: Kind) -> anyhow::Result<bool> {
    let failures = store.kind_failures(kind)?;
    Ok(failures.iter().any(|failure| failure.stage == Stage::Pull && failure.detail.cause.leaves_unread()))
}

/// Only what events name; whole are read the (small) kinds whose entities cannot be asked for by what events hold.
fn divide_named(kinds: &[Kind], pending: &PendingEvents, is_found_by_key: impl Fn(Kind) -> bool) -> Division {
    let whole = kinds.iter().filter(|kind| !is_found_by_key(**kind) && pending.by_kind.contains_key(kind));
    Division { whole: whole.copied().collect(), by_events: pending.by_entity.keys().copied().collect() }
}

/// Reads kinds whole, and notes since when events will do for them. `notified`: the kinds that HApi notifies; where it was
/// not asked, its last answer still counts.
fn read_whole(
    pull: &Pull<'_>,
    store: &mut Store,
    kinds: &[Kind],
    notified: Option<&BTreeSet<Kind>>,
) -> anyhow::Result<PullResult> {
    let began = pull.now();
    let result = whole::read(pull, store, kinds)?;
    for (&kind, _) in result.kinds.iter().filter(|(_, part)| part.is_complete && part.unavailable.is_none()) {
        let read_as = fingerprint(pull, kind);
        let was_notified = match notified {
            Some(kinds) => kinds.contains(&kind),
            None => store.whole_read(kind, &read_as)?.is_some_and(|before| before.was_notified),
        };
        let read = WholeRead { began, read_as, was_notified };
        store.write(|tx| tx.set_whole_read(kind, &read))?;
    }
    Ok(result)
}

/// Reads the entities of a kind that events name.
fn read_named(
    pull: &Pull<'_>,
    store: &mut Store,
    kind: Kind,
    pending: &PendingEvents,
    notified: Option<&BTreeSet<Kind>>,
    result: &mut PullResult,
) -> anyhow::Result<()> {
    result.of(kind).is_by_events = true;
    let Some(named) = pending.by_entity.get(&kind) else {
        return store.write(|tx| tx.set_pulled(kind, pull.now()));
    };
    let properties = &pull.config.kind(kind).key;
    let mut wanted = Vec::with_capacity(named.len());
    for key in named.keys() {
        wanted.push(match store.find(kind, key)? {
            Some(stored) => KeyLookup::known(stored, properties),
            None => KeyLookup::named(key, WEBHOOK_SUBJECT),
        });
    }
    if is_cheaper_whole(pull.config, store, kind, wanted.len(), ALWAYS_BY_KEY)? {
        result.take(read_whole(pull, store, &[kind], notified)?);
        return Ok(());
    }
    read_entities(pull, store, kind, &wanted, result)?;
    let part = result.of(kind);
    if part.error.is_some() || part.unavailable.is_some() {
        return Ok(());
    }
    let is_all = part.unread.is_empty() && has_missed_nothing(pull, store, kind)?;
    store.write(|tx| {
        for cause in [FailureCause::Unreachable, FailureCause::NotBefore].into_iter().filter(|_| is_all) {
            tx.set_kind_failures_because(kind, Stage::Pull, cause, &[], pull.now())?;
        }
        tx.set_pulled(kind, pull.now())
    })
}

/// Lets the items of the kinds go for which the guard is lifted, as far as the kinds were read: what was out of `only`
/// before goes as what is gone from HApi does.
fn release_allowed(pull: &Pull<'_>, store: &mut Store, result: &PullResult) -> anyhow::Result<()> {
    for (&kind, _) in result.kinds.iter().filter(|(kind, part)| part.is_complete && pull.allowed.holds(**kind)) {
        store.write(|tx| guard::release(tx, pull.config, kind, pull.allowed, pull.now(), |_| true))?;
    }
    Ok(())
}

/// Notes the events that this run has answered. Those of a kind that could not be read, or whose deletes were held back, and those
/// of a record that could not be delivered, stay for the next one.
fn process(
    pull: &Pull<'_>,
    store: &mut Store,
    pending: &PendingEvents,
    result: &mut PullResult,
    run: Option<i64>,
) -> anyhow::Result<()> {
    let (mut done, mut complete) = (pending.unmapped.clone(), Vec::new());
    for (&kind, part) in result.kinds.iter_mut().filter(|(_, part)| part.is_complete) {
        let answered = pending.answered(kind, part);
        complete.push(kind);
        part.events = answered.len() as u64;
        done.extend(answered);
    }
    for event in &pending.unreadable {
        if is_past(pull, store, event)? {
            done.push(event.id);
        }
    }
    result.events = done.len() as u64;
    if done.is_empty() {
        return Ok(());
    }
    let now = pull.now();
    store.write(|tx| {
        for (kind, key) in pending.named().filter(|(kind, _)| complete.contains(kind)) {
            tx.note_notified(kind, key)?;
        }
        tx.process_events(&done, run, now)?;
        tx.forget_events(now - SignedDuration::from_hours(24 * KEEP_DAYS), KEEP_MOST)
    })
}

/// Whether every kind was read whole since an event came that could concern any of them.
fn is_past(pull: &Pull<'_>, store: &Store, event: &Event) -> anyhow::Result<bool> {
    for kind in Kind::all().filter(|&kind| pull.config.kind(kind).enabled) {
        let read = store.whole_read(kind, &fingerprint(pull, kind))?;
        let is_unavailable = store.kind_state(kind)?.unavailable.is_some();
        let is_after = |read: WholeRead| read.began >= event.received_at && age(read.began, pull.now()).is_some();
        if !is_unavailable && !read.is_some_and(is_after) {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pull::result::KindPull;

    #[test]
    fn a_run_by_events_reads_what_they_name_and_whole_what_they_cannot_name() {
        let mut pending = PendingEvents::default();
        pending.by_entity.entry(Kind::UNIT).or_default().insert("7".to_owned(), vec![1, 2]);
        pending.by_kind.insert(Kind::COMPANY, vec![3]);
        pending.by_kind.insert(Kind::UNIT, vec![4]);
        let kinds = [Kind::COMPANY, Kind::UNIT, Kind::TENANT];
        let division = divide_named(&kinds, &pending, |kind| kind != Kind::COMPANY);
        assert_eq!(division, Division { whole: vec![Kind::COMPANY], by_events: vec![Kind::UNIT] });
        let mut part = KindPull { is_by_events: true, ..KindPull::default() };
        assert_eq!(pending.answered(Kind::UNIT, &part), [1, 2], "a whole read answers what names no entity");
        part.is_by_events = false;
        assert_eq!(pending.answered(Kind::UNIT, &part), [1, 2, 4]);
        let why = crate::message::HapiText::CannotAskFor {};
        part.unread.add(&crate::hapi::Undeliverable { key: Some("7".to_owned()), between: (None, None), why });
        assert_eq!(pending.answered(Kind::UNIT, &part), [4], "nobody has read 7");
        assert!(pending.names_all(Kind::TENANT) && !pending.names_all(Kind::UNIT));
    }
}
