//! `dashboard` in a real pseudo-terminal of 80 by 24, in French; `status --watch` and `runs --follow`.

use crate::support::{World, terminal, wholly_on_terminal};
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};
use serde_json::json;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Longer than anything here takes, on a machine that has other work.
const PATIENCE: Duration = Duration::from_secs(30);

/// Person at a terminal on which the dashboard runs.
struct Person {
    child: Child,
    controller: File,
    typing: File,
    read: Receiver<Vec<u8>>,
    /// All that was written to the terminal since it was last looked at.
    shown: String,
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
        Person { child, controller, typing, read, shown: String::new() }
    }

    /// Waits until all of these texts were written, whatever steers the cursor between their words.
    #[track_caller]
    fn sees(&mut self, texts: &[&str]) {
        let end = Instant::now() + PATIENCE;
        loop {
            let shown = without_blanks(&without_sequences(&self.shown));
            if texts.iter().all(|text| shown.contains(&without_blanks(text))) {
                self.shown.clear();
                return;
            }
            match self.read.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.shown.push_str(&String::from_utf8_lossy(&bytes)),
                Err(_) => panic!("{texts:?} is not in {shown}"),
            }
        }
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
        while !self.shown.contains("\u{1b}[?1049l") {
            match self.read.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.shown.push_str(&String::from_utf8_lossy(&bytes)),
                Err(_) => panic!("the screen was not given back: {:?}", self.shown),
            }
        }
        let shown_at = self.shown.rfind("\u{1b}[?25h").expect("the cursor is shown");
        assert!(shown_at > self.shown.find("\u{1b}[?1049l").expect("the screen"), "{:?}", self.shown);
        let modes = tcgetattr(&self.controller).expect("its modes").local_modes;
        assert!(modes.contains(LocalModes::ECHO | LocalModes::ICANON), "{modes:?}");
        code
    }
}

/// What was written without what steers the terminal.
fn without_sequences(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '\u{1b}' {
            out.push(c);
            continue;
        }
        if rest.next_if_eq(&'[').is_some() {
            while rest.next().is_some_and(|c| !c.is_ascii_alphabetic()) {}
        } else {
            rest.next();
        }
    }
    out
}

/// Blanks are often not written, but jumped over.
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
    person.sees(&["voir dossier"]);
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
    // Of what is typed a terminal is sent letter by letter what differs: the whole command is looked at beside the drawing.
    person.sees(&["--reason", "--until"]);
    person.types("\r");
    person.sees(&["fait en"]);
    let paused = state(&world, "unit:2");
    assert_eq!((&paused["state"], &paused["paused"]["why"]), (&json!("paused"), &json!("adresse")));
    assert!(paused["paused"]["until"].as_str().is_some_and(|until| until.starts_with("2099-01-1")), "{paused}");
    person.types("p");
    person.sees(&["Reprendre", "resume unit:2"]);
    person.types("\r");
    person.sees(&["fait en"]);
    assert_eq!(state(&world, "unit:2")["state"], "synced");
    world.sandbox.hapi().update("Units", 2, "Rent", json!(777));
    person.types("r");
    person.sees(&["resync unit:2"]);
    person.types("\r");
    person.sees(&["fait en"]);
    let changes = state(&world, "unit:2")["changes"].to_string();
    assert!(changes.contains("777"), "{changes}");
    person.types("u");
    person.sees(&["Dissocier", "unlink unit:2"]);
    person.types("o");
    person.sees(&["fait en"]);
    assert_eq!(state(&world, "unit:2")["state"], "unlinked");
    person.types("\u{3}");
    assert_eq!(person.ends(), 0);
}

#[test]
fn what_another_command_does_is_seen_within_seconds_and_a_signal_gives_the_terminal_back() {
    let world = world();
    let mut person = Person::at_dashboard(&world, &[]);
    person.sees(&["tenant:1", "h aide"]);
    person.types("3");
    person.sees(&["rien ici"]);
    world.run(&["pause", "unit:4"]).expect(0);
    person.sees(&["unit:4"]);
    tcsetwinsize(&person.controller, Winsize { ws_row: 30, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0 }).expect("a size");
    person.signals(Signal::WINCH);
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
