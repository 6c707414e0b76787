//! Result of a pull, as a value.

use crate::entity::Kind;
use crate::failure::{Exit, FailureDetail, Reported, Stage, Subject};
use crate::hapi::{Traffic, Undeliverable};
use crate::message::Message;
use crate::pull::findings::ByKeyResult;
use crate::store::Upserted;
use std::collections::{BTreeMap, BTreeSet};

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
    /// What was left out for all that.
    pub(crate) unread: UnreadRecords,
}

/// Records of a kind that HApi could not deliver: events about them are not answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct UnreadRecords {
    keys: BTreeSet<String>,
    /// Where keys are not known, the numbers that they lie between, both excluded.
    ranges: Vec<(Option<i64>, Option<i64>)>,
}

impl UnreadRecords {
    /// One that a whole read stepped over.
    pub(crate) fn add(&mut self, record: &Undeliverable) {
        match &record.key {
            Some(key) => _ = self.keys.insert(key.clone()),
            None => self.ranges.push(record.between),
        }
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.ranges.is_empty()
    }

    /// Whether the record with this key may be one of them.
    pub(crate) fn may_hold(&self, key: &str) -> bool {
        let is_within = |&(after, before): &(Option<i64>, Option<i64>)| match key.parse::<i64>() {
            Ok(key) => after.is_none_or(|after| key > after) && before.is_none_or(|before| key < before),
            Err(_) => true,
        };
        self.keys.contains(key) || self.ranges.iter().any(is_within)
    }
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
        part.unread.keys.extend(by_key.unread);
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
    }

    #[test]
    fn a_record_without_a_known_key_may_be_any_between_its_neighbours() {
        let record = |key: Option<&str>, between| Undeliverable {
            key: key.map(str::to_owned),
            between,
            why: crate::message::HapiText::CannotAskFor {},
        };
        let mut unread = UnreadRecords::default();
        assert!(unread.is_empty() && !unread.may_hold("4"));
        unread.add(&record(Some("4"), (Some(3), Some(5))));
        unread.add(&record(None, (Some(7), Some(10))));
        let held: Vec<&str> =
            ["3", "4", "5", "7", "8", "9", "10", "x"].into_iter().filter(|key| unread.may_hold(key)).collect();
        assert_eq!(held, ["4", "8", "9", "x"]);
        unread.add(&record(None, (None, Some(2))));
        assert!(unread.may_hold("1") && !unread.may_hold("2"));
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
