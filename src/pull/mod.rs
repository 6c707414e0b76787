//! Stage 1: HApi into the store.

pub mod absent;
pub mod by_event;
pub mod by_key;
pub mod guard;
pub(crate) mod live;
pub mod properties;
pub mod refused;
pub mod rekey;
pub mod whole;
