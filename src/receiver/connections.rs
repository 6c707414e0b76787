//! The connections that are open: how long each may take, and which one goes when there are too many. A slow or hostile client
//! holds up no other.

use crate::clock::Clock;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;

/// Most connections: below the 1,024 files that a process may usually have open.
const MOST: usize = 768;
/// How long a connection may wait for its next request.
const IDLE_FOR: Duration = Duration::from_secs(60);
/// How long a request may take to arrive, headers and body.
pub(super) const ARRIVES_WITHIN: Duration = Duration::from_secs(10);
/// How long what still comes is read after the last answer: unread, it would make the kernel take the answer back.
const LINGERS_FOR: Duration = Duration::from_secs(2);
const MOST_DISCARDED: usize = 1024 * 1024;

/// Phase of a connection: what it is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// It waits for a request.
    Idle,
    /// A request is arriving, and its secret is not read yet.
    Arriving,
    /// A request with the right secret is being served, within limits of its own.
    Trusted,
    /// All is answered; the other side has not closed yet.
    Lingering,
}

/// Slot for one connection.
#[derive(Debug)]
pub(super) struct Slot {
    clock: Clock,
    state: Mutex<State>,
    close: Notify,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    since: Instant,
    has_shown_secret: bool,
}

impl Slot {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, phase: Phase) {
        let mut state = self.state();
        (state.phase, state.since) = (phase, self.clock.instant());
    }

    fn bytes_came(&self) {
        if self.state().phase == Phase::Idle {
            self.enter(Phase::Arriving);
        }
    }

    /// The request brought the right secret. Returns by when it has to be here.
    pub(super) fn trust(self: &Arc<Slot>) -> (Trusted, Instant) {
        let mut state = self.state();
        let began = if state.phase == Phase::Arriving { state.since } else { self.clock.instant() };
        (state.phase, state.since, state.has_shown_secret) = (Phase::Trusted, self.clock.instant(), true);
        (Trusted(self.clone()), began + ARRIVES_WITHIN)
    }

    /// A request was answered, whosever it was.
    pub(super) fn answered(&self) {
        if self.state().phase == Phase::Arriving {
            self.enter(Phase::Idle);
        }
    }

    /// Resolves when the connection has to go.
    pub(super) async fn closed(&self) {
        self.close.notified().await;
    }

    fn is_overdue(&self) -> bool {
        let state = self.state();
        let limit = match state.phase {
            Phase::Idle => IDLE_FOR,
            Phase::Arriving => ARRIVES_WITHIN,
            Phase::Lingering => LINGERS_FOR,
            Phase::Trusted => return false,
        };
        self.clock.since(state.since) >= limit
    }
}

/// Request with the right secret that is being served, until dropped.
pub(super) struct Trusted(Arc<Slot>);

impl Drop for Trusted {
    fn drop(&mut self) {
        self.0.enter(Phase::Idle);
    }
}

/// All connections, in the order they came.
#[derive(Debug)]
pub(super) struct Connections {
    clock: Clock,
    slots: Mutex<(u64, BTreeMap<u64, Arc<Slot>>)>,
}

/// Place among them, given back when dropped.
pub(super) struct Place {
    pub(super) slot: Arc<Slot>,
    number: u64,
    all: Arc<Connections>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.all.slots().1.remove(&self.number);
    }
}

impl Connections {
    /// None yet.
    pub(super) fn new(clock: Clock) -> Connections {
        Connections { clock, slots: Mutex::default() }
    }

    fn slots(&self) -> MutexGuard<'_, (u64, BTreeMap<u64, Arc<Slot>>)> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for one more; `None` while all are taken by requests with the right secret.
    pub(super) fn admit(self: &Arc<Connections>) -> Option<Place> {
        if self.count() >= MOST && !self.drop_one() {
            return None;
        }
        let state = State { phase: Phase::Idle, since: self.clock.instant(), has_shown_secret: false };
        let slot = Arc::new(Slot { clock: self.clock.clone(), state: Mutex::new(state), close: Notify::new() });
        let mut slots = self.slots();
        slots.0 += 1;
        let number = slots.0;
        slots.1.insert(number, slot.clone());
        Some(Place { slot, number, all: self.clone() })
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.slots().1.len()
    }

    /// Drops the oldest that is not in the middle of a request with the right secret; those that never showed it go first.
    pub(super) fn drop_one(&self) -> bool {
        let mut slots = self.slots();
        let oldest = |is_stranger: bool| {
            let may_go = |slot: &Slot| {
                let state = slot.state();
                state.phase != Phase::Trusted && state.has_shown_secret != is_stranger
            };
            slots.1.iter().find(|(_, slot)| may_go(slot)).map(|(&number, _)| number)
        };
        let strangers_first = [true, false];
        let Some(number) = strangers_first.into_iter().find_map(oldest) else { return false };
        if let Some(slot) = slots.1.remove(&number) {
            slot.close.notify_one();
        }
        true
    }

    /// Drops those that took too long.
    pub(super) fn drop_overdue(&self) {
        self.drop_where(Slot::is_overdue);
    }

    /// Drops those that are not in the middle of a request with the right secret.
    pub(super) fn drop_strangers(&self) {
        self.drop_where(|slot| slot.state().phase != Phase::Trusted);
    }

    fn drop_where(&self, is_to_go: impl Fn(&Slot) -> bool) {
        for slot in self.slots().1.values().filter(|slot| is_to_go(slot)) {
            slot.close.notify_one();
        }
    }
}

/// Stream that tells its slot when something comes, and reads on for a while after the last answer.
pub(super) struct Watched<S> {
    stream: S,
    slot: Arc<Slot>,
    is_shut: bool,
    discarded: usize,
}

impl<S> Watched<S> {
    pub(super) fn new(stream: S, slot: Arc<Slot>) -> Watched<S> {
        Watched { stream, slot, is_shut: false, discarded: 0 }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        let before = into.filled().len();
        let outcome = Pin::new(&mut self.stream).poll_read(cx, into);
        if into.filled().len() > before {
            self.slot.bytes_came();
        }
        outcome
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        if !self.is_shut {
            ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
            self.is_shut = true;
            self.slot.enter(Phase::Lingering);
        }
        let mut scratch = [0; 4_096];
        while self.discarded < MOST_DISCARDED {
            let mut into = ReadBuf::new(&mut scratch);
            match ready!(Pin::new(&mut self.stream).poll_read(cx, &mut into)) {
                Ok(()) if !into.filled().is_empty() => self.discarded += into.filled().len(),
                _ => break,
            }
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_all_places_are_taken_the_oldest_stranger_goes() {
        let all = Arc::new(Connections::new(Clock::system()));
        let mut places: Vec<Place> = (0..MOST).map(|_| all.admit().expect("a place")).collect();
        let (trusted, _) = places[0].slot.trust();
        let (known, _) = places[1].slot.trust();
        drop(known);
        let numbers = |all: &Connections| all.slots().1.keys().copied().collect::<Vec<_>>();
        places.push(all.admit().expect("the third goes"));
        assert_eq!(numbers(&all)[..3], [1, 2, 4]);
        let _busy: Vec<Trusted> = places[3..].iter().map(|place| place.slot.trust().0).collect();
        let last = all.admit().expect("who showed the secret goes, since it is idle");
        assert_eq!(numbers(&all)[..2], [1, 4]);
        let _trusted = (trusted, last.slot.trust().0);
        assert!(all.admit().is_none(), "all are being served");
        drop(places);
        assert_eq!(all.count(), 1);
    }

    #[tokio::test]
    async fn a_stream_is_read_on_after_the_last_answer() {
        let all = Arc::new(Connections::new(Clock::system()));
        let place = all.admit().expect("a place");
        let (near, mut far) = tokio::io::duplex(64);
        let mut watched = Watched::new(near, place.slot.clone());
        let sender = tokio::spawn(async move {
            let sent = tokio::io::AsyncWriteExt::write_all(&mut far, &[0; 10_000]).await;
            drop(far);
            sent
        });
        tokio::io::AsyncWriteExt::shutdown(&mut watched).await.expect("it is shut");
        assert_eq!(watched.discarded, 10_000);
        assert!(sender.await.expect("it ends").is_ok());
        assert_eq!(place.slot.state().phase, Phase::Lingering);
    }
}
