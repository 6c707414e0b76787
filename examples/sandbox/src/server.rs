//! The two HTTP listeners: reads a request, applies the faults, hands it to its half, writes the answer.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::runtime::Runtime;

use crate::delivery::{self, Courier};
use crate::faults::{Api, Fault, Traffic};
use crate::hapi::Hapi;
use crate::misbehaviour::{self, Misbehaviour};
use crate::monday::Monday;
use crate::payload::{Lost, Payload};
use crate::socket::{Script, Socket};

/// How long the halves get to stop when the sandbox is dropped.
const STOP_WAIT: Duration = Duration::from_secs(2);

/// How long nothing is accepted where there is no handle left for one more connection.
const FULL_WAIT: Duration = Duration::from_millis(20);

/// Where to listen. Port 0 is a free one.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Port of HApi on 127.0.0.1.
    pub hapi_port: u16,
    /// Port of monday on 127.0.0.1.
    pub monday_port: u16,
}

/// A request, read to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Method in capitals.
    pub method: String,
    /// Path as sent, still percent-encoded.
    pub path: String,
    /// Query as sent, still percent-encoded, without the question mark.
    pub query: Option<String>,
    /// Headers with lower-case names.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Request {
    /// A header by its lower-case name; the first, if there are several.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// An answer. Content-Length is added when it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Response {
    /// An answer without a body.
    pub fn empty(status: u16) -> Response {
        Response { status, headers: Vec::new(), body: Vec::new() }
    }

    /// An answer with a body of this type.
    pub fn with_body(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Response {
        Response::empty(status).with_header("content-type", content_type).replacing_body(body.into())
    }

    /// The same with one more header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Response {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The answer byte for byte, for who sends it by hand.
    fn on_the_wire(self) -> Vec<u8> {
        let mut text = format!("HTTP/1.1 {} Made by hand\r\ncontent-length: {}\r\n", self.status, self.body.len());
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("\r\n");
        let mut bytes = text.into_bytes();
        bytes.extend(self.body);
        bytes
    }

    fn replacing_body(mut self, body: Vec<u8>) -> Response {
        self.body = body;
        self
    }
}

/// What both listeners share.
pub(crate) struct State {
    hapi: Mutex<Hapi>,
    monday: Mutex<Monday>,
    traffic: Mutex<Traffic>,
    courier: Courier,
    kill_hook: Mutex<Option<Box<dyn FnMut() + Send>>>,
}

/// A test that panics with a guard in its hands has already failed; the other threads go on with what is there.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    pub(crate) fn hapi(&self) -> MutexGuard<'_, Hapi> {
        lock(&self.hapi)
    }

    pub(crate) fn monday(&self) -> MutexGuard<'_, Monday> {
        lock(&self.monday)
    }

    pub(crate) fn traffic(&self) -> MutexGuard<'_, Traffic> {
        lock(&self.traffic)
    }

    pub(crate) fn courier(&self) -> &Courier {
        &self.courier
    }

    pub(crate) fn set_kill_hook(&self, hook: Box<dyn FnMut() + Send>) {
        *lock(&self.kill_hook) = Some(hook);
    }

    fn call_kill_hook(&self) {
        if let Some(hook) = lock(&self.kill_hook).as_mut() {
            hook();
        }
    }
}

/// The listeners and the threads they run on.
pub(crate) struct Server {
    state: Arc<State>,
    /// Taken out only by `drop`.
    runtime: Option<Runtime>,
    hapi_port: u16,
    monday_port: u16,
}

impl fmt::Debug for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Server")
            .field("hapi_port", &self.hapi_port)
            .field("monday_port", &self.monday_port)
            .finish_non_exhaustive()
    }
}

impl Server {
    pub(crate) fn start(options: Options) -> io::Result<Server> {
        let hapi = listen(options.hapi_port)?;
        let monday = listen(options.monday_port)?;
        let (hapi_port, monday_port) = (hapi.local_addr()?.port(), monday.local_addr()?.port());
        let half = Hapi::new();
        let mut account = Monday::new();
        account.set_upload_address(&format!("http://127.0.0.1:{monday_port}"));
        let state = Arc::new(State {
            courier: Courier::new(half.bell()),
            hapi: Mutex::new(half),
            monday: Mutex::new(account),
            traffic: Mutex::new(Traffic::default()),
            kill_hook: Mutex::new(None),
        });
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("hopem-sandbox")
            .enable_io()
            .enable_time()
            .build()?;
        {
            let _entered = runtime.enter();
            for (api, listener) in [(Api::Hapi, hapi), (Api::Monday, monday)] {
                let listener = tokio::net::TcpListener::from_std(listener)?;
                runtime.spawn(accept(Arc::clone(&state), api, listener));
            }
            runtime.spawn(delivery::run(Arc::clone(&state)));
        }
        Ok(Server { state, runtime: Some(runtime), hapi_port, monday_port })
    }

    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    pub(crate) fn port(&self, api: Api) -> u16 {
        match api {
            Api::Hapi => self.hapi_port,
            Api::Monday => self.monday_port,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(STOP_WAIT);
        }
    }
}

fn listen(port: u16) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

async fn accept(state: Arc<State>, api: Api, listener: tokio::net::TcpListener) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, most likely: the next connection may fare better.
            tokio::time::sleep(FULL_WAIT).await;
            continue;
        };
        // Small answers on a kept connection would otherwise wait for the client's delayed acknowledgement.
        let _ = stream.set_nodelay(true);
        let state = Arc::clone(&state);
        tokio::spawn(async move {
            let socket = Socket::new(stream);
            let ours = socket.clone();
            let service = service_fn(move |incoming| serve(Arc::clone(&state), api, ours.clone(), incoming));
            let stream = TokioIo::new(socket.clone());
            // An error here is a client that left, or a fault that closes the connection.
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(stream, service).await;
            socket.perform().await;
        });
    }
}

/// What becomes of a request.
enum Outcome {
    Answer(Response),
    Cut(Response),
    Endless(Response),
    Drip(Response, Duration),
    ByHand(Script),
    Close,
    Hang,
}

async fn serve(
    state: Arc<State>,
    api: Api,
    socket: Socket,
    incoming: hyper::Request<Incoming>,
) -> Result<hyper::Response<Payload>, Lost> {
    let request = read(incoming).await?;
    // A task of its own: a server does its work although the client has left.
    let (outcome, in_flight) = tokio::spawn(process(state, api, request)).await.map_err(|_| Lost)?;
    match outcome {
        Outcome::Close => Err(Lost),
        Outcome::Hang => {
            let _until_the_client_leaves = in_flight;
            std::future::pending().await
        }
        Outcome::ByHand(script) => {
            socket.take_over(script);
            Err(Lost)
        }
        Outcome::Answer(response) => {
            drop(in_flight);
            write(response, Payload::whole)
        }
        Outcome::Cut(response) => {
            drop(in_flight);
            write(response, Payload::half)
        }
        Outcome::Drip(response, every) => write(response, |body| Payload::drip(body, every)),
        Outcome::Endless(response) => {
            let builder = hyper::Response::builder().status(response.status);
            builder.header("content-type", "application/json").body(Payload::Endless).map_err(|_| Lost)
        }
    }
}

async fn read(incoming: hyper::Request<Incoming>) -> Result<Request, Lost> {
    let (head, body) = incoming.into_parts();
    let body = body.collect().await.map_err(|_| Lost)?.to_bytes().to_vec();
    Ok(Request {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().map(str::to_owned),
        headers: head
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect(),
        body,
    })
}

fn write(response: Response, payload: impl Fn(Vec<u8>) -> Payload) -> Result<hyper::Response<Payload>, Lost> {
    let mut builder = hyper::Response::builder().status(response.status).header("content-length", response.body.len());
    for (name, value) in &response.headers {
        builder = builder.header(name, value);
    }
    builder.body(payload(response.body)).map_err(|_| Lost)
}

/// A request is in flight as long as this lives.
struct InFlight {
    state: Arc<State>,
    api: Api,
    number: u64,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.state.traffic().finish(self.api, self.number);
    }
}

async fn process(state: Arc<State>, api: Api, request: Request) -> (Outcome, InFlight) {
    let arrival = state.traffic().arrive(api, &request);
    let in_flight = InFlight { state: Arc::clone(&state), api, number: arrival.number };
    let works = arrival.fault.as_ref().is_none_or(Fault::does_the_work);
    let ticket = (works && api == Api::Monday).then(|| state.monday().arrive(&request));
    let wait = arrival.wait + ticket.map_or(Duration::ZERO, |ticket| state.monday().time_for(ticket));
    if !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }
    let response = match (works, ticket) {
        (false, _) => None,
        (true, None) => Some(state.hapi().answer(&request)),
        (true, Some(ticket)) => {
            let mut monday = state.monday();
            let response = monday.answer(ticket, &request);
            monday.leave(ticket);
            Some(response)
        }
    };
    let outcome = match (arrival.fault, response) {
        (Some(Fault::Misbehaves(how)), response) => misbehave(&request, how, response),
        (fault, response) => decide(&state, fault, response).await,
    };
    let status = match &outcome {
        Outcome::Answer(response) | Outcome::Cut(response) | Outcome::Endless(response) => Some(response.status),
        Outcome::Drip(response, _) => Some(response.status),
        Outcome::Close | Outcome::Hang | Outcome::ByHand(_) => None,
    };
    state.traffic().answered(in_flight.number, status);
    (outcome, in_flight)
}

async fn decide(state: &Arc<State>, fault: Option<Fault>, response: Option<Response>) -> Outcome {
    match (fault, response) {
        (Some(Fault::Status { status, headers, body } | Fault::AnswerAfter { status, headers, body }), _) => {
            Outcome::Answer(Response { status, headers, body: body.into_bytes() })
        }
        (Some(Fault::Kill { .. }), _) => {
            let state = Arc::clone(state);
            // The hook may wait for a process to die, which no worker thread should.
            let _ = tokio::task::spawn_blocking(move || state.call_kill_hook()).await;
            Outcome::Close
        }
        (Some(Fault::Hang), _) => Outcome::Hang,
        (Some(Fault::CutBody), Some(response)) => Outcome::Cut(response),
        (Some(Fault::Delay(_)) | None, Some(response)) => Outcome::Answer(response),
        (Some(Fault::LostBefore | Fault::LostAfter | Fault::CutBody | Fault::Delay(_)) | None, _) => Outcome::Close,
        (Some(Fault::Misbehaves(_)), _) => Outcome::Close,
    }
}

/// What becomes of a request where the server misbehaves; `response` is the answer where the work was done.
fn misbehave(request: &Request, how: Misbehaviour, response: Option<Response>) -> Outcome {
    match (how, response) {
        (Misbehaviour::EndlessBody { status }, _) => Outcome::Endless(Response::empty(status)),
        (Misbehaviour::EndlessHeaders, _) => Outcome::ByHand(Script::EndlessHeaders),
        (Misbehaviour::Echo { status, form, padding }, _) => {
            Outcome::Answer(misbehaviour::echo(request, status, form, padding))
        }
        (Misbehaviour::GzipBomb { status, megabytes }, _) => {
            let bomb = misbehaviour::bomb(megabytes);
            let response = Response::with_body(status, "application/json", bomb);
            Outcome::Answer(response.with_header("content-encoding", "gzip"))
        }
        (Misbehaviour::Drip { every, from_the_head: true }, Some(response)) => {
            Outcome::ByHand(Script::Drip { bytes: response.on_the_wire(), every })
        }
        (Misbehaviour::Drip { every, .. }, Some(response)) => Outcome::Drip(response, every),
        (Misbehaviour::Drip { .. }, None) => Outcome::Close,
    }
}

/// Undoes percent-encoding; `None` when an escape is cut short or no hexadecimal number.
pub(crate) fn percent_decode(text: &str) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        if *first == b'%' {
            let [high, low, after @ ..] = after else { return None };
            let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            decoded.push(digit(high)? * 16 + digit(low)?);
            rest = after;
        } else {
            decoded.push(*first);
            rest = after;
        }
    }
    Some(decoded)
}

/// The same for people and comparisons: what cannot be decoded stays as it is.
pub(crate) fn percent_decode_lossy(text: &str) -> String {
    match percent_decode(text) {
        Some(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        None => text.to_owned(),
    }
}

/// Encodes everything but letters, digits and `-._~`.
pub(crate) fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::sync::mpsc;
    use std::time::Instant;

    use crate::{Rule, Sandbox};

    use super::*;

    fn connect(sandbox: &Sandbox) -> TcpStream {
        let port =
            sandbox.hapi_url().rsplit(':').next().and_then(|port| port.parse().ok()).expect("the URL ends in a port");
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("the sandbox listens");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a timeout can be set");
        stream
    }

    fn send(stream: &mut TcpStream, head: &str, body: &str) {
        let text = format!("{head}\r\nHost: x\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        stream.write_all(text.as_bytes()).expect("the request is sent");
    }

    /// Reads until the connection is closed.
    fn rest(stream: &mut TcpStream) -> String {
        let mut text = String::new();
        let _ = stream.read_to_string(&mut text);
        text
    }

    fn log_in(stream: &mut TcpStream, more: &str) {
        let head =
            format!("POST /api/Token HTTP/1.1\r\nx-api-key: sandbox-key\r\nContent-Type: application/json{more}");
        send(stream, &head, r#"{"UserName":"svc-monday","Password":"sandbox-password"}"#);
    }

    fn ask_once(sandbox: &Sandbox) -> String {
        let mut stream = connect(sandbox);
        log_in(&mut stream, "\r\nConnection: close");
        rest(&mut stream)
    }

    fn start() -> Sandbox {
        Sandbox::start(Options::default()).expect("there are free ports")
    }

    #[test]
    fn a_connection_is_kept_and_requests_are_recorded() {
        let sandbox = start();
        let mut stream = connect(&sandbox);
        log_in(&mut stream, "");
        let mut part = [0; 64];
        assert!(stream.read(&mut part).expect("an answer") > 0);
        send(&mut stream, "GET /api/Units?$top=1%20 HTTP/1.1\r\nConnection: close", "");
        assert!(rest(&mut stream).contains("HTTP/1.1 401"));
        let requests = sandbox.requests(Api::Hapi);
        let seen: Vec<_> = requests.iter().map(|request| (request.number, request.status)).collect();
        assert_eq!(seen, [(1, Some(200)), (2, Some(401))]);
        assert_eq!(requests.last().and_then(|request| request.query.as_deref()), Some("$top=1 "));
    }

    #[test]
    fn each_fault_does_what_it_says() {
        let sandbox = start();
        let status = Fault::Status {
            status: 503,
            headers: vec![("retry-after".to_owned(), "1".to_owned())],
            body: "<p>".to_owned(),
        };
        let (killed_at, killed) = mpsc::channel();
        sandbox.on_kill(Box::new(move || killed_at.send(()).expect("the test listens")));
        // What the client gets, and whether the login was done.
        let cases = [
            (status, "HTTP/1.1 503", false),
            (Fault::answer_after(502, "<p>"), "HTTP/1.1 502", true),
            (Fault::LostBefore, "", false),
            (Fault::LostAfter, "", true),
            (Fault::CutBody, "HTTP/1.1 200", true),
            (Fault::Kill { after_work: false }, "", false),
            (Fault::Kill { after_work: true }, "", true),
            (Fault::Delay(Duration::from_millis(5)), "HTTP/1.1 200", true),
        ];
        for (fault, start, works) in cases {
            let before = sandbox.hapi().tokens().len();
            sandbox.inject(Rule::once(Api::Hapi, fault.clone()).containing("/api/Token"));
            let answer = ask_once(&sandbox);
            assert!(answer.starts_with(start) && answer.is_empty() == start.is_empty(), "{fault:?}: {answer}");
            assert_eq!(sandbox.hapi().tokens().len() > before, works, "{fault:?}");
            if fault == Fault::CutBody {
                let token = sandbox.hapi().tokens().pop().expect("a token was given out");
                let (head, body) = answer.split_once("\r\n\r\n").expect("a whole head");
                assert!(head.contains(&format!("content-length: {}", token.len())));
                assert_eq!(body, &token[..token.len() / 2]);
            }
        }
        assert_eq!(killed.try_iter().count(), 2);
        assert!(ask_once(&sandbox).starts_with("HTTP/1.1 200"));
    }

    #[test]
    fn a_hanging_request_ends_with_its_client_and_dropping_stops_everything() {
        let sandbox = start();
        sandbox.inject(Rule::always(Api::Hapi, Fault::Hang));
        let mut streams: Vec<TcpStream> = (0..3).map(|_| connect(&sandbox)).collect();
        for stream in &mut streams {
            log_in(stream, "");
        }
        let begun = Instant::now();
        while sandbox.hapi().tokens().len() < 3 {
            assert!(begun.elapsed() < Duration::from_secs(10), "the work of a hanging request is done");
            std::thread::yield_now();
        }
        assert_eq!(sandbox.max_in_flight(Api::Hapi), 3);
        assert!(sandbox.requests(Api::Hapi).iter().all(|request| request.overlapped && request.status.is_none()));
        drop(streams);
        let port = sandbox.server.port(Api::Hapi);
        let begun = Instant::now();
        drop(sandbox);
        assert!(begun.elapsed() < STOP_WAIT);
        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err());
    }

    #[test]
    fn latency_is_waited_for() {
        let sandbox = start();
        sandbox.set_latency(Api::Hapi, Duration::from_millis(30));
        let begun = Instant::now();
        assert!(ask_once(&sandbox).starts_with("HTTP/1.1 200"));
        assert!(begun.elapsed() >= Duration::from_millis(30));
    }
}
