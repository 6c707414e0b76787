//! Where answers go: stdout for the answer, stderr for what accompanies it.

use super::json;
use super::stream::{stream, unwritable};
use super::style::Style;
use super::surface::{Surface, Tone};
use crate::console::{Console, Stream};
use crate::message::{Lang, Message, RunText};
use crate::options::Global;
use crate::plan::titles::KnownTitles;
use crate::stamp::printed;
use crate::text::{shell_words, with_flags, without_effect};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

/// Screen of a command: one JSON document for programs, text for people.
pub(crate) trait Screen {
    /// The JSON document.
    fn document(&self) -> impl Serialize;

    /// The text, whole lines.
    fn text(&self, style: Style<'_>) -> String;

    /// Whether it is written with `--quiet` too.
    fn is_written_quietly(&self) -> bool {
        true
    }
}

/// Writer of answers: the two streams, how they look, and what the flags ask for.
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
    /// The two streams themselves.
    pub(crate) console: Console,
    /// What columns are called, once it is known.
    pub(crate) titles: KnownTitles,
    /// The flags that commands to be pasted need to mean the same configuration and store.
    pub(crate) flags: Arc<str>,
    /// The zone that times are shown in.
    pub(crate) zone: TimeZone,
}

impl Report {
    /// As the flags and the environment say.
    pub(crate) fn new(
        console: &Console,
        zone: TimeZone,
        global: &Global,
        lang: Lang,
        environment: &BTreeMap<String, String>,
    ) -> Report {
        Report {
            lang,
            is_json: global.json,
            is_quiet: global.quiet,
            is_verbose: global.verbose > 0,
            out: Surface::new(console.is_terminal(Stream::Out), global.color, environment),
            err: Surface::new(console.is_terminal(Stream::Err), global.color, environment),
            console: console.clone(),
            titles: KnownTitles::default(),
            flags: shell_words(&global.choosing()).into(),
            zone,
        }
    }

    /// The style of what goes to stdout.
    pub(crate) fn style(&self) -> Style<'_> {
        let Report { lang, out, is_verbose, .. } = *self;
        Style { lang, out, is_verbose, titles: self.titles.get(), flags: &self.flags, zone: &self.zone }
    }

    /// The style of what goes to stderr.
    pub(crate) fn style_of_stderr(&self) -> Style<'_> {
        Style { out: self.err, ..self.style() }
    }

    /// Writes a screen, in the form that is asked for.
    ///
    /// # Errors
    /// Where stdout cannot be written to.
    pub(crate) fn show(&self, screen: &impl Screen) -> anyhow::Result<()> {
        if self.is_json {
            self.json(&screen.document())
        } else if self.is_quiet && !screen.is_written_quietly() {
            Ok(())
        } else {
            self.print(&screen.text(self.style()))
        }
    }

    /// Writes an answer for people, in one piece.
    ///
    /// # Errors
    /// Where stdout cannot be written to.
    pub(crate) fn print(&self, text: &str) -> anyhow::Result<()> {
        self.print_as_is(&self.out.wrapped(&with_flags(text, &self.flags)))
    }

    /// Writes an answer whose lines are for programs, even where a person looks on.
    ///
    /// # Errors
    /// Where stdout cannot be written to.
    pub(crate) fn print_as_is(&self, text: &str) -> anyhow::Result<()> {
        self.console.answer(text.as_bytes()).map_err(unwritable)
    }

    /// Writes an answer piece by piece. A reader that leaves before its end is no failure.
    ///
    /// # Errors
    /// What `work` fails with, or stdout.
    pub(crate) fn stream(&self, work: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>) -> anyhow::Result<()> {
        stream(&self.console, work)
    }

    /// Writes the JSON document.
    ///
    /// # Errors
    /// Where stdout cannot be written to.
    pub(crate) fn json(&self, document: &impl Serialize) -> anyhow::Result<()> {
        self.print_as_is(&(json::in_one_line(document, self.style())? + "\n"))
    }

    /// Writes a JSON text: its exact bytes for programs; on a terminal the same in letters that do nothing there.
    fn print_json(&self, text: &str) -> anyhow::Result<()> {
        if self.out.is_terminal { self.print_as_is(&without_effect(text)) } else { self.print_as_is(text) }
    }

    /// Writes a record, or several, as JSON; with a line for each member where a person looks at it.
    ///
    /// # Errors
    /// Where stdout cannot be written to.
    pub(crate) fn print_record(&self, text: &str) -> anyhow::Result<()> {
        if self.is_json || !self.out.is_terminal {
            return self.print_json(text);
        }
        // Never wrapped: a string in two lines is no JSON any more.
        self.print_as_is(&json::indented(&without_effect(text), self.out))
    }

    /// Writes a line beside the answer, as it is, with `--quiet` too.
    pub(crate) fn line(&self, line: &str) {
        self.console.line(line);
    }

    /// Writes a line beside the answer, unless it is to be quiet.
    pub(crate) fn info(&self, text: &str) {
        if !self.is_quiet {
            self.line(&self.err.wrapped(&with_flags(text, &self.flags)));
        }
    }

    /// Writes a line that only those want to read who asked for more.
    pub(crate) fn verbose(&self, message: impl Into<Message>) {
        if self.is_verbose {
            self.line(&self.err.wrapped(&self.text(message)));
        }
    }

    /// Warns.
    pub(crate) fn warn(&self, message: &Message) {
        self.info(&self.warning(message));
    }

    /// A warning's line.
    pub(crate) fn warning(&self, message: &Message) -> String {
        let text = self.text(RunText::Warning { text: message.text(self.lang) });
        let tone = if self.err.is_coloured { Tone::Waiting } else { Tone::Plain };
        self.err.wrapped(&self.err.paint(tone, &text))
    }

    /// A time within a text of a document: as it is kept for programs, local for people.
    pub(crate) fn time_in_document(&self, at: Timestamp) -> String {
        if self.is_json { printed(at) } else { self.style().local(at) }
    }

    /// A message in the language of this run, harmless for a terminal.
    pub(crate) fn text(&self, message: impl Into<Message>) -> String {
        self.style().text(message)
    }
}
