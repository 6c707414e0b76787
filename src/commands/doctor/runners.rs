//! Who runs the program on this machine: the accounts of crontabs, units and sudoers, as far as they can be seen.

use super::accounts::{Accounts, FileFacts, own_account};
use super::runner::Runner;
use super::schedule::Entry;
use super::sudoers::Rule;
use super::units::{self, Unit};
use super::{schedule, sudoers};
use crate::commands::context::Context;
use std::path::Path;

/// Runners of this machine, as far as they can be seen: crontabs of other accounts and sudoers only by root.
#[derive(Debug)]
pub(super) struct Runners {
    /// Lines of crontabs.
    pub(super) entries: Vec<Entry>,
    /// Units of systemd.
    pub(super) units: Vec<Unit>,
    /// Rules of sudoers.
    pub(super) rules: Vec<Rule>,
    /// The accounts of the machine.
    pub(super) accounts: Accounts,
}

impl Runners {
    /// Those of this machine.
    pub(super) fn of_this_machine(home: Option<&Path>) -> Runners {
        Runners {
            entries: schedule::entries_of_this_machine(),
            units: units::units_of_this_machine(home),
            rules: sudoers::rules_of_this_machine(),
            accounts: Accounts::of_this_machine(),
        }
    }

    /// Those that work with the configuration in force. Where nothing runs it by itself, the services that could: root sees all that does.
    pub(super) fn of(&self, context: &Context) -> Vec<Runner> {
        let home = context.home.as_deref();
        let entries = self.entries.iter().map(|entry| Runner {
            place: entry.place.clone(),
            run_as: entry.run_as.clone(),
            credentials: Vec::new(),
            keeps_store: true,
            is_planned: false,
        });
        let units = self.units.iter().filter_map(|unit| units::runner(unit, home));
        let is_meant = |runner: &Runner| runner.is_for(&context.config.file, &self.accounts);
        let (planned, mut known): (Vec<Runner>, Vec<Runner>) =
            entries.chain(units).filter(is_meant).partition(|runner| runner.is_planned);
        if known.is_empty() && own_account() == 0 {
            known = distinct(planned);
        }
        known.extend(self.rules.iter().map(Rule::runner).filter(is_meant));
        known
    }
}

/// One of each account: of the services of a package one tells what all of them would meet.
fn distinct(planned: Vec<Runner>) -> Vec<Runner> {
    let mut kept: Vec<Runner> = Vec::new();
    for runner in planned {
        let is_same = |known: &Runner| {
            (&known.run_as.account, &known.run_as.group) == (&runner.run_as.account, &runner.run_as.group)
        };
        if !kept.iter().any(is_same) {
            kept.push(runner);
        }
    }
    kept
}

/// Who runs it where nothing tells: the owner of the store, or of the folder where it will be; else who asks.
pub(super) fn owner_of(store: &Path) -> u32 {
    let place = [Some(store), store.parent()].into_iter().flatten().find_map(FileFacts::of);
    place.map_or_else(own_account, |facts| facts.owner)
}
