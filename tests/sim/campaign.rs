//! Many stories, played side by side: what went wrong in them, which faults struck, which states were reached.

use crate::dice::Dice;
use crate::shrink::shrink;
use crate::stage::{Played, play};
use crate::story::Story;
use std::any::Any;
use std::collections::{BTreeMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// So many stories that end badly are enough.
const MOST_WRONG: usize = 4;
/// How many of the stories that reached something new are played again with changes.
const MOST_KEPT: usize = 2_000;

/// What is to be played.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Program {
    /// The first seed.
    pub(crate) first: u64,
    /// How many stories, at most.
    pub(crate) stories: u64,
    /// How long, at most.
    pub(crate) time: Duration,
    /// How many in a hundred are stories that reached something new, with changes.
    pub(crate) varied: u64,
}

/// What a campaign came to.
#[derive(Debug, Default)]
pub(crate) struct Campaign {
    pub(crate) stories: u64,
    pub(crate) kills: u64,
    pub(crate) calls: u64,
    /// Faults that struck, by name.
    pub(crate) faults: BTreeMap<&'static str, u64>,
    /// States that were reached.
    pub(crate) states: HashSet<String>,
    /// Stories that ended badly, and how.
    pub(crate) wrong: Vec<(Story, String)>,
    /// Stories that reached something new.
    kept: Vec<Story>,
    begun: u64,
}

/// Plays stories until enough are played.
pub(crate) fn play_all(program: &Program) -> Campaign {
    let (campaign, began) = (Mutex::new(Campaign::default()), Instant::now());
    let cores = || std::thread::available_parallelism().map_or(2, usize::from) as u64;
    let threads = crate::number("THREADS").unwrap_or_else(cores);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(story) = next(&campaign, program, began) {
                    let outcome = played(&story);
                    lock(&campaign).take(story, outcome);
                }
            });
        }
    });
    campaign.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Tells a story; a crash is an ending too.
///
/// # Errors
/// What is not as it has to be.
pub(crate) fn played(story: &Story) -> Result<Played, String> {
    catch_unwind(AssertUnwindSafe(|| play(story))).unwrap_or_else(|panic| Err(format!("a crash: {}", text_of(&*panic))))
}

fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}

fn lock(campaign: &Mutex<Campaign>) -> MutexGuard<'_, Campaign> {
    campaign.lock().unwrap_or_else(PoisonError::into_inner)
}

fn next(campaign: &Mutex<Campaign>, program: &Program, began: Instant) -> Option<Story> {
    let mut campaign = lock(campaign);
    // Who leaves stories as they are only asks whether there is one.
    let most_wrong = if crate::number("WHOLE").is_some() { 1 } else { MOST_WRONG };
    let is_over = campaign.begun >= program.stories || campaign.wrong.len() >= most_wrong;
    if is_over || began.elapsed() >= program.time {
        return None;
    }
    let seed = program.first + campaign.begun;
    campaign.begun += 1;
    let mut dice = Dice(!seed);
    match campaign.kept.is_empty() || !dice.percent(program.varied) {
        true => Some(Story::of(seed)),
        false => Some(dice.pick(&campaign.kept).varied(&mut dice)),
    }
}

impl Campaign {
    fn take(&mut self, story: Story, outcome: Result<Played, String>) {
        self.stories += 1;
        match outcome {
            Err(wrong) => self.wrong.push((story, wrong)),
            Ok(played) => {
                self.kills += played.kills;
                self.calls += played.calls.hapi + played.calls.monday;
                for (fault, times) in played.faults {
                    *self.faults.entry(fault).or_default() += times;
                }
                let known = self.states.len();
                self.states.extend(played.states);
                if self.states.len() > known && self.kept.len() < MOST_KEPT {
                    self.kept.push(story);
                }
            }
        }
    }

    /// How the stories ended that did not end well: each as short as it could be made, to be kept as a test.
    pub(crate) fn endings(&self) -> String {
        if crate::number("WHOLE").is_some() {
            return self.wrong.iter().map(|(story, wrong)| format!("{story}\n{wrong}\n")).collect();
        }
        let shortened = self.wrong.iter().map(|(story, wrong)| shrink(story, wrong));
        shortened.map(|(story, wrong)| format!("{story}\n{wrong}\n")).collect::<Vec<_>>().join("\n")
    }

    /// What was played.
    pub(crate) fn summary(&self) -> String {
        let faults = self.faults.iter().map(|(name, times)| format!("{times:>9}  {name}\n")).collect::<String>();
        format!(
            "{} stories, {} kills, {} requests, {} states reached\nfaults that struck:\n{faults}",
            self.stories,
            self.kills,
            self.calls,
            self.states.len()
        )
    }
}
