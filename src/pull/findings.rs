//! What is to be done with entities that were asked for by their keys: stored, deleted within the guard, or reported.

use crate::entity::{EntityKey, Kind};
use crate::failure::{Exit, FailureCause, FailureDetail, Reported, Stage};
use crate::message::HapiText;
use crate::plan::rederive::mark_dependants;
use crate::pull::Pull;
use crate::pull::guard::{Guard, Loss, losing_board};
use crate::pull::questions::{KeyLookup, Verdict};
use crate::pull::upsert::upsert_and_mark;
use crate::store::{DeletionReason, Entity, Store, Tx, Upserted};

/// Result of asking for entities of a kind by their keys.
#[derive(Debug, Default)]
pub(crate) struct ByKeyResult {
    /// Deleted.
    pub(crate) deleted: u64,
    /// Found.
    pub(crate) found: Found,
    /// What could not be read, or asked for.
    pub(crate) failures: Vec<Reported>,
    /// The keys of what could not be read.
    pub(crate) unread: Vec<String>,
    /// Why nothing was deleted.
    pub(crate) held_back: Option<(FailureDetail, Exit)>,
}

impl ByKeyResult {
    /// Nothing was done, for this reason.
    pub(super) fn held_back(detail: FailureDetail, exit: Exit) -> ByKeyResult {
        ByKeyResult { held_back: Some((detail, exit)), ..ByKeyResult::default() }
    }
}

/// Counts of the records that were found.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    /// They had been deleted, or were not known.
    pub(crate) new: u64,
    /// Their content differs.
    pub(crate) changed: u64,
    /// They are as they were.
    pub(crate) unchanged: u64,
}

impl Found {
    /// All of them.
    pub(crate) fn total(self) -> u64 {
        self.new + self.changed + self.unchanged
    }

    fn count(&mut self, upserted: &Upserted) {
        match upserted {
            Upserted::New(_) => self.new += 1,
            Upserted::Changed(..) => self.changed += 1,
            Upserted::Unchanged(_) => self.unchanged += 1,
        }
    }
}

/// Findings about entities of a kind: what follows from the verdicts.
#[derive(Debug, Default)]
pub(super) struct Findings<'w> {
    /// Keys and records to be stored.
    there: Vec<(&'w str, &'w str)>,
    /// Entities to be deleted, if the guard lets them go, and why.
    leaving: Vec<(&'w Entity, DeletionReason)>,
    /// What HApi cannot deliver, and what came instead.
    undeliverable: Vec<(&'w KeyLookup, &'w HapiText)>,
}

impl<'w> Findings<'w> {
    /// What follows from a verdict about each of these.
    pub(super) fn of(asked: impl IntoIterator<Item = (&'w KeyLookup, &'w Verdict)>) -> Findings<'w> {
        let mut findings = Findings::default();
        for (wanted, verdict) in asked {
            match verdict {
                Verdict::There(json) => findings.there.push((&wanted.key, json)),
                Verdict::Gone => findings.leaves(wanted, DeletionReason::Gone),
                Verdict::Filtered => findings.leaves(wanted, DeletionReason::Filtered),
                Verdict::Undeliverable(why) => findings.undeliverable.push((wanted, why)),
                Verdict::NoKey | Verdict::Unaskable => {}
            }
        }
        findings
    }

    fn leaves(&mut self, wanted: &'w KeyLookup, why: DeletionReason) {
        // An entity that is not stored, or already deleted, cannot be deleted.
        let there = wanted.stored.as_ref().filter(|stored| !stored.is_deleted());
        self.leaving.extend(there.map(|stored| (stored, why)));
    }

    /// Stores what was found, and deletes what was not, unless the guard holds that back.
    ///
    /// # Errors
    /// Where the store cannot be read or written.
    pub(super) fn apply(
        self,
        pull: &Pull<'_>,
        store: &mut Store,
        kind: Kind,
        guard: &Guard,
    ) -> anyhow::Result<ByKeyResult> {
        let now = pull.now();
        let mut result = ByKeyResult::default();
        let tx = store.transaction()?;
        for (key, json) in self.there {
            let upserted = upsert_and_mark(&tx, pull.derivation, (kind, key), json, now)?;
            tx.clear_unread(upserted.id())?;
            result.found.count(&upserted);
        }
        for (wanted, why) in self.undeliverable {
            let detail = undeliverable(why);
            if let Some(stored) = wanted.stored.as_ref().filter(|stored| !stored.is_deleted()) {
                tx.note_unread(stored.row.id, &detail, now)?;
            }
            result.failures.push(Reported::of_entity(
                EntityKey::new(kind, wanted.key.clone()),
                Stage::Pull,
                None,
                detail,
            ));
            result.unread.push(wanted.key.clone());
        }
        match delete(pull, &tx, kind, &self.leaving, guard)? {
            Ok(deleted) => result.deleted = deleted,
            Err(refusal) => result.held_back = Some((refusal, Exit::Guard)),
        }
        tx.commit()?;
        Ok(result)
    }
}

/// Deletes entities, and lets their items go; none of them where the guard refuses. Returns how many, or why none.
fn delete(
    pull: &Pull<'_>,
    tx: &Tx<'_>,
    kind: Kind,
    leaving: &[(&Entity, DeletionReason)],
    guard: &Guard,
) -> anyhow::Result<Result<u64, FailureDetail>> {
    let now = pull.now();
    let mut losing = Vec::with_capacity(leaving.len());
    for (entity, _) in leaving {
        losing.push(match losing_board(pull.config, kind) {
            Some(board) if entity.row.item_id.is_some() => tx.has_item_to_lose(entity.row.id, board)?,
            _ => false,
        });
    }
    let items = losing.iter().filter(|loses_item| **loses_item).count() as u64;
    if let Some(refusal) = guard.refusal(Loss { entities: leaving.len() as u64, items }) {
        return Ok(Err(refusal));
    }
    for ((entity, why), loses_item) in leaving.iter().zip(losing) {
        tx.delete(entity.row.id, *why, guard.is_lifted(), now)?;
        if loses_item {
            tx.release(entity.row.id, guard.is_lifted(), now)?;
        }
        mark_dependants(tx, pull.derivation, kind, &entity.record)?;
    }
    Ok(Ok(leaving.len() as u64))
}

/// That HApi cannot deliver a record. `why`: what came instead.
pub(super) fn undeliverable(why: &HapiText) -> FailureDetail {
    let error = HapiText::RecordUndeliverable { why: why.clone().into() };
    FailureDetail::new(FailureCause::RecordUndeliverable, error).hint(HapiText::MendOrAskVendor {})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::EntityRow;

    fn known(key: &str, is_deleted: bool) -> KeyLookup {
        let record = format!("{{\"Id\":{key}}}");
        let row = EntityRow { id: 1, kind: Kind::UNIT, key: key.to_owned(), board: None, item_id: None };
        let deleted = is_deleted.then_some(DeletionReason::Gone);
        let stored = Entity { row, name: String::new(), record, deleted };
        KeyLookup::known(stored, &["Id".to_owned()])
    }

    #[test]
    fn only_what_is_gone_or_out_of_the_filter_and_was_there_leaves() {
        let asked = [
            (known("1", false), Verdict::Gone),
            (known("2", false), Verdict::Filtered),
            (known("3", true), Verdict::Gone),
            (KeyLookup::named("4", "Id"), Verdict::Gone),
            (known("5", false), Verdict::There("{\"Id\":5}".to_owned())),
            (KeyLookup::named("x", "Id"), Verdict::NoKey),
            (known("6", false), Verdict::Unaskable),
            (known("7", false), Verdict::Undeliverable(HapiText::CannotAskFor {})),
        ];
        let findings = Findings::of(asked.iter().map(|(wanted, verdict)| (wanted, verdict)));
        let leaving: Vec<_> = findings.leaving.iter().map(|(stored, why)| (stored.row.key.as_str(), *why)).collect();
        assert_eq!(leaving, [("1", DeletionReason::Gone), ("2", DeletionReason::Filtered)]);
        assert_eq!(findings.there, [("5", "{\"Id\":5}")]);
        let undeliverable: Vec<_> = findings.undeliverable.iter().map(|(wanted, _)| wanted.key.as_str()).collect();
        assert_eq!(undeliverable, ["7"]);
    }
}
