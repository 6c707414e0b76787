//! Parts of a push at work. Only what leads from one board to the next takes all of them; a whole step on one board takes
//! [`BoardWork`], and the rest what it needs.

use super::board_work::BoardWork;
use super::bulk::route::BulkRoute;
use super::effects::Effect;
use super::lanes::Lanes;
use super::missing_parents::MissingParents;
use super::planner::Planner;
use super::record::Recorder;
use super::writer::Writer;
use crate::boards::Setup;
use crate::boards::catalog::Catalog;
use crate::boards::session::Session;
use crate::entity::Kind;
use crate::failure::Exit;
use crate::pull::guard::{self, Allowed};
use crate::store::Store;
use std::collections::BTreeSet;

/// Parts of a push at work. Each owns its state; what one needs of another it gets by a call, or as a value.
pub(super) struct Parts<'p, 's> {
    pub(super) setup: Setup<'p>,
    /// The kinds whose items are let go without the guard.
    pub(super) allowed: &'p Allowed,
    /// Whether it ends where only waits are left.
    pub(super) ends_at_waits: bool,
    pub(super) store: &'s mut Store,
    pub(super) session: Session<'p>,
    pub(super) catalog: Catalog<'p>,
    pub(super) lanes: Lanes<'p>,
    pub(super) planner: Planner<'p>,
    pub(super) recorder: Recorder<'p>,
    pub(super) missing_parents: MissingParents,
    pub(super) bulk: BulkRoute,
    pub(super) writer: &'s mut dyn Writer,
}

impl<'p> Parts<'p, '_> {
    /// What a step on the board of a lane takes.
    pub(super) fn at(&mut self, lane: usize) -> BoardWork<'_, 'p> {
        self.import_at(lane).0
    }

    /// What a step of an import into the board of a lane takes.
    pub(super) fn import_at(&mut self, lane: usize) -> (BoardWork<'_, 'p>, &mut BulkRoute) {
        let work = BoardWork {
            store: self.store,
            session: &mut self.session,
            catalog: &mut self.catalog,
            recorder: &mut self.recorder,
            lane: &mut self.lanes[lane],
        };
        (work, &mut self.bulk)
    }

    /// Hands what was recorded to those who plan: whoever links to an item that came or went is planned again.
    pub(super) fn spread_effects(&mut self) {
        let (setup, mut changed) = (self.setup, BTreeSet::new());
        for effect in self.recorder.take_effects() {
            match effect {
                Effect::ConnectionRefused(refused) => self.missing_parents.add(*refused),
                Effect::ItemsChanged(kind) => {
                    changed.insert(kind);
                }
                effect => self.planner.learn(effect),
            }
        }
        if !changed.is_empty() {
            self.lanes.reopen(|kind| setup.kind(kind).relations.keys().any(|parent| changed.contains(parent)));
        }
    }

    /// Lets the items go whose entities are gone or outside `only`, within the guard. Where the guard refuses, the items of the
    /// kind stay, and the rest of it is pushed.
    ///
    /// # Errors
    /// Where the store cannot be read or written.
    pub(super) fn release(&mut self, kinds: impl IntoIterator<Item = Kind>) -> anyhow::Result<()> {
        for kind in kinds {
            let selection = self.planner.selection();
            let is_chosen = |key: &str| selection.holds(kind, key);
            let (config, allowed, now) = (self.setup.config, self.allowed, self.setup.now());
            let refusal = self.store.write(|tx| guard::release(tx, config, kind, allowed, now, is_chosen))?;
            if let Some(refusal) = refusal {
                self.recorder.refuse_by_guard(kind, refusal);
                self.session.add_exit(Exit::Guard);
            }
        }
        Ok(())
    }
}
