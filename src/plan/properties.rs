//! Properties that the configuration names and HApi does not have.

use crate::config::{Config, KindConfig};
use crate::entity::{Kind, Record};
use crate::failure::{FailureCause, FailureDetail};
use crate::message::HapiText;
use crate::store::Store;
use std::collections::BTreeSet;

/// That HApi does not have a property, with the nearest that it has.
pub(crate) fn unknown_property(kind: Kind, property: &str, there: &BTreeSet<String>) -> FailureDetail {
    let property = property.to_owned();
    let error = match nearest(&property, there) {
        Some(nearest) => HapiText::PropertyUnknownNear { kind, property, nearest },
        None => HapiText::PropertyUnknown { kind, property },
    };
    FailureDetail::new(FailureCause::PropertyUnknown, error).hint(HapiText::CheckProperty { kind })
}

/// The property that is likeliest to be meant. Slips shorten words more often than they swap letters, so pairs of letters in
/// common count.
pub(crate) fn nearest(property: &str, there: &BTreeSet<String>) -> Option<String> {
    let likeness = |name: &str| strsim::sorensen_dice(&property.to_lowercase(), &name.to_lowercase());
    let best = there.iter().map(|name| (likeness(name), name)).max_by(|one, other| one.0.total_cmp(&other.0));
    best.filter(|(likeness, _)| *likeness > 0.25).map(|(_, name)| name.clone())
}

/// Why nothing of a kind may be pushed: a property of its key or of `only` is not there, so that entities cannot be distinguished, or
/// who is wanted; or it is not known whether a record that lacks a property of `only` has null there.
///
/// # Errors
/// Where the store cannot be read.
pub(crate) fn why_not_pushed(store: &Store, config: &Config, kind: Kind) -> anyhow::Result<Option<FailureDetail>> {
    let entity: &KindConfig = config.kind(kind);
    let found = store.properties(kind)?;
    let known: BTreeSet<String> =
        found.iter().filter(|(_, is_known)| **is_known).map(|(name, _)| name.clone()).collect();
    let decisive = entity.key.iter().chain(entity.only.keys());
    let unknown = decisive.into_iter().find(|property| found.get(*property) == Some(&false));
    if let Some(property) = unknown {
        return Ok(Some(unknown_property(kind, property, &known)));
    }
    let unread: Vec<&String> = entity.only.keys().filter(|property| !found.contains_key(*property)).collect();
    let lacking = |json: &str| {
        let record = Record::parse(json).ok()?;
        unread.iter().find(|property| record.raw(property).is_none()).map(|property| (*property).clone())
    };
    let lacking = if unread.is_empty() { None } else { store.first_record(kind, lacking)? };
    Ok(lacking.map(|property| {
        let error = HapiText::PropertyUnsure { kind, property };
        FailureDetail::new(FailureCause::PropertyUnknown, error).hint(HapiText::ReadProperty { kind })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_property_is_the_one_that_is_likely_meant() {
        let names = ["Id", "UnitCode", "NumberOfRooms", "OccupancyStatus", "HousingType", "Rent"];
        let there: BTreeSet<String> = names.map(str::to_owned).into();
        for (slip, meant) in
            [("NbRooms", "NumberOfRooms"), ("UnitCod", "UnitCode"), ("OccupancyStatuss", "OccupancyStatus")]
        {
            assert_eq!(nearest(slip, &there).as_deref(), Some(meant), "{slip}");
        }
        assert_eq!(nearest("Zq", &there), None);
    }
}
