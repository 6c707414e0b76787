//! Dates. A date is the calendar date as it was written; only a column with a time has to do with time zones.

use super::quote::quoted;
use crate::message::ColumnText;
use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::temporal::Pieces;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::borrow::Cow;

/// The time zone of times written without one: where Hopem's buildings stand.
const HOME: &str = "America/Toronto";

/// What .NET writes for a date that was never set.
const NEVER: Date = jiff::civil::date(1, 1, 1);

const EPOCH: DateTime = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0);
/// What stands around the milliseconds of the older JSON form.
pub(super) const EPOCH_START: &str = "/Date(";
pub(super) const EPOCH_END: &str = ")/";

/// Date as it was written.
pub(super) struct Written {
    pub(super) date: Date,
    time: Option<Time>,
    offset: Option<Offset>,
}

/// The calendar date that a text is, if it is one.
pub(super) fn day(text: &str) -> Option<Date> {
    read(text).flatten().map(|written| written.date)
}

/// The value of a date column; its time, if wanted and written, in UTC.
pub(super) fn date(text: &str, with_time: bool) -> Result<Value, ColumnText> {
    let refusal = || ColumnText::CellNotADate { value: quoted(text) };
    let Some(written) = read(text).ok_or_else(refusal)? else { return Ok(Value::Null) };
    match written.time {
        Some(time) if with_time => {
            let utc = in_utc(written.date.to_datetime(time), written.offset).ok_or_else(refusal)?;
            Ok(json!({ "date": utc.date().to_string(), "time": utc.strftime("%H:%M:%S").to_string() }))
        }
        _ => Ok(json!({ "date": written.date.to_string() })),
    }
}

/// `/Date(1767225600000)/`, milliseconds since 1970 in UTC, perhaps with the offset of the place where it was written: the older
/// JSON form of .NET's dates.
fn since_epoch(text: &str) -> Option<Written> {
    let inside = text.strip_prefix(EPOCH_START)?.strip_suffix(EPOCH_END)?;
    let at = inside.get(1..)?.find(['+', '-']).map_or(inside.len(), |at| at + 1);
    let (milliseconds, offset) = inside.split_at_checked(at)?;
    let offset = if offset.is_empty() { Offset::UTC } else { offset_of(offset)? };
    // As a calendar counts: a moment in the last two days of 9999 is none to the library, and a usual way to say "never".
    let since = SignedDuration::from_millis(milliseconds.parse().ok()?);
    let local = since.checked_add(SignedDuration::from_secs(offset.seconds().into()))?;
    let written = EPOCH.checked_add(local).ok()?;
    Some(Written { date: written.date(), time: Some(written.time()), offset: Some(offset) })
}

/// `-0500`.
fn offset_of(text: &str) -> Option<Offset> {
    let (hours, minutes) =
        text.get(1..)?.replace(':', "").split_at_checked(2).map(|(h, m)| (h.to_owned(), m.to_owned()))?;
    let seconds = hours.parse::<i32>().ok()? * 3_600 + minutes.parse::<i32>().ok()? * 60;
    Offset::from_seconds(if text.starts_with('-') { -seconds } else { seconds }).ok()
}

/// `None`: no date. `Some(None)`: blank, or the date that means blank.
pub(super) fn read(text: &str) -> Option<Option<Written>> {
    if text.is_empty() {
        return Some(None);
    }
    if text.starts_with(EPOCH_START) {
        return since_epoch(text).map(|written| Some(written).filter(|written| written.date != NEVER));
    }
    let text = &joined_offset(text);
    // Of the ISO 8601 forms that the parser knows only the usual one is a date here: `20260630` may well be a number.
    let bytes = text.as_bytes();
    let is_usual =
        bytes.first().is_some_and(u8::is_ascii_digit) && bytes.get(4) == Some(&b'-') && bytes.get(7) == Some(&b'-');
    if !is_usual {
        return None;
    }
    let pieces = Pieces::parse(text.as_bytes()).ok()?;
    if pieces.time_zone_annotation().is_some() {
        return None;
    }
    let written = Written { date: pieces.date(), time: pieces.time(), offset: pieces.to_numeric_offset() };
    Some(Some(written).filter(|written| written.date != NEVER))
}

/// The text with its offset right behind its time: SQL Server writes a blank between them.
fn joined_offset(text: &str) -> Cow<'_, str> {
    match text.rsplit_once(' ') {
        Some((moment, offset)) if moment.contains(':') && offset.starts_with(['+', '-']) => {
            Cow::Owned(format!("{}{offset}", moment.trim_end()))
        }
        _ => Cow::Borrowed(text),
    }
}

fn in_utc(written: DateTime, offset: Option<Offset>) -> Option<DateTime> {
    let moment: Timestamp = match offset {
        Some(offset) => offset.to_timestamp(written).ok()?,
        None => TimeZone::get(HOME).ok()?.to_timestamp(written).ok()?,
    };
    Some(Offset::UTC.to_datetime(moment))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_the_calendar_date_as_it_was_written() {
        for text in [
            "2026-06-30",
            "2026-06-30T00:00:00",
            "2026-06-30 00:00",
            "2026-06-30T23:59:59.9999999",
            "2026-06-30T23:30:00-04:00",
            "2026-06-30T00:30:00+02:00",
            "2026-06-30T00:00:00Z",
            "2026-06-30 00:00:00.0000000 -04:00",
            "/Date(1782777600000)/",
            "/Date(1782792000000-0400)/",
            "/Date(1782770400000+0200)/",
        ] {
            assert_eq!(date(text, false), Ok(json!({ "date": "2026-06-30" })), "{text}");
        }
        assert_eq!(date("/Date(253402214400000)/", false), Ok(json!({ "date": "9999-12-31" })));
        assert_eq!(date("2024-02-29", false), Ok(json!({ "date": "2024-02-29" })));
    }

    #[test]
    fn a_time_is_sent_in_utc_and_counts_as_toronto_time_unless_it_says_otherwise() {
        for (text, day, time) in [
            ("2026-06-30T10:00:00", "2026-06-30", "14:00:00"),
            ("2026-01-30 22:00", "2026-01-31", "03:00:00"),
            ("2026-06-30T23:30:00-04:00", "2026-07-01", "03:30:00"),
            ("2026-06-30T00:30:00+0200", "2026-06-29", "22:30:00"),
            ("2026-06-30T00:00:00.1234567Z", "2026-06-30", "00:00:00"),
            ("/Date(1782777600000)/", "2026-06-30", "00:00:00"),
            ("/Date(1782792000000-0400)/", "2026-06-30", "04:00:00"),
            // The hour that is skipped in spring, and the one that comes twice in autumn (the first counts).
            ("2026-03-08T02:30:00", "2026-03-08", "07:30:00"),
            ("2026-11-01T01:30:00", "2026-11-01", "05:30:00"),
        ] {
            assert_eq!(date(text, true), Ok(json!({ "date": day, "time": time })), "{text}");
        }
        assert_eq!(date("2026-06-30", true), Ok(json!({ "date": "2026-06-30" })), "no time was written");
    }

    #[test]
    fn the_time_zone_is_there_without_the_system_s_own() {
        let bundled = jiff::tz::TimeZoneDatabase::bundled();
        assert!(bundled.get(HOME).is_ok());
    }

    #[test]
    fn the_date_that_was_never_set_is_blank() {
        for text in ["0001-01-01", "0001-01-01T00:00:00", "0001-01-01T00:00:00Z", "/Date(-62135596800000)/"] {
            assert_eq!(date(text, false), Ok(Value::Null), "{text}");
            assert_eq!(date(text, true), Ok(Value::Null), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "2026-02-29",
            "2026-13-01",
            "2026-6-30",
            "30/06/2026",
            "20260630",
            "2026-06",
            "2026-181",
            "2026-W27-2",
            "2026-06-30T25:00",
            "2026-06-30[America/Toronto]",
            "+002026-06-30",
            "-002026-06-30",
            "N/D",
            "été",
            "2026-06-30é",
            "2026-06-30/2026-07-01",
            "2026–06–30",
            "/Date()/",
            "/Date(x)/",
            "/Date(1767225600000)",
            "/Date(1767225600000-05)/",
            "/Date(99999999999999999999)/",
        ] {
            assert_eq!(date(text, false), Err(ColumnText::CellNotADate { value: text.to_owned() }), "{text}");
        }
        assert!(date("9999-12-31T23:59:59-23:00", true).is_err());
    }
}
