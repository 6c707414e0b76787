//! Deliberate breaks: each is a program that no longer keeps a promise, and the tests have to notice it.
//!
//! `cargo test --test breaks -- --ignored --nocapture` builds all of them into a copy of the sources, switches on one after the
//! other, and runs what has to notice it; `BREAK=name` only those whose name holds this. It prints the table that `docs/breaks.md`
//! holds.
//!
//! `cargo test --test breaks mutants -- --ignored --nocapture` does the same with mutants, changes made by rule of what plans and
//! syncs: `MUTANTS=n` draws so many of them (`FROM=n` is the seed), `MUTANT=text` takes those that are printed with this text;
//! `ENOUGH=n`: seconds after which a mutant is shown to nobody else.
#![allow(clippy::disallowed_methods, reason = "what is broken runs outside of any simulation")]

mod harmless;
mod mutants;
mod table;
mod trial;
mod workshop;

use harmless::{HARMLESS, Harmless};
use mutants::Mutant;
use std::collections::BTreeSet;
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use table::{BREAKS, Break, By};
use trial::Trial;
use workshop::{Noticed, Workshop, broken_source};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn source(broken: &Break) -> String {
    std::fs::read_to_string(root().join("src").join(broken.file)).unwrap_or_else(|_| panic!("{}", broken.file))
}

#[test]
fn every_break_still_has_its_place() {
    let is_misplaced =
        |broken: &&Break| source(broken).matches(broken.find).count() != 1 || !broken.put.contains("BROKEN");
    let misplaced: Vec<_> = BREAKS.iter().filter(is_misplaced).collect();
    assert!(misplaced.is_empty(), "what these break stands in its file no more, or more than once: {misplaced:#?}");
    let is_built_in = |broken: &&Break| {
        let of_file: Vec<&Break> = BREAKS.iter().filter(|other| other.file == broken.file).collect();
        broken_source(&source(broken), &of_file).contains(&format!("is_broken(\"{}\")", broken.name))
    };
    let hidden: Vec<_> = BREAKS.iter().filter(|broken| !is_built_in(broken)).collect();
    assert!(hidden.is_empty(), "others of the same file stand where these should: {hidden:#?}");
}

#[test]
fn breaks_are_many_and_spread_over_the_program() {
    let names: BTreeSet<&str> = BREAKS.iter().map(|broken| broken.name).collect();
    assert!(names.len() == BREAKS.len() && names.len() >= 35, "{} names", names.len());
    let parts: BTreeSet<&str> = BREAKS.iter().filter_map(|broken| broken.file.split('/').next()).collect();
    let wanted = ["boards", "hapi", "http", "monday", "plan", "pull", "push", "receiver", "run", "store"];
    assert!(wanted.iter().all(|part| parts.contains(part)), "{parts:?}");
    let stories = BREAKS.iter().filter(|broken| broken.by == By::Stories).count();
    assert!(stories >= 25, "only {stories} are noticed by stories");
}

/// The result of the long form is kept beside the documents, a row for each break.
#[test]
fn the_page_of_breaks_has_a_row_for_each() {
    let page = std::fs::read_to_string(root().join("docs/breaks.md")).expect("the page");
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| `")).collect();
    let wanted: Vec<String> = BREAKS.iter().map(row).collect();
    assert_eq!(rows.len(), wanted.len(), "rows");
    for (row, wanted) in rows.iter().zip(&wanted) {
        assert!(row.starts_with(wanted.as_str()), "{row}\nis not the row of\n{wanted}");
    }
}

/// The row of a break up to how soon it was noticed.
fn row(broken: &Break) -> String {
    let by = match broken.by {
        By::Stories => "a story".to_owned(),
        By::Test { target, name, why } => format!("`{target} {name}`: {why}"),
    };
    format!("| `{}` | {} | `{}` | {by} |", broken.name, broken.what, broken.file)
}

#[test]
#[ignore = "minutes"]
fn every_break_is_noticed_within_two_minutes() {
    let mut workshop = Workshop::open(root());
    assert!(workshop.is_sound(), "what notices breaks is red though nothing is broken");
    let chosen = std::env::var("BREAK").unwrap_or_default();
    let mut unnoticed = Vec::new();
    for broken in BREAKS.iter().filter(|broken| broken.name.contains(&chosen)) {
        match workshop.try_break(broken) {
            Noticed::After { seconds, by } => eprintln!("{} {seconds} s, {by} |", row(broken)),
            Noticed::Never(why) => {
                eprintln!("{} not noticed: {why} |", row(broken));
                unnoticed.push(broken.name);
            }
        }
    }
    assert!(unnoticed.is_empty(), "nobody noticed {unnoticed:?}");
}

#[test]
fn what_is_called_harmless_is_still_there() {
    let mutants = trial::all_mutants(&root().join("src"));
    let is_stale = |harmless: &&Harmless| harmless.why.is_empty() || !mutants.iter().any(|mutant| harmless.is(mutant));
    let stale: Vec<&Harmless> = HARMLESS.iter().filter(is_stale).collect();
    assert!(mutants.len() > 1_000 && stale.is_empty(), "{} mutants, no longer among them: {stale:#?}", mutants.len());
}

#[test]
#[ignore = "hours, or as many mutants as are asked for"]
fn mutants_are_noticed_or_known_to_be_harmless() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<usize>().ok());
    let mut trial = Trial::open(root());
    trial.enough = number("ENOUGH").map_or(Duration::MAX, |seconds| Duration::from_secs(seconds as u64));
    let (wanted, seed) = (std::env::var("MUTANT").unwrap_or_default(), number("FROM").unwrap_or(0));
    let mut chosen: Vec<_> = trial.mutants.iter().filter(|(_, mutant)| mutant.to_string().contains(&wanted)).collect();
    // Drawn by a hash, so that each seed draws others.
    chosen.sort_by_key(|(number, _)| {
        std::hash::BuildHasher::hash_one(&BuildHasherDefault::<DefaultHasher>::default(), (seed, number))
    });
    let (reached, unreached): (Vec<_>, Vec<_>) = chosen.into_iter().partition(|(number, _)| trial.is_reached(**number));
    let survivors = Mutex::new(Vec::new());
    let survives = |mutant: &Mutant, why: &str| match trial::is_harmless(mutant) {
        true => eprintln!("harmless {mutant}"),
        false => {
            eprintln!("SURVIVES {mutant}: {why}");
            survivors.lock().expect("no other panics").push(mutant.to_string());
        }
    };
    unreached.iter().for_each(|(_, mutant)| survives(mutant, "nobody comes by it"));
    let next = AtomicUsize::new(0);
    let reached = &reached[..reached.len().min(number("MUTANTS").unwrap_or(usize::MAX))];
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some((number, mutant)) = reached.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match trial.try_mutant(**number) {
                        Noticed::After { seconds, by } => eprintln!("noticed {mutant}: {seconds} s, {by}"),
                        Noticed::Never(why) => survives(mutant, &why),
                    }
                }
            });
        }
    });
    let survivors = survivors.into_inner().expect("nobody panicked");
    assert!(survivors.is_empty(), "nobody noticed {} mutants:\n{}", survivors.len(), survivors.join("\n"));
}
