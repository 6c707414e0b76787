//! Stage of a run.

use serde::{Serialize, Serializer};
use std::fmt;

/// Stage of the work that a failure is met in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Stage {
    /// HApi into the store.
    Pull,
    /// The store on to the boards.
    Push,
    /// Removing somebody's data from the store.
    Forget,
    /// Asking HApi for webhooks.
    Subscribe,
}

impl Stage {
    /// The word in the store and in JSON.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Stage::Pull => "pull",
            Stage::Push => "push",
            Stage::Forget => "forget",
            Stage::Subscribe => "subscribe",
        }
    }

    /// The stage of a word; `None`: it is no stage.
    pub(crate) fn parse(word: &str) -> Option<Stage> {
        [Stage::Pull, Stage::Push, Stage::Forget, Stage::Subscribe].into_iter().find(|stage| stage.word() == word)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Serialize for Stage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}
