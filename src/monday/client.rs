//! One call to monday: sending it.

use super::document::Document;
use super::outcome::{Outcome, judge};
use crate::config::{Monday, Secret};
use crate::http::{Http, Request};

/// The client: shared by all threads that call.
#[derive(Debug)]
pub struct Client<'a> {
    http: &'a Http,
    settings: &'a Monday,
    token: Secret,
}

/// A call that was sent, and what it came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    /// What it came to.
    pub outcome: Outcome,
    /// Whether monday gave the answer that it kept for the idempotency key.
    pub is_replayed: bool,
}

impl<'a> Client<'a> {
    /// Takes the settings and reads the token; nothing is sent yet.
    pub fn new(http: &'a Http, settings: &'a Monday) -> anyhow::Result<Client<'a>> {
        let token = settings.token.read()?;
        http.masks().add(token.expose());
        Ok(Client { http, settings, token })
    }

    /// The settings of `[network]` and the pauses.
    pub fn http(&self) -> &Http {
        self.http
    }

    /// Sends a question.
    ///
    /// # Errors
    /// Where there is no HTTP client to send with.
    pub fn ask(&self, document: &Document) -> anyhow::Result<Outcome> {
        Ok(self.send(document.body(), None)?.outcome)
    }

    /// Sends a body exactly as it is; `idempotency_key` belongs to mutations.
    ///
    /// # Errors
    /// Where there is no HTTP client to send with.
    pub fn send(&self, body: String, idempotency_key: Option<&str>) -> anyhow::Result<Sent> {
        let mut request = Request::post(&self.settings.url)
            .header("content-type", "application/json")
            .header("accept", "application/json")
            // Raw, as all of monday's own samples have it.
            .header("authorization", self.token.expose())
            .header("api-version", &self.settings.api_version);
        if let Some(key) = idempotency_key {
            request = request.header("idempotency-key", key);
        }
        let exchange = self.http.exchange(request.body(body))?;
        let is_replayed = exchange.as_ref().is_ok_and(|reply| reply.header("idempotency-replayed") == Some("true"));
        Ok(Sent { outcome: judge(exchange, self.http.clock().now()), is_replayed })
    }
}
