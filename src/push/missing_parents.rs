//! A connection that monday refuses: the item that it points to may have been taken away by hand. The parent is looked up at
//! once, in one call for all, and dealt with as the configuration says; its children are sent again once it is mended.

use super::Parts;
use super::missing_items::item_is_missing;
use super::record::Recorder;
use super::refused_connection::RefusedConnection;
use crate::boards::Setup;
use crate::boards::items::{ReadResult, Reader};
use crate::failure::{FailureCause, FailureDetail};
use crate::message::MondayText;
use crate::monday::document;
use crate::store::{Entity, State, Store, Tx};
use std::collections::{BTreeMap, BTreeSet};

/// Parents whose items may be missing: those to be looked up, and those that were.
#[derive(Debug, Default)]
pub(crate) struct MissingParents {
    /// By the parent's item: the connections that were refused.
    waiting: BTreeMap<String, Vec<RefusedConnection>>,
    known: BTreeSet<String>,
}

impl MissingParents {
    /// Adds connections that were refused.
    pub(crate) fn add(&mut self, refused: Vec<RefusedConnection>) {
        for refused in refused {
            self.waiting.entry(refused.parent_item.clone()).or_default().push(refused);
        }
    }
}

/// Looks the parents up to which refused connections point. Those that are on their boards are not at fault; the others are missing.
///
/// # Errors
/// Where the store cannot be read or written, or nothing can be sent at all.
pub(crate) fn look_up_parents(parts: &mut Parts<'_, '_>) -> anyhow::Result<()> {
    let waiting = std::mem::take(&mut parts.missing_parents.waiting);
    let known = &parts.missing_parents.known;
    let unknown: Vec<&str> = waiting.keys().filter(|item| !known.contains(*item)).map(String::as_str).collect();
    let mut missing = Vec::new();
    for chunk in unknown.chunks(document::ITEMS_BY_ID) {
        let states = match Reader::new(&mut parts.session, parts.store).ask_states(chunk)? {
            ReadResult::Whole(states) => states,
            // Nothing is known of them: the children are retried when their time has come.
            ReadResult::NotWhole(_) | ReadResult::Refused(_) => continue,
            ReadResult::Ended => return Ok(()),
        };
        for item in chunk {
            let Some(parent) = parts.store.holder_of(item)? else { continue };
            let board = parent.row.board.clone().unwrap_or_default();
            let is_there = states.iter().any(|state| state.id == **item && state.is_on(&board));
            if !is_there && is_pushed(parts.setup, parts.store, &parent)? {
                missing.push(parent);
            }
        }
    }
    parts.missing_parents.known.extend(unknown.into_iter().map(str::to_owned));
    if missing.is_empty() {
        return Ok(());
    }
    let tx = parts.store.transaction()?;
    for parent in &missing {
        let refused = parent.row.item_id.as_ref().and_then(|item| waiting.get(item));
        parent_is_missing(&mut parts.recorder, &tx, parent, refused.map(Vec::as_slice).unwrap_or_default())?;
    }
    tx.commit()?;
    parts.lanes.reopen(|kind| missing.iter().any(|parent| parent.row.kind == kind));
    parts.spread_effects();
    Ok(())
}

/// Whether an entity is pushed: what people paused or unlinked is left alone.
fn is_pushed(setup: Setup<'_>, store: &Store, stored: &Entity) -> anyhow::Result<bool> {
    let is_off = setup.kind(stored.row.kind).pushed_board().is_none();
    let rows = store.list_states(stored.row.kind, is_off, Some(&stored.row.key), setup.clock().now())?;
    Ok(rows.iter().any(|row| matches!(row.state, State::Synced | State::Pending | State::Error)))
}

fn parent_is_missing(
    recorder: &mut Recorder<'_>,
    tx: &Tx<'_>,
    parent: &Entity,
    refused: &[RefusedConnection],
) -> anyhow::Result<()> {
    let item = parent.row.item_id.clone().unwrap_or_default();
    let stays_missing = item_is_missing(recorder, tx, parent, &item)?;
    for RefusedConnection { child, column, value, .. } in refused {
        // The connection will be another one, so its failure is over.
        recorder.log().clear_failure_of(tx, child, column)?;
        if stays_missing {
            let name = parent.row.entity_key().to_string();
            let error = MondayText::ParentItemMissing { parent: name.clone() };
            let detail = FailureDetail::new(FailureCause::ParentItemMissing, error);
            let (now, detail) = (recorder.now(), detail.hint(MondayText::MendParent { parent: name }));
            recorder.log().fail_column(tx, child, column, value, detail, now)?;
        }
    }
    Ok(())
}
