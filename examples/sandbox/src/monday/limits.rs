//! Everything that says "not now": limits per day and minute, refusals that a test asked for, and the memory of
//! idempotency keys.
//!
//! Sources: monday's pages on rate limits and on idempotency.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use jiff::civil::Date;
use jiff::{Timestamp, tz::TimeZone};

use super::errors::{Answer, Refusal};
use super::execute::RootField;
use crate::Response;

/// What one request may cost.
const MOST_POINTS_PER_REQUEST: u64 = 5_000_000;
/// What all requests of a minute may cost where no test says otherwise: more than any test spends.
const POINTS_PER_MINUTE: u64 = 1_000_000_000;
/// From changelog samples; the formula is not published.
const POINTS_OF_MUTATION: u64 = 10_000;
/// An invention of the right order.
const POINTS_OF_QUERY: u64 = 1_000;
const REQUESTS_PER_MINUTE: u64 = 2_500;
const CONCURRENT_REQUESTS: u64 = 100;
const DAILY_CALLS: u64 = 10_000;
const MINUTE_SECONDS: i64 = 60;
const KEY_LIFE: Duration = Duration::from_secs(30 * 60);
/// Larger answers are not remembered.
const MOST_REMEMBERED_BYTES: usize = 1024 * 1024;

/// Failures of single fields that a test asked for.
#[derive(Debug, Default)]
pub(super) struct Planned(Vec<PlannedRefusal>);

#[derive(Debug)]
struct PlannedRefusal {
    contains: String,
    code: String,
    times: u32,
    after_work: bool,
}

impl Planned {
    pub(super) fn add(&mut self, contains: &str, code: &str, times: u32) {
        self.0.push(PlannedRefusal { contains: contains.to_owned(), code: code.to_owned(), times, after_work: false });
    }

    pub(super) fn add_after_work(&mut self, contains: &str, code: &str, times: u32) {
        self.0.push(PlannedRefusal { contains: contains.to_owned(), code: code.to_owned(), times, after_work: true });
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// `field` is the field's name with its arguments. Gives the refusal, and whether the work is done first.
    pub(super) fn refusal_of_field(&mut self, field: &str) -> Option<(Refusal, bool)> {
        let planned = self.0.iter_mut().find(|planned| planned.times > 0 && field.contains(&planned.contains))?;
        planned.times -= 1;
        Some((Refusal::of_code(&planned.code, None), planned.after_work))
    }
}

#[derive(Debug)]
pub(super) struct Limits {
    /// Calls per UTC day; `None` is not enforced.
    pub(super) daily: Option<u64>,
    /// Points per minute; `None` is counted but not enforced.
    pub(super) points_per_minute: Option<u64>,
    /// How many times as many points as usual a change costs.
    pub(super) dearness: u64,
    pub(super) root_fields: Option<usize>,
    /// Requests per minute; `None` is counted but not enforced.
    pub(super) calls_per_minute: Option<u64>,
    /// Requests at once; `None` is reported but not enforced.
    pub(super) at_once: Option<u64>,
    /// The next requests are refused with these codes and waits.
    pub(super) next: VecDeque<(String, u64)>,
    day: Date,
    /// A refused call counts a tenth.
    spent_tenths: u64,
    minute_start: Timestamp,
    calls_in_minute: u64,
    points_in_minute: u64,
}

impl Limits {
    pub(super) fn new() -> Self {
        Self {
            daily: None,
            points_per_minute: None,
            dearness: 1,
            root_fields: None,
            calls_per_minute: None,
            at_once: None,
            next: VecDeque::new(),
            day: Date::ZERO,
            spent_tenths: 0,
            minute_start: Timestamp::UNIX_EPOCH,
            calls_in_minute: 0,
            points_in_minute: 0,
        }
    }

    pub(super) fn daily_limit(&self) -> u64 {
        self.daily.unwrap_or(DAILY_CALLS)
    }

    pub(super) fn spent(&self) -> u64 {
        self.spent_tenths / 10
    }

    pub(super) fn reset(&mut self) {
        self.spent_tenths = 0;
    }

    /// Starts the day and the minute anew where they are over.
    fn keep_time(&mut self, now: Timestamp) {
        let today = now.to_zoned(TimeZone::UTC).date();
        if today != self.day {
            self.day = today;
            self.spent_tenths = 0;
        }
        if now.as_second() - self.minute_start.as_second() >= MINUTE_SECONDS {
            self.minute_start = now;
            self.calls_in_minute = 0;
            self.points_in_minute = 0;
        }
    }

    fn seconds_to_reset(&self, now: Timestamp) -> u64 {
        let left = self.minute_start.as_second() + MINUTE_SECONDS - now.as_second();
        u64::try_from(left).unwrap_or_default()
    }

    /// Counts the request, and refuses it where a test asked for that or the day is spent.
    pub(super) fn admit(&mut self, in_flight: u64, now: Timestamp) -> Result<(), Answer> {
        self.keep_time(now);
        if self.calls_per_minute.is_some_and(|most| self.calls_in_minute >= most) {
            self.spent_tenths += 1;
            return Err(refused_for_now("MINUTE_RATE_LIMIT_EXCEEDED", self.seconds_to_reset(now).max(1)));
        }
        if self.at_once.is_some_and(|most| in_flight > most) {
            self.spent_tenths += 1;
            return Err(refused_for_now("MAX_CONCURRENCY_EXCEEDED", 15));
        }
        self.calls_in_minute += 1;
        if let Some((code, seconds)) = self.next.pop_front() {
            self.spent_tenths += 1;
            return Err(refused_for_now(&code, seconds));
        }
        if self.daily.is_some_and(|daily| self.spent_tenths >= daily * 10) {
            let second_of_day = now.as_second().rem_euclid(86_400);
            return Err(refused_for_now(
                "DAILY_LIMIT_EXCEEDED",
                u64::try_from(86_400 - second_of_day).unwrap_or_default(),
            ));
        }
        Ok(())
    }

    /// Counts against the day a request that was answered, not only refused.
    pub(super) fn count(&mut self, fields: &[RootField]) {
        let is_free = !fields.is_empty() && fields.iter().all(|field| field.name == "complexity");
        self.spent_tenths += if is_free { 1 } else { 10 };
    }

    pub(super) fn count_refused(&mut self) {
        self.spent_tenths += 1;
    }

    /// Charges the points of a request before it runs.
    pub(super) fn charge(&mut self, points: u64, fields: usize, now: Timestamp) -> Result<(), Answer> {
        if points > MOST_POINTS_PER_REQUEST || self.root_fields.is_some_and(|most| fields > most) {
            let most =
                MOST_POINTS_PER_REQUEST.min(self.root_fields.map_or(u64::MAX, |most| most as u64 * POINTS_OF_MUTATION));
            let refusal = Refusal::new(
                "REQUEST_MAX_COMPLEXITY_EXCEEDED",
                429,
                "The request is more complex than one request may be",
            )
            .extension("cost", points)
            .extension("max_complexity_per_request", most);
            return Err(refusal.answer(200));
        }
        if self.points_per_minute.is_some_and(|most| self.points_in_minute + points > most) {
            return Err(refused_for_now("COMPLEXITY_BUDGET_EXHAUSTED", self.seconds_to_reset(now).max(1)));
        }
        self.points_in_minute += points;
        Ok(())
    }

    /// Points left, and the seconds until all are there again.
    pub(super) fn points_left(&self, now: Timestamp) -> (u64, u64) {
        let all = self.points_per_minute.unwrap_or(POINTS_PER_MINUTE);
        (all.saturating_sub(self.points_in_minute), self.seconds_to_reset(now))
    }

    /// The headers that go with every answer.
    pub(super) fn headers(&self, in_flight: u64, now: Timestamp) -> Vec<(String, String)> {
        let (points, seconds) = self.points_left(now);
        let all = self.points_per_minute.unwrap_or(POINTS_PER_MINUTE);
        let most_calls = self.calls_per_minute.unwrap_or(REQUESTS_PER_MINUTE);
        let at_once = self.at_once.unwrap_or(CONCURRENT_REQUESTS);
        let calls = most_calls.saturating_sub(self.calls_in_minute);
        let others = at_once.saturating_sub(in_flight);
        vec![
            (
                "ratelimit-policy".into(),
                format!(
                    "\"minuteRate\";q={most_calls};w=60, \"concurrency\";q={at_once}, \"complexityMinute\";q={all};w=60"
                ),
            ),
            (
                "ratelimit".into(),
                format!(
                    "\"minuteRate\";r={calls};t={seconds}, \"concurrency\";r={others}, \"complexityMinute\";r={points};t={seconds}"
                ),
            ),
        ]
    }
}

/// An estimate in the manner of monday's, known before the request runs.
pub(super) fn points_of(fields: &[RootField], is_mutation: bool) -> u64 {
    let per_field = if is_mutation { POINTS_OF_MUTATION } else { POINTS_OF_QUERY };
    let charged = fields.iter().filter(|field| field.name != "complexity").count() as u64;
    1 + charged * per_field
}

fn refused_for_now(code: &str, seconds: u64) -> Answer {
    match code {
        "ComplexityException" => Answer::old_form(code, seconds),
        // This one has its wait in the body only.
        "COMPLEXITY_BUDGET_EXHAUSTED" => Refusal::of_code(code, Some(seconds)).answer(429),
        _ => Refusal::of_code(code, Some(seconds)).answer(429).header("retry-after", seconds),
    }
}

/// Answers of mutations by their `Idempotency-Key`.
#[derive(Debug)]
pub(super) struct Memory {
    pub(super) is_on: bool,
    answers: HashMap<String, Remembered>,
}

#[derive(Debug)]
struct Remembered {
    body: Vec<u8>,
    response: Response,
    since: Timestamp,
}

impl Memory {
    pub(super) fn new() -> Self {
        Self { is_on: true, answers: HashMap::new() }
    }

    /// The answer that the key has got already; an error if it belongs to another body.
    pub(super) fn recall(&self, key: &str, body: &[u8], now: Timestamp) -> Option<Result<Response, Answer>> {
        let known = self.answers.get(key).filter(|known| self.is_on && now < known.since + KEY_LIFE)?;
        if known.body != body {
            return Some(Err(conflict("The idempotency key was used with another request")));
        }
        let mut response = known.response.clone();
        response.headers.push(("idempotency-replayed".into(), "true".into()));
        Some(Ok(response))
    }

    pub(super) fn remember(&mut self, key: &str, body: &[u8], response: &Response, now: Timestamp) {
        if !self.is_on || response.status == 429 || response.body.len() > MOST_REMEMBERED_BYTES {
            return;
        }
        self.answers
            .insert(key.to_owned(), Remembered { body: body.to_owned(), response: response.clone(), since: now });
    }

    pub(super) fn forget(&mut self) {
        self.answers.clear();
    }
}

pub(super) fn conflict(message: &str) -> Answer {
    Refusal::new("IDEMPOTENCY_CONFLICT", 409, message).answer(409).header("retry-after", 1)
}
