//! What people did on the boards: every so often the items are read and compared with what was sent. What was changed by
//! hand is sent again, unless the configuration keeps it; an item that is gone is dealt with as the configuration says.

use crate::age::age;
use crate::boards::items::Given;
use crate::config::{Adopt, KindConfig, OnEdit};
use crate::entity::Kind;
use crate::failure::Exit;
use crate::message::MondayText;
use crate::monday::column::{ColumnType, Shown, shown_text, shows};
use crate::monday::{Item, document};
use crate::plan::keys::key_text;
use crate::plan::map::{self, BoardColumns, NAME};
use crate::plan::sent;
use crate::push::adoption::{everything_of, items_of_others};
use crate::push::engine::{Engine, Lane, LaneState};
use crate::store::{Linked, ShownForm, Side, Tx};
use jiff::SignedDuration;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// What kind of difference was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A column shows something else than what was sent.
    Edited,
    /// The key column does.
    Key,
    /// The item is no longer on its board.
    Missing,
    /// Another item bears its key.
    Double,
}

/// One difference between a board and what was sent to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The store's number of the entity.
    pub id: i64,
    /// Its kind.
    pub kind: Kind,
    /// Its key.
    pub key: String,
    /// Its item, or the other one that bears its key.
    pub item_id: String,
    /// The column; empty where the item is missing.
    pub column: String,
    /// What was sent, as people read it.
    pub expected: Option<String>,
    /// What the item shows, as people read it.
    pub found: Option<String>,
    /// What kind of difference.
    pub what: What,
    /// Whether the configuration lets it stand.
    pub is_kept: bool,
    mark: Value,
    /// What may be the board's own form of the value.
    form: Option<ShownForm>,
}

impl Difference {
    /// That another item, which nobody holds, bears an entity's key.
    pub(crate) fn double(linked: &Linked, item: &str, key_column: &str) -> Difference {
        Difference {
            item_id: item.to_owned(),
            column: key_column.to_owned(),
            found: Some(format!("{}:{}", linked.kind, linked.key)),
            what: What::Double,
            ..Difference::missing(linked)
        }
    }

    /// That an entity's item is no longer on its board.
    pub(crate) fn missing(linked: &Linked) -> Difference {
        Difference {
            id: linked.id,
            kind: linked.kind,
            key: linked.key.clone(),
            item_id: linked.item_id.clone(),
            column: String::new(),
            expected: None,
            found: None,
            what: What::Missing,
            is_kept: false,
            mark: Value::Null,
            form: None,
        }
    }
}

/// So often a value is sent again that a board shows otherwise; after that it counts as the board's form of the value.
const ROUNDS_OF_A_FORM: u32 = 2;
/// So long after our own change monday's clock, or the answer's way, may place it.
const TOUCHED_AFTER: SignedDuration = SignedDuration::from_secs(5);

/// Whether an item was changed after our last change of it.
fn is_touched(item: &Item, linked: &Linked) -> bool {
    let ours = linked.pushed_at.and_then(|at| at.checked_add(TOUCHED_AFTER).ok());
    item.updated_at.zip(ours).is_some_and(|(updated, ours)| updated > ours)
}

/// A board and the kinds that are compared on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ToVerify {
    pub(crate) board: String,
    pub(crate) kinds: Vec<Kind>,
}

/// What a board came to, compared.
#[derive(Debug, Default)]
pub(crate) struct Compared {
    pub(crate) differences: Vec<Difference>,
    /// The entities whose items were not among those read.
    pub(crate) absent: Vec<Linked>,
    /// The entities that stand as missing, and still are.
    pub(crate) missing: Vec<Linked>,
    /// The entities that stood as missing and are there again.
    pub(crate) returned: Vec<Linked>,
    /// What the items of pushed entities show.
    shown: HashMap<i64, BTreeMap<String, Shown>>,
}

impl Engine<'_, '_> {
    /// The boards whose turn it is, parents first. None, where this run may not spend what reading them takes.
    pub(crate) fn verifications_due(&mut self, kinds: &[Kind]) -> anyhow::Result<Vec<ToVerify>> {
        let Some(every) = self.push.config.sync.verify_every else { return Ok(Vec::new()) };
        let every = SignedDuration::try_from(every).unwrap_or(SignedDuration::MAX);
        let now = self.now();
        let (mut due, mut calls): (Vec<ToVerify>, u64) = (Vec::new(), 0);
        for kind in Kind::all().filter(|kind| kinds.contains(kind)) {
            let board = self.entity(kind).board.clone().unwrap_or_default();
            let is_whole = self.push.selection.kinds.contains(&kind);
            let is_due =
                self.store.verified_at(&board, kind)?.is_some_and(|at| age(at, now).is_none_or(|age| age >= every));
            let linked = if is_whole && is_due { self.store.count_linked(&board, kind)? } else { 0 };
            if linked == 0 {
                continue;
            }
            calls += linked.div_ceil(document::ITEMS_PER_PAGE as u64);
            match due.iter_mut().find(|other| other.board == board) {
                Some(other) => other.kinds.push(kind),
                None => due.push(ToVerify { board, kinds: vec![kind] }),
            }
        }
        Ok(if due.is_empty() || self.can_afford(calls + 1)? { due } else { Vec::new() })
    }

    /// Whether so many calls may be spent on reading; if not, it waits for a later run, and what is pending goes first.
    fn can_afford(&mut self, calls: u64) -> anyhow::Result<bool> {
        let allowed = match self.push.config.monday.daily_calls {
            0 => u64::MAX,
            allowed => allowed.saturating_sub(self.store.calls_today(Side::Monday, self.now())?),
        };
        let left = allowed.min(self.push.max_calls.unwrap_or(u64::MAX));
        if calls <= left {
            return Ok(true);
        }
        self.result.is_day_spent |= left == allowed;
        self.result.left_because = Some(MondayText::VerificationPutOff { calls, left }.into());
        self.result.notes.push(MondayText::VerificationPutOff { calls, left }.into());
        self.result.exit = Some(self.result.exit.unwrap_or(Exit::Ok).and(Exit::Budget));
        Ok(false)
    }

    /// Compares these boards with what was sent, and marks what has to be sent again.
    pub(crate) fn verify(&mut self, due: &[ToVerify]) -> anyhow::Result<()> {
        for ToVerify { board, kinds } in due {
            if self.ended {
                return Ok(());
            }
            // Where an answer was lost the board is looked at for its sake first.
            let is_idle = |lane: &Lane| lane.board != *board || matches!(lane.state, LaneState::Idle);
            let kinds = self.leave_out_unfit(board, kinds);
            if kinds.is_empty() || !self.lanes.iter().all(is_idle) {
                continue;
            }
            match self.read_board("verify", board, &kinds, &self.columns_to_compare(board, &kinds))? {
                Given::Whole(items) => {
                    self.mend(board, &kinds, &items)?;
                    self.verified.extend(kinds);
                }
                Given::Ended => return Ok(()),
                Given::NotWhole(why) => self.leave_alone(board, &why),
                Given::Refused(why) => self.fail_reading(board, &kinds, &why),
            }
        }
        Ok(())
    }

    /// Leaves a board alone that cannot be read whole.
    fn leave_alone(&mut self, board: &str, why: &MondayText) {
        for index in 0..self.lanes.len() {
            if self.lanes[index].board == board {
                self.close_not_whole(index, why);
            }
        }
    }

    /// Takes the kinds out whose board is not fit to be pushed to; that is reported as it is before a push.
    pub(crate) fn leave_out_unfit(&mut self, board: &str, kinds: &[Kind]) -> Vec<Kind> {
        let mut fit = Vec::new();
        for &kind in kinds {
            match self.unfitness(board, kind) {
                None => fit.push(kind),
                Some(detail) => {
                    self.fail_kind(kind, detail);
                    self.lanes.iter_mut().for_each(|lane| lane.kinds.retain(|other| *other != kind));
                }
            }
        }
        fit
    }

    /// Notes the differences, so that they are sent again, and looks for the items that were not found.
    fn mend(&mut self, board: &str, kinds: &[Kind], items: &[Item]) -> anyhow::Result<()> {
        let now = self.now();
        let linked = self.store.linked(board, now)?;
        let compared = self.compare(board, kinds, items, &linked)?;
        let tx = self.transaction()?;
        for linked in &compared.returned {
            tx.clear_failure(linked.id, "")?;
            tx.retry_connections_to(&linked.item_id, now)?;
        }
        self.mark_edited(&tx, &linked, &compared.differences)?;
        self.note_forms(&tx, board, &compared.differences)?;
        for (entity, shown) in compared.shown {
            self.seen_items.note(entity, shown);
        }
        tx.commit()?;
        let strays = items_of_others(self.store, board, items.to_vec(), self.now())?;
        let is_whole = self.look_for(board, &compared.absent, &strays)?;
        let tx = self.transaction()?;
        self.adopt_strays(&tx, board, kinds, items)?;
        self.take_account(&tx, board, kinds, items)?;
        tx.commit()?;
        for &kind in kinds {
            if is_whole {
                self.write(|tx| tx.set_verified(board, kind, now))?;
            }
        }
        for lane in self.lanes.iter_mut().filter(|lane| lane.board == board) {
            lane.exhausted.retain(|kind| !kinds.contains(kind));
        }
        Ok(())
    }

    /// Counts how often a value was sent again because the board shows it otherwise, though nobody changed the item: after a
    /// few times that is how the board shows it.
    fn note_forms(&mut self, tx: &Tx<'_>, board: &str, differences: &[Difference]) -> anyhow::Result<()> {
        let known = self.store.shown_forms(board)?;
        let mut remembered = Vec::new();
        for difference in differences.iter().filter(|difference| !difference.is_kept) {
            let Some(form) = &difference.form else { continue };
            let mut before = known.get(&(difference.id, difference.column.clone())).into_iter().flatten();
            let rounds = before.find(|before| before.is_same(form)).map_or(0, |before| before.rounds) + 1;
            tx.set_shown_form(difference.id, &difference.column, &ShownForm { rounds, ..form.clone() })?;
            if rounds == ROUNDS_OF_A_FORM {
                remembered.push(difference);
            }
        }
        if let Some(first) = remembered.first() {
            let (entity, column) = (format!("{}:{}", first.kind, first.key), first.column.clone());
            let count = remembered.len() as u64;
            self.result.notes.push(MondayText::FormRemembered { count, entity, column }.into());
        }
        Ok(())
    }

    /// What was seen takes the place of what was sent, so that the difference is sent, and recorded as old and new.
    fn mark_edited(&mut self, tx: &Tx<'_>, linked: &[Linked], differences: &[Difference]) -> anyhow::Result<()> {
        let mut marks: BTreeMap<i64, Vec<&Difference>> = BTreeMap::new();
        for difference in differences.iter().filter(|difference| !difference.is_kept) {
            marks.entry(difference.id).or_default().push(difference);
        }
        for linked in linked {
            let Some(edited) = marks.get(&linked.id) else { continue };
            let mut sent: Map<String, Value> = serde_json::from_str(&linked.sent).unwrap_or_default();
            sent.extend(edited.iter().map(|difference| (difference.column.clone(), difference.mark.clone())));
            tx.note_seen(linked.id, &Value::Object(sent).to_string())?;
        }
        Ok(())
    }

    /// Takes over items that nobody holds and whose key names an entity without one, and tells of keys that stand on several.
    fn adopt_strays(&mut self, tx: &Tx<'_>, board: &str, kinds: &[Kind], items: &[Item]) -> anyhow::Result<()> {
        let linked = self.store.linked(board, self.now())?;
        let held: HashSet<&str> = linked.iter().map(|linked| linked.item_id.as_str()).collect();
        let strays: Vec<Item> = items.iter().filter(|item| !held.contains(item.id.as_str())).cloned().collect();
        for &kind in kinds {
            if self.push.config.sync.adopt != Adopt::Off {
                self.adopt_by_key(tx, board, kind, &strays)?;
            }
            let by_key = items_by_key(self.entity(kind), &strays);
            for linked in linked.iter().filter(|linked| linked.kind == kind) {
                let entity = format!("{kind}:{}", linked.key);
                let Some(others) = by_key.get(&entity) else { continue };
                let used = linked.item_id.clone();
                let items = [used.clone()].into_iter().chain(others.iter().map(|item| item.id.clone())).collect();
                self.result.notes.push(MondayText::KeyOnSeveralItems { entity, items, used }.into());
            }
        }
        Ok(())
    }

    /// Asks where items are that were not read with their board, and deals with those that are gone: where another item, that
    /// nobody holds, bears the key, that one takes its place. Returns whether all of them could be asked for.
    fn look_for(&mut self, board: &str, absent: &[Linked], strays: &[Item]) -> anyhow::Result<bool> {
        let (gone, is_whole) = self.confirm_absent(board, absent)?;
        let tx = self.transaction()?;
        for linked in gone {
            let Some(stored) = self.store.get(linked.id)? else { continue };
            let bearers = items_by_key(self.entity(linked.kind), strays);
            let others = bearers.get(&format!("{}:{}", linked.kind, linked.key));
            match others.filter(|_| self.push.config.sync.adopt != Adopt::Off) {
                Some(others) => {
                    let item = self.first_of(linked.kind, &linked.key, others);
                    tx.drop_item(linked.id)?;
                    self.take_over(&tx, board, &stored, item)?;
                }
                None => {
                    self.item_is_missing(&tx, &stored, &linked.item_id)?;
                }
            }
        }
        tx.commit()?;
        Ok(is_whole)
    }

    /// Those of these entities whose items monday says to be deleted, archived or on another board; and whether it could be
    /// asked for all of them.
    pub(crate) fn confirm_absent<'l>(
        &mut self,
        board: &str,
        absent: &'l [Linked],
    ) -> anyhow::Result<(Vec<&'l Linked>, bool)> {
        let mut gone = Vec::new();
        let mut is_whole = true;
        for chunk in absent.chunks(document::ITEMS_BY_ID) {
            let ids: Vec<&str> = chunk.iter().map(|linked| linked.item_id.as_str()).collect();
            let states = match self.ask_states(&ids)? {
                Given::Whole(states) => states,
                Given::NotWhole(_) | Given::Refused(_) => {
                    is_whole = false;
                    continue;
                }
                Given::Ended => return Ok((gone, false)),
            };
            let here: HashSet<&str> =
                states.iter().filter(|state| state.is_on(board)).map(|state| state.id.as_str()).collect();
            gone.extend(chunk.iter().filter(|linked| !here.contains(linked.item_id.as_str())));
        }
        Ok((gone, is_whole))
    }
}

impl<'p> Engine<'p, '_> {
    /// The columns that are read: key and mapped ones, as far as the board has them.
    pub(crate) fn columns_to_compare(&self, board: &str, kinds: &[Kind]) -> Vec<&'p str> {
        let mut wanted: BTreeSet<&'p str> = BTreeSet::new();
        for &kind in kinds {
            let entity = self.entity(kind);
            wanted.extend(entity.columns.keys().chain(&entity.key_column).map(String::as_str));
        }
        let known = self.boards.get(board);
        wanted.into_iter().filter(|id| known.is_some_and(|board| board.columns.contains_key(*id))).collect()
    }

    /// Compares what the items show with what was sent.
    pub(crate) fn compare(
        &self,
        board: &str,
        kinds: &[Kind],
        items: &[Item],
        linked: &[Linked],
    ) -> anyhow::Result<Compared> {
        let by_id: HashMap<&str, &Item> = items.iter().map(|item| (item.id.as_str(), item)).collect();
        let columns = self.boards.get(board).map(|board| board.columns.clone()).unwrap_or_default();
        let missing = self.store.missing_items()?;
        let forms = self.store.shown_forms(board)?;
        let mut compared = Compared::default();
        for linked in linked.iter().filter(|linked| linked.is_pushed && kinds.contains(&linked.kind)) {
            let stands_as_missing = linked.missing_item.as_ref() == Some(&linked.item_id);
            let Some(item) = by_id.get(linked.item_id.as_str()) else {
                let absent = if stands_as_missing { &mut compared.missing } else { &mut compared.absent };
                absent.push(linked.clone());
                continue;
            };
            if stands_as_missing {
                compared.returned.push(linked.clone());
            }
            let shown = everything_of(item);
            let comparison =
                Comparison { entity: self.entity(linked.kind), columns: &columns, missing: &missing, forms: &forms };
            compared.differences.extend(comparison.differences(linked, &shown, is_touched(item, linked)));
            compared.shown.insert(linked.id, shown);
        }
        Ok(compared)
    }
}

/// What the items of one kind are compared by.
struct Comparison<'c> {
    entity: &'c KindConfig,
    columns: &'c BoardColumns,
    missing: &'c HashSet<String>,
    forms: &'c HashMap<(i64, String), Vec<ShownForm>>,
}

impl Comparison<'_> {
    /// `is_touched`: somebody changed the item since, so that what differs may be a hand edit.
    fn differences(&self, linked: &Linked, shown: &BTreeMap<String, Shown>, is_touched: bool) -> Vec<Difference> {
        let sent: Map<String, Value> = serde_json::from_str(&linked.sent).unwrap_or_default();
        let differs = |(column, sent): (String, Value)| {
            let is_key = self.entity.key_column.as_ref() == Some(&column);
            let is_ours = is_key || column == NAME || self.entity.columns.contains_key(&column);
            let shown = shown.get(&column).filter(|_| is_ours && !sent::is_mark(&sent))?;
            if self.is_shown(&column, &sent, shown) {
                return None;
            }
            let form = self.form_of(&column, &sent, shown).filter(|_| !is_key);
            let mut known = self.forms.get(&(linked.id, column.clone())).into_iter().flatten();
            let is_known =
                |form: &ShownForm| known.any(|known| known.rounds >= ROUNDS_OF_A_FORM && known.is_same(form));
            if form.as_ref().is_some_and(is_known) {
                return None;
            }
            let is_kept = self.entity.columns.get(&column).is_some_and(|column| column.on_edit == OnEdit::Keep);
            Some(Difference {
                id: linked.id,
                kind: linked.kind,
                key: linked.key.clone(),
                item_id: linked.item_id.clone(),
                expected: shown_text(&sent),
                found: sent::text(shown),
                what: if is_key { What::Key } else { What::Edited },
                is_kept,
                mark: sent::mark(shown),
                form: form.filter(|_| !is_touched),
                column,
            })
        };
        sent.into_iter().filter_map(differs).collect()
    }

    /// What a column shows in place of a value, where a board may show values in a form of its own: not a blank, and no other
    /// label, box or connection, which say something else.
    fn form_of(&self, column: &str, sent: &Value, shown: &Shown) -> Option<ShownForm> {
        use ColumnType::{BoardRelation, Checkbox, Dropdown, Status};
        let column_type = map::type_of(self.entity, column, Some(self.columns));
        if matches!(column_type, Status | Dropdown | Checkbox | BoardRelation) || sent.is_null() {
            return None;
        }
        Some(ShownForm { sent: sent.to_string(), shown: sent::text(shown)?, rounds: 0 })
    }

    fn is_shown(&self, column: &str, sent: &Value, shown: &Shown) -> bool {
        let column_type = map::type_of(self.entity, column, Some(self.columns));
        if column_type == ColumnType::BoardRelation {
            let ids = sent.get("item_ids").and_then(Value::as_array).into_iter().flatten();
            let name = |id: &Value| id.as_str().map_or_else(|| id.to_string(), str::to_owned);
            let there = ids.filter(|id| !self.missing.contains(&name(id)));
            return shows(column_type, &json!({"item_ids": there.collect::<Vec<_>>()}), shown);
        }
        shows(column_type, sent, shown)
    }
}

/// Items by what their key column says.
pub(crate) fn items_by_key<'i>(entity: &KindConfig, items: &'i [Item]) -> BTreeMap<String, Vec<&'i Item>> {
    let key_column = entity.key_column.as_deref().unwrap_or_default();
    let mut by_key: BTreeMap<String, Vec<&Item>> = BTreeMap::new();
    for item in items {
        if let Some(key) = item.columns.get(key_column).and_then(key_text) {
            by_key.entry(key).or_default().push(item);
        }
    }
    by_key
}
