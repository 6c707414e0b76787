//! Loop of a push: lets each lane take its next step, and takes in what arrives. One call is under way on each lane, lanes side by side,
//! all on one thread. No transaction is open while it waits.

use super::Parts;
use super::answers::{CallEnd, record_call, results_of};
use super::bulk::{job, plan_import};
use super::creating::{check_account, check_before_creating};
use super::lanes::{InFlight, LaneStep};
use super::planned::Planned;
use super::planner::Context;
use super::readiness::make_ready;
use super::recovery::recover;
use super::writer::{BatchArrival, ImportTaken};
use crate::entity::Kind;
use crate::message::Message;
use crate::monday::{ItemResult, Outcome, Room};
use crate::progress::Task;
use crate::store::{Batch, CallRecovery, Side};
use std::time::{Duration, Instant};

/// A failure after so long is no quick one: monday may be at work still.
const LONGEST_CALL: Duration = Duration::from_secs(20);
/// A wait that a round of its own would not be worth.
const SHORT_WAIT: Duration = Duration::from_secs(1);

/// Works until nothing is left, or something ends it.
///
/// # Errors
/// Where the store cannot be read or written, or nothing can be sent at all.
pub(crate) fn work(parts: &mut Parts<'_, '_>) -> anyhow::Result<()> {
    loop {
        parts.session.heed_stop();
        let has_moved = send_what_is_ready(parts)?;
        if parts.lanes.has_call_in_flight() {
            let wake = parts.lanes.next_wake().filter(|_| !parts.session.has_ended());
            if let Some(arrival) = parts.writer.next(wake) {
                take(parts, arrival)?;
            }
        } else if parts.session.has_ended() {
            return Ok(());
        } else if !has_moved {
            match parts.lanes.next_wake() {
                Some(wake) if !is_left_to_later(parts, wake) => rest(parts, wake),
                _ => return Ok(()),
            }
        }
    }
}

/// Whether the round ends here: nothing but waits is left, and others may have something to do meanwhile.
fn is_left_to_later(parts: &Parts<'_, '_>, wake: Instant) -> bool {
    parts.push.ends_at_waits && parts.setup.clock().until(wake) > SHORT_WAIT
}

/// Sleeps until the next lane wakes, saying what for.
fn rest(parts: &Parts<'_, '_>, wake: Instant) {
    let left = parts.setup.clock().until(wake);
    let why: Message = parts.lanes.waits_for().into();
    parts.setup.progress.waiting(Some((&why, left)));
    // A reason to stop is seen at the top of the loop.
    let _ = parts.setup.stop.sleep(left);
    parts.setup.progress.waiting(None);
}

/// Lets every lane take its next step. Returns whether any did something.
fn send_what_is_ready(parts: &mut Parts<'_, '_>) -> anyhow::Result<bool> {
    let mut has_moved = false;
    for index in 0..parts.lanes.len() {
        if parts.session.has_ended() {
            break;
        }
        let (exhausted, now) = (parts.lanes[index].exhausted(), parts.instant());
        let step = parts.lanes[index].next_step(now);
        has_moved |= !matches!(step, LaneStep::Plan | LaneStep::Wait);
        let call = match step {
            LaneStep::Plan => plan_call(parts, index)?,
            LaneStep::Repeat(call) => repeat(parts, call)?,
            LaneStep::Recover(batch) => recover(parts, index, batch)?,
            LaneStep::Resume | LaneStep::Wait => None,
        };
        has_moved |= call.is_some() || parts.lanes[index].exhausted() != exhausted;
        if let Some(call) = call {
            send(parts, index, call)?;
        }
    }
    Ok(has_moved)
}

/// Sends a call; its answer arrives later.
fn send(parts: &mut Parts<'_, '_>, lane: usize, call: InFlight) -> anyhow::Result<()> {
    parts.writer.count_sent(&mut parts.session);
    parts.writer.send(lane, &call.batch, &call.entities)?;
    parts.lanes[lane].dispatch(call);
    Ok(())
}

/// Sends a call again that found no connection, with the same body and key.
fn repeat(parts: &mut Parts<'_, '_>, call: InFlight) -> anyhow::Result<Option<InFlight>> {
    if !parts.writer.may_send(&mut parts.session, parts.store)? {
        return Ok(None);
    }
    let (batch, now) = (&call.batch, parts.setup.clock().now());
    parts.store.write(|tx| tx.resend_batch(batch.id, &batch.idempotency_key, batch.recovery, now))?;
    Ok(Some(call))
}

/// Plans the next call of a lane and makes it durable.
fn plan_call(parts: &mut Parts<'_, '_>, index: usize) -> anyhow::Result<Option<InFlight>> {
    make_ready(parts, index)?;
    loop {
        if parts.session.has_ended() || !parts.lanes[index].is_idle() {
            return Ok(None);
        }
        check_account(parts, index)?;
        if !has_room(parts, index) {
            return Ok(None);
        }
        match plan_once(parts, index)? {
            Planned::Call(call) => return Ok(Some(call)),
            Planned::Import(import) => match parts.writer.import(index, import)? {
                ImportTaken::ToStart(import) => job::begin(parts, index, import)?,
                ImportTaken::UnderWay(call) => parts.lanes[index].dispatch(call),
            },
            Planned::LookUp(wanted) => {
                // Also where the look-up has to wait, those that it is for are planned again.
                parts.lanes[index].rewind();
                check_before_creating(parts, index, wanted)?;
            }
            Planned::Again => {}
            Planned::Nothing => return Ok(None),
        }
    }
}

/// Whether monday's limits have room for a call of a lane that has something to send; else the lane waits for it.
fn has_room(parts: &mut Parts<'_, '_>, index: usize) -> bool {
    match parts.writer.room(parts.lanes[index].size_mut().full()) {
        Room::For(changes) => parts.lanes[index].size_mut().limit(changes),
        Room::At(_) if plannable(parts, index).is_empty() => {}
        Room::At(until) => {
            parts.lanes[index].wait(until, None, None);
            return false;
        }
    }
    true
}

/// Plans a call and keeps it, and what was found out besides, in one transaction.
fn plan_once(parts: &mut Parts<'_, '_>, index: usize) -> anyhow::Result<Planned> {
    let kinds = plannable(parts, index);
    if let Some(planned) = plan_import(parts, index, &kinds)? {
        return Ok(planned);
    }
    let board = parts.lanes[index].board().to_owned();
    let Some(columns) = parts.catalog.columns(&board) else { return Ok(Planned::Nothing) };
    let tx = parts.store.transaction()?;
    let context = Context { store: &tx, catalog: &parts.catalog, board: &board, columns };
    let isolation = parts.recorder.isolation();
    let mut batch = parts.planner.build(&context, &mut parts.lanes[index], &kinds, isolation)?;
    let findings = std::mem::take(&mut batch.findings);
    let has_findings = !findings.is_empty();
    parts.recorder.keep_findings(&tx, findings)?;
    if batch.is_empty() || !parts.writer.may_send(&mut parts.session, &tx)? {
        tx.commit()?;
        parts.spread_effects();
        if let Some(at) = batch.waits_until.filter(|_| !has_findings) {
            let clock = parts.setup.clock();
            let pause = Duration::try_from(at.duration_since(clock.now())).unwrap_or_default();
            parts.lanes[index].wait(clock.instant() + pause, None, None);
        }
        return Ok(match () {
            () if !batch.is_empty() => Planned::Nothing,
            () if !batch.to_look_up.is_empty() => Planned::LookUp(batch.to_look_up),
            () if has_findings => Planned::Again,
            () => Planned::Nothing,
        });
    }
    let setup = parts.setup;
    let body = batch.document(&board, setup.config.monday.create_labels).body();
    let (now, idempotency_key) = (setup.clock().now(), setup.client.http().random().idempotency_key());
    let (intents, entities) = batch.into_changes();
    let id = tx.add_batch(&board, &idempotency_key, &body, &intents, now)?;
    tx.commit()?;
    parts.spread_effects();
    let recovery = CallRecovery::default();
    let batch = Batch { id, board, idempotency_key, body, sent_at: now, is_partial: false, recovery, intents };
    Ok(Planned::Call(InFlight { batch, repetitions: 0, entities }))
}

/// The kinds of a lane of which something may be left, and whose parents have been sent as far as they can be.
fn plannable(parts: &Parts<'_, '_>, index: usize) -> Vec<Kind> {
    let lane = &parts.lanes[index];
    let is_open = |kind: &Kind| {
        !lane.is_exhausted(*kind) && parts.lanes.are_through_with(parts.setup.kind(*kind).relations.keys().copied())
    };
    lane.kinds().iter().copied().filter(is_open).collect()
}

/// Takes in an answer.
fn take(parts: &mut Parts<'_, '_>, arrival: BatchArrival) -> anyhow::Result<()> {
    let BatchArrival { lane, took, sent } = arrival;
    let Some(call) = parts.lanes[lane].take_in_flight() else { return Ok(()) };
    let intents = &call.batch.intents;
    if results_of(intents, &sent.outcome).iter().any(|result| matches!(result, ItemResult::Done(_))) {
        parts.lanes[lane].size_mut().answered(intents.len(), took);
        parts.lanes.note_work(lane);
    }
    if matches!(sent.outcome, Outcome::NotSent { .. }) {
        let at = call.batch.sent_at;
        parts.store.write(|tx| tx.uncount_call(Side::Monday, at))?;
        parts.writer.count_unsent(&mut parts.session);
    }
    for entity in &call.entities {
        parts.setup.progress.advance(Task::Push, entity.kind, 1);
    }
    let is_cut_off = sent.outcome.is_cut_off() || took >= LONGEST_CALL.min(parts.setup.config.network.timeout);
    record_call(parts, lane, call, CallEnd { outcome: sent.outcome, is_cut_off, is_replayed: sent.is_replayed })
}
