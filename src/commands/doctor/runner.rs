//! Runner of the program: an account, and whether it can read what it must. Pure, but for looking which configuration is there.

use super::accounts::{Accounts, FileFacts, Identity};
use super::checks::Problem;
use crate::config::Request;
use crate::message::DoctorText;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Account under which the program is run, and what its command line says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct RunAs {
    /// The account.
    pub(super) account: String,
    /// The main group that it is given, where that is said.
    pub(super) group: Option<String>,
    /// The groups that it is given besides.
    pub(super) more_groups: Vec<String>,
    /// The words behind the program.
    pub(super) arguments: Vec<String>,
    /// `HOPEM_SYNC_CONFIG`, where it is set there.
    pub(super) config: Option<PathBuf>,
}

/// Runner of the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Runner {
    /// The line or the file that runs it.
    pub(super) place: String,
    /// As whom.
    pub(super) run_as: RunAs,
    /// The files of secrets that systemd reads for it.
    pub(super) credentials: Vec<PathBuf>,
    /// Whether the store has to be its own already: nobody gives it the folder.
    pub(super) keeps_store: bool,
    /// Whether it only would run it, once it is enabled.
    pub(super) is_planned: bool,
}

impl RunAs {
    fn flag(&self, name: &str) -> Option<String> {
        let mut words = self.arguments.iter();
        let with_value = |word: &String| word.strip_prefix(name)?.strip_prefix('=').map(str::to_owned);
        let same = self.arguments.iter().find_map(with_value);
        same.or_else(|| words.find(|word| *word == name).and_then(|_| words.next().cloned()))
    }

    /// The groups that it is given.
    fn groups(&self) -> impl Iterator<Item = &String> {
        self.group.iter().chain(&self.more_groups)
    }

    /// Who the process is.
    fn identity(&self, accounts: &Accounts) -> Option<Identity> {
        let number = |group: &String| accounts.group_number(group);
        Some(Identity {
            user: accounts.number(&self.account)?,
            group: self.group.as_ref().and_then(number),
            more_groups: self.more_groups.iter().filter_map(number).collect(),
        })
    }

    /// The configuration that it means.
    fn configuration(&self, accounts: &Accounts) -> Option<PathBuf> {
        let variable = self.config.iter().map(|file| ("HOPEM_SYNC_CONFIG".to_owned(), file.display().to_string()));
        let environment: BTreeMap<String, String> = variable.collect();
        let request = Request {
            config_flag: self.flag("--config").map(PathBuf::from),
            profile: self.flag("--profile"),
            home: accounts.number(&self.account).and_then(|user| accounts.home(user)),
            ..Request::new(&environment)
        };
        request.configuration_file(true).ok()
    }
}

impl Runner {
    /// Whether it works with this configuration.
    pub(super) fn is_for(&self, configuration: &Path, accounts: &Accounts) -> bool {
        let meant = self.run_as.configuration(accounts);
        let same = |meant: PathBuf| meant.canonicalize().ok() == configuration.canonicalize().ok();
        meant.is_some_and(same)
    }

    /// That there is no account of its name, or no group.
    pub(super) fn is_nobody(&self, accounts: &Accounts) -> Vec<Problem> {
        let (account, place) = (self.run_as.account.clone(), self.place.clone());
        let no_account = accounts.number(&account).is_none().then(|| {
            let what = DoctorText::NoSuchAccount { account: account.clone(), place: place.clone() };
            self.problem(what).hint(DoctorText::MakeAccount { account })
        });
        let unknown = self.run_as.groups().filter(|group| accounts.group_number(group).is_none());
        let no_group = unknown.map(|group| {
            let (group, place) = (group.clone(), place.clone());
            let what = DoctorText::NoSuchGroup { group: group.clone(), place };
            self.problem(what).hint(DoctorText::MakeGroup { group })
        });
        no_account.into_iter().chain(no_group).collect()
    }

    /// What is wrong with what runs the program; as long as nobody has enabled it, it is a warning.
    fn problem(&self, what: DoctorText) -> Problem {
        if self.is_planned { Problem::warning(what) } else { Problem::error(what) }
    }

    /// What keeps it from reading a file that it must read.
    pub(super) fn cannot_read(&self, accounts: &Accounts, way: &[FileFacts]) -> Option<Problem> {
        let file = way.last()?;
        if self.credentials.iter().any(|credential| credential.canonicalize().is_ok_and(|path| path == file.path)) {
            return None;
        }
        let obstacle = accounts.obstacle(&self.run_as.identity(accounts)?, way)?;
        let (account, place, path) = (self.run_as.account.clone(), self.place.clone(), file.path.display().to_string());
        let what = match self.is_planned {
            true => DoctorText::RunnerCouldNotRead { place, account: account.clone(), path },
            false => DoctorText::RunnerCannotRead { place, account: account.clone(), path },
        };
        Some(self.problem(what).hint(remedy(account, obstacle, file)))
    }

    /// That the store belongs to another account.
    pub(super) fn has_no_store(&self, accounts: &Accounts, store: &FileFacts) -> Option<Problem> {
        let user = accounts.number(&self.run_as.account)?;
        if user == store.owner || !self.keeps_store {
            return None;
        }
        let (account, place) = (self.run_as.account.clone(), self.place.clone());
        let (path, owner) = (store.path.display().to_string(), accounts.name(store.owner));
        let what = DoctorText::RunnerOwnsNoStore { place, account, path, owner: owner.clone() };
        Some(self.problem(what).hint(DoctorText::RunItAs { owner }))
    }
}

/// What to do about a file or a folder that an account cannot read.
pub(super) fn remedy(account: String, obstacle: &FileFacts, file: &FileFacts) -> DoctorText {
    let path = obstacle.path.display().to_string();
    match obstacle == file {
        true => DoctorText::GiveToRunner { account, path },
        false => DoctorText::LetEnter { account, path },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Lang;

    fn runner(account: &str, line: &str, credentials: &[&Path]) -> Runner {
        Runner {
            place: "/etc/crontab:3".to_owned(),
            run_as: RunAs {
                account: account.to_owned(),
                arguments: line.split_whitespace().map(str::to_owned).collect(),
                ..RunAs::default()
            },
            credentials: credentials.iter().map(|path| path.to_path_buf()).collect(),
            keeps_store: true,
            is_planned: false,
        }
    }

    fn facts(path: &Path, owner: u32, mode: u32) -> FileFacts {
        FileFacts { path: path.to_owned(), owner, group: owner, mode }
    }

    #[test]
    fn a_runner_works_with_the_configuration_that_its_line_or_its_home_says() {
        let folder = tempfile::tempdir().expect("a folder");
        let home = folder.path().canonicalize().expect("a path");
        let own = home.join(".config/hopem-sync");
        std::fs::create_dir_all(&own).expect("a folder");
        for file in ["config.toml", "north.toml"] {
            std::fs::write(own.join(file), "").expect("a file");
        }
        let accounts = Accounts::parse(&format!("sync:x:900:900::{}:/bin/false\n", home.display()), "");
        let is_for = |line: &str, file: &str| runner("sync", line, &[]).is_for(&own.join(file), &accounts);
        assert!(is_for("sync -q", "config.toml") && !is_for("sync -q", "north.toml"));
        assert!(is_for("--profile north sync", "north.toml") && is_for("sync --profile=north", "north.toml"));
        let named = format!("--config {} sync", own.join("north.toml").display());
        assert!(is_for(&named, "north.toml") && !is_for(&named, "config.toml"));
    }

    #[test]
    fn what_a_runner_cannot_read_is_reported_with_what_stands_in_the_way() {
        let folder = tempfile::tempdir().expect("a folder");
        let key = folder.path().canonicalize().expect("a path").join("key");
        std::fs::write(&key, "x").expect("a file");
        let accounts = Accounts::parse("sync:x:900:900::/:/bin/false\n", "");
        let reported = |runner: Runner, way: &[FileFacts]| {
            let problem = runner.cannot_read(&accounts, way)?;
            Some((problem.message.text(Lang::En), problem.hint.expect("a hint").text(Lang::En)))
        };
        let way = [facts(Path::new("/"), 0, 0o755), facts(&key, 0, 0o600)];
        let (what, hint) = reported(runner("sync", "sync", &[]), &way).expect("it may not");
        assert!(what.contains("/etc/crontab:3 runs it as `sync`") && hint.starts_with("chown sync"), "{what} {hint}");
        assert_eq!(reported(runner("sync", "sync", &[&key]), &way), None, "systemd reads it");
        assert_eq!(reported(runner("root", "sync", &[]), &way), None);
        let way = [facts(Path::new("/closed"), 0, 0o700), facts(&key, 900, 0o600)];
        let (_, hint) = reported(runner("sync", "sync", &[]), &way).expect("it may not");
        assert!(hint.contains("/closed"), "{hint}");
    }

    #[test]
    fn a_unit_that_nobody_has_enabled_only_warns_and_its_group_counts() {
        let accounts = Accounts::parse("sync:x:900:900::/:/bin/false\n", "conf:x:50:\n");
        let way = [FileFacts { path: PathBuf::from("/etc/c"), owner: 0, group: 50, mode: 0o640 }];
        let planned = Runner { is_planned: true, ..runner("sync", "sync", &[]) };
        let problem = planned.cannot_read(&accounts, &way).expect("it may not");
        assert!(problem.level == crate::report::findings::Level::Warning, "{problem:?}");
        assert!(problem.message.text(Lang::En).contains("would run it"), "{problem:?}");
        let run_as = RunAs { group: Some("conf".to_owned()), ..planned.run_as.clone() };
        assert_eq!(Runner { run_as, ..planned }.cannot_read(&accounts, &way), None);
    }

    #[test]
    fn a_runner_without_an_account_or_without_the_store_is_reported() {
        let accounts = Accounts::parse("sync:x:900:900::/:/bin/false\nroot:x:0:0::/root:/bin/sh\n", "");
        assert_eq!(runner("gone", "sync", &[]).is_nobody(&accounts).len(), 1);
        assert_eq!(runner("sync", "sync", &[]).is_nobody(&accounts), []);
        let with_group = |group: &str| {
            let known = runner("sync", "sync", &[]);
            Runner { run_as: RunAs { group: Some(group.to_owned()), ..known.run_as.clone() }, ..known }
        };
        let accounts_with_group = Accounts::parse("sync:x:900:900::/:/bin/false\n", "conf:x:50:\n");
        assert_eq!(with_group("conf").is_nobody(&accounts_with_group), []);
        assert_eq!(with_group("cnof").is_nobody(&accounts_with_group).len(), 1);
        let store = facts(Path::new("/var/lib/hopem-sync/store.db"), 900, 0o600);
        assert!(runner("root", "sync", &[]).has_no_store(&accounts, &store).is_some());
        assert_eq!(runner("sync", "sync", &[]).has_no_store(&accounts, &store), None);
        let given = Runner { keeps_store: false, ..runner("root", "sync", &[]) };
        assert_eq!(given.has_no_store(&accounts, &store), None);
    }
}
