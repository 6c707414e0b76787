//! The answer to a script that asks, at a TAB, what may stand there: `hopem-sync __complete WORD…`, the program's name first, the
//! word before the cursor last. A line for each candidate: `+` where something follows it without a blank, else `-`; the
//! candidate; a tab; what it is. What cannot be found out is left out, quietly.

use super::values::{Candidate, Source, Values};
use crate::console::Console;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, complete};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::sync::Arc;

/// The first argument of who asks. Not a command: nobody types it.
const QUESTION: &str = "__complete";

/// The words that a script asks about; `None`: this is no question of a script.
pub(crate) fn asked(arguments: &[OsString]) -> Option<&[OsString]> {
    let (question, words) = arguments.get(1..)?.split_first()?;
    (question == QUESTION && !words.is_empty()).then_some(words)
}

/// Answers a script.
///
/// # Errors
/// Where stdout cannot be written to.
pub(crate) fn answer(
    console: &Console,
    words: &[OsString],
    program: &dyn Fn() -> clap::Command,
    environment: &BTreeMap<String, String>,
) -> anyhow::Result<()> {
    let values = Arc::new(Values::new(words, program(), environment.clone()));
    let lines = candidates(words, with_values(program(), &values)).iter().map(|it| line(it) + "\n").collect::<String>();
    Ok(console.answer(lines.as_bytes())?)
}

fn line(candidate: &Candidate) -> String {
    let mark = if candidate.goes_on { '+' } else { '-' };
    let help = candidate.help.lines().next().unwrap_or_default();
    format!("{mark}{}\t{}", candidate.value, help.replace('\t', " "))
}

/// What may stand where the last word stands.
fn candidates(words: &[OsString], mut program: clap::Command) -> Vec<Candidate> {
    let folder = std::env::current_dir().ok();
    let found = complete(&mut program, words.to_vec(), words.len() - 1, folder.as_deref()).unwrap_or_default();
    let found: Vec<Candidate> = found.iter().map(Candidate::from).collect();
    let wants_flag = words.last().is_some_and(|word| word.as_encoded_bytes().starts_with(b"-"));
    // Who has typed nothing yet wants a value where there is one, and a flag by its name where there is none.
    let (flags, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|found| found.value.starts_with('-'));
    match (wants_flag, others.is_empty()) {
        (true, _) => flags.into_iter().chain(others).collect(),
        (false, false) => others,
        (false, true) => flags.into_iter().filter(|flag| flag.value.starts_with("--")).collect(),
    }
}

/// The command line, each argument with what its values may be.
fn with_values(command: clap::Command, values: &Arc<Values>) -> clap::Command {
    let command = command.mut_args(|argument| {
        let name = argument.get_value_names().and_then(|names| names.first());
        let Some(source) = name.and_then(|name| values.source(name)) else { return argument };
        let values = values.clone();
        argument.add(ArgValueCompleter::new(move |word: &OsStr| found(&values, source, word)))
    });
    command.mut_subcommands(|command| with_values(command, values))
}

fn found(values: &Values, source: Source, word: &OsStr) -> Vec<CompletionCandidate> {
    let Some(word) = word.to_str() else { return Vec::new() };
    let found = source(values, word);
    // In the order of their source.
    found.into_iter().enumerate().map(|(place, found)| found.ranked(place)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_script_asks() {
        let asked = |line: &str| {
            let arguments: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            asked(&arguments).map(<[OsString]>::len)
        };
        assert_eq!(asked("hopem-sync __complete hopem-sync status"), Some(2));
        for line in ["hopem-sync", "hopem-sync __complete", "hopem-sync status __complete x"] {
            assert_eq!(asked(line), None, "{line}");
        }
    }
}
