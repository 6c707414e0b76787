//! What runs the program by itself: lines of crontabs and units of systemd that can be seen. Pure, but for reading them.

use super::checks::Problem;
use crate::message::DoctorText;
use std::path::{Path, PathBuf};

/// Where crontabs and units are.
const CRONTABS: [&str; 3] = ["/etc/crontab", "/etc/cron.d", "/var/spool/cron/crontabs"];
/// Where cron looks for programs that are named without a folder, unless the crontab says otherwise.
const CRON_PATH: &str = "/usr/bin:/bin";
/// The program.
const PROGRAM: &str = "hopem-sync";

/// Line of a crontab that runs the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// The file and the line.
    pub(super) place: String,
    /// The program as it is named there.
    program: String,
    /// Where cron looks for it.
    path: String,
}

/// The lines of this machine that can be seen.
pub(super) fn entries_of_this_machine() -> Vec<Entry> {
    let files = CRONTABS.iter().flat_map(|place| files_at(Path::new(place)));
    let texts = files.filter_map(|file| Some((file.display().to_string(), std::fs::read_to_string(&file).ok()?)));
    texts.flat_map(|(place, text)| entries(&place, &text)).collect()
}

fn files_at(place: &Path) -> Vec<PathBuf> {
    match std::fs::read_dir(place) {
        Ok(found) => found.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_file()).collect(),
        Err(_) if place.is_file() => vec![place.to_owned()],
        Err(_) => Vec::new(),
    }
}

/// The lines of a crontab that run the program.
fn entries(file: &str, text: &str) -> Vec<Entry> {
    let mut path = CRON_PATH.to_owned();
    let mut entries = Vec::new();
    for (index, line) in text.lines().map(str::trim).enumerate() {
        if line.starts_with('#') {
            continue;
        }
        if let Some(value) = line.strip_prefix("PATH").and_then(|rest| rest.trim_start().strip_prefix('=')) {
            path = value.trim().trim_matches(['"', '\'']).to_owned();
            continue;
        }
        let is_it = |word: &&str| *word == PROGRAM || word.ends_with(&format!("/{PROGRAM}"));
        if let Some(program) = line.split_whitespace().find(is_it) {
            let (place, program) = (format!("{file}:{}", index + 1), program.to_owned());
            entries.push(Entry { place, program, path: path.clone() });
        }
    }
    entries
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
        let found = entries("/etc/crontab", text);
        let places: Vec<&str> = found.iter().map(|entry| entry.place.as_str()).collect();
        assert_eq!(places, ["/etc/crontab:3", "/etc/crontab:5", "/etc/crontab:6"]);
        let wrong = |there: &str| -> Vec<bool> {
            found.iter().map(|entry| problem(entry, |path| path == Path::new(there)).is_some()).collect()
        };
        assert_eq!(wrong("/usr/bin/hopem-sync"), [false, true, true]);
        assert_eq!(wrong("/opt/bin/hopem-sync"), [true, false, true]);
        assert_eq!(wrong("/usr/local/bin/hopem-sync"), [true, true, false]);
    }
}
