//! What stands at the store's place, found out without changing anything there: not even one of SQLite's files beside it is
//! made, emptied or removed.

use super::connection::{BUSY_TIMEOUT, wait_when_busy};
use super::{kinds, schema};
use crate::failure::{Exit, Failure};
use crate::message::StoreText;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::ffi::OsStr;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often a copy is begun anew because somebody began to write meanwhile.
const COPY_TRIES: u32 = 5;

/// Place of the store: what stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Nothing, or a file without content: nothing was synced yet.
    Empty,
    /// A file with content.
    Taken,
}

/// The one path of the store's file, whatever links lead to it: its locks and SQLite's log stand beside the file, and two paths
/// to one file must not have two of them. What cannot be looked at keeps its name; opening it says why.
pub(crate) fn locate(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    if let Ok(real) = std::fs::canonicalize(&path) {
        return real;
    }
    let is_link = std::fs::symlink_metadata(&path).is_ok();
    match (path.parent(), path.file_name()) {
        // Nothing is there yet; the folder may still be reached by a link.
        (Some(folder), Some(name)) if !is_link => locate(folder).join(name),
        _ => path,
    }
}

/// Refuses to take a folder that is not there for a store in which nothing was synced yet.
///
/// # Errors
/// Where the folder is missing.
pub(crate) fn require_folder(path: &Path) -> anyhow::Result<()> {
    let folder = folder_of(path);
    match std::fs::metadata(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let (path, folder) = (path.display().to_string(), folder.display().to_string());
            let what = StoreText::FolderMissing { path, folder };
            Err(Failure::new(Exit::Failed, what).help(StoreText::FolderMissingHelp {}).into())
        }
        _ => Ok(()),
    }
}

/// Inspects a place before anything is made beside it: what is there must be a store that this program can use, or nothing.
///
/// # Errors
/// Where there is something else, and where it cannot be read.
pub(crate) fn check(path: &Path) -> anyhow::Result<()> {
    if place_of(path)? == Place::Taken {
        inspect(path, Inspection::Thorough)?;
    }
    Ok(())
}

/// The folder that a file is in.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// What stands at a place.
pub(super) fn place_of(path: &Path) -> anyhow::Result<Place> {
    let shown = || path.display().to_string();
    let refuse = |what: StoreText, help: StoreText| Err(Failure::new(Exit::Failed, what).help(help).into());
    let file = match std::fs::metadata(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let Ok(target) = std::fs::read_link(path) else { return Ok(Place::Empty) };
            let target = target.display().to_string();
            return refuse(StoreText::LinkToNothing { path: shown(), target }, StoreText::LinkToNothingHelp {});
        }
        Err(error) => return Err(no_access(StoreText::CannotOpen { path: shown() }, error).into()),
    };
    match file.nlink() {
        _ if !file.is_file() => refuse(StoreText::NoFile { path: shown() }, StoreText::ChooseAnother {}),
        // SQLite's log is beside one of the names: a process that opens the other one would miss what it holds.
        count @ 2.. => refuse(StoreText::SeveralNames { path: shown(), count }, StoreText::SeveralNamesHelp {}),
        _ if file.len() > 0 => Ok(Place::Taken),
        _ if has_log(path) => {
            let what = StoreText::Damaged { path: shown() };
            Err(Failure::new(Exit::Store, what).help(StoreText::RestoreBackup {}).into())
        }
        _ => Ok(Place::Empty),
    }
}

/// What is said where the system refuses a file, or fails.
pub(super) fn no_access(what: StoreText, error: std::io::Error) -> Failure {
    let help = match error.kind() {
        ErrorKind::PermissionDenied => StoreText::AskForAccess {},
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => StoreText::MakeRoom {},
        _ => StoreText::ChooseAnother {},
    };
    Failure::new(Exit::Failed, what).help(help).because(error)
}

/// Inspection of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inspection {
    /// Whose it is, and how new.
    Quick,
    /// Also whether SQLite finds it sound.
    Thorough,
}

/// Inspects a store. Returns the schema version.
pub(super) fn inspect(path: &Path, inspection: Inspection) -> anyhow::Result<u32> {
    let shown = || path.display().to_string();
    let refuse = |what: StoreText, help: StoreText| Failure::new(Exit::Store, what).help(help);
    let found = untouched(path, |connection| {
        let application: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
        let tables: u64 = connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
        let version = schema::version(connection)?;
        let fault: Option<String> = match inspection == Inspection::Thorough && application == schema::APPLICATION_ID {
            true => Some(connection.pragma_query_value(None, "quick_check", |row| row.get(0))?),
            false => None,
        };
        let fault = fault.filter(|fault| fault != "ok");
        let is_ours = application == schema::APPLICATION_ID && (1..=schema::newest()).contains(&version);
        let unknown_kind = if is_ours && fault.is_none() { kinds::unknown_kind(connection)? } else { None };
        Ok((application, version, tables, fault, unknown_kind))
    });
    let (application, version, tables, fault, unknown_kind) = found.map_err(|error| cannot_open(path, error))?;
    if application != schema::APPLICATION_ID && (tables > 0 || version > 0) {
        return Err(refuse(StoreText::Foreign { path: shown() }, StoreText::ChooseAnother {}).into());
    }
    if version > schema::newest() {
        let (found, known) = (version.into(), schema::newest().into());
        return Err(refuse(StoreText::Newer { path: shown(), found, known }, StoreText::InstallNewer {}).into());
    }
    if let Some(kind) = unknown_kind {
        return Err(refuse(StoreText::UnknownKind { path: shown(), kind }, StoreText::InstallNewer {}).into());
    }
    match fault {
        Some(fault) => Err(refuse(StoreText::Damaged { path: shown() }, StoreText::RestoreBackup {})
            .because(anyhow::anyhow!(crate::text::shortened(&fault, 200)))
            .into()),
        None => Ok(version),
    }
}

/// A copy of a store in memory, made without writing anything beside it: for who may read the store only.
pub(super) fn copy_to_memory(path: &Path) -> anyhow::Result<Connection> {
    let copied = untouched(path, |connection| {
        let mut copy = Connection::open_in_memory()?;
        rusqlite::backup::Backup::new(connection, &mut copy)?.run_to_completion(10_000, Duration::ZERO, None)?;
        Ok(copy)
    });
    Ok(copied.map_err(|error| cannot_open(path, error))?)
}

/// Mode in which a store can be read so that nothing beside it changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ReadMode {
    /// There is no log: the file alone is all.
    FileAlone,
    /// There are a log and its index, which may be in use: the index is only read.
    IndexAsIs,
    /// There is a log without its index, so nobody uses it: the index is made in memory.
    IndexInMemory,
}

/// Size of the header of SQLite's log, in bytes.
const LOG_HEADER: u64 = 32;

impl ReadMode {
    fn of(path: &Path) -> ReadMode {
        match (has_log(path), beside(path, "-shm").exists()) {
            (false, _) => ReadMode::FileAlone,
            (true, true) => ReadMode::IndexAsIs,
            (true, false) => ReadMode::IndexInMemory,
        }
    }

    fn open(self, path: &Path) -> rusqlite::Result<Connection> {
        let how = match self {
            ReadMode::FileAlone => "immutable=1",
            ReadMode::IndexAsIs => "readonly_shm=1",
            ReadMode::IndexInMemory => "vfs=unix-none",
        };
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        let mut connection = Connection::open_with_flags(format!("file:{}?{how}", encoded(path)), flags)?;
        wait_when_busy(&mut connection, BUSY_TIMEOUT)?;
        // Without this, the last connection to close would checkpoint the log and remove it.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        if self == ReadMode::IndexInMemory {
            connection.pragma_update_and_check(None, "locking_mode", "EXCLUSIVE", |_| Ok(()))?;
        }
        Ok(connection)
    }
}

/// Reads a store without leaving a trace. Where a log appears or goes meanwhile somebody is at work, so it is read anew.
#[allow(clippy::disallowed_methods, reason = "other processes share no clock but the system's")]
fn untouched<T>(path: &Path, mut read: impl FnMut(&Connection) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
    let mut tries = 0;
    loop {
        let mode = ReadMode::of(path);
        let outcome = mode.open(path).and_then(|connection| read(&connection));
        tries += 1;
        if ReadMode::of(path) == mode || tries >= COPY_TRIES {
            return outcome;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Whether SQLite's log holds anything besides its header, which may stand alone: whoever was to write behind it was killed.
pub(super) fn has_log(path: &Path) -> bool {
    size_of(&beside(path, "-wal")) > LOG_HEADER
}

fn size_of(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}

/// The name of a file beside the store that begins with the store's.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// A path as it stands in an SQLite URI.
fn encoded(path: &Path) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-~".contains(&byte);
    let bytes = <OsStr as OsStrExt>::as_bytes(path.as_os_str()).iter();
    bytes.map(|&byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// What is said where SQLite cannot open a store.
pub(super) fn cannot_open(path: &Path, error: rusqlite::Error) -> Failure {
    let shown = path.display().to_string();
    if Exit::from(&error) == Exit::Store {
        return Failure::new(Exit::Store, StoreText::Damaged { path: shown })
            .help(StoreText::RestoreBackup {})
            .because(error);
    }
    // SQLite says no more than that it could not.
    if let Err(refused) = rustix::fs::access(path, rustix::fs::Access::READ_OK) {
        return no_access(StoreText::CannotOpen { path: shown }, refused.into());
    }
    let help = remedy(&error).unwrap_or(StoreText::ChooseAnother {});
    Failure::new(Exit::Failed, StoreText::CannotOpen { path: shown }).help(help).because(error)
}

/// What to do about an error of SQLite's, where that is known.
pub(super) fn remedy(error: &rusqlite::Error) -> Option<StoreText> {
    match error.sqlite_error_code()? {
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Some(StoreText::RestoreBackup {}),
        ErrorCode::DiskFull => Some(StoreText::MakeRoom {}),
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied => Some(StoreText::AskForAccess {}),
        ErrorCode::CannotOpen => Some(StoreText::AskForAccessOrHandles {}),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Some(StoreText::WaitForOthers {}),
        ErrorCode::SystemIoFailure => Some(StoreText::LookAtDisk {}),
        _ => None,
    }
}
