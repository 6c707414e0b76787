//! Before items are made: whether the board holds what this store accounts for. Where it does not, the store may be an older
//! copy, or another one may write to the same board, so the keys that are about to be created are looked for first.

use crate::boards::items::{Given, LookedUp, bears_a_key};
use crate::config::{Adopt, Source};
use crate::entity::{EntityKey, Kind};
use crate::failure::{FailureCause, FailureDetail};
use crate::message::{Lang, MondayText};
use crate::monday::Item;
use crate::monday::document::ITEMS_PER_PAGE;
use crate::plan::keys::key_of;
use crate::push::adoption::items_of_others;
use crate::push::engine::{Engine, LaneState};
use crate::store::{BoardItemCounts, Due, NewEntity, Tx};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Duration;

/// Keys looked up in one call.
pub(crate) const KEYS_PER_LOOKUP: usize = 100;
/// How often a board whose readings are not whole is read, or asked, before it is left alone for this run.
const MOST_READINGS: u32 = 3;
/// How often it is waited for items that were made a moment ago: more of them come from somebody who is still at it.
const MOST_WAITS_FOR_NEW: u32 = 3;

/// What is known of the items of a lane's board in this run.
#[derive(Debug, Default)]
pub(crate) struct Observation {
    /// Whether the store accounts for all items of the board, or has seen all of them; `None`: not looked at yet.
    is_accounted: Option<bool>,
    /// Entities whose keys are known not to stand on the board.
    absent: HashSet<i64>,
    /// How many readings were not whole.
    not_whole: u32,
    /// Items that were there before it was waited.
    old: HashSet<String>,
    waits: u32,
    /// What the lane waits for, where monday did not ask for it.
    pub(crate) waits_for: Option<MondayText>,
}

impl Engine<'_, '_> {
    /// Whether the key of an entity that is about to get an item has to be looked for on the board first.
    pub(crate) fn must_look_up(&mut self, tx: &Tx<'_>, index: usize, due: &Due) -> anyhow::Result<bool> {
        let lane = &self.lanes[index];
        let has_item = due.item_id.is_some() && due.board.as_deref() == Some(lane.board.as_str());
        if has_item || lane.observation.absent.contains(&due.id) {
            return Ok(false);
        }
        // Of one whose item was taken away nobody has counted what stands there in its place.
        Ok(self.lost_items.contains(&due.id) || !self.is_accounted(tx, index)?)
    }

    /// Whether the board has as many items as the store accounts for, by the count that was read with its columns.
    fn is_accounted(&mut self, tx: &Tx<'_>, index: usize) -> anyhow::Result<bool> {
        if let Some(known) = self.lanes[index].observation.is_accounted {
            return Ok(known);
        }
        let board = self.lanes[index].board.clone();
        let count = self.boards.get(&board).and_then(|board| board.items_count);
        let is_accounted = match (count, self.store.expected_items(&board)?) {
            (Some(count), Some(expected)) => count == expected,
            // Nobody wants to know what stood on the board before.
            (Some(count), None) if self.push.config.sync.adopt == Adopt::Off => {
                let others = count.saturating_sub(self.store.items_held_on(&board)?);
                let counts = BoardItemCounts { others, ..BoardItemCounts::default() };
                tx.set_board_items(&board, &counts, self.now())?;
                true
            }
            _ => false,
        };
        self.lanes[index].observation.is_accounted = Some(is_accounted);
        Ok(is_accounted)
    }

    /// The same, outside a transaction.
    fn knows_the_count(&mut self, index: usize) -> anyhow::Result<bool> {
        let tx = self.transaction()?;
        let is_accounted = self.is_accounted(&tx, index)?;
        tx.commit()?;
        Ok(is_accounted)
    }

    /// Looks for the keys of entities that are about to get items, in the way that takes fewer calls: by reading the board, or
    /// by its key column. Returns whether planning can go on.
    pub(crate) fn look_before_making(&mut self, index: usize, wanted: Vec<NewEntity>) -> anyhow::Result<bool> {
        if !self.knows_the_count(index)? {
            let board = self.lanes[index].board.clone();
            let mut new = 0;
            for &kind in &self.lanes[index].ready {
                new += self.store.count_new_entities(kind, &board)?;
            }
            let count = self.boards.get(&board).and_then(|board| board.items_count).unwrap_or(0);
            if count.div_ceil(ITEMS_PER_PAGE as u64) <= new.div_ceil(KEYS_PER_LOOKUP as u64).max(1) {
                return self.take_stock(index, None);
            }
        }
        self.look_up_before_making(index, wanted)
    }

    /// Reads the board of a lane whole, takes over the items that are ours, and keeps what it holds besides. `first`: a kind
    /// that was never pushed to it. Returns whether planning can go on: else the lane waits, is closed, or the side has ended.
    pub(crate) fn take_stock(&mut self, index: usize, first: Option<Kind>) -> anyhow::Result<bool> {
        let board = self.lanes[index].board.clone();
        let mut kinds = Vec::new();
        for kind in self.lanes[index].kinds.clone() {
            if first == Some(kind) || (self.unfitness(&board, kind).is_none() && self.is_adopted(&board, kind)?) {
                kinds.push(kind);
            }
        }
        // Whoever watches sees it under the kind that it is read for.
        kinds.sort_by_key(|kind| first != Some(*kind));
        let columns = self.columns_to_compare(&board, &kinds);
        let read = match self.read_board_once("adopt", &board, &kinds, &columns)? {
            Given::Whole(read) => read,
            Given::NotWhole(why) => {
                self.reading_was_not_whole(index, why);
                return Ok(false);
            }
            Given::Refused(why) => {
                self.close_unreadable(index, &why);
                return Ok(false);
            }
            Given::Ended => return Ok(false),
        };
        if self.waits_for_new_items(index, &kinds, &read)? {
            return Ok(false);
        }
        let items = items_of_others(self.store, &board, read.clone(), self.now())?;
        let tx = self.transaction()?;
        let before = self.count_adopted(&kinds);
        for &kind in &kinds {
            self.adopt_by_key(&tx, &board, kind, &items)?;
        }
        let found = self.count_adopted(&kinds) - before;
        if let Some(kind) = first {
            self.finish_adoption(&tx, &board, kind, &items)?;
        }
        self.take_account(&tx, &board, &kinds, &read)?;
        if first.is_none() {
            self.note_made_elsewhere(&tx, &board, found)?;
        }
        tx.commit()?;
        self.lanes[index].observation.is_accounted = Some(true);
        self.lanes[index].cursors.clear();
        Ok(true)
    }

    fn count_adopted(&self, kinds: &[Kind]) -> u64 {
        let adopted = kinds.iter().filter_map(|kind| self.touched.get(kind)).map(|touched| touched.adopted.len());
        adopted.sum::<usize>() as u64
    }

    /// Keeps what a board, read whole, holds besides the entities' own items.
    pub(crate) fn take_account(
        &mut self,
        tx: &Tx<'_>,
        board: &str,
        kinds: &[Kind],
        items: &[Item],
    ) -> anyhow::Result<()> {
        let now = self.now();
        let linked = self.store.linked(board, now)?;
        let held: HashSet<&str> = linked.iter().map(|linked| linked.item_id.as_str()).collect();
        let own: HashSet<EntityKey> =
            linked.iter().map(|linked| EntityKey::new(linked.kind, linked.key.clone())).collect();
        let columns = self.key_columns(kinds);
        let mut bearers: BTreeMap<EntityKey, u64> = BTreeMap::new();
        let mut counts = BoardItemCounts::default();
        for item in items {
            let key = columns.iter().find_map(|column| item.columns.get(*column).and_then(key_of));
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
        tx.set_board_items(board, &counts, now)
    }

    /// The key columns of these kinds, each once.
    pub(crate) fn key_columns(&self, kinds: &[Kind]) -> Vec<&str> {
        let columns: BTreeSet<&str> =
            kinds.iter().filter_map(|&kind| self.entity(kind).key_column.as_deref()).collect();
        columns.into_iter().collect()
    }

    fn note_made_elsewhere(&mut self, tx: &Tx<'_>, board: &str, count: u64) -> anyhow::Result<()> {
        if count > 0 {
            tx.note_found_items(board, count, self.now())?;
            self.result.notes.push(MondayText::MadeElsewhere { board: board.to_owned(), count }.into());
        }
        Ok(())
    }

    /// Looks the keys of these entities up, and of others that come after them, as many as one call takes.
    fn look_up_before_making(&mut self, index: usize, mut wanted: Vec<NewEntity>) -> anyhow::Result<bool> {
        if !self.knows_the_count(index)? {
            self.fill_up(index, &mut wanted)?;
        }
        let board = self.lanes[index].board.clone();
        let mut by_column: BTreeMap<String, Vec<NewEntity>> = BTreeMap::new();
        for new in wanted {
            let column = self.entity(new.kind).key_column.clone().unwrap_or_default();
            by_column.entry(column).or_default().push(new);
        }
        for (column, wanted) in by_column {
            for chunk in wanted.chunks(KEYS_PER_LOOKUP) {
                let keys: Vec<String> = chunk.iter().map(|new| format!("{}:{}", new.kind, new.key)).collect();
                let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
                let kinds: BTreeSet<Kind> = chunk.iter().map(|new| new.kind).collect();
                let kinds: Vec<Kind> = kinds.into_iter().collect();
                let columns = self.columns_to_compare(&board, &kinds);
                match self.items_by_key(&board, &column, &keys, &columns)? {
                    Given::Whole(found) => self.adopt_found(index, &kinds, found.items)?,
                    Given::NotWhole(why) => {
                        self.reading_was_not_whole(index, why);
                        return Ok(false);
                    }
                    Given::Refused(why) => {
                        self.close_unreadable(index, &why);
                        return Ok(false);
                    }
                    Given::Ended => return Ok(false),
                }
                self.lanes[index].observation.absent.extend(chunk.iter().map(|new| new.id));
            }
        }
        self.lanes[index].cursors.clear();
        Ok(true)
    }

    /// Adds entities of the same kind that get their items after these.
    fn fill_up(&self, index: usize, wanted: &mut Vec<NewEntity>) -> anyhow::Result<()> {
        let Some(last) = wanted.last().cloned() else { return Ok(()) };
        let lane = &self.lanes[index];
        let room = KEYS_PER_LOOKUP.saturating_sub(wanted.len()) as u64;
        let more = self.store.new_entities(last.kind, &lane.board, last.id, room, self.now())?;
        let is_wanted = |new: &NewEntity| {
            self.push.selection.holds(new.kind, &new.key) && !lane.observation.absent.contains(&new.id)
        };
        wanted.extend(more.into_iter().filter(is_wanted));
        Ok(())
    }

    fn adopt_found(&mut self, index: usize, kinds: &[Kind], items: Vec<Item>) -> anyhow::Result<()> {
        let board = self.lanes[index].board.clone();
        let items = items_of_others(self.store, &board, items, self.now())?;
        let tx = self.transaction()?;
        let is_accounted = self.is_accounted(&tx, index)?;
        let before = self.count_adopted(kinds);
        for &kind in kinds {
            self.adopt_by_key(&tx, &board, kind, &items)?;
        }
        let found = self.count_adopted(kinds) - before;
        if !is_accounted {
            self.note_made_elsewhere(&tx, &board, found)?;
        }
        tx.commit()
    }

    /// Whether the board has items with keys, of nobody here, that were made so short a time ago that others made with them may
    /// not be seen yet; then the lane waits.
    fn waits_for_new_items(&mut self, index: usize, kinds: &[Kind], items: &[Item]) -> anyhow::Result<bool> {
        let now = self.now();
        let settle = self.push.config.monday.settle;
        let since = SignedDuration::try_from(settle).ok().and_then(|settle| now.checked_sub(settle).ok());
        let since = since.unwrap_or(Timestamp::MIN);
        let board = self.lanes[index].board.clone();
        let columns = self.key_columns(kinds);
        let strangers = items_of_others(self.store, &board, items.to_vec(), self.now())?;
        let observation = &self.lanes[index].observation;
        let is_new = |item: &&Item| {
            let bears_a_key = columns.iter().any(|column| bears_a_key(item, column));
            bears_a_key && item.created_at.is_some_and(|at| at > since) && !observation.old.contains(&item.id)
        };
        if observation.waits >= MOST_WAITS_FOR_NEW || !strangers.iter().any(|item| is_new(&item)) {
            return Ok(false);
        }
        let observation = &mut self.lanes[index].observation;
        observation.waits += 1;
        observation.old.extend(items.iter().map(|item| item.id.clone()));
        // Those that are not seen yet are the youngest: the time counts from now.
        self.wait_for(index, settle, MondayText::WaitingForNewItems { board });
        Ok(true)
    }

    fn wait_for(&mut self, index: usize, wait: Duration, why: MondayText) {
        let until = self.instant() + wait;
        let lane = &mut self.lanes[index];
        lane.observation.waits_for = Some(why);
        lane.state = LaneState::Waiting { until, again: None };
    }

    /// A reading was not whole: it is read again, soon and then after `settle`, and then the board is left alone.
    fn reading_was_not_whole(&mut self, index: usize, why: MondayText) {
        match self.pause_after_reading(index) {
            Some(pause) => {
                let board = self.lanes[index].board.clone();
                self.wait_for(index, pause, MondayText::WaitingForWholeBoard { board });
            }
            None => self.close_not_whole(index, &why),
        }
    }

    /// How long it is waited before a board is read again whose reading was not whole; `None`: not any more.
    fn pause_after_reading(&mut self, index: usize) -> Option<Duration> {
        let observation = &mut self.lanes[index].observation;
        observation.not_whole += 1;
        match observation.not_whole {
            1 => Some(self.push.client.http().backoff(1)),
            2..MOST_READINGS => Some(self.push.config.monday.settle),
            _ => None,
        }
    }

    /// Leaves a board alone that cannot be read whole: nothing is made or changed on it in this run.
    pub(crate) fn close_not_whole(&mut self, index: usize, why: &MondayText) {
        let board = self.lanes[index].board.clone();
        let kinds = self.kinds_pushed_to(&board);
        self.unknown_kinds.extend(&kinds);
        self.fail_not_whole(&board, &kinds, why);
        self.lanes[index].state = LaneState::Closed;
    }

    /// Reports that a board cannot be read whole.
    pub(crate) fn fail_not_whole(&mut self, board: &str, kinds: &[Kind], why: &MondayText) {
        for &kind in kinds {
            let error = MondayText::BoardNotWhole { board: board.to_owned(), why: why.text(Lang::En) };
            let detail = FailureDetail::new(FailureCause::BoardUnreadable, error);
            self.fail_kind(kind, detail.hint(MondayText::TryBoardLater {}));
        }
    }

    /// Leaves a board alone that monday refuses to show.
    fn close_unreadable(&mut self, index: usize, why: &MondayText) {
        let board = self.lanes[index].board.clone();
        let kinds = self.kinds_pushed_to(&board);
        self.unknown_kinds.extend(&kinds);
        self.fail_reading(&board, &kinds, why);
        self.lanes[index].state = LaneState::Closed;
    }

    /// Takes the connections out of what an item should show that would be emptied only because the board of the parents could
    /// not be read: what they point to is not known.
    pub(crate) fn leave_unknown_connections(&self, kind: Kind, columns: &mut Map<String, Value>) {
        let configured = &self.entity(kind).columns;
        let is_unknown = |column: &str, value: &Value| {
            let Some(Source::Relation(parent)) = configured.get(column).map(|column| &column.source) else {
                return false;
            };
            let is_empty = value.get("item_ids").and_then(Value::as_array).is_none_or(Vec::is_empty);
            is_empty && self.unknown_kinds.contains(parent)
        };
        columns.retain(|column, value| !is_unknown(column, value));
    }

    /// The kinds whose board this is.
    pub(crate) fn kinds_pushed_to(&self, board: &str) -> Vec<Kind> {
        Kind::all().filter(|kind| self.entity(*kind).pushed_board() == Some(board)).collect()
    }

    /// The items with these keys, for a call whose answer was lost: of those that are not among them it is certain that they
    /// are not on the board. `None`: it is not known yet, and the lane waits, is closed, or the side has ended.
    pub(crate) fn find_after_loss(
        &mut self,
        index: usize,
        column: &str,
        keys: &[&str],
    ) -> anyhow::Result<Option<Vec<Item>>> {
        let board = self.lanes[index].board.clone();
        let kinds = self.kinds_pushed_to(&board);
        let given = match self.items_by_key(&board, column, keys, &[column])? {
            // What stands there beside them is not accounted for: some of it may be theirs.
            Given::Whole(found) if !kinds.is_empty() && !self.accounts_for(&board, &found)? => {
                let columns: Vec<String> = self.key_columns(&kinds).into_iter().map(str::to_owned).collect();
                let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
                self.read_board_once("read", &board, &kinds, &columns)?
            }
            Given::Whole(found) => Given::Whole(found.items),
            Given::NotWhole(why) => Given::NotWhole(why),
            Given::Refused(why) => Given::Refused(why),
            Given::Ended => Given::Ended,
        };
        let now = self.instant();
        match given {
            Given::Whole(items) => return Ok(Some(items)),
            Given::Ended => {}
            Given::Refused(why) => self.cannot_look_up(&board, why)?,
            Given::NotWhole(why) => match (self.pause_after_reading(index), &mut self.lanes[index].state) {
                (Some(pause), LaneState::Parked { until, .. }) => *until = now + pause,
                _ => self.close_not_whole(index, &why),
            },
        }
        Ok(None)
    }

    /// Whether a board has no more items than those that the store accounts for and those that were just found.
    fn accounts_for(&self, board: &str, found: &LookedUp) -> anyhow::Result<bool> {
        let (Some(count), Some(expected)) = (found.count, self.store.expected_items(board)?) else { return Ok(false) };
        let new = items_of_others(self.store, board, found.items.clone(), self.now())?;
        Ok(count <= expected + new.len() as u64)
    }
}
