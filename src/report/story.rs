//! Entities' whole stories.

use super::pause::pause_text;
use super::plan::{action_word, change_shown};
use super::status::{EntityEntry, failure_shown};
use super::surface::{fitted, shown_width};
use super::table::wrapped;
use super::webhooks::EventEntry;
use super::{Screen, Style, Tone, dot};
use crate::entity::{EntityKey, Kind};
use crate::message::{Lang, Message, ScreenText};
use crate::plan::verdict::Reason;
use crate::run::ChangeEntry;
use crate::store::{FailureRow, Origin, State, StateRow};
use crate::text::harmless;
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// The length that names are cut to on a terminal.
const LONGEST_NAME: usize = 120;

/// The length that is left to a name, however narrow the terminal.
const SHORTEST_NAME: usize = 10;

/// What stands left of a story's values: blanks and their labels.
const MARGIN: usize = 14;
/// What stands left of everything in a story.
const INDENT: usize = 2;

/// Most children shown on a terminal; `-v` has all of them.
const MOST_CHILDREN: usize = 10;
/// The length that the names of relatives are cut to on a terminal, so that most of them take a line.
const LONGEST_RELATIVE: usize = 40;

/// Parent, as far as it is known.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct RelationEntry {
    /// `building:12`; null where it is missing or ambiguous.
    pub(crate) entity: Option<EntityKey>,
    pub(crate) name: Option<String>,
    pub(crate) state: ParentState,
    pub(crate) item_id: Option<String>,
}

impl RelationEntry {
    /// A parent of which nothing more is known than why.
    pub(crate) fn unknown(state: ParentState) -> RelationEntry {
        RelationEntry { entity: None, name: None, state, item_id: None }
    }
}

/// State of a parent, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ParentState {
    /// The entity names none.
    Unnamed,
    /// The one that it names is not in the store.
    Missing,
    /// Several fit what it names.
    Ambiguous,
    /// It is there.
    Known(State),
}

impl Serialize for ParentState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            ParentState::Unnamed => serializer.serialize_str("none"),
            ParentState::Missing => serializer.serialize_str("missing"),
            ParentState::Ambiguous => serializer.serialize_str("ambiguous"),
            ParentState::Known(state) => state.serialize(serializer),
        }
    }
}

/// Child: an entity whose parent this one is.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ChildEntry {
    pub(crate) entity: EntityKey,
    pub(crate) kind: Kind,
    pub(crate) name: String,
    pub(crate) state: State,
    pub(crate) item_id: Option<String>,
}

impl From<StateRow> for ChildEntry {
    fn from(row: StateRow) -> ChildEntry {
        ChildEntry {
            entity: row.entity.entity_key(),
            kind: row.entity.kind,
            name: row.name,
            state: row.state,
            item_id: row.entity.item_id,
        }
    }
}

impl ChildEntry {
    /// Those in trouble stand first.
    pub(crate) fn rank(&self) -> u8 {
        match self.state {
            State::Error => 0,
            State::Pending => 1,
            State::Paused => 2,
            State::Unlinked => 3,
            State::Synced => 4,
            State::Off | State::Deleted => 5,
        }
    }
}

/// Story of an entity: all that is known of it.
#[derive(Debug, Clone)]
pub(crate) struct Story {
    /// Why it is in its state, where neither an error nor a pause explains it.
    pub(crate) why: Option<Reason>,
    pub(crate) entry: EntityEntry,
    /// How it came by its item: `created`, `adopted` or `linked`.
    pub(crate) origin: Option<Origin>,
    pub(crate) board: Option<String>,
    /// The item that an entity had that is gone from HApi, until its item went too.
    pub(crate) former_item: Option<String>,
    pub(crate) board_name: Option<String>,
    pub(crate) board_url: Option<String>,
    pub(crate) failures: Vec<FailureRow>,
    pub(crate) relations: BTreeMap<Kind, RelationEntry>,
    pub(crate) children: Vec<ChildEntry>,
    pub(crate) changes: Vec<ChangeEntry>,
    pub(crate) events: Vec<EventEntry>,
}

/// Relatives: the parents by their kinds, and the children.
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
    former_item_id: Option<&'s str>,
    origin: Option<Origin>,
    relations: RelationsPart<'s>,
    changes: &'s [ChangeEntry],
    events: &'s [EventEntry],
}

#[derive(Serialize)]
struct StoriesDocument<'s> {
    entities: Vec<StoryEntry<'s>>,
}

impl Story {
    fn item_id(&self) -> Option<&str> {
        self.entry.item_id.as_deref().or(self.former_item.as_deref())
    }

    /// Where the item is to be seen, as far as the board's own address is known.
    pub(crate) fn item_url(&self) -> Option<String> {
        let (board, item) = (self.board_url.as_deref()?, self.item_id()?);
        Some(format!("{}/pulses/{item}", board.trim_end_matches('/')))
    }

    fn document(&self) -> StoryEntry<'_> {
        StoryEntry {
            entry: &self.entry,
            why: self.why.as_ref().map(|why| in_words(why, Lang::En)),
            board: self.board.as_deref(),
            item_url: self.item_url(),
            former_item_id: self.former_item.as_deref(),
            origin: self.origin,
            relations: RelationsPart { parents: &self.relations, children: &self.children },
            changes: &self.changes,
            events: &self.events,
        }
    }
}

/// A reason as one text.
fn in_words(reason: &Reason, lang: Lang) -> String {
    reason.why.iter().map(|part| part.text(lang)).collect::<Vec<_>>().join("; ")
}

/// Screen of `status ENTITY`: entities' stories.
pub(crate) struct Stories {
    pub(crate) stories: Vec<Story>,
    pub(crate) now: Timestamp,
}

impl Screen for Stories {
    fn document(&self) -> impl Serialize {
        StoriesDocument { entities: self.stories.iter().map(Story::document).collect() }
    }

    fn text(&self, style: Style<'_>) -> String {
        let lines = Lines { style, now: self.now };
        self.stories.iter().map(|story| lines.story(story)).collect::<Vec<_>>().join("\n")
    }
}

/// Renderer of the lines of stories.
#[derive(Clone, Copy)]
pub(super) struct Lines<'s> {
    pub(super) style: Style<'s>,
    pub(super) now: Timestamp,
}

impl Lines<'_> {
    fn story(self, story: &Story) -> String {
        let mut text = self.heading(&story.entry);
        for (label, value) in self.lines(story) {
            text.push_str(&self.line(label, &value));
        }
        text
    }

    /// The state, the entity and its name in one line.
    fn heading(self, entry: &EntityEntry) -> String {
        let style = self.style;
        let (mark, tone) = dot(entry.state);
        let word = style.state_word(entry.state);
        let (gap, entity) = (style.out.gap(), harmless(&entry.entity));
        let taken = [mark, " ", &word, gap, &entity, gap].iter().map(|part| shown_width(part)).sum::<usize>();
        let name = style.cut(&entry.name, LONGEST_NAME);
        let name = match style.out.is_terminal {
            true => fitted(&name, style.out.width.saturating_sub(taken).max(SHORTEST_NAME)),
            false => name,
        };
        let state = style.paint(tone, &format!("{mark} {word}"));
        format!("{state}{gap}{entity}{gap}{}\n", style.paint(Tone::Strong, &name))
    }

    /// A label with its value, in as many lines as it takes.
    fn line(self, label: ScreenText, value: &str) -> String {
        let (label, out) = (self.style.text(label), self.style.out);
        if !out.is_terminal {
            return format!("{label}\t{value}\n");
        }
        let (room, length) = (out.width.saturating_sub(MARGIN), shown_width(value));
        if length > room && !value.contains(' ') && length + INDENT <= out.width {
            // An address in two pieces cannot be followed.
            return format!("  {label}\n  {value}\n");
        }
        let labels = std::iter::once(label.as_str()).chain(std::iter::repeat(""));
        wrapped(value, room).into_iter().zip(labels).map(|(part, label)| format!("  {label:<12}{part}\n")).collect()
    }

    /// All lines, each with its label.
    pub(super) fn lines(self, story: &Story) -> Vec<(ScreenText, String)> {
        let (style, entry) = (self.style, &story.entry);
        let mut lines = Vec::new();
        if let Some(why) = &story.why {
            lines.push((ScreenText::StoryWhy {}, harmless(&in_words(why, style.lang))));
            lines.extend(self.hint(why.hint.as_ref()));
        }
        let times = [(ScreenText::StoryReceived {}, &entry.pulled_at), (ScreenText::StoryPushed {}, &entry.pushed_at)];
        lines.extend(times.into_iter().filter_map(|(label, at)| Some((label, self.when((*at)?)))));
        lines.extend(self.item(story).map(|item| (ScreenText::StoryItem {}, item)));
        lines.extend(story.item_url().map(|url| (ScreenText::StoryUrl {}, harmless(&url))));
        let parents = story.relations.iter().filter(|(_, parent)| parent.state != ParentState::Unnamed);
        lines.extend(parents.map(|(kind, parent)| (ScreenText::StoryParent {}, self.parent(*kind, parent))));
        lines.extend(self.children(story));
        lines.extend(story.failures.iter().flat_map(|failure| self.failure(entry.kind, failure)));
        lines.extend(entry.pause.iter().map(|pause| (ScreenText::StoryPause {}, pause_text(pause, style))));
        lines.extend(story.changes.iter().map(|change| (ScreenText::StoryChange {}, change_text(change, style))));
        lines.extend(story.events.iter().map(|event| (ScreenText::StoryEvent {}, event.line(style))));
        lines
    }

    fn hint(self, hint: Option<&Message>) -> Option<(ScreenText, String)> {
        Some((ScreenText::StoryHint {}, self.style.text(hint?.clone())))
    }

    fn failure(self, kind: Option<Kind>, failure: &FailureRow) -> Vec<(ScreenText, String)> {
        let error = (ScreenText::StoryError {}, failure_shown(kind, failure, self.style));
        let tries = (ScreenText::StoryTries {}, self.tries(failure));
        [error].into_iter().chain(self.hint(failure.hint.as_ref())).chain([tries]).collect()
    }

    fn when(self, at: Timestamp) -> String {
        let ago = self.style.ago(at, self.now);
        let at = self.style.local(at);
        match ago {
            Some(ago) => self.style.text(ScreenText::When { at, ago }),
            None => self.style.text(ScreenText::WhenAhead { at }),
        }
    }

    fn item(self, story: &Story) -> Option<String> {
        let item = story.item_id()?.to_owned();
        let board = story.board.clone().unwrap_or_default();
        let item = self.style.text(match &story.board_name {
            Some(name) => ScreenText::StoryItemOnBoard { item, name: name.clone(), board },
            None => ScreenText::StoryItemOn { item, board },
        });
        let origin = match story.origin {
            Some(Origin::Adopted) => ScreenText::OriginAdopted {},
            Some(Origin::Linked) => ScreenText::OriginLinked {},
            Some(Origin::Created) | None => return Some(item),
        };
        Some(format!("{item} · {}", self.style.text(origin)))
    }

    fn relative(self, entity: &EntityKey, name: &str, state: State) -> String {
        let name = self.style.cut(name, LONGEST_RELATIVE);
        format!("{} {name} ({})", harmless(&entity.to_string()), self.style.state_word(state))
    }

    /// How many children there are in which states, and who they are: on a terminal as many as one wants to look at.
    fn children(self, story: &Story) -> Vec<(ScreenText, String)> {
        let mut kinds: BTreeMap<Kind, BTreeMap<u8, (State, u64)>> = BTreeMap::new();
        for child in &story.children {
            let states = kinds.entry(child.kind).or_default();
            states.entry(child.rank()).or_insert((child.state, 0)).1 += 1;
        }
        let mut lines = Vec::new();
        for (kind, states) in kinds {
            let label = match self.style.lang {
                Lang::En => kind.plural_en(),
                Lang::Fr => kind.plural_fr(),
            };
            let states = states
                .values()
                .map(|(state, count)| format!("{} {}", self.style.number(*count), self.style.state_word(*state)))
                .collect::<Vec<_>>();
            let line = format!("{label}{} {}", self.style.text(ScreenText::Colon {}), states.join(", "));
            lines.push((ScreenText::StoryChildren {}, line));
        }
        let most = if self.style.out.is_terminal && !self.style.is_verbose { MOST_CHILDREN } else { usize::MAX };
        for child in story.children.iter().take(most) {
            let line = self.relative(&child.entity, &child.name, child.state);
            lines.push((ScreenText::StoryChild {}, line));
        }
        let more = story.children.len().saturating_sub(most) as u64;
        if more > 0 {
            let entity = story.entry.entity.clone();
            lines.push((ScreenText::StoryChild {}, self.style.text(ScreenText::StoryMoreChildren { more, entity })));
        }
        lines
    }

    fn parent(self, kind: Kind, parent: &RelationEntry) -> String {
        match (&parent.entity, parent.state) {
            (Some(entity), ParentState::Known(state)) => {
                self.relative(entity, parent.name.as_deref().unwrap_or_default(), state)
            }
            (_, ParentState::Ambiguous) => self.style.text(ScreenText::StoryParentAmbiguous { kind }),
            _ => self.style.text(ScreenText::StoryParentMissing { kind }),
        }
    }

    fn tries(self, failure: &FailureRow) -> String {
        let tries = u64::from(failure.tries);
        self.style.text(match failure.next_try_at {
            Some(at) => ScreenText::StoryNextTry { tries, at: self.style.local(at) },
            None => ScreenText::StoryParked { tries },
        })
    }
}

fn change_text(change: &ChangeEntry, style: Style<'_>) -> String {
    let run = change.run.map(|run| style.text(ScreenText::InRun { run: run.to_string() }));
    let at: Vec<String> = std::iter::once(style.local(change.at)).chain(run).collect();
    format!("{}  {}  {}", at.join(" "), action_word(change.action, style), columns(change, style)).trim_end().to_owned()
}

/// A change of a run.
pub(super) fn change_line(change: &ChangeEntry, style: Style<'_>) -> String {
    let (action, entity) = (action_word(change.action, style), harmless(&change.entity.to_string()));
    let columns = columns(change, style);
    if !style.out.is_terminal {
        return format!("{action}\t{entity}\t{columns}\n");
    }
    let text = format!("{action}  {entity}  {columns}");
    let lines = wrapped(text.trim_end(), style.out.width.saturating_sub(4));
    format!("  {}\n", lines.join("\n    "))
}

/// The columns of a change, old and new; those that a resync sent as they were are only counted.
fn columns(change: &ChangeEntry, style: Style<'_>) -> String {
    let (same, other): (Vec<_>, Vec<_>) = change.columns.iter().partition(|(_, part)| part.old == part.new);
    let mut changes: Vec<String> =
        other.into_iter().map(|(column, part)| change_shown(change.entity.kind, column, part, style)).collect();
    if !same.is_empty() {
        changes.push(style.text(ScreenText::SentAgain { count: same.len() as u64 }));
    }
    changes.join(", ")
}
