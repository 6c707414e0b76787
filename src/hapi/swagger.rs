//! Swagger document of an HApi, versions 2 and 3 of OpenAPI: which sets there are, what their records hold, what may be subscribed.
//! Pure. How much of it a server fills in is not known, so that everything in it may be missing.

use serde_json::{Map, Value};

/// How many references are followed, one from another: a type may refer to itself.
const DEEPEST: usize = 8;
/// What answers a GET and is no entity set.
const NO_SETS: [&str; 3] = ["subscribe", "unsubscribe", "token"];

/// Description of what an HApi offers to its user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Description {
    /// The entity sets by name.
    pub sets: Vec<SetDescription>,
    /// The entities whose events may be subscribed; `None`: it does not say.
    pub subscribable: Option<Vec<String>>,
}

/// Description of an entity set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetDescription {
    /// Its name, behind `/api/`.
    pub name: String,
    /// The properties of its records by name; `None`: it does not say.
    pub properties: Option<Vec<PropertyDescription>>,
}

/// Description of a property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertyDescription {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub property_type: PropertyType,
    /// The most characters that it holds, where the document says so.
    pub max_length: Option<u64>,
}

/// Type of a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PropertyType {
    /// Text.
    Text,
    /// A number, whole or not.
    Number,
    /// A date, with or without a time.
    Date,
    /// True or false.
    Boolean,
    /// Records or lists: what stands in a set of its own.
    Nested,
    /// Not said.
    Unknown,
}

impl PropertyType {
    /// The word for it in documents.
    pub fn word(self) -> &'static str {
        match self {
            PropertyType::Text => "text",
            PropertyType::Number => "number",
            PropertyType::Date => "date",
            PropertyType::Boolean => "boolean",
            PropertyType::Nested => "nested",
            PropertyType::Unknown => "unknown",
        }
    }
}

impl Description {
    /// Reads a document.
    ///
    /// # Errors
    /// Where it is none, in words for people.
    pub fn decode(body: &[u8]) -> Result<Description, String> {
        let text = String::from_utf8_lossy(body);
        let root: Value =
            serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| error.to_string())?;
        let paths = root.get("paths").and_then(Value::as_object).ok_or("no Swagger document: it has no `paths`")?;
        let document = Document { root: &root };
        let sets = paths.iter().filter_map(|(path, operations)| document.set(path, operations));
        let mut sets: Vec<SetDescription> = sets.collect();
        sets.sort_by(|one, other| one.name.cmp(&other.name));
        let subscribe = paths.iter().find(|(path, _)| document.route(path).eq_ignore_ascii_case("subscribe"));
        let subscribable = subscribe.and_then(|(_, operations)| document.subscribable(operations.get("post")?));
        Ok(Description { sets, subscribable })
    }

    /// The set of a name, in any case where none is spelt like that.
    pub fn set(&self, name: &str) -> Option<&SetDescription> {
        let exact = self.sets.iter().find(|set| set.name == name);
        exact.or_else(|| self.sets.iter().find(|set| set.name.eq_ignore_ascii_case(name)))
    }

    /// Whether the events of an entity may be subscribed, where the document says which may.
    pub fn is_subscribable(&self, entity: &str) -> Option<bool> {
        Some(self.subscribable.as_ref()?.iter().any(|known| known.eq_ignore_ascii_case(entity)))
    }
}

/// Document being read.
#[derive(Clone, Copy)]
struct Document<'d> {
    root: &'d Value,
}

impl<'d> Document<'d> {
    /// What follows `/api/` in the address of a path.
    fn route(self, path: &str) -> String {
        let server = self.root.pointer("/servers/0/url").and_then(Value::as_str);
        let base = self.root.get("basePath").and_then(Value::as_str).or(server).unwrap_or_default();
        let whole = format!("{}/{}", base.trim_end_matches('/'), path.trim_matches('/'));
        let start = whole.to_ascii_lowercase().rfind("/api/").map(|at| at + "/api/".len());
        start.and_then(|start| whole.get(start..)).unwrap_or(path.trim_matches('/')).to_owned()
    }

    /// The entity set at a path, where one may be read there.
    fn set(self, path: &str, operations: &Value) -> Option<SetDescription> {
        let name = self.route(path);
        let get = operations.get("get")?;
        let is_one = !name.is_empty() && !name.contains(['{', '$', '(']);
        if !is_one || NO_SETS.iter().any(|other| name.eq_ignore_ascii_case(other)) {
            return None;
        }
        let answer = answer(get).and_then(|schema| self.record(schema, 0)).or_else(|| self.named_after(&name));
        let properties = answer.map(|members| {
            let mut properties: Vec<_> = members.iter().map(|(name, schema)| self.property(name, schema)).collect();
            properties.sort_by(|one, other| one.name.cmp(&other.name));
            properties
        });
        Some(SetDescription { name, properties })
    }

    /// The properties of the records that an answer holds, bare or behind `value`.
    fn record(self, schema: &'d Value, depth: usize) -> Option<Vec<(&'d String, &'d Value)>> {
        let schema = self.resolved(schema);
        if depth > DEEPEST {
            return None;
        }
        if let Some(items) = schema.get("items") {
            return self.record(items, depth + 1);
        }
        let members = self.members(schema, 0);
        match members.iter().find(|(name, _)| name.eq_ignore_ascii_case("value")) {
            Some((_, value)) if self.resolved(value).get("items").is_some() => self.record(value, depth + 1),
            _ => (!members.is_empty()).then_some(members),
        }
    }

    /// Every property of a type, those that it takes over from others first.
    fn members(self, schema: &'d Value, depth: usize) -> Vec<(&'d String, &'d Value)> {
        let schema = self.resolved(schema);
        if depth > DEEPEST {
            return Vec::new();
        }
        let parts = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
        let mut members: Vec<_> = parts.flat_map(|part| self.members(part, depth + 1)).collect();
        members.extend(schema.get("properties").and_then(Value::as_object).into_iter().flatten());
        members
    }

    /// The properties of the type that is named like a set, where nothing says what the set answers.
    fn named_after(self, set: &str) -> Option<Vec<(&'d String, &'d Value)>> {
        let last = set.rsplit('/').next().unwrap_or(set);
        let names = [last, last.strip_suffix('s').unwrap_or(last)];
        let of_name = |(known, _): &(&String, &Value)| {
            let known = known.rsplit('.').next().unwrap_or(known);
            names.iter().any(|name| known.eq_ignore_ascii_case(name))
        };
        let (_, schema) = self.types()?.iter().find(of_name)?;
        Some(self.members(schema, 0)).filter(|members| !members.is_empty())
    }

    fn types(self) -> Option<&'d Map<String, Value>> {
        let version_3 = self.root.pointer("/components/schemas");
        version_3.or_else(|| self.root.get("definitions"))?.as_object()
    }

    /// What a schema refers to, or itself.
    fn resolved(self, schema: &'d Value) -> &'d Value {
        let mut schema = schema;
        for _ in 0..DEEPEST {
            let target = schema.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#'));
            match target.and_then(|target| self.root.pointer(target)) {
                Some(target) => schema = target,
                None => break,
            }
        }
        schema
    }

    fn property(self, name: &str, schema: &'d Value) -> PropertyDescription {
        let mut schema = self.resolved(schema);
        // How a reference gets a description, or may be null: it stands among others, or alone.
        for several in ["allOf", "anyOf", "oneOf"] {
            let parts = schema.get(several).and_then(Value::as_array).into_iter().flatten();
            let parts = parts.map(|part| self.resolved(part)).filter(|part| part.get("type") != Some(&"null".into()));
            schema = parts.into_iter().next().unwrap_or(schema);
        }
        PropertyDescription {
            name: name.to_owned(),
            property_type: property_type(schema),
            max_length: schema.get("maxLength").and_then(Value::as_u64),
        }
    }

    /// The entities that may be subscribed: the words that the request's `Entities` may hold.
    fn subscribable(self, post: &'d Value) -> Option<Vec<String>> {
        let version_2 = || post.get("parameters")?.as_array()?.iter().find_map(|parameter| parameter.get("schema"));
        let body = self.resolved(post.get("requestBody").unwrap_or(&Value::Null));
        let members = self.members(schema_of(body).or_else(version_2)?, 0);
        let (_, entities) = members.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("entities"))?;
        let items = self.resolved(self.resolved(entities).get("items")?);
        let names = ["enum", "x-enumNames", "x-enum-varnames"].into_iter().find_map(|words| texts(items.get(words)?));
        names.filter(|names| !names.is_empty())
    }
}

/// The schema of the answer to a request that succeeds.
fn answer(operation: &Value) -> Option<&Value> {
    let responses = operation.get("responses")?;
    let good = responses.get("200").or_else(|| responses.get("default"))?;
    good.get("schema").or_else(|| schema_of(good))
}

/// The schema of a body, whatever its content type.
fn schema_of(body: &Value) -> Option<&Value> {
    body.get("content")?.as_object()?.values().find_map(|content| content.get("schema"))
}

fn texts(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|name| name.as_str().map(str::to_owned)).collect()
}

fn property_type(schema: &Value) -> PropertyType {
    let words = schema.get("type").map(|words| match words {
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect::<Vec<_>>(),
    });
    let word = words.unwrap_or_default().into_iter().find(|word| *word != "null");
    let is_date = schema.get("format").and_then(Value::as_str).is_some_and(|format| format.starts_with("date"));
    match word {
        Some("string") if is_date => PropertyType::Date,
        Some("string") => PropertyType::Text,
        Some("integer" | "number") => PropertyType::Number,
        Some("boolean") => PropertyType::Boolean,
        Some("array" | "object") => PropertyType::Nested,
        _ if schema.get("properties").is_some() || schema.get("items").is_some() => PropertyType::Nested,
        _ => PropertyType::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn decoded(document: &Value) -> Description {
        Description::decode(document.to_string().as_bytes()).expect("a document")
    }

    /// A set in a line: its name, and each property with its type.
    fn shown(set: &SetDescription) -> String {
        let properties = set.properties.as_ref().map(|properties| {
            let one = |property: &PropertyDescription| {
                let length = property.max_length.map(|length| format!("({length})")).unwrap_or_default();
                format!("{} {}{length}", property.name, property.property_type.word())
            };
            properties.iter().map(one).collect::<Vec<_>>().join(", ")
        });
        format!("{}: {}", set.name, properties.unwrap_or_else(|| "?".to_owned()))
    }

    fn unit() -> Value {
        json!({"type": "object", "properties": {
            "Id": {"type": "integer", "format": "int32"},
            "UnitCode": {"type": "string", "maxLength": 10, "nullable": true},
            "Rent": {"type": ["number", "null"]},
            "Since": {"type": "string", "format": "date-time"},
            "IsFree": {"type": "boolean"},
            "Building": {"$ref": "#/components/schemas/Hopem.Building"},
            "State": {"allOf": [{"$ref": "#/components/schemas/State"}]},
            "Odd": {}}})
    }

    const UNIT: &str = "Units: Building nested, Id number, IsFree boolean, Odd unknown, Rent number, Since date, State text, \
                        UnitCode text(10)";

    fn version_3(answer: Value) -> Value {
        json!({"openapi": "3.0.1",
        "paths": {
            "/api/Units": {"get": {"responses": {"200": answer}}},
            "/api/Units/{id}": {"get": {}},
            "/api/Storages": {"get": {"responses": {"200": {"description": "OK"}}}},
            "/api/Token": {"post": {}},
            "/api/subscribe": {"get": {}, "post": {"requestBody": {"content": {"application/json": {
                "schema": {"$ref": "#/components/schemas/Subscribe"}}}}}}},
        "components": {"schemas": {
            "Hopem.Unit": unit(),
            "Hopem.Building": {"type": "object", "properties": {"Id": {"type": "integer"}}},
            "State": {"enum": ["V", "L"], "type": "string"},
            "Entity": {"enum": ["Building", "Unit"], "type": "string"},
            "Subscribe": {"properties": {"entities": {"type": "array", "items": {"$ref": "#/components/schemas/Entity"}}}}
        }}})
    }

    #[test]
    fn sets_are_read_from_their_answers_however_these_are_wrapped() {
        let of_unit = json!({"$ref": "#/components/schemas/Hopem.Unit"});
        let list = json!({"type": "array", "items": of_unit});
        let whole = json!({"type": "object", "properties": {"value": list}});
        for schema in [of_unit.clone(), list.clone(), whole, json!({"allOf": [of_unit]})] {
            let described = decoded(&version_3(json!({"content": {"text/json": {"schema": schema}}})));
            let sets: Vec<String> = described.sets.iter().map(shown).collect();
            assert_eq!(sets, ["Storages: ?", UNIT], "{schema}");
        }
    }

    #[test]
    fn a_set_whose_answer_is_not_described_has_the_properties_of_the_type_named_like_it() {
        let described = decoded(&version_3(json!({"description": "OK"})));
        assert_eq!(described.set("units").map(shown).as_deref(), Some(UNIT));
    }

    #[test]
    fn what_may_be_subscribed_is_what_the_request_may_name() {
        let described = decoded(&version_3(json!({})));
        assert_eq!(described.subscribable, Some(vec!["Building".to_owned(), "Unit".to_owned()]));
        assert_eq!((described.is_subscribable("unit"), described.is_subscribable("Tenant")), (Some(true), Some(false)));
        let silent = decoded(&json!({"paths": {"/api/subscribe": {"post": {}}}}));
        assert_eq!((silent.subscribable.as_ref(), silent.is_subscribable("unit")), (None, None));
    }

    #[test]
    fn version_2_is_understood_too() {
        let described = decoded(&json!({"swagger": "2.0", "basePath": "/hapi/api",
            "paths": {
                "/Units": {"get": {"responses": {"200": {"schema": {"type": "array",
                    "items": {"$ref": "#/definitions/Unit"}}}}}},
                "/subscribe": {"post": {"parameters": [{"in": "body", "schema": {"properties": {
                    "Entities": {"type": "array", "items": {"type": "string", "enum": ["Unit"]}}}}}]}}},
            "definitions": {"Unit": {"properties": {"Id": {"type": "integer"}}}}}));
        assert_eq!(described.sets.iter().map(shown).collect::<Vec<_>>(), ["Units: Id number"]);
        assert_eq!(described.subscribable, Some(vec!["Unit".to_owned()]));
    }

    #[test]
    fn what_is_no_document_is_reported_and_a_type_that_holds_itself_ends() {
        for body in ["<html>", "[]", "{}", r#"{"paths": []}"#] {
            assert!(Description::decode(body.as_bytes()).is_err(), "{body}");
        }
        let itself = json!({"$ref": "#/definitions/A"});
        let list = json!({"type": "array", "items": {"$ref": "#/definitions/B"}});
        let answer =
            |name: &str| json!({"get": {"responses": {"200": {"schema": {"$ref": format!("#/definitions/{name}")}}}}});
        let described = decoded(&json!({
            "paths": {"/api/As": answer("A"), "/api/Bs": answer("B"), "/api/Cs": answer("C")},
            "definitions": {"A": itself, "B": list, "C": {"allOf": [{"$ref": "#/definitions/C"}]}}}));
        assert_eq!(described.sets.len(), 3);
        assert!(described.sets.iter().all(|set| set.properties.is_none()));
    }
}
