//! Timelines: two dates, each as it was written.

use super::blank::Blanks;
use super::date::{EPOCH_END, EPOCH_START, read};
use super::quote::quoted;
use crate::message::ColumnText;
use serde_json::{Value, json};

/// The value of a timeline column, from `from/to`. A lease without an end is normal, and monday has no timeline with one end:
/// the column is cleared.
pub(super) fn timeline(text: &str, blanks: &Blanks) -> Result<Value, ColumnText> {
    let refusal = || ColumnText::CellNotATimeline { value: quoted(text) };
    let (from, to) = ends(text).ok_or_else(refusal)?;
    let end = |part: &str| if blanks.holds(part) { Ok(None) } else { read(part.trim()).ok_or_else(refusal) };
    let (Some(from), Some(to)) = (end(from)?, end(to)?) else { return Ok(Value::Null) };
    let (from, to) = (from.date, to.date);
    if from > to {
        return Err(ColumnText::CellTimelineBackwards { from: from.to_string(), to: to.to_string() });
    }
    Ok(json!({ "from": from.to_string(), "to": to.to_string() }))
}

/// The two ends of a timeline. A date of the older JSON form has slashes of its own.
fn ends(text: &str) -> Option<(&str, &str)> {
    let begins_with = |text: &str| text.trim_start().starts_with(EPOCH_START);
    match text.find(EPOCH_END).filter(|_| begins_with(text)) {
        Some(end) => {
            let (from, rest) = text.split_at(end + EPOCH_END.len());
            Some((from, rest.trim_start().strip_prefix('/')?))
        }
        None => text.split_once('/'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeline_has_two_ends_in_order_or_is_cleared() {
        let both = json!({ "from": "2026-07-01", "to": "2027-06-30" });
        for text in [
            "2026-07-01/2027-06-30",
            "2026-07-01T00:00:00 / 2027-06-30T00:00:00Z",
            "/Date(1782864000000)//2027-06-30",
            "/Date(1782864000000)/ / /Date(1814313600000)/",
            "2026-07-01//Date(1814313600000)/",
        ] {
            assert_eq!(timeline(text, &Blanks::default()), Ok(both.clone()), "{text}");
        }
        assert!(timeline("2026-07-01/2026-07-01", &Blanks::default()).is_ok());
        for text in ["/", " / ", "2026-07-01/", "/2027-06-30", "2026-07-01/0001-01-01T00:00:00"] {
            assert_eq!(timeline(text, &Blanks::default()), Ok(Value::Null), "{text}");
        }
        let open = Blanks::new(vec!["9999-12-31".to_owned(), "N/D".to_owned()]);
        for text in ["2026-07-01/9999-12-31T00:00:00", "2026-07-01/N/D", "2026-07-01/-"] {
            assert_eq!(timeline(text, &open), Ok(Value::Null), "{text}");
        }
        for text in ["2026-07-01", "2026-07-01/N/D", "bail/", "2026-07-01/2027-06-30/x", "2026/07/01"] {
            assert_eq!(
                timeline(text, &Blanks::default()),
                Err(ColumnText::CellNotATimeline { value: text.to_owned() }),
                "{text}"
            );
        }
        assert_eq!(
            timeline("2027-06-30/2026-07-01", &Blanks::default()),
            Err(ColumnText::CellTimelineBackwards { from: "2027-06-30".to_owned(), to: "2026-07-01".to_owned() })
        );
    }
}
