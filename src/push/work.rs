//! Search for work: whether anything of a kind is to be sent, and how much.

use super::findings::Finding;
use super::planner::Planner;
use crate::boards::catalog::Catalog;
use crate::entity::Kind;
use crate::plan::map::BoardColumns;
use crate::store::{Due, Store, Urgency};
use jiff::Timestamp;

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

impl Planner<'_> {
    /// Finds out whether anything of a kind is to be sent; `columns`: those of its board, where its items are known. What differs in
    /// nothing is found on the way.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn find_work(
        &self,
        store: &Store,
        catalog: &Catalog<'_>,
        kind: Kind,
        columns: Option<&BoardColumns>,
    ) -> anyhow::Result<WorkFound> {
        let now = self.setup().clock().now();
        let mut found = WorkFound { any: has_removals(self, store, kind, now)?, ..WorkFound::default() };
        let mut after = 0;
        while !found.any {
            let due = store.due(kind, after, AT_ONCE, Urgency::Usual, now)?;
            let Some(last) = due.last() else { break };
            after = last.row.id;
            for due in due.iter().filter(|due| self.selection().holds(due.row.kind, &due.row.key)) {
                if !self.is_unchanged(store, catalog, due, columns, &mut found)? {
                    found.any = true;
                    break;
                }
            }
        }
        Ok(found)
    }

    fn is_unchanged(
        &self,
        store: &Store,
        catalog: &Catalog<'_>,
        due: &Due,
        columns: Option<&BoardColumns>,
        found: &mut WorkFound,
    ) -> anyhow::Result<bool> {
        let Some(columns) = columns else { return Ok(false) };
        let Some(plan) = self.plan(store, catalog, due, columns)? else { return Ok(false) };
        found.distrusts_board |= !plan.refusals.is_empty();
        let is_unchanged = plan.planned.steps.is_empty() && plan.refusals.is_empty();
        if is_unchanged {
            found.findings.push(Finding::Unchanged { known: plan.known, version: due.version });
        }
        Ok(is_unchanged)
    }

    /// How many items of a kind would be changed.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn count_rewrites(&self, store: &Store, catalog: &Catalog<'_>, kind: Kind) -> anyhow::Result<u64> {
        let Some(columns) = catalog.columns_of(kind) else { return Ok(0) };
        let (mut count, mut after) = (0, 0);
        loop {
            let due = store.due(kind, after, AT_ONCE, Urgency::Usual, self.setup().clock().now())?;
            let Some(last) = due.last() else { return Ok(count) };
            after = last.row.id;
            let rewritten =
                |due: &&Due| due.row.item_id.is_some() && self.selection().holds(due.row.kind, &due.row.key);
            for due in due.iter().filter(rewritten) {
                let plan = self.plan(store, catalog, due, columns)?;
                count += u64::from(plan.is_some_and(|plan| !plan.planned.steps.is_empty()));
            }
        }
    }
}

fn has_removals(planner: &Planner<'_>, store: &Store, kind: Kind, now: Timestamp) -> anyhow::Result<bool> {
    let mut after = 0;
    loop {
        let removals = store.items_to_remove(kind, planner.keeps_items(), after, AT_ONCE, now)?;
        let Some(last) = removals.last() else { return Ok(false) };
        after = last.row.id;
        if removals.iter().any(|removal| planner.selection().holds(removal.row.kind, &removal.row.key)) {
            return Ok(true);
        }
    }
}
