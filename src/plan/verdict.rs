//! Verdict on each column of an entity, and the steps that lead to it, for people.

use crate::entity::Kind;
use crate::message::Message;
use serde_json::Value;

/// Verdict on a column: what became, or becomes, of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// monday was sent this value already.
    Same,
    /// It differs from what was sent.
    Changed,
    /// It goes with a new item.
    New,
    /// It is the same, and a resync asked for it.
    Again,
    /// Its item was seen to show something else.
    Edited,
    /// The same, and the configuration lets it stand.
    Kept,
    /// monday would refuse it.
    Refused,
    /// Its property was not received.
    NotReceived,
    /// monday refused it, and its time to be tried again has not come.
    Held,
    /// The parent that it is about is not in the store.
    ParentMissing,
    /// Several parents fit.
    ParentAmbiguous,
    /// Its parent has no item yet.
    Waiting,
    /// Paused by a person.
    Paused,
    /// HApi does not give the kind.
    Unavailable,
    /// A call about it is under way, or its answer was lost.
    UnderWay,
    /// Not pushed.
    Off,
    /// Dissociated by a person.
    Unlinked,
    /// Gone from HApi.
    Deleted,
}

impl Verdict {
    /// The word in JSON.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Verdict::Same => "same",
            Verdict::Changed => "changed",
            Verdict::New => "new",
            Verdict::Again => "again",
            Verdict::Edited => "edited",
            Verdict::Kept => "kept",
            Verdict::Refused => "refused",
            Verdict::NotReceived => "not_received",
            Verdict::Held => "held",
            Verdict::ParentMissing => "parent_missing",
            Verdict::ParentAmbiguous => "parent_ambiguous",
            Verdict::Waiting => "waiting",
            Verdict::Paused => "paused",
            Verdict::Unavailable => "unavailable",
            Verdict::UnderWay => "under_way",
            Verdict::Off => "off",
            Verdict::Unlinked => "unlinked",
            Verdict::Deleted => "deleted",
        }
    }
}

/// Verdict and what is said of it.
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
pub(crate) struct Step {
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
    pub(crate) steps: Vec<Step>,
    /// Whether the board's columns were ever read: only then are values checked against them.
    pub(crate) is_board_known: bool,
}
