//! Checks of the store: whether it is sound, whose it is, who holds its lock, what the last run came to, what stands in error.

use super::checks::{Checks, Problem, name};
use super::values;
use crate::age::age;
use crate::commands::context::Context;
use crate::failure::Exit;
use crate::message::DoctorText;
use crate::plan::closed::detail_of;
use crate::run::ownership::objections;
use crate::store::{KindFailure, RunLock, RunRow, Store};
use jiff::{SignedDuration, Timestamp};

/// A run takes minutes; one that holds the lock for longer than this hangs, or waits for something.
const LONGEST_RUN: SignedDuration = SignedDuration::from_hours(6);
/// Somebody should look where the last run that ended is older.
const OLDEST_RUN: SignedDuration = SignedDuration::from_hours(26);

/// Checks the store, without changing it. Returns it, where there is one that can be read.
///
/// # Errors
/// Where a store that was opened cannot be read to its end.
pub(super) fn check(context: &Context, checks: &mut Checks) -> anyhow::Result<Option<Store>> {
    let path = &context.config.store.path;
    let subject = path.display().to_string();
    let opened = crate::store::check(path).and_then(|()| context.store_to_read());
    checks.note(name::STORE, subject.clone(), opened.as_ref().err().map(Problem::of_error));
    let Ok(store) = opened else { return Ok(None) };
    if !context.access.exists() {
        return Ok(Some(store));
    }
    let now = context.now();
    let objections = objections(&store, &context.config)?;
    checks.note(name::IDENTITY, subject.clone(), objections.iter().map(Problem::of_error));
    let held = RunLock::holder(path).and_then(|held| long_held(age(held.since, now)?, held.pid));
    checks.note(name::LOCK, subject.clone(), held);
    checks.note(name::LAST_RUN, subject, store.last_run()?.iter().filter_map(|run| unhappy_run(run, now)));
    check_kinds(context, &store, checks)?;
    values::check(context, &store, checks)?;
    Ok(Some(store))
}

fn hours(length: SignedDuration) -> u64 {
    length.as_hours().unsigned_abs()
}

fn long_held(held_for: SignedDuration, pid: u32) -> Option<Problem> {
    (held_for > LONGEST_RUN).then(|| {
        let what = DoctorText::LockHeldLong { pid: pid.to_string(), hours: hours(held_for) };
        Problem::warning(what).hint(DoctorText::LookAtProcess { pid: pid.to_string() })
    })
}

fn unhappy_run(run: &RunRow, now: Timestamp) -> Option<Problem> {
    let number = run.run.to_string();
    let old = run.finished_at.and_then(|at| age(at, now)).filter(|age| *age > OLDEST_RUN);
    if let Some(old) = old {
        let what = DoctorText::LastRunOld { hours: hours(old) };
        return Some(Problem::warning(what).hint(DoctorText::ScheduleIt {}));
    }
    let code = run.exit_code?;
    let is_well = [Exit::Ok, Exit::Budget].iter().any(|exit| i64::from(exit.code()) == code);
    (!is_well).then(|| {
        let what = DoctorText::LastRunFailed { run: number.clone(), code: code.unsigned_abs() };
        Problem::warning(what).hint(DoctorText::ShowRun { run: number })
    })
}

/// What a run found wrong with a kind. Of a configuration that was changed since, it may be true no more.
fn found_wrong(failure: KindFailure, changed_at: Option<Timestamp>) -> Problem {
    match changed_at {
        Some(changed_at) if changed_at > failure.failed_at => {
            let what = DoctorText::BeforeTheChange { what: failure.detail.error.into() };
            Problem { hint: failure.detail.hint, ..Problem::warning(what) }
        }
        _ => Problem::of(failure.detail),
    }
}

/// What the stages found wrong with kinds, and the columns that are left out.
fn check_kinds(context: &Context, store: &Store, checks: &mut Checks) -> anyhow::Result<()> {
    let changed_at = context.config.file.metadata().and_then(|file| file.modified()).ok();
    let changed_at = changed_at.and_then(|at| Timestamp::try_from(at).ok());
    for entity in context.config.kinds.iter().filter(|entity| entity.enabled) {
        let failures = store.kind_failures(entity.kind)?.into_iter().map(|failure| found_wrong(failure, changed_at));
        checks.note(name::KIND, entity.kind.name(), failures);
    }
    for closed in store.closed_columns()? {
        let subject = format!("{}.{}", closed.kind, closed.column);
        checks.note(name::COLUMN, subject, [Problem::of(detail_of(&closed))]);
    }
    Ok(())
}
