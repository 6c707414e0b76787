//! The HTTP side: who may deliver, how much, how fast. What was delivered goes into the inbox; the answer waits for it.
#![allow(
    clippy::disallowed_methods,
    reason = "connections from outside are waited for in their own time, which no simulation has"
)]

use super::connections::{Connections, Place, Slot, Watched};
use super::inbox::{Delivered, Inbox};
use super::options::{LARGEST_BODY, Options};
use crate::clock::Clock;
use crate::http::Stop;
use crate::secret::Secret;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CONNECTION, EXPECT, HeaderName, HeaderValue, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http_body_util::BodyExt;
use hyper::body::{Body as _, Bytes};
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use sha2::{Digest, Sha256};
use std::net::TcpListener;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use subtle::{Choice, ConstantTimeEq};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::sync::watch;

/// How soon HApi may come again, in seconds.
const RETRY_AFTER_SECONDS: &str = "5";
/// How often it is checked whether to stop, and which connections are overdue.
const POLL_EVERY: Duration = Duration::from_millis(50);
/// The most that the headers of a request may take, in bytes.
const LARGEST_HEAD: usize = 32 * 1024;
/// When stopping: how long a connection may still begin a request, and how long requests under way may take.
const LONGEST_UNSTARTED_REQUEST: Duration = Duration::from_millis(500);
const DRAINS_WITHIN: Duration = Duration::from_millis(1_200);
/// How long nothing is accepted where there is no room for one more connection.
const PAUSE_WHEN_FULL: Duration = Duration::from_millis(5);

/// How much of a body that nobody wants is read, in bytes, so that its sender gets to see the answer; and how long it may pause.
const OTHERS_MAY_SEND: usize = 64 * 1024 * 1024;
const STRANGERS_MAY_SEND: usize = 8 * 1024 * 1024;
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// Server, bound to its address.
pub(super) struct Server {
    runtime: Runtime,
    listener: tokio::net::TcpListener,
    connections: Arc<Connections>,
    state: Arc<ReceiverState>,
    stop: Arc<Stop>,
}

/// State of the receiver: what a request needs to be answered.
struct ReceiverState {
    header: HeaderName,
    secrets: Vec<[u8; 32]>,
    inbox: Inbox,
    /// Whether to end; also where nothing can be stored any more.
    quit: Arc<AtomicBool>,
}

impl Server {
    pub(super) fn new(
        socket: TcpListener,
        options: &Options,
        inbox: Inbox,
        quit: Arc<AtomicBool>,
    ) -> anyhow::Result<Server> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(socket)?
        };
        let header = HeaderName::from_bytes(options.header.as_bytes())?;
        let secrets = options.secrets.iter().map(|secret: &Secret| digest(secret.expose().as_bytes())).collect();
        let state = Arc::new(ReceiverState { header, secrets, inbox, quit });
        Ok(Server {
            runtime,
            listener,
            connections: Arc::new(Connections::new(options.stop.clock().clone())),
            state,
            stop: options.stop.clone(),
        })
    }

    /// Serves until it is to stop, then lets requests under way finish.
    pub(super) fn run(self) -> anyhow::Result<()> {
        let Server { runtime, listener, connections, state, stop } = self;
        runtime.block_on(async {
            let (stopping, is_stopping) = watch::channel(false);
            let router = router(state.clone());
            tokio::select! {
                () = watch(&connections, &state, &stop) => {}
                () = accept(&listener, &connections, &router, &is_stopping) => {}
            }
            drop(listener);
            // Nobody may be left to hear it.
            let _ = stopping.send(true);
            drain(&connections, stop.clock()).await;
        });
        drop(runtime);
        Ok(())
    }
}

fn router(state: Arc<ReceiverState>) -> Router {
    Router::new().fallback(get(alive).post(receive)).with_state(state)
}

/// Drops connections that took too long; ends when it is time to stop.
async fn watch(connections: &Connections, state: &ReceiverState, stop: &Stop) {
    while stop.reason().is_none() && !state.quit.load(Ordering::Relaxed) {
        connections.drop_overdue();
        tokio::time::sleep(POLL_EVERY).await;
    }
}

async fn accept(
    listener: &tokio::net::TcpListener,
    connections: &Arc<Connections>,
    router: &Router,
    is_stopping: &watch::Receiver<bool>,
) {
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            // Mostly: too many files are open.
            Err(_) => {
                connections.drop_one();
                tokio::time::sleep(PAUSE_WHEN_FULL).await;
                continue;
            }
        };
        let place = loop {
            match connections.admit() {
                Some(place) => break place,
                None => tokio::time::sleep(PAUSE_WHEN_FULL).await,
            }
        };
        tokio::spawn(serve(stream, place, router.clone(), is_stopping.clone()));
    }
}

/// Serves one connection.
async fn serve(stream: TcpStream, place: Place, router: Router, mut is_stopping: watch::Receiver<bool>) {
    // Where it cannot be set, answers are a little late.
    let _ = stream.set_nodelay(true);
    let slot = place.slot.clone();
    let stream = TokioIo::new(Watched::new(stream, slot.clone()));
    let router = TowerToHyperService::new(router);
    let service = hyper::service::service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        let slot = slot.clone();
        request.extensions_mut().insert(slot.clone());
        let answer = router.call(request);
        async move {
            let answer = answer.await;
            slot.answered();
            answer
        }
    });
    // hyper's own timeout does not tell an idle connection from a slow request, so timeouts are applied around it.
    let mut builder = http1::Builder::new();
    builder.half_close(true).header_read_timeout(None).max_buf_size(LARGEST_HEAD);
    let mut connection = pin!(builder.serve_connection(stream, service));
    tokio::select! {
        _ = connection.as_mut() => return,
        () = place.slot.closed() => return,
        _ = is_stopping.wait_for(|is_stopping| *is_stopping) => connection.as_mut().graceful_shutdown(),
    }
    tokio::select! {
        _ = connection => {}
        () = place.slot.closed() => {}
    }
}

/// Lets requests under way finish, for a while.
async fn drain(connections: &Connections, clock: &Clock) {
    let began = clock.instant();
    while connections.count() > 0 && clock.since(began) < DRAINS_WITHIN {
        if clock.since(began) >= LONGEST_UNSTARTED_REQUEST {
            connections.drop_strangers();
        }
        tokio::time::sleep(PAUSE_WHEN_FULL).await;
    }
}

/// The answer to GET and HEAD, whatever the path: whoever probes the address, HApi or a proxy, learns that it is right.
async fn alive() {}

/// Takes one delivery.
async fn receive(State(state): State<Arc<ReceiverState>>, request: Request) -> Response {
    if !state.is_known(request.headers()) {
        state.inbox.refused();
        let waits_for_answer = request.headers().contains_key(EXPECT);
        if !waits_for_answer {
            pass_over(&mut request.into_body(), STRANGERS_MAY_SEND, LONGEST_PAUSE).await;
        }
        return last(StatusCode::UNAUTHORIZED);
    }
    let Some((_trusted, deadline)) = request.extensions().get::<Arc<Slot>>().map(Slot::trust) else {
        return last(StatusCode::INTERNAL_SERVER_ERROR);
    };
    let mut delivery = PendingDelivery { inbox: &state.inbox, is_answered: false };
    let waits_for_answer = request.headers().contains_key(EXPECT);
    let mut body = request.into_body();
    let body = match tokio::time::timeout_at(deadline.into(), whole(&mut body)).await {
        Ok(Ok(body)) => body,
        Ok(Err(status)) => {
            if !waits_for_answer {
                let rest = pass_over(&mut body, OTHERS_MAY_SEND, LONGEST_PAUSE);
                // The answer is sent whether or not the body ended in time.
                let _ = tokio::time::timeout_at(deadline.into(), rest).await;
            }
            return last(status);
        }
        Err(_) => return last(StatusCode::REQUEST_TIMEOUT),
    };
    delivery.is_answered = true;
    match state.inbox.store(body).await {
        Delivered::Stored => StatusCode::OK.into_response(),
        Delivered::Later => (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, RETRY_AFTER_SECONDS)]).into_response(),
        Delivered::Closed => {
            state.quit.store(true, Ordering::Relaxed);
            (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, RETRY_AFTER_SECONDS)]).into_response()
        }
    }
}

/// The last answer of its connection: what else was sent is not read.
fn last(status: StatusCode) -> Response {
    (status, [(CONNECTION, HeaderValue::from_static("close"))]).into_response()
}

/// The whole body, or what to answer instead.
async fn whole(body: &mut Body) -> Result<Bytes, StatusCode> {
    // What it says of its length is not believed, but it is a reason not to begin.
    if body.size_hint().lower() > LARGEST_BODY as u64 {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    let mut all = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| StatusCode::BAD_REQUEST)?.into_data() else { continue };
        if all.len() + data.len() > LARGEST_BODY {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        all.extend_from_slice(&data);
    }
    Ok(all.into())
}

/// Reads what nobody wants, as long as it comes without pauses: a client that is still sending when its connection is closed
/// never sees the answer.
async fn pass_over(body: &mut Body, most: usize, pause: Duration) {
    let mut passed = 0;
    while passed < most {
        match tokio::time::timeout(pause, body.frame()).await {
            Ok(Some(Ok(frame))) => passed += frame.data_ref().map_or(0, Bytes::len),
            _ => return,
        }
    }
}

impl ReceiverState {
    /// Whether the request brings one of the secrets. How long that takes says nothing about them.
    fn is_known(&self, headers: &HeaderMap) -> bool {
        let given = headers.get(&self.header).map(|value| digest(value.as_bytes())).unwrap_or_default();
        let known = self.secrets.iter().fold(Choice::from(0), |known, secret| known | given.ct_eq(secret));
        known.into()
    }
}

fn digest(text: &[u8]) -> [u8; 32] {
    Sha256::digest(text).into()
}

/// Delivery with the right secret that is not in the inbox yet. Dropped, also because its connection broke off, it counts
/// as turned away.
struct PendingDelivery<'i> {
    inbox: &'i Inbox,
    is_answered: bool,
}

impl Drop for PendingDelivery<'_> {
    fn drop(&mut self) {
        if !self.is_answered {
            self.inbox.turned_away();
        }
    }
}
