//! What the program says of itself: completions, the manual.

use crate::support::World;
use std::fs;
use std::path::Path;

#[test]
fn the_completion_scripts_that_are_checked_in_are_those_of_this_command_line() {
    let world = World::bare();
    for (shell, name) in [
        ("bash", "hopem-sync.bash"),
        ("zsh", "_hopem-sync"),
        ("fish", "hopem-sync.fish"),
        ("elvish", "hopem-sync.elv"),
        ("powershell", "_hopem-sync.ps1"),
    ] {
        let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions").join(name);
        let kept = fs::read_to_string(kept).expect("a script");
        let script = world.run(&["completions", shell]).expect(0).stdout;
        assert!(script == kept, "completions/{name} is old: run `cargo run --example generate_completions`");
        assert!(!script.contains('\u{1b}'), "{name}");
    }
    let document = world.run(&["completions", "fish", "--json"]).expect(0).json();
    assert!(
        document["script"].as_str().is_some_and(|script| script.contains("complete --command hopem-sync ")),
        "{document}"
    );
    let unknown = world.run(&["completions", "tcsh"]).expect(2);
    assert!(unknown.stderr.contains("possible values: bash, elvish, fish, powershell, zsh"), "{unknown:?}");
}

#[test]
fn the_program_describes_itself_whatever_the_configuration_is() {
    let world = World::bare();
    world.write("config.toml", "[hapy]\n");
    world.run(&["status"]).expect(2);
    world.run(&["completions", "bash"]).expect(0);
    let page = world.run(&["man"]).expect(0).stdout;
    assert!(page.contains("\n.TH hopem-sync 1 ") && page.contains("\n.SH EXAMPLES\n.nf\nhopem\\-sync init "), "{page}");
    assert!(page.contains("\n.SH \"EXIT CODES\"\n") && page.contains("\n.SH CONFIGURATION\n"), "{page}");
    assert!(!page.contains('\u{1b}'));
}

#[test]
fn the_manual_has_a_page_for_each_command() {
    let world = World::bare();
    let folder = world.path("share/man1");
    let folder = folder.display().to_string();
    let written = world.run(&["man", &folder]).expect(0).stdout;
    for name in ["hopem-sync.1", "hopem-sync-sync.1", "hopem-sync-show-json.1", "hopem-sync-config-show.1"] {
        assert!(written.contains(&format!("{folder}/{name}\n")), "{written}");
        let page = fs::read_to_string(world.path("share/man1").join(name)).expect("a page");
        assert!(page.contains("\n.SH EXAMPLES\n.nf\nhopem\\-sync "), "{name}: {page}");
    }
    assert!(!written.contains("help"), "{written}");
    let configuration = fs::read_to_string(world.path("share/man5/hopem-sync.toml.5")).expect("a page");
    for part in
        ["\n.TH hopem-sync.toml 5 ", "\n.SH monday\n.nf\n", "\ndaily_calls = 500 ", "\n.SH entities.unit.columns\n"]
    {
        assert!(configuration.contains(part), "{part:?}: {configuration}");
    }
    let topic = world.run(&["help", "configuration"]).expect(0).stdout;
    assert!(topic.contains("\n[monday]\n") && topic.ends_with("\n") && !topic.ends_with("\n\n"), "{topic}");
    let document = world.run(&["man", &folder, "--json"]).expect(0).json();
    assert_eq!(document["written"].as_array().map(Vec::len), Some(written.lines().count()));
    world.write("file", "");
    let refused = world.run(&["man", &world.path("file").display().to_string()]).expect(1);
    assert!(refused.stderr.starts_with("error: cannot write the pages of the manual into "), "{refused:?}");
}

/// What has to be the same in both READMEs: headings by level, tables by rows, and code without its comments.
fn outline(readme: &str) -> Vec<String> {
    let mut outline = Vec::new();
    let mut fence: Option<String> = None;
    for line in readme.lines() {
        let begins = line.trim().strip_prefix("```").map(str::to_owned);
        match (&fence, begins) {
            (None, Some(language)) => fence = Some(language),
            (Some(_), Some(_)) => fence = None,
            // What the program printed is in the language of each.
            (Some(language), None) if !language.is_empty() => {
                outline.push(line.split(" #").next().unwrap_or_default().trim_end().to_owned());
            }
            (None, None) if line.starts_with('#') => outline.push("#".repeat(line.matches('#').count())),
            (None, None) if line.starts_with("| ") => {
                let first = line.split('|').nth(1).unwrap_or_default();
                let is_name = first.contains('`');
                let word = first.split(['`', ' ']).find(|word| !word.is_empty()).unwrap_or_default();
                outline.push(if is_name { format!("| {word}") } else { "|".to_owned() });
            }
            _ => {}
        }
    }
    outline
}

#[test]
fn both_readmes_say_the_same_and_name_each_other_first() {
    let read = |name: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).expect("a README");
    let (english, french) = (read("README.md"), read("README.fr.md"));
    assert!(english.lines().next().is_some_and(|line| line.contains("(README.fr.md)")));
    assert!(french.lines().next().is_some_and(|line| line.contains("(README.md)")));
    assert_eq!(outline(&english), outline(&french));
    let world = World::bare();
    let help = world.run(&["--help"]).expect(0).stdout;
    let commands =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.trim().is_empty());
    for command in commands.filter_map(|line| line.split_whitespace().next()).filter(|command| *command != "help") {
        for readme in [&english, &french] {
            assert!(readme.contains(&format!("`{command}")), "`{command}` is not in both READMEs");
        }
    }
}

#[test]
fn the_page_of_promises_names_tests_that_there_are() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/promises.md")).expect("the page");
    let mut named = 0;
    for word in page.split('`') {
        let word = word.rsplit(' ').next().unwrap_or_default();
        let Some((file, test)) = word.split_once("::") else { continue };
        let Ok(source) = std::fs::read_to_string(root.join(format!("tests/it/{file}.rs"))) else { continue };
        assert!(source.contains(&format!("fn {test}")), "`{word}` is no test");
        named += 1;
    }
    assert!(named > 40, "{named}");
}

#[test]
fn the_map_names_files_that_there_are() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let map = std::fs::read_to_string(root.join("ARCHITECTURE.md")).expect("the map");
    let mut folder = String::new();
    for word in map.split('`').skip(1).step_by(2).filter(|word| word.ends_with(".rs")) {
        // A file without a folder is in the one named last.
        match word.rsplit_once('/') {
            Some((named, _)) => folder = named.to_owned(),
            None if !root.join("src").join(word).is_file() => {
                assert!(root.join("src").join(&folder).join(word).is_file(), "`{word}` is not in `{folder}`");
                continue;
            }
            None => continue,
        }
        assert!(root.join("src").join(word).is_file() || root.join(word).is_file(), "`{word}` is no file");
    }
}

/// What a newcomer runs first: it fails where the first load is not whole, or an idle run makes a call.
#[test]
fn the_quickstart_ends_well() {
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_hopem-sync")).parent().expect("the target folder");
    let tour = std::process::Command::new(folder.join("examples/quickstart"))
        // Fewer than people are shown: what it does is the same.
        .arg("250")
        .env("LC_ALL", "C.UTF-8")
        .output()
        .expect("built by `cargo test`, or else by `cargo build --examples`");
    let reported = String::from_utf8_lossy(&tour.stdout);
    assert!(tour.status.success(), "{reported}{}", String::from_utf8_lossy(&tour.stderr));
    assert!(reported.contains("Synced in") && reported.contains(", 0 when nothing had changed"), "{reported}");
}
