//! Webhooks received: what they hold, who receives them, where HApi was asked to send them.

use super::clock::is_after;
use super::connection::Store;
use super::read::{required_time_at, time_at, unknown_word, word_at};
use super::scrub::Scrubber;
use super::tx::Tx;
use crate::age::latest;
use crate::entity::{ChangeType, WebhookEvent};
use crate::stamp::stamp;
use crate::word::{Word, words};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

/// Event as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    /// The store's own number; it grows with every event.
    pub(crate) id: i64,
    /// When it was received.
    pub(crate) received_at: Timestamp,
    /// What HApi sent.
    pub(crate) webhook: WebhookEvent,
    /// Whether it is not yet processed.
    pub(crate) is_pending: bool,
    /// The run that processed it.
    pub(crate) run: Option<i64>,
}

const EVENT: &str = "SELECT id, received_at, name, subject, status, raw, is_pending, run, database FROM events";

fn event(row: &Row<'_>) -> rusqlite::Result<Event> {
    Ok(Event {
        id: row.get(0)?,
        received_at: required_time_at(row, 1)?,
        webhook: WebhookEvent {
            name: row.get(2)?,
            subject: row.get(3)?,
            change: change_at(row, 4)?,
            raw: row.get(5)?,
            database: row.get(8)?,
        },
        is_pending: row.get(6)?,
        run: row.get(7)?,
    })
}

/// Reads what happened out of a column; NULL is something else.
fn change_at(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<ChangeType>> {
    let number: Option<i64> = row.get(index)?;
    let change =
        |number: i64| ChangeType::of_number(number).ok_or_else(|| unknown_word(index, "an event", &number.to_string()));
    number.map(change).transpose()
}

words! {
    /// Source of webhooks: who hands them in.
    pub(crate) enum EventSource {
        /// Our own receiver: it is alive while it holds its lock.
        Listen = "listen",
        /// Somebody else's, which hands them on; all that is known of its life is what it handed on.
        Stdin = "stdin",
    }
}

/// Receiver of webhooks for a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Receiver {
    /// Who hands them in.
    pub(crate) source: EventSource,
    /// Since then nothing can have been missed, while it shows life.
    pub(crate) since: Timestamp,
    /// Its last sign of life.
    pub(crate) seen_at: Timestamp,
    /// Deliveries without the right header, so far.
    pub(crate) refused: u64,
    /// The last of them.
    pub(crate) refused_at: Option<Timestamp>,
}

/// Subscription: what HApi was asked to notify.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subscription {
    /// HApi's name of the entity.
    pub(crate) name: String,
    /// Where to.
    pub(crate) url: String,
    /// Since when.
    pub(crate) since: Timestamp,
}

/// Numbers of events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct EventCounts {
    /// Not yet processed.
    pub(crate) pending: u64,
    /// Kept as received, since not all of it could be read.
    pub(crate) unreadable: u64,
    /// When the last one was received.
    pub(crate) last_at: Option<Timestamp>,
    /// Received so far, those that were dropped since included.
    pub(crate) received: u64,
}

impl Store {
    /// The events that are not yet processed, in the order they came.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn pending_events(&self) -> anyhow::Result<Vec<Event>> {
        let query = format!("{EVENT} WHERE is_pending = 1 ORDER BY id");
        let mut statement = self.connection.prepare(&query)?;
        Ok(statement.query_map([], event)?.collect::<Result<_, _>>()?)
    }

    /// The last events about an entity, newest first. `name`: how HApi names its kind.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn events_of(&self, name: &str, subject: &str, most: u64) -> anyhow::Result<Vec<Event>> {
        let query = format!("{EVENT} WHERE name = ?1 AND subject = ?2 ORDER BY id DESC LIMIT ?3");
        let mut statement = self.connection.prepare(&query)?;
        Ok(statement.query_map(params![name, subject, most], event)?.collect::<Result<_, _>>()?)
    }

    /// The last events that could not be read, newest first.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn unreadable_events(&self, most: u64) -> anyhow::Result<Vec<Event>> {
        let query = format!("{EVENT} WHERE raw IS NOT NULL ORDER BY id DESC LIMIT ?1");
        let mut statement = self.connection.prepare(&query)?;
        Ok(statement.query_map([most], event)?.collect::<Result<_, _>>()?)
    }

    /// How many events there are.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn event_counts(&self) -> anyhow::Result<EventCounts> {
        let count = |condition: &str| -> rusqlite::Result<u64> {
            let query = format!("SELECT count(*) FROM events WHERE {condition}");
            self.connection.query_row(&query, [], |row| row.get(0))
        };
        let last = "SELECT received_at FROM events ORDER BY id DESC LIMIT 1";
        Ok(EventCounts {
            pending: count("is_pending = 1")?,
            unreadable: count("raw IS NOT NULL")?,
            last_at: self.connection.query_row(last, [], |row| required_time_at(row, 0)).optional()?,
            // The newest event is never dropped and ids are not reused, so the largest id is the count.
            received: self.connection.query_row("SELECT coalesce(max(id), 0) FROM events", [], |row| row.get(0))?,
        })
    }

    /// Who receives webhooks, if anyone ever did.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn receiver(&self) -> anyhow::Result<Option<Receiver>> {
        let query = "SELECT source, since, seen_at, refused, refused_at FROM receiver";
        let receiver = self.connection.query_row(query, [], |row| {
            Ok(Receiver {
                source: word_at(row, 0, "a source of webhooks")?,
                since: required_time_at(row, 1)?,
                seen_at: required_time_at(row, 2)?,
                refused: row.get(3)?,
                refused_at: time_at(row, 4)?,
            })
        });
        Ok(receiver.optional()?)
    }

    /// Where HApi was found to answer about subscriptions.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn routes(&self) -> anyhow::Result<Vec<(String, String)>> {
        let mut statement = self.connection.prepare("SELECT purpose, path FROM routes")?;
        Ok(statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?)
    }

    /// When HApi was last asked everywhere for its list of subscriptions and gave it nowhere.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn subscription_search_failed_at(&self) -> anyhow::Result<Option<Timestamp>> {
        let query = "SELECT failed_at FROM subscription_search";
        Ok(self.connection.query_row(query, [], |row| required_time_at(row, 0)).optional()?)
    }

    /// Where HApi was asked to send the events of entities, the last one asked for at the end.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn subscriptions(&self) -> anyhow::Result<Vec<Subscription>> {
        let query = "SELECT name, url, subscribed_at FROM subscriptions ORDER BY subscribed_at, name";
        let mut statement = self.connection.prepare(query)?;
        let rows = statement.query_map([], |row| {
            Ok(Subscription { name: row.get(0)?, url: row.get(1)?, since: required_time_at(row, 2)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Tx<'_> {
    /// Sets times that lie ahead of now to now.
    pub(super) fn void_event_times_ahead(&self, now: Timestamp) -> anyhow::Result<()> {
        let values = params![stamp(now), stamp(latest(now))];
        for (update, column) in [
            ("UPDATE events SET received_at = ?1 WHERE is_pending = 1", "received_at"),
            ("UPDATE receiver SET since = ?1 WHERE true", "since"),
            ("UPDATE subscriptions SET subscribed_at = ?1 WHERE true", "subscribed_at"),
        ] {
            self.connection.prepare_cached(&format!("{update} AND {}", is_after(column)))?.execute(values)?;
        }
        Ok(())
    }

    /// Keeps events, durably, in one transaction. They are a sign of life of their receiver.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn add_events(&self, events: &[WebhookEvent], now: Timestamp) -> anyhow::Result<()> {
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO events (received_at, name, subject, status, raw, database) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        let at = stamp(now);
        for event in events {
            let status = event.change.map(ChangeType::number);
            insert.execute(params![at, event.name, event.subject, status, event.raw, event.database])?;
        }
        self.connection.prepare_cached("UPDATE receiver SET seen_at = ?1")?.execute([at])?;
        Ok(())
    }

    /// Notes that these events were processed.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn process_events(&self, events: &[i64], run: Option<i64>, now: Timestamp) -> anyhow::Result<()> {
        {
            let mut update = self.connection.prepare_cached(
                "UPDATE events SET is_pending = 0, processed_at = ?2, run = ?3 WHERE id = ?1 AND is_pending = 1",
            )?;
            for id in events {
                update.execute(params![id, stamp(now), run])?;
            }
        }
        Ok(())
    }

    /// Drops events that were processed and came before this moment, or before the last `most`.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn forget_events(&self, before: Timestamp, most: u64) -> anyhow::Result<()> {
        // By their numbers, which grow with time: nothing is looked at that stays.
        let end = "SELECT max(coalesce((SELECT id FROM events WHERE received_at >= ?1 ORDER BY id LIMIT 1), 0),
                          coalesce((SELECT max(id) FROM events), 0) - ?2 + 1)";
        self.connection.execute(
            &format!("DELETE FROM events WHERE id < ({end}) AND is_pending = 0"),
            params![stamp(before), most],
        )?;
        Ok(())
    }

    /// A receiver begins, or knows that it missed something: what came before this moment may not have been received.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn receive_since(&self, source: EventSource, since: Timestamp) -> anyhow::Result<()> {
        self.connection.execute(
            "INSERT INTO receiver (id, source, since, seen_at) VALUES (1, ?1, ?2, ?2)
             ON CONFLICT (id) DO UPDATE SET source = excluded.source, since = excluded.since, seen_at = excluded.seen_at",
            params![source.word(), stamp(since)],
        )?;
        Ok(())
    }

    /// Writes that the receiver runs, and how many deliveries it refused since it wrote that last.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn receiver_lives(&self, refused: u64, now: Timestamp) -> anyhow::Result<()> {
        self.connection.execute(
            "UPDATE receiver SET seen_at = ?1, refused = refused + ?2,
                    refused_at = CASE WHEN ?2 > 0 THEN ?1 ELSE refused_at END",
            params![stamp(now), refused],
        )?;
        Ok(())
    }

    /// Keeps where HApi was found to answer.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn set_route(&self, purpose: &str, path: &str) -> anyhow::Result<()> {
        self.connection
            .execute("INSERT OR REPLACE INTO routes (purpose, path) VALUES (?1, ?2)", params![purpose, path])?;
        Ok(())
    }

    /// Notes that HApi gives its list of subscriptions nowhere, or (`None`) that it was found.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn set_subscription_search_failed(&self, at: Option<Timestamp>) -> anyhow::Result<()> {
        match at {
            Some(at) => self
                .connection
                .execute("INSERT OR REPLACE INTO subscription_search (id, failed_at) VALUES (1, ?1)", [stamp(at)])?,
            None => self.connection.execute("DELETE FROM subscription_search", [])?,
        };
        Ok(())
    }

    /// Keeps where HApi was asked to send them.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn set_subscription(&self, name: &str, url: &str, now: Timestamp) -> anyhow::Result<()> {
        self.connection.execute(
            "INSERT OR REPLACE INTO subscriptions (name, url, subscribed_at) VALUES (?1, ?2, ?3)",
            params![name, url, stamp(now)],
        )?;
        Ok(())
    }

    /// HApi was asked not to send them any more.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn remove_subscription(&self, name: &str) -> anyhow::Result<()> {
        self.connection.execute("DELETE FROM subscriptions WHERE name = ?1", [name])?;
        Ok(())
    }

    /// Removes the events about an entity. `name`: how HApi names its kind.
    pub(super) fn remove_events(&self, name: &str, subject: &str) -> anyhow::Result<()> {
        self.connection.execute("DELETE FROM events WHERE name = ?1 AND subject = ?2", [name, subject])?;
        Ok(())
    }

    /// Deliveries that could not be read are kept as they came.
    pub(super) fn scrub_events(&self, scrubber: &Scrubber) -> anyhow::Result<()> {
        let mut statement = self.connection.prepare("SELECT id, raw FROM events WHERE raw IS NOT NULL")?;
        let mut rows = statement.query([])?;
        let mut hits: Vec<i64> = Vec::new();
        while let Some(row) = rows.next()? {
            if scrubber.may_be_in(&String::from_utf8_lossy(row.get_ref(1)?.as_bytes()?)) {
                hits.push(row.get(0)?);
            }
        }
        drop(rows);
        drop(statement);
        for id in hits {
            self.connection.execute("UPDATE events SET raw = x'' WHERE id = ?1", [id])?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn webhook(subject: &str) -> WebhookEvent {
        WebhookEvent { name: Some("Unit".to_owned()), subject: Some(subject.to_owned()), ..WebhookEvent::default() }
    }

    #[test]
    fn old_events_are_dropped_once_they_were_processed() {
        let mut store = Store::in_memory().expect("a store");
        for (subject, day) in [("1", 1), ("2", 1), ("3", 20)] {
            let now = at(&format!("2026-11-{day:02}T00:00:00Z"));
            store.write(|tx| tx.add_events(&[webhook(subject)], now)).expect("kept");
        }
        let ids: Vec<i64> = store.pending_events().expect("events").iter().map(|event| event.id).collect();
        store.write(|tx| tx.process_events(&[ids[0], ids[2]], Some(7), at("2026-11-20T00:00:01Z"))).expect("processed");
        let left = |store: &Store| {
            let events = ["1", "2", "3"].map(|subject| store.events_of("unit", subject, 9).expect("events").len());
            (events, store.event_counts().expect("counts").pending)
        };
        store.write(|tx| tx.forget_events(at("2026-11-10T00:00:00Z"), 100)).expect("dropped");
        assert_eq!(left(&store), ([0, 1, 1], 1), "what waits stays, however old");
        store.write(|tx| tx.forget_events(at("2026-11-10T00:00:00Z"), 1)).expect("dropped");
        assert_eq!(left(&store), ([0, 1, 1], 1));
        store.write(|tx| tx.process_events(&[ids[1]], None, at("2026-11-20T00:00:02Z"))).expect("processed");
        store.write(|tx| tx.forget_events(at("2026-11-01T00:00:00Z"), 1)).expect("dropped");
        assert_eq!(left(&store), ([0, 0, 1], 0), "only so many are kept");
    }

    #[test]
    fn an_event_is_a_sign_of_life_and_a_gap_begins_anew() {
        let mut store = Store::in_memory().expect("a store");
        store.write(|tx| tx.add_events(&[webhook("1")], at("2026-11-01T00:00:00Z"))).expect("kept");
        assert_eq!(store.receiver().expect("none"), None);
        store.write(|tx| tx.receive_since(EventSource::Listen, at("2026-11-02T00:00:00Z"))).expect("begun");
        store.write(|tx| tx.add_events(&[webhook("2")], at("2026-11-03T00:00:00Z"))).expect("kept");
        store.write(|tx| tx.receiver_lives(3, at("2026-11-04T00:00:00Z"))).expect("alive");
        let receiver = store.receiver().expect("a row").expect("a receiver");
        assert_eq!((receiver.since, receiver.seen_at), (at("2026-11-02T00:00:00Z"), at("2026-11-04T00:00:00Z")));
        store.write(|tx| tx.receive_since(EventSource::Listen, at("2026-11-05T00:00:00Z"))).expect("a gap");
        let receiver = store.receiver().expect("a row").expect("a receiver");
        assert_eq!((receiver.since, receiver.refused), (at("2026-11-05T00:00:00Z"), 3));
    }
}
