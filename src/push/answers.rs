//! What a call came to: done, proven not done, or unknown. What is done is recorded, what is not done is planned again, and what is
//! unknown is looked up before anything of it is sent again.

use super::Parts;
use super::isolation::{Blame, distinct};
use super::lanes::{InFlight, ParkedFor};
use super::missing_parents::look_up_parents;
use super::refusals::{record_asked_refusal, record_refusal};
use super::unresolved::{blame, end_recovery};
use crate::boards::items::{ReadResult, Reader};
use crate::failure::{FailureCause, FailureDetail, Reported, Stage};
use crate::message::{MondayText, Why};
use crate::monday::{Answer, GraphqlError, ItemResult, Limit, NotDone, Outcome, document};
use crate::retry::{DEFAULT_WAIT, Decision, Setback};
use crate::store::{Action, Batch, Entity, Intent};
use jiff::Timestamp;
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

/// End of a call.
pub(crate) struct CallEnd {
    pub(crate) outcome: Outcome,
    /// Whether monday may be at work on it still.
    pub(crate) is_cut_off: bool,
    pub(crate) is_replayed: bool,
}

/// Changes that the answer to a call leaves open.
#[derive(Default)]
struct OpenChanges<'b> {
    /// Refused for no column's sake: where their items are has to be asked.
    doubtful: Vec<&'b Intent>,
    /// Changes that may have been made, which is to be looked up.
    unknown: Vec<&'b Intent>,
    /// Changes that may have been made, which do no harm when they are sent again.
    faulty: Vec<&'b Intent>,
    /// The limit that asks for the longest wait.
    limit: Option<GraphqlError>,
}

/// Records what a call came to.
///
/// # Errors
/// Where the store cannot be read or written, or nothing can be sent at all.
pub(crate) fn record_call(parts: &mut Parts<'_, '_>, lane: usize, call: InFlight, end: CallEnd) -> anyhow::Result<()> {
    match &end.outcome {
        Outcome::Answered(answer) => record_answer(parts, lane, &call.batch, answer, &end),
        outcome if outcome.proves_nothing_done(call.batch.intents.len()) => {
            record_nothing_done(parts, lane, call, outcome)
        }
        _ => record_unknown(parts, lane, &call.batch, &end),
    }
}

/// Nothing of the call was done, which its answer proves.
fn record_nothing_done(
    parts: &mut Parts<'_, '_>,
    lane: usize,
    call: InFlight,
    outcome: &Outcome,
) -> anyhow::Result<()> {
    let retries = parts.setup.config.network.retries;
    if matches!(outcome, Outcome::NotSent { .. }) && call.repetitions < retries {
        send_again_later(parts, lane, call);
        return Ok(());
    }
    parts.store.write(|tx| tx.end_batch(call.batch.id))?;
    parts.lanes[lane].reopen();
    let intents = &call.batch.intents;
    match outcome {
        Outcome::Refused(..) if distinct(intents).len() > 1 => halve_refused(parts, lane, intents, outcome),
        Outcome::TooLarge(_) if intents.len() > 1 => {
            parts.lanes[lane].size_mut().too_large(intents.len());
            Ok(())
        }
        Outcome::Refused(..) | Outcome::TooLarge(_) => fail_alone(parts, lane, intents, outcome),
        Outcome::Wait { wait, limit, why, .. } => match put_off(parts, lane, limit.setback(*wait)) {
            Decision::Again(pause) => {
                go_on_after(parts, lane, pause);
                Ok(())
            }
            Decision::NotBefore(_) => parts.session.give_up(parts.store, outcome),
            Decision::GiveUp(_) => leave_locked_board(parts, lane, &why.clone().into()),
        },
        _ => parts.session.give_up(parts.store, outcome),
    }
}

fn send_again_later(parts: &mut Parts<'_, '_>, lane: usize, mut call: InFlight) {
    call.repetitions += 1;
    let until = parts.instant() + parts.setup.backoff(call.repetitions);
    parts.lanes[lane].wait(until, Some(call), None);
}

/// Lets a lane go on after so long.
fn go_on_after(parts: &mut Parts<'_, '_>, lane: usize, pause: Duration) {
    let until = parts.instant() + pause;
    parts.lanes[lane].wait(until, None, None);
}

/// A call with several changes is refused as a whole: smaller ones find out what is at fault, unless all of them are refused.
fn halve_refused(parts: &mut Parts<'_, '_>, lane: usize, intents: &[Intent], outcome: &Outcome) -> anyhow::Result<()> {
    if parts.lanes[lane].health.failed(false, &outcome.reason(), parts.setup.config.network.retries) {
        let detail = FailureDetail::new(FailureCause::ItemRefused, outcome.message());
        return leave_board(parts, lane, &detail.hint(outcome.remedy()));
    }
    let now = parts.setup.clock().now();
    let isolation = parts.recorder.isolation_mut();
    parts.store.write(|tx| isolation.set_apart(tx, intents, intents.len().div_ceil(2), now))
}

/// What follows from a limit or a lock.
fn put_off(parts: &mut Parts<'_, '_>, lane: usize, setback: Setback) -> Decision {
    let http = parts.setup.client.http();
    parts.lanes[lane].health.put_off(setback, &http.retry(), http.random().fraction())
}

/// Somebody else writes to the board, an import for instance: it is waited for as long as a run may, then left alone.
fn wait_for_lock(parts: &mut Parts<'_, '_>, lane: usize, asked: Option<Duration>, why: &Why) -> anyhow::Result<()> {
    match put_off(parts, lane, Setback::Lock(asked)) {
        Decision::Again(pause) => {
            go_on_after(parts, lane, pause);
            Ok(())
        }
        Decision::NotBefore(_) | Decision::GiveUp(_) => leave_locked_board(parts, lane, why),
    }
}

fn leave_locked_board(parts: &mut Parts<'_, '_>, lane: usize, why: &Why) -> anyhow::Result<()> {
    let board = parts.lanes[lane].board().to_owned();
    let error = MondayText::BoardLocked { board, why: why.clone() };
    let detail = FailureDetail::new(FailureCause::BoardLocked, error);
    leave_board(parts, lane, &detail.hint(MondayText::OthersGoOn {}))
}

/// Sends nothing more to a board in this run, for the sake of no single item.
fn leave_board(parts: &mut Parts<'_, '_>, lane: usize, detail: &FailureDetail) -> anyhow::Result<()> {
    parts.lanes[lane].close();
    let kinds = parts.lanes[lane].kinds().to_vec();
    let mut waiting = Vec::new();
    for &kind in &kinds {
        if parts.store.count_due(kind)? > 0 {
            waiting.push(kind);
        }
    }
    let failing = if waiting.is_empty() { kinds } else { waiting };
    parts.recorder.log().add(failing.into_iter().map(|kind| Reported::of_kind(kind, Stage::Push, detail.clone())));
    Ok(())
}

/// What was alone in its call is refused.
fn fail_alone(parts: &mut Parts<'_, '_>, lane: usize, intents: &[Intent], outcome: &Outcome) -> anyhow::Result<()> {
    let Some(only) = intents.first() else { return Ok(()) };
    let Some(stored) = parts.store.get(only.entity)? else { return Ok(()) };
    let detail = FailureDetail::new(FailureCause::ItemRefused, outcome.message()).hint(outcome.remedy());
    fail_entity(parts, &stored, detail.clone())?;
    if parts.lanes[lane].health.refused_alone() {
        leave_board(parts, lane, &detail)?;
    }
    Ok(())
}

fn fail_entity(parts: &mut Parts<'_, '_>, stored: &Entity, detail: FailureDetail) -> anyhow::Result<()> {
    let now = parts.setup.clock().now();
    let log = parts.recorder.log();
    parts.store.write(|tx| log.fail_entity(tx, (stored.row.id, &stored.row.entity_key()), detail, now))
}

/// What became of the call is not known. Where items were to be made, or where monday may be at work on it still, the board
/// is asked first; other changes do no harm when they are sent again.
fn record_unknown(parts: &mut Parts<'_, '_>, lane: usize, batch: &Batch, end: &CallEnd) -> anyhow::Result<()> {
    let outcome = &end.outcome;
    let (reason, most) = (outcome.reason(), parts.setup.max_wait());
    let makes_items = batch.intents.iter().any(|intent| intent.action == Action::Create);
    let retries = parts.setup.config.network.retries;
    let is_hopeless = parts.lanes[lane].health.failed(makes_items, &reason, retries);
    let (asked, is_lock) = match outcome {
        Outcome::Wait { wait, limit, .. } => (Some(wait.unwrap_or(DEFAULT_WAIT.min(most))), *limit == Limit::Lock),
        _ => (None, false),
    };
    park_for_lookup(parts, lane, batch, end, asked.unwrap_or_default())?;
    let is_too_long = !is_lock && asked.is_some_and(|asked| asked > most);
    if matches!(outcome, Outcome::Login(..)) || is_too_long || is_side_down(parts) {
        return parts.session.give_up(parts.store, outcome);
    }
    if is_hopeless {
        return leave_failing_board(parts, lane);
    }
    if makes_items || end.is_cut_off {
        note_lost(parts, lane, reason);
        return Ok(());
    }
    let blame = if asked.is_some() { Blame::Nobody } else { Blame::Shared };
    end_recovery(parts, lane, batch, &BTreeSet::new(), blame)?;
    match (asked, is_lock) {
        (Some(asked), true) => wait_for_lock(parts, lane, Some(asked), &reason)?,
        (Some(asked), false) => go_on_after(parts, lane, asked),
        (None, _) => {}
    }
    Ok(())
}

fn note_lost(parts: &mut Parts<'_, '_>, lane: usize, why: Why) {
    let board = parts.lanes[lane].board().to_owned();
    parts.recorder.note(MondayText::AnswerLost { board, why });
}

/// Keeps that an answer was given up, and parks the lane until the board may be asked.
fn park_for_lookup(
    parts: &mut Parts<'_, '_>,
    lane: usize,
    batch: &Batch,
    end: &CallEnd,
    asked: Duration,
) -> anyhow::Result<()> {
    if end.is_cut_off {
        parts.lanes[lane].size_mut().cut_off(batch.intents.len());
    }
    let settle = parts.setup.config.monday.settle.max(asked);
    let next_lookup_at = parts.setup.clock().now().checked_add(settle).unwrap_or(Timestamp::MAX);
    let recovery = batch.recovery.given_up(next_lookup_at, end.is_cut_off, end.is_replayed);
    parts.store.write(|tx| tx.set_recovery(batch.id, recovery))?;
    let until = parts.instant() + settle;
    parts.lanes[lane].park(until, batch.id, ParkedFor::Answer);
    Ok(())
}

/// Whether monday fails at whatever it is asked to write: then it is no board's fault, and no item's.
fn is_side_down(parts: &Parts<'_, '_>) -> bool {
    let (boards, failures) = parts.lanes.failing();
    !parts.lanes.has_worked() && boards > 1 && failures > 2 * parts.setup.config.network.retries.max(1)
}

/// monday fails at whatever is sent to a board: single items are not at fault.
fn leave_failing_board(parts: &mut Parts<'_, '_>, lane: usize) -> anyhow::Result<()> {
    let (board, why) = (parts.lanes[lane].board().to_owned(), parts.lanes[lane].health.why());
    let detail = FailureDetail::new(FailureCause::ServerFault, MondayText::BoardFails { board, why });
    leave_board(parts, lane, &detail.hint(MondayText::MondayLater {}))
}

fn record_answer(
    parts: &mut Parts<'_, '_>,
    lane: usize,
    batch: &Batch,
    answer: &Answer,
    end: &CallEnd,
) -> anyhow::Result<()> {
    let open = record_changes(parts, batch, end)?;
    parts.lanes[lane].reopen();
    let why = Why::from(answer.errors.first().map(GraphqlError::to_text).unwrap_or_default());
    let has_failed = open.unknown.len() + open.faulty.len() == batch.intents.len();
    let retries = parts.setup.config.network.retries;
    let health = &mut parts.lanes[lane].health;
    let is_hopeless = has_failed && health.failed(!open.unknown.is_empty(), &why, retries);
    health.note_why(&why);
    if !open.unknown.is_empty() {
        park_for_lookup(parts, lane, batch, end, Duration::ZERO)?;
        note_lost(parts, lane, why);
    }
    note_faulty(parts, lane, &open.faulty, answer)?;
    if is_hopeless {
        return leave_failing_board(parts, lane);
    }
    let ending = answer.errors.iter().find(|error| error.is_limit() && parts.session.is_ended_by(error));
    if let Some(limit) = ending {
        return parts.session.give_up(parts.store, &Outcome::of_limit(limit));
    }
    match &open.limit {
        Some(limit) if open.unknown.is_empty() && limit.is_lock() => {
            wait_for_lock(parts, lane, limit.wait(), &limit.to_text().into())?;
        }
        Some(limit) if open.unknown.is_empty() => {
            let wait = parts.session.wait_inside(limit);
            go_on_after(parts, lane, wait);
        }
        _ => {}
    }
    ask_where_items_are(parts, &open.doubtful, answer)?;
    look_up_parents(parts)
}

/// Records what an answer says of each change, and sorts what it leaves open; all in one transaction.
fn record_changes<'b>(parts: &mut Parts<'_, '_>, batch: &'b Batch, end: &CallEnd) -> anyhow::Result<OpenChanges<'b>> {
    let mut open = OpenChanges::default();
    let (recorder, catalog) = (&mut parts.recorder, &mut parts.catalog);
    let tx = parts.store.transaction()?;
    let mut ended = Vec::new();
    for (intent, result) in batch.intents.iter().zip(results_of(&batch.intents, &end.outcome)) {
        match result {
            ItemResult::Done(item_id) => recorder.confirm(&tx, intent, &batch.board, &item_id)?,
            ItemResult::NotDone(NotDone::Refused(error)) if error.is_limit() => {
                if !error.is_lock() {
                    recorder.effects().attempted.push(intent.entity);
                }
                if open.limit.as_ref().is_none_or(|other| other.wait() < error.wait()) {
                    open.limit = Some(error.clone());
                }
            }
            ItemResult::NotDone(NotDone::Refused(error)) => {
                recorder.isolation_mut().clear(&tx, intent.entity)?;
                if record_refusal(recorder, catalog, &tx, intent, error)? {
                    open.doubtful.push(intent);
                }
            }
            ItemResult::NotDone(NotDone::WholeCall) => {}
            ItemResult::Unknown if must_be_looked_up(intent.action) || end.is_cut_off => {
                open.unknown.push(intent);
                continue;
            }
            ItemResult::Unknown => {
                recorder.forget_sent(&tx, intent)?;
                open.faulty.push(intent);
            }
        }
        ended.push(&intent.alias);
    }
    if open.unknown.is_empty() {
        tx.end_batch(batch.id)?;
    } else {
        ended.into_iter().try_for_each(|alias| tx.end_intent(batch.id, alias))?;
    }
    tx.commit()?;
    parts.spread_effects();
    Ok(open)
}

/// Changes of items that are there, which monday failed at: those that its answer names by themselves, the others together.
fn note_faulty(parts: &mut Parts<'_, '_>, lane: usize, faulty: &[&Intent], answer: &Answer) -> anyhow::Result<()> {
    if faulty.is_empty() {
        return Ok(());
    }
    let (named, others): (Vec<&Intent>, Vec<&Intent>) =
        faulty.iter().copied().partition(|intent| answer.error_of(&intent.alias).is_some());
    if let Some(error) = named.first().and_then(|intent| answer.error_of(&intent.alias)) {
        parts.lanes[lane].health.note_why(&error.to_text().into());
    }
    let why = parts.lanes[lane].health.why();
    let tx = parts.store.transaction()?;
    blame(&mut parts.recorder, &tx, &named, (Blame::Each, 1), &why)?;
    blame(&mut parts.recorder, &tx, &others, (Blame::Shared, 1), &why)?;
    tx.commit()
}

/// Asks where the items are whose changes were refused for no column's sake.
fn ask_where_items_are(parts: &mut Parts<'_, '_>, doubtful: &[&Intent], answer: &Answer) -> anyhow::Result<()> {
    for chunk in doubtful.chunks(document::ITEMS_BY_ID) {
        let ids: BTreeSet<&str> = chunk.iter().filter_map(|intent| intent.item_id.as_deref()).collect();
        let ids: Vec<&str> = ids.into_iter().collect();
        let states = match Reader::new(&mut parts.session, parts.store).ask_states(&ids)? {
            ReadResult::Whole(states) => states,
            // Nothing is known of them, not even whether they are missing: they stay due, and are retried so often.
            ReadResult::NotWhole(_) | ReadResult::Refused(_) => {
                parts.recorder.effects().attempted.extend(chunk.iter().map(|intent| intent.entity));
                continue;
            }
            // They stay due.
            ReadResult::Ended => break,
        };
        let tx = parts.store.transaction()?;
        for intent in chunk {
            let board = tx.get(intent.entity)?.and_then(|stored| stored.row.board).unwrap_or_default();
            let mut there = states.iter().filter(|state| state.is_on(&board));
            let is_there = there.any(|state| Some(state.id.as_str()) == intent.item_id.as_deref());
            let error = answer.error_of(&intent.alias);
            record_asked_refusal(&mut parts.recorder, &mut parts.catalog, &tx, intent, is_there, error)?;
        }
        tx.commit()?;
    }
    parts.spread_effects();
    Ok(())
}

/// What became of each change of a call, in their order. An answer that names another item than the one that was to be changed, or
/// one and the same item for two entities, is about something else: it proves nothing.
pub(crate) fn results_of<'o>(intents: &[Intent], outcome: &'o Outcome) -> Vec<ItemResult<'o>> {
    let answered: Vec<ItemResult<'o>> =
        intents.iter().map(|intent| outcome.result_of(&intent.alias, intents.len())).collect();
    let mut entities: HashMap<String, BTreeSet<i64>> = HashMap::new();
    for (intent, result) in intents.iter().zip(&answered) {
        if let ItemResult::Done(item) = result {
            entities.entry(item.clone()).or_default().insert(intent.entity);
        }
    }
    let proves = |intent: &Intent, item: &String| {
        let is_other = intent.item_id.as_ref().is_some_and(|known| known != item);
        !is_other && entities.get(item).is_some_and(|entities| entities.len() == 1)
    };
    let judged = intents.iter().zip(answered).map(|(intent, result)| match &result {
        ItemResult::Done(item) if !proves(intent, item) => ItemResult::Unknown,
        _ => result,
    });
    judged.collect()
}

/// Whether a change that may have been made is looked up before it is sent again. Values only become what they should be.
fn must_be_looked_up(action: Action) -> bool {
    matches!(action, Action::Create | Action::Archive | Action::Delete)
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
            columns: serde_json::Map::new(),
            withheld: BTreeSet::new(),
        }
    }

    fn results(intents: &[Intent], items: &[&str]) -> Vec<Option<String>> {
        let alias = |(intent, item): (&Intent, &&str)| (intent.alias.clone(), serde_json::json!({"id": item}));
        let data = intents.iter().zip(items).map(alias).collect();
        let outcome = Outcome::Answered(Answer { status: 200, data, errors: Vec::new() });
        let result = |result| match result {
            ItemResult::Done(item) => Some(item),
            ItemResult::NotDone(_) => panic!("nothing here proves that"),
            ItemResult::Unknown => None,
        };
        results_of(intents, &outcome).into_iter().map(result).collect()
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
