//! One run at a time: a lock file beside the store, freed by the kernel when its process ends, however it ends.

use super::place;
use crate::host::process_number;
use crate::http::Stop;
use crate::message::StoreText;
use crate::private_files::{create_private_folder, open_private};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often a held lock is retried.
const TRY_EVERY: Duration = Duration::from_millis(100);
/// How long a held lock is retried at least: a process that only asks whether a run holds it (`is_held`) holds it itself for a
/// moment, and must not be taken for a run.
const SHORTEST_WAIT: Duration = Duration::from_millis(50);

/// Wait for the lock of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LockWait {
    /// Until it is free.
    UntilFree,
    /// So long, and no longer.
    AtMost(Duration),
}

impl LockWait {
    /// How long until the lock is tried again, where it was tried for so long already; `None`: not any more.
    fn next_pause(self, waited: Duration) -> Option<Duration> {
        let longest = match self {
            LockWait::UntilFree => return Some(TRY_EVERY),
            LockWait::AtMost(longest) => longest,
        };
        let pause = if longest.is_zero() { SHORTEST_WAIT / 10 } else { TRY_EVERY };
        (waited < longest.max(SHORTEST_WAIT)).then_some(pause)
    }
}

/// Lock of a run, held until dropped.
#[derive(Debug)]
pub(crate) struct RunLock {
    _file: File,
}

/// Holder of the lock.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Held {
    /// Its process.
    pub(crate) pid: u32,
    /// Its subcommand.
    pub(crate) command: String,
    /// Since when.
    pub(crate) since: Timestamp,
}

impl RunLock {
    /// Takes the lock of a store, waiting for it as `wait` says. `Ok(Err(..))`: another run holds it.
    ///
    /// # Errors
    /// Where the lock file cannot be made or written.
    pub(crate) fn take(
        store: &Path,
        command: &str,
        wait: LockWait,
        stop: &Stop,
    ) -> anyhow::Result<Result<RunLock, Option<Held>>> {
        let path = lock_of(store);
        let explained =
            |error: std::io::Error| place::no_access(StoreText::CannotLock { path: path.display().to_string() }, error);
        create_private_folder(place::folder_of(store)).map_err(explained)?;
        let mut file = open_private(&path).map_err(explained)?;
        let clock = stop.clock();
        let began = clock.instant();
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) => {
                    let pause = wait.next_pause(clock.since(began));
                    if pause.is_none_or(|pause| stop.sleep(pause).is_err()) {
                        return Ok(Err(read(&mut file)));
                    }
                }
                Err(TryLockError::Error(error)) => return Err(explained(error).into()),
            }
        }
        let held = Held { pid: process_number(), command: command.to_owned(), since: clock.now() };
        let text = serde_json::to_vec(&held)?;
        file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(&text)).map_err(explained)?;
        Ok(Ok(RunLock { _file: file }))
    }
}

impl RunLock {
    /// Who holds the lock of a store, where a run does and says who it is. Changes nothing, and makes no file.
    pub(crate) fn holder(store: &Path) -> Option<Held> {
        if !RunLock::is_held(store) {
            return None;
        }
        read(&mut File::open(lock_of(store)).ok()?)
    }

    /// Whether a run holds the lock of a store. Changes nothing, and makes no file.
    pub(crate) fn is_held(store: &Path) -> bool {
        let file = File::open(lock_of(store));
        // Shared, so that two who ask do not take each other for a run.
        file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }
}

fn lock_of(store: &Path) -> PathBuf {
    place::beside(store, ".lock")
}

fn read(file: &mut File) -> Option<Held> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_tried_again_for_as_long_as_is_waited_for_it_and_for_a_moment_at_least() {
        let [at_once, for_a_minute] = [0, 60].map(|seconds| LockWait::AtMost(Duration::from_secs(seconds)));
        let year = Duration::from_secs(366 * 86_400);
        assert_eq!(LockWait::UntilFree.next_pause(year), Some(TRY_EVERY));
        assert_eq!(for_a_minute.next_pause(Duration::from_secs(59)), Some(TRY_EVERY));
        assert_eq!(for_a_minute.next_pause(Duration::from_secs(60)), None);
        let pause = at_once.next_pause(Duration::ZERO).expect("a moment");
        assert!(pause < SHORTEST_WAIT && at_once.next_pause(SHORTEST_WAIT).is_none(), "{pause:?}");
    }
}
