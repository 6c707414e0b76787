//! `hopem-sync listen`: receives HApi's webhooks into the store.

mod backoff;
mod pipe;
mod storm;
mod worker;

use super::context::Context;
use crate::failure::{Exit, Failure, exit_of, render};
use crate::host::EventFeed;
use crate::http::StopReason;
use crate::message::{ListenText, Message};
use crate::receiver::{self, Log, Notification, Options, Receiver, Source};
use crate::report::Report;
use pipe::{POLL_EVERY, Pipe};
use std::sync::Arc;
use std::time::Duration;
use worker::EventWorker;

/// Arguments of `listen`.
#[derive(Debug, clap::Args)]
#[command(before_long_help = "\
Examples:
  hopem-sync listen                              on `[listen] address`, behind a proxy with TLS
  hopem-sync listen --sync                       bring each change to the boards as it comes
  receiver-of-yours | hopem-sync listen --stdin  payloads that were received elsewhere, one a line
  hopem-sync listen --address 127.0.0.1:9000     elsewhere than the configuration says")]
pub(crate) struct Listen {
    /// Where to listen, instead of `[listen] address`
    #[arg(long, value_name = "ADDRESS:PORT", conflicts_with = "stdin")]
    address: Option<String>,
    /// Also read and push what the events name
    #[arg(long)]
    sync: bool,
    /// Read payloads from standard input, one a line
    #[arg(long)]
    stdin: bool,
}

impl Listen {
    /// Receives webhooks until it is asked to end.
    ///
    /// # Errors
    /// Where it cannot listen, or the store cannot be written.
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        match &context.events {
            Some(feed) => self.sync_on_events(context, &**feed),
            None if self.stdin => self.receive(context),
            None => self.listen(context),
        }
    }

    /// Processes what somebody else receives, until no more will come.
    fn sync_on_events(&self, context: &Context, feed: &dyn EventFeed) -> anyhow::Result<Exit> {
        let mut worker = EventWorker::new(context)?;
        worker.process(feed);
        Ok(context.stop.reason().map_or(worker.exit(), StopReason::exit))
    }

    fn listen(&self, context: &Context) -> anyhow::Result<Exit> {
        let report = &context.report;
        let mut worker = self.worker(context)?;
        let receiver = Receiver::start(self.options(context)?)?;
        let address = receiver.address();
        report.info(&report.text(ListenText::Listening { address: address.to_string() }));
        if !address.ip().is_loopback() {
            report.warn(&ListenText::NotLoopback { address: address.to_string() }.into());
        }
        match &mut worker {
            Some(worker) => worker.process(&receiver),
            None => {
                while context.stop.reason().is_none() && !receiver.is_over() {
                    receiver.wait(POLL_EVERY);
                }
            }
        }
        let summary = receiver.finish()?;
        if report.is_json {
            report.json(&Listened { summary, runs: worker.as_ref().map(EventWorker::runs) })?;
        } else {
            let receiver::Summary { received, unreadable, refused, turned_away } = summary;
            report.info(&report.text(ListenText::Stopped { received, unreadable, refused, turned_away }));
        }
        Ok(context.stop.reason().map_or(Exit::Failed, StopReason::exit))
    }

    /// With `--sync`: who processes the events.
    fn worker<'c>(&self, context: &'c Context) -> anyhow::Result<Option<EventWorker<'c>>> {
        self.sync.then(|| EventWorker::new(context)).transpose()
    }

    fn options(&self, context: &Context) -> anyhow::Result<Options> {
        let settings = &context.config.listen;
        let address = match &self.address {
            Some(given) => crate::config::listen_address(given).ok_or_else(|| {
                let address = given.clone();
                Failure::usage(ListenText::BadAddress { address })
            })?,
            None => settings.address.clone(),
        };
        Ok(Options {
            store: context.config.store.path.clone(),
            address,
            header: settings.header.clone(),
            secrets: settings.secrets()?,
            stop: context.stop.clone(),
            log: log(&context.report),
        })
    }

    /// Reads payloads on a thread of its own: what blocks on its input receives no signal.
    fn receive(&self, context: &Context) -> anyhow::Result<Exit> {
        let mut worker = self.worker(context)?;
        let path = &context.config.store.path;
        let source = Arc::new(receiver::begin_stdin(path, context.config.sync.full_every, context.clock().clone())?);
        let pipe = Arc::new(Pipe::default());
        let (reader, events) = (source.clone(), pipe.clone());
        std::thread::Builder::new().spawn(move || {
            let outcome = reader.receive(std::io::stdin().lock(), |count| events.came(count));
            events.ended(outcome);
        })?;
        match &mut worker {
            Some(worker) => worker.process(&*pipe),
            None => {
                while context.stop.reason().is_none() && !pipe.is_over() {
                    pipe.wait(POLL_EVERY);
                }
            }
        }
        if let Some(Err(error)) = pipe.outcome() {
            return Err(cannot_take(&source, error));
        }
        // Held until the process ends, so that every received event is counted.
        let taken = source.taken();
        let report = &context.report;
        if report.is_json {
            report.json(&TakenIn { taken: *taken, runs: worker.as_ref().map(EventWorker::runs) })?;
        } else {
            let (received, unreadable) = (taken.received, taken.unreadable);
            report.info(&report.text(ListenText::Taken { received, unreadable }));
        }
        std::mem::forget(taken);
        let worst = worker.as_ref().map_or(Exit::Ok, EventWorker::exit);
        Ok(context.stop.reason().map_or(worst, StopReason::exit))
    }
}

/// Document of `listen --json`.
#[derive(serde::Serialize)]
struct Listened {
    #[serde(flatten)]
    summary: receiver::Summary,
    #[serde(skip_serializing_if = "Option::is_none")]
    runs: Option<u64>,
}

/// Document of events that were taken in with `--stdin`.
#[derive(serde::Serialize)]
struct TakenIn {
    #[serde(flatten)]
    taken: receiver::Taken,
    #[serde(skip_serializing_if = "Option::is_none")]
    runs: Option<u64>,
}

impl EventFeed for Receiver {
    fn wait(&self, most: Duration) -> u64 {
        Receiver::wait(self, most)
    }

    fn is_over(&self) -> bool {
        Receiver::is_over(self)
    }
}

fn cannot_take(source: &Source, error: anyhow::Error) -> anyhow::Error {
    let exit = exit_of(&error);
    let received = source.taken().received;
    Failure::new(exit, ListenText::CannotTake { received }).help(ListenText::CannotTakeHelp {}).because(error).into()
}

/// Log of the receiver while it works, on stderr; also with `-q`: somebody should look.
fn log(report: &Report) -> Log {
    let report = report.clone();
    Arc::new(move |said| {
        let line: Message = match said {
            Notification::CannotStore(error) => {
                let error = render(error, report.lang);
                let why = std::iter::once(error.message).chain(error.causes).collect::<Vec<_>>().join(": ");
                report.line(&report.warning(&ListenText::CannotStore { why }.into()));
                return;
            }
            Notification::TurnedAway { turned_away } => ListenText::TurnedAway { turned_away }.into(),
            Notification::Recovered { turned_away: 0 } => ListenText::RecoveredWhole {}.into(),
            Notification::Recovered { turned_away } => ListenText::Recovered { turned_away }.into(),
        };
        report.line(&report.text(line));
    })
}
