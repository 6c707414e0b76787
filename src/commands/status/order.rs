//! Order of a list of entities.

use crate::entity::Kind;
use crate::store::{State, StateRow};
use crate::text::caseless;
use clap::ValueEnum;

/// Order of a list, where one is asked for; else entities stand kind by kind as the store holds them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListOrder {
    /// By name, without case
    Name,
    /// By kind and key, numbers as numbers
    Key,
    /// The worst state first
    State,
    /// Longest not read from Hopem first
    Pulled,
    /// Longest not written to monday first, those never written before all
    Pushed,
}

impl ListOrder {
    /// Puts rows in this order; those that are equal in it, by kind and key.
    pub(super) fn sort(self, rows: &mut [StateRow]) {
        match self {
            ListOrder::Name => rows.sort_by_cached_key(|row| (caseless(&row.name), Place::of(row))),
            ListOrder::Key => rows.sort_by_cached_key(Place::of),
            ListOrder::State => rows.sort_by_cached_key(|row| (rank(row.state), Place::of(row))),
            ListOrder::Pulled => rows.sort_by_cached_key(|row| (row.received_at, Place::of(row))),
            ListOrder::Pushed => rows.sort_by_cached_key(|row| (row.pushed_at, Place::of(row))),
        }
    }
}

/// Place of an entity among all: its kind in the order of pushes, and its key.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    kind: Kind,
    key: Vec<Part>,
}

impl Place {
    fn of(row: &StateRow) -> Place {
        Place { kind: row.entity.kind, key: row.entity.key.split('-').map(Part::of).collect() }
    }
}

/// Part of a key: numbers go before texts, and by their size.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Number(u64),
    Text(String),
}

impl Part {
    fn of(text: &str) -> Part {
        text.parse().map_or_else(|_| Part::Text(text.to_owned()), Part::Number)
    }
}

/// How bad a state is: 0 is the worst.
fn rank(state: State) -> u8 {
    match state {
        State::Error => 0,
        State::Pending => 1,
        State::Paused => 2,
        State::Unlinked => 3,
        State::Off => 4,
        State::Synced => 5,
        State::Deleted => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::EntityKey;
    use crate::store::EntityRow;

    fn row(entity: &str, name: &str, state: State, pushed_at: Option<i64>) -> StateRow {
        let entity: EntityKey = entity.parse().expect("an entity");
        let at = |second: i64| jiff::Timestamp::from_second(second).expect("a time");
        StateRow {
            entity: EntityRow { id: 1, kind: entity.kind, key: entity.key, board: None, item_id: None },
            name: name.to_owned(),
            state,
            received_at: at(pushed_at.unwrap_or(50)),
            pushed_at: pushed_at.map(at),
        }
    }

    #[test]
    fn rows_stand_in_the_order_that_is_asked_for() {
        let rows = [
            row("unit:102", "émond", State::Synced, Some(20)),
            row("unit:9", "Zoé", State::Error, None),
            row("company:3-10", "Roy", State::Paused, Some(30)),
            row("company:3-9", "roy", State::Pending, Some(10)),
            row("unit:A1", "Abel", State::Deleted, Some(40)),
        ];
        let sorted = |order: ListOrder| {
            let mut rows = rows.clone();
            order.sort(&mut rows);
            rows.map(|row| row.entity.entity_key().to_string()).join(" ")
        };
        assert_eq!(sorted(ListOrder::Key), "company:3-9 company:3-10 unit:9 unit:102 unit:A1");
        assert_eq!(sorted(ListOrder::Name), "unit:A1 company:3-9 company:3-10 unit:9 unit:102");
        assert_eq!(sorted(ListOrder::State), "unit:9 company:3-9 company:3-10 unit:102 unit:A1");
        assert_eq!(sorted(ListOrder::Pushed), "unit:9 company:3-9 unit:102 company:3-10 unit:A1");
        assert_eq!(sorted(ListOrder::Pulled), "company:3-9 unit:102 company:3-10 unit:A1 unit:9");
    }
}
