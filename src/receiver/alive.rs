//! Whether a receiver is alive: a lock file beside the store, freed by the kernel when its process ends, however it ends.

use crate::clock::Clock;
use crate::host::process_number;
use crate::private_files::open_private;
use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long the lock is waited for: who asks whether a receiver is alive holds it for a moment.
const LONGEST_WAIT: Duration = Duration::from_secs(1);
const TRY_EVERY: Duration = Duration::from_millis(5);

/// Lock of the receiver, held until dropped.
#[derive(Debug)]
pub(crate) struct Alive {
    file: File,
    path: PathBuf,
}

impl Alive {
    /// Takes the lock of a store. `Ok(Err(..))`: another receiver holds it, with this process number.
    ///
    /// # Errors
    /// Where the lock file cannot be made or written.
    pub(crate) fn take(store: &Path, clock: &Clock) -> anyhow::Result<Result<Alive, Option<u32>>> {
        let path = lock_of(store);
        let mut file = open_private(&path)?;
        let end = clock.instant() + LONGEST_WAIT;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if clock.instant() < end => clock.sleep(TRY_EVERY),
                Err(TryLockError::WouldBlock) => return Ok(Err(holder(&mut file))),
                Err(TryLockError::Error(error)) => return Err(error.into()),
            }
        }
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(process_number().to_string().as_bytes())?;
        Ok(Ok(Alive { file, path }))
    }

    /// Whether the file is still the one at its place: with the store, it may have been put away.
    pub(crate) fn is_in_place(&self) -> bool {
        let ours = self.file.metadata().map(|file| (file.dev(), file.ino()));
        let there = std::fs::metadata(&self.path).map(|file| (file.dev(), file.ino()));
        matches!((ours, there), (Ok(ours), Ok(there)) if ours == there)
    }
}

/// Whether a receiver is alive for this store. Changes nothing, and makes no file.
pub(crate) fn is_alive(store: &Path) -> bool {
    living(store).is_some()
}

/// The receiver that is alive for this store: its process number, as far as it is known.
pub(crate) fn living(store: &Path) -> Option<Option<u32>> {
    let mut file = File::open(lock_of(store)).ok()?;
    // A shared lock, so that two processes that check do not take each other for the receiver.
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => Some(holder(&mut file)),
        _ => None,
    }
}

fn lock_of(store: &Path) -> PathBuf {
    let mut name = store.file_name().unwrap_or_default().to_owned();
    name.push(".listen");
    store.with_file_name(name)
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_is_alive_while_it_holds_its_lock() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = folder.path().join("store.db");
        assert!(!is_alive(&store));
        assert!(!folder.path().join("store.db.listen").exists(), "asking made the file");
        let alive = Alive::take(&store, &Clock::system()).expect("a file").expect("nobody holds it");
        assert!(is_alive(&store) && alive.is_in_place());
        assert_eq!(living(&store), Some(Some(std::process::id())));
        // On a clock of its own, so that nobody waits.
        let clock = crate::clock::testing::standing_at("2026-11-22T05:00:00Z");
        assert_eq!(Alive::take(&store, &clock).expect("a file").expect_err("it is held"), Some(std::process::id()));
        std::fs::remove_file(folder.path().join("store.db.listen")).expect("it was there");
        assert!(!alive.is_in_place() && !is_alive(&store));
        drop(alive);
        let again = Alive::take(&store, &Clock::system()).expect("a file").expect("nobody holds it");
        drop(again);
        assert!(!is_alive(&store));
    }

    #[test]
    fn who_asks_all_the_time_keeps_no_receiver_from_beginning() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = folder.path().join("store.db");
        drop(Alive::take(&store, &Clock::system()).expect("a file").expect("nobody holds it"));
        let is_over = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(std::sync::atomic::Ordering::Relaxed) {
                    is_alive(&store);
                }
            });
            for _ in 0..20 {
                assert!(Alive::take(&store, &Clock::system()).expect("a file").is_ok());
            }
            is_over.store(true, std::sync::atomic::Ordering::Relaxed);
        });
    }
}
