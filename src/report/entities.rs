//! Entities whose state a command changed, and what it is now.

use super::pause::{PausePart, pause_text};
use super::table::{Cell, Table};
use super::{Report, Screen, Style, dot};
use crate::entity::{EntityKey, Kind};
use crate::message::{RunText, ScreenText};
use crate::store::{Pause, State, StateRow};
use crate::text::harmless;
use crate::word::Word;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use std::collections::{BTreeMap, HashSet};

/// Most entities listed on a screen; JSON has them all.
const MOST_LISTED: usize = 20;
/// The length that names are cut to on a terminal.
const LONGEST_NAME: usize = 30;

/// State of an entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EntityState {
    /// The store's number.
    pub(crate) id: i64,
    /// `unit:1472`.
    pub(crate) entity: EntityKey,
    /// Its name.
    pub(crate) name: String,
    /// Its state.
    pub(crate) state: State,
    /// Its pause, where it has one.
    pub(crate) pause: Option<Pause>,
}

impl EntityState {
    /// An entity of a list, without regard to a pause.
    pub(crate) fn of(row: &StateRow) -> EntityState {
        let (entity, name) = (row.entity.entity_key(), row.name.clone());
        EntityState { id: row.entity.id, entity, name, state: row.state, pause: None }
    }

    /// Its pause, unless its whole kind is paused: of a kind that is shown once.
    fn own_pause(&self) -> Option<&Pause> {
        self.pause.as_ref().filter(|pause| !pause.is_whole_kind)
    }
}

impl Serialize for EntityState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entity = serializer.serialize_struct("EntityState", 4)?;
        entity.serialize_field("entity", &self.entity)?;
        entity.serialize_field("name", &self.name)?;
        entity.serialize_field("state", self.state.word())?;
        entity.serialize_field("paused", &self.pause.as_ref().map(PausePart::of))?;
        entity.end()
    }
}

/// Entities that a command changed.
#[derive(Debug, Serialize)]
pub(crate) struct Changed {
    /// Each entity with its state now.
    pub(crate) entities: Vec<EntityState>,
    /// How many of the kinds named were left alone.
    pub(crate) skipped: u64,
    /// The selectors that name nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) missing: Vec<String>,
    #[serde(skip)]
    met: HashSet<i64>,
    /// The line about those that were left alone.
    #[serde(skip)]
    pub(crate) left_alone: fn(u64) -> ScreenText,
}

impl Default for Changed {
    fn default() -> Changed {
        Changed {
            entities: Vec::new(),
            skipped: 0,
            missing: Vec::new(),
            met: HashSet::new(),
            left_alone: |count| ScreenText::LeftAlone { count },
        }
    }
}

impl Changed {
    /// Nothing yet but the selectors that name nothing.
    pub(crate) fn new(missing: Vec<String>) -> Changed {
        Changed { missing, ..Changed::default() }
    }

    /// Leaves those of a kind alone that are in certain states.
    pub(crate) fn skip(&mut self, states: Vec<EntityState>, is_left_alone: impl Fn(State) -> bool) {
        for entity in states.iter().filter(|entity| is_left_alone(entity.state)) {
            self.skipped += u64::from(self.met.insert(entity.id));
        }
    }

    fn pauses_of_kinds(&self) -> BTreeMap<Kind, &Pause> {
        let pauses = self.entities.iter().filter_map(|entity| Some((entity.entity.kind, entity.pause.as_ref()?)));
        pauses.filter(|(_, pause)| pause.is_whole_kind).collect()
    }

    /// Adds those of a kind that were not left alone.
    pub(crate) fn add(&mut self, states: Vec<EntityState>) {
        for entity in states {
            if self.met.insert(entity.id) {
                self.entities.push(entity);
            }
        }
    }

    /// Adds those that were named by themselves, first of all.
    pub(crate) fn add_named(&mut self, states: Vec<EntityState>) {
        for entity in states {
            if !self.entities.iter().any(|known| known.id == entity.id) {
                self.met.insert(entity.id);
                self.entities.push(entity);
            }
        }
    }
}

impl Screen for Changed {
    fn document(&self) -> impl Serialize {
        self
    }

    fn is_written_quietly(&self) -> bool {
        false
    }

    /// The entities and how many were left alone.
    fn text(&self, style: Style<'_>) -> String {
        let mut table = Table::default();
        let most = if style.out.is_terminal { MOST_LISTED } else { usize::MAX };
        for entity in self.entities.iter().take(most) {
            let (mark, tone) = dot(entity.state);
            let word = style.state_word(entity.state);
            table.row(vec![
                Cell::new(format!("{mark} {word}")).tone(tone),
                Cell::new(harmless(&entity.entity.to_string())),
                Cell::new(style.cut(&entity.name, LONGEST_NAME)),
                Cell::new(entity.own_pause().map(|pause| pause_text(pause, style)).unwrap_or_default()),
            ]);
        }
        let mut text = table.render(style.out);
        for (kind, pause) in self.pauses_of_kinds() {
            let pause = pause_text(pause, style);
            text.push_str(&format!("{}\n", style.text(ScreenText::OfEntity { entity: kind.to_string(), text: pause })));
        }
        let more = self.entities.len().saturating_sub(most) as u64;
        let remarks = [(more, ScreenText::AndMore { more }), (self.skipped, (self.left_alone)(self.skipped))];
        for (_, remark) in remarks.into_iter().filter(|(count, _)| *count > 0) {
            text.push_str(&format!("{}\n", style.text(remark)));
        }
        text
    }
}

/// Writes what a command changed, the selectors that name nothing beside it.
///
/// # Errors
/// Where stdout cannot be written to.
pub(crate) fn changed(report: &Report, changed: &Changed) -> anyhow::Result<()> {
    for selector in &changed.missing {
        report.warn(&RunText::NoStoreEntry { selector: selector.clone() }.into());
    }
    report.show(changed)
}
