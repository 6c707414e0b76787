//! Errors as they are written: lines on stderr, one line with `--quiet`, a JSON document, a monitor's answer.

use super::Report;
use super::style::Style;
use super::surface::{Surface, Tone};
use crate::console::{Console, Stream};
use crate::failure::{ErrorPart, Exit, Failure, RenderedError, render};
use crate::message::{Lang, RunText, SummaryText};
use crate::options::ColorWhen;
use crate::text::{harmless, without_effect};
use serde::Serialize;
use std::collections::BTreeMap;

/// Exit code of a monitor for what is not known.
pub(crate) const CHECK_UNKNOWN: u8 = 3;

#[derive(Serialize)]
struct ErrorDocument {
    error: ErrorPart,
}

impl Report {
    /// Writes why a command has no result.
    pub(crate) fn failed(&self, error: &anyhow::Error) {
        if !self.is_json || has_written_part(error) {
            return self.error(error);
        }
        let document = ErrorDocument { error: render(error, Lang::En).into() };
        if let Err(unwritten) = self.json(&document) {
            self.error(error);
            self.error(&unwritten);
        }
    }

    /// Writes an error to stderr.
    pub(crate) fn error(&self, error: &anyhow::Error) {
        let rendered = render(error, self.lang);
        match rendered.exit {
            // What cron need not send mail about.
            Exit::Locked | Exit::Budget if self.is_quiet => {}
            Exit::Locked => {
                let hint = rendered.hint.map(|hint| format!("; {hint}")).unwrap_or_default();
                let line = format!("hopem-sync: {}{hint}", rendered.message);
                self.line(&self.err.wrapped(&self.style().advice(&line)));
            }
            _ if self.is_quiet => self.quiet_line(quiet_error(rendered)),
            _ => self.line(&error_lines(&rendered, self.style_of_stderr())),
        }
    }

    /// With `--quiet`: what went wrong, in exactly one line.
    pub(super) fn quiet_line(&self, line: SummaryText) {
        self.line(&self.style().text(line).replace(['\n', '\r'], " "));
    }
}

/// With `--quiet`: writes an error in exactly one line.
pub(super) fn quiet_failure(report: &Report, error: RenderedError) {
    report.quiet_line(quiet_error(error));
}

fn quiet_error(rendered: RenderedError) -> SummaryText {
    let (error, code) = (rendered.message, rendered.exit.code().into());
    match rendered.hint {
        Some(hint) => SummaryText::QuietErrorAndHint { error, hint, code },
        None => SummaryText::QuietError { error, code },
    }
}

/// What failed, why, what to do. The whole chain of causes is for those who ask for more.
fn error_lines(rendered: &RenderedError, style: Style<'_>) -> String {
    let causes = if style.is_verbose { rendered.causes.len() } else { 1 };
    let headline = style.text(RunText::Error { text: rendered.message.clone() });
    let mut lines = vec![style.paint(Tone::Bad, &headline)];
    lines
        .extend(rendered.causes.iter().take(causes).map(|cause| style.text(RunText::CausedBy { text: cause.clone() })));
    lines.extend(rendered.hint.iter().map(|hint| style.text(RunText::Help { text: hint.clone() })));
    style.out.wrapped(&lines.join("\n  "))
}

/// Whether a part of an answer was written, so that no document can follow it.
fn has_written_part(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Failure>().is_some_and(|failure| failure.has_written_part)
}

/// Prints the help or the version.
///
/// # Errors
/// Where stdout cannot be written to.
pub(crate) fn help(
    console: &Console,
    text: &clap::builder::StyledStr,
    environment: &BTreeMap<String, String>,
) -> std::io::Result<()> {
    let surface = Surface::new(console.is_terminal(Stream::Out), ColorWhen::Auto, environment);
    let text = if surface.is_coloured { text.ansi().to_string() } else { text.to_string() };
    console.answer(text.as_bytes())
}

/// Writes that a run ended in a panic, whose place the program's hook has written. `exit`: how the process ends.
pub(crate) fn crashed(console: &Console, is_json: bool, exit: Exit) {
    if is_json {
        let message = INTERNAL_ERROR.to_owned();
        error_document(console, ErrorPart { message, causes: Vec::new(), hint: None, exit_code: exit.code() });
    }
}

/// What a panic is called.
pub(crate) const INTERNAL_ERROR: &str = "internal error";

/// Writes what a monitor reads where nothing is known.
pub(crate) fn unknown(console: &Console, message: &str, is_json: bool) {
    if is_json {
        let message = message.to_owned();
        return error_document(
            console,
            ErrorPart { message, causes: Vec::new(), hint: None, exit_code: CHECK_UNKNOWN },
        );
    }
    let _ = console.answer(format!("HOPEM-SYNC UNKNOWN - {}\n", harmless(message).replace('|', "/")).as_bytes());
}

pub(super) fn error_document(console: &Console, error: ErrorPart) {
    let text = serde_json::to_string(&ErrorDocument { error }).unwrap_or_default();
    let text = if console.is_terminal(Stream::Out) { without_effect(&text) } else { text };
    let _ = console.answer(format!("{text}\n").as_bytes());
}
