//! Which kinds HApi notifies, and whether nothing of a kind can have been missed.

use crate::age::age;
use crate::config::Config;
use crate::entity::Kind;
use crate::hapi::{Purpose, ReadError, Subscriptions};
use crate::message::HapiText;
use crate::pull::{Pull, routes};
use crate::store::{EventSource, Receiver, Side, Store, Subscription, WholeRead};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// The kinds that HApi says it notifies, while somebody is there to receive what it sends.
///
/// # Errors
/// Where the store cannot be read or written.
pub(super) fn notified(
    pull: &Pull<'_>,
    store: &mut Store,
    receiver_is_alive: bool,
    notes: &mut Vec<HapiText>,
) -> anyhow::Result<BTreeSet<Kind>> {
    let is_attended = store.receiver()?.is_some_and(|receiver| {
        receiver_is_alive || (receiver.source == EventSource::Stdin && is_recent(pull, receiver.seen_at))
    });
    if !is_attended {
        return Ok(BTreeSet::new());
    }
    let Some(names) = list(pull, store, notes)? else { return Ok(BTreeSet::new()) };
    let (notified, silent) = divide(pull.config, &names);
    // A kind without a subscription is always read whole: that is worth no warning.
    let ours = store.subscriptions()?;
    let is_lost = |kind: &&Kind| has(ours.iter().map(|one| &one.name), &pull.config.kind(**kind).event);
    let lost: Vec<&str> = silent.iter().filter(is_lost).map(|kind| kind.name()).collect();
    if !lost.is_empty() {
        notes.push(HapiText::NotNotified { kinds: lost.join(" ") });
    }
    Ok(notified)
}

/// The enabled kinds that are among these names, and the others.
fn divide(config: &Config, names: &[String]) -> (BTreeSet<Kind>, BTreeSet<Kind>) {
    let enabled = Kind::all().filter(|&kind| config.kind(kind).enabled);
    enabled.partition(|kind| has(names, &config.kind(*kind).event))
}

/// What HApi says it notifies; `None` where it does not say, or is not to be asked yet.
fn list(pull: &Pull<'_>, store: &mut Store, notes: &mut Vec<HapiText>) -> anyhow::Result<Option<Vec<String>>> {
    // The whole read that follows finds the same, and reports it.
    if store.wait(Side::Hapi, pull.now())?.is_some() {
        return Ok(None);
    }
    let known = routes::known_routes(store, pull.config)?;
    let is_set = known.iter().any(|(purpose, route)| *purpose == Purpose::List && route.is_set);
    if !is_set && routes::was_searched_recently(store, pull.now())? {
        notes.push(HapiText::SubscriptionsUnasked {});
        return Ok(None);
    }
    let mut subscriptions = Subscriptions::new(pull.client, known);
    let listed = subscriptions.list();
    routes::keep_routes(store, &subscriptions)?;
    Ok(match listed {
        Ok(names) => Some(names),
        Err(ReadError::Unavailable { status } | ReadError::Refused { status, .. }) => {
            if !is_set && matches!(status, 404 | 405) {
                store.write(|tx| routes::note_search(tx, pull.now()))?;
            }
            notes.push(HapiText::SubscriptionsUnknown { status: status.into() });
            None
        }
        // The whole read that follows meets the same error and reports it.
        Err(_) => None,
    })
}

/// Whether every change of a kind since it was last read whole was notified, and received.
///
/// # Errors
/// Where the store cannot be read.
pub(super) fn has_missed_nothing(pull: &Pull<'_>, store: &Store, kind: Kind) -> anyhow::Result<bool> {
    let Some(read) = store.whole_read(kind, &fingerprint(pull, kind))? else { return Ok(false) };
    let event = &pull.config.kind(kind).event;
    let subscriptions = store.subscriptions()?;
    let ours = subscriptions.iter().find(|one| one.name.eq_ignore_ascii_case(event));
    Ok(is_recent(pull, read.began) && covers(&read, store.receiver()?.as_ref(), ours))
}

/// Whether every change since a whole read was notified, and received: HApi notified the kind, and the receiver was there.
fn covers(read: &WholeRead, receiver: Option<&Receiver>, ours: Option<&Subscription>) -> bool {
    let is_received = receiver.is_some_and(|receiver| read.began >= receiver.since);
    is_received && read.was_notified && ours.is_none_or(|one| one.since <= read.began)
}

/// A fingerprint of how a kind is read whole today, and of what whole reads look for.
pub(super) fn fingerprint(pull: &Pull<'_>, kind: Kind) -> String {
    let read = pull.set(kind).fingerprint(pull.client.root());
    // Only a whole read shows whether HApi has what `only` names.
    let decisive: Vec<&str> = pull.config.kind(kind).only.keys().map(String::as_str).collect();
    if decisive.is_empty() { read } else { format!("{read} {}", decisive.join(",")) }
}

/// Whether something happened less than `full_every` ago.
fn is_recent(pull: &Pull<'_>, at: Timestamp) -> bool {
    let full_every = SignedDuration::try_from(pull.config.sync.full_every).unwrap_or(SignedDuration::MAX);
    age(at, pull.now()).is_some_and(|age| age < full_every)
}

/// Whether a name is among others; HApi's names have no case.
fn has<'n>(names: impl IntoIterator<Item = &'n String>, name: &str) -> bool {
    names.into_iter().any(|known| known.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: u8) -> Timestamp {
        format!("2026-11-22T{hour:02}:00:00Z").parse().expect("a time")
    }

    fn read(began: u8, was_notified: bool) -> WholeRead {
        WholeRead { began: at(began), read_as: String::new(), was_notified }
    }

    fn receiver(since: u8) -> Receiver {
        Receiver { source: EventSource::Listen, since: at(since), seen_at: at(since), refused: 0, refused_at: None }
    }

    fn subscribed(minutes: u8) -> Subscription {
        Subscription {
            name: "Unit".to_owned(),
            url: String::new(),
            since: at(4) + SignedDuration::from_mins(minutes.into()),
        }
    }

    #[test]
    fn nothing_is_missed_only_where_it_was_notified_and_received_ever_since() {
        assert!(covers(&read(5, true), Some(&receiver(4)), None));
        assert!(!covers(&read(5, false), Some(&receiver(4)), None), "HApi did not notify the kind");
        assert!(!covers(&read(5, true), None, None), "nobody was there");
        assert!(!covers(&read(5, true), Some(&receiver(6)), None), "somebody came later");
        assert!(covers(&read(5, true), Some(&receiver(4)), Some(&subscribed(30))));
        assert!(!covers(&read(5, true), Some(&receiver(4)), Some(&subscribed(90))));
    }
}
