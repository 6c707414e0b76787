//! `hopem-sync completions`: what shells need to complete its command line, and the answer to what they ask at a TAB.

mod answer;
mod values;

pub(crate) use answer::{answer, asked};

use crate::failure::Exit;
use crate::report::Report;
use clap_complete::{Generator, Shell};
use serde::Serialize;

/// The shells that there is a script for.
pub const SHELLS: [Shell; 5] = [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::Elvish, Shell::PowerShell];

/// Arguments of `completions`.
#[derive(Debug, clap::Args)]
#[command(before_long_help = "\
Examples:
  hopem-sync completions bash > /etc/bash_completion.d/hopem-sync
  hopem-sync completions zsh > \"${fpath[1]}/_hopem-sync\"
  hopem-sync completions fish > ~/.config/fish/completions/hopem-sync.fish")]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

#[derive(Serialize)]
struct ScriptDocument {
    shell: String,
    script: String,
}

impl Completions {
    /// Needs neither configuration nor store: packagers run it on bare machines.
    ///
    /// # Errors
    /// Where its output cannot be written.
    pub(crate) fn run(&self, report: &Report, program: clap::Command) -> anyhow::Result<Exit> {
        let script = script(self.shell, program);
        match report.is_json {
            true => report.json(&ScriptDocument { shell: self.shell.to_string(), script })?,
            false => report.print_as_is(&script)?,
        }
        Ok(Exit::Ok)
    }
}

/// The script of a shell. Those of bash, zsh and fish ask the program itself at each TAB; those of the others know its commands and
/// flags.
pub(crate) fn script(shell: Shell, mut program: clap::Command) -> String {
    match shell {
        Shell::Bash => include_str!("../../../completions/hopem-sync.bash").to_owned(),
        Shell::Zsh => include_str!("../../../completions/_hopem-sync").to_owned(),
        Shell::Fish => include_str!("../../../completions/hopem-sync.fish").to_owned(),
        other => {
            let mut script = Vec::new();
            clap_complete::generate(other, &mut program, "hopem-sync", &mut script);
            String::from_utf8_lossy(&script).into_owned()
        }
    }
}

/// The name that a shell looks for its script under.
pub fn completion_file_name(shell: Shell) -> String {
    shell.file_name("hopem-sync")
}
