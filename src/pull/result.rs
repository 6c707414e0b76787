//! Result of a pull, as a value.

use crate::entity::Kind;
use crate::failure::{Exit, FailureDetail, Reported, Stage, Subject};
use crate::hapi::Traffic;
use crate::message::Message;
use crate::pull::findings::ByKeyResult;
use crate::store::Upserted;
use std::collections::BTreeMap;

/// Result of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct KindPull {
    /// Records received.
    pub(crate) fetched: u64,
    /// Entities that were not there.
    pub(crate) new: u64,
    /// Entities whose content differs.
    pub(crate) changed: u64,
    /// Entities that were left alone.
    pub(crate) unchanged: u64,
    /// Entities that are gone, or out of `filter`.
    pub(crate) deleted: u64,
    /// What it cost.
    pub(crate) traffic: Traffic,
    /// Why HApi does not give this kind.
    pub(crate) unavailable: Option<Message>,
    /// Why it could not be read.
    pub(crate) error: Option<Message>,
    /// Whether the whole set was to be read, not only single entities of it.
    pub(crate) is_whole: bool,
    /// Whether only what events named was read.
    pub(crate) is_by_events: bool,
    /// Events processed.
    pub(crate) events: u64,
    /// Whether all that was to be read was read, and all that was to be deleted, deleted.
    pub(crate) is_complete: bool,
}

impl KindPull {
    /// Counts what became of one record.
    pub(crate) fn count(&mut self, upserted: &Upserted) {
        match upserted {
            Upserted::New(_) => self.new += 1,
            Upserted::Changed(..) => self.changed += 1,
            Upserted::Unchanged(_) => self.unchanged += 1,
        }
    }
}

/// Result of all kinds.
#[derive(Debug, Default)]
pub(crate) struct PullResult {
    /// Each kind that was asked for.
    pub(crate) kinds: BTreeMap<Kind, KindPull>,
    /// What went wrong with single entities or kinds.
    pub(crate) failures: Vec<Reported>,
    /// What people should know besides.
    pub(crate) notes: Vec<Message>,
    /// Requests sent, logins included.
    pub(crate) calls: u64,
    /// Events processed, those about nothing that is kept here included.
    pub(crate) events: u64,
    /// What ended it early.
    pub(crate) error: Option<anyhow::Error>,
    /// How it ended.
    pub(crate) exit: Option<Exit>,
}

impl PullResult {
    /// How it ended, failures of single entities included.
    pub(crate) fn exit(&self) -> Exit {
        let partly = if self.failures.is_empty() { Exit::Ok } else { Exit::Partial };
        partly.and(self.exit.unwrap_or(Exit::Ok))
    }

    /// Whether something is wrong with a kind as a whole.
    pub(crate) fn has_failed(&self, kind: Kind) -> bool {
        self.failures.iter().any(|failure| failure.subject == Subject::Kind(kind))
    }

    /// The part of a kind.
    pub(crate) fn of(&mut self, kind: Kind) -> &mut KindPull {
        self.kinds.entry(kind).or_default()
    }

    /// Takes note of another reason to end with.
    pub(crate) fn ends_with(&mut self, exit: Exit) {
        self.exit = Some(self.exit.unwrap_or(Exit::Ok).and(exit));
    }

    /// Takes note of an error that ended it early, unless another one did.
    pub(crate) fn ends_early(&mut self, error: anyhow::Error, exit: Exit) {
        self.error.get_or_insert(error);
        self.ends_with(exit);
    }

    /// Reports a record, or entity, that could not be taken in.
    pub(crate) fn fail(&mut self, subject: Subject, detail: FailureDetail) {
        self.failures.push(Reported::new(subject, Stage::Pull, None, detail));
    }

    /// Reports a kind that could not be read.
    pub(crate) fn fail_kind(&mut self, kind: Kind, detail: FailureDetail, exit: Exit) {
        self.of(kind).error = Some(detail.error.clone());
        self.fail(Subject::Kind(kind), detail);
        self.ends_with(exit);
    }

    /// Takes in what became of entities that were asked for by their keys.
    pub(crate) fn take_by_key(&mut self, kind: Kind, by_key: ByKeyResult) {
        let part = self.of(kind);
        part.deleted += by_key.deleted;
        part.fetched += by_key.found.total();
        part.new += by_key.found.new;
        part.changed += by_key.found.changed;
        part.unchanged += by_key.found.unchanged;
        part.is_complete = by_key.held_back.is_none();
        self.failures.extend(by_key.failures);
        if let Some((detail, exit)) = by_key.held_back {
            self.of(kind).error = (exit != Exit::Guard).then(|| detail.error.clone());
            self.fail(Subject::Kind(kind), detail);
            self.ends_with(exit);
        }
    }

    /// Takes in what another part of the same read came to.
    pub(crate) fn take(&mut self, other: PullResult) {
        self.kinds.extend(other.kinds);
        self.failures.extend(other.failures);
        self.notes.extend(other.notes);
        self.error = self.error.take().or(other.error);
        if let Some(exit) = other.exit {
            self.ends_with(exit);
        }
    }

    /// Where not one of the kinds could be read, the run as a whole could not finish.
    pub(crate) fn fail_where_all_are_down(&mut self, kinds: &[Kind]) {
        let down = self.kinds.values().filter(|part| part.error.is_some()).count();
        if down > 0 && down == kinds.len() && kinds.len() > 1 && self.exit == Some(Exit::Partial) {
            self.ends_with(Exit::Failed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::FailureCause;

    fn detail(cause: FailureCause) -> FailureDetail {
        FailureDetail::new(cause, Message::foreign("why".to_owned()))
    }

    #[test]
    fn a_pull_of_which_every_kind_failed_did_not_finish() {
        let mut result = PullResult::default();
        result.fail_kind(Kind::UNIT, detail(FailureCause::Unreachable), Exit::Partial);
        result.of(Kind::TENANT);
        result.fail_where_all_are_down(&[Kind::UNIT, Kind::TENANT]);
        assert_eq!(result.exit(), Exit::Partial);
        result.fail_kind(Kind::TENANT, detail(FailureCause::Unreachable), Exit::Partial);
        result.fail_where_all_are_down(&[Kind::UNIT, Kind::TENANT]);
        assert_eq!(result.exit(), Exit::Failed);
        assert!(result.has_failed(Kind::UNIT) && !result.has_failed(Kind::BUILDING));
    }

    #[test]
    fn what_the_guard_holds_back_leaves_the_kind_incomplete_but_is_no_error_of_its_reading() {
        let mut result = PullResult::default();
        let held_back = Some((detail(FailureCause::Guarded), Exit::Guard));
        result.take_by_key(Kind::UNIT, ByKeyResult { held_back, ..ByKeyResult::default() });
        assert_eq!((result.exit(), result.failures.len()), (Exit::Guard, 1));
        assert!(!result.of(Kind::UNIT).is_complete && result.of(Kind::UNIT).error.is_none());
        result.take_by_key(Kind::TENANT, ByKeyResult { deleted: 2, ..ByKeyResult::default() });
        assert!(result.of(Kind::TENANT).is_complete && result.of(Kind::TENANT).deleted == 2);
    }
}
