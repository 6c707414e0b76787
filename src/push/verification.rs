//! What people did on the boards: every so often the items are read and compared with what was sent. What was changed by
//! hand is sent again, unless the configuration keeps it; an item that is gone is dealt with as the configuration says.

use super::adoption::{adopt_by_key, first_of};
use super::board_work::BoardWork;
use super::creating::take_account;
use super::effects::Effect;
use super::health::USUAL_LARGEST;
use super::leaving::leave_half_read_board;
use super::missing_items::item_is_missing;
use super::parts::Parts;
use super::record::Recorder;
use crate::age::age;
use crate::boards::Setup;
use crate::boards::compare::{Compared, Difference, ROUNDS_OF_A_FORM, compare};
use crate::boards::drift::{Whereabouts, confirm_absent, not_whole, unknown_keys, unreadable};
use crate::boards::items::{BoardRead, ReadResult, Reader, by_key, without_held, without_holder};
use crate::boards::session::Session;
use crate::config::{Adopt, OnMissing, Target};
use crate::entity::Kind;
use crate::failure::{FailureCause, Reported, Stage};
use crate::message::MondayText;
use crate::monday::{Item, document};
use crate::plan::selection::Selection;
use crate::progress::Task;
use crate::store::{Linked, SentColumn, ShownForm, Store, Tx};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Verification of a board: the kinds that are compared on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ToVerify<'p> {
    board: &'p str,
    targets: Vec<Target<'p>>,
}

/// The boards whose turn it is, parents first. None, where this run may not spend what reading them takes.
///
/// # Errors
/// Where the store cannot be read.
pub(super) fn verifications_due<'p>(
    session: &mut Session<'p>,
    store: &Store,
    selection: &Selection,
    targets: &[Target<'p>],
) -> anyhow::Result<Vec<ToVerify<'p>>> {
    let setup = session.setup();
    let every = setup.config.sync.verify_every;
    let every = every.map(|every| SignedDuration::try_from(every).unwrap_or(SignedDuration::MAX));
    let (mut due, mut calls): (Vec<ToVerify<'_>>, u64) = (Vec::new(), 0);
    for target in targets.iter().filter(|target| selection.kinds.contains(&target.kind)) {
        if !is_due(setup, store, *target, every)? {
            continue;
        }
        let linked = store.count_linked(target.board, target.kind)?;
        if linked == 0 {
            continue;
        }
        calls += linked.div_ceil(document::ITEMS_PER_PAGE as u64);
        match due.iter_mut().find(|other| other.board == target.board) {
            Some(other) => other.targets.push(*target),
            None => due.push(ToVerify { board: target.board, targets: vec![*target] }),
        }
    }
    // What is pending goes first.
    for target in targets {
        calls += store.count_due(target.kind)?.div_ceil(USUAL_LARGEST as u64);
    }
    let is_affordable = due.is_empty() || session.can_afford(store, calls + 1)?;
    Ok(if is_affordable { due } else { Vec::new() })
}

/// Whether a kind is compared with its board: its time has come, or items are missing that were only reported until now.
fn is_due(setup: Setup<'_>, store: &Store, target: Target<'_>, every: Option<SignedDuration>) -> anyhow::Result<bool> {
    let now = setup.now();
    if setup.config.sync.on_missing != OnMissing::Report && store.has_missing_items(target.kind, now)? {
        return Ok(true);
    }
    let Some((every, verified_at)) = every.zip(store.verified_at(target.board, target.kind)?) else { return Ok(false) };
    Ok(age(verified_at, now).is_none_or(|age| age >= every))
}

/// Compares these boards with what was sent, and marks what has to be sent again. Returns the kinds that were compared.
///
/// # Errors
/// Where the store cannot be read or written, or nothing can be sent at all.
pub(super) fn verify(parts: &mut Parts<'_, '_>, due: &[ToVerify<'_>]) -> anyhow::Result<Vec<Kind>> {
    let mut verified = Vec::new();
    for ToVerify { board, targets } in due {
        if parts.session.has_ended() {
            break;
        }
        let targets = leave_out_unfit(parts, targets);
        let Some(lane) = parts.lanes.of(board) else { continue };
        // A board with a lost answer is read for its recovery first.
        if targets.is_empty() || !parts.lanes[lane].is_idle() {
            continue;
        }
        let kinds: Vec<Kind> = targets.iter().map(|target| target.kind).collect();
        if verify_board(&mut parts.at(lane), &targets, &kinds)? {
            parts.spread_effects();
            parts.lanes.reopen_kinds(board, &kinds);
            verified.extend(kinds);
        }
    }
    parts.spread_effects();
    Ok(verified)
}

/// Takes the kinds out whose board is not fit to be pushed to; that is reported as it is before a push.
fn leave_out_unfit<'p>(parts: &mut Parts<'_, '_>, targets: &[Target<'p>]) -> Vec<Target<'p>> {
    let mut fit = Vec::new();
    for &target in targets {
        match parts.catalog.unfitness(target) {
            None => fit.push(target),
            Some(detail) => {
                parts.recorder.report([Reported::of_kind(target.kind, Stage::Push, detail)]);
                parts.lanes.leave_out(target.kind);
            }
        }
    }
    fit
}

/// Compares a board with what was sent. Returns whether it could be read.
fn verify_board(work: &mut BoardWork<'_, '_>, targets: &[Target<'_>], kinds: &[Kind]) -> anyhow::Result<bool> {
    let board = work.board();
    let columns = work.catalog.columns_to_compare(&board, kinds);
    let read = BoardRead { task: Task::Verify, board: &board, kinds, columns: &columns };
    match work.reader().read_board(&read)? {
        ReadResult::Whole(items) => {
            repair(work, targets, kinds, &items)?;
            return Ok(true);
        }
        // Whoever asks next finds the session ended.
        ReadResult::Ended => {}
        ReadResult::NotWhole(why) => leave_half_read_board(work.recorder, work.lane, &why),
        ReadResult::Refused(why) => work.recorder.report(unreadable(&board, kinds, &why)),
    }
    Ok(false)
}

/// Notes the differences, so that they are sent again, and looks for the items that were not found.
fn repair(work: &mut BoardWork<'_, '_>, targets: &[Target<'_>], kinds: &[Kind], items: &[Item]) -> anyhow::Result<()> {
    let (setup, board, now) = (work.setup(), work.board(), work.setup().now());
    let linked = work.store.linked(&board, now)?;
    let compared = compare(setup, work.catalog, work.store, &board, kinds, items, &linked)?;
    note_differences(work.store, work.recorder, &board, &linked, &compared)?;
    let observed = compared.observed.into_iter().map(|(entity, content)| Effect::Observed(entity, content));
    work.recorder.note_effects(observed);
    let strays = without_holder(work.store, &board, items.to_vec(), now)?;
    let unknown = unknown_keys(work.store, &board, targets, items, &linked)?;
    unknown.into_iter().for_each(|note| work.recorder.note(note));
    let absent = [compared.absent, only_reported(setup, work.store, compared.missing)?].concat();
    let is_whole = look_for(work.session, work.store, work.recorder, targets, &absent, &strays)?;
    let tx = work.store.transaction()?;
    adopt_strays(work.recorder, &tx, targets, items)?;
    take_account(&tx, work.catalog, kinds, &board, items, now)?;
    for target in targets.iter().filter(|_| is_whole) {
        tx.set_verified(target.board, target.kind, now)?;
    }
    tx.commit()
}

/// Those of the entities whose items are missing of which that was only reported, though the configuration says otherwise now.
fn only_reported(setup: Setup<'_>, store: &Store, missing: Vec<Linked>) -> anyhow::Result<Vec<Linked>> {
    let mut reported = Vec::new();
    for linked in missing.into_iter().filter(|_| setup.config.sync.on_missing != OnMissing::Report) {
        if store.failures(linked.row.id)?.iter().any(|failure| failure.cause == FailureCause::ItemMissing) {
            reported.push(linked);
        }
    }
    Ok(reported)
}

fn note_differences(
    store: &mut Store,
    recorder: &mut Recorder<'_>,
    board: &str,
    linked: &[Linked],
    compared: &Compared,
) -> anyhow::Result<()> {
    let now = recorder.setup().now();
    let tx = store.transaction()?;
    for linked in &compared.returned {
        tx.clear_failure(linked.row.id, None)?;
        tx.retry_values(&connections_to(&linked.row.item_id), now)?;
    }
    mark_edited(&tx, linked, &compared.differences)?;
    let note = note_forms(&tx, board, &compared.differences)?;
    tx.commit()?;
    note.into_iter().for_each(|note| recorder.note(note));
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

/// What is observed takes the place of what was sent, so that the difference is sent, and recorded as old and new.
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

/// Takes over items that nobody holds and whose key names an entity without one, and notes keys that stand on several.
fn adopt_strays(
    recorder: &mut Recorder<'_>,
    tx: &Tx<'_>,
    targets: &[Target<'_>],
    items: &[Item],
) -> anyhow::Result<()> {
    let (setup, Some(first)) = (recorder.setup(), targets.first()) else { return Ok(()) };
    let linked = tx.linked(first.board, recorder.setup().now())?;
    let strays = without_held(&linked, items.to_vec());
    for &target in targets {
        if setup.config.sync.adopt != Adopt::Off {
            adopt_by_key(recorder, tx, target, &strays)?;
        }
        let by_key = by_key(target.key_column, &strays);
        for linked in linked.iter().filter(|linked| linked.row.kind == target.kind) {
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
fn look_for(
    session: &mut Session<'_>,
    store: &mut Store,
    recorder: &mut Recorder<'_>,
    targets: &[Target<'_>],
    absent: &[Linked],
    strays: &[Item],
) -> anyhow::Result<bool> {
    let (setup, Some(first)) = (recorder.setup(), targets.first()) else { return Ok(true) };
    let board = first.board;
    let Whereabouts { gone, is_whole, unknown } = confirm_absent(&mut Reader::new(session, store), board, absent)?;
    if let Some(why) = unknown {
        let kinds: Vec<Kind> = targets.iter().map(|target| target.kind).collect();
        recorder.report(not_whole(board, &kinds, &why));
    }
    let tx = store.transaction()?;
    for linked in gone {
        let Some(stored) = tx.get(linked.row.id)? else { continue };
        let key = linked.row.entity_key();
        let target = targets.iter().find(|target| target.kind == key.kind && setup.config.sync.adopt != Adopt::Off);
        let bearers = target.map(|target| by_key(target.key_column, strays)).unwrap_or_default();
        match bearers.get(&key.to_string()).and_then(|bearers| first_of(recorder, &key, bearers)) {
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
    Ok(is_whole)
}
