//! Questions of the dashboard before an action: what would be done to whom, and the command that it equals.

use super::model::{Ask, Dialog, Model, PauseField};
use super::painter::{self, Painter};
use crate::message::DashboardText;
use crate::report::Tone;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Text};
use ratatui::widgets::{Block, Clear, Paragraph};

/// Most entities that are named one by one.
const MOST_NAMED: usize = 3;
/// The length that a name is cut to.
const LONGEST_NAME: usize = 40;

/// The keys of a question.
pub(super) fn keys(dialog: &Dialog) -> DashboardText {
    match &dialog.ask {
        Ask::Pause { .. } => DashboardText::KeysOfPause {},
        Ask::Resume | Ask::Resync => DashboardText::KeysOfConfirm {},
        Ask::Unlink(_) => DashboardText::KeysOfUnlink {},
        Ask::Address(_) => DashboardText::KeysOfHelp {},
    }
}

/// Draws a question over what is below it.
pub(super) fn draw(dialog: &Dialog, model: &Model, painter: Painter<'_>, frame: &mut Frame<'_>, area: Rect) {
    let lines = lines(dialog, model, painter, area.width.saturating_sub(2));
    let height = u16::try_from(lines.len()).unwrap_or(area.height).saturating_add(2).min(area.height);
    let area = Rect { height, ..area };
    frame.render_widget(Clear, area);
    let block = Block::bordered().border_style(painter.text_style(Tone::Strong));
    frame.render_widget(Paragraph::new(Text::from(lines)).block(block), area);
}

fn lines(dialog: &Dialog, model: &Model, painter: Painter<'_>, width: u16) -> Vec<Line<'static>> {
    let mut lines = painter.wrapped(&painter.text(question(dialog, painter)), width, "", |text| painter.strong(text));
    if dialog.ask == Ask::Resync && dialog.names_unlinked() {
        lines.extend(
            painter.wrapped(&painter.text(DashboardText::AskRelink {}), width, "", |text| painter.waiting(text)),
        );
    }
    if dialog.ask == Ask::Resync && dialog.names_missing() {
        let text = painter.text(DashboardText::AskNewItem {});
        lines.extend(painter.wrapped(&text, width, "", |text| painter.waiting(text)));
    }
    if let Ask::Unlink(agreed) = &dialog.ask {
        lines.push(Line::default());
        lines.push(field_line(DashboardText::FieldAgreed {}, agreed, true, painter));
    }
    if let Ask::Pause { reason, until, field } = &dialog.ask {
        lines.push(Line::default());
        lines.extend(fields(reason, until, *field, painter));
    }
    if let Some(error) = &dialog.error {
        lines.extend(painter.wrapped(&painter.text(error.clone()), width, "", |text| painter.bad(text)));
    }
    let words = dialog.words();
    if !words.is_empty() {
        lines.push(Line::default());
        let command = painter.text(DashboardText::EqualCommand { command: model.command_line(&words) });
        lines.extend(painter.wrapped(&command, width, "    ", painter::plain));
    }
    lines
}

fn fields(reason: &str, until: &str, field: PauseField, painter: Painter<'_>) -> [Line<'static>; 3] {
    [
        field_line(DashboardText::FieldReason {}, reason, field == PauseField::Reason, painter),
        field_line(DashboardText::FieldUntil {}, until, field == PauseField::Until, painter),
        painter.faint(format!("{:15}{}", "", painter.text(DashboardText::UntilExample {}))),
    ]
}

/// A field that is typed into; the one that keys go to is marked.
fn field_line(label: DashboardText, text: &str, is_chosen: bool, painter: Painter<'_>) -> Line<'static> {
    let cursor = if is_chosen { "▏" } else { "" };
    let tone = if is_chosen { Tone::Strong } else { Tone::Plain };
    let label = format!("{}{}", painter.text(label), painter.0.colon());
    painter.line(tone, format!("{label:<14} {}{cursor}", painter.outside(text)))
}

fn question(dialog: &Dialog, painter: Painter<'_>) -> DashboardText {
    let what = named(dialog, painter);
    match &dialog.ask {
        Ask::Pause { .. } => DashboardText::AskPause { what },
        Ask::Resume => DashboardText::AskResume { what },
        Ask::Resync => DashboardText::AskResync { what },
        Ask::Unlink(_) => DashboardText::AskUnlink { what },
        Ask::Address(Some(url)) => DashboardText::Address { url: url.clone() },
        Ask::Address(None) => DashboardText::NoAddress {},
    }
}

/// Whom it is about, by key and name.
fn named(dialog: &Dialog, painter: Painter<'_>) -> String {
    let named = dialog.targets.iter().take(MOST_NAMED);
    let named = named.map(|target| format!("{} ({})", target.entity, painter::cut(&target.name, LONGEST_NAME)));
    let what = named.collect::<Vec<_>>().join(", ");
    match dialog.targets.len().saturating_sub(MOST_NAMED) as u64 {
        0 => what,
        more => painter.text(DashboardText::AndOthers { what, more }),
    }
}
