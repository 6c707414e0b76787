//! Runs in one line: with `--quiet`, in the log of `listen --sync`, and for a monitor of ours.

use super::summary::{in_line, pull_counts, push_counts, title};
use super::{Report, Style};
use crate::failure::{Exit, Reported, render};
use crate::message::{Lang, SummaryText, WebhookText};
use crate::run::{RunKind, RunResult};
use crate::text::harmless;

/// The command that shows all that is red.
const SHOW_ERRORS: &str = "hopem-sync status --state error";

/// Writes, with `--quiet`, one line that names the worst trouble, or nothing where nobody need look.
pub(super) fn ended_in_a_line(report: &Report, result: &RunResult) {
    if let Some(line) = quiet_line(result, report.lang) {
        report.quiet_line(line);
    }
}

/// Writes in a line what a run came to that events caused; `listen` goes on, and its answer is not this.
pub(crate) fn synced_in_a_line(report: &Report, result: &RunResult) {
    ended_in_a_line(report, result);
    if !report.is_quiet && !report.is_json && result.exit() == Exit::Ok {
        report.line(&synced_line(result, report.style()));
    }
}

/// What a run came to, the worst trouble first: a side's before a kind's before an entity's; `None` where nobody need look.
fn quiet_line(result: &RunResult, lang: Lang) -> Option<SummaryText> {
    let exit = result.exit();
    let is_day_spent = exit == Exit::Budget && result.is_day_spent();
    if is_day_spent || matches!(exit, Exit::Ok | Exit::Locked) {
        return None;
    }
    let (code, see_run) = (u64::from(exit.code()), command_that_shows(result));
    let see_errors = match result.kind {
        // What a rehearsal met is not in the store.
        RunKind::Rehearsal(_) => see_run.clone(),
        RunKind::Real { .. } => SHOW_ERRORS.to_owned(),
    };
    Some(if let Some(note) = result.stopped_by() {
        SummaryText::QuietTrouble { error: note.text(lang), code, see: see_run }
    } else if let Some(error) = result.worst_error() {
        SummaryText::QuietTrouble { error: render(error, lang).message, code, see: see_run }
    } else if let Some((first, more)) = result.worst_of_kinds() {
        quiet_failure((first, more), code, see_errors, lang)
    } else if result.changes_failed() > 0 {
        let (failed, changes) = (result.changes_failed(), result.changes_tried());
        SummaryText::QuietFailed { failed, changes, code, see: see_errors }
    } else if let Some((first, more)) = result.first_failure() {
        quiet_failure((first, more), code, see_run, lang)
    } else {
        let error = result.left_because().cloned().unwrap_or_else(|| SummaryText::QuietUnfinished {}.into());
        SummaryText::QuietTrouble { error: error.text(lang), code, see: see_run }
    })
}

/// A failure, and how many there are besides.
fn quiet_failure((failure, more): (&Reported, u64), code: u64, see: String, lang: Lang) -> SummaryText {
    let error = format!("{}: {}", failure.subject, failure.error.text(lang));
    match more {
        0 => SummaryText::QuietTrouble { error, code, see },
        more => SummaryText::QuietTroubles { error, more, code, see },
    }
}

/// The command that shows all of a run again.
fn command_that_shows(result: &RunResult) -> String {
    match result.kind {
        RunKind::Real { run } => format!("hopem-sync runs {run}"),
        RunKind::Rehearsal(_) => format!("hopem-sync {} --dry-run", result.command),
    }
}

fn synced_line(result: &RunResult, style: Style<'_>) -> String {
    let document = result.document(style.lang);
    let run = document.run.map(|run| run.to_string()).unwrap_or_default();
    let mut counts = [pull_counts(&document, style), push_counts(&document, style)].concat();
    counts.retain(|part| part.count > 0 && !part.is_unchanged);
    let done = [in_line(counts), style.text(WebhookText::CallsToMonday { count: document.monday_calls })];
    let done = done.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    style.text(WebhookText::Followed { run, done })
}

/// What a run came to in one line, for a monitor: its sums, and the first thing that went wrong.
pub(crate) fn in_a_line(result: &RunResult, style: Style<'_>) -> String {
    let document = result.document(style.lang);
    let mut parts = vec![style.text(title(&document, style))];
    if !document.pull.is_empty() {
        parts.push(in_line(pull_counts(&document, style)));
    }
    if !document.push.is_empty() {
        parts.push(in_line(push_counts(&document, style)));
    }
    match result.every_error().next() {
        Some(error) => parts.push(render(error, style.lang).message),
        None => parts.extend(document.failures.first().map(|first| format!("{}: {}", first.entity, first.error))),
    }
    harmless(&parts.join(" · "))
}
