//! Secrets: where they come from, and a holder that cannot be printed.

use std::fmt;

/// A secret in memory. It has no `Display`, and its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a secret.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The secret itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// Where a secret is to be found; it is read only by the commands that need it.
#[derive(Debug, Clone)]
pub struct SecretSource {
    /// The setting's name, as `[hapi] password`.
    pub setting: &'static str,
}

impl SecretSource {
    /// Reads the secret.
    pub fn read(&self) -> anyhow::Result<Secret> {
        anyhow::bail!("{}", self.setting)
    }
}
