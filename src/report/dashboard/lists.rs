//! The two lists of the dashboard: kinds left, entities right.

use super::model::{Focus, Model};
use super::painter::{Painter, cell, cut};
use crate::message::{DashboardText, Lang};
use crate::report::Tone;
use crate::report::status::{EntityEntry, KindEntry, errors_in, errors_shown, hints_in};
use crate::report::trouble::Trouble;
use crate::store::{FailureRow, State};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Text};
use ratatui::widgets::{Block, List, ListItem, ListState, Paragraph};

/// How wide the list of kinds is.
const KINDS_WIDTH: u16 = 25;
/// How wide a state with its dot is.
const STATE_WIDTH: usize = 14;
/// How wide the name of an entity by kind and key is.
const KEY_WIDTH: usize = 14;
/// How wide an age is.
const AGE_WIDTH: usize = 8;

/// Draws both lists.
pub(super) fn draw(model: &Model, painter: Painter<'_>, frame: &mut Frame<'_>, body: Rect) {
    let [left, right] = Layout::horizontal([Constraint::Length(KINDS_WIDTH), Constraint::Min(20)]).areas(body);
    kinds(model, painter, frame, left);
    entities(model, painter, frame, right);
}

/// A frame around a list; it is strong where the keys go.
fn framed(title: String, has_focus: bool, painter: Painter<'_>) -> Block<'static> {
    let tone = if has_focus { Tone::Strong } else { Tone::Faint };
    Block::bordered().title(title).border_style(painter.text_style(tone))
}

fn kinds(model: &Model, painter: Painter<'_>, frame: &mut Frame<'_>, area: Rect) {
    let width = usize::from(area.width).saturating_sub(2);
    let total: u64 = model.status.kinds.iter().map(|kind| kind.total).sum();
    let all = named(&painter.text(DashboardText::AllKinds {}), total, width, painter);
    let mut items = vec![ListItem::new(all)];
    items.extend(model.status.kinds.iter().map(|kind| {
        let name = match painter.0.lang {
            Lang::En => kind.kind.plural_en(),
            Lang::Fr => kind.kind.plural_fr(),
        };
        let (remark, tone) = remark(kind, painter);
        let remark = painter.line(tone, cut(&format!("  {remark}"), width));
        ListItem::new(Text::from(vec![named(name, kind.total, width, painter), remark]))
    }));
    let block = framed(painter.text(DashboardText::TitleKinds {}), model.focus == Focus::Kinds, painter);
    let list = List::new(items).block(block).highlight_style(painter.chosen());
    let mut state = ListState::default().with_selected(Some(model.kind_at));
    frame.render_stateful_widget(list, area, &mut state);
}

/// A kind with its count at the right.
fn named(name: &str, total: u64, width: usize, painter: Painter<'_>) -> Line<'static> {
    let count = painter.0.number(total);
    let room = width.saturating_sub(count.chars().count() + 1);
    painter.plain(format!("{} {count}", cell(name, room)))
}

/// The state of a kind in one short line: the worst first.
fn remark(kind: &KindEntry, painter: Painter<'_>) -> (String, Tone) {
    if !kind.failures.is_empty() {
        return (painter.text(DashboardText::KindTrouble {}), Tone::Bad);
    }
    if kind.unavailable.is_some() {
        return (format!("– {}", painter.text(DashboardText::KindUnavailable {})), Tone::Faint);
    }
    let counts = [
        (State::Error, kind.error),
        (State::Pending, kind.pending),
        (State::Paused, kind.paused),
        (State::Unlinked, kind.unlinked),
        (State::Synced, kind.synced),
        (State::Off, kind.off),
    ];
    let Some((state, count)) = counts.into_iter().find(|(_, count)| *count > 0) else {
        return (format!("– {}", painter.text(DashboardText::NothingHere {})), Tone::Faint);
    };
    let (mark, tone) = crate::report::dot(state);
    (format!("{mark} {} {}", painter.0.number(count), painter.0.state_word(state)), tone)
}

fn entities(model: &Model, painter: Painter<'_>, frame: &mut Frame<'_>, area: Rect) {
    let trouble = trouble_lines(model, painter, area.width);
    let height = u16::try_from(trouble.len()).unwrap_or(0).min(area.height / 2);
    let [above, below] = Layout::vertical([Constraint::Length(height), Constraint::Min(3)]).areas(area);
    frame.render_widget(Paragraph::new(Text::from(trouble)), above);
    let block = framed(title(model, painter), model.focus == Focus::Entities, painter);
    if model.page.rows.is_empty() {
        let text = match model.search.trim() {
            "" => DashboardText::NothingHere {},
            text => DashboardText::NothingFits { text: text.to_owned() },
        };
        frame.render_widget(Paragraph::new(painter.faint(painter.text(text))).block(block), below);
        return;
    }
    let width = usize::from(below.width).saturating_sub(2);
    let items = model.page.rows.iter().map(|entry| ListItem::new(entity(model, entry, width, painter)));
    let list = List::new(items.collect::<Vec<_>>()).block(block).highlight_style(painter.chosen());
    let at = model.entity_at.checked_sub(model.page.offset).and_then(|at| usize::try_from(at).ok());
    frame.render_stateful_widget(list, below, &mut ListState::default().with_selected(at));
}

/// How many entities the list has, in which state, and what was searched for.
fn title(model: &Model, painter: Painter<'_>) -> String {
    let count = model.page.total;
    let title = match model.filter {
        None => painter.text(DashboardText::TitleEntities { count }),
        Some(state) => painter.text(DashboardText::TitleFiltered { count, state: painter.0.state_word(state) }),
    };
    match model.search.trim() {
        "" => title,
        text => format!("{title} · {}", painter.text(DashboardText::Search { text: text.to_owned() })),
    }
}

/// What is wrong with the chosen kind as a whole, and what to do.
fn trouble_lines(model: &Model, painter: Painter<'_>, width: u16) -> Vec<Line<'static>> {
    let chosen = model.kind_at.checked_sub(1).and_then(|at| model.status.kinds.get(at));
    let Some(kind) = chosen else { return Vec::new() };
    if let Some(why) = &kind.unavailable_text {
        return painter.wrapped(&painter.text(why.clone()), width, "", |text| painter.faint(text));
    }
    let rows: Vec<FailureRow> = kind.failures.iter().map(Trouble::row).collect();
    let error = errors_in(&rows, painter.0.lang).map(|text| painter.outside(&text));
    let hint = hints_in(&rows, painter.0.lang).map(|text| painter.outside(&text));
    let error = error.into_iter().flat_map(|text| painter.wrapped(&text, width, "", |part| painter.bad(part)));
    let hint = hint.into_iter().flat_map(|text| painter.wrapped(&text, width, "", |part| painter.plain(part)));
    error.chain(hint).collect()
}

/// Dot and word, key, name, age; its error stands below.
fn entity(model: &Model, entry: &EntityEntry, width: usize, painter: Painter<'_>) -> Text<'static> {
    let (state, tone) = painter.state(entry.state);
    let is_marked = entry.entity.parse().is_ok_and(|entity| model.marked.contains_key(&entity));
    let mark = if is_marked { "*" } else { " " };
    let age = entry.pushed_at.and_then(|at| painter.0.ago(at, model.now)).unwrap_or_else(|| "–".to_owned());
    let name_width = width.saturating_sub(STATE_WIDTH + KEY_WIDTH + AGE_WIDTH + 3);
    let line = Line::from(vec![
        painter.span(Tone::Strong, mark),
        painter.span(tone, cell(&state, STATE_WIDTH)),
        painter.span(Tone::Plain, format!("{} ", cell(&painter.outside(&entry.entity), KEY_WIDTH))),
        painter.span(Tone::Plain, format!("{} ", cell(&painter.outside(&entry.name), name_width))),
        painter.span(Tone::Faint, format!("{age:>AGE_WIDTH$}")),
    ]);
    let error = (!entry.failures.is_empty()).then(|| errors_shown(entry.kind, &entry.failures, painter.0));
    let error = error.map(|error| painter.line(tone, cut(&format!("   {}", painter.outside(&error)), width)));
    Text::from(std::iter::once(line).chain(error).collect::<Vec<_>>())
}
