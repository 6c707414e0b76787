//! Records from HApi now, whole: many keys in one request, and the whole set where that costs less.

use crate::config::Config;
use crate::entity::{EntityKey, Kind};
use crate::hapi::{Client, EntitySet, Page, ReadError, Readings, SetEvent, Traffic};
use crate::pull::by_key::is_cheaper_whole;
use crate::pull::questions::{KeyLookup, KeyQuestions};
use crate::store::{Entity, Store};
use std::collections::{BTreeMap, HashMap};

/// Reason why the records of a kind could not be read.
pub(crate) struct Unread {
    /// What was asked, without the query.
    pub(crate) what: String,
    /// The kind.
    pub(crate) kind: Kind,
    /// What came instead.
    pub(crate) error: ReadError,
}

/// The records of these entities as HApi gives them now, with every property; `None` for one that is gone. The caller counts the
/// calls, and keeps a wait that HApi asks for, also where it fails.
///
/// # Errors
/// Where the store cannot be read. What HApi answers instead of records is part of the result.
pub(crate) fn records(
    config: &Config,
    client: &Client<'_>,
    store: &Store,
    entities: &[Entity],
) -> anyhow::Result<Result<Vec<Option<String>>, Unread>> {
    let mut kinds: BTreeMap<Kind, Vec<Entity>> = BTreeMap::new();
    for entity in entities {
        kinds.entry(entity.row.kind).or_default().push(entity.clone());
    }
    let mut found: HashMap<EntityKey, String> = HashMap::new();
    for (kind, wanted) in kinds {
        let set = set(config, kind);
        let wanted: Vec<KeyLookup> = wanted.into_iter().map(|one| KeyLookup::known(one, set.key)).collect();
        let is_whole = is_cheaper_whole(config, store, kind, wanted.len(), 0)?;
        let read = match is_whole || !wanted.iter().all(KeyLookup::is_askable) {
            true => read_whole(client, set.clone(), &mut found),
            false => {
                let traffic = &mut Traffic::default();
                let pages = KeyQuestions { client, set: &set, present: None, others: &[], traffic }.pages(&wanted);
                pages.map(|pages| pages.iter().for_each(|page| note(page, kind, &mut found)))
            }
        };
        if let Err(error) = read {
            return Ok(Err(Unread { what: format!("GET /api/{}", set.endpoint), kind, error }));
        }
    }
    Ok(Ok(entities.iter().map(|entity| found.get(&entity.row.entity_key()).cloned()).collect()))
}

fn set(config: &Config, kind: Kind) -> EntitySet<'_> {
    let settings = config.kind(kind);
    EntitySet::whole(kind, &settings.endpoint, &settings.key, config.hapi.page_size)
}

fn read_whole(
    client: &Client<'_>,
    set: EntitySet<'_>,
    found: &mut HashMap<EntityKey, String>,
) -> Result<(), ReadError> {
    for event in Readings::begin(client, [set], 1) {
        match event {
            SetEvent::Page(kind, page) => note(&page, kind, found),
            SetEvent::End(_, _, outcome) => _ = outcome?,
        }
    }
    Ok(())
}

fn note(page: &Page, kind: Kind, found: &mut HashMap<EntityKey, String>) {
    for row in &page.rows {
        if let Ok(key) = &row.key {
            found.entry(EntityKey::new(kind, key.clone())).or_insert_with(|| page.json(row).to_owned());
        }
    }
}
