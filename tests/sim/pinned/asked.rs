//! What people and servers ask for, in settings, by name, or by a limit, is heeded: one small story for each.

use crate::happening::{WRITTEN_BY_HAND, change, delete, edit, refuse_values, spoil};
use crate::stage::{Played, ends_well, play};
use crate::story::{Configuration, Story};
use crate::world::Kill;

const SYNC: &str = "sync --allow-deletes -q";

fn played(story: &Story) -> Played {
    crate::silence();
    play(story).unwrap_or_else(|wrong| panic!("{story}{wrong}"))
}

fn loaded(seed: u64) -> Story {
    Story::seeded(seed).units(2).only(&["company", "building", "unit"]).run(SYNC)
}

/// Somebody writes the same into a column each day: it is put right each day, or stays, as the configuration has it.
#[test]
fn what_people_write_is_undone_or_stays_as_it_is_configured() {
    let edit = |story: Story| story.wait(600).then(edit("building", 0, "text_city", WRITTEN_BY_HAND));
    let edited = |story: Story| edit(story).wait(90_000).run(SYNC);
    ends_well(&(0..4).fold(loaded(31), |story, _| edited(story)));
    let kept = loaded(32).configure(Configuration::EditsKept("text_city")).run(SYNC);
    ends_well(&edited(edited(kept)));
}

/// An item that is missing, and is only to be reported, is made again where people say so.
#[test]
fn what_is_missing_is_made_again_where_people_say_so() {
    let story = loaded(33).configure(Configuration::MissingReported).run(SYNC).then(delete("unit", 0));
    let played = played(&story.run("sync -q").run("resync unit --relink"));
    assert!(played.states.contains("resync create_item  0"), "{:?}", played.states);
}

/// A side that asks to be left alone is left alone by later runs too; one that asks for less is waited for.
#[test]
fn who_asks_to_be_left_alone_is_left_alone() {
    for (fault, at) in [("HApi: 429 for ten years", 0), ("HApi: 429 for ten years", 2)] {
        ends_well(&loaded(35).wait(90_000).run("sync -q").struck(at, 1, fault).wait(600).run("pull -q").run("sync -q"));
    }
    for (fault, call) in
        [("monday: 429 for an hour", 0), ("monday: 429 until tomorrow", 0), ("monday: 429 for an hour", 1)]
    {
        let changed =
            loaded(36).wait(3_600).then(change("Units", 0, "Comment", "t1")).run("sync -q").struck(call, 1, fault);
        ends_well(&changed.wait(600).run("push -q").then(change("Units", 0, "Comment", "t2")).run("sync -q"));
    }
    for call in 0..5 {
        let load = Story::seeded(36).units(2).only(&["company", "building", "unit"]).with_imports().run("sync -q");
        let load = load.struck(call, 1, "monday: 429 for an hour").wait(600);
        ends_well(&load.then(change("Units", 0, "Comment", "t1")).run("sync -q"));
    }
    let waited = |story: Story| played(&story).passed;
    let undisturbed = waited(loaded(37).wait(3_600).run(SYNC));
    for request in [0, 1, 3] {
        let limited = waited(loaded(37).wait(3_600).run(SYNC).struck(request, 1, "HApi: 429 for 45 s"));
        assert!(limited >= undisturbed + std::time::Duration::from_secs(30), "{request}: {limited:?}");
    }
}

/// HApi fails, in one way or another, while it is asked for what webhooks named: it is read later.
#[test]
fn what_webhooks_named_while_hapi_failed_is_read_later() {
    crate::silence();
    for fault in ["500", "cut answer", "lost request", "lost answer", "503"] {
        for (at, line) in [(0, SYNC), (2, SYNC), (3, SYNC), (4, SYNC), (0, "listen --sync -q")] {
            let changed = ["t1", "t2"].into_iter().zip([0, 1]).fold(
                loaded(42).with_webhooks().wait(3_600),
                |story, (text, which)| {
                    story.then(change("Units", which, "Comment", text)).then(change("Buildings", which, "City", text))
                },
            );
            ends_well(&changed.wait(1_000).run(line).struck(at, 30, fault).run(SYNC));
        }
    }
}

/// A record that HApi cannot deliver, after it has changed: it is red, or its event waits, until it can.
#[test]
fn what_cannot_be_delivered_is_not_taken_for_read() {
    for (breaks_off, line) in [(true, SYNC), (false, SYNC), (false, "listen --sync -q")] {
        let changed = loaded(44).with_webhooks().wait(3_600).then(change("Units", 0, "Comment", "t1"));
        ends_well(&changed.then(spoil("Units", 0, breaks_off)).wait(1_000).run(line).run(line).run(SYNC));
    }
}

/// A value that was refused is not sent again before its time, however often the program runs.
#[test]
fn what_is_refused_costs_no_call_before_its_time() {
    let refused =
        loaded(38).then(refuse_values("text_code", "11")).then(change("Units", 0, "UnitCode", "11")).run(SYNC);
    let again = (0..3).fold(refused.clone(), |story, _| story.wait(60).run(SYNC));
    assert_eq!(played(&again).calls.monday, played(&refused).calls.monday);
}

/// Wherever a run is killed, what failed in it is reported by the next, though nothing of it is tried then.
#[test]
fn what_failed_in_a_killed_run_is_reported_by_the_next() {
    let changed =
        loaded(34).wait(3_600).then(change("Units", 0, "UnitCode", "11")).then(refuse_values("text_code", "11"));
    for moment in (10..130).step_by(6) {
        ends_well(&changed.clone().run("sync -q").killed(Kill::AtReading(moment)).run("sync -q").run("push -q"));
    }
}

/// What `only` left out, and people let go, is there again before it went: what is left out later needs their word anew.
#[test]
fn what_came_back_before_it_went_may_not_go_later() {
    let only = |story: Story| story.configure(Configuration::OnlyVacant);
    let loaded = Story::seeded(23).units(20).only(&["company", "building", "unit"]).run(SYNC);
    let back =
        only(loaded).run("pull -q --allow-deletes").configure(Configuration::Whole).run("pull -q").run("push -q");
    ends_well(&only(back).run("sync -q").wait(60).run("push -q"));
}

/// One of several entities that are named is not there: the others are dealt with, and the code says that not all were.
#[test]
fn a_selector_that_names_nothing_is_reported_by_the_code() {
    let played = played(&loaded(39).run("resync {unit 0} unit:99999"));
    assert!(
        played.states.iter().any(|state| state.starts_with("resync ") && state.ends_with(" 3")),
        "{:?}",
        played.states
    );
}

/// A lease of a single day.
#[test]
fn a_timeline_may_begin_and_end_on_one_day() {
    let day = |story: Story, property| story.then(change("Tenants", 0, property, "2026-07-01T00:00:00"));
    let load = Story::seeded(40).units(2).only(&["company", "building", "unit", "tenant"]).run(SYNC);
    ends_well(&["LeaseStart", "LeaseEnd"].into_iter().fold(load, day).run(SYNC));
}

/// Servers that repeat what they were sent, secrets and all.
#[test]
fn no_secret_is_shown_that_a_server_repeats() {
    for (after, times) in [(0, 12), (1, 12), (6, 1), (7, 1), (8, 1), (9, 1)] {
        let story = loaded(41).then(change("Units", 0, "Comment", "t1")).run("sync -q");
        ends_well(&story.struck(after, times, "500 that repeats what was sent").run("runs 2 --json").run("status"));
    }
}

/// monday fails at all that is written for a while: nobody is blamed, and the first run after it sends what waits.
#[test]
fn what_waits_for_monday_is_sent_when_it_is_well_again() {
    let text = ["t1", "t2", "t3"];
    for fault in
        ["fault in a 200 after the work", "503 after the work", "conflict of keys after the work", "alias failed"]
    {
        for many in [1, 3] {
            let changed = (0..many).fold(loaded(39).wait(3_600), |story, unit| {
                story.then(change("Units", unit, "Comment", text[usize::try_from(unit).expect("few")]))
            });
            let outage = |story: Story| story.run("sync -q").struck(0, 500, fault).wait(600);
            ends_well(&outage(outage(outage(changed))).run("sync -q").wait(30).run("sync -q"));
        }
    }
}
