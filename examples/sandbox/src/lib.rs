//! HApi and monday.com on loopback: two small servers that remember, that are strict, and that fail on demand.
//!
//! The tests of `hopem-sync` talk to them, the quickstart shows them to a newcomer, and the binary `hopem-sandbox` keeps
//! them running to play with. Nothing here knows `hopem-sync`.
#![allow(clippy::disallowed_methods, reason = "servers of their own")]

use std::io;
use std::sync::MutexGuard;
use std::time::Duration;

pub mod delivery;
pub mod faults;
pub mod hapi;
pub mod misbehaviour;
pub mod monday;
mod payload;
pub mod portfolio;
mod random;
pub mod server;
mod socket;

pub use delivery::{Delivery, DeliveryOutcome, Losses, RecordedDelivery, Retry};
pub use faults::{Api, Fault, RecordedRequest, Rule};
pub use hapi::{Event, Hapi, KINDS, Payload, Subscription};
pub use misbehaviour::{EchoForm, Misbehaviour};
pub use monday::Monday;
pub use portfolio::Portfolio;
pub use server::{Options, Request, Response};

use server::Server;

/// Both APIs, running until this is dropped.
///
/// All methods may be called from any thread and need no async runtime of the caller's.
#[derive(Debug)]
pub struct Sandbox {
    server: Server,
}

impl Sandbox {
    /// Starts both on free ports of 127.0.0.1 (or on those of `options`), without any record or board.
    ///
    /// # Errors
    /// When a port is taken, or the system gives no thread.
    pub fn start(options: Options) -> io::Result<Sandbox> {
        Ok(Sandbox { server: Server::start(options)? })
    }

    /// What goes into `[hapi] url`: the part before `/api`.
    pub fn hapi_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.server.port(Api::Hapi))
    }

    /// What goes into `[monday] url`.
    pub fn monday_url(&self) -> String {
        format!("http://127.0.0.1:{}/v2", self.server.port(Api::Monday))
    }

    /// The HApi half, to look into or to change. No request to HApi is answered while the guard lives.
    pub fn hapi(&self) -> MutexGuard<'_, Hapi> {
        self.server.state().hapi()
    }

    /// The monday half, to look into or to change. No request to monday is answered while the guard lives.
    pub fn monday(&self) -> MutexGuard<'_, Monday> {
        self.server.state().monday()
    }

    /// How long each answer of one API takes from now on.
    pub fn set_latency(&self, api: Api, latency: Duration) {
        self.server.state().traffic().set_latency(api, latency);
    }

    /// Adds a fault. The first rule that fits a request and still has `times` left decides.
    pub fn inject(&self, rule: Rule) {
        self.server.state().traffic().inject(rule);
    }

    /// What `Fault::Kill` calls, usually to kill the process under test. It may block.
    pub fn on_kill(&self, hook: Box<dyn FnMut() + Send>) {
        self.server.state().set_kill_hook(hook);
    }

    /// Forgets all rules, those in force included.
    pub fn clear_faults(&self) {
        self.server.state().traffic().clear_faults();
    }

    /// All requests to one API since the start or `clear_requests`, in the order of arrival.
    pub fn requests(&self, api: Api) -> Vec<RecordedRequest> {
        self.server.state().traffic().requests(api)
    }

    /// How many requests one API received since the start or `clear_requests`, those that met a fault included.
    pub fn request_count(&self, api: Api) -> usize {
        self.server.state().traffic().request_count(api)
    }

    /// The most requests that one API had in its hands at once, since the start or `clear_requests`.
    pub fn max_in_flight(&self, api: Api) -> usize {
        self.server.state().traffic().max_in_flight(api)
    }

    /// Forgets the recorded requests of both APIs.
    pub fn clear_requests(&self) {
        self.server.state().traffic().clear_requests();
    }

    /// How events are delivered from now on. Those that wait in the queue keep their fate, but their retries follow the
    /// new settings.
    pub fn set_delivery(&self, delivery: Delivery) {
        self.server.state().courier().set(delivery);
    }

    /// Delivers an event that nothing has caused, like `Hapi::announce`; says to how many addresses.
    pub fn deliver(&self, event: Event) -> usize {
        self.hapi().announce(event)
    }

    /// Delivers exactly this body, like `Hapi::announce_raw`; says to how many addresses.
    pub fn deliver_raw(&self, body: &str) -> usize {
        self.hapi().announce_raw(body)
    }

    /// Keeps all events back, those that wait for a delay or a retry included, until `release_deliveries`.
    pub fn hold_deliveries(&self) {
        self.server.state().courier().hold();
    }

    /// Undoes `hold_deliveries`. What was held is shuffled together, if anything is.
    pub fn release_deliveries(&self) {
        delivery::release(self.server.state());
    }

    /// All deliveries tried, in the order in which they ended, and the events lost, since the start or the last
    /// `clear_deliveries`.
    pub fn deliveries(&self) -> Vec<RecordedDelivery> {
        self.server.state().courier().records()
    }

    /// Forgets the recorded deliveries.
    pub fn clear_deliveries(&self) {
        self.server.state().courier().clear_records();
    }

    /// Waits until no event is on its way any more; says whether that was so in time. On its way is also what waits for a
    /// delay, for a retry, or to be released. Not to be called with a guard of `hapi` in hand.
    pub fn wait_for_deliveries(&self, timeout: Duration) -> bool {
        delivery::wait(self.server.state(), timeout)
    }
}
