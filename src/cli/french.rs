//! Help in French: the texts of the command line, and the parser's own words, in the place of the English ones.

mod examples;
mod phrases;

use clap::builder::{PossibleValue, PossibleValuesParser, Str, StyledStr};
use clap::{Arg, Command};
use examples::EXAMPLES;
use phrases::{PHRASES, VALUE_NAMES};

/// What the parser writes by itself.
const PARSERS_WORDS: &[(&str, &str)] = &[
    ("Usage:", "Utilisation\u{a0}:"),
    ("Commands:", "Commandes\u{a0}:"),
    ("Arguments:", "Arguments\u{a0}:"),
    ("Options:", "Options\u{a0}:"),
    ("Options globales:", "Options globales\u{a0}:"),
    ("Possible values:", "Valeurs possibles\u{a0}:"),
    ("[possible values: ", "[valeurs possibles\u{a0}: "),
    ("[default: ", "[par défaut\u{a0}: "),
];

const EXIT_CODES: &str = "\
Codes de sortie\u{a0}:
  0  fait, ou rien à faire                    6  connexion refusée par HApi ou monday
  1  échec\u{a0}: n’a pu aller au bout             7  appels permis ou --max-duration épuisés
  2  commande ou configuration erronée        8  base locale endommagée, étrangère, plus récente
  3  fait, mais des entités ont échoué      130  arrêté par SIGINT
  4  une autre exécution tient le verrou    143  arrêté par SIGTERM
  5  suppressions trop nombreuses retenues

Configuration\u{a0}: --config, sinon $HOPEM_SYNC_CONFIG, sinon $XDG_CONFIG_HOME/hopem-sync/config.toml,
sinon /etc/hopem-sync/config.toml. Chaque clé peut aussi être HOPEM_SYNC_<SECTION>_<CLÉ>.
Suite\u{a0}: hopem-sync help exit-codes, hopem-sync help environment, hopem-sync help configuration";

const ENVIRONMENT: &str = "\
Environnement\u{a0}:
  HOPEM_SYNC_CONFIG                fichier de configuration, sans --config
  HOPEM_SYNC_STORE                 fichier de la base locale, sans --store
  HOPEM_SYNC_<SECTION>_<CLÉ>       toute clé de la configuration\u{a0}: HOPEM_SYNC_MONDAY_DAILY_CALLS=800
  HOPEM_SYNC_HAPI_PASSWORD, HOPEM_SYNC_HAPI_API_KEY, HOPEM_SYNC_MONDAY_TOKEN, HOPEM_SYNC_LISTEN_SECRET
                                   les secrets; chacun aussi en fichier (`password_file`, …) ou justificatif systemd
  CREDENTIALS_DIRECTORY            justificatifs systemd\u{a0}: hapi_password, hapi_api_key, monday_token, webhook_secret
  STATE_DIRECTORY                  où est la base locale sous systemd
  XDG_CONFIG_HOME, XDG_DATA_HOME   où sont la configuration et la base d’un utilisateur
  HTTPS_PROXY, NO_PROXY            mandataires
  SSL_CERT_FILE, SSL_CERT_DIR      certificats reconnus
  LC_ALL, LC_MESSAGES, LANG        la langue\u{a0}: français où l’un d’eux le dit, sinon anglais
  NO_COLOR, CLICOLOR_FORCE, TERM, COLUMNS    l’aspect des écrans
  TZ                               le fuseau des heures que les gens lisent
Ordre\u{a0}: option, environnement, justificatif systemd, fichier nommé par `*_file`, configuration, défaut.";

/// The French of a text that `help` prints as it is; none where it has none.
pub(super) fn topic(name: &str) -> Option<&'static str> {
    match name {
        "exit-codes" => Some(EXIT_CODES),
        "environment" => Some(ENVIRONMENT),
        _ => None,
    }
}

/// A command line with all its texts in French, made for its help: the values of its arguments are read as texts.
pub(super) fn in_french(mut program: Command) -> Command {
    program.build();
    translated(program)
}

fn translated(command: Command) -> Command {
    let command = in_place(command, Command::get_about, Command::about);
    let command = in_place(command, Command::get_long_about, Command::long_about);
    let command = in_place(command, Command::get_before_help, Command::before_help);
    let command = in_place(command, Command::get_before_long_help, Command::before_long_help);
    let command = in_place(command, Command::get_after_help, Command::after_help);
    let command = in_place(command, Command::get_after_long_help, Command::after_long_help);
    command.subcommand_value_name("COMMANDE").mut_args(argument).mut_subcommands(translated)
}

/// A command, an argument or a value with one of its texts in French, where it has one.
fn in_place<T>(owner: T, get: impl Fn(&T) -> Option<&StyledStr>, set: impl Fn(T, StyledStr) -> T) -> T {
    match get(&owner).map(|text| StyledStr::from(french(&text.to_string()))) {
        Some(text) => set(owner, text),
        None => owner,
    }
}

fn argument(argument: Arg) -> Arg {
    let argument = in_place(argument, Arg::get_help, Arg::help);
    let argument = in_place(argument, Arg::get_long_help, Arg::long_help);
    let heading = argument.get_help_heading().and_then(|heading| found(PHRASES, heading));
    let argument = match heading {
        Some(heading) => argument.help_heading(heading),
        None => argument,
    };
    let names = argument.get_value_names().unwrap_or_default();
    let names: Vec<Str> =
        names.iter().map(|name| found(VALUE_NAMES, name).map_or_else(|| name.clone(), Str::from)).collect();
    let argument = if names.is_empty() { argument } else { argument.value_names(names) };
    let values = argument.get_possible_values();
    if !values.iter().any(|value| value.get_help().is_some()) {
        return argument;
    }
    let values = values.into_iter().map(|value| in_place(value, PossibleValue::get_help, PossibleValue::help));
    argument.value_parser(PossibleValuesParser::new(values))
}

/// A text in French: whole, or line by line, where a command with what it does stands in each.
fn french(text: &str) -> String {
    if text.starts_with("Exit codes:") {
        return EXIT_CODES.to_owned();
    }
    if let Some(whole) = phrase(text) {
        return whole.to_owned();
    }
    let paragraphs = text.split("\n\n").map(|part| match phrase(part) {
        Some(whole) => whole.to_owned(),
        None => part.lines().map(line).collect::<Vec<_>>().join("\n"),
    });
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

/// A line of examples, with what stands beside the command in French, in the same column.
fn line(line: &str) -> String {
    let indented = line.trim_start();
    if let Some(whole) = phrase(indented) {
        return format!("{}{whole}", &line[..line.len() - indented.len()]);
    }
    // The text may begin after one blank, where the command is long.
    let begins = line.match_indices(' ').map(|(at, _)| at + 1).find(|at| phrase(&line[*at..]).is_some());
    match begins.and_then(|at| Some((at, phrase(&line[at..])?))) {
        Some((at, text)) => format!("{}{text}", &line[..at]),
        None => line.to_owned(),
    }
}

fn phrase(text: &str) -> Option<&'static str> {
    found(PHRASES, text).or_else(|| found(EXAMPLES, text))
}

fn found(table: &[(&str, &'static str)], text: &str) -> Option<&'static str> {
    table.iter().find(|(english, _)| *english == text).map(|(_, french)| *french)
}

/// What the parser has rendered, with its own words in French.
pub(super) fn rendered(text: &StyledStr) -> StyledStr {
    let text = text.ansi().to_string();
    StyledStr::from(PARSERS_WORDS.iter().fold(text, |text, (english, french)| text.replace(english, french)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Every text of a command line that has to be French, by lines where it is no sentence of its own.
    fn texts(command: &Command, all: &mut BTreeSet<String>) {
        let mut put = |text: Option<&StyledStr>| all.extend(text.map(ToString::to_string));
        let of_command = [Command::get_about, Command::get_long_about, Command::get_before_help];
        of_command.iter().for_each(|get| put(get(command)));
        let more = [Command::get_before_long_help, Command::get_after_help, Command::get_after_long_help];
        more.iter().for_each(|get| put(get(command)));
        for argument in command.get_arguments() {
            put(argument.get_help());
            put(argument.get_long_help());
            argument.get_possible_values().iter().for_each(|value| put(value.get_help()));
        }
        command.get_subcommands().for_each(|own| texts(own, all));
    }

    fn program() -> Command {
        let mut program = super::super::program();
        program.build();
        program
    }

    #[test]
    fn every_text_of_the_help_has_its_french_and_none_is_left_over() {
        let mut all = BTreeSet::new();
        texts(&program(), &mut all);
        let mut used = BTreeSet::new();
        let mut missing = Vec::new();
        for text in all.iter().filter(|text| !text.starts_with("Exit codes:")) {
            if phrase(text).is_some() {
                used.insert(text.as_str());
                continue;
            }
            for part in text.split("\n\n") {
                let lines: Vec<&str> = if phrase(part).is_some() { vec![part] } else { part.lines().collect() };
                for line in lines {
                    let ends = line.match_indices(' ').map(|(at, _)| &line[at + 1..]);
                    match std::iter::once(line).chain(ends).find(|end| phrase(end).is_some()) {
                        Some(end) => _ = used.insert(end),
                        // A command alone, or a kind, which stands there in both languages.
                        None if line.starts_with("  hopem-sync ") && !line.trim_start().contains("  ") => {}
                        None if crate::entity::Kind::all().any(|kind| line.trim().starts_with(kind.name())) => {}
                        None => missing.push(line.to_owned()),
                    }
                }
            }
        }
        assert_eq!(missing, Vec::<String>::new());
        let table = PHRASES.iter().chain(EXAMPLES).map(|(english, _)| *english);
        // A heading is a text of its own.
        let unused: Vec<&str> = table.filter(|text| !used.contains(text) && *text != "Global options").collect();
        assert_eq!(unused, Vec::<&str>::new());
    }

    #[test]
    fn french_is_set_as_in_messages() {
        let texts = PHRASES.iter().chain(EXAMPLES).chain(PARSERS_WORDS).map(|(_, french)| *french);
        for text in texts.chain([EXIT_CODES, ENVIRONMENT]) {
            for part in text.split('`').step_by(2) {
                assert!(!part.contains('\''), "{text}");
                let is_lone = |(at, _): &(usize, &str)| part[at + 1..].chars().next().is_none_or(char::is_whitespace);
                for (at, _) in part.match_indices(':').filter(is_lone) {
                    assert!(part[..at].ends_with('\u{a0}') || at == 0, "{text}");
                }
                assert!(![" ;", " ?", " !"].iter().any(|sign| part.contains(sign)), "{text}");
            }
        }
    }

    #[test]
    fn what_stands_beside_a_command_stays_in_its_column() {
        assert_eq!(
            line("  hopem-sync pull                read every kind"),
            "  hopem-sync pull                lire tous les types"
        );
        assert_eq!(
            line("  hopem-sync push unit tenant:7535 one kind and one tenant"),
            "  hopem-sync push unit tenant:7535 un type et un locataire"
        );
        assert_eq!(line("  hopem-sync resume tenant:7535"), "  hopem-sync resume tenant:7535");
    }

    #[test]
    fn the_help_of_every_command_is_french_throughout() {
        let mut commands = vec![in_french(program())];
        while let Some(mut command) = commands.pop() {
            let shown = rendered(&command.render_long_help()).to_string();
            assert!(shown.contains("Utilisation\u{a0}:"), "{shown}");
            for word in ["Usage:", "Options:", "default: ", "Possible", "possible values", "Print", " the ", "Examples"]
            {
                assert!(!shown.contains(word), "`{word}` in {shown}");
            }
            commands.extend(command.get_subcommands().cloned());
        }
    }
}
