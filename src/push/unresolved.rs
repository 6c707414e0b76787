//! Calls of which no more will be learnt: what they leave to be sent again.

use super::isolation::{Blame, Circumstances, FailedChanges};
use super::lanes::Lane;
use super::leaving::leave_doubtful_board;
use super::parking::unpark;
use super::record::{Recorder, forget_sent};
use crate::boards::items::{ReadResult, Reader};
use crate::boards::session::Session;
use crate::monday::document;
use crate::store::{Action, Batch, Intent, Store};
use std::collections::BTreeSet;

/// Ends a call of which no more will be learnt. What it changed in items that were there is still due, but what they show
/// now is not known: an entity may since have gone back to what was confirmed before, or have come back after its item was
/// archived. So these columns count as not sent, and the items that were to go are asked for.
///
/// # Errors
/// Where the store cannot be read or written, or nothing can be sent at all.
pub(super) fn end_recovery(
    session: &mut Session<'_>,
    store: &mut Store,
    recorder: &mut Recorder<'_>,
    lane: &mut Lane<'_>,
    batch: &Batch,
    absent: &BTreeSet<String>,
    (blame, circumstances): (Blame, Circumstances),
) -> anyhow::Result<()> {
    let is_removal = |intent: &&Intent| matches!(intent.action, Action::Archive | Action::Delete);
    let removals: Vec<&Intent> = batch.intents.iter().filter(is_removal).collect();
    let gone = match gone_from(&mut Reader::new(session, store), lane.board(), &removals)? {
        ReadResult::Whole(gone) => gone,
        ReadResult::Ended => return Ok(()),
        ReadResult::NotWhole(why) | ReadResult::Refused(why) => {
            return leave_doubtful_board(store, recorder, lane, &why);
        }
    };
    let is_left = |intent: &&Intent| intent.action != Action::Create || absent.contains(&intent.alias);
    let left: Vec<&Intent> = batch.intents.iter().filter(is_left).collect();
    let why = lane.health.why();
    let tx = store.transaction()?;
    let failed = FailedChanges { intents: &left, blame, sendings: batch.recovery.sendings, circumstances };
    recorder.blame(&tx, &failed, &why)?;
    for intent in &batch.intents {
        match intent.action {
            Action::Create => {}
            Action::Update | Action::ClearKey => forget_sent(&tx, intent)?,
            Action::Archive | Action::Delete if !gone.contains(&intent.alias) => {}
            Action::Archive | Action::Delete => {
                if let Some(stored) = tx.get(intent.entity)? {
                    recorder.confirm_removed(&tx, intent, &stored)?;
                }
            }
        }
    }
    tx.end_batch(batch.id)?;
    tx.commit()?;
    unpark(recorder.setup(), store, lane)
}

/// The aliases of those whose items are no longer on a board.
fn gone_from(
    reader: &mut Reader<'_, '_>,
    board: &str,
    intents: &[&Intent],
) -> anyhow::Result<ReadResult<BTreeSet<String>>> {
    let mut gone = BTreeSet::new();
    for chunk in intents.chunks(document::ITEMS_BY_ID) {
        let ids: Vec<&str> = chunk.iter().filter_map(|intent| intent.item_id.as_deref()).collect();
        let states = match reader.ask_states(&ids)? {
            ReadResult::Whole(states) => states,
            ReadResult::NotWhole(why) => return Ok(ReadResult::NotWhole(why)),
            ReadResult::Refused(why) => return Ok(ReadResult::Refused(why)),
            ReadResult::Ended => return Ok(ReadResult::Ended),
        };
        let is_there = |intent: &Intent| {
            let mut here = states.iter().filter(|state| state.is_on(board));
            here.any(|state| Some(state.id.as_str()) == intent.item_id.as_deref())
        };
        gone.extend(chunk.iter().filter(|intent| !is_there(intent)).map(|intent| intent.alias.clone()));
    }
    Ok(ReadResult::Whole(gone))
}
