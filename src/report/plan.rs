//! The plan of a dry run.

use super::summary::{groups_of_failures, in_line, pull_counts};
use super::{Style, Tone};
use crate::entity::Kind;
use crate::message::SummaryText;
use crate::run::{PlanPart, RunDocument, RunResult};
use crate::store::{ChangeAction, ColumnChange};
use crate::text::{harmless, shortened};
use std::fmt::Write as _;

/// The length that a column's text is cut to in a plan.
const LONGEST_TEXT: usize = 40;
/// How wide the column of actions is on a terminal.
const ACTION_WIDTH: usize = 10;

/// What a run would do.
pub(super) fn plan(document: &RunDocument, result: &RunResult, style: Style<'_>) -> String {
    let mut text = String::new();
    let mut kind_before = None;
    let steps = document.plan.as_deref().unwrap_or_default();
    for (step, change) in steps.iter().zip(&result.plan.changes) {
        let kind = change.entity.kind;
        if kind_before != Some(kind) {
            let heading = match result.boards.get(&kind) {
                Some(board) => style.text(SummaryText::PlanBoard { kind, board: board.clone() }),
                None => kind.name().to_owned(),
            };
            let _ = writeln!(text, "{}", style.paint(Tone::Strong, &heading));
            kind_before = Some(kind);
        }
        text.push_str(&line(kind, step, &result.left_out, style));
    }
    text.push_str(&groups_of_failures(document, style));
    if !document.pull.is_empty() {
        let _ = writeln!(text, "{}", in_line(pull_counts(document, style)));
    }
    match document.outcome.is_bad() {
        true => _ = writeln!(text, "{}", style.text(SummaryText::PlanBroken {})),
        false => text.push_str(&sum(document, steps, result.calls_left, style)),
    }
    text
}

/// How many of each, and what they cost.
fn sum(document: &RunDocument, steps: &[PlanPart], calls_left: Option<u64>, style: Style<'_>) -> String {
    let count = |action: ChangeAction| steps.iter().filter(|step| step.action == action).count() as u64;
    let unchanged = document.pushed().unchanged;
    let (create, update, archive) =
        (count(ChangeAction::Create), count(ChangeAction::Update), count(ChangeAction::Archive));
    let changes = style.text(SummaryText::PlanSum { create, update, archive, unchanged });
    let adopted = match count(ChangeAction::Adopt) {
        0 => String::new(),
        count => format!(" · {}", style.text(SummaryText::PlanAdopt { count })),
    };
    let calls = document.price.map_or(0, |price| price.calls);
    let imported = match document.price.map_or(0, |price| price.imported) {
        0 => String::new(),
        count => format!(" · {}", style.text(SummaryText::PlanImport { count })),
    };
    let price = style.text(match calls_left {
        Some(left) => SummaryText::PlanPriceLeft { calls, left },
        None => SummaryText::PlanPrice { calls },
    });
    format!("{changes}{adopted}{imported}{} {price}\n", style.colon())
}

fn line(kind: Kind, step: &PlanPart, left_out: &[String], style: Style<'_>) -> String {
    let (mark, tone) = match step.action {
        ChangeAction::Create => ("+", Tone::Good),
        ChangeAction::Adopt => ("=", Tone::Good),
        ChangeAction::Archive => ("-", Tone::Bad),
        ChangeAction::Update | ChangeAction::Unlink => ("~", Tone::Waiting),
    };
    let detail = match step.action {
        ChangeAction::Archive if left_out.contains(&step.entity) => style.text(SummaryText::PlanLeftOut {}),
        ChangeAction::Archive => style.text(SummaryText::PlanGone {}),
        ChangeAction::Create => String::new(),
        ChangeAction::Adopt | ChangeAction::Update | ChangeAction::Unlink => {
            let parts = step.columns.iter().map(|(column, part)| change_shown(kind, column, part, style));
            parts.collect::<Vec<_>>().join(", ")
        }
    };
    let word = action_word(step.action, style);
    let (action, entity) = (style.paint(tone, &format!("{mark} {word}")), harmless(&step.entity));
    let line = match style.out.is_terminal {
        true => {
            let padding = " ".repeat(ACTION_WIDTH.saturating_sub(word.chars().count()));
            format!("  {action}{padding}{entity:<16}  {detail}")
        }
        false => format!("{action}\t{entity}\t{detail}"),
    };
    format!("{}\n", line.trim_end())
}

/// `"Phone" 418-555-0101 → 418-555-0199`.
pub(super) fn change_shown(kind: Kind, column: &str, change: &ColumnChange, style: Style<'_>) -> String {
    let shown = |text: &Option<String>| match text.as_deref() {
        None | Some("") => "∅".to_owned(),
        Some(text) => shortened(&harmless(text), LONGEST_TEXT),
    };
    format!("{} {} → {}", style.column(kind, column), shown(&change.old), shown(&change.new))
}

/// The word for what was done to an item.
pub(super) fn action_word(action: ChangeAction, style: Style<'_>) -> String {
    style.text(match action {
        ChangeAction::Create => SummaryText::PlanCreateWord {},
        ChangeAction::Adopt => SummaryText::PlanAdoptWord {},
        ChangeAction::Update => SummaryText::PlanUpdateWord {},
        ChangeAction::Archive => SummaryText::PlanArchiveWord {},
        ChangeAction::Unlink => SummaryText::PlanUnlinkWord {},
    })
}
