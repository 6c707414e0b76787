//! After a lost answer: the board is asked what became of the call, and only what is certainly absent is sent again.

use super::adopt::key_text;
use super::calls::Asked;
use super::engine::{Engine, Flight, LaneState};
use crate::entity::Kind;
use crate::failure::{FailureCause, FailureDetail};
use crate::message::MondayText;
use crate::monday::{Item, Outcome, document, item_states, told};
use crate::store::{Action, Batch, Intent, Stored};
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// Keys looked up in one call.
const KEYS_PER_LOOKUP: usize = 100;

impl Engine<'_, '_> {
    /// Asks what became of a parked call. Returns it if it is to be sent again exactly as it was.
    pub(super) fn settle(&mut self, lane: usize, batch: i64) -> anyhow::Result<Option<Flight>> {
        let all = self.store.open_batches()?;
        let Some(batch) = all.into_iter().find(|open| open.id == batch) else {
            self.unpark(lane)?;
            return Ok(None);
        };
        let creates: Vec<&Intent> = batch.intents.iter().filter(|intent| intent.action == Action::Create).collect();
        let Some(absent) = self.look_up(&batch, &creates)? else {
            // The side ended; the next run asks again.
            return Ok(None);
        };
        if absent.is_empty() {
            self.end_unanswered(lane, &batch)?;
            return Ok(None);
        }
        if batch.absent_at.is_none() {
            // Searches lag behind writes: once more, later.
            self.store.set_absent(batch.id, Timestamp::now())?;
            let pause = self.push.config.monday.settle / 2;
            self.lanes[lane].state = LaneState::Parked { until: Instant::now() + pause, batch: batch.id };
            return Ok(None);
        }
        let is_untouched = absent.len() == creates.len() && !batch.is_partial;
        if !is_untouched {
            self.end_unanswered(lane, &batch)?;
            return Ok(None);
        }
        if !self.may_write()? {
            return Ok(None);
        }
        let now = Timestamp::now();
        self.store.resend_batch(batch.id, &batch.idempotency_key, now)?;
        let batch = Batch { sent_at: now, absent_at: None, ..batch };
        Ok(Some(Flight { batch, repetitions: 0, kinds: BTreeMap::new() }))
    }

    /// Ends a call of which no more will be learnt. What it changed in items that were there is still due, but what they show
    /// now is not known: an entity may since have gone back to what was confirmed before, or have come back after its item was
    /// archived. So these columns count as not sent, and the items that were to go are asked for.
    fn end_unanswered(&mut self, lane: usize, batch: &Batch) -> anyhow::Result<()> {
        let is_retired = |intent: &&Intent| matches!(intent.action, Action::Archive | Action::Delete);
        let retired: Vec<&Intent> = batch.intents.iter().filter(is_retired).collect();
        let Some(gone) = self.gone_from(&batch.board, &retired)? else { return Ok(()) };
        self.store.begin()?;
        for intent in &batch.intents {
            match intent.action {
                Action::Create => {}
                Action::Update | Action::Unkey => self.forget_sent(intent)?,
                Action::Archive | Action::Delete if !gone.contains(&intent.alias) => {}
                Action::Archive | Action::Delete => self.confirm(intent, &batch.board, "")?,
            }
        }
        self.store.end_batch(batch.id)?;
        self.store.commit()?;
        self.unpark(lane)
    }

    /// The aliases of those whose items are no longer on the board; `None` when that cannot be asked.
    fn gone_from(&mut self, board: &str, intents: &[&Intent]) -> anyhow::Result<Option<BTreeSet<String>>> {
        let mut gone = BTreeSet::new();
        for chunk in intents.chunks(document::ITEMS_BY_ID) {
            let ids: Vec<&str> = chunk.iter().filter_map(|intent| intent.item_id.as_deref()).collect();
            let why = match self.ask(&document::item_states(&ids))? {
                Asked::Ended => return Ok(None),
                Asked::Answer(answer) if answer.errors.is_empty() => {
                    let states = item_states(&answer.data);
                    let is_there = |intent: &Intent| {
                        let mut here = states.iter().filter(|state| state.is_on(board));
                        here.any(|state| Some(state.id.as_str()) == intent.item_id.as_deref())
                    };
                    gone.extend(chunk.iter().filter(|intent| !is_there(intent)).map(|intent| intent.alias.clone()));
                    continue;
                }
                Asked::Answer(answer) => told(&Outcome::Answered(answer)),
                Asked::Refused(why) => why,
            };
            self.cannot_look_up(board, why)?;
            return Ok(None);
        }
        Ok(Some(gone))
    }

    /// The columns of a change that may have been made, or not, count as not sent.
    fn forget_sent(&mut self, intent: &Intent) -> anyhow::Result<()> {
        let Some(sent) = self.store.sent(intent.entity)? else { return Ok(()) };
        let parse = |json: &str| serde_json::from_str::<Map<String, Value>>(json).unwrap_or_default();
        let (mut sent, doubtful) = (parse(&sent), parse(&intent.columns));
        sent.retain(|column, _| !doubtful.contains_key(column));
        self.store.set_sent(intent.entity, &Value::Object(sent).to_string())
    }

    /// Lets a lane go on, with the next call that it may have left open.
    fn unpark(&mut self, lane: usize) -> anyhow::Result<()> {
        let board = self.lanes[lane].board.clone();
        let next = self.store.open_batches()?.into_iter().find(|open| open.board == board);
        match next {
            Some(next) => self.park(lane, next.id, next.sent_at),
            None if self.lanes[lane].kinds.is_empty() => self.lanes[lane].state = LaneState::Closed,
            None => self.lanes[lane].state = LaneState::Idle,
        }
        self.reopen(lane);
        Ok(())
    }

    /// Looks the keys of new items up on their board and records those found. Returns the aliases of the absent ones, or `None`
    /// when the side ended.
    fn look_up(&mut self, batch: &Batch, creates: &[&Intent]) -> anyhow::Result<Option<BTreeSet<String>>> {
        let mut absent = BTreeSet::new();
        let mut by_column: BTreeMap<String, Vec<(&Intent, Stored)>> = BTreeMap::new();
        for &intent in creates {
            if let Some(stored) = self.store.get(intent.entity)? {
                let column = self.entity(stored.kind).key_column.clone().unwrap_or_default();
                by_column.entry(column).or_default().push((intent, stored));
            }
        }
        for (column, wanted) in by_column {
            for chunk in wanted.chunks(KEYS_PER_LOOKUP) {
                let keys: Vec<String> = chunk.iter().map(|(_, stored)| selector(stored.kind, &stored.key)).collect();
                let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
                let Some(found) = self.items_by_key(&batch.board, &column, &keys)? else { return Ok(None) };
                self.store.begin()?;
                for (intent, stored) in chunk {
                    let key = selector(stored.kind, &stored.key);
                    let items: Vec<&Item> = found
                        .iter()
                        .filter(|item| item.columns.get(&column).and_then(key_text).as_deref() == Some(&key))
                        .collect();
                    if items.is_empty() {
                        absent.insert(intent.alias.clone());
                        continue;
                    }
                    let item = self.first_of(stored.kind, &stored.key, &items).id.clone();
                    self.confirm(intent, &batch.board, &item)?;
                    self.store.end_intent(batch.id, &intent.alias)?;
                }
                self.store.commit()?;
            }
        }
        Ok(Some(absent))
    }

    /// The items of a board with these keys; `None` when the side ended.
    fn items_by_key(&mut self, board: &str, column: &str, keys: &[&str]) -> anyhow::Result<Option<Vec<Item>>> {
        let document = document::items_by_key(board, column, keys);
        match self.ask_page(&document)? {
            Ok(page) => Ok(Some(page.items)),
            Err(why) => {
                if let Some(why) = why.filter(|_| !self.ended) {
                    self.cannot_look_up(board, why)?;
                }
                Ok(None)
            }
        }
    }

    /// monday refuses the question itself: the board, or its key column, may be gone. Other boards go on. The batch is kept,
    /// unless no kind is pushed to the board any more: then nothing can become a duplicate there.
    fn cannot_look_up(&mut self, board: &str, why: MondayText) -> anyhow::Result<()> {
        let kinds: Vec<Kind> =
            Kind::ALL.into_iter().filter(|kind| self.entity(*kind).pushed_board() == Some(board)).collect();
        for index in 0..self.lanes.len() {
            if self.lanes[index].board == board {
                self.lanes[index].state = LaneState::Closed;
            }
        }
        if kinds.is_empty() {
            for open in self.store.open_batches()?.into_iter().filter(|open| open.board == board) {
                self.store.transaction(|store| store.end_batch(open.id))?;
            }
        }
        for kind in kinds {
            let detail = FailureDetail::new(FailureCause::BoardUnreadable, why.clone());
            self.fail_kind(kind, detail.hint(MondayText::CheckBoard { kind }));
        }
        Ok(())
    }
}

fn selector(kind: Kind, key: &str) -> String {
    format!("{kind}:{key}")
}
