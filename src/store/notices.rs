//! Who was notified last of which state: only of changes, once each, by one process at a time.

use super::read::{time_at, word_at};
use super::tx::Tx;
use crate::age::age;
use crate::stamp::stamp;
use crate::word::{Word, words};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, params};

/// How long a process may take to notify of a change before another one does it: longer than all its attempts.
const CLAIM: SignedDuration = SignedDuration::from_mins(3);

words! {
    /// Channel over which people are notified.
    pub(crate) enum Channel {
        /// A message to an address.
        Url = "url",
        /// A program.
        Command = "command",
    }
}

words! {
    /// State of a store as people are notified of it.
    pub(crate) enum NotifiedState {
        /// All is well.
        Good = "good",
        /// Somebody should look.
        Bad = "bad",
        /// Somebody should look at once: it is worse than bad.
        Critical = "critical",
    }
}

impl Tx<'_> {
    /// Whether to notify of a state now: it is another one than the last, and no other process is at it. From then on it is
    /// this process that does. What is only less bad than before is kept, and nobody is notified.
    ///
    /// # Errors
    /// Where the store cannot be read or written.
    pub(crate) fn claim_notice(&self, channel: Channel, state: NotifiedState, now: Timestamp) -> anyhow::Result<bool> {
        let query = "SELECT state, claimed_at FROM notices WHERE channel = ?1";
        let last = self.connection.query_row(query, [channel.word()], |row| {
            Ok((word_at(row, 0, "a state that people were notified of")?, time_at(row, 1)?))
        });
        let (last, claimed_at) = last.optional()?.unwrap_or((NotifiedState::Good, None));
        // A claim from the future is a wrong clock's.
        let is_claimed = claimed_at.and_then(|at| age(at, now)).is_some_and(|age| age < CLAIM);
        if last == state || is_claimed {
            return Ok(false);
        }
        if (last, state) == (NotifiedState::Critical, NotifiedState::Bad) {
            self.keep_notice(channel, state, now)?;
            return Ok(false);
        }
        self.connection.execute(
            "INSERT INTO notices (channel, state, claimed_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (channel) DO UPDATE SET claimed_at = excluded.claimed_at",
            params![channel.word(), last.word(), stamp(now)],
        )?;
        Ok(true)
    }

    /// Keeps that a notice of a state was sent and accepted.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn keep_notice(&self, channel: Channel, state: NotifiedState, now: Timestamp) -> anyhow::Result<()> {
        self.connection.execute(
            "UPDATE notices SET state = ?2, notified_at = ?3, claimed_at = NULL WHERE channel = ?1",
            params![channel.word(), state.word(), stamp(now)],
        )?;
        Ok(())
    }

    /// Keeps that a notice of a state was sent while the store could not be used.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn was_notified(&self, channel: Channel, state: NotifiedState, now: Timestamp) -> anyhow::Result<()> {
        self.connection.execute(
            "INSERT INTO notices (channel, state, notified_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (channel) DO UPDATE SET state = excluded.state, notified_at = excluded.notified_at, claimed_at = NULL",
            params![channel.word(), state.word(), stamp(now)],
        )?;
        Ok(())
    }

    /// Gives up the notice of a state; the next run retries.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn drop_notice(&self, channel: Channel) -> anyhow::Result<()> {
        self.connection.execute("UPDATE notices SET claimed_at = NULL WHERE channel = ?1", [channel.word()])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::connection::Store;
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn a_change_is_notified_once_by_one_and_again_where_it_was_not_accepted() {
        let mut store = Store::in_memory().expect("a store");
        let mut claim =
            |state, now: &str| store.write(|tx| tx.claim_notice(Channel::Url, state, at(now))).expect("readable");
        assert!(!claim(NotifiedState::Good, "2026-11-22T05:00:00Z"), "all was well before anything was notified");
        assert!(claim(NotifiedState::Bad, "2026-11-22T05:00:00Z"));
        assert!(!claim(NotifiedState::Bad, "2026-11-22T05:00:01Z"), "somebody is at it");
        assert!(claim(NotifiedState::Bad, "2026-11-22T05:04:00Z"), "who notified it was killed");
        assert!(claim(NotifiedState::Bad, "2026-11-21T05:00:00Z"), "a claim from the future counts for nothing");
        store.write(|tx| tx.drop_notice(Channel::Url)).expect("written");
        let mut claim =
            |channel, state, now: &str| store.write(|tx| tx.claim_notice(channel, state, at(now))).expect("readable");
        assert!(claim(Channel::Url, NotifiedState::Bad, "2026-11-22T05:04:01Z"));
        assert!(claim(Channel::Command, NotifiedState::Bad, "2026-11-22T05:04:01Z"), "each channel for itself");
        store
            .write(|tx| tx.keep_notice(Channel::Url, NotifiedState::Bad, at("2026-11-22T05:04:02Z")))
            .expect("written");
        let mut claim = |state| {
            store.write(|tx| tx.claim_notice(Channel::Url, state, at("2026-11-22T06:00:00Z"))).expect("readable")
        };
        assert!(!claim(NotifiedState::Bad) && claim(NotifiedState::Good));
    }

    #[test]
    fn what_gets_worse_is_notified_each_time_and_what_only_eases_is_not() {
        let mut store = Store::in_memory().expect("a store");
        let now = at("2026-11-22T05:00:00Z");
        let mut is_notified = |state| {
            let claimed = store.write(|tx| tx.claim_notice(Channel::Url, state, now)).expect("readable");
            store.write(|tx| if claimed { tx.keep_notice(Channel::Url, state, now) } else { Ok(()) }).expect("written");
            claimed
        };
        use NotifiedState::{Bad, Critical, Good};
        let states = [Bad, Bad, Critical, Critical, Bad, Critical, Good, Critical, Bad, Good];
        let notified = [true, false, true, false, false, true, true, true, false, true];
        assert_eq!(states.map(&mut is_notified), notified);
    }

    #[test]
    fn a_word_that_is_not_known_is_an_error() {
        let mut store = Store::in_memory().expect("a store");
        let insert = "INSERT INTO notices (channel, state) VALUES ('url', 'fine')";
        store.connection.execute(insert, []).expect("written");
        assert!(
            store.write(|tx| tx.claim_notice(Channel::Url, NotifiedState::Bad, at("2026-11-22T05:00:00Z"))).is_err()
        );
    }
}
