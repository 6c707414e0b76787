//! What both APIs share: one exchange, the pauses between attempts, what ends the work early. Knows neither HApi nor monday.

mod exchange;
mod mask;
mod stop;
mod transport;

pub use exchange::{NoAnswer, NoAnswerCause, Reply, Request};
pub use mask::Masks;
pub use stop::{Stop, StopReason};
pub use transport::{LARGEST_BODY, LARGEST_ERROR, Pending};

use crate::failure::{Exit, Failure};
use crate::message::RunText;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use transport::Transport;

/// Doubling stops here; a longer pause would outlast most runs.
const LONGEST_BACKOFF: Duration = Duration::from_secs(60);

/// Sends requests with the settings of `[network]`, as long as nothing ends the work.
#[derive(Debug)]
pub struct Http {
    transport: OnceLock<Transport>,
    network: crate::config::Network,
    stop: Arc<Stop>,
    masks: Masks,
    ignores_proxies: bool,
}

impl Http {
    /// Takes the settings; what sends is made at the first request, since it needs certificates.
    pub fn new(network: crate::config::Network, stop: Arc<Stop>, environment: &BTreeMap<String, String>) -> Http {
        let ignores_proxies = ignores_proxies(environment);
        let masks = Masks::default();
        proxy_logins(environment).for_each(|(user, password)| masks.add_login(&user, &password));
        Http { transport: OnceLock::new(), network, stop, masks, ignores_proxies }
    }

    /// The settings.
    pub fn network(&self) -> &crate::config::Network {
        &self.network
    }

    /// The secrets that are kept out of what servers say. Who sends one adds it first.
    pub fn masks(&self) -> &Masks {
        &self.masks
    }

    /// Sends one request and reads its whole answer. Where the work is to end, it is abandoned: at once where it only reads,
    /// after a moment where it may change something.
    ///
    /// # Errors
    /// Where nothing can be sent at all: no certificates, too few threads or handles.
    pub fn exchange(&self, request: Request) -> anyhow::Result<Result<Reply, NoAnswer>> {
        if let Some(reason) = self.stop.reason() {
            return Ok(Err(NoAnswer::stopped(true, reason)));
        }
        let grace = request.grace();
        Ok(self.without_secrets(self.submit(request)?.wait(&self.stop, grace)))
    }

    /// Sends a request in the background, whether or not the work is to end.
    ///
    /// # Errors
    /// Where nothing can be sent at all: no certificates, too few threads or handles.
    pub fn submit(&self, request: Request) -> anyhow::Result<Pending> {
        if let Some(transport) = self.transport.get() {
            return Ok(transport.submit(request));
        }
        let transport = Transport::start(self.network.timeout, self.ignores_proxies).map_err(cannot_start)?;
        Ok(self.transport.get_or_init(|| transport).submit(request))
    }

    /// What is shown, stored or logged of an exchange comes from its error or its excerpt.
    fn without_secrets(&self, outcome: Result<Reply, NoAnswer>) -> Result<Reply, NoAnswer> {
        match outcome {
            Ok(mut reply) => {
                reply.masks = self.masks.clone();
                if !(200..300).contains(&reply.status) {
                    reply.body = self.masks.mask(&String::from_utf8_lossy(&reply.body)).into_bytes();
                }
                reply.redirect = reply.redirect.map(|target| self.masks.mask(&target));
                Ok(reply)
            }
            Err(error) => Err(NoAnswer { why: self.masks.mask(&error.why), ..error }),
        }
    }

    /// The pause before attempt number `attempt` (the first repetition is 1): full jitter under a doubling ceiling.
    pub fn backoff(&self, attempt: u32) -> Duration {
        ceiling(self.network.retry_base, attempt).mul_f64(random_fraction())
    }
}

/// Why nothing can be sent at all.
fn cannot_start(error: anyhow::Error) -> Failure {
    let (what, help) = match error.downcast_ref::<std::io::Error>() {
        Some(_) => (RunText::NoThread {}, RunText::RaiseLimits {}),
        None => (RunText::NoHttpClient {}, RunText::InstallCertificates {}),
    };
    Failure::new(Exit::Failed, what).help(help).because(error)
}

/// Whether the environment says that no proxy is to be used for anything. The HTTP client knows `*` for names only, and of the
/// two spellings looks at one.
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

/// The longest that the pause before a repetition may be.
fn ceiling(base: Duration, attempt: u32) -> Duration {
    let factor = 2u32.saturating_pow(attempt.saturating_sub(1));
    base.saturating_mul(factor).min(LONGEST_BACKOFF.max(base))
}

/// A random number from the operating system's seed of the standard hash maps; good enough for jitter and unique names.
pub fn random() -> u64 {
    RandomState::new().hash_one(Instant::now())
}

fn random_fraction() -> f64 {
    // 53 bits fill a float's mantissa exactly.
    (random() >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_their_ceiling() {
        let base = Duration::from_millis(500);
        let ceilings: Vec<u128> = [1, 2, 3, 8, 40].into_iter().map(|n| ceiling(base, n).as_millis()).collect();
        assert_eq!(ceilings, [500, 1_000, 2_000, 60_000, 60_000]);
        assert!((0..1_000).all(|_| (0.0..1.0).contains(&random_fraction())));
    }

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
