//! Tests of the source's structure: which part may know which, and how long functions and files may be.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The parts of the program, from top to bottom, a layer a line: a part may import what stands in a layer below its own, and
/// nothing beside it or above it.
///
/// `host` stands above `http`, since the host of a program hands out its transport; `text` stands at the bottom, since the names
/// of kinds and entities are compared as texts.
const LAYERS: &[&[&str]] = &[
    &["main"],
    &["lib"],
    &["cli"],
    &["commands"],
    &["report"],
    &["options"],
    &["run"],
    &["setup"],
    &["push"],
    &["pull"],
    &["boards"],
    &["plan"],
    &["config"],
    &["receiver"],
    &["hapi", "monday", "store"],
    &["host"],
    &["http"],
    &["retry", "clock", "console", "random", "secret", "progress", "private_files", "terminal"],
    &["failure"],
    &["message"],
    &["entity"],
    &["text", "age", "stamp", "process"],
];

/// Features of a crate, as a manifest asks for them.
fn features(manifest: &str, name: &str) -> BTreeSet<String> {
    let manifest: toml::Table = std::fs::read_to_string(manifest).expect("a manifest").parse().expect("TOML");
    let features = manifest["dependencies"][name].get("features").and_then(toml::Value::as_array);
    features.into_iter().flatten().filter_map(toml::Value::as_str).map(str::to_owned).collect()
}

#[test]
fn json_is_the_same_with_and_without_the_sandbox() {
    // Cargo gives all that is built together the features that any of it asks for: here the sandbox, for users not.
    let [ours, sandbox] =
        ["Cargo.toml", "examples/sandbox/Cargo.toml"].map(|manifest| features(manifest, "serde_json"));
    assert!(!sandbox.is_empty() && sandbox.is_subset(&ours), "{sandbox:?} is not within {ours:?}");
    let json = r#"{"b":12345678901234567890.10,"a":1}"#;
    let value: serde_json::Value = serde_json::from_str(json).expect("JSON");
    assert_eq!(value.to_string(), json, "order and digits are kept");
}

/// A source file of the program.
struct Source {
    path: PathBuf,
    /// Its lines without the tests at its end.
    lines: Vec<String>,
}

impl Source {
    /// Every source file.
    fn all() -> Vec<Source> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut sources = Vec::new();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
                if entry.is_dir() {
                    folders.push(entry);
                } else if entry.extension().is_some_and(|extension| extension == "rs") {
                    sources.push(Source::read(&root, &entry));
                }
            }
        }
        assert!(sources.len() > 100, "the sources were not found");
        sources
    }

    fn read(root: &Path, file: &Path) -> Source {
        let text = std::fs::read_to_string(file).expect("a source file");
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let tests = lines.windows(2).position(|pair| pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod tests"));
        lines.truncate(tests.unwrap_or(lines.len()));
        Source { path: file.strip_prefix(root).expect("a file in `src`").to_owned(), lines }
    }

    /// The part of the program that it belongs to: its top folder, or its own name.
    fn part(&self) -> String {
        let first = self.path.iter().next().expect("a name");
        Path::new(first).file_stem().expect("a name").to_string_lossy().into_owned()
    }

    /// The parts that it names: what follows `crate::` and, in the library's root, what `use` begins with.
    fn imports(&self) -> BTreeSet<String> {
        let code: String = self
            .lines
            .iter()
            .filter(|line| !line.trim_start().starts_with("//"))
            .map(|line| format!("{line}\n"))
            .collect();
        let mut parts = BTreeSet::new();
        for (at, root) in code.match_indices("crate::") {
            match code[at + root.len()..].strip_prefix('{') {
                Some(list) => parts.extend(list_members(list)),
                None => parts.extend(first_word(&code[at + root.len()..])),
            }
        }
        parts
    }
}

/// The identifier that a text begins with.
fn first_word(text: &str) -> Option<String> {
    let word: String = text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!word.is_empty()).then_some(word)
}

/// The first identifier of each member of a list of imports; `list` begins behind the opening brace.
fn list_members(list: &str) -> Vec<String> {
    let (mut depth, mut starts, mut members) = (1, true, Vec::new());
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => starts = true,
            _ if starts && !c.is_whitespace() => {
                members.extend(first_word(&list[at..]));
                starts = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    members
}

/// The number of a part's layer, 0 at the top.
fn layer(part: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&part))
}

#[test]
fn every_part_has_its_layer() {
    let parts: BTreeSet<String> = Source::all().iter().map(Source::part).collect();
    let known: BTreeSet<String> = LAYERS.iter().flat_map(|layer| layer.iter().map(|part| (*part).to_owned())).collect();
    assert_eq!(parts, known, "`LAYERS` names each part of `src` once");
    assert_eq!(known.len(), LAYERS.iter().map(|layer| layer.len()).sum::<usize>(), "a part stands in two layers");
}

#[test]
fn imports_run_down_only() {
    let mut wrong = String::new();
    for source in Source::all() {
        let own = source.part();
        for other in source.imports().iter().filter(|other| **other != own) {
            if layer(&own).zip(layer(other)).is_none_or(|(own, other)| own >= other) {
                writeln!(wrong, "{}: `{own}` may not import `{other}`", source.path.display()).expect("a line");
            }
        }
    }
    assert!(wrong.is_empty(), "imports that do not run down:\n{wrong}");
}

#[test]
fn lists_of_imports_are_read_whole() {
    let source =
        |text: &str| Source { path: PathBuf::from("a/b.rs"), lines: text.lines().map(str::to_owned).collect() };
    let names = |text: &str| source(text).imports().into_iter().collect::<Vec<_>>().join(" ");
    assert_eq!(names("use crate::plan::map;\nfn f() { crate::text::nfc() }"), "plan text");
    assert_eq!(names("use crate::{a, b::{c, d}, e};\n// crate::f\nuse std::g;"), "a b e");
}

/// The longest function that is let through, in lines.
const LONGEST_FUNCTION: usize = 60;
/// The longest file that is let through, in lines without its tests.
const LONGEST_FILE: usize = 450;
/// The most methods of one type, over all its `impl` blocks.
const MOST_METHODS: usize = 25;
/// The store and its transaction, whose methods are the statements of the tables: each file adds those of its own.
const LARGE_TYPES: [&str; 2] = ["Store", "Tx"];

impl Source {
    /// The block that begins on a line, to the brace that closes it at the same depth: rustfmt sets both in alike.
    fn block(&self, start: usize) -> &[String] {
        let depth = self.lines[start].len() - self.lines[start].trim_start().len();
        let end = self.lines[start..].iter().position(|line| line.len() == depth + 1 && line.trim_start() == "}");
        match self.lines[start].ends_with('}') {
            true => &self.lines[start..=start],
            false => &self.lines[start..=start + end.expect("the end of a block")],
        }
    }

    /// The name and the length of each function that has a body.
    fn functions(&self) -> Vec<(String, usize)> {
        let starts = self.lines.iter().enumerate().filter_map(|(at, line)| Some((at, function_name(line)?)));
        starts.filter(|(at, _)| self.has_body(*at)).map(|(at, name)| (name, self.block(at).len())).collect()
    }

    /// Whether what begins on a line has a body: a declaration of a trait ends with a semicolon.
    fn has_body(&self, start: usize) -> bool {
        let end = self.lines[start..].iter().find(|line| line.ends_with(['{', '}', ';']));
        end.is_some_and(|line| !line.ends_with(';'))
    }

    /// The number of functions that each type of this file has in its own `impl` blocks.
    fn methods(&self) -> Vec<(String, usize)> {
        let starts = self.lines.iter().enumerate().filter_map(|(at, line)| Some((at, implementing(line)?)));
        let count = |at: usize| self.block(at).iter().filter(|line| function_name(line).is_some()).count();
        starts.map(|(at, name)| (name, count(at))).collect()
    }
}

/// The name of the function that begins on a line.
fn function_name(line: &str) -> Option<String> {
    let words = line.trim_start().split(' ');
    let mut words = words.skip_while(|word| word.starts_with("pub") || matches!(*word, "const" | "async"));
    (words.next() == Some("fn")).then(|| words.next().and_then(first_word)).flatten()
}

/// The type whose own methods begin on a line; `None` also for what implements a trait.
fn implementing(line: &str) -> Option<String> {
    let rest = line.strip_prefix("impl").filter(|_| !line.contains(" for "))?;
    let rest = if rest.starts_with('<') { rest.split_once("> ")?.1 } else { rest };
    first_word(rest)
}

#[test]
fn functions_are_short() {
    let sources = Source::all();
    let mut lengths = Vec::new();
    let mut long = String::new();
    for source in &sources {
        for (name, length) in source.functions() {
            lengths.push(length);
            if length > LONGEST_FUNCTION {
                writeln!(long, "{}: `{name}` has {length} lines", source.path.display()).expect("a line");
            }
        }
    }
    lengths.sort_unstable();
    let (median, nine_in_ten) = (lengths[lengths.len() / 2], lengths[lengths.len() * 9 / 10]);
    assert!(long.is_empty(), "functions of more than {LONGEST_FUNCTION} lines:\n{long}");
    assert!(
        median <= 8 && nine_in_ten <= 25,
        "half of all functions have up to {median} lines, nine in ten {nine_in_ten}"
    );
}

#[test]
fn files_are_short() {
    let sources = Source::all();
    let long = sources.iter().filter(|source| source.lines.len() > LONGEST_FILE);
    let long: Vec<String> = long.map(|source| format!("{}: {}", source.path.display(), source.lines.len())).collect();
    assert!(long.is_empty(), "files of more than {LONGEST_FILE} lines without tests: {long:#?}");
}

#[test]
fn no_type_has_too_many_methods() {
    let mut methods: BTreeMap<(String, String), usize> = BTreeMap::new();
    for source in Source::all() {
        for (name, count) in source.methods().into_iter().filter(|(name, _)| !LARGE_TYPES.contains(&name.as_str())) {
            *methods.entry((source.part(), name)).or_default() += count;
        }
    }
    methods.retain(|_, count| *count > MOST_METHODS);
    assert!(methods.is_empty(), "types with more than {MOST_METHODS} methods: {methods:#?}");
}

/// Words that the text of a type does not begin with: it begins with the noun that the type is.
const NO_NOUNS: &str = "A An The One Two Some What Who Whose Which Why Where When How Whether This That It Its";

impl Source {
    /// The lines of text, and the attributes, that stand over a line.
    fn over(&self, at: usize) -> (Vec<&str>, Vec<&str>) {
        let lines = self.lines[..at].iter().rev().map(|line| line.trim_start());
        let over = lines.take_while(|line| line.starts_with("///") || !line.ends_with(['{', '}', ';']));
        let mut over: Vec<&str> = over.collect();
        over.reverse();
        over.into_iter().partition(|line| line.starts_with("///"))
    }

    /// The head of the function that begins on a line, in one line.
    fn head(&self, start: usize) -> String {
        let lines = &self.lines[start..];
        let end = lines.iter().position(|line| line.ends_with(['{', '}', ';'])).expect("the end of a head");
        lines[..=end].iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
    }
}

/// Whether a line declares what other files can name.
fn is_visible(line: &str) -> bool {
    ["pub ", "pub(crate) "].iter().any(|visible| line.trim_start().starts_with(visible))
}

/// The name of the type that a line declares.
fn type_name(line: &str) -> Option<String> {
    let (_, rest) = line.split_once(' ').filter(|_| is_visible(line.trim_start()))?;
    let (word, rest) = rest.trim_start().split_once(' ')?;
    ["struct", "enum", "trait", "type"].contains(&word).then(|| first_word(rest)).flatten()
}

/// Whether what a function returns may be a failure.
fn is_fallible(head: &str) -> bool {
    let returned = head.split_once(" -> ").map(|(_, returned)| returned).unwrap_or_default();
    let ty: &str = returned.split('<').next().unwrap_or_default();
    returned.contains('<') && ty.rsplit("::").next() == Some("Result")
}

#[test]
fn the_text_of_a_type_begins_with_a_noun() {
    let mut wrong = String::new();
    for source in Source::all() {
        for (at, name) in
            source.lines.iter().enumerate().filter_map(|(at, line)| Some((at, type_name(line.trim_start())?)))
        {
            let (text, attributes) = source.over(at);
            // What clap makes a help text of is written for people.
            if attributes.iter().any(|attribute| attribute.contains("clap::")) {
                continue;
            }
            let first = text.first().and_then(|line| line.trim_start_matches('/').split_whitespace().next());
            if first.is_none_or(|word| NO_NOUNS.split(' ').any(|other| other == word) || word.starts_with('`')) {
                writeln!(wrong, "{}: `{name}` begins with {first:?}", source.path.display()).expect("a line");
            }
        }
    }
    assert!(wrong.is_empty(), "types whose text does not begin with the noun that they are:\n{wrong}");
}

#[test]
fn functions_that_may_fail_say_when() {
    let mut silent = String::new();
    for source in Source::all() {
        for (at, line) in source.lines.iter().enumerate().filter(|(_, line)| is_visible(line)) {
            if let Some(name) = function_name(line)
                && is_fallible(&source.head(at))
                && !source.over(at).0.iter().any(|line| line.trim() == "/// # Errors")
            {
                writeln!(silent, "{}: `{name}`", source.path.display()).expect("a line");
            }
        }
    }
    assert!(silent.is_empty(), "functions without a section `# Errors`:\n{silent}");
}
