//! The examples that users copy, as far as the tools that read them are here. What the program itself can say of them is tested in
//! `src/cli.rs` and `src/config/load.rs`: that every command is one, that the configurations load, that all agree on paths.

use crate::support::World;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

/// What a tool says of something; `None`: it is not here.
fn said(program: &str, arguments: &[&str]) -> Option<(bool, String)> {
    let Ok(done) = Command::new(program).args(arguments).output() else {
        eprintln!("skipped: {program} is not installed here");
        return None;
    };
    let text = [done.stdout, done.stderr].concat();
    Some((done.status.success(), String::from_utf8_lossy(&text).into_owned()))
}

#[test]
fn systemd_finds_nothing_wrong_with_the_units() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut units = Vec::new();
    for unit in fs::read_dir(examples().join("systemd")).expect("the units").map(|entry| entry.expect("a unit").path())
    {
        let text = fs::read_to_string(&unit).expect("a unit");
        // systemd looks whether the program is there.
        let text = text.replace("/usr/bin/hopem-sync", env!("CARGO_BIN_EXE_hopem-sync"));
        let copy = folder.path().join(unit.file_name().expect("a name"));
        fs::write(&copy, text).expect("a copy");
        units.push(copy.display().to_string());
    }
    assert_eq!(units.len(), 5);
    let arguments: Vec<&str> = ["verify", "--man=no"].into_iter().chain(units.iter().map(String::as_str)).collect();
    let Some((is_fine, text)) = said("systemd-analyze", &arguments) else { return };
    assert!(is_fine && text.is_empty(), "{text}");
}

#[test]
fn yaml_files_are_yaml() {
    let code = "import sys, yaml\nfor file in sys.argv[1:]:\n  assert list(yaml.safe_load_all(open(file)))[0], file";
    let mut arguments = vec!["-c".to_owned(), code.to_owned()];
    for folder in ["", "ci", "kubernetes", "monitoring"] {
        let entries =
            fs::read_dir(examples().join(folder)).expect("a folder").map(|entry| entry.expect("an entry").path());
        let is_yaml =
            |path: &PathBuf| path.extension().is_some_and(|extension| extension == "yml" || extension == "yaml");
        arguments.extend(entries.filter(is_yaml).map(|path| path.display().to_string()));
    }
    assert_eq!(arguments.len(), 2 + 5);
    if said("python3", &["-c", "import yaml"]).is_none_or(|(is_there, _)| !is_there) {
        eprintln!("skipped: there is nothing here that reads YAML");
        return;
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (is_fine, text) = said("python3", &arguments).expect("it is there");
    assert!(is_fine, "{text}");
}

#[test]
fn sudo_understands_its_lines_and_shells_understand_the_scripts() {
    let path = |name: &str| examples().join(name).display().to_string();
    if let Some((is_fine, text)) = said("visudo", &["-cf", &path("sudoers")]) {
        assert!(is_fine, "{text}");
    }
    for script in ["build", "try", "postinst", "prerm", "postrm"] {
        let (is_fine, text) = said("sh", &["-n", &path(&format!("package/{script}"))]).expect("a shell");
        assert!(is_fine, "{script}: {text}");
    }
}

#[test]
fn the_alerts_ask_for_figures_that_are_written() {
    let world = World::units(1..=2);
    world.run(&["pull", "-q"]);
    let figures = world.run(&["status", "--metrics", "-"]).expect(0).stdout;
    let alerts = fs::read_to_string(examples().join("monitoring/prometheus-alerts.yml")).expect("the alerts");
    let mut met = 0;
    for line in alerts.lines().filter(|line| line.trim().starts_with("expr:")) {
        let words = line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        for name in words.filter(|word| word.starts_with("hopem_sync_")) {
            assert!(figures.contains(&format!("\n{name}{{")), "{name}: {figures}");
            met += 1;
        }
    }
    assert_eq!(met, 2);
}

/// Needs root, dpkg, cargo-deb, and minutes: `cargo test --test it -- --ignored the_package`. It installs the program on this
/// machine, and purges it again.
#[test]
#[ignore = "installs the package on this machine"]
fn the_package_is_installed_upgraded_and_removed_cleanly() {
    let scripts = examples().join("package");
    let folder = tempfile::tempdir().expect("a folder");
    let build = |revision: &str| {
        let package = folder.path().join(format!("{revision}.deb"));
        let mut command = Command::new("sh");
        command.arg(scripts.join("build")).args(["--fast", "--deb-revision", revision, "--output"]).arg(&package);
        assert!(command.status().expect("a shell").success(), "the package cannot be built");
        package
    };
    let packages = ["1", "2"].map(build);
    let tried = Command::new("sh").arg(scripts.join("try")).args(packages).status();
    assert!(tried.expect("a shell").success());
}
