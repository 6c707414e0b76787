//! A clock for tests: time passes only where somebody sleeps.

use super::{Clock, TimeSource};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

struct VirtualTime {
    base: (Timestamp, Instant),
    passed_ms: AtomicU64,
}

impl VirtualTime {
    fn passed(&self) -> Duration {
        Duration::from_millis(self.passed_ms.load(Ordering::Relaxed))
    }
}

impl TimeSource for VirtualTime {
    fn now(&self) -> Timestamp {
        self.base.0 + self.passed()
    }

    fn zone(&self) -> TimeZone {
        TimeZone::UTC
    }

    fn instant(&self) -> Instant {
        self.base.1 + self.passed()
    }

    fn sleep(&self, pause: Duration) {
        self.passed_ms.fetch_add(u64::try_from(pause.as_millis()).expect("a pause"), Ordering::Relaxed);
    }
}

/// A clock that stands at this time of day.
pub(crate) fn standing_at(now: &str) -> Clock {
    let base = (now.parse().expect("a time"), Clock::system().instant());
    Clock::new(Arc::new(VirtualTime { base, passed_ms: AtomicU64::new(0) }))
}
