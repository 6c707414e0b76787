//! One run at a time: a lock file beside the store, freed by the kernel when its process ends, however it ends.

use super::{create_private_folder, open_private};
use crate::http::{Stop, StopReason};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// How often a held lock is tried again.
const TRY_EVERY: Duration = Duration::from_millis(100);

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
        let mut name = store.file_name().unwrap_or_default().to_owned();
        name.push(".lock");
        let mut file = open_private(&folder.join(name))?;
        let end = Instant::now() + patience;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if Instant::now() < end => {
                    if let Err(StopReason::Interrupted | StopReason::Terminated) = stop.sleep(TRY_EVERY) {
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

fn read(file: &mut File) -> Option<Held> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}
