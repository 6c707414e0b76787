//! A world to run the binary in: a sandbox, a folder, a configuration.

use hopem_sandbox::monday::{StandardBoard, TOKEN, standard_boards, standard_configuration};
use hopem_sandbox::{Api, Fault, Options, Portfolio, Rule, Sandbox};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A sandbox, a folder, a configuration, an environment.
pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) boards: Vec<StandardBoard>,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) environment: BTreeMap<String, String>,
    /// The binary.
    pub(crate) program: PathBuf,
}

/// What a run of the binary came to.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Output {
    /// stdout as the one JSON document that it must be.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// Checks the exit code; the whole output is shown where it differs.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Output {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }
}

impl World {
    /// Both APIs empty; no kind has a board.
    pub(crate) fn bare() -> World {
        let sandbox = Sandbox::start(Options::default()).expect("a sandbox");
        let settings = sandbox.hapi().settings.clone();
        let environment = BTreeMap::from([
            ("HOPEM_SYNC_HAPI_PASSWORD".to_owned(), settings.password),
            ("HOPEM_SYNC_HAPI_API_KEY".to_owned(), settings.api_key),
            ("HOPEM_SYNC_MONDAY_TOKEN".to_owned(), TOKEN.to_owned()),
        ]);
        let folder = tempfile::tempdir().expect("a folder");
        let program = env!("CARGO_BIN_EXE_hopem-sync").into();
        let world = World { sandbox, boards: Vec::new(), folder, environment, program };
        world.configure("");
        world
    }

    /// A tidy portfolio with so many units, and the eight standard boards.
    pub(crate) fn tidy(units: usize) -> World {
        let mut world = World::bare();
        Portfolio::tidy(1, units).fill(&mut world.sandbox.hapi());
        world.boards = standard_boards(&mut world.sandbox.monday());
        world.configure(&standard_configuration(&world.boards));
        world
    }

    /// Nothing but units, with these ids; no boards.
    pub(crate) fn units(ids: std::ops::RangeInclusive<i64>) -> World {
        let world = World::bare();
        for id in ids {
            world.sandbox.hapi().insert("Units", unit(id));
        }
        world
    }

    /// Writes the configuration anew: the basics and this.
    pub(crate) fn configure(&self, more: &str) {
        self.write("config.toml", &format!("{}{more}", self.basics()));
    }

    /// What every configuration needs, with short waits.
    pub(crate) fn basics(&self) -> String {
        format!(
            "[hapi]\nurl = \"{}\"\nusername = \"svc-monday\"\npage_size = 50\n\
             [monday]\nurl = \"{}\"\nsettle = \"200ms\"\n\
             [network]\nretry_base = \"1ms\"\nretries = 3\ntimeout = \"5s\"\nmax_wait = \"2s\"\n\
             [store]\npath = \"data/store.db\"\n",
            self.sandbox.hapi_url(),
            self.sandbox.monday_url()
        )
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The store's file.
    pub(crate) fn store(&self) -> PathBuf {
        self.path("data/store.db")
    }

    /// Writes a file that only its owner may read.
    pub(crate) fn write(&self, name: &str, content: &str) {
        fs::write(self.path(name), content).expect("a file");
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o600)).expect("its mode");
    }

    /// The binary with this world's configuration and nothing else in its environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).env_clear().envs(&self.environment).env("TZ", "UTC");
        command.env("HOPEM_SYNC_CONFIG", self.path("config.toml")).stdin(Stdio::null());
        command
    }

    /// Runs the binary to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        output(self.command(arguments))
    }

    /// Runs the binary with stdout on a terminal of 80 columns, without colour.
    pub(crate) fn on_terminal(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        command.env("COLUMNS", "80");
        on_terminal(command)
    }

    /// Looks into the store.
    pub(crate) fn query(&self, query: &str) -> Vec<String> {
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let connection = rusqlite::Connection::open_with_flags(self.store(), flags).expect("a store");
        let mut statement = connection.prepare(query).expect("a query");
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).expect("rows");
        rows.map(|row| row.expect("a text")).collect()
    }

    /// Everything in the store that is not about runs and calls.
    pub(crate) fn content(&self) -> Vec<String> {
        let entities = self.query(
            "SELECT json_array(kind, key, name, version, due, is_off, is_unlinked, has_failed, board, item_id, received_at,
                    pushed_at, deleted_at, (SELECT record FROM records WHERE entity = id)) FROM entities ORDER BY id",
        );
        let others = ["pauses", "failures", "batches", "intents", "lookups", "refs", "sent"]
            .map(|table| self.query(&format!("SELECT '{table} ' || count(*) FROM {table}")).concat());
        entities.into_iter().chain(others).collect()
    }

    /// HApi fails from now on.
    pub(crate) fn hapi_is_down(&self) {
        let fault = Fault::Status { status: 503, headers: Vec::new(), body: "maintenance".to_owned() };
        self.sandbox.inject(Rule::always(Api::Hapi, fault));
    }
}

/// The entities of an answer, each with its state alone.
pub(crate) fn states(document: &Value) -> Value {
    let entities = document["entities"].as_array().expect("entities").iter();
    entities.map(|one| serde_json::json!({"entity": one["entity"], "state": one["state"]})).collect()
}

/// Runs a command to its end.
pub(crate) fn output(mut command: Command) -> Output {
    let done = command.output().expect("the binary runs");
    Output {
        code: done.status.code().unwrap_or(-1),
        stdout: String::from_utf8(done.stdout).expect("UTF-8"),
        stderr: String::from_utf8(done.stderr).expect("UTF-8"),
    }
}

/// Runs a command to its end with stdout on a terminal; line ends are those that the program wrote.
pub(crate) fn on_terminal(mut command: Command) -> Output {
    let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&controller).and_then(|()| unlockpt(&controller)).expect("a terminal that is ours");
    let name = ptsname(&controller, Vec::new()).expect("its name");
    let terminal = fs::OpenOptions::new().write(true).open(name.to_str().expect("UTF-8")).expect("its other end");
    let mut child = command.stdout(terminal).stderr(Stdio::piped()).spawn().expect("the binary runs");
    // Only the child may hold the other end, or reading would never come to an end.
    drop(command);
    let reader = std::thread::spawn(move || {
        let mut shown = Vec::new();
        // Linux reports the end of a terminal as an error.
        let _ = fs::File::from(controller).read_to_end(&mut shown);
        shown
    });
    let mut stderr = String::new();
    child.stderr.take().expect("stderr").read_to_string(&mut stderr).expect("UTF-8");
    let code = child.wait().expect("it ends").code().unwrap_or(-1);
    let shown = String::from_utf8(reader.join().expect("what was shown")).expect("UTF-8");
    Output { code, stdout: shown.replace("\r\n", "\n"), stderr }
}

/// A unit as HApi would send it.
pub(crate) fn unit(id: i64) -> Value {
    serde_json::json!({
        "Id": id, "CompanyNo": 3.0, "DivisionNo": 1, "BuildingCode": "B1  ", "UnitCode": format!("{id} "),
        "OccupancyStatus": "L ", "HousingType": null, "NumberOfRooms": 4.5, "Rent": 950.5, "AvailableDate": null,
        "Comment": null
    })
}

/// The permission bits of a file.
pub(crate) fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("a file").permissions().mode() & 0o777
}

/// A terminal: the end of who sits there, and what opens the other.
pub(crate) fn terminal() -> (fs::File, impl Fn() -> fs::File) {
    let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&controller).and_then(|()| unlockpt(&controller)).expect("a terminal that is ours");
    let name = ptsname(&controller, Vec::new()).expect("its name");
    let open =
        move || fs::OpenOptions::new().read(true).write(true).open(name.to_str().expect("UTF-8")).expect("its end");
    (fs::File::from(controller), open)
}

/// Runs a command to its end with somebody at a terminal who types this; what stands on the terminal is its stderr.
pub(crate) fn answering(mut command: Command, typed: &str) -> Output {
    let (mut controller, open) = terminal();
    let child = command.stdin(open()).stderr(open()).stdout(Stdio::piped()).spawn().expect("the binary runs");
    // Only the child may hold the other end, or reading would never come to an end.
    drop(command);
    controller.write_all(typed.as_bytes()).expect("it is typed");
    let mut shown = Vec::new();
    // Linux reports the end of a terminal as an error.
    let _ = controller.read_to_end(&mut shown);
    let done = child.wait_with_output().expect("it ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8").replace("\r\n", "\n");
    Output { code: done.status.code().unwrap_or(-1), stdout: text(done.stdout), stderr: text(shown) }
}

/// Runs a command to its end with stdout and stderr on one terminal; gives what stands there.
pub(crate) fn wholly_on_terminal(mut command: Command) -> String {
    let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&controller).and_then(|()| unlockpt(&controller)).expect("a terminal that is ours");
    let name = ptsname(&controller, Vec::new()).expect("its name");
    let open = || fs::OpenOptions::new().write(true).open(name.to_str().expect("UTF-8")).expect("its end");
    let mut child = command.stdout(open()).stderr(open()).spawn().expect("the binary runs");
    // Only the child may hold the other end, or reading would never come to an end.
    drop(command);
    let mut shown = Vec::new();
    // Linux reports the end of a terminal as an error.
    let _ = fs::File::from(controller).read_to_end(&mut shown);
    child.wait().expect("it ends");
    String::from_utf8(shown).expect("UTF-8").replace("\r\n", "\n")
}

/// Runs a command to its end with somebody at a terminal who waits for each question and then types the answer; what stands on
/// the terminal is stdout and stderr. A question that does not come ends the conversation.
pub(crate) fn conversing(command: Command, conversation: &[(&str, &str)]) -> Output {
    let mut talk = Talk::begin(command);
    for (question, answer) in conversation {
        talk.await_question(question);
        talk.answer(answer);
    }
    let _ = talk.controller.read_to_end(&mut talk.shown);
    talk.end()
}

/// The binary on a terminal, killed as soon as it asks the last question.
pub(crate) fn killed_at(command: Command, conversation: &[(&str, &str)], last: &str) -> Output {
    let mut talk = Talk::begin(command);
    for (question, answer) in conversation {
        talk.await_question(question);
        talk.answer(answer);
    }
    talk.await_question(last);
    talk.child.kill().expect("it is killed");
    talk.end()
}

/// A binary on a terminal, and what it has shown there.
struct Talk {
    child: std::process::Child,
    controller: fs::File,
    shown: Vec<u8>,
    seen: usize,
}

impl Talk {
    fn begin(mut command: Command) -> Talk {
        let (controller, open) = terminal();
        let size = rustix::termios::Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
        rustix::termios::tcsetwinsize(&controller, size).expect("its size");
        let child = command.stdin(open()).stderr(open()).stdout(open()).spawn().expect("the binary runs");
        // Only the child may hold the other end, or reading would never come to an end.
        drop(command);
        Talk { child, controller, shown: Vec::new(), seen: 0 }
    }

    fn await_question(&mut self, question: &str) {
        while !String::from_utf8_lossy(&self.shown[self.seen..]).contains(question) {
            let mut more = [0; 4096];
            match self.controller.read(&mut more) {
                Ok(count) if count > 0 => self.shown.extend_from_slice(&more[..count]),
                // Linux reports the end of a terminal as an error.
                _ => panic!("`{question}` was not asked: {}", String::from_utf8_lossy(&self.shown)),
            }
        }
        self.seen = self.shown.len();
    }

    fn answer(&mut self, answer: &str) {
        self.controller.write_all(format!("{answer}\n").as_bytes()).expect("it is typed");
    }

    fn end(mut self) -> Output {
        let code = self.child.wait().expect("it ends").code().unwrap_or(-1);
        Output { code, stdout: String::from_utf8_lossy(&self.shown).replace("\r\n", "\n"), stderr: String::new() }
    }
}
