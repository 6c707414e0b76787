//! A run as people read it at its end.

use super::table::{Cell, Table};
use super::{Style, Tone, dot};
use crate::failure::{FailureCause, Outcome};
use crate::message::{Message, ScreenText, SummaryText, WebhookText, grouped};
use crate::run::{FailurePart, PullPart, RunDocument};
use crate::store::State;
use crate::text::harmless;
use std::fmt::Write as _;
use std::num::NonZeroU64;

/// Most groups of failures at the end of a run; the others are in `status`.
const MOST_FAILURES: usize = 10;

/// The lines at the end of a run, or of one that is read again.
pub(super) fn summary(document: &RunDocument, calls_left: Option<u64>, style: Style<'_>) -> String {
    let mut text = format!("{}\n", style.paint(Tone::Strong, &style.text(title(document, style))));
    let mut line = |label: &str, parts: String| {
        let gap = style.out.gap();
        let indent = if style.out.is_terminal { "  " } else { "" };
        let label = if style.out.is_terminal { format!("{label:<6}") } else { label.to_owned() };
        let _ = writeln!(text, "{indent}{label}{gap}{parts}");
    };
    if !document.pull.is_empty() {
        line("pull", in_line(pull_counts(document, style)));
    }
    if !document.push.is_empty() {
        line("push", in_line(push_counts(document, style)));
    }
    line(&style.text(SummaryText::SumCallsLabel {}), call_parts(document, calls_left, style).join(" · "));
    text.push_str(&failures(document, style));
    text
}

/// How a run went, in a word or two, and how long it took.
pub(super) fn title(document: &RunDocument, style: Style<'_>) -> SummaryText {
    let span = style.took(document.duration_ms);
    match document.command.as_str() {
        _ if document.outcome == Outcome::Running => {
            SummaryText::SumRunning { since: style.local(document.started_at) }
        }
        _ if document.outcome.is_bad() => SummaryText::SumStopped { span },
        _ if document.outcome != Outcome::Ok => SummaryText::SumPartly { span },
        "resync" if is_idle(document) => SummaryText::SumNothingResynced {},
        "pull" => SummaryText::SumPulled { span },
        "push" => SummaryText::SumPushed { span },
        _ => SummaryText::SumSynced { span },
    }
}

/// Whether a run read nothing and sent nothing.
fn is_idle(document: &RunDocument) -> bool {
    let sent = document.pushed();
    document.pull.values().all(|part| part.fetched + part.deleted == 0)
        && sent.created + sent.adopted + sent.updated + sent.archived == 0
}

/// Count of a run, and the words for it.
#[derive(Debug, Clone)]
pub(super) struct Count {
    pub(super) count: u64,
    /// Whether it counts what was left as it is.
    pub(super) is_unchanged: bool,
    pub(super) text: String,
}

impl Count {
    fn new(count: u64, text: impl Into<Message>, style: Style<'_>) -> Count {
        Count { count, is_unchanged: false, text: style.text(text) }
    }
}

/// Counts in a line.
pub(super) fn in_line(counts: Vec<Count>) -> String {
    counts.into_iter().map(|count| count.text).collect::<Vec<_>>().join(" · ")
}

/// What was read.
pub(super) fn pull_counts(document: &RunDocument, style: Style<'_>) -> Vec<Count> {
    let sum = |part: fn(&PullPart) -> u64| document.pull.values().map(part).sum::<u64>();
    let (read, new) = (sum(|part| part.fetched), sum(|part| part.new));
    let (changed, gone) = (sum(|part| part.changed), sum(|part| part.deleted));
    let events = document.events;
    let events = (events > 0).then(|| Count::new(events, WebhookText::SumEvents { count: events }, style));
    let counts = [
        Count::new(read, SummaryText::SumRead { count: read }, style),
        Count::new(new, SummaryText::SumNew { count: new }, style),
        Count::new(changed, SummaryText::SumChanged { count: changed }, style),
        Count::new(gone, SummaryText::SumGone { count: gone }, style),
    ];
    events.into_iter().chain(counts).collect()
}

/// What was sent.
pub(super) fn push_counts(document: &RunDocument, style: Style<'_>) -> Vec<Count> {
    let sum = document.pushed();
    let unchanged = SummaryText::SumUnchanged { count: sum.unchanged };
    let always = [
        Count::new(sum.created, SummaryText::SumCreated { count: sum.created }, style),
        Count::new(sum.updated, SummaryText::SumUpdated { count: sum.updated }, style),
        Count::new(sum.archived, SummaryText::SumArchived { count: sum.archived }, style),
        Count { is_unchanged: true, ..Count::new(sum.unchanged, unchanged, style) },
    ];
    let sometimes = [
        (sum.adopted, SummaryText::SumAdopted { count: sum.adopted }),
        (sum.paused, SummaryText::SumPaused { count: sum.paused }),
        (sum.unlinked, SummaryText::SumUnlinked { count: sum.unlinked }),
        (sum.deferred, SummaryText::SumDeferred { count: sum.deferred }),
        (sum.failed, SummaryText::SumFailed { count: sum.failed }),
    ];
    let sometimes = sometimes.into_iter().filter(|(count, _)| *count > 0);
    always.into_iter().chain(sometimes.map(|(count, text)| Count::new(count, text, style))).collect()
}

pub(super) fn call_parts(document: &RunDocument, calls_left: Option<u64>, style: Style<'_>) -> Vec<String> {
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

/// The failures, and the command that shows them again.
fn failures(document: &RunDocument, style: Style<'_>) -> String {
    let mut text = groups_of_failures(document, style);
    let failed = document.pushed().failed;
    if failed > 0 {
        text.push_str(&format!("{}\n", style.text(SummaryText::SumSeeErrors { failed })));
    }
    text
}

/// The failures, those with the same cause together; those of kinds as a whole first.
pub(super) fn groups_of_failures(document: &RunDocument, style: Style<'_>) -> String {
    let groups = groups(&document.failures);
    let mut table = Table::default();
    let shown: Vec<_> = groups.iter().take(MOST_FAILURES).collect();
    for (index, (failure, count)) in shown.iter().enumerate() {
        let is_repeated = shown.get(index + 1).is_some_and(|(next, _)| next.hint == failure.hint);
        table.row(failure_cells(failure, *count, is_repeated, style));
    }
    let mut text = table.render(style.out);
    if groups.len() > MOST_FAILURES {
        let more = groups.iter().skip(MOST_FAILURES).map(|(_, count)| count).sum();
        text.push_str(&format!("{}\n", style.text(SummaryText::SumMoreFailures { more })));
    }
    text
}

/// The first of each group of failures of one cause, and how many are in it. By cause, not by text: many texts hold values and ids
/// of items.
fn groups(failures: &[FailurePart]) -> Vec<(&FailurePart, u64)> {
    let mut groups: Vec<(&FailurePart, u64)> = Vec::new();
    let is_of_kind = |failure: &&FailurePart| failure.entity_key().is_none();
    let of_kinds = failures.iter().filter(is_of_kind);
    for failure in of_kinds.chain(failures.iter().filter(|failure| !is_of_kind(failure))) {
        let same = |(known, _): &&mut (&FailurePart, u64)| is_alike(known, failure);
        match groups.iter_mut().find(same) {
            Some((_, count)) => *count += 1,
            None => groups.push((failure, 1)),
        }
    }
    groups
}

/// Whether two failures have the same cause, as far as people are concerned. A kind as a whole stands by itself, and so does what an
/// earlier version kept without a cause.
fn is_alike(one: &FailurePart, other: &FailurePart) -> bool {
    let kind = |failure: &FailurePart| failure.entity_key().map(|entity| entity.kind);
    let is_same = one.cause == other.cause && one.column == other.column && one.stage == other.stage;
    one.cause != FailureCause::Unknown && is_same && kind(one).is_some() && kind(one) == kind(other)
}

fn failure_cells(failure: &FailurePart, count: u64, is_hint_said_below: bool, style: Style<'_>) -> Vec<Cell> {
    let (mark, tone) = dot(State::Error);
    let entity = match count {
        1 => failure.entity.to_string(),
        _ => style.text(SummaryText::SumAndOthers { entity: failure.entity.to_string(), more: count - 1 }),
    };
    let kind = failure.entity_key().map(|entity| entity.kind);
    let error = match (kind, &failure.column) {
        (Some(kind), Some(column)) => style.column_error(kind, column, failure.error.clone()),
        _ => failure.error.clone(),
    };
    vec![
        Cell::new(mark).tone(tone),
        Cell::new(harmless(&entity)),
        Cell::new(style.advice(&error)),
        // The same advice once, below all that it is for.
        Cell::new(style.advice(failure.hint.as_deref().filter(|_| !is_hint_said_below).unwrap_or_default()))
            .tone(Tone::Faint),
    ]
}

/// A share such as `40 of 500`.
pub(super) fn of_calls(today: u64, daily_calls: Option<NonZeroU64>, style: Style<'_>) -> Message {
    match daily_calls {
        None => ScreenText::CallsToday { today }.into(),
        Some(most) => ScreenText::CallsTodayOf { today, most: grouped(most.get(), style.lang) }.into(),
    }
}
