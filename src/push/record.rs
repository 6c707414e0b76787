//! Recorder of what came of each change: confirmed, refused, unknown. Nobody else writes what monday confirmed of an entity.

use super::effects::Effect;
use super::failures::{Failed, FailureLog};
use super::findings::{Finding, Known};
use super::isolation::{FailedChanges, Isolation, RetryLimits};
use crate::boards::Setup;
use crate::boards::items::content_of;
use crate::entity::Kind;
use crate::failure::{FailureCause, FailureDetail, Reported};
use crate::message::{Message, MondayText, Why};
use crate::monday::Item;
use crate::monday::column::value_text;
use crate::plan::rederive::mark_dependants;
use crate::plan::sent;
use crate::store::{
    Action, Batch, Change, ChangeAction, ColumnChange, Confirmed, Entity, Intent, SentColumns, Tx, UnreportedFailure,
};
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
    effects: Vec<Effect>,
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
            effects: Vec::new(),
        }
    }

    /// What it was set up with.
    pub(super) fn setup(&self) -> Setup<'p> {
        self.setup
    }

    /// What failed so far.
    pub(super) fn failures(&self) -> &FailureLog {
        &self.log
    }

    /// Adds what failed of kinds as a whole.
    pub(super) fn report(&mut self, failures: impl IntoIterator<Item = Reported>) {
        self.log.add(failures);
    }

    /// Reports what failed of an entity in a run that never ended.
    pub(super) fn report_unreported(&mut self, failure: UnreportedFailure) {
        self.log.report(failure.entity, &failure.key, failure.column.as_deref(), failure.detail);
    }

    /// The guard holds back what would go of a kind.
    pub(super) fn refuse_by_guard(&mut self, kind: Kind, refusal: FailureDetail) {
        self.log.refuse_by_guard(kind, refusal);
    }

    /// Records that an entity could not be sent, or a part of it.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(super) fn fail(
        &mut self,
        tx: &Tx<'_>,
        stored: &Entity,
        failed: Failed<'_>,
        detail: FailureDetail,
    ) -> anyhow::Result<()> {
        self.log.fail(tx, (stored.row.id, &stored.row.entity_key()), failed, detail, self.setup.now())
    }

    /// Takes a failed column back.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(super) fn clear_failure(&mut self, tx: &Tx<'_>, stored: &Entity, column: &str) -> anyhow::Result<()> {
        self.log.clear_failure_of(tx, stored, column)
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

    /// Sends the entities of a call apart from the others from now on, at most `max_batch` in a call.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(super) fn set_apart(&mut self, tx: &Tx<'_>, intents: &[Intent], max_batch: usize) -> anyhow::Result<()> {
        self.isolation.set_apart(tx, intents, max_batch, self.setup.now())
    }

    /// monday answered for the change of an entity, whatever it said: no call fails for it.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(super) fn was_answered(&mut self, tx: &Tx<'_>, entity: i64) -> anyhow::Result<()> {
        self.isolation.clear(tx, entity)
    }

    /// Something was done on a board, so that it works.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(super) fn board_works(&mut self, tx: &Tx<'_>, board: &str) -> anyhow::Result<()> {
        self.isolation.worked(tx, &self.setup.kinds_pushed_to(board), self.setup.now())
    }

    /// Notes who may be at fault that a call failed; who is turns red.
    ///
    /// # Errors
    /// Where the store cannot be read or written.
    pub(super) fn blame(&mut self, tx: &Tx<'_>, failed: &FailedChanges<'_>, why: &Why) -> anyhow::Result<()> {
        let (setup, now) = (self.setup, self.setup.now());
        let pause = |faults: u32| setup.backoff(faults);
        let limits = RetryLimits { policy: setup.client.http().retry(), pause: &pause, now };
        for entity in self.isolation.blame(tx, failed, &limits)? {
            let Some(stored) = tx.get(entity)? else { continue };
            self.isolation.single_out(tx, entity, now)?;
            let detail = FailureDetail::new(FailureCause::ServerFault, MondayText::ItemFails { why: why.clone() });
            let hint = MondayText::ResyncLater { entity: stored.row.entity_key().to_string() };
            self.fail(tx, &stored, Failed::Whole, detail.hint(hint))?;
        }
        Ok(())
    }

    /// The entities of a kind to which something was done; `None`: nothing was.
    pub(super) fn touched(&self, kind: Kind) -> Option<&Touched> {
        self.touched.get(&kind)
    }

    /// Whether monday took something of an entity in this run.
    pub(super) fn has_taken(&self, entity: i64) -> bool {
        self.taken.contains(&entity)
    }

    /// The effects of what was recorded since this was asked last.
    pub(super) fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// Adds what follows for what is planned next.
    pub(super) fn note_effects(&mut self, effects: impl IntoIterator<Item = Effect>) {
        self.effects.extend(effects);
    }

    /// Keeps what planning found out.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(super) fn keep_findings(&mut self, tx: &Tx<'_>, findings: Vec<Finding>) -> anyhow::Result<()> {
        let now = self.setup.now();
        for finding in findings {
            match finding {
                Finding::Known(known) => keep_known(tx, &known)?,
                Finding::Unchanged { known, version } => confirm_unchanged(self, tx, &known, version)?,
                Finding::Unfit { id, entity, column, refusal } => {
                    self.log.fail_unfit_value(tx, (id, &entity), &column, &refusal, now)?;
                }
                Finding::Failed { id, entity, detail } => {
                    self.log.fail(tx, (id, &entity), Failed::Whole, detail, now)?
                }
                // Its item stands on a board that is no longer this kind's: it is let go.
                Finding::Elsewhere(id) => tx.drop_item(id)?,
            }
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
        self.log.clear_taken(tx, &stored, &intent.columns)?;
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
        tx.confirm(&confirmed, self.setup.now())?;
        let touched = self.touched.entry(stored.row.kind).or_default();
        if is_new {
            touched.created.insert(stored.row.id);
            self.item_has_changed(tx, &stored)?;
        } else if !touched.created.contains(&stored.row.id) && !touched.adopted.contains(&stored.row.id) {
            touched.updated.insert(stored.row.id);
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
            self.touched.entry(stored.row.kind).or_default().archived.insert(stored.row.id);
        }
        self.item_has_changed(tx, stored)
    }

    /// Takes over an item for an entity. Nothing counts as sent: what the item shows is compared when the entity is planned.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(super) fn take_over(&mut self, tx: &Tx<'_>, board: &str, entity: &Entity, item: &Item) -> anyhow::Result<()> {
        let content = content_of(item);
        tx.adopt(entity.row.id, board, &item.id, &sent::all_observed(&content), self.setup.now())?;
        self.effects.push(Effect::Observed(entity.row.id, content));
        self.touched.entry(entity.row.kind).or_default().adopted.insert(entity.row.id);
        self.item_has_changed(tx, entity)
    }

    /// An entity has an item, or another one, or none any more: whoever links to it is due.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(super) fn item_has_changed(&mut self, tx: &Tx<'_>, stored: &Entity) -> anyhow::Result<()> {
        mark_dependants(tx, self.setup.derivation, stored.row.kind, &stored.record)?;
        self.effects.push(Effect::ItemsChanged(stored.row.kind));
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
            at: self.setup.now(),
            kind: stored.row.kind,
            key: stored.row.key.clone(),
            action,
            columns,
        })
    }
}

/// Records the item that was found of a new entity, and that its change is no longer under way.
///
/// # Errors
/// Where the store cannot be read or written.
pub(super) fn confirm_found(
    recorder: &mut Recorder<'_>,
    tx: &Tx<'_>,
    batch: &Batch,
    intent: &Intent,
    item_id: &str,
) -> anyhow::Result<()> {
    recorder.confirm(tx, intent, &batch.board, item_id)?;
    tx.end_intent(batch.id, &intent.alias)
}

/// What is stored of an entity is what its item shows.
fn confirm_unchanged(recorder: &mut Recorder<'_>, tx: &Tx<'_>, known: &Known, version: i64) -> anyhow::Result<()> {
    keep_known(tx, known)?;
    recorder.isolation.clear(tx, known.id)?;
    tx.confirm_unchanged(known.id, version)?;
    if recorder.touched.get(&known.kind).is_some_and(|touched| touched.adopted.contains(&known.id))
        && let Some(stored) = tx.get(known.id)?
    {
        recorder.note_change(tx, &stored, ChangeAction::Adopt, &SentColumns::default(), &Map::new())?;
    }
    Ok(())
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

/// The columns of a change that may have been made, or not, count as not sent.
///
/// # Errors
/// Where the store cannot be read or written.
pub(super) fn forget_sent(tx: &Tx<'_>, intent: &Intent) -> anyhow::Result<()> {
    let Some(mut sent) = tx.sent(intent.entity)? else { return Ok(()) };
    sent.retain(|column, _| !intent.columns.contains_key(column));
    tx.set_sent(intent.entity, &sent)
}
