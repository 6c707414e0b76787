//! Stories: what happens to a store between its first sync and a last, undisturbed one; and what must be true then.

#[path = "../common/mirror.rs"]
mod mirror;

use crate::fault::{Fault, Kill, Strike};
use crate::world::{Calls, Dice, HAPI_URL, MONDAY_URL, Universe, beside};
use hopem_sandbox::monday::{StandardBoard, TOKEN, standard_boards, standard_configuration};
use hopem_sandbox::{Hapi, KINDS, Portfolio};
use hopem_sync::entity::Kind;
use hopem_sync::store::{State, Store};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

/// No run takes longer, in virtual time: it gives up before.
const LONGEST_RUN: Duration = Duration::from_secs(3 * 3_600);
/// How often an undisturbed sync is repeated before everything has to be right.
const CLEAN_RUNS: u32 = 4;
const CLEAN_LINE: &str = "sync --allow-deletes -q";

/// Step of a story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// A property of some record has another value. `which` counts over the records of the set, round and round.
    Change { set: &'static str, which: u64, property: &'static str, value: String },
    /// A record goes.
    Remove { set: &'static str, which: u64 },
    /// A record comes, much like another.
    Add { set: &'static str, which: u64, id: i64 },
    /// Time passes, in seconds.
    Wait(u64),
    /// A command runs.
    Run { line: &'static str, strikes: Vec<Strike>, kill: Option<Kill> },
}

/// Story: a value that follows from its seed, and can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Story {
    pub(crate) seed: u64,
    /// How many units HApi has at first.
    pub(crate) units: usize,
    /// Whether monday knows repeated calls by their keys.
    pub(crate) has_idempotency: bool,
    /// How long searches on monday lag behind, in milliseconds.
    pub(crate) search_lag_ms: u64,
    /// How many changes monday takes in one call.
    pub(crate) batch: usize,
    pub(crate) steps: Vec<Step>,
}

const SETS: [(&str, &str); 7] = [
    ("Buildings", "City"),
    ("Units", "Comment"),
    ("Tenants", "LastName"),
    ("Parkings", "Comment"),
    ("Storages", "StorageNo"),
    ("TenantParkings", "Plate1"),
    ("TenantStorages", "KeyNo"),
];

const LINES: [&str; 6] = [
    "sync --allow-deletes -q",
    "sync --allow-deletes -q",
    "sync --allow-deletes -q",
    "sync --allow-deletes -q --max-calls 6",
    "pull --allow-deletes -q",
    "push -q",
];

impl Story {
    /// The story of a seed.
    pub(crate) fn of(seed: u64, units: usize) -> Story {
        let mut dice = Dice(seed);
        let (has_idempotency, lag) = (dice.percent(50), dice.pick(&[0, 0, 300, 20_000]));
        let batch = dice.pick(&[8, 25, 100]);
        let mut steps = vec![run(&mut dice, "sync --allow-deletes -q")];
        for round in 0..2 {
            steps.push(Step::Wait(dice.below(3_600)));
            for change in 0..2 + dice.below(4) {
                steps.push(change_of(&mut dice, round * 10 + change));
            }
            let line = dice.pick(&LINES);
            steps.push(run(&mut dice, line));
        }
        Story { seed, units, has_idempotency, search_lag_ms: lag, batch, steps }
    }
}

fn run(dice: &mut Dice, line: &'static str) -> Step {
    let strikes = (0..dice.below(4)).map(|_| Strike { request: dice.below(60), fault: fault(dice) }).collect();
    let number = dice.below(60);
    let kill = match dice.below(8) {
        0 => Some(Kill::BeforeSending(number)),
        1 => Some(Kill::AfterSending(number)),
        2 => Some(Kill::BeforeReading(number)),
        3 => Some(Kill::AtReading(dice.below(600))),
        _ => None,
    };
    Step::Run { line, strikes, kill }
}

fn fault(dice: &mut Dice) -> Fault {
    match dice.below(9) {
        0 => Fault::Refused,
        1 => Fault::LostBefore,
        2 | 3 => Fault::LostAfter,
        4 => Fault::Hang,
        5 => Fault::Status(dice.pick(&[500, 502, 503])),
        6 => Fault::StatusAfter(dice.pick(&[500, 502, 504])),
        7 => Fault::Limit(dice.pick(&[0, 5, 45])),
        _ => Fault::Slow(dice.pick(&[3, 25, 70])),
    }
}

fn change_of(dice: &mut Dice, number: u64) -> Step {
    let ((set, property), which) = (dice.pick(&SETS), dice.number() % 10_000);
    match dice.below(6) {
        0 => Step::Remove { set, which },
        1 => Step::Add { set, which, id: 60_000 + i64::try_from(number).expect("a small number") },
        _ => Step::Change { set, which, property, value: format!("t{number}") },
    }
}

impl fmt::Display for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "SEED={}: {} units, idempotency {}, search lag {} ms, {} changes a call",
            self.seed, self.units, self.has_idempotency, self.search_lag_ms, self.batch
        )?;
        self.steps.iter().try_for_each(|step| writeln!(f, "  {step:?}"))
    }
}

/// What a story came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Told {
    /// What was sent and when, folded into one number.
    pub(crate) trace: u64,
    /// How much time passed in it.
    pub(crate) passed: Duration,
    /// How many entities there were in the end.
    pub(crate) entities: usize,
    /// How many runs were killed.
    pub(crate) kills: u64,
    /// What was asked.
    pub(crate) calls: Calls,
}

/// A story being told.
struct Stage {
    universe: Universe,
    boards: Vec<StandardBoard>,
    folder: tempfile::TempDir,
    removed: BTreeSet<String>,
    kills: u64,
}

/// Tells a story to its end.
///
/// # Errors
/// What is not as it has to be.
pub(crate) fn tell(story: &Story) -> Result<Told, String> {
    let mut stage = Stage::new(story);
    for step in &story.steps {
        stage.step(step)?;
    }
    stage.clean()?;
    stage.check()?;
    let world = stage.universe.world();
    let entities = KINDS.iter().map(|(_, set)| world.hapi.records(set).len()).sum();
    Ok(Told { trace: world.trace, passed: world.passed, entities, kills: stage.kills, calls: world.calls })
}

impl Stage {
    fn new(story: &Story) -> Stage {
        let universe = Universe::new(story.seed);
        let boards = {
            let mut world = universe.world();
            Portfolio::tidy(story.seed, story.units).fill(&mut world.hapi);
            world.monday.set_idempotency(story.has_idempotency);
            world.monday.set_search_lag(Duration::from_millis(story.search_lag_ms));
            world.monday.set_max_root_fields(Some(story.batch));
            standard_boards(&mut world.monday)
        };
        let folder = in_memory();
        let config = format!(
            "[hapi]\nurl = \"{HAPI_URL}\"\nusername = \"svc-monday\"\npage_size = 50\n\
             [monday]\nurl = \"{MONDAY_URL}\"\ndaily_calls = 0\n[store]\npath = \"data/store.db\"\n{}",
            standard_configuration(&boards)
        );
        let file = folder.path().join("config.toml");
        std::fs::write(&file, config).expect("a file");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).expect("its mode");
        let stage = Stage { universe, boards, folder, removed: BTreeSet::new(), kills: 0 };
        // Most find a store that is there already, for the sake of speed.
        if !story.seed.is_multiple_of(8) {
            std::fs::create_dir(stage.folder.path().join("data")).expect("a folder");
            std::fs::write(stage.store(), empty_store()).expect("a store");
        }
        stage
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("data/store.db")
    }

    fn step(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Wait(seconds) => self.universe.wait(Duration::from_secs(*seconds)),
            Step::Run { line, strikes, kill } => {
                let code = self.run(line, strikes, *kill)?;
                if let Some(code) = code.filter(|code| ![0, 1, 3, 7].contains(code)) {
                    return Err(format!("`{line}` ended with {code}"));
                }
            }
            Step::Change { set, which, property, value } => {
                let mut world = self.universe.world();
                if let Some(id) = some_id(&world.hapi, set, *which) {
                    world.hapi.update(set, id, property, json!(value));
                }
            }
            Step::Remove { set, which } => {
                let mut world = self.universe.world();
                if let Some(id) = some_id(&world.hapi, set, *which) {
                    world.hapi.remove(set, id);
                    self.removed.insert(format!("{}:{id}", kind_of(set)));
                }
            }
            Step::Add { set, which, id } => {
                let mut world = self.universe.world();
                let like = some_id(&world.hapi, set, *which).and_then(|id| world.hapi.record(set, id).cloned());
                if let Some(mut record) = like {
                    record["Id"] = json!(id);
                    for code in ["BuildingCode", "UnitCode"].into_iter().filter(|code| set.starts_with(&code[..4])) {
                        record[code] = json!(format!("N{id}"));
                    }
                    world.hapi.insert(set, record);
                }
            }
        }
        Ok(())
    }

    /// Runs a command line of the program. `None`: it was killed.
    fn run(&mut self, line: &str, strikes: &[Strike], kill: Option<Kill>) -> Result<Option<u8>, String> {
        let arguments = std::iter::once("hopem-sync").chain(line.split_whitespace()).map(OsString::from);
        let began = self.universe.passed();
        self.universe.begin(strikes, kill, self.store());
        let code = hopem_sync::run_on(&self.universe.host(), arguments, self.environment());
        let was_killed = self.universe.end();
        let took = self.universe.passed() - began;
        if took > LONGEST_RUN {
            return Err(format!("`{line}` took {took:?}"));
        }
        if was_killed {
            self.kills += 1;
            put_back(&self.store());
        }
        Ok((!was_killed).then_some(code))
    }

    fn environment(&self) -> BTreeMap<String, String> {
        let settings = self.universe.world().hapi.settings.clone();
        let config = self.folder.path().join("config.toml").display().to_string();
        [
            ("HOPEM_SYNC_CONFIG", config),
            ("HOPEM_SYNC_HAPI_PASSWORD", settings.password),
            ("HOPEM_SYNC_HAPI_API_KEY", settings.api_key),
            ("HOPEM_SYNC_MONDAY_TOKEN", TOKEN.to_owned()),
            ("USER", "sim".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// Undisturbed syncs, until one has nothing to say.
    fn clean(&mut self) -> Result<(), String> {
        let mut codes = Vec::new();
        for _ in 0..CLEAN_RUNS {
            self.universe.wait(Duration::from_secs(3_600));
            let code = self.run(CLEAN_LINE, &[], None)?;
            codes.push(code);
            if code == Some(0) {
                return Ok(());
            }
        }
        Err(format!("undisturbed syncs ended with {codes:?}"))
    }

    /// What has to be true after an undisturbed sync.
    fn check(&self) -> Result<(), String> {
        let world = self.universe.world();
        let mut wrong = mirror::differences(&world.hapi, &world.monday, &self.boards);
        if world.monday.parallel_mutations() > 0 {
            wrong.push("two calls at a time for one board".to_owned());
        }
        let wanted = mirror::wanted(&world.hapi);
        for board in &self.boards {
            for item in world.monday.items(&board.board_id).into_iter().filter(|item| item.state != "active") {
                let key = item.values.get(board.key_column).and_then(Value::as_str).unwrap_or_default();
                if wanted.contains_key(key) && !self.removed.contains(key) {
                    wrong.push(format!("{key}: {} though HApi has it", item.state));
                }
            }
        }
        wrong.extend(self.unsynced(world.now()));
        wrong.extend(self.miscounted(world.calls));
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
    }

    /// What `status` does not call synced.
    fn unsynced(&self, now: jiff::Timestamp) -> Vec<String> {
        let store = Store::open_to_read(&self.store()).expect("a store");
        let mut wrong = Vec::new();
        for kind in Kind::all() {
            for (state, _, count) in store.count_states(kind, false, now).expect("counts") {
                if state != State::Synced && count > 0 {
                    wrong.push(format!("{count} of {} are {state:?}", kind.name()));
                }
            }
        }
        wrong
    }

    /// Whether the calls that the store has counted are those that were made. A kill may come between the two.
    fn miscounted(&self, made: Calls) -> Option<String> {
        let connection = rusqlite::Connection::open(self.store()).expect("a store");
        let query = "SELECT COALESCE(sum(hapi), 0), COALESCE(sum(monday), 0) FROM calls";
        let counted = connection
            .query_row(query, [], |row| Ok(Calls { hapi: row.get(0)?, monday: row.get(1)? }))
            .expect("counts");
        let is_right = match self.kills {
            0 => counted == made,
            kills => counted.hapi <= made.hapi && (made.monday..=made.monday + kills).contains(&counted.monday),
        };
        (!is_right).then(|| format!("{made:?} made, {counted:?} counted, {} kills", self.kills))
    }
}

/// The store as it lay there when the run was killed.
fn put_back(store: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(beside(store, suffix));
        let kept = beside(store, &format!("{suffix}.kept"));
        if kept.exists() {
            std::fs::rename(&kept, beside(store, suffix)).expect("put back");
        }
    }
}

/// A folder in memory, where there is one: nothing has to last.
fn in_memory() -> tempfile::TempDir {
    let shared = Path::new("/dev/shm");
    tempfile::tempdir_in(shared).or_else(|_| tempfile::tempdir()).expect("a folder")
}

fn some_id(hapi: &Hapi, set: &str, which: u64) -> Option<i64> {
    let records = hapi.records(set);
    let index = usize::try_from(which % records.len().max(1) as u64).ok()?;
    records.get(index)?["Id"].as_i64()
}

fn kind_of(set: &str) -> &'static str {
    KINDS.iter().find(|(_, of)| *of == set).map_or("", |(kind, _)| kind)
}

/// A store without anything in it, made once.
fn empty_store() -> &'static [u8] {
    static MADE: OnceLock<Vec<u8>> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = in_memory();
        let file = folder.path().join("store.db");
        drop(Store::open(&file).expect("a store"));
        std::fs::read(file).expect("its bytes")
    })
}
