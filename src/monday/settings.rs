//! `[monday]` of the configuration.

use crate::secret::SecretSource;
use std::num::NonZeroU64;
use std::time::Duration;

/// Settings of monday, `[monday]`: where it is and how much of its allowance may be spent.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The GraphQL endpoint.
    pub(crate) url: String,
    /// The token.
    pub(crate) token: SecretSource,
    /// Sent as `API-Version`.
    pub(crate) api_version: String,
    /// Most calls in a UTC day; `None`: there is no cap.
    pub(crate) daily_calls: Option<NonZeroU64>,
    /// How items are written.
    pub(crate) route: Route,
    /// How long after a lost answer the board is asked what became of it.
    pub(crate) settle: Duration,
    /// Whether missing status and dropdown labels are made.
    pub(crate) create_labels: bool,
}

impl Settings {
    /// How many calls are left of a UTC day in which so many were spent; `None`: there is no cap.
    pub(crate) fn calls_left(&self, spent: u64) -> Option<u64> {
        self.daily_calls.map(|most| most.get().saturating_sub(spent))
    }
}

/// Setting `[monday] route`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    /// The program chooses.
    Auto,
    /// Many mutations in one call.
    Mutations,
    /// Imports in bulk for all new items, whatever they cost.
    Bulk,
}
