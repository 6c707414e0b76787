//! What the command line says about the mapping: whom to push, and onto which boards.

use crate::commands::selector;
use crate::entity::Kind;
use crate::failure::Failure;
use crate::message::InitText;
use crate::plan::properties::nearest;
use crate::report::Report;
use crate::setup::survey::Survey;
use std::collections::BTreeMap;

/// Stands for all values.
pub(super) const ALL: &str = "*";

/// Values that are pushed, by kind and property.
type Only = BTreeMap<(Kind, String), Vec<String>>;

/// Options of the command line that decide on the mapping.
pub(super) struct Wishes {
    /// `--only`.
    pub(super) only: Only,
    /// `--board`.
    pub(super) boards: BTreeMap<Kind, String>,
    /// `--create-boards`.
    pub(super) makes_boards: bool,
}

/// Reads what `--only` says.
///
/// # Errors
/// Where one has another form, or names no kind.
pub(super) fn parse(given: &[String]) -> anyhow::Result<Only> {
    let mut only = Only::new();
    for text in given {
        let parts = text.split_once('=').and_then(|(name, values)| Some((name.split_once('.')?, values)));
        let Some(((kind, property), values)) = parts else {
            let what = InitText::OnlyNeedsForm { given: text.clone() };
            return Err(Failure::usage(what).help(InitText::OnlyExample {}).into());
        };
        only.insert((selector::kind(kind)?, property.trim().to_owned()), list(values));
    }
    Ok(only)
}

impl Wishes {
    /// Compares `--only` with what HApi's records hold, and spells it as they do. Warns of values that no record has.
    ///
    /// # Errors
    /// Where a kind is not set up now, or its records have no such property.
    pub(super) fn settle(&mut self, surveys: &BTreeMap<Kind, Survey>, report: &Report) -> anyhow::Result<()> {
        let mut settled = Only::new();
        for ((kind, property), values) in std::mem::take(&mut self.only) {
            let Some(survey) = surveys.get(&kind) else {
                return Err(Failure::usage(InitText::OnlyOfOther { kind, property }).into());
            };
            let (property, values) = settled_one(kind, property, values, survey, report)?;
            settled.insert((kind, property), values);
        }
        self.only = settled;
        Ok(())
    }

    /// Lays them over what is proposed.
    pub(super) fn apply(&self, kind: Kind, only: &mut BTreeMap<String, Vec<String>>) {
        for (property, values) in self.only_of(kind) {
            match values.iter().any(|value| value == ALL) {
                true => _ = only.remove(property),
                false => _ = only.insert(property.clone(), values.clone()),
            }
        }
    }

    /// What `--only` says of a kind.
    pub(super) fn only_of(&self, kind: Kind) -> impl Iterator<Item = (&String, &Vec<String>)> {
        self.only.iter().filter(move |((of, _), _)| *of == kind).map(|((_, property), values)| (property, values))
    }

    /// Whether they say of which values of a property to push.
    pub(super) fn are_about(&self, kind: Kind, property: &str) -> bool {
        self.only_of(kind).any(|(named, _)| named == property)
    }
}

/// A property and its values as the records spell them.
fn settled_one(
    kind: Kind,
    property: String,
    values: Vec<String>,
    survey: &Survey,
    report: &Report,
) -> anyhow::Result<(String, Vec<String>)> {
    let Some(known) = survey.properties().find(|known| known.name.eq_ignore_ascii_case(&property)) else {
        // Of a kind without records nothing is known, unless HApi describes it.
        if survey.properties().next().is_none() {
            return Ok((property, values));
        }
        let there = survey.properties().map(|known| known.name.clone()).collect();
        let what = match nearest(&property, &there) {
            Some(nearest) => InitText::OnlyUnknownNear { kind, property, nearest },
            None => InitText::OnlyUnknown { kind, property, known: there.into_iter().collect() },
        };
        return Err(Failure::usage(what).help(InitText::OnlyExample {}).into());
    };
    let Some(choices) = known.choices() else { return Ok((known.name.clone(), values)) };
    let values = spelled(values, choices);
    let unseen: Vec<String> =
        values.iter().filter(|value| *value != ALL && !choices.contains_key(*value)).cloned().collect();
    if !unseen.is_empty() {
        let (property, seen) = (known.name.clone(), choices.keys().cloned().collect());
        report.warn(&InitText::OnlyUnseen { kind, property, unseen, seen }.into());
    }
    Ok((known.name.clone(), values))
}

/// Values as the records spell them: nobody tells `l` from `L`, unless both are there.
pub(super) fn spelled(values: Vec<String>, choices: &BTreeMap<String, u64>) -> Vec<String> {
    let one = |value: String| match choices.keys().find(|known| known.to_lowercase() == value.to_lowercase()) {
        Some(known) if !choices.contains_key(&value) => known.clone(),
        _ => value,
    };
    values.into_iter().map(one).collect()
}

/// Values that are separated by commas or blanks.
pub(super) fn list(text: &str) -> Vec<String> {
    text.split([',', ' ']).map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_spelled_as_the_records_spell_them() {
        let choices = |codes: &[&str]| codes.iter().map(|code| ((*code).to_owned(), 1)).collect();
        let of = |text: &str, codes: &[&str]| spelled(list(text), &choices(codes)).join(" ");
        assert_eq!(of("l,A *", &["L", "A"]), "L A *");
        assert_eq!(of("l q", &["L", "l"]), "l q");
    }
}
