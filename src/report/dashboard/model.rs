//! What the dashboard shows, as a value. It changes only in `commands/dashboard/update.rs`.

use crate::entity::{EntityKey, Kind};
use crate::failure::FailureCause;
use crate::message::Message;
use crate::plan::verdict::Explanation;
use crate::report::status::{EntityEntry, StatusDocument};
use crate::report::story::{ParentState, Story};
use crate::store::State;
use crate::text::shell_words;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use std::collections::{BTreeMap, BTreeSet};

/// Model of the dashboard: all that is shown.
#[derive(Debug, Clone)]
pub(crate) struct Model {
    /// The moment that ages are counted to.
    pub(crate) now: Timestamp,
    /// The zone in which times are typed.
    pub(crate) zone: TimeZone,
    /// The flags that other commands need to have the same configuration and store.
    pub(crate) flags: Vec<String>,
    /// How many lines the terminal has.
    pub(crate) height: u16,
    /// Kinds, sides, the last run, calls and webhooks.
    pub(crate) status: StatusDocument,
    /// The run under way.
    pub(crate) live: Option<LiveRun>,
    /// Where the keys go.
    pub(crate) focus: Focus,
    /// The chosen line of the kinds; 0: all of them.
    pub(crate) kind_at: usize,
    /// Only entities in this state.
    pub(crate) filter: Option<State>,
    /// Only entities with this text.
    pub(crate) search: String,
    /// Whether keys go into the search.
    pub(crate) is_searching: bool,
    /// The chosen entity, by its place in the whole list.
    pub(crate) entity_at: u64,
    /// The part of the list that was read.
    pub(crate) page: Page,
    /// Entities marked for an action, with their names and states.
    pub(crate) marked: BTreeMap<EntityKey, Target>,
    /// What stands over the lists.
    pub(crate) view: View,
    /// What is asked before an action.
    pub(crate) dialog: Option<Dialog>,
    /// The action under way.
    pub(crate) work: Option<Work>,
    /// What came of the last action, or went wrong.
    pub(crate) notice: Option<Notice>,
}

/// Run under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LiveRun {
    /// Its subcommand.
    pub(crate) command: String,
    /// Its process.
    pub(crate) pid: u32,
    /// Since when.
    pub(crate) since: Timestamp,
    /// How many changes it has recorded.
    pub(crate) done: u64,
    /// How many entities wait.
    pub(crate) pending: u64,
}

/// Half of the screen that keys go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Focus {
    /// The kinds, left.
    Kinds,
    /// The entities, right.
    Entities,
}

/// Part of a list that was read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Page {
    /// How many entities stand before it.
    pub(crate) offset: u64,
    /// How many the whole list has.
    pub(crate) total: u64,
    /// Its entities.
    pub(crate) rows: Vec<EntityEntry>,
}

/// Entity that an action is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// What names it.
    pub(crate) entity: EntityKey,
    /// Its name.
    pub(crate) name: String,
    /// Its state.
    pub(crate) state: State,
    /// Whether its item is not on the board any more.
    pub(crate) is_item_missing: bool,
}

/// View over the lists.
#[derive(Debug, Clone)]
pub(crate) enum View {
    /// None: the lists.
    Lists,
    /// The keys.
    Help,
    /// An entity's story.
    Story(Box<StoryView>),
    /// An entity's JSON.
    Json(JsonView),
}

/// Story of an entity, with the titles of its columns.
#[derive(Debug, Clone)]
pub(crate) struct StoryView {
    /// Whose it is.
    pub(crate) entity: EntityKey,
    /// `None`: not read yet.
    pub(crate) read: Option<StoryRead>,
    /// The chosen relative.
    pub(crate) relative_at: Option<usize>,
    /// How many lines are scrolled away.
    pub(crate) scroll: u16,
    /// Whom one came from.
    pub(crate) before: Vec<EntityKey>,
}

/// All that is read for an entity's story.
#[derive(Debug, Clone)]
pub(crate) struct StoryRead {
    /// The story.
    pub(crate) story: Story,
    /// Its columns; `None`: it has no record to explain.
    pub(crate) columns: Option<Explanation>,
    /// Titles of the board's columns by their ids.
    pub(crate) titles: BTreeMap<String, String>,
}

impl StoryRead {
    /// Parents and children that can be jumped to, with their names and states. Nothing is done to them from here.
    pub(crate) fn relatives(&self) -> Vec<Target> {
        let is_item_missing = false;
        let parents = self.story.relations.values().filter_map(|parent| {
            let ParentState::Known(state) = parent.state else { return None };
            Some(Target {
                entity: parent.entity.clone()?,
                name: parent.name.clone().unwrap_or_default(),
                state,
                is_item_missing,
            })
        });
        let children = self.story.children.iter().map(|child| Target {
            entity: child.entity.clone(),
            name: child.name.clone(),
            state: child.state,
            is_item_missing,
        });
        parents.chain(children).collect()
    }
}

/// Tab of the JSON of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JsonTab {
    /// The record as received.
    Received,
    /// What monday should get.
    Wanted,
    /// What it got.
    Sent,
}

impl JsonTab {
    /// All of them.
    pub(crate) const ALL: [JsonTab; 3] = [JsonTab::Received, JsonTab::Wanted, JsonTab::Sent];

    /// The one behind it.
    pub(crate) fn next(self) -> JsonTab {
        match self {
            JsonTab::Received => JsonTab::Wanted,
            JsonTab::Wanted => JsonTab::Sent,
            JsonTab::Sent => JsonTab::Received,
        }
    }
}

/// JSON of an entity.
#[derive(Debug, Clone)]
pub(crate) struct JsonView {
    /// Whose it is.
    pub(crate) entity: EntityKey,
    /// `None`: not read yet.
    pub(crate) read: Option<JsonRead>,
    /// The tab that is shown.
    pub(crate) tab: JsonTab,
    /// How many lines are scrolled away.
    pub(crate) scroll: u16,
    /// The story that it stands over.
    pub(crate) below: Option<Box<StoryView>>,
}

/// Three forms of an entity in JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct JsonRead {
    /// The record, a line each.
    pub(crate) received: Vec<String>,
    /// What monday should get.
    pub(crate) wanted: Vec<String>,
    /// What it got.
    pub(crate) sent: Vec<String>,
    /// The columns in which the last two differ.
    pub(crate) different: BTreeSet<String>,
}

/// Field of the question for a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PauseField {
    /// Why.
    Reason,
    /// Until when.
    Until,
}

/// Question before an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dialog {
    /// What it is about.
    pub(crate) targets: Vec<Target>,
    /// What would be done.
    pub(crate) ask: Ask,
    /// Why the answer was not taken.
    pub(crate) error: Option<Message>,
}

/// Action that is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ask {
    /// `pause`.
    Pause {
        /// Why, as typed so far.
        reason: String,
        /// Until when, as typed so far.
        until: String,
        /// Where keys go.
        field: PauseField,
    },
    /// `resume`.
    Resume,
    /// `resync`.
    Resync,
    /// `unlink`: what was typed so far to agree to it.
    Unlink(String),
    /// None: the item's address is shown.
    Address(Option<String>),
}

impl Dialog {
    /// The words of the command that it equals; none where nothing is done.
    pub(crate) fn words(&self) -> Vec<String> {
        let (command, flags): (&str, Vec<String>) = match &self.ask {
            Ask::Pause { reason, until, .. } => ("pause", pause_flags(reason, until)),
            Ask::Resume => ("resume", Vec::new()),
            Ask::Resync if self.names_unlinked() || self.names_missing() => ("resync", vec!["--relink".to_owned()]),
            Ask::Resync => ("resync", Vec::new()),
            // Several are asked about once more; here that was done.
            Ask::Unlink(_) if self.targets.len() > 1 => ("unlink", vec!["--yes".to_owned()]),
            Ask::Unlink(_) => ("unlink", Vec::new()),
            Ask::Address(_) => return Vec::new(),
        };
        let names = self.targets.iter().map(|target| target.entity.to_string());
        std::iter::once(command.to_owned()).chain(names).chain(flags).collect()
    }

    /// Whether any of them is unlinked.
    pub(crate) fn names_unlinked(&self) -> bool {
        self.targets.iter().any(|target| target.state == State::Unlinked)
    }

    /// Whether the item of any of them is gone from its board.
    pub(crate) fn names_missing(&self) -> bool {
        self.targets.iter().any(|target| target.is_item_missing)
    }
}

fn pause_flags(reason: &str, until: &str) -> Vec<String> {
    let given =
        [("--reason", reason.trim()), ("--until", until.trim())].into_iter().filter(|(_, text)| !text.is_empty());
    given.flat_map(|(flag, text)| [flag.to_owned(), text.to_owned()]).collect()
}

/// A command line as a shell takes it.
fn command_line(words: &[String]) -> String {
    format!("hopem-sync {}", shell_words(words))
}

/// Action under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Work {
    /// Its command line.
    pub(crate) command: String,
    /// Since when.
    pub(crate) since: Timestamp,
    /// What it said last.
    pub(crate) last_line: Option<String>,
}

/// Notice at the foot of the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    /// Its first line.
    pub(crate) title: Message,
    /// What the command said.
    pub(crate) lines: Vec<String>,
    /// Whether something went wrong.
    pub(crate) is_bad: bool,
}

impl Model {
    /// A model of which nothing was read yet.
    pub(crate) fn new(here: &Zoned, height: u16, flags: Vec<String>) -> Model {
        Model {
            now: here.timestamp(),
            zone: here.time_zone().clone(),
            flags,
            height,
            status: StatusDocument::default(),
            live: None,
            focus: Focus::Entities,
            kind_at: 0,
            filter: None,
            search: String::new(),
            is_searching: false,
            entity_at: 0,
            page: Page::default(),
            marked: BTreeMap::new(),
            view: View::Lists,
            dialog: None,
            work: None,
            notice: None,
        }
    }

    /// The command with these words, as a shell takes it.
    pub(crate) fn command_line(&self, words: &[String]) -> String {
        command_line(&[words, &self.flags].concat())
    }

    /// The chosen kind; `None`: all of them.
    pub(crate) fn kind(&self) -> Option<Kind> {
        self.kind_at.checked_sub(1).and_then(|at| self.status.kinds.get(at)).map(|entry| entry.kind)
    }

    /// The chosen entity.
    pub(crate) fn chosen(&self) -> Option<&EntityEntry> {
        let at = self.entity_at.checked_sub(self.page.offset)?;
        self.page.rows.get(usize::try_from(at).ok()?)
    }

    /// How many entities are read at once: more than fit on the screen are of no use.
    pub(crate) fn page_length(&self) -> u64 {
        u64::from(self.height.saturating_sub(6).max(4))
    }
}

impl Target {
    /// The entity of a list; `None` of a kind or a side.
    pub(crate) fn of(entry: &EntityEntry) -> Option<Target> {
        let is_item_missing = entry.cause.is_some_and(FailureCause::is_of_missing_item);
        Some(Target { entity: entry.entity_key()?, name: entry.name.clone(), state: entry.state, is_item_missing })
    }
}
