//! What monday asks to wait for.

use crate::retry::RetryCause;
use std::time::Duration;

/// Limit that a call is to wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Fewer calls, or cheaper ones, for a while.
    Rate,
    /// The day's allowance is used up.
    Day,
    /// Somebody else writes to the board.
    Lock,
}

impl Limit {
    /// The reason to retry that it is.
    pub(crate) fn retry_cause(self, wait: Option<Duration>) -> RetryCause {
        match self {
            Limit::Rate => RetryCause::Limit(wait),
            Limit::Day => RetryCause::DayLimit(wait),
            Limit::Lock => RetryCause::Lock(wait),
        }
    }
}
