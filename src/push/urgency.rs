//! Order of a push whose calls do not suffice for all that is due: the most urgent first, kind by kind as ever.

use super::Parts;
use super::dispatch::work;
use super::health::call_sizes;
use crate::boards::session::{calls_left, calls_of_the_day_left};
use crate::entity::Kind;
use crate::message::{Message, MondayText};
use crate::store::Urgency;

/// Classes that go before the rest.
const BEFORE_THE_REST: [Urgency; 3] = [Urgency::ByHand, Urgency::Notified, Urgency::New];

/// Pushes what is due. Where a run may not spend the calls that all of it takes, what is urgent goes by itself, before the rest.
///
/// # Errors
/// Where the store cannot be read or written, or nothing can be sent at all.
pub(crate) fn work_by_urgency(parts: &mut Parts<'_, '_>, kinds: &[Kind]) -> anyhow::Result<()> {
    if is_scarce(parts, kinds)? {
        for urgency in BEFORE_THE_REST {
            if has_due(parts, kinds, urgency)? && !parts.session.has_ended() {
                parts.planner.urgency = urgency;
                work(parts)?;
                parts.lanes.reopen(|_| true);
            }
        }
        parts.planner.urgency = Urgency::Usual;
    }
    work(parts)
}

/// Whether all that is due takes more calls than may be spent; that is said beforehand, with the days that it takes.
fn is_scarce(parts: &mut Parts<'_, '_>, kinds: &[Kind]) -> anyhow::Result<bool> {
    let Some(left) = calls_left(&parts.session, parts.store)? else { return Ok(false) };
    let calls = calls_due(parts, kinds)?;
    if calls <= left {
        return Ok(false);
    }
    let today = calls_of_the_day_left(parts.setup, parts.store)?.filter(|left| (1..calls).contains(left));
    if let Some((left, allowed)) = today.zip(parts.setup.config.monday.daily_calls) {
        let allowed = allowed.get();
        let days = 1 + (calls - left).div_ceil(allowed);
        let text: Message = MondayText::LoadOverDays { calls, left, days, allowed }.into();
        parts.setup.progress.announce(&text);
        parts.recorder.note(text);
    }
    Ok(true)
}

/// About how many calls all that is due takes.
fn calls_due(parts: &mut Parts<'_, '_>, kinds: &[Kind]) -> anyhow::Result<u64> {
    let mut calls = 0;
    for index in 0..parts.lanes.len() {
        let mut due = 0;
        for kind in parts.lanes[index].kinds().iter().filter(|kind| kinds.contains(kind)) {
            due += parts.store.count_due(*kind)?;
        }
        calls += call_sizes(due, parts.lanes[index].size()).len() as u64;
    }
    Ok(calls)
}

fn has_due(parts: &Parts<'_, '_>, kinds: &[Kind], urgency: Urgency) -> anyhow::Result<bool> {
    for &kind in kinds {
        if !parts.store.due(kind, 0, 1, urgency, parts.setup.clock().now())?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}
