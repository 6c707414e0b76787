//! A pull from its first question to what is kept of it.

use crate::entity::Kind;
use crate::failure::{Stage, kind_details};
use crate::pull::by_event::{self, Scope};
use crate::pull::result::PullResult;
use crate::pull::{Pull, by_key};
use crate::store::{Entity, Side, Store};

impl Pull<'_> {
    /// Reads what `scope` says of the kinds, and processes the events that are answered by it.
    ///
    /// # Errors
    /// Where the store cannot be read or written.
    pub(crate) fn run_due(
        &self,
        store: &mut Store,
        kinds: &[Kind],
        scope: Scope,
        run: Option<i64>,
    ) -> anyhow::Result<PullResult> {
        let result = by_event::read(self, store, kinds, scope, run)?;
        self.finish(store, result)
    }

    /// Reads kinds whole, and of others just these entities. One that is gone is deleted, within the guard.
    ///
    /// # Errors
    /// Where the store cannot be read or written.
    pub(crate) fn run_for(&self, store: &mut Store, kinds: &[Kind], entities: &[Entity]) -> anyhow::Result<PullResult> {
        let result = by_key::read(self, store, kinds, entities)?;
        self.finish(store, result)
    }

    /// Keeps what was wrong with kinds as a whole, and counts the requests. What stood there is over only where the kind was to be
    /// read whole; where only single entities of it were, what is new stands beside it.
    fn finish(&self, store: &mut Store, mut result: PullResult) -> anyhow::Result<PullResult> {
        result.calls = self.client.calls();
        let now = self.now();
        let whole = result.kinds.iter().filter(|(_, part)| part.is_whole).map(|(kind, _)| *kind);
        let others = result.kinds.iter().filter(|(_, part)| !part.is_whole).map(|(kind, _)| *kind);
        store.write(|tx| {
            tx.keep_kind_failures(Stage::Pull, whole, &result.failures, now)?;
            for kind in others {
                for detail in kind_details(kind, &result.failures) {
                    let cause = detail.cause;
                    tx.set_kind_failures_because(kind, Stage::Pull, cause, std::slice::from_ref(&detail), now)?;
                }
            }
            tx.count_calls(Side::Hapi, result.calls, self.now())
        })?;
        Ok(result)
    }
}
