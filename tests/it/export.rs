//! `export`: the stored inventory, for another system to read.

use crate::support::{World, unit};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::process::Stdio;

/// Three units, one of them with more to say.
fn three() -> World {
    let world = World::units(1..=3);
    let mut odd = unit(2);
    odd["Comment"] = json!("a \"b\",\r\n=c");
    odd["Rent"] = json!(-12.5);
    odd["BuildingCode"] = json!("=cmd|' /C calc'!A0");
    world.sandbox.hapi().remove("Units", 2);
    world.sandbox.hapi().insert("Units", odd);
    world.configure("[entities.unit]\nselect = [\"Comment\", \"Rent\", \"OccupancyStatus\"]\n");
    world.run(&["pull"]).expect(0);
    world
}

#[test]
fn records_are_exported_exactly_as_received() {
    let world = three();
    let document = world.run(&["export", "unités"]).expect(0);
    let records: Vec<String> = world.query("SELECT record FROM records ORDER BY entity");
    assert_eq!(document.stdout, format!("[{}]\n", records.join(",\n")));
    assert_eq!(document.json().as_array().map(Vec::len), Some(3));
    assert_eq!(world.run(&["export", "unit", "--json"]).expect(0).stdout, document.stdout);
    let lines = world.run(&["export", "unit", "--format", "ndjson"]).expect(0).stdout;
    assert_eq!(lines, records.iter().map(|record| format!("{record}\n")).collect::<String>());
    world.sandbox.hapi().remove("Units", 1);
    world.run(&["pull"]).expect(0);
    let left = world.run(&["export", "unit"]).expect(0).json();
    assert_eq!(left.as_array().map(Vec::len), Some(2), "what is gone from HApi is left out");
}

#[test]
fn rows_are_quoted_and_harmless_for_spreadsheets() {
    let world = three();
    let csv = world.run(&["export", "unit", "--format", "csv"]).expect(0).stdout;
    let header = csv.lines().next().expect("a header").to_owned();
    let first = &world.query("SELECT record FROM records ORDER BY entity")[0];
    let places: Vec<Option<usize>> = header.split(',').map(|name| first.find(&format!("\"{name}\":"))).collect();
    assert!(places.len() == 8 && places.is_sorted() && places[0].is_some(), "the order first seen: {header}, {first}");
    let one = world.run(&["export", "unit", "--format", "csv", "--where", "Id=2"]).expect(0).stdout;
    assert!(one.starts_with(&header), "{one}");
    assert!(one.contains("'=cmd|' /C calc'!A0") && !one.contains(",=cmd"), "{one}");
    assert!(one.contains("\"a \"\"b\"\",\n=c\"") && one.contains("-12.5") && !one.contains("'-12.5"), "{one}");
    assert!(csv.contains("\"1 \"") || csv.contains("1 ,"), "blanks stay as received: {csv}");
}

#[test]
fn a_condition_compares_trimmed_text_and_numbers_as_numbers() {
    let world = three();
    let ids = |conditions: &[&str]| -> Vec<i64> {
        let conditions = conditions.iter().flat_map(|condition| ["--where", condition]);
        let arguments: Vec<&str> = ["export", "unit"].into_iter().chain(conditions).collect();
        let records = world.run(&arguments).expect(0).json();
        records.as_array().expect("records").iter().filter_map(|record| record["Id"].as_i64()).collect()
    };
    assert_eq!(ids(&["CompanyNo=3"]), [1, 2, 3]);
    assert_eq!(ids(&["CompanyNo=3.00", "Id=2"]), [2]);
    assert_eq!(ids(&["OccupancyStatus= L ", "Rent=950.50"]), [1, 3]);
    assert_eq!(ids(&["Comment="]), [1, 3], "null is blank");
    assert_eq!(ids(&["OccupancyStatus=V"]), [0; 0]);
    let unknown = world.run(&["export", "unit", "--where", "OccupancyStatu=L", "--json"]).expect(2).json();
    let error = &unknown["error"];
    assert_eq!(
        error["message"],
        "no record of `unit` has a property `OccupancyStatu`; did you mean `OccupancyStatus`?"
    );
    assert!(error["hint"].as_str().is_some_and(|hint| hint.starts_with("the properties are ")), "{error}");
    let bad = world.run(&["export", "unit", "--where", "Id"]).expect(2);
    assert!(bad.stderr.contains("write FIELD=VALUE"), "{bad:?}");
}

#[test]
fn what_monday_should_show_is_exported_as_plain_text_with_the_state() {
    let world = World::tidy(5);
    world.sandbox.hapi().update("Tenants", 1, "CellPhone", json!("voir dossier"));
    world.run(&["sync"]).expect(3);
    world.run(&["pause", "tenant:2"]).expect(0);
    let tenants = world.run(&["export", "tenant", "--mapped"]).expect(0).json();
    let find = |key: &str| {
        let mut all = tenants.as_array().expect("tenants").iter();
        all.find(|tenant| tenant["entity"] == key).expect("the tenant").clone()
    };
    let (red, paused) = (find("tenant:1"), find("tenant:2"));
    assert_eq!((&red["state"], &red["columns"]["phone_cell"]), (&json!("error"), &Value::Null));
    assert_eq!((&red["refused"], &paused["refused"]), (&json!(["phone_cell"]), &json!([])));
    assert_eq!((&paused["state"], &paused["columns"]["text_key"]), (&json!("paused"), &json!("tenant:2")));
    assert!(paused["name"].is_string() && paused["columns"].get("name").is_none(), "{paused}");
    let mapped = world.run(&["show-json", "tenant:2", "--mapped"]).expect(0).json();
    assert_eq!(paused["columns"]["status_type"], mapped["status_type"]["label"]);
    let csv = world.run(&["export", "tenant", "--mapped", "--format", "csv"]).expect(0).stdout;
    assert!(csv.starts_with("entity,name,state,text_key,"), "{csv}");
    assert!(csv.contains("\ntenant:2,") && csv.contains(",paused,tenant:2,"), "{csv}");
    let lines = world.run(&["export", "tenant", "--mapped", "--format", "ndjson"]).expect(0).stdout;
    assert_eq!(lines.lines().count(), tenants.as_array().map_or(0, Vec::len));
}

#[test]
fn an_empty_kind_is_exported_as_nothing() {
    let world = World::units(1..=1);
    for (arguments, expected) in [
        (["export", "tenant", "--format", "json"].as_slice(), "[]\n"),
        (&["export", "tenant", "--format", "ndjson"], ""),
        (&["export", "tenant", "--format", "csv"], ""),
        (&["export", "tenant", "--mapped", "--format", "csv"], "entity,name,state\n"),
        (&["export", "tenant", "--where", "Any=thing"], "[]\n"),
    ] {
        let output = world.run(arguments).expect(0);
        assert_eq!(output.stdout, expected, "{arguments:?}");
        assert!(output.stderr.contains("the store has nothing of `tenant`; hopem-sync pull tenant"), "{output:?}");
    }
    assert!(!world.store().exists());
    let one = world.run(&["export", "unit:1"]).expect(2);
    assert!(one.stderr.contains("export takes a kind") && one.stderr.contains("show-json unit:1"), "{one:?}");
    let both = world.run(&["export", "unit", "--json", "--format", "csv"]).expect(2).json();
    assert_eq!(both["error"]["message"], "--json and --format csv exclude each other");
}

/// A store with ten thousand units, of which only the first was ever received.
fn ten_thousand() -> World {
    let world = World::units(1..=1);
    world.run(&["pull"]).expect(0);
    let connection = rusqlite::Connection::open(world.store()).expect("a store");
    let mut sql = "BEGIN;\n".to_owned();
    for key in 2..=10_000 {
        let _ = writeln!(
            sql,
            "INSERT INTO entities (kind, key, name, received_at) VALUES ('unit', '{key}', 'n', '2026-01-01T00:00:00.000Z');
             INSERT INTO records (entity, record) VALUES (last_insert_rowid(), '{{\"Id\":{key},\"Comment\":\"{}\"}}');",
            "x".repeat(200)
        );
    }
    connection.execute_batch(&format!("{sql} COMMIT;")).expect("many units");
    world
}

#[test]
fn an_inventory_that_cannot_be_read_to_its_end_is_no_inventory() {
    let world = ten_thousand();
    let connection = rusqlite::Connection::open(world.store()).expect("a store");
    connection.pragma_update_and_check(None, "wal_checkpoint", "TRUNCATE", |_| Ok(())).expect("one file");
    let query =
        "SELECT pageno FROM dbstat WHERE name = 'records' AND pagetype = 'leaf' ORDER BY path DESC LIMIT 1 OFFSET 9";
    let page: u64 = connection.query_row(query, [], |row| row.get(0)).expect("a page near the end");
    let size: u64 = connection.pragma_query_value(None, "page_size", |row| row.get(0)).expect("its size");
    drop(connection);
    let mut file = std::fs::OpenOptions::new().write(true).open(world.store()).expect("the store");
    file.seek(SeekFrom::Start((page - 1) * size)).and_then(|_| file.write_all(&[0xee; 512])).expect("damage");
    for format in ["json", "ndjson", "csv"] {
        let output = world.run(&["export", "unit", "--format", format]).expect(8);
        assert_eq!(output.stdout, "", "{format}");
        assert!(output.stderr.starts_with("error: "), "{output:?}");
    }
    let document = world.run(&["export", "unit", "--json"]).expect(8).json();
    assert_eq!(document["error"]["exit_code"], 8);
}

#[test]
fn a_large_kind_is_streamed_and_a_reader_may_leave() {
    let world = ten_thousand();
    let connection = rusqlite::Connection::open(world.store()).expect("a store");
    // A writer at work does not disturb.
    connection.execute_batch("BEGIN IMMEDIATE; UPDATE entities SET due = 0").expect("a writer");
    let all = world.run(&["export", "unit", "--format", "ndjson"]).expect(0).stdout;
    assert_eq!(all.lines().count(), 10_000);
    connection.execute_batch("ROLLBACK").expect("no change");
    let mut command = world.command(&["export", "unit"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    let mut first = String::new();
    BufReader::new(child.stdout.take().expect("stdout")).read_line(&mut first).expect("a line");
    assert!(first.starts_with("[{\"Id\":1,"), "{first}");
    let mut stderr = String::new();
    child.stderr.take().expect("stderr").read_to_string(&mut stderr).expect("UTF-8");
    assert_eq!((child.wait().expect("it ends").code(), stderr.as_str()), (Some(0), ""));
}
