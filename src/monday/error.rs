//! Errors in monday's answers, and what each proves: by a code on one of the lists here a change counts as not made, by nothing else.

use super::limit::Limit;
use crate::failure::FailureCause;
use crate::http::Masks;
use crate::message::{MondayText, Why};
use serde_json::Value;
use std::time::Duration;

/// Limits that are checked before anything of a request runs. Old and new spellings.
pub(super) const REQUEST_LIMIT_CODES: [&str; 11] = [
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
pub(super) const FIELD_LIMIT_CODES: [&str; 3] = ["tooManyRequests", "FIELD_LIMIT_EXCEEDED", "API_TEMPORARILY_BLOCKED"];
/// The board is written to by somebody else.
pub(super) const LOCK_CODES: [&str; 2] = ["RESOURCE_LOCKED", "ResourceLockedException"];
/// The day's allowance is used up.
pub(super) const DAILY_CODES: [&str; 2] = ["DAILY_LIMIT_EXCEEDED", "dailyLimitExceeded"];
/// The document costs more than one request may.
pub(super) const TOO_LARGE_CODES: [&str; 2] = ["REQUEST_MAX_COMPLEXITY_EXCEEDED", "maxComplexityExceeded"];
/// The document, or the request, is refused before anything of it runs.
pub(super) const DOCUMENT_CODES: [&str; 16] = [
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
pub(super) const PERMISSION_CODES: [&str; 6] = [
    "UserUnauthorizedException",
    "USER_UNAUTHORIZED",
    "USER_ACCESS_DENIED",
    "missingRequiredPermissions",
    "FORBIDDEN",
    "UNAUTHORIZED",
];
/// The token itself lacks a right, whatever its user may do.
const SCOPE_CODE: &str = "missingRequiredPermissions";
/// What is asked for one item cannot be done: its values, its name, the item or the board itself.
pub(super) const CHANGE_CODES: [&str; 16] = [
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
pub(super) const NAME_CODES: [&str; 2] = ["InvalidItemNameException", "ItemNameTooLongException"];
/// No other values would avoid it.
const FINAL_CODES: [&str; 3] = [BOARD_FULL_CODE, BOARD_MISSING_CODE, "DeleteLastGroupException"];
/// The board has as many items as one may have.
const BOARD_FULL_CODE: &str = "ItemsLimitationException";
/// The board is not there.
const BOARD_MISSING_CODE: &str = "InvalidBoardIdException";
/// The request was given up while monday was at work on it, or is at work on it still.
pub(super) const CUT_OFF_CODES: [&str; 2] = ["TIMEOUT_EXCEEDED", "IDEMPOTENCY_CONFLICT"];
/// monday has failed, or gave up. Only questions are distinguished by these: to a change, all that proves nothing is the same.
pub(super) const FAULT_CODES: [&str; 5] =
    ["INTERNAL_SERVER_ERROR", "InternalServerError", "SERVICE_UNAVAILABLE", "TIMEOUT_EXCEEDED", "IDEMPOTENCY_CONFLICT"];

/// Proof that an error is about the changes of its call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Proof {
    /// Nothing: all of it may have been done.
    Nothing,
    /// That the change that it is about was not made.
    OneChange,
    /// That nothing of the call was done.
    WholeCall,
}

/// Error of an answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GraphqlError {
    /// monday's words.
    pub(crate) message: String,
    /// `extensions.code`, or empty.
    pub(crate) code: String,
    /// The alias it belongs to; `None`: the whole document.
    pub(crate) alias: Option<String>,
    /// Whether it is about a field of what the alias answers: it arose after the change itself.
    pub(crate) is_inner: bool,
    /// All of `extensions`.
    pub(crate) extensions: Value,
    /// Whether it is of somebody else than monday, who answers at its address.
    pub(crate) is_foreign: bool,
}

impl GraphqlError {
    pub(super) fn has_code(&self, codes: &[&str]) -> bool {
        codes.contains(&self.code.as_str())
    }

    fn inner_status(&self) -> Option<u64> {
        self.extensions.get("status_code").and_then(Value::as_u64)
    }

    /// Whether it asks to come back later.
    pub(crate) fn is_limit(&self) -> bool {
        self.has_code(&REQUEST_LIMIT_CODES)
            || self.has_code(&FIELD_LIMIT_CODES)
            || self.is_lock()
            || self.inner_status() == Some(429) && !self.is_too_large()
    }

    /// Whether somebody else writes to the board. monday documents no code for it, but the sentence.
    pub(crate) fn is_lock(&self) -> bool {
        self.has_code(&LOCK_CODES) || self.inner_status() == Some(423) || self.message.contains("currently locked")
    }

    /// Whether the document costs more than one request may.
    pub(super) fn is_too_large(&self) -> bool {
        self.has_code(&TOO_LARGE_CODES)
    }

    /// Whether the day's allowance is used up.
    pub(crate) fn is_daily_limit(&self) -> bool {
        self.has_code(&DAILY_CODES)
    }

    /// Whether the token's user may not do it.
    pub(crate) fn is_permission(&self) -> bool {
        self.has_code(&PERMISSION_CODES)
    }

    /// Whether it is about an item's name.
    pub(crate) fn is_about_name(&self) -> bool {
        let column = self.extensions.get("error_data").and_then(|data| data.get("column_id"));
        self.has_code(&NAME_CODES) || column.and_then(Value::as_str) == Some("name")
    }

    /// Whether monday failed, rather than refused: the same question may be answered next time.
    pub(crate) fn is_fault(&self) -> bool {
        self.code.is_empty() || self.has_code(&FAULT_CODES) || self.inner_status().is_some_and(|status| status >= 500)
    }

    /// Whether the document was refused before anything of it ran: by its code, or by the list of what is wrong with a variable.
    pub(crate) fn is_about_document(&self) -> bool {
        self.has_code(&DOCUMENT_CODES) || self.extensions.get("problems").is_some_and(Value::is_array)
    }

    /// What it proves in an answer with this HTTP status.
    pub(super) fn proof(&self, status: u16) -> Proof {
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
    pub(crate) fn wait(&self) -> Option<Duration> {
        let number = |name: &str| {
            let value = self.extensions.get(name).or_else(|| self.extensions.get("error_data")?.get(name))?;
            value.as_f64().or_else(|| value.as_str()?.parse().ok())
        };
        let seconds = number("retry_in_seconds").or_else(|| number("retryAfterMs").map(|ms| ms / 1_000.0));
        let named = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds.max(0.0)).ok());
        // The oldest form has it in words only: "... reset in 16 seconds".
        named.or_else(|| {
            let rest = self.message.split("reset in ").nth(1)?;
            Some(Duration::from_secs(rest.split_whitespace().next()?.parse().ok()?))
        })
    }

    /// Some servers repeat what they were sent.
    pub(super) fn hide_secrets(&mut self, masks: &Masks) {
        self.message = masks.mask(&self.message);
        self.code = masks.mask(&self.code);
        masks.mask_value(&mut self.extensions);
    }

    /// Whether no other values would avoid it.
    pub(crate) fn is_final(&self) -> bool {
        self.has_code(&FINAL_CODES)
    }

    /// Why a whole item is refused with it.
    pub(crate) fn cause(&self) -> FailureCause {
        match self.code.as_str() {
            BOARD_FULL_CODE => FailureCause::BoardFull,
            BOARD_MISSING_CODE => FailureCause::BoardMissing,
            _ => FailureCause::ItemRefused,
        }
    }

    /// Whether monday may be at work still on what it is about.
    pub(super) fn is_cut_off(&self) -> bool {
        self.has_code(&CUT_OFF_CODES)
    }

    /// What it asks to wait for.
    pub(crate) fn limit(&self) -> Limit {
        match (self.is_daily_limit(), self.is_lock()) {
            (true, _) => Limit::Day,
            (_, true) => Limit::Lock,
            _ => Limit::Rate,
        }
    }

    /// Why it refuses, with what helps against that, where it is neither a value nor an item.
    pub(crate) fn to_why(&self) -> Why {
        let why = Why::from(self.to_text());
        match self {
            _ if self.is_foreign => why.remedy(MondayText::CheckMondayUrl {}),
            _ if self.is_permission() => why.remedy(self.missing_right()),
            _ => why,
        }
    }

    /// Whether the token lacks the right, and not its user.
    pub(crate) fn is_about_scope(&self) -> bool {
        self.code == SCOPE_CODE
    }

    /// Which right is lacking, and how it is given.
    pub(crate) fn missing_right(&self) -> MondayText {
        if self.is_about_scope() { MondayText::GrantScope {} } else { MondayText::LetUserEdit {} }
    }

    /// The message with its code, for people.
    pub(crate) fn to_text(&self) -> String {
        let message = crate::text::shortened(&self.message, 300);
        if self.code.is_empty() || message.contains(&self.code) {
            message
        } else {
            format!("{message} ({})", self.code)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ItemResult;
    use super::super::testing::{error, is_proof, judged};
    use super::*;

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
}
