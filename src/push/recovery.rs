//! Recovery from lost answers: the board is asked what became of the call, and only what is certainly absent is sent again.

use super::Parts;
use super::bulk::job;
use super::creating::{Found, find_after_loss};
use super::isolation::Blame;
use super::lanes::InFlight;
use super::parking::{look_up_again, unpark};
use super::planner::KEYS_PER_LOOKUP;
use super::unresolved::end_recovery;
use crate::entity::EntityKey;
use crate::monday::Item;
use crate::plan::keys::key_of;
use crate::store::{Action, Batch, Entity, Intent};
use std::collections::{BTreeMap, BTreeSet};

/// How often a call of which nothing was done is sent again as it was.
const MOST_RESENDS: u32 = 1;

/// Asks what became of a parked call. Returns it if it is to be sent again exactly as it was.
///
/// # Errors
/// Where the store cannot be read or written, or nothing can be sent at all.
pub(crate) fn recover(parts: &mut Parts<'_, '_>, lane: usize, batch: i64) -> anyhow::Result<Option<InFlight>> {
    let all = parts.store.open_batches()?;
    let Some(batch) = all.into_iter().find(|open| open.id == batch) else {
        unpark(parts, lane)?;
        return Ok(None);
    };
    if let Some(import) = parts.store.import_of(batch.id)? {
        job::advance(parts, lane, &batch, &import)?;
        return Ok(None);
    }
    let creates: Vec<&Intent> = batch.intents.iter().filter(|intent| intent.action == Action::Create).collect();
    let Some(absent) = look_up(parts, lane, &batch, &creates)? else {
        // The side ended; the next run asks again.
        return Ok(None);
    };
    let has_found = absent.len() < creates.len();
    if has_found {
        parts.lanes.note_work(lane);
    }
    let recovery = batch.recovery.looked_up(has_found);
    if !absent.is_empty() && !recovery.is_over() {
        look_up_again(parts, lane, batch.id, recovery)?;
        return Ok(None);
    }
    let is_untouched = !absent.is_empty() && absent.len() == batch.intents.len() && !batch.is_partial;
    let isolation = parts.recorder.isolation();
    let may_resend = batch.recovery.sendings <= MOST_RESENDS.min(parts.setup.config.network.retries)
        && !batch.intents.iter().any(|intent| isolation.holds(intent.entity));
    if is_untouched && may_resend {
        return resend(parts, batch);
    }
    // A call that was cut off and did a part of its changes was too slow; no entity is to blame.
    let is_slow = recovery.is_cut_off && (batch.is_partial || has_found);
    let blame = if is_slow || batch.recovery.next_lookup_at.is_none() { Blame::Nobody } else { Blame::Shared };
    end_recovery(parts, lane, &batch, &absent, blame)?;
    Ok(None)
}

/// Nothing of a call is on its board: it is sent again as it was. Under a new key, where monday would only repeat an answer
/// that it kept.
fn resend(parts: &mut Parts<'_, '_>, batch: Batch) -> anyhow::Result<Option<InFlight>> {
    if !parts.writer.may_send(&mut parts.session, parts.store)? {
        return Ok(None);
    }
    let now = parts.setup.clock().now();
    let idempotency_key = match batch.recovery.is_replayed {
        true => parts.setup.client.http().random().idempotency_key(),
        false => batch.idempotency_key.clone(),
    };
    let recovery = batch.recovery.sent_again();
    parts.store.write(|tx| tx.resend_batch(batch.id, &idempotency_key, recovery, now))?;
    let batch = Batch { sent_at: now, idempotency_key, recovery, ..batch };
    Ok(Some(InFlight { entities: entities_of(parts, &batch)?, batch, repetitions: 0 }))
}

/// The entity of each change of a call; none, where one of them is gone.
fn entities_of(parts: &Parts<'_, '_>, batch: &Batch) -> anyhow::Result<Vec<EntityKey>> {
    let mut entities = Vec::new();
    for intent in &batch.intents {
        entities.extend(parts.store.get(intent.entity)?.map(|stored| stored.row.entity_key()));
    }
    Ok(if entities.len() == batch.intents.len() { entities } else { Vec::new() })
}

/// Looks the keys of new items up on their board and records those found. Returns the aliases of the absent ones, or `None`
/// when that is not known yet, or the side ended.
fn look_up(
    parts: &mut Parts<'_, '_>,
    lane: usize,
    batch: &Batch,
    creates: &[&Intent],
) -> anyhow::Result<Option<BTreeSet<String>>> {
    let mut absent = BTreeSet::new();
    let mut by_column: BTreeMap<String, Vec<(&Intent, Entity)>> = BTreeMap::new();
    for &intent in creates {
        if let Some(stored) = parts.store.get(intent.entity)? {
            let column = parts.setup.kind(stored.row.kind).key_column.clone().unwrap_or_default();
            by_column.entry(column).or_default().push((intent, stored));
        }
    }
    for (column, wanted) in by_column {
        for chunk in wanted.chunks(KEYS_PER_LOOKUP) {
            let keys: Vec<String> = chunk.iter().map(|(_, stored)| stored.row.entity_key().to_string()).collect();
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            let found = match find_after_loss(parts, lane, &column, &keys)? {
                Found::Items(found) => found,
                Found::NotYet => return Ok(None),
            };
            absent.append(&mut record_found(parts, batch, chunk, &column, &found)?);
        }
    }
    Ok(Some(absent))
}

/// Records the items that were found of new entities. Returns the aliases of the others.
fn record_found(
    parts: &mut Parts<'_, '_>,
    batch: &Batch,
    wanted: &[(&Intent, Entity)],
    column: &str,
    found: &[Item],
) -> anyhow::Result<BTreeSet<String>> {
    let mut absent = BTreeSet::new();
    let recorder = &mut parts.recorder;
    let tx = parts.store.transaction()?;
    for (intent, stored) in wanted {
        let key = stored.row.entity_key();
        let bears_it = |item: &&Item| item.columns.get(column).and_then(key_of).as_ref() == Some(&key);
        let items: Vec<&Item> = found.iter().filter(bears_it).collect();
        match super::adoption::first_of(recorder, &key, &items) {
            Some(item) => {
                recorder.confirm(&tx, intent, &batch.board, &item.id)?;
                tx.end_intent(batch.id, &intent.alias)?;
            }
            None => {
                absent.insert(intent.alias.clone());
            }
        }
    }
    tx.commit()?;
    parts.spread_effects();
    Ok(absent)
}
