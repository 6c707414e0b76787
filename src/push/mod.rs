//! Stage 2: what the store holds and the boards lack.

pub mod adoption;
pub mod answers;
pub mod creating;
pub mod engine;
pub mod isolation;
pub mod lanes;
pub mod missing;
pub mod missing_parents;
pub mod planner;
pub mod record;
pub mod recovery;
pub mod run;
pub mod summary;
pub mod verification;
