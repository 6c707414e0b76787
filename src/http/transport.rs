//! The way out: what sends requests, and how it is done over the real network.
//!
//! Everything that the other side decides is bounded here: how long it takes, how large an answer is once it is unpacked, where
//! a request goes.
#![allow(clippy::disallowed_methods, reason = "the one place that waits for answers of real servers")]

use super::arrival::{Arrival, Ticket};
use super::certificates::unusable_certificates;
use super::exchange::{NoAnswer, NoAnswerCause, Reply, Request};
use super::obstacle::{NameNotFound, Obstacle};
use super::proxy::proxy_to;
use crate::clock::Clock;
use crate::failure::{Exit, Failure};
use crate::message::{Message, NetworkText, RunText, Why};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::LOCATION;
use reqwest::{Client, Response, Url};
use rustix::io::Errno;
use std::collections::HashMap;
use std::fmt;
use std::net::ToSocketAddrs;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// Longest time to wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// The largest body of an answer, in bytes, unpacked; a page of 5,000 records is a tenth of it.
pub(crate) const LARGEST_BODY: usize = 128 * 1024 * 1024;
/// How much of an error's body is read, in bytes, unpacked.
pub(crate) const LARGEST_ERROR: usize = 1024 * 1024;

/// Settings of how requests are sent.
#[derive(Debug, Clone)]
pub struct ClientSettings {
    /// How long a whole exchange may take.
    pub timeout: Duration,
    /// Whether no proxy is used, whatever the environment says.
    pub ignores_proxies: bool,
}

/// Way out to both APIs.
pub trait Transport: fmt::Debug + Send + Sync {
    /// Opens a channel for one event loop.
    ///
    /// # Errors
    /// Where nothing can be sent at all: no certificates, too few threads or handles.
    fn open(&self, settings: &ClientSettings) -> anyhow::Result<Box<dyn Channel>>;
}

/// Channel of one event loop: requests out, answers in. Dropped, it gives up what is under way.
pub trait Channel: Send {
    /// Sends a request.
    fn submit(&mut self, ticket: Ticket, request: Request);
    /// The next answer, waited for until then. Of what was abandoned none comes.
    fn next(&mut self, until: Instant) -> Option<Arrival>;
    /// Gives a request up: its connection is closed.
    fn abandon(&mut self, ticket: Ticket);
}

/// Transport over the real network: one thread that does nothing else, so that whoever waits for an answer can leave.
#[derive(Debug)]
pub(crate) struct Reqwest {
    clock: Clock,
    jobs: OnceLock<mpsc::UnboundedSender<Job>>,
}

impl Reqwest {
    /// Nothing is started yet.
    pub(crate) fn new(clock: Clock) -> Reqwest {
        Reqwest { clock, jobs: OnceLock::new() }
    }
}

impl Transport for Reqwest {
    fn open(&self, settings: &ClientSettings) -> anyhow::Result<Box<dyn Channel>> {
        let jobs = match self.jobs.get() {
            Some(jobs) => jobs,
            None => {
                let jobs = start(settings, self.clock.clone()).map_err(cannot_start)?;
                self.jobs.get_or_init(|| jobs)
            }
        };
        let (sender, arrivals) = channel();
        Ok(Box::new(Requests {
            jobs: jobs.clone(),
            sender,
            arrivals,
            clock: self.clock.clone(),
            under_way: HashMap::new(),
        }))
    }
}

/// Begins the thread that sends.
fn start(settings: &ClientSettings, clock: Clock) -> anyhow::Result<mpsc::UnboundedSender<Job>> {
    // reqwest without a default provider panics unless one is installed; a second installation is harmless.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut client = Client::builder()
        .timeout(settings.timeout)
        .connect_timeout(CONNECT_TIMEOUT.min(settings.timeout))
        // Neither API redirects. Followed, a login would become a GET, and a filter could reach a stranger.
        .redirect(reqwest::redirect::Policy::none())
        .dns_resolver(Arc::new(Names))
        .user_agent(concat!("hopem-sync/", env!("CARGO_PKG_VERSION")));
    if settings.ignores_proxies {
        client = client.no_proxy();
    }
    let client = client.build()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    let (jobs, mut waiting) = mpsc::unbounded_channel();
    std::thread::Builder::new().name("http".to_owned()).spawn(move || {
        runtime.block_on(async {
            while let Some(job) = waiting.recv().await {
                tokio::spawn(work(client.clone(), job, clock.clone()));
            }
        });
    })?;
    Ok(jobs)
}

/// Why nothing can be sent at all.
fn cannot_start(error: anyhow::Error) -> Failure {
    let (what, help) = match error.downcast_ref::<std::io::Error>() {
        Some(_) => (RunText::NoThread {}, RunText::RaiseLimits {}),
        None => (RunText::NoHttpClient {}, RunText::InstallCertificates {}),
    };
    let help = unusable_certificates()
        .filter(|_| help == RunText::InstallCertificates {})
        .map_or(Message::from(help), Message::from);
    // What wraps it says nothing.
    Failure::new(Exit::Failed, what).help(help).because(anyhow::anyhow!(error.root_cause().to_string()))
}

/// Channel to the thread that sends.
struct Requests {
    jobs: mpsc::UnboundedSender<Job>,
    sender: Sender<Arrival>,
    arrivals: Receiver<Arrival>,
    clock: Clock,
    /// Dropped, each tells the thread that nobody waits any more.
    under_way: HashMap<Ticket, oneshot::Sender<()>>,
}

impl Channel for Requests {
    fn submit(&mut self, ticket: Ticket, request: Request) {
        let (interest, abandoned) = oneshot::channel();
        self.under_way.insert(ticket, interest);
        let answer = Answer { ticket, arrivals: self.sender.clone(), is_given: false };
        // Where the thread is gone, the answer is dropped here, and says so.
        let _ = self.jobs.send(Job { request, answer, abandoned });
    }

    fn next(&mut self, until: Instant) -> Option<Arrival> {
        loop {
            let arrival = self.arrivals.recv_timeout(self.clock.until(until)).ok()?;
            if self.under_way.remove(&arrival.ticket).is_some() {
                return Some(arrival);
            }
        }
    }

    fn abandon(&mut self, ticket: Ticket) {
        self.under_way.remove(&ticket);
    }
}

/// Request on its way to the thread that sends.
#[derive(Debug)]
struct Job {
    request: Request,
    answer: Answer,
    abandoned: oneshot::Receiver<()>,
}

/// Answer that is owed to whoever asked: dropped, it sends one, also where the thread panics.
#[derive(Debug)]
struct Answer {
    ticket: Ticket,
    arrivals: Sender<Arrival>,
    is_given: bool,
}

impl Answer {
    fn give(&mut self, took: Duration, outcome: Result<Reply, NoAnswer>) {
        self.is_given = true;
        // Whoever asked may have left.
        let _ = self.arrivals.send(Arrival { ticket: self.ticket, took, outcome });
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        if !self.is_given {
            self.give(Duration::ZERO, Err(NoAnswer::broken("the thread that sends broke off")));
        }
    }
}

async fn work(client: Client, job: Job, clock: Clock) {
    let Job { request, mut answer, abandoned } = job;
    let began = clock.instant();
    tokio::select! {
        outcome = exchange(&client, request) => answer.give(clock.since(began), outcome),
        _ = abandoned => {}
    }
}

async fn exchange(client: &Client, request: Request) -> Result<Reply, NoAnswer> {
    let mut builder = client.request(request.method, &request.url);
    for (name, value) in request.headers {
        builder = builder.header(name, value);
    }
    if let Some(body) = request.body {
        builder = builder.body(body);
    }
    if let Some(timeout) = request.timeout {
        builder = builder.timeout(timeout);
    }
    let response = builder.send().await.map_err(|error| no_answer(error, None))?;
    let (status, headers) = (response.status(), response.headers().clone());
    let redirect = if status.is_redirection() { redirect(&response) } else { None };
    let body = if status.is_success() { whole(response).await? } else { beginning(response).await };
    Ok(Reply { status: status.as_u16(), headers, body, redirect, ..Reply::default() })
}

/// Where a redirect points, without query and login.
fn redirect(response: &Response) -> Option<String> {
    let location = response.headers().get(LOCATION)?.to_str().ok()?;
    Some(shown(response.url().join(location).ok()?))
}

fn shown(mut url: Url) -> String {
    url.set_query(None);
    url.set_fragment(None);
    // Only an address without a host has neither.
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    url.into()
}

/// The whole body, unpacked step by step.
async fn whole(mut response: Response) -> Result<Vec<u8>, NoAnswer> {
    let too_large = || {
        let why = NetworkText::TooLarge { megabytes: (LARGEST_BODY / 1024 / 1024) as u64 }.into();
        NoAnswer { never_sent: false, cause: NoAnswerCause::TooLarge, why }
    };
    if response.content_length().is_some_and(|length| length > LARGEST_BODY as u64) {
        return Err(too_large());
    }
    let (mut body, url) = (Vec::new(), response.url().clone());
    while let Some(chunk) = response.chunk().await.map_err(|error| no_answer(error, Some(&url)))? {
        if body.len() + chunk.len() > LARGEST_BODY {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The beginning of a body: who refuses may say as much as he likes.
async fn beginning(mut response: Response) -> Vec<u8> {
    let mut body = Vec::new();
    // Where it breaks off, its status says enough.
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = LARGEST_ERROR - body.len();
        body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
        if chunk.len() >= room {
            break;
        }
    }
    body
}

/// `url`: where the answer came from, which an error amid its body does not know.
fn no_answer(error: reqwest::Error, url: Option<&Url>) -> NoAnswer {
    let never_sent = error.is_connect() || error.is_builder();
    let (host, proxy) = {
        let url = error.url().or(url);
        (url.and_then(host_of).unwrap_or_default(), url.and_then(proxy_to))
    };
    let error = error.without_url();
    let links = || std::iter::successors(Some(&error as &dyn std::error::Error), |link| link.source());
    let has_no_handles = links().any(|link| link.downcast_ref().is_some_and(is_out_of_handles));
    let is_silent = error.is_connect() && error.is_timeout();
    let obstacle = if is_silent { Some(Obstacle::Silence) } else { Obstacle::of(&error) };
    // The innermost words are those of the system, or of the library that met it.
    let innermost = links().last().map(ToString::to_string).unwrap_or_default();
    let cause = match () {
        () if has_no_handles => NoAnswerCause::NoHandles,
        () if error.is_timeout() => NoAnswerCause::TimedOut,
        () => NoAnswerCause::Broken,
    };
    let why = match (cause, obstacle) {
        (NoAnswerCause::NoHandles, _) => Why::from(innermost).remedy(RunText::RaiseLimits {}),
        (_, Some(obstacle)) => obstacle.why(&host, proxy.as_deref(), unusable_certificates).because(innermost),
        (NoAnswerCause::TimedOut, None) => NetworkText::TooSlow { host }.into(),
        _ => NetworkText::BrokenOff { host, why: innermost.into() }.into(),
    };
    NoAnswer { never_sent, cause, why }
}

/// The host that an address leads to, with its port where that is not the usual one.
fn host_of(url: &Url) -> Option<String> {
    Some(match url.port() {
        Some(port) => format!("{}:{port}", url.host_str()?),
        None => url.host_str()?.to_owned(),
    })
}

/// Whether the system gives this process, or all of them, no more open files.
fn is_out_of_handles(error: &std::io::Error) -> bool {
    matches!(Errno::from_io_error(error), Some(Errno::MFILE | Errno::NFILE))
}

/// Looks names up, each on a thread of its own: the system's look-up cannot be abandoned, and a thread that the system does
/// not give is an error here, not a crash.
struct Names;

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let (sender, receiver) = oneshot::channel();
        let begun = std::thread::Builder::new().name("names".to_owned()).spawn(move || {
            let found = (name.as_str(), 0).to_socket_addrs().map(Iterator::collect::<Vec<_>>).map_err(NameNotFound);
            // Whoever asked may have left.
            let _ = sender.send(found);
        });
        Box::pin(async move {
            begun?;
            let addresses: Addrs = Box::new(receiver.await??.into_iter());
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_is_reported_without_query_and_login() {
        let url = Url::parse("https://svc:pw@h.example:8443/api/Token?key=1#x").expect("an address");
        assert_eq!(shown(url), "https://h.example:8443/api/Token");
    }

    #[test]
    fn too_few_handles_are_distinguished_from_other_errors() {
        for (error, is_out) in [(Errno::MFILE, true), (Errno::NFILE, true), (Errno::CONNREFUSED, false)] {
            assert_eq!(is_out_of_handles(&error.into()), is_out, "{error}");
        }
        assert!(!is_out_of_handles(&std::io::Error::other("Too many open files (os error 24)")), "by its words");
    }

    #[test]
    fn names_are_looked_up_by_the_system() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let found = |name: &str| runtime.block_on(Names.resolve(name.parse().expect("a name")));
        assert!(found("localhost").expect("an address").all(|address| address.ip().is_loopback()));
        assert!(found("no-such-host.invalid").is_err());
    }
}
