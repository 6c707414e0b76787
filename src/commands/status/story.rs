//! An entity's story: all that the store knows of it.

use super::view::View;
use crate::config::OnDelete;
use crate::entity::{Kind, Record};
use crate::failure::{Failure, Stage};
use crate::message::{Message, RunText, ScreenText};
use crate::plan::derive::DerivationRules;
use crate::plan::explain::why_nothing;
use crate::plan::relations::{children_of, parent_of};
use crate::plan::verdict::{Reason, Verdict};
use crate::report::status::EntityEntry;
use crate::report::story::{ChildEntry, ParentState, RelationEntry, Story};
use crate::report::webhooks::EventEntry;
use crate::run::ChangeEntry;
use crate::store::{Deletion, Entity, Parent, State, StateRow};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Most changes, and most events, in an entity's story.
const MOST_CHANGES: u64 = 10;

/// Everything that is known of an entity.
pub(in crate::commands) fn story(view: &View<'_>, entity: &Entity) -> anyhow::Result<Story> {
    let row = view.rows(entity.row.kind, Some(&entity.row.key))?.into_iter().next();
    let row = row.ok_or_else(|| {
        let selector = entity.row.entity_key().to_string();
        Failure::usage(RunText::NoStoreEntry { selector }).help(RunText::RunPull {})
    })?;
    let failures = view.store.failures(entity.row.id)?;
    let pause = view.store.pause_of(entity.row.kind, &entity.row.key, view.now)?;
    let former = view.store.deletion(entity.row.id)?.and_then(|deletion| deletion.former);
    let (former_board, former_item) = former.filter(|_| entity.row.item_id.is_none()).unzip();
    let board = entity.row.board.clone().filter(|_| former_board.is_none()).or(former_board);
    let (board_name, board_url) = match &board {
        Some(board) => (view.store.board_name(board)?, view.store.board_url(board)?),
        None => (None, None),
    };
    let changes = view.store.changes_of(entity.row.kind, &entity.row.key, MOST_CHANGES)?;
    Ok(Story {
        why: why(view, entity, &row)?,
        origin: view.store.origin(entity.row.id)?,
        entry: EntityEntry::new(&row, &failures, pause),
        board,
        former_item,
        board_name,
        board_url,
        failures,
        relations: relations(view, entity)?,
        children: children(view, entity)?,
        changes: changes.into_iter().map(ChangeEntry::from).collect(),
        events: events(view, entity)?,
    })
}

/// Why an entity that is gone from HApi is as it is: since when, and what became of its item.
fn why_deleted(view: &View<'_>, entity: &Entity, deletion: &Deletion) -> Reason {
    let at = view.context.report.time_in_document(deletion.at);
    let gone = Message::from(ScreenText::DeletedSince { at });
    let selector = entity.row.entity_key().to_string();
    let keeps_items = view.context.config.sync.on_delete == OnDelete::Keep;
    let (item, hint) = match (&entity.row.item_id, &deletion.former) {
        (Some(_), _) if keeps_items => (Some(ScreenText::ItemIsKept {}), None),
        (Some(_), _) => (Some(ScreenText::ItemWaitsToGo {}), Some(ScreenText::PushIt { selector }.into())),
        (None, Some(_)) => (Some(ScreenText::ItemHasGone {}), None),
        (None, None) => (None, None),
    };
    let why = std::iter::once(gone).chain(item.map(Message::from)).collect();
    Reason { verdict: Verdict::Deleted, why, hint }
}

/// Why it is in its state, where neither an error nor a pause says so.
fn why(view: &View<'_>, entity: &Entity, row: &StateRow) -> anyhow::Result<Option<Reason>> {
    if let Some(deletion) = view.store.deletion(entity.row.id)? {
        return Ok(Some(why_deleted(view, entity, &deletion)));
    }
    if matches!(row.state, State::Synced | State::Error | State::Paused) {
        return Ok(None);
    }
    let time = |at: Timestamp| view.context.report.time_in_document(at);
    let found = why_nothing(view.store, &view.context.config, entity, view.now, &time)?;
    if found.is_some() || row.state != State::Pending {
        return Ok(found);
    }
    if let Some(failure) =
        view.store.kind_failures(entity.row.kind)?.into_iter().find(|failure| failure.stage == Stage::Push)
    {
        let why = vec![failure.detail.error];
        return Ok(Some(Reason { verdict: Verdict::Waiting, why, hint: failure.detail.hint }));
    }
    let name = entity.row.entity_key().to_string();
    let why = if row.entity.item_id.is_some() { ScreenText::WhyPending {} } else { ScreenText::WhyNoItemYet {} };
    let hint = Some(ScreenText::ExplainIt { entity: name }.into());
    Ok(Some(Reason { verdict: Verdict::Changed, why: vec![why.into()], hint }))
}

/// The parents, each as far as it is known.
fn relations(view: &View<'_>, entity: &Entity) -> anyhow::Result<BTreeMap<Kind, RelationEntry>> {
    let (config, derivation) = (&view.context.config, DerivationRules::known(&view.context.config, view.store)?);
    let mut relations = BTreeMap::new();
    for &parent in config.kind(entity.row.kind).relations.keys() {
        let found = match Record::parse(&entity.record) {
            Ok(record) => parent_of(view.store, config, &derivation, entity.row.kind, &record, parent)?,
            Err(_) => Parent::Missing,
        };
        relations.insert(parent, relation(view, found)?);
    }
    Ok(relations)
}

/// The entities whose parent it is, those first of which people want to know.
fn children(view: &View<'_>, entity: &Entity) -> anyhow::Result<Vec<ChildEntry>> {
    let (config, derivation) = (&view.context.config, DerivationRules::known(&view.context.config, view.store)?);
    let mut children = Vec::new();
    for kind in Kind::all().filter(|&kind| config.kind(kind).enabled) {
        children.extend(children_of(view.store, config, &derivation, entity, kind, view.now)?);
    }
    let mut children: Vec<ChildEntry> = children.into_iter().map(ChildEntry::from).collect();
    children.sort_by_key(ChildEntry::rank);
    Ok(children)
}

fn relation(view: &View<'_>, found: Parent) -> anyhow::Result<RelationEntry> {
    let parent = match found {
        Parent::Unnamed => return Ok(RelationEntry::unknown(ParentState::Unnamed)),
        Parent::Missing => return Ok(RelationEntry::unknown(ParentState::Missing)),
        Parent::Ambiguous => return Ok(RelationEntry::unknown(ParentState::Ambiguous)),
        Parent::One(parent) => parent,
    };
    let state = view.rows(parent.row.kind, Some(&parent.row.key))?.first().map_or(State::Deleted, |row| row.state);
    Ok(RelationEntry {
        entity: Some(parent.row.entity_key()),
        name: Some(parent.name),
        state: ParentState::Known(state),
        item_id: parent.row.item_id,
    })
}

/// The last events about an entity.
fn events(view: &View<'_>, entity: &Entity) -> anyhow::Result<Vec<EventEntry>> {
    // Webhooks name an entity by its Id, also where its key is made of something else.
    let Some(subject) = Record::parse(&entity.record).ok().and_then(|record| record.webhook_subject()) else {
        return Ok(Vec::new());
    };
    let name = &view.context.config.kind(entity.row.kind).event;
    Ok(view.store.events_of(name, &subject, MOST_CHANGES)?.iter().map(EventEntry::from).collect())
}
