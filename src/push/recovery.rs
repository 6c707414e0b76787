//! Recovery from lost answers: the board is asked what became of the call, and only what is certainly absent is sent again.

use super::Parts;
use super::answers::blame;
use super::bulk::job;
use super::creating::{Found, find_after_loss};
use super::isolation::Blame;
use super::lanes::{InFlight, ParkedFor};
use super::planner::KEYS_PER_LOOKUP;
use crate::boards::items::{ReadResult, Reader};
use crate::entity::{EntityKey, Kind};
use crate::failure::{FailureCause, FailureDetail, Reported, Stage};
use crate::message::MondayText;
use crate::monday::{Item, document};
use crate::plan::keys::key_of;
use crate::store::{Action, Batch, CallRecovery, Entity, Intent};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

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

/// Searches lag behind writes: the board is asked once more, later; after a cut-off, when monday may be at work still, so
/// often that nothing more came twice in a row.
///
/// # Errors
/// Where the store cannot be written.
pub(crate) fn look_up_again(
    parts: &mut Parts<'_, '_>,
    lane: usize,
    batch: i64,
    recovery: CallRecovery,
) -> anyhow::Result<()> {
    let settle = parts.setup.config.monday.settle;
    let pause = if recovery.is_cut_off { settle } else { settle / 2 };
    let next_lookup_at = parts.setup.clock().now().checked_add(pause).unwrap_or(Timestamp::MAX);
    parts
        .store
        .write(|tx| tx.set_recovery(batch, CallRecovery { next_lookup_at: Some(next_lookup_at), ..recovery }))?;
    let until = parts.instant() + pause;
    parts.lanes[lane].park(until, batch, ParkedFor::Answer);
    Ok(())
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

/// Parks a lane until the board may be asked what became of a call. Where the process ended before it gave the answer up,
/// that was at the latest when the answer could not come any more.
///
/// # Errors
/// Where the store cannot be written.
pub(crate) fn park(parts: &mut Parts<'_, '_>, lane: usize, batch: &Batch) -> anyhow::Result<()> {
    let setup = parts.setup;
    let (now, network, settle) = (setup.clock().now(), &setup.config.network, setup.config.monday.settle);
    let given_up = batch.sent_at.checked_add(network.timeout).unwrap_or(Timestamp::MAX).min(now);
    let settled = given_up.checked_add(settle).unwrap_or(Timestamp::MAX);
    // A time further ahead than any look-up is scheduled comes from a clock that was wrong.
    let furthest = now.checked_add(settle.max(network.max_wait)).unwrap_or(Timestamp::MAX);
    let next_lookup_at = batch.recovery.next_lookup_at.filter(|at| *at <= furthest).unwrap_or(settled);
    let pause = Duration::try_from(next_lookup_at.duration_since(now)).unwrap_or_default();
    let until = parts.instant() + pause;
    match parts.store.import_of(batch.id)? {
        None => parts.lanes[lane].park(until, batch.id, ParkedFor::Answer),
        // Before there was a job no file was sent: there is nothing to wait for.
        Some(import) => {
            let until = if import.job.is_some() { until } else { parts.instant() };
            parts.lanes[lane].park(until, batch.id, ParkedFor::Import);
        }
    }
    if batch.recovery.next_lookup_at.is_none() {
        let recovery = CallRecovery { next_lookup_at: Some(next_lookup_at), ..batch.recovery };
        parts.store.write(|tx| tx.set_recovery(batch.id, recovery))?;
    }
    Ok(())
}

/// Ends a call of which no more will be learnt. What it changed in items that were there is still due, but what they show
/// now is not known: an entity may since have gone back to what was confirmed before, or have come back after its item was
/// archived. So these columns count as not sent, and the items that were to go are asked for.
///
/// # Errors
/// Where the store cannot be read or written, or nothing can be sent at all.
pub(crate) fn end_recovery(
    parts: &mut Parts<'_, '_>,
    lane: usize,
    batch: &Batch,
    absent: &BTreeSet<String>,
    blamed: Blame,
) -> anyhow::Result<()> {
    let is_removal = |intent: &&Intent| matches!(intent.action, Action::Archive | Action::Delete);
    let removals: Vec<&Intent> = batch.intents.iter().filter(is_removal).collect();
    let Some(gone) = gone_from(parts, &batch.board, &removals)? else { return Ok(()) };
    let is_left = |intent: &&Intent| intent.action != Action::Create || absent.contains(&intent.alias);
    let left: Vec<&Intent> = batch.intents.iter().filter(is_left).collect();
    let why = parts.lanes[lane].health.why();
    let recorder = &mut parts.recorder;
    let tx = parts.store.transaction()?;
    blame(recorder, &tx, &left, (blamed, batch.recovery.sendings), &why)?;
    for intent in &batch.intents {
        match intent.action {
            Action::Create => {}
            Action::Update | Action::ClearKey => recorder.forget_sent(&tx, intent)?,
            Action::Archive | Action::Delete if !gone.contains(&intent.alias) => {}
            Action::Archive | Action::Delete => recorder.confirm(&tx, intent, &batch.board, "")?,
        }
    }
    tx.end_batch(batch.id)?;
    tx.commit()?;
    parts.spread_effects();
    unpark(parts, lane)
}

/// The aliases of those whose items are no longer on the board; `None` when that cannot be asked.
fn gone_from(parts: &mut Parts<'_, '_>, board: &str, intents: &[&Intent]) -> anyhow::Result<Option<BTreeSet<String>>> {
    let mut gone = BTreeSet::new();
    for chunk in intents.chunks(document::ITEMS_BY_ID) {
        let ids: Vec<&str> = chunk.iter().filter_map(|intent| intent.item_id.as_deref()).collect();
        let why = match Reader::new(&mut parts.session, parts.store).ask_states(&ids)? {
            ReadResult::Ended => return Ok(None),
            ReadResult::Whole(states) => {
                let is_there = |intent: &Intent| {
                    let mut here = states.iter().filter(|state| state.is_on(board));
                    here.any(|state| Some(state.id.as_str()) == intent.item_id.as_deref())
                };
                gone.extend(chunk.iter().filter(|intent| !is_there(intent)).map(|intent| intent.alias.clone()));
                continue;
            }
            ReadResult::NotWhole(why) | ReadResult::Refused(why) => why,
        };
        cannot_look_up(parts, board, &why)?;
        return Ok(None);
    }
    Ok(Some(gone))
}

/// Lets a lane go on, with the next call that it may have left open.
///
/// # Errors
/// Where the store cannot be read or written.
pub(crate) fn unpark(parts: &mut Parts<'_, '_>, lane: usize) -> anyhow::Result<()> {
    let board = parts.lanes[lane].board().to_owned();
    let next = parts.store.open_batches()?.into_iter().find(|open| open.board == board);
    match next {
        Some(next) => park(parts, lane, &next)?,
        None => parts.lanes[lane].free(),
    }
    parts.lanes[lane].reopen();
    Ok(())
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

/// monday refuses the question itself: the board, or its key column, may be gone. Other boards go on. The batch is kept,
/// unless no kind is pushed to the board any more: then nothing can become a duplicate there.
///
/// # Errors
/// Where the store cannot be read or written.
pub(crate) fn cannot_look_up(parts: &mut Parts<'_, '_>, board: &str, why: &MondayText) -> anyhow::Result<()> {
    let kinds = parts.setup.kinds_pushed_to(board);
    let failure = |&kind: &Kind| {
        let detail = FailureDetail::new(FailureCause::BoardUnreadable, why.clone());
        Reported::of_kind(kind, Stage::Push, detail.hint(MondayText::CheckBoard { kind }))
    };
    parts.close_board(board, kinds.iter().map(failure).collect());
    if kinds.is_empty() {
        for open in parts.store.open_batches()?.into_iter().filter(|open| open.board == board) {
            parts.store.write(|tx| tx.end_batch(open.id))?;
        }
    }
    Ok(())
}
