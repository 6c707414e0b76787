//! Parents of an entity, as they were found. Pure.

use crate::config::{KindConfig, Source};
use crate::entity::Kind;
use crate::store::Parent;
use std::collections::BTreeMap;

/// Parents of one entity by their kinds: those of which its columns show something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Parents(BTreeMap<Kind, Parent>);

/// Reason why none of the parents is taken that a value may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Unresolved {
    /// None is there (yet).
    Missing,
    /// Several are.
    Ambiguous,
}

impl Parents {
    /// These, by their kinds.
    pub(crate) fn new(found: impl IntoIterator<Item = (Kind, Parent)>) -> Parents {
        Parents(found.into_iter().collect())
    }

    /// The parent of a kind; of one that was not looked for, none is named.
    pub(crate) fn get(&self, kind: Kind) -> &Parent {
        self.0.get(&kind).unwrap_or(&Parent::Unnamed)
    }

    /// The kinds of parents that are named and not found, and why.
    pub(crate) fn unresolved(&self) -> impl Iterator<Item = (Kind, Unresolved)> + '_ {
        self.0.iter().filter_map(|(kind, parent)| match parent {
            Parent::Missing => Some((*kind, Unresolved::Missing)),
            Parent::Ambiguous => Some((*kind, Unresolved::Ambiguous)),
            Parent::One(_) | Parent::Unnamed => None,
        })
    }
}

/// The kinds of parents of which the columns of a kind show something; one that several columns show stands there as often.
pub(crate) fn shown_parents(config: &KindConfig) -> impl Iterator<Item = Kind> + '_ {
    config.columns.values().filter_map(|column| match column.source {
        Source::Relation(parent) => Some(parent),
        Source::Field(_) | Source::Template(_) => column.of,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::kind_config;

    #[test]
    fn a_parent_counts_as_unresolved_where_it_is_named_and_not_found_alone() {
        let parents = Parents::new([
            (Kind::BUILDING, Parent::Missing),
            (Kind::UNIT, Parent::Ambiguous),
            (Kind::TENANT, Parent::Unnamed),
        ]);
        let unresolved: Vec<_> = parents.unresolved().collect();
        assert_eq!(unresolved, [(Kind::BUILDING, Unresolved::Missing), (Kind::UNIT, Unresolved::Ambiguous)]);
        assert_eq!(parents.get(Kind::COMPANY), &Parent::Unnamed, "it was not looked for");
    }

    #[test]
    fn parents_are_shown_by_connections_and_by_properties_of_theirs() {
        let config = kind_config(
            Kind::TENANT,
            "[entities.tenant]\nboard = 1\nkey_column = 'k'\n[entities.tenant.columns]\na_own = 'Id'\n\
             b_link = { relation = 'unit' }\nc_theirs = { field = 'City', of = 'building' }\n",
        );
        assert_eq!(shown_parents(&config).collect::<Vec<_>>(), [Kind::UNIT, Kind::BUILDING]);
    }
}
