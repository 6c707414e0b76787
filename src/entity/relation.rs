//! How a parent is found.

use super::Kind;

/// Way from an entity to its parent of some kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Relation {
    /// These own properties equal the parent's properties of the second name.
    Fields(Vec<(String, String)>),
    /// The parent of that name of the parent of this kind (a lease's building is its parking's).
    Through(Kind),
}

impl Relation {
    /// The pairs of properties; none where the parent is found through another one.
    pub(crate) fn pairs(&self) -> &[(String, String)] {
        match self {
            Relation::Fields(pairs) => pairs,
            Relation::Through(_) => &[],
        }
    }
}
