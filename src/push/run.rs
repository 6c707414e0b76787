//! Stage 2: what the store holds and the boards lack.

use crate::config::Config;
use crate::entity::Kind;
use crate::failure::Reported;
use crate::failure::Subject;
use crate::failure::{Exit, FailureCause, FailureDetail};
use crate::http::Stop;
use crate::message::Message;
use crate::monday::Client;
use crate::plan::derive::Shapes;
use crate::progress::Progress;
use crate::pull::guard::Allowed;
use crate::pull::properties::why_not_pushed;
use crate::pull::whole::{apply_shapes, keep_kind_failures};
use crate::push::engine::Engine;
use crate::store::{Store, Tx};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// What became of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KindPush {
    /// Items made.
    pub created: u64,
    /// Items found on the board and taken over.
    pub adopted: u64,
    /// Items changed.
    pub updated: u64,
    /// Items archived or deleted.
    pub archived: u64,
    /// Entities that needed nothing.
    pub unchanged: u64,
    /// Entities that are paused.
    pub paused: u64,
    /// Entities that are unlinked.
    pub unlinked: u64,
    /// Entities of which something failed in this run.
    pub failed: u64,
    /// Entities left to the next run.
    pub deferred: u64,
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRow {
    /// The entity's kind.
    pub kind: Kind,
    /// The entity's key.
    pub key: String,
    /// `create`, `adopt`, `update` or `archive`.
    pub action: &'static str,
    /// Old and new text of each column.
    pub columns: BTreeMap<String, (Option<String>, Option<String>)>,
}

/// What a plan would cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Price {
    /// Calls to monday.
    pub calls: u64,
    /// Seconds, as a guess.
    pub seconds: u64,
}

/// What became of all kinds.
#[derive(Debug, Default)]
pub struct Pushed {
    /// Each kind that has a board and was asked for.
    pub kinds: BTreeMap<Kind, KindPush>,
    /// What went wrong with single entities or kinds.
    pub failures: Vec<Reported>,
    /// What people should know besides.
    pub notes: Vec<Message>,
    /// Calls spent.
    pub calls: u64,
    /// What was done, or, in a dry run, what would be done.
    pub plan: Vec<PlanRow>,
    /// In a dry run: what it would cost.
    pub price: Price,
    /// Whether the calls of the UTC day are used up: what is left waits for the next one, and nobody need look.
    pub is_day_spent: bool,
    /// Why something is left to the next run, where that is no failure.
    pub left_because: Option<Message>,
    /// What ended it early.
    pub error: Option<anyhow::Error>,
    /// How it ended, failures of single entities aside.
    pub exit: Option<Exit>,
}

impl Pushed {
    /// How it ended, failures of single entities included.
    pub fn exit(&self) -> Exit {
        let partly = if self.failures.is_empty() { Exit::Ok } else { Exit::Partial };
        partly.and(self.exit.unwrap_or(Exit::Ok))
    }
}

/// Which entities are pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// Whole kinds.
    pub kinds: BTreeSet<Kind>,
    /// Single entities, by kind and key.
    pub entities: BTreeSet<(Kind, String)>,
}

impl Selection {
    /// Everything.
    pub fn everything() -> Selection {
        Selection { kinds: Kind::all().collect(), entities: BTreeSet::new() }
    }

    /// All of these kinds.
    pub fn of_kinds(kinds: &[Kind]) -> Selection {
        Selection { kinds: kinds.iter().copied().collect(), entities: BTreeSet::new() }
    }

    /// Whether an entity is among them.
    pub fn holds(&self, kind: Kind, key: &str) -> bool {
        self.kinds.contains(&kind) || self.entities.contains(&(kind, key.to_owned()))
    }

    /// The kinds of which anything is among them.
    pub fn touched_kinds(&self) -> BTreeSet<Kind> {
        self.kinds.iter().copied().chain(self.entities.iter().map(|(kind, _)| *kind)).collect()
    }
}

/// One push: what all its steps need.
pub struct Push<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// What follows from it per kind.
    pub shapes: &'a Shapes,
    /// monday.
    pub client: &'a Client<'a>,
    /// What ends the work early.
    pub stop: &'a Stop,
    /// Where somebody watches.
    pub progress: &'a dyn Progress,
    /// The run that changes are recorded under; `None`: a dry run, which writes nothing to monday (and gets a copy of the
    /// store in memory).
    pub run: Option<i64>,
    /// Which entities are pushed.
    pub selection: Selection,
    /// The kinds whose items are let go without the guard.
    pub allowed: &'a Allowed,
    /// Most entities pushed.
    pub limit: Option<u64>,
    /// Most calls spent in this run.
    pub max_calls: Option<u64>,
    /// How long a board's columns and groups are trusted to be as they were read; zero: they are read in every run that has
    /// work.
    pub trust_boards: Duration,
    /// Whether it ends where only waits are left, instead of sitting them out: what is left is the next round's.
    pub ends_at_waits: bool,
}

impl Push<'_> {
    /// Brings the boards up to the store.
    pub fn run(&self, store: &mut Store) -> anyhow::Result<Pushed> {
        let mut failures = Vec::new();
        let kinds = self.kinds(store, &mut failures)?;
        apply_shapes(store, self.shapes, Kind::all())?;
        let remapped = self.apply_mappings(store, &kinds)?;
        store.write(|tx| tx.wake_failures(self.stop.clock().now()))?;
        let held = self.held_before(store, &kinds)?;
        let mut engine = Engine::new(self, store);
        engine.release(&kinds)?;
        let has_work = engine.open_lanes(&kinds)?;
        let unverified = engine.verifications_due(&kinds)?;
        if (has_work || !unverified.is_empty()) && !engine.must_wait()? {
            engine.read_boards()?;
            engine.announce_rewrite(&remapped)?;
            engine.verify(&unverified)?;
            engine.work()?;
        }
        engine.sum_up(&kinds)?;
        let standing = engine.standing_failures()?;
        let mut looked_at: BTreeSet<Kind> = engine.looked_at().into_iter().collect();
        let mut pushed = engine.result;
        looked_at.extend(failures.iter().filter_map(Reported::kind));
        pushed.failures.splice(0..0, failures);
        let failures: Vec<Reported> = pushed.failures.iter().cloned().chain(standing).collect();
        store.write(|tx| keep_failures(tx, &kinds, &looked_at, &failures, held, self.stop.clock().now()))?;
        Ok(pushed)
    }

    /// What the guard held back before, of kinds of which this push sees single entities only.
    fn held_before(&self, store: &Store, kinds: &[Kind]) -> anyhow::Result<Vec<Reported>> {
        let mut held = Vec::new();
        for &kind in kinds.iter().filter(|kind| !self.selection.kinds.contains(kind)) {
            let failures = store.kind_failures(kind)?.into_iter();
            let guarded = failures.filter(|row| row.stage == "push" && row.detail.cause == FailureCause::Guarded);
            held.extend(guarded.map(|row| Reported::of_kind(kind, "push", row.detail)));
        }
        Ok(held)
    }

    /// The kinds to push: with a board, wanted, and given by HApi.
    fn kinds(&self, store: &Store, failures: &mut Vec<Reported>) -> anyhow::Result<Vec<Kind>> {
        let mut kinds = Vec::new();
        for kind in self.selection.touched_kinds() {
            let has_board = self.config.kind(kind).pushed_board().is_some();
            if has_board
                && store.kind_state(kind)?.unavailable.is_none()
                && !self.is_undecided(store, kind, failures)?
            {
                kinds.push(kind);
            }
        }
        Ok(kinds)
    }

    /// Whether it cannot be told of a kind who is who, or who is wanted; that is reported.
    fn is_undecided(&self, store: &Store, kind: Kind, failures: &mut Vec<Reported>) -> anyhow::Result<bool> {
        let why = why_not_pushed(store, self.config, kind)?;
        let is_undecided = why.is_some();
        failures.extend(why.map(|detail| Reported::of_kind(kind, "push", detail)));
        Ok(is_undecided)
    }

    /// Looks at every entity again whose mapping changed since it was planned. Returns the kinds that were pushed with another
    /// mapping before.
    fn apply_mappings(&self, store: &mut Store, kinds: &[Kind]) -> anyhow::Result<Vec<Kind>> {
        let mut remapped = Vec::new();
        for &kind in kinds {
            let mapping = self.config.kind(kind).mapping_fingerprint(self.config);
            let before = store.kind_state(kind)?.mapping;
            if before.as_deref() != Some(&mapping) {
                store.write(|tx| tx.mark_kind_due(kind, &mapping))?;
                remapped.extend(before.map(|_| kind));
            }
        }
        Ok(remapped)
    }
}

/// Keeps what is wrong with kinds as a whole. Of a kind whose board was not looked at, nothing is known to be over, but for what the
/// guard held back: that needs no board. `held`: what it held back before of kinds of which only single entities were pushed.
fn keep_failures(
    tx: &Tx<'_>,
    kinds: &[Kind],
    looked_at: &BTreeSet<Kind>,
    failures: &[Reported],
    held: Vec<Reported>,
    now: Timestamp,
) -> anyhow::Result<()> {
    let mut failures = failures.to_vec();
    for held in held {
        if matches!(held.subject, Subject::Kind(kind) if !tx.leaving(kind, now)?.is_empty()) {
            failures.retain(|failure| failure.subject != held.subject || failure.cause != held.cause);
            failures.push(held);
        }
    }
    keep_kind_failures(tx, "push", looked_at.iter().copied(), &failures, now)?;
    for &kind in kinds.iter().filter(|kind| !looked_at.contains(kind)) {
        let is_held =
            |failure: &&Reported| failure.subject == Subject::Kind(kind) && failure.cause == FailureCause::Guarded;
        let held: Vec<FailureDetail> = failures.iter().filter(is_held).map(Reported::detail).collect();
        tx.set_kind_failures_because(kind, "push", FailureCause::Guarded, &held, now)?;
    }
    Ok(())
}
