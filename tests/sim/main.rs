//! The whole program in a simulated world: virtual time, both APIs without sockets, and whatever goes wrong decided by a seed.
//!
//! `SEED=n cargo test --test sim` tells one story alone; `SEEDS=n` tells so many.
#![allow(clippy::disallowed_methods, reason = "a simulation is a host of its own")]

mod fault;
mod story;
mod world;

use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};

use fault::{Fault, Kill, Strike};
use story::{Step, Story, tell};

/// How many stories the suite tells.
const STORIES: u64 = 200;
/// How many units HApi has at first: most worlds are small, some have hundreds of entities.
fn units(seed: u64) -> usize {
    if seed % 25 == 7 { 40 } else { 2 + usize::try_from(seed % 5).unwrap_or_default() }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Keeps to itself what the program writes beside its answers, and what is said of kills.
fn silence() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !panic.payload().is::<world::Killed>() {
                usual(panic);
            }
        }));
        if number("SEED").is_none() {
            let nowhere = std::fs::File::options().write(true).open("/dev/null").expect("a device");
            rustix::stdio::dup2_stderr(nowhere).expect("stderr");
        }
    });
}

/// Tells a story, and how it ended where it did not end well.
fn outcome(seed: u64) -> Result<story::Told, String> {
    let story = Story::of(seed, units(seed));
    tell(&story).map_err(|wrong| format!("{story}{wrong}"))
}

#[test]
fn after_any_story_the_boards_are_equal_to_hapi() {
    silence();
    if let Some(seed) = number("SEED") {
        eprintln!("{}", Story::of(seed, units(seed)));
        eprintln!("{:#?}", outcome(seed).unwrap_or_else(|wrong| panic!("{wrong}")));
        return;
    }
    let (next, stories) = (AtomicU64::new(0), number("SEEDS").unwrap_or(STORIES));
    let work = || {
        std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed))
            .take_while(|seed| *seed < stories)
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

/// A look-up before items are made had to wait for its board, and those that it was for were passed over: the sync ended well
/// and left them pending.
#[test]
fn what_a_look_up_has_to_wait_for_is_sent_in_the_same_run() {
    silence();
    let changed = |set, which, property, value: &str| Step::Change { set, which, property, value: value.to_owned() };
    let strike = |request, fault| Strike { request, fault };
    let short = |strikes| Step::Run { line: "sync --allow-deletes -q --max-calls 6", strikes, kill: None };
    let story = Story {
        seed: 28,
        units: 5,
        has_idempotency: false,
        search_lag_ms: 300,
        batch: 25,
        steps: vec![
            Step::Run {
                line: "sync --allow-deletes -q",
                strikes: vec![strike(27, Fault::Slow(3))],
                kill: Some(Kill::BeforeSending(21)),
            },
            Step::Wait(627),
            changed("Parkings", 6998, "Comment", "t0"),
            changed("Units", 2341, "Comment", "t1"),
            Step::Add { set: "TenantParkings", which: 9094, id: 60_002 },
            changed("Units", 3450, "Comment", "t4"),
            short(vec![strike(18, Fault::Refused), strike(1, Fault::StatusAfter(504)), strike(51, Fault::LostAfter)]),
            Step::Wait(1761),
            Step::Remove { set: "Storages", which: 2256 },
            Step::Add { set: "Units", which: 2863, id: 60_013 },
            short(Vec::new()),
        ],
    };
    if let Err(wrong) = tell(&story) {
        panic!("{story}{wrong}");
    }
}

#[test]
fn a_seed_tells_the_same_story_each_time() {
    silence();
    for seed in [3, 4] {
        assert_eq!(outcome(seed), outcome(seed), "seed {seed}");
    }
}
