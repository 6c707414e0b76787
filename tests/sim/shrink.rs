//! Shorter stories that end as badly as a long one.

use crate::campaign::played;
use crate::invent::WORLDS;
use crate::story::{Run, Step, Story};
use std::time::{Duration, Instant};

/// How long a shorter story is looked for.
const PATIENCE: Duration = Duration::from_secs(60);

/// The shortest story that was found to end as this one, and how it ends.
pub(crate) fn shrink(story: &Story, wrong: &str) -> (Story, String) {
    let (began, sort) = (Instant::now(), sort_of(wrong));
    let (mut best, mut ending) = (story.clone(), wrong.to_owned());
    // The order in which things are left out matters little: it goes on until nothing more can be.
    'shorter: loop {
        for candidate in shorter(&best) {
            if began.elapsed() > PATIENCE {
                break 'shorter;
            }
            if let Err(wrong) = played(&candidate)
                && sort_of(&wrong) == sort
            {
                (best, ending) = (candidate, wrong);
                continue 'shorter;
            }
        }
        break;
    }
    (best, ending)
}

/// What sort of ending it is: the words of its first line, without names and numbers.
fn sort_of(wrong: &str) -> Vec<String> {
    let first = wrong.lines().next().unwrap_or_default();
    let first = first.split_once("`: ").map_or(first, |(_, why)| why);
    let words = first.split(|c: char| c.is_whitespace() || c == ':');
    let is_plain = |word: &&str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase());
    words.filter(is_plain).map(str::to_owned).take(8).collect()
}

/// Stories with something left out, those with much left out first.
fn shorter(story: &Story) -> Vec<Story> {
    let mut stories = Vec::new();
    let count = story.steps.len();
    for size in [count / 2, count / 4, 1] {
        if size > 0 {
            stories.extend((0..count).step_by(size).rev().map(|from| without_steps(story, from, size)));
        }
    }
    for (index, step) in story.steps.iter().enumerate() {
        if let Step::Run(run) = step {
            stories.extend(calmer(run).into_iter().map(|run| with_step(story, index, Step::Run(run))));
        }
    }
    stories.extend(simpler_worlds(story));
    stories
}

fn without_steps(story: &Story, from: usize, count: usize) -> Story {
    let mut shorter = story.clone();
    shorter.steps.drain(from..story.steps.len().min(from + count));
    shorter
}

fn with_step(story: &Story, index: usize, step: Step) -> Story {
    let mut other = story.clone();
    other.steps[index] = step;
    other
}

/// The same run with less that goes wrong.
fn calmer(run: &Run) -> Vec<Run> {
    let mut runs = Vec::new();
    if run.kill.is_some() {
        runs.push(Run { kill: None, is_power_cut: false, ..run.clone() });
    }
    if run.is_power_cut {
        runs.push(Run { is_power_cut: false, ..run.clone() });
    }
    if run.full_after.is_some() {
        runs.push(Run { full_after: None, ..run.clone() });
    }
    if run.blocked.is_some() {
        runs.push(Run { blocked: None, ..run.clone() });
    }
    for index in 0..run.strikes.len() {
        let mut calm = run.clone();
        calm.strikes.remove(index);
        runs.push(calm);
        if run.strikes[index].times > 1 {
            let mut calm = run.clone();
            calm.strikes[index].times = 1;
            runs.push(calm);
        }
    }
    for index in 0..run.meanwhile.len() {
        let mut calm = run.clone();
        calm.meanwhile.remove(index);
        runs.push(calm);
    }
    runs
}

fn simpler_worlds(story: &Story) -> Vec<Story> {
    let fewer = WORLDS.into_iter().filter(|kinds| kinds.len() < story.kinds.len());
    let fewer = fewer.map(|kinds| Story { kinds, ..story.clone() });
    let worlds = [
        Story { units: 1, ..story.clone() },
        Story { units: story.units.div_ceil(2), ..story.clone() },
        Story { has_webhooks: false, ..story.clone() },
        Story { daily_calls: 0, ..story.clone() },
        Story { page_items: 0, ..story.clone() },
        Story { has_idempotency: true, ..story.clone() },
        Story { search_lag_ms: 0, ..story.clone() },
        Story { batch: 25, ..story.clone() },
    ];
    fewer.chain(worlds).filter(|world| world != story).collect()
}

#[test]
fn a_story_shrinks_to_what_it_takes() {
    let story = Story::of(11);
    let shorter: Vec<Story> = shorter(&story);
    assert!(shorter.iter().all(|shorter| *shorter != story && shorter.steps.len() <= story.steps.len()));
    // Every step is left out by one of them.
    let singles = shorter.iter().filter(|shorter| shorter.steps.len() + 1 == story.steps.len()).count();
    assert!(singles >= story.steps.len());
    assert_eq!(sort_of("after `sync -q`: unit:7 is pending\nand more"), sort_of("unit:12 is pending"));
    assert_ne!(sort_of("unit:7 is pending"), sort_of("unit:7 is error"));
}
