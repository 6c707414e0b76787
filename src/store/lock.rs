//! One run at a time: a lock file beside the store, freed by the kernel when its process ends, however it ends.

use super::place;
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
/// Who only asks whether it is held holds it for a moment.
const ASKED_FOR: Duration = Duration::from_millis(50);

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
    /// Takes the lock of a store, waiting at most `longest_wait`. `Ok(Err(..))`: another run holds it.
    ///
    /// # Errors
    /// Where the lock file cannot be made or written.
    pub(crate) fn take(
        store: &Path,
        command: &str,
        longest_wait: Duration,
        stop: &Stop,
    ) -> anyhow::Result<Result<RunLock, Option<Held>>> {
        let path = lock_of(store);
        let explained =
            |error: std::io::Error| place::no_access(StoreText::CannotLock { path: path.display().to_string() }, error);
        create_private_folder(place::folder_of(store)).map_err(explained)?;
        let mut file = open_private(&path).map_err(explained)?;
        let clock = stop.clock();
        let end = clock.instant() + longest_wait.max(ASKED_FOR);
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if clock.instant() < end => {
                    let pause = if longest_wait.is_zero() { ASKED_FOR / 10 } else { TRY_EVERY };
                    if stop.sleep(pause).is_err() {
                        return Ok(Err(read(&mut file)));
                    }
                }
                Err(TryLockError::WouldBlock) => return Ok(Err(read(&mut file))),
                Err(TryLockError::Error(error)) => return Err(explained(error).into()),
            }
        }
        let held = Held { pid: std::process::id(), command: command.to_owned(), since: clock.now() };
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
