//! Webhook events that are not yet processed, by what they ask for.

use crate::config::Config;
use crate::entity::{EntityKey, Kind, WEBHOOK_SUBJECT};
use crate::pull::result::KindPull;
use crate::store::{Event, Store};
use std::collections::{BTreeMap, BTreeSet};

/// Events that are not yet processed, by what they ask for.
#[derive(Debug, Default)]
pub(super) struct PendingEvents {
    /// Entities, each with the events that name it.
    pub(super) by_entity: BTreeMap<Kind, BTreeMap<String, Vec<i64>>>,
    /// Of these kinds some entity that cannot be found by its key.
    pub(super) by_kind: BTreeMap<Kind, Vec<i64>>,
    /// Any entity of any kind.
    pub(super) unreadable: Vec<Event>,
    /// Nothing that is kept here.
    pub(super) unmapped: Vec<i64>,
}

impl PendingEvents {
    /// What concerns these kinds; events about others are left for a run that reads them.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(super) fn of(store: &Store, config: &Config, kinds: &[Kind]) -> anyhow::Result<PendingEvents> {
        Ok(PendingEvents::sorted(store.pending_events()?, config, kinds))
    }

    fn sorted(events: Vec<Event>, config: &Config, kinds: &[Kind]) -> PendingEvents {
        let mut pending = PendingEvents::default();
        for event in events {
            let Some(name) = event.webhook.name.clone() else {
                pending.unreadable.push(event);
                continue;
            };
            let concerned = kinds_named(config, &name);
            if concerned.is_empty() {
                pending.unmapped.push(event.id);
            }
            for kind in concerned.into_iter().filter(|kind| kinds.contains(kind)) {
                pending.add(kind, is_found_by_key(config, kind), &event);
            }
        }
        pending
    }

    fn add(&mut self, kind: Kind, is_found_by_key: bool, event: &Event) {
        match &event.webhook.subject {
            Some(key) if is_found_by_key => {
                self.by_entity.entry(kind).or_default().entry(key.clone()).or_default().push(event.id);
            }
            _ => self.by_kind.entry(kind).or_default().push(event.id),
        }
    }

    /// The entities that are named, by kind and key.
    pub(super) fn named(&self) -> impl Iterator<Item = (Kind, &str)> {
        self.by_entity.iter().flat_map(|(&kind, entities)| entities.keys().map(move |key| (kind, key.as_str())))
    }

    /// Whether all that is pending about a kind names its entities.
    pub(super) fn names_all(&self, kind: Kind) -> bool {
        self.unreadable.is_empty() && !self.by_kind.contains_key(&kind)
    }

    /// The events about a kind that a read of it answers: only a whole one answers those that do not name their entity, and none
    /// those about a record that HApi could not deliver.
    pub(super) fn answered(&self, kind: Kind, part: &KindPull) -> Vec<i64> {
        let named = self.by_entity.get(&kind).into_iter().flatten();
        let by_entity = named.filter(|(key, _)| !part.unread.may_hold(key)).flat_map(|(_, events)| events);
        let by_kind = self.by_kind.get(&kind).filter(|_| !part.is_by_events).into_iter().flatten();
        by_entity.chain(by_kind).copied().collect()
    }
}

/// Whether the entities of a kind are known by what events hold of them.
pub(super) fn is_found_by_key(config: &Config, kind: Kind) -> bool {
    config.kind(kind).key == [WEBHOOK_SUBJECT]
}

/// The kinds that a webhook's name of an entity stands for.
pub(crate) fn kinds_named(config: &Config, name: &str) -> Vec<Kind> {
    let is_named = |kind: &Kind| {
        let settings = config.kind(*kind);
        settings.enabled && settings.event.eq_ignore_ascii_case(name)
    };
    Kind::all().filter(is_named).collect()
}

/// Backlog of events: what a run of [`Scope::Named`](super::Scope::Named) would answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct EventBacklog {
    /// Events.
    pub(crate) events: u64,
    /// The entities that they name; what cannot be found by its key is not among them.
    pub(crate) named: BTreeSet<EntityKey>,
}

/// What waits for a run of [`Scope::Named`](super::Scope::Named) with these kinds.
///
/// # Errors
/// Where the store cannot be read.
pub(crate) fn backlog(store: &Store, config: &Config, kinds: &[Kind]) -> anyhow::Result<EventBacklog> {
    let pending = PendingEvents::of(store, config, kinds)?;
    let by_other_keys = pending.by_kind.iter().filter(|(kind, _)| !is_found_by_key(config, **kind));
    let named = pending.by_entity.values().flat_map(BTreeMap::values);
    let events = named.chain(by_other_keys.map(|(_, events)| events)).map(|events| events.len() as u64).sum::<u64>();
    let keys = |(&kind, named): (&Kind, &BTreeMap<String, Vec<i64>>)| {
        named.keys().map(|key| EntityKey::new(kind, key.clone())).collect::<Vec<_>>()
    };
    let named = pending.by_entity.iter().flat_map(keys).collect();
    Ok(EventBacklog { events: events + pending.unmapped.len() as u64, named })
}
