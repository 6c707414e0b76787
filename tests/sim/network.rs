//! The way of a request through the simulated network, and what goes wrong on it.

use crate::deeds;
use crate::fault::{Effect, FaultKind};
use crate::world::{Event, World};
use hopem_sandbox::{Request, Response};
use hopem_sync::http::{Arrival, NoAnswer, NoAnswerCause, Reply, Request as Sent, Ticket};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use std::time::Duration;

/// Where HApi is.
pub(crate) const HAPI_URL: &str = "https://hapi.example";
/// Where monday is.
pub(crate) const MONDAY_URL: &str = "https://monday.example/v2";

/// Who a request is for, and what it wants there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Addressee {
    /// HApi: a login.
    Login,
    /// HApi: records, or anything else behind the login.
    Records,
    /// monday: to change something.
    Changes,
    /// monday: only to look.
    Looks,
    /// monday's store of files: no call of its API.
    Files,
}

impl Addressee {
    pub(crate) fn of(request: &Request, is_hapi: bool) -> Addressee {
        let is_change = || String::from_utf8_lossy(&request.body).contains(r#""query":"mutation"#);
        match is_hapi {
            true if request.path.ends_with("/api/Token") => Addressee::Login,
            true => Addressee::Records,
            false if request.path.starts_with("/bulk-uploads/") => Addressee::Files,
            false if is_change() => Addressee::Changes,
            false => Addressee::Looks,
        }
    }

    pub(crate) fn is_hapi(self) -> bool {
        matches!(self, Addressee::Login | Addressee::Records)
    }
}

/// A request on its way, and what is to become of it.
pub(crate) struct Exchange {
    channel: u64,
    ticket: Ticket,
    to: Addressee,
    request: Request,
    began: Duration,
    gives_up: Duration,
    number: u64,
    fault: Option<&'static FaultKind>,
    /// Whether the client waits no longer: the work is done, and nobody hears of it.
    is_given_up: bool,
}

impl Exchange {
    fn effect(&self) -> Option<Effect> {
        self.fault.map(|fault| fault.effect)
    }
}

impl World {
    /// How long a request or an answer is on its way.
    fn way(&mut self) -> Duration {
        Duration::from_micros(5_000 + self.dice.below(120_000))
    }

    /// The client sends a request.
    pub(crate) fn submit(&mut self, channel: u64, ticket: Ticket, sent: Sent) {
        let is_hapi = sent.url.starts_with(HAPI_URL);
        let gives_up = self.passed + sent.timeout.expect("a request that is sent has a timeout");
        let request = as_received(sent);
        let to = Addressee::of(&request, is_hapi);
        let (number, fault) = self.strike(to);
        self.trace_of(number, &request);
        self.note_state(to, &request, fault);
        self.note_question(to, &request.body);
        if crate::is_verbose() {
            self.print_request(number, to, &request, fault);
        }
        let is_sent = !matches!(fault.map(|fault| fault.effect), Some(Effect::NoConnection));
        self.count_call(to, is_sent);
        let exchange =
            Exchange { channel, ticket, to, request, began: self.passed, gives_up, number, fault, is_given_up: false };
        let way = self.way();
        match is_sent {
            false => self.arrives(way, &exchange, Err(NoAnswer::unsent("connection refused"))),
            true => self.plan(way, Event::Reaches(exchange)),
        }
    }

    /// A request reaches its API.
    pub(crate) fn reaches(&mut self, mut exchange: Exchange) {
        match exchange.effect() {
            Some(Effect::LostBefore) => self.breaks(&exchange),
            Some(Effect::Instead(answer)) => {
                let rest = exchange.fault.and_then(FaultKind::rest);
                self.run.rests.extend(rest.map(|rest| (exchange.to.is_hapi(), self.passed + rest)));
                self.answer_with(&exchange, answer.response());
            }
            _ if exchange.to.is_hapi() => {
                let response = self.hapi.answer(&exchange.request);
                self.answer(&exchange, response);
            }
            effect => {
                self.monday.set_time(self.now());
                let ticket = self.monday.arrive(&exchange.request);
                let slow = if let Some(Effect::Slow(by)) = effect { by } else { self.way() };
                let takes = self.monday.time_for(ticket) + slow;
                if self.passed + takes > exchange.gives_up {
                    self.times_out(&exchange);
                    exchange.is_given_up = true;
                    self.was_given_up = true;
                }
                self.plan(takes, Event::IsDone(exchange, ticket));
            }
        }
    }

    /// monday has done what was asked.
    pub(crate) fn is_done(&mut self, exchange: Exchange, ticket: u64) {
        self.monday.set_time(self.now());
        if let Some(Effect::Arranged(arrange)) = exchange.effect() {
            arrange(&mut self.monday);
        }
        let before = deeds::values_written(&self.monday, &exchange.request.body);
        let response = self.monday.answer(ticket, &exchange.request);
        let after = before.iter().filter(|(item, column, shown)| deeds::shown(&self.monday, item, column) == *shown);
        self.idle += after.count() as u64;
        self.monday.clear_refusals();
        self.monday.leave(ticket);
        self.answer(&exchange, response);
    }

    /// An API has done its work and answers.
    fn answer(&mut self, exchange: &Exchange, response: Response) {
        match exchange.effect() {
            Some(Effect::LostAfter) => self.breaks(exchange),
            Some(Effect::Hang) => self.times_out(exchange),
            Some(Effect::After(answer)) => self.answer_with(exchange, answer.response()),
            Some(Effect::Rewritten(rewrite)) => self.answer_with(exchange, rewrite(&exchange.request, response)),
            _ => self.answer_with(exchange, response),
        }
    }

    fn answer_with(&mut self, exchange: &Exchange, response: Response) {
        self.run.refused_logins += u64::from(exchange.to == Addressee::Login && response.status == 401);
        let way = self.way();
        if self.passed + way > exchange.gives_up {
            return self.times_out(exchange);
        }
        self.arrives(way, exchange, Ok(reply(response)));
    }

    fn breaks(&mut self, exchange: &Exchange) {
        let way = self.way();
        self.arrives(way, exchange, Err(NoAnswer::broken("connection reset")));
    }

    fn times_out(&mut self, exchange: &Exchange) {
        let left = exchange.gives_up.saturating_sub(self.passed);
        let why = "operation timed out".to_owned();
        self.arrives(
            left,
            exchange,
            Err(NoAnswer { never_sent: false, cause: NoAnswerCause::TimedOut, why: why.into() }),
        );
    }

    fn arrives(&mut self, after: Duration, exchange: &Exchange, outcome: Result<Reply, NoAnswer>) {
        if exchange.is_given_up {
            return;
        }
        let took = self.passed + after - exchange.began;
        let arrival = Arrival { ticket: exchange.ticket, took, outcome };
        self.plan(after, Event::Arrives { channel: exchange.channel, number: exchange.number, arrival });
    }

    /// For who looks into one story: every request.
    fn print_request(&self, number: u64, to: Addressee, request: &Request, fault: Option<&FaultKind>) {
        let query = request.query.as_deref().unwrap_or_default();
        let body: String = String::from_utf8_lossy(&request.body).chars().take(600).collect();
        let fault = fault.map_or("", |fault| fault.name);
        eprintln!("{:>9.1} s #{number} {to:?} {fault} {}?{query} {body}", self.passed.as_secs_f64(), request.path);
    }

    fn trace_of(&mut self, number: u64, request: &Request) {
        let mut fold = |bytes: &[u8]| {
            for byte in bytes {
                self.trace = (self.trace ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3);
            }
        };
        fold(&number.to_le_bytes());
        fold(&self.passed.as_micros().to_le_bytes());
        fold(request.path.as_bytes());
        fold(request.query.as_deref().unwrap_or_default().as_bytes());
        fold(&request.body);
    }
}

/// A request as a server reads it.
fn as_received(sent: Sent) -> Request {
    let rest = sent.url.trim_start_matches("https://");
    let path_and_query = rest.find('/').map_or("/", |at| &rest[at..]);
    let (path, query) = match path_and_query.split_once('?') {
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (path_and_query, None),
    };
    Request {
        method: sent.method.as_str().to_owned(),
        path: path.to_owned(),
        query,
        headers: sent.headers.iter().map(|(name, value)| (name.to_lowercase(), value.clone())).collect(),
        body: sent.body.unwrap_or_default().into_bytes(),
    }
}

/// An answer as a client reads it.
fn reply(response: Response) -> Reply {
    let mut headers = HeaderMap::new();
    for (name, value) in &response.headers {
        let name: HeaderName = name.parse().expect("a header's name");
        headers.append(name, HeaderValue::from_str(value).expect("a header's value"));
    }
    Reply { status: response.status, headers, body: response.body, ..Reply::default() }
}
