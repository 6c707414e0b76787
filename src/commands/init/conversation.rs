//! Conversation on a terminal: one question, one line. Secrets are typed unseen.

use crate::commands::input;
use crate::failure::Failure;
use crate::http::Stop;
use crate::message::{InitText, Lang};
use crate::report::Report;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use std::io::IsTerminal;

/// Conversation with a person.
pub(super) struct Conversation<'c> {
    report: &'c Report,
    stop: &'c Stop,
    /// `--yes`: what is proposed is taken.
    is_sure: bool,
}

/// Meaning of an empty line in answer to a question of yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EmptyLine {
    IsYes,
    IsNo,
}

impl<'c> Conversation<'c> {
    /// A conversation, where there is a terminal to have it on.
    pub(super) fn on_terminal(report: &'c Report, stop: &'c Stop, is_sure: bool) -> Option<Conversation<'c>> {
        let is_there = std::io::stdin().is_terminal() && report.err.is_terminal;
        is_there.then_some(Conversation { report, stop, is_sure })
    }

    /// The language that it is held in.
    pub(super) fn lang(&self) -> Lang {
        self.report.lang
    }

    /// Whether what is proposed is taken without a question.
    pub(super) fn is_sure(&self) -> bool {
        self.is_sure
    }

    /// Prints a text.
    fn print(&self, text: &str) {
        self.report.line(&self.report.err.wrapped(text));
    }

    /// Prints a message.
    pub(super) fn inform(&self, text: InitText) {
        self.print(&self.report.text(text));
    }

    /// Asks until something is answered; nothing but a line end stands for what is proposed.
    ///
    /// # Errors
    /// A signal that came meanwhile, or the end of the input.
    pub(super) fn ask(&self, question: InitText, proposed: Option<&str>) -> anyhow::Result<String> {
        match proposed.filter(|_| self.is_sure) {
            Some(proposed) => Ok(proposed.to_owned()),
            None => self.ask_aloud(question, proposed),
        }
    }

    /// Asks, whatever `--yes` says.
    ///
    /// # Errors
    /// As [`Conversation::ask`].
    pub(super) fn ask_aloud(&self, question: InitText, proposed: Option<&str>) -> anyhow::Result<String> {
        loop {
            self.print(&self.report.text(question.clone()));
            let answer = self.line()?;
            match (answer.trim(), proposed) {
                ("", Some(proposed)) => return Ok(proposed.to_owned()),
                ("", None) => {}
                (answer, _) => return Ok(answer.to_owned()),
            }
        }
    }

    /// Asks anew for what was refused: what was answered is proposed, so that only what is wrong in it is typed.
    ///
    /// # Errors
    /// As [`Conversation::ask`].
    pub(super) fn ask_again(&self, question: InitText, refused: Option<&str>) -> anyhow::Result<String> {
        match refused {
            None => self.ask(question, None),
            Some(refused) => {
                let (question, proposed) = (self.report.text(question), refused.to_owned());
                self.ask_aloud(InitText::AskAgain { question, proposed }, Some(refused))
            }
        }
    }

    /// Asks for a secret, which is not shown while it is typed.
    ///
    /// # Errors
    /// As [`Conversation::ask`].
    pub(super) fn ask_secret(&self, question: InitText) -> anyhow::Result<String> {
        let _no_echo = NoEcho::begin();
        self.ask(question, None)
    }

    /// Asks a question of yes or no.
    ///
    /// # Errors
    /// As [`Conversation::ask`].
    pub(super) fn agrees(&self, question: InitText, empty_line: EmptyLine) -> anyhow::Result<bool> {
        if self.is_sure {
            return Ok(true);
        }
        let answer = self.ask(
            question,
            Some(match empty_line {
                EmptyLine::IsYes => "y",
                EmptyLine::IsNo => "n",
            }),
        )?;
        Ok(matches!(answer.to_lowercase().as_str(), "y" | "yes" | "o" | "oui"))
    }

    fn line(&self) -> anyhow::Result<String> {
        let line = input::line(self.stop)?;
        if line.is_empty() {
            return Err(Failure::usage(InitText::InputEnded {}).into());
        }
        Ok(line)
    }
}

/// Terminal that does not show what is typed; dropped, also by a signal's early return, it shows it again.
struct NoEcho(Option<Termios>);

impl NoEcho {
    fn begin() -> NoEcho {
        let before = tcgetattr(std::io::stdin()).ok();
        if let Some(mut modes) = before.clone() {
            modes.local_modes.remove(LocalModes::ECHO);
            // The end of the line is shown, so that the next question begins on a line of its own.
            modes.local_modes.insert(LocalModes::ECHONL);
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &modes);
        }
        NoEcho(before)
    }
}

impl Drop for NoEcho {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, before);
        }
    }
}
