//! What can end a command: the exit codes, and a failure with its remedy.

mod cause;
mod outcome;
mod rendered;
mod reported;
mod stage;

pub(crate) use cause::FailureCause;
pub(crate) use outcome::Outcome;
pub use rendered::{Account, ErrorPart, RenderedError, render};
pub(crate) use reported::{Reported, Subject, kind_details};
pub(crate) use stage::Stage;

use crate::message::Message;

/// The exit status of a run that was killed, as shells give it.
pub(crate) const KILLED: i64 = 137;

/// Exit code of the process. README has the same table.
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
    pub(crate) fn code(self) -> u8 {
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
    pub(crate) fn and(self, other: Exit) -> Exit {
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

    /// How a run that ends so came out.
    pub(crate) fn outcome(self) -> Outcome {
        match self {
            Exit::Ok => Outcome::Ok,
            Exit::Partial => Outcome::Partial,
            Exit::Guard => Outcome::Guarded,
            Exit::Login | Exit::Locked => Outcome::Refused,
            Exit::Budget => Outcome::Budget,
            Exit::Interrupted | Exit::Terminated => Outcome::Interrupted,
            Exit::Failed | Exit::Usage | Exit::Store => Outcome::Failed,
        }
    }
}

/// Failure whose meaning and remedy are known.
#[derive(Debug)]
pub(crate) struct Failure {
    /// How the process ends.
    pub(crate) exit: Exit,
    /// What failed, on which thing.
    pub(crate) what: Message,
    /// What to do next.
    pub(crate) help: Option<Message>,
    /// Whether a part of the answer was written before it, so that no other answer can follow.
    pub(crate) has_written_part: bool,
    cause: Option<anyhow::Error>,
}

impl Failure {
    /// A failure that ends the command with `exit`.
    pub(crate) fn new(exit: Exit, what: impl Into<Message>) -> Failure {
        Failure { exit, what: what.into(), help: None, has_written_part: false, cause: None }
    }

    /// Bad usage or configuration.
    pub(crate) fn usage(what: impl Into<Message>) -> Failure {
        Failure::new(Exit::Usage, what)
    }

    /// Adds what to do next.
    #[must_use]
    pub(crate) fn help(mut self, help: impl Into<Message>) -> Failure {
        self.help = Some(help.into());
        self
    }

    /// Adds what to do next where no remedy is given yet.
    #[must_use]
    pub(crate) fn or_help(mut self, help: impl Into<Message>) -> Failure {
        self.help.get_or_insert_with(|| help.into());
        self
    }

    /// Says that a part of the answer was written already.
    #[must_use]
    pub(crate) fn after_part_of_answer(mut self) -> Failure {
        self.has_written_part = true;
        self
    }

    /// Adds why it failed.
    #[must_use]
    pub(crate) fn because(mut self, cause: impl Into<anyhow::Error>) -> Failure {
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

/// Detail of what failed of an entity, a column or a kind: why, in words, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FailureDetail {
    /// Why, for programs.
    pub(crate) cause: FailureCause,
    /// Why, in words.
    pub(crate) error: Message,
    /// What to do next.
    pub(crate) hint: Option<Message>,
}

impl FailureDetail {
    /// A failure without a remedy of its own.
    pub(crate) fn new(cause: FailureCause, error: impl Into<Message>) -> FailureDetail {
        FailureDetail { cause, error: error.into(), hint: None }
    }

    /// Adds what to do next.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<Message>) -> FailureDetail {
        self.hint = Some(hint.into());
        self
    }
}

impl From<&rusqlite::Error> for Exit {
    fn from(error: &rusqlite::Error) -> Exit {
        match (error, error.sqlite_error_code()) {
            (rusqlite::Error::FromSqlConversionFailure(..), _) => Exit::Store,
            (_, Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase)) => Exit::Store,
            _ => Exit::Failed,
        }
    }
}

/// How an error ends the process.
pub(crate) fn exit_of(error: &anyhow::Error) -> Exit {
    let exit = |link: &(dyn std::error::Error + 'static)| {
        let failure = link.downcast_ref::<Failure>().map(|failure| failure.exit);
        failure.or_else(|| link.downcast_ref::<rusqlite::Error>().map(Exit::from))
    };
    error.chain().find_map(exit).unwrap_or(Exit::Failed)
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
}
