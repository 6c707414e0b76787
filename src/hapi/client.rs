//! The way to HApi: one queue of requests for all that is asked, on one thread, and the token that they carry.

use super::error::ReadError;
use super::question::{Circumstances, Question};
use super::token::{Token, TokenFile};
use super::{Access, ApiKeyOn};
use crate::clock::Clock;
use crate::http::{Arrival, Http, Next, NoAnswer, Queue, Reply, Request, Stop, StopReason, Ticket};
use crate::message::{HapiText, Message};
use crate::progress::Progress;
use crate::secret::Secret;
use jiff::SignedDuration;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Client of HApi. Nothing is sent before the first question.
#[derive(Debug)]
pub struct Client<'a> {
    pub(super) http: &'a Http,
    pub(super) access: Access<'a>,
    pub(super) stop: &'a Stop,
    pub(super) tokens: TokenFile,
    pub(super) password: Secret,
    pub(super) api_key: Secret,
    calls: Cell<u64>,
    skew: Cell<Option<SignedDuration>>,
    watcher: RefCell<Watcher>,
    connection: RefCell<Connection>,
}

/// Watcher of what is waited for, where there is one.
#[derive(Default)]
struct Watcher(Option<Arc<dyn Progress>>);

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[watcher]")
    }
}

/// Connection to HApi: the requests under way, and the answers that came while another one was waited for.
#[derive(Debug)]
struct Connection {
    queue: Queue,
    set_aside: Vec<Arrival>,
}

impl Connection {
    /// What comes next of what is waited for, but not past `until`.
    fn next(&mut self, is_awaited: impl Fn(Ticket) -> bool, until: Option<Instant>) -> Next {
        if let Some(place) = self.set_aside.iter().position(|arrival| is_awaited(arrival.ticket)) {
            return Next::Arrived(self.set_aside.remove(place));
        }
        loop {
            match self.queue.next(until) {
                Next::Arrived(arrival) if !is_awaited(arrival.ticket) => self.set_aside.push(arrival),
                next => return next,
            }
        }
    }

    fn abandon(&mut self, ticket: Ticket) {
        self.set_aside.retain(|arrival| arrival.ticket != ticket);
        self.queue.abandon(ticket);
    }
}

impl<'a> Client<'a> {
    /// Takes the settings and reads the secrets.
    ///
    /// # Errors
    /// Where a secret cannot be read.
    pub fn new(http: &'a Http, access: Access<'a>, stop: &'a Stop, tokens: TokenFile) -> anyhow::Result<Client<'a>> {
        let settings = access.settings;
        let password = settings.password.read()?;
        let api_key = settings.api_key.read()?;
        http.masks().add_login(access.username, password.expose());
        http.masks().add(api_key.expose());
        let connection = RefCell::new(Connection { queue: http.queue(), set_aside: Vec::new() });
        Ok(Client {
            http,
            access,
            stop,
            tokens,
            password,
            api_key,
            calls: Cell::new(0),
            skew: Cell::new(None),
            watcher: RefCell::default(),
            connection,
        })
    }

    /// Tells somebody else, from now on, what is waited for.
    pub(crate) fn watch(&self, progress: Arc<dyn Progress>) {
        *self.watcher.borrow_mut() = Watcher(Some(progress));
    }

    /// A pause before HApi is asked again begins; `None`: it is over. About one of half a second nobody wonders; others are named in
    /// whole seconds.
    pub(super) fn waiting(&self, pause: Option<Duration>) {
        let pause = pause.filter(|pause| *pause > Duration::from_millis(500));
        let pause = pause.map(|pause| Duration::from_secs(pause.as_secs_f64().ceil() as u64));
        if let Some(progress) = &self.watcher.borrow().0 {
            let why: Message = HapiText::WaitingForHapi {}.into();
            progress.waiting(pause.map(|pause| (&why, pause)));
        }
    }

    /// The clock of the work.
    pub(crate) fn clock(&self) -> &Clock {
        self.http.clock()
    }

    /// Requests sent so far, logins included.
    pub(crate) fn calls(&self) -> u64 {
        self.calls.get()
    }

    /// Why no more should be asked, if so.
    pub(crate) fn stop_reason(&self) -> Option<StopReason> {
        self.stop.reason()
    }

    /// The address of an entity set.
    pub(crate) fn address(&self, endpoint: &str) -> String {
        format!("{}/api/{endpoint}", self.access.url)
    }

    /// The address that everything is behind.
    pub(crate) fn root(&self) -> &str {
        self.access.url
    }

    /// A request for what is public.
    pub(super) fn without_login(&self, url: &str) -> Request {
        let request = Request::get(url).header("accept", "application/json, */*");
        match self.access.settings.api_key_on {
            ApiKeyOn::All => request.header("x-api-key", self.api_key.expose()),
            ApiKeyOn::Token => request,
        }
    }

    /// How far the clock is ahead of HApi's, by its last answer.
    pub(crate) fn skew(&self) -> Option<SignedDuration> {
        self.skew.get()
    }

    /// How an answer that comes now is judged.
    pub(super) fn circumstances(&self) -> Circumstances<'_> {
        Circumstances {
            now: self.clock().now(),
            policy: self.http.retry(),
            jitter: self.http.random().fraction(),
            masks: self.http.masks(),
        }
    }

    /// Sends a question once.
    pub(super) fn send<T>(&self, question: &Question<'_, T>, token: &Token) -> Result<Ticket, ReadError> {
        self.http.masks().add(token.expose());
        let mut request = Request::new(question.method.clone(), question.url.as_str())
            .header("accept", "application/json")
            .header("authorization", format!("Bearer {}", token.expose()));
        if self.access.settings.api_key_on == ApiKeyOn::All {
            request = request.header("x-api-key", self.api_key.expose());
        }
        if let Some(body) = &question.body {
            request = request.header("content-type", "application/json").body(body);
        }
        self.submit(request).map_err(ReadError::Fatal)
    }

    /// What comes next of what is waited for, but not past `until`.
    pub(super) fn next(&self, is_awaited: impl Fn(Ticket) -> bool, until: Option<Instant>) -> Next {
        let next = self.connection.borrow_mut().next(is_awaited, until);
        if let Next::Arrived(Arrival { outcome: Ok(reply), .. }) = &next {
            self.skew.set(reply.skew(self.clock().now()).or(self.skew.get()));
        }
        next
    }

    /// Gives a request up.
    pub(super) fn abandon(&self, ticket: Ticket) {
        self.connection.borrow_mut().abandon(ticket);
    }

    /// Sends one request and waits for its answer, whatever else is under way.
    pub(super) fn exchange(&self, request: Request) -> anyhow::Result<Result<Reply, NoAnswer>> {
        let ticket = self.submit(request)?;
        loop {
            match self.next(|other| other == ticket, None) {
                Next::Arrived(arrival) => return Ok(arrival.outcome),
                // The queue still delivers the answer, or the news that it was given up.
                Next::Stopped(_) => {}
                Next::Woke => return Ok(Err(NoAnswer::unsent("nothing was asked"))),
            }
        }
    }

    fn submit(&self, request: Request) -> anyhow::Result<Ticket> {
        self.calls.update(|calls| calls + 1);
        self.connection.borrow_mut().queue.submit(request)
    }
}
