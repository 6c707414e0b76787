//! Boards: those that are made, and those that are there and read.

use super::answers::Answers;
use super::conversation::{Conversation, EmptyLine};
use super::sides::{Inspection, ended, setup};
use super::unfinished::Unfinished;
use crate::boards::session::{Asked, Session};
use crate::commands::context::Context;
use crate::commands::selector;
use crate::entity::Kind;
use crate::failure::{Exit, Failure};
use crate::http::Stop;
use crate::message::{InitText, MondayText};
use crate::monday::structure::{self as documents, BoardStructure, Named, PER_PAGE};
use crate::plan::derive::DerivationRules;
use crate::report::bars;
use crate::report::init::Outline;
use crate::setup::document::Draft;
use crate::setup::making::{Halt, Maker};
use crate::setup::proposal::KEY_COLUMN;
use crate::setup::structure::{BoardPlan, key, made_for};
use crate::store::{Side, Store};
use crate::text::caseless;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The boards that `--board` names, by kind.
///
/// # Errors
/// Where one is not written as a kind and a number.
pub(super) fn parse(given: &[String]) -> anyhow::Result<BTreeMap<Kind, String>> {
    let mut boards: BTreeMap<Kind, String> = BTreeMap::new();
    for text in given {
        let is_number = |board: &&str| !board.is_empty() && board.bytes().all(|byte| byte.is_ascii_digit());
        let Some((kind, board)) = text.split_once('=').filter(|(_, board)| is_number(board)) else {
            let what = InitText::BoardNeedsForm { given: text.clone() };
            return Err(Failure::usage(what).help(InitText::BoardExample {}).into());
        };
        let (kind, board) = (selector::kind(kind)?, board.to_owned());
        require_own(kind, &board, boards.iter())?;
        if let Some(known) = boards.insert(kind, board.clone()).filter(|known| *known != board) {
            return Err(Failure::usage(InitText::BoardsForOne { kind, boards: vec![known, board] }).into());
        }
    }
    Ok(boards)
}

/// Refuses a board that is another kind's: the items of both would be taken for each other's.
fn require_own<'b>(
    kind: Kind,
    board: &str,
    others: impl IntoIterator<Item = (&'b Kind, &'b String)>,
) -> anyhow::Result<()> {
    match others.into_iter().find(|(other, known)| **other != kind && *known == board) {
        Some((&other, _)) => {
            let what = InitText::BoardForTwo { board: board.to_owned(), kind, other };
            Err(Failure::usage(what).help(InitText::BoardForTwoHelp {}).into())
        }
        None => Ok(()),
    }
}

/// Reads boards that there are, with their columns.
///
/// # Errors
/// Where monday refuses, or does not show one of them to this token.
pub(super) fn read(
    context: &Context,
    sides: &mut Inspection,
    boards: &BTreeMap<Kind, String>,
) -> anyhow::Result<BTreeMap<Kind, BoardStructure>> {
    if boards.is_empty() {
        return Ok(BTreeMap::new());
    }
    for (&kind, board) in boards {
        let configured = context.config.kinds.iter().filter(|of| !boards.contains_key(&of.kind));
        require_own(kind, board, configured.filter_map(|of| Some((&of.kind, of.board.as_ref()?))))?;
    }
    let ids: Vec<&str> = boards.values().map(String::as_str).collect();
    let found = in_session(context, &mut sides.store, |session, store| {
        ask(session, store, &documents::board_structures(&ids), documents::structures)
    })?;
    let of = |(&kind, board): (&Kind, &String)| match found.iter().find(|structure| structure.id == *board) {
        Some(structure) => match made_for(&structure.description).filter(|other| *other != kind) {
            Some(other) => {
                let what = InitText::MadeForOther { board: board.clone(), kind, other };
                Err(Failure::usage(what).help(InitText::BoardForTwoHelp {}).into())
            }
            None => Ok((kind, structure.clone())),
        },
        None => {
            let what = MondayText::BoardMissing { kind, board: board.clone() };
            Err(Failure::usage(what).help(InitText::CheckBoardNumber {}).into())
        }
    };
    boards.iter().map(of).collect()
}

/// Makes what is missing: a board for each kind without one, the columns of the boards that were made before, and the key column of
/// those that were not. The draft gets their numbers.
///
/// # Errors
/// What ended it before all was made; what was made is found again.
pub(super) fn make(
    answers: &mut Answers<'_>,
    stop: &Arc<Stop>,
    sides: &Inspection,
    outline: &mut Outline,
    workspace: Option<&str>,
    person: Option<&Conversation<'_>>,
) -> anyhow::Result<()> {
    let context = answers.context(stop)?;
    let mut store = context.store()?;
    // What was spent on reading counts too.
    for side in [Side::Monday, Side::Hapi] {
        let spent = sides.store.calls_today(side, context.now())?;
        store.write(|tx| tx.count_calls(side, spent, context.now()))?;
    }
    let (plans, others) = planned(&context, &answers.draft, sides, outline, &store)?;
    let is_sure = answers.is_sure();
    let take_over = |boards| agree_to_take_over(&context, is_sure, person, boards);
    let made = in_session(&context, &mut store, |session, store| {
        if session.must_wait(store)? {
            return Err(Halt::Ended);
        }
        let workspace = match workspace {
            Some(workspace) => workspace.to_owned(),
            None => choose_workspace(session, store, &mut answers.unfinished, person)?,
        };
        let mut maker = Maker::new(session, store, workspace, &take_over);
        let made = maker.make(&plans, &others)?;
        for (kind, board) in &others {
            let settings = context.config.kind(*kind);
            let id = settings.key_column.as_deref().unwrap_or(KEY_COLUMN);
            let has_key = outline.kinds.get(kind).is_none_or(|part| part.has_key_column);
            if !has_key {
                maker.add_columns(board, &[key(id, *kind, context.lang())])?;
            }
        }
        Ok(made)
    })?;
    for (kind, structure) in made {
        warn_of_labels(&context, kind, &structure);
        let key_column = context.config.kind(kind).key_column.as_deref().unwrap_or(KEY_COLUMN);
        answers.draft.set_board(kind, &structure.id, key_column);
        outline.has_board(kind, &structure);
        outline.is_filled_by_us(kind);
        outline.made.push((kind, structure.name, structure.url.unwrap_or(structure.id)));
    }
    Ok(())
}

/// Boards that this store has not made are used only where that was agreed to: either its forerunner was lost, or another store fills
/// them.
fn agree_to_take_over(
    context: &Context,
    is_sure: bool,
    person: Option<&Conversation<'_>>,
    boards: Vec<String>,
) -> anyhow::Result<()> {
    if is_sure {
        context.report.info(&context.report.text(InitText::TakenOver { boards }));
        return Ok(());
    }
    let question = InitText::AskTakeOver { boards: boards.clone() };
    match person {
        Some(person) if person.agrees(question, EmptyLine::IsNo)? => Ok(()),
        _ => Err(Failure::new(Exit::Failed, InitText::OfAnother { boards }).help(InitText::OfAnotherHelp {}).into()),
    }
}

/// Warns of labels that a board which was there before lacks: made in another language, or changed since.
fn warn_of_labels(context: &Context, kind: Kind, structure: &BoardStructure) {
    for (id, column) in &context.config.kind(kind).columns {
        let Some((there, known)) = structure.columns.get(id).and_then(|there| Some((there, there.labels()?))) else {
            continue;
        };
        let named: BTreeSet<&String> = column.values.values().chain(&column.default).collect();
        let labels: Vec<String> = named.into_iter().filter(|label| known.find(label).is_none()).cloned().collect();
        if !labels.is_empty() {
            let text = InitText::LabelsMissing { column: there.title.clone(), board: structure.id.clone(), labels };
            context.report.line(&context.report.warning(&text.into()));
        }
    }
}

/// The boards that are to be as planned, and the others that there are.
fn planned(
    context: &Context,
    draft: &Draft,
    sides: &Inspection,
    outline: &Outline,
    store: &Store,
) -> anyhow::Result<(Vec<BoardPlan>, BTreeMap<Kind, String>)> {
    let (mut plans, mut others) = (Vec::new(), BTreeMap::new());
    for &kind in outline.kinds.iter().filter(|(_, part)| part.is_chosen).map(|(kind, _)| kind) {
        let settings = context.config.kind(kind);
        if !settings.enabled || !settings.push {
            continue;
        }
        let plan = BoardPlan::of(&context.config, kind, sides.surveys.get(&kind), context.lang());
        let plan = plan.in_order(&draft.columns_of(kind));
        match &settings.board {
            Some(board) if store.made_board(&plan.marker)?.is_none_or(|(made, _)| made != *board) => {
                others.insert(kind, board.clone());
            }
            _ => plans.push(plan),
        }
    }
    Ok((plans, others))
}

/// Refuses to make boards where nobody says in which workspace, before anything is written, and says which there are.
///
/// # Errors
/// Always that refusal, unless monday cannot be asked.
pub(super) fn list_workspaces(context: &Context, store: &mut Store, unfinished: &mut Unfinished) -> anyhow::Result<()> {
    in_session(context, store, |session, store| choose_workspace(session, store, unfinished, None)).map(drop)
}

/// Asks which workspace the boards go into; where nobody is there to answer, says which there are.
fn choose_workspace(
    session: &mut Session<'_>,
    store: &mut Store,
    unfinished: &mut Unfinished,
    person: Option<&Conversation<'_>>,
) -> Result<String, Halt> {
    let mut all: Vec<Named> = Vec::new();
    for page in 1.. {
        let listed = ask(session, store, &documents::workspaces(page), documents::named)?;
        let is_last = listed.len() < PER_PAGE;
        all.extend(listed);
        if is_last {
            break;
        }
    }
    // An `init` that was broken off had it chosen, and boards of it may stand there.
    if let (Some(person), Some(chosen)) =
        (person, all.iter().find(|workspace| unfinished.workspace() == Some(&workspace.id)))
    {
        person.inform(InitText::WorkspaceKnown { workspace: format!("{} ({})", chosen.id, chosen.name) });
        return Ok(chosen.id.clone());
    }
    let workspaces: Vec<String> =
        all.iter().map(|workspace| format!("{} ({})", workspace.id, workspace.name)).collect();
    let Some(person) = person else {
        let what = InitText::WorkspaceMissing { workspaces };
        return Err(Failure::usage(what).help(InitText::WorkspaceMissingHelp {}).into());
    };
    let proposed = all.first().map(|workspace| workspace.id.clone());
    loop {
        let question = InitText::AskWorkspace { workspaces: workspaces.clone() };
        // Where there is a choice, `--yes` does not make it.
        let answer = match all.len() {
            1 => person.ask(question, proposed.as_deref())?,
            _ => person.ask_aloud(question, proposed.as_deref())?,
        };
        let is_meant = |(workspace, shown): &(&Named, &String)| {
            let wanted = caseless(&answer);
            [&workspace.id, &workspace.name, *shown].iter().any(|text| caseless(text) == wanted)
        };
        match all.iter().zip(&workspaces).find(is_meant).map(|(workspace, _)| workspace) {
            Some(workspace) => {
                unfinished.set_workspace(&workspace.id)?;
                return Ok(workspace.id.clone());
            }
            None => person.inform(InitText::UnknownAnswer { answer }),
        }
    }
}

fn ask<T>(
    session: &mut Session<'_>,
    store: &mut Store,
    document: &crate::monday::document::Document,
    read: impl Fn(&serde_json::Map<String, serde_json::Value>) -> Option<T>,
) -> Result<T, Halt> {
    match session.ask(store, document)? {
        Asked::Ended => Err(Halt::Ended),
        Asked::Refused(why) => Err(Failure::new(Exit::Failed, why).help(InitText::CheckRights {}).into()),
        Asked::Answer(answer) => read(&answer.data).ok_or_else(|| {
            let why = crate::monday::Outcome::Answered(answer).message();
            Failure::new(Exit::Failed, why).help(InitText::CheckRights {}).into()
        }),
    }
}

/// Does something in a session with monday.
fn in_session<T>(
    context: &Context,
    store: &mut Store,
    work: impl FnOnce(&mut Session<'_>, &mut Store) -> Result<T, Halt>,
) -> anyhow::Result<T> {
    let derivation = DerivationRules::of(&context.config);
    let client = crate::monday::Client::new(&context.http, &context.config.monday)?;
    let progress = bars::watcher(&context.report, context.clock());
    let mut session = Session::new(setup(context, &derivation, &client, progress.as_ref()));
    match work(&mut session, store) {
        Ok(done) => Ok(done),
        Err(Halt::Error(error)) => Err(error),
        Err(Halt::Ended) => Err(ended(session)),
    }
}
