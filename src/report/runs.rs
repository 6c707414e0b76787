//! Past runs: the list of them, and one that is read again.

use super::json;
use super::story::change_line;
use super::summary::{in_line, pull_counts, push_counts, summary};
use super::table::{Cell, Table};
use super::{Report, Screen, Style, Tone};
use crate::failure::Outcome;
use crate::message::{RunText, SummaryText};
use crate::run::{ChangeEntry, RunDocument};
use crate::text::harmless;
use serde::Serialize;
use std::fmt::Write as _;

/// Screen of `runs`: past runs, newest first.
#[derive(Serialize)]
pub(crate) struct Runs {
    pub(crate) runs: Vec<RunDocument>,
    /// Whether the columns have their heads over them.
    #[serde(skip)]
    pub(crate) has_header: bool,
}

impl Screen for Runs {
    fn document(&self) -> impl Serialize {
        self
    }

    fn text(&self, style: Style<'_>) -> String {
        let header = [
            SummaryText::RunsRun {},
            SummaryText::RunsCommand {},
            SummaryText::RunsStarted {},
            SummaryText::RunsTook {},
            SummaryText::RunsOutcome {},
            SummaryText::RunsDone {},
        ];
        let header = header.into_iter().map(|text| Cell::new(style.text(text)).tone(Tone::Strong));
        let mut table = match self.has_header {
            true => Table::with_header(header.collect()),
            false => Table::default(),
        };
        self.runs.iter().for_each(|document| table.row(cells(document, style)));
        table.render(style.out)
    }
}

fn cells(document: &RunDocument, style: Style<'_>) -> Vec<Cell> {
    let tone = match document.outcome {
        Outcome::Ok => Tone::Good,
        Outcome::Budget | Outcome::Partial => Tone::Waiting,
        _ => Tone::Bad,
    };
    let mut done = Vec::new();
    if !document.pull.is_empty() {
        done.extend(pull_counts(document, style));
    }
    if !document.push.is_empty() {
        done.extend(push_counts(document, style));
    }
    if style.out.is_terminal {
        // Zeros would only make the line wider than the terminal.
        done.retain(|part| part.count > 0);
    }
    vec![
        Cell::number(document.run.map(|run| run.to_string()).unwrap_or_default()),
        Cell::new(harmless(&document.command)),
        Cell::new(style.local(document.started_at)),
        Cell::number(style.took(document.duration_ms)),
        Cell::new(outcome(document, style)).tone(tone),
        Cell::new(in_line(done)),
    ]
}

/// How a run ended, with its exit code once it has.
fn outcome(document: &RunDocument, style: Style<'_>) -> String {
    let word = style.outcome_word(document.outcome);
    match document.exit_code {
        None => word,
        Some(code) => format!("{word} ({code})"),
    }
}

/// A run that is read again: which it was, its lines, and what was written to stderr.
fn past_run(document: &RunDocument, style: Style<'_>) -> String {
    let head = SummaryText::RunHead {
        run: document.run.map(|run| run.to_string()).unwrap_or_default(),
        command: document.command.clone(),
        at: style.local(document.started_at),
        outcome: outcome(document, style),
    };
    let mut text = format!("{}\n{}", style.text(head), summary(document, None, style));
    for note in &document.notes {
        let _ = writeln!(text, "{}", style.text(RunText::Warning { text: note.clone() }));
    }
    if let Some(error) = &document.error {
        let _ = writeln!(text, "{}", style.text(RunText::Error { text: error.message.clone() }));
        let causes = error.causes.iter().map(|cause| RunText::CausedBy { text: cause.clone() });
        for line in causes.chain(error.hint.iter().map(|hint| RunText::Help { text: hint.clone() })) {
            let _ = writeln!(text, "  {}", style.text(line));
        }
    }
    text
}

impl Report {
    /// Writes a run that is read again, with its changes. `each` hands them over, the same ones each time: of a JSON document
    /// nothing is written that cannot be read to its end.
    ///
    /// # Errors
    /// What `each` fails with, or stdout.
    pub(crate) fn run_with_changes(
        &self,
        run: &RunDocument,
        each: impl Fn(&mut dyn FnMut(&ChangeEntry) -> anyhow::Result<()>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let style = self.style();
        if !self.is_json {
            return self.stream(|out| {
                out.write_all(style.out.wrapped(&past_run(run, style)).as_bytes())?;
                each(&mut |change| Ok(out.write_all(change_line(change, style).as_bytes())?))
            });
        }
        each(&mut |_| Ok(()))?;
        self.stream(|out| {
            let document = json::in_one_line(run, style)?;
            write!(out, "{},\"changes\":[", document.strip_suffix('}').unwrap_or(&document))?;
            let mut gap = "";
            each(&mut |change| {
                write!(out, "{gap}{}", json::in_one_line(change, style)?)?;
                gap = ",";
                Ok(())
            })?;
            Ok(writeln!(out, "]}}")?)
        })
    }
}
