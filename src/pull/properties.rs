//! Whether HApi has the properties that the configuration names. A slip, or a name that HApi changed, would otherwise freeze
//! values without a word.

use crate::config::{Config, KindConfig};
use crate::entity::Kind;
use crate::failure::Reported;
use crate::failure::{FailureCause, FailureDetail};
use crate::hapi::{SetRead, Traffic};
use crate::message::HapiText;
use crate::pull::whole::{Pull, Pulled};
use crate::store::Store;
use std::collections::{BTreeMap, BTreeSet};

impl Pull<'_> {
    /// Looks for the named properties in what a whole read brought, and reports those that HApi does not have.
    pub(crate) fn check_properties(
        &self,
        store: &mut Store,
        kind: Kind,
        read: &SetRead,
        traffic: &mut Traffic,
        pulled: &mut Pulled,
    ) -> anyhow::Result<()> {
        if read.received == 0 {
            return Ok(());
        }
        let entity = self.config.kind(kind);
        let mut found = BTreeMap::new();
        for property in entity.needed_properties(self.config) {
            if let Some(is_known) = self.is_known(kind, &property, read, traffic) {
                found.insert(property, is_known);
            }
        }
        self.report_unknown(kind, &found, read, traffic, pulled);
        let before = store.properties(kind)?;
        if before == found {
            return Ok(());
        }
        store.write(|tx| {
            tx.set_properties(kind, &found)?;
            // What was not received may be null now, or the other way round.
            if before.is_empty() { Ok(()) } else { tx.mark_all_due(kind) }
        })
    }

    /// Whether HApi has a property; `None` where it could not be told.
    fn is_known(&self, kind: Kind, property: &str, read: &SetRead, traffic: &mut Traffic) -> Option<bool> {
        if has(&read.carried, property) {
            return Some(true);
        }
        let was_refused = !read.selected.is_empty() && !read.selected.iter().any(|asked| asked == property);
        if was_refused {
            return Some(false);
        }
        // No record carries it: HApi may leave nulls out.
        self.set(kind).knows(self.client, traffic, property).ok()
    }

    /// Reports the properties that somebody named and HApi does not have.
    fn report_unknown(
        &self,
        kind: Kind,
        found: &BTreeMap<String, bool>,
        read: &SetRead,
        traffic: &mut Traffic,
        pulled: &mut Pulled,
    ) {
        let named = self.config.kind(kind).named_properties(self.config);
        let unknown: Vec<&String> = found
            .iter()
            .filter(|(name, is_known)| !**is_known && named.contains(*name))
            .map(|(name, _)| name)
            .collect();
        if unknown.is_empty() {
            return;
        }
        let mut there = read.carried.clone();
        there.extend(self.set(kind).properties(self.client, traffic).unwrap_or_default());
        for property in unknown {
            pulled.failures.push(Reported::of_kind(kind, "pull", unknown_property(kind, property, &there)));
        }
    }
}

/// That HApi does not have a property, with the nearest that it has.
fn unknown_property(kind: Kind, property: &str, there: &BTreeSet<String>) -> FailureDetail {
    let property = property.to_owned();
    let error = match nearest(&property, there) {
        Some(nearest) => HapiText::PropertyUnknownNear { kind, property, nearest },
        None => HapiText::PropertyUnknown { kind, property },
    };
    FailureDetail::new(FailureCause::PropertyUnknown, error).hint(HapiText::CheckProperty { kind })
}

/// Whether a property is among others; where the exact name is missing, any case will do.
fn has(names: &BTreeSet<String>, property: &str) -> bool {
    names.contains(property) || names.iter().any(|name| name.eq_ignore_ascii_case(property))
}

/// The property that is likeliest to be meant. Slips shorten words more often than they swap letters, so pairs of letters in
/// common count.
fn nearest(property: &str, there: &BTreeSet<String>) -> Option<String> {
    let likeness = |name: &str| strsim::sorensen_dice(&property.to_lowercase(), &name.to_lowercase());
    let best = there.iter().map(|name| (likeness(name), name)).max_by(|one, other| one.0.total_cmp(&other.0));
    best.filter(|(likeness, _)| *likeness > 0.25).map(|(_, name)| name.clone())
}

/// Why nothing of a kind may be pushed: a property of its key or of `only` is not there, so that nobody can tell who is who, or
/// who is wanted.
pub(crate) fn why_not_pushed(store: &Store, config: &Config, kind: Kind) -> anyhow::Result<Option<FailureDetail>> {
    let entity: &KindConfig = config.kind(kind);
    let found = store.properties(kind)?;
    let known: BTreeSet<String> =
        found.iter().filter(|(_, is_known)| **is_known).map(|(name, _)| name.clone()).collect();
    let decisive = entity.key.iter().chain(entity.only.keys());
    let unknown = decisive.into_iter().find(|property| found.get(*property) == Some(&false));
    Ok(unknown.map(|property| unknown_property(kind, property, &known)))
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
        assert!(has(&there, "unitCode") && !has(&there, "Unit"));
    }
}
