//! Top of the command line: global flags, the commands, and what is said of a command line that is none.

use crate::commands::Command;
use crate::options::Global;
use crate::report::Refusal;
use crate::text::harmless;
use clap::builder::styling::{AnsiColor, Style, Styles};
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use std::ffi::OsString;

const EXAMPLES: &str = "\
Examples:
  hopem-sync sync                    read Hopem, then bring the monday boards up to date
  hopem-sync status                  how many of each kind are synced, pending, in error
  hopem-sync status --state error    what is wrong, and what to do about it";

const EXIT_CODES: &str = "\
Exit codes:
  0  done, or nothing to do                   6  login refused by HApi or monday
  1  failed: the run could not finish         7  call budget or --max-duration used up
  2  bad usage or configuration               8  the store is damaged, foreign or newer
  3  done, but some entities failed         130  stopped by SIGINT
  4  another run holds the lock             143  stopped by SIGTERM
  5  a guard stopped too many deletes

Configuration: --config, else $HOPEM_SYNC_CONFIG, else $XDG_CONFIG_HOME/hopem-sync/config.toml,
else /etc/hopem-sync/config.toml. Every key can also be set as HOPEM_SYNC_<SECTION>_<KEY>.";

const HEADING: Style = AnsiColor::Green.on_default().bold();
const STYLES: Styles = Styles::styled()
    .header(HEADING)
    .usage(HEADING)
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Keeps monday.com boards equal to what Hopem holds
#[derive(Debug, Parser)]
#[command(name = "hopem-sync", bin_name = "hopem-sync", version, styles = STYLES, max_term_width = 110)]
#[command(after_help = EXAMPLES, before_long_help = EXAMPLES, after_long_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Command line, as parsed.
pub(crate) enum Parsed {
    /// A command to run.
    Command(Box<Cli>),
    /// Help, or the version.
    Text(clap::builder::StyledStr),
    /// Bad usage.
    Refused(Refusal),
}

/// Reads a command line, the program's name first.
pub(crate) fn parse(arguments: &[OsString]) -> Parsed {
    let error = match Cli::try_parse_from(arguments) {
        Ok(cli) => return Parsed::Command(Box::new(cli)),
        Err(error) => error,
    };
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return Parsed::Text(error.render());
    }
    let is_bare = error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        || (error.kind() == ErrorKind::MissingSubcommand);
    let plain = error.to_string();
    let (text, message) = match is_bare {
        true => (Cli::command().render_help(), "no command given".to_owned()),
        false => (error.render(), first_paragraph(&plain)),
    };
    // What was typed stands in the text, between clap's own escape sequences.
    let is_tame = arguments.iter().map(|argument| argument.to_string_lossy()).all(|typed| harmless(&typed) == typed);
    let text = match is_tame {
        true => text,
        false => plain.lines().map(harmless).collect::<Vec<_>>().join("\n").into(),
    };
    let tip = plain.lines().find_map(|line| line.trim().strip_prefix("tip: ").map(str::to_owned));
    let hint = tip.unwrap_or_else(|| "hopem-sync --help".to_owned());
    let (is_json, is_check) = (wants_json(arguments), wants_check(arguments));
    let is_quiet = before_double_dash(arguments).any(|argument| argument == "-q" || argument == "--quiet");
    Parsed::Refused(Refusal { text, message, hint, is_json, is_check, is_quiet })
}

/// The lines up to the first blank one as one, without what only marks an error.
fn first_paragraph(text: &str) -> String {
    let lines: Vec<&str> = text.lines().take_while(|line| !line.trim().is_empty()).map(str::trim).collect();
    lines.join(" ").trim_start_matches("error: ").to_owned()
}

/// Whether a command line, however wrong, asks for JSON.
pub(crate) fn wants_json(arguments: &[OsString]) -> bool {
    before_double_dash(arguments).any(|argument| argument == "--json")
}

/// Whether a command line, however wrong, is a monitor's question.
pub(crate) fn wants_check(arguments: &[OsString]) -> bool {
    before_double_dash(arguments).any(|argument| argument == "--check")
        && before_double_dash(arguments).any(|argument| argument == "status")
}

fn before_double_dash(arguments: &[OsString]) -> impl Iterator<Item = &OsString> {
    arguments.iter().skip(1).take_while(|argument| *argument != "--")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Lang;

    fn arguments(line: &str) -> Vec<OsString> {
        std::iter::once("hopem-sync").chain(line.split_whitespace()).map(OsString::from).collect()
    }

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn global_flags_stand_before_and_after_the_command() {
        for line in ["--json --lang fr status", "status --lang fr --json"] {
            let Parsed::Command(cli) = parse(&arguments(line)) else { panic!("{line}") };
            assert!(cli.global.json, "{line}");
            assert_eq!(cli.global.lang, Some(Lang::Fr), "{line}");
        }
    }

    /// The examples in a command's long help, without what a shell does with them and what is said about them.
    fn examples(command: &clap::Command) -> Vec<Vec<OsString>> {
        let help = command.get_before_long_help().map(ToString::to_string).unwrap_or_default();
        let lines = help.lines().map(str::trim).filter(|line| line.starts_with("hopem-sync "));
        lines
            .map(|line| {
                let end = ["  ", " | ", " > ", " && "].iter().filter_map(|mark| line.find(mark)).min();
                let line = &line[..end.unwrap_or(line.len())];
                let quoted = line.split('"').enumerate();
                let words = quoted.flat_map(|(index, part)| match index % 2 {
                    0 => part.split_whitespace().map(OsString::from).collect(),
                    _ => vec![OsString::from(part)],
                });
                words.collect()
            })
            .collect()
    }

    #[test]
    fn every_command_has_examples_of_its_own_and_they_are_command_lines() {
        fn check(command: &clap::Command, path: &str) {
            let examples = examples(command);
            assert!((2..=5).contains(&examples.len()), "`{path}` has {} examples", examples.len());
            for example in &examples {
                assert!(matches!(parse(example), Parsed::Command(_)), "{example:?}");
            }
            for own in command.get_subcommands().filter(|own| own.get_name() != "help") {
                let path = format!("{path} {}", own.get_name());
                let is_about_it = |line: &Vec<OsString>| {
                    line.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ").starts_with(&path)
                };
                assert!(self::examples(own).iter().filter(|line| is_about_it(line)).count() >= 2, "{path}");
                check(own, &path);
            }
        }
        check(&Cli::command(), "hopem-sync");
    }

    #[test]
    fn a_wrong_command_line_says_what_and_suggests() {
        let Parsed::Refused(refusal) = parse(&arguments("statsu --json")) else { panic!("accepted") };
        assert_eq!(refusal.message, "unrecognized subcommand 'statsu'");
        assert!(refusal.hint.contains("'status'"), "{}", refusal.hint);
        assert!(refusal.is_json && !refusal.is_check);
        let Parsed::Refused(refusal) = parse(&arguments("")) else { panic!("accepted") };
        assert_eq!(refusal.message, "no command given");
        assert_eq!(refusal.text.to_string().matches("\n  hopem-sync ").count(), 3);
    }
}
