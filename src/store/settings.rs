//! `[store]` of the configuration.

use std::path::PathBuf;

/// Settings of the store, `[store]`.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The file.
    pub(crate) path: PathBuf,
    /// How many runs are kept.
    pub(crate) keep_runs: u64,
}
