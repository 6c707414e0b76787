//! Where HApi answers about subscriptions: as configured, else where it answered before.

use crate::age::age;
use crate::config::Config;
use crate::hapi::{Purpose, Route, Subscriptions};
use crate::store::{Store, Tx, unknown};
use crate::word::Word;
use jiff::{SignedDuration, Timestamp};

/// When it is asked everywhere again.
const SEARCH_AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// Where HApi answers about subscriptions: as configured, else where it answered before.
///
/// # Errors
/// Where the store cannot be read.
pub(crate) fn known_routes(store: &Store, config: &Config) -> anyhow::Result<Vec<(Purpose, Route)>> {
    let kept = kept_routes(store)?;
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
                let (_, path) = kept.iter().find(|(kept, _)| *kept == purpose)?;
                Route { path: path.clone(), is_set: false }
            }
        };
        Some((purpose, route))
    });
    Ok(known.collect())
}

/// Where HApi answered before.
fn kept_routes(store: &Store) -> anyhow::Result<Vec<(Purpose, String)>> {
    let known = |(word, path): (String, String)| match Purpose::parse(&word) {
        Some(purpose) => Ok((purpose, path)),
        None => Err(unknown("a purpose of a route", &word).into()),
    };
    store.routes()?.into_iter().map(known).collect()
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
    let kept = kept_routes(store)?;
    store.write(|tx| {
        for (purpose, path) in subscriptions.found() {
            if !kept.iter().any(|(kept, known)| *kept == purpose && known == path) {
                tx.set_route(purpose.word(), path)?;
            }
            if purpose == Purpose::List {
                tx.set_subscription_search_failed(None)?;
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{Exit, exit_of};

    #[test]
    fn a_route_for_a_purpose_that_is_not_known_is_an_error_of_the_store() {
        let mut store = Store::in_memory().expect("a store");
        store.write(|tx| tx.set_route(Purpose::Subscribe.word(), "subscribe")).expect("kept");
        assert_eq!(kept_routes(&store).expect("read"), [(Purpose::Subscribe, "subscribe".to_owned())]);
        store.write(|tx| tx.set_route("whatever", "x")).expect("kept");
        assert_eq!(exit_of(&kept_routes(&store).expect_err("an unknown word")), Exit::Store);
    }
}
