//! Requests under way, by their numbers, and what arrives for them.

use super::exchange::{NoAnswer, Reply};
use std::time::Duration;

/// Number of a request under way, within its queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub(super) u64);

/// Answer that arrived, or the certainty that none will.
#[derive(Debug)]
pub struct Arrival {
    /// Which request it belongs to.
    pub ticket: Ticket,
    /// How long the exchange took.
    pub took: Duration,
    /// What came of it.
    pub outcome: Result<Reply, NoAnswer>,
}
