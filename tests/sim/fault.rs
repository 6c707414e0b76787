//! What goes wrong with a request: a table, a row for each kind of fault.
//!
//! To add a kind of fault, add a row: stories strike with it at once, and are shown with its name.

use crate::world::Addressee;
use hopem_sandbox::monday::{BulkAccess, BulkTrouble, Spoil};
use hopem_sandbox::{Monday, Request, Response};
use std::time::Duration;

/// Kind of fault.
#[derive(Debug)]
pub(crate) struct FaultKind {
    /// What it is called in stories.
    pub(crate) name: &'static str,
    /// Which requests it may strike.
    pub(crate) strikes: Strikes,
    /// What it does to them.
    pub(crate) effect: Effect,
}

/// Which requests a fault may strike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strikes {
    /// Any.
    Any,
    /// Those to HApi, the login included.
    Hapi,
    /// Reads of records from HApi.
    Records,
    /// Logins at HApi.
    Login,
    /// Those to monday.
    Monday,
    /// Those that change something on monday.
    Changes,
    /// Those that only read on monday.
    Looks,
    /// Files for imports.
    Files,
}

impl Strikes {
    /// Whether a request to there is one of them.
    pub(crate) fn fits(self, to: Addressee) -> bool {
        match self {
            Strikes::Any => true,
            Strikes::Hapi => matches!(to, Addressee::Login | Addressee::Records),
            Strikes::Records => to == Addressee::Records,
            Strikes::Login => to == Addressee::Login,
            Strikes::Monday => matches!(to, Addressee::Changes | Addressee::Looks),
            Strikes::Changes => to == Addressee::Changes,
            Strikes::Looks => to == Addressee::Looks,
            Strikes::Files => to == Addressee::Files,
        }
    }
}

impl FaultKind {
    /// How long whoever is refused so is not to come again, also in later runs. Nobody is believed for longer.
    pub(crate) fn rest(&self) -> Option<Duration> {
        match self.name {
            "HApi: 429 for ten years" | "monday: 429 for an hour" => Some(Duration::from_secs(3_600)),
            "monday: 429 until tomorrow" => Some(Duration::from_secs(3_599)),
            _ => None,
        }
    }

    /// Whether it refuses a request since there were too many.
    pub(crate) fn is_limit(&self) -> bool {
        [": 429", "points spent"].iter().any(|limit| self.name.contains(limit))
    }
}

/// Answer that takes the place of the right one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) header: Option<(&'static str, &'static str)>,
    pub(crate) body: &'static str,
}

impl Answer {
    const fn json(status: u16, body: &'static str) -> Answer {
        Answer { status, header: None, body }
    }

    const fn with(self, name: &'static str, value: &'static str) -> Answer {
        Answer { header: Some((name, value)), ..self }
    }

    /// As it is sent.
    pub(crate) fn response(self) -> Response {
        let kind = if self.body.starts_with(['{', '[']) { "application/json" } else { "text/html" };
        let response = Response::with_body(self.status, kind, self.body);
        match self.header {
            Some((name, value)) => response.with_header(name, value),
            None => response,
        }
    }
}

/// What a fault does to a request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Effect {
    /// There is no connection: the request is never sent.
    NoConnection,
    /// The connection breaks before the request is read.
    LostBefore,
    /// The work is done, and the connection breaks before the answer.
    LostAfter,
    /// The work is done, and no answer ever comes.
    Hang,
    /// The work takes longer.
    Slow(Duration),
    /// This is answered without doing the work.
    Instead(Answer),
    /// The work is done, and this is answered.
    After(Answer),
    /// monday is made to do this to the request.
    Arranged(fn(&mut Monday)),
    /// The answer is sent otherwise.
    Rewritten(fn(&Request, Response) -> Response),
}

const fn row(name: &'static str, strikes: Strikes, effect: Effect) -> FaultKind {
    FaultKind { name, strikes, effect }
}

const fn slow(seconds: u64) -> Effect {
    Effect::Slow(Duration::from_secs(seconds))
}

const fn instead(status: u16, body: &'static str) -> Effect {
    Effect::Instead(Answer::json(status, body))
}

const fn after(status: u16, body: &'static str) -> Effect {
    Effect::After(Answer::json(status, body))
}

const HTML: &str = "<html><body>no</body></html>";
const INTERNAL: &str =
    r#"{"errors":[{"message":"Internal server error","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}"#;
const INTERNAL_OLD: &str = r#"{"error_message":"Internal server error","status_code":500}"#;
const SUBGRAPH: &str = r#"{"data":null,"errors":[{"message":"Failed to fetch from Subgraph 'items'"}]}"#;
const TIMEOUT: &str =
    r#"{"errors":[{"message":"Timeout","extensions":{"code":"TIMEOUT_EXCEEDED","status_code":503}}]}"#;
const CONFLICT: &str = r#"{"errors":[{"message":"Conflict","extensions":{"code":"IDEMPOTENCY_CONFLICT"}}]}"#;
const MINUTE: &str = r#"{"errors":[{"message":"Minute rate limit exceeded","extensions":{"code":"MINUTE_RATE_LIMIT_EXCEEDED","retry_in_seconds":20}}]}"#;
const VALIDATION: &str =
    r#"{"errors":[{"message":"Cannot query field","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}"#;
const HOUR: &str = r#"{"errors":[{"message":"Minute rate limit exceeded","extensions":{"code":"MINUTE_RATE_LIMIT_EXCEEDED","retry_in_seconds":3600}}]}"#;
const DAY: &str = r#"{"errors":[{"message":"Daily limit exceeded","extensions":{"code":"DAILY_LIMIT_EXCEEDED","retry_in_seconds":3599}}]}"#;
const CONCURRENCY: &str =
    r#"{"errors":[{"message":"Too many concurrent requests","extensions":{"code":"maxConcurrencyExceeded"}}]}"#;
const POINTS: &str = r#"{"errors":[{"message":"Complexity budget exhausted","extensions":{"code":"COMPLEXITY_BUDGET_EXHAUSTED","retry_in_seconds":22}}]}"#;
const POINTS_OLD: &str = r#"{"error_code":"ComplexityException","status_code":429,"error_message":"Complexity budget exhausted, reset in 16 seconds","error_data":{},"errors":["Complexity budget exhausted"],"account_id":1}"#;
const LOCKED: &str = r#"{"errors":[{"message":"Resource is currently locked, please try again later","extensions":{"code":"RESOURCE_LOCKED"}}]}"#;
const TOO_COMPLEX: &str = r#"{"errors":[{"message":"Query complexity exceeds the limit","extensions":{"code":"REQUEST_MAX_COMPLEXITY_EXCEEDED"}}]}"#;
const ODATA: &str = r#"{"Message":"An error has occurred.","ExceptionMessage":"Could not find a property named 'X'","ExceptionType":"Microsoft.OData.ODataException"}"#;

/// Every kind of fault that the simulation knows.
#[rustfmt::skip]
pub(crate) const FAULTS: &[FaultKind] = &[
    row("no connection", Strikes::Any, Effect::NoConnection),
    row("lost request", Strikes::Any, Effect::LostBefore),
    row("lost answer", Strikes::Any, Effect::LostAfter),
    row("lost answer to a change", Strikes::Changes, Effect::LostAfter),
    row("no answer", Strikes::Any, Effect::Hang),
    row("no answer to a change", Strikes::Changes, Effect::Hang),
    row("slow by 3 s", Strikes::Monday, slow(3)),
    row("slow by 25 s", Strikes::Monday, slow(25)),
    row("done after the time-out", Strikes::Changes, slow(100)),
    // The board is asked 150 s after the call for the first time: where searches lag, what was made is not seen yet.
    row("done just before the first look-up", Strikes::Changes, slow(140)),
    row("500", Strikes::Any, instead(500, INTERNAL)),
    row("502 in HTML", Strikes::Any, instead(502, HTML)),
    row("503", Strikes::Any, Effect::Instead(Answer::json(503, "").with("retry-after", "7"))),
    row("504 in HTML", Strikes::Any, instead(504, HTML)),
    row("408", Strikes::Any, instead(408, "")),
    row("cut answer", Strikes::Any, Effect::Rewritten(cut)),
    row("empty answer", Strikes::Any, Effect::Rewritten(|_, answer| Response { body: Vec::new(), ..answer })),
    row("500 that repeats what was sent", Strikes::Any, Effect::Rewritten(repeated)),
    row("HTML in a 200", Strikes::Any, Effect::Rewritten(|_, _| Response::with_body(200, "text/html", HTML))),
    // HApi
    row("login: 401", Strikes::Login, instead(401, "")),
    row("login: 500", Strikes::Login, instead(500, "")),
    row("login: a page", Strikes::Login, instead(200, HTML)),
    row("token void", Strikes::Records, Effect::Instead(Answer::json(401, "").with("www-authenticate", "Bearer"))),
    row("set: 403", Strikes::Records, instead(403, "")),
    row("set: 404", Strikes::Records, instead(404, "")),
    row("set: 400", Strikes::Records, instead(400, r#"{"Message":"The query specified in the URI is not valid."}"#)),
    row("set: ODataException in a 500", Strikes::Records, instead(500, ODATA)),
    row("HApi: 429 for 5 s", Strikes::Hapi, Effect::Instead(Answer::json(429, "API calls quota exceeded!").with("retry-after", "5"))),
    row("HApi: 429 for 45 s", Strikes::Hapi, Effect::Instead(Answer::json(429, "").with("retry-after", "45"))),
    row("HApi: 429 for ten years", Strikes::Hapi, Effect::Instead(Answer::json(429, "").with("retry-after", "315360000"))),
    row("HApi: 429 without a time", Strikes::Hapi, instead(429, "")),
    row("HApi: to http", Strikes::Hapi, Effect::Instead(Answer::json(301, "").with("location", "http://hapi.example/"))),
    row("page: 204", Strikes::Records, instead(204, "")),
    row("page: no records in it", Strikes::Records, instead(200, "{}")),
    row("page: half of the records", Strikes::Records, Effect::Rewritten(half_of_page)),
    row("page: first record twice", Strikes::Records, Effect::Rewritten(first_twice)),
    row("page: bare array", Strikes::Records, Effect::Rewritten(bare_array)),
    row("page: small letters", Strikes::Records, Effect::Rewritten(camel_case)),
    // monday
    row("500 after the work", Strikes::Changes, after(500, INTERNAL)),
    row("502 after the work", Strikes::Changes, after(502, HTML)),
    row("503 after the work", Strikes::Changes, after(503, TIMEOUT)),
    row("400 in HTML after the work", Strikes::Changes, after(400, HTML)),
    row("403 in HTML after the work", Strikes::Changes, after(403, HTML)),
    row("404 in HTML after the work", Strikes::Changes, after(404, HTML)),
    row("499 in HTML after the work", Strikes::Changes, after(499, HTML)),
    row("429 in HTML after the work", Strikes::Changes, after(429, HTML)),
    row("fault in a 200 after the work", Strikes::Changes, after(200, INTERNAL)),
    row("old fault in a 200 after the work", Strikes::Changes, after(200, INTERNAL_OLD)),
    row("subgraph failed after the work", Strikes::Changes, after(200, SUBGRAPH)),
    row("subgraph failed", Strikes::Monday, instead(200, SUBGRAPH)),
    row("time-out in a 200 after the work", Strikes::Changes, after(200, TIMEOUT)),
    row("conflict of keys after the work", Strikes::Changes, after(409, CONFLICT)),
    row("no data after the work", Strikes::Changes, after(200, r#"{"data":{}}"#)),
    row("data is a list after the work", Strikes::Changes, after(200, r#"{"data":[]}"#)),
    row("data is null after the work", Strikes::Changes, after(200, r#"{"data":null}"#)),
    row("all aliases null after the work", Strikes::Changes, Effect::Rewritten(null_aliases)),
    row("first alias missing after the work", Strikes::Changes, Effect::Rewritten(without_first_alias)),
    row("alias failed after its work", Strikes::Changes, Effect::Arranged(|monday| monday.fail_after_work("", "INTERNAL_SERVER_ERROR", 1))),
    row("three aliases failed after their work", Strikes::Changes, Effect::Arranged(|monday| monday.fail_after_work("", "INTERNAL_SERVER_ERROR", 3))),
    row("alias failed", Strikes::Changes, Effect::Arranged(|monday| monday.refuse_next("", "INTERNAL_SERVER_ERROR", 1))),
    row("alias refused without a reason", Strikes::Changes, Effect::Arranged(|monday| monday.refuse_next("", "InvalidArgumentException", 1))),
    row("two aliases refused as if their items were gone", Strikes::Changes, Effect::Arranged(|monday| monday.refuse_next("", "ResourceNotFoundException", 2))),
    row("alias limited", Strikes::Changes, Effect::Arranged(|monday| monday.refuse_next("", "FIELD_LIMIT_EXCEEDED", 2))),
    row("alias limited, small letters", Strikes::Changes, Effect::Arranged(|monday| monday.refuse_next("", "tooManyRequests", 2))),
    row("monday: 401 in HTML", Strikes::Monday, instead(401, HTML)),
    row("monday: 401", Strikes::Monday, instead(401, r#"{"errors":["Not Authenticated"]}"#)),
    row("monday: 423", Strikes::Changes, instead(423, LOCKED)),
    row("monday: 429 for 20 s", Strikes::Monday, instead(429, MINUTE)),
    row("monday: 429 until tomorrow", Strikes::Monday, instead(429, DAY)),
    row("monday: 429 for an hour", Strikes::Monday, instead(429, HOUR)),
    row("document refused", Strikes::Changes, instead(200, VALIDATION)),
    row("alias locked", Strikes::Changes, Effect::Arranged(|monday| monday.refuse_next("", "RESOURCE_LOCKED", 1))),
    row("alias not permitted", Strikes::Changes, Effect::Arranged(|monday| monday.refuse_next("", "UserUnauthorizedException", 1))),
    row("alias: the day's calls spent: 429", Strikes::Changes, Effect::Arranged(|monday| monday.refuse_next("", "DAILY_LIMIT_EXCEEDED", 1))),
    row("name refused", Strikes::Changes, Effect::Arranged(|monday| monday.refuse_next("", "InvalidItemNameException", 1))),
    row("value refused", Strikes::Changes, Effect::Arranged(|monday| monday.refuse_next("", "ColumnValueException", 2))),
    row("monday: 429 without a time", Strikes::Monday, instead(429, CONCURRENCY)),
    row("monday: points spent", Strikes::Monday, instead(429, POINTS)),
    row("monday: points spent, in a 200", Strikes::Monday, instead(200, POINTS)),
    row("monday: points spent, as before 2025", Strikes::Monday, instead(200, POINTS_OLD)),
    row("read: too complex", Strikes::Looks, instead(200, TOO_COMPLEX)),
    row("read: null items", Strikes::Looks, Effect::Arranged(|monday| monday.spoil_next("", Spoil::NullItems, 1))),
    row("read: no column values", Strikes::Looks, Effect::Arranged(|monday| monday.spoil_next("", Spoil::NoColumnValues, 1))),
    row("read: empty column values", Strikes::Looks, Effect::Arranged(|monday| monday.spoil_next("", Spoil::EmptyColumnValues, 1))),
    row("read: half of the items", Strikes::Looks, Effect::Arranged(|monday| monday.spoil_next("", Spoil::Half, 1))),
    row("read: a failed subgraph", Strikes::Looks, instead(200, SUBGRAPH)),
    row("file: lost on its way", Strikes::Files, Effect::LostBefore),
    row("file: answer lost", Strikes::Files, Effect::LostAfter),
    row("file: no answer", Strikes::Files, Effect::Hang),
    row("file: no connection", Strikes::Files, Effect::NoConnection),
    row("file: 403", Strikes::Files, instead(403, "<Error><Code>AccessDenied</Code></Error>")),
    row("file: 503 after the work", Strikes::Files, after(503, "<Error><Code>SlowDown</Code></Error>")),
    row("import: rejected", Strikes::Changes, Effect::Arranged(|monday| monday.trouble_next_job(BulkTrouble::Rejected("INTERNAL_ERROR".to_owned())))),
    row("import: breaks off", Strikes::Changes, Effect::Arranged(|monday| monday.trouble_next_job(BulkTrouble::FailsAfter(2, "INTERNAL_ERROR".to_owned())))),
    row("import: loses rows", Strikes::Changes, Effect::Arranged(|monday| monday.trouble_next_job(BulkTrouble::LosesRows(2)))),
    row("import: forgotten", Strikes::Changes, Effect::Arranged(|monday| monday.trouble_next_job(BulkTrouble::Forgotten))),
    row("imports: none for this account", Strikes::Changes, Effect::Arranged(|monday| monday.set_bulk_access(BulkAccess::Forbidden))),
    row("keys forgotten", Strikes::Changes, Effect::Arranged(Monday::forget_idempotency_keys)),
];

/// The kind of fault of this name.
pub(crate) fn named(name: &str) -> &'static FaultKind {
    FAULTS.iter().find(|kind| kind.name == name).unwrap_or_else(|| panic!("there is no fault `{name}`"))
}

/// Whatever was sent, in the answer: headers with their secrets, and the body.
fn repeated(request: &Request, _: Response) -> Response {
    let headers = request.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect::<String>();
    let body = String::from_utf8_lossy(&request.body);
    Response::with_body(500, "text/plain", format!("{} {}\n{headers}\n{body}", request.method, request.path))
}

fn cut(_: &Request, mut answer: Response) -> Response {
    answer.body.truncate(answer.body.len() / 2);
    answer
}

/// Changes the records of a page.
fn on_page(mut answer: Response, change: impl FnOnce(&mut Vec<serde_json::Value>)) -> Response {
    let Ok(mut body) = serde_json::from_slice::<serde_json::Value>(&answer.body) else { return answer };
    if let Some(records) = body.get_mut("value").and_then(serde_json::Value::as_array_mut) {
        change(records);
        answer.body = body.to_string().into_bytes();
    }
    answer
}

fn half_of_page(_: &Request, answer: Response) -> Response {
    // A page without records ends a read; a short one does not.
    on_page(answer, |records| records.truncate(records.len().div_ceil(2)))
}

fn first_twice(_: &Request, answer: Response) -> Response {
    on_page(answer, |records| records.extend(records.first().cloned()))
}

fn bare_array(_: &Request, mut answer: Response) -> Response {
    if let Ok(serde_json::Value::Object(page)) = serde_json::from_slice(&answer.body)
        && let Some(records) = page.get("value")
    {
        answer.body = records.to_string().into_bytes();
    }
    answer
}

fn camel_case(_: &Request, answer: Response) -> Response {
    let small = |name: &str| name[..1].to_ascii_lowercase() + &name[1..];
    on_page(answer, |records| {
        for record in records.iter_mut().filter_map(serde_json::Value::as_object_mut) {
            *record = std::mem::take(record).into_iter().map(|(name, value)| (small(&name), value)).collect();
        }
    })
}

/// Changes the aliases of an answer of monday.
fn on_aliases(mut answer: Response, change: impl FnOnce(&mut serde_json::Map<String, serde_json::Value>)) -> Response {
    let Ok(mut body) = serde_json::from_slice::<serde_json::Value>(&answer.body) else { return answer };
    if let Some(aliases) = body.get_mut("data").and_then(serde_json::Value::as_object_mut) {
        change(aliases);
        answer.body = body.to_string().into_bytes();
    }
    answer
}

fn null_aliases(_: &Request, answer: Response) -> Response {
    on_aliases(answer, |aliases| aliases.values_mut().for_each(|alias| *alias = serde_json::Value::Null))
}

fn without_first_alias(_: &Request, answer: Response) -> Response {
    on_aliases(answer, |aliases| {
        let first = aliases.keys().next().cloned();
        first.map(|first| aliases.remove(&first));
    })
}
