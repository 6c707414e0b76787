//! Keeps monday.com boards equal to what Hopem holds.
#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests are hosts of their own"))]

mod age;
mod boards;
mod cli;
pub mod clock;
mod commands;
pub mod config;
pub mod console;
pub mod entity;
pub mod failure;
pub mod hapi;
pub mod host;
pub mod http;
pub mod message;
pub mod monday;
mod options;
mod plan;
mod private_files;
mod process;
mod progress;
mod pull;
mod push;
pub mod random;
pub mod receiver;
mod report;
mod retry;
mod run;
pub mod secret;
mod setup;
mod stamp;
pub mod store;
mod terminal;
mod text;
mod word;

pub use commands::completions::{SHELLS, completion_file_name};

use clap_complete::Shell;
use console::Console;
use failure::Exit;
use host::Host;
use message::Lang;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

/// Runs one command line, the program's name first, and says how the process should end. The environment is the one given.
pub fn run(arguments: impl IntoIterator<Item = OsString>, environment: BTreeMap<String, String>) -> ExitCode {
    ExitCode::from(run_on(&Host::system(), arguments, environment))
}

/// The same on any host; returns the exit code.
pub fn run_on(host: &Host, arguments: impl IntoIterator<Item = OsString>, environment: BTreeMap<String, String>) -> u8 {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    match catch_unwind(AssertUnwindSafe(|| execute(&arguments, &environment, host))) {
        Ok(code) => code,
        Err(_) => crashed(&host.console, &arguments),
    }
}

/// The script that a shell completes the program's command lines with.
pub fn completion_script(shell: Shell) -> String {
    commands::completions::script(shell, cli::program())
}

fn execute(arguments: &[OsString], environment: &BTreeMap<String, String>, host: &Host) -> u8 {
    if let Some(words) = commands::completions::asked(arguments) {
        let answered = commands::completions::answer(&host.console, words, &cli::program, environment);
        return answered.map_or(Exit::Failed, |()| Exit::Ok).code();
    }
    let lang = config::language(cli::wanted_lang(arguments), None, environment);
    match cli::parse(arguments, lang) {
        cli::Parsed::Command(cli) => commands::run(&cli.global, &cli.command, &cli::program, environment, host),
        cli::Parsed::Text(text) => {
            report::help(&host.console, &text, environment).map_or(Exit::Failed, |()| Exit::Ok).code()
        }
        cli::Parsed::Document(document) => {
            let text = format!("{document}\n");
            host.console.answer(text.as_bytes()).map_or(Exit::Failed, |()| Exit::Ok).code()
        }
        cli::Parsed::Refused(refusal) if refusal.is_check => {
            report::unknown(&host.console, &refusal.mistake.text(Lang::En), refusal.is_json);
            report::CHECK_UNKNOWN
        }
        cli::Parsed::Refused(refusal) => {
            report::refused(&host.console, &refusal, Exit::Usage, lang, environment);
            Exit::Usage.code()
        }
    }
}

/// Ends a run that ended in a panic, of which the program's hook has said where.
fn crashed(console: &Console, arguments: &[OsString]) -> u8 {
    let is_json = cli::wants_json(arguments);
    if cli::wants_check(arguments) {
        report::unknown(console, report::INTERNAL_ERROR, is_json);
        return report::CHECK_UNKNOWN;
    }
    report::crashed(console, is_json, Exit::Failed);
    Exit::Failed.code()
}
