//! Which channels were notified that the store cannot be used: a file beside it, since the store itself can keep nothing then.

use super::connection::Store;
use super::notices::{Channel, NotifiedState};
use super::place;
use crate::message::StoreText;
use crate::private_files::open_private;
use crate::word::Word;
use jiff::Timestamp;
use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};

/// List of the channels that were notified that a store cannot be used, held by who sends the notices.
#[derive(Debug)]
pub(crate) struct NotifiedBeside {
    path: PathBuf,
    /// Locked as long as it is open: one process sends notices at a time.
    file: File,
    notified: Vec<Channel>,
}

impl NotifiedBeside {
    /// Takes the list of a store; `None`: another process is sending notices.
    ///
    /// # Errors
    /// Where nothing can be kept beside the store.
    pub(crate) fn take(store: &Path) -> anyhow::Result<Option<NotifiedBeside>> {
        let path = path_of(store);
        let mut file = open_private(&path).map_err(|error| explained(&path, error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(explained(&path, error)),
        }
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(|error| explained(&path, error))?;
        Ok(Some(NotifiedBeside { notified: channels(&text), path, file }))
    }

    /// Whether a channel was notified.
    pub(crate) fn holds(&self, channel: Channel) -> bool {
        self.notified.contains(&channel)
    }

    /// Keeps that a channel was notified.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(crate) fn keep(&mut self, channel: Channel) -> anyhow::Result<()> {
        self.notified.push(channel);
        let words: String = self.notified.iter().map(|channel| format!("{}\n", channel.word())).collect();
        let mut write = || -> std::io::Result<()> {
            self.file.set_len(0)?;
            self.file.rewind()?;
            self.file.write_all(words.as_bytes())?;
            self.file.sync_all()
        };
        write().map_err(|error| explained(&self.path, error))
    }
}

impl Store {
    /// Takes over which channels were notified, while this store could not be used, that something is bad.
    ///
    /// # Errors
    /// Where the list cannot be read or removed, or the store not be written.
    pub(crate) fn take_over_notified(&mut self, path: &Path, now: Timestamp) -> anyhow::Result<()> {
        let path = path_of(path);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(explained(&path, error)),
        };
        for channel in channels(&text) {
            self.write(|tx| tx.was_notified(channel, NotifiedState::Critical, now))?;
        }
        std::fs::remove_file(&path).map_err(|error| explained(&path, error))
    }
}

fn path_of(store: &Path) -> PathBuf {
    place::beside(store, ".notified")
}

/// The channels of a list. A line that names no channel is left out.
fn channels(text: &str) -> Vec<Channel> {
    text.lines().filter_map(|line| Channel::parse(line.trim())).collect()
}

fn explained(path: &Path, error: std::io::Error) -> anyhow::Error {
    place::no_access(StoreText::CannotKeepBeside { path: path.display().to_string() }, error).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_was_notified_while_the_store_could_not_be_used_is_known_to_it_afterwards() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("store.db");
        let now = "2026-11-22T05:00:00Z".parse().expect("a time");
        let mut notified = NotifiedBeside::take(&path).expect("a list").expect("nobody else is notifying");
        assert!(NotifiedBeside::take(&path).expect("a list").is_none(), "one at a time");
        assert!(!notified.holds(Channel::Url));
        notified.keep(Channel::Url).expect("kept");
        drop(notified);
        let again = NotifiedBeside::take(&path).expect("a list").expect("nobody else is notifying");
        assert!(again.holds(Channel::Url) && !again.holds(Channel::Command));
        let mode = std::fs::metadata(path_of(&path)).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        drop(again);
        let mut store = Store::in_memory().expect("a store");
        store.take_over_notified(&path, now).expect("taken over");
        assert!(!path_of(&path).exists());
        let mut claims = |channel, state| store.write(|tx| tx.claim_notice(channel, state, now)).expect("readable");
        assert!(!claims(Channel::Url, NotifiedState::Critical), "it was notified of that");
        assert!(claims(Channel::Url, NotifiedState::Good) && claims(Channel::Command, NotifiedState::Bad));
        store.take_over_notified(&path, now).expect("nothing is there");
    }
}
