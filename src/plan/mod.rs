//! What should stand on a board, and why: derivation, mapping, relations, and the step from what was sent to what is wanted. Pure.

pub(crate) mod closed;
pub mod derive;
pub mod explain;
pub mod keys;
pub mod map;
pub mod properties;
pub mod relations;
pub mod selection;
pub mod sent;
pub mod step;
pub(crate) mod verdict;
