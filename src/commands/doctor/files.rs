//! Checks of files: whether secrets can be read by who must and by nobody else, whose the store is.

use super::accounts::{Accounts, FileFacts, Identity, own_account};
use super::checks::{Checks, Problem, name};
use super::runner::{Runner, remedy};
use super::runners::{Runners, owner_of};
use crate::commands::context::Context;
use crate::message::DoctorText;
use crate::private_files::OTHERS_READ;
use std::path::PathBuf;

/// The mode bits that let others in.
const OTHERS: u32 = 0o077;

/// Checks the configuration, the secrets and the store's place.
pub(super) fn check(context: &Context, runners: &Runners, checks: &mut Checks) {
    let (accounts, config) = (&runners.accounts, &context.config);
    let known = runners.of(context);
    for runner in &known {
        checks.note(name::SCHEDULE, runner.place.clone(), runner.is_nobody(accounts));
    }
    let mut secrets = vec![&config.hapi.password, &config.hapi.api_key, &config.monday.token];
    if config.listen.secret.is_set() {
        secrets.push(&config.listen.secret);
    }
    let mut files: Vec<(PathBuf, bool)> =
        vec![(config.file.clone(), secrets.iter().any(|secret| secret.is_in_configuration()))];
    for secret in secrets {
        let read = if secret.setting == config.listen.secret.setting {
            secret.read_two().map(|_| ())
        } else {
            secret.read().map(|_| ())
        };
        checks.note(name::SECRET, secret.setting, read.err().map(|error| Problem::of_error(&error)));
        files.extend(secret.named_file().map(|file| (file.to_owned(), true)));
    }
    files.dedup();
    for (path, holds_secret) in files {
        let Some(way) = FileFacts::way_to(&path) else { continue };
        let subject = path.display().to_string();
        checks.note(name::FILE, subject.clone(), way.last().and_then(|facts| shown_to_others(facts, holds_secret)));
        checks.note(name::READERS, subject, unreadable(accounts, &known, owner_of(&config.store.path), &way));
    }
    for path in [Some(config.store.path.as_path()), config.store.path.parent()].into_iter().flatten() {
        if let Some(facts) = FileFacts::of(path) {
            checks.note(name::FILE, path.display().to_string(), open_store(&facts));
            let runners = known.iter().filter_map(|runner| runner.has_no_store(accounts, &facts));
            let problems = other_owner(accounts, own_account(), &facts).into_iter().chain(runners);
            checks.note(name::READERS, path.display().to_string(), problems);
        }
    }
}

fn shown_to_others(facts: &FileFacts, holds_secret: bool) -> Option<Problem> {
    let path = facts.path.display().to_string();
    (holds_secret && facts.mode & OTHERS_READ != 0).then(|| {
        Problem::warning(DoctorText::SecretShown { path: path.clone() }).hint(DoctorText::MakePrivate { path })
    })
}

/// Who of those that run it cannot read a file; where nobody is known to, the account whose store it is.
fn unreadable(accounts: &Accounts, known: &[Runner], owner: u32, way: &[FileFacts]) -> Vec<Problem> {
    let Some(file) = way.last().filter(|_| known.is_empty()) else {
        return known.iter().filter_map(|runner| runner.cannot_read(accounts, way)).collect();
    };
    let problem = |obstacle| {
        let (account, path) = (accounts.name(owner), file.path.display().to_string());
        let what = DoctorText::NotReadableByRunner { account: account.clone(), path };
        Problem::error(what).hint(remedy(account, obstacle, file))
    };
    accounts.obstacle(&Identity::of(owner), way).map(problem).into_iter().collect()
}

fn open_store(facts: &FileFacts) -> Option<Problem> {
    let path = facts.path.display().to_string();
    let mode = if facts.path.is_dir() { "700" } else { "600" }.to_owned();
    (facts.mode & OTHERS != 0).then(|| {
        Problem::warning(DoctorText::StoreOpen { path: path.clone() }).hint(DoctorText::CloseStore { path, mode })
    })
}

/// A store that another account owns: what this one writes there the other could not.
fn other_owner(accounts: &Accounts, own: u32, facts: &FileFacts) -> Option<Problem> {
    let (owner, path) = (accounts.name(facts.owner), facts.path.display().to_string());
    (own != facts.owner && own != 0).then(|| {
        Problem::warning(DoctorText::StoreOfAnother { path, owner: owner.clone() }).hint(DoctorText::RunAs { owner })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(owner: u32, mode: u32) -> FileFacts {
        FileFacts { path: PathBuf::from("/nowhere/f"), owner, group: 0, mode }
    }

    #[test]
    fn a_secret_that_others_can_read_is_a_warning_and_one_that_the_runner_cannot_an_error() {
        assert!(shown_to_others(&facts(0, 0o640), true).is_some());
        assert_eq!(shown_to_others(&facts(0, 0o644), false), None);
        assert_eq!(shown_to_others(&facts(0, 0o600), true), None);
        let accounts = Accounts::default();
        assert_eq!(unreadable(&accounts, &[], 900, &[facts(0, 0o600)]).len(), 1);
        assert_eq!(unreadable(&accounts, &[], 900, &[facts(900, 0o400)]), []);
    }

    #[test]
    fn a_store_that_others_can_enter_or_own_is_a_warning() {
        assert!(open_store(&facts(0, 0o640)).is_some() && open_store(&facts(0, 0o600)).is_none());
        let accounts = Accounts::default();
        assert!(other_owner(&accounts, 1000, &facts(900, 0o600)).is_some());
        assert_eq!(other_owner(&accounts, 0, &facts(900, 0o600)), None, "root may look");
        assert_eq!(other_owner(&accounts, 900, &facts(900, 0o600)), None);
    }
}
