//! `[monday]` of the configuration.

use crate::secret::SecretSource;
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
    /// Most calls in a UTC day; 0: no cap.
    pub(crate) daily_calls: u64,
    /// How items are written.
    pub(crate) route: Route,
    /// How long after a lost answer the board is asked what became of it.
    pub(crate) settle: Duration,
    /// Whether missing status and dropdown labels are made.
    pub(crate) create_labels: bool,
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
