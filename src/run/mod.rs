//! A run, from the lock to its document: what `pull`, `push`, `sync`, `resync` and `listen` have in common.

mod access;
mod document;
pub(crate) mod ownership;
mod result;

pub(crate) use access::{Announce, RunStore, StoreAccess};
pub(crate) use document::{ChangeEntry, FailurePart, PlanPart, PricePart, PullPart, RunDocument};
pub(crate) use result::{Rehearsed, RunKind, RunResult};

use crate::boards::Setup;
use crate::config::{Config, OnDelete};
use crate::entity::Kind;
use crate::failure::{Account, Exit, FailureCause, FailureDetail, Reported, exit_of};
use crate::http::{Stop, StopReason};
use crate::message::{HapiText, Lang, Message, MondayText, RunText};
use crate::plan::derive::DerivationRules;
use crate::plan::selection::Selection;
use crate::plan::titles::ColumnTitles;
use crate::progress::Progress;
use crate::pull::Scope;
use crate::pull::guard::Allowed;
use crate::pull::{Pull, PullResult};
use crate::push::stage::Push;
use crate::run::ownership::{Consent, Stages};
use crate::store::{Entity, RunCause, RunLock, Side, Store};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Context of a run: what it is handed by the command.
pub(crate) struct RunContext<'c> {
    /// The settings.
    pub(crate) config: &'c Config,
    /// The way to the store.
    pub(crate) access: &'c StoreAccess,
    /// What ends the work early.
    pub(crate) stop: &'c Stop,
    /// Makes the progress, once the run has begun.
    pub(crate) watch: Box<dyn FnOnce() -> Box<dyn Progress> + 'c>,
}

/// Run, from the lock to its document.
pub(crate) struct Run<'c> {
    config: &'c Config,
    access: &'c StoreAccess,
    stop: &'c Stop,
    progress: Arc<dyn Progress>,
    derivation: DerivationRules,
    /// The store; of a rehearsal a copy in memory.
    pub(crate) store: Store,
    _lock: Option<RunLock>,
    began: Instant,
    was_cut_short: bool,
    /// How long boards are trusted to be as they were read; `None`: not at all.
    pub(crate) trust_boards: Option<Duration>,
    /// Whether the push ends where only waits are left.
    pub(crate) ends_at_waits: bool,
    calls_before: u64,
    /// The number under which its store keeps what is done; of a rehearsal that is the copy.
    recorded_as: i64,
    result: RunResult,
}

impl<'c> Run<'c> {
    /// Begins a run on the store that was opened for it: on a copy it is a rehearsal.
    ///
    /// # Errors
    /// With nothing touched, where the store belongs to another HApi, to other boards or has other keys than the configuration says,
    /// and that was not agreed to; where it cannot be read or written.
    pub(crate) fn begin(
        run_context: RunContext<'c>,
        command: &'static str,
        opened: RunStore,
        consent: &Consent,
    ) -> anyhow::Result<Run<'c>> {
        Run::with(run_context, command, opened, RunCause::Command, consent)
    }

    /// Begins a run that events cause.
    ///
    /// # Errors
    /// As [`Run::begin`].
    pub(crate) fn begin_by_events(
        run_context: RunContext<'c>,
        command: &'static str,
        opened: RunStore,
    ) -> anyhow::Result<Run<'c>> {
        Run::with(run_context, command, opened, RunCause::Events, &Consent::none(Stages::Both))
    }

    fn with(
        run_context: RunContext<'c>,
        command: &'static str,
        opened: RunStore,
        cause: RunCause,
        consent: &Consent,
    ) -> anyhow::Result<Run<'c>> {
        let RunContext { config, access, stop, watch } = run_context;
        let (mut store, lock, rehearsed) = match opened {
            RunStore::Kept { store, lock } => (store, Some(lock), None),
            RunStore::Copied { store, lock } => (store, lock, Some(Rehearsed::default())),
        };
        let (began, now) = (stop.clock().instant(), stop.clock().now());
        let notes = ownership::check(&mut store, config, command, consent, now)?;
        store.write(|tx| tx.void_times_ahead(now))?;
        let recorded_as = store.write(|tx| tx.begin_run(command, cause, now))?;
        let kind = rehearsed.map_or(RunKind::Real { run: recorded_as }, RunKind::Rehearsal);
        Ok(Run {
            config,
            access,
            stop,
            progress: watch().into(),
            derivation: DerivationRules::known(config, &store)?,
            calls_before: store.calls_today(Side::Monday, now)?,
            store,
            _lock: lock,
            began,
            was_cut_short: false,
            trust_boards: None,
            ends_at_waits: false,
            recorded_as,
            result: RunResult::begun(kind, command, now, notes),
        })
    }

    /// The time of day.
    fn now(&self) -> Timestamp {
        self.stop.clock().now()
    }

    /// Adds failures that no stage knows of.
    pub(crate) fn add_failures(&mut self, failures: Vec<Reported>) {
        self.result.failures.extend(failures);
    }

    /// Adds another reason to end with.
    pub(crate) fn ends_with(&mut self, exit: Exit) {
        self.result.exit = Some(self.result.exit.unwrap_or(Exit::Ok).and(exit));
    }

    /// How it would end now.
    pub(crate) fn exit(&self) -> Exit {
        self.result.exit()
    }

    /// Adds what people should know.
    pub(crate) fn note(&mut self, note: impl Into<Message>) {
        self.result.notes.push(note.into());
    }

    /// Reads the kinds from HApi, as far as `scope` says. What goes wrong is part of the run's document.
    pub(crate) fn pull(&mut self, client: &crate::hapi::Client<'_>, kinds: &[Kind], scope: Scope, allowed: &Allowed) {
        let run = self.recorded_as;
        self.pull_with(client, allowed, |pull, store| pull.run_due(store, kinds, scope, Some(run)));
    }

    /// Reads kinds whole, and of others just these entities.
    pub(crate) fn pull_for(
        &mut self,
        client: &crate::hapi::Client<'_>,
        kinds: &[Kind],
        entities: &[Entity],
        allowed: &Allowed,
    ) {
        self.pull_with(client, allowed, |pull, store| pull.run_for(store, kinds, entities));
    }

    fn pull_with(
        &mut self,
        client: &crate::hapi::Client<'_>,
        allowed: &Allowed,
        work: impl FnOnce(&Pull<'_>, &mut Store) -> anyhow::Result<PullResult>,
    ) {
        client.watch(self.progress.clone());
        let pull = Pull {
            config: self.config,
            derivation: &self.derivation,
            client,
            progress: self.progress.as_ref(),
            allowed,
        };
        let outcome = work(&pull, &mut self.store);
        // What this read showed of HApi's properties decides how records are mapped.
        let outcome = outcome.and_then(|pulled| self.derivation.learn(&self.store).map(|()| pulled));
        match outcome {
            Ok(mut pulled) => {
                pulled.error = pulled.error.map(|error| self.access.explained(error));
                let is_over = pulled.exit.is_none_or(ends_well) && pulled.calls > 0;
                self.keep_side(Side::Hapi, pulled.error.as_ref(), is_over);
                self.result.pulled = Some(pulled);
                self.forget_deleted();
            }
            Err(error) => self.failed(error),
        }
    }

    /// Removes what was deleted long ago, and what is left of it in the store's files.
    fn forget_deleted(&mut self) {
        if let RunKind::Real { .. } = self.result.kind
            && let Err(error) = self.try_to_forget()
        {
            self.failed(error);
        }
    }

    fn try_to_forget(&mut self) -> anyhow::Result<()> {
        let (config, now) = (self.config, self.now());
        let keep = SignedDuration::try_from(config.sync.keep_deleted);
        if let Some(before) = keep.ok().and_then(|keep| now.checked_sub(keep).ok()) {
            let keeps_items = config.sync.on_delete == OnDelete::Keep;
            self.store
                .write(|tx| tx.forget_deleted(before, keeps_items, |kind| config.kind(kind).event.clone(), now))?;
        }
        // A long reader in another process prevents it; then the next run does it.
        if self.store.has_freed()? {
            self.store.wipe_freed()?;
        }
        Ok(())
    }

    /// Brings the boards up to the store, unless something ended the run already.
    pub(crate) fn push(
        &mut self,
        client: Option<&crate::monday::Client<'_>>,
        selection: Selection,
        allowed: &Allowed,
        limit: Option<u64>,
        max_calls: Option<u64>,
    ) {
        // With nothing to be sent there is nothing to ask either.
        let Some(client) = client.filter(|_| limit != Some(0)) else { return };
        if self.stop.reason().is_some() || self.result.exit() == Exit::Store {
            self.was_cut_short = true;
            return;
        }
        let setup = Setup {
            config: self.config,
            derivation: &self.derivation,
            client,
            stop: self.stop,
            progress: self.progress.as_ref(),
            max_calls,
            trust_boards: self.trust_boards,
        };
        let (run, ends_at_waits) = (self.recorded_as, self.ends_at_waits);
        let push = Push { setup, run, selection, allowed, limit, ends_at_waits };
        let outcome = match &mut self.result.kind {
            RunKind::Real { .. } => push.run(&mut self.store),
            RunKind::Rehearsal(rehearsed) => push.rehearse(&mut self.store).and_then(|pushed| {
                *rehearsed = Rehearsed::of(self.config, &self.store, run, pushed.price)?;
                Ok(pushed)
            }),
        };
        match outcome {
            Ok(mut pushed) => {
                pushed.error = pushed.error.map(|error| self.access.explained(error));
                let is_over = pushed.exit.is_none_or(ends_well) && pushed.calls > 0;
                self.keep_side(Side::Monday, pushed.error.as_ref(), is_over);
                self.result.pushed = Some(pushed);
            }
            Err(error) => self.failed(error),
        }
    }

    /// Keeps why a side could not be worked with, or, where it was (`is_over`), that it can.
    fn keep_side(&mut self, side: Side, error: Option<&anyhow::Error>, is_over: bool) {
        if let Err(error) = self.try_keep_side(side, error, is_over) {
            self.failed(error);
        }
    }

    fn try_keep_side(&mut self, side: Side, error: Option<&anyhow::Error>, is_over: bool) -> anyhow::Result<()> {
        let now = self.now();
        // The calls of a day that are used up are nobody's failure.
        let wait = self.store.wait(side, now)?.filter(|wait| !wait.is_daily).map(|wait| not_before(side, wait.why));
        match wait.or_else(|| error.and_then(side_failure)) {
            Some(failure) => self.store.write(|tx| tx.set_side_failure(side, Some(&failure), now)),
            None if is_over => self.store.write(|tx| tx.set_side_failure(side, None, now)),
            None => Ok(()),
        }
    }

    /// A stage that broke off.
    fn failed(&mut self, error: anyhow::Error) {
        self.result.errors.push(self.access.explained(error));
    }

    /// Ends the run: its document is stored, or, of a rehearsal, the calls it spent are counted.
    pub(crate) fn end(mut self) -> RunResult {
        self.note_stop();
        let now = self.now();
        self.result.duration_ms = u64::try_from(self.stop.clock().since(self.began).as_millis()).unwrap_or(u64::MAX);
        match ColumnTitles::of(self.config, &self.store) {
            Ok(titles) => self.result.titles = titles,
            // Columns then go by their ids.
            Err(error) => self.failed(error),
        }
        let kept = match self.result.kind {
            RunKind::Real { run } => self.keep(run, now),
            RunKind::Rehearsal(_) => self.count_calls(now),
        };
        if let Err(error) = kept {
            self.result.errors.push(self.access.explained(error));
        }
        if let Some(pushed) = &self.result.pushed {
            // Not read from the store: the copy of a rehearsal has counted calls that were only planned.
            let today = self.calls_before + pushed.calls;
            self.result.calls_left = self.config.monday.calls_left(today);
        }
        self.result
    }

    fn note_stop(&mut self) {
        let Some(reason) = self.stop.reason() else { return };
        // The time may have run out after everything was done.
        if reason == StopReason::TimeUp && !self.was_cut_short && self.result.exit() != Exit::Budget {
            return;
        }
        let note: Message = match reason {
            StopReason::TimeUp => RunText::TimeUp {}.into(),
            StopReason::Interrupted | StopReason::Terminated => RunText::StoppedBySignal {}.into(),
        };
        self.result.stop_note = Some(note);
        self.ends_with(reason.exit());
    }

    fn keep(&mut self, run: i64, now: Timestamp) -> anyhow::Result<()> {
        let document = serde_json::to_string(&self.result.document(Lang::En))?;
        let messages = serde_json::to_string(&self.result.messages())?;
        let exit = self.result.exit();
        let keep = self.config.store.keep_runs;
        let failures: Vec<&Reported> = self.result.all_met().collect();
        self.store.write(|tx| {
            tx.note_reported(failures.iter().copied())?;
            tx.finish_run(run, exit.outcome(), exit.code(), &document, &messages, keep, now)
        })
    }

    /// The only thing that a rehearsal leaves behind, where there is a store to leave it in.
    fn count_calls(&mut self, now: Timestamp) -> anyhow::Result<()> {
        let hapi = self.result.pulled.as_ref().map_or(0, |pulled| pulled.calls);
        let monday = self.result.pushed.as_ref().map_or(0, |pushed| pushed.calls);
        if hapi + monday == 0 || !self.access.exists() {
            return Ok(());
        }
        let mut store = self.access.open()?;
        for (side, calls) in [(Side::Hapi, hapi), (Side::Monday, monday)] {
            if calls > 0 {
                store.write(|tx| tx.count_calls(side, calls, now))?;
            }
        }
        Ok(())
    }
}

/// Whether a stage that ended so has worked with its side.
fn ends_well(exit: Exit) -> bool {
    matches!(exit, Exit::Ok | Exit::Partial | Exit::Guard)
}

/// What an error that ended a stage says of its side; `None`: the side is not to blame.
fn side_failure(error: &anyhow::Error) -> Option<FailureDetail> {
    let cause = match exit_of(error) {
        Exit::Login => FailureCause::LoginRefused,
        Exit::Failed => FailureCause::Unreachable,
        _ => return None,
    };
    let Account { lines, help } = Account::of(error);
    Some(FailureDetail { cause, error: lines.into_iter().next()?, hint: help })
}

/// A side that asked not to be called for longer than a run may wait.
pub(super) fn not_before(side: Side, why: Message) -> FailureDetail {
    let hint: Message = match side {
        Side::Hapi => HapiText::WaitForHapi {}.into(),
        Side::Monday => MondayText::MondayLater {}.into(),
    };
    FailureDetail::new(FailureCause::NotBefore, why).hint(hint)
}
