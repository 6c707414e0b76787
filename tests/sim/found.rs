//! Stories that once ended badly, as short as they could be made.

use crate::happening::{add, change, close_column, double, limit_items, remove, spoil};
use crate::story::Story;
use crate::world::Kill;

fn ends_well(story: &Story) {
    crate::silence();
    if let Err(wrong) = crate::stage::tell(story) {
        panic!("{story}{wrong}");
    }
}

/// A look-up before items are made had to wait for its board, and those that it was for were passed over: the sync ended well
/// and left them pending.
#[test]
fn what_a_look_up_has_to_wait_for_is_sent_in_the_same_run() {
    ends_well(
        &Story::seeded(28)
            .units(5)
            .without_idempotency()
            .search_lag_ms(300)
            .run("sync --allow-deletes -q")
            .struck(12, 1, "slow by 3 s")
            .killed(Kill::BeforeSending(21))
            .wait(627)
            .then(change("Parkings", 6998, "Comment", "t0"))
            .then(change("Units", 2341, "Comment", "t1"))
            .then(add("TenantParkings", 9094, 60_002))
            .then(change("Units", 3450, "Comment", "t4"))
            .run("sync --allow-deletes -q --max-calls 6")
            .struck(18, 1, "no connection")
            .struck(1, 1, "504 in HTML")
            .struck(51, 1, "lost answer")
            .wait(1761)
            .then(remove("Storages", 2256))
            .then(add("Units", 2863, 60_013))
            .run("sync --allow-deletes -q --max-calls 6"),
    );
}

/// A change was made each time that monday failed at it, and the next verification saw it: nothing was left to send, and the
/// entity stayed red for good.
#[test]
fn what_was_done_though_monday_failed_at_it_does_not_stay_red() {
    ends_well(
        &Story::seeded(51)
            .run("sync --allow-deletes -q")
            .wait(200)
            .then(change("TenantParkings", 0, "Plate1", "XYZ 987"))
            .run("sync --allow-deletes -q")
            .struck(0, 12, "data is null after the work"),
    );
}

/// The beginning of a token was taken for a token, and its refusal for a refused login.
#[test]
fn half_of_a_token_is_no_token() {
    ends_well(&Story::seeded(384).run("sync --allow-deletes -q").struck(0, 12, "cut answer"));
}

/// Those that were sent apart, since their call had failed, were more than a call may carry: it was sent for ever.
#[test]
fn what_is_sent_apart_is_no_larger_than_a_call_may_be() {
    // The buildings' call, and the same call once more after the look for them.
    for again in 10..15 {
        let load = Story::seeded(72).units(1).batch(3).run("sync --allow-deletes -q");
        ends_well(&load.struck(3, 1, "no data after the work").struck(again, 1, "no data after the work"));
    }
}

/// The columns of an item that are sent one by one were more than a call may carry.
#[test]
fn columns_that_are_sent_alone_go_in_several_calls() {
    for call in 2..5 {
        let load = Story::seeded(7).units(1).batch(3).run("sync --allow-deletes -q");
        ends_well(&load.struck(call, 3, "alias refused without a reason"));
    }
}

/// Whatever a story can be told with.
#[test]
fn a_story_is_told_as_it_is_written_down() {
    let story = Story::seeded(1)
        .units(1)
        .batch(8)
        .daily_calls(60)
        .with_webhooks()
        .backup()
        .run("sync -q")
        .struck(1, 2, "500")
        .meanwhile(4, change("Units", 3, "Comment", "t1"))
        .disk_full_after(90)
        .restore()
        .run("sync -q")
        .power_cut(Kill::AfterSending(12))
        .then(double("unit", 1))
        .then(close_column("unit", "text_code"))
        .then(limit_items(1))
        .then(spoil("Units", 2, true))
        .run("sync -q")
        .blocked(".hapi-token");
    let lines: Vec<String> = story.to_string().lines().map(|line| line.trim().to_owned()).collect();
    let rest = [
        ".units(1)",
        ".batch(8)",
        ".daily_calls(60)",
        ".with_webhooks()",
        ".backup()",
        ".run(\"sync -q\")",
        ".struck(1, 2, \"500\")",
        ".meanwhile(4, change(\"Units\", 3, \"Comment\", \"t1\"))",
        ".disk_full_after(90)",
        ".restore()",
        ".run(\"sync -q\")",
        ".power_cut(Kill::AfterSending(12))",
        ".then(double(\"unit\", 1))",
        ".then(close_column(\"unit\", \"text_code\"))",
        ".then(limit_items(1))",
        ".then(spoil(\"Units\", 2, true))",
        ".run(\"sync -q\")",
        ".blocked(\".hapi-token\")",
    ];
    assert_eq!(lines[1..], rest);
    ends_well(&story);
}
