//! Lengths of time as people write them: `500ms`, `90s`, `5m`, `24h`, `90d`, `0`.

use std::time::Duration;

/// The longest duration, a hundred years: later sums of times cannot overflow.
const LONGEST: Duration = Duration::from_secs(36_500 * 86_400);

/// Reads a duration: a whole number and its unit, or a bare `0`. `None` when it is none or longer than a hundred years.
pub(crate) fn parse_duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().ok()?;
    let milliseconds_per_unit = match unit.trim_start() {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        "" if number == 0 => 1,
        _ => return None,
    };
    let duration = Duration::from_millis(number.checked_mul(milliseconds_per_unit)?);
    (duration <= LONGEST).then_some(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_number_and_its_unit() {
        for (text, milliseconds) in [
            ("500ms", 500),
            ("60s", 60_000),
            ("5m", 300_000),
            ("24h", 86_400_000),
            ("90d", 7_776_000_000),
            ("0", 0),
            (" 2 h ", 7_200_000),
        ] {
            assert_eq!(parse_duration(text), Some(Duration::from_millis(milliseconds)), "{text}");
        }
        for text in ["", "5", "s", "-5s", "1.5h", "5 weeks", "never", "99999999999999999999d", "40000d", "٥s"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }
}
