//! Estimate of a first load: calls and time, by the sizes that a push's calls have. Pure.

use crate::entity::Kind;
use crate::monday::document::ITEMS_PER_PAGE;
use crate::push::health::{FIRST_BATCH, call_sizes};
use crate::push::writer::{Price, price_of_batches};
use std::num::NonZeroU64;

/// Items that a board holds unless the account's plan allows more. Source: monday's help on boards.
pub(crate) const USUAL_LIMIT: u64 = 10_000;
/// Items that monday makes in a second at most, whatever the calls hold: 10 million points a minute, 10,000 an item.
const ITEMS_PER_SECOND: u64 = 16;

/// Load of one board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BoardLoad {
    /// The kind.
    pub(crate) kind: Kind,
    /// Items to be made.
    pub(crate) items: u64,
    /// Items that are there already.
    pub(crate) present: u64,
    /// Most items that the board may hold.
    pub(crate) limit: u64,
}

impl BoardLoad {
    /// Whether more items would be on the board than it may hold.
    pub(crate) fn passes_limit(&self) -> bool {
        self.items + self.present > self.limit
    }
}

/// First load of boards: what it takes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FirstLoad {
    /// Items to be made.
    pub(crate) items: u64,
    /// Calls and time.
    pub(crate) price: Price,
    /// Most calls that may be spent in a day; `None`: no limit is known.
    pub(crate) most_a_day: Option<u64>,
    /// In how many days they are spent, where that is more than one.
    pub(crate) days: Option<u64>,
    /// The boards that would hold more than they may.
    pub(crate) too_full: Vec<BoardLoad>,
}

impl FirstLoad {
    /// The first load of these boards. `allowance`: calls that the account may spend in a day; `cap`: those that the configuration
    /// lets the program spend, where there is a cap.
    pub(crate) fn of(loads: &[BoardLoad], allowance: Option<u64>, cap: Option<NonZeroU64>) -> FirstLoad {
        let price = first_load(loads);
        let most_a_day = [allowance, cap.map(NonZeroU64::get)].into_iter().flatten().min();
        FirstLoad {
            items: loads.iter().map(|load| load.items).sum(),
            price,
            most_a_day,
            days: days(price.calls, most_a_day),
            too_full: loads.iter().filter(|load| load.passes_limit()).copied().collect(),
        }
    }
}

/// What a first load of these boards costs. What stands on a board is read before anything is made.
fn first_load(loads: &[BoardLoad]) -> Price {
    let lanes = loads.iter().map(|load| call_sizes(load.items, FIRST_BATCH)).collect::<Vec<_>>();
    let questions = loads
        .iter()
        .filter(|load| load.items > 0)
        .map(|load| load.present.div_ceil(ITEMS_PER_PAGE as u64))
        .sum::<u64>();
    let price = price_of_batches(&lanes, questions + u64::from(!loads.is_empty()));
    let by_points = loads.iter().map(|load| load.items).sum::<u64>() / ITEMS_PER_SECOND;
    Price { seconds: price.seconds.max(by_points), ..price }
}

/// In how many days so many calls are spent, at most `most` a day; `None`: within one.
fn days(calls: u64, most: Option<u64>) -> Option<u64> {
    let most = most.filter(|&most| most > 0)?;
    (calls > most).then(|| calls.div_ceil(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(items: u64, present: u64) -> BoardLoad {
        BoardLoad { kind: Kind::UNIT, items, present, limit: USUAL_LIMIT }
    }

    #[test]
    fn calls_grow_as_those_of_a_push_do() {
        assert_eq!(call_sizes(0, FIRST_BATCH), Vec::<usize>::new());
        assert_eq!(call_sizes(10, FIRST_BATCH), [10]);
        assert_eq!(call_sizes(300, FIRST_BATCH), [25, 38, 57, 86, 94]);
        assert_eq!(call_sizes(500, FIRST_BATCH), [25, 38, 57, 86, 130, 130, 34]);
    }

    #[test]
    fn a_first_load_costs_its_calls_and_what_is_asked_before() {
        assert_eq!(first_load(&[]), Price::default());
        // One question for the boards, one for the items of one that has some.
        assert_eq!(first_load(&[load(10, 0), load(10, 1)]).calls, 1 + 1 + 2);
        assert_eq!(first_load(&[load(10, 1_200)]).calls, 1 + 3 + 1);
        assert!(first_load(&[load(16_000, 0)]).seconds >= 1_000);
    }

    #[test]
    fn a_board_has_a_limit_and_a_day_an_allowance() {
        assert!(load(9_000, 1_001).passes_limit() && !load(9_000, 1_000).passes_limit());
        let load = FirstLoad::of(&[load(500, 9_900)], Some(200), NonZeroU64::new(5));
        assert_eq!((load.items, load.most_a_day, load.days, load.too_full.len()), (500, Some(5), Some(6), 1));
        assert_eq!(
            (days(200, Some(200)), days(201, Some(200)), days(9, None), days(9, Some(0))),
            (None, Some(2), None, None)
        );
    }
}
