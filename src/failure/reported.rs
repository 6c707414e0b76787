//! What went wrong in a run, and with what.

use super::cause::FailureCause;
use super::detail::FailureDetail;
use super::stage::Stage;
use crate::entity::{EntityKey, Kind};
use crate::message::{HapiText, Message, Why};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Subject of what went wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Subject {
    /// A kind as a whole. Such a failure is kept, and shown as the kind's until the stage that met it has worked without it.
    Kind(Kind),
    /// One entity.
    Entity(EntityKey),
    /// One record of a kind, whose key is not known.
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

impl Subject {
    /// The kind that it is of.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Subject::Kind(kind) | Subject::Record(kind) => *kind,
            Subject::Entity(key) => key.kind,
        }
    }

    /// The entity, where it is one.
    pub(crate) fn entity(&self) -> Option<&EntityKey> {
        match self {
            Subject::Entity(key) => Some(key),
            Subject::Kind(_) | Subject::Record(_) => None,
        }
    }
}

impl Serialize for Subject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Subject {
    /// A record without a key reads back as its kind: a document names both alike.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Subject, D::Error> {
        let text = String::deserialize(deserializer)?;
        let kind = || Kind::named(&text).map(Subject::Kind);
        let subject = EntityKey::written(&text).map(Subject::Entity).or_else(kind);
        subject.ok_or_else(|| D::Error::custom(format_args!("`{text}` names neither a kind nor an entity")))
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
        failure.subject.kind() == kind
            && !matches!(failure.subject, Subject::Kind(_))
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
    let why = Why::from(first.error.clone());
    let example = match first.subject.entity() {
        Some(key) => HapiText::RecordOf { entity: key.to_string(), why }.into(),
        None => why,
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
    use crate::message::Lang;

    fn failure(subject: Subject, cause: FailureCause) -> Reported {
        Reported::new(subject, Stage::Pull, None, FailureDetail::new(cause, HapiText::KeyTwice {}))
    }

    #[test]
    fn a_subject_reads_back_as_a_document_has_it() {
        for subject in [Subject::Kind(Kind::UNIT), Subject::Entity(EntityKey::new(Kind::PARKING_LEASE, " 3-1:a"))] {
            let json = serde_json::to_string(&subject).expect("JSON");
            assert_eq!(json, format!("\"{subject}\""));
            assert_eq!(serde_json::from_str::<Subject>(&json).expect("a subject"), subject);
        }
        assert_eq!(serde_json::from_str::<Subject>("\"nothing\"").ok(), None);
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
        for (lang, example) in [(Lang::En, "unit:1: "), (Lang::Fr, "unit:1\u{a0}: ")] {
            let (message, why) = (details[1].error.text(lang), HapiText::KeyTwice {}.text(lang));
            assert!(message.contains('2') && message.ends_with(&format!("{example}{why}")), "{message}");
        }
        assert_eq!(kind_details(Kind::BUILDING, &failures), []);
    }
}
