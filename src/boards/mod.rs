//! What stands on the boards: asking monday, and what its answers show.

pub mod candidates;
pub mod closed;
pub mod drift;
pub mod items;
pub mod session;
