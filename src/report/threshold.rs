//! Levels that monitors know, and what passes a threshold.

use super::CHECK_UNKNOWN;
use crate::config::Threshold;

/// Level of a monitor: how bad something is; the worst counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// All is well.
    Ok,
    /// It is not known.
    Unknown,
    /// Somebody should look.
    Warning,
    /// Somebody has to look now.
    Critical,
}

impl Level {
    /// The word of Nagios plug-ins.
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
