//! The accounts of the machine: who owns a file, and who may read it. Pure, but for reading the two lists.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Accounts of the machine, as `/etc/passwd` and `/etc/group` name them.
#[derive(Debug, Default)]
pub(super) struct Accounts {
    /// Name, number, main group.
    users: Vec<(String, u32, u32)>,
    /// Number, members.
    groups: Vec<(u32, Vec<String>)>,
}

impl Accounts {
    /// Those of this machine.
    pub(super) fn of_this_machine() -> Accounts {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        Accounts::parse(&read("/etc/passwd"), &read("/etc/group"))
    }

    fn parse(users: &str, groups: &str) -> Accounts {
        let user = |line: &str| {
            let mut fields = line.split(':');
            let name = fields.next()?.to_owned();
            Some((name, fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?))
        };
        let group = |line: &str| {
            let mut fields = line.split(':');
            let number = fields.nth(2)?.parse().ok()?;
            Some((number, fields.next()?.split(',').map(|name| name.trim().to_owned()).collect()))
        };
        Accounts { users: users.lines().filter_map(user).collect(), groups: groups.lines().filter_map(group).collect() }
    }

    /// The name of an account, or its number.
    pub(super) fn name(&self, user: u32) -> String {
        let known = self.users.iter().find(|(_, number, _)| *number == user);
        known.map_or_else(|| format!("uid {user}"), |(name, ..)| name.clone())
    }

    fn is_in(&self, user: u32, group: u32) -> bool {
        let Some((name, _, main)) = self.users.iter().find(|(_, number, _)| *number == user) else { return false };
        *main == group || self.groups.iter().any(|(number, members)| *number == group && members.contains(name))
    }

    /// Whether an account may read a file, by the file's own mode.
    pub(super) fn may_read(&self, user: u32, file: &FileFacts) -> bool {
        let bits = match () {
            () if user == 0 => return true,
            () if user == file.owner => 0o400,
            () if self.is_in(user, file.group) => 0o040,
            () => 0o004,
        };
        file.mode & bits != 0
    }
}

/// Facts about a file: whose it is, and its mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FileFacts {
    /// The file.
    pub(super) path: PathBuf,
    /// Its owner's number.
    pub(super) owner: u32,
    /// Its group's number.
    pub(super) group: u32,
    /// The bits of its mode.
    pub(super) mode: u32,
}

impl FileFacts {
    /// What the system tells of a file; `None` where it is not there, or not to be looked at.
    pub(super) fn of(path: &Path) -> Option<FileFacts> {
        let metadata = path.metadata().ok()?;
        let (owner, group, mode) = (metadata.uid(), metadata.gid(), metadata.mode() & 0o7777);
        Some(FileFacts { path: path.to_owned(), owner, group, mode })
    }
}

/// The account that this process runs under.
pub(super) fn own_account() -> u32 {
    rustix::process::geteuid().as_raw()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_read_follows_owner_group_and_mode() {
        let users = "root:x:0:0::/root:/bin/sh\nsync:x:900:900::/:/bin/false\nanne:x:1000:100::/home/anne:/bin/sh\n";
        let accounts = Accounts::parse(users, "support:x:50:anne, bob\nbroken\n");
        let file = |owner, group, mode| FileFacts { path: PathBuf::from("/f"), owner, group, mode };
        let readers = |file: &FileFacts| {
            let users = [0, 900, 1000, 7].into_iter().filter(|user| accounts.may_read(*user, file));
            users.map(|user| accounts.name(user)).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(readers(&file(0, 0, 0o600)), "root");
        assert_eq!(readers(&file(900, 50, 0o600)), "root sync");
        assert_eq!(readers(&file(900, 50, 0o640)), "root sync anne");
        assert_eq!(readers(&file(0, 900, 0o640)), "root sync");
        assert_eq!(readers(&file(0, 0, 0o644)), "root sync anne uid 7");
        assert_eq!(readers(&file(900, 0, 0o044)), "root anne uid 7", "an owner without the bit may not");
    }
}
