//! Adoption: before the first call to a board for a kind, the items that are ours already are taken over.

use super::record::Recorder;
use crate::boards::Setup;
use crate::boards::catalog::Catalog;
use crate::boards::identity::{identity_observed, identity_of, wanted_of};
use crate::boards::items::key_borne;
use crate::config::{Adopt, Target};
use crate::entity::EntityKey;
use crate::message::MondayText;
use crate::monday::Item;
use crate::plan::keys::key_text;
use crate::plan::map::BoardColumns;
use crate::store::{Entity, Store, Tx};
use std::collections::{BTreeMap, HashMap};

/// Whether a board was looked through for the items of a kind, or need not be.
///
/// # Errors
/// Where the store cannot be read.
pub(super) fn is_adopted(setup: Setup<'_>, store: &Store, target: Target<'_>) -> anyhow::Result<bool> {
    Ok(setup.config.sync.adopt == Adopt::Off || store.is_adopted(target.board, target.key_column, target.kind)?)
}

/// Notes that a board was looked through for the items of a kind; `items`: those that nobody holds.
///
/// # Errors
/// Where the store cannot be read or written.
pub(super) fn finish_adoption(
    recorder: &mut Recorder<'_>,
    catalog: &Catalog<'_>,
    tx: &Tx<'_>,
    target: Target<'_>,
    items: &[Item],
) -> anyhow::Result<()> {
    if recorder.setup().config.sync.adopt == Adopt::Identity
        && let Some(columns) = catalog.columns(target.board)
    {
        adopt_by_identity(recorder, columns, tx, target, items)?;
    }
    let now = recorder.setup().now();
    tx.set_adopted(target.board, target.key_column, target.kind, now)?;
    // What was just looked at, and what is about to be sent, need not be verified yet.
    tx.begin_verifying(target.board, target.kind, now)
}

/// Takes over the items whose key column names an entity without one.
///
/// # Errors
/// Where the store cannot be read or written.
pub(super) fn adopt_by_key(
    recorder: &mut Recorder<'_>,
    tx: &Tx<'_>,
    target: Target<'_>,
    items: &[Item],
) -> anyhow::Result<()> {
    let Target { board, kind, .. } = target;
    let mut by_entity: BTreeMap<i64, (Entity, Vec<&Item>)> = BTreeMap::new();
    for item in items {
        let key = key_borne(item, target.key_column).filter(|key| key.kind == kind);
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

/// The oldest of the items with one key; the others are reported.
pub(super) fn first_of<'i>(recorder: &mut Recorder<'_>, entity: &EntityKey, items: &[&'i Item]) -> Option<&'i Item> {
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
    target: Target<'_>,
    items: &[Item],
) -> anyhow::Result<()> {
    let (setup, config) = (recorder.setup(), recorder.setup().kind(target.kind));
    if config.identity.is_empty() {
        return Ok(());
    }
    let mut by_identity: HashMap<Vec<String>, (Vec<Entity>, Vec<&Item>)> = HashMap::new();
    for stored in tx.all(target.kind)?.into_iter().filter(|stored| stored.row.item_id.is_none()) {
        let wanted = wanted_of(setup, tx, Some(columns), &stored)?;
        if let Some(identity) = wanted.and_then(|wanted| identity_of(config, &wanted)) {
            by_identity.entry(identity).or_default().0.push(stored);
        }
    }
    let bears_none = |item: &&Item| item.columns.get(target.key_column).and_then(key_text).is_none();
    for item in items.iter().filter(bears_none) {
        let identity = identity_observed(config, item);
        if let Some((_, found)) = identity.and_then(|identity| by_identity.get_mut(&identity)) {
            found.push(item);
        }
    }
    // In the order of the entities, whatever that of a hash map is.
    let mut pairs: Vec<(&Entity, &Item)> = Vec::new();
    let mut ambiguous: Vec<(&Entity, &[&Item])> = Vec::new();
    for (entities, found) in by_identity.values() {
        match (entities.as_slice(), found.as_slice()) {
            (_, []) => {}
            ([entity], [item]) => pairs.push((entity, item)),
            (entities, found) => ambiguous.extend(entities.iter().map(|entity| (entity, found))),
        }
    }
    pairs.sort_by_key(|(entity, _)| entity.row.id);
    for (entity, item) in pairs {
        recorder.take_over(tx, target.board, entity, item)?;
    }
    let count = ambiguous.len() as u64;
    if let Some((entity, found)) = ambiguous.into_iter().min_by_key(|(entity, _)| entity.row.id) {
        let items = found.iter().map(|item| item.id.clone()).collect();
        recorder.note(MondayText::IdentityAmbiguous { count, example: entity.row.entity_key().to_string(), items });
    }
    Ok(())
}
