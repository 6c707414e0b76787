//! Text from outside that wants to be more than text: on every screen and in every export it stays text.

use crate::support::{Output, World, on_terminal};
use serde_json::{Value, json};

/// An escape sequence, a C1 one, marks that turn the reading direction, a bell, line ends, a formula.
const HOSTILE: &str =
    "=cmd|'/C calc'!A0\u{1b}[31mred\u{1b}]0;title\u{7}\u{9b}2J\u{202e}desrever\u{2066}\u{200f}\r\nnext\tline\u{7f}";

/// Tenants whose names and values are hostile, or very long; and units that are. One name stands in an error of monday's.
fn hostile() -> World {
    let world = World::tidy(5);
    {
        let mut hapi = world.sandbox.hapi();
        for (id, text) in [(1, HOSTILE.to_owned()), (2, "ÿ".repeat(10_000)), (3, format!("@{}", "w ".repeat(5_000)))] {
            for property in ["LastName", "FirstName", "Comment", "EmailAddress"] {
                assert!(hapi.update("Tenants", id, property, json!(text)), "{property}");
            }
            hapi.update("Units", id, "OccupancyStatus", json!(text));
        }
    }
    world.run(&["sync"]);
    // What monday refuses is reported in its own words, with the value in them.
    world.sandbox.hapi().update("Tenants", 1, "CellPhone", json!(HOSTILE));
    world.run(&["pause", "tenant:2", "--reason", HOSTILE]);
    world.run(&["sync"]);
    world
}

/// Whether anything but lines, tabs and what is printed is in a text.
fn acts(text: &str) -> bool {
    text.chars().any(|c| {
        let turns =
            matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}');
        turns || (c.is_control() && c != '\n' && c != '\t')
    })
}

const SCREENS: [&[&str]; 16] = [
    &["status"],
    &["status", "--state", "error"],
    &["status", "tenant"],
    &["status", "unit"],
    &["status", "tenant:1"],
    &["status", "tenant:2"],
    &["status", "tenant:3"],
    &["status", "--search", "=cmd|"],
    &["explain", "tenant:1"],
    &["explain", "tenant:2"],
    &["explain", "unit:3"],
    &["runs"],
    &["runs", "1", "--changes"],
    &["runs", "2", "--changes"],
    &["push", "--dry-run"],
    &["config", "show"],
];

#[test]
fn on_every_screen_hostile_text_stays_text() {
    let world = hostile();
    for screen in SCREENS {
        for lang in ["en", "fr"] {
            let arguments = [screen, &["--lang", lang]].concat();
            for (where_to, Output { code, stdout, stderr }) in
                [("a file", world.run(&arguments)), ("a terminal", world.on_terminal(&arguments))]
            {
                assert!(matches!(code, 0 | 3) && !stdout.is_empty(), "{arguments:?} to {where_to}: {code} {stderr}");
                assert!(!acts(&stdout) && !acts(&stderr), "{arguments:?} to {where_to}: {stdout:?} {stderr:?}");
            }
        }
    }
    let line = world.run(&["status", "tenant"]).expect(0).stdout;
    let tenants = world.query("SELECT key FROM entities WHERE kind = 'tenant'").len();
    assert_eq!(line.lines().count(), tenants, "one line each, whatever is in a name");
    let rows = world.run(&["explain", "tenant:1"]).expect(0).stdout;
    let columns =
        world.run(&["explain", "tenant:1", "--json"]).expect(0).json()["columns"].as_array().map_or(0, Vec::len);
    assert_eq!(rows.lines().count(), columns + 1, "one line each, and a header");
}

#[test]
fn on_a_terminal_long_names_and_values_do_not_flood_the_screen() {
    let world = hostile();
    for screen in SCREENS {
        // What a run did is shown whole; so is the configuration.
        if matches!(screen[0], "runs" | "config" | "push") {
            continue;
        }
        let shown = world.on_terminal(screen).stdout;
        assert!(shown.chars().count() < 16_000, "{screen:?}: {} characters", shown.chars().count());
    }
}

#[test]
fn json_keeps_every_byte_for_programs_and_does_nothing_on_a_terminal() {
    let world = hostile();
    for arguments in [
        ["show-json", "tenant:1", "-q"].as_slice(),
        &["show-json", "tenant:1", "--mapped"],
        &["show-json", "tenant:1", "--sent"],
        &["show-json", "tenant:1", "--diff"],
        &["show-json", "tenant:1", "--live"],
        &["export", "tenant"],
        &["export", "tenant", "--mapped"],
        &["status", "tenant:1", "--json"],
        &["status", "tenant", "--json"],
        &["explain", "tenant:1", "--json"],
        &["runs", "1", "--changes", "--json"],
    ] {
        let (file, terminal) = (world.run(arguments).expect(0), world.on_terminal(arguments));
        assert_eq!(file.json(), terminal.json(), "{arguments:?}");
        assert!(!acts(&terminal.stdout) && !acts(&file.stderr), "{arguments:?}: {:?}", terminal.stdout);
    }
    let record = world
        .query("SELECT record FROM records r JOIN entities e ON e.id = r.entity WHERE kind = 'tenant' AND key = '1'");
    assert_eq!(world.run(&["show-json", "tenant:1", "-q"]).expect(0).stdout, format!("{}\n", record[0]));
    assert!(acts(&record[0]), "the record as received has what would act");
    let name: Value = serde_json::from_str(&record[0]).expect("JSON");
    assert_eq!(name["LastName"], HOSTILE);
}

#[test]
fn rows_for_spreadsheets_hold_neither_formulas_nor_escape_sequences() {
    let world = hostile();
    for arguments in
        [["export", "tenant", "--format", "csv"].as_slice(), &["export", "tenant", "--mapped", "--format", "csv"]]
    {
        let csv = world.run(arguments).expect(0).stdout;
        assert!(!acts(&csv), "{csv:?}");
        for start in [",=", ",@", ",+", ",\"=", ",\"@", ",\"+", "\n="] {
            assert!(!csv.contains(start), "{start:?} in {arguments:?}");
        }
        assert!(csv.contains("'=cmd|'/C calc'!A0"), "{csv}");
        let quotes = csv.matches('"').count();
        assert!(quotes > 0 && quotes.is_multiple_of(2));
    }
}

#[test]
fn what_stands_on_the_command_line_is_hostile_too() {
    let world = World::tidy(5);
    for arguments in [
        vec!["status", HOSTILE],
        vec!["status", "unit:\u{1b}[31m"],
        vec!["explain", "unit:1", HOSTILE],
        vec!["export", HOSTILE],
        vec!["export", "unit", "--where", HOSTILE],
        vec!["runs", HOSTILE],
        vec!["pause", "unit:\u{202e}1"],
        vec![HOSTILE],
    ] {
        let mut command = world.command(&arguments);
        command.env("COLUMNS", "80");
        let output = on_terminal(command);
        assert!(matches!(output.code, 0 | 2), "{output:?}");
        assert!(!acts(&output.stdout) && !acts(&output.stderr), "{arguments:?}: {:?}", output.stderr);
        let json = world.on_terminal(&[arguments, vec!["--json"]].concat());
        assert!(json.code == output.code && !acts(&json.stdout), "{json:?}");
    }
}
