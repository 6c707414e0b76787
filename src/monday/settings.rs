//! `[monday]` of the configuration.

use crate::secret::SecretSource;
use std::time::Duration;

/// Settings of monday, `[monday]`: where it is and how much of its allowance may be spent.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The GraphQL endpoint.
    pub url: String,
    /// The token.
    pub token: SecretSource,
    /// Sent as `API-Version`.
    pub api_version: String,
    /// Most calls in a UTC day; 0: no cap.
    pub daily_calls: u64,
    /// How items are written.
    pub route: Route,
    /// How long after a lost answer the board is asked what became of it.
    pub settle: Duration,
    /// Whether missing status and dropdown labels are made.
    pub create_labels: bool,
}

/// `[monday] route`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// The program chooses.
    Auto,
    /// Many mutations in one call.
    Mutations,
}
