//! Loop of a push: lets each lane take its next step, and processes what arrives. One call is under way on each lane, lanes side by side,
//! all on one thread. No transaction is open while it waits.

use super::answers::{CallEnd, record_call, results_of};
use super::bulk::{job, plan_import};
use super::creating::{check_account, check_before_creating};
use super::lanes::{InFlight, LaneStep, Lanes};
use super::missing_parents::look_up_parents;
use super::parts::Parts;
use super::planned_call::PlannedCall;
use super::planner::Context;
use super::readiness::make_ready;
use super::recovery::recover;
use super::stored_backlog::StoredBacklog;
use super::writer::{BatchArrival, ImportTaken, Writer};
use crate::boards::Setup;
use crate::boards::session::Session;
use crate::entity::Kind;
use crate::message::Message;
use crate::monday::{ItemResult, Outcome, Room};
use crate::progress::Task;
use crate::retry::Attempts;
use crate::store::{Batch, CallRecovery, Side, Store};
use std::time::{Duration, Instant};

/// A failure after so long is no quick one: monday may be at work still.
const LONGEST_CALL: Duration = Duration::from_secs(20);
/// A wait that a round of its own would not be worth.
const SHORT_WAIT: Duration = Duration::from_secs(1);

/// Works until nothing is left, or something ends it.
///
/// # Errors
/// Where the store cannot be read or written, or nothing can be sent at all.
pub(super) fn work(parts: &mut Parts<'_, '_>) -> anyhow::Result<()> {
    loop {
        parts.session.check_stop();
        let has_moved = send_what_is_ready(parts)?;
        if parts.lanes.has_call_in_flight() {
            let wake = parts.lanes.next_wake().filter(|_| !parts.session.has_ended());
            if let Some(arrival) = parts.writer.next(wake) {
                process(parts, arrival)?;
            }
        } else if parts.session.has_ended() {
            return Ok(());
        } else if !has_moved {
            match parts.lanes.next_wake() {
                // Others may have something to do while nothing but waits is left.
                Some(wake) if !parts.ends_at_waits || parts.setup.clock().until(wake) <= SHORT_WAIT => {
                    rest(parts.setup, &parts.lanes, wake)
                }
                _ => return Ok(()),
            }
        }
    }
}

/// Sleeps until the next lane wakes, saying what for.
fn rest(setup: Setup<'_>, lanes: &Lanes<'_>, wake: Instant) {
    let left = setup.clock().until(wake);
    let why: Message = lanes.waits_for().into();
    setup.progress.waiting(Some((&why, left)));
    // A reason to stop is seen at the top of the loop.
    let _ = setup.stop.sleep(left);
    setup.progress.waiting(None);
}

/// Lets every lane take its next step. Returns whether any did something.
fn send_what_is_ready(parts: &mut Parts<'_, '_>) -> anyhow::Result<bool> {
    let mut has_moved = false;
    for index in 0..parts.lanes.len() {
        if parts.session.has_ended() {
            break;
        }
        let exhausted = parts.lanes[index].planning().exhausted();
        let step = parts.lanes[index].next_step(parts.setup.clock().instant());
        has_moved |= !matches!(step, LaneStep::Plan | LaneStep::Wait);
        let call = match step {
            LaneStep::Plan => plan_call(parts, index)?,
            LaneStep::Repeat(call) => repeat(parts.setup, parts.writer, &mut parts.session, parts.store, *call)?,
            LaneStep::Recover(batch) => recover(parts, index, batch)?,
            LaneStep::Resume | LaneStep::Wait => None,
        };
        parts.spread_effects();
        has_moved |= call.is_some() || parts.lanes[index].planning().exhausted() != exhausted;
        if let Some(call) = call {
            // Its answer arrives later.
            parts.writer.count_sent(&mut parts.session);
            parts.writer.send(index, &call.batch, &call.entities)?;
            parts.lanes[index].dispatch(call);
        }
    }
    Ok(has_moved)
}

/// Sends a call again that found no connection, with the same body and key.
fn repeat(
    setup: Setup<'_>,
    writer: &dyn Writer,
    session: &mut Session<'_>,
    store: &mut Store,
    call: InFlight,
) -> anyhow::Result<Option<InFlight>> {
    if !writer.may_send(session, store)? {
        return Ok(None);
    }
    let (batch, now) = (&call.batch, setup.now());
    store.write(|tx| tx.resend_batch(batch.id, &batch.idempotency_key, batch.recovery, now))?;
    Ok(Some(call))
}

/// Plans the next call of a lane and makes it durable.
fn plan_call(parts: &mut Parts<'_, '_>, index: usize) -> anyhow::Result<Option<InFlight>> {
    make_ready(parts, index)?;
    loop {
        if parts.session.has_ended() || !parts.lanes[index].is_idle() {
            return Ok(None);
        }
        check_account(parts.store, &parts.catalog, &mut parts.lanes[index])?;
        if !has_room(parts, index) {
            return Ok(None);
        }
        let planned = plan_once(parts, index)?;
        parts.spread_effects();
        match planned {
            PlannedCall::Call(call) => return Ok(Some(call)),
            PlannedCall::Import(import) => match parts.writer.import(index, import)? {
                ImportTaken::ToStart(import) => {
                    let Parts { session, store, lanes, bulk, .. } = parts;
                    job::begin(session, store, &mut lanes[index], bulk, import)?;
                }
                ImportTaken::UnderWay(call) => parts.lanes[index].dispatch(call),
            },
            PlannedCall::LookUp(wanted) => {
                // Also where the look-up has to wait, those that it is for are planned again.
                parts.lanes[index].rewind();
                let selection = parts.planner.selection();
                check_before_creating(&mut parts.at(index), selection, wanted)?;
                parts.spread_effects();
            }
            PlannedCall::Again => {}
            PlannedCall::Nothing => return Ok(None),
        }
    }
}

/// Whether monday's limits have room for a call of a lane that has something to send; else the lane waits for it.
fn has_room(parts: &mut Parts<'_, '_>, index: usize) -> bool {
    match parts.writer.room(parts.lanes[index].health.size().full()) {
        Room::For(changes) => parts.lanes[index].health.limit(changes),
        Room::At(_) if plannable(parts.setup, &parts.lanes, index).is_empty() => {}
        Room::At(until) => {
            parts.lanes[index].wait(until);
            return false;
        }
    }
    true
}

/// Plans a call and keeps it, and what was found out besides, in one transaction.
fn plan_once(parts: &mut Parts<'_, '_>, index: usize) -> anyhow::Result<PlannedCall> {
    let kinds = plannable(parts.setup, &parts.lanes, index);
    if let Some(planned) = plan_import(parts, index, &kinds)? {
        return Ok(planned);
    }
    let board = parts.lanes[index].board().to_owned();
    let Some(columns) = parts.catalog.columns(&board) else { return Ok(PlannedCall::Nothing) };
    let (setup, now) = (parts.setup, parts.setup.now());
    let tx = parts.store.transaction()?;
    let backlog = StoredBacklog::new(&tx, setup, now);
    let context = Context { backlog: &backlog, board: &board, columns, closed: parts.catalog.closed(), now };
    let isolation = parts.recorder.isolation();
    let mut batch = parts.planner.build(&context, &mut parts.lanes[index], &kinds, isolation)?;
    let findings = std::mem::take(&mut batch.findings);
    let has_findings = !findings.is_empty();
    parts.recorder.keep_findings(&tx, findings)?;
    if batch.is_empty() || !parts.writer.may_send(&mut parts.session, &tx)? {
        tx.commit()?;
        if let Some(at) = batch.waits_until.filter(|_| !has_findings) {
            let pause = Duration::try_from(at.duration_since(now)).unwrap_or_default();
            parts.lanes[index].wait(setup.after(pause));
        }
        return Ok(match () {
            () if !batch.is_empty() => PlannedCall::Nothing,
            () if !batch.to_look_up.is_empty() => PlannedCall::LookUp(batch.to_look_up),
            () if has_findings => PlannedCall::Again,
            () => PlannedCall::Nothing,
        });
    }
    let body = batch.document(&board, setup.config.monday.create_labels).body();
    let idempotency_key = setup.client.http().random().idempotency_key();
    let (intents, entities) = batch.into_changes();
    let id = tx.add_batch(&board, &idempotency_key, &body, &intents, now)?;
    tx.commit()?;
    let recovery = CallRecovery::default();
    let batch = Batch { id, board, idempotency_key, body, sent_at: now, is_partial: false, recovery, intents };
    Ok(PlannedCall::Call(InFlight { batch, attempts: Attempts::default(), entities }))
}

/// The kinds of a lane of which something may be left, and whose parents have been sent as far as they can be.
fn plannable(setup: Setup<'_>, lanes: &Lanes<'_>, index: usize) -> Vec<Kind> {
    let planning = lanes[index].planning();
    let is_open = |kind: &Kind| {
        !planning.is_exhausted(*kind) && lanes.are_through_with(setup.kind(*kind).relations.keys().copied())
    };
    lanes[index].kinds().into_iter().filter(is_open).collect()
}

/// Processes an answer.
fn process(parts: &mut Parts<'_, '_>, arrival: BatchArrival) -> anyhow::Result<()> {
    let BatchArrival { lane, took, sent } = arrival;
    let Some(call) = parts.lanes[lane].take_in_flight() else { return Ok(()) };
    let intents = &call.batch.intents;
    if results_of(intents, &sent.outcome).iter().any(|result| matches!(result, ItemResult::Done(_))) {
        parts.lanes[lane].health.answered(intents.len(), took);
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
    let elsewhere = parts.lanes.besides(lane);
    let end = CallEnd { outcome: sent.outcome, is_cut_off, is_replayed: sent.is_replayed, elsewhere };
    record_call(&mut parts.at(lane), call, &end)?;
    parts.spread_effects();
    if parts.session.has_ended() {
        return Ok(());
    }
    let Parts { missing_parents, session, store, recorder, lanes, .. } = parts;
    let missing = look_up_parents(missing_parents, session, store, recorder)?;
    lanes.reopen(|kind| missing.contains(&kind));
    parts.spread_effects();
    Ok(())
}
