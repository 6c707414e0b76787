//! Imports in bulk: the documents, and what their answers say. As in [`super::document`], values travel in variables only.
//!
//! Source: monday's guide on importing items in bulk, and its schema of 2026-10.

use super::document::Document;
use super::read::id_of;
use super::{Answer, GraphqlError};
use serde_json::{Map, Value, json};

/// Most rows of one file.
pub(crate) const MOST_ROWS: usize = 10_000;
/// Most items that an account may import in an hour.
pub(crate) const ROWS_AN_HOUR: u64 = 19_000;

/// Import that was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ImportJob {
    /// The job.
    pub(crate) id: String,
    /// Where its file is put. Whoever knows it may do that.
    pub(crate) upload_url: String,
}

/// State of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ImportState {
    /// Its file is not there.
    UploadPending,
    /// It is worked on.
    Processing,
    /// It is over; so many items were made or changed, where monday says so.
    Completed { done: Option<u64> },
    /// It broke off: any of it may have been done.
    Failed { reason: String },
    /// Its file was refused: nothing of it was done.
    Rejected { rejection: ImportRejection, reason: String },
    /// A word that is not known.
    Unknown,
}

/// Rejection of an import: what it says of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ImportRejection {
    /// It is about this file: others may be taken.
    File,
    /// This token may not import at all.
    Permission,
    /// Any other would be rejected as well, for now.
    All,
}

impl ImportRejection {
    fn of(reason: &str) -> ImportRejection {
        match reason {
            "INVALID_UPLOAD" | "FILE_TOO_LARGE" | "BOARD_CAPACITY_EXCEEDED" => ImportRejection::File,
            "AUTHORIZATION_FAILED" | "PERMISSION_DENIED" => ImportRejection::Permission,
            _ => ImportRejection::All,
        }
    }
}

/// Starts an import of items into a group; what matches by the key column is changed, not made twice.
pub(crate) fn start_import(board: &str, group: &str, key_column: &str) -> Document {
    let query = "mutation Import($board: ID!, $group: ID!, $column: String!) { import: ingest_items(board_id: $board, \
                 group_id: $group, on_match: {match_column_id: $column, behaviour: UPSERT}) { job_id upload_url } }";
    Document::new("Import", query.to_owned(), json!({ "board": board, "group": group, "column": key_column }))
}

/// The import of an answer to [`start_import`].
pub(crate) fn started(answer: &Answer) -> Option<ImportJob> {
    let import = answer.data.get("import")?;
    let upload_url = import.get("upload_url")?.as_str()?.to_owned();
    Some(ImportJob { id: id_of(import.get("job_id")?)?, upload_url }).filter(|job| !job.id.is_empty())
}

/// Why an answer to [`start_import`] holds none, where it says so.
pub(crate) fn refusal(answer: &Answer) -> Option<&GraphqlError> {
    answer.errors.first()
}

/// Asks how an import is getting on.
pub(crate) fn import_status(job: &str) -> Document {
    let query = "query ImportStatus($job: ID!) { job: fetch_job_status(job_id: $job) { ... on ItemsJobStatus \
                 { status failure_reason counts { created updated } } } }";
    Document::new("ImportStatus", query.to_owned(), json!({ "job": job }))
}

/// The state in an answer to [`import_status`].
pub(crate) fn import_state(data: &Map<String, Value>) -> ImportState {
    let Some(job) = data.get("job").filter(|job| job.is_object()) else { return ImportState::Unknown };
    let text = |name: &str| job.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let count = |name: &str| job.get("counts").and_then(|counts| counts.get(name)?.as_u64());
    match text("status").as_str() {
        "UPLOAD_PENDING" => ImportState::UploadPending,
        "PROCESSING" => ImportState::Processing,
        "COMPLETED" => ImportState::Completed {
            done: count("created").zip(count("updated")).map(|(made, changed)| made + changed),
        },
        "FAILED" => ImportState::Failed { reason: text("failure_reason") },
        "REJECTED" => {
            let reason = text("failure_reason");
            ImportState::Rejected { rejection: ImportRejection::of(&reason), reason }
        }
        _ => ImportState::Unknown,
    }
}

/// One of each document.
pub(super) fn every_document() -> Vec<Document> {
    vec![start_import("1", "topics", "text_key"), import_status("1")]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(json: &Value) -> ImportState {
        import_state(json.as_object().expect("an object"))
    }

    #[test]
    fn a_state_is_what_the_job_says_and_nothing_else() {
        let job = |status: &str| json!({"job": {"status": status, "failure_reason": "INTERNAL_ERROR", "counts": {"created": 3, "updated": 1}}});
        assert_eq!(state(&job("COMPLETED")), ImportState::Completed { done: Some(4) });
        assert_eq!(
            state(&json!({"job": {"status": "COMPLETED", "counts": {"created": 3}}})),
            ImportState::Completed { done: None }
        );
        let rejection = ImportRejection::All;
        assert_eq!(state(&job("REJECTED")), ImportState::Rejected { rejection, reason: "INTERNAL_ERROR".to_owned() });
        assert_eq!(ImportRejection::of("FILE_TOO_LARGE"), ImportRejection::File);
        assert_eq!(ImportRejection::of("PERMISSION_DENIED"), ImportRejection::Permission);
        for none in [json!({}), json!({"job": null}), json!({"job": []}), job("DONE"), job("")] {
            assert_eq!(state(&none), ImportState::Unknown, "{none}");
        }
    }

    #[test]
    fn a_job_has_an_id_and_an_address() {
        let answer = |json: Value| Answer { data: json.as_object().cloned().expect("an object"), ..Answer::default() };
        let job = started(&answer(json!({"import": {"job_id": 7, "upload_url": "https://u"}}))).expect("a job");
        assert_eq!(job, ImportJob { id: "7".to_owned(), upload_url: "https://u".to_owned() });
        for none in [json!({"import": null}), json!({"import": {"job_id": "7", "upload_url": null}}), json!({})] {
            assert_eq!(started(&answer(none)), None);
        }
    }
}
