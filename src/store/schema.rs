//! The store's schema and how older stores are brought up to date.

use rusqlite::{Connection, TransactionBehavior};

/// Marks a file as one of ours, in SQLite's header ("HoSy").
pub(super) const APPLICATION_ID: i32 = 0x486f_5379;

/// Every step from an empty file to today's schema. A step that was released never changes; the next one repairs it.
const MIGRATIONS: &[&str] = &[
    include_str!("schema_001_pipeline.sql"),
    include_str!("schema_002_events.sql"),
    include_str!("schema_003_screens.sql"),
    include_str!("schema_004_causes.sql"),
];

/// The version that this program writes, in `PRAGMA user_version`.
pub(super) fn newest() -> u32 {
    u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX)
}

/// Runs the missing steps in one transaction together with the new number.
pub(super) fn migrate(connection: &mut Connection) -> anyhow::Result<()> {
    if version(connection)? >= newest() {
        return Ok(());
    }
    // Rebuilding a parent table would cascade to its children.
    connection.pragma_update(None, "foreign_keys", false)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Asked again under the lock: another process may have been faster.
    let done = usize::try_from(version(&transaction)?)?;
    for step in MIGRATIONS.iter().skip(done) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", newest())?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    let broken =
        transaction.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get::<_, u64>(0))?;
    anyhow::ensure!(broken == 0, "the migration would leave {broken} rows without their parent");
    transaction.commit()?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(())
}

/// The version that the store has.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<u32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}
