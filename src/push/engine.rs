//! The push at work: one lane per board, one call in flight per lane, lanes side by side. One thread plans and records;
//! the others only wait for monday. No transaction is open while a call is under way.

use crate::config::KindConfig;
use crate::entity::Kind;
use crate::failure::Subject;
use crate::failure::{Exit, FailureCause};
use crate::message::{Message, MondayText};
use crate::monday::document;
use crate::monday::{Board, ItemResult, Outcome, Sent};
use crate::plan::step::Care;
use crate::push::adoption::SeenItems;
pub(crate) use crate::push::lanes::{Cursor, Flight, Lane, LaneState};
use crate::push::missing_parents::Suspects;
use crate::push::record::result_of;
use crate::push::run::{PlanRow, Push, Pushed};
use crate::store::{Action, Batch, CallFault, Doubt, Intent, Side, Store, Tx};
use jiff::Timestamp;
use serde_json::Map;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::mpsc::{Sender, channel};
use std::thread::Scope;
use std::time::{Duration, Instant};

/// A failure after so long is no quick one: monday may be at work still.
const LONGEST_CALL: Duration = Duration::from_secs(20);
/// How often one entity is sent in one run without monday saying what became of it.
pub(crate) const MOST_ATTEMPTS: u32 = 4;
/// A wait that a round of its own would not be worth.
const SHORT_WAIT: Duration = Duration::from_secs(1);
/// How long the recorder sleeps at most before it looks for signals.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The state of one push.
pub(crate) struct Engine<'p, 's> {
    pub(crate) push: &'p Push<'p>,
    pub(crate) store: &'s Store,
    pub(crate) lanes: Vec<Lane>,
    pub(crate) boards: BTreeMap<String, Board>,
    /// Whether something does not fit the boards as they were last read: they may have changed.
    pub(crate) doubts_boards: bool,
    pub(crate) seen_items: SeenItems,
    pub(crate) touched: HashMap<Kind, Touched>,
    pub(crate) result: Pushed,
    pub(crate) ended: bool,
    pub(crate) tried: HashMap<i64, Tried>,
    /// The entities of a kind that name a parent of a kind which is not there, or (`true`) there more than once.
    pub(crate) unfound: BTreeMap<(Kind, Kind, bool), BTreeSet<String>>,
    pub(crate) suspects: Suspects,
    /// Kinds whose items were compared with what was sent.
    pub(crate) verified: BTreeSet<Kind>,
    /// The entities whose calls fail, by the store's number: they are sent apart from the others.
    pub(crate) faults: BTreeMap<i64, CallFault>,
    /// The columns that the token's user may not edit.
    pub(crate) closed: BTreeMap<Kind, BTreeSet<String>>,
    /// Most items asked for at once: monday refuses a question for what it may cost.
    pub(crate) page_size: usize,
    /// Whether anything was done on any board in this run.
    pub(crate) has_worked: bool,
    /// Kinds of whose items nothing is known in this run, since their board could not be read.
    pub(crate) unknown_kinds: BTreeSet<Kind>,
    /// The entities whose items were found to be taken away, and who get new ones.
    pub(crate) lost_items: HashSet<i64>,
    /// The entities drafted so far: `--limit` counts them.
    pub(crate) planned: HashSet<i64>,
}

/// Which entities of a kind something was done to.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    pub(crate) created: HashSet<i64>,
    pub(crate) adopted: HashSet<i64>,
    pub(crate) updated: HashSet<i64>,
    pub(crate) archived: HashSet<i64>,
    pub(crate) failed: HashSet<i64>,
}

/// What was tried with one entity in this run.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Tried {
    pub(crate) attempts: u32,
    pub(crate) refusals: u32,
    pub(crate) care: Care,
    /// Whether monday took any of it.
    pub(crate) has_worked: bool,
}

/// How a call ended.
pub(crate) struct Ended {
    pub(crate) outcome: Outcome,
    /// Whether monday may be at work on it still.
    pub(crate) is_cut_off: bool,
    pub(crate) is_replayed: bool,
}

/// An answer that arrived.
struct Arrived {
    lane: usize,
    took: Duration,
    outcome: anyhow::Result<Sent>,
}

impl<'p, 's> Engine<'p, 's> {
    pub(crate) fn new(push: &'p Push<'p>, store: &'s Store) -> Engine<'p, 's> {
        Engine {
            push,
            store,
            lanes: Vec::new(),
            boards: BTreeMap::new(),
            doubts_boards: false,
            seen_items: SeenItems::default(),
            touched: HashMap::new(),
            result: Pushed::default(),
            ended: false,
            tried: HashMap::new(),
            unfound: BTreeMap::new(),
            suspects: Suspects::default(),
            verified: BTreeSet::new(),
            faults: BTreeMap::new(),
            closed: BTreeMap::new(),
            page_size: document::ITEMS_PER_PAGE,
            has_worked: false,
            unknown_kinds: BTreeSet::new(),
            lost_items: HashSet::new(),
            planned: HashSet::new(),
        }
    }

    /// Makes a lane for each board, and parks those whose answer was lost in an earlier run. Returns whether any has something
    /// to do; the others may come to it, when what they link to changes.
    pub(crate) fn open_lanes(&mut self, kinds: &[Kind]) -> anyhow::Result<bool> {
        self.faults = self.store.call_faults()?.into_iter().collect();
        self.read_closed_columns(kinds)?;
        let open = self.store.open_batches()?;
        let mut boards: BTreeMap<String, Vec<Kind>> = BTreeMap::new();
        for batch in &open {
            boards.entry(batch.board.clone()).or_default();
        }
        for &kind in kinds {
            boards.entry(self.entity(kind).board.clone().unwrap_or_default()).or_default().push(kind);
        }
        self.lanes = boards.into_iter().map(|(board, kinds)| Lane::new(board, kinds)).collect();
        let mut has_work = !open.is_empty();
        for &kind in kinds {
            if self.has_work(kind)? {
                has_work = true;
                self.push.progress.begin("push", kind, self.store.count_due(kind)?);
            } else {
                self.lanes.iter_mut().for_each(|lane| lane.note_exhausted(kind));
            }
        }
        for batch in open {
            if let Some(lane) = self.lanes.iter().position(|lane| lane.board == batch.board) {
                self.park(lane, &batch)?;
            }
        }
        Ok(has_work)
    }

    /// The kinds that were found fit to be pushed in this run, or not.
    pub(crate) fn looked_at(&self) -> BTreeSet<Kind> {
        let fit = self.lanes.iter().flat_map(|lane| lane.ready.iter().copied());
        // What the guard holds back it holds back without a look at the board.
        let failed = self.result.failures.iter().filter_map(|failure| match failure.subject {
            Subject::Kind(kind) if failure.cause != FailureCause::Guarded => Some(kind),
            Subject::Kind(_) | Subject::Entity(_) | Subject::Record(_) => None,
        });
        fit.chain(failed).chain(self.verified.iter().copied()).collect()
    }

    /// Begins a transaction. It does not borrow the engine, whose other state is written beside it.
    pub(crate) fn transaction(&self) -> anyhow::Result<Tx<'s>> {
        self.store.unchecked_transaction()
    }

    /// Does `work` in a transaction of its own.
    pub(crate) fn write<T>(&self, work: impl FnOnce(&Tx<'_>) -> anyhow::Result<T>) -> anyhow::Result<T> {
        let tx = self.transaction()?;
        let done = work(&tx)?;
        tx.commit()?;
        Ok(done)
    }

    pub(crate) fn entity(&self, kind: Kind) -> &'p KindConfig {
        self.push.config.kind(kind)
    }

    /// Works until nothing is left, or something ends it.
    pub(crate) fn work(&mut self) -> anyhow::Result<()> {
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
                        Some(wake) if !self.is_left_to_later(wake) => self.rest(wake),
                        _ => return Ok(()),
                    }
                }
            }
        })
    }

    /// When the next lane may go on.
    fn next_wake(&self) -> Option<Instant> {
        self.lanes.iter().filter_map(Lane::wake).min()
    }

    /// Whether the round ends here: nothing but waits is left, and others may have something to do meanwhile.
    fn is_left_to_later(&self, wake: Instant) -> bool {
        self.push.ends_at_waits && wake.saturating_duration_since(self.instant()) > SHORT_WAIT
    }

    /// Sleeps until the next lane wakes, saying what for.
    fn rest(&mut self, wake: Instant) {
        let left = wake.saturating_duration_since(self.instant());
        let parked = self.lanes.iter().find_map(|lane| match lane.state {
            LaneState::Parked { .. } => Some(lane.board.clone()),
            _ => None,
        });
        let other = self.lanes.iter().find_map(|lane| lane.observation.waits_for.clone());
        let why: Message = match (parked, other) {
            (Some(board), _) => MondayText::WaitingForBoard { board }.into(),
            (None, Some(other)) => other.into(),
            (None, None) => MondayText::WaitingForLimit {}.into(),
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
                LaneState::Waiting { until, .. } if *until <= self.instant() => {
                    has_moved = true;
                    self.repeat(index)?
                }
                LaneState::Parked { until, batch } if *until <= self.instant() => {
                    has_moved = true;
                    let batch = *batch;
                    self.settle(index, batch)?
                }
                _ => None,
            };
            has_moved |= flight.is_some() || self.lanes[index].exhausted.len() != through;
            if let Some(flight) = flight {
                self.fly(scope, sender, index, flight)?;
            }
        }
        Ok(has_moved)
    }

    /// Ends a lane's wait; a call that is to be repeated is sent again with the same body and key.
    fn repeat(&mut self, index: usize) -> anyhow::Result<Option<Flight>> {
        let state = std::mem::replace(&mut self.lanes[index].state, LaneState::Idle);
        self.lanes[index].observation.waits_for = None;
        let LaneState::Waiting { again: Some(flight), .. } = state else { return Ok(None) };
        if !self.may_write()? {
            return Ok(None);
        }
        let batch = &flight.batch;
        self.write(|tx| tx.resend_batch(batch.id, &batch.idempotency_key, batch.doubt, self.now()))?;
        Ok(Some(flight))
    }

    /// Plans the next call of a lane and makes it durable.
    fn next_call(&mut self, index: usize) -> anyhow::Result<Option<Flight>> {
        self.make_ready(index)?;
        let draft = loop {
            if self.ended || !matches!(self.lanes[index].state, LaneState::Idle) {
                return Ok(None);
            }
            let tx = self.transaction()?;
            let draft = self.draft(&tx, index)?;
            tx.commit()?;
            if draft.to_look_up.is_empty() || !draft.intents.is_empty() {
                break draft;
            }
            self.look_before_making(index, draft.to_look_up)?;
        };
        if draft.intents.is_empty() || !self.may_write()? {
            return Ok(None);
        }
        let board = self.lanes[index].board.clone();
        let document = document::mutations(&board, self.push.config.monday.create_labels, &draft.mutations);
        let now = self.now();
        let key = self.new_key();
        let body = document.body();
        let id = self.write(|tx| tx.add_batch(&board, &key, &body, &draft.intents, now))?;
        self.result.price.calls += 1;
        Ok(Some(Flight {
            batch: Batch {
                id,
                board,
                idempotency_key: key,
                body,
                sent_at: now,
                is_partial: false,
                doubt: Doubt::default(),
                intents: draft.intents,
            },
            repetitions: 0,
            kinds: draft.kinds,
        }))
    }

    pub(crate) fn is_dry(&self) -> bool {
        self.push.run.is_none()
    }

    pub(crate) fn add_plan_row(
        &mut self,
        kind: Kind,
        key: &str,
        action: &'static str,
        columns: BTreeMap<String, (Option<String>, Option<String>)>,
    ) {
        self.result.plan.push(PlanRow { kind, key: key.to_owned(), action, columns });
    }

    /// Sends a call; its answer arrives later. In a dry run the answer is imagined at once.
    fn fly<'scope, 'env>(
        &mut self,
        scope: &'scope Scope<'scope, 'env>,
        sender: &Sender<Arrived>,
        lane: usize,
        flight: Flight,
    ) -> anyhow::Result<()>
    where
        'p: 'scope,
    {
        let (body, key) = (flight.batch.body.clone(), flight.batch.idempotency_key.clone());
        let imagined = self.is_dry().then(|| self.imagine(&flight.batch)).transpose()?;
        if imagined.is_none() {
            self.result.calls += 1;
        }
        self.lanes[lane].state = LaneState::InFlight(flight);
        let (client, sender, clock) = (self.push.client, sender.clone(), self.push.stop.clock());
        match imagined {
            // The receiver lives as long as the loop that sends.
            Some(outcome) => {
                let outcome = Ok(Sent { outcome, is_replayed: false });
                let _ = sender.send(Arrived { lane, took: Duration::ZERO, outcome });
            }
            None => {
                let call = move || {
                    let begun = clock.instant();
                    let outcome = client.send(body, Some(&key));
                    let _ = sender.send(Arrived { lane, took: clock.since(begun), outcome });
                };
                // Where the system gives no thread, one call goes after the other.
                if std::thread::Builder::new().spawn_scoped(scope, call.clone()).is_err() {
                    call();
                }
            }
        }
        Ok(())
    }

    /// The answer of a monday that takes everything; a new item is named after its entity.
    fn imagine(&self, batch: &Batch) -> anyhow::Result<Outcome> {
        let mut data = Map::new();
        for intent in &batch.intents {
            let entity = self.store.get(intent.entity)?;
            let made_up = entity.map(|entity| format!("{}:{}", entity.kind, entity.key));
            let id = intent.item_id.clone().filter(|_| intent.action != Action::Create).or(made_up);
            data.insert(intent.alias.clone(), serde_json::json!({ "id": id }));
        }
        Ok(Outcome::Answered(crate::monday::Answer { status: 200, data, errors: Vec::new() }))
    }

    fn take(&mut self, arrived: Arrived) -> anyhow::Result<()> {
        let state = std::mem::replace(&mut self.lanes[arrived.lane].state, LaneState::Idle);
        let LaneState::InFlight(flight) = state else { return Ok(()) };
        let Sent { outcome, is_replayed } = arrived.outcome?;
        let intents = &flight.batch.intents;
        let result = |intent: &Intent| result_of(intents, intent, &outcome);
        if intents.iter().any(|intent| matches!(result(intent), ItemResult::Done(_))) {
            self.lanes[arrived.lane].answered(intents.len(), arrived.took);
            self.lanes[arrived.lane].worked();
            self.has_worked = true;
        }
        if matches!(outcome, Outcome::NotSent(_)) {
            self.write(|tx| tx.uncount_call(Side::Monday, flight.batch.sent_at))?;
            self.result.calls = self.result.calls.saturating_sub(1);
        }
        for (&kind, &count) in &flight.kinds {
            self.push.progress.advance("push", kind, count);
        }
        let is_cut_off = outcome.is_cut_off() || arrived.took >= self.longest_call();
        self.record(arrived.lane, flight, Ended { outcome, is_cut_off, is_replayed })
    }

    /// A call that took longer was not answered by monday itself, but given up by somebody on the way.
    fn longest_call(&self) -> Duration {
        LONGEST_CALL.min(self.push.config.network.timeout)
    }

    /// The time of day.
    pub(crate) fn now(&self) -> Timestamp {
        self.push.stop.clock().now()
    }

    /// The steady time.
    pub(crate) fn instant(&self) -> Instant {
        self.push.stop.clock().instant()
    }

    /// A new idempotency key.
    pub(crate) fn new_key(&self) -> String {
        self.push.client.http().random().idempotency_key()
    }

    /// Looks at the kinds again that may have become due by what was just confirmed of `parent`.
    pub(crate) fn reopen_children(&mut self, parent: Kind) {
        let config = self.push.config;
        for lane in &mut self.lanes {
            let is_child = |kind: &Kind| config.kind(*kind).relations.contains_key(&parent);
            for kind in lane.kinds.iter().filter(|kind| is_child(kind)) {
                lane.exhausted.remove(kind);
                lane.cursors.remove(kind);
            }
        }
    }

    /// Looks at all kinds of a lane again.
    pub(crate) fn reopen(&mut self, lane: usize) {
        self.lanes[lane].exhausted.clear();
        self.lanes[lane].cursors.clear();
    }

    /// Ends the whole push: what is under way is still recorded.
    pub(crate) fn end(&mut self, exit: Exit) {
        self.ended = true;
        self.result.exit = Some(self.result.exit.unwrap_or(Exit::Ok).and(exit));
    }
}
