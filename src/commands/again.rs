//! What is shown again and again until somebody ends it: `status --watch`, `runs --follow`.

use super::context::Context;
use crate::failure::{Exit, Failure};
use crate::message::DashboardText;
use std::time::Duration;

/// Home, and nothing below it.
const CLEAR: &str = "\u{1b}[H\u{1b}[J";

/// Refuses what never ends where one document is wanted, or no output.
///
/// # Errors
/// Of usage, with `--json` or `--quiet`.
pub(super) fn refuse_endless(context: &Context, flag: &str) -> anyhow::Result<()> {
    match context.report.is_json || context.report.is_quiet {
        true => Err(Failure::usage(DashboardText::Endless { flag: flag.to_owned() })
            .help(DashboardText::AskAgain {})
            .into()),
        false => Ok(()),
    }
}

/// Shows something now, and again after each pause, until a signal comes. On a terminal each takes the place of the one before.
///
/// # Errors
/// What `show` fails with, or stdout.
pub(super) fn again(
    context: &Context,
    every: Duration,
    mut show: impl FnMut() -> anyhow::Result<()>,
) -> anyhow::Result<Exit> {
    loop {
        if context.report.out.is_terminal {
            context.report.print_as_is(CLEAR)?;
        }
        show()?;
        if let Err(reason) = context.stop.sleep(every) {
            return Ok(reason.exit());
        }
        if !context.report.out.is_terminal {
            context.report.print_as_is("\n")?;
        }
    }
}

/// Checks for something new after each pause, until a signal comes.
///
/// # Errors
/// What `show` fails with, or stdout.
pub(super) fn follow(
    context: &Context,
    every: Duration,
    mut show: impl FnMut() -> anyhow::Result<()>,
) -> anyhow::Result<Exit> {
    loop {
        if let Err(reason) = context.stop.sleep(every) {
            return Ok(reason.exit());
        }
        show()?;
    }
}
