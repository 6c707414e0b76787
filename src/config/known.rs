//! The one table of every key there is, and of the variables that set them.

use crate::entity::Kind;
use crate::text::nearest;
use std::sync::LazyLock;

/// What every variable's name begins with.
const PREFIX: &str = "HOPEM_SYNC_";
/// The keys at the top.
pub(super) const TOP: &[&str] =
    &["language", "hapi", "monday", "sync", "store", "listen", "notify", "network", "entities"];
/// The keys of each section.
const SECTIONS: [(&str, &[&str]); 7] = [
    (
        "hapi",
        &[
            "url",
            "username",
            "password",
            "password_file",
            "password_command",
            "api_key",
            "api_key_file",
            "api_key_command",
            "page_size",
            "parallel",
            "api_key_on",
            "subscriptions_endpoint",
            "subscribe_endpoint",
            "unsubscribe_endpoint",
        ],
    ),
    (
        "monday",
        &[
            "url",
            "token",
            "token_file",
            "token_command",
            "api_version",
            "daily_calls",
            "route",
            "settle",
            "create_labels",
        ],
    ),
    (
        "sync",
        &[
            "on_delete",
            "on_missing",
            "adopt",
            "verify_every",
            "max_deletes",
            "on_refused",
            "blank",
            "full_every",
            "keep_deleted",
            "ping_url",
        ],
    ),
    ("store", &["path", "keep_runs"]),
    ("listen", &["address", "header", "secret", "secret_file", "secret_command", "gather"]),
    (
        "notify",
        &["url", "url_file", "url_command", "format", "command", "level", "max_age", "max_errors", "max_pending"],
    ),
    ("network", &["timeout", "retries", "retry_base", "max_wait"]),
];
/// The keys of `[entities.KIND]`.
pub(super) const ENTITY: &[&str] = &[
    "enabled",
    "push",
    "endpoint",
    "event",
    "key",
    "filter",
    "only",
    "select",
    "board",
    "group",
    "key_column",
    "name",
    "identity",
    "columns",
    "relations",
];
/// The keys of a column's table.
pub(super) const COLUMN: &[&str] =
    &["field", "template", "relation", "of", "type", "values", "default", "country", "on_edit", "time"];

/// The keys of a section of the first level.
pub(super) fn keys(section: &str) -> &'static [&'static str] {
    SECTIONS.iter().find(|(name, _)| *name == section).map_or(&[], |(_, keys)| keys)
}

/// The section, as it is written, in which a key would be known.
pub(super) fn section_with(key: &str) -> Option<String> {
    if let Some((name, _)) = SECTIONS.iter().find(|(_, keys)| keys.contains(&key)) {
        return Some(format!("[{name}]"));
    }
    ENTITY.contains(&key).then(|| "[entities.KIND]".to_owned())
}

/// The variable that sets a key: `HOPEM_SYNC_ENTITIES_PARKING_LEASE_BOARD`.
pub(super) fn variable(path: &str, key: &str) -> String {
    let path = if path.is_empty() { String::new() } else { format!("{path}_") };
    format!("{PREFIX}{path}{key}").to_uppercase().replace(['.', '-'], "_")
}

/// Whether a variable is meant for this program.
pub(super) fn is_ours(variable: &str) -> bool {
    variable.starts_with(PREFIX)
}

/// The variables that set one key each.
static VARIABLES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut known: Vec<String> = ["CONFIG", "STORE", "LANGUAGE"].iter().map(|name| format!("{PREFIX}{name}")).collect();
    let mut add = |section: &str, keys: &[&str]| known.extend(keys.iter().map(|key| variable(section, key)));
    SECTIONS.iter().for_each(|(section, keys)| add(section, keys));
    Kind::all().for_each(|kind| add(&format!("entities.{kind}"), ENTITY));
    known
});

/// Whether a variable sets a column or a relation of a kind.
fn is_of_kind(name: &str, kind: &str) -> bool {
    let rest = |part: &str| name.strip_prefix(&variable(&format!("entities.{kind}"), part));
    rest("columns_").is_some_and(|column| !column.is_empty())
        || rest("relations_").is_some_and(|kind| Kind::parse(kind).is_some())
}

/// What is wrong with a variable that begins like ours: nothing (`None`), or that it is not known, with the nearest that is.
pub(super) fn unknown_variable(name: &str) -> Option<Option<String>> {
    if VARIABLES.iter().any(|known| known == name) || Kind::all().any(|kind| is_of_kind(name, &kind.to_string())) {
        return None;
    }
    // The beginning that all share would make any two of them look alike.
    let rests = VARIABLES.iter().filter_map(|known| known.strip_prefix(PREFIX));
    Some(nearest(name.strip_prefix(PREFIX).unwrap_or(name), rests).map(|rest| format!("{PREFIX}{rest}")))
}

#[cfg(test)]
mod tests {
    use super::super::testing::Folder;
    use super::*;

    #[test]
    fn a_variable_is_the_path_in_capitals() {
        assert_eq!(variable("", "language"), "HOPEM_SYNC_LANGUAGE");
        assert_eq!(variable("monday", "daily_calls"), "HOPEM_SYNC_MONDAY_DAILY_CALLS");
        assert_eq!(variable("entities.parking-lease", "enabled"), "HOPEM_SYNC_ENTITIES_PARKING_LEASE_ENABLED");
    }

    #[test]
    fn an_unknown_variable_names_the_nearest() {
        for known in [
            "HOPEM_SYNC_CONFIG",
            "HOPEM_SYNC_HAPI_API_KEY_FILE",
            "HOPEM_SYNC_ENTITIES_LOCKER_LEASE_KEY_COLUMN",
            "HOPEM_SYNC_ENTITIES_UNIT_COLUMNS_TEXT_CODE",
            "HOPEM_SYNC_ENTITIES_PARKING_LEASE_RELATIONS_PARKING",
        ] {
            assert_eq!(unknown_variable(known), None, "{known}");
        }
        let near = "HOPEM_SYNC_MONDAY_TOKEN".to_owned();
        assert_eq!(unknown_variable("HOPEM_SYNC_MONDAY_TOKNE"), Some(Some(near)));
        assert_eq!(unknown_variable("HOPEM_SYNC_ENTITIES_UNIT_RELATIONS_INVOICE").map(|_| ()), Some(()));
        assert_eq!(unknown_variable("HOPEM_SYNC_Q"), Some(None));
    }

    #[test]
    fn every_key_that_is_known_is_read() {
        let top = [("", &["language"] as &[&str]), ("entities.parking-lease", ENTITY)];
        for (section, key) in SECTIONS.into_iter().chain(top).flat_map(|(s, keys)| keys.iter().map(move |key| (s, key)))
        {
            let name = variable(section, key);
            // No key's value can be this, but a text's.
            match Folder::new("").set(&name, "[[").load() {
                Err(error) => assert!(format!("{error}").starts_with(&format!("{name}: ")), "{error}"),
                Ok(loaded) => {
                    let setting = if section.is_empty() { (*key).to_owned() } else { format!("{section}.{key}") };
                    assert!(loaded.origins.contains_key(&setting), "{setting}");
                    assert_eq!(loaded.warnings, [], "{name}");
                }
            }
        }
    }
}
