//! One call to monday: sending it, and what its answer means.

use super::document::Document;
use crate::config::{Monday, Secret};
use crate::http::{Http, Masks, NoAnswer, Reply, Request};
use crate::message::MondayText;
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::time::Duration;

/// Codes that ask to come back later; nothing was done. Old and new spellings, and those of monday's inner services.
const LIMIT_CODES: [&str; 12] = [
    "MINUTE_RATE_LIMIT_EXCEEDED",
    "MAX_CONCURRENCY_EXCEEDED",
    "maxConcurrencyExceeded",
    "COMPLEXITY_BUDGET_EXHAUSTED",
    "ComplexityException",
    "RATE_LIMIT_EXCEEDED",
    "RateLimitExceeded",
    "tooManyRequests",
    "FIELD_LIMIT_EXCEEDED",
    "API_TEMPORARILY_BLOCKED",
    "IP_RATE_LIMIT_EXCEEDED",
    "RESOURCE_LOCKED",
];
/// The day's allowance is used up.
const DAILY_CODES: [&str; 2] = ["DAILY_LIMIT_EXCEEDED", "dailyLimitExceeded"];
/// The document costs more than one request may.
const TOO_LARGE_CODES: [&str; 2] = ["REQUEST_MAX_COMPLEXITY_EXCEEDED", "maxComplexityExceeded"];
/// The wait after a limit that names none.
const DEFAULT_WAIT: Duration = Duration::from_secs(30);

/// The client: shared by all threads that call.
#[derive(Debug)]
pub struct Client<'a> {
    http: &'a Http,
    settings: &'a Monday,
    token: Secret,
}

/// One error of an answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GraphqlError {
    /// monday's words.
    pub message: String,
    /// `extensions.code`, or empty.
    pub code: String,
    /// The alias it belongs to; `None`: the whole document.
    pub alias: Option<String>,
    /// All of `extensions`.
    pub extensions: Value,
}

impl GraphqlError {
    /// Whether it asks to come back later.
    pub fn is_limit(&self) -> bool {
        LIMIT_CODES.contains(&self.code.as_str())
            || DAILY_CODES.contains(&self.code.as_str())
            || matches!(self.extensions.get("status_code").and_then(Value::as_u64), Some(423 | 429))
            || self.message.contains("currently locked")
    }

    /// Whether the document costs more than one request may.
    fn is_too_large(&self) -> bool {
        TOO_LARGE_CODES.contains(&self.code.as_str())
    }

    /// Whether the day's allowance is used up.
    pub fn is_daily_limit(&self) -> bool {
        DAILY_CODES.contains(&self.code.as_str())
    }

    /// How long to wait.
    pub fn wait(&self) -> Option<Duration> {
        let number = |name: &str| {
            let value = self.extensions.get(name).or_else(|| self.extensions.get("error_data")?.get(name))?;
            value.as_f64().or_else(|| value.as_str()?.parse().ok())
        };
        let seconds = number("retry_in_seconds").or_else(|| number("retryAfterMs").map(|ms| ms / 1_000.0));
        let told = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds.max(0.0)).ok());
        // The oldest form has it in words only: "... reset in 16 seconds".
        told.or_else(|| {
            let rest = self.message.split("reset in ").nth(1)?;
            Some(Duration::from_secs(rest.split_whitespace().next()?.parse().ok()?))
        })
    }

    /// Some servers repeat what they were sent.
    fn hide_secrets(&mut self, masks: &Masks) {
        self.message = masks.mask(&self.message);
        masks.mask_value(&mut self.extensions);
    }

    /// What it means where it is a limit: an answer that says nothing but "later".
    pub fn as_outcome(&self) -> Outcome {
        let wait = self.wait().unwrap_or(DEFAULT_WAIT);
        Outcome::Wait { wait, is_daily: self.is_daily_limit(), why: self.told() }
    }

    /// The message with its code, for people.
    pub fn told(&self) -> String {
        let message = crate::text::shortened(&self.message, 300);
        if self.code.is_empty() || message.contains(&self.code) {
            message
        } else {
            format!("{message} ({})", self.code)
        }
    }
}

/// A whole answer: data per alias, and errors.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// `data`.
    pub data: Map<String, Value>,
    /// `errors`.
    pub errors: Vec<GraphqlError>,
}

/// What a call came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// monday answered; single aliases may have failed.
    Answered(Answer),
    /// Nothing was done; come back after this long.
    Wait {
        /// How long.
        wait: Duration,
        /// Whether the day's allowance is used up.
        is_daily: bool,
        /// monday's words.
        why: String,
    },
    /// Nothing was done; the document is more than one request may be.
    TooLarge(String),
    /// Nothing was done: this document is refused as a whole.
    Refused(GraphqlError),
    /// The token is refused.
    Login(String),
    /// It never reached monday: nothing was done.
    NotSent(String),
    /// It may have been done, wholly or in part.
    Lost(String),
}

impl<'a> Client<'a> {
    /// Takes the settings and reads the token; nothing is sent yet.
    pub fn new(http: &'a Http, settings: &'a Monday) -> anyhow::Result<Client<'a>> {
        let token = settings.token.read()?;
        http.masks().add(token.expose());
        Ok(Client { http, settings, token })
    }

    /// The settings of `[network]` and the pauses.
    pub fn http(&self) -> &Http {
        self.http
    }

    /// Sends a question.
    pub fn ask(&self, document: &Document) -> anyhow::Result<Outcome> {
        self.send(document.body(), None)
    }

    /// Sends a body exactly as it is; `idempotency_key` belongs to mutations.
    pub fn send(&self, body: String, idempotency_key: Option<&str>) -> anyhow::Result<Outcome> {
        let mut request = Request::post(&self.settings.url)
            .header("content-type", "application/json")
            .header("accept", "application/json")
            // Raw, as all of monday's own samples have it.
            .header("authorization", self.token.expose())
            .header("api-version", &self.settings.api_version);
        if let Some(key) = idempotency_key {
            request = request.header("idempotency-key", key);
        }
        Ok(judge(self.http.exchange(request.body(body))?, Timestamp::now()))
    }
}

/// What an exchange came to. The rule: only what proves that nothing was done counts as not done.
fn judge(exchange: Result<Reply, NoAnswer>, now: Timestamp) -> Outcome {
    let reply = match exchange {
        Ok(reply) => reply,
        Err(NoAnswer { never_sent: true, why, .. }) => return Outcome::NotSent(why),
        Err(NoAnswer { why, .. }) => return Outcome::Lost(why),
    };
    let told = || format!("HTTP {}: {}", reply.status, reply.excerpt());
    let Some((data, mut errors)) = parse(&reply.body) else {
        return match reply.status {
            401 => Outcome::Login(told()),
            429 | 423 => {
                Outcome::Wait { wait: reply.retry_after(now).unwrap_or(DEFAULT_WAIT), is_daily: false, why: told() }
            }
            413 => Outcome::TooLarge(told()),
            400..=499 if reply.status != 408 && reply.status != 409 => {
                Outcome::Refused(GraphqlError { message: told(), ..GraphqlError::default() })
            }
            _ => Outcome::Lost(told()),
        };
    };
    errors.iter_mut().for_each(|error| error.hide_secrets(&reply.masks));
    if let Some(data) = data {
        return Outcome::Answered(Answer { data, errors });
    }
    let first = errors.first().cloned().unwrap_or_default();
    let why = first.told();
    // First: these come with the status of a limit, but no wait helps.
    if errors.iter().any(GraphqlError::is_too_large) || reply.status == 413 {
        return Outcome::TooLarge(why);
    }
    if errors.iter().any(GraphqlError::is_limit) || matches!(reply.status, 423 | 429) {
        let limits = || errors.iter().filter(|error| error.is_limit());
        let wait = limits().filter_map(GraphqlError::wait).max().or_else(|| reply.retry_after(now));
        let is_daily = limits().any(GraphqlError::is_daily_limit);
        return Outcome::Wait { wait: wait.unwrap_or(DEFAULT_WAIT), is_daily, why };
    }
    match reply.status {
        401 => Outcome::Login(why),
        408 | 409 | 500..=599 => Outcome::Lost(why),
        // An error with a path arose while the document ran, so that something of it may have been done.
        200..=299 if errors.iter().any(|error| error.alias.is_some()) => {
            Outcome::Answered(Answer { data: Map::new(), errors })
        }
        200..=299 if errors.is_empty() => Outcome::Lost(told()),
        _ => Outcome::Refused(first),
    }
}

/// `data`, unless it is null, and `errors`.
type Parsed = (Option<Map<String, Value>>, Vec<GraphqlError>);

/// The data and the errors of a body, in today's form and in the one before 2025; `None` when it is no answer of monday's.
fn parse(body: &[u8]) -> Option<Parsed> {
    let mut body: Value = serde_json::from_slice(body).ok()?;
    let data = match body.get_mut("data").map(Value::take) {
        Some(Value::Object(data)) => Some(data),
        _ => None,
    };
    let mut errors: Vec<GraphqlError> = match body.get("errors") {
        Some(Value::Array(errors)) => errors.iter().map(graphql_error).collect(),
        _ => Vec::new(),
    };
    if let Some(code) = body.get("error_code").and_then(Value::as_str) {
        let message = body.get("error_message").and_then(Value::as_str).unwrap_or(code);
        errors.insert(
            0,
            GraphqlError { message: message.to_owned(), code: code.to_owned(), alias: None, extensions: body.clone() },
        );
    } else if errors.is_empty() {
        let message = body.get("error_message").or_else(|| body.get("error")).and_then(Value::as_str);
        errors.extend(message.map(|message| GraphqlError { message: message.to_owned(), ..GraphqlError::default() }));
    }
    (data.is_some() || !errors.is_empty() || body.get("data").is_some()).then_some((data, errors))
}

fn graphql_error(error: &Value) -> GraphqlError {
    let extensions = error.get("extensions").cloned().unwrap_or(Value::Null);
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    GraphqlError {
        message: text(error.get("message")).or_else(|| text(Some(error))).unwrap_or_default(),
        code: text(extensions.get("code")).or_else(|| text(error.get("error_code"))).unwrap_or_default(),
        alias: text(error.get("path").and_then(|path| path.get(0))),
        extensions,
    }
}

impl Answer {
    /// The errors of an alias.
    pub fn error_of(&self, alias: &str) -> Option<&GraphqlError> {
        self.errors.iter().find(|error| error.alias.as_deref() == Some(alias))
    }
}

/// What a call that cannot be answered for now comes to, in words.
pub fn told(outcome: &Outcome) -> MondayText {
    match outcome {
        Outcome::Wait { why, .. } => MondayText::Limited { why: why.clone() },
        Outcome::TooLarge(why) => MondayText::Refused { why: why.clone() },
        Outcome::Refused(error) => MondayText::Refused { why: error.told() },
        Outcome::Login(why) => MondayText::LoginRefused { why: why.clone() },
        Outcome::NotSent(why) | Outcome::Lost(why) => MondayText::Unreachable { why: why.clone() },
        Outcome::Answered(answer) => {
            MondayText::Refused { why: answer.errors.first().map(GraphqlError::told).unwrap_or_default() }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderMap;

    fn judged(status: u16, body: &str) -> Outcome {
        let reply = Reply { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec(), ..Reply::default() };
        judge(Ok(reply), Timestamp::UNIX_EPOCH)
    }

    fn wait(outcome: &Outcome) -> Option<(u64, bool)> {
        match outcome {
            Outcome::Wait { wait, is_daily, .. } => Some((wait.as_secs(), *is_daily)),
            _ => None,
        }
    }

    #[test]
    fn limits_are_recognised_in_every_spelling() {
        for (status, body, expected) in [
            (
                429,
                r#"{"errors":[{"message":"Minute rate limit exceeded","extensions":{"code":"MINUTE_RATE_LIMIT_EXCEEDED","retry_in_seconds":58}}]}"#,
                (58, false),
            ),
            (
                429,
                r#"{"errors":[{"message":"Daily limit exceeded","extensions":{"code":"DAILY_LIMIT_EXCEEDED","retry_in_seconds":3599}}]}"#,
                (3599, true),
            ),
            (
                200,
                r#"{"error_code":"ComplexityException","status_code":429,"error_message":"Complexity budget exhausted, reset in 16 seconds","error_data":{},"errors":["text"],"account_id":1}"#,
                (16, false),
            ),
            (
                200,
                r#"{"errors":[{"message":"busy","extensions":{"code":"tooManyRequests","status_code":400}}]}"#,
                (30, false),
            ),
            (423, r#"{"errors":[{"message":"Resource is currently locked, please try again later"}]}"#, (30, false)),
            (429, "<html>slow down</html>", (30, false)),
            (
                429,
                r#"{"errors":[{"message":"x","extensions":{"code":"RATE_LIMIT_EXCEEDED","retryAfterMs":1500}}]}"#,
                (1, false),
            ),
        ] {
            assert_eq!(wait(&judged(status, body)), Some(expected), "{body}");
        }
    }

    #[test]
    fn what_does_not_prove_that_nothing_was_done_is_lost() {
        for (status, body) in [
            (500, r#"{"errors":[{"message":"Internal server error"}]}"#),
            (502, "<html>bad gateway</html>"),
            (503, r#"{"errors":[{"message":"timeout","extensions":{"code":"TIMEOUT_EXCEEDED"}}]}"#),
            (409, r#"{"errors":[{"message":"twin","extensions":{"code":"IDEMPOTENCY_CONFLICT"}}]}"#),
            (200, "<html>hello</html>"),
            (200, r#"{"data":null}"#),
        ] {
            assert!(matches!(judged(status, body), Outcome::Lost(_)), "{status} {body}");
        }
        let cut = NoAnswer::broken(false, "reset");
        assert!(matches!(judge(Err(cut), Timestamp::UNIX_EPOCH), Outcome::Lost(_)));
        let unreached = NoAnswer::broken(true, "refused");
        assert!(matches!(judge(Err(unreached), Timestamp::UNIX_EPOCH), Outcome::NotSent(_)));
    }

    #[test]
    fn refusals_of_a_whole_document_are_told_from_those_of_an_alias() {
        let whole = r#"{"errors":[{"message":"Field 'x' doesn't exist","locations":[]}]}"#;
        assert!(matches!(judged(200, whole), Outcome::Refused(_)));
        assert!(matches!(judged(401, r#"{"errors":[{"message":"Not Authenticated"}]}"#), Outcome::Login(_)));
        let partial = r#"{"data":{"a0":{"id":"1"},"a1":null},
            "errors":[{"message":"bad","path":["a1"],"extensions":{"code":"ColumnValueException"}}]}"#;
        let Outcome::Answered(answer) = judged(200, partial) else { panic!("an answer") };
        assert_eq!(answer.error_of("a1").map(|error| error.code.as_str()), Some("ColumnValueException"));
        assert_eq!(answer.error_of("a0"), None);
        let too_large = r#"{"errors":[{"message":"m",
            "extensions":{"code":"REQUEST_MAX_COMPLEXITY_EXCEEDED","status_code":429}}]}"#;
        for status in [200, 429] {
            assert!(matches!(judged(status, too_large), Outcome::TooLarge(_)), "{status}");
        }
    }
}
