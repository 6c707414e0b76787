//! Units of systemd that run the program: that what they name is there, and that their timer is enabled. Pure, but for reading them.

use super::checks::{PROGRAM, Problem};
use super::runner::{RunAs, Runner};
use crate::message::DoctorText;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where units are; the first one of a name counts.
const FOLDERS: [&str; 5] = [
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
];
/// What may stand before the program in `ExecStart=`.
const EXEC_PREFIXES: [char; 6] = ['-', '@', ':', '+', '!', '|'];

/// Unit of systemd that runs the program, or starts what does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unit {
    /// Its file.
    pub(super) file: PathBuf,
    /// The settings that matter, in their order.
    settings: Vec<(String, String)>,
    /// Whether a target starts it, or its timer.
    is_enabled: bool,
}

/// The units of this machine that can be seen, and those of the user whose home this is.
pub(super) fn units_of_this_machine(home: Option<&Path>) -> Vec<Unit> {
    let user = home.map(|home| home.join(".config/systemd/user"));
    let folders: Vec<PathBuf> = FOLDERS.iter().map(PathBuf::from).chain(user).collect();
    units_in(&folders)
}

fn units_in(folders: &[PathBuf]) -> Vec<Unit> {
    let mut found: BTreeMap<String, Unit> = BTreeMap::new();
    for file in folders.iter().flat_map(|folder| files_in(folder)) {
        let Some(name) = file.file_name().and_then(|name| name.to_str()).map(str::to_owned) else { continue };
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        let timer = name.replace(".service", ".timer");
        let is_enabled = folders.iter().any(|folder| is_wanted(folder, &name) || is_wanted(folder, &timer));
        let unit = Unit { file, settings: settings(&text), is_enabled };
        if unit.is_ours(&name) {
            found.entry(name).or_insert(unit);
        }
    }
    found.into_values().collect()
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let is_unit = |path: &PathBuf| {
        let extension = path.extension().and_then(|extension| extension.to_str());
        matches!(extension, Some("service" | "timer")) && path.is_file()
    };
    entries.filter(is_unit).collect()
}

/// Whether a target in this folder wants the unit.
fn is_wanted(folder: &Path, name: &str) -> bool {
    let targets = std::fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    targets.filter(|path| path.extension().is_some_and(|is| is == "wants")).any(|wants| wants.join(name).is_symlink())
}

/// The settings of a unit, those that are continued on the next line in one piece.
fn settings(text: &str) -> Vec<(String, String)> {
    let whole = text.replace("\\\n", " ");
    let lines = whole.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';']));
    lines
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
        .collect()
}

impl Unit {
    fn values<'u>(&'u self, key: &'u str) -> impl Iterator<Item = &'u str> {
        self.settings.iter().filter(move |(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// The program that it runs, as it is named there.
    fn program(&self) -> Option<&str> {
        let programs = self.values("ExecStart").filter_map(|line| line.split_whitespace().next());
        let mut programs = programs.map(|program| program.trim_start_matches(EXEC_PREFIXES));
        programs.find(|program| *program == PROGRAM || program.ends_with(&format!("/{PROGRAM}")))
    }

    fn is_ours(&self, name: &str) -> bool {
        self.program().is_some() || name.ends_with(".timer") && name.starts_with(PROGRAM)
    }

    /// Whether it is a timer that could be enabled as it is.
    fn is_timer(&self) -> bool {
        let name = self.file.file_name().unwrap_or_default().to_string_lossy();
        name.ends_with(".timer") && !name.contains("@.")
    }

    /// Files of secrets that systemd is to hand over; one that begins with `-` may be missing, and so may one of a profile.
    fn credentials(&self) -> impl Iterator<Item = &Path> {
        let files = self.values("LoadCredential").filter_map(|value| Some(value.split_once(':')?.1));
        files.filter(|file| file.starts_with('/') && !file.contains('%')).map(Path::new)
    }
}

/// As whom a service runs the program, or would once it is enabled; `None` for a timer, for a unit of profiles, which says not which one, for
/// one of a user, and for one whose account is made when it starts.
pub(super) fn runner(unit: &Unit, home: Option<&Path>) -> Option<Runner> {
    let place = unit.file.display().to_string();
    let is_of_user = home.is_some_and(|home| unit.file.starts_with(home));
    let is_made_up =
        unit.values("DynamicUser").last().is_some_and(|value| matches!(value, "yes" | "true" | "1" | "on"));
    let line = unit
        .values("ExecStart")
        .find(|line| line.contains(PROGRAM))
        .filter(|_| !place.contains("@.") && !is_of_user && !is_made_up)?;
    let config =
        unit.values("Environment").find_map(|value| value.trim_matches('"').strip_prefix("HOPEM_SYNC_CONFIG="));
    let run_as = RunAs {
        account: unit.values("User").last().filter(|user| !user.is_empty()).unwrap_or("root").to_owned(),
        group: unit.values("Group").last().filter(|group| !group.is_empty()).map(str::to_owned),
        more_groups: unit.values("SupplementaryGroups").flat_map(str::split_whitespace).map(str::to_owned).collect(),
        arguments: line.split_whitespace().skip(1).map(str::to_owned).collect(),
        config: config.map(PathBuf::from),
    };
    let credentials = unit.credentials().map(Path::to_owned).collect();
    // systemd gives the store's folder to the account.
    let keeps_store = unit.values("StateDirectory").next().is_none();
    Some(Runner { place, run_as, credentials, keeps_store, is_planned: !unit.is_enabled })
}

/// Programs that hand a message to the mail system of the machine, which needs rights that they do not have themselves.
const MAILERS: [&str; 5] = ["mail", "mailx", "s-nail", "sendmail", "exim"];

/// That a service keeps the program of `[notify] command` from doing its work.
pub(super) fn confined_mailer(unit: &Unit, command: Option<&[String]>) -> Option<Problem> {
    let program = command?.first()?;
    let name = Path::new(program).file_name()?.to_str()?;
    let is_confined =
        unit.values("NoNewPrivileges").last().is_some_and(|value| matches!(value, "yes" | "true" | "1" | "on"));
    let is_stopped = unit.is_enabled && unit.program().is_some() && is_confined && MAILERS.contains(&name);
    let what = DoctorText::MailerConfined { program: program.clone() };
    is_stopped.then(|| Problem::warning(what).hint(DoctorText::UseOtherNotice {}))
}

/// What is wrong with a unit. `is_there`: whether there is a file at a path; `is_scheduled`: whether something else is known to run
/// the program, or may do so unseen.
pub(super) fn problems(unit: &Unit, is_there: impl Fn(&Path) -> bool, is_scheduled: bool) -> Vec<Problem> {
    if !unit.is_enabled {
        // A package brings more units than anybody uses.
        let is_missed = unit.is_timer() && !is_scheduled;
        let timer = unit.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let hint = DoctorText::EnableTimer { timer: timer.clone() };
        let problem = || Problem::warning(DoctorText::TimerNotEnabled { timer }).hint(hint);
        return is_missed.then(problem).into_iter().collect();
    }
    let mut problems = Vec::new();
    if let Some(program) = unit.program().filter(|program| !is_there(Path::new(program))) {
        let what = DoctorText::NoProgramThere { program: program.to_owned() };
        problems.push(Problem::error(what).hint(DoctorText::CorrectUnit {}));
    }
    for file in unit.credentials().filter(|file| !is_there(file)) {
        let path = file.display().to_string();
        problems.push(Problem::error(DoctorText::CredentialMissing { path }).hint(DoctorText::WriteCredential {}));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Lang;
    use std::fs;

    fn reported(problems: Vec<Problem>) -> Vec<String> {
        problems.into_iter().map(|problem| problem.message.text(Lang::En)).collect()
    }

    #[test]
    fn units_that_run_the_program_are_found_and_the_first_of_a_name_counts() {
        let folder = tempfile::tempdir().expect("a folder");
        let (etc, lib) = (folder.path().join("etc"), folder.path().join("lib"));
        fs::create_dir_all(etc.join("timers.target.wants")).expect("a folder");
        fs::create_dir_all(&lib).expect("a folder");
        let service = "[Service]\n# ExecStart=/x/hopem-sync\nExecStart=-/usr/bin/hopem-sync \\\n  sync -q\n";
        fs::write(lib.join("hopem-sync.service"), service).expect("a unit");
        fs::write(etc.join("hopem-sync.service"), service.replace("/usr", "/opt")).expect("a unit");
        fs::write(lib.join("hopem-sync.timer"), "[Timer]\nOnCalendar=*:0/15\n").expect("a unit");
        fs::write(lib.join("other.service"), "[Service]\nExecStart=/usr/bin/other\n").expect("a unit");
        let found = units_in(&[etc.clone(), lib.clone()]);
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(found[0].program(), Some("/opt/bin/hopem-sync"));
        assert!(!found[1].is_enabled);
        let wanted = etc.join("timers.target.wants/hopem-sync.timer");
        std::os::unix::fs::symlink(lib.join("hopem-sync.timer"), wanted).expect("a link");
        assert!(units_in(&[etc, lib]).iter().all(|unit| unit.is_enabled), "the timer starts the service");
    }

    #[test]
    fn what_a_unit_names_has_to_be_there_and_its_timer_to_be_enabled() {
        let unit = |name: &str, text: &str, is_enabled| Unit {
            file: PathBuf::from("/lib/systemd/system").join(name),
            settings: settings(text),
            is_enabled,
        };
        let text = "ExecStart=/usr/bin/hopem-sync sync\nLoadCredential=hapi_password:/etc/hopem-sync/hapi-password\n\
                    LoadCredential=monday_token:/etc/hopem-sync/%i/token\n";
        let service = unit("hopem-sync.service", text, true);
        assert_eq!(
            reported(problems(&unit("hopem-sync.service", text, false), |_| false, true)),
            [""; 0],
            "nobody uses it"
        );
        assert_eq!(reported(problems(&service, |_| true, false)), [""; 0]);
        let found = reported(problems(&service, |_| false, false));
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("/usr/bin/hopem-sync") && found[1].contains("hapi-password"), "{found:?}");
        let timer = |name, is_enabled| unit(name, "OnCalendar=*:0/15", is_enabled);
        assert_eq!(problems(&timer("hopem-sync.timer", false), |_| true, false).len(), 1);
        for (name, is_enabled, is_scheduled) in
            [("hopem-sync.timer", true, false), ("hopem-sync.timer", false, true), ("hopem-sync@.timer", false, false)]
        {
            assert_eq!(problems(&timer(name, is_enabled), |_| true, is_scheduled), [], "{name}");
        }
    }

    #[test]
    fn a_mail_program_that_the_unit_keeps_from_its_work_is_reported() {
        let unit = |text: &str, is_enabled| Unit {
            file: PathBuf::from("/lib/systemd/system/hopem-sync.service"),
            settings: settings(text),
            is_enabled,
        };
        let ours = include_str!("../../../examples/systemd/hopem-sync.service");
        let command = |program: &str| vec![program.to_owned(), "ops".to_owned()];
        let found = |text: &str, is_enabled, program: &str| {
            confined_mailer(&unit(text, is_enabled), Some(&command(program))).is_some()
        };
        assert!(found(ours, true, "/usr/bin/mail"));
        assert!(!found(ours, false, "/usr/bin/mail") && !found(ours, true, "/usr/bin/msmtp"));
        assert!(!found(&ours.replace("NoNewPrivileges=yes", "NoNewPrivileges=no"), true, "/usr/bin/mail"));
        assert_eq!(confined_mailer(&unit(ours, true), None), None);
    }

    #[test]
    fn a_service_runs_as_its_user_with_the_credentials_that_systemd_reads() {
        let service = |name: &str| Unit {
            file: PathBuf::from("/lib/systemd/system").join(name),
            settings: settings(include_str!("../../../examples/systemd/hopem-sync.service")),
            is_enabled: true,
        };
        let found = runner(&service("hopem-sync.service"), None).expect("a service");
        assert_eq!(
            (found.run_as.account.as_str(), found.credentials.len(), found.keeps_store),
            ("hopem-sync", 3, false)
        );
        assert_eq!(found.run_as.arguments[..2], ["sync", "-q"]);
        assert!(!found.is_planned && found.run_as.group.is_none());
        let unit = |text: &str| Unit { settings: settings(text), is_enabled: false, ..service("hopem-sync.service") };
        let planned = unit("ExecStart=/usr/bin/hopem-sync sync\nUser=\nGroup=conf\nSupplementaryGroups=a b\n");
        let planned = runner(&planned, None).expect("a service");
        let RunAs { account, group, more_groups, .. } = planned.run_as;
        assert_eq!((account.as_str(), group.as_deref(), more_groups.join(" ").as_str()), ("root", Some("conf"), "a b"));
        assert!(planned.is_planned);
        assert!(runner(&unit("ExecStart=/usr/bin/hopem-sync sync\nDynamicUser=yes\n"), None).is_none());
        assert!(runner(&service("hopem-sync@.service"), None).is_none());
        assert!(runner(&service("hopem-sync.service"), Some(Path::new("/lib"))).is_none());
    }
}
