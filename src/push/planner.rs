//! Planner of the next call of a board: which entities, in which order, and what of them. Pure but for what it asks the backlog
//! that is handed to it; what it finds out besides is given to the recorder.

use super::account::Account;
use super::attempts::EntityAttempts;
use super::backlog::Backlog;
use super::batch::BatchBuilder;
use super::effects::Effect;
use super::findings::{Finding, Known};
use super::isolation::{Isolated, Isolation};
use super::lanes::Lane;
use super::planning::Cursor;
use crate::boards::closed::ClosedColumns;
use crate::config::{Config, KindConfig, Source};
use crate::entity::{EntityKey, Kind};
use crate::failure::{FailureCause, FailureDetail};
use crate::message::{HapiText, MondayText};
use crate::monday::column::ColumnContent;
use crate::plan::derive::DerivationRules;
use crate::plan::map::{self, BoardColumns, Refusal, Rules};
use crate::plan::parents::Unresolved;
use crate::plan::selection::Selection;
use crate::plan::step::{self, EntitySteps, Situation, Step};
use crate::store::{Due, ItemToRemove, Urgency};
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Keys looked up in one call.
pub(crate) const KEYS_PER_LOOKUP: usize = 100;

/// Plan of one entity.
pub(crate) struct EntityPlan {
    pub(crate) planned: EntitySteps,
    pub(crate) refusals: Vec<(String, Refusal)>,
    pub(crate) known: Known,
    /// The kinds of parents that it names and does not find.
    unresolved: Vec<(Kind, Unresolved)>,
}

/// Parents that entities of a kind name and do not find.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct UnresolvedParents {
    /// The kind of those that name them.
    pub(crate) kind: Kind,
    /// The kind of the parents.
    pub(crate) parent: Kind,
    /// Why none is taken.
    pub(crate) why: Unresolved,
}

/// Context in which a call is planned.
pub(crate) struct Context<'c> {
    /// What is due.
    pub(crate) backlog: &'c dyn Backlog,
    /// The board of the call.
    pub(crate) board: &'c str,
    /// Its columns.
    pub(crate) columns: &'c BoardColumns,
    /// The columns that are left out, since the token's user may not edit them.
    pub(crate) closed: &'c ClosedColumns,
    /// Now.
    pub(crate) now: Timestamp,
}

/// Planner: owns what is observed on the boards in this run, which attempts were made, and what is planned.
pub(crate) struct Planner<'p> {
    config: &'p Config,
    derivation: &'p DerivationRules,
    selection: &'p Selection,
    limit: Option<u64>,
    /// Only what is at least so urgent is planned.
    urgency: Urgency,
    observed: HashMap<i64, BTreeMap<String, ColumnContent>>,
    attempts: EntityAttempts,
    /// The entities planned so far: `--limit` counts them.
    planned: HashSet<i64>,
    /// The keys of the entities that name them.
    unresolved_parents: BTreeMap<UnresolvedParents, BTreeSet<String>>,
    /// Kinds of whose items nothing is known in this run, since their board could not be read.
    unknown_kinds: BTreeSet<Kind>,
    /// The entities whose items were found to be taken away, and who get new ones.
    lost: HashSet<i64>,
}

impl<'p> Planner<'p> {
    /// A planner of these entities, `limit` at most.
    pub(crate) fn new(
        config: &'p Config,
        derivation: &'p DerivationRules,
        selection: &'p Selection,
        limit: Option<u64>,
    ) -> Planner<'p> {
        Planner {
            config,
            derivation,
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

    /// The configuration by which it plans.
    pub(super) fn config(&self) -> &'p Config {
        self.config
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
    pub(super) fn learn(&mut self, effect: Effect) {
        match effect {
            Effect::Attempted(entity) => self.attempts.note_sent(entity),
            Effect::ColumnRefused(entity) => self.attempts.note_refused(entity),
            Effect::EachAlone(entity) => self.attempts.send_each_alone(entity),
            Effect::Lost(entity) => self.lost.extend([entity]),
            Effect::Observed(entity, content) => self.observed.extend([(entity, content)]),
            Effect::KindUnknown(kind) => self.unknown_kinds.extend([kind]),
            // Of no matter for what is planned of an entity.
            Effect::ConnectionRefused(_) | Effect::ItemsChanged(_) => {}
        }
    }

    /// The keys of the entities that name parents which were not found.
    pub(crate) fn take_unresolved_parents(&mut self) -> BTreeMap<UnresolvedParents, BTreeSet<String>> {
        std::mem::take(&mut self.unresolved_parents)
    }

    /// Plans the next call of a lane: of these kinds, and where nothing of them is to be sent, of those whose calls fail.
    ///
    /// # Errors
    /// Where the backlog cannot be read.
    pub(crate) fn build(
        &mut self,
        context: &Context<'_>,
        lane: &mut Lane<'_>,
        kinds: &[Kind],
        isolation: &Isolation,
    ) -> anyhow::Result<BatchBuilder> {
        let mut batch = BatchBuilder::new(lane.health.size().now());
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
        while batch.to_look_up.len() < KEYS_PER_LOOKUP {
            let mut cursor = lane.planning().cursor(kind);
            if self.urgency == Urgency::Usual {
                self.add_removals(context, kind, isolation, &mut cursor, batch)?;
            }
            let room = batch.room();
            let due = match room {
                0 => Vec::new(),
                _ => context.backlog.due(kind, cursor.due, room, self.urgency)?,
            };
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
                if self.must_look_up(&lane.account, context.board, due) {
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
            lane.go_on(kind, cursor);
            if batch.is_full() || (starts_again && batch.has_news()) {
                return Ok(());
            }
            if is_at_end && !starts_again {
                if batch.is_empty() && batch.to_look_up.is_empty() {
                    lane.exhaust(kind);
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
        for removal in context.backlog.removals(kind, cursor.removal, batch.room())? {
            cursor.removal = removal.row.id;
            if !isolation.holds(removal.row.id) {
                self.add_removal(context.board, &removal, batch);
            }
        }
        Ok(())
    }

    fn add_removal(&mut self, board: &str, removal: &ItemToRemove, batch: &mut BatchBuilder) {
        let entity = removal.row.entity_key();
        if !self.selection.holds(removal.row.kind, &removal.row.key) || !self.is_within_limit(removal.row.id) {
            return;
        }
        if removal.row.board.as_deref() != Some(board) {
            batch.findings.push(Finding::Elsewhere(removal.row.id));
            return;
        }
        let config = self.config.kind(removal.row.kind);
        let Some(step) = step::removal_step(config, self.config.sync.on_delete, removal) else { return };
        if self.may_try(removal.row.id, &entity, batch) {
            self.planned.insert(removal.row.id);
            batch.add(entity, removal.row.id, removal.version, Some(&removal.row.item_id), step);
        }
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
    /// Where the backlog cannot be read.
    pub(super) fn plan_noted(
        &mut self,
        context: &Context<'_>,
        due: &Due,
        findings: &mut Vec<Finding>,
    ) -> anyhow::Result<Option<Vec<Step>>> {
        let (id, entity) = (due.row.id, due.row.entity_key());
        let Some(plan) = self.plan(context, due)? else {
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
        for (parent, why) in plan.unresolved {
            let unresolved = UnresolvedParents { kind: due.row.kind, parent, why };
            self.unresolved_parents.entry(unresolved).or_default().insert(due.row.key.clone());
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
            let entities = match isolation.next(&lane.kinds(), &skipped, context.now) {
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
        if let Some(due) = context.backlog.due_of(entity)?
            && self.selection.holds(due.row.kind, &due.row.key)
            && self.is_within_limit(entity)
        {
            return self.add_due(context, &due, batch);
        }
        if let Some(removal) = context.backlog.removal_of(entity)? {
            self.add_removal(context.board, &removal, batch);
        }
        Ok(())
    }

    /// Plans one entity; `None` when its record is no record.
    ///
    /// # Errors
    /// Where the backlog cannot be read.
    pub(crate) fn plan(&self, context: &Context<'_>, due: &Due) -> anyhow::Result<Option<EntityPlan>> {
        let (id, kind, columns) = (due.row.id, due.row.kind, context.columns);
        let entity = self.config.kind(kind);
        let Ok(record) = self.derivation.get(kind).record(&due.record) else { return Ok(None) };
        let around = context.backlog.surroundings(due, &record)?;
        let rules = Rules::of(self.config);
        let mut mapped = map::map(entity, &due.row.key, &record, Some(columns), rules, &around.parents);
        leave_unknown_connections(entity, &self.unknown_kinds, &mut mapped.columns);
        let observed = self.observed.get(&id);
        context.closed.refuse((entity, columns), due, observed, &mut mapped);
        let situation = Situation {
            entity,
            due,
            mapped: &mapped,
            failures: &around.failures,
            observed,
            board: columns,
            mode: self.attempts.mode(id),
            closed: &context.closed.of(kind),
            now: context.now,
        };
        let refusals = situation.new_refusals().into_iter();
        let refusals = refusals.map(|(column, refusal)| (column.clone(), refusal.clone())).collect();
        let planned = situation.plan();
        let resolved = situation.resolved().into_iter().map(str::to_owned).collect();
        let has_recovered = situation.has_recovered(&planned);
        let known = Known { id, kind, resolved, has_recovered, confirmed: planned.confirmed.clone() };
        Ok(Some(EntityPlan { planned, refusals, known, unresolved: around.parents.unresolved().collect() }))
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
    use crate::entity::Record;
    use crate::monday::column::BoardColumn;
    use crate::plan::parents::Parents;
    use crate::push::backlog::Surroundings;
    use crate::push::health::FIRST_BATCH;
    use crate::store::{CallFault, EntityRow, Parent, SentColumns};
    use serde_json::json;
    use std::cell::RefCell;

    const UNITS: &str = "[monday]\ntoken = 't'\n[entities.building]\nboard = 2\nkey_column = 'k'\n\
                         [entities.unit]\nboard = 1\nkey_column = 'k'\n[entities.unit.columns]\nk2 = 'Id'\n\
                         link = { relation = 'building' }\n";
    const BOARD: &str = "1";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).expect("a time")
    }

    fn row<Item>(id: i64, board: Option<&str>, item_id: Item) -> EntityRow<Item> {
        EntityRow { id, kind: Kind::UNIT, key: id.to_string(), board: board.map(str::to_owned), item_id }
    }

    /// A unit that has no item yet.
    fn new(id: i64) -> Due {
        let (sent, record) = (SentColumns::default(), format!("{{\"Id\":{id}}}"));
        Due { row: row(id, None, None), version: 1, send_all: false, record, sent }
    }

    /// A unit whose item is on the board.
    fn made(id: i64) -> Due {
        Due { row: row(id, Some(BOARD), Some(format!("9{id}"))), ..new(id) }
    }

    /// The item of a unit that is gone from HApi.
    fn removal(id: i64, board: &str) -> ItemToRemove {
        ItemToRemove {
            row: row(id, Some(board), format!("9{id}")),
            version: 1,
            is_unlinked: false,
            archive_item: false,
        }
    }

    /// Backlog in memory.
    #[derive(Default)]
    struct InMemory {
        due: Vec<(Urgency, Due)>,
        removals: Vec<ItemToRemove>,
        surroundings: BTreeMap<i64, Surroundings>,
        /// The entities whose surroundings were asked for.
        asked: RefCell<Vec<i64>>,
    }

    impl InMemory {
        fn of(due: impl IntoIterator<Item = Due>) -> InMemory {
            InMemory { due: due.into_iter().map(|due| (Urgency::Usual, due)).collect(), ..InMemory::default() }
        }

        fn with_building(mut self, unit: i64, building: Parent) -> InMemory {
            self.surroundings.entry(unit).or_default().parents = Parents::new([(Kind::BUILDING, building)]);
            self
        }

        /// What was planned was recorded, and is due no more.
        fn record(&mut self, entities: &[i64]) {
            self.due.retain(|(_, due)| !entities.contains(&due.row.id));
        }
    }

    impl Backlog for InMemory {
        fn due(&self, kind: Kind, after: i64, most: u64, urgency: Urgency) -> anyhow::Result<Vec<Due>> {
            let due = self.due.iter().filter(|(class, due)| *class <= urgency && due.row.kind == kind);
            Ok(due.map(|(_, due)| due).filter(|due| due.row.id > after).take(most as usize).cloned().collect())
        }

        fn removals(&self, kind: Kind, after: i64, most: u64) -> anyhow::Result<Vec<ItemToRemove>> {
            let removals = self.removals.iter().filter(|removal| removal.row.kind == kind && removal.row.id > after);
            Ok(removals.take(most as usize).cloned().collect())
        }

        fn due_of(&self, entity: i64) -> anyhow::Result<Option<Due>> {
            Ok(self.due.iter().map(|(_, due)| due).find(|due| due.row.id == entity).cloned())
        }

        fn removal_of(&self, entity: i64) -> anyhow::Result<Option<ItemToRemove>> {
            Ok(self.removals.iter().find(|removal| removal.row.id == entity).cloned())
        }

        fn surroundings(&self, due: &Due, _: &Record<'_>) -> anyhow::Result<Surroundings> {
            self.asked.borrow_mut().push(due.row.id);
            Ok(self.surroundings.get(&due.row.id).cloned().unwrap_or_default())
        }
    }

    /// Board on which a planner plans.
    struct Board<'b> {
        planner: Planner<'b>,
        lane: Lane<'b>,
        columns: BoardColumns,
        closed: ClosedColumns,
        isolation: Isolation,
        now: Timestamp,
    }

    impl Board<'_> {
        /// Plans the next call.
        fn plan(&mut self, backlog: &dyn Backlog) -> BatchBuilder {
            let Board { planner, lane, columns, closed, isolation, now } = self;
            let context = Context { backlog, board: BOARD, columns, closed, now: *now };
            planner.build(&context, lane, &[Kind::UNIT], isolation).expect("planned")
        }

        fn is_exhausted(&self) -> bool {
            self.lane.planning().is_exhausted(Kind::UNIT)
        }
    }

    /// Lets a planner plan for a board whose items the store accounts for.
    fn planning(limit: Option<u64>, work: impl FnOnce(&mut Board<'_>)) {
        planning_of(&Selection::everything(), limit, work);
    }

    fn planning_of(selection: &Selection, limit: Option<u64>, work: impl FnOnce(&mut Board<'_>)) {
        let config = config(UNITS);
        let derivation = DerivationRules::of(&config);
        let targets = [config.kind(Kind::UNIT)].into_iter().filter_map(KindConfig::target).collect();
        let mut lane = Lane::new(BOARD.to_owned(), targets);
        lane.account.set_accounted(true);
        lane.make_ready(Kind::UNIT);
        let planner = Planner::new(&config, &derivation, selection, limit);
        let (columns, closed, isolation) = (columns(), ClosedColumns::default(), Isolation::default());
        work(&mut Board { planner, lane, columns, closed, isolation, now: at(0) });
    }

    /// The columns of the board: the key, a text, and a connection to the buildings' board.
    fn columns() -> BoardColumns {
        let column = |id: &str, column_type: &str, settings: Value| BoardColumn {
            id: id.to_owned(),
            title: id.to_owned(),
            column_type: column_type.to_owned(),
            settings,
        };
        let connection = column("link", "board_relation", json!({"boardIds": [2]}));
        let known = [column("k", "text", Value::Null), column("k2", "text", Value::Null), connection];
        known.map(|column| (column.id.clone(), column)).into()
    }

    /// The numbers of the entities of a call.
    fn planned(batch: BatchBuilder) -> Vec<i64> {
        batch.into_changes().0.iter().map(|intent| intent.entity).collect()
    }

    #[test]
    fn keys_are_looked_up_before_items_are_made_unless_the_board_is_accounted_for() {
        planning(None, |board| {
            let backlog = InMemory::of((1..=30).map(new).chain([made(31)]));
            board.lane.account.set_accounted(false);
            let batch = board.plan(&backlog);
            assert_eq!(batch.to_look_up.len(), 30);
            assert_eq!(planned(batch), [31], "it has its item");
            assert_eq!(*backlog.asked.borrow(), [31], "nothing else is read of those that are looked up first");
            board.lane.account.note_absent([1, 2]);
            board.lane.rewind();
            assert_eq!(planned(board.plan(&backlog)), [1, 2, 31], "their keys are known to be absent");
            assert!(!board.is_exhausted());
        });
    }

    #[test]
    fn the_key_of_an_item_that_was_taken_away_is_looked_up_also_where_the_board_is_accounted_for() {
        planning(None, |board| {
            board.planner.learn(Effect::Lost(2));
            let batch = board.plan(&InMemory::of([new(1), new(2)]));
            assert_eq!(batch.to_look_up.iter().map(|row| row.id).collect::<Vec<_>>(), [2]);
            assert_eq!(planned(batch), [1]);
        });
    }

    #[test]
    fn no_more_keys_are_looked_up_than_one_call_takes() {
        planning(None, |board| {
            board.lane.account.set_accounted(false);
            let batch = board.plan(&InMemory::of((1..=250).map(new)));
            let looked_up = batch.to_look_up.len();
            assert!((KEYS_PER_LOOKUP..KEYS_PER_LOOKUP + FIRST_BATCH).contains(&looked_up), "{looked_up}");
        });
    }

    #[test]
    fn a_call_takes_what_it_may_hold_and_the_next_one_goes_on() {
        planning(None, |board| {
            let backlog = InMemory::of((1..=30).map(new));
            assert_eq!(planned(board.plan(&backlog)), (1..=FIRST_BATCH as i64).collect::<Vec<_>>());
            assert_eq!(planned(board.plan(&backlog)), (FIRST_BATCH as i64 + 1..=30).collect::<Vec<_>>());
        });
    }

    #[test]
    fn what_answers_left_over_is_planned_once_more_before_a_kind_is_exhausted() {
        planning(None, |board| {
            let mut backlog = InMemory::of((1..=3).map(new));
            assert_eq!(planned(board.plan(&backlog)), [1, 2, 3]);
            backlog.record(&[1, 3]);
            assert_eq!(planned(board.plan(&backlog)), [2], "it is behind where planning stood");
            backlog.record(&[2]);
            assert_eq!((planned(board.plan(&backlog)), board.is_exhausted()), (vec![], true));
        });
    }

    #[test]
    fn a_limit_counts_entities_and_not_attempts() {
        planning(Some(3), |board| {
            let backlog = InMemory::of((1..=30).map(new));
            for _ in 0..2 {
                assert_eq!(planned(board.plan(&backlog)), [1, 2, 3], "nothing was recorded: no others are planned");
                board.lane.rewind();
            }
        });
    }

    #[test]
    fn only_what_is_chosen_is_planned_and_nothing_is_read_of_the_others() {
        let selection = Selection { entities: [EntityKey::new(Kind::UNIT, "2")].into(), ..Selection::default() };
        planning_of(&selection, None, |board| {
            let backlog = InMemory { removals: vec![removal(4, BOARD)], ..InMemory::of((1..=3).map(new)) };
            assert_eq!(planned(board.plan(&backlog)), [2]);
            assert_eq!(*backlog.asked.borrow(), [2]);
        });
    }

    #[test]
    fn what_is_urgent_goes_by_itself_and_items_go_with_the_rest() {
        planning(None, |board| {
            let due = vec![(Urgency::Usual, made(1)), (Urgency::ByHand, made(2)), (Urgency::New, new(3))];
            let mut backlog = InMemory { due, removals: vec![removal(4, BOARD)], ..InMemory::default() };
            for (urgency, expected) in
                [(Urgency::ByHand, vec![2]), (Urgency::New, vec![3]), (Urgency::Usual, vec![4, 1])]
            {
                board.planner.set_urgency(urgency);
                assert_eq!(planned(board.plan(&backlog)), expected, "{urgency:?}");
                backlog.record(&expected);
                board.lane.reopen();
            }
        });
    }

    #[test]
    fn an_item_on_a_board_that_is_no_longer_its_kinds_is_left_alone() {
        planning(None, |board| {
            let removals = vec![removal(1, "77"), removal(2, BOARD)];
            let batch = board.plan(&InMemory { removals, ..InMemory::default() });
            assert!(matches!(batch.findings[..], [Finding::Elsewhere(1)]), "{:?}", batch.findings);
            let intents = batch.into_changes().0;
            assert_eq!(intents.iter().map(|intent| intent.item_id.as_deref()).collect::<Vec<_>>(), [Some("92")]);
        });
    }

    #[test]
    fn those_whose_calls_fail_go_apart_from_the_others_after_them_and_in_their_time() {
        planning(None, |board| {
            let fault =
                CallFault { kind: Kind::UNIT, faults: crate::store::Faults::Counted(1), max_batch: 2, next_at: at(60) };
            board.isolation = Isolation::new([(2, fault), (5, fault)]);
            let mut backlog = InMemory { removals: vec![removal(5, BOARD)], ..InMemory::of((1..=3).map(new)) };
            assert_eq!(planned(board.plan(&backlog)), [1, 3]);
            backlog.record(&[1, 3]);
            let batch = board.plan(&backlog);
            assert!(batch.is_empty() && batch.waits_until == Some(at(60)));
            board.now = at(60);
            assert_eq!(planned(board.plan(&backlog)), [2, 5], "what is to be sent of one, and the item of the other");
            board.lane = Lane::new(BOARD.to_owned(), board.lane.targets().to_vec());
            assert!(board.plan(&backlog).is_empty(), "their board was not checked in this run");
        });
    }

    #[test]
    fn an_entity_that_is_sent_again_and_again_fails() {
        planning(Some(1), |board| {
            let backlog = InMemory::of([new(1)]);
            for attempt in 0.. {
                board.lane.rewind();
                let mut batch = board.plan(&backlog);
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
                board.planner.learn(Effect::Attempted(1));
            }
        });
    }

    #[test]
    fn a_record_that_is_none_fails_and_the_others_are_planned() {
        planning(None, |board| {
            let batch = board.plan(&InMemory::of([Due { record: "[]".to_owned(), ..new(1) }, new(2)]));
            assert!(
                matches!(&batch.findings[0], Finding::Failed { id: 1, detail, .. }
                if detail.cause == FailureCause::RecordUnreadable),
                "{:?}",
                batch.findings
            );
            assert_eq!(planned(batch), [2]);
        });
    }

    #[test]
    fn an_item_that_shows_everything_takes_no_call() {
        planning(None, |board| {
            let backlog = InMemory::of([made(1)]);
            let text = |text: &str| ColumnContent { text: Some(text.to_owned()), ..ColumnContent::default() };
            let link = ColumnContent { linked_item_ids: Some(Vec::new()), ..ColumnContent::default() };
            let shown = [("k", text("unit:1")), ("k2", text("1")), ("link", link)];
            let observed = shown.map(|(column, shown)| (column.to_owned(), shown)).into();
            board.planner.learn(Effect::Observed(1, observed));
            let batch = board.plan(&backlog);
            let [Finding::Unchanged { known, version: 1 }] = &batch.findings[..] else {
                panic!("{:?}", batch.findings)
            };
            assert!(known.confirmed.is_some(), "what it shows counts as sent");
            assert!(batch.is_empty());
        });
    }

    #[test]
    fn parents_that_are_not_found_are_counted_by_why() {
        planning(None, |board| {
            let backlog = InMemory::of((1..=4).map(new))
                .with_building(1, Parent::Missing)
                .with_building(2, Parent::Ambiguous)
                .with_building(3, Parent::Missing)
                .with_building(4, Parent::Unnamed);
            assert_eq!(planned(board.plan(&backlog)), [1, 2, 3, 4], "they are sent all the same");
            let (kind, parent) = (Kind::UNIT, Kind::BUILDING);
            let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
            let expected = BTreeMap::from([
                (UnresolvedParents { kind, parent, why: Unresolved::Missing }, keys(&["1", "3"])),
                (UnresolvedParents { kind, parent, why: Unresolved::Ambiguous }, keys(&["2"])),
            ]);
            assert_eq!(board.planner.take_unresolved_parents(), expected);
            assert!(board.planner.take_unresolved_parents().is_empty(), "they are reported once");
        });
    }

    #[test]
    fn a_connection_to_items_that_could_not_be_read_is_left_as_it_is() {
        let columns = |board: &mut Board<'_>| {
            let batch = board.plan(&InMemory::of([made(1)]));
            let intents = batch.into_changes().0;
            intents[0].columns.keys().cloned().collect::<Vec<_>>()
        };
        planning(None, |board| assert!(columns(board).contains(&"link".to_owned())));
        planning(None, |board| {
            board.planner.learn(Effect::KindUnknown(Kind::BUILDING));
            assert!(!columns(board).contains(&"link".to_owned()));
        });
    }

    #[test]
    fn what_has_no_room_in_a_call_stays_due() {
        planning(None, |board| {
            board.planner.learn(Effect::EachAlone(1));
            board.lane.health.limit(2);
            let batch = board.plan(&InMemory::of([made(1)]));
            assert_eq!(planned(batch), [1, 1], "two of its columns, each by itself");
        });
    }
}
