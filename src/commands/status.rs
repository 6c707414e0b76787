//! `hopem-sync status`: what is synced and what is not; an entity's whole story; what monitors ask. All of it from the store,
//! but for `--drift` and `--duplicates`, which read the boards.

use super::runs::entry;
use super::selector::{self, Gone, Resolved, Selector};
use super::{Context, boards};
use crate::entity::{Kind, Record};
use crate::failure::{Exit, Failure};
use crate::message::{Message, RunText, ScreenText};
use crate::pipeline::explain::{Reason, Verdict, why_nothing};
use crate::pipeline::relations::{children_of, parent_of};
use crate::pipeline::shape::Shapes;
use crate::report::status::{Check, EntityEntry, KindEntry, LastRun, StatusDocument, Threshold};
use crate::report::story::{ChildEntry, RelationEntry, Story};
use crate::report::webhooks::{EventEntry, WebhooksPart};
use crate::store::{Parent, Side, State, StateRow, Store, Stored, Which};
use crate::text::folded;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The most changes, and the most events, that an entity's story tells.
const MOST_CHANGES: u64 = 10;
/// How many events that could not be read are shown.
const MOST_UNREADABLE: u64 = 5;

/// Arguments of `status`.
#[derive(Debug, clap::Args)]
#[command(before_long_help = "\
Examples:
  hopem-sync status                              the table of kinds
  hopem-sync status --search tremblay            by name, code or key, without regard to accents
  hopem-sync status tenant:7535                  one tenant's whole story
  hopem-sync status --drift unit                 what people changed on the board, read now
  hopem-sync status --check --max-age 2h,6h      for Nagios and its kin")]
pub(crate) struct Status {
    /// Kinds (`unit`) to list, or an entity (`unit:1472`) to tell about; `-` reads them from standard input
    #[arg(value_name = "SELECTOR")]
    selectors: Vec<String>,
    /// Only entities in this state
    #[arg(long, value_name = "STATE", value_parser = ["synced", "pending", "error", "paused", "unlinked", "off", "deleted"])]
    state: Option<String>,
    /// Only entities with this text in their name, key or record
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Read the boards and show where they differ from what was sent
    #[arg(long, conflicts_with_all = ["state", "search", "duplicates"])]
    drift: bool,
    /// Read the boards and show which keys stand on several items, and what to do about it
    #[arg(long, conflicts_with_all = ["state", "search"])]
    duplicates: bool,
    /// Answer as a Nagios plug-in: one line, exit code 0 to 3
    #[arg(long, conflicts_with_all = ["selectors", "state", "search", "drift", "duplicates"])]
    check: bool,
    /// With --check: how old the last good run may be
    #[arg(long, value_name = "WARN[,CRIT]", default_value = "26h,50h", value_parser = ages)]
    max_age: Threshold,
    /// With --check: how many entities may be in error
    #[arg(long, value_name = "WARN[,CRIT]", default_value = "0,100", value_parser = numbers)]
    max_errors: Threshold,
    /// With --check: how many entities may be pending
    #[arg(long, value_name = "WARN[,CRIT]", default_value = "1000,10000", value_parser = numbers)]
    max_pending: Threshold,
    /// Write the figures to FILE, for Prometheus' textfile collector
    #[arg(long, value_name = "FILE")]
    metrics: Option<PathBuf>,
}

fn ages(text: &str) -> Result<Threshold, String> {
    Threshold::parse(text, |part| Some(crate::config::parse_duration(part)?.as_secs()))
        .ok_or_else(|| "write a duration, or two with a comma, such as 26h,50h".to_owned())
}

fn numbers(text: &str) -> Result<Threshold, String> {
    Threshold::parse(text, |part| part.parse().ok())
        .ok_or_else(|| "write a number, or two with a comma, such as 5,50".to_owned())
}

impl Status {
    /// Whether a monitor asks.
    pub(crate) fn is_check(&self) -> bool {
        self.check
    }

    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<u8> {
        let store = context.store_to_read()?;
        let view = View { context, store: &store, now: Timestamp::now() };
        if let Some(file) = &self.metrics {
            view.write_metrics(file)?;
        }
        if self.check {
            return self.for_monitors(&view);
        }
        if self.metrics.is_some() && !context.report.is_json && !self.asks_for_more() {
            return Ok(Exit::Ok.code());
        }
        let selectors = selector::parse_all(&self.selectors, &context.stop)?;
        if self.drift || self.duplicates {
            return Ok(boards::show(context, &store, &selectors, self.drift)?.code());
        }
        let exit = match selectors.as_slice() {
            [] if self.state.is_none() && self.search.is_none() => {
                context.report.kinds(&view.document()?, view.now)?;
                Exit::Ok
            }
            [Selector::Entity(..)] if self.state.is_none() && self.search.is_none() => {
                let resolved = Resolved::of(&selectors, &store, Gone::Included)?;
                let stories =
                    resolved.entities.iter().map(|entity| view.story(entity)).collect::<anyhow::Result<_>>()?;
                context.report.stories(stories, view.now)?;
                Exit::Ok
            }
            _ => self.list(&view, &selectors)?,
        };
        Ok(exit.code())
    }

    /// The entities that are asked for.
    fn list(&self, view: &View<'_>, selectors: &[Selector]) -> anyhow::Result<Exit> {
        let resolved = Resolved::of(selectors, view.store, Gone::Included)?;
        for selector in resolved.missing_names() {
            view.context.report.warn(&RunText::NoStoreEntry { selector }.into());
        }
        let kinds: Vec<Kind> = match selectors.is_empty() {
            true => Kind::ALL.to_vec(),
            false => resolved.kinds.iter().copied().collect(),
        };
        let is_empty = std::cell::Cell::new(true);
        view.store.steadily(|store| {
            let found = self.search.as_ref().map(|text| store.search(&folded(text.trim()))).transpose()?;
            let state = self.state.as_deref().and_then(State::parse);
            let named = resolved.entities.iter().map(|entity| (entity.kind, true, vec![entity.id]));
            let whole = kinds.iter().map(|&kind| (kind, false, Vec::new()));
            let none = Vec::new();
            let of_kind = |kind: Kind| found.as_ref().map(|found| found.get(&kind).unwrap_or(&none));
            let parts: Vec<Part> = named
                .chain(whole)
                .map(|(kind, is_named, ids)| Part::new(kind, is_named, ids, state, of_kind(kind)))
                .collect();
            view.context.report.entities(|work| {
                parts.iter().try_for_each(|part| {
                    view.each(part, &mut |row| {
                        is_empty.set(false);
                        work(&view.entry(&row)?)
                    })
                })
            })
        })?;
        if is_empty.get() && !view.context.report.is_json {
            view.context.report.say(&view.context.report.text(ScreenText::NoEntityFits {}));
        }
        Ok(resolved.exit())
    }

    /// Whether anything is asked for beside the figures.
    fn asks_for_more(&self) -> bool {
        let has_filter = self.state.is_some() || self.search.is_some();
        !self.selectors.is_empty() || has_filter || self.drift || self.duplicates
    }

    fn for_monitors(&self, view: &View<'_>) -> anyhow::Result<u8> {
        let document = view.document()?;
        let sum = |part: fn(&KindEntry) -> u64| document.kinds.iter().map(part).sum::<u64>();
        let check = Check {
            age: view.age_of_last_good_run()?,
            errors: sum(|kind| kind.error + kind.stuck),
            stuck: sum(|kind| kind.stuck),
            pending: sum(|kind| kind.pending),
            last_outcome: document.last_run.as_ref().and_then(|run| run.outcome.clone()),
            max_age: self.max_age,
            max_errors: self.max_errors,
            max_pending: self.max_pending,
        };
        view.context.report.check(&check)
    }
}

/// The store as `status` sees it.
struct View<'v> {
    context: &'v Context,
    store: &'v Store,
    now: Timestamp,
}

impl View<'_> {
    fn write_metrics(&self, file: &Path) -> anyhow::Result<()> {
        let (document, age) = (self.document()?, self.age_of_last_good_run()?);
        crate::report::status::write_metrics(file, &document, age, self.now).map_err(|error| {
            let path = file.display().to_string();
            Failure::new(Exit::Failed, ScreenText::MetricsUnwritable { path }).because(error).into()
        })
    }

    /// The whole table.
    fn document(&self) -> anyhow::Result<StatusDocument> {
        let mut kinds = Vec::new();
        for kind in Kind::ALL {
            let entry = self.kind(kind)?;
            if self.context.config.entity(kind).enabled || entry.total > 0 {
                kinds.push(entry);
            }
        }
        let last_run = self.store.last_run()?.map(|run| LastRun {
            run: run.run,
            outcome: run.outcome,
            finished_at: run.finished_at,
            started_at: run.started_at,
            command: run.command,
            exit_code: run.exit_code,
        });
        let webhooks = self.webhooks()?;
        Ok(StatusDocument {
            kinds,
            last_run,
            events_pending: webhooks.pending,
            webhooks,
            monday_calls_today: self.store.calls_today(Side::Monday, self.now)?,
            daily_calls: self.context.config.monday.daily_calls,
        })
    }

    fn webhooks(&self) -> anyhow::Result<WebhooksPart> {
        let receiver = self.store.receiver()?;
        let is_alive = receiver.is_some() && self.context.receiver_is_alive();
        let unreadable = self.store.unreadable_events(MOST_UNREADABLE)?;
        Ok(WebhooksPart::new(self.store.event_counts()?, &unreadable, receiver, is_alive))
    }

    /// The last events about an entity.
    fn events(&self, entity: &Stored) -> anyhow::Result<Vec<EventEntry>> {
        // Webhooks name an entity by its Id, also where its key is made of something else.
        let Some(id) = Record::parse(&entity.record).ok().and_then(|record| record.key(&["Id".to_owned()]).ok()) else {
            return Ok(Vec::new());
        };
        let name = &self.context.config.entity(entity.kind).event;
        Ok(self.store.events_of(name, &id, MOST_CHANGES)?.iter().map(EventEntry::from).collect())
    }

    fn kind(&self, kind: Kind) -> anyhow::Result<KindEntry> {
        let state = self.store.kind_state(kind)?;
        let entity = self.context.config.entity(kind);
        let mut entry = KindEntry {
            kind,
            board: entity.board.clone(),
            unavailable_text: state.unavailable.as_deref().map(Message::from_json),
            unavailable: state.unavailable.as_deref().map(|json| Message::from_json(json).to_string()),
            stuck: self.store.count_stuck(kind)?,
            last_pull: state.last_pull,
            last_push: state.last_push,
            ..KindEntry::new(kind)
        };
        for (state, is_linked, count) in self.store.count_states(kind, !self.context.is_pushed(kind), self.now)? {
            entry.add(state, is_linked, count);
        }
        Ok(entry)
    }

    fn rows(&self, kind: Kind, key: Option<&str>) -> anyhow::Result<Vec<StateRow>> {
        self.store.list_states(kind, !self.context.is_pushed(kind), key, self.now)
    }

    /// Hands over the entities of a part of a list.
    fn each(&self, part: &Part, work: &mut dyn FnMut(StateRow) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let is_off = !self.context.is_pushed(part.kind);
        for which in &part.which {
            self.store.each_state(part.kind, is_off, which, self.now, &mut *work)?;
        }
        Ok(())
    }

    fn entry(&self, row: &StateRow) -> anyhow::Result<EntityEntry> {
        let mut failures = match row.state {
            State::Error | State::Deleted | State::Off | State::Unlinked => self.store.failures(row.id)?,
            _ => Vec::new(),
        };
        // Of one that is not pushed any more, all that matters is that its item could not be let go.
        failures.retain(|failure| row.state == State::Error || (failure.column.is_empty() && row.item_id.is_some()));
        Ok(EntityEntry::new(row, &failures))
    }

    /// Everything that is known of an entity.
    fn story(&self, entity: &Stored) -> anyhow::Result<Story> {
        let row = self.rows(entity.kind, Some(&entity.key))?.into_iter().next();
        let row = row.ok_or_else(|| {
            let selector = format!("{}:{}", entity.kind, entity.key);
            Failure::usage(RunText::NoStoreEntry { selector }).help(RunText::RunPull {})
        })?;
        let failures = self.store.failures(entity.id)?;
        let (board_name, board_url) = match &entity.board {
            Some(board) => (self.store.board_name(board)?, self.store.board_url(board)?),
            None => (None, None),
        };
        let changes = self.store.changes_of(entity.kind, &entity.key, MOST_CHANGES)?;
        Ok(Story {
            why: self.why(entity, &row)?,
            origin: self.store.origin(entity.id)?,
            entry: EntityEntry::new(&row, &failures),
            board: entity.board.clone(),
            board_name,
            board_url,
            failures,
            pause: self.store.pause_of(entity.kind, &entity.key, self.now)?,
            relations: self.relations(entity)?,
            children: self.children(entity)?,
            changes: changes.iter().map(entry).collect(),
            events: self.events(entity)?,
        })
    }

    /// Why it is in its state, where neither an error nor a pause says so.
    fn why(&self, entity: &Stored, row: &StateRow) -> anyhow::Result<Option<Reason>> {
        if matches!(row.state, State::Synced | State::Error | State::Paused) {
            return Ok(None);
        }
        let time = |stamp: &str| self.context.report.time_in_document(stamp);
        let found = why_nothing(self.store, &self.context.config, entity, self.now, &time)?;
        if found.is_some() || row.state != State::Pending {
            return Ok(found);
        }
        let name = format!("{}:{}", entity.kind, entity.key);
        let why = if row.item_id.is_some() { ScreenText::WhyPending {} } else { ScreenText::WhyNoItemYet {} };
        let hint = Some(ScreenText::ExplainIt { entity: name }.into());
        Ok(Some(Reason { verdict: Verdict::Changed, why: vec![why.into()], hint }))
    }

    /// The parents, each as far as it is known.
    fn relations(&self, entity: &Stored) -> anyhow::Result<BTreeMap<Kind, RelationEntry>> {
        let (config, shapes) = (&self.context.config, Shapes::of(&self.context.config));
        let mut relations = BTreeMap::new();
        for &parent in config.entity(entity.kind).relations.keys() {
            let found = match Record::parse(&entity.record) {
                Ok(record) => parent_of(self.store, config, &shapes, entity.kind, &record, parent)?,
                Err(_) => Parent::Missing,
            };
            relations.insert(parent, self.relation(found)?);
        }
        Ok(relations)
    }

    /// The entities whose parent it is, those first of which people want to know.
    fn children(&self, entity: &Stored) -> anyhow::Result<Vec<ChildEntry>> {
        let (config, shapes) = (&self.context.config, Shapes::of(&self.context.config));
        let mut children = Vec::new();
        for kind in Kind::ALL.into_iter().filter(|&kind| config.entity(kind).enabled) {
            children.extend(children_of(self.store, config, &shapes, entity, kind, self.now)?);
        }
        let mut children: Vec<ChildEntry> = children.into_iter().map(ChildEntry::from).collect();
        children.sort_by_key(ChildEntry::rank);
        Ok(children)
    }

    fn relation(&self, found: Parent) -> anyhow::Result<RelationEntry> {
        let parent = match found {
            Parent::Unnamed => return Ok(RelationEntry { state: "none", ..RelationEntry::default() }),
            Parent::Missing => return Ok(RelationEntry { state: "missing", ..RelationEntry::default() }),
            Parent::Ambiguous => return Ok(RelationEntry { state: "ambiguous", ..RelationEntry::default() }),
            Parent::One(parent) => parent,
        };
        let state = self.rows(parent.kind, Some(&parent.key))?.first().map_or(State::Deleted, |row| row.state);
        Ok(RelationEntry {
            entity: Some(format!("{}:{}", parent.kind, parent.key)),
            name: Some(parent.name),
            state: state.word(),
            item_id: parent.item_id,
        })
    }

    /// Seconds since HApi was read, and the boards written, without the run having failed; the older of the two counts.
    /// `None`: that never happened.
    fn age_of_last_good_run(&self) -> anyhow::Result<Option<u64>> {
        let pulled = self.store.last_good_run(&["sync", "pull"])?;
        let has_boards = Kind::ALL.into_iter().any(|kind| self.context.is_pushed(kind));
        let stages = match has_boards {
            true => vec![pulled, self.store.last_good_run(&["sync", "push"])?],
            false => vec![pulled],
        };
        let ages: Option<Vec<u64>> = stages
            .into_iter()
            .map(|at| {
                let at: Timestamp = at?.parse().ok()?;
                Some(u64::try_from(self.now.duration_since(at).as_secs()).unwrap_or(0))
            })
            .collect();
        Ok(ages.and_then(|ages| ages.into_iter().max()))
    }
}

/// A part of a list: a kind, or an entity that is named by itself, which may also be one that is gone from HApi.
struct Part {
    kind: Kind,
    which: Vec<Which>,
}

impl Part {
    fn new(kind: Kind, is_named: bool, ids: Vec<i64>, state: Option<State>, found: Option<&Vec<i64>>) -> Part {
        let ids = match (is_named, found) {
            (true, Some(found)) => Some(ids.into_iter().filter(|id| found.binary_search(id).is_ok()).collect()),
            (true, None) => Some(ids),
            (false, found) => found.cloned(),
        };
        let mut which = vec![Which { state, ids: ids.clone() }];
        if is_named && state.is_none() {
            which.push(Which { state: Some(State::Deleted), ids });
        }
        Part { kind, which }
    }
}
