//! What decides which configuration is loaded.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// Request for a configuration: what decides which one is loaded.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// `--config`.
    pub config_flag: Option<PathBuf>,
    /// `--store`.
    pub store_flag: Option<PathBuf>,
    /// `--profile`.
    pub profile: Option<String>,
    /// The environment as it was when the program began.
    pub environment: &'a BTreeMap<String, String>,
    /// The user's home directory, if there is one.
    pub home: Option<PathBuf>,
}

impl<'a> Request<'a> {
    /// A request without flags. The home directory is `HOME`, else the one in the user database.
    #[allow(clippy::disallowed_methods, reason = "the one place that asks the user database")]
    pub fn new(environment: &'a BTreeMap<String, String>) -> Request<'a> {
        let home = environment.get("HOME").map(PathBuf::from).filter(|home| home.is_absolute()).or_else(dirs::home_dir);
        Request { config_flag: None, store_flag: None, profile: None, environment, home }
    }
}
