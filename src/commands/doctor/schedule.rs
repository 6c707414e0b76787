//! What runs the program by itself: the lines of crontabs that can be seen. Pure, but for reading them.

use super::checks::{PROGRAM, Problem};
use super::runner::RunAs;
use crate::message::DoctorText;
use std::path::{Path, PathBuf};

/// Where the system's crontabs are: each line names the account.
const OF_THE_SYSTEM: [&str; 2] = ["/etc/crontab", "/etc/cron.d"];
/// Where those of accounts are, named after them.
const OF_ACCOUNTS: [&str; 2] = ["/var/spool/cron/crontabs", "/var/spool/cron"];
/// Where data and settings are, and no programs: what ends like the program there is a folder.
const NO_PROGRAMS: [&str; 2] = ["/etc/", "/var/"];
/// Where cron looks for programs that are named without a folder, unless the crontab says otherwise.
const CRON_PATH: &str = "/usr/bin:/bin";

/// Line of a crontab that runs the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// The file and the line.
    pub(super) place: String,
    /// The program as it is named there.
    program: String,
    /// Where cron looks for it.
    path: String,
    /// As whom it runs.
    pub(super) run_as: RunAs,
}

/// The lines of this machine that can be seen.
pub(super) fn entries_of_this_machine() -> Vec<Entry> {
    let system = OF_THE_SYSTEM.iter().flat_map(|place| files_at(Path::new(place))).map(|file| (file, None));
    let accounts = OF_ACCOUNTS.iter().flat_map(|place| files_at(Path::new(place))).filter_map(|file| {
        let account = file.file_name()?.to_str()?.to_owned();
        Some((file, Some(account)))
    });
    let text = |(file, account): (PathBuf, Option<String>)| {
        let text = std::fs::read_to_string(&file).ok()?;
        Some(entries(&file.display().to_string(), account.as_deref(), &text))
    };
    system.chain(accounts).filter_map(text).flatten().collect()
}

fn files_at(place: &Path) -> Vec<PathBuf> {
    match std::fs::read_dir(place) {
        Ok(found) => found.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_file()).collect(),
        Err(_) if place.is_file() => vec![place.to_owned()],
        Err(_) => Vec::new(),
    }
}

/// The lines of a crontab that run the program. `account`: whose it is; `None`: each line says it.
fn entries(file: &str, account: Option<&str>, text: &str) -> Vec<Entry> {
    let (mut path, mut config) = (CRON_PATH.to_owned(), None);
    let mut entries = Vec::new();
    for (index, line) in text.lines().map(str::trim).enumerate() {
        if line.starts_with('#') {
            continue;
        }
        if let Some((name, value)) = assignment(line) {
            match name {
                "PATH" => path = value.to_owned(),
                "HOPEM_SYNC_CONFIG" => config = Some(PathBuf::from(value)),
                _ => {}
            }
            continue;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        let Some((at, program)) = words.iter().enumerate().find_map(|(at, word)| Some((at, program_in(word)?))) else {
            continue;
        };
        // Five fields say when, or one such as @daily; then comes the account, where the line names it.
        let behind_when = if line.starts_with('@') { 1 } else { 5 };
        let named = account.or_else(|| words.get(behind_when).copied().filter(|_| at > behind_when));
        let place = format!("{file}:{}", index + 1);
        let run_as = RunAs {
            account: named.unwrap_or("root").to_owned(),
            arguments: words.iter().skip(at + 1).map(|word| (*word).to_owned()).collect(),
            config: config.clone(),
            ..RunAs::default()
        };
        entries.push(Entry { place, program: program.to_owned(), path: path.clone(), run_as });
    }
    entries
}

/// The name and the value of a line that sets a variable.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    let name = name.trim().trim_matches(['"', '\'']);
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_name.then(|| (name, value.trim().trim_matches(['"', '\''])))
}

/// The program in a word of a shell's line, such as `$(/usr/bin/hopem-sync`.
fn program_in(word: &str) -> Option<&str> {
    let bare = word.rsplit(['(', '`', '"', '\'', ';', '=']).next().filter(|_| !word.starts_with('-'))?;
    let is_it = bare == PROGRAM || bare.ends_with(&format!("/{PROGRAM}"));
    (is_it && !NO_PROGRAMS.iter().any(|folder| bare.starts_with(folder))).then_some(bare)
}

/// What is wrong with a line. `is_there`: whether there is a program at a path.
pub(super) fn problem(entry: &Entry, is_there: impl Fn(&Path) -> bool) -> Option<Problem> {
    let program = entry.program.clone();
    if program.starts_with('/') {
        let what = DoctorText::NoProgramThere { program: program.clone() };
        return (!is_there(Path::new(&program))).then(|| Problem::error(what).hint(DoctorText::CorrectCrontab {}));
    }
    let path = entry.path.clone();
    let is_found = path.split(':').any(|folder| is_there(&Path::new(folder).join(&program)));
    (!is_found)
        .then(|| Problem::error(DoctorText::CronFindsNoProgram { program, path }).hint(DoctorText::CorrectCrontab {}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_a_path_is_found_only_where_cron_looks() {
        let text = "# hopem-sync sync\nMAILTO=x\n*/15 * * * * hopem-sync sync -q\nPATH = \"/opt/bin:/bin\"\n\
                    0 8 * * * root hopem-sync status --check\n5 * * * * /usr/local/bin/hopem-sync sync\n";
        let found = entries("/etc/crontab", None, text);
        let places: Vec<&str> = found.iter().map(|entry| entry.place.as_str()).collect();
        assert_eq!(places, ["/etc/crontab:3", "/etc/crontab:5", "/etc/crontab:6"]);
        let wrong = |there: &str| -> Vec<bool> {
            found.iter().map(|entry| problem(entry, |path| path == Path::new(there)).is_some()).collect()
        };
        assert_eq!(wrong("/usr/bin/hopem-sync"), [false, true, true]);
        assert_eq!(wrong("/opt/bin/hopem-sync"), [true, false, true]);
        assert_eq!(wrong("/usr/local/bin/hopem-sync"), [true, true, false]);
    }

    #[test]
    fn the_example_is_read_as_cron_reads_it() {
        let text = include_str!("../../../examples/crontab");
        let found = entries("/var/spool/cron/crontabs/hopem-sync", Some("hopem-sync"), text);
        assert_eq!(found.len(), 3, "{found:?}");
        for entry in &found {
            assert_eq!(problem(entry, |path| path == Path::new("/usr/bin/hopem-sync")), None, "{entry:?}");
            assert_eq!(entry.run_as.account, "hopem-sync");
        }
        assert_eq!(found[0].run_as.arguments, ["sync", "-q", "--max-duration", "14m"]);
    }

    #[test]
    fn a_line_of_the_system_names_the_account_and_a_variable_the_configuration() {
        let text = "HOPEM_SYNC_CONFIG=/srv/a.toml\n*/15 * * * * sync flock -n /tmp/l /usr/bin/hopem-sync sync\n\
                    @daily root du -s /var/lib/hopem-sync\n@daily sync /usr/bin/hopem-sync --config=/etc/hopem-sync sync\n";
        let found = entries("/etc/cron.d/x", None, text);
        let facts: Vec<_> = found.iter().map(|one| (one.place.as_str(), one.run_as.account.as_str())).collect();
        assert_eq!(facts, [("/etc/cron.d/x:2", "sync"), ("/etc/cron.d/x:4", "sync")]);
        assert_eq!(found[0].run_as.config.as_deref(), Some(Path::new("/srv/a.toml")));
        assert_eq!(found[1].program, "/usr/bin/hopem-sync");
    }
}
