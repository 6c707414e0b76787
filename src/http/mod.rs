//! What both APIs share: one exchange, the pauses between attempts, what ends the work early. Knows neither HApi nor monday.

mod arrival;
mod certificates;
mod exchange;
mod mask;
mod obstacle;
mod proxy;
mod queue;
mod settings;
mod stop;
mod transport;

pub use arrival::{Arrival, Ticket};
pub(crate) use certificates::unusable_certificates;
pub(crate) use exchange::is_down;
pub use exchange::{NoAnswer, NoAnswerCause, Reply, Request};
pub use mask::Masks;
use queue::OnStop;
pub(crate) use queue::{Next, Queue};
pub use settings::Settings;
pub use stop::Signals;
pub(crate) use stop::{Stop, StopReason};
pub(crate) use transport::Reqwest;
pub use transport::{Channel, ClientSettings, Transport};

use crate::clock::Clock;
use crate::random::Random;
use crate::retry::Policy;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Sender of requests with the settings of `[network]`, as long as nothing ends the work.
#[derive(Debug)]
pub struct Http {
    transport: Arc<dyn Transport>,
    random: Random,
    network: Settings,
    stop: Arc<Stop>,
    masks: Masks,
    ignores_proxies: bool,
}

impl Http {
    /// Takes the settings; nothing is opened before the first request.
    pub(crate) fn new(
        transport: Arc<dyn Transport>,
        random: Random,
        network: Settings,
        stop: Arc<Stop>,
        environment: &BTreeMap<String, String>,
    ) -> Http {
        let ignores_proxies = ignores_proxies(environment);
        let masks = Masks::default();
        proxy_logins(environment).for_each(|(user, password)| masks.add_login(&user, &password));
        Http { transport, random, network, stop, masks, ignores_proxies }
    }

    /// The same without repetitions, for who asks each thing once.
    pub(crate) fn without_retries(&self) -> Http {
        Http {
            transport: self.transport.clone(),
            random: self.random.clone(),
            network: Settings { retries: 0, ..self.network.clone() },
            stop: self.stop.clone(),
            masks: self.masks.clone(),
            ignores_proxies: self.ignores_proxies,
        }
    }

    /// The clock of the work.
    pub(crate) fn clock(&self) -> &Clock {
        self.stop.clock()
    }

    /// Random numbers.
    pub(crate) fn random(&self) -> &Random {
        &self.random
    }

    /// The secrets that are kept out of what servers say. Who sends one adds it first.
    pub(crate) fn masks(&self) -> &Masks {
        &self.masks
    }

    /// A queue for one event loop.
    pub(crate) fn queue(&self) -> Queue {
        self.new_queue(OnStop::End)
    }

    /// A queue whose requests are sent, and waited for, whether or not the work is to end.
    pub(crate) fn lasting_queue(&self) -> Queue {
        self.new_queue(OnStop::GoOn)
    }

    fn new_queue(&self, on_stop: OnStop) -> Queue {
        let settings = ClientSettings { timeout: self.network.timeout, ignores_proxies: self.ignores_proxies };
        Queue::new(self.transport.clone(), settings, self.stop.clone(), self.masks.clone(), on_stop)
    }

    /// Sends one request and waits for its whole answer. Where the work is to end, it is given up: at once where it only reads,
    /// after a moment where it may change something.
    ///
    /// # Errors
    /// Where nothing can be sent at all: no certificates, too few threads or handles.
    pub(crate) fn exchange(&self, request: Request) -> anyhow::Result<Result<Reply, NoAnswer>> {
        let mut queue = self.queue();
        queue.submit(request)?;
        Ok(queue.only())
    }

    /// How often, how soon and how long something is retried.
    pub(crate) fn retry(&self) -> Policy {
        let network = &self.network;
        Policy { retries: network.retries, base: network.retry_base, max_wait: network.max_wait }
    }

    /// The pause before repetition number `number` (the first is 1).
    pub(crate) fn backoff(&self, number: u32) -> Duration {
        self.retry().pause(number, self.random.fraction())
    }
}

/// Whether the environment says that no proxy is to be used for anything. The HTTP client knows `*` for names only, and of the
/// two spellings reads one.
fn ignores_proxies(environment: &BTreeMap<String, String>) -> bool {
    let lists = ["NO_PROXY", "no_proxy"].into_iter().filter_map(|name| environment.get(name));
    lists.flat_map(|list| list.split(',')).any(|entry| entry.trim() == "*")
}

/// The users and passwords in the addresses of the proxies that the environment names.
fn proxy_logins(environment: &BTreeMap<String, String>) -> impl Iterator<Item = (String, String)> {
    let proxies = environment.iter().filter(|(name, _)| name.to_lowercase().ends_with("_proxy"));
    proxies.filter_map(|(_, address)| {
        let address = reqwest::Url::parse(address).ok()?;
        Some((address.username().to_owned(), address.password()?.to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_proxy_says_does_not_show_its_password() {
        let environment =
            [("https_proxy", "http://anne:hunter2@p.example:8080"), ("HTTP_PROXY", "p.example"), ("X", "a:b@c")];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        assert_eq!(proxy_logins(&environment).collect::<Vec<_>>(), [("anne".to_owned(), "hunter2".to_owned())]);
    }

    #[test]
    fn no_proxy_for_anything_counts_in_either_spelling() {
        let ignores = |name: &str, value: &str| ignores_proxies(&BTreeMap::from([(name.to_owned(), value.to_owned())]));
        for (name, value) in [("no_proxy", "*"), ("NO_PROXY", "*"), ("no_proxy", "a.example, *")] {
            assert!(ignores(name, value), "{name}={value}");
        }
        assert!(!ignores("no_proxy", "a.example") && !ignores("NO_PROXY", "") && !ignores("nO_pRoXy", "*"));
        let both = [("NO_PROXY", ""), ("no_proxy", "*")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert!(ignores_proxies(&both.into()));
    }
}
