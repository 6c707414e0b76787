//! `hopem-sync runs`: everything a run did can be read again later.

use super::Context;
use crate::failure::{Exit, Failure, Outcome};
use crate::message::{Message, ScreenText, UsageText};
use crate::options::count;
use crate::report::runs::Runs as RunsScreen;
use crate::run::{ChangeEntry, RunDocument, RunMessages};
use crate::store::{Change, RunLock, RunRow};

/// The exit status of a run that was killed, as shells give it.
pub(super) const KILLED: i64 = 137;

/// Arguments of `runs`.
#[derive(Debug, clap::Args)]
#[command(before_long_help = "\
Examples:
  hopem-sync runs                 the last runs
  hopem-sync runs 17              what became of run 17
  hopem-sync runs 17 --changes    what run 17 did: every column, old and new")]
pub(crate) struct Runs {
    /// Number of a run
    #[arg(value_name = "RUN", value_parser = run_number)]
    run: Option<i64>,
    /// With a run: every change, old and new
    #[arg(long, requires = "run")]
    changes: bool,
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
            None => self.list(context),
        }
    }

    fn list(&self, context: &Context) -> anyhow::Result<Exit> {
        let store = context.store_to_read()?;
        let is_at_work = RunLock::is_held(&context.config.store.path);
        let rows = store.runs(self.limit)?;
        let newest = rows.first().map(|row| row.run);
        // Who holds the lock is the run that began last; one that began before it and never ended is dead.
        let documents = rows.iter().map(|row| document(row, is_at_work && newest == Some(row.run)));
        let runs: Vec<RunDocument> = documents.collect();
        context.report.show(&RunsScreen { runs })?;
        Ok(Exit::Ok)
    }

    fn one(&self, context: &Context, run: i64) -> anyhow::Result<Exit> {
        let store = context.store_to_read()?;
        let row = store.run(run)?.ok_or_else(|| {
            Failure::usage(ScreenText::NoSuchRun { run: run.to_string() }).help(ScreenText::ListRuns {})
        })?;
        let is_newest = store.runs(1)?.first().is_some_and(|newest| newest.run == row.run);
        let mut run = document(&row, is_newest && RunLock::is_held(&context.config.store.path));
        if context.report.is_json && !self.changes {
            context.report.json(&run)?;
            return Ok(Exit::Ok);
        }
        if !context.report.is_json {
            // JSON stays as it was printed; people read what happened in their own language.
            let messages = row.messages.as_deref().and_then(|json| serde_json::from_str::<RunMessages>(json).ok());
            if let Some(messages) = messages {
                messages.put_into(&mut run, context.lang());
            }
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
