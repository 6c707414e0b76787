//! The accounts of the machine: who owns a file, and who may read it. Pure, but for reading the two lists.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Accounts of the machine, as `/etc/passwd` and `/etc/group` name them.
#[derive(Debug, Default)]
pub(super) struct Accounts {
    users: Vec<User>,
    groups: Vec<Group>,
}

/// Account as `/etc/passwd` names it.
#[derive(Debug)]
struct User {
    name: String,
    number: u32,
    main_group: u32,
    home: PathBuf,
}

/// Group as `/etc/group` names it.
#[derive(Debug)]
struct Group {
    name: String,
    number: u32,
    members: Vec<String>,
}

/// Identity of a process: its account, and the groups that it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    /// The account.
    pub(super) user: u32,
    /// Its main group, where that is another one than the account's own.
    pub(super) group: Option<u32>,
    /// Groups besides those that the account is a member of.
    pub(super) more_groups: Vec<u32>,
}

impl Identity {
    /// That of an account which is given nothing else.
    pub(super) fn of(user: u32) -> Identity {
        Identity { user, group: None, more_groups: Vec::new() }
    }
}

/// Right to do something with a file or a folder.
#[derive(Debug, Clone, Copy)]
enum Right {
    Read,
    Enter,
}

impl Accounts {
    /// Those of this machine.
    pub(super) fn of_this_machine() -> Accounts {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        Accounts::parse(&read("/etc/passwd"), &read("/etc/group"))
    }

    /// Those of two such texts.
    pub(super) fn parse(users: &str, groups: &str) -> Accounts {
        let user = |line: &str| {
            let mut fields = line.split(':');
            let name = fields.next()?.to_owned();
            let (number, main_group) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
            Some(User { name, number, main_group, home: PathBuf::from(fields.nth(1)?) })
        };
        let group = |line: &str| {
            let mut fields = line.split(':');
            let name = fields.next()?.to_owned();
            let number = fields.nth(1)?.parse().ok()?;
            let members = fields.next()?.split(',').map(|name| name.trim().to_owned()).collect();
            Some(Group { name, number, members })
        };
        Accounts { users: users.lines().filter_map(user).collect(), groups: groups.lines().filter_map(group).collect() }
    }

    /// The name of an account, or its number.
    pub(super) fn name(&self, user: u32) -> String {
        let known = self.users.iter().find(|known| known.number == user);
        known.map_or_else(|| user.to_string(), |known| known.name.clone())
    }

    /// The number of an account, by its name or by its number.
    pub(super) fn number(&self, name: &str) -> Option<u32> {
        let known = self.users.iter().find(|known| known.name == name);
        known.map(|known| known.number).or_else(|| name.trim_start_matches('#').parse().ok())
    }

    /// The home of an account.
    pub(super) fn home(&self, user: u32) -> Option<PathBuf> {
        self.users.iter().find(|known| known.number == user).map(|known| known.home.clone())
    }

    /// Whether there is a group of that name.
    pub(super) fn has_group(&self, name: &str) -> bool {
        self.groups.iter().any(|group| group.name == name)
    }

    /// The number of a group, by its name or by its number.
    pub(super) fn group_number(&self, name: &str) -> Option<u32> {
        let known = self.groups.iter().find(|known| known.name == name);
        known.map(|known| known.number).or_else(|| name.parse().ok())
    }

    fn is_in(&self, who: &Identity, group: u32) -> bool {
        if who.group == Some(group) || who.more_groups.contains(&group) {
            return true;
        }
        let Some(known) = self.users.iter().find(|known| known.number == who.user) else { return false };
        let is_member = |of: &Group| of.number == group && of.members.contains(&known.name);
        who.group.is_none() && known.main_group == group || self.groups.iter().any(is_member)
    }

    /// Whether a process has a right to a file or folder, by its own mode.
    fn may(&self, who: &Identity, right: Right, file: &FileFacts) -> bool {
        let bit = match right {
            Right::Read => 0o4,
            Right::Enter => 0o1,
        };
        let bits = match () {
            () if who.user == 0 => return true,
            () if who.user == file.owner => bit << 6,
            () if self.is_in(who, file.group) => bit << 3,
            () => bit,
        };
        file.mode & bits != 0
    }

    /// What keeps a process from reading the last file of a way: a folder on it, or the file itself.
    pub(super) fn obstacle<'w>(&self, who: &Identity, way: &'w [FileFacts]) -> Option<&'w FileFacts> {
        let (file, folders) = way.split_last()?;
        let closed = folders.iter().find(|folder| !self.may(who, Right::Enter, folder));
        closed.or_else(|| (!self.may(who, Right::Read, file)).then_some(file))
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

    /// The folders on the way to a file, the outermost first, and the file; `None` where it is not there, or not to be looked at.
    pub(super) fn way_to(path: &Path) -> Option<Vec<FileFacts>> {
        let path = path.canonicalize().ok()?;
        let mut way: Vec<FileFacts> = path.ancestors().map(FileFacts::of).collect::<Option<_>>()?;
        way.reverse();
        Some(way)
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
            let way = [file.clone()];
            let users =
                [0, 900, 1000, 7].into_iter().filter(|user| accounts.obstacle(&Identity::of(*user), &way).is_none());
            users.map(|user| accounts.name(user)).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(readers(&file(0, 0, 0o600)), "root");
        assert_eq!(readers(&file(900, 50, 0o600)), "root sync");
        assert_eq!(readers(&file(900, 50, 0o640)), "root sync anne");
        assert_eq!(readers(&file(0, 900, 0o640)), "root sync");
        assert_eq!(readers(&file(0, 0, 0o644)), "root sync anne 7");
        assert_eq!(readers(&file(900, 0, 0o044)), "root anne 7", "an owner without the bit may not");
    }

    #[test]
    fn a_group_that_a_process_is_given_stands_for_the_main_group_of_its_account() {
        let accounts = Accounts::parse("sync:x:900:900::/:/bin/false\n", "sync:x:900:\nconf:x:50:\n");
        let may = |who: Identity, group| {
            let file = FileFacts { path: PathBuf::from("/f"), owner: 0, group, mode: 0o640 };
            accounts.obstacle(&who, &[file]).is_none()
        };
        let conf = accounts.group_number("conf");
        assert!(may(Identity::of(900), 900) && !may(Identity::of(900), 50));
        let given = Identity { group: conf, ..Identity::of(900) };
        assert!(may(given.clone(), 50) && !may(given, 900));
        assert!(may(Identity { more_groups: vec![50], ..Identity::of(900) }, 50));
    }

    #[test]
    fn a_folder_that_may_not_be_entered_keeps_from_reading_what_is_in_it() {
        let accounts = Accounts::parse("sync:x:900:900::/home/sync:/bin/false\n", "");
        let facts = |path: &str, owner, mode| FileFacts { path: PathBuf::from(path), owner, group: owner, mode };
        let way = [facts("/", 0, 0o755), facts("/etc/x", 0, 0o700), facts("/etc/x/key", 900, 0o600)];
        let obstacle = |user| accounts.obstacle(&Identity::of(user), &way).map(|found| found.path.clone());
        assert_eq!((obstacle(900), obstacle(0)), (Some(PathBuf::from("/etc/x")), None));
        let open = [facts("/", 0, 0o755), facts("/etc/x", 0, 0o711), facts("/etc/x/key", 900, 0o600)];
        assert_eq!(accounts.obstacle(&Identity::of(900), &open), None);
        assert_eq!((accounts.number("sync"), accounts.number("no"), accounts.number("#7")), (Some(900), None, Some(7)));
        assert_eq!(accounts.home(900), Some(PathBuf::from("/home/sync")));
    }
}
