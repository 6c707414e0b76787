//! A run as people read it at its end.

use super::plan::plan;
use super::quiet::ended_in_a_line;
use super::table::{Cell, Table};
use super::{Report, Style, Tone, dot};
use crate::failure::Outcome;
use crate::message::{Lang, Message, ScreenText, SummaryText, WebhookText, grouped};
use crate::run::{FailurePart, PullPart, RunDocument, RunResult};
use crate::store::State;
use crate::text::harmless;
use std::fmt::Write as _;

/// Most groups of failures at the end of a run; the others are in `status`.
const MOST_FAILURES: usize = 10;

impl Report {
    /// Writes what a run came to: the answer on stdout, what went wrong as a whole and what people should know on stderr.
    ///
    /// # Errors
    /// Where stdout cannot be written to.
    pub(crate) fn ended(&self, result: &RunResult) -> anyhow::Result<()> {
        if self.is_json {
            return self.json(&result.document(Lang::En));
        }
        if self.is_quiet {
            ended_in_a_line(self, result);
            return Ok(());
        }
        for note in result.every_note() {
            self.warn(note);
        }
        let (document, style) = (result.document(self.lang), self.style());
        self.print(&match result.is_dry {
            true => plan(&document, result, style),
            false => summary(&document, result.calls_left, style),
        })?;
        for error in result.every_error() {
            self.error(error);
        }
        Ok(())
    }
}

/// The lines at the end of a run, or of one that is read again.
pub(super) fn summary(document: &RunDocument, calls_left: Option<u64>, style: Style) -> String {
    let mut text = format!("{}\n", style.paint(Tone::Strong, &style.text(title(document, style))));
    let mut line = |label: &str, parts: Vec<String>| {
        let gap = style.out.gap();
        let indent = if style.out.is_terminal { "  " } else { "" };
        let label = if style.out.is_terminal { format!("{label:<6}") } else { label.to_owned() };
        let _ = writeln!(text, "{indent}{label}{gap}{}", parts.join(" · "));
    };
    if !document.pull.is_empty() {
        line("pull", pull_parts(document, style));
    }
    if !document.push.is_empty() {
        line("push", push_parts(document, style));
    }
    line(&style.text(SummaryText::SumCallsLabel {}), call_parts(document, calls_left, style));
    text.push_str(&failures(document, style));
    text
}

/// How a run went, in a word or two, and how long it took.
pub(super) fn title(document: &RunDocument, style: Style) -> SummaryText {
    let span = style.took(document.duration_ms);
    match document.command.as_str() {
        _ if document.outcome == Outcome::Running => {
            SummaryText::SumRunning { since: style.local(document.started_at) }
        }
        _ if document.outcome.is_bad() => SummaryText::SumStopped { span },
        _ if document.outcome != Outcome::Ok => SummaryText::SumPartly { span },
        "pull" => SummaryText::SumPulled { span },
        "push" => SummaryText::SumPushed { span },
        _ => SummaryText::SumSynced { span },
    }
}

/// What was read.
pub(super) fn pull_parts(document: &RunDocument, style: Style) -> Vec<String> {
    let sum = |part: fn(&PullPart) -> u64| document.pull.values().map(part).sum::<u64>();
    let parts = [
        SummaryText::SumRead { count: sum(|part| part.fetched) },
        SummaryText::SumNew { count: sum(|part| part.new) },
        SummaryText::SumChanged { count: sum(|part| part.changed) },
        SummaryText::SumGone { count: sum(|part| part.deleted) },
    ];
    let events = (document.events > 0).then(|| style.text(WebhookText::SumEvents { count: document.events }));
    events.into_iter().chain(parts.into_iter().map(|part| style.text(part))).collect()
}

/// What was sent.
pub(super) fn push_parts(document: &RunDocument, style: Style) -> Vec<String> {
    let sum = document.pushed();
    let always = [
        SummaryText::SumCreated { count: sum.created },
        SummaryText::SumUpdated { count: sum.updated },
        SummaryText::SumArchived { count: sum.archived },
        SummaryText::SumUnchanged { count: sum.unchanged },
    ];
    let sometimes = [
        (sum.adopted, SummaryText::SumAdopted { count: sum.adopted }),
        (sum.paused, SummaryText::SumPaused { count: sum.paused }),
        (sum.unlinked, SummaryText::SumUnlinked { count: sum.unlinked }),
        (sum.deferred, SummaryText::SumDeferred { count: sum.deferred }),
        (sum.failed, SummaryText::SumFailed { count: sum.failed }),
    ];
    let sometimes = sometimes.into_iter().filter(|(count, _)| *count > 0).map(|(_, part)| part);
    always.into_iter().chain(sometimes).map(|part| style.text(part)).collect()
}

fn call_parts(document: &RunDocument, calls_left: Option<u64>, style: Style) -> Vec<String> {
    let count = document.monday_calls;
    let monday = match calls_left {
        Some(left) => SummaryText::SumMondayCallsLeft { count, left },
        None => SummaryText::SumMondayCalls { count },
    };
    let mut parts = vec![style.text(SummaryText::SumHapiCalls { count: document.hapi_calls }), style.text(monday)];
    let missing = document.pull.iter().filter(|(_, part)| part.unavailable.is_some());
    let kinds: Vec<String> = missing.map(|(kind, _)| kind.name().to_owned()).collect();
    if !kinds.is_empty() {
        parts.push(style.text(SummaryText::SumMissing { kinds }));
    }
    parts
}

/// The failures, those with the same text together; those of kinds as a whole first.
pub(super) fn failures(document: &RunDocument, style: Style) -> String {
    let groups = groups(&document.failures);
    let mut table = Table::default();
    for (failure, count) in groups.iter().take(MOST_FAILURES) {
        table.row(failure_cells(failure, *count, style));
    }
    let mut text = table.render(style.out);
    if groups.len() > MOST_FAILURES {
        let more = groups.iter().skip(MOST_FAILURES).map(|(_, count)| count).sum();
        text.push_str(&format!("{}\n", style.text(SummaryText::SumMoreFailures { more })));
    }
    let failed = document.pushed().failed;
    if failed > 0 {
        text.push_str(&format!("{}\n", style.text(SummaryText::SumSeeErrors { failed })));
    }
    text
}

/// The first of each group of failures that read the same, and how many are in it.
fn groups(failures: &[FailurePart]) -> Vec<(&FailurePart, u64)> {
    let mut groups: Vec<(&FailurePart, u64)> = Vec::new();
    let is_of_kind = |failure: &&FailurePart| !failure.entity.contains(':');
    let of_kinds = failures.iter().filter(is_of_kind);
    for failure in of_kinds.chain(failures.iter().filter(|failure| !is_of_kind(failure))) {
        let same = |(known, _): &&mut (&FailurePart, u64)| {
            known.error == failure.error && known.column == failure.column && known.stage == failure.stage
        };
        match groups.iter_mut().find(same) {
            Some((_, count)) => *count += 1,
            None => groups.push((failure, 1)),
        }
    }
    groups
}

fn failure_cells(failure: &FailurePart, count: u64, style: Style) -> Vec<Cell> {
    let (mark, tone) = dot(State::Error);
    let entity = match count {
        1 => failure.entity.clone(),
        _ => style.text(SummaryText::SumAndOthers { entity: failure.entity.clone(), more: count - 1 }),
    };
    let error = match &failure.column {
        Some(column) => {
            ScreenText::ColumnError { column: column.clone(), error: failure.error.clone() }.text(style.lang)
        }
        None => failure.error.clone(),
    };
    vec![
        Cell::new(mark).tone(tone),
        Cell::new(harmless(&entity)),
        Cell::new(harmless(&error)),
        Cell::new(harmless(failure.hint.as_deref().unwrap_or_default())).tone(Tone::Faint),
    ]
}

/// A share such as `40 of 500`.
pub(super) fn of_calls(today: u64, daily_calls: u64, style: Style) -> Message {
    match daily_calls {
        0 => ScreenText::CallsToday { today }.into(),
        _ => ScreenText::CallsTodayOf { today, most: grouped(daily_calls, style.lang) }.into(),
    }
}
