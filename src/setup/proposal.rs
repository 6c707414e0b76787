//! Proposal of a mapping: what goes into which column of a kind's board, by what its records hold. Pure.

use super::survey::{Form, PropertySurvey, Survey};
use super::titles;
use crate::config::{Column, KindConfig, OnEdit, Source};
use crate::entity::{Kind, Relation, Template};
use crate::message::Lang;
use crate::monday::column::ColumnType;
use std::collections::{BTreeMap, BTreeSet};

/// The id of the key column.
pub(crate) const KEY_COLUMN: &str = "hopem_key";
/// Most columns that are proposed for a board; more properties are named in a comment.
const MOST_COLUMNS: usize = 30;
/// Longest id of a column that monday takes.
const LONGEST_ID: usize = 20;
/// A text that may be longer than this goes into a column for long texts.
const LONG_TEXT: usize = 200;
/// The country of phone numbers without a prefix.
const COUNTRY: &str = "CA";

/// Proposal for a kind.
#[derive(Debug, Clone)]
pub(crate) struct Proposal {
    /// The kind.
    pub(crate) kind: Kind,
    /// The template of the item's name, where another one than the kind's own fits better.
    pub(crate) name: Option<String>,
    /// The columns by their ids, in the order of the properties.
    pub(crate) columns: Vec<(String, Column)>,
    /// Pushed only where these properties have one of these values.
    pub(crate) only: BTreeMap<String, Vec<String>>,
    /// The properties that are left out: never filled, or of no use on a board.
    pub(crate) left_out: Vec<String>,
}

impl Proposal {
    /// The proposal that follows from a survey. `settings`: how the kind is read; `is_pushed`: the kinds that have boards.
    pub(crate) fn of(settings: &KindConfig, survey: &Survey, is_pushed: impl Fn(Kind) -> bool, lang: Lang) -> Proposal {
        let mut draft =
            Draft { settings, survey, lang, ids: BTreeSet::new(), columns: Vec::new(), left_out: Vec::new() };
        draft.add_place();
        for property in survey.properties() {
            draft.add_property(property);
        }
        for &parent in settings.relations.keys().filter(|&&parent| is_pushed(parent)) {
            draft.add(plain(Source::Relation(parent), ColumnType::BoardRelation), parent.name());
        }
        let name = draft.item_name();
        draft.leave_to_the_name(name.as_deref().unwrap_or(settings.name.as_str()));
        let only = only(survey);
        Proposal { kind: settings.kind, name, columns: draft.columns, only, left_out: draft.left_out }
    }
}

/// Proposal while it is made.
struct Draft<'d> {
    settings: &'d KindConfig,
    survey: &'d Survey,
    lang: Lang,
    ids: BTreeSet<String>,
    columns: Vec<(String, Column)>,
    left_out: Vec<String>,
}

impl Draft<'_> {
    fn add_property(&mut self, property: &PropertySurvey) {
        let is_placed = self.columns.iter().any(|(_, column)| match &column.source {
            Source::Template(template) => {
                template.properties().any(|name| name == property.name && is_coordinate(name))
            }
            Source::Field(_) | Source::Relation(_) => false,
        });
        if is_placed || self.is_reference(&property.name) {
            return;
        }
        let column = proper_column(property, self.lang).filter(|_| self.columns.len() < MOST_COLUMNS);
        match column {
            Some(column) => self.add(column, &property.name),
            None => self.left_out.push(property.name.clone()),
        }
    }

    /// Whether a property only says whose an entity is, which a connection or the key column shows better.
    fn is_reference(&self, name: &str) -> bool {
        let is_own = |relation: &Relation| relation.pairs().iter().any(|(own, _)| own == name);
        let is_key = matches!(self.settings.key.as_slice(), [only] if only == name);
        is_key || self.settings.relations.values().any(is_own)
    }

    /// Latitude and longitude go into one column together.
    fn add_place(&mut self) {
        let find = |is_it: &dyn Fn(&str) -> bool| {
            let fits = |property: &&PropertySurvey| property.filled > 0 && is_it(&property.name.to_lowercase());
            self.survey.properties().find(fits).map(|property| property.name.clone())
        };
        let (latitude, longitude) = (find(&|name| name.starts_with("lat")), find(&|name| name.starts_with("lon")));
        let address = find(&|name| name.contains("street") || name.contains("address") && !name.contains("mail"));
        let (Some(latitude), Some(longitude), Some(address)) = (latitude, longitude, address) else { return };
        if let Ok(template) = Template::parse(&format!("{{{latitude}}}|{{{longitude}}}|{{{address}}}")) {
            self.add(plain(Source::Template(template), ColumnType::Location), "place");
        }
    }

    fn add(&mut self, column: Column, name: &str) {
        let prefix = column.column_type.map_or("text", prefix);
        let id = distinct(&column_id(prefix, name), &self.ids);
        self.ids.insert(id.clone());
        self.columns.push((id, column));
    }

    /// A name that is an item's whole name needs no column beside it.
    fn leave_to_the_name(&mut self, item_name: &str) {
        let is_it = |field: &str| field.to_lowercase().ends_with("name") && item_name == format!("{{{field}}}");
        self.columns.retain(|(_, column)| !matches!(&column.source, Source::Field(field) if is_it(field)));
    }

    /// What items are called: as the kind says, unless its records have a name, or a number in place of none. What has nothing of the
    /// kind, such as a lease, is called what it is, with its key.
    fn item_name(&self) -> Option<String> {
        let own = self.settings.name.as_str();
        let is_filled = self.settings.name.properties().all(|name| self.survey.is_filled(name));
        let identifies = |name: &str| !self.is_reference(name) && !self.settings.key.iter().any(|key| key == name);
        if !own.is_empty() && is_filled && self.settings.name.properties().any(identifies) {
            return None;
        }
        if self.survey.is_filled("Name") {
            return Some("{Name}".to_owned());
        }
        let is_number = |property: &&PropertySurvey| {
            let name = property.name.to_lowercase();
            property.filled > 0
                && identifies(&property.name)
                && ["no", "code", "number"].iter().any(|end| name.ends_with(end))
        };
        // A number tells apart within a building; the key of a locker alone names no lease.
        let number = self.survey.properties().find(is_number).filter(|_| self.survey.is_filled("BuildingCode"));
        if let Some(number) = number {
            return Some(format!("{{BuildingCode}} – {{{}}}", number.name));
        }
        match self.settings.key.as_slice() {
            [key] if own.is_empty() => Some(format!("{} {{{key}}}", titles::one_of(self.settings.kind, self.lang))),
            _ => None,
        }
    }
}

fn is_coordinate(name: &str) -> bool {
    let name = name.to_lowercase();
    name.starts_with("lat") || name.starts_with("lon")
}

fn plain(source: Source, column_type: ColumnType) -> Column {
    Column {
        source,
        of: None,
        column_type: Some(column_type),
        values: BTreeMap::new(),
        default: None,
        country: None,
        time: false,
        on_edit: OnEdit::Overwrite,
    }
}

/// The column that a property fits into; `None` where nothing is known of it, or it fits into none.
fn proper_column(property: &PropertySurvey, lang: Lang) -> Option<Column> {
    let column_type = column_type(property)?;
    let mut column = plain(Source::Field(property.name.clone()), column_type);
    match column_type {
        ColumnType::Status => {
            let choices = property.choices().into_iter().flat_map(BTreeMap::keys);
            column.values = choices
                .map(|value| {
                    let label = titles::code(&property.name, value, lang).unwrap_or(value);
                    (value.clone(), label.to_owned())
                })
                .collect();
            column.default = Some(titles::other(lang).to_owned());
        }
        ColumnType::Phone => column.country = Some(COUNTRY.to_owned()),
        _ => {}
    }
    Some(column)
}

/// The type of column that a property fits into; `None` where nothing is known of it, or it fits into none.
pub(super) fn column_type(property: &PropertySurvey) -> Option<ColumnType> {
    let name = property.name.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    Some(match property.form()? {
        Form::Nested => return None,
        Form::Boolean => ColumnType::Checkbox,
        Form::Date => ColumnType::Date,
        Form::Number if is_choice(property) => ColumnType::Status,
        Form::Number => ColumnType::Numbers,
        Form::Text if has(&["mail", "courriel"]) => ColumnType::Email,
        Form::Text if has(&["phone", "cell", "mobile", "fax", "teleph"]) => ColumnType::Phone,
        Form::Text if has(&["website", "url", "siteweb"]) => ColumnType::Link,
        Form::Text if has(&["country", "pays"]) && property.longest == 2 => ColumnType::Country,
        Form::Text if is_choice(property) => ColumnType::Status,
        Form::Text if property.longest > LONG_TEXT || has(&["comment", "note", "remark", "descri"]) => {
            ColumnType::LongText
        }
        Form::Text => ColumnType::Text,
    })
}

/// Whether a property has a few codes to choose from, by its name and by what was seen.
fn is_choice(property: &PropertySurvey) -> bool {
    let name = property.name.to_lowercase();
    let is_named_so = ["status", "statut", "type", "category", "state"].iter().any(|word| name.ends_with(word));
    let fits = |choices: &BTreeMap<String, u64>| !choices.is_empty() && choices.len() < super::survey::MOST_VALUES;
    is_named_so && property.choices().is_some_and(fits) && property.longest <= super::LONGEST_LABEL
}

/// What the ids of columns of a type begin with.
fn prefix(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::LongText => "long",
        ColumnType::Numbers => "num",
        ColumnType::Checkbox => "check",
        ColumnType::BoardRelation => "link",
        ColumnType::Link => "web",
        other => other.name(),
    }
}

/// An id that monday takes: lower case letters, digits and underscores.
fn column_id(prefix: &str, name: &str) -> String {
    let rest: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let id = format!("{prefix}_{}", rest.to_ascii_lowercase());
    id.chars().take(LONGEST_ID).collect()
}

fn distinct(id: &str, taken: &BTreeSet<String>) -> String {
    let numbered = (2..).map(|number| {
        let end = format!("_{number}");
        let begin: String = id.chars().take(LONGEST_ID - end.len()).collect();
        format!("{begin}{end}")
    });
    std::iter::once(id.to_owned()).chain(numbered).find(|id| !taken.contains(id)).unwrap_or_default()
}

/// Of what is counted by whether it is gone: those who are there, or will be. Where nobody is gone, nobody is left out.
fn only(survey: &Survey) -> BTreeMap<String, Vec<String>> {
    let mut only = BTreeMap::new();
    for property in survey.properties().filter(|property| titles::tells_who_is_gone(&property.name)) {
        let Some(choices) = property.choices() else { continue };
        let current = titles::current_codes(&property.name);
        let is_current = |code: &String| current.contains(&code.as_str());
        if choices.keys().any(is_current) && !choices.keys().all(is_current) {
            only.insert(property.name.clone(), current.into_iter().map(str::to_owned).collect());
        }
    }
    only
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::kind_config;
    use crate::entity::Record;
    use crate::monday::column::Blanks;

    fn survey(records: &[&str]) -> Survey {
        let mut survey = Survey::default();
        for json in records {
            survey.add(&Record::parse(json).expect("a record"), &Blanks::new(Vec::new()));
        }
        survey
    }

    fn proposal(kind: Kind, records: &[&str], lang: Lang) -> Proposal {
        Proposal::of(&kind_config(kind, ""), &survey(records), |_| true, lang)
    }

    fn shown(proposal: &Proposal) -> Vec<String> {
        let columns = proposal.columns.iter();
        columns.map(|(id, column)| format!("{id}: {}", column.column_type.map_or("-", ColumnType::name))).collect()
    }

    #[test]
    fn a_unit_gets_columns_by_what_its_records_hold_and_its_building() {
        let proposal = proposal(
            Kind::UNIT,
            &[
                r#"{"Id":1,"CompanyNo":3.0,"DivisionNo":1,"BuildingCode":"B  ","UnitCode":" 7","OccupancyStatus":"V ",
                    "HousingType":null,"NumberOfRooms":4.5,"AvailableDate":"2026-07-01T00:00:00","Comment":"x"}"#,
                r#"{"Id":2,"OccupancyStatus":"Z","UnitCode":"8"}"#,
            ],
            Lang::Fr,
        );
        let expected = [
            "text_unitcode: text",
            "status_occupancystat: status",
            "num_numberofrooms: numbers",
            "date_availabledate: date",
            "long_comment: long_text",
            "link_building: board_relation",
        ];
        assert_eq!(shown(&proposal), expected);
        let status = &proposal.columns[1].1;
        let labels: Vec<&str> = status.values.values().map(String::as_str).collect();
        assert_eq!((labels, status.default.as_deref()), (vec!["Vacant", "Z"], Some("Autre")));
        assert_eq!(proposal.left_out, ["HousingType"]);
        assert_eq!(proposal.name, None, "the kind's own name fits");
    }

    #[test]
    fn tenants_who_are_gone_are_left_out_unless_all_are_there() {
        let of = |types: &[&str]| {
            let records: Vec<String> =
                types.iter().map(|code| format!("{{\"Id\":1,\"TenantType\":\"{code}\"}}")).collect();
            proposal(Kind::TENANT, &records.iter().map(String::as_str).collect::<Vec<_>>(), Lang::En).only
        };
        // Those who come later are there too.
        let only = of(&["L", "D", "L"]);
        assert_eq!(only.get("TenantType"), Some(&vec!["L".to_owned(), "A".to_owned()]));
        assert!(of(&["L", "A"]).is_empty() && of(&["D"]).is_empty());
    }

    #[test]
    fn names_say_what_a_text_is() {
        let record = r#"{"Id":1,"EmailAddress":"a@b.ca","CellPhone":"418","CountryCode":"CA","Website":"x.ca","IsCompany":true,"Latitude":45.5,"Longitude":-73.5,"CivicNoAndStreet":"1 rue A"}"#;
        let proposal = proposal(Kind::TENANT, &[record], Lang::En);
        let expected = [
            "location_place: location",
            "email_emailaddress: email",
            "phone_cellphone: phone",
            "country_countrycode: country",
            "web_website: link",
            "check_iscompany: checkbox",
            "text_civicnoandstree: text",
            "link_building: board_relation",
            "link_unit: board_relation",
        ];
        assert_eq!(shown(&proposal), expected);
        assert_eq!(proposal.columns[2].1.country.as_deref(), Some("CA"));
    }

    #[test]
    fn an_item_is_named_by_what_distinguishes_it() {
        let name = |kind, record: &str| proposal(kind, &[record], Lang::En).name;
        assert_eq!(name(Kind::COMPANY, r#"{"CompanyNo":3,"DivisionNo":1,"Name":"A"}"#).as_deref(), Some("{Name}"));
        let parking = r#"{"Id":1,"CompanyNo":3,"DivisionNo":1,"BuildingCode":"B","ParkingNo":"12"}"#;
        assert_eq!(name(Kind::PARKING, parking).as_deref(), Some("{BuildingCode} – {ParkingNo}"));
        let lease = r#"{"Id":1,"StorageId":2,"TenantId":3,"KeyNo":"7"}"#;
        assert_eq!(name(Kind::LOCKER_LEASE, lease).as_deref(), Some("Locker lease {Id}"));
        assert_eq!(proposal(Kind::PARKING_LEASE, &[lease], Lang::Fr).name.as_deref(), Some("Bail stationnement {Id}"));
    }

    #[test]
    fn ids_are_such_as_monday_takes_and_stand_once() {
        assert_eq!(column_id("text", "CivicNoAndStreetAddress"), "text_civicnoandstree");
        assert_eq!(column_id("text", "Numéro"), "text_numro");
        let taken = BTreeSet::from(["text_civicnoandstree".to_owned(), "text_civicnoandstr_2".to_owned()]);
        assert_eq!(distinct("text_civicnoandstree", &taken), "text_civicnoandstr_3");
    }

    #[test]
    fn a_kind_without_a_board_is_not_connected_to() {
        let proposal = Proposal::of(&kind_config(Kind::UNIT, ""), &survey(&[r#"{"Id":1}"#]), |_| false, Lang::En);
        assert!(proposal.columns.is_empty());
    }
}
