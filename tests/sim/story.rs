//! Stories: what happens to a store between its first sync and a last, undisturbed one. A story is a value; it can be written
//! down as Rust, and is read like prose.

use crate::happening::Happening;
use crate::world::{Kill, Strike};
use std::fmt;

/// Every kind, parents before their children.
pub(crate) const ALL_KINDS: &[&str] =
    &["company", "building", "unit", "tenant", "parking", "storage", "parking-lease", "locker-lease"];

/// Step of a story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Something happens in the world.
    Then(Happening),
    /// Time passes, in seconds.
    Wait(u64),
    /// A command runs.
    Run(Run),
    /// The store is put aside, by `backup`.
    Backup,
    /// The store that was put aside last takes the place of the store.
    Restore,
    /// The configuration changes.
    Configure(Configuration),
    /// At this moment the boards show an entity as HApi has it.
    Shows(String),
    /// The command before ended with this code.
    Ended(u8),
}

/// Run of a command, and what goes wrong in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    /// The command line; `{unit 17}` stands for the selector of some unit.
    pub(crate) line: String,
    pub(crate) strikes: Vec<Strike>,
    /// What happens in the world while it runs, and at which request.
    pub(crate) meanwhile: Vec<(u64, Happening)>,
    pub(crate) kill: Option<Kill>,
    /// Whether the whole machine dies with it.
    pub(crate) is_power_cut: bool,
    /// After so many writes to the store the disk is full, until the run is over.
    pub(crate) full_after: Option<u64>,
    /// What the name of the file beside the store ends in that cannot be written, until the run is over.
    pub(crate) blocked: Option<&'static str>,
}

impl Run {
    pub(crate) fn of(line: &str) -> Run {
        let (line, strikes, meanwhile) = (line.to_owned(), Vec::new(), Vec::new());
        Run { line, strikes, meanwhile, kill: None, is_power_cut: false, full_after: None, blocked: None }
    }
}

/// Configuration, as far as stories change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Configuration {
    /// Every column of the standard boards.
    Whole,
    /// Without one of the columns.
    Without(&'static str),
    /// Only vacant units are pushed.
    OnlyVacant,
    /// Only units of one company are read.
    OnlyCompany(i64),
    /// Units are known by their code and their building too.
    ByIdentity,
    /// HApi is asked as another user, whom it does not know.
    OtherUser,
    /// An item that people took away turns its entity red.
    MissingReported,
    /// An item that people took away dissociates its entity.
    MissingUnlinked,
    /// What people write into this column stays.
    EditsKept(&'static str),
}

/// Story: a value that follows from its seed, and can be played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Story {
    /// Where delays, the order of what arrives, and HApi's records come from.
    pub(crate) seed: u64,
    /// How many units HApi has at first; it has about 3.5 times as many records.
    pub(crate) units: usize,
    /// The kinds that are read and pushed.
    pub(crate) kinds: &'static [&'static str],
    /// Whether monday knows repeated calls by their keys.
    pub(crate) has_idempotency: bool,
    /// How long searches on monday lag behind, in milliseconds.
    pub(crate) search_lag_ms: u64,
    /// How many changes monday takes in one call.
    pub(crate) batch: usize,
    /// `daily_calls`; 0: no cap.
    pub(crate) daily_calls: u64,
    /// Whether new items are imported, whatever that costs.
    pub(crate) has_imports: bool,
    /// monday's points of a minute; each change takes it 40 ms then. 0: it has no limit and takes no time.
    pub(crate) points: u64,
    /// How many times as many points as usual a change costs.
    pub(crate) dearness: u64,
    /// How long monday takes for each change, in milliseconds, until the story is over: after a minute it answers that it took too long, and
    /// goes on working. 0: it takes no time.
    pub(crate) pace_ms: u64,
    /// How many items monday gives in one answer at most; 0: as many as are asked for.
    pub(crate) page_items: usize,
    /// Whether HApi sends webhooks, and somebody receives them.
    pub(crate) has_webhooks: bool,
    pub(crate) steps: Vec<Step>,
}

impl Story {
    /// A story without any step, in a small and simple world.
    pub(crate) fn seeded(seed: u64) -> Story {
        let (has_idempotency, search_lag_ms, batch) = (true, 0, 25);
        let (daily_calls, has_imports, has_webhooks, steps) = (0, false, false, Vec::new());
        Story {
            seed,
            units: 2,
            kinds: ALL_KINDS,
            has_idempotency,
            search_lag_ms,
            batch,
            daily_calls,
            has_imports,
            points: 0,
            dearness: 1,
            pace_ms: 0,
            page_items: 0,
            has_webhooks,
            steps,
        }
    }

    pub(crate) fn units(self, units: usize) -> Story {
        Story { units, ..self }
    }

    pub(crate) fn only(self, kinds: &'static [&'static str]) -> Story {
        Story { kinds, ..self }
    }

    pub(crate) fn without_idempotency(self) -> Story {
        Story { has_idempotency: false, ..self }
    }

    pub(crate) fn search_lag_ms(self, search_lag_ms: u64) -> Story {
        Story { search_lag_ms, ..self }
    }

    pub(crate) fn batch(self, batch: usize) -> Story {
        Story { batch, ..self }
    }

    pub(crate) fn daily_calls(self, daily_calls: u64) -> Story {
        Story { daily_calls, ..self }
    }

    pub(crate) fn with_imports(self) -> Story {
        Story { has_imports: true, ..self }
    }

    pub(crate) fn points(self, points: u64) -> Story {
        Story { points, ..self }
    }

    pub(crate) fn dearness(self, dearness: u64) -> Story {
        Story { dearness, ..self }
    }

    pub(crate) fn pace_ms(self, pace_ms: u64) -> Story {
        Story { pace_ms, ..self }
    }

    pub(crate) fn page_items(self, page_items: usize) -> Story {
        Story { page_items, ..self }
    }

    pub(crate) fn with_webhooks(self) -> Story {
        Story { has_webhooks: true, ..self }
    }

    pub(crate) fn step(mut self, step: Step) -> Story {
        self.steps.push(step);
        self
    }

    pub(crate) fn then(self, what: Happening) -> Story {
        self.step(Step::Then(what))
    }

    pub(crate) fn wait(self, seconds: u64) -> Story {
        self.step(Step::Wait(seconds))
    }

    pub(crate) fn run(self, line: &str) -> Story {
        self.step(Step::Run(Run::of(line)))
    }

    pub(crate) fn backup(self) -> Story {
        self.step(Step::Backup)
    }

    pub(crate) fn restore(self) -> Story {
        self.step(Step::Restore)
    }

    pub(crate) fn configure(self, configuration: Configuration) -> Story {
        self.step(Step::Configure(configuration))
    }

    /// `entity`: a selector, or a place for one, as in a command line.
    pub(crate) fn shows(self, entity: &str) -> Story {
        self.step(Step::Shows(entity.to_owned()))
    }

    pub(crate) fn ended(self, code: u8) -> Story {
        self.step(Step::Ended(code))
    }

    /// In the run before this, a fault strikes so many requests, after so many that it may strike.
    pub(crate) fn struck(self, after: u64, times: u64, fault: &'static str) -> Story {
        self.in_run(|run| run.strikes.push(Strike { after, times, fault }))
    }

    /// In the run before this, something happens when its n-th request is sent.
    pub(crate) fn meanwhile(self, at: u64, what: Happening) -> Story {
        self.in_run(|run| run.meanwhile.push((at, what)))
    }

    /// The run before this is killed.
    pub(crate) fn killed(self, kill: Kill) -> Story {
        self.in_run(|run| run.kill = Some(kill))
    }

    /// In the run before this, the power is cut.
    pub(crate) fn power_cut(self, at: Kill) -> Story {
        self.in_run(|run| (run.kill, run.is_power_cut) = (Some(at), true))
    }

    /// In the run before this, the disk is full after so many writes.
    pub(crate) fn disk_full_after(self, writes: u64) -> Story {
        self.in_run(|run| run.full_after = Some(writes))
    }

    /// In the run before this, a file beside the store cannot be written.
    pub(crate) fn blocked(self, suffix: &'static str) -> Story {
        self.in_run(|run| run.blocked = Some(suffix))
    }

    /// Whether anything happens to the disk.
    pub(crate) fn wears_the_disk(&self) -> bool {
        let is_worn = |step: &Step| matches!(step, Step::Run(run) if run.is_power_cut || run.full_after.is_some());
        self.steps.iter().any(is_worn)
    }

    fn in_run(mut self, change: impl FnOnce(&mut Run)) -> Story {
        match self.steps.last_mut() {
            Some(Step::Run(run)) => change(run),
            _ => panic!("there is no run to which this happens"),
        }
        self
    }
}

impl fmt::Display for Story {
    /// As Rust, to be kept as a test.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Story::seeded({})", self.seed)?;
        writeln!(f, "    .units({})", self.units)?;
        if self.kinds != ALL_KINDS {
            writeln!(f, "    .only(&{:?})", self.kinds)?;
        }
        if !self.has_idempotency {
            writeln!(f, "    .without_idempotency()")?;
        }
        if self.search_lag_ms > 0 {
            writeln!(f, "    .search_lag_ms({})", self.search_lag_ms)?;
        }
        if self.batch != 25 {
            writeln!(f, "    .batch({})", self.batch)?;
        }
        if self.daily_calls > 0 {
            writeln!(f, "    .daily_calls({})", self.daily_calls)?;
        }
        if self.has_imports {
            writeln!(f, "    .with_imports()")?;
        }
        if self.points > 0 {
            writeln!(f, "    .points({})", self.points)?;
        }
        if self.dearness > 1 {
            writeln!(f, "    .dearness({})", self.dearness)?;
        }
        if self.pace_ms > 0 {
            writeln!(f, "    .pace_ms({})", self.pace_ms)?;
        }
        if self.page_items > 0 {
            writeln!(f, "    .page_items({})", self.page_items)?;
        }
        if self.has_webhooks {
            writeln!(f, "    .with_webhooks()")?;
        }
        self.steps.iter().try_for_each(|step| write!(f, "{step}"))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Then(what) => writeln!(f, "    .then({what})"),
            Step::Wait(seconds) => writeln!(f, "    .wait({seconds})"),
            Step::Backup => writeln!(f, "    .backup()"),
            Step::Restore => writeln!(f, "    .restore()"),
            Step::Configure(configuration) => writeln!(f, "    .configure(Configuration::{configuration:?})"),
            Step::Shows(entity) => writeln!(f, "    .shows({entity:?})"),
            Step::Ended(code) => writeln!(f, "    .ended({code})"),
            Step::Run(run) => write!(f, "{run}"),
        }
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "    .run({:?})", self.line)?;
        for Strike { after, times, fault } in &self.strikes {
            writeln!(f, "    .struck({after}, {times}, {fault:?})")?;
        }
        for (at, what) in &self.meanwhile {
            writeln!(f, "    .meanwhile({at}, {what})")?;
        }
        if let Some(writes) = self.full_after {
            writeln!(f, "    .disk_full_after({writes})")?;
        }
        if let Some(suffix) = self.blocked {
            writeln!(f, "    .blocked({suffix:?})")?;
        }
        let how = if self.is_power_cut { "power_cut" } else { "killed" };
        self.kill.iter().try_for_each(|kill| writeln!(f, "    .{how}(Kill::{kill:?})"))
    }
}
