//! The whole program in a simulated world: virtual time, both APIs without sockets, and whatever goes wrong decided by a seed.
//!
//! `SEED=n cargo test --test sim` plays one story alone (`LOUD=1`: with each request and each answer); `SEEDS=n` plays so many,
//! from `FROM=n` on; `WHOLE=1` ends at the first that ends badly, and leaves it as long as it is; `THREADS=n` plays so many at once. The long form: `cargo test --test sim -- --ignored --nocapture`, for `HOURS=n`, `MINUTES=n` or `SEEDS=n`.
#![allow(clippy::disallowed_methods, reason = "a simulation is a host of its own")]

mod campaign;
mod check;
mod deeds;
mod dice;
mod fault;
mod found;
mod happening;
mod host;
mod invent;
mod ledger;
mod mail;
mod network;
mod pinned;
mod reasons;
mod shrink;
mod stage;
mod story;
mod well;
mod world;

use campaign::{Program, play_all, played};
use std::cell::Cell;
use std::sync::{Once, OnceLock};
use std::time::Duration;
use story::Story;

/// How many stories the suite plays.
const STORIES: u64 = 500;
/// How many the long form plays, if an hour is not over before.
const MANY_STORIES: u64 = 1_000_000;

thread_local! {
    /// How many panics of the program there were on this thread that were no kills.
    static CRASHES: Cell<u64> = const { Cell::new(0) };
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Whether every request and every answer is to be seen.
fn is_verbose() -> bool {
    static LOUD: OnceLock<bool> = OnceLock::new();
    *LOUD.get_or_init(|| number("LOUD").is_some())
}

/// Keeps to itself what is said of kills, and counts crashes.
fn silence() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !panic.payload().is::<host::Killed>() {
                CRASHES.set(CRASHES.get() + 1);
                usual(panic);
            }
        }));
    });
}

#[test]
fn after_any_story_the_boards_are_equal_to_hapi() {
    silence();
    if let Some(seed) = number("SEED") {
        let story = Story::of(seed);
        eprintln!("{story}");
        eprintln!("{:#?}", played(&story).unwrap_or_else(|wrong| panic!("{wrong}")));
        return;
    }
    let (first, stories) = (number("FROM").unwrap_or(0), number("SEEDS").unwrap_or(STORIES));
    let campaign = play_all(&Program { first, stories, time: Duration::MAX, varied: 0 });
    eprintln!("{}", campaign.summary());
    assert!(campaign.wrong.is_empty(), "{}", campaign.endings());
}

/// An hour, or as many `HOURS` or `MINUTES` as are asked for: half of the stories are variations of those that reached something new.
#[test]
#[ignore = "an hour"]
fn after_very_many_stories_the_boards_are_equal_to_hapi() {
    silence();
    let minutes = number("MINUTES").or_else(|| number("HOURS").map(|hours| hours * 60)).unwrap_or(60);
    let time = Duration::from_secs(minutes * 60);
    let (first, stories) = (number("FROM").unwrap_or(1_000_000), number("SEEDS").unwrap_or(MANY_STORIES));
    let campaign = play_all(&Program { first, stories, time, varied: 50 });
    eprintln!("{}", campaign.summary());
    assert!(campaign.wrong.is_empty(), "{}", campaign.endings());
}

#[test]
fn a_seed_runs_the_same_story_each_time() {
    silence();
    for seed in [3, 4] {
        let story = Story::of(seed);
        assert_eq!(played(&story), played(&story), "seed {seed}");
    }
}
