//! What can end a command: the exit codes, and a failure with its remedy.

mod cause;
mod reported;

pub use cause::FailureCause;
pub use reported::{Reported, Subject};

use crate::message::{Lang, Message};
use serde::{Deserialize, Serialize};

/// The exit codes. README has the same table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exit {
    /// Done, or nothing to do.
    Ok,
    /// The run could not finish: network, server, store busy, bug.
    Failed,
    /// Bad usage or configuration; nothing was touched.
    Usage,
    /// Finished, but some entities failed or one configured kind could not be read.
    Partial,
    /// Another run holds the lock; nothing was touched.
    Locked,
    /// A guard stopped it: too many deletes at once.
    Guard,
    /// Login refused by HApi or monday.
    Login,
    /// Call budget or `--max-duration` used up.
    Budget,
    /// The store is damaged, foreign or newer; it is left as it was.
    Store,
    /// Stopped by SIGINT.
    Interrupted,
    /// Stopped by SIGTERM.
    Terminated,
}

impl Exit {
    /// The process's exit status.
    pub fn code(self) -> u8 {
        match self {
            Exit::Ok => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Partial => 3,
            Exit::Locked => 4,
            Exit::Guard => 5,
            Exit::Login => 6,
            Exit::Budget => 7,
            Exit::Store => 8,
            Exit::Interrupted => 130,
            Exit::Terminated => 143,
        }
    }

    /// Where several things ended a run, the one that counts: 130/143, 8, 6, 1, 5, 3, 7, 0. Usage and a held lock end a
    /// command before anything else can, so they stand above all.
    #[must_use]
    pub fn and(self, other: Exit) -> Exit {
        if other.weight() > self.weight() { other } else { self }
    }

    fn weight(self) -> u8 {
        match self {
            Exit::Ok => 0,
            Exit::Budget => 1,
            Exit::Partial => 2,
            Exit::Guard => 3,
            Exit::Failed => 4,
            Exit::Login => 5,
            Exit::Store => 6,
            Exit::Interrupted | Exit::Terminated => 7,
            Exit::Locked => 8,
            Exit::Usage => 9,
        }
    }

    /// The word that stands as `outcome` in a run document.
    pub fn outcome(self) -> &'static str {
        match self {
            Exit::Ok => "ok",
            Exit::Partial => "partial",
            Exit::Guard => "guarded",
            Exit::Login | Exit::Locked => "refused",
            Exit::Budget => "budget",
            Exit::Interrupted | Exit::Terminated => "interrupted",
            Exit::Failed | Exit::Usage | Exit::Store => "failed",
        }
    }
}

/// A failure whose meaning and remedy are known.
#[derive(Debug)]
pub struct Failure {
    /// How the process ends.
    pub exit: Exit,
    /// What failed, on which thing.
    pub what: Message,
    /// What to do next.
    pub help: Option<Message>,
    cause: Option<anyhow::Error>,
}

impl Failure {
    /// A failure that ends the command with `exit`.
    pub fn new(exit: Exit, what: impl Into<Message>) -> Failure {
        Failure { exit, what: what.into(), help: None, cause: None }
    }

    /// Bad usage or configuration.
    pub fn usage(what: impl Into<Message>) -> Failure {
        Failure::new(Exit::Usage, what)
    }

    /// Adds what to do next.
    #[must_use]
    pub fn help(mut self, help: impl Into<Message>) -> Failure {
        self.help = Some(help.into());
        self
    }

    /// Adds why it failed.
    #[must_use]
    pub fn because(mut self, cause: impl Into<anyhow::Error>) -> Failure {
        self.cause = Some(cause.into());
        self
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.what.fmt(f)
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as &(dyn std::error::Error + 'static))
    }
}

/// What failed of an entity, a column or a kind: why, in words, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailureDetail {
    /// Why, for programs.
    pub cause: FailureCause,
    /// Why, in words.
    pub error: Message,
    /// What to do next.
    pub hint: Option<Message>,
}

impl FailureDetail {
    /// A failure without a remedy of its own.
    pub fn new(cause: FailureCause, error: impl Into<Message>) -> FailureDetail {
        FailureDetail { cause, error: error.into(), hint: None }
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Message>) -> FailureDetail {
        self.hint = Some(hint.into());
        self
    }
}

/// An error in the words of one language, ready to print or to write as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What failed.
    pub message: String,
    /// Why, from the nearest cause to the farthest; what only repeats the line above is left out.
    pub causes: Vec<String>,
    /// What to do next.
    pub hint: Option<String>,
    /// How the process ends.
    pub exit: Exit,
}

/// An error as data: its lines from the outermost to the innermost, and what to do, not yet in a language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// What failed, and why.
    pub lines: Vec<Message>,
    /// What to do next.
    pub help: Option<Message>,
}

impl Account {
    /// What an error says.
    pub fn of(error: &anyhow::Error) -> Account {
        let mut help = None;
        let line = |link: &(dyn std::error::Error + 'static)| match link.downcast_ref::<Failure>() {
            Some(failure) => {
                help = help.take().or_else(|| failure.help.clone());
                failure.what.clone()
            }
            None => Message::foreign(link.to_string()),
        };
        let lines = error.chain().map(line).collect();
        Account { lines, help }
    }

    /// The lines in a language; what only repeats a line above is left out.
    pub fn texts(&self, lang: Lang) -> Vec<String> {
        let mut texts: Vec<String> = Vec::new();
        for line in self.lines.iter().map(|line| line.text(lang)) {
            if !texts.iter().any(|earlier| earlier.contains(&line)) {
                texts.push(line);
            }
        }
        texts
    }
}

/// How an error ends the process.
pub fn exit_of(error: &anyhow::Error) -> Exit {
    let exit = |link: &(dyn std::error::Error + 'static)| {
        let failure = link.downcast_ref::<Failure>().map(|failure| failure.exit);
        failure.or_else(|| link.downcast_ref::<rusqlite::Error>().map(crate::store::exit_of))
    };
    error.chain().find_map(exit).unwrap_or(Exit::Failed)
}

/// Puts an error into words.
pub fn tell(error: &anyhow::Error, lang: Lang) -> Told {
    let account = Account::of(error);
    let mut lines = account.texts(lang);
    let message = if lines.is_empty() { String::new() } else { lines.remove(0) };
    let hint = account.help.map(|help| help.text(lang));
    Told { message, causes: lines, hint, exit: exit_of(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_exit_codes_is_the_documented_one() {
        use Exit::*;
        let order = [Ok, Budget, Partial, Guard, Failed, Login, Store, Interrupted];
        for (index, lower) in order.iter().enumerate() {
            for higher in &order[index..] {
                assert_eq!(lower.and(*higher), *higher);
                assert_eq!(higher.and(*lower), *higher);
            }
        }
    }

    #[test]
    fn a_cause_that_repeats_the_line_above_is_left_out() {
        let cause = anyhow::anyhow!("the file is missing");
        let error =
            anyhow::Error::from(Failure::usage(Message::foreign("cannot read: the file is missing")).because(cause));
        let told = tell(&error, Lang::En);
        assert_eq!((told.causes.len(), told.exit), (0, Exit::Usage));
    }
}
