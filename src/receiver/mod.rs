//! Receives HApi's webhooks into the store. A delivery is answered 200 only once it is durable; what it tells is processed
//! elsewhere. Knows the store and the shape of a payload, and neither boards nor the rest of HApi.

mod alive;
mod connections;
mod inbox;
mod server;
mod settings;
mod stdin;

pub(crate) use alive::{Alive, is_alive, living};
pub(crate) use settings::Settings;
pub(crate) use stdin::Taken;
pub use stdin::{Source, begin_stdin};

use crate::clock::Clock;
use crate::failure::{Exit, Failure};
use crate::http::Stop;
use crate::message::ListenText;
use crate::secret::Secret;
use crate::store::{EventSource, Store};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// The largest body, or line, that is taken whole. HApi's are some hundred bytes.
pub(crate) const LARGEST_BODY: usize = 256 * 1024;

/// Notification of a receiver while it works. It never repeats what somebody sent.
#[derive(Debug)]
pub(crate) enum Notification<'a> {
    /// The store cannot be written; deliveries are answered 503.
    CannotStore(&'a anyhow::Error),
    /// So many deliveries with the right secret were turned away: too large, too slow, broken off, or too many at once.
    TurnedAway {
        /// How many.
        turned_away: u64,
    },
    /// It can be written again; so many deliveries were turned away meanwhile.
    Recovered {
        /// How many.
        turned_away: u64,
    },
}

/// Log that the receiver writes to.
pub(crate) type Log = Arc<dyn Fn(Notification<'_>) + Send + Sync>;

/// Options of a receiver.
pub(crate) struct Options {
    /// The store's file.
    pub(crate) store: PathBuf,
    /// Address and port; port 0 takes a free one.
    pub(crate) address: String,
    /// The header that brings the secret.
    pub(crate) header: String,
    /// The secrets it may bring.
    pub(crate) secrets: Vec<Secret>,
    /// What ends it.
    pub(crate) stop: Arc<Stop>,
    /// Where it says what people should know.
    pub(crate) log: Log,
}

/// Summary of what a receiver took in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Summary {
    /// Events stored.
    pub(crate) received: u64,
    /// Those of them that could not be read.
    pub(crate) unreadable: u64,
    /// Deliveries without the right secret.
    pub(crate) refused: u64,
    /// Deliveries with it that could not be stored.
    pub(crate) turned_away: u64,
}

/// Receiver at work, on threads of its own. It ends when its stop has a reason, or with [`Receiver::finish`].
#[derive(Debug)]
pub(crate) struct Receiver {
    address: SocketAddr,
    feed: Arc<EventFeed>,
    quit: Arc<AtomicBool>,
    server: JoinHandle<anyhow::Result<()>>,
    writer: JoinHandle<Summary>,
}

impl Receiver {
    /// Binds the socket, opens the store, and begins. When this returns, deliveries are taken.
    ///
    /// # Errors
    /// Where the address cannot be bound, another receiver is at work, or the store cannot be opened.
    pub(crate) fn start(options: Options) -> anyhow::Result<Receiver> {
        if let Some(pid) = living(&options.store) {
            return Err(taken(pid));
        }
        let socket = bind(&options.address)?;
        let address = socket.local_addr()?;
        let (store, alive) = open(&options.store, options.stop.clock())?;
        let (feed, quit) = (Arc::new(EventFeed::default()), Arc::new(AtomicBool::new(false)));
        let (inbox, writer) = inbox::new(&options, store, alive, feed.clone());
        let server = server::Server::new(socket, &options, inbox, quit.clone())?;
        let writer = named("inbox").spawn(move || writer.run())?;
        let over = feed.clone();
        let server = named("receiver").spawn(move || {
            // Dropped on a panic too, so that nobody waits for events for ever.
            let _closer = FeedCloser(over);
            server.run()
        })?;
        Ok(Receiver { address, feed, quit, server, writer })
    }

    /// Where it listens, with the port it got.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until events were stored since it was asked last, at most so long; says how many.
    pub(crate) fn wait(&self, most: Duration) -> u64 {
        self.feed.wait(most)
    }

    /// Whether it takes no more deliveries.
    pub(crate) fn is_over(&self) -> bool {
        self.server.is_finished()
    }

    /// Ends it: requests under way are answered, what was taken is durable.
    ///
    /// # Errors
    /// Where the server failed or one of the threads panicked.
    pub(crate) fn finish(self) -> anyhow::Result<Summary> {
        self.quit.store(true, Ordering::Relaxed);
        let broke = || anyhow::anyhow!("a thread of the receiver broke off");
        let served = self.server.join().map_err(|_| broke())?;
        let summary = self.writer.join().map_err(|_| broke())?;
        served.map(|()| summary)
    }
}

fn named(name: &str) -> std::thread::Builder {
    std::thread::Builder::new().name(name.to_owned())
}

/// The store, and the lock that shows a receiver's life. From here on nothing can have been missed: the socket is bound, so
/// whoever connects waits at most until it is served.
fn open(path: &Path, clock: &Clock) -> anyhow::Result<(Store, Alive)> {
    let mut store = Store::open_to_receive(path, clock)?;
    // Written before the lock is taken: a sync that finds the lock held relies on this time.
    store.write(|tx| tx.receive_since(EventSource::Listen, clock.now()))?;
    let alive = Alive::take(path, clock)?.map_err(taken)?;
    Ok((store, alive))
}

fn taken(pid: Option<u32>) -> anyhow::Error {
    let what = match pid {
        Some(pid) => ListenText::AlreadyListening { pid: pid.to_string() },
        None => ListenText::SomeoneListening {},
    };
    Failure::new(Exit::Locked, what).help(ListenText::AlreadyListeningHelp {}).into()
}

fn bind(address: &str) -> anyhow::Result<TcpListener> {
    let bound = TcpListener::bind(address).and_then(|socket| socket.set_nonblocking(true).map(|()| socket));
    bound.map_err(|error| {
        let what = ListenText::CannotBind { address: address.to_owned() };
        Failure::new(Exit::Failed, what).help(ListenText::CannotBindHelp {}).because(error).into()
    })
}

/// How many events were stored that nobody has asked about yet.
#[derive(Debug, Default)]
struct EventFeed {
    state: Mutex<(u64, bool)>,
    changed: Condvar,
}

impl EventFeed {
    fn add(&self, events: u64) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).0 += events;
        self.changed.notify_all();
    }

    fn wait(&self, most: Duration) -> u64 {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(state, most, |(events, is_over)| *events == 0 && !*is_over);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut state.0)
    }
}

/// Closer of the feed: dropped, it says that no more events will come.
struct FeedCloser(Arc<EventFeed>);

impl Drop for FeedCloser {
    fn drop(&mut self) {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner).1 = true;
        self.0.changed.notify_all();
    }
}
