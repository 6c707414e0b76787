//! What happens in the world besides the program: HApi changes, people touch the boards.

use crate::deeds;
use crate::ledger::Ledger;
use crate::stage::CUT_OFF;
use crate::world::World;
use hopem_sandbox::hapi::Poison;
use hopem_sandbox::monday::ItemView;
use hopem_sandbox::{Event, Hapi, KINDS};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

/// What people write into columns.
pub(crate) const WRITTEN_BY_HAND: &str = "by hand";
/// More items than a board of a story ever has.
const MANY_ITEMS: u64 = 10_000;

/// Something that happens. `which` counts over the records of a set, or the items of a board, round and round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Happening {
    /// A property of some record has another value; none: null.
    Change { set: &'static str, which: u64, property: &'static str, value: Option<String> },
    /// A record goes.
    Remove { set: &'static str, which: u64 },
    /// A record comes, much like another.
    Add { set: &'static str, which: u64, id: i64 },
    /// Somebody writes into a column of an item.
    Edit { kind: &'static str, which: u64, column: &'static str, value: String },
    /// Somebody archives an item.
    Archive { kind: &'static str, which: u64 },
    /// Somebody deletes an item.
    Delete { kind: &'static str, which: u64 },
    /// Somebody moves an item to a board that is none of ours.
    MoveAway { kind: &'static str, which: u64 },
    /// Somebody doubles an item, its key included.
    Double { kind: &'static str, which: u64 },
    /// The token's user may not edit a column any more, until the story is over.
    CloseColumn { kind: &'static str, column: &'static str },
    /// Somebody deletes a column, until the story is over: then it comes out of the bin again.
    RemoveColumn { kind: &'static str, column: &'static str },
    /// Somebody makes a column one of another type, until the story is over; what it held is lost.
    RetypeColumn { kind: &'static str, column: &'static str, to: &'static str },
    /// Boards take no more items than there are on the fullest, and so many, until the story is over.
    LimitItems { more: u64 },
    /// All records of a set go at once.
    RemoveAll { set: &'static str },
    /// Somebody brings back an item that is archived or deleted.
    BringBack { kind: &'static str, which: u64 },
    /// A board takes no change, since somebody else writes to it, until the story is over.
    Lock { kind: &'static str },
    /// Names with this text in them are refused, until the story is over.
    RefuseNames { containing: &'static str },
    /// Values with this text in them are refused in a column, until the story is over.
    RefuseValues { column: &'static str, containing: &'static str },
    /// A board keeps what is written to a column in capital letters.
    KeepInForm { kind: &'static str, column: &'static str },
    /// monday counts the items of boards as late as it finds them, until the story is over.
    CountLate,
    /// HApi fails at each page with a certain record, until the story is over.
    Spoil { set: &'static str, which: u64, breaks_off: bool },
}

impl World {
    /// Lets something happen.
    pub(crate) fn apply(&mut self, what: &Happening) {
        self.changed = self.passed;
        self.monday.set_time(self.now());
        match what {
            Happening::Change { set, which, property, value } => {
                let Some(record) = some_record(&self.hapi, set, *which).cloned() else { return };
                self.hapi.update_where(set, |candidate| *candidate == record, property, json!(value));
                if let Some(id) = record["Id"].as_i64() {
                    self.notify(set, id, Event::UPDATE);
                }
            }
            Happening::Remove { set, which } => {
                if let Some(id) = some_id(&self.hapi, set, *which) {
                    self.remove(set, id);
                }
            }
            Happening::Add { set, which, id } => self.add(set, *which, *id),
            Happening::Edit { kind, which, column, value } => {
                if let Some(item) = self.some_item(kind, *which).filter(|_| self.has_column(kind, column)) {
                    self.touch(&item);
                    let shown = deeds::shown(&self.monday, &item, column);
                    self.edited.insert((item.clone(), *column), shown);
                    if *column == "text_key" {
                        let is_known = self.store.exists() && Ledger::open(&self.store).knows(&item);
                        self.rekeyed.insert(item.clone(), is_known);
                    }
                    self.monday.edit_by_hand(&item, column, &json!(value));
                }
            }
            Happening::Archive { kind, which } => {
                self.take(kind, *which, |world, item| world.monday.archive_by_hand(item))
            }
            Happening::Delete { kind, which } => {
                self.take(kind, *which, |world, item| world.monday.delete_by_hand(item))
            }
            Happening::MoveAway { kind, which } => self.take(kind, *which, |world, item| {
                let elsewhere = world.monday.add_board("Elsewhere", &[("text_key", "text", Value::Null)]);
                world.monday.move_by_hand(item, &elsewhere);
            }),
            Happening::Double { kind, which } => self.double(kind, *which),
            Happening::CloseColumn { kind, column } => {
                if let Some(board) = self.board_of(kind) {
                    self.closed.insert((kind, column));
                    self.monday.close_column(&board, column, "UserUnauthorizedException", true);
                }
            }
            Happening::RemoveColumn { kind, column } => {
                if let Some(board) = self.board_of(kind).filter(|_| self.has_column(kind, column)) {
                    self.changed_columns.insert((kind, column), None);
                    self.monday.remove_column(&board, column);
                }
            }
            Happening::RetypeColumn { kind, column, to } => {
                if let Some(board) = self.board_of(kind).filter(|_| self.has_column(kind, column)) {
                    let former = self.monday.retype_column(&board, column, to);
                    self.changed_columns.insert((kind, column), Some(former));
                }
            }
            Happening::LimitItems { more } => {
                let active = |board: &str| self.active_items(board).len() as u64;
                let fullest = self.boards.iter().map(|board| active(&board.board_id)).max();
                self.monday.set_items_limit(fullest.unwrap_or_default() + more);
            }
            Happening::RemoveAll { set } => {
                let ids = self.hapi.records(set).iter().filter_map(|record| record["Id"].as_i64());
                for id in ids.collect::<Vec<_>>() {
                    self.remove(set, id);
                }
            }
            Happening::BringBack { kind, which } => self.bring_back(kind, *which),
            Happening::Lock { kind } => {
                if let Some(board) = self.board_of(kind) {
                    self.has_locked = true;
                    self.monday.set_locked(&board, true);
                }
            }
            Happening::RefuseNames { containing } => {
                self.refusing.insert("name");
                self.monday.refuse_names(containing, "InvalidItemNameException");
            }
            Happening::RefuseValues { column, containing } => {
                self.refusing.insert(column);
                self.monday.refuse_values(column, containing);
            }
            Happening::KeepInForm { kind, column } => {
                if let Some(board) = self.board_of(kind).filter(|_| self.has_column(kind, column)) {
                    self.reformed.insert((kind, column));
                    self.monday.keep_in_form(&board, column, str::to_uppercase);
                }
            }
            Happening::CountLate => self.monday.set_count_lag(true),
            Happening::Spoil { set, which, breaks_off } => {
                if let Some(id) = some_id(&self.hapi, set, *which) {
                    let how = if *breaks_off { Poison::BreaksOff } else { Poison::Fails };
                    self.hapi.quirks.poisoned.push((id, how));
                }
            }
        }
    }

    /// What people arranged on either side is put right by them.
    pub(crate) fn tidy(&mut self) {
        self.hapi.quirks.poisoned.clear();
        self.monday.open_columns();
        self.closed.clear();
        self.monday.set_pace(Duration::ZERO, CUT_OFF);
        self.monday.restore_columns();
        for ((kind, column), former) in &self.changed_columns {
            if let (Some(board), Some(former)) = (self.board_of(kind), former) {
                self.monday.retype_column(&board, column, former);
            }
        }
        self.monday.set_items_limit(MANY_ITEMS);
        self.monday.set_count_lag(false);
        self.refusing.clear();
        self.monday.take_all_values();
        self.monday.take_all_names();
        for board in &self.boards {
            self.monday.set_locked(&board.board_id, false);
        }
        for double in std::mem::take(&mut self.doubles) {
            let key = self.monday.item(&double).and_then(|item| key_of(&item));
            let boards: Vec<String> = self.boards.iter().map(|board| board.board_id.clone()).collect();
            let items = boards.iter().flat_map(|board| self.active_items(board));
            // Of what HApi no longer has, both go: the program holds one of them at most.
            let is_gone = key.as_ref().is_some_and(|key| self.removed.contains(key));
            let goes = |item: &ItemView| item.id == double || (is_gone && key_of(item) == key);
            for item in items.filter(goes).map(|item| item.id).collect::<Vec<_>>() {
                self.taken_by_people.insert(item.clone());
                self.monday.delete_by_hand(&item);
            }
        }
    }

    fn remove(&mut self, set: &'static str, id: i64) {
        self.hapi.remove(set, id);
        self.removed.insert(format!("{}:{id}", kind_of(set)));
        self.notify(set, id, Event::DELETE);
    }

    /// Somebody brings back what people took away: of an entity that has another item by now there are two then, and people see to it when
    /// the story is over.
    fn bring_back(&mut self, kind: &str, which: u64) {
        let Some(board) = self.board_of(kind) else { return };
        let items = self.monday.items(&board).into_iter();
        let gone: Vec<ItemView> =
            items.filter(|item| item.state != "active" && self.taken_by_people.contains(&item.id)).collect();
        let index = usize::try_from(which % gone.len().max(1) as u64).unwrap_or_default();
        let Some(item) = gone.get(index) else { return };
        self.monday.restore_by_hand(&item.id);
        self.touch(&item.id);
        self.doubles.insert(item.id.clone());
    }

    fn double(&mut self, kind: &str, which: u64) {
        let Some(item) = self.some_item(kind, which).and_then(|id| self.monday.item(&id)) else { return };
        let (Some(board), Some(key)) = (self.board_of(kind), item.values.get("text_key")) else { return };
        if !self.has_column(kind, "text_key") {
            return;
        }
        let values = json!({"text_key": key});
        let double = self.monday.create_item_by_hand(&board, &item.name, &values);
        self.touch(&item.id);
        self.touch(&double);
        self.doubles.insert(double);
    }

    /// Somebody writes to an item: what it shows is put right at the next verification.
    fn touch(&mut self, item: &str) {
        self.touched.insert(item.to_owned());
        let key = self.monday.item(item).and_then(|item| key_of(&item));
        self.last_touches.extend(key.iter().map(|key| (key.clone(), self.passed)));
        self.touched_keys.extend(key);
    }

    /// The keys that items bear which people touched, and those they bore.
    pub(crate) fn touched_keys(&self) -> BTreeSet<String> {
        let items = self.touched.iter().filter_map(|item| self.monday.item(item));
        let keys = items.filter_map(|item| key_of(&item));
        keys.chain(self.touched_keys.iter().cloned()).collect()
    }

    /// People have the program take the key of an entity's item away.
    pub(crate) fn let_go(&mut self, entity: &str) {
        let items = self.boards.iter().flat_map(|board| self.active_items(&board.board_id));
        let items: Vec<String> =
            items.filter(|item| key_of(item).as_deref() == Some(entity)).map(|item| item.id).collect();
        self.rekeyed.extend(items.into_iter().map(|item| (item, false)));
    }

    /// Whether people ever deleted or retyped this column of an entity's kind.
    pub(crate) fn was_column_changed(&self, entity: &str, column: &str) -> bool {
        let kind = entity.split(':').next().unwrap_or_default();
        self.changed_columns.keys().any(|changed| *changed == (kind, column))
    }

    /// Whether this column of an entity's kind keeps what is written to it in another form.
    pub(crate) fn is_reformed(&self, entity: &str, column: &str) -> bool {
        let kind = entity.split(':').next().unwrap_or_default();
        self.reformed.iter().any(|reformed| *reformed == (kind, column))
    }

    /// Whether a column is there, of the type that it was made with, and may be edited.
    fn has_column(&self, kind: &str, column: &str) -> bool {
        !self.changed_columns.keys().chain(&self.closed).any(|changed| *changed == (kind, column))
    }

    fn board_of(&self, kind: &str) -> Option<String> {
        self.boards.iter().find(|board| board.kind == kind).map(|board| board.board_id.clone())
    }

    /// The active items of a board.
    pub(crate) fn active_items(&self, board: &str) -> Vec<ItemView> {
        let items = self.monday.items(board).into_iter();
        items.filter(|item| item.state == "active").collect()
    }

    fn add(&mut self, set: &'static str, which: u64, id: i64) {
        let like = some_id(&self.hapi, set, which).and_then(|id| self.hapi.record(set, id).cloned());
        let Some(mut record) = like.filter(|_| self.hapi.record(set, id).is_none()) else { return };
        record["Id"] = json!(id);
        for code in ["BuildingCode", "UnitCode"].into_iter().filter(|code| set.starts_with(&code[..4])) {
            record[code] = json!(format!("N{id}"));
        }
        self.hapi.insert(set, record);
        self.notify(set, id, Event::INSERT);
    }

    /// Somebody takes an item off its board.
    fn take(&mut self, kind: &str, which: u64, how: impl FnOnce(&mut World, &str)) {
        if let Some(item) = self.some_item(kind, which) {
            self.touch(&item);
            self.taken_by_people.insert(item.clone());
            how(self, &item);
        }
    }

    /// The id of an active item of the kind's board.
    fn some_item(&self, kind: &str, which: u64) -> Option<String> {
        let active = self.active_items(&self.board_of(kind)?);
        let index = usize::try_from(which % active.len().max(1) as u64).ok()?;
        active.get(index).map(|item| item.id.clone())
    }
}

/// The key that an item bears.
pub(crate) fn key_of(item: &ItemView) -> Option<String> {
    item.values.get("text_key")?.as_str().map(str::to_owned)
}

/// Some record of a set.
fn some_record<'h>(hapi: &'h Hapi, set: &str, which: u64) -> Option<&'h Value> {
    let records = hapi.records(set);
    let index = usize::try_from(which % records.len().max(1) as u64).ok()?;
    records.get(index)
}

/// The `Id` of some record of a set.
pub(crate) fn some_id(hapi: &Hapi, set: &str, which: u64) -> Option<i64> {
    some_record(hapi, set, which)?["Id"].as_i64()
}

/// The kind whose records are in a set.
pub(crate) fn kind_of(set: &str) -> &'static str {
    KINDS.iter().find(|(_, of)| *of == set).map_or("", |(kind, _)| kind)
}

/// The set that holds the records of a kind.
pub(crate) fn set_of(kind: &str) -> &'static str {
    KINDS.iter().find(|(of, _)| *of == kind).map_or("", |(_, set)| set)
}

/// A property of some record has another value.
pub(crate) fn change(set: &'static str, which: u64, property: &'static str, value: &str) -> Happening {
    Happening::Change { set, which, property, value: Some(value.to_owned()) }
}

/// A property of some record becomes null.
pub(crate) fn clear(set: &'static str, which: u64, property: &'static str) -> Happening {
    Happening::Change { set, which, property, value: None }
}

/// A record goes.
pub(crate) fn remove(set: &'static str, which: u64) -> Happening {
    Happening::Remove { set, which }
}

/// A record comes.
pub(crate) fn add(set: &'static str, which: u64, id: i64) -> Happening {
    Happening::Add { set, which, id }
}

/// Somebody writes into a column of an item.
pub(crate) fn edit(kind: &'static str, which: u64, column: &'static str, value: &str) -> Happening {
    Happening::Edit { kind, which, column, value: value.to_owned() }
}

/// Somebody archives an item.
pub(crate) fn archive(kind: &'static str, which: u64) -> Happening {
    Happening::Archive { kind, which }
}

/// Somebody deletes an item.
pub(crate) fn delete(kind: &'static str, which: u64) -> Happening {
    Happening::Delete { kind, which }
}

/// Somebody moves an item to another board.
pub(crate) fn move_away(kind: &'static str, which: u64) -> Happening {
    Happening::MoveAway { kind, which }
}

/// Somebody doubles an item.
pub(crate) fn double(kind: &'static str, which: u64) -> Happening {
    Happening::Double { kind, which }
}

/// A column may not be edited any more.
pub(crate) fn close_column(kind: &'static str, column: &'static str) -> Happening {
    Happening::CloseColumn { kind, column }
}

/// Somebody deletes a column.
pub(crate) fn remove_column(kind: &'static str, column: &'static str) -> Happening {
    Happening::RemoveColumn { kind, column }
}

/// Somebody makes a column one of another type.
pub(crate) fn retype_column(kind: &'static str, column: &'static str, to: &'static str) -> Happening {
    Happening::RetypeColumn { kind, column, to }
}

/// Boards take so many items more than there are on the fullest.
pub(crate) fn limit_items(more: u64) -> Happening {
    Happening::LimitItems { more }
}

/// All records of a set go at once.
pub(crate) fn remove_all(set: &'static str) -> Happening {
    Happening::RemoveAll { set }
}

/// Somebody brings back an item.
pub(crate) fn bring_back(kind: &'static str, which: u64) -> Happening {
    Happening::BringBack { kind, which }
}

/// A board takes no change.
pub(crate) fn lock(kind: &'static str) -> Happening {
    Happening::Lock { kind }
}

/// Some names are refused.
pub(crate) fn refuse_names(containing: &'static str) -> Happening {
    Happening::RefuseNames { containing }
}

/// Some values are refused.
pub(crate) fn refuse_values(column: &'static str, containing: &'static str) -> Happening {
    Happening::RefuseValues { column, containing }
}

/// A column keeps capital letters.
pub(crate) fn keep_in_form(kind: &'static str, column: &'static str) -> Happening {
    Happening::KeepInForm { kind, column }
}

/// monday counts late.
pub(crate) fn count_late() -> Happening {
    Happening::CountLate
}

/// HApi cannot deliver a record.
pub(crate) fn spoil(set: &'static str, which: u64, breaks_off: bool) -> Happening {
    Happening::Spoil { set, which, breaks_off }
}

impl fmt::Display for Happening {
    /// As Rust.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Happening::Change { set, which, property, value: Some(value) } => {
                write!(f, "change({set:?}, {which}, {property:?}, {value:?})")
            }
            Happening::Change { set, which, property, value: None } => {
                write!(f, "clear({set:?}, {which}, {property:?})")
            }
            Happening::Remove { set, which } => write!(f, "remove({set:?}, {which})"),
            Happening::Add { set, which, id } => write!(f, "add({set:?}, {which}, {id})"),
            Happening::Edit { kind, which, column, value } => {
                write!(f, "edit({kind:?}, {which}, {column:?}, {value:?})")
            }
            Happening::Archive { kind, which } => write!(f, "archive({kind:?}, {which})"),
            Happening::Delete { kind, which } => write!(f, "delete({kind:?}, {which})"),
            Happening::MoveAway { kind, which } => write!(f, "move_away({kind:?}, {which})"),
            Happening::Double { kind, which } => write!(f, "double({kind:?}, {which})"),
            Happening::CloseColumn { kind, column } => write!(f, "close_column({kind:?}, {column:?})"),
            Happening::RemoveColumn { kind, column } => write!(f, "remove_column({kind:?}, {column:?})"),
            Happening::RetypeColumn { kind, column, to } => write!(f, "retype_column({kind:?}, {column:?}, {to:?})"),
            Happening::LimitItems { more } => write!(f, "limit_items({more})"),
            Happening::RemoveAll { set } => write!(f, "remove_all({set:?})"),
            Happening::BringBack { kind, which } => write!(f, "bring_back({kind:?}, {which})"),
            Happening::Lock { kind } => write!(f, "lock({kind:?})"),
            Happening::RefuseNames { containing } => write!(f, "refuse_names({containing:?})"),
            Happening::RefuseValues { column, containing } => write!(f, "refuse_values({column:?}, {containing:?})"),
            Happening::KeepInForm { kind, column } => write!(f, "keep_in_form({kind:?}, {column:?})"),
            Happening::CountLate => write!(f, "count_late()"),
            Happening::Spoil { set, which, breaks_off } => write!(f, "spoil({set:?}, {which}, {breaks_off})"),
        }
    }
}
