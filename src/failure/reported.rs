//! What went wrong in a run, and with what.

use super::{FailureCause, FailureDetail};
use crate::entity::{EntityKey, Kind};
use crate::message::Message;

/// What something that went wrong is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A kind as a whole. Such a failure is kept, and shown as the kind's until the stage that met it has worked without it.
    Kind(Kind),
    /// One entity.
    Entity(EntityKey),
    /// One record of a kind, whose key cannot be told.
    Record(Kind),
}

impl std::fmt::Display for Subject {
    /// `unit:1472`, or `unit` where there is no key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Subject::Kind(kind) | Subject::Record(kind) => kind.fmt(f),
            Subject::Entity(key) => key.fmt(f),
        }
    }
}

/// What went wrong with one entity, or one kind, in this run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// What it is about.
    pub subject: Subject,
    /// `pull` or `push`.
    pub stage: &'static str,
    /// The column, where it is one column's fault.
    pub column: Option<String>,
    /// Why, for programs.
    pub cause: FailureCause,
    /// What went wrong.
    pub error: Message,
    /// What to do.
    pub hint: Option<Message>,
}

impl Reported {
    /// A failure of a kind as a whole.
    pub fn of_kind(kind: Kind, stage: &'static str, detail: FailureDetail) -> Reported {
        Reported::new(Subject::Kind(kind), stage, None, detail)
    }

    /// A failure of an entity, or of one of its columns.
    pub fn of_entity(key: EntityKey, stage: &'static str, column: Option<&str>, detail: FailureDetail) -> Reported {
        Reported::new(Subject::Entity(key), stage, column, detail)
    }

    /// The kind, where it is about one as a whole.
    pub fn kind(&self) -> Option<Kind> {
        match self.subject {
            Subject::Kind(kind) => Some(kind),
            _ => None,
        }
    }

    /// What failed, without what it is about.
    pub fn detail(&self) -> FailureDetail {
        FailureDetail { cause: self.cause, error: self.error.clone(), hint: self.hint.clone() }
    }

    /// A failure of anything.
    pub fn new(subject: Subject, stage: &'static str, column: Option<&str>, detail: FailureDetail) -> Reported {
        let FailureDetail { cause, error, hint } = detail;
        Reported { subject, stage, column: column.map(str::to_owned), cause, error, hint }
    }
}
