//! The two stages: HApi to the store, the store to monday. This is what the program exists for.

mod adopt;
mod answers;
mod calls;
mod closed;
mod creating;
pub mod deletes;
mod draft;
mod engine;
pub mod events;
pub mod explain;
pub mod guard;
mod isolation;
mod keys;
mod lanes;
pub mod link;
pub mod look;
pub mod mapping;
mod missing;
mod outcome;
pub mod ownership;
pub mod plan;
mod properties;
pub mod pull;
pub mod push;
mod reading;
mod refused;
mod rekey;
pub mod relations;
pub mod reread;
mod results;
pub mod seen;
mod settle;
pub mod shape;
mod suspects;
pub mod verify;

use crate::entity::{EntityKey, Kind};
use crate::failure::{FailureCause, FailureDetail};
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

/// Where somebody watches: a bar on a terminal, silence under cron.
pub trait Progress: Sync {
    /// Work on a kind begins; `expected` is a guess.
    fn begin(&self, stage: &'static str, kind: Kind, expected: u64);
    /// So many entities more are done.
    fn advance(&self, stage: &'static str, kind: Kind, by: u64);
    /// Work on a kind has ended.
    fn end(&self, stage: &'static str, kind: Kind);
    /// A wait begins, and how long it is at most; `None`: it is over.
    fn waiting(&self, why: Option<(&Message, std::time::Duration)>);
    /// Something that people want to know before it happens.
    fn announce(&self, what: &Message);
}

/// Nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl Progress for Unwatched {
    fn begin(&self, _: &'static str, _: Kind, _: u64) {}
    fn advance(&self, _: &'static str, _: Kind, _: u64) {}
    fn end(&self, _: &'static str, _: Kind) {}
    fn waiting(&self, _: Option<(&Message, std::time::Duration)>) {}
    fn announce(&self, _: &Message) {}
}
