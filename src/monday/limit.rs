//! What monday asks to wait for.

use crate::retry::Setback;
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
    /// The setback that it is.
    pub(crate) fn setback(self, wait: Option<Duration>) -> Setback {
        match self {
            Limit::Rate => Setback::Limit(wait),
            Limit::Day => Setback::DayLimit(wait),
            Limit::Lock => Setback::Lock(wait),
        }
    }
}
