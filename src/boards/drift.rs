//! Looking at the boards without writing to them: where they differ from what was sent, and which keys stand on several
//! items. Works on a copy of the store, like a dry run, and spends calls within the same budget.

use crate::boards::items::Given;
use crate::entity::Kind;
use crate::failure::Exit;
use crate::failure::Reported;
use crate::failure::{FailureCause, FailureDetail};
use crate::message::{Lang, Message, MondayText};
use crate::monday::{Item, PlacedItem, document};
use crate::push::engine::{Engine, Lane};
use crate::push::run::Push;
use crate::push::verification::{Difference, items_by_key};
use crate::store::{Linked, Store};
use std::collections::{BTreeMap, BTreeSet};

/// What a look at the boards found, and what it cost.
#[derive(Debug)]
pub struct Looked<T> {
    /// What it found.
    pub found: T,
    /// Boards that could not be read.
    pub failures: Vec<Reported>,
    /// What people should know besides.
    pub notes: Vec<Message>,
    /// Calls spent.
    pub calls: u64,
    /// What ended it early.
    pub error: Option<anyhow::Error>,
    /// Whether all boards were looked at that can be.
    pub is_whole: bool,
    /// How it ended.
    pub exit: Exit,
}

/// A key that stands on several items or is not known, or an item that several entities hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// The entity.
    pub entity: String,
    /// The items, the entity's own one first.
    pub items: Vec<String>,
    /// Its own item.
    pub linked: Option<String>,
    /// The other entities that hold the item, or one of the items.
    pub others: Vec<String>,
    /// Whether this store has no such entity.
    pub is_unknown: bool,
}

/// Where the boards differ from what was sent.
pub fn drift(push: &Push<'_>, store: &mut Store) -> anyhow::Result<Looked<Vec<Difference>>> {
    look(push, store, |engine, board, kinds, found: &mut Vec<Difference>| {
        let linked: Vec<Linked> = engine
            .store
            .linked(board, engine.now())?
            .into_iter()
            .filter(|linked| linked.is_pushed && engine.push.selection.holds(linked.kind, &linked.key))
            .collect();
        let is_whole = kinds.iter().any(|kind| engine.push.selection.kinds.contains(kind));
        let columns = engine.columns_to_compare(board, kinds);
        let items = match is_whole {
            true => engine.items_or_failure(board, kinds, &columns)?,
            false => engine.items_of(board, kinds, &linked, &columns)?,
        };
        let Some(items) = items else { return Ok(()) };
        let compared = engine.compare(board, kinds, &items, &linked)?;
        found.extend(compared.differences);
        found.extend(compared.missing.iter().map(Difference::missing));
        let (gone, _) = engine.confirm_absent(board, &compared.absent)?;
        found.extend(gone.into_iter().map(Difference::missing));
        if is_whole {
            found.extend(doubles(engine, board, kinds, &items)?);
        }
        Ok(())
    })
}

/// The items that nobody holds and that bear the key of an entity with an item of its own.
fn doubles(engine: &Engine<'_, '_>, board: &str, kinds: &[Kind], items: &[Item]) -> anyhow::Result<Vec<Difference>> {
    let linked = engine.store.linked(board, engine.now())?;
    let held: BTreeSet<&str> = linked.iter().map(|linked| linked.item_id.as_str()).collect();
    let mut found = Vec::new();
    for &kind in kinds {
        let key_column = engine.entity(kind).key_column.as_deref().unwrap_or_default();
        let by_key = items_by_key(engine.entity(kind), items);
        for linked in linked.iter().filter(|linked| linked.kind == kind) {
            let bearers = by_key.get(&format!("{kind}:{}", linked.key)).into_iter().flatten();
            let strays = bearers.filter(|item| !held.contains(item.id.as_str()));
            found.extend(strays.map(|item| Difference::double(linked, &item.id, key_column)));
        }
    }
    Ok(found)
}

/// Keys that stand on several items of a board, or that this store does not know, and items that several entities hold.
pub fn duplicates(push: &Push<'_>, store: &mut Store) -> anyhow::Result<Looked<Vec<Duplicate>>> {
    look(push, store, |engine, board, kinds, found: &mut Vec<Duplicate>| {
        let linked = engine.store.linked(board, engine.now())?;
        let keys: BTreeSet<&str> = kinds.iter().filter_map(|&kind| engine.entity(kind).key_column.as_deref()).collect();
        found.extend(held_twice(&linked));
        let columns: Vec<&str> = keys.into_iter().collect();
        let Some(items) = engine.items_or_failure(board, kinds, &columns)? else { return Ok(()) };
        for &kind in kinds {
            found.extend(keys_on_several(engine, kind, &items, &linked)?);
        }
        Ok(())
    })
}

fn held_twice(linked: &[Linked]) -> Vec<Duplicate> {
    let mut holders: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for linked in linked {
        holders.entry(&linked.item_id).or_default().push(format!("{}:{}", linked.kind, linked.key));
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
    engine: &Engine<'_, '_>,
    kind: Kind,
    items: &[Item],
    linked: &[Linked],
) -> anyhow::Result<Vec<Duplicate>> {
    let prefix = format!("{kind}:");
    let mut found = Vec::new();
    for (entity, items) in items_by_key(engine.entity(kind), items) {
        let Some(key) = entity.strip_prefix(&prefix) else { continue };
        let own = linked.iter().find(|linked| linked.kind == kind && linked.key == key);
        let own = own.map(|linked| linked.item_id.clone());
        let mut ids: Vec<String> = own.iter().cloned().collect();
        ids.extend(items.iter().map(|item| item.id.clone()).filter(|id| Some(id) != own.as_ref()));
        let holder = |item: &&Linked| ids.contains(&item.item_id) && Some(&item.item_id) != own.as_ref();
        let others: Vec<String> =
            linked.iter().filter(holder).map(|linked| format!("{}:{}", linked.kind, linked.key)).collect();
        let is_unknown = own.is_none() && engine.store.find(kind, key)?.is_none();
        if ids.len() > 1 || !others.is_empty() || is_unknown {
            found.push(Duplicate { entity, items: ids, linked: own, others, is_unknown });
        }
    }
    Ok(found)
}

/// Goes through the boards of the kinds that are wanted.
pub(crate) fn look<T: Default>(
    push: &Push<'_>,
    store: &mut Store,
    mut at: impl FnMut(&mut Engine<'_, '_>, &str, &[Kind], &mut T) -> anyhow::Result<()>,
) -> anyhow::Result<Looked<T>> {
    let kinds: Vec<Kind> = push.selection.touched_kinds().into_iter().collect();
    let mut engine = Engine::new(push, store);
    let boards = engine.open_boards(&kinds);
    let mut found = T::default();
    if !boards.is_empty() && !engine.must_wait()? {
        engine.read_boards()?;
        for (board, kinds) in boards {
            if engine.ended {
                break;
            }
            let kinds = engine.leave_out_unfit(&board, &kinds);
            if !kinds.is_empty() {
                at(&mut engine, &board, &kinds, &mut found)?;
            }
        }
    }
    let (exit, is_whole) = (engine.result.exit(), !engine.ended);
    let result = engine.result;
    let (failures, notes, calls, error) = (result.failures, result.notes, result.calls, result.error);
    Ok(Looked { found, failures, notes, calls, error, is_whole, exit })
}

impl<'p> Engine<'p, '_> {
    /// The boards of these kinds, each with a lane, and nothing planned.
    pub(crate) fn open_boards(&mut self, kinds: &[Kind]) -> BTreeMap<String, Vec<Kind>> {
        let mut boards: BTreeMap<String, Vec<Kind>> = BTreeMap::new();
        for &kind in kinds {
            if let Some(board) = self.entity(kind).pushed_board() {
                boards.entry(board.to_owned()).or_default().push(kind);
            }
        }
        self.lanes = boards.iter().map(|(board, kinds)| Lane::new(board.clone(), kinds.clone())).collect();
        boards
    }

    /// All items of a board; `None` where it cannot be read, which is reported.
    pub(crate) fn items_or_failure(
        &mut self,
        board: &str,
        kinds: &[Kind],
        columns: &[&str],
    ) -> anyhow::Result<Option<Vec<Item>>> {
        match self.read_board("read", board, kinds, columns)? {
            Given::Whole(items) => return Ok(Some(items)),
            Given::Ended => {}
            Given::NotWhole(why) => self.fail_not_whole(board, kinds, &why),
            Given::Refused(why) => self.fail_reading(board, kinds, &why),
        }
        Ok(None)
    }

    /// Reports that a board could not be read.
    pub(crate) fn fail_reading(&mut self, board: &str, kinds: &[Kind], why: &MondayText) {
        for &kind in kinds {
            let error = MondayText::BoardNotRead { board: board.to_owned(), why: why.text(Lang::En) };
            let detail = FailureDetail::new(FailureCause::BoardUnreadable, error);
            self.fail_kind(kind, detail.hint(MondayText::CheckBoard { kind }));
        }
    }

    /// Just the items of these entities, as far as they are still on their board.
    fn items_of(
        &mut self,
        board: &str,
        kinds: &[Kind],
        linked: &[Linked],
        columns: &[&str],
    ) -> anyhow::Result<Option<Vec<Item>>> {
        let ids: Vec<&str> = linked.iter().map(|linked| linked.item_id.as_str()).collect();
        let found = self.placed_items(board, kinds, &ids, columns)?;
        Ok(found.map(|found| found.into_iter().filter(|item| item.is_on(board)).map(|item| item.item).collect()))
    }

    /// Items by their ids, wherever they are; `None` where monday does not say, which is reported.
    pub(crate) fn placed_items(
        &mut self,
        board: &str,
        kinds: &[Kind],
        ids: &[&str],
        columns: &[&str],
    ) -> anyhow::Result<Option<Vec<PlacedItem>>> {
        let mut items = Vec::new();
        for chunk in ids.chunks(document::ITEMS_BY_ID) {
            match self.ask_items(chunk, columns)? {
                Given::Whole(found) => items.extend(found),
                Given::Ended => return Ok(None),
                Given::NotWhole(why) | Given::Refused(why) => {
                    self.fail_reading(board, kinds, &why);
                    return Ok(None);
                }
            }
        }
        Ok(Some(items))
    }
}
