//! Values read in the forms that several settings have: names of properties and kinds, templates, lengths of time.

use super::duration::parse_duration;
use super::value::{Value, unknown_kind};
use crate::entity::{Kind, Template};
use crate::message::ConfigText;
use std::time::Duration;

/// The name of a property: no blanks, and none of the signs that mean something in templates and queries.
pub(super) fn property(value: &Value<'_>) -> anyhow::Result<String> {
    property_named(value, &value.name()?)
}

/// The key this value belongs to, where keys are the names of properties.
pub(super) fn key_as_property(value: &Value<'_>) -> anyhow::Result<String> {
    property_named(value, &value.key)
}

fn property_named(value: &Value<'_>, name: &str) -> anyhow::Result<String> {
    let name = name.trim();
    if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c.is_control() || "{},'\"&?=#".contains(c)) {
        return Err(value.refused(|place, setting| ConfigText::SettingWantsProperty { place, setting }));
    }
    Ok(name.to_owned())
}

/// A text with holes.
pub(super) fn template(value: &Value<'_>) -> anyhow::Result<Template> {
    Template::parse(&value.text()?).map_err(|bad| {
        let position = bad.position as u64 + 1;
        value.refused(|place, setting| ConfigText::SettingWantsTemplate { place, setting, position })
    })
}

/// The kind that is named.
pub(super) fn kind(value: &Value<'_>) -> anyhow::Result<Kind> {
    let name = value.text()?;
    Kind::parse(&name).ok_or_else(|| unknown_kind(value.place(), &name))
}

/// A program and its arguments; `None` when the list, or the text in its place, is empty.
pub(super) fn command(value: &Value<'_>) -> anyhow::Result<Option<Vec<String>>> {
    let value = value.clone().structured()?;
    if value.as_text().is_some_and(|text| text.trim().is_empty()) {
        return Ok(None);
    }
    if !value.is_list() {
        return Err(unfit(&value));
    }
    let words: Vec<String> = value.elements().iter().map(Value::text).collect::<Result<_, _>>()?;
    match words.first() {
        None => Ok(None),
        Some(program) if program.trim().is_empty() => Err(unfit(&value)),
        Some(_) => Ok(Some(words)),
    }
}

/// Not one text that a shell would have to cut into words: no shell is asked.
fn unfit(value: &Value<'_>) -> anyhow::Error {
    value.refused(|place, setting| ConfigText::SettingWantsCommand { place, setting })
}

/// A length of time.
pub(super) fn duration(value: &Value<'_>) -> anyhow::Result<Duration> {
    length(value).ok_or_else(|| value.refused(|place, setting| ConfigText::SettingWantsDuration { place, setting }))
}

/// A length of time that is not zero.
pub(super) fn some_duration(value: &Value<'_>) -> anyhow::Result<Duration> {
    match duration(value)? {
        Duration::ZERO => Err(value.refused(|place, setting| ConfigText::SettingWantsSomeTime { place, setting })),
        duration => Ok(duration),
    }
}

/// A length of time, or `never`.
pub(super) fn duration_or_never(value: &Value<'_>) -> anyhow::Result<Option<Duration>> {
    if value.as_text().is_some_and(|text| text.trim() == "never") {
        return Ok(None);
    }
    length(value)
        .map(Some)
        .ok_or_else(|| value.refused(|place, setting| ConfigText::SettingWantsDurationOrNever { place, setting }))
}

fn length(value: &Value<'_>) -> Option<Duration> {
    match value.whole() {
        Some(0) => Some(Duration::ZERO),
        _ => parse_duration(value.as_text()?),
    }
}
