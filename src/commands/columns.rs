//! `hopem-sync columns`: both sides of a kind, what HApi has and what its board has, and which of it is mapped.

use super::context::Context;
use super::inspection::count;
use crate::config::{Column, KindConfig, Source};
use crate::entity::Record;
use crate::failure::{Exit, Failure};
use crate::hapi::{Description, EntitySet, PropertyType, Sample};
use crate::message::{HapiText, MondayText};
use crate::monday::Outcome;
use crate::monday::column::BoardColumn;
use crate::monday::diagnosis::{AccountToo, board_diagnosis, diagnosis};
use crate::plan::known::known_columns;
use crate::pull::trouble::failure;
use crate::report::columns::{BoardPart, ColumnRow, Columns, PropertyRow};
use crate::store::{Pushing, Side, Store};
use std::collections::{BTreeMap, BTreeSet};

/// The column of each board that holds the items' names.
const ITEM_NAME: &str = "name";

/// Arguments of `columns`.
#[derive(Debug, clap::Args)]
#[command(before_long_help = "\
Examples:
  hopem-sync columns unit               HApi's properties and the board's columns, mapped or not
  hopem-sync columns tenant --offline   the same from the store alone, as last read")]
pub(crate) struct ColumnsOf {
    /// The kind
    #[arg(value_name = "KIND")]
    kind: String,
    /// Ask neither HApi nor monday
    #[arg(long)]
    offline: bool,
}

impl ColumnsOf {
    /// Shows both sides of a kind.
    ///
    /// # Errors
    /// Where there is no such kind, or HApi, monday or the store gives no answer.
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let store = context.store_to_read()?;
        let kind = super::selector::kind(&self.kind)?;
        let entity = context.config.kind(kind);
        let mut sample = stored(&store, entity, context)?;
        let mut description = None;
        if !self.offline {
            let (sampled, described) = asked(context, entity)?;
            if sample.records == 0 {
                sample = sampled;
            }
            description = described;
        }
        let board = match self.offline {
            true => known_board(&store, entity)?,
            false => asked_board(context, entity)?,
        };
        let columns = Columns {
            kind,
            set: entity.endpoint.clone(),
            records: sample.records,
            properties: properties(entity, &sample, description.as_ref()),
            board,
        };
        context.report.show(&columns)?;
        Ok(Exit::Ok)
    }
}

/// What the stored records look like.
fn stored(store: &Store, entity: &KindConfig, context: &Context) -> anyhow::Result<Sample> {
    let mut sample = Sample::default();
    store.each(entity.kind, Pushing::On, context.now(), |found, _| {
        if let Ok(record) = Record::parse(&found.record) {
            sample.note(&record);
        }
        Ok(())
    })?;
    Ok(sample)
}

/// What HApi says of the set, and what its first records look like.
fn asked(context: &Context, entity: &KindConfig) -> anyhow::Result<(Sample, Option<Description>)> {
    let client = context.hapi()?;
    let set = EntitySet::whole(entity.kind, &entity.endpoint, &entity.key, context.config.hapi.page_size);
    let what = format!("GET /api/{}", entity.endpoint);
    let sample = set.sample(&client);
    let description = if sample.is_ok() { client.describe().ok() } else { None };
    count(context, Side::Hapi, client.calls());
    let fail = |error| failure(&what, HapiText::CheckEndpoint { kind: entity.kind }, error, context.now());
    Ok((sample.map_err(fail)?, description))
}

/// The properties by name, with what characterises each best.
fn properties(entity: &KindConfig, sample: &Sample, description: Option<&Description>) -> Vec<PropertyRow> {
    let mut types: BTreeMap<String, BTreeSet<PropertyType>> = BTreeMap::new();
    for (name, shape) in &sample.properties {
        types.insert(name.as_str().to_owned(), shape.types.clone());
    }
    let described = description.and_then(|description| description.set(&entity.endpoint)?.properties.as_ref());
    for property in described.into_iter().flatten() {
        let known = types.entry(property.name.clone()).or_default();
        if property.property_type != PropertyType::Unknown {
            *known = BTreeSet::from([property.property_type]);
        }
    }
    let shape_of =
        |name: &str| sample.properties.iter().find(|(known, _)| known.as_str() == name).map(|(_, shape)| shape);
    let row = |(name, types): (String, BTreeSet<PropertyType>)| PropertyRow {
        filled: (sample.records > 0).then(|| shape_of(&name).map_or(0, |shape| shape.filled)),
        types: types.iter().map(|one| one.word()).collect(),
        used_by: uses(entity, &name),
        name,
    };
    types.into_iter().map(row).collect()
}

/// Where the configuration of a kind uses one of its properties.
fn uses(entity: &KindConfig, property: &str) -> Vec<String> {
    let is_it = |name: &String| name.eq_ignore_ascii_case(property);
    let mut uses: Vec<String> = Vec::new();
    let has_own = |column: &Column| column.of.is_none() && column.properties().iter().any(is_it);
    uses.extend(entity.columns.iter().filter(|(_, column)| has_own(column)).map(|(id, _)| id.clone()));
    let settings = [
        ("key", entity.key.iter().any(is_it)),
        ("name", entity.name.properties().any(|name| name.eq_ignore_ascii_case(property))),
        ("only", entity.only.keys().any(is_it)),
        ("relations", entity.relations.values().any(|relation| relation.pairs().iter().any(|(own, _)| is_it(own)))),
    ];
    uses.extend(settings.into_iter().filter(|(_, is_used)| *is_used).map(|(name, _)| name.to_owned()));
    uses
}

/// The board as it was last read.
fn known_board(store: &Store, entity: &KindConfig) -> anyhow::Result<Option<BoardPart>> {
    let Some(board) = &entity.board else { return Ok(None) };
    let columns = known_columns(store, board)?;
    let name = store.board_name(board)?;
    Ok(columns.map(|columns| part(entity, board, name, columns.values())))
}

/// The board as monday has it now.
fn asked_board(context: &Context, entity: &KindConfig) -> anyhow::Result<Option<BoardPart>> {
    let (Some(board), Some(key_column)) = (&entity.board, &entity.key_column) else { return Ok(None) };
    let Some(client) = context.monday(&[entity.kind])? else { return Ok(None) };
    let outcome = client.ask(&diagnosis(Some((board, key_column)), AccountToo::No))?;
    count(context, Side::Monday, u64::from(!matches!(outcome, Outcome::NotSent { .. })));
    let Outcome::Answered(answer) = &outcome else {
        let exit = if matches!(outcome, Outcome::Login(..)) { Exit::Login } else { Exit::Failed };
        return Err(Failure::new(exit, outcome.message()).help(outcome.remedy()).into());
    };
    let found = board_diagnosis(&answer.data).ok_or_else(|| {
        let (kind, board) = (entity.kind, board.clone());
        Failure::new(Exit::Failed, MondayText::BoardMissing { kind, board }).help(MondayText::CheckBoard { kind })
    })?;
    Ok(Some(part(entity, board, Some(found.board.name.clone()), found.board.columns.values())))
}

fn part<'c>(
    entity: &KindConfig,
    board: &str,
    name: Option<String>,
    columns: impl Iterator<Item = &'c BoardColumn>,
) -> BoardPart {
    let rows = columns.map(|column| ColumnRow {
        id: column.id.clone(),
        title: column.title.clone(),
        column_type: column.column_type.clone(),
        filled_from: filled_from(entity, &column.id),
    });
    BoardPart { id: board.to_owned(), name, columns: rows.collect() }
}

/// What goes into a column.
fn filled_from(entity: &KindConfig, id: &str) -> Option<String> {
    if entity.key_column.as_deref() == Some(id) {
        return Some("key_column".to_owned());
    }
    if id == ITEM_NAME {
        return Some(format!("name: {}", entity.name.as_str()));
    }
    let column = entity.columns.get(id)?;
    let source = match &column.source {
        Source::Field(property) => property.clone(),
        Source::Template(template) => template.as_str().to_owned(),
        Source::Relation(parent) => return Some(parent.name().to_owned()),
    };
    Some(match column.of {
        Some(parent) => format!("{parent}: {source}"),
        None => source,
    })
}
