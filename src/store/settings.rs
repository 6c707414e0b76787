//! `[store]` of the configuration.

use std::fmt;
use std::path::PathBuf;

/// Settings of the store, `[store]`.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The file.
    pub(crate) path: PathBuf,
    /// Where it was named; `None`: nowhere, it is the usual one.
    pub(crate) origin: Option<PathOrigin>,
    /// How many runs are kept.
    pub(crate) keep_runs: u64,
}

/// Place where the store's file is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PathOrigin {
    /// The flag `--store`.
    Flag,
    /// This environment variable.
    Variable(String),
    /// The configuration: `file:line:column`.
    Configuration(String),
}

impl fmt::Display for PathOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PathOrigin::Flag => "--store",
            PathOrigin::Variable(name) => name,
            PathOrigin::Configuration(place) => place,
        })
    }
}
