//! Opening the store: for writing, for reading, for a receiver; and what an error of SQLite's says of the store.

use super::connection::{ONE_THREAD, Store, prepare, wait_when_busy};
use super::place::{self, Inspection, Place};
use super::{entity_state, schema};
use crate::clock::Clock;
use crate::failure::{Exit, Failure};
use crate::message::StoreText;
use crate::private_files::{create_private_folder, open_private};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

/// How long a receiver waits for it: who sends it something waits too.
const RECEIVER_BUSY_TIMEOUT: Duration = Duration::from_secs(7);

impl Store {
    /// Opens the store for writing; makes it, and its folder, where there is none. `clock` says since when a change waits.
    ///
    /// # Errors
    /// Where it cannot be used; one that is damaged, foreign or newer is left exactly as it is.
    pub fn open(path: &Path, clock: &Clock) -> anyhow::Result<Store> {
        Store::open_after(path, Inspection::Thorough, clock)
    }

    /// Opens the store for writing after [`check`] found it sound a moment ago.
    ///
    /// # Errors
    /// As [`Store::open`] has.
    pub(crate) fn open_checked(path: &Path, clock: &Clock) -> anyhow::Result<Store> {
        Store::open_after(path, Inspection::Quick, clock)
    }

    fn open_after(path: &Path, inspection: Inspection, clock: &Clock) -> anyhow::Result<Store> {
        if place::place_of(path)? == Place::Empty {
            create_private_folder(place::folder_of(path)).and_then(|()| open_private(path)).map_err(|error| {
                place::no_access(StoreText::CannotCreate { path: path.display().to_string() }, error)
            })?;
        } else {
            place::inspect(path, inspection)?;
            keep_private(path);
        }
        let open = || -> rusqlite::Result<Connection> {
            let mut connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | ONE_THREAD)?;
            configure(&mut connection)?;
            Ok(connection)
        };
        let mut connection = open().map_err(|error| place::cannot_open(path, error))?;
        schema::migrate(&mut connection).map_err(|error| explained(path, error))?;
        entity_state::note_due_since(&connection, clock).map_err(|error| place::cannot_open(path, error))?;
        Ok(Store { connection, path: path.to_owned() })
    }

    /// Opens the store for reading. Where there is none, an empty one in memory stands in: nothing was synced yet. A store of
    /// an older version, and one beside which this user may write nothing, is read into memory as it stands.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn open_to_read(path: &Path) -> anyhow::Result<Store> {
        if place::place_of(path)? == Place::Empty {
            return Store::in_memory();
        }
        if place::inspect(path, Inspection::Quick)? == schema::newest()
            && let Some(connection) = read_in_place(path).map_err(|error| place::cannot_open(path, error))?
        {
            return Ok(Store { connection, path: path.to_owned() });
        }
        let mut connection = place::copy_to_memory(path)?;
        prepare(&mut connection)?;
        schema::migrate(&mut connection)?;
        Ok(Store { connection, path: path.to_owned() })
    }

    /// Opens the store for a receiver: who sends it something waits, so it waits less for others, and checkpoints its log
    /// in small portions. It runs for months, so it holds little in memory.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn open_to_receive(path: &Path, clock: &Clock) -> anyhow::Result<Store> {
        let mut store = Store::open(path, clock)?;
        wait_when_busy(&mut store.connection, RECEIVER_BUSY_TIMEOUT)?;
        // A checkpoint takes three disk syncs, and deliveries wait for them: at this size fewer than one in a hundred does.
        store.connection.pragma_update_and_check(None, "wal_autocheckpoint", 4_000, |_| Ok(()))?;
        // It mostly appends, and reads little (KiB).
        store.connection.pragma_update(None, "cache_size", -4_096)?;
        Ok(store)
    }
}

/// A connection that reads the store where it is; `None` where SQLite cannot keep its index beside it.
fn read_in_place(path: &Path) -> rusqlite::Result<Option<Connection>> {
    let open = || -> rusqlite::Result<Connection> {
        // Who may only read cannot remove the log and the index that SQLite makes for it, so they would stay. Where there is a
        // log already, it is left as it is.
        let rights = match place::has_log(path) {
            true => OpenFlags::SQLITE_OPEN_READ_ONLY,
            false => OpenFlags::SQLITE_OPEN_READ_WRITE,
        };
        let mut connection = Connection::open_with_flags(path, rights | ONE_THREAD)?;
        prepare(&mut connection)?;
        connection.pragma_update(None, "query_only", true)?;
        schema::version(&connection)?;
        Ok(connection)
    };
    match open() {
        Ok(connection) => Ok(Some(connection)),
        Err(error) => match error.sqlite_error_code() {
            // A full disk, too, has no room for the index.
            Some(
                ErrorCode::CannotOpen
                | ErrorCode::ReadOnly
                | ErrorCode::PermissionDenied
                | ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure,
            ) => Ok(None),
            _ => Err(error),
        },
    }
}

/// What a connection that writes has.
fn configure(connection: &mut Connection) -> rusqlite::Result<()> {
    prepare(connection)?;
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    // With less, a power cut could take back what monday has already confirmed.
    connection.pragma_update(None, "synchronous", "FULL")?;
    // Enough for the indexes of 100,000 entities (KiB), and a log that is checkpointed at the end rather than on the way (pages).
    connection.pragma_update(None, "cache_size", -32_768)?;
    connection.pragma_update_and_check(None, "wal_autocheckpoint", 8_000, |_| Ok(()))?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // What is removed is a person's data: nothing of it is to be left in freed pages.
    connection.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
    Ok(())
}

/// Takes back what others may do with a store that a wide umask, or a copy, left open to them.
fn keep_private(path: &Path) {
    let is_open = std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0);
    if is_open {
        // Where the file is somebody else's this fails, and it is theirs to decide.
        let _ = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600));
    }
}

/// Says of an error of SQLite's which store it is about, and what to do; other errors stay as they are.
pub(crate) fn explained(path: &Path, error: anyhow::Error) -> anyhow::Error {
    let is_explained = error.chain().any(|link| link.is::<Failure>());
    let Some(cause) = error.chain().find_map(|link| link.downcast_ref::<rusqlite::Error>()).filter(|_| !is_explained)
    else {
        return error;
    };
    let (exit, help) = (Exit::from(cause), place::remedy(cause));
    let failure = Failure::new(exit, StoreText::CannotWork { path: path.display().to_string() }).because(error);
    match help {
        Some(help) => failure.help(help).into(),
        None => failure.into(),
    }
}
