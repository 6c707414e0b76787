//! GraphQL's rules of input: from literals and variables to values of the schema's types.

use apollo_compiler::Schema;
use apollo_compiler::ast::{self, Type};
use apollo_compiler::schema::ExtendedType;
use serde_json::{Map, Value};

/// A literal with its variables filled in; `None` for a variable that was not given.
pub(super) fn literal(value: &ast::Value, variables: &Map<String, Value>) -> Option<Value> {
    Some(match value {
        ast::Value::Null => Value::Null,
        ast::Value::Enum(name) => name.as_str().into(),
        ast::Value::Variable(name) => return variables.get(name.as_str()).cloned(),
        ast::Value::String(text) => text.as_str().into(),
        ast::Value::Int(number) => serde_json::from_str(number.as_str()).unwrap_or_default(),
        ast::Value::Float(number) => serde_json::from_str(number.as_str()).unwrap_or_default(),
        ast::Value::Boolean(flag) => (*flag).into(),
        ast::Value::List(list) => list.iter().map(|value| literal(value, variables).unwrap_or_default()).collect(),
        ast::Value::Object(object) => {
            let filled = object.iter().filter_map(|(key, value)| Some((key.to_string(), literal(value, variables)?)));
            Value::Object(filled.collect())
        }
    })
}

/// The value as its type has it, or why it does not fit.
pub(super) fn coerce(schema: &Schema, ty: &Type, value: &Value) -> Result<Value, String> {
    if value.is_null() {
        return if ty.is_non_null() { Err("Expected value to not be null".into()) } else { Ok(Value::Null) };
    }
    if ty.is_list() {
        return match value {
            Value::Array(list) => list.iter().map(|value| coerce(schema, ty.item_type(), value)).collect(),
            single => Ok(Value::Array(vec![coerce(schema, ty.item_type(), single)?])),
        };
    }
    let name = ty.inner_named_type();
    match schema.types.get(name) {
        Some(ExtendedType::Scalar(_)) => scalar(name, value),
        Some(ExtendedType::Enum(choice)) => match value.as_str() {
            Some(text) if choice.values.contains_key(text) => Ok(value.clone()),
            _ => Err(format!("Expected {value} to be one of the values of {name}")),
        },
        Some(ExtendedType::InputObject(input)) => {
            let given = value.as_object().ok_or_else(|| format!("Expected {value} to be an object of type {name}"))?;
            if let Some(unknown) = given.keys().find(|key| !input.fields.contains_key(key.as_str())) {
                return Err(format!("Field {unknown} is not defined on {name}"));
            }
            let mut object = Map::new();
            for (key, definition) in &input.fields {
                let default = definition.default_value.as_ref().and_then(|value| literal(value, &Map::new()));
                let Some(value) = given.get(key.as_str()).cloned().or(default) else {
                    if definition.ty.is_non_null() {
                        return Err(format!("Field {key} of {name} is missing"));
                    }
                    continue;
                };
                object.insert(key.to_string(), coerce(schema, &definition.ty, &value)?);
            }
            Ok(Value::Object(object))
        }
        _ => Err(format!("{name} is no input type")),
    }
}

fn scalar(name: &str, value: &Value) -> Result<Value, String> {
    let refused = || format!("Could not coerce value {value} to {name}");
    match name {
        "Int" => match value.as_i64() {
            Some(number) if i32::try_from(number).is_ok() => Ok(value.clone()),
            _ => Err(refused()),
        },
        "Float" if value.is_number() => Ok(value.clone()),
        "Boolean" if value.is_boolean() => Ok(value.clone()),
        "ID" if value.is_u64() => Ok(value.to_string().into()),
        "ID" | "String" if value.is_string() => Ok(value.clone()),
        "Float" | "Boolean" | "ID" | "String" => Err(refused()),
        // A text in a JSON argument is JSON itself; objects are for the few arguments that take them.
        "JSON" => match value {
            Value::String(text) => match serde_json::from_str::<Value>(text) {
                Ok(_) => Ok(value.clone()),
                Err(error) => Err(error.to_string()),
            },
            Value::Object(_) => Ok(value.clone()),
            _ => Err(refused()),
        },
        _ => Ok(value.clone()),
    }
}
