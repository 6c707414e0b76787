//! Planning the next call of a board: which entities, in which order, and what of them.

use crate::config::OnDelete;
use crate::entity::Kind;
use crate::failure::{FailureCause, FailureDetail};
use crate::message::{HapiText, Message, MondayText};
use crate::monday::columns_from_json;
use crate::monday::document::{self, Mutation};
use crate::plan::map;
use crate::plan::map::{BoardColumns, Refusal, Rules};
use crate::plan::relations::parent_of;
use crate::plan::step;
use crate::plan::step::{Planned, Situation, Step};
use crate::push::creating::KEYS_PER_LOOKUP;
use crate::push::engine::{Cursor, Engine, MOST_ATTEMPTS, Tried};
use crate::push::lanes::LARGEST_BATCH;
use crate::store::{Action, Due, Intent, NewEntity, Parent, Retiree, Tx};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

/// Entities looked at in one go.
const PER_LOOK: u64 = 200;
/// Most bytes of values in one call. Answers to larger ones may not be kept for their idempotency key.
const LARGEST_BODY: usize = 500_000;

/// A call that is planned, not yet durable.
#[derive(Default)]
pub(crate) struct Draft {
    pub(crate) intents: Vec<Intent>,
    pub(crate) kinds: BTreeMap<Kind, u64>,
    pub(crate) mutations: Vec<Mutation>,
    /// The entities whose keys have to be looked for on the board before they get items.
    pub(crate) to_look_up: Vec<NewEntity>,
    bytes: usize,
}

/// What planning one entity found out.
struct EntityPlan {
    planned: Planned,
    refusals: Vec<(String, Refusal)>,
    healed: Vec<String>,
    /// The parents that it names and does not find, and whether that is because several fit.
    unfound: Vec<(Kind, bool)>,
}

impl Engine<'_, '_> {
    /// Whether anything of a kind is to be sent. What differs in nothing, by the board as it was last read, is settled here
    /// without a call.
    pub(crate) fn has_work(&mut self, kind: Kind) -> anyhow::Result<bool> {
        let tx = self.transaction()?;
        let has_work = self.look_for_work(&tx, kind)?;
        tx.commit()?;
        Ok(has_work)
    }

    fn look_for_work(&mut self, tx: &Tx<'_>, kind: Kind) -> anyhow::Result<bool> {
        let now = self.now();
        let entity = self.entity(kind);
        let board = entity.board.as_deref().unwrap_or_default();
        let is_known = self.is_adopted(board, kind)?;
        let columns = self.store.board_columns(board)?.filter(|_| is_known).map(|json| columns_from_json(&json));
        let mut after = 0;
        loop {
            let retirees = self.store.to_retire(kind, self.keeps_items(), after, PER_LOOK, now)?;
            let Some(last) = retirees.last() else { break };
            after = last.id;
            if retirees.iter().any(|retiree| self.push.selection.holds(kind, &retiree.key)) {
                return Ok(true);
            }
        }
        let mut after = 0;
        loop {
            let due = self.store.due(kind, after, PER_LOOK, now)?;
            let Some(last) = due.last() else { return Ok(false) };
            after = last.id;
            for due in due.iter().filter(|due| self.push.selection.holds(kind, &due.key)) {
                let Some(columns) = &columns else { return Ok(true) };
                let plan = self.plan(due, columns)?;
                self.doubts_boards |= plan.as_ref().is_some_and(|plan| !plan.refusals.is_empty());
                match plan {
                    Some(plan) if plan.planned.steps.is_empty() && plan.refusals.is_empty() => {
                        self.confirm_unchanged(tx, due, &plan)?;
                    }
                    _ => return Ok(true),
                }
            }
        }
    }

    /// Says what a changed configuration costs, before anything of it is spent.
    pub(crate) fn announce_rewrite(&mut self, kinds: &[Kind]) -> anyhow::Result<()> {
        for &kind in kinds {
            let count = self.count_rewrites(kind)?;
            if count > 0 {
                let calls = count.div_ceil(LARGEST_BATCH as u64);
                let text: Message = MondayText::MappingChanged { kind, count, calls }.into();
                self.push.progress.announce(&text);
                self.result.notes.push(text);
            }
        }
        Ok(())
    }

    /// How many items of a kind are changed.
    fn count_rewrites(&self, kind: Kind) -> anyhow::Result<u64> {
        let board = self.entity(kind).board.as_deref().and_then(|board| self.boards.get(board));
        let Some(board) = board else { return Ok(0) };
        let (mut count, mut after) = (0, 0);
        loop {
            let due = self.store.due(kind, after, PER_LOOK, self.now())?;
            let Some(last) = due.last() else { return Ok(count) };
            after = last.id;
            for due in due.iter().filter(|due| due.item_id.is_some() && self.push.selection.holds(kind, &due.key)) {
                let plan = self.plan(due, &board.columns)?;
                count += u64::from(plan.is_some_and(|plan| !plan.planned.steps.is_empty()));
            }
        }
    }

    fn keeps_items(&self) -> bool {
        self.push.config.sync.on_delete == OnDelete::Keep
    }

    pub(crate) fn draft(&mut self, tx: &Tx<'_>, index: usize) -> anyhow::Result<Draft> {
        let mut draft = Draft::default();
        for kind in self.lanes[index].kinds.clone() {
            if !self.lanes[index].exhausted.contains(&kind) && self.parents_are_through(kind) {
                self.draft_kind(tx, index, kind, &mut draft)?;
            }
            if draft.is_full(self.lanes[index].size()) {
                break;
            }
        }
        if draft.intents.is_empty()
            && let Some(at) = self.draft_apart(tx, index, &mut draft)?
        {
            let pause = Duration::try_from(at.duration_since(self.now())).unwrap_or_default();
            self.wait(index, pause);
        }
        Ok(draft)
    }

    /// Plans one entity, whatever its turn.
    pub(crate) fn draft_one(
        &mut self,
        tx: &Tx<'_>,
        index: usize,
        entity: i64,
        draft: &mut Draft,
    ) -> anyhow::Result<()> {
        let Some(kind) = self.faults.get(&entity).map(|fault| fault.kind) else { return Ok(()) };
        if !self.lanes[index].ready.contains(&kind) {
            return Ok(());
        }
        let now = self.now();
        let due = self.store.due(kind, entity - 1, 1, now)?;
        if let Some(due) = due.first().filter(|due| due.id == entity)
            && self.push.selection.holds(kind, &due.key)
            && self.is_within_limit(entity)
        {
            return self.draft_due(tx, index, due, draft);
        }
        let retirees = self.store.to_retire(kind, self.keeps_items(), entity - 1, 1, now)?;
        match retirees.first().filter(|retiree| retiree.id == entity) {
            Some(retiree) => self.draft_retiree(tx, index, retiree, draft),
            None => Ok(()),
        }
    }

    /// Whether all kinds that this one links to have been sent, as far as they can be.
    pub(crate) fn parents_are_through(&self, kind: Kind) -> bool {
        self.entity(kind).relations.keys().all(|parent| {
            self.lanes.iter().filter(|lane| lane.kinds.contains(parent)).all(|lane| lane.is_through_with(*parent))
        })
    }

    fn draft_kind(&mut self, tx: &Tx<'_>, index: usize, kind: Kind, draft: &mut Draft) -> anyhow::Result<()> {
        let size = self.lanes[index].size();
        while draft.to_look_up.len() < KEYS_PER_LOOKUP {
            let mut cursor = self.lanes[index].cursors.get(&kind).copied().unwrap_or_default();
            self.draft_retirees(tx, index, kind, &mut cursor, draft)?;
            let room = size.saturating_sub(draft.intents.len()) as u64;
            let now = self.now();
            let due = if room == 0 { Vec::new() } else { self.store.due(kind, cursor.due, room, now)? };
            for due in &due {
                if draft.is_full(size) {
                    break;
                }
                cursor.due = due.id;
                if self.faults.contains_key(&due.id)
                    || !self.push.selection.holds(kind, &due.key)
                    || !self.is_within_limit(due.id)
                {
                    continue;
                }
                if self.must_look_up(tx, index, due)? {
                    draft.to_look_up.push(NewEntity { id: due.id, kind, key: due.key.clone() });
                } else {
                    cursor.found_any = true;
                    self.draft_due(tx, index, due, draft)?;
                }
            }
            let is_at_end = due.is_empty() && room > 0;
            let again = is_at_end && cursor.found_any;
            if again {
                // What was left over by an answer comes before everything is through.
                cursor = Cursor::default();
            }
            self.lanes[index].cursors.insert(kind, cursor);
            if draft.is_full(size) || (again && !draft.intents.is_empty()) {
                return Ok(());
            }
            if is_at_end && !again {
                if draft.intents.is_empty() && draft.to_look_up.is_empty() {
                    self.lanes[index].exhausted.insert(kind);
                }
                return Ok(());
            }
        }
        Ok(())
    }

    fn draft_retirees(
        &mut self,
        tx: &Tx<'_>,
        index: usize,
        kind: Kind,
        cursor: &mut Cursor,
        draft: &mut Draft,
    ) -> anyhow::Result<()> {
        let size = self.lanes[index].size();
        let room = size.saturating_sub(draft.intents.len()) as u64;
        let retirees = self.store.to_retire(kind, self.keeps_items(), cursor.retire, room, self.now())?;
        for retiree in retirees {
            cursor.retire = retiree.id;
            if !self.faults.contains_key(&retiree.id) {
                self.draft_retiree(tx, index, &retiree, draft)?;
            }
        }
        Ok(())
    }

    fn draft_retiree(&mut self, tx: &Tx<'_>, index: usize, retiree: &Retiree, draft: &mut Draft) -> anyhow::Result<()> {
        let kind = retiree.kind;
        if !self.push.selection.holds(kind, &retiree.key) || !self.is_within_limit(retiree.id) {
            return Ok(());
        }
        if retiree.board.as_deref() != Some(self.lanes[index].board.as_str()) {
            // Its item stands on a board that is no longer this kind's: it is let go.
            return tx.drop_item(retiree.id);
        }
        let step = step::retire(self.entity(kind), self.push.config.sync.on_delete, retiree);
        if let Some(step) = step
            && self.may_try(tx, retiree.id, kind, &retiree.key)?
        {
            self.planned.insert(retiree.id);
            draft.add(kind, retiree.id, retiree.version, Some(retiree.item_id.clone()), step)?;
        }
        Ok(())
    }

    fn draft_due(&mut self, tx: &Tx<'_>, index: usize, due: &Due, draft: &mut Draft) -> anyhow::Result<()> {
        let Some(board) = self.boards.get(&self.lanes[index].board) else { return Ok(()) };
        let Some(plan) = self.plan(due, &board.columns)? else {
            let error = HapiText::NotAnObject { kind: due.kind };
            let detail = FailureDetail::new(FailureCause::RecordUnreadable, error).hint(HapiText::MendInHopem {});
            return self.fail_entity(tx, due.id, due.kind, &due.key, detail);
        };
        for (column, refusal) in &plan.refusals {
            self.note_refusal(tx, due, column, refusal)?;
        }
        if plan.planned.steps.is_empty() {
            return self.confirm_unchanged(tx, due, &plan);
        }
        self.note_known(tx, due, &plan)?;
        for (parent, is_ambiguous) in &plan.unfound {
            let entry = self.unfound.entry((due.kind, *parent, *is_ambiguous)).or_default();
            entry.insert(due.key.clone());
        }
        if self.may_try(tx, due.id, due.kind, &due.key)? {
            self.planned.insert(due.id);
            for step in plan.planned.steps {
                draft.add(due.kind, due.id, due.version, due.item_id.clone(), step)?;
            }
        }
        Ok(())
    }

    /// Plans one entity; `None` when its record is no record.
    fn plan(&self, due: &Due, columns: &BoardColumns) -> anyhow::Result<Option<EntityPlan>> {
        let entity = self.entity(due.kind);
        let Ok(record) = self.push.shapes.get(due.kind).record(&due.record) else { return Ok(None) };
        let (push, store) = (self.push, &*self.store);
        let unfound = RefCell::new(BTreeMap::new());
        let mut mapped = map::map(entity, &due.key, &record, Some(columns), Rules::of(push.config), |parent| {
            let found = parent_of(store, push.config, push.shapes, due.kind, &record, parent)?;
            if matches!(found, Parent::Missing | Parent::Ambiguous) {
                unfound.borrow_mut().insert(parent, found == Parent::Ambiguous);
            }
            Ok(found)
        })?;
        self.leave_unknown_connections(due.kind, &mut mapped.columns);
        let failures = store.failures(due.id)?;
        let closed = self.closed_columns(due.kind);
        let situation = Situation {
            entity,
            due,
            mapped: &mapped,
            failures: &failures,
            shown: self.seen_items.of(due.id),
            board: columns,
            care: self.tried.get(&due.id).copied().unwrap_or_default().care,
            closed: &closed,
            now: self.now(),
        };
        let new_refusals = situation.new_refusals().into_iter();
        Ok(Some(EntityPlan {
            planned: situation.plan(),
            refusals: new_refusals.map(|(column, refusal)| (column.clone(), refusal.clone())).collect(),
            healed: situation.healed().into_iter().map(str::to_owned).collect(),
            unfound: unfound.into_inner().into_iter().collect(),
        }))
    }

    /// Notes what planning found out: failures that are over, and values that the item shows already.
    fn note_known(&mut self, tx: &Tx<'_>, due: &Due, plan: &EntityPlan) -> anyhow::Result<()> {
        for column in &plan.healed {
            tx.clear_failure(due.id, column)?;
        }
        if let Some(confirmed) = &plan.planned.confirmed {
            tx.set_sent(due.id, &Value::Object(confirmed.clone()).to_string())?;
        }
        Ok(())
    }

    /// `--limit`: whether one more entity may be pushed.
    fn is_within_limit(&self, entity: i64) -> bool {
        let limit = self.push.limit.unwrap_or(u64::MAX);
        self.planned.contains(&entity) || (self.planned.len() as u64) < limit
    }

    /// Whether an entity may be sent once more in this run; if not, it has failed.
    fn may_try(&mut self, tx: &Tx<'_>, entity: i64, kind: Kind, key: &str) -> anyhow::Result<bool> {
        let tried = self.tried.entry(entity).or_default();
        if tried.attempts < MOST_ATTEMPTS {
            return Ok(true);
        }
        let detail = FailureDetail::new(FailureCause::TriedTooOften, MondayText::TriedTooOften {});
        self.fail_entity(tx, entity, kind, key, detail.hint(MondayText::MondayLater {}))?;
        Ok(false)
    }

    pub(crate) fn tried(&mut self, entity: i64) -> &mut Tried {
        self.tried.entry(entity).or_default()
    }

    fn confirm_unchanged(&mut self, tx: &Tx<'_>, due: &Due, plan: &EntityPlan) -> anyhow::Result<()> {
        self.note_known(tx, due, plan)?;
        tx.confirm_unchanged(due.id, due.version)?;
        if self.is_dry() && self.touched.entry(due.kind).or_default().adopted.contains(&due.id) {
            self.add_plan_row(due.kind, &due.key, "adopt", BTreeMap::new());
        }
        Ok(())
    }
}

impl Draft {
    fn is_full(&self, size: usize) -> bool {
        self.intents.len() >= size || self.bytes >= LARGEST_BODY
    }

    fn add(
        &mut self,
        kind: Kind,
        entity: i64,
        version: i64,
        item_id: Option<String>,
        step: Step,
    ) -> anyhow::Result<()> {
        *self.kinds.entry(kind).or_default() += 1;
        let columns = Value::Object(step.columns).to_string();
        self.bytes += columns.len();
        self.intents.push(Intent {
            alias: document::alias(self.mutations.len()),
            entity,
            version,
            action: step.action,
            item_id: item_id.filter(|_| step.action != Action::Create),
            columns,
            withheld: step.withheld,
        });
        self.mutations.push(step.mutation);
        Ok(())
    }
}
