//! Reading single entities from HApi now, for `resync`: many keys in one request, and whole kinds where that costs less.

use crate::config::Config;
use crate::entity::Kind;
use crate::hapi::{ReadError, Traffic};
use crate::pull::absent::{self, KEYS_PER_REQUEST, Wanted};
use crate::pull::whole::{Pull, Pulled};
use crate::store::{Store, Stored};
use std::collections::BTreeMap;

impl Pull<'_> {
    /// Reads kinds whole, and of others just these entities. One that is gone is deleted, within the guard.
    pub fn run_for(&self, store: &mut Store, kinds: &[Kind], entities: &[Stored]) -> anyhow::Result<Pulled> {
        let mut whole = kinds.to_vec();
        let mut single: BTreeMap<Kind, Vec<Wanted>> = BTreeMap::new();
        for entity in entities.iter().filter(|entity| !kinds.contains(&entity.kind)) {
            let wanted = Wanted::known(entity.clone(), &self.config.kind(entity.kind).key);
            single.entry(entity.kind).or_default().push(wanted);
        }
        for (kind, wanted) in &single {
            if is_cheaper_whole(self.config, store, *kind, wanted.len())? {
                whole.push(*kind);
            }
        }
        single.retain(|kind, _| !whole.contains(kind));
        let mut pulled = self.read_kinds(store, &whole)?;
        for (kind, wanted) in single {
            if pulled.error.is_none() {
                self.read_single(store, kind, &wanted, &mut pulled)?;
            }
        }
        self.keep_kind_failures(store, &pulled)?;
        self.count_calls(store, &mut pulled)?;
        Ok(pulled)
    }

    /// Reads entities of a kind by their keys.
    pub(crate) fn read_single(
        &self,
        store: &mut Store,
        kind: Kind,
        wanted: &[Wanted],
        pulled: &mut Pulled,
    ) -> anyhow::Result<()> {
        let mut traffic = Traffic::default();
        self.progress.begin("pull", kind, wanted.len() as u64);
        let outcome = absent::look_again(self, store, &self.set(kind), wanted, &mut traffic)?;
        self.progress.end("pull", kind);
        pulled.kinds.entry(kind).or_default().traffic = traffic;
        match outcome {
            Ok(settled) => {
                if settled.found.total() > 0 {
                    store.write(|tx| tx.set_available(kind))?;
                }
                self.note_settled(kind, settled, pulled);
                Ok(())
            }
            // A server that does not take such conditions may still be read whole.
            Err(ReadError::Refused { .. }) => {
                let whole = self.read_kinds(store, &[kind])?;
                pulled.take(whole);
                Ok(())
            }
            Err(error) => self.cannot_read(store, kind, error, pulled),
        }
    }
}

/// Whether asking for so many entities by their keys takes more requests than reading the whole set.
pub(crate) fn is_cheaper_whole(config: &Config, store: &Store, kind: Kind, wanted: usize) -> anyhow::Result<bool> {
    let per_request = if config.kind(kind).key.len() == 1 { KEYS_PER_REQUEST } else { 1 };
    Ok(wanted.div_ceil(per_request) as u64 > requests_for_whole(config, store, kind)?)
}

/// How many requests a whole set takes, by what is known of its size: its pages, and the empty one that ends it.
pub(crate) fn requests_for_whole(config: &Config, store: &Store, kind: Kind) -> anyhow::Result<u64> {
    Ok(store.count(kind)? / u64::from(config.hapi.page_size.first()) + 2)
}
