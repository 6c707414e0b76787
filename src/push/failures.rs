//! Failures of a push: kept in the store, and listed in the run's report.

use crate::entity::{EntityKey, Kind};
use crate::failure::{FailureCause, FailureDetail, Reported, Stage, Subject};
use crate::plan::map::Refusal;
use crate::retry;
use crate::store::{Entity, Failing, Tx};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashSet};

/// Log of what failed in a push.
#[derive(Debug, Default)]
pub(crate) struct FailureLog {
    failures: Vec<Reported>,
    failed: BTreeMap<Kind, HashSet<i64>>,
}

impl FailureLog {
    /// What failed, in the order in which it did.
    pub(crate) fn all(&self) -> &[Reported] {
        &self.failures
    }

    /// What failed, in the order in which it did.
    pub(crate) fn into_all(self) -> Vec<Reported> {
        self.failures
    }

    /// The entities of a kind of which something failed.
    pub(crate) fn failed(&self, kind: Kind) -> impl Iterator<Item = i64> {
        self.failed.get(&kind).into_iter().flatten().copied()
    }

    /// Adds what is only reported, and kept by others.
    pub(crate) fn add(&mut self, failures: impl IntoIterator<Item = Reported>) {
        self.failures.extend(failures);
    }

    /// Something concerning a kind as a whole.
    pub(crate) fn fail_kind(&mut self, kind: Kind, detail: FailureDetail) {
        self.failures.push(Reported::of_kind(kind, Stage::Push, detail));
    }

    /// The refusal of the guard for a kind no longer holds.
    pub(crate) fn retract_guard(&mut self, kind: Kind) {
        let is_guard =
            |failure: &Reported| failure.subject == Subject::Kind(kind) && failure.cause == FailureCause::Guarded;
        self.failures.retain(|failure| !is_guard(failure));
    }

    /// A value that cannot be sent.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn fail_unfit_value(
        &mut self,
        tx: &Tx<'_>,
        (id, entity): (i64, &EntityKey),
        column: &str,
        refusal: &Refusal,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let detail = FailureDetail::new(refusal.cause, refusal.error.clone()).hint(refusal.hint.clone());
        let failing =
            Failing { entity: id, column: Some(column), value: Some(&refusal.value), item_id: None, detail: &detail };
        tx.fail(&failing, now, |tries| if refusal.may_resolve { retry::next_try(now, tries) } else { None })?;
        // Reported once, for the kind.
        if refusal.cause != FailureCause::ColumnClosed {
            self.report(id, entity, Some(column), detail);
        }
        Ok(())
    }

    /// A column that cannot be sent, and what to do about it.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn fail_column(
        &mut self,
        tx: &Tx<'_>,
        entity: &Entity,
        column: &str,
        value: &str,
        detail: FailureDetail,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let failing =
            Failing { entity: entity.row.id, column: Some(column), value: Some(value), item_id: None, detail: &detail };
        tx.fail(&failing, now, |tries| retry::next_try(now, tries))?;
        self.report(entity.row.id, &entity.row.entity_key(), Some(column), detail);
        Ok(())
    }

    /// An entity that could not be sent at all.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn fail_entity(
        &mut self,
        tx: &Tx<'_>,
        (id, entity): (i64, &EntityKey),
        detail: FailureDetail,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let failing = Failing { entity: id, column: None, value: None, item_id: None, detail: &detail };
        tx.fail(&failing, now, |tries| retry::next_try(now, tries))?;
        self.report(id, entity, None, detail);
        Ok(())
    }

    /// An entity whose item is missing; `next_try`: when it is retried, after so many tries.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn fail_without_item(
        &mut self,
        tx: &Tx<'_>,
        entity: &Entity,
        item: &str,
        detail: FailureDetail,
        now: Timestamp,
        next_try: impl Fn(Timestamp, u32) -> Option<Timestamp>,
    ) -> anyhow::Result<()> {
        let failing =
            Failing { entity: entity.row.id, column: None, value: None, item_id: Some(item), detail: &detail };
        tx.fail(&failing, now, |tries| next_try(now, tries))?;
        self.report(entity.row.id, &entity.row.entity_key(), None, detail);
        Ok(())
    }

    fn report(&mut self, id: i64, entity: &EntityKey, column: Option<&str>, detail: FailureDetail) {
        self.failed.entry(entity.kind).or_default().insert(id);
        self.failures.push(Reported::of_entity(entity.clone(), Stage::Push, column, detail));
    }

    /// Takes a failed column back, out of the store and out of the report.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn clear_failure_of(&mut self, tx: &Tx<'_>, entity: &Entity, column: &str) -> anyhow::Result<()> {
        tx.clear_failure(entity.row.id, Some(column))?;
        let subject = Subject::Entity(entity.row.entity_key());
        self.failures.retain(|failure| failure.subject != subject || failure.column.as_deref() != Some(column));
        if !self.failures.iter().any(|failure| failure.subject == subject) {
            self.failed.entry(entity.row.kind).or_default().remove(&entity.row.id);
        }
        Ok(())
    }
}
