//! The second opinion on the boards of a world.

#[path = "../common/mirror.rs"]
mod pure;

use crate::support::World;
use pure::Shown;

/// Everything that the boards show otherwise than HApi's records want it, duplicates included.
pub(crate) fn differences(world: &World) -> Vec<String> {
    pure::differences(&world.sandbox.hapi(), &world.sandbox.monday(), &world.boards)
}

/// Fails with all differences.
#[track_caller]
pub(crate) fn assert_equal(world: &World, context: &str) {
    let differences = differences(world);
    assert!(differences.is_empty(), "{context}:\n{}", differences.join("\n"));
    assert_eq!(world.sandbox.monday().parallel_mutations(), 0, "{context}: one board, one call at a time");
}

/// What the boards show, and what is wrong with them as such.
pub(crate) fn shown(world: &World) -> (Shown, Vec<String>) {
    pure::shown(&world.sandbox.monday(), &world.boards)
}
