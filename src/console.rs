//! The two streams that people and programs read, as a value that is handed down.

use std::fmt;
use std::io::{ErrorKind, IsTerminal, Write};
use std::sync::Arc;

/// Stream of a command's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stream {
    /// stdout: the answer.
    Out,
    /// stderr: what is reported beside it.
    Err,
}

/// Sink for what a command writes.
pub trait Output: Send + Sync {
    /// Writes these bytes, all of them.
    ///
    /// # Errors
    /// Where they cannot be written.
    fn write(&self, stream: Stream, bytes: &[u8]) -> std::io::Result<()>;

    /// Whether a person looks at the stream.
    fn is_terminal(&self, stream: Stream) -> bool;
}

/// Console: the only way to both streams. Clones write to the same place.
#[derive(Clone)]
pub struct Console(Arc<dyn Output>);

impl Console {
    /// The console over an output.
    pub fn new(output: Arc<dyn Output>) -> Console {
        Console(output)
    }

    /// The streams of this process.
    pub fn system() -> Console {
        Console::new(Arc::new(Standard))
    }

    /// Whether a person looks at the stream.
    pub fn is_terminal(&self, stream: Stream) -> bool {
        self.0.is_terminal(stream)
    }

    /// Writes a whole answer to stdout at once; a reader that has left is no failure.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(crate) fn answer(&self, bytes: &[u8]) -> std::io::Result<()> {
        match self.0.write(Stream::Out, bytes) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            outcome => outcome,
        }
    }

    /// Writes a line to stderr; where nobody listens nothing is lost.
    pub(crate) fn line(&self, line: &str) {
        let _ = self.0.write(Stream::Err, format!("{line}\n").as_bytes());
    }

    /// stdout, for an answer that is written piece by piece.
    pub(crate) fn out(&self) -> Pieces<'_> {
        Pieces(self)
    }
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[console]")
    }
}

/// Writer of an answer, piece by piece.
pub(crate) struct Pieces<'c>(&'c Console);

impl Write for Pieces<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.0.write(Stream::Out, bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Output of this process.
struct Standard;

impl Output for Standard {
    fn write(&self, stream: Stream, bytes: &[u8]) -> std::io::Result<()> {
        match stream {
            Stream::Out => {
                let mut out = std::io::stdout().lock();
                out.write_all(bytes).and_then(|()| out.flush())
            }
            Stream::Err => std::io::stderr().lock().write_all(bytes),
        }
    }

    fn is_terminal(&self, stream: Stream) -> bool {
        match stream {
            Stream::Out => std::io::stdout().is_terminal(),
            Stream::Err => std::io::stderr().is_terminal(),
        }
    }
}
