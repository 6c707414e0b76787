//! Matching of a proposal with a board that is there: which of its columns takes what, by title, id and type. Pure.

use super::near::{names_a_span, nearness, spans};
use super::proposal::{KEY_COLUMN, Proposal};
use super::survey::{PropertySurvey, Survey};
use super::titles;
use crate::config::{Column, Source};
use crate::entity::{Kind, Template};
use crate::message::Lang;
use crate::monday::column::{BoardColumn, ColumnType};
use crate::text::case_folded;
use std::collections::{BTreeMap, BTreeSet};

/// A shorter code may begin many words by chance.
const SHORTEST_ABBREVIATION: usize = 3;

/// Columns of a board.
type Columns = BTreeMap<String, BoardColumn>;

/// Match of a proposal with a board.
#[derive(Debug, Clone)]
pub(crate) struct BoardMatch {
    /// The proposal with the board's own columns.
    pub(crate) proposal: Proposal,
    /// The column that holds the keys; `None`: the board has none that is meant for them.
    pub(crate) key_column: Option<String>,
    /// The codes of each status or dropdown column for which the board has no label.
    pub(crate) without_label: BTreeMap<String, Vec<String>>,
}

impl BoardMatch {
    /// The match with a board's columns. `survey`: the codes that records hold; `boards`: the boards of other kinds, as far as they are
    /// known.
    pub(crate) fn of(
        mut proposal: Proposal,
        survey: &Survey,
        columns: &Columns,
        boards: &BTreeMap<Kind, String>,
    ) -> BoardMatch {
        let key_column = key_column(columns);
        let mut matcher = Matcher { columns, taken: key_column.iter().cloned().collect(), pairs: Vec::new() };
        let proposed = std::mem::take(&mut proposal.columns);
        let rest = matcher.by_likeness(proposed, boards);
        let rest = matcher.by_nearness(proposal.kind, rest);
        let rest = matcher.spans(rest);
        proposal.left_out.extend(rest.iter().filter_map(|(_, column)| source_name(column)));
        let mut without_label = BTreeMap::new();
        for (found, column) in matcher.pairs {
            let (column, missing) = fitted(column, found, survey);
            if !missing.is_empty() {
                without_label.insert(found.id.clone(), missing);
            }
            proposal.columns.push((found.id.clone(), column));
        }
        BoardMatch { proposal, key_column, without_label }
    }

    /// The column of a board that is meant for keys.
    pub(crate) fn key_column_of(columns: &BTreeMap<String, BoardColumn>) -> Option<String> {
        key_column(columns)
    }
}

/// Columns that were proposed, with their ids.
type Proposed = Vec<(String, Column)>;

/// Matcher: what finds a column of a board for each that was proposed, the surest first.
struct Matcher<'c> {
    columns: &'c Columns,
    taken: BTreeSet<String>,
    pairs: Vec<(&'c BoardColumn, Column)>,
}

impl<'c> Matcher<'c> {
    fn free(&self) -> impl Iterator<Item = &'c BoardColumn> {
        self.columns.values().filter(|candidate| !self.taken.contains(&candidate.id))
    }

    fn pair(&mut self, found: &'c BoardColumn, column: Column) {
        self.taken.insert(found.id.clone());
        self.pairs.push((found, column));
    }

    /// Pairs those whose titles, names or ids are the same. Returns the others.
    fn by_likeness(&mut self, proposed: Proposed, boards: &BTreeMap<Kind, String>) -> Proposed {
        let mut rest = Vec::new();
        for (id, column) in proposed {
            let best = self
                .free()
                .filter_map(|candidate| Some((likeness(&id, &column, candidate, boards)?, candidate)))
                .max_by(|(one, a), (other, b)| one.cmp(other).then_with(|| b.id.cmp(&a.id)));
            match best {
                Some((_, found)) => self.pair(found, column),
                None => rest.push((id, column)),
            }
        }
        rest
    }

    /// Pairs those whose titles say the same in other words, where only one can be meant. Returns the others.
    fn by_nearness(&mut self, kind: Kind, mut rest: Proposed) -> Proposed {
        let free: Vec<&BoardColumn> = self.free().collect();
        for candidate in free {
            let Some(candidate_type) = candidate.known_type() else { continue };
            let near = rest.iter().enumerate().filter_map(|(index, (_, column))| {
                let fits = Some(candidate_type) == column.column_type || takes(candidate_type, column);
                Some((nearness(kind, column, candidate).filter(|_| fits)?, index))
            });
            let mut near: Vec<(u32, usize)> = near.collect();
            near.sort_by_key(|(nearness, _)| std::cmp::Reverse(*nearness));
            match near.as_slice() {
                [(best, _), (second, _), ..] if best == second => {}
                [(_, index), ..] => {
                    let (_, column) = rest.remove(*index);
                    self.pair(candidate, column);
                }
                [] => {}
            }
        }
        rest
    }

    /// Pairs the two dates of a span with a timeline that is called so. Returns the others.
    fn spans(&mut self, mut rest: Proposed) -> Proposed {
        let free: Vec<&BoardColumn> =
            self.free().filter(|candidate| candidate.known_type() == Some(ColumnType::Timeline)).collect();
        for candidate in free {
            let dates: Vec<String> = rest
                .iter()
                .filter(|(_, column)| column.column_type == Some(ColumnType::Date))
                .filter_map(|(_, column)| source_name(column))
                .collect();
            let names: Vec<&str> = dates.iter().map(String::as_str).collect();
            let span = spans(&names).into_iter().find(|(start, end)| names_a_span(candidate, start, end));
            let Some((start, end)) = span else { continue };
            let Ok(template) = Template::parse(&format!("{{{start}}}/{{{end}}}")) else { continue };
            let is_of_it = |column: &Column| source_name(column).is_some_and(|name| name == start || name == end);
            let Some(first) = rest.iter().position(|(_, column)| is_of_it(column)) else { continue };
            let (_, mut column) = rest.remove(first);
            rest.retain(|(_, column)| !is_of_it(column));
            (column.source, column.column_type) = (Source::Template(template), Some(ColumnType::Timeline));
            self.pair(candidate, column);
        }
        rest
    }
}

/// The text column that is meant for keys.
fn key_column(columns: &Columns) -> Option<String> {
    let is_title = |title: &str| {
        let title = plain(title);
        [Lang::En, Lang::Fr].iter().any(|&lang| title == plain(titles::key_column(lang))) || title.contains("hopem")
    };
    let is_meant = |column: &&BoardColumn| {
        let is_named = column.id == KEY_COLUMN || column.id == "text_key" || is_title(&column.title);
        column.known_type() == Some(ColumnType::Text) && is_named
    };
    columns.values().find(is_meant).map(|column| column.id.clone())
}

/// How well a column of a board suits what is proposed; `None`: not at all.
fn likeness(id: &str, column: &Column, candidate: &BoardColumn, boards: &BTreeMap<Kind, String>) -> Option<u32> {
    let candidate_type = candidate.known_type()?;
    if let Source::Relation(parent) = column.source {
        return (candidate_type == ColumnType::BoardRelation).then(|| connected(candidate, parent, boards)).flatten();
    }
    let is_same_type = Some(candidate_type) == column.column_type;
    if !is_same_type && !takes(candidate_type, column) {
        return None;
    }
    let title = plain(&candidate.title);
    let titles = [Lang::En, Lang::Fr].map(|lang| plain(&titles::column(column, lang)));
    let name = source_name(column).map(|name| plain(&name)).unwrap_or_default();
    let by_name = if titles.contains(&title) || title == name {
        4
    } else if candidate.id == id || !name.is_empty() && plain(&candidate.id).ends_with(&name) {
        3
    } else {
        return None;
    };
    Some(by_name * 2 + u32::from(is_same_type))
}

/// How well a column that connects boards suits a parent: it leads to the parent's board, or is called as one.
fn connected(candidate: &BoardColumn, parent: Kind, boards: &BTreeMap<Kind, String>) -> Option<u32> {
    let leads_to = candidate.boards();
    match boards.get(&parent) {
        Some(board) if leads_to.contains(board) => Some(10),
        Some(_) if !leads_to.is_empty() => None,
        _ => {
            let title = plain(&candidate.title);
            let is_called_so = parent
                .spellings()
                .map(plain)
                .chain([Lang::En, Lang::Fr].map(|lang| plain(&titles::one_of(parent, lang))));
            is_called_so.into_iter().any(|name| name == title).then_some(5)
        }
    }
}

/// Whether a column of this type takes what is proposed for one of another type.
fn takes(candidate: ColumnType, column: &Column) -> bool {
    let proposed = column.column_type.unwrap_or(ColumnType::Text);
    match candidate {
        ColumnType::Text | ColumnType::LongText => proposed != ColumnType::Location,
        ColumnType::Status | ColumnType::Dropdown => {
            matches!(proposed, ColumnType::Text | ColumnType::Status | ColumnType::Dropdown)
        }
        ColumnType::Email | ColumnType::Phone | ColumnType::Link | ColumnType::Country => proposed == ColumnType::Text,
        _ => false,
    }
}

/// The column as the board's own column wants it, and the codes for which that has no label.
fn fitted(mut column: Column, found: &BoardColumn, survey: &Survey) -> (Column, Vec<String>) {
    column.column_type = found.known_type();
    if column.column_type != Some(ColumnType::Phone) {
        column.country = None;
    }
    let Some(labels) = found.labels() else {
        // Only labels need names for codes; a text may have them all the same.
        if column.column_type != Some(ColumnType::Text) {
            (column.values, column.default) = (BTreeMap::new(), None);
        }
        return (column, Vec::new());
    };
    let property = source_name(&column).unwrap_or_default();
    let known: Vec<&str> =
        labels.all.iter().filter(|label| !label.is_deactivated).map(|label| label.text.as_str()).collect();
    let (mut values, mut missing) = (BTreeMap::new(), Vec::new());
    for (code, label) in codes(&column, &property, survey) {
        let names = [Lang::En, Lang::Fr].map(|lang| titles::code(&property, &code, lang).unwrap_or(&label));
        let same = names.into_iter().chain([label.as_str(), code.as_str()]).find_map(|wanted| same(&known, wanted));
        match same.or_else(|| abbreviated(&known, &code)) {
            Some(label) => _ = values.insert(code, label.to_owned()),
            None => missing.push(code),
        }
    }
    let other = |lang| same(&known, titles::other(lang)).map(str::to_owned);
    column.default = [Lang::En, Lang::Fr].into_iter().find_map(other);
    // A label that is spelled as its code needs no name.
    if values.iter().all(|(code, label)| code == label) {
        values.clear();
    }
    column.values = values;
    (column, missing)
}

/// The codes that are to have labels, with what each is called: those that were proposed, else those that records hold.
fn codes(column: &Column, property: &str, survey: &Survey) -> BTreeMap<String, String> {
    if !column.values.is_empty() {
        return column.values.clone();
    }
    let seen = survey.property(property).and_then(PropertySurvey::choices);
    seen.into_iter().flat_map(BTreeMap::keys).map(|code| (code.clone(), code.clone())).collect()
}

/// The label that is spelled like a text, but for case, accents and signs.
fn same<'l>(labels: &[&'l str], wanted: &str) -> Option<&'l str> {
    labels.iter().find(|label| plain(label) == plain(wanted)).copied()
}

/// The only label that a code is the beginning of, such as `Appartement` for `APP`.
fn abbreviated<'l>(labels: &[&'l str], code: &str) -> Option<&'l str> {
    let code = plain(code);
    let mut found = labels.iter().filter(|label| plain(label).starts_with(&code));
    found.next().filter(|_| code.chars().count() >= SHORTEST_ABBREVIATION && found.next().is_none()).copied()
}

/// The property that a column is filled from, or the parent.
fn source_name(column: &Column) -> Option<String> {
    match &column.source {
        Source::Field(name) => Some(name.clone()),
        Source::Template(template) => template.properties().next().map(str::to_owned),
        Source::Relation(_) => None,
    }
}

/// A text without case, accents and signs.
fn plain(text: &str) -> String {
    case_folded(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::column;
    use crate::entity::Record;
    use crate::monday::column::Blanks;
    use serde_json::{Value, json};

    fn board(columns: &[(&str, &str, &str, Value)]) -> Columns {
        let column = |(id, title, column_type, settings): &(&str, &str, &str, Value)| {
            let json = json!({"id": id, "title": title, "type": column_type, "settings": settings});
            ((*id).to_owned(), serde_json::from_value(json).expect("a column"))
        };
        columns.iter().map(column).collect()
    }

    fn matched(proposed: &[(&str, &str)], board: &Columns, boards: &BTreeMap<Kind, String>) -> BoardMatch {
        let columns = proposed.iter().map(|(id, toml)| ((*id).to_owned(), column(Kind::TENANT, toml))).collect();
        let proposal =
            Proposal { kind: Kind::TENANT, name: None, columns, only: BTreeMap::new(), left_out: Vec::new() };
        let mut survey = Survey::default();
        for code in ["APP", "COM", "LOFT"] {
            let record = format!("{{\"HousingType\": \"{code}\"}}");
            survey.add(&Record::parse(&record).expect("a record"), &Blanks::new(Vec::new()));
        }
        BoardMatch::of(proposal, &survey, board, boards)
    }

    fn pairs(found: &BoardMatch) -> Vec<String> {
        let columns = found.proposal.columns.iter();
        columns
            .map(|(id, column)| format!("{id}={}", source_name(column).unwrap_or_else(|| "parent".to_owned())))
            .collect()
    }

    #[test]
    fn columns_are_found_by_title_in_either_language_or_by_id_and_only_where_the_type_fits() {
        let board = board(&[
            ("numbers7", "loyer", "numbers", Value::Null),
            ("text_mk1", "First name", "text", Value::Null),
            ("text_lastname", "Contact", "text", Value::Null),
            ("date4", "Année de construction", "date", Value::Null),
            ("text_mk9", "Clé Hopem", "text", Value::Null),
        ]);
        let proposed = [
            ("num_rent", "{ field = 'Rent', type = 'numbers' }"),
            ("text_firstname", "'FirstName'"),
            ("x", "'LastName'"),
            ("num_year", "{ field = 'ConstructionYear', type = 'numbers' }"),
        ];
        let found = matched(&proposed, &board, &BTreeMap::new());
        assert_eq!(pairs(&found), ["numbers7=Rent", "text_mk1=FirstName", "text_lastname=LastName"]);
        assert_eq!(found.proposal.left_out, ["ConstructionYear"]);
        assert_eq!(found.key_column.as_deref(), Some("text_mk9"));
    }

    #[test]
    fn codes_get_the_labels_that_the_board_has() {
        let labels = json!({"labels": [{"id": 1, "label": "actuel"}, {"id": 2, "label": "Former"}, {"id": 3, "label": "Autre"}]});
        let board = board(&[("status", "Statut", "status", labels)]);
        let toml = "{ field = 'TenantType', type = 'status', values = { L = 'Current', D = 'Former', A = 'Future' }, default = 'Other' }";
        let found = matched(&[("status_tenanttype", toml)], &board, &BTreeMap::new());
        let column = &found.proposal.columns[0].1;
        let values: Vec<String> = column.values.iter().map(|(code, label)| format!("{code}={label}")).collect();
        assert_eq!(
            (values, column.default.as_deref()),
            (vec!["D=Former".to_owned(), "L=actuel".to_owned()], Some("Autre"))
        );
        assert_eq!(found.without_label.get("status"), Some(&vec!["A".to_owned()]));
        assert_eq!(found.key_column, None);
    }

    #[test]
    fn codes_that_records_hold_get_the_labels_that_they_abbreviate() {
        let labels = json!({"labels": [{"id": 1, "label": "Appartement"}, {"id": 2, "label": "Commercial"}, {"id": 3, "label": "Commun"}]});
        let board = board(&[("drop", "Type de logement", "dropdown", labels)]);
        let found = matched(&[("text_housingtype", "'HousingType'")], &board, &BTreeMap::new());
        let values = &found.proposal.columns[0].1.values;
        assert_eq!(values.iter().collect::<Vec<_>>(), [(&"APP".to_owned(), &"Appartement".to_owned())]);
        assert_eq!(found.without_label["drop"], ["COM", "LOFT"], "one could be two labels");
    }

    #[test]
    fn a_connection_is_the_one_that_leads_to_the_board_of_the_parent() {
        let board = board(&[
            ("link_a", "Unité", "board_relation", json!({"boardIds": [7]})),
            ("link_b", "Lien", "board_relation", json!({"boardIds": [8]})),
        ]);
        let relation = [("link_unit", "{ relation = 'unit' }")];
        let of = |boards: &[(Kind, &str)]| {
            let boards = boards.iter().map(|(kind, board)| (*kind, (*board).to_owned())).collect();
            pairs(&matched(&relation, &board, &boards))
        };
        assert_eq!(of(&[(Kind::UNIT, "8")]), ["link_b=parent"]);
        assert_eq!(of(&[]), ["link_a=parent"]);
        assert!(of(&[(Kind::UNIT, "9")]).is_empty());
    }

    #[test]
    fn a_title_in_other_words_is_matched_where_only_one_property_can_be_meant() {
        let board = board(&[
            ("text_mk1", "No locataire", "text", Value::Null),
            ("date_available", "Libre", "date", Value::Null),
            ("numbers_y", "Année", "numbers", Value::Null),
            ("timeline_mk3", "Bail", "timeline", Value::Null),
            ("text_mk4", "Téléphone", "text", Value::Null),
            ("date_mk5", "Visite", "date", Value::Null),
        ]);
        let proposed = [
            ("date_a", "{ field = 'AvailableDate', type = 'date' }"),
            ("date_b", "{ field = 'LeaseStart', type = 'date' }"),
            ("date_c", "{ field = 'LeaseEnd', type = 'date' }"),
            ("num_y", "{ field = 'ConstructionYear', type = 'numbers' }"),
            ("text_n", "'TenantNo'"),
            ("text_p", "'Plate1'"),
        ];
        let found = matched(&proposed, &board, &BTreeMap::new());
        let expected = [
            "date_available=AvailableDate",
            "numbers_y=ConstructionYear",
            "text_mk1=TenantNo",
            "timeline_mk3=LeaseStart",
        ];
        let mut pairs = pairs(&found);
        pairs.sort();
        assert_eq!(pairs, expected);
        assert_eq!(found.proposal.left_out, ["Plate1"]);
        let of_timeline = found.proposal.columns.iter().find(|(id, _)| id == "timeline_mk3").map(|(_, column)| column);
        let template = Template::parse("{LeaseStart}/{LeaseEnd}").expect("a template");
        assert_eq!(of_timeline.map(|column| &column.source), Some(&Source::Template(template)));
    }

    #[test]
    fn a_title_that_two_properties_share_is_that_of_the_kind_itself_or_of_none() {
        let board = board(&[("text_mk1", "Code", "text", Value::Null)]);
        let of = |kind: Kind, proposed: &[(&str, &str)]| {
            let columns = proposed.iter().map(|(id, toml)| ((*id).to_owned(), column(kind, toml))).collect();
            let proposal = Proposal { kind, name: None, columns, only: BTreeMap::new(), left_out: Vec::new() };
            pairs(&BoardMatch::of(proposal, &Survey::default(), &board, &BTreeMap::new()))
        };
        let codes = [("a", "'UnitCode'"), ("b", "'PostalCode'")];
        assert_eq!(of(Kind::UNIT, &codes), ["text_mk1=UnitCode"]);
        assert!(of(Kind::TENANT, &codes).is_empty());
    }
}
