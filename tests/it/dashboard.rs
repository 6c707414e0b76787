//! `dashboard` in a real pseudo-terminal of 80 by 24, in French; `status --watch` and `runs --follow`.

use crate::support::{World, terminal, wholly_on_terminal};
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};
use serde_json::json;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::num::NonZeroU16;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Longer than anything here takes, on a machine that has other work.
const PATIENCE: Duration = Duration::from_secs(30);

/// Person at a terminal on which the dashboard runs.
struct Person {
    child: Child,
    controller: File,
    typing: File,
    read: Receiver<Vec<u8>>,
    /// What the terminal shows: only the cells that differ are written, so that a text may never be written as a whole.
    screen: vt100::Parser,
    /// All that was written to the terminal.
    written: String,
}

impl Person {
    fn at_dashboard(world: &World, arguments: &[&str]) -> Person {
        let (controller, open) = terminal();
        let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&controller, size).expect("a size");
        let mut command = world.command(&[&["dashboard", "--lang", "fr"], arguments].concat());
        command.env("TERM", "xterm-256color");
        let child = command.stdin(open()).stdout(open()).stderr(open()).spawn().expect("the binary runs");
        drop(command);
        let (sender, read) = channel();
        let mut reader = controller.try_clone().expect("a second handle");
        std::thread::spawn(move || {
            let mut bytes = [0; 8_192];
            while let Ok(count) = reader.read(&mut bytes) {
                if count == 0 || sender.send(bytes[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        let typing = controller.try_clone().expect("a third handle");
        // Of 24 rows and 80 columns.
        let screen = vt100::Parser::default();
        Person { child, controller, typing, read, screen, written: String::new() }
    }

    /// Takes in what is written next.
    ///
    /// # Errors
    ///
    /// Nothing was written before `end`.
    fn reads(&mut self, end: Instant) -> Result<(), RecvTimeoutError> {
        let bytes = self.read.recv_timeout(end.saturating_duration_since(Instant::now()))?;
        self.screen.process(&bytes);
        self.written.push_str(&String::from_utf8_lossy(&bytes));
        Ok(())
    }

    /// Waits until all of these texts are on the screen at once, wherever their lines break.
    #[track_caller]
    fn sees(&mut self, texts: &[&str]) {
        self.waits_for(texts, |shown| texts.iter().all(|text| shown.contains(&without_blanks(text))));
    }

    /// Waits until this text is no longer on the screen.
    #[track_caller]
    fn sees_no_longer(&mut self, text: &str) {
        self.waits_for(text, |shown| !shown.contains(&without_blanks(text)));
    }

    #[track_caller]
    fn waits_for(&mut self, what: impl std::fmt::Debug, is_there: impl Fn(&str) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !is_there(&without_blanks(&self.screen.screen().contents())) {
            assert!(self.reads(end).is_ok(), "{what:?}:\n{}", self.screen.screen().contents());
        }
    }

    fn is_resized(&mut self, rows: u16, columns: u16) {
        let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&self.controller, size).expect("a size");
        let side = |cells| NonZeroU16::new(cells).expect("a cell");
        self.screen.set_size(side(rows), side(columns));
        self.signals(Signal::WINCH);
    }

    fn types(&mut self, keys: &str) {
        self.typing.write_all(keys.as_bytes()).expect("typed");
    }

    fn signals(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("sent");
    }

    /// Waits for the end; returns the exit code. The terminal has to be as it was.
    #[track_caller]
    fn ends(mut self) -> i32 {
        let code = self.child.wait().expect("it ends").code().unwrap_or(-1);
        let end = Instant::now() + PATIENCE;
        while !self.written.contains("\u{1b}[?1049l") {
            assert!(self.reads(end).is_ok(), "the screen was not given back: {:?}", self.written);
        }
        let shown_at = self.written.rfind("\u{1b}[?25h").expect("the cursor is shown");
        assert!(shown_at > self.written.find("\u{1b}[?1049l").expect("the screen"), "{:?}", self.written);
        let modes = tcgetattr(&self.controller).expect("its modes").local_modes;
        assert!(modes.contains(LocalModes::ECHO | LocalModes::ICANON), "{modes:?}");
        code
    }
}

fn without_blanks(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn world() -> World {
    let world = World::tidy(6);
    world.sandbox.hapi().update("Tenants", 1, "CellPhone", json!("voir dossier"));
    world.run(&["sync"]);
    world
}

fn state(world: &World, entity: &str) -> serde_json::Value {
    world.run(&["status", entity, "--json"]).expect(0).json()["entities"][0].clone()
}

#[test]
fn without_a_terminal_it_refuses_and_says_what_to_use() {
    let world = world();
    let refused = world.run(&["dashboard"]).expect(2);
    assert!(refused.stderr.contains("needs a terminal") && refused.stderr.contains("hopem-sync status"), "{refused:?}");
    let refused = world.run(&["dashboard", "--json"]).expect(2);
    assert_eq!(refused.json()["error"]["exit_code"], 2);
    assert!(!wholly_on_terminal(world.command(&["dashboard"])).contains("\u{1b}[?1049h"), "stdin is no terminal");
}

#[test]
fn what_is_in_error_stands_first_and_its_story_names_columns_by_title() {
    let world = world();
    let mut person = Person::at_dashboard(&world, &[]);
    person.sees(&["dernière exécution (sync)", "● erreur", "tenant:1", "h aide"]);
    person.types("\r");
    person.sees(&["$ hopem-sync status tenant:1", "voir dossier", "Cellulaire"]);
    person.types("j");
    person.sees(&["reçu", "show-json tenant:1", "CellPhone"]);
    person.types("\u{1b}");
    // Two escapes at once would be another key: the first has to be done with.
    person.sees(&["adresse", "essais"]);
    person.types("\u{1b}");
    person.sees(&["Tous les types"]);
    person.types("q");
    assert_eq!(person.ends(), 0);
}

#[test]
fn the_four_actions_are_the_commands_that_they_show() {
    let world = world();
    let mut person = Person::at_dashboard(&world, &[]);
    person.sees(&["tenant:1", "h aide"]);
    person.types("/zzzz");
    person.sees(&["rien ne correspond à"]);
    person.types("\u{1b}");
    person.sees(&["tenant:1"]);
    // Left, thrice down to the units, right, and down to the second.
    person.types("\u{1b}[D\u{1b}[B\u{1b}[B\u{1b}[B\r\u{1b}[B");
    person.sees(&["unit:2", "unit:3"]);
    person.types("p");
    person.sees(&["Mettre en pause", "pause unit:2"]);
    person.types("adresse\t2099-01-15");
    person.sees(&["pause unit:2 --reason adresse --until 2099-01-15"]);
    person.types("\r");
    person.sees(&["fait en"]);
    let paused = state(&world, "unit:2");
    assert_eq!((&paused["state"], &paused["paused"]["why"]), (&json!("paused"), &json!("adresse")));
    assert!(paused["paused"]["until"].as_str().is_some_and(|until| until.starts_with("2099-01-1")), "{paused}");
    person.types("p");
    person.sees(&["Reprendre", "resume unit:2"]);
    person.sees_no_longer("fait en");
    person.types("\r");
    person.sees(&["fait en"]);
    assert_eq!(state(&world, "unit:2")["state"], "synced");
    world.sandbox.hapi().update("Units", 2, "Rent", json!(777));
    person.types("r");
    person.sees(&["resync unit:2"]);
    person.sees_no_longer("fait en");
    person.types("\r");
    person.sees(&["fait en"]);
    let changes = state(&world, "unit:2")["changes"].to_string();
    assert!(changes.contains("777"), "{changes}");
    person.types("u");
    person.sees(&["Dissocier", "unlink unit:2"]);
    person.sees_no_longer("fait en");
    person.types("oui\r");
    person.sees(&["fait en"]);
    assert_eq!(state(&world, "unit:2")["state"], "unlinked");
    person.types("\u{3}");
    assert_eq!(person.ends(), 0);
}

#[test]
fn what_another_command_does_is_shown_within_seconds_and_a_signal_gives_the_terminal_back() {
    let world = world();
    let mut person = Person::at_dashboard(&world, &[]);
    person.sees(&["tenant:1", "h aide"]);
    person.types("3");
    person.sees(&["rien ici"]);
    world.run(&["pause", "unit:4"]).expect(0);
    person.sees(&["unit:4"]);
    person.is_resized(30, 100);
    person.sees(&["unit:4", "h aide"]);
    person.signals(Signal::TERM);
    assert_eq!(person.ends(), 143);
}

#[test]
fn the_table_is_shown_again_until_somebody_ends_it() {
    let world = world();
    let mut child = world.command(&["status", "--watch", "100ms"]).stdout(Stdio::piped()).spawn().expect("it runs");
    let mut lines = BufReader::new(child.stdout.take().expect("stdout")).lines().map(|line| line.expect("a line"));
    assert!(lines.by_ref().filter(|line| line.starts_with("Units\t")).nth(2).is_some(), "a third time");
    kill_process(Pid::from_child(&child), Signal::INT).expect("sent");
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    assert!(world.run(&["status", "--watch", "--json"]).expect(2).json()["error"]["message"].is_string());
}

#[test]
fn a_run_is_listed_once_it_has_ended() {
    let world = world();
    let mut child = world.command(&["runs", "--follow"]).stdout(Stdio::piped()).spawn().expect("it runs");
    let mut lines = BufReader::new(child.stdout.take().expect("stdout")).lines().map(|line| line.expect("a line"));
    assert!(lines.next().is_some_and(|line| line.starts_with("Run\t")));
    assert!(lines.next().is_some_and(|line| line.starts_with("1\tsync\t")));
    world.run(&["pull"]).expect(0);
    assert!(lines.next().is_some_and(|line| line.starts_with("2\tpull\t")), "without another header");
    kill_process(Pid::from_child(&child), Signal::TERM).expect("sent");
    assert_eq!(child.wait().expect("it ends").code(), Some(143));
}
