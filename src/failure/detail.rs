//! What is kept of a failure of an entity, a column or a kind.

use super::cause::FailureCause;
use crate::message::Message;

/// Detail of what failed of an entity, a column or a kind: why, in words, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FailureDetail {
    /// Why, for programs.
    pub(crate) cause: FailureCause,
    /// Why, in words.
    pub(crate) error: Message,
    /// What to do next.
    pub(crate) hint: Option<Message>,
}

impl FailureDetail {
    /// A failure without a remedy of its own.
    pub(crate) fn new(cause: FailureCause, error: impl Into<Message>) -> FailureDetail {
        FailureDetail { cause, error: error.into(), hint: None }
    }

    /// Adds what to do next.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<Message>) -> FailureDetail {
        self.hint = Some(hint.into());
        self
    }
}
