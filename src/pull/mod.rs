//! Stage 1: HApi into the store.

mod absent;
mod by_event;
mod by_key;
mod context;
mod findings;
pub(crate) mod guard;
mod intake;
pub(crate) mod live;
mod pending;
mod properties;
mod questions;
mod refused;
pub(crate) mod rekey;
mod result;
mod routes;
mod stage;
mod subscribed;
pub(crate) mod trouble;
pub(crate) mod unread;
mod upsert;
mod whole;

pub(crate) use by_event::Scope;
pub(crate) use context::Pull;
pub(crate) use pending::{EventBacklog, backlog};
pub(crate) use result::{KindPull, PullResult};
pub(crate) use routes::{keep_routes, known_routes};
