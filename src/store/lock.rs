//! One run at a time: a lock file beside the store, freed by the kernel when its process ends, however it ends.

use super::{create_private_folder, open_private};
use crate::http::{Stop, StopReason};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How often a held lock is tried again.
const TRY_EVERY: Duration = Duration::from_millis(100);
/// Who only asks whether it is held holds it for a moment.
const ASKED_FOR: Duration = Duration::from_millis(50);

/// The lock, held until dropped.
#[derive(Debug)]
pub struct RunLock {
    _file: File,
}

/// Who holds the lock.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Held {
    /// Its process.
    pub pid: u32,
    /// Its subcommand.
    pub command: String,
    /// Since when.
    pub since: Timestamp,
}

impl RunLock {
    /// Takes the lock of a store, waiting at most `patience`. `Ok(Err(..))`: another run holds it.
    pub fn take(
        store: &Path,
        command: &str,
        patience: Duration,
        stop: &Stop,
    ) -> anyhow::Result<Result<RunLock, Option<Held>>> {
        let folder = store.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        create_private_folder(folder)?;
        let mut file = open_private(&lock_of(store))?;
        let end = Instant::now() + patience.max(ASKED_FOR);
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if Instant::now() < end => {
                    let pause = if patience.is_zero() { ASKED_FOR / 10 } else { TRY_EVERY };
                    if let Err(StopReason::Interrupted | StopReason::Terminated) = stop.sleep(pause) {
                        return Ok(Err(read(&mut file)));
                    }
                }
                Err(TryLockError::WouldBlock) => return Ok(Err(read(&mut file))),
                Err(TryLockError::Error(error)) => return Err(error.into()),
            }
        }
        let held = Held { pid: std::process::id(), command: command.to_owned(), since: Timestamp::now() };
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(&serde_json::to_vec(&held)?)?;
        Ok(Ok(RunLock { _file: file }))
    }
}

impl RunLock {
    /// Whether a run holds the lock of a store. Changes nothing, and makes no file.
    pub fn is_held(store: &Path) -> bool {
        let file = File::open(lock_of(store));
        // Shared, so that two who ask do not take each other for a run.
        file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }
}

fn lock_of(store: &Path) -> PathBuf {
    let mut name = store.file_name().unwrap_or_default().to_owned();
    name.push(".lock");
    store.with_file_name(name)
}

fn read(file: &mut File) -> Option<Held> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}
