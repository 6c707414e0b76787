//! What goes wrong on purpose, and the record of what came in. Knows requests as text only, nothing of either API.

use std::time::Duration;

use crate::misbehaviour::Misbehaviour;
use crate::server::{Request, percent_decode_lossy};

/// One of the two halves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Api {
    /// HApi, which is read.
    Hapi,
    /// monday.com, which is written.
    Monday,
}

/// What happens to a request instead of, or besides, its work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// This answer, without doing the work.
    Status {
        /// HTTP status.
        status: u16,
        /// Headers, as they are.
        headers: Vec<(String, String)>,
        /// Body, as it is.
        body: String,
    },
    /// Does the work and gives this answer instead of its own.
    AnswerAfter {
        /// HTTP status.
        status: u16,
        /// Headers, as they are.
        headers: Vec<(String, String)>,
        /// Body, as it is.
        body: String,
    },
    /// Closes the connection without doing the work.
    LostBefore,
    /// Does the work and closes the connection without an answer.
    LostAfter,
    /// Does the work and sends half of the body under the full Content-Length.
    CutBody,
    /// Calls the kill hook and closes the connection.
    Kill {
        /// Whether the work is done first.
        after_work: bool,
    },
    /// Waits (besides the latency), then goes on as usual.
    Delay(Duration),
    /// Does the work and never answers; ends when the client leaves.
    Hang,
    /// An answer that no client should have to bear.
    Misbehaves(Misbehaviour),
}

impl Fault {
    /// A redirect to another address.
    pub fn redirect(status: u16, to: &str) -> Fault {
        let headers = vec![("location".to_owned(), to.to_owned())];
        Fault::Status { status, headers, body: String::new() }
    }

    /// The work is done, and this is answered.
    pub fn answer_after(status: u16, body: &str) -> Fault {
        Fault::AnswerAfter { status, headers: Vec::new(), body: body.to_owned() }
    }

    /// This is answered, and no work is done.
    pub fn status(status: u16, body: &str) -> Fault {
        Fault::Status { status, headers: Vec::new(), body: body.to_owned() }
    }

    /// Whether the request gets as far as the API itself.
    pub(crate) fn does_the_work(&self) -> bool {
        match self {
            Fault::Status { .. } | Fault::LostBefore | Fault::Kill { after_work: false } => false,
            Fault::AnswerAfter { .. }
            | Fault::LostAfter
            | Fault::CutBody
            | Fault::Kill { after_work: true }
            | Fault::Delay(_)
            | Fault::Hang => true,
            Fault::Misbehaves(how) => how.does_the_work(),
        }
    }
}

/// Which requests meet a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Requests to this half.
    pub api: Api,
    /// Only those with this text in `METHOD path?query` (percent-decoded) or in the body.
    pub contains: Option<String>,
    /// How many fitting requests pass first.
    pub skip: u32,
    /// How many fitting requests meet the fault after that.
    pub times: u32,
    /// What happens to them.
    pub fault: Fault,
}

impl Rule {
    /// The next request to `api` meets `fault`, once.
    pub fn once(api: Api, fault: Fault) -> Rule {
        Rule { api, contains: None, skip: 0, times: 1, fault }
    }

    /// Every request to `api` meets `fault`, until the faults are cleared.
    pub fn always(api: Api, fault: Fault) -> Rule {
        Rule { api, contains: None, skip: 0, times: u32::MAX, fault }
    }

    /// The same, only for requests that contain `text`.
    #[must_use]
    pub fn containing(self, text: &str) -> Rule {
        Rule { contains: Some(text.to_owned()), ..self }
    }

    /// The same, after `count` fitting requests have passed.
    #[must_use]
    pub fn after(self, count: u32) -> Rule {
        Rule { skip: count, ..self }
    }

    fn fits(&self, api: Api, line: &str, body: &str) -> bool {
        self.api == api && self.contains.as_deref().is_none_or(|text| line.contains(text) || body.contains(text))
    }
}

/// A request that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedRequest {
    /// Running number over both halves, from 1.
    pub number: u64,
    /// The half that was asked.
    pub api: Api,
    /// Method in capitals.
    pub method: String,
    /// Path, as sent.
    pub path: String,
    /// Query, percent-decoded.
    pub query: Option<String>,
    /// Headers with lower-case names.
    pub headers: Vec<(String, String)>,
    /// Body; what is not UTF-8 is replaced.
    pub body: String,
    /// The status answered; `None` while it is being worked on, and when no answer was sent.
    pub status: Option<u16>,
    /// Whether another request to the same half was being worked on at some time meanwhile.
    pub overlapped: bool,
}

impl RecordedRequest {
    /// A header by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What one half is to do with a request that just came in.
pub(crate) struct Arrival {
    pub(crate) number: u64,
    pub(crate) fault: Option<Fault>,
    pub(crate) wait: Duration,
}

/// The rules, the latencies, and the record of both halves.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    rules: Vec<Rule>,
    requests: Vec<RecordedRequest>,
    last_number: u64,
    hapi: Half,
    monday: Half,
}

#[derive(Debug, Default)]
struct Half {
    latency: Duration,
    /// Numbers of the requests being worked on.
    in_flight: Vec<u64>,
    max_in_flight: usize,
}

impl Traffic {
    fn half(&mut self, api: Api) -> &mut Half {
        match api {
            Api::Hapi => &mut self.hapi,
            Api::Monday => &mut self.monday,
        }
    }

    pub(crate) fn set_latency(&mut self, api: Api, latency: Duration) {
        self.half(api).latency = latency;
    }

    pub(crate) fn inject(&mut self, rule: Rule) {
        self.rules.push(rule);
    }

    pub(crate) fn clear_faults(&mut self) {
        self.rules.clear();
    }

    pub(crate) fn requests(&self, api: Api) -> Vec<RecordedRequest> {
        self.requests.iter().filter(|request| request.api == api).cloned().collect()
    }

    pub(crate) fn request_count(&self, api: Api) -> usize {
        self.requests.iter().filter(|request| request.api == api).count()
    }

    pub(crate) fn max_in_flight(&self, api: Api) -> usize {
        match api {
            Api::Hapi => self.hapi.max_in_flight,
            Api::Monday => self.monday.max_in_flight,
        }
    }

    pub(crate) fn clear_requests(&mut self) {
        self.requests.clear();
        for half in [&mut self.hapi, &mut self.monday] {
            half.max_in_flight = half.in_flight.len();
        }
    }

    /// Records a request and says what is to become of it. `finish` ends what this begins.
    pub(crate) fn arrive(&mut self, api: Api, request: &Request) -> Arrival {
        let query = request.query.as_deref().map(percent_decode_lossy);
        let body = String::from_utf8_lossy(&request.body).into_owned();
        let path = percent_decode_lossy(&request.path);
        let line = match &query {
            Some(query) => format!("{} {path}?{query}", request.method),
            None => format!("{} {path}", request.method),
        };
        let fault = self.fault_for(api, &line, &body);
        self.last_number += 1;
        let number = self.last_number;
        let half = self.half(api);
        let others = half.in_flight.clone();
        half.in_flight.push(number);
        half.max_in_flight = half.max_in_flight.max(half.in_flight.len());
        let mut wait = half.latency;
        if let Some(Fault::Delay(delay)) = &fault {
            wait += *delay;
        }
        for request in &mut self.requests {
            if others.contains(&request.number) {
                request.overlapped = true;
            }
        }
        self.requests.push(RecordedRequest {
            number,
            api,
            method: request.method.clone(),
            path: request.path.clone(),
            query,
            headers: request.headers.clone(),
            body,
            status: None,
            overlapped: !others.is_empty(),
        });
        Arrival { number, fault, wait }
    }

    /// The record gets its status; `None` means that no answer goes out.
    pub(crate) fn answered(&mut self, number: u64, status: Option<u16>) {
        if let Some(request) = self.requests.iter_mut().rev().find(|request| request.number == number) {
            request.status = status;
        }
    }

    /// The request is no longer being worked on.
    pub(crate) fn finish(&mut self, api: Api, number: u64) {
        self.half(api).in_flight.retain(|known| *known != number);
    }

    fn fault_for(&mut self, api: Api, line: &str, body: &str) -> Option<Fault> {
        for rule in self.rules.iter_mut().filter(|rule| rule.fits(api, line, body)) {
            if rule.skip > 0 {
                rule.skip -= 1;
            } else if rule.times > 0 {
                // `u32::MAX` stands for "always" and would take years to run out.
                rule.times -= 1;
                return Some(rule.fault.clone());
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(target: &str) -> Request {
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path.to_owned(), Some(query.to_owned())),
            None => (target.to_owned(), None),
        };
        Request { method: "GET".to_owned(), path, query, headers: Vec::new(), body: Vec::new() }
    }

    #[test]
    fn a_rule_skips_then_strikes_then_rests() {
        let mut traffic = Traffic::default();
        traffic.inject(Rule {
            api: Api::Hapi,
            contains: Some("GET /api/Units?$top=1 ".to_owned()),
            skip: 1,
            times: 1,
            fault: Fault::LostBefore,
        });
        let fitting = get("/api/Units?$top=1%20");
        let faults: Vec<bool> = (0..3).map(|_| traffic.arrive(Api::Hapi, &fitting).fault.is_some()).collect();
        assert_eq!(faults, [false, true, false]);
        assert!(traffic.arrive(Api::Monday, &fitting).fault.is_none());
        assert_eq!(traffic.request_count(Api::Hapi), 3);
    }

    #[test]
    fn requests_that_meet_are_marked() {
        let mut traffic = Traffic::default();
        let request = get("/api/Units");
        let first = traffic.arrive(Api::Hapi, &request).number;
        traffic.finish(Api::Hapi, first);
        let second = traffic.arrive(Api::Hapi, &request).number;
        let third = traffic.arrive(Api::Hapi, &request).number;
        traffic.finish(Api::Hapi, second);
        traffic.finish(Api::Hapi, third);
        let overlapped: Vec<bool> = traffic.requests(Api::Hapi).iter().map(|request| request.overlapped).collect();
        assert_eq!(overlapped, [false, true, true]);
        assert_eq!(traffic.max_in_flight(Api::Hapi), 2);
    }
}
