//! `[network]` of the configuration.

use std::time::Duration;

/// Settings of every request, `[network]`.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Longest time for one request, its answer included.
    pub timeout: Duration,
    /// How often a failed request is sent again.
    pub retries: u32,
    /// First pause of the back-off, doubled each time, with full jitter.
    pub retry_base: Duration,
    /// Longest wait a server may ask for within a run.
    pub max_wait: Duration,
}
