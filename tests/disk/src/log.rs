//! What was written to a file, and what of it is safe.

use std::path::Path;

/// Log of a file: what it held when it was last synced, and what was done to it since.
#[derive(Debug, Default)]
pub(crate) struct FileLog {
    durable: Vec<u8>,
    since: Vec<Change>,
}

#[derive(Debug)]
enum Change {
    Write(usize, Vec<u8>),
    Truncate(usize),
}

impl FileLog {
    /// A file that lies there.
    pub(crate) fn of(path: &Path) -> FileLog {
        FileLog { durable: std::fs::read(path).unwrap_or_default(), since: Vec::new() }
    }

    pub(crate) fn write(&mut self, at: usize, bytes: &[u8]) {
        self.since.push(Change::Write(at, bytes.to_vec()));
    }

    pub(crate) fn truncate(&mut self, size: usize) {
        self.since.push(Change::Truncate(size));
    }

    pub(crate) fn sync(&mut self) {
        for change in std::mem::take(&mut self.since) {
            change.apply(&mut self.durable);
        }
    }

    pub(crate) fn after_power_cut(&self, dice: &mut dyn FnMut(u64) -> u64) -> Vec<u8> {
        let mut bytes = self.durable.clone();
        let count = self.since.len() as u64;
        // Nothing of it, all up to some place, or any of it.
        let (way, place) = (dice(3), dice(count + 1));
        for (index, change) in (0..).zip(&self.since) {
            match way {
                0 => {}
                1 if index < place => change.apply(&mut bytes),
                1 if index == place => change.half().apply(&mut bytes),
                2 if dice(2) == 0 => change.apply(&mut bytes),
                _ => {}
            }
        }
        bytes
    }
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Change::Truncate(size) => bytes.truncate(*size),
            Change::Write(at, written) => {
                let end = at + written.len();
                bytes.resize(bytes.len().max(end), 0);
                bytes[*at..end].copy_from_slice(written);
            }
        }
    }

    /// A write that was torn.
    fn half(&self) -> Change {
        match self {
            Change::Truncate(size) => Change::Truncate(*size),
            Change::Write(at, written) => Change::Write(*at, written[..written.len() / 2].to_vec()),
        }
    }
}
