//! Surfaces that text is written for: whether a terminal is there, how wide it is, where colour goes.

use crate::options::ColorWhen;
use std::collections::BTreeMap;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Surface that text is written for: one of the two streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Surface {
    /// Whether a person looks at it.
    pub(crate) is_terminal: bool,
    /// Whether colour goes there.
    pub(crate) is_coloured: bool,
    /// How many characters stand in a line, where a person looks at it.
    pub(crate) width: usize,
}

/// The width of a terminal that does not say how wide it is.
const USUAL_WIDTH: usize = 80;

impl Surface {
    pub(super) fn new(is_terminal: bool, when: ColorWhen, environment: &BTreeMap<String, String>) -> Surface {
        let set = |name: &str| environment.get(name).map(String::as_str).filter(|value| !value.is_empty());
        let is_coloured = match when {
            ColorWhen::Always => true,
            ColorWhen::Never => false,
            ColorWhen::Auto if set("NO_COLOR").is_some() => false,
            ColorWhen::Auto if set("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
            ColorWhen::Auto => is_terminal && set("TERM").is_some_and(|term| term != "dumb"),
        };
        let asked = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        let width = set("COLUMNS").and_then(|columns| columns.parse().ok()).or_else(asked).unwrap_or(USUAL_WIDTH);
        Surface { is_terminal, is_coloured, width }
    }

    /// Text in a colour, where colour goes.
    pub(crate) fn paint(self, tone: Tone, text: &str) -> String {
        match tone.code().filter(|_| self.is_coloured) {
            Some(code) => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            None => text.to_owned(),
        }
    }

    /// Lines of which none is wider than the terminal: what does not fit goes on below, set in. Words stay whole: half a path
    /// or command is of no use. For programs lines stay as they are.
    pub(crate) fn wrapped(self, text: &str) -> String {
        if !self.is_terminal {
            return text.to_owned();
        }
        text.split('\n').map(|line| self.wrapped_line(line)).collect::<Vec<_>>().join("\n")
    }

    fn wrapped_line(self, line: &str) -> String {
        if shown_width(line) <= self.width {
            return line.to_owned();
        }
        let set_in = line.len() - line.trim_start_matches(' ').len() + 2;
        let (mut text, mut used) = (String::new(), 0);
        for (index, word) in line.split(' ').enumerate() {
            let length = shown_width(word);
            if index > 0 && used + 1 + length > self.width && used > set_in {
                text.truncate(text.trim_end_matches(' ').len());
                text.push('\n');
                text.push_str(&" ".repeat(set_in));
                used = set_in;
            } else if index > 0 && !(word.is_empty() && used == set_in) {
                text.push(' ');
                used += 1;
            }
            text.push_str(word);
            used += length;
        }
        text
    }

    /// What stands between the parts of a line that is no table: blanks for people, a tab for programs.
    pub(crate) fn gap(self) -> &'static str {
        if self.is_terminal { "  " } else { "\t" }
    }
}

/// Meaning of a colour; the word always stands beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Tone {
    /// Nothing.
    #[default]
    Plain,
    /// It is well.
    Good,
    /// It waits.
    Waiting,
    /// It failed.
    Bad,
    /// It does not matter now.
    Faint,
    /// A heading.
    Strong,
}

impl Tone {
    fn code(self) -> Option<&'static str> {
        match self {
            Tone::Plain => None,
            Tone::Good => Some("32"),
            Tone::Waiting => Some("33"),
            Tone::Bad => Some("31"),
            Tone::Faint => Some("90"),
            Tone::Strong => Some("1"),
        }
    }
}

/// The beginning of a text that fits into so many places, with an ellipsis where something was cut; what people see as one sign is
/// not cut in two.
pub(super) fn fitted(text: &str, width: usize) -> String {
    if shown_width(text) <= width {
        return text.to_owned();
    }
    let mut used = 1;
    let signs = text.graphemes(true).take_while(|sign| {
        used += sign.width();
        used <= width
    });
    signs.chain(std::iter::once("…")).collect()
}

/// A text without what only colours it.
pub(super) fn without_colour(text: &str) -> String {
    let mut is_sequence = false;
    let shown = text.chars().filter(|c| {
        let is_shown = !is_sequence && *c != '\u{1b}';
        is_sequence = !is_shown && (*c == '\u{1b}' || !c.is_ascii_alphabetic());
        is_shown
    });
    shown.collect()
}

/// How many places a text takes on a screen: what only colours it takes none.
pub(super) fn shown_width(text: &str) -> usize {
    let (mut shown, mut is_sequence) = (String::with_capacity(text.len()), false);
    for c in text.chars() {
        match c {
            '\u{1b}' => is_sequence = true,
            _ if is_sequence => is_sequence = !c.is_ascii_alphabetic(),
            _ => shown.push(c),
        }
    }
    // Emoji and the letters of East Asia take two places each, marks that stand on a letter none.
    shown.width()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_coloured(is_terminal: bool, when: ColorWhen, pairs: &[(&str, &str)]) -> bool {
        let environment = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Surface::new(is_terminal, when, &environment).is_coloured
    }

    #[test]
    fn the_flag_beats_no_color_and_no_color_beats_the_force() {
        use ColorWhen::{Always, Auto, Never};
        let xterm = ("TERM", "xterm");
        assert!(is_coloured(true, Auto, &[xterm]));
        assert!(!is_coloured(true, Auto, &[("TERM", "dumb")]));
        assert!(!is_coloured(true, Auto, &[]), "no TERM, no colour");
        assert!(!is_coloured(false, Auto, &[xterm]));
        assert!(is_coloured(false, Auto, &[("CLICOLOR_FORCE", "1")]));
        assert!(!is_coloured(true, Auto, &[xterm, ("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
        assert!(is_coloured(false, Always, &[("NO_COLOR", "1")]));
        assert!(!is_coloured(true, Never, &[("CLICOLOR_FORCE", "1")]));
    }

    #[test]
    fn wide_letters_take_two_places_and_signs_are_not_cut() {
        assert_eq!(shown_width("\u{1b}[31m漢字\u{1b}[0m e\u{301}"), 6);
        assert_eq!(fitted("漢字漢字", 5), "漢字…");
        assert_eq!(fitted("漢字", 4), "漢字");
        assert_eq!(fitted("👩\u{200d}🔧👩\u{200d}🔧", 3), "👩\u{200d}🔧…");
    }

    #[test]
    fn a_line_that_is_too_wide_goes_on_below_and_words_stay_whole() {
        let surface = |is_terminal| Surface { is_terminal, is_coloured: true, width: 20 };
        let fold = |text: &str| surface(true).wrapped(text);
        assert_eq!(fold("  help: one two three four\nfive"), "  help: one two\n    three four\nfive");
        assert_eq!(fold("\u{1b}[31mred red red red red\u{1b}[0m"), "\u{1b}[31mred red red red red\u{1b}[0m");
        assert_eq!(fold("see /a/path/longer/than/the/line now"), "see\n  /a/path/longer/than/the/line\n  now");
        assert_eq!(fold("exactly twenty chars\n"), "exactly twenty chars\n");
        assert_eq!(surface(false).wrapped("  help: one two three four"), "  help: one two three four");
    }
}
