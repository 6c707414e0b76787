//! The store: one SQLite file. Knows entities, and nothing of either API.

mod backup;
mod boards;
mod clock;
mod departures;
mod due;
mod entities;
mod entity_state;
mod erase;
mod events;
mod failures;
mod faults;
mod figures;
mod imports;
mod inspect;
mod intents;
mod items;
mod keys;
mod kind_failures;
mod kinds;
mod ledger;
mod listing;
mod lock;
mod notices;
mod notified;
mod ownership;
mod pauses;
mod place;
mod properties;
mod records;
mod runs;
mod schema;
mod scrub;
mod search;
mod sent;
mod settings;
mod sides;
mod states;
mod structure;
mod tx;

pub(crate) use boards::{BoardItemCounts, ShownForm};
pub(crate) use due::{Due, ItemToRemove, Urgency};
pub(crate) use entities::{DeletionReason, Entity, EntityRow, Parent};
pub(crate) use entity_state::{Confirmed, Origin};
pub(crate) use erase::Erased;
pub(crate) use events::{Event, EventCounts, EventSource, Receiver, Subscription};
pub(crate) use failures::{Failing, FailureRow};
pub(crate) use faults::{CallFault, ClosedColumn};
pub(crate) use figures::DayFigures;
pub(crate) use imports::ImportRow;
pub(crate) use inspect::{Deletion, PushStatus};
pub(crate) use intents::{Action, Batch, CallRecovery, Intent};
pub(crate) use items::Linked;
pub(crate) use kind_failures::KindFailure;
pub(crate) use kinds::WholeRead;
pub(crate) use ledger::{BoardRow, Side};
pub(crate) use listing::{Segment, Slice, rank};
pub(crate) use lock::{Held, LockWait, RunLock};
pub(crate) use notices::{Channel, NotifiedState};
pub(crate) use notified::NotifiedBeside;
pub(crate) use ownership::Source;
pub(crate) use pauses::{NewPause, Pause};
pub(crate) use place::{beside, check, locate, require_folder};
pub(crate) use records::{Derived, Upserted};
pub(crate) use runs::{Change, ChangeAction, ColumnChange, RunRow};
pub(crate) use search::Search;
pub(crate) use sent::{SentColumn, SentColumns};
pub(crate) use settings::{PathOrigin, Settings};
pub(crate) use sides::SideFailure;
pub use states::State;
pub(crate) use states::{EntityFilter, StateRow};
pub(crate) use structure::StructureCall;
pub(crate) use tx::Tx;

use crate::clock::Clock;
use crate::failure::{Exit, Failure};
use crate::message::StoreText;
use crate::private_files::{create_private_folder, open_private};
use crate::stamp::stamp;
use crate::word::Word;
use jiff::Timestamp;
use place::Place;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a command waits for another process's transaction; ours take milliseconds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a receiver waits for it: who sends it something waits too.
const RECEIVER_BUSY_TIMEOUT: Duration = Duration::from_secs(7);
/// How often a locked store is retried. SQLite's own pauses grow to 100 ms, and then miss every gap that a pull leaves.
const BUSY_TRY_EVERY: Duration = Duration::from_millis(1);
/// How long a writer with more to write leaves the store to others between two transactions: longer than the pause between
/// two tries.
pub(crate) const GAP: Duration = Duration::from_millis(2);
/// A connection is used by one thread at a time, as Rust sees to; SQLite need not lock it at every call.
const ONE_THREAD: OpenFlags = OpenFlags::SQLITE_OPEN_NO_MUTEX;

/// Store, open.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
}

impl Store {
    /// Opens the store for writing; makes it, and its folder, where there is none. `clock` says since when a change waits.
    ///
    /// # Errors
    /// Where it cannot be used; one that is damaged, foreign or newer is left exactly as it is.
    pub fn open(path: &Path, clock: &Clock) -> anyhow::Result<Store> {
        Store::open_after(path, true, clock)
    }

    /// Opens the store for writing after [`check`] found it sound a moment ago.
    ///
    /// # Errors
    /// As [`Store::open`] has.
    pub(crate) fn open_checked(path: &Path, clock: &Clock) -> anyhow::Result<Store> {
        Store::open_after(path, false, clock)
    }

    fn open_after(path: &Path, thoroughly: bool, clock: &Clock) -> anyhow::Result<Store> {
        if place::place_of(path)? == Place::Empty {
            create_private_folder(place::folder_of(path)).and_then(|()| open_private(path)).map_err(|error| {
                place::no_access(StoreText::CannotCreate { path: path.display().to_string() }, error)
            })?;
        } else {
            place::inspect(path, thoroughly)?;
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
        if place::inspect(path, false)? == schema::newest()
            && let Some(connection) = read_in_place(path).map_err(|error| place::cannot_open(path, error))?
        {
            return Ok(Store { connection, path: path.to_owned() });
        }
        let mut connection = place::copy_to_memory(path)?;
        prepare(&mut connection)?;
        schema::migrate(&mut connection)?;
        Ok(Store { connection, path: path.to_owned() })
    }

    /// Opens the store for a receiver: who sends it something waits, so it waits less for others, and folds its log back in
    /// small portions. It runs for months, so it holds little in memory.
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

    /// An empty store in memory.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn in_memory() -> anyhow::Result<Store> {
        let mut connection = Connection::open_in_memory()?;
        prepare(&mut connection)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        schema::migrate(&mut connection)?;
        Ok(Store { connection, path: PathBuf::from(":memory:") })
    }

    /// A copy in memory, for what must not change anything.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn copy_in_memory(&self) -> anyhow::Result<Store> {
        let mut copy = Connection::open_in_memory()?;
        {
            let backup = rusqlite::backup::Backup::new(&self.connection, &mut copy)?;
            backup.run_to_completion(10_000, Duration::ZERO, None)?;
        }
        prepare(&mut copy)?;
        copy.pragma_update(None, "foreign_keys", true)?;
        Ok(Store { connection: copy, path: self.path.clone() })
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

/// Waits for other processes' transactions, but not longer than this.
#[allow(clippy::disallowed_methods, reason = "other processes share no clock but the system's")]
fn wait_when_busy(connection: &mut Connection, most: Duration) -> rusqlite::Result<()> {
    let mut began = Instant::now();
    connection.busy_handler(Some(move |tries: i32| {
        if tries == 0 {
            began = Instant::now();
        }
        std::thread::sleep(BUSY_TRY_EVERY);
        began.elapsed() < most
    }))
}

/// What every connection has.
fn prepare(connection: &mut Connection) -> rusqlite::Result<()> {
    wait_when_busy(connection, BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(128);
    // Without it the planner looks at every bound value, and compiles a cached statement anew for each.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

fn configure(connection: &mut Connection) -> rusqlite::Result<()> {
    prepare(connection)?;
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    // With less, a power cut could take back what monday has already confirmed.
    connection.pragma_update(None, "synchronous", "FULL")?;
    // Enough for the indexes of 100,000 entities (KiB), and a log that is folded back at the end rather than on the way (pages).
    connection.pragma_update(None, "cache_size", -32_768)?;
    connection.pragma_update_and_check(None, "wal_autocheckpoint", 8_000, |_| Ok(()))?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // What is removed is a person's data: nothing of it is to be left in freed pages.
    connection.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
    Ok(())
}

/// Says of an error of SQLite's which store it is about, and what to do; other errors stay as they are.
pub(crate) fn explained(path: &Path, error: anyhow::Error) -> anyhow::Error {
    let is_told = error.chain().any(|link| link.is::<Failure>());
    let Some(cause) = error.chain().find_map(|link| link.downcast_ref::<rusqlite::Error>()).filter(|_| !is_told) else {
        return error;
    };
    let (exit, help) = (Exit::from(cause), place::remedy(cause));
    let failure = Failure::new(exit, StoreText::CannotWork { path: path.display().to_string() }).because(error);
    match help {
        Some(help) => failure.help(help).into(),
        None => failure.into(),
    }
}

/// A word in the store that this program does not know: nothing is assumed in its stead.
fn unknown_word(index: usize, what: &str, word: &str) -> rusqlite::Error {
    let failure = unknown(what, word);
    rusqlite::Error::FromSqlConversionFailure(index, rusqlite::types::Type::Text, Box::new(failure))
}

/// The failure for something in the store that this program does not know; `what` says what it should be.
pub(crate) fn unknown(what: &str, word: &str) -> Failure {
    let message = StoreText::UnknownWord { word: word.to_owned(), what: what.to_owned() };
    Failure::new(Exit::Store, message).help(StoreText::InstallNewer {})
}

/// The failure for a board's columns that cannot be read: they are not taken for none.
pub(crate) fn unreadable_board(board: &str) -> Failure {
    unknown("the columns of a board", board)
}

/// Reads a word out of a column; `what` says what it should be.
fn word_at<T: Word>(row: &rusqlite::Row<'_>, index: usize, what: &str) -> rusqlite::Result<T> {
    let word = row.get_ref(index)?.as_str()?;
    T::parse(word).ok_or_else(|| unknown_word(index, what, word))
}

/// Reads a word out of a column; NULL is `None`. `what` says what it should be.
fn optional_word_at<T: Word>(row: &rusqlite::Row<'_>, index: usize, what: &str) -> rusqlite::Result<Option<T>> {
    let word = row.get_ref(index)?.as_str_or_null()?;
    word.map(|_| word_at(row, index, what)).transpose()
}

/// Takes back what others may do with a store that a wide umask, or a copy, left open to them.
fn keep_private(path: &Path) {
    let is_open = std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0);
    if is_open {
        // Where the file is somebody else's this fails, and it is theirs to decide.
        let _ = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600));
    }
}

/// A time that the store keeps.
fn time_of(index: usize, text: &str) -> rusqlite::Result<Timestamp> {
    text.parse().map_err(|_| unknown_word(index, "a time", text))
}

/// Reads a time out of a column; NULL is `None`.
fn time_at(row: &rusqlite::Row<'_>, index: usize) -> rusqlite::Result<Option<Timestamp>> {
    row.get_ref(index)?.as_str_or_null()?.map(|text| time_of(index, text)).transpose()
}

/// Reads a time that is always there out of a column.
fn required_time_at(row: &rusqlite::Row<'_>, index: usize) -> rusqlite::Result<Timestamp> {
    time_of(index, row.get_ref(index)?.as_str()?)
}
