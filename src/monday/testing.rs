//! Helpers of tests: judged answers.

use super::{ItemResult, Outcome, judge::judge};
use crate::http::Reply;
use jiff::Timestamp;
use reqwest::header::HeaderMap;

pub(super) fn judged(status: u16, body: &str) -> Outcome {
    let reply = Reply { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec(), ..Reply::default() };
    judge(Ok(reply), Timestamp::UNIX_EPOCH)
}

/// Whether the answer proves that the change `a1`, one of so many, was not made; an id counts as `None`.
pub(super) fn is_proof(status: u16, body: &str, changes: usize) -> Option<bool> {
    match judged(status, body).result_of("a1", changes) {
        ItemResult::Done(_) => None,
        ItemResult::NotDone(_) => Some(true),
        ItemResult::Unknown => Some(false),
    }
}

pub(super) fn error(message: &str, code: &str, alias: Option<&str>) -> String {
    let mut error = serde_json::json!({"message": message, "extensions": {"code": code, "status_code": 200}});
    if let Some(alias) = alias {
        error["path"] = serde_json::json!([alias]);
    }
    error.to_string()
}
