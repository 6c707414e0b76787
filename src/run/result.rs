//! Result of a run: what its stages came to, and how it ended.

use crate::config::Config;
use crate::entity::{EntityKey, Kind};
use crate::failure::{Exit, FailureCause, Reported, Subject, exit_of};
use crate::message::Message;
use crate::plan::titles::ColumnTitles;
use crate::pull::PullResult;
use crate::push::plan::{Plan, PlannedChange};
use crate::push::stage::Pushed;
use crate::push::summary::KindPush;
use crate::push::writer::Price;
use crate::store::{ChangeAction, Store};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Kind of a run: whether it is done or rehearsed.
#[derive(Debug)]
pub(crate) enum RunKind {
    /// It is done, and kept.
    Real {
        /// Its number.
        run: i64,
    },
    /// It is rehearsed on a copy of the store, and leaves a plan.
    Rehearsal(Rehearsed),
}

/// Plan of a rehearsal, and what people want to know of its changes that only the store knows.
#[derive(Debug, Default)]
pub(crate) struct Rehearsed {
    /// What the second stage would do.
    pub(crate) plan: Plan,
    /// Name and id of each kind's board.
    pub(crate) boards: BTreeMap<Kind, String>,
    /// The entities whose items go because `only` leaves them out, not because they are gone.
    pub(crate) left_out: BTreeSet<EntityKey>,
}

/// Result of a run that has ended, with all that its document is made of.
#[derive(Debug)]
pub(crate) struct RunResult {
    /// What it is: kept under its number, or a rehearsal with its plan.
    pub(crate) kind: RunKind,
    /// The subcommand.
    pub(crate) command: &'static str,
    /// What columns are called.
    pub(crate) titles: ColumnTitles,
    /// When it began.
    pub(crate) started_at: Timestamp,
    /// How long it took.
    pub(crate) duration_ms: u64,
    /// What the first stage came to, if it was asked for.
    pub(crate) pulled: Option<PullResult>,
    /// What the second stage came to, if it was asked for.
    pub(crate) pushed: Option<Pushed>,
    /// What failed besides: selectors that name nothing.
    pub(crate) failures: Vec<Reported>,
    /// What people should know besides.
    pub(crate) notes: Vec<Message>,
    /// What stopped it from outside: a signal, or its time.
    pub(crate) stop_note: Option<Message>,
    /// What ended it early.
    pub(crate) errors: Vec<anyhow::Error>,
    /// How it ended, if anything but its stages decides.
    pub(crate) exit: Option<Exit>,
    /// What may still be spent today, where there is a cap.
    pub(crate) calls_left: Option<u64>,
}

impl Rehearsed {
    /// What a rehearsal recorded in its copy of the store as run `run`, at this price.
    ///
    /// # Errors
    /// Where the copy cannot be read, or holds what this program does not know.
    pub(super) fn of(config: &Config, store: &Store, run: i64, price: Price) -> anyhow::Result<Rehearsed> {
        let mut rehearsed = Rehearsed { plan: Plan::of_run(store, run, price)?, ..Rehearsed::default() };
        for PlannedChange { entity, action, .. } in &rehearsed.plan.changes {
            if let Some(board) = config.kind(entity.kind).pushed_board()
                && !rehearsed.boards.contains_key(&entity.kind)
            {
                let name = store.board_name(board)?.map(|name| format!("\"{name}\" ")).unwrap_or_default();
                rehearsed.boards.insert(entity.kind, format!("{name}({board})"));
            }
            let stored = store.find(entity.kind, &entity.key)?;
            if *action == ChangeAction::Archive && stored.is_some_and(|found| !found.is_deleted()) {
                rehearsed.left_out.insert(entity.clone());
            }
        }
        Ok(rehearsed)
    }
}

impl RunResult {
    /// The result of a run that has only begun.
    pub(super) fn begun(kind: RunKind, command: &'static str, started_at: Timestamp, notes: Vec<Message>) -> RunResult {
        RunResult {
            kind,
            command,
            titles: ColumnTitles::default(),
            started_at,
            duration_ms: 0,
            pulled: None,
            pushed: None,
            failures: Vec::new(),
            notes,
            stop_note: None,
            errors: Vec::new(),
            exit: None,
            calls_left: None,
        }
    }

    /// Its number, where it is kept.
    pub(crate) fn run(&self) -> Option<i64> {
        match self.kind {
            RunKind::Real { run } => Some(run),
            RunKind::Rehearsal(_) => None,
        }
    }

    /// How it ended, everything considered.
    pub(crate) fn exit(&self) -> Exit {
        let mut exit = self.exit.unwrap_or(Exit::Ok);
        exit = exit.and(self.pulled.as_ref().map_or(Exit::Ok, PullResult::exit));
        exit = exit.and(self.pushed.as_ref().map_or(Exit::Ok, Pushed::exit));
        if !self.failures.is_empty() {
            exit = exit.and(Exit::Partial);
        }
        self.every_error().fold(exit, |exit, error| exit.and(exit_of(error)))
    }

    /// What ended it early, the stages' own reasons first.
    pub(crate) fn every_error(&self) -> impl Iterator<Item = &anyhow::Error> {
        let pulled = self.pulled.as_ref().and_then(|pulled| pulled.error.as_ref());
        let pushed = self.pushed.as_ref().and_then(|pushed| pushed.error.as_ref());
        pulled.into_iter().chain(pushed).chain(&self.errors)
    }

    /// The error that decides how the run ended; of several, the first.
    pub(crate) fn worst_error(&self) -> Option<&anyhow::Error> {
        let exit = self.every_error().fold(Exit::Ok, |exit, error| exit.and(exit_of(error)));
        self.every_error().find(|error| exit_of(error) == exit)
    }

    /// The worst of what is wrong with kinds as a whole, and how many failures there are besides.
    pub(crate) fn worst_of_kinds(&self) -> Option<(&Reported, u64)> {
        let of_kinds = || self.every_failure().filter(|failure| matches!(failure.subject, Subject::Kind(_)));
        let is_guard = |failure: &&Reported| failure.cause == FailureCause::Guarded;
        let guarded = of_kinds().find(|failure| is_guard(failure) && self.exit() == Exit::Guard);
        let worst = guarded.or_else(|| of_kinds().next())?;
        Some((worst, self.every_failure().count() as u64 - 1))
    }

    /// The first failure, and how many there are besides.
    pub(crate) fn first_failure(&self) -> Option<(&Reported, u64)> {
        let mut all = self.every_failure();
        let first = all.next()?;
        Some((first, all.count() as u64))
    }

    /// Entities of which something could not be pushed.
    pub(crate) fn changes_failed(&self) -> u64 {
        self.pushed.iter().flat_map(|pushed| pushed.kinds.values()).map(|kind| kind.failed).sum()
    }

    /// The same, and those of which something could.
    pub(crate) fn changes_tried(&self) -> u64 {
        let tried = |kind: &KindPush| kind.created + kind.adopted + kind.updated + kind.archived + kind.failed;
        self.pushed.iter().flat_map(|pushed| pushed.kinds.values()).map(tried).sum()
    }

    /// What stopped the run from outside: a signal, or its time.
    pub(crate) fn stopped_by(&self) -> Option<&Message> {
        self.stop_note.as_ref()
    }

    /// Whether all that is left waits for the calls of the next UTC day.
    pub(crate) fn is_day_spent(&self) -> bool {
        self.stop_note.is_none() && self.pushed.as_ref().is_some_and(|pushed| pushed.is_day_spent)
    }

    /// Why something is left to the next run.
    pub(crate) fn left_because(&self) -> Option<&Message> {
        self.pushed.as_ref()?.left_because.as_ref()
    }

    /// Every failure that a stage met.
    pub(super) fn all_met(&self) -> impl Iterator<Item = &Reported> {
        let pulled = self.pulled.iter().flat_map(|pulled| &pulled.failures);
        let pushed = self.pushed.iter().flat_map(|pushed| &pushed.failures);
        pulled.chain(pushed).chain(&self.failures)
    }

    /// The failures as they are reported: what both stages met of a kind is one.
    pub(super) fn every_failure(&self) -> impl Iterator<Item = &Reported> {
        let pulled: Vec<&Reported> = self.pulled.iter().flat_map(|pulled| &pulled.failures).collect();
        let is_same = |one: &Reported, other: &Reported| {
            matches!(one.subject, Subject::Kind(_))
                && (&one.subject, one.cause, &one.error) == (&other.subject, other.cause, &other.error)
        };
        self.all_met().filter(move |met| !pulled.iter().any(|pulled| pulled.stage != met.stage && is_same(pulled, met)))
    }

    /// What people should know.
    pub(crate) fn every_note(&self) -> impl Iterator<Item = &Message> {
        let pulled = self.pulled.iter().flat_map(|pulled| &pulled.notes);
        let pushed = self.pushed.iter().flat_map(|pushed| &pushed.notes);
        pulled.chain(pushed).chain(&self.notes).chain(&self.stop_note)
    }
}
