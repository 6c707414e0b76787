//! What a call came to: done, proven not done, or unknown. What is done is recorded, what is not done is planned again, and what is
//! unknown is looked up before anything of it is sent again.

use super::board_work::BoardWork;
use super::effects::Effect;
use super::failures::Failed;
use super::health::FailedCall;
use super::isolation::{Blame, Circumstances, FailedChanges, distinct};
use super::lanes::{Elsewhere, InFlight, Lane, ParkedFor};
use super::leaving::{leave_board, leave_failing_board, leave_locked_board};
use super::parking::{put_off, wait};
use super::record::{Recorder, forget_sent};
use super::refusals::{AfterRefusal, record_asked_refusal, record_refusal};
use super::unresolved::end_recovery;
use crate::boards::Setup;
use crate::boards::catalog::Catalog;
use crate::boards::items::{ReadResult, Reader};
use crate::boards::session::Session;
use crate::failure::{FailureCause, FailureDetail};
use crate::message::{MondayText, Why};
use crate::monday::{Answer, GraphqlError, ItemResult, NotDone, Outcome, document};
use crate::retry::{Decision, RetryCause};
use crate::store::{Action, Batch, CallRecovery, Intent, Store};
use jiff::Timestamp;
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

/// End of a call.
pub(super) struct CallEnd {
    pub(super) outcome: Outcome,
    /// Whether monday may be at work on it still.
    pub(super) is_cut_off: bool,
    pub(super) is_replayed: bool,
    /// How the other boards fare.
    pub(super) elsewhere: Elsewhere,
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
    /// Whether any was put off by a limit.
    has_limit: bool,
    /// Whether any was done.
    has_done: bool,
    /// How many the token may not make.
    forbidden: usize,
    /// What is refused on the board whatever it is.
    of_board: Option<FailureDetail>,
}

/// Side of monday after a call: what is left of it in this run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SideAfter {
    /// Other calls follow.
    GoesOn,
    /// It is given up.
    GivenUp,
}

/// Records what a call came to.
///
/// # Errors
/// Where the store cannot be read or written, or nothing can be sent at all.
pub(super) fn record_call(work: &mut BoardWork<'_, '_>, call: InFlight, end: &CallEnd) -> anyhow::Result<()> {
    match &end.outcome {
        Outcome::Answered(answer) => record_answer(work, &call.batch, answer, end),
        outcome if outcome.proves_nothing_done(call.batch.intents.len()) => {
            match record_nothing_done(work.store, work.recorder, work.lane, call, outcome)? {
                SideAfter::GoesOn => Ok(()),
                SideAfter::GivenUp => work.session.give_up(work.store, outcome),
            }
        }
        _ => record_unknown(work, &call.batch, end),
    }
}

/// Nothing of the call was done, which its answer proves.
fn record_nothing_done(
    store: &mut Store,
    recorder: &mut Recorder<'_>,
    lane: &mut Lane<'_>,
    mut call: InFlight,
    outcome: &Outcome,
) -> anyhow::Result<SideAfter> {
    let setup = recorder.setup();
    if matches!(outcome, Outcome::NotSent { .. }) {
        let http = setup.client.http();
        let decision = http.retry().decide(&mut call.attempts, RetryCause::Fault(None), http.random().fraction());
        if let Decision::Again(pause) = decision {
            lane.repeat_at(setup.after(pause), call);
            return Ok(SideAfter::GoesOn);
        }
    }
    store.write(|tx| tx.end_batch(call.batch.id))?;
    lane.reopen();
    let intents = &call.batch.intents;
    match outcome {
        Outcome::Refused(..) if distinct(intents).len() > 1 => halve_refused(store, recorder, lane, intents, outcome)?,
        Outcome::TooLarge(_) if intents.len() > 1 => lane.health.too_large(intents.len()),
        Outcome::Refused(..) | Outcome::TooLarge(_) => fail_alone(store, recorder, lane, intents, outcome)?,
        Outcome::Wait { wait: asked, limit, why, .. } => {
            match put_off(setup, &mut lane.health, limit.retry_cause(*asked)) {
                Decision::Again(pause) => wait(setup, lane, pause),
                Decision::NotBefore(_) => return Ok(SideAfter::GivenUp),
                Decision::GiveUp(_) => leave_locked_board(store, recorder, lane, &why.clone().into())?,
            }
        }
        _ => return Ok(SideAfter::GivenUp),
    }
    Ok(SideAfter::GoesOn)
}

/// A call with several changes is refused as a whole: smaller ones find out what is at fault, unless all of them are refused.
fn halve_refused(
    store: &mut Store,
    recorder: &mut Recorder<'_>,
    lane: &mut Lane<'_>,
    intents: &[Intent],
    outcome: &Outcome,
) -> anyhow::Result<()> {
    if lane.health.failed(FailedCall::ChangingItems, Some(&outcome.reason()), recorder.setup().config.network.retries) {
        let detail = FailureDetail::new(FailureCause::ItemRefused, outcome.message());
        return leave_board(store, recorder, lane, &detail.hint(outcome.remedy()));
    }
    store.write(|tx| recorder.set_apart(tx, intents, intents.len().div_ceil(2)))
}

/// What was alone in its call is refused.
fn fail_alone(
    store: &mut Store,
    recorder: &mut Recorder<'_>,
    lane: &mut Lane<'_>,
    intents: &[Intent],
    outcome: &Outcome,
) -> anyhow::Result<()> {
    let Some(only) = intents.first() else { return Ok(()) };
    let Some(stored) = store.get(only.entity)? else { return Ok(()) };
    let detail = FailureDetail::new(FailureCause::ItemRefused, outcome.message()).hint(outcome.remedy());
    if outcome.is_about_permission() && !lane.health.has_worked() {
        // Nothing shows that anything at all may be written there.
        return leave_board(store, recorder, lane, &detail);
    }
    store.write(|tx| recorder.fail(tx, &stored, Failed::Whole, detail.clone()))?;
    if lane.health.refused_alone() {
        leave_board(store, recorder, lane, &detail)?;
    }
    Ok(())
}

/// What became of the call is not known. Where items were to be made, or where monday may be at work on it still, the board
/// is asked first; other changes do no harm when they are sent again.
fn record_unknown(work: &mut BoardWork<'_, '_>, batch: &Batch, end: &CallEnd) -> anyhow::Result<()> {
    let (setup, outcome, reason) = (work.setup(), &end.outcome, end.outcome.reason());
    let makes_items = batch.intents.iter().any(|intent| intent.action == Action::Create);
    let retries = setup.config.network.retries;
    let is_hopeless = work.lane.health.failed(kind_of(makes_items), Some(&reason), retries);
    let decision = match outcome {
        Outcome::Wait { wait, limit, .. } => Some(put_off(setup, &mut work.lane.health, limit.retry_cause(*wait))),
        _ => None,
    };
    let asked = match decision {
        Some(Decision::Again(wait) | Decision::NotBefore(wait)) => wait,
        Some(Decision::GiveUp(_)) | None => outcome.wait_when_lost().unwrap_or_default(),
    };
    park_for_lookup(setup, work.store, work.lane, batch, end, asked)?;
    let is_too_long = matches!(decision, Some(Decision::NotBefore(_))) || asked > setup.max_wait();
    if matches!(outcome, Outcome::Login(..)) || is_too_long || end.elsewhere.is_side_down(work.lane, retries) {
        return work.session.give_up(work.store, outcome);
    }
    if is_hopeless {
        return leave_failing_board(work.store, work.recorder, work.lane);
    }
    if makes_items || end.is_cut_off {
        note_lost(work.recorder, batch, reason);
        return Ok(());
    }
    let blame = if decision.is_some() { Blame::Nobody } else { Blame::Shared };
    let blamed = (blame, Circumstances::NothingDone);
    end_recovery(work.session, work.store, work.recorder, work.lane, batch, &BTreeSet::new(), blamed)?;
    match decision {
        Some(Decision::Again(pause)) => wait(setup, work.lane, pause),
        Some(Decision::GiveUp(_)) => leave_locked_board(work.store, work.recorder, work.lane, &reason)?,
        None if !asked.is_zero() => wait(setup, work.lane, asked),
        Some(Decision::NotBefore(_)) | None => {}
    }
    Ok(())
}

fn kind_of(makes_items: bool) -> FailedCall {
    if makes_items { FailedCall::MakingItems } else { FailedCall::ChangingItems }
}

fn note_lost(recorder: &mut Recorder<'_>, batch: &Batch, why: Why) {
    recorder.note(MondayText::AnswerLost { board: batch.board.clone(), why });
}

/// Keeps that an answer was given up, and parks the lane until the board may be asked.
fn park_for_lookup(
    setup: Setup<'_>,
    store: &mut Store,
    lane: &mut Lane<'_>,
    batch: &Batch,
    end: &CallEnd,
    asked: Duration,
) -> anyhow::Result<()> {
    if end.is_cut_off {
        lane.health.cut_off(batch.intents.len());
    }
    let pause = setup.config.monday.settle.max(asked);
    let next_lookup_at = Some(setup.now().checked_add(pause).unwrap_or(Timestamp::MAX));
    let CallEnd { is_cut_off, is_replayed, .. } = *end;
    let recovery = CallRecovery { next_lookup_at, is_cut_off, is_replayed, ..batch.recovery };
    store.write(|tx| tx.set_recovery(batch.id, recovery))?;
    lane.park(setup.after(pause), batch.id, ParkedFor::Answer);
    Ok(())
}

fn record_answer(work: &mut BoardWork<'_, '_>, batch: &Batch, answer: &Answer, end: &CallEnd) -> anyhow::Result<()> {
    let open = record_changes(work.store, work.recorder, work.catalog, batch, end)?;
    let setup = work.setup();
    work.lane.reopen();
    let why = answer.errors.first().map(|error| Why::from(error.to_text()));
    let has_failed = open.unknown.len() + open.faulty.len() == batch.intents.len();
    let is_forbidden = open.forbidden == batch.intents.len() && !work.lane.health.has_worked();
    let retries = setup.config.network.retries;
    let health = &mut work.lane.health;
    let is_hopeless = has_failed && health.failed(kind_of(!open.unknown.is_empty()), why.as_ref(), retries);
    let is_closed = is_forbidden && health.failed(FailedCall::ChangingItems, why.as_ref(), retries);
    health.note_why(why.as_ref());
    if !open.unknown.is_empty() {
        park_for_lookup(setup, work.store, work.lane, batch, end, Duration::ZERO)?;
        note_lost(work.recorder, batch, work.lane.health.why());
    }
    note_faulty(work.store, work.recorder, work.lane, &open, answer)?;
    if is_hopeless {
        return leave_failing_board(work.store, work.recorder, work.lane);
    }
    if let Some(limit) = longest_limit(answer) {
        let may_wait = open.has_limit && open.unknown.is_empty();
        match put_off(setup, &mut work.lane.health, limit.limit().retry_cause(limit.wait())) {
            Decision::NotBefore(_) => return work.session.give_up(work.store, &Outcome::of_limit(limit)),
            Decision::Again(pause) if may_wait => wait(setup, work.lane, pause),
            Decision::GiveUp(_) if may_wait => {
                leave_locked_board(work.store, work.recorder, work.lane, &limit.to_text().into())?;
            }
            Decision::Again(_) | Decision::GiveUp(_) => {}
        }
    }
    let asked = ask_where_items_are(work.session, work.store, work.recorder, work.catalog, &open.doubtful, answer)?;
    let of_all = || forbidden(work.lane.board(), answer).filter(|_| is_closed);
    match open.of_board.or(asked).or_else(of_all) {
        Some(detail) if !open.has_done => leave_board(work.store, work.recorder, work.lane, &detail),
        _ => Ok(()),
    }
}

/// What the token may not do on a board.
fn forbidden(board: &str, answer: &Answer) -> Option<FailureDetail> {
    let error = answer.errors.iter().find(|error| error.is_permission())?;
    let remedy = match error.is_about_scope() {
        true => error.missing_right(),
        false => MondayText::GiveWriteRights { board: board.to_owned() },
    };
    let refused = MondayText::Refused { why: error.to_text().into() };
    Some(FailureDetail::new(FailureCause::ItemRefused, refused).hint(remedy))
}

/// The limit of an answer that is waited for: that of the day, or the one that asks for the longest wait.
fn longest_limit(answer: &Answer) -> Option<&GraphqlError> {
    let rank = |error: &GraphqlError| (error.is_daily_limit(), error.wait());
    let limits = answer.errors.iter().filter(|error| error.is_limit());
    limits.reduce(|longest, other| if rank(longest) < rank(other) { other } else { longest })
}

/// Records what an answer says of each change, and sorts what it leaves open; all in one transaction.
fn record_changes<'b>(
    store: &mut Store,
    recorder: &mut Recorder<'_>,
    catalog: &mut Catalog<'_>,
    batch: &'b Batch,
    end: &CallEnd,
) -> anyhow::Result<OpenChanges<'b>> {
    let mut open = OpenChanges::default();
    let tx = store.transaction()?;
    let mut ended = Vec::new();
    for (intent, result) in batch.intents.iter().zip(results_of(&batch.intents, &end.outcome)) {
        match result {
            ItemResult::Done(item_id) => {
                recorder.confirm(&tx, intent, &batch.board, &item_id)?;
                open.has_done = true;
            }
            ItemResult::NotDone(NotDone::Refused(error)) if error.is_limit() => {
                if !error.is_lock() {
                    recorder.note_effects([Effect::Attempted(intent.entity)]);
                }
                open.has_limit = true;
            }
            ItemResult::NotDone(NotDone::Refused(error)) => {
                recorder.was_answered(&tx, intent.entity)?;
                open.forbidden += usize::from(error.is_permission());
                match record_refusal(recorder, catalog, &tx, intent, error)? {
                    AfterRefusal::Settled => {}
                    AfterRefusal::AskWhere => open.doubtful.push(intent),
                    AfterRefusal::OfBoard(detail) => open.of_board = Some(*detail),
                }
            }
            ItemResult::NotDone(NotDone::WholeCall) => {}
            ItemResult::Unknown if must_be_looked_up(intent.action) || end.is_cut_off => {
                open.unknown.push(intent);
                continue;
            }
            ItemResult::Unknown => {
                forget_sent(&tx, intent)?;
                open.faulty.push(intent);
            }
        }
        ended.push(&intent.alias);
    }
    if open.has_done {
        recorder.board_works(&tx, &batch.board)?;
    }
    if open.unknown.is_empty() {
        tx.end_batch(batch.id)?;
    } else {
        ended.into_iter().try_for_each(|alias| tx.end_intent(batch.id, alias))?;
    }
    tx.commit()?;
    Ok(open)
}

/// Changes of items that are there, which monday failed at: those that its answer names by themselves, the others together.
fn note_faulty(
    store: &mut Store,
    recorder: &mut Recorder<'_>,
    lane: &mut Lane<'_>,
    open: &OpenChanges<'_>,
    answer: &Answer,
) -> anyhow::Result<()> {
    if open.faulty.is_empty() {
        return Ok(());
    }
    let (named, others): (Vec<&Intent>, Vec<&Intent>) =
        open.faulty.iter().copied().partition(|intent| answer.error_of(&intent.alias).is_some());
    if let Some(error) = named.first().and_then(|intent| answer.error_of(&intent.alias)) {
        lane.health.note_why(Some(&error.to_text().into()));
    }
    let why = lane.health.why();
    let tx = store.transaction()?;
    let circumstances = if open.has_done { Circumstances::OthersDone } else { Circumstances::NothingDone };
    for (intents, blame) in [(&named, Blame::Each), (&others, Blame::Shared)] {
        recorder.blame(&tx, &FailedChanges { intents, blame, sendings: 1, circumstances }, &why)?;
    }
    tx.commit()
}

/// Asks where the items are whose changes were refused for no column's sake. Returns what is refused on their board whatever it is.
fn ask_where_items_are(
    session: &mut Session<'_>,
    store: &mut Store,
    recorder: &mut Recorder<'_>,
    catalog: &mut Catalog<'_>,
    doubtful: &[&Intent],
    answer: &Answer,
) -> anyhow::Result<Option<FailureDetail>> {
    let mut of_board = None;
    for chunk in doubtful.chunks(document::ITEMS_BY_ID) {
        let ids: BTreeSet<&str> = chunk.iter().filter_map(|intent| intent.item_id.as_deref()).collect();
        let ids: Vec<&str> = ids.into_iter().collect();
        let states = match Reader::new(session, store).ask_states(&ids)? {
            ReadResult::Whole(states) => states,
            // Nothing is known of them, not even whether they are missing: they stay due, and are retried so often.
            ReadResult::NotWhole(_) | ReadResult::Refused(_) => {
                recorder.note_effects(chunk.iter().map(|intent| Effect::Attempted(intent.entity)));
                continue;
            }
            // They stay due.
            ReadResult::Ended => break,
        };
        let tx = store.transaction()?;
        for intent in chunk {
            // Who has no item any more, has none that could be missing.
            let (Some(stored), Some(item)) = (tx.get(intent.entity)?, intent.item_id.as_deref()) else { continue };
            let is_here = |board: &String| states.iter().any(|state| state.id == item && state.is_on(board));
            let place = (item, stored.row.board.as_ref().is_some_and(is_here));
            let error = answer.error_of(&intent.alias);
            of_board = record_asked_refusal(recorder, catalog, &tx, (intent, &stored), place, error)?.or(of_board);
        }
        tx.commit()?;
    }
    Ok(of_board)
}

/// What became of each change of a call, in their order. An answer that names another item than the one that was to be changed, or
/// one and the same item for two entities, is about something else: it proves nothing.
pub(super) fn results_of<'o>(intents: &[Intent], outcome: &'o Outcome) -> Vec<ItemResult<'o>> {
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

    fn error(code: &str, wait: Option<u64>) -> GraphqlError {
        let extensions = wait.map_or(serde_json::Value::Null, |wait| serde_json::json!({ "retry_in_seconds": wait }));
        GraphqlError { code: code.to_owned(), extensions, ..GraphqlError::default() }
    }

    #[test]
    fn of_several_limits_the_longest_is_waited_for_and_that_of_the_day_before_all() {
        let (minute, short, day) =
            (error("MINUTE_RATE_LIMIT_EXCEEDED", Some(50)), error("tooManyRequests", Some(5)), "DAILY_LIMIT_EXCEEDED");
        let longest = |errors: &[&GraphqlError]| {
            let errors = errors.iter().map(|error| (*error).clone()).collect();
            longest_limit(&Answer { errors, ..Answer::default() }).map(|error| error.code.clone())
        };
        let other = error("ColumnValueException", None);
        assert_eq!(longest(&[&other]), None);
        assert_eq!(longest(&[&other, &short, &minute, &short]), Some(minute.code.clone()));
        assert_eq!(longest(&[&minute, &error(day, Some(1))]), Some(day.to_owned()));
    }
}
