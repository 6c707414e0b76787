//! What a whole read of a set brings besides its pages.

use crate::message::HapiText;
use std::collections::BTreeSet;

/// Note about a set, which people should know, though it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note(pub HapiText);

/// Record that HApi cannot deliver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undeliverable {
    /// Its key, where HApi gave at least that.
    pub(crate) key: Option<String>,
    /// The numeric keys that it lies between, both excluded; `None`: there is none on that side, or keys are no numbers.
    pub(crate) between: (Option<i64>, Option<i64>),
    /// What came instead.
    pub why: HapiText,
}

/// Result of a whole read, besides its pages.
#[derive(Debug, Default)]
pub struct SetRead {
    /// What people should know.
    pub notes: Vec<Note>,
    /// What was stepped over.
    pub undeliverable: Vec<Undeliverable>,
    /// The properties that at least one record carries.
    pub(crate) property_names: BTreeSet<String>,
    /// The properties that were asked for by name in the end; empty: all.
    pub(crate) selected: Vec<String>,
    /// Records received.
    pub(crate) received: u64,
    /// The page size that it had come to, in records.
    pub(crate) page_size: u32,
}

impl SetRead {
    /// Takes in what another part of the same set brought.
    pub(super) fn merge(&mut self, other: SetRead) {
        let is_first = self.received == 0 && self.property_names.is_empty();
        self.selected = match (is_first, self.selected.is_empty() || other.selected.is_empty()) {
            (true, _) => other.selected,
            // One of them asked for all.
            (false, true) => Vec::new(),
            (false, false) => self.selected.drain(..).filter(|one| other.selected.contains(one)).collect(),
        };
        for note in other.notes {
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
        self.undeliverable.extend(other.undeliverable);
        self.property_names.extend(other.property_names);
        self.received += other.received;
        self.page_size = self.page_size.max(other.page_size);
    }
}
