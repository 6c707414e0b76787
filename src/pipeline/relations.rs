//! Finding an entity's parents in the store.

use super::shape::{Shape, Shapes, key_of_value};
use crate::config::{Config, Relation};
use crate::entity::{Kind, Record};
use crate::store::{Parent, Store};

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
