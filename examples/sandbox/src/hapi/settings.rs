//! How the HApi half behaves: what the vendor's document leaves open, and where real servers are imperfect.

use std::time::Duration;

use super::swagger::SwaggerSettings;

/// What holds for HApi as a whole.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The user name that logs in.
    pub username: String,
    /// Its password.
    pub password: String,
    /// The key expected in `x-api-key` by the login.
    pub api_key: String,
    /// Whether every other call needs `x-api-key` too.
    pub api_key_on_every_call: bool,
    /// In which shape the login answers.
    pub token_style: TokenStyle,
    /// How long a token is good for.
    pub token_life: Duration,
    /// Whether a login voids the tokens given out before.
    pub newer_token_voids_older: bool,
    /// The longest query string in characters; beyond it IIS answers 404.15.
    pub max_query_length: usize,
    /// The most nodes in a `$filter`.
    pub max_node_count: usize,
    /// Whether `+` is refused rather than read as a blank.
    pub refuses_plus: bool,
    /// How many requests, logins aside, are answered before 429.
    pub rate_limit: Option<RateLimit>,
    /// Where and how subscriptions are made.
    pub webhooks: WebhookSettings,
    /// Where and how it describes itself.
    pub swagger: SwaggerSettings,
    /// Whether the methods that change a record notify the subscribers of its entity. Events name records by `Id`, so none
    /// is about a company, which has no such property.
    pub notifies: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            username: "svc-monday".to_owned(),
            password: "sandbox-password".to_owned(),
            api_key: "sandbox-key".to_owned(),
            api_key_on_every_call: false,
            token_style: TokenStyle::Negotiated,
            token_life: Duration::from_secs(24 * 60 * 60),
            newer_token_voids_older: false,
            max_query_length: 2048,
            max_node_count: 100,
            refuses_plus: true,
            rate_limit: None,
            webhooks: WebhookSettings::default(),
            swagger: SwaggerSettings::default(),
            notifies: false,
        }
    }
}

/// Where and how subscriptions are made; by default as documented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookSettings {
    /// Lists the entities subscribed to.
    pub list: WebhookRoute,
    /// Subscribes to entities.
    pub subscribe: WebhookRoute,
    /// Ends the subscription to entities.
    pub unsubscribe: WebhookRoute,
    /// What the list looks like.
    pub listing: WebhookListing,
    /// The entities that there are, in their proper case. A request that names another is refused whole.
    pub entities: Vec<String>,
}

impl Default for WebhookSettings {
    fn default() -> WebhookSettings {
        // The vendor names nine and speaks of about twenty; those behind the eight sets are a guess.
        let entities = [
            "Building",
            "Unit",
            "Tenant",
            "LedgerDivision",
            "Parking",
            "Storage",
            "TenantParking",
            "TenantStorage",
            "TenantService",
            "ServiceCall",
            "ServiceCallDetail",
            "Invoice",
            "Supplier",
        ];
        WebhookSettings {
            list: WebhookRoute::new("GET", "subscribe"),
            subscribe: WebhookRoute::new("POST", "subscribe"),
            unsubscribe: WebhookRoute::new("POST", "unsubscribe"),
            listing: WebhookListing::default(),
            entities: entities.map(str::to_owned).to_vec(),
        }
    }
}

/// A method and what follows `/api/` in the address. Several may share an address if their methods differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookRoute {
    /// Method in capitals.
    pub method: String,
    /// Path behind `/api/`, in any case.
    pub path: String,
}

impl WebhookRoute {
    /// Both parts.
    pub fn new(method: &str, path: &str) -> WebhookRoute {
        WebhookRoute { method: method.to_owned(), path: path.to_owned() }
    }
}

/// What the list of subscriptions looks like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum WebhookListing {
    /// `["Building", "Unit"]`, as documented.
    #[default]
    Names,
    /// `{"value": ["Building", "Unit"]}`
    Wrapped,
    /// `[{"Entity": "Building", "ResponseUrl": "...", "ResponseHeaders": "name:value"}]`
    Objects,
    /// This body instead.
    Custom(String),
}

/// A limit on the number of requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLimit {
    /// How many requests are answered within a window.
    pub requests: u32,
    /// The length of a window, counted from its first request.
    pub window: Duration,
    /// The value of `Retry-After`: seconds or an HTTP date. `None` leaves the header out.
    pub retry_after: Option<String>,
}

/// In which shape the login answers with its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenStyle {
    /// As ASP.NET does with a string: quoted as JSON if the client accepts JSON, else plain text.
    Negotiated,
    /// Plain text.
    Plain,
    /// A JSON string.
    JsonString,
    /// `{"token": "..."}`
    LowerToken,
    /// `{"Token": "..."}`
    UpperToken,
    /// `{"access_token": "...", "token_type": "bearer", "expires_in": 86400}`
    AccessToken,
    /// Plain text that begins with `Bearer `.
    WithBearer,
    /// Plain text behind a byte order mark.
    WithBom,
    /// Any other body; `{token}` in it is replaced.
    Custom {
        /// Its content type.
        content_type: String,
        /// The body.
        body: String,
    },
}

/// Where a set falls short of the protocol. The default falls short nowhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quirks {
    /// Refuses everything with this status; 403 is a module that was not bought.
    pub refused: Option<u16>,
    /// The most records in one answer, whatever `$top` asks for.
    pub page_cap: Option<usize>,
    /// Whether an answer that was capped says where to go on.
    pub next_link: NextLink,
    /// A larger `$top` is refused with 400.
    pub max_top: Option<usize>,
    /// Acts as if `$select` were not there.
    pub ignores_select: bool,
    /// Acts as if `$filter` were not there.
    pub ignores_filter: bool,
    /// Acts as if `$orderby` were not there.
    pub ignores_orderby: bool,
    /// Acts as if `$top` were not there.
    pub ignores_top: bool,
    /// Acts as if `$skip` were not there.
    pub ignores_skip: bool,
    /// Refuses `$select` with 400.
    pub refuses_select: bool,
    /// Refused options are answered with 500 and an ODataException instead of 400.
    pub refuses_with_500: bool,
    /// The `Id`s of records that cannot be written: what becomes of a page that would hold one of them.
    pub poisoned: Vec<(i64, Poison)>,
    /// Properties that are null are left out of records.
    pub leaves_nulls_out: bool,
    /// The names of properties begin with a small letter in records, as ASP.NET writes them by default.
    pub is_camel_case: bool,
    /// A page without records is answered with 204 and no body.
    pub empty_is_no_content: bool,
    /// Answers `[..]` instead of `{"value": [..]}`; there is no next link then.
    pub bare_array: bool,
}

/// What becomes of a page with a record that cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Poison {
    /// It is answered with 500.
    Fails,
    /// It breaks off in the middle.
    BreaksOff,
}

/// What `@odata.nextLink` looks like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum NextLink {
    /// There is none.
    #[default]
    Missing,
    /// A whole address on this server.
    Absolute,
    /// Relative to the address asked.
    Relative,
    /// A whole address on another host (and port), which a careful client does not follow.
    Foreign(String),
}
