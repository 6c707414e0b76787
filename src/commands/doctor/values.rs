//! Values that the store holds and no value map covers: they go to the board as they are, and a label for them is hardly there.

use super::checks::{Checks, Problem, name};
use crate::commands::context::Context;
use crate::config::{Column, KindConfig, Source};
use crate::entity::Record;
use crate::message::DoctorText;
use crate::monday::column::Blanks;
use crate::store::{Pushing, Store};
use crate::text::{matching, trimmed};
use std::collections::{BTreeMap, BTreeSet};

/// How many values are named.
const MOST_NAMED: usize = 5;

/// Looks for values without a place in `values`, in the columns that have one and no `default`.
///
/// # Errors
/// Where the store cannot be read.
pub(super) fn check(context: &Context, store: &Store, checks: &mut Checks) -> anyhow::Result<()> {
    let config = &context.config;
    for entity in config.kinds.iter().filter(|entity| entity.pushed_board().is_some()) {
        let maps = maps_of(entity);
        if maps.is_empty() {
            continue;
        }
        let mut left: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        store.each(entity.kind, Pushing::On, context.now(), |found, _| {
            if let Ok(record) = Record::parse(&found.record) {
                for (id, property, column) in &maps {
                    left.entry(*id).or_default().extend(uncovered(&record, property, column, &config.sync.blank));
                }
            }
            Ok(())
        })?;
        for (id, property, _) in &maps {
            let values = left.remove(*id).unwrap_or_default();
            let subject = format!("{}.{id}", entity.kind);
            checks.note(name::VALUES, subject, problem(entity, id, property, &values));
        }
    }
    Ok(())
}

/// The columns with `values` and without `default`, and the properties that they take.
fn maps_of(entity: &KindConfig) -> Vec<(&str, &str, &Column)> {
    let columns = entity.columns.iter().filter(|(_, column)| !column.values.is_empty() && column.default.is_none());
    let own = columns.filter(|(_, column)| column.of.is_none());
    own.filter_map(|(id, column)| match &column.source {
        Source::Field(property) => Some((id.as_str(), property.as_str(), column)),
        Source::Template(_) | Source::Relation(_) => None,
    })
    .collect()
}

/// The value of a record that `values` does not list.
fn uncovered(record: &Record<'_>, property: &str, column: &Column, blanks: &Blanks) -> Option<String> {
    let text = record.text(property).ok()??;
    let value = trimmed(&text);
    let is_listed = column.values.contains_key(value)
        || matching(value, column.values.keys().map(String::as_str)).is_some()
        || column.values.values().any(|meant| meant == value);
    (!is_listed && !value.is_empty() && !blanks.holds(value)).then(|| value.to_owned())
}

fn problem(entity: &KindConfig, column: &str, property: &str, values: &BTreeSet<String>) -> Option<Problem> {
    let count = values.len() as u64;
    let some: Vec<String> = values.iter().take(MOST_NAMED).cloned().collect();
    (count > 0).then(|| {
        let what = DoctorText::ValuesUncovered { property: property.to_owned(), count, values: some };
        Problem::warning(what).hint(DoctorText::CoverValues { kind: entity.kind, column: column.to_owned() })
    })
}
