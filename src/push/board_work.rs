//! What a whole step on one board takes: what asks it, what keeps its answers, and its lane.

use super::lanes::Lane;
use super::record::Recorder;
use crate::boards::Setup;
use crate::boards::catalog::Catalog;
use crate::boards::items::Reader;
use crate::boards::session::Session;
use crate::entity::Kind;
use crate::store::Store;

/// Work on one board, for steps that ask, decide and record. What does less takes the parts that it needs. It plans nothing and
/// sends no changes.
pub(super) struct BoardWork<'w, 'p> {
    pub(super) store: &'w mut Store,
    pub(super) session: &'w mut Session<'p>,
    pub(super) catalog: &'w mut Catalog<'p>,
    pub(super) recorder: &'w mut Recorder<'p>,
    pub(super) lane: &'w mut Lane<'p>,
}

impl<'p> BoardWork<'_, 'p> {
    /// What it was set up with.
    pub(super) fn setup(&self) -> Setup<'p> {
        self.recorder.setup()
    }

    /// The board.
    pub(super) fn board(&self) -> String {
        self.lane.board().to_owned()
    }

    /// The kinds whose board it is, whether or not they are pushed in this run.
    pub(super) fn kinds(&self) -> Vec<Kind> {
        self.setup().kinds_pushed_to(self.lane.board())
    }

    /// A reader of its items.
    pub(super) fn reader(&mut self) -> Reader<'_, 'p> {
        Reader::new(self.session, self.store)
    }
}
