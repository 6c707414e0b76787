//! Selection of `pause`, `resume` and `unlink`: which entities are meant, which of them are left alone, and what is written of
//! them afterwards.

use super::context::Context;
use super::selector::{self, Gone, Resolved};
use crate::entity::Kind;
use crate::failure::Exit;
use crate::report::entities::{Changed, EntityState};
use crate::store::{State, StateRow, Store};
use jiff::Timestamp;

/// Entities that a command is about, from its selectors to its answer.
pub(crate) struct SelectedEntities<'c> {
    context: &'c Context,
    /// The store, for writing.
    pub(crate) store: Store,
    /// What the selectors name.
    pub(crate) resolved: Resolved,
    /// The entities, without those of a kind that are left alone.
    pub(crate) ids: Vec<i64>,
    /// The moment at which states count.
    pub(crate) now: Timestamp,
    /// What became of them.
    pub(crate) changed: Changed,
}

impl<'c> SelectedEntities<'c> {
    /// Looks the selectors up. A KIND leaves out those in certain states; what is named by itself is always meant.
    ///
    /// # Errors
    /// Where nothing is named that the store knows, or the store cannot be opened for writing.
    pub(crate) fn begin(
        context: &'c Context,
        words: &[String],
        gone: Gone,
        is_left_alone: impl Fn(State) -> bool,
    ) -> anyhow::Result<SelectedEntities<'c>> {
        let now = context.now();
        let selectors = selector::parse_all(words, &context.stop)?;
        // Where nothing is named no store is made.
        let resolved = Resolved::of(&selectors, &context.store_to_read()?, gone, context.clock())?;
        let store = context.store()?;
        let mut changed = Changed::new(resolved.missing_names());
        let mut ids: Vec<i64> = resolved.entities.iter().map(|entity| entity.row.id).collect();
        for &kind in &resolved.kinds {
            let states = states_of(context, &store, kind, now)?;
            ids.extend(states.iter().filter(|entity| !is_left_alone(entity.state)).map(|entity| entity.id));
            changed.skip(states, &is_left_alone);
        }
        Ok(SelectedEntities { context, store, resolved, ids, now, changed })
    }

    /// Kinds, without a key, and entities, as the store's pauses have them.
    pub(crate) fn names(&self) -> Vec<(Kind, Option<String>)> {
        let kinds = self.resolved.kinds.iter().map(|&kind| (kind, None));
        let entities = self.resolved.entities.iter().map(|entity| (entity.row.kind, Some(entity.row.key.clone())));
        kinds.chain(entities).collect()
    }

    /// Writes what became of them.
    ///
    /// # Errors
    /// Where the store cannot be read, or the output written.
    pub(crate) fn finish(mut self) -> anyhow::Result<Exit> {
        for entity in &self.resolved.entities {
            self.changed.add_named(state_of(self.context, &self.store, entity.row.kind, &entity.row.key, self.now)?);
        }
        for &kind in &self.resolved.kinds {
            self.changed.add(states_of(self.context, &self.store, kind, self.now)?);
        }
        crate::report::entities::changed(&self.context.report, &self.changed)?;
        Ok(self.resolved.exit())
    }
}

/// The states of a kind's entities, those that were deleted aside.
///
/// # Errors
/// Where the store cannot be read, or holds what this program does not know.
pub(crate) fn states_of(
    context: &Context,
    store: &Store,
    kind: Kind,
    now: Timestamp,
) -> anyhow::Result<Vec<EntityState>> {
    let rows = store.list_states(kind, context.pushing(kind), None, now)?;
    let rows = rows.iter().filter(|row| row.state != State::Deleted);
    rows.map(|row| with_pause(store, row, now)).collect()
}

/// The state of one entity.
///
/// # Errors
/// Where the store cannot be read, or holds what this program does not know.
pub(crate) fn state_of(
    context: &Context,
    store: &Store,
    kind: Kind,
    key: &str,
    now: Timestamp,
) -> anyhow::Result<Vec<EntityState>> {
    let rows = store.list_states(kind, context.pushing(kind), Some(key), now)?;
    rows.iter().map(|row| with_pause(store, row, now)).collect()
}

fn with_pause(store: &Store, row: &StateRow, now: Timestamp) -> anyhow::Result<EntityState> {
    let mut entity = EntityState::of(row);
    if row.state == State::Paused {
        entity.pause = store.pause_of(row.entity.kind, &row.entity.key, now)?;
    }
    Ok(entity)
}
