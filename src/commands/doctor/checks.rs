//! What the checks gather: each checks one thing, and returns what is wrong with it.

use crate::failure::{Account, FailureDetail};
use crate::message::{DoctorText, Message};
use crate::report::findings::{Finding, Findings, Level};

/// The program, as schedules and units name it.
pub(super) const PROGRAM: &str = "hopem-sync";

/// Names of checks: stable words for programs.
pub(super) mod name {
    pub(in super::super) const FILE: &str = "file";
    pub(in super::super) const SECRET: &str = "secret";
    pub(in super::super) const READERS: &str = "readers";
    pub(in super::super) const CERTIFICATES: &str = "certificates";
    pub(in super::super) const DISK: &str = "disk";
    pub(in super::super) const SCHEDULE: &str = "schedule";
    pub(in super::super) const CLOCK: &str = "clock";
    pub(in super::super) const STORE: &str = "store";
    pub(in super::super) const IDENTITY: &str = "identity";
    pub(in super::super) const LOCK: &str = "lock";
    pub(in super::super) const LAST_RUN: &str = "last-run";
    pub(in super::super) const KIND: &str = "kind";
    pub(in super::super) const VALUES: &str = "values";
    pub(in super::super) const HAPI: &str = "hapi-login";
    pub(in super::super) const SET: &str = "entity-set";
    pub(in super::super) const PROPERTY: &str = "property";
    pub(in super::super) const WEBHOOKS: &str = "webhooks";
    pub(in super::super) const MONDAY: &str = "monday-login";
    pub(in super::super) const VERSION: &str = "api-version";
    pub(in super::super) const ALLOWANCE: &str = "allowance";
    pub(in super::super) const BOARD: &str = "board";
    pub(in super::super) const KEY_COLUMN: &str = "key-column";
    pub(in super::super) const COLUMN: &str = "column";
    pub(in super::super) const CONNECTION: &str = "connection";
    pub(in super::super) const BULK: &str = "bulk";
    pub(in super::super) const DUPLICATES: &str = "duplicates";
}

/// Problem that a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    /// How bad it is.
    pub(super) level: Level,
    /// What is wrong.
    pub(super) message: Message,
    /// What to do.
    pub(super) hint: Option<Message>,
}

impl Problem {
    /// Something that does not work.
    pub(super) fn error(message: impl Into<Message>) -> Problem {
        Problem { level: Level::Error, message: message.into(), hint: None }
    }

    /// Something that works, and may not for long, or not as is meant.
    pub(super) fn warning(message: impl Into<Message>) -> Problem {
        Problem { level: Level::Warning, ..Problem::error(message) }
    }

    /// Adds what to do.
    #[must_use]
    pub(super) fn hint(self, hint: impl Into<Message>) -> Problem {
        Problem { hint: Some(hint.into()), ..self }
    }

    /// Something that the stages would report likewise.
    pub(super) fn of(detail: FailureDetail) -> Problem {
        Problem { level: Level::Error, message: detail.error, hint: detail.hint }
    }

    /// Something that a command would fail with: what failed, and why.
    pub(super) fn of_error(error: &anyhow::Error) -> Problem {
        let Account { lines, help } = Account::of(error);
        let (mut what, mut causes) = (None, lines.into_iter());
        if let Some(first) = causes.next() {
            // What the system says of it stands in its own line already, in plain words.
            let is_detail = |cause: &Message| first.detail().is_some_and(|detail| cause.to_string() == detail);
            what = Some(match causes.find(|cause| !is_detail(cause)) {
                Some(cause) => DoctorText::Because { what: first.into(), cause: cause.into() }.into(),
                None => first,
            });
        }
        Problem {
            level: Level::Error,
            message: what.unwrap_or_else(|| Message::foreign(error.to_string())),
            hint: help,
        }
    }
}

/// Results of checks while they are gathered.
#[derive(Debug, Default)]
pub(super) struct Checks {
    found: Vec<Finding>,
    checked: u64,
}

impl Checks {
    /// Notes one check, and what is wrong with its subject.
    pub(super) fn note(
        &mut self,
        check: &'static str,
        subject: impl Into<String>,
        problems: impl IntoIterator<Item = Problem>,
    ) {
        let subject = subject.into();
        self.checked += 1;
        let finding =
            |Problem { level, message, hint }| Finding { check, subject: subject.clone(), level, message, hint };
        self.found.extend(problems.into_iter().map(finding));
    }

    /// What was found.
    pub(super) fn finish(self) -> Findings {
        Findings::new(self.found, self.checked)
    }
}
