//! `hopem-sync config show`: the effective configuration, secrets masked. `config check`: every mistake in it.

use super::context::Context;
use crate::config::{Checked, Config, Request, language};
use crate::failure::{Account, Exit};
use crate::message::{DoctorText, Message};
use crate::options::Global;
use crate::report::Report;
use crate::report::findings::{Finding, Findings, Level, findings};
use crate::report::settings::Settings;

const EXAMPLES: &str = "\
Examples:
  hopem-sync config show             every setting as it counts now
  hopem-sync config show --origin    each setting, and the file, line or variable it came from
  hopem-sync config check            every mistake at once, without asking anybody";
const CHECK_EXAMPLES: &str = "\
Examples:
  hopem-sync config check                       every mistake at once (exit 2), without asking anybody
  hopem-sync config check --profile acme --json";

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
    /// Find every mistake at once, without asking anybody
    #[command(before_long_help = CHECK_EXAMPLES)]
    Check,
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
    /// Shows the configuration.
    ///
    /// # Errors
    /// Where its output cannot be written.
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        // A check ran without a context.
        let ConfigSubcommand::Show(show) = &self.command else { return Ok(Exit::Ok) };
        let origins = show.origin.then_some(&context.origins);
        context.report.show(&Settings { config: &context.config, origins })?;
        Ok(Exit::Ok)
    }

    /// Checks the configuration, where that is asked for: it may be one that cannot be loaded.
    pub(crate) fn check(
        &self,
        report: &Report,
        global: &Global,
        request: &Request<'_>,
    ) -> Option<anyhow::Result<Exit>> {
        match self.command {
            ConfigSubcommand::Show(_) => None,
            ConfigSubcommand::Check => Some(check(report, global, request)),
        }
    }
}

fn check(report: &Report, global: &Global, request: &Request<'_>) -> anyhow::Result<Exit> {
    let checked = Config::check(request)?;
    let report = Report { lang: language(global.lang, checked.language, request.environment), ..report.clone() };
    let settings = checked.settings as u64;
    let found = Findings::new(found(checked), settings);
    let exit = if found.has_none_of(Level::Error) { Exit::Ok } else { Exit::Usage };
    findings(&report, &found, exit, "hopem-sync config check")?;
    Ok(exit)
}

fn found(checked: Checked) -> Vec<Finding> {
    let subject = checked.file.display().to_string();
    let finding = |level, message, hint| Finding { check: "config", subject: subject.clone(), level, message, hint };
    let mistakes = checked.mistakes.iter().map(|mistake| {
        let Account { mut lines, help } = Account::of(mistake);
        let what = if lines.is_empty() { DoctorText::Error {}.into() } else { lines.remove(0) };
        finding(Level::Error, what, help)
    });
    let warnings = checked.warnings.iter().map(|warning: &Message| finding(Level::Warning, warning.clone(), None));
    mistakes.chain(warnings).collect()
}
