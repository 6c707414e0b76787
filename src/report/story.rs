//! One entity's whole story.

use super::run::ChangeEntry;
use super::status::{EntityEntry, failure_text};
use super::table::wrapped;
use super::webhooks::EventEntry;
use super::{Report, Tone, dot, state_word};
use crate::entity::Kind;
use crate::message::{Lang, ScreenText};
use crate::plan::explain::Reason;
use crate::store::{FailureRow, Pause, State, StateRow};
use crate::text::{harmless, shortened};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The length that names are cut to on a terminal.
const LONGEST_NAME: usize = 120;

/// The length that is left to a name, however narrow the terminal.
const SHORTEST_NAME: usize = 10;

/// What stands left of a story's values: blanks and their labels.
const MARGIN: usize = 14;
/// What stands left of everything in a story.
const INDENT: usize = 2;

/// Most children told of on a terminal; `-v` has all of them.
const MOST_CHILDREN: usize = 10;
/// The length that the names of relatives are cut to on a terminal, so that most of them take a line.
const LONGEST_RELATIVE: usize = 40;

/// A parent, as far as it is known.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct RelationEntry {
    /// `building:12`; null where it is missing or ambiguous.
    pub(crate) entity: Option<String>,
    pub(crate) name: Option<String>,
    /// Its state, or `missing`, `ambiguous`, or `none` where the entity names none.
    pub(crate) state: &'static str,
    pub(crate) item_id: Option<String>,
}

/// An entity whose parent this one is.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ChildEntry {
    pub(crate) entity: String,
    pub(crate) kind: Kind,
    pub(crate) name: String,
    pub(crate) state: &'static str,
    pub(crate) item_id: Option<String>,
    #[serde(skip)]
    state_value: State,
}

impl From<StateRow> for ChildEntry {
    fn from(row: StateRow) -> ChildEntry {
        ChildEntry {
            entity: format!("{}:{}", row.kind, row.key),
            kind: row.kind,
            name: row.name,
            state: row.state.word(),
            item_id: row.item_id,
            state_value: row.state,
        }
    }
}

impl ChildEntry {
    /// Those to be looked at stand first.
    pub(crate) fn rank(&self) -> u8 {
        match self.state_value {
            State::Error => 0,
            State::Pending => 1,
            State::Paused => 2,
            State::Unlinked => 3,
            State::Synced => 4,
            State::Off | State::Deleted => 5,
        }
    }
}

/// All that is known of an entity.
#[derive(Debug, Clone)]
pub(crate) struct Story {
    /// Why it is in its state, where neither an error nor a pause says so.
    pub(crate) why: Option<Reason>,
    pub(crate) entry: EntityEntry,
    /// How it came by its item: `created`, `adopted` or `linked`.
    pub(crate) origin: Option<String>,
    pub(crate) board: Option<String>,
    pub(crate) board_name: Option<String>,
    pub(crate) board_url: Option<String>,
    pub(crate) failures: Vec<FailureRow>,
    pub(crate) pause: Option<Pause>,
    pub(crate) relations: BTreeMap<Kind, RelationEntry>,
    pub(crate) children: Vec<ChildEntry>,
    pub(crate) changes: Vec<ChangeEntry>,
    pub(crate) events: Vec<EventEntry>,
}

#[derive(Serialize)]
struct PausePart<'s> {
    who: Option<&'s str>,
    why: Option<&'s str>,
    until: Option<&'s str>,
    since: &'s str,
    whole_kind: bool,
}

/// The parents by their kinds, and the children.
#[derive(Serialize)]
struct RelationsPart<'s> {
    #[serde(flatten)]
    parents: &'s BTreeMap<Kind, RelationEntry>,
    children: &'s [ChildEntry],
}

#[derive(Serialize)]
struct StoryEntry<'s> {
    #[serde(flatten)]
    entry: &'s EntityEntry,
    /// Why it is in its state.
    why: Option<String>,
    board: Option<&'s str>,
    item_url: Option<String>,
    origin: Option<&'s str>,
    relations: RelationsPart<'s>,
    changes: &'s [ChangeEntry],
    events: &'s [EventEntry],
    paused: Option<PausePart<'s>>,
}

#[derive(Serialize)]
struct StoriesDocument<'s> {
    entities: Vec<StoryEntry<'s>>,
}

impl Story {
    /// Where the item is to be seen, as far as the board's own address is known.
    fn item_url(&self) -> Option<String> {
        let (board, item) = (self.board_url.as_deref()?, self.entry.item_id.as_deref()?);
        Some(format!("{}/pulses/{item}", board.trim_end_matches('/')))
    }

    fn document(&self) -> StoryEntry<'_> {
        let paused = self.pause.as_ref().map(|pause| PausePart {
            who: pause.who.as_deref(),
            why: pause.reason.as_deref(),
            until: pause.until.as_deref(),
            since: &pause.paused_at,
            whole_kind: pause.is_whole_kind,
        });
        StoryEntry {
            entry: &self.entry,
            why: self.why.as_ref().map(|why| in_words(why, Lang::En)),
            board: self.board.as_deref(),
            item_url: self.item_url(),
            origin: self.origin.as_deref(),
            relations: RelationsPart { parents: &self.relations, children: &self.children },
            changes: &self.changes,
            events: &self.events,
            paused,
        }
    }
}

/// A reason as one text.
fn in_words(reason: &Reason, lang: Lang) -> String {
    reason.why.iter().map(|part| part.text(lang)).collect::<Vec<_>>().join("; ")
}

impl Report {
    /// Tells entities' stories.
    pub(crate) fn stories(&self, stories: Vec<Story>, now: Timestamp) -> anyhow::Result<()> {
        if self.is_json {
            return self.json(&StoriesDocument { entities: stories.iter().map(Story::document).collect() });
        }
        let stories: Vec<String> = stories.iter().map(|story| self.story(story, now)).collect();
        self.print(&stories.join("\n"))
    }

    fn story(&self, story: &Story, now: Timestamp) -> String {
        let entry = &story.entry;
        let (mark, tone) = dot(entry.state_value);
        let word = state_word(entry.state_value, self.lang);
        let state = self.out.paint(tone, &format!("{mark} {word}"));
        let (gap, entity) = (self.out.gap(), harmless(&entry.entity));
        let taken = [mark, " ", &word, gap, &entity, gap].iter().map(|part| part.chars().count()).sum::<usize>();
        let name = match self.out.is_terminal {
            true => shortened(&self.cut(&entry.name), self.out.width.saturating_sub(taken).max(SHORTEST_NAME)),
            false => self.cut(&entry.name),
        };
        let name = self.out.paint(Tone::Strong, &name);
        let mut text = format!("{state}{gap}{entity}{gap}{name}\n");
        let mut line = |label: ScreenText, told: String| {
            let label = self.text(label);
            if !self.out.is_terminal {
                let _ = writeln!(text, "{label}\t{told}");
                return;
            }
            let room = self.out.width.saturating_sub(MARGIN);
            if told.chars().count() > room && !told.contains(' ') && told.chars().count() + INDENT <= self.out.width {
                // An address in two pieces cannot be followed.
                let _ = writeln!(text, "  {label}\n  {told}");
                return;
            }
            for (index, part) in wrapped(&told, room).into_iter().enumerate() {
                let label = if index == 0 { label.as_str() } else { "" };
                let _ = writeln!(text, "  {label:<12}{part}");
            }
        };
        if let Some(why) = &story.why {
            line(ScreenText::StoryWhy {}, harmless(&in_words(why, self.lang)));
            if let Some(hint) = &why.hint {
                line(ScreenText::StoryHint {}, harmless(&self.text(hint.clone())));
            }
        }
        if let Some(pulled_at) = &entry.pulled_at {
            line(ScreenText::StoryReceived {}, self.when(pulled_at, now));
        }
        if let Some(pushed_at) = &entry.pushed_at {
            line(ScreenText::StoryPushed {}, self.when(pushed_at, now));
        }
        if let Some(item) = self.item(story) {
            line(ScreenText::StoryItem {}, item);
        }
        if let Some(url) = story.item_url() {
            line(ScreenText::StoryUrl {}, harmless(&url));
        }
        for (kind, parent) in story.relations.iter().filter(|(_, parent)| parent.state != "none") {
            line(ScreenText::StoryParent {}, self.parent(*kind, parent));
        }
        for (label, child) in self.children(story) {
            line(label, child);
        }
        for failure in &story.failures {
            line(ScreenText::StoryError {}, harmless(&failure_text(failure, self.lang)));
            if let Some(hint) = &failure.hint {
                line(ScreenText::StoryHint {}, self.text(hint.clone()));
            }
            line(ScreenText::StoryTries {}, self.tries(failure));
        }
        if let Some(pause) = &story.pause {
            line(ScreenText::StoryPause {}, self.pause(pause));
        }
        for change in &story.changes {
            line(ScreenText::StoryChange {}, self.change_text(change));
        }
        for event in &story.events {
            line(ScreenText::StoryEvent {}, self.event_line(event));
        }
        text
    }

    /// A name, harmless, and on a terminal no longer than anybody reads.
    fn cut(&self, name: &str) -> String {
        if self.out.is_terminal { shortened(&harmless(name), LONGEST_NAME) } else { harmless(name) }
    }

    fn when(&self, stamp: &str, now: Timestamp) -> String {
        let at = self.local(stamp);
        match self.ago(stamp, now) {
            Some(ago) => self.text(ScreenText::When { at, ago }),
            None => self.text(ScreenText::WhenAhead { at }),
        }
    }

    fn item(&self, story: &Story) -> Option<String> {
        let item = story.entry.item_id.clone()?;
        let board = story.board.clone().unwrap_or_default();
        let item = self.text(match &story.board_name {
            Some(name) => ScreenText::StoryItemOnBoard { item, name: name.clone(), board },
            None => ScreenText::StoryItemOn { item, board },
        });
        let origin = match story.origin.as_deref() {
            Some("adopted") => ScreenText::OriginAdopted {},
            Some("linked") => ScreenText::OriginLinked {},
            _ => return Some(item),
        };
        Some(format!("{item} · {}", self.text(origin)))
    }

    fn relative(&self, entity: &str, name: &str, state: State) -> String {
        let name = harmless(name);
        let name = if self.out.is_terminal { shortened(&name, LONGEST_RELATIVE) } else { name };
        format!("{} {name} ({})", harmless(entity), state_word(state, self.lang))
    }

    /// How many children there are in which states, and who they are: on a terminal as many as one wants to look at.
    fn children(&self, story: &Story) -> Vec<(ScreenText, String)> {
        let mut kinds: BTreeMap<Kind, BTreeMap<u8, (State, u64)>> = BTreeMap::new();
        for child in &story.children {
            let states = kinds.entry(child.kind).or_default();
            states.entry(child.rank()).or_insert((child.state_value, 0)).1 += 1;
        }
        let mut lines = Vec::new();
        for (kind, states) in kinds {
            let label = match self.lang {
                Lang::En => kind.plural_en(),
                Lang::Fr => kind.plural_fr(),
            };
            let states = states
                .values()
                .map(|(state, count)| format!("{} {}", self.number(*count), state_word(*state, self.lang)))
                .collect::<Vec<_>>();
            let told = format!("{label}{} {}", self.text(ScreenText::Colon {}), states.join(", "));
            lines.push((ScreenText::StoryChildren {}, told));
        }
        let most = if self.out.is_terminal && !self.is_verbose { MOST_CHILDREN } else { usize::MAX };
        for child in story.children.iter().take(most) {
            let told = self.relative(&child.entity, &child.name, child.state_value);
            lines.push((ScreenText::StoryChild {}, told));
        }
        let more = story.children.len().saturating_sub(most) as u64;
        if more > 0 {
            let entity = story.entry.entity.clone();
            lines.push((ScreenText::StoryChild {}, self.text(ScreenText::StoryMoreChildren { more, entity })));
        }
        lines
    }

    fn parent(&self, kind: Kind, parent: &RelationEntry) -> String {
        match (&parent.entity, State::parse(parent.state)) {
            (Some(entity), Some(state)) => self.relative(entity, parent.name.as_deref().unwrap_or_default(), state),
            _ if parent.state == "ambiguous" => self.text(ScreenText::StoryParentAmbiguous { kind }),
            _ => self.text(ScreenText::StoryParentMissing { kind }),
        }
    }

    fn tries(&self, failure: &FailureRow) -> String {
        let tries = u64::from(failure.tries);
        self.text(match &failure.next_try_at {
            Some(at) => ScreenText::StoryNextTry { tries, at: self.local(at) },
            None => ScreenText::StoryParked { tries },
        })
    }

    fn pause(&self, pause: &Pause) -> String {
        let mut parts = vec![self.text(ScreenText::PausedSince { at: self.local(&pause.paused_at) })];
        parts.extend(pause.who.as_ref().map(|who| self.text(ScreenText::PausedBy { who: who.clone() })));
        parts.extend(pause.until.as_ref().map(|until| self.text(ScreenText::PausedUntil { at: self.local(until) })));
        if pause.is_whole_kind {
            parts.push(self.text(ScreenText::PausedKind {}));
        }
        parts.extend(pause.reason.as_ref().map(|reason| harmless(reason)));
        parts.join(" · ")
    }

    fn change_text(&self, change: &ChangeEntry) -> String {
        let run = change.run.map(|run| self.text(ScreenText::InRun { run: run.to_string() }));
        let at: Vec<String> = std::iter::once(self.local(&change.at)).chain(run).collect();
        format!("{}  {}  {}", at.join(" "), self.action_word(&change.action), self.columns(change))
            .trim_end()
            .to_owned()
    }

    /// A change of a run.
    pub(crate) fn change_line(&self, change: &ChangeEntry) -> String {
        let (action, entity) = (self.action_word(&change.action), harmless(&change.entity));
        let columns = self.columns(change);
        if !self.out.is_terminal {
            return format!("{action}\t{entity}\t{columns}\n");
        }
        let text = format!("{action}  {entity}  {columns}");
        let lines = wrapped(text.trim_end(), self.out.width.saturating_sub(4));
        format!("  {}\n", lines.join("\n    "))
    }

    /// The columns of a change, old and new; those that a resync sent as they were are only counted.
    fn columns(&self, change: &ChangeEntry) -> String {
        let (same, other): (Vec<_>, Vec<_>) = change.columns.iter().partition(|(_, part)| part.old == part.new);
        let mut told: Vec<String> = other.into_iter().map(|(column, part)| self.change(column, part)).collect();
        if !same.is_empty() {
            told.push(self.text(ScreenText::SentAgain { count: same.len() as u64 }));
        }
        told.join(", ")
    }

    /// The word for what was done to an item.
    fn action_word(&self, action: &str) -> String {
        match action {
            "create" => self.text(ScreenText::PlanCreateWord {}),
            "adopt" => self.text(ScreenText::PlanAdoptWord {}),
            "update" => self.text(ScreenText::PlanUpdateWord {}),
            "archive" => self.text(ScreenText::PlanArchiveWord {}),
            "unlink" => self.text(ScreenText::PlanUnlinkWord {}),
            other => harmless(other),
        }
    }
}
