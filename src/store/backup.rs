//! A copy of the store, made beside running commands: whole, without freed pages, there all at once or not at all.

use super::connection::Store;
use super::place;
use crate::failure::{Exit, Failure};
use crate::message::StoreText;
use rusqlite::{Connection, OpenFlags};
use std::fs::Permissions;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// How many steps of SQLite's lie between two checks whether to stop: some milliseconds.
const STEPS_BETWEEN_CHECKS: i32 = 10_000;

/// Interruption of a copy before it was done; nothing of it is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Interrupted;

impl Store {
    /// Writes a copy to a new file that only its owner may read. Returns its size in bytes.
    ///
    /// # Errors
    /// Where there is something already, and where the copy cannot be written or is not sound; then there is no file.
    pub(crate) fn back_up(
        &mut self,
        file: &Path,
        is_stopped: impl Fn() -> bool + Send + 'static,
    ) -> anyhow::Result<Result<u64, Interrupted>> {
        let shown = || file.display().to_string();
        let explained = |error: std::io::Error| place::no_access(StoreText::CannotWriteCopy { file: shown() }, error);
        if std::fs::symlink_metadata(file).is_ok() {
            return Err(already_there(file).into());
        }
        let folder = place::folder_of(file);
        if std::fs::metadata(folder).is_err_and(|error| error.kind() == ErrorKind::NotFound) {
            let folder = folder.display().to_string();
            let what = StoreText::NoFolderForCopy { folder: folder.clone() };
            return Err(Failure::new(Exit::Failed, what).help(StoreText::MakeFolder { folder }).into());
        }
        // In the same folder, so that it can be put in its place at once; made with mode 0600 whatever the umask.
        let copy = tempfile::Builder::new()
            .prefix(".hopem-sync-backup-")
            .tempfile_in(place::folder_of(file))
            .map_err(explained)?;
        copy.as_file().set_permissions(Permissions::from_mode(0o600)).map_err(explained)?;
        if let Err(error) = self.copy_into(copy.path(), is_stopped) {
            if error.sqlite_error_code() == Some(rusqlite::ErrorCode::OperationInterrupted) {
                return Ok(Err(Interrupted));
            }
            let help = place::remedy(&error).unwrap_or(StoreText::LookAtDisk {});
            let failure = Failure::new(Exit::from(&error), StoreText::CannotWriteCopy { file: shown() });
            return Err(failure.help(help).because(error).into());
        }
        copy.as_file().sync_all().map_err(explained)?;
        let bytes = copy.as_file().metadata().map_err(explained)?.len();
        copy.persist_noclobber(file).map_err(|error| match error.error.kind() {
            ErrorKind::AlreadyExists => already_there(file),
            _ => explained(error.error),
        })?;
        // The name is durable once its folder is; where a folder cannot be synced the system does it in its own time.
        let _ = std::fs::File::open(place::folder_of(file)).and_then(|folder| folder.sync_all());
        Ok(Ok(bytes))
    }

    fn copy_into(&mut self, file: &Path, is_stopped: impl Fn() -> bool + Send + 'static) -> rusqlite::Result<()> {
        // The copy is written by the connection that reads the store.
        self.connection.pragma_update(None, "query_only", false)?;
        self.connection.progress_handler(STEPS_BETWEEN_CHECKS, Some(is_stopped))?;
        let written = self.connection.execute("VACUUM INTO ?1", [file.to_string_lossy()]);
        self.connection.progress_handler(0, None::<fn() -> bool>)?;
        written?;
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let fault: String =
            Connection::open_with_flags(file, flags)?.pragma_query_value(None, "quick_check", |row| row.get(0))?;
        if fault != "ok" {
            let corrupt = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
            return Err(rusqlite::Error::SqliteFailure(corrupt, Some(crate::text::shortened(&fault, 200))));
        }
        Ok(())
    }
}

fn already_there(file: &Path) -> Failure {
    let what = StoreText::CopyThere { file: file.display().to_string() };
    Failure::new(Exit::Usage, what).help(StoreText::CopyThereHelp {})
}
