//! An entity's story on the dashboard: columns by title from Hopem to the board, relatives to jump to, changes, events.

use super::model::{Model, StoryRead, StoryView, Target};
use super::pen::{Pen, cell};
use crate::entity::Kind;
use crate::message::{DashboardText, ScreenText};
use crate::plan::explain::{Step, Verdict};
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
pub(super) fn draw(view: &StoryView, model: &Model, pen: Pen<'_>, frame: &mut Frame<'_>, body: Rect) {
    let command = model.command_line(&["status".to_owned(), view.entity.to_string()]);
    let mut lines = vec![pen.faint(pen.text(DashboardText::EqualCommand { command }))];
    if let Some(read) = &view.read {
        lines.extend(all_lines(view, read, model.now, pen, body.width));
    }
    frame.render_widget(Paragraph::new(Text::from(lines)).scroll((view.scroll, 0)), body);
}

fn all_lines(view: &StoryView, read: &StoryRead, now: Timestamp, pen: Pen<'_>, width: u16) -> Vec<Line<'static>> {
    let story = &read.story;
    let (state, tone) = pen.state(story.entry.state_value);
    let mut lines = vec![Line::from(vec![
        pen.span(tone, format!("{state}  ")),
        pen.span(Tone::Strong, pen.outside(&story.entry.name)),
    ])];
    let of_story = Lines { style: pen.0, now }.lines(story);
    let (last, first): (Vec<_>, Vec<_>) = of_story
        .into_iter()
        .filter(|(label, _)| !is_relative(label))
        .partition(|(label, _)| matches!(label, ScreenText::StoryChange {} | ScreenText::StoryEvent {}));
    lines.extend(first.into_iter().flat_map(|(label, value)| labelled(label, &value, pen, width)));
    lines.push(Line::default());
    lines.extend(columns(view.entity.kind, read, pen, width));
    lines.extend(relatives(view, &read.relatives(), pen));
    lines.push(Line::default());
    lines.extend(last.into_iter().flat_map(|(label, value)| labelled(label, &value, pen, width)));
    lines
}

/// Relatives stand in a list of their own.
fn is_relative(label: &ScreenText) -> bool {
    matches!(label, ScreenText::StoryParent {} | ScreenText::StoryChild {})
}

fn labelled(label: ScreenText, value: &str, pen: Pen<'_>, width: u16) -> Vec<Line<'static>> {
    let tone = match label {
        ScreenText::StoryError {} => Tone::Bad,
        _ => Tone::Plain,
    };
    let text = format!("{}{value}", cell(&pen.text(label), LABEL));
    pen.wrapped(&text, width, &" ".repeat(LABEL), |part| pen.line(tone, part))
}

/// A line a column: title, Hopem, board, verdict; why stands below where there is more to say.
fn columns(kind: Kind, read: &StoryRead, pen: Pen<'_>, width: u16) -> Vec<Line<'static>> {
    let Some(explanation) = &read.columns else {
        return vec![pen.faint(pen.text(DashboardText::ColumnsUnread {}))];
    };
    let heads = [DashboardText::HeadTitle {}, DashboardText::HeadHopem {}, DashboardText::HeadBoard {}];
    let heads = heads.map(|head| format!("{} ", cell(&pen.text(head), CELL))).concat();
    let mut lines = vec![pen.strong(format!("{heads}{}", pen.text(DashboardText::HeadWhy {})))];
    for step in &explanation.steps {
        lines.extend(column(step, kind, read, pen, width));
    }
    lines
}

fn column(step: &Step, kind: Kind, read: &StoryRead, pen: Pen<'_>, width: u16) -> Vec<Line<'static>> {
    let title = title(&step.column, step, read, pen);
    let hopem = step.trimmed.clone().or_else(|| raw(step)).unwrap_or_default();
    let board = step.sent.as_ref().map(sent_text).unwrap_or_default();
    let (word, tone) = verdict_word(step.reason.verdict, kind, pen.0);
    let cells = [title, hopem, board].map(|text| format!("{} ", cell(&pen.outside(&text), CELL))).concat();
    let first = Line::from(vec![pen.span(Tone::Plain, cells), pen.span(tone, format!("● {word}"))]);
    let mut lines = vec![first];
    if step.reason.verdict != Verdict::Same {
        let why = why_text(step, kind, pen.0);
        lines.extend(pen.wrapped(&why, width.saturating_sub(4), "", |part| pen.faint(format!("    {part}"))));
    }
    lines
}

/// What was received, as it came.
fn raw(step: &Step) -> Option<String> {
    step.raw.iter().find_map(|(_, raw)| raw.clone())
}

/// The title of a column on its board; of the name and the key their words, of one that was not read its id.
fn title(id: &str, step: &Step, read: &StoryRead, pen: Pen<'_>) -> String {
    match read.titles.get(id) {
        _ if step.column == crate::plan::map::NAME => pen.text(DashboardText::NameColumn {}),
        Some(title) => title.clone(),
        None => id.to_owned(),
    }
}

fn relatives(view: &StoryView, relatives: &[Target], pen: Pen<'_>) -> Vec<Line<'static>> {
    if relatives.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![Line::default(), pen.strong(pen.text(DashboardText::Relatives {}))];
    for (at, relative) in relatives.iter().enumerate() {
        let (state, tone) = pen.state(relative.state);
        let mark = if view.relative_at == Some(at) { "▸ " } else { "  " };
        let name = format!("{} {}", cell(&relative.entity.to_string(), CELL), pen.outside(&relative.name));
        let line =
            Line::from(vec![pen.span(tone, format!("{mark}{} ", cell(&state, LABEL))), pen.span(Tone::Plain, name)]);
        lines.push(if view.relative_at == Some(at) { line.style(pen.chosen()) } else { line });
    }
    lines
}
