//! The second stage: a push from its selection to its result.

use super::bulk::route::BulkRoute;
use super::health::USUAL_LARGEST;
use super::isolation::Isolation;
use super::lanes::Lanes;
use super::leaving::leave_if_suspected;
use super::missing_parents::MissingParents;
use super::parking::park;
use super::parts::Parts;
use super::planner::{Context, Planner};
use super::readiness::has_work;
use super::record::Recorder;
use super::stored_backlog::StoredBacklog;
use super::summary::{KindPush, note_unresolved_parents, sum_up};
use super::unreported::take_over;
use super::urgency::work_by_urgency;
use super::verification::{verifications_due, verify};
use super::work::count_rewrites;
use super::writer::{Live, Price, Rehearsal, Writer};
use crate::boards::Setup;
use crate::boards::catalog::Catalog;
use crate::boards::session::Session;
use crate::config::Target;
use crate::entity::Kind;
use crate::failure::{Exit, FailureCause, FailureDetail, Reported, Stage, Subject};
use crate::message::{Message, MondayText};
use crate::plan::properties::why_not_pushed;
use crate::plan::selection::Selection;
use crate::progress::{Task, Watched};
use crate::pull::guard::Allowed;
use crate::store::{KindFailure, Side, Store};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU64;

/// Result of a push.
#[derive(Debug, Default)]
pub(crate) struct Pushed {
    /// Each kind that has a board and was asked for.
    pub(crate) kinds: BTreeMap<Kind, KindPush>,
    /// What went wrong with single entities or kinds.
    pub(crate) failures: Vec<Reported>,
    /// What people should know besides.
    pub(crate) notes: Vec<Message>,
    /// Calls spent.
    pub(crate) calls: u64,
    /// What it cost, calls that were only imagined included.
    pub(crate) price: Price,
    /// Whether the calls of the UTC day are used up: what is left waits for the next one, and nobody need look.
    pub(crate) is_day_spent: bool,
    /// Why something is left to the next run, where that is no failure.
    pub(crate) left_because: Option<Message>,
    /// What ended it early.
    pub(crate) error: Option<anyhow::Error>,
    /// How it ended, failures of single entities aside.
    pub(crate) exit: Option<Exit>,
}

impl Pushed {
    /// How it ended, failures of single entities included.
    pub(crate) fn exit(&self) -> Exit {
        let partly = if self.failures.is_empty() { Exit::Ok } else { Exit::Partial };
        partly.and(self.exit.unwrap_or(Exit::Ok))
    }
}

/// Push: what all its steps need.
pub(crate) struct Push<'a> {
    /// What asks monday needs.
    pub(crate) setup: Setup<'a>,
    /// The run that changes are recorded under.
    pub(crate) run: i64,
    /// Which entities are pushed.
    pub(crate) selection: Selection,
    /// The kinds whose items are let go without the guard.
    pub(crate) allowed: &'a Allowed,
    /// Most entities pushed.
    pub(crate) limit: Option<u64>,
    /// Whether it ends where only waits are left, instead of sitting them out: what is left is the next round's.
    pub(crate) ends_at_waits: bool,
}

impl Push<'_> {
    /// Brings the boards up to the store.
    ///
    /// # Errors
    /// Where the store cannot be read or written, or nothing can be sent at all.
    pub(crate) fn run(&self, store: &mut Store) -> anyhow::Result<Pushed> {
        self.run_with(store, &mut Live::new(self.setup.client))
    }

    /// Plans what [`Push::run`] would do, with every answer imagined. `store` is a copy: what would be done is recorded there.
    ///
    /// # Errors
    /// As [`Push::run`].
    pub(crate) fn rehearse(&self, store: &mut Store) -> anyhow::Result<Pushed> {
        self.run_with(store, &mut Rehearsal::default())
    }

    fn run_with(&self, store: &mut Store, writer: &mut dyn Writer) -> anyhow::Result<Pushed> {
        let (setup, mut failures) = (self.setup, Vec::new());
        let targets = self.targets(store, &mut failures)?;
        let kinds: Vec<Kind> = targets.iter().map(|target| target.kind).collect();
        setup.derivation.apply(store, Kind::all())?;
        let remapped = self.apply_mappings(store, &kinds)?;
        store.write(|tx| tx.wake_failures(setup.now()))?;
        let held = self.held_before(store, &kinds)?;
        let isolation = Isolation::new(store.call_faults()?).doubting(doubted_kinds(store, &kinds)?);
        let mut parts = Parts {
            setup,
            allowed: self.allowed,
            ends_at_waits: self.ends_at_waits,
            session: Session::new(setup),
            catalog: Catalog::new(setup),
            lanes: Lanes::default(),
            planner: Planner::new(setup.config, setup.derivation, &self.selection, self.limit),
            recorder: Recorder::new(setup, self.run, isolation),
            missing_parents: MissingParents::default(),
            bulk: BulkRoute::default(),
            store,
            writer,
        };
        let verified = work(&mut parts, &targets, &remapped)?;
        let Parts { session, catalog, lanes, mut planner, mut recorder, store, writer, .. } = parts;
        note_unresolved_parents(&mut planner, &mut recorder);
        take_over(store, &mut recorder, &self.selection, &targets)?;
        let summary = sum_up(store, &recorder, &self.selection, &targets)?;
        let mut checked: BTreeSet<Kind> = checked_kinds(&recorder, &lanes).into_iter().chain(verified).collect();
        checked.extend(failures.iter().filter_map(Reported::kind));
        let worked = lanes.worked_kinds();
        let standing = catalog.closed().standing_failures();
        let (log, mut notes) = recorder.finish();
        let price = writer.price(session.questions());
        let ending = session.finish();
        notes.extend(ending.notes);
        if ending.is_day_spent {
            let cap = setup.config.monday.daily_calls;
            notes.extend(cap.and_then(|allowed| days_for_the_rest(allowed, &summary)).map(Message::from));
        }
        failures.extend(log.into_all());
        let all: Vec<Reported> = failures.iter().cloned().chain(standing).collect();
        let unwritten_kinds = checked.iter().filter(|kind| !worked.contains(kind));
        let unwritten = unwritten_failures(store, unwritten_kinds, &all, setup.now())?;
        let all: Vec<Reported> = all.into_iter().chain(unwritten).collect();
        keep_failures(store, &kinds, &checked, &all, held, setup.now())?;
        Ok(Pushed {
            kinds: summary,
            failures,
            notes,
            calls: ending.calls,
            price,
            is_day_spent: ending.is_day_spent,
            left_because: ending.left_because,
            error: ending.error,
            exit: ending.exit,
        })
    }

    /// What the guard held back before, of kinds of which this push sees single entities only.
    fn held_before(&self, store: &Store, kinds: &[Kind]) -> anyhow::Result<Vec<Reported>> {
        let mut held = Vec::new();
        for &kind in kinds.iter().filter(|kind| !self.selection.kinds.contains(kind)) {
            let failures = store.kind_failures(kind)?.into_iter();
            let guarded = failures.filter(|row| row.stage == Stage::Push && row.detail.cause == FailureCause::Guarded);
            held.extend(guarded.map(|row| Reported::of_kind(kind, Stage::Push, row.detail)));
        }
        Ok(held)
    }

    /// Where the items of the kinds to push stand: those with a board, wanted, and given by HApi.
    fn targets(&self, store: &Store, failures: &mut Vec<Reported>) -> anyhow::Result<Vec<Target<'_>>> {
        let mut targets = Vec::new();
        for target in self.setup.targets(self.selection.touched_kinds()) {
            let is_available = store.kind_state(target.kind)?.unavailable.is_none();
            if is_available && !self.is_undecided(store, target.kind, failures)? {
                targets.push(target);
            }
        }
        Ok(targets)
    }

    /// Whether of a kind it is unknown who is who, or who is wanted; that is reported.
    fn is_undecided(&self, store: &Store, kind: Kind, failures: &mut Vec<Reported>) -> anyhow::Result<bool> {
        let why = why_not_pushed(store, self.setup.config, kind)?;
        let is_undecided = why.is_some();
        failures.extend(why.map(|detail| Reported::of_kind(kind, Stage::Push, detail)));
        Ok(is_undecided)
    }

    /// Plans every entity again whose mapping changed since it was planned. Returns the kinds that were pushed with another
    /// mapping before.
    fn apply_mappings(&self, store: &mut Store, kinds: &[Kind]) -> anyhow::Result<Vec<Kind>> {
        let mut remapped = Vec::new();
        for &kind in kinds {
            let mapping = self.setup.kind(kind).mapping_fingerprint(self.setup.config);
            let before = store.kind_state(kind)?.mapping;
            if before.as_deref() != Some(&mapping) {
                store.write(|tx| tx.set_mapping(kind, before.as_deref(), &mapping))?;
                remapped.extend(before.map(|_| kind));
            }
        }
        Ok(remapped)
    }
}

/// Works, if there is anything to do. Returns the kinds whose items were compared with what was sent.
fn work<'p>(parts: &mut Parts<'p, '_>, targets: &[Target<'p>], remapped: &[Kind]) -> anyhow::Result<Vec<Kind>> {
    let kinds: Vec<Kind> = targets.iter().map(|target| target.kind).collect();
    parts.release(kinds.iter().copied())?;
    let (has_work, _watched) = open_lanes(parts, targets)?;
    let unverified = verifications_due(&mut parts.session, parts.store, parts.planner.selection(), targets)?;
    if (!has_work && unverified.is_empty()) || parts.session.must_wait(parts.store)? {
        return Ok(Vec::new());
    }
    parts.catalog.read(&mut parts.session, parts.store, parts.lanes.boards())?;
    announce_rewrite(&parts.planner, parts.store, &parts.catalog, &mut parts.recorder, remapped)?;
    let verified = verify(parts, &unverified)?;
    work_by_urgency(parts, &kinds)?;
    for index in (0..parts.lanes.len()).filter(|_| !parts.session.has_ended()) {
        leave_if_suspected(parts.store, &mut parts.recorder, &mut parts.lanes[index])?;
    }
    keep_call_sizes(parts.store, &parts.lanes, parts.setup.now())?;
    Ok(verified)
}

/// Makes a lane for each board, and parks those whose answer was lost in an earlier run. Returns whether any has something
/// to do, and the kinds of which it is watched; the others may come to it, when what they link to changes.
fn open_lanes<'p>(parts: &mut Parts<'p, '_>, targets: &[Target<'p>]) -> anyhow::Result<(bool, Vec<Watched<'p>>)> {
    let setup = parts.setup;
    let kinds: Vec<Kind> = targets.iter().map(|target| target.kind).collect();
    parts.catalog.read_closed(parts.store, &kinds)?;
    let open = parts.store.open_batches()?;
    let mut boards: BTreeMap<String, Vec<Target<'_>>> = BTreeMap::new();
    for batch in &open {
        boards.entry(batch.board.clone()).or_default();
    }
    for target in targets {
        boards.entry(target.board.to_owned()).or_default().push(*target);
    }
    parts.lanes = Lanes::new(boards);
    // A board whose items came by an import has no measured speed of its own yet.
    let usual = parts.store.smallest_call_size()?;
    for index in 0..parts.lanes.len() {
        if let Some(changes) = parts.store.call_size(parts.lanes[index].board())?.or(usual) {
            parts.lanes[index].health.resume(changes);
        }
        if parts.recorder.isolation().doubts(&parts.lanes[index].kinds()) {
            parts.lanes[index].health.doubt();
        }
    }
    let (mut any, mut watched) = (!open.is_empty(), Vec::new());
    for &target in targets {
        if has_work(parts.store, &mut parts.catalog, &parts.planner, &mut parts.recorder, target)? {
            any = true;
            let due = parts.store.count_due_now(target.kind, setup.now())?;
            watched.push(Watched::begin(setup.progress, Task::Push, target.kind, due));
        } else {
            parts.lanes.exhaust(target.kind);
        }
    }
    for batch in open {
        if let Some(lane) = parts.lanes.of(&batch.board) {
            park(setup, parts.store, &mut parts.lanes[lane], &batch)?;
        }
    }
    Ok((any, watched))
}

/// Causes for which nothing is written to a board, for the sake of no single item.
const UNWRITTEN: [FailureCause; 3] = [FailureCause::ServerFault, FailureCause::ItemRefused, FailureCause::BoardLocked];

/// Whether a failure of a kind says that nothing could be written to its board.
fn is_of_writing(row: &KindFailure) -> bool {
    row.stage == Stage::Push && UNWRITTEN.contains(&row.detail.cause)
}

/// The kinds on whose board nothing was done when something last was sent to it.
fn doubted_kinds(store: &Store, kinds: &[Kind]) -> anyhow::Result<Vec<Kind>> {
    if store.side_failure(Side::Monday)?.is_some() {
        return Ok(kinds.to_vec());
    }
    let mut doubted = Vec::new();
    for &kind in kinds {
        if store.kind_failures(kind)?.iter().any(is_of_writing) {
            doubted.push(kind);
        }
    }
    Ok(doubted)
}

/// Keeps how large the calls of each board may be, so that the next run need not find it out.
fn keep_call_sizes(store: &mut Store, lanes: &Lanes<'_>, now: Timestamp) -> anyhow::Result<()> {
    for index in 0..lanes.len() {
        let board = lanes[index].board();
        if let Some(changes) = lanes[index].health.size().measured()
            && store.call_size(board)? != Some(changes)
        {
            store.write(|tx| tx.set_call_size(board, changes, now))?;
        }
    }
    Ok(())
}

/// When the rest goes, where the calls of the day are spent: about so many calls, over so many days.
fn days_for_the_rest(allowed: NonZeroU64, kinds: &BTreeMap<Kind, KindPush>) -> Option<MondayText> {
    let calls: u64 = kinds.values().map(|kind| kind.deferred.div_ceil(USUAL_LARGEST as u64)).sum();
    let days = calls.div_ceil(allowed.get());
    (calls > 0).then_some(MondayText::RestOverDays { calls, days, allowed: allowed.get() })
}

/// Announces what a changed configuration costs, before anything of it is spent.
fn announce_rewrite(
    planner: &Planner<'_>,
    store: &Store,
    catalog: &Catalog<'_>,
    recorder: &mut Recorder<'_>,
    kinds: &[Kind],
) -> anyhow::Result<()> {
    let (setup, now) = (recorder.setup(), recorder.setup().now());
    let backlog = StoredBacklog::new(store, setup, now);
    for Target { kind, board, .. } in setup.targets(kinds.iter().copied()) {
        let Some(columns) = catalog.columns(board) else { continue };
        let context = Context { backlog: &backlog, board, columns, closed: catalog.closed(), now };
        let count = count_rewrites(planner, &context, kind)?;
        if count > 0 {
            let calls = count.div_ceil(USUAL_LARGEST as u64);
            let text: Message = MondayText::MappingChanged { kind, count, calls }.into();
            setup.progress.announce(&text);
            recorder.note(text);
        }
    }
    Ok(())
}

/// The kinds that were found fit to be pushed in this run, or not.
fn checked_kinds(recorder: &Recorder<'_>, lanes: &Lanes<'_>) -> BTreeSet<Kind> {
    // The guard decides without reading the board, so its refusals say nothing about it.
    let failed = recorder.failures().all().iter().filter_map(|failure| match failure.subject {
        Subject::Kind(kind) if failure.cause != FailureCause::Guarded => Some(kind),
        Subject::Kind(_) | Subject::Entity(_) | Subject::Record(_) => None,
    });
    failed.chain(lanes.ready_kinds()).collect()
}

/// What monday said when something was last written to the boards of these kinds, on which nothing was done since: as long as
/// anything waits or is red for it, that goes on.
fn unwritten_failures<'k>(
    store: &Store,
    kinds: impl Iterator<Item = &'k Kind>,
    reported: &[Reported],
    now: Timestamp,
) -> anyhow::Result<Vec<Reported>> {
    let mut unwritten = Vec::new();
    for &kind in kinds {
        for row in store.kind_failures(kind)?.into_iter().filter(is_of_writing) {
            let is_same =
                |failure: &Reported| failure.subject == Subject::Kind(kind) && failure.cause == row.detail.cause;
            if !reported.iter().any(is_same) && store.is_held_up(kind, row.detail.cause, now)? {
                unwritten.push(Reported::of_kind(kind, Stage::Push, row.detail));
            }
        }
    }
    Ok(unwritten)
}

/// Keeps what is wrong with kinds as a whole. Of a kind whose board was not checked, nothing is known to be over, but for what the
/// guard held back: that needs no board. `held`: what it held back before of kinds of which only single entities were pushed.
fn keep_failures(
    store: &mut Store,
    kinds: &[Kind],
    checked: &BTreeSet<Kind>,
    failures: &[Reported],
    held: Vec<Reported>,
    now: Timestamp,
) -> anyhow::Result<()> {
    let mut failures = failures.to_vec();
    for held in held {
        if matches!(held.subject, Subject::Kind(kind) if !store.leaving(kind, now)?.is_empty()) {
            failures.retain(|failure| failure.subject != held.subject || failure.cause != held.cause);
            failures.push(held);
        }
    }
    store.write(|tx| tx.keep_kind_failures(Stage::Push, checked.iter().copied(), &failures, now))?;
    for &kind in kinds.iter().filter(|kind| !checked.contains(kind)) {
        let is_held =
            |failure: &&Reported| failure.subject == Subject::Kind(kind) && failure.cause == FailureCause::Guarded;
        let held: Vec<FailureDetail> = failures.iter().filter(is_held).map(Reported::detail).collect();
        store.write(|tx| tx.set_kind_failures_because(kind, Stage::Push, FailureCause::Guarded, &held, now))?;
        // What could not be written does not wait any more: it was paused, forgotten, or is gone.
        for cause in UNWRITTEN {
            if !store.is_held_up(kind, cause, now)? {
                store.write(|tx| tx.set_kind_failures_because(kind, Stage::Push, cause, &[], now))?;
            }
        }
    }
    Ok(())
}
