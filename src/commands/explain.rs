//! `hopem-sync explain`: why a column is, or is not, sent now.

use super::Context;
use super::selector::{Gone, Resolved, Selector};
use crate::failure::{Exit, Failure};
use crate::message::{InspectText, RunText, ScreenText};
use crate::plan::explain::{Step, explain};
use crate::report::explain::Explained;
use crate::store::{Entity, State, Store};
use crate::text::nearest;
use jiff::Timestamp;

/// Arguments of `explain`.
#[derive(Debug, clap::Args)]
#[command(before_long_help = "\
Examples:
  hopem-sync explain unit:1472             every column, from the record to what monday got last
  hopem-sync explain unit:1472 status_1    one column
  hopem-sync explain unit:1472 --json      each step by itself")]
pub(crate) struct Explain {
    /// An entity (`unit:1472`)
    #[arg(value_name = "SELECTOR")]
    selector: String,
    /// A column's id; `name` is the item's name. All columns if it is left out
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
        for stored in Resolved::of(&[selector], &store, Gone::Included)?.entities {
            let time = |at: Timestamp| context.report.time_in_document(at);
            let mut explanation = explain(&store, &context.config, &stored, now, &time)?;
            if let Some(column) = &self.column {
                explanation.steps = only(&stored, explanation.steps, column)?;
            }
            if !explanation.is_board_known {
                context.report.warn(&InspectText::ColumnsUnread {}.into());
            }
            let state = state(context, &store, &stored, now)?;
            context.report.show(&Explained { stored: &stored, state, steps: &explanation.steps })?;
        }
        Ok(Exit::Ok)
    }
}

fn state(context: &Context, store: &Store, stored: &Entity, now: Timestamp) -> anyhow::Result<State> {
    let is_off = !context.is_pushed(stored.row.kind);
    let rows = store.list_states(stored.row.kind, is_off, Some(&stored.row.key), now)?;
    Ok(rows.first().map_or(State::Deleted, |row| row.state))
}

/// The one column that is asked for.
fn only(stored: &Entity, steps: Vec<Step>, column: &str) -> anyhow::Result<Vec<Step>> {
    let columns: Vec<String> = steps.iter().map(|step| step.column.clone()).collect();
    let found: Vec<Step> = steps.into_iter().filter(|step| step.column == column).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let (kind, column) = (stored.row.kind, column.to_owned());
    let what = match nearest(&column, columns.iter().map(String::as_str)) {
        Some(near) => InspectText::UnknownColumnNear { kind, near: near.to_owned(), column },
        None => InspectText::UnknownColumn { kind, column },
    };
    Err(Failure::usage(what).help(ScreenText::MappedColumnsAre { columns }).into())
}
