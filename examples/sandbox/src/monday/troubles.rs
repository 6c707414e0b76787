//! What monday has trouble with on purpose: calls that fail, boards that are locked, work that takes longer than it waits for.

use std::collections::BTreeSet;
use std::time::Duration;

use super::errors::{Answer, Refusal};
use crate::Response;

/// What a test asked for.
#[derive(Debug, Default)]
pub(super) struct Troubles {
    failing: Vec<FailingCall>,
    locked: BTreeSet<u64>,
    pace: Option<Pace>,
    max_items_per_read: Option<u64>,
}

#[derive(Debug)]
struct FailingCall {
    contains: String,
    status: u16,
    body: String,
    times: u32,
}

/// How fast monday works, and how long it waits for itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    pub(super) each: Duration,
    pub(super) cut_off: Duration,
}

impl Troubles {
    pub(super) fn fail_calls(&mut self, contains: &str, status: u16, body: &str, times: u32) {
        self.failing.push(FailingCall { contains: contains.to_owned(), status, body: body.to_owned(), times });
    }

    pub(super) fn calm(&mut self) {
        self.failing.clear();
    }

    pub(super) fn set_pace(&mut self, each: Duration, cut_off: Duration) {
        self.pace = Some(Pace { each, cut_off });
    }

    pub(super) fn set_locked(&mut self, board: &str, is_locked: bool) {
        let board: u64 = board.parse().expect("a test names a board by its number");
        if is_locked {
            self.locked.insert(board);
        } else {
            self.locked.remove(&board);
        }
    }

    pub(super) fn set_max_items_per_read(&mut self, items: Option<u64>) {
        self.max_items_per_read = items;
    }

    pub(super) fn is_locked(&self, boards: &BTreeSet<u64>) -> bool {
        !self.locked.is_disjoint(boards)
    }

    /// The answer to a request that fails without any work.
    pub(super) fn answer_to(&mut self, body: &[u8]) -> Option<Response> {
        let text = String::from_utf8_lossy(body);
        let failing = self.failing.iter_mut().find(|call| call.times > 0 && text.contains(&call.contains))?;
        failing.times -= 1;
        let kind = if failing.body.starts_with('{') { "application/json; charset=utf-8" } else { "text/html" };
        Some(Response::with_body(failing.status, kind, failing.body.clone()))
    }

    /// How long a request with so many changes is worked on, until it is cut off.
    pub(super) fn time_for(&self, changes: u32) -> Duration {
        self.pace.map_or(Duration::ZERO, |pace| (pace.each * changes).min(pace.cut_off))
    }

    /// The pace, where a request with so many changes takes longer than monday waits.
    pub(super) fn cut_off(&self, changes: u32) -> Option<Pace> {
        self.pace.filter(|pace| pace.each * changes > pace.cut_off)
    }

    /// Refuses a question for so many items at once.
    pub(super) fn admit_read(&self, limit: u64) -> Result<(), Answer> {
        match self.max_items_per_read {
            Some(most) if limit > most => {
                let message = "The request is more complex than one request may be";
                Err(Refusal::new("REQUEST_MAX_COMPLEXITY_EXCEEDED", 429, message).answer(200))
            }
            _ => Ok(()),
        }
    }
}
