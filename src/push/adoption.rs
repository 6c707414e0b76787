//! Before the first call to a board: what its columns are, and which of its items are ours already.

use crate::boards::session::Asked;
use crate::config::Adopt;
use crate::entity::Kind;
use crate::failure::{Exit, FailureCause, FailureDetail};
use crate::message::MondayText;
use crate::monday::column::{Shown, shown_text};
use crate::monday::document;
use crate::monday::{Board, Item, boards};
use crate::plan::keys::{key_of, key_text};
use crate::plan::map;
use crate::plan::map::Rules;
use crate::plan::sent;
use crate::push::engine::Engine;
use crate::store::{BoardRow, Store, Stored, Tx};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Boards asked for at once.
const BOARDS_PER_CALL: usize = 100;

/// What the items of this run's entities were seen to show.
#[derive(Debug, Default)]
pub(crate) struct SeenItems(HashMap<i64, BTreeMap<String, Shown>>);

impl SeenItems {
    /// Notes what an entity's item was seen to show, its name included.
    pub(crate) fn note(&mut self, entity: i64, shown: BTreeMap<String, Shown>) {
        self.0.insert(entity, shown);
    }

    /// What an entity's item was seen to show.
    pub(crate) fn of(&self, entity: i64) -> Option<&BTreeMap<String, Shown>> {
        self.0.get(&entity)
    }
}

impl Engine<'_, '_> {
    /// Reads the columns, labels and groups of all boards, in one call; but not those that may be trusted to be as they were.
    pub(crate) fn read_boards(&mut self) -> anyhow::Result<()> {
        let lanes = self.lanes.iter().filter(|lane| !lane.kinds.is_empty());
        let mut wanted: Vec<String> = lanes.map(|lane| lane.board.clone()).collect();
        if !self.doubts_boards {
            self.take_trusted(&mut wanted)?;
        }
        for chunk in wanted.chunks(BOARDS_PER_CALL) {
            let ids: Vec<&str> = chunk.iter().map(String::as_str).collect();
            match self.ask(&document::boards(&ids))? {
                Asked::Ended => return Ok(()),
                Asked::Answer(answer) => {
                    for board in boards(&answer.data) {
                        self.keep_board(board)?;
                    }
                }
                Asked::Refused(why) => {
                    self.end(Exit::Failed);
                    let failure = crate::failure::Failure::new(Exit::Failed, why).help(MondayText::MondayLater {});
                    self.result.error = Some(failure.into());
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Takes those out of `wanted` that were read not long ago.
    fn take_trusted(&mut self, wanted: &mut Vec<String>) -> anyhow::Result<()> {
        let trust = SignedDuration::try_from(self.push.trust_boards).unwrap_or(SignedDuration::MAX);
        let now = self.now();
        let since = now.checked_sub(trust).unwrap_or(Timestamp::MIN);
        let mut unknown = Vec::new();
        for board in std::mem::take(wanted) {
            // Where items are to be made, it has to be known how many there are.
            let known =
                if self.has_new_entities(&board)? { None } else { self.store.board_since(&board, since, now)? };
            match known {
                Some(row) => {
                    let groups = serde_json::from_str(&row.groups).unwrap_or_default();
                    let known = Board::known(board.clone(), row.name, row.url, groups, row.columns);
                    self.boards.insert(board, known);
                }
                None => unknown.push(board),
            }
        }
        *wanted = unknown;
        Ok(())
    }

    fn has_new_entities(&self, board: &str) -> anyhow::Result<bool> {
        for kind in self.kinds_pushed_to(board) {
            if self.store.count_new_entities(kind, board)? > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn keep_board(&mut self, board: Board) -> anyhow::Result<()> {
        let now = self.now();
        let row = BoardRow {
            name: board.name.clone(),
            url: board.url.clone(),
            columns: board.columns_json.clone(),
            groups: serde_json::to_string(&board.groups)?,
        };
        let tx = self.transaction()?;
        if tx.set_board(&board.id, &row, now)? {
            // A label or column that was missing may be there now.
            tx.retry_failures_of(&board.id, now)?;
        }
        tx.commit()?;
        self.boards.insert(board.id.clone(), board);
        Ok(())
    }

    /// Before the kinds of a lane are planned: takes those out whose board is not fit, and takes over the items of those that
    /// were never pushed to it.
    pub(crate) fn make_ready(&mut self, index: usize) -> anyhow::Result<()> {
        for kind in self.lanes[index].kinds.clone() {
            let lane = &self.lanes[index];
            if lane.ready.contains(&kind) || lane.exhausted.contains(&kind) || !self.parents_are_through(kind) {
                continue;
            }
            if !self.has_work(kind)? {
                self.lanes[index].exhausted.insert(kind);
                continue;
            }
            let board = self.lanes[index].board.clone();
            if let Some(detail) = self.unfitness(&board, kind) {
                self.fail_kind(kind, detail);
                self.lanes[index].kinds.retain(|other| *other != kind);
                continue;
            }
            if !self.is_adopted(&board, kind)? {
                if !self.take_stock(index, Some(kind))? {
                    return Ok(());
                }
                // What was just found of entities outside `only` goes as anything else does.
                self.release(&[kind])?;
            }
            if self.ended {
                return Ok(());
            }
            self.lanes[index].ready.insert(kind);
        }
        Ok(())
    }

    /// Whether a board was looked through for the items of a kind, or need not be.
    pub(crate) fn is_adopted(&self, board: &str, kind: Kind) -> anyhow::Result<bool> {
        let key_column = self.entity(kind).key_column.as_deref().unwrap_or_default();
        let is_off = self.push.config.sync.adopt == Adopt::Off;
        Ok(is_off || self.store.is_adopted(board, key_column, kind)?)
    }

    /// Why a kind cannot be pushed to its board.
    pub(crate) fn unfitness(&self, id: &str, kind: Kind) -> Option<FailureDetail> {
        let entity = self.entity(kind);
        let board = id.to_owned();
        let Some(found) = self.boards.get(id) else {
            let detail = FailureDetail::new(FailureCause::BoardMissing, MondayText::BoardMissing { kind, board });
            return Some(detail.hint(MondayText::CheckBoard { kind }));
        };
        let column = entity.key_column.clone().unwrap_or_default();
        match found.columns.get(&column) {
            None => {
                let error = MondayText::KeyColumnMissing { kind, board, column };
                let detail = FailureDetail::new(FailureCause::KeyColumnUnfit, error);
                return Some(detail.hint(MondayText::CheckKeyColumn { kind }));
            }
            Some(key) if key.column_type != "text" => {
                let column_type = key.column_type.clone();
                let error = MondayText::KeyColumnNoText { kind, board, column, column_type };
                let detail = FailureDetail::new(FailureCause::KeyColumnUnfit, error);
                return Some(detail.hint(MondayText::CheckKeyColumn { kind }));
            }
            Some(_) => {}
        }
        let group = entity.group.clone().filter(|group| !found.groups.contains(group))?;
        let detail = FailureDetail::new(FailureCause::GroupMissing, MondayText::GroupMissing { kind, board, group });
        Some(detail.hint(MondayText::CheckGroup { kind }))
    }

    /// Notes that a board was looked through for the items of a kind; `items`: those that nobody holds.
    pub(crate) fn finish_adoption(
        &mut self,
        tx: &Tx<'_>,
        board: &str,
        kind: Kind,
        items: &[Item],
    ) -> anyhow::Result<()> {
        if self.push.config.sync.adopt == Adopt::Identity {
            self.adopt_by_identity(tx, board, kind, items)?;
        }
        let now = self.now();
        let key_column = self.entity(kind).key_column.as_deref().unwrap_or_default();
        tx.set_adopted(board, key_column, kind, now)?;
        // What was just looked at, and what is about to be sent, need not be verified yet.
        tx.begin_verifying(board, kind, now)
    }

    /// Takes over the items whose key column names an entity.
    pub(crate) fn adopt_by_key(&mut self, tx: &Tx<'_>, board: &str, kind: Kind, items: &[Item]) -> anyhow::Result<()> {
        let key_column = self.entity(kind).key_column.clone().unwrap_or_default();
        let mut by_entity: BTreeMap<i64, (Stored, Vec<&Item>)> = BTreeMap::new();
        for item in items {
            let key = item.columns.get(&key_column).and_then(key_of).filter(|key| key.kind == kind);
            let Some(entity) = key.map(|key| self.store.find_typed(kind, &key.key)).transpose()?.flatten() else {
                continue;
            };
            let has_item = entity.item_id.is_some() && entity.board.as_deref() == Some(board);
            if !entity.is_deleted && !has_item {
                by_entity.entry(entity.id).or_insert_with(|| (entity, Vec::new())).1.push(item);
            }
        }
        for (entity, items) in by_entity.into_values() {
            let item = self.first_of(kind, &entity.key, &items);
            self.take_over(tx, board, &entity, item)?;
        }
        Ok(())
    }

    /// The oldest of several items with one key; people are told of the others.
    pub(crate) fn first_of<'i>(&mut self, kind: Kind, key: &str, items: &[&'i Item]) -> &'i Item {
        let age = |item: &&&Item| (item.id.len(), item.id.clone());
        let first = items.iter().min_by_key(age).copied().unwrap_or(items[0]);
        if items.len() > 1 {
            let ids = items.iter().map(|item| item.id.clone()).collect();
            self.result.notes.push(MondayText::ItemTwice { entity: format!("{kind}:{key}"), items: ids }.into());
        }
        first
    }

    pub(crate) fn take_over(&mut self, tx: &Tx<'_>, board: &str, entity: &Stored, item: &Item) -> anyhow::Result<()> {
        let shown = everything_of(item);
        // Nothing counts as sent: what the item shows is compared when the entity is planned.
        let seen = sent::marks(&shown);
        tx.confirm(entity.id, -1, board, &item.id, Some("adopted"), &seen, false, self.now())?;
        self.seen_items.note(entity.id, shown);
        self.touched.entry(entity.kind).or_default().adopted.insert(entity.id);
        self.item_has_changed(tx, entity)
    }

    /// Takes over the items without a key whose identity columns name exactly one entity, and that one only.
    fn adopt_by_identity(&mut self, tx: &Tx<'_>, board: &str, kind: Kind, items: &[Item]) -> anyhow::Result<()> {
        let entity = self.entity(kind);
        let Some(columns) = self.boards.get(board).map(|board| board.columns.clone()) else { return Ok(()) };
        if entity.identity.is_empty() {
            return Ok(());
        }
        let key_column = entity.key_column.clone().unwrap_or_default();
        let mut by_identity: HashMap<Vec<String>, (Vec<Stored>, Vec<&Item>)> = HashMap::new();
        for stored in self.store.all(kind)? {
            let Ok(record) = self.push.shapes.get(kind).record(&stored.record) else { continue };
            if stored.item_id.is_some() {
                continue;
            }
            let (push, store) = (self.push, &*self.store);
            let rules = Rules { create_labels: true, ..Rules::of(push.config) };
            let mapped = map::map(entity, &stored.key, &record, Some(&columns), rules, |parent| {
                crate::plan::relations::parent_of(store, push.config, push.shapes, kind, &record, parent)
            })?;
            let identity: Option<Vec<String>> =
                entity.identity.iter().map(|column| shown_text(mapped.columns.get(column)?)).collect();
            if let Some(identity) = identity {
                by_identity.entry(identity).or_default().0.push(stored);
            }
        }
        for item in items.iter().filter(|item| item.columns.get(&key_column).and_then(key_text).is_none()) {
            let identity = self.identity_shown(kind, item);
            if let Some((_, found)) = identity.and_then(|identity| by_identity.get_mut(&identity)) {
                found.push(item);
            }
        }
        for (entities, found) in by_identity.into_values() {
            if let ([entity], [item]) = (entities.as_slice(), found.as_slice()) {
                self.take_over(tx, board, entity, item)?;
            }
        }
        Ok(())
    }
}

/// Those of the items that no entity holds.
pub(crate) fn items_of_others(
    store: &Store,
    board: &str,
    mut items: Vec<Item>,
    now: Timestamp,
) -> anyhow::Result<Vec<Item>> {
    let linked = store.linked(board, now)?;
    let held: HashSet<&str> = linked.iter().map(|linked| linked.item_id.as_str()).collect();
    items.retain(|item| !held.contains(item.id.as_str()));
    Ok(items)
}

/// All columns of an item that were read, and its name.
pub(crate) fn everything_of(item: &Item) -> BTreeMap<String, Shown> {
    let mut shown = item.columns.clone();
    shown.insert(map::NAME.to_owned(), Shown { text: Some(item.name.clone()), ..Shown::default() });
    shown
}
