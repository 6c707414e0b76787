//! An import, from when it is durable to its start.

use super::price::Cost;
use crate::push::lanes::InFlight;

/// Import that is durable and not started yet.
#[derive(Debug)]
pub(crate) struct Import {
    /// The call that starts it, and the intents of its rows.
    pub(crate) call: InFlight,
    /// Its file.
    pub(crate) file: String,
    /// What it costs from its start to its end.
    pub(crate) price: Cost,
}
