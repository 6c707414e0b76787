//! The help and the version as JSON documents.

use clap::{Arg, Command};
use serde_json::{Value, json};

/// What `--version --json` gives.
pub(super) fn version(program: &Command) -> Value {
    json!({"name": program.get_name(), "version": program.get_version()})
}

/// What `help TOPIC --json` gives.
pub(super) fn topic(name: &str, text: &str) -> Value {
    json!({"topic": name, "text": text})
}

/// What `--help --json` gives: of the command that a command line names, what it is for and what it takes.
pub(super) fn help(mut program: Command, words: &[String]) -> Value {
    program.build();
    let mut command = &program;
    for word in words.iter().filter(|word| *word != "help") {
        if let Some(found) = command.find_subcommand(word) {
            command = found;
        }
    }
    let commands = command.get_subcommands().filter(|own| !own.is_hide_set() && own.get_name() != "help");
    let options = command.get_arguments().filter(|argument| !argument.is_hide_set());
    let usage = command.clone().render_usage().to_string();
    json!({
        "command": command.get_display_name().unwrap_or(command.get_name()).replace("hopem-sync-", "hopem-sync "),
        "about": command.get_about().map(ToString::to_string),
        "usage": usage.trim_start_matches("Usage: "),
        "commands": commands.map(|own| json!({"name": own.get_name(), "about": own.get_about().map(ToString::to_string)})).collect::<Vec<_>>(),
        "arguments": options.map(argument).collect::<Vec<_>>(),
        "examples": command.get_before_long_help().map(|text| examples(&text.to_string())).unwrap_or_default(),
    })
}

fn argument(argument: &Arg) -> Value {
    let takes_value = argument.get_action().takes_values();
    let names = argument.get_value_names().filter(|_| takes_value).unwrap_or_default();
    let possible = argument.get_possible_values();
    json!({
        "name": argument.get_id().as_str(),
        "long": argument.get_long(),
        "short": argument.get_short().map(String::from),
        "value": names.first().map(ToString::to_string),
        "values": possible.iter().filter(|_| takes_value).map(|value| value.get_name()).collect::<Vec<_>>(),
        "default": argument.get_default_values().first().map(|value| value.to_string_lossy()),
        "is_required": argument.is_required_set(),
        "is_global": argument.is_global_set(),
        "help": argument.get_help().map(ToString::to_string),
    })
}

/// The command lines of a text of examples, each with what it does.
fn examples(text: &str) -> Vec<Value> {
    let lines = text.lines().map(str::trim).filter(|line| line.starts_with("hopem-sync"));
    lines
        .map(|line| {
            let (command, about) = line.split_once("  ").unwrap_or((line, ""));
            json!({"command": command, "about": Some(about.trim()).filter(|about| !about.is_empty())})
        })
        .collect()
}
