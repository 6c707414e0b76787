//! The push at work: one lane per board, one call in flight per lane, lanes side by side. One thread plans and records;
//! the others only wait for monday. No transaction is open while a call is under way.

use super::adopt::SeenItems;
use super::plan::{Care, Situation, Step};
use super::push::{KindPush, PlanRow, Push, Pushed};
use super::relations::parent_of;
use super::{Reported, mapping, plan};
use crate::config::{Entity, OnDelete};
use crate::entity::{Kind, Record};
use crate::failure::Exit;
use crate::message::{HapiText, Message, MondayText};
use crate::monday::document::{self, Mutation};
use crate::monday::{Board, Outcome};
use crate::store::{Action, Batch, Due, Intent, Store};
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::mpsc::{Sender, channel};
use std::thread::Scope;
use std::time::{Duration, Instant};

/// Changes in the first call to a board; later calls grow or shrink with how long they took.
const FIRST_BATCH: usize = 50;
/// Most changes in one call: monday bounds a call by 60 seconds and 5 million points, some 10,000 a change.
const LARGEST_BATCH: usize = 100;
/// A call that took longer makes the next one smaller: monday cuts them off at 60 seconds.
const SLOW_CALL: Duration = Duration::from_secs(20);
/// A call that took less lets the next one grow.
const QUICK_CALL: Duration = Duration::from_secs(8);
/// Most bytes of values in one call. Answers to larger ones may not be kept for their idempotency key.
const LARGEST_BODY: usize = 500_000;
/// How often one entity is sent in one run without monday saying what became of it.
const MOST_ATTEMPTS: u32 = 4;
/// How long the recorder sleeps at most before it looks for signals.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The state of one push.
pub(super) struct Engine<'p, 's> {
    pub(super) push: &'p Push<'p>,
    pub(super) store: &'s mut Store,
    pub(super) lanes: Vec<Lane>,
    pub(super) boards: BTreeMap<String, Board>,
    pub(super) seen_items: SeenItems,
    pub(super) touched: HashMap<Kind, Touched>,
    pub(super) result: Pushed,
    pub(super) ended: bool,
    tried: HashMap<i64, Tried>,
    planned: HashSet<i64>,
}

/// Which entities of a kind something was done to.
#[derive(Debug, Default)]
pub(super) struct Touched {
    pub(super) created: HashSet<i64>,
    pub(super) adopted: HashSet<i64>,
    pub(super) updated: HashSet<i64>,
    pub(super) archived: HashSet<i64>,
    pub(super) failed: HashSet<i64>,
}

/// What was tried with one entity in this run.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Tried {
    pub(super) attempts: u32,
    pub(super) refusals: u32,
    pub(super) care: Care,
}

/// One board's queue.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) board: String,
    pub(super) kinds: Vec<Kind>,
    /// Kinds of which nothing is left to plan.
    exhausted: BTreeSet<Kind>,
    cursors: BTreeMap<Kind, Cursor>,
    size: usize,
    pub(super) state: LaneState,
}

/// What a board's queue is doing.
#[derive(Debug)]
pub(super) enum LaneState {
    /// Ready for the next call.
    Idle,
    /// A call is under way.
    InFlight(Flight),
    /// monday asked to wait, or an answer was lost whose repetition does no harm.
    Waiting { until: Instant, again: Option<Flight> },
    /// An answer was lost: the board is asked what became of it.
    Parked { until: Instant, batch: i64 },
    /// Nothing more is sent to it in this run.
    Closed,
}

/// A call under way.
#[derive(Debug)]
pub(super) struct Flight {
    pub(super) batch: Batch,
    pub(super) repetitions: u32,
    /// How many of its changes are of each kind, for whoever watches.
    pub(super) kinds: BTreeMap<Kind, u64>,
}

/// Where planning of a kind stands.
#[derive(Debug, Default, Clone, Copy)]
struct Cursor {
    due: i64,
    retire: i64,
    found_any: bool,
}

/// An answer that arrived.
struct Arrived {
    lane: usize,
    took: Duration,
    outcome: anyhow::Result<Outcome>,
}

/// A call that is planned, not yet durable.
#[derive(Default)]
struct Draft {
    intents: Vec<Intent>,
    kinds: BTreeMap<Kind, u64>,
    mutations: Vec<Mutation>,
    bytes: usize,
}

impl Lane {
    fn new(board: String, kinds: Vec<Kind>) -> Lane {
        Lane {
            board,
            kinds,
            exhausted: BTreeSet::new(),
            cursors: BTreeMap::new(),
            size: FIRST_BATCH,
            state: LaneState::Idle,
        }
    }

    /// Whether nothing of a kind will be sent any more, as far as can be seen now.
    fn is_through_with(&self, kind: Kind) -> bool {
        match self.state {
            LaneState::Closed | LaneState::Parked { .. } => true,
            LaneState::InFlight(_) | LaneState::Waiting { .. } => false,
            LaneState::Idle => self.exhausted.contains(&kind),
        }
    }

    fn adapt(&mut self, took: Duration) {
        if took > SLOW_CALL {
            self.shrink();
        } else if took < QUICK_CALL {
            self.size = (self.size + self.size / 2).min(LARGEST_BATCH);
        }
    }

    pub(super) fn shrink(&mut self) {
        self.size = (self.size / 2).max(1);
    }

    pub(super) fn size(&self) -> usize {
        self.size
    }
}

impl<'p, 's> Engine<'p, 's> {
    pub(super) fn new(push: &'p Push<'p>, store: &'s mut Store) -> Engine<'p, 's> {
        Engine {
            push,
            store,
            lanes: Vec::new(),
            boards: BTreeMap::new(),
            seen_items: SeenItems::default(),
            touched: HashMap::new(),
            result: Pushed::default(),
            ended: false,
            tried: HashMap::new(),
            planned: HashSet::new(),
        }
    }

    /// Makes a lane for each board with something to do, and for each whose answer was lost in an earlier run.
    pub(super) fn open_lanes(&mut self, kinds: &[Kind]) -> anyhow::Result<()> {
        let mut boards: BTreeMap<String, Vec<Kind>> = BTreeMap::new();
        for &kind in kinds {
            if self.has_work(kind)? {
                self.push.progress.begin("push", kind, self.store.count_due(kind)?);
                let board = self.entity(kind).board.clone().unwrap_or_default();
                boards.entry(board).or_default().push(kind);
            }
        }
        let open = self.store.open_batches()?;
        for batch in &open {
            boards.entry(batch.board.clone()).or_default();
        }
        self.lanes = boards.into_iter().map(|(board, kinds)| Lane::new(board, kinds)).collect();
        for batch in open {
            let settled = Instant::now() + until(batch.sent_at, self.push.config.monday.settle);
            if let Some(lane) = self.lanes.iter_mut().find(|lane| lane.board == batch.board) {
                lane.state = LaneState::Parked { until: settled, batch: batch.id };
            }
        }
        Ok(())
    }

    fn has_work(&self, kind: Kind) -> anyhow::Result<bool> {
        let now = Timestamp::now();
        let mut after = 0;
        loop {
            let due = self.store.due(kind, after, 500, now)?;
            if due.iter().any(|due| self.push.selection.holds(kind, &due.key)) {
                return Ok(true);
            }
            match due.last() {
                Some(last) => after = last.id,
                None => break,
            }
        }
        let retirees = self.store.to_retire(kind, self.keeps_items(), 0, 1, now)?;
        Ok(retirees.iter().any(|retiree| self.push.selection.holds(kind, &retiree.key)))
    }

    fn keeps_items(&self) -> bool {
        self.push.config.sync.on_delete == OnDelete::Keep
    }

    pub(super) fn entity(&self, kind: Kind) -> &'p Entity {
        self.push.config.entity(kind)
    }

    /// Works until nothing is left, or something ends it.
    pub(super) fn work(&mut self) -> anyhow::Result<()> {
        std::thread::scope(|scope| {
            let (sender, receiver) = channel();
            loop {
                if let Some(reason) = self.push.stop.reason() {
                    self.end(reason.exit());
                }
                let has_moved = self.send_what_is_ready(scope, &sender)?;
                if self.lanes.iter().any(|lane| matches!(lane.state, LaneState::InFlight(_))) {
                    if let Ok(arrived) = receiver.recv_timeout(LOOK_EVERY) {
                        self.take(arrived)?;
                    }
                } else if self.ended {
                    return Ok(());
                } else if !has_moved {
                    match self.next_wake() {
                        Some(wake) => self.rest(wake),
                        None => return Ok(()),
                    }
                }
            }
        })
    }

    /// When the next lane may go on.
    fn next_wake(&self) -> Option<Instant> {
        let wakes = self.lanes.iter().filter_map(|lane| match lane.state {
            LaneState::Waiting { until, .. } | LaneState::Parked { until, .. } => Some(until),
            _ => None,
        });
        wakes.min()
    }

    /// Sleeps until the next lane wakes, saying what for.
    fn rest(&mut self, wake: Instant) {
        let left = wake.saturating_duration_since(Instant::now());
        let parked = self.lanes.iter().find_map(|lane| match lane.state {
            LaneState::Parked { .. } => Some(lane.board.clone()),
            _ => None,
        });
        let why: Message = match parked {
            Some(board) => MondayText::WaitingForBoard { board }.into(),
            None => MondayText::WaitingForLimit {}.into(),
        };
        self.push.progress.waiting(Some((&why, left)));
        // A reason to stop is seen at the top of the loop.
        let _ = self.push.stop.sleep(left);
        self.push.progress.waiting(None);
    }

    /// Lets every lane that can go on do so. Returns whether any did.
    fn send_what_is_ready<'scope, 'env>(
        &mut self,
        scope: &'scope Scope<'scope, 'env>,
        sender: &Sender<Arrived>,
    ) -> anyhow::Result<bool>
    where
        'p: 'scope,
    {
        let mut has_moved = false;
        for index in 0..self.lanes.len() {
            if self.ended {
                break;
            }
            let through = self.lanes[index].exhausted.len();
            let flight = match &self.lanes[index].state {
                LaneState::Idle => self.next_call(index)?,
                LaneState::Waiting { until, .. } if *until <= Instant::now() => {
                    has_moved = true;
                    self.repeat(index)?
                }
                LaneState::Parked { until, batch } if *until <= Instant::now() => {
                    has_moved = true;
                    let batch = *batch;
                    self.settle(index, batch)?
                }
                _ => None,
            };
            has_moved |= flight.is_some() || self.lanes[index].exhausted.len() != through;
            if let Some(flight) = flight {
                self.fly(scope, sender, index, flight);
            }
        }
        Ok(has_moved)
    }

    /// Ends a lane's wait; a call that is to be repeated is sent again with the same body and key.
    fn repeat(&mut self, index: usize) -> anyhow::Result<Option<Flight>> {
        let state = std::mem::replace(&mut self.lanes[index].state, LaneState::Idle);
        let LaneState::Waiting { again: Some(flight), .. } = state else { return Ok(None) };
        if !self.may_spend()? {
            return Ok(None);
        }
        self.store.resend_batch(flight.batch.id, &flight.batch.idempotency_key, Timestamp::now())?;
        Ok(Some(flight))
    }

    /// Plans the next call of a lane and makes it durable.
    fn next_call(&mut self, index: usize) -> anyhow::Result<Option<Flight>> {
        self.store.begin()?;
        let draft = self.draft(index);
        self.store.commit()?;
        let draft = draft?;
        if draft.intents.is_empty() || !self.may_spend()? {
            return Ok(None);
        }
        let board = self.lanes[index].board.clone();
        let document = document::mutations(&board, self.push.config.monday.create_labels, &draft.mutations);
        let now = Timestamp::now();
        let key = new_key();
        let body = document.body();
        let id = self.store.add_batch(&board, &key, &body, &draft.intents, now)?;
        self.planned.extend(draft.intents.iter().map(|intent| intent.entity));
        self.result.price.calls += 1;
        Ok(Some(Flight {
            batch: Batch {
                id,
                board,
                idempotency_key: key,
                body,
                sent_at: now,
                absent_at: None,
                is_partial: false,
                intents: draft.intents,
            },
            repetitions: 0,
            kinds: draft.kinds,
        }))
    }

    fn draft(&mut self, index: usize) -> anyhow::Result<Draft> {
        let mut draft = Draft::default();
        for kind in self.lanes[index].kinds.clone() {
            if !self.lanes[index].exhausted.contains(&kind) && self.parents_are_through(kind) {
                self.draft_kind(index, kind, &mut draft)?;
            }
            if draft.is_full(self.lanes[index].size) {
                break;
            }
        }
        Ok(draft)
    }

    /// Whether all kinds that this one links to have been sent, as far as they can be.
    fn parents_are_through(&self, kind: Kind) -> bool {
        self.entity(kind).relations.keys().all(|parent| {
            self.lanes.iter().filter(|lane| lane.kinds.contains(parent)).all(|lane| lane.is_through_with(*parent))
        })
    }

    fn draft_kind(&mut self, index: usize, kind: Kind, draft: &mut Draft) -> anyhow::Result<()> {
        let size = self.lanes[index].size;
        loop {
            let mut cursor = self.lanes[index].cursors.get(&kind).copied().unwrap_or_default();
            self.draft_retirees(index, kind, &mut cursor, draft)?;
            let room = size.saturating_sub(draft.intents.len()) as u64;
            let now = Timestamp::now();
            let due = if room == 0 { Vec::new() } else { self.store.due(kind, cursor.due, room, now)? };
            for due in &due {
                if draft.is_full(size) {
                    break;
                }
                cursor.due = due.id;
                if self.push.selection.holds(kind, &due.key) && self.is_within_limit(due.id) {
                    cursor.found_any = true;
                    self.draft_due(index, due, draft)?;
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
                if draft.intents.is_empty() {
                    self.lanes[index].exhausted.insert(kind);
                }
                return Ok(());
            }
        }
    }

    fn draft_retirees(
        &mut self,
        index: usize,
        kind: Kind,
        cursor: &mut Cursor,
        draft: &mut Draft,
    ) -> anyhow::Result<()> {
        let size = self.lanes[index].size;
        let room = size.saturating_sub(draft.intents.len()) as u64;
        let retirees = self.store.to_retire(kind, self.keeps_items(), cursor.retire, room, Timestamp::now())?;
        for retiree in retirees {
            cursor.retire = retiree.id;
            if !self.push.selection.holds(kind, &retiree.key) || !self.is_within_limit(retiree.id) {
                continue;
            }
            if retiree.board.as_deref() != Some(self.lanes[index].board.as_str()) {
                // Its item stands on a board that is no longer this kind's: it is let go.
                self.store.drop_item(retiree.id)?;
                continue;
            }
            let step = plan::retire(self.entity(kind), self.push.config.sync.on_delete, &retiree);
            if let Some(step) = step.filter(|_| self.may_try(retiree.id, kind, &retiree.key).unwrap_or(false)) {
                draft.add(kind, retiree.id, retiree.version, Some(retiree.item_id.clone()), step)?;
            }
        }
        Ok(())
    }

    fn draft_due(&mut self, index: usize, due: &Due, draft: &mut Draft) -> anyhow::Result<()> {
        let entity = self.entity(due.kind);
        let Ok(record) = Record::parse(&due.record) else {
            let error = HapiText::NotAnObject { kind: due.kind }.into();
            return self.fail_entity(due.id, due.kind, &due.key, error, Some(HapiText::MendInHopem {}.into()));
        };
        let (push, store) = (self.push, &*self.store);
        let Some(board) = self.boards.get(&self.lanes[index].board) else { return Ok(()) };
        let mapped = mapping::map(
            entity,
            &due.key,
            &record,
            Some(&board.columns),
            push.config.monday.create_labels,
            |parent| parent_of(store, push.config, push.shapes, due.kind, &record, parent),
        )?;
        let failures = store.failures(due.id)?;
        let situation = Situation {
            entity,
            due,
            mapped: &mapped,
            failures: &failures,
            shown: self.seen_items.of(due.id),
            board: &board.columns,
            care: self.tried.get(&due.id).copied().unwrap_or_default().care,
            now: Timestamp::now(),
        };
        let planned = situation.plan();
        let refusals: Vec<_> =
            situation.new_refusals().into_iter().map(|(column, refusal)| (column.clone(), refusal.clone())).collect();
        let healed: Vec<String> = situation.healed().into_iter().map(str::to_owned).collect();
        for column in healed {
            self.store.clear_failure(due.id, &column)?;
        }
        for (column, refusal) in refusals {
            self.note_refusal(due, &column, &refusal)?;
        }
        if let Some(confirmed) = &planned.confirmed {
            self.store.set_sent(due.id, &Value::Object(confirmed.clone()).to_string())?;
        }
        if planned.steps.is_empty() {
            return self.confirm_unchanged(due);
        }
        if self.may_try(due.id, due.kind, &due.key)? {
            for step in planned.steps {
                draft.add(due.kind, due.id, due.version, due.item_id.clone(), step)?;
            }
        }
        Ok(())
    }

    /// `--limit`: whether one more entity may be pushed.
    fn is_within_limit(&self, entity: i64) -> bool {
        let limit = self.push.limit.unwrap_or(u64::MAX);
        self.planned.contains(&entity) || (self.planned.len() as u64) < limit
    }

    /// Whether an entity may be sent once more in this run; if not, it has failed.
    fn may_try(&mut self, entity: i64, kind: Kind, key: &str) -> anyhow::Result<bool> {
        let tried = self.tried.entry(entity).or_default();
        if tried.attempts < MOST_ATTEMPTS {
            return Ok(true);
        }
        let error = MondayText::TriedTooOften {}.into();
        self.fail_entity(entity, kind, key, error, Some(MondayText::MondayLater {}.into()))?;
        Ok(false)
    }

    pub(super) fn tried(&mut self, entity: i64) -> &mut Tried {
        self.tried.entry(entity).or_default()
    }

    fn confirm_unchanged(&mut self, due: &Due) -> anyhow::Result<()> {
        self.store.confirm_unchanged(due.id, due.version)?;
        if self.is_dry() && self.touched.entry(due.kind).or_default().adopted.contains(&due.id) {
            self.add_plan_row(due.kind, &due.key, "adopt", BTreeMap::new());
        }
        Ok(())
    }

    pub(super) fn is_dry(&self) -> bool {
        self.push.run.is_none()
    }

    pub(super) fn add_plan_row(
        &mut self,
        kind: Kind,
        key: &str,
        action: &'static str,
        columns: BTreeMap<String, (Option<String>, Option<String>)>,
    ) {
        self.result.plan.push(PlanRow { kind, key: key.to_owned(), action, columns });
    }

    /// A value that cannot be sent.
    fn note_refusal(&mut self, due: &Due, column: &str, refusal: &mapping::Refusal) -> anyhow::Result<()> {
        let now = Timestamp::now();
        self.store.fail(
            due.id,
            column,
            "push",
            &refusal.error,
            Some(&refusal.hint),
            Some(&refusal.value),
            now,
            |tries| if refusal.may_heal { plan::next_try(now, tries) } else { None },
        )?;
        self.report(due.kind, &due.key, due.id, Some(column), refusal.error.clone(), Some(refusal.hint.clone()));
        Ok(())
    }

    /// A column that monday refused.
    pub(super) fn fail_column(
        &mut self,
        intent: &Intent,
        column: &str,
        value: &Value,
        error: Message,
    ) -> anyhow::Result<()> {
        let Some(stored) = self.store.get(intent.entity)? else { return Ok(()) };
        let now = Timestamp::now();
        let hint: Message = MondayText::MendValue { kind: stored.kind }.into();
        self.store.fail(
            intent.entity,
            column,
            "push",
            &error,
            Some(&hint),
            Some(&value.to_string()),
            now,
            |tries| plan::next_try(now, tries),
        )?;
        self.report(stored.kind, &stored.key, stored.id, Some(column), error, Some(hint));
        Ok(())
    }

    /// An entity that could not be sent at all.
    pub(super) fn fail_entity(
        &mut self,
        id: i64,
        kind: Kind,
        key: &str,
        error: Message,
        hint: Option<Message>,
    ) -> anyhow::Result<()> {
        let now = Timestamp::now();
        self.store.fail(id, "", "push", &error, hint.as_ref(), None, now, |tries| plan::next_try(now, tries))?;
        self.report(kind, key, id, None, error, hint);
        Ok(())
    }

    fn report(&mut self, kind: Kind, key: &str, id: i64, column: Option<&str>, error: Message, hint: Option<Message>) {
        self.touched.entry(kind).or_default().failed.insert(id);
        self.result.failures.push(Reported {
            entity: format!("{kind}:{key}"),
            stage: "push",
            column: column.map(str::to_owned),
            error,
            hint,
        });
    }

    /// Something concerning a kind as a whole: its board is closed for this run.
    pub(super) fn fail_kind(&mut self, kind: Kind, error: MondayText, hint: MondayText) {
        self.result.failures.push(Reported {
            entity: kind.name().to_owned(),
            stage: "push",
            column: None,
            error: error.into(),
            hint: Some(hint.into()),
        });
    }

    /// Sends a call; its answer arrives later. In a dry run the answer is imagined at once.
    fn fly<'scope, 'env>(
        &mut self,
        scope: &'scope Scope<'scope, 'env>,
        sender: &Sender<Arrived>,
        lane: usize,
        flight: Flight,
    ) where
        'p: 'scope,
    {
        let (body, key) = (flight.batch.body.clone(), flight.batch.idempotency_key.clone());
        let imagined = self.is_dry().then(|| self.imagine(&flight.batch));
        if imagined.is_none() {
            self.result.calls += 1;
        }
        self.lanes[lane].state = LaneState::InFlight(flight);
        let (client, sender) = (self.push.client, sender.clone());
        match imagined {
            // The receiver lives as long as the loop that sends.
            Some(outcome) => {
                let _ = sender.send(Arrived { lane, took: Duration::ZERO, outcome: Ok(outcome) });
            }
            None => {
                scope.spawn(move || {
                    let begun = Instant::now();
                    let outcome = client.send(body, Some(&key));
                    let _ = sender.send(Arrived { lane, took: begun.elapsed(), outcome });
                });
            }
        }
    }

    /// The answer of a monday that takes everything; a new item is named after its entity.
    fn imagine(&self, batch: &Batch) -> Outcome {
        let mut data = Map::new();
        for intent in &batch.intents {
            let entity = self.store.get(intent.entity).ok().flatten();
            let made_up = entity.map(|entity| format!("{}:{}", entity.kind, entity.key));
            let id = intent.item_id.clone().filter(|_| intent.action != Action::Create).or(made_up);
            data.insert(intent.alias.clone(), serde_json::json!({ "id": id }));
        }
        Outcome::Answered(crate::monday::Answer { data, errors: Vec::new() })
    }

    fn take(&mut self, arrived: Arrived) -> anyhow::Result<()> {
        let state = std::mem::replace(&mut self.lanes[arrived.lane].state, LaneState::Idle);
        let LaneState::InFlight(flight) = state else { return Ok(()) };
        if matches!(arrived.outcome, Ok(Outcome::Answered(_))) {
            self.lanes[arrived.lane].adapt(arrived.took);
        }
        for (&kind, &count) in &flight.kinds {
            self.push.progress.advance("push", kind, count);
        }
        self.record(arrived.lane, flight, arrived.outcome?)
    }

    /// Looks at the kinds again that may have become due by what was just confirmed of `parent`.
    pub(super) fn reopen_children(&mut self, parent: Kind) {
        let config = self.push.config;
        for lane in &mut self.lanes {
            let is_child = |kind: &Kind| config.entity(*kind).relations.contains_key(&parent);
            for kind in lane.kinds.iter().filter(|kind| is_child(kind)) {
                lane.exhausted.remove(kind);
                lane.cursors.remove(kind);
            }
        }
    }

    /// Looks at all kinds of a lane again.
    pub(super) fn reopen(&mut self, lane: usize) {
        self.lanes[lane].exhausted.clear();
        self.lanes[lane].cursors.clear();
    }

    /// Ends the whole push: what is under way is still recorded.
    pub(super) fn end(&mut self, exit: Exit) {
        self.ended = true;
        self.result.exit = Some(self.result.exit.unwrap_or(Exit::Ok).and(exit));
    }

    /// Sums up what became of the kinds.
    pub(super) fn sum_up(&mut self, kinds: &[Kind]) -> anyhow::Result<()> {
        use crate::store::State;
        let now = Timestamp::now();
        for &kind in kinds {
            self.push.progress.end("push", kind);
            let counts = self.store.count_states(kind, false, now)?;
            let of = |state: State| counts.iter().filter(|(s, _, _)| *s == state).map(|(_, _, n)| n).sum::<u64>();
            let touched = self.touched.entry(kind).or_default();
            let all: HashSet<i64> = [&touched.created, &touched.adopted, &touched.updated, &touched.failed]
                .into_iter()
                .flatten()
                .copied()
                .collect();
            let deferred = match self.push.selection.kinds.contains(&kind) {
                true => of(State::Pending),
                false => 0,
            };
            let pushable = [State::Synced, State::Pending, State::Error].into_iter().map(of).sum::<u64>();
            let entry = KindPush {
                created: touched.created.len() as u64,
                adopted: touched.adopted.len() as u64,
                updated: touched.updated.len() as u64,
                archived: touched.archived.len() as u64,
                failed: touched.failed.len() as u64,
                paused: of(State::Paused),
                unchanged: pushable.saturating_sub(all.len() as u64 + deferred),
                deferred,
            };
            if deferred == 0 && !self.is_dry() {
                self.store.set_pushed(kind, now)?;
            }
            self.result.kinds.insert(kind, entry);
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

/// How long it still is until `wait` after `since`.
pub(super) fn until(since: Timestamp, wait: Duration) -> Duration {
    let passed = Duration::try_from(Timestamp::now().duration_since(since)).unwrap_or_default();
    wait.saturating_sub(passed)
}

/// A new idempotency key.
pub(super) fn new_key() -> String {
    format!("hopem-sync-{:016x}{:016x}", crate::http::random(), crate::http::random())
}
