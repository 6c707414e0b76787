//! The whole program in a simulated world: virtual time, both APIs without sockets, and whatever goes wrong decided by a seed.
//!
//! `SEED=n cargo test --test sim` tells one story alone; `SEEDS=n` tells so many.
#![allow(clippy::disallowed_methods, reason = "a simulation is a host of its own")]

mod check;
mod dice;
mod fault;
mod found;
mod happening;
mod host;
mod invent;
mod mail;
mod network;
mod stage;
mod story;
mod world;

use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};

use stage::{Told, tell};
use story::Story;

/// How many stories the suite tells.
const STORIES: u64 = 60;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Whether every request and every answer is to be seen: `SEED=n LOUD=1`.
fn is_told_aloud() -> bool {
    static LOUD: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    *LOUD.get_or_init(|| number("LOUD").is_some())
}

/// Keeps to itself what is said of kills.
fn silence() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !panic.payload().is::<host::Killed>() {
                usual(panic);
            }
        }));
    });
}

/// Tells a story, and how it ended where it did not end well.
fn outcome(seed: u64) -> Result<Told, String> {
    let story = Story::of(seed);
    tell(&story).map_err(|wrong| format!("SEED={seed}\n{story}{wrong}\n"))
}

#[test]
fn after_any_story_the_boards_are_equal_to_hapi() {
    silence();
    if let Some(seed) = number("SEED") {
        eprintln!("{}", Story::of(seed));
        eprintln!("{:#?}", outcome(seed).unwrap_or_else(|wrong| panic!("{wrong}")));
        return;
    }
    let first = number("FROM").unwrap_or(0);
    let (next, end) = (AtomicU64::new(first), first + number("SEEDS").unwrap_or(STORIES));
    let work = || {
        std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed))
            .take_while(|seed| *seed < end)
            .filter_map(|seed| outcome(seed).err())
            .take(5)
            .collect::<Vec<_>>()
    };
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("a story does not crash")).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_seed_tells_the_same_story_each_time() {
    silence();
    for seed in [3, 4] {
        assert_eq!(outcome(seed), outcome(seed), "seed {seed}");
    }
}
