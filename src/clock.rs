//! Time as a value that is handed down: the time of day, the zone that it is read in, a steady time, and sleep.

#[cfg(test)]
pub(crate) mod testing;

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Source of time.
pub trait TimeSource: Send + Sync {
    /// The time of day; it may be set back and forth.
    fn now(&self) -> Timestamp;
    /// The zone in which people here read and name times.
    fn zone(&self) -> TimeZone;
    /// The steady time, of which only differences mean something.
    fn instant(&self) -> Instant;
    /// Lets this much of the steady time pass.
    fn sleep(&self, pause: Duration);
}

/// Clock: the only way to the time for all that works under it. Clones are the same clock.
#[derive(Clone)]
pub struct Clock(Arc<dyn TimeSource>);

impl Clock {
    /// The clock over a source of time.
    pub fn new(source: Arc<dyn TimeSource>) -> Clock {
        Clock(source)
    }

    /// The system's clock.
    pub fn system() -> Clock {
        Clock::new(Arc::new(SystemTime))
    }

    /// The time of day.
    pub(crate) fn now(&self) -> Timestamp {
        self.0.now()
    }

    /// The zone in which people here read and name times.
    pub(crate) fn zone(&self) -> TimeZone {
        self.0.zone()
    }

    /// The time of day in that zone.
    pub(crate) fn here(&self) -> Zoned {
        self.now().to_zoned(self.zone())
    }

    /// The steady time.
    pub fn instant(&self) -> Instant {
        self.0.instant()
    }

    /// How long ago something was.
    pub(crate) fn since(&self, began: Instant) -> Duration {
        self.instant().saturating_duration_since(began)
    }

    /// How long it is until then; zero once it is past.
    pub(crate) fn until(&self, then: Instant) -> Duration {
        then.saturating_duration_since(self.instant())
    }

    /// Sleeps, whatever happens meanwhile.
    pub(crate) fn sleep(&self, pause: Duration) {
        self.0.sleep(pause);
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[clock]")
    }
}

/// Time that the system gives.
struct SystemTime;

#[allow(clippy::disallowed_methods, reason = "the one place that asks the system for the time")]
impl TimeSource for SystemTime {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn zone(&self) -> TimeZone {
        TimeZone::system()
    }

    fn instant(&self) -> Instant {
        Instant::now()
    }

    fn sleep(&self, pause: Duration) {
        std::thread::sleep(pause);
    }
}
