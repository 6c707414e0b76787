//! `hopem-sync unlink`: dissociates entities from their items. The items stay, and lose their key at the next push.

use super::Context;
use super::pause::{state_of, states_of};
use super::selector::{self, Resolved};
use crate::failure::Exit;
use crate::report::entities::Changed;
use crate::store::State;
use jiff::Timestamp;

/// Arguments of `unlink`.
#[derive(Debug, clap::Args)]
#[command(before_long_help = "\
Examples:
  hopem-sync unlink tenant:7535                   the item stays, without its key
  hopem-sync unlink tenant:7535 --archive-item    the item is archived at the next push
  hopem-sync resync tenant:7535 --relink          to undo it")]
pub(crate) struct Unlink {
    /// Kinds (`unit`) and entities (`unit:1472`); `-` reads them from standard input
    #[arg(value_name = "SELECTOR", required = true)]
    selectors: Vec<String>,
    /// Archive the item too, at the next push
    #[arg(long)]
    archive_item: bool,
}

impl Unlink {
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let now = Timestamp::now();
        let selectors = selector::parse_all(&self.selectors)?;
        let resolved = Resolved::of(&selectors, &context.store_to_read()?, false)?;
        let mut store = context.store()?;
        let mut changed = Changed::new(resolved.missing_names());
        let mut ids: Vec<i64> = resolved.entities.iter().map(|entity| entity.id).collect();
        for &kind in &resolved.kinds {
            let states = states_of(context, &store, kind, now)?;
            let is_out = |state: State| matches!(state, State::Paused | State::Unlinked);
            ids.extend(states.iter().filter(|entity| !is_out(entity.state)).map(|entity| entity.id));
            changed.skip(states, is_out);
        }
        store.transaction(|store| ids.iter().try_for_each(|&id| store.set_unlinked(id, true, self.archive_item)))?;
        for entity in &resolved.entities {
            changed.add_named(state_of(context, &store, entity.kind, &entity.key, now)?);
        }
        for &kind in &resolved.kinds {
            changed.add(states_of(context, &store, kind, now)?);
        }
        context.report.changed(&changed)?;
        Ok(resolved.exit())
    }
}
