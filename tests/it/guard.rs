//! Every way in which an item goes passes the guard, and nothing goes in any other way.

use crate::support::{World, output, unit};
use hopem_sandbox::monday::{standard_boards, standard_configuration};
use serde_json::{Value, json};
use std::io::Write;
use std::process::Stdio;

/// So many units, each let, and so many companies beside them.
const UNITS: i64 = 40;
/// More of them than may go within a day: a tenth, but at least five.
const TOO_MANY: i64 = 10;
/// Where the settings of units begin.
const UNIT: &str = "[entities.unit]\n";

/// Units on their board, all pushed; companies too.
fn loaded() -> World {
    let mut world = World::bare();
    for id in 1..=UNITS {
        world.sandbox.hapi().insert("Units", unit(id));
        let company = json!({"CompanyNo": id, "DivisionNo": 1, "Name": format!("Company {id}")});
        world.sandbox.hapi().insert("LedgerDivisions", company);
    }
    let boards = standard_boards(&mut world.sandbox.monday());
    world.boards = boards.into_iter().filter(|board| ["unit", "company"].contains(&board.kind)).collect();
    world.configure(&standard_configuration(&world.boards));
    world.set("MONDAY_DAILY_CALLS", "0");
    world.doc("sync", 0);
    assert_eq!(world.active("unit"), UNITS as usize);
    world
}

impl World {
    /// How many items of a kind's board are there.
    fn active(&self, kind: &str) -> usize {
        self.sandbox.monday().items(self.board(kind)).iter().filter(|item| item.state == "active").count()
    }

    /// Adds settings of units.
    fn set_unit(&self, more: &str) {
        self.edit(UNIT, &format!("{UNIT}{more}\n"));
    }

    fn remove_units(&self, ids: std::ops::RangeInclusive<i64>) {
        let is_one = |unit: &Value| unit["Id"].as_i64().is_some_and(|id| ids.contains(&id));
        assert!(self.sandbox.hapi().remove_where("Units", is_one) > 0);
    }

    fn empty_property(&self, property: &str, ids: std::ops::RangeInclusive<i64>) {
        for id in ids {
            assert!(self.sandbox.hapi().update("Units", id, property, Value::Null), "{id}");
        }
    }

    /// What is wrong with units as a whole, by stage and cause.
    fn kind_failures(&self) -> Vec<String> {
        self.query("SELECT stage || ' ' || cause FROM kind_failures WHERE kind = 'unit' ORDER BY stage")
    }
}

/// What changes a world.
type Happening = fn(&mut World);

/// One way in which items would go, and the commands that would take them.
struct EventSource {
    name: &'static str,
    happens: fn(&World),
    command: &'static str,
    /// Whose failure it is.
    stage: &'static str,
}

#[test]
fn too_many_items_go_in_no_way() {
    let many: fn(&World) = |world| world.remove_units(1..=TOO_MANY);
    let ways = [
        EventSource { name: "absent from a read", happens: many, command: "sync", stage: "pull" },
        EventSource {
            name: "all absent",
            happens: |world| world.remove_units(1..=UNITS),
            command: "sync",
            stage: "pull",
        },
        EventSource {
            name: "out of `filter`",
            happens: |world| world.set_unit("filter = \"Id gt 10\""),
            command: "sync",
            stage: "pull",
        },
        EventSource {
            name: "another entity set",
            happens: |world| world.set_unit("endpoint = \"Buildings\""),
            command: "sync",
            stage: "pull",
        },
        EventSource {
            name: "gone when asked for by hand",
            happens: many,
            command: "resync unit:1 unit:2 unit:3 unit:4 unit:5 unit:6",
            stage: "pull",
        },
        EventSource {
            name: "out of `only` by a slip in it",
            happens: |world| world.set_unit("only = { OccupancyStatus = [\"V\"] }"),
            command: "sync",
            stage: "push",
        },
        EventSource {
            name: "out of `only`, found by a push",
            happens: |world| world.set_unit("only = { OccupancyStatus = [\"V\"] }"),
            command: "push",
            stage: "push",
        },
        EventSource {
            name: "out of `only`, where items are deleted",
            happens: |world| {
                world.set_unit("only = { OccupancyStatus = [\"V\"] }");
                world.edit("[store]\n", "[sync]\non_delete = \"delete\"\n[store]\n");
            },
            command: "sync",
            stage: "push",
        },
        EventSource {
            name: "out of `only`, by another property",
            happens: |world| world.set_unit("only = { Rent = [1, 2] }"),
            command: "sync",
            stage: "push",
        },
    ];
    for EventSource { name, happens, command, stage } in ways {
        let world = loaded();
        happens(&world);
        let run = world.doc(command, 5);
        assert_eq!(run["outcome"], "guarded", "{name}: {run}");
        let reported = run["failures"].as_array().into_iter().flatten().find(|failure| failure["cause"] == "guarded");
        assert_eq!(reported.map(|reported| &reported["entity"]), Some(&json!("unit")), "{name}: {run}");
        assert_eq!(world.active("unit"), UNITS as usize, "{name}");
        assert_eq!(world.kind_failures(), [format!("{stage} guarded")], "{name}");
        // What is kept is kept by later runs too, and the other kinds are done.
        world.sandbox.hapi().update("LedgerDivisions", 1, "Name", json!("Other"));
        for line in ["push", "sync", "push unit", "sync company --allow-deletes", "push company --allow-deletes"] {
            world.line(line);
        }
        assert_eq!(world.active("unit"), UNITS as usize, "{name}, later");
        assert_eq!(world.kind_failures(), [format!("{stage} guarded")], "{name}, later");
    }
}

#[test]
fn a_property_that_hapi_empties_takes_no_board_away() {
    let world = loaded();
    world.set_unit("only = { OccupancyStatus = [\"V\", \"L\"] }");
    world.doc("sync", 0);
    world.empty_property("OccupancyStatus", 1..=UNITS);
    let run = world.doc("sync", 5);
    let reported = &run["failures"][0];
    assert_eq!(
        reported["error"],
        "40 of 40 items of unit would go from their board, more than `max_deletes` (10%) allows within 24 h"
    );
    assert!(
        reported["hint"].as_str().is_some_and(|hint| hint.ends_with("hopem-sync push unit --allow-deletes")),
        "{reported}"
    );
    assert_eq!((&run["push"]["unit"]["archived"], world.active("unit")), (&json!(0), UNITS as usize));
    let quiet = world.line("sync -q").expect(5);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.lines().count()), ("", 1), "{quiet:?}");
    let dry = world.doc("sync --dry-run", 5);
    assert_eq!(dry["plan"], json!([]), "a dry run comes to the same");
    // It is over when the values are back: nothing went, so nothing counts.
    for id in 1..=UNITS {
        world.sandbox.hapi().update("Units", id, "OccupancyStatus", json!("V"));
    }
    let run = world.doc("sync", 0);
    assert_eq!((&run["push"]["unit"]["updated"], world.active("unit")), (&json!(UNITS), UNITS as usize));
    assert_eq!(world.kind_failures(), [""; 0]);
    assert_eq!(world.query("SELECT '' || count(*) FROM departures"), ["0"]);
}

#[test]
fn the_guard_is_lifted_for_the_kinds_named_by_whichever_stage_needs_it() {
    for line in ["push unit --allow-deletes", "push --allow-deletes", "sync unit --allow-deletes"] {
        let world = loaded();
        world.set_unit("only = { OccupancyStatus = [\"V\"] }");
        world.doc("sync", 5);
        let run = world.doc(line, 0);
        assert_eq!((&run["push"]["unit"]["archived"], world.active("unit")), (&json!(UNITS), 0), "{line}");
        assert_eq!(world.kind_failures(), [""; 0], "{line}");
    }
    let world = loaded();
    world.set_unit("only = { OccupancyStatus = [\"V\"] }");
    world.doc("pull unit --allow-deletes", 0);
    world.doc("push", 0);
    assert_eq!(world.active("unit"), 0, "what a pull let through needs no second word");
}

#[test]
fn items_of_every_way_are_counted_together_for_a_day() {
    let world = loaded();
    world.set_unit("only = { OccupancyStatus = [\"L\"] }");
    world.remove_units(1..=3);
    world.doc("sync", 0);
    world.empty_property("OccupancyStatus", 4..=6);
    let run = world.doc("sync", 5);
    assert!(
        run["failures"][0]["error"].as_str().is_some_and(|reported| reported.contains("3 more of 40 items")),
        "{run}"
    );
    assert!(run["failures"][0]["error"].to_string().contains("3 have gone within 24 h"), "{run}");
    world.remove_units(7..=9);
    world.doc("sync", 5);
    assert_eq!(world.active("unit"), 37);
    // What `--allow-deletes` lets through does not count, and what went the day before does not either.
    world.doc("sync unit --allow-deletes", 0);
    assert_eq!(world.active("unit"), 31);
    world.remove_units(10..=11);
    world.doc("sync", 0);
    assert_eq!(world.active("unit"), 29);
    world.remove_units(12..=12);
    world.doc("sync", 5);
    let store = rusqlite::Connection::open(world.store()).expect("the store");
    let day_ago = "at = '2020-01-01T00:00:00.000Z'";
    store.execute(&format!("UPDATE departures SET {day_ago}"), []).expect("a day later");
    store.execute("UPDATE entities SET deleted_at = '2020-01-01T00:00:00.000Z' WHERE deleted_at > ''", []).expect("it");
    drop(store);
    world.doc("sync", 0);
    assert_eq!(world.active("unit"), 28);
}

#[test]
fn an_item_that_went_counts_though_its_entity_has_come_back() {
    let world = loaded();
    world.set_unit("only = { OccupancyStatus = [\"L\"] }");
    world.empty_property("OccupancyStatus", 1..=4);
    world.doc("sync", 0);
    for id in 1..=4 {
        world.sandbox.hapi().update("Units", id, "OccupancyStatus", json!("L"));
    }
    world.doc("sync", 0);
    assert_eq!(world.active("unit"), UNITS as usize, "made again");
    world.empty_property("OccupancyStatus", 5..=6);
    world.doc("sync", 5);
    assert_eq!(world.active("unit"), UNITS as usize, "six within the day");
    // One that comes back before its item went has not gone.
    let world = loaded();
    world.remove_units(1..=4);
    world.doc("pull", 0);
    for id in 1..=4 {
        world.sandbox.hapi().insert("Units", unit(id));
    }
    world.doc("sync", 0);
    world.remove_units(5..=9);
    world.doc("sync", 0);
    assert_eq!(world.active("unit"), UNITS as usize - 5);
}

#[test]
fn where_few_of_many_entities_have_items_all_items_are_still_all() {
    let world = loaded();
    world.set_unit("only = { OccupancyStatus = [\"L\"] }");
    // Most units are outside `only`: four stay on the board.
    world.empty_property("OccupancyStatus", 5..=UNITS);
    world.doc("sync unit --allow-deletes", 0);
    assert_eq!(world.active("unit"), 4);
    world.remove_units(1..=4);
    let run = world.doc("sync", 5);
    assert!(run["failures"][0]["error"].to_string().contains("4 of 4 items"), "{run}");
    assert_eq!(world.active("unit"), 4);
}

#[test]
fn what_is_no_departure_takes_nothing_and_is_no_guards_affair() {
    let settings: [(&str, Happening); 5] = [
        ("switched off", |world| world.set_unit("enabled = false")),
        ("not pushed", |world| world.set_unit("push = false\nonly = { OccupancyStatus = [\"V\"] }")),
        ("without a board", |world| {
            let board = world.board("unit").to_owned();
            world.edit(&format!("board = {board}\n"), "only = { OccupancyStatus = [\"V\"] }\n");
        }),
        ("kept", |world| {
            world.set_unit("only = { OccupancyStatus = [\"V\"] }");
            world.set("SYNC_ON_DELETE", "keep");
        }),
        ("paused", |world| {
            world.set_unit("only = { OccupancyStatus = [\"V\"] }");
            world.line("pause unit").expect(0);
        }),
    ];
    for (name, happens) in settings {
        let mut world = loaded();
        happens(&mut world);
        world.doc("sync", 0);
        assert_eq!(world.active("unit"), UNITS as usize, "{name}");
    }
    let world = loaded();
    world.sandbox.hapi().switch_off("Units");
    world.line("sync");
    assert_eq!(world.active("unit"), UNITS as usize, "a set that HApi refuses is no empty one");
    let ids: Vec<String> = (1..=TOO_MANY).map(|id| format!("unit:{id}")).collect();
    let world = loaded();
    world.line(&format!("unlink --archive-item --yes {}", ids.join(" "))).expect(0);
    world.doc("sync", 0);
    assert_eq!(world.active("unit"), (UNITS - TOO_MANY) as usize, "what a person sends away, goes");
}

#[test]
fn what_was_kept_or_not_pushed_for_long_passes_the_guard_when_it_would_go() {
    let ways: [[fn(&World); 2]; 2] = [
        [
            |world| world.edit("[store]\n", "[sync]\non_delete = \"keep\"\n[store]\n"),
            |world| world.edit("on_delete = \"keep\"", "on_delete = \"archive\""),
        ],
        [|world| world.set_unit("push = false"), |world| world.edit("push = false\n", "")],
    ];
    for [begins, ends] in ways {
        let world = loaded();
        begins(&world);
        world.remove_units(1..=TOO_MANY);
        world.doc("sync --allow-deletes", 0);
        assert_eq!(world.active("unit"), UNITS as usize);
        ends(&world);
        world.doc("sync", 5);
        assert_eq!((world.active("unit"), world.kind_failures()), (UNITS as usize, vec!["push guarded".to_owned()]));
        world.doc("push unit --allow-deletes", 0);
        assert_eq!(world.active("unit"), (UNITS - TOO_MANY) as usize);
    }
}

#[test]
fn webhooks_take_no_more_items_than_reads_do() {
    let mut world = loaded();
    world.set_unit("only = { OccupancyStatus = [\"L\"] }");
    world.doc("sync", 0);
    world.set("LISTEN_SECRET", "s");
    // Some are gone, and others only out of `only`: each way is within its share, both together are not.
    world.remove_units(1..=5);
    world.empty_property("OccupancyStatus", 6..=9);
    let event = |id: i64| {
        let status = if id <= 5 { 2 } else { 1 };
        format!("{{\"Id\":{id},\"Entity\":\"Unit\",\"Status\":{status},\"DatabaseName\":\"A\"}}\n")
    };
    let lines: String = (1..=9).map(event).collect();
    let mut command = world.command(&["listen", "--stdin", "--sync"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("runs");
    child.stdin.take().expect("stdin").write_all(lines.as_bytes()).expect("events");
    let done = child.wait_with_output().expect("it ends");
    assert_eq!(done.status.code(), Some(5), "{done:?}");
    assert_eq!(world.active("unit"), 35, "five are gone, four are kept");
    assert_eq!(world.kind_failures(), ["push guarded"]);
    output(world.command(&["push", "-q"])).expect(5);
    assert_eq!(world.active("unit"), 35);
}

#[test]
fn a_push_of_single_entities_does_not_end_what_the_guard_holds() {
    let world = loaded();
    world.set_unit("only = { OccupancyStatus = [\"V\"] }");
    world.sandbox.hapi().update("Units", 1, "OccupancyStatus", json!("V"));
    world.doc("sync", 5);
    world.doc("resync unit:1", 0);
    assert_eq!(world.kind_failures(), ["push guarded"]);
    let run = world.doc("push unit:1", 0);
    assert_eq!(run["outcome"], "ok");
    assert_eq!(world.kind_failures(), ["push guarded"]);
    // Few are let go by name, and count.
    world.doc("push unit:2 unit:3 unit:4 unit:5 unit:6", 0);
    assert_eq!(world.active("unit"), 35);
    world.doc("push unit:7", 5);
    assert_eq!(world.active("unit"), 35);
}

#[test]
fn a_lost_store_and_a_slip_together_take_nothing_either() {
    let world = loaded();
    world.lose_store();
    world.set_unit("only = { OccupancyStatus = [\"V\"] }");
    world.sandbox.hapi().update("Units", 1, "OccupancyStatus", json!("V"));
    world.line("sync");
    assert_eq!(world.active("unit"), UNITS as usize);
    world.line("sync");
    assert_eq!(world.active("unit"), UNITS as usize);
    world.doc("push", 5);
    assert_eq!(world.active("unit"), UNITS as usize);
}
