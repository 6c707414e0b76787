//! `hopem-sync pull`: from HApi into the store.

use super::consent::ConsentOptions;
use super::{Context, selector};
use crate::failure::Exit;
use crate::pull::by_event::Scope;
use crate::run::Work;
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
    #[arg(long)]
    dry_run: bool,
}

/// What `pull` and `sync` take.
#[derive(Debug, clap::Args)]
pub(crate) struct PullOptions {
    /// Read everything even where events would do
    #[arg(long)]
    full: bool,
}

impl PullOptions {
    /// What is read: all, or where webhooks come in what they named.
    pub(crate) fn scope(&self, context: &Context) -> Scope {
        let receiver_is_alive = context.receiver_is_alive();
        if self.full { Scope::Whole { receiver_is_alive } } else { Scope::Due { receiver_is_alive } }
    }
}

impl Pull {
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let kinds = selector::kinds(&self.kinds, &context.config)?;
        let hapi = context.hapi()?;
        let allowed = self.consent.allowed(!self.kinds.is_empty(), &kinds);
        let mut work = Work::begin(context, "pull", self.dry_run, &self.consent.of(Stages::Pull))?;
        work.pull(&hapi, &kinds, self.options.scope(context), &allowed);
        context.conclude(&work.end())
    }
}
