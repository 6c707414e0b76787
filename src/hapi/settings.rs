//! `[hapi]` of the configuration.

use crate::secret::SecretSource;

/// Settings of HApi, `[hapi]`: where it is and how to log in.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The part before `/api`, without a trailing slash; empty where it is not set.
    pub url: String,
    /// The user's name; empty where it is not set.
    pub username: String,
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
