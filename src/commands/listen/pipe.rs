//! From the thread that reads standard input to the one that processes what came.
#![allow(clippy::disallowed_methods, reason = "a program at the other end has no simulated time")]

use crate::host::EventFeed;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often events and signals are polled for.
pub(super) const POLL_EVERY: Duration = Duration::from_millis(50);

/// Pipe from the thread that reads standard input to the one that works.
#[derive(Debug, Default)]
pub(super) struct Pipe {
    state: Mutex<PipeState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct PipeState {
    came: u64,
    is_over: bool,
    outcome: Option<anyhow::Result<()>>,
}

impl Pipe {
    /// Tells of events that were stored.
    pub(super) fn came(&self, count: u64) {
        self.state().came += count;
        self.changed.notify_all();
    }

    /// Tells that the reading has ended.
    pub(super) fn ended(&self, outcome: anyhow::Result<()>) {
        let mut state = self.state();
        (state.is_over, state.outcome) = (true, Some(outcome));
        drop(state);
        self.changed.notify_all();
    }

    /// How the reading ended, once it has.
    pub(super) fn outcome(&self) -> Option<anyhow::Result<()>> {
        self.state().outcome.take()
    }

    fn state(&self) -> MutexGuard<'_, PipeState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EventFeed for Pipe {
    fn wait(&self, most: Duration) -> u64 {
        let is_idle = |state: &mut PipeState| state.came == 0 && !state.is_over;
        let waited = self.changed.wait_timeout_while(self.state(), most, is_idle);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut state.came)
    }

    fn is_over(&self) -> bool {
        self.state().is_over
    }
}
