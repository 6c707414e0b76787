//! What went wrong, and what it all sums up to.

use crate::entity::{EntityKey, Kind};
use crate::failure::Reported;
use crate::failure::Subject;
use crate::failure::{Exit, FailureCause, FailureDetail};
use crate::message::{Message, MondayText};
use crate::plan::map;
use crate::plan::step;
use crate::pull::guard;
use crate::push::engine::Engine;
use crate::push::run::KindPush;
use crate::store::{Due, Failing, Intent, State, Stored, Tx};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::HashSet;

impl Engine<'_, '_> {
    /// A value that cannot be sent.
    pub(crate) fn note_refusal(
        &mut self,
        tx: &Tx<'_>,
        due: &Due,
        column: &str,
        refusal: &map::Refusal,
    ) -> anyhow::Result<()> {
        let now = self.now();
        let detail = FailureDetail::new(refusal.cause, refusal.error.clone()).hint(refusal.hint.clone());
        let failing = Failing { entity: due.id, column, value: Some(&refusal.value), item_id: None, detail: &detail };
        tx.fail(&failing, now, |tries| if refusal.may_heal { step::next_try(now, tries) } else { None })?;
        self.report(due.kind, &due.key, due.id, Some(column), detail);
        Ok(())
    }

    /// A column that monday refused.
    pub(crate) fn fail_column(
        &mut self,
        tx: &Tx<'_>,
        intent: &Intent,
        column: &str,
        value: &Value,
        error: Message,
    ) -> anyhow::Result<()> {
        let Some(stored) = self.store.get(intent.entity)? else { return Ok(()) };
        let selector = EntityKey::new(stored.kind, stored.key.clone()).to_string();
        let is_blank = *value == map::cleared(self.entity(stored.kind), column, &selector);
        if is_blank && tx.keep_value(stored.id, column, &value.to_string())? {
            // What was refused is the clearing of a column that has failed already: it keeps what it shows.
            return Ok(());
        }
        let detail = FailureDetail::new(FailureCause::ValueRefused, error);
        let detail = detail.hint(MondayText::MendValue { kind: stored.kind });
        self.fail_column_because(tx, &stored, column, &value.to_string(), detail)
    }

    /// A column that cannot be sent, and what to do about it.
    pub(crate) fn fail_column_because(
        &mut self,
        tx: &Tx<'_>,
        stored: &Stored,
        column: &str,
        value: &str,
        detail: FailureDetail,
    ) -> anyhow::Result<()> {
        let now = self.now();
        let failing = Failing { entity: stored.id, column, value: Some(value), item_id: None, detail: &detail };
        tx.fail(&failing, now, |tries| step::next_try(now, tries))?;
        self.report(stored.kind, &stored.key, stored.id, Some(column), detail);
        Ok(())
    }

    /// An entity that could not be sent at all.
    pub(crate) fn fail_entity(
        &mut self,
        tx: &Tx<'_>,
        id: i64,
        kind: Kind,
        key: &str,
        detail: FailureDetail,
    ) -> anyhow::Result<()> {
        let now = self.now();
        let failing = Failing { entity: id, column: "", value: None, item_id: None, detail: &detail };
        tx.fail(&failing, now, |tries| step::next_try(now, tries))?;
        self.report(kind, key, id, None, detail);
        Ok(())
    }

    pub(crate) fn report(&mut self, kind: Kind, key: &str, id: i64, column: Option<&str>, detail: FailureDetail) {
        self.touched.entry(kind).or_default().failed.insert(id);
        self.result.failures.push(Reported::of_entity(EntityKey::new(kind, key), "push", column, detail));
    }

    /// Lets the items go whose entities are gone or outside `only`, within the guard. Where the guard refuses, the items of the
    /// kind stay, and the rest of it is pushed.
    pub(crate) fn release(&mut self, kinds: &[Kind]) -> anyhow::Result<()> {
        for &kind in kinds {
            let push = self.push;
            let is_chosen = |key: &str| push.selection.holds(kind, key);
            let refusal =
                self.write(|tx| guard::release(tx, push.config, kind, push.allowed, self.now(), is_chosen))?;
            if let Some(refusal) = refusal {
                let is_told =
                    |told: &Reported| told.subject == Subject::Kind(kind) && told.cause == FailureCause::Guarded;
                self.result.failures.retain(|told| !is_told(told));
                self.fail_kind(kind, refusal);
                self.result.exit = Some(self.result.exit.unwrap_or(Exit::Ok).and(Exit::Guard));
            }
        }
        Ok(())
    }

    /// Something concerning a kind as a whole: its board is closed for this run.
    pub(crate) fn fail_kind(&mut self, kind: Kind, detail: FailureDetail) {
        self.result.failures.push(Reported::of_kind(kind, "push", detail));
    }

    /// Says which connections stay empty because their parent is not there, or not alone. That is no failure.
    fn note_unfound(&mut self) {
        for ((kind, parent, is_ambiguous), keys) in std::mem::take(&mut self.unfound) {
            let count = keys.len() as u64;
            let Some(first) = keys.into_iter().next() else { continue };
            let example = format!("{kind}:{first}");
            let note = match is_ambiguous {
                true => MondayText::ParentsAmbiguous { parent, count, example },
                false => MondayText::ParentsMissing { parent, count, example },
            };
            self.result.notes.push(note.into());
        }
    }

    /// How many of the entities that were asked for by themselves wait for the next run.
    fn count_pending(&self, kind: Kind, now: Timestamp) -> anyhow::Result<u64> {
        let mut count = 0;
        for (_, key) in self.push.selection.entities.iter().filter(|(of, _)| *of == kind) {
            let rows = self.store.list_states(kind, false, Some(key), now)?;
            count += rows.iter().filter(|row| row.state == State::Pending).count() as u64;
        }
        Ok(count)
    }

    /// Sums up what became of the kinds.
    pub(crate) fn sum_up(&mut self, kinds: &[Kind]) -> anyhow::Result<()> {
        let now = self.now();
        self.note_unfound();
        for &kind in kinds {
            self.push.progress.end("push", kind);
            let counts = self.store.count_states(kind, false, now)?;
            let of = |state: State| counts.iter().filter(|(s, _, _)| *s == state).map(|(_, _, n)| n).sum::<u64>();
            let deferred = match self.push.selection.kinds.contains(&kind) {
                true => of(State::Pending),
                false => self.count_pending(kind, now)?,
            };
            let touched = self.touched.entry(kind).or_default();
            let all: HashSet<i64> = [&touched.created, &touched.adopted, &touched.updated, &touched.failed]
                .into_iter()
                .flatten()
                .copied()
                .collect();
            let pushable = [State::Synced, State::Pending, State::Error].into_iter().map(of).sum::<u64>();
            let entry = KindPush {
                created: touched.created.len() as u64,
                adopted: touched.adopted.len() as u64,
                updated: touched.updated.len() as u64,
                archived: touched.archived.len() as u64,
                failed: touched.failed.len() as u64,
                paused: of(State::Paused),
                unlinked: of(State::Unlinked),
                unchanged: pushable.saturating_sub(all.len() as u64 + deferred),
                deferred,
            };
            if deferred == 0 && !self.is_dry() {
                let board = self.entity(kind).board.as_deref().unwrap_or_default();
                self.write(|tx| {
                    tx.set_pushed(kind, now)?;
                    tx.begin_verifying(board, kind, now)
                })?;
            }
            self.result.kinds.insert(kind, entry);
        }
        Ok(())
    }
}
