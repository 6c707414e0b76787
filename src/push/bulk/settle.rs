//! End of an import: the board is read, each row has its item or is sent again, and each column counts only if the item shows it.

use super::price::is_read_whole;
use crate::boards::items::{content_of, key_shown};
use crate::entity::EntityKey;
use crate::monday::Item;
use crate::monday::column::shows;
use crate::plan::map::{self, BoardColumns, NAME};
use crate::progress::Task;
use crate::push::Parts;
use crate::push::adoption::first_of;
use crate::push::creating::{Found, find_after_import};
use crate::push::parking::{look_up_again, unpark};
use crate::push::record::Recorder;
use crate::store::{Batch, Entity, ImportRow, Intent, Tx};
use std::collections::{BTreeMap, HashMap};

/// Finds out what an import did. Searches lag behind writes: as long as fewer items are found than monday counted, it is asked
/// again, and what is absent then is sent as mutations.
///
/// # Errors
/// Where the store cannot be read or written, or nothing can be sent at all.
pub(crate) fn settle(parts: &mut Parts<'_, '_>, lane: usize, batch: &Batch, import: &ImportRow) -> anyhow::Result<()> {
    let mut wanted = Vec::new();
    for intent in &batch.intents {
        wanted.extend(parts.store.get(intent.entity)?.map(|stored| (intent, stored)));
    }
    let Some(items) = find(parts, lane, batch, &wanted)? else { return Ok(()) };
    let absent = record(parts, batch, &wanted, &items)?;
    let found = wanted.len() - absent.len();
    if found > 0 {
        parts.lanes.note_work(lane);
    }
    let recovery = batch.recovery.looked_up(found > 0);
    let is_counted = import.done.is_some_and(|done| import.rows.saturating_sub(absent.len() as u64) >= done);
    if !absent.is_empty() && !is_counted && !recovery.is_over() {
        return look_up_again(parts, lane, batch.id, recovery);
    }
    parts.bulk.leave_out(absent);
    parts.store.write(|tx| tx.end_batch(batch.id))?;
    unpark(parts, lane)
}

/// The items of the board, or those with the keys of the rows; `None`: it is not known yet.
fn find(
    parts: &mut Parts<'_, '_>,
    lane: usize,
    batch: &Batch,
    wanted: &[(&Intent, Entity)],
) -> anyhow::Result<Option<Vec<Item>>> {
    let mut keys: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (_, stored) in wanted {
        let column = parts.setup.kind(stored.row.kind).key_column.clone().unwrap_or_default();
        keys.entry(column).or_default().push(stored.row.entity_key().to_string());
    }
    let is_whole = is_read_whole(parts.store.items_held_on(&batch.board)?, wanted.len() as u64);
    let mut items = Vec::new();
    for (column, keys) in keys {
        match find_after_import(parts, lane, &column, &keys, is_whole)? {
            Found::Items(found) => items.extend(found),
            Found::NotYet => return Ok(None),
        }
    }
    Ok(Some(items))
}

/// Records the rows whose items were found. Returns the entities of the others.
fn record(
    parts: &mut Parts<'_, '_>,
    batch: &Batch,
    wanted: &[(&Intent, Entity)],
    items: &[Item],
) -> anyhow::Result<Vec<i64>> {
    let mut by_key: HashMap<EntityKey, Vec<&Item>> = HashMap::new();
    let setup = parts.setup;
    for item in items {
        let columns =
            setup.kinds_pushed_to(&batch.board).into_iter().filter_map(|kind| setup.kind(kind).key_column.as_deref());
        if let Some(key) = columns.filter_map(|column| key_shown(item, column)).next() {
            by_key.entry(key).or_default().push(item);
        }
    }
    let mut absent = Vec::new();
    let columns = parts.catalog.columns(&batch.board);
    let tx = parts.store.transaction()?;
    for (intent, stored) in wanted {
        let key = stored.row.entity_key();
        let bearers = by_key.get(&key).map(Vec::as_slice).unwrap_or_default();
        match first_of(&mut parts.recorder, &key, bearers) {
            Some(item) => {
                confirm(&mut parts.recorder, &tx, columns, batch, (intent, stored), item)?;
                tx.end_intent(batch.id, &intent.alias)?;
            }
            None => absent.push(intent.entity),
        }
    }
    tx.commit()?;
    for (_, stored) in wanted {
        setup.progress.advance(Task::Push, stored.row.kind, 1);
    }
    parts.spread_effects();
    Ok(absent)
}

/// Records an item that a row was made into. A column that it shows otherwise is left to be sent.
fn confirm(
    recorder: &mut Recorder<'_>,
    tx: &Tx<'_>,
    columns: Option<&BoardColumns>,
    batch: &Batch,
    (intent, stored): (&Intent, &Entity),
    item: &Item,
) -> anyhow::Result<()> {
    let (config, content) = (recorder.setup().kind(stored.row.kind), content_of(item));
    let mut shown = intent.clone();
    let is_shown = |column: &str| {
        let column_type = map::type_of(config, column, columns);
        let value = &intent.columns[column];
        match content.get(column) {
            Some(content) if column == NAME => value.as_str() == content.text.as_deref(),
            Some(content) => shows(column_type, value, content),
            None => false,
        }
    };
    shown.columns.retain(|column, _| is_shown(column));
    let others = intent.columns.keys().filter(|column| !shown.columns.contains_key(*column));
    shown.withheld.extend(others.cloned());
    recorder.confirm(tx, &shown, &batch.board, &item.id)?;
    recorder.effects().observed.push((stored.row.id, content));
    Ok(())
}
