//! Comparison of what items show with what was sent to them. Reads the store, asks nobody.

use super::Setup;
use super::catalog::Catalog;
use super::items::content_of;
use crate::config::{KindConfig, OnEdit};
use crate::entity::{EntityKey, Kind};
use crate::monday::Item;
use crate::monday::column::{ColumnContent, ColumnType, shows, value_text};
use crate::plan::map::{self, BoardColumns, NAME};
use crate::plan::sent;
use crate::store::{Linked, ShownForm, Store};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Kind of difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum DifferenceKind {
    /// A column shows something else than what was sent.
    Edited,
    /// The key column does.
    Key,
    /// The item is no longer on its board.
    Missing,
    /// Another item bears its key.
    Double,
}

/// Difference between a board and what was sent to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    /// The store's number of the entity.
    pub(crate) id: i64,
    /// Its kind.
    pub(crate) kind: Kind,
    /// Its key.
    pub(crate) key: String,
    /// Its item, or the other one that bears its key.
    pub(crate) item_id: String,
    /// The column; `None` where the item is missing.
    pub(crate) column: Option<String>,
    /// What was sent, as people read it.
    pub(crate) expected: Option<String>,
    /// What the item shows, as people read it.
    pub(crate) found: Option<String>,
    /// What kind of difference.
    pub(crate) difference: DifferenceKind,
    /// Whether the configuration lets it stand.
    pub(crate) is_kept: bool,
    /// What the item shows, to stand in place of what was sent.
    pub(crate) observed: Option<String>,
    /// What may be the board's own form of the value.
    pub(crate) form: Option<ShownForm>,
}

impl Difference {
    /// What names it.
    pub(crate) fn entity_key(&self) -> EntityKey {
        EntityKey::new(self.kind, self.key.clone())
    }
}

impl Difference {
    /// That another item, which nobody holds, bears an entity's key.
    pub(crate) fn double(linked: &Linked, item: &str, key_column: &str) -> Difference {
        Difference {
            item_id: item.to_owned(),
            column: Some(key_column.to_owned()),
            found: Some(linked.row.entity_key().to_string()),
            difference: DifferenceKind::Double,
            ..Difference::missing(linked)
        }
    }

    /// That an entity's item is no longer on its board.
    pub(crate) fn missing(linked: &Linked) -> Difference {
        Difference {
            id: linked.row.id,
            kind: linked.row.kind,
            key: linked.row.key.clone(),
            item_id: linked.row.item_id.clone(),
            column: None,
            expected: None,
            found: None,
            difference: DifferenceKind::Missing,
            is_kept: false,
            observed: None,
            form: None,
        }
    }
}

/// So often a value is sent again that a board shows otherwise; after that it counts as the board's form of the value.
pub(crate) const ROUNDS_OF_A_FORM: u32 = 2;
/// So long after our own change monday's clock, or the answer's way, may place it.
const TOUCHED_AFTER: SignedDuration = SignedDuration::from_secs(5);

/// Whether an item was changed after our last change of it.
fn is_touched(item: &Item, linked: &Linked) -> bool {
    let ours = linked.pushed_at.and_then(|at| at.checked_add(TOUCHED_AFTER).ok());
    item.updated_at.zip(ours).is_some_and(|(updated, ours)| updated > ours)
}

/// Comparison of a board with what was sent to it.
#[derive(Debug, Default)]
pub(crate) struct Compared {
    pub(crate) differences: Vec<Difference>,
    /// The entities whose items were not among those read.
    pub(crate) absent: Vec<Linked>,
    /// The entities that stand as missing, and still are.
    pub(crate) missing: Vec<Linked>,
    /// The entities that stood as missing and are there again.
    pub(crate) returned: Vec<Linked>,
    /// What the items of pushed entities show.
    pub(crate) observed: HashMap<i64, BTreeMap<String, ColumnContent>>,
}

/// Compares what the items of these kinds show with what was sent.
///
/// # Errors
/// Where the store cannot be read.
pub(crate) fn compare(
    setup: Setup<'_>,
    catalog: &Catalog<'_>,
    store: &Store,
    board: &str,
    kinds: &[Kind],
    items: &[Item],
    linked: &[Linked],
) -> anyhow::Result<Compared> {
    let by_id: HashMap<&str, &Item> = items.iter().map(|item| (item.id.as_str(), item)).collect();
    let columns = catalog.columns(board).cloned().unwrap_or_default();
    let missing = store.missing_items()?;
    let forms = store.shown_forms(board)?;
    let mut compared = Compared::default();
    for linked in linked.iter().filter(|linked| linked.is_pushed && kinds.contains(&linked.row.kind)) {
        let stands_as_missing = linked.missing_item.as_ref() == Some(&linked.row.item_id);
        let Some(item) = by_id.get(linked.row.item_id.as_str()) else {
            let absent = if stands_as_missing { &mut compared.missing } else { &mut compared.absent };
            absent.push(linked.clone());
            continue;
        };
        if stands_as_missing {
            compared.returned.push(linked.clone());
        }
        let observed = content_of(item);
        let config = setup.kind(linked.row.kind);
        let comparison = Comparison { config, columns: &columns, missing: &missing, forms: &forms };
        compared.differences.extend(comparison.differences(linked, &observed, is_touched(item, linked)));
        compared.observed.insert(linked.row.id, observed);
    }
    Ok(compared)
}

/// Terms by which the items of one kind are compared.
struct Comparison<'c> {
    config: &'c KindConfig,
    columns: &'c BoardColumns,
    missing: &'c HashSet<String>,
    forms: &'c HashMap<(i64, String), Vec<ShownForm>>,
}

impl Comparison<'_> {
    /// `is_touched`: somebody changed the item since, so that what differs may be a hand edit.
    fn differences(
        &self,
        linked: &Linked,
        observed: &BTreeMap<String, ColumnContent>,
        is_touched: bool,
    ) -> Vec<Difference> {
        let differs = |(column, sent): (&String, &Value)| {
            let is_key = self.config.key_column.as_ref() == Some(column);
            let is_ours = is_key || column == NAME || self.config.columns.contains_key(column);
            let observed = observed.get(column).filter(|_| is_ours)?;
            if self.is_observed(column, sent, observed) {
                return None;
            }
            let form = self.form_of(column, sent, observed).filter(|_| !is_key);
            let mut known = self.forms.get(&(linked.row.id, column.clone())).into_iter().flatten();
            let is_known =
                |form: &ShownForm| known.any(|known| known.rounds >= ROUNDS_OF_A_FORM && known.is_same(form));
            if form.as_ref().is_some_and(is_known) {
                return None;
            }
            let is_kept = self.config.columns.get(column).is_some_and(|column| column.on_edit == OnEdit::Keep);
            Some(Difference {
                id: linked.row.id,
                kind: linked.row.kind,
                key: linked.row.key.clone(),
                item_id: linked.row.item_id.clone(),
                expected: value_text(sent),
                found: sent::text(observed),
                difference: if is_key { DifferenceKind::Key } else { DifferenceKind::Edited },
                is_kept,
                observed: sent::text(observed),
                form: form.filter(|_| !is_touched),
                column: Some(column.clone()),
            })
        };
        linked.sent.values().filter_map(differs).collect()
    }

    /// What a column shows in place of a value, where a board may show values in a form of its own: not a blank, and no other
    /// label, box or connection, which say something else.
    fn form_of(&self, column: &str, sent: &Value, observed: &ColumnContent) -> Option<ShownForm> {
        use ColumnType::{BoardRelation, Checkbox, Dropdown, Status};
        let column_type = map::type_of(self.config, column, Some(self.columns));
        if matches!(column_type, Status | Dropdown | Checkbox | BoardRelation) || sent.is_null() {
            return None;
        }
        Some(ShownForm { sent: sent.to_string(), shown: sent::text(observed)?, rounds: 0 })
    }

    fn is_observed(&self, column: &str, sent: &Value, observed: &ColumnContent) -> bool {
        let column_type = map::type_of(self.config, column, Some(self.columns));
        if column_type == ColumnType::BoardRelation {
            let ids = sent.get("item_ids").and_then(Value::as_array).into_iter().flatten();
            let name = |id: &Value| id.as_str().map_or_else(|| id.to_string(), str::to_owned);
            let there = ids.filter(|id| !self.missing.contains(&name(id)));
            return shows(column_type, &json!({"item_ids": there.collect::<Vec<_>>()}), observed);
        }
        shows(column_type, sent, observed)
    }
}
