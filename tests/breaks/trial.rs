//! Trial of mutants: all are built into a copy of the sources; one after the other is switched on, and whoever notices it is asked.

use crate::harmless::HARMLESS;
use crate::mutants::{Mutant, Piece, blamed, mutants_of, mutated};
use crate::workshop::{Copied, Ended, Noticed, WRITTEN, run};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The parts that are mutated.
const PARTS: [&str; 4] = ["boards", "plan", "pull", "push"];
/// How often what does not build is left out.
const MOST_ROUNDS: usize = 12;
/// Nobody who may notice a mutant takes longer where there is none.
const LONGEST: Duration = Duration::from_secs(180);
/// Who takes ten times as long as usual, and this, never ends.
const PATIENCE: Duration = Duration::from_secs(20);
/// The random stories of the suite, and how many of them are played by one process: what a mutant changes is asked only where it is come by.
const STORIES: usize = 500;
const TOGETHER: usize = 10;
/// The variable that names the mutant for one process.
const MUTANT: &str = "MUTANT_NUMBER";
/// The switch: it reads which mutant is on from the environment; without one it keeps which of them are reached.
const SWITCH: &str = r#"
pub(crate) fn is_mutated(number: usize) -> bool {
    use std::sync::atomic::{AtomicBool, Ordering};
    static CHOSEN: std::sync::OnceLock<Option<usize>> = std::sync::OnceLock::new();
    static REACHED: [AtomicBool; MUTANTS] = [const { AtomicBool::new(false) }; MUTANTS];
    let chosen = CHOSEN.get_or_init(|| std::env::var("MUTANT_NUMBER").ok()?.parse().ok());
    if let Some(chosen) = chosen {
        return *chosen == number;
    }
    if !REACHED[number].swap(true, Ordering::Relaxed) {
        use std::io::Write as _;
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/reached.txt");
        let mut file = std::fs::File::options().append(true).create(true).open(file).expect("a file");
        writeln!(file, "{number}").expect("a line");
    }
    false
}
"#;

/// Copy of the sources with every mutant that builds.
pub(crate) struct Trial {
    copied: Copied,
    pub(crate) mutants: BTreeMap<usize, Mutant>,
    /// Those who may notice a mutant.
    judges: Vec<Judge>,
    /// No mutant is shown to others once those who saw it took so long.
    pub(crate) enough: Duration,
}

/// Who may notice a mutant.
struct Judge {
    name: String,
    program: PathBuf,
    arguments: Vec<String>,
    /// Of stories: the first seed.
    from: Option<u64>,
    /// How long it takes where nothing is mutated.
    took: Duration,
    /// The mutants that it comes by: no other changes what it sees.
    reached: BTreeSet<usize>,
    /// How many it noticed.
    noticed: AtomicU64,
}

impl Judge {
    fn new(name: &str, program: &Path, arguments: &[&str]) -> Judge {
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let (from, took, reached, noticed) = (None, Duration::ZERO, BTreeSet::new(), AtomicU64::new(0));
        Judge { name: name.to_owned(), program: program.to_owned(), arguments, from, took, reached, noticed }
    }

    /// Seconds that it takes for each mutant that it notices, as far as is known: the cheapest are asked first.
    fn price(&self) -> f64 {
        let noticed = u32::try_from(self.noticed.load(Ordering::Relaxed)).unwrap_or(u32::MAX);
        self.took.as_secs_f64() / f64::from(noticed.saturating_add(1))
    }

    fn run(&self, folder: &Path, mutant: Option<usize>, most: Duration) -> Ended {
        let mut command = Command::new(&self.program);
        // Several are asked at once, one on each core.
        command.args(&self.arguments).env("THREADS", "1");
        if let Some(mutant) = mutant {
            command.env(MUTANT, mutant.to_string());
        }
        if let Some(from) = self.from {
            command.envs([("WHOLE", "1".to_owned()), ("FROM", from.to_string()), ("SEEDS", TOGETHER.to_string())]);
        }
        run(command, folder, most)
    }
}

impl Trial {
    /// Builds the copy: what a mutant makes unfit to be built is left out.
    pub(crate) fn open(root: &Path) -> Trial {
        let mut mutants: BTreeMap<usize, Mutant> = all_mutants(&root.join("src")).into_iter().enumerate().collect();
        let count = mutants.len();
        let lib = fs::read_to_string(root.join("src/lib.rs")).expect("the library")
            + &SWITCH.replace("MUTANTS", &count.to_string());
        let kept = Kept::of(root);
        let mut unfit_before: BTreeSet<String> = kept.read_any("unfit").unwrap_or_default();
        mutants.retain(|_, mutant| !unfit_before.contains(&mutant.identity()));
        for _ in 0..MOST_ROUNDS {
            let (mut changed, pieces) = instrumented(&root.join("src"), &mutants);
            changed.insert(root.join("src/lib.rs"), lib.clone().into_bytes());
            let copied = Copied::open(root, "mutants", &changed);
            let (messages, is_sound) = copied.cargo(&["test", "--no-run", "--test", "sim"]);
            if is_sound {
                let mut trial = Trial { copied, mutants, judges: Vec::new(), enough: Duration::MAX };
                trial.appoint(&kept);
                return trial;
            }
            let unfit = unfit(&messages, &pieces);
            assert!(!unfit.is_empty(), "it does not build: {}", errors(&messages));
            eprintln!("{} of {count} mutants do not build", unfit.len() + count - mutants.len());
            unfit_before.extend(unfit.iter().map(|number| mutants[number].identity()));
            kept.write("unfit", &unfit_before);
            mutants.retain(|number, _| !unfit.contains(number));
        }
        panic!("it still does not build after {MOST_ROUNDS} rounds");
    }

    /// Finds who may notice mutants, and which of them each comes by.
    fn appoint(&mut self, kept: &Kept) {
        let [lib, sim] = ["lib", "sim"].map(|target| self.copied.build(target).unwrap_or_else(|why| panic!("{why}")));
        let mut judges = vec![Judge::new("the tests beside the code", &lib, &[])];
        for name in written(&sim) {
            judges.push(Judge::new(&name, &sim, &["--exact", &name]));
        }
        for from in (0..STORIES).step_by(TOGETHER) {
            let from = u64::try_from(from).expect("a small number");
            let stories = Judge::new(&format!("a story from {from} on"), &sim, &["after_any_story"]);
            judges.push(Judge { from: Some(from), ..stories });
        }
        let known: BTreeMap<String, (Duration, BTreeSet<usize>)> = kept.read("reached").unwrap_or_default();
        for judge in &mut judges {
            (judge.took, judge.reached) = known.get(&judge.name).cloned().unwrap_or_else(|| self.reached_by(judge));
        }
        let known = judges.iter().map(|judge| (&judge.name, (judge.took, &judge.reached)));
        kept.write("reached", &known.collect::<BTreeMap<_, _>>());
        self.judges = judges;
    }

    fn reached_by(&self, judge: &Judge) -> (Duration, BTreeSet<usize>) {
        let (file, began) = (self.copied.folder.join("reached.txt"), Instant::now());
        _ = fs::remove_file(&file);
        let ended = judge.run(&self.copied.folder, None, LONGEST);
        assert!(matches!(ended, Ended::Well), "{} is red without any mutant", judge.name);
        let text = fs::read_to_string(&file).unwrap_or_default();
        (began.elapsed(), text.lines().filter_map(|line| line.parse().ok()).collect())
    }

    /// Whether anybody comes by a mutant.
    pub(crate) fn is_reached(&self, number: usize) -> bool {
        self.judges.iter().any(|judge| judge.reached.contains(&number))
    }

    /// Shows a mutant to those who come by it, until one notices it.
    pub(crate) fn try_mutant(&self, number: usize) -> Noticed {
        let began = Instant::now();
        let seconds = || began.elapsed().as_secs();
        let mut judges: Vec<&Judge> = self.judges.iter().filter(|judge| judge.reached.contains(&number)).collect();
        judges.sort_by(|one, other| one.price().total_cmp(&other.price()));
        for (asked, judge) in judges.iter().enumerate() {
            if began.elapsed() > self.enough {
                return Noticed::Never(format!("{asked} of {} who come by it are content", judges.len()));
            }
            let by = match judge.run(&self.copied.folder, Some(number), PATIENCE + judge.took * 10) {
                Ended::Well => continue,
                Ended::Badly(_) => judge.name.clone(),
                Ended::TooLate => format!("{}, which never ends", judge.name),
            };
            judge.noticed.fetch_add(1, Ordering::Relaxed);
            return Noticed::After { seconds: seconds(), by };
        }
        Noticed::Never(format!("all {} who come by it are content, after {} s", judges.len(), seconds()))
    }
}

/// What was learnt of the sources, kept beside the copy until they differ.
struct Kept {
    folder: PathBuf,
    /// Of the sources, and of the stories with them.
    prints: BTreeMap<&'static str, u64>,
}

impl Kept {
    fn of(root: &Path) -> Kept {
        let [sources, stories] =
            [&["src"][..], &["src", "tests/sim", "tests/common", "tests/disk", "examples/sandbox", "Cargo.lock"]].map(
                |parts| parts.iter().fold(0, |print: u64, part| print.wrapping_add(fingerprint(&root.join(part)))),
            );
        Kept { folder: Copied::folder("mutants"), prints: [("unfit", sources), ("reached", stories)].into() }
    }

    fn read<T: serde::de::DeserializeOwned>(&self, name: &str) -> Option<T> {
        let text = fs::read(self.file(name)).ok()?;
        let (print, value): (u64, T) = serde_json::from_slice(&text).ok()?;
        (print == self.prints[name]).then_some(value)
    }

    /// What was learnt, also of sources that are no longer the same.
    fn read_any<T: serde::de::DeserializeOwned>(&self, name: &str) -> Option<T> {
        let (_, value): (u64, T) = serde_json::from_slice(&fs::read(self.file(name)).ok()?).ok()?;
        Some(value)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.json"))
    }

    fn write(&self, name: &str, value: &impl serde::Serialize) {
        let text = serde_json::to_vec(&(self.prints[name], value)).expect("JSON");
        fs::write(self.file(name), text).expect("a file");
    }
}

/// A number that is another when a file of a folder is.
fn fingerprint(path: &Path) -> u64 {
    if path.is_dir() {
        let entries = fs::read_dir(path).expect("a folder").map(|entry| entry.expect("an entry").path());
        return entries.fold(0, |print: u64, path| print.wrapping_add(fingerprint(&path)));
    }
    let content = (path, fs::read(path).expect("a file"));
    BuildHasherDefault::<DefaultHasher>::default().hash_one(content)
}

/// The stories that are written down, by the names of their tests.
fn written(sim: &Path) -> Vec<String> {
    let output = Command::new(sim).arg("--list").output().expect("a list");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let names = text.lines().filter_map(|line| line.strip_suffix(": test"));
    names.filter(|name| WRITTEN.iter().any(|written| name.starts_with(written))).map(str::to_owned).collect()
}

/// Whether a mutant is known to harm nobody.
pub(crate) fn is_harmless(mutant: &Mutant) -> bool {
    HARMLESS.iter().any(|harmless| harmless.is(mutant))
}

/// The mutants of the parts that plan and sync, in the order of the files.
pub(crate) fn all_mutants(source: &Path) -> Vec<Mutant> {
    let mut files: Vec<PathBuf> = Vec::new();
    PARTS.iter().for_each(|part| add_files(&source.join(part), &mut files));
    files.sort();
    let of_file = |file: &PathBuf| {
        let name = file.strip_prefix(source).expect("a file of the sources").to_string_lossy().into_owned();
        mutants_of(&name, &fs::read_to_string(file).expect("a source file"))
    };
    files.iter().flat_map(of_file).collect()
}

fn add_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            add_files(&path, files);
        } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("testing.rs") {
            files.push(path);
        }
    }
}

/// The files with these mutants, and where their pieces stand, by name in `src`.
fn instrumented(
    source: &Path,
    mutants: &BTreeMap<usize, Mutant>,
) -> (BTreeMap<PathBuf, Vec<u8>>, BTreeMap<String, Vec<Piece>>) {
    let mut by_file: BTreeMap<&str, Vec<(usize, &Mutant)>> = BTreeMap::new();
    mutants.iter().for_each(|(number, mutant)| by_file.entry(&mutant.file).or_default().push((*number, mutant)));
    let (mut changed, mut pieces) = (BTreeMap::new(), BTreeMap::new());
    for (name, mutants) in by_file {
        let file = source.join(name);
        let (text, of_file) = mutated(&fs::read_to_string(&file).expect("a source file"), &mutants);
        changed.insert(file, text.into_bytes());
        pieces.insert(name.to_owned(), of_file);
    }
    (changed, pieces)
}

/// What the compiler complains of, as people read it.
fn errors(messages: &str) -> String {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let errors = messages.filter(|message| message["message"]["level"] == "error");
    errors.filter_map(|error| error["message"]["rendered"].as_str().map(str::to_owned)).collect()
}

/// Mutants that the compiler complains of.
fn unfit(messages: &str, pieces: &BTreeMap<String, Vec<Piece>>) -> BTreeSet<usize> {
    let mut unfit = BTreeSet::new();
    for message in messages.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok()) {
        let message = &message["message"];
        if message["level"] != "error" {
            continue;
        }
        let spans = message["spans"].as_array().into_iter().flatten();
        let (primary, secondary): (Vec<_>, Vec<_>) = spans.partition(|span| span["is_primary"] == true);
        let of = |spans: &[&serde_json::Value]| -> BTreeSet<usize> {
            spans.iter().filter_map(|span| complaint(span, pieces)).flatten().collect()
        };
        let blamed = of(&primary);
        unfit.extend(if blamed.is_empty() { of(&secondary) } else { blamed });
    }
    unfit
}

fn complaint(span: &serde_json::Value, pieces: &BTreeMap<String, Vec<Piece>>) -> Option<BTreeSet<usize>> {
    let pieces = pieces.get(span["file_name"].as_str()?.strip_prefix("src/")?)?;
    let [start, end] = ["byte_start", "byte_end"].map(|key| span[key].as_u64().and_then(|at| usize::try_from(at).ok()));
    let place: Range<usize> = start?..end?;
    Some(blamed(pieces, &place))
}
