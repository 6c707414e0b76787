//! Who lets support run the program as another account: the lines of sudoers that can be seen. Pure, but for reading them.

use super::accounts::Accounts;
use super::checks::Problem;
use super::runner::{RunAs, Runner};
use crate::message::DoctorText;
use std::path::{Path, PathBuf};

/// Where sudo's rules are. Only root can read them.
const RULES: &str = "/etc/sudoers";
const MORE_RULES: &str = "/etc/sudoers.d";
/// The program, as a rule has to name it.
const PROGRAM: &str = "/hopem-sync";

/// Rule that lets somebody run the program as an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    /// Its file.
    pub(super) place: String,
    /// Who may: an account, or a group behind `%`.
    who: String,
    /// As whom.
    account: String,
}

/// The rules of this machine that can be seen.
pub(super) fn rules_of_this_machine() -> Vec<Rule> {
    let more = std::fs::read_dir(MORE_RULES).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let files = std::iter::once(PathBuf::from(RULES)).chain(more);
    let texts = files.filter_map(|file| Some((file.display().to_string(), std::fs::read_to_string(&file).ok()?)));
    texts.flat_map(|(place, text)| rules(&place, &text)).collect()
}

/// The rules of a file that name the program, by its path or by an alias made in the same file.
fn rules(place: &str, text: &str) -> Vec<Rule> {
    let whole = text.replace("\\\n", " ");
    let lines: Vec<&str> = whole.lines().map(str::trim).filter(|line| !line.starts_with('#')).collect();
    let aliases: Vec<&str> = lines.iter().filter_map(|line| alias(line)).collect();
    let names_it = |commands: &str| {
        let is_alias = |word: &str| aliases.contains(&word);
        commands.contains(PROGRAM) || commands.split([' ', ',']).any(is_alias)
    };
    let rule = |line: &&str| {
        let (left, right) = line.split_once('=')?;
        let who = left.split_whitespace().next().filter(|who| !is_directive(who))?;
        let runs_as = right.trim_start().strip_prefix('(').and_then(|rest| rest.split_once(')'));
        let (accounts, commands) = runs_as.unwrap_or(("root", right));
        let account = accounts.split([':', ',']).next().map(str::trim).filter(|account| !account.is_empty())?;
        let rule = Rule { place: place.to_owned(), who: who.to_owned(), account: account.to_owned() };
        (names_it(commands) && account != "ALL").then_some(rule)
    };
    lines.iter().filter_map(rule).collect()
}

/// The name of an alias for commands that holds the program.
fn alias<'l>(line: &&'l str) -> Option<&'l str> {
    let (name, commands) = line.strip_prefix("Cmnd_Alias")?.split_once('=')?;
    commands.contains(PROGRAM).then(|| name.trim())
}

fn is_directive(word: &str) -> bool {
    word.starts_with('@') || word.starts_with("Defaults") || word.ends_with("_Alias")
}

impl Rule {
    /// As whom support runs the program.
    pub(super) fn runner(&self) -> Runner {
        let run_as = RunAs { account: self.account.clone(), arguments: Vec::new(), config: None };
        Runner { place: self.place.clone(), run_as, credentials: Vec::new(), keeps_store: true }
    }
}

/// What is wrong with a rule itself: that nobody is meant by it.
pub(super) fn problem(rule: &Rule, accounts: &Accounts) -> Option<Problem> {
    let group = rule.who.strip_prefix('%')?;
    (!accounts.has_group(group)).then(|| {
        let (group, place) = (group.to_owned(), Path::new(&rule.place).display().to_string());
        Problem::warning(DoctorText::SupportGroupMissing { group: group.clone(), place })
            .hint(DoctorText::MakeSupportGroup { group })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_lets_the_support_group_run_it_as_the_account_of_the_store() {
        let found = rules("/etc/sudoers.d/hopem-sync", include_str!("../../../examples/sudoers"));
        let rule = Rule {
            place: "/etc/sudoers.d/hopem-sync".to_owned(),
            who: "%hopem-support".to_owned(),
            account: "hopem-sync".to_owned(),
        };
        assert_eq!(found, [rule]);
        assert_eq!(found[0].runner().run_as.account, "hopem-sync");
        let accounts = |groups| Accounts::parse("", groups);
        assert!(problem(&found[0], &accounts("")).is_some());
        assert_eq!(problem(&found[0], &accounts("hopem-support:x:50:anne\n")), None);
    }

    #[test]
    fn rules_for_other_programs_and_directives_are_none() {
        let text = "Defaults env_reset\n# anne ALL=(sync) /usr/bin/hopem-sync\nroot ALL=(ALL:ALL) ALL\n@includedir /etc/x\n\
                    bob ALL=(sync:sync) NOPASSWD: /bin/ls, \\\n  /usr/bin/hopem-sync status\neve ALL=/opt/hopem-sync\n";
        let found = rules("f", text);
        let facts: Vec<_> = found.iter().map(|rule| (rule.who.as_str(), rule.account.as_str())).collect();
        assert_eq!(facts, [("bob", "sync"), ("eve", "root")]);
    }
}
