//! How text is put on the dashboard: the words and colours of the other screens, as lines of a frame.

use crate::message::Message;
use crate::report::table::wrapped;
use crate::report::{Style, Tone, dot};
use crate::store::State;
use crate::text::harmless;
use jiff::Timestamp;
use ratatui::style::{Color, Modifier, Style as TextStyle};
use ratatui::text::{Line, Span};

/// Painter of the dashboard: what text looks like on it.
#[derive(Clone, Copy)]
pub(super) struct Painter<'s>(pub(super) Style<'s>);

/// Text without colour.
pub(super) fn plain(text: String) -> Line<'static> {
    Line::raw(text)
}

impl Painter<'_> {
    /// A message in the language of this run, harmless for a terminal.
    pub(super) fn text(self, message: impl Into<Message>) -> String {
        self.0.text(message)
    }

    /// Text from outside.
    pub(super) fn outside(self, text: &str) -> String {
        harmless(text)
    }

    /// How long ago something was.
    pub(super) fn since(self, at: Timestamp, now: Timestamp) -> String {
        self.0.ago(at, now).unwrap_or_default()
    }

    /// The style of a tone, where colour goes; what is strong is so without colour too.
    pub(super) fn text_style(self, tone: Tone) -> TextStyle {
        let style = TextStyle::default();
        match tone {
            Tone::Strong => style.add_modifier(Modifier::BOLD),
            _ if !self.0.out.is_coloured => style,
            Tone::Plain => style,
            Tone::Good => style.fg(Color::Green),
            Tone::Waiting => style.fg(Color::Yellow),
            Tone::Bad => style.fg(Color::Red),
            Tone::Faint => style.fg(Color::DarkGray),
        }
    }

    /// The style of what is chosen.
    pub(super) fn chosen(self) -> TextStyle {
        TextStyle::default().add_modifier(Modifier::REVERSED)
    }

    /// Text in a tone.
    pub(super) fn span(self, tone: Tone, text: impl Into<String>) -> Span<'static> {
        Span::styled(text.into(), self.text_style(tone))
    }

    /// The dot of a state with its word.
    pub(super) fn state(self, state: State) -> (String, Tone) {
        let (mark, tone) = dot(state);
        (format!("{mark} {}", self.0.state_word(state)), tone)
    }

    /// A line in a tone.
    pub(super) fn line(self, tone: Tone, text: impl Into<String>) -> Line<'static> {
        Line::from(self.span(tone, text))
    }

    /// A line without colour.
    pub(super) fn plain(self, text: String) -> Line<'static> {
        self.line(Tone::Plain, text)
    }

    /// A heading.
    pub(super) fn strong(self, text: String) -> Line<'static> {
        self.line(Tone::Strong, text)
    }

    /// A line that does not matter now.
    pub(super) fn faint(self, text: String) -> Line<'static> {
        self.line(Tone::Faint, text)
    }

    /// A line about what is well.
    pub(super) fn good(self, text: String) -> Line<'static> {
        self.line(Tone::Good, text)
    }

    /// A line about what waits.
    pub(super) fn waiting(self, text: String) -> Line<'static> {
        self.line(Tone::Waiting, text)
    }

    /// A line about what failed.
    pub(super) fn bad(self, text: String) -> Line<'static> {
        self.line(Tone::Bad, text)
    }

    /// A text in as many lines as it takes, the further ones set in.
    pub(super) fn wrapped(
        self,
        text: &str,
        width: u16,
        set_in: &str,
        line: impl Fn(String) -> Line<'static>,
    ) -> Vec<Line<'static>> {
        let room = usize::from(width).saturating_sub(set_in.len()).max(10);
        let parts = wrapped(text, room).into_iter().enumerate();
        parts.map(|(at, part)| line(if at == 0 { part } else { format!("{set_in}{part}") })).collect()
    }

    /// A line that ends with an ellipsis where it does not fit.
    pub(super) fn fitted(self, line: Line<'static>, width: u16) -> Line<'static> {
        let most = usize::from(width);
        if line.width() <= most {
            return line;
        }
        let style = line.spans.first().map(|span| span.style).unwrap_or_default();
        let text: String = line.spans.iter().map(|span| span.content.as_ref()).collect();
        Line::styled(cut(&text, most), style)
    }
}

/// The beginning of a text that takes no more than so many places, with an ellipsis where something was cut.
pub(super) fn cut(text: &str, most: usize) -> String {
    if Span::raw(text).width() <= most {
        return text.to_owned();
    }
    let (mut kept, mut used) = (String::new(), 1);
    for letter in text.chars() {
        used += Span::raw(letter.to_string()).width();
        if used > most {
            break;
        }
        kept.push(letter);
    }
    format!("{kept}…")
}

/// A text cut or filled up to so many places.
pub(super) fn cell(text: &str, width: usize) -> String {
    let text = cut(text, width);
    let room = width.saturating_sub(Span::raw(text.as_str()).width());
    format!("{text}{}", " ".repeat(room))
}
