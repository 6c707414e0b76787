//! Where HApi answers about subscriptions: as configured, else where it answered before.

use crate::age::age;
use crate::config::Config;
use crate::hapi::{Purpose, Route, Subscriptions};
use crate::store::{Store, Tx};
use crate::word::Word;
use jiff::{SignedDuration, Timestamp};

/// When it is asked everywhere again.
const SEARCH_AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// Where HApi answers about subscriptions: as configured, else where it answered before.
///
/// # Errors
/// Where the store cannot be read.
pub(crate) fn known_routes(store: &Store, config: &Config) -> anyhow::Result<Vec<(Purpose, Route)>> {
    let kept = store.routes()?;
    let hapi = &config.hapi;
    let known = Purpose::ALL.iter().copied().filter_map(|purpose| {
        let set = match purpose {
            Purpose::List => &hapi.subscriptions_endpoint,
            Purpose::Subscribe => &hapi.subscribe_endpoint,
            Purpose::Unsubscribe => &hapi.unsubscribe_endpoint,
        };
        let route = match set {
            Some(path) => Route { path: path.clone(), is_set: true },
            None => {
                let (_, path) = kept.iter().find(|(word, _)| word == purpose.word())?;
                Route { path: path.clone(), is_set: false }
            }
        };
        Some((purpose, route))
    });
    Ok(known.collect())
}

/// Whether HApi was asked everywhere for its subscriptions not long ago, and answered nowhere: it is not to be asked so much in
/// every run.
///
/// # Errors
/// Where the store cannot be read.
pub(super) fn was_searched_recently(store: &Store, now: Timestamp) -> anyhow::Result<bool> {
    let failed_at = store.subscription_search_failed_at()?;
    Ok(failed_at.and_then(|at| age(at, now)).is_some_and(|age| age < SEARCH_AGAIN_AFTER))
}

/// Notes that HApi was asked everywhere for its subscriptions, and answered nowhere.
///
/// # Errors
/// Where the store cannot be written.
pub(super) fn note_search(tx: &Tx<'_>, now: Timestamp) -> anyhow::Result<()> {
    tx.set_subscription_search_failed(Some(now))
}

/// Keeps where HApi answered, so that it is asked there first the next time.
///
/// # Errors
/// Where the store cannot be read or written.
pub(crate) fn keep_routes(store: &mut Store, subscriptions: &Subscriptions<'_>) -> anyhow::Result<()> {
    let kept = store.routes()?;
    store.write(|tx| {
        for (purpose, path) in subscriptions.found() {
            if !kept.iter().any(|(word, known)| word == purpose.word() && known == path) {
                tx.set_route(purpose.word(), path)?;
            }
            if purpose == Purpose::List {
                tx.set_subscription_search_failed(None)?;
            }
        }
        Ok(())
    })
}
