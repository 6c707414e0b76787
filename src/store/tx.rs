//! Transactions: everything that is written to the store is written in one.

use super::Store;
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

#[cfg(test)]
mod tests {
    use super::*;
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
}
