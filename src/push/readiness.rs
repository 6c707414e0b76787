//! Readiness of kinds: which of them can be planned now, on which board, and whether anything is to be sent.

use super::adoption::is_adopted;
use super::creating::account_board;
use super::parts::Parts;
use super::planner::{Context, Planner};
use super::record::Recorder;
use super::stored_backlog::StoredBacklog;
use super::work::{WorkFound, find_work, has_due};
use crate::boards::catalog::Catalog;
use crate::config::Target;
use crate::failure::{Reported, Stage};
use crate::plan::known::known_columns;
use crate::store::Store;

/// Before the kinds of a lane are planned: takes those out whose board is not fit, and takes over the items of those that
/// were never pushed to it.
///
/// # Errors
/// Where the store cannot be read or written, or nothing can be sent at all.
pub(super) fn make_ready(parts: &mut Parts<'_, '_>, index: usize) -> anyhow::Result<()> {
    for target in parts.lanes[index].targets().to_vec() {
        let kind = target.kind;
        let planning = parts.lanes[index].planning();
        let parents = parts.setup.kind(kind).relations.keys().copied();
        if planning.is_ready(kind) || planning.is_exhausted(kind) || !parts.lanes.are_through_with(parents) {
            continue;
        }
        if !has_work(parts.store, &mut parts.catalog, &parts.planner, &mut parts.recorder, target)? {
            parts.lanes[index].exhaust(kind);
            continue;
        }
        if let Some(detail) = parts.catalog.unfitness(target) {
            parts.recorder.report([Reported::of_kind(kind, Stage::Push, detail)]);
            parts.lanes.leave_out(kind);
            continue;
        }
        let unfit = parts.catalog.unfit_columns(target).into_iter();
        parts.recorder.report(unfit.map(|detail| Reported::of_kind(kind, Stage::Push, detail)));
        if !is_adopted(parts.setup, parts.store, target)? {
            let is_accounted = account_board(&mut parts.at(index), Some(kind))?;
            parts.spread_effects();
            if !is_accounted {
                return Ok(());
            }
            // Items just found for entities outside `only` go through the guard as all others do.
            parts.release([kind])?;
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
pub(super) fn has_work(
    store: &mut Store,
    catalog: &mut Catalog<'_>,
    planner: &Planner<'_>,
    recorder: &mut Recorder<'_>,
    target: Target<'_>,
) -> anyhow::Result<bool> {
    let is_known = is_adopted(recorder.setup(), store, target)?;
    let columns = known_columns(store, target.board)?.filter(|_| is_known);
    let now = recorder.setup().now();
    let tx = store.transaction()?;
    let backlog = StoredBacklog::new(&tx, recorder.setup(), now);
    let found = match &columns {
        Some(columns) => {
            let (board, closed) = (target.board, catalog.closed());
            find_work(planner, &Context { backlog: &backlog, board, columns, closed, now }, target.kind)?
        }
        None => WorkFound { any: has_due(&backlog, planner.selection(), target.kind)?, ..WorkFound::default() },
    };
    recorder.keep_findings(&tx, found.findings)?;
    tx.commit()?;
    if found.distrusts_board {
        catalog.distrust();
    }
    Ok(found.any)
}
