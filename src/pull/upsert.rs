//! One record into the store, and who depends on it.

use crate::entity::Kind;
use crate::plan::derive::DerivationRules;
use crate::plan::rederive::mark_dependants;
use crate::store::{Tx, Upserted};
use jiff::Timestamp;

/// Stores a record where it differs, and marks who depends on it.
///
/// # Errors
/// Where the store cannot be read or written.
pub(super) fn upsert_and_mark(
    tx: &Tx<'_>,
    derivation: &DerivationRules,
    (kind, key): (Kind, &str),
    json: &str,
    now: Timestamp,
) -> anyhow::Result<Upserted> {
    let rules = derivation.get(kind);
    let upserted = tx.upsert(kind, key, json, now, |json| rules.derive(json))?;
    match &upserted {
        Upserted::New(_) => mark_dependants(tx, derivation, kind, json)?,
        Upserted::Changed(_, before) if rules.concerns_children(before, json) => {
            mark_dependants(tx, derivation, kind, before)?;
            mark_dependants(tx, derivation, kind, json)?;
        }
        _ => {}
    }
    Ok(upserted)
}
