//! A request and what came of it, as values.

use super::mask::Masks;
use super::stop::StopReason;
use crate::message::{NetworkText, Why};
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use reqwest::header::HeaderMap;
use std::fmt;
use std::time::Duration;

/// How long the answer to a request that may change something is still waited for when the work is to end: what is answered by then
/// need not be looked up later.
const GRACE: Duration = Duration::from_millis(500);
/// How much of a body is read for an excerpt, in bytes.
const EXCERPT_FROM: usize = 64 * 1024;

/// Request.
pub struct Request {
    /// The method.
    pub method: Method,
    /// The whole address, with its query.
    pub url: String,
    /// Names and values, as they were added.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Option<String>,
    /// How long the whole exchange may take; a request that was submitted has one.
    pub timeout: Option<Duration>,
}

impl Request {
    /// A request without headers and body.
    pub(crate) fn new(method: Method, url: impl Into<String>) -> Request {
        Request { method, url: url.into(), headers: Vec::new(), body: None, timeout: None }
    }

    /// A GET.
    pub(crate) fn get(url: impl Into<String>) -> Request {
        Request::new(Method::GET, url)
    }

    /// A POST.
    pub(crate) fn post(url: impl Into<String>) -> Request {
        Request::new(Method::POST, url)
    }

    /// Adds a header.
    #[must_use]
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Request {
        self.headers.push((name, value.into()));
        self
    }

    /// Sets the body.
    #[must_use]
    pub(crate) fn body(mut self, body: impl Into<String>) -> Request {
        self.body = Some(body.into());
        self
    }

    /// Limits the whole exchange to another time than `[network] timeout`.
    #[must_use]
    pub(crate) fn timeout(mut self, timeout: Duration) -> Request {
        self.timeout = Some(timeout);
        self
    }

    /// Limits the whole exchange to this time where nothing else was set.
    pub(super) fn or_timeout(mut self, timeout: Duration) -> Request {
        self.timeout.get_or_insert(timeout);
        self
    }

    /// How long its answer is still waited for when the work is to end.
    pub(super) fn grace(&self) -> Duration {
        if self.method == Method::GET { Duration::ZERO } else { GRACE }
    }
}

impl fmt::Debug for Request {
    /// Headers and body hold secrets, a query may hold personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url.split('?').next().unwrap_or_default())
    }
}

/// Whether a status says that a server, or a proxy before it, cannot answer at the moment. It says nothing of what was asked, nor
/// of a login.
pub(crate) fn is_down(status: u16) -> bool {
    matches!(status, 408 | 429 | 500..=599)
}

/// Answer, whole.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, unpacked. Of an error the first MB, without secrets.
    pub body: Vec<u8>,
    /// Where a redirect pointed, without query and login. It is never followed.
    pub redirect: Option<String>,
    /// What must not be shown of it.
    pub masks: Masks,
}

impl Reply {
    /// A header as text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// How long `Retry-After` asks to wait: seconds, or a date.
    pub(crate) fn retry_after(&self, now: Timestamp) -> Option<Duration> {
        let text = self.header("retry-after")?.trim();
        if let Ok(seconds) = text.parse::<f64>() {
            return Duration::try_from_secs_f64(seconds.max(0.0)).ok();
        }
        let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
        Some(Duration::try_from(date.duration_since(now)).unwrap_or_default())
    }

    /// How far a clock that shows `now` is ahead of the one that `Date` was taken from.
    pub fn skew(&self, now: Timestamp) -> Option<SignedDuration> {
        let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(self.header("date")?.trim()).ok()?;
        Some(now.duration_since(date))
    }

    /// The beginning of the body in one line, without secrets, for an error message.
    pub(crate) fn excerpt(&self) -> String {
        let text = String::from_utf8_lossy(self.body.get(..EXCERPT_FROM).unwrap_or(&self.body));
        // Masked before anything is cut: half a secret would not be found any more.
        let text = self.masks.mask(&text);
        let line: Vec<&str> = text.split_whitespace().collect();
        crate::text::shortened(&crate::text::harmless(&line.join(" ")), 200)
    }
}

/// Reason why an exchange brought no whole answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoAnswerCause {
    /// The work was to end.
    Stopped(StopReason),
    /// The answer is larger than any that is believed.
    TooLarge,
    /// It took longer than it may.
    TimedOut,
    /// The connection failed or broke off.
    Broken,
    /// There was no connection, since the system gives this process, or all of them, no more open files.
    NoHandles,
}

/// Exchange that brought no whole answer.
#[derive(Debug, Clone)]
pub struct NoAnswer {
    /// Whether the request certainly never reached the other side: then nothing can have been done.
    pub never_sent: bool,
    /// Why, for programs.
    pub cause: NoAnswerCause,
    /// Why, without the address (it may hold personal data in a filter).
    pub why: Why,
}

impl NoAnswer {
    /// The connection broke off: the request may have arrived.
    pub fn broken(why: &str) -> NoAnswer {
        NoAnswer { never_sent: false, cause: NoAnswerCause::Broken, why: why.to_owned().into() }
    }

    /// There was no connection: the request never left.
    pub fn unsent(why: &str) -> NoAnswer {
        NoAnswer { never_sent: true, ..NoAnswer::broken(why) }
    }

    /// The work is to end before the request was sent.
    pub(super) fn not_begun(reason: StopReason) -> NoAnswer {
        NoAnswer { never_sent: true, ..NoAnswer::given_up(reason) }
    }

    /// The work is to end before there was an answer.
    pub(super) fn given_up(reason: StopReason) -> NoAnswer {
        let why = match reason {
            StopReason::TimeUp => NetworkText::TimeUp {},
            StopReason::Interrupted | StopReason::Terminated => NetworkText::Signalled {},
        };
        NoAnswer { never_sent: false, cause: NoAnswerCause::Stopped(reason), why: why.into() }
    }

    /// The reason to end the work, where that is why.
    pub(crate) fn stop_reason(&self) -> Option<StopReason> {
        match self.cause {
            NoAnswerCause::Stopped(reason) => Some(reason),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(retry_after: &str) -> Reply {
        let mut headers = HeaderMap::new();
        headers.insert("retry-after", retry_after.parse().expect("a header value"));
        Reply { status: 429, headers, body: b"<html>\n  <b>Too\tmany</b>".to_vec(), ..Reply::default() }
    }

    #[test]
    fn retry_after_is_understood_as_seconds_and_as_a_date() {
        let now: Timestamp = "2026-11-22T05:00:00Z".parse().expect("a time");
        assert_eq!(reply("7").retry_after(now), Some(Duration::from_secs(7)));
        assert_eq!(reply("Sun, 22 Nov 2026 05:01:30 GMT").retry_after(now), Some(Duration::from_secs(90)));
        assert_eq!(reply("Sun, 22 Nov 2026 04:00:00 GMT").retry_after(now), Some(Duration::ZERO));
        assert_eq!(reply("soon").retry_after(now), None);
        assert_eq!(reply("1").excerpt(), "<html> <b>Too many</b>");
    }

    #[test]
    fn a_secret_is_masked_before_the_excerpt_is_cut() {
        let masks = Masks::default();
        masks.add("hunter2-hunter2-hunter2");
        for blanks in 170..=200 {
            let body = format!("{}hunter2-hunter2-hunter2 end", "x".repeat(blanks)).into_bytes();
            let excerpt = Reply { body, masks: masks.clone(), ..Reply::default() }.excerpt();
            assert!(!excerpt.contains("hunter"), "{blanks}: {excerpt}");
        }
    }

    #[test]
    fn a_request_shows_neither_secrets_nor_its_query() {
        let request = Request::post("https://h.example/api/Token?x=1").header("x-api-key", "k").body("{}");
        assert_eq!(format!("{request:?}"), "POST https://h.example/api/Token");
    }
}
