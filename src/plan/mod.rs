//! What should stand on a board, and why: derivation, mapping, relations, and the step from what was sent to what is wanted.
//! `derive`, `map`, `parents` and `step` are pure; the others may read the store, and `rederive` writes what is derived to it.

pub(crate) mod closed;
pub(crate) mod derive;
pub(crate) mod explain;
pub(crate) mod keys;
pub(crate) mod known;
pub(crate) mod map;
pub(crate) mod parents;
pub(crate) mod properties;
pub(crate) mod rederive;
pub(crate) mod relations;
pub(crate) mod selection;
pub(crate) mod sent;
pub(crate) mod step;
pub(crate) mod titles;
pub(crate) mod verdict;
