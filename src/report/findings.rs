//! What a check found: a line for each finding, and how much was inspected.

use super::error::quiet_failure;
use super::table::{Cell, Table};
use super::{Report, Screen, Style, Tone};
use crate::failure::{Exit, RenderedError};
use crate::message::{DoctorText, Lang, Message};
use crate::text::harmless;
use serde::Serialize;

/// Finding: something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// Which check found it, for programs.
    pub(crate) check: &'static str,
    /// What it is about.
    pub(crate) subject: String,
    /// How bad it is.
    pub(crate) level: Level,
    /// What was found.
    pub(crate) message: Message,
    /// What to do about it.
    pub(crate) hint: Option<Message>,
}

/// Level of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    /// Something does not work.
    Error,
    /// Something works, and may not for long, or not as is meant.
    Warning,
}

/// Findings of a command.
#[derive(Debug)]
pub(crate) struct Findings {
    /// What was found, the worst first.
    found: Vec<Finding>,
    /// How many things were inspected.
    checked: u64,
}

#[derive(Serialize)]
struct FindingDocument {
    check: &'static str,
    subject: String,
    level: Level,
    message: String,
    hint: Option<String>,
}

#[derive(Serialize)]
struct FindingsDocument {
    findings: Vec<FindingDocument>,
    checked: u64,
}

impl Findings {
    /// Takes what was found; `checked`: how many things were inspected.
    pub(crate) fn new(mut found: Vec<Finding>, checked: u64) -> Findings {
        found.sort_by_key(|finding| finding.level);
        Findings { found, checked }
    }

    /// Whether nothing of this level was found.
    pub(crate) fn has_none_of(&self, level: Level) -> bool {
        self.count(level) == 0
    }

    /// Whether nothing was found at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    fn count(&self, level: Level) -> u64 {
        self.found.iter().filter(|finding| finding.level == level).count() as u64
    }
}

impl Screen for Findings {
    fn document(&self) -> impl Serialize {
        let document = |finding: &Finding| FindingDocument {
            check: finding.check,
            subject: finding.subject.clone(),
            level: finding.level,
            message: finding.message.text(Lang::En),
            hint: finding.hint.as_ref().map(|hint| hint.text(Lang::En)),
        };
        FindingsDocument { findings: self.found.iter().map(document).collect(), checked: self.checked }
    }

    fn is_written_quietly(&self) -> bool {
        false
    }

    fn text(&self, style: Style<'_>) -> String {
        let mut table = Table::default();
        for finding in &self.found {
            let (word, tone) = match finding.level {
                Level::Error => (DoctorText::Error {}, Tone::Bad),
                Level::Warning => (DoctorText::Warning {}, Tone::Waiting),
            };
            table.row(vec![
                Cell::new(format!("● {}", style.text(word))).tone(tone),
                Cell::new(finding.check),
                Cell::new(harmless(&finding.subject)),
                Cell::new(style.text(finding.message.clone())),
                Cell::new(finding.hint.clone().map(|hint| style.text(hint)).unwrap_or_default()),
            ]);
        }
        table.render(style.out)
    }
}

/// Writes what was found, and beside it how much was inspected. `exit`: how the command ends; `command`: what shows it all.
///
/// # Errors
/// Where stdout cannot be written to.
pub(crate) fn findings(report: &Report, found: &Findings, exit: Exit, command: &str) -> anyhow::Result<()> {
    report.show(found)?;
    if report.is_json {
        return Ok(());
    }
    let (checked, errors, warnings) = (found.checked, found.count(Level::Error), found.count(Level::Warning));
    if report.is_quiet && exit != Exit::Ok {
        let message = report.text(DoctorText::Found { errors, warnings });
        quiet_failure(report, RenderedError { message, causes: Vec::new(), hint: Some(command.to_owned()), exit });
    }
    if !found.is_empty() {
        report.info(&report.text(DoctorText::CheckedAndFound { checked, errors, warnings }));
        return Ok(());
    }
    // With nothing in the table this is the answer.
    match report.is_quiet {
        true => Ok(()),
        false => report.print(&format!("{}\n", report.text(DoctorText::NothingFound { checked }))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::surface::Surface;

    #[test]
    fn a_finding_is_a_line_and_the_worst_comes_first() {
        let finding = |level, subject: &str| Finding {
            check: "hapi",
            subject: subject.to_owned(),
            level,
            message: Message::foreign("is odd\u{1b}"),
            hint: Some(Message::foreign("mend it")),
        };
        let found = Findings::new(vec![finding(Level::Warning, "a"), finding(Level::Error, "b")], 5);
        let out = Surface { is_terminal: false, is_coloured: false, width: 80 };
        let text = found.text(Style::bare(Lang::Fr, out));
        assert_eq!(
            text,
            "● erreur\thapi\tb\tis odd\u{fffd}\tmend it\n● avertissement\thapi\ta\tis odd\u{fffd}\tmend it\n"
        );
        let document = serde_json::to_value(found.document()).expect("JSON");
        assert_eq!((&document["checked"], &document["findings"][0]["level"]), (&5.into(), &"error".into()));
    }
}
