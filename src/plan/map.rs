//! An entity, its parents and its mapping -> what its item should show. Pure.

use crate::config::{Column, Config, KindConfig, OnRefused, Source};
use crate::entity::{BadValue, EntityKey, Record, Separators, Template};
use crate::failure::{FailureCause, FailureDetail};
use crate::message::{ColumnText, DoctorText, Message, MondayText};
use crate::monday::column::{Blanks, BoardColumn, ColumnType, Input, MOST_BYTES, Options, cell};
use crate::monday::diagnosis::connected_boards;
use crate::plan::parents::Parents;
use crate::store::Parent;
use crate::text::{beginning, nfc, on_one_line, trimmed};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Longest item name. Source: monday's documentation of error handling (`ItemNameTooLongException`).
const LONGEST_NAME: usize = 255;
/// The item name among the columns, as monday itself calls it.
pub(crate) const NAME: &str = "name";

/// Content that an item should show.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Mapped {
    /// Values by column, the item name as `name`. A column whose property was not received is not among them.
    pub(crate) columns: Map<String, Value>,
    /// Columns whose value monday would refuse.
    pub(crate) refused: BTreeMap<String, Refusal>,
    /// Whether a column whose value is refused, here or by monday, is cleared.
    pub(crate) clears: bool,
}

impl Mapped {
    /// All that the item should show: a column that is refused is blank, unless it is to keep what it shows.
    pub(crate) fn wanted(&self) -> Map<String, Value> {
        let mut wanted = self.columns.clone();
        for (column, refusal) in &self.refused {
            wanted.extend(refusal.clears.clone().map(|blank| (column.clone(), blank)));
        }
        wanted
    }
}

/// Rules that a mapping follows besides the configuration of its kind.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules<'c> {
    /// Whether monday may make missing labels.
    pub(crate) create_labels: bool,
    /// The values that mean nothing.
    pub(crate) blanks: &'c Blanks,
    /// Whether a column whose value cannot be sent is cleared.
    pub(crate) clears: bool,
    /// The settings of all kinds: which board has the items of the parents.
    pub(crate) kinds: &'c [KindConfig],
}

impl<'c> Rules<'c> {
    /// Those of a configuration.
    pub(crate) fn of(config: &'c Config) -> Rules<'c> {
        Rules {
            create_labels: config.monday.create_labels,
            blanks: &config.sync.blank,
            clears: config.sync.on_refused == OnRefused::Clear,
            kinds: &config.kinds,
        }
    }
}

/// Value that is not sent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    /// Why, for programs.
    pub(crate) cause: FailureCause,
    /// Why.
    pub(crate) error: Message,
    /// What to do.
    pub(crate) hint: Message,
    /// The value, as it came.
    pub(crate) value: String,
    /// Whether it may be right later though nothing of the entity changes: a label can be added to the board.
    pub(crate) may_resolve: bool,
    /// What clears the column; `None` where it is left alone.
    pub(crate) clears: Option<Value>,
}

/// Columns of a board, where they are known.
pub(crate) type BoardColumns = BTreeMap<String, BoardColumn>;

/// Maps an entity. `board`: the columns of its board; `None` where they were never read: then nothing is checked against them.
pub(crate) fn map(
    entity: &KindConfig,
    key: &str,
    record: &Record<'_>,
    board: Option<&BoardColumns>,
    rules: Rules<'_>,
    parents: &Parents,
) -> Mapped {
    let mut mapped = Mapped { clears: rules.clears, ..Mapped::default() };
    let selector = EntityKey::new(entity.kind, key).to_string();
    map_name(entity, &selector, record, rules, &mut mapped);
    if let Some(key_column) = &entity.key_column {
        mapped.columns.insert(key_column.clone(), json!(selector));
    }
    for (id, column) in &entity.columns {
        let outcome = read(entity, column, record, rules.blanks, parents).and_then(|input| match input {
            None => Ok(None),
            Some(input) => match leads_elsewhere(entity, id, column, &input, board, rules) {
                Some(refusal) => Err(refusal),
                None => value(entity, id, column, &input, board, rules).map(Some),
            },
        });
        match outcome {
            Ok(None) => {}
            Ok(Some(value)) => {
                mapped.columns.insert(id.clone(), value);
            }
            Err(mut refusal) => {
                refusal.clears = (rules.clears && is_writable(refusal.cause)).then(|| cleared(entity, id, &selector));
                mapped.refused.insert(id.clone(), *refusal);
            }
        }
    }
    refuse_surplus(entity, rules, &mut mapped);
    mapped
}

/// Whether a column that is refused for this cause could be written as such.
fn is_writable(cause: FailureCause) -> bool {
    !matches!(
        cause,
        FailureCause::ColumnMissing
            | FailureCause::ColumnTypeDiffers
            | FailureCause::ColumnUnwritable
            | FailureCause::ConnectionElsewhere
    )
}

/// Why a connection cannot be sent: its column leads to other boards than the one with the parents' items. monday would refuse it
/// for each item by itself.
fn leads_elsewhere(
    entity: &KindConfig,
    id: &str,
    column: &Column,
    input: &Input,
    board: Option<&BoardColumns>,
    rules: Rules<'_>,
) -> Option<Box<Refusal>> {
    let (Source::Relation(parent), Input::Items(items)) = (&column.source, input) else { return None };
    let targets = connected_boards(board?.get(id)?)?;
    let wanted = rules.kinds.iter().find(|config| config.kind == *parent)?.pushed_board()?;
    if items.is_empty() || targets.iter().any(|target| target == wanted) {
        return None;
    }
    let (parent, board) = (*parent, wanted.to_owned());
    Some(Box::new(Refusal {
        cause: FailureCause::ConnectionElsewhere,
        error: DoctorText::ConnectedElsewhere { parent, board, targets }.into(),
        hint: DoctorText::ConnectToParents { kind: entity.kind }.into(),
        value: items.join(", "),
        may_resolve: true,
        clears: None,
    }))
}

/// The item name: never empty, never longer than monday takes.
fn map_name(entity: &KindConfig, selector: &str, record: &Record<'_>, rules: Rules<'_>, mapped: &mut Mapped) {
    match name(entity, record, rules.blanks) {
        Ok(None) => {}
        Ok(Some(name)) if name.is_empty() => {
            mapped.columns.insert(NAME.to_owned(), json!(selector));
        }
        Ok(Some(name)) => {
            mapped.columns.insert(NAME.to_owned(), json!(trimmed(beginning(&name, LONGEST_NAME))));
        }
        Err(BadValue { property }) => {
            let raw = record.raw(&property).unwrap_or_default();
            let mut refusal = bad_text(entity, property, raw);
            refusal.clears = rules.clears.then(|| json!(selector));
            mapped.refused.insert(NAME.to_owned(), refusal);
        }
    }
}

/// The name of an entity, on one line, empty where nothing names it; `None` where a property was not received.
///
/// # Errors
/// Where a property that the name is made of is no plain value.
pub(crate) fn name(entity: &KindConfig, record: &Record<'_>, blanks: &Blanks) -> Result<Option<String>, BadValue> {
    let name = fill(record, &entity.name, Separators::All, blanks)?.map(|name| on_one_line(&name));
    Ok(name.map(|name| if blanks.holds(&name) { String::new() } else { trimmed(&name).to_owned() }))
}

/// What clears a column. An item is never without a name.
pub(crate) fn cleared(entity: &KindConfig, column: &str, selector: &str) -> Value {
    let is_relation = |column: &Column| matches!(column.source, Source::Relation(_));
    match entity.columns.get(column) {
        _ if column == NAME => json!(selector),
        Some(column) if is_relation(column) => json!({ "item_ids": [] }),
        _ => Value::Null,
    }
}

/// monday keeps so many bytes for all texts of an item: the longest ones are refused until the others fit.
fn refuse_surplus(entity: &KindConfig, rules: Rules<'_>, mapped: &mut Mapped) {
    let size = |value: &Value| value.as_str().map_or_else(|| value.to_string().len(), str::len);
    loop {
        let of_columns = || mapped.columns.iter().filter(|(column, _)| *column != NAME);
        let total: usize = of_columns().map(|(_, value)| size(value)).sum();
        if total <= MOST_BYTES {
            return;
        }
        let longest = of_columns()
            .filter(|(column, _)| entity.columns.contains_key(*column))
            .max_by_key(|(column, value)| (size(value), std::cmp::Reverse(*column)));
        let Some((column, value)) = longest else { return };
        let (column, text) = (column.clone(), value.as_str().unwrap_or_default().to_owned());
        mapped.columns.remove(&column);
        let refusal = Refusal {
            cause: FailureCause::ValueUnfit,
            error: ColumnText::CellTextsTooLong { length: total as u64, most: MOST_BYTES as u64 }.into(),
            hint: MondayText::MendValue { kind: entity.kind }.into(),
            value: crate::text::shortened(&text, 300),
            may_resolve: false,
            clears: rules.clears.then_some(Value::Null),
        };
        mapped.refused.insert(column, refusal);
    }
}

fn bad_text(entity: &KindConfig, property: String, raw: &str) -> Refusal {
    Refusal {
        cause: FailureCause::ValueUnfit,
        error: MondayText::BadText { property }.into(),
        hint: MondayText::MendValue { kind: entity.kind }.into(),
        value: crate::text::shortened(raw, 300),
        may_resolve: false,
        clears: None,
    }
}

/// Reads a column's source; `None` where a property was not received.
///
/// # Errors
/// Where a property is no plain value.
pub(crate) fn read(
    entity: &KindConfig,
    column: &Column,
    record: &Record<'_>,
    blanks: &Blanks,
    parents: &Parents,
) -> Result<Option<Input>, Box<Refusal>> {
    if let Source::Relation(kind) = &column.source {
        return Ok(Some(Input::Items(items_of(parents.get(*kind)))));
    }
    let of_parent;
    let record = match column.of {
        None => record,
        Some(kind) => {
            // Without its parent there is nothing to show.
            let Parent::One(found) = parents.get(kind) else { return Ok(Some(Input::Text(String::new()))) };
            let Ok(parsed) = Record::parse(&found.record) else { return Ok(None) };
            of_parent = parsed;
            &of_parent
        }
    };
    let read = match &column.source {
        Source::Field(property) => field(record, property),
        Source::Template(template) => {
            fill(record, template, separators(column.column_type), blanks).map(|text| text.map(Input::Text))
        }
        Source::Relation(_) => Ok(None),
    };
    read.map_err(|BadValue { property }| {
        let raw = record.raw(&property).unwrap_or_default().to_owned();
        Box::new(bad_text(entity, property, &raw))
    })
}

/// The item of a parent, where it has one on its board.
fn items_of(parent: &Parent) -> Vec<String> {
    match parent {
        Parent::One(parent) => parent.row.item_id.iter().cloned().collect(),
        Parent::Unnamed | Parent::Missing | Parent::Ambiguous => Vec::new(),
    }
}

fn field(record: &Record<'_>, property: &str) -> Result<Option<Input>, BadValue> {
    let is_list = record.raw(property).is_some_and(|raw| raw.starts_with('['));
    if is_list {
        let elements: Option<Vec<Value>> = record.raw(property).and_then(|raw| serde_json::from_str(raw).ok());
        let plain = |value: Value| match value {
            Value::String(text) => Some(nfc(trimmed(&text)).into_owned()),
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

/// What separates the parts of a template whose column is configured as this.
fn separators(configured: Option<ColumnType>) -> Separators {
    match configured {
        Some(ColumnType::Text | ColumnType::LongText | ColumnType::Status | ColumnType::Dropdown) => Separators::All,
        Some(_) => Separators::None,
        None => Separators::Blank,
    }
}

/// A template with its holes filled; a value that means nothing leaves its hole empty.
///
/// # Errors
/// Where a property’s value cannot be read as text.
pub(crate) fn fill(
    record: &Record<'_>,
    template: &Template,
    separators: Separators,
    blanks: &Blanks,
) -> Result<Option<String>, BadValue> {
    template.render(separators, |property| {
        let text = record.text(property)?;
        Ok(text.map(|text| if blanks.holds(&text) { String::new() } else { text }))
    })
}

/// The type that a column is written as, or why it cannot be written. `board`: the columns of its board, where they are known.
///
/// # Errors
/// Where the board does not have it, or has it as another type, or as one that is not written.
pub(crate) fn column_type(
    entity: &KindConfig,
    id: &str,
    column: &Column,
    board: Option<&BoardColumns>,
) -> Result<ColumnType, Box<FailureDetail>> {
    let refusal = |cause: FailureCause, error: MondayText| {
        Box::new(FailureDetail::new(cause, error).hint(MondayText::CheckColumn { kind: entity.kind }))
    };
    let on_board = board.and_then(|columns| columns.get(id));
    if let (Some(_), None, Some(board)) = (board, on_board, entity.board.clone()) {
        return Err(refusal(FailureCause::ColumnMissing, MondayText::ColumnMissing { column: id.to_owned(), board }));
    }
    let configured = match (column.column_type, &column.source) {
        (None, Source::Relation(_)) => Some(ColumnType::BoardRelation),
        (column_type, _) => column_type,
    };
    if let (Some(configured), Some(there)) = (configured, on_board)
        && !configured.is_taken_by(&there.column_type)
    {
        let there = there.column_type.clone();
        let error =
            DoctorText::ColumnOfOtherType { column: id.to_owned(), configured: configured.name().to_owned(), there };
        let detail = FailureDetail::new(FailureCause::ColumnTypeDiffers, error);
        return Err(Box::new(detail.hint(DoctorText::CorrectType { kind: entity.kind })));
    }
    Ok(match (configured, on_board) {
        (Some(column_type), _) => column_type,
        (None, None) => ColumnType::Text,
        (None, Some(found)) => found.known_type().ok_or_else(|| {
            let column_type = found.column_type.clone();
            let error = MondayText::ColumnNotWritable { column: id.to_owned(), column_type };
            refusal(FailureCause::ColumnUnwritable, error)
        })?,
    })
}

fn value(
    entity: &KindConfig,
    id: &str,
    column: &Column,
    input: &Input,
    board: Option<&BoardColumns>,
    rules: Rules<'_>,
) -> Result<Value, Box<Refusal>> {
    // What is at fault with the board may be mended at any time.
    let refusal = |cause: FailureCause, error: Message, hint: Message| {
        let value = crate::text::shortened(&text_of(input), 300);
        Box::new(Refusal { cause, error, hint, value, may_resolve: true, clears: None })
    };
    let column_type = column_type(entity, id, column, board).map_err(|detail| {
        let FailureDetail { cause, error, hint, .. } = *detail;
        let hint = hint.unwrap_or_else(|| MondayText::CheckColumn { kind: entity.kind }.into());
        refusal(cause, error, hint)
    })?;
    let on_board = board.and_then(|columns| columns.get(id));
    let options = options(column, rules);
    let labels = on_board.and_then(BoardColumn::labels);
    cell(column_type, input, &options, labels.as_ref()).map_err(|text| {
        let may_resolve = is_about_label(&text);
        let (cause, hint) = match may_resolve {
            true => (FailureCause::LabelMissing, MondayText::AddLabel { kind: entity.kind }),
            false => (FailureCause::ValueUnfit, MondayText::MendValue { kind: entity.kind }),
        };
        Box::new(Refusal { may_resolve, ..*refusal(cause, text.into(), hint.into()) })
    })
}

/// How a column wants its values treated.
pub(crate) fn options<'c>(column: &'c Column, rules: Rules<'c>) -> Options<'c> {
    Options {
        values: &column.values,
        default: column.default.as_deref(),
        country: column.country.as_deref(),
        time: column.time,
        create_labels: rules.create_labels,
        blanks: rules.blanks,
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

fn text_of(input: &Input) -> String {
    match input {
        Input::Text(text) => text.clone(),
        Input::List(texts) | Input::Items(texts) => texts.join(", "),
    }
}

/// Whether a value leaves its column empty: in a new item it need not be sent.
pub(crate) fn is_blank(value: &Value) -> bool {
    let is_empty_list = |name: &str| value.get(name).and_then(Value::as_array).is_some_and(Vec::is_empty);
    value.is_null() || is_empty_list("item_ids") || is_empty_list("labels")
}

/// The type that a column is compared by.
pub(crate) fn type_of(entity: &KindConfig, id: &str, board: Option<&BoardColumns>) -> ColumnType {
    let configured = entity.columns.get(id);
    let is_relation = configured.is_some_and(|column| matches!(column.source, Source::Relation(_)));
    configured
        .and_then(|column| column.column_type)
        .or(is_relation.then_some(ColumnType::BoardRelation))
        .or_else(|| board?.get(id)?.known_type())
        .unwrap_or(ColumnType::Text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::config;
    use crate::entity::Kind;
    use crate::store::{Entity, EntityRow};

    const UNITS: &str = "[entities.unit]\nboard = 1\nkey_column = 'k'\nname = '{Name}'\n[entities.unit.columns]\n\
                         text = 'Comment'\nnumber = { field = 'Rent', type = 'numbers' }\n\
                         theirs = { field = 'City', of = 'building' }\nlink = { relation = 'building' }\n";

    fn building(item_id: Option<&str>) -> Parent {
        let item_id = item_id.map(str::to_owned);
        let row = EntityRow { id: 2, kind: Kind::BUILDING, key: "12".to_owned(), board: None, item_id };
        Parent::One(Entity { row, name: String::new(), record: r#"{"City":"Québec "}"#.to_owned(), deleted: None })
    }

    fn mapped_as(toml: &str, json: &str, board: Option<&BoardColumns>, parent: &Parent) -> Mapped {
        let config = config(toml);
        let record = Record::parse(json).expect("a record");
        let unit = config.kind(Kind::UNIT);
        map(unit, "7", &record, board, Rules::of(&config), &Parents::new([(Kind::BUILDING, parent.clone())]))
    }

    fn mapped(json: &str) -> Mapped {
        mapped_as(UNITS, json, None, &building(Some("99")))
    }

    #[test]
    fn an_item_shows_its_name_its_key_and_what_is_mapped() {
        let mapped = mapped(r#"{"Name":" A\n1 ","Comment":"x","Rent":950.50}"#);
        let expected = json!({"name": "A 1", "k": "unit:7", "text": "x", "number": "950.5", "theirs": "Québec",
                              "link": {"item_ids": [99]}});
        assert_eq!(Value::Object(mapped.columns.clone()), expected);
        assert_eq!((mapped.refused.len(), mapped.wanted()), (0, mapped.columns));
    }

    #[test]
    fn what_was_not_received_is_left_alone_and_what_is_blank_is_cleared() {
        let mapped = mapped(r#"{"Comment":" - ","Rent":null}"#);
        assert_eq!(mapped.columns.get(NAME), None, "its property was not received");
        assert_eq!(mapped.columns.get("text"), Some(&Value::Null));
        assert_eq!(mapped.columns.get("number"), Some(&Value::Null));
    }

    #[test]
    fn an_item_is_never_without_a_name_nor_has_a_longer_one_than_monday_takes() {
        let name = |json: &str| mapped(json).columns.get(NAME).cloned();
        assert_eq!(name(r#"{"Name":" "}"#), Some(json!("unit:7")));
        let long = name(&json!({"Name": "é".repeat(300)}).to_string()).expect("a name");
        assert_eq!(long.as_str().map(|name| name.chars().count()), Some(LONGEST_NAME));
    }

    #[test]
    fn without_its_parent_nothing_of_it_is_shown() {
        for parent in [Parent::Missing, Parent::Unnamed, Parent::Ambiguous] {
            let mapped = mapped_as(UNITS, "{}", None, &parent);
            assert_eq!(mapped.columns.get("theirs"), Some(&Value::Null), "{parent:?}");
            assert_eq!(mapped.columns.get("link"), Some(&json!({"item_ids": []})), "{parent:?}");
        }
        let waiting = mapped_as(UNITS, "{}", None, &building(None));
        assert_eq!(waiting.columns.get("link"), Some(&json!({"item_ids": []})), "it has no item yet");
        assert_eq!(waiting.columns.get("theirs"), Some(&json!("Québec")));
    }

    #[test]
    fn a_value_that_cannot_be_sent_is_refused_and_clears_its_column_unless_that_is_to_keep_it() {
        let json = r#"{"Comment":"x","Rent":"much"}"#;
        for (setting, cleared) in [("clear", Some(Value::Null)), ("keep", None)] {
            let toml = format!("[sync]\non_refused = '{setting}'\n{UNITS}");
            let mapped = mapped_as(&toml, json, None, &building(None));
            let refusal = &mapped.refused["number"];
            assert_eq!((refusal.cause, refusal.value.as_str()), (FailureCause::ValueUnfit, "much"));
            assert_eq!((&refusal.clears, refusal.may_resolve), (&cleared, false));
            assert_eq!(mapped.wanted().get("number"), cleared.as_ref());
            assert_eq!(mapped.wanted().get("text"), Some(&json!("x")), "it harms only its column");
        }
    }

    #[test]
    fn a_column_that_the_board_lacks_is_refused_and_not_cleared() {
        let column = |id: &str, column_type: &str| {
            let json = json!({"id": id, "title": id, "type": column_type, "settings": null});
            (id.to_owned(), serde_json::from_value::<BoardColumn>(json).expect("a column"))
        };
        let board = BoardColumns::from([column("number", "numbers"), column("theirs", "mirror")]);
        let mapped = mapped_as(UNITS, r#"{"Comment":"x","Rent":1}"#, Some(&board), &building(None));
        let refused: Vec<_> = mapped.refused.iter().map(|(id, refusal)| (id.as_str(), refusal.cause)).collect();
        let (missing, unwritable) = (FailureCause::ColumnMissing, FailureCause::ColumnUnwritable);
        assert_eq!(refused, [("link", missing), ("text", missing), ("theirs", unwritable)]);
        assert!(mapped.refused.values().all(|refusal| refusal.clears.is_none()));
        assert_eq!(mapped.columns.get("number"), Some(&json!("1")));
    }

    #[test]
    fn of_texts_that_are_too_long_together_the_longest_is_refused() {
        let (mut toml, mut json) = ("[entities.unit.columns]\n".to_owned(), json!({}));
        for number in 0..17 {
            toml.push_str(&format!("c{number} = {{ field = 'F{number}', type = 'long_text' }}\n"));
            json[format!("F{number}")] = json!("é".repeat(1_900));
        }
        let whole = mapped_as(&toml, &json.to_string(), None, &Parent::Missing);
        assert_eq!((whole.refused.len(), whole.columns.len()), (0, 17), "{} bytes are kept", 17 * 3_800);
        json["F9"] = json!("€".repeat(1_900));
        let mapped = mapped_as(&toml, &json.to_string(), None, &Parent::Missing);
        assert_eq!(mapped.refused.keys().collect::<Vec<_>>(), ["c9"], "{} bytes are not", 16 * 3_800 + 5_700);
        assert_eq!(mapped.columns.len(), 16);
    }
}
