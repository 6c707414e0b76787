//! The two stages: HApi to the store, the store to monday. This is what the program exists for.

mod adopt;
mod answers;
mod calls;
pub mod deletes;
mod draft;
mod engine;
pub mod events;
pub mod explain;
pub mod link;
pub mod look;
pub mod mapping;
mod outcome;
pub mod plan;
pub mod pull;
pub mod push;
pub mod relations;
pub mod reread;
pub mod seen;
mod settle;
pub mod shape;
mod suspects;
pub mod verify;

use crate::entity::Kind;
use crate::message::Message;

/// What went wrong with one entity, or one kind, in this run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// `unit:1472`, or `unit` where it concerns the kind.
    pub entity: String,
    /// `pull` or `push`.
    pub stage: &'static str,
    /// The column, where it is one column's fault.
    pub column: Option<String>,
    /// What went wrong.
    pub error: Message,
    /// What to do.
    pub hint: Option<Message>,
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
}

/// Nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl Progress for Unwatched {
    fn begin(&self, _: &'static str, _: Kind, _: u64) {}
    fn advance(&self, _: &'static str, _: Kind, _: u64) {}
    fn end(&self, _: &'static str, _: Kind) {}
    fn waiting(&self, _: Option<(&Message, std::time::Duration)>) {}
}
