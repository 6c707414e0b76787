//! Summary of a push: what became of each kind.

use super::Parts;
use crate::entity::{EntityKey, Kind};
use crate::message::MondayText;
use crate::store::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};

/// Counts of what became of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KindPush {
    /// Items made.
    pub(crate) created: u64,
    /// Items found on the board and taken over.
    pub(crate) adopted: u64,
    /// Items changed.
    pub(crate) updated: u64,
    /// Items archived or deleted.
    pub(crate) archived: u64,
    /// Entities that needed nothing.
    pub(crate) unchanged: u64,
    /// Entities that are paused.
    pub(crate) paused: u64,
    /// Entities that are unlinked.
    #[serde(default)]
    pub(crate) unlinked: u64,
    /// Entities of which something failed in this run.
    pub(crate) failed: u64,
    /// Entities left to the next run.
    pub(crate) deferred: u64,
}

/// Sums up what became of the kinds.
///
/// # Errors
/// Where the store cannot be read or written.
pub(crate) fn sum_up(parts: &mut Parts<'_, '_>, kinds: &[Kind]) -> anyhow::Result<BTreeMap<Kind, KindPush>> {
    let now = parts.setup.clock().now();
    note_unresolved_parents(parts);
    let mut summary = BTreeMap::new();
    for &kind in kinds {
        let entry = sum_up_kind(parts, kind, now)?;
        if entry.deferred == 0 {
            let board = parts.setup.kind(kind).board.as_deref().unwrap_or_default();
            parts.store.write(|tx| {
                tx.set_pushed(kind, now)?;
                tx.begin_verifying(board, kind, now)
            })?;
        }
        summary.insert(kind, entry);
    }
    Ok(summary)
}

fn sum_up_kind(parts: &mut Parts<'_, '_>, kind: Kind, now: Timestamp) -> anyhow::Result<KindPush> {
    let counts = parts.store.count_states(kind, false, now)?;
    let of = |state: State| counts.iter().filter(|(s, _, _)| *s == state).map(|(_, _, n)| n).sum::<u64>();
    let deferred = match parts.push.selection.kinds.contains(&kind) {
        true => of(State::Pending),
        false => count_pending(parts, kind, now)?,
    };
    let failed: HashSet<i64> = parts.recorder.log().failed(kind).collect();
    let touched = parts.recorder.touched(kind);
    let changed = [&touched.created, &touched.adopted, &touched.updated, &failed];
    let all: HashSet<i64> = changed.into_iter().flatten().copied().collect();
    let pushable = [State::Synced, State::Pending, State::Error].into_iter().map(of).sum::<u64>();
    Ok(KindPush {
        created: touched.created.len() as u64,
        adopted: touched.adopted.len() as u64,
        updated: touched.updated.len() as u64,
        archived: touched.archived.len() as u64,
        failed: failed.len() as u64,
        paused: of(State::Paused),
        unlinked: of(State::Unlinked),
        unchanged: pushable.saturating_sub(all.len() as u64 + deferred),
        deferred,
    })
}

/// How many of the entities that were asked for by themselves wait for the next run.
fn count_pending(parts: &Parts<'_, '_>, kind: Kind, now: Timestamp) -> anyhow::Result<u64> {
    let mut count = 0;
    for entity in parts.push.selection.entities.iter().filter(|entity| entity.kind == kind) {
        let rows = parts.store.list_states(kind, false, Some(&entity.key), now)?;
        count += rows.iter().filter(|row| row.state == State::Pending).count() as u64;
    }
    Ok(count)
}

/// Says which connections stay empty because their parent is not there, or not alone. That is no failure.
fn note_unresolved_parents(parts: &mut Parts<'_, '_>) {
    for ((kind, parent, is_ambiguous), keys) in parts.planner.take_unresolved_parents() {
        let count = keys.len() as u64;
        let Some(first) = keys.into_iter().next() else { continue };
        let example = EntityKey::new(kind, first).to_string();
        parts.recorder.note(match is_ambiguous {
            true => MondayText::ParentsAmbiguous { parent, count, example },
            false => MondayText::ParentsMissing { parent, count, example },
        });
    }
}
