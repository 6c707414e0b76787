//! The store: one SQLite file. Knows entities, and nothing of either API.

mod clock;
mod departures;
mod entities;
mod events;
mod intents;
mod items;
mod kinds;
mod ledger;
mod links;
mod lock;
mod look;
mod ownership;
mod runs;
mod schema;
mod sides;
mod states;

pub use departures::Leaving;
pub use entities::{Absorbed, Derived, KindState, Parent, Stored};
pub use events::{Event, EventCounts, Receiver, Subscription, Way, WholeRead};
pub use intents::{Action, Batch, Intent};
pub use items::Linked;
pub use kinds::KindFailure;
pub use ledger::{BoardRow, Side, Wait};
pub use links::{Due, Failing, FailureRow, Retiree};
pub use lock::{Held, RunLock};
pub use look::Standing;
pub use ownership::{Keyed, Source};
pub use runs::{Change, RunRow};
pub use sides::SideFailure;
pub use states::{Pause, State, StateRow, Which};

use crate::failure::{Exit, Failure};
use crate::message::StoreText;
use jiff::Timestamp;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fs::{DirBuilder, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a command waits for another process's transaction; ours take milliseconds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a receiver waits for it: who sends it something waits too.
const RECEIVER_BUSY_TIMEOUT: Duration = Duration::from_secs(7);
/// How often a locked store is tried again. SQLite's own pauses grow to 100 ms, and then miss every gap that a pull leaves.
const BUSY_TRY_EVERY: Duration = Duration::from_millis(1);
/// How long a writer with more to write leaves the store to others between two transactions: longer than the pause between
/// two tries.
pub const GAP: Duration = Duration::from_millis(2);
/// A connection is used by one thread at a time, as Rust sees to; SQLite need not lock it at every call.
const ONE_THREAD: OpenFlags = OpenFlags::SQLITE_OPEN_NO_MUTEX;

/// The open store.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
}

impl Store {
    /// Opens the store for writing; makes it, and its folder, where there is none.
    ///
    /// A store that is damaged, foreign or newer is refused and left as it is.
    pub fn open(path: &Path) -> anyhow::Result<Store> {
        let is_new = std::fs::metadata(path).map_or(true, |file| file.len() == 0);
        if is_new {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            create_private_folder(folder).and_then(|()| open_private(path)).map_err(|error| {
                Failure::new(Exit::Failed, StoreText::CannotCreate { path: path.display().to_string() })
                    .help(StoreText::ChooseAnother {})
                    .because(error)
            })?;
        } else {
            inspect(path, true)?;
            keep_private(path);
        }
        let mut connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | ONE_THREAD)
            .map_err(|error| cannot_open(path, error))?;
        configure(&mut connection)?;
        schema::migrate(&mut connection)?;
        Ok(Store { connection, path: path.to_owned() })
    }

    /// Opens the store for reading. Where there is none, an empty one in memory stands in: nothing was synced yet.
    pub fn open_to_read(path: &Path) -> anyhow::Result<Store> {
        if std::fs::metadata(path).map_or(true, |file| file.len() == 0) {
            return Store::in_memory();
        }
        if inspect(path, false)? < schema::newest() {
            return Store::open(path);
        }
        let mut connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | ONE_THREAD)
            .map_err(|error| cannot_open(path, error))?;
        prepare(&mut connection)?;
        Ok(Store { connection, path: path.to_owned() })
    }

    /// Opens the store for a receiver: who sends it something waits, so it waits less for others, and folds its log back in
    /// small portions. It runs for months, so it holds little in memory.
    pub fn open_to_receive(path: &Path) -> anyhow::Result<Store> {
        let mut store = Store::open(path)?;
        wait_when_busy(&mut store.connection, RECEIVER_BUSY_TIMEOUT)?;
        // Folding back takes three disk syncs while deliveries wait: a small portion, but for fewer than one in a hundred.
        store.connection.pragma_update_and_check(None, "wal_autocheckpoint", 4_000, |_| Ok(()))?;
        // It adds at the end and looks little up (KiB).
        store.connection.pragma_update(None, "cache_size", -4_096)?;
        Ok(store)
    }

    /// An empty store in memory.
    pub fn in_memory() -> anyhow::Result<Store> {
        let mut connection = Connection::open_in_memory()?;
        prepare(&mut connection)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        schema::migrate(&mut connection)?;
        Ok(Store { connection, path: PathBuf::from(":memory:") })
    }

    /// A copy in memory, for what must not change anything.
    pub fn copy_in_memory(&self) -> anyhow::Result<Store> {
        let mut copy = Connection::open_in_memory()?;
        {
            let backup = rusqlite::backup::Backup::new(&self.connection, &mut copy)?;
            backup.run_to_completion(10_000, Duration::ZERO, None)?;
        }
        prepare(&mut copy)?;
        copy.pragma_update(None, "foreign_keys", true)?;
        Ok(Store { connection: copy, path: self.path.clone() })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Runs `work` in one transaction: all of it is kept, or nothing.
    pub fn transaction<T>(&mut self, work: impl FnOnce(&mut Store) -> anyhow::Result<T>) -> anyhow::Result<T> {
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let outcome = work(self).and_then(|done| self.commit().map(|()| done));
        if outcome.is_err() {
            self.rollback();
        }
        outcome
    }

    /// Begins a transaction that ends with the next [`Store::commit`]; none is begun where one is open.
    pub fn begin(&mut self) -> anyhow::Result<()> {
        if self.connection.is_autocommit() {
            self.connection.execute_batch("BEGIN IMMEDIATE")?;
        }
        Ok(())
    }

    /// Keeps what was written since [`Store::begin`].
    pub fn commit(&mut self) -> anyhow::Result<()> {
        if !self.connection.is_autocommit() {
            self.connection.execute_batch("COMMIT")?;
        }
        Ok(())
    }

    /// Takes back what was written since [`Store::begin`] and not committed: the work that wrote it broke off.
    pub fn rollback(&mut self) {
        if !self.connection.is_autocommit() {
            // SQLite itself has rolled back where this fails.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }
}

/// Looks at a store without changing it: whose it is, how new, and (`thoroughly`) whether SQLite finds it sound. Returns the
/// schema version.
fn inspect(path: &Path, thoroughly: bool) -> anyhow::Result<u32> {
    let shown = || path.display().to_string();
    let refuse = |what: StoreText, help: StoreText| Failure::new(Exit::Store, what).help(help);
    let look = || -> rusqlite::Result<(i32, u32, u64, Option<String>)> {
        // A write-ahead log may hold newer pages than the file, so the look goes through SQLite.
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        let application = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
        let tables = connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
        let version = schema::version(&connection)?;
        let fault: Option<String> = match thoroughly && application == schema::APPLICATION_ID {
            true => Some(connection.pragma_query_value(None, "quick_check", |row| row.get(0))?),
            false => None,
        };
        Ok((application, version, tables, fault.filter(|fault| fault != "ok")))
    };
    let (application, version, tables, fault) = look().map_err(|error| cannot_open(path, error))?;
    if application != schema::APPLICATION_ID && (tables > 0 || version > 0) {
        return Err(refuse(StoreText::Foreign { path: shown() }, StoreText::ChooseAnother {}).into());
    }
    if version > schema::newest() {
        let (found, known) = (version.into(), schema::newest().into());
        return Err(refuse(StoreText::Newer { path: shown(), found, known }, StoreText::InstallNewer {}).into());
    }
    match fault {
        Some(fault) => Err(refuse(StoreText::Damaged { path: shown() }, StoreText::RestoreBackup {})
            .because(anyhow::anyhow!(crate::text::shortened(&fault, 200)))
            .into()),
        None => Ok(version),
    }
}

/// Waits for other processes' transactions, but not longer than this.
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
    Ok(())
}

fn cannot_open(path: &Path, error: rusqlite::Error) -> Failure {
    let path = path.display().to_string();
    match exit_of(&error) {
        Exit::Store => Failure::new(Exit::Store, StoreText::Damaged { path }).help(StoreText::RestoreBackup {}),
        exit => Failure::new(exit, StoreText::CannotOpen { path }).help(StoreText::ChooseAnother {}),
    }
    .because(error)
}

/// How the process ends after an error of SQLite's.
pub fn exit_of(error: &rusqlite::Error) -> Exit {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Exit::Store,
        _ => Exit::Failed,
    }
}

/// Makes a folder, and those above it, that only its owner may enter, whatever the umask. One that is there keeps its mode,
/// unless it is our own and others can enter it.
pub fn create_private_folder(folder: &Path) -> std::io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
}

/// Opens a file for writing that only its owner may read; SQLite gives its own side files the same mode.
pub fn open_private(path: &Path) -> std::io::Result<File> {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
    file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    Ok(file)
}

/// Takes back what others may do with a store that a wide umask, or a copy, left open to them.
fn keep_private(path: &Path) {
    let is_open = std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0);
    if is_open {
        // Where the file is somebody else's this fails, and it is theirs to decide.
        let _ = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600));
    }
}

/// A time as the store keeps it.
pub fn stamp(at: Timestamp) -> String {
    format!("{at:.3}")
}
