//! Before items are made: whether the board holds what this store accounts for. Where it does not, the store may be an older
//! copy, or another one may write to the same board, so the keys that are about to be created are looked for first.

use super::adoption::{adopt_by_key, finish_adoption, is_adopted};
use super::board_work::BoardWork;
use super::lanes::Lane;
use super::leaving::{leave_doubtful_board, leave_half_read_board, leave_unreadable_board};
use super::planner::KEYS_PER_LOOKUP;
use super::record::Recorder;
use crate::boards::catalog::Catalog;
use crate::boards::items::{BoardRead, LookedUp, ReadResult, Reader, key_borne, without_holder};
use crate::config::{Adopt, Target};
use crate::entity::{EntityKey, Kind};
use crate::message::MondayText;
use crate::monday::Item;
use crate::monday::document::ITEMS_PER_PAGE;
use crate::plan::selection::Selection;
use crate::progress::Task;
use crate::store::{BoardItemCounts, EntityRow, Store, Tx};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Compares, once in a run, the items of the board of a lane with what the store accounts for: by how many there are, and by which was
/// made last, as both were read with its columns. The count alone does not show where an item was made and another one taken away.
///
/// # Errors
/// Where the store cannot be read or written.
pub(super) fn check_account(store: &mut Store, catalog: &Catalog<'_>, lane: &mut Lane<'_>) -> anyhow::Result<()> {
    if lane.account.is_accounted().is_some() {
        return Ok(());
    }
    let (setup, board) = (catalog.setup(), lane.board());
    let read = catalog.board(board);
    let count = read.and_then(|board| board.items_count);
    let newest = read.and_then(|board| board.newest_item.clone());
    let is_accounted = match (count, store.expected_items(board)?) {
        (Some(count), Some(expected)) => {
            count == expected && newest.map_or(Ok(true), |newest| store.is_known_item(board, &newest))?
        }
        // Without adoption, items that stood on the board before belong to nobody here.
        (Some(count), None) if setup.config.sync.adopt == Adopt::Off => {
            let others = count.saturating_sub(store.items_held_on(board)?);
            let counts = BoardItemCounts { others, ..BoardItemCounts::default() };
            let now = setup.now();
            store.write(|tx| tx.set_board_items(board, &counts, newest.as_deref(), now))?;
            true
        }
        _ => false,
    };
    lane.account.set_accounted(is_accounted);
    Ok(())
}

/// Looks for the keys of entities that are about to get items, in the way that takes fewer calls: by reading the board, or
/// by its key column. Where that cannot be done now, the lane waits, is closed, or the session has ended.
///
/// # Errors
/// Where the store cannot be read or written, or nothing can be sent at all.
pub(super) fn check_before_creating(
    work: &mut BoardWork<'_, '_>,
    selection: &Selection,
    mut wanted: Vec<EntityRow>,
) -> anyhow::Result<()> {
    if work.lane.account.is_accounted() != Some(true) {
        let (board, mut new) = (work.board(), 0);
        for &kind in work.lane.planning().ready() {
            new += work.store.count_new_entities(kind, &board)?;
        }
        let count = work.catalog.board(&board).and_then(|board| board.items_count).unwrap_or(0);
        if count.div_ceil(ITEMS_PER_PAGE as u64) <= new.div_ceil(KEYS_PER_LOOKUP as u64).max(1) {
            return account_board(work, None).map(drop);
        }
        fill_up(work.store, work.lane, selection, &mut wanted, work.setup().now())?;
    }
    look_up_before_creating(work, &wanted)
}

/// Reads the board of a lane whole, takes over the items that are ours, and keeps what it holds besides. `first`: a kind
/// that was never pushed to it. Returns whether planning can go on: else the lane waits, is closed, or the session has ended.
///
/// # Errors
/// Where the store cannot be read or written, or nothing can be sent at all.
pub(super) fn account_board(work: &mut BoardWork<'_, '_>, first: Option<Kind>) -> anyhow::Result<bool> {
    let targets = targets_to_account(work.store, work.catalog, work.lane, first)?;
    let (board, kinds): (String, Vec<Kind>) = (work.board(), targets.iter().map(|target| target.kind).collect());
    let given = if is_empty(work.catalog, &board) {
        ReadResult::Whole(Vec::new())
    } else {
        let columns = work.catalog.columns_to_compare(&board, &kinds);
        let read = BoardRead { task: Task::Adopt, board: &board, kinds: &kinds, columns: &columns };
        work.reader().read_board_once(&read)?
    };
    let Some(items) = whole_or_wait(work.recorder, work.lane, given) else { return Ok(false) };
    if waits_for_new_items(work.store, work.catalog, work.lane, &kinds, &items)? {
        return Ok(false);
    }
    let now = work.setup().now();
    let without_holder = without_holder(work.store, &board, items.clone(), now)?;
    let tx = work.store.transaction()?;
    let before = count_adopted(work.recorder, &kinds);
    for &target in &targets {
        adopt_by_key(work.recorder, &tx, target, &without_holder)?;
    }
    let found = count_adopted(work.recorder, &kinds) - before;
    if let Some(&target) = targets.iter().find(|target| first == Some(target.kind)) {
        finish_adoption(work.recorder, work.catalog, &tx, target, &without_holder)?;
    }
    take_account(&tx, work.catalog, &kinds, &board, &items, now)?;
    if first.is_none() && found > 0 {
        tx.note_found_items(&board, found, now)?;
        work.recorder.note(MondayText::MadeElsewhere { board, count: found });
    }
    tx.commit()?;
    work.lane.account.set_accounted(true);
    work.lane.rewind();
    Ok(true)
}

/// Where the items stand that a board is read for; `first` comes first: the progress shows it under the kind that it is read for.
fn targets_to_account<'p>(
    store: &Store,
    catalog: &Catalog<'_>,
    lane: &Lane<'p>,
    first: Option<Kind>,
) -> anyhow::Result<Vec<Target<'p>>> {
    let mut targets = Vec::new();
    for &target in lane.targets() {
        let is_fit = catalog.unfitness(target).is_none();
        if first == Some(target.kind) || (is_fit && is_adopted(catalog.setup(), store, target)?) {
            targets.push(target);
        }
    }
    targets.sort_by_key(|target| first != Some(target.kind));
    Ok(targets)
}

/// Whether a board has no item, by their number and by a search for the one that was made last, as both were read with its columns.
fn is_empty(catalog: &Catalog<'_>, board: &str) -> bool {
    catalog.board(board).is_some_and(|board| board.items_count == Some(0) && board.newest_item.is_none())
}

/// What a reading for a lane gave, if it is whole; else the lane waits for the next reading, or is closed.
fn whole_or_wait<T>(recorder: &mut Recorder<'_>, lane: &mut Lane<'_>, given: ReadResult<T>) -> Option<T> {
    match given {
        ReadResult::Whole(read) => return Some(read),
        ReadResult::NotWhole(why) => reading_was_not_whole(recorder, lane, &why),
        ReadResult::Refused(why) => leave_unreadable_board(recorder, lane, &why),
        ReadResult::Ended => {}
    }
    None
}

/// Keeps what a board, read whole, holds besides the entities' own items.
///
/// # Errors
/// Where the store cannot be read or written.
pub(super) fn take_account(
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
        let key = key_columns.iter().find_map(|column| key_borne(item, column));
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

/// Looks the keys of these entities up.
fn look_up_before_creating(work: &mut BoardWork<'_, '_>, wanted: &[EntityRow]) -> anyhow::Result<()> {
    let board = work.board();
    let targets = work.lane.targets().to_vec();
    let columns: BTreeSet<&str> = targets.iter().map(|target| target.key_column).collect();
    for column in columns {
        let targets: Vec<Target<'_>> = targets.iter().filter(|target| target.key_column == column).copied().collect();
        let is_asked = |new: &&EntityRow| targets.iter().any(|target| target.kind == new.kind);
        let wanted: Vec<&EntityRow> = wanted.iter().filter(is_asked).collect();
        for chunk in wanted.chunks(KEYS_PER_LOOKUP) {
            let keys: Vec<String> = chunk.iter().map(|new| new.entity_key().to_string()).collect();
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            let is_among = |target: &&Target<'_>| chunk.iter().any(|new| new.kind == target.kind);
            let targets: Vec<Target<'_>> = targets.iter().filter(is_among).copied().collect();
            let kinds: Vec<Kind> = targets.iter().map(|target| target.kind).collect();
            let columns = work.catalog.columns_to_compare(&board, &kinds);
            let given = work.reader().items_by_key(&board, column, &keys, &columns)?;
            let Some(found) = whole_or_wait(work.recorder, work.lane, given) else { return Ok(()) };
            adopt_found(work.store, work.recorder, work.lane, &targets, found.items)?;
            work.lane.account.note_absent(chunk.iter().map(|new| new.id));
        }
    }
    work.lane.rewind();
    Ok(())
}

/// Adds entities of the same kind that get their items after these, as many as one call takes.
fn fill_up(
    store: &Store,
    lane: &Lane<'_>,
    selection: &Selection,
    wanted: &mut Vec<EntityRow>,
    now: Timestamp,
) -> anyhow::Result<()> {
    let Some(last) = wanted.last().cloned() else { return Ok(()) };
    let room = KEYS_PER_LOOKUP.saturating_sub(wanted.len()) as u64;
    let more = store.new_entities(last.kind, lane.board(), last.id, room, now)?;
    let account = &lane.account;
    let is_wanted = |new: &EntityRow| selection.holds(new.kind, &new.key) && !account.is_absent(new.id);
    wanted.extend(more.into_iter().filter(is_wanted));
    Ok(())
}

fn adopt_found(
    store: &mut Store,
    recorder: &mut Recorder<'_>,
    lane: &Lane<'_>,
    targets: &[Target<'_>],
    items: Vec<Item>,
) -> anyhow::Result<()> {
    let (board, now) = (lane.board(), recorder.setup().now());
    let kinds: Vec<Kind> = targets.iter().map(|target| target.kind).collect();
    let items = without_holder(store, board, items, now)?;
    let tx = store.transaction()?;
    let before = count_adopted(recorder, &kinds);
    for &target in targets {
        adopt_by_key(recorder, &tx, target, &items)?;
    }
    let count = count_adopted(recorder, &kinds) - before;
    if lane.account.is_accounted() != Some(true) && count > 0 {
        tx.note_found_items(board, count, now)?;
        recorder.note(MondayText::MadeElsewhere { board: board.to_owned(), count });
    }
    tx.commit()
}

/// How many items of these kinds were taken over in this run.
fn count_adopted(recorder: &Recorder<'_>, kinds: &[Kind]) -> u64 {
    let touched = kinds.iter().filter_map(|kind| recorder.touched(*kind));
    touched.map(|touched| touched.adopted.len()).sum::<usize>() as u64
}

/// Whether the board has items with keys, of nobody here, that were made so short a time ago that others made with them may
/// not be seen yet; then the lane waits.
fn waits_for_new_items(
    store: &Store,
    catalog: &Catalog<'_>,
    lane: &mut Lane<'_>,
    kinds: &[Kind],
    items: &[Item],
) -> anyhow::Result<bool> {
    let (setup, board) = (catalog.setup(), lane.board().to_owned());
    let (now, settle) = (setup.now(), setup.config.monday.settle);
    let since = SignedDuration::try_from(settle).ok().and_then(|settle| now.checked_sub(settle).ok());
    let since = since.unwrap_or(Timestamp::MIN);
    let columns = catalog.key_columns(kinds);
    let without_holder = without_holder(store, &board, items.to_vec(), now)?;
    let account = &mut lane.account;
    let is_new = |item: &Item| {
        let bears_a_key = columns.iter().any(|column| key_borne(item, column).is_some());
        bears_a_key && item.created_at.is_some_and(|at| at > since) && !account.is_old(&item.id)
    };
    if !account.may_wait_for_new() || !without_holder.iter().any(is_new) {
        return Ok(false);
    }
    account.wait_for_others(items.iter().map(|item| item.id.clone()));
    // Items that searches do not show yet may have been made just now, so `settle` counts from now.
    lane.wait_for(setup.after(settle), MondayText::WaitingForNewItems { board });
    Ok(true)
}

/// A reading was not whole: it is read again, soon and then after `settle`, and then the board is left alone.
fn reading_was_not_whole(recorder: &mut Recorder<'_>, lane: &mut Lane<'_>, why: &MondayText) {
    let setup = recorder.setup();
    let (soon, settle) = (setup.backoff(1), setup.config.monday.settle);
    match lane.account.pause_after_reading(soon, settle) {
        Some(pause) => {
            let board = lane.board().to_owned();
            lane.wait_for(setup.after(pause), MondayText::WaitingForWholeBoard { board });
        }
        None => leave_half_read_board(recorder, lane, why),
    }
}

/// Items found after a lost answer.
pub(super) enum Found {
    /// These; of those that are not among them it is certain that they are not on the board.
    Items(Vec<Item>),
    /// It is not known yet: the lane waits, is closed, or the session has ended.
    NotYet,
}

/// Looks for the items with these keys, for a call whose answer was lost.
///
/// # Errors
/// Where the store cannot be read or written, or nothing can be sent at all.
pub(super) fn find_after_loss(work: &mut BoardWork<'_, '_>, column: &str, keys: &[&str]) -> anyhow::Result<Found> {
    let (board, kinds) = (work.board(), work.kinds());
    let given = work.reader().items_by_key(&board, column, keys, &[column])?;
    let given = match given {
        // The board has further items that the store does not account for: they may belong to these entities.
        ReadResult::Whole(found)
            if !kinds.is_empty() && !accounts_for(work.store, &board, &found, work.setup().now())? =>
        {
            let columns = work.catalog.key_columns(&kinds);
            let read = BoardRead { task: Task::Read, board: &board, kinds: &kinds, columns: &columns };
            work.reader().read_board_once(&read)?
        }
        ReadResult::Whole(found) => ReadResult::Whole(found.items),
        ReadResult::NotWhole(why) => ReadResult::NotWhole(why),
        ReadResult::Refused(why) => ReadResult::Refused(why),
        ReadResult::Ended => ReadResult::Ended,
    };
    found_or_later(work.store, work.recorder, work.lane, given)
}

/// What a reading after a loss gave, if it is whole; else it is read later, or the board is left alone.
fn found_or_later(
    store: &mut Store,
    recorder: &mut Recorder<'_>,
    lane: &mut Lane<'_>,
    given: ReadResult<Vec<Item>>,
) -> anyhow::Result<Found> {
    match given {
        ReadResult::Whole(items) => return Ok(Found::Items(items)),
        ReadResult::Ended => {}
        ReadResult::Refused(why) => leave_doubtful_board(store, recorder, lane, &why)?,
        ReadResult::NotWhole(why) => ask_later(recorder, lane, &why),
    }
    Ok(Found::NotYet)
}

/// Looks for the items with these keys, with what they show, after an import; `is_whole`: by reading the board, which takes fewer
/// calls.
///
/// # Errors
/// Where the store cannot be read or written, or nothing can be sent at all.
pub(super) fn find_after_import(
    work: &mut BoardWork<'_, '_>,
    column: &str,
    keys: &[String],
    is_whole: bool,
) -> anyhow::Result<Found> {
    let (board, kinds) = (work.board(), work.kinds());
    let mut columns: Vec<&str> = work.catalog.columns_to_compare(&board, &kinds);
    if !columns.contains(&column) {
        columns.push(column);
    }
    let mut reader = work.reader();
    let given = if is_whole && !kinds.is_empty() {
        reader.read_board_once(&BoardRead { task: Task::Read, board: &board, kinds: &kinds, columns: &columns })?
    } else {
        items_with_keys(&mut reader, &board, column, keys, &columns)?
    };
    found_or_later(work.store, work.recorder, work.lane, given)
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
fn ask_later(recorder: &mut Recorder<'_>, lane: &mut Lane<'_>, why: &MondayText) {
    let setup = recorder.setup();
    let pause = lane.account.pause_after_reading(setup.backoff(1), setup.config.monday.settle);
    let until = pause.map(|pause| setup.after(pause));
    let is_put_off = until.is_some_and(|until| lane.put_off_recovery(until));
    if !is_put_off {
        leave_half_read_board(recorder, lane, why);
    }
}

/// Whether the board has no more items than those that the store accounts for and those that were just found.
fn accounts_for(store: &Store, board: &str, found: &LookedUp, now: Timestamp) -> anyhow::Result<bool> {
    let (Some(count), Some(expected)) = (found.count, store.expected_items(board)?) else { return Ok(false) };
    let new = without_holder(store, board, found.items.clone(), now)?;
    Ok(count <= expected + new.len() as u64)
}
