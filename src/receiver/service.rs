//! A receiver at work: its threads, from the socket to the store.

use super::alive::{Alive, living};
use super::counter::EventCounter;
use super::options::{Options, Summary};
use super::{inbox, server};
use crate::clock::Clock;
use crate::failure::{Exit, Failure};
use crate::message::ListenText;
use crate::store::{EventSource, Store};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Receiver at work, on threads of its own. It ends when its stop has a reason, or with [`Receiver::finish`].
#[derive(Debug)]
pub(crate) struct Receiver {
    address: SocketAddr,
    events: Arc<EventCounter>,
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
        let (events, quit) = (Arc::new(EventCounter::default()), Arc::new(AtomicBool::new(false)));
        let (inbox, writer) = inbox::new(&options, store, alive, events.clone());
        let server = server::Server::new(socket, &options, inbox, quit.clone())?;
        let writer = named("inbox").spawn(move || writer.run())?;
        let over = Closer(events.clone());
        let server = named("receiver").spawn(move || {
            // Dropped on a panic too, so that nobody waits for events for ever.
            let _over = over;
            server.run()
        })?;
        Ok(Receiver { address, events, quit, server, writer })
    }

    /// Where it listens, with the port it got.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until events were stored since it was asked last, at most so long; returns how many.
    pub(crate) fn wait(&self, most: Duration) -> u64 {
        self.events.wait(most)
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

/// Closer of the counter: dropped, it says that no more events will come.
struct Closer(Arc<EventCounter>);

impl Drop for Closer {
    fn drop(&mut self) {
        self.0.close();
    }
}
