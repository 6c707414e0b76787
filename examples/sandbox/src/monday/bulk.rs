//! Bulk jobs: a file of rows is uploaded to an address of its own, and worked on in its own time.
//!
//! Source: monday's guide on importing items in bulk, and its schema. Where the guide is silent the sandbox is strict: a match is
//! looked for in the group that was named, and by searches that lag behind.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::board::{Board, Column, Life, State};
use super::cell::Cell;
use super::csv_cells::value_of;
use super::errors::{Answer, Refusal};
use super::execute::{Args, RootField};
use super::mutation::{Checked, apply, check_values, merged};
use super::resolve::{Found, Scope};
use crate::{Request, Response};

/// Where files are taken, besides GraphQL.
pub(super) const UPLOADS: &str = "/bulk-uploads/";
/// The first version of the API that has bulk imports.
const FIRST_VERSION: &str = "2026-07";
const MOST_ROWS_INGESTED: usize = 10_000;
const MOST_ROWS_BACKFILLED: usize = 20_000;
const MOST_BYTES: usize = 150 * 1024 * 1024;
const ITEMS_AN_HOUR: usize = 19_000;
const JOBS_AN_HOUR: usize = 100;
const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// How long a file is taken, and a report given out.
const ADDRESS_LIFE: SignedDuration = SignedDuration::from_mins(10);
/// How long a job takes unless a test says otherwise.
const USUAL_TIME: Duration = Duration::from_secs(60);

/// How much of bulk jobs the account has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BulkAccess {
    /// All of it.
    Full,
    /// Its fields are in no schema that the account sees.
    Unknown,
    /// The token may not start them.
    Forbidden,
}

/// How a bulk job goes that does not go as it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BulkTrouble {
    /// Its file is refused for this reason, a value of `BulkImportFailureReason`, and nothing is done.
    Rejected(String),
    /// It ends for this reason after so many rows.
    FailsAfter(usize, String),
    /// So many of its first rows fail though they are valid.
    LosesRows(usize),
    /// monday knows nothing of it any more once its file is there; it is worked on all the same.
    Forgotten,
}

/// Everything about bulk jobs.
#[derive(Debug)]
pub(super) struct Bulk {
    pub(super) access: BulkAccess,
    pub(super) takes: Duration,
    pub(super) troubles: Vec<BulkTrouble>,
    /// What addresses of files begin with.
    pub(super) address: String,
    jobs: BTreeMap<u64, Job>,
    removals: BTreeMap<u64, Removal>,
    /// When jobs were started, within the hour.
    started: Vec<Timestamp>,
    /// When so many items were made or changed, within the hour.
    used: Vec<(Timestamp, usize)>,
}

#[derive(Debug)]
struct Job {
    board: u64,
    group: String,
    /// The column that rows are matched by, and whether matching items are changed.
    on_match: Option<(String, bool)>,
    most_rows: usize,
    counts_items: bool,
    made: Timestamp,
    stage: Stage,
    trouble: Option<BulkTrouble>,
    counts: Counts,
    report: Vec<[String; 3]>,
    ended: Option<Timestamp>,
}

#[derive(Debug)]
enum Stage {
    Waiting,
    Working { since: Timestamp, header: Vec<String>, rows: Vec<Vec<String>>, done: usize },
    Ended { state: &'static str, reason: Option<String> },
}

#[derive(Debug, Default)]
struct Counts {
    submitted: usize,
    invalid: usize,
    skipped: usize,
    created: usize,
    updated: usize,
    failed: usize,
}

/// Job that archives or deletes items.
#[derive(Debug)]
struct Removal {
    items: Vec<u64>,
    life: Life,
    made: Timestamp,
    is_done: bool,
}

impl Bulk {
    pub(super) fn new() -> Bulk {
        Bulk {
            access: BulkAccess::Full,
            takes: USUAL_TIME,
            troubles: Vec::new(),
            address: "https://uploads.monday.example".to_owned(),
            jobs: BTreeMap::new(),
            removals: BTreeMap::new(),
            started: Vec::new(),
            used: Vec::new(),
        }
    }

    fn forget_hour_before(&mut self, now: Timestamp) {
        self.started.retain(|at| now.duration_since(*at) < HOUR);
        self.used.retain(|(at, _)| now.duration_since(*at) < HOUR);
    }

    /// How many jobs were ever started.
    pub(super) fn jobs(&self) -> usize {
        self.jobs.len()
    }
}

/// Whether a root field is about bulk jobs.
fn is_bulk(field: &str) -> bool {
    ["ingest_items", "backfill_items", "bulk_archive_items", "bulk_delete_items", "fetch_job_status", "job_status"]
        .contains(&field)
}

/// Refuses a call for what of bulk jobs the account lacks, or for too many jobs in an hour.
pub(super) fn admit(state: &mut State, scope: &Scope, fields: &[RootField], missing_status: u16) -> Result<(), Answer> {
    let Some(field) = fields.iter().find(|field| is_bulk(&field.name)) else { return Ok(()) };
    if state.bulk.access == BulkAccess::Unknown || scope.version.as_str() < FIRST_VERSION {
        let message = format!("Cannot query field \"{}\" on type \"Mutation\".", field.name);
        return Err(Refusal::new("GRAPHQL_VALIDATION_FAILED", 400, message).answer(missing_status));
    }
    let now = state.now();
    state.bulk.forget_hour_before(now);
    let starts = fields.iter().filter(|field| ["ingest_items", "backfill_items"].contains(&field.name.as_str()));
    if state.bulk.started.len() + starts.count() > JOBS_AN_HOUR {
        let first = state.bulk.started.first().copied().unwrap_or(now);
        let left = HOUR.as_millis() - now.duration_since(first).as_millis();
        let refusal = Refusal::new("RATE_LIMIT_EXCEEDED", 429, "Too many import jobs");
        return Err(refusal.extension("retryAfterMs", u64::try_from(left).unwrap_or_default()).answer(429));
    }
    Ok(())
}

/// `ingest_items` and `backfill_items`.
pub(super) fn start(state: &mut State, args: &Args, is_backfill: bool) -> Result<Found, Refusal> {
    check_right(state)?;
    let board = state.board(args.required("board_id")?)?;
    let group = board.group(args.required("group_id")?)?.id.clone();
    let on_match = args.get("on_match").map(|on_match| {
        let column = on_match["match_column_id"].as_str().unwrap_or_default().to_owned();
        (column, on_match["behaviour"] == "UPSERT")
    });
    if let Some((column, _)) = &on_match {
        let kind = &board.column(column)?.kind;
        if !["text", "email", "phone", "numbers", "name"].contains(&kind.as_str()) {
            return Err(Refusal::argument(format!("Items can't be matched by a column of type {kind}")));
        }
    }
    let (board, id, now) = (board.id, state.new_id(), state.now());
    let trouble = if state.bulk.troubles.is_empty() { None } else { Some(state.bulk.troubles.remove(0)) };
    let job = Job {
        board,
        group,
        on_match,
        most_rows: if is_backfill { MOST_ROWS_BACKFILLED } else { MOST_ROWS_INGESTED },
        counts_items: !is_backfill,
        made: now,
        stage: Stage::Waiting,
        trouble,
        counts: Counts::default(),
        report: Vec::new(),
        ended: None,
    };
    state.bulk.started.push(now);
    state.bulk.jobs.insert(id, job);
    let address = format!(
        "{}{UPLOADS}{id}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=600&X-Amz-Signature={:x}",
        state.bulk.address,
        signature(id)
    );
    Ok(Found::Leaf(json!({ "job_id": id.to_string(), "upload_url": address })))
}

fn check_right(state: &State) -> Result<(), Refusal> {
    match state.bulk.access {
        BulkAccess::Forbidden => {
            Err(Refusal::new("UserUnauthorizedException", 403, "User unauthorized to perform action"))
        }
        BulkAccess::Full | BulkAccess::Unknown => Ok(()),
    }
}

/// What an address is signed with.
fn signature(job: u64) -> u64 {
    job.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// `fetch_job_status`.
pub(super) fn status(state: &State, args: &Args) -> Result<Found, Refusal> {
    let id = args.required("job_id")?;
    let unknown = || Refusal::new("ResourceNotFoundException", 404, "The job does not exist").data("job_id", id);
    let job = id.parse().ok().and_then(|id: u64| state.bulk.jobs.get(&id)).ok_or_else(unknown)?;
    if job.trouble == Some(BulkTrouble::Forgotten) && !matches!(job.stage, Stage::Waiting) {
        return Err(unknown());
    }
    let (name, reason) = match &job.stage {
        Stage::Waiting => ("UPLOAD_PENDING", None),
        Stage::Working { .. } => ("PROCESSING", None),
        Stage::Ended { state, reason } => (*state, reason.clone()),
    };
    let is_reported = job.ended.is_some_and(|at| state.now().duration_since(at) < ADDRESS_LIFE) && name == "COMPLETED";
    let report = format!("{}{UPLOADS}{id}/report.csv?X-Amz-Signature={:x}", state.bulk.address, signature(7));
    let done = job.counts.created + job.counts.updated + job.counts.failed + job.counts.invalid + job.counts.skipped;
    let object = json!({
        "status": name,
        "counts": {
            "submitted": job.counts.submitted, "invalid": job.counts.invalid, "skipped": job.counts.skipped,
            "created": job.counts.created, "updated": job.counts.updated, "failed": job.counts.failed,
        },
        "progress_percentage": (done * 100).checked_div(job.counts.submitted).unwrap_or_default(),
        "failure_reason": reason,
        "failure_message": reason.map(|reason| format!("The import has ended: {reason}")),
        "fully_imported": name == "COMPLETED",
        "report_created": is_reported,
        "report_url": is_reported.then_some(report),
    });
    Ok(Found::Object("ItemsJobStatus", object.as_object().cloned().unwrap_or_default()))
}

/// A request to the address of a job's file, or of its report.
pub(super) fn file(state: &mut State, request: &Request) -> Response {
    let rest = request.path.strip_prefix(UPLOADS).unwrap_or_default();
    let (id, is_report) = match rest.split_once('/') {
        Some((id, "report.csv")) => (id, true),
        _ => (rest, false),
    };
    let query = request.query.as_deref().unwrap_or_default();
    let signed = |job: u64| query.contains(&format!("X-Amz-Signature={:x}", signature(job)));
    let id: u64 = id.parse().unwrap_or_default();
    if request.header("authorization").is_some() {
        return s3(400, "InvalidArgument", "Only one auth mechanism allowed");
    }
    let now = state.now();
    let Some(job) = state.bulk.jobs.get(&id) else { return s3(403, "AccessDenied", "Access Denied") };
    match request.method.as_str() {
        "GET" if is_report && signed(7) => report(job, now),
        "PUT" if !is_report && signed(id) => match now.duration_since(job.made) >= ADDRESS_LIFE {
            true => s3(403, "AccessDenied", "Request has expired"),
            false => upload(state, id, request),
        },
        _ => s3(403, "SignatureDoesNotMatch", "The request signature we calculated does not match"),
    }
}

fn report(job: &Job, now: Timestamp) -> Response {
    if job.ended.is_none_or(|at| now.duration_since(at) >= ADDRESS_LIFE) {
        return s3(403, "AccessDenied", "Request has expired");
    }
    let mut text = "row,status,error\n".to_owned();
    job.report.iter().for_each(|[row, status, error]| text.push_str(&format!("{row},{status},\"{error}\"\n")));
    Response::with_body(200, "text/csv", text)
}

/// How the store of files refuses.
fn s3(status: u16, code: &str, message: &str) -> Response {
    let body = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>");
    Response::with_body(status, "application/xml", body)
}

fn upload(state: &mut State, id: u64, request: &Request) -> Response {
    if request.header("content-type") != Some("text/csv") {
        return s3(403, "SignatureDoesNotMatch", "The content type is signed: text/csv");
    }
    if request.headers.iter().any(|(name, _)| name.starts_with("x-amz-checksum")) {
        return s3(400, "InvalidRequest", "A checksum was not signed");
    }
    let taken = Response::empty(200).with_header("etag", "\"sandbox\"");
    if !matches!(state.bulk.jobs.get(&id).map(|job| &job.stage), Some(Stage::Waiting)) {
        // The file is replaced; the job has begun with the first.
        return taken;
    }
    let stage = read_file(state, id, &request.body);
    let now = state.now();
    if let Some(job) = state.bulk.jobs.get_mut(&id) {
        job.ended = matches!(stage, Stage::Ended { .. }).then_some(now);
        if let Stage::Working { rows, .. } = &stage {
            job.counts.submitted = rows.len();
            if job.counts_items {
                state.bulk.used.push((now, rows.len()));
            }
        }
        job.stage = stage;
    }
    taken
}

/// What becomes of a file that was just uploaded.
fn read_file(state: &mut State, id: u64, body: &[u8]) -> Stage {
    let rejected = |reason: &str| Stage::Ended { state: "REJECTED", reason: Some(reason.to_owned()) };
    let now = state.now();
    state.bulk.forget_hour_before(now);
    let (Some(job), used) = (state.bulk.jobs.get(&id), state.bulk.used.iter().map(|(_, items)| items).sum::<usize>())
    else {
        return rejected("INTERNAL_ERROR");
    };
    if let Some(BulkTrouble::Rejected(reason)) = &job.trouble {
        return rejected(reason);
    }
    if body.len() > MOST_BYTES {
        return rejected("FILE_TOO_LARGE");
    }
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(body);
    let lines: Result<Vec<Vec<String>>, csv::Error> =
        reader.records().map(|record| Ok(record?.iter().map(str::to_owned).collect())).collect();
    let Ok(mut lines) = lines else { return rejected("INVALID_UPLOAD") };
    let Some(board) = state.boards.get(&job.board).filter(|_| !lines.is_empty()) else {
        return rejected("INVALID_UPLOAD");
    };
    let header = lines.remove(0);
    if !is_header(board, &header) || lines.is_empty() || lines.len() > job.most_rows {
        return rejected("INVALID_UPLOAD");
    }
    if job.counts_items && used + lines.len() > ITEMS_AN_HOUR {
        return rejected("ACCOUNT_CAPACITY_EXCEEDED");
    }
    if board.active + lines.len() as u64 > state.items_limit && job.on_match.is_none() {
        return rejected("BOARD_CAPACITY_EXCEEDED");
    }
    Stage::Working { since: now, header, rows: lines, done: 0 }
}

/// `name` first, then columns of the board, each once.
fn is_header(board: &Board, header: &[String]) -> bool {
    let distinct: BTreeSet<&String> = header.iter().collect();
    header.first().is_some_and(|first| first == "name")
        && distinct.len() == header.len()
        && header.iter().skip(1).all(|id| board.column(id).is_ok())
}

impl State {
    /// Does what bulk jobs have come to by now.
    pub(super) fn run_bulk_jobs(&mut self) {
        let now = self.now();
        let ids: Vec<u64> = self.bulk.jobs.keys().copied().collect();
        for id in ids {
            self.run_job(id, now);
        }
        let takes = SignedDuration::try_from(self.bulk.takes).unwrap_or_default();
        let due: Vec<(Vec<u64>, Life)> = self
            .bulk
            .removals
            .values_mut()
            .filter(|removal| !removal.is_done && now.duration_since(removal.made) >= takes)
            .map(|removal| {
                removal.is_done = true;
                (removal.items.clone(), removal.life)
            })
            .collect();
        for (items, life) in due {
            items.into_iter().for_each(|item| self.set_life(item, life));
        }
    }

    fn run_job(&mut self, id: u64, now: Timestamp) {
        let Some(mut job) = self.bulk.jobs.remove(&id) else { return };
        job.stage = match std::mem::replace(&mut job.stage, Stage::Waiting) {
            Stage::Working { since, header, rows, done } => self.run_rows(&mut job, (since, now), header, rows, done),
            other => other,
        };
        if matches!(job.stage, Stage::Ended { .. }) {
            job.ended.get_or_insert(now);
        }
        self.bulk.jobs.insert(id, job);
    }

    /// Does the rows whose time has come.
    fn run_rows(
        &mut self,
        job: &mut Job,
        (since, now): (Timestamp, Timestamp),
        header: Vec<String>,
        rows: Vec<Vec<String>>,
        mut done: usize,
    ) -> Stage {
        let takes = self.bulk.takes;
        let passed = Duration::try_from(now.duration_since(since)).unwrap_or_default();
        let due = match takes.is_zero() {
            true => rows.len(),
            false => usize_of(rows.len() as u128 * passed.as_nanos() / takes.as_nanos()),
        };
        let fails = match &job.trouble {
            Some(BulkTrouble::FailsAfter(after, reason)) => Some((*after, reason.clone())),
            _ => None,
        };
        let last = fails.as_ref().map_or(rows.len(), |(after, _)| (*after).min(rows.len()));
        let each =
            SignedDuration::try_from(takes).unwrap_or_default() / i32::try_from(rows.len()).unwrap_or(i32::MAX).max(1);
        while done < due.min(last) {
            let at = since + each * i32::try_from(done + 1).unwrap_or(i32::MAX);
            self.run_row(job, done, &header, &rows[done], at);
            done += 1;
        }
        match (done >= last, fails) {
            (false, _) => Stage::Working { since, header, rows, done },
            (true, Some((_, reason))) => Stage::Ended { state: "FAILED", reason: Some(reason) },
            (true, None) => Stage::Ended { state: "COMPLETED", reason: None },
        }
    }

    /// Does one row.
    fn run_row(&mut self, job: &mut Job, number: usize, header: &[String], row: &[String], at: Timestamp) {
        let done = match &job.trouble {
            Some(BulkTrouble::LosesRows(most)) if number < *most => Err((false, "lost".to_owned())),
            _ => self.import_row(job, header, row, at),
        };
        let (word, error) = match done {
            Ok(RowDone::Created) => (&mut job.counts.created, ("created", String::new())),
            Ok(RowDone::Updated) => (&mut job.counts.updated, ("updated", String::new())),
            Ok(RowDone::Skipped) => (&mut job.counts.skipped, ("skipped", String::new())),
            Err((true, why)) => (&mut job.counts.invalid, ("invalid", why)),
            Err((false, why)) => (&mut job.counts.failed, ("failed", why)),
        };
        *word += 1;
        job.report.push([(number + 1).to_string(), error.0.to_owned(), error.1.replace('"', "'")]);
    }

    /// The error says whether the row was invalid, and why it was not done.
    fn import_row(
        &mut self,
        job: &Job,
        header: &[String],
        row: &[String],
        at: Timestamp,
    ) -> Result<RowDone, (bool, String)> {
        let invalid = |refusal: Refusal| (true, refusal.message);
        let name = row.first().map(String::as_str).unwrap_or_default();
        let board = self.board(&job.board.to_string()).map_err(invalid)?;
        let mut values = Map::new();
        for (column, cell) in header.iter().zip(row).skip(1).filter(|(_, cell)| !cell.is_empty()) {
            let column: &Column = board.column(column).map_err(invalid)?;
            values.insert(column.id.clone(), value_of(self, column, cell).map_err(|why| (true, why))?);
        }
        let checked: Checked = check_values(self, board, &values, false).map_err(invalid)?;
        let existing = job.on_match.as_ref().and_then(|(column, _)| {
            let at = header.iter().position(|id| id == column)?;
            self.item_in_group(board, &job.group, column, row.get(at)?)
        });
        match (existing, &job.on_match) {
            (Some(_), Some((_, false))) => Ok(RowDone::Skipped),
            (Some(item), _) => {
                apply(self, item, checked.named(name)).map_err(invalid)?;
                self.touch(item, None, at);
                Ok(RowDone::Updated)
            }
            (None, _) => {
                let cells: BTreeMap<String, Cell> = merged(board, &BTreeMap::new(), &checked).map_err(invalid)?;
                let made = self.add_item(job.board, Some(&job.group), name, cells);
                let item = made.map_err(|refusal| (false, refusal.message))?;
                self.touch(item, Some(at), at);
                Ok(RowDone::Created)
            }
        }
    }

    /// The item of a group that shows this text in a column, as far as searches know it.
    fn item_in_group(&self, board: &Board, group: &str, column: &str, text: &str) -> Option<u64> {
        let items = board.items.iter().filter_map(|id| self.items.get(id));
        let column = board.column(column).ok()?;
        let mut fitting = items.filter(|item| {
            item.life == Life::Active
                && item.group == group
                && self.is_known_to_searches(item)
                && item.values.get(&column.id).and_then(|cell| cell.text(column)).as_deref() == Some(text)
        });
        fitting.next().map(|item| item.id)
    }

    fn touch(&mut self, item: u64, made: Option<Timestamp>, at: Timestamp) {
        if let Some(item) = self.items.get_mut(&item) {
            item.created = made.unwrap_or(item.created);
            item.updated = at;
        }
    }
}

enum RowDone {
    Created,
    Updated,
    Skipped,
}

fn usize_of(number: u128) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// `bulk_archive_items` and `bulk_delete_items`.
pub(super) fn remove(state: &mut State, args: &Args, life: Life) -> Result<Found, Refusal> {
    check_right(state)?;
    let board = state.board(args.required("board_id")?)?.id;
    let mut items = Vec::new();
    for id in args.texts("item_ids").unwrap_or_default() {
        let item = state.active_item(id)?;
        if item.board != board {
            return Err(state.missing_item(id));
        }
        items.push(item.id);
    }
    let (id, made) = (state.new_id(), state.now());
    state.bulk.removals.insert(id, Removal { items, life, made, is_done: false });
    Ok(Found::Leaf(json!({ "job_id": id.to_string() })))
}

/// `job_status`.
pub(super) fn removal_status(state: &State, args: &Args) -> Result<Found, Refusal> {
    let id = args.required("job_id")?;
    let removal = id.parse().ok().and_then(|id: u64| state.bulk.removals.get(&id));
    let removal = removal.ok_or_else(|| Refusal::new("ResourceNotFoundException", 404, "The job does not exist"))?;
    let made = super::errors::iso(removal.made);
    Ok(Found::Leaf(json!({
        "id": id, "status": if removal.is_done { "COMPLETED" } else { "RUNNING" }, "created_at": made, "updated_at": made,
        "error": Value::Null,
    })))
}
