//! `hopem-sync pause` and `resume`: whether entities are pushed. They are read all the same.

use super::context::Context;
use super::selection::SelectedEntities;
use super::selector::Gone;
use crate::config::parse_duration;
use crate::failure::{Exit, Failure};
use crate::message::ScreenText;
use crate::store::{NewPause, State};
use crate::text::case_folded;
use jiff::civil::{Date, Weekday};
use jiff::{SignedDuration, Timestamp, Zoned};
use std::collections::BTreeSet;

/// Arguments of `pause`.
#[derive(Debug, clap::Args)]
#[command(before_long_help = "\
Examples:
  hopem-sync pause tenant:7535 --reason \"disputed address\"
  hopem-sync pause unit --until 2027-01-15    all units, those that come later too
  hopem-sync pause tenant:7535 --until 3d     a pause that is there already keeps its reason")]
pub(crate) struct Pause {
    /// Kinds (`unit`) and entities (`unit:1472`); `-` reads them from standard input
    #[arg(value_name = "SELECTOR", required = true)]
    selectors: Vec<String>,
    /// Why; shown in the entity's story
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// When it ends by itself: 2027-01-15, 2027-01-15T08:00:00Z, 3d, monday or lundi
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
        let until = self.until.as_deref().map(|text| end_of_pause(text, &context.clock().here())).transpose()?;
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
        warn_of_unpaused(context, &selected)?;
        let (names, now) = (selected.names(), selected.now);
        selected.store.write(|tx| names.iter().try_for_each(|(kind, key)| tx.resume(*kind, key.as_deref(), now)))?;
        let exit = warn_of_whole_kinds(context, &selected)?;
        selected.changed.left_alone = |count| ScreenText::WereNotPaused { count };
        Ok(exit.and(selected.finish()?))
    }
}

/// Who resumes what was not paused may mean another one.
fn warn_of_unpaused(context: &Context, selected: &SelectedEntities<'_>) -> anyhow::Result<()> {
    for entity in &selected.resolved.entities {
        if selected.store.pause_of(entity.row.kind, &entity.row.key, selected.now)?.is_none() {
            let entity = entity.row.entity_key().to_string();
            context.report.warn(&ScreenText::WasNotPaused { entity }.into());
        }
    }
    Ok(())
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

/// When a pause ends: at a time, on a day, on the next day of the week that bears a name, or after a length of time. A day means
/// its first moment, here.
///
/// # Errors
/// Where the text is no time, or is past.
pub(super) fn end_of_pause(text: &str, here: &Zoned) -> anyhow::Result<Timestamp> {
    let text = text.trim();
    let (now, zone, today) = (here.timestamp(), here.time_zone(), here.date());
    let day =
        || day_named(text, today).or_else(|| text.parse::<Date>().ok().filter(|_| text.len() == "2027-01-15".len()));
    let at = match (text.parse::<Timestamp>(), parse_duration(text)) {
        (Ok(at), _) => Some(at),
        (_, Some(length)) => SignedDuration::try_from(length).ok().and_then(|length| now.checked_add(length).ok()),
        _ => day().and_then(|date| date.to_zoned(zone.clone()).ok()).map(|midnight| midnight.timestamp()),
    };
    match at {
        None => Err(Failure::usage(ScreenText::BadDate { text: text.to_owned() }).into()),
        Some(at) if at <= now => Err(Failure::usage(ScreenText::DatePast { text: text.to_owned() }).into()),
        Some(at) => Ok(at),
    }
}

/// The next day that is called so, in either language; never today.
fn day_named(text: &str, today: Date) -> Option<Date> {
    let word = case_folded(text);
    if ["tomorrow", "demain"].contains(&word.as_str()) {
        return today.tomorrow().ok();
    }
    let days = [
        (Weekday::Monday, ["monday", "lundi"]),
        (Weekday::Tuesday, ["tuesday", "mardi"]),
        (Weekday::Wednesday, ["wednesday", "mercredi"]),
        (Weekday::Thursday, ["thursday", "jeudi"]),
        (Weekday::Friday, ["friday", "vendredi"]),
        (Weekday::Saturday, ["saturday", "samedi"]),
        (Weekday::Sunday, ["sunday", "dimanche"]),
    ];
    let (day, _) = days.into_iter().find(|(_, names)| names.contains(&word.as_str()))?;
    today.nth_weekday(1, day).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_ends_on_a_day_at_a_time_or_after_a_while() {
        // A Sunday in Quebec, and already Monday in UTC.
        let now: Timestamp = "2026-11-23T03:00:00Z".parse().expect("a time");
        let here = now.in_tz("America/Montreal").expect("a zone");
        let end = |text: &str| end_of_pause(text, &here).map(|at| at.to_string());
        for (text, at) in [
            ("2027-01-15T08:00:00Z", "2027-01-15T08:00:00Z"),
            ("2027-01-15", "2027-01-15T05:00:00Z"),
            ("3d", "2026-11-26T03:00:00Z"),
            ("12h", "2026-11-23T15:00:00Z"),
            ("lundi", "2026-11-23T05:00:00Z"),
            ("Monday", "2026-11-23T05:00:00Z"),
            ("dimanche", "2026-11-29T05:00:00Z"),
            ("demain", "2026-11-23T05:00:00Z"),
        ] {
            assert_eq!(end(text).expect(text), at, "{text}");
        }
        for bad in ["someday", "2026-11-21", "2027-13-01", "", "0s", "2020-01-01T00:00:00Z"] {
            assert!(end(bad).is_err(), "{bad}");
        }
    }
}
