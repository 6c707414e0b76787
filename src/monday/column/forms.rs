//! The forms of a value that say the same, by which it is found on a board, or among what was refused.

use super::countries;
use crate::text::nfc;
use serde_json::{Value, json};

/// Whether two values to send say the same: a text in either Unicode form, a country by any of its names.
pub(crate) fn same(one: &Value, other: &Value) -> bool {
    let country = |value: &Value| value.get("countryCode").and_then(Value::as_str).map(str::to_owned);
    one == other
        || (country(one).is_some() && country(one) == country(other))
        || nfc(&one.to_string()) == nfc(&other.to_string())
}

/// Another form of a value, for a board that refuses the usual one: a country by the short name that ISO 3166 gives it.
///
/// Source: monday's announcement that the names of countries are checked strictly.
pub(crate) fn other_form(value: &Value) -> Option<Value> {
    let code = value.get("countryCode")?.as_str()?;
    let name = countries::iso_name(code)?;
    Some(json!({ "countryCode": code, "countryName": name }))
}

/// Whether a value that was refused, as it was kept, is this one in any of its forms.
pub(crate) fn is_value(refused: Option<&str>, value: &Value) -> bool {
    let Some(refused) = refused else { return false };
    let is = |form: &Value| refused == form.to_string().as_str();
    is(value) || other_form(value).as_ref().is_some_and(is)
}

/// Whether a value that was refused, as it was kept, says the same as this one.
pub(crate) fn is_same_value(refused: Option<&str>, value: &Value) -> bool {
    refused.and_then(|refused| serde_json::from_str(refused).ok()).is_some_and(|refused: Value| same(&refused, value))
}
