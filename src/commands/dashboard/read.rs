//! What the dashboard shows, read from the store: without a lock, without a call, and only what may have changed.

use crate::commands::context::Context;
use crate::commands::status::{View as StatusView, story_of};
use crate::entity::{EntityKey, Kind};
use crate::plan::explain::explain;
use crate::plan::known::known_columns;
use crate::plan::verdict::Explanation;
use crate::report::dashboard::{Ask, JsonRead, LiveRun, Model, Page, StoryRead, View};
use crate::store::{Entity, EntityFilter, RunLock, Search, Segment, Slice, State, StateRow, Store, rank};
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Also where nothing was written the states change: pauses end, tries come due.
const READ_ANYWAY: Duration = Duration::from_secs(30);

/// Entities that a search found, by kind.
type Found = BTreeMap<Kind, Vec<i64>>;

/// Reader of the store for the dashboard; it knows what was read already.
pub(super) struct Reader<'c> {
    context: &'c Context,
    store: Store,
    data_version: Option<i64>,
    read_at: Option<Instant>,
    asked: Option<Question>,
    found: Option<(String, Found)>,
}

/// Question that a list answers.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Question {
    kind: Option<Kind>,
    filter: Option<State>,
    search: String,
    slice: Slice,
}

impl Question {
    fn of(model: &Model) -> Question {
        let limit = model.page_length();
        let slice = Slice { offset: model.entity_at / limit * limit, limit };
        Question { kind: model.kind(), filter: model.filter, search: model.search.trim().to_owned(), slice }
    }
}

impl<'c> Reader<'c> {
    /// A reader that has read nothing yet.
    pub(super) fn new(context: &'c Context) -> anyhow::Result<Reader<'c>> {
        let store = context.store_to_read()?;
        Ok(Reader { context, store, data_version: None, read_at: None, asked: None, found: None })
    }

    /// Brings the model up to the store.
    pub(super) fn refresh(&mut self, model: &mut Model) -> anyhow::Result<()> {
        model.now = self.context.now();
        let has_changed = self.has_changed()?;
        if has_changed {
            let store = self.store.snapshot()?;
            let view = StatusView { context: self.context, store: &store, now: model.now };
            model.status = view.document()?;
            self.found = None;
        }
        model.live = self.live(model)?;
        self.update(model, has_changed)
    }

    /// Reads what the model asks for and has not yet.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(super) fn read_what_is_asked(&mut self, model: &mut Model) -> anyhow::Result<()> {
        let has_changed = false;
        self.update(model, has_changed)
    }

    /// Reads what the model asks for and has not yet; all of it where the store has changed.
    fn update(&mut self, model: &mut Model, has_changed: bool) -> anyhow::Result<()> {
        let question = Question::of(model);
        if has_changed || self.asked.as_ref() != Some(&question) {
            let chosen = model.chosen().filter(|_| has_changed).map(|entry| entry.entity.clone());
            model.page = self.page(&question, model.now)?;
            if let Some(at) = model.page.rows.iter().position(|entry| chosen.as_ref() == Some(&entry.entity)) {
                // What is chosen stays so where its state has moved it.
                model.entity_at = model.page.offset + at as u64;
            }
            // Of a list that has grown shorter the last one is chosen.
            model.entity_at = model.entity_at.min(model.page.total.saturating_sub(1));
            self.asked = Some(question);
        }
        self.read_view(model, has_changed)?;
        self.read_address(model)
    }

    /// Whether the store may hold something else than at the last read.
    fn has_changed(&mut self) -> anyhow::Result<bool> {
        let clock = self.context.clock();
        if !self.store.is_in_place() {
            // A copy, or nothing yet, does not change by itself.
            self.store = self.context.store_to_read()?;
            self.data_version = None;
        }
        let data_version = self.store.data_version()?;
        let is_old = self.read_at.is_none_or(|at| clock.since(at) >= READ_ANYWAY);
        let has_changed = is_old || self.data_version != Some(data_version);
        if has_changed {
            (self.data_version, self.read_at) = (Some(data_version), Some(clock.instant()));
        }
        Ok(has_changed)
    }

    fn live(&self, model: &Model) -> anyhow::Result<Option<LiveRun>> {
        let Some(held) = RunLock::holder(&self.context.config.store.path) else { return Ok(None) };
        let run = self.store.runs(1)?.into_iter().next().filter(|run| run.finished_at.is_none());
        let done = run.map_or(Ok(0), |run| self.store.count_changes(run.run))?;
        let pending = model.status.kinds.iter().map(|kind| kind.pending).sum();
        Ok(Some(LiveRun { command: held.command, pid: held.pid, since: held.since, done, pending }))
    }

    fn page(&mut self, question: &Question, now: Timestamp) -> anyhow::Result<Page> {
        if !question.search.is_empty() {
            return self.found_page(question, now);
        }
        let kinds: Vec<Kind> = question.kind.map_or_else(|| Kind::all().collect(), |kind| vec![kind]);
        let store = self.store.snapshot()?;
        let mut segments = Vec::new();
        for kind in kinds {
            segments.extend(store.segments(kind, self.context.pushing(kind), now)?);
        }
        segments.retain(|segment| question.filter.is_none_or(|state| state == segment.state));
        segments.sort_by_key(|segment| rank(segment.state));
        let total = segments.iter().map(|segment| segment.count).sum();
        let mut rows = Vec::new();
        for (segment, slice) in cut(&segments, question.slice) {
            rows.extend(store.page_of(segment, self.context.pushing(segment.kind), slice, now)?);
        }
        self.entries(&rows, question.slice.offset, total, now)
    }

    /// A page of what a search found.
    fn found_page(&mut self, question: &Question, now: Timestamp) -> anyhow::Result<Page> {
        let is_known = self.found.as_ref().is_some_and(|(text, _)| *text == question.search);
        if !is_known {
            self.found = Some((question.search.clone(), self.store.search(&Search::parse(&question.search))?));
        }
        let mut rows: Vec<StateRow> = Vec::new();
        for (kind, ids) in self.found.iter().flat_map(|(_, found)| found) {
            if question.kind.is_some_and(|only| only != *kind) {
                continue;
            }
            let filter = EntityFilter { state: question.filter, ids: Some(ids.clone()) };
            self.store.each_state(*kind, self.context.pushing(*kind), &filter, now, |row| {
                rows.push(row);
                Ok(())
            })?;
        }
        rows.sort_by_key(|row| rank(row.state));
        let total = rows.len() as u64;
        let shown = rows.into_iter().skip(as_index(question.slice.offset)).take(as_index(question.slice.limit));
        self.entries(&shown.collect::<Vec<_>>(), question.slice.offset, total, now)
    }

    fn entries(&self, rows: &[StateRow], offset: u64, total: u64, now: Timestamp) -> anyhow::Result<Page> {
        let view = StatusView { context: self.context, store: &self.store, now };
        let rows = rows.iter().map(|row| view.entry(row)).collect::<anyhow::Result<_>>()?;
        Ok(Page { offset, total, rows })
    }

    /// Reads the story, or the JSON, that is shown.
    fn read_view(&self, model: &mut Model, has_changed: bool) -> anyhow::Result<()> {
        let now = model.now;
        match &mut model.view {
            View::Story(view) if view.read.is_none() || has_changed => view.read = self.story(&view.entity, now)?,
            View::Json(view) if view.read.is_none() || has_changed => view.read = self.json(&view.entity, now)?,
            _ => {}
        }
        Ok(())
    }

    /// Reads the address that is asked for.
    fn read_address(&self, model: &mut Model) -> anyhow::Result<()> {
        let now = model.now;
        let Some(dialog) = &mut model.dialog else { return Ok(()) };
        if let (Ask::Address(address @ None), Some(target)) = (&mut dialog.ask, dialog.targets.first()) {
            *address = self.story(&target.entity, now)?.and_then(|read| read.story.item_url());
        }
        Ok(())
    }

    fn entity(&self, entity: &EntityKey) -> anyhow::Result<Option<Entity>> {
        self.store.find_typed(entity.kind, &entity.key)
    }

    fn explanation(&self, entity: &Entity, now: Timestamp) -> Option<Explanation> {
        let time = |at: Timestamp| self.context.report.style().local(at);
        // What has no record has nothing to be explained.
        explain(&self.store, &self.context.config, entity, now, &time).ok()
    }

    fn story(&self, entity: &EntityKey, now: Timestamp) -> anyhow::Result<Option<StoryRead>> {
        let Some(entity) = self.entity(entity)? else { return Ok(None) };
        let view = StatusView { context: self.context, store: &self.store, now };
        let board = self.context.config.kind(entity.row.kind).board.as_deref();
        let columns = board.map_or(Ok(None), |board| known_columns(&self.store, board))?.unwrap_or_default();
        Ok(Some(StoryRead {
            story: story_of(&view, &entity)?,
            columns: self.explanation(&entity, now),
            titles: columns.into_iter().map(|(id, column)| (id, column.title)).collect(),
        }))
    }

    fn json(&self, entity: &EntityKey, now: Timestamp) -> anyhow::Result<Option<JsonRead>> {
        let Some(entity) = self.entity(entity)? else { return Ok(None) };
        let steps = self.explanation(&entity, now).map(|explanation| explanation.steps).unwrap_or_default();
        let wanted: Map<String, Value> =
            steps.into_iter().filter_map(|step| Some((step.column, step.wanted?))).collect();
        let sent = self.store.sent(entity.row.id)?.unwrap_or_default().to_values();
        let all = wanted.keys().chain(sent.keys());
        let different = all.filter(|column| wanted.get(*column) != sent.get(*column)).cloned().collect();
        Ok(Some(JsonRead {
            received: set_in(&entity.record),
            wanted: a_line_each(&wanted),
            sent: a_line_each(&sent),
            different,
        }))
    }
}

/// A number of the store as an index in memory.
fn as_index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The parts of segments that lie within a page of all of them.
fn cut(segments: &[Segment], page: Slice) -> Vec<(&Segment, Slice)> {
    let (mut before, mut left) = (page.offset, page.limit);
    let mut parts = Vec::new();
    for segment in segments {
        let offset = before.min(segment.count);
        before -= offset;
        let limit = left.min(segment.count - offset);
        left -= limit;
        if limit > 0 {
            parts.push((segment, Slice { offset, limit }));
        }
    }
    parts
}

/// A record with a member a line; what is no JSON stays as it is.
fn set_in(record: &str) -> Vec<String> {
    let value = serde_json::from_str::<Value>(record).and_then(|value| serde_json::to_string_pretty(&value));
    value.map_or_else(|_| vec![record.to_owned()], |text| text.lines().map(str::to_owned).collect())
}

/// An object with a member a line.
fn a_line_each(object: &Map<String, Value>) -> Vec<String> {
    let last = object.len().saturating_sub(1);
    let members = object.iter().enumerate().map(|(at, (name, value))| {
        let comma = if at == last { "" } else { "," };
        format!("  {}: {value}{comma}", Value::from(name.as_str()))
    });
    std::iter::once("{".to_owned()).chain(members).chain(["}".to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_has_a_line_for_each_member() {
        let object = serde_json::json!({"a": 1.50, "b\"": {"x": [1]}});
        let Value::Object(object) = object else { panic!("an object") };
        assert_eq!(a_line_each(&object), ["{", r#"  "a": 1.5,"#, r#"  "b\"": {"x":[1]}"#, "}"]);
        assert_eq!(set_in(r#"{"Rent":900.10}"#), ["{", r#"  "Rent": 900.10"#, "}"], "digits stay");
        assert_eq!(set_in("<html>"), ["<html>"]);
    }
}
