//! The dashboard: a model drawn as a frame. What stands where is decided here, what is shown in the model.

mod dialog;
mod head;
mod json;
mod lists;
mod model;
mod painter;
mod story;

pub(crate) use model::{
    Ask, Dialog, Focus, JsonRead, JsonTab, JsonView, LiveRun, Model, Notice, Page, PauseField, StoryRead, StoryView,
    Target, View, Work,
};

use super::Style;
use crate::message::DashboardText;
use painter::Painter;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Text};
use ratatui::widgets::Paragraph;

/// Most lines of what a command said.
const MOST_NOTICE_LINES: usize = 4;

/// Draws a model.
pub(crate) fn draw(model: &Model, style: Style<'_>, frame: &mut Frame<'_>) {
    let painter = Painter(style);
    let foot = foot(model, painter, frame.area().width);
    let heights =
        [Constraint::Length(3), Constraint::Min(4), Constraint::Length(u16::try_from(foot.len()).unwrap_or(1))];
    let [head, body, below] = Layout::vertical(heights).areas(frame.area());
    frame.render_widget(Paragraph::new(head::lines(model, painter, head.width)), head);
    match &model.view {
        View::Lists => lists::draw(model, painter, frame, body),
        View::Help => frame.render_widget(Paragraph::new(Text::from(help(painter, body.width))), body),
        View::Story(view) => story::draw(view, model, painter, frame, body),
        View::Json(view) => json::draw(view, model, painter, frame, body),
    }
    frame.render_widget(Paragraph::new(Text::from(foot)), below);
    if let Some(dialog) = &model.dialog {
        dialog::draw(dialog, model, painter, frame, over(body));
    }
}

/// The part of the body that a question stands in.
fn over(body: Rect) -> Rect {
    let (width, height) = (body.width.saturating_sub(4).min(100), body.height.min(12));
    let (left, top) = ((body.width - width) / 2, (body.height - height) / 2);
    Rect { x: body.x + left, y: body.y + top, width, height }
}

/// The lines at the foot: an action under way or what came of it, and the keys.
fn foot(model: &Model, painter: Painter<'_>, width: u16) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    if let Some(work) = &model.work {
        let took = painter.since(work.since, model.now);
        lines.push(painter.waiting(painter.text(DashboardText::Working { command: work.command.clone(), took })));
        lines.extend(work.last_line.iter().map(|line| painter.faint(format!("  {}", painter.outside(line)))));
    }
    if let Some(notice) = &model.notice {
        let title = painter.text(notice.title.clone());
        lines.push(if notice.is_bad { painter.bad(title) } else { painter.good(title) });
        lines.extend(
            notice
                .lines
                .iter()
                .take(MOST_NOTICE_LINES)
                .map(|line| painter.plain(format!("  {}", painter.outside(line)))),
        );
    }
    let mut lines: Vec<Line<'static>> = lines.into_iter().map(|line| painter.fitted(line, width)).collect();
    lines.push(painter.fitted(keys(model, painter), width));
    lines
}

/// The last line: what is typed, or which keys there are.
fn keys(model: &Model, painter: Painter<'_>) -> Line<'static> {
    if model.is_searching {
        let text = painter.text(DashboardText::Search { text: format!("{}▏", model.search) });
        return painter.strong(format!("{text}   {}", painter.text(DashboardText::KeysOfSearch {})));
    }
    let keys = match (&model.dialog, &model.view) {
        (Some(dialog), _) => dialog::keys(dialog),
        (None, View::Lists) => DashboardText::KeysOfList {},
        (None, View::Help) => DashboardText::KeysOfHelp {},
        (None, View::Story(_)) => DashboardText::KeysOfStory {},
        (None, View::Json(_)) => DashboardText::KeysOfJson {},
    };
    let marked = model.marked.len() as u64;
    match marked {
        0 => painter.faint(painter.text(keys)),
        count => painter.faint(format!("{} · {}", painter.text(DashboardText::Marked { count }), painter.text(keys))),
    }
}

fn help(painter: Painter<'_>, width: u16) -> Vec<Line<'static>> {
    let texts = [
        DashboardText::HelpMove {},
        DashboardText::HelpSearch {},
        DashboardText::HelpFilter {},
        DashboardText::HelpMark {},
        DashboardText::HelpPause {},
        DashboardText::HelpResync {},
        DashboardText::HelpJson {},
        DashboardText::HelpUnlink {},
        DashboardText::HelpAddress {},
        DashboardText::HelpQuit {},
    ];
    let mut lines = vec![painter.strong(painter.text(DashboardText::HelpTitle {})), Line::default()];
    for text in texts {
        lines.extend(painter.wrapped(&painter.text(text), width, "  ", painter::plain));
    }
    lines
}

#[cfg(test)]
mod tests;
