//! The bodies of answers: whole, broken off, endless, dripping.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::time::{Instant, Sleep};

/// How long half a body lies on the wire before the connection is closed, so that the client sees the half.
const CUT_WAIT: Duration = Duration::from_millis(20);
/// What an endless body begins with, and goes on with.
static ENDLESS: [u8; 64 * 1024] = [b' '; 64 * 1024];

/// Returned to hyper to close the connection without an answer, or in the middle of one.
#[derive(Debug)]
pub(crate) struct Lost;

impl fmt::Display for Lost {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the connection is closed on purpose")
    }
}

impl std::error::Error for Lost {}

/// A body.
pub(crate) enum Payload {
    /// Sent whole.
    Whole(Full<Bytes>),
    /// Sent up to its middle and then broken off.
    Half { first: Option<Bytes>, wait: Pin<Box<Sleep>> },
    /// Sent as long as somebody takes it.
    Endless,
    /// Sent byte by byte.
    Drip { left: Bytes, every: Duration, wait: Pin<Box<Sleep>> },
}

impl Payload {
    pub(crate) fn whole(body: Vec<u8>) -> Payload {
        Payload::Whole(Full::new(Bytes::from(body)))
    }

    pub(crate) fn half(mut body: Vec<u8>) -> Payload {
        body.truncate(body.len() / 2);
        Payload::Half { first: Some(Bytes::from(body)), wait: Box::pin(tokio::time::sleep(CUT_WAIT)) }
    }

    pub(crate) fn drip(body: Vec<u8>, every: Duration) -> Payload {
        Payload::Drip { left: Bytes::from(body), every, wait: Box::pin(tokio::time::sleep(every)) }
    }
}

impl Body for Payload {
    type Data = Bytes;
    type Error = Lost;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Lost>>> {
        match self.get_mut() {
            Payload::Whole(full) => Pin::new(full).poll_frame(context).map_err(|never| match never {}),
            Payload::Half { first, wait } => match first.take() {
                Some(bytes) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
                None => wait.as_mut().poll(context).map(|()| Some(Err(Lost))),
            },
            Payload::Endless => Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&ENDLESS))))),
            Payload::Drip { left, .. } if left.is_empty() => Poll::Ready(None),
            Payload::Drip { left, every, wait } => {
                ready!(wait.as_mut().poll(context));
                wait.as_mut().reset(Instant::now() + *every);
                Poll::Ready(Some(Ok(Frame::data(left.split_to(1)))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Payload::Whole(full) => full.is_end_stream(),
            Payload::Half { .. } | Payload::Endless => false,
            Payload::Drip { left, .. } => left.is_empty(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Payload::Whole(full) => full.size_hint(),
            Payload::Half { .. } | Payload::Endless => SizeHint::default(),
            Payload::Drip { left, .. } => SizeHint::with_exact(left.len() as u64),
        }
    }
}
