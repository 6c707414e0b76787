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

    /// Those that work with the configuration in force; where none is known, the account whose store it is.
    pub(super) fn of(&self, context: &Context) -> Vec<Runner> {
        let home = context.home.as_deref();
        let entries = self.entries.iter().map(|entry| Runner {
            place: entry.place.clone(),
            run_as: entry.run_as.clone(),
            credentials: Vec::new(),
            keeps_store: true,
        });
        let units = self.units.iter().filter_map(|unit| units::runner(unit, home));
        let all = entries.chain(units).chain(self.rules.iter().map(Rule::runner));
        all.filter(|runner| runner.is_for(&context.config.file, &self.accounts)).collect()
    }
}

/// Who runs it where nothing tells: the owner of the store, or of the folder where it will be; else who asks.
pub(super) fn owner_of(store: &Path) -> u32 {
    let place = [Some(store), store.parent()].into_iter().flatten().find_map(FileFacts::of);
    place.map_or_else(own_account, |facts| facts.owner)
}
