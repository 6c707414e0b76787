//! `hopem-sync show-json`: records exactly as received, or what monday got of them last.

use super::Context;
use super::selector::{self, Resolved, Selector};
use crate::entity::Record;
use crate::failure::{Exit, Failure};
use crate::message::{RunText, ScreenText};
use crate::store::{Store, Stored};

/// Arguments of `show-json`.
#[derive(Debug, clap::Args)]
#[command(before_long_help = "\
Examples:
  hopem-sync show-json unit:1472             byte for byte what Hopem sent
  hopem-sync show-json unit | jq length      all units, as an array
  hopem-sync show-json unit:1472 --sent      what monday got last, by column")]
pub(crate) struct ShowJson {
    /// Kinds (`unit`) and entities (`unit:1472`); `-` reads them from standard input
    #[arg(value_name = "SELECTOR", required = true)]
    selectors: Vec<String>,
    /// What monday got last
    #[arg(long)]
    sent: bool,
}

impl ShowJson {
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let selectors = selector::parse_all(&self.selectors)?;
        let store = context.store_to_read()?;
        let resolved = Resolved::of(&selectors, &store, true)?;
        for selector in resolved.missing_names() {
            context.report.warn(&RunText::NoStoreEntry { selector }.into());
        }
        let mut texts = Vec::new();
        let mut entities = resolved.entities.clone();
        for &kind in &resolved.kinds {
            entities.extend(store.all(kind)?);
        }
        for entity in &entities {
            texts.push(self.text(context, &store, entity)?);
        }
        let text = match (selectors.as_slice(), texts.as_slice()) {
            ([Selector::Entity(..)], [only]) => format!("{only}\n"),
            (_, []) => "[]\n".to_owned(),
            (_, all) => format!("[{}]\n", all.join(",\n")),
        };
        context.report.print(&text)?;
        Ok(resolved.exit())
    }

    fn text(&self, context: &Context, store: &Store, entity: &Stored) -> anyhow::Result<String> {
        let name = format!("{}:{}", entity.kind, entity.key);
        if self.sent {
            return Ok(store.sent(entity.id)?.unwrap_or_else(|| "null".to_owned()));
        }
        if entity.record.is_empty() {
            return Err(Failure::new(Exit::Partial, RunText::NoStoreEntry { selector: name })
                .help(RunText::RunPull {})
                .into());
        }
        if let Ok(record) = Record::parse(&entity.record) {
            let properties: Vec<String> = record.names().map(str::to_owned).collect();
            let count = properties.len() as u64;
            context.report.say(&context.report.text(ScreenText::PropertiesStored { entity: name, count, properties }));
        }
        Ok(entity.record.clone())
    }
}
