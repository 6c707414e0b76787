//! Plan of a push: the changes that it would make, as a value. A dry run works on a copy of the store and records there what a real
//! run records, so that its plan is what the copy says.

use super::writer::Price;
use crate::entity::EntityKey;
use crate::store::{ChangeAction, ColumnChange, Store};
use std::collections::BTreeMap;

/// Change that is planned for one entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlannedChange {
    /// The entity.
    pub(crate) entity: EntityKey,
    /// What would be done.
    pub(crate) action: ChangeAction,
    /// Old and new text of each column.
    pub(crate) columns: BTreeMap<String, ColumnChange>,
}

/// Plan of a push: its changes in the order in which they are made, and what they cost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The changes.
    pub(crate) changes: Vec<PlannedChange>,
    /// What they cost.
    pub(crate) price: Price,
}

impl Plan {
    /// The plan that a run recorded in a store.
    ///
    /// # Errors
    /// Where the store cannot be read, or holds what this program does not know.
    pub(crate) fn of_run(store: &Store, run: i64, price: Price) -> anyhow::Result<Plan> {
        let mut changes = Vec::new();
        store.each_change_in(run, |change| {
            changes.push(PlannedChange {
                entity: EntityKey::new(change.kind, change.key),
                action: change.action,
                columns: change.columns,
            });
            Ok(())
        })?;
        Ok(Plan { changes, price })
    }

    /// Whether nothing would be changed.
    pub(crate) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// How many of its changes do this.
    pub(crate) fn count(&self, action: ChangeAction) -> u64 {
        self.changes.iter().filter(|change| change.action == action).count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::Kind;
    use crate::store::{Change, RunCause};
    use jiff::Timestamp;

    #[test]
    fn a_plan_is_what_its_run_recorded_in_its_order() {
        let mut store = Store::in_memory().expect("a store");
        let change = |run, key: &str, action, columns: &str| Change {
            run: Some(run),
            at: Timestamp::UNIX_EPOCH,
            kind: Kind::UNIT,
            key: key.to_owned(),
            action,
            columns: serde_json::from_str(columns).expect("columns"),
        };
        let (other, run) = store
            .write(|tx| {
                Ok((
                    tx.begin_run("push", RunCause::Command, Timestamp::UNIX_EPOCH)?,
                    tx.begin_run("push", RunCause::Command, Timestamp::UNIX_EPOCH)?,
                ))
            })
            .expect("two runs");
        store
            .write(|tx| {
                tx.add_change(&change(other, "9", ChangeAction::Create, "{}"))?;
                tx.add_change(&change(run, "7", ChangeAction::Archive, "{}"))?;
                tx.add_change(&change(run, "1", ChangeAction::Update, r#"{"rent": {"old": null, "new": "950"}}"#))
            })
            .expect("written");
        let plan = Plan::of_run(&store, run, Price::default()).expect("a plan");
        let planned =
            |key: &str, action, columns| PlannedChange { entity: EntityKey::new(Kind::UNIT, key), action, columns };
        let rent = ColumnChange { old: None, new: Some("950".to_owned()) };
        let expected = [
            planned("7", ChangeAction::Archive, BTreeMap::new()),
            planned("1", ChangeAction::Update, BTreeMap::from([("rent".to_owned(), rent)])),
        ];
        assert_eq!(plan.changes, expected);
        assert_eq!((plan.count(ChangeAction::Update), plan.count(ChangeAction::Create)), (1, 0));
        assert!(!plan.is_empty() && Plan::default().is_empty());
    }
}
