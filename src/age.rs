//! How old a stored time is, by a clock that may have been wrong when it was stored.

use jiff::{SignedDuration, Timestamp};

/// How far ahead of now a stored time may lie and still count as now: clocks are set, by a little.
pub(crate) const SKEW: SignedDuration = SignedDuration::from_secs(60);

/// How long ago a stored time was. `None`: it lies ahead of now, as after a wrong clock, so that nobody knows.
pub(crate) fn age(at: Timestamp, now: Timestamp) -> Option<SignedDuration> {
    let age = now.duration_since(at);
    (age >= -SKEW).then(|| age.max(SignedDuration::ZERO))
}

/// The same in whole seconds.
pub(crate) fn seconds_since(at: Timestamp, now: Timestamp) -> Option<u64> {
    u64::try_from(age(at, now)?.as_secs()).ok()
}

/// The latest time that may be stored now; what lies further ahead is void.
pub(crate) fn latest(now: Timestamp) -> Timestamp {
    now.checked_add(SKEW).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_ahead_of_now_is_unknown_but_for_a_clock_that_was_set_by_a_little() {
        let now: Timestamp = "2026-11-22T05:00:00Z".parse().expect("a time");
        let since = |at: &str| seconds_since(at.parse().expect("a time"), now);
        assert_eq!(since("2026-11-22T04:58:30.500Z"), Some(89));
        assert_eq!(since("2026-11-22T05:00:40Z"), Some(0));
        assert_eq!(since("2026-11-22T05:01:01Z"), None);
        assert_eq!(since("2027-11-22T05:00:00Z"), None);
        assert_eq!(latest(now).to_string(), "2026-11-22T05:01:00Z");
    }
}
