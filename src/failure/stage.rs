//! Stage of a run.

use crate::word::{Word, words};
use std::fmt;

words! {
    /// Stage of the work that a failure is met in.
    pub(crate) enum Stage {
        /// HApi into the store.
        Pull = "pull",
        /// The store on to the boards.
        Push = "push",
        /// Removing somebody's data from the store.
        Forget = "forget",
        /// Asking HApi for webhooks.
        Subscribe = "subscribe",
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
