//! What a configuration is first made of: what HApi holds, a mapping proposed for it, the document that says so, the boards
//! that take it. Knows no terminal.

pub(crate) mod document;
pub(crate) mod estimate;
pub(crate) mod making;
pub(crate) mod matching;
mod near;
pub(crate) mod preview;
pub(crate) mod proposal;
pub(crate) mod structure;
pub(crate) mod survey;
pub(crate) mod titles;

/// Longest label of a status column. Source: monday's documentation of that column.
const LONGEST_LABEL: usize = 30;
