//! A connection that monday refuses: the item that it points to may have been taken away by hand. The parent is looked up at
//! once, in one call for all, and dealt with as the configuration says; its children are sent again once it is mended.

use crate::boards::items::Given;
use crate::config::Source;
use crate::entity::{EntityKey, Kind};
use crate::failure::Subject;
use crate::failure::{FailureCause, FailureDetail};
use crate::message::MondayText;
use crate::monday::document;
use crate::push::engine::Engine;
use crate::store::{State, Stored, Tx};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The parents to be looked up, and those that were.
#[derive(Debug, Default)]
pub(crate) struct Suspects {
    /// By the parent's item: the connections that were refused.
    waiting: BTreeMap<String, Vec<Refused>>,
    known: BTreeSet<String>,
}

/// A connection that was refused.
#[derive(Debug, Clone)]
struct Refused {
    child: Stored,
    column: String,
    value: String,
}

impl Engine<'_, '_> {
    /// Notes a refused column; where it is a connection, the item that it points to is suspect.
    pub(crate) fn suspect(&mut self, child: &Stored, column: &str, value: &Value) {
        let mapped = self.entity(child.kind).columns.get(column);
        if !mapped.is_some_and(|column| matches!(column.source, Source::Relation(_))) {
            return;
        }
        for item in value.get("item_ids").and_then(Value::as_array).into_iter().flatten() {
            let item = item.as_str().map_or_else(|| item.to_string(), str::to_owned);
            let refused = Refused { child: child.clone(), column: column.to_owned(), value: value.to_string() };
            self.suspects.waiting.entry(item).or_default().push(refused);
        }
    }

    /// Looks the suspects up. Those that are on their boards are not at fault; the others are missing.
    pub(crate) fn look_into_suspects(&mut self) -> anyhow::Result<()> {
        let waiting = std::mem::take(&mut self.suspects.waiting);
        let unknown: Vec<&str> =
            waiting.keys().filter(|item| !self.suspects.known.contains(*item)).map(String::as_str).collect();
        let mut missing = Vec::new();
        for chunk in unknown.chunks(document::ITEMS_BY_ID) {
            let states = match self.ask_states(chunk)? {
                Given::Whole(states) => states,
                // Nothing is known of them: the children are tried again when their time has come.
                Given::NotWhole(_) | Given::Refused(_) => continue,
                Given::Ended => return Ok(()),
            };
            for item in chunk {
                let Some(parent) = self.store.holder_of(item)? else { continue };
                if !self.is_pushed(&parent)? {
                    continue;
                }
                let board = parent.board.clone().unwrap_or_default();
                if !states.iter().any(|state| state.id == **item && state.is_on(&board)) {
                    missing.push(parent);
                }
            }
        }
        self.suspects.known.extend(unknown.into_iter().map(str::to_owned));
        let tx = self.transaction()?;
        for parent in missing {
            let children = parent.item_id.as_ref().and_then(|item| waiting.get(item)).cloned().unwrap_or_default();
            self.parent_is_missing(&tx, &parent, &children)?;
        }
        tx.commit()
    }

    /// Whether an entity is nobody's business but ours: what people set aside is left alone.
    fn is_pushed(&self, stored: &Stored) -> anyhow::Result<bool> {
        let is_off = self.entity(stored.kind).pushed_board().is_none();
        let rows = self.store.list_states(stored.kind, is_off, Some(&stored.key), self.now())?;
        Ok(rows.iter().any(|row| matches!(row.state, State::Synced | State::Pending | State::Error)))
    }

    fn parent_is_missing(&mut self, tx: &Tx<'_>, parent: &Stored, children: &[Refused]) -> anyhow::Result<()> {
        let item = parent.item_id.clone().unwrap_or_default();
        let stays_missing = self.item_is_missing(tx, parent, &item)?;
        self.reopen_kind(parent.kind);
        for Refused { child, column, value } in children {
            if !stays_missing {
                // It gets another value, or none; what was refused is no news any more.
                self.forgive(tx, child, column)?;
                continue;
            }
            let name = format!("{}:{}", parent.kind, parent.key);
            let error = MondayText::ParentItemMissing { parent: name.clone() };
            let hint = MondayText::MendParent { parent: name };
            self.forgive(tx, child, column)?;
            let detail = FailureDetail::new(FailureCause::ParentItemMissing, error).hint(hint);
            self.fail_column_because(tx, child, column, value, detail)?;
        }
        Ok(())
    }

    /// Looks at a kind again, wherever it is planned.
    fn reopen_kind(&mut self, kind: Kind) {
        for lane in self.lanes.iter_mut().filter(|lane| lane.kinds.contains(&kind)) {
            lane.exhausted.remove(&kind);
            lane.cursors.remove(&kind);
        }
    }

    /// Takes a failed column back, out of the store and out of the report.
    pub(crate) fn forgive(&mut self, tx: &Tx<'_>, child: &Stored, column: &str) -> anyhow::Result<()> {
        tx.clear_failure(child.id, column)?;
        let subject = Subject::Entity(EntityKey::new(child.kind, child.key.clone()));
        self.result.failures.retain(|failure| failure.subject != subject || failure.column.as_deref() != Some(column));
        if !self.result.failures.iter().any(|failure| failure.subject == subject) {
            self.touched.entry(child.kind).or_default().failed.remove(&child.id);
        }
        Ok(())
    }
}
