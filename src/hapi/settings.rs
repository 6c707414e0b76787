//! `[hapi]` of the configuration.

use crate::secret::SecretSource;

/// Settings of HApi, `[hapi]`: where it is and how to log in.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The part before `/api`, without a trailing slash; `None`: it is not set.
    pub url: Option<String>,
    /// The user's name; `None`: it is not set.
    pub username: Option<String>,
    /// The password.
    pub password: SecretSource,
    /// The key sent as `x-api-key`.
    pub api_key: SecretSource,
    /// Records asked for at once.
    pub page_size: PageSize,
    /// Requests under way at once, over all kinds.
    pub parallel: usize,
    /// Which calls carry `x-api-key`.
    pub api_key_on: ApiKeyOn,
    /// Where webhook subscriptions are listed, behind `/api/`; `None`: the likely spellings are tried.
    pub subscriptions_endpoint: Option<String>,
    /// Where events are asked for.
    pub subscribe_endpoint: Option<String>,
    /// Where they are asked for no longer.
    pub unsubscribe_endpoint: Option<String>,
}

/// Access to HApi: its settings, none of those missing that have no default.
#[derive(Debug, Clone, Copy)]
pub struct Access<'a> {
    /// All of them.
    pub(crate) settings: &'a Settings,
    /// The part before `/api`.
    pub(crate) url: &'a str,
    /// The user's name.
    pub(crate) username: &'a str,
}

impl Settings {
    /// The settings that have no default, by their keys.
    pub(crate) fn without_default(&self) -> [(&'static str, Option<&str>); 2] {
        [("url", self.url.as_deref()), ("username", self.username.as_deref())]
    }

    /// Access to HApi.
    ///
    /// # Errors
    /// The key of a setting that is missing.
    pub fn access(&self) -> Result<Access<'_>, &'static str> {
        let [url, username] = self.without_default().map(|(key, value)| value.ok_or(key));
        Ok(Access { settings: self, url: url?, username: username? })
    }
}

/// Setting `[hapi] page_size`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageSize {
    /// It grows while answers stay quick and small.
    Auto,
    /// The same, from so many records on, which were right for an earlier read.
    AutoFrom(u32),
    /// So many records.
    Fixed(u32),
}

/// Records in the first page of a set of which nothing is known.
pub(super) const FIRST_PAGE: u32 = 500;

impl PageSize {
    /// Records in the first page that is asked for.
    pub(crate) fn first(self) -> u32 {
        match self {
            PageSize::Auto => FIRST_PAGE,
            PageSize::AutoFrom(records) | PageSize::Fixed(records) => records.max(1),
        }
    }
}

/// Setting `[hapi] api_key_on`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiKeyOn {
    /// Only the login.
    Token,
    /// Every call.
    All,
}
