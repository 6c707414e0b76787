//! `hopem-sync backup`: a copy of the store, made beside running commands.

use super::context::Context;
use crate::failure::{Exit, Failure};
use crate::message::{RunText, StoreText};
use crate::report::upkeep::BackedUp;
use std::path::{Path, PathBuf};

/// Arguments of `backup`.
#[derive(Debug, clap::Args)]
#[command(before_long_help = "\
Examples:
  hopem-sync backup /srv/backup/hopem-sync.db              a copy that is whole, also while a sync runs
  hopem-sync backup \"/srv/backup/store-$(date +%F).db\"     one a day; an existing file is never overwritten")]
pub(crate) struct Backup {
    /// The new file; only its owner may read it
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Backup {
    /// Copies the store.
    ///
    /// # Errors
    /// Where there is no store, or the copy cannot be written.
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let mut store = context.store_to_read()?;
        let path = &context.config.store.path;
        if !context.access.exists() {
            let what = StoreText::NothingToCopy { path: path.display().to_string() };
            return Err(Failure::new(Exit::Failed, what).help(StoreText::NothingToCopyHelp {}).into());
        }
        let file = std::path::absolute(&self.file)?;
        if ["-wal", "-shm", "-journal", ".lock"].iter().any(|suffix| crate::store::beside(path, suffix) == file) {
            let what = StoreText::CopyBesideStore { file: file.display().to_string() };
            return Err(Failure::usage(what).help(StoreText::CopyThereHelp {}).into());
        }
        let stop = context.stop.clone();
        let Ok(bytes) = store.back_up(&file, move || stop.reason().is_some())? else {
            let exit = context.stop.reason().map_or(Exit::Interrupted, |reason| reason.exit());
            return Err(Failure::new(exit, RunText::StoppedBySignal {}).into());
        };
        drop(store);
        if let Err(error) = note(context, &file) {
            // The copy is good; only `forget` will not know of it.
            let why = crate::failure::render(&error, context.lang()).message;
            context.report.warn(&StoreText::CopyNotNoted { why }.into());
        }
        context.report.show(&BackedUp { file: file.display().to_string(), bytes })?;
        Ok(Exit::Ok)
    }
}

/// Remembers the copy, so that `forget` can name it: what is removed from the store stays in its copies.
fn note(context: &Context, file: &Path) -> anyhow::Result<()> {
    context.store()?.write(|tx| tx.note_backup(&file.display().to_string(), context.now()))
}
