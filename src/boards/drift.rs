//! Checks of the boards that write nothing: where they differ from what was sent, and which keys stand on several items. They work
//! on a copy of the store, like a dry run, and spend calls within the same budget.

use super::Setup;
use super::catalog::Catalog;
use super::compare::{Difference, compare};
use super::items::{BoardRead, ReadResult, Reader, by_key};
use super::session::Session;
use crate::config::Target;
use crate::entity::{EntityKey, Kind};
use crate::failure::{Exit, FailureCause, FailureDetail, Reported, Stage};
use crate::message::{Message, MondayText};
use crate::monday::{Item, PlacedItem, document};
use crate::plan::selection::Selection;
use crate::progress::Task;
use crate::store::{Linked, Store};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Result of a check of the boards, and what it cost.
#[derive(Debug)]
pub(crate) struct BoardCheck<T> {
    /// What it found.
    pub(crate) found: T,
    /// Boards that could not be read.
    pub(crate) failures: Vec<Reported>,
    /// What people should know besides.
    pub(crate) notes: Vec<Message>,
    /// Calls spent.
    pub(crate) calls: u64,
    /// What ended it early.
    pub(crate) error: Option<anyhow::Error>,
    /// Whether all boards were checked that can be.
    pub(crate) is_whole: bool,
    /// How it ended.
    pub(crate) exit: Exit,
}

/// Duplicate: a key that stands on several items or is not known, or an item that several entities hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Duplicate {
    /// The entity.
    pub(crate) entity: String,
    /// The items, the entity's own one first.
    pub(crate) items: Vec<String>,
    /// Its own item.
    pub(crate) linked: Option<String>,
    /// The other entities that hold the item, or one of the items.
    pub(crate) others: Vec<String>,
    /// Whether this store has no such entity.
    pub(crate) is_unknown: bool,
}

/// Inspection of one board after the other: what a check needs at each.
pub(crate) struct Inspection<'i, 'a> {
    pub(crate) setup: Setup<'a>,
    pub(crate) catalog: &'i Catalog<'a>,
    pub(crate) store: &'i mut Store,
    session: &'i mut Session<'a>,
    failures: &'i mut Vec<Reported>,
    notes: &'i mut Vec<Message>,
}

/// Goes through the boards of these kinds; `at` inspects each, with the kinds that are fit to be pushed to it.
///
/// # Errors
/// Where `at` fails, or the store does.
pub(crate) fn inspect<T: Default>(
    setup: Setup<'_>,
    store: &mut Store,
    kinds: &BTreeSet<Kind>,
    mut at: impl FnMut(&mut Inspection<'_, '_>, &str, &[Kind], &mut T) -> anyhow::Result<()>,
) -> anyhow::Result<BoardCheck<T>> {
    let boards = targets_by_board(setup, kinds);
    let (mut session, mut catalog) = (Session::new(setup), Catalog::new(setup));
    let (mut found, mut failures, mut remarks) = (T::default(), Vec::new(), Vec::new());
    if !boards.is_empty() && !session.must_wait(store)? {
        catalog.read(&mut session, store, boards.keys().map(|&board| board.to_owned()).collect())?;
        for (board, targets) in boards {
            if session.has_ended() {
                break;
            }
            let mut fit = Vec::new();
            for target in targets {
                match catalog.unfitness(target) {
                    None => fit.push(target.kind),
                    Some(detail) => failures.push(Reported::of_kind(target.kind, Stage::Push, detail)),
                }
            }
            if !fit.is_empty() {
                let (catalog, session, failures, notes) = (&catalog, &mut session, &mut failures, &mut remarks);
                let mut inspection = Inspection { setup, catalog, store: &mut *store, session, failures, notes };
                at(&mut inspection, board, &fit, &mut found)?;
            }
        }
    }
    let is_whole = !session.has_ended();
    let ending = session.finish();
    let partly = if failures.is_empty() { Exit::Ok } else { Exit::Partial };
    let exit = partly.and(ending.exit.unwrap_or(Exit::Ok));
    let (calls, error) = (ending.calls, ending.error);
    let notes = remarks.into_iter().chain(ending.notes).collect();
    Ok(BoardCheck { found, failures, notes, calls, error, is_whole, exit })
}

/// Where the items of these kinds stand, board by board.
fn targets_by_board<'a>(setup: Setup<'a>, kinds: &BTreeSet<Kind>) -> BTreeMap<&'a str, Vec<Target<'a>>> {
    let mut boards: BTreeMap<&str, Vec<Target<'_>>> = BTreeMap::new();
    for target in setup.targets(kinds.iter().copied()) {
        boards.entry(target.board).or_default().push(target);
    }
    boards
}

impl Inspection<'_, '_> {
    /// The entities with items on a board.
    ///
    /// # Errors
    /// Where the store cannot be read, or holds what this program does not know.
    pub(crate) fn linked(&self, board: &str) -> anyhow::Result<Vec<Linked>> {
        self.store.linked(board, self.setup.clock().now())
    }

    /// All items of a board; `None` where it cannot be read, which is reported.
    ///
    /// # Errors
    /// Where the store fails.
    pub(crate) fn items(&mut self, board: &str, kinds: &[Kind], columns: &[&str]) -> anyhow::Result<Option<Vec<Item>>> {
        let read = BoardRead { task: Task::Read, board, kinds, columns };
        match Reader::new(self.session, self.store).read_board(&read)? {
            ReadResult::Whole(items) => return Ok(Some(items)),
            ReadResult::Ended => {}
            ReadResult::NotWhole(why) => self.failures.extend(not_whole(board, kinds, &why)),
            ReadResult::Refused(why) => self.failures.extend(unreadable(board, kinds, &why)),
        }
        Ok(None)
    }

    /// Items by their ids, wherever they are; `None` where monday does not say, which is reported.
    ///
    /// # Errors
    /// Where the store fails.
    pub(crate) fn placed_items(
        &mut self,
        board: &str,
        kinds: &[Kind],
        ids: &[&str],
        columns: &[&str],
    ) -> anyhow::Result<Option<Vec<PlacedItem>>> {
        let mut items = Vec::new();
        for chunk in ids.chunks(document::ITEMS_BY_ID) {
            match Reader::new(self.session, self.store).ask_items(chunk, columns)? {
                ReadResult::Whole(found) => items.extend(found),
                ReadResult::Ended => return Ok(None),
                ReadResult::NotWhole(why) | ReadResult::Refused(why) => {
                    self.failures.extend(unreadable(board, kinds, &why));
                    return Ok(None);
                }
            }
        }
        Ok(Some(items))
    }

    /// Just the items of these entities, as far as they are still on their board.
    fn items_of(
        &mut self,
        board: &str,
        kinds: &[Kind],
        linked: &[Linked],
        columns: &[&str],
    ) -> anyhow::Result<Option<Vec<Item>>> {
        let ids: Vec<&str> = linked.iter().map(|linked| linked.row.item_id.as_str()).collect();
        let found = self.placed_items(board, kinds, &ids, columns)?;
        Ok(found.map(|found| found.into_iter().filter(|item| item.is_on(board)).map(|item| item.item).collect()))
    }
}

/// The failures of kinds whose board monday refuses to show.
pub(crate) fn unreadable(board: &str, kinds: &[Kind], why: &MondayText) -> Vec<Reported> {
    let failure = |&kind: &Kind| {
        let error = MondayText::BoardNotRead { board: board.to_owned(), why: why.clone().into() };
        let detail = FailureDetail::new(FailureCause::BoardUnreadable, error);
        Reported::of_kind(kind, Stage::Push, detail.hint(remedy_of(why, kind)))
    };
    kinds.iter().map(failure).collect()
}

/// What remedies that a board is not shown: a fault of monday's own says nothing about the board's number.
pub(crate) fn remedy_of(why: &MondayText, kind: Kind) -> Message {
    match (why, Message::from(why.clone()).remedy()) {
        (_, Some(remedy)) => remedy.clone(),
        (MondayText::Unreachable { .. } | MondayText::Limited { .. }, None) => MondayText::TryBoardLater {}.into(),
        (_, None) => MondayText::CheckBoard { kind }.into(),
    }
}

/// The failures of kinds whose board cannot be read whole.
pub(crate) fn not_whole(board: &str, kinds: &[Kind], why: &MondayText) -> Vec<Reported> {
    let failure = |&kind: &Kind| {
        let error = MondayText::BoardNotWhole { board: board.to_owned(), why: why.clone().into() };
        let detail = FailureDetail::new(FailureCause::BoardUnreadable, error);
        Reported::of_kind(kind, Stage::Push, detail.hint(MondayText::TryBoardLater {}))
    };
    kinds.iter().map(failure).collect()
}

/// Answer to where the items are that were not read with their board.
pub(crate) struct Whereabouts<'l> {
    /// The entities whose items monday says to be deleted, archived or on another board.
    pub(crate) gone: Vec<&'l Linked>,
    /// Whether monday said of all of them where they are.
    pub(crate) is_whole: bool,
    /// Why it did not of some: nobody knows whether these are missing.
    pub(crate) unknown: Option<MondayText>,
}

/// Asks monday where the items of these entities are.
///
/// # Errors
/// Where the store fails.
pub(crate) fn confirm_absent<'l>(
    reader: &mut Reader<'_, '_>,
    board: &str,
    absent: &'l [Linked],
) -> anyhow::Result<Whereabouts<'l>> {
    let mut found = Whereabouts { gone: Vec::new(), is_whole: true, unknown: None };
    for chunk in absent.chunks(document::ITEMS_BY_ID) {
        let ids: Vec<&str> = chunk.iter().map(|linked| linked.row.item_id.as_str()).collect();
        let states = match reader.ask_states(&ids)? {
            ReadResult::Whole(states) => states,
            ReadResult::NotWhole(why) | ReadResult::Refused(why) => {
                (found.is_whole, found.unknown) = (false, Some(why));
                continue;
            }
            // Whoever asks next finds the session ended.
            ReadResult::Ended => return Ok(Whereabouts { is_whole: false, ..found }),
        };
        let here: HashSet<&str> =
            states.iter().filter(|state| state.is_on(board)).map(|state| state.id.as_str()).collect();
        found.gone.extend(chunk.iter().filter(|linked| !here.contains(linked.row.item_id.as_str())));
    }
    Ok(found)
}

/// Where the boards differ from what was sent.
///
/// # Errors
/// Where the store cannot be read or written, or nothing can be sent at all.
pub(crate) fn drift(
    setup: Setup<'_>,
    store: &mut Store,
    selection: &Selection,
) -> anyhow::Result<BoardCheck<Vec<Difference>>> {
    inspect(setup, store, &selection.touched_kinds(), |at, board, kinds, found: &mut Vec<Difference>| {
        let is_chosen = |linked: &Linked| linked.is_pushed && selection.holds(linked.row.kind, &linked.row.key);
        let linked: Vec<Linked> = at.linked(board)?.into_iter().filter(is_chosen).collect();
        let is_whole = kinds.iter().any(|kind| selection.kinds.contains(kind));
        let columns = at.catalog.columns_to_compare(board, kinds);
        let items = match is_whole {
            true => at.items(board, kinds, &columns)?,
            false => at.items_of(board, kinds, &linked, &columns)?,
        };
        let Some(items) = items else { return Ok(()) };
        let compared = compare(at.setup, at.catalog, at.store, board, kinds, &items, &linked)?;
        found.extend(compared.differences);
        found.extend(compared.missing.iter().map(Difference::missing));
        let mut reader = Reader::new(at.session, at.store);
        let absent = confirm_absent(&mut reader, board, &compared.absent)?;
        found.extend(absent.gone.into_iter().map(Difference::missing));
        at.failures.extend(absent.unknown.iter().flat_map(|why| not_whole(board, kinds, why)));
        if is_whole {
            let linked = at.linked(board)?;
            found.extend(doubles(at.setup, &linked, kinds, &items));
            let targets: Vec<Target<'_>> = at.setup.targets(kinds.iter().copied()).collect();
            at.notes.extend(unknown_keys(at.store, board, &targets, &items, &linked)?.map(Message::from));
        }
        Ok(())
    })
}

/// That items of a board which was read whole bear keys of entities that this store does not have; `None`: there are none.
///
/// # Errors
/// Where the store cannot be read.
pub(crate) fn unknown_keys(
    store: &Store,
    board: &str,
    targets: &[Target<'_>],
    items: &[Item],
    linked: &[Linked],
) -> anyhow::Result<Option<MondayText>> {
    let known: HashSet<EntityKey> = linked.iter().map(|linked| linked.row.entity_key()).collect();
    let mut count = 0;
    for target in targets {
        for (entity, bearers) in by_key(target.key_column, items) {
            let key = entity.parse::<EntityKey>().ok().filter(|key| key.kind == target.kind && !known.contains(key));
            let Some(key) = key else { continue };
            if store.find(key.kind, &key.key)?.is_none() {
                count += bearers.len() as u64;
            }
        }
    }
    Ok((count > 0).then(|| MondayText::KeysUnknown { board: board.to_owned(), count }))
}

/// The items that nobody holds and that bear the key of an entity with an item of its own.
fn doubles(setup: Setup<'_>, linked: &[Linked], kinds: &[Kind], items: &[Item]) -> Vec<Difference> {
    let held: BTreeSet<&str> = linked.iter().map(|linked| linked.row.item_id.as_str()).collect();
    let mut found = Vec::new();
    for target in setup.targets(kinds.iter().copied()) {
        let by_key = by_key(target.key_column, items);
        for linked in linked.iter().filter(|linked| linked.row.kind == target.kind) {
            let bearers = by_key.get(&linked.row.entity_key().to_string()).into_iter().flatten();
            let strays = bearers.filter(|item| !held.contains(item.id.as_str()));
            found.extend(strays.map(|item| Difference::double(linked, &item.id, target.key_column)));
        }
    }
    found
}

/// Keys that stand on several items of a board, or that this store does not know, and items that several entities hold.
///
/// # Errors
/// Where the store cannot be read or written, or nothing can be sent at all.
pub(crate) fn duplicates(
    setup: Setup<'_>,
    store: &mut Store,
    selection: &Selection,
) -> anyhow::Result<BoardCheck<Vec<Duplicate>>> {
    inspect(setup, store, &selection.touched_kinds(), |at, board, kinds, found: &mut Vec<Duplicate>| {
        let linked = at.linked(board)?;
        found.extend(held_twice(&linked));
        let columns = at.catalog.key_columns(kinds);
        let Some(items) = at.items(board, kinds, &columns)? else { return Ok(()) };
        for target in at.setup.targets(kinds.iter().copied()) {
            found.extend(keys_on_several(at, target, &items, &linked)?);
        }
        Ok(())
    })
}

fn held_twice(linked: &[Linked]) -> Vec<Duplicate> {
    let mut holders: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for linked in linked {
        holders.entry(&linked.row.item_id).or_default().push(linked.row.entity_key().to_string());
    }
    let several = holders.into_iter().filter(|(_, holders)| holders.len() > 1);
    several
        .map(|(item, mut holders)| Duplicate {
            entity: holders.remove(0),
            items: vec![item.to_owned()],
            linked: Some(item.to_owned()),
            others: holders,
            is_unknown: false,
        })
        .collect()
}

fn keys_on_several(
    at: &Inspection<'_, '_>,
    target: Target<'_>,
    items: &[Item],
    linked: &[Linked],
) -> anyhow::Result<Vec<Duplicate>> {
    let (kind, mut found) = (target.kind, Vec::new());
    for (entity, items) in by_key(target.key_column, items) {
        let Some(key) = entity.parse::<EntityKey>().ok().filter(|key| key.kind == kind) else { continue };
        let own = linked.iter().find(|linked| linked.row.entity_key() == key);
        let own = own.map(|linked| linked.row.item_id.clone());
        let mut ids: Vec<String> = own.iter().cloned().collect();
        ids.extend(items.iter().map(|item| item.id.clone()).filter(|id| Some(id) != own.as_ref()));
        let holder = |item: &&Linked| ids.contains(&item.row.item_id) && Some(&item.row.item_id) != own.as_ref();
        let others: Vec<String> =
            linked.iter().filter(holder).map(|linked| linked.row.entity_key().to_string()).collect();
        let is_unknown = own.is_none() && at.store.find(kind, &key.key)?.is_none();
        if ids.len() > 1 || !others.is_empty() || is_unknown {
            found.push(Duplicate { entity, items: ids, linked: own, others, is_unknown });
        }
    }
    Ok(found)
}
