//! What an exchange with monday came to, and what it proves. The rule: a change counts as not made only where the answer proves
//! it, by a code on one of the lists here. Whatever else comes back, the change may have been made.

use crate::http::{Masks, NoAnswer, NoAnswerCause, Reply};
use crate::message::MondayText;
use crate::retry::Setback;
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::time::Duration;

/// Limits that are checked before anything of a request runs. Old and new spellings.
const REQUEST_LIMIT_CODES: [&str; 11] = [
    "MINUTE_RATE_LIMIT_EXCEEDED",
    "MAX_CONCURRENCY_EXCEEDED",
    "maxConcurrencyExceeded",
    "COMPLEXITY_BUDGET_EXHAUSTED",
    "complexityBudgetExhausted",
    "ComplexityException",
    "RATE_LIMIT_EXCEEDED",
    "RateLimitExceeded",
    "IP_RATE_LIMIT_EXCEEDED",
    "DAILY_LIMIT_EXCEEDED",
    "dailyLimitExceeded",
];
/// Limits of monday's inner services, which may strike in the midst of a request.
const FIELD_LIMIT_CODES: [&str; 3] = ["tooManyRequests", "FIELD_LIMIT_EXCEEDED", "API_TEMPORARILY_BLOCKED"];
/// The board is written to by somebody else.
const LOCK_CODES: [&str; 2] = ["RESOURCE_LOCKED", "ResourceLockedException"];
/// The day's allowance is used up.
const DAILY_CODES: [&str; 2] = ["DAILY_LIMIT_EXCEEDED", "dailyLimitExceeded"];
/// The document costs more than one request may.
const TOO_LARGE_CODES: [&str; 2] = ["REQUEST_MAX_COMPLEXITY_EXCEEDED", "maxComplexityExceeded"];
/// The document, or the request, is refused before anything of it runs.
const DOCUMENT_CODES: [&str; 16] = [
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "BAD_REQUEST",
    "BAD_USER_INPUT",
    "InvalidVersionException",
    "argumentLiteralsIncompatible",
    "argumentNotAccepted",
    "missingRequiredArguments",
    "parseError",
    "selectionMismatch",
    "undefinedField",
    "undefinedType",
    "variableMismatch",
    "variableNotDefined",
    "variableNotUsed",
    "variableRequiresValidType",
];
/// The token's user may not do it.
const PERMISSION_CODES: [&str; 6] = [
    "UserUnauthorizedException",
    "USER_UNAUTHORIZED",
    "USER_ACCESS_DENIED",
    "missingRequiredPermissions",
    "FORBIDDEN",
    "UNAUTHORIZED",
];
/// What is asked for one item cannot be done: its values, its name, the item or the board itself.
const CHANGE_CODES: [&str; 16] = [
    "ColumnValueException",
    "CorrectedValueException",
    "InvalidArgumentException",
    "InvalidInputException",
    "InvalidBoardIdException",
    "InvalidColumnIdException",
    "InvalidItemIdException",
    "InvalidItemNameException",
    "ItemNameTooLongException",
    "ItemsLimitationException",
    "JsonParseException",
    "RecordInvalidException",
    "ResourceNotFoundException",
    "DeleteLastGroupException",
    "InvalidColumnTypeException",
    "InactiveItemException",
];
/// The name of an item is refused.
const NAME_CODES: [&str; 2] = ["InvalidItemNameException", "ItemNameTooLongException"];
/// monday has failed, or gave up. Only questions are told apart by these: to a change, all that proves nothing is the same.
const FAULT_CODES: [&str; 5] =
    ["INTERNAL_SERVER_ERROR", "InternalServerError", "SERVICE_UNAVAILABLE", "TIMEOUT_EXCEEDED", "IDEMPOTENCY_CONFLICT"];
/// The wait after a limit that names none.
const DEFAULT_WAIT: Duration = Duration::from_secs(30);

/// What an error proves about the changes of its call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Proof {
    /// Nothing: all of it may have been done.
    Nothing,
    /// That the change that it is about was not made.
    OneChange,
    /// That nothing of the call was done.
    WholeCall,
}

/// What became of one change of a call.
#[derive(Debug, Clone, PartialEq)]
pub enum ItemResult<'a> {
    /// It was made, to the item with this id.
    Done(String),
    /// It was not made, which this proves.
    NotDone(NotDone<'a>),
    /// It may have been made.
    Unknown,
}

/// The proof that a change was not made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum NotDone<'a> {
    /// monday's refusal of this change.
    Refused(&'a GraphqlError),
    /// Nothing of the whole call was done.
    WholeCall,
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
    /// Whether it is about a field of what the alias answers: it arose after the change itself.
    pub is_inner: bool,
    /// All of `extensions`.
    pub extensions: Value,
}

impl GraphqlError {
    fn has_code(&self, codes: &[&str]) -> bool {
        codes.contains(&self.code.as_str())
    }

    fn inner_status(&self) -> Option<u64> {
        self.extensions.get("status_code").and_then(Value::as_u64)
    }

    /// Whether it asks to come back later.
    pub fn is_limit(&self) -> bool {
        self.has_code(&REQUEST_LIMIT_CODES)
            || self.has_code(&FIELD_LIMIT_CODES)
            || self.is_lock()
            || self.inner_status() == Some(429) && !self.is_too_large()
    }

    /// Whether somebody else writes to the board. monday documents no code for it, but the sentence.
    pub fn is_lock(&self) -> bool {
        self.has_code(&LOCK_CODES) || self.inner_status() == Some(423) || self.message.contains("currently locked")
    }

    /// Whether the document costs more than one request may.
    fn is_too_large(&self) -> bool {
        self.has_code(&TOO_LARGE_CODES)
    }

    /// Whether the day's allowance is used up.
    pub fn is_daily_limit(&self) -> bool {
        self.has_code(&DAILY_CODES)
    }

    /// Whether the token's user may not do it.
    pub fn is_permission(&self) -> bool {
        self.has_code(&PERMISSION_CODES)
    }

    /// Whether it is about an item's name.
    pub fn is_about_name(&self) -> bool {
        let column = self.extensions.get("error_data").and_then(|data| data.get("column_id"));
        self.has_code(&NAME_CODES) || column.and_then(Value::as_str) == Some("name")
    }

    /// Whether monday failed, rather than refused: the same question may be answered next time.
    pub fn is_fault(&self) -> bool {
        self.code.is_empty() || self.has_code(&FAULT_CODES) || self.inner_status().is_some_and(|status| status >= 500)
    }

    /// Whether the document was refused before anything of it ran: by its code, or by the list of what is wrong with a variable.
    fn is_about_document(&self) -> bool {
        self.has_code(&DOCUMENT_CODES) || self.extensions.get("problems").is_some_and(Value::is_array)
    }

    /// What it proves in an answer with this HTTP status.
    fn proof(&self, status: u16) -> Proof {
        let is_refused_request = (400..500).contains(&status);
        match status {
            408 | 409 | 499 | 500.. => Proof::Nothing,
            _ if self.has_code(&FAULT_CODES) || self.is_inner => Proof::Nothing,
            _ if self.is_about_document() || self.is_too_large() || self.has_code(&REQUEST_LIMIT_CODES) => {
                Proof::WholeCall
            }
            401 | 423 | 429 => Proof::WholeCall,
            _ if self.is_permission() && is_refused_request => Proof::WholeCall,
            _ if self.is_permission() || self.has_code(&CHANGE_CODES) || self.is_limit() => Proof::OneChange,
            _ => Proof::Nothing,
        }
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
        Outcome::Wait { wait: Some(wait), limit: self.limit(), why: self.told(), proof: Proof::Nothing }
    }

    /// What it asks to wait for.
    pub fn limit(&self) -> Limit {
        match (self.is_daily_limit(), self.is_lock()) {
            (true, _) => Limit::Day,
            (_, true) => Limit::Lock,
            _ => Limit::Rate,
        }
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
    /// The HTTP status that it came with.
    pub status: u16,
    /// `data`.
    pub data: Map<String, Value>,
    /// `errors`.
    pub errors: Vec<GraphqlError>,
}

impl Answer {
    /// The setback that it is for a question: what is wrong with any part of it may pass.
    fn setback(&self) -> Option<Setback> {
        let limit = self.errors.iter().find(|error| error.is_limit());
        let is_fault = || self.errors.iter().any(GraphqlError::is_fault);
        limit.map(|error| error.limit().setback(error.wait())).or_else(|| is_fault().then_some(Setback::Fault(None)))
    }

    /// Adds the answer to the other half of a question: lists are joined, all else is taken from the first.
    pub fn join(&mut self, other: Answer) {
        self.status = other.status;
        self.errors.extend(other.errors);
        for (name, value) in other.data {
            match self.data.get_mut(&name) {
                Some(known) => join(known, value),
                None => {
                    self.data.insert(name, value);
                }
            }
        }
    }

    /// The errors of an alias.
    pub fn error_of(&self, alias: &str) -> Option<&GraphqlError> {
        self.errors.iter().find(|error| error.alias.as_deref() == Some(alias))
    }

    fn result_of(&self, alias: &str) -> ItemResult<'_> {
        let id = self.data.get(alias).and_then(|item| item.get("id"));
        let id = id.and_then(|id| id.as_str().map(str::to_owned).or_else(|| id.as_u64().map(|id| id.to_string())));
        match (id, self.error_of(alias)) {
            (Some(id), _) if is_item_id(&id) => ItemResult::Done(id),
            (_, Some(error)) if error.proof(self.status) > Proof::Nothing => {
                ItemResult::NotDone(NotDone::Refused(error))
            }
            _ => ItemResult::Unknown,
        }
    }
}

/// Whether it can be an item's id: there is no item 0.
fn is_item_id(id: &str) -> bool {
    !id.trim().trim_start_matches('0').is_empty()
}

fn join(known: &mut Value, other: Value) {
    match (known, other) {
        (Value::Array(known), Value::Array(other)) => known.extend(other),
        (Value::Object(known), Value::Object(other)) => {
            for (name, value) in other {
                match known.get_mut(&name) {
                    Some(known) => join(known, value),
                    None => {
                        known.insert(name, value);
                    }
                }
            }
        }
        (known @ Value::Null, other) => *known = other,
        _ => {}
    }
}

/// What a call is to wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Fewer calls, or cheaper ones, for a while.
    Rate,
    /// The day's allowance is used up.
    Day,
    /// Somebody else writes to the board.
    Lock,
}

/// What a call came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// monday answered; single aliases may have failed.
    Answered(Answer),
    /// Come back later.
    Wait {
        /// How long, where monday says so.
        wait: Option<Duration>,
        /// What for.
        limit: Limit,
        /// monday's words.
        why: String,
        /// What it proves of a call with changes.
        proof: Proof,
    },
    /// Nothing was done; the document is more than one request may be.
    TooLarge(String),
    /// This document is refused as a whole.
    Refused(GraphqlError, Proof),
    /// monday says that it has failed at this document.
    Fault(GraphqlError),
    /// The token is refused.
    Login(String, Proof),
    /// It never reached monday: nothing was done.
    NotSent(String),
    /// No answer, or none that says anything.
    Lost {
        /// Why.
        why: String,
        /// Whether monday may be at work on it still: somebody gave up waiting.
        is_cut_off: bool,
    },
}

impl Limit {
    /// The setback that it is.
    pub fn setback(self, wait: Option<Duration>) -> Setback {
        match self {
            Limit::Rate => Setback::Limit(wait),
            Limit::Day => Setback::DayLimit(wait),
            Limit::Lock => Setback::Lock(wait),
        }
    }
}

impl Outcome {
    /// The setback that it is for a question; `None`: an answer, or a refusal that would only be repeated.
    pub fn setback(&self) -> Option<Setback> {
        match self {
            Outcome::Answered(answer) => answer.setback(),
            Outcome::Wait { wait, limit, .. } => Some(limit.setback(*wait)),
            Outcome::Fault(_) | Outcome::NotSent(_) | Outcome::Lost { .. } => Some(Setback::Fault(None)),
            Outcome::TooLarge(_) | Outcome::Refused(..) | Outcome::Login(..) => None,
        }
    }

    /// The wait that it asks for; of an answer, the one that the first limit in it asks for.
    #[must_use]
    pub fn as_wait(&self) -> Outcome {
        match self {
            Outcome::Answered(answer) => {
                answer.errors.iter().find(|error| error.is_limit()).map(GraphqlError::as_outcome)
            }
            _ => None,
        }
        .unwrap_or_else(|| self.clone())
    }

    /// What became of one of the `changes` of the call.
    pub fn result_of(&self, alias: &str, changes: usize) -> ItemResult<'_> {
        match self {
            Outcome::Answered(answer) => answer.result_of(alias),
            _ if self.proves_nothing_done(changes) => ItemResult::NotDone(NotDone::WholeCall),
            _ => ItemResult::Unknown,
        }
    }

    /// Whether it proves that none of so many changes was made. What is refused for one change's sake says nothing of those
    /// before it.
    pub fn proves_nothing_done(&self, changes: usize) -> bool {
        let proof = match self {
            Outcome::TooLarge(_) | Outcome::NotSent(_) => Proof::WholeCall,
            Outcome::Wait { proof, .. } | Outcome::Refused(_, proof) | Outcome::Login(_, proof) => *proof,
            Outcome::Answered(_) | Outcome::Fault(_) | Outcome::Lost { .. } => Proof::Nothing,
        };
        proof == Proof::WholeCall || proof == Proof::OneChange && changes == 1
    }

    /// Whether monday may be at work on the call still.
    pub fn is_cut_off(&self) -> bool {
        match self {
            Outcome::Lost { is_cut_off, .. } => *is_cut_off,
            Outcome::Fault(error) => error.has_code(&["TIMEOUT_EXCEEDED", "IDEMPOTENCY_CONFLICT"]),
            Outcome::Answered(answer) => {
                answer.errors.iter().any(|error| error.has_code(&["TIMEOUT_EXCEEDED", "IDEMPOTENCY_CONFLICT"]))
            }
            _ => false,
        }
    }
}

/// What an exchange came to.
pub(super) fn judge(exchange: Result<Reply, NoAnswer>, now: Timestamp) -> Outcome {
    let reply = match exchange {
        Ok(reply) => reply,
        Err(NoAnswer { never_sent: true, why, .. }) => return Outcome::NotSent(why),
        Err(NoAnswer { why, cause, .. }) => {
            let is_cut_off = matches!(cause, NoAnswerCause::TimedOut | NoAnswerCause::Stopped(_));
            return Outcome::Lost { why, is_cut_off };
        }
    };
    let told = || format!("HTTP {}: {}", reply.status, reply.excerpt());
    let Some((data, mut errors)) = parse(&reply.body) else {
        return without_graphql(&reply, told(), now);
    };
    errors.iter_mut().for_each(|error| error.hide_secrets(&reply.masks));
    // An error with a path arose while the document ran, so that something of it may have been done.
    if !data.is_empty() || errors.iter().any(|error| error.alias.is_some()) {
        return Outcome::Answered(Answer { status: reply.status, data, errors });
    }
    let Some(first) = errors.first() else { return lost(reply.status, told()) };
    let proof = errors.iter().map(|error| error.proof(reply.status)).min().unwrap_or(Proof::Nothing);
    let why = first.told();
    // First: these come with the status of a limit, but no wait helps.
    if reply.status == 413 || errors.iter().any(GraphqlError::is_too_large) && proof == Proof::WholeCall {
        return Outcome::TooLarge(why);
    }
    let limit = errors.iter().find(|error| error.is_limit()).map(GraphqlError::limit);
    let by_status = match reply.status {
        423 => Some(Limit::Lock),
        429 => Some(Limit::Rate),
        _ => None,
    };
    if let Some(limit) = limit.filter(|_| reply.status < 500).or(by_status) {
        let wait = errors.iter().filter_map(GraphqlError::wait).max().or_else(|| reply.retry_after(now));
        return Outcome::Wait { wait, limit, why, proof };
    }
    match reply.status {
        401 => Outcome::Login(why, proof),
        408 | 409 | 499 | 500.. => {
            let is_cut_off = errors.iter().any(|error| error.has_code(&["TIMEOUT_EXCEEDED"])) || cuts_off(reply.status);
            Outcome::Lost { why, is_cut_off }
        }
        200..=299 if proof == Proof::Nothing && first.is_fault() => Outcome::Fault(first.clone()),
        _ => Outcome::Refused(first.clone(), proof),
    }
}

/// An answer that is not monday's own: of a proxy, which may have passed the request on, or not.
fn without_graphql(reply: &Reply, told: String, now: Timestamp) -> Outcome {
    let wait =
        |limit: Limit, why: String| Outcome::Wait { wait: reply.retry_after(now), limit, why, proof: Proof::Nothing };
    match reply.status {
        401 => Outcome::Login(told, Proof::Nothing),
        // A body that is too large is refused before it is read.
        413 => Outcome::TooLarge(told),
        423 => wait(Limit::Lock, told),
        429 => wait(Limit::Rate, told),
        408 | 409 | 499 => lost(reply.status, told),
        400..=498 => Outcome::Refused(GraphqlError { message: told, ..GraphqlError::default() }, Proof::Nothing),
        _ => lost(reply.status, told),
    }
}

fn lost(status: u16, why: String) -> Outcome {
    Outcome::Lost { why, is_cut_off: cuts_off(status) }
}

/// Whether a status says that somebody gave up waiting, or that the work goes on.
fn cuts_off(status: u16) -> bool {
    matches!(status, 408 | 409 | 499 | 502..=504 | 520..=527 | 598 | 599)
}

/// The data and the errors of a body, in today's form and in the one before 2025; `None` when it is no answer of monday's.
/// Data that are null, absent or no object are none.
fn parse(body: &[u8]) -> Option<(Map<String, Value>, Vec<GraphqlError>)> {
    let mut body: Value = serde_json::from_slice(body).ok()?;
    let text = |body: &Value, name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let (had_data, data) = match body.get_mut("data").map(Value::take) {
        Some(Value::Object(data)) => (true, data),
        other => (other.is_some(), Map::new()),
    };
    let mut errors: Vec<GraphqlError> = match body.get("errors") {
        Some(Value::Array(errors)) => errors.iter().map(graphql_error).collect(),
        _ => Vec::new(),
    };
    let code = text(&body, "error_code").unwrap_or_default();
    let message = text(&body, "error_message").or_else(|| text(&body, "error"));
    if !code.is_empty() || errors.is_empty() && message.is_some() {
        // In this form `errors` only repeats the message.
        let message = message.unwrap_or_else(|| code.clone());
        errors = vec![GraphqlError { message, code, extensions: body, ..GraphqlError::default() }];
    }
    (had_data || !errors.is_empty()).then_some((data, errors))
}

fn graphql_error(error: &Value) -> GraphqlError {
    let extensions = error.get("extensions").cloned().unwrap_or(Value::Null);
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    GraphqlError {
        message: text(error.get("message")).or_else(|| text(Some(error))).unwrap_or_default(),
        code: text(extensions.get("code")).or_else(|| text(error.get("error_code"))).unwrap_or_default(),
        alias: text(error.get("path").and_then(|path| path.get(0))),
        is_inner: error.get("path").is_some_and(|path| path.get(1).is_some()),
        extensions,
    }
}

/// Why a call came to nothing, in the words of who said so.
pub fn why(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Wait { why, .. }
        | Outcome::TooLarge(why)
        | Outcome::Login(why, _)
        | Outcome::NotSent(why)
        | Outcome::Lost { why, .. } => why.clone(),
        Outcome::Refused(error, _) | Outcome::Fault(error) => error.told(),
        Outcome::Answered(answer) => answer.errors.first().map(GraphqlError::told).unwrap_or_default(),
    }
}

/// What a call that cannot be answered for now comes to, in words.
pub fn told(outcome: &Outcome) -> MondayText {
    match outcome {
        Outcome::Wait { why, .. } => MondayText::Limited { why: why.clone() },
        Outcome::TooLarge(why) => MondayText::Refused { why: why.clone() },
        Outcome::Refused(error, _) => MondayText::Refused { why: error.told() },
        Outcome::Login(why, _) => MondayText::LoginRefused { why: why.clone() },
        Outcome::Fault(error) => MondayText::Unreachable { why: error.told() },
        Outcome::NotSent(why) | Outcome::Lost { why, .. } => MondayText::Unreachable { why: why.clone() },
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

    /// Whether the answer proves that the change `a1`, one of so many, was not made; an id counts as `None`.
    fn is_proof(status: u16, body: &str, changes: usize) -> Option<bool> {
        match judged(status, body).result_of("a1", changes) {
            ItemResult::Done(_) => None,
            ItemResult::NotDone(_) => Some(true),
            ItemResult::Unknown => Some(false),
        }
    }

    fn error(message: &str, code: &str, alias: Option<&str>) -> String {
        let mut error = serde_json::json!({"message": message, "extensions": {"code": code, "status_code": 200}});
        if let Some(alias) = alias {
            error["path"] = serde_json::json!([alias]);
        }
        error.to_string()
    }

    #[test]
    fn a_fault_of_the_server_inside_a_200_proves_nothing() {
        let whole = |code: &str| format!(r#"{{"errors":[{}]}}"#, error("m", code, None));
        let alias = |code: &str| {
            format!(r#"{{"data":{{"a0":{{"id":"7"}},"a1":null}},"errors":[{}]}}"#, error("m", code, Some("a1")))
        };
        let subgraph = r#"{"message":"Failed to fetch from Subgraph 'items'"}"#;
        let mut bodies = vec![
            format!(r#"{{"data":null,"errors":[{subgraph}]}}"#),
            format!(r#"{{"errors":[{subgraph}]}}"#),
            format!(r#"{{"data":{{"a0":null,"a1":null}},"errors":[{subgraph}]}}"#),
            format!(r#"{{"data":[],"errors":[{subgraph}]}}"#),
            r#"{"error_message":"Internal server error","status_code":500}"#.to_owned(),
            r#"{"error_code":"INTERNAL_SERVER_ERROR","status_code":500,"error_message":"m","error_data":{}}"#.to_owned(),
            r#"{"error_code":"SomethingElse","status_code":200,"error_message":"m","errors":["m"]}"#.to_owned(),
            r#"{"data":{},"errors":[]}"#.to_owned(),
            r#"{"data":null}"#.to_owned(),
            r#"{"data":[]}"#.to_owned(),
            r#"{"data":{"a0":{"id":"7"},"a1":null}}"#.to_owned(),
            r#"{"data":{"a0":{"id":"7"}}}"#.to_owned(),
            r#"{"data":{"a1":{"id":null}}}"#.to_owned(),
            r#"{"data":{"a0":null,"a1":null},"errors":[{"message":"m","path":["a0"],"extensions":{"code":"ColumnValueException"}}]}"#.to_owned(),
            r#"{"errors":["text"]}"#.to_owned(),
            "{}".to_owned(),
            "null".to_owned(),
            "<html>hello</html>".to_owned(),
            String::new(),
        ];
        for code in ["INTERNAL_SERVER_ERROR", "TIMEOUT_EXCEEDED", "IDEMPOTENCY_CONFLICT", "NEVER_HEARD_OF", ""] {
            bodies.extend([whole(code), alias(code)]);
        }
        for body in bodies {
            for changes in [1, 2] {
                assert_eq!(is_proof(200, &body, changes), Some(false), "{body}");
            }
        }
    }

    #[test]
    fn an_error_about_a_field_of_the_answer_proves_nothing_of_the_change() {
        for code in
            [&CHANGE_CODES[..], &PERMISSION_CODES[..], &FIELD_LIMIT_CODES[..], &REQUEST_LIMIT_CODES[..]].concat()
        {
            let error = serde_json::json!({"message": "m", "path": ["a1", "id"], "extensions": {"code": code}});
            let body = serde_json::json!({"data": {"a0": {"id": "7"}, "a1": null}, "errors": [error]}).to_string();
            assert_eq!(is_proof(200, &body, 2), Some(false), "{code}");
        }
    }

    #[test]
    fn what_is_no_id_of_an_item_proves_nothing() {
        for (id, expected) in [
            ("\"0\"", Some(false)),
            ("0", Some(false)),
            ("\" \"", Some(false)),
            ("-1", Some(false)),
            ("\"10\"", None),
            ("10", None),
        ] {
            let body = format!(r#"{{"data":{{"a0":{{"id":"7"}},"a1":{{"id":{id}}}}}}}"#);
            assert_eq!(is_proof(200, &body, 2), expected, "{id}");
        }
    }

    #[test]
    fn codes_of_refusals_and_limits_prove_that_their_change_was_not_made() {
        let limits = [&REQUEST_LIMIT_CODES[..], &FIELD_LIMIT_CODES[..], &LOCK_CODES[..]].concat();
        for code in [limits, PERMISSION_CODES.to_vec(), CHANGE_CODES.to_vec()].concat() {
            let body =
                format!(r#"{{"data":{{"a0":{{"id":"7"}},"a1":null}},"errors":[{}]}}"#, error("m", code, Some("a1")));
            assert_eq!(is_proof(200, &body, 2), Some(true), "{code}");
            assert_eq!(judged(200, &body).result_of("a0", 2), ItemResult::Done("7".to_owned()), "{code}");
            assert_eq!(is_proof(503, &body, 2), Some(false), "{code}: whatever a failing server says is no proof");
        }
    }

    #[test]
    fn a_whole_call_is_proven_undone_only_by_what_is_checked_before_it_runs() {
        let whole = |code: &str| format!(r#"{{"data":null,"errors":[{}]}}"#, error("m", code, None));
        for code in [&DOCUMENT_CODES[..], &TOO_LARGE_CODES[..], &REQUEST_LIMIT_CODES[..]].concat() {
            for status in [200, 400, 429] {
                assert_eq!(is_proof(status, &whole(code), 2), Some(true), "{status} {code}");
            }
            assert_eq!(is_proof(500, &whole(code), 1), Some(false), "{code}");
        }
        // What was refused for one change's sake says nothing of those before it.
        for code in [&CHANGE_CODES[..], &PERMISSION_CODES[..], &FIELD_LIMIT_CODES[..]].concat() {
            assert_eq!(is_proof(200, &whole(code), 2), Some(false), "{code}");
            assert_eq!(is_proof(200, &whole(code), 1), Some(true), "{code}");
        }
        for (status, body, expected) in [
            (403, whole("USER_ACCESS_DENIED"), true),
            (401, whole("whatever"), true),
            (401, r#"{"errors":[{"message":"Not Authenticated"}]}"#.to_owned(), true),
            (429, r#"{"errors":[{"message":"slow down"}]}"#.to_owned(), true),
            (
                423,
                r#"{"errors":[{"message":"Resource is currently locked, please try again later"}]}"#.to_owned(),
                true,
            ),
            (200, r#"{"errors":[{"message":"Variable $v","extensions":{"problems":[{"path":[]}]}}]}"#.to_owned(), true),
            (
                200,
                r#"{"errors":[{"message":"Field 'x' doesn't exist on type 'Mutation'","locations":[]}]}"#.to_owned(),
                false,
            ),
            (400, r#"{"errors":[{"message":"Request body must be a JSON with query"}]}"#.to_owned(), false),
            (409, whole("MINUTE_RATE_LIMIT_EXCEEDED"), false),
            (408, whole("MINUTE_RATE_LIMIT_EXCEEDED"), false),
            (413, "<html>too large</html>".to_owned(), true),
        ] {
            assert_eq!(is_proof(status, &body, 2), Some(expected), "{status} {body}");
        }
        let mixed = format!(
            r#"{{"errors":[{},{{"message":"Failed to fetch"}}]}}"#,
            error("m", "GRAPHQL_VALIDATION_FAILED", None)
        );
        assert_eq!(is_proof(200, &mixed, 2), Some(false), "each error has to be a proof");
    }

    #[test]
    fn an_answer_that_is_not_mondays_own_proves_nothing() {
        for status in
            [200, 301, 400, 401, 403, 404, 405, 408, 409, 410, 418, 423, 429, 499, 500, 502, 503, 504, 520, 599]
        {
            for body in ["<html>no</html>", "", "[]", "\"no\"", "{\"status\": \"down\"}"] {
                assert_eq!(is_proof(status, body, 1), Some(false), "{status} {body}");
            }
        }
        for (never_sent, expected) in [(true, true), (false, false)] {
            let none = NoAnswer::broken(never_sent, "reset");
            let outcome = judge(Err(none), Timestamp::UNIX_EPOCH);
            assert_eq!(outcome.proves_nothing_done(2), expected);
        }
    }

    fn wait(outcome: &Outcome) -> Option<(Option<u64>, Limit)> {
        match outcome {
            Outcome::Wait { wait, limit, .. } => Some((wait.map(|wait| wait.as_secs()), *limit)),
            _ => None,
        }
    }

    #[test]
    fn limits_are_recognised_in_every_spelling() {
        for (status, body, expected) in [
            (
                429,
                r#"{"errors":[{"message":"Minute rate limit exceeded","extensions":{"code":"MINUTE_RATE_LIMIT_EXCEEDED","retry_in_seconds":58}}]}"#,
                (Some(58), Limit::Rate),
            ),
            (
                429,
                r#"{"errors":[{"message":"Daily limit exceeded","extensions":{"code":"DAILY_LIMIT_EXCEEDED","retry_in_seconds":3599}}]}"#,
                (Some(3599), Limit::Day),
            ),
            (
                200,
                r#"{"error_code":"ComplexityException","status_code":429,"error_message":"Complexity budget exhausted, reset in 16 seconds","error_data":{},"errors":["text"],"account_id":1}"#,
                (Some(16), Limit::Rate),
            ),
            (
                200,
                r#"{"errors":[{"message":"busy","extensions":{"code":"tooManyRequests","status_code":400}}]}"#,
                (None, Limit::Rate),
            ),
            (
                423,
                r#"{"errors":[{"message":"Resource is currently locked, please try again later"}]}"#,
                (None, Limit::Lock),
            ),
            (423, "<html>locked</html>", (None, Limit::Lock)),
            (429, "<html>slow down</html>", (None, Limit::Rate)),
            (
                429,
                r#"{"errors":[{"message":"x","extensions":{"code":"RATE_LIMIT_EXCEEDED","retryAfterMs":1500}}]}"#,
                (Some(1), Limit::Rate),
            ),
        ] {
            assert_eq!(wait(&judged(status, body)), Some(expected), "{body}");
        }
    }

    #[test]
    fn what_cannot_be_made_smaller_is_told_from_what_has_to_wait() {
        let too_large =
            r#"{"errors":[{"message":"m","extensions":{"code":"REQUEST_MAX_COMPLEXITY_EXCEEDED","status_code":429}}]}"#;
        for status in [200, 429] {
            assert!(matches!(judged(status, too_large), Outcome::TooLarge(_)), "{status}");
        }
        assert!(matches!(judged(401, r#"{"errors":[{"message":"Not Authenticated"}]}"#), Outcome::Login(..)));
        assert!(matches!(judged(404, "<html>no such page</html>"), Outcome::Refused(..)));
        assert!(matches!(
            judged(200, r#"{"errors":[{"message":"m","extensions":{"code":"CursorException"}}]}"#),
            Outcome::Refused(..)
        ));
        assert!(matches!(judged(200, r#"{"errors":[{"message":"m"}]}"#), Outcome::Fault(_)));
    }

    #[test]
    fn a_cut_off_is_told_from_a_failure() {
        let timeout = r#"{"errors":[{"message":"m","extensions":{"code":"TIMEOUT_EXCEEDED","status_code":503}}]}"#;
        for (status, body, expected) in [
            (503, timeout, true),
            (200, timeout, true),
            (504, "<html></html>", true),
            (499, "<html></html>", true),
            (500, r#"{"errors":[{"message":"Internal server error"}]}"#, false),
            (200, r#"{"data":null}"#, false),
        ] {
            assert_eq!(judged(status, body).is_cut_off(), expected, "{status} {body}");
        }
    }

    #[test]
    fn the_answers_to_two_halves_are_one() {
        let answer = |body: &str| match judged(200, body) {
            Outcome::Answered(answer) => answer,
            other => panic!("{other:?}"),
        };
        let mut whole = Answer::default();
        whole.join(answer(r#"{"data":{"page":{"cursor":null,"items":[{"id":"1"}]}}}"#));
        whole.join(answer(r#"{"data":{"page":{"cursor":null,"items":[{"id":"2"}]}}}"#));
        assert_eq!(
            Value::Object(whole.data),
            serde_json::json!({"page": {"cursor": null, "items": [{"id": "1"}, {"id": "2"}]}})
        );
    }
}
