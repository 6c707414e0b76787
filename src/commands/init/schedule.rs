//! What lets a sync begin by itself: the timer of the package, where that is installed for this configuration, or else a line of a crontab.

use crate::config::SYSTEM_DIRECTORY;
use crate::report::init::Schedule;
use crate::text::shell_words;
use std::path::{Path, PathBuf};

/// Where units are that a package or an administrator has put there.
const UNITS: [&str; 2] = ["/etc/systemd/system", "/usr/lib/systemd/system"];

/// What lets syncs with a configuration begin by themselves, this program being at a path.
pub(super) fn schedule(configuration: &Path, program: &Path) -> Schedule {
    schedule_with(configuration, program, |unit| UNITS.iter().any(|folder| Path::new(folder).join(unit).is_file()))
}

fn schedule_with(configuration: &Path, program: &Path, is_there: impl Fn(&str) -> bool) -> Schedule {
    let profile = configuration.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let (unit, timer) = match profile.as_str() {
        "config" => ("hopem-sync.timer", "hopem-sync.timer".to_owned()),
        profile => ("hopem-sync@.timer", format!("hopem-sync@{profile}.timer")),
    };
    if configuration.parent() == Some(Path::new(SYSTEM_DIRECTORY)) && is_there(unit) {
        return Schedule::Timer(timer);
    }
    Schedule::Cron(shell_words(&[program.display().to_string()]))
}

/// Where this program is; its bare name where the system does not tell.
pub(super) fn own_program() -> PathBuf {
    std::env::current_exe().unwrap_or_else(|_| PathBuf::from("hopem-sync"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timer_of_the_package_serves_its_own_configuration_and_cron_any_other() {
        let of = |file: &str, has_units: bool| {
            schedule_with(Path::new(file), Path::new("/home/a b/hopem-sync"), |_| has_units)
        };
        assert_eq!(of("/etc/hopem-sync/config.toml", true), Schedule::Timer("hopem-sync.timer".to_owned()));
        assert_eq!(of("/etc/hopem-sync/acme.toml", true), Schedule::Timer("hopem-sync@acme.timer".to_owned()));
        let cron = Schedule::Cron("'/home/a b/hopem-sync'".to_owned());
        assert_eq!(of("/etc/hopem-sync/config.toml", false), cron);
        assert_eq!(of("/home/a/.config/hopem-sync/config.toml", true), cron);
    }
}
