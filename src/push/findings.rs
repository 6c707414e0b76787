//! Findings of planning that take no call, and the search for work that brings them.

use super::planner::Planner;
use crate::boards::catalog::Catalog;
use crate::entity::{EntityKey, Kind};
use crate::failure::FailureDetail;
use crate::plan::map::{BoardColumns, Refusal};
use crate::store::{Due, SentColumns, Store};
use jiff::Timestamp;

/// Entities planned in one go.
const PER_LOOK: u64 = 200;

/// Finding of planning that takes no call; the recorder keeps it.
#[derive(Debug)]
pub(crate) enum Finding {
    /// What is known of an entity of which something is sent.
    Known(Known),
    /// Nothing of an entity differs from what its item shows.
    Unchanged { known: Known, version: i64 },
    /// A value that cannot be sent.
    Unfit { id: i64, entity: EntityKey, column: String, refusal: Refusal },
    /// An entity that cannot be sent.
    Failed { id: i64, entity: EntityKey, detail: FailureDetail },
    /// An entity to remove whose item stands on a board that is no longer its kind's.
    Elsewhere(i64),
}

/// Knowledge about one entity that planning brought.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) id: i64,
    pub(crate) kind: Kind,
    /// The columns whose failures are over.
    pub(crate) resolved: Vec<String>,
    /// Whether what failed of it as a whole is over.
    pub(crate) has_recovered: bool,
    /// What its item shows besides what was known to be sent, all of it together.
    pub(crate) confirmed: Option<SentColumns>,
}

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
    /// Looks whether anything of a kind is to be sent; `columns`: those of its board, where its items are known. What differs in
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
        let now = self.setup.clock().now();
        let mut found = WorkFound { any: self.has_removals(store, kind, now)?, ..WorkFound::default() };
        let mut after = 0;
        while !found.any {
            let due = store.due(kind, after, PER_LOOK, now)?;
            let Some(last) = due.last() else { break };
            after = last.row.id;
            for due in due.iter().filter(|due| self.selection.holds(due.row.kind, &due.row.key)) {
                if !self.is_unchanged(store, catalog, due, columns, &mut found)? {
                    found.any = true;
                    break;
                }
            }
        }
        Ok(found)
    }

    fn has_removals(&self, store: &Store, kind: Kind, now: Timestamp) -> anyhow::Result<bool> {
        let mut after = 0;
        loop {
            let removals = store.items_to_remove(kind, self.keeps_items(), after, PER_LOOK, now)?;
            let Some(last) = removals.last() else { return Ok(false) };
            after = last.row.id;
            if removals.iter().any(|removal| self.selection.holds(removal.row.kind, &removal.row.key)) {
                return Ok(true);
            }
        }
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
            let due = store.due(kind, after, PER_LOOK, self.setup.clock().now())?;
            let Some(last) = due.last() else { return Ok(count) };
            after = last.row.id;
            let rewritten = |due: &&Due| due.row.item_id.is_some() && self.selection.holds(due.row.kind, &due.row.key);
            for due in due.iter().filter(rewritten) {
                let plan = self.plan(store, catalog, due, columns)?;
                count += u64::from(plan.is_some_and(|plan| !plan.planned.steps.is_empty()));
            }
        }
    }
}
