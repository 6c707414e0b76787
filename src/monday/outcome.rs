//! What an exchange with monday came to, and what it proves. The rule: a change counts as not made only where the answer proves
//! it. Whatever else comes back, the change may have been made.

use super::answer::{Answer, ItemResult, NotDone};
use super::error::{GraphqlError, Proof};
use super::limit::Limit;
use crate::message::{Message, MondayText, Why};
use crate::retry::RetryCause;
use std::time::Duration;

/// Outcome of a call.
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
    NotSent {
        /// Why.
        why: Why,
        /// Whether it is this machine that gives no connection: it has no more open files.
        has_no_handles: bool,
    },
    /// No answer, or none that says anything.
    Lost {
        /// Why.
        why: Why,
        /// Whether monday may be at work on it still: somebody gave up waiting.
        is_cut_off: bool,
        /// How long to wait before anything is asked again, where the answer says so.
        wait: Option<Duration>,
    },
}

impl Outcome {
    /// The reason to retry that it is for a question; `None`: an answer, or a refusal that would only be repeated.
    pub(crate) fn retry_cause(&self) -> Option<RetryCause> {
        match self {
            Outcome::Answered(answer) => answer.retry_cause(),
            Outcome::Wait { wait, limit, .. } => Some(limit.retry_cause(*wait)),
            Outcome::Lost { wait, .. } => Some(RetryCause::Fault(*wait)),
            Outcome::Fault(_) | Outcome::NotSent { .. } => Some(RetryCause::Fault(None)),
            Outcome::TooLarge(_) | Outcome::Refused(..) | Outcome::Login(..) => None,
        }
    }

    /// The wait that it asks for; of an answer, the one that the first limit in it asks for.
    #[must_use]
    pub fn as_wait(&self) -> Outcome {
        match self {
            Outcome::Answered(answer) => answer.errors.iter().find(|error| error.is_limit()).map(Outcome::of_limit),
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
            Outcome::TooLarge(_) | Outcome::NotSent { .. } => Proof::WholeCall,
            Outcome::Wait { proof, .. } | Outcome::Refused(_, proof) | Outcome::Login(_, proof) => *proof,
            Outcome::Answered(_) | Outcome::Fault(_) | Outcome::Lost { .. } => Proof::Nothing,
        };
        proof == Proof::WholeCall || proof == Proof::OneChange && changes == 1
    }

    /// Whether it is refused because the token may not do it, or by somebody before monday.
    pub(crate) fn is_about_permission(&self) -> bool {
        matches!(self, Outcome::Refused(error, _) if error.is_permission() || error.is_foreign)
    }

    /// What the call cost, in points, where its answer says so.
    pub(crate) fn points(&self) -> Option<u64> {
        match self {
            Outcome::Answered(answer) => answer.data.get("complexity")?.get("query")?.as_u64(),
            _ => None,
        }
    }

    /// The wait that a lost answer asks for.
    pub(crate) fn wait_when_lost(&self) -> Option<Duration> {
        match self {
            Outcome::Lost { wait, .. } => *wait,
            _ => None,
        }
    }

    /// Whether monday may be at work on the call still.
    pub(crate) fn is_cut_off(&self) -> bool {
        match self {
            Outcome::Lost { is_cut_off, .. } => *is_cut_off,
            Outcome::Fault(error) => error.is_cut_off(),
            Outcome::Answered(answer) => answer.errors.iter().any(GraphqlError::is_cut_off),
            _ => false,
        }
    }

    /// The limit that an error is: an answer that says nothing but "later".
    pub(crate) fn of_limit(error: &GraphqlError) -> Outcome {
        Outcome::Wait { wait: error.wait(), limit: error.limit(), why: error.to_text(), proof: Proof::Nothing }
    }

    /// Why the call came to nothing, in the words of who said so.
    pub fn reason(&self) -> Why {
        match self {
            Outcome::Wait { why, .. } | Outcome::TooLarge(why) | Outcome::Login(why, _) => why.clone().into(),
            Outcome::NotSent { why, .. } | Outcome::Lost { why, .. } => why.clone(),
            Outcome::Refused(error, _) | Outcome::Fault(error) => error.to_text().into(),
            Outcome::Answered(answer) => answer.errors.first().map(GraphqlError::to_text).unwrap_or_default().into(),
        }
    }

    /// Whether monday refuses what is asked itself: its words, its fields, its version.
    pub(crate) fn is_refused_document(&self) -> bool {
        match self {
            Outcome::Refused(error, _) => error.is_about_document(),
            Outcome::Answered(answer) => answer.errors.first().is_some_and(GraphqlError::is_about_document),
            _ => false,
        }
    }

    /// What remedies a call that came to nothing.
    pub(crate) fn remedy(&self) -> Message {
        match (Message::from(self.message()).remedy(), self) {
            (Some(remedy), _) => remedy.clone(),
            (None, Outcome::Login(..)) => MondayText::CheckToken {}.into(),
            (None, _) if self.is_refused_document() => MondayText::FitVersion {}.into(),
            (None, Outcome::NotSent { .. }) => MondayText::CheckNetwork {}.into(),
            (None, _) => MondayText::MondayLater {}.into(),
        }
    }

    /// What a call that cannot be answered for now comes to, for people.
    pub fn message(&self) -> MondayText {
        match self {
            Outcome::Wait { why, .. } => MondayText::Limited { why: why.clone() },
            Outcome::TooLarge(why) => MondayText::Refused { why: why.clone().into() },
            Outcome::Refused(error, _) => MondayText::Refused { why: error.to_why() },
            Outcome::Login(why, _) => MondayText::LoginRefused { why: why.clone() },
            Outcome::Fault(error) => MondayText::Unreachable { why: error.to_text().into() },
            Outcome::NotSent { why, has_no_handles: true } => MondayText::NoHandles { why: why.clone() },
            Outcome::NotSent { why, .. } | Outcome::Lost { why, .. } => MondayText::Unreachable { why: why.clone() },
            Outcome::Answered(answer) => {
                MondayText::Refused { why: answer.errors.first().unwrap_or(&GraphqlError::default()).to_why() }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::error::{
        CHANGE_CODES, DOCUMENT_CODES, FIELD_LIMIT_CODES, PERMISSION_CODES, REQUEST_LIMIT_CODES, TOO_LARGE_CODES,
    };
    use super::super::testing::{error, is_proof, judged};

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
    fn a_cut_off_is_distinguished_from_a_failure() {
        let timeout = r#"{"errors":[{"message":"m","extensions":{"code":"TIMEOUT_EXCEEDED","status_code":503}}]}"#;
        for (status, body, expected) in [
            (503, timeout, true),
            (200, timeout, true),
            (409, &timeout.replace("TIMEOUT_EXCEEDED", "IDEMPOTENCY_CONFLICT"), true),
            (500, &timeout.replace("TIMEOUT_EXCEEDED", "IDEMPOTENCY_CONFLICT"), true),
            (504, "<html></html>", true),
            (499, "<html></html>", true),
            (500, r#"{"errors":[{"message":"Internal server error"}]}"#, false),
            (200, r#"{"data":null}"#, false),
        ] {
            assert_eq!(judged(status, body).is_cut_off(), expected, "{status} {body}");
        }
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
}
