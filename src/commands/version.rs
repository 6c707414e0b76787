//! `hopem-sync version`: which version this is.

use crate::failure::Exit;
use crate::report::{Report, Screen, Style};
use serde::Serialize;

/// Arguments of `version`.
#[derive(Debug, clap::Args)]
#[command(before_long_help = "\
Examples:
  hopem-sync version
  hopem-sync version --json    the same as a document")]
pub(crate) struct Version {}

/// Screen of `version`; its document is that of `--version --json`.
#[derive(Serialize)]
struct VersionDocument {
    name: &'static str,
    version: &'static str,
}

impl Screen for VersionDocument {
    fn document(&self) -> impl Serialize {
        self
    }

    fn text(&self, _: Style) -> String {
        format!("{} {}\n", self.name, self.version)
    }
}

impl Version {
    /// Prints the version; needs neither configuration nor store.
    ///
    /// # Errors
    /// Where stdout cannot be written to.
    pub(crate) fn run(&self, report: &Report) -> anyhow::Result<Exit> {
        report.show(&VersionDocument { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") })?;
        Ok(Exit::Ok)
    }
}
