//! Programs of others: started without a shell, fed, listened to, and ended in time.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// How often it is checked whether a program has ended.
const POLL_EVERY: Duration = Duration::from_millis(5);

/// Reason why a program gave nothing.
#[derive(Debug)]
pub(crate) enum NoOutput {
    /// It could not be started.
    NotStarted(std::io::Error),
    /// It ended with this code; `None`: by a signal.
    Failed(Option<i32>),
    /// It took too long, and was ended.
    TimedOut,
}

/// Runs a program, the first word, with the others as its arguments; `input` is on its stdin. Returns what it wrote to stdout, up
/// to `most_bytes`, once it has ended well. What it writes to stderr is not for our streams, which have a form to keep.
///
/// # Errors
/// Where it cannot be started, ends badly, or takes longer than `most`: then it is ended, with all that it has started.
pub(crate) fn run(words: &[String], input: Vec<u8>, most: Duration, most_bytes: u64) -> Result<Vec<u8>, NoOutput> {
    let (program, arguments) =
        words.split_first().ok_or_else(|| NoOutput::NotStarted(ErrorKind::InvalidInput.into()))?;
    let mut command = Command::new(program);
    // A group of its own, so that what it starts can be ended with it.
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).process_group(0);
    let mut child = command.spawn().map_err(NoOutput::NotStarted)?;
    feed(&mut child, input);
    let output = collect(&mut child, most_bytes);
    let deadline = Deadline::in_time(most);
    #[allow(clippy::disallowed_methods, reason = "other processes share no clock but the system's")]
    let done =
        wait(&mut child, &deadline).and_then(|()| output.recv_timeout(deadline.left()).map_err(|_| NoOutput::TimedOut));
    if matches!(done, Err(NoOutput::TimedOut)) {
        end(&mut child);
    }
    done
}

/// Hands the program its input, which it need not read.
fn feed(child: &mut Child, input: Vec<u8>) {
    if let Some(mut stdin) = child.stdin.take() {
        let _ = std::thread::Builder::new().spawn(move || stdin.write_all(&input));
    }
}

/// What the program writes, once it has closed its stdout.
fn collect(child: &mut Child, most_bytes: u64) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    if let Some(mut stdout) = child.stdout.take() {
        let _ = std::thread::Builder::new().spawn(move || {
            let mut output = Vec::new();
            let _ = stdout.by_ref().take(most_bytes).read_to_end(&mut output);
            // Whoever writes more is not made to fail by it.
            let _ = std::io::copy(&mut stdout, &mut std::io::sink());
            sender.send(output)
        });
    }
    receiver
}

#[allow(clippy::disallowed_methods, reason = "other processes share no clock but the system's")]
fn wait(child: &mut Child, deadline: &Deadline) -> Result<(), NoOutput> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(NoOutput::Failed(status.code())),
            Err(error) => return Err(NoOutput::NotStarted(error)),
            Ok(None) if deadline.left().is_zero() => return Err(NoOutput::TimedOut),
            Ok(None) => std::thread::sleep(POLL_EVERY),
        }
    }
}

/// Event of a program under way.
#[derive(Debug)]
pub(crate) enum ProcessEvent {
    /// A line that it wrote to stderr.
    Line(String),
    /// It has ended.
    Ended {
        /// Its exit code; `None`: a signal ended it.
        code: Option<i32>,
        /// What it wrote to stdout, then to stderr.
        lines: Vec<String>,
    },
}

/// Program under way, in a group of its own. Dropped, it is asked to end.
#[derive(Debug)]
pub(crate) struct Running {
    group: rustix::process::Pid,
    events: Receiver<ProcessEvent>,
    has_ended: bool,
}

impl Running {
    /// Starts a program with nothing on its stdin, and listens to it.
    ///
    /// # Errors
    /// Where it cannot be started, or there is no thread left to listen.
    pub(crate) fn start(program: &std::path::Path, arguments: &[String]) -> std::io::Result<Running> {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let mut child = command.spawn()?;
        let group = rustix::process::Pid::from_child(&child);
        let (sender, events) = channel();
        let line_sender = sender.clone();
        let errors = child.stderr.take();
        let listener = std::thread::Builder::new()
            .spawn(move || lines_of(errors, |line| drop(line_sender.send(ProcessEvent::Line(line)))))?;
        std::thread::Builder::new().spawn(move || {
            let mut lines = lines_of(child.stdout.take(), |_| {});
            lines.extend(listener.join().unwrap_or_default());
            let code = child.wait().ok().and_then(|status| status.code());
            sender.send(ProcessEvent::Ended { code, lines })
        })?;
        Ok(Running { group, events, has_ended: false })
    }

    /// The next event that has come; `None`: none.
    pub(crate) fn next_event(&mut self) -> Option<ProcessEvent> {
        let event = self.events.try_recv().ok()?;
        self.has_ended |= matches!(event, ProcessEvent::Ended { .. });
        Some(event)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.has_ended {
            let _ = rustix::process::kill_process_group(self.group, rustix::process::Signal::TERM);
        }
    }
}

/// The lines of a stream to its end, each handed over as it comes.
fn lines_of(stream: Option<impl Read>, hand_over: impl Fn(String)) -> Vec<String> {
    let mut lines = Vec::new();
    for line in stream.into_iter().flat_map(|stream| BufReader::new(stream).split(b'\n')).map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line).into_owned();
        hand_over(line.clone());
        lines.push(line);
    }
    lines
}

/// Ends a program and what it has started.
fn end(child: &mut Child) {
    let group = rustix::process::Pid::from_child(child);
    let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    let _ = child.wait();
}

/// Moment at which a program has to have ended.
struct Deadline(Instant);

#[allow(clippy::disallowed_methods, reason = "other processes share no clock but the system's")]
impl Deadline {
    fn in_time(most: Duration) -> Deadline {
        Deadline(Instant::now() + most)
    }

    fn left(&self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str, input: &str, most_ms: u64) -> Result<String, NoOutput> {
        let words = ["sh", "-c", script].map(str::to_owned);
        let output = run(&words, input.as_bytes().to_vec(), Duration::from_millis(most_ms), 100)?;
        Ok(String::from_utf8(output).expect("UTF-8"))
    }

    #[test]
    fn a_program_gets_its_input_and_gives_its_output() {
        assert_eq!(sh("cat; echo end", "in\n", 10_000).expect("output"), "in\nend\n");
        assert_eq!(sh("exec 0<&-; echo end; echo secret >&2", &"x".repeat(1 << 20), 10_000).expect("output"), "end\n");
        assert_eq!(
            sh("i=0; while [ $i -lt 20000 ]; do echo 1234567; i=$((i+1)); done", "", 10_000).expect("output").len(),
            100
        );
    }

    #[test]
    fn a_program_that_fails_or_is_not_there_gives_nothing() {
        assert!(matches!(sh("echo some; exit 3", "", 10_000), Err(NoOutput::Failed(Some(3)))));
        assert!(matches!(sh("kill -9 $$", "", 10_000), Err(NoOutput::Failed(None))));
        let missing = run(&["/no/such/program".to_owned()], Vec::new(), Duration::from_secs(9), 9);
        assert!(matches!(missing, Err(NoOutput::NotStarted(_))));
        assert!(matches!(run(&[], Vec::new(), Duration::from_secs(9), 9), Err(NoOutput::NotStarted(_))));
    }

    #[test]
    fn a_program_that_takes_too_long_is_ended_with_what_it_has_started() {
        let folder = tempfile::tempdir().expect("a folder");
        let mark = folder.path().join("mark");
        let script = format!("(sleep 0.6; touch '{}') & sleep 60", mark.display());
        let began = Instant::now();
        assert!(matches!(sh(&script, "", 200), Err(NoOutput::TimedOut)));
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
        std::thread::sleep(Duration::from_millis(700));
        assert!(!mark.exists(), "what it had started went on");
        // One that has ended, while what it has started keeps its stdout open.
        assert!(matches!(sh("sleep 60 & exit 0", "", 200), Err(NoOutput::TimedOut)));
    }
}
