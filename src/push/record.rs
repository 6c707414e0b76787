//! Recorder of what came of each change: confirmed, refused, unknown. Nobody else writes what monday confirmed of an entity.

use super::effects::{EffectLog, Effects};
use super::failures::FailureLog;
use super::findings::{Finding, Known};
use super::isolation::Isolation;
use crate::boards::Setup;
use crate::boards::catalog::Catalog;
use crate::boards::items::content_of;
use crate::entity::Kind;
use crate::failure::{FailureCause, FailureDetail};
use crate::message::{Message, MondayText};
use crate::monday::Item;
use crate::monday::column::{is_same_value, value_text};
use crate::plan::map;
use crate::plan::rederive::mark_dependants;
use crate::plan::sent;
use crate::store::{
    Action, Change, ChangeAction, ColumnChange, Confirmed, Entity, FailureRow, Intent, SentColumns, Tx,
};
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashSet};

/// Entities of a kind to which something was done.
#[derive(Debug, Default)]
pub(super) struct Touched {
    pub(super) created: HashSet<i64>,
    pub(super) adopted: HashSet<i64>,
    pub(super) updated: HashSet<i64>,
    pub(super) archived: HashSet<i64>,
}

/// Recorder: owns what became of the entities in this push.
pub(super) struct Recorder<'p> {
    setup: Setup<'p>,
    /// The run that changes are recorded under.
    run: i64,
    isolation: Isolation,
    log: FailureLog,
    notes: Vec<Message>,
    touched: BTreeMap<Kind, Touched>,
    /// Entities of which monday took something.
    taken: HashSet<i64>,
    effects: EffectLog,
}

impl<'p> Recorder<'p> {
    /// A recorder under a run; `isolation`: the entities whose calls fail.
    pub(super) fn new(setup: Setup<'p>, run: i64, isolation: Isolation) -> Recorder<'p> {
        Recorder {
            setup,
            run,
            isolation,
            log: FailureLog::default(),
            notes: Vec::new(),
            touched: BTreeMap::new(),
            taken: HashSet::new(),
            effects: EffectLog::default(),
        }
    }

    /// What it was set up with.
    pub(super) fn setup(&self) -> Setup<'p> {
        self.setup
    }

    /// Now.
    pub(super) fn now(&self) -> Timestamp {
        self.setup.clock().now()
    }

    /// The log of what failed.
    pub(super) fn log(&mut self) -> &mut FailureLog {
        &mut self.log
    }

    /// What failed, and what people should know besides.
    pub(super) fn finish(self) -> (FailureLog, Vec<Message>) {
        (self.log, self.notes)
    }

    /// Adds what people should know.
    pub(super) fn note(&mut self, note: impl Into<Message>) {
        self.notes.push(note.into());
    }

    /// The entities whose calls fail.
    pub(super) fn isolation(&self) -> &Isolation {
        &self.isolation
    }

    /// The entities whose calls fail.
    pub(super) fn isolation_mut(&mut self) -> &mut Isolation {
        &mut self.isolation
    }

    /// The entities of a kind to which something was done.
    pub(super) fn touched(&mut self, kind: Kind) -> &mut Touched {
        self.touched.entry(kind).or_default()
    }

    /// How many items of these kinds were taken over.
    pub(super) fn count_adopted(&self, kinds: &[Kind]) -> u64 {
        let adopted = kinds.iter().filter_map(|kind| self.touched.get(kind)).map(|touched| touched.adopted.len());
        adopted.sum::<usize>() as u64
    }

    /// Whether monday took something of an entity in this run.
    pub(super) fn has_taken(&self, entity: i64) -> bool {
        self.taken.contains(&entity)
    }

    /// The effects of what was recorded since this was asked last.
    pub(super) fn take_effects(&mut self) -> Effects {
        self.effects.take()
    }

    /// The log of what follows from what was recorded.
    pub(super) fn effects(&mut self) -> &mut EffectLog {
        &mut self.effects
    }

    /// Keeps what planning found out.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(super) fn keep_findings(&mut self, tx: &Tx<'_>, findings: Vec<Finding>) -> anyhow::Result<()> {
        let now = self.now();
        for finding in findings {
            match finding {
                Finding::Known(known) => keep_known(tx, &known)?,
                Finding::Unchanged { known, version } => self.confirm_unchanged(tx, &known, version)?,
                Finding::Unfit { id, entity, column, refusal } => {
                    self.log.fail_unfit_value(tx, (id, &entity), &column, &refusal, now)?;
                }
                Finding::Failed { id, entity, detail } => self.log.fail_entity(tx, (id, &entity), detail, now)?,
                // Its item stands on a board that is no longer this kind's: it is let go.
                Finding::Elsewhere(id) => tx.drop_item(id)?,
            }
        }
        Ok(())
    }

    fn confirm_unchanged(&mut self, tx: &Tx<'_>, known: &Known, version: i64) -> anyhow::Result<()> {
        keep_known(tx, known)?;
        self.isolation.clear(tx, known.id)?;
        tx.confirm_unchanged(known.id, version)?;
        if self.touched.get(&known.kind).is_some_and(|touched| touched.adopted.contains(&known.id))
            && let Some(stored) = tx.get(known.id)?
        {
            self.note_change(tx, &stored, ChangeAction::Adopt, &SentColumns::default(), &Map::new())?;
        }
        Ok(())
    }

    /// Records what monday confirmed of one change.
    ///
    /// # Errors
    /// Where the store cannot be read or written.
    pub(super) fn confirm(&mut self, tx: &Tx<'_>, intent: &Intent, board: &str, item_id: &str) -> anyhow::Result<()> {
        let Some(stored) = tx.get(intent.entity)? else { return Ok(()) };
        if !matches!(intent.action, Action::Create | Action::Update) {
            return self.confirm_removed(tx, intent, &stored);
        }
        let is_new = intent.action == Action::Create;
        let before = if is_new { None } else { tx.sent(stored.row.id)? }.unwrap_or_default();
        self.note_change(
            tx,
            &stored,
            if is_new { ChangeAction::Create } else { ChangeAction::Update },
            &before,
            &intent.columns,
        )?;
        self.isolation.clear(tx, stored.row.id)?;
        self.taken.insert(stored.row.id);
        self.clear_taken_failures(tx, &stored, &intent.columns)?;
        let mut merged = before;
        merged.extend(intent.columns.clone());
        let confirmed = Confirmed {
            entity: stored.row.id,
            version: intent.version,
            board,
            item_id,
            is_new,
            sent: &merged,
            is_complete: intent.withheld.is_empty(),
        };
        tx.confirm(&confirmed, self.now())?;
        let touched = self.touched(stored.row.kind);
        if is_new {
            touched.created.insert(stored.row.id);
            self.item_has_changed(tx, &stored)?;
        } else if !touched.created.contains(&stored.row.id) && !touched.adopted.contains(&stored.row.id) {
            touched.updated.insert(stored.row.id);
        }
        Ok(())
    }

    /// Forgives the failures of columns that monday has taken now, in any form. One that was only cleared, because its value
    /// cannot be sent, goes on failing.
    fn clear_taken_failures(&mut self, tx: &Tx<'_>, stored: &Entity, sent: &Map<String, Value>) -> anyhow::Result<()> {
        let was_sent =
            |failure: &FailureRow| !matches!(failure.cause, FailureCause::ValueUnfit | FailureCause::LabelMissing);
        for failure in tx.failures(stored.row.id)?.into_iter().filter(was_sent) {
            let Some(column) = &failure.column else { continue };
            if sent.get(column).is_some_and(|value| is_same_value(failure.value.as_deref(), value)) {
                self.log.clear_failure_of(tx, stored, column)?;
            }
        }
        Ok(())
    }

    /// Records that an item is archived, deleted, or nobody's any more.
    ///
    /// # Errors
    /// Where the store cannot be read or written.
    pub(super) fn confirm_removed(&mut self, tx: &Tx<'_>, intent: &Intent, stored: &Entity) -> anyhow::Result<()> {
        self.isolation.clear(tx, stored.row.id)?;
        let is_cleared = intent.action == Action::ClearKey;
        let action = if is_cleared { ChangeAction::Unlink } else { ChangeAction::Archive };
        self.note_change(tx, stored, action, &SentColumns::default(), &Map::new())?;
        if is_cleared || stored.is_deleted() {
            tx.remember_item(stored.row.id)?;
        }
        tx.drop_item(stored.row.id)?;
        if !is_cleared {
            self.touched(stored.row.kind).archived.insert(stored.row.id);
        }
        self.item_has_changed(tx, stored)
    }

    /// Takes over an item for an entity. Nothing counts as sent: what the item shows is compared when the entity is planned.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(super) fn take_over(&mut self, tx: &Tx<'_>, board: &str, entity: &Entity, item: &Item) -> anyhow::Result<()> {
        let content = content_of(item);
        tx.adopt(entity.row.id, board, &item.id, &sent::all_observed(&content), self.now())?;
        self.effects.note_observed([(entity.row.id, content)]);
        self.touched(entity.row.kind).adopted.insert(entity.row.id);
        self.item_has_changed(tx, entity)
    }

    /// An entity has an item, or another one, or none any more: whoever links to it is due.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(super) fn item_has_changed(&mut self, tx: &Tx<'_>, stored: &Entity) -> anyhow::Result<()> {
        mark_dependants(tx, self.setup.derivation, stored.row.kind, &stored.record)?;
        self.effects.note_item_changed(stored.row.kind);
        Ok(())
    }

    /// The columns of a change that may have been made, or not, count as not sent.
    ///
    /// # Errors
    /// Where the store cannot be read or written.
    pub(super) fn forget_sent(&mut self, tx: &Tx<'_>, intent: &Intent) -> anyhow::Result<()> {
        let Some(mut sent) = tx.sent(intent.entity)? else { return Ok(()) };
        sent.retain(|column, _| !intent.columns.contains_key(column));
        tx.set_sent(intent.entity, &sent)
    }

    /// Records that monday refused a column.
    ///
    /// # Errors
    /// Where the store cannot be read or written.
    pub(super) fn refuse_column(
        &mut self,
        tx: &Tx<'_>,
        stored: &Entity,
        column: &str,
        value: &Value,
        error: Message,
    ) -> anyhow::Result<()> {
        let selector = stored.row.entity_key().to_string();
        let is_blank = *value == map::cleared(self.setup.kind(stored.row.kind), column, &selector);
        if is_blank && tx.keep_value(stored.row.id, column, &value.to_string())? {
            // What was refused is the clearing of a column that has failed already: it keeps what it shows.
            return Ok(());
        }
        let detail = FailureDetail::new(FailureCause::ValueRefused, error);
        let detail = detail.hint(MondayText::MendValue { kind: stored.row.kind });
        let now = self.now();
        self.log.fail_column(tx, stored, column, &value.to_string(), detail, now)
    }

    /// Records that the token's user may not edit a column: it is left out from now on, for the whole kind.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(super) fn close_column(
        &mut self,
        tx: &Tx<'_>,
        catalog: &mut Catalog<'_>,
        stored: &Entity,
        column: &str,
        why: &str,
    ) -> anyhow::Result<()> {
        if let Some(detail) = catalog.close_column(tx, stored.row.kind, column, why)? {
            self.log.fail_kind(stored.row.kind, detail);
        }
        Ok(())
    }

    /// Keeps old and new of each column, for people.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(super) fn note_change(
        &mut self,
        tx: &Tx<'_>,
        stored: &Entity,
        action: ChangeAction,
        before: &SentColumns,
        sent: &Map<String, Value>,
    ) -> anyhow::Result<()> {
        let columns = sent.iter().map(|(column, value)| {
            let old = before.get(column).and_then(sent::text_of);
            (column.clone(), ColumnChange { old, new: value_text(value) })
        });
        let columns = columns.filter(|(_, change)| change.old.is_some() || change.new.is_some()).collect();
        let is_adopted =
            self.touched.get(&stored.row.kind).is_some_and(|touched| touched.adopted.contains(&stored.row.id));
        let action = if is_adopted && action == ChangeAction::Update { ChangeAction::Adopt } else { action };
        tx.add_change(&Change {
            run: Some(self.run),
            at: self.now(),
            kind: stored.row.kind,
            key: stored.row.key.clone(),
            action,
            columns,
        })
    }
}

/// Keeps what planning found out of one entity: failures that are over, and values that its item shows already.
fn keep_known(tx: &Tx<'_>, known: &Known) -> anyhow::Result<()> {
    for column in &known.resolved {
        tx.clear_failure(known.id, Some(column))?;
    }
    if known.has_recovered {
        tx.clear_failure(known.id, None)?;
    }
    if let Some(confirmed) = &known.confirmed {
        tx.set_sent(known.id, confirmed)?;
    }
    Ok(())
}
