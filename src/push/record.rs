//! What a call came to: done, proven not done, or unknown. What is done is recorded, what is not done is planned again, and what
//! is unknown is looked into before anything of it is sent again.

use crate::failure::{FailureCause, FailureDetail};
use crate::message::MondayText;
use crate::monday::{Answer, GraphqlError, ItemResult, Limit, NotDone, Outcome};
use crate::push::engine::{Ended, Engine, Flight, LaneState};
use crate::push::isolation::Blame;
use crate::retry::{DEFAULT_WAIT, MOST_LIMITS};
use crate::store::{Action, Batch, Intent, Tx};
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::time::Duration;

/// What the answer to a call leaves open.
#[derive(Default)]
struct Sorted<'b> {
    /// Refused for no column's sake: where their items are has to be asked.
    doubtful: Vec<&'b Intent>,
    /// Changes that may have been made, which is to be looked up.
    unknown: Vec<&'b Intent>,
    /// Changes that may have been made, which do no harm when they are sent again.
    faulty: Vec<&'b Intent>,
    /// The limit that asks for the longest wait.
    limit: Option<GraphqlError>,
}

impl Engine<'_, '_> {
    /// Takes in what a call came to.
    pub(crate) fn record(&mut self, lane: usize, flight: Flight, ended: Ended) -> anyhow::Result<()> {
        match &ended.outcome {
            Outcome::Answered(answer) => self.record_answer(lane, &flight, answer, &ended),
            outcome if outcome.proves_nothing_done(flight.batch.intents.len()) => {
                self.record_nothing_done(lane, flight, outcome)
            }
            _ => self.record_doubt(lane, &flight.batch, &ended),
        }
    }

    /// Nothing of the call was done, which its answer proves.
    fn record_nothing_done(&mut self, lane: usize, flight: Flight, outcome: &Outcome) -> anyhow::Result<()> {
        if matches!(outcome, Outcome::NotSent(_)) && flight.repetitions < self.push.config.network.retries {
            self.send_again_later(lane, flight);
            return Ok(());
        }
        self.write(|tx| tx.end_batch(flight.batch.id))?;
        self.reopen(lane);
        let intents = &flight.batch.intents;
        match outcome {
            Outcome::Refused(..) if distinct(intents).len() > 1 => self.halve_refused(lane, intents, outcome),
            Outcome::TooLarge(_) if intents.len() > 1 => {
                self.lanes[lane].too_large(intents.len());
                Ok(())
            }
            Outcome::Refused(..) | Outcome::TooLarge(_) => self.fail_alone(lane, intents, outcome),
            Outcome::Wait { wait, limit: Limit::Lock, why, .. } => self.wait_for_lock(lane, *wait, why),
            Outcome::Wait { wait, limit, .. } => {
                self.lanes[lane].waits += 1;
                let wait = wait.unwrap_or(DEFAULT_WAIT.min(self.max_wait()));
                if *limit == Limit::Day || wait > self.max_wait() || self.lanes[lane].waits > MOST_LIMITS {
                    return self.give_up(outcome);
                }
                self.wait(lane, wait);
                Ok(())
            }
            _ => self.give_up(outcome),
        }
    }

    /// A call with several changes is refused as a whole: smaller ones find out what is at fault, unless all of them are refused.
    fn halve_refused(&mut self, lane: usize, intents: &[Intent], outcome: &Outcome) -> anyhow::Result<()> {
        if self.lanes[lane].failed(false, &crate::monday::why(outcome), self.push.config.network.retries) {
            let detail = FailureDetail::new(FailureCause::ItemRefused, crate::monday::told(outcome));
            return self.leave_board(lane, &detail.hint(MondayText::MondayLater {}));
        }
        self.set_apart(intents, intents.len().div_ceil(2))
    }

    /// Lets a lane go on after so long.
    pub(crate) fn wait(&mut self, lane: usize, pause: Duration) {
        self.lanes[lane].state = LaneState::Waiting { until: self.instant() + pause, again: None };
    }

    /// Somebody else writes to the board, an import for instance: it is waited for as long as a run may, then left alone.
    fn wait_for_lock(&mut self, lane: usize, asked: Option<Duration>, why: &str) -> anyhow::Result<()> {
        let patience = (self.push.config.network.retries, self.max_wait());
        let http = self.push.client.http();
        let now = self.instant();
        match self.lanes[lane].locked(asked, |times| http.backoff(times), patience, now) {
            Some(wait) => self.wait(lane, wait),
            None => {
                let board = self.lanes[lane].board.clone();
                let error = MondayText::BoardLocked { board, why: why.to_owned() };
                let detail = FailureDetail::new(FailureCause::BoardLocked, error);
                self.leave_board(lane, &detail.hint(MondayText::OthersGoOn {}))?;
            }
        }
        Ok(())
    }

    /// Sends nothing more to a board in this run, for the sake of no single item.
    fn leave_board(&mut self, lane: usize, detail: &FailureDetail) -> anyhow::Result<()> {
        self.lanes[lane].state = LaneState::Closed;
        let kinds = self.lanes[lane].kinds.clone();
        let mut waiting = Vec::new();
        for &kind in &kinds {
            if self.store.count_due(kind)? > 0 {
                waiting.push(kind);
            }
        }
        for kind in if waiting.is_empty() { kinds } else { waiting } {
            self.fail_kind(kind, detail.clone());
        }
        Ok(())
    }

    /// What was alone in its call is refused.
    fn fail_alone(&mut self, lane: usize, intents: &[Intent], outcome: &Outcome) -> anyhow::Result<()> {
        let Some(only) = intents.first() else { return Ok(()) };
        let Some(stored) = self.store.get(only.entity)? else { return Ok(()) };
        let detail = FailureDetail::new(FailureCause::ItemRefused, crate::monday::told(outcome));
        let detail = detail.hint(MondayText::MondayLater {});
        let tx = self.transaction()?;
        self.fail_entity(&tx, stored.id, stored.kind, &stored.key, detail.clone())?;
        tx.commit()?;
        if self.lanes[lane].refused_alone() {
            self.leave_board(lane, &detail)?;
        }
        Ok(())
    }

    /// What became of the call is not known. Where items were to be made, or where monday may be at work on it still, the board
    /// is asked first; other changes do no harm when they are sent again.
    fn record_doubt(&mut self, lane: usize, batch: &Batch, ended: &Ended) -> anyhow::Result<()> {
        let outcome = &ended.outcome;
        let why = crate::monday::why(outcome);
        let makes_items = batch.intents.iter().any(|intent| intent.action == Action::Create);
        let is_hopeless = self.lanes[lane].failed(makes_items, &why, self.push.config.network.retries);
        let (asked, is_lock) = match outcome {
            Outcome::Wait { wait, limit, .. } => {
                (Some(wait.unwrap_or(DEFAULT_WAIT.min(self.max_wait()))), *limit == Limit::Lock)
            }
            _ => (None, false),
        };
        self.keep_doubt(lane, batch, ended, asked.unwrap_or_default())?;
        let is_too_long = !is_lock && asked.is_some_and(|asked| asked > self.max_wait());
        if matches!(outcome, Outcome::Login(..)) || is_too_long || self.is_side_down() {
            return self.give_up(outcome);
        }
        if is_hopeless {
            return self.leave_failing_board(lane);
        }
        if makes_items || ended.is_cut_off {
            self.note_lost(lane, why);
            return Ok(());
        }
        let blame = if asked.is_some() { Blame::Nobody } else { Blame::Shared };
        self.end_in_doubt(lane, batch, &BTreeSet::new(), blame)?;
        match (asked, is_lock) {
            (Some(asked), true) => self.wait_for_lock(lane, Some(asked), &why)?,
            (Some(asked), false) => self.wait(lane, asked),
            (None, _) => {}
        }
        Ok(())
    }

    fn note_lost(&mut self, lane: usize, why: String) {
        let board = self.lanes[lane].board.clone();
        self.result.notes.push(MondayText::AnswerLost { board, why }.into());
    }

    /// Keeps that an answer was given up, and parks the lane until the board may be asked.
    fn keep_doubt(&mut self, lane: usize, batch: &Batch, ended: &Ended, asked: Duration) -> anyhow::Result<()> {
        if ended.is_cut_off {
            self.lanes[lane].cut_off(batch.intents.len());
        }
        let settle = self.push.config.monday.settle.max(asked);
        let look_at = self.now().checked_add(settle).unwrap_or(Timestamp::MAX);
        let doubt = batch.doubt.given_up(look_at, ended.is_cut_off, ended.is_replayed);
        self.write(|tx| tx.set_doubt(batch.id, doubt))?;
        self.lanes[lane].state = LaneState::Parked { until: self.instant() + settle, batch: batch.id };
        Ok(())
    }

    /// Whether monday fails at whatever it is asked to write: then it is no board's fault, and no item's.
    fn is_side_down(&self) -> bool {
        let failing = self.lanes.iter().map(|lane| lane.vain()).filter(|vain| *vain > 0);
        let (boards, vain) = failing.fold((0, 0), |(boards, sum), vain| (boards + 1, sum + vain));
        !self.has_worked && boards > 1 && vain > 2 * self.push.config.network.retries.max(1)
    }

    /// monday fails at whatever is sent to a board: single items are not at fault.
    fn leave_failing_board(&mut self, lane: usize) -> anyhow::Result<()> {
        let (board, why) = (self.lanes[lane].board.clone(), self.lanes[lane].why.clone());
        let detail = FailureDetail::new(FailureCause::ServerFault, MondayText::BoardFails { board, why });
        self.leave_board(lane, &detail.hint(MondayText::MondayLater {}))
    }

    fn send_again_later(&mut self, lane: usize, mut flight: Flight) {
        flight.repetitions += 1;
        let pause = self.push.client.http().backoff(flight.repetitions);
        self.lanes[lane].state = LaneState::Waiting { until: self.instant() + pause, again: Some(flight) };
    }

    fn record_answer(&mut self, lane: usize, flight: &Flight, answer: &Answer, ended: &Ended) -> anyhow::Result<()> {
        let batch = &flight.batch;
        let tx = self.transaction()?;
        let sorted = self.sort(&tx, batch, ended)?;
        if sorted.unknown.is_empty() {
            tx.end_batch(batch.id)?;
        }
        tx.commit()?;
        self.reopen(lane);
        let why = answer.errors.first().map(GraphqlError::told).unwrap_or_default();
        let has_failed = sorted.unknown.len() + sorted.faulty.len() == batch.intents.len();
        let retries = self.push.config.network.retries;
        let is_hopeless = has_failed && self.lanes[lane].failed(!sorted.unknown.is_empty(), &why, retries);
        self.lanes[lane].why.clone_from(&why);
        if !sorted.unknown.is_empty() {
            self.keep_doubt(lane, batch, ended, Duration::ZERO)?;
            self.note_lost(lane, why);
        }
        self.note_faulty(lane, &sorted.faulty, answer)?;
        if is_hopeless {
            return self.leave_failing_board(lane);
        }
        if let Some(limit) = answer.errors.iter().find(|error| error.is_limit() && self.ends_the_side(error)) {
            return self.give_up(&limit.as_outcome());
        }
        match &sorted.limit {
            Some(limit) if sorted.unknown.is_empty() && limit.is_lock() => {
                self.wait_for_lock(lane, limit.wait(), &limit.told())?;
            }
            Some(limit) if sorted.unknown.is_empty() => self.wait(lane, self.wait_inside(limit)),
            _ => {}
        }
        self.look_into(&sorted.doubtful, answer)?;
        self.look_into_suspects()
    }

    /// Records what an answer says of each change, and sorts what it leaves open.
    fn sort<'b>(&mut self, tx: &Tx<'_>, batch: &'b Batch, ended: &Ended) -> anyhow::Result<Sorted<'b>> {
        let mut sorted = Sorted::default();
        for intent in &batch.intents {
            match result_of(&batch.intents, intent, &ended.outcome) {
                ItemResult::Done(item_id) => self.confirm(tx, intent, &batch.board, &item_id)?,
                ItemResult::NotDone(NotDone::Refused(error)) if error.is_limit() => {
                    self.tried(intent.entity).attempts += u32::from(!error.is_lock());
                    if sorted.limit.as_ref().is_none_or(|other| other.wait() < error.wait()) {
                        sorted.limit = Some(error.clone());
                    }
                }
                ItemResult::NotDone(NotDone::Refused(error)) => {
                    self.clear_fault(tx, intent.entity)?;
                    if self.record_error(tx, intent, error)? {
                        sorted.doubtful.push(intent);
                    }
                }
                ItemResult::NotDone(NotDone::WholeCall) => {}
                ItemResult::Unknown if must_be_looked_up(intent.action) || ended.is_cut_off => {
                    sorted.unknown.push(intent);
                    continue;
                }
                ItemResult::Unknown => {
                    self.forget_sent(tx, intent)?;
                    sorted.faulty.push(intent);
                }
            }
            tx.end_intent(batch.id, &intent.alias)?;
        }
        Ok(sorted)
    }
}

/// What became of a change. An answer that names another item than the one that was to be changed, or one and the same item for
/// two entities, is about something else: it proves nothing.
pub(crate) fn result_of<'o>(intents: &[Intent], intent: &Intent, outcome: &'o Outcome) -> ItemResult<'o> {
    let result = |intent: &Intent| outcome.result_of(&intent.alias, intents.len());
    let told = result(intent);
    let ItemResult::Done(item) = &told else { return told };
    let is_other = intent.item_id.as_ref().is_some_and(|known| known != item);
    let is_shared = intents.iter().any(|other| other.entity != intent.entity && result(other) == told);
    if is_other || is_shared { ItemResult::Unknown } else { told }
}

/// Whether a change that may have been made is looked up before it is sent again. Values only become what they should be.
fn must_be_looked_up(action: Action) -> bool {
    matches!(action, Action::Create | Action::Archive | Action::Delete)
}

/// The entities of a call.
pub(crate) fn distinct(intents: &[Intent]) -> BTreeSet<i64> {
    intents.iter().map(|intent| intent.entity).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn intent(entity: i64, item_id: Option<&str>) -> Intent {
        Intent {
            alias: format!("a{entity}"),
            entity,
            version: 1,
            action: if item_id.is_some() { Action::Update } else { Action::Create },
            item_id: item_id.map(str::to_owned),
            columns: "{}".to_owned(),
            withheld: BTreeSet::new(),
        }
    }

    fn results(intents: &[Intent], items: &[&str]) -> Vec<Option<String>> {
        let alias = |(intent, item): (&Intent, &&str)| (intent.alias.clone(), serde_json::json!({"id": item}));
        let data = intents.iter().zip(items).map(alias).collect();
        let outcome = Outcome::Answered(Answer { status: 200, data, errors: Vec::new() });
        let result = |intent| match result_of(intents, intent, &outcome) {
            ItemResult::Done(item) => Some(item),
            ItemResult::NotDone(_) => panic!("nothing here proves that"),
            ItemResult::Unknown => None,
        };
        intents.iter().map(result).collect()
    }

    #[test]
    fn one_item_for_two_new_entities_proves_neither() {
        let made = [intent(1, None), intent(2, None), intent(3, None)];
        assert_eq!(results(&made, &["7", "7", "8"]), [None, None, Some("8".to_owned())]);
        assert_eq!(results(&made, &["7", "9", "8"]), ["7", "9", "8"].map(|item| Some(item.to_owned())));
    }

    #[test]
    fn another_item_than_the_one_to_be_changed_proves_nothing() {
        let changed = [intent(1, Some("7")), intent(2, Some("8"))];
        assert_eq!(results(&changed, &["7", "9"]), [Some("7".to_owned()), None]);
        // Several changes of one item are none of the contradictions.
        let twice = [intent(1, Some("7")), Intent { alias: "b1".to_owned(), ..intent(1, Some("7")) }];
        assert_eq!(results(&twice, &["7", "7"]), ["7", "7"].map(|item| Some(item.to_owned())));
    }
}
