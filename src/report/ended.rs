//! The end of a run, written: its plan or its summary, and what people should know.

use super::Report;
use super::plan::plan;
use super::quiet::ended_in_a_line;
use super::summary::summary;
use crate::message::Lang;
use crate::run::{RunKind, RunResult};

impl Report {
    /// Writes what a run came to: the answer on stdout, what went wrong as a whole and what people should know on stderr.
    ///
    /// # Errors
    /// Where stdout cannot be written to.
    pub(crate) fn ended(&self, result: &RunResult) -> anyhow::Result<()> {
        if self.is_json {
            return self.json(&result.document(Lang::En));
        }
        if self.is_quiet {
            ended_in_a_line(self, result);
            return Ok(());
        }
        for note in result.every_note() {
            self.warn(note);
        }
        let (document, style) = (result.document(self.lang), self.style());
        self.print(&match &result.kind {
            RunKind::Rehearsal(rehearsed) => plan(&document, rehearsed, result.calls_left, style),
            RunKind::Real { .. } => summary(&document, result.calls_left, style),
        })?;
        for error in result.every_error() {
            self.error(error);
        }
        Ok(())
    }
}
