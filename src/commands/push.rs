//! `hopem-sync push`: what the store holds and the boards lack.

use super::context::Context;
use super::notify;
use super::plan_file::PlanFile;
use super::selector::{self, Gone, Resolved};
use crate::entity::Kind;
use crate::failure::{Exit, Reported, Stage};
use crate::message::ScreenText;
use crate::options::{ConsentOptions, PushOptions};
use crate::plan::selection::Selection;
use crate::run::ownership::Stages;
use crate::run::{Run, RunKind, RunResult, RunStore};
use std::path::{Path, PathBuf};

/// Arguments of `push`.
#[derive(Debug, clap::Args)]
#[command(before_long_help = "\
Examples:
  hopem-sync push --dry-run        the plan: what would be sent, and how many calls it costs
  hopem-sync push unit tenant:7535 one kind and one tenant
  hopem-sync push --dry-run --out plan.json   the same, kept to be looked at
  hopem-sync push --plan plan.json            exactly that, or nothing at all
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
    /// With --dry-run: write the plan to FILE too, readable by its owner alone
    #[arg(long, value_name = "FILE", requires = "dry_run")]
    out: Option<PathBuf>,
    /// Send exactly what the plan in FILE says, or nothing where that no longer holds
    #[arg(long, value_name = "FILE", conflicts_with_all = ["selectors", "limit", "dry_run"])]
    plan: Option<PathBuf>,
}

impl Push {
    /// Runs the second stage.
    ///
    /// # Errors
    /// Where the run cannot begin: settings, secrets, consent or the store stand in its way.
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        if let Some(file) = &self.plan {
            return notify::after_run(context, self.push_plan(context, file));
        }
        let (selection, failures) = self.selection(context)?;
        let outcome = self.push(context, selection, failures);
        if self.dry_run { outcome } else { notify::after_run(context, outcome) }
    }

    fn push(&self, context: &Context, selection: Selection, failures: Vec<Reported>) -> anyhow::Result<Exit> {
        let store = context.store_for_run("push", self.dry_run)?;
        let result = self.push_on(context, store, selection, failures)?;
        if let (Some(file), RunKind::Rehearsal(rehearsed)) = (&self.out, &result.kind) {
            PlanFile::new(&rehearsed.plan, context.now()).write(context, file)?;
        }
        context.conclude(&result)
    }

    /// Sends what a file says, if a rehearsal of just that comes to the same; no other run comes between.
    fn push_plan(&self, context: &Context, file: &Path) -> anyhow::Result<Exit> {
        let plan = PlanFile::read(file)?;
        let kept = context.store_for_run("push", false)?;
        if let RunStore::Kept { store, .. } = &kept {
            let copy = RunStore::Copied { store: store.copy_in_memory()?, lock: None };
            let rehearsal = self.push_on(context, copy, plan.selection(), Vec::new())?;
            match &rehearsal.kind {
                RunKind::Rehearsal(rehearsed) if !rehearsal.exit().outcome().is_bad() => {
                    plan.require_same(&rehearsed.plan, file)?;
                }
                _ => return context.conclude(&rehearsal),
            }
        }
        context.conclude(&self.push_on(context, kept, plan.selection(), Vec::new())?)
    }

    fn push_on(
        &self,
        context: &Context,
        store: RunStore,
        selection: Selection,
        failures: Vec<Reported>,
    ) -> anyhow::Result<RunResult> {
        let kinds: Vec<Kind> = selection.touched_kinds().into_iter().collect();
        let monday = context.monday(&kinds)?;
        let mut run = Run::begin(context.run_context(), "push", store, &self.consent.of(Stages::Push))?;
        run.add_failures(failures);
        if monday.is_none() {
            let is_named = kinds.is_empty() && !self.selectors.is_empty();
            run.note(if is_named { ScreenText::NothingNamed {} } else { ScreenText::NoBoard {} });
        }
        let is_named = !self.selectors.is_empty() || self.plan.is_some();
        let allowed = self.consent.allowed(is_named, &kinds);
        run.push(monday.as_ref(), selection, &allowed, self.options.limit, self.options.max_calls);
        Ok(run.end())
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
