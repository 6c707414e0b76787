//! Findings of planning that take no call.

use crate::entity::{EntityKey, Kind};
use crate::failure::FailureDetail;
use crate::plan::map::Refusal;
use crate::store::SentColumns;

/// Finding of planning that takes no call; the recorder keeps it.
#[derive(Debug)]
pub(crate) enum Finding {
    /// What is known of an entity of which something is sent.
    Known(Known),
    /// Nothing of an entity differs from what its item shows.
    Unchanged { known: Known, version: i64 },
    /// A value that cannot be sent.
    Unfit { id: i64, entity: EntityKey, column: String, refusal: Refusal },
    /// An entity that cannot be sent.
    Failed { id: i64, entity: EntityKey, detail: FailureDetail },
    /// An entity to remove whose item stands on a board that is no longer its kind's.
    Elsewhere(i64),
}

/// Knowledge about one entity that planning brought.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) id: i64,
    pub(crate) kind: Kind,
    /// The columns whose failures are over.
    pub(crate) resolved: Vec<String>,
    /// Whether what failed of it as a whole is over.
    pub(crate) has_recovered: bool,
    /// What its item shows besides what was known to be sent, all of it together.
    pub(crate) confirmed: Option<SentColumns>,
}
