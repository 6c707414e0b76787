//! Job of an import: started, given its file, asked how it is getting on. What it did is found out in `outcome`.

use super::import_call::Import;
use super::outcome;
use super::route::BulkRoute;
use crate::boards::Setup;
use crate::boards::session::{Asked, Session};
use crate::http::{NoAnswer, Reply, Request};
use crate::monday::import::{self, ImportJob, ImportRejection, ImportState};
use crate::monday::{GraphqlError, Outcome};
use crate::push::board_work::BoardWork;
use crate::push::lanes::{Lane, ParkedFor};
use crate::push::leaving::leave_importing_board;
use crate::push::parking::{put_off, wait};
use crate::push::record::Recorder;
use crate::retry::{Attempts, Decision, RetryCause};
use crate::store::{Batch, CallRecovery, ImportRow, Side, Store};
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use std::time::Duration;

/// How long after its start no file of a job is taken any more: its address holds for ten minutes.
const UPLOAD_ENDS: SignedDuration = SignedDuration::from_mins(11);
/// How long a job of which nothing is known is believed to be at work.
const LONGEST_JOB: SignedDuration = SignedDuration::from_hours(24);
/// How often a file is sent again that finds no connection.
const MOST_UPLOAD_RETRIES: u32 = 2;
/// The shortest pauses before each question, in hundredths of `settle`: the first question soon.
const PAUSES: [u32; 8] = [33, 75, 100, 125, 150, 175, 200, 200];
/// How old a job may be when a run asks for it once more; what takes longer is left to the next run.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(20);

/// Starts an import: its job, then its file. Where that does not work nothing was done, and its rows are planned again.
///
/// # Errors
/// Where the store cannot be written, or nothing can be sent at all.
pub(in crate::push) fn begin(
    session: &mut Session<'_>,
    store: &mut Store,
    lane: &mut Lane<'_>,
    bulk: &mut BulkRoute,
    import: Import,
) -> anyhow::Result<()> {
    let (setup, batch) = (session.setup(), import.call.batch);
    let outcome = start(session, store, &batch)?;
    let started = match &outcome {
        Outcome::Answered(answer) => import::started(answer),
        _ => None,
    };
    let Some(job) = started else { return not_started(session, store, lane, bulk, &batch, &outcome) };
    let rows = batch.intents.len() as u64;
    let pause = pause(setup.config.monday.settle, 0, SignedDuration::ZERO).min(setup.max_wait());
    let now = setup.now();
    let recovery = CallRecovery { next_lookup_at: now.checked_add(pause).ok(), ..batch.recovery };
    store.write(|tx| {
        tx.begin_import(batch.id, &job.id, rows, now)?;
        tx.set_recovery(batch.id, recovery)
    })?;
    if !upload(session, &job, &import.file)? {
        return abandon(setup, store, lane, bulk, &batch);
    }
    // Counted from when its file is there.
    lane.park(setup.after(pause), batch.id, ParkedFor::Import);
    Ok(())
}

/// Sends the call that starts a job. The store has counted it already.
fn start(session: &mut Session<'_>, store: &mut Store, batch: &Batch) -> anyhow::Result<Outcome> {
    let client = session.setup().client;
    session.count_sent();
    let request = client.request(batch.body.clone(), Some(&batch.idempotency_key));
    let outcome = client.judge(client.http().exchange(request)?).outcome;
    if matches!(outcome, Outcome::NotSent { .. }) {
        store.write(|tx| tx.uncount_call(Side::Monday, batch.sent_at))?;
        session.count_unsent();
    }
    Ok(outcome)
}

/// A job was not started, or nobody knows its address: no file can be sent, so that nothing is done.
fn not_started(
    session: &mut Session<'_>,
    store: &mut Store,
    lane: &mut Lane<'_>,
    bulk: &mut BulkRoute,
    batch: &Batch,
    outcome: &Outcome,
) -> anyhow::Result<()> {
    let setup = session.setup();
    let error = match outcome {
        Outcome::Refused(error, _) => Some(error),
        Outcome::Answered(answer) => import::refusal(answer),
        _ => None,
    };
    if let Some(error) = error.filter(|error| lacks_imports(error)) {
        keep_refusal(setup, store, &error.to_text())?;
        bulk.close();
    }
    abandon(setup, store, lane, bulk, batch)?;
    let cause = match outcome {
        Outcome::Login(..) => return session.give_up(store, outcome),
        Outcome::Wait { wait, limit, .. } => Some(limit.retry_cause(*wait)),
        Outcome::Lost { wait: Some(wait), .. } => Some(RetryCause::Fault(Some(*wait))),
        _ => error.filter(|error| error.is_limit()).map(|error| error.limit().retry_cause(error.wait())),
    };
    match cause.map(|cause| put_off(setup, &mut lane.health, cause)) {
        Some(Decision::NotBefore(_)) => return session.give_up(store, &outcome.as_wait()),
        Some(Decision::Again(pause)) => wait(setup, lane, pause),
        Some(Decision::GiveUp(_)) | None => {}
    }
    Ok(())
}

/// Keeps that this token has no imports, so that the next runs need not find it out.
fn keep_refusal(setup: Setup<'_>, store: &mut Store, why: &str) -> anyhow::Result<()> {
    let (version, now) = (&setup.config.monday.api_version, setup.now());
    store.write(|tx| tx.set_import_refusal(version, why, now))
}

/// Whether a refusal says that this account, this token or this version has no imports, and not that it has none now.
fn lacks_imports(error: &GraphqlError) -> bool {
    !error.is_limit() && (error.is_permission() || error.is_about_document())
}

/// Nothing of an import was done: its rows are planned again, after a pause.
fn abandon(
    setup: Setup<'_>,
    store: &mut Store,
    lane: &mut Lane<'_>,
    bulk: &mut BulkRoute,
    batch: &Batch,
) -> anyhow::Result<()> {
    store.write(|tx| tx.end_batch(batch.id))?;
    bulk.note_miss();
    lane.reopen();
    wait(setup, lane, setup.backoff(1));
    Ok(())
}

/// Sends a file to its address, which is no call of the API: without the token. Returns whether it may have got there.
fn upload(session: &Session<'_>, job: &ImportJob, file: &str) -> anyhow::Result<bool> {
    let http = session.setup().client.http();
    // Whoever knows the address may send a file.
    http.masks().add(&job.upload_url);
    let (policy, mut attempts) = (http.retry().at_most(MOST_UPLOAD_RETRIES), Attempts::default());
    loop {
        let request = Request::new(Method::PUT, job.upload_url.clone()).header("content-type", "text/csv");
        let outcome = http.exchange(request.body(file.to_owned()))?;
        if may_have_arrived(&outcome) {
            return Ok(true);
        }
        match policy.decide(&mut attempts, RetryCause::Fault(None), http.random().fraction()) {
            Decision::Again(pause) => session.pause(pause),
            Decision::NotBefore(_) | Decision::GiveUp(_) => return Ok(false),
        }
    }
}

/// Whether a file may have arrived: whatever was answered, the job knows better.
fn may_have_arrived(outcome: &Result<Reply, NoAnswer>) -> bool {
    !matches!(outcome, Err(NoAnswer { never_sent: true, .. }))
}

/// How long until the next question about a job of this age. Whatever `settle` is, it grows with the age, so that a job that takes
/// its time is not asked often. Pure.
fn pause(settle: Duration, polls: u32, age: SignedDuration) -> Duration {
    let index = usize::try_from(polls).unwrap_or(usize::MAX).min(PAUSES.len() - 1);
    let half = Duration::try_from(age / 2).unwrap_or_default();
    (settle * PAUSES[index] / 100).max(half)
}

/// Goes on with an import that is under way.
///
/// # Errors
/// Where the store cannot be read or written, or nothing can be sent at all.
pub(in crate::push) fn advance(
    work: &mut BoardWork<'_, '_>,
    bulk: &mut BulkRoute,
    batch: &Batch,
    import: &ImportRow,
) -> anyhow::Result<()> {
    let setup = work.setup();
    let Some(job) = import.job.as_ref() else { return abandon(setup, work.store, work.lane, bulk, batch) };
    if import.is_over {
        return outcome::finish(work, bulk, batch, import);
    }
    let state = match work.session.ask(work.store, &import::import_status(job))? {
        Asked::Ended => return Ok(()),
        Asked::Answer(answer) => import::import_state(&answer.data),
        Asked::Refused(_) => ImportState::Unknown,
    };
    work.store.write(|tx| tx.count_import_poll(batch.id))?;
    match what_follows(&state, import.asked_at, setup.now()) {
        Next::Ask => ask_later(work.store, work.recorder, work.lane, batch, import),
        Next::Over(done) => {
            work.store.write(|tx| tx.end_import(batch.id, done))?;
            let Some(import) = work.store.import_of(batch.id)? else { return Ok(()) };
            outcome::finish(work, bulk, batch, &import)
        }
        Next::Nothing(rejection, reason) => {
            if rejection == ImportRejection::Permission {
                keep_refusal(setup, work.store, &reason)?;
            }
            bulk.rejected(batch.intents.iter().map(|intent| intent.entity), rejection);
            abandon(setup, work.store, work.lane, bulk, batch)
        }
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
    Nothing(ImportRejection, String),
}

/// What follows from the state of a job that was asked for then. Pure.
fn what_follows(state: &ImportState, asked_at: Timestamp, now: Timestamp) -> Next {
    let age = now.duration_since(asked_at);
    match state {
        ImportState::Completed { done } => Next::Over(*done),
        ImportState::Failed { .. } => Next::Over(None),
        ImportState::Rejected { rejection, reason } => Next::Nothing(*rejection, reason.clone()),
        ImportState::UploadPending if age > UPLOAD_ENDS => Next::Over(None),
        ImportState::Processing | ImportState::Unknown if age > LONGEST_JOB => Next::Over(None),
        // One that monday knows nothing of may be at work all the same; not for as long as one that it knows.
        ImportState::Unknown if age > UPLOAD_ENDS * 3 => Next::Over(None),
        ImportState::UploadPending | ImportState::Processing | ImportState::Unknown => Next::Ask,
    }
}

fn ask_later(
    store: &mut Store,
    recorder: &mut Recorder<'_>,
    lane: &mut Lane<'_>,
    batch: &Batch,
    import: &ImportRow,
) -> anyhow::Result<()> {
    let (setup, now) = (recorder.setup(), recorder.setup().now());
    let age = now.duration_since(import.asked_at);
    let pause = pause(setup.config.monday.settle, import.polls + 1, age).min(setup.max_wait());
    if age.saturating_add(SignedDuration::try_from(pause).unwrap_or(SignedDuration::MAX)) > LONGEST_WAIT {
        leave_importing_board(recorder, lane);
        return Ok(());
    }
    let next_lookup_at = now.checked_add(pause).ok();
    store.write(|tx| tx.set_recovery(batch.id, CallRecovery { next_lookup_at, ..batch.recovery }))?;
    lane.park(setup.after(pause), batch.id, ParkedFor::Import);
    Ok(())
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
        let (rejection, reason) = (ImportRejection::File, "INVALID_UPLOAD".to_owned());
        let rejected = ImportState::Rejected { rejection, reason: reason.clone() };
        assert_eq!(after(&rejected, 1), Next::Nothing(rejection, reason));
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
