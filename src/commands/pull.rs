//! `hopem-sync pull`: from HApi into the store.

use super::context::Context;
use super::{notify, selector};
use crate::entity::Kind;
use crate::failure::Exit;
use crate::options::{ConsentOptions, PullOptions};
use crate::run::Run;
use crate::run::ownership::Stages;

/// Arguments of `pull`.
#[derive(Debug, clap::Args)]
#[command(before_long_help = "\
Examples:
  hopem-sync pull                          read every kind
  hopem-sync pull unit tenant --dry-run    what reading these two would change
  hopem-sync pull unit --allow-deletes     let the deletes through that the guard held back")]
pub(crate) struct Pull {
    /// Kinds to read, such as `unit`; all if none is named
    #[arg(value_name = "KIND")]
    kinds: Vec<String>,
    #[command(flatten)]
    options: PullOptions,
    #[command(flatten)]
    consent: ConsentOptions,
    /// Read into memory and print what would change
    #[arg(short = 'n', long)]
    dry_run: bool,
}

impl Pull {
    /// Runs the first stage.
    ///
    /// # Errors
    /// Where the run cannot begin: settings, secrets, consent or the store stand in its way.
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let kinds = selector::kinds(&self.kinds, &context.config)?;
        let outcome = self.pull(context, &kinds);
        if self.dry_run { outcome } else { notify::after_run(context, outcome) }
    }

    fn pull(&self, context: &Context, kinds: &[Kind]) -> anyhow::Result<Exit> {
        let hapi = context.hapi()?;
        let allowed = self.consent.allowed(!self.kinds.is_empty(), kinds);
        let store = context.store_for_run("pull", self.dry_run)?;
        let mut run = Run::begin(context.run_context(), "pull", store, &self.consent.of(Stages::Pull))?;
        run.pull(&hapi, kinds, self.options.scope(context.receiver_is_alive()), &allowed);
        context.conclude(&run.end())
    }
}
