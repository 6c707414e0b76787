//! Outcome of an import: the board is read, each row has its item or is sent again, and each column counts only if the item shows it.

use super::price::is_read_whole;
use super::route::BulkRoute;
use crate::boards::catalog::Catalog;
use crate::boards::items::{content_of, key_borne};
use crate::entity::EntityKey;
use crate::monday::Item;
use crate::monday::column::shows;
use crate::plan::map::{self, BoardColumns, NAME};
use crate::progress::Task;
use crate::push::adoption::first_of;
use crate::push::board_work::BoardWork;
use crate::push::creating::{Found, find_after_import};
use crate::push::effects::Effect;
use crate::push::parking::{look_up_again, unpark};
use crate::push::record::{Recorder, confirm_found};
use crate::store::{Batch, Entity, ImportRow, Intent, Store, Tx};
use std::collections::{BTreeMap, HashMap};

/// Finds out what an import did. Searches lag behind writes: as long as fewer items are found than monday counted, it is asked
/// again, and what is absent then is sent as mutations.
///
/// # Errors
/// Where the store cannot be read or written, or nothing can be sent at all.
pub(super) fn finish(
    work: &mut BoardWork<'_, '_>,
    bulk: &mut BulkRoute,
    batch: &Batch,
    import: &ImportRow,
) -> anyhow::Result<()> {
    let mut wanted = Vec::new();
    for intent in &batch.intents {
        wanted.extend(work.store.get(intent.entity)?.map(|stored| (intent, stored)));
    }
    let Some(items) = find(work, &wanted)? else { return Ok(()) };
    let absent = record(work.store, work.recorder, work.catalog, batch, &wanted, &items)?;
    let found = wanted.len() - absent.len();
    if found > 0 {
        work.lane.health.worked();
    }
    let recovery = batch.recovery.looked_up(found > 0);
    let is_counted = import.done.is_some_and(|done| import.rows.saturating_sub(absent.len() as u64) >= done);
    if !absent.is_empty() && !is_counted && !recovery.is_over() {
        return look_up_again(work.setup(), work.store, work.lane, batch.id, recovery);
    }
    bulk.leave_out(absent);
    work.store.write(|tx| tx.end_batch(batch.id))?;
    unpark(work.setup(), work.store, work.lane)
}

/// The items of the board, or those with the keys of the rows; `None`: it is not known yet. Rows of a kind that has no key column any
/// more are nobody's: it is pushed to no board.
fn find(work: &mut BoardWork<'_, '_>, wanted: &[(&Intent, Entity)]) -> anyhow::Result<Option<Vec<Item>>> {
    let mut keys: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (_, stored) in wanted {
        if let Some(column) = &work.setup().kind(stored.row.kind).key_column {
            keys.entry(column.clone()).or_default().push(stored.row.entity_key().to_string());
        }
    }
    let is_whole = is_read_whole(work.store.items_held_on(work.lane.board())?, wanted.len() as u64);
    let mut items = Vec::new();
    for (column, keys) in keys {
        match find_after_import(work, &column, &keys, is_whole)? {
            Found::Items(found) => items.extend(found),
            Found::NotYet => return Ok(None),
        }
    }
    Ok(Some(items))
}

/// Records the rows whose items were found. Returns the entities of the others.
fn record(
    store: &mut Store,
    recorder: &mut Recorder<'_>,
    catalog: &Catalog<'_>,
    batch: &Batch,
    wanted: &[(&Intent, Entity)],
    items: &[Item],
) -> anyhow::Result<Vec<i64>> {
    let mut by_key: HashMap<EntityKey, Vec<&Item>> = HashMap::new();
    let setup = recorder.setup();
    let key_columns = catalog.key_columns(&setup.kinds_pushed_to(&batch.board));
    for item in items {
        if let Some(key) = key_columns.iter().find_map(|column| key_borne(item, column)) {
            by_key.entry(key).or_default().push(item);
        }
    }
    let mut absent = Vec::new();
    let columns = catalog.columns(&batch.board);
    let tx = store.transaction()?;
    for (intent, stored) in wanted {
        let key = stored.row.entity_key();
        let bearers = by_key.get(&key).map(Vec::as_slice).unwrap_or_default();
        match first_of(recorder, &key, bearers) {
            Some(item) => {
                confirm(recorder, &tx, columns, batch, (intent, stored), item)?;
            }
            None => absent.push(intent.entity),
        }
    }
    if absent.len() < wanted.len() {
        recorder.board_works(&tx, &batch.board)?;
    }
    tx.commit()?;
    for (_, stored) in wanted {
        setup.progress.advance(Task::Push, stored.row.kind, 1);
    }
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
    let mut confirmed = intent.clone();
    let is_observed = |column: &str| {
        let column_type = map::type_of(config, column, columns);
        let value = &intent.columns[column];
        match content.get(column) {
            Some(content) if column == NAME => value.as_str() == content.text.as_deref(),
            Some(content) => shows(column_type, value, content),
            None => false,
        }
    };
    confirmed.columns.retain(|column, _| is_observed(column));
    let others = intent.columns.keys().filter(|column| !confirmed.columns.contains_key(*column));
    confirmed.withheld.extend(others.cloned());
    confirm_found(recorder, tx, batch, &confirmed, &item.id)?;
    recorder.note_effects([Effect::Observed(stored.row.id, content)]);
    Ok(())
}
