//! Times as text: how the store and JSON documents have them.

use jiff::Timestamp;
use serde::Serializer;

/// A time as the store has it: RFC 3339 in UTC, to the millisecond.
pub(crate) fn stamp(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// A time as documents have it: RFC 3339 in UTC, to the second, so that `fromdateiso8601` of jq reads it.
pub(crate) fn printed(at: Timestamp) -> String {
    format!("{at:.0}")
}

/// Writes a time into a document.
///
/// # Errors
/// Where the serializer fails.
pub(crate) fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{at:.0}"))
}

/// Writes a time that may be absent into a document; `None` is null.
///
/// # Errors
/// Where the serializer fails.
pub(crate) fn serialize_optional<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => serialize(at, serializer),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;

    #[derive(Serialize)]
    struct Document {
        #[serde(serialize_with = "serialize")]
        since: Timestamp,
        #[serde(serialize_with = "serialize_optional")]
        until: Option<Timestamp>,
    }

    #[test]
    fn documents_have_whole_seconds_and_the_store_has_milliseconds() {
        let since: Timestamp = "2026-11-22T06:00:00.1209+01:00".parse().expect("a time");
        let text = |until| serde_json::to_string(&Document { since, until }).expect("JSON");
        assert_eq!(stamp(since), "2026-11-22T05:00:00.120Z");
        assert_eq!(printed(since), "2026-11-22T05:00:00Z");
        assert_eq!(text(None), r#"{"since":"2026-11-22T05:00:00Z","until":null}"#);
        let until = Some(Timestamp::UNIX_EPOCH);
        assert_eq!(text(until), r#"{"since":"2026-11-22T05:00:00Z","until":"1970-01-01T00:00:00Z"}"#);
    }
}
