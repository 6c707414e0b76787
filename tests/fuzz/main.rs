//! The entries of the fuzz targets (`fuzz/`) over their corpus, and over what becomes of it when it is damaged at random.
//!
//! `PROPTEST_CASES=n cargo test --release --test fuzz` damages it so many times for each target.
#![allow(clippy::disallowed_methods, reason = "tests are hosts of their own")]

#[path = "../../fuzz/entries/configuration.rs"]
mod configuration;
#[path = "../../fuzz/entries/graphql.rs"]
mod graphql;
#[path = "../../fuzz/entries/odata.rs"]
mod odata;
#[path = "../../fuzz/entries/reading.rs"]
mod reading;
#[path = "../../fuzz/entries/webhook.rs"]
mod webhook;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Entry of a fuzz target.
type Entry = fn(&[u8]);

const TARGETS: [(&str, Entry); 5] = [
    ("configuration", configuration::check),
    ("graphql", graphql::check),
    ("odata", odata::check),
    ("reading", reading::check),
    ("webhook", webhook::check),
];
/// No input takes longer, nor a large one.
const LONGEST: Duration = Duration::from_secs(30);
/// How deep, and how often, the large inputs repeat themselves.
const MANY: usize = 20_000;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

/// The files of a target's corpus, by name.
fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let files = std::fs::read_dir(folder().join("corpus").join(target)).expect("a corpus");
    let mut files: Vec<PathBuf> = files.map(|file| file.expect("an entry").path()).collect();
    files.sort();
    assert!(files.len() >= 5, "the corpus of {target} was not found");
    let read = |file: PathBuf| {
        let name = file.file_name().expect("a name").to_string_lossy().into_owned();
        (name, std::fs::read(file).expect("a file"))
    };
    files.into_iter().map(read).collect()
}

fn check_in_time(name: &str, entry: Entry, data: &[u8]) {
    let began = Instant::now();
    entry(data);
    let took = began.elapsed();
    assert!(took < LONGEST, "{name} took {took:?}");
}

#[test]
fn every_target_has_its_entry_and_its_corpus() {
    let manifest = std::fs::read_to_string(folder().join("Cargo.toml")).expect("a manifest");
    let manifest: toml::Table = manifest.parse().expect("a manifest");
    let targets = manifest["bin"].as_array().expect("targets").iter();
    let mut names: Vec<&str> = targets.map(|target| target["name"].as_str().expect("a name")).collect();
    names.sort_unstable();
    assert_eq!(names, TARGETS.map(|(name, _)| name));
    for (name, _) in TARGETS {
        let target = std::fs::read_to_string(folder().join(format!("fuzz_targets/{name}.rs"))).expect("a target");
        assert!(target.contains(&format!("{name}::check(data)")), "{name}");
    }
}

#[test]
fn every_file_of_the_corpus_does_no_harm() {
    for (target, entry) in TARGETS {
        for (name, data) in corpus(target) {
            eprintln!("{target}/{name}");
            check_in_time(&name, entry, &data);
        }
    }
}

/// What can be done to an input.
#[derive(Debug, Clone)]
enum Damage {
    /// From there to there it is gone.
    Cut(Index, Index),
    /// What stands from there to there stands there as well.
    Repeat(Index, Index, Index),
    /// A byte is another one.
    Byte(Index, u8),
    /// This stands there as well.
    Word(Index, &'static str),
    /// It goes on as another file of the corpus does.
    Splice(Index, Index, Index),
}

/// What does harm in one of the formats, or used to.
const WORDS: [&str; 40] = [
    "null",
    "{",
    "}",
    "[",
    "]",
    "\"",
    ",",
    ":",
    "\\",
    "\\ud83d",
    "\u{feff}",
    "\u{0}",
    "\n---\n",
    "0",
    "-1",
    "1e999999999999999999999",
    "9007199254740993",
    "1.0",
    "\"Id\":",
    "\"Entity\":",
    "\"value\":",
    "\"@odata.nextLink\":\"https://evil.example/\"",
    "\"error\":{}",
    "\"data\":null",
    "\"errors\":[]",
    "\"extensions\":{\"code\":\"ColumnValueException\"}",
    "\"path\":[\"m0\"]",
    "\"id\":\"0\"",
    "\"items\":[null]",
    "\"cursor\":\"\"",
    "= ",
    "[hapi]\n",
    "[entities.unit]\n",
    "'",
    "%",
    "é",
    "401\n",
    "500\n",
    "204\n",
    "{\"Id\":1}",
];

fn damage() -> impl Strategy<Value = Damage> {
    let place = any::<Index>;
    prop_oneof![
        (place(), place()).prop_map(|(from, to)| Damage::Cut(from, to)),
        (place(), place(), place()).prop_map(|(from, to, at)| Damage::Repeat(from, to, at)),
        (place(), any::<u8>()).prop_map(|(at, byte)| Damage::Byte(at, byte)),
        (place(), prop::sample::select(&WORDS[..])).prop_map(|(at, word)| Damage::Word(at, word)),
        (place(), place(), place()).prop_map(|(at, file, from)| Damage::Splice(at, file, from)),
    ]
}

fn damaged(mut data: Vec<u8>, damages: &[Damage], corpus: &[(String, Vec<u8>)]) -> Vec<u8> {
    for damage in damages {
        let place = |at: &Index| at.index(data.len() + 1);
        let range = |one: &Index, other: &Index| place(one).min(place(other))..place(one).max(place(other));
        match damage {
            Damage::Cut(from, to) => drop(data.drain(range(from, to))),
            Damage::Repeat(from, to, at) => {
                let (at, again) = (place(at), data[range(from, to)].to_vec());
                data.splice(at..at, again);
            }
            Damage::Byte(at, byte) => {
                let at = place(at);
                data.get_mut(at).into_iter().for_each(|old| *old = *byte);
            }
            Damage::Word(at, word) => {
                let at = place(at);
                data.splice(at..at, word.bytes());
            }
            Damage::Splice(at, file, from) => {
                let (other, at) = (&corpus[file.index(corpus.len())].1, place(at));
                data.splice(at.., other[from.index(other.len() + 1)..].iter().copied());
            }
        }
    }
    data
}

/// Input of a target, shown as text.
#[derive(Clone)]
struct Input(Vec<u8>);

impl std::fmt::Debug for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(&self.0))
    }
}

/// Damages the corpus of a target at random.
fn damage_at_random((target, entry): (&str, Entry)) {
    let corpus = corpus(target);
    let files: Vec<Vec<u8>> = corpus.iter().map(|(_, data)| data.clone()).collect();
    let inputs = (prop::sample::select(files), prop::collection::vec(damage(), 1..6))
        .prop_map(|(data, damages)| Input(damaged(data, &damages, &corpus)));
    TestRunner::new(Config { failure_persistence: None, ..Config::default() })
        .run(&inputs, |input| {
            check_in_time(target, entry, &input.0);
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{target}: {error}"));
}

#[test]
fn no_damaged_configuration_does_harm() {
    damage_at_random(TARGETS[0]);
}

#[test]
fn no_damaged_answer_of_monday_does_harm() {
    damage_at_random(TARGETS[1]);
}

#[test]
fn no_damaged_page_does_harm() {
    damage_at_random(TARGETS[2]);
}

#[test]
fn no_hapi_that_answers_anything_does_harm() {
    damage_at_random(TARGETS[3]);
}

#[test]
fn no_damaged_webhook_does_harm() {
    damage_at_random(TARGETS[4]);
}

/// Large and deep inputs, for each target.
#[test]
fn large_inputs_are_dealt_with_in_time() {
    let deep = format!("{}{}", "[".repeat(MANY), "]".repeat(MANY));
    let objects = format!("{}1{}", "{\"A\":".repeat(MANY), "}".repeat(MANY));
    let table = [
        format!(r#"{{"value":[{{"Id":1,"X":{deep}}},{{"Id":1,"X":{objects}}},{{"Id":2}}]}}"#),
        format!(r#"{{"Id":1472,"Entity":{deep},"Status":2}}"#),
        format!("[{}]", vec![r#"{"Id":1,"Entity":"Unit"}"#; MANY].join(",")),
        "\"Entity\" ".repeat(MANY),
        format!("\"Id\":{}", "9".repeat(MANY)),
        format!("{{\"Id\":1,{}}}", (0..MANY / 10).map(|n| format!("\"P{n}\":{n}")).collect::<Vec<_>>().join(",")),
        format!("{{\"data\":{{\"boards\":{deep}}}}}"),
        format!("a = {deep}"),
        "[a]\n".repeat(MANY / 10),
        vec!["500\nno"; 200].join("\n---\n"),
        vec!["200\n[{\"Id\":1}]"; 200].join("\n---\n"),
        (0..200).map(|n| format!("200\n{{\"value\":[],\"@odata.nextLink\":\"/api/Units?{n}\"}}\n---\n")).collect(),
    ];
    for (target, entry) in TARGETS {
        for input in &table {
            let start: String = input.chars().take(40).collect();
            check_in_time(&format!("{target} {start}"), entry, input.as_bytes());
        }
    }
}
