//! One small story, and one thing that goes wrong at each of its requests in turn: what random stories meet once in hundreds is met
//! here each time.

mod asked;
mod moment;
mod seldom;

use crate::happening::{
    Happening, add, archive, bring_back, change, count_late, delete, edit, keep_in_form, lock, refuse_names,
    refuse_values, remove, remove_all,
};
use crate::stage::{ends_well, play};
use crate::story::{Configuration, Story};
use crate::world::Kill;
use std::time::Duration;

const SYNC: &str = "sync --allow-deletes -q";

/// A load, then a sync that changes, makes and takes away one item each.
fn story(seed: u64) -> Story {
    Story::seeded(seed)
        .units(1)
        .without_idempotency()
        .search_lag_ms(300)
        .run("sync --allow-deletes -q")
        .wait(3_600)
        .then(change("Units", 0, "Comment", "à repeindre"))
        .then(add("Parkings", 0, 60_001))
        .then(remove("TenantParkings", 0))
        .run("sync --allow-deletes -q")
}

/// Plays the story with the fault at each of these requests of the second sync.
fn each_in_turn(fault: &'static str, requests: std::ops::Range<u64>) {
    for request in requests {
        ends_well(&story(request).struck(request, 1, fault));
    }
}

#[test]
fn whichever_request_is_lost_on_its_way() {
    each_in_turn("lost request", 12..26);
}

#[test]
fn whichever_request_finds_no_connection() {
    each_in_turn("no connection", 12..26);
}

#[test]
fn whichever_answer_to_a_change_is_lost() {
    each_in_turn("lost answer to a change", 0..4);
}

/// monday cuts calls off and works on, slowly. It does not show that one reading of the board would be too few: nothing here goes wrong with one.
#[test]
fn what_monday_works_on_after_it_cut_a_call_off_is_waited_for() {
    crate::silence();
    let story = Story::seeded(1).units(1).only(&["company", "building"]).without_idempotency().pace_ms(100_000);
    let story = story.run("sync --allow-deletes -q");
    if let Err(wrong) = play(&story) {
        panic!("{story}{wrong}");
    }
}

/// monday works on after the answer was given up, until shortly before the board is asked, and searches lag behind.
#[test]
fn whichever_change_is_made_just_before_the_first_reading() {
    crate::silence();
    for call in 0..4 {
        let story = story(call).search_lag_ms(20_000).struck(call, 1, "done just before the first look-up");
        if let Err(wrong) = play(&story) {
            panic!("{story}{wrong}");
        }
    }
}

#[test]
fn whichever_change_is_refused_as_if_its_item_were_gone() {
    each_in_turn("two aliases refused as if their items were gone", 0..4);
}

#[test]
fn a_login_that_is_refused_is_not_tried_again() {
    crate::silence();
    for login in 0..2 {
        let story = Story::seeded(login).units(1).run("sync --allow-deletes -q").struck(login, 6, "login: 401");
        let again = story.wait(90_000).run("sync --allow-deletes -q").struck(0, 6, "login: 401");
        if let Err(wrong) = play(&again) {
            panic!("{again}{wrong}");
        }
    }
}

/// Yesterday's store takes the place of today's, after an item was made; then a look at the board is spoilt.
fn yesterdays_store(seed: u64) -> Story {
    Story::seeded(seed)
        .units(1)
        .without_idempotency()
        .run("sync --allow-deletes -q")
        .backup()
        .wait(3_600)
        .then(add("Parkings", 0, 60_001))
        .run("sync --allow-deletes -q")
        .wait(3_600)
        .restore()
        .run("sync --allow-deletes -q")
}

#[test]
fn what_was_made_since_yesterdays_store_is_found() {
    crate::silence();
    for (seed, fault) in
        ["", "read: half of the items", "read: null items", "read: no column values"].iter().enumerate()
    {
        for look in 0..if fault.is_empty() { 1 } else { 3 } {
            let story = yesterdays_store(u64::try_from(seed).expect("a small number"));
            let story = if fault.is_empty() { story } else { story.struck(look, 1, fault) };
            if let Err(wrong) = play(&story) {
                panic!("{story}{wrong}");
            }
        }
    }
}

/// The board holds as many items as yesterday's store knows of: one was made since, and one was taken away by hand.
#[test]
fn what_was_made_since_is_found_though_the_count_is_as_it_was() {
    crate::silence();
    let story = Story::seeded(1)
        .units(1)
        .without_idempotency()
        .run("sync --allow-deletes -q")
        .backup()
        .wait(3_600)
        .then(add("Parkings", 0, 60_001))
        .run("sync --allow-deletes -q")
        .then(delete("parking", 0))
        .wait(3_600)
        .restore()
        .run("sync --allow-deletes -q");
    if let Err(wrong) = play(&story) {
        panic!("{story}{wrong}");
    }
}

/// No reading of the board is ever whole, or answered: it is left alone, and not read over and over.
#[test]
fn a_board_that_is_never_read_whole_is_left_alone() {
    crate::silence();
    for fault in ["read: half of the items", "read: null items", "read: a failed subgraph"] {
        let story = yesterdays_store(1).only(&["company", "building", "parking"]).struck(0, 60, fault);
        if let Err(wrong) = play(&story) {
            panic!("{story}{wrong}");
        }
    }
}

#[test]
fn whatever_becomes_of_one_change_of_a_call() {
    crate::silence();
    for fault in [
        "alias failed",
        "alias failed after its work",
        "three aliases failed after their work",
        "first alias missing after the work",
        "all aliases null after the work",
    ] {
        for call in 1..4 {
            let load = Story::seeded(call).units(2).without_idempotency().run("sync --allow-deletes -q");
            let story = load.struck(call, 1, fault);
            if let Err(wrong) = play(&story) {
                panic!("{story}{wrong}");
            }
        }
    }
}

#[test]
fn what_monday_asks_to_wait_is_waited() {
    crate::silence();
    let limit = "monday: 429 for 20 s";
    let passed = |story: &Story| play(story).unwrap_or_else(|wrong| panic!("{story}{wrong}"));
    let undisturbed = passed(&story(1)).passed;
    let mut waits = 0;
    for call in 0..8 {
        let story = story(1).struck(call, 1, limit);
        let played = passed(&story);
        if played.faults.contains_key(limit) {
            waits += 1;
            assert!(played.passed >= undisturbed + Duration::from_secs(12), "{story}{played:?}");
        }
    }
    assert!(waits > 3, "{waits}");
}

/// What an undisturbed story costs, its two syncs in the end included: requests to HApi, and calls to monday. Nothing is written that is
/// shown already.
#[test]
fn what_is_undisturbed_costs_no_call_too_many() {
    crate::silence();
    let loaded = || Story::seeded(1).units(1).run(SYNC).wait(3_600);
    let stories = [
        ("a load", loaded(), (47, 16)),
        ("a large load", Story::seeded(1).units(40).batch(25).run(SYNC), (53, 23)),
        ("a load by imports", Story::seeded(1).units(40).with_imports().run(SYNC), (53, 45)),
        ("a change", loaded().then(change("Units", 0, "Comment", "t1")).run(SYNC), (62, 18)),
        ("a change that children show", loaded().then(change("Buildings", 0, "City", "Saguenay")).run(SYNC), (62, 18)),
        ("one that comes", loaded().then(add("Units", 0, 60_001)).run(SYNC), (62, 18)),
        ("one that goes", loaded().then(remove("Units", 0)).run(SYNC), (63, 19)),
        ("what people wrote", loaded().then(edit("building", 0, "text_city", "by hand")).run(SYNC), (62, 17)),
        ("what people deleted", loaded().then(delete("unit", 0)).run(SYNC), (62, 19)),
    ];
    let mut wrong = String::new();
    for (what, story, calls) in stories {
        let played = play(&story).unwrap_or_else(|wrong| panic!("{story}{wrong}"));
        if (played.calls.hapi, played.calls.monday) != calls || played.idle > 0 {
            wrong += &format!("{what}: {:?}, {} values for nothing, not {calls:?}\n", played.calls, played.idle);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// What a run may not do is judged after each: see `deeds.rs`.
#[test]
fn what_people_ask_for_is_heeded() {
    crate::silence();
    let loaded = |units| Story::seeded(1).units(units).run(SYNC).wait(3_600);
    let lost = |story: Story, set| (0..9).fold(story, |story, _| story.then(remove(set, 0)));
    let changed = |story: Story| story.then(change("Units", 0, "Comment", "t1"));
    let stories = [
        changed(loaded(1).run("pause {unit}")).run(SYNC).run("resume unit").run(SYNC),
        changed(loaded(1).run("pause unit")).then(add("Units", 0, 60_001)).run(SYNC),
        changed(loaded(1).run("unlink {unit} --yes")).run(SYNC).wait(90_000).run(SYNC),
        changed(loaded(1)).run("sync --dry-run").run("push --dry-run").run(SYNC),
        changed(loaded(1)).run("pull -q").run("push --dry-run").run("push -q"),
        Story::seeded(1).units(2).run("pull -q").run("push -q --limit 3").run("sync -q --max-calls 6"),
        // All of a kind, and many of it, at once and one after the other.
        lost(loaded(1), "Parkings").run("sync -q"),
        lost(loaded(10), "Units").run("sync -q").run("pull -q").run("push -q"),
        lost(loaded(5), "Units").run("sync -q").then(remove("Units", 0)).run("sync -q"),
    ];
    for story in stories {
        if let Err(wrong) = play(&story) {
            panic!("{story}{wrong}");
        }
    }
}

/// A first load by imports.
fn imports(seed: u64) -> Story {
    let story = Story::seeded(seed).units(1).without_idempotency().with_imports().search_lag_ms(20_000);
    story.run("sync --allow-deletes -q")
}

/// Plays the story with something wrong at every third of its requests in turn.
fn at_requests(first: u64, wrong_at: impl Fn(Story, u64) -> Story) {
    crate::silence();
    for request in (first..60).step_by(3) {
        let story = wrong_at(imports(request), request);
        if let Err(wrong) = play(&story) {
            panic!("{story}{wrong}");
        }
    }
}

#[test]
fn whichever_request_of_an_import_is_lost() {
    at_requests(9, |story, request| story.struck(request, 1, "lost request"));
}

#[test]
fn whichever_answer_of_an_import_is_lost() {
    at_requests(10, |story, request| story.struck(request, 1, "lost answer"));
}

#[test]
fn wherever_an_import_is_killed() {
    at_requests(11, |story, request| {
        let kill = match request / 3 % 3 {
            0 => Kill::BeforeSending(request),
            1 => Kill::AfterSending(request),
            _ => Kill::BeforeReading(request),
        };
        story.killed(kill).run("sync --allow-deletes -q")
    });
}

#[test]
fn whatever_becomes_of_an_import() {
    crate::silence();
    for request in 13..19 {
        ends_well(&imports(1).struck(request, 1, "no connection"));
    }
    let files = ["file: lost on its way", "file: answer lost", "file: no answer", "file: no connection", "file: 403"];
    let jobs = [
        "file: 503 after the work",
        "import: rejected",
        "import: breaks off",
        "import: loses rows",
        "import: forgotten",
    ];
    for fault in files.into_iter().chain(jobs).chain(["imports: none for this account"]) {
        for (after, times) in [(0, 1), (2, 9)] {
            let story = imports(after).struck(after, times, fault);
            if let Err(wrong) = play(&story) {
                panic!("{story}{wrong}");
            }
        }
    }
}

#[test]
fn the_points_of_a_minute_are_used_up_and_no_call_is_refused_for_them() {
    crate::silence();
    let played = |points: u64| {
        // Dearer than is believed before an answer says what a change costs.
        let story = Story::seeded(4).units(150).batch(100).points(points).dearness(3).run("push -q");
        let story = Story { steps: [Story::seeded(4).run("pull -q").steps, story.steps.clone()].concat(), ..story };
        play(&story).unwrap_or_else(|wrong| panic!("{story}{wrong}"))
    };
    let (narrow, wide) = (played(3_000_000), played(3_000_000_000));
    assert_eq!((narrow.limited, wide.limited), (0, 0));
    // Each new item costs 30,000 points; what the minute under way at the end may still spend is left out.
    let (spent, minutes) = (narrow.entities as u64 * 30_000, narrow.longest.as_secs() / 60);
    let share = spent as f64 / (minutes * 3_000_000) as f64;
    eprintln!("{} items in {:?}: {share:.2} of the points of {minutes} minutes", narrow.entities, narrow.longest);
    assert!(share >= 0.9, "{share} of the points, in {:?}", narrow.longest);
}

/// What people arrange against single changes is reported of them, and is over when they put it right.
#[test]
fn what_is_refused_by_name_by_value_and_by_board_is_sent_when_it_is_taken() {
    let story = |what: Happening| {
        Story::seeded(21)
            .units(3)
            .only(&["company", "building", "unit"])
            .run("sync --allow-deletes -q")
            .then(what)
            .then(add("Units", 1, 60_001))
            .then(change("Units", 2, "Comment", "no such word"))
            .then(change("Units", 0, "UnitCode", "11"))
            .run("sync --allow-deletes -q")
            .run("sync --allow-deletes -q")
    };
    for what in [
        lock("unit"),
        refuse_names("1"),
        refuse_values("text_code", "1"),
        refuse_values("long_text_comment", "no such"),
        keep_in_form("unit", "text_code"),
        count_late(),
    ] {
        ends_well(&story(what));
    }
}

/// An item that people took away and brought back, once another stands in its place; and all records of a kind that go at once.
#[test]
fn what_goes_and_comes_back_is_there_once() {
    let story = Story::seeded(22).units(3).only(&["company", "building", "unit"]).run("sync --allow-deletes -q");
    let brought_back = story
        .clone()
        .then(archive("unit", 1))
        .then(change("Units", 1, "Comment", "x"))
        .wait(90_000)
        .run("sync --allow-deletes -q")
        .then(bring_back("unit", 0))
        .run("sync --allow-deletes -q");
    ends_well(&brought_back);
    ends_well(&story.then(remove_all("Units")).run("sync -q").wait(60).run("sync -q"));
}

/// Too many items that would go by a change of `only`: the guard holds them, time after time, until people let them go or think better.
#[test]
fn what_the_guard_holds_in_a_push_is_held_until_people_allow_it() {
    let story = |ending: &str| {
        Story::seeded(23)
            .units(20)
            .only(&["company", "building", "unit"])
            .run("sync --allow-deletes -q")
            .configure(Configuration::OnlyVacant)
            .run("sync -q")
            .wait(60)
            .run("sync -q")
            .run(ending)
            .run("sync -q")
    };
    ends_well(&story("push -q"));
    ends_well(&story("push -q --allow-deletes"));
}

/// Items whose keys people took away, and a store that knows nothing of them: they are known by their code and their building.
#[test]
fn what_has_lost_its_key_is_known_by_its_identity() {
    ends_well(
        &Story::seeded(27)
            .units(4)
            .only(&["company", "building", "unit"])
            .configure(Configuration::ByIdentity)
            .backup()
            .run("sync --allow-deletes -q")
            .then(edit("unit", 2, "text_key", ""))
            .then(edit("unit", 1, "text_key", ""))
            .restore()
            .run("sync --allow-deletes -q"),
    );
}

/// Items that people took away, where that is reported, or dissociates; and new items that are to connect to one of them.
#[test]
fn what_people_took_away_is_reported_dissociated_or_made_again() {
    for configuration in [Configuration::Whole, Configuration::MissingReported, Configuration::MissingUnlinked] {
        let story = |kind: &'static str, set: &'static str| {
            Story::seeded(25)
                .units(3)
                .only(&["company", "building", "unit"])
                .run("sync --allow-deletes -q")
                .configure(configuration)
                .run("sync --allow-deletes -q")
                .then(delete(kind, 0))
                .then(change(set, 0, "City", "Laval"))
                .then(change(set, 0, "Comment", "x"))
                .then(add("Units", 0, 60_001))
                .run("sync --allow-deletes -q")
                .wait(90_000)
                .run("sync --allow-deletes -q")
        };
        ends_well(&story("unit", "Units"));
        ends_well(&story("building", "Buildings"));
    }
}

/// monday refuses whole calls, however small they are.
#[test]
fn documents_that_are_refused_again_and_again_end_the_work_on_their_boards() {
    ends_well(
        &Story::seeded(26)
            .units(12)
            .only(&["company", "building", "unit"])
            .run("sync --allow-deletes -q")
            .struck(0, 60, "document refused")
            .wait(3_600)
            .run("sync --allow-deletes -q"),
    );
}

/// What people have read now is as HApi has it at that moment.
#[test]
fn what_is_resynced_is_read_anew() {
    ends_well(
        &Story::seeded(28)
            .units(3)
            .only(&["company", "building", "unit"])
            .run("sync --allow-deletes -q")
            .then(change("Units", 0, "Comment", "à repeindre"))
            .run("resync {unit 0}"),
    );
}
