//! Writing to the two streams: one write for each answer, long ones piece by piece.

use crate::failure::{Failure, exit_of};
use crate::message::ScreenText;
use std::io::{BufWriter, ErrorKind, Write};

/// Writes an answer piece by piece. A reader that leaves before its end is no failure. Where it breaks off, that is said
/// beside what was written already; a part too small to have been written is left out.
///
/// # Errors
/// What `work` fails with, or the stream.
pub(super) fn stream(work: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, Counted { out: std::io::stdout().lock(), written: 0 });
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
            Err(error)
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

/// Lines on stdout for a program that reads them.
///
/// # Errors
/// Where stdout cannot be written to.
pub(crate) fn print_lines(lines: impl Iterator<Item = String>) -> anyhow::Result<()> {
    let text: String = lines.map(|line| line + "\n").collect();
    Ok(write_out(text.as_bytes())?)
}

/// One write; a reader that has left is no failure.
pub(super) fn write_out(bytes: &[u8]) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}

/// One line on stderr; where nobody listens nothing is lost.
pub(crate) fn stderr_line(line: &str) {
    let _ = std::io::stderr().lock().write_all(format!("{line}\n").as_bytes());
}
