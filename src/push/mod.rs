//! Stage 2: what the store holds and the boards lack.
//!
//! `lanes` (pure) says what each board does next, `planner` (pure) what is sent of the `backlog`, a `writer` sends it, and
//! `record` keeps what came of it. `dispatch` is the loop over arrivals.

pub(crate) mod account;
pub(crate) mod adoption;
pub(crate) mod answers;
pub(crate) mod attempts;
pub(crate) mod backlog;
pub(crate) mod batch;
pub(crate) mod board_work;
pub(crate) mod bulk;
pub(crate) mod creating;
pub(crate) mod dispatch;
pub(crate) mod effects;
pub(crate) mod failures;
pub(crate) mod findings;
pub(crate) mod health;
pub(crate) mod isolation;
pub(crate) mod lanes;
pub(crate) mod leaving;
pub(crate) mod missing_items;
pub(crate) mod missing_parents;
pub(crate) mod parking;
pub(crate) mod parts;
pub(crate) mod plan;
pub(crate) mod planned_call;
pub(crate) mod planner;
pub(crate) mod planning;
pub(crate) mod readiness;
pub(crate) mod record;
pub(crate) mod recovery;
pub(crate) mod refusals;
pub(crate) mod refused_connection;
pub(crate) mod stage;
pub(crate) mod stored_backlog;
pub(crate) mod summary;
pub(crate) mod suspicion;
pub(crate) mod unreported;
pub(crate) mod unresolved;
pub(crate) mod urgency;
pub(crate) mod verification;
pub(crate) mod work;
pub(crate) mod writer;
