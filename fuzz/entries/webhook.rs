//! A webhook's body: whatever comes, it is one event or several, or kept whole.

use hopem_sync::entity::WebhookEvent;
use hopem_sync::hapi::webhook::read;

/// Takes any bytes for a body.
pub(crate) fn check(data: &[u8]) {
    let events = read(data);
    for event in &events {
        let is_readable = event.name.is_some() && event.subject.is_some();
        assert_eq!(is_readable, event.raw.is_none(), "what cannot be read is kept: {event:?}");
        if is_readable {
            assert_eq!(read(written(event).as_bytes()), std::slice::from_ref(event), "it reads itself otherwise");
        }
    }
    let kept: usize = events.iter().filter_map(|event| event.raw.as_ref()).map(Vec::len).sum();
    assert!(kept <= 3 * data.len(), "more is kept than came");
    if !String::from_utf8_lossy(data).trim_start_matches('\u{feff}').trim().starts_with('[') {
        assert_eq!(events.len(), 1, "one body, one event");
        assert!(events[0].raw.as_ref().is_none_or(|raw| raw == data), "it is kept as it came");
    }
    harms_no_other(data);
}

/// An event in HApi's form.
fn written(event: &WebhookEvent) -> String {
    let plain = event.subject.as_ref().map(|subject| subject.replace("%2D", "-").replace("%25", "%"));
    let status = event.change.map(|change| change.number());
    serde_json::json!({"Id": plain, "Entity": event.name, "Status": status, "DatabaseName": event.database}).to_string()
}

/// Between two good events it stays alone.
fn harms_no_other(data: &[u8]) {
    let Ok(one) = serde_json::from_slice::<&serde_json::value::RawValue>(data) else { return };
    let good = r#"{"Id":1472,"Entity":"TenantParking","Status":2}"#;
    let events = read(format!("[{good},{one},{good}]").as_bytes());
    let wanted = read(good.as_bytes());
    assert!(events.len() == 3 && events[0] == wanted[0] && events[2] == wanted[0], "{events:?}");
}
