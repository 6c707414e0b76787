//! Lanes that wait: for a limit, or until their board may be asked what became of a call.

use super::health::Health;
use super::lanes::{Lane, ParkedFor};
use crate::boards::Setup;
use crate::retry::{Decision, RetryCause};
use crate::store::{Batch, CallRecovery, Store};
use jiff::Timestamp;
use std::time::Duration;

/// What follows for a board from a limit or a lock.
pub(super) fn put_off(setup: Setup<'_>, health: &mut Health, cause: RetryCause) -> Decision {
    let http = setup.client.http();
    health.put_off(cause, &http.retry(), http.random().fraction())
}

/// Lets a lane go on after so long.
pub(super) fn wait(setup: Setup<'_>, lane: &mut Lane<'_>, pause: Duration) {
    lane.wait(setup.after(pause));
}

/// Parks a lane until the board may be asked what became of a call. Where the process ended before it gave the answer up,
/// that was at the latest when the answer could not come any more.
///
/// # Errors
/// Where the store cannot be written.
pub(super) fn park(setup: Setup<'_>, store: &mut Store, lane: &mut Lane<'_>, batch: &Batch) -> anyhow::Result<()> {
    let (now, network, settle) = (setup.now(), &setup.config.network, setup.config.monday.settle);
    let given_up = batch.sent_at.checked_add(network.timeout).unwrap_or(Timestamp::MAX).min(now);
    let usual = given_up.checked_add(settle).unwrap_or(Timestamp::MAX);
    // A time further ahead than any look-up is scheduled comes from a clock that was wrong.
    let furthest = now.checked_add(settle.max(network.max_wait)).unwrap_or(Timestamp::MAX);
    let next_lookup_at = batch.recovery.next_lookup_at.filter(|at| *at <= furthest).unwrap_or(usual);
    let pause = Duration::try_from(next_lookup_at.duration_since(now)).unwrap_or_default();
    let instant = setup.clock().instant();
    match store.import_of(batch.id)? {
        None => lane.park(instant + pause, batch.id, ParkedFor::Answer),
        // Before there was a job no file was sent: there is nothing to wait for.
        Some(import) => {
            let until = if import.job.is_some() { instant + pause } else { instant };
            lane.park(until, batch.id, ParkedFor::Import);
        }
    }
    if batch.recovery.next_lookup_at.is_none() {
        let recovery = CallRecovery { next_lookup_at: Some(next_lookup_at), ..batch.recovery };
        store.write(|tx| tx.set_recovery(batch.id, recovery))?;
    }
    Ok(())
}

/// Lets a lane go on, with the next call that it may have left open.
///
/// # Errors
/// Where the store cannot be read or written.
pub(super) fn unpark(setup: Setup<'_>, store: &mut Store, lane: &mut Lane<'_>) -> anyhow::Result<()> {
    let next = store.open_batches()?.into_iter().find(|open| open.board == lane.board());
    match next {
        Some(next) => park(setup, store, lane, &next)?,
        None => lane.free(),
    }
    lane.reopen();
    Ok(())
}

/// Searches lag behind writes: the board is asked once more, later; after a cut-off, when monday may be at work still, so
/// often that nothing more came twice in a row.
///
/// # Errors
/// Where the store cannot be written.
pub(super) fn look_up_again(
    setup: Setup<'_>,
    store: &mut Store,
    lane: &mut Lane<'_>,
    batch: i64,
    recovery: CallRecovery,
) -> anyhow::Result<()> {
    let settle = setup.config.monday.settle;
    let pause = if recovery.is_cut_off { settle } else { settle / 2 };
    let next_lookup_at = setup.now().checked_add(pause).unwrap_or(Timestamp::MAX);
    let recovery = CallRecovery { next_lookup_at: Some(next_lookup_at), ..recovery };
    store.write(|tx| tx.set_recovery(batch, recovery))?;
    lane.park(setup.after(pause), batch, ParkedFor::Answer);
    Ok(())
}
