//! Recovery from lost answers: the board is asked what became of the call, and only what is certainly absent is sent again.

use super::adoption::first_of;
use super::board_work::BoardWork;
use super::bulk::job;
use super::creating::{Found, find_after_loss};
use super::isolation::{Blame, Circumstances};
use super::lanes::InFlight;
use super::parking::{look_up_again, unpark};
use super::parts::Parts;
use super::planner::KEYS_PER_LOOKUP;
use super::record::{Recorder, confirm_found};
use super::unresolved::end_recovery;
use crate::boards::Setup;
use crate::boards::items::key_borne;
use crate::entity::EntityKey;
use crate::monday::Item;
use crate::retry::Attempts;
use crate::store::{Action, Batch, Entity, Intent, Store};
use std::collections::{BTreeMap, BTreeSet};

/// Asks what became of a parked call. Returns it if it is to be sent again exactly as it was.
///
/// # Errors
/// Where the store cannot be read or written, or nothing can be sent at all.
pub(super) fn recover(parts: &mut Parts<'_, '_>, lane: usize, batch: i64) -> anyhow::Result<Option<InFlight>> {
    let (mut work, bulk) = parts.import_at(lane);
    let all = work.store.open_batches()?;
    let Some(batch) = all.into_iter().find(|open| open.id == batch) else {
        unpark(work.setup(), work.store, work.lane)?;
        return Ok(None);
    };
    if let Some(import) = work.store.import_of(batch.id)? {
        job::advance(&mut work, bulk, &batch, &import)?;
        return Ok(None);
    }
    if !may_be_sent_again(&mut work, &batch)? {
        return Ok(None);
    }
    resend(parts, batch)
}

/// Looks for what a call was to make, and ends the call where nothing more will be learnt. Returns whether it is to be sent again
/// exactly as it was.
fn may_be_sent_again(work: &mut BoardWork<'_, '_>, batch: &Batch) -> anyhow::Result<bool> {
    let setup = work.setup();
    let creates = findable(setup, work.store, batch)?;
    let Some(absent) = look_up(work, batch, &creates)? else {
        // The side ended; the next run asks again.
        return Ok(false);
    };
    let has_found = absent.len() < creates.values().map(Vec::len).sum();
    let is_of_earlier_run = work.lane.health.is_unknown();
    if has_found {
        work.lane.health.worked();
    }
    let recovery = batch.recovery.looked_up(has_found);
    if !absent.is_empty() && !recovery.is_over() {
        look_up_again(setup, work.store, work.lane, batch.id, recovery)?;
        return Ok(false);
    }
    let is_untouched = !absent.is_empty() && absent.len() == batch.intents.len() && !batch.is_partial;
    let isolation = work.recorder.isolation();
    let may_resend = !setup.client.http().retry().creating().is_exhausted(batch.recovery.sendings)
        && !batch.intents.iter().any(|intent| isolation.holds(intent.entity));
    if is_untouched && may_resend {
        return Ok(true);
    }
    // A call that was cut off and did a part of its changes was too slow; no entity is to blame.
    let is_slow = recovery.is_cut_off && (batch.is_partial || has_found);
    let blame = if is_slow || batch.recovery.next_lookup_at.is_none() { Blame::Nobody } else { Blame::Shared };
    let circumstances = match () {
        () if has_found || batch.is_partial => Circumstances::OthersDone,
        () if is_of_earlier_run => Circumstances::InEarlierRun,
        () => Circumstances::NothingDone,
    };
    end_recovery(work.session, work.store, work.recorder, work.lane, batch, &absent, (blame, circumstances))?;
    Ok(false)
}

/// Nothing of a call is on its board: it is sent again as it was. Under a new key, where monday would only repeat an answer
/// that it kept.
fn resend(parts: &mut Parts<'_, '_>, batch: Batch) -> anyhow::Result<Option<InFlight>> {
    if !parts.writer.may_send(&mut parts.session, parts.store)? {
        return Ok(None);
    }
    let now = parts.setup.now();
    let idempotency_key = match batch.recovery.is_replayed {
        true => parts.setup.client.http().random().idempotency_key(),
        false => batch.idempotency_key.clone(),
    };
    let recovery = batch.recovery.sent_again();
    parts.store.write(|tx| tx.resend_batch(batch.id, &idempotency_key, recovery, now))?;
    let batch = Batch { sent_at: now, idempotency_key, recovery, ..batch };
    Ok(Some(InFlight { entities: entities_of(parts.store, &batch)?, batch, attempts: Attempts::default() }))
}

/// The entity of each change of a call; none, where one of them is gone.
fn entities_of(store: &Store, batch: &Batch) -> anyhow::Result<Vec<EntityKey>> {
    let mut entities = Vec::new();
    for intent in &batch.intents {
        entities.extend(store.get(intent.entity)?.map(|stored| stored.row.entity_key()));
    }
    Ok(if entities.len() == batch.intents.len() { entities } else { Vec::new() })
}

/// New items of a call by the column that holds their keys.
type Findable<'b> = BTreeMap<String, Vec<(&'b Intent, Entity)>>;

/// The new items of a call that can be found again. Those of a kind that has no key column any more are nobody's: it is pushed to no
/// board.
fn findable<'b>(setup: Setup<'_>, store: &Store, batch: &'b Batch) -> anyhow::Result<Findable<'b>> {
    let mut findable = Findable::new();
    for intent in batch.intents.iter().filter(|intent| intent.action == Action::Create) {
        if let Some(stored) = store.get(intent.entity)?
            && let Some(column) = &setup.kind(stored.row.kind).key_column
        {
            findable.entry(column.clone()).or_default().push((intent, stored));
        }
    }
    Ok(findable)
}

/// Looks the keys of new items up on their board and records those found. Returns the aliases of the absent ones, or `None`
/// when that is not known yet, or the side ended.
fn look_up(
    work: &mut BoardWork<'_, '_>,
    batch: &Batch,
    creates: &Findable<'_>,
) -> anyhow::Result<Option<BTreeSet<String>>> {
    let mut absent = BTreeSet::new();
    for (column, wanted) in creates {
        for chunk in wanted.chunks(KEYS_PER_LOOKUP) {
            let keys: Vec<String> = chunk.iter().map(|(_, stored)| stored.row.entity_key().to_string()).collect();
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            let found = match find_after_loss(work, column, &keys)? {
                Found::Items(found) => found,
                Found::NotYet => return Ok(None),
            };
            absent.append(&mut record_found(work.store, work.recorder, batch, chunk, column, &found)?);
        }
    }
    Ok(Some(absent))
}

/// Records the items that were found of new entities. Returns the aliases of the others.
fn record_found(
    store: &mut Store,
    recorder: &mut Recorder<'_>,
    batch: &Batch,
    wanted: &[(&Intent, Entity)],
    column: &str,
    found: &[Item],
) -> anyhow::Result<BTreeSet<String>> {
    let mut absent = BTreeSet::new();
    let tx = store.transaction()?;
    for (intent, stored) in wanted {
        let key = stored.row.entity_key();
        let bears_it = |item: &&Item| key_borne(item, column).as_ref() == Some(&key);
        let items: Vec<&Item> = found.iter().filter(bears_it).collect();
        match first_of(recorder, &key, &items) {
            Some(item) => {
                confirm_found(recorder, &tx, batch, intent, &item.id)?;
            }
            None => {
                absent.insert(intent.alias.clone());
            }
        }
    }
    if absent.len() < wanted.len() {
        recorder.board_works(&tx, &batch.board)?;
    }
    tx.commit()?;
    Ok(absent)
}
