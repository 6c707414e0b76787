//! Answers that are written piece by piece.

use crate::console::Console;
use crate::failure::{Exit, Failure, exit_of};
use crate::message::{RunText, ScreenText};
use std::io::{BufWriter, ErrorKind, Write};

/// Error of stdout, which the system's own words do not name.
pub(super) fn unwritable(error: impl Into<anyhow::Error>) -> anyhow::Error {
    Failure::new(Exit::Failed, RunText::CannotPrint {}).because(error.into()).into()
}

/// Writes an answer piece by piece. A reader that leaves before its end is no failure. Where it breaks off, that is reported
/// beside what was written already; a part too small to have been written is left out.
///
/// # Errors
/// What `work` fails with, or the stream.
pub(super) fn stream(console: &Console, work: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, Counted { out: console.out(), written: 0 });
    let done = work(&mut out).and_then(|()| Ok(out.flush()?));
    match done {
        Ok(()) => Ok(()),
        Err(error) if has_left(&error) => {
            // Nothing more is written when it is dropped.
            let _ = out.into_parts();
            Ok(())
        }
        Err(error) if out.get_ref().written == 0 => {
            let _ = out.into_parts();
            Err(if error.is::<std::io::Error>() { unwritable(error) } else { error })
        }
        Err(error) => {
            // Lines that are whole stay whole.
            let _ = out.flush();
            let exit = exit_of(&error);
            Err(Failure::new(exit, ScreenText::BrokenOff {}).because(error).after_part_of_answer().into())
        }
    }
}

/// Stream that knows whether anything went there.
struct Counted<W> {
    out: W,
    written: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.written += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

/// Whether the reader has left.
fn has_left(error: &anyhow::Error) -> bool {
    let is_pipe = |io: &std::io::Error| io.kind() == ErrorKind::BrokenPipe;
    error.chain().any(|cause| cause.downcast_ref::<std::io::Error>().is_some_and(is_pipe))
}
