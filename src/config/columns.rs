//! `[entities.KIND.columns]`: what goes into each column.

use super::column::{Column, OnEdit, Source};
use super::layers::{Section, unknown_key};
use super::value::{Member, Value};
use super::{forms, known};
use crate::entity::{Kind, Relation};
use crate::failure::Failure;
use crate::message::ConfigText;
use crate::monday::column::ColumnType;
use crate::text::{nfc, trimmed};
use std::collections::{BTreeMap, BTreeSet};

/// The pseudo-column that monday keeps an item's name in.
const NAME_COLUMN: &str = "name";
/// What makes no sense beside `relation`.
const NOT_FOR_RELATIONS: [&str; 5] = ["of", "values", "default", "country", "time"];

/// Columns of a kind.
#[derive(Debug, Default)]
pub(super) struct Columns {
    /// Those that were understood.
    pub(super) read: BTreeMap<String, Column>,
    /// The ids of all that are given: what is wrong with one is no mistake of who names it.
    pub(super) given: BTreeSet<String>,
}

/// The columns of a kind with these relations.
pub(super) fn read(section: &Section<'_>, kind: Kind, relations: &BTreeMap<Kind, Relation>) -> Columns {
    let mut columns = Columns::default();
    for Member { place, value } in section.kept(given(section)).unwrap_or_default() {
        let id = value.key.trim().to_owned();
        if id.is_empty() || id == NAME_COLUMN {
            section.kept::<()>(Err(Failure::usage(ConfigText::NameColumnMapped { place, column: id }).into()));
            continue;
        }
        section.note(&format!("columns.{id}"), value.place());
        columns.given.insert(id.clone());
        if let Some(column) = section.kept((Reading { section, kind, relations }).column(&value)) {
            columns.read.insert(id, column);
        }
    }
    columns
}

/// What the file or the variables set. A variable's name has lost the case of the column's id: the id in the file counts,
/// else lower case, which is how monday makes them.
fn given<'a>(section: &Section<'a>) -> anyhow::Result<Vec<Member<'a>>> {
    let mut given = match section.value("columns") {
        Some(value) => value.structured()?.members()?,
        None => Vec::new(),
    };
    for mut value in section.variables_below("columns") {
        let known = given.iter().position(|member| member.value.key.to_lowercase() == value.key);
        if let Some(member) = known.map(|index| given.remove(index)) {
            value.key = member.value.key;
        }
        // `{A} {B}` is a template, `{ field = "A" }` a table.
        let value = value.clone().structured().unwrap_or(value);
        given.push(Member { place: value.place(), value });
    }
    Ok(given)
}

/// Reading of a column: what it is read against.
struct Reading<'r, 's> {
    section: &'r Section<'s>,
    kind: Kind,
    relations: &'r BTreeMap<Kind, Relation>,
}

impl Reading<'_, '_> {
    fn column(&self, value: &Value<'_>) -> anyhow::Result<Column> {
        if value.as_text().is_some() {
            return Ok(plain_column(text_source(value)?));
        }
        if !value.is_table() {
            return Err(value.refused(|place, setting| ConfigText::SettingWantsColumn { place, setting }));
        }
        let options = self.options(value)?;
        let mut column = plain_column(self.source(value, &options)?);
        if let Source::Relation(_) = column.source
            && let Some(option) = NOT_FOR_RELATIONS.into_iter().find_map(|name| options.get(name))
        {
            return Err(option.refused(|place, option| ConfigText::ColumnOptionIdle { place, option }));
        }
        let source = column.source.clone();
        let given = |name: &str| options.get(name);
        column.of = given("of").and_then(|value| self.section.kept(self.relation(value)));
        column.column_type = given("type").and_then(|value| self.section.kept(column_type(value, &source)));
        column.values = given("values").and_then(|value| self.section.kept(values(value))).unwrap_or_default();
        column.default = given("default").and_then(|value| self.section.kept(value.plain()));
        column.country = given("country").and_then(|value| self.section.kept(country(value)));
        column.time = given("time").and_then(|value| self.section.kept(value.boolean())).unwrap_or(false);
        let on_edit = [("overwrite", OnEdit::Overwrite), ("keep", OnEdit::Keep)];
        let on_edit = given("on_edit").and_then(|value| self.section.kept(value.choice(&on_edit)));
        column.on_edit = on_edit.unwrap_or(column.on_edit);
        Ok(column)
    }

    /// A column's options by name; one that is not known is a mistake.
    fn options<'v>(&self, column: &Value<'v>) -> anyhow::Result<BTreeMap<String, Value<'v>>> {
        let mut options = BTreeMap::new();
        for Member { place, value } in column.members()? {
            if known::COLUMN.contains(&value.key.as_str()) {
                options.insert(value.key.clone(), value);
            } else {
                self.section.kept::<()>(Err(unknown_key(place, &value.key, known::COLUMN)));
            }
        }
        Ok(options)
    }

    /// The one of `field`, `template` and `relation` that is given.
    fn source(&self, column: &Value<'_>, options: &BTreeMap<String, Value<'_>>) -> anyhow::Result<Source> {
        let mut sources = ["field", "template", "relation"].into_iter().filter_map(|name| options.get(name));
        let first = sources.next();
        if let (Some(first), Some(second)) = (first, sources.next()) {
            let one = first.key.clone();
            return Err(second.refused(|place, other| ConfigText::ColumnSourceTwice { place, one, other }));
        }
        match first {
            None => Err(column.refused(|place, column| ConfigText::ColumnSourceMissing { place, column })),
            Some(value) if value.key == "field" => forms::property(value).map(Source::Field),
            Some(value) if value.key == "template" => template(value),
            Some(value) => self.relation(value).map(Source::Relation),
        }
    }

    /// A parent that the kind has.
    fn relation(&self, value: &Value<'_>) -> anyhow::Result<Kind> {
        let parent = forms::kind(value)?;
        if self.relations.contains_key(&parent) {
            return Ok(parent);
        }
        let kind = self.kind;
        if self.relations.is_empty() {
            return Err(value.refused(|place, _| ConfigText::RelationNone { place, kind }));
        }
        let relations = self.relations.keys().map(|kind| format!("`{kind}`")).collect();
        Err(value.refused(|place, _| ConfigText::RelationMissing { place, kind, parent, relations }))
    }
}

fn plain_column(source: Source) -> Column {
    Column {
        source,
        of: None,
        column_type: None,
        values: BTreeMap::new(),
        default: None,
        country: None,
        time: false,
        on_edit: OnEdit::Overwrite,
    }
}

/// The short form: a property, or a template if there is a brace in it.
fn text_source(value: &Value<'_>) -> anyhow::Result<Source> {
    if value.text()?.contains(['{', '}']) { template(value) } else { forms::property(value).map(Source::Field) }
}

fn template(value: &Value<'_>) -> anyhow::Result<Source> {
    value.name()?;
    forms::template(value).map(Source::Template)
}

fn column_type(value: &Value<'_>, source: &Source) -> anyhow::Result<ColumnType> {
    let column_type = value.choice(&ColumnType::ALL.map(|column_type| (column_type.name(), column_type)))?;
    match source {
        Source::Relation(_) if column_type != ColumnType::BoardRelation => {
            Err(value.refused(|place, _| ConfigText::ColumnTypeNotRelation { place }))
        }
        Source::Field(_) | Source::Template(_) if column_type == ColumnType::BoardRelation => {
            Err(value.refused(|place, _| ConfigText::ColumnTypeRelation { place }))
        }
        _ => Ok(column_type),
    }
}

fn values(value: &Value<'_>) -> anyhow::Result<BTreeMap<String, String>> {
    let members = value.members()?;
    members
        .into_iter()
        .map(|member| Ok((nfc(trimmed(&member.value.key)).into_owned(), nfc(&member.value.plain()?).into_owned())))
        .collect()
}

fn country(value: &Value<'_>) -> anyhow::Result<String> {
    let code = value.text()?.trim().to_ascii_uppercase();
    if code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Ok(code);
    }
    Err(value.refused(|place, setting| ConfigText::SettingWantsCountry { place, setting }))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Folder, kind_config, problem};
    use super::*;
    use crate::entity::Template;

    fn column(text: &str) -> Column {
        let unit = kind_config(Kind::UNIT, &format!("[entities.unit.columns]\nc = {text}\n"));
        unit.columns.get("c").cloned().expect("a column")
    }

    fn column_problem(text: &str) -> String {
        problem(&format!("[entities.unit.columns]\nc = {text}\n"))
    }

    #[test]
    fn a_text_is_a_property_or_with_a_brace_a_template() {
        assert_eq!(column("' UnitCode '").source, Source::Field("UnitCode".to_owned()));
        assert_eq!(column("'{A}-{B}'").source, Source::Template(Template::parse("{A}-{B}").expect("a template")));
        assert_eq!(column("'{A}'").on_edit, OnEdit::Overwrite);
    }

    #[test]
    fn values_may_be_text_numbers_or_booleans() {
        let column = column("{ field = 'A', values = { ' V ' = 'Vacant', 1 = 2.50, true = false }, default = 3 }");
        let pairs: Vec<String> = column.values.iter().map(|(raw, shown)| format!("{raw}={shown}")).collect();
        assert_eq!(pairs, ["1=2.5", "V=Vacant", "true=false"]);
        assert_eq!(column.default.as_deref(), Some("3"));
        assert!(column_problem("{ field = 'A', values = { V = [] } }").contains("`V` must be text, a number"));
    }

    #[test]
    fn every_type_is_known_by_its_name() {
        for column_type in ColumnType::ALL.into_iter().take(13) {
            let name = column_type.name();
            assert_eq!(column(&format!("{{ field = 'A', type = '{name}' }}")).column_type, Some(column_type));
        }
        let link = column("{ relation = 'immeuble', type = 'board_relation' }");
        assert_eq!(
            (link.source, link.column_type),
            (Source::Relation(Kind::BUILDING), Some(ColumnType::BoardRelation))
        );
        assert!(column_problem("{ field = 'A', type = 'number' }").contains("did you mean `numbers`?"));
        assert!(column_problem("{ field = 'A', type = 'board_relation' }").contains("goes with `relation`"));
        assert!(column_problem("{ relation = 'building', type = 'text' }").contains("only have the type"));
    }

    #[test]
    fn a_column_has_exactly_one_source() {
        assert_eq!(
            column_problem("{ type = 'text' }"),
            "config.toml:2:5: column `c` needs one of `field`, `template` and `relation`"
        );
        assert_eq!(
            column_problem("{ field = 'A', template = '{B}' }"),
            "config.toml:2:31: `template` cannot stand beside `field`; a column has one of `field`, `template` and `relation`"
        );
        assert!(column_problem("3").starts_with("config.toml:2:5: column `c` must be a property"));
        assert!(column_problem("''").contains("must not be empty"));
        assert!(column_problem("'A B'").contains("must name a property"));
        assert!(column_problem("'{A'").contains("unmatched brace"));
        assert!(problem("[entities.unit.columns]\nname = 'A'").contains("set by `name`"));
    }

    #[test]
    fn a_parent_must_be_one_that_the_kind_has() {
        assert_eq!(column("{ field = 'A', of = 'Immeubles' }").of, Some(Kind::BUILDING));
        assert_eq!(
            column_problem("{ field = 'A', of = 'tenant' }"),
            "config.toml:2:25: `unit` has no relation `tenant`; it has `building`"
        );
        assert!(column_problem("{ relation = 'unit' }").contains("`unit` has no relation `unit`"));
        assert!(
            column_problem("{ relation = 'biulding' }").contains("unknown kind `biulding`; did you mean `building`?")
        );
        assert!(column_problem("{ relation = 'building', of = 'building' }").contains("`of` means nothing beside"));
        let message = problem("[entities.company.columns]\nc = { relation = 'building' }");
        assert_eq!(message, "config.toml:2:18: `company` has no relations");
    }

    #[test]
    fn the_small_options_are_checked() {
        let phone = column("{ field = 'A', country = 'us', time = true, on_edit = 'keep' }");
        assert_eq!((phone.country.as_deref(), phone.time, phone.on_edit), (Some("US"), true, OnEdit::Keep));
        assert!(column_problem("{ field = 'A', country = 'CAN' }").contains("two letters"));
        assert!(column_problem("{ field = 'A', on_edit = 'kep' }").contains("did you mean `keep`?"));
        assert!(column_problem("{ field = 'A', time = 1 }").contains("must be true or false"));
    }

    #[test]
    fn a_variable_replaces_the_column_of_that_name_whatever_its_case() {
        let folder = Folder::new("[entities.unit.columns]\nText_A = 'A'\n")
            .set("HOPEM_SYNC_ENTITIES_UNIT_COLUMNS_TEXT_A", "{ field = \"B\", type = \"text\" }");
        let unit = folder.config().kind(Kind::UNIT).clone();
        assert_eq!(unit.columns.len(), 1);
        assert_eq!(unit.columns.get("Text_A").map(|c| &c.source), Some(&Source::Field("B".to_owned())));
    }
}
