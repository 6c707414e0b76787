//! monday.com's GraphQL API, as far as a synchronisation needs it: boards with typed columns, and items that are
//! kept, checked and counted.
//!
//! Documents are validated against a part of monday's schema, values against its column types, and what monday
//! refuses is refused with monday's codes. Where its documentation is silent the sandbox is strict, or the answer
//! can be chosen. It knows nothing of who calls it, and has no network of its own.

mod board;
mod bulk;
mod cell;
mod coerce;
mod column;
mod csv_cells;
mod errors;
mod execute;
mod hands;
mod limits;
mod mutation;
mod resolve;
mod search;
mod spoil;
mod standard;
mod structure;
mod traits;
mod troubles;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Map, Value};

use crate::{Request, Response};
use board::State;
use errors::{Answer, Refusal};
use execute::{Call, Documents, Prepared};
use limits::{Limits, Memory, Planned};
use resolve::Scope;
use troubles::Troubles;

pub use bulk::{BulkAccess, BulkTrouble};
pub use execute::SCHEMA;
pub use hands::ItemView;
pub use spoil::Spoil;
pub use standard::{StandardBoard, standard_boards, standard_configuration};
pub use structure::ColumnView;
pub use traits::BoardTraits;

/// The token that is asked for unless a test sets another.
pub const TOKEN: &str = "sandbox-monday-token";

/// One monday.com account.
///
/// Each request is announced with [`arrive`](Self::arrive), answered, and ended with [`leave`](Self::leave), so that
/// requests side by side are seen. Ids are numeric strings above 2^53: as floats they would not survive.
#[derive(Debug)]
pub struct Monday {
    state: State,
    documents: Documents,
    limits: Limits,
    planned: Planned,
    spoilt: Vec<spoil::SpoiltPages>,
    memory: Memory,
    troubles: Troubles,
    token: String,
    tier: String,
    static_error_status: u16,
    tickets: BTreeMap<u64, Ticket>,
    counts: Counts,
    requests: u64,
}

/// A request that has arrived and not left.
#[derive(Debug)]
struct Ticket {
    /// Boards that its mutations touch.
    boards: BTreeSet<u64>,
    key: Option<String>,
    conflict: Option<Conflict>,
    /// How many changes it makes.
    changes: u32,
}

/// Why a request can't run beside another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Conflict {
    Board,
    Key,
}

#[derive(Debug, Default)]
struct Counts {
    calls: u64,
    mutation_calls: u64,
    parallel_mutations: u64,
    limited: u64,
    per_board: BTreeMap<String, u64>,
}

impl Default for Monday {
    fn default() -> Self {
        Self::new()
    }
}

impl Monday {
    /// An account without boards, without limits and without faults.
    pub fn new() -> Self {
        Self {
            state: State::new(),
            documents: Documents::new(),
            limits: Limits::new(),
            planned: Planned::default(),
            spoilt: Vec::new(),
            memory: Memory::new(),
            troubles: Troubles::default(),
            token: TOKEN.into(),
            tier: "pro".into(),
            static_error_status: 200,
            tickets: BTreeMap::new(),
            counts: Counts::default(),
            requests: 0,
        }
    }

    /// A request has come in. The number stands for it until [`leave`](Self::leave).
    pub fn arrive(&mut self, request: &Request) -> u64 {
        self.requests += 1;
        self.state.run_bulk_jobs();
        if is_of_a_file(request) {
            let ticket = Ticket { boards: BTreeSet::new(), key: None, conflict: None, changes: 0 };
            self.tickets.insert(self.requests, ticket);
            return self.requests;
        }
        self.counts.calls += 1;
        let prepared = Call::read(&request.body).ok().and_then(|call| self.documents.prepare(&call).ok());
        let boards = prepared.as_ref().map(|prepared| self.boards_of(prepared)).unwrap_or_default();
        for board in &boards {
            *self.counts.per_board.entry(board.to_string()).or_default() += 1;
        }
        let mut ticket = Ticket { boards: BTreeSet::new(), key: None, conflict: None, changes: 0 };
        if let Some(prepared) = prepared.as_ref().filter(|prepared| prepared.is_mutation()) {
            let fields = self.documents.root_fields(prepared);
            let changes = fields.iter().filter(|field| field.name != "complexity").count();
            ticket.changes = u32::try_from(changes).unwrap_or(u32::MAX);
        }
        if prepared.is_some_and(|prepared| prepared.is_mutation()) {
            self.counts.mutation_calls += 1;
            if self.admitted(request).is_ok() {
                self.note_conflict(&mut ticket, boards, request);
            }
        }
        self.tickets.insert(self.requests, ticket);
        self.requests
    }

    /// monday locks a board while it is written to. Only a ticket without conflict holds its boards.
    fn note_conflict(&mut self, ticket: &mut Ticket, boards: BTreeSet<u64>, request: &Request) {
        let key = idempotency_key(request);
        let is_replay = key.is_some_and(|key| self.memory.recall(key, &request.body, self.state.now()).is_some());
        if is_replay {
            return;
        }
        if key.is_some() && self.tickets.values().any(|other| other.key.as_deref() == key) {
            ticket.conflict = Some(Conflict::Key);
        } else if self.tickets.values().any(|other| !other.boards.is_disjoint(&boards)) {
            self.counts.parallel_mutations += 1;
            ticket.conflict = Some(Conflict::Board);
        } else {
            ticket.boards = boards;
            ticket.key = key.map(str::to_owned);
        }
    }

    /// Boards that the root fields name, by their id or through one of their items.
    fn boards_of(&self, prepared: &Prepared) -> BTreeSet<u64> {
        let mut boards = BTreeSet::new();
        for field in self.documents.root_fields(prepared) {
            let arguments = &field.arguments;
            boards.extend(arguments.text("board_id").and_then(|id| id.parse::<u64>().ok()));
            let items = arguments.texts("ids").unwrap_or_default().into_iter().chain(arguments.text("item_id"));
            for id in items.filter_map(|id| id.parse::<u64>().ok()) {
                let board = self.state.items.get(&id).map(|item| item.board);
                boards.extend(board.or_else(|| self.state.boards.contains_key(&id).then_some(id)));
            }
            let cursor = arguments.text("cursor").and_then(|cursor| self.state.cursors.get(cursor));
            boards.extend(cursor.map(|cursor| cursor.board));
        }
        boards
    }

    /// Does what the request says, and answers it.
    pub fn answer(&mut self, ticket: u64, request: &Request) -> Response {
        self.state.run_bulk_jobs();
        if is_of_a_file(request) {
            return bulk::file(&mut self.state, request);
        }
        let in_flight = self.tickets.len() as u64;
        let request_id = format!("{:08x}-0000-4000-8000-{:012x}", self.requests, ticket);
        let mut response = match self.respond(ticket, request, &request_id) {
            Ok(response) => response,
            Err(answer) => answer.finish(&request_id),
        };
        self.counts.limited += u64::from(response.status == 429);
        response.headers.extend(self.limits.headers(in_flight, self.state.now()));
        response
    }

    /// The request is over, answered or not.
    pub fn leave(&mut self, ticket: u64) {
        self.tickets.remove(&ticket);
    }

    /// All three at once, for callers that have one request at a time.
    pub fn handle(&mut self, request: &Request) -> Response {
        let ticket = self.arrive(request);
        let response = self.answer(ticket, request);
        self.leave(ticket);
        response
    }

    /// The error is an answer too: of a request of which nothing was done.
    fn respond(&mut self, ticket: u64, request: &Request, request_id: &str) -> Result<Response, Answer> {
        let version = self.admitted(request)?;
        let in_flight = self.tickets.len() as u64;
        self.limits.admit(in_flight, self.state.now())?;
        let prepared = self.prepared(request).inspect_err(|_| self.limits.count_refused())?;
        let key = idempotency_key(request).filter(|_| prepared.is_mutation());
        if let Some(key) = key
            && let Some(known) = self.memory.recall(key, &request.body, self.state.now())
        {
            self.limits.count_refused();
            return known;
        }
        match self.tickets.get(&ticket).and_then(|ticket| ticket.conflict) {
            Some(Conflict::Board) => {
                self.limits.count_refused();
                let message = "Resource is currently locked, please try again later";
                return Err(Refusal::new("RESOURCE_LOCKED", 423, message).answer(423));
            }
            Some(Conflict::Key) => {
                return Err(limits::conflict("A request with this idempotency key is being processed"));
            }
            None => {}
        }
        if prepared.is_mutation() && self.troubles.is_locked(&self.boards_of(&prepared)) {
            self.limits.count_refused();
            let message = "Resource is currently locked, please try again later";
            return Err(Refusal::new("RESOURCE_LOCKED", 423, message).answer(423));
        }
        let response = match self.troubles.answer_to(&request.body) {
            Some(response) => response,
            None => self.worked(ticket, &prepared, version, request_id)?,
        };
        if let Some(key) = key {
            self.memory.remember(key, &request.body, &response, self.state.now());
        }
        Ok(response)
    }

    /// Does the work; where that takes longer than monday waits for it, the answer only says so.
    fn worked(&mut self, ticket: u64, prepared: &Prepared, version: String, id: &str) -> Result<Response, Answer> {
        let changes = self.tickets.get(&ticket).map_or(0, |ticket| ticket.changes);
        let first = self.state.next_item();
        let response = self.execute(prepared, version)?.finish(id);
        match self.troubles.cut_off(changes) {
            Some(pace) => {
                self.state.show_later(first, pace);
                Err(Refusal::of_code("TIMEOUT_EXCEEDED", None).answer(503))
            }
            None => Ok(response),
        }
    }

    /// Checks method, token and version, in this order; gives the version.
    fn admitted(&self, request: &Request) -> Result<String, Answer> {
        if request.method != "POST" {
            return Err(Refusal::bare(405, "Method not allowed").answer(405));
        }
        if request.header("authorization") != Some(self.token.as_str()) {
            return Err(Refusal::bare(401, "Not Authenticated").answer(401));
        }
        if !request.header("content-type").is_some_and(|kind| kind.starts_with("application/json")) {
            return Err(Refusal::bare(400, "Content-Type must be application/json").answer(400));
        }
        let version = request.header("api-version").unwrap_or_default();
        match is_version(version) {
            true => Ok(version.to_owned()),
            false => {
                let message = "Invalid API version, a version looks like 2026-10";
                Err(Refusal::new("InvalidVersionException", 400, message).answer(200))
            }
        }
    }

    fn prepared(&mut self, request: &Request) -> Result<Prepared, Answer> {
        let call = Call::read(&request.body).map_err(|refusal| refusal.answer(400))?;
        self.documents.prepare(&call).map_err(|errors| {
            let body = Map::from_iter([("errors".to_owned(), Value::Array(errors))]);
            Answer::new(self.static_error_status, Value::Object(body))
        })
    }

    fn execute(&mut self, prepared: &Prepared, version: String) -> Result<Answer, Answer> {
        let fields = self.documents.root_fields(prepared);
        let now = self.state.now();
        if !prepared.is_mutation() {
            self.troubles
                .admit_read(self.documents.largest_limit(prepared))
                .inspect_err(|_| self.limits.count_refused())?;
        }
        let (points_before, reset_in_seconds) = self.limits.points_left(now);
        let dearness = if prepared.is_mutation() { self.limits.dearness } else { 1 };
        let points = limits::points_of(&fields, prepared.is_mutation()) * dearness;
        let changes = fields.iter().filter(|field| field.name != "complexity").count();
        self.limits.charge(points, changes, now).inspect_err(|_| self.limits.count_refused())?;
        self.limits.count(&fields);
        let scope = Scope {
            version,
            tier: self.tier.clone(),
            daily_limit: self.limits.daily_limit(),
            points_before,
            points,
            reset_in_seconds,
        };
        bulk::admit(&mut self.state, &scope, &fields, self.static_error_status)?;
        let (mut data, errors) = self.documents.execute(prepared, &mut self.state, &scope, &mut self.planned);
        spoil::apply(&mut self.spoilt, &fields, &mut data);
        let mut body = Map::from_iter([("data".to_owned(), data)]);
        if !errors.is_empty() {
            body.insert("errors".into(), Value::Array(errors));
        }
        Ok(Answer::new(200, Value::Object(body)))
    }
}

/// What a test can set.
impl Monday {
    /// The token that requests must bear, without any prefix.
    pub fn set_token(&mut self, token: &str) {
        self.token = token.into();
    }

    /// `account { tier }`.
    pub fn set_tier(&mut self, tier: &str) {
        self.tier = tier.into();
    }

    /// From now on it is this time, until another one is set.
    pub fn set_time(&mut self, now: jiff::Timestamp) {
        self.state.set_time(now);
    }

    /// Turns the sandbox's clock on: cursors and keys expire, minutes and days begin.
    pub fn advance(&mut self, by: Duration) {
        self.state.advance(by);
    }

    /// What a board is besides its columns and items, to be changed.
    ///
    /// # Panics
    /// Where there is no such board.
    #[track_caller]
    pub fn traits_of(&mut self, board: &str) -> &mut BoardTraits {
        let id = self.state.board(board).expect("a board of the sandbox").id;
        self.state.traits.entry(id).or_default()
    }

    /// Answers with this version of the API whatever is asked for, as monday does for one that is retired.
    pub fn serve_version(&mut self, version: &str) {
        self.state.served_version = Some(version.to_owned());
    }

    /// Calls per UTC day, then 429 `DAILY_LIMIT_EXCEEDED`. None at first.
    pub fn set_daily_limit(&mut self, calls: Option<u64>) {
        self.limits.daily = calls;
    }

    /// Calls of today, of which a refused one counts a tenth.
    pub fn daily_calls(&self) -> u64 {
        self.limits.spent()
    }

    /// Gives the day's calls back.
    pub fn reset_daily_calls(&mut self) {
        self.limits.reset();
    }

    /// Points per minute (a mutation of an item costs 10,000), then 429 `COMPLEXITY_BUDGET_EXHAUSTED`. None at first.
    pub fn set_points_per_minute(&mut self, points: Option<u64>) {
        self.limits.points_per_minute = points;
    }

    /// A change costs so many times as many points as usual.
    pub fn set_dearness(&mut self, times: u64) {
        self.limits.dearness = times;
    }

    /// Requests per minute, then 429 `MINUTE_RATE_LIMIT_EXCEEDED`. None at first.
    pub fn set_calls_per_minute(&mut self, calls: Option<u64>) {
        self.limits.calls_per_minute = calls;
    }

    /// Requests at once, then 429 `MAX_CONCURRENCY_EXCEEDED`. None at first.
    pub fn set_calls_at_once(&mut self, calls: Option<u64>) {
        self.limits.at_once = calls;
    }

    /// Root fields per request, then `REQUEST_MAX_COMPLEXITY_EXCEEDED`. At first only 5,000,000 points bind.
    pub fn set_max_root_fields(&mut self, fields: Option<usize>) {
        self.limits.root_fields = fields;
    }

    /// Refuses the next requests as a whole: with 429, or for `ComplexityException` in the form from before 2025.
    pub fn limit_next(&mut self, code: &str, times: u32, retry_in_seconds: u64) {
        self.limits.next.extend((0..times).map(|_| (code.to_owned(), retry_in_seconds)));
    }

    /// Fails the next root fields whose name and arguments contain the text, within an answer that is 200 otherwise.
    pub fn refuse_next(&mut self, contains: &str, code: &str, times: u32) {
        self.planned.add(contains, code, times);
    }

    /// Refuses from now on what is written to a column where the value, as JSON, contains the text; `null` makes the column one
    /// that can't be cleared.
    pub fn refuse_values(&mut self, column: &str, containing: &str) {
        self.state.refused_values.push((column.to_owned(), containing.to_owned()));
    }

    /// Whether items cannot be ordered by when they were made or changed: it is refused as an unknown column is.
    pub fn set_refuses_order_by_dates(&mut self, is_refused: bool) {
        self.state.refuses_order_by_dates = is_refused;
    }

    /// Takes all values again.
    pub fn take_all_values(&mut self) {
        self.state.refused_values.clear();
    }

    /// Spoils the next lists of items that are answered to root fields whose name and arguments contain the text.
    pub fn spoil_next(&mut self, contains: &str, spoil: Spoil, times: u32) {
        self.spoilt.push(spoil::SpoiltPages::new(contains, spoil, times));
    }

    /// The same, but the work of these root fields is done before they fail.
    pub fn fail_after_work(&mut self, contains: &str, code: &str, times: u32) {
        self.planned.add_after_work(contains, code, times);
    }

    /// Fails the next requests whose body contains the text: none of their work is done, this is answered, and it is the answer
    /// that is kept for their idempotency keys.
    pub fn fail_calls(&mut self, contains: &str, status: u16, body: &str, times: u32) {
        self.troubles.fail_calls(contains, status, body, times);
    }

    /// Forgets all that [`limit_next`](Self::limit_next), [`refuse_next`](Self::refuse_next),
    /// [`fail_after_work`](Self::fail_after_work), [`fail_calls`](Self::fail_calls) and [`spoil_next`](Self::spoil_next)
    /// planned.
    pub fn clear_refusals(&mut self) {
        self.limits.next.clear();
        self.planned.clear();
        self.spoilt.clear();
        self.troubles.calm();
    }

    /// How long each change of a request takes, and when monday cuts a request off: it answers 503 `TIMEOUT_EXCEEDED` then and
    /// goes on working, so that new items come to be found one by one. No time at first.
    pub fn set_pace(&mut self, each: Duration, cut_off: Duration) {
        self.troubles.set_pace(each, cut_off);
    }

    /// How long the request of a ticket is worked on, until it is cut off.
    pub fn time_for(&self, ticket: u64) -> Duration {
        self.troubles.time_for(self.tickets.get(&ticket).map_or(0, |ticket| ticket.changes))
    }

    /// Locks a board: each request that writes to it gets 423. Or gives it free again.
    pub fn set_locked(&mut self, board: &str, is_locked: bool) {
        self.troubles.set_locked(board, is_locked);
    }

    /// Closes a column to the token: values for it are refused with this code, whose message names the column, or does not.
    pub fn close_column(&mut self, board: &str, column: &str, code: &str, is_named: bool) {
        self.state.close_column(board, column, code, is_named);
    }

    /// Refuses each change of a board and its items, for want of a right. Or takes them again.
    ///
    /// # Panics
    /// Where there is no such board.
    pub fn forbid_writing(&mut self, board: &str, is_forbidden: bool) {
        let board = self.state.board(board).expect("a test forbids a board that there is").id;
        match is_forbidden {
            true => self.state.forbidden_boards.insert(board),
            false => self.state.forbidden_boards.remove(&board),
        };
    }

    /// Opens all columns that were closed.
    pub fn open_columns(&mut self) {
        self.state.closed_columns.clear();
    }

    /// Refuses item names that contain a text, with this code.
    pub fn refuse_names(&mut self, contains: &str, code: &str) {
        self.state.refused_names.push((contains.to_owned(), code.to_owned()));
    }

    /// Takes all names again.
    pub fn take_all_names(&mut self) {
        self.state.refused_names.clear();
    }

    /// Most items that a question may ask for at once, then `REQUEST_MAX_COMPLEXITY_EXCEEDED`. As many as a page may hold at first.
    pub fn set_max_items_per_read(&mut self, items: Option<u64>) {
        self.troubles.set_max_items_per_read(items);
    }

    /// Whether `Idempotency-Key` is honoured. It is at first.
    pub fn set_idempotency(&mut self, is_on: bool) {
        self.memory.is_on = is_on;
    }

    /// Loses the answers kept for idempotency keys, as monday does when its memory for them is full.
    pub fn forget_idempotency_keys(&mut self) {
        self.memory.forget();
    }

    /// How long searches do not know a new item; reading it by its id always works. Nothing at first.
    pub fn set_search_lag(&mut self, lag: Duration) {
        self.state.search_lag = lag;
    }

    /// Whether `items_count` lags behind as searches do. It does not at first.
    pub fn set_count_lag(&mut self, does_lag: bool) {
        self.state.does_count_lag = does_lag;
    }

    /// Active items that a board takes, then `ItemsLimitationException`. 10,000 at first.
    pub fn set_items_limit(&mut self, items: u64) {
        self.state.items_limit = items;
    }

    /// Items that a page holds at most, however many are asked for. As many as are asked for at first.
    pub fn set_page_items(&mut self, items: usize) {
        self.state.page_items = items.max(1);
    }

    /// How much of bulk jobs the account has. All of it at first.
    pub fn set_bulk_access(&mut self, access: BulkAccess) {
        self.state.bulk.access = access;
    }

    /// How long a bulk job takes once its file is there, however large it is. A minute at first.
    pub fn set_bulk_time(&mut self, takes: Duration) {
        self.state.bulk.takes = takes;
    }

    /// What the addresses of files begin with: where this account is reached.
    pub fn set_upload_address(&mut self, address: &str) {
        self.state.bulk.address = address.to_owned();
    }

    /// The bulk job that is started next and has no trouble yet goes like this.
    pub fn trouble_next_job(&mut self, trouble: BulkTrouble) {
        self.state.bulk.troubles.push(trouble);
    }

    /// How many bulk jobs were started.
    pub fn bulk_jobs(&self) -> usize {
        self.state.bulk.jobs()
    }

    /// The code for a change to an item that is not there; monday does not document it.
    pub fn set_missing_item_code(&mut self, code: &str) {
        self.state.missing_item_code = code.into();
    }

    /// The code for a change to an archived item; monday does not document it.
    pub fn set_archived_item_code(&mut self, code: &str) {
        self.state.archived_item_code = code.into();
    }

    /// The HTTP status for documents that do not validate, 200 at first; monday does not document it.
    pub fn set_static_error_status(&mut self, status: u16) {
        self.static_error_status = status;
    }
}

/// What a test can count.
impl Monday {
    /// HTTP requests.
    pub fn calls(&self) -> u64 {
        self.counts.calls
    }

    /// HTTP requests that hold a mutation.
    pub fn mutation_calls(&self) -> u64 {
        self.counts.mutation_calls
    }

    /// HTTP requests that were refused for a limit.
    pub fn limited_calls(&self) -> u64 {
        self.counts.limited
    }

    /// HTTP requests by the board that they name, by its id or through an item of it.
    pub fn calls_per_board(&self) -> BTreeMap<String, u64> {
        self.counts.per_board.clone()
    }

    /// Requests that wanted to write to a board while another one did.
    pub fn parallel_mutations(&self) -> u64 {
        self.counts.parallel_mutations
    }

    /// All counts from zero again, `documents` included; the day's calls stay.
    pub fn reset_calls(&mut self) {
        self.counts = Counts::default();
        self.documents.seen.clear();
    }

    /// The distinct query texts that were sent.
    pub fn documents(&self) -> Vec<String> {
        self.documents.seen.iter().cloned().collect()
    }
}

fn idempotency_key(request: &Request) -> Option<&str> {
    request.header("idempotency-key").filter(|key| !key.is_empty())
}

/// Whether a request is for the file of a bulk job, or its report: these are stored elsewhere, and no calls of the API.
fn is_of_a_file(request: &Request) -> bool {
    request.path.starts_with(bulk::UPLOADS)
}

/// `2026-10`: versions begin with a quarter.
fn is_version(text: &str) -> bool {
    text.split_once('-').is_some_and(|(year, month)| {
        let is_year = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
        is_year && matches!(month, "01" | "04" | "07" | "10")
    })
}

#[cfg(test)]
mod bulk_tests;
#[cfg(test)]
mod tests;
