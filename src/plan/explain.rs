//! Why a column is, or is not, sent now: each step from the record to what monday got, by the functions that push.

mod entry;
mod explainer;

use crate::config::{Column, Config, Source};
use crate::entity::{Kind, Record, Separators};
use crate::failure::{Exit, Failure, FailureCause};
use crate::message::HapiText;
use crate::monday::column::Input;
use crate::plan::closed::closed_rows;
use crate::plan::derive::DerivationRules;
use crate::plan::known::known_columns;
use crate::plan::map::{self, BoardColumns, NAME};
use crate::plan::step::{BatchMode, Situation};
use crate::plan::verdict::{ExplainedColumn, Explanation, Reason};
use crate::store::{Entity, Parent, Store};
use entry::{ColumnSource, Entry};
use explainer::Explainer;
use jiff::Timestamp;

/// Explains an entity. `time` puts a time into words.
///
/// # Errors
/// Where the store cannot be read.
pub(crate) fn explain(
    store: &Store,
    config: &Config,
    stored: &Entity,
    now: Timestamp,
    time: &dyn Fn(Timestamp) -> String,
) -> anyhow::Result<Explanation> {
    let derivation = DerivationRules::known(config, store)?;
    // The push derives references anew where their rules have changed; a command that only reads does so in a copy.
    let copy = match was_derived_otherwise(store, &derivation)? {
        true => {
            let mut copy = store.copy_in_memory()?;
            derivation.apply(&mut copy, Kind::all())?;
            Some(copy)
        }
        false => None,
    };
    let store = copy.as_ref().unwrap_or(store);
    let not_a_record =
        || Failure::new(Exit::Partial, HapiText::NotAnObject { kind: stored.row.kind }).help(HapiText::MendInHopem {});
    let standing = store.push_status(stored.row.id)?.ok_or_else(not_a_record)?;
    let record = derivation.get(stored.row.kind).record(&standing.due.record).map_err(|_| not_a_record())?;
    let entity = config.kind(stored.row.kind);
    let standing = &standing;
    Explainer { store, config, derivation: &derivation, entity, standing, record: &record, now, time }
        .explain(stored.is_deleted())
}

/// Why nothing of an entity, or not yet, is sent; `None` where its columns decide about that. Cheaper than [`explain`].
///
/// # Errors
/// Where the store cannot be read.
pub(crate) fn why_nothing(
    store: &Store,
    config: &Config,
    stored: &Entity,
    now: Timestamp,
    time: &dyn Fn(Timestamp) -> String,
) -> anyhow::Result<Option<Reason>> {
    let Some(standing) = store.push_status(stored.row.id)? else { return Ok(None) };
    let (derivation, entity) = (DerivationRules::known(config, store)?, config.kind(stored.row.kind));
    let Ok(record) = derivation.get(stored.row.kind).record(&standing.due.record) else { return Ok(None) };
    let explainer =
        Explainer { store, config, derivation: &derivation, entity, standing: &standing, record: &record, now, time };
    match explainer.end(stored.is_deleted()) {
        Some(end) => Ok(Some(end)),
        None => {
            explainer.hold(store.kind_state(stored.row.kind)?.unavailable.is_some(), &store.failures(stored.row.id)?)
        }
    }
}

fn was_derived_otherwise(store: &Store, derivation: &DerivationRules) -> anyhow::Result<bool> {
    for kind in Kind::all() {
        let derived_by = store.kind_state(kind)?.rules;
        if derived_by.is_some_and(|rules| rules != derivation.get(kind).fingerprint()) {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Explainer<'_> {
    fn explain(&self, is_deleted: bool) -> anyhow::Result<Explanation> {
        let due = &self.standing.due;
        let kind_state = self.store.kind_state(due.row.kind)?;
        let board: Option<BoardColumns> = match &self.entity.board {
            Some(board) => known_columns(self.store, board)?,
            None => None,
        };
        let parents = self.parents()?;
        let mapped = map::map(self.entity, &due.row.key, self.record, board.as_ref(), self.rules(), &parents);
        let is_remapped = kind_state.mapping != Some(self.entity.mapping_fingerprint(self.config));
        let mut failures = self.store.failures(due.row.id)?;
        // A push forgets these when the mapping has changed. Those of closed columns are reported as they stand now.
        failures.retain(|failure| !is_remapped && failure.cause != FailureCause::ColumnClosed);
        failures.extend(closed_rows(self.store, self.entity, &mapped)?);
        let known = board.clone().unwrap_or_default();
        let situation = Situation {
            entity: self.entity,
            due,
            mapped: &mapped,
            failures: &failures,
            observed: None,
            board: &known,
            mode: BatchMode::Normal,
            // Those are among the failures here.
            closed: &std::collections::BTreeSet::new(),
            now: self.now,
        };
        let is_due =
            self.standing.is_due || is_remapped || failures.iter().any(|failure| failure.is_retry_due(self.now));
        let entry = Entry {
            explainer: self,
            parents: &parents,
            mapped: &mapped,
            failures: &failures,
            planned: situation.plan().steps.into_iter().flat_map(|step| step.columns).collect(),
            has_item: situation.item().is_some(),
            sent: &due.sent,
            end: self.end(is_deleted),
            hold: self.hold(kind_state.unavailable.is_some(), &failures)?,
            is_due,
        };
        let mut steps = vec![self.name_step(&entry)];
        steps.extend(self.key_step(&entry));
        for (id, column) in &self.entity.columns {
            steps.push(self.column_step(&entry, id, column, board.as_ref()));
        }
        Ok(Explanation { steps, is_board_known: board.is_some() || self.entity.board.is_none() })
    }

    fn raw(&self, record: Option<&Record<'_>>, properties: Vec<String>) -> Vec<(String, Option<String>)> {
        let raw = |property: &str| record.and_then(|record| record.raw(property)).map(str::to_owned);
        properties.into_iter().map(|property| (property.clone(), raw(&property))).collect()
    }

    fn name_step(&self, entry: &Entry<'_>) -> ExplainedColumn {
        let template = &self.entity.name;
        let filled = map::fill(self.record, template, Separators::All, &self.config.sync.blank).ok().flatten();
        let name = map::name(self.entity, self.record, &self.config.sync.blank).ok().flatten();
        let raw = self.raw(Some(self.record), template.properties().map(str::to_owned).collect());
        entry.step(ColumnSource {
            column: NAME,
            column_type: NAME.to_owned(),
            source: template.to_string(),
            of: None,
            raw,
            trimmed: filled,
            mapped: name,
            about_parent: None,
        })
    }

    fn key_step(&self, entry: &Entry<'_>) -> Option<ExplainedColumn> {
        let column = self.entity.key_column.as_deref()?;
        Some(entry.step(ColumnSource {
            column,
            column_type: "text".to_owned(),
            source: self.entity.key.join(", "),
            of: None,
            raw: self.raw(Some(self.record), self.entity.key.clone()),
            trimmed: Some(self.standing.due.row.key.clone()),
            mapped: Some(self.selector()),
            about_parent: None,
        }))
    }

    fn column_step(
        &self,
        entry: &Entry<'_>,
        id: &str,
        column: &Column,
        board: Option<&BoardColumns>,
    ) -> ExplainedColumn {
        let blanks = &self.config.sync.blank;
        let read = map::read(self.entity, column, self.record, blanks, entry.parents).ok().flatten();
        let options = map::options(column, self.rules());
        let known_type = map::type_of(self.entity, id, board);
        let mut mapped = read.as_ref().map(|input| match input {
            Input::Text(text) => options.mapped(known_type, text).to_owned(),
            Input::List(texts) => options.mapped_list(known_type, texts).join(", "),
            Input::Items(items) => items.join(", "),
        });
        let mut trimmed = read.map(|input| match input {
            Input::Text(text) => text,
            Input::List(texts) | Input::Items(texts) => texts.join(", "),
        });
        let parent_kind = match column.source {
            Source::Relation(kind) => Some(kind),
            _ => column.of,
        };
        let parent = parent_kind.map(|kind| entry.parents.get(kind));
        let is_relation = matches!(column.source, Source::Relation(_));
        if let (true, Some(Parent::One(parent))) = (is_relation, parent) {
            trimmed = Some(parent.row.entity_key().to_string());
            mapped = parent.row.item_id.clone();
        }
        let raw = match (parent, is_relation, parent_kind) {
            (_, true, Some(kind)) => self.raw(Some(self.record), self.properties_naming(kind)),
            (Some(Parent::One(parent)), ..) => {
                self.raw(Record::parse(&parent.record).ok().as_ref(), column.properties())
            }
            (Some(_), ..) => self.raw(None, column.properties()),
            (None, ..) => self.raw(Some(self.record), column.properties()),
        };
        let unwritable = board.and_then(|columns| columns.get(id)).filter(|column| column.known_type().is_none());
        let column_type = match (column.column_type, unwritable) {
            (None, Some(column)) => column.column_type.clone(),
            _ => known_type.name().to_owned(),
        };
        entry.step(ColumnSource {
            column: id,
            column_type,
            source: match &column.source {
                Source::Field(property) => property.clone(),
                Source::Template(template) => template.to_string(),
                Source::Relation(kind) => kind.to_string(),
            },
            of: parent_kind,
            raw,
            trimmed,
            mapped,
            about_parent: parent_kind
                .zip(parent)
                .and_then(|(kind, parent)| self.about_parent(kind, parent, is_relation)),
        })
    }
}
