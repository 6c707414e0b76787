//! The words for how a run ended.

use serde::{Deserialize, Serialize};

/// Outcome of a run: the word for it in its document and in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    /// All was done.
    Ok,
    /// Some entities failed.
    Partial,
    /// A guard held something back.
    Guarded,
    /// A login was refused, or another run was at work.
    Refused,
    /// Calls or time were used up.
    Budget,
    /// A signal ended it, or it was killed.
    Interrupted,
    /// It could not finish.
    #[default]
    Failed,
    /// It is under way.
    Running,
}

impl Outcome {
    /// Every outcome.
    pub(crate) const ALL: [Outcome; 8] = [
        Outcome::Ok,
        Outcome::Partial,
        Outcome::Guarded,
        Outcome::Refused,
        Outcome::Budget,
        Outcome::Interrupted,
        Outcome::Failed,
        Outcome::Running,
    ];

    /// Its word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Outcome::Ok => "ok",
            Outcome::Partial => "partial",
            Outcome::Guarded => "guarded",
            Outcome::Refused => "refused",
            Outcome::Budget => "budget",
            Outcome::Interrupted => "interrupted",
            Outcome::Failed => "failed",
            Outcome::Running => "running",
        }
    }

    /// The outcome of a word.
    pub(crate) fn parse(word: &str) -> Option<Outcome> {
        Outcome::ALL.into_iter().find(|outcome| outcome.word() == word)
    }

    /// Whether the run came to no good end as a whole; what single entities lack is counted for itself.
    pub(crate) fn is_bad(self) -> bool {
        matches!(self, Outcome::Failed | Outcome::Refused | Outcome::Interrupted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_has_one_word_in_the_store_and_in_json() {
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::parse(outcome.word()), Some(outcome));
            assert_eq!(serde_json::to_value(outcome).expect("JSON"), outcome.word());
        }
        assert_eq!(Outcome::parse("fine"), None);
    }
}
