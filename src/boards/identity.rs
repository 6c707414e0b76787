//! Identity of entities and items: what the columns that identify a kind should show, and what they do.

use super::Setup;
use crate::config::KindConfig;
use crate::monday::Item;
use crate::monday::column::value_text;
use crate::plan::map::{self, BoardColumns, Mapped, Rules};
use crate::plan::relations::parents_of;
use crate::store::{Entity, Store};
use crate::text::{nfc, trimmed};
use serde_json::Value;
use std::collections::BTreeSet;

/// What the item of an entity should show, as if every label could be made; `None`: its record is none. What HApi has, and the record
/// lacks, is null, as it is where the entity is pushed.
///
/// # Errors
/// Where the store cannot be read.
pub(crate) fn wanted_of(
    setup: Setup<'_>,
    store: &Store,
    columns: Option<&BoardColumns>,
    stored: &Entity,
) -> anyhow::Result<Option<Mapped>> {
    let (config, kind) = (setup.kind(stored.row.kind), stored.row.kind);
    let Ok(record) = setup.derivation.get(kind).record(&stored.record) else { return Ok(None) };
    let rules = Rules { create_labels: true, ..Rules::of(setup.config) };
    let parents = parents_of(store, setup.config, setup.derivation, kind, &record)?;
    Ok(Some(map::map(config, &stored.row.key, &record, columns, rules, &parents)))
}

/// What the identity columns of an entity should show; `None` where its kind has none, or one of them is blank. A column that connects
/// items says which, in any order.
pub(crate) fn identity_of(config: &KindConfig, wanted: &Mapped) -> Option<Vec<String>> {
    let value = |column: &String| {
        let value = wanted.columns.get(column)?;
        match value.get("item_ids").and_then(Value::as_array) {
            Some(items) => {
                connected(items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned)))
            }
            None => value_text(value),
        }
    };
    let values = config.identity.iter().map(value);
    values.collect::<Option<Vec<String>>>().filter(|identity| !identity.is_empty())
}

/// Items that a column connects to, in an order of their own; `None`: none.
fn connected(items: impl Iterator<Item = String>) -> Option<String> {
    let items: BTreeSet<String> = items.collect();
    (!items.is_empty()).then(|| items.into_iter().collect::<Vec<_>>().join(", "))
}

/// What an item shows in the columns that identify its kind; `None` where the kind has none, or one of them is blank.
pub(crate) fn identity_observed(config: &KindConfig, item: &Item) -> Option<Vec<String>> {
    let text = |column: &String| {
        let content = item.columns.get(column)?;
        let text = content.text.as_deref().map(|text| nfc(trimmed(text)).into_owned());
        text.filter(|text| !text.is_empty()).or_else(|| connected(content.linked_item_ids.iter().flatten().cloned()))
    };
    config.identity.iter().map(text).collect::<Option<Vec<String>>>().filter(|identity| !identity.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::kind_config;
    use crate::entity::Kind;
    use crate::monday::column::ColumnContent;
    use serde_json::json;
    use std::collections::BTreeMap;

    const UNITS: &str = "[entities.unit]\nidentity = ['a', 'b']\n[entities.unit.columns]\na = 'A'\nb = 'B'\n";

    fn item(columns: &[(&str, &str)]) -> Item {
        let content = |text: &str| ColumnContent { text: Some(text.to_owned()), ..ColumnContent::default() };
        let columns = columns.iter().map(|(id, text)| ((*id).to_owned(), content(text))).collect();
        Item { id: "7".to_owned(), name: String::new(), columns, created_at: None, updated_at: None }
    }

    #[test]
    fn what_is_blank_or_not_configured_identifies_nobody() {
        let units = kind_config(Kind::UNIT, UNITS);
        let wanted = |columns: serde_json::Value| {
            let columns = columns.as_object().cloned().expect("an object");
            identity_of(&units, &Mapped { columns, ..Mapped::default() })
        };
        let both = Some(vec!["x".to_owned(), "2".to_owned()]);
        assert_eq!(wanted(json!({"a": "x", "b": "2", "c": "z"})), both);
        assert_eq!(identity_observed(&units, &item(&[("a", " x "), ("b", "2")])), both);
        assert_eq!((wanted(json!({"a": "x"})), wanted(json!({"a": "x", "b": null}))), (None, None));
        assert_eq!(identity_observed(&units, &item(&[("a", "x"), ("b", " ")])), None);
        let items = |ids: &[&str]| ColumnContent {
            linked_item_ids: Some(ids.iter().map(|id| (*id).to_owned()).collect()),
            ..ColumnContent::default()
        };
        let mut connecting = item(&[("a", "x")]);
        connecting.columns.insert("b".to_owned(), items(&["9", "10"]));
        assert_eq!(identity_observed(&units, &connecting), wanted(json!({"a": "x", "b": {"item_ids": [10, 9]}})));
        assert!(identity_observed(&units, &connecting).is_some());
        connecting.columns.insert("b".to_owned(), items(&[]));
        assert_eq!(
            (identity_observed(&units, &connecting), wanted(json!({"a": "x", "b": {"item_ids": []}}))),
            (None, None)
        );
        let plain = kind_config(Kind::UNIT, "[entities.unit.columns]\na = 'A'\n");
        assert_eq!(identity_of(&plain, &Mapped { refused: BTreeMap::new(), ..Mapped::default() }), None);
        assert_eq!(identity_observed(&plain, &item(&[("a", "x")])), None);
    }
}
