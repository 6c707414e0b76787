//! Recording what monday confirmed, or refused, of one change.

use crate::boards::items::Given;
use crate::entity::{EntityKey, Kind};
use crate::failure::{FailureCause, FailureDetail};
use crate::message::{Message, MondayText};
use crate::monday::column::{is_same_value, refused_column, shown_text};
use crate::monday::{Answer, GraphqlError, document};
use crate::plan::derive::mark_dependants;
use crate::plan::map::{self, NAME};
use crate::plan::step::Care;
use crate::push::engine::Engine;
use crate::store::{Action, Change, FailureRow, Intent, Stored, Tx, stamp};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Codes of errors that no other values would avoid.
const FINAL_CODES: [&str; 3] = ["ItemsLimitationException", "InvalidBoardIdException", "DeleteLastGroupException"];
/// So many refused columns of one entity, and the rest is sent one by one.
const REFUSALS_BEFORE_CARE: u32 = 2;

impl Engine<'_, '_> {
    /// Records an error of one alias. `true`: whether its item is still there has to be looked into.
    pub(crate) fn record_error(&mut self, tx: &Tx<'_>, intent: &Intent, error: &GraphqlError) -> anyhow::Result<bool> {
        let Some(stored) = self.store.get(intent.entity)? else { return Ok(false) };
        if self.store.version(intent.entity)? != Some(intent.version) {
            // It has changed since: what was refused is not what it has now. Its new values are sent anyway.
            self.tried(intent.entity).attempts += 1;
            return Ok(false);
        }
        let columns: Map<String, Value> = serde_json::from_str(&intent.columns).unwrap_or_default();
        let told: Message = MondayText::Refused { why: error.told() }.into();
        if error.is_about_name() && has_own_name(&stored, &columns) {
            self.refuse_name(tx, intent, &columns, told)?;
            return Ok(false);
        }
        if let Some(column) = self.column_at_fault(&stored, &columns, error) {
            if error.is_permission() {
                self.close_column(tx, &stored, &column, &error.told())?;
                return Ok(false);
            }
            let value = columns.get(&column).cloned().unwrap_or(Value::Null);
            self.fail_column(tx, intent, &column, &value, told)?;
            self.suspect(&stored, &column, &value);
            let tried = self.tried(intent.entity);
            tried.refusals += 1;
            if tried.refusals >= REFUSALS_BEFORE_CARE {
                tried.care = Care::EachColumnAlone;
            }
            return Ok(false);
        }
        match intent.action {
            Action::Create => self.record_refused_item(tx, intent, &stored, &columns, error).map(|()| false),
            Action::Update | Action::Unkey | Action::Archive | Action::Delete => Ok(true),
        }
    }

    /// A new item is refused, for no column that is named: first its columns are left out, then its name.
    fn record_refused_item(
        &mut self,
        tx: &Tx<'_>,
        intent: &Intent,
        stored: &Stored,
        columns: &Map<String, Value>,
        error: &GraphqlError,
    ) -> anyhow::Result<()> {
        let told: Message = MondayText::Refused { why: error.told() }.into();
        let is_final = FINAL_CODES.contains(&error.code.as_str());
        let has_values = columns.iter().any(|(id, value)| !self.is_bare(stored.kind, id) && !map::is_blank(value));
        if has_values && !is_final {
            self.tried(intent.entity).care = Care::EachColumnAlone;
            self.tried(intent.entity).attempts += 1;
            return Ok(());
        }
        if has_own_name(stored, columns) && !is_final && !error.is_permission() {
            return self.refuse_name(tx, intent, columns, told);
        }
        // It is not the name either.
        self.forgive(tx, stored, NAME)?;
        let detail = FailureDetail::new(cause_of(error), told);
        self.fail_entity(tx, stored.id, stored.kind, &stored.key, detail)
    }

    /// Whether a column goes with every new item: its key, and its name.
    fn is_bare(&self, kind: Kind, column: &str) -> bool {
        column == NAME || self.entity(kind).key_column.as_deref() == Some(column)
    }

    /// The name is refused: the item is made with its key as its name, or keeps the name that it has.
    fn refuse_name(
        &mut self,
        tx: &Tx<'_>,
        intent: &Intent,
        columns: &Map<String, Value>,
        told: Message,
    ) -> anyhow::Result<()> {
        let value = columns.get(NAME).cloned().unwrap_or(Value::Null);
        self.fail_column(tx, intent, NAME, &value, told)
    }

    /// The column that an error is about, if it can be told for sure. The key and the name are never left out.
    fn column_at_fault(&self, stored: &Stored, columns: &Map<String, Value>, error: &GraphqlError) -> Option<String> {
        let entity = self.entity(stored.kind);
        let board = self.boards.get(entity.board.as_deref()?).map(|board| &board.columns);
        let sent: BTreeMap<String, (crate::monday::column::ColumnType, Value)> = columns
            .iter()
            .filter(|(column, _)| entity.columns.contains_key(*column))
            .map(|(column, value)| (column.clone(), (map::type_of(entity, column, board), value.clone())))
            .collect();
        refused_column(&error.message, &error.extensions, &sent).map(str::to_owned)
    }

    /// Asks where the items are whose changes were refused for no column's sake.
    pub(crate) fn look_into(&mut self, doubtful: &[&Intent], answer: &Answer) -> anyhow::Result<()> {
        for chunk in doubtful.chunks(document::ITEMS_BY_ID) {
            let ids: Vec<&str> = chunk.iter().filter_map(|intent| intent.item_id.as_deref()).collect();
            let unique: Vec<&str> = ids.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
            let states = match self.ask_states(&unique)? {
                Given::Whole(states) => states,
                // Nothing is known of them, least of all that they are missing: they stay due, and are tried again so often.
                Given::NotWhole(_) | Given::Refused(_) => {
                    for intent in chunk {
                        self.tried(intent.entity).attempts += 1;
                    }
                    continue;
                }
                // They stay due.
                Given::Ended => return Ok(()),
            };
            let tx = self.transaction()?;
            for intent in chunk {
                let board = self.store.get(intent.entity)?.and_then(|stored| stored.board);
                let is_there = states.iter().any(|state| {
                    Some(state.id.as_str()) == intent.item_id.as_deref()
                        && state.is_on(board.as_deref().unwrap_or_default())
                });
                let error = answer.error_of(&intent.alias);
                self.settle_doubt(&tx, intent, is_there, error)?;
            }
            tx.commit()?;
        }
        Ok(())
    }

    fn settle_doubt(
        &mut self,
        tx: &Tx<'_>,
        intent: &Intent,
        is_there: bool,
        error: Option<&GraphqlError>,
    ) -> anyhow::Result<()> {
        let Some(stored) = self.store.get(intent.entity)? else { return Ok(()) };
        let item = intent.item_id.clone().unwrap_or_default();
        let told: Message = MondayText::Refused { why: error.map(GraphqlError::told).unwrap_or_default() }.into();
        match intent.action {
            // What should be gone is gone.
            Action::Archive | Action::Delete | Action::Unkey if !is_there => self.confirm_retired(tx, intent, &stored),
            Action::Archive | Action::Delete | Action::Unkey => {
                let entity = format!("{}:{}", stored.kind, stored.key);
                let hint = MondayText::ItemStays { item, entity };
                let detail = FailureDetail::new(FailureCause::ItemStays, told).hint(hint);
                self.fail_entity(tx, stored.id, stored.kind, &stored.key, detail)
            }
            _ if !is_there => self.item_is_missing(tx, &stored, &item).map(|_| ()),
            _ => {
                let columns: Map<String, Value> = serde_json::from_str(&intent.columns).unwrap_or_default();
                let is_final = error.is_some_and(|error| FINAL_CODES.contains(&error.code.as_str()));
                match columns.iter().next() {
                    Some((column, _)) if columns.len() == 1 && self.may_be_closed(&stored, column, error) => {
                        self.close_column(tx, &stored, column, &error.map(GraphqlError::told).unwrap_or_default())
                    }
                    Some((column, value)) if columns.len() == 1 && !is_final => {
                        self.fail_column(tx, intent, column, value, told)?;
                        self.suspect(&stored, column, value);
                        Ok(())
                    }
                    _ if is_final => {
                        let cause = error.map_or(FailureCause::ItemRefused, cause_of);
                        self.fail_entity(tx, stored.id, stored.kind, &stored.key, FailureDetail::new(cause, told))
                    }
                    _ => {
                        self.tried(intent.entity).care = Care::EachColumnAlone;
                        self.tried(intent.entity).attempts += 1;
                        Ok(())
                    }
                }
            }
        }
    }

    /// Notes what monday confirmed of one alias.
    pub(crate) fn confirm(&mut self, tx: &Tx<'_>, intent: &Intent, board: &str, item_id: &str) -> anyhow::Result<()> {
        let Some(stored) = self.store.get(intent.entity)? else { return Ok(()) };
        if !matches!(intent.action, Action::Create | Action::Update) {
            return self.confirm_retired(tx, intent, &stored);
        }
        let is_new = intent.action == Action::Create;
        let parse = |json: &str| serde_json::from_str::<Map<String, Value>>(json).unwrap_or_default();
        let before =
            if is_new { Map::new() } else { self.store.sent(stored.id)?.map(|json| parse(&json)).unwrap_or_default() };
        let sent = parse(&intent.columns);
        self.note_change(tx, &stored, intent.action.word(), &before, &sent)?;
        self.clear_fault(tx, stored.id)?;
        self.tried(stored.id).has_worked = true;
        let mut merged = before;
        self.forgive_what_was_taken(tx, &stored, &sent)?;
        merged.extend(sent);
        let merged = Value::Object(merged).to_string();
        let origin = is_new.then_some("created");
        let is_complete = intent.withheld.is_empty();
        let now = self.now();
        tx.confirm(stored.id, intent.version, board, item_id, origin, &merged, is_complete, now)?;
        let touched = self.touched.entry(stored.kind).or_default();
        if is_new {
            touched.created.insert(stored.id);
            self.item_has_changed(tx, &stored)?;
        } else if !touched.created.contains(&stored.id) && !touched.adopted.contains(&stored.id) {
            touched.updated.insert(stored.id);
        }
        Ok(())
    }

    /// Forgets the failures of columns that monday has taken now, in any form. One that was only cleared, because its value
    /// cannot be sent, goes on failing.
    fn forgive_what_was_taken(
        &mut self,
        tx: &Tx<'_>,
        stored: &Stored,
        sent: &Map<String, Value>,
    ) -> anyhow::Result<()> {
        let was_sent =
            |failure: &FailureRow| !matches!(failure.cause, FailureCause::ValueUnfit | FailureCause::LabelMissing);
        for failure in self.store.failures(stored.id)?.into_iter().filter(was_sent) {
            if sent.get(&failure.column).is_some_and(|value| is_same_value(failure.value.as_deref(), value)) {
                self.forgive(tx, stored, &failure.column)?;
            }
        }
        Ok(())
    }

    /// Notes that an item is archived, deleted, or nobody's any more.
    fn confirm_retired(&mut self, tx: &Tx<'_>, intent: &Intent, stored: &Stored) -> anyhow::Result<()> {
        self.clear_fault(tx, stored.id)?;
        let word = if intent.action == Action::Unkey { "unlink" } else { "archive" };
        self.note_change(tx, stored, word, &Map::new(), &Map::new())?;
        if intent.action == Action::Unkey {
            tx.remember_item(stored.id)?;
        }
        tx.drop_item(stored.id)?;
        if intent.action != Action::Unkey {
            self.touched.entry(stored.kind).or_default().archived.insert(stored.id);
        }
        self.item_has_changed(tx, stored)
    }

    /// An entity has an item, or another one, or none any more: whoever links to it is looked at again.
    pub(crate) fn item_has_changed(&mut self, tx: &Tx<'_>, stored: &Stored) -> anyhow::Result<()> {
        mark_dependants(tx, self.push.shapes, stored.kind, &stored.record)?;
        self.reopen_children(stored.kind);
        Ok(())
    }

    /// Keeps old and new of each column, for people; in a dry run it is the plan.
    pub(crate) fn note_change(
        &mut self,
        tx: &Tx<'_>,
        stored: &Stored,
        action: &'static str,
        before: &Map<String, Value>,
        sent: &Map<String, Value>,
    ) -> anyhow::Result<()> {
        let columns: BTreeMap<String, (Option<String>, Option<String>)> = sent
            .iter()
            .map(|(column, value)| (column.clone(), (before.get(column).and_then(shown_text), shown_text(value))))
            .filter(|(_, (old, new))| old.is_some() || new.is_some())
            .collect();
        let is_adopted = self.touched.entry(stored.kind).or_default().adopted.contains(&stored.id);
        let action = if is_adopted && action == "update" { "adopt" } else { action };
        if self.is_dry() {
            self.add_plan_row(stored.kind, &stored.key, action, columns);
            return Ok(());
        }
        let json: Map<String, Value> = columns
            .into_iter()
            .map(|(column, (old, new))| (column, serde_json::json!({"old": old, "new": new})))
            .collect();
        tx.add_change(&Change {
            run: self.push.run,
            at: stamp(self.now()),
            kind: stored.kind,
            key: stored.key.clone(),
            action: action.to_owned(),
            columns: Value::Object(json).to_string(),
        })
    }
}

/// Why a whole item was refused.
fn cause_of(error: &GraphqlError) -> FailureCause {
    match error.code.as_str() {
        "ItemsLimitationException" => FailureCause::BoardFull,
        "InvalidBoardIdException" => FailureCause::BoardMissing,
        _ => FailureCause::ItemRefused,
    }
}

/// Whether an entity was to be named otherwise than by its key.
fn has_own_name(stored: &Stored, columns: &Map<String, Value>) -> bool {
    let key = EntityKey::new(stored.kind, stored.key.clone()).to_string();
    columns.get(NAME).is_some_and(|name| name.as_str() != Some(&key))
}
