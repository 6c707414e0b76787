//! `hopem-sync show-json`: records exactly as received; what monday should get, and got, of them; the record from HApi now.

use super::context::Context;
use super::selector::{self, FROM_STDIN, Gone, Resolved, Selector};
use crate::entity::Record;
use crate::failure::{Exit, Failure};
use crate::hapi::ReadError;
use crate::message::{HapiText, RunText, ScreenText};
use crate::plan::derive::{DerivationRules, KindRules};
use crate::plan::known::known_columns;
use crate::plan::map::{self, Mapped, Rules};
use crate::plan::relations::parents_of;
use crate::pull::live::{self, Unread};
use crate::pull::trouble::failure;
use crate::pull::unread::keep_wait;
use crate::run::ownership;
use crate::store::{Entity, Side, Store};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Arguments of `show-json`.
#[derive(Debug, clap::Args)]
#[command(before_long_help = "\
Examples:
  hopem-sync show-json unit:1472             byte for byte what Hopem sent
  hopem-sync show-json unit | jq length      all units, as an array
  hopem-sync show-json unit:1472 --mapped    what monday should get, by column
  hopem-sync show-json unit:1472 --live      the whole record from HApi now")]
pub(crate) struct ShowJson {
    /// Kinds (`unit`) and entities (`unit:1472`); `-` reads them from standard input
    #[arg(value_name = "SELECTOR", required = true)]
    selectors: Vec<String>,
    #[command(flatten)]
    view: View,
}

/// Choice of what is shown in place of the record as received.
#[derive(Debug, clap::Args)]
#[group(multiple = false)]
struct View {
    /// What monday should get, by column
    #[arg(long)]
    mapped: bool,
    /// What monday got last, by column
    #[arg(long)]
    sent: bool,
    /// Both of them, side by side
    #[arg(long)]
    diff: bool,
    /// The whole record from HApi now
    #[arg(long)]
    live: bool,
}

impl ShowJson {
    /// Prints the records.
    ///
    /// # Errors
    /// Where nothing is named that the store knows, HApi cannot be asked, or the store cannot be read.
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let selectors = selector::parse_all(&self.selectors, &context.stop)?;
        let store = context.store_to_read()?;
        let resolved = Resolved::of(&selectors, &store, Gone::Included, context.clock())?;
        for selector in resolved.missing_names() {
            context.report.warn(&RunText::NoStoreEntry { selector }.into());
        }
        let mut entities = resolved.entities.clone();
        for &kind in &resolved.kinds {
            entities.extend(store.all(kind)?);
        }
        let (texts, exit) = match self.view.live {
            true => self.live(context, &store, &entities)?,
            false => {
                let texts = entities.iter().map(|entity| self.text(context, &store, entity));
                (texts.collect::<anyhow::Result<_>>()?, Exit::Ok)
            }
        };
        // A script that pipes selectors in does not know how many they are: it always gets a list.
        let is_one = matches!(self.selectors.as_slice(), [word] if word != FROM_STDIN);
        let text = match (selectors.as_slice(), texts.as_slice()) {
            ([Selector::Entity(..)], [only]) if is_one => format!("{only}\n"),
            (_, []) => "[]\n".to_owned(),
            (_, all) => format!("[{}]\n", all.join(",\n")),
        };
        context.report.print_record(&text)?;
        Ok(resolved.exit().and(exit))
    }

    /// The records of now. What is gone is named beside the others, and is an error where nothing else was asked for.
    fn live(&self, context: &Context, store: &Store, entities: &[Entity]) -> anyhow::Result<(Vec<String>, Exit)> {
        let (mut texts, mut exit) = (Vec::new(), Exit::Ok);
        for (entity, record) in entities.iter().zip(records_now(context, store, entities)?) {
            let gone = ScreenText::GoneFromHapi { entity: entity.row.entity_key().to_string() };
            match record {
                Some(record) => texts.push(record),
                None if entities.len() == 1 => return Err(Failure::new(Exit::Partial, gone).into()),
                None => {
                    context.report.warn(&gone.into());
                    exit = Exit::Partial;
                }
            }
        }
        Ok((texts, exit))
    }

    fn text(&self, context: &Context, store: &Store, entity: &Entity) -> anyhow::Result<String> {
        if self.view.sent {
            let sent = store.sent(entity.row.id)?;
            return Ok(sent.map_or(Value::Null, |sent| Value::Object(sent.to_values())).to_string());
        }
        if self.view.mapped {
            return Ok(Value::Object(mapped(context, store, entity)?.wanted()).to_string());
        }
        if self.view.diff {
            return diff(context, store, entity);
        }
        let derivation = DerivationRules::of(&context.config);
        let record = parse(entity, derivation.get(entity.row.kind))?;
        let properties: Vec<String> = record.names().map(str::to_owned).collect();
        let (entity_name, count) = (entity.row.entity_key().to_string(), properties.len() as u64);
        let stored = ScreenText::PropertiesStored { entity: entity_name, count, properties };
        context.report.info(&context.report.text(stored));
        Ok(entity.record.clone())
    }
}

/// The records as HApi gives them now; the calls are counted, and a wait that it asks for is kept.
fn records_now(context: &Context, store: &Store, entities: &[Entity]) -> anyhow::Result<Vec<Option<String>>> {
    ownership::refuse_other_source(store, &context.config)?;
    if let Some(wait) = store.wait(Side::Hapi, context.now())? {
        return Err(Failure::new(Exit::Failed, wait.why).help(HapiText::WaitForHapi {}).into());
    }
    let client = context.hapi()?;
    let records = live::records(&context.config, &client, store, entities)?;
    let now = context.now();
    if client.calls() > 0 {
        context.store()?.write(|tx| {
            tx.count_calls(Side::Hapi, client.calls(), now)?;
            match records {
                Err(Unread { error: ReadError::NotBefore(wait), .. }) => keep_wait(tx, wait, now).map(drop),
                _ => Ok(()),
            }
        })?;
    }
    records.map_err(|Unread { what, kind, error }| failure(&what, HapiText::CheckOptions { kind }, error, now))
}

fn parse<'r>(entity: &'r Entity, rules: &'r KindRules) -> anyhow::Result<Record<'r>> {
    rules.record(&entity.record).map_err(|_| {
        let selector = entity.row.entity_key().to_string();
        Failure::new(Exit::Partial, RunText::NoStoreEntry { selector }).help(RunText::RunPull {}).into()
    })
}

/// What monday should get. What it would refuse is said beside it.
fn mapped(context: &Context, store: &Store, stored: &Entity) -> anyhow::Result<Mapped> {
    let entity = context.config.kind(stored.row.kind);
    let board = match &entity.board {
        Some(board) => known_columns(store, board)?,
        None => None,
    };
    let derivation = DerivationRules::known(&context.config, store)?;
    let record = parse(stored, derivation.get(stored.row.kind))?;
    let parents = parents_of(store, &context.config, &derivation, stored.row.kind, &record)?;
    let mapped = map::map(entity, &stored.row.key, &record, board.as_ref(), Rules::of(&context.config), &parents);
    for (column, refusal) in &mapped.refused {
        let error = refusal.error.text(context.lang());
        let column = context.report.style_of_stderr().column_error(stored.row.kind, column, error);
        context.report.warn(&ScreenText::OfEntity { entity: stored.row.entity_key().to_string(), text: column }.into());
    }
    Ok(mapped)
}

/// Every column with what monday got last and what it should get.
fn diff(context: &Context, store: &Store, stored: &Entity) -> anyhow::Result<String> {
    let mapped = mapped(context, store, stored)?.wanted();
    let sent = store.sent(stored.row.id)?.unwrap_or_default().to_values();
    let columns: BTreeSet<&String> = sent.keys().chain(mapped.keys()).collect();
    let both: Map<String, Value> = columns
        .into_iter()
        .map(|column| {
            let (old, new) = (sent.get(column), mapped.get(column));
            (column.clone(), json!({"sent": old, "mapped": new, "same": old == new}))
        })
        .collect();
    Ok(Value::Object(both).to_string())
}
