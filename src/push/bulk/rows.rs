//! Rows of an import: which new entities, and what of them a file can hold.

use super::file::Line;
use crate::entity::{EntityKey, Kind};
use crate::monday::column::{ImportCell, import_cell};
use crate::monday::document::{self, Mutation};
use crate::plan::map::{self, NAME};
use crate::plan::step::Step;
use crate::push::account::Account;
use crate::push::findings::Finding;
use crate::push::planner::{Context, Planner};
use crate::store::{Action, Due, Intent, Urgency};

/// Entities read from the store in one go.
const AT_ONCE: u64 = 500;
/// Most bytes of one file. monday takes 150 MB; what is held in memory stays well below.
const LARGEST_FILE: usize = 32 * 1024 * 1024;
/// Most columns of a file that connect to items.
const MOST_RELATIONS: usize = 5;

/// Rows of an import, while they are planned.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    /// The intent of each.
    pub(crate) intents: Vec<Intent>,
    /// The entity of each.
    pub(crate) entities: Vec<EntityKey>,
    /// The line of each.
    pub(crate) lines: Vec<Line>,
    /// How many have values that no file can hold.
    pub(crate) completions: u64,
    /// What was found out besides.
    pub(crate) findings: Vec<Finding>,
    most: usize,
    bytes: usize,
    relations: Vec<String>,
}

impl Rows {
    /// At most so many rows, none yet.
    pub(crate) fn new(most: usize) -> Rows {
        Rows { most, ..Rows::default() }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.intents.len()
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.intents.is_empty()
    }

    fn is_full(&self) -> bool {
        self.len() >= self.most || self.bytes >= LARGEST_FILE
    }

    /// Whether a column that connects to items has room in the file.
    fn has_room_for_relation(&mut self, column: &str) -> bool {
        if !self.relations.iter().any(|known| known == column) && self.relations.len() < MOST_RELATIONS {
            self.relations.push(column.to_owned());
        }
        self.relations.iter().any(|known| known == column)
    }

    fn add(&mut self, due: &Due, line: Line, step: Step) {
        self.bytes += line.name.len() + line.cells.values().map(|cell| cell.len() + 1).sum::<usize>();
        self.completions += u64::from(!step.withheld.is_empty());
        self.intents.push(Intent {
            alias: document::alias(self.intents.len()),
            entity: due.row.id,
            version: due.version,
            action: Action::Create,
            item_id: None,
            columns: step.columns,
            withheld: step.withheld,
        });
        self.entities.push(due.row.entity_key());
        self.lines.push(line);
    }
}

/// Adds the new entities of a kind that a file can hold, as far as `takes` lets them in.
///
/// # Errors
/// Where the backlog cannot be read.
pub(crate) fn add_rows(
    planner: &mut Planner<'_>,
    context: &Context<'_>,
    account: &Account,
    kind: Kind,
    takes: &dyn Fn(i64) -> bool,
    rows: &mut Rows,
) -> anyhow::Result<()> {
    let mut after = 0;
    loop {
        let due = context.backlog.due(kind, after, AT_ONCE, Urgency::Usual)?;
        let Some(last) = due.last() else { return Ok(()) };
        after = last.row.id;
        for due in &due {
            if rows.is_full() {
                return Ok(());
            }
            if takes(due.row.id) && planner.may_be_row(account, context.board, due, rows.len()) {
                add_row(planner, context, due, rows)?;
            }
        }
    }
}

/// Adds a new entity, if its whole plan is to make its item.
fn add_row(planner: &mut Planner<'_>, context: &Context<'_>, due: &Due, rows: &mut Rows) -> anyhow::Result<()> {
    let mut findings = Vec::new();
    let Some(mut steps) = planner.plan_noted(context, due, &mut findings)? else { return Ok(()) };
    let step = steps.pop().filter(|step| steps.is_empty() && step.withheld.is_empty());
    if let Some(step) = step.filter(|step| step.action == Action::Create)
        && let Some((line, step)) = split(planner, context, due.row.kind, step, rows)
    {
        rows.findings.append(&mut findings);
        rows.add(due, line, step);
    }
    Ok(())
}

/// What of a new item goes into the file, and what is sent after it; `None`: it cannot be a row at all.
fn split(
    planner: &Planner<'_>,
    context: &Context<'_>,
    kind: Kind,
    step: Step,
    rows: &mut Rows,
) -> Option<(Line, Step)> {
    let config = planner.config().kind(kind);
    let Mutation::Create { name, .. } = &step.mutation else { return None };
    let mut line = Line { name: name.clone(), ..Line::default() };
    let mut left = step;
    let columns = std::mem::take(&mut left.columns);
    for (id, value) in columns {
        let column_type = map::type_of(config, &id, Some(context.columns));
        let is_relation = value.get("item_ids").is_some();
        match import_cell(column_type, &value, context.columns.get(&id)) {
            _ if id == NAME => {}
            ImportCell::Text(text) if !is_relation || rows.has_room_for_relation(&id) => {
                line.cells.insert(id.clone(), text);
            }
            ImportCell::Blank => {}
            ImportCell::Text(_) | ImportCell::NotImported => {
                left.withheld.insert(id);
                continue;
            }
        }
        left.columns.insert(id, value);
    }
    let is_keyed = config.target().is_some_and(|target| line.cells.contains_key(target.key_column));
    (is_keyed && !line.name.starts_with('<')).then_some((line, left))
}
