//! What an entity and its columns are called on a page, and where its item is to be seen.

use crate::entity::{EntityKey, Kind};
use maud::{Markup, html};
use std::collections::BTreeMap;

/// Types of columns whose text names no person: all others may.
const IMPERSONAL: [&str; 7] = ["numbers", "status", "dropdown", "date", "timeline", "checkbox", "country"];
/// What stands for a text that may name a person.
const HIDDEN: &str = "•••";

/// Names on a kind's board: its address, and what its columns are called.
#[derive(Debug, Clone, Default)]
pub(crate) struct BoardNames {
    /// The board's address.
    pub(crate) url: Option<String>,
    /// Title and type of each column by its id.
    pub(crate) columns: BTreeMap<String, (String, String)>,
}

/// Names of all that a page shows.
#[derive(Debug, Clone, Default)]
pub(crate) struct PageNames {
    /// The boards.
    pub(crate) boards: BTreeMap<Kind, BoardNames>,
    /// The items of entities.
    pub(crate) items: BTreeMap<EntityKey, String>,
    /// The names of entities.
    pub(crate) names: BTreeMap<EntityKey, String>,
    /// Whether texts that may name persons are shown.
    pub(crate) shows_names: bool,
}

impl PageNames {
    /// The entity, as a link where its item's address is known.
    pub(super) fn entity(&self, entity: &EntityKey) -> Markup {
        let url = self.url(entity);
        html! {
            @match url {
                // Only an address of the web is one that may be followed.
                Some(url) if url.starts_with("https://") => { a href=(url) rel="noreferrer" { (entity.to_string()) } },
                _ => (entity.to_string()),
            }
        }
    }

    fn url(&self, entity: &EntityKey) -> Option<String> {
        let board = self.boards.get(&entity.kind)?.url.as_deref()?;
        Some(format!("{}/pulses/{}", board.trim_end_matches('/'), self.items.get(entity)?))
    }

    /// The name of an entity, where names are shown.
    pub(super) fn name(&self, entity: &EntityKey) -> Option<&str> {
        self.names.get(entity).filter(|_| self.shows_names).map(String::as_str)
    }

    fn column(&self, kind: Kind, column: &str) -> Option<&(String, String)> {
        self.boards.get(&kind)?.columns.get(column)
    }

    /// The title of a column of a kind; its id where that is not known.
    pub(super) fn title<'f>(&'f self, kind: Kind, column: &'f str) -> &'f str {
        self.column(kind, column).map_or(column, |(title, _)| title)
    }

    /// The text of a column of a kind, unless it may name a person and names are not shown.
    pub(super) fn value<'f>(&self, kind: Kind, column: &str, text: Option<&'f str>) -> &'f str {
        let known = self.column(kind, column);
        let is_impersonal = known.is_some_and(|(_, column_type)| IMPERSONAL.contains(&column_type.as_str()));
        match text {
            None | Some("") => "∅",
            Some(text) if self.shows_names || is_impersonal => text,
            Some(_) => HIDDEN,
        }
    }
}
