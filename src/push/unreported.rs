//! What failed in a run that never ended: the next run that ends reports it.

use super::record::Recorder;
use crate::config::Target;
use crate::plan::selection::Selection;
use crate::store::{Pushing, State, Store};

/// Adds to the report what failed of these entities and no run that ended has reported, as far as it stands. What is put aside
/// (paused, unlinked, off) is left to the first run that has it again.
///
/// # Errors
/// Where the store cannot be read.
pub(super) fn take_over(
    store: &Store,
    recorder: &mut Recorder<'_>,
    selection: &Selection,
    targets: &[Target<'_>],
) -> anyhow::Result<()> {
    let mut unreported = store.unreported_failures()?;
    unreported.retain(|failure| {
        let is_pushed = targets.iter().any(|target| target.kind == failure.key.kind);
        is_pushed && selection.holds(failure.key.kind, &failure.key.key)
    });
    let now = recorder.setup().clock().now();
    for failure in recorder.failures().without_reported(unreported) {
        let states = store.list_states(failure.key.kind, Pushing::On, Some(&failure.key.key), now)?;
        if states.iter().any(|row| matches!(row.state, State::Error | State::Deleted)) {
            recorder.report_unreported(failure);
        }
    }
    Ok(())
}
