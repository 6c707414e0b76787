//! `hopem-sync push`: what the store holds and the boards lack.

use super::context::Context;
use super::notify;
use super::selector::{self, Gone, Resolved};
use crate::entity::Kind;
use crate::failure::{Exit, Reported, Stage};
use crate::message::ScreenText;
use crate::options::{ConsentOptions, PushOptions};
use crate::plan::selection::Selection;
use crate::run::Run;
use crate::run::ownership::Stages;

/// Arguments of `push`.
#[derive(Debug, clap::Args)]
#[command(before_long_help = "\
Examples:
  hopem-sync push --dry-run        the plan: what would be sent, and how many calls it costs
  hopem-sync push unit tenant:7535 one kind and one tenant
  hopem-sync push --max-calls 50   stop after 50 calls; the rest waits for the next run
  hopem-sync push unit --allow-deletes   let the items go that the guard held back")]
pub(crate) struct Push {
    /// Kinds (`unit`) and entities (`unit:1472`) to push; all if none is named; `-` reads them from standard input
    #[arg(value_name = "SELECTOR")]
    selectors: Vec<String>,
    #[command(flatten)]
    options: PushOptions,
    #[command(flatten)]
    consent: ConsentOptions,
    /// Print the plan and stop
    #[arg(short = 'n', long)]
    dry_run: bool,
}

impl Push {
    /// Runs the second stage.
    ///
    /// # Errors
    /// Where the run cannot begin: settings, secrets, consent or the store stand in its way.
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let (selection, failures) = self.selection(context)?;
        let outcome = self.push(context, selection, failures);
        if self.dry_run { outcome } else { notify::after_run(context, outcome) }
    }

    fn push(&self, context: &Context, selection: Selection, failures: Vec<Reported>) -> anyhow::Result<Exit> {
        let kinds: Vec<Kind> = selection.touched_kinds().into_iter().collect();
        let monday = context.monday(&kinds)?;
        let store = context.store_for_run("push", self.dry_run)?;
        let mut run = Run::begin(context.run_context(), "push", store, &self.consent.of(Stages::Push))?;
        run.add_failures(failures);
        if monday.is_none() {
            let is_named = kinds.is_empty() && !self.selectors.is_empty();
            run.note(if is_named { ScreenText::NothingNamed {} } else { ScreenText::NoBoard {} });
        }
        let allowed = self.consent.allowed(!self.selectors.is_empty(), &kinds);
        run.push(monday.as_ref(), selection, &allowed, self.options.limit, self.options.max_calls);
        context.conclude(&run.end())
    }

    /// What is to be pushed, and the selectors that name nothing.
    fn selection(&self, context: &Context) -> anyhow::Result<(Selection, Vec<Reported>)> {
        let selectors = selector::parse_all(&self.selectors, &context.stop)?;
        if self.selectors.is_empty() {
            let kinds = selector::kinds(&[], &context.config)?;
            return Ok((Selection::of_kinds(&kinds), Vec::new()));
        }
        for selector in &selectors {
            selector::require_enabled(selector.kind(), &context.config)?;
        }
        let resolved = Resolved::of(&selectors, &context.store_to_read()?, Gone::WithItem, context.clock())?;
        Ok((resolved.selection(), resolved.failures(Stage::Push)))
    }
}
