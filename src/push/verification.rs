//! What people did on the boards: every so often the items are read and compared with what was sent. What was changed by
//! hand is sent again, unless the configuration keeps it; an item that is gone is dealt with as the configuration says.

use super::Parts;
use super::adoption::{adopt_by_key, first_of};
use super::creating::{close_not_whole, take_account};
use super::health::USUAL_LARGEST;
use super::missing_items::item_is_missing;
use super::record::Recorder;
use crate::age::age;
use crate::boards::compare::{Compared, Difference, ROUNDS_OF_A_FORM, compare};
use crate::boards::drift::{confirm_absent, unreadable};
use crate::boards::items::{BoardRead, ReadResult, Reader, by_key, unheld};
use crate::config::Adopt;
use crate::entity::Kind;
use crate::message::MondayText;
use crate::monday::{Item, document};
use crate::progress::Task;
use crate::store::{Linked, SentColumn, ShownForm, Tx};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};

/// Verification of a board: the kinds that are compared on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ToVerify {
    board: String,
    kinds: Vec<Kind>,
}

/// The boards whose turn it is, parents first. None, where this run may not spend what reading them takes.
///
/// # Errors
/// Where the store cannot be read.
pub(crate) fn verifications_due(parts: &mut Parts<'_, '_>, kinds: &[Kind]) -> anyhow::Result<Vec<ToVerify>> {
    let Some(every) = parts.setup.config.sync.verify_every else { return Ok(Vec::new()) };
    let every = SignedDuration::try_from(every).unwrap_or(SignedDuration::MAX);
    let (mut due, mut calls): (Vec<ToVerify>, u64) = (Vec::new(), 0);
    for kind in Kind::all().filter(|kind| kinds.contains(kind) && parts.push.selection.kinds.contains(kind)) {
        let board = parts.setup.kind(kind).board.clone().unwrap_or_default();
        if !is_due(parts, &board, kind, every)? {
            continue;
        }
        let linked = parts.store.count_linked(&board, kind)?;
        if linked == 0 {
            continue;
        }
        calls += linked.div_ceil(document::ITEMS_PER_PAGE as u64);
        match due.iter_mut().find(|other| other.board == board) {
            Some(other) => other.kinds.push(kind),
            None => due.push(ToVerify { board, kinds: vec![kind] }),
        }
    }
    // What is pending goes first.
    for &kind in kinds {
        calls += parts.store.count_due(kind)?.div_ceil(USUAL_LARGEST as u64);
    }
    let is_affordable = due.is_empty() || parts.session.can_afford(parts.store, calls + 1)?;
    Ok(if is_affordable { due } else { Vec::new() })
}

fn is_due(parts: &Parts<'_, '_>, board: &str, kind: Kind, every: SignedDuration) -> anyhow::Result<bool> {
    let now = parts.setup.clock().now();
    Ok(parts.store.verified_at(board, kind)?.is_some_and(|at| age(at, now).is_none_or(|age| age >= every)))
}

/// Compares these boards with what was sent, and marks what has to be sent again. Returns the kinds that were compared.
///
/// # Errors
/// Where the store cannot be read or written, or nothing can be sent at all.
pub(crate) fn verify(parts: &mut Parts<'_, '_>, due: &[ToVerify]) -> anyhow::Result<Vec<Kind>> {
    let mut verified = Vec::new();
    for ToVerify { board, kinds } in due {
        if parts.session.has_ended() {
            break;
        }
        let kinds = leave_out_unfit(parts, board, kinds);
        // A board with a lost answer is read for its recovery first.
        let is_idle = parts.lanes.of(board).is_none_or(|lane| parts.lanes[lane].is_idle());
        if kinds.is_empty() || !is_idle {
            continue;
        }
        let columns = parts.catalog.columns_to_compare(board, &kinds);
        let read = BoardRead { task: Task::Verify, board, kinds: &kinds, columns: &columns };
        match Reader::new(&mut parts.session, parts.store).read_board(&read)? {
            ReadResult::Whole(items) => {
                repair(parts, board, &kinds, &items)?;
                verified.extend(kinds);
            }
            ReadResult::Ended => break,
            ReadResult::NotWhole(why) => close_not_whole(parts, board, &why),
            ReadResult::Refused(why) => parts.recorder.log().add(unreadable(board, &kinds, &why)),
        }
    }
    Ok(verified)
}

/// Takes the kinds out whose board is not fit to be pushed to; that is reported as it is before a push.
fn leave_out_unfit(parts: &mut Parts<'_, '_>, board: &str, kinds: &[Kind]) -> Vec<Kind> {
    let mut fit = Vec::new();
    for &kind in kinds {
        match parts.catalog.unfitness(board, kind) {
            None => fit.push(kind),
            Some(detail) => {
                parts.recorder.log().fail_kind(kind, detail);
                parts.lanes.leave_out(kind);
            }
        }
    }
    fit
}

/// Notes the differences, so that they are sent again, and looks for the items that were not found.
fn repair(parts: &mut Parts<'_, '_>, board: &str, kinds: &[Kind], items: &[Item]) -> anyhow::Result<()> {
    let now = parts.setup.clock().now();
    let linked = parts.store.linked(board, now)?;
    let compared = compare(parts.setup, &parts.catalog, parts.store, board, kinds, items, &linked)?;
    note_differences(parts, board, &linked, &compared)?;
    parts.recorder.effects().observed.extend(compared.shown);
    let strays = unheld(parts.store, board, items.to_vec(), now)?;
    let is_whole = look_for(parts, board, &compared.absent, &strays)?;
    let tx = parts.store.transaction()?;
    adopt_strays(&mut parts.recorder, &tx, board, kinds, items)?;
    take_account(&tx, &parts.catalog, kinds, board, items, now)?;
    for &kind in kinds.iter().filter(|_| is_whole) {
        tx.set_verified(board, kind, now)?;
    }
    tx.commit()?;
    parts.spread_effects();
    parts.lanes.reopen_kinds(board, kinds);
    Ok(())
}

fn note_differences(
    parts: &mut Parts<'_, '_>,
    board: &str,
    linked: &[Linked],
    compared: &Compared,
) -> anyhow::Result<()> {
    let now = parts.setup.clock().now();
    let tx = parts.store.transaction()?;
    for linked in &compared.returned {
        tx.clear_failure(linked.row.id, None)?;
        tx.retry_values(&connections_to(&linked.row.item_id), now)?;
    }
    mark_edited(&tx, linked, &compared.differences)?;
    let note = note_forms(&tx, board, &compared.differences)?;
    tx.commit()?;
    note.into_iter().for_each(|note| parts.recorder.note(note));
    Ok(())
}

/// The values, as they were sent and may have been refused, that connect to one item.
fn connections_to(item_id: &str) -> Vec<String> {
    let number = item_id.parse::<u64>().ok().map(Value::from);
    let forms = number.into_iter().chain([Value::from(item_id)]);
    forms.map(|id| json!({"item_ids": [id]}).to_string()).collect()
}

/// Counts how often a value was sent again because the board shows it otherwise, though nobody changed the item: after a
/// few times that is how the board shows it. Returns what people should know of those.
fn note_forms(tx: &Tx<'_>, board: &str, differences: &[Difference]) -> anyhow::Result<Option<MondayText>> {
    let known = tx.shown_forms(board)?;
    let mut remembered = Vec::new();
    for difference in differences.iter().filter(|difference| !difference.is_kept) {
        let (Some(form), Some(column)) = (&difference.form, &difference.column) else { continue };
        let mut before = known.get(&(difference.id, column.clone())).into_iter().flatten();
        let rounds = before.find(|before| before.is_same(form)).map_or(0, |before| before.rounds) + 1;
        tx.set_shown_form(difference.id, column, &ShownForm { rounds, ..form.clone() })?;
        if rounds == ROUNDS_OF_A_FORM {
            remembered.push((difference, column));
        }
    }
    Ok(remembered.first().map(|(first, column)| {
        let (entity, column) = (first.entity_key().to_string(), column.to_string());
        MondayText::FormRemembered { count: remembered.len() as u64, entity, column }
    }))
}

/// What was seen takes the place of what was sent, so that the difference is sent, and recorded as old and new.
fn mark_edited(tx: &Tx<'_>, linked: &[Linked], differences: &[Difference]) -> anyhow::Result<()> {
    let mut by_entity: BTreeMap<i64, Vec<&Difference>> = BTreeMap::new();
    for difference in differences.iter().filter(|difference| !difference.is_kept) {
        by_entity.entry(difference.id).or_default().push(difference);
    }
    for linked in linked {
        let Some(edited) = by_entity.get(&linked.row.id) else { continue };
        let mut sent = linked.sent.clone();
        for difference in edited {
            let Some(column) = &difference.column else { continue };
            sent.set(column, SentColumn::Observed(difference.observed.clone()));
        }
        tx.note_observed(linked.row.id, &sent)?;
    }
    Ok(())
}

/// Takes over items that nobody holds and whose key names an entity without one, and tells of keys that stand on several.
fn adopt_strays(
    recorder: &mut Recorder<'_>,
    tx: &Tx<'_>,
    board: &str,
    kinds: &[Kind],
    items: &[Item],
) -> anyhow::Result<()> {
    let setup = recorder.setup();
    let linked = tx.linked(board, recorder.now())?;
    let held: HashSet<&str> = linked.iter().map(|linked| linked.row.item_id.as_str()).collect();
    let strays: Vec<Item> = items.iter().filter(|item| !held.contains(item.id.as_str())).cloned().collect();
    for &kind in kinds {
        if setup.config.sync.adopt != Adopt::Off {
            adopt_by_key(recorder, tx, board, kind, &strays)?;
        }
        let by_key = by_key(setup.kind(kind).key_column.as_deref(), &strays);
        for linked in linked.iter().filter(|linked| linked.row.kind == kind) {
            let entity = linked.row.entity_key().to_string();
            let Some(others) = by_key.get(&entity) else { continue };
            let used = linked.row.item_id.clone();
            let items = [used.clone()].into_iter().chain(others.iter().map(|item| item.id.clone())).collect();
            recorder.note(MondayText::KeyOnSeveralItems { entity, items, used });
        }
    }
    Ok(())
}

/// Asks where items are that were not read with their board, and deals with those that are gone: where another item, that
/// nobody holds, bears the key, that one takes its place. Returns whether all of them could be asked for.
fn look_for(parts: &mut Parts<'_, '_>, board: &str, absent: &[Linked], strays: &[Item]) -> anyhow::Result<bool> {
    let mut reader = Reader::new(&mut parts.session, parts.store);
    let (gone, is_whole) = confirm_absent(&mut reader, board, absent)?;
    let (recorder, setup) = (&mut parts.recorder, parts.setup);
    let tx = parts.store.transaction()?;
    for linked in gone {
        let Some(stored) = tx.get(linked.row.id)? else { continue };
        let key = linked.row.entity_key();
        let bearers = by_key(setup.kind(linked.row.kind).key_column.as_deref(), strays);
        let others = bearers.get(&key.to_string()).filter(|_| setup.config.sync.adopt != Adopt::Off);
        match others.and_then(|others| first_of(recorder, &key, others)) {
            Some(item) => {
                tx.drop_item(linked.row.id)?;
                recorder.take_over(&tx, board, &stored, item)?;
            }
            None => {
                item_is_missing(recorder, &tx, &stored, &linked.row.item_id)?;
            }
        }
    }
    tx.commit()?;
    parts.spread_effects();
    Ok(is_whole)
}
