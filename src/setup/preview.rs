//! Preview of items: real entities as they would stand on a board, through the mapping that a push uses.

use super::titles;
use crate::config::{Config, Source};
use crate::entity::Kind;
use crate::message::{Lang, Message};
use crate::monday::column::value_text;
use crate::plan::derive::DerivationRules;
use crate::plan::map::{self, Mapped, NAME, Rules};
use crate::plan::relations::parents_of;
use crate::store::{Entity, Parent, Pushing, State, Store};
use jiff::Timestamp;

/// Item as it would stand on a board.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ItemPreview {
    /// The entity.
    pub(crate) entity: String,
    /// The item's name.
    pub(crate) name: String,
    /// What stands in each column, by its title.
    pub(crate) columns: Vec<(String, Shown)>,
}

/// Content that a column would show.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shown {
    /// This text; empty for a blank.
    Text(String),
    /// Nothing: monday would refuse the value.
    Refused(Message),
}

/// The first entities of a kind that would be pushed, up to `most`. `order`: that of the columns.
///
/// # Errors
/// Where the store cannot be read.
pub(crate) fn preview(
    store: &Store,
    config: &Config,
    kind: Kind,
    order: &[String],
    most: usize,
    now: Timestamp,
    lang: Lang,
) -> anyhow::Result<Vec<ItemPreview>> {
    let derivation = DerivationRules::known(config, store)?;
    let mut entities = Vec::new();
    store.each(kind, Pushing::On, now, |entity, state| {
        if entities.len() < most && state != State::Off {
            entities.push(entity);
        }
        Ok(())
    })?;
    let view = View { store, config, derivation: &derivation, order, lang };
    entities.iter().filter_map(|entity| view.item(entity).transpose()).collect()
}

/// View of the store, with which previews are made.
struct View<'v> {
    store: &'v Store,
    config: &'v Config,
    derivation: &'v DerivationRules,
    order: &'v [String],
    lang: Lang,
}

impl View<'_> {
    fn item(&self, entity: &Entity) -> anyhow::Result<Option<ItemPreview>> {
        let settings = self.config.kind(entity.row.kind);
        let Ok(record) = self.derivation.get(entity.row.kind).record(&entity.record) else { return Ok(None) };
        let parents = parents_of(self.store, self.config, self.derivation, entity.row.kind, &record)?;
        let mapped = map::map(settings, &entity.row.key, &record, None, Rules::of(self.config), &parents);
        let mut columns = Vec::new();
        let mut in_order: Vec<_> = settings.columns.iter().collect();
        in_order.sort_by_key(|(id, _)| self.order.iter().position(|known| known == *id).unwrap_or(self.order.len()));
        for (id, column) in in_order {
            let shown = match &column.source {
                Source::Relation(wanted) => Shown::Text(named(parents.get(*wanted))),
                Source::Field(_) | Source::Template(_) => shown(&mapped, id),
            };
            columns.push((titles::column(column, self.lang), shown));
        }
        let name = mapped.columns.get(NAME).and_then(value_text).unwrap_or_default();
        Ok(Some(ItemPreview { entity: entity.row.entity_key().to_string(), name, columns }))
    }
}

fn shown(mapped: &Mapped, id: &str) -> Shown {
    match mapped.refused.get(id) {
        Some(refusal) => Shown::Refused(refusal.error.clone()),
        None => Shown::Text(mapped.columns.get(id).and_then(value_text).unwrap_or_default()),
    }
}

fn named(parent: &Parent) -> String {
    match parent {
        Parent::One(parent) => parent.name.clone(),
        Parent::Unnamed | Parent::Missing | Parent::Ambiguous => String::new(),
    }
}
