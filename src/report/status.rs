//! What `status` is rendered from, and its JSON: kinds, sides, the last run, entities in a list.

use super::Style;
use super::pause::PausePart;
use super::trouble::{SideEntry, Trouble};
use super::webhooks::WebhooksPart;
use crate::age::seconds_since;
use crate::entity::{EntityKey, Kind};
use crate::failure::{FailureCause, Outcome};
use crate::message::{Lang, Message, ScreenText};
use crate::stamp::{serialize, serialize_optional};
use crate::store::{FailureRow, Pause, State, StateRow};
use crate::text::harmless;
use crate::word::Word;
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use std::num::NonZeroU64;

/// Counts and condition of one kind.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct KindEntry {
    pub(crate) kind: Kind,
    pub(crate) board: Option<String>,
    pub(crate) total: u64,
    pub(crate) linked: u64,
    pub(crate) synced: u64,
    pub(crate) pending: u64,
    /// Entities in error. What is wrong with the kind as a whole is in `failures`.
    pub(crate) error: u64,
    pub(crate) paused: u64,
    pub(crate) unlinked: u64,
    pub(crate) off: u64,
    /// Deleted entities, hence not in `total`, whose items monday refused to let go.
    pub(crate) stuck: u64,
    /// Deleted entities whose items wait to be taken off the board.
    pub(crate) leaving: u64,
    pub(crate) unavailable: Option<String>,
    #[serde(serialize_with = "serialize_optional")]
    pub(crate) last_pull: Option<Timestamp>,
    #[serde(serialize_with = "serialize_optional")]
    pub(crate) last_push: Option<Timestamp>,
    /// Seconds since it was read; null: never, or at a time that lies ahead of now.
    pub(crate) age_seconds: Option<u64>,
    /// Since when the oldest change waits to be pushed.
    #[serde(serialize_with = "serialize_optional")]
    pub(crate) oldest_change: Option<Timestamp>,
    /// What is wrong with it as a whole, in a line; null: nothing.
    pub(crate) reason: Option<String>,
    /// What to do about it.
    pub(crate) hint: Option<String>,
    /// The same, each for itself.
    pub(crate) failures: Vec<Trouble>,
    #[serde(skip)]
    pub(crate) unavailable_text: Option<Message>,
    #[serde(skip)]
    pub(crate) is_enabled: bool,
}

impl KindEntry {
    /// A kind of which there is nothing.
    pub(crate) fn new(kind: Kind) -> KindEntry {
        KindEntry {
            kind,
            board: None,
            total: 0,
            linked: 0,
            synced: 0,
            pending: 0,
            error: 0,
            paused: 0,
            unlinked: 0,
            off: 0,
            stuck: 0,
            leaving: 0,
            unavailable: None,
            last_pull: None,
            last_push: None,
            age_seconds: None,
            oldest_change: None,
            reason: None,
            hint: None,
            failures: Vec::new(),
            unavailable_text: None,
            is_enabled: false,
        }
    }

    /// Adds so many entities in a state.
    pub(crate) fn add(&mut self, state: State, is_linked: bool, count: u64) {
        let field = match state {
            State::Deleted => return,
            State::Off => &mut self.off,
            State::Unlinked => &mut self.unlinked,
            State::Paused => &mut self.paused,
            State::Error => &mut self.error,
            State::Pending => &mut self.pending,
            State::Synced => &mut self.synced,
        };
        *field += count;
        self.total += count;
        self.linked += if is_linked { count } else { 0 };
    }

    /// How many of its entities are in a state; those that were deleted are not counted.
    pub(crate) fn count(&self, state: State) -> u64 {
        match state {
            State::Deleted => 0,
            State::Off => self.off,
            State::Unlinked => self.unlinked,
            State::Paused => self.paused,
            State::Error => self.error,
            State::Pending => self.pending,
            State::Synced => self.synced,
        }
    }

    /// Adds what is wrong with it as a whole.
    pub(crate) fn set_failures(&mut self, failures: Vec<Trouble>) {
        let rows: Vec<FailureRow> = failures.iter().map(Trouble::row).collect();
        (self.reason, self.hint) = (errors_in(&rows, Lang::En), hints_in(&rows, Lang::En));
        self.failures = failures;
    }
}

/// Last run that ended, or was killed.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct LastRun {
    pub(crate) run: i64,
    pub(crate) outcome: Option<Outcome>,
    #[serde(serialize_with = "serialize_optional")]
    pub(crate) finished_at: Option<Timestamp>,
    #[serde(serialize_with = "serialize")]
    pub(crate) started_at: Timestamp,
    pub(crate) command: String,
    pub(crate) exit_code: Option<i64>,
}

/// Run that is under way.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct RunningRun {
    pub(crate) pid: u32,
    pub(crate) command: String,
    #[serde(serialize_with = "serialize")]
    pub(crate) since: Timestamp,
}

/// Document of `status`.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct StatusDocument {
    pub(crate) kinds: Vec<KindEntry>,
    /// The sides, HApi and monday, that could not be worked with as a whole.
    pub(crate) sides: Vec<SideEntry>,
    pub(crate) last_run: Option<LastRun>,
    /// The run that is under way.
    pub(crate) running: Option<RunningRun>,
    pub(crate) events_pending: u64,
    pub(crate) webhooks: WebhooksPart,
    pub(crate) monday_calls_today: u64,
    #[serde(serialize_with = "cap")]
    pub(crate) daily_calls: Option<NonZeroU64>,
}

/// A cap on numbers, as JSON has it; 0: there is none.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn cap<S: Serializer>(most: &Option<NonZeroU64>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(most.map_or(0, NonZeroU64::get))
}

impl StatusDocument {
    /// Seconds since any kind was read; `None`: one was never, or nobody knows when.
    pub(super) fn youngest_read(&self) -> Option<u64> {
        let read = self.kinds.iter().filter(|kind| kind.is_enabled && kind.unavailable.is_none());
        let ages: Option<Vec<u64>> = read.map(|kind| kind.age_seconds).collect();
        ages?.into_iter().min()
    }

    /// Seconds since the oldest kind that HApi should give was read, or since the oldest change waits. `None`: that never
    /// happened, or at a time that lies ahead of now.
    pub(super) fn oldest_age(&self, now: Timestamp) -> Option<u64> {
        let read = self.kinds.iter().filter(|kind| kind.is_enabled && kind.unavailable.is_none());
        let read = read.map(|kind| kind.age_seconds);
        let waiting = self.kinds.iter().filter_map(|kind| kind.oldest_change);
        let ages: Option<Vec<u64>> = read.chain(waiting.map(|since| seconds_since(since, now))).collect();
        ages?.into_iter().max()
    }
}

/// Entity in a list; or a kind, or a side, in trouble as a whole.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct EntityEntry {
    /// `unit:1472`; `unit`, the kind as a whole; `hapi`, the side.
    pub(crate) entity: String,
    /// Null of a side.
    pub(crate) kind: Option<Kind>,
    /// Null of a kind as a whole, and of a side.
    pub(crate) key: Option<String>,
    pub(crate) name: String,
    pub(crate) state: State,
    pub(crate) item_id: Option<String>,
    pub(crate) error: Option<String>,
    #[serde(serialize_with = "serialize_optional")]
    pub(crate) pulled_at: Option<Timestamp>,
    #[serde(serialize_with = "serialize_optional")]
    pub(crate) pushed_at: Option<Timestamp>,
    pub(crate) hint: Option<String>,
    /// The stable word for the first of its failures.
    pub(crate) cause: Option<FailureCause>,
    /// Its pause, its own before its kind's.
    #[serde(rename = "paused", serialize_with = "serialize_pause")]
    pub(crate) pause: Option<Pause>,
    #[serde(skip)]
    pub(super) failures: Vec<FailureRow>,
}

impl EntityEntry {
    /// The entity; `None` of a kind as a whole, and of a side.
    pub(crate) fn entity_key(&self) -> Option<EntityKey> {
        self.kind.zip(self.key.as_ref()).map(|(kind, key)| EntityKey::new(kind, key.as_str()))
    }

    /// An entity with its failures, and its pause.
    pub(crate) fn new(row: &StateRow, failures: &[FailureRow], pause: Option<Pause>) -> EntityEntry {
        EntityEntry {
            pause,
            kind: Some(row.entity.kind),
            key: Some(row.entity.key.clone()),
            state: row.state,
            item_id: row.entity.item_id.clone(),
            pulled_at: Some(row.received_at),
            pushed_at: row.pushed_at,
            ..EntityEntry::red(row.entity.entity_key().to_string(), row.name.clone(), failures.to_vec())
        }
    }

    /// A kind as a whole that something is wrong with.
    pub(crate) fn of_kind(kind: &KindEntry, lang: Lang) -> EntityEntry {
        let name = match lang {
            Lang::En => kind.kind.plural_en(),
            Lang::Fr => kind.kind.plural_fr(),
        };
        EntityEntry {
            kind: Some(kind.kind),
            pulled_at: kind.last_pull,
            pushed_at: kind.last_push,
            ..EntityEntry::red(
                kind.kind.name().to_owned(),
                name.to_owned(),
                kind.failures.iter().map(Trouble::row).collect(),
            )
        }
    }

    /// A side that could not be worked with.
    pub(crate) fn of_side(side: &SideEntry) -> EntityEntry {
        EntityEntry::red(side.side.word().to_owned(), side.name().to_owned(), vec![side.trouble.row()])
    }

    fn red(entity: String, name: String, failures: Vec<FailureRow>) -> EntityEntry {
        EntityEntry {
            entity,
            kind: None,
            key: None,
            name,
            state: State::Error,
            item_id: None,
            error: errors_in(&failures, Lang::En),
            pulled_at: None,
            pushed_at: None,
            hint: hints_in(&failures, Lang::En),
            cause: failures.first().map(|failure| failure.cause),
            pause: None,
            failures,
        }
    }
}

fn serialize_pause<S: Serializer>(pause: &Option<Pause>, serializer: S) -> Result<S::Ok, S::Error> {
    pause.as_ref().map(PausePart::of).serialize(serializer)
}

/// The failures of an entity, in one line.
pub(super) fn errors_in(failures: &[FailureRow], lang: Lang) -> Option<String> {
    let texts: Vec<String> = failures.iter().map(|failure| failure_text(failure, lang)).collect();
    (!texts.is_empty()).then(|| texts.join("; "))
}

/// What to do about it; the same advice once.
pub(super) fn hints_in(failures: &[FailureRow], lang: Lang) -> Option<String> {
    let mut hints: Vec<String> =
        failures.iter().filter_map(|failure| failure.hint.as_ref().map(|hint| hint.text(lang))).collect();
    hints.dedup();
    (!hints.is_empty()).then(|| hints.join("; "))
}

/// The failures of an entity, in one line for people: columns by their titles.
pub(super) fn errors_shown(kind: Option<Kind>, failures: &[FailureRow], style: Style<'_>) -> String {
    failures.iter().map(|failure| failure_shown(kind, failure, style)).collect::<Vec<_>>().join("; ")
}

/// A failure for people, with the title of the column it is of.
pub(super) fn failure_shown(kind: Option<Kind>, failure: &FailureRow, style: Style<'_>) -> String {
    let error = failure.message.text(style.lang);
    match (kind, &failure.column) {
        (Some(kind), Some(column)) => style.column_error(kind, column, error),
        _ => harmless(&error),
    }
}

/// A failure with the column it is of, as JSON has it.
fn failure_text(failure: &FailureRow, lang: Lang) -> String {
    let error = failure.message.text(lang);
    match &failure.column {
        None => error,
        Some(column) => ScreenText::ColumnError { column: column.clone(), error }.text(lang),
    }
}
