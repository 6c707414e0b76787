//! Identity of entities and items: what the columns that identify a kind should show, and what they do.

use super::Setup;
use crate::config::KindConfig;
use crate::monday::Item;
use crate::monday::column::value_text;
use crate::plan::map::{self, BoardColumns, Mapped, Rules};
use crate::plan::relations::parent_of;
use crate::store::{Entity, Store};
use crate::text::{nfc, trimmed};

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
    let parent = |parent| parent_of(store, setup.config, setup.derivation, kind, &record, parent);
    map::map(config, &stored.row.key, &record, columns, rules, parent).map(Some)
}

/// What the identity columns of an entity should show; `None` where its kind has none, or one of them is blank.
pub(crate) fn identity_of(config: &KindConfig, wanted: &Mapped) -> Option<Vec<String>> {
    let values = config.identity.iter().map(|column| value_text(wanted.columns.get(column)?));
    values.collect::<Option<Vec<String>>>().filter(|identity| !identity.is_empty())
}

/// What an item shows in the columns that identify its kind; `None` where the kind has none, or one of them is blank.
pub(crate) fn identity_observed(config: &KindConfig, item: &Item) -> Option<Vec<String>> {
    let text = |column: &String| {
        let text = item.columns.get(column)?.text.as_deref().map(|text| nfc(trimmed(text)).into_owned());
        text.filter(|text| !text.is_empty())
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
        let plain = kind_config(Kind::UNIT, "[entities.unit.columns]\na = 'A'\n");
        assert_eq!(identity_of(&plain, &Mapped { refused: BTreeMap::new(), ..Mapped::default() }), None);
        assert_eq!(identity_observed(&plain, &item(&[("a", "x")])), None);
    }
}
