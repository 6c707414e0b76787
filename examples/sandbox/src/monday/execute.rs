//! GraphQL: documents are validated against the schema, variables coerced, and selections walked. What a field
//! means is in `resolve` and `mutation`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use apollo_compiler::ast::{DirectiveList, Type};
use apollo_compiler::executable::{Field, Operation, Selection, SelectionSet};
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Name, Node, Schema};
use serde_json::{Map, Value, json};

use super::board::State;
use super::coerce::{coerce, literal};
use super::errors::Refusal;
use super::limits::Planned;
use super::mutation;
use super::resolve::{self, Found, Scope};

/// What of monday's schema the sandbox answers.
pub const SCHEMA: &str = include_str!("schema.graphql");

/// More documents than a test sends; a client that writes its values into them would fill the memory.
const MOST_CACHED: usize = 500;

/// A valid document, or the `errors` that refuse it.
type Parsed = Result<Valid<ExecutableDocument>, Vec<Value>>;

/// The schema, and the documents that were checked against it.
#[derive(Debug)]
pub(super) struct Documents {
    schema: &'static Valid<Schema>,
    pub(super) seen: BTreeSet<String>,
}

/// One request's body.
pub(super) struct Call {
    query: String,
    variables: Map<String, Value>,
    operation: Option<String>,
}

/// A call that may run: valid, with an operation and coerced variables.
pub(super) struct Prepared {
    document: Arc<Parsed>,
    operation: Node<Operation>,
    variables: Map<String, Value>,
}

/// A root field as the limits see it.
pub(super) struct RootField {
    pub(super) name: String,
    pub(super) arguments: Args,
}

/// Arguments after coercion and with their defaults: ids are strings, enum values too.
#[derive(Debug, Default)]
pub(super) struct Args(Map<String, Value>);

impl Args {
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    /// For arguments that the schema requires, or that are of no use when left out.
    pub(super) fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.text(name).ok_or_else(|| Refusal::argument(format!("Argument {name} is missing")))
    }

    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.get(name).and_then(Value::as_i64)
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.get(name) == Some(&Value::Bool(true))
    }

    pub(super) fn texts(&self, name: &str) -> Option<Vec<&str>> {
        let list = self.get(name)?.as_array()?;
        Some(list.iter().filter_map(Value::as_str).collect())
    }

    /// What the JSON text in an argument of type `JSON` holds.
    pub(super) fn json_text(&self, name: &str) -> Result<Option<Value>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => match serde_json::from_str(text) {
                Ok(value) => Ok(Some(value)),
                Err(error) => Err(Refusal::new("JsonParseException", 400, format!("Argument {name}: {error}"))),
            },
            Some(_) => Err(Refusal::argument(format!("Argument {name} must be a JSON string"))),
        }
    }

    /// Field name and arguments as one text, in which tests look for what to refuse.
    pub(super) fn searchable(&self, field: &str) -> String {
        let mut text = field.to_owned();
        for (name, value) in &self.0 {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            text.push_str(&format!(" {name}: {value}"));
        }
        text
    }
}

impl Call {
    pub(super) fn read(body: &[u8]) -> Result<Self, Refusal> {
        let refusal = || Refusal::bare(400, "Request body must be a JSON with query");
        let body: Value = serde_json::from_slice(body).map_err(|_| refusal())?;
        let query = body["query"].as_str().ok_or_else(refusal)?.to_owned();
        let variables = match &body["variables"] {
            Value::Null => Map::new(),
            Value::Object(variables) => variables.clone(),
            _ => return Err(Refusal::bare(400, "Variables must be an object")),
        };
        Ok(Self { query, variables, operation: body["operationName"].as_str().map(str::to_owned) })
    }
}

/// The schema, read once.
fn schema() -> &'static Valid<Schema> {
    static READ: OnceLock<Valid<Schema>> = OnceLock::new();
    READ.get_or_init(|| {
        let schema = Schema::parse_and_validate(SCHEMA, "schema.graphql");
        schema.expect("the schema in this folder is valid, a test opens it")
    })
}

fn parse(schema: &Valid<Schema>, query: &str) -> Parsed {
    ExecutableDocument::parse_and_validate(schema, query, "request").map_err(|refused| {
        refused
            .errors
            .iter()
            .map(|diagnostic| {
                let plain = diagnostic.to_json();
                let message = diagnostic.error.unstable_compat_message().unwrap_or(plain.message);
                let location = plain.locations.first().map(|place| (place.line, place.column));
                Refusal::new("GRAPHQL_VALIDATION_FAILED", 400, message).entry(&[], location)
            })
            .collect()
    })
}

impl Documents {
    pub(super) fn new() -> Self {
        Self { schema: schema(), seen: BTreeSet::new() }
    }

    fn parsed(&mut self, query: &str) -> Arc<Parsed> {
        if !self.seen.contains(query) {
            self.seen.insert(query.to_owned());
        }
        // Shared by all accounts of the process: to check a document takes longer than to answer it.
        static CHECKED: Mutex<BTreeMap<String, Arc<Parsed>>> = Mutex::new(BTreeMap::new());
        let mut checked = CHECKED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(parsed) = checked.get(query) {
            return parsed.clone();
        }
        let parsed = Arc::new(parse(self.schema, query));
        if checked.len() >= MOST_CACHED {
            checked.clear();
        }
        checked.insert(query.to_owned(), parsed.clone());
        parsed
    }

    /// The error is the list `errors` of a call of which nothing runs.
    pub(super) fn prepare(&mut self, call: &Call) -> Result<Prepared, Vec<Value>> {
        let document = self.parsed(&call.query);
        let valid = document.as_ref().as_ref().map_err(Vec::clone)?;
        let operation = valid.operations.get(call.operation.as_deref()).map_err(|_| {
            vec![Refusal::new("GRAPHQL_VALIDATION_FAILED", 400, "Unknown or missing operationName").entry(&[], None)]
        })?;
        let operation = operation.clone();
        let variables = self.variables(&operation, &call.variables)?;
        Ok(Prepared { document, operation, variables })
    }

    fn variables(&self, operation: &Operation, given: &Map<String, Value>) -> Result<Map<String, Value>, Vec<Value>> {
        let (mut variables, mut errors) = (Map::new(), Vec::new());
        for definition in &operation.variables {
            let name = definition.name.as_str();
            let value = match (given.get(name), &definition.default_value) {
                (Some(value), _) => value.clone(),
                (None, Some(default)) => literal(default, &Map::new()).unwrap_or_default(),
                (None, None) if definition.ty.is_non_null() => Value::Null,
                (None, None) => continue,
            };
            match coerce(self.schema, &definition.ty, &value) {
                Ok(value) => {
                    variables.insert(name.to_owned(), value);
                }
                Err(explanation) => {
                    let message = format!("Variable ${name} of type {} was provided invalid value", definition.ty);
                    let refusal = Refusal::bare(200, message)
                        .extension("value", value)
                        .extension("problems", json!([{ "path": [], "explanation": explanation }]));
                    errors.push(refusal.entry(&[], None));
                }
            }
        }
        if errors.is_empty() { Ok(variables) } else { Err(errors) }
    }

    /// Runs the operation: `data`, and the errors of the fields that failed.
    pub(super) fn execute(
        &self,
        prepared: &Prepared,
        state: &mut State,
        scope: &Scope,
        planned: &mut Planned,
    ) -> (Value, Vec<Value>) {
        let walk = Walk { schema: self.schema, document: prepared.document(), variables: &prepared.variables };
        let mut execution = Execution { walk, state, scope, planned, errors: Vec::new() };
        let data = execution.operation(&prepared.operation).unwrap_or(Value::Null);
        (data, execution.errors)
    }

    /// The largest `limit` of any field: what monday estimates the cost of a question from.
    pub(super) fn largest_limit(&self, prepared: &Prepared) -> u64 {
        let walk = Walk { schema: self.schema, document: prepared.document(), variables: &prepared.variables };
        let fields = prepared.operation.all_fields(prepared.document());
        let limits = fields.filter_map(|field| walk.arguments(field).ok()?.number("limit"));
        limits.max().and_then(|limit| u64::try_from(limit).ok()).unwrap_or_default()
    }

    pub(super) fn root_fields(&self, prepared: &Prepared) -> Vec<RootField> {
        let walk = Walk { schema: self.schema, document: prepared.document(), variables: &prepared.variables };
        let operation = &prepared.operation;
        let fields = walk.collect(&[&operation.selection_set], operation.object_type());
        let described = fields.into_iter().filter_map(|(_, fields)| {
            let field = fields.first()?;
            Some(RootField { name: field.name.to_string(), arguments: walk.arguments(field).unwrap_or_default() })
        });
        described.collect()
    }
}

impl Prepared {
    fn document(&self) -> &ExecutableDocument {
        self.document.as_ref().as_ref().expect("only valid documents are prepared")
    }

    pub(super) fn is_mutation(&self) -> bool {
        self.operation.is_mutation()
    }
}

/// What reading a document needs, and nothing that changes.
#[derive(Clone, Copy)]
struct Walk<'a> {
    schema: &'a Schema,
    document: &'a ExecutableDocument,
    variables: &'a Map<String, Value>,
}

/// Fields with one response key, in the order of their first appearance.
type Collected<'a> = Vec<(&'a Name, Vec<&'a Node<Field>>)>;

impl<'a> Walk<'a> {
    /// The fields that apply to an object of type `object`, fragments unfolded.
    fn collect(self, sets: &[&'a SelectionSet], object: &str) -> Collected<'a> {
        let mut collected = Vec::new();
        for set in sets {
            self.collect_into(&mut collected, set, object);
        }
        collected
    }

    fn collect_into(self, collected: &mut Collected<'a>, set: &'a SelectionSet, object: &str) {
        for selection in &set.selections {
            if !self.is_included(selection.directives()) {
                continue;
            }
            match selection {
                Selection::Field(field) => {
                    let key = field.response_key();
                    match collected.iter_mut().find(|(known, _)| *known == key) {
                        Some((_, fields)) => fields.push(field),
                        None => collected.push((key, vec![field])),
                    }
                }
                Selection::InlineFragment(fragment) => {
                    if fragment.type_condition.as_ref().is_none_or(|name| self.applies(name, object)) {
                        self.collect_into(collected, &fragment.selection_set, object);
                    }
                }
                Selection::FragmentSpread(spread) => {
                    let Some(fragment) = self.document.fragments.get(&spread.fragment_name) else { continue };
                    if self.applies(fragment.type_condition(), object) {
                        self.collect_into(collected, &fragment.selection_set, object);
                    }
                }
            }
        }
    }

    fn applies(self, condition: &str, object: &str) -> bool {
        condition == object || self.schema.is_subtype(condition, object)
    }

    fn is_included(self, directives: &DirectiveList) -> bool {
        let condition = |name: &str| {
            let value = directives.get(name)?.specified_argument_by_name("if")?;
            literal(value, self.variables)?.as_bool()
        };
        condition("skip") != Some(true) && condition("include") != Some(false)
    }

    fn arguments(self, field: &Field) -> Result<Args, Refusal> {
        let mut arguments = Map::new();
        for definition in &field.definition.arguments {
            let given = field.specified_argument_by_name(&definition.name);
            let given = given.and_then(|value| literal(value, self.variables));
            let default = || definition.default_value.as_ref().and_then(|value| literal(value, self.variables));
            let Some(value) = given.or_else(default) else {
                continue;
            };
            let value = coerce(self.schema, &definition.ty, &value)
                .map_err(|why| Refusal::argument(format!("Argument {}: {why}", definition.name)))?;
            arguments.insert(definition.name.to_string(), value);
        }
        Ok(Args(arguments))
    }
}

struct Execution<'a> {
    walk: Walk<'a>,
    state: &'a mut State,
    scope: &'a Scope,
    planned: &'a mut Planned,
    errors: Vec<Value>,
}

/// A null where the schema has none: the nearest field above that may be null becomes it. The error is noted already.
struct Nulled;

impl<'a> Execution<'a> {
    fn operation(&mut self, operation: &'a Operation) -> Result<Value, Nulled> {
        let mut data = Map::new();
        let root = operation.object_type();
        for (key, fields) in self.walk.collect(&[&operation.selection_set], root) {
            let Some(field) = fields.first() else { continue };
            let path = [Value::from(key.as_str())];
            let found = match field.name.as_str() {
                "__typename" => Ok(Found::Leaf(root.as_str().into())),
                _ => self.root_field(field, operation.is_mutation()),
            };
            data.insert(key.to_string(), self.settle(found, &fields, &path)?);
        }
        Ok(Value::Object(data))
    }

    fn root_field(&mut self, field: &Node<Field>, is_mutation: bool) -> Result<Found, Refusal> {
        let arguments = self.walk.arguments(field)?;
        let planned = self.planned.refusal_of_field(&arguments.searchable(&field.name));
        if let Some((refusal, false)) = planned {
            return Err(refusal);
        }
        let found = match is_mutation {
            true => mutation::perform(self.state, self.scope, &field.name, &arguments),
            false => resolve::root(self.state, self.scope, &field.name, &arguments),
        };
        match planned {
            Some((refusal, _)) => found.and(Err(refusal)),
            None => found,
        }
    }

    /// The value of a field, or null and an entry in `errors`.
    fn settle(
        &mut self,
        found: Result<Found, Refusal>,
        fields: &[&'a Node<Field>],
        path: &[Value],
    ) -> Result<Value, Nulled> {
        let ty = fields[0].ty();
        let value = match found {
            Ok(found) => self.complete(found, ty, fields, path),
            Err(refusal) => {
                self.note(&refusal, fields[0], path);
                Err(Nulled)
            }
        };
        match value {
            Err(Nulled) if !ty.is_non_null() => Ok(Value::Null),
            value => value,
        }
    }

    fn note(&mut self, refusal: &Refusal, field: &Node<Field>, path: &[Value]) {
        let place = field.line_column_range(&self.walk.document.sources);
        self.errors.push(refusal.entry(path, place.map(|place| (place.start.line, place.start.column))));
    }

    fn complete(
        &mut self,
        found: Found,
        ty: &Type,
        fields: &[&'a Node<Field>],
        path: &[Value],
    ) -> Result<Value, Nulled> {
        match found {
            Found::Null | Found::Leaf(Value::Null) => {
                if ty.is_non_null() {
                    let refusal =
                        Refusal::new("INTERNAL_SERVER_ERROR", 500, "Cannot return null for non-nullable field");
                    self.note(&refusal, fields[0], path);
                    return Err(Nulled);
                }
                Ok(Value::Null)
            }
            Found::List(list) if ty.is_list() => self.complete_list(list, ty, fields, path),
            Found::Leaf(Value::Array(list)) if ty.is_list() => {
                self.complete_list(list.into_iter().map(Found::Leaf).collect(), ty, fields, path)
            }
            Found::Leaf(value) if fields[0].selection_set.is_empty() => Ok(value),
            parent => self.complete_object(&parent, fields, path),
        }
    }

    fn complete_list(
        &mut self,
        list: Vec<Found>,
        ty: &Type,
        fields: &[&'a Node<Field>],
        path: &[Value],
    ) -> Result<Value, Nulled> {
        let mut values = Vec::with_capacity(list.len());
        for (index, element) in list.into_iter().enumerate() {
            let path = [path, &[Value::from(index)]].concat();
            match self.complete(element, ty.item_type(), fields, &path) {
                Err(Nulled) if !ty.item_type().is_non_null() => values.push(Value::Null),
                value => values.push(value?),
            }
        }
        Ok(Value::Array(values))
    }

    fn complete_object(&mut self, parent: &Found, fields: &[&'a Node<Field>], path: &[Value]) -> Result<Value, Nulled> {
        let type_name = match parent.type_name(self.state) {
            Some(name) => name.to_owned(),
            None => fields[0].ty().inner_named_type().to_string(),
        };
        let sets: Vec<&SelectionSet> = fields.iter().map(|field| &field.selection_set).collect();
        let mut object = Map::new();
        for (key, fields) in self.walk.collect(&sets, &type_name) {
            let Some(field) = fields.first() else { continue };
            let path = [path, &[Value::from(key.as_str())]].concat();
            let found = match field.name.as_str() {
                "__typename" => Ok(Found::Leaf(type_name.as_str().into())),
                name => match self.walk.arguments(field) {
                    Ok(arguments) => resolve::field(self.state, parent, name, &arguments),
                    Err(refusal) => Err(refusal),
                },
            };
            object.insert(key.to_string(), self.settle(found, &fields, &path)?);
        }
        Ok(Value::Object(object))
    }
}
