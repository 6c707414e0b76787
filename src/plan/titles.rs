//! Columns as people know them: by the titles above them.

use super::known::known_columns;
use super::map::NAME;
use crate::config::{Column, Config, Source};
use crate::entity::Kind;
use crate::store::Store;
use crate::text::case_folded;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// Titles of the columns of every kind's board, as they were last read, and what in HApi the columns are made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ColumnTitles {
    titles: BTreeMap<Kind, BTreeMap<String, String>>,
    properties: BTreeMap<Kind, BTreeMap<String, String>>,
}

/// Those of a store in which no board was read yet.
static NONE: ColumnTitles = ColumnTitles { titles: BTreeMap::new(), properties: BTreeMap::new() };

impl ColumnTitles {
    /// None at all.
    pub(crate) fn none() -> &'static ColumnTitles {
        &NONE
    }

    /// Those that a store knows.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn of(config: &Config, store: &Store) -> anyhow::Result<ColumnTitles> {
        let mut titles = ColumnTitles::default();
        for entity in &config.kinds {
            let properties = entity.columns.iter().filter_map(|(id, column)| Some((id.clone(), property_of(column)?)));
            titles.properties.insert(entity.kind, properties.collect());
            let Some(board) = &entity.board else { continue };
            let Some(columns) = known_columns(store, board)? else { continue };
            let read =
                columns.into_values().filter(|column| !column.title.trim().is_empty() && column.title != column.id);
            titles.titles.insert(entity.kind, read.map(|column| (column.id, column.title)).collect());
        }
        Ok(titles)
    }

    /// What stands above a column.
    pub(crate) fn title(&self, kind: Kind, id: &str) -> Option<&str> {
        self.titles.get(&kind)?.get(id).map(String::as_str)
    }

    /// The one property of HApi that a column is made of.
    pub(crate) fn property(&self, kind: Kind, id: &str) -> Option<&str> {
        self.properties.get(&kind)?.get(id).map(String::as_str)
    }

    /// A column with its title, as a list of what may be typed has it: `Loyer (numbers_1)`.
    pub(crate) fn with_id(&self, kind: Kind, id: &str) -> String {
        self.title(kind, id).map_or_else(|| id.to_owned(), |title| format!("{title} ({id})"))
    }

    /// The id of the column that a person means, by its id or by its title; `None`: none, or several.
    pub(crate) fn find<'c>(&self, kind: Kind, typed: &str, ids: impl Iterator<Item = &'c str>) -> Option<&'c str> {
        let ids: Vec<&str> = ids.collect();
        if let Some(id) = ids.iter().find(|id| **id == typed) {
            return Some(id);
        }
        let wanted = case_folded(typed.trim());
        if wanted == "nom" {
            return ids.into_iter().find(|id| *id == NAME);
        }
        let mut alike =
            ids.into_iter().filter(|id| self.title(kind, id).is_some_and(|title| case_folded(title) == wanted));
        alike.next().filter(|_| alike.next().is_none())
    }
}

/// Titles as far as they are known by now: nothing is known of them until a store was opened.
#[derive(Debug, Clone, Default)]
pub(crate) struct KnownTitles(Arc<Learned>);

/// Titles as they were learned.
#[derive(Debug, Default)]
struct Learned {
    before_run: OnceLock<ColumnTitles>,
    after_run: OnceLock<ColumnTitles>,
}

impl KnownTitles {
    /// Learns what columns are called; the first time counts, until a run has ended.
    pub(crate) fn learn(&self, titles: impl FnOnce() -> Option<ColumnTitles>) {
        if self.0.before_run.get().is_none()
            && let Some(titles) = titles()
        {
            // Another thread may have been faster, and knows the same.
            let _ = self.0.before_run.set(titles);
        }
    }

    /// Learns what columns are called after a run, which may have read boards that were not known before.
    pub(crate) fn learn_after_run(&self, titles: ColumnTitles) {
        let _ = self.0.after_run.set(titles);
    }

    /// What columns are called.
    pub(crate) fn get(&self) -> &ColumnTitles {
        self.0.after_run.get().or_else(|| self.0.before_run.get()).unwrap_or(&NONE)
    }
}

fn property_of(column: &Column) -> Option<String> {
    match &column.source {
        Source::Field(property) => Some(property.clone()),
        Source::Template(_) | Source::Relation(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_found_by_its_id_and_by_a_title_that_only_one_has() {
        let of_unit = [("a", "Loyer"), ("b", "Date"), ("c", "date")];
        let of_unit = of_unit.map(|(id, title)| (id.to_owned(), title.to_owned())).into_iter().collect();
        let titles =
            ColumnTitles { titles: [(Kind::UNIT, of_unit)].into_iter().collect(), properties: BTreeMap::new() };
        let find = |typed: &str| titles.find(Kind::UNIT, typed, ["a", "b", "c", NAME].into_iter());
        assert_eq!((find("a"), find(" LOYER "), find("b")), (Some("a"), Some("a"), Some("b")));
        assert_eq!((find("Date"), find("Rent"), find("nom")), (None, None, Some(NAME)));
        assert_eq!(titles.find(Kind::TENANT, "Loyer", ["a"].into_iter()), None);
    }
}
