//! `hopem-sync runs`: everything a run did can be read again later.

use super::again;
use super::context::Context;
use super::html::{self, HtmlOptions};
use crate::entity::EntityKey;
use crate::failure::{Exit, Failure, Outcome};
use crate::message::{Message, PageText, ScreenText, UsageText};
use crate::options::count;
use crate::report::html::{MOST_CHANGES, RunPage};
use crate::report::runs::Runs as RunsScreen;
use crate::run::{ChangeEntry, FailurePart, RunDocument};
use crate::store::{RunLock, RunRow, Store};
use std::path::Path;
use std::time::Duration;

/// How often it is checked whether a run has ended.
const FOLLOW_EVERY: Duration = Duration::from_secs(1);

/// Arguments of `runs`.
#[derive(Debug, clap::Args)]
#[command(before_long_help = "\
Examples:
  hopem-sync runs                 the last runs
  hopem-sync runs --follow        and each further one as soon as it has ended
  hopem-sync runs 17              what became of run 17
  hopem-sync runs 17 --changes    what run 17 did: every column, old and new
  hopem-sync runs 17 --html run17.html    the same for a browser")]
pub(crate) struct Runs {
    /// Number of a run
    #[arg(value_name = "RUN", value_parser = run_number)]
    run: Option<i64>,
    /// With a run: every change, old and new
    #[arg(long, requires = "run")]
    changes: bool,
    /// List the last runs, then each as soon as it has ended, until Ctrl-C
    #[arg(long, conflicts_with = "run")]
    follow: bool,
    #[command(flatten)]
    page: HtmlOptions,
    /// List at most N runs
    #[arg(long, value_name = "N", default_value = "20", value_parser = count)]
    limit: u64,
}

fn run_number(text: &str) -> Result<i64, Message> {
    text.trim().parse().ok().filter(|run| *run > 0).ok_or_else(|| UsageText::WantsRun {}.into())
}

impl Runs {
    /// Lists runs, or shows one.
    ///
    /// # Errors
    /// Where the run is unknown, or the store cannot be read.
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        match self.run {
            Some(run) => self.one(context, run),
            None if self.page.html.is_some() => {
                Err(Failure::usage(PageText::HtmlWithoutRun {}).help(PageText::NameTheRun {}).into())
            }
            None if self.follow => self.follow(context),
            None => self.list(context),
        }
    }

    /// The last runs, the newest last, and then each that has ended since.
    fn follow(&self, context: &Context) -> anyhow::Result<Exit> {
        again::refuse_endless(context, "--follow")?;
        let mut newest = None;
        let mut show = || {
            let store = context.store_to_read()?;
            let is_at_work = RunLock::is_held(&context.config.store.path);
            let mut runs: Vec<RunDocument> = store
                .runs(self.limit)?
                .iter()
                .map(|row| RunDocument::of_row(row, is_at_work))
                .collect::<Result<_, _>>()?;
            runs.reverse();
            let is_first = newest.is_none();
            // One that is under way is listed once it has ended; so those behind it wait with it.
            let ended = runs.into_iter().take_while(|run| run.outcome != Outcome::Running);
            let new: Vec<RunDocument> = ended.filter(|run| run.run > newest.flatten()).collect();
            newest = Some(new.last().map_or(newest.flatten(), |run| run.run));
            match (is_first, new.is_empty()) {
                (false, true) => Ok(()),
                (true, _) => context.report.show(&RunsScreen { runs: new, has_header: true }),
                (false, false) => context.report.show(&RunsScreen { runs: new, has_header: false }),
            }
        };
        show()?;
        again::follow(context, FOLLOW_EVERY, show)
    }

    fn list(&self, context: &Context) -> anyhow::Result<Exit> {
        let store = context.store_to_read()?;
        let is_at_work = RunLock::is_held(&context.config.store.path);
        let rows = store.runs(self.limit)?;
        let newest = rows.first().map(|row| row.run);
        // Who holds the lock is the run that began last; one that began before it and never ended is dead.
        let documents = rows.iter().map(|row| RunDocument::of_row(row, is_at_work && newest == Some(row.run)));
        let runs = documents.collect::<Result<_, _>>()?;
        context.report.show(&RunsScreen { runs, has_header: true })?;
        Ok(Exit::Ok)
    }

    /// Writes a run as a page.
    fn page(
        &self,
        context: &Context,
        store: &Store,
        row: &RunRow,
        document: RunDocument,
        file: &Path,
    ) -> anyhow::Result<Exit> {
        let mut changes: Vec<ChangeEntry> = Vec::new();
        let mut change_count = 0;
        store.each_change_in(row.run, |change| {
            change_count += 1;
            if changes.len() < MOST_CHANGES {
                changes.push(change.into());
            }
            Ok(())
        })?;
        let failed = document.failures.iter().filter_map(FailurePart::entity_key);
        let named: Vec<EntityKey> = failed.chain(changes.iter().map(|change| &change.entity)).cloned().collect();
        let names = html::names(context, store, named, self.page.names)?;
        let page = RunPage { document, changes, change_count, names, now: context.now() };
        html::write(context, file, &page.html(context.lang(), &context.report.zone))?;
        Ok(Exit::Ok)
    }

    fn one(&self, context: &Context, run: i64) -> anyhow::Result<Exit> {
        let store = context.store_to_read()?;
        let row = store.run(run)?.ok_or_else(|| {
            Failure::usage(ScreenText::NoSuchRun { run: run.to_string() }).help(ScreenText::ListRuns {})
        })?;
        let is_newest = store.runs(1)?.first().is_some_and(|newest| newest.run == row.run);
        let mut run = RunDocument::of_row(&row, is_newest && RunLock::is_held(&context.config.store.path))?;
        if let Some(file) = &self.page.html {
            run.put_words_of(&row, context.lang());
            return self.page(context, &store, &row, run, file);
        }
        if context.report.is_json && !self.changes {
            context.report.json(&run)?;
            return Ok(Exit::Ok);
        }
        if !context.report.is_json {
            // JSON stays as it was printed; people read what happened in their own language.
            run.put_words_of(&row, context.lang());
        }
        let store = store.snapshot()?;
        context.report.run_with_changes(&run, |work| match self.changes {
            true => store.each_change_in(row.run, |change| work(&change.into())),
            false => Ok(()),
        })?;
        Ok(Exit::Ok)
    }
}
