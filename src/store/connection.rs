//! The store's connection to its file, or to memory, and how it waits for other processes.

use super::schema;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How long a command waits for another process's transaction; ours take milliseconds.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
/// How often a locked store is retried. SQLite's own pauses grow to 100 ms, and then miss every gap that a pull leaves.
const BUSY_TRY_EVERY: Duration = Duration::from_millis(1);
/// How long a writer with more to write leaves the store to others between two transactions: longer than the pause between
/// two tries.
pub(crate) const GAP: Duration = Duration::from_millis(2);
/// A connection is used by one thread at a time, as Rust sees to; SQLite need not lock it at every call.
pub(super) const ONE_THREAD: OpenFlags = OpenFlags::SQLITE_OPEN_NO_MUTEX;

/// Store, open.
#[derive(Debug)]
pub struct Store {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
}

impl Store {
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

/// Waits for other processes' transactions, but not longer than this.
#[allow(clippy::disallowed_methods, reason = "other processes share no clock but the system's")]
pub(super) fn wait_when_busy(connection: &mut Connection, most: Duration) -> rusqlite::Result<()> {
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
pub(super) fn prepare(connection: &mut Connection) -> rusqlite::Result<()> {
    wait_when_busy(connection, BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(128);
    // Without it the planner looks at every bound value, and compiles a cached statement anew for each.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}
