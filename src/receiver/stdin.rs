//! Payloads from a receiver that is there already: one a line, each durable before more is read.

use super::alive::{Alive, living};
use super::options::LARGEST_BODY;
use crate::age::age;
use crate::clock::Clock;
use crate::entity::WebhookEvent;
use crate::hapi::webhook;
use crate::store::{self, EventSource, Store};
use jiff::{SignedDuration, Timestamp};
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How much is asked for at once: what a pipe holds.
const AT_ONCE: usize = 64 * 1024;

/// Payloads taken in, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Taken {
    /// Events stored.
    pub(crate) received: u64,
    /// Those of them that could not be read.
    pub(crate) unreadable: u64,
}

/// Source of payloads: a stream.
#[derive(Debug)]
pub struct Source {
    clock: Clock,
    store: Mutex<Store>,
    taken: Mutex<Taken>,
    _alive: Option<Alive>,
}

/// Opens the store for payloads that somebody else received, who is thought to be alive as long as some come every
/// `full_every`.
///
/// # Errors
/// Where the store cannot be opened or written.
pub fn begin_stdin(path: &Path, full_every: Duration, clock: Clock) -> anyhow::Result<Source> {
    let now = clock.now();
    let is_other_alive = living(path).is_some();
    let mut store = Store::open(path, &clock)?;
    let mut alive = None;
    if !is_other_alive {
        let full_every = SignedDuration::try_from(full_every)?;
        let is_recent = |at: Timestamp| age(at, now).is_some_and(|age| age <= full_every);
        match store.receiver()? {
            Some(receiver) if receiver.source == EventSource::Stdin && is_recent(receiver.seen_at) => {
                store.write(|tx| tx.receiver_lives(0, now))?
            }
            _ => store.write(|tx| tx.receive_since(EventSource::Stdin, now))?,
        }
        alive = Alive::take(path, &clock)?.ok();
    }
    Ok(Source { clock, store: Mutex::new(store), taken: Mutex::default(), _alive: alive })
}

impl Source {
    /// Takes lines in until there are no more. `on_events` is given how many events were stored.
    ///
    /// # Errors
    /// Where the input cannot be read or the store not be written.
    pub fn receive(&self, mut input: impl Read, on_events: impl Fn(u64)) -> anyhow::Result<()> {
        let mut lines = Lines::default();
        let mut bytes = vec![0; AT_ONCE];
        loop {
            let count = match input.read(&mut bytes) {
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            let ready = if count == 0 { lines.end() } else { lines.feed(bytes.get(..count).unwrap_or_default()) };
            self.keep(&ready, &on_events)?;
            if count == 0 {
                return Ok(());
            }
        }
    }

    /// What was stored so far. Waits for the commit that is under way, and lets no other begin while it is held.
    pub(crate) fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, lines: &[Vec<u8>], on_events: &impl Fn(u64)) -> anyhow::Result<()> {
        let events: Vec<WebhookEvent> = lines.iter().flat_map(|line| webhook::read(line)).collect();
        if events.is_empty() {
            return Ok(());
        }
        let mut taken = self.taken();
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = store.write(|tx| tx.add_events(&events, self.clock.now())) {
            // What was read is lost to whoever sent it; the next sync reads everything, where this can be noted.
            let _ = store.write(|tx| tx.receive_since(EventSource::Stdin, self.clock.now()));
            return Err(error);
        }
        taken.received += events.len() as u64;
        taken.unreadable += events.iter().filter(|event| event.raw.is_some()).count() as u64;
        drop((taken, store));
        on_events(events.len() as u64);
        // Others want to write too.
        self.clock.sleep(store::GAP);
        Ok(())
    }
}

/// Cuts a stream into lines; of one that is too long the beginning is kept.
#[derive(Debug, Default)]
struct Lines {
    begun: Vec<u8>,
}

impl Lines {
    /// The lines that these bytes end, blank ones left out.
    fn feed(&mut self, bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut ended = Vec::new();
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            let text = piece.strip_suffix(b"\n").unwrap_or(piece);
            let room = LARGEST_BODY.saturating_sub(self.begun.len()).min(text.len());
            self.begun.extend_from_slice(text.get(..room).unwrap_or_default());
            if text.len() < piece.len() {
                ended.extend(self.end());
            }
        }
        ended
    }

    /// The line that is not ended yet, unless it is blank.
    fn end(&mut self) -> Vec<Vec<u8>> {
        let line = std::mem::take(&mut self.begun);
        if line.iter().all(u8::is_ascii_whitespace) { Vec::new() } else { vec![line] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::testing::standing_at;

    #[test]
    fn lines_are_cut_wherever_the_pieces_end() {
        let text = b"one\r\n\n  \ntwo\nthree";
        for size in 1..text.len() {
            let mut lines = Lines::default();
            let mut all: Vec<Vec<u8>> = text.chunks(size).flat_map(|piece| lines.feed(piece)).collect();
            all.extend(lines.end());
            assert_eq!(all, [b"one\r".to_vec(), b"two".to_vec(), b"three".to_vec()], "{size}");
        }
    }

    #[test]
    fn of_a_line_that_is_too_long_the_beginning_is_kept() {
        let mut lines = Lines::default();
        let long = vec![b'x'; 3 * LARGEST_BODY];
        assert!(lines.feed(&long).is_empty());
        assert!(lines.begun.len() == LARGEST_BODY, "no more is held in memory");
        let ended = lines.feed(b"y\nnext\n");
        assert_eq!(ended.iter().map(Vec::len).collect::<Vec<_>>(), [LARGEST_BODY, 4]);
    }

    fn receiver(path: &Path) -> (EventSource, Timestamp, Timestamp) {
        let receiver =
            Store::open(path, &Clock::system()).expect("a store").receiver().expect("a row").expect("a receiver");
        (receiver.source, receiver.since, receiver.seen_at)
    }

    #[test]
    fn since_when_nothing_was_missed_is_kept_while_payloads_come_often_enough() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("store.db");
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let day = Duration::from_secs(86_400);
        let begin = |now: &str| begin_stdin(&path, day, standing_at(now)).expect("a source");
        drop(begin("2026-11-20T05:00:00Z"));
        drop(begin("2026-11-21T04:00:00Z"));
        assert_eq!(receiver(&path), (EventSource::Stdin, at("2026-11-20T05:00:00Z"), at("2026-11-21T04:00:00Z")));
        drop(begin("2026-11-22T05:00:00Z"));
        assert_eq!(receiver(&path), (EventSource::Stdin, at("2026-11-22T05:00:00Z"), at("2026-11-22T05:00:00Z")));
        Store::open(&path, &Clock::system())
            .expect("a store")
            .write(|tx| tx.receive_since(EventSource::Listen, at("2026-11-22T06:00:00Z")))
            .expect("written");
        let alive = Alive::take(&path, &Clock::system()).expect("a file").expect("free");
        drop(begin("2026-11-22T07:00:00Z"));
        assert_eq!(receiver(&path), (EventSource::Listen, at("2026-11-22T06:00:00Z"), at("2026-11-22T06:00:00Z")));
        drop(alive);
        drop(begin("2026-11-22T08:00:00Z"));
        assert_eq!(receiver(&path).0, EventSource::Stdin);
    }

    #[test]
    fn what_was_read_is_stored_before_more_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("store.db");
        let source = begin_stdin(&path, Duration::ZERO, Clock::system()).expect("a source");
        let (mut near, far) = std::io::pipe().expect("a pipe");
        std::thread::scope(|scope| {
            let (sender, events) = std::sync::mpsc::channel();
            let source = &source;
            let reader =
                scope.spawn(move || source.receive(&mut near, |events| sender.send(events).expect("received")));
            let mut far = far;
            for (text, expected) in [("{\"Id\":1,\"Entity\":\"Unit\"}\n", 1), ("[{\"Id\":2},{}]\nx\n{\"Id", 3)] {
                std::io::Write::write_all(&mut far, text.as_bytes()).expect("written");
                assert_eq!(events.recv().expect("news"), expected);
            }
            drop(far);
            reader.join().expect("no panic").expect("all is stored");
        });
        assert_eq!(*source.taken(), Taken { received: 5, unreadable: 4 });
        assert_eq!(Store::open(&path, &Clock::system()).expect("a store").event_counts().expect("counts").pending, 5);
    }
}
