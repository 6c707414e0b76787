//! Finding an entity's parents in the store.

use super::shape::{Shape, Shapes, key_of_value};
use crate::config::{Config, Relation};
use crate::entity::{Kind, Record};
use crate::store::{Parent, Store};

/// The parent of a kind that a record of `kind` names. Blank or missing properties name none.
pub fn parent_of(
    store: &Store,
    config: &Config,
    shapes: &Shapes,
    kind: Kind,
    record: &Record<'_>,
    wanted: Kind,
) -> anyhow::Result<Parent> {
    match config.entity(kind).relations.get(&wanted) {
        None => Ok(Parent::Missing),
        Some(Relation::Fields(_)) => {
            let Some(rule) = shapes.get(kind).parent_rule(wanted) else { return Ok(Parent::Missing) };
            let Some(value) = Shape::value_of(rule, record) else { return Ok(Parent::Missing) };
            if rule.theirs != config.entity(wanted).key {
                return store.parent_by(wanted, &rule.theirs.join(","), &value);
            }
            let found = store.find(wanted, &key_of_value(&value))?;
            Ok(found.filter(|parent| !parent.is_deleted).map_or(Parent::Missing, Parent::One))
        }
        Some(Relation::Through(between)) => {
            let Parent::One(between) = parent_of(store, config, shapes, kind, record, *between)? else {
                return Ok(Parent::Missing);
            };
            match Record::parse(&between.record) {
                Ok(record) => parent_of(store, config, shapes, between.kind, &record, wanted),
                Err(_) => Ok(Parent::Missing),
            }
        }
    }
}
