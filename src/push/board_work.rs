//! What work on one board takes: its lane, what asks the board, and what keeps its answers.

use super::lanes::{Lane, ParkedFor};
use super::record::Recorder;
use crate::boards::Setup;
use crate::boards::catalog::Catalog;
use crate::boards::items::Reader;
use crate::boards::session::Session;
use crate::entity::Kind;
use crate::failure::Reported;
use crate::retry::{Decision, RetryCause};
use crate::store::Store;
use std::time::{Duration, Instant};

/// Work on one board. It plans nothing and sends no changes.
pub(super) struct BoardWork<'w, 'p> {
    pub(super) setup: Setup<'p>,
    pub(super) store: &'w mut Store,
    pub(super) session: &'w mut Session<'p>,
    pub(super) catalog: &'w mut Catalog<'p>,
    pub(super) recorder: &'w mut Recorder<'p>,
    pub(super) lane: &'w mut Lane<'p>,
}

impl<'p> BoardWork<'_, 'p> {
    /// The board.
    pub(super) fn board(&self) -> String {
        self.lane.board().to_owned()
    }

    /// The kinds whose board it is, whether or not they are pushed in this run.
    pub(super) fn kinds(&self) -> Vec<Kind> {
        self.setup.kinds_pushed_to(self.lane.board())
    }

    /// A reader of its items.
    pub(super) fn reader(&mut self) -> Reader<'_, 'p> {
        Reader::new(self.session, self.store)
    }

    /// The steady time after so long.
    pub(super) fn after(&self, pause: Duration) -> Instant {
        self.setup.clock().instant() + pause
    }

    /// Lets the lane go on after so long.
    pub(super) fn wait(&mut self, pause: Duration) {
        self.lane.wait(self.after(pause), None, None);
    }

    /// What follows from a limit or a lock.
    pub(super) fn put_off(&mut self, cause: RetryCause) -> Decision {
        let http = self.setup.client.http();
        self.lane.health_mut().put_off(cause, &http.retry(), http.random().fraction())
    }

    /// Parks the lane for so long.
    pub(super) fn park(&mut self, pause: Duration, batch: i64, parked_for: ParkedFor) {
        self.lane.park(self.after(pause), batch, parked_for);
    }

    /// Leaves the board alone for the rest of the run, for the sake of no single item.
    pub(super) fn close(&mut self, failures: Vec<Reported>) {
        self.recorder.log().add(failures);
        self.lane.close();
    }
}
