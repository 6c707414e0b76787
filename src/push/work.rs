//! Search for work: whether anything of a kind is to be sent, and how much. Pure.

use super::backlog::Backlog;
use super::findings::Finding;
use super::planner::{Context, Planner};
use crate::entity::Kind;
use crate::plan::selection::Selection;
use crate::store::{Due, Urgency};

/// Entities planned in one go.
const AT_ONCE: u64 = 200;

/// Search for work of a kind: whether there is any, and what was found on the way.
#[derive(Debug, Default)]
pub(crate) struct WorkFound {
    /// Whether anything is to be sent.
    pub(crate) any: bool,
    /// What takes no call.
    pub(crate) findings: Vec<Finding>,
    /// Whether a value does not fit the board as it was last read.
    pub(crate) distrusts_board: bool,
}

/// Finds out whether anything of a kind is to be sent to a board whose items are known. What differs in nothing is found on the way.
///
/// # Errors
/// Where the backlog cannot be read.
pub(crate) fn find_work(planner: &Planner<'_>, context: &Context<'_>, kind: Kind) -> anyhow::Result<WorkFound> {
    let (backlog, selection) = (context.backlog, planner.selection());
    let mut found = WorkFound::default();
    let any = has_removals(backlog, selection, kind)?
        || any_due(backlog, selection, kind, |due| Ok(!is_unchanged(planner, context, due, &mut found)?))?;
    Ok(WorkFound { any, ..found })
}

/// Whether anything of a kind is due, whatever its items show.
///
/// # Errors
/// Where the backlog cannot be read.
pub(crate) fn has_due(backlog: &dyn Backlog, selection: &Selection, kind: Kind) -> anyhow::Result<bool> {
    Ok(has_removals(backlog, selection, kind)? || any_due(backlog, selection, kind, |_| Ok(true))?)
}

/// How many items of a kind would be changed.
///
/// # Errors
/// Where the backlog cannot be read.
pub(crate) fn count_rewrites(planner: &Planner<'_>, context: &Context<'_>, kind: Kind) -> anyhow::Result<u64> {
    let mut count = 0;
    any_due(context.backlog, planner.selection(), kind, |due| {
        if due.row.item_id.is_some() {
            let plan = planner.plan(context, due)?;
            count += u64::from(plan.is_some_and(|plan| !plan.planned.steps.is_empty()));
        }
        Ok(false)
    })?;
    Ok(count)
}

fn is_unchanged(
    planner: &Planner<'_>,
    context: &Context<'_>,
    due: &Due,
    found: &mut WorkFound,
) -> anyhow::Result<bool> {
    let Some(plan) = planner.plan(context, due)? else { return Ok(false) };
    found.distrusts_board |= !plan.refusals.is_empty();
    let is_unchanged = plan.planned.steps.is_empty() && plan.refusals.is_empty();
    if is_unchanged {
        found.findings.push(Finding::Unchanged { known: plan.known, version: due.version });
    }
    Ok(is_unchanged)
}

/// Whether one of the chosen entities that are due is meant: they are asked about in their order, until one is.
fn any_due(
    backlog: &dyn Backlog,
    selection: &Selection,
    kind: Kind,
    mut is_meant: impl FnMut(&Due) -> anyhow::Result<bool>,
) -> anyhow::Result<bool> {
    let mut after = 0;
    loop {
        let due = backlog.due(kind, after, AT_ONCE, Urgency::Usual)?;
        let Some(last) = due.last() else { return Ok(false) };
        after = last.row.id;
        for due in due.iter().filter(|due| selection.holds(due.row.kind, &due.row.key)) {
            if is_meant(due)? {
                return Ok(true);
            }
        }
    }
}

fn has_removals(backlog: &dyn Backlog, selection: &Selection, kind: Kind) -> anyhow::Result<bool> {
    let mut after = 0;
    loop {
        let removals = backlog.removals(kind, after, AT_ONCE)?;
        let Some(last) = removals.last() else { return Ok(false) };
        after = last.row.id;
        if removals.iter().any(|removal| selection.holds(removal.row.kind, &removal.row.key)) {
            return Ok(true);
        }
    }
}
