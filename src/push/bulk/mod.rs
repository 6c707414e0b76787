//! Bulk route: many new items of a kind by one import, where that takes fewer calls than mutations.
//!
//! ```text
//!  price (pure) ─ which route? ─▶ rows (planner) ─▶ file (pure)
//!                                      │
//!       intent durable ─▶ ingest_items ─▶ job durable ─▶ PUT file ─▶ polls ─▶ over ─▶ outcome
//! ```
//!
//! An import is a call like any other in the store (`batches`, `intents`), with a row beside it that says how far it is
//! (`import_jobs`). Up to the moment when the job is durable no file was sent, so that nothing can have been done; after it the job
//! itself is asked, and once that is over the board is read: an entity has its item only if the board shows it, and each column
//! counts as sent only if the item shows it. What it does not show, and what no file can hold, is planned as any other change.
//! A row that did not get in is sent as a mutation, which says why. Only entities whose keys are known not to stand on the board
//! become rows; that `ingest_items` matches by the key column is a second protection, not the proof.

pub(crate) mod file;
pub(crate) mod import_call;
pub(crate) mod job;
pub(crate) mod outcome;
pub(crate) mod price;
pub(crate) mod route;
pub(crate) mod rows;

use super::lanes::InFlight;
use super::parts::Parts;
use super::planned_call::PlannedCall;
use super::planner::Context;
use super::stored_backlog::StoredBacklog;
use crate::boards::catalog::Catalog;
use crate::config::{Config, Target};
use crate::entity::Kind;
use crate::monday::Route;
use crate::monday::import::{self, MOST_ROWS, ROWS_AN_HOUR};
use crate::retry::Attempts;
use crate::store::{Batch, CallRecovery, Urgency};
use import_call::Import;
use price::{Load, PricedRoute};
use rows::{Rows, add_rows};

/// Fewer new entities than that are not worth planning twice.
const FEWEST_ROWS: u64 = 100;

/// The fewest new entities of a kind that are considered for an import.
fn fewest(config: &Config) -> Option<u64> {
    match config.monday.route {
        Route::Mutations => None,
        Route::Auto => Some(FEWEST_ROWS),
        Route::Bulk => Some(1),
    }
}

/// Plans an import for a board, where one takes fewer calls, or is wanted whatever it takes.
///
/// # Errors
/// Where the store cannot be read or written.
pub(super) fn plan_import(
    parts: &mut Parts<'_, '_>,
    index: usize,
    kinds: &[Kind],
) -> anyhow::Result<Option<PlannedCall>> {
    let Some(fewest) =
        fewest(parts.setup.config).filter(|_| !parts.bulk.is_closed() && parts.planner.urgency() >= Urgency::New)
    else {
        return Ok(None);
    };
    let now = parts.setup.now();
    if parts.store.import_refusal(&parts.setup.config.monday.api_version, now)?.is_some() {
        parts.bulk.close();
        return Ok(None);
    }
    if parts.lanes[index].account.is_accounted() != Some(true) {
        return Ok(None);
    }
    for target in parts.lanes[index].targets().to_vec() {
        let kind = target.kind;
        if !kinds.contains(&kind)
            || parts.bulk.has_declined(kind)
            || parts.store.count_new_entities(kind, target.board)? < fewest
        {
            continue;
        }
        match plan_kind(parts, index, target)? {
            Some(planned) => return Ok(Some(planned)),
            None => parts.bulk.decline(kind),
        }
    }
    Ok(None)
}

/// Plans an import of one kind and makes it durable, if it is the better route.
fn plan_kind(parts: &mut Parts<'_, '_>, index: usize, target: Target<'_>) -> anyhow::Result<Option<PlannedCall>> {
    let (setup, board) = (parts.setup, target.board.to_owned());
    let (Some(columns), Some(group)) = (parts.catalog.columns(&board), group_of(&parts.catalog, target)) else {
        return Ok(None);
    };
    let now = setup.now();
    let room = ROWS_AN_HOUR.saturating_sub(parts.store.rows_of_the_hour(now)?);
    let most = usize::try_from(room).unwrap_or(MOST_ROWS).min(MOST_ROWS);
    let tx = parts.store.transaction()?;
    let backlog = StoredBacklog::new(&tx, setup, now);
    let context = Context { backlog: &backlog, board: &board, columns, closed: parts.catalog.closed(), now };
    let mut rows = Rows::new(most);
    let (bulk, isolation) = (&parts.bulk, parts.recorder.isolation());
    let takes = |entity| bulk.takes(entity) && !isolation.holds(entity);
    let account = &parts.lanes[index].account;
    add_rows(&mut parts.planner, &context, account, target.kind, &takes, &mut rows)?;
    let on_board = tx.items_held_on(&board)?;
    let load = Load {
        rows: rows.len(),
        completions: rows.completions,
        on_board,
        first_call: parts.lanes[index].health.size().now(),
    };
    let is_forced = setup.config.monday.route == Route::Bulk;
    if rows.is_empty() || !(is_forced || load.prefers_bulk()) {
        return Ok(None);
    }
    parts.recorder.keep_findings(&tx, std::mem::take(&mut rows.findings))?;
    if !parts.writer.may_send(&mut parts.session, &tx)? {
        tx.commit()?;
        return Ok(Some(PlannedCall::Nothing));
    }
    let body = import::start_import(&board, &group, target.key_column).body();
    let file = file::csv(target.key_column, &rows.lines);
    let idempotency_key = setup.client.http().random().idempotency_key();
    let price = load.price(PricedRoute::Bulk);
    parts.planner.note_planned(rows.intents.iter().map(|intent| intent.entity));
    let Rows { intents, entities, .. } = rows;
    let id = tx.add_batch(&board, &idempotency_key, &body, &intents, now)?;
    tx.add_import(id, intents.len() as u64, file.len() as u64, now)?;
    tx.commit()?;
    let recovery = CallRecovery::default();
    let batch = Batch { id, board, idempotency_key, body, sent_at: now, is_partial: false, recovery, intents };
    Ok(Some(PlannedCall::Import(Import {
        call: InFlight { batch, attempts: Attempts::default(), entities },
        file,
        price,
    })))
}

/// The group in which new items of a kind stand: the one that is set, else the board's first, as `create_item` has it.
fn group_of(catalog: &Catalog<'_>, target: Target<'_>) -> Option<String> {
    let set = target.group.map(str::to_owned);
    set.or_else(|| catalog.board(target.board)?.groups.first().cloned())
}
