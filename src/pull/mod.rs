//! Stage 1: HApi into the store.

mod absent;
pub(crate) mod by_event;
mod by_key;
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
mod subscribed;
pub(crate) mod trouble;
pub(crate) mod unread;
mod upsert;
mod whole;

pub(crate) use by_event::Scope;
pub(crate) use pending::{EventBacklog, backlog};
pub(crate) use result::{KindPull, PullResult};
pub(crate) use routes::{keep_routes, known_routes};

use crate::config::{Config, Select};
use crate::entity::Kind;
use crate::failure::Stage;
use crate::hapi::{Client, EntitySet};
use crate::plan::derive::DerivationRules;
use crate::progress::Progress;
use crate::pull::guard::Allowed;
use crate::store::{Entity, Side, Store};
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
    /// Reads what `scope` says of the kinds, and processes the events that are answered by it.
    ///
    /// # Errors
    /// Where the store cannot be read or written.
    pub(crate) fn run_due(
        &self,
        store: &mut Store,
        kinds: &[Kind],
        scope: Scope,
        run: Option<i64>,
    ) -> anyhow::Result<PullResult> {
        let result = by_event::read(self, store, kinds, scope, run)?;
        self.finish(store, result)
    }

    /// Reads kinds whole, and of others just these entities. One that is gone is deleted, within the guard.
    ///
    /// # Errors
    /// Where the store cannot be read or written.
    pub(crate) fn run_for(&self, store: &mut Store, kinds: &[Kind], entities: &[Entity]) -> anyhow::Result<PullResult> {
        let result = by_key::read(self, store, kinds, entities)?;
        self.finish(store, result)
    }

    /// Keeps what was wrong with kinds as a whole, and counts the requests. What stood there is over only where the kind was to be
    /// read whole.
    fn finish(&self, store: &mut Store, mut result: PullResult) -> anyhow::Result<PullResult> {
        result.calls = self.client.calls();
        let is_reported =
            |kind: Kind| result.kinds.get(&kind).is_some_and(|part| part.is_whole) || result.has_failed(kind);
        let reported = result.kinds.keys().copied().filter(|&kind| is_reported(kind));
        store.write(|tx| {
            tx.keep_kind_failures(Stage::Pull, reported, &result.failures, self.now())?;
            tx.count_calls(Side::Hapi, result.calls, self.now())
        })?;
        Ok(result)
    }

    /// The time of day.
    fn now(&self) -> Timestamp {
        self.client.clock().now()
    }

    /// A kind's entity set, as it is read whole.
    fn set(&self, kind: Kind) -> EntitySet<'a> {
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
