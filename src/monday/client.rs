//! One call to monday: sending it.

use super::Settings;
use super::allowance::{Allowance, Room};
use super::document::Document;
use super::judge::judge;
use super::outcome::Outcome;
use crate::http::{Http, NoAnswer, Reply, Request};
use crate::secret::Secret;
use jiff::SignedDuration;
use std::cell::{Cell, RefCell};
use std::time::Instant;

/// Client of monday.
#[derive(Debug)]
pub(crate) struct Client<'a> {
    http: &'a Http,
    settings: &'a Settings,
    token: Secret,
    skew: Cell<Option<SignedDuration>>,
    allowance: RefCell<Allowance>,
}

/// Call that was sent, and what it came to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sent {
    /// What it came to.
    pub(crate) outcome: Outcome,
    /// Whether monday gave the answer that it kept for the idempotency key.
    pub(crate) is_replayed: bool,
}

impl<'a> Client<'a> {
    /// Takes the settings and reads the token; nothing is sent yet.
    ///
    /// # Errors
    /// Where there is no token.
    pub(crate) fn new(http: &'a Http, settings: &'a Settings) -> anyhow::Result<Client<'a>> {
        let token = settings.token.read()?;
        http.masks().add(token.expose());
        Ok(Client { http, settings, token, skew: Cell::new(None), allowance: RefCell::default() })
    }

    /// The settings of `[network]` and the pauses.
    pub(crate) fn http(&self) -> &Http {
        self.http
    }

    /// Sends a question and waits for its answer.
    ///
    /// # Errors
    /// Where there is no HTTP client to send with.
    pub(crate) fn ask(&self, document: &Document) -> anyhow::Result<Outcome> {
        Ok(self.judge(self.http.exchange(self.request(document.body(), None))?).outcome)
    }

    /// How far the clock is ahead of monday's, as its last answer said.
    pub(crate) fn skew(&self) -> Option<SignedDuration> {
        self.skew.get()
    }

    /// The request that carries a body exactly as it is; `idempotency_key` belongs to mutations.
    pub(crate) fn request(&self, body: String, idempotency_key: Option<&str>) -> Request {
        let request = Request::post(&self.settings.url)
            .header("content-type", "application/json")
            .header("accept", "application/json")
            // Raw, as all of monday's own samples have it.
            .header("authorization", self.token.expose())
            .header("api-version", &self.settings.api_version);
        let request = match idempotency_key {
            Some(key) => request.header("idempotency-key", key),
            None => request,
        };
        request.body(body)
    }

    /// Room for a call with so many changes, by what answers reported of monday's limits.
    pub(crate) fn room(&self, changes: usize) -> Room {
        self.allowance.borrow().room(changes, self.http.clock().instant())
    }

    /// When a question may be put, where the calls of this minute are spent.
    pub(crate) fn minute_is_spent(&self) -> Option<Instant> {
        self.allowance.borrow().minute_is_spent(self.http.clock().instant())
    }

    /// A call with so many changes is sent.
    pub(crate) fn begin(&self, changes: usize) {
        self.allowance.borrow_mut().begin(changes, self.http.clock().instant());
    }

    /// What a call with so many changes came to.
    pub(crate) fn end(&self, changes: usize, exchange: Result<Reply, NoAnswer>) -> Sent {
        self.allowance.borrow_mut().end(changes);
        let sent = self.judge(exchange);
        if let Some(points) = sent.outcome.points() {
            self.allowance.borrow_mut().learn(points, changes);
        }
        sent
    }

    /// What an exchange came to.
    pub(crate) fn judge(&self, exchange: Result<Reply, NoAnswer>) -> Sent {
        let now = self.http.clock().now();
        self.skew.set(exchange.as_ref().ok().and_then(|reply| reply.skew(now)).or(self.skew.get()));
        if let Ok(reply) = &exchange
            && let (Some(policy), Some(left)) = (reply.header("ratelimit-policy"), reply.header("ratelimit"))
        {
            self.allowance.borrow_mut().observe(policy, left, self.http.clock().instant());
        }
        let is_replayed = exchange.as_ref().is_ok_and(|reply| reply.header("idempotency-replayed") == Some("true"));
        Sent { outcome: judge(exchange, now), is_replayed }
    }
}
