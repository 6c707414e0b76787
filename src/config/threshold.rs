//! Thresholds of what monitors and notices count.

use super::duration::parse_duration;

/// How old what was read may be, unless set otherwise.
pub(crate) const MAX_AGE: &str = "26h,50h";
/// How many entities may be in error, unless set otherwise.
pub(crate) const MAX_ERRORS: &str = "0,100";
/// How many entities may be pending, unless set otherwise.
pub(crate) const MAX_PENDING: &str = "1000,10000";

/// Threshold `WARN[,CRIT]`: more than this warns, more than that alarms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Threshold {
    pub(crate) warning: u64,
    pub(crate) critical: Option<u64>,
}

impl Threshold {
    /// Reads one duration or two, in seconds.
    pub(crate) fn of_ages(text: &str) -> Option<Threshold> {
        Threshold::parse(text, |part| Some(parse_duration(part)?.as_secs()))
    }

    /// Reads one number or two.
    pub(crate) fn of_numbers(text: &str) -> Option<Threshold> {
        Threshold::parse(text, |part| part.parse().ok())
    }

    fn parse(text: &str, value: impl Fn(&str) -> Option<u64>) -> Option<Threshold> {
        match text.split_once(',') {
            None => Some(Threshold { warning: value(text.trim())?, critical: None }),
            Some((warning, critical)) => {
                let (warning, critical) = (value(warning.trim())?, value(critical.trim())?);
                // The other way round nothing would ever be a mere warning.
                (warning <= critical).then_some(Threshold { warning, critical: Some(critical) })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_is_one_value_or_two() {
        assert_eq!(Threshold::of_numbers("5"), Some(Threshold { warning: 5, critical: None }));
        assert_eq!(Threshold::of_ages("1m, 2h"), Some(Threshold { warning: 60, critical: Some(7_200) }));
        assert_eq!((Threshold::of_numbers("5,"), Threshold::of_ages("x")), (None, None));
        assert_eq!((Threshold::of_numbers("5,4"), Threshold::of_ages("50h,26h")), (None, None));
        assert_eq!(Threshold::of_numbers("5,5"), Some(Threshold { warning: 5, critical: Some(5) }));
    }
}
