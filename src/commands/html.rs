//! `--html` of `runs` and `status`: what is put on a page, and how the page is written.

use super::context::Context;
use crate::entity::{EntityKey, Kind};
use crate::failure::{Exit, Failure};
use crate::message::{PageText, ScreenText};
use crate::plan::known::known_columns;
use crate::report::html::{BoardNames, PageNames};
use crate::report::write_whole;
use crate::store::Store;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Options of what is written as a page.
#[derive(Debug, clap::Args)]
pub(crate) struct HtmlOptions {
    /// Write it as one page for a browser to FILE; - prints it
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// With --html: show names of persons, and texts that may hold one
    #[arg(long, requires = "html")]
    pub(crate) names: bool,
}

/// Writes a page, whole or not at all.
///
/// # Errors
/// Where the file cannot be written.
pub(super) fn write(context: &Context, file: &Path, page: &str) -> anyhow::Result<()> {
    write_whole(&context.report.console, file, page, 0o640).map_err(|error| {
        let path = file.display().to_string();
        let failure = Failure::new(Exit::Failed, PageText::HtmlUnwritable { path });
        failure.help(ScreenText::FileUnwritableHelp {}).because(error).into()
    })
}

/// What the boards, and these entities, are called.
///
/// # Errors
/// Where the store cannot be read.
pub(super) fn names(
    context: &Context,
    store: &Store,
    entities: impl IntoIterator<Item = EntityKey>,
    shows_names: bool,
) -> anyhow::Result<PageNames> {
    let mut names = PageNames { boards: boards(context, store)?, shows_names, ..PageNames::default() };
    for entity in entities {
        let Some(found) = store.find(entity.kind, &entity.key)? else { continue };
        if let Some(item) = found.row.item_id {
            names.items.insert(entity.clone(), item);
        }
        if shows_names {
            names.names.insert(entity, found.name);
        }
    }
    Ok(names)
}

fn boards(context: &Context, store: &Store) -> anyhow::Result<BTreeMap<Kind, BoardNames>> {
    let mut boards = BTreeMap::new();
    for kind in Kind::all() {
        let Some(board) = context.config.kind(kind).board.as_deref() else { continue };
        let columns = known_columns(store, board)?.unwrap_or_default();
        let columns = columns.into_iter().map(|(id, column)| (id, (column.title, column.column_type)));
        boards.insert(kind, BoardNames { url: store.board_url(board)?, columns: columns.collect() });
    }
    Ok(boards)
}
