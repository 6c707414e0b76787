//! Recording what monday answered, alias by alias.

use super::calls::{Asked, MOST_WAITS};
use super::engine::{Engine, Flight, LaneState, until};
use super::mapping;
use super::plan::Care;
use super::shape::mark_dependants;
use crate::config::OnMissing;
use crate::failure::{FailureCause, FailureDetail};
use crate::message::{Message, MondayText};
use crate::monday::column::{is_same_value, refused_column, shown_text};
use crate::monday::{Answer, GraphqlError, Outcome, document, item_states};
use crate::store::{Action, Change, FailureRow, Intent, Stored, stamp};
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// Codes of errors that no other values would avoid.
const FINAL_CODES: [&str; 6] = [
    "ItemsLimitationException",
    "missingRequiredPermissions",
    "UserUnauthorizedException",
    "USER_ACCESS_DENIED",
    "InvalidBoardIdException",
    "DeleteLastGroupException",
];
/// So many refused columns of one entity, and the rest is sent one by one.
const REFUSALS_BEFORE_CARE: u32 = 2;

/// So many changes in a row refused, each alone in its call, and the board is left alone for this run.
const MOST_REFUSED_ALONE: u32 = 5;

/// What one alias came to.
enum Fate<'a> {
    Done(String),
    Failed(&'a GraphqlError),
    /// Neither an item nor an error.
    Untold,
}

impl Engine<'_, '_> {
    /// Takes in what a call came to.
    pub(super) fn record(&mut self, lane: usize, flight: Flight, outcome: Outcome) -> anyhow::Result<()> {
        match &outcome {
            Outcome::Answered(answer) => self.record_answer(lane, flight, answer),
            Outcome::Wait { wait, is_daily, .. } => {
                self.nothing_was_done(&flight)?;
                self.lanes[lane].waits += 1;
                if *is_daily || *wait > self.max_wait() || self.lanes[lane].waits > MOST_WAITS {
                    return self.give_up(&outcome);
                }
                self.reopen(lane);
                self.lanes[lane].state = LaneState::Waiting { until: Instant::now() + *wait, again: None };
                Ok(())
            }
            Outcome::TooLarge(_) | Outcome::Refused(_) => self.record_refusal(lane, flight, &outcome),
            Outcome::Login(_) => {
                self.nothing_was_done(&flight)?;
                self.give_up(&outcome)
            }
            Outcome::NotSent(_) if flight.repetitions < self.push.config.network.retries => {
                self.send_again_later(lane, flight);
                Ok(())
            }
            Outcome::NotSent(_) => {
                self.nothing_was_done(&flight)?;
                self.give_up(&outcome)
            }
            Outcome::Lost(why) => self.record_loss(lane, flight, &outcome, why),
        }
    }

    fn nothing_was_done(&mut self, flight: &Flight) -> anyhow::Result<()> {
        self.store.transaction(|store| store.end_batch(flight.batch.id))
    }

    /// The whole call is refused, and nothing of it was done: smaller ones find out what is at fault.
    fn record_refusal(&mut self, lane: usize, flight: Flight, outcome: &Outcome) -> anyhow::Result<()> {
        self.nothing_was_done(&flight)?;
        self.reopen(lane);
        if let [only] = flight.batch.intents.as_slice() {
            let Some(stored) = self.store.get(only.entity)? else { return Ok(()) };
            let error = crate::monday::told(outcome);
            let hint = MondayText::MondayLater {};
            let detail = FailureDetail::new(FailureCause::ItemRefused, error).hint(hint);
            self.fail_entity(stored.id, stored.kind, &stored.key, detail.clone())?;
            self.lanes[lane].refused_alone += 1;
            if self.lanes[lane].refused_alone >= MOST_REFUSED_ALONE {
                // It is not them: the others would only cost a call each.
                self.lanes[lane].state = LaneState::Closed;
                self.fail_kind(stored.kind, detail);
            }
            return Ok(());
        }
        while self.lanes[lane].size() >= flight.batch.intents.len() && self.lanes[lane].size() > 1 {
            self.lanes[lane].shrink();
        }
        Ok(())
    }

    /// The answer was lost. Changes are sent again as they were; where items were to be made, the board is asked first.
    fn record_loss(&mut self, lane: usize, flight: Flight, outcome: &Outcome, why: &str) -> anyhow::Result<()> {
        self.lanes[lane].shrink();
        let makes_items = flight.batch.intents.iter().any(|intent| intent.action == Action::Create);
        if makes_items {
            let board = self.lanes[lane].board.clone();
            self.result.notes.push(MondayText::AnswerLost { board, why: why.to_owned() }.into());
            self.park(lane, flight.batch.id, flight.batch.sent_at);
            return Ok(());
        }
        if flight.repetitions < self.push.config.network.retries {
            self.send_again_later(lane, flight);
            return Ok(());
        }
        // The changes stay due, and the batch stays too: the next run lets it settle before it sends newer values.
        self.give_up(outcome)
    }

    fn send_again_later(&mut self, lane: usize, mut flight: Flight) {
        flight.repetitions += 1;
        let pause = self.push.client.http().backoff(flight.repetitions);
        self.lanes[lane].state = LaneState::Waiting { until: Instant::now() + pause, again: Some(flight) };
    }

    pub(super) fn park(&mut self, lane: usize, batch: i64, since: Timestamp) {
        let settled = Instant::now() + until(since, self.push.config.monday.settle);
        self.lanes[lane].state = LaneState::Parked { until: settled, batch };
    }

    fn record_answer(&mut self, lane: usize, flight: Flight, answer: &Answer) -> anyhow::Result<()> {
        let batch = &flight.batch;
        let mut doubtful: Vec<&Intent> = Vec::new();
        let mut untold = false;
        let mut wait = None;
        self.store.begin()?;
        for intent in &batch.intents {
            match fate(intent, answer) {
                Fate::Done(item_id) => self.confirm(intent, &batch.board, &item_id)?,
                Fate::Failed(error) if error.is_limit() => {
                    wait = wait.max(Some(self.wait_inside(error)));
                    self.tried(intent.entity).attempts += 1;
                }
                Fate::Failed(error) => {
                    if self.record_error(intent, error)? {
                        doubtful.push(intent);
                    }
                }
                Fate::Untold if intent.action == Action::Create => {
                    untold = true;
                    continue;
                }
                Fate::Untold => self.tried(intent.entity).attempts += 1,
            }
            self.store.end_intent(batch.id, &intent.alias)?;
        }
        if !untold {
            self.store.end_batch(batch.id)?;
        }
        self.store.commit()?;
        self.reopen(lane);
        match (untold, wait) {
            // Of some items it is not known whether they were made.
            (true, _) => self.park(lane, batch.id, batch.sent_at),
            (false, Some(wait)) => {
                self.lanes[lane].state = LaneState::Waiting { until: Instant::now() + wait, again: None };
            }
            (false, None) => {}
        }
        if let Some(limit) = answer.errors.iter().find(|error| error.is_limit() && self.ends_the_side(error)) {
            return self.give_up(&limit.as_outcome());
        }
        self.look_into(&doubtful, answer)?;
        self.look_into_suspects()
    }

    /// Records an error of one alias. `true`: whether its item is still there has to be looked into.
    fn record_error(&mut self, intent: &Intent, error: &GraphqlError) -> anyhow::Result<bool> {
        let Some(stored) = self.store.get(intent.entity)? else { return Ok(false) };
        if self.store.version(intent.entity)? != Some(intent.version) {
            // It has changed since: what was refused is not what it has now. Its new values are sent anyway.
            self.tried(intent.entity).attempts += 1;
            return Ok(false);
        }
        let columns: Map<String, Value> = serde_json::from_str(&intent.columns).unwrap_or_default();
        let told: Message = MondayText::Refused { why: error.told() }.into();
        if let Some(column) = self.column_at_fault(&stored, &columns, error) {
            let value = columns.get(&column).cloned().unwrap_or(Value::Null);
            self.fail_column(intent, &column, &value, told)?;
            self.suspect(&stored, &column, &value);
            let tried = self.tried(intent.entity);
            tried.refusals += 1;
            if tried.refusals >= REFUSALS_BEFORE_CARE {
                tried.care = Care::EachColumnAlone;
            }
            return Ok(false);
        }
        match intent.action {
            Action::Create => {
                let was_bare = self.tried(intent.entity).care == Care::EachColumnAlone;
                if was_bare || FINAL_CODES.contains(&error.code.as_str()) {
                    let detail = FailureDetail::new(cause_of(error), told);
                    self.fail_entity(stored.id, stored.kind, &stored.key, detail)?;
                } else {
                    self.tried(intent.entity).care = Care::EachColumnAlone;
                    self.tried(intent.entity).attempts += 1;
                }
                Ok(false)
            }
            Action::Update | Action::Unkey | Action::Archive | Action::Delete => Ok(true),
        }
    }

    /// The column that an error is about, if it can be told for sure. The key and the name are never left out.
    fn column_at_fault(&self, stored: &Stored, columns: &Map<String, Value>, error: &GraphqlError) -> Option<String> {
        let entity = self.entity(stored.kind);
        let board = self.boards.get(entity.board.as_deref()?).map(|board| &board.columns);
        let sent: BTreeMap<String, (crate::monday::column::ColumnType, Value)> = columns
            .iter()
            .filter(|(column, _)| entity.columns.contains_key(*column))
            .map(|(column, value)| (column.clone(), (mapping::type_of(entity, column, board), value.clone())))
            .collect();
        refused_column(&error.message, &error.extensions, &sent).map(str::to_owned)
    }

    /// Asks where the items are whose changes were refused for no column's sake.
    fn look_into(&mut self, doubtful: &[&Intent], answer: &Answer) -> anyhow::Result<()> {
        for chunk in doubtful.chunks(document::ITEMS_BY_ID) {
            let ids: Vec<&str> = chunk.iter().filter_map(|intent| intent.item_id.as_deref()).collect();
            let unique: Vec<&str> = ids.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
            let states = match self.ask(&document::item_states(&unique))? {
                Asked::Answer(answer) if answer.errors.is_empty() => item_states(&answer.data),
                // Nothing is known of them, least of all that they are missing: they stay due, and are tried again so often.
                Asked::Answer(_) | Asked::Refused(_) => {
                    for intent in chunk {
                        self.tried(intent.entity).attempts += 1;
                    }
                    continue;
                }
                // They stay due.
                Asked::Ended => return Ok(()),
            };
            self.store.begin()?;
            for intent in chunk {
                let board = self.store.get(intent.entity)?.and_then(|stored| stored.board);
                let is_there = states.iter().any(|state| {
                    Some(state.id.as_str()) == intent.item_id.as_deref()
                        && state.is_on(board.as_deref().unwrap_or_default())
                });
                let error = answer.error_of(&intent.alias);
                self.settle_doubt(intent, is_there, error)?;
            }
            self.store.commit()?;
        }
        Ok(())
    }

    fn settle_doubt(&mut self, intent: &Intent, is_there: bool, error: Option<&GraphqlError>) -> anyhow::Result<()> {
        let Some(stored) = self.store.get(intent.entity)? else { return Ok(()) };
        let item = intent.item_id.clone().unwrap_or_default();
        let told: Message = MondayText::Refused { why: error.map(GraphqlError::told).unwrap_or_default() }.into();
        match intent.action {
            // What should be gone is gone.
            Action::Archive | Action::Delete | Action::Unkey if !is_there => self.confirm_retired(intent, &stored),
            Action::Archive | Action::Delete | Action::Unkey => {
                let entity = format!("{}:{}", stored.kind, stored.key);
                let hint = MondayText::ItemStays { item, entity };
                let detail = FailureDetail::new(FailureCause::ItemStays, told).hint(hint);
                self.fail_entity(stored.id, stored.kind, &stored.key, detail)
            }
            _ if !is_there => self.item_is_missing(&stored, item),
            _ => {
                let columns: Map<String, Value> = serde_json::from_str(&intent.columns).unwrap_or_default();
                let is_final = error.is_some_and(|error| FINAL_CODES.contains(&error.code.as_str()));
                match columns.iter().next() {
                    Some((column, value)) if columns.len() == 1 && !is_final => {
                        self.fail_column(intent, column, value, told)?;
                        self.suspect(&stored, column, value);
                        Ok(())
                    }
                    _ if is_final => {
                        let cause = error.map_or(FailureCause::ItemRefused, cause_of);
                        self.fail_entity(stored.id, stored.kind, &stored.key, FailureDetail::new(cause, told))
                    }
                    _ => {
                        self.tried(intent.entity).care = Care::EachColumnAlone;
                        self.tried(intent.entity).attempts += 1;
                        Ok(())
                    }
                }
            }
        }
    }

    /// Somebody took the item away.
    pub(super) fn item_is_missing(&mut self, stored: &Stored, item: String) -> anyhow::Result<()> {
        let wanted = match self.store.is_relinked(stored.id)? {
            true => OnMissing::Recreate,
            false => self.push.config.sync.on_missing,
        };
        match wanted {
            OnMissing::Report => self.fail_for_missing_item(stored, &item, false),
            OnMissing::Recreate => {
                self.store.drop_item(stored.id)?;
                self.item_has_changed(stored)
            }
            OnMissing::Unlink => {
                if !self.is_dry() {
                    self.note_change(stored, "unlink", &Map::new(), &Map::new())?;
                }
                self.store.drop_item(stored.id)?;
                self.store.set_unlinked(stored.id, true, false)?;
                self.item_has_changed(stored)
            }
        }
    }

    /// Notes what monday confirmed of one alias.
    pub(super) fn confirm(&mut self, intent: &Intent, board: &str, item_id: &str) -> anyhow::Result<()> {
        let Some(stored) = self.store.get(intent.entity)? else { return Ok(()) };
        if !matches!(intent.action, Action::Create | Action::Update) {
            return self.confirm_retired(intent, &stored);
        }
        let is_new = intent.action == Action::Create;
        let parse = |json: &str| serde_json::from_str::<Map<String, Value>>(json).unwrap_or_default();
        let before =
            if is_new { Map::new() } else { self.store.sent(stored.id)?.map(|json| parse(&json)).unwrap_or_default() };
        let sent = parse(&intent.columns);
        self.note_change(&stored, intent.action.word(), &before, &sent)?;
        let mut merged = before;
        self.forgive_what_was_taken(&stored, &sent)?;
        merged.extend(sent);
        let merged = Value::Object(merged).to_string();
        let origin = is_new.then_some("created");
        let is_complete = intent.withheld.is_empty();
        let now = Timestamp::now();
        self.store.confirm(stored.id, intent.version, board, item_id, origin, &merged, is_complete, now)?;
        let touched = self.touched.entry(stored.kind).or_default();
        if is_new {
            touched.created.insert(stored.id);
            self.item_has_changed(&stored)?;
        } else if !touched.created.contains(&stored.id) && !touched.adopted.contains(&stored.id) {
            touched.updated.insert(stored.id);
        }
        Ok(())
    }

    /// Forgets the failures of columns that monday has taken now, in any form. One that was only cleared, because its value
    /// cannot be sent, goes on failing.
    fn forgive_what_was_taken(&mut self, stored: &Stored, sent: &Map<String, Value>) -> anyhow::Result<()> {
        let was_sent =
            |failure: &FailureRow| !matches!(failure.cause, FailureCause::ValueUnfit | FailureCause::LabelMissing);
        for failure in self.store.failures(stored.id)?.into_iter().filter(was_sent) {
            if sent.get(&failure.column).is_some_and(|value| is_same_value(failure.value.as_deref(), value)) {
                self.forgive(stored, &failure.column)?;
            }
        }
        Ok(())
    }

    /// Notes that an item is archived, deleted, or nobody's any more.
    fn confirm_retired(&mut self, intent: &Intent, stored: &Stored) -> anyhow::Result<()> {
        let word = if intent.action == Action::Unkey { "unlink" } else { "archive" };
        self.note_change(stored, word, &Map::new(), &Map::new())?;
        if intent.action == Action::Unkey {
            self.store.remember_item(stored.id)?;
        }
        self.store.drop_item(stored.id)?;
        if intent.action != Action::Unkey {
            self.touched.entry(stored.kind).or_default().archived.insert(stored.id);
        }
        self.item_has_changed(stored)
    }

    /// An entity has an item, or another one, or none any more: whoever links to it is looked at again.
    pub(super) fn item_has_changed(&mut self, stored: &Stored) -> anyhow::Result<()> {
        mark_dependants(self.store, self.push.shapes, stored.kind, &stored.record)?;
        self.reopen_children(stored.kind);
        Ok(())
    }

    /// Keeps old and new of each column, for people; in a dry run it is the plan.
    fn note_change(
        &mut self,
        stored: &Stored,
        action: &'static str,
        before: &Map<String, Value>,
        sent: &Map<String, Value>,
    ) -> anyhow::Result<()> {
        let columns: BTreeMap<String, (Option<String>, Option<String>)> = sent
            .iter()
            .map(|(column, value)| (column.clone(), (before.get(column).and_then(shown_text), shown_text(value))))
            .filter(|(_, (old, new))| old.is_some() || new.is_some())
            .collect();
        let is_adopted = self.touched.entry(stored.kind).or_default().adopted.contains(&stored.id);
        let action = if is_adopted && action == "update" { "adopt" } else { action };
        if self.is_dry() {
            self.add_plan_row(stored.kind, &stored.key, action, columns);
            return Ok(());
        }
        let json: Map<String, Value> = columns
            .into_iter()
            .map(|(column, (old, new))| (column, serde_json::json!({"old": old, "new": new})))
            .collect();
        self.store.add_change(&Change {
            run: self.push.run,
            at: stamp(Timestamp::now()),
            kind: stored.kind,
            key: stored.key.clone(),
            action: action.to_owned(),
            columns: Value::Object(json).to_string(),
        })
    }
}

/// Why a whole item was refused.
fn cause_of(error: &GraphqlError) -> FailureCause {
    match error.code.as_str() {
        "ItemsLimitationException" => FailureCause::BoardFull,
        "InvalidBoardIdException" => FailureCause::BoardMissing,
        _ => FailureCause::ItemRefused,
    }
}

/// What an answer says of one alias.
fn fate<'a>(intent: &Intent, answer: &'a Answer) -> Fate<'a> {
    let id = answer.data.get(&intent.alias).and_then(|item| item.get("id"));
    let id = id.and_then(|id| id.as_str().map(str::to_owned).or_else(|| id.as_u64().map(|id| id.to_string())));
    match (id, answer.error_of(&intent.alias)) {
        (Some(id), _) => Fate::Done(id),
        (None, Some(error)) => Fate::Failed(error),
        (None, None) => Fate::Untold,
    }
}
