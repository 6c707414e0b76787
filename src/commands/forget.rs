//! `hopem-sync forget`: removes entities from the store and its history, for good. HApi and the boards stay as they are.

use super::context::Context;
use super::selector::{self, Gone, Resolved, Selector};
use crate::entity::EntityKey;
use crate::failure::Reported;
use crate::failure::Subject;
use crate::failure::{Exit, FailureCause, FailureDetail, Stage};
use crate::message::{ScreenText, StoreText};
use crate::report::upkeep::Forgotten;
use crate::store::{Erased, State, Store};

/// Arguments of `forget`.
#[derive(Debug, clap::Args)]
#[command(before_long_help = "\
Examples:
  hopem-sync forget tenant:7535 --yes      a person who asks to be forgotten, once Hopem has removed them
  hopem-sync forget - --yes < gone.txt     those listed in a file, one a line

Removed are the record, what was sent of it, its changes, failures, events and pauses, and every mention
in past runs and in the changes of other entities; nothing can be read from the store's files afterwards.
Hopem and monday are not touched: what Hopem still has comes back with the next pull (and gets its item
again), and the item stays on its board. Copies that `backup` made before are named, not changed.")]
pub(crate) struct Forget {
    /// Kinds (`tenant`) and entities (`tenant:7535`), those gone from Hopem too; `-` reads them from standard input
    #[arg(value_name = "SELECTOR", required = true)]
    selectors: Vec<String>,
}

impl Forget {
    /// Removes the entities that are named.
    ///
    /// # Errors
    /// Where nothing is named that the store knows, consent is missing, or the store cannot be written.
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let selectors = selector::parse_all(&self.selectors, &context.stop)?;
        // A damaged store does not say for sure that it lacks what is to be forgotten.
        crate::store::check(&context.config.store.path)?;
        // Where nothing is named no store is made.
        let named = Named::of(context, &selectors, &context.store_to_read()?)?;
        context.confirm(ScreenText::ConfirmForget { count: named.entities.len() as u64 })?;
        let _lock = context.lock("forget")?;
        let mut store = context.store()?;
        let Named { mut entities, skipped, missing } = Named::of(context, &selectors, &store)?;
        let missing: Vec<String> = missing.iter().map(Selector::to_string).collect();
        let mut exit = if missing.is_empty() { Exit::Ok } else { Exit::Partial };
        let mut failures = Vec::new();
        for entity in std::mem::take(&mut entities) {
            if store.is_being_sent(&entity)? {
                failures.push(under_way(entity));
                exit = exit.and(Exit::Partial);
            } else {
                entities.push(entity);
            }
        }
        let event = |kind| context.config.kind(kind).event.clone();
        let erased: Vec<Erased> = store.write(|tx| tx.erase(&entities, event, context.now()))?;
        let is_wiped = !store.has_freed()? || store.wipe_freed()?;
        crate::report::upkeep::forgotten(
            &context.report,
            &Forgotten { erased, skipped, missing, failures, backups: store.backups()?, is_wiped },
        )?;
        Ok(if is_wiped { exit } else { exit.and(Exit::Failed) })
    }
}

/// A call whose answer was lost may have made its item: what was sent is needed to find out.
fn under_way(entity: EntityKey) -> Reported {
    let detail = FailureDetail::new(FailureCause::UnderWay, StoreText::CallUnderWay {}).hint(StoreText::SettleFirst {});
    Reported::new(Subject::Entity(entity), Stage::Forget, None, detail)
}

/// Entities that selectors name, be it only in the history.
struct Named {
    entities: Vec<EntityKey>,
    skipped: u64,
    missing: Vec<Selector>,
}

impl Named {
    /// A KIND leaves alone what is paused or unlinked; those gone from HApi are meant too.
    fn of(context: &Context, selectors: &[Selector], store: &Store) -> anyhow::Result<Named> {
        let mut named = Named { entities: Vec::new(), skipped: 0, missing: Vec::new() };
        let mut stored = Vec::new();
        for selector in selectors {
            match selector {
                Selector::Entity(entity) if store.find_typed(entity.kind, &entity.key)?.is_none() => {
                    if store.has_traces(entity)? {
                        named.entities.push(entity.clone());
                    } else {
                        named.missing.push(selector.clone());
                    }
                }
                _ => stored.push(selector.clone()),
            }
        }
        if stored.is_empty() && named.entities.is_empty() {
            stored.append(&mut named.missing);
        }
        let resolved = Resolved::of(&stored, store, Gone::Included, context.clock())?;
        named.entities.extend(resolved.entities.into_iter().map(|found| found.row.entity_key()));
        for kind in resolved.kinds {
            for row in store.list_states(kind, context.pushing(kind), None, context.now())? {
                match row.state {
                    State::Paused | State::Unlinked => named.skipped += 1,
                    _ => named.entities.push(row.entity.entity_key()),
                }
            }
        }
        named.entities.sort();
        named.entities.dedup();
        Ok(named)
    }
}
