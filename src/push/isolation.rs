//! Finding what monday fails at: the changes of a call that failed without a reason are sent apart from the others, in calls half as
//! large each time, until the one at fault is alone and turns red. What is known of them is kept, so that short runs get there too.

use super::health::LARGEST_BATCH;
use super::suspicion::Suspicion;
use crate::entity::Kind;
use crate::retry::Policy;
use crate::store::{Action, CallFault, Faults, Intent, Tx};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Blame for a call that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blame {
    /// Nobody's: it was a matter of time.
    Nobody,
    /// Any of its changes may be at fault.
    Shared,
    /// Each of these was named.
    Each,
}

/// Changes of a call that failed.
pub(crate) struct FailedChanges<'i> {
    /// The changes that were not done.
    pub(crate) intents: &'i [&'i Intent],
    /// Who of them may be at fault.
    pub(crate) blame: Blame,
    /// How often the call was sent.
    pub(crate) sendings: u32,
    /// The time at which it failed, and what was done besides.
    pub(crate) circumstances: Circumstances,
}

/// Circumstances under which a call failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Circumstances {
    /// In an earlier run: what its board does now is not known yet.
    InEarlierRun,
    /// In this run, and none of it was done.
    NothingDone,
    /// In this run, while others of the same call were done.
    OthersDone,
}

/// Choice of who of those whose calls failed is sent next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Isolated {
    /// These, in one call.
    Now(Vec<i64>),
    /// None before then.
    Later(Timestamp),
    /// There are none.
    None,
}

/// Isolation of the entities whose calls fail: they are sent apart from the others.
#[derive(Debug, Default)]
pub(crate) struct Isolation {
    faults: BTreeMap<i64, CallFault>,
    suspicion: Suspicion,
}

impl Isolation {
    /// Those that are known, by the store's numbers.
    pub(crate) fn new(faults: impl IntoIterator<Item = (i64, CallFault)>) -> Isolation {
        Isolation { faults: faults.into_iter().collect(), suspicion: Suspicion::default() }
    }

    /// The same, where on the boards of these kinds nothing was done when something last was sent to them.
    pub(crate) fn doubting(mut self, kinds: impl IntoIterator<Item = Kind>) -> Isolation {
        self.suspicion.doubt(kinds);
        self
    }

    /// Whether on the board of these kinds nothing was done when something last was sent to it.
    pub(crate) fn doubts(&self, kinds: &[Kind]) -> bool {
        self.suspicion.doubts(kinds)
    }

    /// Whether anything was done on the board of a kind in this run.
    pub(crate) fn has_worked(&self, kind: Kind) -> bool {
        self.suspicion.has_worked(kind)
    }

    /// Whether entities of these kinds failed alone, and nothing shows that their board works.
    pub(crate) fn has_suspects(&self, kinds: &[Kind]) -> bool {
        self.faults.iter().any(|(entity, fault)| kinds.contains(&fault.kind) && self.suspicion.awaits_evidence(*entity))
    }

    /// Something was done on the board of these kinds. Where it had been doubted, the failures of earlier runs prove nothing: who failed
    /// then is sent in calls twice as large with each call that is done, so that few are needed after an outage.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn worked(&mut self, tx: &Tx<'_>, kinds: &[Kind], now: Timestamp) -> anyhow::Result<()> {
        let faults = &self.faults;
        self.suspicion.worked(kinds, |entity| faults.get(&entity).is_some_and(|fault| kinds.contains(&fault.kind)));
        if !self.doubts(kinds) {
            return Ok(());
        }
        let is_earlier = |(entity, fault): &(&i64, &CallFault)| {
            let is_counted = matches!(fault.faults, Faults::Counted(_));
            is_counted && kinds.contains(&fault.kind) && !self.suspicion.has_failed(**entity)
        };
        let earlier: Vec<(i64, CallFault)> =
            self.faults.iter().filter(is_earlier).map(|(entity, fault)| (*entity, *fault)).collect();
        earlier.into_iter().try_for_each(|(entity, fault)| {
            self.note(tx, entity, Faults::Counted(0), (2 * fault.max_batch).min(LARGEST_BATCH), now)
        })
    }

    /// Whether an entity is sent apart.
    pub(crate) fn holds(&self, entity: i64) -> bool {
        self.faults.contains_key(&entity)
    }

    /// The kind of an entity that is sent apart.
    pub(crate) fn kind_of(&self, entity: i64) -> Option<Kind> {
        self.faults.get(&entity).map(|fault| fault.kind)
    }

    /// The next call, without those that were `skipped`, and without those that wait until their board works: the largest group first, so that as many as can be are done soon.
    pub(crate) fn next(&self, kinds: &[Kind], skipped: &BTreeSet<i64>, now: Timestamp) -> Isolated {
        let waits = |entity: &i64| skipped.contains(entity) || self.suspicion.awaits_evidence(*entity);
        let ours = || {
            let ours = self.faults.iter().filter(|(entity, fault)| kinds.contains(&fault.kind) && !waits(entity));
            ours.map(|(entity, fault)| (*entity, *fault))
        };
        let Some(max_batch) = ours().filter(|(_, fault)| fault.next_at <= now).map(|(_, fault)| fault.max_batch).max()
        else {
            return ours().map(|(_, fault)| fault.next_at).min().map_or(Isolated::None, Isolated::Later);
        };
        let group = ours().filter(|(_, fault)| fault.max_batch == max_batch && fault.next_at <= now);
        Isolated::Now(group.map(|(entity, _)| entity).take(max_batch).collect())
    }

    /// Sends these apart from the others from now on, at most `max_batch` in a call.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn set_apart(
        &mut self,
        tx: &Tx<'_>,
        intents: &[Intent],
        max_batch: usize,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        for entity in distinct(intents) {
            let faults = self.faults_of(entity);
            self.note(tx, entity, faults, max_batch, now)?;
        }
        Ok(())
    }

    /// monday fails at an entity, whatever it is sent with: when it is retried later, it is sent alone, and once.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn single_out(&mut self, tx: &Tx<'_>, entity: i64, now: Timestamp) -> anyhow::Result<()> {
        self.note(tx, entity, Faults::SingledOut, 1, now)
    }

    fn faults_of(&self, entity: i64) -> Faults {
        self.faults.get(&entity).map_or(Faults::Counted(0), |fault| fault.faults)
    }

    fn note(
        &mut self,
        tx: &Tx<'_>,
        entity: i64,
        faults: Faults,
        max_batch: usize,
        next_at: Timestamp,
    ) -> anyhow::Result<()> {
        let Some(stored) = tx.get(entity)? else { return Ok(()) };
        let fault = CallFault { kind: stored.row.kind, faults, max_batch: max_batch.max(1), next_at };
        tx.set_call_fault(entity, fault)?;
        self.faults.insert(entity, fault);
        Ok(())
    }

    /// What became of an entity's change is known.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn clear(&mut self, tx: &Tx<'_>, entity: i64) -> anyhow::Result<()> {
        self.suspicion.clear(entity);
        if self.faults.remove(&entity).is_some() {
            tx.clear_call_fault(entity)?;
        }
        Ok(())
    }

    /// Notes who may be at fault that a call failed. Returns those that are: they were alone in it too often, and their board works.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn blame(
        &mut self,
        tx: &Tx<'_>,
        failed: &FailedChanges<'_>,
        limits: &RetryLimits<'_>,
    ) -> anyhow::Result<Vec<i64>> {
        let FailedChanges { intents, blame, sendings, circumstances } = *failed;
        let creating: BTreeSet<i64> =
            intents.iter().filter(|intent| intent.action == Action::Create).map(|intent| intent.entity).collect();
        let entities: BTreeSet<i64> = intents.iter().map(|intent| intent.entity).collect();
        let max_batch = match blame {
            Blame::Nobody => return Ok(Vec::new()),
            Blame::Shared => entities.len().div_ceil(2),
            Blame::Each => entities.len(),
        };
        let is_alone = blame == Blame::Each || entities.len() == 1;
        let mut at_fault = Vec::new();
        for entity in entities {
            let faults = self.faults_of(entity).and(sendings);
            let (pause, is_exhausted) = match faults {
                Faults::Counted(faults) => ((limits.pause)(faults), limits.policy.is_exhausted(faults)),
                Faults::SingledOut => (Duration::ZERO, true),
            };
            // A create is looked up between two attempts, which takes longer than any pause.
            let pause = if creating.contains(&entity) { Duration::ZERO } else { pause };
            let next_at = limits.now.checked_add(pause).unwrap_or(Timestamp::MAX);
            self.note(tx, entity, faults, max_batch, next_at)?;
            if circumstances == Circumstances::InEarlierRun {
                continue;
            }
            self.suspicion.failed(entity, circumstances == Circumstances::OthersDone);
            // What was at fault before was found to be so while its board worked.
            let is_known = faults == Faults::SingledOut;
            let Some(kind) = self.kind_of(entity).filter(|_| is_alone && is_exhausted) else { continue };
            if is_known || self.suspicion.is_at_fault(entity, kind) {
                at_fault.push(entity);
            }
        }
        Ok(at_fault)
    }
}

/// Terms by which what fails is retried.
pub(crate) struct RetryLimits<'p> {
    /// How often something is repeated.
    pub(crate) policy: Policy,
    /// The pause after so many failures.
    pub(crate) pause: &'p dyn Fn(u32) -> Duration,
    /// Now.
    pub(crate) now: Timestamp,
}

/// The entities of a call.
pub(crate) fn distinct(intents: &[Intent]) -> BTreeSet<i64> {
    intents.iter().map(|intent| intent.entity).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).expect("a time")
    }

    fn faults(rows: &[(i64, usize, i64)]) -> Isolation {
        let fault = |max_batch: usize, next_at: i64| CallFault {
            kind: Kind::UNIT,
            faults: Faults::Counted(1),
            max_batch,
            next_at: at(next_at),
        };
        Isolation::new(rows.iter().map(|&(entity, max_batch, next_at)| (entity, fault(max_batch, next_at))))
    }

    #[test]
    fn the_largest_group_goes_first_and_no_call_is_larger_than_its_members_may_share() {
        let all = faults(&[(1, 2, 0), (2, 2, 0), (3, 2, 0), (4, 3, 0), (5, 1, 0)]);
        assert_eq!(all.next(&[Kind::UNIT], &BTreeSet::new(), at(1)), Isolated::Now(vec![4]));
        let all = faults(&[(1, 2, 0), (2, 2, 0), (3, 2, 0), (5, 1, 0)]);
        assert_eq!(all.next(&[Kind::UNIT], &BTreeSet::new(), at(1)), Isolated::Now(vec![1, 2]));
        let all = faults(&[(5, 1, 0), (6, 1, 0)]);
        assert_eq!(all.next(&[Kind::UNIT], &BTreeSet::new(), at(1)), Isolated::Now(vec![5]));
    }

    #[test]
    fn who_has_to_wait_is_waited_for_and_other_boards_are_not_asked() {
        let all = faults(&[(1, 2, 9), (2, 2, 8)]);
        assert_eq!(all.next(&[Kind::UNIT], &BTreeSet::new(), at(1)), Isolated::Later(at(8)));
        assert_eq!(all.next(&[Kind::UNIT], &BTreeSet::new(), at(8)), Isolated::Now(vec![2]));
        assert_eq!(all.next(&[Kind::TENANT], &BTreeSet::new(), at(9)), Isolated::None);
    }
}
