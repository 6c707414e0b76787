//! An entity's story on the dashboard: columns by title from Hopem to the board, relatives to jump to, changes, events.

use super::model::{Model, StoryRead, StoryView, Target};
use super::painter::{Painter, cell};
use crate::entity::Kind;
use crate::message::{DashboardText, ScreenText};
use crate::plan::verdict::{ExplainedColumn, Verdict};
use crate::report::Tone;
use crate::report::explain::{sent_text, verdict_word, why_text};
use crate::report::story::Lines;
use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Text};
use ratatui::widgets::Paragraph;

/// How wide a label is.
const LABEL: usize = 12;
/// How wide the title of a column is, and each of its values.
const CELL: usize = 18;

/// Draws a story.
pub(super) fn draw(view: &StoryView, model: &Model, painter: Painter<'_>, frame: &mut Frame<'_>, body: Rect) {
    let command = model.command_line(&["status".to_owned(), view.entity.to_string()]);
    let mut lines = vec![painter.faint(painter.text(DashboardText::EqualCommand { command }))];
    if let Some(read) = &view.read {
        lines.extend(all_lines(view, read, model.now, painter, body.width));
    }
    frame.render_widget(Paragraph::new(Text::from(lines)).scroll((view.scroll, 0)), body);
}

fn all_lines(
    view: &StoryView,
    read: &StoryRead,
    now: Timestamp,
    painter: Painter<'_>,
    width: u16,
) -> Vec<Line<'static>> {
    let story = &read.story;
    let (state, tone) = painter.state(story.entry.state);
    let mut lines = vec![Line::from(vec![
        painter.span(tone, format!("{state}  ")),
        painter.span(Tone::Strong, painter.outside(&story.entry.name)),
    ])];
    let of_story = Lines { style: painter.0, now }.lines(story);
    let (last, first): (Vec<_>, Vec<_>) = of_story
        .into_iter()
        .filter(|(label, _)| !is_relative(label))
        .partition(|(label, _)| matches!(label, ScreenText::StoryChange {} | ScreenText::StoryEvent {}));
    lines.extend(first.into_iter().flat_map(|(label, value)| labelled(label, &value, painter, width)));
    lines.push(Line::default());
    lines.extend(columns(view.entity.kind, read, painter, width));
    lines.extend(relatives(view, &read.relatives(), painter));
    lines.push(Line::default());
    lines.extend(last.into_iter().flat_map(|(label, value)| labelled(label, &value, painter, width)));
    lines
}

/// Relatives stand in a list of their own.
fn is_relative(label: &ScreenText) -> bool {
    matches!(label, ScreenText::StoryParent {} | ScreenText::StoryChild {})
}

fn labelled(label: ScreenText, value: &str, painter: Painter<'_>, width: u16) -> Vec<Line<'static>> {
    let tone = match label {
        ScreenText::StoryError {} => Tone::Bad,
        _ => Tone::Plain,
    };
    let text = format!("{}{value}", cell(&painter.text(label), LABEL));
    painter.wrapped(&text, width, &" ".repeat(LABEL), |part| painter.line(tone, part))
}

/// A line a column: title, Hopem, board, verdict; why stands below where there is more to say.
fn columns(kind: Kind, read: &StoryRead, painter: Painter<'_>, width: u16) -> Vec<Line<'static>> {
    let Some(explanation) = &read.columns else {
        return vec![painter.faint(painter.text(DashboardText::ColumnsUnread {}))];
    };
    let heads = [DashboardText::HeadTitle {}, DashboardText::HeadHopem {}, DashboardText::HeadBoard {}];
    let heads = heads.map(|head| format!("{} ", cell(&painter.text(head), CELL))).concat();
    let mut lines = vec![painter.strong(format!("{heads}{}", painter.text(DashboardText::HeadWhy {})))];
    for step in &explanation.steps {
        lines.extend(column(step, kind, read, painter, width));
    }
    lines
}

fn column(
    step: &ExplainedColumn,
    kind: Kind,
    read: &StoryRead,
    painter: Painter<'_>,
    width: u16,
) -> Vec<Line<'static>> {
    let title = title(&step.column, step, read, painter);
    let hopem = step.trimmed.clone().or_else(|| raw(step)).unwrap_or_default();
    let board = step.sent.as_ref().map(sent_text).unwrap_or_default();
    let (word, tone) = verdict_word(step.reason.verdict, kind, painter.0);
    let cells = [title, hopem, board].map(|text| format!("{} ", cell(&painter.outside(&text), CELL))).concat();
    let first = Line::from(vec![painter.span(Tone::Plain, cells), painter.span(tone, format!("● {word}"))]);
    let mut lines = vec![first];
    if step.reason.verdict != Verdict::Same {
        let why = why_text(step, kind, painter.0);
        lines.extend(painter.wrapped(&why, width.saturating_sub(4), "", |part| painter.faint(format!("    {part}"))));
    }
    lines
}

/// What was received, as it came.
fn raw(step: &ExplainedColumn) -> Option<String> {
    step.raw.iter().find_map(|(_, raw)| raw.clone())
}

/// The title of a column on its board; of the name and the key their words, of one that was not read its id.
fn title(id: &str, step: &ExplainedColumn, read: &StoryRead, painter: Painter<'_>) -> String {
    match read.titles.get(id) {
        _ if step.column == crate::plan::map::NAME => painter.text(DashboardText::NameColumn {}),
        Some(title) => title.clone(),
        None => id.to_owned(),
    }
}

fn relatives(view: &StoryView, relatives: &[Target], painter: Painter<'_>) -> Vec<Line<'static>> {
    if relatives.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![Line::default(), painter.strong(painter.text(DashboardText::Relatives {}))];
    for (at, relative) in relatives.iter().enumerate() {
        let (state, tone) = painter.state(relative.state);
        let mark = if view.relative_at == Some(at) { "▸ " } else { "  " };
        let name = format!("{} {}", cell(&relative.entity.to_string(), CELL), painter.outside(&relative.name));
        let line = Line::from(vec![
            painter.span(tone, format!("{mark}{} ", cell(&state, LABEL))),
            painter.span(Tone::Plain, name),
        ]);
        lines.push(if view.relative_at == Some(at) { line.style(painter.chosen()) } else { line });
    }
    lines
}
