//! Stage 2: what the store holds and the boards lack.
//!
//! `lanes` (pure) says what each board does next, `planner` what is sent (it reads the store and writes nothing), a `writer` sends it, and
//! `record` keeps what came of it. `dispatch` is the loop over arrivals.

pub(crate) mod account;
pub(crate) mod adoption;
pub(crate) mod answers;
pub(crate) mod attempts;
pub(crate) mod batch;
pub(crate) mod bulk;
pub(crate) mod creating;
pub(crate) mod dispatch;
pub(crate) mod failures;
pub(crate) mod findings;
pub(crate) mod health;
pub(crate) mod isolation;
pub(crate) mod lanes;
pub(crate) mod missing_items;
pub(crate) mod missing_parents;
pub(crate) mod parking;
pub(crate) mod plan;
pub(crate) mod planned;
pub(crate) mod planner;
pub(crate) mod readiness;
pub(crate) mod record;
pub(crate) mod recovery;
pub(crate) mod refusals;
pub(crate) mod refused_connection;
pub(crate) mod stage;
pub(crate) mod summary;
pub(crate) mod unresolved;
pub(crate) mod urgency;
pub(crate) mod verification;
pub(crate) mod work;
pub(crate) mod writer;

use crate::boards::Setup;
use crate::boards::catalog::Catalog;
use crate::boards::session::Session;
use crate::entity::Kind;
use crate::failure::{Exit, Reported};
use crate::pull::guard;
use crate::store::Store;
use bulk::BulkRoute;
use lanes::Lanes;
use missing_parents::MissingParents;
use planner::Planner;
use record::Recorder;
use stage::Push;
use std::time::Instant;
use writer::Writer;

/// Parts of a push at work. Each owns its state; what one needs of another it gets by a call, or as a value.
pub(crate) struct Parts<'p, 's> {
    pub(crate) push: &'p Push<'p>,
    pub(crate) setup: Setup<'p>,
    pub(crate) store: &'s mut Store,
    pub(crate) session: Session<'p>,
    pub(crate) catalog: Catalog<'p>,
    pub(crate) lanes: Lanes,
    pub(crate) planner: Planner<'p>,
    pub(crate) recorder: Recorder<'p>,
    pub(crate) missing_parents: MissingParents,
    pub(crate) bulk: BulkRoute,
    pub(crate) writer: &'s mut dyn Writer,
}

impl Parts<'_, '_> {
    /// The steady time.
    pub(crate) fn instant(&self) -> Instant {
        self.setup.clock().instant()
    }

    /// Hands what was recorded to those who plan: whoever links to an item that came or went is planned again.
    pub(crate) fn spread_effects(&mut self) {
        let mut effects = self.recorder.take_effects();
        self.missing_parents.add(std::mem::take(&mut effects.refused_connections));
        self.planner.learn(&mut effects);
        let (setup, changed) = (self.setup, effects.items_changed);
        if !changed.is_empty() {
            self.lanes.reopen(|kind| setup.kind(kind).relations.keys().any(|parent| changed.contains(parent)));
        }
    }

    /// Leaves a board alone for the rest of the run, for the sake of no single item.
    pub(crate) fn close_board(&mut self, board: &str, failures: Vec<Reported>) {
        self.recorder.log().add(failures);
        if let Some(lane) = self.lanes.of(board) {
            self.lanes[lane].close();
        }
    }

    /// Lets the items go whose entities are gone or outside `only`, within the guard. Where the guard refuses, the items of the
    /// kind stay, and the rest of it is pushed.
    ///
    /// # Errors
    /// Where the store cannot be read or written.
    pub(crate) fn release(&mut self, kinds: &[Kind]) -> anyhow::Result<()> {
        for &kind in kinds {
            let is_chosen = |key: &str| self.push.selection.holds(kind, key);
            let (config, allowed, now) = (self.setup.config, self.push.allowed, self.setup.clock().now());
            let refusal = self.store.write(|tx| guard::release(tx, config, kind, allowed, now, is_chosen))?;
            if let Some(refusal) = refusal {
                self.recorder.log().retract_guard(kind);
                self.recorder.log().fail_kind(kind, refusal);
                self.session.add_exit(Exit::Guard);
            }
        }
        Ok(())
    }
}
