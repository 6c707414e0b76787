//! Suspicion against entities whose calls fail: one is at fault only where its board works without it. Pure.

use crate::entity::Kind;
use std::collections::{BTreeMap, BTreeSet};

/// So many entities of a kind are found at fault, at most, for what was done on their board before they failed: where everything fails
/// from then on, it is the board.
const MOST_FOR_ONE_SUCCESS: u32 = 3;

/// Suspicion, as far as this run has come. Where everything that is sent to a board fails, that proves nothing against any entity.
#[derive(Debug, Default)]
pub(crate) struct Suspicion {
    /// The entities whose calls failed in this run.
    failed: BTreeMap<i64, Evidence>,
    /// How many more entities of each kind may be found at fault for what was done on their board last.
    credit: BTreeMap<Kind, u32>,
    /// Kinds on whose board nothing was done when something last was sent, and nothing since.
    doubted: BTreeSet<Kind>,
}

/// Evidence against an entity whose call failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Evidence {
    /// None: nothing was done on its board since.
    None,
    /// None, though it failed alone as often as it may: it is not sent again before something is done on its board.
    Awaited,
    /// Something was done on its board beside it, or after it failed: the board works.
    Sufficient,
}

impl Suspicion {
    /// On the boards of these kinds nothing was done when something last was sent to them.
    pub(crate) fn doubt(&mut self, kinds: impl IntoIterator<Item = Kind>) {
        self.doubted.extend(kinds);
    }

    /// Whether a board is doubted, by the kinds whose board it is.
    pub(crate) fn doubts(&self, kinds: &[Kind]) -> bool {
        kinds.iter().any(|kind| self.doubted.contains(kind))
    }

    /// The call of an entity failed. `has_others_done`: others of the same call were done.
    pub(crate) fn failed(&mut self, entity: i64, has_others_done: bool) {
        let before = self.failed.get(&entity).copied().unwrap_or(Evidence::None);
        self.failed.insert(entity, if has_others_done { Evidence::Sufficient } else { before });
    }

    /// Whether the call of an entity failed in this run.
    pub(crate) fn has_failed(&self, entity: i64) -> bool {
        self.failed.contains_key(&entity)
    }

    /// Whether an entity that failed alone as often as it may is at fault; else it waits until something is done on its board.
    pub(crate) fn is_at_fault(&mut self, entity: i64, kind: Kind) -> bool {
        let evidence = self.failed.entry(entity).or_insert(Evidence::None);
        if *evidence != Evidence::Sufficient {
            let credit = self.credit.get_mut(&kind).filter(|credit| **credit > 0);
            *evidence = if credit.is_some() { Evidence::Sufficient } else { Evidence::Awaited };
            credit.into_iter().for_each(|credit| *credit -= 1);
        }
        *evidence == Evidence::Sufficient
    }

    /// Whether anything was done on the board of a kind in this run.
    pub(crate) fn has_worked(&self, kind: Kind) -> bool {
        self.credit.contains_key(&kind)
    }

    /// Whether an entity waits until something is done on its board.
    pub(crate) fn awaits_evidence(&self, entity: i64) -> bool {
        self.failed.get(&entity) == Some(&Evidence::Awaited)
    }

    /// What became of an entity's change is known.
    pub(crate) fn clear(&mut self, entity: i64) {
        self.failed.remove(&entity);
    }

    /// Something was done on the board of these kinds. `is_there`: whether that is the board of an entity.
    pub(crate) fn worked(&mut self, kinds: &[Kind], is_there: impl Fn(i64) -> bool) {
        self.credit.extend(kinds.iter().map(|kind| (*kind, MOST_FOR_ONE_SUCCESS)));
        let there = self.failed.iter_mut().filter(|(entity, _)| is_there(**entity));
        there.for_each(|(_, evidence)| *evidence = Evidence::Sufficient);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_at_fault(suspicion: &mut Suspicion, entity: i64) -> bool {
        suspicion.is_at_fault(entity, Kind::UNIT)
    }

    #[test]
    fn who_fails_while_nothing_works_waits_and_is_at_fault_only_if_it_fails_again_when_something_does() {
        let mut suspicion = Suspicion::default();
        suspicion.failed(1, false);
        assert!(!suspicion.awaits_evidence(1) && !is_at_fault(&mut suspicion, 1) && suspicion.awaits_evidence(1));
        suspicion.worked(&[Kind::TENANT], |entity| entity == 2);
        assert!(suspicion.awaits_evidence(1), "another board");
        suspicion.worked(&[Kind::UNIT], |entity| entity == 1);
        assert!(!suspicion.awaits_evidence(1), "it is sent again");
        suspicion.failed(1, false);
        assert!(is_at_fault(&mut suspicion, 1));
        suspicion.clear(1);
        assert!(!suspicion.has_failed(1));
    }

    #[test]
    fn where_a_board_fails_at_everything_from_some_time_on_few_are_at_fault() {
        let mut suspicion = Suspicion::default();
        for _ in 0..2 {
            suspicion.worked(&[Kind::UNIT], |_| false);
        }
        let at_fault = (1..10).filter(|entity| is_at_fault(&mut suspicion, *entity)).count();
        assert_eq!(at_fault, 3);
        assert!(is_at_fault(&mut suspicion, 1), "who was found so stays so");
    }

    #[test]
    fn who_fails_while_others_of_its_call_are_done_is_at_fault() {
        let mut suspicion = Suspicion::default();
        suspicion.failed(1, true);
        suspicion.failed(2, false);
        assert!(is_at_fault(&mut suspicion, 1) && !is_at_fault(&mut suspicion, 2));
    }

    #[test]
    fn a_board_is_doubted_by_any_of_its_kinds() {
        let mut suspicion = Suspicion::default();
        suspicion.doubt([Kind::UNIT]);
        assert!(suspicion.doubts(&[Kind::BUILDING, Kind::UNIT]) && !suspicion.doubts(&[Kind::TENANT]));
    }
}
