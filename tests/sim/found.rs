//! Stories that once ended badly, as short as they could be made.

use crate::happening::{add, change, close_column, double, limit_items, remove, remove_column, retype_column, spoil};
use crate::stage::ends_well;
use crate::story::Story;
use crate::world::Kill;

/// An answer without content, to a question about records that are stored, counted as proof that they are gone.
#[test]
fn no_content_proves_nothing_of_what_is_stored() {
    ends_well(
        &Story::seeded(539)
            .units(1)
            .only(&["company", "building", "unit"])
            .run("sync --allow-deletes -q")
            .run("sync -q")
            .struck(3, 12, "page: 204"),
    );
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

/// A column was of another type for a while: what was refused for that stayed red when it was of its own again.
#[test]
fn what_a_column_of_another_type_refused_is_sent_when_it_is_of_its_own_again() {
    ends_well(
        &Story::seeded(285)
            .units(1)
            .only(&["company", "building", "unit"])
            .run("sync --allow-deletes -q")
            .meanwhile(8, change("Buildings", 2794, "Name", ""))
            .then(retype_column("building", "text_street", "numbers"))
            .run("sync --allow-deletes -q"),
    );
}

/// A column was deleted for a while, and what was to be sent to it then was never sent.
#[test]
fn what_changed_while_a_column_was_deleted_is_sent_when_it_is_there_again() {
    ends_well(
        &Story::seeded(340)
            .units(1)
            .only(&["company", "building", "parking", "storage"])
            .with_imports()
            .then(remove_column("storage", "text_number"))
            .run("sync -q")
            .then(change("Storages", 3634, "StorageNo", "t10"))
            .run("sync --allow-deletes -q --max-calls 6"),
    );
}

/// Items were made without a column that was closed, by a call whose answer was lost: the column was opened before they were found, and
/// was never sent to them.
#[test]
fn what_was_made_without_a_closed_column_gets_it_when_that_is_open_again() {
    ends_well(
        &Story::seeded(482)
            .units(1)
            .only(&["company", "building", "unit"])
            .run("sync --allow-deletes -q")
            .then(change("Buildings", 5861, "Name", ""))
            .then(add("Units", 1339, 60_012))
            .then(close_column("unit", "text_code"))
            .run("sync -q")
            .struck(3, 1, "monday: 401 in HTML"),
    );
}

/// Whatever a story can be played with.
#[test]
fn a_story_runs_as_it_is_written_down() {
    let story = Story::seeded(1)
        .only(&["company", "building", "unit", "tenant"])
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
        .then(remove_column("unit", "link_building"))
        .then(retype_column("unit", "numbers_rent", "text"))
        .then(spoil("Units", 2, true))
        .run("sync -q")
        .blocked(".hapi-token");
    let lines: Vec<String> = story.to_string().lines().map(|line| line.trim().to_owned()).collect();
    let rest = [
        ".units(1)",
        ".only(&[\"company\", \"building\", \"unit\", \"tenant\"])",
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
        ".then(remove_column(\"unit\", \"link_building\"))",
        ".then(retype_column(\"unit\", \"numbers_rent\", \"text\"))",
        ".then(spoil(\"Units\", 2, true))",
        ".run(\"sync -q\")",
        ".blocked(\".hapi-token\")",
    ];
    assert_eq!(lines[1..], rest);
    ends_well(&story);
}
