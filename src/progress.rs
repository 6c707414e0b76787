//! Progress of a run, for whoever watches it.

use crate::entity::Kind;
use crate::message::Message;
use crate::word::words;

words! {
    /// Task on a kind that takes so long that it is watched.
    pub(crate) enum Task {
        /// Reading HApi into the store.
        Pull = "pull",
        /// Sending what the boards lack.
        Push = "push",
        /// Reading a board for the items that are there already.
        Adopt = "adopt",
        /// Reading a board to compare it with what was sent.
        Verify = "verify",
        /// Reading a board for people to look at.
        Read = "read",
    }
}

/// Progress of a run, for whoever watches: a bar on a terminal, silence under cron.
pub(crate) trait Progress: Sync {
    /// Work on a kind begins; `expected` is a guess.
    fn begin(&self, task: Task, kind: Kind, expected: u64);
    /// So many entities more are done.
    fn advance(&self, task: Task, kind: Kind, by: u64);
    /// Work on a kind has ended.
    fn end(&self, task: Task, kind: Kind);
    /// So many calls were spent, and so many are left in this UTC day; `None`: as many as one likes.
    fn calls(&self, spent: u64, left: Option<u64>);
    /// A wait begins, and how long it is at most; `None`: it is over.
    fn waiting(&self, why: Option<(&Message, std::time::Duration)>);
    /// Something that people want to know before it happens.
    fn announce(&self, what: &Message);
}

/// Progress that nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Unwatched;

impl Progress for Unwatched {
    fn begin(&self, _: Task, _: Kind, _: u64) {}
    fn advance(&self, _: Task, _: Kind, _: u64) {}
    fn end(&self, _: Task, _: Kind) {}
    fn calls(&self, _: u64, _: Option<u64>) {}
    fn waiting(&self, _: Option<(&Message, std::time::Duration)>) {}
    fn announce(&self, _: &Message) {}
}
