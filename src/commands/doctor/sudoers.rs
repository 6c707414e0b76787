//! Who lets support run the program as another account: the lines of sudoers that can be seen. Pure, but for reading them.

use super::accounts::Accounts;
use super::checks::Problem;
use super::runner::{RunAs, Runner};
use crate::message::DoctorText;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where sudo's rules are. Only root can read them.
const RULES: &str = "/etc/sudoers";
const MORE_RULES: &str = "/etc/sudoers.d";
/// The program, as a rule has to name it.
const PROGRAM: &str = "/hopem-sync";
/// The group of those who help, as the example names it.
const SUPPORT: &str = "hopem-support";

/// Rule that lets somebody run the program as an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    /// Its file.
    pub(super) place: String,
    /// Who may: an account, or a group behind `%`.
    who: String,
    /// As whom.
    account: String,
    /// The program, as it is named there.
    program: String,
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
    let aliases: BTreeMap<&str, &str> = lines.iter().filter_map(|line| alias(line)).collect();
    let program_of = |commands: &str| {
        let meant = commands.split([' ', ',']).find_map(|word| aliases.get(word).copied());
        program_in(commands).or(meant).map(str::to_owned)
    };
    let rule = |line: &&str| {
        let (left, right) = line.split_once('=')?;
        let who = left.split_whitespace().next().filter(|who| !is_directive(who))?;
        let runs_as = right.trim_start().strip_prefix('(').and_then(|rest| rest.split_once(')'));
        let (accounts, commands) = runs_as.unwrap_or(("root", right));
        let account = accounts.split([':', ',']).next().map(str::trim).filter(|account| !account.is_empty())?;
        let (place, who, account) = (place.to_owned(), who.to_owned(), account.to_owned());
        Some(Rule { place, who, account, program: program_of(commands)? }).filter(|rule| rule.account != "ALL")
    };
    lines.iter().filter_map(rule).collect()
}

/// The name of an alias for commands that holds the program, and the program as it is named there.
fn alias<'l>(line: &&'l str) -> Option<(&'l str, &'l str)> {
    let (name, commands) = line.strip_prefix("Cmnd_Alias")?.split_once('=')?;
    Some((name.trim(), program_in(commands)?))
}

/// The program among commands.
fn program_in(commands: &str) -> Option<&str> {
    commands.split([' ', ',']).find(|word| word.ends_with(PROGRAM))
}

fn is_directive(word: &str) -> bool {
    word.starts_with('@') || word.starts_with("Defaults") || word.ends_with("_Alias")
}

impl Rule {
    /// As whom support runs the program.
    pub(super) fn runner(&self) -> Runner {
        let run_as = RunAs { account: self.account.clone(), ..RunAs::default() };
        let place = self.place.clone();
        Runner { place, run_as, credentials: Vec::new(), keeps_store: true, is_planned: false }
    }
}

/// What is wrong with a rule itself: that nobody is meant by it, or that it lets nobody run anything. `is_there`: whether there is a
/// program at a path.
pub(super) fn problems(rule: &Rule, accounts: &Accounts, is_there: impl Fn(&Path) -> bool) -> Vec<Problem> {
    let place = rule.place.clone();
    let no_group = rule.who.strip_prefix('%').filter(|group| !accounts.has_group(group)).map(|group| {
        let group = group.to_owned();
        Problem::warning(DoctorText::SupportGroupMissing { group: group.clone(), place: place.clone() })
            .hint(DoctorText::MakeSupportGroup { group })
    });
    let no_program = (!is_there(Path::new(&rule.program))).then(|| {
        Problem::warning(DoctorText::NoProgramForSupport { program: rule.program.clone(), place: place.clone() })
            .hint(DoctorText::CorrectRule { place: place.clone() })
    });
    no_group.into_iter().chain(no_program).collect()
}

/// That there is a group of those who help, and no rule lets it run the program. Only root sees that there is none.
pub(super) fn missing(rules: &[Rule], accounts: &Accounts, owner: &str) -> Option<Problem> {
    let is_let = rules.iter().any(|rule| rule.who.strip_prefix('%') == Some(SUPPORT));
    (accounts.has_group(SUPPORT) && !is_let).then(|| {
        let (group, owner) = (SUPPORT.to_owned(), owner.to_owned());
        Problem::warning(DoctorText::SupportMayNotRun { group, owner }).hint(DoctorText::InstallRule {})
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Lang;

    #[test]
    fn the_example_lets_the_support_group_run_it_as_the_account_of_the_store() {
        let found = rules("/etc/sudoers.d/hopem-sync", include_str!("../../../examples/sudoers"));
        let rule = Rule {
            place: "/etc/sudoers.d/hopem-sync".to_owned(),
            who: "%hopem-support".to_owned(),
            account: "hopem-sync".to_owned(),
            program: "/usr/bin/hopem-sync".to_owned(),
        };
        assert_eq!(found, [rule]);
        assert_eq!(found[0].runner().run_as.account, "hopem-sync");
        let accounts = |groups| Accounts::parse("", groups);
        let support = accounts("hopem-support:x:50:anne\n");
        let is_there = |path: &Path| path == Path::new("/usr/bin/hopem-sync");
        assert_eq!(problems(&found[0], &accounts(""), is_there).len(), 1);
        assert_eq!(problems(&found[0], &support, is_there), []);
        assert_eq!(problems(&found[0], &support, |_| false).len(), 1);
        // A group without a rule is reported, and no group needs none.
        assert_eq!(missing(&found, &support, "hopem-sync"), None);
        assert_eq!(missing(&[], &accounts(""), "hopem-sync"), None);
        let reported = missing(&[], &support, "hopem-sync").expect("there is no rule");
        assert!(reported.message.text(Lang::En).contains("hopem-support"), "{reported:?}");
        assert!(reported.hint.is_some_and(|hint| hint.text(Lang::En).contains("/etc/sudoers.d/hopem-sync")));
    }

    #[test]
    fn rules_for_other_programs_and_directives_are_none() {
        let text = "Defaults env_reset\n# anne ALL=(sync) /usr/bin/hopem-sync\nroot ALL=(ALL:ALL) ALL\n@includedir /etc/x\n\
                    bob ALL=(sync:sync) NOPASSWD: /bin/ls, \\\n  /usr/bin/hopem-sync status\neve ALL=/opt/hopem-sync\n";
        let found = rules("f", text);
        let facts: Vec<_> =
            found.iter().map(|rule| (rule.who.as_str(), rule.account.as_str(), rule.program.as_str())).collect();
        assert_eq!(facts, [("bob", "sync", "/usr/bin/hopem-sync"), ("eve", "root", "/opt/hopem-sync")]);
    }
}
