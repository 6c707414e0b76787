//! Boards to be made: for each kind a board whose columns take what the configuration maps. Pure.

use super::proposal::{KEY_COLUMN, column_type};
use super::survey::{PropertySurvey, Survey};
use super::titles;
use crate::config::{Column, Config, Source};
use crate::entity::Kind;
use crate::message::{InitText, Lang};
use crate::monday::column::{BoardColumn, ColumnType};
use crate::monday::structure::{MOST_STATUS_LABELS, NewBoard, NewColumn};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// What the mark of every board begins with.
const MARK: &str = "[hopem-sync ";

/// Plan of a board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BoardPlan {
    /// The kind whose items it takes.
    pub(crate) kind: Kind,
    /// What stands in its description and in no other board's: by it the board is found again.
    pub(crate) marker: String,
    /// The board.
    pub(crate) board: NewBoard,
    /// Its columns, the key column first.
    pub(crate) columns: Vec<ColumnPlan>,
}

/// Plan of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ColumnPlan {
    /// The column; the boards that it connects to are not known yet.
    pub(crate) column: NewColumn,
    /// The kind whose board it connects to.
    pub(crate) connects_to: Option<Kind>,
}

impl BoardPlan {
    /// The plan of a kind's board. `survey`: what its records hold, where that was seen.
    pub(crate) fn of(config: &Config, kind: Kind, survey: Option<&Survey>, lang: Lang) -> BoardPlan {
        let settings = config.kind(kind);
        let marker = marker(config, kind);
        let description = InitText::BoardDescription { kind: kind_name(kind, lang), marker: marker.clone() }.text(lang);
        let board = NewBoard { name: titles::board(kind, lang).to_owned(), description };
        let key_column = settings.key_column.as_deref().unwrap_or(KEY_COLUMN);
        let mut columns = vec![ColumnPlan { column: key(key_column, kind, lang), connects_to: None }];
        columns.extend(settings.columns.iter().map(|(id, column)| planned(kind, id, column, survey, lang)));
        BoardPlan { kind, marker, board, columns }
    }

    /// The same with its columns in this order, behind the key column; others stand at the end.
    pub(crate) fn in_order(mut self, order: &[String]) -> BoardPlan {
        let place = |plan: &ColumnPlan| order.iter().position(|id| *id == plan.column.id).unwrap_or(order.len());
        if let Some((_, columns)) = self.columns.split_first_mut() {
            columns.sort_by_key(place);
        }
        self
    }

    /// The columns that a board lacks, connected to the boards of their parents. One whose parent has no board is left out.
    pub(crate) fn missing(
        &self,
        present: &BTreeMap<String, BoardColumn>,
        boards: &BTreeMap<Kind, String>,
    ) -> Vec<NewColumn> {
        let missing = self.columns.iter().filter(|plan| !present.contains_key(&plan.column.id));
        missing
            .filter_map(|plan| match plan.connects_to {
                None => Some(plan.column.clone()),
                Some(parent) => {
                    let boards = vec![boards.get(&parent)?.clone()];
                    Some(NewColumn { boards, ..plan.column.clone() })
                }
            })
            .collect()
    }
}

/// A kind as people of that language write it in a configuration.
fn kind_name(kind: Kind, lang: Lang) -> String {
    kind.french().filter(|_| lang == Lang::Fr).unwrap_or(kind.name()).to_owned()
}

/// The kind that a board was made for, by any configuration, as its description says.
pub(crate) fn made_for(description: &str) -> Option<Kind> {
    let (_, mark) = description.split_once(MARK)?;
    Kind::parse(mark.split(' ').next()?)
}

/// The text column that holds the key of each item.
pub(crate) fn key(id: &str, kind: Kind, lang: Lang) -> NewColumn {
    NewColumn {
        id: id.to_owned(),
        title: titles::key_column(lang).to_owned(),
        description: InitText::KeyColumnDescription { one: titles::one_of(kind, lang).to_lowercase() }.text(lang),
        column_type: ColumnType::Text,
        labels: Vec::new(),
        boards: Vec::new(),
    }
}

/// What distinguishes a board from all others: whose data it shows, and of which kind. It is the same whenever it is asked for, so that a
/// board is found again though the store was lost.
fn marker(config: &Config, kind: Kind) -> String {
    let [url, username] = config.hapi.without_default().map(|(_, value)| value.unwrap_or_default());
    let digest = Sha256::digest(format!("{url}\n{username}"));
    let short: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!("{MARK}{kind} {short}]")
}

fn planned(kind: Kind, id: &str, column: &Column, survey: Option<&Survey>, lang: Lang) -> ColumnPlan {
    let property = match &column.source {
        Source::Field(name) => survey.filter(|_| column.of.is_none()).and_then(|survey| survey.property(name)),
        Source::Template(_) | Source::Relation(_) => None,
    };
    let connects_to = match column.source {
        Source::Relation(parent) => Some(parent),
        Source::Field(_) | Source::Template(_) => None,
    };
    let column_type = type_of(column, property);
    let source = format!("{}.{}", kind_name(column.of.unwrap_or(kind), lang), source(&column.source, lang));
    let column = NewColumn {
        id: id.to_owned(),
        title: titles::column(column, lang),
        description: InitText::ColumnDescription { source }.text(lang),
        column_type,
        labels: labels(column, column_type, property),
        boards: Vec::new(),
    };
    ColumnPlan { column, connects_to }
}

fn type_of(column: &Column, property: Option<&PropertySurvey>) -> ColumnType {
    match (&column.source, column.column_type) {
        (Source::Relation(_), _) => ColumnType::BoardRelation,
        (_, Some(known)) => known,
        (_, None) if !column.values.is_empty() => ColumnType::Status,
        (Source::Template(_), None) => ColumnType::Text,
        (Source::Field(_), None) => property.and_then(column_type).unwrap_or(ColumnType::Text),
    }
}

/// The source of a column, as the configuration writes it.
fn source(source: &Source, lang: Lang) -> String {
    match source {
        Source::Field(name) => name.clone(),
        Source::Template(template) => template.properties().collect::<Vec<_>>().join("+"),
        Source::Relation(parent) => kind_name(*parent, lang),
    }
}

/// The labels that items can get: what stands for the codes, else the values that were seen, and what stands for all others.
fn labels(column: &Column, column_type: ColumnType, property: Option<&PropertySurvey>) -> Vec<String> {
    if !matches!(column_type, ColumnType::Status | ColumnType::Dropdown) {
        return Vec::new();
    }
    let seen = property.and_then(PropertySurvey::choices).into_iter().flat_map(BTreeMap::keys);
    // With a default label, values that are not listed need no label of their own.
    let seen = seen.filter(|value| column.default.is_none() && !column.values.contains_key(*value));
    let mut labels: Vec<String> = Vec::new();
    for label in column.values.values().chain(seen).chain(&column.default) {
        let fits = column_type == ColumnType::Dropdown || label.chars().count() <= super::LONGEST_LABEL;
        if fits && !label.trim().is_empty() && !labels.contains(label) && labels.len() < MOST_STATUS_LABELS {
            labels.push(label.clone());
        }
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::config;
    use crate::entity::Record;
    use crate::monday::column::Blanks;

    fn plan() -> BoardPlan {
        let config = config(
            "[hapi]\nurl = 'https://h'\nusername = 'u'\n[entities.unit.columns]\na = 'UnitCode'\nb = 'Rent'\n\
             c = { field = 'S', values = { V = 'Vacant', L = 'Loué', M = 'Loué' }, default = 'Autre' }\n\
             d = { field = 'HousingType', type = 'dropdown' }\ne = { relation = 'building' }\n\
             f = { template = '{CivicNoAndStreet}, {City}', of = 'building' }\n",
        );
        let mut survey = Survey::default();
        let record = Record::parse(r#"{"UnitCode": "7", "Rent": 900, "S": "Z", "HousingType": "APP"}"#).expect("one");
        survey.add(&record, &Blanks::new(Vec::new()));
        BoardPlan::of(&config, Kind::UNIT, Some(&survey), Lang::Fr)
    }

    #[test]
    fn a_board_has_a_key_column_and_one_for_all_that_is_mapped() {
        let plan = plan();
        let shown: Vec<String> = plan
            .columns
            .iter()
            .map(|plan| format!("{}: {} {:?}", plan.column.title, plan.column.column_type.name(), plan.column.labels))
            .collect();
        assert_eq!(
            shown,
            [
                "Clé Hopem: text []",
                "Unité: text []",
                "Loyer: numbers []",
                "S: status [\"Loué\", \"Vacant\", \"Autre\"]",
                "Type de logement: dropdown [\"APP\"]",
                "Immeuble: board_relation []",
                "Adresse: text []"
            ]
        );
        assert_eq!(plan.board.name, "Unités");
        assert!(plan.board.description.ends_with(&plan.marker) && plan.marker.starts_with("[hopem-sync unit "));
        let described = |id: &str| {
            plan.columns.iter().find(|plan| plan.column.id == id).map(|plan| plan.column.description.clone())
        };
        assert_eq!(described("f").as_deref(), Some("Rempli depuis Hopem\u{a0}: immeuble.CivicNoAndStreet+City"));
        assert_eq!(described("b").as_deref(), Some("Rempli depuis Hopem\u{a0}: unité.Rent"));
        assert_eq!(described("e").as_deref(), Some("Rempli depuis Hopem\u{a0}: unité.immeuble"));
        assert!(plan.board.description.starts_with("Rempli depuis Hopem par hopem-sync\u{a0}: unité. "));
        assert_eq!(made_for(&plan.board.description), Some(Kind::UNIT));
        assert_eq!((made_for("Unités"), made_for("[hopem-sync boats 1]")), (None, None));
    }

    #[test]
    fn the_key_column_says_whose_key_it_is_in_the_words_of_the_language() {
        let said = |kind, lang| key("k", kind, lang).description;
        assert!(said(Kind::COMPANY, Lang::Fr).contains("l’élément de chaque compagnie."));
        assert!(said(Kind::PARKING_LEASE, Lang::Fr).contains("l’élément de chaque bail stationnement."));
        assert!(said(Kind::COMPANY, Lang::En).contains("the item of each company again"));
    }

    #[test]
    fn what_is_missing_is_connected_to_the_boards_of_its_parents() {
        let present: BTreeMap<String, BoardColumn> = BTreeMap::new();
        let ids = |boards: &BTreeMap<Kind, String>| -> Vec<String> {
            plan().missing(&present, boards).into_iter().map(|column| column.id + &column.boards.concat()).collect()
        };
        assert_eq!(ids(&BTreeMap::new()), ["hopem_key", "a", "b", "c", "d", "f"]);
        assert_eq!(ids(&BTreeMap::from([(Kind::BUILDING, "5".to_owned())]))[5], "e5");
    }

    #[test]
    fn a_mark_is_that_of_its_kind_and_its_hapi() {
        let of = |url: &str, kind| marker(&config(&format!("[hapi]\nurl = '{url}'")), kind);
        assert_eq!(of("https://a", Kind::UNIT), of("https://a", Kind::UNIT));
        assert_ne!(of("https://a", Kind::UNIT), of("https://b", Kind::UNIT));
        assert_ne!(of("https://a", Kind::UNIT), of("https://a", Kind::TENANT));
    }
}
