//! `hopem-sync config show`: the effective configuration, secrets masked.

use super::Context;
use crate::failure::Exit;
use crate::report::settings::Settings;

const EXAMPLES: &str = "\
Examples:
  hopem-sync config show             every setting as it counts now
  hopem-sync config show --origin    each setting, and the file, line or variable it came from";

/// Arguments of `config`.
#[derive(Debug, clap::Args)]
#[command(before_long_help = EXAMPLES)]
pub(crate) struct ConfigCommand {
    #[command(subcommand)]
    command: ConfigSubcommand,
}

#[derive(Debug, clap::Subcommand)]
enum ConfigSubcommand {
    /// Show every setting as it counts now
    Show(Show),
}

/// Arguments of `config show`.
#[derive(Debug, clap::Args)]
#[command(before_long_help = EXAMPLES)]
struct Show {
    /// Say where each setting came from
    #[arg(long)]
    origin: bool,
}

impl ConfigCommand {
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let ConfigSubcommand::Show(show) = &self.command;
        let origins = show.origin.then_some(&context.origins);
        context.report.show(&Settings { config: &context.config, origins })?;
        Ok(Exit::Ok)
    }
}
