//! Notices to a monitor of ours, such as healthchecks.io: how far a sync is. They are sent in the background, and whatever the
//! monitor does changes nothing.

use super::context::Context;
use crate::failure::{Exit, exit_of, render};
use crate::http::{Next, NoAnswer, Queue, Reply, Request, StopReason};
use crate::message::{NotifyText, ScreenText, Why};
use crate::report::in_a_line;
use crate::run::RunResult;
use std::time::Duration;

/// How long a monitor may take to answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How long it may at the end of a run that had to end: by `--max-duration`, by a signal.
const WHEN_TIME_IS_UP: Duration = Duration::from_secs(1);
const AFTER_A_SIGNAL: Duration = Duration::from_millis(300);
/// How often a signal is polled for.
const POLL_EVERY: Duration = Duration::from_millis(50);

/// Notices of one sync to its monitor.
pub(super) struct Ping<'c> {
    context: &'c Context,
    /// The monitor; `None`: there is none for this sync.
    url: Option<&'c str>,
    queue: Queue,
}

impl<'c> Ping<'c> {
    /// Nothing is sent yet. `url`: the monitor, where there is one for this sync.
    pub(super) fn new(context: &'c Context, url: Option<&'c str>) -> Ping<'c> {
        Ping { context, url: url.map(|url| url.trim_end_matches('/')), queue: context.http.lasting_queue() }
    }

    /// Sends that it begins.
    pub(super) fn starts(&mut self) {
        let Some(url) = self.url else { return };
        if let Err(error) = self.queue.submit(Request::get(format!("{url}/start")).timeout(TIMEOUT)) {
            self.failed(render(&error, self.context.lang()).message);
        }
    }

    /// Sends that it could not begin; that another run is at work is no failure of this one.
    pub(super) fn could_not_start(self, error: &anyhow::Error) {
        if exit_of(error) != Exit::Locked {
            let why = render(error, self.context.lang()).message;
            self.ends("fail", why);
        }
    }

    /// Sends how it ended.
    pub(super) fn ended(self, result: &RunResult) {
        let line = in_a_line(result, self.context.report.style());
        self.ends(&result.exit().code().to_string(), line);
    }

    fn ends(mut self, how: &str, line: String) {
        let Some(url) = self.url else { return };
        let request = Request::post(format!("{url}/{how}")).header("content-type", "text/plain; charset=utf-8");
        match self.queue.submit(request.body(line).timeout(TIMEOUT)) {
            Ok(_) => self.wait(),
            Err(error) => self.failed(render(&error, self.context.lang()).message),
        }
    }

    /// Waits for the answers, as long as may be.
    fn wait(&mut self) {
        let clock = self.context.clock();
        let began = clock.instant();
        while !self.queue.is_empty() {
            if let Next::Arrived(arrival) = self.queue.next(Some(clock.instant() + POLL_EVERY)) {
                self.note(arrival.outcome);
            } else if clock.since(began) >= self.longest_wait() {
                return (0..self.queue.len()).for_each(|_| self.failed(NotifyText::TookTooLong {}));
            }
        }
    }

    fn longest_wait(&self) -> Duration {
        match self.context.stop.reason() {
            None => TIMEOUT,
            Some(StopReason::TimeUp) => WHEN_TIME_IS_UP,
            Some(StopReason::Interrupted | StopReason::Terminated) => AFTER_A_SIGNAL,
        }
    }

    fn note(&self, outcome: Result<Reply, NoAnswer>) {
        match outcome {
            Ok(reply) if reply.status < 400 => {}
            Ok(reply) => self.failed(reply.status.to_string()),
            Err(error) => self.failed(error.why),
        }
    }

    fn failed(&self, why: impl Into<Why>) {
        let mut why = why.into();
        why.change_foreign(&|text| self.context.http.masks().mask(text));
        self.context.report.verbose(ScreenText::PingFailed { why });
    }
}
