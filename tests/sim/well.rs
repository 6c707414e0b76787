//! What a command that says it ended well may not leave behind.

use crate::check::{is_left_out, mirror};
use crate::deeds::Before;
use crate::happening::key_of;
use crate::ledger::Ledger;
use crate::stage::{Ended, Stage};
use crate::story::Configuration;
use crate::world::World;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::time::Duration;

/// What is not as a command says that ended with 0.
pub(crate) fn not_so_well(stage: &Stage, line: &str, before: &Before, ended: &Ended) -> Vec<String> {
    let mut wrong = Vec::new();
    if ended.code != 0 || ended.had_no_room || line.contains("--dry-run") {
        return wrong;
    }
    match line.split(' ').next().unwrap_or_default() {
        "push" => wrong.extend(failed_and_well(stage, &Ledger::open(&stage.store()), ended)),
        "sync" => {
            let ledger = Ledger::open(&stage.store());
            wrong.extend(failed_and_well(stage, &ledger, ended));
            // What an earlier call made of what has gone since goes with the next run.
            if !line.contains("--limit") && before.is_settled() {
                wrong.extend(done_and_not(stage, &ledger, ended));
            }
        }
        "resync" if ended.plan.struck == 0 && !["--later", "--state"].iter().any(|flag| line.contains(flag)) => {
            wrong.extend(resynced_and_not(stage, line));
        }
        _ => {}
    }
    wrong
}

/// What failed in a run that ended well.
fn failed_and_well(stage: &Stage, ledger: &Ledger, ended: &Ended) -> Vec<String> {
    // The store keeps milliseconds.
    let began = stage.universe.world().began.0 + ended.plan.began + Duration::from_millis(1);
    let failed = ledger.failed().into_iter().filter(|(_, at)| *at > began);
    failed.map(|(entity, _)| format!("{entity} failed, and all is said to be well")).collect()
}

/// What the boards show otherwise than HApi wants it after a sync that ended well, while nobody but the program changed anything.
fn done_and_not(stage: &Stage, ledger: &Ledger, ended: &Ended) -> Vec<String> {
    let world = stage.universe.world();
    let is_still = world.changed <= ended.plan.began && !world.mail.is_on && stage.follows_configuration();
    if !is_still || !stage.paused.is_empty() || !ledger.unlinked().is_empty() || !ledger.failed().is_empty() {
        return Vec::new();
    }
    let mut wrong = left_out_and_there(&world, stage);
    // What an empty answer, or a refusal, says of a set that was never read is believed.
    let is_believed =
        |fault: &str| ["page: 204", "page: no records in it", "set: 403", "set: 404", "empty answer"].contains(&fault);
    let are_items_ours = world.touched.is_empty() && world.forgotten.is_empty() && world.rekeyed.is_empty();
    let are_columns_ours = world.changed_columns.is_empty() && world.reformed.is_empty() && world.closed.is_empty();
    let was_misled = ended.plan.strikes.iter().any(|strike| is_believed(strike.fault));
    if are_items_ours && are_columns_ours && !was_misled && stage.knows_the_boards() {
        let differences = mirror::differences(&world.hapi, &world.monday, &world.boards).into_iter();
        let differences = differences
            .filter(|difference| !difference.split_once(':').is_some_and(|(kind, _)| is_left_out(stage, kind)));
        let differences =
            differences.filter(|difference| !difference.contains("wanted None, shown Some(Array [String(\"gone"));
        wrong.extend(differences.map(|difference| format!("it ended well, and {difference}")));
    }
    wrong
}

/// Items of units that the configuration leaves out.
fn left_out_and_there(world: &World, stage: &Stage) -> Vec<String> {
    let is_left_out = |unit: &Value| match stage.configuration {
        Configuration::OnlyVacant => unit["OccupancyStatus"].as_str().map(str::trim) != Some("V"),
        Configuration::OnlyCompany(company) => unit["CompanyNo"].as_i64() != Some(company),
        _ => false,
    };
    let units = world.hapi.records("Units").iter().filter(|unit| is_left_out(unit));
    let left_out: BTreeSet<String> = units.map(|unit| mirror::selector("unit", unit)).collect();
    let touched = world.touched_keys();
    let boards = world.boards.iter().filter(|board| board.kind == "unit" && !left_out.is_empty());
    let items = boards.flat_map(|board| world.active_items(&board.board_id));
    let keys = items.filter_map(|item| key_of(&item)).filter(|key| left_out.contains(key) && !touched.contains(key));
    keys.map(|key| format!("{key} is left out, and has an item")).collect()
}

/// Entities that a person had read and sent now, and of which the store, or the item, shows something else than HApi.
fn resynced_and_not(stage: &Stage, line: &str) -> Vec<String> {
    use Configuration::{MissingReported, MissingUnlinked, Whole};
    // What is not mapped is not read.
    if !matches!(stage.configuration, Whole | MissingReported | MissingUnlinked) {
        return Vec::new();
    }
    // What comes from its parents is theirs.
    let own = |mut all: mirror::Shown| {
        let is_own = |column: &String| !column.starts_with("link_") && column != "text_address";
        all.values_mut().for_each(|columns| columns.retain(|column, _| is_own(column)));
        all
    };
    let world = stage.universe.world();
    let stored = own(mirror::wanted_of(&Ledger::open(&stage.store()).records()));
    let there = own(mirror::wanted(&world.hapi));
    let shown = own(mirror::shown(&world.monday, &world.boards).0);
    let doubled: BTreeSet<String> =
        world.doubles.iter().filter_map(|item| world.monday.item(item).and_then(|item| key_of(&item))).collect();
    let mut wrong = Vec::new();
    for entity in line.split(' ').skip(1).filter(|entity| there.contains_key(*entity)) {
        if stored.get(entity) != there.get(entity) {
            wrong.push(format!("{entity} is not as HApi has it"));
        }
        let of = |all: &mirror::Shown, column: &str| all.get(entity).and_then(|columns| columns.get(column)).cloned();
        let columns: BTreeSet<&String> =
            [&there, &shown].iter().filter_map(|all| all.get(entity)).flat_map(Map::keys).collect();
        let differing = columns.into_iter().filter(|column| {
            let is_theirs = world.was_column_changed(entity, column) || world.is_reformed(entity, column);
            !is_theirs && !doubled.contains(entity) && of(&there, column) != of(&shown, column)
        });
        wrong.extend(differing.map(|column| format!("{entity} does not show {column} as HApi has it")));
    }
    wrong
}
