//! `hopem-sync pause` and `resume`: whether entities are pushed. They are read all the same.

use super::Context;
use super::selector::{self, Resolved, Selector};
use crate::entity::Kind;
use crate::failure::{Exit, Failure};
use crate::message::ScreenText;
use crate::report::entities::{Changed, EntityState};
use crate::store::{State, Store};
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
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let now = Timestamp::now();
        let until = self.until.as_deref().map(|text| end_of_pause(text, now)).transpose()?;
        let selectors = selector::parse_all(&self.selectors)?;
        let resolved = Resolved::of(&selectors, &context.store_to_read()?, false)?;
        let mut store = context.store()?;
        let mut changed = Changed::new(resolved.missing_names());
        for &kind in &resolved.kinds {
            // Those that are out of the question already; they are paused all the same.
            changed
                .skip(states_of(context, &store, kind, now)?, |state| matches!(state, State::Paused | State::Unlinked));
        }
        for selector in wanted(&resolved) {
            let (kind, key) = parts(&selector);
            let reason = self.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
            store.pause(kind, key, reason, context.user.as_deref(), until.as_deref(), now)?;
        }
        finish(context, &store, &resolved, changed, now)
    }
}

impl Resume {
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let now = Timestamp::now();
        let selectors = selector::parse_all(&self.selectors)?;
        let resolved = Resolved::of(&selectors, &context.store_to_read()?, false)?;
        let mut store = context.store()?;
        let mut changed = Changed::new(resolved.missing_names());
        for &kind in &resolved.kinds {
            changed.skip(states_of(context, &store, kind, now)?, |state| state != State::Paused);
        }
        for selector in wanted(&resolved) {
            let (kind, key) = parts(&selector);
            store.resume(kind, key)?;
        }
        let still: Vec<String> = resolved
            .entities
            .iter()
            .map(|entity| Ok((entity, store.pause_of(entity.kind, &entity.key, now)?)))
            .collect::<anyhow::Result<Vec<_>>>()?
            .into_iter()
            .filter(|(_, pause)| pause.is_some())
            .map(|(entity, _)| format!("{}:{}", entity.kind, entity.key))
            .collect();
        let exit = if still.is_empty() { Exit::Ok } else { Exit::Partial };
        if !still.is_empty() {
            let kinds: BTreeSet<&str> = still.iter().filter_map(|entity| entity.split(':').next()).collect();
            let kinds = kinds.into_iter().collect::<Vec<_>>().join(" ");
            context.report.warn(&ScreenText::StillPaused { entities: still, kinds }.into());
        }
        Ok(exit.and(finish(context, &store, &resolved, changed, now)?))
    }
}

/// Says what became of them.
fn finish(
    context: &Context,
    store: &Store,
    resolved: &Resolved,
    mut changed: Changed,
    now: Timestamp,
) -> anyhow::Result<Exit> {
    for entity in &resolved.entities {
        changed.add_named(state_of(context, store, entity.kind, &entity.key, now)?);
    }
    for &kind in &resolved.kinds {
        changed.add(states_of(context, store, kind, now)?);
    }
    context.report.changed(&changed)?;
    Ok(resolved.exit())
}

/// The selectors that name something.
fn wanted(resolved: &Resolved) -> Vec<Selector> {
    let kinds = resolved.kinds.iter().map(|&kind| Selector::Kind(kind));
    let entities = resolved.entities.iter().map(|entity| Selector::Entity(entity.kind, entity.key.clone()));
    kinds.chain(entities).collect()
}

/// Kind and key as the store's pauses have them: an empty key stands for the whole kind.
fn parts(selector: &Selector) -> (Kind, &str) {
    match selector {
        Selector::Kind(kind) => (*kind, ""),
        Selector::Entity(kind, key) => (*kind, key),
    }
}

/// The states of a kind's entities, those that were deleted aside.
pub(crate) fn states_of(
    context: &Context,
    store: &Store,
    kind: Kind,
    now: Timestamp,
) -> anyhow::Result<Vec<EntityState>> {
    let rows = store.list_states(kind, !context.is_pushed(kind), None, now)?;
    Ok(rows.iter().filter(|row| row.state != State::Deleted).map(EntityState::from).collect())
}

/// The state of one entity.
pub(crate) fn state_of(
    context: &Context,
    store: &Store,
    kind: Kind,
    key: &str,
    now: Timestamp,
) -> anyhow::Result<Vec<EntityState>> {
    let rows = store.list_states(kind, !context.is_pushed(kind), Some(key), now)?;
    Ok(rows.iter().map(EntityState::from).collect())
}

/// When a pause ends, as the store keeps it. A date alone means its first moment, here.
fn end_of_pause(text: &str, now: Timestamp) -> anyhow::Result<String> {
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
        Some(at) => Ok(crate::store::stamp(at)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_ends_on_a_day_or_at_a_time_to_come() {
        let now: Timestamp = "2026-11-22T05:00:00Z".parse().expect("a time");
        assert_eq!(end_of_pause("2027-01-15T08:00:00Z", now).expect("a time"), "2027-01-15T08:00:00.000Z");
        assert!(end_of_pause("2027-01-15", now).expect("a day").starts_with("2027-01-1"));
        for bad in ["tomorrow", "2026-11-21", "2027-13-01", ""] {
            assert!(end_of_pause(bad, now).is_err(), "{bad}");
        }
    }
}
