//! Keeps monday.com boards equal to what Hopem holds.

pub mod age;
pub mod boards;
mod cli;
mod commands;
pub mod config;
pub mod entity;
pub mod failure;
pub mod hapi;
pub mod http;
pub mod message;
pub mod monday;
pub mod plan;
pub mod progress;
pub mod pull;
pub mod push;
pub mod receiver;
mod report;
pub mod run;
pub mod store;
pub mod text;

pub use commands::completions::{SHELLS, completion_file_name, completion_script};

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

/// Runs one command line, the program's name first, and says how the process should end. The environment is the one given.
pub fn run(arguments: impl IntoIterator<Item = OsString>, environment: BTreeMap<String, String>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let code = match catch_unwind(AssertUnwindSafe(|| execute(&arguments, &environment))) {
        Ok(code) => code,
        Err(_) => report::crashed(cli::wants_json(&arguments), cli::wants_check(&arguments)),
    };
    ExitCode::from(code)
}

fn execute(arguments: &[OsString], environment: &BTreeMap<String, String>) -> u8 {
    match cli::parse(arguments) {
        cli::Parsed::Command(cli) => commands::run(*cli, environment),
        cli::Parsed::Text(text) => report::help(&text, environment),
        cli::Parsed::Refused(refusal) => report::refused(&refusal, environment),
    }
}
