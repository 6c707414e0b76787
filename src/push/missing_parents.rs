//! A connection that monday refuses: the item that it points to may have been taken away by hand. The parent is looked up at
//! once, in one call for all, and dealt with as the configuration says; its children are sent again once it is mended.

use super::failures::Failed;
use super::missing_items::item_is_missing;
use super::record::Recorder;
use super::refused_connection::RefusedConnection;
use crate::boards::Setup;
use crate::boards::items::{ReadResult, Reader};
use crate::boards::session::Session;
use crate::entity::Kind;
use crate::failure::{FailureCause, FailureDetail};
use crate::message::MondayText;
use crate::monday::document;
use crate::store::{Entity, Pushing, State, Store, Tx};
use std::collections::{BTreeMap, BTreeSet};

/// Parents whose items may be missing: those to be looked up, and those that were.
#[derive(Debug, Default)]
pub(super) struct MissingParents {
    /// By the parent's item: the connections that were refused.
    waiting: BTreeMap<String, Vec<RefusedConnection>>,
    known: BTreeSet<String>,
}

impl MissingParents {
    /// Adds a connection that was refused.
    pub(super) fn add(&mut self, refused: RefusedConnection) {
        self.waiting.entry(refused.parent_item.clone()).or_default().push(refused);
    }
}

/// Looks the parents up to which refused connections point. Those that are on their boards are not at fault; the others are missing.
/// Returns the kinds of those.
///
/// # Errors
/// Where the store cannot be read or written, or nothing can be sent at all.
pub(super) fn look_up_parents(
    parents: &mut MissingParents,
    session: &mut Session<'_>,
    store: &mut Store,
    recorder: &mut Recorder<'_>,
) -> anyhow::Result<BTreeSet<Kind>> {
    let waiting = std::mem::take(&mut parents.waiting);
    let unknown: Vec<&str> = waiting.keys().filter(|item| !parents.known.contains(*item)).map(String::as_str).collect();
    let mut missing: Vec<(&str, Entity)> = Vec::new();
    for chunk in unknown.chunks(document::ITEMS_BY_ID) {
        let states = match Reader::new(session, store).ask_states(chunk)? {
            ReadResult::Whole(states) => states,
            // Nothing is known of them: the children are retried when their time has come.
            ReadResult::NotWhole(_) | ReadResult::Refused(_) => continue,
            ReadResult::Ended => return Ok(BTreeSet::new()),
        };
        for &item in chunk {
            let Some(parent) = store.holder_of(item)? else { continue };
            let is_here = |board: &String| states.iter().any(|state| state.id == item && state.is_on(board));
            let is_there = parent.row.board.as_ref().is_some_and(is_here);
            if !is_there && is_pushed(recorder.setup(), store, &parent)? {
                missing.push((item, parent));
            }
        }
    }
    parents.known.extend(unknown.iter().map(|&item| item.to_owned()));
    if missing.is_empty() {
        return Ok(BTreeSet::new());
    }
    let tx = store.transaction()?;
    for (item, parent) in &missing {
        let refused = waiting.get(*item).map(Vec::as_slice).unwrap_or_default();
        parent_is_missing(recorder, &tx, parent, item, refused)?;
    }
    tx.commit()?;
    Ok(missing.iter().map(|(_, parent)| parent.row.kind).collect())
}

/// Whether an entity is pushed: what people paused or unlinked is left alone.
fn is_pushed(setup: Setup<'_>, store: &Store, stored: &Entity) -> anyhow::Result<bool> {
    let pushing = Pushing::on_if(setup.kind(stored.row.kind).pushed_board().is_some());
    let rows = store.list_states(stored.row.kind, pushing, Some(&stored.row.key), setup.now())?;
    Ok(rows.iter().any(|row| matches!(row.state, State::Synced | State::Pending | State::Error)))
}

fn parent_is_missing(
    recorder: &mut Recorder<'_>,
    tx: &Tx<'_>,
    parent: &Entity,
    item: &str,
    refused: &[RefusedConnection],
) -> anyhow::Result<()> {
    let stays_missing = item_is_missing(recorder, tx, parent, item)?;
    for RefusedConnection { child, column, value, .. } in refused {
        // The connection will be another one, so its failure is over.
        recorder.clear_failure(tx, child, column)?;
        if stays_missing {
            let name = parent.row.entity_key().to_string();
            let error = MondayText::ParentItemMissing { parent: name.clone() };
            let detail = FailureDetail::new(FailureCause::ParentItemMissing, error);
            let detail = detail.hint(MondayText::MendParent { parent: name });
            recorder.fail(tx, child, Failed::Column(column, value), detail)?;
        }
    }
    Ok(())
}
