//! Transactions: everything that is written to the store is written in one, and what belongs together is read in one.

use super::connection::Store;
use std::ops::Deref;

/// Transaction on the store. All writes are its methods; it reads what it has written. Dropped without [`Tx::commit`], by an early
/// return or a panic, it is rolled back.
#[derive(Debug)]
#[must_use = "what is not committed is rolled back"]
pub(crate) struct Tx<'s> {
    store: &'s Store,
    is_open: bool,
}

impl Store {
    /// Begins a transaction. It waits for those of other processes, and no other process writes until it ends. The store is borrowed by it,
    /// so that nothing begins another one within it.
    ///
    /// # Errors
    /// Where the store cannot be written, or other processes keep it locked for too long.
    pub(crate) fn transaction(&mut self) -> anyhow::Result<Tx<'_>> {
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        Ok(Tx { store: self, is_open: true })
    }

    /// Does `work` in a transaction of its own: all of it is kept, or nothing.
    ///
    /// # Errors
    /// Where the transaction cannot be begun or committed, and those of `work`.
    pub(crate) fn write<T>(&mut self, work: impl FnOnce(&Tx<'_>) -> anyhow::Result<T>) -> anyhow::Result<T> {
        let tx = self.transaction()?;
        let done = work(&tx)?;
        tx.commit()?;
        Ok(done)
    }
}

impl Tx<'_> {
    /// Keeps what was written.
    ///
    /// # Errors
    /// Where it cannot be made durable; then it is rolled back.
    pub(crate) fn commit(mut self) -> anyhow::Result<()> {
        self.connection.execute_batch("COMMIT")?;
        self.is_open = false;
        Ok(())
    }
}

impl Deref for Tx<'_> {
    type Target = Store;

    fn deref(&self) -> &Store {
        self.store
    }
}

impl Drop for Tx<'_> {
    fn drop(&mut self) {
        // After some failures, such as a full disk, SQLite has rolled back by itself.
        if self.is_open && !self.connection.is_autocommit() {
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }
}

/// Snapshot of the store: what is read through it, and through the store it was taken of, is of one moment, whatever a run writes
/// meanwhile. Nothing can be written in it, and it ends when it is dropped, by an early return or a panic too.
#[derive(Debug)]
#[must_use = "it ends when it is dropped"]
pub(crate) struct Snapshot<'s> {
    store: &'s Store,
}

impl Store {
    /// Takes a snapshot. It begins with the first that is read. One store has one at a time.
    ///
    /// # Errors
    /// Where the store cannot be read, or a snapshot of it is still there.
    pub(crate) fn snapshot(&self) -> anyhow::Result<Snapshot<'_>> {
        self.connection.execute_batch("BEGIN DEFERRED")?;
        Ok(Snapshot { store: self })
    }
}

impl Deref for Snapshot<'_> {
    type Target = Store;

    fn deref(&self) -> &Store {
        self.store
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        // After some failures SQLite has ended it by itself.
        if !self.connection.is_autocommit() {
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::entity::Kind;
    use jiff::Timestamp;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    fn pushed(store: &Store) -> bool {
        store.kind_state(Kind::UNIT).expect("a state").last_push.is_some()
    }

    fn note(tx: &Tx<'_>) {
        tx.set_pushed(Kind::UNIT, Timestamp::UNIX_EPOCH).expect("written");
        assert!(pushed(tx), "a transaction reads what it has written");
    }

    #[test]
    fn what_is_committed_stays() {
        let mut store = Store::in_memory().expect("a store");
        let tx = store.transaction().expect("begun");
        note(&tx);
        tx.commit().expect("committed");
        assert!(pushed(&store));
    }

    #[test]
    fn what_is_dropped_is_rolled_back_and_another_can_begin() {
        let mut store = Store::in_memory().expect("a store");
        let tx = store.transaction().expect("begun");
        note(&tx);
        drop(tx);
        assert!(!pushed(&store));
        store.write(|tx| tx.set_pushed(Kind::UNIT, Timestamp::UNIX_EPOCH)).expect("another");
        assert!(pushed(&store));
    }

    #[test]
    fn an_early_return_rolls_back() {
        let mut store = Store::in_memory().expect("a store");
        let outcome: anyhow::Result<()> = store.write(|tx| {
            note(tx);
            anyhow::bail!("too bad")
        });
        assert_eq!(outcome.expect_err("an error").to_string(), "too bad");
        assert!(!pushed(&store) && store.connection.is_autocommit());
    }

    #[test]
    fn a_panic_rolls_back() {
        let mut store = Store::in_memory().expect("a store");
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            store.write(|tx| -> anyhow::Result<()> {
                note(tx);
                panic!("too bad")
            })
        }));
        assert!(outcome.is_err() && !pushed(&store) && store.connection.is_autocommit());
    }

    #[test]
    fn a_transaction_that_cannot_be_committed_is_rolled_back() {
        let mut store = Store::in_memory().expect("a store");
        let tx = store.transaction().expect("begun");
        note(&tx);
        tx.connection.execute_batch("PRAGMA defer_foreign_keys = ON").expect("a setting");
        tx.connection.execute("INSERT INTO records (entity, record) VALUES (7, '{}')", []).expect("checked at the end");
        tx.commit().expect_err("nothing is a record's entity");
        assert!(!pushed(&store) && store.connection.is_autocommit());
    }

    #[test]
    fn a_snapshot_shows_one_moment_and_ends_with_whatever_ends_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("sync.db");
        let mut writer = Store::open(&path, &Clock::system()).expect("a store");
        let reader = Store::open_to_read(&path).expect("a store");
        let snapshot = reader.snapshot().expect("a snapshot");
        assert!(!pushed(&snapshot));
        writer.write(|tx| tx.set_pushed(Kind::UNIT, Timestamp::UNIX_EPOCH)).expect("written");
        assert!(!pushed(&snapshot) && !pushed(&reader), "of the moment in which it was first read");
        reader.snapshot().expect_err("there is one");
        drop(snapshot);
        assert!(pushed(&reader));
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let _snapshot = reader.snapshot().expect("another");
            panic!("too bad")
        }));
        assert!(outcome.is_err() && reader.connection.is_autocommit());
    }
}
