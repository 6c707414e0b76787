//! Standard input, read on a thread of its own: what blocks on its input receives no signal.
#![allow(clippy::disallowed_methods, reason = "a person or a program at the other end has no simulated time")]

use crate::failure::Failure;
use crate::http::Stop;
use crate::message::{RunText, ScreenText};
use std::io::{BufRead, Read};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

/// How often a signal is polled for.
const POLL_EVERY: Duration = Duration::from_millis(50);
/// More than any list of selectors, in bytes.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Everything up to the end of standard input.
///
/// # Errors
/// A signal that came meanwhile; what is no UTF-8, is too large, or cannot be read.
pub(super) fn whole(stop: &Stop) -> anyhow::Result<String> {
    let text = read(stop, |input| {
        let mut text = String::new();
        input.take(LARGEST + 1).read_to_string(&mut text).map(|_| text)
    })?;
    match text.len() as u64 > LARGEST {
        true => Err(Failure::usage(ScreenText::InputTooLarge { megabytes: LARGEST / 1024 / 1024 }).into()),
        false => Ok(text),
    }
}

/// One line of standard input.
///
/// # Errors
/// A signal that came meanwhile; what is no UTF-8, or cannot be read.
pub(super) fn line(stop: &Stop) -> anyhow::Result<String> {
    read(stop, |input| {
        let mut text = String::new();
        input.take(LARGEST).read_line(&mut text).map(|_| text)
    })
}

fn read(
    stop: &Stop,
    read: impl FnOnce(&mut std::io::StdinLock<'static>) -> std::io::Result<String> + Send + 'static,
) -> anyhow::Result<String> {
    let (sender, receiver) = sync_channel(1);
    std::thread::Builder::new().name("input".to_owned()).spawn(move || {
        // Nobody may be left to hear it.
        let _ = sender.send(read(&mut std::io::stdin().lock()));
    })?;
    loop {
        match receiver.recv_timeout(POLL_EVERY) {
            Ok(outcome) => return Ok(outcome?),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => anyhow::bail!("the thread that reads standard input broke off"),
        }
        if let Some(reason) = stop.reason() {
            return Err(Failure::new(reason.exit(), RunText::StoppedBySignal {}).into());
        }
    }
}
