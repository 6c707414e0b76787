//! Thresholds, and the levels that monitors know.

use super::CHECK_UNKNOWN;

/// Threshold `WARN[,CRIT]`: more than this warns, more than that alarms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Threshold {
    warning: u64,
    critical: Option<u64>,
}

/// Level of a monitor: how bad something is; the worst counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// Nobody need look.
    Ok,
    /// It is not known.
    Unknown,
    /// Somebody should look.
    Warning,
    /// Somebody has to look now.
    Critical,
}

impl Level {
    pub(super) fn word(self) -> &'static str {
        match self {
            Level::Ok => "OK",
            Level::Unknown => "UNKNOWN",
            Level::Warning => "WARNING",
            Level::Critical => "CRITICAL",
        }
    }

    pub(crate) fn code(self) -> u8 {
        match self {
            Level::Ok => 0,
            Level::Warning => 1,
            Level::Critical => 2,
            Level::Unknown => CHECK_UNKNOWN,
        }
    }
}

impl Threshold {
    /// Reads one or two values.
    pub(crate) fn parse(text: &str, value: impl Fn(&str) -> Option<u64>) -> Option<Threshold> {
        match text.split_once(',') {
            None => Some(Threshold { warning: value(text.trim())?, critical: None }),
            Some((warning, critical)) => {
                Some(Threshold { warning: value(warning.trim())?, critical: Some(value(critical.trim())?) })
            }
        }
    }

    /// Whether a value is more than what warns.
    pub(super) fn is_passed_by(self, value: u64) -> bool {
        value > self.warning
    }

    pub(crate) fn level(self, value: u64) -> Level {
        if self.critical.is_some_and(|most| value > most) {
            Level::Critical
        } else if value > self.warning {
            Level::Warning
        } else {
            Level::Ok
        }
    }

    pub(super) fn perfdata(self) -> String {
        format!("{};{}", self.warning, self.critical.map(|most| most.to_string()).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_is_one_value_or_two() {
        let parse = |text: &str| Threshold::parse(text, |part| part.parse().ok());
        assert_eq!(parse("5"), Some(Threshold { warning: 5, critical: None }));
        assert_eq!(parse("5, 50"), Some(Threshold { warning: 5, critical: Some(50) }));
        assert_eq!((parse("5,"), parse("x")), (None, None));
    }
}
