//! `hopem-sync runs`: everything a run did can be read again later.

use super::html::{self, HtmlOptions};
use super::{Context, again};
use crate::failure::{Exit, Failure, KILLED, Outcome};
use crate::message::{Message, PageText, ScreenText, UsageText};
use crate::options::count;
use crate::report::html::{MOST_CHANGES, RunPage};
use crate::report::runs::Runs as RunsScreen;
use crate::run::{ChangeEntry, RunDocument, RunMessages};
use crate::store::{Change, RunLock, RunRow, Store};
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
            let mut runs: Vec<RunDocument> =
                store.runs(self.limit)?.iter().map(|row| document(row, is_at_work)).collect();
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
        let documents = rows.iter().map(|row| document(row, is_at_work && newest == Some(row.run)));
        let runs: Vec<RunDocument> = documents.collect();
        context.report.show(&RunsScreen { runs, has_header: true })?;
        Ok(Exit::Ok)
    }

    /// Writes a run as a page.
    fn page(&self, context: &Context, store: &Store, document: RunDocument, file: &Path) -> anyhow::Result<Exit> {
        let mut changes = Vec::new();
        let mut change_count = 0;
        store.each_change_in(document.run.unwrap_or_default(), |change| {
            change_count += 1;
            if changes.len() < MOST_CHANGES {
                changes.push(entry(&change));
            }
            Ok(())
        })?;
        let failed = document.failures.iter().map(|failure| failure.entity.clone());
        let named = failed.chain(changes.iter().map(|change: &ChangeEntry| change.entity.to_string()));
        let names = html::names(context, store, named.collect::<Vec<_>>().into_iter(), self.page.names)?;
        let page = RunPage { document, changes, change_count, names, now: context.now() };
        html::write(context, file, &page.html(context.lang()))?;
        Ok(Exit::Ok)
    }

    fn one(&self, context: &Context, run: i64) -> anyhow::Result<Exit> {
        let store = context.store_to_read()?;
        let row = store.run(run)?.ok_or_else(|| {
            Failure::usage(ScreenText::NoSuchRun { run: run.to_string() }).help(ScreenText::ListRuns {})
        })?;
        let is_newest = store.runs(1)?.first().is_some_and(|newest| newest.run == row.run);
        let mut run = document(&row, is_newest && RunLock::is_held(&context.config.store.path));
        if let Some(file) = &self.page.html {
            put_words(&row, &mut run, context);
            return self.page(context, &store, run, file);
        }
        if context.report.is_json && !self.changes {
            context.report.json(&run)?;
            return Ok(Exit::Ok);
        }
        if !context.report.is_json {
            // JSON stays as it was printed; people read what happened in their own language.
            put_words(&row, &mut run, context);
        }
        store.steadily(|store| {
            context.report.run_with_changes(&run, |work| match self.changes {
                true => store.each_change_in(row.run, |change| work(&entry(&change))),
                false => Ok(()),
            })
        })?;
        Ok(Exit::Ok)
    }
}

/// Puts what happened into the reader's language.
fn put_words(row: &RunRow, run: &mut RunDocument, context: &Context) {
    let messages = row.messages.as_deref().and_then(|json| serde_json::from_str::<RunMessages>(json).ok());
    if let Some(messages) = messages {
        messages.put_into(run, context.lang());
    }
}

/// A run's document; one that was killed, or is under way (`is_at_work`), has left none.
fn document(row: &RunRow, is_at_work: bool) -> RunDocument {
    let stored = row.document.as_deref().and_then(|text| serde_json::from_str(text).ok());
    stored.unwrap_or_else(|| {
        let took = || u64::try_from(row.finished_at?.duration_since(row.started_at).as_millis()).ok();
        let outcome = if is_at_work { Outcome::Running } else { Outcome::Interrupted };
        let exit_code = row.exit_code.or((!is_at_work).then_some(KILLED));
        RunDocument {
            run: Some(row.run),
            command: row.command.clone(),
            outcome: row.outcome.unwrap_or(outcome),
            exit_code: exit_code.and_then(|code| u8::try_from(code).ok()).unwrap_or_default(),
            started_at: row.started_at,
            duration_ms: took().unwrap_or_default(),
            ..RunDocument::default()
        }
    })
}

/// A change as it stands in JSON.
pub(crate) fn entry(change: &Change) -> ChangeEntry {
    ChangeEntry {
        entity: change.entity_key(),
        action: change.action.word().to_owned(),
        columns: serde_json::from_str(&change.columns).unwrap_or_default(),
        run: change.run,
        at: change.at,
    }
}
