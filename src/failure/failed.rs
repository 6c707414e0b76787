//! A failure that ends a command, with its remedy.

use super::exit::Exit;
use crate::message::Message;

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

/// How an error ends the process.
pub(crate) fn exit_of(error: &anyhow::Error) -> Exit {
    let exit = |link: &(dyn std::error::Error + 'static)| {
        let failure = link.downcast_ref::<Failure>().map(|failure| failure.exit);
        failure.or_else(|| link.downcast_ref::<rusqlite::Error>().map(Exit::from))
    };
    error.chain().find_map(exit).unwrap_or(Exit::Failed)
}
