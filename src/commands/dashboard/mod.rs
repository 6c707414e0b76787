//! `hopem-sync dashboard`: the entities of all kinds on a terminal, with their states, their stories and the actions. What it shows is
//! a model that keys change (`update`), the store fills (`read`), and `report/dashboard` draws; an action runs the command that
//! it names.

mod read;
mod update;

use super::context::Context;
use crate::failure::{Exit, Failure};
use crate::message::{DashboardText, Lang, Message};
use crate::process::{ProcessEvent, Running};
use crate::report::dashboard::{Model, Notice, Work, draw};
use crate::terminal::{self, FullScreen, Input};
use read::Reader;
use std::time::{Duration, Instant};
use update::{Done, Effect};

/// How often the store is read.
const READ_EVERY: Duration = Duration::from_secs(2);
/// How long a key is waited for before it is checked whether anything else has happened.
const WAIT_FOR_KEY: Duration = Duration::from_millis(100);

/// Arguments of `dashboard`.
#[derive(Debug, clap::Args)]
#[command(before_long_help = "\
Examples:
  hopem-sync dashboard              every kind, what needs somebody first; ? shows the keys
  hopem-sync dashboard --lang fr    in French, whatever the locale says")]
pub(crate) struct Dashboard {}

impl Dashboard {
    /// Shows the dashboard until somebody ends it.
    ///
    /// # Errors
    /// Of usage, where there is no terminal; where the store cannot be read, or the terminal is lost.
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let refusal = match (context.report.is_json, terminal::is_there()) {
            (true, _) => Some(DashboardText::NoJson {}),
            (false, false) => Some(DashboardText::NeedsTerminal {}),
            (false, true) => None,
        };
        if let Some(refusal) = refusal {
            return Err(Failure::usage(refusal).help(DashboardText::UseStatus {}).into());
        }
        let mut reader = Reader::new(context)?;
        let mut screen = FullScreen::open().map_err(lost)?;
        let mut model = Model::new(&context.clock().here(), screen.height(), context.flags.clone());
        // What cannot be read at the beginning is an error; later it is shown, and retried.
        reader.refresh(&mut model)?;
        Session { context, reader, model, running: None, read_at: context.clock().instant(), is_drawn: false }
            .work(&mut screen)
    }
}

fn lost(error: std::io::Error) -> anyhow::Error {
    Failure::new(Exit::Failed, DashboardText::TerminalLost { why: error.to_string() })
        .help(DashboardText::UseStatus {})
        .into()
}

/// Session of the dashboard: the model and all that changes it.
struct Session<'c> {
    context: &'c Context,
    reader: Reader<'c>,
    model: Model,
    running: Option<Running>,
    read_at: Instant,
    is_drawn: bool,
}

impl Session<'_> {
    fn work(&mut self, screen: &mut FullScreen) -> anyhow::Result<Exit> {
        let style = self.context.report.style();
        loop {
            if let Some(reason) = self.context.stop.signal() {
                return Ok(reason.exit());
            }
            if !std::mem::replace(&mut self.is_drawn, true) {
                screen.draw(|frame| draw(&self.model, style, frame)).map_err(lost)?;
            }
            match screen.input(WAIT_FOR_KEY).map_err(lost)? {
                Some(Input::Key(key)) => {
                    if update::pressed(&mut self.model, key).is_some_and(|effect| self.apply(effect)) {
                        return Ok(Exit::Ok);
                    }
                    self.read_what_is_asked();
                }
                Some(Input::Resized) => {
                    self.model.height = screen.height();
                    self.read_what_is_asked();
                }
                None => {}
            }
            self.listen();
            if self.context.clock().since(self.read_at) >= READ_EVERY {
                self.read_all();
            }
        }
    }

    /// Whether it ends the dashboard.
    fn apply(&mut self, effect: Effect) -> bool {
        let words = match effect {
            Effect::Quit => return true,
            Effect::Run(words) => words,
        };
        let now = self.context.now();
        update::began(&mut self.model, &words, now);
        let lang = ["--lang", self.context.lang().code()].map(str::to_owned);
        let arguments = [words.as_slice(), &self.context.flags, &lang, &["-v".to_owned()]].concat();
        match std::env::current_exe().and_then(|program| Running::start(&program, &arguments)) {
            Ok(running) => self.running = Some(running),
            Err(error) => self.end(Done { exit: Err(error.to_string()), lines: Vec::new() }),
        }
        false
    }

    /// Receives what an action under way has written.
    fn listen(&mut self) {
        while let Some(event) = self.running.as_mut().and_then(Running::next_event) {
            self.is_drawn = false;
            match event {
                ProcessEvent::Line(line) => {
                    self.model.work.iter_mut().for_each(|work: &mut Work| work.last_line = Some(line.clone()))
                }
                ProcessEvent::Ended { code, lines } => {
                    self.running = None;
                    self.end(Done { exit: Ok(code), lines });
                    self.read_all();
                }
            }
        }
    }

    fn end(&mut self, done: Done) {
        let since = self.model.work.as_ref().map_or(self.context.now(), |work| work.since);
        let took = self.context.report.style().ago(since, self.context.now()).unwrap_or_default();
        update::ended(&mut self.model, done, took);
    }

    /// Reads what is shown, also what nobody asked for since.
    fn read_all(&mut self) {
        self.read_at = self.context.clock().instant();
        let outcome = self.reader.refresh(&mut self.model);
        self.note_read(outcome);
    }

    /// Reads what a key or a size asked for.
    fn read_what_is_asked(&mut self) {
        let outcome = self.reader.read_what_is_asked(&mut self.model);
        self.note_read(outcome);
    }

    /// What could not be read is shown, and retried at the next read.
    fn note_read(&mut self, outcome: anyhow::Result<()>) {
        self.is_drawn = false;
        if let Err(error) = outcome {
            let why = crate::failure::render(&error, self.lang()).message;
            let title: Message = DashboardText::ReadFailed { why }.into();
            self.model.notice = Some(Notice { title, lines: Vec::new(), is_bad: true });
        }
    }

    fn lang(&self) -> Lang {
        self.context.lang()
    }
}
