//! What ends the work before it is done: a signal, or the end of the time allowed.

use crate::clock::Clock;
use crate::failure::Exit;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// How often a wait checks whether it should end.
pub(super) const WAIT_SLICE: Duration = Duration::from_millis(50);
/// After a signal the process ends within this time, even where something blocks it that does not check for signals, such as a
/// reader of its output that does not read. What is not committed by then is undone by the store, as after a kill.
const ENDS_WITHIN: Duration = Duration::from_millis(1_900);

/// Reason why work should end before it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// SIGINT.
    Interrupted,
    /// SIGTERM.
    Terminated,
    /// `--max-duration` is over.
    TimeUp,
}

impl StopReason {
    /// How the process ends.
    pub(crate) fn exit(self) -> Exit {
        match self {
            StopReason::Interrupted => Exit::Interrupted,
            StopReason::Terminated => Exit::Terminated,
            StopReason::TimeUp => Exit::Budget,
        }
    }
}

/// Signals that a run listens to.
#[derive(Debug, Clone)]
pub enum Signals {
    /// SIGINT and SIGTERM of this process: the first asks to stop, a second one ends the process at once.
    System,
    /// The number in here; zero as long as there is none.
    Number(Arc<AtomicUsize>),
}

impl Signals {
    /// No signal will ever come.
    pub fn never() -> Signals {
        Signals::Number(Arc::default())
    }

    /// Begins to listen. Returns where the number of the first signal will stand.
    fn listen(&self) -> std::io::Result<Arc<AtomicUsize>> {
        match self {
            Signals::System => listen_to_system(),
            Signals::Number(number) => Ok(number.clone()),
        }
    }
}

fn listen_to_system() -> std::io::Result<Arc<AtomicUsize>> {
    use signal_hook::consts::{SIGINT, SIGTERM, SIGXFSZ};
    let (number, armed) = (Arc::<AtomicUsize>::default(), Arc::<AtomicBool>::default());
    for (signal, status) in [(SIGINT, 130), (SIGTERM, 143)] {
        // In this order: the second signal finds the flag that the first one set.
        signal_hook::flag::register_conditional_shutdown(signal, status, armed.clone())?;
    }
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, armed.clone())?;
        signal_hook::flag::register_usize(signal, number.clone(), usize::try_from(signal).unwrap_or(1))?;
    }
    // A limit on file sizes is then an error of the write that meets it, as a full disk is, and not the end of the process.
    signal_hook::flag::register(SIGXFSZ, Arc::default())?;
    end_in_time(signal_hook::iterator::Signals::new([SIGINT, SIGTERM])?);
    Ok(number)
}

/// Stop signal of the work: a signal of the system, or the end of the time allowed.
#[derive(Debug)]
pub struct Stop {
    clock: Clock,
    signal: Arc<AtomicUsize>,
    deadline: OnceLock<Instant>,
}

impl Stop {
    /// Ends this work on signals.
    ///
    /// # Errors
    /// Where the system does not let signals be handled.
    pub(crate) fn on(signals: &Signals, clock: Clock) -> std::io::Result<Stop> {
        Ok(Stop { clock, signal: signals.listen()?, deadline: OnceLock::new() })
    }

    /// The clock of the work.
    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Ends the work when this much time has passed.
    pub(crate) fn after(&self, most: Duration) {
        if let Some(deadline) = self.clock.instant().checked_add(most) {
            let _ = self.deadline.set(deadline);
        }
    }

    /// Whether to end, and why.
    pub(crate) fn reason(&self) -> Option<StopReason> {
        let is_over = |deadline: &&Instant| self.clock.instant() >= **deadline;
        self.signal().or_else(|| self.deadline.get().filter(is_over).map(|_| StopReason::TimeUp))
    }

    /// The signal that was received, whether or not the time is up.
    pub(crate) fn signal(&self) -> Option<StopReason> {
        match self.signal.load(Ordering::Relaxed) {
            0 => None,
            2 => Some(StopReason::Interrupted),
            _ => Some(StopReason::Terminated),
        }
    }

    /// Sleeps, but not past a reason to end.
    ///
    /// # Errors
    /// The reason to end, where there is one.
    pub(crate) fn sleep(&self, pause: Duration) -> Result<(), StopReason> {
        self.sleep_unless(pause, || self.reason())
    }

    /// Sleeps, but not past a signal: what is done once the work is over may take longer than the work.
    ///
    /// # Errors
    /// The signal, where there is one.
    pub(crate) fn sleep_past_deadline(&self, pause: Duration) -> Result<(), StopReason> {
        self.sleep_unless(pause, || self.signal())
    }

    fn sleep_unless(&self, pause: Duration, reason: impl Fn() -> Option<StopReason>) -> Result<(), StopReason> {
        let end = self.clock.instant() + pause;
        loop {
            if let Some(reason) = reason() {
                return Err(reason);
            }
            let left = self.clock.until(end);
            if left.is_zero() {
                return Ok(());
            }
            self.clock.sleep(left.min(WAIT_SLICE));
        }
    }
}

/// Ends the process some time after a signal, whatever it is doing. Where there is no thread left for it, signals are heard
/// all the same, only not where something blocks.
#[allow(clippy::disallowed_methods, reason = "the process ends, whatever time is simulated in it")]
fn end_in_time(mut signals: signal_hook::iterator::Signals) {
    let _ = std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        if let Some(signal) = signals.forever().next() {
            Clock::system().sleep(ENDS_WITHIN);
            signal_hook::low_level::exit(if signal == signal_hook::consts::SIGINT { 130 } else { 143 });
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_ends_at_once_when_the_time_allowed_is_over() {
        let stop = Stop::on(&Signals::never(), Clock::system()).expect("no signals");
        stop.after(Duration::ZERO);
        assert_eq!(stop.sleep(Duration::from_secs(60)), Err(StopReason::TimeUp));
        assert_eq!((stop.reason(), stop.signal()), (Some(StopReason::TimeUp), None));
    }

    #[test]
    fn what_is_done_after_the_work_waits_past_its_deadline_but_not_past_a_signal() {
        let signal: Arc<AtomicUsize> = Arc::default();
        let clock = crate::clock::testing::standing_at("2026-11-22T05:00:00Z");
        let stop = Stop::on(&Signals::Number(signal.clone()), clock.clone()).expect("a stop");
        let began = clock.instant();
        stop.after(Duration::ZERO);
        assert_eq!(stop.sleep_past_deadline(Duration::from_secs(9)), Ok(()));
        assert_eq!(clock.since(began), Duration::from_secs(9));
        signal.store(15, Ordering::Relaxed);
        assert_eq!(stop.sleep_past_deadline(Duration::from_secs(9)), Err(StopReason::Terminated));
    }
}
