//! Stories at play: the program is run, step by step, in a world of its own.

use crate::CRASHES;
use crate::check;
use crate::deeds::{self, Before, Pending};
use crate::happening::{set_of, some_id};
use crate::host::{Universe, Written};
use crate::ledger::Ledger;
use crate::mail::{begin_to_receive, end_to_receive};
use crate::story::{ALL_KINDS, Configuration, Run, Step, Story};
use crate::world::{Calls, HAPI_URL, MONDAY_URL, Plan, beside};
use hopem_disk::Disk;
use hopem_sandbox::hapi::Subscription;
use hopem_sandbox::monday::{TOKEN, standard_boards, standard_configuration};
use hopem_sandbox::{KINDS, Portfolio};
use hopem_sync::store::Store;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

/// No run takes longer, in virtual time: it gives up before.
const LONGEST_RUN: Duration = Duration::from_secs(3 * 3_600);
/// How often an undisturbed sync is repeated before everything has to be right.
const CLEAN_RUNS: u32 = 6;
/// When monday answers that a call takes too long.
pub(crate) const CUT_OFF: Duration = Duration::from_secs(60);
const CLEAN_LINE: &str = "sync --allow-deletes -q";

/// What a story came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Played {
    /// What was sent and when, folded into one number.
    pub(crate) trace: u64,
    /// How much time passed in it.
    pub(crate) passed: Duration,
    /// How many entities there were in the end.
    pub(crate) entities: usize,
    /// How many runs were killed.
    pub(crate) kills: u64,
    /// How many values were written to items that showed them already.
    pub(crate) idle: u64,
    /// What was asked.
    pub(crate) calls: Calls,
    /// How long the longest run took.
    pub(crate) longest: Duration,
    /// Calls that monday refused for a limit.
    pub(crate) limited: u64,
    /// Faults that struck, by name.
    pub(crate) faults: BTreeMap<&'static str, u64>,
    /// States that were reached: a command, who was asked with which fault, how it ended.
    pub(crate) states: BTreeSet<String>,
}

/// A story being played.
pub(crate) struct Stage {
    pub(crate) universe: Universe,
    folder: tempfile::TempDir,
    /// How many runs were killed, or had no room on the disk.
    pub(crate) kills: u64,
    /// Whether the store is one that was put aside: calls that it counted since are forgotten.
    pub(crate) was_restored: bool,
    /// Kinds of which some entities were left out for a while.
    pub(crate) narrowed: BTreeSet<&'static str>,
    pub(crate) configuration: Configuration,
    /// Whether items that lost their keys are known by what they show.
    pub(crate) knows_by_identity: bool,
    /// Whether HApi was read with this configuration: records that were stored before may lack what it maps.
    is_read: bool,
    /// Whether a push took note of this configuration: what it maps otherwise is due only then.
    is_planned: bool,
    /// The kinds that are read and pushed.
    pub(crate) kinds: &'static [&'static str],
    /// Whether `status` is asked after each run what is synced; else the store is read past it, and `status` only in the end.
    pub(crate) asks_status: bool,
    daily_calls: u64,
    page_size: u32,
    route: &'static str,
    /// The cap of the calls of a day, until the story is over.
    pub(crate) capped_calls: u64,
    /// What was asked of monday on each day until then.
    pub(crate) capped_days: BTreeMap<String, u64>,
    states: BTreeSet<String>,
    longest: Duration,
    /// The commands that ran.
    verbs: BTreeSet<String>,
    /// What the store holds of what is to be done, where that is known.
    pub(crate) pending: Option<Pending>,
    /// Whether people ever had items that are missing made again.
    pub(crate) has_relinked: bool,
    /// Entities that people paused.
    pub(crate) paused: BTreeSet<String>,
    /// Since when what failed may have been reported by no run that ended: a run was killed.
    pub(crate) unreported_since: Option<Duration>,
    /// Entities that were blamed for faults of the server.
    pub(crate) blamed: BTreeSet<String>,
    /// What `status` said, if nothing ran since.
    pub(crate) known_states: Option<Vec<(String, String)>>,
    /// Items that people had archived with `unlink`, by their entities.
    pub(crate) to_archive: BTreeMap<String, String>,
    /// How the command before ended, if it was not killed.
    last_code: Option<u8>,
}

/// How a run ended that was not killed.
pub(crate) struct Ended {
    pub(crate) code: u8,
    pub(crate) written: Written,
    pub(crate) plan: Plan,
    pub(crate) took: Duration,
    /// Whether the disk was full.
    pub(crate) had_no_room: bool,
    /// Whether a file beside the store could not be written.
    pub(crate) was_blocked: bool,
}

/// Tells a story to its end.
///
/// # Errors
/// What is not as it has to be.
pub(crate) fn play(story: &Story) -> Result<Played, String> {
    let mut stage = Stage::new(story);
    for step in &story.steps {
        stage.step(step)?;
    }
    stage.tidy()?;
    stage.clean()?;
    // Those that the configuration left out until now.
    if stage.relink()? {
        stage.clean()?;
    }
    stage.come_to_rest()?;
    check::whole(&mut stage)?;
    let world = stage.universe.world();
    let entities = KINDS.iter().map(|(_, set)| world.hapi.records(set).len()).sum();
    Ok(Played {
        trace: world.trace,
        passed: world.passed,
        entities,
        kills: stage.kills,
        idle: world.idle,
        calls: world.calls,
        longest: stage.longest,
        limited: world.monday.limited_calls(),
        faults: world.faults.clone(),
        states: stage.states.clone(),
    })
}

/// Tells a story that is written down.
///
/// # Panics
/// If it does not end well.
pub(crate) fn ends_well(story: &Story) {
    crate::silence();
    if let Err(wrong) = play(story) {
        panic!("{story}{wrong}");
    }
}

impl Stage {
    fn new(story: &Story) -> Stage {
        let universe = Universe::new(story.seed);
        {
            let mut world = universe.world();
            Portfolio::tidy(story.seed, story.units).fill(&mut world.hapi);
            world.monday.set_idempotency(story.has_idempotency);
            world.monday.set_search_lag(Duration::from_millis(story.search_lag_ms));
            if story.pace_ms > 0 {
                world.monday.set_pace(Duration::from_millis(story.pace_ms), CUT_OFF);
            }
            if story.points > 0 {
                world.monday.set_points_per_minute(Some(story.points));
                world.monday.set_pace(Duration::from_millis(40), CUT_OFF);
            }
            world.monday.set_upload_address("https://monday.example");
            world.monday.set_max_root_fields(Some(story.batch));
            world.monday.set_dearness(story.dearness);
            if story.page_items > 0 {
                world.monday.set_page_items(story.page_items);
            }
            world.boards = standard_boards(&mut world.monday);
            world.mail.is_on = story.has_webhooks;
            // Half of those who receive webhooks have subscribed to them, so that not everything is read each time.
            if story.has_webhooks && story.seed.is_multiple_of(2) {
                for (_, set) in KINDS {
                    let entity = set.strip_suffix('s').unwrap_or(set);
                    world.hapi.subscribe(Subscription::new(entity, "https://hooks.example.ca/"));
                }
            }
        }
        let stage = Stage {
            universe,
            folder: in_memory(),
            kills: 0,
            was_restored: false,
            narrowed: BTreeSet::new(),
            configuration: Configuration::Whole,
            knows_by_identity: false,
            is_read: true,
            is_planned: true,
            kinds: story.kinds,
            asks_status: story.seed.is_multiple_of(8),
            daily_calls: story.daily_calls,
            // Small pages: sets are read in ranges.
            page_size: if story.seed % 3 == 2 { 4 } else { 50 },
            route: if story.has_imports { "bulk" } else { "auto" },
            capped_calls: story.daily_calls,
            capped_days: BTreeMap::new(),
            states: BTreeSet::new(),
            longest: Duration::ZERO,
            verbs: BTreeSet::new(),
            pending: Some(Pending::default()),
            has_relinked: false,
            paused: BTreeSet::new(),
            unreported_since: None,
            blamed: BTreeSet::new(),
            known_states: None,
            to_archive: BTreeMap::new(),
            last_code: None,
        };
        stage.universe.world().store = stage.store();
        stage.write_configuration();
        // Most find a store that is there already, for the sake of speed.
        if !story.seed.is_multiple_of(8) {
            std::fs::create_dir(stage.folder.path().join("data")).expect("a folder");
            std::fs::write(stage.store(), empty_store()).expect("a store");
        }
        if story.wears_the_disk() {
            let folder = std::fs::canonicalize(stage.folder.path()).expect("a folder").join("data");
            stage.universe.world().disk = Some(Disk::under(&folder));
        }
        if story.has_webhooks {
            begin_to_receive(&stage.universe, &stage.store());
        }
        stage
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.folder.path().join("data/store.db")
    }

    fn write_configuration(&self) {
        let mut boards = self.universe.world().boards.clone();
        boards.retain(|board| self.kinds.contains(&board.kind));
        let others = ALL_KINDS.iter().filter(|kind| !self.kinds.contains(kind));
        let others: String = others.map(|kind| format!("[entities.{kind}]\nenabled = false\n")).collect();
        let standard = standard_configuration(&boards) + &others;
        let entities = match self.configuration {
            Configuration::Whole
            | Configuration::OtherUser
            | Configuration::MissingReported
            | Configuration::MissingUnlinked => standard,
            Configuration::EditsKept(column) => kept(&standard, column),
            Configuration::ByIdentity => in_unit(&standard, "identity = [\"text_code\", \"link_building\"]"),
            Configuration::Without(column) => without(&standard, column),
            Configuration::OnlyVacant => in_unit(&standard, "only = { OccupancyStatus = [\"V\"] }"),
            Configuration::OnlyCompany(company) => in_unit(&standard, &format!("filter = \"CompanyNo eq {company}\"")),
        };
        let (missing, adopt) = match self.configuration {
            Configuration::MissingReported => ("report", "key"),
            Configuration::MissingUnlinked => ("unlink", "key"),
            Configuration::ByIdentity => ("recreate", "identity"),
            _ => ("recreate", "key"),
        };
        let user = if self.configuration == Configuration::OtherUser { "nobody" } else { "svc-monday" };
        let text = format!(
            "[hapi]\nurl = \"{HAPI_URL}\"\nusername = \"{user}\"\npage_size = {}\n\
             [monday]\nurl = \"{MONDAY_URL}\"\ndaily_calls = {}\nroute = \"{}\"\n[sync]\non_missing = \"{missing}\"\nadopt = \"{adopt}\"\n\
             [store]\npath = \"data/store.db\"\n{entities}",
            self.page_size, self.daily_calls, self.route
        );
        let file = self.folder.path().join("config.toml");
        std::fs::write(&file, text).expect("a file");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).expect("its mode");
    }

    fn step(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Wait(seconds) => self.universe.wait(Duration::from_secs(*seconds)),
            Step::Then(what) => self.universe.world().apply(what),
            Step::Backup => {
                let kept = self.folder.path().join("kept.db");
                let _ = std::fs::remove_file(&kept);
                self.command(&Run::of(&format!("backup {}", kept.display())))?;
            }
            Step::Restore => self.restore(),
            Step::Configure(configuration) => self.configure(*configuration),
            Step::Shows(entity) => {
                let entity = self.resolved(entity);
                check::shows(&self.universe.world(), &entity)?;
            }
            Step::Ended(code) if self.last_code != Some(*code) => {
                return Err(format!("the command before ended with {:?}, not with {code}", self.last_code));
            }
            Step::Ended(_) => {}
            Step::Run(run) => _ = self.command(run)?,
        }
        Ok(())
    }

    fn configure(&mut self, configuration: Configuration) {
        if matches!(configuration, Configuration::OnlyVacant | Configuration::OnlyCompany(_)) {
            self.narrowed.insert("unit");
        }
        self.configuration = configuration;
        self.knows_by_identity |= configuration == Configuration::ByIdentity;
        (self.is_read, self.is_planned) = (false, false);
        let mut world = self.universe.world();
        world.changed = world.passed;
        drop(world);
        self.write_configuration();
    }

    fn restore(&mut self) {
        let kept = self.folder.path().join("kept.db");
        if !kept.exists() {
            return;
        }
        self.replace_store(|store| {
            for suffix in ["", "-wal", "-shm"] {
                let _ = std::fs::remove_file(beside(store, suffix));
            }
            std::fs::copy(&kept, store).expect("a copy");
        });
        self.was_restored = true;
        self.pending = None;
        self.to_archive.clear();
        self.unreported_since = None;
        self.universe.world().rests.clear();
    }

    /// Replaces the store's files; nobody holds them open meanwhile.
    fn replace_store(&self, work: impl FnOnce(&Path)) {
        let is_received = self.universe.world().mail.is_on;
        end_to_receive(&self.universe);
        work(&self.store());
        if let Some(disk) = &self.universe.world().disk {
            disk.forget();
        }
        if is_received {
            begin_to_receive(&self.universe, &self.store());
        }
    }

    /// Runs a command, and checks what can be said of it. `None`: it was killed.
    ///
    /// # Errors
    /// What is not as it has to be.
    pub(crate) fn command(&mut self, run: &Run) -> Result<Option<Ended>, String> {
        let line = self.resolved(&run.line);
        self.verbs.extend(line.split_whitespace().next().map(str::to_owned));
        self.known_states = None;
        self.has_relinked |= line.contains("--relink");
        if let Some(entity) = line.strip_prefix("forget ").and_then(|rest| rest.split(' ').next()) {
            self.universe.world().forgotten.insert(entity.to_owned());
        }
        if let Some((entity, _)) = line.strip_prefix("unlink ").and_then(|rest| rest.split_once(" --archive-item")) {
            self.universe.world().removed.insert(entity.to_owned());
        }
        if let Some(entity) = line.strip_prefix("unlink ").and_then(|rest| rest.split(' ').next()) {
            self.universe.world().let_go(entity);
        }
        let (began, before) = (self.universe.passed(), Before::of(self));
        self.universe.begin(Plan::new(run, self.store()));
        let arguments = std::iter::once("hopem-sync").chain(line.split_whitespace()).map(OsString::from);
        if let Some(disk) = &self.universe.world().disk {
            disk.fill_after(run.full_after);
        }
        let crashes = CRASHES.get();
        let blocked = run.blocked.map(|suffix| Blocked::at(beside(&self.store(), suffix)));
        let code = hopem_sync::run_on(&self.universe.host(), arguments, self.environment());
        drop(blocked);
        let (plan, written) = self.universe.end();
        let had_no_room = self.universe.world().disk.as_ref().is_some_and(|disk| {
            disk.fill_after(None);
            disk.take_refused() > 0
        });
        let took = self.universe.passed() - began;
        self.longest = self.longest.max(took);
        if crate::is_verbose() {
            eprintln!("`{line}`: {code}, killed: {}\n{}{}", plan.was_killed, written.out, written.err);
        }
        if CRASHES.get() > crashes {
            return Err(format!("`{line}` crashed"));
        }
        if took > LONGEST_RUN {
            return Err(format!("`{line}` took {took:?}"));
        }
        let verb = line.split_whitespace().next().unwrap_or_default();
        let ending = if plan.was_killed { format!("{:?}", plan.kill) } else { code.to_string() };
        self.states.extend(plan.asked.iter().map(|(what, fault)| format!("{verb} {what} {fault} {ending}")));
        self.last_code = (!plan.was_killed).then_some(code);
        if plan.was_killed {
            self.kills += 1;
            self.pending = None;
            self.unreported_since.get_or_insert(began);
            self.replace_store(put_back);
            return Ok(None);
        }
        self.kills += u64::from(had_no_room);
        self.is_read |= code == 0 && ["sync", "pull"].contains(&verb);
        self.is_planned |= code == 0 && ["sync", "push"].contains(&verb);
        let ended = Ended { code, written, plan, took, had_no_room, was_blocked: run.blocked.is_some() };
        check::run(self, &line, &before, &ended)?;
        self.note_rests(&line, &ended);
        match ended.had_no_room {
            true => _ = self.unreported_since.get_or_insert(began),
            false if deeds::pushes_everything(&line) => self.unreported_since = None,
            false => {}
        }
        if ended.code == 0 {
            deeds::still_paused(&mut self.paused, &line);
            self.note_unlinked(&line);
        }
        Ok(Some(ended))
    }

    /// Keeps which item people had archived, or left, as they dissociated its entity.
    fn note_unlinked(&mut self, line: &str) {
        let Some(entity) = line.strip_prefix("unlink ").and_then(|rest| rest.split(' ').next()) else { return };
        self.to_archive.remove(entity);
        if line.contains("--archive-item") {
            let held = Ledger::open(&self.store()).held().remove(entity);
            self.to_archive.extend(held.map(|item| (entity.to_owned(), item)));
        }
    }

    /// Keeps which side asked to be left alone by later runs too, as far as this one had to take note of it.
    fn note_rests(&self, line: &str, ended: &Ended) {
        // A run that ends for its time may end before the answer is there; what is only looked at is not kept.
        let keeps = deeds::heeds_rests(line) && !ended.had_no_room && !line.contains("--max-duration");
        let mut world = self.universe.world();
        for (side, until) in ended.plan.rests.iter().filter(|_| keeps) {
            world.rests.insert(*side, *until);
        }
    }

    /// A command line with selectors in the places of `{unit 17}`.
    fn resolved(&self, line: &str) -> String {
        let world = self.universe.world();
        let Some((before, rest)) = line.split_once('{') else { return line.to_owned() };
        let (place, after) = rest.split_once('}').expect("a place");
        let (kind, which) = place.split_once(' ').unwrap_or((place, "0"));
        let id = some_id(&world.hapi, set_of(kind), which.parse().expect("a number"));
        format!("{before}{kind}:{}{after}", id.unwrap_or_default())
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

    /// What was put off by people is put on again; the configuration is whole; time enough passes for everything to be read,
    /// and verified, once more.
    fn tidy(&mut self) -> Result<(), String> {
        self.daily_calls = 0;
        self.capped_days = self.universe.world().calls_by_day.clone();
        self.configure(Configuration::Whole);
        self.universe.world().tidy();
        if self.verbs.contains("pause") {
            self.command(&Run::of("resume unit"))?;
        }
        self.relink()?;
        self.universe.wait(Duration::from_secs(25 * 3_600));
        // What was refused time and again waits for people; all else comes right by itself.
        let parked = Ledger::open(&self.store()).parked();
        if !parked.is_empty() {
            self.command(&Run::of(&format!("resync {} --later", parked.join(" "))))?;
        }
        Ok(())
    }

    /// Runs until one has nothing to do: what became known only while the first of them asked after lost answers is dealt with by
    /// the next, such as a board that could not be verified, or an item that was made of a record that has gone since.
    fn come_to_rest(&mut self) -> Result<(), String> {
        self.universe.wait(Duration::from_secs(600));
        match check::calls_for_nothing(self)? {
            None => Ok(()),
            Some(_) => check::calls_for_nothing(self)?.map_or(Ok(()), Err),
        }
    }

    /// What was unlinked is tied again, as people would. Returns whether there was any.
    fn relink(&mut self) -> Result<bool, String> {
        let unlinked = Ledger::open(&self.store()).unlinked();
        if !unlinked.is_empty() {
            self.universe.wait(Duration::from_secs(3_600));
            self.command(&Run::of(&format!("resync {} --relink", unlinked.join(" "))))?;
        }
        Ok(!unlinked.is_empty())
    }

    /// Whether HApi was read, and the boards were pushed to, by today's configuration.
    pub(crate) fn follows_configuration(&self) -> bool {
        self.is_read && self.is_planned
    }

    /// Whether what the store holds of the boards is what the program left there, all of it.
    pub(crate) fn knows_the_boards(&self) -> bool {
        let is_known = self.is_read && self.is_planned;
        self.configuration == Configuration::Whole && is_known && self.narrowed.is_empty() && !self.was_restored
    }

    /// Undisturbed syncs, until one has nothing to say.
    fn clean(&mut self) -> Result<(), String> {
        let mut endings = Vec::new();
        for _ in 0..CLEAN_RUNS {
            self.universe.wait(Duration::from_secs(3_600));
            let Some(ended) = self.command(&Run::of(CLEAN_LINE))? else { continue };
            if ended.code == 0 {
                return Ok(());
            }
            endings.push(format!("{}: {}", ended.code, ended.written.err.trim()));
        }
        Err(format!("undisturbed syncs ended with\n{}", endings.join("\n")))
    }
}

/// A file that cannot be written: there is a folder in its place.
struct Blocked {
    file: PathBuf,
}

impl Blocked {
    fn at(file: PathBuf) -> Blocked {
        let _ = std::fs::rename(&file, beside(&file, ".aside"));
        // Before the first run there is no place for it.
        let _ = std::fs::create_dir(&file);
        Blocked { file }
    }
}

impl Drop for Blocked {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir(&self.file);
        let _ = std::fs::rename(beside(&self.file, ".aside"), &self.file);
    }
}

/// A configuration without a column, of whatever kind.
fn without(text: &str, column: &str) -> String {
    text.lines().filter(|line| !line.starts_with(&format!("{column} ="))).map(|line| format!("{line}\n")).collect()
}

/// A configuration in which hand edits of a column stay, of whatever kind.
fn kept(text: &str, column: &str) -> String {
    let kept = |line: &str| match line.strip_prefix(&format!("{column} = ")) {
        Some(field) => format!("{column} = {{ field = {field}, on_edit = \"keep\" }}\n"),
        None => format!("{line}\n"),
    };
    text.lines().map(kept).collect()
}

/// A configuration with a setting more for units.
fn in_unit(text: &str, setting: &str) -> String {
    text.replace("[entities.unit]\n", &format!("[entities.unit]\n{setting}\n"))
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

/// A store without anything in it, made once.
fn empty_store() -> &'static [u8] {
    static MADE: OnceLock<Vec<u8>> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = in_memory();
        let file = folder.path().join("store.db");
        drop(Store::open(&file, &hopem_sync::clock::Clock::system()).expect("a store"));
        std::fs::read(file).expect("its bytes")
    })
}
