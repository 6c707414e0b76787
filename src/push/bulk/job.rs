//! Job of an import: started, given its file, asked how it is getting on. What it did is found out in `settle`.

use super::import_call::Import;
use super::settle;
use crate::boards::session::Asked;
use crate::failure::{FailureCause, FailureDetail, Reported, Stage};
use crate::http::{NoAnswer, Reply, Request};
use crate::message::MondayText;
use crate::monday::import::{self, ImportJob, ImportState};
use crate::monday::{GraphqlError, Limit, Outcome};
use crate::push::Parts;
use crate::push::lanes::ParkedFor;
use crate::store::{Batch, CallRecovery, ImportRow, Side};
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use std::time::Duration;

/// How long after its start no file of a job is taken any more: its address holds for ten minutes.
const UPLOAD_ENDS: SignedDuration = SignedDuration::from_mins(11);
/// How long a job that says nothing is believed to be at work.
const LONGEST_JOB: SignedDuration = SignedDuration::from_hours(24);
/// How often a file is sent that finds no connection.
const MOST_UPLOADS: u32 = 3;
/// The shortest pauses before each question, in hundredths of `settle`: the first question soon.
const PAUSES: [u32; 8] = [33, 75, 100, 125, 150, 175, 200, 200];
/// How old a job may be when a run asks for it once more; what takes longer is left to the next run.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(20);

/// Starts an import: its job, then its file. Where that does not work nothing was done, and its rows are planned again.
///
/// # Errors
/// Where the store cannot be written, or nothing can be sent at all.
pub(crate) fn begin(parts: &mut Parts<'_, '_>, lane: usize, import: Import) -> anyhow::Result<()> {
    let batch = import.call.batch;
    let outcome = start(parts, &batch)?;
    let started = match &outcome {
        Outcome::Answered(answer) => import::started(answer),
        _ => None,
    };
    let Some(job) = started else { return not_started(parts, lane, &batch, &outcome) };
    let rows = batch.intents.len() as u64;
    let (now, next_lookup_at) = (parts.setup.clock().now(), first_pause(parts));
    let recovery = CallRecovery { next_lookup_at: now.checked_add(next_lookup_at).ok(), ..batch.recovery };
    parts.store.write(|tx| {
        tx.begin_import(batch.id, &job.id, rows, now)?;
        tx.set_recovery(batch.id, recovery)
    })?;
    if !upload(parts, &job, import.file)? {
        return abandon(parts, lane, &batch);
    }
    // Counted from when its file is there.
    let until = parts.instant() + next_lookup_at;
    parts.lanes[lane].park(until, batch.id, ParkedFor::Import);
    Ok(())
}

/// Sends the call that starts a job. The store has counted it already.
fn start(parts: &mut Parts<'_, '_>, batch: &Batch) -> anyhow::Result<Outcome> {
    let client = parts.setup.client;
    parts.writer.count_sent(&mut parts.session);
    let request = client.request(batch.body.clone(), Some(&batch.idempotency_key));
    let outcome = client.judge(client.http().exchange(request)?).outcome;
    if matches!(outcome, Outcome::NotSent { .. }) {
        parts.store.write(|tx| tx.uncount_call(Side::Monday, batch.sent_at))?;
        parts.writer.count_unsent(&mut parts.session);
    }
    Ok(outcome)
}

/// A job was not started, or nobody knows its address: no file can be sent, so that nothing is done.
fn not_started(parts: &mut Parts<'_, '_>, lane: usize, batch: &Batch, outcome: &Outcome) -> anyhow::Result<()> {
    let error = match outcome {
        Outcome::Refused(error, _) => Some(error),
        Outcome::Answered(answer) => import::refusal(answer),
        _ => None,
    };
    if let Some(error) = error.filter(|error| lacks_imports(error)) {
        let (version, now) = (&parts.setup.config.monday.api_version, parts.setup.clock().now());
        parts.store.write(|tx| tx.set_import_refusal(version, &error.to_text(), now))?;
        parts.bulk.close();
    }
    abandon(parts, lane, batch)?;
    match outcome {
        Outcome::Login(..) | Outcome::Wait { limit: Limit::Day, .. } => parts.session.give_up(parts.store, outcome),
        _ => Ok(()),
    }
}

/// Whether a refusal says that this account, this token or this version has no imports, and not that it has none now.
fn lacks_imports(error: &GraphqlError) -> bool {
    !error.is_limit() && (error.is_permission() || error.is_about_document())
}

/// Nothing of an import was done: its rows are planned again, after a pause.
fn abandon(parts: &mut Parts<'_, '_>, lane: usize, batch: &Batch) -> anyhow::Result<()> {
    parts.store.write(|tx| tx.end_batch(batch.id))?;
    parts.bulk.note_miss();
    parts.lanes[lane].reopen();
    let until = parts.instant() + parts.setup.backoff(1);
    parts.lanes[lane].wait(until, None, None);
    Ok(())
}

/// Sends a file to its address, which is no call of the API: without the token. Returns whether it may have got there.
fn upload(parts: &Parts<'_, '_>, job: &ImportJob, file: String) -> anyhow::Result<bool> {
    let http = parts.setup.client.http();
    // Whoever knows the address may send a file.
    http.masks().add(&job.upload_url);
    for attempt in 1..=MOST_UPLOADS {
        let request = Request::new(Method::PUT, job.upload_url.clone()).header("content-type", "text/csv");
        match http.exchange(request.body(file.clone()))? {
            Err(NoAnswer { never_sent: true, .. }) if attempt < MOST_UPLOADS => {
                parts.session.pause(parts.setup.backoff(attempt));
            }
            outcome => return Ok(may_have_arrived(&outcome)),
        }
    }
    Ok(false)
}

/// Whether a file may have arrived: whatever was answered, the job knows better.
fn may_have_arrived(outcome: &Result<Reply, NoAnswer>) -> bool {
    !matches!(outcome, Err(NoAnswer { never_sent: true, .. }))
}

/// How long until the first question.
fn first_pause(parts: &Parts<'_, '_>) -> Duration {
    pause(parts.setup.config.monday.settle, 0, SignedDuration::ZERO).min(parts.setup.max_wait())
}

/// How long until the next question about a job of this age. Whatever `settle` is, it grows with the age, so that a job that takes
/// its time is not asked often. Pure.
fn pause(settle: Duration, polls: u32, age: SignedDuration) -> Duration {
    let place = usize::try_from(polls).unwrap_or(usize::MAX).min(PAUSES.len() - 1);
    let half = Duration::try_from(age / 2).unwrap_or_default();
    (settle * PAUSES[place] / 100).max(half)
}

/// Goes on with an import that is under way.
///
/// # Errors
/// Where the store cannot be read or written, or nothing can be sent at all.
pub(crate) fn advance(parts: &mut Parts<'_, '_>, lane: usize, batch: &Batch, import: &ImportRow) -> anyhow::Result<()> {
    let Some(job) = import.job.as_ref() else { return abandon(parts, lane, batch) };
    if import.is_over {
        return settle::settle(parts, lane, batch, import);
    }
    let state = match parts.session.ask(parts.store, &import::import_status(job))? {
        Asked::Ended => return Ok(()),
        Asked::Answer(answer) => import::import_state(&answer.data),
        Asked::Refused(_) => ImportState::Unknown,
    };
    parts.store.write(|tx| tx.count_import_poll(batch.id))?;
    match what_follows(&state, import.asked_at, parts.setup.clock().now()) {
        Next::Ask => ask_later(parts, lane, batch, import),
        Next::Over(done) => over(parts, lane, batch, done),
        Next::Nothing(reason) => rejected(parts, lane, batch, &reason),
    }
}

/// Step that follows from the state of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Next {
    /// It is asked again.
    Ask,
    /// It does nothing more; so many items were made or changed, where monday says so.
    Over(Option<u64>),
    /// It has done nothing, for this reason.
    Nothing(String),
}

/// What follows from the state of a job that was asked for then. Pure.
fn what_follows(state: &ImportState, asked_at: Timestamp, now: Timestamp) -> Next {
    let age = now.duration_since(asked_at);
    match state {
        ImportState::Completed { done } => Next::Over(*done),
        ImportState::Failed { .. } => Next::Over(None),
        ImportState::Rejected { reason } => Next::Nothing(reason.clone()),
        ImportState::UploadPending if age > UPLOAD_ENDS => Next::Over(None),
        ImportState::Processing | ImportState::Unknown if age > LONGEST_JOB => Next::Over(None),
        // One that monday knows nothing of may be at work all the same; not for as long as one that it tells of.
        ImportState::Unknown if age > UPLOAD_ENDS * 3 => Next::Over(None),
        ImportState::UploadPending | ImportState::Processing | ImportState::Unknown => Next::Ask,
    }
}

fn ask_later(parts: &mut Parts<'_, '_>, lane: usize, batch: &Batch, import: &ImportRow) -> anyhow::Result<()> {
    let now = parts.setup.clock().now();
    let age = now.duration_since(import.asked_at);
    let pause = pause(parts.setup.config.monday.settle, import.polls + 1, age).min(parts.setup.max_wait());
    if age.saturating_add(SignedDuration::try_from(pause).unwrap_or(SignedDuration::MAX)) > LONGEST_WAIT {
        return leave_to_next_run(parts, lane);
    }
    let next_lookup_at = now.checked_add(pause).ok();
    parts.store.write(|tx| tx.set_recovery(batch.id, CallRecovery { next_lookup_at, ..batch.recovery }))?;
    let until = parts.instant() + pause;
    parts.lanes[lane].park(until, batch.id, ParkedFor::Import);
    Ok(())
}

/// An import takes longer than a run waits: its board is left alone until the next one.
fn leave_to_next_run(parts: &mut Parts<'_, '_>, lane: usize) -> anyhow::Result<()> {
    let board = parts.lanes[lane].board().to_owned();
    let error = MondayText::ImportTakesLong { board: board.clone() };
    let detail = FailureDetail::new(FailureCause::BoardLocked, error).hint(MondayText::OthersGoOn {});
    let kinds = parts.setup.kinds_pushed_to(&board).into_iter();
    parts.close_board(&board, kinds.map(|kind| Reported::of_kind(kind, Stage::Push, detail.clone())).collect());
    Ok(())
}

fn over(parts: &mut Parts<'_, '_>, lane: usize, batch: &Batch, done: Option<u64>) -> anyhow::Result<()> {
    parts.store.write(|tx| tx.end_import(batch.id, done))?;
    let Some(import) = parts.store.import_of(batch.id)? else { return Ok(()) };
    settle::settle(parts, lane, batch, &import)
}

/// monday refused the file, and says so: its rows are sent as mutations.
fn rejected(parts: &mut Parts<'_, '_>, lane: usize, batch: &Batch, reason: &str) -> anyhow::Result<()> {
    parts.bulk.leave_out(batch.intents.iter().map(|intent| intent.entity));
    match reason {
        // The same file would fail again, others may not.
        "INVALID_UPLOAD" | "FILE_TOO_LARGE" | "BOARD_CAPACITY_EXCEEDED" => {}
        _ => parts.bulk.close(),
    }
    if ["AUTHORIZATION_FAILED", "PERMISSION_DENIED"].contains(&reason) {
        let (version, now) = (&parts.setup.config.monday.api_version, parts.setup.clock().now());
        parts.store.write(|tx| tx.set_import_refusal(version, reason, now))?;
    }
    abandon(parts, lane, batch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_asked_until_nothing_more_can_come_of_it() {
        let asked_at: Timestamp = "2026-11-22T05:00:00Z".parse().expect("a time");
        let after = |state: &ImportState, minutes: i64| {
            what_follows(state, asked_at, asked_at + SignedDuration::from_mins(minutes))
        };
        let pending = ImportState::UploadPending;
        assert_eq!((after(&pending, 10), after(&pending, 12)), (Next::Ask, Next::Over(None)));
        assert_eq!(after(&ImportState::Processing, 23 * 60), Next::Ask);
        assert_eq!(after(&ImportState::Processing, 25 * 60), Next::Over(None));
        assert_eq!((after(&ImportState::Unknown, 30), after(&ImportState::Unknown, 34)), (Next::Ask, Next::Over(None)));
        assert_eq!(after(&ImportState::Completed { done: Some(7) }, 1), Next::Over(Some(7)));
        assert_eq!(after(&ImportState::Failed { reason: String::new() }, 1), Next::Over(None));
        let rejected = ImportState::Rejected { reason: "INVALID_UPLOAD".to_owned() };
        assert_eq!(after(&rejected, 1), Next::Nothing("INVALID_UPLOAD".to_owned()));
    }

    /// The ages at which a job that takes ten minutes is asked for.
    fn asked(settle: Duration) -> Vec<i64> {
        let ten_minutes = SignedDuration::from_mins(10);
        let ages = std::iter::successors(Some((0, SignedDuration::ZERO)), |(polls, age)| {
            let next = *age + SignedDuration::try_from(pause(settle, *polls, *age)).expect("a short one");
            (next <= ten_minutes).then_some((polls + 1, next))
        });
        ages.skip(1).map(|(_, age)| age.as_secs()).collect()
    }

    #[test]
    fn a_job_of_ten_minutes_is_asked_at_most_eight_times() {
        assert!(PAUSES.is_sorted());
        assert_eq!(asked(Duration::from_secs(60)), [19, 64, 124, 199, 299, 449]);
        let ages = asked(Duration::from_secs(2));
        assert!(ages.len() <= 16, "a short `settle` asks sooner, and not for ever as often: {ages:?}");
    }
}
