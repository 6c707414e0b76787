//! Bulk route of a run: whether imports are started, and for whom. Pure.

use crate::entity::Kind;
use crate::monday::import::ImportRejection;
use std::collections::{BTreeSet, HashSet};

/// After so many imports that could not be started, or were refused, the rest of the run goes by mutations.
const MOST_MISSES: u32 = 3;

/// Bulk route of a run: for what it is not taken any more.
#[derive(Debug, Default)]
pub(in crate::push) struct BulkRoute {
    is_closed: bool,
    misses: u32,
    /// Kinds of which mutations take fewer calls.
    declined: BTreeSet<Kind>,
    /// Entities whose rows did not get in.
    left_out: HashSet<i64>,
}

impl BulkRoute {
    /// An import could not be started, or came to nothing.
    pub(in crate::push) fn note_miss(&mut self) {
        self.misses += 1;
        self.is_closed |= self.misses >= MOST_MISSES;
    }

    /// No import is started any more in this run.
    pub(in crate::push) fn close(&mut self) {
        self.is_closed = true;
    }

    /// monday refused the file of these, and says so.
    pub(in crate::push) fn rejected(&mut self, entities: impl IntoIterator<Item = i64>, rejection: ImportRejection) {
        self.leave_out(entities);
        // The same file would fail again, others may not.
        self.is_closed |= rejection != ImportRejection::File;
    }

    /// These go by mutations in this run.
    pub(in crate::push) fn leave_out(&mut self, entities: impl IntoIterator<Item = i64>) {
        self.left_out.extend(entities);
    }

    /// Whether no import is started any more in this run.
    pub(in crate::push) fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// Mutations take fewer calls for the new items of a kind.
    pub(in crate::push) fn decline(&mut self, kind: Kind) {
        self.declined.insert(kind);
    }

    /// Whether mutations were found to take fewer calls for the new items of a kind.
    pub(in crate::push) fn has_declined(&self, kind: Kind) -> bool {
        self.declined.contains(&kind)
    }

    /// Whether an entity may be a row.
    pub(in crate::push) fn takes(&self, entity: i64) -> bool {
        !self.left_out.contains(&entity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_three_misses_the_rest_goes_by_mutations() {
        let mut route = BulkRoute::default();
        let closed: Vec<bool> = (0..MOST_MISSES)
            .map(|_| {
                route.note_miss();
                route.is_closed()
            })
            .collect();
        assert_eq!(closed, [false, false, true]);
        route.leave_out([7]);
        route.decline(Kind::UNIT);
        assert!(!route.takes(7) && route.takes(8));
        assert!(route.has_declined(Kind::UNIT) && !route.has_declined(Kind::TENANT));
    }
}
