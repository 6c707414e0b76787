//! Every line that reaches stdout and stderr: where colour goes, how errors are told, one write for each answer.

pub(crate) mod bars;
mod boards;
pub(crate) mod check;
mod csv;
pub(crate) mod entities;
pub(crate) mod explain;
pub(crate) mod export;
mod json;
pub(crate) mod link;
mod list;
pub(crate) mod metrics;
pub(crate) mod run;
pub(crate) mod settings;
pub(crate) mod status;
pub(crate) mod story;
pub(crate) mod subscriptions;
mod summary;
pub(crate) mod table;
pub(crate) mod trouble;
pub(crate) mod upkeep;
pub(crate) mod webhooks;

use crate::cli::{ColorWhen, Global, Refusal};
use crate::failure::{Exit, Failure, Told, tell};
use crate::message::{Lang, Message, RunText, ScreenText, grouped};
use crate::store::State;
use crate::text::{harmless, without_effect};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{BufWriter, ErrorKind, IsTerminal, Write};

/// What monitors read when something cannot be told.
const CHECK_UNKNOWN: u8 = 3;

/// How one of the two streams is written.
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
    fn new(is_terminal: bool, when: ColorWhen, environment: &BTreeMap<String, String>) -> Surface {
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
    pub(crate) fn folded(self, text: &str) -> String {
        if !self.is_terminal {
            return text.to_owned();
        }
        text.split('\n').map(|line| self.folded_line(line)).collect::<Vec<_>>().join("\n")
    }

    fn folded_line(self, line: &str) -> String {
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

/// What a colour says; the word always stands beside.
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

/// The mark and the colour of a state.
pub(crate) fn dot(state: State) -> (&'static str, Tone) {
    match state {
        State::Synced => ("●", Tone::Good),
        State::Pending => ("●", Tone::Waiting),
        State::Error => ("●", Tone::Bad),
        State::Paused => ("‖", Tone::Faint),
        State::Unlinked => ("○", Tone::Plain),
        State::Off | State::Deleted => ("–", Tone::Faint),
    }
}

/// The word for a state on a screen.
pub(crate) fn state_word(state: State, lang: Lang) -> String {
    let text = match state {
        State::Synced => ScreenText::StateSynced {},
        State::Pending => ScreenText::StatePending {},
        State::Error => ScreenText::StateError {},
        State::Paused => ScreenText::StatePaused {},
        State::Unlinked => ScreenText::StateUnlinked {},
        State::Off => ScreenText::StateOff {},
        State::Deleted => ScreenText::StateDeleted {},
    };
    text.text(lang)
}

/// An error in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ErrorPart {
    /// What failed.
    pub(crate) message: String,
    /// Why, the nearest first.
    pub(crate) causes: Vec<String>,
    /// What to do.
    pub(crate) hint: Option<String>,
    /// How the process ends.
    pub(crate) exit_code: u8,
}

impl From<Told> for ErrorPart {
    fn from(told: Told) -> ErrorPart {
        ErrorPart { message: told.message, causes: told.causes, hint: told.hint, exit_code: told.exit.code() }
    }
}

#[derive(Serialize)]
struct ErrorDocument {
    error: ErrorPart,
}

/// Where answers go, and how they look.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    /// The language of what people read.
    pub(crate) lang: Lang,
    /// `--json`.
    pub(crate) is_json: bool,
    /// `--quiet`.
    pub(crate) is_quiet: bool,
    /// `--verbose`.
    pub(crate) is_verbose: bool,
    /// stdout.
    pub(crate) out: Surface,
    /// stderr.
    pub(crate) err: Surface,
}

impl Report {
    /// As the flags and the environment say.
    pub(crate) fn new(global: &Global, lang: Lang, environment: &BTreeMap<String, String>) -> Report {
        Report {
            lang,
            is_json: global.json,
            is_quiet: global.quiet,
            is_verbose: global.verbose,
            out: Surface::new(std::io::stdout().is_terminal(), global.color, environment),
            err: Surface::new(std::io::stderr().is_terminal(), global.color, environment),
        }
    }

    /// Writes an answer for people, in one piece.
    pub(crate) fn print(&self, text: &str) -> anyhow::Result<()> {
        self.print_as_is(&self.out.folded(text))
    }

    /// Writes an answer whose lines are for programs, even where a person looks on.
    pub(crate) fn print_as_is(&self, text: &str) -> anyhow::Result<()> {
        Ok(write_out(text.as_bytes())?)
    }

    /// Writes an answer piece by piece. A reader that leaves before its end is no failure. Where it breaks off, that is said
    /// beside what was written already; a part too small to have been written is left out.
    pub(crate) fn stream(&self, work: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let mut out = BufWriter::with_capacity(1 << 16, Counted { out: std::io::stdout().lock(), written: 0 });
        let done = work(&mut out).and_then(|()| Ok(out.flush()?));
        match done {
            Ok(()) => Ok(()),
            Err(error) if has_left(&error) => {
                // Nothing more is written when it is dropped.
                let _ = out.into_parts();
                Ok(())
            }
            Err(error) if out.get_ref().written == 0 => {
                let _ = out.into_parts();
                Err(error)
            }
            Err(error) => {
                // Lines that are whole stay whole.
                let _ = out.flush();
                let exit = crate::failure::exit_of(&error);
                Err(Failure::new(exit, ScreenText::BrokenOff {}).because(error).into())
            }
        }
    }

    /// Writes the JSON document.
    pub(crate) fn json(&self, document: &impl Serialize) -> anyhow::Result<()> {
        let mut text = serde_json::to_string(document)?;
        text.push('\n');
        self.print_json(&text)
    }

    /// Writes a JSON text: its exact bytes for programs; on a terminal the same in letters that do nothing there.
    pub(crate) fn print_json(&self, text: &str) -> anyhow::Result<()> {
        if self.out.is_terminal { self.print_as_is(&without_effect(text)) } else { self.print_as_is(text) }
    }

    /// Writes a record, or several: as [`Report::print_json`] does, and in colour where a person looks at it.
    pub(crate) fn print_record(&self, text: &str) -> anyhow::Result<()> {
        if self.is_json || !self.out.is_terminal || !self.out.is_coloured {
            return self.print_json(text);
        }
        self.print(&json::coloured(&without_effect(text), self.out))
    }

    /// Says something beside the answer, unless it is to be quiet.
    pub(crate) fn say(&self, text: &str) {
        if !self.is_quiet {
            talk(&self.err.folded(text));
        }
    }

    /// Says something that only those want to know who asked for more.
    pub(crate) fn whisper(&self, message: impl Into<Message>) {
        if self.is_verbose {
            talk(&self.err.folded(&harmless(&message.into().text(self.lang))));
        }
    }

    /// Warns.
    pub(crate) fn warn(&self, message: &Message) {
        self.say(&self.warning(message));
    }

    /// A warning's line.
    pub(crate) fn warning(&self, message: &Message) -> String {
        let text = RunText::Warning { text: harmless(&message.text(self.lang)) }.text(self.lang);
        let tone = if self.err.is_coloured { Tone::Waiting } else { Tone::Plain };
        self.err.folded(&self.err.paint(tone, &text))
    }

    /// A message in the language of this run, harmless for a terminal.
    pub(crate) fn text(&self, message: impl Into<Message>) -> String {
        harmless(&message.into().text(self.lang))
    }

    /// A number with its thousands apart for people, plain for programs.
    pub(crate) fn number(&self, number: u64) -> String {
        if self.out.is_terminal { grouped(number, self.lang) } else { number.to_string() }
    }

    /// Tells why a command has no result, and how the process ends.
    pub(crate) fn failed(&self, error: &anyhow::Error) -> u8 {
        let code = tell(error, Lang::En).exit.code();
        if self.is_json && !has_broken_off(error) {
            let document = ErrorDocument { error: tell(error, Lang::En).into() };
            if let Err(error) = self.json(&document) {
                talk(&harmless(&error.to_string()));
            }
        } else {
            self.error(error);
        }
        code
    }

    /// Tells an error on stderr.
    pub(crate) fn error(&self, error: &anyhow::Error) {
        let told = tell(error, self.lang);
        match told.exit {
            // What cron need not send mail about.
            Exit::Locked | Exit::Budget if self.is_quiet => {}
            Exit::Locked => {
                let hint = told.hint.map(|hint| format!("; {hint}")).unwrap_or_default();
                let line = format!("hopem-sync: {}{}", harmless(&told.message), harmless(&hint));
                talk(&self.err.folded(&line));
            }
            exit if self.is_quiet => {
                let (error, code) = (told.message, exit.code().into());
                let line = match told.hint {
                    Some(hint) => ScreenText::QuietErrorAndHint { error, hint, code },
                    None => ScreenText::QuietError { error, code },
                };
                self.quiet_line(line);
            }
            _ => talk(&self.error_lines(&told)),
        }
    }

    /// With `--quiet`: what went wrong, in exactly one line.
    fn quiet_line(&self, line: ScreenText) {
        talk(&self.text(line).replace(['\n', '\r'], " "));
    }

    /// What failed, why, what to do. The whole chain of causes is for those who ask for more.
    fn error_lines(&self, told: &Told) -> String {
        let causes = if self.is_verbose { told.causes.len() } else { 1 };
        let headline = self.text(RunText::Error { text: told.message.clone() });
        let mut lines = vec![self.err.paint(Tone::Bad, &headline)];
        lines.extend(told.causes.iter().take(causes).map(|cause| self.text(RunText::CausedBy { text: cause.clone() })));
        lines.extend(told.hint.iter().map(|hint| self.text(RunText::Help { text: hint.clone() })));
        self.err.folded(&lines.join("\n  "))
    }

    /// A time as people read it: local, to the minute, with the day.
    pub(crate) fn local(&self, stamp: &str) -> String {
        match stamp.parse::<Timestamp>() {
            Ok(at) => at.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string(),
            Err(_) => harmless(stamp),
        }
    }

    /// How long ago, such as `12 min`; `None`: at a time that lies ahead of now.
    pub(crate) fn ago(&self, stamp: &str, now: Timestamp) -> Option<String> {
        Some(crate::message::span(crate::age::seconds_since(stamp, now)?, self.lang))
    }
}

/// Prints the help or the version.
pub(crate) fn help(text: &clap::builder::StyledStr, environment: &BTreeMap<String, String>) -> u8 {
    let surface = Surface::new(std::io::stdout().is_terminal(), ColorWhen::Auto, environment);
    let text = if surface.is_coloured { text.ansi().to_string() } else { text.to_string() };
    match write_out(text.as_bytes()) {
        Ok(()) => Exit::Ok.code(),
        Err(_) => Exit::Failed.code(),
    }
}

/// Tells what is wrong with a command line.
pub(crate) fn refused(refusal: &Refusal, environment: &BTreeMap<String, String>) -> u8 {
    if refusal.is_check {
        return unknown(&refusal.message, refusal.is_json);
    }
    let code = Exit::Usage.code();
    if refusal.is_json {
        let (message, hint) = (refusal.message.clone(), Some(refusal.hint.clone()));
        return error_document(ErrorPart { message, causes: Vec::new(), hint, exit_code: code });
    }
    if refusal.is_quiet {
        let line = format!("hopem-sync: {} (exit {code}); {}", refusal.message, refusal.hint);
        talk(&harmless(&line).replace(['\n', '\r'], " "));
        return code;
    }
    let surface = Surface::new(std::io::stderr().is_terminal(), ColorWhen::Auto, environment);
    let text = if surface.is_coloured { refusal.text.ansi().to_string() } else { refusal.text.to_string() };
    talk(text.trim_end());
    code
}

/// Ends a run that ended in a panic, which was told by the program's hook.
pub(crate) fn crashed(is_json: bool, is_check: bool) -> u8 {
    let message = "internal error".to_owned();
    if is_check {
        return unknown(&message, is_json);
    }
    let code = Exit::Failed.code();
    match is_json {
        true => error_document(ErrorPart { message, causes: Vec::new(), hint: None, exit_code: code }),
        false => code,
    }
}

/// What a monitor is told where nothing can be told.
pub(crate) fn unknown(message: &str, is_json: bool) -> u8 {
    if is_json {
        let message = message.to_owned();
        return error_document(ErrorPart { message, causes: Vec::new(), hint: None, exit_code: CHECK_UNKNOWN });
    }
    let _ = write_out(format!("HOPEM-SYNC UNKNOWN - {}\n", harmless(message).replace('|', "/")).as_bytes());
    CHECK_UNKNOWN
}

fn error_document(error: ErrorPart) -> u8 {
    let code = error.exit_code;
    let text = serde_json::to_string(&ErrorDocument { error }).unwrap_or_default();
    let text = if std::io::stdout().is_terminal() { without_effect(&text) } else { text };
    let _ = write_out(format!("{text}\n").as_bytes());
    code
}

/// How many characters a text takes on a screen: those that only colour it take none.
fn shown_width(text: &str) -> usize {
    let (mut width, mut is_sequence) = (0, false);
    for c in text.chars() {
        match c {
            '\u{1b}' => is_sequence = true,
            _ if is_sequence => is_sequence = !c.is_ascii_alphabetic(),
            _ => width += 1,
        }
    }
    width
}

/// A stream that knows whether anything went there.
struct Counted<W> {
    out: W,
    written: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.written += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

/// Whether an answer broke off, so that no document can follow it.
fn has_broken_off(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Failure>().is_some_and(|failure| failure.what == ScreenText::BrokenOff {}.into())
}

/// Whether the reader has left.
fn has_left(error: &anyhow::Error) -> bool {
    let is_pipe = |io: &std::io::Error| io.kind() == ErrorKind::BrokenPipe;
    error.chain().any(|cause| cause.downcast_ref::<std::io::Error>().is_some_and(is_pipe))
}

/// One write; a reader that has left is no failure.
fn write_out(bytes: &[u8]) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}

/// One line on stderr; where nobody listens nothing is lost.
pub(crate) fn talk(line: &str) {
    let _ = std::io::stderr().lock().write_all(format!("{line}\n").as_bytes());
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
    fn a_line_that_is_too_wide_goes_on_below_and_words_stay_whole() {
        let surface = |is_terminal| Surface { is_terminal, is_coloured: true, width: 20 };
        let fold = |text: &str| surface(true).folded(text);
        assert_eq!(fold("  help: one two three four\nfive"), "  help: one two\n    three four\nfive");
        assert_eq!(fold("\u{1b}[31mred red red red red\u{1b}[0m"), "\u{1b}[31mred red red red red\u{1b}[0m");
        assert_eq!(fold("see /a/path/longer/than/the/line now"), "see\n  /a/path/longer/than/the/line\n  now");
        assert_eq!(fold("exactly twenty chars\n"), "exactly twenty chars\n");
        assert_eq!(surface(false).folded("  help: one two three four"), "  help: one two three four");
    }
}
