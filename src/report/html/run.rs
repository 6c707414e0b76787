//! The page of a run: its outcome, counts, failures by cause, and what it changed.

use super::names::PageNames;
use super::writer::PageWriter;
use crate::entity::Kind;
use crate::failure::{FailureCause, Outcome, Stage};
use crate::message::PageText;
use crate::report::plan::action_word;
use crate::report::summary::{call_parts, in_line, pull_counts, push_counts, title};
use crate::run::{ChangeEntry, FailurePart, RunDocument};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};

/// Most entities that are named of a cause.
const MOST_NAMED: usize = 50;
/// Most changes on a page: a first load has thousands, which no browser likes.
pub(crate) const MOST_CHANGES: usize = 1_000;

/// Page of a run.
#[derive(Debug, Clone)]
pub(crate) struct RunPage {
    /// The run, its texts in the language of the page.
    pub(crate) document: RunDocument,
    /// Its first changes.
    pub(crate) changes: Vec<ChangeEntry>,
    /// How many it made.
    pub(crate) change_count: u64,
    /// What things are called.
    pub(crate) names: PageNames,
    /// When the page is written.
    pub(crate) now: Timestamp,
}

impl RunPage {
    /// The page's text.
    pub(crate) fn html(&self, lang: crate::message::Lang, zone: &TimeZone) -> String {
        let writer = PageWriter::new(lang, zone);
        let run = self.document.run.map(|run| run.to_string()).unwrap_or_default();
        let heading = writer.text(PageText::RunTitle { run, command: self.document.command.clone() });
        let body = html! {
            (self.outcome(writer))
            (self.failures(writer))
            (self.changes(writer))
        };
        writer.page(&heading, self.now, body)
    }

    fn outcome(&self, writer: PageWriter<'_>) -> Markup {
        let (document, style) = (&self.document, writer.0);
        let tone = if document.outcome == Outcome::Ok { "good" } else { "bad" };
        html! {
            section {
                h2 { (writer.text(PageText::Outcome {})) }
                p {
                    strong class=(tone) { "● " (style.outcome_word(document.outcome)) } " · "
                    (writer.text(title(document, style))) " · " (style.local(document.started_at))
                    @if let Some(code) = document.exit_code { " · exit " (code) }
                }
                @if let Some(error) = &document.error {
                    p class="bad" { (error.message) }
                    @for cause in &error.causes { p class="faint" { (cause) } }
                    @if let Some(hint) = &error.hint { p { (writer.text(PageText::Remedy { hint: hint.clone() })) } }
                }
                @for note in &document.notes { p class="wait" { (note) } }
                h2 { (writer.text(PageText::Counts {})) }
                @if !document.pull.is_empty() { p { "pull: " (in_line(pull_counts(document, style))) } }
                @if !document.push.is_empty() { p { "push: " (in_line(push_counts(document, style))) } }
                p { (call_parts(document, None, style).join(" · ")) }
            }
        }
    }

    /// A block a cause: what went wrong, what to do once, and who has it.
    fn failures(&self, writer: PageWriter<'_>) -> Markup {
        let failures = &self.document.failures;
        if failures.is_empty() {
            return html! { p class="good" { (writer.text(PageText::NoFailures {})) } };
        }
        html! {
            section {
                h2 { (writer.text(PageText::Failures { count: failures.len() as u64 })) }
                @for group in by_cause(failures) { (self.cause(&group, writer)) }
            }
        }
    }

    fn cause(&self, group: &[&FailurePart], writer: PageWriter<'_>) -> Markup {
        let Some(first) = group.first() else { return html! {} };
        let more = group.len().saturating_sub(MOST_NAMED) as u64;
        html! {
            section class="cause" {
                p {
                    strong { (group.len()) " × " }
                    @if let Some(column) = &first.column { (self.names.title(first.entity.kind(), column)) " · " }
                    (first.error)
                }
                @if let Some(hint) = &first.hint { p { (writer.text(PageText::Remedy { hint: hint.clone() })) } }
                p class="faint" {
                    @for (at, failure) in group.iter().take(MOST_NAMED).enumerate() {
                        @if at > 0 { ", " }
                        @match failure.entity_key() {
                            Some(entity) => {
                                (self.names.entity(entity))
                                @if let Some(name) = self.names.name(entity) { " (" (name) ")" }
                            },
                            None => (failure.entity),
                        }
                    }
                    @if more > 0 { " " (writer.text(PageText::AndMore { more })) }
                }
            }
        }
    }

    fn changes(&self, writer: PageWriter<'_>) -> Markup {
        if self.change_count == 0 {
            return html! { p { (writer.text(PageText::NoChanges {})) } };
        }
        let more = self.change_count.saturating_sub(self.changes.len() as u64);
        let run = self.document.run.map(|run| run.to_string()).unwrap_or_default();
        let heads = [
            PageText::HeadEntity {},
            PageText::HeadAction {},
            PageText::HeadColumn {},
            PageText::HeadOld {},
            PageText::HeadNew {},
        ];
        html! {
            section {
                h2 { (writer.text(PageText::Changes { count: self.change_count })) }
                @if !self.names.shows_names { p class="faint" { (writer.text(PageText::Hidden {})) } }
                div class="wide" {
                    table {
                        thead { tr { @for head in heads { th { (writer.text(head)) } } } }
                        tbody { @for change in &self.changes { (self.change(change, writer)) } }
                    }
                }
                @if more > 0 { p { (writer.text(PageText::MoreChanges { more, run })) } }
            }
        }
    }

    /// A row a column; the entity stands in the first.
    fn change(&self, change: &ChangeEntry, writer: PageWriter<'_>) -> Markup {
        let (entity, kind) = (&change.entity, change.entity.kind);
        let who = html! {
            (self.names.entity(entity))
            @if let Some(name) = self.names.name(entity) { br; (name) }
        };
        let action = action_word(change.action, writer.0);
        let columns: Vec<_> = change.columns.iter().filter(|(_, part)| part.old != part.new).collect();
        html! {
            @if columns.is_empty() { tr { td { (who) } td { (action) } td {} td {} td {} } }
            @for (at, (column, part)) in columns.into_iter().enumerate() {
                tr {
                    td { @if at == 0 { (who) } }
                    td { @if at == 0 { (action) } }
                    td { (self.names.title(kind, column)) }
                    td { del { (self.names.value(kind, column, part.old.as_deref())) } }
                    td { ins { (self.names.value(kind, column, part.new.as_deref())) } }
                }
            }
        }
    }
}

/// Failures that have the same cause, at the same column of the same kind; the largest group first.
fn by_cause(failures: &[FailurePart]) -> Vec<Vec<&FailurePart>> {
    let mut groups: Vec<(Cause<'_>, Vec<&FailurePart>)> = Vec::new();
    for failure in failures {
        let cause = Cause::of(failure);
        match groups.iter_mut().find(|(other, _)| *other == cause) {
            Some((_, group)) => group.push(failure),
            None => groups.push((cause, vec![failure])),
        }
    }
    groups.sort_by_key(|(_, group)| std::cmp::Reverse(group.len()));
    groups.into_iter().map(|(_, group)| group).collect()
}

/// Cause that failures have in common.
#[derive(PartialEq)]
struct Cause<'f> {
    kind: Kind,
    stage: Stage,
    column: Option<&'f str>,
    cause: FailureCause,
}

impl Cause<'_> {
    fn of(failure: &FailurePart) -> Cause<'_> {
        Cause {
            kind: failure.entity.kind(),
            stage: failure.stage,
            column: failure.column.as_deref(),
            cause: failure.cause,
        }
    }
}
