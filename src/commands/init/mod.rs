//! `hopem-sync init`: a configuration from what HApi holds, written for people, and nothing written over.

mod answers;
mod boards;
mod conversation;
mod launch;
mod logins;
mod mapping;
mod schedule;
mod sides;
mod site;
mod unfinished;
mod wishes;

pub(crate) use launch::Launch;

use super::context::{Context, stop_of};
use super::selector;
use crate::entity::Kind;
use crate::failure::{Exit, Failure, exit_of};
use crate::http::Stop;
use crate::message::InitText;
use crate::report::Report;
use crate::report::init::{Outline, Screen, previews};
use crate::setup::preview::preview;
use crate::store::{RunLock, Store};
use answers::Answers;
use conversation::{Conversation, EmptyLine};
use sides::Inspection;
use site::Site;
use std::sync::Arc;
use unfinished::Unfinished;
use wishes::Wishes;

/// How many entities are shown as they would stand on a board.
const PREVIEWS: usize = 3;

/// Arguments of `init`.
#[derive(Debug, clap::Args)]
#[command(before_long_help = "\
Examples:
  hopem-sync init                                ask, look at HApi, write the configuration
  hopem-sync init --from-env --print             the same without questions; print it and write nothing
  hopem-sync init --create-boards                make the boards too, and ask in which workspace
  hopem-sync init --board unit=1234567890        map onto the columns of a board that is there")]
pub(crate) struct Init {
    /// Kinds to sync, such as `unit`; all that HApi gives if none is named
    #[arg(value_name = "KIND")]
    kinds: Vec<String>,
    /// Ask nothing: take every answer from the environment
    #[arg(long)]
    from_env: bool,
    /// Print the configuration and write nothing
    #[arg(long)]
    print: bool,
    /// Make a board for each kind that has none, and the columns that are missing on those made before
    #[arg(long)]
    create_boards: bool,
    /// The workspace that boards are made in; which there are is listed without it
    #[arg(long, value_name = "ID", requires = "create_boards")]
    workspace: Option<String>,
    /// Map a kind onto the columns of a board that is there; may be repeated
    #[arg(long, value_name = "KIND=BOARD")]
    board: Vec<String>,
    /// Push only what has one of these values, such as tenant.TenantType=L,A; `*` for all; may be repeated
    #[arg(long, value_name = "KIND.PROPERTY=VALUES")]
    only: Vec<String>,
}

impl Init {
    /// Writes a configuration, and makes boards where that is asked for.
    ///
    /// # Errors
    /// Where no place for a configuration is known.
    pub(crate) fn run(&self, launch: &Launch<'_>) -> anyhow::Result<Exit> {
        let mut site = Site::find(launch.global, launch.environment)?;
        // Answers that were typed are kept until they stand in a configuration.
        let keeps = !self.from_env && !self.print;
        let unfinished = if keeps { Unfinished::of(&site)? } else { Unfinished::unkept() };
        let launch = launch.in_language_of(&site, &unfinished);
        // What goes wrong is said in that language too.
        self.work(&launch, &mut site, unfinished).or_else(|error| {
            let exit = exit_of(&error);
            let kept = Some(site.unfinished_file()).filter(|file| keeps && file.exists());
            let is_stopped = matches!(exit, Exit::Interrupted | Exit::Terminated);
            // The usual text promises that what was done is recorded.
            let error = match is_stopped && !site.has_written {
                true => Failure::new(exit, InitText::StoppedUnwritten {}).into(),
                false => error,
            };
            launch.report.failed(&error);
            if let Some(file) = kept {
                let text = InitText::AnswersKept { file: file.display().to_string() };
                launch.report.info(&launch.report.text(text));
            }
            Ok(exit)
        })
    }

    fn work(&self, launch: &Launch<'_>, site: &mut Site, unfinished: Unfinished) -> anyhow::Result<Exit> {
        let stop = stop_of(launch.host)?;
        let person = self.person(launch, &stop)?;
        self.agree_to_complete(site, launch, person.as_ref())?;
        if let (Some(person), Some(known)) = (&person, unfinished.known()) {
            person.inform(known);
        }
        let mut answers = Answers::begin(launch, site, unfinished)?;
        answers.choose(&self.kinds);
        let mut wishes = Wishes {
            only: wishes::parse(&self.only)?,
            boards: boards::parse(&self.board)?,
            makes_boards: self.create_boards,
        };
        let (context, mut sides) = self.inspect(&mut answers, site, person.as_ref(), &stop)?;
        let screen = Screen::new(&context.report, self.print);
        let mut outline = mapping::propose(&mut answers, &context, &mut sides, &mut wishes, person.as_ref(), &screen)?;
        // Records hold names and telephone numbers: they are for who looks on, and for no log of a job.
        if person.is_some() || screen.is_watched() {
            show(&answers, &answers.context(&stop)?, &sides, &outline, &screen)?;
        }
        let lock = self.lock(&answers.context(&stop)?)?;
        if self.create_boards && !self.print && self.workspace.is_none() && person.is_none() {
            let context = answers.context(&stop)?;
            boards::list_workspaces(&context, &mut sides.store, &mut answers.unfinished)?;
        }
        if !self.print {
            self.write(site, &mut answers, person.as_ref(), &mut outline)?;
        }
        if self.create_boards && !self.print {
            boards::make(&mut answers, &stop, &sides, &mut outline, self.workspace.as_deref(), person.as_ref())?;
            site.write(&answers.draft.text())?;
            answers.unfinished.finish()?;
        }
        drop(lock);
        outline.estimate(answers.context(&stop)?.config.monday.daily_calls);
        screen.print(|style| outline.load(style))?;
        if self.print {
            return print_only(&answers, outline, &context);
        }
        screen.print(|style| outline.written(style))?;
        screen.schedule(&outline, &schedule::schedule(&site.file, &schedule::own_program()))?;
        finish(&context.report, outline)
    }

    /// The person who is asked; `None`: nobody is.
    fn person<'c>(&self, launch: &'c Launch<'_>, stop: &'c Stop) -> anyhow::Result<Option<Conversation<'c>>> {
        if self.from_env {
            return Ok(None);
        }
        match Conversation::on_terminal(&launch.report, stop, launch.global.yes) {
            Some(person) => Ok(Some(person)),
            None => Err(Failure::usage(InitText::NobodyToAsk {}).help(InitText::UseFromEnv {}).into()),
        }
    }

    /// A configuration that is there is completed only where that was agreed to.
    fn agree_to_complete(
        &self,
        site: &Site,
        launch: &Launch<'_>,
        person: Option<&Conversation<'_>>,
    ) -> anyhow::Result<()> {
        let only_adds = self.create_boards || !self.board.is_empty();
        if site.text.is_none() || self.print || only_adds || launch.global.yes {
            return Ok(());
        }
        let file = site.file.display().to_string();
        match person {
            Some(person) if person.agrees(InitText::AskComplete { file: file.clone() }, EmptyLine::IsNo)? => Ok(()),
            _ => Err(Failure::usage(InitText::AlreadyThere { file }).help(InitText::AlreadyThereHelp {}).into()),
        }
    }

    /// Completes the answers, tries them, and inspects both sides.
    fn inspect(
        &self,
        answers: &mut Answers<'_>,
        site: &mut Site,
        person: Option<&Conversation<'_>>,
        stop: &Arc<Stop>,
    ) -> anyhow::Result<(Context, Inspection)> {
        let mut store = Store::in_memory()?;
        let account = logins::complete(answers, site, person, stop, &mut store)?;
        let context = answers.context(stop)?;
        let kinds: Vec<Kind> = selector::kinds(&self.kinds, &context.config)?;
        context.report.info(&context.report.text(InitText::Reading {}));
        let sides = Inspection::inspect(&context, &kinds, store, account)?;
        match sides.surveys.keys().any(|&kind| sides.is_offered(kind)) {
            true => Ok((context, sides)),
            false => Err(nothing_offered(sides)),
        }
    }

    /// The lock of the store, where there is one or boards are made.
    fn lock(&self, context: &Context) -> anyhow::Result<Option<RunLock>> {
        let is_needed = !self.print && (self.create_boards || context.access.exists());
        is_needed.then(|| context.lock("init")).transpose()
    }

    /// Writes secrets and configuration, the person agreeing.
    fn write(
        &self,
        site: &mut Site,
        answers: &mut Answers<'_>,
        person: Option<&Conversation<'_>>,
        outline: &mut Outline,
    ) -> anyhow::Result<()> {
        let (file, text) = (site.file.display().to_string(), answers.draft.text());
        let secrets = answers.secrets(site)?;
        let is_written = secrets.is_empty() && site.text.as_ref() == Some(&text);
        if let Some(person) = person.filter(|_| !is_written)
            && !person.agrees(InitText::AskWrite { file: file.clone() }, EmptyLine::IsYes)?
        {
            answers.unfinished.discard(site)?;
            return Err(Failure::usage(InitText::NotAgreed {}).into());
        }
        let typed = answers.unfinished.secrets().map(|name| site.secret_file(name).display().to_string());
        outline.written.extend(typed);
        for (name, secret) in secrets {
            // One that was typed gives way to what the environment says now.
            answers.unfinished.remove_secret(site, name)?;
            outline.written.extend(site.write_secret(name, &secret)?.map(|path| path.display().to_string()));
        }
        if site.text.as_ref() != Some(&text) {
            site.write(&text)?;
            outline.written.push(file);
        }
        match self.create_boards {
            true => answers.unfinished.settle(),
            false => answers.unfinished.finish(),
        }
    }
}

/// Shows real entities as they would stand on a board.
fn show(
    answers: &Answers<'_>,
    context: &Context,
    sides: &Inspection,
    outline: &Outline,
    screen: &Screen<'_>,
) -> anyhow::Result<()> {
    let Some(kind) = outline.best_example() else { return Ok(()) };
    let order = answers.draft.columns_of(kind);
    let items = preview(&sides.store, &context.config, kind, &order, PREVIEWS, context.now(), context.lang())?;
    screen.print(|style| previews(&items, style))
}

fn print_only(answers: &Answers<'_>, mut outline: Outline, context: &Context) -> anyhow::Result<Exit> {
    let text = answers.draft.text();
    if context.report.is_json {
        outline.configuration = Some(text);
        return finish(&context.report, outline);
    }
    context.report.print_as_is(&text)?;
    Ok(outline.exit())
}

fn nothing_offered(sides: Inspection) -> anyhow::Error {
    let failure = Failure::new(Exit::Failed, InitText::NothingOffered {}).help(InitText::NothingOfferedHelp {});
    match sides.failed.into_values().chain(sides.unavailable.into_values()).next() {
        Some(why) => failure.because(anyhow::anyhow!(why)).into(),
        None => failure.into(),
    }
}

fn finish(report: &Report, outline: Outline) -> anyhow::Result<Exit> {
    if report.is_json {
        report.json(&outline)?;
    }
    Ok(outline.exit())
}
