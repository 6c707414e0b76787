//! An item that somebody took away: the one policy for it, whoever finds out, a push or a verification.

use crate::config::OnMissing;
use crate::entity::EntityKey;
use crate::failure::{FailureCause, FailureDetail};
use crate::message::MondayText;
use crate::plan::step;
use crate::push::engine::Engine;
use crate::store::{Failing, Stored, Tx};
use jiff::{SignedDuration, Timestamp};
use serde_json::Map;

/// So many items within [`RECREATION_SPAN`] are made again for one entity; who takes the next one away means it.
const MOST_RECREATIONS: u64 = 2;
/// The time over which they are counted.
const RECREATION_SPAN: SignedDuration = SignedDuration::from_hours(24);

impl Engine<'_, '_> {
    /// Deals with an entity whose item is gone from its board. Returns whether it stays without one, in error.
    pub(crate) fn item_is_missing(&mut self, tx: &Tx<'_>, stored: &Stored, item: &str) -> anyhow::Result<bool> {
        let is_relinked = self.store.is_relinked(stored.id)?;
        match self.push.config.sync.on_missing {
            _ if is_relinked => self.make_again(tx, stored, item),
            OnMissing::Report => self.fail_for_missing_item(tx, stored, item),
            OnMissing::Recreate => {
                let times = tx.recreations(stored.id, RECREATION_SPAN, self.now())?;
                match times < MOST_RECREATIONS {
                    true => self.make_again(tx, stored, item),
                    false => self.fail_for_item_taken_away(tx, stored, item, times),
                }
            }
            OnMissing::Unlink => {
                if !self.is_dry() {
                    self.note_change(tx, stored, "unlink", &Map::new(), &Map::new())?;
                }
                tx.drop_item(stored.id)?;
                tx.set_unlinked(stored.id, true, false)?;
                self.item_has_changed(tx, stored)?;
                Ok(false)
            }
        }
    }

    fn make_again(&mut self, tx: &Tx<'_>, stored: &Stored, item: &str) -> anyhow::Result<bool> {
        tx.note_recreation(stored.id, item, self.now())?;
        tx.drop_item(stored.id)?;
        self.lost_items.insert(stored.id);
        self.item_has_changed(tx, stored)?;
        Ok(false)
    }

    fn fail_for_missing_item(&mut self, tx: &Tx<'_>, stored: &Stored, item: &str) -> anyhow::Result<bool> {
        let entity = EntityKey::new(stored.kind, stored.key.clone()).to_string();
        let error = MondayText::ItemMissing { item: item.to_owned() };
        let detail = FailureDetail::new(FailureCause::ItemMissing, error).hint(MondayText::RelinkItem { entity });
        self.fail_without_item(tx, stored, item, detail, step::next_try)
    }

    /// It stays so until the item is back, or the entity is resynced.
    fn fail_for_item_taken_away(
        &mut self,
        tx: &Tx<'_>,
        stored: &Stored,
        item: &str,
        times: u64,
    ) -> anyhow::Result<bool> {
        let entity = EntityKey::new(stored.kind, stored.key.clone()).to_string();
        let error = MondayText::ItemTakenAwayAgain { item: item.to_owned(), times };
        let detail = FailureDetail::new(FailureCause::ItemTakenAwayAgain, error);
        self.fail_without_item(tx, stored, item, detail.hint(MondayText::StopTheAutomation { entity }), |_, _| None)
    }

    fn fail_without_item(
        &mut self,
        tx: &Tx<'_>,
        stored: &Stored,
        item: &str,
        detail: FailureDetail,
        next_try: impl Fn(Timestamp, u32) -> Option<Timestamp>,
    ) -> anyhow::Result<bool> {
        let now = self.now();
        let failing = Failing { entity: stored.id, column: "", value: None, item_id: Some(item), detail: &detail };
        tx.fail(&failing, now, |tries| next_try(now, tries))?;
        self.report(stored.kind, &stored.key, stored.id, None, detail);
        Ok(true)
    }
}
