//! From the server to the store: what waits is committed together, and only then answered.
#![allow(
    clippy::disallowed_methods,
    reason = "who delivers is answered in the time of the connection, which no simulation has"
)]

use super::alive::Alive;
use super::counter::EventCounter;
use super::options::{Log, Notification, Options, Summary};
use crate::clock::Clock;
use crate::entity::WebhookEvent;
use crate::hapi::webhook;
use crate::store::{self, EventSource, Store};
use hyper::body::Bytes;
use jiff::Timestamp;
use rusqlite::ErrorCode;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Deliveries that may wait, and their bytes: some seconds' worth of a burst.
const MOST_WAITING: usize = 8_192;
const MOST_WAITING_BYTES: usize = 64 * 1024 * 1024;
/// What is committed together.
const MOST_TOGETHER: usize = 2_000;
const MOST_BYTES_TOGETHER: usize = 8 * 1024 * 1024;
/// How long a delivery waits to be stored; then it is asked to come again.
const LONGEST_WAIT: Duration = Duration::from_secs(8);
/// How often the writer wakes where nothing comes.
const POLL_EVERY: Duration = Duration::from_secs(1);
/// How often it writes to the store what there is to report, and that it lives.
const REPORT_EVERY: Duration = Duration::from_secs(10);
const SHOW_LIFE_EVERY: Duration = Duration::from_secs(60);
/// How often it reports that it still cannot store.
const COMPLAIN_EVERY: Duration = Duration::from_secs(60);
/// How often a store that fails is opened anew; opening reads it whole.
const REOPEN_EVERY: Duration = Duration::from_secs(10);
/// How long a missing store may be on its way to another, before an empty one is made.
const MISSING_FOR: Duration = Duration::from_secs(5);

/// Counts that the server and the writer share.
#[derive(Debug, Default)]
struct Counts {
    waiting_bytes: AtomicUsize,
    refused: AtomicU64,
    turned_away: AtomicU64,
}

/// Inbox of deliveries.
#[derive(Debug, Clone)]
pub(super) struct Inbox {
    sender: SyncSender<Delivery>,
    counts: Arc<Counts>,
}

/// Delivery that waits, and who waits for it.
struct Delivery {
    body: Bytes,
    answer: oneshot::Sender<bool>,
}

/// Outcome of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delivered {
    /// It is durable.
    Stored,
    /// It is not, or not yet.
    Later,
    /// There is no writer any more.
    Closed,
}

impl Inbox {
    /// Stores a body. Whatever becomes of who asks: it is stored, or counted as turned away.
    pub(super) async fn store(&self, body: Bytes) -> Delivered {
        let (answer, answered) = oneshot::channel();
        let bytes = body.len();
        if self.counts.waiting_bytes.fetch_add(bytes, Ordering::Relaxed) > MOST_WAITING_BYTES {
            self.counts.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
            self.turned_away();
            return Delivered::Later;
        }
        if let Err(error) = self.sender.try_send(Delivery { body, answer }) {
            self.counts.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
            self.turned_away();
            return match error {
                TrySendError::Full(_) => Delivered::Later,
                TrySendError::Disconnected(_) => Delivered::Closed,
            };
        }
        match tokio::time::timeout(LONGEST_WAIT, answered).await {
            Ok(Ok(true)) => Delivered::Stored,
            Ok(Ok(false)) | Err(_) => Delivered::Later,
            Ok(Err(_)) => Delivered::Closed,
        }
    }

    /// Counts a delivery with the right secret that was not stored: HApi may never send it again.
    pub(super) fn turned_away(&self) {
        self.counts.turned_away.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a delivery without the right secret.
    pub(super) fn refused(&self) {
        self.counts.refused.fetch_add(1, Ordering::Relaxed);
    }
}

/// Writer of deliveries.
pub(super) struct Writer {
    clock: Clock,
    path: PathBuf,
    open: Option<Open>,
    alive: Alive,
    receiver: Receiver<Delivery>,
    counts: Arc<Counts>,
    events: Arc<EventCounter>,
    log: Log,
    summary: Summary,
    /// How many of those turned away the store knows of, and of those refused.
    reported_turned_away: u64,
    reported_refused: u64,
    reported_at: Instant,
    showed_life_at: Instant,
    opened_at: Instant,
    failed_to_open: Option<(u64, u64)>,
    missing_since: Option<Instant>,
    complained_at: Option<Instant>,
    /// How many of those turned away were reported, and when.
    logged_turned_away: u64,
    said_at: Option<Instant>,
}

/// Opened store, and which file it is.
struct Open {
    store: Store,
    file: (u64, u64),
    /// Whether it failed in a way that a new connection may mend.
    is_doubtful: bool,
}

/// Both ends.
pub(super) fn new(options: &Options, store: Store, alive: Alive, events: Arc<EventCounter>) -> (Inbox, Writer) {
    let (sender, receiver) = sync_channel(MOST_WAITING);
    let counts = Arc::new(Counts::default());
    let clock = options.stop.clock().clone();
    let now = clock.instant();
    let writer = Writer {
        clock,
        open: file_at(&options.store).map(|file| Open { store, file, is_doubtful: false }),
        path: options.store.clone(),
        alive,
        receiver,
        counts: counts.clone(),
        events,
        log: options.log.clone(),
        summary: Summary::default(),
        reported_turned_away: 0,
        reported_refused: 0,
        reported_at: now,
        showed_life_at: now,
        opened_at: now,
        failed_to_open: None,
        missing_since: None,
        complained_at: None,
        logged_turned_away: 0,
        said_at: None,
    };
    (Inbox { sender, counts }, writer)
}

impl Writer {
    /// Writes until nobody delivers any more.
    pub(super) fn run(mut self) -> Summary {
        loop {
            match self.receiver.recv_timeout(POLL_EVERY) {
                Ok(first) => {
                    let batch = self.batch(first);
                    if self.keep(batch) {
                        self.maintain();
                    }
                    // Others want to write too.
                    self.clock.sleep(store::GAP);
                }
                Err(RecvTimeoutError::Timeout) => self.maintain(),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        let outcome = self.report(self.clock.now());
        self.note(outcome);
        self.summary.refused = self.counts.refused.load(Ordering::Relaxed);
        self.summary.turned_away = self.counts.turned_away.load(Ordering::Relaxed);
        self.summary
    }

    /// What waits, beginning with this.
    fn batch(&self, first: Delivery) -> Vec<Delivery> {
        let mut bytes = first.body.len();
        let mut batch = vec![first];
        while batch.len() < MOST_TOGETHER && bytes < MOST_BYTES_TOGETHER {
            let Ok(next) = self.receiver.try_recv() else { break };
            bytes += next.body.len();
            batch.push(next);
        }
        self.counts.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
        batch
    }

    /// Commits a batch, then answers it. Returns whether all is well.
    fn keep(&mut self, batch: Vec<Delivery>) -> bool {
        let events: Vec<WebhookEvent> = batch.iter().flat_map(|delivery| webhook::read(&delivery.body)).collect();
        let written = self.write(&events);
        let is_stored = written.is_ok();
        if is_stored {
            self.summary.received += events.len() as u64;
            self.summary.unreadable += events.iter().filter(|event| event.raw.is_some()).count() as u64;
            self.showed_life_at = self.clock.instant();
        } else {
            self.counts.turned_away.fetch_add(batch.len() as u64, Ordering::Relaxed);
        }
        for delivery in batch {
            // Who does not wait any more was asked to come again; twice is no harm.
            let _ = delivery.answer.send(is_stored);
        }
        if is_stored && !events.is_empty() {
            self.events.add(events.len() as u64);
        }
        let outcome = written.and_then(|()| self.admit_misses(self.clock.now()));
        let is_well = outcome.is_ok();
        self.note(outcome);
        is_well
    }

    /// Keeps events in the file that stands at the store's place now.
    fn write(&mut self, events: &[WebhookEvent]) -> anyhow::Result<()> {
        for _ in 0..2 {
            let now = self.clock.now();
            self.store()?.write(|tx| tx.add_events(events, now))?;
            if self.is_in_place() {
                return Ok(());
            }
            // They went into a file that was put away meanwhile.
        }
        anyhow::bail!("the store is being replaced")
    }

    /// Maintenance between deliveries: notices that the store was replaced, and reports to it.
    fn maintain(&mut self) {
        if self.is_in_place() && self.clock.since(self.reported_at) < REPORT_EVERY && !self.has_misses() {
            return;
        }
        let outcome = self.report(self.clock.now());
        self.note(outcome);
    }

    fn has_misses(&self) -> bool {
        self.counts.turned_away.load(Ordering::Relaxed) > self.reported_turned_away
    }

    /// Writes to the store how many deliveries were refused, that events were missed, and a sign of life.
    fn report(&mut self, now: Timestamp) -> anyhow::Result<()> {
        self.store()?;
        self.admit_misses(now)?;
        self.reported_at = self.clock.instant();
        let refused = self.counts.refused.load(Ordering::Relaxed);
        let new_refusals = refused - self.reported_refused;
        if new_refusals > 0 || self.clock.since(self.showed_life_at) >= SHOW_LIFE_EVERY {
            self.connection()?.write(|tx| tx.receiver_lives(new_refusals, now))?;
            self.reported_refused = refused;
            self.showed_life_at = self.clock.instant();
        }
        Ok(())
    }

    /// Where something was turned away, the next sync must read everything again.
    fn admit_misses(&mut self, now: Timestamp) -> anyhow::Result<()> {
        let turned_away = self.counts.turned_away.load(Ordering::Relaxed);
        if turned_away > self.reported_turned_away {
            self.connection()?.write(|tx| tx.receive_since(EventSource::Listen, now))?;
            self.reported_turned_away = turned_away;
        }
        Ok(())
    }

    fn connection(&mut self) -> anyhow::Result<&mut Store> {
        self.open.as_mut().map(|open| &mut open.store).ok_or_else(|| anyhow::anyhow!("the store is not open"))
    }

    fn is_in_place(&self) -> bool {
        self.open.as_ref().is_some_and(|open| file_at(&self.path) == Some(open.file))
    }

    /// The store that stands at its place now.
    fn store(&mut self) -> anyhow::Result<&mut Store> {
        let is_due = self.clock.since(self.opened_at) >= REOPEN_EVERY;
        let is_doubtful = self.open.as_ref().is_some_and(|open| open.is_doubtful);
        if !self.is_in_place() || (is_doubtful && is_due) {
            self.reopen(is_due)?;
        }
        self.connection()
    }

    fn reopen(&mut self, is_due: bool) -> anyhow::Result<()> {
        self.open = None;
        let Some(file) = self.file_there()? else { anyhow::bail!("the store {} is missing", self.path.display()) };
        if self.failed_to_open == Some(file) && !is_due {
            anyhow::bail!("the store {} could not be opened", self.path.display());
        }
        self.opened_at = self.clock.instant();
        self.failed_to_open = Some(file);
        let mut store = Store::open_to_receive(&self.path, &self.clock)?;
        // It may be a copy from before: what came since is not in it.
        store.write(|tx| tx.receive_since(EventSource::Listen, self.clock.now()))?;
        if !self.alive.is_in_place()
            && let Ok(alive) = Alive::take(&self.path, &self.clock)?
        {
            self.alive = alive;
        }
        self.failed_to_open = None;
        self.open = Some(Open { store, file, is_doubtful: false });
        Ok(())
    }

    /// The file at the store's place; one is made where it has been missing for a while.
    fn file_there(&mut self) -> anyhow::Result<Option<(u64, u64)>> {
        if let Some(file) = file_at(&self.path) {
            self.missing_since = None;
            return Ok(Some(file));
        }
        let missing_since = *self.missing_since.get_or_insert(self.clock.instant());
        if self.clock.since(missing_since) >= MISSING_FOR {
            drop(Store::open(&self.path, &self.clock)?);
        }
        Ok(file_at(&self.path))
    }

    /// Takes note of how a write ended: it is reported now and then that it fails, and once that it does no more.
    fn note(&mut self, outcome: anyhow::Result<()>) {
        match outcome {
            Ok(()) => {
                if let Some(open) = &mut self.open {
                    open.is_doubtful = false;
                }
                let turned_away = self.reported_turned_away - self.logged_turned_away;
                let is_time = self.said_at.is_none_or(|at| self.clock.since(at) >= COMPLAIN_EVERY);
                if self.complained_at.take().is_some() {
                    (self.log)(Notification::Recovered { turned_away });
                } else if turned_away > 0 && is_time {
                    (self.log)(Notification::TurnedAway { turned_away });
                    self.said_at = Some(self.clock.instant());
                } else {
                    return;
                }
                self.logged_turned_away = self.reported_turned_away;
            }
            Err(error) => {
                if let Some(open) = &mut self.open {
                    open.is_doubtful = !passes_by_itself(&error);
                }
                if self.complained_at.is_none_or(|at| self.clock.since(at) >= COMPLAIN_EVERY) {
                    (self.log)(Notification::CannotStore(&error));
                    self.complained_at = Some(self.clock.instant());
                }
            }
        }
    }
}

/// Which file stands at a place; an empty one is none yet.
fn file_at(path: &Path) -> Option<(u64, u64)> {
    std::fs::metadata(path).ok().filter(|file| file.len() > 0).map(|file| (file.dev(), file.ino()))
}

/// A full disk and a locked store need no new connection.
fn passes_by_itself(error: &anyhow::Error) -> bool {
    let code = error.downcast_ref::<rusqlite::Error>().and_then(rusqlite::Error::sqlite_error_code);
    matches!(code, Some(ErrorCode::DiskFull | ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}
