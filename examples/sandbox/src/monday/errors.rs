//! How monday refuses: the shape of one error, of a refused request, and the codes that have something of their own.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::Response;

/// Why one root field, or one whole request, is not answered.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    pub(super) message: String,
    /// `extensions.code`; none where monday's own answers have none.
    pub(super) code: Option<String>,
    /// `extensions.status_code`, which for application errors is not the HTTP status: that one stays 200.
    pub(super) status: u16,
    error_data: Vec<(String, Value)>,
    extensions: Vec<(String, Value)>,
}

impl Refusal {
    pub(super) fn new(code: &str, status: u16, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: Some(code.to_owned()),
            status,
            error_data: Vec::new(),
            extensions: Vec::new(),
        }
    }

    /// For answers of which only the message is known.
    pub(super) fn bare(status: u16, message: impl Into<String>) -> Self {
        Self { code: None, ..Self::new("", status, message) }
    }

    pub(super) fn argument(message: impl Into<String>) -> Self {
        Self::new("InvalidArgumentException", 400, message)
    }

    pub(super) fn no_board(board: &str) -> Self {
        Self::new("InvalidBoardIdException", 400, "The board does not exist. Please check your board ID and try again")
            .data("board_id", board)
    }

    pub(super) fn no_column(board: u64, column: &str) -> Self {
        Self::new("InvalidColumnIdException", 400, "This column ID doesn't exist for the board")
            .data("board_id", board.to_string())
            .data("column_id", column)
    }

    pub(super) fn data(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.error_data.push((key.to_owned(), value.into()));
        self
    }

    pub(super) fn extension(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.extensions.push((key.to_owned(), value.into()));
        self
    }

    /// The refusal a test asked for by its code, with the message and the wait that go with that code.
    ///
    /// Sources: monday's recorded answers in its public MCP server, and its pages on rate limits and errors.
    pub(super) fn of_code(code: &str, retry_in_seconds: Option<u64>) -> Self {
        let (status, message) = match code {
            "MINUTE_RATE_LIMIT_EXCEEDED" => (429, "Minute rate limit exceeded"),
            "MAX_CONCURRENCY_EXCEEDED" => (429, "Too many concurrent requests"),
            "maxConcurrencyExceeded" => (429, "Max concurrency exceeded"),
            "DAILY_LIMIT_EXCEEDED" => (429, "Daily limit exceeded"),
            "COMPLEXITY_BUDGET_EXHAUSTED" => (429, "Complexity budget exhausted"),
            "IP_RATE_LIMIT_EXCEEDED" => (429, "Your IP has exceeded the rate limit"),
            "FIELD_LIMIT_EXCEEDED" => (429, "Field limit exceeded"),
            // A sub-service's own limit comes with 400, of all things.
            "tooManyRequests" => (400, "Too many requests"),
            "API_TEMPORARILY_BLOCKED" => (200, "API temporarily blocked"),
            "TIMEOUT_EXCEEDED" => (503, "Request timed out"),
            "INTERNAL_SERVER_ERROR" => (500, "Internal server error"),
            "USER_ACCESS_DENIED" | "UserUnauthorizedException" => (403, "User unauthorized to perform action"),
            "missingRequiredPermissions" => (403, "Missing required permissions"),
            _ => (400, code),
        };
        let refusal = Self::new(code, status, message);
        let fallback = (code == "FIELD_LIMIT_EXCEEDED").then_some(15);
        match retry_in_seconds.or(fallback) {
            Some(seconds) => refusal.extension("retry_in_seconds", seconds),
            None => refusal,
        }
    }

    /// One element of `errors`.
    pub(super) fn entry(&self, path: &[Value], location: Option<(usize, usize)>) -> Value {
        let mut extensions = Map::new();
        if let Some(code) = &self.code {
            extensions.insert("code".into(), code.as_str().into());
            extensions.insert("status_code".into(), self.status.into());
        }
        if !self.error_data.is_empty() {
            extensions.insert("error_data".into(), self.error_data.iter().cloned().collect());
        }
        extensions.extend(self.extensions.iter().cloned());
        let mut entry = Map::from_iter([("message".to_owned(), Value::from(self.message.as_str()))]);
        if let Some((line, column)) = location {
            entry.insert("locations".into(), json!([{ "line": line, "column": column }]));
        }
        if !path.is_empty() {
            entry.insert("path".into(), Value::Array(path.to_vec()));
        }
        if !extensions.is_empty() {
            entry.insert("extensions".into(), Value::Object(extensions));
        }
        Value::Object(entry)
    }

    /// The whole request refused with `http_status`, nothing done.
    pub(super) fn answer(&self, http_status: u16) -> Answer {
        Answer::new(http_status, json!({ "errors": [self.entry(&[], None)] }))
    }
}

/// A response whose body can still be added to.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Value,
}

impl Answer {
    pub(super) fn new(status: u16, body: Value) -> Self {
        Self { status, headers: Vec::new(), body }
    }

    /// The form of errors from before 2025: HTTP 200, and `errors` is a list of strings.
    pub(super) fn old_form(code: &str, retry_in_seconds: u64) -> Self {
        let message = format!(
            "Complexity budget exhausted, query cost 30001 budget remaining 16 out of 10000000 reset in {retry_in_seconds} seconds"
        );
        let body = json!({
            "error_code": code,
            "status_code": 429,
            "error_message": message,
            "error_data": {},
            "errors": [message],
            "account_id": 1,
        });
        Self::new(200, body)
    }

    pub(super) fn header(mut self, name: &str, value: impl ToString) -> Self {
        self.headers.push((name.to_owned(), value.to_string()));
        self
    }

    pub(super) fn finish(mut self, request_id: &str) -> Response {
        self.body["extensions"] = json!({ "request_id": request_id });
        let answer = self.header("content-type", "application/json; charset=utf-8");
        Response { status: answer.status, headers: answer.headers, body: answer.body.to_string().into_bytes() }
    }
}

/// Times as monday writes them.
pub(super) fn iso(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
