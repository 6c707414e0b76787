//! `hopem-sync pull`: from HApi into the store.

use super::work::{Work, report};
use super::{Context, selector};
use crate::entity::Kind;
use crate::failure::Exit;
use crate::pipeline::deletes::Allowed;
use crate::pipeline::events::Scope;

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
    /// Lift the guard against many deletes, for the kinds named
    #[arg(long)]
    allow_deletes: bool,
}

impl PullOptions {
    /// What is read: all, or where webhooks come in what they named.
    pub(crate) fn scope(&self, context: &Context) -> Scope {
        let receiver_is_alive = context.receiver_is_alive();
        if self.full { Scope::Whole { receiver_is_alive } } else { Scope::Due { receiver_is_alive } }
    }

    /// The kinds whose deletes are let through.
    pub(crate) fn allowed(&self, named: &[String], kinds: &[Kind]) -> Allowed {
        match self.allow_deletes {
            false => Allowed::Guarded,
            true if named.is_empty() => Allowed::All,
            true => Allowed::These(kinds.iter().copied().collect()),
        }
    }
}

impl Pull {
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let kinds = selector::kinds(&self.kinds, &context.config)?;
        let hapi = context.hapi()?;
        let mut work = Work::begin(context, "pull", self.dry_run)?;
        work.pull(&hapi, &kinds, self.options.scope(context), &self.options.allowed(&self.kinds, &kinds));
        report(context, &work.end())
    }
}
