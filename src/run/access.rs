//! Access to the store: where it is, how it is opened, and the lock of those who write to it.

use crate::clock::Clock;
use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::http::Stop;
use crate::message::{Message, RunText};
use crate::store::{Held, LockWait, PathOrigin, RunLock, Store};
use jiff::Timestamp;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A shorter wait is over before its announcement is read.
const SHORTEST_ANNOUNCED: Duration = Duration::from_secs(1);

/// Announcer of a wait for the lock: how long at most, and whose it is.
pub(crate) struct Announce(pub(crate) Box<dyn Fn(&Message)>);

impl std::fmt::Debug for Announce {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Announce")
    }
}

/// Access to the store of a configuration.
#[derive(Debug)]
pub(crate) struct StoreAccess {
    path: PathBuf,
    /// Whether its folder has to be there, even where nothing was synced yet.
    needs_folder: bool,
    /// How long its lock is waited for.
    wait: LockWait,
    stop: Arc<Stop>,
    /// Whom a wait for the lock is announced to.
    announce: Announce,
    /// Whether the store was found sound when the lock was taken, and not opened since.
    is_checked: AtomicBool,
}

/// Store of a run, as the command opened it for the run.
pub(crate) enum RunStore {
    /// The store itself: the run is done for real.
    Kept {
        /// The store.
        store: Store,
        /// What keeps other runs out.
        lock: RunLock,
    },
    /// A copy in memory: the run is a rehearsal.
    Copied {
        /// The copy.
        store: Store,
        /// What keeps other runs out of the store; `None`: there is no store yet.
        lock: Option<RunLock>,
    },
}

impl StoreAccess {
    /// Access to the store that a configuration names. `wait`: how long its lock is waited for.
    ///
    /// Where its place was named its folder has to be there, unless the configuration names one below its own: a wrong path, or a
    /// volume that is not mounted, must not look like a store in which nothing was synced yet.
    pub(crate) fn new(config: &Config, wait: LockWait, stop: Arc<Stop>, announce: Announce) -> StoreAccess {
        let path = config.store.path.clone();
        let is_beside = config.file.parent().is_some_and(|folder| path.starts_with(crate::store::locate(folder)));
        let needs_folder = match config.store.origin {
            None => false,
            Some(PathOrigin::Configuration(_)) => !is_beside,
            Some(PathOrigin::Flag | PathOrigin::Variable(_)) => true,
        };
        StoreAccess { path, needs_folder, wait, stop, announce, is_checked: AtomicBool::new(false) }
    }

    /// Whether there is anything in it.
    pub(crate) fn exists(&self) -> bool {
        std::fs::metadata(&self.path).is_ok_and(|file| file.len() > 0)
    }

    /// Opens the store for reading.
    ///
    /// # Errors
    /// Where its folder has to be there and is not; where it is no store of ours, or cannot be read.
    pub(crate) fn open_to_read(&self) -> anyhow::Result<Store> {
        if self.needs_folder {
            crate::store::require_folder(&self.path)?;
        }
        Store::open_to_read(&self.path)
    }

    /// Opens the store for writing, and makes it where there is none.
    ///
    /// # Errors
    /// Where it is no store of ours, or cannot be written to.
    pub(crate) fn open(&self) -> anyhow::Result<Store> {
        match self.is_checked.swap(false, Ordering::Relaxed) {
            true => Store::open_checked(&self.path, self.stop.clock()),
            false => Store::open(&self.path, self.stop.clock()),
        }
    }

    /// The store for a run that is done for real.
    ///
    /// # Errors
    /// Where another run is at work, or it is no store of ours, or cannot be written to.
    pub(crate) fn open_for_run(&self, command: &str) -> anyhow::Result<RunStore> {
        let lock = self.lock(command)?;
        Ok(RunStore::Kept { store: self.open()?, lock })
    }

    /// The same, waited for until no other run is at work.
    ///
    /// # Errors
    /// Where it is no store of ours, or cannot be written to, or a signal came.
    pub(crate) fn open_for_run_when_free(&self, command: &str) -> anyhow::Result<RunStore> {
        let lock = self.lock_when_free(command)?;
        Ok(RunStore::Kept { store: self.open()?, lock })
    }

    /// The store for a run that is rehearsed: a copy in memory, or an empty store where nothing was synced yet.
    ///
    /// # Errors
    /// Where another run is at work, or the store cannot be read.
    pub(crate) fn open_to_rehearse(&self, command: &str) -> anyhow::Result<RunStore> {
        if !self.exists() {
            return Ok(RunStore::Copied { store: Store::in_memory()?, lock: None });
        }
        let lock = Some(self.lock(command)?);
        Ok(RunStore::Copied { store: self.open_to_read()?.copy_in_memory()?, lock })
    }

    /// Takes the lock, waited for as long as `--wait` says.
    ///
    /// # Errors
    /// Where another run holds it, the store is none of ours, or a signal came.
    pub(crate) fn lock(&self, command: &str) -> anyhow::Result<RunLock> {
        self.lock_within(command, self.wait)
    }

    /// Takes the lock, waited for until it is free.
    ///
    /// # Errors
    /// Where the store is none of ours, or a signal came.
    pub(crate) fn lock_when_free(&self, command: &str) -> anyhow::Result<RunLock> {
        self.lock_within(command, LockWait::UntilFree)
    }

    fn lock_within(&self, command: &str, wait: LockWait) -> anyhow::Result<RunLock> {
        // What is no store of ours is left as it is: not even a lock file is made beside it.
        crate::store::check(&self.path)?;
        self.is_checked.store(true, Ordering::Relaxed);
        // Who waits until it is free serves, and says so itself.
        if let LockWait::AtMost(most) = wait
            && most >= SHORTEST_ANNOUNCED
            && let Some(held) = RunLock::holder(&self.path)
        {
            let seconds = most.as_secs();
            let since = local_time(held.since, self.stop.clock());
            let (pid, command) = (held.pid.to_string(), held.command);
            let text = RunText::WaitingForLock { pid, command, since, seconds };
            (self.announce.0)(&text.into());
        }
        match RunLock::take(&self.path, command, wait, &self.stop)? {
            Ok(lock) => Ok(lock),
            Err(_) if self.stop.reason().is_some_and(|reason| reason.exit() != Exit::Budget) => {
                let exit = self.stop.reason().map_or(Exit::Interrupted, |reason| reason.exit());
                Err(Failure::new(exit, RunText::StoppedBySignal {}).into())
            }
            Err(held) => {
                let what = lock_held(held, self.stop.clock());
                Err(Failure::new(Exit::Locked, what).help(RunText::WaitForLock {}).into())
            }
        }
    }

    /// Says of an error of the store's which store it is.
    pub(crate) fn explained(&self, error: anyhow::Error) -> anyhow::Error {
        crate::store::explained(&self.path, error)
    }
}

fn lock_held(held: Option<Held>, clock: &Clock) -> RunText {
    let Some(held) = held else { return RunText::LockHeldBySomeone {} };
    RunText::LockHeld { pid: held.pid.to_string(), command: held.command, since: local_time(held.since, clock) }
}

/// A time as people read it here; its day only where that is not today.
fn local_time(at: Timestamp, clock: &Clock) -> String {
    let here = clock.here();
    let at = at.to_zoned(here.time_zone().clone());
    let is_today = at.date() == here.date();
    at.strftime(if is_today { "%H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" }).to_string()
}
