//! Lanes that wait until their board may be asked what became of a call.

use super::Parts;
use super::lanes::ParkedFor;
use crate::entity::Kind;
use crate::failure::{FailureCause, FailureDetail, Reported, Stage};
use crate::message::MondayText;
use crate::store::{Batch, CallRecovery};
use jiff::Timestamp;
use std::time::Duration;

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
