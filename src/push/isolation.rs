//! Finding what monday fails at: the changes of a call that failed without a word are sent apart from the others, in calls half as
//! large each time, until the one at fault is alone and turns red. What is known of them is kept, so that short runs get there too.

use crate::entity::Kind;
use crate::failure::{FailureCause, FailureDetail};
use crate::message::MondayText;
use crate::monday::Answer;
use crate::push::engine::Engine;
use crate::push::planner::Draft;
use crate::push::record::distinct;
use crate::store::{Action, Batch, CallFault, Intent, Tx};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A call that makes items is tried so often before one that is alone in it turns red: each try takes one and a half `settle`.
const MOST_CREATING_TRIES: u32 = 2;

/// Whose fault it is that a call came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blame {
    /// Nobody's: it was a matter of time.
    Nobody,
    /// Any of its changes may be at fault.
    Shared,
    /// Each of these was named.
    Each,
}

/// Which of those whose calls failed are sent next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Apart {
    /// These, in one call.
    Now(Vec<i64>),
    /// None before then.
    Later(Timestamp),
    /// There are none.
    None,
}

/// The next call of those whose calls failed: the largest group first, so that as many as can be are done soon.
pub(crate) fn next_apart(faults: &BTreeMap<i64, CallFault>, kinds: &[Kind], now: Timestamp) -> Apart {
    let ours = || faults.iter().filter(|(_, fault)| kinds.contains(&fault.kind));
    let Some(company) = ours().filter(|(_, fault)| fault.next_at <= now).map(|(_, fault)| fault.company).max() else {
        return ours().map(|(_, fault)| fault.next_at).min().map_or(Apart::None, Apart::Later);
    };
    let group = ours().filter(|(_, fault)| fault.company == company && fault.next_at <= now);
    Apart::Now(group.map(|(entity, _)| *entity).take(company).collect())
}

impl Engine<'_, '_> {
    /// Sends these apart from the others from now on, at most `company` in a call.
    pub(crate) fn set_apart(&mut self, intents: &[Intent], company: usize) -> anyhow::Result<()> {
        let tx = self.transaction()?;
        for entity in distinct(intents) {
            let faults = self.faults.get(&entity).map_or(0, |fault| fault.faults);
            self.note_fault(&tx, entity, faults, company, Duration::ZERO)?;
        }
        tx.commit()
    }

    fn note_fault(
        &mut self,
        tx: &Tx<'_>,
        entity: i64,
        faults: u32,
        company: usize,
        pause: Duration,
    ) -> anyhow::Result<()> {
        let Some(stored) = self.store.get(entity)? else { return Ok(()) };
        let next_at = self.now().checked_add(pause).unwrap_or(Timestamp::MAX);
        let fault = CallFault { kind: stored.kind, faults, company: company.max(1), next_at };
        tx.set_call_fault(entity, fault)?;
        self.faults.insert(entity, fault);
        Ok(())
    }

    /// monday said what became of an entity's change.
    pub(crate) fn clear_fault(&mut self, tx: &Tx<'_>, entity: i64) -> anyhow::Result<()> {
        if self.faults.remove(&entity).is_some() {
            tx.clear_call_fault(entity)?;
        }
        Ok(())
    }

    /// Changes of items that are there, which monday failed at: those that its answer names by themselves, the others together.
    pub(crate) fn note_faulty(&mut self, lane: usize, faulty: &[&Intent], answer: &Answer) -> anyhow::Result<()> {
        let (named, others): (Vec<&Intent>, Vec<&Intent>) =
            faulty.iter().copied().partition(|intent| answer.error_of(&intent.alias).is_some());
        if let Some(error) = named.first().and_then(|intent| answer.error_of(&intent.alias)) {
            self.lanes[lane].why = error.told();
        }
        let tx = self.transaction()?;
        self.blame(&tx, lane, &named, 1, Blame::Each)?;
        self.blame(&tx, lane, &others, 1, Blame::Shared)?;
        tx.commit()
    }

    /// What is left of a call that came to nothing, after it was sent so often.
    pub(crate) fn blame_call(
        &mut self,
        tx: &Tx<'_>,
        lane: usize,
        batch: &Batch,
        absent: &BTreeSet<String>,
        blame: Blame,
    ) -> anyhow::Result<()> {
        let is_left = |intent: &&Intent| intent.action != Action::Create || absent.contains(&intent.alias);
        let left: Vec<&Intent> = batch.intents.iter().filter(is_left).collect();
        self.blame(tx, lane, &left, batch.doubt.sendings, blame)
    }

    /// Notes who may be at fault that a call came to nothing; who was alone in it too often turns red.
    fn blame(
        &mut self,
        tx: &Tx<'_>,
        lane: usize,
        intents: &[&Intent],
        sendings: u32,
        blame: Blame,
    ) -> anyhow::Result<()> {
        let creating: BTreeSet<i64> =
            intents.iter().filter(|intent| intent.action == Action::Create).map(|intent| intent.entity).collect();
        let entities: BTreeSet<i64> = intents.iter().map(|intent| intent.entity).collect();
        let company = match blame {
            Blame::Nobody => return Ok(()),
            Blame::Shared => entities.len().div_ceil(2),
            Blame::Each => entities.len(),
        };
        let is_alone = blame == Blame::Each || entities.len() == 1;
        let retries = self.push.config.network.retries;
        for entity in entities {
            let faults = self.faults.get(&entity).map_or(0, |fault| fault.faults).saturating_add(sendings);
            let (most, pause) = match creating.contains(&entity) {
                true => (MOST_CREATING_TRIES.min(retries + 1), Duration::ZERO),
                false => (retries + 1, self.push.client.http().backoff(faults)),
            };
            self.note_fault(tx, entity, faults, company, pause)?;
            if is_alone && faults >= most {
                self.fail_at_fault(tx, lane, entity)?;
            }
        }
        Ok(())
    }

    /// monday fails at this entity, whatever it is sent with. When it is tried again later, it is sent alone.
    fn fail_at_fault(&mut self, tx: &Tx<'_>, lane: usize, entity: i64) -> anyhow::Result<()> {
        let Some(stored) = self.store.get(entity)? else { return Ok(()) };
        let why = self.lanes[lane].why.clone();
        self.note_fault(tx, entity, MOST_CREATING_TRIES, 1, Duration::ZERO)?;
        let detail = FailureDetail::new(FailureCause::ServerFault, MondayText::ItemFails { why });
        let entity = format!("{}:{}", stored.kind, stored.key);
        self.fail_entity(tx, stored.id, stored.kind, &stored.key, detail.hint(MondayText::ResyncLater { entity }))
    }

    /// Plans a call of those whose calls failed; where they have to wait, when they may be sent.
    pub(crate) fn draft_apart(
        &mut self,
        tx: &Tx<'_>,
        lane: usize,
        draft: &mut Draft,
    ) -> anyhow::Result<Option<Timestamp>> {
        let mut passed: BTreeSet<i64> = BTreeSet::new();
        loop {
            let waiting = self.faults.iter().filter(|(entity, _)| !passed.contains(entity));
            let waiting: BTreeMap<i64, CallFault> = waiting.map(|(entity, fault)| (*entity, *fault)).collect();
            let entities = match next_apart(&waiting, &self.lanes[lane].kinds, self.now()) {
                Apart::Now(entities) => entities,
                Apart::Later(at) => return Ok(Some(at)),
                Apart::None => return Ok(None),
            };
            for &entity in &entities {
                self.draft_one(tx, lane, entity, draft)?;
            }
            if !draft.intents.is_empty() {
                return Ok(None);
            }
            // Paused, parked, or nothing of them differs any more.
            passed.extend(entities);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).expect("a time")
    }

    fn faults(rows: &[(i64, usize, i64)]) -> BTreeMap<i64, CallFault> {
        let fault =
            |company: usize, next_at: i64| CallFault { kind: Kind::UNIT, faults: 1, company, next_at: at(next_at) };
        rows.iter().map(|&(entity, company, next_at)| (entity, fault(company, next_at))).collect()
    }

    #[test]
    fn the_largest_group_goes_first_and_no_call_is_larger_than_its_members_may_share() {
        let all = faults(&[(1, 2, 0), (2, 2, 0), (3, 2, 0), (4, 3, 0), (5, 1, 0)]);
        assert_eq!(next_apart(&all, &[Kind::UNIT], at(1)), Apart::Now(vec![4]));
        let all = faults(&[(1, 2, 0), (2, 2, 0), (3, 2, 0), (5, 1, 0)]);
        assert_eq!(next_apart(&all, &[Kind::UNIT], at(1)), Apart::Now(vec![1, 2]));
        let all = faults(&[(5, 1, 0), (6, 1, 0)]);
        assert_eq!(next_apart(&all, &[Kind::UNIT], at(1)), Apart::Now(vec![5]));
    }

    #[test]
    fn who_has_to_wait_is_waited_for_and_other_boards_are_not_asked() {
        let all = faults(&[(1, 2, 9), (2, 2, 8)]);
        assert_eq!(next_apart(&all, &[Kind::UNIT], at(1)), Apart::Later(at(8)));
        assert_eq!(next_apart(&all, &[Kind::UNIT], at(8)), Apart::Now(vec![2]));
        assert_eq!(next_apart(&all, &[Kind::TENANT], at(9)), Apart::None);
    }
}
