//! What the boards show, and how a command ended, at one moment of a story: what comes right later all the same is judged here.

use crate::happening::{
    WRITTEN_BY_HAND, add, change, clear, count_late, delete, double, edit, limit_items, refuse_values, remove, spoil,
};
use crate::stage::{ends_well, play};
use crate::story::{Configuration, Story};
use hopem_sandbox::{Hapi, Portfolio};

const SYNC: &str = "sync --allow-deletes -q";

fn small(seed: u64, units: usize) -> Story {
    Story::seeded(seed).units(units).only(&["company", "building", "unit"])
}

/// How many units HApi has at first in such a story: the next one that comes stands behind them.
pub(super) fn units_of(seed: u64, units: usize) -> u64 {
    let mut hapi = Hapi::new();
    Portfolio::tidy(seed, units).fill(&mut hapi);
    hapi.records("Units").len() as u64
}

/// Where the item of HApi's first unit stands on the board: items are made in the order of the keys.
fn place_of_first(seed: u64, units: usize) -> u64 {
    let mut hapi = Hapi::new();
    Portfolio::tidy(seed, units).fill(&mut hapi);
    let ids = hapi.records("Units").iter().filter_map(|unit| unit["Id"].as_i64());
    let ids: Vec<i64> = ids.collect();
    ids.iter().filter(|id| **id < ids[0]).count() as u64
}

fn loaded(seed: u64, units: usize) -> Story {
    small(seed, units).run(SYNC)
}

/// Who has an item written anew does not ask what the store believes of it.
#[test]
fn what_is_resynced_is_written_whole() {
    let edited = loaded(51, 2).then(edit("unit", place_of_first(51, 2), "text_code", WRITTEN_BY_HAND));
    ends_well(&edited.run("resync {unit 0}").ended(0).shows("{unit 0}"));
}

/// Only what HApi cannot deliver is left out.
#[test]
fn what_stands_behind_a_spoilt_record_is_read() {
    for breaks_off in [false, true] {
        let new = loaded(52, 3).then(add("Units", 0, 60_001)).then(add("Units", 1, 60_002));
        ends_well(&new.then(spoil("Units", units_of(52, 3), breaks_off)).run(SYNC).ended(3).shows("unit:60002"));
    }
}

/// A board that is full: who is refused waits for its time, but not once it has changed.
#[test]
fn who_is_refused_waits_for_its_time_or_for_a_change() {
    crate::silence();
    let full = loaded(53, 6).then(limit_items(0)).then(add("Units", 0, 60_001)).run(SYNC).ended(3);
    let calls = |story: &Story| play(story).unwrap_or_else(|wrong| panic!("{story}{wrong}")).calls.monday;
    let again = (0..3).fold(full.clone(), |story, _| story.wait(60).run(SYNC));
    assert_eq!(calls(&again), calls(&full));
    let changed = full.then(limit_items(90)).then(change("Units", units_of(53, 6), "Comment", "t1"));
    ends_well(&changed.wait(60).run(SYNC).shows("unit:60001"));
}

/// After so many tries it is up to people.
#[test]
fn what_is_refused_time_and_again_is_left_alone() {
    let refused = loaded(54, 2).then(refuse_values("text_code", "11")).then(change("Units", 0, "UnitCode", "11"));
    let tried = [400, 2_000, 8_000, 44_000].into_iter();
    let tried = tried.fold(refused.run(SYNC).ended(3), |story, wait| story.wait(wait).run(SYNC).ended(3));
    ends_well(&tried.wait(50_000).run(SYNC).ended(0));
}

/// A building that is called otherwise: whoever named it so, and finds others through it, shows it no more.
#[test]
fn what_is_called_otherwise_is_no_parent_any_more() {
    let load = Story::seeded(55).units(2).run(SYNC).wait(60);
    ends_well(&load.then(change("Buildings", 0, "BuildingCode", "ZZ")).run("sync -q").ended(0));
}

/// Searches that lag for longer than is believed at first, and a count that does so too.
#[test]
fn monday_is_asked_more_than_once_what_became_of_a_call() {
    for call in 0..2 {
        let world = Story::seeded(56).units(1).only(&["company", "building"]).without_idempotency();
        let story = world.search_lag_ms(80_000).then(count_late()).run(SYNC);
        ends_well(&story.struck(call, 1, "lost answer to a change"));
    }
}

/// Whoever takes an item away a third time within a day wants it gone.
#[test]
fn an_item_that_is_taken_away_again_and_again_is_not_made_any_more() {
    // What was made again stands behind the others.
    let last = units_of(57, 1) - 1;
    let taken = |story: Story, value: &str| {
        let which = if value == "t1" { place_of_first(57, 1) } else { last };
        story.then(delete("unit", which)).then(change("Units", 0, "Comment", value)).wait(600).run("sync -q")
    };
    let twice = taken(taken(loaded(57, 1), "t1").ended(0).shows("{unit 0}"), "t2").ended(0).shows("{unit 0}");
    ends_well(&taken(twice, "t3").ended(3));
}

/// An item is missing on its board, and monday does not say where it is: the board is verified once more.
#[test]
fn a_board_is_verified_only_where_monday_says_where_all_its_items_are() {
    let missing = loaded(58, 2).then(delete("unit", place_of_first(58, 2))).wait(90_000);
    let unsaid = missing.run("sync -q").struck(4, 60, "read: a failed subgraph");
    ends_well(&unsaid.wait(3_600).run("sync -q").shows("{unit 0}"));
}

/// What people say of single entities, and of how many may be dealt with.
#[test]
fn what_is_asked_of_single_entities_is_done() {
    ends_well(&loaded(59, 2).run("unlink {unit 0} --archive-item --yes").run("sync -q"));
    ends_well(&loaded(60, 2).run("forget {unit 0} --yes").ended(0));
    let fewer = (0..4).fold(loaded(61, 5), |story, _| story.then(remove("Units", 0)));
    ends_well(&fewer.run("sync --allow-deletes -q --limit 2").run(SYNC));
    // All of a few: fewer than may always go.
    let few = (0..units_of(62, 2) - 3).fold(small(62, 2), |story, _| story.then(remove("Units", 0))).run(SYNC);
    let rented = (0..3).fold(few, |story, which| story.then(change("Units", which, "OccupancyStatus", "L")));
    ends_well(&rented.run(SYNC).configure(Configuration::OnlyVacant).run("sync -q"));
}

/// What has no value any more is shown no more.
#[test]
fn what_becomes_blank_is_blank_on_the_board() {
    let told = loaded(63, 2).then(change("Units", 0, "Comment", "t1")).run(SYNC).ended(0);
    ends_well(&told.then(clear("Units", 0, "Comment")).run(SYNC).ended(0).shows("{unit 0}"));
}

/// Events are processed once.
#[test]
fn no_event_waits_for_ever() {
    let told = small(64, 2).with_webhooks().run(SYNC).then(change("Units", 0, "Comment", "t1")).wait(1_000);
    ends_well(&told.run("sync -q"));
}

/// One disturbance, of those that every run is to get over: it ends well, and the boards show what changed.
#[test]
fn a_single_disturbance_is_got_over() {
    for (request, fault) in [(0, "token void"), (2, "token void"), (2, "503"), (3, "lost request"), (0, "set: 404")] {
        let changed = loaded(65, 2).wait(90_000).then(change("Units", 0, "Comment", "t1"));
        let disturbed = changed.run("sync -q").struck(request, 1, fault);
        ends_well(&if fault == "set: 404" { disturbed } else { disturbed.ended(0).shows("{unit 0}") });
    }
}

/// A store that knows nothing, and a board of parents that cannot be read: connections to them stay as they are, and who came meanwhile
/// is connected once it can.
#[test]
fn connections_stay_while_the_board_of_the_parents_is_not_known() {
    let lost = small(66, 2).without_idempotency().backup().run(SYNC).wait(3_600).restore();
    let unread = lost.then(add("Units", 0, 60_001)).run("sync -q").struck(2, 3, "read: half of the items").ended(3);
    ends_well(&unread.wait(600).run("sync -q").ended(0).shows("unit:60001"));
}

/// Boards that are read in many pages, and keys that stand on more items than a page holds.
#[test]
fn what_is_read_in_many_pages_is_read_to_its_end() {
    let load = |seed| small(seed, 6).page_items(1).without_idempotency().backup().run(SYNC);
    ends_well(&load(67).wait(90_000).restore().run(SYNC));
    let more = load(68).wait(60).then(add("Units", 0, 60_001)).then(add("Units", 1, 60_002)).run(SYNC);
    ends_well(&more.struck(0, 1, "lost answer to a change"));
    ends_well(&load(69).then(double("unit", 1)).wait(90_000).run(SYNC));
}

/// The token of one user is not another's.
#[test]
fn a_user_whom_hapi_does_not_know_is_not_let_in_with_the_token_of_another() {
    ends_well(&loaded(71, 1).configure(Configuration::OtherUser).wait(60).run("sync -q").ended(6));
}

/// A store that knows nothing, and an item that somebody doubled: the older one is taken over.
#[test]
fn of_doubles_the_older_is_taken_over() {
    let load = small(73, 2).backup().run(SYNC).wait(60).then(double("unit", 1));
    ends_well(&load.restore().run(SYNC));
}
