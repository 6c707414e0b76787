//! Before items are made: whether the board holds what this store accounts for. Where it does not, the store may be an older
//! copy, or another one may write to the same board, so the keys that are about to be created are looked for first.

use super::Parts;
use super::adoption::{adopt_by_key, finish_adoption, is_adopted};
use super::parking::cannot_look_up;
use super::planner::KEYS_PER_LOOKUP;
use crate::boards::catalog::Catalog;
use crate::boards::drift::{not_whole, unreadable};
use crate::boards::items::{BoardRead, LookedUp, ReadResult, Reader, bears_a_key, unheld};
use crate::config::Adopt;
use crate::entity::{EntityKey, Kind};
use crate::message::MondayText;
use crate::monday::Item;
use crate::monday::document::ITEMS_PER_PAGE;
use crate::plan::keys::key_of;
use crate::progress::Task;
use crate::store::{BoardItemCounts, EntityRow, Tx};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Compares, once in a run, the items of the board of a lane with what the store accounts for: by how many there are, and by which was
/// made last, as both were read with its columns. The count alone does not tell where an item was made and another one taken away.
///
/// # Errors
/// Where the store cannot be read or written.
pub(crate) fn check_account(parts: &mut Parts<'_, '_>, index: usize) -> anyhow::Result<()> {
    let board = parts.lanes[index].board().to_owned();
    if parts.planner.account(&board).is_accounted().is_some() {
        return Ok(());
    }
    let read = parts.catalog.board(&board);
    let count = read.and_then(|board| board.items_count);
    let newest = read.and_then(|board| board.newest_item.clone());
    let is_accounted = match (count, parts.store.expected_items(&board)?) {
        (Some(count), Some(expected)) => {
            count == expected && newest.map_or(Ok(true), |newest| parts.store.is_known_item(&board, &newest))?
        }
        // Without adoption, items that stood on the board before belong to nobody here.
        (Some(count), None) if parts.setup.config.sync.adopt == Adopt::Off => {
            let others = count.saturating_sub(parts.store.items_held_on(&board)?);
            let counts = BoardItemCounts { others, ..BoardItemCounts::default() };
            let now = parts.setup.clock().now();
            parts.store.write(|tx| tx.set_board_items(&board, &counts, newest.as_deref(), now))?;
            true
        }
        _ => false,
    };
    parts.planner.account(&board).set_accounted(is_accounted);
    Ok(())
}

fn is_accounted(parts: &mut Parts<'_, '_>, board: &str) -> bool {
    parts.planner.account(board).is_accounted() == Some(true)
}

/// Looks for the keys of entities that are about to get items, in the way that takes fewer calls: by reading the board, or
/// by its key column. Where that cannot be done now, the lane waits, is closed, or the session has ended.
///
/// # Errors
/// Where the store cannot be read or written, or nothing can be sent at all.
pub(crate) fn check_before_creating(
    parts: &mut Parts<'_, '_>,
    index: usize,
    wanted: Vec<EntityRow>,
) -> anyhow::Result<()> {
    let board = parts.lanes[index].board().to_owned();
    if !is_accounted(parts, &board) {
        let mut new = 0;
        for &kind in parts.lanes[index].ready() {
            new += parts.store.count_new_entities(kind, &board)?;
        }
        let count = parts.catalog.board(&board).and_then(|board| board.items_count).unwrap_or(0);
        if count.div_ceil(ITEMS_PER_PAGE as u64) <= new.div_ceil(KEYS_PER_LOOKUP as u64).max(1) {
            return account_board(parts, index, None).map(drop);
        }
    }
    look_up_before_creating(parts, index, wanted)
}

/// Reads the board of a lane whole, takes over the items that are ours, and keeps what it holds besides. `first`: a kind
/// that was never pushed to it. Returns whether planning can go on: else the lane waits, is closed, or the session has ended.
///
/// # Errors
/// Where the store cannot be read or written, or nothing can be sent at all.
pub(crate) fn account_board(parts: &mut Parts<'_, '_>, index: usize, first: Option<Kind>) -> anyhow::Result<bool> {
    let board = parts.lanes[index].board().to_owned();
    let mut kinds = Vec::new();
    for &kind in parts.lanes[index].kinds() {
        let is_fit = parts.catalog.unfitness(&board, kind).is_none();
        if first == Some(kind) || (is_fit && is_adopted(parts.setup, parts.store, &board, kind)?) {
            kinds.push(kind);
        }
    }
    // The progress shows it under the kind that it is read for.
    kinds.sort_by_key(|kind| first != Some(*kind));
    let columns = parts.catalog.columns_to_compare(&board, &kinds);
    let given = if is_empty(&parts.catalog, &board) {
        ReadResult::Whole(Vec::new())
    } else {
        let read = BoardRead { task: Task::Adopt, board: &board, kinds: &kinds, columns: &columns };
        Reader::new(&mut parts.session, parts.store).read_board_once(&read)?
    };
    let Some(items) = whole_or_wait(parts, index, given) else { return Ok(false) };
    if waits_for_new_items(parts, index, &kinds, &items)? {
        return Ok(false);
    }
    let now = parts.setup.clock().now();
    let strangers = unheld(parts.store, &board, items.clone(), now)?;
    let tx = parts.store.transaction()?;
    let before = parts.recorder.count_adopted(&kinds);
    for &kind in &kinds {
        adopt_by_key(&mut parts.recorder, &tx, &board, kind, &strangers)?;
    }
    let found = parts.recorder.count_adopted(&kinds) - before;
    if let Some(kind) = first {
        finish_adoption(&mut parts.recorder, &parts.catalog, &tx, &board, kind, &strangers)?;
    }
    take_account(&tx, &parts.catalog, &kinds, &board, &items, now)?;
    if first.is_none() && found > 0 {
        tx.note_found_items(&board, found, now)?;
        parts.recorder.note(MondayText::MadeElsewhere { board: board.clone(), count: found });
    }
    tx.commit()?;
    parts.spread_effects();
    parts.planner.account(&board).set_accounted(true);
    parts.lanes[index].rewind();
    Ok(true)
}

/// Whether a board has no item, by their number and by a search for the one that was made last, as both were read with its columns.
fn is_empty(catalog: &Catalog<'_>, board: &str) -> bool {
    catalog.board(board).is_some_and(|board| board.items_count == Some(0) && board.newest_item.is_none())
}

/// What a reading for a lane gave, if it is whole; else the lane waits for the next reading, or is closed.
fn whole_or_wait<T>(parts: &mut Parts<'_, '_>, index: usize, given: ReadResult<T>) -> Option<T> {
    match given {
        ReadResult::Whole(read) => return Some(read),
        ReadResult::NotWhole(why) => reading_was_not_whole(parts, index, &why),
        ReadResult::Refused(why) => {
            let board = parts.lanes[index].board().to_owned();
            let kinds = parts.setup.kinds_pushed_to(&board);
            parts.planner.note_unknown(&kinds);
            parts.close_board(&board, unreadable(&board, &kinds, &why));
        }
        ReadResult::Ended => {}
    }
    None
}

/// Keeps what a board, read whole, holds besides the entities' own items.
///
/// # Errors
/// Where the store cannot be read or written.
pub(crate) fn take_account(
    tx: &Tx<'_>,
    catalog: &Catalog<'_>,
    kinds: &[Kind],
    board: &str,
    items: &[Item],
    now: Timestamp,
) -> anyhow::Result<()> {
    let linked = tx.linked(board, now)?;
    let held: HashSet<&str> = linked.iter().map(|linked| linked.row.item_id.as_str()).collect();
    let own: HashSet<EntityKey> = linked.iter().map(|linked| linked.row.entity_key()).collect();
    let counts = count_items(&catalog.key_columns(kinds), items, &held, &own);
    let newest = catalog.board(board).and_then(|board| board.newest_item.as_deref());
    tx.set_board_items(board, &counts, newest, now)
}

/// Counts what a board holds besides the `held` items; `own`: the entities with items on it.
fn count_items(
    key_columns: &[&str],
    items: &[Item],
    held: &HashSet<&str>,
    own: &HashSet<EntityKey>,
) -> BoardItemCounts {
    let mut bearers: BTreeMap<EntityKey, u64> = BTreeMap::new();
    let mut counts = BoardItemCounts::default();
    for item in items {
        let key = key_columns.iter().find_map(|column| item.columns.get(*column).and_then(key_of));
        let is_stray = key.as_ref().is_some_and(|key| !own.contains(key));
        match held.contains(item.id.as_str()) {
            true => {}
            false if is_stray => counts.strays += 1,
            false => counts.others += 1,
        }
        if let Some(key) = key {
            *bearers.entry(key).or_default() += 1;
        }
    }
    counts.doubles = bearers.values().filter(|count| **count > 1).count() as u64;
    counts
}

/// Looks the keys of these entities up, and of others that come after them, as many as one call takes.
fn look_up_before_creating(parts: &mut Parts<'_, '_>, index: usize, mut wanted: Vec<EntityRow>) -> anyhow::Result<()> {
    let board = parts.lanes[index].board().to_owned();
    if !is_accounted(parts, &board) {
        fill_up(parts, &board, &mut wanted)?;
    }
    let mut by_column: BTreeMap<String, Vec<EntityRow>> = BTreeMap::new();
    for new in wanted {
        let column = parts.setup.kind(new.kind).key_column.clone().unwrap_or_default();
        by_column.entry(column).or_default().push(new);
    }
    for (column, wanted) in by_column {
        for chunk in wanted.chunks(KEYS_PER_LOOKUP) {
            let keys: Vec<String> = chunk.iter().map(|new| new.entity_key().to_string()).collect();
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            let kinds: BTreeSet<Kind> = chunk.iter().map(|new| new.kind).collect();
            let kinds: Vec<Kind> = kinds.into_iter().collect();
            let columns = parts.catalog.columns_to_compare(&board, &kinds);
            let given = Reader::new(&mut parts.session, parts.store).items_by_key(&board, &column, &keys, &columns)?;
            let Some(found) = whole_or_wait(parts, index, given) else { return Ok(()) };
            adopt_found(parts, &board, &kinds, found.items)?;
            parts.planner.account(&board).note_absent(chunk.iter().map(|new| new.id));
        }
    }
    parts.lanes[index].rewind();
    Ok(())
}

/// Adds entities of the same kind that get their items after these.
fn fill_up(parts: &mut Parts<'_, '_>, board: &str, wanted: &mut Vec<EntityRow>) -> anyhow::Result<()> {
    let Some(last) = wanted.last().cloned() else { return Ok(()) };
    let room = KEYS_PER_LOOKUP.saturating_sub(wanted.len()) as u64;
    let more = parts.store.new_entities(last.kind, board, last.id, room, parts.setup.clock().now())?;
    let selection = &parts.push.selection;
    let account = parts.planner.account(board);
    let is_wanted = |new: &EntityRow| selection.holds(new.kind, &new.key) && !account.is_absent(new.id);
    wanted.extend(more.into_iter().filter(is_wanted));
    Ok(())
}

fn adopt_found(parts: &mut Parts<'_, '_>, board: &str, kinds: &[Kind], items: Vec<Item>) -> anyhow::Result<()> {
    let now = parts.setup.clock().now();
    let items = unheld(parts.store, board, items, now)?;
    let is_accounted = is_accounted(parts, board);
    let tx = parts.store.transaction()?;
    let before = parts.recorder.count_adopted(kinds);
    for &kind in kinds {
        adopt_by_key(&mut parts.recorder, &tx, board, kind, &items)?;
    }
    let count = parts.recorder.count_adopted(kinds) - before;
    if !is_accounted && count > 0 {
        tx.note_found_items(board, count, now)?;
        parts.recorder.note(MondayText::MadeElsewhere { board: board.to_owned(), count });
    }
    tx.commit()?;
    parts.spread_effects();
    Ok(())
}

/// Whether the board has items with keys, of nobody here, that were made so short a time ago that others made with them may
/// not be seen yet; then the lane waits.
fn waits_for_new_items(
    parts: &mut Parts<'_, '_>,
    index: usize,
    kinds: &[Kind],
    items: &[Item],
) -> anyhow::Result<bool> {
    let now = parts.setup.clock().now();
    let settle = parts.setup.config.monday.settle;
    let since = SignedDuration::try_from(settle).ok().and_then(|settle| now.checked_sub(settle).ok());
    let since = since.unwrap_or(Timestamp::MIN);
    let board = parts.lanes[index].board().to_owned();
    let columns = parts.catalog.key_columns(kinds);
    let strangers = unheld(parts.store, &board, items.to_vec(), now)?;
    let account = parts.planner.account(&board);
    let is_new = |item: &Item| {
        let bears_a_key = columns.iter().any(|column| bears_a_key(item, column));
        bears_a_key && item.created_at.is_some_and(|at| at > since) && !account.is_old(&item.id)
    };
    if !account.may_wait_for_new() || !strangers.iter().any(is_new) {
        return Ok(false);
    }
    account.wait_for_others(items.iter().map(|item| item.id.clone()));
    // Items that searches do not show yet may have been made just now, so `settle` counts from now.
    let until = parts.instant() + settle;
    parts.lanes[index].wait(until, None, Some(MondayText::WaitingForNewItems { board }));
    Ok(true)
}

/// A reading was not whole: it is read again, soon and then after `settle`, and then the board is left alone.
fn reading_was_not_whole(parts: &mut Parts<'_, '_>, index: usize, why: &MondayText) {
    let board = parts.lanes[index].board().to_owned();
    let (soon, settle) = (parts.setup.backoff(1), parts.setup.config.monday.settle);
    match parts.planner.account(&board).pause_after_reading(soon, settle) {
        Some(pause) => {
            let until = parts.instant() + pause;
            parts.lanes[index].wait(until, None, Some(MondayText::WaitingForWholeBoard { board }));
        }
        None => close_not_whole(parts, &board, why),
    }
}

/// Leaves a board alone that cannot be read whole: nothing is made or changed on it in this run.
pub(crate) fn close_not_whole(parts: &mut Parts<'_, '_>, board: &str, why: &MondayText) {
    let kinds = parts.setup.kinds_pushed_to(board);
    parts.planner.note_unknown(&kinds);
    parts.close_board(board, not_whole(board, &kinds, why));
}

/// Items found after a lost answer.
pub(crate) enum Found {
    /// These; of those that are not among them it is certain that they are not on the board.
    Items(Vec<Item>),
    /// It is not known yet: the lane waits, is closed, or the session has ended.
    NotYet,
}

/// Looks for the items with these keys, for a call whose answer was lost.
///
/// # Errors
/// Where the store cannot be read or written, or nothing can be sent at all.
pub(crate) fn find_after_loss(
    parts: &mut Parts<'_, '_>,
    index: usize,
    column: &str,
    keys: &[&str],
) -> anyhow::Result<Found> {
    let board = parts.lanes[index].board().to_owned();
    let kinds = parts.setup.kinds_pushed_to(&board);
    let given = Reader::new(&mut parts.session, parts.store).items_by_key(&board, column, keys, &[column])?;
    let given = match given {
        // The board has further items that the store does not account for: they may belong to these entities.
        ReadResult::Whole(found) if !kinds.is_empty() && !accounts_for(parts, &board, &found)? => {
            let columns = parts.catalog.key_columns(&kinds);
            let read = BoardRead { task: Task::Read, board: &board, kinds: &kinds, columns: &columns };
            Reader::new(&mut parts.session, parts.store).read_board_once(&read)?
        }
        ReadResult::Whole(found) => ReadResult::Whole(found.items),
        ReadResult::NotWhole(why) => ReadResult::NotWhole(why),
        ReadResult::Refused(why) => ReadResult::Refused(why),
        ReadResult::Ended => ReadResult::Ended,
    };
    found_or_later(parts, index, &board, given)
}

/// What a reading after a loss gave, if it is whole; else it is read later, or the board is left alone.
fn found_or_later(
    parts: &mut Parts<'_, '_>,
    index: usize,
    board: &str,
    given: ReadResult<Vec<Item>>,
) -> anyhow::Result<Found> {
    match given {
        ReadResult::Whole(items) => return Ok(Found::Items(items)),
        ReadResult::Ended => {}
        ReadResult::Refused(why) => cannot_look_up(parts, board, &why)?,
        ReadResult::NotWhole(why) => put_off(parts, index, board, &why),
    }
    Ok(Found::NotYet)
}

/// Looks for the items with these keys, with what they show, after an import; `is_whole`: by reading the board, which takes fewer
/// calls.
///
/// # Errors
/// Where the store cannot be read or written, or nothing can be sent at all.
pub(crate) fn find_after_import(
    parts: &mut Parts<'_, '_>,
    index: usize,
    column: &str,
    keys: &[String],
    is_whole: bool,
) -> anyhow::Result<Found> {
    let board = parts.lanes[index].board().to_owned();
    let kinds = parts.setup.kinds_pushed_to(&board);
    let mut columns = parts.catalog.columns_to_compare(&board, &kinds);
    if !columns.contains(&column) {
        columns.push(column);
    }
    let mut reader = Reader::new(&mut parts.session, parts.store);
    let given = if is_whole && !kinds.is_empty() {
        reader.read_board_once(&BoardRead { task: Task::Read, board: &board, kinds: &kinds, columns: &columns })?
    } else {
        items_with_keys(&mut reader, &board, column, keys, &columns)?
    };
    found_or_later(parts, index, &board, given)
}

/// The items with these keys, however many questions that takes.
fn items_with_keys(
    reader: &mut Reader<'_, '_>,
    board: &str,
    column: &str,
    keys: &[String],
    columns: &[&str],
) -> anyhow::Result<ReadResult<Vec<Item>>> {
    let mut items = Vec::new();
    for chunk in keys.chunks(KEYS_PER_LOOKUP) {
        let chunk: Vec<&str> = chunk.iter().map(String::as_str).collect();
        match reader.items_by_key(board, column, &chunk, columns)? {
            ReadResult::Whole(found) => items.extend(found.items),
            ReadResult::NotWhole(why) => return Ok(ReadResult::NotWhole(why)),
            ReadResult::Refused(why) => return Ok(ReadResult::Refused(why)),
            ReadResult::Ended => return Ok(ReadResult::Ended),
        }
    }
    Ok(ReadResult::Whole(items))
}

/// The board is asked later what became of a call; after too many readings that were not whole it is left alone.
fn put_off(parts: &mut Parts<'_, '_>, index: usize, board: &str, why: &MondayText) {
    let (soon, settle) = (parts.setup.backoff(1), parts.setup.config.monday.settle);
    let pause = parts.planner.account(board).pause_after_reading(soon, settle);
    let until = pause.map(|pause| parts.instant() + pause);
    let is_put_off = until.is_some_and(|until| parts.lanes[index].put_off_recovery(until));
    if !is_put_off {
        close_not_whole(parts, board, why);
    }
}

/// Whether a board has no more items than those that the store accounts for and those that were just found.
fn accounts_for(parts: &Parts<'_, '_>, board: &str, found: &LookedUp) -> anyhow::Result<bool> {
    let (Some(count), Some(expected)) = (found.count, parts.store.expected_items(board)?) else { return Ok(false) };
    let new = unheld(parts.store, board, found.items.clone(), parts.setup.clock().now())?;
    Ok(count <= expected + new.len() as u64)
}
