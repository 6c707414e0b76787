//! `hopem-sync doctor`: everything that can be checked without changing anything, and what to do about what is found. It writes
//! nothing, takes no lock, and asks HApi one thing a kind, besides the login and what HApi says of itself, and monday one thing a
//! kind.

mod accounts;
mod board;
mod checks;
mod files;
mod hapi;
mod machine;
mod monday;
mod runner;
mod runners;
mod schedule;
mod shape;
mod stored;
mod sudoers;
mod units;
mod values;

use super::context::Context;
use crate::failure::Exit;
use crate::report::findings::findings;
use checks::Checks;
use runners::Runners;
use std::path::PathBuf;

/// Arguments of `doctor`.
#[derive(Debug, clap::Args)]
#[command(before_long_help = "\
Examples:
  hopem-sync doctor                      look at everything; exit 3 where something was found
  hopem-sync doctor --offline --json     files, store and schedule only, for a program
  hopem-sync doctor --shape shape.json   besides, write what HApi and the boards look like, without any value")]
#[command(after_long_help = "\
What it cannot see:
  crontabs of other accounts and sudoers, unless root runs it; schedulers elsewhere, such as Kubernetes or CI
  whether one of monday's columns is closed to the token: that shows once monday has refused a value there
  what a board's validation rules say: only that there are any
  whether labels are managed for the whole account: monday documents no sign of it, its settings are looked through")]
pub(crate) struct Doctor {
    /// Ask neither HApi nor monday
    #[arg(long)]
    offline: bool,
    /// Write names, types and lengths of what HApi and the boards hold to FILE, for support: no value is in it
    #[arg(long, value_name = "FILE", conflicts_with = "offline")]
    shape: Option<PathBuf>,
}

impl Doctor {
    /// Checks everything, and shows what it found.
    ///
    /// # Errors
    /// Where the store cannot be read to its end, or what is asked for cannot be written.
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let mut checks = Checks::default();
        let runners = Runners::of_this_machine(context.home.as_deref());
        files::check(context, &runners, &mut checks);
        let may_ask = machine::check(context, &runners, &mut checks);
        let store = stored::check(context, &mut checks)?;
        if may_ask && !self.offline {
            let hapi = hapi::check(context, store.as_ref(), &mut checks)?;
            let monday = monday::check(context, store.as_ref(), &mut checks)?;
            if let Some(file) = &self.shape {
                shape::write(context, file, &shape::Shape::new(context, &hapi, &monday))?;
            }
        }
        let found = checks.finish();
        let exit = match context.stop.reason() {
            Some(reason) => reason.exit(),
            None if found.is_empty() => Exit::Ok,
            None => Exit::Partial,
        };
        findings(&context.report, &found, exit, "hopem-sync doctor")?;
        Ok(exit)
    }
}
