//! Adoption: before the first call to a board for a kind, the items that are ours already are taken over.

use super::record::Recorder;
use crate::boards::Setup;
use crate::boards::catalog::Catalog;
use crate::boards::items::identity_shown;
use crate::config::Adopt;
use crate::entity::{EntityKey, Kind};
use crate::message::MondayText;
use crate::monday::Item;
use crate::monday::column::value_text;
use crate::plan::keys::{key_of, key_text};
use crate::plan::map::{self, BoardColumns, Rules};
use crate::plan::relations::parent_of;
use crate::store::{Entity, Store, Tx};
use std::collections::{BTreeMap, HashMap};

/// Whether a board was looked through for the items of a kind, or need not be.
///
/// # Errors
/// Where the store cannot be read.
pub(crate) fn is_adopted(setup: Setup<'_>, store: &Store, board: &str, kind: Kind) -> anyhow::Result<bool> {
    let key_column = setup.kind(kind).key_column.as_deref().unwrap_or_default();
    Ok(setup.config.sync.adopt == Adopt::Off || store.is_adopted(board, key_column, kind)?)
}

/// Notes that a board was looked through for the items of a kind; `items`: those that nobody holds.
///
/// # Errors
/// Where the store cannot be read or written.
pub(crate) fn finish_adoption(
    recorder: &mut Recorder<'_>,
    catalog: &Catalog<'_>,
    tx: &Tx<'_>,
    board: &str,
    kind: Kind,
    items: &[Item],
) -> anyhow::Result<()> {
    let setup = recorder.setup();
    if setup.config.sync.adopt == Adopt::Identity
        && let Some(columns) = catalog.columns(board)
    {
        adopt_by_identity(recorder, columns, tx, board, kind, items)?;
    }
    let now = recorder.now();
    let key_column = setup.kind(kind).key_column.as_deref().unwrap_or_default();
    tx.set_adopted(board, key_column, kind, now)?;
    // What was just looked at, and what is about to be sent, need not be verified yet.
    tx.begin_verifying(board, kind, now)
}

/// Takes over the items whose key column names an entity without one.
///
/// # Errors
/// Where the store cannot be read or written.
pub(crate) fn adopt_by_key(
    recorder: &mut Recorder<'_>,
    tx: &Tx<'_>,
    board: &str,
    kind: Kind,
    items: &[Item],
) -> anyhow::Result<()> {
    let key_column = recorder.setup().kind(kind).key_column.as_deref().unwrap_or_default();
    let mut by_entity: BTreeMap<i64, (Entity, Vec<&Item>)> = BTreeMap::new();
    for item in items {
        let key = item.columns.get(key_column).and_then(key_of).filter(|key| key.kind == kind);
        let Some(entity) = key.map(|key| tx.find_typed(kind, &key.key)).transpose()?.flatten() else {
            continue;
        };
        let has_item = entity.row.item_id.is_some() && entity.row.board.as_deref() == Some(board);
        if !entity.is_deleted() && !has_item {
            by_entity.entry(entity.row.id).or_insert_with(|| (entity, Vec::new())).1.push(item);
        }
    }
    for (entity, items) in by_entity.into_values() {
        if let Some(item) = first_of(recorder, &entity.row.entity_key(), &items) {
            recorder.take_over(tx, board, &entity, item)?;
        }
    }
    Ok(())
}

/// The oldest of the items with one key; people are told of the others.
pub(crate) fn first_of<'i>(recorder: &mut Recorder<'_>, entity: &EntityKey, items: &[&'i Item]) -> Option<&'i Item> {
    if items.len() > 1 {
        let ids = items.iter().map(|item| item.id.clone()).collect();
        recorder.note(MondayText::ItemTwice { entity: entity.to_string(), items: ids });
    }
    let age = |item: &&&Item| (item.id.len(), item.id.clone());
    items.iter().min_by_key(age).copied()
}

/// Takes over the items without a key whose identity columns name exactly one entity, and that one only.
fn adopt_by_identity(
    recorder: &mut Recorder<'_>,
    columns: &BoardColumns,
    tx: &Tx<'_>,
    board: &str,
    kind: Kind,
    items: &[Item],
) -> anyhow::Result<()> {
    let config = recorder.setup().kind(kind);
    if config.identity.is_empty() {
        return Ok(());
    }
    let key_column = config.key_column.as_deref().unwrap_or_default();
    let mut by_identity: HashMap<Vec<String>, (Vec<Entity>, Vec<&Item>)> = HashMap::new();
    for stored in tx.all(kind)?.into_iter().filter(|stored| stored.row.item_id.is_none()) {
        if let Some(identity) = identity_of(recorder.setup(), columns, tx, &stored)? {
            by_identity.entry(identity).or_default().0.push(stored);
        }
    }
    for item in items.iter().filter(|item| item.columns.get(key_column).and_then(key_text).is_none()) {
        let identity = identity_shown(config, item);
        if let Some((_, found)) = identity.and_then(|identity| by_identity.get_mut(&identity)) {
            found.push(item);
        }
    }
    // In the order of the entities, whatever that of a hash map is.
    let mut pairs: Vec<(&Entity, &Item)> = Vec::new();
    for (entities, found) in by_identity.values() {
        if let ([entity], [item]) = (entities.as_slice(), found.as_slice()) {
            pairs.push((entity, item));
        }
    }
    pairs.sort_by_key(|(entity, _)| entity.row.id);
    for (entity, item) in pairs {
        recorder.take_over(tx, board, entity, item)?;
    }
    Ok(())
}

/// What the identity columns of an entity should show; `None` where one of them is blank, or its record is none.
fn identity_of(
    setup: Setup<'_>,
    columns: &BoardColumns,
    store: &Store,
    stored: &Entity,
) -> anyhow::Result<Option<Vec<String>>> {
    let (config, kind) = (setup.kind(stored.row.kind), stored.row.kind);
    let Ok(record) = setup.derivation.get(kind).record(&stored.record) else { return Ok(None) };
    let rules = Rules { create_labels: true, ..Rules::of(setup.config) };
    let mapped = map::map(config, &stored.row.key, &record, Some(columns), rules, |parent| {
        parent_of(store, setup.config, setup.derivation, kind, &record, parent)
    })?;
    Ok(config.identity.iter().map(|column| value_text(mapped.columns.get(column)?)).collect())
}
