//! A page of HApi's: whatever comes, what is cut out of it is what stood there, and a bad record harms only itself.

use hopem_sync::entity::{Record, same_content};
use hopem_sync::hapi::{Body, NoContent, Page};

/// The keys that kinds have: a number, and two properties together.
const KEYS: [&[&str]; 2] = [&["Id"], &["CompanyNo", "DivisionNo"]];

/// Takes any bytes for a page.
pub(crate) fn check(data: &[u8]) {
    for key in KEYS {
        let key: Vec<String> = key.iter().map(|&property| property.to_owned()).collect();
        if let Some(rows) = rows(data, &key) {
            is_the_same_in_another_envelope(&rows, &key);
            stands_beside_bad_ones(&rows, &key);
            rows.iter().for_each(|row| record(row, &key));
        }
    }
}

/// Record of a page: its exact text, and its key where it has one.
type Row = (String, Option<String>);

fn rows(data: &[u8], key: &[String]) -> Option<Vec<Row>> {
    let page = Page::decode(Body { status: 200, bytes: data.to_vec() }, key, NoContent::Fault).ok()?;
    Some(page.rows.iter().map(|row| (page.json(row).to_owned(), row.key.clone().ok())).collect())
}

fn joined(rows: &[Row]) -> String {
    rows.iter().map(|(json, _)| json.as_str()).collect::<Vec<_>>().join(" ,\n")
}

/// What was cut out is put together again, and cut out the same.
fn is_the_same_in_another_envelope(read: &[Row], key: &[String]) {
    let page = format!("\u{feff}{{\"@odata.context\":\"x\",\"value\":[{}]}}", joined(read));
    assert_eq!(rows(page.as_bytes(), key).as_deref(), Some(read));
}

fn stands_beside_bad_ones(read: &[Row], key: &[String]) {
    let comma = if read.is_empty() { "" } else { "," };
    let page = format!(r#"[{{"Id":"\ud83d"}}{comma}{},7,null,{{}}]"#, joined(read));
    let among = rows(page.as_bytes(), key).expect("a page");
    assert_eq!(among[1..=read.len()], *read, "a neighbour changed them");
}

/// A record is read without harm; written in another order it says the same, and its key makes the same key again.
fn record((json, key): &Row, properties: &[String]) {
    assert!(same_content(json, json));
    let Ok(record) = Record::parse(json) else {
        assert!(key.is_none(), "no record has a key: {json}");
        return;
    };
    for name in record.names() {
        let _ = (record.text(name), record.integer(name), record.cell(name));
    }
    if let Some(turned) = turned(&record) {
        assert!(same_content(json, &turned), "{json} is not {turned}");
    }
    if let (Some(key), [property]) = (key, properties) {
        let plain = key.replace("%2D", "-").replace("%25", "%");
        let written = serde_json::json!({ property: plain }).to_string();
        let again = Record::parse(&written).expect("an object").key(properties);
        assert_eq!(again.as_ref(), Ok(key), "{json}");
    }
}

/// The record with its properties in the opposite order; `None` where one stands twice.
fn turned(record: &Record<'_>) -> Option<String> {
    let names: Vec<&str> = record.names().collect();
    let distinct: std::collections::BTreeSet<String> = names.iter().map(|name| name.to_lowercase()).collect();
    if distinct.len() != names.len() {
        return None;
    }
    let members = names.iter().rev().map(|name| Some(format!("{} : {}", serde_json::json!(name), record.raw(name)?)));
    Some(format!("{{ {} }}", members.collect::<Option<Vec<_>>>()?.join(" , ")))
}
