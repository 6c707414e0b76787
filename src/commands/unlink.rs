//! `hopem-sync unlink`: dissociates entities from their items. The items stay, and lose their key at the next push. It asks before
//! more than one is dissociated, and before any item is archived.

use super::context::Context;
use super::selection::SelectedEntities;
use super::selector::Gone;
use crate::failure::Exit;
use crate::message::ScreenText;
use crate::store::{State, UnlinkedItem};

/// Arguments of `unlink`.
#[derive(Debug, clap::Args)]
#[command(before_long_help = "\
Examples:
  hopem-sync unlink tenant:7535                   the item stays, without its key
  hopem-sync unlink tenant:7535 --archive-item    the item is archived at the next push
  hopem-sync unlink parking --yes                 a whole kind, from a script
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
    /// Dissociates the entities.
    ///
    /// # Errors
    /// Where nothing is named that the store knows, consent is missing, or the store cannot be written.
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let is_out = |state: State| matches!(state, State::Paused | State::Unlinked);
        let mut selected = SelectedEntities::begin(context, &self.selectors, Gone::WithItem, is_out)?;
        let ids = std::mem::take(&mut selected.ids);
        let (count, names_kinds) = (ids.len() as u64, !selected.resolved.kinds.is_empty());
        match self.archive_item {
            _ if count == 0 => {}
            true => context.confirm(ScreenText::ConfirmArchive { count })?,
            false if count > 1 || names_kinds => context.confirm(ScreenText::ConfirmUnlink { count })?,
            false => {}
        }
        let item = if self.archive_item { UnlinkedItem::Archived } else { UnlinkedItem::Kept };
        selected.store.write(|tx| ids.iter().try_for_each(|&id| tx.unlink(id, item)))?;
        selected.finish()
    }
}
