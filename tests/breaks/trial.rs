//! Trial of mutants: all are built into a copy of the sources; one after the other is switched on, and whoever notices it is asked.

use crate::harmless::HARMLESS;
use crate::mutants::{Mutant, Piece, blamed, mutants_of, mutated};
use crate::workshop::{Copied, Ended, Noticed, WRITTEN, run, run_test};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// The parts that are mutated.
const PARTS: [&str; 4] = ["boards", "plan", "pull", "push"];
/// How often what does not build is left out.
const MOST_ROUNDS: usize = 12;
/// A mutant after which the stories take longer never ends.
const LONGEST: Duration = Duration::from_secs(180);
/// The programs run many times: they are built to be quick.
const QUICK: [(&str, &str); 1] = [("CARGO_PROFILE_DEV_OPT_LEVEL", "2")];
/// The switch: it reads from a file which mutant is on; asked for it, it keeps which of them are reached.
const SWITCH: &str = r#"
pub(crate) fn is_mutated(number: usize) -> bool {
    use std::sync::atomic::{AtomicBool, Ordering};
    static CHOSEN: std::sync::OnceLock<Option<usize>> = std::sync::OnceLock::new();
    static REACHED: [AtomicBool; MUTANTS] = [const { AtomicBool::new(false) }; MUTANTS];
    let chosen = CHOSEN.get_or_init(|| {
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/mutant.txt")).ok()?.parse().ok()
    });
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
    lib: PathBuf,
    sim: PathBuf,
    /// Mutants that the tests beside the code come by.
    by_lib: BTreeSet<usize>,
    by_stories: BTreeSet<usize>,
}

impl Trial {
    /// Builds the copy: what a mutant makes unfit to be built is left out.
    pub(crate) fn open(root: &Path) -> Trial {
        let mut mutants: BTreeMap<usize, Mutant> = all_mutants(&root.join("src")).into_iter().enumerate().collect();
        let count = mutants.len();
        let lib = fs::read_to_string(root.join("src/lib.rs")).expect("the library")
            + &SWITCH.replace("MUTANTS", &count.to_string());
        for _ in 0..MOST_ROUNDS {
            let (mut changed, pieces) = instrumented(&root.join("src"), &mutants);
            changed.insert(root.join("src/lib.rs"), lib.clone().into_bytes());
            let copied = Copied::open(root, "mutants", &changed);
            let (messages, is_sound) = copied.cargo(&["check", "--lib"], &QUICK);
            if is_sound {
                let [lib, sim] =
                    ["lib", "sim"].map(|target| copied.build(target, &QUICK).unwrap_or_else(|why| panic!("{why}")));
                let mut trial =
                    Trial { copied, mutants, lib, sim, by_lib: BTreeSet::new(), by_stories: BTreeSet::new() };
                trial.find_reached();
                return trial;
            }
            let unfit = unfit(&messages, &pieces);
            assert!(!unfit.is_empty(), "it does not build: {}", errors(&messages));
            eprintln!("{} of {count} mutants do not build", unfit.len() + count - mutants.len());
            mutants.retain(|number, _| !unfit.contains(number));
        }
        panic!("it still does not build after {MOST_ROUNDS} rounds");
    }

    fn choose(&self, chosen: &str) {
        fs::write(self.copied.folder.join("mutant.txt"), chosen).expect("the switch");
    }

    fn find_reached(&mut self) {
        self.choose("none");
        let file = self.copied.folder.join("reached.txt");
        let reached = |program: &Path, filters: &[&str]| {
            _ = fs::remove_file(&file);
            for filter in filters {
                let noticed = run_test(program, &self.copied.folder, filter);
                assert!(matches!(noticed, Noticed::Never(_)), "red without any mutant");
            }
            let text = fs::read_to_string(&file).unwrap_or_default();
            text.lines().filter_map(|line| line.parse().ok()).collect()
        };
        self.by_lib = reached(&self.lib, &[""]);
        self.by_stories = reached(&self.sim, &[WRITTEN[0], WRITTEN[1], "after_any_story"]);
    }

    /// Switches a mutant on, and asks who notices it.
    pub(crate) fn try_mutant(&self, number: usize) -> Noticed {
        self.choose(&number.to_string());
        if self.by_lib.contains(&number)
            && let noticed @ Noticed::After { .. } = run_test(&self.lib, &self.copied.folder, "")
        {
            return noticed;
        }
        if !self.by_stories.contains(&number) {
            return Noticed::Never("no story comes by".to_owned());
        }
        for written in WRITTEN {
            if let noticed @ Noticed::After { .. } = run_test(&self.sim, &self.copied.folder, written) {
                return noticed;
            }
        }
        let (began, mut command) = (Instant::now(), Command::new(&self.sim));
        command.args(["after_any_story", "--nocapture"]).env("WHOLE", "1");
        match run(command, &self.copied.folder, LONGEST) {
            Ended::Well => Noticed::Never("all stories end well".to_owned()),
            Ended::TooLate => Noticed::After { seconds: LONGEST.as_secs(), by: "stories that never end".to_owned() },
            Ended::Badly(_) => Noticed::After { seconds: began.elapsed().as_secs(), by: "a random story".to_owned() },
        }
    }
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
