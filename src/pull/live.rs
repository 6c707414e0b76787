//! Records from HApi now, whole: many keys in one request, and the whole set where that costs less.

use crate::config::Config;
use crate::entity::{EntityKey, Kind};
use crate::failure::{Exit, Failure};
use crate::hapi::{Client, EntitySet, Page, ReadError, Readings, SetEvent, Traffic};
use crate::message::{HapiText, RunText};
use crate::pull::by_key::is_cheaper_whole;
use crate::pull::questions::{Wanted, any_of, fitting};
use crate::store::{Entity, Store};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};

/// The records of these entities as HApi gives them now, with every property; `None` for one that is gone. The caller counts the
/// calls, also where it fails.
///
/// # Errors
/// Where HApi refuses, or cannot be reached, or the store cannot be read.
pub(crate) fn records(
    config: &Config,
    client: &Client<'_>,
    store: &Store,
    entities: &[Entity],
    now: Timestamp,
) -> anyhow::Result<Vec<Option<String>>> {
    let mut kinds: BTreeMap<Kind, Vec<Entity>> = BTreeMap::new();
    for entity in entities {
        kinds.entry(entity.row.kind).or_default().push(entity.clone());
    }
    let mut found: HashMap<EntityKey, String> = HashMap::new();
    for (kind, wanted) in kinds {
        let set = set(config, kind);
        let wanted: Vec<Wanted> = wanted.into_iter().map(|one| Wanted::known(one, set.key)).collect();
        let read = match is_cheaper_whole(config, store, kind, wanted.len())? || !wanted.iter().all(Wanted::is_askable)
        {
            true => read_whole(client, set.clone(), &mut found),
            false => read_single(client, &set, &wanted, &mut found),
        };
        let what = format!("GET /api/{}", set.endpoint);
        read.map_err(|error| failure(&what, HapiText::CheckOptions { kind }, error, now))?;
    }
    Ok(entities.iter().map(|entity| found.get(&entity.row.entity_key()).cloned()).collect())
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

fn read_single(
    client: &Client<'_>,
    set: &EntitySet<'_>,
    wanted: &[Wanted],
    found: &mut HashMap<EntityKey, String>,
) -> Result<(), ReadError> {
    let mut rest = wanted;
    while !rest.is_empty() {
        let (chunk, others) = rest.split_at(fitting(set, rest));
        match ask(client, set, chunk) {
            // A long chain may be more than the server allows.
            Err(ReadError::Refused { status: 400 | 500, .. } | ReadError::BadPage(_)) if chunk.len() > 1 => {
                for one in chunk {
                    note(&ask(client, set, std::slice::from_ref(one))?, set.kind, found);
                }
            }
            page => note(&page?, set.kind, found),
        }
        rest = others;
    }
    Ok(())
}

fn ask(client: &Client<'_>, set: &EntitySet<'_>, chunk: &[Wanted]) -> Result<Page, ReadError> {
    set.ask(client, &mut Traffic::default(), any_of(chunk).into_iter().collect())
}

fn note(page: &Page, kind: Kind, found: &mut HashMap<EntityKey, String>) {
    for row in &page.rows {
        if let Ok(key) = &row.key {
            found.entry(EntityKey::new(kind, key.clone())).or_insert_with(|| page.json(row).to_owned());
        }
    }
}

/// An error that ends a command. `what`: what was asked, without the query; `hint`: what to do where HApi refused it.
pub(crate) fn failure(what: &str, hint: HapiText, error: ReadError, now: Timestamp) -> anyhow::Error {
    match error {
        ReadError::Unavailable { status } => {
            Failure::new(Exit::Failed, HapiText::ModuleMissing { status: status.into() }).into()
        }
        ReadError::Refused { status, answer } => {
            let what = HapiText::ServerError { what: what.to_owned(), status: status.into(), answer };
            Failure::new(Exit::Failed, what).help(hint).into()
        }
        ReadError::Down(why) | ReadError::BadPage(why) => {
            Failure::new(Exit::Failed, why).help(HapiText::RetryLater {}).into()
        }
        ReadError::NoHandles(why) => Failure::new(Exit::Failed, why).help(RunText::RaiseLimits {}).into(),
        ReadError::WrongAddress(why) => Failure::new(Exit::Failed, why).help(HapiText::CheckUrl {}).into(),
        ReadError::NotBefore(wait) => {
            let until = now.checked_add(wait).unwrap_or(Timestamp::MAX);
            let what = HapiText::NotBefore { until: format!("{until:.0}") };
            Failure::new(Exit::Failed, what).help(HapiText::WaitForHapi {}).into()
        }
        ReadError::Stopped(reason) => Failure::new(reason.exit(), RunText::StoppedBySignal {}).into(),
        ReadError::Fatal(error) => error,
    }
}
