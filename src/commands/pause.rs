//! `hopem-sync pause` and `resume`: whether entities are pushed. They are read all the same.

use super::Context;
use super::selection::SelectedEntities;
use super::selector::Gone;
use crate::failure::{Exit, Failure};
use crate::message::ScreenText;
use crate::store::{NewPause, State};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::BTreeSet;

/// Arguments of `pause`.
#[derive(Debug, clap::Args)]
#[command(before_long_help = "\
Examples:
  hopem-sync pause tenant:7535 --reason \"disputed address\"
  hopem-sync pause unit --until 2027-01-15    all units, those that come later too")]
pub(crate) struct Pause {
    /// Kinds (`unit`) and entities (`unit:1472`); `-` reads them from standard input
    #[arg(value_name = "SELECTOR", required = true)]
    selectors: Vec<String>,
    /// Why; shown in the entity's story
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// When it ends by itself: 2027-01-15, or 2027-01-15T08:00:00Z
    #[arg(long, value_name = "DATE")]
    until: Option<String>,
}

/// Arguments of `resume`.
#[derive(Debug, clap::Args)]
#[command(before_long_help = "\
Examples:
  hopem-sync resume tenant:7535
  hopem-sync resume unit    the kind, and each of its units that was paused by itself")]
pub(crate) struct Resume {
    /// Kinds (`unit`) and entities (`unit:1472`); `-` reads them from standard input
    #[arg(value_name = "SELECTOR", required = true)]
    selectors: Vec<String>,
}

impl Pause {
    /// Pauses entities.
    ///
    /// # Errors
    /// Where nothing is named that the store knows, the end of the pause is no time, or the store cannot be written.
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let until = self.until.as_deref().map(|text| end_of_pause(text, context.now())).transpose()?;
        // Those of a kind that are out of the question already count as left alone; they are paused all the same.
        let is_out = |state: State| matches!(state, State::Paused | State::Unlinked);
        let mut selected = SelectedEntities::begin(context, &self.selectors, Gone::LeftOut, is_out)?;
        let reason = self.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
        let pause = NewPause { reason, who: context.user.as_deref(), until };
        let (names, now) = (selected.names(), selected.now);
        selected
            .store
            .write(|tx| names.iter().try_for_each(|(kind, key)| tx.pause(*kind, key.as_deref(), pause, now)))?;
        selected.finish()
    }
}

impl Resume {
    /// Ends pauses.
    ///
    /// # Errors
    /// Where nothing is named that the store knows, or the store cannot be written.
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let mut selected =
            SelectedEntities::begin(context, &self.selectors, Gone::LeftOut, |state| state != State::Paused)?;
        let (names, now) = (selected.names(), selected.now);
        selected.store.write(|tx| names.iter().try_for_each(|(kind, key)| tx.resume(*kind, key.as_deref(), now)))?;
        let exit = warn_of_whole_kinds(context, &selected)?;
        Ok(exit.and(selected.finish()?))
    }
}

/// An entity stays paused as long as its kind is; who resumes it has to know.
fn warn_of_whole_kinds(context: &Context, selected: &SelectedEntities<'_>) -> anyhow::Result<Exit> {
    let (mut still, mut kinds) = (Vec::new(), BTreeSet::new());
    for entity in &selected.resolved.entities {
        if selected.store.pause_of(entity.row.kind, &entity.row.key, selected.now)?.is_some() {
            still.push(entity.row.entity_key().to_string());
            kinds.insert(entity.row.kind.name());
        }
    }
    if still.is_empty() {
        return Ok(Exit::Ok);
    }
    let kinds = kinds.into_iter().collect::<Vec<_>>().join(" ");
    context.report.warn(&ScreenText::StillPaused { entities: still, kinds }.into());
    Ok(Exit::Partial)
}

/// When a pause ends. A date alone means its first moment, here.
fn end_of_pause(text: &str, now: Timestamp) -> anyhow::Result<Timestamp> {
    let text = text.trim();
    let at = match text.parse::<Timestamp>() {
        Ok(at) => Some(at),
        Err(_) => text
            .parse::<Date>()
            .ok()
            .filter(|_| text.len() == "2027-01-15".len())
            .and_then(|date| date.to_zoned(TimeZone::system()).ok())
            .map(|midnight| midnight.timestamp()),
    };
    match at {
        None => Err(Failure::usage(ScreenText::BadDate { text: text.to_owned() }).into()),
        Some(at) if at <= now => Err(Failure::usage(ScreenText::DatePast { text: text.to_owned() }).into()),
        Some(at) => Ok(at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_ends_on_a_day_or_at_a_time_to_come() {
        let now: Timestamp = "2026-11-22T05:00:00Z".parse().expect("a time");
        assert_eq!(end_of_pause("2027-01-15T08:00:00Z", now).expect("a time").to_string(), "2027-01-15T08:00:00Z");
        assert!(end_of_pause("2027-01-15", now).expect("a day").to_string().starts_with("2027-01-1"));
        for bad in ["tomorrow", "2026-11-21", "2027-13-01", ""] {
            assert!(end_of_pause(bad, now).is_err(), "{bad}");
        }
    }
}
