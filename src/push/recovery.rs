//! After a lost answer: the board is asked what became of the call, and only what is certainly absent is sent again.

use crate::boards::items::Given;
use crate::entity::Kind;
use crate::failure::{FailureCause, FailureDetail};
use crate::message::MondayText;
use crate::monday::{Item, document};
use crate::plan::keys::key_text;
use crate::push::creating::KEYS_PER_LOOKUP;
use crate::push::engine::{Engine, Flight, LaneState};
use crate::push::isolation::Blame;
use crate::store::{Action, Batch, Doubt, Intent, Stored, Tx};
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How often a call of which nothing was done is sent again as it was.
const MOST_RESENDS: u32 = 1;

impl Engine<'_, '_> {
    /// Asks what became of a parked call. Returns it if it is to be sent again exactly as it was.
    pub(crate) fn settle(&mut self, lane: usize, batch: i64) -> anyhow::Result<Option<Flight>> {
        let all = self.store.open_batches()?;
        let Some(batch) = all.into_iter().find(|open| open.id == batch) else {
            self.unpark(lane)?;
            return Ok(None);
        };
        let creates: Vec<&Intent> = batch.intents.iter().filter(|intent| intent.action == Action::Create).collect();
        let Some(absent) = self.look_up(lane, &batch, &creates)? else {
            // The side ended; the next run asks again.
            return Ok(None);
        };
        let has_found = absent.len() < creates.len();
        if has_found {
            self.lanes[lane].worked();
            self.has_worked = true;
        }
        let doubt = batch.doubt.looked(has_found);
        if !absent.is_empty() && !doubt.is_over() {
            self.look_again(lane, batch.id, doubt)?;
            return Ok(None);
        }
        let is_untouched = !absent.is_empty() && absent.len() == batch.intents.len() && !batch.is_partial;
        let may_resend = batch.doubt.sendings <= MOST_RESENDS.min(self.push.config.network.retries)
            && !batch.intents.iter().any(|intent| self.faults.contains_key(&intent.entity));
        if is_untouched && may_resend {
            return self.resend(batch);
        }
        // After a cut-off that did a part of the work, the rest is a matter of time.
        let is_slow = doubt.is_cut_off && (batch.is_partial || has_found);
        let blame = if is_slow || batch.doubt.look_at.is_none() { Blame::Nobody } else { Blame::Shared };
        self.end_in_doubt(lane, &batch, &absent, blame)?;
        Ok(None)
    }

    /// Searches lag behind writes: the board is asked once more, later; after a cut-off, when monday may be at work still, so
    /// often that nothing more came twice in a row.
    fn look_again(&mut self, lane: usize, batch: i64, doubt: Doubt) -> anyhow::Result<()> {
        let settle = self.push.config.monday.settle;
        let pause = if doubt.is_cut_off { settle } else { settle / 2 };
        let look_at = self.now().checked_add(pause).unwrap_or(Timestamp::MAX);
        self.write(|tx| tx.set_doubt(batch, Doubt { look_at: Some(look_at), ..doubt }))?;
        self.lanes[lane].state = LaneState::Parked { until: self.instant() + pause, batch };
        Ok(())
    }

    /// Nothing of a call is on its board: it is sent again as it was. Under a new key, where monday would only repeat an answer
    /// that it kept.
    fn resend(&mut self, batch: Batch) -> anyhow::Result<Option<Flight>> {
        if !self.may_write()? {
            return Ok(None);
        }
        let now = self.now();
        let key = if batch.doubt.is_replayed { self.new_key() } else { batch.idempotency_key.clone() };
        let doubt = batch.doubt.sent_again();
        self.write(|tx| tx.resend_batch(batch.id, &key, doubt, now))?;
        let batch = Batch { sent_at: now, idempotency_key: key, doubt, ..batch };
        Ok(Some(Flight { batch, repetitions: 0, kinds: BTreeMap::new() }))
    }

    /// Parks a lane until the board may be asked what became of a call. Where the process ended before it gave the answer up,
    /// that was at the latest when the answer could not come any more.
    pub(crate) fn park(&mut self, lane: usize, batch: &Batch) -> anyhow::Result<()> {
        let (now, network, settle) = (self.now(), &self.push.config.network, self.push.config.monday.settle);
        let given_up = batch.sent_at.checked_add(network.timeout).unwrap_or(Timestamp::MAX).min(now);
        let settled = given_up.checked_add(settle).unwrap_or(Timestamp::MAX);
        // One that lies further ahead than a look can is from a clock that was wrong.
        let furthest = now.checked_add(settle.max(network.max_wait)).unwrap_or(Timestamp::MAX);
        let look_at = batch.doubt.look_at.filter(|at| *at <= furthest).unwrap_or(settled);
        let pause = Duration::try_from(look_at.duration_since(now)).unwrap_or_default();
        self.lanes[lane].state = LaneState::Parked { until: self.instant() + pause, batch: batch.id };
        if batch.doubt.look_at.is_none() {
            self.write(|tx| tx.set_doubt(batch.id, Doubt { look_at: Some(look_at), ..batch.doubt }))?;
        }
        Ok(())
    }

    /// Ends a call of which no more will be learnt. What it changed in items that were there is still due, but what they show
    /// now is not known: an entity may since have gone back to what was confirmed before, or have come back after its item was
    /// archived. So these columns count as not sent, and the items that were to go are asked for.
    pub(crate) fn end_in_doubt(
        &mut self,
        lane: usize,
        batch: &Batch,
        absent: &BTreeSet<String>,
        blame: Blame,
    ) -> anyhow::Result<()> {
        let is_retired = |intent: &&Intent| matches!(intent.action, Action::Archive | Action::Delete);
        let retired: Vec<&Intent> = batch.intents.iter().filter(is_retired).collect();
        let Some(gone) = self.gone_from(&batch.board, &retired)? else { return Ok(()) };
        let tx = self.transaction()?;
        self.blame_call(&tx, lane, batch, absent, blame)?;
        for intent in &batch.intents {
            match intent.action {
                Action::Create => {}
                Action::Update | Action::Unkey => self.forget_sent(&tx, intent)?,
                Action::Archive | Action::Delete if !gone.contains(&intent.alias) => {}
                Action::Archive | Action::Delete => self.confirm(&tx, intent, &batch.board, "")?,
            }
        }
        tx.end_batch(batch.id)?;
        tx.commit()?;
        self.unpark(lane)
    }

    /// The aliases of those whose items are no longer on the board; `None` when that cannot be asked.
    fn gone_from(&mut self, board: &str, intents: &[&Intent]) -> anyhow::Result<Option<BTreeSet<String>>> {
        let mut gone = BTreeSet::new();
        for chunk in intents.chunks(document::ITEMS_BY_ID) {
            let ids: Vec<&str> = chunk.iter().filter_map(|intent| intent.item_id.as_deref()).collect();
            let why = match self.ask_states(&ids)? {
                Given::Ended => return Ok(None),
                Given::Whole(states) => {
                    let is_there = |intent: &Intent| {
                        let mut here = states.iter().filter(|state| state.is_on(board));
                        here.any(|state| Some(state.id.as_str()) == intent.item_id.as_deref())
                    };
                    gone.extend(chunk.iter().filter(|intent| !is_there(intent)).map(|intent| intent.alias.clone()));
                    continue;
                }
                Given::NotWhole(why) | Given::Refused(why) => why,
            };
            self.cannot_look_up(board, why)?;
            return Ok(None);
        }
        Ok(Some(gone))
    }

    /// The columns of a change that may have been made, or not, count as not sent.
    pub(crate) fn forget_sent(&mut self, tx: &Tx<'_>, intent: &Intent) -> anyhow::Result<()> {
        let Some(sent) = self.store.sent(intent.entity)? else { return Ok(()) };
        let parse = |json: &str| serde_json::from_str::<Map<String, Value>>(json).unwrap_or_default();
        let (mut sent, doubtful) = (parse(&sent), parse(&intent.columns));
        sent.retain(|column, _| !doubtful.contains_key(column));
        tx.set_sent(intent.entity, &Value::Object(sent).to_string())
    }

    /// Lets a lane go on, with the next call that it may have left open.
    fn unpark(&mut self, lane: usize) -> anyhow::Result<()> {
        let board = self.lanes[lane].board.clone();
        let next = self.store.open_batches()?.into_iter().find(|open| open.board == board);
        match next {
            Some(next) => self.park(lane, &next)?,
            None if self.lanes[lane].kinds.is_empty() => self.lanes[lane].state = LaneState::Closed,
            None => self.lanes[lane].state = LaneState::Idle,
        }
        self.reopen(lane);
        Ok(())
    }

    /// Looks the keys of new items up on their board and records those found. Returns the aliases of the absent ones, or `None`
    /// when the side ended.
    fn look_up(&mut self, lane: usize, batch: &Batch, creates: &[&Intent]) -> anyhow::Result<Option<BTreeSet<String>>> {
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
                let Some(found) = self.find_after_loss(lane, &column, &keys)? else { return Ok(None) };
                let tx = self.transaction()?;
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
                    self.confirm(&tx, intent, &batch.board, &item)?;
                    tx.end_intent(batch.id, &intent.alias)?;
                }
                tx.commit()?;
            }
        }
        Ok(Some(absent))
    }

    /// monday refuses the question itself: the board, or its key column, may be gone. Other boards go on. The batch is kept,
    /// unless no kind is pushed to the board any more: then nothing can become a duplicate there.
    pub(crate) fn cannot_look_up(&mut self, board: &str, why: MondayText) -> anyhow::Result<()> {
        let kinds: Vec<Kind> = Kind::all().filter(|kind| self.entity(*kind).pushed_board() == Some(board)).collect();
        for index in 0..self.lanes.len() {
            if self.lanes[index].board == board {
                self.lanes[index].state = LaneState::Closed;
            }
        }
        if kinds.is_empty() {
            for open in self.store.open_batches()?.into_iter().filter(|open| open.board == board) {
                self.write(|tx| tx.end_batch(open.id))?;
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
