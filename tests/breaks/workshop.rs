//! A copy of the sources in the target folder, in which every break is built in, and one at a time is switched on.

use crate::table::{BREAKS, Break, By};
use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Seek as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What is not copied of the project.
const LEFT_OUT: [&str; 4] = [".git", "artifacts", "found", "target"];
/// No break may go unnoticed for longer.
const LONGEST: Duration = Duration::from_secs(120);
/// Stories played by one process: it reports how they ended when all of them are over.
pub(crate) const STORIES_TOGETHER: u64 = 8;
/// The stories that are written down.
pub(crate) const WRITTEN: [&str; 2] = ["pinned::", "found::"];
/// The switch: it reads which break is tried from the environment, so that several can be tried side by side, else from a file, since
/// programs under test run without an environment.
const SWITCH: &str = r#"
pub(crate) fn is_broken(name: &str) -> bool {
    static BROKEN: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/broken.txt");
    let of_file = || std::fs::read_to_string(file).unwrap_or_default();
    BROKEN.get_or_init(|| std::env::var("BROKEN").unwrap_or_else(|_| of_file())) == name
}
"#;

/// What became of a break.
pub(crate) enum Noticed {
    /// It was noticed so soon, by this.
    After { seconds: u64, by: String },
    /// It was not.
    Never(String),
}

/// Source file with its breaks built in.
pub(crate) fn broken_source(text: &str, breaks: &[&Break]) -> String {
    breaks.iter().fold(text.to_owned(), |text, broken| {
        text.replacen(broken.find, &broken.put.replace("BROKEN", &format!("crate::is_broken(\"{}\")", broken.name)), 1)
    })
}

/// Copy of the sources, with changes.
pub(crate) struct Copied {
    pub(crate) folder: PathBuf,
    target: PathBuf,
}

impl Copied {
    /// Brings a copy up to date, some of its files with another content. It is built in a folder of its own: Cargo tells packages of
    /// one name in two places apart by their places within their workspaces only, so that the usual build would find what is broken
    /// here.
    pub(crate) fn open(root: &Path, name: &str, changed: &BTreeMap<PathBuf, Vec<u8>>) -> Copied {
        let folder = Copied::folder(name);
        copy(root, &folder, changed);
        let target = folder.join("target");
        if !target.exists() {
            lend(&folder.with_file_name("debug"), &target.join("debug"));
        }
        Copied { folder, target }
    }

    /// Where the copy of this name is.
    pub(crate) fn folder(name: &str) -> PathBuf {
        let program = std::env::current_exe().expect("this program");
        program.ancestors().nth(3).expect("the target folder").join(name)
    }

    /// Cargo's messages about a target, a line of JSON each, and whether it was built.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> (String, bool) {
        let mut command = Command::new(env!("CARGO"));
        command.args(arguments).args(["--offline", "--message-format=json", "--quiet", "-p", "hopem-sync"]);
        command.current_dir(&self.folder).env("CARGO_TARGET_DIR", &self.target);
        let output = command.output().expect("cargo");
        (String::from_utf8_lossy(&output.stdout).into_owned(), output.status.success())
    }

    /// Builds a test target (`lib`, or the name of another); returns the program.
    ///
    /// # Errors
    /// What the compiler said first.
    pub(crate) fn build(&self, target: &str) -> Result<PathBuf, String> {
        let chosen: &[&str] = if target == "lib" { &["--lib"] } else { &["--test", target] };
        let (messages, is_built) = self.cargo(&[&["test", "--no-run"], chosen].concat());
        if !is_built {
            let mut errors = messages.lines().filter_map(|line| line.split("\"rendered\":\"").nth(1));
            let error = errors.find(|text| text.starts_with("error")).unwrap_or_default();
            return Err(format!("it does not build: {}", error.chars().take(600).collect::<String>()));
        }
        // The program itself is built along with tests that run it.
        let is_test = |line: &&str| {
            let profile = line.split("\"profile\":{").nth(1).and_then(|rest| rest.split('}').next());
            profile.is_some_and(|profile| profile.contains("\"test\":true"))
        };
        let tests = messages.lines().filter(is_test);
        let mut programs = tests.filter_map(|line| line.split("\"executable\":\"").nth(1)?.split('"').next());
        programs.next().map(PathBuf::from).ok_or_else(|| "no program was built".to_owned())
    }
}

/// Copy of the sources with every break.
pub(crate) struct Workshop {
    copied: Copied,
    /// The programs that were built, by target.
    programs: BTreeMap<&'static str, PathBuf>,
}

impl Workshop {
    pub(crate) fn open(root: &Path) -> Workshop {
        let mut changed: BTreeMap<PathBuf, Vec<u8>> = BTreeMap::new();
        let mut by_file: BTreeMap<&str, Vec<&Break>> = BTreeMap::new();
        BREAKS.iter().for_each(|broken| by_file.entry(broken.file).or_default().push(broken));
        for (file, breaks) in by_file {
            let file = root.join("src").join(file);
            let text = fs::read_to_string(&file).expect("a source file");
            changed.insert(file, broken_source(&text, &breaks).into_bytes());
        }
        let lib = root.join("src/lib.rs");
        let text = fs::read_to_string(&lib).expect("the library");
        changed.insert(lib, (text + SWITCH).into_bytes());
        Workshop { copied: Copied::open(root, "breaks", &changed), programs: BTreeMap::new() }
    }

    /// Whether nothing is noticed while nothing is broken.
    pub(crate) fn is_sound(&mut self) -> bool {
        self.switch_on("");
        let program = self.program(By::Stories).unwrap_or_else(|why| panic!("{why}"));
        WRITTEN.iter().all(|written| matches!(run_test(&program, &self.copied.folder, written), Noticed::Never(_)))
    }

    /// Switches a break on, and runs what has to notice it, for as long as that may take.
    pub(crate) fn try_break(&mut self, broken: &Break) -> Noticed {
        self.switch_on(broken.name);
        let program = match self.program(broken.by) {
            Ok(program) => program,
            Err(why) => return Noticed::Never(why),
        };
        match broken.by {
            By::Stories => play_stories(&program, &self.copied.folder),
            By::Test { name, .. } => run_test(&program, &self.copied.folder, name),
        }
    }

    fn switch_on(&self, name: &str) {
        fs::write(self.copied.folder.join("broken.txt"), name).expect("the switch");
    }

    /// What notices a break, built once.
    fn program(&mut self, by: By) -> Result<PathBuf, String> {
        let target = match by {
            By::Stories => "sim",
            By::Test { target, .. } => target,
        };
        if let Some(program) = self.programs.get(target) {
            return Ok(program.clone());
        }
        let program = self.copied.build(target)?;
        self.programs.insert(target, program.clone());
        Ok(program)
    }
}

/// Copies what differs, so that the rest need not be built again; some files with another content.
fn copy(from: &Path, to: &Path, changed: &BTreeMap<PathBuf, Vec<u8>>) {
    if from.is_dir() {
        fs::create_dir_all(to).expect("a folder");
        for entry in fs::read_dir(from).expect("a folder") {
            let name = entry.expect("an entry").file_name();
            if !LEFT_OUT.iter().any(|left_out| name == *left_out) {
                copy(&from.join(&name), &to.join(&name), changed);
            }
        }
        return;
    }
    let content = changed.get(from).cloned().unwrap_or_else(|| fs::read(from).expect("a file"));
    if fs::read(to).ok().as_ref() != Some(&content) {
        fs::write(to, content).expect("a file");
    }
}

/// Tells the stories that are written down, and then others, until one does not end well.
pub(crate) fn play_stories(program: &Path, folder: &Path) -> Noticed {
    let began = Instant::now();
    for written in WRITTEN {
        if let noticed @ Noticed::After { .. } = run_test(program, folder, written) {
            return noticed;
        }
    }
    let mut played = 0;
    while began.elapsed() < LONGEST {
        let mut command = Command::new(program);
        command.args(["after_any_story", "--nocapture"]).env("FROM", played.to_string());
        command.env("SEEDS", STORIES_TOGETHER.to_string());
        match run(command, folder, LONGEST.saturating_sub(began.elapsed())) {
            Ended::Well => played += STORIES_TOGETHER,
            Ended::TooLate => break,
            Ended::Badly(text) => {
                let seed = text
                    .split("Story::seeded(")
                    .nth(1)
                    .and_then(|rest| rest.split(|c: char| !c.is_ascii_digit()).next());
                let by = seed.map_or_else(|| "a story that crashed".to_owned(), |seed| format!("story {seed}"));
                return Noticed::After { seconds: began.elapsed().as_secs(), by };
            }
        }
    }
    Noticed::Never(format!("{played} stories ended well"))
}

/// Lends what was built of packages of others, which takes far longer than the rest.
fn lend(from: &Path, to: &Path) {
    let is_ours = |name: &str| {
        ["hopem", "libhopem", ".cargo", "sim-", "it-", "breaks-", "fuzz-", "structure-", "ninth_kind-"]
            .iter()
            .any(|own| name.starts_with(own))
    };
    let entries = fs::read_dir(from).into_iter().flatten().map(|entry| entry.expect("an entry"));
    fs::create_dir_all(to).expect("a folder");
    for entry in entries.filter(|entry| !is_ours(&entry.file_name().to_string_lossy())) {
        let (lent, kind) = (to.join(entry.file_name()), entry.file_type().expect("a type"));
        match kind.is_dir() {
            true if entry.file_name() == "incremental" => {}
            true => lend(&entry.path(), &lent),
            false => lend_file(&entry.path(), &lent),
        }
    }
}

/// Libraries are replaced and never written to, and can be shared; other files are copied with their times, by which Cargo judges
/// what is out of date.
fn lend_file(from: &Path, to: &Path) {
    let is_library = from.extension().is_some_and(|end| ["rlib", "rmeta", "so"].iter().any(|library| end == *library));
    if is_library && fs::hard_link(from, to).is_ok() {
        return;
    }
    fs::copy(from, to).expect("a file");
    let modified = from.metadata().and_then(|metadata| metadata.modified()).expect("its time");
    fs::File::options().write(true).open(to).and_then(|file| file.set_modified(modified)).expect("its time");
}

pub(crate) fn run_test(program: &Path, folder: &Path, name: &str) -> Noticed {
    let began = Instant::now();
    let mut command = Command::new(program);
    command.arg(name);
    match run(command, folder, LONGEST) {
        Ended::Badly(text) => {
            let mut failed = text.lines().filter_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... FAILED"));
            let by = failed.next().map_or_else(|| "a crash".to_owned(), |name| format!("`{name}`"));
            Noticed::After { seconds: began.elapsed().as_secs(), by }
        }
        Ended::TooLate => Noticed::Never("it takes too long".to_owned()),
        Ended::Well => Noticed::Never("the test passes".to_owned()),
    }
}

/// End of a process.
pub(crate) enum Ended {
    Well,
    /// With what it wrote.
    Badly(String),
    /// It was not waited for any longer.
    TooLate,
}

pub(crate) fn run(mut command: Command, folder: &Path, most: Duration) -> Ended {
    let (began, mut played) = (Instant::now(), tempfile::tempfile().expect("a file"));
    let output = || played.try_clone().expect("a file");
    command.current_dir(folder).stdin(Stdio::null()).stdout(output()).stderr(output());
    let mut child: Child = command.spawn().expect("a program that was built");
    loop {
        match child.try_wait().expect("a process") {
            Some(status) if status.success() => return Ended::Well,
            Some(_) => {
                let mut text = String::new();
                played.rewind().and_then(|()| played.read_to_string(&mut text)).expect("what it wrote");
                return Ended::Badly(text);
            }
            // The others need not be waited for.
            None if has_failed(&played) => {
                child.kill().and_then(|()| child.wait()).expect("a process");
                let mut text = String::new();
                played.rewind().and_then(|()| played.read_to_string(&mut text)).expect("what it wrote");
                return Ended::Badly(text);
            }
            None if began.elapsed() >= most => {
                child.kill().and_then(|()| child.wait()).expect("a process");
                return Ended::TooLate;
            }
            None => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}

/// Whether a test is said to have failed in what was written so far, where others may be under way. Whoever writes is not disturbed.
fn has_failed(written: &fs::File) -> bool {
    let length = written.metadata().map_or(0, |file| file.len());
    let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
    let is_read = written.read_exact_at(&mut bytes, 0).is_ok();
    is_read && String::from_utf8_lossy(&bytes).contains(" ... FAILED\n")
}
