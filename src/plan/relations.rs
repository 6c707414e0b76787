//! Finding an entity's parents and children in the store.

use crate::config::Config;
use crate::entity::{Kind, Record, Relation};
use crate::plan::derive::{DerivationRules, KindRules, ParentRule, key_of_value};
use crate::plan::parents::{Parents, shown_parents};
use crate::store::{Entity, Parent, Pushing, StateRow, Store};
use crate::text::caseless;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// The parents of an entity of `kind` of which its columns show something; each kind of parent is looked for once.
///
/// # Errors
/// Where the store cannot be read.
pub(crate) fn parents_of(
    store: &Store,
    config: &Config,
    derivation: &DerivationRules,
    kind: Kind,
    record: &Record<'_>,
) -> anyhow::Result<Parents> {
    let mut found = BTreeMap::new();
    for parent in shown_parents(config.kind(kind)) {
        if let Entry::Vacant(place) = found.entry(parent) {
            place.insert(parent_of(store, config, derivation, kind, record, parent)?);
        }
    }
    Ok(Parents::new(found))
}

/// The parent of a kind that a record of `kind` names. Blank properties, and those not received, name none.
///
/// # Errors
/// Where the store cannot be read.
pub(crate) fn parent_of(
    store: &Store,
    config: &Config,
    derivation: &DerivationRules,
    kind: Kind,
    record: &Record<'_>,
    wanted: Kind,
) -> anyhow::Result<Parent> {
    match config.kind(kind).relations.get(&wanted) {
        None => Ok(Parent::Unnamed),
        Some(Relation::Fields(_)) => {
            let Some(rule) = derivation.get(kind).parent_rule(wanted) else { return Ok(Parent::Unnamed) };
            let Some(value) = KindRules::value_of(rule, record) else { return Ok(Parent::Unnamed) };
            let found = named_by(store, rule, rule.theirs == config.kind(wanted).key, &value)?;
            let means_nothing = || KindRules::codes_of(&value).any(|code| config.sync.blank.holds(code));
            // A code of `N/D` names no parent, unless there is one of that code.
            let found = if found == Parent::Missing && means_nothing() { Parent::Unnamed } else { found };
            Ok(completed(derivation, found))
        }
        Some(Relation::Through(between)) => {
            let between = match parent_of(store, config, derivation, kind, record, *between)? {
                Parent::One(between) => between,
                // A missing or ambiguous entity in between is reported for its own kind.
                _ => return Ok(Parent::Unnamed),
            };
            match Record::parse(&between.record) {
                Ok(record) => parent_of(store, config, derivation, between.row.kind, &record, wanted),
                Err(_) => Ok(Parent::Unnamed),
            }
        }
    }
}

/// The parent that a value names: the only one that has exactly this value, else the only one that has it without case.
fn named_by(store: &Store, rule: &ParentRule, is_key: bool, value: &str) -> anyhow::Result<Parent> {
    let mut alike = if is_key {
        let key = key_of_value(value);
        // Nearly always it is this one, and nobody else need be asked for.
        match store.find(rule.parent, &key)?.filter(|parent| !parent.is_deleted()) {
            Some(exact) => return Ok(Parent::One(exact)),
            None => store.alike(rule.parent, &key)?,
        }
    } else {
        store.named_alike(rule.parent, &rule.theirs.join(","), &caseless(value))?
    };
    alike.retain(|parent| !parent.is_deleted());
    if alike.len() > 1 {
        let is_exact = |parent: &Entity| {
            Record::parse(&parent.record)
                .is_ok_and(|record| KindRules::value_named(rule, &record).as_deref() == Some(value))
        };
        let exact: Vec<Entity> = alike.iter().filter(|parent| is_exact(parent)).cloned().collect();
        alike = if exact.is_empty() { alike } else { exact };
    }
    Ok(match (alike.pop(), alike.is_empty()) {
        (None, _) => Parent::Missing,
        (Some(only), true) => Parent::One(only),
        (Some(_), false) => Parent::Ambiguous,
    })
}

/// A parent in whose record nothing is missing that HApi left out for being null.
fn completed(derivation: &DerivationRules, parent: Parent) -> Parent {
    match parent {
        Parent::One(parent) => Parent::One(derivation.get(parent.row.kind).complete(parent)),
        other => other,
    }
}

/// The entities of a kind whose parent this one is, with their states. Where the name that they call it by is another one's
/// too, nobody is.
///
/// # Errors
/// Where the store cannot be read.
pub(crate) fn children_of(
    store: &Store,
    config: &Config,
    derivation: &DerivationRules,
    parent: &Entity,
    kind: Kind,
    now: Timestamp,
) -> anyhow::Result<Vec<StateRow>> {
    let Ok(record) = Record::parse(&parent.record) else { return Ok(Vec::new()) };
    match config.kind(kind).relations.get(&parent.row.kind) {
        None => Ok(Vec::new()),
        Some(Relation::Fields(_)) => {
            let Some(rule) = derivation.get(kind).parent_rule(parent.row.kind) else { return Ok(Vec::new()) };
            let Some(value) = KindRules::value_named(rule, &record) else { return Ok(Vec::new()) };
            if parent.is_deleted() {
                return Ok(Vec::new());
            }
            let pushing = Pushing::on_if(config.kind(kind).pushed_board().is_some());
            let mut children = Vec::new();
            // The list ignores case, and parents may differ in nothing else: each child's own parent is looked up.
            for row in store.list_children(kind, pushing, parent.row.kind, &caseless(&value), now)? {
                if is_child(store, config, derivation, parent, &row)? {
                    children.push(row);
                }
            }
            Ok(children)
        }
        Some(Relation::Through(between)) => {
            let mut children = Vec::new();
            for row in children_of(store, config, derivation, parent, *between, now)? {
                if let Some(between) = store.get(row.entity.id)? {
                    children.extend(children_of(store, config, derivation, &between, kind, now)?);
                }
            }
            Ok(children)
        }
    }
}

fn is_child(
    store: &Store,
    config: &Config,
    derivation: &DerivationRules,
    parent: &Entity,
    child: &StateRow,
) -> anyhow::Result<bool> {
    let Some(stored) = store.get(child.entity.id)? else { return Ok(false) };
    let Ok(record) = Record::parse(&stored.record) else { return Ok(false) };
    let found = parent_of(store, config, derivation, child.entity.kind, &record, parent.row.kind)?;
    Ok(matches!(found, Parent::One(found) if found.row.id == parent.row.id))
}
