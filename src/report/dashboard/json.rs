//! An entity's JSON on the dashboard: received, wanted, sent; side by side where there is room.

use super::model::{JsonRead, JsonTab, JsonView, Model};
use super::painter::{Painter, cut};
use crate::message::DashboardText;
use crate::report::Tone;
use crate::text::without_effect;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Text};
use ratatui::widgets::{Block, Paragraph};

/// From this width on all three stand side by side.
const WIDE: u16 = 120;

/// Draws the tab that is chosen, or all.
pub(super) fn draw(view: &JsonView, model: &Model, painter: Painter<'_>, frame: &mut Frame<'_>, body: Rect) {
    let nothing = JsonRead::default();
    let read = view.read.as_ref().unwrap_or(&nothing);
    let tabs: Vec<JsonTab> = if body.width >= WIDE { JsonTab::ALL.to_vec() } else { vec![view.tab] };
    let areas = Layout::horizontal(tabs.iter().map(|_| Constraint::Fill(1))).split(body);
    for (tab, area) in tabs.iter().zip(areas.iter()) {
        let block =
            Block::bordered().title(title(view, *tab, model, painter)).border_style(painter.text_style(Tone::Strong));
        let width = usize::from(area.width).saturating_sub(2);
        let lines = lines(read, *tab).iter().map(|line| shown(line, read, *tab, width, painter)).collect::<Vec<_>>();
        frame.render_widget(Paragraph::new(Text::from(lines)).scroll((view.scroll, 0)).block(block), *area);
    }
}

fn lines(read: &JsonRead, tab: JsonTab) -> &[String] {
    match tab {
        JsonTab::Received => &read.received,
        JsonTab::Wanted => &read.wanted,
        JsonTab::Sent => &read.sent,
    }
}

/// The command that prints the same.
fn title(view: &JsonView, tab: JsonTab, model: &Model, painter: Painter<'_>) -> String {
    let (word, flag) = match tab {
        JsonTab::Received => (DashboardText::TabReceived {}, None),
        JsonTab::Wanted => (DashboardText::TabWanted {}, Some("--mapped")),
        JsonTab::Sent => (DashboardText::TabSent {}, Some("--sent")),
    };
    let entity = view.entity.to_string();
    let words = ["show-json", entity.as_str()].into_iter().chain(flag).map(str::to_owned);
    format!("{} · $ {}", painter.text(word), model.command_line(&words.collect::<Vec<_>>()))
}

/// A line; one of a column that differs is marked.
fn shown(line: &str, read: &JsonRead, tab: JsonTab, width: usize, painter: Painter<'_>) -> Line<'static> {
    let is_different = tab != JsonTab::Received && column_of(line).is_some_and(|id| read.different.contains(id));
    let (mark, tone) = if is_different { ("≠ ", Tone::Waiting) } else { ("  ", Tone::Plain) };
    painter.line(tone, cut(&format!("{mark}{}", without_effect(line)), width))
}

/// The column that a line of an object with a member a line is about.
fn column_of(line: &str) -> Option<&str> {
    line.strip_prefix("  \"")?.split('"').next()
}
