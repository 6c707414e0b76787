//! Answers of monday: data and errors, each under the alias of its change.

use super::error::{GraphqlError, Proof};
use crate::retry::RetryCause;
use serde_json::{Map, Value};

/// Result of one change of a call.
#[derive(Debug, Clone, PartialEq)]
pub enum ItemResult<'a> {
    /// It was made, to the item with this id.
    Done(String),
    /// It was not made, which this proves.
    NotDone(NotDone<'a>),
    /// It may have been made.
    Unknown,
}

/// Proof that a change was not made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum NotDone<'a> {
    /// monday's refusal of this change.
    Refused(&'a GraphqlError),
    /// Nothing of the whole call was done.
    WholeCall,
}

/// Answer: data per alias, and errors.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// The HTTP status that it came with.
    pub(crate) status: u16,
    /// `data`.
    pub data: Map<String, Value>,
    /// `errors`.
    pub(crate) errors: Vec<GraphqlError>,
}

impl Answer {
    /// The reason to retry that it is for a question: what is wrong with any part of it may pass.
    pub(super) fn retry_cause(&self) -> Option<RetryCause> {
        let limit = self.errors.iter().find(|error| error.is_limit());
        let is_fault = || self.errors.iter().any(GraphqlError::is_fault);
        limit
            .map(|error| error.limit().retry_cause(error.wait()))
            .or_else(|| is_fault().then_some(RetryCause::Fault(None)))
    }

    /// Adds the answer to the other half of a question: lists are joined, all else is taken from the first.
    pub(crate) fn join(&mut self, other: Answer) {
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
    pub(crate) fn error_of(&self, alias: &str) -> Option<&GraphqlError> {
        self.errors.iter().find(|error| error.alias.as_deref() == Some(alias))
    }

    pub(super) fn result_of(&self, alias: &str) -> ItemResult<'_> {
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

/// The data and the errors of a body, in today's form and in the one before 2025; `None` when it is no answer of monday's.
/// Data that are null, absent or no object are none.
pub(super) fn parse(body: &[u8]) -> Option<(Map<String, Value>, Vec<GraphqlError>)> {
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
        is_foreign: false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Outcome;
    use super::super::error::{CHANGE_CODES, FIELD_LIMIT_CODES, PERMISSION_CODES, REQUEST_LIMIT_CODES};
    use super::super::testing::{is_proof, judged};
    use super::*;

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
