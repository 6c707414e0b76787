//! Whether HApi has the properties that the configuration names. A misspelt name, or one that HApi
//! changed, would otherwise keep values from ever changing, without an error.

use crate::entity::Kind;
use crate::failure::{FailureCause, FailureDetail, Subject};
use crate::hapi::{ReadError, SetRead, Traffic};
use crate::message::HapiText;
use crate::plan::properties::unknown_property;
use crate::pull::Pull;
use crate::pull::result::PullResult;
use crate::store::Store;
use std::collections::{BTreeMap, BTreeSet};

/// Looks for the named properties in what a whole read brought, and reports those that HApi does not have. An error that concerns
/// all of HApi is returned as it came: it proves nothing about the properties.
///
/// # Errors
/// Where the store cannot be read or written.
pub(super) fn check(
    pull: &Pull<'_>,
    store: &mut Store,
    kind: Kind,
    read: &SetRead,
    result: &mut PullResult,
) -> anyhow::Result<Result<(), ReadError>> {
    if read.received == 0 {
        return Ok(Ok(()));
    }
    let mut traffic = Traffic::default();
    let found = find(pull, kind, read, &mut traffic);
    let asked = match &found {
        Ok(found) => report_unknown(pull, kind, found, read, &mut traffic, result),
        Err(_) => Ok(()),
    };
    result.of(kind).traffic += traffic;
    let found = match found {
        Ok(found) => found,
        Err(error) => return Ok(Err(error)),
    };
    let before = store.properties(kind)?;
    if before != found {
        store.write(|tx| {
            tx.set_properties(kind, &found)?;
            // What was not received may be null now, or the other way round.
            if before.is_empty() { Ok(()) } else { tx.mark_all_due(kind) }
        })?;
    }
    Ok(asked)
}

/// The needed properties of which it is known whether HApi has them.
fn find(
    pull: &Pull<'_>,
    kind: Kind,
    read: &SetRead,
    traffic: &mut Traffic,
) -> Result<BTreeMap<String, bool>, ReadError> {
    let mut found = BTreeMap::new();
    for property in pull.config.kind(kind).needed_properties(pull.config) {
        if let Some(is_known) = is_known(pull, kind, &property, read, traffic)? {
            found.insert(property, is_known);
        }
    }
    Ok(found)
}

/// Knowledge of a property after a whole read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Knowledge {
    /// A record carries it.
    Carried,
    /// HApi refused it when it was asked for by name.
    Refused,
    /// No record carries it: HApi may leave nulls out.
    Unknown,
}

fn knowledge(property: &str, read: &SetRead) -> Knowledge {
    if has(&read.property_names, property) {
        return Knowledge::Carried;
    }
    let was_refused = !read.selected.is_empty() && !read.selected.iter().any(|asked| asked == property);
    if was_refused { Knowledge::Refused } else { Knowledge::Unknown }
}

/// Whether HApi has a property; `None` where it could not be found out.
fn is_known(
    pull: &Pull<'_>,
    kind: Kind,
    property: &str,
    read: &SetRead,
    traffic: &mut Traffic,
) -> Result<Option<bool>, ReadError> {
    match knowledge(property, read) {
        Knowledge::Carried => Ok(Some(true)),
        Knowledge::Refused => Ok(Some(false)),
        Knowledge::Unknown => unless_of_all(pull.set(kind).knows(pull.client, traffic, property)).map(Option::flatten),
    }
}

/// What a question brought; `None` where it brought nothing, for a reason that concerns this kind alone.
fn unless_of_all<T>(answer: Result<T, ReadError>) -> Result<Option<T>, ReadError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.concerns_all() => Err(error),
        Err(_) => Ok(None),
    }
}

/// Reports the properties that somebody named and HApi does not have, or of which it does not say whether it has them.
fn report_unknown(
    pull: &Pull<'_>,
    kind: Kind,
    found: &BTreeMap<String, bool>,
    read: &SetRead,
    traffic: &mut Traffic,
    result: &mut PullResult,
) -> Result<(), ReadError> {
    let named = pull.config.kind(kind).named_properties(pull.config);
    let unknown = found.iter().filter(|(name, is_known)| !**is_known && named.contains(*name));
    let unknown: Vec<&String> = unknown.map(|(name, _)| name).collect();
    let needed = pull.config.kind(kind).needed_properties(pull.config);
    for property in needed.into_iter().filter(|name| named.contains(name) && !found.contains_key(name)) {
        let error = HapiText::PropertyNotFoundOut { kind, property };
        let detail = FailureDetail::new(FailureCause::Unreachable, error).hint(HapiText::CheckProperty { kind });
        result.fail(Subject::Kind(kind), detail);
    }
    if unknown.is_empty() {
        return Ok(());
    }
    let listed = unless_of_all(pull.set(kind).properties(pull.client, traffic));
    let mut there = read.property_names.clone();
    there.extend(listed.as_ref().ok().cloned().flatten().into_iter().flatten());
    for property in unknown {
        result.fail(Subject::Kind(kind), unknown_property(kind, property, &there));
    }
    listed.map(drop)
}

/// Whether a property is among others; where the exact name is missing, any case will do.
fn has(names: &BTreeSet<String>, property: &str) -> bool {
    names.contains(property) || names.iter().any(|name| name.eq_ignore_ascii_case(property))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn a_property_is_known_that_a_record_carries_and_unknown_that_was_refused() {
        let selected = vec!["Id".to_owned(), "Rent".to_owned()];
        let read = SetRead { property_names: names(&["Id", "UnitCode"]), selected, ..SetRead::default() };
        assert_eq!(knowledge("unitCode", &read), Knowledge::Carried);
        assert_eq!(knowledge("Rent", &read), Knowledge::Unknown);
        assert_eq!(knowledge("Floor", &read), Knowledge::Refused);
        assert_eq!(
            knowledge("Floor", &SetRead { selected: Vec::new(), ..read }),
            Knowledge::Unknown,
            "all were asked for"
        );
        assert!(!has(&names(&["UnitCode"]), "Unit"));
    }
}
