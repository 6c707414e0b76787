//! `[store]` of the configuration.

use std::path::PathBuf;

/// Settings of the store, `[store]`.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The file.
    pub path: PathBuf,
    /// How many runs are kept.
    pub keep_runs: u64,
}
