//! What the store says of single columns and cannot be so: which one was refused, and what a connection leads to.

use crate::ledger::Ledger;
use crate::stage::{Ended, Stage};
use crate::story::Configuration;
use crate::world::World;
use std::time::Duration;

/// What is said of columns after a run, and is not so.
pub(crate) fn not_so(stage: &Stage, ledger: &Ledger, ended: &Ended) -> Vec<String> {
    let world = stage.universe.world();
    let mut wrong = wrongly_refused(&world, ledger, ended);
    wrong.extend(leading_nowhere(&world, stage, ledger));
    wrong
}

/// Columns that are held to be refused though nothing refuses them, or of which it is their kind's matter that nobody may edit them.
fn wrongly_refused(world: &World, ledger: &Ledger, ended: &Ended) -> Vec<String> {
    // Faults refuse what they meet, and what was in order before something happened need not be so after it.
    if ended.plan.struck > 0 || world.changed > ended.plan.began {
        return Vec::new();
    }
    let began = world.began.0 + ended.plan.began + Duration::from_millis(1);
    let is_refused = |entity: &str, column: &str| {
        let is_changed = world.was_column_changed(entity, column);
        // Its item may be gone.
        is_changed || column.starts_with("link_") || world.refusing.iter().any(|refusing| *refusing == column)
    };
    let is_closed = |entity: &str, column: &str| {
        world.closed.iter().any(|(kind, closed)| *closed == column && entity.split(':').next() == Some(*kind))
    };
    let refused = ledger.refused_values().into_iter().filter(|(.., at)| *at > began);
    let refused = refused.filter_map(|(entity, column, _)| match () {
        () if is_closed(&entity, &column) => Some(format!("{entity} is red for {column}, which nobody may edit")),
        () if !is_refused(&entity, &column) => Some(format!("{entity} is red for {column}, which nothing refuses")),
        () => None,
    });
    refused.collect()
}

/// Connections of entities that are in order, and lead to items that no entity holds: nobody would put them right.
fn leading_nowhere(world: &World, stage: &Stage, ledger: &Ledger) -> Vec<String> {
    let is_mapped = !matches!(stage.configuration, Configuration::Without(_)) && stage.follows_configuration();
    if !is_mapped || stage.was_restored || !world.forgotten.is_empty() {
        return Vec::new();
    }
    let nowhere = ledger.connections_to_nobody().into_iter();
    nowhere.map(|(entity, column)| format!("{entity} is in order, and {column} leads to nobody's item")).collect()
}
