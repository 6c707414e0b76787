//! Planning of a board: which of its kinds may be planned, and how far it has come. Pure.

use crate::entity::Kind;
use std::collections::{BTreeMap, BTreeSet};

/// Planning of the kinds of a board: which may be planned, and how far it has come.
#[derive(Debug, Default)]
pub(crate) struct Planning {
    /// Kinds whose board was checked in this run, and is fit.
    ready: BTreeSet<Kind>,
    /// Kinds of which nothing is left to plan, but for what makes calls fail.
    exhausted: BTreeSet<Kind>,
    cursors: BTreeMap<Kind, Cursor>,
}

/// Place in the planning of a kind: the entities up to it were planned.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Cursor {
    pub(crate) due: i64,
    pub(crate) removal: i64,
    pub(crate) found_any: bool,
}

impl Planning {
    /// The kinds whose board was found fit in this run.
    pub(crate) fn ready(&self) -> &BTreeSet<Kind> {
        &self.ready
    }

    /// Whether the board of a kind was found fit in this run.
    pub(crate) fn is_ready(&self, kind: Kind) -> bool {
        self.ready.contains(&kind)
    }

    /// The board of a kind was found fit.
    pub(crate) fn make_ready(&mut self, kind: Kind) {
        self.ready.insert(kind);
    }

    /// Nothing of a kind is left to plan.
    pub(crate) fn exhaust(&mut self, kind: Kind) {
        self.exhausted.insert(kind);
    }

    /// Whether nothing of a kind is left to plan.
    pub(crate) fn is_exhausted(&self, kind: Kind) -> bool {
        self.exhausted.contains(&kind)
    }

    /// How many kinds have nothing left to plan.
    pub(crate) fn exhausted(&self) -> usize {
        self.exhausted.len()
    }

    /// Where the planning of a kind stands.
    pub(crate) fn cursor(&self, kind: Kind) -> Cursor {
        self.cursors.get(&kind).copied().unwrap_or_default()
    }

    /// The planning of a kind goes on there.
    pub(crate) fn set_cursor(&mut self, kind: Kind, cursor: Cursor) {
        self.cursors.insert(kind, cursor);
    }

    /// All of it is planned from the beginning, as far as it is not exhausted.
    pub(crate) fn rewind(&mut self) {
        self.cursors.clear();
    }

    /// All of it is planned again.
    pub(crate) fn reopen(&mut self) {
        self.exhausted.clear();
        self.cursors.clear();
    }

    /// A kind is planned again.
    pub(crate) fn reopen_kind(&mut self, kind: Kind) {
        self.exhausted.remove(&kind);
        self.cursors.remove(&kind);
    }

    /// A kind may have something left to plan; where its planning stands stays.
    pub(crate) fn resume(&mut self, kind: Kind) {
        self.exhausted.remove(&kind);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_resumed_goes_on_where_it_stood_and_what_is_reopened_begins_anew() {
        let mut planning = Planning::default();
        planning.make_ready(Kind::UNIT);
        planning.set_cursor(Kind::UNIT, Cursor { due: 40, ..Cursor::default() });
        planning.exhaust(Kind::UNIT);
        planning.exhaust(Kind::TENANT);
        planning.resume(Kind::UNIT);
        let state = |planning: &Planning| (planning.exhausted(), planning.cursor(Kind::UNIT).due);
        assert_eq!(state(&planning), (1, 40));
        planning.reopen_kind(Kind::UNIT);
        assert_eq!(state(&planning), (1, 0));
        planning.reopen();
        assert_eq!((planning.exhausted(), planning.is_ready(Kind::UNIT)), (0, true), "its board is fit as before");
    }
}
