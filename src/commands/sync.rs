//! `hopem-sync sync`: both stages. With HApi down, what is pending is pushed all the same.

use super::context::Context;
use super::ping::Ping;
use super::{notify, selector};
use crate::entity::Kind;
use crate::failure::Exit;
use crate::message::RunText;
use crate::options::duration;
use crate::options::{ConsentOptions, PullOptions, PushOptions};
use crate::plan::selection::Selection;
use crate::run::Run;
use crate::run::ownership::Stages;
use std::time::Duration;

/// Arguments of `sync`.
#[derive(Debug, clap::Args)]
#[command(before_long_help = "\
Examples:
  hopem-sync sync                          both stages, every kind
  hopem-sync sync --dry-run                read Hopem into memory and print the plan
  hopem-sync sync -q --max-duration 10m    for cron: says nothing unless someone should look")]
pub(crate) struct Sync {
    /// Kinds to sync, such as `unit`; all if none is named
    #[arg(value_name = "KIND")]
    kinds: Vec<String>,
    #[command(flatten)]
    pull: PullOptions,
    #[command(flatten)]
    push: PushOptions,
    #[command(flatten)]
    consent: ConsentOptions,
    /// End after this long, such as 10m; what is left waits for the next run
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    max_duration: Option<Duration>,
    /// Read into memory, print the plan and stop
    #[arg(short = 'n', long)]
    dry_run: bool,
}

impl Sync {
    /// Runs both stages.
    ///
    /// # Errors
    /// Where the run cannot begin: settings, secrets, consent or the store stand in its way.
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let kinds = selector::kinds(&self.kinds, &context.config)?;
        let outcome = self.sync(context, &kinds);
        if self.dry_run { outcome } else { notify::after_run(context, outcome) }
    }

    fn sync(&self, context: &Context, kinds: &[Kind]) -> anyhow::Result<Exit> {
        let (hapi, monday) = (context.hapi()?, context.monday(kinds)?);
        let wants_board = |kind: &Kind| context.config.kind(*kind).push;
        if monday.is_none() && kinds.iter().any(wants_board) {
            context.report.warn(&RunText::OnlyRead {}.into());
        }
        if let Some(most) = self.max_duration {
            context.stop.after(most);
        }
        let allowed = self.consent.allowed(!self.kinds.is_empty(), kinds);
        let url = context.config.sync.ping_url.as_deref();
        // A rehearsal is none of the monitor's business.
        let mut ping = Ping::new(context, url.filter(|_| !self.dry_run));
        let consent = self.consent.of(Stages::Both);
        let store = context.store_for_run("sync", self.dry_run);
        let mut run = match store.and_then(|store| Run::begin(context.run_context(), "sync", store, &consent)) {
            Ok(run) => run,
            Err(error) => {
                ping.could_not_start(&error);
                return Err(error);
            }
        };
        ping.starts();
        run.pull(&hapi, kinds, self.pull.scope(context.receiver_is_alive()), &allowed);
        run.push(monday.as_ref(), Selection::of_kinds(kinds), &allowed, self.push.limit, self.push.max_calls);
        let result = run.end();
        let exit = context.conclude(&result);
        ping.ended(&result);
        exit
    }
}
