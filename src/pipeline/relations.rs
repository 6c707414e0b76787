//! Finding an entity's parents and children in the store.

use super::shape::{Shape, Shapes, key_of_value};
use crate::config::{Config, Relation};
use crate::entity::{Kind, Record};
use crate::store::{Parent, StateRow, Store, Stored};
use jiff::Timestamp;

/// The parent of a kind that a record of `kind` names. Blank properties, and those not received, name none.
pub fn parent_of(
    store: &Store,
    config: &Config,
    shapes: &Shapes,
    kind: Kind,
    record: &Record<'_>,
    wanted: Kind,
) -> anyhow::Result<Parent> {
    match config.entity(kind).relations.get(&wanted) {
        None => Ok(Parent::Unnamed),
        Some(Relation::Fields(_)) => {
            let Some(rule) = shapes.get(kind).parent_rule(wanted) else { return Ok(Parent::Unnamed) };
            let Some(value) = Shape::value_of(rule, record) else { return Ok(Parent::Unnamed) };
            if rule.theirs != config.entity(wanted).key {
                return store.parent_by(wanted, &rule.theirs.join(","), &value);
            }
            let found = store.find(wanted, &key_of_value(&value))?;
            Ok(found.filter(|parent| !parent.is_deleted).map_or(Parent::Missing, Parent::One))
        }
        Some(Relation::Through(between)) => {
            let between = match parent_of(store, config, shapes, kind, record, *between)? {
                Parent::One(between) => between,
                // What is wrong is the kind in between, and is told there.
                _ => return Ok(Parent::Unnamed),
            };
            match Record::parse(&between.record) {
                Ok(record) => parent_of(store, config, shapes, between.kind, &record, wanted),
                Err(_) => Ok(Parent::Unnamed),
            }
        }
    }
}

/// The entities of a kind whose parent this one is, with their states. Where the name that they call it by is another one's
/// too, nobody is.
pub fn children_of(
    store: &Store,
    config: &Config,
    shapes: &Shapes,
    parent: &Stored,
    kind: Kind,
    now: Timestamp,
) -> anyhow::Result<Vec<StateRow>> {
    let Ok(record) = Record::parse(&parent.record) else { return Ok(Vec::new()) };
    match config.entity(kind).relations.get(&parent.kind) {
        None => Ok(Vec::new()),
        Some(Relation::Fields(_)) => {
            let Some(rule) = shapes.get(kind).parent_rule(parent.kind) else { return Ok(Vec::new()) };
            let Some(value) = Shape::value_named(rule, &record) else { return Ok(Vec::new()) };
            let is_key = rule.theirs == config.entity(parent.kind).key;
            if parent.is_deleted || !(is_key || is_only(store, parent, &rule.theirs.join(","), &value)?) {
                return Ok(Vec::new());
            }
            store.list_children(kind, config.entity(kind).pushed_board().is_none(), parent.kind, &value, now)
        }
        Some(Relation::Through(between)) => {
            let mut children = Vec::new();
            for row in children_of(store, config, shapes, parent, *between, now)? {
                if let Some(between) = store.get(row.id)? {
                    children.extend(children_of(store, config, shapes, &between, kind, now)?);
                }
            }
            Ok(children)
        }
    }
}

fn is_only(store: &Store, parent: &Stored, properties: &str, value: &str) -> anyhow::Result<bool> {
    let found = store.parent_by(parent.kind, properties, value)?;
    Ok(matches!(found, Parent::One(found) if found.id == parent.id))
}
