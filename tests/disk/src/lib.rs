//! The disk under SQLite, as tests want it: it fills up, and a power cut takes what was not synced.
//!
//! A layer over SQLite's usual way to files. What is written in a folder that is watched is noted until SQLite syncs the file; a
//! power cut keeps any part of what was noted since, in any order of the disk's choice, torn where the disk pleases. Other
//! folders are left alone.

mod log;
mod vfs;

use log::FileLog;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

static WATCHED: LazyLock<Mutex<HashMap<PathBuf, Shared>>> = LazyLock::new(Mutex::default);

type Shared = Arc<Mutex<State>>;

/// What is known of the files of a folder.
#[derive(Debug, Default)]
struct State {
    /// How many writes there is room for; none: any number.
    room: Option<u64>,
    files: HashMap<PathBuf, FileLog>,
    /// How often there was no room.
    refused: u64,
}

/// Disk under a folder. It is watched until this is dropped.
#[derive(Debug)]
pub struct Disk {
    folder: PathBuf,
    state: Shared,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn watched(file: &Path) -> Option<Shared> {
    lock(&WATCHED).get(file.parent()?).cloned()
}

impl Disk {
    /// Watches a folder, whose path is canonical. Connections that are open already are not seen.
    pub fn under(folder: &Path) -> Disk {
        vfs::install();
        let state = Shared::default();
        lock(&WATCHED).insert(folder.to_owned(), state.clone());
        Disk { folder: folder.to_owned(), state }
    }

    /// After so many writes the disk is full; `None`: it has room again.
    pub fn fill_after(&self, writes: Option<u64>) {
        lock(&self.state).room = writes;
    }

    /// How many writes found no room since the last call.
    pub fn take_refused(&self) -> u64 {
        std::mem::take(&mut lock(&self.state).refused)
    }

    /// What a file holds after a power cut now: what was synced, and of what was written since whatever `dice` lets stand, which
    /// is asked for numbers below a limit. `None`: nothing was written there.
    pub fn after_power_cut(&self, file: &Path, dice: &mut dyn FnMut(u64) -> u64) -> Option<Vec<u8>> {
        lock(&self.state).files.get(file).map(|log| log.after_power_cut(dice))
    }

    /// Forgets what was noted of the files, where others took their places.
    pub fn forget(&self) {
        lock(&self.state).files.clear();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        lock(&WATCHED).remove(&self.folder);
    }
}
