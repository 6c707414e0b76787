//! Order of a push whose calls do not suffice for all that is due: the most urgent first, kind by kind as ever.

use super::dispatch::work;
use super::health::call_sizes;
use super::lanes::Lanes;
use super::parts::Parts;
use super::record::Recorder;
use crate::boards::Setup;
use crate::boards::session::{Session, calls_left, calls_of_the_day_left};
use crate::entity::Kind;
use crate::message::{Message, MondayText};
use crate::store::{Store, Urgency};
use jiff::Timestamp;

/// Classes that go before the rest.
const BEFORE_THE_REST: [Urgency; 3] = [Urgency::ByHand, Urgency::Notified, Urgency::New];

/// Pushes what is due. Where a run may not spend the calls that all of it takes, what is urgent goes by itself, before the rest.
///
/// # Errors
/// Where the store cannot be read or written, or nothing can be sent at all.
pub(super) fn work_by_urgency(parts: &mut Parts<'_, '_>, kinds: &[Kind]) -> anyhow::Result<()> {
    let left = calls_left(&parts.session, parts.store)?;
    let calls = match left {
        Some(_) => calls_due(parts.store, &parts.lanes, kinds, parts.setup.now())?,
        None => 0,
    };
    if left.is_some_and(|left| calls > left) {
        announce_duration(&parts.session, parts.store, &mut parts.recorder, calls)?;
        for urgency in BEFORE_THE_REST {
            if has_due(parts.setup, parts.store, kinds, urgency)? && !parts.session.has_ended() {
                parts.planner.set_urgency(urgency);
                work(parts)?;
                parts.lanes.reopen(|_| true);
            }
        }
        parts.planner.set_urgency(Urgency::Usual);
    }
    work(parts)
}

/// Announces how many days it takes, where the calls of a day do not suffice.
fn announce_duration(
    session: &Session<'_>,
    store: &Store,
    recorder: &mut Recorder<'_>,
    calls: u64,
) -> anyhow::Result<()> {
    let setup = session.setup();
    let today = calls_of_the_day_left(setup, store)?.filter(|left| (1..calls).contains(left));
    if let Some((left, allowed)) = today.zip(setup.config.monday.daily_calls) {
        let allowed = allowed.get();
        let days = 1 + (calls - left).div_ceil(allowed);
        let text: Message = MondayText::LoadOverDays { calls, left, days, allowed }.into();
        setup.progress.announce(&text);
        recorder.note(text);
    }
    Ok(())
}

/// About how many calls all takes that is due and may be sent now.
fn calls_due(store: &Store, lanes: &Lanes<'_>, kinds: &[Kind], now: Timestamp) -> anyhow::Result<u64> {
    let mut calls = 0;
    for index in 0..lanes.len() {
        let mut due = 0;
        for kind in lanes[index].kinds().iter().filter(|kind| kinds.contains(kind)) {
            due += store.count_due_now(*kind, now)?;
        }
        calls += call_sizes(due, lanes[index].health.size().now()).len() as u64;
    }
    Ok(calls)
}

fn has_due(setup: Setup<'_>, store: &Store, kinds: &[Kind], urgency: Urgency) -> anyhow::Result<bool> {
    for &kind in kinds {
        if !store.due(kind, 0, 1, urgency, setup.now())?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}
