//! Readiness of kinds: which of them can be planned now, on which board, and whether anything is to be sent.

use super::Parts;
use super::adoption::is_adopted;
use super::creating::account_board;
use crate::entity::Kind;
use crate::failure::{Reported, Stage};
use crate::plan::known::known_columns;

/// Before the kinds of a lane are planned: takes those out whose board is not fit, and takes over the items of those that
/// were never pushed to it.
///
/// # Errors
/// Where the store cannot be read or written, or nothing can be sent at all.
pub(crate) fn make_ready(parts: &mut Parts<'_, '_>, index: usize) -> anyhow::Result<()> {
    for kind in parts.lanes[index].kinds().to_vec() {
        let lane = &parts.lanes[index];
        let parents = parts.setup.kind(kind).relations.keys().copied();
        if lane.ready().contains(&kind) || lane.is_exhausted(kind) || !parts.lanes.are_through_with(parents) {
            continue;
        }
        if !has_work(parts, kind)? {
            parts.lanes[index].exhaust(kind);
            continue;
        }
        let board = parts.lanes[index].board().to_owned();
        if let Some(detail) = parts.catalog.unfitness(&board, kind) {
            parts.recorder.log().fail_kind(kind, detail);
            parts.lanes.leave_out(kind);
            continue;
        }
        let unfit = parts.catalog.unfit_columns(&board, kind).into_iter();
        parts.recorder.log().add(unfit.map(|detail| Reported::of_kind(kind, Stage::Push, detail)));
        if !is_adopted(parts.setup, parts.store, &board, kind)? {
            if !account_board(parts, index, Some(kind))? {
                return Ok(());
            }
            // Items just found for entities outside `only` go through the guard as all others do.
            parts.release(&[kind])?;
        }
        if parts.session.has_ended() {
            return Ok(());
        }
        parts.lanes[index].make_ready(kind);
    }
    Ok(())
}

/// Whether anything of a kind is to be sent. What differs in nothing, by the board as it was last read, is kept as such without a
/// call.
///
/// # Errors
/// Where the store cannot be read or written.
pub(crate) fn has_work(parts: &mut Parts<'_, '_>, kind: Kind) -> anyhow::Result<bool> {
    let board = parts.setup.kind(kind).board.as_deref().unwrap_or_default();
    let is_known = is_adopted(parts.setup, parts.store, board, kind)?;
    let columns = known_columns(parts.store, board)?.filter(|_| is_known);
    let tx = parts.store.transaction()?;
    let found = parts.planner.find_work(&tx, &parts.catalog, kind, columns.as_ref())?;
    parts.recorder.keep_findings(&tx, found.findings)?;
    tx.commit()?;
    if found.distrusts_board {
        parts.catalog.distrust();
    }
    Ok(found.any)
}
