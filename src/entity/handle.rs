//! Handle to a kind of entity.

/// Handle to a row of the table of kinds ([`Kinds`](super::Kinds)). Ordered as in the table: parents before children.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(pub(super) u8);
