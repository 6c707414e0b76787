//! What a command that says it ended well may not leave behind.

use crate::check::{is_left_out, mirror};
use crate::deeds::{Before, pushes_everything};
use crate::happening::{key_of, set_of};
use crate::ledger::Ledger;
use crate::stage::{Ended, Stage};
use crate::story::Configuration;
use crate::world::World;
use hopem_sandbox::KINDS;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::time::Duration;

/// Faults by which HApi gives a wrong answer that looks like a right one.
const MISLEADING: [&str; 7] = [
    "page: 204",
    "page: no records in it",
    "page: half of the records",
    "page: first record twice",
    "empty answer",
    "set: 403",
    "set: 404",
];

/// What is not as a command says that ended with 0.
pub(crate) fn not_so_well(stage: &Stage, line: &str, before: &Before, ended: &Ended) -> Vec<String> {
    let mut wrong = Vec::new();
    if ended.code != 0 || ended.had_no_room || line.contains("--dry-run") {
        return wrong;
    }
    match line.split(' ').next().unwrap_or_default() {
        "push" => {
            let ledger = Ledger::open(&stage.store());
            wrong.extend(failed_and_well(stage, line, &ledger, ended));
            wrong.extend(unlinked_and_there(stage, &ledger, line));
        }
        "pull" => wrong.extend(left_unprocessed(stage, &Ledger::open(&stage.store()), ended)),
        "forget" => wrong.extend(remembered(&Ledger::open(&stage.store()), line)),
        "sync" => {
            let ledger = Ledger::open(&stage.store());
            wrong.extend(failed_and_well(stage, line, &ledger, ended));
            wrong.extend(unlinked_and_there(stage, &ledger, line));
            wrong.extend(left_unprocessed(stage, &ledger, ended));
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

/// What failed in a run that ended well, or in one before that was killed: whatever is red, a run that ended has reported.
fn failed_and_well(stage: &Stage, line: &str, ledger: &Ledger, ended: &Ended) -> Vec<String> {
    let unreported = stage.unreported_since.filter(|_| stage.paused.is_empty() && pushes_everything(line));
    let since = unreported.unwrap_or(ended.plan.began).min(ended.plan.began);
    // The store keeps milliseconds.
    let began = stage.universe.world().began.0 + since + Duration::from_millis(1);
    // That a record could not be read is reported by who reads.
    let unread = if line.starts_with("push") { ledger.unread() } else { Vec::new() };
    let failed = ledger.failed().into_iter().filter(|(entity, at)| *at > began && !unread.contains(entity));
    failed.map(|(entity, _)| format!("{entity} failed, and all is said to be well")).collect()
}

/// Items that are there though people had them archived as they dissociated their entities.
fn unlinked_and_there(stage: &Stage, ledger: &Ledger, line: &str) -> Vec<String> {
    if !stage.paused.is_empty() || line.contains("--limit") {
        return Vec::new();
    }
    let world = stage.universe.world();
    let (unlinked, failed) = (ledger.unlinked(), ledger.failed());
    let is_meant = |entity: &String| unlinked.contains(entity) && !failed.iter().any(|(failed, _)| failed == entity);
    let is_active = |item: &str| world.monday.item(item).is_some_and(|item| item.state == "active");
    let kept = stage.to_archive.iter().filter(|(entity, item)| {
        is_meant(entity) && is_active(item) && !world.touched.contains(*item) && !ledger.has_open_calls()
    });
    kept.map(|(entity, item)| format!("item {item} of {entity} was to be archived, and is there")).collect()
}

/// Events that came before a run that read all, and still wait.
fn left_unprocessed(stage: &Stage, ledger: &Ledger, ended: &Ended) -> Vec<String> {
    let began = stage.universe.world().began.0 + ended.plan.began;
    let left = ledger.pending_events().into_iter().filter(|at| *at < began);
    left.map(|at| format!("an event of {at} is not processed")).collect()
}

/// What is kept of an entity that people made the program forget.
fn remembered(ledger: &Ledger, line: &str) -> Option<String> {
    let entity = line.split(' ').nth(1)?;
    ledger.has_traces(entity).then(|| format!("{entity} is not forgotten"))
}

/// What lacks an item after a sync of which nothing but single records that HApi cannot deliver went wrong.
pub(crate) fn not_so_well_beside(stage: &Stage, line: &str, before: &Before, ended: &Ended) -> Vec<String> {
    let is_meant = line.starts_with("sync --allow-deletes -q") && !line.contains("--max") && !line.contains("--limit");
    if ended.code != 3 || ended.plan.struck > 0 || !is_meant || !before.is_settled() || ended.had_no_room {
        return Vec::new();
    }
    let world = stage.universe.world();
    let poisoned = &world.hapi.quirks.poisoned;
    let ledger = Ledger::open(&stage.store());
    if poisoned.is_empty() || !is_alone(&world, stage, &ledger, ended) || world.has_locked {
        return Vec::new();
    }
    let is_delivered = |told: &String| {
        let id = told.strip_suffix(": no item").and_then(|entity| entity.split_once(':')?.1.parse().ok());
        id.is_some_and(|id: i64| !poisoned.iter().any(|(poisoned, _)| *poisoned == id))
    };
    let told = mirror::differences(&world.hapi, &world.monday, &world.boards).into_iter().filter(is_delivered);
    let told = told.filter(|told| !told.split_once(':').is_some_and(|(kind, _)| is_left_out(stage, kind)));
    told.map(|told| format!("HApi delivers it, and {told}")).collect()
}

/// Whether nobody but the program did anything to items or columns, and it had all its way.
fn is_alone(world: &World, stage: &Stage, ledger: &Ledger, ended: &Ended) -> bool {
    let is_still = world.changed <= ended.plan.began && !world.mail.is_on && stage.follows_configuration();
    let are_items_ours = world.touched.is_empty() && world.forgotten.is_empty() && world.rekeyed.is_empty();
    let are_columns_ours = world.changed_columns.is_empty() && world.reformed.is_empty() && world.closed.is_empty();
    is_still
        && are_items_ours
        && are_columns_ours
        && stage.knows_the_boards()
        && stage.paused.is_empty()
        && ledger.unlinked().is_empty()
        && ledger.failed().is_empty()
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
    let is_stored = |kind: &&&str| ledger.has_any(kind) || world.hapi.records(set_of(kind)).is_empty();
    let are_stored = stage.kinds.iter().filter(is_stored).count() == stage.kinds.len();
    let is_believed = |fault: &str| {
        ["page: 204", "page: no records in it", "empty answer"].contains(&fault)
            || !are_stored && ["set: 403", "set: 404"].contains(&fault)
    };
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

/// What is shown, but for what comes from parents, which is theirs.
fn own(mut all: mirror::Shown) -> mirror::Shown {
    let is_own = |column: &String| !column.starts_with("link_") && column != "text_address";
    all.values_mut().for_each(|columns| columns.retain(|column, _| is_own(column)));
    all
}

/// What the store holds otherwise than HApi though a webhook told of it, and its event was processed: nobody would read it again
/// soon. What is red is known to be old.
pub(crate) fn processed_unread(stage: &Stage, ledger: &Ledger) -> Vec<String> {
    let world = stage.universe.world();
    let was_misled = MISLEADING.iter().any(|fault| world.faults.contains_key(fault));
    if !world.mail.is_on || was_misled || !stage.knows_the_boards() {
        return Vec::new();
    }
    let (there, stored) = (own(mirror::wanted(&world.hapi)), own(mirror::wanted_of(&ledger.records())));
    let red: BTreeSet<String> = ledger.failed().into_iter().map(|(entity, _)| entity).collect();
    let is_old = |entity: &String| {
        there.get(entity) != stored.get(entity) && !red.contains(entity) && !world.forgotten.contains(entity)
    };
    let named = ledger.processed_events().into_iter().filter_map(|(name, id, at)| {
        let kind = KINDS.iter().find(|(_, set)| set.strip_suffix('s') == Some(name.as_str()))?.0;
        let entity = format!("{kind}:{id}");
        // The store keeps milliseconds.
        let changed = world.began.0 + *world.mail.changed.get(&entity)? + Duration::from_millis(1);
        (at > changed && !is_left_out(stage, kind)).then_some(entity)
    });
    let old: BTreeSet<String> = named.filter(is_old).collect();
    old.into_iter()
        .map(|entity| format!("{entity} was named by an event that is processed, and was not read"))
        .collect()
}

/// Entities that a person had read and sent now, and of which the store, or the item, shows something else than HApi.
fn resynced_and_not(stage: &Stage, line: &str) -> Vec<String> {
    use Configuration::{MissingReported, MissingUnlinked, Whole};
    // What is not mapped is not read.
    if !matches!(stage.configuration, Whole | MissingReported | MissingUnlinked) {
        return Vec::new();
    }
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
