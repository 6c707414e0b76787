//! `hopem-sync explain`: why a column is, or is not, sent now.

use super::context::Context;
use super::selector::{Gone, Resolved, Selector};
use crate::failure::{Exit, Failure};
use crate::message::{InspectText, RunText, ScreenText};
use crate::plan::explain::explain;
use crate::plan::titles::ColumnTitles;
use crate::plan::verdict::ExplainedColumn;
use crate::report::explain::Explained;
use crate::store::{Entity, StateRow, Store};
use crate::text::nearest;
use jiff::Timestamp;

/// Arguments of `explain`.
#[derive(Debug, clap::Args)]
#[command(before_long_help = "\
Examples:
  hopem-sync explain unit:1472             every column, from the record to what monday got last
  hopem-sync explain unit:1472 Loyer       one column, by its title or its id
  hopem-sync explain unit:1472 --json      each step by itself")]
pub(crate) struct Explain {
    /// An entity (`unit:1472`)
    #[arg(value_name = "SELECTOR")]
    selector: String,
    /// A column's title or id; `name` is the item's name. All columns if it is left out
    #[arg(value_name = "COLUMN")]
    column: Option<String>,
}

impl Explain {
    /// Explains the columns of one entity.
    ///
    /// # Errors
    /// Where the selector names no entity, or the store cannot be read.
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let selector = Selector::parse(&self.selector)?;
        if let Selector::Kind(_) = selector {
            return Err(Failure::usage(InspectText::ExplainOneEntity {}).help(RunText::NeedsOneSelector {}).into());
        }
        let (store, now) = (context.store_to_read()?, context.now());
        for stored in Resolved::of(&[selector], &store, Gone::Included, context.clock())?.entities {
            let time = |at: Timestamp| context.report.time_in_document(at);
            let mut explanation = explain(&store, &context.config, &stored, now, &time)?;
            if let Some(column) = &self.column {
                explanation.steps = only(context.report.titles.get(), &stored, explanation.steps, column)?;
            }
            if !explanation.is_board_known {
                context.report.warn(&InspectText::ColumnsUnread {}.into());
            }
            let row = state(context, &store, &stored, now)?;
            let titles = context.report.titles.get();
            context.report.show(&Explained {
                stored: &stored,
                row: row.as_ref(),
                steps: &explanation.steps,
                titles,
            })?;
        }
        Ok(Exit::Ok)
    }
}

/// Its state and ages; `None`: it is deleted.
fn state(context: &Context, store: &Store, stored: &Entity, now: Timestamp) -> anyhow::Result<Option<StateRow>> {
    let kind = stored.row.kind;
    Ok(store.list_states(kind, context.pushing(kind), Some(&stored.row.key), now)?.into_iter().next())
}

/// The one column that is asked for.
fn only(
    titles: &ColumnTitles,
    stored: &Entity,
    steps: Vec<ExplainedColumn>,
    column: &str,
) -> anyhow::Result<Vec<ExplainedColumn>> {
    let columns: Vec<String> = steps.iter().map(|step| step.column.clone()).collect();
    let kind = stored.row.kind;
    if let Some(id) = titles.find(kind, column, columns.iter().map(String::as_str)) {
        return Ok(steps.into_iter().filter(|step| step.column == id).collect());
    }
    let column = column.to_owned();
    let what = match nearest(&column, columns.iter().map(String::as_str)) {
        Some(near) => InspectText::UnknownColumnNear { kind, near: near.to_owned(), column },
        None => InspectText::UnknownColumn { kind, column },
    };
    let columns = columns.iter().map(|id| titles.with_id(kind, id)).collect();
    Err(Failure::usage(what).help(ScreenText::MappedColumnsAre { columns }).into())
}
