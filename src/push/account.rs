//! Account of a board: whether the store accounts for all of its items, and which keys are known not to stand on it.

use std::collections::HashSet;
use std::time::Duration;

/// How often a board whose readings are not whole is read, or asked, before it is left alone for this run.
const MOST_READINGS: u32 = 3;
/// How often it is waited for items that were made a moment ago: more of them come from somebody who is still at it.
const MOST_WAITS_FOR_NEW: u32 = 3;

/// Account of the items of a board in this run.
#[derive(Debug, Default)]
pub(crate) struct Account {
    is_accounted: Option<bool>,
    absent: HashSet<i64>,
    /// How many readings were not whole.
    not_whole: u32,
    /// Items that were there before it was waited.
    old: HashSet<String>,
    waits: u32,
}

impl Account {
    /// Whether the store accounts for all items of the board, or has read all of them; `None`: it was not compared yet.
    pub(crate) fn is_accounted(&self) -> Option<bool> {
        self.is_accounted
    }

    /// Notes whether the store accounts for all items.
    pub(crate) fn set_accounted(&mut self, is_accounted: bool) {
        self.is_accounted = Some(is_accounted);
    }

    /// Whether the key of an entity is known not to stand on the board.
    pub(crate) fn is_absent(&self, entity: i64) -> bool {
        self.absent.contains(&entity)
    }

    /// The keys of these entities do not stand on the board, or are theirs now.
    pub(crate) fn note_absent(&mut self, entities: impl IntoIterator<Item = i64>) {
        self.absent.extend(entities);
    }

    /// A reading was not whole. Returns how long to wait before the next: soon, then after `settle`; `None`: there is none.
    pub(crate) fn pause_after_reading(&mut self, soon: Duration, settle: Duration) -> Option<Duration> {
        self.not_whole += 1;
        match self.not_whole {
            1 => Some(soon),
            2..MOST_READINGS => Some(settle),
            _ => None,
        }
    }

    /// Whether it may be waited once more for items that are not visible yet.
    pub(crate) fn may_wait_for_new(&self) -> bool {
        self.waits < MOST_WAITS_FOR_NEW
    }

    /// Whether an item was there before it was waited.
    pub(crate) fn is_old(&self, item: &str) -> bool {
        self.old.contains(item)
    }

    /// It is waited for others than these items.
    pub(crate) fn wait_for_others(&mut self, items: impl IntoIterator<Item = String>) {
        self.waits += 1;
        self.old.extend(items);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_board_that_is_never_whole_is_left_alone_after_three_readings() {
        let (soon, settle) = (Duration::from_millis(5), Duration::from_secs(60));
        let mut account = Account::default();
        let pauses: Vec<_> = (0..4).map(|_| account.pause_after_reading(soon, settle)).collect();
        assert_eq!(pauses, [Some(soon), Some(settle), None, None]);
    }

    #[test]
    fn it_is_waited_for_new_items_three_times_and_each_is_new_once() {
        let mut account = Account::default();
        for wait in 0..3 {
            assert!(account.may_wait_for_new() && !account.is_old(&wait.to_string()), "{wait}");
            account.wait_for_others([wait.to_string()]);
            assert!(account.is_old(&wait.to_string()));
        }
        assert!(!account.may_wait_for_new());
    }
}
