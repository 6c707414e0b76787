//! Boards that are left alone for the rest of a run, for the sake of no single item, and what is said of them.

use super::effects::Effect;
use super::lanes::Lane;
use super::record::Recorder;
use crate::boards::drift::{not_whole, unreadable};
use crate::entity::Kind;
use crate::failure::{FailureCause, FailureDetail, Reported, Stage};
use crate::message::{MondayText, Why};
use crate::store::Store;

/// Leaves a board alone, and reports these failures.
fn leave(recorder: &mut Recorder<'_>, lane: &mut Lane<'_>, failures: Vec<Reported>) {
    recorder.report(failures);
    lane.close();
}

/// The kinds whose board it is, whether or not they are pushed in this run.
fn kinds_on(recorder: &Recorder<'_>, lane: &Lane<'_>) -> Vec<Kind> {
    recorder.setup().kinds_pushed_to(lane.board())
}

/// Sends nothing more to a board. That is reported of the kinds of which something waits.
///
/// # Errors
/// Where the store cannot be read.
pub(super) fn leave_board(
    store: &Store,
    recorder: &mut Recorder<'_>,
    lane: &mut Lane<'_>,
    detail: &FailureDetail,
) -> anyhow::Result<()> {
    let kinds = lane.kinds();
    let mut waiting = Vec::new();
    for &kind in &kinds {
        if store.count_due(kind)? > 0 {
            waiting.push(kind);
        }
    }
    let failing = if waiting.is_empty() { kinds } else { waiting };
    let failures = failing.into_iter().map(|kind| Reported::of_kind(kind, Stage::Push, detail.clone()));
    leave(recorder, lane, failures.collect());
    Ok(())
}

/// Somebody else writes to the board, an import for instance: it was waited for as long as a run may.
///
/// # Errors
/// Where the store cannot be read.
pub(super) fn leave_locked_board(
    store: &Store,
    recorder: &mut Recorder<'_>,
    lane: &mut Lane<'_>,
    why: &Why,
) -> anyhow::Result<()> {
    let error = MondayText::BoardLocked { board: lane.board().to_owned(), why: why.clone() };
    let detail = FailureDetail::new(FailureCause::BoardLocked, error);
    leave_board(store, recorder, lane, &detail.hint(MondayText::OthersGoOn {}))
}

/// monday fails at whatever is sent to a board: single items are not at fault.
///
/// # Errors
/// Where the store cannot be read.
pub(super) fn leave_failing_board(
    store: &Store,
    recorder: &mut Recorder<'_>,
    lane: &mut Lane<'_>,
) -> anyhow::Result<()> {
    let error = MondayText::BoardFails { board: lane.board().to_owned(), why: lane.health.why() };
    let detail = FailureDetail::new(FailureCause::ServerFault, error);
    leave_board(store, recorder, lane, &detail.hint(MondayText::MondayLater {}))
}

/// What failed alone, on a board on which nothing was done that would show that it works, is the board's matter.
///
/// # Errors
/// Where the store cannot be read.
pub(super) fn leave_if_suspected(
    store: &Store,
    recorder: &mut Recorder<'_>,
    lane: &mut Lane<'_>,
) -> anyhow::Result<()> {
    match !lane.is_closed() && recorder.isolation().has_suspects(&lane.kinds()) {
        true => leave_failing_board(store, recorder, lane),
        false => Ok(()),
    }
}

/// A board cannot be read whole: nothing is made or changed on it.
pub(super) fn leave_half_read_board(recorder: &mut Recorder<'_>, lane: &mut Lane<'_>, why: &MondayText) {
    let kinds = kinds_on(recorder, lane);
    recorder.note_effects(kinds.iter().map(|kind| Effect::KindUnknown(*kind)));
    leave(recorder, lane, not_whole(lane.board(), &kinds, why));
}

/// monday refuses to have a board read: nothing is made or changed on it.
pub(super) fn leave_unreadable_board(recorder: &mut Recorder<'_>, lane: &mut Lane<'_>, why: &MondayText) {
    let kinds = kinds_on(recorder, lane);
    recorder.note_effects(kinds.iter().map(|kind| Effect::KindUnknown(*kind)));
    leave(recorder, lane, unreadable(lane.board(), &kinds, why));
}

/// An import takes longer than a run waits: its board is left to the next one.
pub(super) fn leave_importing_board(recorder: &mut Recorder<'_>, lane: &mut Lane<'_>) {
    let error = MondayText::ImportTakesLong { board: lane.board().to_owned() };
    let detail = FailureDetail::new(FailureCause::BoardLocked, error).hint(MondayText::OthersGoOn {});
    let failure = |kind| Reported::of_kind(kind, Stage::Push, detail.clone());
    let failures = kinds_on(recorder, lane).into_iter().map(failure).collect();
    leave(recorder, lane, failures);
}

/// monday refuses the question what became of a call: the board, or its key column, may be gone. Other boards go on. The call is
/// kept, unless no kind is pushed to the board any more: then nothing can become a duplicate there.
///
/// # Errors
/// Where the store cannot be read or written.
pub(super) fn leave_doubtful_board(
    store: &mut Store,
    recorder: &mut Recorder<'_>,
    lane: &mut Lane<'_>,
    why: &MondayText,
) -> anyhow::Result<()> {
    let kinds = kinds_on(recorder, lane);
    let failure = |&kind: &Kind| {
        let detail = FailureDetail::new(FailureCause::BoardUnreadable, why.clone());
        Reported::of_kind(kind, Stage::Push, detail.hint(crate::boards::drift::remedy_of(why, kind)))
    };
    leave(recorder, lane, kinds.iter().map(failure).collect());
    if kinds.is_empty() {
        for open in store.open_batches()?.into_iter().filter(|open| open.board == lane.board()) {
            store.write(|tx| tx.end_batch(open.id))?;
        }
    }
    Ok(())
}
