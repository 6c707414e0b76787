//! The payload of a webhook: `{"Id": 1472, "Entity": "TenantParking", "Status": 2, "DatabaseName": "…",
//! "AdditionalInformationJson": …}`, in every form that HApi is known to send, or may send.
//!
//! Only `Id`, `Entity`, `Status` and `DatabaseName` are read, since everything else is read again from HApi. The vendor's own
//! sample is no valid JSON, so a body that is none is searched for the four.

use crate::entity::{ChangeType, Record, WEBHOOK_SUBJECT, WebhookEvent, decimal};
use serde_json::value::RawValue;

/// The names of the properties that count.
const NAME: &str = "Entity";
const STATUS: &str = "Status";
const DATABASE: &str = "DatabaseName";

/// Reads a body: one event, several in an array, or whatever can be made out of it. What cannot be read is kept whole.
pub fn read(body: &[u8]) -> Vec<WebhookEvent> {
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}').trim();
    if let Ok(several) = serde_json::from_str::<Vec<&RawValue>>(text) {
        return several.into_iter().map(|one| of_object(one.get(), one.get().as_bytes())).collect();
    }
    match Record::parse(text) {
        Ok(_) => vec![of_object(text, body)],
        Err(_) => vec![kept(searched(text), body)],
    }
}

/// One event out of an object, or out of what should be one; `body`: the same as received.
fn of_object(json: &str, body: &[u8]) -> WebhookEvent {
    let Ok(record) = Record::parse(json) else { return kept(searched(json), body) };
    let raw = |wanted: &str| {
        let name = record.names().find(|name| name.eq_ignore_ascii_case(wanted))?.to_owned();
        record.raw(&name)
    };
    let event = WebhookEvent {
        name: raw(NAME).and_then(name),
        subject: raw(WEBHOOK_SUBJECT).and_then(subject),
        change: raw(STATUS).and_then(change),
        database: raw(DATABASE).and_then(name),
        raw: None,
    };
    kept(event, body)
}

/// What can be made out of a text that is no JSON: the first value behind each name.
fn searched(text: &str) -> WebhookEvent {
    WebhookEvent {
        name: value_behind(text, NAME).and_then(name),
        subject: value_behind(text, WEBHOOK_SUBJECT).and_then(subject),
        change: value_behind(text, STATUS).and_then(change),
        database: value_behind(text, DATABASE).and_then(name),
        raw: None,
    }
}

/// Keeps the body of what could not be read: somebody should examine it.
fn kept(event: WebhookEvent, body: &[u8]) -> WebhookEvent {
    let is_readable = event.name.is_some() && event.subject.is_some();
    WebhookEvent { raw: (!is_readable).then(|| body.to_vec()), ..event }
}

/// The number, or the string in its quotes, that follows `"name":`, whatever the case.
fn value_behind<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let quoted = format!("\"{name}\"");
    let offsets = text.char_indices().map(|(offset, _)| offset);
    let start = offsets
        .filter(|&offset| text.get(offset..offset + quoted.len()).is_some_and(|at| at.eq_ignore_ascii_case(&quoted)))
        .find_map(|offset| text.get(offset + quoted.len()..)?.trim_start().strip_prefix(':'))?;
    let start = start.trim_start();
    let end = match start.strip_prefix('"') {
        Some(inside) => inside.find('"')? + 2,
        // A number at the very end may have been cut off.
        None => start.find(|c: char| !(c.is_ascii_digit() || "+-.eE".contains(c)))?,
    };
    start.get(..end)
}

fn name(raw: &str) -> Option<String> {
    let text: String = serde_json::from_str(raw).ok()?;
    let text = text.trim();
    (!text.is_empty() && text.chars().count() <= LONGEST_WORD).then(|| text.to_owned())
}

/// An Id as a key has it; a number may come as text.
fn subject(raw: &str) -> Option<String> {
    let text = match serde_json::from_str::<String>(raw) {
        Ok(text) => text.trim().to_owned(),
        Err(_) => raw.to_owned(),
    };
    let is_string = raw.starts_with('"');
    match decimal::shortest(&text) {
        Some(number) => Some(number),
        None if is_string && !text.is_empty() && text.chars().count() <= LONGEST_WORD => {
            Some(text.replace('%', "%25").replace('-', "%2D"))
        }
        None => None,
    }
}

fn change(raw: &str) -> Option<ChangeType> {
    ChangeType::of_number(subject(raw)?.parse().ok()?)
}

/// No name and no Id of HApi's is longer, in characters.
const LONGEST_WORD: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    fn only(body: &str) -> (Option<String>, Option<String>, Option<ChangeType>, bool) {
        let mut events = read(body.as_bytes());
        assert_eq!(events.len(), 1, "{body}");
        let WebhookEvent { name, subject, change, raw, .. } = events.remove(0);
        (name, subject, change, raw.is_some())
    }

    #[test]
    fn the_client_database_is_read_where_it_is_named() {
        let database = |body: &str| read(body.as_bytes()).remove(0).database;
        let sample = r#"{"Id":1472,"Entity":"TenantParking","Status":2,"DatabaseName":"DEV/ALEX","AdditionalInformationJson":{"\"tenantId\": 7535, \"parkingId\": 1445}"}"#;
        assert_eq!(database(sample).as_deref(), Some("DEV/ALEX"), "the vendor's own, which is no JSON");
        assert_eq!(database(r#"{"databasename":" PROD ","Id":1,"Entity":"Unit"}"#).as_deref(), Some("PROD"));
        for none in
            [r#"{"Id":1,"Entity":"Unit","DatabaseName":null}"#, r#"{"Id":1,"Entity":"Unit","DatabaseName":""}"#, "x"]
        {
            assert_eq!(database(none), None, "{none}");
        }
    }

    fn change_of(
        name: &str,
        subject: &str,
        change: ChangeType,
    ) -> (Option<String>, Option<String>, Option<ChangeType>, bool) {
        (Some(name.to_owned()), Some(subject.to_owned()), Some(change), false)
    }

    #[test]
    fn the_vendors_sample_is_read_though_it_is_no_json() {
        let body = r#"{"Id":1472,"Entity":"TenantParking","Status":2,"DatabaseName":"DEV/ALEX","AdditionalInformationJson":{"\"tenantId\": 7535, \"parkingId\": 1445}"}"#;
        assert_eq!(only(body), change_of("TenantParking", "1472", ChangeType::Delete));
    }

    #[test]
    fn every_shape_of_the_additional_information_is_passed_over() {
        for additional in [
            "null",
            "\"\"",
            "{}",
            r#"{"tenantId":7535}"#,
            r#""{\"tenantId\": 7535, \"Id\": 9}""#,
            r#"{"\"tenantId\": 7535}":null}"#,
            r#"{"Id": 9, "Entity": "Other", "Status": 3}"#,
        ] {
            let body = format!(
                r#"{{"AdditionalInformationJson":{additional},"Entity":"Unit","Id":5,"Status":1,"DatabaseName":null}}"#
            );
            assert_eq!(only(&body), change_of("Unit", "5", ChangeType::Update), "{additional}");
        }
        assert_eq!(only(r#"{"Id":5,"Entity":"Unit","Status":1}"#), change_of("Unit", "5", ChangeType::Update));
    }

    #[test]
    fn ids_come_as_numbers_decimals_and_text() {
        for id in ["1472", "1472.0", "\"1472\"", "\" 1472.00 \""] {
            assert_eq!(
                only(&format!(r#"{{"Id":{id},"Entity":"Unit","Status":"3"}}"#)),
                change_of("Unit", "1472", ChangeType::Insert)
            );
        }
        assert_eq!(
            only(r#"{"id":"a-b","ENTITY":" unit ","status":1.0}"#),
            change_of("unit", "a%2Db", ChangeType::Update)
        );
    }

    #[test]
    fn an_unknown_status_is_no_reason_to_drop_an_event() {
        for status in ["9", "null", "\"UPDATE\"", "{}"] {
            let (name, subject, change, is_kept) = only(&format!(r#"{{"Id":1,"Entity":"Unit","Status":{status}}}"#));
            assert_eq!((name.as_deref(), subject.as_deref(), change, is_kept), (Some("Unit"), Some("1"), None, false));
        }
    }

    #[test]
    fn what_cannot_be_read_is_kept_whole() {
        for body in [
            "",
            "hello",
            "{",
            "null",
            "5",
            "{}",
            r#"{"Id":1}"#,
            r#"{"Entity":"Unit","Id":null}"#,
            r#"{"Entity":"Unit","Id":{}}"#,
        ] {
            let events = read(body.as_bytes());
            assert_eq!(events.len(), 1);
            assert_eq!(events[0].raw.as_deref(), Some(body.as_bytes()));
        }
        assert_eq!(only(r#"{"Entity":"Unit","Id":true}"#).0.as_deref(), Some("Unit"));
        let not_text = b"{\"Id\":7,\"Entity\":\"Unit\",\"Status\":1,\"x\":\"\xff\"}";
        assert_eq!(read(not_text)[0].subject.as_deref(), Some("7"));
    }

    #[test]
    fn several_events_may_come_in_an_array() {
        let events = read(br#"[{"Id":1,"Entity":"Unit","Status":1},{"Id":2,"Entity":"Unit","Status":1},"x"]"#);
        assert_eq!(
            events.iter().map(|event| event.subject.as_deref()).collect::<Vec<_>>(),
            [Some("1"), Some("2"), None]
        );
        assert_eq!(read(b"[]"), []);
    }

    #[test]
    fn a_body_that_was_cut_off_gives_what_it_has() {
        assert_eq!(
            only(r#"{"Entity":"Unit","Id":12,"Stat"#),
            (Some("Unit".to_owned()), Some("12".to_owned()), None, false)
        );
        assert_eq!(only(r#"{"Entity":"Unit","Id":12"#), (Some("Unit".to_owned()), None, None, true));
        assert!(only(r#"{"Entity":"Un"#).3);
    }
}
