//! What planning comes to.

use super::bulk::import_call::Import;
use super::lanes::InFlight;
use crate::store::EntityRow;

/// Step that planning comes to.
pub(crate) enum PlannedCall {
    /// A call, durable.
    Call(InFlight),
    /// An import, durable.
    Import(Import),
    /// The keys of these have to be looked for first.
    LookUp(Vec<EntityRow>),
    /// Something was found out that takes no call: there may be more.
    Again,
    /// There is nothing to send now.
    Nothing,
}
