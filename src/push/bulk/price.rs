//! Price of the two routes for the new items of a board: calls, and the time they take. Pure.

use crate::monday::document::ITEMS_PER_PAGE;
use crate::push::health::call_sizes;
use crate::push::planner::KEYS_PER_LOOKUP;
use std::time::Duration;

/// Time that a call takes monday, whatever it holds.
pub(crate) const EACH_CALL: Duration = Duration::from_millis(500);
/// Time that each change in a call takes monday.
pub(crate) const EACH_CHANGE: Duration = Duration::from_millis(100);
/// Calls with which monday is asked how an import of usual length is getting on.
const USUAL_POLLS: u64 = 3;
/// How long an import is taken to last. monday does not say in advance.
const USUAL_IMPORT: Duration = Duration::from_secs(60);

/// Route by which new items are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PricedRoute {
    /// Many mutations in one call.
    Mutations,
    /// An import, and mutations for what no file can hold.
    Bulk,
}

/// Cost of a route.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Cost {
    /// Calls to monday.
    pub(crate) calls: u64,
    /// How long it takes.
    pub(crate) takes: Duration,
}

/// Load of a board: the new items of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Load {
    /// How many there are.
    pub(crate) rows: usize,
    /// How many of them have values that no file can hold.
    pub(crate) completions: u64,
    /// How many items the board has already.
    pub(crate) on_board: u64,
    /// How many changes the first call by mutations may hold.
    pub(crate) first_call: usize,
}

impl Load {
    /// Whether an import takes fewer calls.
    pub(crate) fn prefers_bulk(self) -> bool {
        self.price(PricedRoute::Bulk).calls < self.price(PricedRoute::Mutations).calls
    }

    /// What a route costs.
    pub(crate) fn price(self, route: PricedRoute) -> Cost {
        match route {
            PricedRoute::Mutations => by_mutations(self.rows as u64, self.first_call),
            PricedRoute::Bulk => {
                let import = self.import();
                let rest = by_mutations(self.completions, self.first_call);
                Cost { calls: import.calls + rest.calls, takes: import.takes + rest.takes }
            }
        }
    }

    /// The import alone: its start, the questions, and the reading of the board by which its items are known.
    pub(crate) fn import(self) -> Cost {
        let calls = 1 + USUAL_POLLS + reading_calls(self.on_board, self.rows as u64);
        Cost { calls, takes: USUAL_IMPORT + EACH_CALL * u32::try_from(calls).unwrap_or(u32::MAX) }
    }
}

/// Calls by which new items are found on a board that has others: whole, or by their keys.
fn reading_calls(on_board: u64, new: u64) -> u64 {
    let pages = (on_board + new).div_ceil(ITEMS_PER_PAGE as u64);
    pages.min(new.div_ceil(KEYS_PER_LOOKUP as u64)).max(1)
}

/// Whether a board is read whole for its new items, rather than asked for their keys.
pub(crate) fn is_read_whole(on_board: u64, new: u64) -> bool {
    (on_board + new).div_ceil(ITEMS_PER_PAGE as u64) <= new.div_ceil(KEYS_PER_LOOKUP as u64)
}

fn by_mutations(changes: u64, first_call: usize) -> Cost {
    let calls = call_sizes(changes, first_call).len() as u64;
    let count = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    Cost { calls, takes: EACH_CALL * count(calls) + EACH_CHANGE * count(changes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(rows: usize, completions: u64, on_board: u64) -> Load {
        Load { rows, completions, on_board, first_call: 25 }
    }

    fn calls(load: Load) -> (u64, u64) {
        (load.price(PricedRoute::Mutations).calls, load.price(PricedRoute::Bulk).calls)
    }

    #[test]
    fn an_import_pays_once_there_are_some_hundreds() {
        assert_eq!(calls(load(100, 0, 0)), (3, 5));
        assert_eq!(calls(load(1_250, 0, 0)), (13, 7));
        assert_eq!(calls(load(10_000, 0, 0)), (80, 24));
        assert!(!load(100, 0, 0).prefers_bulk() && load(1_250, 0, 0).prefers_bulk());
    }

    #[test]
    fn what_no_file_can_hold_is_paid_for_as_well() {
        assert!(!load(1_250, 1_250, 0).prefers_bulk(), "each would be changed once more");
        assert!(load(1_250, 100, 0).prefers_bulk());
    }

    #[test]
    fn new_items_are_found_in_the_cheaper_way() {
        assert!(is_read_whole(0, 500) && !is_read_whole(9_000, 500));
        assert_eq!(load(500, 0, 9_000).import().calls, 1 + 3 + 5);
        assert_eq!(load(500, 0, 0).import().calls, 1 + 3 + 1);
    }
}
