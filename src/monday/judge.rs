//! The outcome of an exchange with monday.

use super::answer::{Answer, parse};
use super::error::{GraphqlError, Proof};
use super::limit::Limit;
use super::outcome::Outcome;
use crate::http::{NoAnswer, NoAnswerCause, Reply};
use crate::message::{MondayText, Why};
use crate::text::shortened;
use jiff::Timestamp;
use std::time::Duration;

/// The outcome of an exchange.
pub fn judge(exchange: Result<Reply, NoAnswer>, now: Timestamp) -> Outcome {
    let reply = match exchange {
        Ok(reply) => reply,
        Err(NoAnswer { never_sent: true, why, cause }) => {
            return Outcome::NotSent { why, has_no_handles: cause == NoAnswerCause::NoHandles };
        }
        Err(NoAnswer { why, cause, .. }) => {
            let is_cut_off = matches!(cause, NoAnswerCause::TimedOut | NoAnswerCause::Stopped(_));
            return Outcome::Lost { why, is_cut_off, wait: None };
        }
    };
    let excerpt = || match reply.header("location") {
        Some(location) => {
            format!("HTTP {} → {}", reply.status, shortened(&reply.masks.mask(location), LONGEST_ADDRESS))
        }
        None => format!("HTTP {}: {}", reply.status, reply.excerpt()),
    };
    let Some((data, mut errors)) = parse(&reply.body) else {
        return without_graphql(&reply, excerpt(), now);
    };
    errors.iter_mut().for_each(|error| error.hide_secrets(&reply.masks));
    // An error with a path arose while the document ran, so that something of it may have been done.
    if !data.is_empty() || errors.iter().any(|error| error.alias.is_some()) {
        return Outcome::Answered(Answer { status: reply.status, data, errors });
    }
    let Some(first) = errors.first() else { return lost(&reply, excerpt(), now) };
    let proof = errors.iter().map(|error| error.proof(reply.status)).min().unwrap_or(Proof::Nothing);
    let why = first.to_text();
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
    let wait = errors.iter().filter_map(GraphqlError::wait).max().or_else(|| reply.retry_after(now));
    if let Some(limit) = limit.filter(|_| reply.status < 500).or(by_status) {
        return Outcome::Wait { wait, limit, why, proof };
    }
    match reply.status {
        401 => Outcome::Login(why, proof),
        408 | 409 | 499 | 500.. => {
            let is_cut_off = errors.iter().any(GraphqlError::is_cut_off) || cuts_off(reply.status);
            Outcome::Lost { why: why.into(), is_cut_off, wait: some_time(wait) }
        }
        200..=299 if proof == Proof::Nothing && first.is_fault() => Outcome::Fault(first.clone()),
        _ => Outcome::Refused(first.clone(), proof),
    }
}

/// Longest part of an address that is shown.
const LONGEST_ADDRESS: usize = 300;

/// An answer that is not monday's own: of a proxy, which may have passed the request on, or not.
fn without_graphql(reply: &Reply, why: String, now: Timestamp) -> Outcome {
    let wait =
        |limit: Limit, why: String| Outcome::Wait { wait: reply.retry_after(now), limit, why, proof: Proof::Nothing };
    match reply.status {
        401 => Outcome::Login(why, Proof::Nothing),
        // A body that is too large is refused before it is read.
        413 => Outcome::TooLarge(why),
        423 => wait(Limit::Lock, why),
        429 => wait(Limit::Rate, why),
        408 | 409 | 499 => lost(reply, why, now),
        400..=498 => {
            Outcome::Refused(GraphqlError { message: why, is_foreign: true, ..GraphqlError::default() }, Proof::Nothing)
        }
        // monday's own edge answers in HTML too, while it fails.
        500.. => lost(reply, why, now),
        _ => Outcome::Lost { why: Why::from(why).remedy(MondayText::CheckMondayUrl {}), is_cut_off: false, wait: None },
    }
}

fn lost(reply: &Reply, why: String, now: Timestamp) -> Outcome {
    let wait = some_time(reply.retry_after(now));
    Outcome::Lost { why: why.into(), is_cut_off: cuts_off(reply.status), wait }
}

/// A wait that says something: after none at all, the usual pauses of a fault are made.
fn some_time(wait: Option<Duration>) -> Option<Duration> {
    wait.filter(|wait| !wait.is_zero())
}

/// Whether a status says that somebody gave up waiting, or that the work goes on.
fn cuts_off(status: u16) -> bool {
    matches!(status, 408 | 409 | 499 | 502..=504 | 520..=527 | 598 | 599)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{is_proof, judged};
    use super::*;
    use crate::retry::RetryCause;
    use reqwest::header::HeaderMap;

    #[test]
    fn an_answer_that_is_not_mondays_own_proves_nothing() {
        for status in
            [200, 301, 400, 401, 403, 404, 405, 408, 409, 410, 418, 423, 429, 499, 500, 502, 503, 504, 520, 599]
        {
            for body in ["<html>no</html>", "", "[]", "\"no\"", "{\"status\": \"down\"}"] {
                assert_eq!(is_proof(status, body, 1), Some(false), "{status} {body}");
            }
        }
        for (none, expected) in [(NoAnswer::unsent("reset"), true), (NoAnswer::broken("reset"), false)] {
            let outcome = judge(Err(none), Timestamp::UNIX_EPOCH);
            assert_eq!(outcome.proves_nothing_done(2), expected);
        }
        let none = NoAnswer { cause: NoAnswerCause::NoHandles, ..NoAnswer::unsent("no") };
        let outcome = judge(Err(none), Timestamp::UNIX_EPOCH);
        assert!(matches!(outcome, Outcome::NotSent { has_no_handles: true, .. }), "{outcome:?}");
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
    fn what_cannot_be_made_smaller_is_distinguished_from_what_has_to_wait() {
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
    fn a_wait_that_a_failing_server_asks_for_goes_with_its_answer_which_proves_nothing_still() {
        let answered = |status, header: &str, body: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("retry-after", header.parse().expect("a header"));
            let reply = Reply { status, headers, body: body.as_bytes().to_vec(), ..Reply::default() };
            judge(Ok(reply), Timestamp::UNIX_EPOCH)
        };
        let internal = r#"{"errors":[{"message":"Internal server error"}]}"#;
        let limited = r#"{"errors":[{"message":"m","extensions":{"retry_in_seconds":58}}]}"#;
        for (status, header, body, expected) in [
            (503, "400", "<html>down</html>", Some(400)),
            (502, "20", "", Some(20)),
            (500, "7", internal, Some(7)),
            (503, "7", r#"{"errors":[]}"#, Some(7)),
            (503, "7", limited, Some(58)),
            (408, "9", "", Some(9)),
            (503, "Thu, 01 Jan 1970 00:01:30 GMT", "", Some(90)),
            (503, "0", internal, None),
            (503, "0", "", None),
            (503, "soon", "", None),
            (302, "400", "", None),
        ] {
            let outcome = answered(status, header, body);
            let wait = outcome.wait_when_lost().map(|wait| wait.as_secs());
            assert!(matches!(outcome, Outcome::Lost { .. }), "{status} {header} {body}: {outcome:?}");
            assert_eq!(wait, expected, "{status} {header} {body}");
            assert!(!outcome.proves_nothing_done(1), "{status} {header} {body}");
            assert_eq!(
                outcome.retry_cause(),
                Some(RetryCause::Fault(wait.map(Duration::from_secs))),
                "{status} {body}"
            );
        }
    }
}
