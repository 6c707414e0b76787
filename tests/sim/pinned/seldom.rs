//! What random stories hardly ever come by: two things that have to meet.

use super::moment::units_of;
use crate::happening::{bring_back, change, close_column, delete, double, refuse_values, remove};
use crate::stage::{Played, ends_well, play};
use crate::story::{Configuration, Story};

const SYNC: &str = "sync --allow-deletes -q";

fn played(story: &Story) -> Played {
    crate::silence();
    play(story).unwrap_or_else(|wrong| panic!("{story}{wrong}"))
}

fn small(seed: u64, units: usize) -> Story {
    Story::seeded(seed).units(units).only(&["company", "building", "unit"])
}

/// The item of a building goes: whoever connects to it connects to what takes its place, or to nothing, be it that the run ends before there
/// is anything in its place.
#[test]
fn nobody_connects_to_an_item_that_is_gone() {
    for (configuration, line) in
        [(Configuration::Whole, "sync -q --max-calls 3"), (Configuration::MissingUnlinked, "sync -q")]
    {
        for building in 2..5 {
            let load = small(89, 2).run(SYNC).configure(configuration).run(SYNC).ended(0);
            let missing = load.then(delete("building", building)).wait(600);
            // Their names are nothing that units show.
            let renamed = (0..6).fold(missing, |story, which| story.then(change("Buildings", which, "Name", "t1")));
            ends_well(&renamed.run(line).wait(600).run("sync -q"));
        }
    }
    for line in ["unlink {building} --yes", "unlink {building} --archive-item --yes"] {
        ends_well(&Story::seeded(91).units(2).run(SYNC).run(line).run(SYNC));
    }
}

/// An entity that is forgotten, and comes back, while its board holds as many items as are known: somebody deleted another one.
#[test]
fn what_is_forgotten_and_comes_back_is_known_again() {
    let forgotten = small(82, 2).run(SYNC).wait(60).run("forget {unit 0} --yes").ended(0);
    ends_well(&forgotten.then(delete("unit", 1)).then(delete("building", 0)).wait(60).run(SYNC));
}

/// What a filter leaves out goes.
#[test]
fn what_a_filter_leaves_out_goes() {
    ends_well(&small(83, 20).run(SYNC).configure(Configuration::OnlyCompany(4)).run(SYNC).ended(0));
}

/// Each refusal of a call is heard: several cost no more calls than one.
#[test]
fn each_refusal_of_a_call_is_heard() {
    let refused = |units: u64| {
        let load = small(84, 3).run(SYNC).wait(60).then(refuse_values("text_code", "11"));
        (0..units).fold(load, |story, unit| story.then(change("Units", unit, "UnitCode", "11"))).run(SYNC).ended(3)
    };
    assert_eq!(played(&refused(3)).calls.monday, played(&refused(1)).calls.monday);
}

/// A column that is refused, or that nobody may edit, beside others that change.
#[test]
fn only_the_column_at_fault_is_left_out() {
    let changed = |story: Story| {
        let story = story.then(change("Units", 0, "UnitCode", "11"));
        story.then(change("Units", 0, "Comment", "t1")).wait(60).run(SYNC)
    };
    ends_well(&changed(small(85, 2).run(SYNC).then(refuse_values("text_code", "11"))));
    ends_well(&changed(small(86, 2).run(SYNC).then(close_column("unit", "text_code"))));
}

/// The day of which so many calls may be made is that of UTC: the next begins seven hours before Quebec's, in winter five.
#[test]
fn the_day_of_the_calls_is_that_of_utc() {
    let spent = small(87, 6).batch(4).daily_calls(6).run("pull -q").wait(20 * 3_600).run("push -q");
    ends_well(&spent.wait(5 * 3_600).run("push -q"));
}

/// A call that finds no connection gives its share of the calls that are allowed back; another board takes it.
#[test]
fn what_finds_no_connection_is_not_sent_again_past_what_is_allowed() {
    for calls in 9..12 {
        let load = Story::seeded(88).units(4).only(&["company", "building", "unit", "parking"]).batch(4);
        let load = load.run("pull -q").run(&format!("push -q --max-calls {calls}"));
        ends_well(&load.struck(calls - 2, 1, "no connection").struck(calls, 9, "slow by 3 s"));
    }
}

/// What was lost is looked for, and sent again, within the calls that are allowed.
#[test]
fn what_was_lost_is_not_sent_again_past_what_is_allowed() {
    for calls in 2..6 {
        let load = Story::seeded(99).only(&["company"]).without_idempotency().run("pull -q");
        ends_well(&load.run(&format!("push -q --max-calls {calls}")).struck(1, 1, "lost request").run("push -q"));
    }
}

/// An item that people took away, which is only to be reported: it is back, or another one bears its key.
#[test]
fn what_is_missing_and_back_is_red_no_more() {
    let reported = |seed| small(seed, 2).run(SYNC).configure(Configuration::MissingReported).run(SYNC).ended(0);
    let back = reported(92).then(delete("unit", 1)).wait(90_000).run(SYNC).ended(3).then(bring_back("unit", 0));
    ends_well(&back.wait(90_000).run(SYNC).ended(0));
    let doubled = reported(93).then(double("unit", 1)).then(delete("unit", 1));
    ends_well(&doubled.wait(90_000).run(SYNC).ended(0));
}

/// An item that people take away now and then is made again each time.
#[test]
fn what_is_taken_away_now_and_then_is_made_again() {
    // What was made again stands behind the others.
    let last = units_of(94, 1) - 1;
    let taken = |story: Story, which| story.then(delete("unit", which)).wait(90_000).run(SYNC).ended(0);
    ends_well(&[0, last, last, last].into_iter().fold(small(94, 1).run(SYNC), taken));
}

/// monday fails at an item that is to go: it goes later.
#[test]
fn an_item_whose_removal_failed_goes_all_the_same() {
    for fault in ["alias failed", "fault in a 200 after the work", "lost request"] {
        let load = small(95, 3).run(SYNC).then(remove("Units", 0)).then(change("Units", 1, "Comment", "t1"));
        ends_well(&load.wait(60).run(SYNC).struck(0, 1, fault).wait(60).run(SYNC).ended(0));
    }
}

/// What monday refuses to be asked for at once is asked for in parts, all of them.
#[test]
fn a_question_that_is_too_much_is_put_in_parts() {
    let changed = (0..3)
        .fold(small(97, 3).run(SYNC).wait(60), |story, which| story.then(change("Units", which, "Comment", "t1")));
    let refused = changed.run(SYNC).struck(0, 1, "two aliases refused as if their items were gone");
    ends_well(&refused.struck(1, 1, "read: too complex"));
}

/// An outage costs few calls, however often it is tried.
#[test]
fn an_outage_costs_few_calls() {
    let outage = |story: Story| story.run("sync -q").struck(0, 500, "503 after the work").wait(600);
    let calls = |units: u64, outages: u64| {
        let load = small(98, 4).run(SYNC).wait(3_600);
        let changed = (0..units).fold(load, |story, which| story.then(change("Units", which, "Comment", "t1")));
        played(&(0..outages).fold(changed, |story, _| outage(story))).calls.monday
    };
    let all = [(1, 1), (1, 3), (6, 1), (6, 3)].map(|(units, outages)| calls(units, outages));
    assert_eq!(all, [16, 20, 29, 37]);
}

/// A run whose time is over ends, though monday answers slowly.
#[test]
fn a_run_whose_time_is_over_ends() {
    for kind in ["slow by 25 s", "slow by 3 s"] {
        for seconds in [20, 60, 90] {
            let load = small(100, 6).batch(4).run(&format!("sync -q --max-duration {seconds}s"));
            ends_well(&load.struck(0, 40, kind));
        }
    }
}
