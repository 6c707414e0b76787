//! The words for how a run ended.

use crate::word::words;
use serde::{Deserialize, Deserializer};

words! {
    /// Outcome of a run: the word for it in its document and in the store.
    pub(crate) enum Outcome {
        /// All was done.
        Ok = "ok",
        /// Some entities failed.
        Partial = "partial",
        /// A guard held something back.
        Guarded = "guarded",
        /// A login was refused, or another run was at work.
        Refused = "refused",
        /// Calls or time were used up.
        Budget = "budget",
        /// A signal ended it, or it was killed.
        Interrupted = "interrupted",
        /// It could not finish.
        Failed = "failed",
        /// It is under way.
        Running = "running",
    }
}

impl Outcome {
    /// Whether the run came to no good end as a whole; what single entities lack is counted for itself.
    pub(crate) fn is_bad(self) -> bool {
        matches!(self, Outcome::Failed | Outcome::Refused | Outcome::Interrupted)
    }
}

impl<'de> Deserialize<'de> for Outcome {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Outcome, D::Error> {
        crate::word::deserialize(deserializer)
    }
}
