//! What the tests of the push need of a world besides: short command lines, kills, and a look at what was sent.

use crate::support::{Output, World};
use hopem_sandbox::monday::{standard_boards, standard_configuration};
use hopem_sandbox::{Api, Portfolio, RecordedRequest};
use serde_json::{Map, Value};
use std::io::Read;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// No run of a test takes this long; one that does hangs.
const LONGEST_RUN: Duration = Duration::from_secs(120);
/// How often a running binary is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(3);

/// What the code of an [`Output`] is when the binary was killed.
pub(crate) const KILLED: i32 = -1;

impl World {
    /// These records, and the eight standard boards; lost answers are looked into soon, and calls have no cap.
    pub(crate) fn of(portfolio: &Portfolio) -> World {
        let mut world = World::bare();
        portfolio.fill(&mut world.sandbox.hapi());
        world.boards = standard_boards(&mut world.sandbox.monday());
        world.configure(&standard_configuration(&world.boards));
        world.set("MONDAY_SETTLE", "60ms");
        world.set("MONDAY_DAILY_CALLS", "0");
        world
    }

    /// Sets `HOPEM_SYNC_<name>` for all runs to come.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.environment.insert(format!("HOPEM_SYNC_{name}"), value.to_owned());
    }

    /// Changes a text of the configuration that stands in it exactly once.
    #[track_caller]
    pub(crate) fn edit(&self, old: &str, new: &str) {
        let text = std::fs::read_to_string(self.path("config.toml")).expect("a configuration");
        assert_eq!(text.matches(old).count(), 1, "`{old}` in {text}");
        self.write("config.toml", &text.replace(old, new));
    }

    /// The board of a kind.
    pub(crate) fn board(&self, kind: &str) -> &str {
        &self.boards.iter().find(|board| board.kind == kind).expect("a board for each kind").board_id
    }

    /// Removes the store with everything beside it.
    pub(crate) fn lose_store(&self) {
        std::fs::remove_dir_all(self.path("data")).expect("there is a store");
    }

    /// Runs a command line with `--json`; gives the document. The exit code has to be this one.
    #[track_caller]
    pub(crate) fn doc(&self, line: &str, code: i32) -> Value {
        self.line(&format!("{line} --json")).expect(code).json()
    }

    /// Runs a command line to its end.
    pub(crate) fn line(&self, line: &str) -> Output {
        self.start(line).wait()
    }

    /// Runs a command line that `Fault::Kill` ends as `kill -9` does.
    pub(crate) fn line_to_be_killed(&self, line: &str) -> Output {
        let victim: Arc<Mutex<Option<Arc<Mutex<Child>>>>> = Arc::default();
        let seen = Arc::clone(&victim);
        // Set before the binary can ask anything.
        self.sandbox.on_kill(Box::new(move || {
            let begun = Instant::now();
            while begun.elapsed() < LONGEST_RUN {
                if let Some(child) = lock(&seen).as_ref() {
                    let _ = lock(child).kill();
                    let _ = lock(child).wait();
                    return;
                }
                std::thread::sleep(LOOK_EVERY);
            }
        }));
        let running = self.start(line);
        *lock(&victim) = Some(Arc::clone(&running.child));
        running.wait()
    }

    /// Starts a command line.
    pub(crate) fn start(&self, line: &str) -> Running {
        let arguments: Vec<&str> = line.split_whitespace().collect();
        let mut command = self.command(&arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
        let (stdout, stderr) = (read_all(child.stdout.take()), read_all(child.stderr.take()));
        Running { child: Arc::new(Mutex::new(child)), stdout, stderr, line: line.to_owned() }
    }

    /// The calls to monday since the last `clear_requests`.
    pub(crate) fn calls(&self) -> Vec<RecordedRequest> {
        self.sandbox.requests(Api::Monday)
    }

    /// Counts calls anew.
    pub(crate) fn forget_calls(&self) {
        self.sandbox.clear_requests();
    }

    /// What the mutations since the last `clear_requests` wanted to write: the values of each item or new item, by column.
    pub(crate) fn written(&self) -> Vec<Map<String, Value>> {
        let mut written = Vec::new();
        for call in self.calls().into_iter().filter(|call| call.method == "POST") {
            let body: Value = serde_json::from_str(&call.body).expect("a body is JSON");
            if !body["query"].as_str().is_some_and(|query| query.starts_with("mutation")) {
                continue;
            }
            for (name, value) in body["variables"].as_object().into_iter().flatten() {
                let is_values = name.strip_prefix('v').is_some_and(|rest| rest.parse::<usize>().is_ok());
                if let Some(text) = value.as_str().filter(|_| is_values) {
                    written.push(serde_json::from_str(text).expect("column values are JSON in a text"));
                }
            }
        }
        written
    }

    /// The active item of an entity.
    pub(crate) fn item(&self, kind: &str, key: &str) -> Option<hopem_sandbox::monday::ItemView> {
        let selector = Value::from(format!("{kind}:{key}"));
        let items = self.sandbox.monday().items(self.board(kind));
        items.into_iter().find(|item| item.state == "active" && item.values.get("text_key") == Some(&selector))
    }

    /// The state of an entity, as `status` shows it.
    #[track_caller]
    pub(crate) fn state(&self, selector: &str) -> String {
        let status = self.doc(&format!("status {selector}"), 0);
        status["entities"][0]["state"].as_str().unwrap_or_default().to_owned()
    }
}

/// A binary at work.
pub(crate) struct Running {
    child: Arc<Mutex<Child>>,
    stdout: JoinHandle<String>,
    stderr: JoinHandle<String>,
    line: String,
}

impl Running {
    /// Waits for its end.
    pub(crate) fn wait(self) -> Output {
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = lock(&self.child).try_wait().expect("the binary's end is known") {
                break status;
            }
            if begun.elapsed() > LONGEST_RUN {
                let _ = lock(&self.child).kill();
                panic!("`{}` did not end", self.line);
            }
            std::thread::sleep(LOOK_EVERY);
        };
        let text = |thread: JoinHandle<String>| thread.join().expect("output is read");
        Output { code: status.code().unwrap_or(KILLED), stdout: text(self.stdout), stderr: text(self.stderr) }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read_all(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// For `refuse_next`: until it is cleared.
pub(crate) fn unlimited() -> u32 {
    u32::MAX
}
