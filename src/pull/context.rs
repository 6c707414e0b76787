//! What all parts of a pull need.

use crate::config::{Config, Select};
use crate::entity::Kind;
use crate::hapi::{Client, EntitySet};
use crate::plan::derive::DerivationRules;
use crate::progress::Progress;
use crate::pull::guard::Allowed;
use jiff::Timestamp;

/// Pull: what all its parts need.
#[derive(Clone, Copy)]
pub(crate) struct Pull<'a> {
    /// The configuration.
    pub(crate) config: &'a Config,
    /// What follows from it per kind.
    pub(crate) derivation: &'a DerivationRules,
    /// HApi.
    pub(crate) client: &'a Client<'a>,
    /// Where progress is shown.
    pub(crate) progress: &'a dyn Progress,
    /// The kinds whose deletes are let through.
    pub(crate) allowed: &'a Allowed,
}

impl<'a> Pull<'a> {
    /// The time of day.
    pub(super) fn now(&self) -> Timestamp {
        self.client.clock().now()
    }

    /// A kind's entity set, as it is read whole.
    pub(super) fn set(&self, kind: Kind) -> EntitySet<'a> {
        let settings = self.config.kind(kind);
        let needed = || settings.needed_properties(self.config);
        let select = match &settings.select {
            Select::All => Vec::new(),
            Select::Mapped => needed().into_iter().collect(),
            Select::These(wanted) => needed().union(&wanted.iter().cloned().collect()).cloned().collect(),
        };
        let (filter, page_size) = (settings.filter.as_deref(), self.config.hapi.page_size);
        let set = EntitySet::whole(kind, &settings.endpoint, &settings.key, page_size);
        EntitySet { filter, select, may_be_empty: false, ..set }
    }
}
