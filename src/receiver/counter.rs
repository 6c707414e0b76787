//! How many events were stored since somebody asked: from the thread that writes to the one that processes.
#![allow(clippy::disallowed_methods, reason = "a thread of the process waits for another one")]

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Counter of the events that were stored and that nobody has asked about yet.
#[derive(Debug, Default)]
pub(super) struct EventCounter {
    state: Mutex<(u64, bool)>,
    changed: Condvar,
}

impl EventCounter {
    /// Counts events that were stored.
    pub(super) fn add(&self, events: u64) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).0 += events;
        self.changed.notify_all();
    }

    /// Says that no more events will come.
    pub(super) fn close(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).1 = true;
        self.changed.notify_all();
    }

    /// Waits until events were stored, at most so long; returns how many.
    pub(super) fn wait(&self, most: Duration) -> u64 {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(state, most, |(events, is_over)| *events == 0 && !*is_over);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut state.0)
    }
}
