//! An item that somebody took away: the one policy for it, whoever finds out, a push or a verification.

use super::effects::Effect;
use super::failures::Failed;
use super::record::Recorder;
use crate::config::OnMissing;
use crate::failure::{FailureCause, FailureDetail};
use crate::message::MondayText;
use crate::store::{ChangeAction, Entity, SentColumns, Tx, UnlinkedItem};
use jiff::SignedDuration;
use serde_json::Map;

/// So many items within [`RECREATION_SPAN`] are made again for one entity; whoever removes the next one wants it removed.
const MOST_RECREATIONS: u64 = 2;
/// The time over which they are counted.
const RECREATION_SPAN: SignedDuration = SignedDuration::from_hours(24);

/// Deals with an entity whose item is gone from its board. Returns whether it stays without one, in error.
///
/// # Errors
/// Where the store cannot be read or written.
pub(super) fn item_is_missing(
    recorder: &mut Recorder<'_>,
    tx: &Tx<'_>,
    stored: &Entity,
    item: &str,
) -> anyhow::Result<bool> {
    if tx.is_relinked(stored.row.id)? {
        return make_again(recorder, tx, stored, item);
    }
    match recorder.setup().config.sync.on_missing {
        OnMissing::Report => fail_for_missing_item(recorder, tx, stored, item),
        OnMissing::Recreate => {
            let times = tx.recreations(stored.row.id, RECREATION_SPAN, recorder.setup().now())?;
            match times < MOST_RECREATIONS {
                true => make_again(recorder, tx, stored, item),
                false => fail_for_item_taken_away(recorder, tx, stored, item, times),
            }
        }
        OnMissing::Unlink => {
            recorder.note_change(tx, stored, ChangeAction::Unlink, &SentColumns::default(), &Map::new())?;
            tx.drop_item(stored.row.id)?;
            tx.unlink(stored.row.id, UnlinkedItem::Kept)?;
            recorder.item_has_changed(tx, stored)?;
            Ok(false)
        }
    }
}

fn make_again(recorder: &mut Recorder<'_>, tx: &Tx<'_>, stored: &Entity, item: &str) -> anyhow::Result<bool> {
    tx.note_recreation(stored.row.id, item, recorder.setup().now())?;
    tx.drop_item(stored.row.id)?;
    recorder.note_effects([Effect::Lost(stored.row.id)]);
    recorder.item_has_changed(tx, stored)?;
    Ok(false)
}

fn fail_for_missing_item(
    recorder: &mut Recorder<'_>,
    tx: &Tx<'_>,
    stored: &Entity,
    item: &str,
) -> anyhow::Result<bool> {
    let entity = stored.row.entity_key().to_string();
    let error = MondayText::ItemMissing { item: item.to_owned() };
    let detail = FailureDetail::new(FailureCause::ItemMissing, error).hint(MondayText::RelinkItem { entity });
    recorder.fail(tx, stored, Failed::Item(item), detail)?;
    Ok(true)
}

/// It stays so until the item is back, or the entity is resynced.
fn fail_for_item_taken_away(
    recorder: &mut Recorder<'_>,
    tx: &Tx<'_>,
    stored: &Entity,
    item: &str,
    times: u64,
) -> anyhow::Result<bool> {
    let entity = stored.row.entity_key().to_string();
    let error = MondayText::ItemTakenAwayAgain { item: item.to_owned(), times };
    let detail = FailureDetail::new(FailureCause::ItemTakenAwayAgain, error);
    let detail = detail.hint(MondayText::StopTheAutomation { entity });
    recorder.fail(tx, stored, Failed::ItemForGood(item), detail)?;
    Ok(true)
}
