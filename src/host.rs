//! The world outside, as a value: made once, by `main` or by a simulation, and handed down.

use crate::clock::Clock;
use crate::console::Console;
use crate::http::{Http, Reqwest, Settings, Signals, Stop, Transport};
use crate::random::Random;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

/// Host of a program: where its time, its randomness, its network and its signals come from, and where its output goes. Clones are the same host.
#[derive(Debug, Clone)]
pub struct Host {
    /// The time.
    pub clock: Clock,
    /// Random numbers.
    pub random: Random,
    /// The way to both APIs.
    pub transport: Arc<dyn Transport>,
    /// What asks the work to end.
    pub signals: Signals,
    /// Where its output goes.
    pub console: Console,
    /// What informs `listen` of events, where somebody else receives them into the store. `None`: it receives them itself.
    pub events: Option<Arc<dyn EventFeed>>,
}

/// Feed of events: it reports that some were stored.
pub trait EventFeed: Debug + Send + Sync {
    /// Waits until events were stored since it was asked last, at most so long; returns how many.
    fn wait(&self, most: Duration) -> u64;
    /// Whether no more will come.
    fn is_over(&self) -> bool;
}

/// The number of this process, by which locks name to people who holds them: the simulated hosts of a process have one between them.
#[allow(clippy::disallowed_methods, reason = "the one place that asks for it")]
pub(crate) fn process_number() -> u32 {
    std::process::id()
}

impl Host {
    /// The operating system, and the network it is connected to.
    #[allow(clippy::disallowed_methods, reason = "this is the host of `main`")]
    pub fn system() -> Host {
        let clock = Clock::system();
        Host {
            random: Random::system(),
            transport: Arc::new(Reqwest::new(clock.clone())),
            signals: Signals::System,
            console: Console::system(),
            events: None,
            clock,
        }
    }

    /// What ends the work on this host early.
    ///
    /// # Errors
    /// Where the system does not let signals be handled.
    pub fn stop(&self) -> std::io::Result<Stop> {
        Stop::on(&self.signals, self.clock.clone())
    }

    /// The way out to both APIs, with the settings of `[network]` and the proxies that the environment names.
    pub fn http(&self, network: Settings, stop: Arc<Stop>, environment: &BTreeMap<String, String>) -> Http {
        Http::new(self.transport.clone(), self.random.clone(), network, stop, environment)
    }
}
