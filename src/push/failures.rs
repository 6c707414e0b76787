//! Failures of a push: kept in the store, and listed in the run's report.

use crate::entity::{EntityKey, Kind};
use crate::failure::{FailureCause, FailureDetail, Reported, Stage, Subject};
use crate::monday::column::is_same_value;
use crate::plan::map::Refusal;
use crate::retry;
use crate::store::{Entity, Failing, FailureRow, Tx, UnreportedFailure};
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashSet};

/// Part of an entity that failed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Failed<'f> {
    /// All of it.
    Whole,
    /// A column, and the value that was to be sent.
    Column(&'f str, &'f str),
    /// Its item, which is missing.
    Item(&'f str),
    /// Its item, which was taken away: that is so until the item is back, or people ask for another one.
    ItemForGood(&'f str),
}

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

    /// The guard holds back what would go of a kind. What it said of it before no longer holds.
    pub(crate) fn refuse_by_guard(&mut self, kind: Kind, refusal: FailureDetail) {
        let is_guard =
            |failure: &Reported| failure.subject == Subject::Kind(kind) && failure.cause == FailureCause::Guarded;
        self.failures.retain(|failure| !is_guard(failure));
        self.fail_kind(kind, refusal);
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

    /// An entity that could not be sent, or a part of it; what is to be tried again is, when its time has come.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn fail(
        &mut self,
        tx: &Tx<'_>,
        (id, entity): (i64, &EntityKey),
        failed: Failed<'_>,
        detail: FailureDetail,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let (column, value, item_id) = match failed {
            Failed::Whole => (None, None, None),
            Failed::Column(column, value) => (Some(column), Some(value), None),
            Failed::Item(item) | Failed::ItemForGood(item) => (None, None, Some(item)),
        };
        let failing = Failing { entity: id, column, value, item_id, detail: &detail };
        let is_for_good = matches!(failed, Failed::ItemForGood(_));
        tx.fail(&failing, now, |tries| if is_for_good { None } else { retry::next_try(now, tries) })?;
        self.report(id, entity, column, detail);
        Ok(())
    }

    /// Forgives the failures of columns that monday has taken now, in any form. One that was only cleared, because its value
    /// cannot be sent, goes on failing.
    ///
    /// # Errors
    /// Where the store cannot be read or written.
    pub(crate) fn clear_taken(
        &mut self,
        tx: &Tx<'_>,
        stored: &Entity,
        sent: &Map<String, Value>,
    ) -> anyhow::Result<()> {
        let was_sent =
            |failure: &FailureRow| !matches!(failure.cause, FailureCause::ValueUnfit | FailureCause::LabelMissing);
        for failure in tx.failures(stored.row.id)?.into_iter().filter(was_sent) {
            let Some(column) = &failure.column else { continue };
            if sent.get(column).is_some_and(|value| is_same_value(failure.value.as_deref(), value)) {
                self.clear_failure_of(tx, stored, column)?;
            }
        }
        Ok(())
    }

    /// Those of these that it does not report yet.
    pub(crate) fn without_reported(&self, mut failures: Vec<UnreportedFailure>) -> Vec<UnreportedFailure> {
        let column = |column: &Option<String>| column.clone().unwrap_or_default();
        let reported: HashSet<(&Subject, String)> =
            self.failures.iter().map(|failure| (&failure.subject, column(&failure.column))).collect();
        failures
            .retain(|failure| !reported.contains(&(&Subject::Entity(failure.key.clone()), column(&failure.column))));
        failures
    }

    /// Reports what failed of an entity, or of one of its columns.
    pub(crate) fn report(&mut self, id: i64, entity: &EntityKey, column: Option<&str>, detail: FailureDetail) {
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
