//! Verdict on each column of an entity, and the steps that lead to it, for people.

use crate::entity::Kind;
use crate::message::Message;
use crate::word::words;
use serde_json::Value;

words! {
    /// Verdict on a column: what became, or becomes, of it.
    pub(crate) enum Verdict {
        /// monday was sent this value already.
        Same = "same",
        /// It differs from what was sent.
        Changed = "changed",
        /// It goes with a new item.
        New = "new",
        /// It is the same, and a resync asked for it.
        Again = "again",
        /// Its item was observed to show something else.
        Edited = "edited",
        /// The same, and the configuration lets it stand.
        Kept = "kept",
        /// monday would refuse it.
        Refused = "refused",
        /// Its property was not received.
        NotReceived = "not_received",
        /// monday refused it, and its time to be retried has not come.
        Held = "held",
        /// The parent that it is about is not in the store.
        ParentMissing = "parent_missing",
        /// Several parents fit.
        ParentAmbiguous = "parent_ambiguous",
        /// Its parent has no item yet.
        Waiting = "waiting",
        /// Paused by a person.
        Paused = "paused",
        /// HApi does not give the kind.
        Unavailable = "unavailable",
        /// A call about it is under way, or its answer was lost.
        UnderWay = "under_way",
        /// Not pushed.
        Off = "off",
        /// Dissociated by a person.
        Unlinked = "unlinked",
        /// Gone from HApi.
        Deleted = "deleted",
    }
}

/// Verdict and its explanation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reason {
    /// The verdict.
    pub(crate) verdict: Verdict,
    /// Why, in one or several parts.
    pub(crate) why: Vec<Message>,
    /// What to do, where anything can be done.
    pub(crate) hint: Option<Message>,
}

impl Reason {
    pub(super) fn new(verdict: Verdict, why: impl Into<Message>) -> Reason {
        Reason { verdict, why: vec![why.into()], hint: None }
    }

    pub(super) fn hint(self, hint: impl Into<Message>) -> Reason {
        Reason { hint: Some(hint.into()), ..self }
    }
}

/// Way of one column, from the record to the board.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ExplainedColumn {
    /// Its id; the item name is `name`.
    pub(crate) column: String,
    /// Its type by monday's name for it.
    pub(crate) column_type: String,
    /// Where its value comes from, as the configuration has it.
    pub(crate) source: String,
    /// The parent whose properties, or item, it takes.
    pub(crate) of: Option<Kind>,
    /// The JSON text of each property as received; `None`: it was not.
    pub(crate) raw: Vec<(String, Option<String>)>,
    /// The text without outer blanks, templates filled; the parent's name for a relation.
    pub(crate) trimmed: Option<String>,
    /// What stands for it by `values` and `default`; the parent's item for a relation.
    pub(crate) mapped: Option<String>,
    /// What monday should get; `None`: nothing is sent.
    pub(crate) wanted: Option<Value>,
    /// What monday got last.
    pub(crate) sent: Option<Value>,
    /// Whether the next push sends it.
    pub(crate) is_sent_now: bool,
    /// Why.
    pub(crate) reason: Reason,
}

/// Explanation of an entity: all of its columns.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Explanation {
    /// The item name, the key, then the columns by id.
    pub(crate) steps: Vec<ExplainedColumn>,
    /// Whether the board's columns were ever read: only then are values checked against them.
    pub(crate) is_board_known: bool,
}
