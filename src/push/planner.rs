//! Planner of the next call of a board: which entities, in which order, and what of them. It reads the store and writes nothing:
//! what it finds out besides is given to the recorder.

use super::account::Account;
use super::attempts::EntityAttempts;
use super::batch::BatchBuilder;
use super::effects::Effects;
use super::findings::{Finding, Known};
use super::isolation::{Isolated, Isolation};
use super::lanes::Lane;
use super::planning::Cursor;
use crate::boards::Setup;
use crate::boards::catalog::Catalog;
use crate::config::{KindConfig, OnDelete, Source};
use crate::entity::{EntityKey, Kind};
use crate::failure::{FailureCause, FailureDetail};
use crate::message::{HapiText, MondayText};
use crate::monday::column::ColumnContent;
use crate::plan::map::{self, BoardColumns, Refusal, Rules};
use crate::plan::relations::parent_of;
use crate::plan::selection::Selection;
use crate::plan::step::{self, EntitySteps, Situation, Step};
use crate::store::{Due, ItemToRemove, Parent, Store, Urgency};
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Keys looked up in one call.
pub(crate) const KEYS_PER_LOOKUP: usize = 100;

/// Plan of one entity.
pub(crate) struct EntityPlan {
    pub(crate) planned: EntitySteps,
    pub(crate) refusals: Vec<(String, Refusal)>,
    pub(crate) known: Known,
    /// The parents that it names and does not find, and whether that is because several fit.
    unresolved: Vec<(Kind, bool)>,
}

/// Context in which a call is planned.
pub(crate) struct Context<'c> {
    /// What is stored.
    pub(crate) store: &'c Store,
    /// What is known of the boards.
    pub(crate) catalog: &'c Catalog<'c>,
    /// The board of the call.
    pub(crate) board: &'c str,
    /// Its columns.
    pub(crate) columns: &'c BoardColumns,
}

/// Planner: owns what is observed on the boards in this run, which attempts were made, and what is planned.
pub(crate) struct Planner<'p> {
    setup: Setup<'p>,
    selection: &'p Selection,
    limit: Option<u64>,
    /// Only what is at least so urgent is planned.
    urgency: Urgency,
    observed: HashMap<i64, BTreeMap<String, ColumnContent>>,
    attempts: EntityAttempts,
    /// The entities planned so far: `--limit` counts them.
    planned: HashSet<i64>,
    /// The entities of a kind that name a parent of a kind which is not there, or (`true`) there more than once.
    unresolved_parents: BTreeMap<(Kind, Kind, bool), BTreeSet<String>>,
    /// Kinds of whose items nothing is known in this run, since their board could not be read.
    unknown_kinds: BTreeSet<Kind>,
    /// The entities whose items were found to be taken away, and who get new ones.
    lost: HashSet<i64>,
}

impl<'p> Planner<'p> {
    /// A planner of these entities, `limit` at most.
    pub(crate) fn new(setup: Setup<'p>, selection: &'p Selection, limit: Option<u64>) -> Planner<'p> {
        Planner {
            setup,
            selection,
            limit,
            urgency: Urgency::Usual,
            observed: HashMap::new(),
            attempts: EntityAttempts::default(),
            planned: HashSet::new(),
            unresolved_parents: BTreeMap::new(),
            unknown_kinds: BTreeSet::new(),
            lost: HashSet::new(),
        }
    }

    /// What it was set up with.
    pub(super) fn setup(&self) -> Setup<'p> {
        self.setup
    }

    /// The entities that it plans.
    pub(super) fn selection(&self) -> &'p Selection {
        self.selection
    }

    /// Only what is at least so urgent is planned.
    pub(super) fn urgency(&self) -> Urgency {
        self.urgency
    }

    /// From now on only what is at least so urgent is planned.
    pub(super) fn set_urgency(&mut self, urgency: Urgency) {
        self.urgency = urgency;
    }

    /// Takes note of what was recorded.
    pub(super) fn learn(&mut self, effects: Effects) {
        effects.attempted.into_iter().for_each(|entity| self.attempts.note_sent(entity));
        effects.refused.into_iter().for_each(|entity| self.attempts.note_refused(entity));
        effects.each_alone.into_iter().for_each(|entity| self.attempts.send_each_alone(entity));
        self.lost.extend(effects.lost);
        self.observed.extend(effects.observed);
        self.unknown_kinds.extend(effects.unknown_kinds);
    }

    /// The entities that name parents which are not there, or (`true`) there more than once, by their and the parents' kind.
    pub(crate) fn take_unresolved_parents(&mut self) -> BTreeMap<(Kind, Kind, bool), BTreeSet<String>> {
        std::mem::take(&mut self.unresolved_parents)
    }

    pub(crate) fn keeps_items(&self) -> bool {
        self.setup.config.sync.on_delete == OnDelete::Keep
    }

    /// Plans the next call of a lane: of these kinds, and where nothing of them is to be sent, of those whose calls fail.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn build(
        &mut self,
        context: &Context<'_>,
        lane: &mut Lane<'_>,
        kinds: &[Kind],
        isolation: &Isolation,
    ) -> anyhow::Result<BatchBuilder> {
        let mut batch = BatchBuilder::new(lane.size().now());
        for &kind in kinds {
            self.add_kind(context, lane, kind, isolation, &mut batch)?;
            if batch.is_full() {
                break;
            }
        }
        if batch.is_empty() && batch.to_look_up.is_empty() {
            self.add_isolated(context, lane, isolation, &mut batch)?;
        }
        Ok(batch)
    }

    fn add_kind(
        &mut self,
        context: &Context<'_>,
        lane: &mut Lane<'_>,
        kind: Kind,
        isolation: &Isolation,
        batch: &mut BatchBuilder,
    ) -> anyhow::Result<()> {
        let now = self.setup.clock().now();
        while batch.to_look_up.len() < KEYS_PER_LOOKUP {
            let mut cursor = lane.planning().cursor(kind);
            if self.urgency == Urgency::Usual {
                self.add_removals(context, kind, isolation, &mut cursor, batch)?;
            }
            let room = batch.room();
            let due =
                if room == 0 { Vec::new() } else { context.store.due(kind, cursor.due, room, self.urgency, now)? };
            for due in &due {
                if batch.is_full() {
                    break;
                }
                cursor.due = due.row.id;
                if isolation.holds(due.row.id)
                    || !self.selection.holds(kind, &due.row.key)
                    || !self.is_within_limit(due.row.id)
                {
                    continue;
                }
                if self.must_look_up(lane.account(), context.board, due) {
                    batch.to_look_up.push(due.row.clone());
                } else {
                    cursor.found_any = true;
                    self.add_due(context, due, batch)?;
                }
            }
            let is_at_end = due.is_empty() && room > 0;
            let starts_again = is_at_end && cursor.found_any;
            if starts_again {
                // Begin again: answers may have left something over of entities before the cursor.
                cursor = Cursor::default();
            }
            lane.planning_mut().set_cursor(kind, cursor);
            if batch.is_full() || (starts_again && batch.has_news()) {
                return Ok(());
            }
            if is_at_end && !starts_again {
                if batch.is_empty() && batch.to_look_up.is_empty() {
                    lane.planning_mut().exhaust(kind);
                }
                return Ok(());
            }
        }
        Ok(())
    }

    /// Whether the key of an entity that is about to get an item has to be looked for on the board first.
    fn must_look_up(&self, account: &Account, board: &str, due: &Due) -> bool {
        let has_item = due.row.item_id.is_some() && due.row.board.as_deref() == Some(board);
        if has_item || account.is_absent(due.row.id) {
            return false;
        }
        // The count of items does not cover what may have replaced an item that was taken away.
        self.lost.contains(&due.row.id) || account.is_accounted() != Some(true)
    }

    fn add_removals(
        &mut self,
        context: &Context<'_>,
        kind: Kind,
        isolation: &Isolation,
        cursor: &mut Cursor,
        batch: &mut BatchBuilder,
    ) -> anyhow::Result<()> {
        let now = self.setup.clock().now();
        for removal in context.store.items_to_remove(kind, self.keeps_items(), cursor.removal, batch.room(), now)? {
            cursor.removal = removal.row.id;
            if !isolation.holds(removal.row.id) {
                self.add_removal(context.board, &removal, batch)?;
            }
        }
        Ok(())
    }

    fn add_removal(&mut self, board: &str, removal: &ItemToRemove, batch: &mut BatchBuilder) -> anyhow::Result<()> {
        let entity = removal.row.entity_key();
        if !self.selection.holds(removal.row.kind, &removal.row.key) || !self.is_within_limit(removal.row.id) {
            return Ok(());
        }
        if removal.row.board.as_deref() != Some(board) {
            batch.findings.push(Finding::Elsewhere(removal.row.id));
            return Ok(());
        }
        let config = self.setup.kind(removal.row.kind);
        let Some(step) = step::retire(config, self.setup.config.sync.on_delete, removal) else { return Ok(()) };
        if self.may_try(removal.row.id, &entity, batch) {
            self.planned.insert(removal.row.id);
            batch.add(entity, removal.row.id, removal.version, Some(&removal.row.item_id), step);
        }
        Ok(())
    }

    fn add_due(&mut self, context: &Context<'_>, due: &Due, batch: &mut BatchBuilder) -> anyhow::Result<()> {
        let (id, entity) = (due.row.id, due.row.entity_key());
        let Some(steps) = self.plan_noted(context, due, &mut batch.findings)? else { return Ok(()) };
        if !steps.is_empty() && self.may_try(id, &entity, batch) {
            self.planned.insert(id);
            // What has no room is left due: a call that is larger than it may be is refused as often as it is sent.
            let room = usize::try_from(batch.room()).unwrap_or(usize::MAX).max(1);
            for step in steps.into_iter().take(room) {
                batch.add(entity.clone(), id, due.version, due.row.item_id.as_deref(), step);
            }
        }
        Ok(())
    }

    /// Plans one entity, and notes what is found out besides. `None`: its record is no record.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(super) fn plan_noted(
        &mut self,
        context: &Context<'_>,
        due: &Due,
        findings: &mut Vec<Finding>,
    ) -> anyhow::Result<Option<Vec<Step>>> {
        let (id, entity) = (due.row.id, due.row.entity_key());
        let Some(plan) = self.plan(context.store, context.catalog, due, context.columns)? else {
            let error = HapiText::NotAnObject { kind: due.row.kind };
            let detail = FailureDetail::new(FailureCause::RecordUnreadable, error).hint(HapiText::MendInHopem {});
            findings.push(Finding::Failed { id, entity, detail });
            return Ok(None);
        };
        for (column, refusal) in plan.refusals {
            findings.push(Finding::Unfit { id, entity: entity.clone(), column, refusal });
        }
        if plan.planned.steps.is_empty() {
            findings.push(Finding::Unchanged { known: plan.known, version: due.version });
            return Ok(Some(Vec::new()));
        }
        findings.push(Finding::Known(plan.known));
        for (parent, is_ambiguous) in plan.unresolved {
            let unresolved = self.unresolved_parents.entry((due.row.kind, parent, is_ambiguous)).or_default();
            unresolved.insert(due.row.key.clone());
        }
        Ok(Some(plan.planned.steps))
    }

    /// Whether an entity may be a row of an import that has so many: it is wanted and new, nothing of it was tried in this run, and
    /// its key is known not to stand on the board.
    pub(super) fn may_be_row(&self, account: &Account, board: &str, due: &Due, rows: usize) -> bool {
        let has_item = due.row.item_id.is_some() && due.row.board.as_deref() == Some(board);
        let limit = self.limit.unwrap_or(u64::MAX);
        !has_item
            && self.selection.holds(due.row.kind, &due.row.key)
            && !self.attempts.has(due.row.id)
            && !self.must_look_up(account, board, due)
            && ((self.planned.len() + rows) as u64) < limit
    }

    /// These are planned: `--limit` counts them.
    pub(super) fn note_planned(&mut self, entities: impl IntoIterator<Item = i64>) {
        self.planned.extend(entities);
    }

    /// Plans a call of those whose calls failed; where they have to wait, until when.
    fn add_isolated(
        &mut self,
        context: &Context<'_>,
        lane: &Lane<'_>,
        isolation: &Isolation,
        batch: &mut BatchBuilder,
    ) -> anyhow::Result<()> {
        let mut skipped: BTreeSet<i64> = BTreeSet::new();
        loop {
            let entities = match isolation.next(&lane.kinds(), &skipped, self.setup.clock().now()) {
                Isolated::Now(entities) => entities,
                Isolated::Later(at) => {
                    batch.waits_until = Some(at);
                    return Ok(());
                }
                Isolated::None => return Ok(()),
            };
            for &entity in &entities {
                if batch.is_full() {
                    break;
                }
                if isolation.kind_of(entity).is_some_and(|kind| lane.planning().is_ready(kind)) {
                    self.add_one(context, entity, batch)?;
                }
            }
            if !batch.is_empty() {
                return Ok(());
            }
            // Paused, parked, or nothing of them differs any more.
            skipped.extend(entities);
        }
    }

    /// Plans one entity, whatever its turn.
    fn add_one(&mut self, context: &Context<'_>, entity: i64, batch: &mut BatchBuilder) -> anyhow::Result<()> {
        let now = self.setup.clock().now();
        if let Some(due) = context.store.due_entity(entity, now)?
            && self.selection.holds(due.row.kind, &due.row.key)
            && self.is_within_limit(entity)
        {
            return self.add_due(context, &due, batch);
        }
        match context.store.item_to_remove(entity, self.keeps_items(), now)? {
            Some(removal) => self.add_removal(context.board, &removal, batch),
            None => Ok(()),
        }
    }

    /// Plans one entity; `None` when its record is no record.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn plan(
        &self,
        store: &Store,
        catalog: &Catalog<'_>,
        due: &Due,
        columns: &BoardColumns,
    ) -> anyhow::Result<Option<EntityPlan>> {
        let setup = self.setup;
        let entity = setup.kind(due.row.kind);
        let Ok(record) = setup.derivation.get(due.row.kind).record(&due.record) else { return Ok(None) };
        let unresolved = RefCell::new(BTreeMap::new());
        let mut mapped = map::map(entity, &due.row.key, &record, Some(columns), Rules::of(setup.config), |parent| {
            let found = parent_of(store, setup.config, setup.derivation, due.row.kind, &record, parent)?;
            if matches!(found, Parent::Missing | Parent::Ambiguous) {
                unresolved.borrow_mut().insert(parent, found == Parent::Ambiguous);
            }
            Ok(found)
        })?;
        leave_unknown_connections(entity, &self.unknown_kinds, &mut mapped.columns);
        let observed = self.observed.get(&due.row.id);
        catalog.closed().refuse(store, (entity, columns), due, observed, &mut mapped)?;
        let failures = store.failures(due.row.id)?;
        let situation = Situation {
            entity,
            due,
            mapped: &mapped,
            failures: &failures,
            observed,
            board: columns,
            mode: self.attempts.mode(due.row.id),
            closed: &catalog.closed().of(due.row.kind),
            now: setup.clock().now(),
        };
        let refusals = situation.new_refusals().into_iter();
        let refusals = refusals.map(|(column, refusal)| (column.clone(), refusal.clone())).collect();
        let planned = situation.plan();
        let resolved = situation.resolved().into_iter().map(str::to_owned).collect();
        let (id, kind, has_recovered) = (due.row.id, due.row.kind, situation.has_recovered(&planned));
        let known = Known { id, kind, resolved, has_recovered, confirmed: planned.confirmed.clone() };
        Ok(Some(EntityPlan { planned, refusals, known, unresolved: unresolved.into_inner().into_iter().collect() }))
    }

    /// `--limit`: whether one more entity may be pushed.
    fn is_within_limit(&self, entity: i64) -> bool {
        let limit = self.limit.unwrap_or(u64::MAX);
        self.planned.contains(&entity) || (self.planned.len() as u64) < limit
    }

    /// Whether an entity may be sent once more in this run; if not, it has failed.
    fn may_try(&self, id: i64, entity: &EntityKey, batch: &mut BatchBuilder) -> bool {
        let may = !self.attempts.are_used_up(id);
        if !may {
            let detail = FailureDetail::new(FailureCause::TriedTooOften, MondayText::TriedTooOften {});
            let detail = detail.hint(MondayText::MondayLater {});
            batch.findings.push(Finding::Failed { id, entity: entity.clone(), detail });
        }
        may
    }
}

/// Takes the connections out of what an item should show that would be emptied only because the board of the parents could
/// not be read: what they point to is not known.
fn leave_unknown_connections(config: &KindConfig, unknown: &BTreeSet<Kind>, columns: &mut Map<String, Value>) {
    let configured = &config.columns;
    let is_unknown = |column: &str, value: &Value| {
        let Some(Source::Relation(parent)) = configured.get(column).map(|column| &column.source) else {
            return false;
        };
        let is_empty = value.get("item_ids").and_then(Value::as_array).is_none_or(Vec::is_empty);
        is_empty && unknown.contains(parent)
    };
    columns.retain(|column, value| !is_unknown(column, value));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::config;
    use crate::host::Host;
    use crate::http::{Signals, Stop};
    use crate::monday::Client;
    use crate::plan::derive::DerivationRules;
    use crate::progress::Unwatched;
    use crate::push::health::FIRST_BATCH;
    use jiff::Timestamp;
    use std::sync::Arc;

    const UNITS: &str =
        "[monday]\ntoken = 't'\n[entities.unit]\nboard = 1\nkey_column = 'k'\n[entities.unit.columns]\nk2 = 'Id'\n";

    /// A store with units of these keys, each due, its numbers from 1 on.
    fn store(derivation: &DerivationRules, keys: std::ops::RangeInclusive<i64>) -> Store {
        let mut store = Store::in_memory().expect("a store");
        let add = |tx: &crate::store::Tx<'_>| {
            for key in keys {
                let json = format!("{{\"Id\":{key}}}");
                let derived = derivation.get(Kind::UNIT).derive(&json);
                tx.add(Kind::UNIT, &key.to_string(), &json, Timestamp::UNIX_EPOCH, &derived)?;
            }
            Ok(())
        };
        store.write(add).expect("units");
        store
    }

    /// Lets a planner of the units 1 to 30 plan for a board that holds no item.
    fn planning(limit: Option<u64>, work: impl FnOnce(&mut Planner<'_>, &Context<'_>, &mut Lane<'_>)) {
        let (config, host) = (config(UNITS), Host::system());
        let stop = Arc::new(Stop::on(&Signals::never(), host.clock.clone()).expect("no signals"));
        let http = host.http(config.network.clone(), stop.clone(), &BTreeMap::new());
        let client = Client::new(&http, &config.monday).expect("a client");
        let derivation = DerivationRules::of(&config);
        let (max_calls, trust_boards) = (None, None);
        let (derivation, client, stop) = (&derivation, &client, &*stop);
        let setup = Setup { config: &config, derivation, client, stop, progress: &Unwatched, max_calls, trust_boards };
        let (catalog, columns, store) = (Catalog::new(setup), BoardColumns::new(), store(derivation, 1..=30));
        let selection = Selection::everything();
        let mut planner = Planner::new(setup, &selection, limit);
        let context = Context { store: &store, catalog: &catalog, board: "1", columns: &columns };
        let targets = setup.targets([Kind::UNIT]).collect();
        work(&mut planner, &context, &mut Lane::new("1".to_owned(), targets));
    }

    /// The numbers of the entities of a call.
    fn planned(batch: BatchBuilder) -> Vec<i64> {
        batch.into_changes().0.iter().map(|intent| intent.entity).collect()
    }

    #[test]
    fn keys_are_looked_up_before_items_are_made_unless_the_board_is_accounted_for() {
        planning(None, |planner, context, lane| {
            let isolation = Isolation::default();
            let batch = planner.build(context, lane, &[Kind::UNIT], &isolation).expect("planned");
            assert_eq!((batch.is_empty(), batch.to_look_up.len()), (true, 30));
            lane.account_mut().note_absent([1, 2]);
            lane.planning_mut().rewind();
            let batch = planner.build(context, lane, &[Kind::UNIT], &isolation).expect("planned");
            assert_eq!(
                (planned(batch).len(), lane.planning().is_exhausted(Kind::UNIT)),
                (2, false),
                "their keys are known to be absent"
            );
        });
    }

    #[test]
    fn a_call_takes_what_it_may_hold_and_the_next_one_goes_on() {
        planning(None, |planner, context, lane| {
            lane.account_mut().set_accounted(true);
            let mut next = || planner.build(context, lane, &[Kind::UNIT], &Isolation::default()).expect("planned");
            assert_eq!(planned(next()), (1..=FIRST_BATCH as i64).collect::<Vec<_>>());
            assert_eq!(planned(next()), (FIRST_BATCH as i64 + 1..=30).collect::<Vec<_>>());
        });
    }

    #[test]
    fn a_limit_counts_entities_and_not_attempts() {
        planning(Some(3), |planner, context, lane| {
            lane.account_mut().set_accounted(true);
            for _ in 0..2 {
                let batch = planner.build(context, lane, &[Kind::UNIT], &Isolation::default()).expect("planned");
                assert_eq!(planned(batch), [1, 2, 3], "nothing was recorded: they are planned again, and no others");
                lane.planning_mut().rewind();
            }
        });
    }

    #[test]
    fn an_entity_that_is_sent_again_and_again_fails() {
        planning(Some(1), |planner, context, lane| {
            lane.account_mut().set_accounted(true);
            for attempt in 0.. {
                lane.planning_mut().rewind();
                let mut batch = planner.build(context, lane, &[Kind::UNIT], &Isolation::default()).expect("planned");
                if batch.is_empty() {
                    let failed = batch.findings.pop();
                    assert!(
                        matches!(&failed, Some(Finding::Failed { id: 1, detail, .. })
                        if detail.cause == FailureCause::TriedTooOften),
                        "{failed:?}"
                    );
                    return;
                }
                assert!(attempt < 100, "it never ends");
                planner.learn(Effects { attempted: vec![1], ..Effects::default() });
            }
        });
    }
}
