//! Checks of the machine: certificates to trust, room on the disk, what runs the program by itself.

use super::accounts::own_account;
use super::checks::{Checks, Problem, name};
use super::runners::{Runners, owner_of};
use super::{schedule, sudoers, units};
use crate::commands::context::Context;
use crate::message::{DoctorText, NetworkText, RunText};
use std::path::Path;

/// Less room than this and the next run may fail, in bytes.
const LEAST_ROOM: u64 = 50 * 1024 * 1024;
/// So many times its size a store may need: for its log, and for the file written anew after a migration.
const STORE_SIZES: u64 = 3;

/// Checks the machine. Returns whether a server can be asked from it at all.
pub(super) fn check(context: &Context, runners: &Runners, checks: &mut Checks) -> bool {
    let config = &context.config;
    let known = rustls_native_certs::load_native_certs().certs.len();
    checks.note(name::CERTIFICATES, "TLS", no_certificates(known, crate::http::unusable_certificates()));
    if let Some(room) = room_at(&config.store.path) {
        let size = config.store.path.metadata().map_or(0, |file| file.len());
        let folder = config.store.path.parent().unwrap_or(Path::new("."));
        checks.note(name::DISK, folder.display().to_string(), little_room(room, size));
    }
    check_schedule(context, runners, checks);
    check_support(context, runners, checks);
    known > 0
}

/// What runs the program by itself, as far as it can be seen: crontabs of other accounts only root can read.
fn check_schedule(context: &Context, runners: &Runners, checks: &mut Checks) {
    // What may not be looked at is not missing.
    let is_there = |path: &Path| path.try_exists().unwrap_or(true);
    for entry in &runners.entries {
        checks.note(name::SCHEDULE, entry.place.clone(), schedule::problem(entry, is_there));
    }
    let may_be_scheduled = !runners.entries.is_empty() || own_account() != 0;
    for unit in &runners.units {
        let subject = unit.file.display().to_string();
        let command = context.config.notify.command.as_deref();
        let problems = units::problems(unit, is_there, may_be_scheduled).into_iter();
        checks.note(name::SCHEDULE, subject, problems.chain(units::confined_mailer(unit, command)));
    }
}

/// Whether those who help can run the program as the account of the store: rules of sudo only root can read.
fn check_support(context: &Context, runners: &Runners, checks: &mut Checks) {
    let is_there = |path: &Path| path.try_exists().unwrap_or(true);
    for rule in &runners.rules {
        checks.note(name::READERS, rule.place.clone(), sudoers::problems(rule, &runners.accounts, is_there));
    }
    if own_account() == 0 {
        let owner = runners.accounts.name(owner_of(&context.config.store.path));
        checks.note(name::READERS, "sudo", sudoers::missing(&runners.rules, &runners.accounts, &owner));
    }
}

/// `unusable`: what is wrong with the file that is named for them.
fn no_certificates(known: usize, unusable: Option<NetworkText>) -> Option<Problem> {
    match (known, unusable) {
        (0, None) => Some(Problem::error(DoctorText::NoCertificates {}).hint(RunText::InstallCertificates {})),
        (0, Some(unusable)) => Some(Problem::error(DoctorText::NoCertificates {}).hint(unusable)),
        (_, Some(unusable)) => Some(Problem::warning(DoctorText::CertFileUnused {}).hint(unusable)),
        (_, None) => None,
    }
}

/// The bytes that may still be written beside a file that may not be there yet.
fn room_at(path: &Path) -> Option<u64> {
    let folder = path.ancestors().skip(1).find(|folder| folder.is_dir())?;
    let found = rustix::fs::statvfs(folder).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

fn little_room(room: u64, store: u64) -> Option<Problem> {
    let needed = LEAST_ROOM.max(store.saturating_mul(STORE_SIZES));
    let megabytes = |bytes: u64| bytes / 1024 / 1024;
    (room < needed).then(|| {
        let what = DoctorText::LittleRoom { room: megabytes(room), needed: megabytes(needed) };
        Problem::warning(what).hint(DoctorText::MakeRoom {})
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_measured_against_the_store() {
        let mb = 1024 * 1024;
        assert_eq!(little_room(60 * mb, 10 * mb), None);
        assert!(little_room(40 * mb, 10 * mb).is_some());
        assert!(little_room(100 * mb, 40 * mb).is_some());
        assert!(room_at(&std::env::temp_dir().join("no/such/store.db")).is_some_and(|room| room > 0));
        assert!(no_certificates(0, None).is_some() && no_certificates(1, None).is_none());
        assert!(no_certificates(1, Some(NetworkText::TrustIssuer {})).is_some());
    }
}
