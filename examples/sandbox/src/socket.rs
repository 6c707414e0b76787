//! A connection that can be taken over from the HTTP library, to send what no library would.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// What is sent by hand instead of an answer.
pub(crate) enum Script {
    /// A head whose headers never end.
    EndlessHeaders,
    /// These bytes, one by one.
    Drip { bytes: Vec<u8>, every: Duration },
}

/// A connection, shared by the HTTP library and whoever takes over from it.
#[derive(Clone)]
pub(crate) struct Socket {
    stream: Arc<TcpStream>,
    script: Arc<Mutex<Option<Script>>>,
}

impl Socket {
    pub(crate) fn new(stream: TcpStream) -> Socket {
        Socket { stream: Arc::new(stream), script: Arc::default() }
    }

    /// What is to be sent once the HTTP library has left.
    pub(crate) fn take_over(&self, script: Script) {
        *self.script.lock().unwrap_or_else(PoisonError::into_inner) = Some(script);
    }

    /// Sends what was left to be sent by hand, until the client leaves.
    pub(crate) async fn perform(self) {
        let script = self.script.lock().unwrap_or_else(PoisonError::into_inner).take();
        // An error is a client that has left.
        let _ = match script {
            None => Ok(()),
            Some(Script::EndlessHeaders) => self.send_headers().await,
            Some(Script::Drip { bytes, every }) => self.drip(&bytes, every).await,
        };
    }

    async fn send_headers(&self) -> io::Result<()> {
        self.send(b"HTTP/1.1 200 OK\r\n").await?;
        for number in 0_u64.. {
            self.send(format!("x-more-{number}: {}\r\n", "x".repeat(1_000)).as_bytes()).await?;
        }
        Ok(())
    }

    async fn drip(&self, bytes: &[u8], every: Duration) -> io::Result<()> {
        for byte in bytes {
            tokio::time::sleep(every).await;
            self.send(&[*byte]).await?;
        }
        Ok(())
    }

    async fn send(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            self.stream.writable().await?;
            match self.stream.try_write(bytes) {
                Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            ready!(self.stream.poll_read_ready(context))?;
            match self.stream.try_read(into.initialize_unfilled()) {
                Ok(count) => {
                    into.advance(count);
                    return Poll::Ready(Ok(()));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.stream.poll_write_ready(context))?;
            match self.stream.try_write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                outcome => return Poll::Ready(outcome),
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// The connection is closed once nobody holds it any more.
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
