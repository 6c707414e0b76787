//! The line that is written when a signal is received.
#![allow(clippy::disallowed_methods, reason = "a thread of the process waits for another one")]

use crate::entity::Kind;
use crate::http::Stop;
use crate::message::Message;
use crate::progress::{Progress, Task};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often a signal is polled for.
const LISTEN_EVERY: Duration = Duration::from_millis(100);

/// Notice that a signal was received: the batch that is under way may take a while yet. It watches until it is dropped, and is
/// written once, however fast the run ends.
struct SignalNotice {
    line: String,
    write: LineWriter,
    stop: Arc<Stop>,
    is_over: Arc<AtomicBool>,
}

/// Writer of a line where bars may be drawn at the same time.
pub(super) type LineWriter = Arc<dyn Fn(&str) + Send + Sync>;

impl SignalNotice {
    fn new(line: String, write: LineWriter, stop: Arc<Stop>) -> SignalNotice {
        let notice = SignalNotice { line, write, stop, is_over: Arc::default() };
        let (line, write) = (notice.line.clone(), notice.write.clone());
        let (stop, is_over) = (notice.stop.clone(), notice.is_over.clone());
        // Where there is no thread left to say it, the signal counts all the same.
        let _ = std::thread::Builder::new().spawn(move || {
            while !is_over.load(Ordering::Relaxed) {
                if stop.signal().is_some() {
                    write_once(&write, &line, &is_over);
                    return;
                }
                // Not on the clock of the run: this is another thread, and only people wait for it.
                std::thread::park_timeout(LISTEN_EVERY);
            }
        });
        notice
    }
}

impl Drop for SignalNotice {
    fn drop(&mut self) {
        match self.stop.signal() {
            Some(_) => write_once(&self.write, &self.line, &self.is_over),
            None => self.is_over.store(true, Ordering::Relaxed),
        }
    }
}

fn write_once(write: &LineWriter, line: &str, is_over: &AtomicBool) {
    if !is_over.swap(true, Ordering::Relaxed) {
        write(line);
    }
}

/// Progress of a run that also writes when a signal came.
pub(super) struct Noticed {
    progress: Box<dyn Progress>,
    _notice: SignalNotice,
}

impl Noticed {
    pub(super) fn new(progress: Box<dyn Progress>, line: String, write: LineWriter, stop: Arc<Stop>) -> Noticed {
        Noticed { progress, _notice: SignalNotice::new(line, write, stop) }
    }
}

impl Progress for Noticed {
    fn begin(&self, task: Task, kind: Kind, expected: u64) {
        self.progress.begin(task, kind, expected);
    }

    fn advance(&self, task: Task, kind: Kind, by: u64) {
        self.progress.advance(task, kind, by);
    }

    fn end(&self, task: Task, kind: Kind) {
        self.progress.end(task, kind);
    }

    fn calls(&self, spent: u64, left: Option<u64>) {
        self.progress.calls(spent, left);
    }

    fn waiting(&self, why: Option<(&Message, Duration)>) {
        self.progress.waiting(why);
    }

    fn announce(&self, what: &Message) {
        self.progress.announce(what);
    }
}
