//! Selection of what a run is about.

use crate::entity::{EntityKey, Kind};
use std::collections::BTreeSet;

/// Selection of entities: whole kinds, and single ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    /// Whole kinds.
    pub(crate) kinds: BTreeSet<Kind>,
    /// Single entities.
    pub(crate) entities: BTreeSet<EntityKey>,
}

impl Selection {
    /// Everything.
    pub(crate) fn everything() -> Selection {
        Selection { kinds: Kind::all().collect(), entities: BTreeSet::new() }
    }

    /// Whole kinds, and nothing else.
    pub(crate) fn of_kinds(kinds: &[Kind]) -> Selection {
        Selection { kinds: kinds.iter().copied().collect(), entities: BTreeSet::new() }
    }

    /// Whether an entity is among them.
    pub(crate) fn holds(&self, kind: Kind, key: &str) -> bool {
        // Most selections are of kinds only: then no key has to be made to look it up.
        let is_named = || !self.entities.is_empty() && self.entities.contains(&EntityKey::new(kind, key));
        self.kinds.contains(&kind) || is_named()
    }

    /// The kinds of which anything is among them.
    pub(crate) fn touched_kinds(&self) -> BTreeSet<Kind> {
        self.kinds.iter().copied().chain(self.entities.iter().map(|entity| entity.kind)).collect()
    }
}
