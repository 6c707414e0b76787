//! Top of the command line: global flags, the commands, and what is said of a command line that is none.

mod document;
mod french;
mod usage;

use crate::commands::Command;
use crate::config::SAMPLE;
use crate::entity::Kind;
use crate::message::Lang;
use crate::options::Global;
use crate::report::Refusal;
use clap::builder::styling::{AnsiColor, Style, Styles};
use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches, Parser};
use std::ffi::OsString;

const EXAMPLES: &str = "\
Examples:
  hopem-sync init --create-boards    begin: ask for the logins, write a configuration, make the boards
  hopem-sync sync                    read Hopem, then bring the monday boards up to date
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
else /etc/hopem-sync/config.toml. Every key can also be set as HOPEM_SYNC_<SECTION>_<KEY>.
More: hopem-sync help exit-codes, hopem-sync help environment, hopem-sync help configuration";

const ENVIRONMENT: &str = "\
Environment:
  HOPEM_SYNC_CONFIG                configuration file, where --config is not given
  HOPEM_SYNC_STORE                 store file, where --store is not given
  HOPEM_SYNC_<SECTION>_<KEY>       any key of the configuration: HOPEM_SYNC_MONDAY_DAILY_CALLS=800
  HOPEM_SYNC_HAPI_PASSWORD, HOPEM_SYNC_HAPI_API_KEY, HOPEM_SYNC_MONDAY_TOKEN, HOPEM_SYNC_LISTEN_SECRET
                                   the secrets; each also as a file: `password_file`, …, or a systemd credential
  CREDENTIALS_DIRECTORY            systemd credentials: hapi_password, hapi_api_key, monday_token, webhook_secret
  STATE_DIRECTORY                  where the store is under systemd
  XDG_CONFIG_HOME, XDG_DATA_HOME   where configuration and store of a user are
  HTTPS_PROXY, NO_PROXY            proxies
  SSL_CERT_FILE, SSL_CERT_DIR      certificates to trust
  LC_ALL, LC_MESSAGES, LANG        the language: French where one says so, else English
  NO_COLOR, CLICOLOR_FORCE, TERM, COLUMNS    how screens look
  TZ                               the zone of the times that people read
Order: flag, environment, systemd credential, file named by `*_file`, configuration, default.";

/// What `help` explains besides the commands.
const TOPICS: [(&str, &str); 3] = [("exit-codes", EXIT_CODES), ("environment", ENVIRONMENT), ("configuration", SAMPLE)];

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
    /// Either of them as a JSON document.
    Document(serde_json::Value),
    /// Bad usage.
    Refused(Box<Refusal>),
}

/// Reads a command line, the program's name first. Help and mistakes are in `lang`, but for documents, which stay English.
pub(crate) fn parse(arguments: &[OsString], lang: Lang) -> Parsed {
    if let Some((name, text)) = topic(arguments) {
        let in_lang = french::topic(name).filter(|_| lang == Lang::Fr).unwrap_or(text);
        return match wants_json(arguments) {
            true => Parsed::Document(document::topic(name, text)),
            false => Parsed::Text(format!("{}\n", in_lang.trim_end()).into()),
        };
    }
    let parsed = program().try_get_matches_from(without_json_for_help(arguments));
    let error = match parsed.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => return Parsed::Command(Box::new(cli)),
        Err(error) => error,
    };
    let is_french = lang == Lang::Fr && !wants_json(arguments);
    // Read again only here: a command line that is one costs no translation.
    let error = match is_french.then(|| french::in_french(program()).try_get_matches_from(arguments)) {
        Some(Err(error)) => error,
        None | Some(Ok(_)) => error,
    };
    match error.kind() {
        ErrorKind::DisplayHelp if wants_json(arguments) => {
            let words: Vec<String> =
                before_double_dash(arguments).map(|word| word.to_string_lossy().into_owned()).collect();
            return Parsed::Document(document::help(Cli::command(), &words));
        }
        ErrorKind::DisplayVersion if wants_json(arguments) => {
            return Parsed::Document(document::version(&Cli::command()));
        }
        ErrorKind::DisplayHelp if is_french => return Parsed::Text(french::rendered(&error.render())),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => return Parsed::Text(error.render()),
        _ => {}
    }
    let is_bare = error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        || (error.kind() == ErrorKind::MissingSubcommand);
    let is_quiet = before_double_dash(arguments).any(|argument| argument == "-q" || argument == "--quiet");
    Parsed::Refused(Box::new(Refusal {
        help: is_bare.then(|| match is_french {
            true => french::rendered(&french::in_french(Cli::command()).render_help()),
            false => Cli::command().render_help(),
        }),
        mistake: usage::mistake(&error, command_of(arguments)),
        is_json: wants_json(arguments),
        is_check: wants_check(arguments),
        is_quiet,
    }))
}

/// The program's whole command line; what takes kinds says in its long help which there are.
pub(crate) fn program() -> clap::Command {
    let kinds = Kind::all().map(|kind| format!("  {:<15}{}", kind.name(), kind.plural_fr().to_lowercase()));
    let kinds = format!("Kinds, in English or French, singular or plural:\n{}", kinds.collect::<Vec<_>>().join("\n"));
    let takes_kinds = |argument: &clap::Arg| {
        let names = argument.get_value_names().unwrap_or_default();
        names.iter().any(|name| *name == "KIND" || *name == "SELECTOR")
    };
    Cli::command().mut_subcommands(|command| {
        let is_about_kinds = command.get_arguments().any(takes_kinds);
        if is_about_kinds { command.after_long_help(kinds.clone()) } else { command }
    })
}

/// What `help TOPIC` prints, where that is no command.
fn topic(arguments: &[OsString]) -> Option<(&'static str, &'static str)> {
    let mut words = before_double_dash(arguments).filter(|word| !word.to_string_lossy().starts_with('-'));
    let word = words.next().filter(|word| *word == "help").and_then(|_| words.next())?;
    TOPICS.into_iter().find(|(name, _)| word == name)
}

/// The command that is meant, as far as that can be seen: `hopem-sync push`.
fn command_of(arguments: &[OsString]) -> String {
    let program = Cli::command();
    let named = before_double_dash(arguments).filter_map(|word| program.find_subcommand(word)).next();
    named.map_or_else(|| "hopem-sync".to_owned(), |command| format!("hopem-sync {}", command.get_name()))
}

/// `help` takes only names of commands, and no flags.
fn without_json_for_help(arguments: &[OsString]) -> impl Iterator<Item = &OsString> {
    let is_help = before_double_dash(arguments).find(|word| *word != "--json").is_some_and(|word| word == "help");
    arguments.iter().filter(move |word| !is_help || *word != "--json")
}

/// The language that a command line, however wrong, asks for.
pub(crate) fn wanted_lang(arguments: &[OsString]) -> Option<Lang> {
    let words: Vec<_> = before_double_dash(arguments).map(|argument| argument.to_string_lossy()).collect();
    let behind = |at: usize| words.get(at + 1).and_then(|word| Lang::of_code(word));
    let found = |(at, word): (usize, &std::borrow::Cow<'_, str>)| match word.strip_prefix("--lang") {
        Some("") => behind(at),
        Some(rest) => Lang::of_code(rest.strip_prefix('=')?),
        None => None,
    };
    words.iter().enumerate().find_map(found)
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

    fn arguments(line: &str) -> Vec<OsString> {
        std::iter::once("hopem-sync").chain(line.split_whitespace()).map(OsString::from).collect()
    }

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_commands_that_carry_flags_when_they_are_pasted_are_those_with_a_configuration() {
        let without = ["completions", "man", "version"];
        let program = Cli::command();
        let names = program.get_subcommands().map(clap::Command::get_name);
        let with: std::collections::BTreeSet<&str> = names.filter(|name| !without.contains(name)).collect();
        assert_eq!(with, crate::text::COMMANDS.iter().copied().collect());
    }

    #[test]
    fn global_flags_stand_before_and_after_the_command() {
        for line in ["--json --lang fr status", "status --lang fr --json"] {
            let Parsed::Command(cli) = parse(&arguments(line), Lang::En) else { panic!("{line}") };
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
                assert!(matches!(parse(example, Lang::En), Parsed::Command(_)), "{example:?}");
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
    fn a_topic_of_the_help_is_a_document_where_one_is_asked_for() {
        let Parsed::Document(document) = parse(&arguments("help exit-codes --json"), Lang::En) else {
            panic!("no document")
        };
        assert_eq!(document, serde_json::json!({"topic": "exit-codes", "text": EXIT_CODES}));
        assert!(matches!(parse(&arguments("help environment"), Lang::En), Parsed::Text(_)));
    }

    #[test]
    fn a_wrong_command_line_says_what_and_suggests() {
        let Parsed::Refused(refusal) = parse(&arguments("statsu --json"), Lang::En) else { panic!("accepted") };
        assert_eq!(refusal.mistake.text(Lang::En), "unrecognized subcommand 'statsu'");
        let hint = refusal.mistake.hint(Lang::En);
        assert!(hint.contains("'status'"), "{hint}");
        assert!(refusal.is_json && !refusal.is_check);
        let Parsed::Refused(refusal) = parse(&arguments(""), Lang::En) else { panic!("accepted") };
        assert_eq!(refusal.mistake.text(Lang::En), "no command given");
        let help = refusal.help.expect("the help").to_string();
        assert_eq!(help.matches("\n  hopem-sync ").count(), 3);
    }

    /// The files that users copy, with their texts: the examples, but for the programs among them, and both READMEs.
    fn files_to_copy() -> Vec<(std::path::PathBuf, String)> {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let (mut files, mut folders) = (Vec::new(), vec![root.join("examples")]);
        while let Some(folder) = folders.pop() {
            for path in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
                match path.extension().and_then(|extension| extension.to_str()) {
                    _ if path.is_dir() && !path.ends_with("sandbox") => folders.push(path),
                    Some("rs") => {}
                    _ if path.is_file() => files.push(path),
                    _ => {}
                }
            }
        }
        files.extend(["README.md", "README.fr.md"].map(|name| root.join(name)));
        let read = |path: std::path::PathBuf| (path.clone(), std::fs::read_to_string(path).expect("a text"));
        files.into_iter().map(read).collect()
    }

    /// The words behind the program's name in a line of a shell, of YAML, of a unit or of sudoers.
    fn words_of(rest: &str) -> Vec<OsString> {
        let rest = rest.strip_prefix('"').unwrap_or(rest);
        let end = rest.find(['|', '>', ';', '&', '#', ')', '`']).unwrap_or(rest.len());
        let words = rest[..end].split([' ', '[', ']', '"']).map(|word| word.trim_end_matches(',').replace('\\', ""));
        words.filter(|word| !word.is_empty()).map(OsString::from).collect()
    }

    #[test]
    fn every_command_in_the_examples_is_one() {
        let mut met = 0;
        for (path, text) in files_to_copy() {
            for (at, program) in text.match_indices("/usr/bin/hopem-sync") {
                let rest = text[at + program.len()..].lines().next().unwrap_or_default();
                let words = words_of(rest);
                // A file's name, or the program as a file; the patterns of sudoers have a test of their own.
                if rest.starts_with(['.', '-']) || words.is_empty() || rest.starts_with(" ^") {
                    continue;
                }
                let line: Vec<OsString> = std::iter::once("hopem-sync".into()).chain(words).collect();
                assert!(
                    matches!(parse(&line, Lang::En), Parsed::Command(_) | Parsed::Text(_)),
                    "{}: {line:?}",
                    path.display()
                );
                met += 1;
            }
        }
        assert!(met > 20, "{met} commands in the examples");
    }

    #[test]
    fn every_path_in_the_examples_is_the_same_everywhere() {
        let known = [
            ("/etc/hopem-sync/", "config.toml acme.toml hapi-password hapi-key monday-token webhook-secret notify-url"),
            ("/var/lib/hopem-sync/", "store.db acme.db backup.db"),
        ];
        for (path, text) in files_to_copy() {
            for (folder, names) in known {
                for (at, _) in text.match_indices(folder) {
                    let rest = &text[at + folder.len()..];
                    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || ".-_".contains(c)));
                    let name = rest[..end.unwrap_or(rest.len())].trim_end_matches('.');
                    let is_known = name.is_empty() || names.split(' ').any(|known| known == name);
                    assert!(is_known, "{}: {folder}{name}", path.display());
                }
            }
            assert!(!text.contains("local/bin/hopem-sync"), "{}", path.display());
        }
    }

    #[test]
    fn support_may_use_commands_and_flags_that_there_are_and_none_that_names_a_file() {
        let (_, text) = files_to_copy().into_iter().find(|(path, _)| path.ends_with("sudoers")).expect("the example");
        let pattern = text.split_once("/usr/bin/hopem-sync ^(").expect("a pattern").1;
        let (commands, rest) = pattern.split_once(')').expect("its commands");
        let flags = rest.split_once("--(").and_then(|(_, rest)| rest.split_once(')')).expect("its flags").0;
        let (mut program, commands): (_, Vec<&str>) = (Cli::command(), commands.split('|').collect());
        program.build();
        let allowed: Vec<&clap::Command> =
            commands.iter().map(|name| program.find_subcommand(name).expect("a command")).collect();
        for flag in flags.split('|') {
            let mut all = allowed.iter().flat_map(|command| command.get_arguments());
            let argument = all.find(|argument| argument.get_long() == Some(flag));
            let hint = argument.unwrap_or_else(|| panic!("no command has --{flag}")).get_value_hint();
            assert_ne!(hint, clap::ValueHint::AnyPath, "--{flag}");
        }
        assert!(!flags.split('|').any(|flag| ["config", "store", "metrics", "yes", "profile"].contains(&flag)));
    }
}
