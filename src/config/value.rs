//! One value of the configuration, read as what it should be. Every refusal names the place and what was expected; what was
//! found is named only where it cannot be a secret.

use super::document::Document;
use crate::entity::{Kind, decimal};
use crate::failure::Failure;
use crate::message::ConfigText;
use crate::text::nearest;
use std::borrow::Cow;
use std::ops::RangeInclusive;
use toml::de::{DeString, DeValue};

/// Place where a value stands.
#[derive(Clone, Copy)]
pub(super) enum Origin<'a> {
    /// In the file.
    File(&'a Document),
    /// In this environment variable: every scalar comes as text.
    Variable(&'a str),
}

/// Value, the key it belongs to, and where it stands.
#[derive(Clone)]
pub(super) struct Value<'a> {
    pub(super) key: String,
    origin: Origin<'a>,
    offset: usize,
    toml: DeValue<'a>,
}

impl<'a> Value<'a> {
    /// A value; `offset` counts bytes in the file.
    pub(super) fn new(key: impl Into<String>, origin: Origin<'a>, offset: usize, toml: DeValue<'a>) -> Value<'a> {
        Value { key: key.into(), origin, offset, toml }
    }

    /// `file:line:column`, or the variable's name.
    pub(super) fn place(&self) -> String {
        self.place_at(self.offset)
    }

    fn place_at(&self, offset: usize) -> String {
        match self.origin {
            Origin::File(document) => document.place(offset),
            Origin::Variable(name) => name.to_owned(),
        }
    }

    /// The refusal of this value; `text` gets its place and its key.
    pub(super) fn refused(&self, text: impl FnOnce(String, String) -> ConfigText) -> anyhow::Error {
        Failure::usage(text(self.place(), self.key.clone())).into()
    }

    /// Whether it came from an environment variable.
    pub(super) fn is_from_environment(&self) -> bool {
        matches!(self.origin, Origin::Variable(_))
    }

    /// Text, with its outer blanks.
    pub(super) fn text(&self) -> anyhow::Result<String> {
        match &self.toml {
            DeValue::String(text) => Ok(text.clone().into_owned()),
            _ => Err(self.refused(|place, setting| ConfigText::SettingWantsText { place, setting })),
        }
    }

    /// Text without outer blanks; empty is as if it were not set.
    pub(super) fn optional(&self) -> anyhow::Result<Option<String>> {
        let text = self.text()?.trim().to_owned();
        Ok(if text.is_empty() { None } else { Some(text) })
    }

    /// Text without outer blanks that must not be empty.
    pub(super) fn name(&self) -> anyhow::Result<String> {
        self.optional()?.ok_or_else(|| self.refused(|place, setting| ConfigText::SettingWantsName { place, setting }))
    }

    /// Text, a number in its shortest form, or true or false, as text.
    pub(super) fn plain(&self) -> anyhow::Result<String> {
        self.plain_text().ok_or_else(|| self.refused(|place, setting| ConfigText::SettingWantsPlain { place, setting }))
    }

    fn plain_text(&self) -> Option<String> {
        match &self.toml {
            DeValue::String(text) => Some(text.clone().into_owned()),
            DeValue::Boolean(boolean) => Some(boolean.to_string()),
            DeValue::Float(number) => decimal::shortest(number.as_str()),
            DeValue::Integer(number) if number.radix() == 10 => decimal::shortest(number.as_str()),
            DeValue::Integer(number) => {
                i128::from_str_radix(number.as_str(), number.radix()).ok().map(|number| number.to_string())
            }
            _ => None,
        }
    }

    /// True or false.
    pub(super) fn boolean(&self) -> anyhow::Result<bool> {
        match &self.toml {
            DeValue::Boolean(boolean) => Some(*boolean),
            DeValue::String(text) if self.is_from_environment() => match text.trim() {
                "true" | "1" | "yes" => Some(true),
                "false" | "0" | "no" => Some(false),
                _ => None,
            },
            _ => None,
        }
        .ok_or_else(|| self.refused(|place, setting| ConfigText::SettingWantsBoolean { place, setting }))
    }

    /// A whole number, if it is one; text counts only in the environment.
    pub(super) fn whole(&self) -> Option<u64> {
        match &self.toml {
            DeValue::Integer(_) => self.plain_text()?.parse().ok(),
            DeValue::String(text) if self.is_from_environment() => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A whole number within bounds.
    pub(super) fn integer(&self, bounds: RangeInclusive<u64>) -> anyhow::Result<u64> {
        self.whole().filter(|number| bounds.contains(number)).ok_or_else(|| {
            let (least, most) = bounds.into_inner();
            self.refused(|place, setting| ConfigText::SettingWantsNumber { place, setting, least, most })
        })
    }

    /// A whole number that is no less than this.
    pub(super) fn integer_from(&self, least: u64) -> anyhow::Result<u64> {
        self.whole()
            .filter(|number| *number >= least)
            .ok_or_else(|| self.refused(|place, setting| ConfigText::SettingWantsNumberFrom { place, setting, least }))
    }

    /// One of several words.
    pub(super) fn choice<T: Copy>(&self, choices: &[(&str, T)]) -> anyhow::Result<T> {
        let value = self.text()?.trim().to_owned();
        if let Some((_, choice)) = choices.iter().find(|(name, _)| *name == value) {
            return Ok(*choice);
        }
        let near = nearest(&value.to_lowercase(), choices.iter().map(|(name, _)| *name)).map(str::to_owned);
        let choices = choices.iter().map(|(name, _)| format!("`{name}`")).collect();
        Err(self.refused(|place, setting| match near {
            Some(nearest) => ConfigText::SettingChoiceNear { place, setting, value, nearest, choices },
            None => ConfigText::SettingChoice { place, setting, value, choices },
        }))
    }

    /// A list's elements; a value that is no list is a list of one.
    pub(super) fn elements(&self) -> Vec<Value<'a>> {
        match &self.toml {
            DeValue::Array(elements) => elements
                .iter()
                .map(|element| Value::new(&*self.key, self.origin, element.span().start, element.get_ref().clone()))
                .collect(),
            _ => vec![self.clone()],
        }
    }

    /// A list that is not empty, each element read by `convert`; none may stand twice.
    pub(super) fn list(&self, convert: impl Fn(&Value<'a>) -> anyhow::Result<String>) -> anyhow::Result<Vec<String>> {
        let mut list = Vec::new();
        for element in self.elements() {
            let text = convert(&element)?;
            if list.contains(&text) {
                return Err(element.refused(|place, setting| ConfigText::SettingTwice { place, setting, value: text }));
            }
            list.push(text);
        }
        if list.is_empty() {
            return Err(self.refused(|place, setting| ConfigText::SettingWantsList { place, setting }));
        }
        Ok(list)
    }

    /// Whether this is a table.
    pub(super) fn is_table(&self) -> bool {
        self.toml.is_table()
    }

    /// Whether this is a list.
    pub(super) fn is_list(&self) -> bool {
        self.toml.is_array()
    }

    /// The text that this is.
    pub(super) fn as_text(&self) -> Option<&str> {
        self.toml.as_str()
    }

    /// A table's members in the order of the file, each with the place of its key.
    pub(super) fn members(&self) -> anyhow::Result<Vec<Member<'a>>> {
        let DeValue::Table(table) = &self.toml else {
            return Err(self.refused(|place, setting| ConfigText::SettingWantsTable { place, setting }));
        };
        let mut members: Vec<(usize, Member<'a>)> = table
            .iter()
            .map(|(key, value)| {
                let name: &DeString<'_> = key.get_ref();
                let inner = Value::new(&**name, self.origin, value.span().start, value.get_ref().clone());
                (key.span().start, Member { place: self.place_at(key.span().start), value: inner })
            })
            .collect();
        members.sort_by_key(|(offset, _)| *offset);
        Ok(members.into_iter().map(|(_, member)| member).collect())
    }

    /// A list or a table that came as a variable's text, read as TOML. A text that does not begin like one stays a text.
    pub(super) fn structured(self) -> anyhow::Result<Value<'a>> {
        let (DeValue::String(Cow::Borrowed(text)), Origin::Variable(_)) = (&self.toml, self.origin) else {
            return Ok(self);
        };
        if !text.starts_with(['[', '{', '"', '\'']) {
            return Ok(self);
        }
        match DeValue::parse(text) {
            Ok(toml) => Ok(Value { toml: toml.into_inner(), ..self }),
            Err(_) => Err(self.refused(|place, setting| ConfigText::SettingWantsToml { place, setting })),
        }
    }
}

/// Member of a table.
pub(super) struct Member<'a> {
    /// Where its key stands.
    pub(super) place: String,
    /// Its value, which knows its key.
    pub(super) value: Value<'a>,
}

/// The refusal of a kind that does not exist.
pub(super) fn unknown_kind(place: String, name: &str) -> anyhow::Error {
    let kind = name.to_owned();
    Failure::usage(match Kind::nearest(name) {
        Some(nearest) => ConfigText::SettingKindUnknownNear { place, kind, nearest: nearest.to_owned() },
        None => {
            let kinds = Kind::all().map(|kind| kind.name().to_owned()).collect();
            ConfigText::SettingKindUnknown { place, kind, kinds }
        }
    })
    .into()
}
