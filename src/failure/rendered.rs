//! Errors in words: as data, in one language, and as JSON has them.

use super::exit::Exit;
use super::failed::{Failure, exit_of};
use crate::message::{Lang, Message};
use serde::{Deserialize, Serialize};

/// Error in the words of one language, ready to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedError {
    /// What failed.
    pub message: String,
    /// Why, from the nearest cause to the farthest; what only repeats the line above is left out.
    pub causes: Vec<String>,
    /// What to do next.
    pub hint: Option<String>,
    /// How the process ends.
    pub exit: Exit,
}

/// Error as data: its lines from the outermost to the innermost, and what to do, not yet in a language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// What failed, and why.
    pub(crate) lines: Vec<Message>,
    /// What to do next.
    pub(crate) help: Option<Message>,
}

impl Account {
    /// What an error says.
    pub(crate) fn of(error: &anyhow::Error) -> Account {
        let (mut lines, mut help) = (Vec::new(), None);
        for link in error.chain() {
            let Some(failure) = link.downcast_ref::<Failure>() else {
                lines.push(Message::foreign(link.to_string()));
                continue;
            };
            help = help.or_else(|| failure.help.clone());
            lines.push(failure.what.clone());
            lines.extend(failure.what.detail().map(Message::foreign));
        }
        Account { lines, help }
    }

    /// The lines in a language; what only repeats a line above is left out.
    pub(crate) fn texts(&self, lang: Lang) -> Vec<String> {
        let mut texts: Vec<String> = Vec::new();
        for line in self.lines.iter().map(|line| line.text(lang)) {
            if !texts.iter().any(|earlier| earlier.contains(&line)) {
                texts.push(line);
            }
        }
        texts
    }
}

/// Error as it stands in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorPart {
    /// What failed.
    pub(crate) message: String,
    /// Why, the nearest first.
    pub(crate) causes: Vec<String>,
    /// What to do.
    pub(crate) hint: Option<String>,
    /// How the process ends.
    pub(crate) exit_code: u8,
}

impl From<RenderedError> for ErrorPart {
    fn from(error: RenderedError) -> ErrorPart {
        ErrorPart { message: error.message, causes: error.causes, hint: error.hint, exit_code: error.exit.code() }
    }
}

/// Puts an error into words.
pub fn render(error: &anyhow::Error, lang: Lang) -> RenderedError {
    let account = Account::of(error);
    let mut lines = account.texts(lang);
    let message = if lines.is_empty() { String::new() } else { lines.remove(0) };
    let hint = account.help.map(|help| help.text(lang));
    RenderedError { message, causes: lines, hint, exit: exit_of(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_that_repeats_the_line_above_is_left_out() {
        let cause = anyhow::anyhow!("the file is missing");
        let error =
            anyhow::Error::from(Failure::usage(Message::foreign("cannot read: the file is missing")).because(cause));
        let rendered = render(&error, Lang::En);
        assert_eq!((rendered.causes.len(), rendered.exit), (0, Exit::Usage));
    }
}
