//! What one entity needs: nothing, a new item, or some columns changed. Pure: the same input gives the same plan.

use crate::config::{KindConfig, OnDelete, OnEdit};
use crate::monday::column::{ColumnContent, is_value, other_form, same, shows};
use crate::monday::document::Mutation;
use crate::plan::map::{self, BoardColumns, Mapped, NAME, Refusal, is_blank};
use crate::store::{Action, Due, FailureRow, ItemToRemove, SentColumn, SentColumns};
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Steps of one entity.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EntitySteps {
    /// What its item was observed to show besides what was known to be sent: all of it together.
    pub(crate) confirmed: Option<SentColumns>,
    /// The changes: none, one, or, to find a refused column, several.
    pub(crate) steps: Vec<Step>,
}

/// Change of one item.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Step {
    /// What is done.
    pub(crate) action: Action,
    /// The change as monday wants it.
    pub(crate) mutation: Mutation,
    /// What is sent once it is confirmed, blanks of a new item included.
    pub(crate) columns: Map<String, Value>,
    /// The columns to be sent after it.
    pub(crate) withheld: BTreeSet<String>,
}

/// Mode in which an entity is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum BatchMode {
    /// All at once.
    #[default]
    Normal,
    /// Something in it was refused and monday did not say what: each column by itself.
    EachColumnAlone,
}

/// Situation of one entity: what planning it considers.
pub(crate) struct Situation<'a> {
    /// Its configuration.
    pub(crate) entity: &'a KindConfig,
    /// The entity, with what was sent last.
    pub(crate) due: &'a Due,
    /// What its item should show.
    pub(crate) mapped: &'a Mapped,
    /// Its failures.
    pub(crate) failures: &'a [FailureRow],
    /// What its item was found to show, where it was read in this run.
    pub(crate) observed: Option<&'a BTreeMap<String, ColumnContent>>,
    /// The columns of its board.
    pub(crate) board: &'a BoardColumns,
    /// How much of it goes in one change.
    pub(crate) mode: BatchMode,
    /// The columns that are left out, since the token's user may not edit them.
    pub(crate) closed: &'a BTreeSet<String>,
    /// Now.
    pub(crate) now: Timestamp,
}

impl Situation<'_> {
    /// Plans the entity.
    pub(crate) fn plan(&self) -> EntitySteps {
        let wanted = self.wanted();
        match self.item() {
            None => EntitySteps { confirmed: None, steps: vec![self.create(&wanted)] },
            Some(item_id) => self.update(item_id, &wanted),
        }
    }

    /// Its item, if that is on today's board.
    pub(crate) fn item(&self) -> Option<&str> {
        let is_here = self.due.row.board == self.entity.board;
        self.due.row.item_id.as_deref().filter(|_| is_here)
    }

    /// What may be sent: for a value that is refused, here or by monday, what clears its column, if anything may.
    fn wanted(&self) -> Map<String, Value> {
        let mut wanted = Map::new();
        for (column, value) in &self.mapped.columns {
            let value = self.form_to_try(column, value).or_else(|| self.cleared(column, value));
            wanted.extend(value.map(|value| (column.clone(), value)));
        }
        for (column, refusal) in &self.mapped.refused {
            let blank = refusal.clears.clone().filter(|_| !self.keeps_value(column));
            wanted.extend(blank.map(|blank| (column.clone(), blank)));
        }
        wanted.retain(|column, _| !self.closed.contains(column));
        wanted
    }

    /// The form of a value to send: the usual one, or the other one, where monday refused that. `None` while the time to try it
    /// again has not come.
    fn form_to_try(&self, column: &str, value: &Value) -> Option<Value> {
        // Nearly always: nothing of the column has failed.
        if !self.failures.iter().any(|row| row.is_of(column)) {
            return Some(value.clone());
        }
        let failure = |value: &Value| {
            let value = value.to_string();
            self.failures.iter().find(|row| row.is_of(column) && row.value.as_deref() == Some(value.as_str()))
        };
        let other = other_form(value);
        let when_due = |row: &FailureRow, form: &Value| row.is_retry_due(self.now).then(|| form.clone());
        match (failure(value), other) {
            (Some(_), Some(other)) => Some(other),
            (Some(row), None) => when_due(row, value),
            (None, Some(other)) => match failure(&other) {
                Some(row) => when_due(row, &other),
                None => Some(value.clone()),
            },
            (None, None) => Some(value.clone()),
        }
    }

    /// What clears a column whose value monday refuses.
    fn cleared(&self, column: &str, value: &Value) -> Option<Value> {
        let is_key = self.entity.key_column.as_deref() == Some(column);
        if !self.mapped.clears || is_key || self.keeps_value(column) {
            return None;
        }
        let selector = self.due.row.entity_key().to_string();
        Some(map::cleared(self.entity, column, &selector)).filter(|blank| blank != value)
    }

    /// Whether monday did not let a column be cleared of the value that is refused now.
    fn keeps_value(&self, column: &str) -> bool {
        self.failures.iter().any(|failure| failure.is_of(column) && failure.keeps_value && self.stands(failure))
    }

    /// Whether a failure of a column is about the value that the column should have now.
    fn stands(&self, failure: &FailureRow) -> bool {
        let Some(column) = &failure.column else { return false };
        match self.mapped.refused.get(column) {
            Some(refusal) => failure.value.as_deref() == Some(refusal.value.as_str()),
            None => {
                let wanted = self.mapped.columns.get(column);
                wanted.is_some_and(|value| is_value(failure.value.as_deref(), value))
            }
        }
    }

    fn create(&self, wanted: &Map<String, Value>) -> Step {
        let selector = self.due.row.entity_key().to_string();
        let name = wanted.get(NAME).and_then(Value::as_str).unwrap_or(&selector).to_owned();
        let key_column = self.entity.key_column.as_deref();
        let is_alone = |column: &str| self.mode == BatchMode::Normal || column == NAME || key_column == Some(column);
        let withheld: BTreeSet<String> = wanted.keys().filter(|column| !is_alone(column)).cloned().collect();
        let mut columns = wanted.clone();
        columns.retain(|column, _| !withheld.contains(column));
        // An item needs a name. Where the right one is withheld, the selector stands in, and is not recorded as sent.
        let mut values = columns.clone();
        values.remove(NAME);
        values.retain(|_, value| !is_blank(value));
        Step {
            action: Action::Create,
            mutation: Mutation::Create { name, group: self.entity.group.clone(), columns: values },
            columns,
            withheld,
        }
    }

    fn update(&self, item_id: &str, wanted: &Map<String, Value>) -> EntitySteps {
        let sent = &self.due.sent;
        let mut confirmed = sent.clone();
        let mut differing = Map::new();
        // Column by column, `send_all` would send the same columns in every round.
        let send_all = self.due.send_all && self.mode == BatchMode::Normal;
        for (column, value) in wanted {
            let is_sent = sent.value(column).is_some_and(|sent| same(sent, value));
            if !send_all && is_sent && !self.was_refused(column, value) {
                continue;
            }
            if !send_all && (self.is_observed(column, value) || self.is_kept(column)) {
                confirmed.set(column, SentColumn::Sent(value.clone()));
                continue;
            }
            differing.insert(column.clone(), value.clone());
        }
        let confirmed = (confirmed != *sent).then_some(confirmed);
        if differing.is_empty() {
            return EntitySteps { confirmed, steps: Vec::new() };
        }
        let step = |columns: Map<String, Value>, withheld: BTreeSet<String>| Step {
            action: Action::Update,
            mutation: Mutation::Update { item_id: item_id.to_owned(), columns: columns.clone() },
            columns,
            withheld,
        };
        if self.mode == BatchMode::Normal || differing.len() == 1 {
            return EntitySteps { confirmed, steps: vec![step(differing, BTreeSet::new())] };
        }
        let names: BTreeSet<String> = differing.keys().cloned().collect();
        let alone = differing.into_iter().map(|(column, value)| {
            let others = names.iter().filter(|name| **name != column).cloned().collect();
            step([(column, value)].into_iter().collect(), others)
        });
        EntitySteps { confirmed, steps: alone.collect() }
    }

    /// Whether monday has refused this very value, when it was asked for once more: that it was sent before counts no longer.
    fn was_refused(&self, column: &str, value: &Value) -> bool {
        let mut of_column = self.failures.iter().filter(|failure| failure.is_of(column));
        of_column.any(|failure| failure.value.as_deref() == Some(value.to_string().as_str()))
    }

    /// Whether the item was observed to show a value already.
    fn is_observed(&self, column: &str, value: &Value) -> bool {
        self.observed.and_then(|observed| observed.get(column)).is_some_and(|observed| {
            let column_type = map::type_of(self.entity, column, Some(self.board));
            shows(column_type, value, observed)
        })
    }

    /// Whether an item that was taken over shows something in a column in which hand edits stay: nobody knows that it is none.
    fn is_kept(&self, column: &str) -> bool {
        let keeps = self.entity.columns.get(column).is_some_and(|column| column.on_edit == OnEdit::Keep);
        keeps && self.due.sent.is_observed(column)
    }

    /// The columns that cannot be mapped, without those that are known to fail with this very value.
    pub(crate) fn new_refusals(&self) -> Vec<(&String, &Refusal)> {
        let is_known = |column: &str, refusal: &Refusal| {
            self.failures.iter().any(|failure| {
                failure.is_of(column)
                    && failure.value.as_deref() == Some(refusal.value.as_str())
                    && !failure.is_retry_due(self.now)
            })
        };
        self.mapped.refused.iter().filter(|(column, refusal)| !is_known(column, refusal)).collect()
    }

    /// The failures of columns that are over: their value changed, they are no longer mapped, or the item shows the value.
    pub(crate) fn resolved(&self) -> Vec<&str> {
        let is_over = |failure: &FailureRow, column: &str| {
            let wanted = self.mapped.columns.get(column);
            // Another value that is refused takes the place of the one that was, and of its failure.
            !self.mapped.refused.contains_key(column)
                && (!self.stands(failure) || wanted.is_some_and(|value| self.is_observed(column, value)))
        };
        let of_columns = self.failures.iter().filter_map(|failure| Some((failure, failure.column.as_deref()?)));
        of_columns.filter(|(failure, column)| is_over(failure, column)).map(|(_, column)| column).collect()
    }

    /// Whether the entity as a whole failed, and nothing of it is left to send: a change that seemed to fail was made. That its
    /// item was missing says nothing about what is to be sent: only who sees the item back takes that back.
    pub(crate) fn has_recovered(&self, planned: &EntitySteps) -> bool {
        let is_over = |row: &FailureRow| !row.is_unread() && !row.cause.is_of_missing_item();
        planned.steps.is_empty() && self.failures.iter().any(|row| row.is_of_entity() && is_over(row))
    }
}

/// What becomes of the item of an entity that is gone, or was dissociated; `None`: nothing.
pub(crate) fn removal_step(entity: &KindConfig, on_delete: OnDelete, item: &ItemToRemove) -> Option<Step> {
    let item_id = item.row.item_id.clone();
    let step = |action: Action, mutation: Mutation, columns: Map<String, Value>| Step {
        action,
        mutation,
        columns,
        withheld: BTreeSet::new(),
    };
    if item.is_unlinked && !item.archive_item {
        let columns: Map<String, Value> = [(entity.key_column.clone()?, Value::Null)].into_iter().collect();
        return Some(step(Action::ClearKey, Mutation::Update { item_id, columns: columns.clone() }, columns));
    }
    match on_delete {
        _ if item.is_unlinked => Some(step(Action::Archive, Mutation::Archive { item_id }, Map::new())),
        OnDelete::Archive => Some(step(Action::Archive, Mutation::Archive { item_id }, Map::new())),
        OnDelete::Delete => Some(step(Action::Delete, Mutation::Delete { item_id }, Map::new())),
        OnDelete::Keep => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::kind_config;
    use crate::entity::Kind;
    use crate::failure::FailureCause;
    use crate::message::MondayText;
    use crate::store::EntityRow;
    use jiff::SignedDuration;
    use proptest::prelude::*;
    use serde_json::json;

    const COLUMNS: [&str; 3] = ["a", "b", "c"];
    const CONFIGURATION: &str =
        "[entities.unit]\nboard = 1\nkey_column = 'k'\n[entities.unit.columns]\na = 'A'\nb = 'B'\nc = 'C'\n";

    /// What a column should show: a value, or one that the mapping refuses.
    #[derive(Debug, Clone)]
    enum Wanted {
        Value(u8),
        Unfit(u8),
    }

    /// A monday that refuses some values, and to clear some columns.
    #[derive(Debug, Clone)]
    struct Board {
        refuses: BTreeMap<&'static str, BTreeSet<u8>>,
        keeps: BTreeSet<&'static str>,
    }

    impl Board {
        fn takes(&self, column: &str, value: &Value) -> bool {
            match value.as_str().and_then(|text| text.parse().ok()) {
                Some(number) => !self.refuses.get(column).is_some_and(|refused| refused.contains(&number)),
                None => !self.keeps.contains(column),
            }
        }
    }

    fn unit() -> &'static KindConfig {
        static UNIT: std::sync::OnceLock<KindConfig> = std::sync::OnceLock::new();
        UNIT.get_or_init(|| kind_config(Kind::UNIT, CONFIGURATION))
    }

    fn mapped(wanted: &[Wanted], clears: bool) -> Mapped {
        let mut mapped = Mapped { clears, ..Mapped::default() };
        for (column, wanted) in COLUMNS.into_iter().zip(wanted) {
            match wanted {
                Wanted::Value(number) => {
                    mapped.columns.insert(column.to_owned(), json!(number.to_string()));
                }
                Wanted::Unfit(number) => {
                    let refusal = Refusal {
                        cause: FailureCause::ValueUnfit,
                        error: MondayText::MondayLater {}.into(),
                        hint: MondayText::MondayLater {}.into(),
                        value: format!("unfit {number}"),
                        may_resolve: false,
                        clears: clears.then_some(Value::Null),
                    };
                    mapped.refused.insert(column.to_owned(), refusal);
                }
            }
        }
        mapped
    }

    fn failure(column: &str, value: String, now: Timestamp) -> FailureRow {
        FailureRow {
            column: Some(column.to_owned()),
            cause: FailureCause::ValueRefused,
            message: MondayText::MondayLater {}.into(),
            hint: None,
            value: Some(value),
            tries: 1,
            next_try_at: now.checked_add(SignedDuration::from_mins(5)).ok(),
            keeps_value: false,
        }
    }

    /// Plans and sends, as one run does, until nothing is left. Returns what was sent of each column, in order.
    fn run(
        wanted: &[Wanted],
        clears: bool,
        board: &Board,
        sent: &mut Map<String, Value>,
        failures: &mut Vec<FailureRow>,
    ) -> Vec<(String, Value)> {
        let (entity, mapped, now) = (unit(), mapped(wanted, clears), Timestamp::UNIX_EPOCH);
        let mut log = Vec::new();
        for _ in 0..10 {
            let due = Due {
                row: EntityRow {
                    id: 1,
                    kind: Kind::UNIT,
                    key: "1".to_owned(),
                    board: entity.board.clone(),
                    item_id: Some("7".to_owned()),
                },
                version: 1,
                send_all: false,
                record: String::new(),
                sent: SentColumns::from(sent.clone()),
            };
            let known = BoardColumns::new();
            let situation = Situation {
                entity,
                due: &due,
                mapped: &mapped,
                failures,
                observed: None,
                board: &known,
                mode: BatchMode::Normal,
                closed: &BTreeSet::new(),
                now,
            };
            let resolved: Vec<String> = situation.resolved().into_iter().map(str::to_owned).collect();
            let new: Vec<FailureRow> = situation
                .new_refusals()
                .into_iter()
                .map(|(column, refusal)| failure(column, refusal.value.clone(), now))
                .collect();
            let steps = situation.plan().steps;
            failures.retain(|row| !new.iter().any(|other| other.column == row.column));
            failures.extend(new);
            failures.retain(|row| !resolved.iter().any(|column| row.is_of(column)));
            if steps.is_empty() {
                return log;
            }
            for step in steps {
                log.extend(step.columns.clone());
                match step.columns.iter().find(|(column, value)| !board.takes(column, value)) {
                    None => sent.extend(step.columns),
                    Some((column, Value::Null)) if failures.iter().any(|row| row.is_of(column)) => {
                        failures.iter_mut().filter(|row| row.is_of(column)).for_each(|row| row.keeps_value = true);
                    }
                    Some((column, value)) => {
                        failures.retain(|row| !row.is_of(column));
                        failures.push(failure(column, value.to_string(), now));
                    }
                }
            }
        }
        panic!("it never ends: {log:?}");
    }

    fn some_wanted() -> impl Strategy<Value = Wanted> {
        prop_oneof![(0u8..4).prop_map(Wanted::Value), (0u8..2).prop_map(Wanted::Unfit)]
    }

    fn some_board() -> impl Strategy<Value = Board> {
        let refuses = proptest::collection::btree_map(
            prop::sample::select(&COLUMNS[..]),
            proptest::collection::btree_set(0u8..4, 0..3),
            0..3,
        );
        let keeps = proptest::collection::btree_set(prop::sample::select(&COLUMNS[..]), 0..2);
        (refuses, keeps).prop_map(|(refuses, keeps)| Board { refuses, keeps })
    }

    proptest! {
        #[test]
        fn a_column_shows_what_it_should_or_nothing_and_nothing_is_sent_twice(
            histories in proptest::collection::vec(proptest::collection::vec(some_wanted(), 3), 1..5),
            clears: bool,
            board in some_board(),
        ) {
            let (mut sent, mut failures) = (Map::new(), Vec::new());
            for wanted in histories {
                let before = sent.clone();
                run(&wanted, clears, &board, &mut sent, &mut failures);
                for (column, wanted) in COLUMNS.into_iter().zip(&wanted) {
                    let value = match wanted {
                        Wanted::Value(number) => Some(json!(number.to_string())),
                        Wanted::Unfit(_) => None,
                    };
                    let is_right = value.filter(|value| board.takes(column, value));
                    let has_failed = failures.iter().any(|row| row.is_of(column));
                    match is_right {
                        Some(value) => prop_assert_eq!((sent.get(column), has_failed), (Some(&value), false)),
                        None if clears && !board.keeps.contains(column) => {
                            prop_assert_eq!((sent.get(column), has_failed), (Some(&Value::Null), true));
                        }
                        None => prop_assert_eq!((sent.get(column), has_failed), (before.get(column), true)),
                    }
                }
                let again = run(&wanted, clears, &board, &mut sent, &mut failures);
                prop_assert!(again.is_empty(), "sent once more: {again:?}");
            }
        }
    }
}
