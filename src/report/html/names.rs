//! What an entity and its columns are called on a page, and where its item is to be seen.

use crate::entity::Kind;
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
    pub(crate) items: BTreeMap<String, String>,
    /// The names of entities.
    pub(crate) names: BTreeMap<String, String>,
    /// Whether texts that may name persons are shown.
    pub(crate) shows_names: bool,
}

impl PageNames {
    /// The entity, as a link where its item's address is known.
    pub(super) fn entity(&self, entity: &str) -> Markup {
        let url = self.url(entity);
        html! {
            @match url {
                // Only an address of the web is one that may be followed.
                Some(url) if url.starts_with("https://") => { a href=(url) rel="noreferrer" { (entity) } },
                _ => (entity),
            }
        }
    }

    fn url(&self, entity: &str) -> Option<String> {
        let board = self.board_of(entity)?.url.as_deref()?;
        Some(format!("{}/pulses/{}", board.trim_end_matches('/'), self.items.get(entity)?))
    }

    fn board_of(&self, entity: &str) -> Option<&BoardNames> {
        let kind = entity.split(':').next().and_then(Kind::named)?;
        self.boards.get(&kind)
    }

    /// The name of an entity, where names are shown.
    pub(super) fn name(&self, entity: &str) -> Option<&str> {
        self.names.get(entity).filter(|_| self.shows_names).map(String::as_str)
    }

    /// The title of an entity's column; its id where that is not known.
    pub(super) fn title<'f>(&'f self, entity: &str, column: &'f str) -> &'f str {
        self.board_of(entity).and_then(|board| board.columns.get(column)).map_or(column, |(title, _)| title)
    }

    /// The text of an entity's column, unless it may name a person and names are not shown.
    pub(super) fn value<'f>(&self, entity: &str, column: &str, text: Option<&'f str>) -> &'f str {
        let known = self.board_of(entity).and_then(|board| board.columns.get(column));
        let is_impersonal = known.is_some_and(|(_, column_type)| IMPERSONAL.contains(&column_type.as_str()));
        match text {
            None | Some("") => "∅",
            Some(text) if self.shows_names || is_impersonal => text,
            Some(_) => HIDDEN,
        }
    }
}
