//! What went wrong in a run, and with what.

use super::{FailureCause, FailureDetail, Stage};
use crate::entity::{EntityKey, Kind};
use crate::message::{HapiText, Lang, Message};

/// Subject of what went wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Subject {
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

/// Failure of one entity, or one kind, in this run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reported {
    /// What it is about.
    pub(crate) subject: Subject,
    /// `pull` or `push`.
    pub(crate) stage: Stage,
    /// The column, where it is one column's fault.
    pub(crate) column: Option<String>,
    /// Why, for programs.
    pub(crate) cause: FailureCause,
    /// What went wrong.
    pub(crate) error: Message,
    /// What to do.
    pub(crate) hint: Option<Message>,
}

impl Reported {
    /// A failure of a kind as a whole.
    pub(crate) fn of_kind(kind: Kind, stage: Stage, detail: FailureDetail) -> Reported {
        Reported::new(Subject::Kind(kind), stage, None, detail)
    }

    /// A failure of an entity, or of one of its columns.
    pub(crate) fn of_entity(key: EntityKey, stage: Stage, column: Option<&str>, detail: FailureDetail) -> Reported {
        Reported::new(Subject::Entity(key), stage, column, detail)
    }

    /// The kind, where it is about one as a whole.
    pub(crate) fn kind(&self) -> Option<Kind> {
        match self.subject {
            Subject::Kind(kind) => Some(kind),
            _ => None,
        }
    }

    /// What failed, without what it is about.
    pub(crate) fn detail(&self) -> FailureDetail {
        FailureDetail { cause: self.cause, error: self.error.clone(), hint: self.hint.clone() }
    }

    /// A failure of anything.
    pub(crate) fn new(subject: Subject, stage: Stage, column: Option<&str>, detail: FailureDetail) -> Reported {
        let FailureDetail { cause, error, hint } = detail;
        Reported { subject, stage, column: column.map(str::to_owned), cause, error, hint }
    }
}

/// What failures say of a kind as a whole: those about it, and as one the records of it that could not be taken in.
pub(crate) fn kind_details(kind: Kind, failures: &[Reported]) -> Vec<FailureDetail> {
    let of_kind = failures.iter().filter(|failure| failure.subject == Subject::Kind(kind));
    of_kind.map(Reported::detail).chain(not_taken(kind, failures)).collect()
}

/// The records of a kind that a read could not take in, as one trouble of the kind: what is known of them may be old, and some of
/// them have no entity that could show it.
fn not_taken(kind: Kind, failures: &[Reported]) -> Option<FailureDetail> {
    let is_one = |failure: &&Reported| {
        let is_of_kind = match &failure.subject {
            Subject::Record(of) => *of == kind,
            Subject::Entity(key) => key.kind == kind,
            Subject::Kind(_) => false,
        };
        is_of_kind
            && matches!(
                failure.cause,
                FailureCause::RecordUndeliverable
                    | FailureCause::RecordUnreadable
                    | FailureCause::KeyMissing
                    | FailureCause::KeyTwice
            )
    };
    let first = failures.iter().find(is_one)?;
    let count = failures.iter().filter(is_one).count() as u64;
    let why = first.error.text(Lang::En);
    let example = match &first.subject {
        Subject::Entity(key) => format!("{key}: {why}"),
        _ => why,
    };
    let detail = FailureDetail::new(first.cause, HapiText::RecordsNotTaken { kind, count, example });
    Some(match &first.hint {
        Some(hint) => detail.hint(hint.clone()),
        None => detail,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(subject: Subject, cause: FailureCause) -> Reported {
        Reported::new(subject, Stage::Pull, None, FailureDetail::new(cause, Message::foreign("why".to_owned())))
    }

    #[test]
    fn records_that_were_not_taken_in_are_one_trouble_of_their_kind() {
        let entity = |key: &str| Subject::Entity(EntityKey::new(Kind::UNIT, key));
        let failures = [
            failure(Subject::Kind(Kind::TENANT), FailureCause::Unreachable),
            failure(Subject::Kind(Kind::UNIT), FailureCause::Guarded),
            failure(entity("1"), FailureCause::KeyTwice),
            failure(Subject::Record(Kind::UNIT), FailureCause::KeyMissing),
            failure(entity("2"), FailureCause::AbsentUnconfirmed),
        ];
        let details = kind_details(Kind::UNIT, &failures);
        assert_eq!(
            details.iter().map(|one| one.cause).collect::<Vec<_>>(),
            [FailureCause::Guarded, FailureCause::KeyTwice]
        );
        let message = details[1].error.to_string();
        assert!(message.contains('2') && message.contains("unit:1: why"), "{message}");
        assert_eq!(kind_details(Kind::BUILDING, &failures), []);
    }
}
