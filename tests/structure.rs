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
    &["text", "age", "stamp", "process", "word"],
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
        let code = self.code();
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

/// The tables that the SQL in a file writes to; what is no plain name is given as it stands.
fn written_tables(code: &str) -> BTreeSet<String> {
    let words = code.split(|c: char| c.is_whitespace() || c == '"' || c == '(');
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let mut tables = BTreeSet::new();
    for (at, word) in words.iter().enumerate() {
        let before = |name: &str| at > 0 && words[at - 1] == name;
        let skipped = match *word {
            // Of an upsert, or of a trigger.
            "UPDATE" if before("DO") || before("AFTER") => continue,
            "UPDATE" if words.get(at + 1) == Some(&"OR") => 3,
            "UPDATE" => 1,
            "FROM" if before("DELETE") => 1,
            "INTO" if !before("VACUUM") => 1,
            _ => continue,
        };
        let table = words.get(at + skipped).expect("a table");
        let end = table.find(|c: char| !c.is_alphanumeric() && c != '_').filter(|end| *end > 0);
        tables.insert(table[..end.unwrap_or(table.len())].to_owned());
    }
    tables
}

#[test]
fn tables_are_read_out_of_sql() {
    let code = "execute(\"INSERT OR REPLACE INTO a (x) VALUES (?1)\") prepare(\"UPDATE OR IGNORE b\nSET x = 1\")
         \"DELETE FROM c\", \"INSERT INTO {d} VALUES\", \"UPDATE e SET y\" ON CONFLICT (x) DO UPDATE SET z \"SELECT FROM f\"";
    assert_eq!(written_tables(code).into_iter().collect::<Vec<_>>().join(" "), "a b c e {d}");
}

#[test]
fn each_table_is_written_by_one_file() {
    let mut writers: BTreeMap<String, BTreeSet<PathBuf>> = BTreeMap::new();
    // The migrations bring every table along.
    for source in Source::all().into_iter().filter(|source| !source.path.ends_with("store/schema.rs")) {
        for table in written_tables(&source.code()) {
            writers.entry(table).or_default().insert(source.path.clone());
        }
    }
    assert!(writers.len() > 30, "the tables were not found: {writers:?}");
    let is_name = |table: &str| table.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let wrong: Vec<_> = writers
        .iter()
        .filter(|(table, files)| {
            files.len() > 1 || !is_name(table) || !files.iter().all(|file| file.starts_with("store"))
        })
        .collect();
    assert!(wrong.is_empty(), "tables with several writers, or that are not named where they are written: {wrong:#?}");
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

/// Files by their modules' paths: `push::bulk::job`; the library's root is the empty path.
struct Modules {
    sources: BTreeMap<Vec<String>, Source>,
    /// Names that a module hands on from others, and where they are.
    handed_on: BTreeMap<(Vec<String>, String), Vec<String>>,
}

impl Modules {
    fn read() -> Modules {
        let sources: BTreeMap<_, _> = Source::all().into_iter().map(|source| (source.module(), source)).collect();
        let mut modules = Modules { sources, handed_on: BTreeMap::new() };
        let uses = modules.sources.iter().flat_map(|(module, source)| {
            source.uses().into_iter().filter(|(is_handed_on, _)| *is_handed_on).map(move |(_, path)| (module, path))
        });
        modules.handed_on = uses
            .filter_map(|(module, path)| {
                let absolute = modules.absolute(module, &path)?;
                Some(((module.clone(), absolute.last()?.clone()), absolute))
            })
            .collect();
        modules
    }

    /// A path from the library's root; `None`: it is another crate's.
    fn absolute(&self, module: &[String], path: &[String]) -> Option<Vec<String>> {
        let ups = path.iter().take_while(|word| *word == "super").count();
        let rest = &path[ups..];
        let base = match rest.first()?.as_str() {
            "crate" => return Some(rest[1..].to_vec()),
            "self" => return Some([module, &rest[1..]].concat()),
            _ if ups > 0 => &module[..module.len().checked_sub(ups)?],
            first if self.sources.contains_key(&[module, &[first.to_owned()]].concat()) => module,
            _ => return None,
        };
        Some([base, rest].concat())
    }

    /// The file that a path leads to, through whatever hands it on.
    fn file_of(&self, path: &[String]) -> Vec<String> {
        let length = (0..=path.len()).rev().find(|length| self.sources.contains_key(&path[..*length]));
        let (module, rest) = path.split_at(length.expect("the root is a file"));
        match rest.first().and_then(|name| self.handed_on.get(&(module.to_vec(), name.clone()))) {
            Some(origin) => self.file_of(&[origin, &rest[1..]].concat()),
            None => module.to_vec(),
        }
    }

    /// The files that each file imports from.
    fn imports(&self) -> BTreeMap<Vec<String>, BTreeSet<Vec<String>>> {
        let of = |(module, source): (&Vec<String>, &Source)| {
            let uses = source.uses().into_iter().map(|(_, path)| path);
            let paths = uses.chain(source.paths()).filter_map(|path| self.absolute(module, &path));
            let files = paths.map(|path| self.file_of(&path)).filter(|file| file != module);
            (module.clone(), files.collect())
        };
        self.sources.iter().map(of).collect()
    }
}

impl Source {
    /// The path of its module.
    fn module(&self) -> Vec<String> {
        let path = self.path.with_extension("");
        let words = path.iter().map(|word| word.to_string_lossy().into_owned());
        words.filter(|word| word != "mod" && word != "lib").collect()
    }

    /// Its lines without those that only comment.
    fn code(&self) -> String {
        let lines = self.lines.iter().filter(|line| !line.trim_start().starts_with("//"));
        lines.map(|line| format!("{line}\n")).collect()
    }

    /// The paths that it imports, and whether it hands them on.
    fn uses(&self) -> Vec<(bool, Vec<String>)> {
        let code = self.code();
        let mut uses = Vec::new();
        for (at, _) in code.match_indices("use ") {
            let before = code[..at].rsplit('\n').next().unwrap_or_default();
            if before.trim().is_empty() || before.trim_start().starts_with("pub") {
                let tree = code[at + 4..].split(';').next().unwrap_or_default();
                let is_handed_on = before.trim_start().starts_with("pub");
                uses.extend(tree_paths(tree).into_iter().map(|path| (is_handed_on, path)));
            }
        }
        uses
    }

    /// The paths that it names elsewhere.
    fn paths(&self) -> Vec<Vec<String>> {
        let code = self.code();
        // From where a thing may be seen is no import.
        let mut parts = code.split("pub(in ");
        let first = parts.next().unwrap_or_default().to_owned();
        let code = parts.fold(first, |code, part| code + part.split_once(')').map_or(part, |(_, rest)| rest));
        let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
        let words = code.split(|c: char| !is_word(c)).filter(|word| word.contains("::"));
        let paths = words.map(|word| word.split("::").map(str::to_owned).collect::<Vec<_>>());
        paths.filter(|path| path.iter().all(|word| !word.is_empty())).collect()
    }
}

/// The paths of a tree of imports: `a::{b, c::{d}}` is `a::b` and `a::c::d`.
fn tree_paths(tree: &str) -> Vec<Vec<String>> {
    let Some((stem, list)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or_default();
        return vec![path.split("::").map(|word| word.trim().to_owned()).collect()];
    };
    let (mut depth, mut members) = (0, vec![String::new()]);
    // The braces at the end are left out, so that those of the members are never closed there.
    for c in list.trim_end().trim_end_matches('}').chars() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        match c {
            ',' if depth == 0 => members.push(String::new()),
            _ => members.last_mut().expect("a member").push(c),
        }
    }
    let members = members.iter().filter(|member| !member.trim().is_empty());
    members.flat_map(|member| tree_paths(&format!("{stem}{}", member.trim()))).collect()
}

#[test]
fn trees_of_imports_are_taken_apart() {
    let paths = |tree| tree_paths(tree).iter().map(|path| path.join("::")).collect::<Vec<_>>();
    assert_eq!(paths("crate::a::b"), ["crate::a::b"]);
    assert_eq!(
        paths("super::{a as x, b::{c, d::{e, f}}, g as h}"),
        ["super::a", "super::b::c", "super::b::d::e", "super::b::d::f", "super::g"]
    );
}

#[test]
fn no_files_import_each_other() {
    let mut imports = Modules::read().imports();
    assert!(imports.values().map(BTreeSet::len).sum::<usize>() > 500, "the imports were not found");
    // Whoever imports nothing that is left is in no circle.
    loop {
        let left: BTreeSet<Vec<String>> = imports.keys().cloned().collect();
        imports.retain(|_, others| others.iter().any(|other| left.contains(other)));
        if imports.len() == left.len() {
            break;
        }
    }
    // Nor is whoever nothing that is left imports.
    loop {
        let imported: BTreeSet<Vec<String>> = imports.values().flatten().cloned().collect();
        let before = imports.len();
        imports.retain(|file, _| imported.contains(file));
        if imports.len() == before {
            break;
        }
    }
    let left: BTreeSet<Vec<String>> = imports.keys().cloned().collect();
    let circle = |(file, others): (&Vec<String>, &BTreeSet<Vec<String>>)| {
        let others = others.intersection(&left).map(|other| other.join("::")).collect::<Vec<_>>();
        format!("{} imports {}", file.join("::"), others.join(", "))
    };
    let circles: Vec<String> = imports.iter().map(circle).collect();
    assert!(circles.is_empty(), "files in a circle, or between two: {circles:#?}");
}

/// The files that decide by what they are given alone, in `src`.
const PURE: &str = "commands/dashboard/update.rs hapi/parts.rs hapi/question.rs hapi/range.rs hapi/top.rs hapi/walk.rs \
                    monday/error.rs monday/judge.rs monday/outcome.rs plan/derive.rs plan/map.rs plan/parents.rs plan/step.rs push/account.rs \
                    push/attempts.rs push/bulk/file.rs push/bulk/price.rs push/bulk/route.rs push/health.rs push/lanes.rs \
                    push/planner.rs push/planning.rs retry.rs setup/matching.rs setup/proposal.rs setup/structure.rs";
/// What reaches beyond what a function is given: the store, the time, the network, chance.
const IMPURE: [&str; 9] = ["Store", "Tx", "Clock", "Http", "Client", "Queue", "Host", "Stop", "Random"];

#[test]
fn what_is_pure_stays_so_and_is_tested_beside() {
    let sources: BTreeMap<String, Source> =
        Source::all().into_iter().map(|source| (source.path.display().to_string(), source)).collect();
    for file in PURE.split_whitespace() {
        let source = sources.get(file).unwrap_or_else(|| panic!("there is no {file}"));
        let code = source.code();
        let mut words = code.split(|c: char| !c.is_alphanumeric() && c != '_');
        assert_eq!(words.find(|word| IMPURE.contains(word)), None, "in {file}");
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file)).expect(file);
        assert!(text.contains("#[cfg(test)]\nmod tests"), "{file} has no tests");
    }
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
    let line = line.trim_start();
    let restricted = line.strip_prefix("pub(").and_then(|rest| rest.split_once(')'));
    let words = restricted.map_or(line, |(_, rest)| rest.trim_start()).split(' ');
    let mut words = words.skip_while(|word| matches!(*word, "pub" | "const" | "async"));
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

/// What holds many parts of a push, and the most functions that take it. All parts: the loop, and what leads from one board to the
/// next. The parts for a board: whole steps, which ask, decide and record. The others take what they need.
const MOST_WITH_MANY_PARTS: [(&str, usize); 2] = [("Parts<", 16), ("BoardWork<", 17)];

#[test]
fn few_functions_take_many_parts_of_a_push() {
    for (bundle, most) in MOST_WITH_MANY_PARTS {
        let mut with_many = Vec::new();
        for source in Source::all().iter().filter(|source| source.part() == "push") {
            for (at, line) in source.lines.iter().enumerate() {
                if let Some(name) = function_name(line).filter(|_| source.head(at).contains(bundle)) {
                    with_many.push(format!("{}: `{name}`", source.path.display()));
                }
            }
        }
        assert!(!with_many.is_empty(), "the functions were not found");
        assert!(with_many.len() <= most, "{} functions take `{bundle}…>`: {with_many:#?}", with_many.len());
    }
}

#[test]
fn no_part_of_a_push_is_lent_out_to_be_changed() {
    let mut lent = Vec::new();
    for source in Source::all().iter().filter(|source| source.part() == "push") {
        for (at, line) in source.lines.iter().enumerate() {
            // What an index leads to is chosen by it, and changed by verbs of its own.
            let is_lent = |head: &str| head.contains("-> &mut ") && !head.contains("-> &mut Self::Output");
            if let Some(name) = function_name(line).filter(|_| is_lent(&source.head(at))) {
                lent.push(format!("{}: `{name}`", source.path.display()));
            }
        }
    }
    assert!(lent.is_empty(), "state is changed by methods of its owner, not by borrowers: {lent:#?}");
}

/// The files of a push that end calls, since they know that nothing more comes of them; in the same order as in the map.
const ENDS_OF_CALLS: &str =
    "push/answers.rs push/record.rs push/unresolved.rs push/leaving.rs push/bulk/job.rs push/bulk/outcome.rs";

#[test]
fn few_files_end_calls() {
    let ends = |source: &Source| source.code().contains(".end_batch(") || source.code().contains(".end_intent(");
    let sources = Source::all();
    // The tests of a table's file stand in it.
    let files = sources.iter().filter(|source| source.part() != "store" && ends(source));
    let files: BTreeSet<String> = files.map(|source| source.path.display().to_string()).collect();
    assert_eq!(files, ENDS_OF_CALLS.split_whitespace().map(str::to_owned).collect());
}

#[test]
fn no_function_takes_two_switches() {
    let mut wrong = Vec::new();
    for source in Source::all() {
        for (at, line) in source.lines.iter().enumerate() {
            if let Some(name) = function_name(line).filter(|_| source.head(at).matches(": bool").count() > 1) {
                wrong.push(format!("{}: `{name}`", source.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "which is which cannot be read at a call: {wrong:#?}");
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
    let bare = match line.strip_prefix("pub") {
        Some(visible) => visible.split_once(' ')?.1,
        None => line,
    };
    let (word, rest) = bare.split_once(' ')?;
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
            // What one file or its siblings alone can name may go without a text.
            if first.is_none() && !is_visible(&source.lines[at]) {
                continue;
            }
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
