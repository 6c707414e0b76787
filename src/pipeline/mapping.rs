//! An entity and its mapping -> what its item should show. Pure but for the parents, which are asked for by a closure.

use crate::config::{Column, Entity, Source};
use crate::entity::{BadValue, Kind, Record, Template};
use crate::failure::FailureCause;
use crate::message::{ColumnText, Message, MondayText};
use crate::monday::column::{BoardColumn, ColumnType, Input, Options, cell};
use crate::store::{Parent, Stored};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Longest item name. Source: monday's documentation of error handling (`ItemNameTooLongException`).
const LONGEST_NAME: usize = 255;
/// The item name among the columns, as monday itself calls it.
pub const NAME: &str = "name";

/// What an item should show.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mapped {
    /// Values by column, the item name as `name`. A column whose property was not received is not among them.
    pub columns: Map<String, Value>,
    /// Columns whose value monday would refuse.
    pub refused: BTreeMap<String, Refusal>,
}

/// A value that is not sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// Why, for programs.
    pub cause: FailureCause,
    /// Why.
    pub error: Message,
    /// What to do.
    pub hint: Message,
    /// The value, as it came.
    pub value: String,
    /// Whether it may be right later though nothing of the entity changes: a label can be added to the board.
    pub may_heal: bool,
}

/// What the columns of a board are, where that is known.
pub type BoardColumns = BTreeMap<String, BoardColumn>;

/// Maps an entity. `board`: the columns of its board; `None` where they were never read: then nothing is checked against them.
pub fn map(
    entity: &Entity,
    key: &str,
    record: &Record<'_>,
    board: Option<&BoardColumns>,
    create_labels: bool,
    parent: impl Fn(Kind) -> anyhow::Result<Parent>,
) -> anyhow::Result<Mapped> {
    let mut mapped = Mapped::default();
    let selector = format!("{}:{key}", entity.kind);
    map_name(entity, &selector, record, &mut mapped);
    if let Some(key_column) = &entity.key_column {
        mapped.columns.insert(key_column.clone(), json!(selector));
    }
    for (id, column) in &entity.columns {
        let read = read(entity, column, record, &parent)?;
        let outcome = read.and_then(|input| match input {
            None => Ok(None),
            Some(input) => value(entity, id, column, &input, board, create_labels).map(Some),
        });
        match outcome {
            Ok(None) => {}
            Ok(Some(value)) => {
                mapped.columns.insert(id.clone(), value);
            }
            Err(refusal) => {
                mapped.refused.insert(id.clone(), *refusal);
            }
        }
    }
    Ok(mapped)
}

/// The item name: never empty, never longer than monday takes.
fn map_name(entity: &Entity, selector: &str, record: &Record<'_>, mapped: &mut Mapped) {
    match entity.name.render(|property| record.text(property)) {
        Ok(None) => {}
        Ok(Some(name)) if name.is_empty() => {
            mapped.columns.insert(NAME.to_owned(), json!(selector));
        }
        Ok(Some(name)) => {
            let cut: String = name.chars().take(LONGEST_NAME).collect();
            mapped.columns.insert(NAME.to_owned(), json!(cut.trim_end()));
        }
        Err(BadValue { property }) => {
            let raw = record.raw(&property).unwrap_or_default();
            mapped.refused.insert(NAME.to_owned(), bad_text(entity, property, raw));
        }
    }
}

fn bad_text(entity: &Entity, property: String, raw: &str) -> Refusal {
    Refusal {
        cause: FailureCause::ValueUnfit,
        error: MondayText::BadText { property }.into(),
        hint: MondayText::MendValue { kind: entity.kind }.into(),
        value: crate::text::shortened(raw, 300),
        may_heal: false,
    }
}

/// Reads a column's source; `Ok(Ok(None))` where a property was not received.
pub(super) fn read(
    entity: &Entity,
    column: &Column,
    record: &Record<'_>,
    parent: &impl Fn(Kind) -> anyhow::Result<Parent>,
) -> anyhow::Result<Result<Option<Input>, Box<Refusal>>> {
    if let Source::Relation(kind) = &column.source {
        return Ok(Ok(Some(Input::Items(items_of(parent(*kind)?)))));
    }
    let theirs: Stored;
    let of_parent;
    let record = match column.of {
        None => record,
        Some(kind) => {
            // Without its parent there is nothing to show.
            let Parent::One(found) = parent(kind)? else { return Ok(Ok(Some(Input::Text(String::new())))) };
            theirs = found;
            let Ok(parsed) = Record::parse(&theirs.record) else { return Ok(Ok(None)) };
            of_parent = parsed;
            &of_parent
        }
    };
    let read = match &column.source {
        Source::Field(property) => field(record, property),
        Source::Template(template) => filled(record, template),
        Source::Relation(_) => Ok(None),
    };
    Ok(read.map_err(|BadValue { property }| {
        let raw = record.raw(&property).unwrap_or_default().to_owned();
        Box::new(bad_text(entity, property, &raw))
    }))
}

/// The item of a parent, where it has one on its board.
fn items_of(parent: Parent) -> Vec<String> {
    match parent {
        Parent::One(parent) => parent.item_id.into_iter().collect(),
        Parent::Unnamed | Parent::Missing | Parent::Ambiguous => Vec::new(),
    }
}

fn field(record: &Record<'_>, property: &str) -> Result<Option<Input>, BadValue> {
    let is_list = record.raw(property).is_some_and(|raw| raw.starts_with('['));
    if is_list {
        let elements: Option<Vec<Value>> = record.raw(property).and_then(|raw| serde_json::from_str(raw).ok());
        let plain = |value: Value| match value {
            Value::String(text) => Some(text.trim().to_owned()),
            Value::Number(number) => crate::entity::decimal::shortest(&number.to_string()),
            Value::Bool(flag) => Some(flag.to_string()),
            _ => None,
        };
        if let Some(texts) = elements.and_then(|elements| elements.into_iter().map(plain).collect::<Option<Vec<_>>>()) {
            return Ok(Some(Input::List(texts)));
        }
    }
    Ok(record.text(property)?.map(Input::Text))
}

fn filled(record: &Record<'_>, template: &Template) -> Result<Option<Input>, BadValue> {
    Ok(template.render(|property| record.text(property))?.map(Input::Text))
}

fn value(
    entity: &Entity,
    id: &str,
    column: &Column,
    input: &Input,
    board: Option<&BoardColumns>,
    create_labels: bool,
) -> Result<Value, Box<Refusal>> {
    let refusal = |cause: FailureCause, error: Message, hint: MondayText, may_heal: bool| {
        let value = crate::text::shortened(&told(input), 300);
        Box::new(Refusal { cause, error, hint: hint.into(), value, may_heal })
    };
    let on_board = board.and_then(|columns| columns.get(id));
    if let (Some(_), None) = (board, on_board) {
        let board = entity.board.clone().unwrap_or_default();
        let error = MondayText::ColumnMissing { column: id.to_owned(), board };
        let hint = MondayText::CheckColumn { kind: entity.kind };
        return Err(refusal(FailureCause::ColumnMissing, error.into(), hint, true));
    }
    let column_type = match (column.column_type, on_board) {
        (Some(column_type), _) => column_type,
        (None, _) if matches!(column.source, Source::Relation(_)) => ColumnType::BoardRelation,
        (None, None) => ColumnType::Text,
        (None, Some(found)) => found.known_type().ok_or_else(|| {
            let error = MondayText::ColumnNotWritable { column: id.to_owned(), column_type: found.column_type.clone() };
            let hint = MondayText::CheckColumn { kind: entity.kind };
            refusal(FailureCause::ColumnUnwritable, error.into(), hint, true)
        })?,
    };
    let options = options(column, create_labels);
    let labels = on_board.and_then(BoardColumn::labels);
    cell(column_type, input, &options, labels.as_ref()).map_err(|text| {
        let may_heal = is_about_label(&text);
        let (cause, hint) = match may_heal {
            true => (FailureCause::LabelMissing, MondayText::AddLabel { kind: entity.kind }),
            false => (FailureCause::ValueUnfit, MondayText::MendValue { kind: entity.kind }),
        };
        refusal(cause, text.into(), hint, may_heal)
    })
}

/// How a column wants its values treated.
pub(super) fn options(column: &Column, create_labels: bool) -> Options<'_> {
    Options {
        values: &column.values,
        default: column.default.as_deref(),
        country: column.country.as_deref(),
        time: column.time,
        create_labels,
    }
}

fn is_about_label(text: &ColumnText) -> bool {
    matches!(
        text,
        ColumnText::CellNoSuchLabel { .. }
            | ColumnText::CellLabelDeactivated { .. }
            | ColumnText::CellLabelOfDigits { .. }
    )
}

fn told(input: &Input) -> String {
    match input {
        Input::Text(text) => text.clone(),
        Input::List(texts) | Input::Items(texts) => texts.join(", "),
    }
}

/// Whether a value leaves its column empty: in a new item it need not be sent.
pub fn is_blank(value: &Value) -> bool {
    let is_empty_list = |name: &str| value.get(name).and_then(Value::as_array).is_some_and(Vec::is_empty);
    value.is_null() || is_empty_list("item_ids") || is_empty_list("labels")
}

/// The type that a column is compared by.
pub fn type_of(entity: &Entity, id: &str, board: Option<&BoardColumns>) -> ColumnType {
    let configured = entity.columns.get(id);
    let is_relation = configured.is_some_and(|column| matches!(column.source, Source::Relation(_)));
    configured
        .and_then(|column| column.column_type)
        .or(is_relation.then_some(ColumnType::BoardRelation))
        .or_else(|| board?.get(id)?.known_type())
        .unwrap_or(ColumnType::Text)
}
