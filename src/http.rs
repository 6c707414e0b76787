//! What both APIs share: the client, one exchange, the pauses between attempts. Knows neither HApi nor monday.

use crate::failure::{Exit, Failure};
use crate::message::{Message, RunText};
use jiff::Timestamp;
use reqwest::blocking::{Client, RequestBuilder};
use reqwest::header::HeaderMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Longest time to wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// How often a wait looks whether it should end.
const WAIT_SLICE: Duration = Duration::from_millis(50);
/// Doubling stops here; a longer pause would outlast most runs.
const LONGEST_BACKOFF: Duration = Duration::from_secs(60);

/// Why work should end before it is done.
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
    pub fn exit(self) -> Exit {
        match self {
            StopReason::Interrupted => Exit::Interrupted,
            StopReason::Terminated => Exit::Terminated,
            StopReason::TimeUp => Exit::Budget,
        }
    }
}

/// What tells the work to end: a signal, or the end of the time allowed.
#[derive(Debug, Default)]
pub struct Stop {
    signal: std::sync::Arc<AtomicUsize>,
    deadline: OnceLock<Instant>,
}

impl Stop {
    /// Ends this work on SIGINT and SIGTERM: the first asks to stop, a second one ends the process at once.
    pub fn on_signals() -> std::io::Result<Stop> {
        use signal_hook::consts::{SIGINT, SIGTERM};
        let stop = Stop::default();
        let armed = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        for (signal, status) in [(SIGINT, 130), (SIGTERM, 143)] {
            // In this order: the second signal finds the flag that the first one set.
            signal_hook::flag::register_conditional_shutdown(signal, status, armed.clone())?;
        }
        for signal in [SIGINT, SIGTERM] {
            signal_hook::flag::register(signal, armed.clone())?;
            signal_hook::flag::register_usize(signal, stop.signal.clone(), usize::try_from(signal).unwrap_or(1))?;
        }
        Ok(stop)
    }

    /// Ends the work when this much time has passed.
    pub fn after(&self, most: Duration) {
        if let Some(deadline) = Instant::now().checked_add(most) {
            let _ = self.deadline.set(deadline);
        }
    }

    /// Whether to end, and why.
    pub fn reason(&self) -> Option<StopReason> {
        match self.signal.load(Ordering::Relaxed) {
            0 => self.deadline.get().filter(|at| Instant::now() >= **at).map(|_| StopReason::TimeUp),
            2 => Some(StopReason::Interrupted),
            _ => Some(StopReason::Terminated),
        }
    }

    /// Sleeps, but not past a reason to end.
    pub fn sleep(&self, pause: Duration) -> Result<(), StopReason> {
        let end = Instant::now() + pause;
        loop {
            if let Some(reason) = self.reason() {
                return Err(reason);
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            std::thread::sleep(left.min(WAIT_SLICE));
        }
    }
}

/// A whole answer.
#[derive(Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, as long as its `Content-Length` said.
    pub body: Vec<u8>,
}

impl Reply {
    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// How long `Retry-After` asks to wait: seconds, or a date.
    pub fn retry_after(&self, now: Timestamp) -> Option<Duration> {
        let text = self.header("retry-after")?.trim();
        if let Ok(seconds) = text.parse::<f64>() {
            return Duration::try_from_secs_f64(seconds.max(0.0)).ok();
        }
        let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
        Some(Duration::try_from(date.duration_since(now)).unwrap_or_default())
    }

    /// The beginning of the body in one line, for an error message.
    pub fn excerpt(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        let line: Vec<&str> = text.split_whitespace().collect();
        crate::text::shortened(&crate::text::harmless(&line.join(" ")), 200)
    }
}

/// An exchange that brought no whole answer.
#[derive(Debug)]
pub struct NoAnswer {
    /// Whether the request certainly never reached the other side: then nothing can have been done.
    pub never_sent: bool,
    /// Why, without the address (it may hold personal data in a filter).
    pub why: String,
}

/// The HTTP client with the settings of `[network]`.
#[derive(Debug)]
pub struct Http {
    client: OnceLock<Client>,
    network: crate::config::Network,
}

impl Http {
    /// Takes the settings; the client itself is made at the first request, since it needs certificates.
    pub fn new(network: crate::config::Network) -> Http {
        Http { client: OnceLock::new(), network }
    }

    /// The settings.
    pub fn network(&self) -> &crate::config::Network {
        &self.network
    }

    /// The client to build a request with.
    pub fn client(&self) -> anyhow::Result<&Client> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        // reqwest without a default provider panics unless one is installed; a second installation is harmless.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .timeout(self.network.timeout)
            .connect_timeout(CONNECT_TIMEOUT.min(self.network.timeout))
            // Neither API redirects. Followed, a login would become a GET, and a filter could reach a stranger.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("hopem-sync/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| {
                Failure::new(Exit::Failed, RunText::NoHttpClient {})
                    .help(RunText::InstallCertificates {})
                    .because(error)
            })?;
        Ok(self.client.get_or_init(|| client))
    }

    /// Sends one request and reads its whole answer.
    pub fn exchange(&self, request: RequestBuilder) -> Result<Reply, NoAnswer> {
        let response = request.send().map_err(no_answer)?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let body = response.bytes().map_err(no_answer)?.to_vec();
        Ok(Reply { status, headers, body })
    }

    /// The pause before attempt number `attempt` (the first repetition is 1): full jitter under a doubling ceiling.
    pub fn backoff(&self, attempt: u32) -> Duration {
        ceiling(self.network.retry_base, attempt).mul_f64(random_fraction())
    }
}

/// The longest that the pause before a repetition may be.
fn ceiling(base: Duration, attempt: u32) -> Duration {
    let factor = 2u32.saturating_pow(attempt.saturating_sub(1));
    base.saturating_mul(factor).min(LONGEST_BACKOFF.max(base))
}

fn no_answer(error: reqwest::Error) -> NoAnswer {
    let never_sent = error.is_connect() || error.is_builder();
    let timed_out = error.is_timeout();
    let error = error.without_url();
    let mut why = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(inner) = source {
        let line = inner.to_string();
        if !why.contains(&line) {
            why = format!("{why}: {line}");
        }
        source = inner.source();
    }
    if timed_out && !why.contains("timed out") {
        why.push_str(": timed out");
    }
    NoAnswer { never_sent, why }
}

/// A random number from the operating system's seed of the standard hash maps; good enough for jitter and unique names.
pub fn random() -> u64 {
    RandomState::new().hash_one(Instant::now())
}

fn random_fraction() -> f64 {
    // 53 bits fill a float's mantissa exactly.
    (random() >> 11) as f64 / (1u64 << 53) as f64
}

/// What a wait says before it begins, where somebody watches.
pub trait Waiting: Sync {
    /// Says what is waited for and how long at most.
    fn waits(&self, why: &Message, at_most: Duration);
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

    fn reply(retry_after: &str) -> Reply {
        let mut headers = HeaderMap::new();
        headers.insert("retry-after", retry_after.parse().expect("a header value"));
        Reply { status: 429, headers, body: b"<html>\n  <b>Too\tmany</b>".to_vec() }
    }

    #[test]
    fn retry_after_is_understood_as_seconds_and_as_a_date() {
        let now: Timestamp = "2026-11-22T05:00:00Z".parse().expect("a time");
        assert_eq!(reply("7").retry_after(now), Some(Duration::from_secs(7)));
        assert_eq!(reply("Sun, 22 Nov 2026 05:01:30 GMT").retry_after(now), Some(Duration::from_secs(90)));
        assert_eq!(reply("Sun, 22 Nov 2026 04:00:00 GMT").retry_after(now), Some(Duration::ZERO));
        assert_eq!(reply("soon").retry_after(now), None);
        assert_eq!(reply("1").excerpt(), "<html> <b>Too many</b>");
    }

    #[test]
    fn a_wait_ends_at_once_when_the_time_allowed_is_over() {
        let stop = Stop::default();
        stop.after(Duration::ZERO);
        assert_eq!(stop.sleep(Duration::from_secs(60)), Err(StopReason::TimeUp));
    }
}
