//! The plan of a dry run.

use super::summary::{groups_of_failures, in_line, pull_counts};
use super::{Style, Tone};
use crate::entity::Kind;
use crate::message::SummaryText;
use crate::plan::map::NAME;
use crate::push::plan::{Plan, PlannedChange};
use crate::push::writer::Price;
use crate::run::{Rehearsed, RunDocument};
use crate::store::{ChangeAction, ColumnChange};
use crate::text::{harmless, shortened};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The length that a column's text is cut to in a plan.
const LONGEST_TEXT: usize = 40;
/// The length that a line with the text of one column is cut to.
const CONTENT_WIDTH: usize = 78;
/// How wide the column of actions is on a terminal.
const ACTION_WIDTH: usize = 10;
/// So many changes of each sort are shown of a board on a terminal, unless all are asked for.
const SAMPLES: usize = 3;

/// What a run would do.
pub(super) fn plan(document: &RunDocument, rehearsed: &Rehearsed, calls_left: Option<u64>, style: Style<'_>) -> String {
    let mut text = if rehearsed.plan.is_empty() { String::new() } else { changes(rehearsed, style) };
    text.push_str(&groups_of_failures(document, style));
    if !document.pull.is_empty() {
        let _ = writeln!(text, "{}", in_line(pull_counts(document, style)));
    }
    match document.outcome.is_bad() {
        true => _ = writeln!(text, "{}", style.text(SummaryText::PlanBroken {})),
        false => text.push_str(&sum(&rehearsed.plan, document.pushed().unchanged, calls_left, style)),
    }
    text
}

/// The changes of each kind below its board: for a program a line for each; on a terminal some of each sort with all that they hold, and how
/// many there are besides.
fn changes(rehearsed: &Rehearsed, style: Style<'_>) -> String {
    let is_whole = !style.out.is_terminal || style.is_verbose;
    let (mut text, mut kind_before) = (String::new(), None);
    let mut met: BTreeMap<ChangeAction, usize> = BTreeMap::new();
    for change in &rehearsed.plan.changes {
        let kind = change.entity.kind;
        if kind_before != Some(kind) {
            text.push_str(&others(std::mem::take(&mut met), is_whole, style));
            let heading = match rehearsed.boards.get(&kind) {
                Some(board) => style.text(SummaryText::PlanBoard { kind, board: board.clone() }),
                None => kind.name().to_owned(),
            };
            let _ = writeln!(text, "{}", style.paint(Tone::Strong, &heading));
            kind_before = Some(kind);
        }
        let count = met.entry(change.action).or_default();
        *count += 1;
        if is_whole || *count <= SAMPLES {
            text.push_str(&line(change, rehearsed.left_out.contains(&change.entity), style));
            text.push_str(&content(change, style));
        }
    }
    text + &others(met, is_whole, style)
}

/// How many changes of each sort are not shown.
fn others(met: BTreeMap<ChangeAction, usize>, is_whole: bool, style: Style<'_>) -> String {
    let hidden = met.into_iter().map(|(action, count)| (action, count.saturating_sub(SAMPLES)));
    let hidden = hidden.filter(|(_, count)| !is_whole && *count > 0);
    let texts = hidden.map(|(action, count)| {
        let more = SummaryText::PlanMore { count: count as u64, action: action_word(action, style) };
        format!("  {}\n", style.paint(Tone::Faint, &style.text(more)))
    });
    texts.collect()
}

/// What a new item will show besides its name, a line for each column.
fn content(change: &PlannedChange, style: Style<'_>) -> String {
    if change.action != ChangeAction::Create || !style.out.is_terminal {
        return String::new();
    }
    let shown = change.columns.iter().filter(|(column, _)| *column != NAME).filter_map(|(column, part)| {
        let value = part.new.as_deref().filter(|value| !value.is_empty())?;
        let label = format!("      {}{} ", style.column(change.entity.kind, column), style.colon());
        let room = CONTENT_WIDTH.saturating_sub(label.chars().count());
        Some(format!("{label}{}\n", style.cut(value, room)))
    });
    shown.collect()
}

/// How many of each, and what they cost.
fn sum(plan: &Plan, unchanged: u64, calls_left: Option<u64>, style: Style<'_>) -> String {
    let (create, update) = (plan.count(ChangeAction::Create), plan.count(ChangeAction::Update));
    let archive = plan.count(ChangeAction::Archive);
    let changes = style.text(SummaryText::PlanSum { create, update, archive, unchanged });
    let adopted = match plan.count(ChangeAction::Adopt) {
        0 => String::new(),
        count => format!(" · {}", style.text(SummaryText::PlanAdopt { count })),
    };
    let Price { calls, imported, .. } = plan.price;
    let imported = match imported {
        0 => String::new(),
        count => format!(" · {}", style.text(SummaryText::PlanImport { count })),
    };
    let price = style.text(match calls_left {
        Some(left) => SummaryText::PlanPriceLeft { calls, left },
        None => SummaryText::PlanPrice { calls },
    });
    format!("{changes}{adopted}{imported}{} {price}\n", style.colon())
}

fn line(change: &PlannedChange, is_left_out: bool, style: Style<'_>) -> String {
    let PlannedChange { entity, action, columns } = change;
    let (mark, tone) = match action {
        ChangeAction::Create => ("+", Tone::Good),
        ChangeAction::Adopt => ("=", Tone::Good),
        ChangeAction::Archive => ("-", Tone::Bad),
        ChangeAction::Update | ChangeAction::Unlink => ("~", Tone::Waiting),
    };
    let detail = match action {
        ChangeAction::Archive if is_left_out => style.text(SummaryText::PlanLeftOut {}),
        ChangeAction::Archive => style.text(SummaryText::PlanGone {}),
        ChangeAction::Create => match columns.get(NAME).and_then(|name| name.new.as_deref()) {
            Some(name) if style.out.is_terminal => shortened(&harmless(name), LONGEST_TEXT),
            _ => String::new(),
        },
        ChangeAction::Adopt | ChangeAction::Update | ChangeAction::Unlink => {
            let parts = columns.iter().map(|(column, part)| change_shown(entity.kind, column, part, style));
            parts.collect::<Vec<_>>().join(", ")
        }
    };
    let word = action_word(*action, style);
    let (action, entity) = (style.paint(tone, &format!("{mark} {word}")), harmless(&entity.to_string()));
    let line = match style.out.is_terminal {
        true => {
            let padding = " ".repeat(ACTION_WIDTH.saturating_sub(word.chars().count()));
            format!("  {action}{padding}{entity:<16}  {detail}")
        }
        false => format!("{action}\t{entity}\t{detail}"),
    };
    format!("{}\n", line.trim_end())
}

/// `"Phone" 418-555-0101 → 418-555-0199`. A column with an empty text looks as one with none does; JSON distinguishes them.
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
