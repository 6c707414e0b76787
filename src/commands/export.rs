//! `hopem-sync export`: the stored inventory of a kind, for another system to read.

use super::context::Context;
use super::selector::Selector;
use crate::config::KindConfig;
use crate::entity::{Kind, Record, decimal};
use crate::failure::{Exit, Failure};
use crate::message::{InspectText, Message, UsageText};
use crate::monday::column::value_text;
use crate::plan::derive::DerivationRules;
use crate::plan::known::known_columns;
use crate::plan::map::{self, BoardColumns, NAME, Rules};
use crate::plan::relations::parents_of;
use crate::report::export::{Format, Inventory, MappedEntry};
use crate::store::{Entity, Pushing, State, Store};
use crate::text::nearest;
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::HashSet;
use std::io::Write;

/// Arguments of `export`.
#[derive(Debug, clap::Args)]
#[command(before_long_help = "\
Examples:
  hopem-sync export unit > units.json                           every record as received
  hopem-sync export tenant --mapped --format csv                what the boards should show, for a spreadsheet
  hopem-sync export tenant --mapped --format csv --titles --bom > tenants.csv    the same for Excel
  hopem-sync export unit --format ndjson --where CompanyNo=3    one record a line")]
pub(crate) struct Export {
    /// A kind, such as `unit`
    #[arg(value_name = "KIND")]
    kind: String,
    /// How it is written
    #[arg(long, value_name = "FORMAT", default_value = "json")]
    format: Format,
    /// What monday should show, as plain text by column, with the entity's state
    #[arg(long)]
    mapped: bool,
    /// Only records whose property has this value; several of these must all hold
    #[arg(long = "where", value_name = "FIELD=VALUE", value_parser = condition)]
    conditions: Vec<Condition>,
    /// With --mapped --format csv: head the columns by their titles on the board
    #[arg(long, requires = "mapped")]
    titles: bool,
    /// With --format csv: begin with the mark by which Excel knows UTF-8
    #[arg(long)]
    bom: bool,
}

/// Condition `FIELD=VALUE`.
#[derive(Debug, Clone)]
struct Condition {
    property: String,
    text: String,
    /// The value's shortest form, where it is a number.
    number: Option<String>,
}

fn condition(text: &str) -> Result<Condition, Message> {
    match text.split_once('=') {
        Some((property, value)) if !property.trim().is_empty() => {
            let text = value.trim().to_owned();
            Ok(Condition { property: property.trim().to_owned(), number: decimal::shortest(&text), text })
        }
        _ => Err(UsageText::WantsCondition {}.into()),
    }
}

impl Condition {
    /// A number is compared as a number, anything else as text without outer blanks.
    fn holds(&self, record: &Record<'_>) -> bool {
        let is_number = |raw: &str| raw.starts_with(|first: char| first == '-' || first.is_ascii_digit());
        match record.text(&self.property) {
            Ok(Some(number)) if record.raw(&self.property).is_some_and(is_number) => Some(number) == self.number,
            Ok(Some(text)) => text == self.text,
            _ => false,
        }
    }
}

impl Export {
    /// Writes the inventory.
    ///
    /// # Errors
    /// Where it cannot be written, the kind is unknown, or the store cannot be read.
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let kind = self.kind()?;
        if context.report.is_json && self.format != Format::Json {
            let format = self.format.word().to_owned();
            return Err(Failure::usage(InspectText::ExportJsonOnly { format }).into());
        }
        let store = context.store_to_read()?;
        let store = store.snapshot()?;
        let (conditions, has_titles) = (&self.conditions, self.titles);
        let source = Source { context, store: &store, kind, conditions, has_titles, now: context.now() };
        let properties = source.properties(self.format == Format::Csv && !self.mapped)?;
        if store.count(kind)? == 0 {
            context.report.warn(&InspectText::NothingStored { kind }.into());
        }
        context.report.inventory(self.format, self.bom, |inventory| match self.mapped {
            true => source.write_mapped(inventory),
            false => source.write_records(inventory, &properties),
        })?;
        Ok(Exit::Ok)
    }

    fn kind(&self) -> anyhow::Result<Kind> {
        match Selector::parse(&self.kind)? {
            Selector::Kind(kind) => Ok(kind),
            Selector::Entity(entity) => {
                let entity = entity.to_string();
                Err(Failure::usage(InspectText::ExportTakesKind {}).help(InspectText::UseShowJson { entity }).into())
            }
        }
    }
}

/// Source of an inventory: what is exported.
struct Source<'s> {
    context: &'s Context,
    store: &'s Store,
    kind: Kind,
    conditions: &'s [Condition],
    /// Whether columns are headed by their titles.
    has_titles: bool,
    now: Timestamp,
}

impl Source<'_> {
    /// Every property of any record, in the order first seen; looked for only where the header or a condition needs them.
    fn properties(&self, for_header: bool) -> anyhow::Result<Vec<String>> {
        let mut properties: Vec<String> = Vec::new();
        if !for_header && self.conditions.is_empty() {
            return Ok(properties);
        }
        let mut met: HashSet<String> = HashSet::new();
        self.store.each(self.kind, Pushing::On, self.now, |stored, _| {
            for name in Record::parse(&stored.record).iter().flat_map(Record::names) {
                if !met.contains(name) {
                    met.insert(name.to_owned());
                    properties.push(name.to_owned());
                }
            }
            Ok(())
        })?;
        let unknown = self.conditions.iter().find(|condition| !met.contains(&condition.property));
        match unknown {
            // Without any record no property can be called unknown.
            Some(condition) if !properties.is_empty() => {
                Err(no_such_property(self.kind, &condition.property, properties).into())
            }
            _ => Ok(properties),
        }
    }

    /// Hands over the entities that fit.
    fn each(&self, mut work: impl FnMut(&Entity, State, &Record<'_>) -> anyhow::Result<()>) -> anyhow::Result<()> {
        self.store.each(self.kind, self.context.pushing(self.kind), self.now, |stored, state| {
            match Record::parse(&stored.record) {
                Ok(record) if self.conditions.iter().all(|condition| condition.holds(&record)) => {
                    work(&stored, state, &record)
                }
                _ => Ok(()),
            }
        })
    }

    fn write_records(&self, inventory: &mut Inventory<&mut dyn Write>, properties: &[String]) -> anyhow::Result<()> {
        inventory.header(properties)?;
        self.each(|_, _, record| inventory.record(record, properties))
    }

    fn write_mapped(&self, inventory: &mut Inventory<&mut dyn Write>) -> anyhow::Result<()> {
        let entity = self.context.config.kind(self.kind);
        let board = match &entity.board {
            Some(board) => known_columns(self.store, board)?,
            None => None,
        };
        let ids: Vec<String> = entity.key_column.iter().chain(entity.columns.keys()).cloned().collect();
        let fixed = ["entity", "name", "state"].map(str::to_owned);
        let header: Vec<String> = fixed.iter().cloned().chain(ids.iter().cloned()).collect();
        let derivation = DerivationRules::known(&self.context.config, self.store)?;
        let headings = fixed.into_iter().chain(ids.iter().map(|id| self.heading(id)));
        inventory.header(&headings.collect::<Vec<_>>())?;
        self.each(|stored, state, record| {
            let record = derivation.get(self.kind).record(record.json()).unwrap_or_else(|_| record.clone());
            let entry = self.entry(entity, board.as_ref(), &derivation, &ids, stored, state, &record)?;
            inventory.mapped(&entry, &header)
        })
    }

    fn heading(&self, id: &str) -> String {
        let title = self.context.report.titles.get().title(self.kind, id).filter(|_| self.has_titles);
        title.unwrap_or(id).to_owned()
    }

    #[expect(clippy::too_many_arguments, reason = "what all entities share, and one entity")]
    fn entry(
        &self,
        entity: &KindConfig,
        board: Option<&BoardColumns>,
        derivation: &DerivationRules,
        ids: &[String],
        stored: &Entity,
        state: State,
        record: &Record<'_>,
    ) -> anyhow::Result<MappedEntry> {
        let config = &self.context.config;
        let parents = parents_of(self.store, config, derivation, self.kind, record)?;
        let mapped = map::map(entity, &stored.row.key, record, board, Rules::of(config), &parents);
        let text = |id: &str| mapped.columns.get(id).and_then(value_text);
        let columns: Map<String, Value> =
            ids.iter().map(|id| (id.clone(), text(id).map_or(Value::Null, Value::String))).collect();
        Ok(MappedEntry {
            entity: stored.row.entity_key(),
            name: text(NAME).unwrap_or_else(|| stored.name.clone()),
            state,
            columns,
            refused: mapped.refused.keys().cloned().collect(),
        })
    }
}

fn no_such_property(kind: Kind, property: &str, properties: Vec<String>) -> Failure {
    let near = nearest(property, properties.iter().map(String::as_str)).map(str::to_owned);
    let property = property.to_owned();
    Failure::usage(match near {
        Some(near) => InspectText::NoPropertyNear { kind, property, near },
        None => InspectText::NoProperty { kind, property },
    })
    .help(InspectText::PropertiesAre { properties })
}
