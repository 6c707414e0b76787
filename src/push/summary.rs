//! Summary of a push: what became of each kind.

use super::planner::{Planner, UnresolvedParents};
use super::record::{Recorder, Touched};
use crate::config::Target;
use crate::entity::{EntityKey, Kind};
use crate::message::MondayText;
use crate::plan::parents::Unresolved;
use crate::plan::selection::Selection;
use crate::store::{Pushing, State, Store};
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
pub(super) fn sum_up(
    store: &mut Store,
    recorder: &Recorder<'_>,
    selection: &Selection,
    targets: &[Target<'_>],
) -> anyhow::Result<BTreeMap<Kind, KindPush>> {
    let (now, mut summary) = (recorder.setup().now(), BTreeMap::new());
    for &Target { kind, board, .. } in targets {
        let entry = sum_up_kind(store, recorder, selection, kind)?;
        if entry.deferred == 0 {
            store.write(|tx| {
                tx.set_pushed(kind, now)?;
                tx.begin_verifying(board, kind, now)
            })?;
        }
        summary.insert(kind, entry);
    }
    Ok(summary)
}

fn sum_up_kind(store: &Store, recorder: &Recorder<'_>, selection: &Selection, kind: Kind) -> anyhow::Result<KindPush> {
    let now = recorder.setup().now();
    let counts = store.count_states(kind, Pushing::On, now)?;
    let of = |state: State| counts.iter().filter(|(s, _, _)| *s == state).map(|(_, _, n)| n).sum::<u64>();
    let deferred = match selection.kinds.contains(&kind) {
        true => of(State::Pending),
        false => count_pending(store, selection, kind, now)?,
    };
    let failed: HashSet<i64> = recorder.failures().failed(kind).collect();
    let nothing = Touched::default();
    let touched = recorder.touched(kind).unwrap_or(&nothing);
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
fn count_pending(store: &Store, selection: &Selection, kind: Kind, now: Timestamp) -> anyhow::Result<u64> {
    let mut count = 0;
    for entity in selection.entities.iter().filter(|entity| entity.kind == kind) {
        let rows = store.list_states(kind, Pushing::On, Some(&entity.key), now)?;
        count += rows.iter().filter(|row| row.state == State::Pending).count() as u64;
    }
    Ok(count)
}

/// Notes which connections stay empty because their parent is not there, or not alone. That is no failure.
pub(super) fn note_unresolved_parents(planner: &mut Planner<'_>, recorder: &mut Recorder<'_>) {
    for (UnresolvedParents { kind, parent, why }, keys) in planner.take_unresolved_parents() {
        let count = keys.len() as u64;
        let Some(first) = keys.into_iter().next() else { continue };
        let example = EntityKey::new(kind, first).to_string();
        recorder.note(match why {
            Unresolved::Ambiguous => MondayText::ParentsAmbiguous { parent, count, example },
            Unresolved::Missing => MondayText::ParentsMissing { parent, count, example },
        });
    }
}
